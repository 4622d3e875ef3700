/* What an error of PostgreSQL means for a batch, and what mends it. Inside the store room only. */
#ifndef HUIYIN_STORE_PG_ERRORS_H
#define HUIYIN_STORE_PG_ERRORS_H

#include <stddef.h>

#include "huiyin/result.h"

/* Of a SQLSTATE (may be null); `otherwise` where it is none that is known. */
enum result pg_meaning(const char *state, enum result otherwise, const char **mend);
/* The SQLSTATE in the text of a connection that was refused; `code` is room for it. */
const char *pg_state_of_refusal(const char *message, char code[6]);
/* libpq's complaint about an address, without what it quotes of it: that may be a part of the password. */
void pg_complaint(const char *from, char *to, size_t room);

#endif

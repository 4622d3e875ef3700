/* What an error of PostgreSQL means for a batch, and what mends it. Inside the store room only. */
#ifndef HUIYIN_STORE_PG_ERRORS_H
#define HUIYIN_STORE_PG_ERRORS_H

#include "huiyin/result.h"

/* Of a SQLSTATE (may be null); `otherwise` where it is none that is known. */
enum result pg_meaning(const char *state, enum result otherwise, const char **mend);
/* The SQLSTATE in the text of a connection that was refused; `code` is room for it. */
const char *pg_state_of_refusal(const char *message, char code[6]);

#endif

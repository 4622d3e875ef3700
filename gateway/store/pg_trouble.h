/*
 * What is wrong with a connection to PostgreSQL: of its round trip, and of the database as a whole, which is not asked
 * again for a little when it cannot be reached. Inside the store room only.
 */
#ifndef HUIYIN_STORE_PG_TROUBLE_H
#define HUIYIN_STORE_PG_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "huiyin/result.h"

struct pg_trouble {
	enum result result;      /* of the round trip: what its first failure means */
	char why[320], state[6]; /* of the last failure: one line with what mends it; its SQLSTATE, or empty */
	int64_t try_again;       /* monotonic ms: not before */
	int64_t back_off;
	int64_t told_at; /* monotonic ms: when it was last said that the database cannot be reached; 0 it can */
	char told[6];    /* and the state that was named then */
};

/* `state` may be null; `otherwise`: what it means if that is not known. Gives what it means. */
enum result pg_note(struct pg_trouble *t, const char *state, const char *message, enum result otherwise);
void pg_note_refusal(struct pg_trouble *t, const char *message); /* of one host */
void pg_note_statement(struct pg_trouble *t, const char *state, const char *message, int statement);
void pg_note_break(struct pg_trouble *t, const char *message, enum result means); /* of the connection */

/* The database as a whole; `name` is whose connection it is, for the log. */
bool pg_rests(const struct pg_trouble *t); /* it is too early to ask again */
void pg_unreachable(struct pg_trouble *t, const char *name);
void pg_reached(struct pg_trouble *t, const char *name);

#endif

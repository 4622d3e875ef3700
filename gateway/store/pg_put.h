/*
 * What apply adds to its pipeline, table by table. Each function adds nothing where the batch has nothing for its table, and
 * as many statements for one row as for many. Inside the PostgreSQL store only.
 */
#ifndef HUIYIN_STORE_PG_PUT_H
#define HUIYIN_STORE_PG_PUT_H

#include "store/pg_batch.h"

/* Columns of a statement, in the batch's arena; one more than asked for, so that none is empty. */
#define INTS(name, n)   int64_t *name = ARENA_ARRAY(c->arena, int64_t, (n) + 1)
#define WORDS(name, n)  int *name = ARENA_ARRAY(c->arena, int, (n) + 1)
#define TEXTS(name, n)  struct slice *name = ARENA_ARRAY(c->arena, struct slice, (n) + 1)
#define HASHES(name, n) struct hash16 *name = ARENA_ARRAY(c->arena, struct hash16, (n) + 1)

/* What stands in a column that is part of a key and may be empty. */
static inline struct slice or_dash(struct slice s)
{
	return s.len ? s : S("-");
}

/* pg_put_people.c */
void pg_put_contacts(struct pg_store *s, struct changes *c);
void pg_put_sessions(struct pg_store *s, struct changes *c); /* and timers */

/* pg_put_cases.c */
void pg_put_revisions(struct pg_store *s, struct changes *c);
void pg_put_cases(struct pg_store *s, struct changes *c); /* their events and surveys, media, handovers */

/* pg_put_messages.c */
bool pg_is_chat(const struct pg_store *s, struct slice channel); /* pushed by our own server */
void pg_put_messages(struct pg_store *s, struct changes *c);     /* journal, outbox, attempts, receipts, keys */

#endif

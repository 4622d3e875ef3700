/*
 * A look at the database for a batch: what the two rounds of load share. Inside the PostgreSQL store's load only.
 */
#ifndef HUIYIN_STORE_PG_LOOK_H
#define HUIYIN_STORE_PG_LOOK_H

#include "store/pg_batch.h"

#define NONE (-1) /* a statement that was not asked */

/* ---- lists of rows, for the database (pg_look.c) ---- */

struct pairs { /* (shard, id), each once when sorted */
	int *shards;
	int64_t *ids;
	size_t n;
};

struct pairs pairs_in(struct arena *a, size_t room);
void pair_add(struct pairs *p, int64_t id);
void pairs_sort(struct pairs *p); /* in the order in which all gateways lock */
bool pairs_have(const struct pairs *p, int64_t id); /* sorted ones */

/* ---- who is known by name (pg_look.c) ---- */

/* A contact's id never changes, so this may be kept without asking; it is lost and filled again at will. Whether there
   was nothing open for it may have changed: it only spares a question, which is asked late if it was wrong. */
struct known { struct hash16 hash; int64_t id; bool nothing_open; };
const struct known *pg_known(struct pg_store *s, const struct hash16 *hash); /* null: not known */

/* ---- the look ---- */

struct looking {
	struct pg_store *s;
	struct pg_batch *b;
	struct pg *q;
	struct arena *a;
	struct snapshot *snap;
	int64_t *contact;       /* of each want, once known; 0 none */
	bool *nothing_open;     /* of each want: its contact had nothing open when last seen */
	int64_t *outbox;        /* of each want; 0 none */
	struct { int shard; int64_t contact; } *cases; /* [want * WANT_MAX_NUMBERS + i]; contact 0: no such case */
};

/* pg_whose.c: the first round. Whose rows are they? Fills contact, outbox and cases. */
enum result pg_whose(struct looking *l);
/* pg_lock.c: the second. Locks those contacts, reads what belongs to them and fills the wants. */
enum result pg_lock_and_read(struct looking *l);
void pg_give_person(struct looking *l, struct want *w, int64_t contact);
struct pg_person *pg_person_at(struct looking *l, int64_t id); /* of this batch; null: not read */

/* Names of the provider's, each with the shard of its directory row. */
struct named { struct slice *channels, *ids; int *shards; size_t n; };
struct named named_in(struct arena *a, size_t room);
void named_add(struct named *to, const struct want *w);

#endif

/* What load and apply of the PostgreSQL store share about the batch between them. Inside the store room only. */
#ifndef HUIYIN_STORE_PG_BATCH_H
#define HUIYIN_STORE_PG_BATCH_H

#include "store/pg.h"
#include "store/rows.h"

#define PG_OPEN_MAX   64 /* open cases, and surveys, of one contact */
#define PG_REPEAT_MAX 16

enum { PG_ROW_CONTACT = 1, PG_ROW_CASE, PG_ROW_OUTBOX, PG_ROW_MEDIA };

/* A contact and what belongs to it, so that a second want of the same contact finds it loaded. */
struct pg_person {
	struct contact contact;
	struct session_row session;
	bool has_session, fresh; /* fresh: just read, its lists are still being filled */
	struct slice sealed;     /* the address, until somebody needs it */
	struct case_row **cases;
	struct survey **surveys;
	size_t n_cases, n_surveys;
	size_t at;               /* in the batch's people */
};
struct pg_known_person { int64_t id; struct hash16 hash; };
struct pg_known_case { struct slice number; int64_t contact; };
struct pg_batch {
	struct arena *arena; /* of the snapshot, in which the rows live; only to tell batches apart */
	struct idmap rows;   /* for further looks of the same batch */
	/* what apply needs to know of them; in an arena of the batch's own */
	struct arena *own;
	LIST_OF(struct pg_known_person, people);
	LIST_OF(struct pg_known_case, cases);
	LIST_OF(struct hash16, unasked); /* keys of messages that are taken for new until they are put in */
	enum result failed;  /* of any look */
	int connection;      /* on which the transaction is open */
	bool nothing_asked;
	int64_t block;       /* of case numbers, asked for */
};
/* So long after a duplicate, or a batch that was not stored, keys are asked for: what is sent again is seldom alone. */
#define PG_ASK_KEYS 100

/* nothing_open: neither a case nor a survey, as far as we know. */
void pg_know(struct pg_store *s, const struct hash16 *hash, int64_t id, bool nothing_open);

/* Moments that several gateways compare (due, leases) are stored by the database's clock; 0 and "never" are none. */
static inline int64_t pg_there(const struct pg_store *s, int64_t here)
{
	return here <= 0 || here > INT64_MAX / 2 ? here : here + s->skew_ms;
}

static inline int64_t pg_here(const struct pg_store *s, int64_t there)
{
	return there <= 0 || there > INT64_MAX / 2 ? there : there - s->skew_ms;
}

static inline void pg_outbox_here(const struct pg_store *s, struct outbox_row *r)
{
	r->next_at = pg_here(s, r->next_at);
	r->lease_until = pg_here(s, r->lease_until);
}

/* pg_time.c: the database's clock. Old: long ago, or our own has jumped since. */
bool pg_clock_old(struct pg_store *s); /* true: it is asked at once */
void pg_clock_take(struct pg_store *s, int64_t theirs_us);
void pg_clock_heard(struct pg_store *s, int64_t theirs_us); /* a reading that came with something else */
enum result pg_clock_look(struct pg_store *s); /* a round trip, where it is old */

/* pg_claim.c: adds to the pipeline of apply; what was claimed is read from the answer. */
struct pg_claim { bool asked; int own, others, media; };
void pg_claim_ask(struct pg_store *s, struct changes *c, struct pg_claim *claim);
/* One budget of time for all round trips of a batch, also when it is run again. False: it is used up. */
bool pg_budget(struct pg_store *s);
void pg_claim_lost(struct pg_store *s);
void pg_claim_take(struct pg_store *s, struct changes *c, const struct pg_claim *claim);

#endif

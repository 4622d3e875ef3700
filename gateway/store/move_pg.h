/* One end of a move: PostgreSQL (move_pg.c). What its files share. Inside the store room only. */
#ifndef HUIYIN_STORE_MOVE_PG_H
#define HUIYIN_STORE_MOVE_PG_H

#include "store/move_parts.h"

#define PGM_SLOW_MS    (10 * 60000)
#define PGM_SHARD_ROOM 16 /* rows a shard in one range, to begin with */

/* The statements besides those of the tables. */
enum {
	PGM_CASE_REF,
	PGM_PROVIDER_REF,
	PGM_MARK,
	PGM_MARK_PUT,
	PGM_MARKS,
	PGM_KEYS,
	PGM_KEYS_COUNT,
	PGM_KEYS_CLEAR,
	PGM_KEYS_PUT,
	PGM_KEYS_MATCH,
	PGM_KEYS_OLD,
	PGM_LIVING,
	PGM_TRY_LOCK,
	PGM_LOST_CASES,
	PGM_LOST_SENDS,
	PGM_MORE,
};

struct pgm {
	struct move_side front;
	struct pg_store *store;
	struct pg *q, *lock; /* lock: what is held while it is connected */
	int held;            /* the connection that holds it */
	int shard_room;
	struct arena *arena; /* of one call */
};

/* move_pg.c: one round trip is pgm_ask · pg_add … · pgm_end. Any of it may be done again, so nothing is unsure. */
struct pgm *pgm_of(struct move_side *s);
void pgm_ask(struct pgm *p);
void pgm_ask_by_index(struct pgm *p); /* also where a table was empty when the database last looked */
enum result pgm_end(struct pgm *p);
enum result pgm_number(struct pgm *p, int statement, const char *types, int64_t with, int64_t *n); /* all of it */
bool pgm_failed(const struct pg *q, struct arena *a, struct slice *why); /* false, always */

/* The members of move_side_kind. move_pg_rows.c */
enum result pgm_bound(struct move_side *s, const struct move_table *t, int64_t after, size_t room, int64_t *to);
enum result pgm_rows(struct move_side *s, const struct move_table *t, int64_t after, int64_t to, struct arena *a,
		     struct move_rows *out);
enum result pgm_count(struct move_side *s, const struct move_table *t, int64_t *n);
enum result pgm_put(struct move_side *s, const struct move_change *c);

/* move_pg_keys.c */
enum result pgm_keys_next(struct move_side *s, int64_t cut, struct move_place *at, struct arena *a,
			  struct move_key **out, size_t *n);
enum result pgm_keys_count(struct move_side *s, int64_t cut, int64_t *n);
enum result pgm_keys_clear(struct move_side *s);
enum result pgm_keys_put(struct move_side *s, const struct move_key *keys, size_t n, int64_t mark);
enum result pgm_keys_end(struct move_side *s, int64_t cut);
enum result pgm_keys_match(struct move_side *s, const struct move_key *keys, size_t n, int64_t *found);

/* move_pg_state.c */
void pgm_put_mark(struct pgm *p, const char *name, int64_t at); /* inside a round trip */
enum result pgm_mark(struct move_side *s, const char *name, int64_t *at, struct arena *a, struct slice *text);
bool pgm_begin(struct move_side *s, struct slice origin, struct arena *a, struct slice *why);
enum result pgm_finish(struct move_side *s);
bool pgm_still(struct move_side *s, struct arena *a, struct slice *why);
enum result pgm_leave(struct move_side *s, struct slice to);
bool pgm_sound(struct move_side *s, struct arena *a, struct slice *why);

#endif

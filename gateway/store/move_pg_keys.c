/* The dedupe keys of a PostgreSQL that moves: rows like others, walked by age and key. */
#include "store/move_pg.h"

#define KEYS_STEP 2048

enum result pgm_keys_next(struct move_side *s, int64_t cut, struct move_place *at, struct arena *a,
			  struct move_key **out, size_t *n)
{
	struct pgm *p = pgm_of(s);
	enum result r;
	int place;

	*n = 0;
	pgm_ask(p);
	place = pg_add(p->q, MOVE_OWN(PGM_KEYS), "ihi", at->a > cut ? at->a : cut, &at->key, (int64_t)KEYS_STEP);
	r = pgm_end(p);
	if (r != OK)
		return r;
	*n = pg_rows(p->q, place);
	*out = ARENA_ARRAY(a, struct move_key, *n + 1);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = (struct move_key){pg_hash(p->q, place, i, 0), pg_int(p->q, place, i, 1),
					      pg_int(p->q, place, i, 2)};
	if (*n) {
		at->a = (*out)[*n - 1].at;
		at->key = (*out)[*n - 1].key;
	}
	return OK;
}

enum result pgm_keys_count(struct move_side *s, int64_t cut, int64_t *n)
{
	return pgm_number(pgm_of(s), MOVE_OWN(PGM_KEYS_COUNT), "i", cut, n);
}

enum result pgm_keys_clear(struct move_side *s)
{
	struct pgm *p = pgm_of(s);

	pgm_ask(p);
	pg_add(p->q, MOVE_OWN(PGM_KEYS_CLEAR), "");
	pgm_put_mark(p, "dedupe", 0);
	return pgm_end(p);
}

struct key_lists {
	int *shards;
	struct hash16 *keys;
	int64_t *events, *at;
};

static struct key_lists key_lists(struct pgm *p, const struct move_key *keys, size_t n)
{
	struct key_lists l = {ARENA_ARRAY(p->arena, int, n), ARENA_ARRAY(p->arena, struct hash16, n),
			      ARENA_ARRAY(p->arena, int64_t, n), ARENA_ARRAY(p->arena, int64_t, n)};

	for (size_t i = 0; i < n; i++) {
		l.shards[i] = store_shard_of_hash(&keys[i].key);
		l.keys[i] = keys[i].key;
		l.events[i] = keys[i].event;
		l.at[i] = keys[i].at;
	}
	return l;
}

enum result pgm_keys_put(struct move_side *s, const struct move_key *keys, size_t n, int64_t mark)
{
	struct pgm *p = pgm_of(s);
	struct key_lists l;

	pgm_ask_by_index(p);
	l = key_lists(p, keys, n);
	pg_add(p->q, MOVE_OWN(PGM_KEYS_PUT), "WHII", l.shards, n, l.keys, n, l.events, n, l.at, n);
	if (mark)
		pgm_put_mark(p, "dedupe", mark);
	return pgm_end(p);
}

/* What was too old meanwhile is not in the source any more. */
enum result pgm_keys_end(struct move_side *s, int64_t cut)
{
	struct pgm *p = pgm_of(s);

	pgm_ask(p);
	pg_add(p->q, MOVE_OWN(PGM_KEYS_OLD), "i", cut);
	return pgm_end(p);
}

enum result pgm_keys_match(struct move_side *s, const struct move_key *keys, size_t n, int64_t *found)
{
	struct pgm *p = pgm_of(s);
	struct key_lists l;
	enum result r;
	int at;

	pgm_ask_by_index(p);
	l = key_lists(p, keys, n);
	at = pg_add(p->q, MOVE_OWN(PGM_KEYS_MATCH), "WHI", l.shards, n, l.keys, n, l.events, n);
	r = pgm_end(p);
	*found = r == OK ? pg_int(p->q, at, 0, 0) : 0;
	return r;
}

/*
 * What a look at the database is made of: lists of rows to ask for, and who is known by name already. Nothing here is fatal
 * but running out of memory.
 */
#include "store/pg_look.h"

#include <stdlib.h>
#include <string.h>

#define KNOWN_ROOM ((size_t)1 << 15) /* contacts whose id is known by their hash: 32 bytes each */
#define KNOWN_WAYS 4

/* ---- lists -------------------------------------------------------------------------------------------------------- */

struct pairs pairs_in(struct arena *a, size_t room)
{
	return (struct pairs){ARENA_ARRAY(a, int, room + 1), ARENA_ARRAY(a, int64_t, room + 1), 0};
}

void pair_add(struct pairs *p, int64_t id)
{
	for (size_t i = p->n; i-- > 0 && p->n - i < 4;) /* neighbours mostly ask for the same one */
		if (p->ids[i] == id)
			return;
	p->shards[p->n] = store_shard_of_id(id);
	p->ids[p->n++] = id;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	int xs = store_shard_of_id(x), ys = store_shard_of_id(y);

	return xs != ys ? xs - ys : (x > y) - (x < y);
}

void pairs_sort(struct pairs *p)
{
	size_t n = 0;

	qsort(p->ids, p->n, sizeof *p->ids, by_id);
	for (size_t i = 0; i < p->n; i++)
		if (!n || p->ids[i] != p->ids[n - 1])
			p->ids[n++] = p->ids[i];
	p->n = n;
	for (size_t i = 0; i < n; i++)
		p->shards[i] = store_shard_of_id(p->ids[i]);
}

bool pairs_have(const struct pairs *p, int64_t id)
{
	return p->n && bsearch(&id, p->ids, p->n, sizeof *p->ids, by_id);
}

struct named named_in(struct arena *a, size_t room)
{
	return (struct named){ARENA_ARRAY(a, struct slice, room + 1), ARENA_ARRAY(a, struct slice, room + 1),
			      ARENA_ARRAY(a, int, room + 1), 0};
}

void named_add(struct named *to, const struct want *w)
{
	to->channels[to->n] = w->channel;
	to->ids[to->n] = w->provider_id;
	to->shards[to->n++] = pg_shard_of_provider(w->channel, w->provider_id);
}

/* ---- who is known by name ----------------------------------------------------------------------------------------- */

static struct known *known_set(struct pg_store *s, const struct hash16 *hash)
{
	uint32_t h;

	memcpy(&h, hash->bytes + 4, sizeof h);
	if (!s->known && !(s->known = calloc(KNOWN_ROOM, sizeof *s->known)))
		exhausted("pg");
	return &s->known[h % (KNOWN_ROOM / KNOWN_WAYS) * KNOWN_WAYS];
}

static struct known *known_find(struct pg_store *s, const struct hash16 *hash)
{
	struct known *set = known_set(s, hash);

	for (size_t i = 0; i < KNOWN_WAYS; i++)
		if (set[i].id && memcmp(&set[i].hash, hash, sizeof *hash) == 0)
			return &set[i];
	return NULL;
}

const struct known *pg_known(struct pg_store *s, const struct hash16 *hash)
{
	return known_find(s, hash);
}

/* The newest is the first of its set, the last makes room. */
void pg_know(struct pg_store *s, const struct hash16 *hash, int64_t id, bool nothing_open)
{
	struct known *set = known_set(s, hash), *at = known_find(s, hash);

	if (!at) {
		memmove(set + 1, set, (KNOWN_WAYS - 1) * sizeof *set);
		at = set;
	}
	*at = (struct known){*hash, id, nothing_open};
}

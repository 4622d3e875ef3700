/* The dedupe keys in memory; see dedupe.h. Fatal: running out of memory. */
#include "store/dedupe.h"

#include <stdlib.h>
#include <string.h>

#define EMPTY        INT64_MIN
#define FIRST_ROOM   1024
#define BITS_PER_KEY 7
#define BLOCK_BITS   512

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "filters and pages are stored little-endian");

static uint64_t word(const struct hash16 *key, int which)
{
	uint64_t w;

	memcpy(&w, key->bytes + which * 8, 8);
	return w;
}

/* w of 2^64 as a part of n, without the bias and the cost of a division. */
static uint32_t part_of(uint64_t w, uint32_t n)
{
	return (uint32_t)((w >> 32) * n >> 32);
}

/* ---- recent ---- */

static struct dedupe_slot *slot_of(const struct dedupe *d, const struct hash16 *key)
{
	size_t i = (size_t)word(key, 1);

	for (;; i++) {
		struct dedupe_slot *s = &d->slots[i & (d->room - 1)];
		if (s->event == EMPTY || memcmp(&s->key, key, sizeof *key) == 0)
			return s;
	}
}

static void make_room(struct dedupe *d, size_t room)
{
	struct dedupe old = *d;

	d->slots = malloc(room * sizeof *d->slots);
	if (!d->slots)
		exhausted("%zu dedupe keys", room);
	d->room = room;
	for (size_t i = 0; i < room; i++)
		d->slots[i].event = EMPTY;
	for (size_t i = 0; i < old.room; i++)
		if (old.slots[i].event != EMPTY)
			*slot_of(d, &old.slots[i].key) = old.slots[i];
	free(old.slots);
}

bool dedupe_find(const struct dedupe *d, const struct hash16 *key, int64_t *event)
{
	struct dedupe_slot *s;

	if (!d->n)
		return false;
	s = slot_of(d, key);
	if (s->event == EMPTY)
		return false;
	*event = s->event;
	return true;
}

bool dedupe_put(struct dedupe *d, const struct hash16 *key, int64_t event, int64_t at)
{
	struct dedupe_slot *s;

	if (d->n * 4 >= d->room * 3)
		make_room(d, d->room ? d->room * 2 : FIRST_ROOM);
	s = slot_of(d, key);
	if (s->event != EMPTY)
		return false;
	*s = (struct dedupe_slot){*key, event};
	if (!d->n || at < d->first_at)
		d->first_at = at;
	if (!d->n || at > d->last_at)
		d->last_at = at;
	d->n++;
	return true;
}

/* What stood behind the gap moves up, so that nothing is searched for beyond an empty slot. */
void dedupe_remove(struct dedupe *d, const struct hash16 *key)
{
	struct dedupe_slot *gap, *s;
	size_t mask = d->room - 1, i;

	if (!d->n)
		return;
	gap = slot_of(d, key);
	if (gap->event == EMPTY)
		return;
	d->n--;
	gap->event = EMPTY;
	for (i = (size_t)(gap - d->slots) + 1; (s = &d->slots[i & mask])->event != EMPTY; i++) {
		struct dedupe_slot moved = *s;
		s->event = EMPTY;
		*slot_of(d, &moved.key) = moved;
	}
}

void dedupe_clear_recent(struct dedupe *d)
{
	for (size_t i = 0; i < d->room; i++)
		d->slots[i].event = EMPTY;
	d->n = 0;
	d->first_at = d->last_at = 0;
}

void dedupe_free(struct dedupe *d)
{
	for (size_t i = 0; i < DEDUPE_GROUPS; i++)
		free(d->groups[i].words);
	free(d->runs);
	free(d->slots);
	*d = (struct dedupe){0};
}

/* ---- filters ---- */

/* All seven bits of a key lie in one block of 512: nine bits of the second word for each. */
static size_t block_of(const struct hash16 *key)
{
	return (size_t)part_of(word(key, 0), DEDUPE_FILTER_BLOCKS) * BLOCK_BITS;
}

struct slice dedupe_filter(const struct dedupe *d, struct arena *a)
{
	uint8_t *filter = ARENA_ARRAY(a, uint8_t, DEDUPE_FILTER_BYTES);

	for (size_t i = 0; i < d->room; i++) {
		const struct hash16 *key = &d->slots[i].key;
		uint64_t bits = word(key, 1);

		if (d->slots[i].event == EMPTY)
			continue;
		for (int k = 0; k < BITS_PER_KEY; k++, bits >>= 9) {
			size_t at = block_of(key) + (bits & (BLOCK_BITS - 1));
			filter[at >> 3] |= (uint8_t)(1u << (at & 7));
		}
	}
	return slice_make((const char *)filter, DEDUPE_FILTER_BYTES);
}

struct dedupe_hits dedupe_hits(const struct dedupe *d, const struct hash16 *key)
{
	struct dedupe_hits h = {.any = d->unfiltered > 0};

	for (int g = 0; g < DEDUPE_GROUPS; g++) {
		const uint32_t *block;
		uint64_t bits = word(key, 1);
		uint32_t runs = d->groups[g].taken;

		if (!runs)
			continue;
		block = d->groups[g].words + block_of(key);
		for (int k = 0; k < BITS_PER_KEY; k++, bits >>= 9)
			runs &= block[bits & (BLOCK_BITS - 1)];
		h.of[g] = runs;
		h.any |= runs != 0;
	}
	return h;
}

bool dedupe_may_hold(const struct dedupe_hits *h, const struct dedupe_run *r)
{
	return r->group < 0 || (h->of[r->group] >> r->column & 1u);
}

/* ---- runs ---- */

/* A free column, in the first group that has one. */
static bool take_column(struct dedupe *d, struct dedupe_run *r)
{
	for (r->group = 0; r->group < DEDUPE_GROUPS; r->group++) {
		struct dedupe_group *g = &d->groups[r->group];

		if (g->taken == UINT32_MAX)
			continue;
		if (!g->words && !(g->words = calloc((size_t)DEDUPE_FILTER_BLOCKS * BLOCK_BITS, sizeof *g->words)))
			exhausted("filters of dedupe keys");
		r->column = __builtin_ctz(~g->taken);
		g->taken |= 1u << r->column;
		return true;
	}
	return false;
}

static void spread_filter(uint32_t *words, uint32_t bit, struct slice filter)
{
	for (size_t i = 0; i < filter.len; i += 8) {
		uint64_t w;

		memcpy(&w, filter.data + i,
		       8); /* little-endian, as every machine this runs on (checked at build time) */
		for (; w; w &= w - 1)
			words[i * 8 + (size_t)__builtin_ctzll(w)] |= bit;
	}
}

void dedupe_add_run(struct dedupe *d, int64_t run, int64_t last_at, uint32_t pages, struct slice filter)
{
	struct dedupe_run r = {.run = run, .last_at = last_at, .pages = pages};

	if (d->n_runs == d->runs_room) {
		d->runs_room = d->runs_room ? d->runs_room * 2 : 32;
		d->runs = realloc(d->runs, d->runs_room * sizeof *d->runs);
		if (!d->runs)
			exhausted("%zu dedupe runs", d->runs_room);
	}
	if (filter.len == DEDUPE_FILTER_BYTES && take_column(d, &r)) {
		spread_filter(d->groups[r.group].words, 1u << r.column, filter);
	} else {
		r.group = -1;
		d->unfiltered++;
	}
	d->runs[d->n_runs++] = r;
}

void dedupe_drop_run(struct dedupe *d, size_t i)
{
	struct dedupe_run *r = &d->runs[i];

	if (r->group < 0) {
		d->unfiltered--;
	} else {
		struct dedupe_group *g = &d->groups[r->group];
		uint32_t others = ~(1u << r->column);

		g->taken &= others;
		for (size_t k = 0; g->taken && k < (size_t)DEDUPE_FILTER_BLOCKS * BLOCK_BITS; k++)
			g->words[k] &= others;
		if (!g->taken) {
			free(g->words);
			g->words = NULL;
		}
	}
	memmove(r, r + 1, (--d->n_runs - i) * sizeof *d->runs);
}

uint32_t dedupe_pages(size_t keys)
{
	return (uint32_t)(keys / DEDUPE_PAGE_KEYS) + 1;
}

uint32_t dedupe_page_of(uint32_t pages, const struct hash16 *key)
{
	return part_of(word(key, 0), pages);
}

struct slice *dedupe_seal(const struct dedupe *d, uint32_t pages, struct arena *a)
{
	struct slice *out = ARENA_ARRAY(a, struct slice, pages);
	char *bytes = ARENA_ARRAY(a, char, d->n *DEDUPE_ENTRY_BYTES), *p = bytes;

	for (size_t i = 0; i < d->room; i++)
		if (d->slots[i].event != EMPTY)
			out[dedupe_page_of(pages, &d->slots[i].key)].len += DEDUPE_ENTRY_BYTES;
	for (uint32_t i = 0; i < pages; i++) {
		out[i].data = p;
		p += out[i].len;
		out[i].len = 0;
	}
	for (size_t i = 0; i < d->room; i++) {
		const struct dedupe_slot *s = &d->slots[i];
		struct slice *page;

		if (s->event == EMPTY)
			continue;
		page = &out[dedupe_page_of(pages, &s->key)];
		p = bytes + (page->data - bytes) + page->len;
		memcpy(p, s->key.bytes, 16);
		memcpy(p + 16, &s->event, 8);
		page->len += DEDUPE_ENTRY_BYTES;
	}
	return out;
}

bool dedupe_look(struct slice entries, const struct hash16 *key, int64_t *event)
{
	for (size_t i = 0; i + DEDUPE_ENTRY_BYTES <= entries.len; i += DEDUPE_ENTRY_BYTES)
		if (memcmp(entries.data + i, key->bytes, 16) == 0) {
			memcpy(event, entries.data + i + 16, 8);
			return true;
		}
	return false;
}

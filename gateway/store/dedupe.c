/* The dedupe keys in memory; see dedupe.h. Fatal: running out of memory. */
#include "store/dedupe.h"

#include <stdlib.h>
#include <string.h>

#define EMPTY INT64_MIN
#define FIRST_ROOM 1024
#define FILTER_BITS_PER_KEY 12
#define BLOCK_BYTES 64

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

/* ---- recent -------------------------------------------------------------------------------------------------------- */

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
		panic("out of memory: %zu dedupe keys", room);
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
	for (size_t i = 0; i < d->n_runs; i++)
		free(d->runs[i].filter);
	free(d->runs);
	free(d->slots);
	*d = (struct dedupe){0};
}

/* ---- filters --------------------------------------------------------------------------------------------------------- */

/* All bits of a key lie in one 64-byte block: one look at memory tells. Seven bits, nine of the second word for each. */
static bool filter_has(const uint8_t *filter, uint32_t blocks, const struct hash16 *key)
{
	const uint8_t *block = filter + (size_t)part_of(word(key, 0), blocks) * BLOCK_BYTES;
	uint64_t bits = word(key, 1);

	for (int i = 0; i < 7; i++, bits >>= 9)
		if (!(block[(bits >> 3) & 63] >> (bits & 7) & 1))
			return false;
	return true;
}

static void filter_add(uint8_t *filter, uint32_t blocks, const struct hash16 *key)
{
	uint8_t *block = filter + (size_t)part_of(word(key, 0), blocks) * BLOCK_BYTES;
	uint64_t bits = word(key, 1);

	for (int i = 0; i < 7; i++, bits >>= 9)
		block[(bits >> 3) & 63] |= (uint8_t)(1u << (bits & 7));
}

struct slice dedupe_filter(const struct dedupe *d, struct arena *a)
{
	uint32_t blocks = (uint32_t)(d->n * FILTER_BITS_PER_KEY / (BLOCK_BYTES * 8)) + 1;
	uint8_t *filter = ARENA_ARRAY(a, uint8_t, (size_t)blocks * BLOCK_BYTES);

	for (size_t i = 0; i < d->room; i++)
		if (d->slots[i].event != EMPTY)
			filter_add(filter, blocks, &d->slots[i].key);
	return slice_make((const char *)filter, (size_t)blocks * BLOCK_BYTES);
}

bool dedupe_may_hold(const struct dedupe_run *r, const struct hash16 *key)
{
	return !r->filter || filter_has(r->filter, r->blocks, key);
}

/* ---- runs ------------------------------------------------------------------------------------------------------------ */

void dedupe_add_run(struct dedupe *d, int64_t run, int64_t last_at, uint32_t pages, struct slice filter)
{
	struct dedupe_run r = {.run = run, .last_at = last_at, .pages = pages};

	if (d->n_runs == d->runs_room) {
		d->runs_room = d->runs_room ? d->runs_room * 2 : 32;
		d->runs = realloc(d->runs, d->runs_room * sizeof *d->runs);
		if (!d->runs)
			panic("out of memory: %zu dedupe runs", d->runs_room);
	}
	if (filter.len && filter.len % BLOCK_BYTES == 0 && d->filter_bytes + filter.len <= DEDUPE_FILTERS_MAX_BYTES) {
		r.filter = aligned_alloc(BLOCK_BYTES, filter.len);
		if (!r.filter)
			panic("out of memory: a filter of %zu bytes", filter.len);
		memcpy(r.filter, filter.data, filter.len);
		r.blocks = (uint32_t)(filter.len / BLOCK_BYTES);
		d->filter_bytes += filter.len;
	}
	d->runs[d->n_runs++] = r;
}

void dedupe_drop_run(struct dedupe *d, size_t i)
{
	d->filter_bytes -= (size_t)d->runs[i].blocks * BLOCK_BYTES;
	free(d->runs[i].filter);
	memmove(&d->runs[i], &d->runs[i + 1], (--d->n_runs - i) * sizeof *d->runs);
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
	char *bytes = ARENA_ARRAY(a, char, d->n * DEDUPE_ENTRY_BYTES), *p = bytes;

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

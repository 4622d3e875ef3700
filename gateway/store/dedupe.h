/*
 * What the store remembers of messages seen before, in memory. Keys are keyed hashes: evenly random, so a plain index
 * over them would touch one random page for every message. Instead: the newest keys stand in a log that only grows at
 * its end and in the table `recent`; DEDUPE_SEAL of them at a time become a sealed run of pages on disk, and of a run
 * only a filter stays in memory. The filters of 32 runs lie side by side, one bit of each in every word, so that seven
 * words tell which of five million messages' runs may hold a key. 9 MiB each five million messages of the last 30 days.
 * Pure but for malloc.
 */
#ifndef HUIYIN_STORE_DEDUPE_H
#define HUIYIN_STORE_DEDUPE_H

#include "huiyin/crash.h"
#include "huiyin/secret.h"

#define DEDUPE_SEAL          CRASH_OR(96, 163840) /* keys a run is sealed at: `recent` stays at 2^18 slots, 6 MiB */
#define DEDUPE_PAGE_KEYS     128    /* keys a page, on average: what fits one database page */
#define DEDUPE_ENTRY_BYTES   24     /* key and event id */
#define DEDUPE_GROUP_RUNS    32
#define DEDUPE_GROUPS        6    /* beyond them runs are asked without a filter: slower, still right */
#define DEDUPE_FILTER_BLOCKS 4480 /* of 512 bits: 14 bits a key */
#define DEDUPE_FILTER_BYTES  (DEDUPE_FILTER_BLOCKS * 64) /* of one run, as it is stored */

struct dedupe_slot {
	struct hash16 key;
	int64_t event;
};
struct dedupe_run {
	int64_t run, last_at;
	uint32_t pages;
	int group, column; /* group -1: always ask */
};
struct dedupe_group {
	uint32_t *words;
	uint32_t taken;
}; /* a word each filter bit, a bit each run */
struct dedupe_hits {
	uint32_t of[DEDUPE_GROUPS];
	bool any;
};
struct dedupe {
	struct dedupe_slot *slots; /* recent; open addressing */
	size_t room, n;
	int64_t first_at, last_at; /* of recent */
	struct dedupe_run *runs;   /* oldest first */
	size_t n_runs, runs_room, unfiltered;
	struct dedupe_group groups[DEDUPE_GROUPS];
};

void dedupe_free(struct dedupe *d);
bool dedupe_find(const struct dedupe *d, const struct hash16 *key, int64_t *event);
bool dedupe_put(struct dedupe *d, const struct hash16 *key, int64_t event, int64_t at); /* false: there already */
void dedupe_remove(struct dedupe *d, const struct hash16 *key);
void dedupe_clear_recent(struct dedupe *d);

/* Runs. A filter of another size than DEDUPE_FILTER_BYTES stands for "ask". */
uint32_t dedupe_pages(size_t keys);
uint32_t dedupe_page_of(uint32_t pages, const struct hash16 *key);
struct slice dedupe_filter(const struct dedupe *d, struct arena *a);
void dedupe_add_run(struct dedupe *d, int64_t run, int64_t last_at, uint32_t pages, struct slice filter);
void dedupe_drop_run(struct dedupe *d, size_t i);
struct dedupe_hits dedupe_hits(const struct dedupe *d, const struct hash16 *key);
bool dedupe_may_hold(const struct dedupe_hits *h, const struct dedupe_run *r);
/* Recent as pages: entries[p] is the blob of page p, empty where it has none. */
struct slice *dedupe_seal(const struct dedupe *d, uint32_t pages, struct arena *a);
bool dedupe_look(struct slice entries, const struct hash16 *key, int64_t *event);

#endif

/*
 * Moving house: a store is copied into another kind of store while gateways work on it, and closed behind the last row.
 *
 * The long part is done live: table by table, in batches by key, compared with what is there already, so that a run that
 * was cut off is simply begun again. Then the source must stand still: everything that may have changed is compared and
 * copied once more, row by row, counted, and the source is closed for good: no gateway opens it any more, and none opens
 * the target before that. At every moment one of the two takes messages, or none does; never both.
 */
#ifndef HUIYIN_STORE_MOVE_H
#define HUIYIN_STORE_MOVE_H

#include "huiyin/store.h"

struct move_options {
	struct slice from, to; /* addresses, as in store: */
	struct key key;
	int64_t keep_ms; /* dedupe keys that are older are left behind, as tidy does */
	int64_t wait_ms; /* so long for the source's gateways to stop; 0: for ever */
	size_t batch;    /* rows a step; 0: the default */
	bool check;      /* copies nothing: only compares, and names the first rows that differ */
	void (*say)(void *with, const char *line); /* what happens now */
	/* `of` is what was counted at the start and may be passed. False ends the move here, as a power cut would. */
	bool (*progress)(void *with, const char *table, int64_t done, int64_t of);
	void *with;
};
struct move_result {
	int64_t rows, changed; /* that the source has; that were written */
	int64_t stood_ms;      /* how long nobody could take messages */
};
/* False with *why: what is wrong, how to mend it. Nothing is lost then: the source is what it was. */
bool move_store(const struct move_options *o, struct move_result *out, struct arena *a, struct slice *why);

#endif

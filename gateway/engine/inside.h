/*
 * The engine itself, and what its own parts share: engine.c (the thread), batch.c (a batch from load to release), wants.c
 * (what it asks the store for), revisions.c and floods.c (what is remembered between batches). Touched by its thread
 * only, but for what is under `lock` or atomic.
 */
#ifndef HUIYIN_ENGINE_INSIDE_H
#define HUIYIN_ENGINE_INSIDE_H

#include "engine/batch.h"
#include "engine/jump.h"
#include "huiyin/crash.h"

#include <pthread.h>
#include <stdatomic.h>

#define IDLE_WAIT_MS 250
#define REFUSAL_TOLD_MS 1000
#define TIMERS_PER_BATCH 128
#define FLOOD_SLOTS 8192
#define REVIVED_MAX 32
#define KEPT_MAX 64

struct flood_slot { struct hash16 who; int64_t from, told_at; int count; };
struct revived { char flow[64], revision[24]; struct flow *f; uint64_t used; };

struct engine {
	struct engine_options o;
	struct config *config, *next_config; /* next_config: under `lock` */
	pthread_t thread;
	pthread_mutex_t lock;
	bool threaded, stopping;
	struct matcher *matcher;
	struct arena *arena;
	int64_t next_due, disk_looked, tidied;
	bool tidy_more;
	struct jumps jumps;
	int64_t shift_owed; /* by so much the store is still to be moved along */
	bool disk_full, store_refuses;
	int64_t refused_at; /* when the store last refused (wall) */
	size_t answered; /* events of the last batch; 0: there was none, or it was not kept */
	int64_t took_us; /* it took so long */
	struct flood_slot flood[FLOOD_SLOTS];
	struct revived revived[REVIVED_MAX];
	uint64_t revived_clock;
	struct { char flow[64], revision[24]; } kept[KEPT_MAX]; /* revisions that are stored for certain; the oldest goes */
	size_t n_kept;
	_Atomic uint64_t batches, events, replies, duplicates, refused, limited, later, batch_ms, largest, gathers;
	_Atomic bool unready, look;
	const char *_Atomic refuses_for; /* what mends that the store refuses; null: nothing is known */
	int64_t refusal_told, stop_asked; /* monotonic ms */
};

/* engine.c */
void engine_note_refusal(struct engine *e, enum result r); /* when the store could not be reached */
void engine_unsure_means_stop(enum result r);

/* batch.c */
void batch_open(struct batch *b, struct engine *e, struct event **events, size_t n, int64_t now);
void batch_refuse(struct batch *b, enum ack ack);
struct release *batch_releases(struct batch *b);
bool batch_must_keep(const struct event *e);
void batch_settle(struct engine *e, struct event **events, size_t n, enum result r);

/* wants.c */
void want_fill(struct batch *b, struct turn *t, struct want *w);
void want_firsts(struct batch *b); /* which events of a batch repeat an earlier one of it */

/* revisions.c */
void revisions_stored(struct engine *e, const struct changes *c);
void revisions_drop(struct engine *e); /* those brought back to life; after a reload */

#endif

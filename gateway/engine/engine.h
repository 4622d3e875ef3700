/* The engine: one thread that takes events in batches, decides, and lets go of the answers after the sync. */
#ifndef HUIYIN_ENGINE_H
#define HUIYIN_ENGINE_H

#include "config.h"
#include "engine/queue.h"
#include "engine/release.h"
#include "huiyin/store.h"

struct engine;
struct engine_options {
	struct config *config;
	struct queue *queue;
	struct store *store;      /* owned by the engine thread from here on; closed by whoever opened it */
	const struct key *key;
	void (*release)(void *with, struct release *list);  /* takes the events over */
	size_t (*room)(void *with, size_t *media_room);      /* what the courier would take */
	void (*give)(void *with, const struct outbox_row *rows, size_t n, const struct media_row *media, size_t n_media);
	void *with;
};
struct engine *engine_start(const struct engine_options *o);
void engine_reload(struct engine *e, struct config *c); /* any thread; takes effect at the next batch */
void engine_look(struct engine *e); /* something may be due that another gateway put there; any thread */
/* A stop has begun, though others end first: how long a store that is away is waited for counts from here. */
void engine_stop_soon(struct engine *e);
/* Works off what is queued, then ends the thread. */
void engine_stop(struct engine **e);
void engine_metrics(struct engine *e, struct buf *prometheus);
bool engine_ready(struct engine *e, struct slice *why); /* false: the store refuses, or the disk is nearly full */
/* One batch by hand, for tests and replay: takes the events over, returns the releases. */
struct release *engine_run(struct engine *e, struct event **events, size_t n, int64_t now);
struct engine *engine_open(const struct engine_options *o); /* without a thread … */
void engine_go(struct engine *e);                           /* … which this starts */
void engine_close(struct engine **e);

#endif

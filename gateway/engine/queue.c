/*
 * The one event queue: a bounded ring of pointers under one mutex, many writers, one reader. A refused event stays the
 * caller's (who answers "later"); nothing in here is fatal but running out of memory.
 */
#include "engine/queue.h"
#include "huiyin/crash.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define EPOCH_2024_MS INT64_C(1704067200000)
#define COUNT_BITS 14
#define GATEWAY_BITS 8
#define SHARD_MASK INT64_C(255)
#define EVENT_ARENA_BYTES ((size_t)4 << 20)

struct queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	struct event **ring; /* doubled when results of sends need room beyond the bound */
	size_t room, head, n, most;
	size_t enough; /* so many are waited for; 0: nobody waits, or for the first */
	bool woken;
	int gateway;
	int64_t last_id;
	bool has_clock;
	int64_t ahead; /* µs: of the monotonic clock is the one that ids are made by */
};

struct queue *queue_open(size_t most, int gateway)
{
	struct queue *q = calloc(1, sizeof *q);
	pthread_condattr_t attr;

	if (!q || !(q->ring = calloc(most + 1, sizeof *q->ring)))
		exhausted("queue");
	q->room = most + 1;
	q->most = most;
	q->gateway = gateway & ((1 << GATEWAY_BITS) - 1);
	pthread_mutex_init(&q->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&q->filled, &attr);
	pthread_condattr_destroy(&attr);
	return q;
}

void queue_close(struct queue **qp)
{
	struct queue *q = *qp;

	if (!q)
		return;
	for (size_t i = 0; i < q->n; i++)
		event_close(&q->ring[(q->head + i) % q->room]);
	pthread_cond_destroy(&q->filled);
	pthread_mutex_destroy(&q->lock);
	free(q->ring);
	free(q);
	*qp = NULL;
}

/* Ids never repeat and never fall, also when the clock steps back or more than 2^14 are made in a millisecond. */
static int64_t next_id(struct queue *q)
{
	int64_t ms = (q->has_clock ? (clock_mono_us() + q->ahead) / 1000 : clock_wall().ms) - EPOCH_2024_MS;
	int64_t id = (ms << (GATEWAY_BITS + COUNT_BITS)) | ((int64_t)q->gateway << COUNT_BITS);

	if (id <= q->last_id) {
		id = q->last_id + 1;
		if ((id >> COUNT_BITS & ((1 << GATEWAY_BITS) - 1)) != q->gateway) /* count ran over: the next millisecond */
			id = (((q->last_id >> (GATEWAY_BITS + COUNT_BITS)) + 1) << (GATEWAY_BITS + COUNT_BITS)) |
			     ((int64_t)q->gateway << COUNT_BITS);
	}
	q->last_id = id;
	return id;
}

static void grow(struct queue *q)
{
	struct event **ring = calloc(q->room * 2, sizeof *ring);

	if (!ring)
		exhausted("queue");
	for (size_t i = 0; i < q->n; i++)
		ring[i] = q->ring[(q->head + i) % q->room];
	free(q->ring);
	q->ring = ring;
	q->room *= 2;
	q->head = 0;
}

static enum result put(struct queue *q, struct event *e, bool always)
{
	pthread_mutex_lock(&q->lock);
	if (q->n >= q->most && !always) {
		pthread_mutex_unlock(&q->lock);
		return FULL;
	}
	if (q->n == q->room)
		grow(q);
	if (!e->at)
		e->at = clock_wall().ms;
	if (!e->id)
		e->id = next_id(q);
	q->ring[(q->head + q->n++) % q->room] = e;
	if (q->n == 1 || q->n == q->enough)
		pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
	crash_point("event_queued");
	return OK;
}

enum result queue_put(struct queue *q, struct event *e)
{
	return put(q, e, false);
}

void queue_put_always(struct queue *q, struct event *e)
{
	put(q, e, true);
}

/* Under the lock. */
static void wait_filled(struct queue *q, size_t enough, int64_t us)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += us / 1000000;
	until.tv_nsec += us % 1000000 * 1000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	q->enough = enough;
	while (q->n < enough && !q->woken && pthread_cond_timedwait(&q->filled, &q->lock, &until) == 0)
		;
	q->enough = 0;
}

size_t queue_take(struct queue *q, struct event **out, size_t max, int64_t wait_ms)
{
	size_t n = 0;

	pthread_mutex_lock(&q->lock);
	if (wait_ms > 0)
		wait_filled(q, 1, wait_ms * 1000);
	q->woken = false;
	for (; n < max && q->n; n++, q->n--) {
		out[n] = q->ring[q->head];
		q->head = (q->head + 1) % q->room;
	}
	pthread_mutex_unlock(&q->lock);
	return n;
}

void queue_gather(struct queue *q, size_t enough, int64_t us)
{
	pthread_mutex_lock(&q->lock);
	wait_filled(q, enough, us);
	pthread_mutex_unlock(&q->lock);
}

void queue_wake(struct queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->woken = true;
	pthread_cond_signal(&q->filled);
	pthread_mutex_unlock(&q->lock);
}

size_t queue_depth(const struct queue *q)
{
	struct queue *open = (struct queue *)(uintptr_t)q;
	size_t n;

	pthread_mutex_lock(&open->lock);
	n = q->n;
	pthread_mutex_unlock(&open->lock);
	return n;
}

bool queue_nearly_full(const struct queue *q)
{
	return queue_depth(q) * 10 > q->most * 9;
}

void queue_clock(struct queue *q, int64_t ahead_us)
{
	pthread_mutex_lock(&q->lock);
	q->has_clock = true;
	q->ahead = ahead_us;
	pthread_mutex_unlock(&q->lock);
}

void queue_after(struct queue *q, int64_t id)
{
	pthread_mutex_lock(&q->lock);
	if (id > q->last_id)
		q->last_id = id;
	pthread_mutex_unlock(&q->lock);
}

int64_t queue_id_time(int64_t id)
{
	return (id >> (GATEWAY_BITS + COUNT_BITS)) + EPOCH_2024_MS;
}

int64_t queue_id(struct queue *q)
{
	int64_t id;

	pthread_mutex_lock(&q->lock);
	id = next_id(q);
	pthread_mutex_unlock(&q->lock);
	return id;
}

/* The next id that ends with the shard: ids still only rise, and 64 of them fit into a millisecond. */
int64_t queue_id_in(struct queue *q, int shard)
{
	int64_t plain, id;

	pthread_mutex_lock(&q->lock);
	plain = next_id(q);
	id = (plain & ~SHARD_MASK) | shard;
	if (id < plain)
		id += SHARD_MASK + 1;
	if (id >> COUNT_BITS != plain >> COUNT_BITS) /* count ran over: the next millisecond */
		id = (((plain >> (GATEWAY_BITS + COUNT_BITS)) + 1) << (GATEWAY_BITS + COUNT_BITS)) |
		     ((int64_t)q->gateway << COUNT_BITS) | shard;
	q->last_id = id;
	pthread_mutex_unlock(&q->lock);
	return id;
}

struct event *event_open(enum event_kind kind)
{
	struct arena *a = arena_open(EVENT_ARENA_BYTES);
	struct event *e = ARENA_NEW(a, struct event);

	e->kind = kind;
	e->arena = a;
	e->channel = -1;
	return e;
}

void event_close(struct event **e)
{
	struct arena *a;

	if (!*e)
		return;
	a = (*e)->arena; /* the event itself lives in it */
	*e = NULL;
	arena_close(&a);
}

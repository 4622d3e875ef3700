/*
 * The courier's second thread, which may wait for the database so that the courier never does. It exists only where
 * several gateways share a store. Fatal: no thread, no memory.
 */
#include "delivery/share.h"

#include <pthread.h>
#include <stdlib.h>

#include "huiyin/clock.h"

#define ASK_ARENA_BYTES ((size_t)16 << 20)
#define LAST_MS         1000 /* for what waits when the courier stops */

struct asks {
	struct ask *first, **end;
	size_t n;
};

struct share {
	const struct store_kind *kind;
	struct shared *handle;
	struct wire *wire;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t given;
	struct asks waiting, answered; /* under lock, as is: */
	bool stopping;
	int64_t stop_by; /* monotonic */
};

struct ask *ask_open(enum ask_kind kind, struct line *l)
{
	struct arena *a = arena_open(ASK_ARENA_BYTES);
	struct ask *ask = ARENA_NEW(a, struct ask);

	ask->arena = a;
	ask->kind = kind;
	ask->line = l;
	return ask;
}

void ask_close(struct ask **ask)
{
	struct arena *a;

	if (!*ask)
		return;
	a = (*ask)->arena; /* it lives in it */
	*ask = NULL;
	arena_close(&a);
}

static void asks_put(struct asks *list, struct ask *a)
{
	a->next = NULL;
	*list->end = a;
	list->end = &a->next;
	list->n++;
}

static struct ask *asks_take(struct asks *list)
{
	struct ask *a = list->first;

	if (!a)
		return NULL;
	list->first = a->next;
	if (!list->first)
		list->end = &list->first;
	list->n--;
	a->next = NULL;
	return a;
}

/* ---- the thread --------------------------------------------------------------------------------------------------- */

/* From the wall clock, which the store speaks of, to the monotonic one and back. */
static int64_t moved(int64_t at, int64_t from, int64_t to)
{
	return at == INT64_MAX ? at : at - from + to;
}

static void look(struct share *s, struct ask *a)
{
	int64_t wall, mono;

	a->result = s->kind->shared_get(s->handle, a->name, a->arena, &a->rows, &a->n_rows);
	if (a->result != OK)
		a->n_rows = 0;
	wall = clock_wall().ms;
	mono = clock_mono().ms;
	for (size_t i = 0; i < a->n_rows; i++)
		a->rows[i].until = moved(a->rows[i].until, wall, mono);
}

static void put(struct share *s, struct ask *a)
{
	struct shared_value v = {a->name, a->value, moved(a->until, clock_mono().ms, clock_wall().ms), a->version};

	a->result = s->kind->shared_put(s->handle, &v);
	a->version = v.version;
}

static void book(struct share *s, struct ask *a)
{
	int64_t wait_us = 0;

	a->result = s->kind->shared_book(s->handle, a->name, a->n, a->gap_us, &wait_us);
	a->first_us = clock_mono().ms * 1000 + wait_us;
}

static void answer(struct share *s, struct ask *a)
{
	if (a->kind == ASK_LOOK)
		look(s, a);
	else if (a->kind == ASK_PUT)
		put(s, a);
	else
		book(s, a);
}

/* The next one; null: it is over. */
static struct ask *next(struct share *s, enum result last)
{
	struct ask *a = NULL;

	pthread_mutex_lock(&s->lock);
	while (!s->stopping && !s->waiting.first)
		pthread_cond_wait(&s->given, &s->lock);
	if (!s->stopping || (last != LATER && clock_mono().ms < s->stop_by))
		a = asks_take(&s->waiting);
	pthread_mutex_unlock(&s->lock);
	return a;
}

static void *share_main(void *with)
{
	struct share *s = with;
	enum result last = OK;
	struct ask *a;

	while ((a = next(s, last))) {
		answer(s, a);
		last = a->result;
		pthread_mutex_lock(&s->lock);
		asks_put(&s->answered, a);
		pthread_mutex_unlock(&s->lock);
		wire_wake(s->wire);
	}
	return NULL;
}

/* ---- from the courier's thread ------------------------------------------------------------------------------------ */

struct share *share_open(struct store *store, struct wire *w)
{
	struct share *s;

	if (!store->kind->shared_open)
		return NULL;
	s = calloc(1, sizeof *s);
	if (!s)
		exhausted("share");
	s->kind = store->kind;
	s->handle = store->kind->shared_open(store);
	s->wire = w;
	s->waiting.end = &s->waiting.first;
	s->answered.end = &s->answered.first;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->given, NULL);
	if (!s->handle || pthread_create(&s->thread, NULL, share_main, s) != 0)
		exhausted("share: no connection or no thread");
	return s;
}

bool share_ask(struct share *s, struct ask *a)
{
	bool taken;

	pthread_mutex_lock(&s->lock);
	taken = s->waiting.n < ASKS_MAX;
	if (taken)
		asks_put(&s->waiting, a);
	pthread_cond_signal(&s->given);
	pthread_mutex_unlock(&s->lock);
	if (!taken)
		ask_close(&a);
	return taken;
}

struct ask *share_answer(struct share *s)
{
	struct ask *a;

	pthread_mutex_lock(&s->lock);
	a = asks_take(&s->answered);
	pthread_mutex_unlock(&s->lock);
	return a;
}

void share_close(struct share **sp)
{
	struct share *s = *sp;
	struct ask *a;

	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	s->stop_by = clock_mono().ms + LAST_MS;
	pthread_cond_signal(&s->given);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	while ((a = asks_take(&s->waiting)) || (a = asks_take(&s->answered)))
		ask_close(&a);
	s->kind->shared_close(s->handle);
	pthread_mutex_destroy(&s->lock);
	pthread_cond_destroy(&s->given);
	free(s);
	*sp = NULL;
}

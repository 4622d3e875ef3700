/* Much to do, and a store that others use too: a batch waits for those whom the last one answered, for so many and so long. */
#include <pthread.h>

#include "engine_world.h"

#define SENDERS 16 /* each sends again a moment after it was answered */
static enum result (*real_load)(struct store *s, struct snapshot *snap);
static bool others_there;
static struct { pthread_mutex_t lock; pthread_cond_t came; size_t answered; _Atomic size_t in_all; } desk = {
	.lock = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER};

static enum result slow_load(struct store *s, struct snapshot *snap)
{
	usleep(snap->more ? 0 : 20000);
	return real_load(s, snap);
}

static bool are_others(struct store *s)
{
	(void)s;
	return others_there;
}

static void hand_out(void *with, struct release *list)
{
	size_t n = 0;

	(void)with;
	for (struct release *r = list; r; r = r->next)
		n++;
	free_all(list);
	pthread_mutex_lock(&desk.lock);
	desk.answered += n;
	desk.in_all += n;
	pthread_cond_signal(&desk.came);
	pthread_mutex_unlock(&desk.lock);
}

static size_t wait_for_answers(void)
{
	size_t n;

	pthread_mutex_lock(&desk.lock);
	while (!desk.answered)
		pthread_cond_wait(&desk.came, &desk.lock);
	n = desk.answered;
	desk.answered = 0;
	pthread_mutex_unlock(&desk.lock);
	return n;
}

static void send_texts(struct world *w, size_t n)
{
	char from[32];

	for (size_t i = 0; i < n; i++) {
		struct event *e;

		snprintf(from, sizeof from, "+86139%08d", w->n);
		e = text_event(w, from, NULL, "投诉");
		assert_int_equal(queue_put(w->queue, e), OK);
	}
}

static uint64_t metric(struct engine *e, const char *name)
{
	struct buf out = buf_heap(4096);
	uint64_t value;

	engine_metrics(e, &out);
	assert_non_null(strstr(out.data, name));
	value = strtoull(strstr(out.data, name) + strlen(name), NULL, 10);
	buf_free(&out);
	return value;
}

/* Messages a batch when half of the senders write while the other half is being answered. */
static double talk_in_halves(struct world *w)
{
	struct engine_options o = {.config = w->config, .queue = w->queue, .store = w->store, .key = &w->key, .release = hand_out};
	uint64_t batches, events;

	engine_close(&w->engine);
	w->engine = engine_open(&o);
	engine_go(w->engine);
	desk.answered = desk.in_all = 0;
	send_texts(w, SENDERS / 2);
	usleep(8000);
	send_texts(w, SENDERS / 2);
	while (desk.in_all < SENDERS * 12) {
		size_t n = wait_for_answers();

		usleep(1000);
		send_texts(w, n);
	}
	events = metric(w->engine, "huiyin_engine_events_total ");
	batches = metric(w->engine, "huiyin_engine_batches_total ");
	return (double)events / (double)batches;
}

/* A batch waits for those whom the last one answered, so that all come together; alone it does not. */
static void who_was_answered_is_waited_for_where_others_work(void **state)
{
	struct world *w = *state;
	struct store_kind kind = *w->store->kind;
	const struct store_kind *before = w->store->kind;

	real_load = kind.load;
	kind.load = slow_load;
	kind.others = are_others;
	w->store->kind = &kind;
	others_there = false;
	assert_true(talk_in_halves(w) < 11);
	assert_int_equal(metric(w->engine, "huiyin_engine_gathers_total "), 0);
	engine_stop(&w->engine);
	others_there = true;
	assert_true(talk_in_halves(w) > 11);
	assert_true(metric(w->engine, "huiyin_engine_gathers_total ") > 0);
	engine_stop(&w->engine);
	w->store->kind = before;
}

static void *put_later(void *with)
{
	struct queue *q = with;

	usleep(20000);
	for (int i = 0; i < 2; i++)
		queue_put(q, event_open(EVENT_TIMER));
	return NULL;
}

static void *wake_later(void *with)
{
	usleep(20000);
	queue_wake(with);
	return NULL;
}

static int64_t gather_beside(struct queue *q, void *(*beside)(void *), size_t enough, int64_t us)
{
	int64_t begun = clock_mono().ms;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, beside, q), 0);
	queue_gather(q, enough, us);
	begun = clock_mono().ms - begun;
	pthread_join(thread, NULL);
	return begun;
}

static void a_queue_waits_for_so_many_and_so_long(void **state)
{
	struct queue *q = queue_open(8, 1);
	struct event *taken[8];

	(void)state;
	assert_true(gather_beside(q, put_later, 2, 10000000) < 5000);
	assert_int_equal(queue_depth(q), 2);
	assert_true(gather_beside(q, put_later, 2, 10000000) < 5000); /* they are there */
	assert_int_equal(queue_depth(q), 4);
	assert_true(gather_beside(q, wake_later, 8, 10000000) < 5000);
	assert_int_equal(queue_take(q, taken, 8, 0), 4);
	for (int i = 0; i < 4; i++)
		event_close(&taken[i]);
	assert_true(gather_beside(q, put_later, 3, 50000) >= 50); /* no more come */
	queue_close(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_was_answered_is_waited_for_where_others_work, up, down),
		cmocka_unit_test(a_queue_waits_for_so_many_and_so_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

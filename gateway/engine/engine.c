/*
 * The engine: one thread, one batch at a time (batch.c); between batches it looks at the clock and the disk, keeps the
 * store tidy and takes up a new configuration.
 *
 * Fatal here: a sync whose outcome is unknown. The process ends with EX_IOERR and the next start reads what is there.
 * Everything else that fails is answered "later" and leaves nothing behind.
 */
#include "engine/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#define DISK_LOOK_MS 1000
#define REFUSED_PAUSE_MS 20
#define STOP_PATIENCE_MS 1000
#define GATHER_LEAST 8      /* events: for fewer nobody waits */
#define GATHER_MOST_US 5000
#define TIDY_EVERY_MS CRASH_OR(100, 5000)
#define TIDY_MORE_MS 250
#define TIDY_BUSY_MS CRASH_OR(100, 60000)
#define BATCH_ARENA_BYTES ((size_t)64 << 20)

struct matcher *engine_matcher(struct engine *e)
{
	return e->matcher;
}

const struct key *engine_key(struct engine *e)
{
	return e->o.key;
}

int64_t engine_new_id(struct engine *e)
{
	return queue_id(e->o.queue);
}

int64_t engine_new_id_of(struct engine *e, int64_t contact)
{
	return queue_id_in(e->o.queue, store_shard_of_id(contact));
}

int64_t engine_new_contact_id(struct engine *e, const struct hash16 *hash)
{
	return queue_id_in(e->o.queue, store_shard_of_hash(hash));
}

enum result engine_load(struct engine *e, struct snapshot *snap)
{
	return e->o.store->kind->load(e->o.store, snap);
}

int64_t engine_age(const struct engine *e, int64_t since, int64_t now)
{
	return jumps_age(&e->jumps, since, now);
}

void engine_note_limited(struct engine *e)
{
	e->limited++;
}

enum result engine_backup(struct engine *e, const char *path, struct slice *why, struct arena *a)
{
	return e->o.store->kind->backup(e->o.store, path, why, a);
}

/* A store that cannot be reached may have kept us waiting for long; see waited_in_vain. */
void engine_note_refusal(struct engine *e, enum result r)
{
	if (r == LATER)
		e->refused_at = clock_wall().ms;
}

void engine_unsure_means_stop(enum result r)
{
	if (r != UNSURE)
		return;
	log_line(LOG_ERROR_, "engine", "the store could not sync; stopping so that the next start reads what is there", "mend",
		 "check the disk (dmesg, smartctl), then start again", NULL);
	_exit(EX_IOERR);
}

/* ---- the thread ----------------------------------------------------------------------------------------------------- */

static void refuse_all(struct engine *e, struct event **events, size_t n)
{
	struct batch b;
	struct release *list;

	batch_open(&b, e, events, n, clock_wall().ms);
	batch_refuse(&b, ACK_AGAIN);
	list = batch_releases(&b);
	batch_settle(e, events, n, LATER);
	if (list && e->o.release)
		e->o.release(e->o.with, list);
}

/* What came while the store was being waited for in vain has waited long enough: one wait each, not two. True: handled. */
static bool waited_in_vain(struct engine *e, struct event **events, size_t *n)
{
	struct event *old[BATCH_MAX];
	size_t n_old = 0, left = 0;

	for (size_t i = 0; i < *n; i++)
		if (events[i]->at <= e->refused_at && !batch_must_keep(events[i]))
			old[n_old++] = events[i];
		else
			events[left++] = events[i];
	if (n_old)
		refuse_all(e, old, n_old);
	*n = left;
	return n_old && !left;
}

/* Refuse while the disk is nearly full, before the database itself fails; the console keeps working (OpenSMTPD's rule). */
static void look_at_disk(struct engine *e, int64_t now)
{
	struct statvfs v;
	struct arena *a;

	if (now - e->disk_looked < DISK_LOOK_MS && now >= e->disk_looked)
		return;
	e->disk_looked = now;
	a = arena_open(0);
	if (statvfs(arena_cstr(a, e->config->state), &v) == 0) {
		uint64_t free_mb = (uint64_t)v.f_bavail * v.f_frsize >> 20;
		e->disk_full = free_mb < (uint64_t)e->config->limits.disk_free_mb;
	}
	e->unready = e->store_refuses || e->disk_full;
	arena_close(&a);
}

/* What waits for an interval waits for as long as it was told, whatever the wall clock is set to meanwhile. */
static void look_at_clock(struct engine *e, int64_t now)
{
	int64_t alarm, by = jumps_look(&e->jumps, now, clock_mono().ms, &alarm);
	enum result r;
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%lld", (long long)((alarm ? alarm : by) / 1000));
	if (alarm)
		log_line(LOG_WARN_, "engine", "the wall clock jumped; sends and timers keep their intervals", "seconds", seconds,
			 "mend", "if nobody set it, check the machine's time (timedatectl)", NULL);
	else if (by)
		log_line(LOG_INFO_, "engine", "the wall clock was set; sends and timers keep their intervals", "seconds", seconds, NULL);
	e->shift_owed += by;
	if (!e->shift_owed)
		return;
	r = e->o.store->kind->shift ? e->o.store->kind->shift(e->o.store, e->shift_owed) : OK;
	engine_unsure_means_stop(r);
	if (r == OK)
		e->shift_owed = 0;
	e->next_due = now; /* to be asked for anew */
}

static void take_reload(struct engine *e)
{
	struct config *c;

	pthread_mutex_lock(&e->lock);
	c = e->next_config;
	e->next_config = NULL;
	pthread_mutex_unlock(&e->lock);
	if (!c)
		return;
	revisions_drop(e);
	config_release(&e->config);
	e->config = c;
}

static int64_t wait_for(const struct engine *e, int64_t now)
{
	if (!e->next_due || e->next_due > now + IDLE_WAIT_MS)
		return IDLE_WAIT_MS;
	return e->next_due > now ? e->next_due - now : 0;
}

/* Mostly when nothing else is to be done; but a gateway that is never idle must not keep old keys for ever. */
static void tidy_now_and_then(struct engine *e, int64_t now, bool idle)
{
	int64_t since = now - e->tidied, every = e->tidy_more ? TIDY_MORE_MS : idle ? TIDY_EVERY_MS : TIDY_BUSY_MS;
	enum result r;

	if (since >= 0 && since <= every)
		return;
	e->tidied = now;
	r = e->o.store->kind->tidy(e->o.store, now, e->config->keep.dedupe_ms);
	e->tidy_more = r == RETRY; /* messages come in faster than bites so far apart can drop their keys */
	engine_note_refusal(e, r);
}

static bool told_to_stop(struct engine *e)
{
	bool stop;

	pthread_mutex_lock(&e->lock);
	stop = e->stopping;
	pthread_mutex_unlock(&e->lock);
	return stop;
}

/* A stop waits for a store that is away, but not for ever. What became of those sends is then unsure: the next start finds
   them on their way still, and a person is told. */
static bool tried_in_vain(struct engine *e)
{
	int64_t now = clock_mono().ms;
	char left[24];

	if (!told_to_stop(e) || !e->unready || now - e->stop_asked < STOP_PATIENCE_MS)
		return false;
	snprintf(left, sizeof left, "%zu", queue_depth(e->o.queue));
	log_line(LOG_WARN_, "engine", "stopping without the store: results of sends are lost, and looked into at the next start",
		 "events", left, NULL);
	return true;
}

static size_t batch_room(const struct engine *e)
{
	return (size_t)e->config->limits.batch < BATCH_MAX ? (size_t)e->config->limits.batch : BATCH_MAX;
}

/*
 * A batch costs the database ten times what a message in it does. Where others use it too, and this gateway has much to
 * do, its next batch waits for those whom the last one answered: they have more to say as soon as the answer is out (a
 * provider sends over a number of connections, one message at a time on each), and come with those who wait already. The
 * others have the database meanwhile. Alone, or over the embedded store, whose batches cost little, nobody would gain.
 */
static void gather(struct engine *e)
{
	const struct store_kind *kind = e->o.store->kind;
	size_t all = e->answered + queue_depth(e->o.queue);
	int64_t wait_us = e->took_us / 2 < GATHER_MOST_US ? e->took_us / 2 : GATHER_MOST_US;

	if (!e->answered || all < GATHER_LEAST || !kind->others || !kind->others(e->o.store))
		return;
	e->gathers++;
	queue_gather(e->o.queue, all < batch_room(e) ? all : batch_room(e), wait_us);
}

/* One batch, from the look at the store to its releases. */
static void run_batch(struct engine *e, struct event **events, size_t n, int64_t now)
{
	int64_t begun = clock_mono_us();
	struct release *list = engine_run(e, events, n, now);

	crash_point("before_release");
	if (list && e->o.release)
		e->o.release(e->o.with, list);
	crash_point("after_release");
	e->answered = e->store_refuses ? 0 : n;
	e->took_us = clock_mono_us() - begun;
}

static void *engine_main(void *arg)
{
	struct engine *e = arg;
	struct event *events[BATCH_MAX];

	for (;;) {
		int64_t now;
		size_t n;
		bool stop;

		gather(e);
		now = clock_wall().ms;
		stop = told_to_stop(e); /* before a look at the queue: what was put there until then is in it */
		n = queue_take(e->o.queue, events, batch_room(e), wait_for(e, now));
		e->answered = 0;
		take_reload(e);
		now = clock_wall().ms;
		if (atomic_exchange(&e->look, false))
			e->next_due = now;
		look_at_clock(e, now);
		look_at_disk(e, now);
		if (n && e->disk_full) {
			refuse_all(e, events, n);
			usleep(20000);
		} else if (waited_in_vain(e, events, &n)) {
			continue;
		} else if (n || (e->next_due && now >= e->next_due)) {
			run_batch(e, events, n, now);
		}
		tidy_now_and_then(e, now, n == 0);
		if ((stop && !n) || tried_in_vain(e))
			return NULL;
		if (e->store_refuses && queue_depth(e->o.queue))
			usleep(REFUSED_PAUSE_MS * 1000); /* what must be kept is back in the queue */
	}
}

struct engine *engine_open(const struct engine_options *o)
{
	struct engine *e = calloc(1, sizeof *e);

	if (!e)
		exhausted("engine");
	e->o = *o;
	e->config = config_hold(o->config);
	e->matcher = matcher_open();
	e->arena = arena_open(BATCH_ARENA_BYTES);
	e->next_due = 1; /* look at once what fell due while we were away */
	pthread_mutex_init(&e->lock, NULL);
	return e;
}

void engine_go(struct engine *e)
{
	if (pthread_create(&e->thread, NULL, engine_main, e) != 0)
		exhausted("no thread can be started");
	e->threaded = true;
}

struct engine *engine_start(const struct engine_options *o)
{
	struct engine *e = engine_open(o);

	engine_go(e);
	return e;
}

void engine_reload(struct engine *e, struct config *c)
{
	pthread_mutex_lock(&e->lock);
	config_release(&e->next_config);
	e->next_config = config_hold(c);
	pthread_mutex_unlock(&e->lock);
	queue_wake(e->o.queue);
}

void engine_look(struct engine *e)
{
	e->look = true;
	queue_wake(e->o.queue);
}

void engine_close(struct engine **ep)
{
	struct engine *e = *ep;

	if (!e)
		return;
	revisions_drop(e);
	matcher_close(&e->matcher);
	arena_close(&e->arena);
	config_release(&e->config);
	config_release(&e->next_config);
	pthread_mutex_destroy(&e->lock);
	free(e);
	*ep = NULL;
}

void engine_stop_soon(struct engine *e)
{
	pthread_mutex_lock(&e->lock);
	e->stop_asked = clock_mono().ms;
	pthread_mutex_unlock(&e->lock);
}

void engine_stop(struct engine **ep)
{
	struct engine *e = *ep;

	if (!e)
		return;
	pthread_mutex_lock(&e->lock);
	e->stopping = true;
	e->stop_asked = e->stop_asked ? e->stop_asked : clock_mono().ms;
	pthread_mutex_unlock(&e->lock);
	queue_wake(e->o.queue);
	if (e->threaded)
		pthread_join(e->thread, NULL);
	engine_close(ep);
}

void engine_metrics(struct engine *e, struct buf *out)
{
	buf_printf(out, "huiyin_engine_batches_total %llu\nhuiyin_engine_events_total %llu\nhuiyin_engine_batch_largest %llu\n",
		   (unsigned long long)e->batches, (unsigned long long)e->events, (unsigned long long)e->largest);
	buf_printf(out, "huiyin_engine_gathers_total %llu\n", (unsigned long long)e->gathers);
	buf_printf(out, "huiyin_engine_batches_refused_total %llu\nhuiyin_match_limited_total %llu\nhuiyin_queue_depth %zu\n",
		   (unsigned long long)e->later, (unsigned long long)e->limited, queue_depth(e->o.queue));
}

bool engine_ready(struct engine *e, struct slice *why)
{
	const char *mend;

	if (queue_nearly_full(e->o.queue)) {
		*why = S("the event queue is nearly full: messages come in faster than the store takes them");
		return false;
	}
	if (!e->unready)
		return true;
	mend = e->refuses_for;
	*why = e->disk_full ? S("the disk is nearly full: free some space or lower limits.disk_free_mb")
	       : mend	    ? slice_of(mend)
			    : S("the store refuses to write: see the log");
	return false;
}

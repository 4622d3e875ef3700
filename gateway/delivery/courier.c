/*
 * The courier's thread: takes rows in, keeps each account's lanes, lets calls begin, collects what landed. Everything
 * is bounded: rows held, calls out, calls out per account. An account that is slow or down keeps its share of the room
 * and no more; what does not fit goes back to the store untried, each row with the time at which the account's rate
 * leaves room for it, so that a large campaign passes through here once and not in circles.
 *
 * Fatal: no thread, no memory. Everything else is a row's result.
 */
#include "delivery/courier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "huiyin/log.h"
#include "huiyin/secret.h"

#define LEASE_FALLBACK_MS 120000
#define LEASE_MARGIN_MS   10000 /* for the result to be stored */
#define SWEEP_MS          250
#define IDLE_MS           10000

/* ---- lines ------------------------------------------------------------------------------------------------------- */

static struct line *line_named(struct delivery *d, struct slice name)
{
	for (struct line *l = d->lines; l; l = l->next)
		if (slice_is(name, l->name))
			return l;
	return NULL;
}

static struct line *line_add(struct delivery *d, struct slice name)
{
	struct line *l = calloc(1, sizeof *l), **end = &d->lines;

	if (!l || !(l->name = strndup(name.data, name.len)))
		exhausted("courier");
	l->pool = pool_open();
	while (*end)
		end = &(*end)->next;
	return *end = l;
}

static void line_free(struct line **lp)
{
	struct line *l = *lp;

	*lp = l->next;
	token_drop(&l->token);
	pool_close(&l->pool);
	free(l->name);
	free(l);
}

/* Lines live on over a reload: their rate, breaker and counters belong to the provider, not to the file. A token does
   not: its secret may be what was changed. */
static void lines_bind(struct delivery *d)
{
	for (struct line *l = d->lines; l; l = l->next)
		l->account = NULL;
	d->n_sending = 0;
	for (size_t i = 0; i < d->config->n_accounts; i++) {
		const struct account *acc = &d->config->accounts[i];
		struct line *l = line_named(d, acc->name);
		double before;

		if (!acc->channel->send)
			continue;
		l = l ? l : line_add(d, acc->name);
		before = l->bucket.per_second;
		l->account = acc;
		if (before <= 0 || before > line_full_rate(l))
			l->bucket.per_second = line_full_rate(l);
		l->paused_until = l->stopped_until = 0; /* the operator may just have mended what stopped it */
		l->token.next_try = 0;
		if (d->share)
			sharing_bind(d, l);
		else
			token_drop(&l->token);
		d->n_sending++;
	}
}

/* ---- taking in --------------------------------------------------------------------------------------------------- */

/* The lease's end by the monotonic clock, less what the result needs to be stored. */
static int64_t give_up_at(const struct delivery *d, const struct outbox_row *r)
{
	int64_t lease = d->config->keep.lease_ms > 0 ? d->config->keep.lease_ms : LEASE_FALLBACK_MS;
	int64_t left = r->lease_until ? r->lease_until - clock_wall().ms : lease;
	/* the wall clock may have jumped since the claim; the store's lease moves along with it */
	int64_t safe = left > lease ? lease : left;
	int64_t margin = lease / 6 < LEASE_MARGIN_MS ? lease / 6 : LEASE_MARGIN_MS;

	return clock_mono().ms + safe - margin;
}

/* An account's share of the room: all of it when it is the only one. */
static size_t share_of(const struct delivery *d)
{
	size_t share = d->n_sending ? d->tuning.rows / d->n_sending : d->tuning.rows;

	return share ? share : 1;
}

static void take_one(struct delivery *d, struct job *j)
{
	struct line *l = line_named(d, j->row.channel);

	j->give_up = give_up_at(d, &j->row);
	if (!l || !l->account) {
		sending_back(d, j, OUTCOME_CONFIG, S("no such channel is configured to send by"), 0);
		return;
	}
	j->line = l;
	if (j->row.state == DELIVERY_UNSURE && !line_may_repeat(l)) { /* its lease was lost in the middle of a call */
		sending_back(d, j, OUTCOME_UNSURE, S("interrupted while it was sent"), 0);
		return;
	}
	line_take(l, j);
	while (l->n_waiting > share_of(d)) {
		j = line_pop_last(l);
		sending_back(d, j, OUTCOME_LATER, S("held"), line_book(l, j->row.m.lane, clock_mono().ms));
	}
}

static struct job *in_order(struct job *newest_first)
{
	struct job *list = NULL;

	while (newest_first) {
		struct job *j = newest_first;

		newest_first = j->next;
		j->next = list;
		list = j;
	}
	return list;
}

static void retune(struct delivery *d)
{
	const struct tuning *next = &d->config->delivery;
	struct tuning *t = &d->tuning;

	if (next->rows != t->rows || next->fetches != t->fetches)
		log_line(LOG_WARN_, "delivery", "delivery.rows and delivery.fetches change only at a restart", NULL);
	t->per_account = next->per_account;
	t->in_all = next->in_all;
	t->fetches_out = next->fetches_out;
	t->connect_ms = next->connect_ms;
	t->call_ms = next->call_ms;
	t->slow_ms = next->slow_ms;
	t->fetch_ms = next->fetch_ms;
	t->ca_file = next->ca_file;
}

static void take_config(struct delivery *d, struct config *next)
{
	struct config *old = d->config;

	d->config = next;
	retune(d);
	lines_bind(d);
	config_release(&old);
	for (struct line *l = d->lines; l; l = l->next)
		while (!l->account && l->n_waiting)
			sending_back(d, line_pop_any(l), OUTCOME_CONFIG, S("no such channel is configured to send by"),
				     0);
}

/* ---- the thread -------------------------------------------------------------------------------------------------- */

static void sweep(struct delivery *d, int64_t mono)
{
	struct job *j;

	if (mono < d->next_sweep)
		return;
	d->next_sweep = mono + SWEEP_MS;
	for (struct line *l = d->lines; l; l = l->next)
		while ((j = line_pop_expired(l, mono)))
			sending_back(d, j, OUTCOME_LATER, S("held"), line_book(l, j->row.m.lane, mono));
}

static void hand_all_back(struct delivery *d)
{
	for (struct line *l = d->lines; l; l = l->next)
		while (l->n_waiting)
			sending_back(d, line_pop_any(l), OUTCOME_LATER, S("held: the gateway stops"), 0);
}

/* One round under the lock; returns how long the wire may sleep. */
static int64_t round_locked(struct delivery *d, struct job *given, struct config *next, bool stopping)
{
	int64_t mono = clock_mono().ms, wait = IDLE_MS;
	size_t waiting = 0;

	if (next)
		take_config(d, next);
	while (given) {
		struct job *j = given;

		given = j->next;
		j->next = NULL;
		take_one(d, j);
	}
	if (d->share)
		sharing_round(d, mono, &wait);
	if (stopping) {
		hand_all_back(d);
		return 100;
	}
	sweep(d, mono);
	for (struct line *l = d->lines; l; l = l->next) {
		sending_begin(d, l, mono, &wait);
		waiting += l->n_waiting;
	}
	return waiting && wait > SWEEP_MS ? SWEEP_MS : wait;
}

static void collect(struct delivery *d)
{
	struct transfer *t;

	while ((t = wire_landed(d->wire))) {
		if (*(const enum flight_kind *)t->with == FLIGHT_MEDIA) {
			media_landed(d, t);
			continue;
		}
		pthread_mutex_lock(&d->lock);
		sending_landed(d, t);
		pthread_mutex_unlock(&d->lock);
	}
}

static void cut_off(struct delivery *d)
{
	pthread_mutex_lock(&d->lock);
	sending_cancel(d);
	hand_all_back(d);
	pthread_mutex_unlock(&d->lock);
	media_stop(d, true);
}

static void *courier(void *with)
{
	struct delivery *d = with;

	for (;;) {
		struct job *given;
		struct config *next;
		bool stopping;
		int64_t wait;

		pthread_mutex_lock(&d->door);
		given = in_order(d->given);
		d->given = NULL;
		next = d->next_config;
		d->next_config = NULL;
		stopping = d->stopping;
		pthread_mutex_unlock(&d->door);
		pthread_mutex_lock(&d->lock);
		wait = round_locked(d, given, next, stopping);
		pthread_mutex_unlock(&d->lock);
		if (stopping)
			media_stop(d, false);
		else
			media_begin(d);
		if (stopping && ((!d->n_out && media_idle(d)) || clock_mono().ms >= d->stop_by))
			break;
		wire_poll(d->wire, wait);
		collect(d);
	}
	cut_off(d);
	return NULL;
}

/* ---- from other threads ------------------------------------------------------------------------------------------ */

struct delivery *delivery_start(struct config *c, struct queue *q, struct arena *a, struct slice *why)
{
	struct delivery *d;

	(void)a;
	if (!q) {
		*why = S("the courier needs a queue");
		return NULL;
	}
	d = calloc(1, sizeof *d);
	if (!d)
		exhausted("courier");
	d->tuning = c->delivery;
	d->queue = q;
	d->config = config_hold(c);
	d->wire = wire_open();
	pthread_mutex_init(&d->door, NULL);
	pthread_mutex_init(&d->lock, NULL);
	lines_bind(d);
	media_tidy(c);
	if (pthread_create(&d->thread, NULL, courier, d) != 0)
		exhausted("no thread");
	return d;
}

/* 64 random bits in hex. */
static void name_owner(char out[17])
{
	uint64_t random;

	secret_random(&random, sizeof random);
	snprintf(out, 17, "%016llx", (unsigned long long)random);
}

void delivery_share(struct delivery *d, struct store *s, const struct key *key)
{
	struct share *share = share_open(s, d->wire);

	if (!share)
		return;
	pthread_mutex_lock(&d->lock);
	d->key = *key;
	name_owner(d->owner);
	d->share = share;
	lines_bind(d);
	pthread_mutex_unlock(&d->lock);
	wire_wake(d->wire);
}

void delivery_news(struct delivery *d)
{
	atomic_store(&d->heard, true);
	wire_wake(d->wire);
}

static size_t room_of(size_t most, size_t held)
{
	return held < most ? most - held : 0;
}

size_t delivery_room(const struct delivery *d)
{
	return d ? room_of(d->tuning.rows, atomic_load(&d->held)) : 0;
}

size_t delivery_media_room(const struct delivery *d)
{
	return d ? room_of(d->tuning.fetches, atomic_load(&d->held_media)) : 0;
}

void delivery_give(struct delivery *d, const struct outbox_row *rows, size_t n)
{
	if (n > delivery_room(d))
		panic("delivery: given %zu rows, room for %zu", n, delivery_room(d));
	atomic_fetch_add(&d->held, n);
	for (size_t i = 0; i < n; i++) {
		struct job *j = job_open(&rows[i], 0);

		pthread_mutex_lock(&d->door);
		j->next = d->given;
		d->given = j;
		pthread_mutex_unlock(&d->door);
	}
	wire_wake(d->wire);
}

void delivery_give_media(struct delivery *d, const struct media_row *rows, size_t n)
{
	if (n > delivery_media_room(d))
		panic("delivery: given %zu media, room for %zu", n, delivery_media_room(d));
	atomic_fetch_add(&d->held_media, n);
	pthread_mutex_lock(&d->door);
	for (size_t i = 0; i < n; i++)
		media_give(d, &rows[i]);
	pthread_mutex_unlock(&d->door);
	wire_wake(d->wire);
}

void delivery_reload(struct delivery *d, struct config *c)
{
	struct config *skipped, *mine = config_hold(c);

	pthread_mutex_lock(&d->door);
	skipped = d->next_config;
	d->next_config = mine;
	pthread_mutex_unlock(&d->door);
	if (skipped)
		config_release(&skipped);
	wire_wake(d->wire);
}

void delivery_stop(struct delivery **dp, int64_t wait_ms)
{
	struct delivery *d = *dp;

	if (!d)
		return;
	pthread_mutex_lock(&d->door);
	d->stopping = true;
	d->stop_by = clock_mono().ms + wait_ms;
	pthread_mutex_unlock(&d->door);
	wire_wake(d->wire);
	pthread_join(d->thread, NULL);
	share_close(&d->share);
	round_locked(d, in_order(d->given), NULL, true); /* what came in after the last look */
	media_stop(d, true);
	while (d->lines)
		line_free(&d->lines);
	wire_close(&d->wire);
	if (d->next_config)
		config_release(&d->next_config);
	config_release(&d->config);
	secret_wipe(&d->key, sizeof d->key);
	pthread_mutex_destroy(&d->door);
	pthread_mutex_destroy(&d->lock);
	free(d);
	*dp = NULL;
}

/* ---- metrics ----------------------------------------------------------------------------------------------------- */

static void label_put(struct buf *b, const char *name)
{
	for (; *name; name++) {
		if (*name == '"' || *name == '\\')
			buf_add_char(b, '\\');
		buf_add_char(b, *name == '\n' ? ' ' : *name);
	}
}

static void sample(struct buf *b, const char *metric, const struct line *l, double value)
{
	buf_printf(b, "%s{channel=\"", metric);
	label_put(b, l->name);
	buf_printf(b, "\"} %.15g\n", value);
}

static void head(struct buf *b, const char *metric, const char *type, const char *help)
{
	buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", metric, help, metric, type);
}

static void outcomes_put(struct buf *b, const struct line *l)
{
	for (int i = 0; i < (int)OUTCOMES; i++) {
		buf_add_c(b, "huiyin_sends_total{channel=\"");
		label_put(b, l->name);
		buf_printf(b, "\",outcome=\"%s\"} %llu\n", outcome_class_name((enum outcome_class)i),
			   (unsigned long long)l->outcomes[i]);
	}
}

static double breaker_state(const struct line *l)
{
	int64_t wait;
	struct breaker look = l->breaker;

	if (look.probing)
		return 1;
	return breaker_allows(&look, clock_mono().ms, &wait) ? (look.probing ? 1 : 0) : 2;
}

static void media_put(const struct delivery *d, struct buf *b)
{
	static const char *const names[] = {"fetched", "later", "never"};

	head(b, "huiyin_media_fetches_total", "counter", "Media fetched from providers, by result.");
	for (int i = 0; i < 3; i++)
		buf_printf(b, "huiyin_media_fetches_total{result=\"%s\"} %llu\n", names[i],
			   (unsigned long long)d->media_results[i]);
	head(b, "huiyin_media_held", "gauge", "Media that wait for a fetch or are being fetched.");
	buf_printf(b, "huiyin_media_held %zu\n", atomic_load(&d->held_media));
}

#define EACH(metric, type, help, value)                                                                                \
	do {                                                                                                           \
		head(b, metric, type, help);                                                                           \
		for (const struct line *l = d->lines; l; l = l->next)                                                  \
			sample(b, metric, l, value);                                                                   \
	} while (0)

void delivery_metrics(struct delivery *d, struct buf *b)
{
	if (!d)
		return;
	pthread_mutex_lock(&d->lock);
	head(b, "huiyin_sends_total", "counter", "Calls to providers, by what came of them.");
	for (const struct line *l = d->lines; l; l = l->next)
		outcomes_put(b, l);
	EACH("huiyin_send_waiting", "gauge", "Rows in the courier's hands that no call was made for yet.",
	     (double)l->n_waiting);
	EACH("huiyin_send_in_flight", "gauge", "Calls to the provider that are out now.", (double)l->n_flying);
	EACH("huiyin_send_returned_total", "counter", "Rows given back untried.", (double)l->held_back);
	EACH("huiyin_send_breaker", "gauge", "0 closed, 1 probing, 2 open: the provider cannot be reached.",
	     breaker_state(l));
	if (d->share)
		EACH("huiyin_send_moments_booked_total", "counter",
		     "Moments to send at, booked among the gateways that share the provider's rate.", (double)l->n_booked);
	EACH("huiyin_send_seconds_sum", "counter", "Time that calls took, added up.", (double)l->latency_ms / 1000.0);
	EACH("huiyin_send_seconds_count", "counter", "Calls timed.", (double)l->calls);
	media_put(d, b);
	pthread_mutex_unlock(&d->lock);
}

/*
 * One send: row → call → answer → EVENT_SENT.
 *
 * Promise 3 of reliability.md: a call whose outcome is unknown is told as unsure and never made again here; what never
 * left us is told as not tried. The handler says what an answer means; three guards stand above it: what was not sent
 * cannot have been taken, what was sent and not answered cannot be called failed, and no answer may be endless.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery/courier.h"
#include "huiyin/log.h"
#include "huiyin/secret.h"
#include "huiyin/crash.h"

#define PROVIDER_ID_BYTES     256
#define CODE_BYTES            64
#define DETAIL_BYTES          300
#define CONFIG_STOP_MS        (INT64_C(5) * 60000)
#define RATE_PAUSE_MS         1000
#define RATE_PAUSE_LONGEST_MS (INT64_C(15) * 60000)
#define RATE_FACTOR           0.5

/* ---- results ------------------------------------------------------------------------------------------------------
 */

static struct slice kept(struct arena *a, struct slice s, size_t most)
{
	s = utf8_repair(a, slice_make(s.data, s.len < most ? s.len : most));
	return arena_copy(a, s);
}

static struct slice error_of(struct arena *a, const struct transfer *t)
{
	return t->answer.error.len ? kept(a, t->answer.error, DETAIL_BYTES) : (struct slice){0};
}

static void tell(struct delivery *d, struct job *j, const struct outcome *o, bool attempted, int status)
{
	struct event *e = event_open(EVENT_SENT);
	struct line *l = j->line;

	e->channel = l && l->account ? l->account->index : -1;
	e->rid = arena_copy(e->arena, j->row.rid);
	e->sent = (struct sent){.outbox = j->row.m.id,
				.fence = j->row.fence,
				.outcome = *o,
				.started_at = j->started_at,
				.ended_at = attempted ? j->started_at + (clock_mono().ms - j->started_mono) : clock_wall().ms,
				.http_status = status,
				.attempted = attempted};
	if (!attempted)
		e->sent.started_at = e->sent.ended_at;
	/* an id that does not fit is no id: a cut one would match another's receipt */
	e->sent.outcome.provider_id = o->provider_id.len <= PROVIDER_ID_BYTES
					      ? kept(e->arena, o->provider_id, PROVIDER_ID_BYTES)
					      : (struct slice){0};
	e->sent.outcome.code = kept(e->arena, o->code, CODE_BYTES);
	e->sent.outcome.detail = kept(e->arena, o->detail, DETAIL_BYTES);
	if (l && attempted)
		l->outcomes[o->what]++;
	else if (l)
		l->held_back++;
	atomic_fetch_sub(&d->held, 1);
	queue_put_always(d->queue, e);
	crash_point("result_queued");
}

static void job_done(struct delivery *d, struct job *j)
{
	transfer_close(&j->transfer);
	if (j->config)
		config_release(&j->config);
	job_close(&j);
	(void)d;
}

void sending_back(struct delivery *d, struct job *j, enum outcome_class what, struct slice detail, int64_t wait_ms)
{
	struct outcome o = {.what = what, .detail = detail, .wait_ms = wait_ms};

	tell(d, j, &o, false, 0);
	job_done(d, j);
}

static void fly(struct delivery *d, struct line *l, struct job *j)
{
	j->next = l->flying;
	l->flying = j;
	l->n_flying++;
	d->n_out++;
}

static void alight(struct delivery *d, struct line *l, struct job *j)
{
	struct job **at = &l->flying;

	while (*at && *at != j)
		at = &(*at)->next;
	if (*at)
		*at = j->next;
	j->next = NULL;
	l->n_flying--;
	d->n_out--;
}

struct order sending_order(const struct delivery *d, const struct line *l, const struct account *acc, const struct call *c,
			   void *with)
{
	return (struct order){.call = c,
			      .pool = l->pool,
			      .home = account_option(acc, "api_url"),
			      .connect_ms = d->tuning.connect_ms,
			      .total_ms = d->tuning.call_ms,
			      .slow_ms = d->tuning.slow_ms,
			      .most = WIRE_ANSWER_BYTES,
			      .fd = -1,
			      .ca_file = d->tuning.ca_file,
			      .with = with};
}

/* ---- an answer --------------------------------------------------------------------------------------------------- */

static struct outcome judge(struct job *j, const struct transfer *t)
{
	const struct answer *ans = &t->answer;
	struct outcome o = {.what = OUTCOME_UNSURE};

	j->account->channel->outcome(j->account, &j->row.m, ans, j->arena, &o);
	if (t->refused)
		o = (struct outcome){.what = OUTCOME_CONFIG, .detail = error_of(j->arena, t)};
	else if (!ans->sent && o.what != OUTCOME_LATER)
		o = (struct outcome){.what = OUTCOME_LATER, .detail = error_of(j->arena, t)};
	else if (ans->sent && !ans->status && o.what != OUTCOME_UNSURE)
		o = (struct outcome){.what = OUTCOME_UNSURE, .detail = error_of(j->arena, t)};
	if (!o.detail.len)
		o.detail = error_of(j->arena, t);
	if (!o.wait_ms && ans->retry_after.len && (o.what == OUTCOME_LATER || o.what == OUTCOME_RATE))
		o.wait_ms = schedule_retry_after(ans->retry_after, clock_wall().ms);
	return o;
}

static bool provider_reached(const struct answer *ans)
{
	return ans->status && ans->status != 502 && ans->status != 503 && ans->status != 504;
}

/* What an answer means for the whole account. */
static void learn(struct line *l, const struct outcome *o, const struct answer *ans, int64_t mono)
{
	int64_t pause = o->wait_ms;

	breaker_result(&l->breaker, provider_reached(ans), mono);
	switch (o->what) {
	case OUTCOME_SENT:
		bucket_success(&l->bucket, line_full_rate(l));
		break;
	case OUTCOME_RATE:
		bucket_slow(&l->bucket, RATE_FACTOR);
		pause = pause > RATE_PAUSE_LONGEST_MS ? RATE_PAUSE_LONGEST_MS
			: pause < RATE_PAUSE_MS       ? RATE_PAUSE_MS
						      : pause;
		if (l->paused_until < mono + pause)
			l->paused_until = mono + pause;
		break;
	case OUTCOME_CONFIG:
		if (l->stopped_until < mono)
			log_line(LOG_ERROR_, "delivery",
				 "channel stopped: the provider refuses our account or settings", "channel", l->name,
				 "mend", "check the account's settings: huiyin doctor", NULL);
		l->stopped_until = mono + CONFIG_STOP_MS;
		break;
	default:
		break;
	}
}

static void log_send(const struct job *j, const struct outcome *o, const struct answer *ans, int64_t took_ms)
{
	char outbox[24], attempt[16], status[16], took[24], detail[DETAIL_BYTES + 1];
	size_t n = o->detail.len < DETAIL_BYTES ? o->detail.len : DETAIL_BYTES;

	snprintf(outbox, sizeof outbox, "%lld", (long long)j->row.m.id);
	snprintf(attempt, sizeof attempt, "%d", j->row.m.attempts + 1);
	snprintf(status, sizeof status, "%d", ans->status);
	snprintf(took, sizeof took, "%lld", (long long)took_ms);
	memcpy(detail, n ? o->detail.data : "", n);
	detail[n] = '\0';
	log_line(o->what == OUTCOME_SENT ? LOG_INFO_ : LOG_WARN_, "delivery", "send", "rid",
		 arena_cstr(j->arena, j->row.rid), "channel", j->line->name, "outbox", outbox, "attempt", attempt,
		 "outcome", outcome_class_name(o->what), "status", status, "ms", took, "detail", detail, NULL);
}

/* Once for each row a refused token is taken as stale: dropped, fetched once for all, and the row goes first again. */
static bool goes_again(struct line *l, struct job *j, const struct outcome *o)
{
	if (o->what != OUTCOME_TOKEN || j->token_tried || !l->account || !l->account->channel->authorize)
		return false;
	j->token_tried = true;
	if (j->token_number == l->token.number)
		token_drop(&l->token);
	transfer_close(&j->transfer);
	config_release(&j->config);
	j->account = NULL;
	j->call = (struct call){0};
	line_return(l, j);
	return true;
}

static void send_landed(struct delivery *d, struct job *j, struct transfer *t)
{
	struct line *l = j->line;
	struct outcome o = judge(j, t);
	int64_t mono = clock_mono().ms, took = mono - j->started_mono;

	crash_point("after_send");
	alight(d, l, j);
	learn(l, &o, &t->answer, mono);
	l->calls++;
	l->latency_ms += (uint64_t)(took > 0 ? took : 0);
	log_send(j, &o, &t->answer, took);
	if (goes_again(l, j, &o))
		return;
	tell(d, j, &o, true, t->answer.status);
	job_done(d, j);
}

void sending_landed(struct delivery *d, struct transfer *t)
{
	enum flight_kind kind = *(const enum flight_kind *)t->with;

	if (kind == FLIGHT_TOKEN)
		token_landed(d, t);
	else
		send_landed(d, t->with, t);
}

void sending_cancel(struct delivery *d)
{
	token_cancel(d);
	for (struct line *l = d->lines; l; l = l->next)
		while (l->flying) {
			struct job *j = l->flying;

			j->token_tried = true; /* no second round now */
			transfer_cancel(j->transfer);
			send_landed(d, j, j->transfer);
		}
}

/* ---- a send ------------------------------------------------------------------------------------------------------ */

static void send_one(struct delivery *d, struct line *l, struct job *j, int64_t mono)
{
	const struct channel *ch = l->account->channel;
	struct slice token = slice_make(l->token.text, l->token.len);
	struct order o;
	enum result r;

	line_remove(l, j);
	j->started_at = clock_wall().ms;
	r = ch->send(l->account, &j->row.m, token, j->started_at, j->arena, &j->call);
	if (r != OK) {
		line_ungrant(l);
		sending_back(d, j, r == NEVER ? OUTCOME_NEVER : OUTCOME_LATER,
			     r == NEVER ? S("this channel cannot express the message") : S("held"), 0);
		return;
	}
	j->config = config_hold(d->config);
	j->account = l->account;
	j->token_number = l->token.number;
	j->started_mono = mono;
	o = sending_order(d, l, l->account, &j->call, j);
	o.once = !line_may_repeat(l);
	if (o.total_ms > j->give_up - mono)
		o.total_ms = j->give_up - mono; /* the lease must outlive the call */
	fly(d, l, j);
	crash_point("before_send");
	j->transfer = wire_start(d->wire, &o);
}

static void sooner(int64_t *wait_ms, int64_t candidate)
{
	if (candidate < *wait_ms)
		*wait_ms = candidate < 0 ? 0 : candidate;
}

static bool may_go(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms)
{
	return token_ready(d, l, mono, wait_ms) && (!d->share || sharing_allows(d, l, mono, wait_ms)) &&
	       line_allows(l, mono, wait_ms);
}

void sending_begin(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms)
{
	struct job *j;
	int64_t wait;

	while (l->account && l->n_flying < d->tuning.per_account && d->n_out < d->tuning.in_all &&
	       (j = line_first(l))) {
		if (j->give_up - mono < CALL_LEAST_MS) {
			line_remove(l, j);
			sending_back(d, j, OUTCOME_LATER, S("held"), 0);
			continue;
		}
		if (!may_go(d, l, mono, &wait)) {
			sooner(wait_ms, wait);
			return;
		}
		send_one(d, l, j, mono);
	}
}

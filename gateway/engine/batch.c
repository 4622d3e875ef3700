/*
 * One batch: load what it needs, let the rules decide event by event, apply all of it in one synced transaction, and hand
 * back the answers that may now go (design 1 and 2.1). What cannot be stored is answered "later" and leaves nothing
 * behind; a batch that never can be is taken apart, so that one bad event does not hold up the others.
 */
#include "engine/inside.h"

#include <string.h>

#define BLOCKED_WAIT_MS 200
#define REFUSED_WAIT_MS 1000
#define SHARED_LOOK_MS 1000
#define RETRIES_MAX 5

static struct slice local_day(struct batch *b, bool dashes)
{
	struct civil c = wall_civil(b->now, b->config->zone);

	return dashes ? arena_printf(b->arena, "%04d-%02d-%02d", c.year, c.month, c.day)
		      : arena_printf(b->arena, "%02d%02d%02d", c.year % 100, c.month, c.day);
}

/* Silence is not what the wall clock was set forward by. */
static void session_due(struct batch *b, struct turn *t)
{
	struct step s = {0};
	struct context c;
	int64_t jumped;

	if (!person_session(b, t->p)) {
		timer_set(b, t->p->contact->id, TIMER_SESSION, S(""), 0);
		return;
	}
	context_fill(b, t->p, account_of(b, t->p), &c);
	jumped = b->now - t->p->session->touched_at - engine_age(b->engine, t->p->session->touched_at, b->now);
	c.now -= jumped;
	flow_timer(t->p->flow, engine_matcher(b->engine), b->arena, &c, t->p->session, &s);
	for (size_t i = 0; i < s.n_replies && !(t->p->contact->optout & OPTOUT_CHAT); i++)
		say_reply(b, t, t->p, &s.replies[i], LANE_REPLY, (struct slice){0});
	acts_do(b, t, t->p, &s);
	timer_set(b, t->p->contact->id, TIMER_SESSION, S(""), s.due_at ? s.due_at + jumped : 0);
	session_save(b, t->p, 0);
}

static void timer_take(struct batch *b, struct turn *t)
{
	t->p = t->want->stale ? NULL : person_by_id(b, t->e->timer.contact);
	if (!t->p)
		return;
	if (t->e->timer.kind == TIMER_SESSION)
		session_due(b, t);
	else if (t->e->timer.kind == TIMER_SURVEY)
		survey_due(b, t, t->p, t->e->timer.ref);
}

static void turn_take(struct batch *b, struct turn *t)
{
	switch (t->e->kind) {
	case EVENT_MESSAGE:
		inbound_take(b, t);
		break;
	case EVENT_RECEIPT:
		receipt_take(b, t);
		break;
	case EVENT_SENT:
		sent_take(b, t);
		break;
	case EVENT_STAFF:
		staff_take(b, t);
		break;
	case EVENT_SEEN:
		seen_take(b, t);
		break;
	case EVENT_MEDIA:
		media_take(b, t);
		break;
	case EVENT_TIMER:
		timer_take(b, t);
		break;
	}
}

/* Our own news, which nobody would send again: nobody waits for an answer, and it is kept until it is stored. */
bool batch_must_keep(const struct event *e)
{
	return e->kind == EVENT_SENT || e->kind == EVENT_MEDIA || e->kind == EVENT_SEEN;
}

static void turn_open(struct batch *b, struct turn *t, struct event *e)
{
	t->e = e;
	if (e->channel >= 0 && (size_t)e->channel < b->config->n_accounts)
		t->account = &b->config->accounts[e->channel];
	if (!batch_must_keep(e)) {
		t->release = ARENA_NEW(e->arena, struct release);
		t->release->event = e;
		t->release->ack = ACK_DONE;
	}
}

static struct slice fate_of(const struct turn *t)
{
	if (t->fate.len)
		return t->fate;
	return t->replied ? S("answered") : t->queued ? S("queued") : S("answered");
}

static void count_message(struct batch *b, const struct turn *t)
{
	struct slice fate = fate_of(t);

	if (!t->account)
		return;
	LIST_ADD(&b->changes, counts, ((struct count){t->account->name, S("received"), 1}));
	LIST_ADD(&b->changes, counts, ((struct count){t->account->name, fate, 1}));
}

static enum result batch_apply(struct batch *b, bool claim)
{
	struct engine *e = b->engine;
	struct changes *c = &b->changes;

	c->day = local_day(b, true);
	if (b->sequence_used) {
		c->next_sequence = b->snap.next_sequence;
		c->sequence_day = b->snap.day;
	}
	if (claim && e->o.room) {
		c->claim_room = e->o.room(e->o.with, &c->claim_media_room);
		c->lease_ms = b->config->keep.lease_ms;
	}
	return e->o.store->kind->apply(e->o.store, c);
}

void batch_refuse(struct batch *b, enum ack ack)
{
	for (size_t i = 0; i < b->n; i++) {
		struct release *r = b->turns[i].release;
		if (!r)
			continue;
		*r = (struct release){.event = r->event, .ack = ack};
		if (r->event->kind == EVENT_STAFF) {
			r->status = 503;
			r->body = S("{\"error\":{\"code\":\"later\",\"what\":\"the store cannot take it now\","
				    "\"mend\":\"try again in a few seconds\"}}");
		}
	}
}

struct release *batch_releases(struct batch *b)
{
	struct release *head = NULL, **tail = &head;

	for (size_t i = 0; i < b->n; i++)
		if (b->turns[i].release) {
			*tail = b->turns[i].release;
			tail = &(*tail)->next;
		}
	return head;
}

static bool wants_claim(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->turns[i].e->kind == EVENT_SENT || b->turns[i].e->kind == EVENT_MEDIA)
			return true;
	for (size_t i = 0; i < b->changes.outbox.n; i++)
		if (b->changes.outbox.list[i]->state == DELIVERY_QUEUED)
			return true;
	return b->changes.media.n > 0;
}

static void note_due(struct engine *e, const struct changes *c)
{
	for (size_t i = 0; i < c->timers_put.n; i++)
		if (!e->next_due || c->timers_put.list[i].due_at < e->next_due)
			e->next_due = c->timers_put.list[i].due_at;
	for (size_t i = 0; i < c->outbox.n; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		if (r->state == DELIVERY_QUEUED && r->next_at != INT64_MAX && (!e->next_due || r->next_at < e->next_due))
			e->next_due = r->next_at;
	}
}

static void ask_next_due(struct engine *e, int64_t now)
{
	int64_t at = 0;
	enum result r = e->store_refuses ? LATER : e->o.store->kind->next_due(e->o.store, &at);

	engine_note_refusal(e, r);
	if (r != OK)
		at = now + IDLE_WAIT_MS;
	/* What a gateway that died has left announces itself to nobody. */
	if (e->o.store->kind->listen && (!at || at > now + SHARED_LOOK_MS))
		at = now + SHARED_LOOK_MS;
	/* What is due already but could not be taken (no room, an earlier one of the same person is on its way) waits a little. */
	e->next_due = at && at <= now ? now + BLOCKED_WAIT_MS : at;
}

void batch_open(struct batch *b, struct engine *e, struct event **events, size_t n, int64_t now)
{
	memset(b, 0, sizeof *b);
	arena_reset(e->arena);
	b->engine = e;
	b->config = e->config;
	b->arena = e->arena;
	b->now = now;
	b->n = n;
	b->turns = ARENA_ARRAY(b->arena, struct turn, n ? n : 1);
	b->snap = (struct snapshot){.arena = b->arena, .wants = ARENA_ARRAY(b->arena, struct want, n ? n : 1), .n = n};
	b->snap.day = local_day(b, false);
	b->changes.arena = b->arena;
	b->changes.now = now;
	for (size_t i = 0; i < n; i++) {
		turn_open(b, &b->turns[i], events[i]);
		b->turns[i].want = &b->snap.wants[i];
		want_fill(b, &b->turns[i], &b->snap.wants[i]);
	}
}

/* Where gateways share a store, what a person wrote to two of them is in the order in which they locked that person: ids are
   made anew, by a clock that was read behind the locks. */
static void number_behind_locks(struct engine *e, struct event **events, size_t n)
{
	struct store *s = e->o.store;
	int64_t ahead;

	if (!s->kind->clock || !s->kind->clock(s, &ahead))
		return;
	queue_clock(e->o.queue, ahead);
	for (size_t i = 0; i < n; i++)
		events[i]->id = engine_new_id(e);
}

static enum result batch_try(struct batch *b, struct engine *e, struct event **events, size_t n, int64_t now, bool due)
{
	enum result r;

	batch_open(b, e, events, n, now);
	crash_point("before_load");
	r = n ? engine_load(e, &b->snap) : OK;
	if (r == OK) {
		number_behind_locks(e, events, n);
		want_firsts(b);
		for (size_t i = 0; i < n; i++)
			turn_take(b, &b->turns[i]);
		for (size_t i = 0; i < n; i++)
			if (events[i]->kind == EVENT_MESSAGE)
				count_message(b, &b->turns[i]);
		crash_point("after_rules");
		r = batch_apply(b, due || wants_claim(b));
	}
	return r;
}

/* Runs one batch. OK: applied; the releases may go. LATER, NEVER, RETRY (others were first each time): nothing was kept,
   the releases say "again". */
static enum result batch_run(struct batch *b, struct engine *e, struct event **events, size_t n, int64_t now, bool due)
{
	enum result r = batch_try(b, e, events, n, now, due);

	for (int again = 0; r == RETRY && again < RETRIES_MAX; again++)
		r = batch_try(b, e, events, n, now, due);
	engine_unsure_means_stop(r);
	if (r != OK)
		batch_refuse(b, ACK_AGAIN);
	return r;
}

static void batch_done(struct batch *b)
{
	struct engine *e = b->engine;

	note_due(e, &b->changes);
	revisions_stored(e, &b->changes);
	e->batches++;
	e->events += b->n;
	if (b->n > e->largest)
		e->largest = b->n;
	if ((b->changes.n_claimed || b->changes.n_claimed_media) && e->o.give) {
		crash_point("outbox_claimed");
		e->o.give(e->o.with, b->changes.claimed, b->changes.n_claimed, b->changes.claimed_media,
			  b->changes.n_claimed_media);
		crash_point("outbox_given");
	}
}

/* Events of our own that nobody waits for: done with when stored, back into the queue when not. */
void batch_settle(struct engine *e, struct event **events, size_t n, enum result r)
{
	for (size_t i = 0; i < n; i++)
		if (events[i] && batch_must_keep(events[i])) {
			if (r == LATER)
				queue_put_always(e->o.queue, events[i]);
			else
				event_close(&events[i]);
			events[i] = NULL;
			crash_point("result_applied");
		}
}

/* A batch that can never be applied, or is always too late, is taken apart, so that one bad event does not hold up the
   others. */
static struct release *run_one_by_one(struct engine *e, struct event **events, size_t n, int64_t now)
{
	struct release *head = NULL, **tail = &head;

	for (size_t i = 0; i < n; i++) {
		struct batch b;
		enum result r = batch_run(&b, e, &events[i], 1, now, false);

		if (r == NEVER) {
			log_line(LOG_ERROR_, "engine", "an event cannot be stored; it is refused for good", "rid",
				 arena_cstr(b.arena, events[i]->rid), NULL);
			batch_refuse(&b, ACK_BAD);
		}
		if (r == OK)
			batch_done(&b);
		if (r == RETRY)
			r = LATER;
		for (*tail = batch_releases(&b); *tail; tail = &(*tail)->next)
			;
		batch_settle(e, &events[i], 1, r);
	}
	return head;
}

/* Said once a second at most: what must be kept is tried again and again. */
static void note_later(struct engine *e, enum result r)
{
	int64_t now = clock_mono().ms;
	const char *mend = e->o.store->kind->refuses_for ? e->o.store->kind->refuses_for(e->o.store) : NULL;

	e->later++;
	e->refuses_for = mend;
	if (e->refusal_told && now - e->refusal_told < REFUSAL_TOLD_MS)
		return;
	e->refusal_told = now;
	log_line(LOG_WARN_, "engine", "batch not stored; providers are asked to send again", "result", result_name(r),
		 mend ? "mend" : NULL, mend, NULL);
}

static struct release *run(struct engine *e, struct event **events, size_t n, int64_t now, bool due)
{
	struct batch b;
	enum result r = batch_run(&b, e, events, n, now, due);
	struct release *list;

	if (r == RETRY && n <= 1)
		r = LATER;
	e->store_refuses = r != OK && r != RETRY;
	engine_note_refusal(e, r);
	e->unready = e->store_refuses || e->disk_full;
	if ((r == NEVER || r == RETRY) && n > 1) {
		list = run_one_by_one(e, events, n, now);
	} else {
		list = batch_releases(&b);
		if (r == NEVER && n)
			batch_refuse(&b, ACK_BAD);
		if (r == OK)
			batch_done(&b);
		else
			note_later(e, r);
	}
	batch_settle(e, events, n, r);
	return list;
}

static size_t add_timers(struct engine *e, struct event **events, size_t n, int64_t now)
{
	struct timer *due = NULL;
	size_t found = 0;
	struct arena *a = arena_open(0);
	enum result r;

	r = e->o.store->kind->due(e->o.store, now, TIMERS_PER_BATCH, a, &due, &found);
	engine_note_refusal(e, r);
	if (r != OK)
		found = 0;
	for (size_t i = 0; i < found; i++) {
		struct event *t = event_open(EVENT_TIMER);
		t->at = now;
		t->id = engine_new_id(e);
		t->timer.contact = due[i].contact;
		t->timer.kind = (int)due[i].kind;
		t->timer.ref = arena_copy(t->arena, due[i].ref);
		t->timer.due_at = due[i].due_at;
		events[n++] = t;
		crash_point("timer_fired");
	}
	arena_close(&a);
	return n;
}

struct release *engine_run(struct engine *e, struct event **events, size_t n, int64_t now)
{
	struct event *all[BATCH_MAX + TIMERS_PER_BATCH];
	bool due = e->next_due && now >= e->next_due;
	struct release *list;

	memcpy(all, events, n * sizeof *events);
	if (due)
		n = add_timers(e, all, n, now);
	list = run(e, all, n, now, due);
	if (due)
		ask_next_due(e, now);
	/* Tried again without being asked: as long as /readyz says no, a balancer sends nobody who would ask. */
	if (e->store_refuses && (!e->next_due || e->next_due > now + REFUSED_WAIT_MS))
		e->next_due = now + REFUSED_WAIT_MS;
	return list;
}

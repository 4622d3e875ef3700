/*
 * What becomes of what we send: receipts (forward only, parked when they come before the id is known), results of our own
 * calls, what a web chat has seen, media that came in. Attempts and provider codes are kept as proof.
 */
#include "engine/batch.h"
#include "delivery/schedule.h"

#include <stdio.h>

static void tell_undelivered(struct batch *b, struct turn *t, const struct outbox_row *r)
{
	struct person *p;

	if (r->m.lane != LANE_NOTICE)
		return;
	p = person_by_id(b, r->m.contact);
	if (p) /* the duty stays: a person calls or prints it */
		hand_over(b, t, p, S("undelivered"), r->m.text, r->m.case_number, false);
}

static void mark_unreachable(struct batch *b, int64_t contact)
{
	struct person *p = person_by_id(b, contact);

	if (!p || p->contact->unreachable)
		return;
	p->contact->unreachable = true;
	person_changed(b, p);
}

static void move(struct batch *b, struct turn *t, struct outbox_row *r, enum delivery_state to, struct slice code)
{
	if (!delivery_may_move(r->state, to))
		return;
	r->state = to;
	if (code.len)
		r->code = code;
	outbox_changed(b, r);
	if (to == DELIVERY_FAILED)
		tell_undelivered(b, t, r);
}

/* By the id of the request that caused the send; the receipt came by a request of its own. */
static void note_receipt(struct batch *b, const struct turn *t, const struct outbox_row *r, const struct receipt *rc)
{
	char outbox[24];

	snprintf(outbox, sizeof outbox, "%lld", (long long)r->m.id);
	log_line(rc->state == DELIVERY_FAILED ? LOG_WARN_ : LOG_INFO_, "engine", "receipt", "rid",
		 arena_cstr(b->arena, r->rid), "channel", arena_cstr(b->arena, r->channel), "outbox", outbox, "state",
		 delivery_state_name(rc->state), "code", arena_cstr(b->arena, rc->code), "request",
		 arena_cstr(b->arena, t->e->rid), NULL);
}

static void receipt_apply(struct batch *b, struct turn *t, struct outbox_row *r, const struct receipt *rc)
{
	note_receipt(b, t, r, rc);
	move(b, t, r, rc->state, rc->code);
	if (rc->opted_out)
		mark_unreachable(b, r->m.contact);
}

/* One row may be named by several events of a batch: they must change one object. */
static struct outbox_row *row_of(struct batch *b, const struct turn *t)
{
	struct outbox_row *r = t->want->outbox;

	for (size_t i = 0; r && i < b->changes.outbox.n; i++)
		if (b->changes.outbox.list[i]->m.id == r->m.id)
			return b->changes.outbox.list[i];
	return r;
}

void receipt_take(struct batch *b, struct turn *t)
{
	const struct receipt *rc = &t->e->receipt;
	struct outbox_row *r = row_of(b, t);

	if (r) {
		receipt_apply(b, t, r, rc);
		return;
	}
	if (!rc->provider_id.len || !t->account)
		return;
	LIST_ADD(&b->changes, parked, ((struct parked){t->account->name, rc->provider_id, *rc}));
}

/* What a result made of the row; an attempt itself has the courier's own line. */
static void note_result(struct batch *b, const struct turn *t, const struct outbox_row *r, const struct sent *s,
			int64_t wait_ms)
{
	bool over = r->state == DELIVERY_FAILED || r->state == DELIVERY_UNSURE;
	char outbox[24], wait[24];

	snprintf(outbox, sizeof outbox, "%lld", (long long)r->m.id);
	snprintf(wait, sizeof wait, "%lld", (long long)wait_ms);
	log_line(over ? LOG_WARN_ : s->attempted && r->state == DELIVERY_QUEUED ? LOG_INFO_ : LOG_DEBUG_, "engine",
		 "result", "rid", arena_cstr(b->arena, t->e->rid), "channel", arena_cstr(b->arena, r->channel), "outbox",
		 outbox, "outcome", outcome_class_name(s->outcome.what), "state", delivery_state_name(r->state), "wait_ms",
		 wait, NULL);
}

/* It has left us for good: receipts may move it on, no result of ours takes it back. */
static bool settled(const struct outbox_row *r)
{
	return r->state != DELIVERY_QUEUED && r->state != DELIVERY_SENDING && r->state != DELIVERY_UNSURE;
}

static void hand_over_unsure(struct batch *b, struct turn *t, const struct outbox_row *r)
{
	struct person *p = person_by_id(b, r->m.contact);

	if (p)
		hand_over(b, t, p, S("unsure"), r->m.text, r->m.case_number, false);
}

static void judge(struct batch *b, struct turn *t, struct outbox_row *r, const struct sent *s)
{
	bool again = t->account && (t->account->channel->able.idempotent_send || t->account->unsure == UNSURE_SEND_AGAIN);
	bool over = settled(r); /* a receipt, or the late word of an earlier holder, was faster */
	struct verdict_on_send v = schedule_judge(&s->outcome, r->m.lane, r->m.attempts,
						  engine_age(b->engine, r->m.created_at, b->now),
						  b->config->keep.life_ms, again, secret_random_below(UINT32_MAX));

	r->lease_until = 0;
	if (s->outcome.provider_id.len)
		r->provider_id = s->outcome.provider_id;
	if (s->outcome.code.len && !over)
		r->code = s->outcome.code;
	if (v.state == DELIVERY_QUEUED && !over) {
		r->state = DELIVERY_QUEUED; /* the one way back: it never left us */
		r->next_at = b->now + v.wait_ms;
	} else if (delivery_may_move(r->state, v.state) && !over) {
		r->state = v.state;
	}
	if (s->attempted && (r->state == DELIVERY_SENT || r->state == DELIVERY_UNSURE))
		r->inline_reply = false; /* the courier has carried it: no webhook that comes again does */
	outbox_changed(b, r);
	note_result(b, t, r, s, v.state == DELIVERY_QUEUED && !over ? v.wait_ms : 0);
	if (v.opted_out)
		mark_unreachable(b, r->m.contact);
	if (v.state == DELIVERY_FAILED && !over)
		tell_undelivered(b, t, r);
	if (v.state == DELIVERY_UNSURE && !over)
		hand_over_unsure(b, t, r);
}

/*
 * The word of a holder whose lease was taken over meanwhile. That it was sent is the truth, whoever has the row now: it
 * moves on, and what the new holder says later finds it settled. Anything else would take the row out of the new
 * holder's hands, and is only kept as an attempt.
 */
static void late_take(struct batch *b, struct turn *t, struct outbox_row *r, const struct sent *s)
{
	bool sent = s->outcome.what == OUTCOME_SENT && delivery_may_move(r->state, DELIVERY_SENT);
	char outbox[24];

	snprintf(outbox, sizeof outbox, "%lld", (long long)r->m.id);
	log_line(LOG_WARN_, "engine", "a late result: the send was taken over meanwhile", "rid", arena_cstr(b->arena, t->e->rid),
		 "channel", arena_cstr(b->arena, r->channel), "outbox", outbox, "outcome", outcome_class_name(s->outcome.what),
		 "state", delivery_state_name(sent ? DELIVERY_SENT : r->state), NULL);
	if (s->outcome.what == OUTCOME_OPT_OUT)
		mark_unreachable(b, r->m.contact);
	if (sent) {
		r->state = DELIVERY_SENT;
		r->inline_reply = false;
		r->lease_until = 0;
	}
	if (s->outcome.provider_id.len)
		r->provider_id = s->outcome.provider_id;
	if (sent || s->outcome.provider_id.len)
		outbox_changed(b, r);
}

void sent_take(struct batch *b, struct turn *t)
{
	const struct sent *s = &t->e->sent;
	struct outbox_row *r = row_of(b, t);
	bool late = r && s->fence < r->fence;

	if (!r)
		return;
	if (s->attempted) {
		r->m.attempts += !late; /* who took it over has counted that one */
		LIST_ADD(&b->changes, attempts,
			 ((struct attempt){r->m.id, s->started_at, s->outcome, s->ended_at - s->started_at}));
	}
	if (late)
		late_take(b, t, r, s);
	else
		judge(b, t, r, s);
	if (t->want->parked) { /* the receipt was faster than the answer */
		receipt_apply(b, t, r, &t->want->parked->receipt);
		LIST_ADD(&b->changes, parked_gone, *t->want->parked);
	}
}

/* An inline answer could not be written: unless the provider asks again first, the courier carries it. */
static void inline_lost(struct batch *b, struct turn *t)
{
	struct want *w = t->want;

	for (size_t i = 0; i < w->n_repeat; i++) {
		struct outbox_row *r = w->repeat[i];
		if (!r->inline_reply || r->state != DELIVERY_SENT)
			continue;
		r->state = DELIVERY_QUEUED;
		r->next_at = b->now + b->config->keep.inline_wait_ms;
		outbox_changed(b, r);
	}
}

void seen_take(struct batch *b, struct turn *t)
{
	struct outbox_row *r;

	if (t->e->seen.inline_lost) {
		inline_lost(b, t);
		return;
	}
	r = row_of(b, t);
	if (r && t->want->contact && r->m.contact == t->want->contact->id)
		move(b, t, r, DELIVERY_DELIVERED, (struct slice){0});
}

void media_take(struct batch *b, struct turn *t)
{
	const struct fetched *f = &t->e->fetched;
	struct media_row *m = media_by_id(b, f->media);
	int64_t wait;

	if (!m)
		return;
	m->attempts++;
	wait = f->result == LATER ? schedule_wait(m->attempts, b->now - m->next_at, b->config->keep.life_ms, 0,
						  secret_random_below(UINT32_MAX))
				  : -1;
	if (f->result == OK) {
		m->path = f->path;
		m->sha256 = f->sha256;
		m->type = f->type.len ? f->type : m->type;
		m->size = f->size;
		m->state = DELIVERY_DELIVERED;
	} else if (wait >= 0) {
		m->state = DELIVERY_QUEUED;
		m->next_at = b->now + wait;
	} else {
		m->state = DELIVERY_FAILED;
		m->why = f->why;
	}
	media_changed(b, m);
	(void)t;
}

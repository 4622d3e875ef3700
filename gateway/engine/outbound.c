/*
 * Words to citizens: which of the three ways a reply takes (inline on the webhook's answer, pushed into a web chat, or
 * through the courier), cut into what one send may carry. Every line becomes an outbox row first.
 */
#include "engine/batch.h"
#include "delivery/segment.h"

#define PARTS_MAX 12

/* A citizen who said STOP hears nothing but what the law owes, and the answer to what they write themselves. */
static bool silenced(const struct person *p, const struct turn *t, enum lane lane)
{
	unsigned o = p->contact->optout;

	if (lane == LANE_SURVEY)
		return o & OPTOUT_SURVEY;
	if (lane == LANE_CAMPAIGN)
		return o & OPTOUT_CAMPAIGN;
	return lane == LANE_REPLY && (o & OPTOUT_CHAT) && t->e->kind != EVENT_MESSAGE;
}

/* One id from the webhook to the delivery. A timer comes from no request: what it brings about shares one of its own. */
static struct slice rid_of(struct turn *t)
{
	if (!t->e->rid.len)
		t->e->rid = arena_printf(t->e->arena, "t%llx", (unsigned long long)t->e->id);
	return t->e->rid;
}

static struct outbox_row *row_new(struct batch *b, struct turn *t, struct person *p, struct slice text, enum lane lane,
				  struct slice number)
{
	struct outbox_row *r = ARENA_NEW(b->arena, struct outbox_row);

	r->m.id = engine_new_id_of(b->engine, p->contact->id);
	r->m.contact = p->contact->id;
	r->m.to = p->contact->address;
	r->m.text = text;
	r->m.lane = lane;
	r->m.part = r->m.parts = 1;
	r->m.case_number = number;
	r->m.created_at = b->now;
	r->channel = p->contact->channel;
	r->cause = t->e->id;
	r->rid = rid_of(t);
	r->next_at = b->now;
	r->fresh = r->changed = true;
	if (t->e->kind == EVENT_MESSAGE)
		r->m.from = keep(b, t->e->message.to);
	LIST_ADD(&b->changes, outbox, r);
	return r;
}

static void push(struct batch *b, struct turn *t, const struct person *p, const struct outbox_row *r)
{
	struct release *rel = t->release;
	struct push *grown, *last;
	struct arena *a;

	if (!rel)
		return;
	a = rel->event->arena;
	grown = ARENA_ARRAY(a, struct push, rel->n_pushes + 1);
	for (size_t i = 0; i < rel->n_pushes; i++)
		grown[i] = rel->pushes[i];
	last = &grown[rel->n_pushes++];
	rel->pushes = grown;
	last->contact = p->contact->hash;
	last->id = r->m.id;
	last->at = b->now;
	last->text = arena_copy(a, r->m.text);
	for (last->n_buttons = 0; last->n_buttons < r->m.n_buttons; last->n_buttons++)
		last->buttons[last->n_buttons] = (struct button){arena_copy(a, r->m.buttons[last->n_buttons].value),
								 arena_copy(a, r->m.buttons[last->n_buttons].label)};
}

static bool may_ride(const struct turn *t, const struct person *p, const struct account *acc, enum lane lane)
{
	return t->e->kind == EVENT_MESSAGE && t->release && t->e->ticket.connection && lane == LANE_REPLY && t->p == p &&
	       acc->channel->able.inline_reply && t->release->n_texts < acc->channel->able.max_inline &&
	       t->release->n_texts < STEP_MAX_REPLIES;
}

static void send_out(struct batch *b, struct turn *t, struct person *p, const struct account *acc, struct outbox_row *r)
{
	if (acc->channel->able.push) {
		r->state = DELIVERY_SENT; /* the chat can fetch it from this moment on; "delivered" when it was seen */
		r->next_at = INT64_MAX;
		push(b, t, p, r);
	} else if (may_ride(t, p, acc, r->m.lane)) {
		r->inline_reply = true;
		r->state = DELIVERY_SENT;
		t->release->texts[t->release->n_texts++] = arena_copy(t->release->event->arena, r->m.text);
	} else {
		r->state = DELIVERY_QUEUED;
		if (t->release)
			t->release->n_queued++;
	}
}

void say_reply(struct batch *b, struct turn *t, struct person *p, const struct reply *reply, enum lane lane,
	       struct slice number)
{
	const struct account *acc = account_of(b, p);
	struct slice *pieces = (struct slice *)(uintptr_t)&reply->text;
	size_t n = 1;

	if (!reply->text.len || silenced(p, t, lane))
		return;
	if (!acc || (p->contact->unreachable && !acc->channel->able.push && t->e->kind != EVENT_MESSAGE)) {
		/* The duty stays: a person calls or writes. */
		if (lane == LANE_NOTICE)
			hand_over(b, t, p, S("unreachable"), reply->text, number, false);
		return;
	}
	if (acc->channel->able.max_text)
		pieces = segment_cut(b->arena, reply->text, acc->channel->able.max_text, &n);
	for (size_t i = 0; i < n && i < PARTS_MAX; i++) {
		struct outbox_row *r = row_new(b, t, p, pieces[i], lane, number);
		r->m.part = (int)i + 1;
		r->m.parts = (int)n;
		if (i + 1 == n && acc->channel->able.buttons)
			for (; r->m.n_buttons < reply->n_buttons; r->m.n_buttons++)
				r->m.buttons[r->m.n_buttons] = reply->buttons[r->m.n_buttons];
		send_out(b, t, p, acc, r);
	}
	t->replied = true;
}

void say(struct batch *b, struct turn *t, struct person *p, struct slice text, enum lane lane, struct slice number)
{
	struct reply r = {.text = text};

	say_reply(b, t, p, &r, lane, number);
}

void say_key(struct batch *b, struct turn *t, struct person *p, const char *key, const struct context *c, enum lane lane,
	     struct slice number)
{
	say(b, t, p, flow_text(b->config->flows, b->arena, slice_of(key), c), lane, number);
}

void hand_over(struct batch *b, struct turn *t, struct person *p, struct slice reason, struct slice text,
	       struct slice number, bool urgent)
{
	struct handover h = {.id = engine_new_id_of(b->engine, p->contact->id), .contact = p->contact->id, .reason = reason, .text = text,
			     .case_number = number, .urgent = urgent, .at = b->now};

	LIST_ADD(&b->changes, handovers, h);
	t->queued = true;
}

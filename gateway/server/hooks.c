/*
 * /hooks/<account>: what providers send. The channel's handler checks and reads it; each event goes on the queue with a
 * ticket, and the answer is written when the last one comes back from the engine, after the sync (the mailer's contract,
 * design 2.1). To answer 2xx before that is fatal. What cannot be taken is answered so that the provider tries again.
 */
#include <string.h>

#include "huiyin/form.h"
#include "server/inside.h"

static struct account_counters *counts_of(struct conn *c)
{
	return &c->server->view.counts[c->account->index];
}

static void acknowledge(struct conn *c, enum ack ack, const struct slice *texts, size_t n, struct arena *a)
{
	struct response r = {.status = 200};

	c->account->channel->acknowledge(c->account, ack, texts, n, a, &r);
	conn_answer(c, &r);
}

static void acknowledge_again(struct conn *c, struct arena *a)
{
	c->server->counters.busy++;
	acknowledge(c, ACK_AGAIN, NULL, 0, a);
}

/* ---- one webhook, several events: each needs an arena of its own --------------------------------------------------- */

static void copy_slices(struct arena *a, struct slice **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*list[i] = arena_copy(a, *list[i]);
}

static void copy_message(struct arena *a, struct message *m)
{
	struct slice *all[] = {&m->from, &m->to, &m->id, &m->text, &m->button, &m->scan, &m->reply_to, &m->opt_out,
			       &m->name, &m->lang};

	copy_slices(a, all, sizeof all / sizeof *all);
	for (size_t i = 0; i < m->n_media; i++) {
		struct slice *media[] = {&m->media[i].url, &m->media[i].type, &m->media[i].name};

		copy_slices(a, media, sizeof media / sizeof *media);
	}
}

static struct event *event_copy(const struct event *from)
{
	struct event *e = event_open(from->kind);
	struct arena *a = e->arena;
	struct slice *receipt[] = {&e->receipt.provider_id, &e->receipt.code};

	*e = *from;
	e->arena = a;
	e->rid = arena_copy(a, e->rid);
	if (e->kind == EVENT_MESSAGE)
		copy_message(a, &e->message);
	else if (e->kind == EVENT_RECEIPT)
		copy_slices(a, receipt, sizeof receipt / sizeof *receipt);
	return e;
}

/* ---- into the queue ----------------------------------------------------------------------------------------------- */

static void address_event(struct conn *c, struct event *e, struct slice rid, int64_t now)
{
	e->channel = c->account->index;
	e->rid = rid;
	e->at = now;
	e->ticket = (struct ticket){c->server->number, c->id};
}

/* The request's arena becomes the event's: nothing of the request may be used after this but by the event. */
static void put_only(struct conn *c, struct event *e)
{
	e->arena = c->arena;
	if (queue_put(c->server->queue, e) != OK) {
		acknowledge_again(c, c->arena);
		return;
	}
	c->waits_for = 1;
	c->arena = NULL;
	c->request = NULL;
	c->body = NULL;
	conn_wait(c);
}

static void put_each(struct conn *c, struct parsed *p)
{
	bool refused = false;

	for (size_t i = 0; i < p->n && !refused; i++) {
		struct event *e = event_copy(p->events[i]);

		c->waits_for++;
		if (queue_put(c->server->queue, e) == OK)
			continue;
		refused = true;
		c->waits_for--;
		event_close(&e);
	}
	if (refused)
		c->worst = ACK_AGAIN; /* what did go in comes again as a duplicate */
	if (c->waits_for)
		conn_wait(c);
	else
		acknowledge_again(c, c->arena);
}

static void take(struct conn *c, int64_t now)
{
	struct slice rid = server_rid(c->server, c->arena);
	struct parsed p = {0};
	const char *why = "";

	if (c->account->channel->parse(c->account, c->request, now, c->arena, &p, &why) != OK) {
		counts_of(c)->malformed++;
		refuse_note(c->server, c, "malformed");
		acknowledge(c, ACK_BAD, NULL, 0, c->arena);
		return;
	}
	counts_of(c)->accepted++;
	for (size_t i = 0; i < p.n; i++)
		address_event(c, p.events[i], rid, now);
	if (!p.n)
		acknowledge(c, ACK_DONE, NULL, 0, c->arena);
	else if (p.n == 1)
		put_only(c, p.events[0]);
	else
		put_each(c, &p);
}

/* True when the request may be read: by its signature, as strictly as the account is set. */
static bool verified(struct conn *c, int64_t now)
{
	const struct account *acc = c->account;
	struct response r = {.status = 0};
	enum verdict v = acc->channel->verify ? acc->channel->verify(acc, c->request, now, c->arena, &r) : VERDICT_ACCEPT;

	if (v == VERDICT_HANDSHAKE) {
		if (!r.status)
			r.status = 200;
		conn_answer(c, &r);
		return false;
	}
	if (v == VERDICT_ACCEPT || acc->signature == SIGNATURE_OFF)
		return true;
	counts_of(c)->signature++;
	refuse_note(c->server, c, "signature");
	if (acc->signature == SIGNATURE_OBSERVE) {
		counts_of(c)->observed++;
		return true;
	}
	answer_plain(c, r.status ? r.status : 403, "The signature is not right.\n");
	return false;
}

/* The public address as the provider knows it; a Host header is anyone's word. */
static struct slice public_url(const struct conn *c)
{
	struct slice base = c->account->public_url.len ? c->account->public_url : c->config->public_url;
	const struct request *r = c->request;
	struct buf b = buf_in(c->arena, base.len + r->path.len + r->query.len + 2);

	buf_add(&b, base);
	buf_add(&b, r->path);
	if (r->query.len) {
		buf_add_char(&b, '?');
		buf_add(&b, r->query);
	}
	return buf_slice(&b);
}

static bool readable_type(struct slice type)
{
	static const char *const known[] = {"application/x-www-form-urlencoded", "application/json", "text/json", "text/xml",
					    "application/xml", "text/plain", "application/octet-stream"};
	struct slice base = type_base(type);

	if (slice_ends(base, S("+json")) || slice_ends(base, S("+xml")))
		return true;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		if (slice_equal_ignoring_case(base, slice_of(known[i])))
			return true;
	}
	return false;
}

static void hooks_serve(struct conn *c)
{
	int64_t now = clock_wall().ms;
	struct slice type = request_header(c->request, "content-type");

	if (c->account->channel->able.push) { /* the web chat has no provider */
		answer_plain(c, 404, "There is no such hook.\n");
		return;
	}
	if (c->length && type.len && !readable_type(type)) {
		refuse_note(c->server, c, "content type");
		answer_plain(c, 415, "This content type is not read here.\n");
		return;
	}
	c->request->url = public_url(c);
	if (verified(c, now))
		take(c, now);
}

/* ---- out again ---------------------------------------------------------------------------------------------------- */

/* The answer is lost on the way out: the engine sends the replies that were to ride on it by themselves. */
static void note_inline_lost(struct server *s, const struct event *of)
{
	struct event *e;

	if (of->kind != EVENT_MESSAGE)
		return;
	s->counters.inline_lost++;
	e = event_open(EVENT_SEEN);
	e->channel = of->channel;
	e->rid = arena_copy(e->arena, of->rid);
	e->seen.inline_lost = true;
	e->seen.up_to = of->id;
	if (of->channel >= 0 && (size_t)of->channel < s->view.config->n_accounts)
		e->seen.contact = contact_hash(s, &s->view.config->accounts[of->channel], of->message.from);
	queue_put_always(s->queue, e);
}

static void hooks_released(struct conn *c, struct release *r)
{
	struct slice texts[STEP_MAX_REPLIES * 4];
	struct release **end = &c->held;
	size_t n = 0;

	while (*end)
		end = &(*end)->next;
	r->next = NULL;
	*end = r;
	if (r->ack != ACK_DONE && c->worst != ACK_AGAIN)
		c->worst = r->ack;
	if (--c->waits_for > 0)
		return;
	for (r = c->held; r; r = r->next) {
		for (size_t i = 0; i < r->n_texts && n < sizeof texts / sizeof *texts; i++)
			texts[n++] = r->texts[i];
	}
	acknowledge(c, c->worst, c->worst == ACK_DONE ? texts : NULL, c->worst == ACK_DONE ? n : 0, c->held->event->arena);
}

static void hooks_gone(struct conn *c)
{
	for (struct release *r = c->held; r; r = r->next) {
		if (r->n_texts && r->ack == ACK_DONE)
			note_inline_lost(c->server, r->event);
	}
}

/* A release whose connection is gone altogether. */
void hooks_orphan(struct server *s, const struct release *r)
{
	if (r->n_texts && r->ack == ACK_DONE)
		note_inline_lost(s, r->event);
}

static void hooks_late(struct conn *c)
{
	if (!c->arena)
		c->arena = arena_open(REQUEST_ARENA_BYTES);
	acknowledge_again(c, c->arena);
}

const struct room hooks_room = {
	.path = "/hooks/", .below = true, .methods = METHOD_GET | METHOD_POST, .body = BODY_WHOLE, .serve = hooks_serve,
	.released = hooks_released, .late = hooks_late, .gone = hooks_gone,
};

/*
 * The citizens of `make bench-grown`, their events, and the house they write to: the real engine and a real store, without a
 * door. Citizens have numbers, 0 … n - 1; the number says their address, when they first wrote (first + number * step) and
 * what became of it: of ten, seven had a case that is closed and rated, two are besides in the middle of another report,
 * one has an open case. Fatal: everything that is not as it must be.
 */
#ifndef CROWD_H
#define CROWD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine.h"

#define CLAIM_ROOM    256
#define NUMBERS_A_DAY 1000000

/* A whole report; then the case has a number. */
static const char *const script[] = {"投诉", "1", "解放路12号", "昨天", "楼上漏水，没人管。", "0", "修好水管", "跳过", "1"};
#define SCRIPT_LINES ((int)(sizeof script / sizeof *script))

struct house {
	struct arena *arena, *line; /* line: of what is made one by one */
	struct config *config;
	struct key key;
	struct store *store;
	struct queue *queue;
	struct engine *engine;
	int sms;
	int64_t n, first, step, active;
	struct outbox_row claimed[CLAIM_ROOM]; /* texts are not kept */
	size_t n_claimed;
	int64_t silent; /* messages without an answer: a line of a story that an earlier run has begun */
};

static inline _Noreturn void fail(const char *what, struct slice why)
{
	fprintf(stderr, "grown: %s" SLICE_FMT "\n", what, SLICE_ARG(why));
	exit(1);
}

static inline int64_t number_arg(const char *text)
{
	int64_t n = 0;

	if (!slice_to_int(slice_of(text), &n))
		fail("not a number: ", slice_of(text));
	return n;
}

/* ---- citizens ------------------------------------------------------------------------------------------------- */

/* They come in tens: seven whose case is closed (A), two who are in the middle of another report as well (B), one whose case
   is open (C). Of more than a hundred thousand it is one ten in twenty that has its two B, the others have nine A: what
   nobody goes on with is filed after a day, so among all who wrote within four weeks few are in the middle of anything. */
static inline int64_t tens_with_b(int64_t n)
{
	return n > 100000 ? 20 : 1;
}

static inline char kind_of(int64_t i, int64_t n)
{
	int64_t of_ten = i % 10;

	if (of_ten == 9)
		return 'C';
	return of_ten < 7 || i / 10 % tens_with_b(n) ? 'A' : 'B';
}

static inline struct slice address_of(struct arena *a, int64_t i)
{
	return arena_printf(a, "+86138%08lld", (long long)i);
}

/* Cases are numbered by the local day they came in. */
static inline struct slice case_of(const struct house *h, struct arena *a, int64_t i)
{
	int64_t at = h->first + i * h->step, midnight, before;
	struct civil c = wall_civil(at, h->config->zone);

	c.hour = c.minute = c.second = 0;
	midnight = civil_wall(c, h->config->zone);
	before = midnight > h->first ? (midnight - h->first + h->step - 1) / h->step : 0;
	if (i - before + 1 >= NUMBERS_A_DAY)
		fail("more cases a day than numbers: fewer citizens, please", S(""));
	return case_number_make(a, at, h->config->zone, i - before + 1);
}

/* ---- events --------------------------------------------------------------------------------------------------- */

static inline struct event *event_of(struct house *h, enum event_kind kind)
{
	struct event *e = event_open(kind);

	e->at = clock_wall().ms;
	e->id = queue_id(h->queue);
	e->channel = h->sms;
	e->rid = arena_printf(e->arena, "%016llx", (unsigned long long)e->id * UINT64_C(0x9E3779B97F4A7C15));
	e->ticket = (struct ticket){0, 1};
	return e;
}

static inline struct event *text_event(struct house *h, struct slice from, const char *text)
{
	struct event *e = event_of(h, EVENT_MESSAGE);

	e->message.from = arena_copy(e->arena, from);
	e->message.to = S("+15005550006");
	e->message.id = arena_printf(e->arena, "SM%032llx", (unsigned long long)e->id);
	e->message.text = arena_copy(e->arena, slice_of(text));
	return e;
}

static inline struct event *staff_event(struct house *h, struct slice number, const char *verb, const char *name, const char *value)
{
	struct event *e = event_of(h, EVENT_STAFF);

	e->channel = -1;
	e->staff.actor = S("api:office");
	e->staff.verb = slice_of(verb);
	e->staff.case_number = arena_copy(e->arena, number);
	e->staff.args[0].name = slice_of(name);
	e->staff.args[0].value = slice_of(value);
	e->staff.n_args = name ? 1 : 0;
	return e;
}

static inline struct slice provider_of(struct arena *a, int64_t outbox)
{
	return arena_printf(a, "SM%032llx", (unsigned long long)outbox);
}

static inline struct event *sent_event(struct house *h, const struct outbox_row *row)
{
	struct event *e = event_of(h, EVENT_SENT);

	e->sent = (struct sent){.outbox = row->m.id,
				.fence = row->fence,
				.started_at = e->at,
				.ended_at = e->at,
				.http_status = 201,
				.attempted = true};
	e->sent.outcome = (struct outcome){.what = OUTCOME_SENT, .provider_id = provider_of(e->arena, row->m.id)};
	return e;
}

static inline struct event *receipt_event(struct house *h, int64_t outbox)
{
	struct event *e = event_of(h, EVENT_RECEIPT);

	e->receipt = (struct receipt){.provider_id = provider_of(e->arena, outbox), .state = DELIVERY_DELIVERED, .at = e->at};
	return e;
}

/* Every event was taken, a command with 200. Returns a case number that was told, or nothing. */
static inline struct slice take(struct house *h, struct release *list, struct arena *a)
{
	struct slice number = {0};

	for (struct release *next; list; list = next) {
		struct event *e = list->event;

		next = list->next;
		if (list->ack != ACK_DONE || list->first_event || (e->kind == EVENT_STAFF && list->status != 200))
			fail("an event was not taken as it should be: ",
			     arena_printf(a, "kind %d, acknowledged %d, %zu texts; " SLICE_FMT SLICE_FMT, (int)e->kind,
					  (int)list->ack, list->n_texts, SLICE_ARG(list->body),
					  SLICE_ARG(e->kind == EVENT_MESSAGE ? e->message.text : S(""))));
		h->silent += e->kind == EVENT_MESSAGE && !list->n_texts;
		for (size_t i = 0; i < list->n_texts; i++)
			if (case_number_find(a, list->texts[i], &number, 1))
				number = arena_copy(a, number);
		event_close(&e);
	}
	return number;
}

/* ---- the courier, and the house --------------------------------------------------------------------------------- */

static inline size_t room(void *with, size_t *media_room)
{
	*media_room = 0;
	return CLAIM_ROOM - ((struct house *)with)->n_claimed;
}

static inline void give(void *with, const struct outbox_row *rows, size_t n, const struct media_row *media, size_t n_media)
{
	struct house *h = with;

	(void)media, (void)n_media;
	memcpy(h->claimed + h->n_claimed, rows, n * sizeof *rows);
	h->n_claimed += n;
}

static inline void open_config(struct house *h, const char *path)
{
	struct slice why = {0};
	struct diags d;

	h->arena = arena_open(0);
	h->line = arena_open(0);
	d = diags_in(h->arena);
	h->config = config_load(path, &d);
	if (!h->config) {
		struct buf out = buf_in(h->arena, 100000);

		diags_print(&d, &out, false);
		fail("", buf_slice(&out));
	}
	if (!config_store_key(h->config, &h->key, &why, h->arena))
		fail("", why);
	h->sms = config_account(h->config, S("sms"))->index;
}

static inline void open_store(struct house *h)
{
	struct slice why = {0};
	struct store_options o = {.key = h->key, .create = true, .gateway = h->config->gateway};
	struct engine_options eo = {.config = h->config, .key = &h->key, .room = room, .give = give, .with = h};

	h->store = store_open_with(h->config->store, &o, h->arena, &why);
	if (!h->store)
		fail("", why);
	h->queue = queue_open(64, h->config->gateway);
	eo.store = h->store;
	eo.queue = h->queue;
	h->engine = engine_open(&eo);
}

static inline void close_house(struct house *h)
{
	if (h->store) {
		engine_close(&h->engine);
		queue_close(&h->queue);
		h->store->kind->close(h->store);
	}
	config_release(&h->config);
	arena_close(&h->line);
	arena_close(&h->arena);
}

#endif

/*
 * Finding and changing the rows of a batch. A person's rows are loaded once and changed in place, so that the second
 * event of one batch sees what the first one did; each changed row is written once.
 */
#include "engine/batch.h"

#include <stdio.h>
#include <string.h>

struct slice keep(struct batch *b, struct slice s)
{
	return arena_copy(b->arena, s);
}

void person_changed(struct batch *b, struct person *p)
{
	if (p->contact->changed)
		return;
	p->contact->changed = true;
	LIST_ADD(&b->changes, contacts, p->contact);
}

void case_changed(struct batch *b, struct case_row *c)
{
	if (c->changed)
		return;
	c->changed = true;
	LIST_ADD(&b->changes, cases, c);
}

void survey_changed(struct batch *b, struct survey *s)
{
	for (size_t i = 0; i < b->changes.surveys.n; i++)
		if (b->changes.surveys.list[i] == s)
			return;
	s->changed = true;
	LIST_ADD(&b->changes, surveys, s);
}

void outbox_changed(struct batch *b, struct outbox_row *r)
{
	if (r->changed)
		return;
	r->changed = true;
	LIST_ADD(&b->changes, outbox, r);
}

static struct case_row *case_note(struct batch *b, struct case_row *c)
{
	for (size_t i = 0; i < b->n_cases; i++)
		if (slice_equal(b->cases[i]->number, c->number))
			return b->cases[i];
	if (b->n_cases < sizeof b->cases / sizeof *b->cases)
		b->cases[b->n_cases++] = c;
	return c;
}

static struct person *person_add(struct batch *b, struct contact *contact, const struct want *w)
{
	struct person *p = ARENA_NEW(b->arena, struct person);
	enum { MORE = 8 }; /* cases and surveys this batch may add */

	p->contact = contact;
	p->row = w ? w->session : NULL;
	p->cases = ARENA_ARRAY(b->arena, struct case_row *, (w ? w->n_open_cases : 0) + MORE * BATCH_MAX / 8);
	for (size_t i = 0; w && i < w->n_open_cases; i++)
		p->cases[p->n_cases++] = case_note(b, w->open_cases[i]);
	p->surveys = ARENA_ARRAY(b->arena, struct survey *, (w ? w->n_surveys : 0) + MORE);
	for (size_t i = 0; w && i < w->n_surveys; i++)
		p->surveys[p->n_surveys++] = w->surveys[i];
	if (b->n_persons == sizeof b->persons / sizeof *b->persons)
		panic("engine: a batch holds more people than it can");
	b->persons[b->n_persons++] = p;
	return p;
}

static struct person *person_known(struct batch *b, const struct contact *c, const struct hash16 *hash)
{
	for (size_t i = 0; i < b->n_persons; i++) {
		struct person *p = b->persons[i];
		if (c ? p->contact == c || p->contact->id == c->id : memcmp(&p->contact->hash, hash, sizeof *hash) == 0)
			return p;
	}
	return NULL;
}

struct person *person_of(struct batch *b, struct turn *t)
{
	struct want *w = t->want;
	struct person *p;
	struct contact *c;

	if (t->p)
		return t->p;
	p = person_known(b, w->contact, &w->hash);
	if (!p && w->contact)
		p = person_add(b, w->contact, w);
	if (!p) {
		c = ARENA_NEW(b->arena, struct contact);
		c->id = engine_new_contact_id(b->engine, &w->hash);
		c->hash = w->hash;
		c->channel = t->account->name;
		c->address = keep(b, t->e->message.from);
		c->created_at = b->now;
		c->fresh = c->changed = true;
		LIST_ADD(&b->changes, contacts, c);
		p = person_add(b, c, NULL);
	}
	if (!p->contact->address.len && t->e->kind == EVENT_MESSAGE)
		p->contact->address = keep(b, t->e->message.from); /* found by its keyed name: the seal stays closed */
	t->p = p;
	return p;
}

struct person *person_by_id(struct batch *b, int64_t contact)
{
	struct want *w;
	struct snapshot snap;

	for (size_t i = 0; i < b->n_persons; i++)
		if (b->persons[i]->contact->id == contact)
			return b->persons[i];
	for (size_t i = 0; i < b->n; i++)
		if (b->snap.wants[i].contact && b->snap.wants[i].contact->id == contact)
			return person_add(b, b->snap.wants[i].contact, &b->snap.wants[i]);
	w = ARENA_NEW(b->arena, struct want);
	w->contact_id = contact;
	snap = (struct snapshot){.arena = b->arena, .wants = w, .n = 1, .day = b->snap.day, .more = true};
	if (engine_load(b->engine, &snap) != OK || !w->contact)
		return NULL;
	return person_add(b, w->contact, w);
}

struct case_row *case_by_number(struct batch *b, struct slice number)
{
	struct want *w;
	struct snapshot snap;

	for (size_t i = 0; i < b->n_cases; i++)
		if (slice_equal(b->cases[i]->number, number))
			return b->cases[i];
	for (size_t i = 0; i < b->n; i++)
		for (size_t k = 0; k < b->snap.wants[i].n_numbers; k++)
			if (b->snap.wants[i].cases[k] && slice_equal(b->snap.wants[i].numbers[k], number))
				return case_note(b, b->snap.wants[i].cases[k]);
	w = ARENA_NEW(b->arena, struct want);
	w->numbers[w->n_numbers++] = number;
	snap = (struct snapshot){.arena = b->arena, .wants = w, .n = 1, .day = b->snap.day, .more = true};
	if (engine_load(b->engine, &snap) != OK || !w->cases[0])
		return NULL;
	return case_note(b, w->cases[0]);
}

bool person_session(struct batch *b, struct person *p)
{
	if (p->session)
		return true;
	if (!p->row || p->row->gone || p->session_tried)
		return false;
	p->session_tried = true;
	p->session = ARENA_NEW(b->arena, struct session);
	if (session_unpack(p->row->data, b->arena, p->session) && !p->session->ended)
		p->flow = engine_flow(b->engine, b->config, p->row->flow, p->row->revision);
	if (p->flow) {
		p->session->contact = p->contact->id;
		return true;
	}
	/* Damaged, or its flow cannot be compiled any more: it ends here, and what was written starts afresh. */
	log_line(LOG_WARN_, "engine", "a session could not be resumed and was ended", "flow", arena_cstr(b->arena, p->row->flow),
		 "revision", arena_cstr(b->arena, p->row->revision), NULL);
	p->session->ended = true;
	session_save(b, p, 0);
	return false;
}

void session_save(struct batch *b, struct person *p, int64_t due_at)
{
	struct session_row *row = p->row;

	if (!p->session || (p->session->ended && !row)) {
		p->session = NULL;
		return;
	}
	if (!row) {
		row = p->row = ARENA_NEW(b->arena, struct session_row);
		row->contact = p->contact->id;
		row->fresh = true;
	}
	if (row->gone && !p->session->ended)
		row->gone = false;
	if (!row->changed) {
		row->changed = true;
		LIST_ADD(&b->changes, sessions, row);
	}
	row->flow = p->session->flow;
	row->revision = p->session->revision;
	if (p->session->ended) {
		row->gone = true;
		p->session = NULL;
		p->flow = NULL;
		timer_set(b, p->contact->id, TIMER_SESSION, S(""), 0);
		return;
	}
	row->data = session_pack(p->session, b->arena);
	if (due_at)
		timer_set(b, p->contact->id, TIMER_SESSION, S(""), due_at);
}

void timer_set(struct batch *b, int64_t contact, enum timer_kind kind, struct slice ref, int64_t due_at)
{
	struct timer t = {contact, kind, ref, due_at};

	/* The last word of a batch counts. */
	for (size_t i = 0; i < b->changes.timers_put.n; i++) {
		struct timer *old = &b->changes.timers_put.list[i];
		if (old->contact == contact && old->kind == kind && slice_equal(old->ref, ref)) {
			*old = b->changes.timers_put.list[--b->changes.timers_put.n];
			break;
		}
	}
	if (due_at)
		LIST_ADD(&b->changes, timers_put, t);
	else
		LIST_ADD(&b->changes, timers_gone, t);
}

const struct account *account_of(struct batch *b, const struct person *p)
{
	return config_account(b->config, p->contact->channel);
}

/* ---- what a text may mention -------------------------------------------------------------------------------------- */

static bool office_open(const struct config *c, int64_t now)
{
	struct civil t = wall_civil(now, c->zone);
	int minute = t.hour * 60 + t.minute;

	return t.weekday != 0 && t.weekday != 6 && minute >= c->open_from && minute < c->open_to;
}

void context_put(struct batch *b, struct context *c, const char *name, struct slice value)
{
	struct field *f = (struct field *)(uintptr_t)c->extra;

	if (!f)
		c->extra = f = ARENA_ARRAY(b->arena, struct field, CONTEXT_EXTRA_MAX);
	for (size_t i = 0; i < c->n_extra; i++)
		if (slice_is(f[i].name, name)) {
			f[i].value = value;
			return;
		}
	if (c->n_extra < CONTEXT_EXTRA_MAX)
		f[c->n_extra++] = (struct field){slice_of(name), value};
}

static void make_candidates(struct batch *b)
{
	uint64_t random;

	if (b->next_number.len)
		return;
	secret_random(&random, sizeof random);
	b->next_number = case_number_make(b->arena, b->now, b->config->zone, b->snap.next_sequence);
	b->next_code = case_code_make(b->arena, random);
}

void context_fill(struct batch *b, const struct person *p, const struct account *acc, struct context *c)
{
	const struct window *w = NULL;
	bool zh;

	*c = (struct context){.now = b->now, .zone = b->config->zone};
	c->lang = p->contact->lang.len ? p->contact->lang : b->config->lang;
	c->channel = p->contact->channel;
	if (acc) {
		c->sms = acc->channel->able.sms;
		c->buttons = acc->channel->able.buttons;
	}
	zh = slice_is(c->lang, "zh");
	c->open = office_open(b->config, b->now);
	if (p->session)
		c->window = p->session->window;
	if (c->window.len)
		w = config_window(b->config, c->window);
	c->unit = w ? w->unit : (struct slice){0};
	make_candidates(b);
	c->next_number = p->session && p->session->draft_case.len ? p->session->draft_case : b->next_number;
	c->next_code = b->next_code;
	if (p->n_cases) {
		struct case_brief *brief = ARENA_ARRAY(b->arena, struct case_brief, p->n_cases);
		for (size_t i = 0; i < p->n_cases; i++)
			brief[i] = (struct case_brief){p->cases[i]->number, p->cases[i]->category,
						       slice_of(case_status_name(p->cases[i]->status))};
		c->cases = brief;
		c->n_cases = p->n_cases;
	}
	context_put(b, c, "office", zh ? b->config->office_zh : b->config->office_en);
	context_put(b, c, "phone", b->config->phone);
	if (w)
		context_put(b, c, "window_name", zh ? w->label_zh : w->label_en);
}

struct slice context_day(struct batch *b, const struct context *c, int64_t at)
{
	struct civil t = wall_civil(at, b->config->zone);

	return slice_is(c->lang, "zh") ? arena_printf(b->arena, "%d年%d月%d日", t.year, t.month, t.day)
				       : arena_printf(b->arena, "%04d-%02d-%02d", t.year, t.month, t.day);
}

void context_case(struct batch *b, struct context *c, const struct case_row *row)
{
	struct arena *a = b->arena;
	char key[64];

	c->case_number = row->number;
	snprintf(key, sizeof key, "status.%s", case_status_name(row->status));
	context_put(b, c, "due", row->due_at ? context_day(b, c, row->due_at - 1) : (struct slice){0});
	context_put(b, c, "unit", row->unit);
	context_put(b, c, "handler", row->handler);
	context_put(b, c, "route", row->route);
	context_put(b, c, "reason", row->reason);
	context_put(b, c, "result", row->result);
	context_put(b, c, "status", flow_text(b->config->flows, a, slice_of(key), c));
}

struct media_row *media_by_id(struct batch *b, int64_t id)
{
	struct want *w;
	struct snapshot snap;

	for (size_t i = 0; i < b->changes.media.n; i++)
		if (b->changes.media.list[i]->id == id)
			return b->changes.media.list[i];
	for (size_t i = 0; i < b->n; i++)
		if (b->snap.wants[i].media && b->snap.wants[i].media->id == id)
			return b->snap.wants[i].media;
	w = ARENA_NEW(b->arena, struct want);
	w->media_id = id;
	snap = (struct snapshot){.arena = b->arena, .wants = w, .n = 1, .day = b->snap.day, .more = true};
	return engine_load(b->engine, &snap) == OK ? w->media : NULL;
}

void media_changed(struct batch *b, struct media_row *m)
{
	if (m->changed)
		return;
	m->changed = true;
	LIST_ADD(&b->changes, media, m);
}

void code_set(struct batch *b, struct case_row *row, struct slice code)
{
	struct slice parts[3] = {S("code"), row->number, code};

	row->code = secret_hash16(engine_key(b->engine), parts, 3);
}

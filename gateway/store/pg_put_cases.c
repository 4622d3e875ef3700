/*
 * Cases with their events and surveys, media, handovers, and the sources of flows: what apply writes of them. Nothing here
 * is fatal.
 */
#include "store/pg_put.h"

void pg_put_revisions(struct pg_store *s, struct changes *c)
{
	size_t n = c->revisions.n;
	TEXTS(flows, n), *revisions = ARENA_ARRAY(c->arena, struct slice, n + 1), *sources;

	sources = ARENA_ARRAY(c->arena, struct slice, n + 1);
	for (size_t i = 0; i < n; i++) {
		flows[i] = c->revisions.list[i].flow;
		revisions[i] = c->revisions.list[i].revision;
		sources[i] = c->revisions.list[i].source;
	}
	if (n)
		pg_add(s->q, PG_REVISION_ADD, "SSS", flows, n, revisions, n, sources, n);
}

/* ---- cases -------------------------------------------------------------------------------------------------------- */

static void put_cases(struct pg_store *s, struct changes *c, bool fresh)
{
	enum { T_CHANNEL, T_LANG, T_STATUS, T_PURPOSE, T_FLOW, T_CATEGORY, T_PLACE, T_UNIT, T_WINDOW, T_TEXT, T_FIELDS,
	       T_HANDLER, T_ROUTE, T_REASON, T_RESULT, T_CLOCK, T_ALL };
	size_t most = c->cases.n, n = 0;
	TEXTS(numbers, most), *t[T_ALL];
	INTS(contacts, most), *created, *updated, *due, *versions;
	WORDS(shards, most), *open, *confidential, *muted, *rating, *refs;
	HASHES(codes, most);

	for (int i = 0; i < T_ALL; i++)
		t[i] = ARENA_ARRAY(c->arena, struct slice, most + 1);
	created = ARENA_ARRAY(c->arena, int64_t, most + 1);
	updated = ARENA_ARRAY(c->arena, int64_t, most + 1);
	due = ARENA_ARRAY(c->arena, int64_t, most + 1);
	versions = ARENA_ARRAY(c->arena, int64_t, most + 1);
	open = ARENA_ARRAY(c->arena, int, most + 1);
	confidential = ARENA_ARRAY(c->arena, int, most + 1);
	muted = ARENA_ARRAY(c->arena, int, most + 1);
	rating = ARENA_ARRAY(c->arena, int, most + 1);
	refs = ARENA_ARRAY(c->arena, int, most + 1);
	for (size_t i = 0; i < most; i++) {
		const struct case_row *k = c->cases.list[i];

		if (k->fresh != fresh)
			continue;
		shards[n] = store_shard_of_id(k->contact);
		refs[n] = pg_shard_of_case(k->number);
		numbers[n] = k->number;
		contacts[n] = k->contact;
		t[T_CHANNEL][n] = k->channel;
		t[T_LANG][n] = k->lang;
		t[T_STATUS][n] = slice_of(case_status_name(k->status));
		open[n] = case_status_open(k->status);
		t[T_PURPOSE][n] = k->purpose;
		confidential[n] = k->confidential;
		t[T_FLOW][n] = k->flow;
		t[T_CATEGORY][n] = k->category;
		t[T_PLACE][n] = k->place;
		t[T_UNIT][n] = k->unit;
		t[T_WINDOW][n] = k->window;
		t[T_TEXT][n] = k->text;
		t[T_FIELDS][n] = k->fields;
		codes[n] = k->code;
		t[T_HANDLER][n] = k->handler;
		t[T_ROUTE][n] = k->route;
		t[T_REASON][n] = k->reason;
		t[T_RESULT][n] = k->result;
		created[n] = k->created_at;
		updated[n] = k->updated_at;
		due[n] = k->due_at;
		t[T_CLOCK][n] = k->clock;
		versions[n] = k->version;
		muted[n] = k->muted;
		rating[n++] = k->rating;
	}
	if (!n)
		return;
	pg_add(s->q, fresh ? PG_CASE_ADD : PG_CASE_PUT, "WSISSSWSWSSSSSSSHSSSSIIISIWWi", shards, n, numbers, n, contacts, n,
	       t[T_CHANNEL], n, t[T_LANG], n, t[T_STATUS], n, open, n, t[T_PURPOSE], n, confidential, n, t[T_FLOW], n,
	       t[T_CATEGORY], n, t[T_PLACE], n, t[T_UNIT], n, t[T_WINDOW], n, t[T_TEXT], n, t[T_FIELDS], n, codes, n,
	       t[T_HANDLER], n, t[T_ROUTE], n, t[T_REASON], n, t[T_RESULT], n, created, n, updated, n, due, n, t[T_CLOCK], n,
	       versions, n, muted, n, rating, n, (int64_t)n);
	if (fresh)
		pg_add(s->q, PG_CASE_REF_ADD, "WSWI", refs, n, numbers, n, shards, n, contacts, n);
}

/* Whose case it is: one of this batch's, or one that was loaded for it. */
static int64_t owner_of(const struct pg_store *s, const struct changes *c, struct slice number)
{
	for (size_t i = 0; i < c->cases.n; i++)
		if (slice_equal(c->cases.list[i]->number, number))
			return c->cases.list[i]->contact;
	for (size_t i = 0; s->batch && i < s->batch->cases.n; i++)
		if (slice_equal(s->batch->cases.list[i].number, number))
			return s->batch->cases.list[i].contact;
	return 0;
}

static void add_case_events(struct pg_store *s, struct changes *c)
{
	size_t n = c->case_events.n;
	TEXTS(numbers, n), *actors, *verbs, *details;
	INTS(at, n), *events = ARENA_ARRAY(c->arena, int64_t, n + 1);
	WORDS(shards, n);

	actors = ARENA_ARRAY(c->arena, struct slice, n + 1);
	verbs = ARENA_ARRAY(c->arena, struct slice, n + 1);
	details = ARENA_ARRAY(c->arena, struct slice, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct case_event *e = &c->case_events.list[i];

		numbers[i] = e->number;
		shards[i] = store_shard_of_id(owner_of(s, c, e->number));
		at[i] = e->at;
		events[i] = e->event;
		actors[i] = e->actor;
		verbs[i] = e->verb;
		details[i] = e->detail;
	}
	if (n)
		pg_add(s->q, PG_CASE_EVENT_ADD, "WSIISSSi", shards, n, numbers, n, at, n, events, n, actors, n, verbs, n,
		       details, n, (int64_t)n);
}

static void put_surveys(struct pg_store *s, struct changes *c)
{
	size_t n = c->surveys.n;
	TEXTS(numbers, n), *comments = ARENA_ARRAY(c->arena, struct slice, n + 1);
	INTS(contacts, n), *asked, *until;
	WORDS(shards, n), *states, *ratings, *tries, *reminded;

	asked = ARENA_ARRAY(c->arena, int64_t, n + 1);
	until = ARENA_ARRAY(c->arena, int64_t, n + 1);
	states = ARENA_ARRAY(c->arena, int, n + 1);
	ratings = ARENA_ARRAY(c->arena, int, n + 1);
	tries = ARENA_ARRAY(c->arena, int, n + 1);
	reminded = ARENA_ARRAY(c->arena, int, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct survey *v = c->surveys.list[i];

		shards[i] = store_shard_of_id(v->contact);
		numbers[i] = v->number;
		contacts[i] = v->contact;
		states[i] = (int)v->state;
		ratings[i] = v->rating;
		comments[i] = v->comment;
		tries[i] = v->tries;
		asked[i] = v->asked_at;
		until[i] = v->until_at;
		reminded[i] = v->reminded;
	}
	if (n)
		pg_add(s->q, PG_SURVEY_PUT, "WSIWWSDIIW", shards, n, numbers, n, contacts, n, states, n, ratings, n, comments,
		       n, tries, n, asked, n, until, n, reminded, n);
}

static void put_media(struct pg_store *s, struct changes *c)
{
	enum { T_CHANNEL, T_URL, T_TYPE, T_NAME, T_CASE, T_PATH, T_SHA, T_WHY, T_ALL };
	size_t n = c->media.n;
	INTS(ids, n), *contacts, *messages, *sizes, *next;
	WORDS(shards, n), *attempts = ARENA_ARRAY(c->arena, int, n + 1), *states;
	struct slice *t[T_ALL];

	for (int i = 0; i < T_ALL; i++)
		t[i] = ARENA_ARRAY(c->arena, struct slice, n + 1);
	contacts = ARENA_ARRAY(c->arena, int64_t, n + 1);
	messages = ARENA_ARRAY(c->arena, int64_t, n + 1);
	sizes = ARENA_ARRAY(c->arena, int64_t, n + 1);
	next = ARENA_ARRAY(c->arena, int64_t, n + 1);
	states = ARENA_ARRAY(c->arena, int, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct media_row *m = c->media.list[i];

		shards[i] = store_shard_of_id(m->id);
		ids[i] = m->id;
		contacts[i] = m->contact;
		messages[i] = m->message;
		t[T_CHANNEL][i] = m->channel;
		t[T_URL][i] = m->url;
		t[T_TYPE][i] = m->type;
		t[T_NAME][i] = m->name;
		t[T_CASE][i] = m->case_number;
		t[T_PATH][i] = m->path;
		t[T_SHA][i] = m->sha256;
		t[T_WHY][i] = m->why;
		sizes[i] = m->size;
		attempts[i] = m->attempts;
		next[i] = pg_there(s, m->next_at);
		states[i] = (int)m->state;
	}
	if (n)
		pg_add(s->q, PG_MEDIA_PUT, "WIIISSSSSSSSIDIW", shards, n, ids, n, contacts, n, messages, n, t[T_CHANNEL], n,
		       t[T_URL], n, t[T_TYPE], n, t[T_NAME], n, t[T_CASE], n, t[T_PATH], n, t[T_SHA], n, t[T_WHY], n, sizes, n,
		       attempts, n, next, n, states, n);
}

static void add_handovers(struct pg_store *s, struct changes *c)
{
	size_t n = c->handovers.n;
	INTS(ids, n), *contacts = ARENA_ARRAY(c->arena, int64_t, n + 1), *at = ARENA_ARRAY(c->arena, int64_t, n + 1);
	TEXTS(reasons, n), *texts, *numbers;
	WORDS(shards, n), *urgent = ARENA_ARRAY(c->arena, int, n + 1);

	texts = ARENA_ARRAY(c->arena, struct slice, n + 1);
	numbers = ARENA_ARRAY(c->arena, struct slice, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct handover *h = &c->handovers.list[i];

		shards[i] = store_shard_of_id(h->contact);
		ids[i] = h->id;
		contacts[i] = h->contact;
		reasons[i] = h->reason;
		texts[i] = h->text;
		numbers[i] = h->case_number;
		urgent[i] = h->urgent;
		at[i] = h->at;
	}
	if (n)
		pg_add(s->q, PG_HANDOVER_ADD, "WIISSSWI", shards, n, ids, n, contacts, n, reasons, n, texts, n, numbers, n,
		       urgent, n, at, n);
}

void pg_put_cases(struct pg_store *s, struct changes *c)
{
	put_cases(s, c, true);
	put_cases(s, c, false);
	add_case_events(s, c);
	put_surveys(s, c);
	put_media(s, c);
	add_handovers(s, c);
}

/*
 * Apply: all that a batch decided, in the transaction that its load began, as one pipeline that ends with COMMIT. Each
 * table is one statement over arrays, sent only when there is something for it; so a batch costs the same number of
 * statements however large it is.
 *
 * What must hold is said inside the statements: rows that must be there are counted (a division by zero when one is
 * missing), keys that must be new are unique. Then the COMMIT behind is not run, and the answer is RETRY.
 *
 * When the connection breaks after the COMMIT was sent, nobody knows. That is never guessed: on a new connection the
 * batch's contacts are locked, which waits for the old transaction to end, and then it is looked for (resolve).
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "huiyin/clock.h"
#include "huiyin/crash.h"
#include "huiyin/log.h"
#include "store/pg_batch.h"

#define ANSWER_MS  1900 /* so long after its load began a batch has its answer */
#define RESOLVE_MS 200  /* and at least so long a lost answer is looked for */

/* ---- columns ------------------------------------------------------------------------------------------------------ */

#define INTS(name, n)   int64_t *name = ARENA_ARRAY(c->arena, int64_t, (n) + 1)
#define WORDS(name, n)  int *name = ARENA_ARRAY(c->arena, int, (n) + 1)
#define TEXTS(name, n)  struct slice *name = ARENA_ARRAY(c->arena, struct slice, (n) + 1)
#define HASHES(name, n) struct hash16 *name = ARENA_ARRAY(c->arena, struct hash16, (n) + 1)

static struct slice or_dash(struct slice s)
{
	return s.len ? s : S("-");
}

/* ---- people ------------------------------------------------------------------------------------------------------- */

static void add_contacts(struct pg_store *s, struct changes *c)
{
	size_t most = c->contacts.n, n = 0;
	INTS(ids, most), *created = ARENA_ARRAY(c->arena, int64_t, most + 1), *greeted, *flood_from;
	WORDS(shards, most), *chosen, *optout, *gone, *flood, *cases, *surveys;
	TEXTS(channels, most), *langs = ARENA_ARRAY(c->arena, struct slice, most + 1), *sealed;
	HASHES(hashes, most);

	greeted = ARENA_ARRAY(c->arena, int64_t, most + 1);
	flood_from = ARENA_ARRAY(c->arena, int64_t, most + 1);
	chosen = ARENA_ARRAY(c->arena, int, most + 1);
	optout = ARENA_ARRAY(c->arena, int, most + 1);
	gone = ARENA_ARRAY(c->arena, int, most + 1);
	flood = ARENA_ARRAY(c->arena, int, most + 1);
	cases = ARENA_ARRAY(c->arena, int, most + 1);
	surveys = ARENA_ARRAY(c->arena, int, most + 1);
	sealed = ARENA_ARRAY(c->arena, struct slice, most + 1);
	for (int fresh = 1; fresh >= 0; fresh--, n = 0) {
		for (size_t i = 0; i < most; i++) {
			const struct contact *p = c->contacts.list[i];

			if (p->fresh != fresh)
				continue;
			shards[n] = store_shard_of_id(p->id);
			ids[n] = p->id;
			channels[n] = p->channel;
			langs[n] = p->lang;
			chosen[n] = p->lang_chosen;
			optout[n] = (int)p->optout;
			gone[n] = p->unreachable;
			created[n] = p->created_at;
			greeted[n] = p->greeted_at;
			flood_from[n] = p->flood_from;
			flood[n] = p->flood_count;
			cases[n] = p->open_cases;
			surveys[n] = p->open_surveys;
			hashes[n] = p->hash;
			if (fresh)
				sealed[n] = secret_seal(c->arena, &s->key, p->address);
			n++;
		}
		if (!n)
			continue;
		if (fresh) {
			pg_add(s->q, PG_CONTACT_ADD, "WISSWWWIIIDDD", shards, n, ids, n, channels, n, langs, n, chosen, n,
			       optout, n, gone, n, created, n, greeted, n, flood_from, n, flood, n, cases, n, surveys, n);
			pg_add(s->q, PG_IDENTITY_ADD, "WIHB", shards, n, ids, n, hashes, n, sealed, n);
		} else {
			pg_add(s->q, PG_CONTACT_PUT, "WISWWWIIDDDi", shards, n, ids, n, langs, n, chosen, n, optout, n, gone,
			       n, greeted, n, flood_from, n, flood, n, cases, n, surveys, n, (int64_t)n);
		}
	}
}

static void add_revisions(struct pg_store *s, struct changes *c)
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

/* ---- sessions and timers ------------------------------------------------------------------------------------------ */

static bool of_session(const struct timer *t)
{
	return t->kind == TIMER_SESSION && !t->ref.len;
}

/* The timer of the same contact in this batch; both lists are mostly in the same order. */
static struct timer *timer_of(struct changes *c, int64_t contact, size_t *hint)
{
	for (size_t i = 0; i < c->timers_put.n; i++) {
		struct timer *t = &c->timers_put.list[(*hint + i) % c->timers_put.n];

		if (t->contact == contact && of_session(t)) {
			*hint = (*hint + i + 1) % c->timers_put.n;
			return t;
		}
	}
	return NULL;
}

/* due 0: the timer stays as it is. Sessions that end keep a row as long as their timer stands. */
static void put_sessions(struct pg_store *s, struct changes *c, bool *done)
{
	size_t most = c->sessions.n, n = 0, ended = 0, hint = 0;
	INTS(contacts, most), *due = ARENA_ARRAY(c->arena, int64_t, most + 1), *over;
	WORDS(shards, most), *over_shards;
	TEXTS(flows, most), *revisions, *data;

	over = ARENA_ARRAY(c->arena, int64_t, most + 1);
	over_shards = ARENA_ARRAY(c->arena, int, most + 1);
	revisions = ARENA_ARRAY(c->arena, struct slice, most + 1);
	data = ARENA_ARRAY(c->arena, struct slice, most + 1);
	for (size_t i = 0; i < most; i++) {
		const struct session_row *row = c->sessions.list[i];
		struct timer *t;

		if (row->gone) {
			over[ended] = row->contact;
			over_shards[ended++] = store_shard_of_id(row->contact);
			continue;
		}
		t = timer_of(c, row->contact, &hint);
		shards[n] = store_shard_of_id(row->contact);
		contacts[n] = row->contact;
		flows[n] = row->flow;
		revisions[n] = row->revision;
		data[n] = row->data;
		due[n++] = t ? pg_there(s, t->due_at) : 0;
		if (t)
			done[t - c->timers_put.list] = true;
	}
	if (n)
		pg_add(s->q, PG_SESSION_PUT, "WISSSI", shards, n, contacts, n, flows, n, revisions, n, data, n, due, n);
	if (ended)
		pg_add(s->q, PG_SESSION_END, "WI", over_shards, ended, over, ended);
}

static void put_timers(struct pg_store *s, struct changes *c, const struct timer *list, size_t most, const bool *done,
		       bool gone)
{
	size_t n = 0, n_session = 0;
	INTS(contacts, most), *due = ARENA_ARRAY(c->arena, int64_t, most + 1), *of, *of_due;
	WORDS(shards, most), *kinds = ARENA_ARRAY(c->arena, int, most + 1), *of_shards;
	TEXTS(refs, most);

	of = ARENA_ARRAY(c->arena, int64_t, most + 1);
	of_due = ARENA_ARRAY(c->arena, int64_t, most + 1);
	of_shards = ARENA_ARRAY(c->arena, int, most + 1);
	for (size_t i = most; i-- > 0;) { /* the last word on a timer counts, and a row may be put once only */
		const struct timer *t = &list[i];
		bool again = false;

		for (size_t k = i + 1; k < most && !again; k++)
			again = list[k].contact == t->contact && list[k].kind == t->kind && slice_equal(list[k].ref, t->ref);
		if (again || (done && done[i]))
			continue;
		if (of_session(t)) {
			of_shards[n_session] = store_shard_of_id(t->contact);
			of[n_session] = t->contact;
			of_due[n_session++] = pg_there(s, t->due_at);
			continue;
		}
		shards[n] = store_shard_of_id(t->contact);
		contacts[n] = t->contact;
		kinds[n] = (int)t->kind;
		refs[n] = or_dash(t->ref);
		due[n++] = pg_there(s, t->due_at);
	}
	if (gone) {
		if (n_session)
			pg_add(s->q, PG_SESSION_TIME_GONE, "WI", of_shards, n_session, of, n_session);
		if (n)
			pg_add(s->q, PG_TIMER_GONE, "WIDS", shards, n, contacts, n, kinds, n, refs, n);
		return;
	}
	if (n_session)
		pg_add(s->q, PG_SESSION_TIME, "WII", of_shards, n_session, of, n_session, of_due, n_session);
	if (n)
		pg_add(s->q, PG_TIMER_PUT, "WIDSI", shards, n, contacts, n, kinds, n, refs, n, due, n);
}

static void put_sessions_and_timers(struct pg_store *s, struct changes *c)
{
	bool *done = ARENA_ARRAY(c->arena, bool, c->timers_put.n + 1);

	if (c->timers_gone.n)
		put_timers(s, c, c->timers_gone.list, c->timers_gone.n, NULL, true);
	put_sessions(s, c, done);
	if (c->timers_put.n)
		put_timers(s, c, c->timers_put.list, c->timers_put.n, done, false);
	if (c->sessions.n || c->timers_gone.n) {
		size_t n = 0;
		INTS(contacts, c->sessions.n + c->timers_gone.n);
		WORDS(shards, c->sessions.n + c->timers_gone.n);

		for (size_t i = 0; i < c->sessions.n; i++)
			if (c->sessions.list[i]->gone)
				contacts[n++] = c->sessions.list[i]->contact;
		for (size_t i = 0; i < c->timers_gone.n; i++)
			if (of_session(&c->timers_gone.list[i]))
				contacts[n++] = c->timers_gone.list[i].contact;
		for (size_t i = 0; i < n; i++)
			shards[i] = store_shard_of_id(contacts[i]);
		if (n)
			pg_add(s->q, PG_SESSION_DROP, "WI", shards, n, contacts, n);
	}
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

/* ---- journal and outbox ------------------------------------------------------------------------------------------- */

static bool is_chat(const struct pg_store *s, struct slice channel)
{
	for (size_t i = 0; i < s->n_chat_channels; i++)
		if (slice_is(channel, s->chat_channels[i]))
			return true;
	return false;
}

/* A channel whose rows are never due is pushed by our own server; what is said there can be asked for by contact. */
static void note_chats(struct pg_store *s, struct changes *c)
{
	for (size_t i = 0; i < c->outbox.n; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		char *to;

		if (r->next_at != INT64_MAX || is_chat(s, r->channel) || s->n_chat_channels == PG_CHAT_CHANNELS_MAX ||
		    !r->channel.len || r->channel.len >= PG_CHANNEL_ROOM)
			continue;
		to = s->chat_channels[s->n_chat_channels++];
		memcpy(to, r->channel.data, r->channel.len);
		to[r->channel.len] = '\0';
		pg_add(s->q, PG_CHAT_CHANNEL_ADD, "t", r->channel);
	}
}

static void add_inbox(struct pg_store *s, struct changes *c)
{
	size_t n = c->inbox.n;
	INTS(ids, n), *at, *contacts, *sent;
	WORDS(shards, n), *kinds = ARENA_ARRAY(c->arena, int, n + 1), *chat = ARENA_ARRAY(c->arena, int, n + 1);
	TEXTS(channels, n), *providers, *texts, *rids, *fates;

	at = ARENA_ARRAY(c->arena, int64_t, n + 1);
	contacts = ARENA_ARRAY(c->arena, int64_t, n + 1);
	sent = ARENA_ARRAY(c->arena, int64_t, n + 1);
	providers = ARENA_ARRAY(c->arena, struct slice, n + 1);
	texts = ARENA_ARRAY(c->arena, struct slice, n + 1);
	rids = ARENA_ARRAY(c->arena, struct slice, n + 1);
	fates = ARENA_ARRAY(c->arena, struct slice, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct inbox_row *r = &c->inbox.list[i];

		shards[i] = store_shard_of_id(r->contact);
		ids[i] = r->id;
		at[i] = r->at;
		contacts[i] = r->contact;
		kinds[i] = (int)r->kind;
		channels[i] = r->channel;
		providers[i] = r->provider_id;
		texts[i] = r->text;
		rids[i] = r->rid;
		fates[i] = r->fate;
		sent[i] = r->sent_at;
		chat[i] = r->kind == EVENT_MESSAGE && is_chat(s, r->channel);
	}
	if (n)
		pg_add(s->q, PG_INBOX_ADD, "WIIIWSSSSSIW", shards, n, ids, n, at, n, contacts, n, kinds, n, channels, n,
		       providers, n, texts, n, rids, n, fates, n, sent, n, chat, n);
}

static void add_outbox(struct pg_store *s, struct changes *c)
{
	enum { W_STATE, W_LINE, W_CHAT, W_INLINE, W_LANE, W_ALL };
	enum { I_CAUSE, I_NEXT, I_LEASE, I_CREATED, I_ALL };
	enum { T_CHANNEL, T_FROM, T_TEXT, T_CASE, T_PROVIDER, T_CODE, T_RID, T_ALL };
	size_t most = c->outbox.n, n = 0;
	INTS(ids, most), *contacts = ARENA_ARRAY(c->arena, int64_t, most + 1), *v[I_ALL];
	WORDS(shards, most), *w[W_ALL], *part, *parts, *attempts;
	TEXTS(buttons, most), *t[T_ALL];

	for (int i = 0; i < W_ALL; i++)
		w[i] = ARENA_ARRAY(c->arena, int, most + 1);
	for (int i = 0; i < I_ALL; i++)
		v[i] = ARENA_ARRAY(c->arena, int64_t, most + 1);
	for (int i = 0; i < T_ALL; i++)
		t[i] = ARENA_ARRAY(c->arena, struct slice, most + 1);
	part = ARENA_ARRAY(c->arena, int, most + 1);
	parts = ARENA_ARRAY(c->arena, int, most + 1);
	attempts = ARENA_ARRAY(c->arena, int, most + 1);
	for (size_t i = 0; i < most; i++) {
		const struct outbox_row *r = c->outbox.list[i];

		if (!r->fresh)
			continue;
		shards[n] = store_shard_of_id(r->m.contact);
		ids[n] = r->m.id;
		contacts[n] = r->m.contact;
		t[T_CHANNEL][n] = r->channel;
		w[W_STATE][n] = (int)r->state;
		w[W_LINE][n] = outbox_waits(r->state); /* 1: behind, until the line is put in order; 0 here is none */
		w[W_CHAT][n] = is_chat(s, r->channel);
		w[W_INLINE][n] = r->inline_reply;
		w[W_LANE][n] = (int)r->m.lane;
		part[n] = r->m.part;
		parts[n] = r->m.parts;
		attempts[n] = r->m.attempts;
		v[I_CAUSE][n] = r->cause;
		v[I_NEXT][n] = pg_there(s, r->next_at);
		v[I_LEASE][n] = pg_there(s, r->lease_until);
		v[I_CREATED][n] = r->m.created_at;
		t[T_FROM][n] = r->m.from;
		t[T_TEXT][n] = r->m.text;
		buttons[n] = buttons_pack(c->arena, r->m.buttons, r->m.n_buttons);
		t[T_CASE][n] = r->m.case_number;
		t[T_PROVIDER][n] = r->provider_id;
		t[T_CODE][n] = r->code;
		t[T_RID][n++] = r->rid;
	}
	if (n)
		pg_add(s->q, PG_OUTBOX_ADD, "WIISWWWWWDDDIIIISSBSSSS", shards, n, ids, n, contacts, n, t[T_CHANNEL], n,
		       w[W_STATE], n, w[W_LINE], n, w[W_CHAT], n, w[W_INLINE], n, w[W_LANE], n, part, n, parts, n, attempts, n,
		       v[I_CAUSE], n, v[I_NEXT], n, v[I_LEASE], n, v[I_CREATED], n, t[T_FROM], n, t[T_TEXT], n, buttons, n,
		       t[T_CASE], n, t[T_PROVIDER], n, t[T_CODE], n, t[T_RID], n);
}

/* Forward only: what is stored is the later truth. */
static void put_outbox(struct pg_store *s, struct changes *c)
{
	size_t most = c->outbox.n, n = 0;
	INTS(ids, most), *next = ARENA_ARRAY(c->arena, int64_t, most + 1), *lease = ARENA_ARRAY(c->arena, int64_t, most + 1);
	WORDS(shards, most), *states, *waits, *inlined, *attempts, *masks;
	TEXTS(providers, most), *codes = ARENA_ARRAY(c->arena, struct slice, most + 1);

	states = ARENA_ARRAY(c->arena, int, most + 1);
	waits = ARENA_ARRAY(c->arena, int, most + 1);
	inlined = ARENA_ARRAY(c->arena, int, most + 1);
	attempts = ARENA_ARRAY(c->arena, int, most + 1);
	masks = ARENA_ARRAY(c->arena, int, most + 1);
	for (size_t i = 0; i < most; i++) {
		const struct outbox_row *r = c->outbox.list[i];

		if (r->fresh)
			continue;
		shards[n] = store_shard_of_id(r->m.contact);
		ids[n] = r->m.id;
		states[n] = (int)r->state;
		waits[n] = outbox_waits(r->state);
		inlined[n] = r->inline_reply;
		attempts[n] = r->m.attempts;
		next[n] = pg_there(s, r->next_at);
		lease[n] = pg_there(s, r->lease_until);
		providers[n] = r->provider_id;
		codes[n] = r->code;
		masks[n++] = (int)outbox_from_mask(r);
	}
	if (n)
		pg_add(s->q, PG_OUTBOX_PUT, "WIWWWDIISSDi", shards, n, ids, n, states, n, waits, n, inlined, n, attempts, n,
		       next, n, lease, n, providers, n, codes, n, masks, n, (int64_t)n);
}

/* Of each contact and channel that was touched the earliest waiting row is put at the head of its line. */
static void line_up(struct pg_store *s, struct changes *c)
{
	size_t most = c->outbox.n, n = 0;
	INTS(contacts, most);
	WORDS(shards, most);
	TEXTS(channels, most);

	for (size_t i = 0; i < most; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		bool there = r->fresh && !outbox_waits(r->state);

		for (size_t k = 0; k < n && !there; k++)
			there = contacts[k] == r->m.contact && slice_equal(channels[k], r->channel);
		if (there)
			continue;
		shards[n] = store_shard_of_id(r->m.contact);
		contacts[n] = r->m.contact;
		channels[n++] = r->channel;
	}
	if (n)
		pg_add(s->q, PG_LINE_UP, "WIS", shards, n, contacts, n, channels, n);
}

/* The provider's ids that became known, so that its receipts find the row. */
static void add_provider_refs(struct pg_store *s, struct changes *c)
{
	size_t most = c->outbox.n, n = 0;
	INTS(ids, most), *contacts = ARENA_ARRAY(c->arena, int64_t, most + 1);
	WORDS(shards, most), *owners = ARENA_ARRAY(c->arena, int, most + 1);
	TEXTS(channels, most), *providers = ARENA_ARRAY(c->arena, struct slice, most + 1);

	for (size_t i = 0; i < most; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		bool again = !r->provider_id.len;

		for (size_t k = 0; k < n && !again; k++)
			again = slice_equal(providers[k], r->provider_id) && slice_equal(channels[k], r->channel);
		if (again)
			continue;
		shards[n] = pg_shard_of_provider(r->channel, r->provider_id);
		channels[n] = r->channel;
		providers[n] = r->provider_id;
		owners[n] = store_shard_of_id(r->m.contact);
		contacts[n] = r->m.contact;
		ids[n++] = r->m.id;
	}
	if (n)
		pg_add(s->q, PG_PROVIDER_REF_PUT, "WSSWII", shards, n, channels, n, providers, n, owners, n, ids, n, contacts,
		       n);
}

static void add_attempts(struct pg_store *s, struct changes *c)
{
	size_t n = c->attempts.n;
	INTS(ids, n), *at = ARENA_ARRAY(c->arena, int64_t, n + 1), *took = ARENA_ARRAY(c->arena, int64_t, n + 1);
	WORDS(shards, n), *what = ARENA_ARRAY(c->arena, int, n + 1);
	TEXTS(providers, n), *codes = ARENA_ARRAY(c->arena, struct slice, n + 1), *details;

	details = ARENA_ARRAY(c->arena, struct slice, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct attempt *t = &c->attempts.list[i];

		shards[i] = store_shard_of_id(t->outbox);
		ids[i] = t->outbox;
		at[i] = t->at;
		what[i] = (int)t->outcome.what;
		providers[i] = t->outcome.provider_id;
		codes[i] = t->outcome.code;
		details[i] = t->outcome.detail;
		took[i] = t->took_ms;
	}
	if (n)
		pg_add(s->q, PG_ATTEMPT_ADD, "WIIWSSSI", shards, n, ids, n, at, n, what, n, providers, n, codes, n, details, n,
		       took, n);
}

static void put_parked(struct pg_store *s, struct changes *c)
{
	size_t most = c->parked.n, n = 0;
	TEXTS(channels, most), *providers = ARENA_ARRAY(c->arena, struct slice, most + 1), *codes;
	WORDS(shards, most), *states, *opted, *masks;
	INTS(outbox, most), *at = ARENA_ARRAY(c->arena, int64_t, most + 1);

	codes = ARENA_ARRAY(c->arena, struct slice, most + 1);
	states = ARENA_ARRAY(c->arena, int, most + 1);
	opted = ARENA_ARRAY(c->arena, int, most + 1);
	masks = ARENA_ARRAY(c->arena, int, most + 1);
	for (size_t i = 0; i < most; i++) {
		const struct parked *p = &c->parked.list[i];
		size_t k = 0;

		while (k < n && !(slice_equal(providers[k], p->provider_id) && slice_equal(channels[k], p->channel)))
			k++;
		if (k < n && !(receipt_from_mask(p->receipt.state) >> states[k] & 1u))
			continue; /* twice in one batch: the later state stays */
		shards[k] = pg_shard_of_provider(p->channel, p->provider_id);
		channels[k] = p->channel;
		providers[k] = p->provider_id;
		outbox[k] = p->receipt.outbox;
		states[k] = (int)p->receipt.state;
		codes[k] = p->receipt.code;
		opted[k] = p->receipt.opted_out || (k < n && opted[k]);
		at[k] = p->receipt.at;
		masks[k] = (int)receipt_from_mask(p->receipt.state);
		n += k == n;
	}
	if (n) {
		pg_add(s->q, PG_PARKED_ADD, "WSSIWSWIi", shards, n, channels, n, providers, n, outbox, n, states, n, codes, n,
		       opted, n, at, n, c->now);
		pg_add(s->q, PG_PARKED_MOVE, "WSSIWSWIDi", shards, n, channels, n, providers, n, outbox, n, states, n, codes, n,
		       opted, n, at, n, masks, n, c->now);
	}
	if (c->parked_gone.n) {
		size_t m = c->parked_gone.n;
		TEXTS(gone, m), *ids = ARENA_ARRAY(c->arena, struct slice, m + 1);
		WORDS(of, m);

		for (size_t i = 0; i < m; i++) {
			gone[i] = c->parked_gone.list[i].channel;
			ids[i] = c->parked_gone.list[i].provider_id;
			of[i] = pg_shard_of_provider(gone[i], ids[i]);
		}
		pg_add(s->q, PG_PARKED_GONE, "WSS", of, m, gone, m, ids, m);
	}
}

static void add_keys(struct pg_store *s, struct changes *c)
{
	size_t n = c->dedupe.n;
	INTS(events, n), *at = ARENA_ARRAY(c->arena, int64_t, n + 1);
	WORDS(shards, n);
	HASHES(keys, n);

	for (size_t i = 0; i < n; i++) {
		keys[i] = c->dedupe.list[i].key;
		shards[i] = store_shard_of_hash(&keys[i]);
		events[i] = c->dedupe.list[i].event;
		at[i] = c->dedupe.list[i].at;
	}
	if (n)
		pg_add(s->q, PG_DEDUPE_ADD, "WHII", shards, n, keys, n, events, n, at, n);
}

/* ---- counts and news ---------------------------------------------------------------------------------------------- */

static void add_counts(struct pg_store *s, struct changes *c)
{
	struct count *list = NULL;
	size_t n = 0, room = 0, contacts = 0, cases = 0;
	int64_t sessions = 0;
	TEXTS(days, c->counts.n + 3), *channels, *fates;
	INTS(sums, c->counts.n + 3);

	for (size_t i = 0; i < c->counts.n; i++)
		tally_add(c->arena, &list, &n, &room, c->counts.list[i]);
	for (size_t i = 0; i < c->contacts.n; i++)
		contacts += c->contacts.list[i]->fresh;
	for (size_t i = 0; i < c->cases.n; i++)
		cases += c->cases.list[i]->fresh;
	for (size_t i = 0; i < c->sessions.n; i++)
		sessions += c->sessions.list[i]->gone ? -!c->sessions.list[i]->fresh : c->sessions.list[i]->fresh;
	channels = ARENA_ARRAY(c->arena, struct slice, n + 4);
	fates = ARENA_ARRAY(c->arena, struct slice, n + 4);
	for (size_t i = 0; i < n; i++) {
		days[i] = or_dash(c->day);
		channels[i] = or_dash(list[i].channel);
		fates[i] = or_dash(list[i].fate);
		sums[i] = list[i].n;
	}
#define NOW(what, which, how_many) \
	if (how_many) \
		days[n] = S("now"), channels[n] = S(what), fates[n] = S(which), sums[n++] = (int64_t)(how_many)
	NOW("contacts", "all", contacts);
	NOW("cases", "all", cases);
	NOW("sessions", "open", sessions);
#undef NOW
	if (n)
		pg_add(s->q, PG_COUNT_ADD, "SSSIw", days, n, channels, n, fates, n, sums, n, s->gateway);
}

static const struct hash16 *hash_of(const struct pg_store *s, const struct changes *c, int64_t contact)
{
	for (size_t i = 0; i < c->contacts.n; i++)
		if (c->contacts.list[i]->id == contact)
			return &c->contacts.list[i]->hash;
	for (size_t i = 0; s->batch && i < s->batch->people.n; i++)
		if (s->batch->people.list[i].id == contact)
			return &s->batch->people.list[i].hash;
	return NULL;
}

/* Lines for web chats, which may hang on another gateway; and rows that wait while our courier has no room. */
static void tell_others(struct pg_store *s, struct changes *c)
{
	size_t n = 0;
	bool waiting = false;
	TEXTS(what, c->outbox.n + 1);
	INTS(told, c->outbox.n);

	for (size_t i = 0; i < c->outbox.n; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		const struct hash16 *hash;
		bool again = !r->fresh || !is_chat(s, r->channel);

		waiting = waiting || (r->fresh && r->state == DELIVERY_QUEUED && r->next_at != INT64_MAX);
		for (size_t k = 0; k < n && !again; k++)
			again = told[k] == r->m.contact;
		hash = again ? NULL : hash_of(s, c, r->m.contact);
		if (!hash)
			continue;
		told[n] = r->m.contact;
		what[n++] = arena_printf(c->arena, "c" SLICE_FMT,
					 SLICE_ARG(hex_encode(c->arena, slice_make((const char *)hash->bytes, 16))));
	}
	if (waiting && !c->claim_room)
		what[n++] = S("o");
	if (n)
		pg_add(s->q, PG_NOTIFY, "S", what, n);
}

/* ---- a lost answer ------------------------------------------------------------------------------------------------ */

/* Something of the batch that is there exactly if all of it is. */
static bool ask_mark(struct pg_store *s, const struct changes *c, int *place)
{
	if (c->dedupe.n) {
		const struct hash16 *key = &c->dedupe.list[0].key;

		*place = pg_add(s->q, PG_MARK_KEY, "wh", store_shard_of_hash(key), key);
		pg_add(s->q, PG_MARK_KEY_UNDO, "wh", store_shard_of_hash(key), key);
		return true;
	}
	if (c->inbox.n) {
		*place = pg_add(s->q, PG_MARK_INBOX, "wi", store_shard_of_id(c->inbox.list[0].contact), c->inbox.list[0].id);
		return true;
	}
	for (size_t i = 0; i < c->outbox.n; i++)
		if (c->outbox.list[i]->fresh) {
			const struct outbox_row *r = c->outbox.list[i];

			*place = pg_add(s->q, PG_MARK_OUTBOX, "wi", store_shard_of_id(r->m.contact), r->m.id);
			return true;
		}
	if (c->attempts.n) {
		const struct attempt *t = &c->attempts.list[0];

		*place = pg_add(s->q, PG_MARK_ATTEMPT, "wii", store_shard_of_id(t->outbox), t->outbox, t->at);
	}
	return c->attempts.n > 0;
}

static void lock_again(struct pg_store *s, const struct changes *c)
{
	size_t n = s->batch ? s->batch->people.n : 0;
	WORDS(shards, n);
	INTS(ids, n);

	for (size_t i = 0; i < n; i++) {
		ids[i] = s->batch->people.list[i].id;
		shards[i] = store_shard_of_id(ids[i]);
	}
	if (n)
		pg_add(s->q, PG_LOCK_AGAIN, "WI", shards, n, ids, n);
}

static enum result resolve(struct pg_store *s, struct changes *c, const struct pg_claim *claim)
{
	int64_t least = clock_mono().ms + RESOLVE_MS, until = s->answer_by > least ? s->answer_by : least;
	enum result r = LATER;

	pg_until(s->q, until);
	while (clock_mono().ms < until) {
		int place = -1;
		bool marked;

		if (pg_begin(s->q) != OK) {
			nanosleep(&(struct timespec){.tv_nsec = 50 * 1000000L}, NULL);
			continue;
		}
		pg_word(s->q, "BEGIN");
		lock_again(s, c);
		marked = ask_mark(s, c, &place);
		/* What it had claimed never reached the courier: it is free again. */
		if (claim->asked)
			pg_add(s->q, PG_UNCLAIM, "wi", s->gateway, s->lease_stamp);
		pg_word(s->q, "COMMIT");
		r = pg_run(s->q);
		if (r != OK) {
			r = LATER;
			continue;
		}
		r = marked && pg_rows(s->q, place) ? OK : LATER;
		log_line(LOG_WARN_, "store", "the answer to a commit was lost; looked it up", "found", r == OK ? "yes" : "no", NULL);
		return r;
	}
	if (claim->asked)
		pg_claim_lost(s);
	log_line(LOG_WARN_, "store", "the answer to a commit was lost and cannot be looked up now; the providers send again", NULL);
	return LATER;
}

/* ---- all of it ---------------------------------------------------------------------------------------------------- */

bool pg_budget(struct pg_store *s)
{
	int64_t now = clock_mono().ms;
	bool again = s->again;

	s->again = false;
	if (again && now >= s->answer_by)
		return false;
	if (!again)
		s->answer_by = now + ANSWER_MS;
	pg_until(s->q, s->answer_by);
	return true;
}

static void add_all(struct pg_store *s, struct changes *c, struct pg_claim *claim)
{
	add_contacts(s, c);
	add_revisions(s, c);
	crash_point("revision_kept");
	put_sessions_and_timers(s, c);
	put_cases(s, c, true);
	put_cases(s, c, false);
	add_case_events(s, c);
	put_surveys(s, c);
	put_media(s, c);
	add_handovers(s, c);
	note_chats(s, c);
	add_inbox(s, c);
	add_outbox(s, c);
	put_outbox(s, c);
	line_up(s, c);
	add_provider_refs(s, c);
	add_attempts(s, c);
	put_parked(s, c);
	add_keys(s, c);
	add_counts(s, c);
	pg_claim_ask(s, c, claim);
	tell_others(s, c);
}

/* What a batch was decided on must still be locked: the transaction that its load began goes on, or nothing does. */
static enum result begin(struct pg_store *s, const struct changes *c)
{
	const struct pg_batch *b = s->batch && s->batch->arena ? s->batch : NULL;

	if (b && b->failed != OK)
		return b->failed;
	if (b && !pg_in_transaction(s->q))
		return RETRY;
	if (!b && (c->claim_room || c->claim_media_room) && pg_clock_look(s) != OK)
		return LATER;
	if (pg_begin(s->q) != OK)
		return LATER;
	if (b)
		return b->connection == pg_connections(s->q) ? OK : RETRY;
	if (pg_in_transaction(s->q))
		pg_word(s->q, "ROLLBACK");
	pg_word(s->q, "BEGIN");
	return OK;
}

enum result pg_apply(struct store *store, struct changes *c)
{
	struct pg_store *s = (struct pg_store *)store;
	struct pg_claim claim = {false, -1, -1, -1};
	size_t chat_channels = s->n_chat_channels;
	enum result r;

	if (!s->batch || !s->batch->arena)
		pg_budget(s);
	c->n_claimed = c->n_claimed_media = 0;
	crash_point("before_begin");
	r = begin(s, c);
	if (r == OK) {
		add_all(s, c, &claim);
		pg_word(s->q, "COMMIT");
		crash_point("before_commit");
		r = pg_run(s->q);
		crash_point("after_commit");
	}
	if (r == OK)
		pg_claim_take(s, c, &claim);
	else if (r == UNSURE)
		r = resolve(s, c, &claim);
	pg_until(s->q, 0);
	s->again = r == RETRY;
	if (r == OK && c->next_sequence && slice_is(c->sequence_day, s->sequence_day))
		s->next_sequence = c->next_sequence;
	if (r != OK)
		s->n_chat_channels = chat_channels;
	for (size_t i = 0; r == OK && i < c->contacts.n; i++)
		pg_know(s, &c->contacts.list[i]->hash, c->contacts.list[i]->id);
	if (s->batch) {
		s->batch->arena = NULL;
		s->batch->asked = false;
	}
	return r;
}

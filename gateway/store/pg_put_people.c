/* Contacts, their identities, sessions and timers: what apply writes of them. Nothing here is fatal. */
#include "store/pg_put.h"

/* ---- people ------------------------------------------------------------------------------------------------------- */

void pg_put_contacts(struct pg_store *s, struct changes *c)
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

/* due 0: the timer stays as it is. */
static void put_sessions(struct pg_store *s, struct changes *c, bool fresh, bool *done)
{
	size_t most = c->sessions.n, n = 0, hint = 0;
	INTS(numbers, most * 2); /* contact and due of each */
	TEXTS(flows, most), *revisions = ARENA_ARRAY(c->arena, struct slice, most + 1), *data;

	data = ARENA_ARRAY(c->arena, struct slice, most + 1);
	for (size_t i = 0; i < most; i++) {
		const struct session_row *row = c->sessions.list[i];
		struct timer *t;

		if (row->gone || row->fresh != fresh)
			continue;
		t = timer_of(c, row->contact, &hint);
		numbers[n * 2] = row->contact;
		numbers[n * 2 + 1] = t ? pg_there(s, t->due_at) : 0;
		flows[n] = row->flow;
		revisions[n] = row->revision;
		data[n++] = row->data;
		if (t)
			done[t - c->timers_put.list] = true;
	}
	if (n && fresh)
		pg_add(s->q, PG_SESSION_ADD, "ISSS", numbers, n * 2, flows, n, revisions, n, data, n);
	else if (n)
		pg_add(s->q, PG_SESSION_PUT, "ISSSi", numbers, n * 2, flows, n, revisions, n, data, n, (int64_t)n);
}

/* Sessions that end keep a row as long as their timer stands. */
static void end_sessions(struct pg_store *s, struct changes *c)
{
	size_t n = 0;
	INTS(over, c->sessions.n);
	WORDS(shards, c->sessions.n);

	for (size_t i = 0; i < c->sessions.n; i++)
		if (c->sessions.list[i]->gone) {
			over[n] = c->sessions.list[i]->contact;
			shards[n++] = store_shard_of_id(c->sessions.list[i]->contact);
		}
	if (n)
		pg_add(s->q, PG_SESSION_END, "WI", shards, n, over, n);
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

void pg_put_sessions(struct pg_store *s, struct changes *c)
{
	bool *done = ARENA_ARRAY(c->arena, bool, c->timers_put.n + 1);

	if (c->timers_gone.n)
		put_timers(s, c, c->timers_gone.list, c->timers_gone.n, NULL, true);
	put_sessions(s, c, true, done);
	put_sessions(s, c, false, done);
	end_sessions(s, c);
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

/*
 * The second round of a load: begins the transaction, locks the contacts in one order, and reads what belongs to them. A
 * third follows only where something was open that was not known to be, or a message came twice. Nothing here is fatal.
 */
#include <string.h>

#include "store/pg_look.h"

#define REPLIES_WITHIN_MS INT64_C(10000)  /* from the first answer of an event to its last, by their ids */
#define REPLIES_LATE_MS   INT64_C(600000) /* from an event to its answers */

struct round_two {
	int people, identities, sessions, open_cases, surveys, cases, outbox, parked, media, dedupe, timers, clock;
	struct pairs open; /* of whom it was asked what is open */
};

static void ask_open(struct looking *l, struct round_two *r)
{
	r->open_cases = r->surveys = NONE;
	if (!r->open.n)
		return;
	r->open_cases = pg_add(l->q, PG_CASES_OPEN, "I", r->open.ids, r->open.n);
	r->surveys = pg_add(l->q, PG_SURVEYS_OPEN, "I", r->open.ids, r->open.n);
}

static void ask_people(struct looking *l, struct round_two *r)
{
	size_t most = l->snap->n * (1 + WANT_MAX_NUMBERS);
	struct pairs all = pairs_in(l->a, most), unnamed = pairs_in(l->a, most);

	r->open = pairs_in(l->a, most);
	for (size_t i = 0; i < l->snap->n; i++) {
		int64_t id = l->contact[i] < 0 ? -l->contact[i] : l->contact[i];

		if (id) {
			pair_add(&all, id);
			if (!l->nothing_open[i])
				pair_add(&r->open, id);
			if (!l->snap->wants[i].by_hash)
				pair_add(&unnamed, id);
		}
		for (size_t k = 0; k < l->snap->wants[i].n_numbers; k++) {
			id = l->cases[i * WANT_MAX_NUMBERS + k].contact;
			if (!id)
				continue;
			pair_add(&all, id);
			pair_add(&r->open, id);
			pair_add(&unnamed, id);
		}
	}
	if (!all.n)
		return;
	pairs_sort(&all);
	pairs_sort(&r->open);
	pairs_sort(&unnamed);
	r->people = pg_add(l->q, PG_PEOPLE, "I", all.ids, all.n);
	if (unnamed.n)
		r->identities = pg_add(l->q, PG_IDENTITIES, "I", unnamed.ids, unnamed.n);
	r->sessions = pg_add(l->q, PG_SESSIONS, "I", all.ids, all.n);
	ask_open(l, r);
}

static void ask_case_rows(struct looking *l, struct round_two *r)
{
	struct slice *numbers = ARENA_ARRAY(l->a, struct slice, l->snap->n * WANT_MAX_NUMBERS + 1);
	int *shards = ARENA_ARRAY(l->a, int, l->snap->n * WANT_MAX_NUMBERS + 1);
	size_t n = 0;

	for (size_t i = 0; i < l->snap->n * WANT_MAX_NUMBERS; i++)
		if (l->cases[i].contact) {
			numbers[n] = l->snap->wants[i / WANT_MAX_NUMBERS].numbers[i % WANT_MAX_NUMBERS];
			shards[n++] = l->cases[i].shard;
		}
	if (n)
		r->cases = pg_add(l->q, PG_CASES_GET, "WS", shards, n, numbers, n);
}

static void ask_rows(struct looking *l, struct round_two *r)
{
	struct pairs outbox = pairs_in(l->a, l->snap->n), media = pairs_in(l->a, l->snap->n);

	for (size_t i = 0; i < l->snap->n; i++) {
		if (l->outbox[i])
			pair_add(&outbox, l->outbox[i]);
		if (l->snap->wants[i].media_id)
			pair_add(&media, l->snap->wants[i].media_id);
	}
	if (outbox.n)
		r->outbox = pg_add(l->q, PG_OUTBOX_GET, "WI", outbox.shards, outbox.n, outbox.ids, outbox.n);
	if (media.n)
		r->media = pg_add(l->q, PG_MEDIA_GET, "WI", media.shards, media.n, media.ids, media.n);
}

static void ask_parked(struct looking *l, struct round_two *r)
{
	struct named names = named_in(l->a, l->snap->n);

	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];

		if (w->outbox_id && w->provider_id.len && w->channel.len)
			named_add(&names, w);
	}
	if (names.n)
		r->parked = pg_add(l->q, PG_PARKED_GET, "WSS", names.shards, names.n, names.channels, names.n, names.ids,
				   names.n);
}

/* Providers seldom send a message twice. As long as they do not, one is taken for new without asking: its key can be put in
   only once, so a batch that was wrong about one is not stored, and run again with all its keys asked for. */
static void ask_keys(struct looking *l, struct round_two *r)
{
	struct hash16 *keys = ARENA_ARRAY(l->a, struct hash16, l->snap->n + 1);
	struct pg_batch *b = l->b;
	size_t n = 0;

	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];

		if (!w->has_dedupe)
			continue;
		if (l->s->ask_keys || !w->by_hash) {
			keys[n++] = w->dedupe;
			continue;
		}
		list_room(b->own, (void **)&b->unasked.list, &b->unasked.n, &b->unasked.room, sizeof *b->unasked.list);
		b->unasked.list[b->unasked.n++] = w->dedupe;
	}
	if (n)
		r->dedupe = pg_add(l->q, PG_DEDUPE_GET, "H", keys, n);
}

static void ask_timers(struct looking *l, struct round_two *r)
{
	int *shards = ARENA_ARRAY(l->a, int, l->snap->n + 1), *kinds = ARENA_ARRAY(l->a, int, l->snap->n + 1);
	int64_t *contacts = ARENA_ARRAY(l->a, int64_t, l->snap->n + 1);
	struct slice *refs = ARENA_ARRAY(l->a, struct slice, l->snap->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];

		if (!w->timer)
			continue;
		shards[n] = store_shard_of_id(w->due.contact);
		contacts[n] = w->due.contact;
		kinds[n] = (int)w->due.kind;
		refs[n++] = w->due.ref.len ? w->due.ref : S("-");
	}
	if (n)
		r->timers = pg_add(l->q, PG_TIMERS_GET, "WIDS", shards, n, contacts, n, kinds, n, refs, n);
}

/* ---- what came back ----------------------------------------------------------------------------------------------- */

static struct pg_place row(struct looking *l, int place, size_t i, int at)
{
	return (struct pg_place){l->q, place, i, at, l->a};
}

struct pg_person *pg_person_at(struct looking *l, int64_t id)
{
	return idmap_peek(&l->b->rows, PG_ROW_CONTACT, id, (struct slice){0});
}

static void take_people(struct looking *l, int place)
{
	for (size_t i = 0; i < pg_rows(l->q, place); i++) {
		int64_t id = pg_int(l->q, place, i, 0);
		void **at = idmap_at(&l->b->rows, PG_ROW_CONTACT, id, (struct slice){0});
		struct pg_person *p = *at;

		if (p)
			continue;
		*at = p = ARENA_NEW(l->a, struct pg_person);
		p->fresh = true;
		list_room(l->b->own, (void **)&l->b->people.list, &l->b->people.n, &l->b->people.room, sizeof *l->b->people.list);
		pg_read_contact(row(l, place, i, 0), &p->contact);
		p->at = l->b->people.n;
		l->b->people.list[l->b->people.n++].id = id;
	}
}

static void name_person(struct looking *l, struct pg_person *p, const struct hash16 *hash)
{
	p->contact.hash = l->b->people.list[p->at].hash = *hash;
	pg_know(l->s, hash, p->contact.id, !p->contact.open_cases && !p->contact.open_surveys);
}

static void take_identities(struct looking *l, int place)
{
	for (size_t i = 0; i < pg_rows(l->q, place); i++) {
		struct pg_person *p = pg_person_at(l, pg_int(l->q, place, i, 0));
		struct hash16 hash = pg_hash(l->q, place, i, 1);

		if (!p)
			continue;
		name_person(l, p, &hash);
		p->sealed = pg_text(l->q, place, i, 2, l->a);
	}
}

static void take_sessions(struct looking *l, int place)
{
	for (size_t i = 0; i < pg_rows(l->q, place); i++) {
		struct pg_person *p = pg_person_at(l, pg_int(l->q, place, i, 0));

		if (!p || !p->fresh)
			continue;
		p->has_session = true;
		p->session.contact = p->contact.id;
		p->session.flow = pg_text(l->q, place, i, 1, l->a);
		p->session.revision = pg_text(l->q, place, i, 2, l->a);
		p->session.data = pg_text(l->q, place, i, 3, l->a);
	}
}

static struct case_row *take_case(struct looking *l, int place, size_t i)
{
	struct slice number = pg_text(l->q, place, i, 0, l->a);
	void **at = idmap_at(&l->b->rows, PG_ROW_CASE, 0, number);

	if (!*at) {
		struct case_row *k = *at = ARENA_NEW(l->a, struct case_row);

		pg_read_case(row(l, place, i, 0), k);
		list_room(l->b->own, (void **)&l->b->cases.list, &l->b->cases.n, &l->b->cases.room, sizeof *l->b->cases.list);
		l->b->cases.list[l->b->cases.n++] = (struct pg_known_case){arena_copy(l->b->own, number), k->contact};
	}
	return *at;
}

static void take_open_cases(struct looking *l, int place)
{
	for (size_t i = 0; i < pg_rows(l->q, place); i++) {
		struct pg_person *p = pg_person_at(l, pg_int(l->q, place, i, 1));

		if (!p || !p->fresh || p->n_cases == PG_OPEN_MAX)
			continue;
		if (!p->cases)
			p->cases = ARENA_ARRAY(l->a, struct case_row *, PG_OPEN_MAX);
		p->cases[p->n_cases++] = take_case(l, place, i);
	}
}

static void take_surveys(struct looking *l, int place)
{
	for (size_t i = 0; i < pg_rows(l->q, place); i++) {
		struct pg_person *p = pg_person_at(l, pg_int(l->q, place, i, 1));
		struct survey *v;

		if (!p || !p->fresh || p->n_surveys == PG_OPEN_MAX)
			continue;
		if (!p->surveys)
			p->surveys = ARENA_ARRAY(l->a, struct survey *, PG_OPEN_MAX);
		v = ARENA_NEW(l->a, struct survey);
		pg_read_survey(row(l, place, i, 0), v);
		p->surveys[p->n_surveys++] = v;
	}
}

static struct outbox_row *take_outbox(struct looking *l, int place, size_t i, int at_column)
{
	void **at = idmap_at(&l->b->rows, PG_ROW_OUTBOX, pg_int(l->q, place, i, at_column), (struct slice){0});

	if (!*at) {
		*at = ARENA_NEW(l->a, struct outbox_row);
		pg_read_outbox(row(l, place, i, at_column), *at);
		pg_outbox_here(l->s, *at);
	}
	return *at;
}

static void take_media(struct looking *l, int place)
{
	for (size_t i = 0; i < pg_rows(l->q, place); i++) {
		void **at = idmap_at(&l->b->rows, PG_ROW_MEDIA, pg_int(l->q, place, i, 0), (struct slice){0});

		if (*at)
			continue;
		*at = ARENA_NEW(l->a, struct media_row);
		pg_read_media(row(l, place, i, 0), *at);
		((struct media_row *)*at)->next_at = pg_here(l->s, ((struct media_row *)*at)->next_at);
	}
}

void pg_give_person(struct looking *l, struct want *w, int64_t contact)
{
	struct pg_person *p = contact > 0 ? pg_person_at(l, contact) : NULL;

	if (!p)
		return;
	if (w->by_hash)
		name_person(l, p, &w->hash);
	else if (!p->contact.address.len) /* who is asked for by name has just written it */
		p->contact.address = open_address(&l->s->key, p->sealed, l->a);
	w->contact = &p->contact;
	w->session = p->has_session ? &p->session : NULL;
	w->open_cases = p->cases;
	w->n_open_cases = p->n_cases;
	w->surveys = p->surveys;
	w->n_surveys = p->n_surveys;
}

static void give_parked(struct looking *l, struct want *w, int place)
{
	for (size_t i = 0; i < pg_rows(l->q, place); i++) {
		struct parked *p;

		if (!slice_equal(w->channel, pg_peek(l->q, place, i, 0)) ||
		    !slice_equal(w->provider_id, pg_peek(l->q, place, i, 1)))
			continue;
		w->parked = p = ARENA_NEW(l->a, struct parked);
		p->channel = pg_text(l->q, place, i, 0, l->a);
		p->provider_id = p->receipt.provider_id = pg_text(l->q, place, i, 1, l->a);
		p->receipt.outbox = pg_int(l->q, place, i, 2);
		p->receipt.state = (enum delivery_state)pg_int(l->q, place, i, 3);
		p->receipt.code = pg_text(l->q, place, i, 4, l->a);
		p->receipt.opted_out = pg_int(l->q, place, i, 5);
		p->receipt.at = pg_int(l->q, place, i, 6);
	}
}

static void give_key(struct looking *l, struct want *w, int place)
{
	for (size_t i = 0; i < pg_rows(l->q, place); i++) {
		struct hash16 key = pg_hash(l->q, place, i, 0);

		if (memcmp(&key, &w->dedupe, sizeof key) == 0) {
			w->duplicate = true;
			w->first_event = pg_int(l->q, place, i, 1);
			l->s->ask_keys = PG_ASK_KEYS;
			return;
		}
	}
}

/* Their first column is the event they answered. */
static void give_repeats(struct looking *l, struct want *w, int place)
{
	w->repeat = ARENA_ARRAY(l->a, struct outbox_row *, PG_REPEAT_MAX);
	for (size_t i = 0; i < pg_rows(l->q, place) && w->n_repeat < PG_REPEAT_MAX; i++)
		if (pg_int(l->q, place, i, 0) == w->first_event)
			w->repeat[w->n_repeat++] = take_outbox(l, place, i, 1);
}

static bool timer_stands(struct looking *l, const struct timer *t, int place)
{
	struct slice ref = t->ref.len ? t->ref : S("-");

	for (size_t i = 0; i < pg_rows(l->q, place); i++)
		if (pg_int(l->q, place, i, 0) == t->contact && pg_int(l->q, place, i, 1) == (int64_t)t->kind &&
		    slice_equal(pg_peek(l->q, place, i, 2), ref))
			return pg_here(l->s, pg_int(l->q, place, i, 3)) == t->due_at;
	return false;
}

/* What can be told from the second round's answers alone. */
static void give_answers(struct looking *l, const struct round_two *r)
{
	for (size_t i = 0; i < l->snap->n; i++) {
		struct want *w = &l->snap->wants[i];

		if (w->outbox_id && w->provider_id.len)
			give_parked(l, w, r->parked);
		if (w->has_dedupe)
			give_key(l, w, r->dedupe);
		if (w->timer)
			w->stale = !timer_stands(l, &w->due, r->timers);
	}
}

static void give_rows(struct looking *l)
{
	for (size_t i = 0; i < l->snap->n; i++) {
		struct want *w = &l->snap->wants[i];

		pg_give_person(l, w, l->contact[i]);
		for (size_t k = 0; k < w->n_numbers; k++)
			w->cases[k] = idmap_peek(&l->b->rows, PG_ROW_CASE, 0, w->numbers[k]);
		if (l->outbox[i])
			w->outbox = idmap_peek(&l->b->rows, PG_ROW_OUTBOX, l->outbox[i], (struct slice){0});
		if (w->media_id)
			w->media = idmap_peek(&l->b->rows, PG_ROW_MEDIA, w->media_id, (struct slice){0});
	}
}

static enum result run(struct looking *l)
{
	enum result r = pg_run(l->q);

	return r == OK || r == RETRY ? r : LATER;
}

/* Contacts that have something open by now, of whom it was not asked. */
static struct pairs find_late(struct looking *l, const struct round_two *r)
{
	struct pairs late = pairs_in(l->a, pg_rows(l->q, r->people));

	for (size_t i = 0; i < pg_rows(l->q, r->people); i++) {
		int64_t id = pg_int(l->q, r->people, i, 0);
		const struct pg_person *p = pg_person_at(l, id);

		if (p->fresh && (p->contact.open_cases || p->contact.open_surveys) && !pairs_have(&r->open, id))
			pair_add(&late, id);
	}
	return late;
}

/* Messages that came before: what was answered to them. Of two repeats of one message each gets the answer once. */
static int ask_repeats(struct looking *l)
{
	int64_t *events = ARENA_ARRAY(l->a, int64_t, l->snap->n + 1);
	int *shards = ARENA_ARRAY(l->a, int, l->snap->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];
		bool again = w->first_event != 0;

		for (size_t k = 0; k < n && again; k++)
			again = events[k] != w->first_event;
		if (!again)
			continue;
		shards[n] = store_shard_of_hash(w->has_dedupe ? &w->dedupe : &w->hash);
		events[n++] = w->first_event;
	}
	return n ? pg_add(l->q, PG_REPEATS, "WIii", shards, n, events, n, REPLIES_LATE_MS << STORE_ID_MS_SHIFT,
			  REPLIES_WITHIN_MS << STORE_ID_MS_SHIFT)
		 : NONE;
}

static bool any_repeats(const struct looking *l)
{
	for (size_t i = 0; i < l->snap->n; i++)
		if (l->snap->wants[i].first_event)
			return true;
	return false;
}

/* What is rarely needed: most batches do without this round trip. */
static enum result ask_more(struct looking *l, struct round_two *r)
{
	struct pairs late = find_late(l, r);
	enum result result;
	int place;

	if (!late.n && !any_repeats(l))
		return OK;
	if (pg_begin(l->q) != OK)
		return LATER;
	r->open = late;
	ask_open(l, r);
	place = ask_repeats(l);
	result = run(l);
	if (result != OK)
		return result;
	take_open_cases(l, r->open_cases);
	take_surveys(l, r->surveys);
	for (size_t i = 0; i < l->snap->n; i++)
		if (l->snap->wants[i].first_event)
			give_repeats(l, &l->snap->wants[i], place);
	return OK;
}

/* A person's lists are whole now: whoever asks for them again is given these. */
static void people_are_whole(struct looking *l)
{
	for (size_t i = 0; i < l->b->people.n; i++)
		pg_person_at(l, l->b->people.list[i].id)->fresh = false;
}

enum result pg_lock_and_read(struct looking *l)
{
	struct round_two r = {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, {0}};
	enum result result;

	if (!l->b->nothing_asked && pg_begin(l->q) != OK)
		return LATER;
	if (l->snap->more && l->b->connection != pg_connections(l->q))
		return RETRY; /* what was locked is so no more */
	if (!l->snap->more)
		pg_word(l->q, "BEGIN");
	ask_people(l, &r);
	ask_case_rows(l, &r);
	ask_rows(l, &r);
	ask_parked(l, &r);
	ask_keys(l, &r);
	ask_timers(l, &r);
	r.clock = pg_add(l->q, PG_CLOCK, ""); /* the last, so that it is soon with us */
	result = run(l);
	if (result != OK)
		return result;
	pg_clock_heard(l->s, pg_int(l->q, r.clock, 0, 0));
	take_people(l, r.people);
	take_identities(l, r.identities);
	take_sessions(l, r.sessions);
	take_open_cases(l, r.open_cases);
	take_surveys(l, r.surveys);
	for (size_t i = 0; i < pg_rows(l->q, r.cases); i++)
		take_case(l, r.cases, i);
	for (size_t i = 0; i < pg_rows(l->q, r.outbox); i++)
		take_outbox(l, r.outbox, i, 0);
	take_media(l, r.media);
	give_answers(l, &r);
	result = ask_more(l, &r);
	people_are_whole(l);
	if (result == OK)
		give_rows(l);
	return result;
}

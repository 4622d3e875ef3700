/*
 * Load: what a batch needs to know, in at most two round trips however large it is. The first finds whose rows they are
 * (by address, case number, provider's id); the second begins the transaction, locks those contacts in one order, which
 * is what keeps a contact's events in order over all gateways and keeps gateways from waiting for each other in a
 * circle, and reads the rest.
 *
 * The transaction stays open until pg_apply. A later look of the same batch (snapshot.more) joins it. Once a look has
 * failed, so will the apply: nothing may be decided on half of what was asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "store/pg_batch.h"

#define KNOWN_ROOM       ((size_t)1 << 15) /* contacts whose id is known by their hash: 24 bytes each */
#define SEQUENCE_BLOCK   64
#define NONE             (-1)

/* ---- lists for the database --------------------------------------------------------------------------------------- */

struct pairs { /* (shard, id), each once */
	int *shards;
	int64_t *ids;
	size_t n;
};

static struct pairs pairs_in(struct arena *a, size_t room)
{
	return (struct pairs){ARENA_ARRAY(a, int, room + 1), ARENA_ARRAY(a, int64_t, room + 1), 0};
}

static void pair_add(struct pairs *p, int64_t id)
{
	for (size_t i = p->n; i-- > 0 && p->n - i < 4;) /* neighbours mostly ask for the same one */
		if (p->ids[i] == id)
			return;
	p->shards[p->n] = store_shard_of_id(id);
	p->ids[p->n++] = id;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
	int xs = store_shard_of_id(x), ys = store_shard_of_id(y);

	return xs != ys ? xs - ys : (x > y) - (x < y);
}

static void pairs_sort(struct pairs *p)
{
	size_t n = 0;

	qsort(p->ids, p->n, sizeof *p->ids, by_id);
	for (size_t i = 0; i < p->n; i++)
		if (!n || p->ids[i] != p->ids[n - 1])
			p->ids[n++] = p->ids[i];
	p->n = n;
	for (size_t i = 0; i < n; i++)
		p->shards[i] = store_shard_of_id(p->ids[i]);
}

/* ---- who is known by name ----------------------------------------------------------------------------------------- */

/* A contact's id never changes, so this may be kept without asking; it is lost and filled again at will. */
struct known { struct hash16 hash; int64_t id; };

static struct known *known_at(struct pg_store *s, const struct hash16 *hash)
{
	uint32_t h;

	memcpy(&h, hash->bytes + 4, sizeof h);
	if (!s->known && !(s->known = calloc(KNOWN_ROOM, sizeof *s->known)))
		exhausted("pg");
	return &s->known[h % KNOWN_ROOM];
}

static int64_t known_find(struct pg_store *s, const struct hash16 *hash)
{
	struct known *k = known_at(s, hash);

	return k->id && memcmp(&k->hash, hash, sizeof *hash) == 0 ? k->id : 0;
}

void pg_know(struct pg_store *s, const struct hash16 *hash, int64_t id)
{
	*known_at(s, hash) = (struct known){*hash, id};
}

/* ---- the batch ---------------------------------------------------------------------------------------------------- */

void pg_batch_close(struct pg_store *s)
{
	if (s->batch)
		arena_close(&s->batch->own);
	free(s->batch);
	s->batch = NULL;
	free(s->known);
	s->known = NULL;
}

static struct pg_batch *batch_of(struct pg_store *s)
{
	if (!s->batch && !(s->batch = calloc(1, sizeof *s->batch)))
		exhausted("pg");
	return s->batch;
}

static void batch_begin(struct pg_store *s, struct snapshot *snap)
{
	struct pg_batch *b = batch_of(s);
	struct arena *own = b->own ? b->own : arena_open(0);

	arena_reset(own);
	*b = (struct pg_batch){.arena = snap->arena, .own = own, .rows = idmap_in(snap->arena, snap->n * 2)};
}

/* ---- first round: whose rows are they? ---------------------------------------------------------------------------- */

struct looking {
	struct pg_store *s;
	struct pg_batch *b;
	struct pg *q;
	struct arena *a;
	struct snapshot *snap;
	int64_t *contact;       /* of each want, once known; 0 none */
	int64_t *outbox;        /* of each want; 0 none */
	struct { int shard; int64_t contact; } *cases; /* [want * WANT_MAX_NUMBERS + i]; contact 0: no such case */
};

struct round_one { int hashes, cases, providers, outbox, sequence, clock; };

static void ask_hashes(struct looking *l, struct round_one *r)
{
	struct hash16 *list = ARENA_ARRAY(l->a, struct hash16, l->snap->n + 1);
	int *shards = ARENA_ARRAY(l->a, int, l->snap->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];

		l->contact[i] = w->by_hash ? known_find(l->s, &w->hash) : w->contact_id;
		if (!w->by_hash || l->contact[i])
			continue;
		shards[n] = store_shard_of_hash(&w->hash);
		list[n++] = w->hash;
	}
	if (n)
		r->hashes = pg_add(l->q, PG_HASHES, "WH", shards, n, list, n);
}

static void ask_cases(struct looking *l, struct round_one *r)
{
	struct slice *numbers = ARENA_ARRAY(l->a, struct slice, l->snap->n * WANT_MAX_NUMBERS + 1);
	int *shards = ARENA_ARRAY(l->a, int, l->snap->n * WANT_MAX_NUMBERS + 1);
	size_t n = 0;

	for (size_t i = 0; i < l->snap->n; i++)
		for (size_t k = 0; k < l->snap->wants[i].n_numbers; k++) {
			numbers[n] = l->snap->wants[i].numbers[k];
			shards[n] = pg_shard_of_case(numbers[n]);
			n++;
		}
	if (n)
		r->cases = pg_add(l->q, PG_CASE_REFS, "WS", shards, n, numbers, n);
}

static void ask_providers(struct looking *l, struct round_one *r)
{
	struct slice *channels = ARENA_ARRAY(l->a, struct slice, l->snap->n + 1), *ids;
	int *shards = ARENA_ARRAY(l->a, int, l->snap->n + 1);
	size_t n = 0;

	ids = ARENA_ARRAY(l->a, struct slice, l->snap->n + 1);
	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];

		l->outbox[i] = w->outbox_id;
		if (w->outbox_id || !w->provider_id.len || !w->channel.len)
			continue;
		channels[n] = w->channel;
		ids[n] = w->provider_id;
		shards[n] = pg_shard_of_provider(w->channel, w->provider_id);
		n++;
	}
	if (n)
		r->providers = pg_add(l->q, PG_PROVIDER_REFS, "WSS", shards, n, channels, n, ids, n);
}

static void ask_outbox_owners(struct looking *l, struct round_one *r)
{
	struct pairs p = pairs_in(l->a, l->snap->n);

	for (size_t i = 0; i < l->snap->n; i++)
		if (l->outbox[i] && !l->contact[i])
			pair_add(&p, l->outbox[i]);
	if (p.n)
		r->outbox = pg_add(l->q, PG_OUTBOX_OWNERS, "WI", p.shards, p.n, p.ids, p.n);
}

/* Numbers are handed out in blocks, so that gateways never wait for each other's. */
static void ask_sequence(struct looking *l, struct round_one *r)
{
	struct pg_store *s = l->s;
	int64_t need = (int64_t)l->snap->n * 2 + 8, block = need > SEQUENCE_BLOCK ? need : SEQUENCE_BLOCK;

	if (l->snap->more || !l->snap->day.len || l->snap->day.len >= sizeof s->sequence_day)
		return;
	if (slice_is(l->snap->day, s->sequence_day) && s->next_sequence + need <= s->sequence_end)
		return;
	l->b->block = block;
	r->sequence = pg_add(l->q, PG_SEQUENCE_TAKE, "ti", l->snap->day, block);
}

static void ask_clock(struct looking *l, struct round_one *r)
{
	if (pg_clock_old(l->s))
		r->clock = pg_add(l->q, PG_CLOCK, "");
}

static void take_hashes(struct looking *l, int place)
{
	for (size_t k = 0; k < pg_rows(l->q, place); k++) {
		struct hash16 hash = pg_hash(l->q, place, k, 0);

		pg_know(l->s, &hash, pg_int(l->q, place, k, 1));
		for (size_t i = 0; i < l->snap->n; i++)
			if (l->snap->wants[i].by_hash && memcmp(&l->snap->wants[i].hash, &hash, sizeof hash) == 0)
				l->contact[i] = pg_int(l->q, place, k, 1);
	}
}

static void take_cases(struct looking *l, int place)
{
	for (size_t k = 0; k < pg_rows(l->q, place); k++) {
		struct slice number = pg_peek(l->q, place, k, 0);

		for (size_t i = 0; i < l->snap->n; i++)
			for (size_t j = 0; j < l->snap->wants[i].n_numbers; j++)
				if (slice_equal(l->snap->wants[i].numbers[j], number)) {
					l->cases[i * WANT_MAX_NUMBERS + j].shard = (int)pg_int(l->q, place, k, 1);
					l->cases[i * WANT_MAX_NUMBERS + j].contact = pg_int(l->q, place, k, 2);
				}
	}
}

static void take_providers(struct looking *l, int place)
{
	for (size_t k = 0; k < pg_rows(l->q, place); k++)
		for (size_t i = 0; i < l->snap->n; i++) {
			const struct want *w = &l->snap->wants[i];

			if (w->outbox_id || !slice_equal(w->channel, pg_peek(l->q, place, k, 0)) ||
			    !slice_equal(w->provider_id, pg_peek(l->q, place, k, 1)))
				continue;
			l->outbox[i] = pg_int(l->q, place, k, 2);
			if (!l->contact[i])
				l->contact[i] = -pg_int(l->q, place, k, 3); /* locked, but not whom the want asks for */
		}
}

static void take_outbox_owners(struct looking *l, int place)
{
	for (size_t k = 0; k < pg_rows(l->q, place); k++)
		for (size_t i = 0; i < l->snap->n; i++)
			if (l->outbox[i] == pg_int(l->q, place, k, 0) && !l->contact[i])
				l->contact[i] = -pg_int(l->q, place, k, 1);
}

static void take_sequence(struct looking *l, int place)
{
	struct pg_store *s = l->s;

	s->next_sequence = pg_int(l->q, place, 0, 0);
	s->sequence_end = s->next_sequence + l->b->block;
	memcpy(s->sequence_day, l->snap->day.data, l->snap->day.len);
	s->sequence_day[l->snap->day.len] = '\0';
}

/* What a load leaves open is undone before the next begins. */
static void clear_away(struct looking *l)
{
	if (!l->snap->more && pg_in_transaction(l->q))
		pg_word(l->q, "ROLLBACK");
}

static enum result whose(struct looking *l)
{
	struct round_one r = {NONE, NONE, NONE, NONE, NONE, NONE};
	enum result result;

	if (pg_begin(l->q) != OK)
		return LATER;
	clear_away(l);
	ask_hashes(l, &r);
	ask_cases(l, &r);
	ask_providers(l, &r);
	ask_outbox_owners(l, &r);
	ask_sequence(l, &r);
	ask_clock(l, &r);
	if (r.hashes < 0 && r.cases < 0 && r.providers < 0 && r.outbox < 0 && r.sequence < 0 && r.clock < 0) {
		l->b->nothing_asked = true;
		return OK;
	}
	result = pg_run(l->q);
	if (result != OK)
		return result == RETRY ? RETRY : LATER;
	take_hashes(l, r.hashes);
	take_cases(l, r.cases);
	take_providers(l, r.providers);
	take_outbox_owners(l, r.outbox);
	if (r.sequence >= 0)
		take_sequence(l, r.sequence);
	if (r.clock >= 0)
		pg_clock_take(l->s, pg_int(l->q, r.clock, 0, 0));
	return OK;
}

/* ---- second round: lock and read ---------------------------------------------------------------------------------- */

struct round_two { int people, sessions, open_cases, surveys, cases, outbox, parked, media, dedupe, repeat, timers; };

static void ask_people(struct looking *l, struct round_two *r)
{
	struct pairs p = pairs_in(l->a, l->snap->n * (1 + WANT_MAX_NUMBERS));

	for (size_t i = 0; i < l->snap->n; i++) {
		if (l->contact[i])
			pair_add(&p, l->contact[i] < 0 ? -l->contact[i] : l->contact[i]);
		for (size_t k = 0; k < l->snap->wants[i].n_numbers; k++)
			if (l->cases[i * WANT_MAX_NUMBERS + k].contact)
				pair_add(&p, l->cases[i * WANT_MAX_NUMBERS + k].contact);
	}
	if (!p.n)
		return;
	pairs_sort(&p);
	r->people = pg_add(l->q, PG_PEOPLE, "WI", p.shards, p.n, p.ids, p.n);
	r->sessions = pg_add(l->q, PG_SESSIONS, "WI", p.shards, p.n, p.ids, p.n);
	r->open_cases = pg_add(l->q, PG_CASES_OPEN, "WI", p.shards, p.n, p.ids, p.n);
	r->surveys = pg_add(l->q, PG_SURVEYS_OPEN, "WI", p.shards, p.n, p.ids, p.n);
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
	struct slice *channels = ARENA_ARRAY(l->a, struct slice, l->snap->n + 1), *ids;
	int *shards = ARENA_ARRAY(l->a, int, l->snap->n + 1);
	size_t n = 0;

	ids = ARENA_ARRAY(l->a, struct slice, l->snap->n + 1);
	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];

		if (!w->outbox_id || !w->provider_id.len || !w->channel.len)
			continue;
		channels[n] = w->channel;
		ids[n] = w->provider_id;
		shards[n] = pg_shard_of_provider(w->channel, w->provider_id);
		n++;
	}
	if (n)
		r->parked = pg_add(l->q, PG_PARKED_GET, "WSS", shards, n, channels, n, ids, n);
}

static void ask_keys(struct looking *l, struct round_two *r)
{
	struct hash16 *keys = ARENA_ARRAY(l->a, struct hash16, l->snap->n + 1);
	int64_t *events = ARENA_ARRAY(l->a, int64_t, l->snap->n + 1);
	int *shards = ARENA_ARRAY(l->a, int, l->snap->n + 1), *of = ARENA_ARRAY(l->a, int, l->snap->n + 1);
	size_t n = 0, n_events = 0;

	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];

		if (w->has_dedupe) {
			shards[n] = store_shard_of_hash(&w->dedupe);
			keys[n++] = w->dedupe;
		} else if (w->first_event) {
			of[n_events] = store_shard_of_hash(&w->hash);
			events[n_events++] = w->first_event;
		}
	}
	if (n)
		r->dedupe = pg_add(l->q, PG_DEDUPE_GET, "WH", shards, n, keys, n);
	if (n || n_events)
		r->repeat = pg_add(l->q, PG_REPEATS, "WHWI", shards, n, keys, n, of, n_events, events, n_events);
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

static struct pg_person *person_at(struct looking *l, int64_t id)
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
		p->contact.hash = pg_hash(l->q, place, i, PG_CONTACT_COLUMNS);
		p->sealed = pg_text(l->q, place, i, PG_CONTACT_COLUMNS + 1, l->a);
		l->b->people.list[l->b->people.n++] = (struct pg_known_person){id, p->contact.hash};
		pg_know(l->s, &p->contact.hash, id);
	}
}

static void take_sessions(struct looking *l, int place)
{
	for (size_t i = 0; i < pg_rows(l->q, place); i++) {
		struct pg_person *p = person_at(l, pg_int(l->q, place, i, 0));

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
		struct pg_person *p = person_at(l, pg_int(l->q, place, i, 1));

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
		struct pg_person *p = person_at(l, pg_int(l->q, place, i, 1));
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

static void give_person(struct looking *l, struct want *w, int64_t contact)
{
	struct pg_person *p = contact > 0 ? person_at(l, contact) : NULL;

	if (!p)
		return;
	if (!w->by_hash && !p->contact.address.len) /* who is asked for by name has just written it */
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

static void give(struct looking *l, const struct round_two *r)
{
	for (size_t i = 0; i < l->snap->n; i++) {
		struct want *w = &l->snap->wants[i];

		give_person(l, w, l->contact[i]);
		for (size_t k = 0; k < w->n_numbers; k++)
			w->cases[k] = idmap_peek(&l->b->rows, PG_ROW_CASE, 0, w->numbers[k]);
		if (l->outbox[i])
			w->outbox = idmap_peek(&l->b->rows, PG_ROW_OUTBOX, l->outbox[i], (struct slice){0});
		if (w->media_id)
			w->media = idmap_peek(&l->b->rows, PG_ROW_MEDIA, w->media_id, (struct slice){0});
		if (w->outbox_id && w->provider_id.len)
			give_parked(l, w, r->parked);
		if (w->has_dedupe)
			give_key(l, w, r->dedupe);
		if (w->duplicate || (!w->has_dedupe && w->first_event))
			give_repeats(l, w, r->repeat);
		if (w->timer)
			w->stale = !timer_stands(l, &w->due, r->timers);
	}
}

static enum result lock_and_read(struct looking *l)
{
	struct round_two r = {NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE};
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
	result = pg_run(l->q);
	if (result != OK)
		return result == RETRY ? RETRY : LATER;
	take_people(l, r.people);
	take_sessions(l, r.sessions);
	take_open_cases(l, r.open_cases);
	take_surveys(l, r.surveys);
	for (size_t i = 0; i < pg_rows(l->q, r.people); i++)
		person_at(l, pg_int(l->q, r.people, i, 0))->fresh = false;
	for (size_t i = 0; i < pg_rows(l->q, r.cases); i++)
		take_case(l, r.cases, i);
	for (size_t i = 0; i < pg_rows(l->q, r.outbox); i++)
		take_outbox(l, r.outbox, i, 0);
	take_media(l, r.media);
	give(l, &r);
	return OK;
}

/* ---- all of it ---------------------------------------------------------------------------------------------------- */

/* A contact that this batch has already: no need to ask for it again. */
static bool at_hand(struct looking *l)
{
	const struct want *w = &l->snap->wants[0];
	struct pg_person *p;

	if (!l->snap->more || l->snap->n != 1 || w->by_hash || !w->contact_id || w->n_numbers || w->outbox_id ||
	    w->media_id || w->has_dedupe || w->timer)
		return false;
	p = person_at(l, w->contact_id);
	if (p)
		give_person(l, &l->snap->wants[0], w->contact_id);
	return p != NULL;
}

enum result pg_load(struct store *store, struct snapshot *snap)
{
	struct pg_store *s = (struct pg_store *)store;
	struct looking l = {.s = s, .q = s->q, .a = snap->arena, .snap = snap};
	enum result r;

	if (!snap->more && !pg_budget(s))
		return LATER;
	if (!snap->more || !s->batch || s->batch->arena != snap->arena)
		batch_begin(s, snap);
	l.b = s->batch;
	if (snap->more && (l.b->failed != OK || l.b->connection != pg_connections(s->q) || !pg_in_transaction(s->q)))
		return l.b->failed = l.b->failed != OK ? l.b->failed : RETRY;
	if (at_hand(&l))
		return OK;
	l.b->nothing_asked = false;
	l.contact = ARENA_ARRAY(l.a, int64_t, snap->n + 1);
	l.outbox = ARENA_ARRAY(l.a, int64_t, snap->n + 1);
	l.cases = arena_alloc(l.a, sizeof *l.cases * (snap->n * WANT_MAX_NUMBERS + 1));
	r = whose(&l);
	if (r == OK)
		r = lock_and_read(&l);
	l.b->failed = r;
	if (!snap->more) {
		s->again = r == RETRY;
		if (r != OK)
			pg_until(s->q, 0);
		l.b->connection = pg_connections(s->q);
		l.b->asked = r == OK;
		if (r != OK)
			l.b->arena = NULL; /* there is nothing to apply */
	}
	snap->next_sequence = s->next_sequence;
	return r;
}

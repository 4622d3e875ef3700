/*
 * The first round of a load: whose rows are they? Contacts by their keyed name, cases by number, sends by the provider's id.
 * With it come case numbers and the database's clock, now and then. Nothing here is fatal.
 */
#include <string.h>

#include "store/pg_look.h"

#define SEQUENCE_BLOCK 64

struct round_one { int hashes, cases, providers, outbox, sequence, clock; };

static void ask_hashes(struct looking *l, struct round_one *r)
{
	struct hash16 *list = ARENA_ARRAY(l->a, struct hash16, l->snap->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];
		const struct known *k = w->by_hash ? pg_known(l->s, &w->hash) : NULL;

		l->contact[i] = k ? k->id : w->by_hash ? 0 : w->contact_id;
		l->nothing_open[i] = k && k->nothing_open;
		if (!w->by_hash || k)
			continue;
		list[n++] = w->hash;
	}
	if (n)
		r->hashes = pg_add(l->q, PG_HASHES, "H", list, n);
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
	struct named names = named_in(l->a, l->snap->n);

	for (size_t i = 0; i < l->snap->n; i++) {
		const struct want *w = &l->snap->wants[i];

		l->outbox[i] = w->outbox_id;
		if (!w->outbox_id && w->provider_id.len && w->channel.len)
			named_add(&names, w);
	}
	if (names.n)
		r->providers = pg_add(l->q, PG_PROVIDER_REFS, "WSS", names.shards, names.n, names.channels, names.n, names.ids,
				      names.n);
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

		pg_know(l->s, &hash, pg_int(l->q, place, k, 1), false);
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

enum result pg_whose(struct looking *l)
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

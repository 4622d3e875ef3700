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

#include "huiyin/clock.h"
#include "store/pg_look.h"

#define LOAD_LEAST_MS 1000 /* of a batch's time must be left after connecting */

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

/* ---- all of it ---------------------------------------------------------------------------------------------------- */

/* A contact that this batch has already: no need to ask for it again. */
static bool at_hand(struct looking *l)
{
	const struct want *w = &l->snap->wants[0];
	struct pg_person *p;

	if (!l->snap->more || l->snap->n != 1 || w->by_hash || !w->contact_id || w->n_numbers || w->outbox_id ||
	    w->media_id || w->has_dedupe || w->timer)
		return false;
	p = pg_person_at(l, w->contact_id);
	if (p && !p->sealed.len && !p->contact.address.len)
		return false; /* found by its name, and where it is to be written to is asked for now */
	if (p)
		pg_give_person(l, &l->snap->wants[0], w->contact_id);
	return p != NULL;
}

/* A connection that took most of a batch's time to make is of no use to that batch, but to the next one. */
static bool in_time(struct pg_store *s)
{
	int before = pg_connections(s->q);

	if (pg_connect(s->q) == OK &&
	    (pg_connections(s->q) == before || s->answer_by - clock_mono().ms >= LOAD_LEAST_MS))
		return true;
	pg_until(s->q, 0);
	return false;
}

enum result pg_load(struct store *store, struct snapshot *snap)
{
	struct pg_store *s = (struct pg_store *)store;
	struct looking l = {.s = s, .q = s->q, .a = snap->arena, .snap = snap};
	enum result r;

	if (!snap->more && (!pg_budget(s) || !in_time(s)))
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
	l.nothing_open = ARENA_ARRAY(l.a, bool, snap->n + 1);
	l.cases = arena_alloc(l.a, sizeof *l.cases * (snap->n * WANT_MAX_NUMBERS + 1));
	r = pg_whose(&l);
	if (r == OK)
		r = pg_lock_and_read(&l);
	l.b->failed = r;
	if (!snap->more) {
		s->again = r == RETRY;
		l.b->connection = pg_connections(s->q);
		if (r != OK) {
			pg_until(s->q, 0);
			s->ask_keys = PG_ASK_KEYS;
			l.b->arena = NULL; /* there is nothing to apply */
		}
	}
	snap->next_sequence = s->next_sequence;
	return r;
}

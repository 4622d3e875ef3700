/*
 * Timers over many gateways: who looks takes what is due under a lease of a few seconds, so that others pass over it; and
 * the batch that acts on it locks the contact and looks whether it still stands (snapshot: want.stale).
 *
 * And the database's clock, in two views. Due times are told from ours as long as the two are nearly the same, so that
 * what was stored by the one and is compared by the other does not tremble. Ids need it as precisely as can be had: they
 * say which line came first, whichever gateway made it. So every load of a batch brings a reading along.
 */
#include <stdlib.h>

#include "huiyin/clock.h"
#include "store/pg_batch.h"

#define LEASE_MS       8000
#define CLOCK_EVERY_MS 10000
#define CLOCK_NOISE_MS 1000 /* below this two clocks are called the same */
#define CLOCK_DRIFT    2000 /* in so many µs two clocks come apart by one at most */
#define CLOCK_STEP_US  (INT64_C(5) * 1000000) /* no answer is so long on its way: the database's clock was set back */

static bool near(int64_t a, int64_t b)
{
	return a - b <= CLOCK_NOISE_MS && b - a <= CLOCK_NOISE_MS;
}

bool pg_clock_old(struct pg_store *s)
{
	int64_t now = clock_mono().ms;
	bool old = !s->clock_asked || now - s->clock_asked >= CLOCK_EVERY_MS ||
		   !near(clock_wall().ms - now, s->clock_gap) || s->clock_connection != pg_connections(s->q);

	s->clock_from = old ? now : 0;
	return old;
}

/* A reading is as old as its way to us: it is never ahead of the truth, and of many the greatest is the best. */
void pg_clock_heard(struct pg_store *s, int64_t theirs_us)
{
	int64_t now = clock_mono_us(), ahead = theirs_us - now, held = s->ahead.us - (now - s->ahead.at) / CLOCK_DRIFT;

	if (s->ahead.connection == pg_connections(s->q) && ahead < held && held - ahead < CLOCK_STEP_US)
		return;
	s->ahead.connection = pg_connections(s->q);
	s->ahead.us = ahead;
	s->ahead.at = now;
}

/* It is not changed for a little: what was stored by the one is soon compared by the other. */
void pg_clock_take(struct pg_store *s, int64_t theirs_us)
{
	int64_t theirs = theirs_us / 1000, now = clock_mono().ms, wall = clock_wall().ms, took = s->clock_from ? now - s->clock_from : 0;
	int64_t skew = theirs - (wall - took / 2);

	if (!near(skew, s->skew_ms))
		s->skew_ms = near(skew, 0) ? 0 : skew;
	pg_clock_heard(s, theirs_us);
	s->clock_asked = now;
	s->clock_gap = wall - now;
	s->clock_from = 0;
	s->clock_connection = pg_connections(s->q);
}

bool pg_clock(struct store *store, int64_t *ahead_us)
{
	const struct pg_store *s = (const struct pg_store *)store;

	*ahead_us = s->ahead.us;
	return s->ahead.connection > 0;
}

enum result pg_clock_look(struct pg_store *s)
{
	int place;

	if (!pg_clock_old(s))
		return OK;
	if (pg_begin(s->q) != OK)
		return LATER;
	if (pg_in_transaction(s->q))
		pg_word(s->q, "ROLLBACK");
	place = pg_add(s->q, PG_CLOCK, "");
	s->clock_from = clock_mono().ms; /* connecting is no part of the round trip */
	if (pg_run(s->q) != OK)
		return LATER;
	pg_clock_take(s, pg_int(s->q, place, 0, 0));
	return OK;
}

static int by_time(const void *a, const void *b)
{
	int64_t x = ((const struct timer *)a)->due_at, y = ((const struct timer *)b)->due_at;

	return (x > y) - (x < y);
}

enum result pg_due(struct store *store, int64_t now, size_t max, struct arena *a, struct timer **out, size_t *n)
{
	struct pg_store *s = (struct pg_store *)store;
	int64_t at, until;
	int sessions, timers;
	struct timer *list;
	enum result r;
	size_t found = 0;

	*n = 0;
	if (pg_clock_look(s) != OK || pg_begin(s->q) != OK)
		return LATER;
	at = pg_there(s, now);
	until = at < INT64_MAX - LEASE_MS ? at + LEASE_MS : INT64_MAX;
	if (pg_in_transaction(s->q))
		pg_word(s->q, "ROLLBACK");
	sessions = pg_add(s->q, PG_SESSIONS_DUE, "iid", at, until, (int)max);
	timers = pg_add(s->q, PG_TIMERS_DUE, "iid", at, until, (int)max);
	r = pg_run(s->q);
	if (r != OK)
		return LATER;
	list = ARENA_ARRAY(a, struct timer, pg_rows(s->q, sessions) + pg_rows(s->q, timers) + 1);
	for (size_t i = 0; i < pg_rows(s->q, sessions); i++) {
		list[found] = (struct timer){.contact = pg_int(s->q, sessions, i, 0), .kind = TIMER_SESSION,
					     .due_at = pg_here(s, pg_int(s->q, sessions, i, 1))};
		found += list[found].due_at <= now; /* the others were put off meanwhile and only looked at early */
	}
	for (size_t i = 0; i < pg_rows(s->q, timers); i++) {
		struct slice ref = pg_text(s->q, timers, i, 2, a);

		list[found++] = (struct timer){.contact = pg_int(s->q, timers, i, 0),
					       .kind = (enum timer_kind)pg_int(s->q, timers, i, 1),
					       .ref = slice_is(ref, "-") ? S("") : ref,
					       .due_at = pg_here(s, pg_int(s->q, timers, i, 3))};
	}
	qsort(list, found, sizeof *list, by_time);
	*out = list;
	*n = found < max ? found : max;
	return OK;
}

enum result pg_next_due(struct store *store, int64_t *at)
{
	struct pg_store *s = (struct pg_store *)store;
	int place;
	enum result r;

	*at = 0;
	if (pg_clock_look(s) != OK || pg_begin(s->q) != OK)
		return LATER;
	if (pg_in_transaction(s->q))
		pg_word(s->q, "ROLLBACK");
	place = pg_add(s->q, PG_NEXT_DUE, "");
	r = pg_run(s->q);
	if (r != OK)
		return LATER;
	*at = pg_here(s, pg_int(s->q, place, 0, 0));
	if (*at == INT64_MAX)
		*at = 0; /* what is pushed is never due */
	return OK;
}

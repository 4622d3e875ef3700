/*
 * What gateways share about providers beside the rows: values that are replaced by version only, so that of two who
 * claim the same thing one gets it, and moments that are booked one after the other, so that all of them together keep
 * a provider's rate. On a connection of its own, for one thread.
 *
 * All times are the database's: what goes in and out are distances from now, so that no gateway's clock matters. None of
 * it is worth a sync: a crash of the database may undo the last moments of it, and then a token is fetched once more.
 * Nothing here is fatal.
 */
#include "store/pg.h"

#include <stdlib.h>

#include "huiyin/clock.h"
#include "huiyin/log.h"

#define CALL_MS        1900 /* each call, with connecting */
#define ROWS_MAX       4096
#define NAME_BYTES     1000 /* a notification holds 8,000 */
#define VALUE_BYTES    65536
#define LIVES_LONGEST  (INT64_C(3650) * 24 * 3600000)
#define BOOK_MAX       100000
#define GAP_LONGEST_US (INT64_C(3600) * 1000000)
#define AHEAD_US       (INT64_C(60) * 1000000) /* with 256 gaps: nobody books further ahead; what says so is wrong */
#define LEAD_MOST_US   (INT64_C(500) * 1000)
#define SIGHT_OLD_MS   10000

struct shared {
	struct pg *q;
	int connection; /* the one that was set up */
	/* The database's clock less our monotonic one, by the quickest answer of late: the slower, the less exact. */
	int64_t gap_us, trip_us, sighted;
	int64_t lead_us; /* how long an answer is on its way, about: moments before that are of no use */
};

struct shared *pg_shared_open(struct store *store)
{
	struct shared *h = calloc(1, sizeof *h);
	struct arena *a = arena_open(0);
	struct slice why = {0};

	if (!h)
		exhausted("pg_share");
	h->q = pg_connection((struct pg_store *)store, "shared", false, a, &why);
	if (!h->q) {
		log_line(LOG_ERROR_, "store", "what gateways share cannot be opened", "why", arena_cstr(a, why), NULL);
		pg_shared_close(h);
		h = NULL;
	}
	arena_close(&a);
	return h;
}

void pg_shared_close(struct shared *h)
{
	if (!h)
		return;
	pg_close(&h->q);
	free(h);
}

/* ---- a round trip ------------------------------------------------------------------------------------------------- */

static bool begin(struct shared *h)
{
	pg_until(h->q, clock_mono().ms + CALL_MS);
	if (pg_begin(h->q) != OK)
		return false;
	if (h->connection != pg_connections(h->q))
		pg_word(h->q, "SET synchronous_commit TO off");
	return true;
}

/* An answer that was lost is as none: versions tell afterwards what was kept. */
static enum result run(struct shared *h)
{
	enum result r = pg_run(h->q);

	if (r == OK)
		h->connection = pg_connections(h->q);
	return r == OK ? OK : r == NEVER ? INVALID : LATER;
}

static bool sound_name(struct slice name)
{
	return name.len && name.len <= NAME_BYTES && utf8_valid(name);
}

/* ---- values ------------------------------------------------------------------------------------------------------- */

static int64_t bounded(int64_t ms)
{
	return ms < -1 ? -1 : ms > LIVES_LONGEST ? LIVES_LONGEST : ms;
}

enum result pg_shared_get(struct shared *h, struct slice prefix, struct arena *a, struct shared_value **out, size_t *n)
{
	int64_t wall;
	enum result r;
	int at;

	*out = NULL;
	*n = 0;
	if (prefix.len && !sound_name(prefix))
		return INVALID;
	if (!begin(h))
		return LATER;
	at = pg_add(h->q, PG_SHARED_GET, "td", prefix, ROWS_MAX);
	r = run(h);
	if (r != OK)
		return r;
	wall = clock_wall().ms;
	*n = pg_rows(h->q, at);
	*out = ARENA_ARRAY(a, struct shared_value, *n + 1);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = (struct shared_value){
			.name = pg_text(h->q, at, i, 0, a),
			.value = pg_text(h->q, at, i, 1, a),
			.until = pg_null(h->q, at, i, 2) ? INT64_MAX : wall + bounded(pg_int(h->q, at, i, 2)),
			.version = pg_int(h->q, at, i, 3)};
	return OK;
}

/* From now; what is over already is just over. */
static int64_t lives(int64_t until)
{
	return until == INT64_MAX ? until : until < 0 ? -1 : bounded(until - clock_wall().ms);
}

enum result pg_shared_put(struct shared *h, struct shared_value *v)
{
	enum result r;
	int at;

	if (!sound_name(v->name) || v->value.len > VALUE_BYTES)
		return INVALID;
	if (!begin(h))
		return LATER;
	at = v->version ? pg_add(h->q, PG_SHARED_OVER, "tbii", v->name, v->value, lives(v->until), v->version)
			: pg_add(h->q, PG_SHARED_NEW, "tbi", v->name, v->value, lives(v->until));
	r = run(h);
	if (r != OK)
		return r;
	if (!pg_rows(h->q, at))
		return NEVER;
	v->version = pg_int(h->q, at, 0, 0);
	return OK;
}

/* ---- moments ------------------------------------------------------------------------------------------------------ */

static int64_t mono_us(void)
{
	return clock_mono().ms * 1000;
}

static int64_t distance(int64_t a, int64_t b)
{
	return a > b ? a - b : b - a;
}

/* What was seen of the database's clock, between two looks at ours. A quicker sight is a better one; an old one is none,
   nor is one that this one contradicts: the clock was set, or it is another host's. */
static void sight(struct shared *h, int64_t theirs_us, int64_t before_us, int64_t after_us)
{
	int64_t trip = after_us - before_us, gap = theirs_us - (before_us + trip / 2);

	h->lead_us = trip > h->lead_us ? trip : (h->lead_us * 7 + trip) / 8;
	if (h->lead_us > LEAD_MOST_US)
		h->lead_us = LEAD_MOST_US;
	if (h->sighted && trip > h->trip_us && after_us / 1000 - h->sighted < SIGHT_OLD_MS &&
	    distance(gap, h->gap_us) <= (trip + h->trip_us) / 2 + 2000)
		return;
	h->gap_us = gap;
	h->trip_us = trip;
	h->sighted = after_us / 1000;
}

enum result pg_shared_book(struct shared *h, struct slice name, int64_t n, int64_t gap_us, int64_t *wait_us)
{
	int64_t before, after;
	enum result r;
	int at;

	if (!sound_name(name) || n < 1 || n > BOOK_MAX || gap_us < 0 || gap_us > GAP_LONGEST_US)
		return INVALID;
	if (!begin(h))
		return LATER;
	before = mono_us();
	at = pg_add(h->q, PG_SHARED_BOOK, "tiii", name, n * gap_us, AHEAD_US + 256 * gap_us, h->lead_us);
	r = run(h);
	after = mono_us();
	if (r != OK || !pg_rows(h->q, at))
		return r == OK ? LATER : r;
	sight(h, pg_int(h->q, at, 0, 1), before, after);
	*wait_us = pg_int(h->q, at, 0, 0) - h->gap_us - after;
	return OK;
}

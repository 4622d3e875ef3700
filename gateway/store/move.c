/*
 * Moving house: the order of things (move.h says why), whatever the two ends are.
 *
 * Each table is walked in ranges; of each range the rows of both ends are read, put in order and compared group by
 * group; what differs is taken out of the target and put in anew, in one transaction, then read again and compared
 * again. A range that was passed is therefore equal on both ends, value by value, or the move has failed. Rows that
 * never change need not be looked at twice; their number is.
 *
 * Fatal: running out of memory. A failure leaves the source as it was, and the target closed until it is complete.
 */
#include "store/move_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "huiyin/clock.h"

#define BATCH_ROWS  1000
#define PUT_BYTES   ((size_t)8 << 20) /* of one transaction, about */
#define RANGE_BYTES ((size_t)1 << 30)
#define PATIENCE_MS 30000 /* for a database that does not answer */
#define PAUSE_MS    250
#define NAMED       10   /* differences that are named */
#define ROUNDS      3    /* of catching up, at most */
#define ROUND_MS    3000 /* a shorter one need not be made shorter */
#define ID_MS       22   /* an id's bits below its milliseconds (engine/queue.h) */
#define STOP_MS     1000 /* for counting, and to change over */
#define KEYS_PER_MS 40
#define TABLES_MAX  32
#define LINE_BYTES  512

enum pass { PASS_COPY, PASS_CATCH_UP, PASS_LAST, PASS_CHECK };
struct move {
	const struct move_options *o;
	struct move_side *from, *to;
	struct arena *arena, *batch;
	size_t room;
	int64_t last[TABLES_MAX]; /* the greatest group that was seen of the table and was equal on both ends */
	int64_t of[TABLES_MAX];   /* rows, counted at the start */
	int64_t done, changed, differing;
	bool to_pg;
	bool stopped; /* progress said so */
	struct slice why;
};

/* ---- words --------------------------------------------------------------------------------------------------------
 */

static void say(struct move *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct move *m, const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	if (m->o->say)
		m->o->say(m->o->with, line);
}

static bool refuse(struct move *m, struct slice why)
{
	if (!m->why.len)
		m->why = why;
	return false;
}

static bool report(struct move *m, const char *table, int64_t of)
{
	if (!m->o->progress || m->o->progress(m->o->with, table, m->done, of))
		return true;
	m->stopped = true;
	return refuse(m, S("stopped in the middle: run it again, and it goes on from there"));
}

static bool broken(struct move *m, const struct move_side *s, const char *doing)
{
	return refuse(m,
		      arena_printf(m->arena, "%s of " SLICE_FMT " failed: %s; run it again, and it goes on from there",
				   doing, SLICE_ARG(s->origin), s->trouble ? s->trouble : "no reason was given"));
}

/* A database may be away for a moment; what is done again here does no harm. */
struct patience {
	int64_t until;
};

static bool again(struct patience *p, enum result r)
{
	int64_t now = clock_mono().ms;

	if (r != LATER)
		return false;
	if (!p->until)
		p->until = now + PATIENCE_MS;
	if (now >= p->until)
		return false;
	nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
	return true;
}

#define PATIENTLY(m, side, doing, call)                                                                                \
	struct patience patience = {0};                                                                                \
	enum result outcome;                                                                                           \
	while (again(&patience, outcome = (call)))                                                                     \
		;                                                                                                      \
	return outcome == OK || broken((m), (side), (doing))

static bool get_bound(struct move *m, struct move_side *s, const struct move_table *t, int64_t after, int64_t *to)
{
	PATIENTLY(m, s, "reading", s->kind->bound(s, t, after, m->room, to));
}

static bool get_rows(struct move *m, struct move_side *s, const struct move_table *t, int64_t after, int64_t to,
		     struct move_rows *out)
{
	PATIENTLY(m, s, "reading", s->kind->rows(s, t, after, to, m->batch, out));
}

static bool get_count(struct move *m, struct move_side *s, const struct move_table *t, int64_t *n)
{
	PATIENTLY(m, s, "reading", s->kind->count(s, t, n));
}

static bool get_mark(struct move *m, struct move_side *s, const char *of, int64_t *at, struct slice *text)
{
	PATIENTLY(m, s, "reading", s->kind->mark(s, of, at, m->arena, text));
}

static bool put_change(struct move *m, const struct move_change *c)
{
	PATIENTLY(m, m->to, "writing", m->to->kind->put(m->to, c));
}

static bool get_keys(struct move *m, struct move_side *s, int64_t cut, struct move_place *at, struct move_key **keys,
		     size_t *n)
{
	PATIENTLY(m, s, "reading", s->kind->keys_next(s, cut, at, m->batch, keys, n));
}

static bool count_keys(struct move *m, struct move_side *s, int64_t cut, int64_t *n)
{
	PATIENTLY(m, s, "reading", s->kind->keys_count(s, cut, n));
}

static bool match_keys(struct move *m, struct move_side *s, const struct move_key *keys, size_t n, int64_t *found)
{
	PATIENTLY(m, s, "reading", s->kind->keys_match(s, keys, n, found));
}

static bool put_keys(struct move *m, const struct move_key *keys, size_t n, int64_t mark)
{
	PATIENTLY(m, m->to, "writing", m->to->kind->keys_put(m->to, keys, n, mark));
}

static bool clear_keys(struct move *m)
{
	PATIENTLY(m, m->to, "writing", m->to->kind->keys_clear(m->to));
}

static bool end_keys(struct move *m, int64_t cut)
{
	PATIENTLY(m, m->to, "writing", m->to->kind->keys_end(m->to, cut));
}

static bool finish(struct move *m)
{
	PATIENTLY(m, m->to, "opening", m->to->kind->finish(m->to));
}

/* ---- what differs
 * ------------------------------------------------------------------------------------------------------- */

/* Names the column, never its value: it may be somebody's words. */
static void name(struct move *m, const struct move_table *t, const struct move_difference *d)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns), at = 0, i = 0;
	const struct move_rows *any = d->from.n ? &d->from : &d->to;
	const char *by = t->range ? t->range : "all";
	long long group = (long long)any->list[0].group;

	if (++m->differing > NAMED)
		return;
	if (!d->from.n || !d->to.n) {
		say(m, "  %s, %s %lld: only in the %s", t->name, by, group, d->from.n ? "source" : "target");
		return;
	}
	while (i < d->from.n && i < d->to.n && !move_compare(d->from.list[i].v, d->to.list[i].v, n, &at))
		i++;
	if (d->from.n != d->to.n)
		say(m, "  %s, %s %lld: %zu rows in the source, %zu in the target", t->name, by, group, d->from.n,
		    d->to.n);
	else
		say(m, "  %s, %s %lld: differs in " SLICE_FMT, t->name, by, group, SLICE_ARG(columns[at].name));
}

/* ---- writing ------------------------------------------------------------------------------------------------------
 */

static size_t bytes_of(const struct move_rows *rows, size_t n_columns)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		for (size_t k = 0; k < n_columns; k++)
			n += 8 + rows->list[i].v[k].s.len;
	return n;
}

static int shard_of(const struct move_table *t, const struct move_row *row)
{
	return t->owner ? store_shard_of_id(row->v[move_column(t, t->owner)].n) : 0;
}

/* So many differences from `at` on as go into one transaction; *at moves behind them. */
static struct move_change change_of(struct move *m, const struct move_table *t, const struct move_differences *d,
				    size_t *at)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n_columns = move_columns(t, columns), bytes = 0, end = *at, gone = 0, rows = 0;
	struct move_change c = {.table = t};
	struct move_row *list;
	int64_t *groups;
	int *shards;

	while (end < d->n && bytes < PUT_BYTES) {
		bytes += bytes_of(&d->list[end].from, n_columns);
		rows += d->list[end].from.n;
		gone += d->list[end++].to.n;
	}
	list = ARENA_ARRAY(m->batch, struct move_row, rows + 1);
	groups = ARENA_ARRAY(m->batch, int64_t, gone + 1);
	shards = ARENA_ARRAY(m->batch, int, gone + 1);
	for (; *at < end; (*at)++) {
		const struct move_difference *one = &d->list[*at];

		for (size_t i = 0; i < one->to.n; i++, c.n_gone++) {
			groups[c.n_gone] = one->to.list[i].group;
			shards[c.n_gone] = shard_of(t, &one->to.list[i]);
		}
		if (one->from.n)
			memcpy(list + c.n_rows, one->from.list, one->from.n * sizeof *list);
		c.n_rows += one->from.n;
	}
	c.rows = list;
	c.gone = groups;
	c.shards = shards;
	return c;
}

static bool write_all(struct move *m, const struct move_table *t, const struct move_differences *d)
{
	for (size_t at = 0; at < d->n;) {
		struct move_change c = change_of(m, t, d, &at);

		if (!put_change(m, &c))
			return false;
		m->changed += (int64_t)(c.n_rows ? c.n_rows : c.n_gone);
	}
	return true;
}

/* What was copied needs no look any more when the move is begun again. */
static bool put_mark(struct move *m, const struct move_table *t, int64_t at)
{
	struct move_change c = {.table = t, .mark = t->name, .mark_at = at};

	return put_change(m, &c);
}

/* ---- a range, a table, all of them --------------------------------------------------------------------------------
 */

/* Makes the target's rows equal to the source's; when only checking, names what is not. */
static bool settle(struct move *m, const struct move_table *t, enum pass pass, int64_t after, int64_t to)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns);
	struct move_rows from, there;
	struct move_differences d;

	if (!get_rows(m, m->from, t, after, to, &from) || !get_rows(m, m->to, t, after, to, &there))
		return false;
	m->done += (int64_t)from.n;
	d = move_differences(m->batch, n, from, there);
	if (pass != PASS_CHECK && d.n) {
		if (!write_all(m, t, &d) || !get_rows(m, m->to, t, after, to, &there))
			return false;
		d = move_differences(m->batch, n, from, there);
	}
	if (t->walk == MOVE_BY_CASE && pass < PASS_LAST)
		return true; /* of cases that came meanwhile */
	for (size_t i = 0; i < d.n; i++)
		name(m, t, &d.list[i]);
	return !d.n || pass == PASS_CHECK ||
	       refuse(m,
		      arena_printf(m->arena,
				   "rows of the table %s are not in the target as they were written: is somebody else "
				   "writing there?",
				   t->name));
}

static void remember(struct move *m, size_t i, int64_t to, int64_t after)
{
	int64_t seen = to == MOVE_ALL ? after : to;

	if (seen > m->last[i])
		m->last[i] = seen;
}

static bool walk(struct move *m, size_t i, enum pass pass, int64_t after)
{
	const struct move_table *t = &move_tables[i];
	int64_t to = MOVE_NOTHING;

	m->done = 0;
	for (; to != MOVE_ALL; after = to) {
		arena_reset(m->batch);
		if (!get_bound(m, m->from, t, after, &to) || !settle(m, t, pass, after, to))
			return false;
		remember(m, i, to, after);
		if (pass == PASS_COPY && to != MOVE_ALL && !put_mark(m, t, to))
			return false;
		if (!report(m, t->name, m->of[i]))
			return false;
	}
	return true;
}

static bool start_of(struct move *m, size_t i, enum pass pass, int64_t *start)
{
	const struct move_table *t = &move_tables[i];
	int64_t late;
	struct slice text;

	*start = MOVE_NOTHING;
	if (pass == PASS_COPY)
		return get_mark(m, m->to, t->name, start, &text);
	if (pass == PASS_CHECK || t->late_ms < 0 || m->last[i] == MOVE_NOTHING)
		return true;
	late = t->late_ms << ID_MS;
	if (m->last[i] > late)
		*start = m->last[i] - late;
	return true;
}

static bool count_both(struct move *m, const struct move_table *t, int64_t *from, int64_t *to)
{
	return get_count(m, m->from, t, from) && get_count(m, m->to, t, to);
}

/* When nobody writes, both must have as many rows; a table that was only looked at from its end, once more as a whole.
 */
static bool add_up(struct move *m, size_t i, enum pass pass, bool whole)
{
	const struct move_table *t = &move_tables[i];
	int64_t from = 0, to = 0;

	if (!count_both(m, t, &from, &to))
		return false;
	if (from == to)
		return true;
	if (!whole)
		return walk(m, i, pass, MOVE_NOTHING) && add_up(m, i, pass, true);
	if (pass == PASS_CHECK) {
		say(m, "  %s: %lld rows in the source, %lld in the target", t->name, (long long)from, (long long)to);
		m->differing++;
		return true;
	}
	return refuse(m,
		      arena_printf(m->arena,
				   "the table %s has %lld rows in the source and %lld in the target: is somebody else "
				   "writing there?",
				   t->name, (long long)from, (long long)to));
}

static bool walk_all(struct move *m, enum pass pass)
{
	for (size_t i = 0; i < n_move_tables; i++) {
		int64_t start;

		if (!start_of(m, i, pass, &start) || !walk(m, i, pass, start))
			return false;
		if (pass == PASS_COPY && !put_mark(m, &move_tables[i], m->last[i]))
			return false;
		if ((pass == PASS_LAST || pass == PASS_CHECK) && !add_up(m, i, pass, start == MOVE_NOTHING))
			return false;
	}
	return true;
}

/* ---- dedupe keys --------------------------------------------------------------------------------------------------
 */

static int64_t oldest_key(const struct move *m)
{
	return m->o->keep_ms > 0 ? clock_wall().ms - m->o->keep_ms : 0;
}

/* The pages of SQLite's runs never change: a mark says how far they are copied. Its log is looked through each time. */
static bool copy_keys(struct move *m, int64_t cut, bool live)
{
	struct move_place at = {0};
	struct slice text = {0};
	struct move_key *keys;
	int64_t most = INT64_MAX; /* beside a gateway that works there are always more */
	size_t n = 1;

	m->done = 0;
	if (m->to_pg ? !get_mark(m, m->to, "dedupe", &at.a, &text) : !clear_keys(m))
		return false;
	if (live && !count_keys(m, m->from, cut, &most))
		return false;
	while (n && m->done < most) {
		int64_t mark;

		arena_reset(m->batch);
		if (!get_keys(m, m->from, cut, &at, &keys, &n))
			return false;
		mark = m->to_pg && at.a != INT64_MAX ? at.a : 0;
		if (n && !put_keys(m, keys, n, mark))
			return false;
		m->done += (int64_t)n;
		if (n && !report(m, "dedupe", 0))
			return false;
	}
	return true;
}

static bool keys_are_equal(struct move *m, int64_t cut, bool *equal)
{
	struct move_side *pg = m->to_pg ? m->to : m->from, *lite = m->to_pg ? m->from : m->to;
	struct move_place at = {0};
	struct move_key *keys;
	int64_t here = 0, there = 0, found;
	size_t n = 1;

	*equal = false;
	if (!count_keys(m, m->from, cut, &here) || !count_keys(m, m->to, cut, &there))
		return false;
	if (here != there)
		return true;
	while (n) {
		arena_reset(m->batch);
		if (!get_keys(m, lite, cut, &at, &keys, &n))
			return false;
		if (n && !match_keys(m, pg, keys, n, &found))
			return false;
		if (n && found != (int64_t)n)
			return true;
	}
	*equal = true;
	return true;
}

static bool last_keys(struct move *m)
{
	int64_t cut = oldest_key(m);
	bool equal = false;

	for (int i = 0; i < 2 && !equal; i++) {
		if (i && !clear_keys(m))
			return false;
		if (!copy_keys(m, cut, false) || !end_keys(m, cut) || !keys_are_equal(m, cut, &equal))
			return false;
	}
	return equal ||
	       refuse(m, S("the dedupe keys of source and target are not equal: is somebody else writing there?"));
}

/* ---- the order of things ------------------------------------------------------------------------------------------
 */

static bool count_source(struct move *m, int64_t *rows)
{
	*rows = 0;
	for (size_t i = 0; i < n_move_tables; i++) {
		m->last[i] = MOVE_NOTHING;
		if (!get_count(m, m->from, &move_tables[i], &m->of[i]))
			return false;
		*rows += m->of[i];
	}
	return true;
}

/* Nothing of anybody's is ever written over. */
static bool target_is_ready(struct move *m)
{
	int64_t state = MOVE_NONE, n = 0;
	struct slice from = {0};

	if (!get_mark(m, m->to, "state", &state, &from))
		return false;
	if (state == MOVE_GONE)
		return refuse(m,
			      arena_printf(m->arena, SLICE_FMT " has itself moved to " SLICE_FMT ": name a new store",
					   SLICE_ARG(m->to->origin), SLICE_ARG(from)));
	if (state == MOVE_COPYING) {
		if (!slice_equal(from, m->from->origin))
			return refuse(m, arena_printf(m->arena,
						      "a move from another store (" SLICE_FMT ") into " SLICE_FMT
						      " was begun and not ended: name an empty one",
						      SLICE_ARG(from), SLICE_ARG(m->to->origin)));
		say(m, "a move that was cut off goes on");
		return true;
	}
	for (size_t i = 0; i < n_move_tables; i++) {
		if (!get_count(m, m->to, &move_tables[i], &n))
			return false;
		if (n)
			return refuse(m,
				      arena_printf(m->arena,
						   SLICE_FMT " is not empty (%lld rows in the table %s): name an empty "
							     "store, for nothing is written over",
						   SLICE_ARG(m->to->origin), (long long)n, move_tables[i].name));
	}
	return true;
}

static bool source_is_ready(struct move *m)
{
	int64_t state = MOVE_NONE, target = MOVE_NONE;
	struct slice other = {0}, from = {0};

	if (!get_mark(m, m->from, "state", &state, &other) || !get_mark(m, m->to, "state", &target, &from))
		return false;
	if (state == MOVE_COPYING)
		return refuse(m, arena_printf(m->arena,
					      "a move into " SLICE_FMT
					      " itself was begun and not ended: end that one first",
					      SLICE_ARG(m->from->origin)));
	if (state == MOVE_GONE && !(target == MOVE_COPYING && slice_equal(other, m->to->origin)) && !m->o->check)
		return refuse(m, arena_printf(m->arena, SLICE_FMT " has moved to " SLICE_FMT " already: move that one",
					      SLICE_ARG(m->from->origin), SLICE_ARG(other)));
	return true;
}

/* The long part, beside the gateway. *took: how long the last round was, which is how long the stop will be. */
static bool copy_live(struct move *m, int64_t *took)
{
	int64_t begun, changed = 0;

	if (!walk_all(m, PASS_COPY) || (m->to_pg && !copy_keys(m, oldest_key(m), true)))
		return false;
	for (int i = 0; i < ROUNDS; i++) {
		begun = clock_mono().ms;
		changed = m->changed;
		if (!walk_all(m, PASS_CATCH_UP) || (m->to_pg && !copy_keys(m, oldest_key(m), true)))
			return false;
		*took = clock_mono().ms - begun;
		if (*took < ROUND_MS || m->changed == changed)
			break;
	}
	say(m, "caught up: %lld rows written; the last look took %lld ms and found %lld that had changed",
	    (long long)m->changed, (long long)*took, (long long)(m->changed - changed));
	return true;
}

/* What the stop adds to a round of looking: keys that go into SQLite are sealed while nobody asks for them. */
static bool guess_stop(struct move *m, int64_t *took)
{
	int64_t keys = 0;

	if (!count_keys(m, m->from, oldest_key(m), &keys))
		return false;
	*took += (m->to_pg ? 0 : keys / KEYS_PER_MS) + STOP_MS;
	return true;
}

static bool wait_for_still(struct move *m, int64_t took)
{
	int64_t until = clock_mono().ms + m->o->wait_ms;
	struct slice why = {0};
	bool asked = false;

	arena_reset(m->batch);
	while (!m->from->kind->still(m->from, m->batch, &why)) {
		if (!asked)
			say(m,
			    "NOW STOP every gateway on " SLICE_FMT
			    " (kill -TERM, systemctl stop). From then on nothing is taken for "
			    "about %lld s, and what providers bring meanwhile they bring again. Waiting: " SLICE_FMT,
			    SLICE_ARG(m->from->origin), (long long)(took / 1000 + 1), SLICE_ARG(why));
		asked = true;
		if (m->o->wait_ms && clock_mono().ms >= until)
			return refuse(m, arena_printf(m->arena,
						      "the source did not stand still in time: " SLICE_FMT
						      "; run it again, and it goes on from there",
						      SLICE_ARG(why)));
		if (!report(m, "", 0))
			return false;
		nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
		arena_reset(m->batch);
	}
	return true;
}

/* The source first: should the end come between the two, none takes messages until the move is begun again. */
static bool change_over(struct move *m)
{
	struct slice why = {0};

	if (!m->to->kind->sound(m->to, m->arena, &why))
		return refuse(m, why);
	if (m->from->kind->leave(m->from, m->to->origin) != OK)
		return broken(m, m->from, "closing");
	return finish(m);
}

static bool move_all(struct move *m, struct move_result *out)
{
	int64_t took = 0, begun;
	struct slice why = {0};

	if (!m->to->kind->begin(m->to, m->from->origin, m->arena, &why))
		return refuse(m, why);
	say(m, "copying %lld rows from " SLICE_FMT " to " SLICE_FMT, (long long)out->rows, SLICE_ARG(m->from->origin),
	    SLICE_ARG(m->to->origin));
	if (!copy_live(m, &took) || !guess_stop(m, &took) || !wait_for_still(m, took))
		return false;
	begun = clock_mono().ms;
	say(m, "the source stands still; the last changes are copied and every row that may change is compared");
	if (!walk_all(m, PASS_LAST) || !last_keys(m) || !change_over(m))
		return false;
	out->stood_ms = clock_mono().ms - begun;
	out->changed = m->changed;
	return true;
}

static bool check_all(struct move *m)
{
	bool equal = false;

	if (!walk_all(m, PASS_CHECK) || !keys_are_equal(m, oldest_key(m), &equal))
		return false;
	if (!equal) {
		say(m, "  dedupe: the keys differ");
		m->differing++;
	}
	return !m->differing ||
	       refuse(m, arena_printf(m->arena, "source and target differ in %lld places; the first are named above",
				      (long long)m->differing));
}

static bool is_lite(struct slice url)
{
	return slice_begins(url, S("sqlite:"));
}

static bool is_pg(struct slice url)
{
	return slice_begins(url, S("postgresql:")) || slice_begins(url, S("postgres:"));
}

static bool open_both(struct move *m)
{
	const struct move_options *o = m->o;
	bool to_lite = is_lite(o->to);

	if (!((is_lite(o->from) && is_pg(o->to)) || (is_pg(o->from) && to_lite)))
		return refuse(m, S("a store moves from sqlite:… to postgresql:… or back; a copy of the same kind is "
				   "made by huiyin "
				   "backup, or by PostgreSQL's own tools"));
	m->to_pg = !to_lite;
	m->from = (is_lite(o->from) ? move_lite_open : move_pg_open)(o, false, m->arena, &m->why);
	m->to = m->from ? (to_lite ? move_lite_open : move_pg_open)(o, true, m->arena, &m->why) : NULL;
	return m->to != NULL;
}

bool move_store(const struct move_options *o, struct move_result *out, struct arena *a, struct slice *why)
{
	struct move m = {
		.o = o, .arena = a, .batch = arena_open(RANGE_BYTES), .room = o->batch ? o->batch : BATCH_ROWS};
	bool ok;

	*out = (struct move_result){0};
	ok = open_both(&m) && source_is_ready(&m) && (o->check || target_is_ready(&m)) &&
	     count_source(&m, &out->rows) && (o->check ? check_all(&m) : move_all(&m, out));
	if (m.to)
		m.to->kind->close(m.to);
	if (m.from)
		m.from->kind->close(m.from);
	arena_close(&m.batch);
	*why = m.why;
	return ok;
}

bool move_lets_in(enum move_state state, struct slice other, struct arena *a, struct slice *why)
{
	if (state == MOVE_GONE)
		*why = arena_printf(a,
				    "this store has moved to " SLICE_FMT
				    ": write that address in store: (it is not deleted, but "
				    "what came since is only there)",
				    SLICE_ARG(other));
	else if (state == MOVE_COPYING)
		*why = arena_printf(a,
				    "a move from " SLICE_FMT
				    " into this store was begun and not ended: run huiyin migrate again",
				    SLICE_ARG(other));
	return state == MOVE_NONE;
}

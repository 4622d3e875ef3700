/*
 * The tables of a move. Each is walked in ranges; of each range the rows of both ends are read, put in order and
 * compared group by group; what differs is taken out of the target and put in anew, in one transaction, then read again
 * and compared again. A range that was passed is therefore equal on both ends, value by value, or the move has failed.
 * Rows that never change need not be looked at twice; their number is.
 */
#include "store/move_run.h"

#include <string.h>

#define PUT_BYTES ((size_t)8 << 20) /* of one transaction, about */
#define NAMED     10                /* differences that are named */
#define ID_MS     22                /* an id's bits below its milliseconds (engine/queue.h) */

/* ---- what differs --------------------------------------------------------------------------------------------- */

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
		move_say(m, "  %s, %s %lld: only in the %s", t->name, by, group, d->from.n ? "source" : "target");
		return;
	}
	while (i < d->from.n && i < d->to.n && !move_compare(d->from.list[i].v, d->to.list[i].v, n, &at))
		i++;
	if (d->from.n != d->to.n)
		move_say(m, "  %s, %s %lld: %zu rows in the source, %zu in the target", t->name, by, group, d->from.n,
			 d->to.n);
	else
		move_say(m, "  %s, %s %lld: differs in " SLICE_FMT, t->name, by, group, SLICE_ARG(columns[at].name));
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

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

		if (!move_put_change(m, &c))
			return false;
		m->changed += (int64_t)(c.n_rows ? c.n_rows : c.n_gone);
	}
	return true;
}

/* What was copied needs no look any more when the move is begun again. */
static bool put_mark(struct move *m, const struct move_table *t, int64_t at)
{
	struct move_change c = {.table = t, .mark = t->name, .mark_at = at};

	return move_put_change(m, &c);
}

/* ---- a range, a table, all of them ---------------------------------------------------------------------------- */

/* Makes the target's rows equal to the source's; when only checking, names what is not. */
static bool settle(struct move *m, const struct move_table *t, enum move_pass pass, int64_t after, int64_t to)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns);
	struct move_rows from, there;
	struct move_differences d;

	if (!move_get_rows(m, m->from, t, after, to, &from) || !move_get_rows(m, m->to, t, after, to, &there))
		return false;
	m->done += (int64_t)from.n;
	d = move_differences(m->batch, n, from, there);
	if (pass != PASS_CHECK && d.n) {
		if (!write_all(m, t, &d) || !move_get_rows(m, m->to, t, after, to, &there))
			return false;
		d = move_differences(m->batch, n, from, there);
	}
	if (t->walk == MOVE_BY_CASE && pass < PASS_LAST)
		return true; /* of cases that came meanwhile */
	for (size_t i = 0; i < d.n; i++)
		name(m, t, &d.list[i]);
	return !d.n || pass == PASS_CHECK ||
	       move_refuse(m,
			   "rows of the table %s are not in the target as they were written: is somebody else "
			   "writing there?",
			   t->name);
}

static void remember(struct move *m, size_t i, int64_t to, int64_t after)
{
	int64_t seen = to == MOVE_ALL ? after : to;

	if (seen > m->last[i])
		m->last[i] = seen;
}

static bool walk(struct move *m, size_t i, enum move_pass pass, int64_t after)
{
	const struct move_table *t = &move_tables[i];
	int64_t to = MOVE_NOTHING;

	m->done = 0;
	for (; to != MOVE_ALL; after = to) {
		arena_reset(m->batch);
		if (!move_get_bound(m, m->from, t, after, &to) || !settle(m, t, pass, after, to))
			return false;
		remember(m, i, to, after);
		if (pass == PASS_COPY && to != MOVE_ALL && !put_mark(m, t, to))
			return false;
		if (!move_report(m, t->name, m->of[i]))
			return false;
	}
	return true;
}

static bool start_of(struct move *m, size_t i, enum move_pass pass, int64_t *start)
{
	const struct move_table *t = &move_tables[i];
	int64_t late;
	struct slice text;

	*start = MOVE_NOTHING;
	if (pass == PASS_COPY)
		return move_get_mark(m, m->to, t->name, start, &text);
	if (pass == PASS_CHECK || t->late_ms < 0 || m->last[i] == MOVE_NOTHING)
		return true;
	late = t->late_ms << ID_MS;
	if (m->last[i] > late)
		*start = m->last[i] - late;
	return true;
}

static bool count_both(struct move *m, const struct move_table *t, int64_t *from, int64_t *to)
{
	return move_get_count(m, m->from, t, from) && move_get_count(m, m->to, t, to);
}

/* When nobody writes, both must have as many rows; a table that was only looked at from its end, once more as a whole.
 */
static bool add_up(struct move *m, size_t i, enum move_pass pass, bool whole)
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
		move_say(m, "  %s: %lld rows in the source, %lld in the target", t->name, (long long)from,
			 (long long)to);
		m->differing++;
		return true;
	}
	return move_refuse(m,
			   "the table %s has %lld rows in the source and %lld in the target: is somebody else "
			   "writing there?",
			   t->name, (long long)from, (long long)to);
}

bool move_walk_all(struct move *m, enum move_pass pass)
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

/* The rows of one range at both ends of a move, put in order and compared value by value. Pure. */
#include "store/move_parts.h"

#include <stdlib.h>

int move_compare(const struct sql_value *a, const struct sql_value *b, size_t n, size_t *at)
{
	for (size_t i = 0; i < n; i++) {
		int c = a[i].n != b[i].n ? (a[i].n < b[i].n ? -1 : 1) : slice_compare(a[i].s, b[i].s);

		if (c) {
			*at = i;
			return c;
		}
	}
	return 0;
}

static int compare_rows(const void *x, const void *y, void *n_columns)
{
	const struct move_row *a = x, *b = y;
	size_t at;

	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return move_compare(a->v, b->v, *(size_t *)n_columns, &at);
}

static void put_in_order(struct move_rows *rows, size_t n_columns)
{
	if (rows->n > 1)
		qsort_r(rows->list, rows->n, sizeof *rows->list, compare_rows, &n_columns);
}

/* The rows of one group, from `at` on. */
static struct move_rows group_at(const struct move_rows *rows, size_t at)
{
	size_t n = 1;

	while (at + n < rows->n && rows->list[at + n].group == rows->list[at].group)
		n++;
	return (struct move_rows){rows->list + at, n};
}

static void add(struct arena *a, struct move_differences *d, struct move_rows from, struct move_rows to)
{
	list_room(a, (void **)&d->list, &d->n, &d->room, sizeof *d->list);
	d->list[d->n++] = (struct move_difference){from, to};
}

static bool same(struct move_rows a, struct move_rows b, size_t n_columns)
{
	size_t at;

	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (move_compare(a.list[i].v, b.list[i].v, n_columns, &at))
			return false;
	return true;
}

struct move_differences move_differences(struct arena *a, size_t n_columns, struct move_rows from, struct move_rows to)
{
	struct move_differences d = {0};
	const struct move_rows none = {0};
	size_t i = 0, k = 0;

	put_in_order(&from, n_columns);
	put_in_order(&to, n_columns);
	while (i < from.n || k < to.n) {
		bool here = i < from.n && (k == to.n || from.list[i].group <= to.list[k].group);
		bool there = k < to.n && (i == from.n || to.list[k].group <= from.list[i].group);
		struct move_rows x = here ? group_at(&from, i) : none, y = there ? group_at(&to, k) : none;

		if (!here || !there || !same(x, y, n_columns))
			add(a, &d, x, y);
		i += x.n;
		k += y.n;
	}
	return d;
}

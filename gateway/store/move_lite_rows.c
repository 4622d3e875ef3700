/* The rows of an embedded store that moves: read in ranges, written in one transaction with their mark. */
#include "store/move_lite.h"

enum result lite_bound(struct move_side *s, const struct move_table *t, int64_t after, size_t room, int64_t *to)
{
	struct lite *l = lite_of(s);
	int st = move_statement(t, MOVE_BOUND);

	*to = MOVE_ALL;
	sql_clear(l->q);
	if (!sql_ask(l->q, st, "ii", after, (int64_t)room))
		return lite_outcome(l);
	if (sql_int(l->q, st, 1) == (int64_t)room)
		*to = sql_int(l->q, st, 0);
	sql_rest(l->q, st);
	return lite_outcome(l);
}

/* What an older version may have let in, PostgreSQL does not take. */
static struct sql_value value(struct lite *l, int st, int at, char type, struct arena *a)
{
	struct sql_value v = {0};

	if (type == 's')
		v.s = utf8_repair(a, sql_text(l->q, st, at, a));
	else if (type == 'b')
		v.s = sql_text(l->q, st, at, a);
	else
		v.n = sql_int(l->q, st, at);
	return v;
}

enum result lite_rows(struct move_side *s, const struct move_table *t, int64_t after, int64_t to, struct arena *a,
		      struct move_rows *out)
{
	struct lite *l = lite_of(s);
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns), room = 0;
	int st = move_statement(t, MOVE_ROWS);

	*out = (struct move_rows){0};
	sql_clear(l->q);
	for (bool row = sql_ask(l->q, st, "ii", after, to); row; row = sql_next(l->q, st)) {
		struct move_row r = {sql_int(l->q, st, 0), ARENA_ARRAY(a, struct sql_value, n)};

		for (size_t i = 0; i < n; i++)
			r.v[i] = value(l, st, (int)i + 1, columns[i].type, a);
		list_room(a, (void **)&out->list, &out->n, &room, sizeof *out->list);
		out->list[out->n++] = r;
	}
	return lite_outcome(l);
}

enum result lite_count(struct move_side *s, const struct move_table *t, int64_t *n)
{
	struct lite *l = lite_of(s);

	sql_clear(l->q);
	lite_number(l, move_statement(t, MOVE_COUNT), "", 0, n);
	return lite_outcome(l);
}

static void insert(struct lite *l, const struct move_table *t, const struct move_row *row,
		   const struct move_column *columns, size_t n)
{
	struct sql_value v[MOVE_COLUMNS_MAX];
	char types[MOVE_COLUMNS_MAX + 1];
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (columns[i].type == 'q')
			continue;
		v[k] = row->v[i];
		types[k++] = columns[i].type == 'n' ? 'i' : columns[i].type;
	}
	types[k] = '\0';
	sql_do_row(l->q, move_statement(t, MOVE_INSERT), types, v);
}

enum result lite_put(struct move_side *s, const struct move_change *c)
{
	struct lite *l = lite_of(s);
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(c->table, columns);

	sql_begin(l->q);
	for (size_t i = 0; i < c->n_gone; i++)
		sql_do(l->q, move_statement(c->table, MOVE_DELETE), "i", c->gone[i]);
	for (size_t i = 0; i < c->n_rows; i++)
		insert(l, c->table, &c->rows[i], columns, n);
	if (c->mark)
		lite_put_mark(l, c->mark, c->mark_at, S("-"));
	if (sql_commit(l->q) == OK)
		sql_checkpoint(l->q, LITE_LOG_BYTES);
	return lite_outcome(l);
}

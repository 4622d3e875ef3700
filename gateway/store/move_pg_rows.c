/*
 * The rows of a PostgreSQL that moves: read in ranges, written in one transaction with their mark. With cases and sends
 * go the entries of the two directories in which they are found.
 */
#include "store/move_pg.h"

#include <string.h>

#define SHARD_ROOM_UP 1024
#define MANY_ROWS     8192 /* of one range; rather ask again for a shorter one */

/* ---- reading -------------------------------------------------------------------------------------------------- */

static bool by_shard(const struct pgm *p, const struct move_table *t)
{
	return move_walk_of(t, p->store->partitions > 0) == MOVE_BY_OWNER;
}

enum result pgm_bound(struct move_side *s, const struct move_table *t, int64_t after, size_t room, int64_t *to)
{
	struct pgm *p = pgm_of(s);
	enum result r;
	int at;

	pgm_ask_by_index(p);
	at = pg_add(p->q, move_statement(t, MOVE_BOUND), "ii", after,
		    by_shard(p, t) ? (int64_t)p->shard_room : (int64_t)room);
	r = pgm_end(p);
	*to = r == OK && pg_rows(p->q, at) && !pg_null(p->q, at, 0, 0) ? pg_int(p->q, at, 0, 0) : MOVE_ALL;
	return r;
}

static struct sql_value value(const struct pgm *p, int place, size_t row, int at, char type, struct arena *a)
{
	struct sql_value v = {0};

	if (type == 's' || type == 'b')
		v.s = pg_text(p->q, place, row, at, a);
	else
		v.n = pg_int(p->q, place, row, at);
	return v;
}

/* Ranges of a few rows where all belong to one contact, of many where contacts are many: both end near a thousand. */
static void learn(struct pgm *p, const struct move_table *t, size_t n, int64_t to)
{
	if (!by_shard(p, t) || to == MOVE_ALL)
		return;
	if (n > MANY_ROWS / 2)
		p->shard_room = PGM_SHARD_ROOM;
	else if (n < MANY_ROWS / 16 && p->shard_room < SHARD_ROOM_UP)
		p->shard_room *= 2;
}

enum result pgm_rows(struct move_side *s, const struct move_table *t, int64_t after, int64_t to, struct arena *a,
		     struct move_rows *out)
{
	struct pgm *p = pgm_of(s);
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns);
	enum result r;
	int at;

	*out = (struct move_rows){0};
	pgm_ask_by_index(p);
	at = pg_add(p->q, move_statement(t, MOVE_ROWS), "ii", after, to);
	r = pgm_end(p);
	if (r != OK)
		return r;
	out->n = pg_rows(p->q, at);
	out->list = ARENA_ARRAY(a, struct move_row, out->n + 1);
	for (size_t i = 0; i < out->n; i++) {
		out->list[i] = (struct move_row){pg_int(p->q, at, i, 0), ARENA_ARRAY(a, struct sql_value, n)};
		for (size_t k = 0; k < n; k++)
			out->list[i].v[k] = value(p, at, i, (int)k + 1, columns[k].type, a);
	}
	learn(p, t, out->n, to);
	return OK;
}

enum result pgm_count(struct move_side *s, const struct move_table *t, int64_t *n)
{
	return pgm_number(pgm_of(s), move_statement(t, MOVE_COUNT), "", 0, n);
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

static int shard_of(const struct move_table *t, const struct move_row *row)
{
	if (t->walk == MOVE_WHOLE)
		return 0;
	if (!t->owner)
		return pg_shard_of_provider(row->v[move_column(t, "channel")].s,
					    row->v[move_column(t, "provider_id")].s);
	return store_shard_of_id(row->v[move_column(t, t->owner)].n);
}

/* One array a column: all of them pointers with a count, so that one call fits every table. */
#define PAIR(i) lists[i], n
#define SIX(i)  PAIR(i), PAIR((i) + 1), PAIR((i) + 2), PAIR((i) + 3), PAIR((i) + 4), PAIR((i) + 5)

static void insert(struct pgm *p, const struct move_change *c, const int *shards)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n_columns = move_columns(c->table, columns), n = c->n_rows;
	const void *lists[30] = {shards};
	char types[30] = "W";

	for (size_t k = 0; k < n_columns; k++) {
		int64_t *numbers = ARENA_ARRAY(p->arena, int64_t, n);
		struct slice *texts = ARENA_ARRAY(p->arena, struct slice, n);
		char type = columns[k].type;

		for (size_t i = 0; i < n; i++) {
			numbers[i] = c->rows[i].v[k].n;
			texts[i] = c->rows[i].v[k].s;
		}
		types[k + 1] = type == 's' ? 'S' : type == 'b' ? 'B' : 'I';
		lists[k + 1] = type == 's' || type == 'b' ? (const void *)texts : numbers;
	}
	pg_add(p->q, move_statement(c->table, MOVE_INSERT), types, SIX(0), SIX(6), SIX(12), SIX(18), SIX(24));
}

static void refer_cases(struct pgm *p, const struct move_change *c, const int *owners)
{
	size_t n = c->n_rows, number_at = move_column(c->table, "number"),
	       contact_at = move_column(c->table, "contact");
	int *shards = ARENA_ARRAY(p->arena, int, n);
	struct slice *numbers = ARENA_ARRAY(p->arena, struct slice, n);
	int64_t *contacts = ARENA_ARRAY(p->arena, int64_t, n);

	for (size_t i = 0; i < n; i++) {
		numbers[i] = c->rows[i].v[number_at].s;
		contacts[i] = c->rows[i].v[contact_at].n;
		shards[i] = pg_shard_of_case(numbers[i]);
	}
	pg_add(p->q, MOVE_OWN(PGM_CASE_REF), "WSWI", shards, n, numbers, n, owners, n, contacts, n);
}

static void refer_sends(struct pgm *p, const struct move_change *c)
{
	const struct move_table *t = c->table;
	size_t most = c->n_rows, n = 0, id = move_column(t, "id"), contact = move_column(t, "contact"),
	       channel = move_column(t, "channel"), provider = move_column(t, "provider_id");
	int *shards = ARENA_ARRAY(p->arena, int, most), *owners = ARENA_ARRAY(p->arena, int, most);
	struct slice *channels = ARENA_ARRAY(p->arena, struct slice, most);
	struct slice *providers = ARENA_ARRAY(p->arena, struct slice, most);
	int64_t *ids = ARENA_ARRAY(p->arena, int64_t, most), *contacts = ARENA_ARRAY(p->arena, int64_t, most);

	for (size_t i = 0; i < most; i++) {
		const struct sql_value *v = c->rows[i].v;

		if (!v[provider].s.len)
			continue;
		shards[n] = pg_shard_of_provider(v[channel].s, v[provider].s);
		owners[n] = store_shard_of_id(v[contact].n);
		channels[n] = v[channel].s;
		providers[n] = v[provider].s;
		ids[n] = v[id].n;
		contacts[n++] = v[contact].n;
	}
	if (n)
		pg_add(p->q, MOVE_OWN(PGM_PROVIDER_REF), "WSSWII", shards, n, channels, n, providers, n, owners, n, ids,
		       n, contacts, n);
}

static void put_rows(struct pgm *p, const struct move_change *c)
{
	int *shards = ARENA_ARRAY(p->arena, int, c->n_rows);

	for (size_t i = 0; i < c->n_rows; i++)
		shards[i] = shard_of(c->table, &c->rows[i]);
	insert(p, c, shards);
	if (!strcmp(c->table->name, "cases"))
		refer_cases(p, c, shards);
	if (!strcmp(c->table->name, "outbox"))
		refer_sends(p, c);
}

enum result pgm_put(struct move_side *s, const struct move_change *c)
{
	struct pgm *p = pgm_of(s);

	pgm_ask_by_index(p);
	if (c->n_gone)
		pg_add(p->q, move_statement(c->table, MOVE_DELETE), "WI", c->shards, c->n_gone, c->gone, c->n_gone);
	if (c->n_rows)
		put_rows(p, c);
	if (c->mark)
		pgm_put_mark(p, c->mark, c->mark_at);
	return pgm_end(p);
}

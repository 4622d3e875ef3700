/*
 * What is copied when a store moves, and the statements for it in both dialects. The two directories of PostgreSQL
 * (case_ref, provider_ref) are made from cases and outbox; the dedupe keys go their own way (move_keys.c); who works on a
 * store, and what gateways share about providers, stays behind. Pure.
 */
#include "store/move_parts.h"

#include <string.h>

#define TEXT_BYTES ((size_t)16 << 10)
#define HOUR_MS    ((int64_t)3600000)
#define DAY_MS     (24 * HOUR_MS)

/* In the order in which they are written: rows come after those they refer to. An id is made when its event comes in
   and stored within seconds; an attempt belongs to an outbox row, which is given up after a few days (keep.life). */
const struct move_table move_tables[] = {
	{"contact", "id", MOVE_BY_OWNER,
	 "i id,s channel,s lang,i lang_chosen,i optout,i unreachable,i created_at,i greeted_at,i flood_from,i "
	 "flood_count,"
	 "i open_cases,i open_surveys",
	 "id", -1},
	{"identity", "contact", MOVE_BY_OWNER, "i contact,b hash,b address", "contact", HOUR_MS},
	{"session", "contact", MOVE_BY_OWNER, "i contact,s flow,s revision,s data,i due_at,i look_at", "contact", -1},
	{"timer", "contact", MOVE_BY_OWNER, "i contact,i kind,s ref,i due_at", "contact", -1},
	{"cases", "created_at", MOVE_BY_TIME,
	 "s number,i contact,s channel,s lang,s status,i open,s purpose,i confidential,s flow,s category,s place,s "
	 "unit,"
	 "s \"window\",s text,s fields,b code,s handler,s route,s reason,s result,i created_at,i updated_at,i due_at,s "
	 "clock,"
	 "i version,i muted,i rating",
	 "contact", -1},
	{"case_event", "created_at", MOVE_BY_CASE, "s number,q seq,i contact,i at,i event,s actor,s verb,s detail",
	 "contact", -1},
	{"survey", "contact", MOVE_BY_OWNER,
	 "s number,i contact,i state,i rating,s comment,i tries,i asked_at,i until_at,i reminded", "contact", -1},
	{"inbox", "id", MOVE_BY_ID,
	 "i id,i at,i contact,i kind,s channel,s provider_id,s text,s rid,s fate,i sent_at,i chat", "contact", HOUR_MS},
	{"outbox", "id", MOVE_BY_ID,
	 "i id,i contact,s channel,i state,n line,i chat,i inline_reply,i lane,i part,i parts,i attempts,i cause,i "
	 "next_at,"
	 "i lease_until,i created_at,s sender,s text,b buttons,s case_number,s provider_id,s code,s rid",
	 "contact", -1},
	{"attempt", "outbox", MOVE_BY_OWNER, "i outbox,i contact,i at,i what,s provider_id,s code,s detail,i took_ms",
	 "outbox", 14 * DAY_MS},
	{"parked", "kept_at", MOVE_BY_TIME,
	 "s channel,s provider_id,i outbox,i state,s code,i opted_out,i at,i kept_at", NULL, -1},
	{"media", "id", MOVE_BY_OWNER,
	 "i id,i contact,i message,s channel,s url,s type,s name,s case_number,s path,s sha256,s why,i size,i attempts,"
	 "i next_at,i lease_until,i state",
	 "contact", -1},
	{"handover", "id", MOVE_BY_OWNER, "i id,i contact,s reason,s text,s case_number,i urgent,i at", "contact",
	 HOUR_MS},
	{"revision", NULL, MOVE_WHOLE, "s flow,s revision,s source", NULL, -1},
	{"chat_channel", NULL, MOVE_WHOLE, "s channel", NULL, -1},
	{"sequence", NULL, MOVE_WHOLE, "s day,i next", NULL, -1},
	{"counts", NULL, MOVE_WHOLE, "s day,s channel,s fate,i n", NULL, -1},
};
const size_t n_move_tables = sizeof move_tables / sizeof *move_tables;

size_t move_columns(const struct move_table *t, struct move_column out[MOVE_COLUMNS_MAX])
{
	struct slice rest = slice_of(t->columns), one;
	size_t n = 0;

	while (slice_next(&rest, ',', &one)) {
		if (n == MOVE_COLUMNS_MAX)
			panic("move: too many columns in %s", t->name);
		out[n++] = (struct move_column){*one.data, slice_from(one, 2)};
	}
	return n;
}

size_t move_column(const struct move_table *t, const char *name)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns);

	for (size_t i = 0; i < n; i++)
		if (slice_is(columns[i].name, name))
			return i;
	panic("move: %s has no column %s", t->name, name);
}

static bool adds_up(const struct move_table *t, enum dialect d)
{
	return d == DIALECT_POSTGRES && !strcmp(t->name, "counts");
}

/* As they are read, of the table's alias t. */
static void read_list(struct buf *b, const struct move_table *t, enum dialect d)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns);

	for (size_t i = 0; i < n; i++) {
		struct slice name = columns[i].name;

		if (columns[i].type == 'n')
			buf_printf(b, ", coalesce(t." SLICE_FMT ", -1)", SLICE_ARG(name));
		else if (columns[i].type == 'q' && d == DIALECT_SQLITE)
			buf_add_c(b, ", row_number() OVER (PARTITION BY t.number ORDER BY t.rowid)");
		else if (adds_up(t, d) && i == n - 1)
			buf_add_c(b, ", sum(t.n)::bigint");
		else
			buf_printf(b, ", t." SLICE_FMT, SLICE_ARG(name));
	}
}

static void write_names(struct buf *b, const struct move_table *t, enum dialect d)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns), written = 0;

	for (size_t i = 0; i < n; i++)
		if (columns[i].type != 'q' || d == DIALECT_POSTGRES)
			buf_printf(b, "%s" SLICE_FMT, written++ ? ", " : "", SLICE_ARG(columns[i].name));
}

/* What belongs to a case is read and taken away through it: without it, it is not written either. Beside a gateway that
   works, a case may have come after the cases were looked through; it has its turn in the last round. */

/* ---- SQLite --------------------------------------------------------------------------------------------------- */

static void lite_bound(struct buf *b, const struct move_table *t)
{
	const char *table = t->walk == MOVE_BY_CASE ? "cases" : t->name;

	if (t->walk == MOVE_WHOLE)
		buf_add_c(b, "SELECT ?1, ?2 WHERE 0");
	else
		buf_printf(b,
			   "SELECT max(r), count(*) FROM (SELECT %s AS r FROM %s WHERE %s > ?1 ORDER BY %s LIMIT ?2)",
			   t->range, table, t->range, t->range);
}

static void lite_rows(struct buf *b, const struct move_table *t)
{
	if (t->walk == MOVE_WHOLE)
		buf_add_c(b, "SELECT 0");
	else
		buf_printf(b, "SELECT %s.%s", t->walk == MOVE_BY_CASE ? "k" : "t", t->range);
	read_list(b, t, DIALECT_SQLITE);
	if (t->walk == MOVE_BY_CASE)
		buf_printf(b,
			   " FROM cases k CROSS JOIN %s t ON t.number = k.number WHERE k.created_at > ?1 AND "
			   "k.created_at <= ?2",
			   t->name);
	else if (t->walk == MOVE_WHOLE)
		buf_printf(b, " FROM %s t WHERE ?1 < ?2", t->name);
	else
		buf_printf(b, " FROM %s t WHERE t.%s > ?1 AND t.%s <= ?2", t->name, t->range, t->range);
}

static void lite_delete(struct buf *b, const struct move_table *t)
{
	if (t->walk == MOVE_BY_CASE)
		buf_printf(b, "DELETE FROM %s WHERE number IN (SELECT number FROM cases WHERE created_at = ?1)",
			   t->name);
	else if (t->walk == MOVE_WHOLE)
		buf_printf(b, "DELETE FROM %s WHERE ?1 = 0", t->name);
	else
		buf_printf(b, "DELETE FROM %s WHERE %s = ?1", t->name, t->range);
}

static void lite_insert(struct buf *b, const struct move_table *t)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns), written = 0;

	buf_printf(b, "INSERT INTO %s(", t->name);
	write_names(b, t, DIALECT_SQLITE);
	buf_add_c(b, t->walk == MOVE_BY_CASE ? ") SELECT " : ") VALUES(");
	for (size_t i = 0; i < n; i++)
		if (columns[i].type != 'q') {
			written++;
			buf_printf(b, columns[i].type == 'n' ? "%snullif(?%zu, -1)" : "%s?%zu", written > 1 ? ", " : "",
				   written);
		}
	buf_add_c(b, t->walk == MOVE_BY_CASE ? " WHERE EXISTS (SELECT 1 FROM cases WHERE number = ?1)" : ")");
}

/* ---- PostgreSQL ----------------------------------------------------------------------------------------------- */

#define EACH_SHARD "(SELECT generate_series(0, 255)::smallint AS shard) s CROSS JOIN LATERAL "

enum move_walk move_walk_of(const struct move_table *t, bool split)
{
	return t->walk != MOVE_BY_ID ? t->walk : split ? MOVE_BY_OWNER : MOVE_BY_TIME;
}

/* By owner: of every shard the room-th row behind `after`; up to the nearest of these no shard has more than `room`. */
static void pg_bound(struct buf *b, const struct move_table *t)
{
	if (t->walk == MOVE_WHOLE)
		buf_add_c(b, "SELECT $1::bigint, $2::bigint WHERE false");
	else if (t->walk == MOVE_BY_OWNER)
		buf_printf(b,
			   "SELECT min(x.r) FROM " EACH_SHARD
			   "(SELECT t.%s AS r FROM %s t WHERE t.shard = s.shard AND t.%s > $1"
			   " ORDER BY t.%s OFFSET $2 - 1 LIMIT 1) x",
			   t->range, t->name, t->range, t->range);
	else
		buf_printf(b,
			   "SELECT CASE WHEN count(*) = $2 THEN max(r) END FROM (SELECT %s AS r FROM %s WHERE %s > $1 "
			   "ORDER BY %s"
			   " LIMIT $2) x",
			   t->range, t->walk == MOVE_BY_CASE ? "cases" : t->name, t->range, t->range);
}

/* OFFSET 0 keeps the shard's own look-up by index. */
static void pg_rows_text(struct buf *b, const struct move_table *t)
{
	if (t->walk == MOVE_BY_OWNER)
		buf_printf(b, "SELECT x.* FROM " EACH_SHARD "(SELECT t.%s AS r_", t->range);
	else if (t->walk == MOVE_WHOLE)
		buf_add_c(b, "SELECT 0");
	else
		buf_printf(b, "SELECT %s.%s", t->walk == MOVE_BY_CASE ? "k" : "t", t->range);
	read_list(b, t, DIALECT_POSTGRES);
	buf_printf(b, " FROM %s t", t->name);
	if (t->walk == MOVE_BY_CASE)
		buf_add_c(b, " JOIN cases k ON k.shard = t.shard AND k.number = t.number WHERE k.created_at > $1 AND"
			     " k.created_at <= $2");
	else if (t->walk == MOVE_WHOLE)
		buf_add_c(b, " WHERE $1::bigint < $2::bigint");
	else
		buf_printf(b, " WHERE t.%s > $1 AND t.%s <= $2", t->range, t->range);
	if (t->walk == MOVE_BY_OWNER)
		buf_add_c(b, " AND t.shard = s.shard OFFSET 0) x");
	if (adds_up(t, DIALECT_POSTGRES))
		buf_add_c(b, " GROUP BY t.day, t.channel, t.fate");
}

static void pg_delete(struct buf *b, const struct move_table *t)
{
	buf_printf(b, "DELETE FROM %s t USING ", t->name);
	if (t->walk == MOVE_BY_CASE)
		buf_add_c(b, "cases k, unnest($1, $2) AS w(shard, r) WHERE k.created_at = w.r AND t.shard = k.shard "
			     "AND t.number"
			     " = k.number");
	else if (t->walk == MOVE_WHOLE)
		buf_add_c(b, "unnest($1, $2) AS w(shard, r)");
	else
		buf_printf(b, "unnest($1, $2) AS w(shard, r) WHERE t.%s = w.r%s", t->range,
			   t->walk == MOVE_BY_OWNER ? " AND t.shard = w.shard" : "");
}

static void pg_insert(struct buf *b, const struct move_table *t)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns);
	bool sharded = t->walk != MOVE_WHOLE;

	buf_printf(b, "INSERT INTO %s(%s", t->name, sharded ? "shard, " : "");
	write_names(b, t, DIALECT_POSTGRES);
	buf_printf(b, "%s) SELECT %s", adds_up(t, DIALECT_POSTGRES) ? ", gateway" : "", sharded ? "w.c0, " : "");
	for (size_t i = 1; i <= n; i++)
		buf_printf(b, columns[i - 1].type == 'n' ? "%snullif(w.c%zu, -1)" : "%sw.c%zu", i > 1 ? ", " : "", i);
	buf_printf(b, "%s FROM unnest($1", adds_up(t, DIALECT_POSTGRES) ? ", 0" : "");
	for (size_t i = 1; i <= n; i++)
		buf_printf(b, ", $%zu", i + 1);
	buf_add_c(b, ") AS w(c0");
	for (size_t i = 1; i <= n; i++)
		buf_printf(b, ", c%zu", i);
	buf_add_char(b, ')');
	if (t->walk == MOVE_BY_CASE)
		buf_add_c(b, " JOIN cases k ON k.shard = w.c0 AND k.number = w.c1");
}

static void count_text(struct buf *b, const struct move_table *t, enum dialect d)
{
	buf_printf(b, "SELECT count(*) FROM %s", t->name);
	if (adds_up(t, d)) {
		buf_clear(b);
		buf_add_c(b, "SELECT count(*) FROM (SELECT DISTINCT day, channel, fate FROM counts) x");
	}
}

int move_statement(const struct move_table *t, enum move_what what)
{
	return (int)((size_t)(t - move_tables) * MOVE_WHATS) + (int)what;
}

const char **move_statements(enum dialect d, bool split, const char *const *more, size_t n_more, struct arena *a)
{
	static void (*const lite[])(struct buf *, const struct move_table *) = {lite_bound, lite_rows, lite_delete,
										lite_insert};
	static void (*const pg[])(struct buf *, const struct move_table *) = {pg_bound, pg_rows_text, pg_delete,
									      pg_insert};
	const char **out = ARENA_ARRAY(a, const char *, n_move_tables *MOVE_WHATS + n_more);

	for (size_t i = 0; i < n_move_tables; i++) {
		struct move_table t = move_tables[i];

		t.walk = move_walk_of(&t, split);
		for (int what = 0; what < MOVE_WHATS; what++) {
			struct buf b = buf_in(a, TEXT_BYTES);

			if (what == MOVE_COUNT)
				count_text(&b, &t, d);
			else
				(d == DIALECT_SQLITE ? lite : pg)[what](&b, &t);
			out[i * MOVE_WHATS + (size_t)what] = b.data;
		}
	}
	memcpy(out + MOVE_OWN(0), more, n_more * sizeof *out);
	return out;
}

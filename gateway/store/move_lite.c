/*
 * One end of a move: the embedded store. A source is read through a connection that only reads, beside the gateway that
 * works on it; to make it stand still its lock is taken, which only one process can hold. A target is held by that lock
 * from the beginning.
 *
 * Foreign keys are off while a target is filled, for its rows come from a source that goes on; they are all looked at
 * in the end. Dedupe keys are sealed into runs of the size that the store itself makes (dedupe.h).
 */
#include "store/move_parts.h"
#include "store/rows.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CACHE_KIB  16384
#define CHECK_MS   500
#define LOG_BYTES  ((int64_t)16 << 20)
#define RUN_PAGES  65536 /* page numbers of one run (sqlite_keys.c) */
#define PAGES_STEP 16
#define LOG_STEP   2048
#define SEAL_BYTES ((size_t)64 << 20)
#define IN_THE_LOG INT64_MAX /* move_place.a: the runs are done */

enum {
	LITE_MARK = 0,
	LITE_MARK_PUT,
	LITE_PAGES,
	LITE_LOG,
	LITE_COUNT_RUNS,
	LITE_COUNT_LOG,
	LITE_PAGES_CLEAR,
	LITE_RUNS_CLEAR,
	LITE_LOG_CLEAR,
	LITE_PAGE_ADD,
	LITE_RUN_ADD,
	LITE_LOG_ADD,
	LITE_ORPHANS,
	LITE_ADDRESS,
	LITE_MORE,
};
#define AT(which) ((int)(n_move_tables * MOVE_WHATS) + (which))

struct lite {
	struct move_side front;
	struct sql *q;
	const char *path;
	bool target;
	struct dedupe keys; /* a run that is being gathered, with the time of each key */
	struct move_key *gathered;
	size_t n_gathered;
	int64_t runs;
};

static const char *const more[LITE_MORE] = {
	[LITE_MARK] = "SELECT n, what FROM huiyin_move WHERE name = ?1",
	[LITE_MARK_PUT] = "INSERT OR REPLACE INTO huiyin_move VALUES(?1, ?2, ?3)",
	[LITE_PAGES] = "SELECT p.page, p.entries, r.last_at FROM dedupe_page p JOIN dedupe_run r ON r.run = p.page / "
		       "65536 WHERE"
		       " p.page > ?1 AND r.last_at >= ?2 ORDER BY p.page LIMIT ?3",
	[LITE_LOG] = "SELECT id, key, event, at FROM dedupe_log WHERE id > ?1 AND at >= ?2 ORDER BY id LIMIT ?3",
	[LITE_COUNT_RUNS] = "SELECT coalesce(sum(n), 0) FROM dedupe_run WHERE last_at >= ?1",
	[LITE_COUNT_LOG] = "SELECT count(*) FROM dedupe_log WHERE at >= ?1",
	[LITE_PAGES_CLEAR] = "DELETE FROM dedupe_page",
	[LITE_RUNS_CLEAR] = "DELETE FROM dedupe_run",
	[LITE_LOG_CLEAR] = "DELETE FROM dedupe_log",
	[LITE_PAGE_ADD] = "INSERT INTO dedupe_page VALUES(?1, ?2)",
	[LITE_RUN_ADD] = "INSERT INTO dedupe_run VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[LITE_LOG_ADD] = "INSERT INTO dedupe_log(key, event, at) VALUES(?1, ?2, ?3)",
	[LITE_ORPHANS] = "SELECT \"table\" FROM pragma_foreign_key_check() LIMIT 1",
	[LITE_ADDRESS] = "SELECT address FROM identity LIMIT 1",
};

static struct lite *of(struct move_side *s)
{
	return (struct lite *)s;
}

static int number(const struct move_table *t, enum move_what what)
{
	return (int)((size_t)(t - move_tables) * MOVE_WHATS) + (int)what;
}

static enum result outcome(struct lite *l)
{
	enum result r = sql_result(l->q);

	l->front.trouble = r == OK ? NULL : "SQLite says why in the line above";
	return r;
}

static void lite_close(struct move_side *s)
{
	struct lite *l = of(s);

	sql_close(&l->q);
	dedupe_free(&l->keys);
	free(l->gathered);
	free(l);
}

/* ---- rows ---------------------------------------------------------------------------------------------------------
 */

static enum result lite_bound(struct move_side *s, const struct move_table *t, int64_t after, size_t room, int64_t *to)
{
	struct lite *l = of(s);
	int st = number(t, MOVE_BOUND);

	*to = MOVE_ALL;
	sql_clear(l->q);
	if (!sql_ask(l->q, st, "ii", after, (int64_t)room))
		return outcome(l);
	if (sql_int(l->q, st, 1) == (int64_t)room)
		*to = sql_int(l->q, st, 0);
	sql_rest(l->q, st);
	return outcome(l);
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

static enum result lite_rows(struct move_side *s, const struct move_table *t, int64_t after, int64_t to,
			     struct arena *a, struct move_rows *out)
{
	struct lite *l = of(s);
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns), room = 0;
	int st = number(t, MOVE_ROWS);

	*out = (struct move_rows){0};
	sql_clear(l->q);
	for (bool row = sql_ask(l->q, st, "ii", after, to); row; row = sql_next(l->q, st)) {
		struct move_row r = {sql_int(l->q, st, 0), ARENA_ARRAY(a, struct sql_value, n)};

		for (size_t i = 0; i < n; i++)
			r.v[i] = value(l, st, (int)i + 1, columns[i].type, a);
		list_room(a, (void **)&out->list, &out->n, &room, sizeof *out->list);
		out->list[out->n++] = r;
	}
	return outcome(l);
}

static bool one_number(struct lite *l, int st, const char *types, int64_t with, int64_t *n)
{
	if (!sql_ask(l->q, st, types, with))
		return false;
	*n = sql_int(l->q, st, 0);
	sql_rest(l->q, st);
	return true;
}

static enum result lite_count(struct move_side *s, const struct move_table *t, int64_t *n)
{
	struct lite *l = of(s);

	sql_clear(l->q);
	one_number(l, number(t, MOVE_COUNT), "", 0, n);
	return outcome(l);
}

static void put_mark(struct lite *l, const char *name, int64_t at, struct slice text)
{
	sql_do(l->q, AT(LITE_MARK_PUT), "sis", slice_of(name), at, text);
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
	sql_do_row(l->q, number(t, MOVE_INSERT), types, v);
}

static enum result lite_put(struct move_side *s, const struct move_change *c)
{
	struct lite *l = of(s);
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(c->table, columns);

	sql_begin(l->q);
	for (size_t i = 0; i < c->n_gone; i++)
		sql_do(l->q, number(c->table, MOVE_DELETE), "i", c->gone[i]);
	for (size_t i = 0; i < c->n_rows; i++)
		insert(l, c->table, &c->rows[i], columns, n);
	if (c->mark)
		put_mark(l, c->mark, c->mark_at, S("-"));
	if (sql_commit(l->q) == OK)
		sql_checkpoint(l->q, LOG_BYTES);
	return outcome(l);
}

/* ---- dedupe keys --------------------------------------------------------------------------------------------------
 */

static void take_entries(struct slice entries, int64_t at, struct arena *a, struct move_key **out, size_t *n,
			 size_t *room)
{
	for (size_t i = 0; i + DEDUPE_ENTRY_BYTES <= entries.len; i += DEDUPE_ENTRY_BYTES) {
		struct move_key k = {.at = at};

		memcpy(k.key.bytes, entries.data + i, sizeof k.key.bytes);
		memcpy(&k.event, entries.data + i + sizeof k.key.bytes, sizeof k.event);
		list_room(a, (void **)out, n, room, sizeof **out);
		(*out)[(*n)++] = k;
	}
}

/* First the sealed runs, page by page (of their keys only the run's age is known), then the log. */
static enum result lite_keys_next(struct move_side *s, int64_t cut, struct move_place *at, struct arena *a,
				  struct move_key **out, size_t *n)
{
	struct lite *l = of(s);
	size_t room = 0;

	*out = NULL;
	*n = 0;
	sql_clear(l->q);
	if (at->a != IN_THE_LOG) {
		for (bool row = sql_ask(l->q, AT(LITE_PAGES), "iid", at->a, cut, PAGES_STEP); row;
		     row = sql_next(l->q, AT(LITE_PAGES))) {
			at->a = sql_int(l->q, AT(LITE_PAGES), 0);
			take_entries(sql_peek(l->q, AT(LITE_PAGES), 1), sql_int(l->q, AT(LITE_PAGES), 2), a, out, n,
				     &room);
		}
		if (*n || sql_result(l->q) != OK)
			return outcome(l);
		at->a = IN_THE_LOG;
		at->b = 0;
	}
	for (bool row = sql_ask(l->q, AT(LITE_LOG), "iid", at->b, cut, LOG_STEP); row;
	     row = sql_next(l->q, AT(LITE_LOG))) {
		struct move_key k = {sql_hash(l->q, AT(LITE_LOG), 1), sql_int(l->q, AT(LITE_LOG), 2),
				     sql_int(l->q, AT(LITE_LOG), 3)};

		at->b = sql_int(l->q, AT(LITE_LOG), 0);
		list_room(a, (void **)out, n, &room, sizeof **out);
		(*out)[(*n)++] = k;
	}
	return outcome(l);
}

static enum result lite_keys_count(struct move_side *s, int64_t cut, int64_t *n)
{
	struct lite *l = of(s);
	int64_t log = 0;

	*n = 0;
	sql_clear(l->q);
	one_number(l, AT(LITE_COUNT_RUNS), "i", cut, n);
	one_number(l, AT(LITE_COUNT_LOG), "i", cut, &log);
	*n += log;
	return outcome(l);
}

static enum result lite_keys_clear(struct move_side *s)
{
	struct lite *l = of(s);

	sql_begin(l->q);
	for (int st = LITE_PAGES_CLEAR; st <= LITE_LOG_CLEAR; st++)
		sql_do(l->q, AT(st), "");
	sql_commit(l->q);
	dedupe_clear_recent(&l->keys);
	l->n_gathered = 0;
	l->runs = 0;
	return outcome(l);
}

static enum result seal(struct lite *l)
{
	struct arena *a = arena_open(SEAL_BYTES);
	uint32_t n_pages = dedupe_pages(l->keys.n);
	struct slice *pages = dedupe_seal(&l->keys, n_pages, a), filter = dedupe_filter(&l->keys, a);
	int64_t run = l->runs + 1;

	sql_begin(l->q);
	for (uint32_t i = 0; i < n_pages; i++)
		if (pages[i].len)
			sql_do(l->q, AT(LITE_PAGE_ADD), "ib", run * RUN_PAGES + i, pages[i]);
	sql_do(l->q, AT(LITE_RUN_ADD), "iiiiib", run, l->keys.first_at, l->keys.last_at, (int64_t)l->keys.n,
	       (int64_t)n_pages, filter);
	if (sql_commit(l->q) == OK) {
		sql_checkpoint(l->q, LOG_BYTES);
		l->runs = run;
		dedupe_clear_recent(&l->keys);
		l->n_gathered = 0;
	}
	arena_close(&a);
	return outcome(l);
}

static enum result lite_keys_put(struct move_side *s, const struct move_key *keys, size_t n, int64_t mark)
{
	struct lite *l = of(s);

	(void)mark; /* they come all at once, while the source stands still */
	if (!l->gathered && !(l->gathered = malloc(DEDUPE_SEAL * sizeof *l->gathered)))
		exhausted("dedupe keys of a move");
	for (size_t i = 0; i < n; i++) {
		enum result r = l->n_gathered == DEDUPE_SEAL ? seal(l) : OK;

		if (r != OK)
			return r;
		if (dedupe_put(&l->keys, &keys[i].key, keys[i].event, keys[i].at))
			l->gathered[l->n_gathered++] = keys[i];
	}
	return OK;
}

/* What is not enough for a run stays in the log. */
static enum result lite_keys_end(struct move_side *s, int64_t cut)
{
	struct lite *l = of(s);

	(void)cut;
	sql_begin(l->q);
	for (size_t i = 0; i < l->n_gathered; i++)
		sql_do(l->q, AT(LITE_LOG_ADD), "hii", &l->gathered[i].key, l->gathered[i].event, l->gathered[i].at);
	sql_commit(l->q);
	return outcome(l);
}

/* ---- marks --------------------------------------------------------------------------------------------------------
 */

static bool has_marks(struct sql *q)
{
	int64_t n = 0;

	return sql_number(q, "SELECT count(*) FROM sqlite_schema WHERE name = 'huiyin_move'", &n) && n;
}

static enum result lite_mark(struct move_side *s, const char *name, int64_t *at, struct arena *a, struct slice *text)
{
	struct lite *l = of(s);

	sql_clear(l->q);
	if (!has_marks(l->q) || !sql_ask(l->q, AT(LITE_MARK), "s", slice_of(name)))
		return outcome(l);
	*at = sql_int(l->q, AT(LITE_MARK), 0);
	*text = sql_text(l->q, AT(LITE_MARK), 1, a);
	sql_rest(l->q, AT(LITE_MARK));
	return outcome(l);
}

static const char marks[] =
	"CREATE TABLE IF NOT EXISTS huiyin_move(name TEXT PRIMARY KEY, n INTEGER NOT NULL, what TEXT)"
	" STRICT, WITHOUT ROWID";

static enum result put_state(struct lite *l, enum move_state state, struct slice other)
{
	sql_begin(l->q);
	sql_script(l->q, marks);
	put_mark(l, "state", state, other);
	sql_commit(l->q);
	return outcome(l);
}

static bool lite_begin(struct move_side *s, struct slice origin, struct arena *a, struct slice *why)
{
	struct lite *l = of(s);

	if (put_state(l, MOVE_COPYING, origin) == OK && sql_script(l->q, "PRAGMA foreign_keys = OFF"))
		return true;
	*why = arena_printf(a, "%s cannot be written: is the disk full or read-only?", l->path);
	return false;
}

static enum result lite_finish(struct move_side *s)
{
	struct lite *l = of(s);

	sql_begin(l->q);
	sql_script(l->q, "DROP TABLE huiyin_move");
	sql_commit(l->q);
	sql_checkpoint(l->q, 0);
	return outcome(l);
}

static enum result lite_leave(struct move_side *s, struct slice to)
{
	return put_state(of(s), MOVE_GONE, to);
}

static bool lite_sound(struct move_side *s, struct arena *a, struct slice *why)
{
	struct lite *l = of(s);

	sql_clear(l->q);
	if (sql_ask(l->q, AT(LITE_ORPHANS), "")) {
		*why = arena_printf(a, "a row of the table " SLICE_FMT " refers to one that is not there",
				    SLICE_ARG(sql_peek(l->q, AT(LITE_ORPHANS), 0)));
		sql_rest(l->q, AT(LITE_ORPHANS));
		return false;
	}
	if (outcome(l) == OK)
		return true;
	*why = arena_printf(a, "%s cannot be read to the end; SQLite says why in the line above", l->path);
	return false;
}

bool move_lets_in_lite(struct sql *q, struct arena *a, struct slice *why)
{
	enum move_state state = MOVE_COPYING; /* no gateway writes into what cannot be read */
	struct slice other = {0};

	if (!has_marks(q))
		return true;
	if (sql_ask(q, SQL_MOVE_STATE, "")) {
		state = (enum move_state)sql_int(q, SQL_MOVE_STATE, 0);
		other = sql_text(q, SQL_MOVE_STATE, 1, a);
		sql_rest(q, SQL_MOVE_STATE);
	}
	return move_lets_in(state, other, a, why);
}

/* ---- open and close -----------------------------------------------------------------------------------------------
 */

static struct sql *connect(struct lite *l, bool writer, struct arena *a, struct slice *why)
{
	const struct sql_options o = {.path = l->path,
				      .statements = l->front.statements,
				      .n = n_move_tables * MOVE_WHATS + LITE_MORE,
				      .writer = writer,
				      .application_id = SCHEMA_APPLICATION_ID,
				      .cache_kib = CACHE_KIB,
				      .check_ms = CHECK_MS};

	return sql_open(&o, a, why);
}

/* Who holds the lock is the only one who writes; a gateway that is started meanwhile finds it taken and says so. */
static bool lite_still(struct move_side *s, struct arena *a, struct slice *why)
{
	struct lite *l = of(s);
	struct sql *q = connect(l, true, a, why);

	if (!q)
		return false;
	sql_close(&l->q);
	l->q = q;
	return true;
}

static const struct move_side_kind kind_lite = {
	.close = lite_close,
	.bound = lite_bound,
	.rows = lite_rows,
	.count = lite_count,
	.put = lite_put,
	.keys_next = lite_keys_next,
	.keys_count = lite_keys_count,
	.keys_clear = lite_keys_clear,
	.keys_put = lite_keys_put,
	.keys_end = lite_keys_end,
	.mark = lite_mark,
	.begin = lite_begin,
	.finish = lite_finish,
	.still = lite_still,
	.leave = lite_leave,
	.sound = lite_sound,
};

/* Ids made by versions before the shards: in PostgreSQL nobody would find what hangs on them. */
static bool ids_fit(struct lite *l, struct arena *a, struct slice *why)
{
	static const struct {
		const char *table, *where;
	} looks[] = {
		{"identity", "hex(substr(hash, 1, 1)) <> printf('%02X', contact & 255)"},
		{"outbox", "(id & 255) <> (contact & 255)"},
		{"media", "(id & 255) <> (contact & 255)"},
	};
	int64_t n = 0;

	for (size_t i = 0; i < sizeof looks / sizeof *looks; i++) {
		const char *text = arena_cstr(
			a, arena_printf(a, "SELECT count(*) FROM %s WHERE %s", looks[i].table, looks[i].where));

		if (!sql_number(l->q, text, &n) || n) {
			*why = arena_printf(a,
					    "%lld rows of the table %s in %s have ids of an older huiyin, which do not "
					    "say in which "
					    "shard they lie: PostgreSQL would not find them. This store cannot be "
					    "moved; begin a new "
					    "one beside it and keep this file to look things up",
					    (long long)n, looks[i].table, l->path);
			return false;
		}
	}
	return true;
}

static bool source_fits(struct lite *l, struct arena *a, struct slice *why)
{
	int64_t owner = 0, version = 0;

	if (!sql_number(l->q, "PRAGMA application_id", &owner) || !sql_number(l->q, "PRAGMA user_version", &version)) {
		*why = arena_printf(a, "%s cannot be read; SQLite says why in the line above", l->path);
		return false;
	}
	if (owner != SCHEMA_APPLICATION_ID)
		*why = arena_printf(a, "%s is not a store of huiyin", l->path);
	else if (version > schema_newest())
		*why = arena_printf(
			a, "%s was written by a newer huiyin (schema %d; this one knows %d): move it with that one",
			l->path, (int)version, schema_newest());
	else if (version < schema_newest())
		*why = arena_printf(
			a, "%s has schema %d and this huiyin works with %d: start it once on this store, then move",
			l->path, (int)version, schema_newest());
	else
		return ids_fit(l, a, why);
	return false;
}

/* The store's own open makes it, brings it up to date, and says what is wrong with it. */
static bool make_target(const struct move_options *o, struct arena *a, struct slice *why)
{
	const struct store_options so = {.key = o->key, .create = true, .moving = true};
	struct store *s = store_open_with(o->to, &so, a, why);

	if (!s)
		return false;
	s->kind->close(s);
	return true;
}

static bool key_fits(struct lite *l, const struct key *key, struct arena *a, struct slice *why)
{
	struct slice sealed;

	if (!sql_ask(l->q, AT(LITE_ADDRESS), ""))
		return true;
	sealed = sql_text(l->q, AT(LITE_ADDRESS), 0, a);
	sql_rest(l->q, AT(LITE_ADDRESS));
	if (open_address(key, sealed, a).len)
		return true;
	*why = arena_printf(
		a,
		"the addresses in %s are sealed with another key: the state/store.key of the gateway that works "
		"on it must be the one named in the configuration (state:)",
		l->path);
	return false;
}

static bool opened(struct lite *l, const struct move_options *o, struct arena *a, struct slice *why)
{
	if (l->target && !o->check && !make_target(o, a, why))
		return false;
	if (access(l->path, F_OK) != 0) {
		*why = arena_printf(a, "there is no store at %s", l->path);
		return false;
	}
	l->q = connect(l, l->target && !o->check, a, why);
	return l->q && (l->target || (source_fits(l, a, why) && key_fits(l, &o->key, a, why)));
}

struct move_side *move_lite_open(const struct move_options *o, bool target, struct arena *a, struct slice *why)
{
	struct lite *l = calloc(1, sizeof *l);
	struct slice url = target ? o->to : o->from;
	char *path;

	if (!l)
		exhausted("move");
	l->front.kind = &kind_lite;
	l->front.statements = move_statements(DIALECT_SQLITE, LITE_MORE, a);
	for (int i = 0; i < LITE_MORE; i++)
		l->front.statements[AT(i)] = more[i];
	l->target = target;
	l->path = arena_cstr(a, slice_from(url, slice_find(url, S(":")) + 1));
	if (opened(l, o, a, why)) {
		path = realpath(l->path, NULL);
		l->front.origin = arena_printf(a, "sqlite:%s", path ? path : l->path);
		free(path);
		return &l->front;
	}
	lite_close(&l->front);
	return NULL;
}

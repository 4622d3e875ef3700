/*
 * One end of a move: the embedded store. A source is read through a connection that only reads, beside the gateway that
 * works on it; a target is held by its lock from the beginning. Here it is opened and closed, and looked at whether it
 * can be moved at all.
 *
 * Fatal: running out of memory.
 */
#include "store/move_lite.h"
#include "store/rows.h"

#include <stdlib.h>
#include <unistd.h>

#define CACHE_KIB 16384
#define CHECK_MS  500

static const char *const more[LITE_MORE] = {
	[LITE_MARK] = "SELECT n, what FROM huiyin_move WHERE name = ?1",
	[LITE_MARK_PUT] = "INSERT OR REPLACE INTO huiyin_move VALUES(?1, ?2, ?3)",
	[LITE_PAGES] =
		"SELECT p.page, p.entries, r.last_at FROM dedupe_page p JOIN dedupe_run r ON r.run = p.page / 65536"
		" WHERE p.page > ?1 AND r.last_at >= ?2 ORDER BY p.page LIMIT ?3",
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

struct lite *lite_of(struct move_side *s)
{
	return (struct lite *)s;
}

enum result lite_outcome(struct lite *l)
{
	enum result r = sql_result(l->q);

	l->front.trouble = r == OK ? NULL : "SQLite says why in the line above";
	return r;
}

bool lite_number(struct lite *l, int st, const char *types, int64_t with, int64_t *n)
{
	if (!sql_ask(l->q, st, types, with))
		return false;
	*n = sql_int(l->q, st, 0);
	sql_rest(l->q, st);
	return true;
}

struct sql *lite_connect(struct lite *l, bool writer, struct arena *a, struct slice *why)
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

/* ---- does it fit ---------------------------------------------------------------------------------------------- */

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
					    "say in which shard they lie: PostgreSQL would not find them. This store "
					    "cannot be moved; begin a new one beside it and keep this file to look "
					    "things up",
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

	if (!sql_ask(l->q, MOVE_OWN(LITE_ADDRESS), ""))
		return true;
	sealed = sql_text(l->q, MOVE_OWN(LITE_ADDRESS), 0, a);
	sql_rest(l->q, MOVE_OWN(LITE_ADDRESS));
	if (open_address(key, sealed, a).len)
		return true;
	*why = arena_printf(
		a,
		"the addresses in %s are sealed with another key: the state/store.key of the gateway that works "
		"on it must be the one named in the configuration (state:)",
		l->path);
	return false;
}

/* ---- open and close ------------------------------------------------------------------------------------------- */

static void lite_close(struct move_side *s)
{
	struct lite *l = lite_of(s);

	sql_close(&l->q);
	dedupe_free(&l->keys);
	free(l->gathered);
	free(l);
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

static bool opened(struct lite *l, const struct move_options *o, struct arena *a, struct slice *why)
{
	if (l->target && !o->check && !make_target(o, a, why))
		return false;
	if (access(l->path, F_OK) != 0) {
		*why = arena_printf(a, "there is no store at %s", l->path);
		return false;
	}
	l->q = lite_connect(l, l->target && !o->check, a, why);
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
	l->front.statements = move_statements(DIALECT_SQLITE, false, more, LITE_MORE, a);
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

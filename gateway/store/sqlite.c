/*
 * The embedded store: one file, one thread that writes. This file opens and closes it, brings old files up to date and
 * refuses newer ones; its parts are sqlite_load, sqlite_apply (with sqlite_claim, sqlite_time, sqlite_keys) and
 * sqlite_read; sql.c is what knows SQLite itself. Fatal: running out of memory.
 */
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "huiyin/log.h"
#include "store/move_parts.h"
#include "store/schema.h"

#define CACHE_KIB       5120 /* of pages; with the engine's arenas this keeps the process below 64 MiB */
#define CHECK_MS        500
#define PARKED_PER_BITE 256
#define LOG_REST_BYTES  CRASH_OR((int64_t)1 << 16, (int64_t)1 << 20)

const char *const sqlite_statements[] = {
#define SQL(name, text) [SQL_##name] = text,
#include "store/statements.def"
#include "huiyin/crash.h"
#undef SQL
};

/* ---- versions ---- */

static bool step_up(struct sql *q, int version)
{
	const char *const *up = schema_steps[version].up;
	struct arena *a;
	char mark[64];

	if (sql_begin(q) != OK)
		return false;
	a = arena_open(0);
	snprintf(mark, sizeof mark, "PRAGMA user_version=%d", version + 1);
	for (int i = 0; up[i]; i++)
		sql_script(q, schema_text(a, up[i], DIALECT_SQLITE, 0));
	arena_close(&a);
	sql_script(q, mark);
	if (version == 0) {
		snprintf(mark, sizeof mark, "PRAGMA application_id=%d", SCHEMA_APPLICATION_ID);
		sql_script(q, mark);
	}
	return sql_commit(q) == OK;
}

static bool bring_up(struct sql *q, const char *path, struct arena *a, struct slice *why)
{
	int64_t version;

	if (!sql_number(q, "PRAGMA user_version", &version)) {
		*why = arena_printf(a, "%s cannot be read; see the log for what SQLite says", path);
		return false;
	}
	if (version > schema_newest()) {
		*why = arena_printf(
			a,
			"%s was written by a newer huiyin (schema %d; this one knows %d): start that one, or put"
			" back a backup from before the upgrade",
			path, (int)version, schema_newest());
		return false;
	}
	while (version < schema_newest() && step_up(q, (int)version))
		version++;
	if (version < schema_newest())
		*why = arena_printf(a, "%s could not be brought to schema %d: is the disk full or read-only?", path,
				    (int)version + 1);
	return version == schema_newest();
}

/* ---- open and close ---- */

static void sqlite_close(struct store *store)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	if (!s)
		return;
	sql_close(&s->q);
	dedupe_free(&s->keys);
	contacts_free(&s->contacts);
	secret_wipe(&s->key, sizeof s->key);
	free(s->path);
	free(s);
}

static bool recall(struct sqlite_store *s)
{
	for (bool row = sql_ask(s->q, SQL_CHAT_CHANNELS, ""); row; row = sql_next(s->q, SQL_CHAT_CHANNELS)) {
		struct slice name = sql_peek(s->q, SQL_CHAT_CHANNELS, 0);
		if (name.len < sizeof *s->chat_channels && s->n_chat_channels < CHAT_CHANNELS_MAX)
			memcpy(s->chat_channels[s->n_chat_channels++], name.data, name.len);
	}
	return keys_open(s);
}

static struct store *sqlite_open(const struct store_options *o, struct arena *a, struct slice *why)
{
	struct sqlite_store *s = calloc(1, sizeof *s);
	struct sql_options so = {.statements = sqlite_statements,
				 .n = SQL_STATEMENTS,
				 .writer = true,
				 .create = o->create,
				 .application_id = SCHEMA_APPLICATION_ID,
				 .cache_kib = CACHE_KIB,
				 .check_ms = CHECK_MS};

	if (!s)
		exhausted("sqlite");
	s->front.kind = &store_sqlite;
	s->key = o->key;
	s->path = strndup(o->where.len ? o->where.data : "", o->where.len);
	if (!s->path)
		exhausted("sqlite");
	if (!o->where.len) {
		*why = S("a sqlite store needs a file: sqlite:/var/lib/huiyin/huiyin.db");
		sqlite_close(&s->front);
		return NULL;
	}
	so.path = s->path;
	s->q = sql_open(&so, a, why);
	if (s->q && bring_up(s->q, s->path, a, why) && (o->moving || move_lets_in_lite(s->q, a, why))) {
		if (recall(s))
			return &s->front;
		*why = arena_printf(a, "%s cannot be read; see the log for what SQLite says", s->path);
	}
	sqlite_close(&s->front);
	return NULL;
}

/* ---- housekeeping ---- */

static enum result sqlite_revision(struct store *store, struct slice flow, struct slice revision, struct arena *a,
				   struct slice *source)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	sql_clear(s->q);
	if (!sql_ask(s->q, SQL_REVISION_GET, "ss", flow, revision))
		return sql_result(s->q) == OK ? NEVER : sql_result(s->q);
	*source = sql_text(s->q, SQL_REVISION_GET, 0, a);
	sql_rest(s->q, SQL_REVISION_GET);
	return OK;
}

static enum result sqlite_tidy(struct store *store, int64_t now, int64_t keep_ms)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	enum result r;

	r = sql_begin(s->q);
	if (r != OK)
		return r;
	keys_expire(s, now - keep_ms);
	sql_do(s->q, SQL_PARKED_DROP, "id", now - keep_ms, PARKED_PER_BITE);
	r = sql_commit(s->q);
	if (r != OK)
		return r;
	crash_point("tidied");
	sql_checkpoint(s->q, LOG_REST_BYTES);
	return sql_result(s->q);
}

static enum result sqlite_backup(struct store *store, const char *path, struct slice *why, struct arena *a)
{
	return sql_backup(((struct sqlite_store *)store)->q, path, why, a);
}

const struct store_kind store_sqlite = {
	.scheme = "sqlite",
	.about = "one file on this machine; nothing to install",
	.open = sqlite_open,
	.close = sqlite_close,
	.load = sqlite_load,
	.due = sqlite_due,
	.next_due = sqlite_next_due,
	.apply = sqlite_apply,
	.revision = sqlite_revision,
	.tidy = sqlite_tidy,
	.backup = sqlite_backup,
	.reader_open = sqlite_reader_open,
	.reader_close = sqlite_reader_close,
	.history = sqlite_history,
	.find_case = sqlite_find_case,
	.find_cases = sqlite_find_cases,
	.find_handovers = sqlite_find_handovers,
	.find_outbox = sqlite_find_outbox,
	.find_counts = sqlite_find_counts,
	.find_contact = sqlite_find_contact,
	.gauges = sqlite_gauges,
	.newest = sqlite_newest,
	.shift = sqlite_shift,
};

/*
 * The only file that knows SQLite. It holds the rules of reliability.md 4.3: WAL with synchronous=FULL; one connection
 * that writes and check-points, all others read-only (the WAL-reset race of 3.7.0-3.51.2 needs two); no mmap, no
 * trusted schema, lowered limits, prepared statements only.
 *
 * Fatal: running out of memory of our own. UNSURE, after which nothing works any more and the process must end: a sync that
 * failed, any I/O error while committing or check-pointing, a damaged file. A failed sync is never tried again: the
 * kernel reports it once and may have dropped the pages. LATER, with everything rolled back: full, busy, read-only,
 * SQLite out of memory.
 */
#include "store/sql.h"
#include "store/sql_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "huiyin/clock.h"
#include "huiyin/log.h"
#include "huiyin/crash.h"

#define BUSY_WAIT_MS      2000
#define SMALL_FILE_BYTES  ((int64_t)64 << 20)
#define BACKUP_STEP_PAGES 1024
#define RETRY_PAGES       512 /* 1 MiB */

enum { WORD_READ, WORD_WRITE, WORD_COMMIT, WORD_ROLLBACK, WORDS };
static const char *const words[WORDS] = {"BEGIN", "BEGIN IMMEDIATE", "COMMIT", "ROLLBACK"};

struct sql {
	sqlite3 *db;
	sqlite3_stmt **prepared, *words[WORDS]; /* words: BEGIN and the like */
	const char *const *statements;
	size_t n;
	bool writer, committing;
	enum result result; /* sticky */
	bool broken;        /* UNSURE happened */
	int wal_pages;      /* in the log; of which done_pages are written back, and at retry_pages it is tried again */
	int done_pages, retry_pages;
	int64_t page_bytes;
	int lock; /* descriptor of the lock file */
};

/* ---- what an error means ---- */

static enum result meaning(const struct sql *q, int code)
{
	switch (code & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return OK;
	case SQLITE_NOMEM: /* of a commit it cannot be known how far it came */
		return q->writer && q->committing ? UNSURE : LATER;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return q->writer ? UNSURE : LATER;
	case SQLITE_IOERR:
		return q->writer && (q->committing || code == SQLITE_IOERR_FSYNC) ? UNSURE : LATER;
	case SQLITE_TOOBIG:
		return NEVER;
	default:
		return LATER;
	}
}

static void note(struct sql *q, int code, const char *doing)
{
	enum result r = meaning(q, code);
	char number[16];

	if (r == OK)
		return;
	snprintf(number, sizeof number, "%d", code);
	if (code != SQLITE_INTERRUPT)
		log_line(r == UNSURE ? LOG_ERROR_ : LOG_WARN_, "store", sqlite3_errmsg(q->db), "doing", doing, "code",
			 number, "means", result_name(r), NULL);
	if (q->result == OK)
		q->result = r;
	if (r == UNSURE)
		q->broken = true;
}

enum result sql_result(const struct sql *q)
{
	return q->broken ? UNSURE : q->result;
}

void sql_clear(struct sql *q)
{
	q->result = q->broken ? UNSURE : OK;
}

void sql_refuse(struct sql *q)
{
	if (q->result == OK)
		q->result = LATER;
}

/* ---- statements ---- */

static sqlite3_stmt *statement(struct sql *q, int i)
{
	int rc;

	if (q->result != OK || q->broken)
		return NULL;
	if (q->prepared[i])
		return q->prepared[i];
	rc = sqlite3_prepare_v3(q->db, q->statements[i], -1, SQLITE_PREPARE_PERSISTENT, &q->prepared[i], NULL);
	if ((rc & 0xff) == SQLITE_ERROR) /* a slip of ours: it can never work */
		panic("statement %d: %s", i, sqlite3_errmsg(q->db));
	note(q, rc, "prepare");
	return q->result == OK ? q->prepared[i] : NULL;
}

static int bind(sqlite3_stmt *st, int at, char type, va_list *args)
{
	struct slice s;

	switch (type) {
	case 'i':
		return sqlite3_bind_int64(st, at, va_arg(*args, int64_t));
	case 'd':
		return sqlite3_bind_int(st, at, va_arg(*args, int));
	case 's':
		s = va_arg(*args, struct slice);
		return s.len ? sqlite3_bind_text64(st, at, s.data, s.len, SQLITE_STATIC, SQLITE_UTF8)
			     : sqlite3_bind_null(st, at);
	case 'b':
		s = va_arg(*args, struct slice);
		return s.len ? sqlite3_bind_blob64(st, at, s.data, s.len, SQLITE_STATIC) : sqlite3_bind_null(st, at);
	case 'h':
		return sqlite3_bind_blob(st, at, va_arg(*args, const struct hash16 *)->bytes, 16, SQLITE_STATIC);
	default:
		panic("statement bound with type '%c'", type);
	}
}

static bool bind_all(struct sql *q, sqlite3_stmt *st, const char *types, va_list *args)
{
	int rc = SQLITE_OK;

	for (int at = 1; types[at - 1] && rc == SQLITE_OK; at++)
		rc = bind(st, at, types[at - 1], args);
	note(q, rc, "bind");
	return rc == SQLITE_OK;
}

static bool step(struct sql *q, sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		note(q, sqlite3_extended_errcode(q->db), sqlite3_sql(st));
	sqlite3_reset(st);
	return false;
}

void sql_do(struct sql *q, int i, const char *types, ...)
{
	sqlite3_stmt *st = statement(q, i);
	va_list args;

	if (!st)
		return;
	va_start(args, types);
	if (bind_all(q, st, types, &args))
		while (step(q, st))
			;
	va_end(args);
}

void sql_do_row(struct sql *q, int i, const char *types, const struct sql_value *v)
{
	sqlite3_stmt *st = statement(q, i);
	int rc = SQLITE_OK;

	if (!st)
		return;
	for (int at = 1; types[at - 1] && rc == SQLITE_OK; at++, v++) {
		if (types[at - 1] == 'i')
			rc = sqlite3_bind_int64(st, at, v->n);
		else if (!v->s.len)
			rc = sqlite3_bind_null(st, at);
		else
			rc = types[at - 1] == 's' ? sqlite3_bind_text64(st, at, v->s.data, v->s.len, SQLITE_STATIC, SQLITE_UTF8)
						  : sqlite3_bind_blob64(st, at, v->s.data, v->s.len, SQLITE_STATIC);
	}
	note(q, rc, "bind");
	while (rc == SQLITE_OK && step(q, st))
		;
}

bool sql_ask(struct sql *q, int i, const char *types, ...)
{
	sqlite3_stmt *st = statement(q, i);
	va_list args;
	bool row;

	if (!st)
		return false;
	va_start(args, types);
	row = bind_all(q, st, types, &args) && step(q, st);
	va_end(args);
	return row;
}

bool sql_next(struct sql *q, int i)
{
	return step(q, q->prepared[i]);
}

void sql_rest(struct sql *q, int i)
{
	sqlite3_reset(q->prepared[i]);
}

int64_t sql_int(struct sql *q, int i, int column)
{
	return sqlite3_column_int64(q->prepared[i], column);
}

struct slice sql_peek(struct sql *q, int i, int column)
{
	const void *data = sqlite3_column_blob(q->prepared[i], column);

	return (struct slice){data, (size_t)sqlite3_column_bytes(q->prepared[i], column)};
}

struct slice sql_text(struct sql *q, int i, int column, struct arena *a)
{
	struct slice s = sql_peek(q, i, column);

	return s.len ? arena_copy(a, s) : (struct slice){0};
}

struct hash16 sql_hash(struct sql *q, int i, int column)
{
	struct slice s = sql_peek(q, i, column);
	struct hash16 h = {{0}};

	if (s.len == sizeof h.bytes)
		memcpy(h.bytes, s.data, sizeof h.bytes);
	return h;
}

int64_t sql_changed(struct sql *q)
{
	return sqlite3_changes64(q->db);
}

bool sql_script(struct sql *q, const char *text)
{
	int rc;

	if (sql_result(q) != OK)
		return false;
	rc = sqlite3_exec(q->db, text, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		note(q, sqlite3_extended_errcode(q->db), "script");
	return rc == SQLITE_OK;
}

bool sql_number(struct sql *q, const char *text, int64_t *out)
{
	sqlite3_stmt *st = NULL;
	bool ok = sqlite3_prepare_v2(q->db, text, -1, &st, NULL) == SQLITE_OK && sqlite3_step(st) == SQLITE_ROW;

	if (ok)
		*out = sqlite3_column_int64(st, 0);
	else
		note(q, sqlite3_extended_errcode(q->db), text);
	sqlite3_finalize(st);
	return ok;
}

/* ---- transactions ---- */

static void say(struct sql *q, int word)
{
	if (sql_result(q) == OK)
		step(q, q->words[word]);
}

/* All at the start: a rollback that finds no memory to be prepared would leave its transaction open for good. */
static bool learn_words(struct sql *q)
{
	int rc = SQLITE_OK;

	for (int i = 0; i < WORDS && rc == SQLITE_OK; i++)
		rc = sqlite3_prepare_v3(q->db, words[i], -1, SQLITE_PREPARE_PERSISTENT, &q->words[i], NULL);
	note(q, rc, "prepare");
	return rc == SQLITE_OK;
}

enum result sql_begin(struct sql *q)
{
	sql_clear(q);
	sql_rollback(q); /* there is nothing to do, unless the last one failed */
	say(q, WORD_WRITE);
	return sql_result(q);
}

/* One snapshot for several look-ups, and the file's locks are taken once. */
enum result sql_begin_reading(struct sql *q)
{
	sql_clear(q);
	sql_rollback(q);
	say(q, WORD_READ);
	return sql_result(q);
}

enum result sql_end_reading(struct sql *q)
{
	enum result r = sql_result(q);

	if (r == OK)
		say(q, WORD_COMMIT);
	if (!sqlite3_get_autocommit(q->db))
		sql_rollback(q);
	return r == OK ? sql_result(q) : r;
}

/* Some errors have rolled back already; then there is nothing to do. */
void sql_rollback(struct sql *q)
{
	if (sqlite3_get_autocommit(q->db))
		return;
	sqlite3_step(q->words[WORD_ROLLBACK]);
	sqlite3_reset(q->words[WORD_ROLLBACK]);
}

enum result sql_commit(struct sql *q)
{
	if (sql_result(q) == OK) {
		q->committing = true;
		say(q, WORD_COMMIT);
		q->committing = false;
	}
	if (sql_result(q) != OK)
		sql_rollback(q);
	return sql_result(q);
}

/* The hook takes the place of automatic check-points: when to make one is for us to say. */
static int count_pages(void *with, sqlite3 *db, const char *name, int pages)
{
	struct sql *q = with;

	if (pages <= q->wal_pages) /* it began anew */
		q->done_pages = q->retry_pages = 0;
	q->wal_pages = pages;
	(void)db;
	(void)name;
	return SQLITE_OK;
}

void sql_checkpoint(struct sql *q, int64_t from_bytes)
{
	int64_t bytes = q->wal_pages * (q->page_bytes + 24);
	int in_log = 0, done = 0, rc;

	if (q->broken || q->wal_pages == q->done_pages || q->wal_pages < q->retry_pages || bytes < from_bytes)
		return;
	q->committing = true; /* an I/O error here is as bad as one in a commit */
	rc = sqlite3_wal_checkpoint_v2(q->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &done);
	crash_point("checkpointed");
	if (rc == SQLITE_OK && bytes >= SQL_WAL_HARD_BYTES)
		rc = sqlite3_wal_checkpoint_v2(q->db, NULL, SQLITE_CHECKPOINT_RESTART, &in_log, &done);
	if (rc == SQLITE_OK && in_log == done)
		q->done_pages = q->wal_pages;
	q->retry_pages = q->wal_pages + RETRY_PAGES; /* a reader or a full disk may be in the way for a while */
	if (rc != SQLITE_OK && (rc & 0xff) != SQLITE_BUSY && (rc & 0xff) != SQLITE_LOCKED)
		note(q, sqlite3_extended_errcode(q->db), "checkpoint");
	q->committing = false;
	sql_clear(q);
}

/* ---- open ---- */

static int past_deadline(void *deadline)
{
	return clock_mono().ms > *(const int64_t *)deadline;
}

/* Null when all is well or the time was up; else the first line of complaint. */
static const char *quick_check(struct sql *q, int64_t ms, struct arena *a)
{
	int64_t deadline = clock_mono().ms + ms;
	const char *wrong = NULL;
	sqlite3_stmt *st = NULL;

	sqlite3_progress_handler(q->db, 1000, past_deadline, &deadline);
	if (sqlite3_prepare_v2(q->db, "PRAGMA quick_check(1)", -1, &st, NULL) == SQLITE_OK &&
	    sqlite3_step(st) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(st, 0);
		if (line && strcmp(line, "ok") != 0)
			wrong = arena_cstr(a, slice_of(line));
	} else if (sqlite3_errcode(q->db) != SQLITE_INTERRUPT && sqlite3_errcode(q->db) != SQLITE_BUSY) {
		wrong = arena_cstr(a, slice_of(sqlite3_errmsg(q->db)));
	}
	sqlite3_finalize(st);
	sqlite3_progress_handler(q->db, 0, NULL, NULL);
	return wrong;
}

static void lower_limits(sqlite3 *db)
{
	static const int limits[][2] = {
		{SQLITE_LIMIT_LENGTH, SQL_MAX_VALUE_BYTES},
		{SQLITE_LIMIT_SQL_LENGTH, 100000},
		{SQLITE_LIMIT_COLUMN, 100},
		{SQLITE_LIMIT_EXPR_DEPTH, 20},
		{SQLITE_LIMIT_COMPOUND_SELECT, 3},
		{SQLITE_LIMIT_VDBE_OP, 25000},
		{SQLITE_LIMIT_FUNCTION_ARG, 8},
		{SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 40},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 10},
	};

	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
		sqlite3_limit(db, limits[i][0], limits[i][1]);
}

static bool configure(struct sql *q, const struct sql_options *o)
{
	char text[512];

	sqlite3_extended_result_codes(q->db, 1);
	sqlite3_busy_timeout(q->db, BUSY_WAIT_MS);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_db_config(q->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, o->writer ? 0 : 1, NULL);
	lower_limits(q->db);
	snprintf(text, sizeof text,
		 "PRAGMA cache_size=-%d; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=0; %s",
		 o->cache_kib,
		 o->writer ? "PRAGMA synchronous=FULL; PRAGMA secure_delete=FAST; PRAGMA journal_size_limit=67108864"
			   : "PRAGMA query_only=1");
	return sql_script(q, text);
}

/* Before anything is changed: a file with another owner stays as it is. */
static bool is_ours(struct sql *q, const struct sql_options *o, struct arena *a, struct slice *why)
{
	int64_t owner, version, tables;

	if (!sql_number(q, "PRAGMA application_id", &owner) || !sql_number(q, "PRAGMA user_version", &version) ||
	    !sql_number(q, "SELECT count(*) FROM sqlite_schema", &tables)) {
		*why = arena_printf(a, "%s cannot be opened as a store: %s", o->path, sqlite3_errmsg(q->db));
		return false;
	}
	if (owner == o->application_id || !(owner || version || tables))
		return true;
	*why = arena_printf(a, "%s is a database of another program; give huiyin a file of its own", o->path);
	return false;
}

static bool writer_ready(struct sql *q, const struct sql_options *o, bool unclean, struct arena *a, struct slice *why)
{
	const char *wrong;

	if (!is_ours(q, o, a, why))
		return false;
	if (sqlite3_db_readonly(q->db, NULL) == 1) {
		*why = arena_printf(a, "%s cannot be written; give it to the user huiyin runs as (chown, chmod 600)",
				    o->path);
		return false;
	}
	/* Half of the usual page: a turn changes one row here and there, and each changed page is written twice. */
	if (sql_file_bytes(o->path) == 0)
		sql_script(q, "PRAGMA auto_vacuum=NONE; PRAGMA page_size=2048");
	if (!sql_script(q, "PRAGMA journal_mode=WAL")) {
		*why = arena_printf(a, "%s cannot be opened as a store: %s", o->path, sqlite3_errmsg(q->db));
		return false;
	}
	if (!unclean && sql_file_bytes(o->path) > SMALL_FILE_BYTES)
		return true;
	wrong = quick_check(q, o->check_ms, a);
	if (wrong)
		*why = arena_printf(a, "%s is damaged (%s); put back the last backup, and keep this file for a look",
				    o->path, wrong);
	return !wrong;
}

static bool open_file(struct sql *q, const struct sql_options *o, struct arena *a, struct slice *why)
{
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE |
		    (o->writer ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
	bool unclean;

	if (!sql_folder_there(o->path, a, why))
		return false;
	if (o->writer && (!sql_take_lock(o->path, &q->lock, a, why) || !sql_make_file(o->path, o->create, a, why)))
		return false;
	unclean = sql_file_bytes(arena_cstr(a, arena_printf(a, "%s-wal", o->path))) > 0;
	if (sqlite3_open_v2(o->path, &q->db, flags, NULL) != SQLITE_OK || !configure(q, o)) {
		*why = arena_printf(a, "%s cannot be opened as a store: %s", o->path, sqlite3_errmsg(q->db));
		return false;
	}
	sqlite3_wal_hook(q->db, count_pages, q);
	if (!learn_words(q)) {
		*why = arena_printf(a, "%s cannot be opened as a store: %s", o->path, sqlite3_errmsg(q->db));
		return false;
	}
	return !o->writer || (writer_ready(q, o, unclean, a, why) && sql_number(q, "PRAGMA page_size", &q->page_bytes));
}

/* Counting every allocation takes a lock each time, and nobody asks for the sums. */
static void set_up_library(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

struct sql *sql_open(const struct sql_options *o, struct arena *a, struct slice *why)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct sql *q = calloc(1, sizeof *q);

	if (!q)
		exhausted("sql");
	pthread_once(&once, set_up_library);
	q->lock = -1;
	q->writer = o->writer;
	q->statements = o->statements;
	q->n = o->n;
	q->prepared = calloc(o->n ? o->n : 1, sizeof *q->prepared);
	if (!q->prepared)
		exhausted("sql");
	if (!open_file(q, o, a, why))
		sql_close(&q);
	return q;
}

void sql_close(struct sql **at)
{
	struct sql *q = *at;

	if (!q)
		return;
	for (size_t i = 0; i < q->n; i++)
		sqlite3_finalize(q->prepared[i]);
	for (size_t i = 0; i < WORDS; i++)
		sqlite3_finalize(q->words[i]);
	if (q->broken) /* what the disk did not take must not be written over now */
		sqlite3_db_config(q->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_close(q->db);
	if (q->lock >= 0)
		close(q->lock);
	free(q->prepared);
	free(q);
	*at = NULL;
}

/* ---- backup ---- */

static int copy_all(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", from, "main");
	int rc = SQLITE_OK;

	if (!b)
		return sqlite3_errcode(to);
	while (rc == SQLITE_OK)
		rc = sqlite3_backup_step(b, BACKUP_STEP_PAGES);
	sqlite3_backup_finish(b);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

/* From the writing connection, so that no second one reads while pages move; the copy is synced before it has its name.
 */
enum result sql_backup(struct sql *q, const char *path, struct slice *why, struct arena *a)
{
	const char *part = arena_cstr(a, arena_printf(a, "%s.part", path));
	sqlite3 *copy = NULL;
	bool done;
	int fd;

	if (sql_same_file(path, sqlite3_db_filename(q->db, "main"))) {
		*why = arena_printf(a, "%s is the store itself; name another file for the copy", path);
		return NEVER;
	}
	fd = open(part, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		*why = arena_printf(a, "cannot write %s: %s", part, strerror(errno));
		return LATER;
	}
	close(fd);
	done = sqlite3_open_v2(part, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
	       copy_all(q->db, copy) == SQLITE_OK;
	if (!done)
		*why = arena_printf(a, "the copy to %s failed: %s", part, sqlite3_errmsg(copy));
	sqlite3_close(copy);
	crash_point("backup_copied");
	if (done && (rename(part, path) != 0 || !sql_sync_folder(path, a))) {
		*why = arena_printf(a, "the copy cannot get its name %s: %s", path, strerror(errno));
		done = false;
	}
	if (!done)
		unlink(part);
	return done ? OK : LATER;
}

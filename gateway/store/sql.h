/*
 * A thin view of one SQLite connection: numbered statements, bound by a string of types, one sticky result. Once a call
 * has failed, every later one does nothing until the next sql_begin or sql_clear, so that a batch of statements needs
 * one look at the end. One thread at a time. Inside the store room only.
 */
#ifndef HUIYIN_STORE_SQL_H
#define HUIYIN_STORE_SQL_H

#include "huiyin/result.h"
#include "huiyin/secret.h"

#define SQL_MAX_VALUE_BYTES (4 << 20)           /* one text or blob; longer ones are refused with NEVER */
#define SQL_WAL_SOFT_BYTES  ((int64_t)32 << 20) /* from here on each commit tries to write it back; tidy: from 1 MiB */
#define SQL_WAL_HARD_BYTES  ((int64_t)48 << 20) /* from here on it also waits for readers; 64 MB is the promise */

struct sql;
struct sql_options {
	const char *path;
	const char *const *statements; /* text by number; prepared on first use */
	size_t n;
	bool writer; /* the one connection that writes and check-points; others are read-only */
	bool create;
	int application_id; /* writer: what the file must carry, if it carries anything at all */
	int cache_kib;
	int64_t check_ms; /* writer: how long a quick_check may take when there is reason for one */
};
/* Null with *why: what is wrong and how to mend it. */
struct sql *sql_open(const struct sql_options *o, struct arena *a, struct slice *why);
void sql_close(struct sql **q); /* the writer check-points first; accepts null */

/* Types: i int64_t · d int · s slice as text · b slice as blob (both: empty is NULL) · h struct hash16 pointer. */
void sql_do(struct sql *q, int statement, const char *types, ...);
/* The same with the values in a list: n for i, s for s and b. */
struct sql_value { int64_t n; struct slice s; };
void sql_do_row(struct sql *q, int statement, const char *types, const struct sql_value *values);
/* True: there is a row; read it, then sql_next or sql_rest. */
bool sql_ask(struct sql *q, int statement, const char *types, ...);
bool sql_next(struct sql *q, int statement);
void sql_rest(struct sql *q, int statement);
int64_t sql_int(struct sql *q, int statement, int column);
struct slice sql_text(struct sql *q, int statement, int column, struct arena *a); /* copied */
struct slice sql_peek(struct sql *q, int statement, int column);                  /* borrowed until the next step */
struct hash16 sql_hash(struct sql *q, int statement, int column);
int64_t sql_changed(struct sql *q);                             /* rows touched by the last sql_do */
bool sql_script(struct sql *q, const char *text);               /* several statements, for the schema */
bool sql_number(struct sql *q, const char *text, int64_t *out); /* one number, unprepared: pragmas */

enum result sql_result(const struct sql *q);
void sql_clear(struct sql *q);         /* forget a failure; never one that was UNSURE */
void sql_refuse(struct sql *q);        /* the caller found a reason to keep nothing: LATER */
enum result sql_begin(struct sql *q);  /* BEGIN IMMEDIATE */
enum result sql_commit(struct sql *q); /* or rolls back and tells why not */
enum result sql_begin_reading(struct sql *q);
enum result sql_end_reading(struct sql *q); /* what became of the reads */
void sql_rollback(struct sql *q);
/* Writes the log back into the file when it has grown to `from_bytes`; UNSURE is kept for the next call. */
void sql_checkpoint(struct sql *q, int64_t from_bytes);
enum result sql_backup(struct sql *q, const char *path, struct slice *why, struct arena *a);

#endif

/*
 * A thin view of one connection to PostgreSQL: numbered statements, sent as one pipeline with arrays in, answered by
 * rows in binary, all under a deadline. Inside the store room only; one thread at a time.
 *
 * pg_begin · pg_add … · pg_run is one round trip. What failed in it is the pipeline's one result; nothing that stands
 * behind a statement that failed has run. A connection that broke or ran out of time is dropped; the next pg_begin
 * makes a new one (at most every 100 ms … 1 s), and everything that was open on the old one is gone.
 */
#ifndef HUIYIN_STORE_PG_WIRE_H
#define HUIYIN_STORE_PG_WIRE_H

#include "huiyin/result.h"
#include "huiyin/secret.h"

#define PG_PIPELINE_MAX 64 /* statements of one round trip */

struct pg;
struct pg_options {
	const char *url;               /* postgresql://…, several hosts allowed */
	const char *name;              /* application_name */
	const char *const *statements; /* text by number; prepared on a connection when first used there */
	size_t n;
	int connect_ms, statement_ms, lock_ms; /* 0: the defaults (1500, 1500, 1000) */
	bool reader;                           /* read only; of several hosts the one that is written to, too */
};
/* Never connects by itself. Null with *why: the address cannot be read. */
struct pg *pg_open(const struct pg_options *o, struct arena *a, struct slice *why);
void pg_close(struct pg **p); /* accepts null */

/* OK: connected. LATER: not now; pg_why says what is wrong and how to mend it. */
enum result pg_connect(struct pg *p);
void pg_drop(struct pg *p); /* closes the connection, at once and without a word */
bool pg_connected(const struct pg *p);
int pg_connections(const struct pg *p); /* how many were made so far: tells whether it is still the same one */
bool pg_in_transaction(const struct pg *p); /* also one that failed and waits for its ROLLBACK */
int pg_socket(const struct pg *p);      /* to wait on; -1 when not connected */

/*
 * Types: i int64_t · d int · w int as smallint · s slice as text · b slice as bytea (both: empty is NULL) · t slice as
 * text, never NULL · h struct hash16 pointer. Arrays, each a pointer and a size_t count: I int64_t · D int · W int as
 * smallint · S slices as text · B slices as bytea (in S and B empty is NULL) · H struct hash16 · N and M as S and B, but
 * an empty array when all are NULL: unnest beside a longer one fills up with NULL, and that costs nothing.
 * pg_add gives the place of the statement's rows in this pipeline.
 */
enum result pg_begin(struct pg *p);
int pg_add(struct pg *p, int statement, const char *types, ...);
int pg_word(struct pg *p, const char *sql); /* without parameters: BEGIN, COMMIT; unprepared */
/* Sends all and waits for all. OK; LATER, RETRY or NEVER when a statement failed (nothing is kept, if all of it was in
   one transaction); UNSURE when the connection broke meanwhile. */
enum result pg_run(struct pg *p);
void pg_until(struct pg *p, int64_t at); /* nothing lasts beyond this moment (monotonic ms); 0 or past: no such bound */

size_t pg_rows(const struct pg *p, int place);
bool pg_null(const struct pg *p, int place, size_t row, int column);
int64_t pg_int(const struct pg *p, int place, size_t row, int column);        /* int2, int4, int8, bool; NULL is 0 */
struct slice pg_peek(const struct pg *p, int place, size_t row, int column);  /* borrowed until the next pg_begin */
struct slice pg_text(const struct pg *p, int place, size_t row, int column, struct arena *a); /* copied */
struct hash16 pg_hash(const struct pg *p, int place, size_t row, int column);
int64_t pg_changed(const struct pg *p, int place); /* rows that a statement without rows touched */

const char *pg_why(const struct pg *p);   /* of the last failure: one line, with what mends it */
const char *pg_state(const struct pg *p); /* its SQLSTATE, or empty */

/* Several statements at once, for the schema; waits up to `ms`. */
enum result pg_script(struct pg *p, const char *sql, int ms);

/* Notifications (LISTEN): takes one that has come, without waiting. False: none; the connection may be gone. */
bool pg_news(struct pg *p, struct arena *a, struct slice *what);

#endif

/* The parts of the SQLite store: what they share. Inside the store room only. */
#ifndef HUIYIN_STORE_SQLITE_H
#define HUIYIN_STORE_SQLITE_H

#include "huiyin/store.h"
#include "store/contacts.h"
#include "store/dedupe.h"
#include "store/sql.h"

enum statement_number {
#define SQL(name, text) SQL_##name,
#include "store/statements.def"
#undef SQL
	SQL_STATEMENTS,
};
extern const char *const sqlite_statements[];
extern const struct store_kind store_sqlite;

#define CHAT_CHANNELS_MAX 16
#define ABSENT_MAX        512

struct sqlite_store {
	struct store front;
	struct sql *q;
	struct key key;
	char *path;
	struct dedupe keys;               /* what was seen before (sqlite_keys.c) */
	struct hash16 absent[ABSENT_MAX]; /* keys that the last load did not find: apply need not look again */
	size_t n_absent, at_absent;
	struct contacts contacts; /* who wrote lately */
	char sequence_day[16];    /* the one writer knows the next number; empty: ask the table */
	int64_t next_sequence;
	char chat_channels[CHAT_CHANNELS_MAX][64]; /* channels that are pushed, seen so far */
	size_t n_chat_channels;
};
struct sqlite_reader {
	struct reader front;
	struct sql *q;
	struct key key;
	char *path;
};

/* sqlite_load.c */
enum result sqlite_load(struct store *s, struct snapshot *snap);
void read_case(struct sql *q, int st, struct arena *a, struct case_row *out);
#define OUTBOX_COLUMNS_READ 20 /* by read_outbox: where a statement's own columns begin */
void read_outbox(struct sql *q, int st, struct arena *a, struct outbox_row *out);
void read_contact(struct sql *q, int st, struct arena *a, struct contact *out);
void read_media(struct sql *q, int st, struct arena *a, struct media_row *out);

/* sqlite_apply.c */
enum result sqlite_apply(struct store *s, struct changes *c);
bool sqlite_is_chat(const struct sqlite_store *s, struct slice channel);

/* sqlite_claim.c: who waits behind whom, and what may go out now. All inside apply's transaction. */
void claim_line_up(struct sqlite_store *s, int64_t contact, struct slice channel);
void claim_outbox(struct sqlite_store *s, struct changes *c);
void claim_media(struct sqlite_store *s, struct changes *c);

/* sqlite_time.c: timers */
void time_put_session(struct sqlite_store *s, const struct session_row *row, const struct timer *t);
void time_put(struct sqlite_store *s, const struct timer *t);
void time_gone(struct sqlite_store *s, const struct timer *t);
enum result sqlite_due(struct store *s, int64_t now, size_t max, struct arena *a, struct timer **out, size_t *n);
enum result sqlite_newest(struct store *store, int64_t *id);
enum result sqlite_shift(struct store *store, int64_t by_ms);
enum result sqlite_next_due(struct store *s, int64_t *at);

/* sqlite_keys.c: the dedupe keys */
bool keys_open(struct sqlite_store *s);
bool keys_look(struct sqlite_store *s, const struct hash16 *key, int64_t *event); /* for load */
bool keys_find(struct sqlite_store *s, const struct hash16 *key, int64_t *event);
bool keys_put(struct sqlite_store *s, const struct dedupe_put *put); /* false: it is there already */
void keys_forget(struct sqlite_store *s, const struct hash16 *key);  /* its transaction was rolled back */
enum result keys_seal(struct sqlite_store *s);                       /* outside any transaction */
void keys_expire(struct sqlite_store *s, int64_t before);            /* inside one */

/* sqlite_read.c: what other threads may ask */
struct reader *sqlite_reader_open(struct store *s);
void sqlite_reader_close(struct reader *r);
enum result sqlite_history(struct reader *r, int64_t contact, int64_t after, size_t max, struct arena *a,
			   struct chat_line **out, size_t *n);
enum result sqlite_find_case(struct reader *r, struct slice number, struct arena *a, struct case_row **out,
			     struct case_event **events, size_t *n_events);
enum result sqlite_find_cases(struct reader *r, struct slice status, int64_t before, size_t max, struct arena *a,
			      struct case_row **out, size_t *n);
enum result sqlite_find_handovers(struct reader *r, size_t max, struct arena *a, struct handover **out, size_t *n);
enum result sqlite_find_outbox(struct reader *r, struct slice number, struct arena *a, struct outbox_row **out,
			       size_t *n);
enum result sqlite_find_counts(struct reader *r, struct slice day, struct arena *a, struct count **out, size_t *n);
enum result sqlite_find_contact(struct reader *r, struct hash16 hash, struct arena *a, struct contact **out);
enum result sqlite_gauges(struct reader *r, struct arena *a, struct count **out, size_t *n);

#endif

/*
 * The parts of the PostgreSQL store: what they share. Inside the store room only.
 *
 * One thread (the engine's) works with the store through one writing connection, `q`; readers and the register each have
 * one of their own. Nothing in memory is the truth: what is cached here is either a block that belongs to this gateway
 * alone (case numbers) or may be wrong without harm (which channels are pushed).
 */
#ifndef HUIYIN_STORE_PG_H
#define HUIYIN_STORE_PG_H

#include <stdatomic.h>

#include "huiyin/store.h"
#include "store/pg_wire.h"

enum pg_statement {
#define PG(name, text) PG_##name,
#include "store/pg_statements.def"
#undef PG
	PG_STATEMENTS,
};
extern const char *const pg_statements[];
extern const struct store_kind store_pg;

#define PG_CHAT_CHANNELS_MAX 16
#define PG_CHANNEL_ROOM      64
#define PG_LOST_MAX          8
#define PG_BEAT_MS           2000 /* how often a gateway says that it lives */
#define PG_DEAD_MS           6000 /* after so long without, what it held is taken over */

struct pg_listener; /* pg_listen.c */
struct pg_batch;    /* between load and apply (pg_load.c) */

struct pg_store {
	struct store front;
	struct pg *q;
	struct key key;
	char *url, *name;      /* without our own arguments; what people call this gateway */
	int gateway;           /* 0..255 */
	int64_t instance;      /* of this process, random: two processes with one number are told apart */
	int64_t before;        /* of the process before it, which is gone; 0: not known */
	int64_t started_at;
	struct hash16 config, prompts;
	int partitions;        /* of the tables; 0 none */
	bool joined;           /* this is a gateway: it stands in the register */
	char version[32];      /* of the program */
	_Atomic(struct pg_listener *) listener; /* made while requests are served already */
	atomic_bool others;    /* are at work; the listener's thread says so */
	/* pg_load, pg_apply */
	struct pg_batch *batch;
	char sequence_day[16]; /* the block of case numbers in hand: next_sequence .. sequence_end - 1 */
	int64_t next_sequence, sequence_end;
	struct known *known;                                       /* ids by hash */
	int64_t skew_ms; /* the database's clock less ours; 0 as long as they are nearly the same */
	int64_t clock_asked, clock_gap; /* when it was asked (monotonic), and wall less monotonic then */
	int64_t clock_from;             /* the question went out then (monotonic); 0: nobody asks */
	int clock_connection;           /* it was asked on: another may lead to another server */
	struct { int connection; int64_t us, at; } ahead; /* the database's clock less our monotonic one; on which connection heard */
	char chat_channels[PG_CHAT_CHANNELS_MAX][PG_CHANNEL_ROOM]; /* channels that are pushed, seen so far */
	size_t n_chat_channels;
	int64_t answer_by; /* monotonic ms: when the batch in hand has its answer, whatever happens */
	bool again;        /* what comes next is the same batch, run again */
	int ask_keys;      /* so many batches more ask whether a message came before (pg_lock.c) */
	/* pg_claim, pg_time: monotonic ms */
	int64_t claimed_at;    /* when rows of anyone were last looked for; 0 not yet, or there were more */
	bool inherited;        /* what this gateway held in an earlier life was let go */
	int64_t lost[PG_LOST_MAX]; /* stamps of claims whose commit was never answered */
	size_t n_lost;
	int64_t lease_stamp;   /* the end of the last lease, unlike any before (wall ms of the database) */
};
struct pg_reader {
	struct reader front;
	struct pg *q;
	struct key key;
};

/* pg.c */
struct pg *pg_connection(const struct pg_store *s, const char *purpose, bool reader, struct arena *a, struct slice *why);

/* pg_schema.c: makes the tables, brings old ones up to date, refuses what is not ours. */
bool pg_schema_ready(struct pg_store *s, int partitions, struct arena *a, struct slice *why);
/* Back by one step, for tests and `huiyin migrate --down`. */
bool pg_schema_down(struct pg_store *s, int to, struct arena *a, struct slice *why);

/*
 * pg_register.c: who else works on this store. `q` is the listener's connection.
 * pg_register: OK; NEVER when a living process holds this number (with *why); LATER.
 * pg_beat: "I live"; NEVER when another process has taken the number meanwhile: stop working.
 */
struct pg_peer {
	int gateway;
	int64_t instance, seen_ms;   /* seen so long ago, by the database's clock */
	int64_t skew_ms;             /* how far its own clock is from the database's */
	struct slice name, version;
	struct hash16 config, prompts;
};
enum result pg_register(struct pg_store *s, struct pg *q, struct arena *a, struct slice *why);
enum result pg_beat(struct pg_store *s, struct pg *q, int64_t wall);
enum result pg_leave(struct pg_store *s, struct pg *q); /* what it held is free at once */
void pg_leave_for(struct pg_store *s, struct pg *q);    /* said for the process before us, once all it sent is done */
enum result pg_peers(struct pg *q, struct arena *a, struct pg_peer **out, size_t *n);

/* pg_listen.c: the thread that hears the others and says that this one lives */
bool pg_listen(struct store *s, const struct store_news *news, struct arena *a, struct slice *why);
void pg_hush(struct store *s);
void pg_remarks(struct store *s, struct buf *out);
bool pg_others(struct store *s);
void pg_runs(struct store *s, const struct hash16 *config, const struct hash16 *prompts);

/* pg_rows.c: a row of an answer, its columns from `at` on; texts are copied into `a`. The column lists of the same
   names stand in pg_statements.def. */
#define PG_CONTACT_COLUMNS 12
#define PG_CASE_COLUMNS    26
#define PG_OUTBOX_COLUMNS  21
#define PG_MEDIA_COLUMNS   15
#define PG_SURVEY_COLUMNS  9
struct pg_place { const struct pg *q; int place; size_t row; int at; struct arena *arena; };
void pg_read_contact(struct pg_place p, struct contact *out);
void pg_read_case(struct pg_place p, struct case_row *out);
void pg_read_outbox(struct pg_place p, struct outbox_row *out);
void pg_read_media(struct pg_place p, struct media_row *out);
void pg_read_survey(struct pg_place p, struct survey *out);
/* Of what has no contact: where its directory row lies. */
int pg_shard_of_case(struct slice number);
int pg_shard_of_provider(struct slice channel, struct slice provider_id);

/* pg_load.c */
enum result pg_load(struct store *s, struct snapshot *snap);
void pg_batch_close(struct pg_store *s);

/* pg_apply.c */
enum result pg_apply(struct store *s, struct changes *c);

/* pg_time.c */
enum result pg_due(struct store *s, int64_t now, size_t max, struct arena *a, struct timer **out, size_t *n);
enum result pg_next_due(struct store *s, int64_t *at);
bool pg_clock(struct store *s, int64_t *ahead_us);

/* pg_read.c: what other threads may ask */
struct reader *pg_reader_open(struct store *s);
void pg_reader_close(struct reader *r);
enum result pg_history(struct reader *r, int64_t contact, int64_t after, size_t max, struct arena *a,
		       struct chat_line **out, size_t *n);
enum result pg_find_case(struct reader *r, struct slice number, struct arena *a, struct case_row **out,
			 struct case_event **events, size_t *n_events);
enum result pg_find_cases(struct reader *r, struct slice status, int64_t before, size_t max, struct arena *a,
			  struct case_row **out, size_t *n);
enum result pg_find_handovers(struct reader *r, size_t max, struct arena *a, struct handover **out, size_t *n);
enum result pg_find_outbox(struct reader *r, struct slice number, struct arena *a, struct outbox_row **out, size_t *n);
enum result pg_find_counts(struct reader *r, struct slice day, struct arena *a, struct count **out, size_t *n);
enum result pg_find_contact(struct reader *r, struct hash16 hash, struct arena *a, struct contact **out);
enum result pg_gauges(struct reader *r, struct arena *a, struct count **out, size_t *n);

/* pg_share.c: what gateways share beside the rows */
struct shared *pg_shared_open(struct store *s);
void pg_shared_close(struct shared *h);
enum result pg_shared_get(struct shared *h, struct slice prefix, struct arena *a, struct shared_value **out, size_t *n);
enum result pg_shared_put(struct shared *h, struct shared_value *v);
enum result pg_shared_book(struct shared *h, struct slice name, int64_t n, int64_t gap_us, int64_t *wait_us);

#endif

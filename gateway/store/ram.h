/*
 * The parts of the ram store: tables and copying (ram_table.c), snapshots (ram_load.c), batches (ram_apply.c), what
 * readers ask (ram_read.c), and the rest of the store (ram.c).
 */
#ifndef HUIYIN_STORE_RAM_H
#define HUIYIN_STORE_RAM_H

#include <pthread.h>

#include "huiyin/store.h"
#include "store/rows.h"

/* Which slices a kind of row has: they are copied with it. */
#define ROW_MAX_SLICES (12 + MESSAGE_MAX_BUTTONS * 2)
struct table { /* rows in the order they came */
	void **rows;
	size_t n, room, size;
	size_t (*slices)(void *row, struct slice **out); /* the addresses of all slices of a row */
};

void *table_add(struct table *t, const void *row); /* a copy of its own, slices too */
void table_replace(struct table *t, void *kept, const void *row);
void table_drop(struct table *t, void *kept);
void table_free(struct table *t);
void row_copy(const struct table *t, struct arena *a, void *out, const void *kept);
/* The kept rows of a table, one after the other. */
#define EACH(table, type, r) for (size_t i_ = 0; i_ < (table).n && ((r) = *(type **)(table).rows[i_], true); i_++)

struct ram_parked {
	struct parked p;
	int64_t kept_at;
};
struct ram_media {
	struct media_row m;
	int64_t lease_until;
};
struct ram_key {
	struct hash16 key;
	int64_t event, at;
};
struct ram_sequence {
	struct slice day;
	int64_t next;
};
struct ram_count {
	struct slice day;
	struct count c;
};

struct ram_store {
	struct store front;
	pthread_mutex_t lock; /* readers are other threads */
	struct table contacts, sessions, cases, surveys, outbox, media, inbox, timers, handovers, attempts, case_events,
		parked, revisions, counts, sequences, keys;
	struct arena *arena; /* of the index */
	struct idmap index;
};
struct ram_reader {
	struct reader front;
	struct ram_store *s;
};

enum { BY_CONTACT = 1, BY_HASH, BY_SESSION, BY_CASE, BY_SURVEY, BY_OUTBOX, BY_MEDIA, BY_KEY, BY_REVISION };
void *ram_at(struct ram_store *s, int sort, int64_t id, struct slice name); /* the kept row, or null */
void ram_index(struct ram_store *s, int sort, int64_t id, struct slice name, void *row);
struct slice hash_name(const struct hash16 *h);
void ram_tables(struct ram_store *s);
void ram_tables_free(struct ram_store *s);

extern const struct store_kind store_ram; /* ram.c */

/* ram_load.c */
enum result ram_load(struct store *store, struct snapshot *snap);
void *ram_parked_at(struct ram_store *s, struct slice channel, struct slice provider_id);
struct ram_sequence *ram_sequence_of(struct ram_store *s, struct slice day);

/* ram_apply.c */
enum result ram_apply(struct store *store, struct changes *c);
void ram_drop(struct ram_store *s, struct table *t, int sort, int64_t id, struct slice name);
bool ram_first_in_line(struct ram_store *s, const struct outbox_row *r); /* of its contact on its channel */

/* ram_read.c */
struct reader *ram_reader_open(struct store *s);
void ram_reader_close(struct reader *r);
enum result ram_history(struct reader *r, int64_t contact, int64_t after, size_t max, struct arena *a,
			struct chat_line **out, size_t *n);
enum result ram_find_case(struct reader *r, struct slice number, struct arena *a, struct case_row **out,
			  struct case_event **events, size_t *n_events);
enum result ram_find_cases(struct reader *r, struct slice status, int64_t before, size_t max, struct arena *a,
			   struct case_row **out, size_t *n);
enum result ram_find_handovers(struct reader *r, size_t max, struct arena *a, struct handover **out, size_t *n);
enum result ram_find_outbox(struct reader *r, struct slice number, struct arena *a, struct outbox_row **out, size_t *n);
enum result ram_find_counts(struct reader *r, struct slice day, struct arena *a, struct count **out, size_t *n);
enum result ram_find_contact(struct reader *r, struct hash16 hash, struct arena *a, struct contact **out);
enum result ram_gauges(struct reader *r, struct arena *a, struct count **out, size_t *n);

#endif

/*
 * What other threads may ask: each reader has a read-only connection of its own. Every call is one short read, so that
 * the log can be written back between them. Nothing here changes the file; nothing here is fatal but lack of memory.
 */
#include "store/sqlite.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "huiyin/log.h"
#include "store/rows.h"

#define READER_CACHE_KIB 2048
#define EVENTS_MAX       1000
#define SENDS_MAX        1000
#define COUNTS_MAX       2000

struct reader *sqlite_reader_open(struct store *store)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	struct sqlite_reader *r = calloc(1, sizeof *r);
	struct sql_options o = {
		.path = s->path, .statements = sqlite_statements, .n = SQL_STATEMENTS, .cache_kib = READER_CACHE_KIB};
	struct arena *a = arena_open(0);
	struct slice why = {0};

	if (!r)
		exhausted("sqlite_read");
	r->front.kind = &store_sqlite;
	r->key = s->key;
	r->path = strdup(s->path);
	r->q = sql_open(&o, a, &why);
	if (!r->q || !r->path) {
		log_line(LOG_ERROR_, "store", "a reader cannot be opened", "why", arena_cstr(a, why), NULL);
		sqlite_reader_close(&r->front);
		r = NULL;
	}
	arena_close(&a);
	return r ? &r->front : NULL;
}

void sqlite_reader_close(struct reader *front)
{
	struct sqlite_reader *r = (struct sqlite_reader *)front;

	if (!r)
		return;
	sql_close(&r->q);
	secret_wipe(&r->key, sizeof r->key);
	free(r->path);
	free(r);
}

static struct sql *fresh(struct reader *r)
{
	struct sql *q = ((struct sqlite_reader *)r)->q;

	sql_clear(q);
	return q;
}

enum result sqlite_history(struct reader *r, int64_t contact, int64_t after, size_t max, struct arena *a,
			   struct chat_line **out, size_t *n)
{
	struct sql *q = fresh(r);
	int st = SQL_HISTORY;
	struct chat_line *list = ARENA_ARRAY(a, struct chat_line, max + 1);

	*n = 0;
	for (bool row = sql_ask(q, st, "iid", contact, after, (int)max); row; row = sql_next(q, st)) {
		struct chat_line *l = &list[(*n)++];
		l->id = sql_int(q, st, 0);
		l->at = sql_int(q, st, 1);
		l->ours = sql_int(q, st, 2);
		l->text = sql_text(q, st, 3, a);
		l->buttons = ARENA_ARRAY(a, struct button, MESSAGE_MAX_BUTTONS);
		l->n_buttons = buttons_unpack(sql_text(q, st, 4, a), l->buttons, MESSAGE_MAX_BUTTONS);
	}
	*out = list;
	return sql_result(q);
}

static void read_events(struct sql *q, struct slice number, struct arena *a, struct case_event **events, size_t *n)
{
	int st = SQL_CASE_EVENTS;
	size_t room = 0;

	*events = NULL;
	*n = 0;
	for (bool row = sql_ask(q, st, "sd", number, EVENTS_MAX); row; row = sql_next(q, st)) {
		list_room(a, (void **)events, n, &room, sizeof **events);
		(*events)[(*n)++] = (struct case_event){.number = sql_text(q, st, 0, a),
							.at = sql_int(q, st, 1),
							.event = sql_int(q, st, 2),
							.actor = sql_text(q, st, 3, a),
							.verb = sql_text(q, st, 4, a),
							.detail = sql_text(q, st, 5, a)};
	}
}

enum result sqlite_find_case(struct reader *r, struct slice number, struct arena *a, struct case_row **out,
			     struct case_event **events, size_t *n_events)
{
	struct sql *q = fresh(r);

	*out = NULL;
	if (sql_ask(q, SQL_CASE_BY_NUMBER, "s", number)) {
		*out = ARENA_NEW(a, struct case_row);
		read_case(q, SQL_CASE_BY_NUMBER, a, *out);
		sql_rest(q, SQL_CASE_BY_NUMBER);
	}
	read_events(q, number, a, events, n_events);
	return sql_result(q);
}

enum result sqlite_find_cases(struct reader *r, struct slice status, int64_t before, size_t max, struct arena *a,
			      struct case_row **out, size_t *n)
{
	struct sql *q = fresh(r);
	int st = status.len ? SQL_CASES_BY_STATUS : SQL_CASES_NEWEST;
	size_t room = 0;
	bool row;

	*out = NULL;
	*n = 0;
	if (!before)
		before = INT64_MAX;
	row = status.len ? sql_ask(q, st, "sid", status, before, (int)max) : sql_ask(q, st, "id", before, (int)max);
	for (; row; row = sql_next(q, st)) {
		list_room(a, (void **)out, n, &room, sizeof **out);
		read_case(q, st, a, &(*out)[(*n)++]);
	}
	return sql_result(q);
}

enum result sqlite_find_handovers(struct reader *r, size_t max, struct arena *a, struct handover **out, size_t *n)
{
	struct sql *q = fresh(r);
	int st = SQL_HANDOVERS;
	size_t room = 0;

	*out = NULL;
	*n = 0;
	for (bool row = sql_ask(q, st, "d", (int)max); row; row = sql_next(q, st)) {
		list_room(a, (void **)out, n, &room, sizeof **out);
		(*out)[(*n)++] = (struct handover){.id = sql_int(q, st, 0),
						   .contact = sql_int(q, st, 1),
						   .reason = sql_text(q, st, 2, a),
						   .text = sql_text(q, st, 3, a),
						   .case_number = sql_text(q, st, 4, a),
						   .urgent = sql_int(q, st, 5),
						   .at = sql_int(q, st, 6)};
	}
	return sql_result(q);
}

enum result sqlite_find_outbox(struct reader *r, struct slice number, struct arena *a, struct outbox_row **out,
			       size_t *n)
{
	struct sql *q = fresh(r);
	int st = SQL_OUTBOX_OF_CASE;
	size_t room = 0;

	*out = NULL;
	*n = 0;
	for (bool row = sql_ask(q, st, "sd", number, SENDS_MAX); row; row = sql_next(q, st)) {
		list_room(a, (void **)out, n, &room, sizeof **out);
		read_outbox(q, st, a, &(*out)[(*n)++]);
	}
	return sql_result(q);
}

static enum result read_counts(struct sql *q, struct slice day, struct arena *a, struct count **out, size_t *n)
{
	size_t room = 0;

	*out = NULL;
	*n = 0;
	for (bool row = sql_ask(q, SQL_COUNTS, "sd", day, COUNTS_MAX); row; row = sql_next(q, SQL_COUNTS)) {
		list_room(a, (void **)out, n, &room, sizeof **out);
		(*out)[(*n)++] = (struct count){sql_text(q, SQL_COUNTS, 0, a), sql_text(q, SQL_COUNTS, 1, a),
						sql_int(q, SQL_COUNTS, 2)};
	}
	return sql_result(q);
}

enum result sqlite_find_counts(struct reader *r, struct slice day, struct arena *a, struct count **out, size_t *n)
{
	return read_counts(fresh(r), day, a, out, n);
}

enum result sqlite_find_contact(struct reader *r, struct hash16 hash, struct arena *a, struct contact **out)
{
	struct sql *q = fresh(r);

	*out = NULL;
	if (sql_ask(q, SQL_PERSON_BY_HASH, "h", &hash)) {
		*out = ARENA_NEW(a, struct contact);
		read_contact(q, SQL_PERSON_BY_HASH, a, *out);
		(*out)->hash = hash;
		sql_rest(q, SQL_PERSON_BY_HASH);
	}
	if (*out && sql_ask(q, SQL_ADDRESS, "i", (*out)->id)) {
		(*out)->address = open_address(&((struct sqlite_reader *)r)->key, sql_peek(q, SQL_ADDRESS, 0), a);
		sql_rest(q, SQL_ADDRESS);
	}
	return sql_result(q);
}

static int64_t bytes_of(const char *path, const char *tail, struct arena *a)
{
	struct stat st;

	return stat(arena_cstr(a, arena_printf(a, "%s%s", path, tail)), &st) == 0 ? (int64_t)st.st_size : 0;
}

/* Kept as running sums beside the daily counts, so that asking costs the same however much there is. */
enum result sqlite_gauges(struct reader *r, struct arena *a, struct count **out, size_t *n)
{
	const char *path = ((struct sqlite_reader *)r)->path;
	enum result got = read_counts(fresh(r), S("now"), a, out, n);
	struct count *list = ARENA_ARRAY(a, struct count, *n + 1);

	if (*n)
		memcpy(list, *out, *n * sizeof *list);
	list[(*n)++] = (struct count){S("bytes"), S("disk"), bytes_of(path, "", a) + bytes_of(path, "-wal", a)};
	*out = list;
	return got;
}

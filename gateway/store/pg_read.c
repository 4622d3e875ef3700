/*
 * What other threads may ask of PostgreSQL: each reader has a read-only connection of its own, with its own deadline. A
 * reader that cannot connect says LATER, and so does everybody who asks it; it tries again by itself. Nothing is fatal.
 */
#include "store/pg.h"

#include <stdlib.h>
#include <string.h>

#include "huiyin/log.h"
#include "store/rows.h"

#define EVENTS_MAX 1000
#define SENDS_MAX  1000
#define COUNTS_MAX 2000

struct reader *pg_reader_open(struct store *store)
{
	struct pg_store *s = (struct pg_store *)store;
	struct pg_reader *r = calloc(1, sizeof *r);
	struct arena *a = arena_open(0);
	struct slice why = {0};

	if (!r)
		exhausted("pg_read");
	r->front.kind = &store_pg;
	r->key = s->key;
	r->q = pg_connection(s, "reader", true, a, &why);
	if (!r->q) {
		log_line(LOG_ERROR_, "store", "a reader cannot be opened", "why", arena_cstr(a, why), NULL);
		pg_reader_close(&r->front);
		r = NULL;
	}
	arena_close(&a);
	return r ? &r->front : NULL;
}

void pg_reader_close(struct reader *front)
{
	struct pg_reader *r = (struct pg_reader *)front;

	if (!r)
		return;
	pg_close(&r->q);
	secret_wipe(&r->key, sizeof r->key);
	free(r);
}

static struct pg *fresh(struct reader *r)
{
	struct pg *q = ((struct pg_reader *)r)->q;

	pg_begin(q);
	return q;
}

/* Who only reads need not know whether the question arrived. */
static enum result answer(struct pg *q)
{
	enum result r = pg_run(q);

	return r == UNSURE || r == RETRY ? LATER : r;
}

static struct pg_place place_of(const struct pg *q, int place, size_t row, struct arena *a)
{
	return (struct pg_place){.q = q, .place = place, .row = row, .arena = a};
}

static int bounded(size_t max)
{
	return max < INT32_MAX ? (int)max : INT32_MAX;
}

/* ---- conversations ------------------------------------------------------------------------------------------------ */

enum result pg_history(struct reader *r, int64_t contact, int64_t after, size_t max, struct arena *a,
		       struct chat_line **out, size_t *n)
{
	struct pg *q = fresh(r);
	int at = pg_add(q, PG_HISTORY, "wiid", store_shard_of_id(contact), contact, after, bounded(max));
	enum result got = answer(q);
	struct chat_line *list;

	*n = got == OK ? pg_rows(q, at) : 0;
	*out = list = ARENA_ARRAY(a, struct chat_line, *n + 1);
	for (size_t i = 0; i < *n; i++) {
		struct button buttons[MESSAGE_MAX_BUTTONS];

		list[i].id = pg_int(q, at, i, 0);
		list[i].at = pg_int(q, at, i, 1);
		list[i].ours = pg_int(q, at, i, 2);
		list[i].text = pg_text(q, at, i, 3, a);
		list[i].n_buttons = buttons_unpack(pg_text(q, at, i, 4, a), buttons, MESSAGE_MAX_BUTTONS);
		list[i].buttons = ARENA_ARRAY(a, struct button, list[i].n_buttons + 1);
		memcpy(list[i].buttons, buttons, list[i].n_buttons * sizeof *buttons);
	}
	return got;
}

enum result pg_find_handovers(struct reader *r, size_t max, struct arena *a, struct handover **out, size_t *n)
{
	struct pg *q = fresh(r);
	int at = pg_add(q, PG_READ_HANDOVERS, "d", bounded(max));
	enum result got = answer(q);

	*n = got == OK ? pg_rows(q, at) : 0;
	*out = ARENA_ARRAY(a, struct handover, *n + 1);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = (struct handover){.id = pg_int(q, at, i, 0),
					      .contact = pg_int(q, at, i, 1),
					      .reason = pg_text(q, at, i, 2, a),
					      .text = pg_text(q, at, i, 3, a),
					      .case_number = pg_text(q, at, i, 4, a),
					      .urgent = pg_int(q, at, i, 5),
					      .at = pg_int(q, at, i, 6)};
	return got;
}

enum result pg_find_contact(struct reader *r, struct hash16 hash, struct arena *a, struct contact **out)
{
	struct pg *q = fresh(r);
	int at = pg_add(q, PG_READ_CONTACT, "wh", store_shard_of_hash(&hash), &hash);
	enum result got = answer(q);

	*out = NULL;
	if (got != OK || !pg_rows(q, at))
		return got;
	*out = ARENA_NEW(a, struct contact);
	pg_read_contact(place_of(q, at, 0, a), *out);
	(*out)->hash = hash;
	(*out)->address = open_address(&((struct pg_reader *)r)->key, pg_peek(q, at, 0, PG_CONTACT_COLUMNS), a);
	return got;
}

/* ---- cases -------------------------------------------------------------------------------------------------------- */

static void take_events(struct pg *q, int at, struct arena *a, struct case_event **out, size_t *n)
{
	*n = pg_rows(q, at);
	*out = ARENA_ARRAY(a, struct case_event, *n + 1);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = (struct case_event){.number = pg_text(q, at, i, 0, a),
						.at = pg_int(q, at, i, 1),
						.event = pg_int(q, at, i, 2),
						.actor = pg_text(q, at, i, 3, a),
						.verb = pg_text(q, at, i, 4, a),
						.detail = pg_text(q, at, i, 5, a)};
}

enum result pg_find_case(struct reader *r, struct slice number, struct arena *a, struct case_row **out,
			 struct case_event **events, size_t *n_events)
{
	struct pg *q = fresh(r);
	int shard = pg_shard_of_case(number);
	int row = pg_add(q, PG_READ_CASE, "wt", shard, number);
	int history = pg_add(q, PG_READ_EVENTS, "wtd", shard, number, EVENTS_MAX);
	enum result got = answer(q);

	*out = NULL;
	*events = NULL;
	*n_events = 0;
	if (got != OK)
		return got;
	if (pg_rows(q, row)) {
		*out = ARENA_NEW(a, struct case_row);
		pg_read_case(place_of(q, row, 0, a), *out);
	}
	take_events(q, history, a, events, n_events);
	return OK;
}

enum result pg_find_cases(struct reader *r, struct slice status, int64_t before, size_t max, struct arena *a,
			  struct case_row **out, size_t *n)
{
	struct pg *q = fresh(r);
	enum result got;
	int at;

	if (!before)
		before = INT64_MAX;
	at = status.len ? pg_add(q, PG_READ_CASES_BY_STATUS, "tid", status, before, bounded(max))
			: pg_add(q, PG_READ_CASES, "id", before, bounded(max));
	got = answer(q);
	*n = got == OK ? pg_rows(q, at) : 0;
	*out = ARENA_ARRAY(a, struct case_row, *n + 1);
	for (size_t i = 0; i < *n; i++)
		pg_read_case(place_of(q, at, i, a), &(*out)[i]);
	return got;
}

enum result pg_find_outbox(struct reader *r, struct slice number, struct arena *a, struct outbox_row **out, size_t *n)
{
	struct pg *q = fresh(r);
	int at = pg_add(q, PG_READ_OUTBOX_OF_CASE, "td", number, SENDS_MAX);
	enum result got = answer(q);

	*n = got == OK ? pg_rows(q, at) : 0;
	*out = ARENA_ARRAY(a, struct outbox_row, *n + 1);
	for (size_t i = 0; i < *n; i++)
		pg_read_outbox(place_of(q, at, i, a), &(*out)[i]);
	return got;
}

/* ---- figures ------------------------------------------------------------------------------------------------------ */

static void take_counts(struct pg *q, int at, struct arena *a, size_t more, struct count **out, size_t *n)
{
	*n = pg_rows(q, at);
	*out = ARENA_ARRAY(a, struct count, *n + more + 1);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = (struct count){pg_text(q, at, i, 0, a), pg_text(q, at, i, 1, a), pg_int(q, at, i, 2)};
}

enum result pg_find_counts(struct reader *r, struct slice day, struct arena *a, struct count **out, size_t *n)
{
	struct pg *q = fresh(r);
	int at = pg_add(q, PG_READ_COUNTS, "td", day, COUNTS_MAX);
	enum result got = answer(q);

	*out = NULL;
	*n = 0;
	if (got == OK)
		take_counts(q, at, a, 0, out, n);
	return got;
}

/* Kept as running sums beside the daily counts, so that asking costs the same however much there is. */
enum result pg_gauges(struct reader *r, struct arena *a, struct count **out, size_t *n)
{
	struct pg *q = fresh(r);
	int at = pg_add(q, PG_READ_COUNTS, "td", S("now"), COUNTS_MAX), bytes = pg_add(q, PG_READ_BYTES, "");
	enum result got = answer(q);

	*out = NULL;
	*n = 0;
	if (got != OK)
		return got;
	take_counts(q, at, a, 1, out, n);
	(*out)[(*n)++] = (struct count){S("bytes"), S("disk"), pg_int(q, bytes, 0, 0)};
	return OK;
}

/*
 * Timers. A session's timer moves with every turn, and mostly to a later moment; it stands in the session's own row,
 * and the index over it is left alone as long as it would be looked at early rather than late (look_at <= due_at). Who
 * finds it too early moves look_at on, once. So a turn changes one page and not four.
 */
#include "store/sqlite.h"

#include <stdlib.h>

#define LOOKS_PER_CALL 512

static bool of_session(const struct timer *t)
{
	return t->kind == TIMER_SESSION && !t->ref.len;
}

/* `t` is the timer set in the same batch, or null. */
void time_put_session(struct sqlite_store *s, const struct session_row *row, const struct timer *t)
{
	if (!t) {
		sql_do(s->q, SQL_SESSION_PUT, "isss", row->contact, row->flow, row->revision, row->data);
		return;
	}
	if (!row->fresh) {
		sql_do(s->q, SQL_SESSION_PUT_LATER, "isssi", row->contact, row->flow, row->revision, row->data,
		       t->due_at);
		if (sql_changed(s->q) > 0)
			return;
	}
	sql_do(s->q, SQL_SESSION_PUT_TIMED, "isssi", row->contact, row->flow, row->revision, row->data, t->due_at);
}

void time_put(struct sqlite_store *s, const struct timer *t)
{
	if (!of_session(t)) {
		sql_do(s->q, SQL_TIMER_PUT, "idsi", t->contact, (int)t->kind, t->ref.len ? t->ref : S("-"), t->due_at);
		return;
	}
	sql_do(s->q, SQL_SESSION_TIME_LATER, "ii", t->contact, t->due_at);
	if (sql_changed(s->q) == 0)
		sql_do(s->q, SQL_SESSION_TIME, "ii", t->contact, t->due_at);
}

void time_gone(struct sqlite_store *s, const struct timer *t)
{
	if (!of_session(t)) {
		sql_do(s->q, SQL_TIMER_GONE, "ids", t->contact, (int)t->kind, t->ref.len ? t->ref : S("-"));
		return;
	}
	sql_do(s->q, SQL_SESSION_TIME_GONE, "i", t->contact);
	sql_do(s->q, SQL_SESSION_DROP, "i", t->contact);
}

static int by_time(const void *a, const void *b)
{
	int64_t x = ((const struct timer *)a)->due_at, y = ((const struct timer *)b)->due_at;

	return (x > y) - (x < y);
}

/* Those whose time has come go to `out`; those that were put off are noted in `early`. True: there may be more. */
static bool look(struct sqlite_store *s, int64_t now, size_t max, struct timer *out, size_t *n, int64_t *early,
		 size_t *n_early)
{
	size_t seen = 0;

	*n = *n_early = 0;
	for (bool row = sql_ask(s->q, SQL_SESSIONS_LOOK, "id", now, (int)max); row;
	     row = sql_next(s->q, SQL_SESSIONS_LOOK)) {
		int64_t contact = sql_int(s->q, SQL_SESSIONS_LOOK, 0), due_at = sql_int(s->q, SQL_SESSIONS_LOOK, 1);
		seen++;
		if (due_at <= now)
			out[(*n)++] = (struct timer){.contact = contact, .kind = TIMER_SESSION, .due_at = due_at};
		else
			early[(*n_early)++] = contact;
	}
	return seen == max && *n_early;
}

static enum result move_on(struct sqlite_store *s, const int64_t *early, size_t n)
{
	sql_begin(s->q);
	for (size_t i = 0; i < n; i++)
		sql_do(s->q, SQL_SESSION_LOOK_PUT, "i", early[i]);
	return sql_commit(s->q);
}

enum result sqlite_due(struct store *store, int64_t now, size_t max, struct arena *a, struct timer **out, size_t *n)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	size_t room = max < LOOKS_PER_CALL ? LOOKS_PER_CALL : max, n_early, found;
	struct timer *list = ARENA_ARRAY(a, struct timer, room + max);
	int64_t *early = ARENA_ARRAY(a, int64_t, room);
	bool more = true;

	sql_clear(s->q);
	for (int rounds = 0; more && rounds < 4; rounds++) {
		more = look(s, now, room, list, &found, early, &n_early);
		if (n_early && move_on(s, early, n_early) == UNSURE)
			return UNSURE;
		sql_clear(s->q); /* not moved on: it will be found early once more, that is all */
	}
	for (bool row = sql_ask(s->q, SQL_TIMERS_DUE, "id", now, (int)max); row; row = sql_next(s->q, SQL_TIMERS_DUE)) {
		struct slice ref = sql_text(s->q, SQL_TIMERS_DUE, 2, a);
		list[found++] = (struct timer){.contact = sql_int(s->q, SQL_TIMERS_DUE, 0),
					       .kind = (enum timer_kind)sql_int(s->q, SQL_TIMERS_DUE, 1),
					       .ref = slice_is(ref, "-") ? S("") : ref,
					       .due_at = sql_int(s->q, SQL_TIMERS_DUE, 3)};
	}
	qsort(list, found, sizeof *list, by_time);
	*out = list;
	*n = found < max ? found : max;
	return sql_result(s->q);
}

static void earlier(struct sqlite_store *s, int statement, const char *types, int with, int64_t *at)
{
	int64_t t;

	if (!sql_ask(s->q, statement, types, with))
		return;
	t = sql_int(s->q, statement, 0);
	sql_rest(s->q, statement);
	if (t != INT64_MAX && (!*at || t < *at))
		*at = t;
}

enum result sqlite_newest(struct store *store, int64_t *id)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	*id = 0;
	sql_clear(s->q);
	if (sql_ask(s->q, SQL_NEWEST_ID, "")) {
		*id = sql_int(s->q, SQL_NEWEST_ID, 0);
		sql_rest(s->q, SQL_NEWEST_ID);
	}
	return sql_result(s->q);
}

enum result sqlite_shift(struct store *store, int64_t by_ms)
{
	static const int all[] = {SQL_SHIFT_SENDS,	  SQL_SHIFT_LEASES,   SQL_SHIFT_MEDIA,
				  SQL_SHIFT_MEDIA_LEASES, SQL_SHIFT_SESSIONS, SQL_SHIFT_TIMERS};
	struct sqlite_store *s = (struct sqlite_store *)store;

	sql_begin(s->q);
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		sql_do(s->q, all[i], "i", by_ms);
	return sql_commit(s->q);
}

enum result sqlite_next_due(struct store *store, int64_t *at)
{
	struct sqlite_store *s = (struct sqlite_store *)store;

	*at = 0;
	sql_clear(s->q);
	earlier(s, SQL_NEXT_SESSION, "", 0, at);
	earlier(s, SQL_NEXT_TIMER, "", 0, at);
	for (int lane = 0; lane < LANES; lane++)
		earlier(s, SQL_NEXT_OUTBOX, "d", lane, at);
	earlier(s, SQL_NEXT_LEASE, "", 0, at);
	earlier(s, SQL_NEXT_MEDIA, "", 0, at);
	earlier(s, SQL_NEXT_MEDIA_LEASE, "", 0, at);
	return sql_result(s->q);
}

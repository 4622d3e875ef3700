/*
 * The dedupe keys on disk: a log of the newest, and sealed runs of pages (dedupe.h says why). What is in memory always
 * follows what was committed.
 */
#include "store/sqlite.h"
#include "huiyin/crash.h"

#include <string.h>

#define RUN_PAGES_MAX     65536
#define OLD_KEYS_PER_BITE 1024
#define SEAL_ARENA_BYTES  ((size_t)64 << 20)

bool keys_open(struct sqlite_store *s)
{
	for (bool row = sql_ask(s->q, SQL_RUNS_ALL, ""); row; row = sql_next(s->q, SQL_RUNS_ALL))
		dedupe_add_run(&s->keys, sql_int(s->q, SQL_RUNS_ALL, 0), sql_int(s->q, SQL_RUNS_ALL, 2),
			       (uint32_t)sql_int(s->q, SQL_RUNS_ALL, 4), sql_peek(s->q, SQL_RUNS_ALL, 5));
	for (bool row = sql_ask(s->q, SQL_KEYS_ALL, ""); row; row = sql_next(s->q, SQL_KEYS_ALL)) {
		struct hash16 key = sql_hash(s->q, SQL_KEYS_ALL, 0);
		dedupe_put(&s->keys, &key, sql_int(s->q, SQL_KEYS_ALL, 1), sql_int(s->q, SQL_KEYS_ALL, 2));
	}
	return sql_result(s->q) == OK;
}

/* Newest first: a provider asks again soon or never. */
bool keys_find(struct sqlite_store *s, const struct hash16 *key, int64_t *event)
{
	struct dedupe_hits hits;

	if (dedupe_find(&s->keys, key, event))
		return true;
	hits = dedupe_hits(&s->keys, key);
	for (size_t i = hits.any ? s->keys.n_runs : 0; i-- > 0;) {
		const struct dedupe_run *r = &s->keys.runs[i];
		bool found;

		if (!dedupe_may_hold(&hits, r) ||
		    !sql_ask(s->q, SQL_PAGE_GET, "i", r->run * RUN_PAGES_MAX + dedupe_page_of(r->pages, key)))
			continue;
		found = dedupe_look(sql_peek(s->q, SQL_PAGE_GET, 0), key, event);
		sql_rest(s->q, SQL_PAGE_GET);
		if (found)
			return true;
	}
	return false;
}

/* What is not there now will not be there when this batch is applied: nobody else writes. */
bool keys_look(struct sqlite_store *s, const struct hash16 *key, int64_t *event)
{
	if (keys_find(s, key, event))
		return true;
	if (s->n_absent < ABSENT_MAX)
		s->absent[s->n_absent++] = *key;
	return false;
}

/* Batches put their keys in the order they asked for them, nearly: one look is mostly enough. */
static bool known_absent(struct sqlite_store *s, const struct hash16 *key)
{
	for (size_t i = 0; i < s->n_absent; i++) {
		size_t at = (s->at_absent + i) % s->n_absent;
		if (memcmp(&s->absent[at], key, sizeof *key) == 0) {
			s->at_absent = at + 1;
			return true;
		}
	}
	return false;
}

bool keys_put(struct sqlite_store *s, const struct dedupe_put *put)
{
	int64_t event;

	if ((!known_absent(s, &put->key) && keys_find(s, &put->key, &event)) ||
	    !dedupe_put(&s->keys, &put->key, put->event, put->at))
		return false;
	sql_do(s->q, SQL_KEY_ADD, "hii", &put->key, put->event, put->at);
	return true;
}

void keys_forget(struct sqlite_store *s, const struct hash16 *key)
{
	dedupe_remove(&s->keys, key);
}

/* Turns the log into a run. In a transaction of its own, some 20 ms for every 163,840 messages. */
enum result keys_seal(struct sqlite_store *s)
{
	int64_t run = s->keys.n_runs ? s->keys.runs[s->keys.n_runs - 1].run + 1 : 1;
	uint32_t n_pages = dedupe_pages(s->keys.n);
	struct arena *a = arena_open(SEAL_ARENA_BYTES);
	struct slice *pages, filter;
	enum result r;

	if (n_pages > RUN_PAGES_MAX)
		n_pages = RUN_PAGES_MAX;
	pages = dedupe_seal(&s->keys, n_pages, a);
	filter = dedupe_filter(&s->keys, a);
	sql_begin(s->q);
	for (uint32_t i = 0; i < n_pages; i++)
		if (pages[i].len)
			sql_do(s->q, SQL_PAGE_ADD, "ib", run * RUN_PAGES_MAX + i, pages[i]);
	sql_do(s->q, SQL_RUN_ADD, "iiiiib", run, s->keys.first_at, s->keys.last_at, (int64_t)s->keys.n,
	       (int64_t)n_pages, filter);
	sql_do(s->q, SQL_KEYS_CLEAR, "");
	crash_point("before_seal");
	r = sql_commit(s->q);
	crash_point("after_seal");
	if (r == OK) {
		dedupe_add_run(&s->keys, run, s->keys.last_at, n_pages, filter);
		dedupe_clear_recent(&s->keys);
	}
	arena_close(&a);
	return r;
}

static void expire_log(struct sqlite_store *s, int64_t before)
{
	struct arena *a;
	struct hash16 *keys;
	int64_t *ids;
	size_t n = 0;

	if (!s->keys.n || s->keys.first_at >= before)
		return;
	a = arena_open(0);
	keys = ARENA_ARRAY(a, struct hash16, OLD_KEYS_PER_BITE);
	ids = ARENA_ARRAY(a, int64_t, OLD_KEYS_PER_BITE);
	for (bool row = sql_ask(s->q, SQL_KEYS_OLD, "id", before, OLD_KEYS_PER_BITE); row;
	     row = sql_next(s->q, SQL_KEYS_OLD)) {
		ids[n] = sql_int(s->q, SQL_KEYS_OLD, 0);
		keys[n++] = sql_hash(s->q, SQL_KEYS_OLD, 1);
	}
	for (size_t i = 0; i < n; i++)
		sql_do(s->q, SQL_KEY_DROP, "i", ids[i]);
	/* Should the commit fail now, memory knows a key less than the disk until the next start: it was too old
	 * anyway. */
	for (size_t i = 0; i < n && sql_result(s->q) == OK; i++)
		dedupe_remove(&s->keys, &keys[i]);
	if (n < OLD_KEYS_PER_BITE)
		s->keys.first_at = before;
	arena_close(&a);
}

/* One run a bite, the oldest: some 1,280 pages, a few milliseconds. Too old also for memory, should the commit fail. */
static void expire_run(struct sqlite_store *s, int64_t before)
{
	struct dedupe_run *r = s->keys.runs;

	if (!s->keys.n_runs || r->last_at >= before)
		return;
	sql_do(s->q, SQL_PAGES_DROP, "ii", r->run * RUN_PAGES_MAX, (r->run + 1) * RUN_PAGES_MAX);
	sql_do(s->q, SQL_RUN_DROP, "i", r->run);
	if (sql_result(s->q) == OK)
		dedupe_drop_run(&s->keys, 0);
}

void keys_expire(struct sqlite_store *s, int64_t before)
{
	expire_log(s, before);
	expire_run(s, before);
}

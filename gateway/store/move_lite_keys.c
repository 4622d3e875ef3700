/*
 * The dedupe keys of an embedded store that moves. Those that come are sealed into runs of the size that the store
 * itself makes (dedupe.h), while it stands still; what is not enough for a run goes into the log.
 *
 * Fatal: running out of memory.
 */
#include "store/move_lite.h"

#include <stdlib.h>
#include <string.h>

#define RUN_PAGES  65536 /* page numbers of one run (sqlite_keys.c) */
#define PAGES_STEP 16
#define LOG_STEP   2048
#define SEAL_BYTES ((size_t)64 << 20)

struct found {
	struct move_key *list;
	size_t n, room;
};

static void find(struct found *f, struct arena *a, struct move_key k)
{
	list_room(a, (void **)&f->list, &f->n, &f->room, sizeof *f->list);
	f->list[f->n++] = k;
}

static void take_entries(struct found *f, struct slice entries, int64_t at, struct arena *a)
{
	for (size_t i = 0; i + DEDUPE_ENTRY_BYTES <= entries.len; i += DEDUPE_ENTRY_BYTES) {
		struct move_key k = {.at = at};

		memcpy(k.key.bytes, entries.data + i, sizeof k.key.bytes);
		memcpy(&k.event, entries.data + i + sizeof k.key.bytes, sizeof k.event);
		find(f, a, k);
	}
}

/* Of the keys in a sealed run only the run's age is known. */
static void next_of_runs(struct lite *l, int64_t cut, struct move_place *at, struct arena *a, struct found *f)
{
	int st = MOVE_OWN(LITE_PAGES);

	for (bool row = sql_ask(l->q, st, "iid", at->a, cut, PAGES_STEP); row; row = sql_next(l->q, st)) {
		at->a = sql_int(l->q, st, 0);
		take_entries(f, sql_peek(l->q, st, 1), sql_int(l->q, st, 2), a);
	}
}

static void next_of_log(struct lite *l, int64_t cut, struct move_place *at, struct arena *a, struct found *f)
{
	int st = MOVE_OWN(LITE_LOG);

	for (bool row = sql_ask(l->q, st, "iid", at->b, cut, LOG_STEP); row; row = sql_next(l->q, st)) {
		at->b = sql_int(l->q, st, 0);
		find(f, a, (struct move_key){sql_hash(l->q, st, 1), sql_int(l->q, st, 2), sql_int(l->q, st, 3)});
	}
}

/* First the sealed runs, page by page, then the log. Asked again after a failure, it begins at the same place. */
enum result lite_keys_next(struct move_side *s, int64_t cut, struct move_place *at, struct arena *a,
			   struct move_key **out, size_t *n)
{
	struct lite *l = lite_of(s);
	struct move_place to = *at;
	struct found f = {0};

	sql_clear(l->q);
	if (to.a != MOVE_IN_THE_LOG)
		next_of_runs(l, cut, &to, a, &f);
	if (!f.n && sql_result(l->q) == OK) {
		to.a = MOVE_IN_THE_LOG;
		next_of_log(l, cut, &to, a, &f);
	}
	if (sql_result(l->q) == OK)
		*at = to;
	*out = f.list;
	*n = f.n;
	return lite_outcome(l);
}

enum result lite_keys_count(struct move_side *s, int64_t cut, int64_t *n)
{
	struct lite *l = lite_of(s);
	int64_t log = 0;

	*n = 0;
	sql_clear(l->q);
	lite_number(l, MOVE_OWN(LITE_COUNT_RUNS), "i", cut, n);
	lite_number(l, MOVE_OWN(LITE_COUNT_LOG), "i", cut, &log);
	*n += log;
	return lite_outcome(l);
}

enum result lite_keys_clear(struct move_side *s)
{
	struct lite *l = lite_of(s);

	sql_begin(l->q);
	for (int st = LITE_PAGES_CLEAR; st <= LITE_LOG_CLEAR; st++)
		sql_do(l->q, MOVE_OWN(st), "");
	sql_commit(l->q);
	dedupe_clear_recent(&l->keys);
	l->n_gathered = 0;
	l->runs = 0;
	return lite_outcome(l);
}

static enum result seal(struct lite *l)
{
	struct arena *a = arena_open(SEAL_BYTES);
	uint32_t n_pages = dedupe_pages(l->keys.n);
	struct slice *pages = dedupe_seal(&l->keys, n_pages, a), filter = dedupe_filter(&l->keys, a);
	int64_t run = l->runs + 1;

	sql_begin(l->q);
	for (uint32_t i = 0; i < n_pages; i++)
		if (pages[i].len)
			sql_do(l->q, MOVE_OWN(LITE_PAGE_ADD), "ib", run * RUN_PAGES + i, pages[i]);
	sql_do(l->q, MOVE_OWN(LITE_RUN_ADD), "iiiiib", run, l->keys.first_at, l->keys.last_at, (int64_t)l->keys.n,
	       (int64_t)n_pages, filter);
	if (sql_commit(l->q) == OK) {
		sql_checkpoint(l->q, LITE_LOG_BYTES);
		l->runs = run;
		dedupe_clear_recent(&l->keys);
		l->n_gathered = 0;
	}
	arena_close(&a);
	return lite_outcome(l);
}

enum result lite_keys_put(struct move_side *s, const struct move_key *keys, size_t n, int64_t mark)
{
	struct lite *l = lite_of(s);

	(void)mark; /* they come all at once, while the source stands still */
	if (!l->gathered && !(l->gathered = malloc(DEDUPE_SEAL * sizeof *l->gathered)))
		exhausted("dedupe keys of a move");
	for (size_t i = 0; i < n; i++) {
		enum result r = l->n_gathered == DEDUPE_SEAL ? seal(l) : OK;

		if (r != OK)
			return r;
		if (dedupe_put(&l->keys, &keys[i].key, keys[i].event, keys[i].at))
			l->gathered[l->n_gathered++] = keys[i];
	}
	return OK;
}

/* What is not enough for a run stays in the log. */
enum result lite_keys_end(struct move_side *s, int64_t cut)
{
	struct lite *l = lite_of(s);

	(void)cut;
	sql_begin(l->q);
	for (size_t i = 0; i < l->n_gathered; i++)
		sql_do(l->q, MOVE_OWN(LITE_LOG_ADD), "hii", &l->gathered[i].key, l->gathered[i].event,
		       l->gathered[i].at);
	sql_commit(l->q);
	return lite_outcome(l);
}

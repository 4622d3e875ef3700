/*
 * One end of a move: PostgreSQL. Here are its statements and its two connections: one that reads and writes, and one
 * that holds what is held as long as it is connected. Whatever is written may be written again: a lost answer needs no
 * thought.
 *
 * Fatal: running out of memory.
 */
#include "store/move_pg.h"

#include <stdlib.h>

static const char *const more[PGM_MORE] = {
	[PGM_CASE_REF] =
		"INSERT INTO case_ref SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT(shard, number) DO UPDATE SET"
		" owner_shard = excluded.owner_shard, contact = excluded.contact",
	/* Of several sends with one provider id, the newest. */
	[PGM_PROVIDER_REF] =
		"INSERT INTO provider_ref AS r SELECT DISTINCT ON (w.shard, w.channel, w.provider) * FROM unnest($1,"
		" $2, $3, $4, $5, $6) AS w(shard, channel, provider, owner, outbox, contact) ORDER BY w.shard,"
		" w.channel, w.provider, w.outbox DESC ON CONFLICT(shard, channel, provider_id) DO UPDATE SET"
		" owner_shard = excluded.owner_shard, outbox = excluded.outbox, contact = excluded.contact WHERE"
		" r.outbox < excluded.outbox",
	[PGM_MARK] = "SELECT n, what FROM huiyin_move WHERE name = $1",
	[PGM_MARK_PUT] =
		"INSERT INTO huiyin_move VALUES($1, $2, $3) ON CONFLICT(name) DO UPDATE SET n = excluded.n, what ="
		" excluded.what",
	[PGM_MARKS] = "SELECT count(*) FROM pg_class WHERE relname = 'huiyin_move' AND relnamespace = (SELECT oid FROM"
		      " pg_namespace WHERE nspname = current_schema())",
	[PGM_KEYS] =
		"SELECT key, event, at FROM dedupe WHERE at >= $1 AND (at, key) > ($1, $2) ORDER BY at, key LIMIT $3",
	[PGM_KEYS_COUNT] = "SELECT count(*) FROM dedupe WHERE at >= $1",
	[PGM_KEYS_CLEAR] = "DELETE FROM dedupe",
	[PGM_KEYS_PUT] =
		"INSERT INTO dedupe AS d(shard, key, event, at) SELECT * FROM unnest($1, $2, $3, $4) ON CONFLICT(shard,"
		" key) DO UPDATE SET event = excluded.event, at = excluded.at WHERE d.event <> excluded.event OR d.at"
		" <> excluded.at",
	[PGM_KEYS_MATCH] =
		"SELECT count(*) FROM unnest($1, $2, $3) AS w(shard, key, event) JOIN dedupe d ON d.shard = w.shard AND"
		" d.key = w.key AND d.event = w.event",
	[PGM_KEYS_OLD] = "DELETE FROM dedupe WHERE at < $1",
	[PGM_LIVING] = "SELECT name, id FROM gateway WHERE seen_at > (extract(epoch FROM clock_timestamp()) *"
		       " 1000)::bigint - $1 ORDER BY id LIMIT 1",
	[PGM_TRY_LOCK] = "SELECT pg_try_advisory_lock($1)::int",
	[PGM_LOST_CASES] =
		"SELECT count(*) FROM cases k WHERE NOT EXISTS (SELECT 1 FROM case_ref r WHERE r.shard ="
		" get_byte(sha256(convert_to(k.number, 'UTF8')), 0) AND r.number = k.number AND r.owner_shard = k.shard"
		" AND r.contact = k.contact)",
	[PGM_LOST_SENDS] = "SELECT count(*) FROM outbox o WHERE o.provider_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
			   " provider_ref r WHERE r.shard = get_byte(sha256(convert_to(o.channel || E'\\n' ||"
			   " o.provider_id, 'UTF8')), 0) AND r.channel = o.channel AND r.provider_id = o.provider_id AND r.outbox >= o.id)",
};

/* ---- a round trip --------------------------------------------------------------------------------------------- */

struct pgm *pgm_of(struct move_side *s)
{
	return (struct pgm *)s;
}

void pgm_ask(struct pgm *p)
{
	arena_reset(p->arena);
	pg_begin(p->q);
	if (pg_in_transaction(p->q))
		pg_word(p->q, "ROLLBACK");
	pg_word(p->q, "BEGIN");
}

enum result pgm_end(struct pgm *p)
{
	enum result r;

	pg_word(p->q, "COMMIT");
	r = pg_run(p->q);
	p->front.trouble = r == OK ? NULL : pg_why(p->q);
	return r == UNSURE || r == RETRY ? LATER : r; /* all of it may be done again */
}

void pgm_ask_by_index(struct pgm *p)
{
	pgm_ask(p);
	pg_word(p->q, "SET LOCAL enable_seqscan = off");
	pg_word(p->q, "SET LOCAL enable_hashjoin = off");
	pg_word(p->q, "SET LOCAL enable_mergejoin = off");
}

enum result pgm_number(struct pgm *p, int statement, const char *types, int64_t with, int64_t *n)
{
	enum result r;
	int at;

	pgm_ask(p);
	at = pg_add(p->q, statement, types, with);
	r = pgm_end(p);
	if (r == OK)
		*n = pg_int(p->q, at, 0, 0);
	return r;
}

bool pgm_failed(const struct pg *q, struct arena *a, struct slice *why)
{
	*why = arena_printf(a, "the database cannot be used: %s", pg_why(q));
	return false;
}

/* ---- open and close ------------------------------------------------------------------------------------------- */

static void pgm_close(struct move_side *s)
{
	struct pgm *p = pgm_of(s);

	pg_close(&p->q);
	pg_close(&p->lock);
	if (p->store)
		p->store->front.kind->close(&p->store->front);
	arena_close(&p->arena);
	free(p);
}

static const struct move_side_kind kind_pg = {
	.close = pgm_close,
	.bound = pgm_bound,
	.rows = pgm_rows,
	.count = pgm_count,
	.put = pgm_put,
	.keys_next = pgm_keys_next,
	.keys_count = pgm_keys_count,
	.keys_clear = pgm_keys_clear,
	.keys_put = pgm_keys_put,
	.keys_end = pgm_keys_end,
	.keys_match = pgm_keys_match,
	.mark = pgm_mark,
	.begin = pgm_begin,
	.finish = pgm_finish,
	.still = pgm_still,
	.leave = pgm_leave,
	.sound = pgm_sound,
};

static struct pg *connection(struct pgm *p, struct arena *a, struct slice *why)
{
	const struct pg_options o = {.url = p->store->url,
				     .name = "huiyin migrate",
				     .statements = p->front.statements,
				     .n = n_move_tables * MOVE_WHATS + PGM_MORE,
				     .statement_ms = PGM_SLOW_MS};

	return pg_open(&o, a, why);
}

/* "//user:password@host/base?more" → "postgresql://host/base" */
static struct slice without_user(struct slice url, struct arena *a)
{
	struct slice rest = slice_from(url, slice_find(url, S("://")) + 3);

	rest.len = slice_find(rest, S("?"));
	for (size_t at; (at = slice_find(rest, S("@"))) < rest.len;)
		rest = slice_from(rest, at + 1);
	return arena_printf(a, "postgresql://" SLICE_FMT, SLICE_ARG(rest));
}

struct move_side *move_pg_open(const struct move_options *o, bool target, struct arena *a, struct slice *why)
{
	const struct store_options so = {.key = o->key, .create = true, .moving = true};
	struct pgm *p = calloc(1, sizeof *p);

	if (!p)
		exhausted("move");
	p->front.kind = &kind_pg;
	p->arena = arena_open(0);
	p->shard_room = PGM_SHARD_ROOM;
	p->store = (struct pg_store *)store_open_with(target ? o->to : o->from, &so, a, why);
	if (p->store) {
		p->front.statements = move_statements(DIALECT_POSTGRES, p->store->partitions > 0, more, PGM_MORE, a);
		p->front.origin = without_user(slice_of(p->store->url), a);
		p->q = connection(p, a, why);
		p->lock = p->q ? connection(p, a, why) : NULL;
	}
	if (p->lock)
		return &p->front;
	pgm_close(&p->front);
	return NULL;
}

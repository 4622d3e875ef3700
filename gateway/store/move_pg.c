/*
 * One end of a move: PostgreSQL. A source stands still when no gateway in the register lives any more and this process
 * holds the tables against writers; a gateway that was only frozen meanwhile finds, when it wakes, that the database
 * takes nothing any more, and its providers send again. Whatever is written here may be written again: a lost answer
 * needs no thought.
 */
#include "store/move_parts.h"

#include <stdlib.h>
#include <string.h>

#include "huiyin/clock.h"

#define SLOW_MS       (10 * 60000)
#define SHARD_ROOM    16 /* rows a shard in one range, to begin with */
#define SHARD_ROOM_UP 1024
#define MANY_ROWS     8192 /* of one range; rather ask again for a shorter one */
#define KEYS_STEP     2048

enum {
	PGM_CASE_REF,
	PGM_PROVIDER_REF,
	PGM_MARK,
	PGM_MARK_PUT,
	PGM_MARKS,
	PGM_KEYS,
	PGM_KEYS_COUNT,
	PGM_KEYS_CLEAR,
	PGM_KEYS_PUT,
	PGM_KEYS_MATCH,
	PGM_KEYS_OLD,
	PGM_LIVING,
	PGM_TRY_LOCK,
	PGM_LOST_CASES,
	PGM_LOST_SENDS,
	PGM_MORE,
};
#define AT(which) ((int)(n_move_tables * MOVE_WHATS) + (which))

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
		" key) DO UPDATE SET event = excluded.event, at = excluded.at WHERE d.event <> excluded.event OR d.at "
		"<>"
		" excluded.at",
	[PGM_KEYS_MATCH] =
		"SELECT count(*) FROM unnest($1, $2, $3) AS w(shard, key, event) JOIN dedupe d ON d.shard = w.shard AND"
		" d.key = w.key AND d.event = w.event",
	[PGM_KEYS_OLD] = "DELETE FROM dedupe WHERE at < $1",
	[PGM_LIVING] = "SELECT name, id FROM gateway WHERE seen_at > (extract(epoch FROM clock_timestamp()) * "
		       "1000)::bigint - $1"
		       " ORDER BY id LIMIT 1",
	[PGM_TRY_LOCK] = "SELECT pg_try_advisory_lock($1)::int",
	[PGM_LOST_CASES] =
		"SELECT count(*) FROM cases k WHERE NOT EXISTS (SELECT 1 FROM case_ref r WHERE r.shard ="
		" get_byte(sha256(convert_to(k.number, 'UTF8')), 0) AND r.number = k.number AND r.owner_shard = k.shard"
		" AND r.contact = k.contact)",
	[PGM_LOST_SENDS] =
		"SELECT count(*) FROM outbox o WHERE o.provider_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "
		"provider_ref"
		" r WHERE r.shard = get_byte(sha256(convert_to(o.channel || E'\\n' || o.provider_id, 'UTF8')), 0) AND"
		" r.channel = o.channel AND r.provider_id = o.provider_id AND r.outbox >= o.id)",
};

struct pgm {
	struct move_side front;
	struct pg_store *store;
	struct pg *q, *lock; /* lock: what is held while it is connected */
	int held;            /* the connection that holds it */
	int shard_room;
	struct arena *arena; /* of one call */
};

static struct pgm *of(struct move_side *s)
{
	return (struct pgm *)s;
}

static int number(const struct move_table *t, enum move_what what)
{
	return (int)((size_t)(t - move_tables) * MOVE_WHATS) + (int)what;
}

static void pgm_close(struct move_side *s)
{
	struct pgm *p = of(s);

	pg_close(&p->q);
	pg_close(&p->lock);
	if (p->store)
		p->store->front.kind->close(&p->store->front);
	arena_close(&p->arena);
	free(p);
}

static void begin(struct pgm *p)
{
	arena_reset(p->arena);
	pg_begin(p->q);
	if (pg_in_transaction(p->q))
		pg_word(p->q, "ROLLBACK");
	pg_word(p->q, "BEGIN");
}

static enum result end(struct pgm *p)
{
	enum result r;

	pg_word(p->q, "COMMIT");
	r = pg_run(p->q);
	p->front.trouble = r == OK ? NULL : pg_why(p->q);
	return r == UNSURE || r == RETRY ? LATER : r; /* all of it may be done again */
}

/* By index, also where a table was empty when the database last looked. */
static void ask_by_index(struct pgm *p)
{
	begin(p);
	pg_word(p->q, "SET LOCAL enable_seqscan = off");
	pg_word(p->q, "SET LOCAL enable_hashjoin = off");
	pg_word(p->q, "SET LOCAL enable_mergejoin = off");
}

/* ---- rows ---------------------------------------------------------------------------------------------------------
 */

static enum result bound_once(struct pgm *p, const struct move_table *t, int64_t after, int64_t room, int64_t *to)
{
	enum result r;
	int at;

	ask_by_index(p);
	at = pg_add(p->q, number(t, MOVE_BOUND), "ii", after, room);
	r = end(p);
	*to = r == OK && pg_rows(p->q, at) && !pg_null(p->q, at, 0, 0) ? pg_int(p->q, at, 0, 0) : MOVE_ALL;
	return r;
}

static enum result pgm_bound(struct move_side *s, const struct move_table *t, int64_t after, size_t room, int64_t *to)
{
	struct pgm *p = of(s);

	return bound_once(p, t, after, t->walk == MOVE_BY_OWNER ? p->shard_room : (int64_t)room, to);
}

static struct sql_value value(const struct pgm *p, int place, size_t row, int at, char type, struct arena *a)
{
	struct sql_value v = {0};

	if (type == 's' || type == 'b')
		v.s = pg_text(p->q, place, row, at, a);
	else
		v.n = pg_int(p->q, place, row, at);
	return v;
}

/* Ranges of a few rows where all belong to one contact, of many where contacts are many: both end near a thousand. */
static void learn(struct pgm *p, const struct move_table *t, size_t n, int64_t to)
{
	if (t->walk != MOVE_BY_OWNER || to == MOVE_ALL)
		return;
	if (n > MANY_ROWS / 2)
		p->shard_room = SHARD_ROOM;
	else if (n < MANY_ROWS / 16 && p->shard_room < SHARD_ROOM_UP)
		p->shard_room *= 2;
}

static enum result pgm_rows(struct move_side *s, const struct move_table *t, int64_t after, int64_t to, struct arena *a,
			    struct move_rows *out)
{
	struct pgm *p = of(s);
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n = move_columns(t, columns);
	enum result r;
	int at;

	*out = (struct move_rows){0};
	ask_by_index(p);
	at = pg_add(p->q, number(t, MOVE_ROWS), "ii", after, to);
	r = end(p);
	if (r != OK)
		return r;
	out->n = pg_rows(p->q, at);
	out->list = ARENA_ARRAY(a, struct move_row, out->n + 1);
	for (size_t i = 0; i < out->n; i++) {
		out->list[i] = (struct move_row){pg_int(p->q, at, i, 0), ARENA_ARRAY(a, struct sql_value, n)};
		for (size_t k = 0; k < n; k++)
			out->list[i].v[k] = value(p, at, i, (int)k + 1, columns[k].type, a);
	}
	learn(p, t, out->n, to);
	return OK;
}

static enum result one_number(struct pgm *p, int statement, const char *types, int64_t with, int64_t *n)
{
	enum result r;
	int at;

	begin(p);
	at = pg_add(p->q, statement, types, with);
	r = end(p);
	if (r == OK)
		*n = pg_int(p->q, at, 0, 0);
	return r;
}

static enum result pgm_count(struct move_side *s, const struct move_table *t, int64_t *n)
{
	return one_number(of(s), number(t, MOVE_COUNT), "", 0, n);
}

static int shard_of(const struct move_table *t, const struct move_row *row)
{
	if (t->walk == MOVE_WHOLE)
		return 0;
	if (!t->owner)
		return pg_shard_of_provider(row->v[move_column(t, "channel")].s,
					    row->v[move_column(t, "provider_id")].s);
	return store_shard_of_id(row->v[move_column(t, t->owner)].n);
}

/* One array a column: all of them pointers with a count, so that one call fits every table. */
#define PAIR(i) lists[i], n
#define SIX(i)  PAIR(i), PAIR((i) + 1), PAIR((i) + 2), PAIR((i) + 3), PAIR((i) + 4), PAIR((i) + 5)

static void insert(struct pgm *p, const struct move_change *c, const int *shards)
{
	struct move_column columns[MOVE_COLUMNS_MAX];
	size_t n_columns = move_columns(c->table, columns), n = c->n_rows;
	const void *lists[30] = {shards};
	char types[30] = "W";

	for (size_t k = 0; k < n_columns; k++) {
		int64_t *numbers = ARENA_ARRAY(p->arena, int64_t, n);
		struct slice *texts = ARENA_ARRAY(p->arena, struct slice, n);
		char type = columns[k].type;

		for (size_t i = 0; i < n; i++) {
			numbers[i] = c->rows[i].v[k].n;
			texts[i] = c->rows[i].v[k].s;
		}
		types[k + 1] = type == 's' ? 'S' : type == 'b' ? 'B' : 'I';
		lists[k + 1] = type == 's' || type == 'b' ? (const void *)texts : numbers;
	}
	pg_add(p->q, number(c->table, MOVE_INSERT), types, SIX(0), SIX(6), SIX(12), SIX(18), SIX(24));
}

static void refer_cases(struct pgm *p, const struct move_change *c, const int *owners)
{
	size_t n = c->n_rows, number_at = move_column(c->table, "number"),
	       contact_at = move_column(c->table, "contact");
	int *shards = ARENA_ARRAY(p->arena, int, n);
	struct slice *numbers = ARENA_ARRAY(p->arena, struct slice, n);
	int64_t *contacts = ARENA_ARRAY(p->arena, int64_t, n);

	for (size_t i = 0; i < n; i++) {
		numbers[i] = c->rows[i].v[number_at].s;
		contacts[i] = c->rows[i].v[contact_at].n;
		shards[i] = pg_shard_of_case(numbers[i]);
	}
	pg_add(p->q, AT(PGM_CASE_REF), "WSWI", shards, n, numbers, n, owners, n, contacts, n);
}

static void refer_sends(struct pgm *p, const struct move_change *c)
{
	const struct move_table *t = c->table;
	size_t most = c->n_rows, n = 0, id = move_column(t, "id"), contact = move_column(t, "contact"),
	       channel = move_column(t, "channel"), provider = move_column(t, "provider_id");
	int *shards = ARENA_ARRAY(p->arena, int, most), *owners = ARENA_ARRAY(p->arena, int, most);
	struct slice *channels = ARENA_ARRAY(p->arena, struct slice, most);
	struct slice *providers = ARENA_ARRAY(p->arena, struct slice, most);
	int64_t *ids = ARENA_ARRAY(p->arena, int64_t, most), *contacts = ARENA_ARRAY(p->arena, int64_t, most);

	for (size_t i = 0; i < most; i++) {
		const struct sql_value *v = c->rows[i].v;

		if (!v[provider].s.len)
			continue;
		shards[n] = pg_shard_of_provider(v[channel].s, v[provider].s);
		owners[n] = store_shard_of_id(v[contact].n);
		channels[n] = v[channel].s;
		providers[n] = v[provider].s;
		ids[n] = v[id].n;
		contacts[n++] = v[contact].n;
	}
	if (n)
		pg_add(p->q, AT(PGM_PROVIDER_REF), "WSSWII", shards, n, channels, n, providers, n, owners, n, ids, n,
		       contacts, n);
}

static void put_rows(struct pgm *p, const struct move_change *c)
{
	int *shards = ARENA_ARRAY(p->arena, int, c->n_rows);

	for (size_t i = 0; i < c->n_rows; i++)
		shards[i] = shard_of(c->table, &c->rows[i]);
	insert(p, c, shards);
	if (!strcmp(c->table->name, "cases"))
		refer_cases(p, c, shards);
	if (!strcmp(c->table->name, "outbox"))
		refer_sends(p, c);
}

static enum result pgm_put(struct move_side *s, const struct move_change *c)
{
	struct pgm *p = of(s);

	ask_by_index(p);
	if (c->n_gone)
		pg_add(p->q, number(c->table, MOVE_DELETE), "WI", c->shards, c->n_gone, c->gone, c->n_gone);
	if (c->n_rows)
		put_rows(p, c);
	if (c->mark)
		pg_add(p->q, AT(PGM_MARK_PUT), "tit", slice_of(c->mark), c->mark_at, S("-"));
	return end(p);
}

/* ---- dedupe keys --------------------------------------------------------------------------------------------------
 */

static enum result pgm_keys_next(struct move_side *s, int64_t cut, struct move_place *at, struct arena *a,
				 struct move_key **out, size_t *n)
{
	struct pgm *p = of(s);
	enum result r;
	int place;

	*n = 0;
	begin(p);
	place = pg_add(p->q, AT(PGM_KEYS), "ihi", at->a > cut ? at->a : cut, &at->key, (int64_t)KEYS_STEP);
	r = end(p);
	if (r != OK)
		return r;
	*n = pg_rows(p->q, place);
	*out = ARENA_ARRAY(a, struct move_key, *n + 1);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = (struct move_key){pg_hash(p->q, place, i, 0), pg_int(p->q, place, i, 1),
					      pg_int(p->q, place, i, 2)};
	if (*n) {
		at->a = (*out)[*n - 1].at;
		at->key = (*out)[*n - 1].key;
	}
	return OK;
}

static enum result pgm_keys_count(struct move_side *s, int64_t cut, int64_t *n)
{
	return one_number(of(s), AT(PGM_KEYS_COUNT), "i", cut, n);
}

static enum result pgm_keys_clear(struct move_side *s)
{
	struct pgm *p = of(s);

	begin(p);
	pg_add(p->q, AT(PGM_KEYS_CLEAR), "");
	pg_add(p->q, AT(PGM_MARK_PUT), "tit", S("dedupe"), (int64_t)0, S("-"));
	return end(p);
}

struct key_lists {
	int *shards;
	struct hash16 *keys;
	int64_t *events, *at;
};

static struct key_lists key_lists(struct pgm *p, const struct move_key *keys, size_t n)
{
	struct key_lists l = {ARENA_ARRAY(p->arena, int, n), ARENA_ARRAY(p->arena, struct hash16, n),
			      ARENA_ARRAY(p->arena, int64_t, n), ARENA_ARRAY(p->arena, int64_t, n)};

	for (size_t i = 0; i < n; i++) {
		l.shards[i] = store_shard_of_hash(&keys[i].key);
		l.keys[i] = keys[i].key;
		l.events[i] = keys[i].event;
		l.at[i] = keys[i].at;
	}
	return l;
}

static enum result pgm_keys_put(struct move_side *s, const struct move_key *keys, size_t n, int64_t mark)
{
	struct pgm *p = of(s);
	struct key_lists l;

	ask_by_index(p);
	l = key_lists(p, keys, n);
	pg_add(p->q, AT(PGM_KEYS_PUT), "WHII", l.shards, n, l.keys, n, l.events, n, l.at, n);
	if (mark)
		pg_add(p->q, AT(PGM_MARK_PUT), "tit", S("dedupe"), mark, S("-"));
	return end(p);
}

/* What was too old meanwhile is not in the source any more. */
static enum result pgm_keys_end(struct move_side *s, int64_t cut)
{
	struct pgm *p = of(s);

	begin(p);
	pg_add(p->q, AT(PGM_KEYS_OLD), "i", cut);
	return end(p);
}

static enum result pgm_keys_match(struct move_side *s, const struct move_key *keys, size_t n, int64_t *found)
{
	struct pgm *p = of(s);
	struct key_lists l;
	enum result r;
	int at;

	ask_by_index(p);
	l = key_lists(p, keys, n);
	at = pg_add(p->q, AT(PGM_KEYS_MATCH), "WHI", l.shards, n, l.keys, n, l.events, n);
	r = end(p);
	*found = r == OK ? pg_int(p->q, at, 0, 0) : 0;
	return r;
}

/* ---- marks --------------------------------------------------------------------------------------------------------
 */

static enum result pgm_mark(struct move_side *s, const char *name, int64_t *at, struct arena *a, struct slice *text)
{
	struct pgm *p = of(s);
	int64_t there = 0;
	enum result r = one_number(p, AT(PGM_MARKS), "", 0, &there);
	int place;

	if (r != OK || !there)
		return r;
	begin(p);
	place = pg_add(p->q, AT(PGM_MARK), "t", slice_of(name));
	r = end(p);
	if (r == OK && pg_rows(p->q, place)) {
		*at = pg_int(p->q, place, 0, 0);
		*text = pg_text(p->q, place, 0, 1, a);
	}
	return r;
}

static const char marks[] =
	"CREATE TABLE IF NOT EXISTS huiyin_move(name TEXT PRIMARY KEY, n bigint NOT NULL, what TEXT);";

static bool failed(const struct pg *q, struct arena *a, struct slice *why)
{
	*why = arena_printf(a, "the database cannot be used: %s", pg_why(q));
	return false;
}

/* Taken by one move at a time, and given back when its process ends, however it ends. */
static bool take_lock(struct pgm *p, struct arena *a, struct slice *why)
{
	int at;

	pg_begin(p->lock);
	if (pg_in_transaction(p->lock))
		pg_word(p->lock, "ROLLBACK");
	at = pg_add(p->lock, AT(PGM_TRY_LOCK), "i", (int64_t)MOVE_LOCK_NUMBER);
	if (pg_run(p->lock) != OK)
		return failed(p->lock, a, why);
	p->held = pg_connections(p->lock);
	if (pg_int(p->lock, at, 0, 0))
		return true;
	*why = S("another huiyin migrate is at work on this database: let it end, or stop it, first");
	return false;
}

/* Nobody who lives may work on it. */
static bool nobody(struct pgm *p, struct arena *a, struct slice *why)
{
	int at;

	begin(p);
	at = pg_add(p->q, AT(PGM_LIVING), "i", (int64_t)PG_DEAD_MS);
	if (end(p) != OK)
		return failed(p->q, a, why);
	if (!pg_rows(p->q, at))
		return true;
	*why = arena_printf(a, "gateway " SLICE_FMT " (number %lld) is at work on it: stop it first",
			    SLICE_ARG(pg_peek(p->q, at, 0, 0)), (long long)pg_int(p->q, at, 0, 1));
	return false;
}

static bool put_state(struct pg *q, enum move_state state, struct slice other, const char *before, struct arena *a,
		      struct slice *why)
{
	struct slice quoted = hex_encode(a, other);
	const char *text = arena_cstr(
		a, arena_printf(a,
				"%s %s INSERT INTO huiyin_move VALUES('state', %d, convert_from(decode('" SLICE_FMT
				"', 'hex'), 'UTF8')) ON CONFLICT(name) DO UPDATE SET n = excluded.n, what = "
				"excluded.what; COMMIT;",
				before, marks, (int)state, SLICE_ARG(quoted)));

	if (pg_script(q, text, SLOW_MS) == OK)
		return true;
	pg_drop(q);
	return failed(q, a, why);
}

static bool pgm_begin(struct move_side *s, struct slice origin, struct arena *a, struct slice *why)
{
	struct pgm *p = of(s);

	return take_lock(p, a, why) && nobody(p, a, why) && put_state(p->q, MOVE_COPYING, origin, "BEGIN;", a, why);
}

static enum result pgm_finish(struct move_side *s)
{
	struct pgm *p = of(s);
	enum result r = pg_script(p->q, "DROP TABLE IF EXISTS huiyin_move; ANALYZE", SLOW_MS);

	p->front.trouble = pg_why(p->q);
	return r == OK ? OK : LATER;
}

#define WRITTEN                                                                                                        \
	"contact, identity, session, timer, cases, case_event, survey, inbox, outbox, attempt, parked, media, "        \
	"handover, "                                                                                                   \
	"dedupe, revision, chat_channel, sequence, counts"

static bool pgm_still(struct move_side *s, struct arena *a, struct slice *why)
{
	static const char hold[] =
		"BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '5s';"
		" LOCK TABLE " WRITTEN " IN SHARE MODE";
	struct pgm *p = of(s);

	if (!nobody(p, a, why) || !take_lock(p, a, why))
		return false;
	if (pg_script(p->lock, hold, SLOW_MS) != OK) {
		failed(p->lock, a, why);
		pg_drop(p->lock);
		return false;
	}
	p->held = pg_connections(p->lock);
	if (nobody(p, a, why))
		return true;
	pg_drop(p->lock);
	return false;
}

/* In the transaction that holds the tables: whoever wrote, wrote before; whoever tries after it is told "read-only". */
static enum result pgm_leave(struct move_side *s, struct slice to)
{
	static const char *const tables[] = {"contact", "session", "timer",  "cases",    "inbox", "outbox",
					     "media",   "dedupe",  "parked", "sequence", "counts"};
	struct pgm *p = of(s);
	struct slice why = {0};
	struct buf b = buf_in(p->arena, (size_t)16 << 10);

	if (!pg_connected(p->lock) || p->held != pg_connections(p->lock) || !pg_in_transaction(p->lock)) {
		p->front.trouble = "the connection that held the source still was lost";
		return LATER;
	}
	buf_add_c(
		&b,
		"CREATE OR REPLACE FUNCTION huiyin_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION"
		" 'this store has moved away' USING ERRCODE = '25006'; END $$;");
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		buf_printf(&b,
			   "DROP TRIGGER IF EXISTS huiyin_moved ON %s; CREATE TRIGGER huiyin_moved BEFORE INSERT OR "
			   "UPDATE OR DELETE"
			   " ON %s FOR EACH STATEMENT EXECUTE FUNCTION huiyin_moved();",
			   tables[i], tables[i]);
	if (put_state(p->lock, MOVE_GONE, to, b.data, p->arena, &why))
		return OK;
	p->front.trouble = pg_why(p->lock);
	return LATER;
}

static bool lost(struct pgm *p, int statement, const char *what, struct arena *a, struct slice *why)
{
	int64_t n = 0;

	if (one_number(p, statement, "", 0, &n) != OK)
		return !failed(p->q, a, why);
	if (n)
		*why = arena_printf(a, "%lld %s would not be found in PostgreSQL (its directory lacks them)",
				    (long long)n, what);
	return n > 0;
}

static bool pgm_sound(struct move_side *s, struct arena *a, struct slice *why)
{
	struct pgm *p = of(s);

	return !lost(p, AT(PGM_LOST_CASES), "cases", a, why) && !lost(p, AT(PGM_LOST_SENDS), "sends", a, why);
}

/* ---- open ---------------------------------------------------------------------------------------------------------
 */

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
				     .statement_ms = SLOW_MS};

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
	p->shard_room = SHARD_ROOM;
	p->front.statements = move_statements(DIALECT_POSTGRES, PGM_MORE, a);
	for (int i = 0; i < PGM_MORE; i++)
		p->front.statements[AT(i)] = more[i];
	p->store = (struct pg_store *)store_open_with(target ? o->to : o->from, &so, a, why);
	if (p->store) {
		p->front.origin = without_user(slice_of(p->store->url), a);
		p->q = connection(p, a, why);
		p->lock = p->q ? connection(p, a, why) : NULL;
	}
	if (p->lock)
		return &p->front;
	pgm_close(&p->front);
	return NULL;
}

/* ---- for the store's own open -------------------------------------------------------------------------------------
 */

bool move_lets_in_pg(struct pg *q, struct arena *a, struct slice *why)
{
	struct slice other = {0};
	int marked, free_of_moves;
	enum move_state state = MOVE_NONE;

	pg_begin(q);
	marked = pg_add(q, PG_MOVE_MARKS, "");
	free_of_moves = pg_add(q, PG_MOVE_UNDER_WAY, "i", (int64_t)MOVE_LOCK_NUMBER);
	if (pg_run(q) != OK) {
		*why = arena_printf(a, "the database cannot be used: %s", pg_why(q));
		return false;
	}
	if (!pg_int(q, marked, 0, 0) && pg_int(q, free_of_moves, 0, 0))
		return true;
	if (!pg_int(q, marked, 0, 0)) {
		*why = S("this store is being moved by huiyin migrate at this moment: try again when it has ended");
		return false;
	}
	pg_begin(q);
	marked = pg_add(q, PG_MOVE_STATE, "");
	if (pg_run(q) == OK && pg_rows(q, marked)) {
		state = (enum move_state)pg_int(q, marked, 0, 0);
		other = pg_text(q, marked, 0, 1, a);
	}
	return move_lets_in(state, other, a, why);
}

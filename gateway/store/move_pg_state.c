/*
 * What a PostgreSQL that moves knows about it: the marks of how far it is; whether it is complete, or has moved away.
 *
 * It stands still when no gateway in the register lives any more and this process holds the tables against writers; a
 * gateway that was only frozen meanwhile finds, when it wakes, that the database takes nothing any more, and its
 * providers send again.
 */
#include "store/move_pg.h"

#include "huiyin/clock.h"

/* ---- marks ---------------------------------------------------------------------------------------------------- */

enum result pgm_mark(struct move_side *s, const char *name, int64_t *at, struct arena *a, struct slice *text)
{
	struct pgm *p = pgm_of(s);
	int64_t there = 0;
	enum result r = pgm_number(p, MOVE_OWN(PGM_MARKS), "", 0, &there);
	int place;

	if (r != OK || !there)
		return r;
	pgm_ask(p);
	place = pg_add(p->q, MOVE_OWN(PGM_MARK), "t", slice_of(name));
	r = pgm_end(p);
	if (r == OK && pg_rows(p->q, place)) {
		*at = pg_int(p->q, place, 0, 0);
		*text = pg_text(p->q, place, 0, 1, a);
	}
	return r;
}

void pgm_put_mark(struct pgm *p, const char *name, int64_t at)
{
	pg_add(p->q, MOVE_OWN(PGM_MARK_PUT), "tit", slice_of(name), at, S("-"));
}

static const char marks[] =
	"CREATE TABLE IF NOT EXISTS huiyin_move(name TEXT PRIMARY KEY, n bigint NOT NULL, what TEXT);";

/* ---- beginning and ending ------------------------------------------------------------------------------------- */

/* Taken by one move at a time, and given back when its process ends, however it ends. */
static bool take_lock(struct pgm *p, struct arena *a, struct slice *why)
{
	int at;

	pg_begin(p->lock);
	if (pg_in_transaction(p->lock))
		pg_word(p->lock, "ROLLBACK");
	at = pg_add(p->lock, MOVE_OWN(PGM_TRY_LOCK), "i", (int64_t)MOVE_LOCK_NUMBER);
	if (pg_run(p->lock) != OK)
		return pgm_failed(p->lock, a, why);
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

	pgm_ask(p);
	at = pg_add(p->q, MOVE_OWN(PGM_LIVING), "i", (int64_t)PG_DEAD_MS);
	if (pgm_end(p) != OK)
		return pgm_failed(p->q, a, why);
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

	if (pg_script(q, text, PGM_SLOW_MS) == OK)
		return true;
	pg_drop(q);
	return pgm_failed(q, a, why);
}

bool pgm_begin(struct move_side *s, struct slice origin, struct arena *a, struct slice *why)
{
	struct pgm *p = pgm_of(s);

	return take_lock(p, a, why) && nobody(p, a, why) && put_state(p->q, MOVE_COPYING, origin, "BEGIN;", a, why);
}

enum result pgm_finish(struct move_side *s)
{
	struct pgm *p = pgm_of(s);
	enum result r = pg_script(p->q, "DROP TABLE IF EXISTS huiyin_move; ANALYZE", PGM_SLOW_MS);

	p->front.trouble = pg_why(p->q);
	return r == OK ? OK : LATER;
}

/* ---- a source that stands still ------------------------------------------------------------------------------- */

#define WRITTEN                                                                                                        \
	"contact, identity, session, timer, cases, case_event, survey, inbox, outbox, attempt, parked, media, "        \
	"handover, dedupe, revision, chat_channel, sequence, counts"

bool pgm_still(struct move_side *s, struct arena *a, struct slice *why)
{
	static const char hold[] =
		"BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '5s';"
		" LOCK TABLE " WRITTEN " IN SHARE MODE";
	struct pgm *p = pgm_of(s);

	if (!nobody(p, a, why) || !take_lock(p, a, why))
		return false;
	if (pg_script(p->lock, hold, PGM_SLOW_MS) != OK) {
		pgm_failed(p->lock, a, why);
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
enum result pgm_leave(struct move_side *s, struct slice to)
{
	static const char *const tables[] = {"contact", "session", "timer",  "cases",    "inbox", "outbox",
					     "media",   "dedupe",  "parked", "sequence", "counts"};
	struct pgm *p = pgm_of(s);
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
			   "DROP TRIGGER IF EXISTS huiyin_moved ON %s; CREATE TRIGGER huiyin_moved BEFORE INSERT OR"
			   " UPDATE OR DELETE ON %s FOR EACH STATEMENT EXECUTE FUNCTION huiyin_moved();",
			   tables[i], tables[i]);
	if (put_state(p->lock, MOVE_GONE, to, b.data, p->arena, &why))
		return OK;
	p->front.trouble = pg_why(p->lock);
	return LATER;
}

/* ---- besides the rows ----------------------------------------------------------------------------------------- */

static bool lost(struct pgm *p, int statement, const char *what, struct arena *a, struct slice *why)
{
	int64_t n = 0;

	if (pgm_number(p, statement, "", 0, &n) != OK)
		return !pgm_failed(p->q, a, why);
	if (n)
		*why = arena_printf(a, "%lld %s would not be found in PostgreSQL (its directory lacks them)",
				    (long long)n, what);
	return n > 0;
}

bool pgm_sound(struct move_side *s, struct arena *a, struct slice *why)
{
	struct pgm *p = pgm_of(s);

	return !lost(p, MOVE_OWN(PGM_LOST_CASES), "cases", a, why) &&
	       !lost(p, MOVE_OWN(PGM_LOST_SENDS), "sends", a, why);
}

/* ---- for the store's own open --------------------------------------------------------------------------------- */

bool move_lets_in_pg(struct pg *q, struct arena *a, struct slice *why)
{
	struct slice other = {0};
	int marked, free_of_moves;
	enum move_state state = MOVE_COPYING; /* no gateway writes where a move has left a mark that does not say */

	pg_begin(q);
	marked = pg_add(q, PG_MOVE_MARKS, "");
	free_of_moves = pg_add(q, PG_MOVE_UNDER_WAY, "i", (int64_t)MOVE_LOCK_NUMBER);
	if (pg_run(q) != OK)
		return pgm_failed(q, a, why);
	if (!pg_int(q, marked, 0, 0) && pg_int(q, free_of_moves, 0, 0))
		return true;
	if (!pg_int(q, marked, 0, 0)) {
		*why = S("this store is being moved by huiyin migrate at this moment: try again when it has ended");
		return false;
	}
	pg_begin(q);
	marked = pg_add(q, PG_MOVE_STATE, "");
	if (pg_run(q) != OK)
		return pgm_failed(q, a, why);
	if (pg_rows(q, marked)) {
		state = (enum move_state)pg_int(q, marked, 0, 0);
		other = pg_text(q, marked, 0, 1, a);
	}
	return move_lets_in(state, other, a, why);
}

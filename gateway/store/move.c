/*
 * Moving house: the order of things (move.h says why), whatever the two ends are. Both are looked at; the tables
 * (move_walk.c) and the dedupe keys (move_keys.c) are copied beside the gateway; then the source is made to stand
 * still, what changed is copied once more, all is compared and counted, and the two change over.
 *
 * Fatal: running out of memory. A failure leaves the source as it was, and the target closed until it is complete.
 */
#include "store/move_run.h"

#include "huiyin/clock.h"

#define BATCH_ROWS  1000
#define RANGE_BYTES ((size_t)1 << 30)
#define ROUNDS      3    /* of catching up, at most */
#define ROUND_MS    3000 /* a shorter one need not be made shorter */
#define STOP_MS     1000 /* for counting, and to change over */
#define KEYS_PER_MS 40

/* ---- may it be ------------------------------------------------------------------------------------------------ */

static bool count_source(struct move *m, int64_t *rows)
{
	*rows = 0;
	for (size_t i = 0; i < n_move_tables; i++) {
		m->last[i] = MOVE_NOTHING;
		if (!move_get_count(m, m->from, &move_tables[i], &m->of[i]))
			return false;
		*rows += m->of[i];
	}
	return true;
}

/* Nothing of anybody's is ever written over. */
static bool target_is_ready(struct move *m)
{
	int64_t state = MOVE_NONE, n = 0;
	struct slice from = {0};

	if (!move_get_mark(m, m->to, "state", &state, &from))
		return false;
	if (state == MOVE_GONE)
		return move_refuse(m, SLICE_FMT " has itself moved to " SLICE_FMT ": name a new store",
				   SLICE_ARG(m->to->origin), SLICE_ARG(from));
	if (state == MOVE_COPYING) {
		if (!slice_equal(from, m->from->origin))
			return move_refuse(m,
					   "a move from another store (" SLICE_FMT ") into " SLICE_FMT
					   " was begun and not ended: name an empty one",
					   SLICE_ARG(from), SLICE_ARG(m->to->origin));
		move_say(m, "a move that was cut off goes on");
		return true;
	}
	for (size_t i = 0; i < n_move_tables; i++) {
		if (!move_get_count(m, m->to, &move_tables[i], &n))
			return false;
		if (n)
			return move_refuse(m,
					   SLICE_FMT " is not empty (%lld rows in the table %s): name an empty "
						     "store, for nothing is written over",
					   SLICE_ARG(m->to->origin), (long long)n, move_tables[i].name);
	}
	return true;
}

static bool source_is_ready(struct move *m)
{
	int64_t state = MOVE_NONE, target = MOVE_NONE;
	struct slice other = {0}, from = {0};

	if (!move_get_mark(m, m->from, "state", &state, &other) || !move_get_mark(m, m->to, "state", &target, &from))
		return false;
	if (state == MOVE_COPYING)
		return move_refuse(m, "a move into " SLICE_FMT " itself was begun and not ended: end that one first",
				   SLICE_ARG(m->from->origin));
	if (state == MOVE_GONE && !(target == MOVE_COPYING && slice_equal(other, m->to->origin)) && !m->o->check)
		return move_refuse(m, SLICE_FMT " has moved to " SLICE_FMT " already: move that one",
				   SLICE_ARG(m->from->origin), SLICE_ARG(other));
	return true;
}

/* ---- copying and changing over -------------------------------------------------------------------------------- */

/* The long part, beside the gateway. *took: how long the last round was, which is how long the stop will be. */
static bool copy_live(struct move *m, int64_t *took)
{
	int64_t begun, changed = 0;

	if (!move_walk_all(m, PASS_COPY) || (m->to_pg && !move_copy_keys(m, move_oldest_key(m), true)))
		return false;
	for (int i = 0; i < ROUNDS; i++) {
		begun = clock_mono().ms;
		changed = m->changed;
		if (!move_walk_all(m, PASS_CATCH_UP) || (m->to_pg && !move_copy_keys(m, move_oldest_key(m), true)))
			return false;
		*took = clock_mono().ms - begun;
		if (*took < ROUND_MS || m->changed == changed)
			break;
	}
	move_say(m, "caught up: %lld rows written; the last look took %lld ms and found %lld that had changed",
		 (long long)m->changed, (long long)*took, (long long)(m->changed - changed));
	return true;
}

/* What the stop adds to a round of looking: keys that go into SQLite are sealed while nobody asks for them. */
static bool guess_stop(struct move *m, int64_t *took)
{
	int64_t keys = 0;

	if (!move_count_keys(m, m->from, move_oldest_key(m), &keys))
		return false;
	*took += (m->to_pg ? 0 : keys / KEYS_PER_MS) + STOP_MS;
	return true;
}

static bool wait_for_still(struct move *m, int64_t took)
{
	int64_t until = clock_mono().ms + m->o->wait_ms;
	struct slice why = {0};
	bool asked = false;

	arena_reset(m->batch);
	while (!m->from->kind->still(m->from, m->batch, &why)) {
		if (!asked)
			move_say(m,
				 "NOW STOP every gateway on " SLICE_FMT
				 " (kill -TERM, systemctl stop). From then on nothing is taken for about %lld s, and "
				 "what providers bring meanwhile they bring again. Waiting: " SLICE_FMT,
				 SLICE_ARG(m->from->origin), (long long)(took / 1000 + 1), SLICE_ARG(why));
		asked = true;
		if (m->o->wait_ms && clock_mono().ms >= until)
			return move_refuse(m,
					   "the source did not stand still in time: " SLICE_FMT
					   "; run it again, and it goes on from there",
					   SLICE_ARG(why));
		if (!move_report(m, "", 0))
			return false;
		move_pause();
		arena_reset(m->batch);
	}
	return true;
}

/* The source first: should the end come between the two, none takes messages until the move is begun again. */
static bool change_over(struct move *m)
{
	struct slice why = {0};

	if (!m->to->kind->sound(m->to, m->arena, &why))
		return move_refuse(m, SLICE_FMT, SLICE_ARG(why));
	if (m->from->kind->leave(m->from, m->to->origin) != OK)
		return move_broken(m, m->from, "closing");
	return move_finish(m);
}

static bool move_all(struct move *m, struct move_result *out)
{
	int64_t took = 0, begun;
	struct slice why = {0};

	if (!m->to->kind->begin(m->to, m->from->origin, m->arena, &why))
		return move_refuse(m, SLICE_FMT, SLICE_ARG(why));
	move_say(m, "copying %lld rows from " SLICE_FMT " to " SLICE_FMT, (long long)out->rows,
		 SLICE_ARG(m->from->origin), SLICE_ARG(m->to->origin));
	if (!copy_live(m, &took) || !guess_stop(m, &took) || !wait_for_still(m, took))
		return false;
	begun = clock_mono().ms;
	move_say(m, "the source stands still; the last changes are copied and every row that may change is compared");
	if (!move_walk_all(m, PASS_LAST) || !move_last_keys(m) || !change_over(m))
		return false;
	out->stood_ms = clock_mono().ms - begun;
	out->changed = m->changed;
	return true;
}

static bool check_all(struct move *m)
{
	bool equal = false;

	if (!move_walk_all(m, PASS_CHECK) || !move_keys_are_equal(m, move_oldest_key(m), &equal))
		return false;
	if (!equal) {
		move_say(m, "  dedupe: the keys differ");
		m->differing++;
	}
	return !m->differing || move_refuse(m, "source and target differ in %lld places; the first are named above",
					    (long long)m->differing);
}

/* ---- a move --------------------------------------------------------------------------------------------------- */

static bool is_lite(struct slice url)
{
	return slice_begins(url, S("sqlite:"));
}

static bool is_pg(struct slice url)
{
	return slice_begins(url, S("postgresql:")) || slice_begins(url, S("postgres:"));
}

static bool open_both(struct move *m)
{
	const struct move_options *o = m->o;
	bool to_lite = is_lite(o->to);

	if (!((is_lite(o->from) && is_pg(o->to)) || (is_pg(o->from) && to_lite)))
		return move_refuse(
			m, "a store moves from sqlite:… to postgresql:… or back; a copy of the same kind is made "
			   "by huiyin backup, or by PostgreSQL's own tools");
	m->to_pg = !to_lite;
	m->from = (is_lite(o->from) ? move_lite_open : move_pg_open)(o, false, m->arena, &m->why);
	m->to = m->from ? (to_lite ? move_lite_open : move_pg_open)(o, true, m->arena, &m->why) : NULL;
	return m->to != NULL;
}

bool move_store(const struct move_options *o, struct move_result *out, struct arena *a, struct slice *why)
{
	struct move m = {
		.o = o, .arena = a, .batch = arena_open(RANGE_BYTES), .room = o->batch ? o->batch : BATCH_ROWS};
	bool ok;

	*out = (struct move_result){0};
	ok = open_both(&m) && source_is_ready(&m) && (o->check || target_is_ready(&m)) &&
	     count_source(&m, &out->rows) && (o->check ? check_all(&m) : move_all(&m, out));
	if (m.to)
		m.to->kind->close(m.to);
	if (m.from)
		m.from->kind->close(m.from);
	arena_close(&m.batch);
	*why = m.why;
	return ok;
}

bool move_lets_in(enum move_state state, struct slice other, struct arena *a, struct slice *why)
{
	if (state == MOVE_GONE)
		*why = arena_printf(a,
				    "this store has moved to " SLICE_FMT
				    ": write that address in store: (it is not deleted, but what came since is only "
				    "there)",
				    SLICE_ARG(other));
	else if (state == MOVE_COPYING)
		*why = arena_printf(a,
				    "a move from " SLICE_FMT
				    " into this store was begun and not ended: run huiyin migrate again",
				    SLICE_ARG(other));
	return state == MOVE_NONE;
}

/*
 * The dedupe keys of a move. They are not rows that can be compared range by range: SQLite seals them into runs, whose
 * keys know only the run's age. They are copied as they come, counted, and those of SQLite looked for in PostgreSQL.
 */
#include "store/move_run.h"

#include "huiyin/clock.h"

int64_t move_oldest_key(const struct move *m)
{
	return m->o->keep_ms > 0 ? clock_wall().ms - m->o->keep_ms : 0;
}

/* The pages of SQLite's runs never change: a mark says how far they are copied. Its log is looked through each time. */
bool move_copy_keys(struct move *m, int64_t cut, bool live)
{
	struct move_place at = {0};
	struct slice text = {0};
	struct move_key *keys;
	int64_t most = INT64_MAX; /* beside a gateway that works there are always more */
	size_t n = 1;

	m->done = 0;
	if (m->to_pg ? !move_get_mark(m, m->to, "dedupe", &at.a, &text) : !move_clear_keys(m))
		return false;
	if (live && !move_count_keys(m, m->from, cut, &most))
		return false;
	while (n && m->done < most) {
		int64_t mark;

		arena_reset(m->batch);
		if (!move_get_keys(m, m->from, cut, &at, &keys, &n))
			return false;
		mark = m->to_pg && at.a != MOVE_IN_THE_LOG ? at.a : 0;
		if (n && !move_put_keys(m, keys, n, mark))
			return false;
		m->done += (int64_t)n;
		if (n && !move_report(m, "dedupe", 0))
			return false;
	}
	return true;
}

bool move_keys_are_equal(struct move *m, int64_t cut, bool *equal)
{
	struct move_side *pg = m->to_pg ? m->to : m->from, *lite = m->to_pg ? m->from : m->to;
	struct move_place at = {0};
	struct move_key *keys;
	int64_t here = 0, there = 0, found;
	size_t n = 1;

	*equal = false;
	if (!move_count_keys(m, m->from, cut, &here) || !move_count_keys(m, m->to, cut, &there))
		return false;
	if (here != there)
		return true;
	while (n) {
		arena_reset(m->batch);
		if (!move_get_keys(m, lite, cut, &at, &keys, &n))
			return false;
		if (n && !move_match_keys(m, pg, keys, n, &found))
			return false;
		if (n && found != (int64_t)n)
			return true;
	}
	*equal = true;
	return true;
}

bool move_last_keys(struct move *m)
{
	int64_t cut = move_oldest_key(m);
	bool equal = false;

	for (int i = 0; i < 2 && !equal; i++) {
		if (i && !move_clear_keys(m))
			return false;
		if (!move_copy_keys(m, cut, false) || !move_end_keys(m, cut) || !move_keys_are_equal(m, cut, &equal))
			return false;
	}
	return equal ||
	       move_refuse(m, "the dedupe keys of source and target are not equal: is somebody else writing there?");
}

/*
 * What a move asks of its two ends, and what it says while it is at work. A database may be away for a moment: whatever
 * is asked here may be asked again, so it is, for half a minute; only then does the move fail, and says what was done.
 */
#include "store/move_run.h"

#include <stdio.h>
#include <time.h>

#include "huiyin/clock.h"

#define PATIENCE_MS 30000 /* for a database that does not answer */
#define PAUSE_MS    250
#define LINE_BYTES  512

/* ---- words ---------------------------------------------------------------------------------------------------- */

void move_say(struct move *m, const char *fmt, ...)
{
	char line[LINE_BYTES];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	if (m->o->say)
		m->o->say(m->o->with, line);
}

bool move_refuse(struct move *m, const char *fmt, ...)
{
	va_list args, twice;
	char *text;
	int n;

	va_start(args, fmt);
	va_copy(twice, args);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	text = arena_alloc(m->arena, (size_t)n + 1);
	vsnprintf(text, (size_t)n + 1, fmt, twice);
	va_end(twice);
	if (!m->why.len)
		m->why = slice_make(text, (size_t)n);
	return false;
}

bool move_report(struct move *m, const char *table, int64_t of)
{
	if (!m->o->progress || m->o->progress(m->o->with, table, m->done, of))
		return true;
	return move_refuse(m, "stopped in the middle: run it again, and it goes on from there");
}

bool move_broken(struct move *m, const struct move_side *s, const char *doing)
{
	return move_refuse(m, "%s of " SLICE_FMT " failed: %s; run it again, and it goes on from there", doing,
			   SLICE_ARG(s->origin), s->trouble ? s->trouble : "no reason was given");
}

void move_pause(void)
{
	nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
}

/* ---- patience ------------------------------------------------------------------------------------------------- */

struct patience {
	int64_t until;
};

static bool again(struct patience *p, enum result r)
{
	int64_t now = clock_mono().ms;

	if (r != LATER)
		return false;
	if (!p->until)
		p->until = now + PATIENCE_MS;
	if (now >= p->until)
		return false;
	move_pause();
	return true;
}

#define PATIENTLY(m, side, doing, call)                                                                                \
	struct patience patience = {0};                                                                                \
	enum result outcome;                                                                                           \
	while (again(&patience, outcome = (call)))                                                                     \
		;                                                                                                      \
	return outcome == OK || move_broken((m), (side), (doing))

bool move_get_bound(struct move *m, struct move_side *s, const struct move_table *t, int64_t after, int64_t *to)
{
	PATIENTLY(m, s, "reading", s->kind->bound(s, t, after, m->room, to));
}

bool move_get_rows(struct move *m, struct move_side *s, const struct move_table *t, int64_t after, int64_t to,
		   struct move_rows *out)
{
	PATIENTLY(m, s, "reading", s->kind->rows(s, t, after, to, m->batch, out));
}

bool move_get_count(struct move *m, struct move_side *s, const struct move_table *t, int64_t *n)
{
	PATIENTLY(m, s, "reading", s->kind->count(s, t, n));
}

bool move_get_mark(struct move *m, struct move_side *s, const char *of, int64_t *at, struct slice *text)
{
	PATIENTLY(m, s, "reading", s->kind->mark(s, of, at, m->arena, text));
}

bool move_put_change(struct move *m, const struct move_change *c)
{
	PATIENTLY(m, m->to, "writing", m->to->kind->put(m->to, c));
}

bool move_get_keys(struct move *m, struct move_side *s, int64_t cut, struct move_place *at, struct move_key **keys,
		   size_t *n)
{
	PATIENTLY(m, s, "reading", s->kind->keys_next(s, cut, at, m->batch, keys, n));
}

bool move_count_keys(struct move *m, struct move_side *s, int64_t cut, int64_t *n)
{
	PATIENTLY(m, s, "reading", s->kind->keys_count(s, cut, n));
}

bool move_match_keys(struct move *m, struct move_side *s, const struct move_key *keys, size_t n, int64_t *found)
{
	PATIENTLY(m, s, "reading", s->kind->keys_match(s, keys, n, found));
}

bool move_put_keys(struct move *m, const struct move_key *keys, size_t n, int64_t mark)
{
	PATIENTLY(m, m->to, "writing", m->to->kind->keys_put(m->to, keys, n, mark));
}

bool move_clear_keys(struct move *m)
{
	PATIENTLY(m, m->to, "writing", m->to->kind->keys_clear(m->to));
}

bool move_end_keys(struct move *m, int64_t cut)
{
	PATIENTLY(m, m->to, "writing", m->to->kind->keys_end(m->to, cut));
}

bool move_finish(struct move *m)
{
	PATIENTLY(m, m->to, "opening", m->to->kind->finish(m->to));
}

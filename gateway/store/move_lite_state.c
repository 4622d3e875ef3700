/*
 * What an embedded store that moves knows about it: the marks of how far it is, and whether it is complete or has moved
 * away. It stands still when its lock is taken, which only one process can hold.
 *
 * Foreign keys are off while a target is filled, for its rows come from a source that goes on; they are all looked at
 * in the end.
 */
#include "store/move_lite.h"

static bool has_marks(struct sql *q)
{
	int64_t n = 0;

	return sql_number(q, "SELECT count(*) FROM sqlite_schema WHERE name = 'huiyin_move'", &n) && n;
}

enum result lite_mark(struct move_side *s, const char *name, int64_t *at, struct arena *a, struct slice *text)
{
	struct lite *l = lite_of(s);

	sql_clear(l->q);
	if (!has_marks(l->q) || !sql_ask(l->q, MOVE_OWN(LITE_MARK), "s", slice_of(name)))
		return lite_outcome(l);
	*at = sql_int(l->q, MOVE_OWN(LITE_MARK), 0);
	*text = sql_text(l->q, MOVE_OWN(LITE_MARK), 1, a);
	sql_rest(l->q, MOVE_OWN(LITE_MARK));
	return lite_outcome(l);
}

static const char marks[] =
	"CREATE TABLE IF NOT EXISTS huiyin_move(name TEXT PRIMARY KEY, n INTEGER NOT NULL, what TEXT)"
	" STRICT, WITHOUT ROWID";

void lite_put_mark(struct lite *l, const char *name, int64_t at, struct slice text)
{
	sql_do(l->q, MOVE_OWN(LITE_MARK_PUT), "sis", slice_of(name), at, text);
}

static enum result put_state(struct lite *l, enum move_state state, struct slice other)
{
	sql_begin(l->q);
	sql_script(l->q, marks);
	lite_put_mark(l, "state", state, other);
	sql_commit(l->q);
	return lite_outcome(l);
}

bool lite_begin(struct move_side *s, struct slice origin, struct arena *a, struct slice *why)
{
	struct lite *l = lite_of(s);

	if (put_state(l, MOVE_COPYING, origin) == OK && sql_script(l->q, "PRAGMA foreign_keys = OFF"))
		return true;
	*why = arena_printf(a, "%s cannot be written: is the disk full or read-only?", l->path);
	return false;
}

enum result lite_finish(struct move_side *s)
{
	struct lite *l = lite_of(s);

	sql_begin(l->q);
	sql_script(l->q, "DROP TABLE huiyin_move");
	sql_commit(l->q);
	sql_checkpoint(l->q, 0);
	return lite_outcome(l);
}

enum result lite_leave(struct move_side *s, struct slice to)
{
	return put_state(lite_of(s), MOVE_GONE, to);
}

bool lite_sound(struct move_side *s, struct arena *a, struct slice *why)
{
	struct lite *l = lite_of(s);

	sql_clear(l->q);
	if (sql_ask(l->q, MOVE_OWN(LITE_ORPHANS), "")) {
		*why = arena_printf(a, "a row of the table " SLICE_FMT " refers to one that is not there",
				    SLICE_ARG(sql_peek(l->q, MOVE_OWN(LITE_ORPHANS), 0)));
		sql_rest(l->q, MOVE_OWN(LITE_ORPHANS));
		return false;
	}
	if (lite_outcome(l) == OK)
		return true;
	*why = arena_printf(a, "%s cannot be read to the end; SQLite says why in the line above", l->path);
	return false;
}

/* Who holds the lock is the only one who writes; a gateway that is started meanwhile finds it taken and says so. */
bool lite_still(struct move_side *s, struct arena *a, struct slice *why)
{
	struct lite *l = lite_of(s);
	struct sql *q = lite_connect(l, true, a, why);

	if (!q)
		return false;
	sql_close(&l->q);
	l->q = q;
	return true;
}

bool move_lets_in_lite(struct sql *q, struct arena *a, struct slice *why)
{
	enum move_state state = MOVE_COPYING; /* no gateway writes into what cannot be read */
	struct slice other = {0};

	if (!has_marks(q))
		return true;
	if (sql_ask(q, SQL_MOVE_STATE, "")) {
		state = (enum move_state)sql_int(q, SQL_MOVE_STATE, 0);
		other = sql_text(q, SQL_MOVE_STATE, 1, a);
		sql_rest(q, SQL_MOVE_STATE);
	}
	return move_lets_in(state, other, a, why);
}

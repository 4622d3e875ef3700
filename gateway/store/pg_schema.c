/*
 * The tables in PostgreSQL: makes them, brings them up to date one step and one transaction at a time, and refuses what
 * is not ours or is too new. Several gateways may start at once: a lock lets one of them do it, the others find it done.
 * A step that was cut off was never there. Nothing here is fatal.
 */
#include "store/pg.h"

#include <string.h>
#include <time.h>

#include "huiyin/clock.h"
#include "huiyin/log.h"
#include "store/schema.h"

#define WAIT_MS            60000
#define STEP_MS            (30 * 60000)
#define PAUSE_MS           200
#define SORT_MEMORY        "256MB" /* for a step that makes indexes of large tables, unless the server gives more */

struct state {
	bool ours, others; /* its table; any table */
	int version, least, partitions;
};

static bool refuse(struct slice *why, struct slice text)
{
	*why = text;
	return false;
}

static bool refused(struct pg_store *s, struct arena *a, struct slice *why)
{
	return refuse(why, arena_printf(a, "the database cannot be used: %s", pg_why(s->q)));
}

static bool read_version(struct pg *q, struct state *st)
{
	int at;

	pg_begin(q);
	at = pg_add(q, PG_SCHEMA_GET, "");
	if (pg_run(q) != OK)
		return false;
	if (pg_rows(q, at)) {
		st->version = (int)pg_int(q, at, 0, 0);
		st->least = (int)pg_int(q, at, 0, 1);
		st->partitions = (int)pg_int(q, at, 0, 2);
	}
	return true;
}

/* False with *why. Inside a transaction too: what it sees is then what will be changed. */
static bool look(struct pg_store *s, struct state *st, struct arena *a, struct slice *why)
{
	int at;

	*st = (struct state){0};
	pg_begin(s->q);
	at = pg_add(s->q, PG_SCHEMA_TABLES, "");
	if (pg_run(s->q) != OK)
		return refused(s, a, why);
	if (!pg_rows(s->q, at) || !pg_peek(s->q, at, 0, 2).len)
		return refuse(why, S("the database has no schema for our tables: let the user own it, or set its "
				     "search_path (ALTER ROLE … SET search_path)"));
	if (!slice_is(pg_peek(s->q, at, 0, 3), "UTF8"))
		return refuse(why, S("the database is not in UTF8: make one that is (createdb -E UTF8 -T template0)"));
	st->ours = pg_int(s->q, at, 0, 0) > 0;
	st->others = pg_int(s->q, at, 0, 1) > 0;
	if (st->ours && !read_version(s->q, st))
		return refused(s, a, why);
	if (!st->ours && st->others)
		return refuse(why, S("this database belongs to another program: it has tables, but not those of huiyin; "
				     "give huiyin one of its own (createdb huiyin)"));
	return true;
}

/* The transaction in which one step is made; false when somebody else is at it. */
static bool begin_step(struct pg_store *s)
{
	pg_begin(s->q);
	pg_word(s->q, "BEGIN");
	pg_add(s->q, PG_SCHEMA_LOCK, "i", (int64_t)SCHEMA_LOCK_NUMBER);
	if (pg_run(s->q) == OK)
		return true;
	pg_drop(s->q);
	return false;
}

static void first_step(struct buf *b, int partitions)
{
	buf_printf(b,
		   "CREATE TABLE huiyin_schema(one integer PRIMARY KEY CHECK (one = 1), version integer NOT NULL,"
		   " least integer NOT NULL, partitions integer NOT NULL);"
		   "INSERT INTO huiyin_schema VALUES(1, 0, 0, %d);",
		   partitions);
}

static struct buf script_in(struct arena *a)
{
	struct buf b = buf_in(a, (size_t)4 << 20);

	buf_add_c(&b, "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '30s';"
		      "SELECT set_config('maintenance_work_mem', '" SORT_MEMORY "', true) WHERE"
		      " pg_size_bytes(current_setting('maintenance_work_mem')) < pg_size_bytes('" SORT_MEMORY "');");
	return b;
}

static bool run_script(struct pg_store *s, struct buf *b, struct arena *a, struct slice *why)
{
	buf_add_c(b, "COMMIT;");
	if (!b->full && pg_script(s->q, b->data, STEP_MS) == OK)
		return true;
	refused(s, a, why);
	pg_drop(s->q);
	return false;
}

/* A step that gateways of before cannot work with waits for the last of them, lets none in meanwhile, and one that was
   only stopped for long (its number is not its own any more) finds that out at its next sign of life. */
static void wait_for_none(struct buf *b, int version)
{
	buf_printf(b,
		   "LOCK TABLE gateway IN EXCLUSIVE MODE; DO $$ DECLARE them text; BEGIN SELECT string_agg(format('%%s (%%s)', id,"
		   " name), ', ' ORDER BY id) INTO them FROM gateway WHERE seen_at > (extract(epoch FROM clock_timestamp()) *"
		   " 1000)::bigint - %d; IF them IS NOT NULL THEN RAISE EXCEPTION USING ERRCODE = '55006', MESSAGE ="
		   " format('schema %d is nothing for the older gateways that are at work: %%s', them); END IF; END $$;"
		   "UPDATE gateway SET instance = 0, seen_at = 0;",
		   PG_DEAD_MS, version);
}

static bool step_up(struct pg_store *s, const struct state *st, struct arena *a, struct slice *why)
{
	const struct schema_step *step = &schema_steps[st->version];
	struct buf b = script_in(a);

	if (!st->ours)
		first_step(&b, st->partitions);
	else if (step->least > st->least)
		wait_for_none(&b, st->version + 1);
	for (int i = 0; step->up[i]; i++)
		buf_add_c(&b, schema_text(a, step->up[i], DIALECT_POSTGRES, st->partitions));
	buf_printf(&b, "UPDATE huiyin_schema SET version = %d, least = greatest(least, %d);", st->version + 1, step->least);
	return run_script(s, &b, a, why);
}

static void pause_a_little(void)
{
	nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
}

static bool acceptable(struct pg_store *s, const struct state *st, struct arena *a, struct slice *why)
{
	if (st->least > schema_newest())
		return refuse(why, arena_printf(a,
						"the database was brought to schema %d by a newer huiyin, and nothing older "
						"than schema %d may work with it (this one knows %d): start the newer program",
						st->version, st->least, schema_newest()));
	if (st->version > schema_newest()) {
		struct slice text = arena_printf(a, "%d, this program knows %d", st->version, schema_newest());

		log_line(LOG_WARN_, "store", "a newer huiyin has brought the tables on; this one can work with them", "schema",
			 arena_cstr(a, text), "mend", "finish the upgrade", NULL);
	}
	s->partitions = st->partitions;
	return true;
}

/* One step, by us or by somebody else meanwhile. */
static bool bring_on(struct pg_store *s, int partitions, struct arena *a, struct slice *why)
{
	struct state st;

	if (!begin_step(s))
		return refused(s, a, why);
	if (!look(s, &st, a, why)) {
		pg_drop(s->q);
		return false;
	}
	if (!st.ours)
		st.partitions = partitions;
	if (st.version >= schema_newest()) {
		pg_drop(s->q);
		return true;
	}
	return step_up(s, &st, a, why);
}

/* Locked: another gateway is at it, or at work. In use: a gateway that was killed a moment ago still looks alive. */
static bool passes(const char *state, int64_t waited)
{
	bool locked = !strcmp(state, "55P03") || !strcmp(state, "40P01");

	return waited < (locked ? WAIT_MS : !strcmp(state, "55006") ? PG_DEAD_MS + PAUSE_MS : 0);
}

static void tell_upgrade(const struct state *st, struct arena *a)
{
	struct slice text = arena_printf(a, "%d to %d", st->version, schema_newest());

	log_line(LOG_INFO_, "store", "bringing the tables on; large ones take minutes, and who writes meanwhile is asked to send again",
		 "schema", arena_cstr(a, text), NULL);
}

bool pg_schema_ready(struct pg_store *s, int partitions, struct arena *a, struct slice *why)
{
	int64_t begun = clock_mono().ms;
	struct state st;

	for (bool first = true;; first = false) {
		struct slice complaint = {0};

		if (!look(s, &st, a, why))
			return false;
		if (st.version >= schema_newest())
			return acceptable(s, &st, a, why);
		if (first && st.version)
			tell_upgrade(&st, a);
		if (bring_on(s, partitions, a, &complaint))
			continue;
		if (!passes(pg_state(s->q), clock_mono().ms - begun))
			return refuse(why, complaint);
		pause_a_little();
	}
}

bool pg_schema_down(struct pg_store *s, int to, struct arena *a, struct slice *why)
{
	struct state st;
	struct buf b;
	int least = 0;

	if (!begin_step(s))
		return refused(s, a, why);
	if (!look(s, &st, a, why) || !st.ours || st.version > schema_newest()) {
		pg_drop(s->q);
		return why->len ? false : refuse(why, S("there is nothing here that this program can take back"));
	}
	b = script_in(a);
	while (st.version > to) {
		const char *const *down = schema_steps[--st.version].down;

		for (int i = 0; down[i]; i++)
			buf_add_c(&b, schema_text(a, down[i], DIALECT_POSTGRES, st.partitions));
	}
	for (int i = 0; i < st.version; i++)
		least = schema_steps[i].least > least ? schema_steps[i].least : least;
	if (st.version)
		buf_printf(&b, "UPDATE huiyin_schema SET version = %d, least = %d;", st.version, least);
	else
		buf_add_c(&b, "DROP TABLE huiyin_schema;");
	return run_script(s, &b, a, why);
}

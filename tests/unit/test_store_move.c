/*
 * Moving house: a filled store goes to PostgreSQL and back beside a gateway that works on it, is cut off and goes on,
 * is compared row by row; and all that may be wrong with either end.
 */
#include "../store_lab.h"

#include <sys/stat.h>

#include "huiyin/clock.h"
#include "huiyin/log.h"
#include "pg_house.h"
#include "store/move_parts.h"

#define TURNS 90

static char folder[] = "/tmp/huiyin-unit-move-XXXXXX";
static int files;

static struct store *contract_open(void)
{
	return NULL; /* stores are opened by their address here */
}

static const char *printed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *printed(const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	return arena_cstr(house.arena, slice_of(text));
}

static const char *new_file(void)
{
	return printed("sqlite:%s/%d.db", folder, ++files);
}

static struct store *try_store(const char *url, struct slice *why)
{
	*why = (struct slice){0};
	return store_open(slice_of(url), &contract_key, house.arena, why);
}

static struct store *open_store(const char *url)
{
	return house_store(url, &contract_key);
}

static void shut(struct store *s)
{
	s->kind->close(s);
}

/* ---- a filled store -----------------------------------------------------------------------------------------------
 */

static void some_turns(struct store *s, int from, int to)
{
	for (int m = from; m < to; m++)
		assert_int_equal(turn(s, m), OK);
}

static void many_keys(struct store *s, int n)
{
	for (int done = 0; done < n;) {
		struct lab l = {.s = s, .a = arena_open(0)};

		lab_begin(&l, T0);
		for (int i = 0; i < 20000 && done < n; i++, done++)
			LIST_ADD(&l.c, dedupe,
				 ((struct dedupe_put){message_key(1000000 + done, done % 50), 5000 + done, T0 + done}));
		lab_apply(&l);
		arena_close(&l.a);
	}
}

/* At least one row of every kind, with what is odd about it. */
static void one_of_each(struct store *s)
{
	struct lab l = {.s = s, .a = arena_open(0)};
	struct media_row *m;
	struct survey *v;
	struct outbox_row *r;

	lab_begin(&l, T0);
	new_contact(&l, 77)->open_surveys = 1;
	new_session(&l, 77, "{}");
	put_timer(&l, 77, TIMER_SURVEY, "261121-7777-7", T0 + HOUR);
	put_timer(&l, 77, TIMER_CASE, "261121-7777-7", T0 + 2 * HOUR);
	new_case(&l, "261121-7777-7", 77, T0 + 7);
	LIST_ADD(&l.c, revisions, ((struct revision){S("report"), S("abc"), S("flow: 投诉\n")}));
	lab_apply(&l);
	lab_begin(&l, T0);
	load_one(&l, (struct want){.contact_id = person_id(77), .n_numbers = 1, .numbers = {S("261121-7777-7")}});
	v = ARENA_NEW(l.a, struct survey);
	*v = (struct survey){.number = S("261121-7777-7"),
			     .contact = person_id(77),
			     .comment = S("好"),
			     .asked_at = T0,
			     .until_at = T0 + HOUR,
			     .fresh = true,
			     .changed = true};
	LIST_ADD(&l.c, surveys, v);
	for (int i = 0; i < 5; i++)
		LIST_ADD(&l.c, case_events,
			 ((struct case_event){S("261121-7777-7"), T0 + 9 - i, 900 + i, S("cli:王"), S("note"),
					      S("{}")}));
	m = ARENA_NEW(l.a, struct media_row);
	*m = (struct media_row){.id = row_id(70, 77),
				.contact = person_id(77),
				.message = 69,
				.channel = S("sms"),
				.url = S("https://x/y"),
				.type = S("image/jpeg"),
				.name = S("图.jpg"),
				.next_at = T0,
				.fresh = true};
	LIST_ADD(&l.c, media, m);
	for (int i = 0; i < 3; i++) { /* two of them with one provider id */
		r = new_row(&l, 8000 + i, 77, LANE_NOTICE, T0);
		r->provider_id = i ? S("SM-same") : S("SM-one");
		r->m.case_number = S("261121-7777-7");
		r->m.n_buttons = 2;
		r->m.buttons[0] = (struct button){S("1"), S("满意")};
	}
	LIST_ADD(&l.c, parked,
		 ((struct parked){
			 S("sms"), S("SM9"), {.provider_id = S("SM9"), .state = DELIVERY_DELIVERED, .at = T0}}));
	LIST_ADD(&l.c, handovers,
		 ((struct handover){row_id(71, 77), person_id(77), S("urgent"), S("救命"), S(""), true, T0}));
	LIST_ADD(&l.c, inbox,
		 ((struct inbox_row){.id = 99999, .at = T0, .kind = EVENT_STAFF, .channel = S("web"), .text = S("x")}));
	lab_apply(&l);
	lab_begin(&l, T0);
	for (int i = 0; i < 4; i++)
		LIST_ADD(&l.c, attempts,
			 ((struct attempt){row_id(8000, 77), T0 - i, {.what = OUTCOME_SENT, .code = S("201")}, 12}));
	lab_apply(&l);
	arena_close(&l.a);
}

static void fill(const char *url)
{
	struct store *s = open_store(url);

	some_turns(s, 0, TURNS);
	one_of_each(s);
	shut(s);
}

/* Everything that `turn` ever did is there, once, and goes on. */
static void works(const char *url, int turns)
{
	struct store *s = open_store(url);
	struct lab l = {.s = s, .a = arena_open(0)};
	bool acked[512];
	struct want *w;

	memset(acked, 1, sizeof acked);
	lab_begin(&l, T0);
	w = load_one(&l, (struct want){.channel = S("sms"), .provider_id = S("SM-same")});
	assert_non_null(w->outbox);
	assert_int_equal(row_number(w->outbox), 8002);
	assert_slice(w->outbox->m.buttons[0].label, "满意");
	w = load_one(&l, (struct want){.n_numbers = 1, .numbers = {S("261121-7777-7")}});
	assert_non_null(w->cases[0]);
	assert_slice(w->cases[0]->window, "W3");
	assert_int_equal(load_contact(&l, 77)->n_surveys, 1);
	arena_close(&l.a);
	l.a = arena_open(0);
	assert_int_equal(turn(s, turns), OK);
	assert_int_equal(turn(s, turns - 1), DUPLICATE);
	arena_close(&l.a);
	shut(s);
}

/* ---- a move -------------------------------------------------------------------------------------------------------
 */

struct watch {
	struct store *gateway;   /* works meanwhile, until it is told to stop */
	int next, calls, cut_at; /* of turns; of calls of progress; where it is cut off (0: not) */
	int waits;
	char said[4096];
};

static void hear(void *with, const char *line)
{
	struct watch *w = with;
	size_t n = strlen(w->said);

	snprintf(w->said + n, sizeof w->said - n, "%s\n", line);
}

static bool watch_it(void *with, const char *table, int64_t done, int64_t of)
{
	struct watch *w = with;

	(void)done;
	(void)of;
	if (w->gateway && !*table && ++w->waits == 3) { /* it went on for a while after it was asked */
		shut(w->gateway);
		w->gateway = NULL;
	}
	if (w->gateway)
		assert_int_equal(turn(w->gateway, w->next++), OK);
	return ++w->calls != w->cut_at;
}

static bool move(const char *from, const char *to, struct watch *w, struct slice *why, bool check)
{
	const struct move_options o = {.from = slice_of(from),
				       .to = slice_of(to),
				       .key = contract_key,
				       .batch = 20,
				       .check = check,
				       .wait_ms = 1500,
				       .say = hear,
				       .progress = watch_it,
				       .with = w};
	struct move_result r;

	*why = (struct slice){0};
	return move_store(&o, &r, house.arena, why);
}

static void moved(const char *from, const char *to)
{
	struct watch w = {0};
	struct slice why;

	if (!move(from, to, &w, &why, false))
		fail_msg("%s → %s: " SLICE_FMT "\n%s", from, to, SLICE_ARG(why), w.said);
}

static void equal(const char *a, const char *b)
{
	struct watch w = {0};
	struct slice why;

	if (!move(a, b, &w, &why, true))
		fail_msg("%s and %s: " SLICE_FMT "\n%s", a, b, SLICE_ARG(why), w.said);
}

static void refused(const char *from, const char *to, const char *with)
{
	struct watch w = {0};
	struct slice why;

	assert_false(move(from, to, &w, &why, false));
	if (slice_find(why, slice_of(with)) == why.len)
		fail_msg("'" SLICE_FMT "' does not say '%s'", SLICE_ARG(why), with);
	assert_true(slice_find(why, S("geheim")) == why.len);
}

static void closed(const char *url, const char *with)
{
	struct slice why;
	struct store *s = try_store(url, &why);

	assert_null(s);
	if (slice_find(why, slice_of(with)) == why.len)
		fail_msg("'" SLICE_FMT "' does not say '%s'", SLICE_ARG(why), with);
}

static void there_and_back(const char *arguments)
{
	const char *a = new_file(), *pg = printed("%s%s", house_database(""), arguments), *b = new_file(),
		   *c = house_database("");

	fill(a);
	moved(a, pg);
	equal(a, pg);
	closed(a, "has moved to postgresql://");
	moved(pg, b);
	equal(pg, b);
	closed(pg, "has moved to sqlite:");
	moved(b, c);
	equal(a, c);
	works(c, TURNS);
	refused(a, house_database(""), "has moved");
	refused(c, b, "has itself moved");
}

static void a_store_goes_there_and_back(void **state)
{
	(void)state;
	there_and_back("");
}

static void also_into_tables_that_are_split(void **state)
{
	(void)state;
	there_and_back("?huiyin_partitions=4");
}

static void keys_go_as_log_and_as_runs(void **state)
{
	const char *a = new_file(), *pg = house_database(""), *b = new_file();
	struct store *s = open_store(a);
	struct lab l = {.s = s, .a = arena_open(0)};
	struct want *w;

	(void)state;
	many_keys(s, DEDUPE_SEAL + 3000);
	shut(s);
	moved(a, pg);
	equal(a, pg);
	moved(pg, b);
	equal(pg, b);
	l.s = open_store(b);
	assert_true(((struct sqlite_store *)l.s)->keys.n_runs == 1);
	for (int i = 0; i < DEDUPE_SEAL + 3000; i += 4999) {
		lab_begin(&l, T0);
		w = load_one(&l, (struct want){.has_dedupe = true, .dedupe = message_key(1000000 + i, i % 50)});
		assert_true(w->duplicate);
		assert_int_equal(w->first_event, 5000 + i);
	}
	shut(l.s);
	arena_close(&l.a);
}

/* ---- beside a gateway ---------------------------------------------------------------------------------------------
 */

static void beside_a_gateway(const char *from, const char *to)
{
	struct watch w = {.next = TURNS};
	struct slice why;

	fill(from);
	w.gateway = open_store(from);
	if (!move(from, to, &w, &why, false))
		fail_msg(SLICE_FMT "\n%s", SLICE_ARG(why), w.said);
	assert_null(w.gateway);
	assert_true(w.next > TURNS + 20);
	if (*from == 's')
		assert_non_null(strstr(w.said, "NOW STOP"));
	equal(from, to);
	works(to, w.next);
}

static void nothing_is_lost_beside_a_gateway(void **state)
{
	(void)state;
	beside_a_gateway(new_file(), house_database(""));
}

/* The register knows who lives; one that was frozen meanwhile finds that nothing is taken any more. */
static void gateways_of_postgresql_are_waited_for(void **state)
{
	const char *pg = house_database(""), *file = new_file();
	struct store_options o = {.key = contract_key, .create = true, .gateway = 4, .name = "west"};
	struct slice why = {0};
	struct watch w = {0};
	struct store *s;

	(void)state;
	fill(pg);
	o.where = slice_from(slice_of(pg), strlen("postgresql:"));
	s = store_pg.open(&o, house.arena, &why);
	assert_non_null(s);
	assert_false(move(pg, file, &w, &why, false)); /* it lives */
	assert_true(slice_find(why, S("west")) < why.len);
	assert_non_null(strstr(w.said, "NOW STOP"));
	assert_int_equal(turn(s, TURNS), OK); /* and works on */
	run_sql(pg, "UPDATE gateway SET seen_at = 0");
	assert_true(move(pg, file, &w, &why, false));
	assert_int_equal(turn(s, TURNS + 1), LATER);
	assert_int_equal(turn(s, TURNS + 1), LATER);
	shut(s);
	equal(pg, file);
	works(file, TURNS + 1);
}

static void a_source_that_does_not_stop_stays(void **state)
{
	const char *file = new_file(), *pg = house_database("");
	struct store *s;

	(void)state;
	fill(file);
	s = open_store(file);
	refused(file, pg, "in use by another huiyin");
	assert_int_equal(turn(s, TURNS), OK);
	shut(s);
	closed(pg, "not ended");
	shut(open_store(file)); /* the source is what it was */
	moved(file, pg);
	works(pg, TURNS + 1);
}

/* ---- cut off ------------------------------------------------------------------------------------------------------
 */

static void cut_and_go_on(const char *from, const char *to)
{
	struct slice why;
	int cuts = 0;

	fill(from);
	for (int at = 2;; at += 11) { /* each time further on */
		struct watch w = {.cut_at = at};
		bool done = move(from, to, &w, &why, false);

		if (cuts)
			assert_non_null(strstr(w.said, "goes on"));
		if (done)
			break;
		if (slice_find(why, S("run it again")) == why.len)
			fail_msg(SLICE_FMT, SLICE_ARG(why));
		closed(to, "not ended");
		shut(open_store(from));
		cuts++;
	}
	assert_true(cuts > 3);
	equal(from, to);
	works(to, TURNS);
}

static void cut_off_it_goes_on(void **state)
{
	(void)state;
	cut_and_go_on(new_file(), house_database(""));
	cut_and_go_on(house_database(""), new_file());
}

/* Between the source's last word and the target's first, both are closed; run again, it ends. */
static void cut_off_at_the_change_over(void **state)
{
	const char *from = new_file(), *to = house_database(""), *marks;

	(void)state;
	fill(from);
	moved(from, to);
	marks = printed("CREATE TABLE huiyin_move(name TEXT PRIMARY KEY, n bigint NOT NULL, what TEXT); INSERT INTO "
			"huiyin_move "
			"VALUES('state', 1, 'sqlite:%s')",
			from + strlen("sqlite:"));
	run_sql(to, marks);
	closed(from, "has moved");
	closed(to, "not ended");
	moved(from, to);
	closed(from, "has moved");
	works(to, TURNS);
}

/* What was copied before the cut, the gateway changes after it. */
static void what_changed_after_the_cut_is_found(void **state)
{
	const char *from = new_file(), *to = house_database("");
	struct watch w = {.cut_at = 60};
	struct slice why;
	struct store *s;

	(void)state;
	fill(from);
	assert_false(move(from, to, &w, &why, false));
	s = open_store(from);
	some_turns(s, TURNS, TURNS + 30);
	shut(s);
	moved(from, to);
	equal(from, to);
	works(to, TURNS + 30);
}

/* ---- what differs is found ----------------------------------------------------------------------------------------
 */

static void differs(const char *from, const char *to, const char *sql, const char *said, const char *mend)
{
	struct watch w = {0};
	struct slice why;

	run_sql(to, sql);
	assert_false(move(from, to, &w, &why, true));
	if (!strstr(w.said, said))
		fail_msg("%s: '%s' does not say '%s'", sql, w.said, said);
	assert_null(strstr(w.said, "geheim"));
	run_sql(to, mend);
	equal(from, to);
}

static void a_changed_row_is_named(void **state)
{
	const char *from = new_file(), *to = house_database("");

	(void)state;
	fill(from);
	moved(from, to);
	differs(from, to, "UPDATE inbox SET text = 'geheim' WHERE id = 99999", "inbox, id 99999: differs in text",
		"UPDATE inbox SET text = 'x' WHERE id = 99999");
	differs(from, to, "UPDATE outbox SET line = 1 WHERE line = 0", "differs in line",
		"UPDATE outbox o SET line = 0 WHERE line = 1"
		" AND NOT EXISTS (SELECT 1 FROM outbox p WHERE p.contact = o.contact AND p.id < o.id AND p.line IS NOT "
		"NULL)");
	differs(from, to,
		"CREATE TABLE kept AS SELECT * FROM attempt; DELETE FROM attempt WHERE at = (SELECT max(at) FROM "
		"attempt)",
		"rows in the source",
		"INSERT INTO attempt SELECT * FROM kept WHERE at = (SELECT max(at) FROM kept); DROP TABLE kept");
	differs(from, to, "INSERT INTO handover VALUES(3, 515, 3, 'r', 't', NULL, 0, 1)",
		"handover, id 515: only in the target", "DELETE FROM handover WHERE id = 515");
	differs(from, to, "UPDATE dedupe SET event = event + 1", "dedupe: the keys differ",
		"UPDATE dedupe SET event = event - 1");
	differs(from, to, "UPDATE case_event SET seq = -seq", "case_event", "UPDATE case_event SET seq = -seq");
}

/* Somebody writes into the target while it is filled: it is put right in the last round, or said. */
static void a_target_that_is_written_to_is_put_right(void **state)
{
	const char *from = new_file(), *to = house_database("");
	struct watch w = {.cut_at = 80};
	struct slice why;

	(void)state;
	fill(from);
	assert_false(move(from, to, &w, &why, false));
	run_sql(to, "UPDATE contact SET lang = 'xx'; DELETE FROM session; INSERT INTO timer VALUES(1, 257, 0, 'x', 5)");
	moved(from, to);
	equal(from, to);
}

/* ---- what may be wrong --------------------------------------------------------------------------------------------
 */

static void wrong_targets_are_refused(void **state)
{
	const char *from = new_file(), *pg = house_database(""), *other = new_file(), *name;
	struct key another = {{9, 9, 9}};
	struct slice why = {0};
	struct store *s;

	(void)state;
	fill(from);
	fill(pg);
	refused(from, pg, "is not empty");
	refused(from, other, "huiyin backup");
	refused(from, "ram:", "huiyin backup");
	refused(printed("sqlite:%s/none.db", folder), house_database(""), "there is no store");
	refused(from, "postgresql://huiyin@127.0.0.1:1/huiyin", "is it up");
	refused(from, "postgresql://huiyin:geheim@127.0.0.1:1/huiyin", "is it up");
	pg = house_database("");
	s = store_open(slice_of(pg), &another, house.arena, &why);
	assert_non_null(s);
	shut(s);
	refused(from, pg, "another key");
	pg = house_database("");
	shut(open_store(pg));
	run_sql(pg, "UPDATE huiyin_schema SET version = 99, least = 99");
	refused(from, pg, "newer huiyin");
	pg = house_database("");
	shut(open_store(pg));
	name = strrchr(pg, '/') + 1;
	run_sql(house.url, printed("ALTER DATABASE %s SET default_transaction_read_only = on", name));
	refused(from, pg, "read-only");
	pg = house_database("");
	run_sql(pg, "CREATE TABLE invoices(n integer)");
	refused(from, pg, "another program");
	shut(open_store(from)); /* after all that it is what it was */
}

static void a_begun_target_takes_no_other_source(void **state)
{
	const char *one = new_file(), *two = new_file(), *pg = house_database("");
	struct watch w = {.cut_at = 3};
	struct slice why;

	(void)state;
	fill(one);
	fill(two);
	assert_false(move(one, pg, &w, &why, false));
	refused(two, pg, "from another store");
	refused(pg, new_file(), "was begun and not ended");
	moved(one, pg);
}

/* Whether a move is under way is not known: nobody may write then. */
static void a_mark_that_cannot_be_read_keeps_gateways_out(void **state)
{
	const char *pg = house_database("");

	(void)state;
	shut(open_store(pg));
	run_sql(pg, "CREATE TABLE huiyin_move(name TEXT PRIMARY KEY)");
	closed(pg, "cannot be used");
	run_sql(pg, "ALTER TABLE huiyin_move ADD n bigint NOT NULL DEFAULT 0, ADD what TEXT");
	closed(pg, "begun and not ended");
	run_sql(pg, "DROP TABLE huiyin_move");
	shut(open_store(pg));
}

static void another_key_does_not_open_the_source(void **state)
{
	const char *from = new_file();
	struct move_options o = {.from = slice_of(from), .to = slice_of(house_database("")), .key = {{9}}};
	struct move_result r;
	struct slice why;

	(void)state;
	fill(from);
	assert_false(move_store(&o, &r, house.arena, &why));
	assert_true(slice_find(why, S("another key")) < why.len);
}

static void lite_sql(const char *url, const char *text)
{
	const struct sql_options o = {
		.path = url + strlen("sqlite:"), .writer = true, .application_id = SCHEMA_APPLICATION_ID};
	struct slice why = {0};
	struct sql *q = sql_open(&o, house.arena, &why);

	assert_non_null(q);
	assert_true(sql_script(q, text));
	sql_close(&q);
}

static void ids_of_older_versions_are_refused(void **state)
{
	const char *from = new_file();

	(void)state;
	fill(from);
	lite_sql(from, "UPDATE outbox SET id = id + 1 WHERE id = (SELECT max(id) FROM outbox)");
	refused(from, house_database(""), "older huiyin");
	from = new_file();
	fill(from);
	lite_sql(from, "PRAGMA user_version = 1");
	refused(from, house_database(""), "start it once");
}

/* What PostgreSQL does not take is made good, and what is too old stays behind. */
static void bytes_that_are_no_text_are_repaired(void **state)
{
	const char *from = new_file(), *to = house_database("");

	(void)state;
	fill(from);
	lite_sql(from, "UPDATE inbox SET text = CAST(x'61ff0062' AS TEXT) WHERE id = 99999");
	moved(from, to);
	assert_string_equal(ask_text(to, "SELECT text FROM inbox WHERE id = 99999"), "a\xEF\xBF\xBD\xEF\xBF\xBD"
										     "b");
}

static void old_keys_stay_behind(void **state)
{
	const char *from = new_file(), *to = house_database("");
	struct move_options o = {.key = contract_key};
	struct move_result r;
	struct slice why;

	(void)state;
	fill(from);
	o.from = slice_of(from);
	o.to = slice_of(to);
	lite_sql(from, "UPDATE dedupe_log SET at = 5 WHERE id <= 10");
	o.keep_ms = 50 * 365 * 24 * HOUR;
	assert_true(move_store(&o, &r, house.arena, &why));
	assert_int_equal(ask_sql(to, "SELECT count(*) FROM dedupe"), TURNS - 10);
	assert_true(r.rows > TURNS);
}

static int open_all(void **state)
{
	assert_non_null(mkdtemp(folder));
	house_open(state);
	run_sql(house.url, "ALTER SYSTEM SET fsync = off");
	run_sql(house.url, "SELECT pg_reload_conf()");
	return 0;
}

static int close_all(void **state)
{
	char command[64];
	pid_t pid = fork();

	if (!pid) {
		snprintf(command, sizeof command, "%s", folder);
		execl("/bin/rm", "rm", "-rf", command, (char *)NULL);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	return house_close(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_goes_there_and_back),
		cmocka_unit_test(also_into_tables_that_are_split),
		cmocka_unit_test(keys_go_as_log_and_as_runs),
		cmocka_unit_test(nothing_is_lost_beside_a_gateway),
		cmocka_unit_test(gateways_of_postgresql_are_waited_for),
		cmocka_unit_test(a_source_that_does_not_stop_stays),
		cmocka_unit_test(cut_off_it_goes_on),
		cmocka_unit_test(cut_off_at_the_change_over),
		cmocka_unit_test(what_changed_after_the_cut_is_found),
		cmocka_unit_test(a_changed_row_is_named),
		cmocka_unit_test(a_target_that_is_written_to_is_put_right),
		cmocka_unit_test(wrong_targets_are_refused),
		cmocka_unit_test(a_begun_target_takes_no_other_source),
		cmocka_unit_test(a_mark_that_cannot_be_read_keeps_gateways_out),
		cmocka_unit_test(another_key_does_not_open_the_source),
		cmocka_unit_test(ids_of_older_versions_are_refused),
		cmocka_unit_test(bytes_that_are_no_text_are_repaired),
		cmocka_unit_test(old_keys_stay_behind),
	};

	if (!secret_start())
		return 1;
	log_setup(getenv("LOUD") ? LOG_DEBUG_ : LOG_ERROR_, LOG_LOGFMT);
	return cmocka_run_group_tests(tests, open_all, close_all);
}

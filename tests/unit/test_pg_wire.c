/* The connection to PostgreSQL: types both ways, errors, and everything that can become of the other end. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <poll.h>
#include <sys/socket.h>

#include "huiyin/clock.h"
#include "pg_house.h"
#include "store/pg_address.h"
#include "store/pg_wait.h"

static struct slice some(const char *bytes, size_t len)
{
	return slice_make(bytes, len);
}

static int64_t since(int64_t begun)
{
	return clock_mono().ms - begun;
}

/* ---- types -------------------------------------------------------------------------------------------------------- */

static void values_go_both_ways(void **state)
{
	static const char *const sql[] = {"SELECT $1::bigint, $2::integer, $3::smallint, $4::text, $5::bytea, $6::text, "
					  "$7::bytea, $8::text, $9::bytea, $3 < 0"};
	const struct hash16 hash = {{0, 1, 255, 7}};
	struct pg *p = wire_with(house.url, sql, 1, 0);
	struct hash16 back;
	int at;

	(void)state;
	for (int round = 0; round < 3; round++) {
		const int64_t big[] = {INT64_MIN, -1, INT64_MAX};
		const int words[] = {INT32_MIN, 0, INT32_MAX}, smalls[] = {INT16_MIN, -1, INT16_MAX};

		assert_int_equal(pg_begin(p), OK);
		at = pg_add(p, 0, "idwsbthsb", big[round], words[round], smalls[round], S("回音 \\ ' \" {}"),
			    some("\0\x80\xff", 3), S(""), &hash, S(""), S(""));
		assert_int_equal(pg_run(p), OK);
		assert_int_equal(pg_rows(p, at), 1);
		assert_true(pg_int(p, at, 0, 0) == big[round]);
		assert_true(pg_int(p, at, 0, 1) == words[round]);
		assert_true(pg_int(p, at, 0, 2) == smalls[round]);
		assert_true(slice_is(pg_text(p, at, 0, 3, house.arena), "回音 \\ ' \" {}"));
		assert_true(slice_equal(pg_peek(p, at, 0, 4), some("\0\x80\xff", 3)));
		assert_false(pg_null(p, at, 0, 5));
		assert_int_equal(pg_peek(p, at, 0, 5).len, 0);
		back = pg_hash(p, at, 0, 6);
		assert_memory_equal(&back, &hash, sizeof hash);
		assert_true(pg_null(p, at, 0, 7) && pg_null(p, at, 0, 8));
		assert_int_equal(pg_text(p, at, 0, 7, house.arena).len, 0);
		assert_int_equal(pg_int(p, at, 0, 7), 0);
		assert_int_equal(pg_int(p, at, 0, 9), round < 2);
	}
	assert_int_equal(pg_connections(p), 1);
	pg_close(&p);
	assert_null(p);
}

#define MANY 20000
static void check_arrays(struct pg *p, size_t n)
{
	struct arena *a = arena_open(0);
	int64_t *big = ARENA_ARRAY(a, int64_t, n + 1);
	int *words = ARENA_ARRAY(a, int, n + 1), *smalls = ARENA_ARRAY(a, int, n + 1);
	struct slice *texts = ARENA_ARRAY(a, struct slice, n + 1), *blobs = ARENA_ARRAY(a, struct slice, n + 1);
	struct hash16 *hashes = ARENA_ARRAY(a, struct hash16, n + 1), back;
	int at;

	for (size_t i = 0; i < n; i++) {
		big[i] = (int64_t)i * 4000000007 - 5;
		words[i] = -(int)i;
		smalls[i] = (int)(i % 65536) - 32768;
		texts[i] = i % 3 ? arena_printf(a, "text %zu 音", i) : (struct slice){0};
		blobs[i] = i % 5 ? some("\0\x01\xfe\xff", i % 5) : (struct slice){0};
		memcpy(hashes[i].bytes + 3, &i, sizeof i);
	}
	pg_begin(p);
	at = pg_add(p, 0, "IDWSBH", big, n, words, n, smalls, n, texts, n, blobs, n, hashes, n);
	assert_int_equal(pg_run(p), OK);
	assert_int_equal(pg_rows(p, at), n);
	for (size_t i = 0; i < n; i++) {
		assert_true(pg_int(p, at, i, 0) == big[i] && pg_int(p, at, i, 1) == words[i]);
		assert_true(pg_int(p, at, i, 2) == smalls[i]);
		assert_true(pg_null(p, at, i, 3) == (i % 3 == 0) && slice_equal(pg_peek(p, at, i, 3), texts[i]));
		assert_true(pg_null(p, at, i, 4) == (i % 5 == 0) && slice_equal(pg_peek(p, at, i, 4), blobs[i]));
		back = pg_hash(p, at, i, 5);
		assert_memory_equal(&back, &hashes[i], sizeof back);
	}
	arena_close(&a);
}

static void arrays_go_both_ways(void **state)
{
	static const char *const sql[] = {"SELECT * FROM unnest($1::bigint[], $2::integer[], $3::smallint[], $4::text[], "
					  "$5::bytea[], $6::bytea[])"};
	struct pg *p = wire_with(house.url, sql, 1, 0);

	(void)state;
	check_arrays(p, 0);
	check_arrays(p, 1);
	check_arrays(p, 7);
	check_arrays(p, MANY);
	pg_close(&p);
}

/* More each way than the kernel keeps between two ends: neither may wait for the other. */
static void a_pipeline_may_be_large_both_ways(void **state)
{
	static const char *const sql[] = {"SELECT $1::text || $1::text"};
	struct pg *p = wire_with(house.url, sql, 1, 10000);
	struct arena *a = arena_open(0);
	size_t len = (size_t)4 << 20;
	char *text = arena_alloc(a, len);

	(void)state;
	memset(text, 'x', len);
	pg_begin(p);
	for (int i = 0; i < 6; i++)
		assert_int_equal(pg_add(p, 0, "s", slice_make(text, len)), i);
	assert_int_equal(pg_run(p), OK);
	for (int i = 0; i < 6; i++)
		assert_int_equal(pg_peek(p, i, 0, 0).len, 2 * len);
	arena_close(&a);
	pg_close(&p);
}

/* ---- errors ------------------------------------------------------------------------------------------------------- */

enum { PUT, DIVIDE, COUNT, NO_TABLE, TEXT_OF, SLEEP, DIE, PID, STATEMENTS };
static const char *const lab[] = {
	[PUT] = "INSERT INTO lab VALUES($1, $2)",
	[DIVIDE] = "SELECT 1 / $1::integer",
	[COUNT] = "SELECT count(*) FROM lab",
	[NO_TABLE] = "SELECT 1 FROM nowhere",
	[TEXT_OF] = "SELECT length($1::text)",
	[SLEEP] = "SELECT 1 FROM pg_sleep($1::integer)",
	[DIE] = "SELECT pg_terminate_backend(pg_backend_pid())",
	[PID] = "SELECT pg_backend_pid()",
};

static struct pg *lab_wire(const char **url, int statement_ms)
{
	*url = house_database("");
	run_sql(*url, "CREATE TABLE lab(id integer PRIMARY KEY, n integer NOT NULL CHECK (n < 100))");
	return wire_with(*url, lab, STATEMENTS, statement_ms);
}

/* After a connection broke it is not tried again for a moment. */
static void wait_for_the_next_try(void)
{
	usleep(150000);
}

static void put(struct pg *p, int id, int n, enum result want, const char *state)
{
	pg_begin(p);
	pg_add(p, PUT, "dd", id, n);
	assert_int_equal(pg_run(p), want);
	if (strncmp(pg_state(p), state, strlen(state)) != 0)
		fail_msg("%s: %s", pg_state(p), pg_why(p));
}

static void errors_say_what_to_do_next(void **state)
{
	const char *url;
	struct pg *p = lab_wire(&url, 300);
	int64_t begun = clock_mono().ms;

	(void)state;
	put(p, 1, 1, OK, "");
	put(p, 1, 2, RETRY, "23505");
	put(p, 2, 100, NEVER, "23514");
	pg_begin(p);
	pg_add(p, DIVIDE, "d", 0);
	assert_int_equal(pg_run(p), RETRY);
	pg_begin(p);
	pg_add(p, NO_TABLE, "");
	assert_int_equal(pg_run(p), LATER);
	assert_string_equal(pg_state(p), "42P01");
	for (int i = 0; i < 2; i++) {
		pg_begin(p);
		pg_add(p, TEXT_OF, "s", i ? some("a\0b", 3) : some("\xff\xfe", 2));
		assert_int_equal(pg_run(p), NEVER);
	}
	assert_int_equal(pg_connections(p), 1);
	pg_begin(p);
	pg_add(p, SLEEP, "d", 5);
	assert_int_not_equal(pg_run(p), OK);
	assert_true(since(begun) < 1500);
	put(p, 3, 1, OK, "");
	pg_close(&p);
}

/* Whatever the server may say, by its code; what stands in the line also tells what mends it. */
static void each_code_has_its_meaning(void **state)
{
	static const char *const sql[] = {"SELECT complain($1)"};
	static const struct { const char *code; enum result means; const char *mend; } codes[] = {
		{"40P01", RETRY, "tried again"}, {"40001", RETRY, "tried again"},   {"55P03", LATER, "holds a lock"},
		{"53100", LATER, "disk is full"}, {"53200", LATER, "out of resources"}, {"25006", LATER, "read-only"},
		{"42501", LATER, "right to use"}, {"22003", NEVER, "report it"},     {"XX000", LATER, "is the database up"},
		{"23503", NEVER, "report it"},    {"58030", LATER, "is the database up"}, {"26000", LATER, "session"},
	};
	const char *url = house_database("");
	struct pg *p;

	(void)state;
	run_sql(url, "CREATE FUNCTION complain(code text) RETURNS integer LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION USING "
		     "ERRCODE = code, MESSAGE = ''no''; END'");
	p = wire_with(url, sql, 1, 0);
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		pg_begin(p);
		pg_add(p, 0, "s", slice_of(codes[i].code));
		assert_int_equal(pg_run(p), codes[i].means);
		assert_string_equal(pg_state(p), codes[i].code);
		assert_non_null(strstr(pg_why(p), codes[i].mend));
	}
	assert_int_equal(pg_connections(p), 1);
	pg_close(&p);
}

static void nothing_behind_an_error_is_run(void **state)
{
	const char *url;
	struct pg *p = lab_wire(&url, 0);
	int at;

	(void)state;
	pg_begin(p);
	pg_word(p, "BEGIN");
	pg_add(p, PUT, "dd", 1, 1);
	pg_add(p, DIVIDE, "d", 0);
	pg_add(p, COUNT, ""); /* never prepared: it stands behind */
	pg_word(p, "COMMIT");
	assert_int_equal(pg_run(p), RETRY);
	assert_true(pg_in_transaction(p));
	pg_begin(p);
	pg_word(p, "ROLLBACK");
	assert_int_equal(pg_run(p), OK);
	assert_false(pg_in_transaction(p));
	pg_begin(p);
	at = pg_add(p, COUNT, "");
	assert_int_equal(pg_run(p), OK);
	assert_int_equal(pg_int(p, at, 0, 0), 0);
	pg_begin(p);
	pg_word(p, "BEGIN");
	pg_add(p, PUT, "dd", 1, 1);
	at = pg_add(p, PUT, "dd", 2, 1); /* the same one twice in one round trip */
	pg_word(p, "COMMIT");
	assert_int_equal(pg_run(p), OK);
	assert_int_equal(pg_changed(p, at), 1);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM lab"), 2);
	assert_int_equal(pg_connections(p), 1);
	pg_close(&p);
}

/* ---- the other end ------------------------------------------------------------------------------------------------ */

static pid_t pid_of(struct pg *p)
{
	int at;

	pg_begin(p);
	at = pg_add(p, PID, "");
	assert_int_equal(pg_run(p), OK);
	return (pid_t)pg_int(p, at, 0, 0);
}

static void a_connection_that_breaks_is_unsure(void **state)
{
	const char *url;
	struct pg *p = lab_wire(&url, 0);

	(void)state;
	pg_begin(p);
	pg_add(p, DIE, "");
	assert_int_equal(pg_run(p), UNSURE);
	assert_false(pg_connected(p));
	wait_for_the_next_try();
	put(p, 1, 1, OK, "");
	assert_int_equal(pg_connections(p), 2);
	pg_close(&p);
}

/* Between two calls: nothing of the next one is lost, and its caller does not notice. */
static void a_connection_that_was_ended_is_made_anew(void **state)
{
	const char *url;
	struct pg *p = lab_wire(&url, 0);
	pid_t pid = pid_of(p);
	char sql[80];

	(void)state;
	snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 2000)", (int)pid);
	run_sql(url, sql);
	put(p, 1, 1, OK, "");
	assert_int_equal(pg_connections(p), 2);
	pg_close(&p);
}

/* Packets dropped, a stopped process: nothing refuses, nothing answers. */
static void a_silent_server_is_hung_up_on(void **state)
{
	const char *url;
	struct pg *p = lab_wire(&url, 400);
	pid_t pid = pid_of(p);
	int64_t begun = clock_mono().ms;
	enum result r;

	(void)state;
	assert_int_equal(kill(pid, SIGSTOP), 0);
	pg_begin(p);
	pg_add(p, PUT, "dd", 1, 1);
	r = pg_run(p);
	kill(pid, SIGCONT);
	assert_int_equal(r, UNSURE);
	assert_true(since(begun) >= 400 && since(begun) < 1500);
	assert_true(slice_find(slice_of(pg_why(p)), S("does not answer")) < strlen(pg_why(p)));
	assert_false(pg_connected(p));
	wait_for_the_next_try();
	put(p, 2, 1, OK, "");
	pg_close(&p);
}

/* The process that everything else there comes from. */
static pid_t house_postmaster(void)
{
	char path[128], line[32] = "";
	int64_t pid = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/data/postmaster.pid", house.folder);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	fclose(f);
	line[strcspn(line, "\n")] = 0;
	assert_true(slice_to_int(slice_of(line), &pid));
	return (pid_t)pid;
}

static void a_server_that_accepts_and_never_greets_is_left(void **state)
{
	struct pg *p = wire_with(house.url, lab, STATEMENTS, 0);
	int64_t begun = clock_mono().ms;
	enum result r;

	(void)state;
	assert_int_equal(kill(house_postmaster(), SIGSTOP), 0);
	r = pg_connect(p);
	begun = since(begun);
	assert_int_equal(pg_connect(p), LATER); /* at once: not tried again so soon */
	kill(house_postmaster(), SIGCONT);
	assert_int_equal(r, LATER);
	assert_true(begun >= 1000 && begun < 2000);
	usleep(150000);
	assert_int_equal(pg_connect(p), OK);
	pg_close(&p);
}

static int silent_port(int *fd)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof at;

	*fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&at, sizeof at), 0);
	assert_int_equal(listen(*fd, 8), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

/* What is asked of libpq for one host; empty: nothing. */
static const char *asked(const struct pg_asked *x, const char *name)
{
	for (size_t i = 0; x->names[i]; i++)
		if (!strcmp(x->names[i], name))
			return x->values[i] ? x->values[i] : "";
	fail_msg("%s is not asked for", name);
	return NULL;
}

static void each_host_is_asked_with_what_is_its_own(void **state)
{
	struct pg_options o = {.url = "postgresql://a,b,c:5433/huiyin", .name = "test", .connect_ms = 2500, .reader = true};
	struct pg_address x;
	struct pg_asked ask;

	(void)state;
	pg_address_open(&x, &o);
	pg_address_ask(&x, 0, &ask);
	assert_int_equal(x.hosts, 1);
	assert_string_equal(asked(&ask, "host"), "");
	assert_string_equal(asked(&ask, "dbname"), o.url);
	assert_string_equal(asked(&ask, "connect_timeout"), "3");
	assert_non_null(strstr(asked(&ask, "options"), "statement_timeout=1500 "));
	assert_non_null(strstr(asked(&ask, "options"), "default_transaction_read_only=on"));
	pg_address_say(&x, "host", "a,b,c");
	pg_address_say(&x, "port", "5433");
	pg_address_say(&x, "user", "huiyin,huiyin,huiyin,huiyin"); /* no list */
	assert_int_equal(x.hosts, 3);
	pg_address_ask(&x, 1, &ask);
	assert_string_equal(asked(&ask, "host"), "b");
	assert_string_equal(asked(&ask, "hostaddr"), "");
	assert_string_equal(asked(&ask, "port"), "5433");
	pg_address_ask(&x, 2, &ask);
	assert_string_equal(asked(&ask, "host"), "c");
	pg_address_close(&x);
}

static void no_wait_lasts_beyond_the_callers_own(void **state)
{
	int64_t now = clock_mono().ms;

	(void)state;
	assert_int_equal(pg_deadline(1000, 50, 0), 1050);
	assert_int_equal(pg_deadline(1000, 50, 999), 1050);
	assert_int_equal(pg_deadline(1000, 50, 1020), 1020);
	assert_int_equal(pg_deadline(1000, 50, 2000), 1050);
	assert_false(pg_wait(-1, POLLIN, now + 60000));
	assert_false(pg_wait(0, POLLOUT, now)); /* the time is over before it began */
}

static void of_several_hosts_the_one_that_answers_is_found(void **state)
{
	const char *port = strrchr(house.url, ':') + 1;
	char url[200];
	int fd, silent = silent_port(&fd);
	int64_t begun = clock_mono().ms;
	struct pg *p;

	(void)state;
	snprintf(url, sizeof url, "postgresql://huiyin@127.0.0.1:%d,127.0.0.1:%.*s/huiyin", silent,
		 (int)strcspn(port, "/"), port);
	p = wire_with(url, lab, STATEMENTS, 0);
	assert_int_equal(pg_connect(p), OK);
	assert_true(since(begun) < 1500);
	pg_drop(p);
	begun = clock_mono().ms;
	assert_int_equal(pg_connect(p), OK); /* the good one first */
	assert_true(since(begun) < 500);
	pg_close(&p);
	close(fd);
}

static void a_closed_port_is_said_at_once(void **state)
{
	char url[120];
	int fd, port = silent_port(&fd);
	int64_t begun = clock_mono().ms;
	struct pg *p;

	(void)state;
	close(fd);
	snprintf(url, sizeof url, "postgresql://huiyin@127.0.0.1:%d/huiyin", port);
	p = wire_with(url, lab, STATEMENTS, 0);
	assert_int_equal(pg_connect(p), LATER);
	assert_true(since(begun) < 1000);
	assert_string_equal(pg_state(p), "08006");
	assert_int_equal(pg_begin(p), LATER);
	assert_int_equal(pg_add(p, PID, ""), -1);
	assert_int_equal(pg_run(p), LATER);
	assert_int_equal(pg_rows(p, -1), 0);
	pg_close(&p);
}

static void addresses_that_cannot_be_read_are_refused(void **state)
{
	static const char *const bad[] = {"postgresql://h:p@x:notaport:1/", "postgresql://[::1/x", "nonsense"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct slice why = {0};
		struct pg_options o = {.url = bad[i], .name = "test"};
		struct pg *p = pg_open(&o, house.arena, &why);

		if (p) { /* what only connecting shows */
			assert_int_equal(pg_connect(p), LATER);
			pg_close(&p);
		} else {
			assert_true(slice_find(why, S("postgresql://USER@HOST")) < why.len);
		}
	}
}

/* ---- sessions ----------------------------------------------------------------------------------------------------- */

static void what_is_acknowledged_is_synced(void **state)
{
	static const char *const set[] = {"off", "local", "remote_apply"}, *const got[] = {"on", "on", "remote_apply"};
	const char *url = house_database("");

	(void)state;
	for (int i = 0; i < 3; i++) {
		char alter[120];

		snprintf(alter, sizeof alter, "ALTER DATABASE %s SET synchronous_commit = %s", strrchr(url, '/') + 1, set[i]);
		run_sql(url, alter);
		assert_string_equal(ask_text(url, "SELECT current_setting('synchronous_commit')"), got[i]);
	}
}

static void a_reader_cannot_write(void **state)
{
	const char *url;
	struct pg *p = lab_wire(&url, 0);
	struct slice why = {0};
	struct pg_options o = {.url = url, .name = "reader", .statements = lab, .n = STATEMENTS, .reader = true};

	(void)state;
	pg_close(&p);
	p = pg_open(&o, house.arena, &why);
	put(p, 1, 1, LATER, "25006");
	pg_close(&p);
}

static void news_are_heard(void **state)
{
	struct pg *p = wire_with(house.url, lab, STATEMENTS, 0);
	struct slice what = {0};

	(void)state;
	assert_int_equal(pg_script(p, "LISTEN huiyin", 1000), OK);
	assert_false(pg_news(p, house.arena, &what));
	run_sql(house.url, "NOTIFY huiyin, 'o'; NOTIFY huiyin, 'c00'");
	for (int i = 0; i < 100 && !pg_news(p, house.arena, &what); i++)
		usleep(10000);
	assert_true(slice_is(what, "o"));
	assert_true(pg_news(p, house.arena, &what));
	assert_true(slice_is(what, "c00"));
	pid_of(p); /* between two pipelines too */
	run_sql(house.url, "NOTIFY huiyin, 'again'");
	for (int i = 0; i < 100 && !pg_news(p, house.arena, &what); i++)
		usleep(10000);
	assert_true(slice_is(what, "again"));
	pg_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_go_both_ways),
		cmocka_unit_test(arrays_go_both_ways),
		cmocka_unit_test(a_pipeline_may_be_large_both_ways),
		cmocka_unit_test(errors_say_what_to_do_next),
		cmocka_unit_test(each_code_has_its_meaning),
		cmocka_unit_test(nothing_behind_an_error_is_run),
		cmocka_unit_test(a_connection_that_breaks_is_unsure),
		cmocka_unit_test(a_connection_that_was_ended_is_made_anew),
		cmocka_unit_test(a_silent_server_is_hung_up_on),
		cmocka_unit_test(a_server_that_accepts_and_never_greets_is_left),
		cmocka_unit_test(each_host_is_asked_with_what_is_its_own),
		cmocka_unit_test(no_wait_lasts_beyond_the_callers_own),
		cmocka_unit_test(of_several_hosts_the_one_that_answers_is_found),
		cmocka_unit_test(a_closed_port_is_said_at_once),
		cmocka_unit_test(addresses_that_cannot_be_read_are_refused),
		cmocka_unit_test(what_is_acknowledged_is_synced),
		cmocka_unit_test(a_reader_cannot_write),
		cmocka_unit_test(news_are_heard),
	};

	return secret_start() ? cmocka_run_group_tests(tests, house_open, house_close) : 1;
}

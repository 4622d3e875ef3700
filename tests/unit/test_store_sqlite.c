/* The SQLite store keeps the contract; and what only a file can do: be refused, be damaged, be copied, grow. */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../store_contract.c"
#include "store/schema.h"
#include "store/sqlite.h"
#include "huiyin/log.h"

static char folder[] = "/tmp/huiyin-store-XXXXXX";
static int files;

static const char *path_of(int n, const char *tail)
{
	static char path[4][128];
	static int turn_of;
	char *p = path[turn_of++ % 4];

	snprintf(path[(turn_of - 1) % 4], sizeof *path, "%s/%d.db%s", folder, n, tail);
	return p;
}

static struct store *open_file(const char *path, struct slice *why, struct arena *a)
{
	return store_open(arena_printf(a, "sqlite:%s", path), &contract_key, a, why);
}

static struct store *contract_open(void)
{
	struct arena *a = arena_open(0);
	struct slice why = {0};
	struct store *s = open_file(path_of(++files, ""), &why, a);

	if (!s)
		fail_msg("cannot open: " SLICE_FMT, SLICE_ARG(why));
	arena_close(&a);
	return s;
}

static void assert_refused(const char *path, const char *saying)
{
	struct arena *a = arena_open(0);
	struct slice why = {0};

	assert_null(open_file(path, &why, a));
	if (slice_find(why, slice_of(saying)) == why.len)
		fail_msg("\"" SLICE_FMT "\" does not say \"%s\"", SLICE_ARG(why), saying);
	arena_close(&a);
}

static void run_sql(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static int64_t ask_sql(const char *path, const char *text)
{
	sqlite3 *db;
	sqlite3_stmt *st;
	int64_t n;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &st, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(st), SQLITE_ROW);
	n = sqlite3_column_int64(st, 0);
	sqlite3_finalize(st);
	sqlite3_close(db);
	return n;
}

static void what_was_stored_is_there_after_a_restart(void **state)
{
	bool acked[TURN_MESSAGES] = {0};
	struct arena *a = arena_open(0);
	struct slice why = {0};
	struct store *s = contract_open();
	int file = files;

	(void)state;
	for (int m = 0; m < TURN_MESSAGES; m++) {
		acked[m] = turn(s, m) == OK;
		if (m % 5 == 4) {
			s->kind->close(s);
			s = open_file(path_of(file, ""), &why, a);
			assert_non_null(s);
		}
	}
	assert_int_equal(turns_check(s, acked, TURN_MESSAGES), TURN_MESSAGES);
	assert_int_equal(turn(s, 3), DUPLICATE);
	s->kind->close(s);
	arena_close(&a);
}

static void only_its_owner_may_read_it(void **state)
{
	struct store *s = contract_open();
	struct stat st;
	const char *tails[] = {"", "-wal", "-shm", ".lock"};

	(void)state;
	assert_int_equal(turn(s, 0), OK);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(stat(path_of(files, tails[i]), &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	s->kind->close(s);
	assert_int_equal(stat(path_of(files, "-wal"), &st), -1); /* closed cleanly: all is in the file */
}

static void addresses_are_not_in_the_file(void **state)
{
	struct lab l = lab_open();
	static char all[1 << 20];
	ssize_t n;
	int fd;

	(void)state;
	new_contact(&l, 1)->address = S("+8613912345678");
	lab_apply(&l);
	lab_begin(&l, T0);
	new_row(&l, 5, 1, LANE_REPLY, T0)->m.to = S("+8613912345678");
	lab_apply(&l);
	lab_close(&l);
	fd = open(path_of(files, ""), O_RDONLY);
	n = read(fd, all, sizeof all);
	close(fd);
	assert_true(n > 4096);
	assert_null(memmem(all, (size_t)n, "13912345678", 11));
	assert_non_null(memmem(all, (size_t)n, "text 5", 6));
}

static void a_second_huiyin_is_refused(void **state)
{
	struct store *s = contract_open();

	(void)state;
	assert_refused(path_of(files, ""), "in use by another huiyin");
	s->kind->close(s);
}

static void foreign_and_newer_files_are_refused(void **state)
{
	const char *path = path_of(++files, "");
	struct store *s;
	int fd;

	(void)state;
	run_sql(path, "CREATE TABLE t(x); INSERT INTO t VALUES(1)");
	assert_refused(path, "another program");
	assert_int_equal(ask_sql(path, "SELECT x FROM t"), 1); /* and was left as it was */
	assert_int_equal(ask_sql(path, "SELECT count(*) FROM pragma_journal_mode() WHERE journal_mode = 'delete'"), 1);
	path = path_of(++files, "");
	run_sql(path, "PRAGMA application_id=77; CREATE TABLE t(x)");
	assert_refused(path, "another program");
	s = contract_open();
	s->kind->close(s);
	path = path_of(files, "");
	run_sql(path, "PRAGMA user_version=4711");
	assert_refused(path, "newer huiyin (schema 4711");
	path = path_of(++files, "");
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(
		write(fd,
		      "this is no database at all, but a letter to the editor......................................"
		      "......................................................................................",
		      170),
		170);
	close(fd);
	assert_refused(path, "cannot be opened as a store");
	assert_refused("/nonexistent/folder/huiyin.db", "mkdir -p");
	assert_refused(folder, "cannot be opened as a store");
	assert_refused("", "needs a file");
}

static void a_read_only_file_is_refused(void **state)
{
	struct store *s = contract_open();
	const char *path = path_of(files, "");

	(void)state;
	bool super = geteuid() == 0; /* who may write everything: be somebody else for a moment */

	s->kind->close(s);
	assert_int_equal(chmod(path, 0444), 0);
	if (super) {
		unlink(path_of(files, ".lock"));
		assert_int_equal(chmod(folder, 0777), 0);
		assert_int_equal(seteuid(65534), 0);
	}
	assert_refused(path, "cannot be written");
	if (super) {
		assert_int_equal(seteuid(0), 0);
		assert_int_equal(chmod(folder, 0700), 0);
	}
}

static void a_damaged_file_is_refused(void **state)
{
	struct lab l = lab_open();
	const char *path = path_of(files, "");
	static char junk[4096];
	struct stat st;
	int fd;

	(void)state;
	for (int64_t i = 1; i <= 400; i++)
		new_contact(&l, i);
	lab_apply(&l);
	lab_close(&l);
	assert_int_equal(stat(path, &st), 0);
	memset(junk, 0xA5, sizeof junk);
	fd = open(path, O_WRONLY);
	for (off_t at = 8 * 4096; at + 4096 < st.st_size; at += 8192)
		assert_int_equal(pwrite(fd, junk, 4096, at), 4096);
	close(fd);
	assert_refused(path, "damaged");
}

static void take_step(const char *path, const char *const *scripts, struct arena *a)
{
	for (int i = 0; scripts[i]; i++)
		run_sql(path, schema_text(a, scripts[i], DIALECT_SQLITE, 0));
}

static struct slice schema_of(const char *path, struct arena *a)
{
	struct buf b = buf_in(a, (size_t)1 << 20);
	sqlite3_stmt *st;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema"
						" ORDER BY type, name", -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		for (int i = 0; i < 4; i++)
			buf_printf(&b, "%s%s", i ? "|" : "", (const char *)sqlite3_column_text(st, i));
		buf_add_char(&b, '\n');
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	return buf_slice(&b);
}

/* What a released step makes is never changed: here it stands as schema 2 was released. */
static void a_released_step_makes_what_it_made(void **state)
{
	static char text[16384];
	struct arena *a = arena_open(0);
	const char *path = path_of(++files, "");
	FILE *f = fopen("tests/unit/schema_2.txt", "r");
	struct slice released;

	(void)state;
	assert_non_null(f);
	released = slice_make(text, fread(text, 1, sizeof text, f));
	fclose(f);
	for (int v = 0; v < 2; v++)
		take_step(path, schema_steps[v].up, a);
	assert_true(released.len > 1000 && slice_equal(schema_of(path, a), released));
	arena_close(&a);
}

/* Each step can be taken back, and then again; what is left is what was there before it. */
static void each_step_goes_both_ways(void **state)
{
	struct arena *a = arena_open(0);
	const char *path = path_of(++files, "");

	(void)state;
	for (int v = 0; schema_steps[v].up; v++) {
		struct slice before = schema_of(path, a), after;

		take_step(path, schema_steps[v].up, a);
		after = schema_of(path, a);
		take_step(path, schema_steps[v].down, a);
		assert_true(slice_equal(schema_of(path, a), before));
		take_step(path, schema_steps[v].up, a);
		assert_true(slice_equal(schema_of(path, a), after));
	}
	arena_close(&a);
}

/* Each schema step is taken once, from any version before. */
static void an_older_file_is_brought_up_to_date(void **state)
{
	struct arena *a = arena_open(0);
	struct slice why = {0};
	struct store *s;
	const char *path;

	(void)state;
	for (int from = 0; from < schema_newest(); from++) {
		char mark[96];
		path = path_of(++files, "");
		for (int v = 0; v < from; v++)
			take_step(path, schema_steps[v].up, a);
		snprintf(mark, sizeof mark, "PRAGMA user_version=%d; PRAGMA application_id=%d", from,
			 SCHEMA_APPLICATION_ID);
		run_sql(path, mark);
		s = open_file(path, &why, a);
		assert_non_null(s);
		assert_int_equal(turn(s, 0), OK);
		s->kind->close(s);
		assert_int_equal(ask_sql(path, "PRAGMA user_version"), schema_newest());
		assert_int_equal(ask_sql(path, "PRAGMA application_id"), SCHEMA_APPLICATION_ID);
	}
	arena_close(&a);
}

/* A file of schema 1, with work in it, as the release before left it behind. */
static void a_store_of_schema_1_goes_on(void **state)
{
	struct lab l = {.a = arena_open(0)};
	struct slice why = {0};
	const char *path = path_of(++files, "");
	struct outbox_row *r;
	char mark[96];

	(void)state;
	assert_true(schema_newest() >= 2);
	take_step(path, schema_steps[0].up, l.a);
	assert_int_equal(ask_sql(path, "SELECT count(*) FROM pragma_table_info('outbox') WHERE name = 'rid'"), 0);
	snprintf(mark, sizeof mark, "PRAGMA user_version=1; PRAGMA application_id=%d", SCHEMA_APPLICATION_ID);
	run_sql(path, mark);
	run_sql(path, "INSERT INTO contact VALUES(7, 'sms', 'zh', 0, 0, 0, 1, 0, 0, 0, 0, 0);"
		      "INSERT INTO outbox VALUES(50, 7, 'sms', 0, 0, 0, 0, 1, 1, 1, 2, 49, 5, 0, 1, '10690001', 'waits',"
		      " NULL, '261121-0001-1', NULL, NULL);"
		      "INSERT INTO outbox VALUES(51, 7, 'sms', 3, NULL, 0, 0, 1, 1, 1, 1, 48, 5, 0, 1, '10690001', 'went',"
		      " NULL, NULL, 'p51', '0');");
	l.s = open_file(path, &why, l.a);
	assert_non_null(l.s);
	assert_int_equal(claim(&l, T0, 5), 1);
	r = &l.c.claimed[0];
	assert_int_equal(r->m.id, 50);
	assert_slice(r->m.text, "waits");
	assert_slice(r->m.case_number, "261121-0001-1");
	assert_int_equal(r->m.attempts, 2);
	assert_int_equal(r->rid.len, 0);
	r = load_one(&l, (struct want){.channel = S("sms"), .provider_id = S("p51")})->outbox;
	assert_non_null(r);
	assert_slice(r->m.text, "went");
	assert_slice(r->code, "0");
	lab_begin(&l, T0);
	new_row(&l, 60, 7, LANE_REPLY, T0)->rid = S("r-sixty");
	lab_apply(&l);
	lab_begin(&l, T0);
	assert_slice(load_outbox(&l, 60, 7)->rid, "r-sixty");
	l.s->kind->close(l.s);
	l.s = open_file(path, &why, l.a); /* the step is not taken twice */
	assert_non_null(l.s);
	lab_begin(&l, T0);
	assert_slice(load_outbox(&l, 60, 7)->rid, "r-sixty");
	lab_close(&l);
	assert_int_equal(ask_sql(path, "PRAGMA user_version"), schema_newest());
	assert_int_equal(ask_sql(path, "SELECT count(*) FROM outbox"), 3);
}

static void a_copy_is_a_store(void **state)
{
	struct arena *a = arena_open(0);
	struct store *s = contract_open(), *copy;
	bool acked[TURN_MESSAGES] = {0};
	struct slice why = {0};
	const char *to = path_of(++files, "");
	struct stat st;

	(void)state;
	for (int m = 0; m < TURN_MESSAGES; m++)
		acked[m] = turn(s, m) == OK;
	assert_int_equal(s->kind->backup(s, to, &why, a), OK);
	assert_int_equal(stat(to, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(s->kind->backup(s, "/nonexistent/x.db", &why, a), LATER);
	assert_true(slice_find(why, S("/nonexistent")) < why.len);
	assert_int_equal(s->kind->backup(s, path_of(files - 1, ""), &why, a), NEVER); /* onto itself */
	assert_int_equal(turn(s, TURN_MESSAGES), OK);                                 /* the original goes on */
	copy = open_file(to, &why, a);
	assert_non_null(copy);
	assert_int_equal(turns_check(copy, acked, TURN_MESSAGES), TURN_MESSAGES);
	copy->kind->close(copy);
	s->kind->close(s);
	arena_close(&a);
}

/* Enough keys for two sealed runs: each is found, in memory, behind a filter, and after a restart. */
static void many_keys_are_remembered(void **state)
{
	enum { KEYS = DEDUPE_SEAL * 2 + 5000, BATCH = 8192 };
	struct lab l = lab_open();
	struct slice why = {0};
	int file = files;

	(void)state;
	for (int64_t i = 0; i < KEYS; i += BATCH) {
		lab_begin(&l, T0);
		for (int64_t k = i; k < i + BATCH && k < KEYS; k++)
			LIST_ADD(&l.c, dedupe, ((struct dedupe_put){name_of("message", k), k + 1, T0 + i}));
		lab_apply(&l);
	}
	assert_int_equal(((struct sqlite_store *)l.s)->keys.n_runs, 2);
	for (int again = 0; again < 2; again++) {
		for (int64_t k = 0; k < KEYS; k += 997) {
			struct want *w;
			lab_begin(&l, T0);
			w = load_one(&l, (struct want){.has_dedupe = true, .dedupe = name_of("message", k)});
			assert_true(w->duplicate);
			assert_int_equal(w->first_event, k + 1);
			assert_false(
				load_one(&l, (struct want){.has_dedupe = true, .dedupe = name_of("no", k)})->duplicate);
		}
		l.s->kind->close(l.s);
		l.s = open_file(path_of(file, ""), &why, l.a);
		assert_non_null(l.s);
	}
	lab_begin(&l, T0);
	LIST_ADD(&l.c, dedupe, ((struct dedupe_put){name_of("message", 1), 9, T0}));
	assert_int_equal(lab_try(&l), LATER);
	for (int i = 0; i < 40; i++) /* and forgotten, a bite at a time */
		assert_int_equal(l.s->kind->tidy(l.s, T0 + 10 * HOUR, HOUR), OK);
	assert_int_equal(((struct sqlite_store *)l.s)->keys.n_runs, 0);
	assert_int_equal(((struct sqlite_store *)l.s)->keys.n, 0);
	lab_begin(&l, T0);
	assert_false(load_one(&l, (struct want){.has_dedupe = true, .dedupe = name_of("message", 1)})->duplicate);
	lab_close(&l);
	assert_int_equal(ask_sql(path_of(file, ""), "SELECT count(*) FROM dedupe_page"), 0);
}

/* The log is written back as it grows, also while somebody keeps reading. */
static void the_log_stays_small(void **state)
{
	struct lab l = lab_open();
	struct reader *r = l.s->kind->reader_open(l.s);
	int64_t most = 0;

	(void)state;
	for (int i = 0; i < 400; i++) {
		struct handover *queue;
		struct stat st;
		size_t n;

		lab_begin(&l, T0);
		for (int64_t k = 0; k < 8; k++) {
			struct slice text = slice_make(memset(arena_alloc(l.a, 32000), 'x', 32000), 32000);
			LIST_ADD(&l.c, handovers,
				 ((struct handover){1 + i * 8 + k, 1, S("x"), text, S(""), false, T0}));
		}
		lab_apply(&l);
		assert_int_equal(r->kind->find_handovers(r, 3, l.a, &queue, &n), OK);
		assert_int_equal(n, 3);
		if (stat(path_of(files, "-wal"), &st) == 0 && st.st_size > most)
			most = st.st_size;
	}
	assert_true(most > 1 << 20);
	assert_true(most < 64 << 20);
	r->kind->reader_close(r);
	lab_close(&l);
}

/* The turns again, on one store that keeps the lock of a second writer from elsewhere: "later", and it recovers. */
static void a_locked_file_is_later(void **state)
{
	struct store *s = contract_open();
	sqlite3 *other;
	bool acked[2] = {true, true};

	(void)state;
	assert_int_equal(turn(s, 0), OK);
	assert_int_equal(sqlite3_open(path_of(files, ""), &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(turn(s, 1), LATER);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	assert_int_equal(turn(s, 1), OK);
	assert_int_equal(turns_check(s, acked, 2), 2);
	s->kind->close(s);
}

static void the_wrong_key_opens_no_address(void **state)
{
	struct lab l = lab_open();
	struct key other = {{9}};
	struct slice why = {0};
	int file = files;

	(void)state;
	new_contact(&l, 1);
	lab_apply(&l);
	l.s->kind->close(l.s);
	l.s = store_open(arena_printf(l.a, "sqlite:%s", path_of(file, "")), &other, l.a, &why);
	assert_non_null(l.s);
	lab_begin(&l, T0);
	assert_int_equal(load_contact(&l, 1)->contact->address.len, 0);
	lab_close(&l);
}

static int begin(void **state)
{
	(void)state;
	log_setup(LOG_ERROR_, LOG_LOGFMT);
	return mkdtemp(folder) ? 0 : 1;
}

static int end(void **state)
{
	char all[160];

	(void)state;
	for (int i = 0; i <= files; i++)
		for (const char *const *t = (const char *const[]){"", "-wal", "-shm", ".lock", ".part", NULL}; *t;
		     t++) {
			snprintf(all, sizeof all, "%s/%d.db%s", folder, i, *t);
			unlink(all);
		}
	snprintf(all, sizeof all, "%s.lock", folder);
	unlink(all);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TESTS,
		cmocka_unit_test(what_was_stored_is_there_after_a_restart),
		cmocka_unit_test(only_its_owner_may_read_it),
		cmocka_unit_test(addresses_are_not_in_the_file),
		cmocka_unit_test(a_second_huiyin_is_refused),
		cmocka_unit_test(foreign_and_newer_files_are_refused),
		cmocka_unit_test(a_read_only_file_is_refused),
		cmocka_unit_test(a_damaged_file_is_refused),
		cmocka_unit_test(an_older_file_is_brought_up_to_date),
		cmocka_unit_test(a_store_of_schema_1_goes_on),
		cmocka_unit_test(a_released_step_makes_what_it_made),
		cmocka_unit_test(each_step_goes_both_ways),
		cmocka_unit_test(a_copy_is_a_store),
		cmocka_unit_test(many_keys_are_remembered),
		cmocka_unit_test(the_log_stays_small),
		cmocka_unit_test(a_locked_file_is_later),
		cmocka_unit_test(the_wrong_key_opens_no_address),
	};

	return secret_start() ? cmocka_run_group_tests(tests, begin, end) : 1;
}

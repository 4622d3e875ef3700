/*
 * What gateways share beside the rows (pg_share.c): of two who replace one value one gets it, moments booked by several
 * are never closer than the gap, what is over is gone, the others are told, and a table with nonsense in it harms nobody.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "huiyin/clock.h"
#include "huiyin/log.h"
#include "huiyin/store.h"
#include "pg_house.h"

static const struct key key = {{7}};
static const char *url;

static struct store *open_store(const char *arguments)
{
	struct slice why = {0};
	const char *where = arena_cstr(house.arena, arena_printf(house.arena, "%s%s", url, arguments));
	struct store *s = store_open(slice_of(where), &key, house.arena, &why);

	if (!s)
		fail_msg("cannot open: " SLICE_FMT, SLICE_ARG(why));
	return s;
}

/* Two gateways' handles on one new database. */
struct pair {
	struct store *s[2];
	struct shared *h[2];
};

static struct pair pair_open(void)
{
	struct pair p;

	url = house_database("");
	for (int i = 0; i < 2; i++) {
		p.s[i] = open_store("");
		p.h[i] = p.s[i]->kind->shared_open(p.s[i]);
		assert_non_null(p.h[i]);
	}
	return p;
}

static void pair_close(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		p->s[i]->kind->shared_close(p->h[i]);
		p->s[i]->kind->close(p->s[i]);
	}
}

static enum result put(struct shared *h, const char *name, const char *value, int64_t lives, int64_t *version)
{
	struct shared_value v = {slice_of(name), slice_of(value), lives == INT64_MAX ? lives : clock_wall().ms + lives, *version};
	enum result r = store_pg.shared_put(h, &v);

	*version = v.version;
	return r;
}

static const struct shared_value *get_in(struct arena *a, struct shared *h, const char *name)
{
	struct shared_value *rows;
	size_t n;

	assert_int_equal(store_pg.shared_get(h, slice_of(name), a, &rows, &n), OK);
	for (size_t i = 0; i < n; i++)
		if (slice_is(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static const struct shared_value *get(struct shared *h, const char *name)
{
	return get_in(house.arena, h, name);
}

static size_t count(struct shared *h, const char *prefix)
{
	struct shared_value *rows;
	size_t n;

	assert_int_equal(store_pg.shared_get(h, slice_of(prefix), house.arena, &rows, &n), OK);
	return n;
}

/* ---- values ------------------------------------------------------------------------------------------------------- */

static void a_value_is_replaced_by_its_version_only(void **state)
{
	struct pair p = pair_open();
	int64_t ours = 0, theirs = 0, old;

	(void)state;
	assert_null(get(p.h[1], "a"));
	assert_int_equal(put(p.h[0], "a", "one", 60000, &ours), OK);
	assert_true(ours > 0);
	assert_int_equal(put(p.h[1], "a", "two", 60000, &theirs), NEVER); /* there is one */
	theirs = get(p.h[1], "a")->version;
	assert_int_equal(theirs, ours);
	old = ours;
	assert_int_equal(put(p.h[1], "a", "two", 60000, &theirs), OK);
	assert_true(theirs > old);
	assert_int_equal(put(p.h[0], "a", "three", 60000, &ours), NEVER); /* it is another by now */
	assert_true(slice_is(get(p.h[0], "a")->value, "two"));
	ours = 12345;
	assert_int_equal(put(p.h[0], "b", "none", 60000, &ours), NEVER); /* there was none to be replaced */
	assert_null(get(p.h[0], "b"));
	ours = 0;
	assert_int_equal(put(p.h[0], "a%_/x", "", INT64_MAX, &ours), OK);
	assert_int_equal(get(p.h[1], "a%_/x")->until, INT64_MAX);
	assert_int_equal(get(p.h[1], "a%_/x")->value.len, 0);
	assert_int_equal(count(p.h[1], "a"), 2);
	assert_int_equal(count(p.h[1], "a%"), 1);
	assert_int_equal(count(p.h[1], "x"), 0);
	assert_int_equal(count(p.h[1], ""), 3); /* and the mark of the key */
	pair_close(&p);
}

struct racer {
	struct shared *h;
	struct arena *arena; /* its own: an arena is one thread's */
	int64_t version;
	int won, lost;
};
static atomic_int gate;

static void *race(void *with)
{
	struct racer *r = with;

	for (int i = 0; i < 60; i++) {
		char name[16];

		snprintf(name, sizeof name, "race/%d", i / 3);
		atomic_fetch_add(&gate, 1);
		while (atomic_load(&gate) < 2 * (i + 1))
			sched_yield();
		if (i % 3)
			r->version = get_in(r->arena, r->h, name)->version;
		else
			r->version = 0;
		switch (put(r->h, name, "x", 60000, &r->version)) {
		case OK:
			r->won++;
			break;
		case NEVER:
			r->lost++;
			break;
		default:
			break;
		}
	}
	return NULL;
}

/* Both have read the same version, or that there is none, and put at once: over and over, exactly one gets it. When the
   one is so slow that it reads what the other has put, both may; never may neither. */
static void of_two_one_gets_it(void **state)
{
	struct pair p = pair_open();
	struct racer r[2] = {{.h = p.h[0], .arena = arena_open(0)}, {.h = p.h[1], .arena = arena_open(0)}};
	pthread_t t[2];

	(void)state;
	gate = 0;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, race, &r[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	arena_close(&r[0].arena);
	arena_close(&r[1].arena);
	assert_int_equal(r[0].won + r[0].lost, 60);
	assert_int_equal(r[1].won + r[1].lost, 60);
	assert_true(r[0].won + r[1].won >= 60);
	assert_true(r[0].lost + r[1].lost >= 20); /* of those that began with nothing always one */
	pair_close(&p);
}

static void what_is_over_is_gone(void **state)
{
	struct pair p = pair_open();
	int64_t ours = 0, theirs = 0, first;
	const struct shared_value *v;

	(void)state;
	assert_int_equal(put(p.h[0], "a", "one", 400, &ours), OK);
	v = get(p.h[1], "a");
	assert_in_range(v->until - clock_wall().ms, 1, 401);
	assert_int_equal(put(p.h[1], "a", "two", 400, &theirs), NEVER);
	usleep(450000);
	assert_null(get(p.h[1], "a"));
	theirs = 0;
	assert_int_equal(put(p.h[1], "a", "two", 60000, &theirs), OK); /* as if it were not there */
	assert_int_equal(put(p.h[0], "a", "three", 60000, &ours), NEVER);
	first = theirs;
	assert_int_equal(put(p.h[1], "a", "", -5, &theirs), OK); /* taken back */
	assert_null(get(p.h[0], "a"));
	assert_int_equal(put(p.h[1], "a", "again", 60000, &theirs), OK); /* nobody else has been at it */
	/* cleaned away a minute after, then begun anew: under no version that ever was */
	run_sql(url, "UPDATE shared SET until = 5 WHERE name = 'a'; INSERT INTO shared SELECT 'old/' || i, 'x', 9, i FROM"
		     " generate_series(1, 100) i; INSERT INTO shared VALUES('stays', 'x', 9223372036854775807, 1), ('stays too',"
		     " 'x', 0, 1)");
	assert_int_equal(p.s[0]->kind->tidy(p.s[0], clock_wall().ms, 86400000), OK);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM shared WHERE until = 9"), 37); /* small bites */
	assert_int_equal(p.s[1]->kind->tidy(p.s[1], clock_wall().ms, 86400000), OK);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM shared"), 3);
	assert_non_null(get(p.h[0], "store.key"));
	assert_non_null(get(p.h[0], "stays"));
	assert_non_null(get(p.h[0], "stays too"));
	assert_int_equal(put(p.h[1], "a", "late", 60000, &theirs), NEVER);
	ours = 0;
	assert_int_equal(put(p.h[0], "a", "new", 60000, &ours), OK);
	assert_true(ours > first && ours > theirs);
	pair_close(&p);
}

/* ---- moments ------------------------------------------------------------------------------------------------------ */

#define BLOCKS 40

struct booker {
	struct shared *h;
	int64_t n, gap_us, first_us[BLOCKS];
	bool good;
};

static void *book(void *with)
{
	struct booker *b = with;

	b->good = true;
	for (int i = 0; i < BLOCKS; i++) {
		int64_t wait_us = 0;

		if (store_pg.shared_book(b->h, S("book/a"), b->n, b->gap_us, &wait_us) != OK)
			b->good = false;
		b->first_us[i] = clock_mono().ms * 1000 + wait_us;
	}
	return NULL;
}

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void booked_moments_keep_their_distance(void **state)
{
	struct pair p = pair_open();
	struct booker b[2] = {{.h = p.h[0], .n = 3, .gap_us = 10000}, {.h = p.h[1], .n = 1, .gap_us = 10000}};
	int64_t all[2 * BLOCKS * 3], first, wait_us;
	size_t n = 0;
	pthread_t t[2];

	(void)state;
	assert_int_equal(store_pg.shared_book(p.h[0], S("book/a"), 1, 10000, &first), OK);
	assert_in_range(first + 20000, 0, 40000); /* at once */
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, book, &b[i]), 0);
	for (int i = 0; i < 2; i++) {
		pthread_join(t[i], NULL);
		assert_true(b[i].good);
		for (int k = 0; k < BLOCKS; k++)
			for (int64_t m = 0; m < b[i].n; m++)
				all[n++] = b[i].first_us[k] + m * b[i].gap_us;
	}
	qsort(all, n, sizeof *all, by_number);
	for (size_t i = 1; i < n; i++)
		assert_true(all[i] - all[i - 1] >= 10000 - 4000); /* the clocks here tell milliseconds */
	assert_true(all[n - 1] - all[0] >= ((int64_t)n - 1) * 10000 - 8000);
	assert_true(all[n - 1] - all[0] <= (int64_t)n * 10000 + 3000000); /* and none is wasted but while nobody asks */
	assert_int_equal(store_pg.shared_book(p.h[1], S("book/b"), 1, 10000, &wait_us), OK);
	assert_true(wait_us < 20000); /* another name waits for nobody */
	assert_non_null(get(p.h[0], "book/a"));
	pair_close(&p);
}

/* A database whose clock was set back, or a row that somebody has spoilt, stops nobody for good. */
static void odd_values_harm_nobody(void **state)
{
	static const char *const spoilt[] = {"9223372036854775807", "-9223372036854775808", "0", "4102444800000000"};
	struct pair p = pair_open();
	int64_t wait_us, version;
	char sql[400];

	(void)state;
	for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
		snprintf(sql, sizeof sql,
			 "INSERT INTO shared VALUES('book/a', '\\x00ff', %s, %s), ('v', NULL, 9223372036854775806, %s) ON"
			 " CONFLICT(name) DO UPDATE SET version = excluded.version, until = excluded.until",
			 spoilt[i], spoilt[i], spoilt[i]);
		run_sql(url, sql);
		assert_int_equal(store_pg.shared_book(p.h[0], S("book/a"), 2, 1000, &wait_us), OK);
		assert_true(wait_us < 50000);
		assert_int_equal(store_pg.shared_book(p.h[1], S("book/a"), 1, 1000, &wait_us), OK);
		assert_true(wait_us < 50000);
		version = get(p.h[0], "v") ? get(p.h[0], "v")->version : 0; /* under version 0 there is nothing */
		assert_int_equal(version == 0, i == 2);
		assert_int_equal(put(p.h[0], "v", "new", 60000, &version), OK);
		assert_true(get(p.h[0], "v")->until > clock_wall().ms);
		run_sql(url, "DELETE FROM shared WHERE name IN ('v', 'book/a')");
	}
	pair_close(&p);
}

static void what_cannot_be_is_refused(void **state)
{
	struct pair p = pair_open();
	struct shared_value v = {.name = slice_make("a\0b", 3), .value = S("x"), .until = INT64_MAX}, *rows;
	char *big = arena_alloc(house.arena, 70000);
	int64_t wait_us;
	size_t n;

	(void)state;
	memset(big, 'a', 70000);
	assert_int_equal(store_pg.shared_put(p.h[0], &v), INVALID);
	v.name = S("\xff");
	assert_int_equal(store_pg.shared_put(p.h[0], &v), INVALID);
	v.name = S("");
	assert_int_equal(store_pg.shared_put(p.h[0], &v), INVALID);
	v.name = slice_make(big, 5000);
	assert_int_equal(store_pg.shared_put(p.h[0], &v), INVALID);
	assert_int_equal(store_pg.shared_get(p.h[0], v.name, house.arena, &rows, &n), INVALID);
	v.name = S("a");
	v.value = slice_make(big, 70000);
	assert_int_equal(store_pg.shared_put(p.h[0], &v), INVALID);
	assert_int_equal(store_pg.shared_book(p.h[0], S("a"), 0, 1, &wait_us), INVALID);
	assert_int_equal(store_pg.shared_book(p.h[0], S("a"), 1, -1, &wait_us), INVALID);
	assert_int_equal(store_pg.shared_book(p.h[0], S("a"), INT64_MAX, INT64_MAX, &wait_us), INVALID);
	v.value = slice_make("\0\xff'\\", 4);
	v.until = INT64_MIN;
	assert_int_equal(store_pg.shared_put(p.h[0], &v), OK);
	assert_null(get(p.h[0], "a"));
	v.until = INT64_MAX - 1;
	assert_int_equal(store_pg.shared_put(p.h[0], &v), OK);
	assert_true(slice_equal(get(p.h[1], "a")->value, v.value));
	pair_close(&p);
}

/* ---- telling the others, and a database that is away ------------------------------------------------------------------ */

static atomic_int told, told_any;

static void hear_wake(void *with)
{
	(void)with;
}

static void hear_chat(void *with, const struct hash16 *contact)
{
	(void)with;
	(void)contact;
}

static void hear_shared(void *with, struct slice name)
{
	(void)with;
	if (!name.len)
		told_any++;
	else if (slice_is(name, "channel/x"))
		told++;
}

static bool becomes(atomic_int *what, int value, int ms)
{
	for (; atomic_load(what) < value && ms > 0; ms -= 10)
		usleep(10000);
	return atomic_load(what) >= value;
}

static void the_others_are_told(void **state)
{
	const struct store_news news = {.wake = hear_wake, .chat = hear_chat, .shared = hear_shared};
	struct pair p = pair_open();
	struct store *east = open_store("?huiyin_gateway=1&huiyin_name=east");
	int64_t version = 0, wait_us, stale = 1;
	struct slice why = {0};

	(void)state;
	told = told_any = 0;
	assert_true(east->kind->listen(east, &news, house.arena, &why));
	assert_true(becomes(&told_any, 1, 3000)); /* what was said before is asked for */
	assert_int_equal(put(p.h[0], "channel/x", "1", 60000, &version), OK);
	assert_true(becomes(&told, 1, 3000));
	assert_int_equal(put(p.h[0], "channel/x", "2", 60000, &version), OK);
	assert_true(becomes(&told, 2, 3000));
	assert_int_equal(put(p.h[1], "channel/x", "3", 60000, &stale), NEVER);
	assert_int_equal(store_pg.shared_book(p.h[1], S("channel/x"), 1, 1000, &wait_us), OK);
	assert_int_equal(put(p.h[1], "channel/y", "4", 60000, &(int64_t){0}), OK);
	usleep(200000);
	assert_int_equal(told, 2); /* of what was put, and nothing else */
	east->kind->close(east);
	pair_close(&p);
}

/* Each call has an end, and the next one works when the database does. */
static void a_database_that_is_silent_holds_nobody(void **state)
{
	struct pair p = pair_open();
	int64_t version = 0, from = clock_mono().ms, wait_us;
	char pid_path[120], line[32] = "";
	struct shared_value *rows;
	size_t n;
	FILE *f;
	pid_t pids[3] = {0};

	(void)state;
	assert_int_equal(put(p.h[0], "a", "one", 60000, &version), OK);
	pids[0] = (pid_t)ask_sql(url, "SELECT pid FROM pg_stat_activity WHERE application_name = 'huiyin/0 shared' LIMIT 1");
	snprintf(pid_path, sizeof pid_path, "%s/data/postmaster.pid", house.folder);
	f = fopen(pid_path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	fclose(f);
	pids[1] = (pid_t)strtol(line, NULL, 10);
	kill(pids[0], SIGSTOP);
	kill(pids[1], SIGSTOP); /* accepts, and never answers */
	from = clock_mono().ms;
	assert_int_equal(put(p.h[0], "a", "two", 60000, &version), LATER);
	assert_in_range(clock_mono().ms - from, 0, 2100);
	from = clock_mono().ms;
	assert_int_equal(store_pg.shared_book(p.h[0], S("b"), 1, 1000, &wait_us), LATER);
	assert_int_equal(store_pg.shared_get(p.h[0], S("a"), house.arena, &rows, &n), LATER);
	assert_int_equal(n, 0);
	assert_in_range(clock_mono().ms - from, 0, 4200);
	kill(pids[1], SIGCONT);
	kill(pids[0], SIGCONT);
	for (int i = 0; i < 100 && store_pg.shared_get(p.h[0], S("a"), house.arena, &rows, &n) != OK; i++)
		usleep(50000);
	version = get(p.h[0], "a")->version; /* whether the lost one was kept is seen by the version */
	assert_int_equal(put(p.h[0], "a", "three", 60000, &version), OK);
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_replaced_by_its_version_only),
		cmocka_unit_test(of_two_one_gets_it),
		cmocka_unit_test(what_is_over_is_gone),
		cmocka_unit_test(booked_moments_keep_their_distance),
		cmocka_unit_test(odd_values_harm_nobody),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(the_others_are_told),
		cmocka_unit_test(a_database_that_is_silent_holds_nobody),
	};

	secret_start();
	log_setup(LOG_ERROR_ + 1, LOG_LOGFMT);
	return cmocka_run_group_tests(tests, house_open, house_close);
}

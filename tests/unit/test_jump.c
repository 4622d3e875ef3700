/* Jumps of the wall clock: seen, told once, left out of ages; and what waits in a store moves along with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "engine/jump.h"
#include "engine/queue.h"
#include "huiyin/store.h"

#define HOUR INT64_C(3600000)
#define NOON INT64_C(1795233600000)

static int64_t look(struct jumps *j, int64_t wall, int64_t mono)
{
	int64_t alarm;

	return jumps_look(j, wall, mono, &alarm);
}

static void test_steps_are_told_from_time(void **state)
{
	struct jumps j = {0};

	(void)state;
	assert_int_equal(look(&j, NOON, 5), 0);
	assert_int_equal(look(&j, NOON + 250, 255), 0);
	assert_int_equal(look(&j, NOON + 250 + HOUR, 255 + HOUR), 0); /* a long time is no jump */
	assert_int_equal(look(&j, NOON + 500 + 2 * HOUR, 505 + HOUR), HOUR);
	assert_int_equal(look(&j, NOON + 750 + 2 * HOUR, 755 + HOUR), 0);
	assert_int_equal(look(&j, NOON + 1000, 1005 + HOUR), -2 * HOUR);
	assert_int_equal(look(&j, NOON + 1000 + JUMP_MS - 1, 1005 + HOUR), 0);
	assert_int_equal(look(&j, NOON + 1000 + 2 * JUMP_MS - 1, 1005 + HOUR), JUMP_MS);
}

static void test_alarm_is_given_once(void **state)
{
	struct jumps j = {0};
	int64_t alarm, mono = 0, wall = NOON, alarms = 0;

	(void)state;
	jumps_look(&j, wall, mono, &alarm);
	jumps_look(&j, wall + HOUR, mono, &alarm);
	assert_int_equal(alarm, HOUR);
	jumps_look(&j, wall + HOUR + 250, mono + 250, &alarm);
	assert_int_equal(alarm, 0);
	wall += HOUR + 250;
	mono += 250;
	for (int i = 0; i < 1000; i++) { /* slewed by 100 ms at a time, 100 s in all */
		assert_int_equal(jumps_look(&j, wall -= 100, mono, &alarm), 0);
		alarms += alarm != 0;
	}
	assert_int_equal(alarms, 1);
}

static void test_age_leaves_jumps_out(void **state)
{
	struct jumps j = {0};
	int64_t mono = 1000;

	(void)state;
	look(&j, NOON, mono);
	look(&j, NOON + 10000 + 24 * HOUR, mono + 10000); /* ten seconds and a day on */
	assert_int_equal(jumps_age(&j, NOON, NOON + 10000 + 24 * HOUR), 10000);
	assert_int_equal(jumps_age(&j, NOON + 24 * HOUR + 9000, NOON + 24 * HOUR + 10000), 1000);
	look(&j, NOON + 10000 + 23 * HOUR, mono + 10000); /* an hour back */
	assert_int_equal(jumps_age(&j, NOON + 10000 + 24 * HOUR, NOON + 20000 + 23 * HOUR), 10000);
	for (int i = 0; i < 50; i++) /* only the newest are kept, and nothing breaks */
		look(&j, NOON + i * HOUR, mono + 10000 + i);
	assert_true(jumps_age(&j, NOON - HOUR, NOON) <= HOUR);
}

static void test_ids_go_on(void **state)
{
	struct queue *q = queue_open(4, 3);
	int64_t id = queue_id(q), later = id + (HOUR << 22);

	(void)state;
	assert_true(queue_id_time(id) > NOON - 100000 * HOUR);
	queue_after(q, later);
	assert_true(queue_id(q) > later);
	queue_after(q, id); /* never back */
	assert_true(queue_id(q) > later);
	assert_int_equal(queue_id(q) >> 14 & 255, 3);
	queue_close(&q);
}

/* Gateways that share a clock make their ids by it; they rise also when that clock turns out to be behind. */
static void test_ids_follow_the_shared_clock(void **state)
{
	struct queue *here = queue_open(4, 1), *there = queue_open(4, 2);
	int64_t ahead = clock_wall().ms - clock_mono().ms + HOUR, last, first;

	(void)state;
	assert_true(queue_id_time(queue_id(here)) < clock_wall().ms + 60000);
	queue_clock(here, ahead * 1000);
	queue_clock(there, ahead * 1000);
	last = queue_id(here);
	assert_true(queue_id_time(last) >= clock_wall().ms + HOUR - 1000 && queue_id_time(last) <= clock_wall().ms + HOUR + 1000);
	for (int i = 0; i < 20; i++) {
		struct queue *q = i % 2 ? here : there;
		int64_t id;

		usleep(2000);
		id = i % 3 ? queue_id(q) : queue_id_in(q, 77);
		assert_true(id > last);
		last = id;
	}
	queue_clock(here, (ahead - 2 * HOUR) * 1000);
	first = queue_id(here);
	assert_true(first > last);
	for (int i = 0; i < 1000; i++) {
		int64_t id = i % 2 ? queue_id(here) : queue_id_in(here, i % 256);

		assert_true(id > first && (id >> 14 & 255) == 1);
		first = id;
	}
	queue_close(&here);
	queue_close(&there);
}

static void fill(struct store *s, struct arena *a)
{
	struct contact c = {.id = 1, .hash = {{1}}, .channel = S("sms"), .address = S("+1"), .fresh = true, .changed = true};
	struct outbox_row queued = {.m = {.id = 2, .contact = 1, .text = S("a"), .created_at = NOON}, .channel = S("sms"),
				    .state = DELIVERY_QUEUED, .next_at = NOON + 5000, .fresh = true, .changed = true};
	struct outbox_row pushed = {.m = {.id = 3, .contact = 1, .text = S("b"), .created_at = NOON}, .channel = S("chat"),
				    .state = DELIVERY_SENT, .next_at = INT64_MAX, .fresh = true, .changed = true};
	struct changes ch = {.arena = a, .now = NOON, .day = S("2026-11-21")};

	LIST_ADD(&ch, contacts, &c);
	LIST_ADD(&ch, outbox, &queued);
	LIST_ADD(&ch, outbox, &pushed);
	LIST_ADD(&ch, timers_put, ((struct timer){.contact = 1, .kind = TIMER_SURVEY, .ref = S("x"), .due_at = NOON + 9000}));
	LIST_ADD(&ch, timers_put, ((struct timer){.contact = 1, .kind = TIMER_SESSION, .due_at = NOON + 7000}));
	assert_int_equal(s->kind->apply(s, &ch), OK);
}

static void claim(struct store *s, struct arena *a, int64_t now, size_t want)
{
	struct changes ch = {.arena = a, .now = now, .day = S("2026-11-21"), .claim_room = 8, .lease_ms = 60000};

	assert_int_equal(s->kind->apply(s, &ch), OK);
	assert_int_equal(ch.n_claimed, want);
}

static void shifted(struct store *s, struct arena *a, int64_t by)
{
	struct timer *due;
	size_t n;
	int64_t at;

	fill(s, a);
	assert_int_equal(s->kind->shift(s, by), OK);
	assert_int_equal(s->kind->next_due(s, &at), OK);
	assert_int_equal(at, NOON + 5000 + by);
	assert_int_equal(s->kind->due(s, NOON + by + 6999, 8, a, &due, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(s->kind->due(s, NOON + by + 9000, 8, a, &due, &n), OK);
	assert_int_equal(n, 2);
	claim(s, a, NOON + by + 4999, 0);
	claim(s, a, NOON + by + 5000, 1);
	assert_int_equal(s->kind->shift(s, -by), OK); /* the lease moves, too: it has not run out */
	claim(s, a, NOON + 64000, 0);
	claim(s, a, NOON + 65001, 1);
}

static void test_what_waits_moves_along(void **state)
{
	static const int64_t by[] = {24 * HOUR, -HOUR};
	char dir[] = "/tmp/huiyin-jump-XXXXXX", file[96];
	struct key key = {{7}};
	int64_t id;

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (size_t i = 0; i < 2; i++) {
		struct arena *a = arena_open(0);
		struct slice why = {0};
		struct store *ram = store_open(S("ram:"), &key, a, &why), *sqlite;

		snprintf(file, sizeof file, "%s/%zu.db", dir, i);
		sqlite = store_open(arena_printf(a, "sqlite:%s", file), &key, a, &why);
		assert_non_null(ram);
		assert_non_null(sqlite);
		shifted(ram, a, by[i]);
		assert_int_equal(sqlite->kind->newest(sqlite, &id), OK);
		assert_int_equal(id, 0);
		shifted(sqlite, a, by[i]);
		assert_int_equal(sqlite->kind->newest(sqlite, &id), OK);
		assert_int_equal(id, 3);
		ram->kind->close(ram);
		sqlite->kind->close(sqlite);
		arena_close(&a);
		unlink(file);
		snprintf(file, sizeof file, "%s/%zu.db.lock", dir, i);
		unlink(file);
	}
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps_are_told_from_time), cmocka_unit_test(test_alarm_is_given_once),
		cmocka_unit_test(test_age_leaves_jumps_out),	 cmocka_unit_test(test_ids_go_on),
		cmocka_unit_test(test_ids_follow_the_shared_clock),
		cmocka_unit_test(test_what_waits_moves_along),
	};

	if (!secret_start())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

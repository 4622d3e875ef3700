/* Booked moments: none is used before its time, none long after it, none twice; and a breaker that another has opened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "delivery/lane.h"

static void moments_come_one_by_one(void **state)
{
	struct moments m = {0};
	int64_t wait;

	(void)state;
	assert_false(moments_take(&m, 1000, &wait));
	assert_int_equal(wait, INT64_MAX);
	assert_int_equal(moments_last_us(&m), 0);
	assert_true(moments_add(&m, 1010500, 3, 20000));
	assert_true(moments_add(&m, 1090000, 1, 50000));
	assert_int_equal(moments_left(&m), 4);
	assert_int_equal(moments_last_us(&m), 1090000);
	assert_false(moments_take(&m, 1000, &wait));
	assert_int_equal(wait, 11); /* not a moment too early */
	assert_false(moments_take(&m, 1010, &wait));
	assert_true(moments_take(&m, 1011, &wait));
	assert_false(moments_take(&m, 1011, &wait));
	assert_int_equal(wait, 20);
	assert_true(moments_take(&m, 1051, &wait));
	assert_true(moments_take(&m, 1051, &wait)); /* a little late */
	assert_false(moments_take(&m, 1051, &wait));
	assert_true(moments_take(&m, 1090, &wait));
	assert_false(moments_take(&m, 1090, &wait));
	assert_int_equal(wait, INT64_MAX);
	assert_int_equal(m.used, 4);
	assert_int_equal(m.lost, 0);
}

static void what_is_late_is_lost(void **state)
{
	struct moments m = {0};
	int64_t wait;

	(void)state;
	moments_add(&m, 1000000, 5, 10000);
	assert_true(moments_take(&m, 1000 + MOMENT_LASTS_MS + 20, &wait)); /* the third */
	assert_int_equal(m.lost, 2);
	assert_int_equal(moments_left(&m), 2);
	assert_false(moments_take(&m, 5000, &wait));
	assert_int_equal(m.lost, 4);
	assert_int_equal(moments_left(&m), 0);
	moments_add(&m, 6000000, 1, 10000);
	moments_prune(&m, 9000);
	assert_int_equal(moments_left(&m), 0);
}

static void what_is_not_used_goes_back_for_a_while(void **state)
{
	struct moments m = {0};
	int64_t wait;

	(void)state;
	moments_add(&m, 1000000, 1, 0);
	assert_true(moments_take(&m, 1000, &wait));
	moments_back(&m);
	assert_int_equal(moments_left(&m), 1);
	assert_true(moments_take(&m, 1050, &wait));
	assert_false(moments_take(&m, 1050, &wait)); /* once */
	moments_back(&m);
	assert_false(moments_take(&m, 1000 + MOMENT_LASTS_MS + 1, &wait));
	assert_int_equal(m.used, 0);
}

static void there_is_an_end_to_blocks(void **state)
{
	struct moments m = {0};
	int64_t wait;

	(void)state;
	for (int i = 0; i < MOMENT_BLOCKS; i++)
		assert_true(moments_add(&m, 1000000 + i * 1000, 1, 1000));
	assert_false(moments_add(&m, 1009000, 1, 1000));
	for (int i = 0; i < MOMENT_BLOCKS; i++)
		assert_true(moments_take(&m, 1010, &wait));
	assert_false(moments_take(&m, 1010, &wait));
	assert_true(moments_add(&m, 1009000, 1, 1000));
}

/* A line that shares its rate goes by moments; when the breaker says no, the moment is not used up. */
static void a_line_gives_back_what_the_breaker_refuses(void **state)
{
	struct line l = {.shared = true, .bucket = {.per_second = 10}};
	int64_t wait;

	(void)state;
	moments_add(&l.moments, 1000000, 1, 0);
	breaker_adopt(&l.breaker, 7, 1050);
	assert_false(line_allows(&l, 1001, &wait));
	assert_int_equal(wait, 49);
	assert_false(breaker_half_open(&l.breaker, 1049));
	assert_true(breaker_half_open(&l.breaker, 1050));
	assert_true(line_allows(&l, 1050, &wait));
	assert_true(breaker_open(&l.breaker) && !breaker_half_open(&l.breaker, 1050)); /* the probe is out */
	line_ungrant(&l);
	assert_true(breaker_half_open(&l.breaker, 1050));
	assert_int_equal(moments_left(&l.moments), 1);
	l.stopped_until = 1090;
	assert_false(line_allows(&l, 1060, &wait));
	assert_int_equal(wait, 30);
	l.bucket.per_second = 0; /* without a rate nothing is booked */
	l.moments = (struct moments){0};
	assert_true(line_allows(&l, 1090, &wait));
}

static void what_another_says_of_a_breaker_is_bounded(void **state)
{
	struct breaker b = {0};
	int64_t wait;

	(void)state;
	breaker_adopt(&b, -3, INT64_MIN);
	assert_true(breaker_open(&b));
	assert_true(breaker_allows(&b, 1000, &wait)); /* a probe */
	breaker_adopt(&b, 1000000, 2000);
	assert_false(breaker_allows(&b, 1000, &wait));
	breaker_allows(&b, 2000, &wait);
	breaker_result(&b, false, 2000);
	assert_in_range(b.open_until_ms, 2001, 2000 + 300000);
	breaker_result(&b, true, 2100);
	assert_false(breaker_open(&b));
}

static void what_another_was_slowed_to_is_bounded(void **state)
{
	struct bucket b = {.per_second = 10};

	(void)state;
	bucket_adopt(&b, 20);
	assert_true(b.per_second == 10);
	bucket_adopt(&b, 5);
	assert_true(b.per_second == 5);
	bucket_adopt(&b, 0.000001);
	assert_true(b.per_second >= 0.1);
	b.per_second = 0; /* unlimited */
	bucket_adopt(&b, 7);
	assert_true(b.per_second == 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments_come_one_by_one),
		cmocka_unit_test(what_is_late_is_lost),
		cmocka_unit_test(what_is_not_used_goes_back_for_a_while),
		cmocka_unit_test(there_is_an_end_to_blocks),
		cmocka_unit_test(a_line_gives_back_what_the_breaker_refuses),
		cmocka_unit_test(what_another_says_of_a_breaker_is_bounded),
		cmocka_unit_test(what_another_was_slowed_to_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

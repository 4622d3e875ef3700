/* Slices, arenas, buffers, results. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "huiyin/result.h"
#include "huiyin/text.h"

static void compares(void **state)
{
	(void)state;
	assert_true(slice_equal(S("ab"), S("ab")));
	assert_false(slice_equal(S("ab"), S("abc")));
	assert_true(slice_equal(slice_of(NULL), S("")));
	assert_true(slice_is(S("x"), "x"));
	assert_true(slice_equal_ignoring_case(S("Stop"), S("sTOP")));
	assert_false(slice_equal_ignoring_case(S("[top"), S("{top")));
	assert_true(slice_begins(S("abc"), S("ab")));
	assert_true(slice_begins(S("abc"), S("")));
	assert_false(slice_begins(S("a"), S("ab")));
	assert_true(slice_ends(S("abc"), S("bc")));
	assert_false(slice_ends(S("c"), S("bc")));
	assert_true(slice_compare(S("a"), S("b")) < 0);
	assert_true(slice_compare(S("ab"), S("a")) > 0);
	assert_true(slice_compare(S("\xff"), S("a")) > 0);
	assert_int_equal(slice_compare(S(""), slice_of(NULL)), 0);
}

static void cuts(void **state)
{
	(void)state;
	assert_true(slice_is(slice_trim(S(" \t\r\n a b \v\f")), "a b"));
	assert_true(slice_is(slice_trim(S("  ")), ""));
	assert_true(slice_is(slice_from(S("abc"), 1), "bc"));
	assert_int_equal(slice_from(S("abc"), 9).len, 0);
	assert_int_equal(slice_from(slice_of(NULL), 9).len, 0);
	assert_int_equal(slice_find(S("hello"), S("l")), 2);
	assert_int_equal(slice_find(S("hello"), S("z")), 5);
	assert_int_equal(slice_find(S("hello"), S("")), 0);
	assert_int_equal(slice_find(S("h"), S("hello")), 1);
	assert_int_equal(slice_find(slice_of(NULL), S("a")), 0);
}

static void splits(void **state)
{
	static const struct {
		const char *whole, *pieces[5];
	} table[] = {
		{"a,b", {"a", "b"}},      {"a", {"a"}}, {"", {NULL}}, {",", {""}}, {"a,", {"a"}}, {",a", {"", "a"}},
		{"a,,b", {"a", "", "b"}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct slice rest = slice_of(table[i].whole), piece;
		size_t n = 0;

		while (slice_next(&rest, ',', &piece)) {
			assert_non_null(table[i].pieces[n]);
			assert_true(slice_is(piece, table[i].pieces[n]));
			n++;
		}
		assert_null(table[i].pieces[n]);
	}
}

static void reads_integers(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} good[] = {
		{"0", 0},
		{"-0", 0},
		{"42", 42},
		{"-7", -7},
		{"007", 7},
		{"9223372036854775807", INT64_MAX},
		{"-9223372036854775808", INT64_MIN},
	};
	static const char *const bad[] = {
		"",
		"-",
		"+1",
		" 1",
		"1 ",
		"1a",
		"0x10",
		"1.0",
		"9223372036854775808",
		"-9223372036854775809",
		"99999999999999999999",
		"--1",
	};
	int64_t n;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(slice_to_int(slice_of(good[i].text), &n));
		assert_true(n == good[i].value);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		n = 77;
		assert_false(slice_to_int(slice_of(bad[i]), &n));
		assert_int_equal(n, 77);
	}
}

static void arena_gives_zeroed_aligned_memory(void **state)
{
	struct arena *a = arena_open(0);

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 9000; size += 7) {
			unsigned char *p = arena_alloc(a, size);

			assert_int_equal((uintptr_t)p % 16, 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xA5, size);
		}
		assert_true(arena_used(a) > 1000000);
		arena_reset(a);
		assert_int_equal(arena_used(a), 0);
	}
	arena_close(&a);
	assert_null(a);
	arena_close(&a);
}

static void arena_copies(void **state)
{
	struct arena *a = arena_open(0);
	struct slice s = arena_printf(a, "%s-%d", "x", 42);
	char *big = test_malloc(100001);

	(void)state;
	assert_true(slice_is(s, "x-42"));
	assert_string_equal(arena_cstr(a, S("abc")), "abc");
	assert_string_equal(arena_cstr(a, slice_of(NULL)), "");
	assert_true(slice_is(arena_copy(a, slice_make("abcdef", 3)), "abc"));
	memset(big, 'z', 100000);
	big[100000] = 0;
	assert_int_equal(arena_printf(a, "%s%s", big, big).len, 200000);
	test_free(big);
	arena_close(&a);
}

/* Runs what must end the process; true when it did so by abort. */
static bool aborts(void (*what)(void))
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		close(STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		what();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void within_ceiling(void)
{
	struct arena *a = arena_open(100000);

	arena_alloc(a, 50000);
	arena_close(&a);
}

static void beyond_ceiling(void)
{
	struct arena *a = arena_open(100000);

	for (int i = 0; i < 100; i++)
		arena_alloc(a, 2000);
}

static void overflowing(void)
{
	arena_alloc(arena_open(0), SIZE_MAX - 3);
}

static void arena_has_a_ceiling(void **state)
{
	(void)state;
	assert_false(aborts(within_ceiling));
	assert_true(aborts(beyond_ceiling));
	assert_true(aborts(overflowing));
}

static void fill(struct buf *b)
{
	for (int i = 0; i < 1000; i++) {
		buf_add_char(b, 'a');
		buf_add_c(b, "bc");
		buf_add(b, S("def"));
		buf_printf(b, "%04d", i);
	}
}

static void buffers_grow(void **state)
{
	struct arena *a = arena_open(0);
	struct buf in = buf_in(a, 100000), heap = buf_heap(100000);

	(void)state;
	fill(&in);
	fill(&heap);
	assert_int_equal(in.len, 10000);
	assert_true(slice_equal(buf_slice(&in), buf_slice(&heap)));
	assert_true(slice_begins(buf_slice(&in), S("abcdef0000abcdef0001")));
	assert_int_equal(in.data[in.len], 0);
	buf_clear(&in);
	assert_int_equal(buf_slice(&in).len, 0);
	buf_free(&heap);
	buf_free(&heap);
	buf_free(&(struct buf){0});
	arena_close(&a);
}

/* Another's piece lies behind the buffer's, so it has to move. */
static void buffers_in_one_arena_do_not_meet(void **state)
{
	struct arena *a = arena_open(0);
	struct buf x = buf_in(a, 100000), y = buf_in(a, 100000);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		buf_add_char(&x, 'x');
		buf_add_char(&y, 'y');
	}
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(x.data[i], 'x');
		assert_int_equal(y.data[i], 'y');
	}
	arena_close(&a);
}

static void buffers_stop_at_their_ceiling(void **state)
{
	struct buf b = buf_heap(10), none = buf_heap(0);

	(void)state;
	buf_add_c(&b, "0123456789");
	assert_false(b.full);
	buf_add_c(&b, "");
	assert_false(b.full);
	buf_add_char(&b, 'x');
	assert_true(b.full);
	assert_string_equal(b.data, "0123456789");
	buf_clear(&b);
	assert_false(b.full);
	buf_add_c(&b, "01234567");
	buf_printf(&b, "%s", "abc"); /* fits the room, not the ceiling: nothing of it */
	assert_true(b.full);
	assert_string_equal(b.data, "01234567");
	buf_add_char(&b, 'x'); /* would fit, but what came before is missing */
	assert_string_equal(b.data, "01234567");
	buf_add_char(&none, 'x');
	assert_true(none.full);
	assert_int_equal(none.len, 0);
	buf_free(&b);
	buf_free(&none);
}

static void results_have_names(void **state)
{
	(void)state;
	assert_string_equal(result_name(OK), "ok");
	assert_string_equal(result_name(UNSURE), "unsure");
	assert_string_equal(result_name(FULL), "full");
	assert_string_equal(result_name((enum result)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(cuts),
		cmocka_unit_test(splits),
		cmocka_unit_test(reads_integers),
		cmocka_unit_test(arena_gives_zeroed_aligned_memory),
		cmocka_unit_test(arena_copies),
		cmocka_unit_test(arena_has_a_ceiling),
		cmocka_unit_test(buffers_grow),
		cmocka_unit_test(buffers_in_one_arena_do_not_meet),
		cmocka_unit_test(buffers_stop_at_their_ceiling),
		cmocka_unit_test(results_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

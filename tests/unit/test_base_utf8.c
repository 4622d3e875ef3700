/* UTF-8 conformance: each edge of table 3-7 of Unicode, from both sides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "huiyin/text.h"

#define FFFD "\xEF\xBF\xBD"

/* What each becomes when repaired; null: it is valid. */
static const struct {
	struct slice text;
	const char *repaired;
} table[] = {
	{{"", 0}, NULL},
	{{"plain ascii, longer than eight", 30}, NULL},
	{{"\x7F", 1}, NULL},
	{{"\xC2\x80", 2}, NULL},
	{{"\xDF\xBF", 2}, NULL},
	{{"\xE0\xA0\x80", 3}, NULL},
	{{"\xED\x9F\xBF", 3}, NULL},
	{{"\xEE\x80\x80", 3}, NULL},
	{{"\xEF\xBF\xBF", 3}, NULL},
	{{"\xF0\x90\x80\x80", 4}, NULL},
	{{"\xF4\x8F\xBF\xBF", 4}, NULL},
	{{"\xF0\xA0\xAE\xB7", 4}, NULL}, /* 𠮷 */
	{{"\xEF\xBB\xBFx", 4}, NULL},
	{{"\0", 1}, FFFD},
	{{"ab\0cd", 5}, "ab" FFFD "cd"},
	{{"12345678\0", 9}, "12345678" FFFD},
	{{"1234567\0"
	  "9",
	  9},
	 "1234567" FFFD "9"},
	{{"\x80", 1}, FFFD},
	{{"\xBF", 1}, FFFD},
	{{"\xC0\x80", 2}, FFFD FFFD}, /* overlong NUL */
	{{"\xC0\xAF", 2}, FFFD FFFD}, /* overlong / */
	{{"\xC1\xBF", 2}, FFFD FFFD},
	{{"\xE0\x80\xAF", 3}, FFFD FFFD FFFD},
	{{"\xE0\x9F\xBF", 3}, FFFD FFFD FFFD},
	{{"\xF0\x80\x80\xAF", 4}, FFFD FFFD FFFD FFFD},
	{{"\xF0\x8F\xBF\xBF", 4}, FFFD FFFD FFFD FFFD},
	{{"\xED\xA0\x80", 3}, FFFD FFFD FFFD}, /* surrogates */
	{{"\xED\xBF\xBF", 3}, FFFD FFFD FFFD},
	{{"\xF4\x90\x80\x80", 4}, FFFD FFFD FFFD FFFD},
	{{"\xF5\x80\x80\x80", 4}, FFFD FFFD FFFD FFFD},
	{{"\xFE", 1}, FFFD},
	{{"\xFF", 1}, FFFD},
	{{"\xC2", 1}, FFFD}, /* cut short: one for what was there */
	{{"\xE4\xB8", 2}, FFFD},
	{{"\xF0\x9F\x98", 3}, FFFD},
	{{"\xE4\xB8x", 3}, FFFD "x"},
	{{"\xF0\x9F\x98\xF0\x9F\x98\x80", 7}, FFFD "\xF0\x9F\x98\x80"},
	{{"\xC2\xC2\x80", 3}, FFFD "\xC2\x80"},
	{{"\xB9\xFA\xC4\xDA", 4}, FFFD FFFD FFFD FFFD}, /* GBK for 国内 */
	{{"aaaaaaaaaaaaaaaa\xFF"
	  "bbbbbbbbbbbbbbbb",
	  33},
	 "aaaaaaaaaaaaaaaa" FFFD "bbbbbbbbbbbbbbbb"},
};

static void validates_and_repairs(void **state)
{
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct slice fixed = utf8_repair(a, table[i].text);

		assert_int_equal(utf8_valid(table[i].text), table[i].repaired == NULL);
		if (table[i].repaired)
			assert_string_equal(arena_cstr(a, fixed), table[i].repaired);
		else
			assert_ptr_equal(fixed.data, table[i].text.data);
		assert_true(utf8_valid(fixed));
	}
	arena_close(&a);
}

/* A damaged byte at every place of texts of every length: the eight-byte stride must not step over one. */
static void finds_a_bad_byte_anywhere(void **state)
{
	static const char bad[] = {0, '\x80', '\xFF'};
	char text[40];

	(void)state;
	for (size_t len = 1; len <= sizeof(text); len++) {
		for (size_t at = 0; at < len; at++) {
			for (size_t k = 0; k < sizeof(bad); k++) {
				memset(text, 'x', sizeof(text));
				assert_true(utf8_valid(slice_make(text, len)));
				text[at] = bad[k];
				assert_false(utf8_valid(slice_make(text, len)));
			}
		}
	}
}

static void every_point_makes_the_round(void **state)
{
	char bytes[4];

	(void)state;
	for (uint32_t point = 1; point <= 0x10FFFF; point++) {
		struct slice s = {bytes, utf8_encode(point, bytes)};
		size_t at = 0;

		if (point >= 0xD800 && point <= 0xDFFF) {
			assert_int_equal(utf8_next(s, &at), 0xFFFD);
			continue;
		}
		if (!utf8_valid(s) || utf8_next(s, &at) != (int32_t)point || at != s.len || utf8_next(s, &at) != -1)
			fail_msg("U+%04X does not come back", point);
	}
	assert_int_equal(utf8_encode(0x110000, bytes), 3);
}

static void counts_and_cuts(void **state)
{
	struct slice s = S("a中𠮷é");

	(void)state;
	assert_int_equal(utf8_count(s), 4);
	assert_int_equal(utf8_count(S("")), 0);
	assert_int_equal(utf8_cut(s, 0).len, 0);
	assert_true(slice_is(utf8_cut(s, 1), "a"));
	assert_true(slice_is(utf8_cut(s, 2), "a中"));
	assert_true(slice_is(utf8_cut(s, 3), "a中𠮷"));
	assert_true(slice_equal(utf8_cut(s, 4), s));
	assert_true(slice_equal(utf8_cut(s, 400), s));
}

static void never_reads_beyond(void **state)
{
	size_t at = 0;
	int steps = 0;

	(void)state;
	while (utf8_next(S("\xF0\x9F\xE4\xB8\x80\xFF\xC2"), &at) >= 0)
		steps++;
	assert_int_equal(at, 7);
	assert_int_equal(steps, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(validates_and_repairs),       cmocka_unit_test(finds_a_bad_byte_anywhere),
		cmocka_unit_test(every_point_makes_the_round), cmocka_unit_test(counts_and_cuts),
		cmocka_unit_test(never_reads_beyond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

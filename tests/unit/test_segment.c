/* SMS parts and the cutting of long texts: counts, boundaries, and that no cut ever loses or splits anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "delivery/segment.h"
#include "huiyin/charset.h"

static struct slice repeat(struct arena *a, const char *what, size_t n, const char *tail)
{
	struct buf b = buf_in(a, 1 << 20);

	for (size_t i = 0; i < n; i++)
		buf_add_c(&b, what);
	buf_add_c(&b, tail);
	return buf_slice(&b);
}

static size_t utf16_units(struct slice s)
{
	size_t n = 0;

	for (size_t at = 0; at < s.len;)
		n += utf8_next(s, &at) > 0xFFFF ? 2 : 1;
	return n;
}

static void counts(void **state)
{
	static const struct {
		const char *what;
		size_t n;
		const char *tail;
		bool ucs2;
		size_t units, parts;
	} rows[] = {
		{"", 0, "", false, 0, 0},       {"a", 160, "", false, 160, 1},        {"a", 161, "", false, 161, 2},
		{"a", 306, "", false, 306, 2},  {"a", 307, "", false, 307, 3},        {"a", 158, "€", false, 160, 1},
		{"a", 159, "€", false, 161, 2}, {"€", 80, "", false, 160, 1},         {"€", 152, "", false, 304, 2},
		{"€", 153, "", false, 306, 3}, /* 153 is odd: a part holds 76 of them, so 153 need three */
		{"中", 70, "", true, 70, 1},    {"中", 71, "", true, 71, 2},          {"中", 134, "", true, 134, 2},
		{"中", 135, "", true, 135, 3},  {"𠮷", 35, "", true, 70, 1},          {"𠮷", 36, "", true, 72, 2},
		{"𠮷", 66, "", true, 132, 2},   {"𠮷", 67, "", true, 134, 3},         {"a", 69, "`", true, 70, 1},
		{"a", 1, "\t", true, 2, 1},     {"^{}\\[~]|\f", 1, "", false, 18, 1}, {"ç", 1, "", true, 1, 1},
	};
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct segments s = segment_count(repeat(a, rows[i].what, rows[i].n, rows[i].tail));

		assert_int_equal(s.ucs2, rows[i].ucs2);
		assert_int_equal(s.units, rows[i].units);
		assert_int_equal(s.parts, rows[i].parts);
	}
	arena_close(&a);
}

static void parts_join(void **state)
{
	struct arena *a = arena_open(0);
	size_t n;
	struct slice text = repeat(a, "a", 152, "[bc"), *parts = segment_parts(a, text, &n);

	(void)state;
	assert_int_equal(n, 1);
	text = repeat(a, "a", 152, "[bcdefghijk");
	parts = segment_parts(a, text, &n);
	assert_int_equal(n, 2);
	assert_int_equal(parts[0].len, 152); /* "[" costs two septets: it goes whole into the next part */
	assert_int_equal(parts[0].len + parts[1].len, text.len);
	text = repeat(a, "a", 66, "😀bcdefgh");
	parts = segment_parts(a, text, &n);
	assert_int_equal(n, 2);
	assert_int_equal(parts[0].len, 66);
	assert_true(slice_begins(parts[1], S("😀")));
	segment_parts(a, (struct slice){0}, &n);
	assert_int_equal(n, 0);
	arena_close(&a);
}

static void cut_is(struct arena *a, struct slice text, size_t max, const char *const *want)
{
	size_t n, i = 0;
	struct slice *pieces = segment_cut(a, text, max, &n);

	for (; want[i] && i < n; i++) {
		if (!slice_is(pieces[i], want[i]))
			fail_msg("piece %zu is '" SLICE_FMT "', not '%s'", i, SLICE_ARG(pieces[i]), want[i]);
	}
	assert_null(want[i]);
	assert_int_equal(i, n);
}

static void cuts_where_a_reader_would(void **state)
{
	struct arena *a = arena_open(0);

	(void)state;
	cut_is(a, S("short"), 10, (const char *[]){"short", NULL});
	cut_is(a, S(""), 10, (const char *[]){NULL});
	cut_is(a, S("one two three"), 9, (const char *[]){"one two ", "three", NULL});
	cut_is(a, S("I came. You saw it"), 12, (const char *[]){"I came. You ", "saw it", NULL});
	cut_is(a, S("I was on. You saw it"), 14, (const char *[]){"I was on. ", "You saw it", NULL});
	cut_is(a, S("line one\nand two"), 12, (const char *[]){"line one\n", "and two", NULL});
	cut_is(a, S("第一句话。第二句话"), 6, (const char *[]){"第一句话。", "第二句话", NULL});
	cut_is(a, S("abcdefgh"), 3, (const char *[]){"abc", "def", "gh", NULL});
	arena_close(&a);
}

static void clusters_stay_whole(void **state)
{
	struct arena *a = arena_open(0);

	(void)state;
	cut_is(a,
	       S("ab"
		 "e\u0301"
		 "cd"),
	       3, (const char *[]){"ab", "e\u0301c", "d", NULL});
	cut_is(a, S("a👩‍👧b"), 5, (const char *[]){"a", "👩‍👧", "b", NULL});
	cut_is(a, S("a🇨🇳🇨🇳"), 5, (const char *[]){"a🇨🇳", "🇨🇳", NULL});
	cut_is(a, S("a👍🏽b"), 4, (const char *[]){"a", "👍🏽", "b", NULL});
	cut_is(a, S("abc\r\nd"), 4, (const char *[]){"abc", "\r\nd", NULL});
	/* a cluster longer than a piece must be cut somewhere, but never inside a pair */
	cut_is(a, S("😀😀"), 1, (const char *[]){"😀", "😀", NULL});
	arena_close(&a);
}

/* Any text, any limit: the pieces are the text, each valid, each within the limit (or one point that exceeds it). */
static void nothing_is_lost(void **state)
{
	static const char *const bits[] = {"a", " ", "\n", "。", "中", "😀", "\u200D", "\u0301", "€", "🇨", ". ", "\r\n"};
	struct arena *a = arena_open(0);
	unsigned seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		struct buf b = buf_in(a, 1 << 16);
		size_t n, max, at = 0, len = (size_t)(rand_r(&seed) % 300);
		struct slice *pieces;

		for (size_t i = 0; i < len; i++)
			buf_add_c(&b, bits[(size_t)rand_r(&seed) % (sizeof(bits) / sizeof(bits[0]))]);
		max = 1 + (size_t)(rand_r(&seed) % 70);
		pieces = segment_cut(a, buf_slice(&b), max, &n);
		for (size_t i = 0; i < n; i++) {
			assert_ptr_equal(pieces[i].data, b.data + at);
			assert_true(pieces[i].len > 0 && utf8_valid(pieces[i]));
			assert_true(utf16_units(pieces[i]) <= max || utf8_count(pieces[i]) == 1);
			at += pieces[i].len;
		}
		assert_int_equal(at, b.len);
		pieces = segment_parts(a, buf_slice(&b), &n);
		assert_int_equal(n, segment_count(buf_slice(&b)).parts);
		for (at = 0; n--; pieces++)
			at += pieces->len;
		assert_int_equal(at, b.len);
		arena_reset(a);
	}
	arena_close(&a);
}

static void charsets(void **state)
{
	struct arena *a = arena_open(0);
	struct slice out;
	enum charset set;

	(void)state;
	for (int c = 0; c < 128; c++) { /* every code there and back, but the escape itself */
		char one = (char)c;
		struct slice text = gsm_decode(a, slice_make(&one, 1));

		if (c == 0x1B)
			continue;
		assert_true(gsm_encode(a, text, &out));
		assert_int_equal(out.len, 1);
		assert_int_equal(out.data[0], c);
		assert_true(gsm_fits(text));
	}
	assert_true(gsm_encode(a, S("€|"), &out) && slice_equal(out, S("\x1B\x65\x1B\x40")));
	assert_true(slice_is(gsm_decode(a, out), "€|"));
	assert_true(slice_is(gsm_decode(a, S("\x1B")), " "));
	assert_true(slice_is(gsm_decode(a, S("\x1B\x1B"
					     "a\x80")),
			     " a\uFFFD"));
	assert_false(gsm_encode(a, S("中"), &out));
	assert_int_equal(gsm_cost(0x1B), 0);
	out = utf16be_encode(a, S("a您𠮷"));
	assert_true(slice_equal(out, S("\0a\x60\xA8\xD8\x42\xDF\xB7")));
	assert_true(slice_is(charset_decode(a, CHARSET_UTF16BE, out), "a您𠮷"));
	assert_true(slice_is(charset_decode(a, CHARSET_UTF16LE, S("a\0\xA8\x60")), "a您"));
	assert_true(slice_is(charset_decode(a, CHARSET_UTF16BE, S("\xFE\xFF\0a")), "a"));
	assert_true(slice_is(charset_decode(a, CHARSET_UTF16BE, S("\xDC\x00\0\0\xD8\x00")), "\uFFFD\uFFFD\uFFFD"));
	assert_true(slice_is(charset_decode(a, CHARSET_CP1252, S("\x80\x81\x9F\xFF\0")), "€\uFFFDŸÿ\uFFFD"));
	assert_true(slice_is(charset_decode(a, CHARSET_LATIN1, S("\xE9")), "é"));
	assert_true(charset_find(S("Windows-1252"), &set) && set == CHARSET_CP1252);
	assert_false(charset_find(S(""), &set));
	arena_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(parts_join),
		cmocka_unit_test(cuts_where_a_reader_would),
		cmocka_unit_test(clusters_stay_whole),
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(charsets),
	};

	return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}

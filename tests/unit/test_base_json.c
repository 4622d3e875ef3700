/* JSON: what is taken, what is refused and why, the bounds from both sides, pointers, writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "huiyin/json.h"

/* Texts and how they are written back; null: just the same. */
static const struct {
	const char *text, *written;
} good[] = {
	{"{}", NULL},
	{"[]", NULL},
	{"null", NULL},
	{"true", NULL},
	{"false", NULL},
	{"\"\"", NULL},
	{" [ 1 , 2 ]\r\n\t", "[1,2]"},
	{"{\"b\":1,\"a\":{\"c\":[true,false,null]}}", NULL},
	{"[0,-0,1.50,1E5,-1e-2,12345678901234567890,9007199254740993,0.1]", NULL},
	{"{\"1\":\"2\",\"3\":4,\"x\":\"-5\",\"y\":[-5]}", NULL},
	{"\"\\u4e2d\\ud842\\udfb7\\n\\/\\\"\\\\\"", "\"中𠮷\\n/\\\"\\\\\""},
	{"[\"\\\\\",1,\"]\\\"[\",2]", NULL},
	{"{\"a\\u0062\":\"}\",\"\":0}", "{\"ab\":\"}\",\"\":0}"},
	{"[\"<&>\"]", "[\"\\u003c\\u0026\\u003e\"]"},
};

static void takes(void **state)
{
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct buf b = buf_in(a, 10000);
		const char *why = "unset";
		struct json *j = json_read(a, slice_of(good[i].text), &why);

		if (!j)
			fail_msg("refused (%s): %s", why, good[i].text);
		assert_null(why);
		json_put(&b, j);
		assert_string_equal(b.data, good[i].written ? good[i].written : good[i].text);
	}
	arena_close(&a);
}

static const struct {
	struct slice text;
	const char *why;
} bad[] = {
	{{"", 0}, NULL},
	{{" ", 1}, NULL},
	{{"{", 1}, "it ends too early"},
	{{"[1,]", 4}, "malformed"},
	{{"[1 2]", 5}, NULL},
	{{"{\"a\":1,}", 8}, NULL},
	{{"{\"a\"}", 5}, NULL},
	{{"{a:1}", 5}, NULL},
	{{"{\"a\":1,\"a\":2}", 13}, "a key stands twice"},
	{{"{\"a\":1,\"\\u0061\":2}", 18}, "a key stands twice"},
	{{"[1]x", 4}, "something stands behind the end"},
	{{"[01]", 4}, NULL},
	{{"[+1]", 4}, NULL},
	{{"[.5]", 4}, NULL},
	{{"[1.]", 4}, NULL},
	{{"[0x1]", 5}, NULL},
	{{"[NaN]", 5}, NULL},
	{{"[Infinity]", 10}, NULL},
	{{"[1e999]", 7}, "a number too large"},
	{{"['a']", 5}, NULL},
	{{"[\"\\x\"]", 6}, NULL},
	{{"[\"\n\"]", 5}, NULL},
	{{"[\"\\u12\"]", 8}, NULL},
	{{"[\"\\ud800\"]", 10}, NULL},
	{{"[\"\\udc00\\ud800\"]", 16}, NULL},
	{{"[\"\\u0000\"]", 10}, "a NUL character"},
	{{"{\"\\u0000\":1}", 12}, "a NUL character"},
	{{"[\"\0\"]", 5}, "invalid UTF-8 or a NUL byte"},
	{{"[\"\xC0\x80\"]", 6}, "invalid UTF-8 or a NUL byte"},
	{{"[\"\xED\xA0\x80\"]", 7}, "invalid UTF-8 or a NUL byte"},
	{{"\xEF\xBB\xBF[]", 5}, NULL},
	{{"[1]//c", 6}, NULL},
	{{"tru", 3}, NULL},
	{{"\"abc", 4}, NULL},
	{{"\"abc\\", 5}, NULL},
	{{"]", 1}, NULL},
	{{":::::", 5}, NULL},
};

static void refuses(void **state)
{
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *why = NULL;

		if (json_read(a, bad[i].text, &why))
			fail_msg("taken: %s", bad[i].text.data);
		assert_non_null(why);
		if (bad[i].why)
			assert_string_equal(why, bad[i].why);
		assert_null(json_read(a, bad[i].text, NULL));
	}
	arena_close(&a);
}

static const char *why_deep(size_t depth, const char *open, const char *close)
{
	struct arena *a = arena_open(0);
	struct buf b = buf_in(a, 100000);
	const char *why;

	for (size_t i = 0; i < depth; i++)
		buf_add_c(&b, open);
	buf_add_c(&b, "1");
	for (size_t i = 0; i < depth; i++)
		buf_add_c(&b, close);
	json_read(a, buf_slice(&b), &why);
	arena_close(&a);
	return why;
}

/* `nodes` values in all, the array itself among them. */
static const char *why_wide(size_t nodes, bool object)
{
	struct arena *a = arena_open(0);
	struct buf b = buf_in(a, 1000000);
	const char *why;

	buf_add_char(&b, object ? '{' : '[');
	for (size_t i = 1; i < nodes; i++) {
		buf_add_c(&b, i > 1 ? "," : "");
		if (object)
			buf_printf(&b, "\"k%zu\":", i);
		buf_add_c(&b, i % 2 ? "1" : "\"x\"");
	}
	buf_add_char(&b, object ? '}' : ']');
	json_read(a, buf_slice(&b), &why);
	arena_close(&a);
	return why;
}

static void is_bounded(void **state)
{
	(void)state;
	assert_null(why_deep(JSON_MAX_DEPTH, "[", "]"));
	assert_string_equal(why_deep(JSON_MAX_DEPTH + 1, "[", "]"), "nested too deep");
	assert_null(why_deep(JSON_MAX_DEPTH, "{\"a\":", "}"));
	assert_string_equal(why_deep(JSON_MAX_DEPTH + 1, "{\"a\":", "}"), "nested too deep");
	assert_string_equal(why_deep(15000, "[", ""), "nested too deep");
	assert_null(why_wide(JSON_MAX_NODES, false));
	assert_string_equal(why_wide(JSON_MAX_NODES + 1, false), "too many values");
	assert_null(why_wide(JSON_MAX_NODES, true));
	assert_string_equal(why_wide(JSON_MAX_NODES + 1, true), "too many values");
	assert_string_equal(why_wide(100000, false), "too many values");
}

static void is_asked(void **state)
{
	struct arena *a = arena_open(0);
	struct json *j =
		json_read(a, S("{\"id\":5741311803571721087,\"s\":\"x\",\"o\":{\"n\":null},\"t\":true}"), NULL);

	(void)state;
	assert_non_null(j);
	assert_true(slice_is(json_field(j, "id"), "5741311803571721087"));
	assert_true(json_get(j, "id")->number > 5.7e18);
	assert_true(slice_is(json_field(j, "s"), "x"));
	assert_int_equal(json_field(j, "t").len, 0);
	assert_int_equal(json_field(j, "absent").len, 0);
	assert_int_equal(json_get(json_get(j, "o"), "n")->kind, JSON_NULL);
	assert_null(json_get(json_get(j, "s"), "n"));
	assert_null(json_get(NULL, "n"));
	assert_int_equal(json_text(NULL).len, 0);
	arena_close(&a);
}

/* RFC 6901, section 5, and what it leaves out. */
static void follows_pointers(void **state)
{
	static const struct {
		const char *pointer, *found; /* null: absent */
	} table[] = {
		{"/foo/0", "bar"}, {"/foo/1", "baz"}, {"/", "0"},           {"/a~1b", "1"},
		{"/c%d", "2"},     {"/m~0n", "8"},    {"/~01", "9"},        {"/foo/2", NULL},
		{"/foo/00", NULL}, {"/foo/-", NULL},  {"/foo/-1", NULL},    {"/foo/x", NULL},
		{"/foo/", NULL},   {"foo", NULL},     {"/foo/0/x", NULL},   {"/m~n", NULL},
		{"/m~2n", NULL},   {"/m~", NULL},     {"/nothing/a", NULL}, {"/foo/99999999999999999999", NULL},
	};
	struct arena *a = arena_open(0);
	struct json *j =
		json_read(a, S("{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"m~n\":8,\"~1\":9}"), NULL);

	(void)state;
	assert_ptr_equal(json_at(j, S("")), j);
	assert_int_equal(json_at(j, S("/foo"))->n, 2);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct json *found = json_at(j, slice_of(table[i].pointer));

		if (!table[i].found)
			assert_null(found);
		else
			assert_true(slice_is(json_text(found), table[i].found));
	}
	assert_null(json_at(NULL, S("/a")));
	arena_close(&a);
}

static void escapes(void **state)
{
	static const struct {
		struct slice raw;
		const char *written;
	} table[] = {
		{{"", 0}, "\"\""},
		{{"中𠮷", 7}, "\"中𠮷\""},
		{{"\"\\/\b\f\n\r\t", 8}, "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
		{{"\x01\x1f\x7f\0", 4}, "\"\\u0001\\u001f\\u007f\\u0000\""},
		{{"</script>&", 10}, "\"\\u003c/script\\u003e\\u0026\""},
		{{"\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xAA", 9}, "\"\\u2028\\u2029\xE2\x80\xAA\""},
		{{"\xE2\x80", 2}, "\"\xE2\x80\""},
	};
	struct buf b = buf_heap(1000);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		buf_clear(&b);
		json_put_string(&b, table[i].raw);
		assert_string_equal(b.data, table[i].written);
	}
	buf_free(&b);
}

static void sets_commas(void **state)
{
	struct buf b = buf_heap(1000);

	(void)state;
	buf_add_char(&b, '{');
	json_put_field(&b, "a", S("{"));
	json_put_field(&b, "b", S("["));
	json_put_int(&b, "n", INT64_MIN);
	json_put_bool(&b, "t", true);
	json_put_bool(&b, "f", false);
	json_put_key(&b, "o");
	buf_add_char(&b, '{');
	json_put_int(&b, "x\"", 0);
	buf_add_c(&b, "}}");
	assert_string_equal(b.data, "{\"a\":\"{\",\"b\":\"[\",\"n\":-9223372036854775808,\"t\":true,\"f\":false,"
				    "\"o\":{\"x\\\"\":0}}");
	buf_clear(&b);
	json_put(&b, NULL);
	json_put(&b, &(struct json){.kind = JSON_NUMBER, .number = 1.5});
	assert_string_equal(b.data, "null1.5");
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes),       cmocka_unit_test(refuses),          cmocka_unit_test(is_bounded),
		cmocka_unit_test(is_asked),    cmocka_unit_test(follows_pointers), cmocka_unit_test(escapes),
		cmocka_unit_test(sets_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

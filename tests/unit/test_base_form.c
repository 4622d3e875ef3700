/* Forms and query strings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "huiyin/form.h"

#define MOST 4

static const struct {
	const char *text;
	size_t n;
	struct {
		struct slice name, value;
	} fields[MOST];
} table[] = {
	{"", 0, {{{0}, {0}}}},
	{"&&&", 0, {{{0}, {0}}}},
	{"a=1", 1, {{{"a", 1}, {"1", 1}}}},
	{"a=1&b=2&a=3", 3, {{{"a", 1}, {"1", 1}}, {{"b", 1}, {"2", 1}}, {{"a", 1}, {"3", 1}}}},
	{"a=&b&=c", 3, {{{"a", 1}, {"", 0}}, {{"b", 1}, {"", 0}}, {{"", 0}, {"c", 1}}}},
	{"a=b=c==", 1, {{{"a", 1}, {"b=c==", 5}}}},
	{"=", 1, {{{"", 0}, {"", 0}}}},
	{"a+b=c+d%2B%20e", 1, {{{"a b", 3}, {"c d+ e", 6}}}},
	{"%E4%B8%AD=%e4%b8%ad", 1, {{{"中", 3}, {"中", 3}}}},
	{"a=%2541", 1, {{{"a", 1}, {"%41", 3}}}}, /* once, not twice */
	{"a=%&b=%4&c=%zz&d=%4g",
	 4,
	 {{{"a", 1}, {"%", 1}}, {{"b", 1}, {"%4", 2}}, {{"c", 1}, {"%zz", 3}}, {{"d", 1}, {"%4g", 3}}}},
	{"a=%00x", 1, {{{"a", 1}, {"\0x", 2}}}},
	{"a%3D=%26", 1, {{{"a=", 2}, {"&", 1}}}},
	{"&a=1&", 1, {{{"a", 1}, {"1", 1}}}},
	{"a;b=1", 1, {{{"a;b", 3}, {"1", 1}}}},
};

static void reads(void **state)
{
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct form f;

		assert_true(form_read(a, slice_of(table[i].text), &f));
		assert_int_equal(f.n, table[i].n);
		for (size_t k = 0; k < f.n; k++) {
			assert_true(slice_equal(f.fields[k].name, table[i].fields[k].name));
			assert_true(slice_equal(f.fields[k].value, table[i].fields[k].value));
		}
	}
	arena_close(&a);
}

static void finds(void **state)
{
	struct arena *a = arena_open(0);
	struct form f;

	(void)state;
	assert_true(form_read(a, S("From=%2B44&Body=&From=2"), &f));
	assert_true(slice_is(form_get(&f, "From"), "+44"));
	assert_true(form_has(&f, "Body"));
	assert_int_equal(form_get(&f, "Body").len, 0);
	assert_false(form_has(&f, "from"));
	assert_int_equal(form_get(&f, "from").len, 0);
	arena_close(&a);
}

static bool read_many(size_t n)
{
	struct arena *a = arena_open(0);
	struct buf b = buf_in(a, 100000);
	struct form f;
	bool ok;

	for (size_t i = 0; i < n; i++)
		buf_add_c(&b, "a=1&");
	ok = form_read(a, buf_slice(&b), &f);
	if (ok)
		assert_int_equal(f.n, n);
	arena_close(&a);
	return ok;
}

static void is_bounded(void **state)
{
	(void)state;
	assert_true(read_many(FORM_MAX_FIELDS - 1));
	assert_true(read_many(FORM_MAX_FIELDS));
	assert_false(read_many(FORM_MAX_FIELDS + 1));
}

/* The text may be gone by the time a field is used. */
static void does_not_borrow(void **state)
{
	struct arena *a = arena_open(0);
	char text[] = "name=value";
	struct form f;

	(void)state;
	assert_true(form_read(a, slice_make(text, 10), &f));
	memset(text, '!', 10);
	assert_true(slice_is(form_get(&f, "name"), "value"));
	arena_close(&a);
}

static void writes(void **state)
{
	struct buf b = buf_heap(1000);

	(void)state;
	form_put(&b, S("To"), S("+86 138"));
	form_put(&b, S("Body"), S("中&=%"));
	form_put(&b, S("Empty"), S(""));
	assert_string_equal(b.data, "To=%2B86%20138&Body=%E4%B8%AD%26%3D%25&Empty=");
	buf_clear(&b);
	url_put(&b, S("AZaz09-._~!*'()/"));
	assert_string_equal(b.data, "AZaz09-._~%21%2A%27%28%29%2F");
	buf_free(&b);
}

static void every_byte_makes_the_round(void **state)
{
	struct arena *a = arena_open(0);
	struct buf b = buf_in(a, 10000);
	char bytes[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	url_put(&b, slice_make(bytes, 256));
	assert_true(slice_equal(url_decode(a, buf_slice(&b), true), slice_make(bytes, 256)));
	assert_true(slice_is(url_decode(a, S("a+b"), false), "a+b"));
	assert_true(slice_is(url_decode(a, S("a+b"), true), "a b"));
	assert_true(slice_is(url_decode(a, S(""), true), ""));
	arena_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),      cmocka_unit_test(finds),
		cmocka_unit_test(is_bounded), cmocka_unit_test(does_not_borrow),
		cmocka_unit_test(writes),     cmocka_unit_test(every_byte_makes_the_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Diagnostics: counting, printing, the nearest name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "huiyin/diag.h"

static void prints_like_a_compiler(void **state)
{
	struct arena *a = arena_open(0);
	struct buf out = buf_in(a, 10000);
	struct diags d = diags_in(a);
	struct diag *e = diags_add(&d, ERROR, S("report.yaml"), 7, 5, S("unknown key 'sya'"), S("did you mean 'say'?"));

	(void)state;
	e->excerpt = S("    sya: hello");
	e = diags_add(&d, WARNING, S("report.yaml"), 9, 4, S("odd"), S(""));
	e->excerpt = S("中\t文x");
	diags_add(&d, NOTE, S("report.yaml"), 3, 0, S("a line"), S(""));
	diags_add(&d, ERROR, S("units.yaml"), 0, 0, S("the file is empty"), S("write one"));
	diags_add(&d, ERROR, S(""), 0, 0, S("no file"), S(""));
	diags_print(&d, &out, false);
	assert_string_equal(out.data, "report.yaml:7:5: error: unknown key 'sya'\n"
				      "  did you mean 'say'?\n"
				      "      sya: hello\n"
				      "      ^\n"
				      "report.yaml:9:4: warning: odd\n"
				      "  中\t文x\n"
				      "    \t  ^\n"
				      "report.yaml:3: note: a line\n"
				      "units.yaml: error: the file is empty\n"
				      "  write one\n"
				      "error: no file\n");
	assert_int_equal(d.errors, 3);
	assert_int_equal(d.warnings, 1);
	arena_close(&a);
}

static void colours(void **state)
{
	struct arena *a = arena_open(0);
	struct buf out = buf_in(a, 10000);
	struct diags d = diags_in(a);

	(void)state;
	diags_add(&d, ERROR, S("f"), 1, 1, S("bad"), S(""))->excerpt = S("x");
	diags_print(&d, &out, true);
	assert_string_equal(out.data, "f:1:1: \033[31merror:\033[0m bad\n  x\n  \033[32m^\033[0m\n");
	arena_close(&a);
}

/* A file must not be able to send commands to the terminal that shows its errors. */
static void hides_control_characters(void **state)
{
	struct arena *a = arena_open(0);
	struct buf out = buf_in(a, 10000);
	struct diags d = diags_in(a);

	(void)state;
	diags_add(&d, ERROR, S("f"), 1, 1, S("bad"), S("\033[2J"))->excerpt = S("\033]0;x\007\xC2\x9B");
	diags_print(&d, &out, false);
	assert_string_equal(out.data, "f:1:1: error: bad\n  ?[2J\n  ?]0;x??\n  ^\n");
	arena_close(&a);
}

static void is_bounded(void **state)
{
	struct arena *a = arena_open(0);
	struct buf out = buf_in(a, 100000);
	struct diags d = diags_in(a);

	(void)state;
	for (int i = 0; i < DIAGS_MAX + 50; i++)
		assert_non_null(diags_add(&d, i % 2 ? ERROR : WARNING, S("f"), i + 1, 1, S("bad"), S("mend")));
	assert_int_equal(d.n, DIAGS_MAX);
	assert_int_equal(d.dropped, 50);
	assert_int_equal(d.errors, DIAGS_MAX / 2 + 25);
	assert_int_equal(d.warnings, DIAGS_MAX / 2 + 25);
	assert_int_equal(d.list[DIAGS_MAX - 1].line, DIAGS_MAX);
	diags_print(&d, &out, false);
	assert_true(slice_ends(buf_slice(&out), S("and 50 more\n")));
	arena_close(&a);
}

/* Messages may be made in memory that is gone when they are printed. */
static void keeps_its_own_copies(void **state)
{
	struct arena *a = arena_open(0);
	struct diags d = diags_in(a);
	char what[] = "what";

	(void)state;
	diags_add(&d, NOTE, slice_of(what), 1, 1, slice_of(what), slice_of(what));
	memset(what, '!', 4);
	assert_true(slice_is(d.list[0].what, "what"));
	assert_true(slice_is(d.list[0].mend, "what"));
	assert_true(slice_is(d.list[0].file, "what"));
	arena_close(&a);
}

static void finds_the_nearest_name(void **state)
{
	static const char *const known[] = {"say",     "match",      "sorry",        "tries",   "else",
					    "collect", "file_draft", "confidential", "投诉类别"};
	static const struct {
		const char *word, *nearest;
	} table[] = {
		{"sya", "say"},
		{"sai", "say"},
		{"says", "say"},
		{"macht", "match"},
		{"mtach", "match"},
		{"colect", "collect"},
		{"filedraft", "file_draft"},
		{"confidental", "confidential"},
		{"cnfidentl", "confidential"},
		{"esle", "else"},
		{"投诉类型", "投诉类别"},
		{"", ""},
		{"xyz", ""},
		{"a", ""},
		{"sorrowful", ""},
		{"暂无", ""},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct slice near = diag_nearest(slice_of(table[i].word), known, sizeof(known) / sizeof(known[0]));

		if (!slice_is(near, table[i].nearest))
			fail_msg("%s gives '" SLICE_FMT "'", table[i].word, SLICE_ARG(near));
	}
	assert_int_equal(diag_nearest(S("say"), NULL, 0).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_like_a_compiler),   cmocka_unit_test(colours),
		cmocka_unit_test(hides_control_characters), cmocka_unit_test(is_bounded),
		cmocka_unit_test(keeps_its_own_copies),     cmocka_unit_test(finds_the_nearest_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

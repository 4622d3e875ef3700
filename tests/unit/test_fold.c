/* Folding of texts and patterns, and the menu digit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <uchar.h>

#include <cmocka.h>

#include "flow/fold.h"
#include "flow/fold_table.inc"

static struct arena *arena;

static void folds(const char *text, const char *to)
{
	struct slice got = fold_text(arena, slice_of(text));

	if (!slice_is(got, to))
		fail_msg("'%s' folds to '%.*s', not '%s'", text, SLICE_ARG(got), to);
}

static void pattern_folds(const char *source, const char *to)
{
	struct slice got = fold_pattern(arena, slice_of(source));

	if (!slice_is(got, to))
		fail_msg("'%s' folds to '%.*s', not '%s'", source, SLICE_ARG(got), to);
}

static void test_table(void **state)
{
	size_t n = sizeof traditional / sizeof *traditional;

	(void)state;
	assert_int_equal(n, sizeof simplified / sizeof *simplified);
	assert_true(n > 2500);
	for (size_t i = 1; i + 1 < n; i++)
		assert_true(traditional[i - 1] < traditional[i]);
	for (size_t i = 0; i + 1 < n; i++) { /* nothing folds to what folds on */
		for (size_t k = 0; k + 1 < n; k++)
			assert_true(simplified[i] != traditional[k]);
	}
}

static void test_text(void **state)
{
	(void)state;
	folds("", "");
	folds("plain ASCII, untouched", "plain ASCII, untouched");
	folds("  two  spaces\tand\na line ", "two spaces and a line");
	folds("１３８　００１３　８０００", "138 0013 8000");
	folds("ＡＢｃ！？，：（）～", "ABc!?,:()~");
	folds("①②⑩ ㈠ ⒊ ❶ ➂", "1210 (一) 3. 1 3");
	folds("3️⃣", "3");
	folds("投\xE2\x80\x8B訴", "投诉");
	folds("房屋漏水,請儘快處理", "房屋漏水,请尽快处理");
	folds("臺灣 後天 頭髮 發財", "台湾 后天 头发 发财");
	folds("Ｄｏｎ’ｔ “stop”", "Don't \"stop\"");
	folds("e\xCC\x81t\xC3\xA9", "\xC3\xA9t\xC3\xA9");
	folds("\xEF\xAC\x81ne \xE2\x80\xA6", "fine ...");
	folds("a\x01"
	      "b\x7F",
	      "ab");
	folds("\xE3\x80\x80\xC2\xA0", "");
}

static void test_text_twice(void **state)
{
	static const char *const texts[] = {"㋿ ㍿ ﷺ ½ ﬃ", "臺灣　１２", "e\xCC\x81 x", "한글 カタカナ ｶﾞ"};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct slice once = fold_text(arena, slice_of(texts[i]));

		assert_true(slice_equal(once, fold_text(arena, once)));
	}
}

static void test_clean_ascii_is_not_copied(void **state)
{
	struct slice text = S("hello there");

	(void)state;
	assert_ptr_equal(fold_text(arena, text).data, text.data);
}

static void test_pattern(void **state)
{
	(void)state;
	pattern_folds("^(a|b)\\d{2,3}[x-z]$", "^(a|b)\\d{2,3}[x-z]$");
	pattern_folds("投訴|舉報", "投诉|举报");
	pattern_folds("吗？", "吗\\x{3f}");                 /* a question mark, not "maybe" */
	pattern_folds("a｛２｝", "a\\x{7b}\\x{32}\\x{7d}"); /* not a quantifier */
	pattern_folds("[，：]", "[\\x{2c}\\x{3a}]");
	pattern_folds("[０-９]", "[\\x{30}-\\x{39}]");
	pattern_folds("[一-龥]", "[一-龥]");
	pattern_folds("[豈-龥]", "[豈-龥]"); /* the ends of a range keep their places */
	pattern_folds("\\，", "\\x{2c}");
	pattern_folds("\\Qa（b\\E（", "\\Qa\\E\\x{28}\\Qb\\E\\x{28}");
	pattern_folds("㈠", "(?:\\x{28}一\\x{29})");
	pattern_folds("[㈠]", "[㈠]");
	pattern_folds("投\xE2\x80\x8B诉", "投诉");
	pattern_folds("[[:alpha:]訴]]", "[[:alpha:]诉]]");
	pattern_folds("[]訴]", "[]诉]");
	pattern_folds("\\", "\\");
}

static void test_pattern_offset(void **state)
{
	(void)state;
	assert_int_equal(fold_pattern_offset(arena, S("？？("), 12), 6); /* 6 bytes of source, 12 of result */
	assert_int_equal(fold_pattern_offset(arena, S("abc"), 1), 1);
	assert_int_equal(fold_pattern_offset(arena, S("abc"), 99), 3);
}

static void picks(const char *text, int number)
{
	int got = 0;
	bool ok = fold_menu_digit(fold_text(arena, slice_of(text)), &got);

	if (!ok || got != number)
		fail_msg("'%s' picks %d (%d), not %d", text, got, ok, number);
}

static void test_menu_digit(void **state)
{
	static const char *const threes[] = {
		"3",
		"３",
		"③",
		"三",
		"叁",
		"3.",
		"3、",
		"（3）",
		"3）",
		" 3 ",
		"3!",
		"第三个",
		"第3项",
		"选3",
		"我选三",
		"选第三个吧",
		"3号",
		"三号",
		"3吧",
		"就3",
		"回复3",
		"3️⃣",
		"❸",
		"number three",
		"No. 3",
		"no 3",
		"#3",
		"option 3",
		"the third",
		"The third one",
		"3rd",
		"three",
		"three please",
		"I'd like number 3",
		"3 please",
		"choose 3",
		"3👍",
		"03",
		"\"3\"",
		"三吧谢谢",
		"- 3",
		"it's 3",
		"option three, thanks",
		"选项三",
		"3选项",
		"叄",
	};

	(void)state;
	for (size_t i = 0; i < sizeof threes / sizeof *threes; i++)
		picks(threes[i], 3);
	picks("十", 10);
	picks("十二", 12);
	picks("二十三", 23);
	picks("twenty-one", 21);
	picks("12", 12);
	picks("the second one", 2);
	picks("two please", 2);
	picks("one", 1);
	picks("九十九", 99);
}

static void test_menu_digit_refuses(void **state)
{
	static const char *const texts[] = {
		"",     "0",      "100",      "三个",           "一个人", "3.5",      "3,5",        "1 2",    "12楼",
		"3?",   "-3",     "no one",   "none",           "33333",  "3点",      "第三中学",   "两三个", "一下",
		"一直", "上周三", "我要投诉", "stop the noise", "二百五", "3 people", "three more", "138",    "3月5号",
		"1/2",  "第一次",
	};
	int got;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (fold_menu_digit(fold_text(arena, slice_of(texts[i])), &got))
			fail_msg("'%s' picks %d", texts[i], got);
	}
}

static int open_arena(void **state)
{
	(void)state;
	arena = arena_open(0);
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_close(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),      cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_twice), cmocka_unit_test(test_clean_ascii_is_not_copied),
		cmocka_unit_test(test_pattern),    cmocka_unit_test(test_pattern_offset),
		cmocka_unit_test(test_menu_digit), cmocka_unit_test(test_menu_digit_refuses),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}

/* Yes and no, ratings, and the lexicon below them: how words are put together. The breadth is in
   tests/understanding/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow/lexicon.h"
#include "type_fixture.h"

static void reads(const char *type, const char *text, const char *value)
{
	struct typed t = {0};

	if (!type_read(matcher, arena, slice_of(type), slice_of(text), S("zh"), 0, zone, &t))
		t.value = S("-");
	if (!slice_is(t.value, value))
		fail_msg("%s '%s' is %.*s, not %s", type, text, SLICE_ARG(t.value), value);
	arena_reset(arena);
}

/* `text` in tokens, as a string of what they say. */
static void spells(const struct lexicon *l, const char *text, const char *letters)
{
	struct token t[32];
	char said[33] = "";
	size_t n = lexicon_read(l, slice_of(text), t, 32);

	for (size_t i = 0; i < n; i++)
		said[i] = t[i].says;
	assert_string_equal(said, letters);
}

static void test_lexicon(void **state)
{
	static const struct words zh[] = {
		{'=', "no 不|没"}, {'N', "<no>(对|行|)"}, {'Y', "对 对的"}, {'N', "对的"}, {0, NULL}};
	static const struct words en[] = {{'A', "not_(at_all|bad) dont we'll"},
					  {'S', "~ satisfied correct"},
					  {'B', "so_so"},
					  {'y', "yes"},
					  {0, NULL}};
	const struct words *const tables[] = {zh, en, NULL};
	struct lexicon *l = lexicon_open(tables);

	(void)state;
	assert_int_equal(lexicon_size(l), 6 + 2 + 1 + 4 + 2 + 1 + 1);
	spells(l, "不对,没行", "N,N");
	spells(l, "不是对的", "NoY"); /* the first list that has a word counts */
	spells(l, "not at all", "A");
	spells(l, "not at home", "ooo");
	spells(l, "don't do well", "Aoo");
	spells(l, "so-so", "B");
	spells(l, "satisifed, corect", "S,S");
	spells(l, "correctness", "o"); /* two slips too many */
	spells(l, "yeeesss?", "y?");
	spells(l, "yesman 12a 3", "oo#");
	spells(l, "", "");
	lexicon_close(&l);
	assert_null(l);
	lexicon_close(&l);
}

static void test_lexicon_is_bounded(void **state)
{
	static const struct words some[] = {{'a', "一"}, {0, NULL}};
	const struct words *const tables[] = {some, NULL};
	struct lexicon *l = lexicon_open(tables);
	struct token t[3];

	(void)state;
	assert_int_equal(lexicon_read(l, S("一一一一一"), t, 3), 3);
	lexicon_close(&l);
}

static void test_yes(void **state)
{
	static const char *const yes[] = {
		"是这样没错,就按你写的报",
		"没写错",
		"没有不对的地方",
		"一字不差",
		"保密吧,安全点",
		"好的,大概几天能回复?",
		"还用问吗",
		"能不对吗,就是这样的!",
		"可一",
		"事的",
		"1,谢谢",
		"1对的",
		"对,千万别说是我讲的",
		"嗯",
		"nothing wrong with it",
		"Yes!! my boss cannot know",
		"I'd rather stay anonymous",
		"keep my name out of it",
		"yeeees",
		"correcy",
		"ok go",
		"yes. How long does it take?",
		"1 i guess",
	};

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		reads("yes_no", yes[i], "yes");
}

static void test_no(void **state)
{
	static const char *const no[] = {
		"好吧,不用了",
		"不是三单元,是二单元",
		"是二单元不是三单元",
		"电话号码少写了一位",
		"哪儿对了?一点都不对!",
		"有什么好保密的",
		"不用保密,我不怕",
		"部对",
		"步用了",
		"2吧,谢谢",
		"瞎写啥呢",
		"刚才点错了,不对",
		"no its 4B not 4D",
		"naah ur good",
		"no that is the wrong apartment",
		"e no correct at all",
		"I want to stop",
		"ni, sorry i mean no",
		"you got it wrong, it's block C",
		"no secrets, no",
	};

	(void)state;
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		reads("yes_no", no[i], "no");
}

static void test_neither_yes_nor_no(void **state)
{
	static const char *const none[] = {
		"对面工地半夜打桩",
		"好几个月没发工资了",
		"没有热水",
		"不锈钢栏杆坏了",
		"对了,补贴啥时候发",
		"也对也不对",
		"可以保密也可以不保密",
		"是什么",
		"哪里需要签字",
		"能快点不",
		"我姓对",
		"行人道塌了",
		"好的,等我问下我儿子",
		"无所谓保密不保密",
		"1或者2都行",
		"1和2",
		"3",
		"-1",
		"没问题吗",
		"他们说不对",
		"好人",
		"对吧",
		"天气不错",
		"No. 14 Elm Street",
		"no water since friday",
		"no one picks up",
		"right next to the school",
		"yes but no",
		"right, so my landlord cut the water",
		"he said no",
		"is it okay if I answer tomorrow",
		"who sees this",
		"wrong number plate",
		"the correct address is 5 Oak Rd",
		"either is fine",
		"noon",
		"no idea",
	};

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		reads("yes_no", none[i], "-");
}

static void test_satisfied(void **state)
{
	static const char *const good[] = {
		"拖了半年的工资终于到手,感谢!",
		"没有不满意",
		"不能再满意了",
		"工钱一分不少拿到了,太感谢了",
		"本来不抱希望的,没想到办得这么好,满意!",
		"慢意 很慢意 谢谢你们",
		"1,非常满意",
		"perfect, no complaints",
		"I was unhappy before but now I'm totally satisfied",
		"Not unhappy about anything, everything was handled very well",
		"can't thank you enough",
		"couldn't have asked for better",
		"satisifed",
		"ten out of ten",
		"1 thanks",
	};

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		reads("rating", good[i], "satisfied");
}

static void test_basically(void **state)
{
	static const char *const so_so[] = {
		"不算满意也不算不满意",
		"满意是满意,就是流程太繁琐",
		"修了,但没修彻底,还行吧",
		"结果还行,就是态度差点意思,基本满意",
		"不能说很满意,基本满意",
		"唔算差",
		"鸡本满意",
		"大致可以",
		"not great not terrible",
		"okay but not great",
		"not bad",
		"good but slow",
		"Not perfect but ok",
		"fairly happy",
		"by and large satisfied",
		"2 i guess",
		"it'll do",
	};

	(void)state;
	for (size_t i = 0; i < sizeof so_so / sizeof *so_so; i++)
		reads("rating", so_so[i], "basically_satisfied");
}

static void test_dissatisfied(void **state)
{
	static const char *const bad[] = {
		"态度挺好,可问题一点没动",
		"谢谢,但是没有解决我的问题",
		"真是“满意”啊,欠的钱一分没给就给我结案了",
		"满意个屁",
		"哪里满意了?糊弄人",
		"这叫处理?太荒唐了",
		"没人来过也叫处理完了?",
		"跟没投诉一样",
		"布满意",
		"好慢啊,太差",
		"I'm far from satisfied",
		"satisfied my foot",
		"satisfied? no way",
		"Not even basically satisfied",
		"no satisfied",
		"I was polite for a year. This reply is insulting and solves nothing.",
		"not at all",
		"you closed it without fixing",
		"I wanted to be satisfied but no",
		"3 obviously",
		"Great job marking it resolved when nothing was done",
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		reads("rating", bad[i], "dissatisfied");
}

static void test_no_rating(void **state)
{
	static const char *const none[] = {
		"师傅说明天来修,修好了我再告诉你",
		"还没处理完呢,现在没法评",
		"选不满意会不会得罪人",
		"满意和基本满意有啥区别",
		"满意,不满意",
		"2,非常不满意",
		"1 very dissatisfied",
		"评了有啥用",
		"物业不管",
		"妈妈的手机",
		"满意吗",
		"-1",
		"4",
		"谢谢",
		"我不是当事人",
		"这短信是真的假的",
		"满意的话选几",
		"第二天就有人打电话",
		"ok google",
		"zero",
		"let me ask my husband",
		"satisfied with what",
		"still waiting, ask me when it's done",
		"The hearing is next week, no result so far",
		"what happens if I pick dissatisfied",
		"1 & 3",
		"happy birthday",
		"I did not file this",
		"thank you",
	};

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		reads("rating", none[i], "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lexicon),
		cmocka_unit_test(test_lexicon_is_bounded),
		cmocka_unit_test(test_yes),
		cmocka_unit_test(test_no),
		cmocka_unit_test(test_neither_yes_nor_no),
		cmocka_unit_test(test_satisfied),
		cmocka_unit_test(test_basically),
		cmocka_unit_test(test_dissatisfied),
		cmocka_unit_test(test_no_rating),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}

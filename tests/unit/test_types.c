/* The ready types: values, labels, the calendar's edges. The breadth is in tests/understanding/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/numerals.h"
#include "type_fixture.h"

static int64_t now;

static bool understand(const char *type, const char *lang, const char *text, struct typed *out)
{
	return type_read(matcher, arena, slice_of(type), slice_of(text), slice_of(lang), now, zone, out);
}

static void reads(const char *type, const char *text, const char *json)
{
	struct typed t = {0};
	bool zh = false;

	for (const char *c = text; *c; c++)
		zh |= *c < 0;
	if (!understand(type, zh ? "zh" : "en", text, &t))
		t.json = S("null");
	if (!slice_is(t.json, json))
		fail_msg("%s '%s' is %.*s, not %s", type, text, SLICE_ARG(t.json), json);
	arena_reset(arena);
}

static void at_time(const char *iso)
{
	assert_true(iso_wall(slice_of(iso), &now));
}

static void test_names(void **state)
{
	struct typed t;

	(void)state;
	assert_true(type_known(S("date")));
	assert_true(type_known(S("rating")));
	assert_false(type_known(S("")));
	assert_false(type_known(S("dates")));
	assert_false(understand("colour", "en", "red", &t));
	for (size_t i = 0; type_names[i]; i++)
		assert_false(understand(type_names[i], "zh", "", &t));
}

static void test_date_weeks(void **state)
{
	(void)state;
	at_time("2026-11-18T10:00:00+08:00"); /* a Wednesday */
	reads("date", "上周五", "\"2026-11-13\"");
	reads("date", "上周日", "\"2026-11-15\"");
	reads("date", "上上周三", "\"2026-11-04\"");
	reads("date", "周三", "\"2026-11-18\"");
	reads("date", "周四", "\"2026-11-12\"");
	reads("date", "这周四", "null");
	reads("date", "last Friday", "\"2026-11-13\"");
	reads("date", "the Friday before last", "\"2026-11-06\"");
	at_time("2026-11-16T00:00:00+08:00"); /* the first moment of a Monday */
	reads("date", "上周日", "\"2026-11-15\"");
	reads("date", "周一", "\"2026-11-16\"");
	reads("date", "昨天", "\"2026-11-15\"");
	at_time("2026-11-15T23:59:59+08:00"); /* the last of a Sunday */
	reads("date", "上周日", "\"2026-11-08\"");
	reads("date", "本周一", "\"2026-11-09\"");
}

static void test_date_years(void **state)
{
	(void)state;
	at_time("2026-01-01T00:30:00+08:00");
	reads("date", "昨天", "\"2025-12-31\"");
	reads("date", "12月31号", "\"2025-12-31\"");
	reads("date", "元旦", "\"2026-01-01\"");
	reads("date", "上个月", "\"2025-12\"");
	reads("date", "上上个月3号", "\"2025-11-03\"");
	reads("date", "25年12月1号", "\"2025-12-01\"");
	reads("date", "98年", "\"1998\"");
	reads("date", "半小时前", "\"2026-01-01\"");
	reads("date", "两个小时前", "\"2025-12-31\"");
	at_time("2024-03-01T12:00:00+08:00");
	reads("date", "2月29日", "\"2024-02-29\"");
	reads("date", "昨天", "\"2024-02-29\"");
	at_time("2025-03-01T12:00:00+08:00");
	reads("date", "2月29日", "\"2024-02-29\"");
	reads("date", "30号", "\"2025-01-30\"");
	reads("date", "2025-02-29", "null");
}

static void test_date_forms(void **state)
{
	(void)state;
	at_time("2026-11-18T10:00:00+08:00");
	reads("date", "二〇二六年十一月三日", "\"2026-11-03\"");
	reads("date", "贰零贰陆年拾壹月叁日", "\"2026-11-03\"");
	reads("date", "20261103", "\"2026-11-03\"");
	reads("date", "11.3日", "\"2026-11-03\"");
	reads("date", "11.3", "null"); /* in English: March or November? */
	reads("date", "3rd of November", "\"2026-11-03\"");
	reads("date", "it happened on the third of November, around 5pm", "\"2026-11-03\"");
	reads("date", "11/3/2026", "\"2026-11-03\""); /* the month first, as in China */
	reads("date", "13/11/2026", "\"2026-11-13\"");
	reads("date", "去年国庆", "\"2025-10-01\"");
	reads("date", "去年十一", "\"2025-10-01\"");
	reads("date", "十一月", "\"2026-11\"");
	reads("date", "三四天前", "null");
	reads("date", "几天前", "null");
	reads("date", "昨天还是前天", "null");
	reads("date", "明天", "null");
	reads("date", "周五,11月12号", "null"); /* it was a Thursday */
	reads("date", "周四,11月12号", "\"2026-11-12\"");
	reads("date", "9999年99月99日", "null");
	reads("date", "99999999999999年前", "null");
}

static void test_date_spelling(void **state)
{
	(void)state;
	at_time("2026-11-18T10:00:00+08:00");
	reads("date", "Octobr 14", "\"2026-10-14\"");
	reads("date", "septemeber the 5th", "\"2026-09-05\"");
	reads("date", "2day 6am", "\"2026-11-18\"");
	reads("date", "ystrdy", "\"2026-11-17\"");
	reads("date", "mondays", "null");
	reads("date", "they took my money", "null");
	reads("date", "yesterday晚上", "\"2026-11-17\"");
}

static void test_date_feasts(void **state)
{
	(void)state;
	at_time("2026-11-18T10:00:00+08:00");
	reads("date", "除夕夜", "\"2026-02-16\"");
	reads("date", "去年中秋节", "\"2025-10-06\"");
	reads("date", "中秋节", "null"); /* the days around it too */
	reads("date", "清明节当天", "\"2026-04-05\"");
	reads("date", "今年大年初二", "\"2026-02-18\"");
	reads("date", "1998年中秋节", "null"); /* before the table */
	at_time("2026-02-10T10:00:00+08:00");
	reads("date", "除夕夜", "\"2025-01-28\"");
}

static void test_date_corrections(void **state)
{
	(void)state;
	at_time("2026-11-18T10:00:00+08:00");
	reads("date", "Monday, no wait, Tuesday", "\"2026-11-17\"");
	reads("date", "前天,不对,是大前天", "\"2026-11-15\"");
	reads("date", "11月9号,不是8号", "\"2026-11-09\"");
	reads("date", "去年6月,哪天忘了", "\"2025-06\"");
	reads("date", "9月底,30号", "\"2026-09-30\"");
	reads("date", "9月底", "null");
	reads("date", "十月的第一个星期一", "\"2026-10-05\"");
	reads("date", "the last Friday of September", "\"2026-09-25\"");
	reads("date", "the 5th Friday of September", "null");
	reads("date", "3rd to 5th", "null");
	reads("date", "the day after Christmas", "null");
}

static void test_date_labels(void **state)
{
	struct typed t;

	(void)state;
	at_time("2026-11-18T10:00:00+08:00");
	assert_true(understand("date", "zh", "11月13日", &t));
	assert_true(slice_is(t.label, "11月13日 星期五"));
	assert_true(slice_is(t.value, "2026-11-13"));
	assert_true(understand("date", "zh", "去年11月13日", &t));
	assert_true(slice_is(t.label, "2025年11月13日 星期四"));
	assert_true(understand("date", "en", "13 November", &t));
	assert_true(slice_is(t.label, "Fri 13 Nov 2026"));
	assert_true(understand("date", "en", "Nov 2025", &t));
	assert_true(slice_is(t.label, "Nov 2025"));
	assert_true(understand("date", "zh", "1960年1月2日", &t)); /* before 1970: a Saturday */
	assert_true(slice_is(t.label, "1960年1月2日 星期六"));
}

static void test_numerals(void **state)
{
	static const struct {
		const char *text;
		int64_t value;
	} list[] = {
		{"十", 10},
		{"十五", 15},
		{"二十", 20},
		{"廿五", 25},
		{"一百零五", 105},
		{"一百五", 150},
		{"两百五", 250},
		{"一千零五", 1005},
		{"一千零五十", 1050},
		{"三万五", 35000},
		{"三万零五", 30005},
		{"一万二千三百四十五", 12345},
		{"一亿二千万", 120000000},
		{"3万5", 35000},
		{"1.5万", 15000},
		{"1,200", 1200},
		{"二〇二六", 2026},
		{"壹佰贰拾", 120},
		{"一点五万", 15000},
		{"三亿", 300000000},
	};
	static const char *const none[] = {"",
					   "万",
					   "百",
					   "三四",
					   "七八十",
					   "十七八",
					   "一百二百",
					   "百百",
					   "九九九九九九九九九九九九九",
					   "一亿亿亿亿",
					   "999999999999亿",
					   "五六七"};
	int64_t value;

	(void)state;
	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		if (!numeral_read(slice_of(list[i].text), &value) || value != list[i].value * NUMERAL_ONE)
			fail_msg("%s is %lld", list[i].text, (long long)value);
	}
	for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
		if (numeral_read(slice_of(none[i]), &value))
			fail_msg("%s is %lld", none[i], (long long)value);
	}
}

static void test_number(void **state)
{
	(void)state;
	reads("number", "十五个人", "15");
	reads("number", "两块五", "2.5");
	reads("number", "twenty-one people", "21");
	reads("number", "two thousand and five", "2005");
	reads("number", "a dozen", "12");
	reads("number", "三百多", "null");
	reads("number", "一下", "null");
	reads("number", "3到5个", "null");
	reads("number", "fivteen", "15");
	reads("number", "these", "null");
	reads("number", "half a million", "500000");
	reads("number", "2.5 lakh", "250000");
	reads("number", "R12 000", "12000");
	reads("number", "第一次打错了,是14个", "14");
	reads("number", "一个月2600元", "2600");
	reads("number", "just me", "1");
	reads("number", "02887654321", "null");
	reads("number", "999999999999999999999999", "null");
	reads("number", "99999999999999999999k", "null");
}

static void test_phone(void **state)
{
	(void)state;
	reads("phone", "138 0013 8000", "\"13800138000\"");
	reads("phone", "+86-138-0013-8000", "\"13800138000\"");
	reads("phone", "幺三八零零幺三八零零零", "\"13800138000\"");
	reads("phone", "one three eight double oh one three eight triple zero", "\"13800138000\"");
	reads("phone", "妖三八、零零一三、八零零零", "\"13800138000\"");
	reads("phone", "173/4455/6677", "\"17344556677\"");
	reads("phone", "010-12345678转801", "\"010-12345678\"");
	reads("phone", "0791 8625 1234", "\"0791-86251234\"");
	reads("phone", "+44 20 7946 0958", "\"+442079460958\"");
	reads("phone", "00852 9123 4567", "\"+85291234567\"");
	reads("phone", "13800138000,13900139000", "null");
	reads("phone", "13800138000 13800138000", "\"13800138000\"");
	reads("phone", "13800138000 3号楼", "\"13800138000\"");
	reads("phone", "138 0013 8000 1", "null");
	reads("phone", "1380013800", "null");
	reads("phone", "8625123", "null");
}

static void test_id_card(void **state)
{
	struct typed t;

	(void)state;
	at_time("2026-11-18T10:00:00+08:00");
	reads("id_card", "11010519491231002X", "\"11010519491231002X\"");
	reads("id_card", "110105 19491231 002x", "\"11010519491231002X\"");
	reads("id_card", "110105194912310021", "null");
	reads("id_card", "99010519491231002X", "null");
	reads("id_card", "110105491231002", "\"11010519491231002X\""); /* the old form */
	assert_true(understand("id_card", "zh", "11010519491231002X", &t));
	assert_true(slice_is(t.label, "110105********002X"));
}

static void test_email(void **state)
{
	(void)state;
	reads("email", "我的邮箱是Zhang.San@QQ.com,谢谢", "\"Zhang.San@qq.com\"");
	reads("email", "zhang＠163．com", "\"zhang@163.com\"");
	reads("email", "a@b.co or c@d.co", "null");
	reads("email", "zhang @ 163.com", "\"zhang@163.com\"");
	reads("email", "zhang@", "null");
	reads("email", "@qq.com", "null");
	reads("email", "zhang@qq", "null");
	reads("email", "zhang@-x.com", "null");
	reads("email", "a..b@x.com", "null");
}

static void test_yes_no(void **state)
{
	struct typed t;

	(void)state;
	reads("yes_no", "嗯,可以", "\"yes\"");
	reads("yes_no", "没问题", "\"yes\"");
	reads("yes_no", "不用了,谢谢", "\"no\"");
	reads("yes_no", "好个屁", "\"no\"");
	reads("yes_no", "对不起", "null");
	reads("yes_no", "好多人", "null");
	reads("yes_no", "可以吗", "null");
	reads("yes_no", "Yes, please.", "\"yes\"");
	reads("yes_no", "no thanks", "\"no\"");
	reads("yes_no", "no water", "null");
	assert_true(understand("yes_no", "zh", "好的", &t));
	assert_true(slice_is(t.label, "是"));
	assert_true(understand("yes_no", "en", "no", &t));
	assert_true(slice_is(t.label, "no"));
}

static void test_place(void **state)
{
	(void)state;
	reads("place", "在解放路12号。", "\"解放路12号\"");
	reads("place", "我住在解放路１２号，谢谢", "\"解放路１２号\""); /* as written */
	reads("place", "地址是中山北路二段48號", "\"中山北路二段48號\"");
	reads("place", "it's at 12 Jiefang Road, thanks", "\"12 Jiefang Road\"");
	reads("place", "喺彌敦道688號,唔該", "\"彌敦道688號\"");
	reads("place", "📍 解放路12号😡", "\"解放路12号\"");
	reads("place", "我是退休教师,打扰了,事情发生在和平里中街17号院,谢谢您回复", "\"和平里中街17号院\"");
	reads("place", "打字慢用语音说的啊地址是鹦鹉大道267号谢谢啊", "\"鹦鹉大道267号\"");
	reads("place", "垃圾堆在平安里15号楼后面", "\"平安里15号楼后面\"");
	reads("place", "垃圾堆在我家门口", "null");
	reads("place", "我们小区叫金地格调", "\"金地格调\"");
	reads("place", "金地格调", "null");
	reads("place", "my english not good. place is Jiefang Road 23", "\"Jiefang Road 23\"");
	reads("place", "outside No. 3 School, St. Mary's side", "\"outside No. 3 School, St. Mary's side\"");
	reads("place", "5th and Main", "\"5th and Main\"");
	reads("place", "in the lift", "null");
	reads("place", "Officer Lane", "null");
	reads("place", "the school charges illegal fees", "null");
	reads("place", "那里", "null");
	reads("place", "我家楼下", "null");
	reads("place", "here", "null");
	reads("place", "12", "null");
	reads("place", "路灯坏了怎么办?", "null");
}

static void test_rating(void **state)
{
	struct typed t;

	(void)state;
	reads("rating", "1", "\"satisfied\"");
	reads("rating", "②", "\"basically_satisfied\"");
	reads("rating", "第三个", "\"dissatisfied\"");
	reads("rating", "4", "null");
	reads("rating", "凑合", "\"basically_satisfied\"");
	reads("rating", "不太满意", "\"dissatisfied\"");
	reads("rating", "气死我了", "\"dissatisfied\"");
	reads("rating", "态度挺好,问题没解决", "\"dissatisfied\"");
	reads("rating", "not bad", "\"basically_satisfied\"");
	reads("rating", "1 不满意", "null"); /* which of the two? */
	reads("rating", "满意吗", "null");
	assert_true(understand("rating", "zh", "一般般", &t));
	assert_true(slice_is(t.label, "基本满意"));
}

/* A text of any length costs a bounded time. */
static void test_long_texts(void **state)
{
	static const char *const parts[] = {"是的",   "对",     "一",        "1 ", "嗯", "不",  "好",
					    "three ", "上周五", "138001380", "路", "(",  "11.", "yes "};
	static char text[20000];
	struct typed t;

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		size_t len = strlen(parts[i]);

		for (size_t n = 0; n + len < sizeof text; n += len)
			memcpy(text + n, parts[i], len + 1);
		for (size_t k = 0; type_names[k]; k++)
			understand(type_names[k], "zh", text, &t);
		arena_reset(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_date_weeks),
		cmocka_unit_test(test_date_years),
		cmocka_unit_test(test_date_forms),
		cmocka_unit_test(test_date_labels),
		cmocka_unit_test(test_numerals),
		cmocka_unit_test(test_date_spelling),
		cmocka_unit_test(test_date_feasts),
		cmocka_unit_test(test_date_corrections),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_phone),
		cmocka_unit_test(test_id_card),
		cmocka_unit_test(test_email),
		cmocka_unit_test(test_yes_no),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_rating),
		cmocka_unit_test(test_long_texts),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}

/* The step: every way in which an answer is taken, refused, changed, left and finished. */
#include "flow_fixture.h"

static void a_whole_conversation(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	assert_heard(&t, "哪类问题\n1 住房\n2 工资");
	assert_int_equal(t.out.n_replies, 1);
	say(&t, "②");
	assert_true(t.out.understood);
	assert_value(&t, "kind", "wages");
	assert_heard(&t, "在哪里");
	say(&t, "解放路１２号");
	assert_value(&t, "place", "解放路１２号"); /* as it was written */
	assert_asks(&t, "employer");
	say(&t, "宏达 王五");
	assert_value(&t, "employer", "宏达");
	assert_value(&t, "boss", "王五");
	say(&t, "干了三个月");
	assert_heard(&t, "请继续");
	say(&t, "一分没给");
	assert_int_equal(t.out.n_replies, 0);
	assert_true(t.out.understood);
	say(&t, "完");
	assert_heard(&t, "请核对:\n1 类别: 工资\n2 解放路１２号\n3 宏达\n4 干了三个月 一分没给");
	say(&t, "1");
	assert_true(t.s.ended);
	assert_int_equal(t.out.n_acts, 1);
	assert_int_equal(t.out.acts[0].what, ACT_FILE);
	assert_true(slice_is(t.out.acts[0].purpose, "demand"));
	assert_true(slice_is(t.out.acts[0].category, "wages")); /* the value, not the label */
	assert_true(slice_is(t.out.acts[0].text, "干了三个月\n一分没给"));
	assert_heard(&t, "编号261119-0001-8,工资");
	assert_int_equal(t.out.due_at, 0);
	talk_end(&t);
}

static void picks_in_any_dress(void **state)
{
	static const struct {
		const char *text, *value;
	} good[] = {
		{"1", "housing"},      {"１", "housing"},   {"①", "housing"},   {"一", "housing"},
		{"第二个", "wages"},   {"住房", "housing"}, {"Wages", "wages"}, {"欠薪三个月", "wages"},
		{"my wages", "wages"}, {"2.", "wages"},     {"(2)", "wages"},
	};
	static const char *const bad[] = {"3", "0", "12", "你好", "1234", "99", "?"};
	struct talk t = talk_report();

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		begin(&t, "投诉");
		say(&t, good[i].text);
		assert_value(&t, "kind", good[i].value);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		begin(&t, "投诉");
		say(&t, bad[i]);
		assert_false(t.out.understood);
		assert_asks(&t, "kind");
		assert_int_equal(t.s.tries, 1);
		assert_heard(&t, "没看明白\n哪类问题"); /* no sorry of its own */
	}
	talk_end(&t);
}

static void tries_then_a_person(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say(&t, "啊");
	say(&t, "嗯");
	assert_false(t.s.ended);
	say(&t, "什么");
	assert_true(t.s.ended);
	assert_int_equal(t.out.n_acts, 1);
	assert_int_equal(t.out.acts[0].what, ACT_PERSON);
	assert_true(slice_is(t.out.acts[0].reason, "report.kind"));
	assert_says(t.out.acts[0].text, "什么");
	assert_heard(&t, "已转人工");
	talk_end(&t);
}

static void tries_then_the_words_as_they_are(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say(&t, "1");
	say(&t, "那里");
	assert_heard(&t, "请写具体");
	say(&t, "街上");
	assert_value(&t, "place", "街上");
	assert_asks(&t, "story");
	talk_end(&t);
}

static void back_goes_one_answer_back(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	control(&t, WORD_BACK);
	assert_heard(&t, "已经是第一个问题\n哪类问题");
	say(&t, "2");
	say(&t, "解放路12号");
	assert_asks(&t, "employer");
	control(&t, WORD_BACK);
	assert_asks(&t, "place");
	assert_null(session_get(&t.s, S("place")));
	control(&t, WORD_BACK);
	assert_asks(&t, "kind");
	say(&t, "1");
	say(&t, "解放路12号");
	assert_asks(&t, "story"); /* the employer is not asked any more */
	talk_end(&t);
}

static void skip_only_what_may_be_skipped(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	control(&t, WORD_SKIP);
	assert_heard(&t, "这个问题不能跳过\n哪类问题");
	say(&t, "2");
	say(&t, "解放路12号");
	control(&t, WORD_SKIP);
	assert_asks(&t, "story");
	assert_value(&t, "employer", "");
	say(&t, "老板跑了");
	control(&t, WORD_SKIP); /* in a story: it is told */
	assert_asks(&t, "check");
	assert_heard(&t, "1 类别: 工资\n2 解放路12号\n3 老板跑了"); /* nothing skipped stands in the read-back */
	talk_end(&t);
}

static void to_the_read_back(struct talk *t)
{
	begin(t, "投诉");
	say(t, "1");
	say(t, "解放路12号");
	say(t, "漏水了没人管");
	say(t, "0");
	assert_asks(t, "check");
}

static void change_a_line(void **state)
{
	static const char *const words[] = {"改2",        "修改第二项", "change 2",
					    "第2个不对",  "2不对",      "CHANGE NUMBER 2",
					    "2 is wrong", "第二个错了", "change the second"};
	struct talk t = talk_report();

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		to_the_read_back(&t);
		say(&t, words[i]);
		assert_asks(&t, "place");
		assert_heard(&t, "在哪里");
		assert_value(&t, "place", "解放路12号"); /* kept until there is a new one */
		say(&t, "人民路8号");
		assert_asks(&t, "check");
		assert_heard(&t, "2 人民路8号");
	}
	talk_end(&t);
}

static void change_which(void **state)
{
	struct talk t = talk_report();

	(void)state;
	to_the_read_back(&t);
	say(&t, "2"); /* a bare 2 says nothing before "change" */
	assert_false(t.out.understood);
	say(&t, "改");
	assert_heard(&t, "改第几项");
	say(&t, "9");
	assert_false(t.out.understood);
	say(&t, "2");
	assert_asks(&t, "place");
	control(&t, WORD_BACK); /* leaves it as it was */
	assert_asks(&t, "check");
	assert_value(&t, "place", "解放路12号");
	say(&t, "不对");
	assert_heard(&t, "改第几项");
	say(&t, "改类别");
	assert_asks(&t, "kind");
	say(&t, "2"); /* now the employer matters */
	assert_asks(&t, "employer");
	say(&t, "宏达");
	assert_heard(&t, "1 类别: 工资\n2 解放路12号\n3 宏达\n4 漏水了没人管");
	say(&t, "改1");
	say(&t, "1"); /* and now it does not */
	assert_asks(&t, "check");
	assert_null(session_get(&t.s, S("employer")));
	talk_end(&t);
}

static void confirm_takes_yes_and_nothing_loose(void **state)
{
	static const char *const yes[] = {"1", "是", "yes", "①", "对", "好的"};
	static const char *const neither[] = {"今天天气不错", "物业电话多少", "3"};
	struct talk t = talk_report();

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
		to_the_read_back(&t);
		say(&t, yes[i]);
		assert_true(t.s.ended);
	}
	to_the_read_back(&t);
	for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++) {
		say(&t, neither[i]);
		assert_false(t.out.understood);
		assert_asks(&t, "check");
	}
	talk_end(&t);
}

static void restart_and_cancel(void **state)
{
	struct talk t = talk_report();

	(void)state;
	to_the_read_back(&t);
	control(&t, WORD_RESTART);
	assert_heard(&t, "重新开始\n哪类问题");
	assert_int_equal(t.s.n_answers, 0);
	control(&t, WORD_CANCEL);
	assert_heard(&t, "已取消");
	assert_true(t.s.ended);
	assert_int_equal(t.out.n_acts, 0);
	talk_end(&t);
}

static void a_story_is_bounded(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say(&t, "1");
	say(&t, "解放路12号");
	say(&t, "0"); /* nothing told yet */
	assert_false(t.out.understood);
	assert_asks(&t, "story");
	say(&t, "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十");
	assert_asks(&t, "check"); /* full: it goes on by itself */
	assert_int_equal(utf8_count(session_get(&t.s, S("story"))->value), 40);
	talk_end(&t);
}

static struct message photos(size_t n, const char *text)
{
	struct message m = {.text = slice_of(text), .n_media = n};

	for (size_t i = 0; i < n; i++)
		m.media[i] = (struct media){.url = S("41"), .type = S("image/jpeg")};
	return m;
}

static void photos_are_never_lost(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say_msg(&t, photos(2, ""));
	assert_heard(&t, "照片收到了\n哪类问题");
	assert_int_equal(t.s.n_media, 2);
	assert_int_equal(t.s.tries, 0);
	say_msg(&t, photos(1, "1"));
	assert_heard(&t, "照片收到了\n在哪里");
	assert_value(&t, "kind", "housing");
	say(&t, "解放路12号");
	say_msg(&t, photos(1, "")); /* wanted here, but at most three in all */
	assert_int_equal(t.s.n_media, 3);
	assert_true(t.out.understood);
	say(&t, "0"); /* photos alone are a story */
	assert_asks(&t, "check");
	talk_end(&t);
}

static void a_pin_is_a_place(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say_msg(&t, (struct message){.has_location = true, .latitude = 30.5, .longitude = 120.25});
	assert_asks(&t, "kind"); /* not asked for yet, but kept */
	assert_value(&t, "location", "30.500000,120.250000");
	say(&t, "1");
	say_msg(&t, (struct message){.has_location = true, .latitude = 30.1, .longitude = 120.2});
	assert_value(&t, "place", "30.100000,120.200000");
	assert_value(&t, "location", "30.100000,120.200000");
	control(&t, WORD_BACK);
	say_msg(&t, (struct message){.text = S("县医院"), .has_location = true, .latitude = 30.1, .longitude = 120.2});
	assert_value(&t, "place", "县医院");
	talk_end(&t);
}

static void buttons(void **state)
{
	struct talk t = talk_report();

	(void)state;
	t.c.sms = false;
	t.c.buttons = true;
	t.c.channel = S("web");
	begin(&t, "投诉");
	assert_true(slice_is(t.out.replies[0].text, "哪类问题")); /* the buttons are the list */
	assert_int_equal(t.out.replies[0].n_buttons, 2);
	assert_true(slice_is(t.out.replies[0].buttons[1].value, "wages"));
	assert_true(slice_is(t.out.replies[0].buttons[1].label, "工资"));
	say_msg(&t, (struct message){.button = S("housing"), .text = S("住房")});
	assert_value(&t, "kind", "housing");
	say_msg(&t, (struct message){.button = S("wages"), .text = S("工资")}); /* of the question before */
	assert_asks(&t, "place");
	assert_int_equal(t.s.tries, 0);
	assert_null(session_get(&t.s, S("place")));
	say(&t, "解放路12号");
	assert_true(slice_is(t.out.replies[0].buttons[0].value, "done"));
	say(&t, "漏水很久了");
	say_msg(&t, (struct message){.button = S("done")});
	assert_asks(&t, "check");
	assert_int_equal(t.out.replies[0].n_buttons, 2);
	say_msg(&t, (struct message){.button = S("change")});
	assert_heard(&t, "改第几项");
	say_msg(&t, (struct message){.button = S("yes")});
	assert_true(t.s.ended);
	talk_end(&t);
}

static void the_language_may_change(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say(&t, "2");
	t.c.lang = S("en");
	control(&t, WORD_NONE);
	assert_heard(&t, "Where");
	say(&t, "12 Jiefang Road");
	say(&t, "Hongda");
	say(&t, "no money since March");
	say(&t, "done");
	assert_heard(&t, "1 Kind: Wages"); /* chosen in Chinese, read back in English */
	t.c.lang = S("fr");
	control(&t, WORD_NONE);
	assert_heard(&t, "请核对"); /* unknown: the first language */
	talk_end(&t);
}

static void the_first_words_begin_the_story(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "楼上漏水没人管");
	assert_value(&t, "kind", "housing");
	assert_value(&t, "opening", "楼上漏水没人管");
	assert_heard(&t, "您说的是住房\n在哪里");
	say(&t, "解放路12号");
	assert_asks(&t, "story");
	say(&t, "已经两个月了");
	say(&t, "0");
	assert_value(&t, "story", "楼上漏水没人管\n已经两个月了");
	talk_end(&t);
}

static void words_that_only_begin_are_no_answer(void **state)
{
	static const char *const texts[] = {"1", "投诉", "我要投诉", "①", "投诉!", "I want to complain"};
	struct talk t = talk_report();

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		begin(&t, texts[i]);
		assert_asks(&t, "kind");
		assert_null(session_get(&t.s, S("opening")));
	}
	begin(&t, "投诉物业"); /* these say more */
	assert_value(&t, "kind", "housing");
	begin(&t, "我投诉隔壁天天半夜吵得睡不着觉");
	assert_asks(&t, "kind");
	assert_value(&t, "opening", "我投诉隔壁天天半夜吵得睡不着觉");
	talk_end(&t);
}

static void reminded_once_then_drafted_then_over(void **state)
{
	const int64_t minute = 60000, hour = 60 * minute;
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say(&t, "1");
	assert_int_equal(t.out.due_at, t.c.now + 10 * minute);
	wait_ms(&t, 5 * minute); /* early: only says when */
	assert_int_equal(t.out.n_replies, 0);
	assert_int_equal(t.out.due_at, t.c.now + 5 * minute);
	wait_ms(&t, 5 * minute);
	assert_heard(&t, "还没完成\n在哪里");
	assert_int_equal(t.out.due_at, t.s.touched_at + 24 * hour);
	wait_ms(&t, 24 * hour);
	assert_int_equal(t.out.n_acts, 1);
	assert_int_equal(t.out.acts[0].what, ACT_DRAFT);
	assert_true(slice_is(t.out.acts[0].category, "housing"));
	assert_false(t.s.ended);
	t.s.draft_case = S("261119-0001-8");
	assert_int_equal(t.out.due_at, t.s.touched_at + 7 * 24 * hour);
	say(&t, "解放路12号"); /* goes on, and the draft becomes the case */
	say(&t, "漏水了没人管");
	say(&t, "0");
	say(&t, "1");
	assert_true(slice_is(t.out.acts[0].case_number, "261119-0001-8"));
	assert_int_equal(t.out.acts[0].what, ACT_FILE);
	talk_end(&t);
}

static void an_unfinished_story_is_drafted(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say(&t, "1");
	say(&t, "解放路12号");
	say(&t, "漏水了没人管");
	wait_ms(&t, INT64_C(86400000));
	assert_int_equal(t.out.acts[0].what, ACT_DRAFT);
	assert_true(slice_is(t.out.acts[0].text, "漏水了没人管"));
	wait_ms(&t, INT64_C(86400000) * 7);
	assert_true(t.s.ended);
	assert_heard(&t, "已结束");
	begin(&t, "投诉"); /* nothing was said: nothing is filed */
	wait_ms(&t, INT64_C(86400000));
	assert_int_equal(t.out.n_acts, 0);
	assert_false(t.s.ended);
	assert_true(t.out.due_at > t.c.now);
	talk_end(&t);
}

static void a_case_number_is_passed_on(void **state)
{
	struct talk t = talk_report();
	struct slice number = case_number_make(t.a, NOW, t.zone, 12);

	(void)state;
	begin(&t, "投诉");
	say(&t, "1");
	say(&t, arena_cstr(t.a, number)); /* long enough to be a place, but it is none */
	assert_true(t.out.passed);
	assert_int_equal(t.out.n_replies, 0);
	assert_int_equal(t.s.tries, 0);
	assert_asks(&t, "place");
	talk_end(&t);
}

static void a_lost_session_goes_on(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say(&t, "1");
	t.s.question = S("gone"); /* never so in a pinned session, but nothing may stay unanswered */
	say(&t, "你好");
	assert_asks(&t, "place");
	assert_heard(&t, "在哪里");
	talk_end(&t);
}

static void stays_pinned_to_its_revision(void **state)
{
	static const char *const newer[] = {
		"words.yaml", words_yaml, "report.yaml",
		"flow: report\nlanguages: [zh, en]\nask:\n  - other:\n      say: {zh: 别的, en: other}\n"
		"      match: '.'\nfile: {purpose: demand}\n",
		NULL};
	struct talk t = talk_report();
	struct slice revision = flow_revision(t.f), source = arena_copy(t.a, flow_source(t.f));
	struct flow_set *set = set_of(t.a, newer);
	struct diags d = diags_in(t.a);
	struct flow *old = flow_revive(set, S("report"), source, &d);

	(void)state;
	assert_non_null(old);
	assert_true(slice_equal(flow_revision(old), revision));
	assert_true(slice_equal(flow_source(old), source));
	flow_set_release(&t.set); /* the revived flow lives by itself and by the new words */
	t.set = set;
	t.f = old;
	to_the_read_back(&t);
	say(&t, "1");
	assert_int_equal(t.out.acts[0].what, ACT_FILE);
	assert_null(flow_revive(set, S("report"), S("flow: [\n"), &d));
	assert_null(flow_revive(set, S("other"), source, &d));
	flow_free(&old);
	assert_null(old);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_conversation),
		cmocka_unit_test(picks_in_any_dress),
		cmocka_unit_test(tries_then_a_person),
		cmocka_unit_test(tries_then_the_words_as_they_are),
		cmocka_unit_test(back_goes_one_answer_back),
		cmocka_unit_test(skip_only_what_may_be_skipped),
		cmocka_unit_test(change_a_line),
		cmocka_unit_test(change_which),
		cmocka_unit_test(confirm_takes_yes_and_nothing_loose),
		cmocka_unit_test(restart_and_cancel),
		cmocka_unit_test(a_story_is_bounded),
		cmocka_unit_test(photos_are_never_lost),
		cmocka_unit_test(a_pin_is_a_place),
		cmocka_unit_test(buttons),
		cmocka_unit_test(the_language_may_change),
		cmocka_unit_test(the_first_words_begin_the_story),
		cmocka_unit_test(words_that_only_begin_are_no_answer),
		cmocka_unit_test(reminded_once_then_drafted_then_over),
		cmocka_unit_test(an_unfinished_story_is_drafted),
		cmocka_unit_test(a_case_number_is_passed_on),
		cmocka_unit_test(a_lost_session_goes_on),
		cmocka_unit_test(stays_pinned_to_its_revision),
	};

	secret_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Questions for a case, flows with several endings, and the other ways of asking that the report does not use. */
#include "flow_fixture.h"

static const char status_yaml[] =
	"flow: status\nlanguages: [zh, en]\nstart: [{match: 进度}]\n"
	"ask:\n  - case:\n      say: {zh: 哪一件, en: which case}\n      type: case\n      tries: 3\n      else: end\n"
	"status: {case: '{case}', code: '{code}'}\n";
static const char add_yaml[] = "flow: add\nlanguages: [zh, en]\nstart: [{match: 补充}]\n"
			       "ask:\n"
			       "  - case:\n      say: {zh: 补充到哪一件, en: which case}\n      type: case\n"
			       "  - more:\n      say: {zh: '请补充{case}', en: 'add to {case}'}\n      collect: "
			       "{until: '^0$'}\n      media: 9\n"
			       "idle: {file_draft: 24h, expire: 7d}\n"
			       "add: {case: '{case}', text: '{more}'}\n";
static const char withdraw_yaml[] =
	"flow: withdraw\nlanguages: [zh, en]\nstart: [{match: 撤}]\n"
	"ask:\n"
	"  - hello:\n      tell: true\n      say: {zh: 先说明, en: note}\n"
	"  - case:\n      say: {zh: 哪一件, en: which}\n      type: case\n"
	"  - sure:\n      say: {zh: '撤回{case}?', en: sure}\n      type: yes_no\n      tries: 2\n      else: skip\n"
	"  - since:\n      when: {sure: '^yes$'}\n      say: {zh: 什么时候, en: when}\n      type: date\n      "
	"optional: true\n"
	"  - mood:\n      when: {sure: '^yes$'}\n      say: {zh: 满意吗, en: satisfied}\n      choices:\n"
	"        good: {match: 满意, zh: 满意, en: Good}\n        bad: {match: 不满, zh: 不满意, en: Bad}\n"
	"      tries: 1\n      else: bad\n"
	"withdraw: {when: {sure: '^yes$'}, case: '{case}', text: '{since}', say: {zh: 已撤, en: done}}\n"
	"person: {when: {mood: '^bad$'}, reason: '{mood}'}\n"
	"say: {when: {sure: '^no$'}, zh: 不撤, en: kept}\n";

static struct talk talk_cases(const char *flow)
{
	const char *const files[] = {"words.yaml",    words_yaml,    "report.yaml", report_yaml,
				     "status.yaml",   status_yaml,   "add.yaml",    add_yaml,
				     "withdraw.yaml", withdraw_yaml, NULL};

	return talk_with(files, flow);
}

static const char *number(struct talk *t, int64_t sequence)
{
	return arena_cstr(t->a, case_number_make(t->a, NOW, t->zone, sequence));
}

static struct case_brief *open_cases(struct talk *t, size_t n)
{
	struct case_brief *list = ARENA_ARRAY(t->a, struct case_brief, n + 1);

	for (size_t i = 0; i < n; i++)
		list[i] = (struct case_brief){slice_of(number(t, (int64_t)i + 1)), S("wages"), S("accepted")};
	t->c.cases = list;
	t->c.n_cases = n;
	return list;
}

static void the_only_open_case_is_meant(void **state)
{
	struct talk t = talk_cases("status");

	(void)state;
	open_cases(&t, 1);
	begin(&t, "进度");
	assert_true(t.s.ended);
	assert_int_equal(t.out.acts[0].what, ACT_STATUS);
	assert_true(slice_equal(t.out.acts[0].case_number, t.c.cases[0].number));
	assert_int_equal(t.out.acts[0].code.len, 0); /* never the candidate of a new case */
	talk_end(&t);
}

static void several_are_listed(void **state)
{
	struct talk t = talk_cases("status");
	struct case_brief *list = open_cases(&t, 2);

	(void)state;
	begin(&t, "进度");
	assert_heard(&t, arena_cstr(t.a, arena_printf(t.a, "哪一件\n1 " SLICE_FMT " 工资\n2 " SLICE_FMT " 工资",
						      SLICE_ARG(list[0].number), SLICE_ARG(list[1].number))));
	say(&t, "第二个");
	assert_true(slice_equal(t.out.acts[0].case_number, list[1].number));
	begin(&t, "进度");
	say(&t, "3");
	assert_false(t.out.understood);
	say(&t, arena_cstr(t.a, list[0].number));
	assert_true(slice_equal(t.out.acts[0].case_number, list[0].number));
	begin(&t, arena_cstr(t.a, arena_printf(t.a, "进度 " SLICE_FMT, SLICE_ARG(list[1].number)))); /* named at once */
	assert_true(t.s.ended);
	assert_true(slice_equal(t.out.acts[0].case_number, list[1].number));
	talk_end(&t);
}

static void a_strange_number_needs_its_code(void **state)
{
	struct talk t = talk_cases("status");
	const char *strange = number(&t, 77);

	(void)state;
	begin(&t, "进度");
	assert_heard(&t, "请回复编号");
	say(&t, "123");
	assert_false(t.out.understood);
	say(&t, strange);
	assert_heard(&t, "请回复查询码");
	say(&t, "12345");
	assert_heard(&t, "查询码是十位数字");
	control(&t, WORD_NONE);
	assert_heard(&t, "请回复查询码");
	say(&t, "１２３４５ 67890");
	assert_true(t.s.ended);
	assert_true(slice_is(t.out.acts[0].case_number, strange));
	assert_true(slice_is(t.out.acts[0].code, "1234567890"));
	begin(&t, "进度");
	say(&t, arena_cstr(t.a, arena_printf(t.a, "%s 12345-67890", strange))); /* both at once */
	assert_true(slice_is(t.out.acts[0].code, "1234567890"));
	begin(&t, arena_cstr(t.a, arena_printf(t.a, "进度%s", strange))); /* number first, code asked */
	assert_heard(&t, "请回复查询码");
	control(&t, WORD_BACK);
	assert_heard(&t, "请回复编号");
	talk_end(&t);
}

static void what_was_to_be_added_is_added(void **state)
{
	struct talk t = talk_cases("add");

	(void)state;
	open_cases(&t, 1);
	begin(&t, "补充");
	assert_heard(&t, "请补充2611");
	say(&t, "合同照片");
	t.c.now += INT64_C(86400000);
	flow_timer(t.f, t.m, t.a, &t.c, &t.s, &t.out);
	assert_true(t.s.ended);
	assert_int_equal(t.out.acts[0].what, ACT_ADD);
	assert_true(slice_is(t.out.acts[0].text, "合同照片"));
	begin(&t, "补充");
	wait_ms(&t, INT64_C(86400000));
	assert_false(t.s.ended);
	assert_int_equal(t.out.n_acts, 0);
	talk_end(&t);
}

static void endings_have_conditions(void **state)
{
	struct talk t = talk_cases("withdraw");

	(void)state;
	open_cases(&t, 1);
	begin(&t, "撤");
	assert_int_equal(t.out.n_replies, 2); /* what is only told, and the question */
	assert_heard(&t, "先说明|撤回2611");
	say(&t, "2"); /* 2 is no, as the texts offer it */
	assert_true(t.s.ended);
	assert_heard(&t, "不撤");
	assert_int_equal(t.out.n_acts, 0);
	begin(&t, "撤");
	say(&t, "是");
	assert_asks(&t, "since");
	say(&t, "2026年11月3日");
	assert_value(&t, "since", "2026-11-03");
	assert_asks(&t, "mood");
	say(&t, "随便");
	assert_true(t.s.ended); /* one try, then the choice that `else` names */
	assert_value(&t, "mood", "bad");
	assert_int_equal(t.out.n_acts, 2);
	assert_int_equal(t.out.acts[0].what, ACT_WITHDRAW);
	assert_true(slice_is(t.out.acts[0].text, "2026-11-03"));
	assert_int_equal(t.out.acts[1].what, ACT_PERSON);
	assert_true(slice_is(t.out.acts[1].reason, "bad"));
	assert_heard(&t, "已撤");
	talk_end(&t);
}

static void skipped_by_else(void **state)
{
	struct talk t = talk_cases("withdraw");

	(void)state;
	open_cases(&t, 1);
	begin(&t, "撤");
	control(&t, WORD_BACK); /* a case that answered itself is no answer to take back */
	assert_heard(&t, "已经是第一个问题");
	say(&t, "这个嘛");
	say(&t, "那个嘛");
	assert_true(t.s.ended);
	assert_value(&t, "sure", "");
	assert_heard(&t, "已取消"); /* nothing came of it, but that is said */
	assert_int_equal(t.out.n_acts, 0);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_only_open_case_is_meant),     cmocka_unit_test(several_are_listed),
		cmocka_unit_test(a_strange_number_needs_its_code), cmocka_unit_test(what_was_to_be_added_is_added),
		cmocka_unit_test(endings_have_conditions),         cmocka_unit_test(skipped_by_else),
	};

	secret_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

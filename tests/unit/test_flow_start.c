/* Starts that weigh what a message gives away: signs, strengths, and what begins nothing. */
#include "flow_fixture.h"

static const char signs_yaml[] = "languages: [zh, en]\n"
				 "let: {case: '案子|投诉件', my: '我(?:们)?的'}\n"
				 "signs:\n"
				 "  mine: {match: ['{my}{case}', '\\bmy (?:case|complaint)\\b']}\n"
				 "  number: {match: '编号\\d{3}'}\n"
				 "  undo: {match: '撤|不用办|\\b(?:drop|withdraw)\\b', unless: '撤职'}\n"
				 "  wrong: {match: '坏了|\\bbroken\\b'}\n"
				 "  advert: {match: '打折|优惠'}\n"
				 "nothing:\n"
				 "  - {signs: advert, strength: 60}\n"
				 "  - {match: '^测试$', strength: 60}\n";
static const char withdraw_yaml[] = "flow: withdraw\nlanguages: [zh, en]\n"
				    "start:\n"
				    "  - {signs: 'mine|number undo', strength: 80}\n"
				    "  - {match: '^撤回', strength: 61}\n"
				    "  - {match: 撤, signs: '!wrong', unless: 撤县}\n"
				    "ask:\n  - why: {say: {zh: 为什么, en: why}, type: text}\n"
				    "person: {reason: '{why}'}\n";
static const char matter_yaml[] = "flow: matter\nlanguages: [zh, en]\n"
				  "start:\n"
				  "  - {signs: 'wrong !mine', strength: 25}\n"
				  "  - {answers: kind, signs: '!advert'}\n"
				  "  - {hint: 撤}\n"
				  "ask:\n"
				  "  - kind:\n"
				  "      say: {zh: 哪类, en: which kind}\n"
				  "      choices: {water: {match: 停水, zh: 供水, en: Water}, road: {match: 路, zh: 道路, en: Roads}}\n"
				  "person: {reason: '{kind}'}\n";

static struct talk talk_of_signs(void)
{
	const char *const files[] = {"words.yaml",    words_yaml,    "signs.yaml",  signs_yaml,
				     "withdraw.yaml", withdraw_yaml, "matter.yaml", matter_yaml,
				     NULL};

	return talk_with(files, "matter");
}

static void begins(struct talk *t, const char *text, bool otherwise, const char *flow)
{
	struct message m = {.text = slice_of(text)};
	const struct flow *f = flow_start_match(t->set, t->m, t->a, &m, &t->c, otherwise);

	assert_string_equal(f ? arena_cstr(t->a, flow_name(f)) : "", flow);
}

static void signs_together(void **state)
{
	struct talk t = talk_of_signs();

	(void)state;
	begins(&t, "我的案子不用办了", true, "withdraw"); /* in any order, and by a piece within a piece */
	begins(&t, "不用办了,我们的投诉件", true, "withdraw");
	begins(&t, "编号123不用办", true, "withdraw"); /* mine or number */
	begins(&t, "please drop my case", true, "withdraw");
	begins(&t, "please drop it", true, "");
	begins(&t, "我的案子", true, "");
	begins(&t, "我的案子撤职", true, "withdraw"); /* no sign, but the pattern */
	begins(&t, "路灯坏了", true, "matter");
	begins(&t, "我的案子坏了", true, ""); /* !mine */
	talk_end(&t);
}

static void the_stronger_wins(void **state)
{
	struct talk t = talk_of_signs();

	(void)state;
	begins(&t, "撤", true, "withdraw");   /* match 50, hint 30 */
	begins(&t, "撤县", true, "matter");   /* unless */
	begins(&t, "撤坏了", true, "matter"); /* a match with signs that do not hold */
	begins(&t, "停水", true, "matter");
	begins(&t, "停水", false, ""); /* below 30: not in so many words */
	begins(&t, "路坏了", false, "");
	begins(&t, "撤县", false, "matter");
	talk_end(&t);
}

static void nothing_begins(void **state)
{
	struct talk t = talk_of_signs();

	(void)state;
	begins(&t, "停水优惠", true, "");
	begins(&t, "撤,优惠", true, "");                 /* 60 before 50 */
	begins(&t, "撤回优惠", true, "withdraw");        /* 61 before 60 */
	begins(&t, "我的案子撤了,打折", true, "withdraw"); /* 80 before 60 */
	begins(&t, "测试", true, "");
	talk_end(&t);
}

/* What is wrong in the file of signs, or in a start that names them, is said. */
static void faults(void **state)
{
#define HEAD  "languages: [zh, en]\n"
#define START "flow: matter\nlanguages: [zh, en]\nstart: "
#define REST  "\nask:\n  - why: {say: {zh: 为什么, en: why}, type: text}\nperson: {reason: '{why}'}\n"
	static const struct {
		const char *signs, *start, *said;
	} cases[] = {
		{HEAD "signs: {mine: {match: a}}\n", "[{signs: yours}]", "no sign 'yours'"},
		{HEAD "signs: {mine: {match: a}}\n", "[{signs: ''}]", "'signs' is empty"},
		{HEAD "signs: {mine: {match: a}}\n", "[{signs: mine, strength: 0}]", "strength"},
		{HEAD "signs: {mine: {match: a}}\n", "[{scan: window, strength: 9}]", "before all words"},
		{HEAD "signs: {mine: {unless: a}}\n", "[{match: a}]", "nothing gives this sign away"},
		{HEAD "signs: {Mine: {match: a}}\n", "[{match: a}]", "a sign needs a plain name"},
		{HEAD "signs: {mine: {match: '{who}'}}\n", "[{match: a}]", "no piece of pattern 'who'"},
		{HEAD "signs: {mine: {match: 'a|(b'}}\n", "[{match: a}]", "pattern"},
		{HEAD "signs: {mine: {match: a}}\nnothing: [{otherwise: true}]\n", "[{match: a}]", "begins nothing"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *a = arena_open(0);
		const char *flow = arena_cstr(a, arena_printf(a, START "%s" REST, cases[i].start));
		const char *const files[] = {"words.yaml", words_yaml, "signs.yaml", cases[i].signs, "matter.yaml", flow, NULL};

		assert_says(complaints(a, files), cases[i].said);
		arena_close(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_together),
		cmocka_unit_test(the_stronger_wins),
		cmocka_unit_test(nothing_begins),
		cmocka_unit_test(faults),
	};

	secret_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Outside any question: words, starts, choosing, languages, the sieve, texts by key. */
#include "flow_fixture.h"

static const char suggest_yaml[] = "flow: suggest\nlanguages: [zh, en]\n"
				   "start:\n"
				   "  - match: ['^2$', 建议, '\\bsuggest']\n"
				   "    unless: 没建议\n"
				   "  - hint: 反映\n"
				   "  - match: 夜间\n"
				   "    when: {hours: '^closed$'}\n"
				   "ask:\n  - idea:\n      say: {zh: 什么建议, en: what idea}\n      match: '.'\n"
				   "file: {purpose: suggestion}\n";
static const char rate_yaml[] =
	"flow: rate\nlanguages: [zh, en]\nstart: [{scan: window}, {hint: '反映服务'}]\n"
	"ask:\n  - rating:\n      say: {zh: '满意吗 {window}', en: 'satisfied?'}\n      type: rating\n"
	"rate: {value: '{rating}'}\n";
static const char matter_yaml[] =
	"flow: matter\nlanguages: [zh, en]\n"
	"start: [{answers: kind}, {otherwise: '求助|怎么办'}]\n"
	"ask:\n"
	"  - kind:\n"
	"      say: {zh: 哪类, en: what kind}\n"
	"      ignore: '不是工资'\n"
	"      unless: '^几点'\n"
	"      choices:\n"
	"        wages: {sure: '没发工资', match: '工资|加班', hint: '老板', zh: 劳动, en: Work}\n"
	"        water: {match: '污水管|停水', zh: 供水, en: Water}\n"
	"        dirt: {match: '污水|臭', hint: '工厂', zh: 环境, en: Dirt}\n"
	"        road: {match: '路', unless: '路由器', hint: '车', zh: 道路, en: Roads}\n"
	"file: {purpose: demand}\n";

static struct talk talk_many(void)
{
	const char *const files[] = {"words.yaml", words_yaml,     "matter.yaml", matter_yaml, "rate.yaml",
				     rate_yaml,    "suggest.yaml", suggest_yaml,  NULL};

	return talk_with(files, "matter");
}

/* ---- words ---- */

static const char *word_of(struct talk *t, const char *text)
{
	struct word w = flow_word(t->set, t->m, t->a, slice_of(text));

	return w.kind == WORD_NONE ? "" : arena_cstr(t->a, w.name);
}

static void words(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{"STOP", "opt_out"},
		{"stop", "opt_out"},
		{" Stop! ", "opt_out"},
		{"S T O P", "opt_out"},
		{"退订", "opt_out"},
		{"回复TD", "opt_out"},
		{"回T", "opt_out"},
		{"t", "opt_out"},
		{"Ｔ", "opt_out"},
		{"reply STOP", "opt_out"},
		{"不要再给我发了", "opt_out"},
		{"不要再发视频了", ""},
		{"stop the noise", ""},
		{"T恤质量差", ""},
		{"N号楼", ""},
		{"no", ""},
		{"nt", ""},
		{"START", "opt_in"},
		{"着火了!", "urgent.fire"},
		{"there is a FIRE", "urgent.fire"},
		{"I was fired", ""},
		{"he fired me, fire", ""},
		{"help", "help"},
		{"帮 助", "help"},
		{"please help me", ""},
		{"English", "language"},
		{"中文", "language"},
		{"1", ""},
		{"", ""},
		{"?", ""},
		{"回", ""},
		{"回复", ""},
		{"drop it", "cancel"},
		{"取消", "cancel"},
		{"取消违建", ""},
	};
	struct talk t = talk_many();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(word_of(&t, cases[i].text), cases[i].word);
	talk_end(&t);
}

static void what_comes_with_a_word(void **state)
{
	struct talk t = talk_many();
	struct slice number = case_number_make(t.a, NOW, t.zone, 42);
	struct word w = flow_word(t.set, t.m, t.a, S("English"));

	(void)state;
	assert_true(slice_is(w.lang, "en"));
	assert_int_equal(flow_word(t.set, t.m, t.a, S("语言")).lang.len, 0);
	w = flow_word(t.set, t.m, t.a, arena_printf(t.a, "退订 " SLICE_FMT, SLICE_ARG(number)));
	assert_int_equal(w.kind, WORD_OPT_OUT);
	assert_true(slice_equal(w.topic, number));
	w = flow_word(t.set, t.m, t.a, arena_printf(t.a, SLICE_FMT " stop", SLICE_ARG(number)));
	assert_true(slice_equal(w.topic, number));
	w = flow_word(t.set, t.m, t.a, number);
	assert_int_equal(w.kind, WORD_NONE);
	assert_true(slice_is(flow_word_text(t.set, t.a, S("urgent.fire"), &t.c), "请打 110 / 119 / 120"));
	assert_int_equal(flow_word_text(t.set, t.a, S("nothing"), &t.c).len, 0);
	talk_end(&t);
}

/* ---- starts ---- */

static const char *start_of(struct talk *t, const char *text, bool otherwise)
{
	struct message m = {.text = slice_of(text)};
	const struct flow *f = flow_start_match(t->set, t->m, t->a, &m, &t->c, otherwise);

	return f ? arena_cstr(t->a, flow_name(f)) : "";
}

static void starts(void **state)
{
	struct message scan = {.scan = S("W3")};
	struct talk t = talk_many();

	(void)state;
	assert_string_equal(start_of(&t, "2", false), "suggest");
	assert_string_equal(start_of(&t, "②", false), "suggest");
	assert_string_equal(start_of(&t, "第二个", false), "suggest");
	assert_string_equal(start_of(&t, "22", false), "");
	assert_string_equal(start_of(&t, "我有个建议", false), "suggest");
	assert_string_equal(start_of(&t, "没建议", false), "");
	assert_string_equal(start_of(&t, "反映一下", false), "suggest");
	assert_string_equal(start_of(&t, "反映服务", false), "rate");           /* the longer hint */
	assert_string_equal(start_of(&t, "反映服务,有建议", false), "suggest"); /* a match goes before a hint */
	assert_string_equal(start_of(&t, "三个月没发工资", false), "");
	assert_string_equal(start_of(&t, "三个月没发工资", true), "matter");
	assert_string_equal(start_of(&t, "老板", true), ""); /* a hint is not enough */
	assert_string_equal(start_of(&t, "怎么办啊", true), "matter");
	assert_string_equal(start_of(&t, "今天天气不错", true), "");
	assert_string_equal(start_of(&t, "", true), "");
	assert_string_equal(start_of(&t, "夜间", false), "");
	t.c.open = false;
	assert_string_equal(start_of(&t, "夜间", false), "suggest");
	assert_true(slice_is(flow_name(flow_start_match(t.set, t.m, t.a, &scan, &t.c, true)), "rate"));
	talk_end(&t);
}

static void a_scan_keeps_its_window(void **state)
{
	struct talk t = talk_many();

	(void)state;
	t.f = flow_find(t.set, S("rate"));
	begin_msg(&t, (struct message){.scan = S("W3")});
	assert_heard(&t, "满意吗 W3");
	say(&t, "3");
	assert_int_equal(t.out.acts[0].what, ACT_RATE);
	assert_true(slice_is(t.out.acts[0].window, "W3"));
	talk_end(&t);
}

/* ---- choosing ---- */

static void choosing(void **state)
{
	static const struct {
		const char *text, *key;
	} cases[] = {
		{"工资", "wages"},
		{"污水", "dirt"},
		{"污水管", "water"},                       /* inside a longer match of another */
		{"污水管旁边的污水又脏又臭,太臭", "dirt"}, /* more characters: 污水 and 臭 */
		{"停水,路上没发工资", "wages"},            /* sure goes first */
		{"工厂老板", "dirt"},                      /* both only hints, a tie: the first in the text */
		{"老板工厂", "wages"},
		{"老板的车停在路上", "road"}, /* match before hint */
		{"不是工资,是停水", "water"},
		{"不是工资", NULL},
		{"路由器", NULL},
		{"几点发工资", NULL},
		{"你好", NULL},
		{"", NULL},
		{"加班工资和停水停水停水", "water"},
	};
	struct talk t = talk_many();
	const struct question *q = question_find(flow_find(t.set, S("matter")), S("kind"));

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct choice *c = choose(q, t.m, slice_of(cases[i].text), true, NULL);

		if (!cases[i].key ? c != NULL : !c || !slice_is(c->key, cases[i].key))
			fail_msg("'%s' is " SLICE_FMT ", not %s", cases[i].text, SLICE_ARG(c ? c->key : S("nothing")),
				 cases[i].key ? cases[i].key : "nothing");
	}
	assert_null(choose(q, t.m, S("老板"), false, NULL));
	talk_end(&t);
}

/* ---- languages, texts ---- */

static void languages(void **state)
{
	(void)state;
	assert_true(slice_is(flow_guess_language(S("你好")), "zh"));
	assert_true(slice_is(flow_guess_language(S("hello")), "en"));
	assert_true(slice_is(flow_guess_language(S("my 房子")), "zh"));
	assert_int_equal(flow_guess_language(S("12 ?!")).len, 0);
	assert_int_equal(flow_guess_language(S("👍")).len, 0);
	assert_int_equal(flow_guess_language((struct slice){0}).len, 0);
}

static const char notices_yaml[] = "notices:\n"
				   "  accepted: {zh: '{case}已受理{?unit:,由{unit}办理}', en: '{case} accepted{?unit: "
				   "by {unit}}', sms: {zh: '{case}受理', en: 'ok {case}'}}\n"
				   "confidential:\n"
				   "  accepted: {zh: '{case}有进展', en: 'news on {case}'}\n"
				   "status: {accepted: {zh: 已受理, en: accepted}}\n"
				   "survey: {ask: {zh: '{{满意吗', en: satisfied}}\n";

static void texts_by_key(void **state)
{
	const char *const files[] = {"words.yaml", words_yaml, "notices.yaml", notices_yaml, "report.yaml",
				     report_yaml,  NULL};
	struct field facts[2] = {{S("unit"), S("住建局")}, {S("confidential"), S("yes")}};
	struct talk t = talk_with(files, "report");

	(void)state;
	t.c.case_number = S("261119-0001-8");
	t.c.sms = false;
	t.c.channel = S("web");
	assert_true(slice_is(flow_text(t.set, t.a, S("notice.accepted"), &t.c), "261119-0001-8已受理"));
	t.c.extra = facts;
	t.c.n_extra = 1;
	assert_true(slice_is(flow_text(t.set, t.a, S("notice.accepted"), &t.c), "261119-0001-8已受理,由住建局办理"));
	t.c.sms = true;
	assert_true(slice_is(flow_text(t.set, t.a, S("notice.accepted"), &t.c), "261119-0001-8受理"));
	t.c.n_extra = 2;
	assert_true(slice_is(flow_text(t.set, t.a, S("notice.accepted"), &t.c), "261119-0001-8有进展"));
	assert_true(slice_is(flow_text(t.set, t.a, S("status.accepted"), &t.c), "已受理"));
	assert_true(slice_is(flow_text(t.set, t.a, S("survey.ask"), &t.c), "{满意吗"));
	assert_true(slice_is(flow_text(t.set, t.a, S("category.wages"), &t.c), "工资"));
	assert_true(slice_is(flow_text(t.set, t.a, S("category.nix"), &t.c), "nix"));
	assert_int_equal(flow_text(t.set, t.a, S("text.nix"), &t.c).len, 0);
	assert_int_equal(flow_text(t.set, t.a, S("nix"), &t.c).len, 0);
	assert_true(slice_is(flow_language_default(t.set), "zh"));
	talk_end(&t);
}

/* ---- the sieve: it never keeps a pattern from a text that it matches ---- */

static uint32_t dice(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static const char *const parts[] = {
	"a",        "b",      "住",   "房",    "工资",       "K",         "1",      " ",      ".",       "\\d",
	"\\w+",     "[ab房]", "[^a]", "[a-d]", "(?:a|住房)", "(?:ab?|c)", "x{2,3}", "y*",     "z+",      "(?=a)",
	"(?<n>工)", "^",      "$",    "\\b",   "é",          "(?i:b)",    "\\.",    "a{0,2}", "(?:房|)", "[[:digit:]]",
	"\\x61",    "(?#c)",  "s",    "{,2}",  "b{1}",       "(?<!q)",    "\\\\.",
	"\\W+",     "\\s",    "\\W*",  "\\B",   "fire",       "dog",       "\\bfire", "at ",   "(?:\\w+\\W+){0,2}?",
	"(?:fire|dogs?|at)", "(?:a\\W+|b\\W+)?", "(?:dog\\b|$)", "(?:|a\\W+)", "(?:^|\\W)", "\\b(?:at|住|1)",
};
static const char *const bits[] = {"a",  "b", "c", "d", "住", "房", "工", "资",   "k",    "1", " ", "x",
				   "xx", "y", "z", "é", ".",  "\\", "s",  "工资", "{,2}", "B", "K",
				   "fire", "dog", "at", " at ", "_", "-", "Dogs "};

static void the_sieve_is_safe(void **state)
{
	struct arena *a = arena_open(0);
	struct matcher *m = matcher_open();
	uint32_t seed = 7;
	int matched = 0, held = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct buf source = buf_in(a, 4096);
		struct pattern *p;
		struct sieve sieve;
		const char *why;
		size_t offset;

		for (uint32_t n = 1 + dice(&seed) % 4; n > 0; n--)
			buf_printf(&source, "%s%s", parts[dice(&seed) % (sizeof parts / sizeof parts[0])],
				   dice(&seed) % 6 ? "" : "|");
		p = pattern_compile(buf_slice(&source), &why, &offset);
		if (!p)
			continue;
		sieve = sieve_of(a, fold_pattern(a, buf_slice(&source)));
		for (int texts = 0; texts < 20; texts++) {
			struct buf text = buf_in(a, 4096);
			struct slice folded;
			struct scent scent;

			for (uint32_t n = dice(&seed) % 6; n > 0; n--)
				buf_add_c(&text, bits[dice(&seed) % (sizeof bits / sizeof bits[0])]);
			folded = fold_text(a, buf_slice(&text));
			scent_of(folded, &scent);
			if (pattern_match(p, m, folded, NULL) == MATCHED_YES) {
				matched++;
				if (!sieve_lets(&sieve, &scent))
					fail_msg("the sieve keeps '" SLICE_FMT "' from '" SLICE_FMT "'",
						 SLICE_ARG(buf_slice(&source)), SLICE_ARG(folded));
			} else if (!sieve_lets(&sieve, &scent)) {
				held++;
			}
		}
		pattern_free(&p);
		arena_reset(a);
	}
	assert_true(matched > 1000); /* the test does test */
	assert_true(held > 1000);    /* and the sieve does sieve */
	matcher_close(&m);
	arena_close(&a);
}

static void the_sieve_knows_the_usual_patterns(void **state)
{
	static const char *const sources[] = {
		"^1$",     "工资|欠薪", "\\b(complain\\w*|report)\\b", "(不要|别)再(给我)?发", "^(?:是|对)吗?$",
		"[水电]费"};
	struct arena *a = arena_open(0);
	struct scent scent;

	(void)state;
	scent_of(S("楼上吵得睡不着"), &scent);
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		struct sieve sieve = sieve_of(a, slice_of(sources[i]));

		assert_true(sieve.n > 0);
		assert_false(sieve_lets(&sieve, &scent));
	}
	arena_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(what_comes_with_a_word),
		cmocka_unit_test(starts),
		cmocka_unit_test(a_scan_keeps_its_window),
		cmocka_unit_test(choosing),
		cmocka_unit_test(languages),
		cmocka_unit_test(texts_by_key),
		cmocka_unit_test(the_sieve_is_safe),
		cmocka_unit_test(the_sieve_knows_the_usual_patterns),
	};

	secret_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* The linter finds each kind of fault and is silent about a sound set; the graph; what an answer means; the replay. */
#include "flow_fixture.h"

static const struct flow_price price = {50000, {"CNY", 3}};

static struct slice lint(struct arena *a, const char *const *files, size_t *found)
{
	struct flow_set *s = set_of(a, files);
	struct diags d = diags_in(a);
	struct buf out = buf_in(a, 1 << 20), report = buf_in(a, 1 << 20);

	flow_check(s, &price, &d, &report);
	diags_print(&d, &out, false);
	*found = d.n;
	flow_set_release(&s);
	buf_add(&out, buf_slice(&report));
	return buf_slice(&out);
}

static struct slice lint_question(struct arena *a, const char *question, size_t *found)
{
	const char *flow = arena_cstr(a, arena_printf(a,
						      "flow: report\nlanguages: [zh, en]\nstart: [{match: x}]\nask:\n%s"
						      "file: {purpose: demand}\n",
						      question));
	const char *const files[] = {"words.yaml", words_yaml, "report.yaml", flow, NULL};

	return lint(a, files, found);
}

#define CHOICES(first, second)                                                                                         \
	"  - kind:\n      say: {zh: 一, en: one}\n      tries: 3\n      choices:\n        a: {" first                  \
	"}\n        b: {" second "}\n"
#define WORDS_MISSING 19 /* texts that the fixture's words.yaml does without */

static void finds_each_fault(void **state)
{
	static const struct {
		const char *question, *says;
	} cases[] = {
		{CHOICES("match: 房子, zh: 甲, en: A", "match: 房子, zh: 乙, en: B"),
		 "no words of its own pick the choice 'b'"},
		{CHOICES("match: 房子, zh: 甲, en: A", "match: '房子|土地', zh: 乙, en: B"),
		 "1 of 2 of its words pick 'b'; others do not, such as '房子', which picks 'a'"},
		{CHOICES("match: x1, zh: 甲, en: Stop", "match: y1, zh: 乙, en: B"),
		 "the answer 'Stop' is taken as the word 'opt_out'"},
		{CHOICES("match: '(?:td|房子)', zh: 甲, en: A", "match: y1, zh: 乙, en: B"),
		 "the answer 'td' is taken as the word 'opt_out'"},
		{CHOICES("match: x1, zh: 甲, en: A", "match: y1, zh: 甲, en: B"), "the label '甲' picks 'a', not 'b'"},
		{"  - q:\n      say: {zh: 一, en: one}\n      match: '^\\d+$'\n      tries: 2\n      samples: {accept: "
		 "[abc]}\n",
		 "the sample 'abc' is refused"},
		{"  - q:\n      say: {zh: 一, en: one}\n      match: '^\\d+$'\n      tries: 2\n      samples: {reject: "
		 "['12']}\n",
		 "the sample '12' is accepted"},
		{"  - q:\n      say: {zh: 一, en: one}\n      match: '.'\n      tries: 2\n      samples: {accept: "
		 "[T]}\n",
		 "the answer 'T' is an opt-out word"},
		{"  - q:\n      say: {zh: '{later}', en: one}\n      match: x\n      tries: 2\n  - later:\n      say: "
		 "{zh: 一, en: one}\n      match: x\n      tries: 2\n",
		 "'later' is used before it is asked"},
		{CHOICES("match: x1, zh: 甲, en: A",
			 "match: y1, zh: 乙, en: B") "  - q:\n      when: {kind: '^c$'}\n      say: {zh: 一, en: "
						     "one}\n      match: x\n      tries: 2\n",
		 "this question is never asked: no answer to 'kind' fulfils this"},
		{"  - q:\n      when: {hours: '^shut$'}\n      say: {zh: 一, en: one}\n      match: x\n      tries: "
		 "2\n",
		 "no answer to 'hours'"},
		{"  - q:\n      say: {zh: 一, en: one}\n      match: x\n", "who cannot answer 'q' is asked for ever"},
		{"  - q:\n      say: {zh: "
		 "'一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
		 "一二三四五六七八九十"
		 "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
		 "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十', en: one}\n"
		 "      match: x\n      tries: 2\n",
		 "as SMS in 'zh' this takes 3 parts"},
		{"  - q:\n      say: {zh: 一, en: one}\n      match: '^(a+)+$'\n      tries: 2\n",
		 "report.yaml:7:14: error: this pattern takes too long"},
		{"  - q:\n      say: {zh: 一, en: one}\n      match: 'a*?a*?a*?a*?b!'\n      tries: 2\n",
		 "this pattern takes too long"},
	};
	struct arena *a = arena_open(0);
	size_t found;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_says(lint_question(a, cases[i].question, &found), cases[i].says);
	arena_close(&a);
}

static void is_silent_about_what_is_sound(void **state)
{
	static const char sound[] =
		CHOICES("match: '房子|漏水', zh: 住房, en: Housing",
			"match: '工资|欠薪', zh: 工资, en: Wages") "  - q:\n      when: {kind: '^a$'}\n      say: {zh: "
								   "'{kind}{?none:{none}}', en: one}\n      match: x\n "
								   "     tries: 2\n"
								   "      samples: {accept: [x], reject: ['1']}\n"
								   "  - none:\n      say: {zh: 一, en: one}\n      "
								   "match: '.'\n      optional: true\n";
	struct arena *a = arena_open(0);
	size_t found;
	struct slice said = lint_question(a, sound, &found);

	(void)state;
	if (found != WORDS_MISSING)
		fail_msg("%zu: " SLICE_FMT, found, SLICE_ARG(said));
	assert_says(said, "the text 'flood' is missing");
	assert_says(said, "report.kind");
	assert_says(said, "0.050000 CNY");
	arena_close(&a);
}

static void long_needs_a_reason(void **state)
{
	static const char text[] = "'一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一"
				   "二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
				   "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一"
				   "二三四五六七八九十一二三四五六七八九十一二三四五六七八九十'";
	struct arena *a = arena_open(0);
	size_t found;

	(void)state;
	lint_question(a,
		      arena_cstr(a, arena_printf(a,
						 "  - q:\n      say: {zh: %s, en: one}\n      match: x\n      tries: "
						 "2\n      long: it must be\n",
						 text)),
		      &found);
	assert_int_equal(found, WORDS_MISSING);
	lint_question(a,
		      arena_cstr(a, arena_printf(a,
						 "  - q:\n      say: {zh: %s, en: one, sms: {zh: 短, en: short}}\n     "
						 " match: x\n      tries: 2\n",
						 text)),
		      &found);
	assert_int_equal(found, WORDS_MISSING);
	arena_close(&a);
}

static void one_digit_one_flow(void **state)
{
	static const char one[] = "flow: one\nlanguages: [zh, en]\nstart: [{match: '^1$'}]\nask:\n  - q:\n      say: "
				  "{zh: 一, en: one}\n      match: x\n      tries: 1\nfile: {purpose: demand}\n";
	static const char two[] = "flow: two\nlanguages: [zh, en]\nstart: [{match: '^[12]$'}]\nask:\n  - q:\n      "
				  "say: {zh: 一, en: one}\n      match: x\n      tries: 1\nfile: {purpose: demand}\n";
	const char *const files[] = {"words.yaml", words_yaml, "one.yaml", one, "two.yaml", two, NULL};
	struct arena *a = arena_open(0);
	size_t found;

	(void)state;
	assert_says(lint(a, files, &found), "the digit 1 begins 'one' already");
	arena_close(&a);
}

static void specimens_match_their_pattern(void **state)
{
	static const char *const sources[] = {
		"住房|房屋|物业",
		"^(?:我?要)?(投诉|反映)(?:一下)?$",
		"\\b(complain\\w*|report)\\b",
		"[水电气]费",
		"\\d{3,5}号",
		"(?<n>[一二三])个",
		"a{2}b+c?",
		"(?=x)x|y",
		"[^a]b",
		"(?:不|没)(?:给|发)钱",
		"\\p{Han}{2}路",
	};
	struct talk t = talk_report();

	(void)state;
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		struct slice list[10];
		const char *why;
		size_t offset, n;
		struct regex r = {.p = pattern_compile(slice_of(sources[i]), &why, &offset)};

		assert_non_null(r.p);
		n = specimens_of(&r, t.m, t.a, list, 10);
		assert_true(n > 0);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(pattern_match(r.p, t.m, list[k], NULL), MATCHED_YES);
		pattern_free(&r.p);
	}
	talk_end(&t);
}

/* ---- graph, match, replay ---- */

static void graphs(void **state)
{
	struct talk t = talk_report();
	struct buf mermaid = buf_in(t.a, 1 << 16), dot = buf_in(t.a, 1 << 16);

	(void)state;
	flow_graph(t.f, false, S("en"), &mermaid);
	assert_says(buf_slice(&mermaid), "flowchart TD\n  n0([\"report<br>Report\"])");
	assert_says(buf_slice(&mermaid), "1 Housing<br>2 Wages");
	assert_says(buf_slice(&mermaid), "|\"kind = ^wages$\"|");
	assert_says(buf_slice(&mermaid), "-.->|\"3 tries\"|");
	flow_graph(t.f, true, S("zh"), &dot);
	assert_says(buf_slice(&dot), "digraph \"report\" {");
	assert_says(buf_slice(&dot), "哪类问题");
	assert_true(slice_ends(buf_slice(&dot), S("}\n")));
	talk_end(&t);
}

static void what_an_answer_means(void **state)
{
	static const struct {
		const char *what, *text, *json;
	} cases[] = {
		{"report.kind", "2", "\"wages\""},
		{"report.kind", "漏水", "\"housing\""},
		{"report.kind", "7", "null"},
		{"report.place", "解放路12号", "\"解放路12号\""},
		{"report.place", "x", "null"},
		{"report.employer", "宏达 王五", "{\"boss\":\"王五\",\"employer\":\"宏达\"}"},
		{"report.story", "完", "\"done\""},
		{"report.story", "经过", "\"经过\""},
		{"report.check", "是", "\"yes\""},
		{"report.check", "改2", "\"change\""},
		{"report.check", "不对", "\"change\""},
		{"report.check", "天气", "null"},
		{"report.check", "2", "null"},
		{"words", "STOP", "\"opt_out\""},
		{"words", "着火", "\"urgent.fire\""},
		{"words", "你好", "null"},
		{"start", "投诉", "\"report\""},
		{"start", "1", "\"report\""},
		{"start", "天气", "null"},
		{"date", "2026年11月3日", "\"2026-11-03\""},
		{"date", "不知道", "null"},
	};
	struct talk t = talk_report();
	struct slice json;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(
			flow_match(t.set, t.m, t.a, slice_of(cases[i].what), slice_of(cases[i].text), &t.c, &json), OK);
		if (!slice_is(json, cases[i].json))
			fail_msg("%s '%s' is " SLICE_FMT ", not %s", cases[i].what, cases[i].text, SLICE_ARG(json),
				 cases[i].json);
	}
	assert_int_equal(flow_match(t.set, t.m, t.a, S("nix"), S("x"), &t.c, &json), INVALID);
	assert_int_equal(flow_match(t.set, t.m, t.a, S("report.nix"), S("x"), &t.c, &json), INVALID);
	assert_int_equal(flow_match(t.set, t.m, t.a, S("nix.kind"), S("x"), &t.c, &json), INVALID);
	talk_end(&t);
}

static void replayed_over_what_was_recorded(void **state)
{
	struct flow_record records[] = {
		{S("report.kind"), S("漏水"), S("zh"), NOW},
		{S("report.kind"), S("欠薪"), S("zh"), NOW},
		{S("report.gone"), S("x"), S("zh"), NOW},
		{S("words"), S("停"), S("zh"), 0},
	};
	struct talk t = talk_report();
	struct buf out = buf_in(t.a, 1 << 16), text = buf_in(t.a, 1 << 16);
	struct slice rest = slice_of(report_yaml), line;
	struct flow_set *newer;

	(void)state;
	while (slice_next(&rest, '\n', &line)) /* without 漏水 */
		if (slice_find(line, S("housing:")) < line.len)
			buf_add_c(&text, "        housing: {match: '住房', zh: 住房, en: Housing}\n");
		else
			buf_printf(&text, SLICE_FMT "\n", SLICE_ARG(line));
	{
		const char *const files[] = {"words.yaml", words_yaml, "report.yaml", arena_cstr(t.a, buf_slice(&text)),
					     NULL};
		newer = set_of(t.a, files);
	}
	assert_int_equal(flow_replay(t.set, t.set, t.m, records, 4, &t.c, &out), 0);
	assert_int_equal(flow_replay(t.set, newer, t.m, records, 4, &t.c, &out), 1);
	assert_says(buf_slice(&out),
		    "report.kind: \"漏水\" was \"housing\" is null\n1 of 4 answers are understood differently\n");
	flow_set_release(&newer);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_fault),
		cmocka_unit_test(is_silent_about_what_is_sound),
		cmocka_unit_test(long_needs_a_reason),
		cmocka_unit_test(one_digit_one_flow),
		cmocka_unit_test(specimens_match_their_pattern),
		cmocka_unit_test(graphs),
		cmocka_unit_test(what_an_answer_means),
		cmocka_unit_test(replayed_over_what_was_recorded),
	};

	secret_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

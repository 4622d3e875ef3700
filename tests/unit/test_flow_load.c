/*
 * The loader: each fault has its place and a way to mend it; a prompt file with any single line damaged gives a clear
 * error or is still valid, and never anything else.
 */
#include <dirent.h>
#include <stdlib.h>

#include "flow_fixture.h"

#define SHIPPED "prompts"

static struct slice complaint(struct arena *a, const char *report)
{
	const char *const files[] = {"words.yaml", words_yaml, "report.yaml", report, NULL};

	return complaints(a, files);
}

/* A flow of one question; `question` stands under its name, six spaces in. */
static const char *flow_with(struct arena *a, const char *question, const char *rest)
{
	return arena_cstr(a,
			  arena_printf(a, "flow: report\nlanguages: [zh, en]\nask:\n  - kind:\n%s%s", question, rest));
}

#define SAY      "      say: {zh: 一, en: one}\n"
#define FILE_END "file: {purpose: demand}\n"

static void faults_have_their_place(void **state)
{
	static const struct {
		const char *question, *rest, *says[4];
	} cases[] = {
		{SAY "      mtach: 'x'\n",
		 FILE_END,
		 {"report.yaml:6:7: error: unknown key 'mtach'", "did you mean 'match'?"}},
		{SAY,
		 FILE_END,
		 {"report.yaml:4:5: error: a question needs a way to be answered", "choices, match, type"}},
		{SAY "      match: 'x'\n      confirm: true\n", FILE_END, {"just one way", "this has 2"}},
		{"      say: {zh: 一}\n      match: 'x'\n",
		 FILE_END,
		 {"report.yaml:5:12: error: 'say' has no text for the language 'en'"}},
		{"      match: 'x'\n", FILE_END, {"the question has no text"}},
		{SAY "      match: 'a(b'\n", FILE_END, {"report.yaml:6:18: error: pattern:"}},
		{SAY "      match: ['ok', 'it''s [b']\n", FILE_END, {"report.yaml:6:30: error: pattern:"}},
		{SAY "      match: ''\n", FILE_END, {"an empty pattern"}},
		{"      say: {zh: '{plcae}', en: one}\n      match: 'x'\n",
		 FILE_END,
		 {"report.yaml:5:17: error: undefined placeholder 'plcae'"}},
		{"      say: {zh: '{kind', en: one}\n      match: 'x'\n", FILE_END, {"not closed"}},
		{"      say: {zh: '{?kind:', en: one}\n      match: 'x'\n", FILE_END, {"{?…} is not closed"}},
		{"      say: {zh: '{?kind:}', en: one}\n      match: 'x'\n", FILE_END, {"{?…} says nothing"}},
		{SAY "      type: fone\n",
		 FILE_END,
		 {"report.yaml:6:13: error: unknown type 'fone'", "did you mean 'phone'?"}},
		{SAY "      match: 'x'\n      else: person\n", FILE_END, {"'else' needs 'tries'", "add tries: 3"}},
		{SAY "      match: 'x'\n      tries: 3\n      else: porson\n", FILE_END, {"unknown 'else'"}},
		{SAY "      match: 'x'\n      tries: 300\n",
		 FILE_END,
		 {"report.yaml:7:14: error: 'tries' must be within its bounds", "from 1 to 20"}},
		{SAY "      match: 'x'\n      optional: maybe\n",
		 FILE_END,
		 {"'optional' must be true or false, not 'maybe'"}},
		{SAY "      match: 'x'\n      when: {nobody: 'x'}\n", FILE_END, {"undefined field 'nobody'"}},
		{SAY "      choices: {a: {match: x, zh: 甲, en: A}}\n",
		 FILE_END,
		 {"'choices' has 1 choices", "from 2 to 40"}},
		{SAY "      choices: {a: {match: x, zh: 甲, en: A}, b: {match: y, zh: 乙}}\n",
		 FILE_END,
		 {"has no text for the language 'en'"}},
		{SAY "      choices: {a: {math: x, zh: 甲, en: A}, b: {match: y, zh: 乙, en: B}}\n",
		 FILE_END,
		 {"'math' is neither a language"}},
		{SAY "      collect: {max: 100}\n", FILE_END, {"does not say when it is over"}},
		{SAY "      collect: {until: x, max: 10, min: 20}\n", FILE_END, {"'min' is more than 'max'"}},
		{SAY "      match: 'x'\n  - kind:\n" SAY "      match: 'y'\n",
		 FILE_END,
		 {"report.yaml:7:5: error: the question 'kind' was asked before, in line 4"}},
		{SAY "      match: 'x'\n  - include: nowhere\n",
		 FILE_END,
		 {"report.yaml:7:14: error: there is no part 'nowhere'"}},
		{SAY "      match: '(?<lang>x)'\n", FILE_END, {"'lang' cannot be one"}},
		{SAY "      match: 'x'\n", "", {"the flow has no ending"}},
		{SAY "      match: 'x'\n", "file: {purpose: demnad}\n", {"unknown purpose 'demnad'"}},
		{SAY "      match: 'x'\n", "file: {category: x}\n", {"'file' needs 'purpose'"}},
		{SAY "      match: 'x'\n",
		 FILE_END "idle: {remind: soon}\n",
		 {"'remind' must be a length of time, not 'soon'"}},
		{SAY "      match: 'x'\n", FILE_END "idle: {remind: 8d, expire: 7d}\n", {"must come before 'expire'"}},
		{SAY "      match: 'x'\n",
		 "status: {case: '{kind}'}\nidle: {file_draft: 1h}\n",
		 {"has anything to file"}},
		{SAY "      match: 'x'\n", FILE_END "start: [{scan: door}]\n", {"only the code of a window"}},
		{SAY "      match: 'x'\n", FILE_END "start: [{answers: kind}]\n", {"names no question with choices"}},
		{SAY "      match: 'x'\n", FILE_END "start: [{match: x, scan: window}]\n", {"just one of match"}},
		{SAY "      match: 'x'\n      samples: {accpet: [x]}\n", FILE_END, {"unknown key 'accpet'"}},
	};
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct slice said = complaint(a, flow_with(a, cases[i].question, cases[i].rest));

		for (size_t k = 0; k < 4 && cases[i].says[k]; k++)
			assert_says(said, cases[i].says[k]);
	}
	arena_close(&a);
}

static void the_offending_line_is_shown(void **state)
{
	struct arena *a = arena_open(0);
	struct slice said = complaint(a, flow_with(a, SAY "      match: '(?<x>住'\n", FILE_END));

	(void)state;
	assert_says(said, "        match: '(?<x>住'\n");
	assert_says(said, "report.yaml:6:");
	assert_says(said, "^");
	arena_close(&a);
}

static void parts_are_included(void **state)
{
	static const char part[] = "part: who\nask:\n  - name:\n      say: {zh: 姓名, en: name}\n      match: '.'\n";
	static const char outer[] =
		"part: both\nask:\n  - include: who\n  - mail:\n      say: {zh: 邮箱, en: mail}\n      type: email\n";
	static const char flow[] =
		"flow: report\nlanguages: [zh, en]\nask:\n  - include: both\nfile: {purpose: demand, text: '{name}'}\n";
	const char *const files[] = {"words.yaml", words_yaml,        "report.yaml", flow, "parts/who.yaml",
				     part,         "parts/both.yaml", outer,         NULL};
	struct talk t = talk_with(files, "report");

	(void)state;
	begin(&t, "你好");
	assert_asks(&t, "name");
	say(&t, "张三");
	assert_asks(&t, "mail");
	/* the stored revision holds the questions, not the include */
	assert_true(slice_find(flow_source(t.f), S("include")) == flow_source(t.f).len);
	assert_says(flow_source(t.f), "mail");
	talk_end(&t);
}

static void circles_are_refused(void **state)
{
	static const char one[] = "part: one\nask:\n  - include: two\n", two[] = "part: two\nask:\n  - include: one\n";
	static const char flow[] =
		"flow: report\nlanguages: [zh, en]\nask:\n  - include: one\nfile: {purpose: demand}\n";
	const char *const files[] = {"words.yaml", words_yaml,       "report.yaml", flow, "parts/one.yaml",
				     one,          "parts/two.yaml", two,           NULL};
	struct arena *a = arena_open(0);

	(void)state;
	assert_says(complaints(a, files), "parts include each other in a circle");
	arena_close(&a);
}

static void files_are_what_they_are_called(void **state)
{
	static const char other[] = "flow: other\nlanguages: [zh, en]\nask:\n  - q:\n      say: {zh: 一, en: one}\n    "
				    "  match: x\nfile: {purpose: demand}\n";
	const char *const wrong[] = {"words.yaml", words_yaml, "report.yaml", other, NULL};
	const char *const nothing[] = {"words.yaml", words_yaml, "x.yaml", "hello: world\n", NULL};
	const char *const words_only[] = {"words.yaml", words_yaml, NULL};
	const char *const twice[] = {"words.yaml", words_yaml, "again.yaml", words_yaml, "other.yaml", other, NULL};
	struct arena *a = arena_open(0);

	(void)state;
	assert_says(complaints(a, wrong), "the file is called 'report.yaml', but its name is 'other'");
	assert_says(complaints(a, nothing), "neither a flow, a shared part, nor words");
	assert_says(complaints(a, words_only), "there is no flow");
	assert_says(complaints(a, twice), "the words were given before");
	arena_close(&a);
}

static void words_are_checked_too(void **state)
{
	static const struct {
		const char *words, *says;
	} cases[] = {
		{"languages: [zh, en]\nwords: {hlep: {exact: [x]}}\n", "did you mean 'help'?"},
		{"languages: [zh, en]\nwords: {help: {say: {zh: 一, en: one}}}\n", "nothing would ever be this word"},
		{"languages: [zh, en]\nwords: {help: {exact: ['!!']}}\n", "nothing is left of this"},
		{"languages: [zh, en]\nurgent: {fire: {match: fire}}\nwords: {help: {exact: [x]}}\n",
		 "an urgent word must answer"},
		{"languages: [zh, en]\nwords: {help: {exact: [x], say: {zh: 一}}}\n", "no text for the language 'en'"},
		{"languages: [zh, en]\nwords: {help: {exact: [x], say: {zh: '{nix}', en: x}}}\n",
		 "undefined placeholder {nix}"},
		{"languages: [zh, en]\nwords: {help: {exact: [x], to: {zh: x}}}\n",
		 "'to' is for the word 'language' only"},
		{"languages: [zh, zh]\nwords: {help: {exact: [x]}}\n", "named before"},
	};
	static const char flow[] = "flow: report\nlanguages: [zh, en]\nask:\n  - q:\n      say: {zh: 一, en: one}\n    "
				   "  match: x\nfile: {purpose: demand}\n";
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *const files[] = {"words.yaml", cases[i].words, "report.yaml", flow, NULL};
		assert_says(complaints(a, files), cases[i].says);
	}
	arena_close(&a);
}

static void bounds(void **state)
{
	struct arena *a = arena_open(0);
	struct buf out = buf_in(a, 1 << 20);

	(void)state;
	buf_add_c(&out, "flow: report\nlanguages: [zh, en]\nask:\n");
	for (int i = 0; i < FLOW_QUESTIONS_MAX + 1; i++)
		buf_printf(&out, "  - q%d:\n" SAY "      match: x\n", i);
	buf_add_c(&out, FILE_END);
	assert_says(complaint(a, arena_cstr(a, buf_slice(&out))), "a flow has at most 40 questions");
	arena_close(&a);
}

/* ---- every line of every shipped file, damaged ---- */

struct file {
	struct slice name, text;
};
struct folder {
	struct arena *a;
	struct file files[64];
	size_t n;
};

static void read_folder(struct folder *f, const char *dir)
{
	DIR *handle = opendir(dir);
	struct dirent *entry;

	while (handle && (entry = readdir(handle)) != NULL) {
		struct slice path = arena_printf(f->a, "%s/%s", dir, entry->d_name);
		FILE *file = slice_ends(path, S(".yaml")) ? fopen(arena_cstr(f->a, path), "rb") : NULL;
		char *bytes;

		if (!file)
			continue;
		bytes = arena_alloc(f->a, 1 << 20);
		assert_true(f->n < 64);
		f->files[f->n++] = (struct file){path, slice_make(bytes, fread(bytes, 1, 1 << 20, file))};
		fclose(file);
	}
	if (handle)
		closedir(handle);
}

static void try_files(const struct slice *names, const struct slice *texts, size_t n)
{
	struct arena *a = arena_open(0);
	struct diags d = diags_in(a);
	struct flow_set *s = flow_set_parse(names, texts, n, &d);

	if (s) { /* still valid: then nothing was called an error */
		assert_int_equal(d.errors, 0);
		flow_set_release(&s);
	} else {
		assert_true(d.errors > 0);
		for (size_t i = 0; i < d.n; i++) {
			assert_true(d.list[i].what.len > 0);
			assert_true(d.list[i].file.len > 0);
		}
	}
	arena_close(&a);
}

static bool has_line(struct slice text, const char *begin)
{
	struct slice line;

	while (slice_next(&text, '\n', &line))
		if (slice_begins(line, slice_of(begin)))
			return true;
	return false;
}

/* A file by itself, with small ones of ours for what it needs beside it, and the shared parts. */
static void try_file(const struct folder *f, size_t which, struct slice text)
{
	struct slice names[64] = {f->files[which].name}, texts[64] = {text};
	size_t n = 1;

	if (!has_line(f->files[which].text, "words:")) {
		names[n] = S("words.yaml");
		texts[n++] = slice_of(words_yaml);
	}
	if (!has_line(f->files[which].text, "flow:")) {
		names[n] = S("tiny.yaml");
		texts[n++] = S("flow: tiny\nlanguages: [zh, en]\nask:\n  - include: who\nfile: {purpose: demand}\n");
	}
	for (size_t i = 0; i < f->n; i++)
		if (i != which && has_line(f->files[i].text, "part:")) {
			names[n] = f->files[i].name;
			texts[n++] = f->files[i].text;
		}
	try_files(names, texts, n);
}

enum damage {
	DAMAGE_DELETE,
	DAMAGE_TWICE,
	DAMAGE_INDENT,
	DAMAGE_OUTDENT,
	DAMAGE_GARBAGE,
	DAMAGE_CUT,
	DAMAGE_BYTES,
	DAMAGES
};

static void put_damaged(struct buf *out, struct slice line, enum damage how)
{
	switch (how) {
	case DAMAGE_DELETE:
		return;
	case DAMAGE_TWICE:
		buf_printf(out, SLICE_FMT "\n" SLICE_FMT "\n", SLICE_ARG(line), SLICE_ARG(line));
		return;
	case DAMAGE_INDENT:
		buf_printf(out, "   " SLICE_FMT "\n", SLICE_ARG(line));
		return;
	case DAMAGE_OUTDENT:
		buf_printf(out, SLICE_FMT "\n", SLICE_ARG(slice_trim(line)));
		return;
	case DAMAGE_GARBAGE:
		buf_add_c(out, "%$&*(: [{ 乱码 ]}'\"\n");
		return;
	case DAMAGE_CUT:
		buf_printf(out, SLICE_FMT "\n", SLICE_ARG(slice_make(line.data, line.len / 2)));
		return;
	default:
		buf_printf(out, SLICE_FMT "\xff\xfe\x01\n", SLICE_ARG(line));
		return;
	}
}

static struct slice damaged(struct arena *a, struct slice text, size_t line_no, enum damage how)
{
	struct buf out = buf_in(a, 2 << 20);
	struct slice line;

	for (size_t i = 0; slice_next(&text, '\n', &line); i++) {
		if (i == line_no)
			put_damaged(&out, line, how);
		else
			buf_printf(&out, SLICE_FMT "\n", SLICE_ARG(line));
	}
	return buf_slice(&out);
}

static size_t lines_in(struct slice text)
{
	struct slice line;
	size_t n = 0;

	while (slice_next(&text, '\n', &line))
		n++;
	return n;
}

#define LINES_TRIED 120

/* One way of damage a line, taking turns, and of long files so many lines, spread evenly, so that a run is quick;
   HUIYIN_DEEP=1 does all of them. */
static void damage_file(const struct folder *f, size_t which, bool deep)
{
	struct slice whole = f->files[which].text;
	size_t lines = lines_in(whole), step = deep ? 1 : lines / LINES_TRIED + 1;

	for (size_t line = which % step; line < lines; line += step)
		for (int how = 0; how < DAMAGES; how++) {
			struct arena *a;

			if (!deep && how != (int)((line / step * 5 + which) % DAMAGES))
				continue;
			a = arena_open(0);
			try_file(f, which, damaged(a, whole, line, (enum damage)how));
			arena_close(&a);
		}
}

static void any_line_damaged(const struct folder *f, bool deep)
{
	for (size_t i = 0; i < f->n; i++)
		damage_file(f, i, deep);
}

static void any_line_of_ours_damaged(void **state)
{
	struct folder f = {.a = arena_open(0), .n = 2};

	(void)state;
	f.files[0] = (struct file){S("words.yaml"), slice_of(words_yaml)};
	f.files[1] = (struct file){S("report.yaml"), slice_of(report_yaml)};
	any_line_damaged(&f, true);
	arena_close(&f.a);
}

static void any_line_of_the_shipped_ones_damaged(void **state)
{
	struct folder f = {.a = arena_open(0)};

	(void)state;
	read_folder(&f, SHIPPED);
	read_folder(&f, SHIPPED "/parts");
	assert_true(f.n > 0);
	any_line_damaged(&f, getenv("HUIYIN_DEEP") != NULL);
	arena_close(&f.a);
}

static void the_shipped_ones_load(void **state)
{
	struct arena *a = arena_open(0);
	struct diags d = diags_in(a);
	struct buf out = buf_in(a, 1 << 20);
	struct flow_set *s = flow_set_load(SHIPPED, &d);

	(void)state;
	diags_print(&d, &out, false);
	if (!s)
		fail_msg(SLICE_FMT, SLICE_ARG(buf_slice(&out)));
	assert_true(flow_count(s) >= 8);
	assert_non_null(flow_at(s, 0));
	assert_null(flow_at(s, flow_count(s)));
	for (size_t i = 0; i < flow_count(s); i++) { /* each comes back from its stored text as it was */
		const struct flow *f = flow_at(s, i);
		struct flow *again = flow_revive(s, flow_name(f), flow_source(f), &d);

		assert_non_null(again);
		assert_true(slice_equal(flow_revision(again), flow_revision(f)));
		assert_int_equal(flow_revision(f).len, 16);
		flow_free(&again);
	}
	flow_set_release(&s);
	assert_null(flow_set_load("/nowhere", &d));
	arena_close(&a);
}

static void sets_are_counted(void **state)
{
	struct talk t = talk_report();
	struct flow_set *other = flow_set_hold(t.set);

	(void)state;
	flow_set_release(&other);
	assert_null(other);
	begin(&t, "投诉"); /* still there */
	assert_asks(&t, "kind");
	flow_set_release(&other);
	talk_end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_have_their_place),
		cmocka_unit_test(the_offending_line_is_shown),
		cmocka_unit_test(parts_are_included),
		cmocka_unit_test(circles_are_refused),
		cmocka_unit_test(files_are_what_they_are_called),
		cmocka_unit_test(words_are_checked_too),
		cmocka_unit_test(bounds),
		cmocka_unit_test(any_line_of_ours_damaged),
		cmocka_unit_test(any_line_of_the_shipped_ones_damaged),
		cmocka_unit_test(the_shipped_ones_load),
		cmocka_unit_test(sets_are_counted),
	};

	secret_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* YAML: the tree and its places, what is refused and how it says so, the typed readers, damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "huiyin/yaml.h"

struct desk {
	struct arena *arena;
	struct diags diags;
};

static struct desk desk_open(void)
{
	struct desk k = {.arena = arena_open(0)};

	k.diags = diags_in(k.arena);
	return k;
}

static struct yaml *parse(struct desk *k, const char *text)
{
	return yaml_parse(k->arena, S("f.yaml"), slice_of(text), &k->diags);
}

static const char *printed(struct desk *k)
{
	struct buf out = buf_in(k->arena, 100000);

	diags_print(&k->diags, &out, false);
	return out.data ? out.data : "";
}

static void at(const struct yaml *y, int line, int column)
{
	assert_non_null(y);
	assert_int_equal(y->line, line);
	assert_int_equal(y->column, column);
}

static void builds_a_tree_with_places(void **state)
{
	struct desk k = desk_open();
	struct yaml *y = parse(&k, "\xEF\xBB\xBF"
				   "# first\n"
				   "flow: report\r\n"
				   "语言: [zh, 'en', \"fr\"]   # c\n"
				   "ask:\n"
				   "  - kind:\n"
				   "      say: {zh: '您要 ''反映''?', en: \"a\\tb\"}\n"
				   "  -\n"
				   "  - ''\n"
				   "long: |\n"
				   "  one\n"
				   "    two\n"
				   "fold: >-\n"
				   "  three\n"
				   "  four\n"
				   "'quoted key': ~\n"
				   "empty:\n");
	struct yaml *ask, *say;

	(void)state;
	assert_non_null(y);
	at(y, 2, 1);
	assert_int_equal(y->kind, YAML_MAP);
	assert_int_equal(y->n, 7);
	at(yaml_get(y, "flow"), 2, 7);
	assert_true(slice_is(yaml_get(y, "flow")->text, "report"));
	assert_true(yaml_get(y, "flow")->plain);
	assert_int_equal(yaml_get(y, "语言")->n, 3);
	at(yaml_get(y, "语言"), 3, 5);
	at(yaml_get(y, "语言")->items[0], 3, 6);
	at(yaml_get(y, "语言")->items[1], 3, 10);
	assert_false(yaml_get(y, "语言")->items[1]->plain);
	at(yaml_get(y, "语言")->items[2], 3, 16);
	ask = yaml_get(y, "ask");
	assert_int_equal(ask->kind, YAML_LIST);
	at(ask, 5, 3);
	assert_null(ask->keys);
	at(ask->items[0], 5, 5);
	at(ask->items[0]->keys[0], 5, 5);
	say = yaml_get(yaml_get(ask->items[0], "kind"), "say");
	at(say, 6, 12);
	assert_true(slice_is(yaml_get(say, "zh")->text, "您要 '反映'?"));
	at(yaml_get(say, "zh"), 6, 17);
	assert_true(slice_is(yaml_get(say, "en")->text, "a\tb"));
	assert_true(ask->items[1]->plain);
	assert_int_equal(ask->items[1]->text.len, 0);
	assert_false(ask->items[2]->plain);
	assert_true(slice_is(yaml_get(y, "long")->text, "one\n  two\n"));
	assert_true(slice_is(yaml_get(y, "fold")->text, "three four"));
	assert_true(slice_is(yaml_get(y, "quoted key")->text, "~"));
	assert_int_equal(yaml_get(y, "empty")->text.len, 0);
	assert_int_equal(yaml_get(y, "empty")->line, 16);
	assert_true(slice_is(y->file, "f.yaml"));
	assert_null(yaml_get(y, "absent"));
	assert_null(yaml_get(NULL, "absent"));
	assert_null(yaml_get(ask, "kind"));
	assert_int_equal(k.diags.n, 0);
	arena_close(&k.arena);
}

/* A text, and the beginning of what is printed about it; null: nothing, it is fine. */
static const struct {
	const char *text, *printed;
} refused[] = {
	{"", "f.yaml: error: the file is empty\n"},
	{"# only words\n", "f.yaml: error: the file is empty\n"},
	{"a:\n\t- x\n", "f.yaml:2:1: error: a tab in the indentation\n  indent with blanks, two for each level;"},
	{"a:\n  \tb: 2\n\tc: 3\n", "f.yaml:2:3: error: a tab in the indentation\n"
				   "  indent with blanks, two for each level; an editor can do that for you\n"
				   "    \tb: 2\n    ^\nf.yaml:3:1: error: a tab in the indentation\n"},
	{"? a:\t- b\n", "f.yaml:1:3: error: a key must be"}, /* frees twice in libfyaml when it sees the tab */
	{"a: 1\n\n\n\n", NULL},
	{"\t\n\t# a comment\na:\t1\t# c\n", NULL},
	{"a:\n  b: 1\n c: 2\n",
	 "f.yaml:3:2: error: invalid indentation in mapping\n"
	 "  lines of the same level begin in the same column; two blanks for each level\n   c: 2\n   ^\n"},
	{"a: \"x\nb: 2\n", "f.yaml:1:4: error: wrongly indented double-quoted scalar\n  a quote is not closed,"},
	{"a: 'it's'\nb: 1\n", "f.yaml:1:8: error: invalid trailing content after single-quoted scalar\n"
			      "  inside '…' write '' for one quote;"},
	{"a: \"\\d+\"\n",
	 "f.yaml:1:5: error: invalid escape 'd' in double-quoted string\n  inside \"…\" a \\ must be doubled;"},
	{"a: b: c\n", "f.yaml:1:5: error: invalid nested block mapping on the same line\n"
		      "  a text with ': ' in it must stand in quotes: '…'\n  a: b: c\n      ^\n"},
	{"a: {x: 1\nb: 2\n", "f.yaml:2:2: error: missing comma in flow mapping\n  part the entries by ', '"},
	{"a: [1, 2\n", "f.yaml:2:1: error: flow sequence without a closing bracket\n  each { needs its }"},
	{"a: [b]]\n", "f.yaml:1:7: error: flow sequence with invalid extra closing bracket\n  each { needs its }"},
	{"a: %x\n", "f.yaml:1:4: error: plain scalar cannot start with '%'\n  put the text in quotes: '…'\n"},
	{"a: - b\n",
	 "f.yaml:1:4: error: block sequence on the same line as a mapping key\n  begin the list in the next line,"},
	{"- a\nb: c\n", "f.yaml:2:1: error: invalid scalar at the end of block sequence\n  lines of the same level"},
	{"a：1\nb: 2\n", "f.yaml:1:1: error: invalid multiline plain key\n  write ':' and a blank behind the key, not "
			 "the full-width '：'\n"},
	{"a: 1\n　b: 2\n", "f.yaml:2:1: error: a key begins with a blank that is not an ordinary one\n  replace it"},
	{"a:\n  \xC2\xA0 b: 2\n", "f.yaml:2:3: error: a key begins with a blank that is not an ordinary one\n"},
	{"a: ｛x: 1｝\n", "f.yaml:1:6: error: invalid nested block mapping on the same line\n  write { } [ ]"},
	{"a: &x 1\nb: 2\n", "f.yaml:1:5: error: anchors (&name) are not allowed\n  write the value out"},
	{"a: *x\n",
	 "f.yaml:1:4: error: aliases (*name) are not allowed\n  write the value out; put a text that begins with *"},
	{"a: !!str 1\n", "f.yaml:1:4: error: tags (!name) are not allowed\n"},
	{"a: !x [1]\n", "f.yaml:1:4: error: tags (!name) are not allowed\n"},
	{"&m {a: 1}\n", "f.yaml:1:2: error: anchors"},
	{"a: 1\nb: 2\na: 3\n", "f.yaml:3:1: error: the key 'a' stands twice\n  it stands already in line 1: keep one "
			       "of the two\n  a: 3\n  ^\n"},
	{"x: {zh: 1, en: 2, 'zh': 3}\n", "f.yaml:1:19: error: the key 'zh' stands twice\n"},
	{"a: 1\n---\nb: 2\n", "f.yaml:2:1: error: a second document begins here\n"},
	{"? [a]\n: b\n", "f.yaml:1:3: error: a key must be a single word"},
	{"{a: 1}: b\n", "f.yaml:1:1: error: a key must be a single word"},
	{"a: \"\\0\"\n", "f.yaml:1:4: error: a character that may not stand in a text\n"},
	{"a: \"\\ud83d\\ude00\"\n", "f.yaml:1:4: error: a character that may not stand in a text\n"},
	{"a: 1\nb: \xB9\xFA\n", "f.yaml:2: error: the line is not valid UTF-8\n  save the file as UTF-8"},
};

static void refuses_with_a_place_and_advice(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		struct desk k = desk_open();
		struct yaml *y = parse(&k, refused[i].text);
		const char *shown = printed(&k);

		if (!refused[i].printed) {
			assert_non_null(y);
			assert_string_equal(shown, "");
			arena_close(&k.arena);
			continue;
		}
		if (y || !slice_begins(slice_of(shown), slice_of(refused[i].printed)))
			fail_msg("%s\ngives\n%s", refused[i].text, shown);
		assert_true(k.diags.errors > 0);
		arena_close(&k.arena);
	}
}

static bool deep(size_t depth, const char *open, const char *close)
{
	struct desk k = desk_open();
	struct buf b = buf_in(k.arena, 100000);
	bool ok;

	for (size_t i = 0; i < depth; i++)
		buf_add_c(&b, open);
	buf_add_char(&b, '1');
	for (size_t i = 0; i < depth; i++)
		buf_add_c(&b, close);
	ok = parse(&k, b.data) != NULL;
	assert_int_equal(ok, k.diags.errors == 0);
	arena_close(&k.arena);
	return ok;
}

static bool wide(size_t n, const char *piece)
{
	struct desk k = desk_open();
	struct buf b = buf_in(k.arena, 4 << 20);
	bool ok;

	for (size_t i = 0; i < n; i++)
		buf_add_c(&b, piece);
	ok = parse(&k, b.data) != NULL;
	assert_int_equal(ok, k.diags.errors == 0);
	arena_close(&k.arena);
	return ok;
}

static void is_bounded(void **state)
{
	(void)state;
	assert_true(deep(YAML_MAX_DEPTH, "[", "]"));
	assert_false(deep(YAML_MAX_DEPTH + 1, "[", "]"));
	assert_true(deep(YAML_MAX_DEPTH, "{a: ", "}"));
	assert_false(deep(YAML_MAX_DEPTH + 1, "{a: ", "}"));
	assert_false(deep(20000, "[", ""));
	assert_false(deep(20000, "- ", ""));
	assert_true(wide(99999, "- a\n"));
	assert_false(wide(100000, "- a\n"));                                    /* with the list itself one too many */
	assert_true(wide(1 << 15, "- a # 9012345678901234567890123\n"));        /* 1 MiB */
	assert_false(wide((1 << 15) + 1, "- a # 9012345678901234567890123\n")); /* and a line more */
}

static void reads_texts(void **state)
{
	static const struct {
		const char *text, *value;
	} table[] = {
		{"v: ''''''''''''''''''''''''", "'''''''''''"}, /* libfyaml's own call would lose memory here */
		{"v: ''''''", "''"},                            /* it reads three */
		{"v: '[''''x\"]{1,2}'", "[''x\"]{1,2}"},
		{"v: ''", ""},
		{"v: 'a''b'", "a'b"},
		{"v: 'a  \n   b\n\n\n  c ''''d'", "a b\n\nc ''d"},
		{"v: 'a\r\n\r\n  b'", "a\nb"},
		{"v: '\n  a\n  '", " a "},
		{"v: 'a\n\n  '", "a\n"},
		{"v: '中\n 文'\nw: 1", "中 文"},
		{"v: \"a\\tb\\t\\t\\t\\t\\t\\t\\t\\t\\t\\tc\"", "a\tb\t\t\t\t\t\t\t\t\t\tc"},
		{"v: \"a\\\\\\\n  b\"", "a\\b"}, /* it puts a blank there */
		{"v: \"a  \\\n   \\  b\\\n\n\n  c\\x20\n  d\"", "a    b\n\nc  d"},
		{"v: \"\\a\\b\\e\\f\\v\\r\\N\\_\\L\\P\\/\\xe9\\ \"",
		 "\a\b\033\f\v\r\xC2\x85\xC2\xA0\xE2\x80\xA8\xE2\x80\xA9/é "},
		{"v: \"\"", ""},
		{"v: |\n  a\n  b", "a\nb\n"},
		{"v: |-\n  a\n  b\n\n", "a\nb"},
		{"v: |+\n  a\n\n", "a\n\n"},
		{"v: >\n  a\n  b\n\n  c\n", "a b\nc\n"},
		{"v: a\n  b\n", "a b"},
		{"v: \"\\n\\\\\\u4e2d\\U00020bb7\\\"\"", "\n\\中𠮷\""},
		{"v: '\\d+ \"x\" # no comment'", "\\d+ \"x\" # no comment"},
		{"v: a#b # comment", "a#b"},
		{"v: http://x:80/", "http://x:80/"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct desk k = desk_open();
		struct yaml *y = parse(&k, table[i].text);

		if (!y || !slice_is(yaml_get(y, "v")->text, table[i].value))
			fail_msg("%s", table[i].text);
		arena_close(&k.arena);
	}
}

static struct yaml *sample(struct desk *k)
{
	return parse(k, "text: hello\nquoted: '12'\nnone:\ntilde: ~\nnothing: ''\nlist: [1]\nmap: {a: b}\n"
			"n: 42\nbig: 99999999999999999999\nyes: true\nno: false\nmaybe: 'true'\n"
			"wait: 10m\nodd: 10 minutes\n");
}

static void reads_types(void **state)
{
	struct desk k = desk_open();
	struct yaml *y = sample(&k);

	(void)state;
	assert_non_null(y);
	assert_true(slice_is(yaml_text(&k.diags, y, "text", S("x")), "hello"));
	assert_true(slice_is(yaml_text(&k.diags, y, "quoted", S("x")), "12"));
	assert_true(slice_is(yaml_text(&k.diags, y, "n", S("x")), "42"));
	assert_true(slice_is(yaml_text(&k.diags, y, "nothing", S("x")), ""));
	assert_true(slice_is(yaml_text(&k.diags, y, "absent", S("x")), "x"));
	assert_true(slice_is(yaml_text(&k.diags, NULL, "absent", S("x")), "x"));
	assert_int_equal(yaml_int(&k.diags, y, "n", 0, 42, 7), 42);
	assert_int_equal(yaml_int(&k.diags, y, "n", 42, 42, 7), 42);
	assert_int_equal(yaml_int(&k.diags, y, "absent", 0, 1, 7), 7);
	assert_true(yaml_bool(&k.diags, y, "yes", false));
	assert_false(yaml_bool(&k.diags, y, "no", true));
	assert_true(yaml_bool(&k.diags, y, "absent", true));
	assert_int_equal(yaml_duration(&k.diags, y, "wait", 1), 600000);
	assert_int_equal(yaml_duration(&k.diags, y, "absent", 1), 1);
	assert_int_equal(k.diags.n, 0);
	arena_close(&k.arena);
}

static void reports_wrong_types(void **state)
{
	struct desk k = desk_open();
	struct yaml *y = sample(&k);

	(void)state;
	assert_true(slice_is(yaml_text(&k.diags, y, "none", S("x")), "x"));
	assert_true(slice_is(yaml_text(&k.diags, y, "tilde", S("x")), "x"));
	assert_true(slice_is(yaml_text(&k.diags, y, "list", S("x")), "x"));
	assert_true(slice_is(yaml_text(&k.diags, y, "map", S("x")), "x"));
	assert_int_equal(yaml_int(&k.diags, y, "n", 0, 41, 7), 7);
	assert_int_equal(yaml_int(&k.diags, y, "n", 43, 50, 7), 7);
	assert_int_equal(yaml_int(&k.diags, y, "text", 0, 50, 7), 7);
	assert_int_equal(yaml_int(&k.diags, y, "big", 0, 50, 7), 7);
	assert_true(yaml_bool(&k.diags, y, "text", true));
	assert_false(yaml_bool(&k.diags, y, "maybe", false));
	assert_int_equal(yaml_duration(&k.diags, y, "odd", 1), 1);
	assert_int_equal(k.diags.errors, 11);
	assert_true(slice_begins(slice_of(printed(&k)), S("f.yaml:3:")));
	assert_true(slice_is(k.diags.list[0].what, "'none' must be a text, not nothing"));
	assert_true(slice_is(k.diags.list[2].what, "'list' must be a text, not a list"));
	assert_true(slice_is(k.diags.list[3].what, "'map' must be a text, not a map"));
	assert_true(slice_is(k.diags.list[4].what, "'n' must be within its bounds, not '42'"));
	assert_true(slice_is(k.diags.list[4].mend, "write a number from 0 to 41"));
	assert_true(slice_is(k.diags.list[4].excerpt, "n: 42"));
	assert_int_equal(k.diags.list[4].line, 8);
	assert_int_equal(k.diags.list[4].column, 4);
	assert_true(slice_is(k.diags.list[10].what, "'odd' must be a length of time, not '10 minutes'"));
	arena_close(&k.arena);
}

static void reports_unknown_keys(void **state)
{
	static const char *const known[] = {"say", "match"};
	struct desk k = desk_open();
	struct yaml *y = parse(&k, "say: 1\nmacht: 2\nother: 3\n");

	(void)state;
	yaml_only(&k.diags, y, known, 2);
	yaml_only(&k.diags, NULL, known, 2);
	yaml_warn(&k.diags, yaml_get(y, "say"), S("odd"), S(""));
	yaml_error(&k.diags, NULL, S("nowhere"), S(""));
	assert_string_equal(printed(&k),
			    "f.yaml:2:1: error: unknown key 'macht'\n  did you mean 'match'?\n  macht: 2\n  ^\n"
			    "f.yaml:3:1: error: unknown key 'other'\n  known here: say, match\n  other: 3\n  ^\n"
			    "f.yaml:1:6: warning: odd\n  say: 1\n       ^\n"
			    "error: nowhere\n");
	arena_close(&k.arena);
}

static void reads_files(void **state)
{
	char folder[] = "/tmp/huiyin-yaml-XXXXXX";
	struct desk k = desk_open();
	const char *path, *fifo;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	path = arena_printf(k.arena, "%s/a.yaml", folder).data;
	fifo = arena_printf(k.arena, "%s/pipe", folder).data;
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("a: 1\n", f);
	fclose(f);
	assert_non_null(yaml_read_file(k.arena, path, &k.diags));
	assert_int_equal(k.diags.n, 0);
	assert_int_equal(truncate(path, YAML_MAX_BYTES + 1), 0);
	assert_null(yaml_read_file(k.arena, path, &k.diags));
	assert_true(slice_is(k.diags.list[0].what, "the file is larger than 1 MiB"));
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_null(yaml_read_file(k.arena, fifo, &k.diags));
	assert_null(yaml_read_file(k.arena, folder, &k.diags));
	assert_true(slice_is(k.diags.list[2].what, "cannot be read: Is a directory"));
	unlink(fifo);
	unlink(path);
	assert_null(yaml_read_file(k.arena, path, &k.diags));
	assert_true(slice_is(k.diags.list[3].what, "cannot be read: No such file or directory"));
	assert_int_equal(k.diags.errors, 4);
	rmdir(folder);
	arena_close(&k.arena);
}

static const char flow[] = "flow: report\n"
			   "languages: [zh, en]                # first = default\n"
			   "start:\n"
			   "  - match: '^(1|投诉|信访|反映)|\\b(complain\\w*|report)\\b'\n"
			   "  - otherwise: true\n"
			   "ask:\n"
			   "  - kind:\n"
			   "      say: {zh: '您要反映哪类问题?', en: \"What's it about?\"}\n"
			   "      choices:\n"
			   "        housing: {match: '住房|房屋', zh: 城乡建设, en: Housing}\n"
			   "  - story:\n"
			   "      say: |\n"
			   "        Please tell.\n"
			   "        As long as you like.\n"
			   "      collect: {until: '^(0|done)$', max: 4000}\n"
			   "idle: {remind: 10m, expire: 7d}\n";

/* What a slip of the hand does to one line. */
static void damage(struct buf *b, struct slice line, int how)
{
	static const char *const inserts[] = {"\t", " ",  "'", "\"",  "{",  "}",    "[",    "]",     ": ",
					      "：", "- ", "#", "&a ", "*a", "!",    "|",    ">",     "%",
					      "@",  "`",  ",", "?",   "\\", "\xFF", "\x01", "---\n", "...\n"};
	size_t n = sizeof(inserts) / sizeof(inserts[0]);
	size_t place = (size_t)how / n, at = place == 0 ? 0 : place == 1 ? line.len / 2 : line.len;

	if (place > 2) { /* cut short, or doubled */
		buf_add(b, slice_make(line.data, line.len / 2));
		buf_add(b, how % 2 ? line : S(""));
		return;
	}
	while (at < line.len && ((unsigned char)line.data[at] & 0xC0) == 0x80)
		at++;
	buf_add(b, slice_make(line.data, at));
	buf_add_c(b, inserts[(size_t)how % n]);
	buf_add(b, slice_from(line, at));
}

/*
 * Each line of a flow with each slip: either the file still reads, or there is an error with a place in the file and
 * advice. It never crashes and never refuses in silence.
 */
static void survives_any_damaged_line(void **state)
{
	size_t errors = 0, tries = 0;

	(void)state;
	for (int victim = 0; victim < 16; victim++) {
		for (int how = 0; how < 27 * 3 + 2; how++, tries++) {
			struct desk k = desk_open();
			struct buf b = buf_in(k.arena, 10000);
			struct slice rest = S(flow), line;
			struct yaml *y;

			for (int i = 0; slice_next(&rest, '\n', &line); i++) {
				if (i == victim)
					damage(&b, line, how);
				else
					buf_add(&b, line);
				buf_add_char(&b, '\n');
			}
			y = parse(&k, b.data);
			assert_int_equal(y == NULL, k.diags.errors > 0);
			for (size_t i = 0; i < k.diags.n; i++) {
				assert_in_range(k.diags.list[i].line, 1, 19);
				assert_true(k.diags.list[i].what.len > 0);
				assert_true(k.diags.list[i].mend.len > 0);
			}
			errors += !y;
			arena_close(&k.arena);
		}
	}
	assert_true(errors > tries / 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_a_tree_with_places),
		cmocka_unit_test(reads_texts),
		cmocka_unit_test(refuses_with_a_place_and_advice),
		cmocka_unit_test(is_bounded),
		cmocka_unit_test(reads_types),
		cmocka_unit_test(reports_wrong_types),
		cmocka_unit_test(reports_unknown_keys),
		cmocka_unit_test(reads_files),
		cmocka_unit_test(survives_any_damaged_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * What to tell an office clerk whose file the parser refuses. The parser names the rule that was broken; the usual
 * causes are few (a full-width sign from a Chinese keyboard, a quote), so the line itself is looked at first.
 * Pure; nothing here is fatal.
 */
#include "base/yaml_mend.h"

struct slice yaml_line(struct slice source, int line)
{
	struct slice piece = {0};

	for (int i = 0; i < line; i++) {
		if (!slice_next(&source, '\n', &piece))
			return S("");
	}
	if (piece.len && piece.data[piece.len - 1] == '\r')
		piece.len--;
	return piece;
}

static bool has(struct slice whole, struct slice part)
{
	return slice_find(whole, part) < whole.len;
}

static bool any_of(struct slice line, const char *const *parts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (has(line, slice_of(parts[i])))
			return true;
	}
	return false;
}

/* What can be told from the line alone; empty when it looks innocent. */
static struct slice mend_by_line(struct slice line)
{
	static const char *const quotes[] = {"“", "”", "‘", "’", "「", "」"};
	static const char *const brackets[] = {"｛", "｝", "［", "］", "【", "】"};

	if (has(line, S("\xE3\x80\x80"))) /* U+3000 */
		return S("there is a full-width blank in the line: replace it by ordinary blanks");
	if (has(line, S("：")) && !has(line, S(": ")))
		return S("write ':' and a blank behind the key, not the full-width '：'");
	if (any_of(line, brackets, sizeof(brackets) / sizeof(brackets[0])))
		return S("write { } [ ] with plain keys, not full-width ones; or put the whole text in '…'");
	if (any_of(line, quotes, sizeof(quotes) / sizeof(quotes[0])) && !has(line, S("'")) && !has(line, S("\"")))
		return S("quotes must be straight: '…' or \"…\"");
	return S("");
}

struct advice {
	const char *sign; /* stands in the parser's words */
	const char *mend;
};

static struct slice mend_by_words(struct slice what)
{
	static const struct advice table[] = {
		{"trailing content", "inside '…' write '' for one quote; nothing may follow the closing quote"},
		{"escape", "inside \"…\" a \\ must be doubled; patterns are easier in '…', where \\ stands for itself"},
		{"quoted", "a quote is not closed, here or in a line above: look for ' or \" without its partner"},
		{"nested block mapping", "a text with ': ' in it must stand in quotes: '…'"},
		{"multiline plain key", "the line needs 'key: value', with a blank behind ':'"},
		{"simple key", "the line needs 'key: value', with a blank behind ':'"},
		{"cannot start with", "put the text in quotes: '…'"},
		{"missing comma",
		 "part the entries by ', ' and close every { and [ ; put texts with , : { } in quotes"},
		{"closing", "each { needs its } and each [ its ]; put a text that has one in quotes"},
		{"flow", "each { needs its } and each [ its ]; put a text that has one in quotes"},
		{"on the same line", "begin the list in the next line, or put the text in quotes"},
		{"linebreak", "behind | or > the text begins in the next line, indented"},
		{"indent", "lines of the same level begin in the same column; two blanks for each level"},
		{"block", "lines of the same level begin in the same column; a list's lines all begin with '- '"},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (has(what, slice_of(table[i].sign)))
			return slice_of(table[i].mend);
	}
	return S("compare the line and the one above it with a line that works; put texts in quotes when in doubt");
}

struct slice yaml_mend(struct slice source, int line, struct slice what)
{
	struct slice mend = mend_by_line(yaml_line(source, line));

	return mend.len ? mend : mend_by_words(what);
}

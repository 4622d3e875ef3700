/*
 * Quoted YAML texts (YAML 1.2, chapters 5.7, 6.5 and 7.3). libfyaml 0.7.12 finds where they begin and end, but gives
 * wrong letters when one doubled quote follows another ('[''''"]') or an escaped line end follows an escape, so the
 * text is made here. Pure; nothing here is fatal.
 */
#include "base/yaml_quoted.h"

struct unquoting {
	struct buf out;
	struct slice raw; /* what is still to be read */
	size_t solid;     /* so much of out was escaped: its blanks are not trimmed at a line's end */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void skip(struct unquoting *u, size_t n)
{
	u->raw = slice_from(u->raw, n);
}

/* Over blanks and line ends; counts the latter. */
static size_t skip_lines(struct unquoting *u)
{
	size_t ends = 0;

	for (; u->raw.len && (is_blank(u->raw.data[0]) || u->raw.data[0] == '\n'); skip(u, 1))
		ends += u->raw.data[0] == '\n';
	return ends;
}

static void put_ends(struct unquoting *u, size_t n)
{
	while (n--)
		buf_add_char(&u->out, '\n');
}

/* One line's end reads as a blank, several as one less. Blanks around them do not count. */
static void fold(struct unquoting *u)
{
	size_t ends = skip_lines(u);

	while (u->out.len > u->solid && is_blank(u->out.data[u->out.len - 1]))
		u->out.len--;
	if (ends == 1)
		buf_add_char(&u->out, ' ');
	else
		put_ends(u, ends - 1);
}

static void put_point(struct unquoting *u, uint32_t point)
{
	char bytes[4];
	bool none = (point >= 0xD800 && point <= 0xDFFF) || point > 0x10FFFF;

	buf_add(&u->out, slice_make(bytes, utf8_encode(none ? 0 : point, bytes)));
}

static void put_hex(struct unquoting *u, size_t digits)
{
	uint32_t point = 0;

	for (size_t i = 0; i < digits && i < u->raw.len; i++) {
		char c = u->raw.data[i];

		point = point << 4 | (uint32_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	skip(u, digits);
	put_point(u, point);
}

/* Behind a backslash. */
static void escape(struct unquoting *u)
{
	static const struct {
		char letter;
		uint32_t point;
	} table[] = {
		{'0', 0},    {'a', 7},  {'b', 8},    {'t', '\t'}, {'n', '\n'},   {'v', 11},     {'f', 12},
		{'r', '\r'}, {'e', 27}, {'N', 0x85}, {'_', 0xA0}, {'L', 0x2028}, {'P', 0x2029},
	};
	char c = u->raw.len ? u->raw.data[0] : '\\';

	if (c == '\n' || (c == '\r' && u->raw.len > 1 && u->raw.data[1] == '\n')) {
		put_ends(u, skip_lines(u) - 1); /* the line goes on; empty ones between still count */
		return;
	}
	skip(u, 1);
	if (c == 'x' || c == 'u' || c == 'U') {
		put_hex(u, c == 'x' ? 2 : c == 'u' ? 4 : 8);
		return;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].letter == c) {
			put_point(u, table[i].point);
			return;
		}
	}
	buf_add_char(&u->out, c); /* a quote, slash, backslash or blank stands for itself */
}

struct slice yaml_unquote(struct arena *a, char quote, struct slice raw)
{
	struct unquoting u = {.out = buf_in(a, raw.len * 4), .raw = raw};

	while (u.raw.len) {
		char c = u.raw.data[0];

		if (c == '\n') {
			fold(&u);
			continue;
		}
		skip(&u, 1);
		if (quote == '"' && c == '\\') {
			escape(&u);
			u.solid = u.out.len;
		} else {
			buf_add_char(&u.out, c);
			if (quote == '\'' && c == '\'')
				skip(&u, 1);
		}
	}
	return u.out.data ? buf_slice(&u.out) : S("");
}

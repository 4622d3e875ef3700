/*
 * Folding: what people type, brought to one form before any pattern sees it (NFKC, white space, invisible characters,
 * traditional → simplified). utf8proc appears here only. Runs on every message, so ASCII and plain Chinese never reach
 * utf8proc and clean ASCII is not even copied.
 *
 * The text was checked to be UTF-8 at the front door; nothing here is fatal but running out of memory.
 */
#include "flow/fold.h"

#include <string.h>
#include <uchar.h>
#include <utf8proc.h>

#include "flow/fold_table.inc"

#define TABLE_SIZE      (sizeof traditional / sizeof *traditional - 1)
#define KEYCAP_TEN      0x1F51F
#define NFKC_MAX_POINTS 32 /* the longest decomposition of one character has 18 */

static uint32_t simplify(uint32_t point)
{
	size_t low = 0, high = TABLE_SIZE;

	if (point < traditional[0] || point > traditional[TABLE_SIZE - 1])
		return point;
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (traditional[middle] < point)
			low = middle + 1;
		else
			high = middle;
	}
	return low < TABLE_SIZE && traditional[low] == point ? simplified[low] : point;
}

static bool is_space(uint32_t p)
{
	return p == ' ' || (p >= '\t' && p <= '\r') || p == 0x85 || p == 0xA0 || p == 0x1680 ||
	       (p >= 0x2000 && p <= 0x200A) || p == 0x2028 || p == 0x2029 || p == 0x202F || p == 0x205F || p == 0x3000;
}

/* Zero-width characters, direction marks, variation selectors, the keycap ring; other control characters. */
static bool is_invisible(uint32_t p)
{
	if (p < 0x20 || p == 0x7F)
		return !is_space(p);
	return (p >= 0x80 && p < 0xA0 && p != 0x85) || p == 0xAD || p == 0x34F || p == 0x61C || p == 0x180E ||
	       (p >= 0x200B && p <= 0x200F) || (p >= 0x202A && p <= 0x202E) || (p >= 0x2060 && p <= 0x206F) ||
	       p == 0x20E3 || (p >= 0xFE00 && p <= 0xFE0F) || p == 0xFEFF || (p >= 0xE0000 && p <= 0xE0FFF);
}

/* Characters that NFKC leaves alone wherever they stand: most of what Chinese messages are made of. */
static bool is_plain(uint32_t p)
{
	return p < 0x80 || (p >= 0x4E00 && p <= 0x9FFF) || (p >= 0x3001 && p <= 0x301D) || p == 0x2014 || p == 0x2018 ||
	       p == 0x2019 || p == 0x201C || p == 0x201D;
}

/* NFKC would not touch them, but people type them for their plain sisters: the numbers ❶ ➀ ➊ ⓵, quotation marks. */
static uint32_t plain_sister(uint32_t p)
{
	if (p >= 0x2776 && p <= 0x277E)
		return '1' + (p - 0x2776);
	if (p >= 0x2780 && p <= 0x2788)
		return '1' + (p - 0x2780);
	if (p >= 0x278A && p <= 0x2792)
		return '1' + (p - 0x278A);
	if (p >= 0x24F5 && p <= 0x24FD)
		return '1' + (p - 0x24F5);
	if (p == 0x2018 || p == 0x2019 || p == 0x2BC || p == 0xB4)
		return '\'';
	if (p == 0x201C || p == 0x201D)
		return '"';
	return p;
}

static uint32_t fold_point(uint32_t p)
{
	if (p >= 0xFF01 && p <= 0xFF5E)
		return p - 0xFF01 + '!';
	if (p < 0x80)
		return p;
	return simplify(plain_sister(p));
}

/* NFKC of a text that needs it; `text` itself when utf8proc refuses it, which valid UTF-8 never makes it do. */
static struct slice nfkc(struct arena *a, struct slice text)
{
	const utf8proc_option_t how = UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_STABLE;
	const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.data;
	utf8proc_ssize_t n = utf8proc_decompose(bytes, (utf8proc_ssize_t)text.len, NULL, 0, how);
	utf8proc_int32_t *points;

	if (n <= 0)
		return text;
	points = arena_alloc(a, ((size_t)n + 1) * sizeof *points);
	utf8proc_decompose(bytes, (utf8proc_ssize_t)text.len, points, n, how);
	n = utf8proc_reencode(points, n, how); /* in place: a point never needs more than its four bytes */
	return n < 0 ? text : slice_make((const char *)points, (size_t)n);
}

static bool clean_ascii(struct slice s)
{
	char before = ' ';

	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (c < 0x20 || c == 0x7F || (c == ' ' && before == ' ')) /* char is signed: beyond ASCII is below 0 */
			return false;
		before = c;
	}
	return s.len == 0 || before != ' ';
}

static bool needs_nfkc(struct slice text)
{
	size_t at = 0;
	int32_t p;

	while ((p = utf8_next(text, &at)) >= 0) {
		if (!is_plain((uint32_t)p) && !is_invisible((uint32_t)p) && !is_space((uint32_t)p) &&
		    !(p >= 0xFF01 && p <= 0xFF5E))
			return true;
	}
	return false;
}

struct slice fold_text(struct arena *a, struct slice text)
{
	size_t at = 0, len = 0;
	bool gap = false;
	int32_t p;
	char *out;

	if (clean_ascii(text))
		return text;
	if (needs_nfkc(text))
		text = nfkc(a, text);
	out = arena_alloc(a, text.len + 8); /* no folded character is longer than it was */
	while ((p = utf8_next(text, &at)) >= 0 && len <= text.len) {
		if (is_space((uint32_t)p)) {
			gap = len > 0;
			continue;
		}
		if (is_invisible((uint32_t)p))
			continue;
		if (gap)
			out[len++] = ' ';
		gap = false;
		if (p == KEYCAP_TEN) { /* the one keycap that is a character of its own */
			out[len++] = '1';
			out[len++] = '0';
			continue;
		}
		len += utf8_encode(fold_point((uint32_t)p), out + len);
	}
	return slice_make(out, len);
}

/* ---- patterns ---- */

/* Where the reader of a pattern stands: inside a class, inside \Q…\E. */
struct pattern_walk {
	bool in_class, quoted;
};

/* One folded character as pattern text that can only mean itself. */
static void put_literal(struct buf *b, uint32_t p, bool quoted)
{
	char bytes[4];

	if (p >= 0x80) {
		buf_add(b, slice_make(bytes, utf8_encode(p, bytes)));
		return;
	}
	/* As a number: a digit must not become part of a quantifier, nor a bracket of the syntax. */
	buf_printf(b, quoted ? "\\E\\x{%02x}\\Q" : "\\x{%02x}", p);
}

/* A character beyond ASCII. Inside a class, one that unfolds into several stays as it is. */
static void put_folded(struct buf *b, struct slice one, uint32_t p, struct pattern_walk *walk)
{
	utf8proc_int32_t points[NFKC_MAX_POINTS];
	utf8proc_ssize_t n = 1;

	if (is_invisible(p))
		return;
	if (is_space(p)) {
		put_literal(b, ' ', walk->quoted);
		return;
	}
	points[0] = (utf8proc_int32_t)p;
	if (!is_plain(p))
		n = utf8proc_decompose((const utf8proc_uint8_t *)one.data, (utf8proc_ssize_t)one.len, points,
				       NFKC_MAX_POINTS, UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	if (n > 1 && n <= NFKC_MAX_POINTS)
		n = utf8proc_normalize_utf32(points, n, UTF8PROC_COMPOSE | UTF8PROC_STABLE);
	if (n == 1) {
		put_literal(b, fold_point((uint32_t)points[0]), walk->quoted);
		return;
	}
	if (n < 1 || n > NFKC_MAX_POINTS || walk->in_class || walk->quoted) {
		buf_add(b, one);
		return;
	}
	buf_add_c(b, "(?:");
	for (utf8proc_ssize_t i = 0; i < n; i++)
		put_literal(b, fold_point((uint32_t)points[i]), false);
	buf_add_char(b, ')');
}

/* The ends of a range keep their place in the code table: folding one would move all that lies between. */
static bool is_range_end(struct slice source, size_t from, size_t to, bool in_class)
{
	bool left = from > 1 && source.data[from - 1] == '-' && source.data[from - 2] != '\\' &&
		    source.data[from - 2] != '[';
	bool right = to + 1 < source.len && source.data[to] == '-' && source.data[to + 1] != ']';

	return in_class && (left || right);
}

/* Follows the syntax over one ASCII character at `at`; copies it, and the escaped one behind a backslash. */
static size_t copy_syntax(struct buf *b, struct slice source, size_t at, struct pattern_walk *walk)
{
	char c = source.data[at];
	char next = at + 1 < source.len ? source.data[at + 1] : 0;

	if (c == '\\' && walk->quoted && next == 'E')
		walk->quoted = false;
	else if (c == '\\' && !walk->quoted && next == 'Q')
		walk->quoted = true;
	else if (c == '\\' && !walk->quoted && next < 0)
		return at + 1; /* a backslash before a character that needs none; it would spoil what it folds to */
	else if (c == '[' && !walk->quoted && !walk->in_class) {
		walk->in_class = true;
		if (next == ']' || (next == '^' && at + 2 < source.len && source.data[at + 2] == ']')) {
			size_t n = next == ']' ? 2 : 3; /* "[]" and "[^]": the bracket is a member */

			buf_add(b, slice_make(source.data + at, n));
			return at + n;
		}
	} else if (c == '[' && !walk->quoted && next == ':') { /* [:alpha:] has a bracket of its own */
		size_t n = slice_find(slice_from(source, at), S(":]"));

		n = at + n + 2 <= source.len ? n + 2 : 1;
		buf_add(b, slice_make(source.data + at, n));
		return at + n;
	} else if (c == ']' && !walk->quoted)
		walk->in_class = false;
	buf_add_char(b, c);
	if (c != '\\' || (walk->quoted && next != 'Q') || next == 0)
		return at + 1;
	buf_add_char(b, next);
	return at + 2;
}

/* Folds until the output is longer than `enough`; returns where in the source that was. */
static size_t walk_pattern(struct buf *b, struct slice source, size_t enough)
{
	struct pattern_walk walk = {0};
	size_t at = 0;

	while (at < source.len) {
		size_t from = at;

		if (source.data[at] >= 0) {
			at = copy_syntax(b, source, at, &walk);
		} else {
			uint32_t p = (uint32_t)utf8_next(source, &at);
			struct slice one = slice_make(source.data + from, at - from);

			if (!(p >= 0xFF01 && p <= 0xFF5E) && is_range_end(source, from, at, walk.in_class))
				buf_add(b, one);
			else
				put_folded(b, one, p, &walk);
		}
		if (b->len > enough)
			return from;
	}
	return source.len;
}

struct slice fold_pattern(struct arena *a, struct slice source)
{
	struct buf b = buf_in(a, source.len * 16 + 64);

	walk_pattern(&b, source, SIZE_MAX - 1);
	return buf_slice(&b);
}

size_t fold_pattern_offset(struct arena *a, struct slice source, size_t folded_offset)
{
	struct buf b = buf_in(a, source.len * 16 + 64);

	return walk_pattern(&b, source, folded_offset);
}

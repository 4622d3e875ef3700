/*
 * Writing JSON straight into a buffer. Nothing here is fatal: a buffer at its ceiling says `full`.
 *
 * A string is safe inside an HTML <script> too: < > & and the two line separators of Unicode (which once ended a line
 * in JavaScript) are escaped. Other text stays raw UTF-8.
 */
#include "huiyin/json.h"

#include <math.h>

/* What a byte asks for: 0 plain, 'u' as \u00XX, 'L' maybe a line separator, else the letter behind the backslash. */
static const char escapes[256] = {
	['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r', ['"'] = '"', ['\\'] = '\\', ['<'] = 'u',
	['>'] = 'u',  ['&'] = 'u',  [0x7F] = 'u', [0xE2] = 'L', [0] = 'u',    [1] = 'u',   [2] = 'u',     [3] = 'u',
	[4] = 'u',    [5] = 'u',    [6] = 'u',    [7] = 'u',    [11] = 'u',   [14] = 'u',  [15] = 'u',    [16] = 'u',
	[17] = 'u',   [18] = 'u',   [19] = 'u',   [20] = 'u',   [21] = 'u',   [22] = 'u',  [23] = 'u',    [24] = 'u',
	[25] = 'u',   [26] = 'u',   [27] = 'u',   [28] = 'u',   [29] = 'u',   [30] = 'u',  [31] = 'u',
};

static bool is_line_separator(struct slice s)
{
	return slice_begins(s, S("\xE2\x80\xA8")) || slice_begins(s, S("\xE2\x80\xA9"));
}

void json_put_string(struct buf *b, struct slice s)
{
	size_t plain = 0;

	buf_add_char(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];
		char how = escapes[c];

		if (!how || (how == 'L' && !is_line_separator(slice_from(s, i))))
			continue;
		buf_add(b, slice_make(s.data + plain, i - plain));
		if (how == 'L') {
			buf_add_c(b, s.data[i + 2] == (char)0xA8 ? "\\u2028" : "\\u2029");
			i += 2;
		} else if (how == 'u') {
			buf_printf(b, "\\u%04x", c);
		} else {
			buf_add(b, slice_make((char[]){'\\', how}, 2));
		}
		plain = i + 1;
	}
	buf_add(b, slice_from(s, plain));
	buf_add_char(b, '"');
}

/* Nothing that ends a value looks like an opening bracket, so the last byte tells whether a comma is due. */
static void put_comma(struct buf *b)
{
	char last = b->len ? b->data[b->len - 1] : '{';

	if (last != '{' && last != '[')
		buf_add_char(b, ',');
}

void json_put_key(struct buf *b, const char *key)
{
	put_comma(b);
	json_put_string(b, slice_of(key));
	buf_add_char(b, ':');
}

void json_put_field(struct buf *b, const char *key, struct slice value)
{
	json_put_key(b, key);
	json_put_string(b, value);
}

void json_put_int(struct buf *b, const char *key, int64_t value)
{
	json_put_key(b, key);
	buf_printf(b, "%lld", (long long)value);
}

void json_put_bool(struct buf *b, const char *key, bool value)
{
	json_put_key(b, key);
	buf_add_c(b, value ? "true" : "false");
}

static void put_number(struct buf *b, const struct json *j)
{
	if (j->text.len)
		buf_add(b, j->text);
	else if (isfinite(j->number))
		buf_printf(b, "%.17g", j->number);
	else
		buf_add_c(b, "null");
}

static void put_members(struct buf *b, const struct json *j)
{
	for (size_t i = 0; i < j->n; i++) {
		put_comma(b);
		if (j->kind == JSON_OBJECT) {
			json_put_string(b, j->keys[i]);
			buf_add_char(b, ':');
		}
		json_put(b, j->items[i]);
	}
}

void json_put(struct buf *b, const struct json *j)
{
	static const char *const words[] = {[JSON_NULL] = "null", [JSON_TRUE] = "true", [JSON_FALSE] = "false"};

	if (!j) {
		buf_add_c(b, "null");
		return;
	}
	switch (j->kind) {
	case JSON_NULL:
	case JSON_TRUE:
	case JSON_FALSE:
		buf_add_c(b, words[j->kind]);
		break;
	case JSON_NUMBER:
		put_number(b, j);
		break;
	case JSON_STRING:
		json_put_string(b, j->text);
		break;
	case JSON_ARRAY:
	case JSON_OBJECT:
		buf_add_char(b, j->kind == JSON_ARRAY ? '[' : '{');
		put_members(b, j);
		buf_add_char(b, j->kind == JSON_ARRAY ? ']' : '}');
		break;
	}
}

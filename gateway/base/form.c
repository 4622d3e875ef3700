/*
 * Form bodies and query strings. Decoding happens once, here, and gives raw bytes: signatures are computed over them.
 * Whoever takes a value as text checks that it is UTF-8 without NUL. Nothing here is fatal.
 */
#include "huiyin/form.h"

#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes s to *out (which has room for s.len bytes) and moves *out behind it. */
static struct slice decode_to(char **out, struct slice s, bool plus_is_space)
{
	char *from = *out, *o = *out;

	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (c > '+' || c < '%') { /* most bytes are themselves */
			*o++ = c;
			continue;
		}
		if (c == '%' && s.len - i > 2 && hex_digit(s.data[i + 1]) >= 0 && hex_digit(s.data[i + 2]) >= 0) {
			c = (char)(hex_digit(s.data[i + 1]) << 4 | hex_digit(s.data[i + 2]));
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		*o++ = c;
	}
	*out = o;
	return slice_make(from, (size_t)(o - from));
}

static size_t count_fields(struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.data[i] != '&' && (i == 0 || text.data[i - 1] == '&');
	return n;
}

bool form_read(struct arena *a, struct slice text, struct form *out)
{
	size_t n = count_fields(text);
	struct slice piece, name;
	struct form f = {0};
	char *room;

	if (n > FORM_MAX_FIELDS)
		return false;
	f.fields = ARENA_ARRAY(a, struct field, n);
	room = arena_alloc(a, text.len);
	while (slice_next(&text, '&', &piece)) {
		struct field *field = &f.fields[f.n];

		if (piece.len == 0)
			continue;
		if (!slice_next(&piece, '=', &name))
			name = S("");
		field->name = decode_to(&room, name, true);
		field->value = decode_to(&room, piece, true);
		f.n++;
	}
	*out = f;
	return true;
}

static const struct field *find(const struct form *f, const char *name)
{
	struct slice wanted = slice_of(name);

	for (size_t i = 0; i < f->n; i++) {
		if (slice_equal(f->fields[i].name, wanted))
			return &f->fields[i];
	}
	return NULL;
}

struct slice form_get(const struct form *f, const char *name)
{
	const struct field *field = find(f, name);

	return field ? field->value : S("");
}

bool form_has(const struct form *f, const char *name)
{
	return find(f, name) != NULL;
}

void form_put(struct buf *b, struct slice name, struct slice value)
{
	if (b->len)
		buf_add_char(b, '&');
	url_put(b, name);
	buf_add_char(b, '=');
	url_put(b, value);
}

static bool unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

void url_put(struct buf *b, struct slice s)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t plain = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (unreserved(s.data[i]))
			continue;
		buf_add(b, slice_make(s.data + plain, i - plain));
		buf_add(b, slice_make((char[]){'%', hex[c >> 4], hex[c & 15]}, 3));
		plain = i + 1;
	}
	buf_add(b, slice_from(s, plain));
}

struct slice url_decode(struct arena *a, struct slice s, bool plus_is_space)
{
	char *room = arena_alloc(a, s.len);

	return decode_to(&room, s, plus_is_space);
}

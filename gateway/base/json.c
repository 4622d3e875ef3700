/*
 * Reading JSON (the only file that knows jansson). Bounds are checked by a scan of the raw text before jansson sees it,
 * so that a deep or wide text costs one pass over its bytes. Nothing here is fatal: bad text gives null and a reason.
 *
 * jansson turns numbers into doubles; ids of 64 bits would be damaged. The scan therefore notes where each number
 * stands, and as jansson keeps the order of the text, the n-th number of the tree is the n-th one of the scan.
 */
#include "huiyin/json.h"

/* jansson and our header chose the same names for the kinds; jansson's are renamed while it is read. */
#define JSON_OBJECT JANSSON_OBJECT
#define JSON_ARRAY  JANSSON_ARRAY
#define JSON_STRING JANSSON_STRING
#define JSON_TRUE   JANSSON_TRUE
#define JSON_FALSE  JANSSON_FALSE
#define JSON_NULL   JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_TRUE
#undef JSON_FALSE
#undef JSON_NULL

struct reading {
	struct arena *arena;
	struct slice *numbers; /* as written, in order */
	size_t n_numbers, next_number;
	const char *why;
};

/* ---- the scan ---- */

/* From the opening quote to behind the closing one; to the end when there is none (jansson will complain). */
static size_t string_end(struct slice text, size_t i)
{
	for (i++; i < text.len && text.data[i] != '"'; i++)
		i += text.data[i] == '\\';
	return i < text.len ? i + 1 : text.len;
}

static bool in_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '+' ||
	       c == '.';
}

static size_t word_end(struct slice text, size_t i)
{
	while (i < text.len && in_word(text.data[i]))
		i++;
	return i;
}

static bool is_number_start(char c)
{
	return c == '-' || (c >= '0' && c <= '9');
}

/*
 * Counts values and depth; fills r->numbers when it has room for them. Keys are counted as strings and taken off at
 * their colon. Whether it is JSON at all is left to jansson.
 */
static bool scan(struct reading *r, struct slice text)
{
	size_t nodes = 0, depth = 0, end;

	r->n_numbers = 0;
	for (size_t i = 0; i < text.len; i = end) {
		char c = text.data[i];

		end = i + 1;
		if (c == '"') {
			end = string_end(text, i);
			nodes++;
		} else if (c == '[' || c == '{') {
			nodes++;
			if (++depth > JSON_MAX_DEPTH) {
				r->why = "nested too deep";
				return false;
			}
		} else if (c == ']' || c == '}') {
			depth -= depth > 0;
		} else if (c == ':') {
			nodes -= nodes > 0;
		} else if (in_word(c)) {
			end = word_end(text, i);
			nodes++;
			if (is_number_start(c) && r->numbers)
				r->numbers[r->n_numbers] = slice_make(text.data + i, end - i);
			r->n_numbers += is_number_start(c);
		}
		if (nodes > JSON_MAX_NODES + 1) /* one key may be waiting for its colon */
			break;
	}
	if (nodes > JSON_MAX_NODES)
		r->why = "too many values";
	return nodes <= JSON_MAX_NODES;
}

/* ---- from jansson's tree to ours ---- */

static struct json *convert(struct reading *r, json_t *from);

static void convert_array(struct reading *r, json_t *from, struct json *to)
{
	to->n = json_array_size(from);
	to->items = ARENA_ARRAY(r->arena, struct json *, to->n);
	for (size_t i = 0; i < to->n; i++)
		to->items[i] = convert(r, json_array_get(from, i));
}

static void convert_object(struct reading *r, json_t *from, struct json *to)
{
	const char *key;
	json_t *value;
	size_t i = 0;

	to->n = json_object_size(from);
	to->items = ARENA_ARRAY(r->arena, struct json *, to->n);
	to->keys = ARENA_ARRAY(r->arena, struct slice, to->n);
	json_object_foreach(from, key, value)
	{
		to->keys[i] = arena_copy(r->arena, slice_of(key));
		to->items[i++] = convert(r, value);
	}
}

static void convert_number(struct reading *r, json_t *from, struct json *to)
{
	to->number = json_number_value(from);
	if (r->next_number < r->n_numbers)
		to->text = arena_copy(r->arena, r->numbers[r->next_number++]);
}

static struct json *convert(struct reading *r, json_t *from)
{
	struct json *to = ARENA_NEW(r->arena, struct json);

	switch (json_typeof(from)) {
	case JANSSON_OBJECT:
		to->kind = JSON_OBJECT;
		convert_object(r, from, to);
		break;
	case JANSSON_ARRAY:
		to->kind = JSON_ARRAY;
		convert_array(r, from, to);
		break;
	case JANSSON_STRING:
		to->kind = JSON_STRING;
		to->text = arena_copy(r->arena, slice_make(json_string_value(from), json_string_length(from)));
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		to->kind = JSON_NUMBER;
		convert_number(r, from, to);
		break;
	case JANSSON_TRUE:
		to->kind = JSON_TRUE;
		break;
	case JANSSON_FALSE:
		to->kind = JSON_FALSE;
		break;
	case JANSSON_NULL:
		to->kind = JSON_NULL;
		break;
	}
	return to;
}

/* Our own words: jansson's quote the text, which may hold personal data and must not reach a log. */
static const char *reason(const json_error_t *e)
{
	switch (json_error_code(e)) {
	case json_error_duplicate_key:
		return "a key stands twice";
	case json_error_null_character:
	case json_error_null_byte_in_key:
		return "a NUL character";
	case json_error_numeric_overflow:
		return "a number too large";
	case json_error_premature_end_of_input:
		return "it ends too early";
	case json_error_end_of_input_expected:
		return "something stands behind the end";
	case json_error_invalid_utf8:
		return "invalid UTF-8";
	case json_error_out_of_memory:
		exhausted("JSON");
	default:
		return "malformed";
	}
}

static struct json *read_checked(struct reading *r, struct slice text)
{
	size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL;
	struct json *tree = NULL;
	json_error_t error;
	json_t *root;

	if (!utf8_valid(text)) {
		r->why = "invalid UTF-8 or a NUL byte";
		return NULL;
	}
	if (!scan(r, text))
		return NULL;
	if (r->n_numbers) {
		r->numbers = ARENA_ARRAY(r->arena, struct slice, r->n_numbers);
		scan(r, text);
	}
	root = json_loadb(text.data ? text.data : "", text.len, flags, &error);
	if (!root) {
		r->why = reason(&error);
		return NULL;
	}
	tree = convert(r, root);
	json_decref(root);
	return tree;
}

struct json *json_read(struct arena *a, struct slice text, const char **why)
{
	struct reading r = {.arena = a};
	struct json *tree = read_checked(&r, text);

	if (why)
		*why = r.why;
	return tree;
}

/* ---- access ---- */

static const struct json *member(const struct json *object, struct slice key)
{
	if (!object || object->kind != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->n; i++) {
		if (slice_equal(object->keys[i], key))
			return object->items[i];
	}
	return NULL;
}

const struct json *json_get(const struct json *object, const char *key)
{
	return member(object, slice_of(key));
}

/* "~1" is a slash in the key, "~0" a tilde; any other "~" makes the pointer invalid, and nothing is found. */
static const struct json *member_escaped(const struct json *object, struct slice token)
{
	char key[256];
	size_t n = 0;

	if (token.len > sizeof(key))
		return NULL;
	for (size_t i = 0; i < token.len; i++) {
		char c = token.data[i];

		if (c == '~') {
			if (++i >= token.len || (token.data[i] != '0' && token.data[i] != '1'))
				return NULL;
			c = token.data[i] == '0' ? '~' : '/';
		}
		key[n++] = c;
	}
	return member(object, slice_make(key, n));
}

static const struct json *element(const struct json *array, struct slice token)
{
	int64_t i;

	/* RFC 6901: digits only, and no leading zero. */
	if (!token.len || token.data[0] == '-' || (token.len > 1 && token.data[0] == '0') || !slice_to_int(token, &i))
		return NULL;
	return (uint64_t)i < array->n ? array->items[i] : NULL;
}

const struct json *json_at(const struct json *j, struct slice pointer)
{
	while (j && pointer.len) {
		struct slice token;
		size_t end;

		if (pointer.data[0] != '/')
			return NULL;
		pointer = slice_from(pointer, 1);
		end = slice_find(pointer, S("/"));
		token = slice_make(pointer.data, end);
		pointer = slice_from(pointer, end);
		j = j->kind == JSON_ARRAY ? element(j, token) : member_escaped(j, token);
	}
	return j;
}

struct slice json_text(const struct json *j)
{
	return j && (j->kind == JSON_STRING || j->kind == JSON_NUMBER) ? j->text : S("");
}

struct slice json_field(const struct json *object, const char *key)
{
	return json_text(json_get(object, key));
}

/*
 * Templates of an outbound call: literal text with placeholders, each through its filters. A citizen's words may go
 * into a URL, JSON or XML only through a filter that cannot let them out of their place; this is checked at load, so
 * that no message can ever test it. Nothing here is fatal.
 */
#include "generic.h"

#include <string.h>

#include "huiyin/charset.h"

#define PIECE_MAX_FILTERS 4
#define FILLED_MAX_BYTES  65536
#define URL_BIT           (1u << PLACE_URL)
#define JSON_BIT          (1u << PLACE_JSON)
#define XML_BIT           (1u << PLACE_XML)
#define ALL_BITS          (URL_BIT | JSON_BIT | XML_BIT)

enum variable {
	VAR_NONE,
	VAR_TO,
	VAR_FROM,
	VAR_TEXT,
	VAR_ID,
	VAR_CALLBACK,
	VAR_TS,
	VAR_USERNAME,
	VAR_PASSWORD,
	VAR_KEY,
	VAR_API_URL
};
enum filter { RAW, URL, JSON, XML, HEX_UTF16BE, GSM7, BASE64, HEX, DIGITS, NATIONAL };

struct piece {
	struct slice literal;
	enum variable variable; /* VAR_NONE: the literal */
	enum filter filters[PIECE_MAX_FILTERS];
	size_t n_filters;
	bool bare; /* in JSON, with no quotes around it: `json` adds them */
};

static const char *const variables[] = {"",   "to",       "from",     "text", "id",     "callback",
					"ts", "username", "password", "key",  "api_url"};
/* `safe`: after this filter the value cannot leave the places with these bits. */
static const struct {
	const char *name;
	unsigned safe;
} filters[] = {
	[RAW] = {"raw", 0},
	[URL] = {"url", ALL_BITS},
	[JSON] = {"json", JSON_BIT},
	[XML] = {"xml", XML_BIT},
	[HEX_UTF16BE] = {"hex-utf16be", ALL_BITS},
	[GSM7] = {"gsm7", 0},
	[BASE64] = {"base64", JSON_BIT | XML_BIT},
	[HEX] = {"hex", ALL_BITS},
	[DIGITS] = {"digits", ALL_BITS},
	[NATIONAL] = {"national", ALL_BITS},
};
#define VARIABLES (sizeof(variables) / sizeof(variables[0]))
#define FILTERS   (sizeof(filters) / sizeof(filters[0]))

/* ---- at load --------------------------------------------------------------------------------------------------- */

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '|' || c == ' ';
}

/* "{name|filter}" at the beginning of `s`: its length with both braces; 0 when it is an ordinary brace. */
static size_t placeholder_length(struct slice s)
{
	size_t i = 1;

	if (s.len < 3 || s.data[0] != '{' || s.data[1] < 'a' || s.data[1] > 'z')
		return 0;
	while (i < s.len && is_word_char(s.data[i]))
		i++;
	return i < s.len && s.data[i] == '}' ? i + 1 : 0;
}

static bool read_filters(struct diags *d, const struct yaml *at, struct slice list, struct piece *p)
{
	struct slice word;

	while (slice_next(&list, '|', &word)) {
		const char *names[FILTERS];
		size_t k = 0;

		for (size_t i = 0; i < FILTERS; i++)
			names[i] = filters[i].name;
		word = slice_trim(word);
		while (k < FILTERS && !slice_is(word, filters[k].name))
			k++;
		if (k == FILTERS) {
			struct slice near = diag_nearest(word, names, FILTERS);

			yaml_error(
				d, at, arena_printf(d->arena, "unknown filter '" SLICE_FMT "'", SLICE_ARG(word)),
				near.len ? arena_printf(d->arena, "did you mean '" SLICE_FMT "'?", SLICE_ARG(near))
					 : S("raw, url, json, xml, hex-utf16be, gsm7, base64, hex, digits, national"));
			return false;
		}
		if (p->n_filters == PIECE_MAX_FILTERS) {
			yaml_error(d, at, S("more than 4 filters on one placeholder"), (struct slice){0});
			return false;
		}
		p->filters[p->n_filters++] = (enum filter)k;
	}
	return true;
}

/* Our own digits, and the office's own address, need no filter. */
static bool is_safe(const struct piece *p, enum place place)
{
	if (place == PLACE_PLAIN || p->variable == VAR_ID || p->variable == VAR_TS)
		return true;
	if (p->variable == VAR_API_URL && place == PLACE_URL)
		return true;
	return p->n_filters && filters[p->filters[p->n_filters - 1]].safe & 1u << place;
}

static bool read_placeholder(struct diags *d, const struct yaml *at, struct slice inside, enum place place,
			     struct piece *p)
{
	static const char *const need[] = {"", "url", "json", "xml"};
	struct slice rest = inside, name;
	size_t k = 1;

	slice_next(&rest, '|', &name);
	name = slice_trim(name);
	while (k < VARIABLES && !slice_is(name, variables[k]))
		k++;
	if (k == VARIABLES) {
		struct slice near = diag_nearest(name, variables + 1, VARIABLES - 1);

		yaml_error(d, at, arena_printf(d->arena, "unknown placeholder '{" SLICE_FMT "}'", SLICE_ARG(name)),
			   near.len ? arena_printf(d->arena, "did you mean '{" SLICE_FMT "}'?", SLICE_ARG(near))
				    : S("to, from, text, id, callback, ts, username, password, key, api_url"));
		return false;
	}
	p->variable = (enum variable)k;
	if (!read_filters(d, at, rest, p))
		return false;
	if (is_safe(p, place))
		return true;
	yaml_error(d, at,
		   arena_printf(d->arena, "{" SLICE_FMT "} could break out of its place here", SLICE_ARG(inside)),
		   arena_printf(d->arena, "write {" SLICE_FMT "|%s}", SLICE_ARG(name), need[place]));
	return false;
}

/* Whether a JSON string is open behind this literal. */
static bool string_open(struct slice literal, bool open)
{
	for (size_t i = 0; i < literal.len; i++) {
		if (open && literal.data[i] == '\\')
			i++;
		else if (literal.data[i] == '"')
			open = !open;
	}
	return open;
}

struct template template_read(struct diags *d, const struct yaml *text, enum place place, struct arena *a)
{
	struct slice rest = text->text;
	struct template t = {ARENA_ARRAY(a, struct piece, rest.len + 1), 0};
	bool open = false;

	while (rest.len) {
		struct piece *p = &t.pieces[t.n++];
		size_t len = placeholder_length(rest), end = len;

		if (!len) {
			for (end = 1; end < rest.len && !placeholder_length(slice_from(rest, end)); end++)
				;
			p->literal = slice_make(rest.data, end);
		} else if (!read_placeholder(d, text, slice_make(rest.data + 1, len - 2), place, p)) {
			return (struct template){0};
		}
		p->bare = !open;
		open = string_open(p->literal, open);
		rest = slice_from(rest, end);
	}
	return t;
}

/* The host may come from the configuration only. */
bool template_host_fixed(const struct template *t)
{
	struct slice first = t->n ? t->pieces[0].literal : (struct slice){0}, host;
	size_t i = 0;

	if (t->n && t->pieces[0].variable == VAR_API_URL)
		return t->n == 1 || (!t->pieces[1].variable && strchr("/?", t->pieces[1].literal.data[0]));
	host = slice_from(first, slice_find(first, S("://")) + 3);
	while (i < host.len && host.data[i] != '/' && host.data[i] != '?')
		i++;
	return is_web_url(slice_make(first.data, first.len - host.len + i)) && (t->n == 1 || i < host.len);
}

/* ---- for a message --------------------------------------------------------------------------------------------- */

static struct slice variable_value(enum variable v, const struct account *acc, const struct outgoing *m, int64_t now,
				   struct arena *a)
{
	switch (v) {
	case VAR_TO:
		return m->to;
	case VAR_FROM:
		return m->from.len ? m->from : account_option(acc, "number");
	case VAR_TEXT:
		return utf8_repair(a, m->text);
	case VAR_ID:
		return arena_printf(a, "%lld", (long long)m->id);
	case VAR_CALLBACK:
		return callback_url(acc, m, "status", a);
	case VAR_TS:
		return arena_printf(a, "%lld", (long long)(now / 1000));
	case VAR_USERNAME:
	case VAR_PASSWORD:
	case VAR_KEY:
	case VAR_API_URL:
		return account_option(acc, variables[v]);
	case VAR_NONE:
		break;
	}
	return (struct slice){0};
}

static bool digits_of(struct slice s, struct slice country, bool national, struct arena *a, struct slice *out)
{
	bool plus = slice_begins(s, S("+"));
	struct buf b = buf_in(a, s.len + 1);

	if (national && plus) {
		if (!country.len || !slice_begins(slice_from(s, 1), country))
			return false;
		s = slice_from(s, 1 + country.len);
	}
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] >= '0' && s.data[i] <= '9')
			buf_add_char(&b, s.data[i]);
		else if (i || s.data[i] != '+')
			return false;
	}
	*out = buf_slice(&b);
	return out->len > 0;
}

/* XML 1.0 has no form for most control characters. */
static void put_xml(struct buf *b, struct slice s, struct arena *a)
{
	char *clean = arena_cstr(a, s);

	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)clean[i] < 0x20 && clean[i] != '\n' && clean[i] != '\t' && clean[i] != '\r')
			clean[i] = ' ';
	}
	xml_put(b, slice_make(clean, s.len));
}

static bool apply(enum filter f, bool bare, struct slice country, struct arena *a, struct slice *s)
{
	struct buf b = buf_in(a, 6 * s->len + 8);

	switch (f) {
	case RAW:
		return true;
	case URL:
		url_put(&b, *s);
		break;
	case JSON:
		json_put_string(&b, utf8_repair(a, *s));
		*s = buf_slice(&b);
		if (!bare)
			*s = slice_make(s->data + 1, s->len - 2);
		return !b.full;
	case XML:
		put_xml(&b, utf8_repair(a, *s), a);
		break;
	case HEX_UTF16BE:
		*s = hex_encode(a, utf16be_encode(a, *s));
		return true;
	case GSM7:
		return gsm_encode(a, *s, s);
	case BASE64:
		*s = base64_encode(a, *s);
		return true;
	case HEX:
		*s = hex_encode(a, *s);
		return true;
	case DIGITS:
	case NATIONAL:
		return digits_of(*s, country, f == NATIONAL, a, s);
	}
	*s = buf_slice(&b);
	return !b.full;
}

bool template_fill(const struct template *t, const struct account *acc, const struct outgoing *m, int64_t now,
		   struct arena *a, struct slice *out)
{
	struct buf b = buf_in(a, FILLED_MAX_BYTES);

	for (size_t i = 0; i < t->n; i++) {
		const struct piece *p = &t->pieces[i];
		struct slice value = p->literal;

		if (p->variable)
			value = variable_value(p->variable, acc, m, now, a);
		for (size_t k = 0; k < p->n_filters; k++) {
			if (!apply(p->filters[k], p->bare, account_option(acc, "country"), a, &value))
				return false;
		}
		buf_add(&b, value);
	}
	*out = buf_slice(&b);
	return !b.full;
}

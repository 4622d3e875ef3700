/*
 * Where a value stands in a request or an answer, and what it is compared with. Everything a provider wrote is bounded
 * by the readers (json.h, xml.h, form.h) and by the limits of pattern.h; nothing here is fatal.
 */
#include "generic.h"

#include "huiyin/flow.h" /* matcher_open */
#include "huiyin/pattern.h"

static const struct {
	const char *prefix;
	enum source_kind kind;
	bool inbound_only;
} prefixes[] = {
	{"query:", SOURCE_QUERY, true}, {"form:", SOURCE_FORM, true}, {"header:", SOURCE_HEADER, true},
	{"json:", SOURCE_JSON, false},  {"xml:", SOURCE_XML, false},  {"match:", SOURCE_MATCH, false},
};

static void check_pattern(struct diags *d, const struct yaml *at, struct slice regex)
{
	const char *why = "";
	size_t offset = 0;
	struct pattern *p = pattern_compile(regex, &why, &offset);

	if (!p)
		yaml_error(d, at, arena_printf(d->arena, "not a usable pattern: %s (character %zu)", why, offset + 1),
			   S("see docs/flows.md on patterns"));
	pattern_free(&p);
}

static struct slice lower(struct slice s, struct arena *a)
{
	char *p = arena_cstr(a, s);

	for (size_t i = 0; i < s.len; i++)
		p[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]);
	return slice_make(p, s.len);
}

struct source source_at(struct diags *d, const struct yaml *at, bool inbound)
{
	struct source s = {0};

	if (at->kind != YAML_SCALAR) {
		yaml_error(d, at, S("a text is expected here"), S("for example: json:/message/text"));
		return s;
	}
	if (slice_is(at->text, "body"))
		return (struct source){.kind = SOURCE_BODY};
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]) && !s.kind; i++) {
		struct slice prefix = slice_of(prefixes[i].prefix);

		if (!slice_begins(at->text, prefix) || (prefixes[i].inbound_only && !inbound))
			continue;
		s = (struct source){prefixes[i].kind, slice_from(at->text, prefix.len)};
		if (s.kind == SOURCE_HEADER)
			s.name = lower(s.name, d->arena);
		if (s.kind == SOURCE_MATCH)
			check_pattern(d, at, s.name);
		if (s.kind == SOURCE_JSON && s.name.len && s.name.data[0] != '/')
			yaml_error(d, at, S("a JSON pointer begins with /"), S("for example: json:/message/text"));
	}
	if (!s.kind || (!s.name.len && s.kind != SOURCE_JSON))
		yaml_error(
			d, at, arena_printf(d->arena, "'" SLICE_FMT "' says nowhere to look", SLICE_ARG(at->text)),
			inbound ? S("query:name, form:name, header:name, json:/pointer, xml:path, body or match:regex")
				: S("json:/pointer, xml:path, body or match:regex"));
	return s;
}

struct source source_read(struct diags *d, const struct yaml *map, const char *key, bool inbound)
{
	const struct yaml *at = yaml_get(map, key);

	return at ? source_at(d, at, inbound) : (struct source){0};
}

struct words words_read(struct diags *d, const struct yaml *map, const char *key)
{
	const struct yaml *at = yaml_get(map, key);
	struct words w = {0};

	if (!at)
		return w;
	if (at->kind == YAML_SCALAR) {
		w.list[w.n++] = at->text;
		return w;
	}
	if (at->kind != YAML_LIST || at->n > GENERIC_MAX_ITEMS) {
		yaml_error(d, at, S("a word, or a list of at most 24 words, is expected here"),
			   S("for example: [ok, accepted]"));
		return w;
	}
	for (size_t i = 0; i < at->n; i++) {
		if (at->items[i]->kind == YAML_SCALAR)
			w.list[w.n++] = at->items[i]->text;
		else
			yaml_error(d, at->items[i], S("a word is expected here"), (struct slice){0});
	}
	return w;
}

struct test test_read(struct diags *d, const struct yaml *map, bool inbound)
{
	const struct yaml *regex = yaml_get(map, "matches");
	struct test t = {.value = source_read(d, map, "value", inbound), .is = words_read(d, map, "is")};

	t.matches = yaml_text(d, map, "matches", (struct slice){0});
	if (t.matches.len)
		check_pattern(d, regex, t.matches);
	if ((t.is.n || t.matches.len) && !t.value.kind)
		t.value.kind = SOURCE_BODY;
	return t;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static bool is_form(const struct request *r)
{
	struct slice type = request_header(r, "content-type"), kind = {0};

	if (!type.len)
		return true;
	slice_next(&type, ';', &kind);
	return slice_equal_ignoring_case(slice_trim(kind), S("application/x-www-form-urlencoded"));
}

bool material_read(struct material *m, unsigned kinds, const char **why)
{
	*why = "too many fields";
	if (m->request && !form_read(m->arena, m->request->query, &m->query))
		return false;
	if (kinds & 1u << SOURCE_FORM && m->request && is_form(m->request) && !form_read(m->arena, m->body, &m->form))
		return false;
	if (kinds & 1u << SOURCE_JSON) {
		m->json = json_read(m->arena, m->body, why);
		if (!m->json)
			return false;
	}
	if (kinds & 1u << SOURCE_XML) {
		m->xml = xml_read(m->arena, m->body, why);
		if (!m->xml)
			return false;
	}
	return true;
}

static struct slice json_word(const struct json *j)
{
	if (j && j->kind == JSON_TRUE)
		return S("true");
	if (j && j->kind == JSON_FALSE)
		return S("false");
	return json_text(j);
}

/* The first named group that took part, else the whole match. Compiled for each look: it was checked at load, a
   compiled one would outlive no owner, and only answers of providers without JSON or XML come here. */
static bool look(struct material *m, struct slice regex, struct slice text, struct slice *found)
{
	const char *why;
	size_t offset;
	struct pattern *p = pattern_compile(regex, &why, &offset);
	struct match hit = {0};
	bool yes;

	if (!m->matcher)
		m->matcher = matcher_open();
	yes = p && pattern_match(p, m->matcher, utf8_repair(m->arena, text), &hit) == MATCHED_YES;
	if (yes) {
		*found = hit.whole;
		for (size_t i = 0; i < hit.n; i++) {
			if (hit.values[i].data) {
				*found = hit.values[i];
				break;
			}
		}
		*found = arena_copy(m->arena, *found);
	}
	pattern_free(&p);
	return yes;
}

void material_done(struct material *m)
{
	matcher_close(&m->matcher);
}

struct slice source_value(struct material *m, const struct source *s)
{
	struct slice found = {0};
	const struct json *base = m->item ? m->item : m->json;

	switch (s->kind) {
	case SOURCE_QUERY:
		return form_get(&m->query, arena_cstr(m->arena, s->name));
	case SOURCE_FORM:
		return form_get(&m->form, arena_cstr(m->arena, s->name));
	case SOURCE_HEADER:
		return m->request ? request_header(m->request, arena_cstr(m->arena, s->name)) : found;
	case SOURCE_JSON:
		return base ? json_word(json_at(base, s->name)) : found;
	case SOURCE_XML:
		return m->xml ? xml_at(m->xml, s->name) : found;
	case SOURCE_BODY:
		return m->body;
	case SOURCE_MATCH:
		look(m, s->name, m->body, &found);
		return found;
	case SOURCE_NONE:
		break;
	}
	return found;
}

bool words_hold(const struct words *w, struct slice value)
{
	for (size_t i = 0; i < w->n; i++) {
		if (slice_equal_ignoring_case(w->list[i], value))
			return true;
	}
	return false;
}

bool test_holds(struct material *m, const struct test *t)
{
	struct slice value, found;

	if (!t->value.kind)
		return true;
	value = slice_trim(source_value(m, &t->value));
	if (t->is.n && words_hold(&t->is, value))
		return true;
	if (t->matches.len && look(m, t->matches, value, &found))
		return true;
	return !t->is.n && !t->matches.len && value.len;
}

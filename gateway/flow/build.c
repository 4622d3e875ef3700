/*
 * The small parts every prompt file is made of: texts in all languages, templates with placeholders, patterns,
 * conditions. What is wrong is reported at its place, down to the column inside a pattern, and reading goes on, so that
 * a file's errors come all at once. Nothing here is fatal.
 */
#include "flow/flow_internal.h"

#include <stdio.h>
#include <string.h>

#define ITEMS_MAX 800
#define LET_MAX_BYTES ((size_t)32 << 10)

/* ---- complaints ---- */

static struct slice format(struct loader *l, const char *fmt, va_list args)
{
	char line[400];

	vsnprintf(line, sizeof line, fmt, args);
	return utf8_repair(l->arena, arena_copy(l->arena, slice_of(line))); /* a cut may have split a character */
}

void complain(struct loader *l, const struct yaml *at, const char *mend, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	yaml_error(l->diags, at, format(l, fmt, args), slice_of(mend));
	va_end(args);
}

void warn(struct loader *l, const struct yaml *at, const char *mend, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	yaml_warn(l->diags, at, format(l, fmt, args), slice_of(mend));
	va_end(args);
}

bool want_map(struct loader *l, const struct yaml *y, const char *what)
{
	if (y->kind == YAML_MAP)
		return true;
	complain(l, y, "write it as key: value pairs", "'%s' must be a map", what);
	return false;
}

bool want_list(struct loader *l, const struct yaml *y, const char *what)
{
	if (y->kind == YAML_LIST && y->n <= ITEMS_MAX)
		return true;
	if (y->kind == YAML_LIST)
		complain(l, y, "split it up", "'%s' has %zu items; the most is %d", what, y->n, ITEMS_MAX);
	else
		complain(l, y, "write it as items that begin with '- ', or in [ ]", "'%s' must be a list", what);
	return false;
}

bool want_scalar(struct loader *l, const struct yaml *y, const char *what)
{
	if (y->kind == YAML_SCALAR && (y->text.len || !y->plain))
		return true;
	complain(l, y, "put it in quotes if it begins with { or [", "'%s' must be a text", what);
	return false;
}

/* ---- names and languages ---- */

bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= 'a' && c <= 'z') || (i && ((c >= '0' && c <= '9') || c == '_'))))
			return false;
	}
	return s.len && s.len <= 40;
}

int language_index(const struct languages *l, struct slice lang)
{
	for (size_t i = 0; i < l->n; i++)
		if (slice_equal(l->list[i], lang))
			return (int)i;
	return -1;
}

bool build_languages(struct loader *l, const struct yaml *root)
{
	const struct yaml *y = yaml_get(root, "languages");

	l->languages.n = 0;
	if (!y) {
		if (l->set->languages.n)
			l->languages = l->set->languages;
		else
			complain(l, root, "add a line such as: languages: [zh, en]", "'languages' is missing");
		return l->languages.n > 0;
	}
	if (!want_list(l, y, "languages"))
		return false;
	for (size_t i = 0; i < y->n; i++) {
		if (!want_scalar(l, y->items[i], "languages") || !is_name(y->items[i]->text) ||
		    y->items[i]->text.len > 8)
			complain(l, y->items[i], "write short names: [zh, en]", "this is not the name of a language");
		else if (language_index(&l->languages, y->items[i]->text) >= 0)
			complain(l, y->items[i], "name each once", "this language was named before");
		else if (l->languages.n == FLOW_LANGUAGES_MAX)
			complain(l, y->items[i], "drop some", "at most %d languages", FLOW_LANGUAGES_MAX);
		else
			l->languages.list[l->languages.n++] = y->items[i]->text;
	}
	if (!y->n)
		complain(l, y, "name at least one: [zh, en]", "'languages' is empty");
	return l->languages.n > 0;
}

/* ---- templates ---- */

struct pieces {
	struct loader *l;
	const struct yaml *at;
	struct piece *list;
	size_t n, room;
	bool failed;
};

static struct piece *piece_add(struct pieces *p)
{
	if (p->n == p->room) {
		size_t room = p->room ? p->room * 2 : 4;
		struct piece *list = ARENA_ARRAY(p->l->arena, struct piece, room);

		if (p->n)
			memcpy(list, p->list, p->n * sizeof *list);
		p->list = list;
		p->room = room;
	}
	return &p->list[p->n++];
}

static void piece_fault(struct pieces *p, const char *mend, const char *what)
{
	if (!p->failed)
		complain(p->l, p->at, mend, "%s", what);
	p->failed = true;
}

static void literal(struct pieces *p, struct slice text, size_t from, size_t to)
{
	if (to > from)
		piece_add(p)->literal = slice_make(text.data + from, to - from);
}

static size_t name_at(struct slice text, size_t from, struct slice *name)
{
	size_t to = from;

	while (to < text.len && to - from < 41 && text.data[to] != '}' && text.data[to] != ':' && text.data[to] != '{')
		to++;
	*name = slice_make(text.data + from, to - from);
	return to;
}

/* Reads up to the closing brace of a {?name:…}, or to the end when depth is 0. Returns where it stopped. */
static size_t read_pieces(struct pieces *p, struct slice text, size_t at, int depth)
{
	size_t from = at;
	struct slice name;

	while (at < text.len && !p->failed) {
		if (text.data[at] == '}' && depth) {
			literal(p, text, from, at);
			return at + 1;
		}
		if (text.data[at] != '{') {
			at++;
			continue;
		}
		literal(p, text, from, at);
		if (at + 1 < text.len && text.data[at + 1] == '{') { /* {{ is a brace */
			from = at + 1;
			at += 2;
			continue;
		}
		bool test = at + 1 < text.len && text.data[at + 1] == '?';
		at = name_at(text, at + 1 + test, &name);
		if (!is_name(name) || at >= text.len || text.data[at] != (test ? ':' : '}')) {
			piece_fault(p,
				    "write {name}, or {?name:words} for words said only where the name is known; "
				    "a brace of its own is written {{",
				    "a placeholder is not closed or has no name");
			return text.len;
		}
		if (test) {
			size_t index = p->n;
			piece_add(p)->field = name;
			if (depth >= 4)
				piece_fault(p, "make it flatter", "{?…} is nested too deeply");
			at = read_pieces(p, text, at + 1, depth + 1);
			p->list[index].skip = p->n - index - 1;
			if (!p->list[index].skip)
				piece_fault(p, "put words between ':' and '}'", "{?…} says nothing");
		} else {
			piece_add(p)->field = name;
			at++;
		}
		from = at;
	}
	if (depth)
		piece_fault(p, "end it with }", "{?…} is not closed");
	literal(p, text, from, text.len);
	return text.len;
}

bool build_template(struct loader *l, const struct yaml *y, struct wording *out)
{
	struct pieces p = {.l = l, .at = y};

	*out = (struct wording){.source = y->text, .at = y};
	if (!want_scalar(l, y, "text"))
		return false;
	if (utf8_count(y->text) > 2000) {
		complain(l, y, "shorten it", "this text has more than 2000 characters");
		return false;
	}
	read_pieces(&p, y->text, 0, 0);
	out->pieces = p.list;
	out->n = p.n;
	return !p.failed;
}

/* ---- texts ---- */

static struct wording *in_all_languages(struct loader *l, const struct yaml *y, const char *what)
{
	struct wording *list = ARENA_ARRAY(l->arena, struct wording, l->languages.n);

	for (size_t i = 0; i < l->languages.n; i++) {
		struct slice lang = l->languages.list[i];
		const struct yaml *t = yaml_get(y, arena_cstr(l->arena, lang));

		if (t)
			build_template(l, t, &list[i]);
		else
			complain(l, y, "every text needs all languages of the file",
				 "'%s' has no text for the language '" SLICE_FMT "'", what, SLICE_ARG(lang));
	}
	return list;
}

static bool among(struct slice word, const char *const *list)
{
	for (; list && *list; list++)
		if (slice_is(word, *list))
			return true;
	return false;
}

static void add_variant(struct loader *l, const struct yaml *y, size_t i, struct text *out)
{
	struct slice key = y->keys[i]->text;

	if (y->items[i]->kind == YAML_SCALAR && !y->items[i]->text.len) {
		complain(l, y->keys[i], "a text with a comma, : or # in it needs quotes: {zh: '一,二', en: 'one, two'}",
			 "'" SLICE_FMT "' seems to be the rest of a text", SLICE_ARG(utf8_cut(key, 40)));
		return;
	}
	if (y->items[i]->kind != YAML_MAP) {
		complain(l, y->keys[i],
			 "the languages of this file are under 'languages'; a channel's variant is a map of them",
			 "'" SLICE_FMT "' is neither a language of this file nor a variant for a channel",
			 SLICE_ARG(utf8_cut(key, 40)));
		return;
	}
	if (!is_name(key)) {
		complain(l, y->keys[i], "use the channel's name, or sms", "this is not the name of a channel");
		return;
	}
	out->variants[out->n_variants++] = (struct variant){key, in_all_languages(l, y->items[i], "variant")};
}

bool build_text(struct loader *l, const struct yaml *y, const char *what, const char *const *also, struct text *out)
{
	size_t errors = l->diags->errors;

	*out = (struct text){.at = y};
	if (y->kind == YAML_SCALAR && l->languages.n == 1) {
		out->by_lang = ARENA_ARRAY(l->arena, struct wording, 1);
		return build_template(l, y, out->by_lang);
	}
	if (y->kind != YAML_MAP) {
		complain(l, y, "write {zh: '…', en: '…'}", "'%s' must have a text for each language", what);
		return false;
	}
	out->by_lang = in_all_languages(l, y, what);
	out->variants = ARENA_ARRAY(l->arena, struct variant, y->n);
	for (size_t i = 0; i < y->n; i++)
		if (language_index(&l->languages, y->keys[i]->text) < 0 && !among(y->keys[i]->text, also))
			add_variant(l, y, i, out);
	return l->diags->errors == errors;
}

/* ---- patterns ---- */

/* Where in the file a byte of a scalar's text stands. Exact on one line; a text over several lines keeps its start. */
static struct yaml place_in(const struct yaml *y, size_t offset)
{
	struct yaml at = *y;
	struct slice rest = y->source, line = {0}, whole = y->text;
	size_t in_line = 0, done = 0;
	char quote = 0;

	for (int i = 0; i < y->line; i++)
		if (!slice_next(&rest, '\n', &line))
			return at;
	for (int i = 1; i < y->column && in_line < line.len; i++)
		utf8_next(line, &in_line);
	if (in_line < line.len && (line.data[in_line] == '\'' || line.data[in_line] == '"')) {
		quote = line.data[in_line++];
		at.column++;
	}
	while (done < offset && done < whole.len && in_line < line.len) {
		char c = line.data[in_line];

		if ((quote == '"' && c == '\\') || (quote == '\'' && c == '\'')) {
			in_line++; /* written as two */
			at.column++;
			if (in_line >= line.len)
				return *y;
		}
		if (line.data[in_line] != whole.data[done] && !(quote == '"' && c == '\\'))
			return *y; /* folded over lines */
		utf8_next(line, &in_line);
		utf8_next(whole, &done);
		at.column++;
	}
	return done >= offset ? at : *y;
}

/* The name in a "{name}" that stands at `at`; empty when it is something else: {2,3}, \\p{Han}, \\{. */
static struct slice let_name(struct slice pattern, size_t at)
{
	struct slice rest = slice_from(pattern, at + 1), name;

	if (at >= 1 && pattern.data[at - 1] == '\\' && (at < 2 || pattern.data[at - 2] != '\\'))
		return (struct slice){0};
	if (at >= 2 && pattern.data[at - 2] == '\\' && (at < 3 || pattern.data[at - 3] != '\\') &&
	    strchr("pPxoNgk", pattern.data[at - 1]))
		return (struct slice){0};
	if (!slice_next(&rest, '}', &name) || name.data + name.len == pattern.data + pattern.len)
		return (struct slice){0};
	return is_name(name) ? name : (struct slice){0};
}

static const struct let *let_find(const struct loader *l, struct slice name)
{
	for (size_t i = 0; i < l->n_lets; i++)
		if (slice_equal(l->lets[i].name, name))
			return &l->lets[i];
	return NULL;
}

/* The pattern with each {NAME} replaced by what `let` says it is; null data: a complaint was made. */
struct slice with_lets(struct loader *l, const struct yaml *y, struct slice pattern)
{
	struct buf out = {0};
	size_t done = 0;

	for (size_t at = 0; at < pattern.len; at++) {
		struct slice name = pattern.data[at] == '{' ? let_name(pattern, at) : (struct slice){0};
		const struct let *found = name.len ? let_find(l, name) : NULL;

		if (!name.len)
			continue;
		if (!found) {
			struct yaml here = place_in(y, at);
			complain(l, &here, "give it under let: at the head of this file, or write \\{ for a brace",
				 "there is no piece of pattern '" SLICE_FMT "'", SLICE_ARG(name));
			return (struct slice){0};
		}
		if (!done)
			out = buf_in(l->arena, LET_MAX_BYTES);
		buf_printf(&out, SLICE_FMT "(?:" SLICE_FMT ")", (int)(at - done), pattern.data + done,
			   SLICE_ARG(found->pattern));
		at += name.len + 1;
		done = at + 1;
	}
	if (!done)
		return pattern;
	buf_add(&out, slice_from(pattern, done));
	if (out.full) {
		complain(l, y, "use smaller pieces", "the pattern is longer than %d bytes with its pieces", (int)LET_MAX_BYTES);
		return (struct slice){0};
	}
	return buf_slice(&out);
}

void build_lets(struct loader *l, const struct yaml *root)
{
	const struct yaml *list = yaml_get(root, "let");

	l->n_lets = 0;
	if (!list || !want_map(l, list, "let"))
		return;
	l->lets = ARENA_ARRAY(l->arena, struct let, list->n);
	for (size_t i = 0; i < list->n; i++) {
		const struct yaml *y = list->items[i];
		struct slice pattern;

		if (!is_name(list->keys[i]->text)) {
			complain(l, list->keys[i], "use lower case letters, digits and _; a letter first",
				 "a piece of a pattern needs a plain name");
			continue;
		}
		if (!want_scalar(l, y, "let") || !(pattern = with_lets(l, y, y->text)).data)
			continue;
		l->lets[l->n_lets++] = (struct let){list->keys[i]->text, pattern};
	}
}

bool build_regex(struct loader *l, const struct yaml *y, struct slice lang, struct regex *out)
{
	const char *why = "is not a pattern";
	struct slice source;
	size_t offset = 0;
	struct owned *o;

	*out = (struct regex){.at = y, .lang = lang};
	if (!want_scalar(l, y, "pattern"))
		return false;
	if (!y->text.len) {
		complain(l, y, "write what the answer must hold", "an empty pattern matches everything");
		return false;
	}
	source = with_lets(l, y, y->text);
	if (!source.data)
		return false;
	out->p = pattern_compile(source, &why, &offset);
	if (!out->p) {
		struct yaml at = source.data != y->text.data ? *y : place_in(y, offset > y->text.len ? y->text.len : offset);
		complain(l, &at, "see docs/flows.md on patterns", "pattern: %s", why);
		return false;
	}
	o = ARENA_NEW(l->arena, struct owned);
	*o = (struct owned){out->p, l->home->patterns};
	l->home->patterns = o;
	out->sieve = sieve_of(l->arena, fold_pattern(l->arena, source));
	return true;
}

static void add_regex(struct loader *l, const struct yaml *y, struct slice lang, struct regexes *out)
{
	if (build_regex(l, y, lang, &out->list[out->n]))
		out->n++;
}

static void add_regexes(struct loader *l, const struct yaml *y, struct slice lang, const char *what,
			struct regexes *out)
{
	if (y->kind != YAML_LIST) {
		add_regex(l, y, lang, out);
		return;
	}
	if (!y->n)
		complain(l, y, "write at least one pattern, or leave the key out", "'%s' is empty", what);
	for (size_t i = 0; i < y->n; i++)
		add_regex(l, y->items[i], lang, out);
}

static size_t scalars_in(const struct yaml *y)
{
	size_t n = y->kind == YAML_SCALAR;

	for (size_t i = 0; i < y->n; i++)
		n += scalars_in(y->items[i]);
	return n;
}

/* Most texts meet nothing of most lists: one look for all the patterns of a list. */
void regexes_gather(struct loader *l, struct regexes *out)
{
	out->all = ARENA_NEW(l->arena, struct scent);
	for (size_t i = 0; i < out->n; i++)
		if (!sieve_gather(&out->list[i].sieve, out->all)) {
			out->all = NULL;
			return;
		}
}

void build_regexes(struct loader *l, const struct yaml *y, const char *what, struct regexes *out)
{
	size_t n = scalars_in(y);

	*out = (struct regexes){0};
	if (n > ITEMS_MAX) {
		complain(l, y, "join some with |", "'%s' has more than %d patterns", what, ITEMS_MAX);
		return;
	}
	out->list = ARENA_ARRAY(l->arena, struct regex, n + y->n + 1);
	if (y->kind != YAML_MAP) {
		add_regexes(l, y, (struct slice){0}, what, out);
		regexes_gather(l, out);
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		if (language_index(&l->languages, y->keys[i]->text) < 0)
			complain(l, y->keys[i], "use the languages of this file",
				 "'" SLICE_FMT "' is not a language of this file",
				 SLICE_ARG(utf8_cut(y->keys[i]->text, 40)));
		add_regexes(l, y->items[i], y->keys[i]->text, what, out);
	}
	regexes_gather(l, out);
}

/* ---- conditions ---- */

void build_conditions(struct loader *l, const struct yaml *when, bool negated, struct conditions *io)
{
	struct condition *list;
	const char *what = negated ? "not" : "when";

	if (!when || !want_map(l, when, what))
		return;
	list = ARENA_ARRAY(l->arena, struct condition, io->n + when->n);
	if (io->n)
		memcpy(list, io->list, io->n * sizeof *list);
	io->list = list;
	if (!when->n)
		complain(l, when, "write {FIELD: 'PATTERN'}", "'%s' is empty", what);
	for (size_t i = 0; i < when->n; i++) {
		struct condition *c = &list[io->n];

		*c = (struct condition){.field = when->keys[i]->text, .negated = negated, .at = when->keys[i]};
		if (!is_name(c->field))
			complain(l, c->at, "use the name of a question or a fact", "this is not the name of a field");
		else if (build_regex(l, when->items[i], (struct slice){0}, &c->regex))
			io->n++;
	}
}

bool is_universal(struct slice field)
{
	static const char *const names[] = {
		"channel",  "lang",    "window",    "unit",        "hours",  "cases",   "case",
		"code",     "summary", "office",    "phone",       "sms",    "buttons", "opening",
		"location", "choices", "emergency", "window_name", "status", "draft",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_is(field, names[i]))
			return true;
	return false;
}

void home_close(struct home *h)
{
	struct owned *o = h->patterns;

	for (h->patterns = NULL; o; o = o->next)
		pattern_free(&o->p);
	arena_close(&h->arena);
}

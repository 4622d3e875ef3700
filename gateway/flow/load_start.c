/*
 * Reading how flows start: the signs (a file of its own), the starts of a flow and what begins none. A pattern of a sign
 * is cut at its outermost |, so that each branch has a sieve of its own and most are never run. Every fault is reported
 * at its place and the rest is read on. Nothing here is fatal.
 */
#include "flow/flow_internal.h"

#include <string.h>

#define KNOWN(list)  (list), sizeof(list) / sizeof((list)[0])
#define TERMS_MAX    12
#define BRANCHES_MAX 3000 /* of all patterns of one sign */

/* ---- what a start asks of the signs ---- */

static int sign_find(const struct flow_set *s, struct slice name)
{
	for (size_t i = 0; i < s->n_signs; i++)
		if (slice_equal(s->signs[i].name, name))
			return (int)i;
	return -1;
}

/* "a|b" or "!c". False: not to be asked (a complaint was made, or the flow is an old one and its sign is gone). */
static bool read_term(struct loader *l, const struct yaml *y, struct slice word, bool revived, struct sign_term *out)
{
	struct slice name;

	*out = (struct sign_term){.negated = slice_begins(word, S("!"))};
	word = slice_from(word, out->negated);
	out->list = ARENA_ARRAY(l->arena, uint8_t, word.len + 1);
	while (slice_next(&word, '|', &name)) {
		int i = sign_find(l->set, name);

		if (i >= 0)
			out->list[out->n++] = (uint8_t)i;
		else if (!revived)
			complain(l, y, "give it under signs:", "there is no sign '" SLICE_FMT "'",
				 SLICE_ARG(utf8_cut(name, 40)));
	}
	return out->n > 0;
}

static void read_terms(struct loader *l, const struct yaml *y, bool revived, struct start *st)
{
	struct slice rest, word;

	if (!want_scalar(l, y, "signs"))
		return;
	rest = slice_trim(y->text);
	st->terms = ARENA_ARRAY(l->arena, struct sign_term, TERMS_MAX);
	if (!rest.len)
		complain(l, y, "write the names of signs, such as: mine|number asks !thanks", "'signs' is empty");
	while (slice_next(&rest, ' ', &word)) {
		if (!word.len)
			continue;
		if (st->n_terms == TERMS_MAX) {
			complain(l, y, "join some with |", "'signs' has more than %d words", TERMS_MAX);
			return;
		}
		if (read_term(l, y, word, revived, &st->terms[st->n_terms]))
			st->n_terms++;
	}
}

/* ---- starts ---- */

static int usual_strength(enum start_kind kind)
{
	return kind == START_HINT ? 30 : kind == START_ANSWERS ? 20 : kind == START_OTHERWISE ? 10 : 50;
}

static void read_strength(struct loader *l, const struct yaml *y, struct start *st)
{
	int64_t n = yaml_int(l->diags, y, "strength", 1, STRENGTH_MAX, usual_strength(st->kind));

	st->strength = (int)n;
	if (yaml_get(y, "strength") && st->kind == START_SCAN)
		complain(l, yaml_get(y, "strength"), "leave it out", "a scanned code goes before all words");
}

static void read_otherwise(struct loader *l, const struct yaml *otherwise, struct start *st)
{
	st->kind = START_OTHERWISE;
	if (otherwise->kind == YAML_SCALAR && slice_is(otherwise->text, "false"))
		complain(l, otherwise, "write true, a pattern, or leave it out", "'otherwise: false' says nothing");
	else if (otherwise->kind != YAML_SCALAR || !slice_is(otherwise->text, "true"))
		build_regexes(l, otherwise, "otherwise", &st->match);
}

static void read_scan(struct loader *l, const struct yaml *scan, struct start *st)
{
	st->kind = START_SCAN;
	if (want_scalar(l, scan, "scan") && !slice_is(scan->text, "window"))
		complain(l, scan, "write scan: window", "only the code of a window can be scanned");
}

static void load_start(struct loader *l, const struct yaml *y, bool revived, struct start *st)
{
	static const char *const known[] = {"match", "hint",  "unless", "scan",     "answers", "otherwise",
					    "when",  "not",   "signs",  "strength"};
	const struct yaml *match, *hint, *scan, *answers, *otherwise, *unless, *signs;

	*st = (struct start){.at = y};
	if (!want_map(l, y, "start"))
		return;
	yaml_only(l->diags, y, KNOWN(known));
	match = yaml_get(y, "match");
	hint = yaml_get(y, "hint");
	scan = yaml_get(y, "scan");
	answers = yaml_get(y, "answers");
	otherwise = yaml_get(y, "otherwise");
	unless = yaml_get(y, "unless");
	signs = yaml_get(y, "signs");
	if (!!match + !!hint + !!scan + !!answers + !!otherwise + !!signs < 1 ||
	    !!match + !!hint + !!scan + !!answers + !!otherwise > 1)
		complain(l, y, "match: PATTERN, hint: PATTERN, signs: NAMES, scan: window, answers: QUESTION, or otherwise: true",
			 "a start needs just one of match, hint, scan, answers and otherwise, or signs");
	if (match)
		build_regexes(l, match, "match", &st->match);
	if (unless)
		build_regexes(l, unless, "unless", &st->unless);
	build_conditions(l, yaml_get(y, "when"), false, &st->when);
	build_conditions(l, yaml_get(y, "not"), true, &st->when);
	if (signs)
		read_terms(l, signs, revived, st);
	if (hint) {
		st->kind = START_HINT;
		build_regexes(l, hint, "hint", &st->match);
	} else if (scan) {
		read_scan(l, scan, st);
	} else if (answers) {
		st->kind = START_ANSWERS;
		st->answers = yaml_text(l->diags, y, "answers", S(""));
	} else if (otherwise) {
		read_otherwise(l, otherwise, st);
	} else if (!match && signs) {
		st->kind = START_SIGNS;
	}
	read_strength(l, y, st);
}

void load_starts(struct loader *l, const struct yaml *y, struct flow *f)
{
	if (!y || !want_list(l, y, "start"))
		return;
	f->starts = ARENA_ARRAY(l->arena, struct start, y->n);
	for (size_t i = 0; i < y->n; i++)
		load_start(l, y->items[i], f->home != NULL, &f->starts[f->n_starts++]);
}

void resolve_starts(struct loader *l, struct flow *f)
{
	for (size_t i = 0; i < f->n_starts; i++) {
		struct start *st = &f->starts[i];

		if (st->kind != START_ANSWERS)
			continue;
		st->question = question_find(f, st->answers);
		if (!st->question || st->question->kind != ASK_CHOICES)
			complain(l, st->at, "name a question of this flow that has choices",
				 "'answers' names no question with choices");
	}
}

/* ---- signs ---- */

/* Where the branch that begins at `at` ends: at a | outside all brackets, or at the end. */
static size_t branch_end(struct slice p, size_t at)
{
	int depth = 0;
	bool class = false;

	for (; at < p.len; at++) {
		char c = p.data[at];

		if (c == '\\')
			at++;
		else if (class)
			class = c != ']';
		else if (c == '[')
			class = true;
		else if (c == '(' || c == ')')
			depth += c == '(' ? 1 : -1;
		else if (c == '|' && !depth)
			return at;
		if (depth < 0)
			return at; /* the bracket that closes what is around */
	}
	return p.len;
}

/* Whether the pattern is one group with \b around it: \b(?:one|two)\b. *in: what the group holds. */
static bool only_words(struct slice p, struct slice *in)
{
	size_t end = 5;

	if (!slice_begins(p, S("\\b(?:")) || !slice_ends(p, S(")\\b")))
		return false;
	while ((end = branch_end(p, end)) < p.len && p.data[end] == '|')
		end++;
	if (end != p.len - 3)
		return false;
	*in = slice_make(p.data + 5, p.len - 8);
	return true;
}

static void add_branch(struct loader *l, const struct yaml *y, struct slice part, bool words, struct regexes *out)
{
	struct yaml *piece = ARENA_NEW(l->arena, struct yaml);

	if (out->n == BRANCHES_MAX) {
		complain(l, y, "use fewer", "a sign has more than %d branches", BRANCHES_MAX);
		return;
	}
	*piece = *y;
	piece->text = words ? arena_printf(l->arena, "\\b(?:" SLICE_FMT ")\\b", SLICE_ARG(part)) : part;
	if (build_regex(l, piece, (struct slice){0}, &out->list[out->n]))
		out->list[out->n++].at = y;
}

static void add_branches(struct loader *l, const struct yaml *y, struct regexes *out)
{
	size_t errors = l->diags->errors, at = 0;
	struct slice whole, in;
	bool words;

	for (size_t i = 0; i < y->n; i++)
		add_branches(l, y->items[i], out);
	if (y->kind != YAML_SCALAR)
		return;
	whole = with_lets(l, y, y->text);
	if (!whole.len) {
		if (l->diags->errors == errors)
			complain(l, y, "write what the message must hold", "an empty pattern matches everything");
		return;
	}
	words = only_words(whole, &in);
	if (!words)
		in = whole;
	while (at <= in.len && l->diags->errors == errors) {
		size_t end = branch_end(in, at);

		add_branch(l, y, slice_make(in.data + at, end - at), words, out);
		at = end + 1;
	}
}

/* Like build_regexes, but each branch for itself. */
static void build_branches(struct loader *l, const struct yaml *y, struct regexes *out)
{
	struct arena *while_counting = arena_open(0);
	struct regexes all = {.list = ARENA_ARRAY(while_counting, struct regex, BRANCHES_MAX)};

	add_branches(l, y, &all);
	out->list = ARENA_ARRAY(l->arena, struct regex, all.n + 1);
	out->n = all.n;
	if (all.n)
		memcpy(out->list, all.list, all.n * sizeof out->list[0]);
	arena_close(&while_counting);
	regexes_gather(l, out);
}

static void load_sign(struct loader *l, const struct yaml *key, const struct yaml *y)
{
	static const char *const known[] = {"match", "unless"};
	struct sign *s = &l->set->signs[l->set->n_signs];

	*s = (struct sign){.name = key->text, .at = key};
	if (!is_name(s->name))
		complain(l, key, "use lower case letters, digits and _; a letter first", "a sign needs a plain name");
	if (sign_find(l->set, s->name) >= 0)
		complain(l, key, "drop one of them", "there are two signs of this name");
	l->set->n_signs++;
	if (!want_map(l, y, "sign"))
		return;
	yaml_only(l->diags, y, KNOWN(known));
	if (yaml_get(y, "match"))
		build_branches(l, yaml_get(y, "match"), &s->match);
	else
		complain(l, key, "add match: and patterns", "nothing gives this sign away");
	if (yaml_get(y, "unless"))
		build_branches(l, yaml_get(y, "unless"), &s->unless);
}

static void load_nothing(struct loader *l, const struct yaml *y)
{
	if (!y || !want_list(l, y, "nothing"))
		return;
	l->set->nothing = ARENA_ARRAY(l->arena, struct start, y->n);
	for (size_t i = 0; i < y->n; i++) {
		struct start *st = &l->set->nothing[l->set->n_nothing++];

		load_start(l, y->items[i], false, st);
		if (st->kind != START_SIGNS && st->kind != START_MATCH)
			complain(l, y->items[i], "use match or signs", "this cannot tell that a message begins nothing");
	}
}

void load_signs(struct loader *l, const struct yaml *root)
{
	static const char *const known[] = {"languages", "let", "signs", "nothing"};
	const struct yaml *signs = yaml_get(root, "signs");

	yaml_only(l->diags, root, KNOWN(known));
	if (!build_languages(l, root))
		return;
	if (l->set->signs) {
		complain(l, root, "put all signs in one file", "there are two files of signs");
		return;
	}
	build_lets(l, root);
	if (signs->n > SIGNS_MAX) {
		complain(l, signs, "join some", "there are more than %d signs", SIGNS_MAX);
		return;
	}
	l->set->signs = ARENA_ARRAY(l->arena, struct sign, signs->n + 1);
	for (size_t i = 0; i < signs->n; i++)
		load_sign(l, signs->keys[i], signs->items[i]);
	load_nothing(l, yaml_get(root, "nothing"));
}

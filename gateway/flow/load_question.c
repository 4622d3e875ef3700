/*
 * Reading `ask:` of a flow or a shared part: questions with their choices, patterns, samples, conditions; includes.
 * Every fault is reported at its place and the rest is read on. Nothing here is fatal.
 */
#include "flow/flow_internal.h"

#include <string.h>

#define INCLUDES_DEEP_MAX 4
#define KNOWN(list)       (list), sizeof(list) / sizeof((list)[0])

/* ---- choices ---- */

static void fold_labels(struct loader *l, struct choice *c)
{
	c->folded = ARENA_ARRAY(l->arena, struct slice, l->languages.n);
	for (size_t i = 0; c->label.by_lang && i < l->languages.n; i++)
		c->folded[i] = exact_form(l->arena, c->label.by_lang[i].source);
}

static void load_choice(struct loader *l, const struct yaml *key, const struct yaml *y, struct choice *c)
{
	static const char *const also[] = {"decides", "sure", "match", "hint", "unless", NULL};
	const struct yaml *unless;

	*c = (struct choice){.key = key->text, .at = key};
	if (!is_name(key->text))
		complain(l, key, "use lower case letters, digits and _; a letter first", "a choice needs a plain name");
	if (!want_map(l, y, "choice"))
		return;
	build_text(l, y, "choice", also, &c->label);
	fold_labels(l, c);
	for (size_t i = 0; i < LEVELS; i++) {
		const struct yaml *words = yaml_get(y, also[i]);
		if (words)
			build_regexes(l, words, also[i], &c->words[i]);
	}
	unless = yaml_get(y, "unless");
	if (unless)
		build_regexes(l, unless, "unless", &c->unless);
}

static void load_choices(struct loader *l, const struct yaml *y, const struct yaml *ignore, const struct yaml *unless,
			 struct question *q)
{
	if (ignore)
		build_regexes(l, ignore, "ignore", &q->ignore);
	if (unless)
		build_regexes(l, unless, "unless", &q->unless);
	if (!want_map(l, y, "choices"))
		return;
	if (y->n < 2 || y->n > FLOW_CHOICES_MAX) {
		complain(l, y, "give from 2 to 40", "'choices' has %zu choices", y->n);
		return;
	}
	q->choices = ARENA_ARRAY(l->arena, struct choice, y->n);
	for (size_t i = 0; i < y->n; i++)
		load_choice(l, y->keys[i], y->items[i], &q->choices[q->n_choices++]);
}

/* ---- samples ---- */

static void add_samples(struct loader *l, const struct yaml *y, struct slice lang, const char *what, struct samples *io)
{
	struct sample *list;

	if (!want_list(l, y, what))
		return;
	list = ARENA_ARRAY(l->arena, struct sample, io->n + y->n);
	if (io->n)
		memcpy(list, io->list, io->n * sizeof *list);
	io->list = list;
	for (size_t i = 0; i < y->n; i++)
		if (want_scalar(l, y->items[i], what))
			list[io->n++] = (struct sample){y->items[i]->text, lang, y->items[i]};
}

/* A list, or {zh: list, en: list}. */
static void load_sample_list(struct loader *l, const struct yaml *y, struct slice lang, const char *what,
			     struct samples *io)
{
	if (y->kind != YAML_MAP) {
		add_samples(l, y, lang, what, io);
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		if (language_index(&l->languages, y->keys[i]->text) < 0)
			complain(l, y->keys[i], "use the languages of this file",
				 "this is not a language of this file");
		add_samples(l, y->items[i], y->keys[i]->text, what, io);
	}
}

static void load_samples(struct loader *l, const struct yaml *y, struct slice lang, struct question *q)
{
	if (!want_map(l, y, "samples"))
		return;
	for (size_t i = 0; i < y->n; i++) {
		struct slice key = y->keys[i]->text;

		if (slice_is(key, "accept"))
			load_sample_list(l, y->items[i], lang, "accept", &q->accept);
		else if (slice_is(key, "reject"))
			load_sample_list(l, y->items[i], lang, "reject", &q->reject);
		else if (!lang.len && language_index(&l->languages, key) >= 0)
			load_samples(l, y->items[i], key, q);
		else
			complain(l, y->keys[i], "samples have 'accept' and 'reject'", "unknown key '" SLICE_FMT "'",
				 SLICE_ARG(utf8_cut(key, 40)));
	}
}

/* ---- one question ---- */

static void load_collect(struct loader *l, const struct yaml *y, struct question *q)
{
	static const char *const known[] = {"until", "max", "min"};
	const struct yaml *until;

	if (!want_map(l, y, "collect"))
		return;
	yaml_only(l->diags, y, KNOWN(known));
	until = yaml_get(y, "until");
	if (until)
		build_regexes(l, until, "until", &q->until);
	else
		complain(l, y, "add until: '^(0|完|done)$'", "'collect' does not say when it is over");
	q->collect_min = (size_t)yaml_int(l->diags, y, "min", 0, 1000, 1);
	q->collect_max = (size_t)yaml_int(l->diags, y, "max", 10, 8000, 4000);
	if (q->collect_min > q->collect_max)
		complain(l, y, "make max the larger one", "'min' is more than 'max'");
}

static void load_type(struct loader *l, const struct yaml *y, struct question *q)
{
	const char *names[24];
	struct slice near;
	size_t n = 0;

	if (!want_scalar(l, y, "type"))
		return;
	q->type = y->text;
	if (slice_is(y->text, "case"))
		q->kind = ASK_CASE;
	else if (type_known(y->text) || slice_is(y->text, "text"))
		q->kind = ASK_TYPE;
	else {
		for (; type_names[n] && n < 20; n++)
			names[n] = type_names[n];
		names[n++] = "text";
		names[n++] = "case";
		near = diag_nearest(y->text, names, n);
		complain(l, y,
			 near.len ? arena_cstr(l->arena,
					       arena_printf(l->arena, "did you mean '" SLICE_FMT "'?", SLICE_ARG(near)))
				  : "ready types: date phone number yes_no id_card email place rating case text",
			 "unknown type '" SLICE_FMT "'", SLICE_ARG(utf8_cut(y->text, 40)));
	}
}

static void load_else(struct loader *l, const struct yaml *y, struct question *q)
{
	static const char *const names[] = {"person", "skip", "end", "accept"};
	struct slice name = yaml_text(l->diags, y, "else", S(""));

	for (size_t i = 0; i < 4; i++)
		if (slice_is(name, names[i]))
			q->otherwise = (enum otherwise)(ELSE_PERSON + i);
	for (size_t i = 0; i < q->n_choices; i++)
		if (slice_equal(q->choices[i].key, name)) {
			q->otherwise = ELSE_CHOICE;
			q->else_choice = &q->choices[i];
		}
	if (name.len && q->otherwise == ELSE_NONE)
		complain(l, yaml_get(y, "else"), "write person, skip, end, accept, or the key of a choice",
			 "unknown 'else'");
	if (q->otherwise == ELSE_ACCEPT && (q->kind == ASK_CONFIRM || q->kind == ASK_CHOICES || q->kind == ASK_CASE))
		complain(l, yaml_get(y, "else"), "write person, skip or end",
			 "'accept' takes any words, which this kind of question cannot");
	if (q->otherwise != ELSE_NONE && !q->tries)
		complain(l, yaml_get(y, "else"), "add tries: 3", "'else' needs 'tries'");
	if (q->tries && q->otherwise == ELSE_NONE)
		q->otherwise = ELSE_PERSON;
}

/* Exactly one of the ways to answer. */
static void load_kind(struct loader *l, const struct yaml *y, struct question *q)
{
	const struct yaml *choices = yaml_get(y, "choices"), *match = yaml_get(y, "match"), *type = yaml_get(y, "type"),
			  *collect = yaml_get(y, "collect");
	bool confirm = yaml_bool(l->diags, y, "confirm", false), tell = yaml_bool(l->diags, y, "tell", false);
	int ways = !!choices + !!type + !!collect + confirm + tell + (match && !type);

	if (ways != 1) {
		complain(l, q->at, "choices, match, type, collect, confirm: true, or tell: true",
			 ways ? "a question needs just one way to be answered; this has %d"
			      : "a question needs a way to be answered",
			 ways);
		return;
	}
	q->kind = choices ? ASK_CHOICES : collect ? ASK_COLLECT : confirm ? ASK_CONFIRM : tell ? ASK_TELL : ASK_MATCH;
	if (choices)
		load_choices(l, choices, yaml_get(y, "ignore"), yaml_get(y, "unless"), q);
	if (type)
		load_type(l, type, q);
	if (collect)
		load_collect(l, collect, q);
	if (match)
		build_regexes(l, match, "match", &q->match);
	if (match && q->kind == ASK_CASE)
		complain(l, match, "leave it out", "'match' cannot go with type: case");
}

static void load_say(struct loader *l, const struct yaml *y, struct question *q)
{
	const struct yaml *say = yaml_get(y, "say"), *sorry = yaml_get(y, "sorry"), *title = yaml_get(y, "title");

	if (say)
		build_text(l, say, "say", NULL, &q->say);
	else
		complain(l, q->at, "add say: {zh: '…', en: '…'}", "the question has no text");
	if (sorry)
		build_text(l, sorry, "sorry", NULL, &q->sorry);
	if (title)
		build_text(l, title, "title", NULL, &q->title);
}

static void load_question(struct loader *l, const struct yaml *key, const struct yaml *y, struct question *q)
{
	static const char *const known[] = {
		"say",      "sorry",    "title", "choices", "match", "type", "collect", "confirm", "tell",   "media",
		"location", "optional", "when",  "not",     "tries", "else", "samples", "long",    "ignore", "unless",
	};
	const struct yaml *samples;

	*q = (struct question){.name = key->text, .at = key};
	if (!is_name(q->name))
		complain(l, key, "use lower case letters, digits and _; a letter first",
			 "a question needs a plain name");
	if (!want_map(l, y, "question"))
		return;
	yaml_only(l->diags, y, KNOWN(known));
	load_say(l, y, q);
	load_kind(l, y, q);
	q->media = (size_t)yaml_int(l->diags, y, "media", 0, SESSION_MAX_MEDIA, 0);
	q->location = yaml_bool(l->diags, y, "location", false);
	q->optional = yaml_bool(l->diags, y, "optional", false);
	q->tries = (int)yaml_int(l->diags, y, "tries", 1, 20, 0);
	q->long_reason = yaml_text(l->diags, y, "long", S(""));
	load_else(l, y, q);
	build_conditions(l, yaml_get(y, "when"), false, &q->when);
	build_conditions(l, yaml_get(y, "not"), true, &q->when);
	if (!q->n_choices && (yaml_get(y, "ignore") || yaml_get(y, "unless")))
		complain(l, q->at, "leave them out", "'ignore' and 'unless' go with 'choices'");
	samples = yaml_get(y, "samples");
	if (samples)
		load_samples(l, samples, (struct slice){0}, q);
	if (q->kind == ASK_TELL && (q->optional || q->tries || q->media || q->location || samples))
		complain(l, q->at, "leave the rest out", "a question that only tells has 'say', 'when' and 'not'");
	if (q->kind == ASK_CONFIRM && (q->optional || q->location))
		complain(l, q->at, "leave it out", "a read-back is neither optional nor answered by a place");
}

/* ---- the list ---- */

static void add_question(struct loader *l, const struct yaml *key, const struct yaml *y, struct flow *f)
{
	for (size_t i = 0; i < f->n_questions; i++) {
		if (!slice_equal(f->questions[i].name, key->text))
			continue;
		complain(l, key, "give it another name", "the question '" SLICE_FMT "' was asked before, in line %d",
			 SLICE_ARG(utf8_cut(key->text, 40)), f->questions[i].at->line);
		return;
	}
	if (f->n_questions == FLOW_QUESTIONS_MAX) {
		complain(l, key, "ask less", "a flow has at most %d questions", FLOW_QUESTIONS_MAX);
		return;
	}
	load_question(l, key, y, &f->questions[f->n_questions++]);
}

static void include(struct loader *l, const struct yaml *at, struct flow *f)
{
	struct prompt_file *file = NULL;
	struct languages ours = l->languages;
	const struct yaml *part;

	if (!want_scalar(l, at, "include"))
		return;
	part = load_part(l, at, at->text, &file);
	if (!part)
		return;
	if (file->open || l->parts_open >= INCLUDES_DEEP_MAX) {
		complain(l, at, "take one of them out",
			 file->open ? "parts include each other in a circle" : "parts are included too deeply");
		return;
	}
	file->open = true;
	l->parts_open++;
	load_questions(l, part, f);
	l->parts_open--;
	file->open = false;
	l->languages = ours;
}

void load_questions(struct loader *l, const struct yaml *ask, struct flow *f)
{
	if (!want_list(l, ask, "ask"))
		return;
	for (size_t i = 0; i < ask->n; i++) {
		const struct yaml *y = ask->items[i];

		if (y->kind != YAML_MAP || y->n != 1)
			complain(l, y->kind == YAML_MAP && y->n > 1 ? y->keys[1] : y,
				 "each item is '- NAME:' with its lines indented under it, or '- include: PART'",
				 "a question must be a map of one key, its name");
		else if (slice_is(y->keys[0]->text, "include"))
			include(l, y->items[0], f);
		else
			add_question(l, y->keys[0], y->items[0], f);
	}
}

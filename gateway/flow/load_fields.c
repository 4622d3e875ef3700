/*
 * Which fields a flow has, and whether every placeholder and condition in it speaks of one. The answers of a session
 * are bounded, so the fields of a flow are too. Nothing here is fatal.
 */
#include "flow/flow_internal.h"

#define NAMES_MAX 128

static bool is_reserved(struct slice name)
{
	static const char *const names[] = {"channel", "lang",    "sms",     "buttons", "hours",    "cases",
					    "summary", "choices", "opening", "code",    "emergency"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_is(name, names[i]))
			return true;
	return false;
}

static bool in_groups(const struct regexes *r, struct slice field)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t g = 0; g < pattern_groups(r->list[i].p); g++)
			if (slice_equal(pattern_group(r->list[i].p, g), field))
				return true;
	return false;
}

/* Whether questions before `end` fill the field. */
bool flow_field_filled(const struct flow *f, struct slice field, size_t end)
{
	for (size_t i = 0; i < end && i < f->n_questions; i++) {
		const struct question *q = &f->questions[i];

		if (slice_equal(q->name, field) || in_groups(&q->match, field) ||
		    (q->kind == ASK_CASE && slice_is(field, "code")))
			return true;
	}
	return false;
}

static struct slice nearest_field(struct loader *l, const struct flow *f, struct slice field)
{
	const char *names[NAMES_MAX] = {"case",   "code", "summary", "office", "phone",
					"window", "unit", "hours",   "lang"};
	size_t n = 9;

	for (size_t i = 0; i < f->n_questions && n < NAMES_MAX; i++)
		names[n++] = arena_cstr(l->arena, f->questions[i].name);
	return diag_nearest(field, names, n);
}

static void check_field(struct loader *l, const struct flow *f, struct slice field, const struct yaml *at,
			const char *what)
{
	struct slice near;

	if (is_universal(field) || flow_field_filled(f, field, f->n_questions))
		return;
	near = nearest_field(l, f, field);
	complain(l, at,
		 near.len ? arena_cstr(l->arena,
				       arena_printf(l->arena, "did you mean '" SLICE_FMT "'?", SLICE_ARG(near)))
			  : "name a question of this flow, a named group, or a fact that is always there",
		 "undefined %s '" SLICE_FMT "'", what, SLICE_ARG(field));
}

static void check_template(struct loader *l, const struct flow *f, const struct wording *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->pieces[i].field.len)
			check_field(l, f, t->pieces[i].field, t->at, "placeholder");
}

static void check_text(struct loader *l, const struct flow *f, const struct text *t)
{
	for (size_t i = 0; t->by_lang && i < f->languages.n; i++) {
		check_template(l, f, &t->by_lang[i]);
		for (size_t v = 0; v < t->n_variants; v++)
			check_template(l, f, &t->variants[v].by_lang[i]);
	}
}

static void check_conditions(struct loader *l, const struct flow *f, const struct conditions *when)
{
	for (size_t i = 0; i < when->n; i++)
		check_field(l, f, when->list[i].field, when->list[i].at, "field");
}

static size_t fields_of(struct loader *l, const struct question *q)
{
	size_t n = 1 + (q->kind == ASK_CASE) + q->location;

	for (size_t i = 0; i < q->match.n; i++)
		for (size_t g = 0; g < pattern_groups(q->match.list[i].p); g++) {
			struct slice name = pattern_group(q->match.list[i].p, g);

			n += !slice_equal(name, q->name);
			if (!is_name(name) || is_reserved(name))
				complain(l, q->match.list[i].at, "name it otherwise",
					 "a named group fills the field of its name; '" SLICE_FMT "' cannot be one",
					 SLICE_ARG(utf8_cut(name, 40)));
		}
	return n;
}

static void check_question(struct loader *l, const struct flow *f, const struct question *q)
{
	if (is_reserved(q->name))
		complain(l, q->at, "name it otherwise", "'" SLICE_FMT "' is a fact that is always there",
			 SLICE_ARG(q->name));
	check_text(l, f, &q->say);
	check_text(l, f, &q->sorry);
	check_text(l, f, &q->title);
	for (size_t i = 0; i < q->n_choices; i++)
		check_text(l, f, &q->choices[i].label);
	check_conditions(l, f, &q->when);
}

static void check_ending(struct loader *l, const struct flow *f, const struct ending *e)
{
	const struct wording *all[] = {&e->purpose, &e->category, &e->place,  &e->text,  &e->case_number,
				       &e->code,    &e->value,    &e->window, &e->reason};

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		check_template(l, f, all[i]);
	check_text(l, f, &e->say);
	check_conditions(l, f, &e->when);
}

void flow_fields_check(struct loader *l, const struct flow *f)
{
	size_t fields = 0;

	for (size_t i = 0; i < f->n_questions; i++)
		fields += fields_of(l, &f->questions[i]);
	if (fields > FLOW_FIELDS_MAX)
		complain(l, f->at, "ask less", "the flow has %zu fields; the most is %d", fields, FLOW_FIELDS_MAX);
	for (size_t i = 0; i < f->n_questions; i++)
		check_question(l, f, &f->questions[i]);
	for (size_t i = 0; i < f->n_starts; i++)
		check_conditions(l, f, &f->starts[i].when);
	for (size_t i = 0; i < f->n_endings; i++)
		check_ending(l, f, &f->endings[i]);
	check_text(l, f, &f->say);
	check_conditions(l, f, &f->say_when);
}

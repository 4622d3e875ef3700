/*
 * `huiyin check`: what is legal but wrong. A set that loads may still ask what nobody can answer, understand an answer
 * as something else, speak of what it has not asked, or cost more than meant. Each finding has its place and how to
 * mend it.
 */
#include "flow/flow_internal.h"

#include <stdio.h>

void check_note(struct check *c, enum severity severity, const struct yaml *at, const char *mend, const char *fmt, ...)
{
	char line[400];
	va_list args;
	struct diag *d;
	struct diags one = diags_in(c->a);

	va_start(args, fmt);
	vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	yaml_error(&one, at, utf8_repair(c->a, arena_copy(c->a, slice_of(line))), slice_of(mend)); /* for its excerpt */
	d = diags_add(c->d, severity, one.list[0].file, one.list[0].line, one.list[0].column, one.list[0].what,
		      one.list[0].mend);
	d->excerpt = arena_copy(c->d->arena, one.list[0].excerpt);
}

/* ---- samples ---- */

static bool understood(struct check *c, const struct flow *f, const struct question *q, const struct sample *sample)
{
	struct context ctx = {
		.lang = sample->lang.len ? sample->lang : f->languages.list[0], .zone = c->zone, .now = CHECK_NOW_MS};
	struct slice what = arena_printf(c->a, SLICE_FMT "." SLICE_FMT, SLICE_ARG(f->name), SLICE_ARG(q->name)), json;

	return flow_match(c->s, c->m, c->a, what, sample->text, &ctx, &json) == OK && !slice_is(json, "null");
}

static void check_samples(struct check *c, const struct flow *f, const struct question *q)
{
	for (size_t i = 0; i < q->accept.n; i++)
		if (!understood(c, f, q, &q->accept.list[i]))
			check_note(c, ERROR, q->accept.list[i].at, "widen the question's patterns, or drop the sample",
				   "the sample '" SLICE_FMT "' is refused", SLICE_ARG(q->accept.list[i].text));
	for (size_t i = 0; i < q->reject.n; i++)
		if (understood(c, f, q, &q->reject.list[i]))
			check_note(c, ERROR, q->reject.list[i].at, "narrow the question's patterns, or drop the sample",
				   "the sample '" SLICE_FMT "' is accepted", SLICE_ARG(q->reject.list[i].text));
}

/* ---- before use ---- */

static void check_filled(struct check *c, const struct flow *f, struct slice field, size_t end, const struct yaml *at)
{
	if (!is_universal(field) && !flow_field_filled(f, field, end))
		check_note(c, WARNING, at, "ask it earlier, or use {?name:words}",
			   "'" SLICE_FMT "' is used before it is asked", SLICE_ARG(field));
}

/* A field inside {?field:…} may well be unknown. */
static void check_template(struct check *c, const struct flow *f, const struct wording *t, size_t end)
{
	size_t tested = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct piece *p = &t->pieces[i];

		if (p->skip && i + p->skip > tested)
			tested = i + p->skip;
		else if (p->field.len && !p->skip && i > tested)
			check_filled(c, f, p->field, end, t->at);
		else if (p->field.len && !p->skip && !tested)
			check_filled(c, f, p->field, end, t->at);
	}
}

static void check_order(struct check *c, const struct flow *f, size_t index)
{
	const struct question *q = &f->questions[index];

	for (size_t k = 0; k < f->languages.n; k++) {
		if (q->say.by_lang)
			check_template(c, f, &q->say.by_lang[k], index);
		if (q->sorry.by_lang)
			check_template(c, f, &q->sorry.by_lang[k], index);
	}
	for (size_t i = 0; i < q->when.n; i++)
		check_filled(c, f, q->when.list[i].field, index, q->when.list[i].at);
}

/* ---- dead questions ---- */

static bool value_matches(struct check *c, const struct condition *w, struct slice value)
{
	return (pattern_match(w->regex.p, c->m, fold_text(c->a, value), NULL) == MATCHED_YES) != w->negated;
}

static bool any_matches(struct check *c, const struct condition *w, const char *const *values)
{
	for (; *values; values++)
		if (value_matches(c, w, slice_of(*values)))
			return true;
	return false;
}

/* Every value that a field can have is known, and none of them fulfils the condition. */
static bool never(struct check *c, const struct flow *f, const struct condition *w)
{
	static const char *const open_closed[] = {"open", "closed", NULL}, *const yes_no[] = {"yes", "no", NULL},
				 *const yes_no_empty[] = {"yes", "no", "", NULL};
	const struct question *q = question_find(f, w->field);

	if (slice_is(w->field, "hours"))
		return !any_matches(c, w, open_closed);
	if (slice_is(w->field, "sms") || slice_is(w->field, "buttons"))
		return !any_matches(c, w, yes_no);
	if (q && q->kind == ASK_TYPE && slice_is(q->type, "yes_no"))
		return !any_matches(c, w, yes_no_empty);
	if (!q || q->kind != ASK_CHOICES || value_matches(c, w, (struct slice){0}))
		return false;
	for (size_t i = 0; i < q->n_choices; i++)
		if (value_matches(c, w, q->choices[i].key))
			return false;
	return true;
}

static void check_dead(struct check *c, const struct flow *f, const struct conditions *when, const char *what)
{
	for (size_t i = 0; i < when->n; i++)
		if (never(c, f, &when->list[i]))
			check_note(c, WARNING, when->list[i].at, "compare the pattern with the keys of the choices",
				   "%s: no answer to '" SLICE_FMT "' fulfils this", what,
				   SLICE_ARG(when->list[i].field));
}

/* ---- questions, flows, words ---- */

static void check_endless(struct check *c, const struct question *q)
{
	bool asks = q->kind == ASK_CHOICES || q->kind == ASK_MATCH || q->kind == ASK_TYPE || q->kind == ASK_CASE;

	if (asks && !q->tries && !q->optional)
		check_note(c, WARNING, q->at, "add tries: 3 and else: person (or skip, end, accept)",
			   "who cannot answer '" SLICE_FMT "' is asked for ever", SLICE_ARG(q->name));
}

static void check_question(struct check *c, const struct flow *f, size_t index)
{
	const struct question *q = &f->questions[index];

	check_samples(c, f, q);
	check_order(c, f, index);
	check_dead(c, f, &q->when, "this question is never asked");
	check_endless(c, q);
	if (q->kind == ASK_CHOICES)
		check_choices(c, f, q);
	for (size_t i = 0; i < q->accept.n; i++) {
		struct word w = flow_word(c->s, c->m, c->a, q->accept.list[i].text);

		if (w.kind == WORD_OPT_OUT)
			check_note(c, WARNING, q->accept.list[i].at, "choose other words for the answer",
				   "the answer '" SLICE_FMT "' is an opt-out word", SLICE_ARG(q->accept.list[i].text));
	}
}

static void check_flow(struct check *c, const struct flow *f)
{
	for (size_t i = 0; i < f->n_questions; i++)
		check_question(c, f, i);
	for (size_t i = 0; i < f->n_endings; i++)
		check_dead(c, f, &f->endings[i].when, "this ending never comes");
	check_dead(c, f, &f->say_when, "this is never said");
	if (!f->n_starts)
		check_note(c, WARNING, f->at, "add start:", "nothing begins this flow but the gateway itself");
}

/* "1" must not begin two flows. */
static void check_digits(struct check *c)
{
	for (int digit = 1; digit <= 9; digit++) {
		struct slice text = arena_printf(c->a, "%d", digit);
		const struct flow *first = NULL;

		for (size_t i = 0; i < c->s->n_flows; i++)
			for (size_t k = 0; k < c->s->flows[i]->n_starts; k++) {
				const struct start *st = &c->s->flows[i]->starts[k];

				if (st->kind != START_MATCH || !regexes_match(&st->match, c->m, NULL, text, NULL, NULL))
					continue;
				if (first && first != c->s->flows[i])
					check_note(c, WARNING, st->at, "give each flow its own digit",
						   "the digit %d begins '" SLICE_FMT "' already", digit,
						   SLICE_ARG(first->name));
				first = first ? first : c->s->flows[i];
			}
	}
}

static void check_words(struct check *c)
{
	for (size_t i = 0; i < c->s->n_words; i++)
		for (size_t k = 0; k < c->s->words[i].n_exact; k++) {
			struct slice text = c->s->words[i].exact[k];
			struct word w = flow_word(c->s, c->m, c->a, text);

			if (!slice_equal(w.name, c->s->words[i].name))
				check_note(c, WARNING, c->s->words[i].at, "drop it from one of them",
					   "'" SLICE_FMT "' is understood as '" SLICE_FMT "', not as '" SLICE_FMT "'",
					   SLICE_ARG(text), SLICE_ARG(w.name), SLICE_ARG(c->s->words[i].name));
		}
}

/* What the gateway says by itself; without a text it stays silent, or falls back on the word's own. */
static void check_presence(struct check *c)
{
	static const char *const keys[] = {
		"menu",           "first_contact",  "flood",
		"text_cut",       "media_dropped",  "media_later",
		"no_cases",       "number_unknown", "number_or_code_wrong",
		"added",          "status_line",    "draft_filed",
		"opt_out_case",   "alert",          "too_late",
		"not_understood", "say_remind",     "expired",
		"handed_over",    "collect_more",   "change_which",
		"ask_number",     "ask_code",       "code_sorry",
		"rated",          "cannot_skip",    "no_back",
		"cancelled",      "ended",
	};

	for (size_t i = 0; c->s->words_at && i < sizeof keys / sizeof keys[0]; i++)
		if (!set_text(c->s, "text", slice_of(keys[i])))
			check_note(c, WARNING, c->s->words_at,
				   "add it under texts: (docs/flows.md says when it is said)",
				   "the text '%s' is missing", keys[i]);
}

void flow_check(const struct flow_set *s, const struct flow_price *price, struct diags *d, struct buf *report)
{
	struct check c = {.s = s,
			  .m = matcher_open(),
			  .a = arena_open(0),
			  .d = d,
			  .report = report,
			  .price = price,
			  .zone = zone_open("Asia/Shanghai")};

	for (size_t i = 0; i < s->n_flows; i++)
		check_flow(&c, s->flows[i]);
	check_digits(&c);
	check_words(&c);
	check_presence(&c);
	check_texts(&c);
	check_attacks(&c);
	if (report)
		buf_printf(report, "%zu flows, %zu texts, %zu patterns; the longest match took %u of %d steps\n",
			   s->n_flows, c.n_texts, c.n_patterns, matcher_most_steps(c.m), MATCH_STEPS);
	zone_close(&c.zone);
	matcher_close(&c.m);
	arena_close(&c.a);
}

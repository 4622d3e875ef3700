/*
 * Linting choices: each can be reached, and by what its own patterns say; no answer is an opt-out word or another word
 * that is understood before any question. For `huiyin check`.
 */
#include "flow/flow_internal.h"

#define SPECIMENS_MAX       60
#define SPECIMEN_CHARACTERS 40

/* What an answer comes to when it is not an answer, because a word is understood first. */
static void check_word(struct check *c, struct slice answer, const struct yaml *at, bool opt_out_only)
{
	struct word w = flow_word(c->s, c->m, c->a, answer);

	if (w.kind == WORD_NONE || (opt_out_only && w.kind != WORD_OPT_OUT))
		return;
	check_note(c, WARNING, at, "choose other words for the answer; words are understood before any question",
		   "the answer '" SLICE_FMT "' is taken as the word '" SLICE_FMT "'", SLICE_ARG(answer),
		   SLICE_ARG(w.name));
}

static const struct choice *picked(struct check *c, const struct flow *f, const struct question *q, struct slice text)
{
	struct message msg = {.text = text};
	struct context ctx = {.lang = f->languages.list[0]};
	struct reading r;

	if (!question_read(q, &f->languages, c->m, c->a, &msg, &ctx, &r) || !r.n)
		return NULL;
	for (size_t i = 0; i < q->n_choices; i++)
		if (slice_equal(q->choices[i].key, r.list[0].value))
			return &q->choices[i];
	return NULL;
}

static void check_label(struct check *c, const struct flow *f, const struct question *q, const struct choice *choice,
			const struct wording *label)
{
	const struct choice *got = picked(c, f, q, label->source);

	if (got != choice)
		check_note(c, WARNING, label->at, "two choices must not have the same label",
			   "the label '" SLICE_FMT "' picks '" SLICE_FMT "', not '" SLICE_FMT "'",
			   SLICE_ARG(label->source), SLICE_ARG(got ? got->key : S("nothing")), SLICE_ARG(choice->key));
	check_word(c, label->source, label->at, false);
}

/* How many of a choice's own specimens reach it; the first that goes elsewhere. */
static void check_specimens(struct check *c, const struct flow *f, const struct question *q,
			    const struct choice *choice)
{
	struct slice list[SPECIMENS_MAX], stray = {0};
	size_t made = 0, reached = 0;
	const struct choice *stray_to = NULL;

	for (int level = 0; level < LEVELS; level++)
		for (size_t i = 0; i < choice->words[level].n; i++) {
			size_t n = specimens_of(&choice->words[level].list[i], c->m, c->a, list, SPECIMENS_MAX);

			for (size_t k = 0; k < n; k++) {
				const struct choice *got = picked(c, f, q, list[k]);

				made++;
				reached += got == choice;
				if (got && got != choice && level < LEVEL_HINT && !stray_to) {
					stray_to = got;
					stray = list[k];
				}
				check_word(c, list[k], choice->words[level].list[i].at, true);
			}
		}
	if (made && !reached)
		check_note(c, WARNING, choice->at, "look at the choices before it, at 'ignore' and at 'unless'",
			   "no words of its own pick the choice '" SLICE_FMT "'; only its number and label do",
			   SLICE_ARG(choice->key));
	else if (stray_to)
		check_note(c, NOTE, choice->at, "see 'Choosing' in docs/flows.md",
			   "%zu of %zu of its words pick '" SLICE_FMT "'; others do not, such as '" SLICE_FMT
			   "', which picks '" SLICE_FMT "'",
			   reached, made, SLICE_ARG(choice->key), SLICE_ARG(utf8_cut(stray, SPECIMEN_CHARACTERS)),
			   SLICE_ARG(stray_to->key));
}

void check_choices(struct check *c, const struct flow *f, const struct question *q)
{
	for (size_t i = 0; i < q->n_choices; i++) {
		const struct choice *choice = &q->choices[i];
		struct slice digit = arena_printf(c->a, "%zu", i + 1);

		for (size_t k = 0; choice->label.by_lang && k < f->languages.n; k++)
			check_label(c, f, q, choice, &choice->label.by_lang[k]);
		check_specimens(c, f, q, choice);
		check_word(c, digit, choice->at, false);
	}
}

/*
 * Attacks every pattern of a set with texts made of its own characters, long and repetitive, before people do
 * (reliability.md 3.3). A pattern that hits a limit is reported as an error. For `huiyin check`.
 */
#include "flow/flow_internal.h"

#include <string.h>

#define ATOMS_MAX        12
#define ATTACK_MAX_BYTES ((size_t)8 << 10)

struct atoms {
	struct slice list[ATOMS_MAX + 6];
	size_t n;
};

static void add_atom(struct atoms *out, struct slice s)
{
	for (size_t i = 0; i < out->n; i++)
		if (slice_equal(out->list[i], s))
			return;
	if (s.len && out->n < ATOMS_MAX)
		out->list[out->n++] = s;
}

/* Characters and runs of characters of the pattern's source that stand for themselves, more or less. */
static void atoms_of(struct slice source, struct atoms *out)
{
	size_t at = 0, run = 0, from = 0;

	while (at < source.len && out->n < ATOMS_MAX) {
		size_t before = at;
		int32_t c = utf8_next(source, &at);
		bool literal = c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
			       (c >= 'A' && c <= 'Z') || c == ' ';

		if (literal && (!before || source.data[before - 1] != '\\')) {
			if (!run++)
				from = before;
			add_atom(out, slice_make(source.data + before, at - before));
			continue;
		}
		if (run > 1)
			add_atom(out, slice_make(source.data + from, before - from));
		run = 0;
	}
}

/* `unit` over and over, to about so many characters, and an end that most patterns do not like. */
static struct slice repeated(struct arena *a, struct slice unit, struct slice other, size_t characters)
{
	struct buf out = buf_in(a, ATTACK_MAX_BYTES);
	size_t per = utf8_count(unit) + utf8_count(other);

	for (size_t n = 0; n + per < characters && per; n += per) {
		buf_add(&out, unit);
		buf_add(&out, other);
	}
	buf_add_c(&out, "!");
	return buf_slice(&out);
}

static bool survives(struct check *c, const struct regex *r, struct slice text)
{
	if (pattern_match(r->p, c->m, text, NULL) != MATCHED_LIMIT)
		return true;
	check_note(c, ERROR, r->at, "avoid repeats inside repeats; bound them: {0,20} for *, and anchor with ^",
		   "this pattern takes too long on some texts, such as '" SLICE_FMT "…'",
		   SLICE_ARG(utf8_cut(text, 24)));
	return false;
}

static bool attack_with(struct check *c, struct arena *a, const struct regex *r, const struct atoms *atoms)
{
	static const size_t lengths[] = {64, 300, MATCH_TEXT_MAX};

	for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++)
		for (size_t i = 0; i < atoms->n; i++) {
			struct slice other =
				lengths[k] == 300 ? atoms->list[(i * 7 + 3) % atoms->n] : (struct slice){0};

			if (!survives(c, r, repeated(a, atoms->list[i], other, lengths[k])))
				return false;
		}
	return true;
}

static void attack(struct check *c, const struct regex *r)
{
	static const char *const common[] = {"a", "1", " ", "我", "!", "a "};
	struct arena *a = arena_open(0);
	struct atoms atoms = {.n = 0};

	c->n_patterns++;
	atoms_of(fold_pattern(a, pattern_source(r->p)), &atoms);
	for (size_t i = 0; i < sizeof common / sizeof common[0]; i++)
		atoms.list[atoms.n++] = slice_of(common[i]);
	attack_with(c, a, r, &atoms);
	arena_close(&a);
}

static void attack_all(struct check *c, const struct regexes *r)
{
	for (size_t i = 0; i < r->n; i++)
		attack(c, &r->list[i]);
}

static void attack_conditions(struct check *c, const struct conditions *when)
{
	for (size_t i = 0; i < when->n; i++)
		attack(c, &when->list[i].regex);
}

static void attack_question(struct check *c, const struct question *q)
{
	attack_all(c, &q->match);
	attack_all(c, &q->until);
	attack_all(c, &q->ignore);
	attack_all(c, &q->unless);
	attack_conditions(c, &q->when);
	for (size_t i = 0; i < q->n_choices; i++) {
		attack_all(c, &q->choices[i].unless);
		for (int level = 0; level < LEVELS; level++)
			attack_all(c, &q->choices[i].words[level]);
	}
}

static void attack_flow(struct check *c, const struct flow *f)
{
	for (size_t i = 0; i < f->n_starts; i++) {
		attack_all(c, &f->starts[i].match);
		attack_all(c, &f->starts[i].unless);
		attack_conditions(c, &f->starts[i].when);
	}
	for (size_t i = 0; i < f->n_questions; i++)
		attack_question(c, &f->questions[i]);
	for (size_t i = 0; i < f->n_endings; i++)
		attack_conditions(c, &f->endings[i].when);
	attack_conditions(c, &f->say_when);
}

void check_attacks(struct check *c)
{
	for (size_t i = 0; i < c->s->n_flows; i++)
		attack_flow(c, c->s->flows[i]);
	for (size_t i = 0; i < c->s->n_words; i++) {
		const struct word_rule *w = &c->s->words[i];

		attack_all(c, &w->match);
		attack_all(c, &w->unless);
		attack_all(c, &w->sure);
		attack_all(c, &w->now);
		attack_all(c, &w->past);
		attack_all(c, &w->core);
		attack_all(c, &w->alone);
		for (size_t k = 0; k < w->n_to; k++)
			attack_all(c, &w->to[k].match);
	}
	for (size_t i = 0; i < c->s->n_signs; i++) {
		attack_all(c, &c->s->signs[i].match);
		attack_all(c, &c->s->signs[i].unless);
	}
	attack_all(c, &c->s->change);
	attack_all(c, &c->s->core.beside);
}

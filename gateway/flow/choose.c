/*
 * Which choice the words of a text speak for (docs/flows.md, "Choices"). All matches of all choices are laid over the
 * text; what lies inside a longer match of another choice, or touches words to be ignored, does not count. Each
 * character then speaks for a choice with the weight of the strongest match that covers it, and each place where the text
 * says who did what to whom with much more; the choice with the most weight wins, and on a tie the one that is named
 * first. Pure; everything is bounded.
 */
#include "flow/flow_internal.h"

#include <string.h>

#define SPANS_MAX 400
#define IGNORED   (-1)

struct span {
	size_t from, to;
	int choice, level;
};
struct spans {
	struct span list[SPANS_MAX];
	size_t n;
};
struct laid {
	struct matcher *m;
	struct slice folded;
	struct scent scent;
	bool *limited;
};

/* All matches of one pattern, one behind the other. */
static void spans_of(struct spans *out, const struct laid *t, const struct regex *r, int choice, int level)
{
	struct match found;
	size_t from = 0;

	if (!sieve_lets(&r->sieve, &t->scent))
		return;
	while (from <= t->folded.len && out->n < SPANS_MAX) {
		enum matched how = pattern_match_from(r->p, t->m, t->folded, from, &found);
		size_t begin, end;

		if (how == MATCHED_LIMIT && t->limited)
			*t->limited = true;
		if (how != MATCHED_YES)
			return;
		begin = (size_t)(found.whole.data - t->folded.data);
		end = begin + found.whole.len;
		if (found.whole.len)
			out->list[out->n++] = (struct span){begin, end, choice, level};
		else if (utf8_next(t->folded, &end) < 0)
			return;
		from = end;
	}
}

static void spans_all(struct spans *out, const struct laid *t, const struct regexes *r, int choice, int level)
{
	for (size_t i = 0; i < r->n; i++)
		spans_of(out, t, &r->list[i], choice, level);
}

/* What a character is worth, and what each place is worth where the text says who did what to whom. */
#define DECIDED     40
#define DECIDED_MAX 2
static const unsigned char weights[LEVELS] = {
	[LEVEL_DECIDES] = 2, [LEVEL_SURE] = 6, [LEVEL_MATCH] = 4, [LEVEL_HINT] = 1,
};

/* The scene ("hint") never swallows what names a choice, and nothing swallows what decides: it is made of gaps. */
static bool swallows(const struct span *o, const struct span *s)
{
	if (s->level == LEVEL_DECIDES || (o->level == LEVEL_HINT && s->level != LEVEL_HINT))
		return false;
	return o->choice != s->choice && o->from <= s->from && o->to >= s->to && o->to - o->from > s->to - s->from;
}

static bool counts(const struct spans *all, const struct span *s)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct span *o = &all->list[i];

		if (o->choice == IGNORED ? o->from < s->to && o->to > s->from : swallows(o, s))
			return false;
	}
	return true;
}

/* What speaks for a choice, laid over the text: the weight of each byte, and where the text decides. */
struct cover {
	unsigned char worth[MATCH_TEXT_MAX * 4];
	bool decided[MATCH_TEXT_MAX * 4];
	size_t first;
};

static void lay(struct cover *c, const struct span *s)
{
	unsigned char w = weights[s->level];

	c->first = s->from < c->first ? s->from : c->first;
	for (size_t i = s->from; i < s->to; i++) {
		c->worth[i] = w > c->worth[i] ? w : c->worth[i];
		c->decided[i] = c->decided[i] || s->level == LEVEL_DECIDES;
	}
}

/* The weight of all that speaks for a choice, each character once; *first: where that begins. */
static size_t weigh(const struct spans *all, const bool *kept, struct slice folded, int choice, size_t *first)
{
	size_t sum = 0, at = 0, places = 0;
	struct cover c;

	memset(c.worth, 0, folded.len);
	memset(c.decided, 0, folded.len * sizeof c.decided[0]);
	c.first = SIZE_MAX;
	for (size_t i = 0; i < all->n; i++)
		if (kept[i] && all->list[i].choice == choice)
			lay(&c, &all->list[i]);
	*first = c.first;
	if (c.first == SIZE_MAX)
		return 0;
	while (at < folded.len) {
		sum += c.worth[at];
		places += c.decided[at] && (!at || !c.decided[at - 1]);
		utf8_next(folded, &at);
	}
	return sum + DECIDED * (places < DECIDED_MAX ? places : DECIDED_MAX);
}

static const struct choice *heaviest(const struct question *q, const struct spans *all, const bool *kept,
				     struct slice folded)
{
	const struct choice *best = NULL;
	size_t most = 0, earliest = 0, first;

	for (size_t i = 0; i < q->n_choices; i++) {
		size_t n = weigh(all, kept, folded, (int)i, &first);

		if (n > most || (n && n == most && first < earliest)) {
			best = &q->choices[i];
			most = n;
			earliest = first;
		}
	}
	return best;
}

const struct choice *choose(const struct question *q, struct matcher *m, struct slice folded, bool hints, bool *limited)
{
	struct laid t = {.m = m, .folded = utf8_cut(folded, MATCH_TEXT_MAX), .limited = limited};
	int levels = hints ? LEVELS : LEVEL_HINT;
	const struct choice *best;
	struct spans all;
	bool kept[SPANS_MAX];

	all.n = 0;
	scent_of(t.folded, &t.scent);
	if (!t.folded.len || regexes_match(&q->unless, m, &t.scent, t.folded, NULL, limited))
		return NULL;
	spans_all(&all, &t, &q->ignore, IGNORED, LEVEL_SURE);
	for (size_t i = 0; i < q->n_choices; i++) {
		if (regexes_match(&q->choices[i].unless, m, &t.scent, t.folded, NULL, limited))
			continue;
		for (int level = 0; level < levels; level++)
			spans_all(&all, &t, &q->choices[i].words[level], (int)i, level);
	}
	for (size_t i = 0; i < all.n; i++)
		kept[i] = all.list[i].choice != IGNORED && counts(&all, &all.list[i]);
	best = heaviest(q, &all, kept, t.folded);
	return !hints && best == q->else_choice ? NULL : best;
}

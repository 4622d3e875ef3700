/*
 * Which choice the words of a text speak for (docs/flows.md, "Choosing"). All matches of all choices are laid over the
 * text; what lies inside a longer match of another choice, or touches words to be ignored, does not count; then what
 * settles the matter goes before what names it, and that before what is only the scene; the most characters win, and on
 * a tie the choice that is named first. Pure; everything is bounded.
 */
#include "flow/flow_internal.h"

#define SPANS_MAX 300
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

/* The scene ("hint") never swallows what names a choice. */
static bool counts(const struct spans *all, const struct span *s)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct span *o = &all->list[i];

		if (o->choice == IGNORED && o->from < s->to && o->to > s->from)
			return false;
		if (o->choice != s->choice && (o->level < LEVEL_HINT || s->level == LEVEL_HINT) && o->from <= s->from &&
		    o->to >= s->to && o->to - o->from > s->to - s->from)
			return false;
	}
	return true;
}

/* The span of this choice and level that begins first of those that reach beyond `upto`. */
static const struct span *next_span(const struct spans *all, const bool *kept, int choice, int level, size_t upto)
{
	const struct span *next = NULL;

	for (size_t i = 0; i < all->n; i++) {
		const struct span *s = &all->list[i];

		if (kept[i] && s->choice == choice && s->level == level && s->to > upto &&
		    (!next || s->from < next->from))
			next = s;
	}
	return next;
}

/* Characters that a choice covers, each once; *first: where they begin. */
static size_t covered(const struct spans *all, const bool *kept, struct slice folded, int choice, int level,
		      size_t *first)
{
	const struct span *s = next_span(all, kept, choice, level, 0);
	size_t n = 0, upto = 0;

	*first = s ? s->from : SIZE_MAX;
	for (; s; s = next_span(all, kept, choice, level, upto)) {
		size_t from = s->from > upto ? s->from : upto;

		n += utf8_count(slice_make(folded.data + from, s->to - from));
		upto = s->to;
	}
	return n;
}

static const struct choice *best_at(const struct question *q, const struct spans *all, const bool *kept,
				    struct slice folded, int level)
{
	const struct choice *best = NULL;
	size_t most = 0, earliest = 0, first;

	for (size_t i = 0; i < q->n_choices; i++) {
		size_t n = covered(all, kept, folded, (int)i, level, &first);

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
	const struct choice *best = NULL;
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
	for (int level = 0; level < levels && !best; level++)
		best = best_at(q, &all, kept, t.folded, level);
	return best;
}

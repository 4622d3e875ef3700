/*
 * Which flow a first message begins. A scanned code first, then the patterns (the longest match over all flows wins,
 * the first file on a tie), then the hints in the same way, then the questions that know the text by their words, then
 * `otherwise`. Pure.
 */
#include "flow/flow_internal.h"

struct asked {
	const struct flow_set *s;
	struct matcher *m;
	struct arena *a;
	const struct context *c;
	struct slice folded, digit; /* digit: "1" for ①, 一, "the first one"; or empty */
	struct scent scent, digit_scent;
};

static bool may_start(const struct asked *q, const struct flow *f, const struct start *st)
{
	struct voice v = {.flow = f, .c = q->c, .arena = q->a};

	return !st->when.n || conditions_hold(&v, q->m, &st->when);
}

/* Bytes matched; 0: not at all. */
static size_t start_length(const struct asked *q, const struct flow *f, const struct start *st)
{
	struct match found;
	size_t len = 0;

	if (regexes_match(&st->match, q->m, &q->scent, q->folded, &found, NULL))
		len = found.whole.len + 1; /* an empty match is a match */
	else if (q->digit.len && regexes_match(&st->match, q->m, &q->digit_scent, q->digit, &found, NULL))
		len = found.whole.len + 1;
	if (!len || regexes_match(&st->unless, q->m, &q->scent, q->folded, NULL, NULL))
		return 0;
	return may_start(q, f, st) ? len : 0;
}

static const struct flow *by_pattern(const struct asked *q, enum start_kind kind)
{
	const struct flow *best = NULL;
	size_t longest = 0;

	for (size_t i = 0; i < q->s->n_flows; i++) {
		const struct flow *f = q->s->flows[i];

		for (size_t k = 0; k < f->n_starts; k++) {
			size_t len = f->starts[k].kind == kind && f->starts[k].match.n
					     ? start_length(q, f, &f->starts[k])
					     : 0;
			if (len > longest) {
				longest = len;
				best = f;
			}
		}
	}
	return best;
}

static const struct flow *by_answer(const struct asked *q)
{
	for (size_t i = 0; i < q->s->n_flows; i++) {
		const struct flow *f = q->s->flows[i];

		for (size_t k = 0; k < f->n_starts; k++) {
			const struct start *st = &f->starts[k];

			if (st->kind == START_ANSWERS && choose(st->question, q->m, q->folded, false, NULL) &&
			    !regexes_match(&st->unless, q->m, &q->scent, q->folded, NULL, NULL) && may_start(q, f, st))
				return f;
		}
	}
	return NULL;
}

static const struct flow *by_kind(const struct asked *q, enum start_kind kind)
{
	for (size_t i = 0; i < q->s->n_flows; i++)
		for (size_t k = 0; k < q->s->flows[i]->n_starts; k++) {
			const struct start *st = &q->s->flows[i]->starts[k];
			if (st->kind == kind && !st->match.n && may_start(q, q->s->flows[i], st))
				return q->s->flows[i];
		}
	return NULL;
}

static void ask(struct asked *q, struct slice text)
{
	int digit;

	q->folded = fold_text(q->a, text);
	scent_of(q->folded, &q->scent);
	if (fold_menu_digit(q->folded, &digit)) {
		q->digit = arena_printf(q->a, "%d", digit);
		scent_of(q->digit, &q->digit_scent);
	}
}

const struct flow *start_find(const struct flow_set *s, struct matcher *m, struct arena *a, const struct message *msg,
			      const struct context *c, enum start_reach reach)
{
	struct asked q = {.s = s, .m = m, .a = a, .c = c};
	const struct flow *f;

	ask(&q, msg->text);
	if (msg->scan.len && (f = by_kind(&q, START_SCAN)) != NULL)
		return f;
	if (msg->text.len && (f = by_pattern(&q, START_MATCH)) != NULL)
		return f;
	if (msg->text.len && (f = by_pattern(&q, START_HINT)) != NULL)
		return f;
	if (reach == REACH_EXPLICIT)
		return NULL;
	if (msg->text.len && !q.digit.len && (f = by_answer(&q)) != NULL)
		return f;
	if (msg->text.len && (f = by_pattern(&q, START_OTHERWISE)) != NULL)
		return f;
	return reach == REACH_ALL ? by_kind(&q, START_OTHERWISE) : NULL;
}

const struct flow *flow_start_match(const struct flow_set *s, struct matcher *m, struct arena *a,
				    const struct message *msg, const struct context *c, bool allow_otherwise)
{
	return start_find(s, m, a, msg, c, allow_otherwise ? REACH_ALL : REACH_EXPLICIT);
}

/* For flow_begin: how much of the text the flow's own start patterns took; the weight of the longest match. */
size_t start_weight(const struct flow *f, struct matcher *m, struct arena *a, struct slice text, bool *matched)
{
	struct slice folded = fold_text(a, text);
	struct scent scent;
	struct match found;
	size_t weight = 0;

	scent_of(folded, &scent);
	*matched = false;
	for (size_t k = 0; k < f->n_starts; k++)
		if ((f->starts[k].kind == START_MATCH || f->starts[k].kind == START_HINT) &&
		    regexes_match(&f->starts[k].match, m, &scent, folded, &found, NULL)) {
			size_t w = text_weight(found.whole);
			*matched = true;
			weight = w > weight ? w : weight;
		}
	return weight;
}

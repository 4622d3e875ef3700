/*
 * Which flow a first message begins. A scanned code first; then all starts are held against the words, and the one of
 * the greatest strength wins (on a tie the longest match, then the first file), unless what begins nothing is as strong.
 * What a message gives away (its signs) is looked up once and kept. Pure.
 */
#include "flow/flow_internal.h"
#include "flow/speech.h"

enum seen { UNSEEN, SEEN, ABSENT };
struct asked {
	const struct flow_set *s;
	struct matcher *m;
	struct arena *a;
	const struct context *c;
	struct slice folded, digit; /* digit: "1" for ①, 一, "the first one"; or empty */
	struct slice plain;         /* in plain speech, where that is something else; or empty */
	struct scent scent, digit_scent, plain_scent;
	unsigned char signs[SIGNS_MAX]; /* enum seen */
};
/* How strongly a start speaks for its flow. */
struct weight {
	int strength; /* 0: not at all */
	size_t len;
};

/* ---- signs ---- */

static bool heard(const struct asked *q, const struct regexes *r)
{
	return regexes_match(r, q->m, &q->scent, q->folded, NULL, NULL) ||
	       (q->plain.len && regexes_match(r, q->m, &q->plain_scent, q->plain, NULL, NULL));
}

static bool sign_seen(struct asked *q, size_t i)
{
	const struct sign *s = &q->s->signs[i];

	if (q->signs[i] == UNSEEN)
		q->signs[i] = heard(q, &s->match) && !heard(q, &s->unless) ? SEEN : ABSENT;
	return q->signs[i] == SEEN;
}

static bool term_holds(struct asked *q, const struct sign_term *t)
{
	bool any = false;

	for (size_t i = 0; i < t->n && !any; i++)
		any = sign_seen(q, t->list[i]);
	return any != t->negated;
}

static bool signs_hold(struct asked *q, const struct start *st)
{
	for (size_t i = 0; i < st->n_terms; i++)
		if (!term_holds(q, &st->terms[i]))
			return false;
	return true;
}

/* ---- one start ---- */

static bool may_start(const struct asked *q, const struct flow *f, const struct start *st)
{
	struct voice v = {.flow = f, .c = q->c, .arena = q->a};

	return !st->when.n || conditions_hold(&v, q->m, &st->when);
}

static bool answers(const struct asked *q, const struct start *st)
{
	return choose(st->question, q->m, q->folded, false, NULL) ||
	       (q->plain.len && choose(st->question, q->m, q->plain, false, NULL));
}

/* Bytes matched, and one, because an empty match is a match; 0: not at all. */
static size_t match_length(const struct asked *q, const struct start *st)
{
	struct match found;
	size_t len = 0;

	if (regexes_match(&st->match, q->m, &q->scent, q->folded, &found, NULL))
		len = found.whole.len + 1;
	else if (q->digit.len && regexes_match(&st->match, q->m, &q->digit_scent, q->digit, &found, NULL))
		len = found.whole.len + 1;
	if (q->plain.len && regexes_match(&st->match, q->m, &q->plain_scent, q->plain, &found, NULL) &&
	    found.whole.len >= len)
		len = found.whole.len + 1;
	return len;
}

/* What the start's own kind makes of the text, before its conditions. */
static size_t start_length(struct asked *q, const struct start *st)
{
	switch (st->kind) {
	case START_SIGNS:
		return signs_hold(q, st);
	case START_ANSWERS:
		return !q->digit.len && signs_hold(q, st) && answers(q, st);
	case START_MATCH:
	case START_HINT:
	case START_OTHERWISE:
		return st->match.n && signs_hold(q, st) ? match_length(q, st) : 0;
	case START_SCAN:
		return 0;
	}
	return 0;
}

static bool beats(const struct weight *a, const struct weight *b)
{
	return a->strength > b->strength || (a->strength == b->strength && a->len > b->len);
}

static void weigh(struct asked *q, const struct flow *f, const struct start *st, struct weight *best)
{
	struct weight w = {.strength = st->strength};

	if (w.strength < best->strength)
		return;
	w.len = start_length(q, st);
	if (w.len && beats(&w, best) && !heard(q, &st->unless) && (!f || may_start(q, f, st)))
		*best = w;
}

/* ---- all starts ---- */

static const struct flow *by_words(struct asked *q, int at_least)
{
	const struct flow *best = NULL;
	struct weight most = {.strength = at_least}, nothing = {0};

	for (size_t i = 0; i < q->s->n_flows; i++) {
		const struct flow *f = q->s->flows[i];

		for (size_t k = 0; k < f->n_starts; k++) {
			struct weight before = most;

			weigh(q, f, &f->starts[k], &most);
			if (beats(&most, &before))
				best = f;
		}
	}
	if (!best)
		return NULL;
	for (size_t i = 0; i < q->s->n_nothing; i++)
		weigh(q, NULL, &q->s->nothing[i], &nothing);
	return nothing.strength >= most.strength ? NULL : best;
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
	q->plain = speech_plain(q->a, q->folded);
	if (q->plain.data == q->folded.data)
		q->plain = (struct slice){0};
	scent_of(q->plain, &q->plain_scent);
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
	if (msg->text.len && (f = by_words(&q, reach == REACH_EXPLICIT ? STRENGTH_EXPLICIT : 1)) != NULL)
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
	struct slice folded = fold_text(a, text), plain = speech_plain(a, folded), as[2] = {folded, plain};
	size_t weight = 0;

	*matched = false;
	for (size_t i = 0; i < (plain.data == folded.data ? 1 : 2); i++) {
		struct scent scent;
		struct match found;

		scent_of(as[i], &scent);
		for (size_t k = 0; k < f->n_starts; k++)
			if ((f->starts[k].kind == START_MATCH || f->starts[k].kind == START_HINT) &&
			    regexes_match(&f->starts[k].match, m, &scent, as[i], &found, NULL)) {
				size_t w = text_weight(found.whole);
				*matched = true;
				weight = w > weight ? w : weight;
			}
	}
	return weight;
}

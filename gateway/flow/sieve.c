/*
 * The sieve: of each pattern the needs of its branches, in a few words; of each text the characters and pairs it holds;
 * and whether the two can meet. Pure; nothing here is fatal.
 */
#include "flow/sieve.h"

#include <string.h>

#include "flow/sieve_read.h"

#define WORDS_MAX 30000 /* of one sieve */

/* ---- the whole pattern ---- */

struct words {
	uint16_t list[WORDS_MAX];
	size_t n;
	bool anything;
};

static void put_branch(struct words *out, const struct branch *b)
{
	size_t need = 1;

	for (size_t i = 0; i < b->n; i++)
		need += 1 + b->needs[i].n;
	if (!b->n || out->n + need > WORDS_MAX) {
		out->anything = true;
		return;
	}
	out->list[out->n++] = (uint16_t)need;
	for (size_t i = 0; i < b->n; i++) {
		out->list[out->n++] = (uint16_t)b->needs[i].n;
		memcpy(out->list + out->n, b->needs[i].atoms, b->needs[i].n * sizeof out->list[0]);
		out->n += b->needs[i].n;
	}
}

static bool looks_around(const struct source *s)
{
	static const char *const marks[] = {"?=", "?!", "?<=", "?<!"};

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (slice_begins(slice_from(s->text, s->at), slice_of(marks[i])))
			return true;
	return false;
}

/* Takes one thing that has no width, such as may stand around a pattern's only group: ^ $ \b or a lookaround. */
static bool take_no_width(struct source *s)
{
	struct source ahead = *s;
	struct need none;
	int32_t c = sieve_take(&ahead);
	bool yes = c == '^' || c == '$';

	if (c == '\\')
		yes = sieve_escaped(&ahead) == NO_WIDTH;
	else if (c == '(' && looks_around(&ahead))
		yes = !sieve_group(&ahead, &none);
	if (!yes || ahead.lost)
		return false;
	*s = ahead;
	return true;
}

static void read_top(struct source *s, struct words *out);

/* ^(?:one|two)$ is as good as its branches. False: there is more than that one group. */
static bool only_group(struct source *s, struct words *out)
{
	struct source inside = *s, after;
	struct need none;

	while (take_no_width(&inside))
		;
	after = inside;
	if (!sieve_eat(&inside, "(?:") || sieve_take(&after) != '(' || !sieve_group(&after, &none) || after.lost)
		return false;
	if (sieve_quantifier(&after) != TIMES_ONE)
		return false;
	inside.text.len = after.at - 1;
	while (take_no_width(&after))
		;
	if (after.at != after.text.len || after.lost)
		return false;
	inside.depth++;
	read_top(&inside, out);
	s->at = s->text.len;
	s->lost = s->lost || inside.lost || inside.at != inside.text.len;
	return true;
}

static void read_top(struct source *s, struct words *out)
{
	struct branch branch;

	if (s->depth > SIEVE_DEPTH_MAX)
		s->lost = true;
	if (s->lost || only_group(s, out))
		return;
	do {
		sieve_sequence(s, &branch);
		put_branch(out, &branch);
	} while (!s->lost && !out->anything && sieve_eat(s, "|"));
}

struct sieve sieve_of(struct arena *a, struct slice source)
{
	struct source s = {.text = source};
	struct sieve out = {0};
	struct arena *scratch = arena_open(0);
	struct words *all = ARENA_NEW(scratch, struct words);

	read_top(&s, all);
	if (!s.lost && !all->anything && s.at == source.len && all->n) {
		out.words = ARENA_ARRAY(a, uint16_t, all->n);
		memcpy(out.words, all->list, all->n * sizeof all->list[0]);
		out.n = all->n;
	}
	arena_close(&scratch);
	return out;
}

/* ---- texts ---- */

static void scent_add(struct scent *out, uint16_t atom)
{
	out->bits[atom >> 6 & 63] |= (uint64_t)1 << (atom & 63);
}

void scent_of(struct slice folded, struct scent *out)
{
	int32_t before = NOBODY;
	size_t at = 0;

	memset(out, 0, sizeof *out);
	while (at < folded.len) {
		int32_t c = sieve_lower(utf8_next(folded, &at));

		scent_add(out, sieve_hash_one(c));
		if (before != NOBODY)
			scent_add(out, sieve_hash_pair(before, c));
		before = c;
	}
}

static bool holds(const struct scent *scent, uint16_t atom)
{
	return scent->bits[atom >> 6 & 63] >> (atom & 63) & 1;
}

static bool has_one(const struct scent *scent, const uint16_t *atoms, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (holds(scent, atoms[i]))
			return true;
	return false;
}

bool sieve_lets(const struct sieve *s, const struct scent *scent)
{
	for (size_t at = 0; at < s->n; at += s->words[at]) {
		size_t need = at + 1, end = at + s->words[at];

		while (need < end && has_one(scent, s->words + need + 1, s->words[need]))
			need += 1 + (size_t)s->words[need];
		if (need == end)
			return true;
	}
	return s->n == 0;
}

bool sieve_gather(const struct sieve *s, struct scent *all)
{
	for (size_t at = 0; at < s->n; at += s->words[at])
		for (size_t i = 0; i < s->words[at + 1]; i++)
			scent_add(all, s->words[at + 2 + i]);
	return s->n > 0;
}

bool scents_meet(const struct scent *a, const struct scent *b)
{
	uint64_t both = 0;

	for (size_t i = 0; i < sizeof a->bits / sizeof a->bits[0]; i++)
		both |= a->bits[i] & b->bits[i];
	return both != 0;
}

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
	unsigned scripts; /* that every branch needs */
};

/* A need whose atoms are all of one script needs that script. */
static unsigned scripts_of(const struct branch *b)
{
	unsigned all = 0;

	for (size_t i = 0; i < b->n; i++)
		if (b->needs[i].scripts == SCRIPT_HAN || b->needs[i].scripts == SCRIPT_LETTERS)
			all |= b->needs[i].scripts;
	return all;
}

static void put_branch(struct words *out, const struct branch *b)
{
	size_t need = 1;

	for (size_t i = 0; i < b->n; i++)
		need += 1 + b->needs[i].n;
	if (!b->n || out->n + need > WORDS_MAX) {
		out->anything = true;
		return;
	}
	out->scripts &= scripts_of(b);
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
	const struct run start = s->run;
	struct branch branch;

	if (s->depth > SIEVE_DEPTH_MAX)
		s->lost = true;
	if (s->lost || only_group(s, out))
		return;
	do {
		s->run = start;
		sieve_sequence(s, &branch);
		put_branch(out, &branch);
	} while (!s->lost && !out->anything && sieve_eat(s, "|"));
}

struct sieve sieve_of(struct arena *a, struct slice source)
{
	struct source s = {.text = source, .run = {NOBODY, NOBODY, NOBODY}};
	struct sieve out = {0};
	struct arena *scratch = arena_open(0);
	struct words *all = ARENA_NEW(scratch, struct words);

	all->scripts = SCRIPT_HAN | SCRIPT_LETTERS;
	read_top(&s, all);
	if (!s.lost && !all->anything && s.at == source.len && all->n) {
		out.words = ARENA_ARRAY(a, uint16_t, all->n);
		memcpy(out.words, all->list, all->n * sizeof all->list[0]);
		out.n = all->n;
		out.scripts = all->scripts;
	}
	arena_close(&scratch);
	return out;
}

/* ---- texts ---- */

static void scent_add(struct scent *out, uint16_t atom)
{
	out->bits[atom >> 6 & (SCENT_WORDS - 1)] |= (uint64_t)1 << (atom & 63);
}

/* The three characters in front, and whether a word begins with the second or the third of them. */
struct last {
	int32_t first, earlier, before;
	bool earlier_begins, before_begins;
};

static bool ascii(int32_t c)
{
	return c != NOBODY && c < 0x80;
}

/* c with the two and the three before it, or with the edge of their word. Also for c = WORD_EDGE. */
static void add_runs(struct scent *out, const struct last *l, int32_t c)
{
	if (!ascii(l->before))
		return;
	if (l->before_begins)
		scent_add(out, sieve_hash_triple(WORD_EDGE, l->before, c));
	if (!ascii(l->earlier))
		return;
	scent_add(out, sieve_hash_triple(l->earlier, l->before, c));
	if (l->earlier_begins)
		scent_add(out, sieve_hash_four(WORD_EDGE, l->earlier, l->before, c));
	if (ascii(l->first))
		scent_add(out, sieve_hash_four(l->first, l->earlier, l->before, c));
}

/* c ends the word before it, or begins one; then it is the last. */
static void add_edges(struct scent *out, struct last *l, int32_t c)
{
	bool was = l->before != NOBODY && sieve_in_word(l->before), is = c != NOBODY && sieve_in_word(c);

	if (was && !is)
		add_runs(out, l, WORD_EDGE);
	if (is && !was)
		scent_add(out, sieve_hash_pair(WORD_EDGE, c));
	*l = (struct last){l->earlier, l->before, c, l->before_begins, is && !was};
}

void scent_of(struct slice folded, struct scent *out)
{
	struct last last = {NOBODY, NOBODY, NOBODY, false, false};
	size_t at = 0;

	memset(out, 0, sizeof *out);
	while (at < folded.len) {
		int32_t c = sieve_lower(utf8_next(folded, &at));

		out->scripts |= sieve_script(c);
		scent_add(out, sieve_hash_one(c));
		if (last.before != NOBODY)
			scent_add(out, sieve_hash_pair(last.before, c));
		if (c < 0x80)
			add_runs(out, &last, c);
		add_edges(out, &last, c);
	}
	add_edges(out, &last, NOBODY);
}

static bool holds(const struct scent *scent, uint16_t atom)
{
	return scent->bits[atom >> 6 & (SCENT_WORDS - 1)] >> (atom & 63) & 1;
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
	if (s->scripts & ~scent->scripts)
		return false;
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
	for (size_t i = 0; i < SCENT_WORDS; i += 8) {
		uint64_t both = 0;

		for (size_t k = i; k < i + 8; k++)
			both |= a->bits[k] & b->bits[k];
		if (both)
			return true;
	}
	return false;
}

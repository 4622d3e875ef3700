/*
 * The sieve: reads a pattern's source just well enough to say which characters, or pairs of neighbours, every match must
 * hold. What it does not know it calls "anything", so a wrong guess costs time and never an answer: a group in the middle
 * is known only if all its branches are, whatever may be absent counts for nothing. Nothing here is fatal.
 */
#include "flow/sieve.h"

#include <string.h>

#define DEPTH_MAX 24
#define CLASS_MAX 16
#define ATOMS_MAX 400     /* of one need */
#define NEEDS_MAX 6       /* of one branch */
#define WORDS_MAX 30000   /* of one sieve */
#define NOBODY (-1)

/* cost: how often chance alone would let a text through; the smaller the better. */
struct need { bool anything; size_t n; uint32_t cost; uint16_t atoms[ATOMS_MAX]; };
/* One of each: what a sequence needs, the rarest first. n == 0: anything. */
struct branch { size_t n; struct need needs[NEEDS_MAX]; };
struct source { struct slice text; size_t at; int depth; bool lost; /* met what we do not read: anything goes */ };

static uint16_t hash_one(int32_t c)
{
	return (uint16_t)(((uint32_t)c * 2654435761u) >> 20);
}

static uint16_t hash_pair(int32_t a, int32_t b)
{
	return (uint16_t)(((uint32_t)a * 2246822519u ^ (uint32_t)b * 3266489917u) * 2654435761u >> 20);
}

/* NFKC already took the Kelvin sign and the long s away; they are the two that a caseless K and S would meet. */
static int32_t lower(int32_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c + 32;
	return c == 0x212A ? 'k' : c == 0x17F ? 's' : c;
}

/* Characters whose other case, if they have one, is known to lower(). */
static bool plain(int32_t c)
{
	return (c > 0 && c < 0x80) || (c >= 0x2E80 && c < 0xA000) || (c >= 0x20000 && c < 0x40000);
}

static uint32_t cost_one(int32_t c)
{
	return c >= 0x2E80 ? 3 : c >= '0' && c <= '9' ? 20 : 60;
}

/* ---- what a part needs ---------------------------------------------------------------------------------------------- */

static void need_anything(struct need *n)
{
	n->anything = true;
	n->n = 0;
	n->cost = UINT32_MAX;
}

static void need_add(struct need *n, uint16_t atom, uint32_t cost)
{
	if (n->anything)
		return;
	for (size_t i = 0; i < n->n; i++)
		if (n->atoms[i] == atom)
			return;
	if (n->n == ATOMS_MAX) {
		need_anything(n);
		return;
	}
	n->atoms[n->n++] = atom;
	n->cost += cost;
}

static void need_copy(struct need *to, const struct need *from)
{
	to->anything = from->anything;
	to->n = from->n;
	to->cost = from->cost;
	memcpy(to->atoms, from->atoms, from->n * sizeof from->atoms[0]);
}

/* In a sequence every part counts; the rarest are kept. */
static void branch_add(struct branch *b, const struct need *part)
{
	size_t at = b->n;

	if (part->anything || !part->n)
		return;
	while (at > 0 && b->needs[at - 1].cost > part->cost)
		at--;
	if (at == NEEDS_MAX)
		return;
	for (size_t i = b->n < NEEDS_MAX ? b->n : NEEDS_MAX - 1; i > at; i--)
		need_copy(&b->needs[i], &b->needs[i - 1]);
	need_copy(&b->needs[at], part);
	b->n += b->n < NEEDS_MAX;
}

static void branch_single(struct branch *b, uint16_t atom, uint32_t cost)
{
	struct need one;

	one.anything = false;
	one.n = 1;
	one.cost = cost;
	one.atoms[0] = atom;
	branch_add(b, &one);
}

static void need_union(struct need *all, const struct need *branch)
{
	if (branch->anything)
		need_anything(all);
	for (size_t i = 0; i < branch->n; i++)
		need_add(all, branch->atoms[i], 0);
	if (!all->anything)
		all->cost += branch->cost;
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static int32_t peek(const struct source *s)
{
	size_t at = s->at;

	return at < s->text.len ? utf8_next(s->text, &at) : NOBODY;
}

static int32_t take(struct source *s)
{
	return s->at < s->text.len ? utf8_next(s->text, &s->at) : NOBODY;
}

static bool eat(struct source *s, const char *word)
{
	struct slice rest = slice_from(s->text, s->at), w = slice_of(word);

	if (!slice_begins(rest, w))
		return false;
	s->at += w.len;
	return true;
}

static void skip_to(struct source *s, int32_t end)
{
	int32_t c;

	while ((c = take(s)) != NOBODY)
		if (c == end)
			return;
	s->lost = true;
}

/* {2}, {2,}, {2,5}, and {,5} which newer libraries take for {0,5}. Least count, or -1: a brace that is only a brace. */
static int brace_least(struct source *s)
{
	size_t at = s->at + 1;
	int least = 0;
	bool digits = false;

	for (; at < s->text.len && s->text.data[at] >= '0' && s->text.data[at] <= '9'; at++, digits = true)
		least = least < 1000 ? least * 10 + (s->text.data[at] - '0') : least;
	if (at < s->text.len && s->text.data[at] == ',')
		for (at++; at < s->text.len && s->text.data[at] >= '0' && s->text.data[at] <= '9'; at++)
			digits = true;
	if (!digits || at >= s->text.len || s->text.data[at] != '}')
		return -1;
	s->at = at + 1;
	return least;
}

enum times { TIMES_ONE, TIMES_SOME, TIMES_PERHAPS };

static enum times quantifier(struct source *s)
{
	int32_t c = peek(s);
	enum times t;

	if (c == '?' || c == '*') {
		t = TIMES_PERHAPS;
		take(s);
	} else if (c == '+') {
		t = TIMES_SOME;
		take(s);
	} else if (c == '{') {
		int least = brace_least(s);
		if (least < 0)
			return TIMES_ONE;
		t = least ? TIMES_SOME : TIMES_PERHAPS;
	} else {
		return TIMES_ONE;
	}
	if (peek(s) == '?' || peek(s) == '+')
		take(s); /* lazy, possessive */
	return t;
}

/* Behind a backslash. A literal, 0: some character we do not pin down, -2: no width, NOBODY with lost: unknown. */
#define NO_WIDTH (-2)
static int32_t escaped(struct source *s)
{
	int32_t c = take(s);

	if (c == NOBODY || (c >= '0' && c <= '9'))
		s->lost = true;
	else if (strchr("bBAzZG", c) && c < 0x80)
		return NO_WIDTH;
	else if (c < 0x80 && strchr("dDwWsShHvVNnrtfea", c))
		;
	else if (c == 'p' || c == 'P') {
		if (take(s) == '{')
			skip_to(s, '}');
	} else if (c == 'x') {
		if (peek(s) == '{')
			skip_to(s, '}');
		else
			for (int i = 0; i < 2 && peek(s) > 0 && peek(s) < 0x80 && strchr("0123456789abcdefABCDEF", peek(s)); i++)
				take(s);
	} else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		s->lost = true;
	else
		return c;
	return 0;
}

/* Behind '['. */
static void read_class(struct source *s, struct need *out)
{
	int32_t c, last = 0, members = 0;
	bool unknown = eat(s, "^"), first = true;

	*out = (struct need){.cost = 0};
	for (; (c = take(s)) != NOBODY && (c != ']' || first); first = false) {
		if (c == '[' && (peek(s) == ':' || peek(s) == '.' || peek(s) == '='))
			s->lost = true;
		if (c == '\\')
			c = escaped(s);
		if (c == '-' && last > 0 && peek(s) != ']') {
			int32_t end = take(s);
			if (end == '\\')
				end = escaped(s);
			if (end <= 0 || end < last || end - last > CLASS_MAX)
				unknown = true;
			for (int32_t i = last + 1; !unknown && i <= end; i++, members++)
				need_add(out, hash_one(lower(i)), cost_one(i));
			last = 0;
			continue;
		}
		unknown = unknown || c <= 0 || !plain(c);
		if (!unknown)
			need_add(out, hash_one(lower(c)), cost_one(c));
		last = c;
		members++;
	}
	if (c == NOBODY)
		s->lost = true;
	if (unknown || members > CLASS_MAX * 4 || !out->n)
		need_anything(out);
}

static void read_branches(struct source *s, struct need *out);

/* Behind '('. True: it has width, *out is what it needs. */
static bool read_group(struct source *s, struct need *out)
{
	bool wide = true;

	if (eat(s, "?#")) {
		skip_to(s, ')');
		return false;
	}
	if (eat(s, "?=") || eat(s, "?!") || eat(s, "?<=") || eat(s, "?<!")) {
		wide = false;
	} else if (eat(s, "?<") || eat(s, "?P<")) {
		skip_to(s, '>');
	} else if (eat(s, "?'")) {
		skip_to(s, '\'');
	} else if (eat(s, "?:") || eat(s, "?|") || eat(s, "?>")) {
		;
	} else if (eat(s, "?")) {
		int32_t c;
		while ((c = take(s)) == 'i' || c == 's' || c == 'm' || c == '-')
			;
		if (c == ')')
			return false;
		s->lost = s->lost || c != ':';
	} else if (peek(s) == '*') {
		s->lost = true;
	}
	if (s->lost)
		return false;
	read_branches(s, out);
	if (take(s) != ')')
		s->lost = true;
	return wide;
}

/* One character of a run: as a pair with the one before it, or alone where a run begins. */
static int32_t run_on(struct branch *b, int32_t before, int32_t c, enum times times)
{
	if (times == TIMES_PERHAPS || !plain(c))
		return NOBODY;
	c = lower(c);
	if (before != NOBODY)
		branch_single(b, hash_pair(before, c), 1);
	else
		branch_single(b, hash_one(c), cost_one(c));
	return c;
}

static void read_sequence(struct source *s, struct branch *out)
{
	struct need part;
	int32_t before = NOBODY, c;

	out->n = 0;
	while (!s->lost && (c = peek(s)) != NOBODY && c != '|' && c != ')') {
		bool wide = true, literal = false;
		enum times times;

		take(s);
		need_anything(&part);
		if (c == '(')
			wide = read_group(s, &part);
		else if (c == '[')
			read_class(s, &part);
		else if (c == '^' || c == '$')
			wide = false;
		else if (c == '\\')
			literal = (c = escaped(s)) > 0;
		else
			literal = c != '.';
		wide = wide && c != NO_WIDTH;
		times = s->lost ? TIMES_ONE : quantifier(s);
		if (s->lost || !wide)
			continue;
		if (literal) {
			before = run_on(out, before, c, times);
			continue;
		}
		before = NOBODY;
		if (times != TIMES_PERHAPS)
			branch_add(out, &part);
	}
}

/* A group in the middle: one of what its branches need most. */
static void read_branches(struct source *s, struct need *out)
{
	struct branch branch;

	out->anything = false;
	out->n = 0;
	out->cost = 0;
	if (++s->depth > DEPTH_MAX)
		s->lost = true;
	do {
		if (s->lost)
			break;
		read_sequence(s, &branch);
		if (branch.n)
			need_union(out, &branch.needs[0]);
		else
			need_anything(out);
	} while (eat(s, "|"));
	s->depth--;
}

/* ---- the whole pattern ------------------------------------------------------------------------------------------------------ */

struct words { uint16_t list[WORDS_MAX]; size_t n; bool anything; };

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
	int32_t c = take(&ahead);
	bool yes = c == '^' || c == '$';

	if (c == '\\')
		yes = escaped(&ahead) == NO_WIDTH;
	else if (c == '(' && looks_around(&ahead))
		yes = !read_group(&ahead, &none);
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
	if (!eat(&inside, "(?:") || take(&after) != '(' || !read_group(&after, &none) || after.lost)
		return false;
	if (quantifier(&after) != TIMES_ONE)
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

	if (s->depth > DEPTH_MAX)
		s->lost = true;
	if (s->lost || only_group(s, out))
		return;
	do {
		read_sequence(s, &branch);
		put_branch(out, &branch);
	} while (!s->lost && !out->anything && eat(s, "|"));
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

/* ---- texts ------------------------------------------------------------------------------------------------------------ */

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
		int32_t c = lower(utf8_next(folded, &at));

		scent_add(out, hash_one(c));
		if (before != NOBODY)
			scent_add(out, hash_pair(before, c));
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

/*
 * Reading a pattern's source just well enough to say which characters, or pairs of neighbours, every match must hold.
 * What is not known is called "anything", so a wrong guess costs time and never an answer: a group in the middle is
 * known only if all its branches are, whatever may be absent counts for nothing. Pure; nothing here is fatal.
 */
#include "flow/sieve_read.h"

#include "flow/sieve.h"

#include <string.h>

#define CLASS_MAX 16

unsigned sieve_script(int32_t c)
{
	return c >= 0x2E80 ? SCRIPT_HAN : (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? SCRIPT_LETTERS : SCRIPT_NONE;
}

uint16_t sieve_hash_one(int32_t c)
{
	return (uint16_t)(((uint32_t)c * 2654435761u) >> 18);
}

uint16_t sieve_hash_pair(int32_t a, int32_t b)
{
	return (uint16_t)(((uint32_t)a * 2246822519u ^ (uint32_t)b * 3266489917u) * 2654435761u >> 18);
}

uint16_t sieve_hash_triple(int32_t a, int32_t b, int32_t c)
{
	return (uint16_t)(((uint32_t)(a << 16 | b << 8 | c) * 2246822519u ^ 374761393u) * 2654435761u >> 18);
}

uint16_t sieve_hash_four(int32_t a, int32_t b, int32_t c, int32_t d)
{
	return (uint16_t)(((uint32_t)(a << 24 | b << 16 | c << 8 | d) * 2246822519u ^ 668265263u) * 2654435761u >> 18);
}

/* Of ASCII only. Every \b beside such a character is an edge here too; that not every edge here is a \b does no harm. */
bool sieve_in_word(int32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* NFKC already took the Kelvin sign and the long s away; they are the two that a caseless K and S would meet. */
int32_t sieve_lower(int32_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c + 32;
	return c == 0x212A ? 'k' : c == 0x17F ? 's' : c;
}

/* Characters whose other case, if they have one, is known to sieve_lower(). */
static bool plain(int32_t c)
{
	return (c > 0 && c < 0x80) || (c >= 0x2E80 && c < 0xA000) || (c >= 0x20000 && c < 0x40000);
}

static uint32_t cost_one(int32_t c)
{
	return c >= 0x2E80 ? 3 : c >= '0' && c <= '9' ? 20 : 60;
}

/* ---- what a part needs ---- */

static void need_anything(struct need *n)
{
	n->anything = true;
	n->n = 0;
	n->scripts = SCRIPT_NONE;
	n->cost = UINT32_MAX;
}

static void need_add(struct need *n, uint16_t atom, uint32_t cost, unsigned scripts)
{
	if (n->anything)
		return;
	n->scripts |= scripts;
	for (size_t i = 0; i < n->n; i++)
		if (n->atoms[i] == atom)
			return;
	if (n->n == SIEVE_ATOMS_MAX) {
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
	to->scripts = from->scripts;
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
	if (at == SIEVE_NEEDS_MAX)
		return;
	for (size_t i = b->n < SIEVE_NEEDS_MAX ? b->n : SIEVE_NEEDS_MAX - 1; i > at; i--)
		need_copy(&b->needs[i], &b->needs[i - 1]);
	need_copy(&b->needs[at], part);
	b->n += b->n < SIEVE_NEEDS_MAX;
}

static void branch_single(struct branch *b, int32_t c, uint16_t atom, uint32_t cost)
{
	struct need one;

	one.anything = false;
	one.n = 1;
	one.cost = cost;
	one.scripts = sieve_script(c);
	one.atoms[0] = atom;
	branch_add(b, &one);
}

static void need_union(struct need *all, const struct need *branch)
{
	if (branch->anything)
		need_anything(all);
	for (size_t i = 0; i < branch->n; i++)
		need_add(all, branch->atoms[i], 0, branch->scripts);
	if (!all->anything)
		all->cost += branch->cost;
}

/* ---- reading ---- */

static int32_t peek(const struct source *s)
{
	size_t at = s->at;

	return at < s->text.len ? utf8_next(s->text, &at) : NOBODY;
}

int32_t sieve_take(struct source *s)
{
	return s->at < s->text.len ? utf8_next(s->text, &s->at) : NOBODY;
}

bool sieve_eat(struct source *s, const char *word)
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

	while ((c = sieve_take(s)) != NOBODY)
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

enum times sieve_quantifier(struct source *s)
{
	int32_t c = peek(s);
	enum times t;

	if (c == '?' || c == '*') {
		t = TIMES_PERHAPS;
		sieve_take(s);
	} else if (c == '+') {
		t = TIMES_SOME;
		sieve_take(s);
	} else if (c == '{') {
		int least = brace_least(s);
		if (least < 0)
			return TIMES_ONE;
		t = least ? TIMES_SOME : TIMES_PERHAPS;
	} else {
		return TIMES_ONE;
	}
	if (peek(s) == '?' || peek(s) == '+')
		sieve_take(s); /* lazy, possessive */
	return t;
}

/* Behind a backslash. A literal, 0: some character we do not pin down, -2: no width, NOBODY with lost: unknown. */
int32_t sieve_escaped(struct source *s)
{
	int32_t c = sieve_take(s);

	if (c == NOBODY || (c >= '0' && c <= '9'))
		s->lost = true;
	else if (strchr("bBAzZG", c) && c < 0x80)
		return NO_WIDTH;
	else if (c < 0x80 && strchr("dDwWsShHvVNnrtfea", c))
		;
	else if (c == 'p' || c == 'P') {
		if (sieve_take(s) == '{')
			skip_to(s, '}');
	} else if (c == 'x') {
		if (peek(s) == '{')
			skip_to(s, '}');
		else
			for (int i = 0;
			     i < 2 && peek(s) > 0 && peek(s) < 0x80 && strchr("0123456789abcdefABCDEF", peek(s)); i++)
				sieve_take(s);
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
	bool unknown = sieve_eat(s, "^"), first = true;

	*out = (struct need){.cost = 0};
	for (; (c = sieve_take(s)) != NOBODY && (c != ']' || first); first = false) {
		if (c == '[' && (peek(s) == ':' || peek(s) == '.' || peek(s) == '='))
			s->lost = true;
		if (c == '\\')
			c = sieve_escaped(s);
		if (c == '-' && last > 0 && peek(s) != ']') {
			int32_t end = sieve_take(s);
			if (end == '\\')
				end = sieve_escaped(s);
			if (end <= 0 || end < last || end - last > CLASS_MAX)
				unknown = true;
			for (int32_t i = last + 1; !unknown && i <= end; i++, members++)
				need_add(out, sieve_hash_one(sieve_lower(i)), cost_one(i), sieve_script(i));
			last = 0;
			continue;
		}
		unknown = unknown || c <= 0 || !plain(c);
		if (!unknown)
			need_add(out, sieve_hash_one(sieve_lower(c)), cost_one(c), sieve_script(c));
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
bool sieve_group(struct source *s, struct need *out)
{
	bool wide = true;

	if (sieve_eat(s, "?#")) {
		skip_to(s, ')');
		return false;
	}
	if (sieve_eat(s, "?=") || sieve_eat(s, "?!") || sieve_eat(s, "?<=") || sieve_eat(s, "?<!")) {
		wide = false;
	} else if (sieve_eat(s, "?<") || sieve_eat(s, "?P<")) {
		skip_to(s, '>');
	} else if (sieve_eat(s, "?'")) {
		skip_to(s, '\'');
	} else if (sieve_eat(s, "?:") || sieve_eat(s, "?|") || sieve_eat(s, "?>")) {
		;
	} else if (sieve_eat(s, "?")) {
		int32_t c;
		while ((c = sieve_take(s)) == 'i' || c == 's' || c == 'm' || c == '-')
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
	if (sieve_take(s) != ')')
		s->lost = true;
	return wide;
}

/* The letters and the space that texts are full of. */
static uint32_t common(int32_t c)
{
	return c == WORD_EDGE || (c < 0x80 && strchr(" etaoinsrhld", c)) ? 2 : 0;
}

static const struct run no_run = {NOBODY, NOBODY, NOBODY}, at_word = {NOBODY, NOBODY, WORD_EDGE};

static bool known(int32_t c)
{
	return c != NOBODY && c < 0x80;
}

/* What c, which may be an edge, needs together with the two or three ASCII characters before it. */
static void add_ascii(struct branch *b, const struct run *run, int32_t c)
{
	uint32_t usual = common(run->earlier) + common(run->before) + common(c);
	int32_t letter = c == WORD_EDGE ? run->before : c;

	if (known(run->first))
		branch_single(b, letter, sieve_hash_four(run->first, run->earlier, run->before, c),
			      1 + (usual + common(run->first)) / 2);
	else
		branch_single(b, letter, sieve_hash_triple(run->earlier, run->before, c), 2 + usual);
}

/* \b, \W or $ behind a letter: there its word ends. */
static void end_word(struct branch *b, const struct run *run)
{
	if (run->before != NOBODY && sieve_in_word(run->before) && known(run->earlier))
		add_ascii(b, run, WORD_EDGE);
}

/* One character more: with those before it, or alone where a run begins. */
static void run_on(struct branch *b, struct run *run, int32_t c, enum times times)
{
	if (times == TIMES_PERHAPS || !plain(c)) {
		*run = no_run;
		return;
	}
	c = sieve_lower(c);
	if (run->before == WORD_EDGE && !sieve_in_word(c))
		*run = no_run;
	if (run->before == NOBODY)
		branch_single(b, c, sieve_hash_one(c), cost_one(c));
	else if (known(c) && known(run->before) && known(run->earlier))
		add_ascii(b, run, c);
	else
		branch_single(b, c, sieve_hash_pair(run->before, c), c < 0x80 && run->before < 0x80 ? 16 : 1);
	run->first = times == TIMES_SOME || !known(run->before) ? NOBODY : run->earlier;
	run->earlier = times == TIMES_SOME ? NOBODY : run->before; /* "stopp" has no "op " */
	run->before = c;
}

/* Behind ^ $ \b and the like, and behind a lookaround, which changes nothing. */
static void at_edge(struct branch *b, struct run *run, int32_t sign)
{
	if (sign == '(' || sign == 'B')
		return;
	end_word(b, run);
	*run = sign == '$' || (run->before != NOBODY && sieve_in_word(run->before)) ? no_run : at_word;
}

void sieve_sequence(struct source *s, struct branch *out)
{
	struct need part;
	struct run run = s->run;
	int32_t c, letter;

	out->n = 0;
	while (!s->lost && (c = peek(s)) != NOBODY && c != '|' && c != ')') {
		bool wide = true, literal = false, opens_word = false;
		enum times times;

		sieve_take(s);
		need_anything(&part);
		letter = c == '\\' ? peek(s) : c;
		s->run = run;
		if (c == '(') {
			wide = sieve_group(s, &part);
			opens_word = s->run.before == WORD_EDGE;
		} else if (c == '[')
			read_class(s, &part);
		else if (c == '^' || c == '$')
			wide = false;
		else if (c == '\\')
			literal = (c = sieve_escaped(s)) > 0;
		else
			literal = c != '.';
		wide = wide && c != NO_WIDTH;
		times = s->lost ? TIMES_ONE : sieve_quantifier(s);
		if (s->lost)
			break;
		if (!wide) {
			if (times != TIMES_PERHAPS)
				at_edge(out, &run, letter);
			continue;
		}
		if (literal) {
			run_on(out, &run, c, times);
			continue;
		}
		if (c == 0 && (letter == 'W' || letter == 's')) {
			opens_word = true;
			if (times != TIMES_PERHAPS)
				end_word(out, &run);
		}
		run = opens_word && (times != TIMES_PERHAPS || run.before == WORD_EDGE) ? at_word : no_run;
		if (times != TIMES_PERHAPS)
			branch_add(out, &part);
	}
	s->run = run;
}

/* A group in the middle: one of what its branches need most. */
static void read_branches(struct source *s, struct need *out)
{
	const struct run start = s->run;
	bool opens_word = true;
	struct branch branch;

	out->anything = false;
	out->n = 0;
	out->cost = 0;
	out->scripts = 0;
	if (++s->depth > SIEVE_DEPTH_MAX)
		s->lost = true;
	do {
		if (s->lost)
			break;
		s->run = start;
		sieve_sequence(s, &branch);
		opens_word = opens_word && s->run.before == WORD_EDGE;
		if (branch.n)
			need_union(out, &branch.needs[0]);
		else
			need_anything(out);
	} while (sieve_eat(s, "|"));
	s->run = opens_word ? at_word : no_run;
	s->depth--;
}

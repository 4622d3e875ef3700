/*
 * The three levels of satisfaction. An answer is cut into words; "not", "rather" and "very" change what the next
 * telling word says, and everything that is said is weighed together: a verdict in so many words outweighs what is told
 * besides, something left undone outweighs a pleasant manner (the survey exists to find what went wrong), a small fault
 * makes good so-so, and behind "but" the later part counts. What can be a question, or no verdict yet, is not
 * understood. Pure; nothing here is fatal. opinion_rating.c has the words and explains the letters.
 */
#include <string.h>

#include "flow/fold.h"
#include "flow/opinion_rules.h"

#define LONGEST_COMMENT 200 /* characters of a rating that are weighed */
#define WORDS_MAX       220
#define REACH           2 /* unknown words that a "not" reaches over */

enum said {
	SATISFIED = 1 << 0, /* in so many words */
	BASICALLY = 1 << 1,
	DISSATISFIED = 1 << 2,
	GOOD = 1 << 3,
	SO_SO = 1 << 4,
	BAD = 1 << 5,
	SLOW = 1 << 6, /* a small fault */
	NOT_BAD = 1 << 7,
	NOT_BEST = 1 << 8,
	MOCKS = 1 << 9,
	ASKS = 1 << 10,
	WAITS = 1 << 11,
	LONG = 1 << 12,  /* it took long: bad, if nothing came of it */
	NAY = 1 << 13,   /* a bare no */
	TELLS = 1 << 14, /* there were words that say nothing about it */
};
#define VERDICTS (SATISFIED | BASICALLY | DISSATISFIED)
#define FEELINGS (VERDICTS | GOOD | SO_SO | BAD | SLOW | NOT_BAD | NOT_BEST | MOCKS | LONG)

struct weighed {
	unsigned all, after, sum, last; /* after: behind the last "but"; sum: in a clause that sums up */
	bool contrast;
};

/* How the words before it change a telling word. */
struct mood {
	bool not, softly, hedged, before;
	int reach;
};

static bool one_of(char letter, const char *wanted)
{
	return letter && strchr(wanted, letter);
}

static unsigned plain(char says)
{
	switch (says) {
	case 'K':
		return SATISFIED;
	case 'L':
		return BASICALLY;
	case 'J':
		return DISSATISFIED;
	case 'S':
	case 'E':
	case 'R':
		return GOOD;
	case 'M':
		return SO_SO;
	case 'D':
		return BAD;
	case 'd':
		return SLOW;
	case 'l':
		return LONG;
	case 'T':
		return BAD | MOCKS;
	default:
		return 0;
	}
}

static unsigned negated(char says)
{
	switch (says) {
	case 'K':
	case 'L':
		return DISSATISFIED;
	case 'S':
	case 'M':
	case 'R':
	case 'v':
		return BAD;
	case 'E':
		return NOT_BEST;
	case 'J':
	case 'D':
	case 'd':
		return NOT_BAD;
	case 'n':
		return GOOD;
	default:
		return plain(says);
	}
}

static unsigned hedged(char says)
{
	return says == 'K' ? BASICALLY : one_of(says, "SER") ? SO_SO : plain(says);
}

/* The next word that is not a filler, or '\0'. */
static char next_word(const struct token *t, size_t n, size_t i)
{
	while (++i < n) {
		if (t[i].says != 'f')
			return t[i].says;
	}
	return '\0';
}

static unsigned telling(const struct token *t, size_t n, size_t i, struct mood *mood)
{
	char says = t[i].says;
	unsigned said;

	if (slice_is(t[i].text, "好") && i + 1 < n && one_of(t[i + 1].says, "KSEJDdMV")) /* 好慢 */
		return 0;
	if (next_word(t, n, i) == 'Z')
		return BAD | MOCKS;
	if (says == 'n' && !mood->not )
		return 0;
	if (mood->softly && says == 'S')
		said = NOT_BEST;
	else
		said = mood->not ? negated(says) : mood->hedged ? hedged(says) : plain(says);
	if (one_of(says, "KLJSEMDdlRvnT"))
		mood->not = mood->softly = mood->hedged = false;
	return said;
}

/* An English question word asks only where it begins or ends; "the day when he came" does not. */
static bool question_word(const struct token *t, size_t n, size_t i)
{
	if (t[i].says != 'Q')
		return false;
	for (size_t k = 0; k < i && i + 1 < n && t[i].text.data[0] >= 0; k++) {
		if (t[k].says != 'f')
			return false;
	}
	return true;
}

static bool ends_in_not(const struct token *t, size_t n)
{
	while (n > 0 && one_of(t[n - 1].says, "fV"))
		n--;
	return n > 0 && t[n - 1].says == 'X';
}

/* What a clause says; `short_good` words count if it holds nothing unknown. */
static unsigned clause_says(const struct token *t, size_t n, bool asked, bool *sums)
{
	struct mood mood = {0};
	unsigned said = 0;
	bool short_good = false, soft_good = false;

	*sums = false;
	for (size_t i = 0; i < n; i++) {
		unsigned one = telling(t, n, i, &mood);

		said |= one;
		mood.not |= one_of(t[i].says, "Xx");
		mood.softly |= t[i].says == 'x';
		mood.hedged |= t[i].says == 'H';
		mood.before |= t[i].says == 'P';
		*sums |= t[i].says == 'U';
		short_good |= t[i].says == 's' && !mood.not ;
		soft_good |= t[i].says == 's' && mood.hedged;
		if (one_of(t[i].says, "Xx"))
			mood.reach = 0;
		else if (t[i].says == LEX_OTHER && ++mood.reach > REACH)
			mood.not = false;
		if (one_of(t[i].says, "o#W"))
			said |= TELLS;
		if (t[i].says == 'N')
			said |= WAITS;
		asked |= question_word(t, n, i);
	}
	if (short_good && !(said & TELLS))
		said |= soft_good ? SO_SO : GOOD;
	if (!said && ends_in_not(t, n))
		said = NAY;
	if (mood.before && !(said & MOCKS))
		said &= ~(unsigned)FEELINGS;
	if (said & MOCKS)
		return said & ~(unsigned)(SATISFIED | GOOD | ASKS);
	if (asked)
		return ASKS | (said & WAITS);
	return said & WAITS ? WAITS : said;
}

static bool is_border(char says)
{
	return says == LEX_COMMA || says == LEX_ASKS || says == 'B';
}

static struct slice text_of(const struct token *t, size_t n)
{
	return slice_make(t->text.data, (size_t)(t[n - 1].text.data - t->text.data) + t[n - 1].text.len);
}

static bool pick(const struct token *t, size_t n, int *digit)
{
	struct slice text = text_of(t, n);
	int numbers = 0;

	if (fold_menu_digit(text, digit))
		return true;
	for (size_t i = 0; i < n; i++) {
		if (t[i].says == LEX_NUMBER && t[i].text.len == 1)
			*digit = t[i].text.data[0] - '0' + 100 * numbers++;
		else if (t[i].says != 'f')
			return false;
	}
	return numbers == 1;
}

/* "1、满意", "2 基本满意": the number at the front of a clause; 0: none. */
static int leading(const struct token *t, size_t n)
{
	if (n < 2 || t->says != LEX_NUMBER || t->text.len != 1 || one_of(t[1].says, "o#lN"))
		return 0;
	return t->text.data[0] - '0';
}

/* "五星", "10 out of 10": marks, which no word says. */
static unsigned stars(struct matcher *m, const struct token *t, size_t n)
{
	static const unsigned said[] = {0, SATISFIED, BASICALLY, DISSATISFIED};
	size_t row = 0;

	if (!kit_first(m, KIT_RATING, &row, text_of(t, n), NULL) || rating_rules[row].means <= SAYS_NOTHING)
		return 0;
	return said[rating_rules[row].means];
}

static void add_clause(struct weighed *w, struct matcher *m, const struct token *t, size_t n, bool asked, int *digit,
		       bool *odd)
{
	int found = 0;
	bool sums = false;
	unsigned said;

	if (!asked && (pick(t, n, &found) || (found = leading(t, n)))) {
		*odd |= found < 1 || found > 3 || (*digit && *digit != found);
		*digit = found;
		if (pick(t, n, &found))
			return;
	}
	said = asked ? 0 : stars(m, t, n);
	if (!said)
		said = clause_says(t, n, asked, &sums);
	w->all |= said;
	w->after = w->contrast ? w->after | said : 0;
	if (said & FEELINGS)
		w->last = said & FEELINGS;
	if (sums && (said & FEELINGS))
		w->sum |= said;
}

static int level_of_verdict(unsigned v)
{
	return v & DISSATISFIED ? SAYS_DISSATISFIED
	       : v & BASICALLY  ? SAYS_BASICALLY
	       : v & SATISFIED  ? SAYS_SATISFIED
				: 0;
}

static int explicit_level(const struct weighed *w)
{
	unsigned v = w->all & VERDICTS;

	if ((v & DISSATISFIED) && (v & (SATISFIED | BASICALLY))) {
		if (w->after & VERDICTS)
			return level_of_verdict(w->after);
		return (w->all & TELLS) ? SAYS_DISSATISFIED : (v & BASICALLY) ? SAYS_BASICALLY : SAYS_NOTHING;
	}
	if (v == SATISFIED) {
		if (w->all & MOCKS)
			return SAYS_DISSATISFIED;
		if (w->all & BAD)
			return (w->after & SATISFIED) && !(w->after & BAD) ? SAYS_BASICALLY : SAYS_DISSATISFIED;
		if ((w->all & LONG) && (w->after & LONG))
			return SAYS_BASICALLY;
		return w->all & (SLOW | SO_SO | NOT_BAD) && !(w->all & GOOD && !(w->all & (SLOW | SO_SO)))
			       ? SAYS_BASICALLY
			       : SAYS_SATISFIED;
	}
	if (v == DISSATISFIED && (w->all & NOT_BAD)) /* neither satisfied nor dissatisfied */
		return SAYS_BASICALLY;
	if (v == DISSATISFIED && (w->all & SO_SO) && (w->after & SO_SO)) /* "not very happy but ok" */
		return SAYS_BASICALLY;
	return level_of_verdict(v);
}

static int feeling_level(const struct weighed *w)
{
	unsigned a = w->all;

	if ((a & LONG) && !(a & (GOOD | SO_SO)))
		a |= BAD;
	if ((a & BAD) && (a & (GOOD | SO_SO)))
		return (w->last == SO_SO && !(a & MOCKS)) ||
				       (w->contrast && !(w->after & BAD) && (w->after & (GOOD | SO_SO)))
			       ? SAYS_BASICALLY
			       : SAYS_DISSATISFIED;
	if (a & BAD)
		return SAYS_DISSATISFIED;
	if ((a & NOT_BEST) && !(a & (GOOD | SO_SO | NOT_BAD)))
		return SAYS_DISSATISFIED;
	if (a & (SO_SO | NOT_BEST))
		return SAYS_BASICALLY;
	if (a & GOOD)
		return (a & SLOW) || (w->after & LONG) ? SAYS_BASICALLY : SAYS_SATISFIED;
	if (a & NOT_BAD)
		return SAYS_BASICALLY;
	return a & (SLOW | NAY) && !(a & WAITS) ? SAYS_DISSATISFIED : SAYS_NOTHING;
}

static int weigh(const struct weighed *w)
{
	struct weighed sum = {.all = w->sum};

	if ((w->all & WAITS) && !(w->all & VERDICTS))
		return SAYS_NOTHING;
	if ((w->all & ASKS) && !(w->all & (VERDICTS | BAD)))
		return SAYS_NOTHING;
	if (w->sum && !(w->all & DISSATISFIED))
		return w->sum & VERDICTS     ? explicit_level(&sum)
		       : (w->all & VERDICTS) ? explicit_level(w)
					     : feeling_level(&sum);
	return w->all & VERDICTS ? explicit_level(w) : feeling_level(w);
}

static bool is_us(struct slice word)
{
	static const char *const words[] = {"你们", "你", "您", "政府", "部门", "you", "your"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (slice_is(word, words[i]))
			return true;
	}
	return false;
}

/* "物业不管": somebody else is complained of, not the handling. */
static bool about_others(const struct token *t, size_t n)
{
	size_t i = 0;

	while (i < n && (t[i].says == 'f' || t[i].says == LEX_COMMA))
		i++;
	if (i == n || t[i].says != 'W')
		return false;
	for (; i < n; i++) {
		if (one_of(t[i].says, "KLJA") || is_us(t[i].text))
			return false;
	}
	return true;
}

static int rating_of(const struct reading *r)
{
	struct slice text = utf8_cut(r->text, LONGEST_COMMENT);
	struct token t[WORDS_MAX];
	struct weighed w = {0};
	size_t n;
	int digit = 0, level;
	bool odd = false;

	if (fold_menu_digit(r->folded, &digit))
		return digit <= 3 ? digit : 0;
	if (slice_begins(text, S("-")))
		return 0; /* -1 */
	digit = 0;
	n = lexicon_read(kit_lexicon(r->m, KIT_WORDS_RATING), text, t, WORDS_MAX);
	for (size_t from = 0, end; from < n; from = end + 1) {
		for (end = from; end < n && !is_border(t[end].says);)
			end++;
		if (end > from)
			add_clause(&w, r->m, t + from, end - from, end < n && t[end].says == LEX_ASKS, &digit, &odd);
		if (end < n && t[end].says == 'B') {
			w.contrast = true;
			w.after = 0;
		} else if (end < n && t[end].says == LEX_ASKS && end == from) {
			w.all |= ASKS;
		}
	}
	level = about_others(t, n) ? 0 : weigh(&w);
	if (odd || (digit && level && digit != level))
		return 0;
	return digit && !level && (w.all & (ASKS | WAITS | TELLS)) ? 0 : digit ? digit : level;
}

bool read_rating(const struct reading *r, struct typed *out)
{
	static const char *const values[] = {"", "satisfied", "basically_satisfied", "dissatisfied"};
	static const char *const zh[] = {"", "满意", "基本满意", "不满意"};
	static const char *const en[] = {"", "satisfied", "basically satisfied", "dissatisfied"};
	int level = rating_of(r);

	if (level < SAYS_SATISFIED || level > SAYS_DISSATISFIED)
		return false;
	out->value = slice_of(values[level]);
	out->label = slice_of(reading_zh(r) ? zh[level] : en[level]);
	out->json = json_string(r->a, out->value);
	return true;
}

/*
 * English number words to digits: "two hundred and five" → "205", "twenty-first" → "21st". Works on text in lower case;
 * all that is no number is copied as it stands. And how
 * digits are dictated, one by one. Pure; nothing here is fatal.
 */
#include "flow/numerals.h"

static const char *const small_words[] = {
	"zero", "one",    "two",    "three",    "four",     "five",    "six",     "seven",     "eight",    "nine",
	"ten",  "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
};
static const char *const small_ordinals[] = {
	"zeroth",     "first",     "second",    "third",       "fourth",     "fifth",      "sixth",
	"seventh",    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",    "thirteenth",
	"fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
};
static const char *const ten_words[] = {"",      "",      "twenty",  "thirty", "forty",
					"fifty", "sixty", "seventy", "eighty", "ninety"};
static const char *const ten_ordinals[] = {"", "", "twentieth", "thirtieth", "fortieth", "fiftieth", "", "", "", ""};

enum kind { NOT_A_NUMBER, SMALL, TENS, HUNDRED, THOUSAND, MILLION, DOZEN };
struct word {
	enum kind kind;
	int64_t value;
	bool ordinal;
};

static int find(struct slice word, const char *const *list, int n)
{
	for (int i = 0; i < n; i++) {
		if (word.len && slice_is(word, list[i]))
			return i;
	}
	return -1;
}

static struct word classify(struct slice s)
{
	static const char *const big[] = {"hundred", "thousand", "million", "dozen"};
	static const int64_t sizes[] = {100, 1000, 1000000, 12};
	int i;

	if ((i = find(s, small_words, 20)) >= 0)
		return (struct word){SMALL, i, false};
	if ((i = find(s, small_ordinals, 20)) >= 0)
		return (struct word){SMALL, i, true};
	if ((i = find(s, ten_words, 10)) >= 0)
		return (struct word){TENS, i * 10, false};
	if (slice_is(s, "fourty") || slice_is(s, "ninty"))
		return (struct word){TENS, s.data[0] == 'f' ? 40 : 90, false};
	if ((i = find(s, ten_ordinals, 10)) >= 0)
		return (struct word){TENS, i * 10, true};
	if ((i = find(s, big, 4)) >= 0)
		return (struct word){(enum kind)(HUNDRED + i), sizes[i], false};
	return (struct word){NOT_A_NUMBER, 0, false};
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == '\'';
}

static struct slice word_at(struct slice text, size_t at)
{
	size_t end = at;

	while (end < text.len && letter(text.data[end]))
		end++;
	return slice_make(text.data + at, end - at);
}

/* Where the next word of the same number may begin: behind one space or hyphen, and "and" within larger numbers. */
static size_t next_word(struct slice text, size_t end, bool and_allowed)
{
	if (end >= text.len || (text.data[end] != ' ' && text.data[end] != '-'))
		return text.len;
	end++;
	if (and_allowed && slice_is(word_at(text, end), "and") && end + 3 < text.len && text.data[end + 3] == ' ')
		end += 4;
	return end;
}

struct amount {
	int64_t total, group;
	enum kind last;
	bool ordinal;
};

/* May this word go on with the number? Adds it if so. */
static bool amount_add(struct amount *n, struct word w)
{
	switch (w.kind) {
	case NOT_A_NUMBER:
		return false;
	case SMALL:
		if (n->last == SMALL || (n->last == TENS && (w.value > 9 || w.value == 0)))
			return false;
		n->group += w.value;
		break;
	case TENS:
		if (n->last == SMALL || n->last == TENS)
			return false;
		n->group += w.value;
		break;
	case HUNDRED: /* "hundred twenty": the one is left out */
		if (n->last == NOT_A_NUMBER)
			n->group = 1;
		if (n->group == 0 || n->group > 99)
			return false;
		n->group *= 100;
		break;
	case DOZEN:
		if (n->group == 0 || n->total)
			return false;
		n->group *= 12;
		break;
	default:
		if (n->group == 0 || n->total % w.value || n->group > 999)
			return false;
		n->total += n->group * w.value;
		n->group = 0;
	}
	n->last = w.kind;
	n->ordinal = w.ordinal;
	return true;
}

/* Reads the longest number from `at`; returns where it ends, or `at` when there is none. */
static size_t take_amount(struct slice text, size_t at, struct amount *out)
{
	struct amount n = {0};
	size_t end = at, from = at;
	struct slice word = word_at(text, at);

	if (slice_is(word, "a") || slice_is(word, "an")) { /* a hundred, a dozen */
		n.group = 1;
		from = next_word(text, at + word.len, false);
		word = word_at(text, from);
		if (classify(word).kind < HUNDRED)
			return at;
	}
	while (from < text.len && !n.ordinal && amount_add(&n, classify(word))) {
		*out = n;
		end = from + word.len;
		from = next_word(text, end, n.last >= HUNDRED);
		word = word_at(text, from);
	}
	return end;
}

/* "one" that counts nothing: the second one, this one, no one. */
static bool is_pronoun(struct slice text, size_t at, struct slice word)
{
	static const char *const owners[] = {"the",     "this",  "that",   "no",    "any",    "each", "every",
					     "another", "which", "some",   "st",    "nd",     "rd",   "th",
					     "last",    "first", "second", "third", "fourth", "fifth"};
	size_t from;

	if (!slice_is(word, "one") || at < 2 || text.data[at - 1] != ' ')
		return false;
	for (from = at - 1; from > 0 && letter(text.data[from - 1]);)
		from--;
	return find(slice_make(text.data + from, at - 1 - from), owners, 20) >= 0;
}

struct slice numerals_english(struct arena *a, struct slice text)
{
	static const char *const ends[] = {"th", "st", "nd", "rd"};
	struct buf b = buf_in(a, text.len * 4 + 64);
	size_t at = 0;

	while (at < text.len) {
		struct amount n = {0};
		struct slice word = word_at(text, at);
		size_t end = word.len && !is_pronoun(text, at, word) ? take_amount(text, at, &n) : at;

		if (end > at) {
			int64_t value = n.total + n.group;
			int64_t last = value % 100 / 10 == 1 ? 0 : value % 10;

			buf_printf(&b, "%lld%s", (long long)value, n.ordinal ? ends[last < 4 ? last : 0] : "");
			at = end;
			continue;
		}
		end = at + (word.len ? word.len : 1);
		buf_add(&b, slice_make(text.data + at, end - at));
		at = end;
	}
	return buf_slice(&b);
}

/* ---- digits told one by one ---- */

/* A digit as a word or as itself; empty when it is none. */
static struct slice told_digit(struct slice word)
{
	static const char *const zeros[] = {"oh", "o", "nought", "naught", "nil", "ow"};

	if (find(word, zeros, 6) >= 0)
		return S("zero");
	if (find(word, small_words, 10) >= 0 || (word.len == 1 && word.data[0] >= '0' && word.data[0] <= '9'))
		return word;
	return (struct slice){0};
}

static struct slice token_at(struct slice text, size_t at)
{
	size_t end = at;

	while (end < text.len && (letter(text.data[end]) || (text.data[end] >= '0' && text.data[end] <= '9')))
		end++;
	return slice_make(text.data + at, end - at);
}

static void add_token(struct buf *b, struct slice token, bool beside_digit)
{
	struct slice digit = told_digit(token);

	buf_add(b, beside_digit && digit.len ? digit : token);
}

struct slice numerals_spoken(struct arena *a, struct slice text)
{
	struct buf b = buf_in(a, text.len * 4 + 64);
	bool after_digit = false;

	for (size_t at = 0; at < text.len;) {
		struct slice token = token_at(text, at), next;
		int times = slice_is(token, "double")                                ? 2
			    : slice_is(token, "triple") || slice_is(token, "treble") ? 3
										     : 0;

		if (token.len == 0) {
			bool one = slice_begins(slice_from(text, at), S("妖")) ||
				   slice_begins(slice_from(text, at), S("腰"));
			size_t end = at + (one ? 3 : 1), behind = end;

			one = one && (after_digit || numeral_digit(utf8_next(text, &behind)) >= 0);
			buf_add(&b, one ? S("一") : slice_make(text.data + at, end - at));
			at = end;
			continue;
		}
		next = token_at(text, at + token.len + 1);
		at += token.len;
		if (times && told_digit(next).len) {
			for (int i = 0; i < times; i++) {
				buf_add(&b, told_digit(next));
				buf_add(&b, i + 1 < times ? S(" ") : S(""));
			}
			at += 1 + next.len;
			after_digit = true;
			continue;
		}
		add_token(&b, token, after_digit || told_digit(next).len > 0);
		after_digit = told_digit(token).len > 0;
	}
	return b.full ? text : buf_slice(&b);
}

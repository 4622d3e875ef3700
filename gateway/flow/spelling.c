/*
 * The spelling of dates and numbers. A word that is almost a month, a weekday or a numeral is one: the first letter
 * must be right, and one letter (two in long words) may be wrong, missing, too many, or swapped with its neighbour.
 * Short ones (may, june) are too near to other words and must be right. Pure; nothing here is fatal.
 */
#include "flow/spelling.h"

#include <string.h>

#define WORD_MAX  16
#define LONG_WORD 7 /* letters from which on two may be wrong */

struct short_form {
	const char *written, *plain;
};
struct spelling {
	const char *const *right, *const *other; /* other: near a right one, and another word */
	const struct short_form *shorts;         /* as they are; ends with a null */
	size_t from;                             /* letters a word must have to be guessed */
};

static const char *const date_words[] = {
	"january", "february",  "august",   "september", "october",   "november", "december",  "monday",
	"tuesday", "wednesday", "thursday", "friday",    "saturday",  "sunday",   "yesterday", "tomorrow",
	"morning", "afternoon", "evening",  "christmas", "halloween", NULL,
};
static const char *const not_dates[] = {"mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays",
					"sundays", "mornings", "evenings",   "money",     NULL};
static const struct short_form date_shorts[] = {
	{"yday", "yesterday"},   {"b4", "before"},
	{"2day", "today"},       {"2nite", "tonight"},
	{"2night", "tonight"},   {"2moro", "tomorrow"},
	{"2morrow", "tomorrow"}, {"tmr", "tomorrow"},
	{"tmrw", "tomorrow"},    {"tmw", "tomorrow"},
	{"tday", "today"},       {"toda", "today"},
	{"todya", "today"},      {"tody", "today"},
	{"todai", "today"},      {"yest", "yesterday"},
	{"ystd", "yesterday"},   {"ysd", "yesterday"},
	{"ytd", "yesterday"},    {"lst", "last"},
	{"las", "last"},         {"wk", "week"},
	{"wks", "weeks"},        {"weak", "week"},
	{"mth", "month"},        {"mths", "months"},
	{"mnth", "month"},       {"yr", "year"},
	{"yrs", "years"},        {"hrs", "hours"},
	{"nite", "night"},       {"nyt", "night"},
	{"mornin", "morning"},   {"aftrnoon", "afternoon"},
	{"febuary", "february"}, {"befor", "before"},
	{"bfr", "before"},       {"aprl", "april"},
	{"apirl", "april"},      {"jully", "july"},
	{"juli", "july"},        {"jun", "june"},
	{"agos", "ago"},         {"aog", "ago"},
	{"fryday", "friday"},    {"thur", "thursday"},
	{"thurs", "thursday"},   {"minuts", "minutes"},
	{"munites", "minutes"},  {"howers", "hours"},
	{"dis", "this"},         {"diz", "this"},
	{"thiss", "this"},       {"ths", "this"},
	{"daya", "days"},        {"dayz", "days"},
	{"xmas", "christmas"},   {NULL, NULL},
};

static const char *const number_words[] = {
	"three",     "seven",    "eight",    "eleven",   "twelve",  "thirteen", "fourteen", "fifteen", "sixteen",
	"seventeen", "eighteen", "nineteen", "twenty",   "thirty",  "forty",    "fifty",    "sixty",   "seventy",
	"eighty",    "ninety",   "hundred",  "thousand", "million", "dozen",    NULL,
};
static const char *const not_numbers[] = {
	"there",   "these",   "those",   "fifth",   "sixth",     "forth",     "fourth",   "tenth",
	"ninth",   "eighth",  "seventh", "twelfth", "hundreds",  "thousands", "millions", "dozens",
	"sever",   "severe",  "doze",    "forts",   "threw",     "threes",    "thirst",   "thirsty",
	"fifties", "sixties", "forte",   "mullion", "seventies", "sixthly",   NULL,
};
static const struct short_form number_shorts[] = {
	{"thre", "three"},   {"fuor", "four"},       {"foru", "four"},  {"fiv", "five"},     {"fvie", "five"},
	{"sevn", "seven"},   {"egiht", "eight"},     {"nien", "nine"},  {"tweny", "twenty"}, {"twelv", "twelve"},
	{"fourty", "forty"}, {"hundrad", "hundred"}, {"ppl", "people"}, {NULL, NULL},
};

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The number of single changes (a swap of neighbours is one) that make `a` out of `b`. */
static size_t distance(struct slice a, struct slice b)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= a.len; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= b.len; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		for (size_t j = 1; j <= b.len; j++) {
			d[i][j] = d[i - 1][j - 1] + (a.data[i - 1] != b.data[j - 1]);
			d[i][j] = least(d[i][j], least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[a.len][b.len];
}

static bool listed(struct slice word, const char *const *list)
{
	for (; *list; list++) {
		if (slice_is(word, *list))
			return true;
	}
	return false;
}

/* "ystrdy": the word without its vowels. */
static bool is_skeleton(struct slice word, struct slice good)
{
	size_t at = 0;

	for (size_t i = 0; i < good.len; i++) {
		if (strchr("aeiou", good.data[i]))
			continue;
		if (at == word.len || word.data[at] != good.data[i])
			return false;
		at++;
	}
	return at == word.len && word.len >= 4;
}

static struct slice spelled(const struct spelling *s, struct slice word)
{
	for (size_t i = 0; s->shorts[i].written; i++) {
		if (slice_is(word, s->shorts[i].written))
			return slice_of(s->shorts[i].plain);
	}
	for (size_t i = 0; s->right[i]; i++) {
		if (is_skeleton(word, slice_of(s->right[i])))
			return slice_of(s->right[i]);
	}
	if (word.len < s->from || word.len > WORD_MAX || listed(word, s->right) || listed(word, s->other))
		return word;
	for (size_t i = 0; s->right[i]; i++) {
		struct slice good = slice_of(s->right[i]);
		size_t wrong = good.len >= LONG_WORD && word.len >= LONG_WORD - 1 ? 2 : 1;

		if (word.data[0] == good.data[0] && word.len + wrong >= good.len && distance(word, good) <= wrong)
			return good;
	}
	return word;
}

static struct slice respell(const struct spelling *s, struct arena *a, struct slice text)
{
	struct buf out = buf_in(a, text.len * 4 + 64);
	bool changed = false;
	size_t at = 0;

	while (at < text.len) {
		size_t end = at;
		struct slice word, plain;

		if (!letter(text.data[at])) {
			buf_add(&out, slice_make(text.data + at, 1));
			at++;
			continue;
		}
		while (end < text.len && letter(text.data[end]))
			end++;
		word = slice_make(text.data + at, end - at);
		plain = spelled(s, word);
		if (at && text.data[at - 1] < 0 && word.data[0] >= 'a') {
			buf_add_c(&out, " ");
			changed = true;
		}
		buf_add(&out, plain);
		if (end < text.len && text.data[end] < 0 && word.data[word.len - 1] >= 'a') {
			buf_add_c(&out, " ");
			changed = true;
		}
		changed |= plain.data != word.data;
		at = end;
	}
	return changed && !out.full ? buf_slice(&out) : text;
}

struct slice spelling_of_dates(struct arena *a, struct slice text)
{
	static const struct spelling dates = {date_words, not_dates, date_shorts, 5};

	return respell(&dates, a, text);
}

struct slice spelling_of_numbers(struct arena *a, struct slice text)
{
	static const struct spelling numbers = {number_words, not_numbers, number_shorts, 5};

	return respell(&numbers, a, text);
}

/*
 * Words and what they say. The table keeps a 56-bit hash of every word and of every beginning of one, so that looking
 * for the longest word at a place stops as soon as nothing longer can follow. Two words with one hash would be read as
 * one another: with ten thousand of them that is not to be expected, and would be a wrong answer, not a fault. Out of
 * memory and an unreadable list are fatal; both can only happen at start.
 */
#include "flow/lexicon.h"

#include <stdlib.h>
#include <string.h>

#define HASH_START  UINT64_C(1469598103934665603)
#define HASH_PRIME  UINT64_C(1099511628211)
#define WORD_MAX    96 /* bytes */
#define SLIP_MIN    5  /* letters a word has at least that may be misspelled */
#define SLIP_TWO    9  /* and from which on twice */
#define LETTERS_MAX 20
#define SLOTS_MAX   ((size_t)1 << 18)
#define BEGINS_ONLY '\0'

struct slot {
	uint64_t hash : 56; /* 0: empty */
	uint64_t says : 8;  /* BEGINS_ONLY: only the beginning of longer words */
};
#define HASH_BITS(h) ((h) >> 8)
struct long_word {
	char text[LETTERS_MAX + 1], says;
};
struct lexicon {
	struct slot *slots;
	size_t room, used, words;
	struct long_word *long_words;
	size_t n_long;
};

struct building {
	struct lexicon *l;
	const struct words *all, *list;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || c == '\'';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static uint64_t hash_add(uint64_t h, char c)
{
	return (h ^ (unsigned char)c) * HASH_PRIME;
}

/* ---- the table ---- */

static struct slot *slot_of(const struct lexicon *l, uint64_t hash)
{
	size_t i = (size_t)(hash >> 20) & (l->room - 1);

	while (l->slots[i].hash && l->slots[i].hash != HASH_BITS(hash))
		i = (i + 1) & (l->room - 1);
	return &l->slots[i];
}

static void grow(struct lexicon *l)
{
	struct lexicon old = *l;

	l->room = old.room ? old.room * 2 : 4096;
	if (l->room > SLOTS_MAX)
		panic("lexicon: too many words");
	l->slots = calloc(l->room, sizeof *l->slots);
	if (!l->slots)
		exhausted("lexicon");
	for (size_t i = 0; i < old.room; i++) {
		if (old.slots[i].hash)
			*slot_of(l, (uint64_t)old.slots[i].hash << 8) = old.slots[i];
	}
	free(old.slots);
}

static void put(struct lexicon *l, uint64_t hash, char says)
{
	struct slot *s;

	if (l->used * 4 >= l->room * 3)
		grow(l);
	s = slot_of(l, hash);
	if (!s->hash) {
		s->hash = HASH_BITS(hash);
		l->used++;
	}
	if (s->says == BEGINS_ONLY)
		s->says = (unsigned char)says;
}

/* The bytes of the character or the word of letters and digits at `at`. */
static size_t unit_length(struct slice text, size_t at)
{
	size_t end = at;

	if (!is_letter(text.data[at]) && !is_digit(text.data[at])) {
		utf8_next(text, &end);
		return end - at;
	}
	while (end < text.len && (is_letter(text.data[end]) || is_digit(text.data[end])))
		end++;
	return end - at;
}

/* "don't" is "dont"; "we'll" and "we're" keep theirs: "well" and "were" are other words. */
static bool dropped(struct slice text, size_t i)
{
	struct slice behind = slice_from(text, i + 1);

	return text.data[i] == '\'' && !slice_begins(behind, S("ll")) && !slice_begins(behind, S("re"));
}

static uint64_t hash_unit(uint64_t h, struct slice text, size_t at, size_t len)
{
	for (size_t i = at; i < at + len; i++) {
		if (!dropped(text, i))
			h = hash_add(h, text.data[i]);
	}
	return h;
}

static void add_word(struct lexicon *l, struct slice word, const struct words *list)
{
	uint64_t h = HASH_START;
	size_t at = 0;

	while (at < word.len) {
		size_t n = unit_length(word, at);

		h = hash_unit(h, word, at, n);
		at += n;
		put(l, h, at == word.len ? list->says : BEGINS_ONLY);
	}
	l->words++;
	if (list->list[0] != '~' || word.len < SLIP_MIN || word.len > LETTERS_MAX || unit_length(word, 0) != word.len)
		return;
	if (l->n_long % 64 == 0) {
		l->long_words = realloc(l->long_words, (l->n_long + 64) * sizeof *l->long_words);
		if (!l->long_words)
			exhausted("lexicon");
	}
	memset(&l->long_words[l->n_long], 0, sizeof *l->long_words);
	memcpy(l->long_words[l->n_long].text, word.data, word.len);
	l->long_words[l->n_long++].says = list->says;
}

/* What a "<name>" stands for. */
static struct slice named(const struct words *all, struct slice name)
{
	for (; all->list; all++) {
		struct slice rest = slice_of(all->list), first;

		if (all->says == LEX_NAMES && slice_next(&rest, ' ', &first) && slice_equal(first, name))
			return rest;
	}
	panic("lexicon: nothing is called %.*s", SLICE_ARG(name));
}

static size_t write_piece(char *word, size_t done, struct slice piece)
{
	if (done + piece.len >= WORD_MAX)
		panic("lexicon: a word is too long: %.*s", SLICE_ARG(piece));
	for (size_t i = 0; i < piece.len; i++)
		word[done + i] = piece.data[i] == '_' ? ' ' : piece.data[i];
	return done + piece.len;
}

/* Every word that `pattern` stands for; `done` bytes of `word` are made. */
static void expand(struct building *b, struct slice pattern, char *word, size_t done)
{
	struct slice group, rest, piece;
	size_t at = 0, end;

	while (at < pattern.len && pattern.data[at] != '(' && pattern.data[at] != '<')
		at++;
	done = write_piece(word, done, slice_make(pattern.data, at));
	if (at == pattern.len) {
		piece = slice_trim(slice_make(word, done));
		if (piece.len)
			add_word(b->l, piece, b->list);
		return;
	}
	rest = slice_from(pattern, at + 1);
	end = slice_find(rest, pattern.data[at] == '(' ? S(")") : S(">"));
	if (end == rest.len)
		panic("lexicon: an open bracket: %.*s", SLICE_ARG(pattern));
	group = slice_make(rest.data, end);
	if (pattern.data[at] == '<')
		group = named(b->all, group);
	for (size_t from = 0; from <= group.len; from += piece.len + 1) {
		piece = slice_from(group, from);
		piece.len = slice_find(piece, S("|"));
		expand(b, slice_from(rest, end + 1), word, write_piece(word, done, piece));
	}
}

static void add_table(struct building *b)
{
	char word[WORD_MAX];

	for (b->list = b->all; b->list->list; b->list++) {
		struct slice rest = slice_of(b->list->list), pattern;

		while (b->list->says != LEX_NAMES && slice_next(&rest, ' ', &pattern)) {
			if (pattern.len && !slice_is(pattern, "~"))
				expand(b, pattern, word, 0);
		}
	}
}

struct lexicon *lexicon_open(const struct words *const *tables)
{
	struct building b = {.l = calloc(1, sizeof *b.l)};

	if (!b.l)
		exhausted("lexicon");
	grow(b.l);
	for (; *tables; tables++) {
		b.all = *tables;
		add_table(&b);
	}
	return b.l;
}

void lexicon_close(struct lexicon **l)
{
	if (!l || !*l)
		return;
	free((*l)->slots);
	free((*l)->long_words);
	free(*l);
	*l = NULL;
}

size_t lexicon_size(const struct lexicon *l)
{
	return l->words;
}

/* ---- slips of the pen ---- */

/* How many letters are wrong, missing, too many or changed places; more than `most` counts as one more than that. */
static size_t slips(struct slice a, const char *b, size_t b_len, size_t most)
{
	size_t row[3][LETTERS_MAX + 3], *before = row[0], *last = row[1], *now = row[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	memset(row[0], 0, sizeof row[0]);
	for (size_t i = 1; i <= a.len; i++) {
		size_t *spare = before, best = now[0] = i;

		for (size_t j = 1; j <= b_len; j++) {
			size_t cost = last[j - 1] + (a.data[i - 1] != b[j - 1]);

			if (last[j] + 1 < cost)
				cost = last[j] + 1;
			if (now[j - 1] + 1 < cost)
				cost = now[j - 1] + 1;
			if (i > 1 && j > 1 && a.data[i - 1] == b[j - 2] && a.data[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < cost)
				cost = before[j - 2] + 1;
			now[j] = cost;
			best = cost < best ? cost : best;
		}
		if (best > most)
			return most + 1;
		before = last;
		last = now;
		now = spare;
	}
	return last[b_len];
}

/* What an unknown word of letters was meant to be. */
static char meant(const struct lexicon *l, struct slice word)
{
	size_t least = 3;
	char says = LEX_OTHER;

	if (word.len < SLIP_MIN - 1 || word.len > LETTERS_MAX)
		return LEX_OTHER;
	for (size_t i = 0; i < l->n_long; i++) {
		const char *known = l->long_words[i].text;
		size_t n = strlen(known), most = n >= SLIP_TWO ? 2 : 1, found;

		if (known[0] != word.data[0] || n > word.len + most || word.len > n + most)
			continue;
		found = slips(word, known, n, most);
		if (found <= most && found < least) {
			least = found;
			says = l->long_words[i].says;
		}
	}
	return says;
}

/* "yesss", "sooo", "goood": runs of more than `keep` letters are cut. What it says, or LEX_OTHER. */
static char shortened(const struct lexicon *l, struct slice word, size_t keep)
{
	uint64_t h = HASH_START;
	size_t run = 0, cut = 0;
	const struct slot *s;

	for (size_t i = 0; i < word.len; i++) {
		run = i && word.data[i] == word.data[i - 1] ? run + 1 : 1;
		if (run <= keep)
			h = hash_add(h, word.data[i]);
		else
			cut++;
	}
	s = cut ? slot_of(l, h) : NULL;
	return s && s->hash && s->says != BEGINS_ONLY ? (char)s->says : LEX_OTHER;
}

/* A letter three times, which no word has. */
static bool has_run(struct slice word)
{
	for (size_t i = 2; i < word.len; i++) {
		if (word.data[i] == word.data[i - 1] && word.data[i] == word.data[i - 2])
			return true;
	}
	return false;
}

static char unknown_word(const struct lexicon *l, struct slice word)
{
	char says = shortened(l, word, 2);

	if (says == LEX_OTHER && has_run(word))
		says = shortened(l, word, 1);
	return says == LEX_OTHER ? meant(l, word) : says;
}

/* ---- reading ---- */

/* "so-so" is "so so". */
static bool hyphen(struct slice text, size_t at)
{
	return text.data[at] == '-' && at && at + 1 < text.len && is_letter(text.data[at - 1]) &&
	       is_letter(text.data[at + 1]);
}

/* The longest word at `at`: its bytes, 0 if none is known. */
static size_t longest(const struct lexicon *l, struct slice text, size_t at, char *says)
{
	uint64_t h = HASH_START;
	size_t end = at, found = 0;

	while (end < text.len) {
		const struct slot *s;
		size_t n;

		if (end > at && (text.data[end] == ' ' || hyphen(text, end))) {
			h = hash_add(h, ' ');
			end++;
		}
		if (end == text.len)
			break;
		n = unit_length(text, end);
		h = hash_unit(h, text, end, n);
		end += n;
		s = slot_of(l, h);
		if (!s->hash)
			break;
		if (s->says != BEGINS_ONLY) {
			*says = (char)s->says;
			found = end - at;
		}
	}
	return found;
}

static char mark_says(struct slice text, size_t at, size_t n)
{
	static const char *const commas[] = {",", "!", ";", "。", "、", "~", "(", ")",
					     ":", "…", "—", "\"", "\n", "-", "."};
	struct slice mark = slice_make(text.data + at, n);

	for (size_t i = 0; i < sizeof commas / sizeof *commas; i++) {
		if (slice_is(mark, commas[i]))
			return LEX_COMMA;
	}
	return slice_is(mark, "?") ? LEX_ASKS : LEX_OTHER;
}

/* Tones of skin, joiners, signs of gender, white space and the lesser marks: nothing. */
static bool says_nothing(int32_t p)
{
	return p <= ' ' || p == '\'' || p == '*' || p == '_' || p == '<' || p == '>' || p == '[' || p == ']' ||
	       p == 0x200D || p == 0x2640 || p == 0x2642 || p == 0x300C || p == 0x300D || p == 0x300A || p == 0x300B ||
	       p == 0xB7 || p == 0x201C || p == 0x201D || p == 0x2018 || p == 0x2019 || p == 0x3010 || p == 0x3011 ||
	       (p >= 0x1F3FB && p <= 0x1F3FF) || (p >= 0xFE00 && p <= 0xFE0F);
}

static bool all_digits(struct slice word)
{
	for (size_t i = 0; i < word.len; i++) {
		if (!is_digit(word.data[i]))
			return false;
	}
	return true;
}

static char token_at(const struct lexicon *l, struct slice text, size_t at, size_t *n)
{
	char says = LEX_OTHER;
	size_t end = at;
	int32_t p;

	*n = longest(l, text, at, &says);
	if (*n)
		return says;
	*n = unit_length(text, at);
	if (is_digit(text.data[at]))
		return all_digits(slice_make(text.data + at, *n)) ? LEX_NUMBER : LEX_OTHER;
	if (is_letter(text.data[at]))
		return text.data[at] == '\'' ? ' ' : unknown_word(l, slice_make(text.data + at, *n));
	p = utf8_next(text, &end);
	if (hyphen(text, at))
		return ' ';
	return says_nothing(p) ? ' ' : mark_says(text, at, *n);
}

size_t lexicon_read(const struct lexicon *l, struct slice text, struct token *out, size_t max)
{
	size_t at = 0, n = 0, len;

	for (; at < text.len && n < max; at += len) {
		char says = token_at(l, text, at, &len);

		if (says != ' ')
			out[n++] = (struct token){says, slice_make(text.data + at, len)};
	}
	return n;
}

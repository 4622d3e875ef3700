/*
 * Taking a short message apart into clauses and each clause down to its core. A clause ends at punctuation, at a white
 * space between Chinese characters, and at "and", "but", "so". Off its ends come the phrases of `core.before` and
 * `core.after`, again and again, and the reasons of `core.beside`. Pure; nothing here is fatal.
 */
#include "flow/core.h"

#include <string.h>

#define TEXT_MAX_BYTES 300 /* a longer message is a story, not a request */
#define ROUNDS_MAX     8   /* of taking things off one clause */
#define WORDS_MAX      40

struct pieces {
	struct slice list[CLAUSES_MAX + 1];
	size_t n;
	bool lost; /* more clauses than there is room for */
};

/* ---- characters ---- */

static bool is_han(int32_t c)
{
	return c >= 0x3400 && c < 0xA000;
}

static bool is_letter(int32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'';
}

static bool is_letter_at(struct slice s, size_t at)
{
	return at < s.len && is_letter((unsigned char)s.data[at]);
}

/* Signs that end a clause: stops, commas, smileys, arrows. */
static bool ends_clause(int32_t c)
{
	static const char signs[] = ".,;:!?~()[]<>|\n+=*^@";

	if (c < 0x80)
		return c && strchr(signs, c) != NULL;
	return c == 0x2026 || (c >= 0x2190 && c < 0x2BFF) || (c >= 0x3001 && c < 0x3003) || (c >= 0xE000 && c < 0xFE70) ||
	       (c >= 0xFF00 && c < 0xFF66) || c >= 0x1F000;
}

/* Signs that only stand between, or around: a dash, a quote. */
static bool is_blank(int32_t c)
{
	return c == ' ' || c == '-' || c == '_' || c == '/' || c == '"' || c == '`' || c == '#' || c == '&' || c == '\t' ||
	       (c >= 0x80 && c < 0xC0) || (c >= 0x2000 && c < 0x2070 && c != 0x2019 && c != 0x2026) ||
	       (c >= 0x3003 && c < 0x3021);
}

/* ---- clauses ---- */

static bool is_one_of(struct slice word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(word, list[i]))
			return true;
	return false;
}

static struct slice first_word(struct slice s)
{
	size_t end = 0;

	s = slice_trim(s);
	while (end < s.len && s.data[end] != ' ')
		end++;
	return slice_make(s.data, end);
}

/* "so kind" and "as soon as" do not join; "so please", "as i" do. */
static bool is_joint(struct slice word, struct slice rest)
{
	static const char *const joints[] = {"and", "but", "cos", "because", "or"};
	static const char *const loose[] = {"so", "as", "n"};
	static const char *const next[] = {"i",   "i'm", "im",   "i'd",    "we",  "you", "it",  "my",   "please", "pls",
					   "can", "let", "lets", "could", "how", "who", "what", "where", "just",   "is"};

	if (is_one_of(word, joints, sizeof joints / sizeof joints[0]))
		return true;
	return is_one_of(word, loose, sizeof loose / sizeof loose[0]) &&
	       is_one_of(first_word(rest), next, sizeof next / sizeof next[0]);
}

/* Where a request begins behind a reason: "all is wrong can we start again". */
static bool is_opening(struct slice word, struct slice rest)
{
	static const char *const openings[] = {"can", "could", "may", "let"};
	static const char *const who[] = {"i", "we", "you", "u", "me", "us"};

	return slice_is(word, "let's") || slice_is(word, "lets") || slice_is(word, "please") || slice_is(word, "pls") ||
	       (is_one_of(word, openings, sizeof openings / sizeof openings[0]) &&
		is_one_of(first_word(rest), who, sizeof who / sizeof who[0]));
}

static void add_piece(struct pieces *out, struct slice s)
{
	s = slice_trim(s);
	if (!s.len)
		return;
	if (out->n == CLAUSES_MAX)
		out->lost = true;
	else
		out->list[out->n++] = s;
}

/* Cuts at "and" and the like between words, and where a request begins. */
static void add_clause(struct pieces *out, struct slice s)
{
	size_t from = 0, at = 0;

	while (at < s.len) {
		size_t end = at;

		while (end < s.len && s.data[end] != ' ')
			end++;
		if (is_joint(slice_make(s.data + at, end - at), slice_from(s, end))) {
			add_piece(out, slice_make(s.data + from, at - from));
			from = end;
		} else if (at > from && is_opening(slice_make(s.data + at, end - at), slice_from(s, end))) {
			add_piece(out, slice_make(s.data + from, at - from));
			from = at;
		}
		at = end + 1;
	}
	add_piece(out, slice_from(s, from < s.len ? from : s.len));
}

/* Lower case; three equal letters and more are one ("skipppp"); ’ is '. False: c was dropped. */
static bool put_char(struct buf *out, struct slice text, size_t from, size_t to, int32_t c)
{
	char low = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);

	if (c == 0x2019)
		low = '\'';
	else if (c >= 0x80) {
		buf_add(out, slice_make(text.data + from, to - from));
		return true;
	}
	if (low >= 'a' && low <= 'z' && to + 1 < text.len && (text.data[to] | 32) == low && (text.data[to + 1] | 32) == low)
		return false;
	if (low >= 'a' && low <= 'z' && from >= 2 && (text.data[from - 1] | 32) == low && (text.data[from - 2] | 32) == low &&
	    out->len && out->data[out->len - 1] == low)
		return false;
	buf_add_char(out, low);
	return true;
}

/* The text in clauses, and in one with blanks only between words of letters. */
static struct slice cut_up(struct arena *a, struct slice text, struct pieces *out)
{
	struct buf one = buf_in(a, text.len * 2 + 8), clause = buf_in(a, text.len * 2 + 8);
	size_t at = 0, from = 0;
	int32_t c, before = 0;
	bool gap = false, end = false;

	out->n = 0;
	out->lost = false;
	while ((c = utf8_next(text, &at)) >= 0) {
		bool ends = ends_clause(c);

		if (ends || is_blank(c)) {
			end = end || ends;
			gap = true;
		} else {
			if (end || (gap && is_han(before) && is_han(c))) {
				if (clause.len)
					add_clause(out, arena_copy(a, buf_slice(&clause)));
				buf_clear(&clause);
			} else if (gap && clause.len && !is_han(before) && !is_han(c)) {
				buf_add_char(&clause, ' ');
			}
			if (gap && one.len && !is_han(before) && !is_han(c))
				buf_add_char(&one, ' ');
			put_char(&clause, text, from, at, c);
			put_char(&one, text, from, at, c);
			before = c;
			gap = end = false;
		}
		from = at;
	}
	if (clause.len)
		add_clause(out, arena_copy(a, buf_slice(&clause)));
	return buf_slice(&one);
}

/* ---- taking off ---- */

size_t phrase_bucket(struct slice s, bool front)
{
	unsigned char edge = s.len ? (unsigned char)s.data[front ? 0 : s.len - 1] : 0;

	if (!front || edge < 0x80 || s.len < 3)
		return edge;
	return (unsigned char)((unsigned char)s.data[1] * 31u + (unsigned char)s.data[2]); /* Chinese: the first byte says little */
}

static void index_side(struct arena *a, const struct phrases *p, bool front, uint16_t **places, uint16_t *from)
{
	uint16_t next[PHRASE_BUCKETS] = {0};

	*places = ARENA_ARRAY(a, uint16_t, p->n + 1);
	for (size_t i = 0; i < p->n; i++)
		from[phrase_bucket(p->list[i], front) + 1]++;
	for (size_t b = 0; b < PHRASE_BUCKETS; b++) {
		from[b + 1] = (uint16_t)(from[b + 1] + from[b]);
		next[b] = from[b];
	}
	for (size_t i = 0; i < p->n; i++)
		(*places)[next[phrase_bucket(p->list[i], front)]++] = (uint16_t)i;
}

void phrases_index(struct arena *a, struct phrases *p)
{
	index_side(a, p, true, &p->front, p->front_from);
	index_side(a, p, false, &p->back, p->back_from);
}

static bool fits_front(struct slice s, struct slice phrase)
{
	return slice_begins(s, phrase) && !(is_letter_at(phrase, phrase.len - 1) && is_letter_at(s, phrase.len));
}

static bool fits_back(struct slice s, struct slice phrase)
{
	return slice_ends(s, phrase) &&
	       !(s.len > phrase.len && is_letter_at(phrase, 0) && is_letter_at(s, s.len - phrase.len - 1));
}

static size_t longest(const struct phrases *list, struct slice s, bool front)
{
	const uint16_t *from = front ? list->front_from : list->back_from, *places = front ? list->front : list->back;
	size_t best = 0, bucket = phrase_bucket(s, front);

	for (size_t i = from[bucket]; s.len && i < from[bucket + 1]; i++) {
		struct slice phrase = list->list[places[i]];

		if (phrase.len <= best || phrase.len > s.len)
			continue;
		if (front ? fits_front(s, phrase) : fits_back(s, phrase))
			best = phrase.len;
	}
	return best;
}

static bool take_phrases(const struct core_rules *r, struct slice *s)
{
	size_t front = longest(&r->before, *s, true), back;

	*s = slice_trim(slice_from(*s, front));
	back = longest(&r->after, *s, false);
	*s = slice_trim(slice_make(s->data, s->len - back));
	return front || back;
}

/* A reason at either end. */
static bool take_reason(const struct core_rules *r, struct matcher *m, struct slice *s)
{
	struct scent scent;
	struct match found;

	scent_of(*s, &scent);
	if (!regexes_match(&r->beside, m, &scent, *s, &found, NULL) || !found.whole.len)
		return false;
	if (found.whole.data == s->data)
		*s = slice_trim(slice_from(*s, found.whole.len));
	else if (found.whole.data + found.whole.len == s->data + s->len)
		*s = slice_trim(slice_make(s->data, s->len - found.whole.len));
	else
		return false;
	return true;
}

static bool is_number(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((s.data[i] < '0' || s.data[i] > '9') && s.data[i] != ' ')
			return false;
	return s.len > 0;
}

/* What is left of a clause; *reason: not only politeness was taken off. */
static struct slice stripped(const struct core_rules *r, struct matcher *m, struct slice s, bool *reason)
{
	for (int i = 0; i < ROUNDS_MAX && s.len; i++) {
		if (take_phrases(r, &s))
			continue;
		if (!take_reason(r, m, &s))
			break;
		*reason = true;
	}
	if (is_number(s)) {
		*reason = true;
		s.len = 0;
	}
	return s;
}

/* ---- spelling ---- */

/* One letter more, less or other in words of five letters and more, or two neighbours swapped. */
static bool is_slip(struct slice got, struct slice word)
{
	size_t head = 0, tail = 0, shorter = got.len < word.len ? got.len : word.len;

	if (got.data[0] != word.data[0] || got.len > word.len + 1 || word.len > got.len + 1)
		return false;
	while (head < shorter && got.data[head] == word.data[head])
		head++;
	while (tail < shorter - head && got.data[got.len - 1 - tail] == word.data[word.len - 1 - tail])
		tail++;
	if (got.len == word.len && head + tail + 2 == got.len && got.data[head] == word.data[head + 1] &&
	    got.data[head + 1] == word.data[head])
		return true;
	if (got.len > word.len && head == word.len && got.data[head] == 's')
		return false; /* "rights" is no slip of "right" */
	return word.len >= 5 && got.len >= 4 && head + tail + 1 >= (got.len > word.len ? got.len : word.len);
}

static struct slice mended(const struct core_rules *r, struct slice word)
{
	struct slice better = word;

	for (size_t i = 0; word.len >= 3 && i < r->spelling.n; i++) {
		struct slice known = r->spelling.list[i];

		if (slice_equal(known, word))
			return word;
		if (better.data == word.data && is_slip(word, known))
			better = known;
	}
	return better;
}

static struct slice spelt(const struct core_rules *r, struct arena *a, struct slice s)
{
	struct buf out = buf_in(a, s.len * 2 + 64);
	bool changed = false;
	size_t at = 0;

	while (at < s.len) {
		size_t end = at;
		struct slice word, better;

		while (is_letter_at(s, end))
			end++;
		if (end == at) {
			buf_add_char(&out, s.data[at++]);
			continue;
		}
		word = slice_make(s.data + at, end - at);
		better = mended(r, word);
		changed = changed || better.data != word.data;
		buf_add(&out, better);
		at = end;
	}
	return changed ? buf_slice(&out) : s;
}

/* ---- the core ---- */

static void fill_as(struct arena *a, struct slice s, struct clause *out)
{
	size_t i = out->n++;

	out->as[i].text = s;
	out->as[i].form = exact_form(a, s);
	out->as[i].bit = word_bit(out->as[i].form);
	out->as[i].scent = ARENA_NEW(a, struct scent);
	scent_of(s, out->as[i].scent);
}

/* Its front taken off only: "kindly connect me with the officer" ends in what may also be an address. */
static struct slice without_front(const struct core_rules *r, struct slice s)
{
	for (int i = 0; i < ROUNDS_MAX; i++) {
		size_t front = longest(&r->before, s, true);

		if (!front || front == s.len)
			break;
		s = slice_trim(slice_from(s, front));
	}
	return s;
}

static void fill(const struct core_rules *r, struct arena *a, struct slice was, struct slice left, struct clause *out)
{
	struct slice tail = without_front(r, was);

	fill_as(a, left, out);
	if (was.len != left.len)
		fill_as(a, was, out);
	if (tail.len != was.len && tail.len != left.len)
		fill_as(a, tail, out);
}

/* A message of nothing but reasons: one of them may be the request ("sorry, I don't speak Chinese"). */
static void fill_reasons(const struct core_rules *r, const struct pieces *pieces, struct arena *a, struct core *out)
{
	for (size_t i = 0; i < pieces->n; i++) {
		struct slice left = pieces->list[i];

		for (int k = 0; k < ROUNDS_MAX && left.len && take_phrases(r, &left); k++)
			;
		if (left.len)
			fill(r, a, pieces->list[i], left, &out->clauses[out->n++]);
	}
}

bool core_of(const struct core_rules *r, struct matcher *m, struct arena *a, struct slice folded, bool spell,
	     struct core *out)
{
	struct slice text = folded, one;
	struct pieces pieces;
	bool reason = false;

	*out = (struct core){0};
	if (!r->before.n || folded.len > TEXT_MAX_BYTES)
		return false;
	one = cut_up(a, text, &pieces);
	if (spell) {
		struct slice better = spelt(r, a, one);

		if (better.data == one.data)
			return false;
		one = better;
		for (size_t i = 0; i < pieces.n; i++)
			pieces.list[i] = spelt(r, a, pieces.list[i]);
	}
	if (pieces.lost || !one.len)
		return false;
	for (size_t i = 0; i < pieces.n; i++) {
		struct slice left = stripped(r, m, pieces.list[i], &reason);

		if (left.len)
			fill(r, a, pieces.list[i], left, &out->clauses[out->n++]);
	}
	out->polite = !out->n && !reason;
	if (!out->n && reason)
		fill_reasons(r, &pieces, a, out);
	if (out->n > 1)
		fill_as(a, stripped(r, m, one, &reason), &out->whole);
	return true;
}

static bool clause_says(const struct word_rule *w, struct matcher *m, const struct clause *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (is_exactly(w, c->as[i].form, c->as[i].bit) ||
		    regexes_match(&w->core, m, c->as[i].scent, c->as[i].text, NULL, NULL) ||
		    regexes_match(&w->match, m, c->as[i].scent, c->as[i].text, NULL, NULL))
			return true;
	return false;
}

bool core_says(const struct word_rule *w, struct matcher *m, const struct core *core)
{
	if (!core->n)
		return false;
	if (clause_says(w, m, &core->whole))
		return true;
	for (size_t i = 0; i < core->n; i++)
		if (!clause_says(w, m, &core->clauses[i]))
			return false;
	return true;
}

/*
 * "Where?": the place out of what people write: 在解放路12号。→ 解放路12号, "hi, I'm new here. It's at 12 Jiefang Road,
 * thanks" → "12 Jiefang Road". What somebody on the ground could not find (那里, 我家楼下, here) is not understood, nor
 * is talk about something else. Pure; nothing here is fatal.
 *
 * The text is cut into clauses. Clauses of talk go, at the front and at the end; what announces a place goes with all
 * that stands before it; fillers go from both ends. What remains must have the words that places are made of.
 */
#include <string.h>

#include "flow/fold.h"
#include "flow/place_rules.h"
#include "flow/speech.h"

#define STRIPS_MAX         12
#define LONGEST_CHARACTERS 160
#define CLAUSES_MAX        24
#define SHORTHAND_MAX      4 /* letters */

static bool says(const struct reading *r, enum place_row what, struct slice text, struct match *m)
{
	for (size_t i = 0; place_rules[i].regex; i++) {
		if (RULE_MEANS(place_rules[i]) != (int)what)
			continue;
		if (kit_match(r->m, KIT_PLACE, i, text, m) && (!m || m->whole.len > 0))
			return true;
	}
	return false;
}

static struct slice strip_lead(const struct reading *r, struct slice text)
{
	struct match m;

	for (int i = 0; i < STRIPS_MAX && says(r, PLACE_LEAD, text, &m) && m.whole.len < text.len; i++)
		text = slice_trim(slice_from(text, m.whole.len));
	return text;
}

static struct slice strip(const struct reading *r, struct slice text)
{
	struct match m;

	text = strip_lead(r, slice_trim(text));
	for (int i = 0; i < STRIPS_MAX && says(r, PLACE_TRAIL, text, &m) && m.whole.len < text.len; i++)
		text = slice_trim(slice_make(text.data, text.len - m.whole.len));
	return text;
}

/* How many bytes of `text` are not white space. */
static size_t ink(struct slice text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.data[i] != ' ';
	return n;
}

/* The part of the original that folded to `place`: 中山北路48號 stays as it was written. */
static struct slice as_written(const struct reading *r, struct slice place)
{
	size_t before = ink(slice_make(r->folded.data, (size_t)(place.data - r->folded.data)));
	size_t behind = before + ink(place), seen = 0, at = 0, from = 0;

	if (slice_find(r->original, place) < r->original.len)
		return place;
	while (at < r->original.len && seen < behind) {
		size_t start = at;

		utf8_next(r->original, &at);
		if (seen <= before)
			from = start;
		seen += ink(fold_text(r->a, slice_make(r->original.data + start, at - start)));
	}
	if (seen != behind)
		return place; /* characters that fold together: the folded form will do */
	return slice_trim(slice_make(r->original.data + from, at - from));
}

/* ---- clauses ---- */

struct clauses {
	struct slice list[CLAUSES_MAX];
	size_t n;
};

/* `before`: letters and digits right before p. */
static bool ends_clause(int32_t p, size_t before, struct slice behind)
{
	if (p == 0x3002 || p == 0xFF0C || p == 0xFF01 || p == 0xFF1B || p == 0xFF1F || p == '\n')
		return true;
	if (p == '.') /* but not "No. 3", "St. Mary's" */
		return before >= SHORTHAND_MAX && (behind.len == 0 || behind.data[0] == ' ');
	return p == ',' || p == '!' || p == ';' || p == '?';
}

/* A question mark stays with its clause: it makes it talk. */
static struct clauses split(struct slice text)
{
	struct clauses c = {0};
	size_t at = 0, from = 0, word = 0;

	while (at < text.len && c.n < CLAUSES_MAX - 1) {
		size_t end = at;
		int32_t p = utf8_next(text, &at);

		if (!ends_clause(p, word, slice_from(text, at))) {
			word = p == ' ' ? 0 : word + 1;
			continue;
		}
		end = p == '?' || p == 0xFF1F ? at : end;
		c.list[c.n] = slice_trim(slice_make(text.data + from, end - from));
		c.n += c.list[c.n].len > 0;
		from = at;
		word = 0;
	}
	c.list[c.n] = slice_trim(slice_from(text, from));
	c.n += c.list[c.n].len > 0;
	return c;
}

static bool is_vague(const struct reading *r, struct slice place)
{
	struct slice plain;
	struct match m;

	if (says(r, PLACE_VAGUE, place, NULL))
		return true;
	if (says(r, PLACE_SUBJECT, place, &m) && says(r, PLACE_VAGUE, slice_from(place, m.whole.len), NULL))
		return true; /* 垃圾堆在我家门口 */
	plain = speech_plain(r->a, place);
	return plain.data != place.data && says(r, PLACE_VAGUE, plain, NULL);
}

/* `named`: it was called a place, so it may be a name without any word that tells so. */
static bool is_place(const struct reading *r, struct slice place, bool named)
{
	size_t characters = utf8_count(place);

	if (characters < 2 || characters > LONGEST_CHARACTERS || is_vague(r, place))
		return false;
	if (says(r, PLACE_STRONG, place, NULL))
		return true;
	return !says(r, PLACE_CHATTER, place, NULL) &&
	       (says(r, PLACE_EVIDENCE, place, NULL) || (named && says(r, PLACE_NAME, place, NULL)));
}

static bool is_talk(const struct reading *r, struct slice clause)
{
	return says(r, PLACE_CHATTER, strip(r, clause), NULL) && !says(r, PLACE_STRONG, clause, NULL);
}

static struct slice from_to(const struct clauses *c, size_t from, size_t to)
{
	const struct slice *last = &c->list[to - 1];

	return slice_make(c->list[from].data, (size_t)(last->data + last->len - c->list[from].data));
}

static bool is_cjk_only(struct slice clause)
{
	for (size_t i = 0; i < clause.len; i++) {
		if (clause.data[i] >= 0)
			return false;
	}
	return true;
}

/* "Sir, at the Red Lion": a clause that begins as an answer does, behind what is no place yet. */
static size_t answer_from(const struct reading *r, const struct clauses *c, size_t from, size_t to)
{
	for (size_t i = to - 1; i > from; i--) {
		if (strip_lead(r, c->list[i]).data != c->list[i].data &&
		    is_place(r, strip(r, from_to(c, i, to)), false) &&
		    !is_place(r, strip(r, from_to(c, from, i)), false))
			return i;
	}
	return from;
}

/* The first run of clauses without talk that is a place. */
static bool find_run(const struct reading *r, struct slice text, bool named, struct slice *out)
{
	struct clauses c = split(text);

	for (size_t from = 0, to; from < c.n; from = to + 1) {
		for (to = from; to < c.n && !is_talk(r, c.list[to]); to++)
			;
		if (to == from)
			continue;
		while (from + 1 < to && is_cjk_only(c.list[from]) && is_vague(r, strip(r, c.list[from])))
			from++;
		from = answer_from(r, &c, from, to);
		*out = strip(r, from_to(&c, from, to));
		if (is_place(r, *out, named))
			return true;
	}
	return false;
}

/* What stands behind the last announcement of a place. */
static bool find_announced(const struct reading *r, struct slice text, struct slice *out)
{
	struct match m;

	for (size_t i = 0; place_rules[i].regex; i++) {
		if (RULE_MEANS(place_rules[i]) == PLACE_ANNOUNCE && kit_match(r->m, KIT_PLACE, i, text, &m) &&
		    find_run(r, slice_from(text, (size_t)(m.whole.data + m.whole.len - text.data)), true, out))
			return true;
	}
	return false;
}

/* 垃圾堆在平安里15号楼后面: the place behind what is there, unless that is a place too. */
static bool find_behind_subject(const struct reading *r, struct slice text, struct slice *out)
{
	struct match m;

	return says(r, PLACE_SUBJECT, text, &m) && !is_place(r, strip(r, m.whole), false) &&
	       find_run(r, slice_from(text, (size_t)(m.whole.data + m.whole.len - text.data)), false, out);
}

bool read_place(const struct reading *r, struct typed *out)
{
	struct slice text = utf8_cut(r->folded, LONGEST_CHARACTERS * 2), place;

	if (says(r, PLACE_PLAIN, text, NULL))
		place = text;
	else if (!find_announced(r, text, &place) && !find_behind_subject(r, strip(r, text), &place) &&
	    !find_run(r, strip(r, text), false, &place))
		return false;
	place = as_written(r, place);
	out->value = out->label = place;
	out->json = json_string(r->a, place);
	return true;
}

/*
 * How a text is cut for SMS: GSM 7 bit has 160 septets alone and 153 a part, anything else 70 and 67 UTF-16 units
 * (3GPP TS 23.038 and TS 23.040 9.2.3.24.1). Pure; the text must be valid UTF-8; nothing here is fatal.
 */
#include "segment.h"

#include "huiyin/charset.h"

#define GSM_SINGLE  160
#define GSM_PART    153
#define UCS2_SINGLE 70
#define UCS2_PART   67

/* What a point costs; it is never cut in two. */
static size_t cost(int32_t point, bool ucs2)
{
	return ucs2 ? (point > 0xFFFF ? 2 : 1) : (size_t)gsm_cost(point);
}

static size_t units_of(struct slice text, bool ucs2)
{
	size_t units = 0;
	int32_t point;

	for (size_t at = 0; (point = utf8_next(text, &at)) >= 0;)
		units += cost(point, ucs2);
	return units;
}

/* Bytes of `text` that fit into `room` units; at least one point, so that cutting always ends. */
static size_t fitting(struct slice text, size_t room, bool ucs2)
{
	size_t at = 0, end = 0, used = 0;
	int32_t point;

	while ((point = utf8_next(text, &at)) >= 0) {
		used += cost(point, ucs2);
		if (used > room && end)
			break;
		end = at;
	}
	return end;
}

struct segments segment_count(struct slice text)
{
	struct segments s = {.ucs2 = !gsm_fits(text)};

	s.units = units_of(text, s.ucs2);
	if (s.units <= (s.ucs2 ? UCS2_SINGLE : GSM_SINGLE)) {
		s.parts = text.len ? 1 : 0;
		return s;
	}
	while (text.len) {
		text = slice_from(text, fitting(text, s.ucs2 ? UCS2_PART : GSM_PART, s.ucs2));
		s.parts++;
	}
	return s;
}

struct slice *segment_parts(struct arena *a, struct slice text, size_t *n)
{
	struct segments s = segment_count(text);
	struct slice *parts = ARENA_ARRAY(a, struct slice, s.parts + 1);

	*n = s.parts;
	for (size_t i = 0; i < s.parts; i++) {
		size_t len = s.parts == 1 ? text.len : fitting(text, s.ucs2 ? UCS2_PART : GSM_PART, s.ucs2);

		parts[i] = slice_make(text.data, len);
		text = slice_from(text, len);
	}
	return parts;
}

/* ---- cutting where a reader would ------------------------------------------------------------------------------- */

/* What must stay with the character before it: marks, joiners, variation selectors, skin tones. */
static bool clings(int32_t p)
{
	return (p >= 0x300 && p <= 0x36F) || (p >= 0x483 && p <= 0x489) || (p >= 0x591 && p <= 0x5BD) ||
	       (p >= 0x610 && p <= 0x61A) || (p >= 0x64B && p <= 0x65F) || p == 0x670 || (p >= 0x93A && p <= 0x93C) ||
	       (p >= 0x93E && p <= 0x94D) || (p >= 0xE31 && p <= 0xE3A && p != 0xE32 && p != 0xE33) ||
	       (p >= 0xE47 && p <= 0xE4E) || (p >= 0x1AB0 && p <= 0x1AFF) || (p >= 0x1DC0 && p <= 0x1DFF) ||
	       p == 0x200D || (p >= 0x20D0 && p <= 0x20FF) || (p >= 0x302A && p <= 0x302F) || p == 0x3099 ||
	       p == 0x309A || (p >= 0xFE00 && p <= 0xFE0F) || (p >= 0xFE20 && p <= 0xFE2F) ||
	       (p >= 0x1F3FB && p <= 0x1F3FF) || (p >= 0xE0020 && p <= 0xE01EF);
}

static bool is_flag(int32_t p)
{
	return p >= 0x1F1E6 && p <= 0x1F1FF;
}

/* May one cut between these neighbours? `flags`: regional indicators right before the cut, which go in pairs. */
static bool parts_between(int32_t before, int32_t after, size_t flags)
{
	return after < 0 || (!clings(after) && before != 0x200D && !(before == '\r' && after == '\n') &&
			     !(is_flag(after) && flags % 2));
}

static bool ends_sentence(int32_t p)
{
	return p == '.' || p == '!' || p == '?' || p == 0x3002 || p == 0xFF01 || p == 0xFF1F || p == 0xFF1B;
}

/* How good a place behind `p` is: 3 a line break, 2 a sentence's end, 1 a space or comma, 0 anywhere. */
static int rank(int32_t before, int32_t p)
{
	if (p == '\n')
		return 3;
	if (p == ' ')
		return ends_sentence(before) ? 2 : 1;
	if (p > 0x3000 && ends_sentence(p))
		return 2;
	return p == 0x3000 || p == 0xFF0C || p == 0x3001 ? 1 : 0;
}

/* Bytes of the next piece: the best place in the last third, else the last lawful one, else what fits at all. */
static size_t piece_length(struct slice text, size_t max_units)
{
	size_t at = 0, used = 0, flags = 0, lawful = 0, best = 0;
	int32_t before = -1, point, after;
	int best_rank = 1;

	if (text.len <= max_units) /* a unit has at least one byte */
		return text.len;
	point = utf8_next(text, &at);

	while (point >= 0) {
		size_t end = at;

		used += cost(point, true);
		if (used > max_units)
			break;
		after = utf8_next(text, &at);
		flags = is_flag(point) ? flags + 1 : 0;
		if (after < 0)
			return end;
		if (parts_between(point, after, flags)) {
			lawful = end;
			if (used * 3 > max_units * 2 && rank(before, point) >= best_rank) {
				best = end;
				best_rank = rank(before, point);
			}
		}
		before = point;
		point = after;
	}
	if (best)
		return best;
	return lawful ? lawful : fitting(text, max_units, true);
}

struct slice *segment_cut(struct arena *a, struct slice text, size_t max_units, size_t *n)
{
	size_t count = 0, len;
	struct slice *pieces;

	for (struct slice rest = text; rest.len; rest = slice_from(rest, piece_length(rest, max_units)))
		count++;
	pieces = ARENA_ARRAY(a, struct slice, count + 1);
	for (size_t i = 0; i < count; i++) {
		len = piece_length(text, max_units);
		pieces[i] = slice_make(text.data, len);
		text = slice_from(text, len);
	}
	*n = count;
	return pieces;
}

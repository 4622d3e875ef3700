/*
 * UTF-8 as RFC 3629 and Unicode 3.9 (table 3-7) have it: no overlong form, no surrogate, nothing beyond U+10FFFF; and
 * by our own rule no NUL. Nothing here is fatal.
 */
#include "huiyin/text.h"

#include <string.h>

#define ALL_HIGH_BITS 0x8080808080808080ULL
#define ALL_ONES      0x0101010101010101ULL
#define REPLACEMENT   0xFFFD

/* How many bytes from s are plain ASCII without NUL, counted in eights. */
static size_t ascii_run(const unsigned char *s, size_t n)
{
	size_t i = 0;
	uint64_t eight;

	while (i + 8 <= n) {
		memcpy(&eight, s + i, 8);
		/* With no high bit set, taking one from each byte sets a high bit only where a byte was zero. */
		if ((eight | (eight - ALL_ONES)) & ALL_HIGH_BITS)
			break;
		i += 8;
	}
	return i;
}

/* What may follow a lead byte: how many more, and the bounds of the second. False for a byte that cannot lead. */
static bool lead_byte(unsigned char c, size_t *more, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xBF;
	if (c >= 0xC2 && c <= 0xDF) {
		*more = 1;
	} else if (c >= 0xE0 && c <= 0xEF) {
		*more = 2;
		if (c == 0xE0)
			*low = 0xA0; /* below it would be overlong */
		if (c == 0xED)
			*high = 0x9F; /* above it are the surrogates */
	} else if (c >= 0xF0 && c <= 0xF4) {
		*more = 3;
		if (c == 0xF0)
			*low = 0x90;
		if (c == 0xF4)
			*high = 0x8F;
	} else {
		return false;
	}
	return true;
}

/*
 * Looks at the sequence that begins at s (n > 0 bytes left). True: whole and valid, *len bytes. False: *len is the
 * "maximal subpart" that one U+FFFD stands for (Unicode 3.9), at least 1.
 */
static bool sequence(const unsigned char *s, size_t n, size_t *len)
{
	unsigned char low, high;
	size_t more;

	*len = 1;
	if (s[0] < 0x80)
		return s[0] != 0;
	if (!lead_byte(s[0], &more, &low, &high))
		return false;
	for (size_t i = 1; i <= more; i++) {
		if (i >= n || s[i] < low || s[i] > high)
			return false;
		*len = i + 1;
		low = 0x80;
		high = 0xBF;
	}
	return true;
}

/* A sequence of three whose bytes may be anything that follows: nearly all of Chinese. */
static inline bool is_three(const unsigned char *s, size_t n)
{
	return n >= 3 && s[0] >= 0xE1 && s[0] <= 0xEC && (s[1] & 0xC0) == 0x80 && (s[2] & 0xC0) == 0x80;
}

/* Length of the valid beginning. */
static size_t valid_run(struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.data;
	size_t i = 0, len;

	while (i < s.len) {
		if (p[i] < 0x80) {
			i += ascii_run(p + i, s.len - i);
			if (i == s.len)
				break;
		}
		if (p[i] - 1u < 0x7F) {
			i++;
		} else if (is_three(p + i, s.len - i)) {
			i += 3;
		} else {
			if (!sequence(p + i, s.len - i, &len))
				break;
			i += len;
		}
	}
	return i;
}

bool utf8_valid(struct slice s)
{
	return valid_run(s) == s.len;
}

struct slice utf8_repair(struct arena *a, struct slice s)
{
	size_t good = valid_run(s), len;
	struct buf b;

	if (good == s.len)
		return s;
	b = buf_in(a, s.len * 3); /* one bad byte becomes three */
	while (s.len) {
		buf_add(&b, slice_make(s.data, good));
		s = slice_from(s, good);
		if (!s.len)
			break;
		sequence((const unsigned char *)s.data, s.len, &len);
		buf_add(&b, S("\xEF\xBF\xBD"));
		s = slice_from(s, len);
		good = valid_run(s);
	}
	return buf_slice(&b);
}

static bool continues(char c)
{
	return ((unsigned char)c & 0xC0) == 0x80;
}

size_t utf8_count(struct slice s)
{
	size_t points = 0;

	for (size_t i = 0; i < s.len; i++)
		points += !continues(s.data[i]);
	return points;
}

struct slice utf8_cut(struct slice s, size_t max_points)
{
	size_t i = 0;

	if (max_points >= s.len)
		return s;
	for (; i < s.len; i++) {
		if (!continues(s.data[i]) && max_points-- == 0)
			break;
	}
	return (struct slice){s.data, i};
}

/* Text that is not valid after all is read as U+FFFD: wrong, but never out of bounds. */
int32_t utf8_next(struct slice s, size_t *at)
{
	static const unsigned char lead_mask[] = {0x7F, 0x1F, 0x0F, 0x07};
	const unsigned char *p;
	size_t len;
	int32_t point;

	if (*at >= s.len)
		return -1;
	p = (const unsigned char *)s.data + *at;
	if (p[0] < 0x80) {
		(*at)++;
		return p[0];
	}
	if (is_three(p, s.len - *at)) {
		*at += 3;
		return (p[0] & 0x0F) << 12 | (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
	}
	if (!sequence(p, s.len - *at, &len)) {
		*at += len;
		return REPLACEMENT;
	}
	*at += len;
	point = p[0] & lead_mask[len - 1];
	for (size_t i = 1; i < len; i++)
		point = point << 6 | (p[i] & 0x3F);
	return point;
}

size_t utf8_encode(uint32_t point, char out[4])
{
	if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
		point = REPLACEMENT;
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xC0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3F));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xE0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3F));
		out[2] = (char)(0x80 | (point & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3F));
	out[2] = (char)(0x80 | (point >> 6 & 0x3F));
	out[3] = (char)(0x80 | (point & 0x3F));
	return 4;
}

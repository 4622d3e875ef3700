/*
 * Case numbers and query codes. A number is for people: short, dated, read aloud, typed on a keypad; its Damm digit
 * catches every single wrong digit and every swap of neighbours. A code is for proof: ten random digits.
 */
#include "huiyin/case.h"

static const uint8_t DAMM[10][10] = {
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3}, {4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6}, {6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7}, {9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
};
#define DIGITS_MIN 11 /* yymmdd + 4 of sequence + check */
#define DIGITS_MAX 13

static int damm(const char *digits, size_t n)
{
	int interim = 0;

	for (size_t i = 0; i < n; i++)
		interim = DAMM[interim][digits[i] - '0'];
	return interim;
}

struct slice case_number_make(struct arena *a, int64_t now, const struct zone *z, int64_t sequence)
{
	struct civil c = wall_civil(now, z);
	struct slice plain = arena_printf(a, "%02d%02d%02d%04lld", c.year % 100, c.month, c.day, (long long)sequence);

	return arena_printf(a, "%.6s-%.*s-%d", plain.data, (int)plain.len - 6, plain.data + 6,
			    damm(plain.data, plain.len));
}

/* The digit at *at, ASCII or full width; -1 if none. Moves behind it. */
static int digit_at(struct slice s, size_t *at)
{
	unsigned char c = (unsigned char)s.data[*at];

	if (c >= '0' && c <= '9') {
		++*at;
		return c - '0';
	}
	if (c == 0xEF && *at + 2 < s.len && (unsigned char)s.data[*at + 1] == 0xBC) {
		unsigned char last = (unsigned char)s.data[*at + 2];
		if (last >= 0x90 && last <= 0x99) {
			*at += 3;
			return last - 0x90;
		}
	}
	return -1;
}

/* Dashes of all kinds and single spaces may stand between the groups. */
static bool joiner_at(struct slice s, size_t *at)
{
	static const char *const joiners[] = {"-", " ", "\xEF\xBC\x8D", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x90"};

	for (size_t i = 0; i < sizeof joiners / sizeof *joiners; i++)
		if (slice_begins(slice_from(s, *at), slice_of(joiners[i]))) {
			*at += slice_of(joiners[i]).len;
			return true;
		}
	return false;
}

static bool plausible(const char *d, size_t n)
{
	int month = (d[2] - '0') * 10 + d[3] - '0', day = (d[4] - '0') * 10 + d[5] - '0';

	return n >= DIGITS_MIN && n <= DIGITS_MAX && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
	       damm(d, n) == 0;
}

/*
 * Reads digits with joiners from *at; stops before what is neither, or before a joiner when what stands there is a whole
 * number already ("261121-0042-7 2": a number, then a rating). Gives the count; more than DIGITS_MAX is no number.
 */
static size_t run_at(struct slice s, size_t *at, char digits[DIGITS_MAX + 1])
{
	size_t n = 0;

	while (*at < s.len) {
		size_t here = *at;
		int d = digit_at(s, &here);

		if (d < 0 && n && plausible(digits, n))
			break;
		if (d < 0 && n && joiner_at(s, &here) && here < s.len)
			d = digit_at(s, &here);
		if (d < 0)
			break;
		*at = here;
		if (n <= DIGITS_MAX)
			digits[n < DIGITS_MAX ? n : DIGITS_MAX] = (char)('0' + d);
		n++;
	}
	return n;
}

size_t case_number_find(struct arena *a, struct slice text, struct slice *out, size_t max)
{
	size_t found = 0, at = 0;

	while (at < text.len && found < max) {
		char d[DIGITS_MAX + 1];
		size_t n = run_at(text, &at, d);

		if (n >= DIGITS_MIN && n <= DIGITS_MAX && plausible(d, n))
			out[found++] = arena_printf(a, "%.6s-%.*s-%c", d, (int)n - 7, d + 6, d[n - 1]);
		if (!n)
			at++;
	}
	return found;
}

bool case_number_read(struct arena *a, struct slice text, struct slice *canonical)
{
	struct slice t = slice_trim(text);
	char d[DIGITS_MAX + 1];
	size_t at = 0, n;

	if (!t.len)
		return false;
	n = run_at(t, &at, d);
	if (at != t.len || n < DIGITS_MIN || n > DIGITS_MAX || !plausible(d, n))
		return false;
	*canonical = arena_printf(a, "%.6s-%.*s-%c", d, (int)n - 7, d + 6, d[n - 1]);
	return true;
}

struct slice case_code_make(struct arena *a, uint64_t random)
{
	return arena_printf(a, "%010llu", (unsigned long long)(random % UINT64_C(10000000000)));
}

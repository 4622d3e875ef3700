/*
 * Slices: borrowed bytes with a length, and the few questions one asks of them. Also the two ways to give up.
 * Nothing here allocates. panic() and exhausted() are fatal by definition; nothing else here is.
 */
#include "huiyin/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "huiyin/log.h"

struct slice slice_of(const char *c_string)
{
	return (struct slice){c_string, c_string ? strlen(c_string) : 0};
}

struct slice slice_make(const char *data, size_t len)
{
	return (struct slice){data, len};
}

bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool slice_is(struct slice a, const char *c_string)
{
	return slice_equal(a, slice_of(c_string));
}

static unsigned char lower(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* Not strncasecmp: that one follows the locale. */
bool slice_equal_ignoring_case(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.data[i]) != lower(b.data[i]))
			return false;
	}
	return true;
}

bool slice_begins(struct slice whole, struct slice prefix)
{
	return whole.len >= prefix.len && slice_equal((struct slice){whole.data, prefix.len}, prefix);
}

bool slice_ends(struct slice whole, struct slice suffix)
{
	return whole.len >= suffix.len && slice_equal(slice_from(whole, whole.len - suffix.len), suffix);
}

int slice_compare(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = n ? memcmp(a.data, b.data, n) : 0;

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct slice slice_trim(struct slice s)
{
	while (s.len && is_space(s.data[0]))
		s = slice_from(s, 1);
	while (s.len && is_space(s.data[s.len - 1]))
		s.len--;
	return s;
}

struct slice slice_from(struct slice s, size_t from)
{
	if (from > s.len)
		from = s.len;
	return (struct slice){s.data ? s.data + from : NULL, s.len - from};
}

size_t slice_find(struct slice whole, struct slice needle)
{
	const char *hit;

	if (needle.len == 0)
		return 0;
	if (whole.len < needle.len)
		return whole.len;
	hit = memmem(whole.data, whole.len, needle.data, needle.len);
	return hit ? (size_t)(hit - whole.data) : whole.len;
}

/* A separator at the very end closes the last piece; it does not begin an empty one. */
bool slice_next(struct slice *rest, char sep, struct slice *piece)
{
	const char *hit;

	if (rest->len == 0)
		return false;
	hit = memchr(rest->data, sep, rest->len);
	*piece = (struct slice){rest->data, hit ? (size_t)(hit - rest->data) : rest->len};
	*rest = slice_from(*rest, piece->len + 1);
	return true;
}

bool slice_to_int(struct slice s, int64_t *out)
{
	bool minus = s.len && s.data[0] == '-';
	int64_t value = 0;

	if (minus)
		s = slice_from(s, 1);
	if (s.len == 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		int digit = s.data[i] - '0';

		/* Summed below zero, where there is room for one number more. */
		if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, digit, &value))
			return false;
	}
	if (!minus && value == INT64_MIN)
		return false;
	*out = minus ? value : -value;
	return true;
}

_Noreturn void panic(const char *fmt, ...)
{
	char line[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	fprintf(stderr, "huiyin: panic: %s\n", line);
	fflush(stderr);
	abort();
}

/* No core, no abort: the program is sound. The line is put together on the stack, as the log does it. */
_Noreturn void exhausted(const char *what, ...)
{
	char line[256];
	va_list args;

	va_start(args, what);
	vsnprintf(line, sizeof(line), what, args);
	va_end(args);
	log_line(LOG_ERROR_, "base", "out of memory; stopping, nothing acknowledged is lost", "for", line, "mend",
		 "give the gateway more memory and start it again", NULL);
	_exit(EXHAUSTED_STATUS);
}

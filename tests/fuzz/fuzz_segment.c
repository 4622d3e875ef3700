/* Segmentation: whatever the text and the limit, the pieces joined are the text and each is within its limit. */
#include <stdlib.h>

#include "delivery/segment.h"
#include "huiyin/charset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static size_t utf16_units(struct slice s)
{
	size_t n = 0;

	for (size_t at = 0; at < s.len;)
		n += utf8_next(s, &at) > 0xFFFF ? 2 : 1;
	return n;
}

static void check_joined(const struct slice *parts, size_t n, struct slice text)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		check(parts[i].len && parts[i].data == text.data + at && utf8_valid(parts[i]));
		at += parts[i].len;
	}
	check(at == text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	size_t n, max = size ? (size_t)data[0] + 1 : 1;
	struct slice raw = {(const char *)data + (size > 0), size - (size > 0)}, text = utf8_repair(a, raw), septets;
	struct segments s = segment_count(text);
	struct slice *parts = segment_parts(a, text, &n);

	check(n == s.parts);
	check_joined(parts, n, text);
	for (size_t i = 0; i < n && s.ucs2; i++)
		check(utf16_units(parts[i]) <= (n == 1 ? 70 : 67));
	check(s.ucs2 == !gsm_encode(a, text, &septets));
	check(s.ucs2 || (septets.len == s.units && slice_equal(gsm_decode(a, septets), text)));
	check(slice_equal(charset_decode(a, CHARSET_UTF16BE, utf16be_encode(a, text)), text) ||
	      slice_begins(text, S("\uFEFF")));
	for (int c = CHARSET_UTF8; c <= CHARSET_GSM; c++)
		check(utf8_valid(charset_decode(a, (enum charset)c, raw)));
	parts = segment_cut(a, text, max, &n);
	check_joined(parts, n, text);
	for (size_t i = 0; i < n; i++)
		check(utf16_units(parts[i]) <= max || utf8_count(parts[i]) == 1);
	arena_close(&a);
	return 0;
}

/* UTF-8: the fast check agrees with decoding one by one, and repaired text is valid and complete. */
#include <stdlib.h>
#include <string.h>

#include "huiyin/clock.h"
#include "huiyin/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int ok)
{
	if (!ok)
		abort();
}

/* Decodes and encodes again; the same bytes come out exactly when the text was valid. */
static bool valid_slowly(struct arena *a, struct slice s)
{
	struct buf b = buf_in(a, s.len * 3 + 1);
	size_t at = 0;
	char point[4];

	for (int32_t c; (c = utf8_next(s, &at)) >= 0;) {
		if (c == 0)
			return false;
		buf_add(&b, slice_make(point, utf8_encode((uint32_t)c, point)));
	}
	return slice_equal(buf_slice(&b), s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = {(const char *)data, size}, fixed, cut;
	struct arena *a = arena_open(0);
	int64_t ms;

	check(utf8_valid(s) == valid_slowly(a, s));
	fixed = utf8_repair(a, s);
	check(utf8_valid(fixed));
	for (size_t points = 0; points < 20; points++) {
		cut = utf8_cut(fixed, points);
		check(utf8_valid(cut) && utf8_count(cut) <= points);
		check(cut.len == fixed.len || utf8_count(cut) == points);
	}
	iso_wall(s, &ms);
	duration_parse(s, &ms);
	slice_to_int(slice_trim(s), &ms);
	arena_close(&a);
	return 0;
}

/* One byte for type and language, then an answer: what is understood is well formed, and no date lies ahead. */
#include <stdlib.h>
#include <string.h>

#include "flow/numerals.h"
#include "flow/types.h"
#include "huiyin/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW   1794967200000 /* 2026-11-18 10:00 +08:00 */
#define TODAY "2026-11-18"

static void check(int ok)
{
	if (!ok)
		abort();
}

static void check_typed(struct arena *a, struct slice type, const struct typed *t)
{
	const struct json *j = json_read(a, t->json, NULL);

	check(t->value.len > 0 && t->label.len > 0 && j != NULL);
	check(utf8_valid(t->value) && utf8_valid(t->label));
	if (slice_is(type, "date")) {
		check(t->value.len == 4 || t->value.len == 7 || t->value.len == 10);
		check(memcmp(t->value.data, TODAY, t->value.len) <= 0);
	}
	if (slice_is(type, "number"))
		check(j->kind == JSON_NUMBER);
	else
		check(j->kind == JSON_STRING && slice_equal(j->text, t->value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct matcher *matcher; /* opened once: it compiles two hundred patterns */
	static struct zone *zone;
	struct arena *a = arena_open(0);
	struct typed t;
	struct slice text, type;
	int64_t number;

	if (!matcher) {
		matcher = matcher_open();
		zone = zone_open("Asia/Shanghai");
	}
	if (size > 0) {
		text = utf8_repair(a, slice_make((const char *)data + 1, size - 1));
		type = slice_of(type_names[data[0] % 8]);
		if (type_read(matcher, a, type, text, data[0] & 0x80 ? S("en") : S("zh"), NOW, zone, &t))
			check_typed(a, type, &t);
		numeral_read(text, &number);
		check(utf8_valid(numerals_to_digits(a, text)) && utf8_valid(numerals_english(a, text)));
	}
	arena_close(&a);
	return 0;
}

/* A pattern, a line feed, a text: whatever compiles runs within its limits, and what it finds lies in the text. */
#include <stdlib.h>
#include <string.h>

#include "flow/fold.h"
#include "flow/match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int ok)
{
	if (!ok)
		abort();
}

static void check_inside(struct slice part, struct slice whole)
{
	check(part.data == NULL || (part.data >= whole.data && part.data + part.len <= whole.data + whole.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct matcher *m; /* opened once: it compiles the types' patterns */
	struct slice input = {(const char *)data, size}, source = {0}, text;
	struct arena *a = arena_open(0);
	const char *why = NULL;
	size_t offset = 0;
	struct pattern *p;
	struct match found;
	int digit;

	if (!m)
		m = matcher_open();
	slice_next(&input, '\n', &source);
	text = fold_text(a, utf8_repair(a, input));
	check(utf8_valid(text));
	if (fold_menu_digit(text, &digit))
		check(digit >= 1 && digit <= 99);
	p = pattern_compile(source, &why, &offset);
	check((p == NULL) == (why != NULL) && offset <= source.len);
	if (p && pattern_match(p, m, text, &found) == MATCHED_YES) {
		check(found.n == pattern_groups(p));
		check_inside(found.whole, text);
		for (size_t i = 0; i < found.n; i++)
			check_inside(found.values[i], text);
	}
	check(matcher_most_steps(m) < MATCH_STEPS + PATTERN_MAX_BYTES);
	pattern_free(&p);
	arena_close(&a);
	return 0;
}

/* JSON: no input crashes the reader; what it takes is valid UTF-8, is written back, and is then read the same. */
#include <stdlib.h>

#include "huiyin/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int ok)
{
	if (!ok)
		abort();
}

static void check_texts(const struct json *j)
{
	check(utf8_valid(j->text));
	for (size_t i = 0; i < j->n; i++) {
		if (j->keys)
			check(utf8_valid(j->keys[i]));
		check_texts(j->items[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	struct arena *a = arena_open(0);
	struct buf once = buf_in(a, 16 << 20), twice = buf_in(a, 16 << 20);
	const char *why;
	struct json *j = json_read(a, text, &why), *again;

	check(!j == !!why);
	if (j) {
		check_texts(j);
		json_put(&once, j);
		again = json_read(a, buf_slice(&once), NULL);
		check(again != NULL);
		json_put(&twice, again);
		check(slice_equal(buf_slice(&once), buf_slice(&twice)));
		json_at(j, text);
		json_at(j, S("/a/0/b"));
	}
	buf_clear(&once);
	json_put_string(&once, utf8_repair(a, text));
	arena_close(&a);
	return 0;
}

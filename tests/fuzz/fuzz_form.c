/* Forms: no input crashes the reader; what it gives is written and read back the same. */
#include <stdlib.h>

#include "huiyin/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	struct arena *a = arena_open(0);
	struct buf b = buf_in(a, 16 << 20);
	struct form f, again;

	if (form_read(a, text, &f)) {
		check(f.n <= FORM_MAX_FIELDS);
		for (size_t i = 0; i < f.n; i++)
			form_put(&b, f.fields[i].name, f.fields[i].value);
		check(form_read(a, buf_slice(&b), &again));
		check(again.n == f.n);
		for (size_t i = 0; i < f.n; i++) {
			check(slice_equal(f.fields[i].name, again.fields[i].name));
			check(slice_equal(f.fields[i].value, again.fields[i].value));
		}
		form_get(&f, "a");
	}
	check(url_decode(a, text, false).len <= size);
	buf_clear(&b);
	url_put(&b, text);
	check(slice_equal(url_decode(a, buf_slice(&b), true), text));
	arena_close(&a);
	return 0;
}

/* YAML: no input crashes the reader; it gives a tree, or errors with places in the file and advice; never both. */
#include <stdlib.h>

#include "huiyin/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int ok)
{
	if (!ok)
		abort();
}

static void walk(struct diags *d, const struct yaml *y)
{
	static const char *const known[] = {"say", "match"};

	check(utf8_valid(y->text) && y->line >= 1 && y->column >= 1);
	yaml_only(d, y, known, 2);
	yaml_text(d, y, "say", S(""));
	yaml_int(d, y, "match", 0, 10, 1);
	yaml_duration(d, y, "match", 1);
	for (size_t i = 0; i < y->n; i++) {
		if (y->keys)
			check(y->keys[i]->kind == YAML_SCALAR);
		walk(d, y->items[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct diags d = diags_in(a);
	struct buf out = buf_in(a, 16 << 20);
	struct yaml *y = yaml_parse(a, S("f.yaml"), slice_make((const char *)data, size), &d);

	check((y == NULL) == (d.errors > 0));
	if (y)
		walk(&d, y);
	for (size_t i = 0; i < d.n; i++)
		check(d.list[i].line >= 0 && d.list[i].column >= 0 && d.list[i].what.len &&
		      utf8_valid(d.list[i].excerpt));
	diags_print(&d, &out, false);
	check(utf8_valid(buf_slice(&out)));
	arena_close(&a);
	return 0;
}

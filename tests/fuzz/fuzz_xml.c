/* XML: no input crashes the reader, nothing grows beyond it, and what is escaped is read back the same. */
#include <stdlib.h>

#include "huiyin/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int ok)
{
	if (!ok)
		abort();
}

/* All text of the tree together; every piece must be valid. */
static size_t text_of(const struct xml *x)
{
	size_t n = 0;

	for (; x; x = x->next) {
		check(utf8_valid(x->text) && utf8_valid(x->name));
		n += x->text.len + text_of(x->first);
		for (size_t i = 0; i < x->n_attributes; i++) {
			check(utf8_valid(x->attribute_values[i]));
			n += x->attribute_values[i].len;
		}
	}
	return n;
}

/* XML has no control characters, so they come back as U+FFFD; everything else must come back itself. */
static void round_trip(struct arena *a, struct slice text)
{
	struct buf b = buf_in(a, 64 << 20), expected = buf_in(a, 64 << 20);
	size_t at = 0, from = 0;
	struct xml *x;

	for (int32_t c; (c = utf8_next(text, &at)) >= 0; from = at) {
		bool refused = (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE || c == 0xFFFF;

		buf_add(&expected, refused ? S("\xEF\xBF\xBD") : slice_make(text.data + from, at - from));
	}
	buf_add_c(&b, "<r v='");
	xml_put(&b, text);
	buf_add_c(&b, "'>");
	xml_put(&b, text);
	buf_add_c(&b, "</r>");
	x = xml_read(a, buf_slice(&b), NULL);
	check(x != NULL);
	check(slice_equal(xml_at(x, S("r")), buf_slice(&expected)));
	check(slice_equal(xml_at(x, S("r/@v")), buf_slice(&expected)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = {(const char *)data, size};
	struct arena *a = arena_open(0);
	const char *why;
	struct xml *x = xml_read(a, text, &why);

	check(!x == !!why);
	check(text_of(x) <= size);
	xml_at(x, S("xml/MsgId"));
	xml_at(x, S("a/b/@c"));
	xml_at(x, text);
	round_trip(a, utf8_repair(a, text));
	arena_close(&a);
	return 0;
}

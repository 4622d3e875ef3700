/* Single values of an answer of PostgreSQL, which come in binary: numbers big-endian, texts and bytes as they are. */
#include "store/pg_wire.h"

#include <string.h>

int64_t pg_int(const struct pg *p, int place, size_t row, int column)
{
	struct slice s = pg_peek(p, place, row, column);
	const unsigned char *from = (const unsigned char *)s.data;
	int64_t value;

	if (s.len < 1 || s.len > 8)
		return 0;
	value = s.len > 1 && from[0] & 0x80 ? -1 : 0;
	for (size_t i = 0; i < s.len; i++)
		value = (int64_t)((uint64_t)value << 8 | from[i]);
	return value;
}

struct slice pg_text(const struct pg *p, int place, size_t row, int column, struct arena *a)
{
	return arena_copy(a, pg_peek(p, place, row, column));
}

struct hash16 pg_hash(const struct pg *p, int place, size_t row, int column)
{
	struct slice s = pg_peek(p, place, row, column);
	struct hash16 h = {{0}};

	memcpy(h.bytes, s.data, s.len < sizeof h.bytes ? s.len : sizeof h.bytes);
	return h;
}

/*
 * Parameters of a statement in PostgreSQL's binary form: numbers big-endian, arrays with their head and a length before
 * each element. Pure. Fatal: more parameters than a statement may have, which is a bug.
 */
#include "store/pg_pack.h"

#include <string.h>

#define ARRAY_HEAD_BYTES 20

enum { OID_BYTEA = 17, OID_INT8 = 20, OID_INT2 = 21, OID_INT4 = 23, OID_TEXT = 25 };
enum { OID_BYTEAS = 1001, OID_INT2S = 1005, OID_INT4S = 1007, OID_TEXTS = 1009, OID_INT8S = 1016 };

static void put_big(char *to, uint64_t value, int bytes)
{
	for (int i = bytes - 1; i >= 0; i--, value >>= 8)
		to[i] = (char)(value & 0xff);
}

static void give(struct pg_parameters *v, unsigned type, const char *value, size_t len)
{
	v->types[v->n] = type;
	v->values[v->n] = value;
	v->lengths[v->n] = (int)len;
	v->formats[v->n++] = 1;
}

static void give_int(struct arena *a, struct pg_parameters *v, unsigned type, int64_t value, int bytes)
{
	char *to = arena_alloc(a, 8);

	put_big(to, (uint64_t)value, bytes);
	give(v, type, to, (size_t)bytes);
}

/* An array of PostgreSQL: dimensions, a flag for NULLs, the type, count and first index; then a length before each. */
static char *array_head(struct arena *a, unsigned type, size_t n, size_t body)
{
	char *to = arena_alloc(a, ARRAY_HEAD_BYTES + body);

	put_big(to, n ? 1 : 0, 4);
	put_big(to + 4, 1, 4);
	put_big(to + 8, type, 4);
	put_big(to + 12, n, 4);
	put_big(to + 16, 1, 4);
	return to;
}

static void give_ints(struct arena *a, struct pg_parameters *v, char kind, const void *list, size_t n)
{
	int bytes = kind == 'I' ? 8 : kind == 'D' ? 4 : 2;
	unsigned one = kind == 'I' ? OID_INT8 : kind == 'D' ? OID_INT4 : OID_INT2;
	unsigned many = kind == 'I' ? OID_INT8S : kind == 'D' ? OID_INT4S : OID_INT2S;
	size_t body = n * (4 + (size_t)bytes);
	char *head = array_head(a, one, n, body), *to = head + ARRAY_HEAD_BYTES;

	for (size_t i = 0; i < n; i++, to += 4 + bytes) {
		int64_t value = kind == 'I' ? ((const int64_t *)list)[i] : ((const int *)list)[i];

		put_big(to, (uint64_t)bytes, 4);
		put_big(to + 4, (uint64_t)value, bytes);
	}
	give(v, many, head, n ? ARRAY_HEAD_BYTES + body : 12);
}

static void give_slices(struct arena *a, struct pg_parameters *v, char kind, const struct slice *list, size_t n)
{
	bool text = kind == 'S' || kind == 'N';
	size_t body = 0, said = 0;
	char *head, *to;

	for (size_t i = 0; i < n; i++) {
		body += 4 + list[i].len;
		said += list[i].len;
	}
	if (!said && (kind == 'N' || kind == 'M'))
		n = body = 0;
	head = array_head(a, text ? OID_TEXT : OID_BYTEA, n, body);
	to = head + ARRAY_HEAD_BYTES;
	for (size_t i = 0; i < n; i++) {
		put_big(to, list[i].len ? list[i].len : UINT64_MAX, 4);
		if (list[i].len)
			memcpy(to + 4, list[i].data, list[i].len);
		to += 4 + list[i].len;
	}
	give(v, text ? OID_TEXTS : OID_BYTEAS, head, n ? ARRAY_HEAD_BYTES + body : 12);
}

static void give_hashes(struct arena *a, struct pg_parameters *v, const struct hash16 *list, size_t n)
{
	struct slice *names = ARENA_ARRAY(a, struct slice, n + 1);

	for (size_t i = 0; i < n; i++)
		names[i] = slice_make((const char *)list[i].bytes, sizeof list[i].bytes);
	give_slices(a, v, 'B', names, n);
}

static void give_slice(struct arena *a, struct pg_parameters *v, char kind, struct slice s)
{
	const char *value = s.len || kind == 't' ? arena_cstr(a, s) : NULL;

	give(v, kind == 'b' ? OID_BYTEA : OID_TEXT, value, s.len);
}

static void give_list(struct arena *a, struct pg_parameters *v, char kind, const void *list, size_t n)
{
	if (kind == 'H')
		give_hashes(a, v, list, n);
	else if (strchr("SNBM", kind))
		give_slices(a, v, kind, list, n);
	else
		give_ints(a, v, kind, list, n);
}

void pg_take_parameters(struct arena *a, struct pg_parameters *v, const char *types, va_list args)
{
	const struct hash16 *hash;

	for (v->n = 0; *types; types++) {
		if (v->n == PG_PARAMETERS_MAX)
			panic("store: a statement with more than %d parameters", PG_PARAMETERS_MAX);
		switch (*types) {
		case 'i':
			give_int(a, v, OID_INT8, va_arg(args, int64_t), 8);
			break;
		case 'd':
			give_int(a, v, OID_INT4, va_arg(args, int), 4);
			break;
		case 'w':
			give_int(a, v, OID_INT2, va_arg(args, int), 2);
			break;
		case 's':
		case 't':
		case 'b':
			give_slice(a, v, *types, va_arg(args, struct slice));
			break;
		case 'h':
			hash = va_arg(args, const struct hash16 *);
			give(v, OID_BYTEA, arena_copy(a, slice_make((const char *)hash->bytes, sizeof hash->bytes)).data,
			     sizeof hash->bytes);
			break;
		default: {
			const void *list = va_arg(args, const void *);
			give_list(a, v, *types, list, va_arg(args, size_t));
		}
		}
	}
}

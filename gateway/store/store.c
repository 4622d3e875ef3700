/* The front of the stores: which there are, and how one is opened by its address. Nothing here is fatal. */
#include "huiyin/store.h"

#include <string.h>

#define STORE(name) extern const struct store_kind store_##name;
#include "store/stores.def"
#undef STORE

const struct store_kind *const store_kinds[] = {
#define STORE(name) &store_##name,
#include "store/stores.def"
#undef STORE
	NULL,
};

void list_room(struct arena *a, void **list, size_t *n, size_t *room, size_t size)
{
	void *bigger;

	if (*n < *room)
		return;
	*room = *room ? *room * 2 : 16;
	bigger = arena_alloc(a, *room * size);
	if (*n)
		memcpy(bigger, *list, *n * size);
	*list = bigger;
}

static struct slice known_schemes(struct arena *a)
{
	struct buf b = buf_in(a, 256);

	for (size_t i = 0; store_kinds[i]; i++)
		buf_printf(&b, "%s%s:", i ? ", " : "", store_kinds[i]->scheme);
	return buf_slice(&b);
}

/* What stands before the colon: the rest may hold a password. */
static struct slice scheme_of(struct slice url)
{
	return slice_make(url.data, slice_find(url, S(":")));
}

/* "postgres:" is what half the world writes. */
static bool is_scheme(struct slice scheme, const struct store_kind *k)
{
	return slice_is(scheme, k->scheme) || (slice_is(scheme, "postgres") && !strcmp(k->scheme, "postgresql"));
}

struct store *store_open_with(struct slice url, const struct store_options *options, struct arena *a, struct slice *why)
{
	struct store_options o = *options;
	struct slice rest = url, scheme;

	if (slice_find(url, S(":")) < url.len && slice_next(&rest, ':', &scheme)) {
		o.where = rest;
		for (size_t i = 0; store_kinds[i]; i++)
			if (is_scheme(scheme, store_kinds[i]))
				return store_kinds[i]->open(&o, a, why);
	}
	*why = arena_printf(a,
			    "there is no store of the kind '" SLICE_FMT "'; it begins with one of: " SLICE_FMT
			    " (as in sqlite:/var/lib/huiyin/huiyin.db)",
			    SLICE_ARG(scheme_of(url)), SLICE_ARG(known_schemes(a)));
	return NULL;
}

struct store *store_open(struct slice url, const struct key *key, struct arena *a, struct slice *why)
{
	struct store_options o = {.key = *key, .create = true};

	return store_open_with(url, &o, a, why);
}

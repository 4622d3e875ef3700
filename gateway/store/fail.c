/*
 * A store around a store, whose Nth load or apply fails: what Dovecot's dict-fail is for dictionaries. A failing apply
 * that says UNSURE has, half of the time, been done all the same, for that is what unsure means. For tests.
 */
#include "huiyin/store.h"

#include <stdlib.h>

struct fail_store {
	struct store front;
	struct store *inner;
	int64_t calls, nth;
	enum result how;
	bool lasting;
};

static struct store *inner(struct store *s)
{
	return ((struct fail_store *)s)->inner;
}

static bool fails_now(struct store *store)
{
	struct fail_store *s = (struct fail_store *)store;

	s->calls++;
	return s->nth > 0 && (s->lasting ? s->calls >= s->nth : s->calls == s->nth);
}

static enum result fail_load(struct store *s, struct snapshot *snap)
{
	if (fails_now(s)) /* a read that failed is never unsure */
		return ((struct fail_store *)s)->how == UNSURE ? LATER : ((struct fail_store *)s)->how;
	return inner(s)->kind->load(inner(s), snap);
}

static enum result fail_apply(struct store *store, struct changes *c)
{
	struct fail_store *s = (struct fail_store *)store;

	if (!fails_now(store))
		return s->inner->kind->apply(s->inner, c);
	if (s->how == UNSURE && s->calls % 2)
		s->inner->kind->apply(s->inner, c);
	c->n_claimed = c->n_claimed_media = 0;
	return s->how;
}

static enum result fail_due(struct store *s, int64_t now, size_t max, struct arena *a, struct timer **out, size_t *n)
{
	return inner(s)->kind->due(inner(s), now, max, a, out, n);
}

static enum result fail_next_due(struct store *s, int64_t *at)
{
	return inner(s)->kind->next_due(inner(s), at);
}

static enum result fail_revision(struct store *s, struct slice flow, struct slice revision, struct arena *a,
				 struct slice *source)
{
	return inner(s)->kind->revision(inner(s), flow, revision, a, source);
}

static enum result fail_tidy(struct store *s, int64_t now, int64_t keep_ms)
{
	return inner(s)->kind->tidy(inner(s), now, keep_ms);
}

static enum result fail_backup(struct store *s, const char *path, struct slice *why, struct arena *a)
{
	return inner(s)->kind->backup(inner(s), path, why, a);
}

/* The reader is the inner store's own, kind and all. */
static struct reader *fail_reader_open(struct store *s)
{
	return inner(s)->kind->reader_open(inner(s));
}

static void fail_close(struct store *s)
{
	if (!s)
		return;
	inner(s)->kind->close(inner(s));
	free(s);
}

static const struct store_kind store_fail = {
	.scheme = "fail",
	.about = "a store that fails at step N, for tests",
	.close = fail_close,
	.load = fail_load,
	.due = fail_due,
	.next_due = fail_next_due,
	.apply = fail_apply,
	.revision = fail_revision,
	.tidy = fail_tidy,
	.backup = fail_backup,
	.reader_open = fail_reader_open,
};

struct store *store_fail_at(struct store *wrapped, int64_t nth, enum result how, bool lasting)
{
	struct fail_store *s = calloc(1, sizeof *s);

	if (!s)
		exhausted("fail");
	*s = (struct fail_store){{&store_fail}, wrapped, 0, nth, how, lasting};
	return &s->front;
}

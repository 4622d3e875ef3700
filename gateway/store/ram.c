/*
 * The ram store: the same contract with nothing on disk, for tests and for trying things. A lock stands in for the
 * transaction. Here it is opened and closed, and what has to do with time. Fatal: running out of memory.
 */
#include "store/ram.h"

#include <stdlib.h>

static int by_time(const void *a, const void *b)
{
	int64_t x = ((const struct timer *)a)->due_at, y = ((const struct timer *)b)->due_at;

	return (x > y) - (x < y);
}

static enum result ram_due(struct store *store, int64_t now, size_t max, struct arena *a, struct timer **out, size_t *n)
{
	struct ram_store *s = (struct ram_store *)store;

	*n = 0;
	pthread_mutex_lock(&s->lock);
	*out = ARENA_ARRAY(a, struct timer, s->timers.n + 1);
	for (size_t i = 0; i < s->timers.n; i++)
		if ((*(struct timer **)s->timers.rows[i])->due_at <= now)
			row_copy(&s->timers, a, &(*out)[(*n)++], s->timers.rows[i]);
	pthread_mutex_unlock(&s->lock);
	qsort(*out, *n, sizeof **out, by_time);
	if (*n > max)
		*n = max;
	return OK;
}

static void earlier(int64_t *at, int64_t t)
{
	if (t != INT64_MAX && (!*at || t < *at))
		*at = t;
}

static enum result ram_next_due(struct store *store, int64_t *at)
{
	struct ram_store *s = (struct ram_store *)store;
	const struct timer *t;
	const struct outbox_row *o;
	const struct ram_media *m;

	*at = 0;
	pthread_mutex_lock(&s->lock);
	EACH(s->timers, const struct timer, t)
	earlier(at, t->due_at);
	EACH(s->outbox, const struct outbox_row, o)
	if (outbox_waits(o->state) && ram_first_in_line(s, o))
		earlier(at, o->state == DELIVERY_QUEUED ? o->next_at : o->lease_until + 1);
	EACH(s->media, const struct ram_media, m)
	if (outbox_waits(m->m.state))
		earlier(at, m->m.state == DELIVERY_QUEUED ? m->m.next_at : m->lease_until + 1);
	pthread_mutex_unlock(&s->lock);
	return OK;
}

/* Nothing outlives the process, so ids of before need not be known. */
static enum result ram_shift(struct store *store, int64_t by_ms)
{
	struct ram_store *s = (struct ram_store *)store;
	struct timer *t;
	struct outbox_row *o;
	struct ram_media *m;

	pthread_mutex_lock(&s->lock);
	EACH(s->timers, struct timer, t)
	t->due_at += by_ms;
	EACH(s->outbox, struct outbox_row, o)
	if (o->state == DELIVERY_QUEUED && o->next_at != INT64_MAX)
		o->next_at += by_ms;
	else if (o->state == DELIVERY_SENDING)
		o->lease_until += by_ms;
	EACH(s->media, struct ram_media, m)
	if (m->m.state == DELIVERY_QUEUED)
		m->m.next_at += by_ms;
	else if (m->m.state == DELIVERY_SENDING)
		m->lease_until += by_ms;
	pthread_mutex_unlock(&s->lock);
	return OK;
}

static enum result ram_revision(struct store *store, struct slice flow, struct slice revision, struct arena *a,
				struct slice *source)
{
	struct ram_store *s = (struct ram_store *)store;
	struct slice name = arena_printf(a, SLICE_FMT "\n" SLICE_FMT, SLICE_ARG(flow), SLICE_ARG(revision));
	struct revision **kept;

	pthread_mutex_lock(&s->lock);
	kept = ram_at(s, BY_REVISION, 0, name);
	if (kept)
		*source = arena_copy(a, (*kept)->source);
	pthread_mutex_unlock(&s->lock);
	return kept ? OK : NEVER;
}

static enum result ram_tidy(struct store *store, int64_t now, int64_t keep_ms)
{
	struct ram_store *s = (struct ram_store *)store;

	pthread_mutex_lock(&s->lock);
	while (s->keys.n && (*(struct ram_key **)s->keys.rows[0])->at < now - keep_ms) {
		struct hash16 key = (*(struct ram_key **)s->keys.rows[0])->key;
		ram_drop(s, &s->keys, BY_KEY, 0, hash_name(&key));
	}
	while (s->parked.n && (*(struct ram_parked **)s->parked.rows[0])->kept_at < now - keep_ms)
		table_drop(&s->parked, s->parked.rows[0]);
	pthread_mutex_unlock(&s->lock);
	return OK;
}

static enum result ram_backup(struct store *s, const char *path, struct slice *why, struct arena *a)
{
	(void)s;
	(void)path;
	(void)a;
	*why = S("a ram store has nothing that could be copied");
	return NEVER;
}

static struct store *ram_open(const struct store_options *o, struct arena *a, struct slice *why)
{
	struct ram_store *s = calloc(1, sizeof *s);

	(void)o;
	(void)a;
	(void)why;
	if (!s || pthread_mutex_init(&s->lock, NULL) != 0)
		exhausted("ram");
	s->front.kind = &store_ram;
	ram_tables(s);
	return &s->front;
}

static void ram_close(struct store *store)
{
	struct ram_store *s = (struct ram_store *)store;

	if (!s)
		return;
	ram_tables_free(s);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

const struct store_kind store_ram = {
	.scheme = "ram",
	.about = "memory only: for tests and for trying things; all is gone at the end",
	.open = ram_open,
	.close = ram_close,
	.load = ram_load,
	.due = ram_due,
	.next_due = ram_next_due,
	.apply = ram_apply,
	.revision = ram_revision,
	.tidy = ram_tidy,
	.backup = ram_backup,
	.reader_open = ram_reader_open,
	.reader_close = ram_reader_close,
	.history = ram_history,
	.find_case = ram_find_case,
	.find_cases = ram_find_cases,
	.find_handovers = ram_find_handovers,
	.find_outbox = ram_find_outbox,
	.find_counts = ram_find_counts,
	.find_contact = ram_find_contact,
	.gauges = ram_gauges,
	.shift = ram_shift,
};

/* What readers ask of the ram store: copies made under its lock. Nothing here is fatal but lack of memory. */
#include "store/ram.h"

#include <stdlib.h>
#include <string.h>

struct reader *ram_reader_open(struct store *store)
{
	struct ram_reader *r = calloc(1, sizeof *r);

	if (!r)
		exhausted("ram_read");
	r->front.kind = &store_ram;
	r->s = (struct ram_store *)store;
	return &r->front;
}

void ram_reader_close(struct reader *r)
{
	free(r);
}

static struct ram_store *locked(struct reader *r)
{
	struct ram_store *s = ((struct ram_reader *)r)->s;

	pthread_mutex_lock(&s->lock);
	return s;
}

static int by_id(const void *a, const void *b)
{
	int64_t x = ((const struct chat_line *)a)->id, y = ((const struct chat_line *)b)->id;

	return (x > y) - (x < y);
}

static void line_of(const struct outbox_row *o, struct chat_line *l, struct arena *a)
{
	*l = (struct chat_line){.id = o->m.id, .at = o->m.created_at, .ours = true, .text = arena_copy(a, o->m.text)};
	l->buttons = ARENA_ARRAY(a, struct button, MESSAGE_MAX_BUTTONS);
	for (; l->n_buttons < o->m.n_buttons; l->n_buttons++)
		l->buttons[l->n_buttons] = (struct button){arena_copy(a, o->m.buttons[l->n_buttons].value),
							   arena_copy(a, o->m.buttons[l->n_buttons].label)};
}

enum result ram_history(struct reader *r, int64_t contact, int64_t after, size_t max, struct arena *a,
			struct chat_line **out, size_t *n)
{
	struct ram_store *s = locked(r);
	struct chat_line *list = ARENA_ARRAY(a, struct chat_line, s->outbox.n + s->inbox.n + 1);

	*n = 0;
	for (size_t i = 0; i < s->outbox.n; i++) {
		const struct outbox_row *o = *(struct outbox_row **)s->outbox.rows[i];
		if (o->m.contact == contact && o->m.id > after && o->next_at == INT64_MAX)
			line_of(o, &list[(*n)++], a);
	}
	for (size_t i = 0; i < s->inbox.n && *n; i++) {
		const struct inbox_row *m = *(struct inbox_row **)s->inbox.rows[i];
		if (m->contact == contact && m->id > after && m->kind == EVENT_MESSAGE)
			list[(*n)++] = (struct chat_line){.id = m->id, .at = m->at, .text = arena_copy(a, m->text)};
	}
	pthread_mutex_unlock(&s->lock);
	qsort(list, *n, sizeof *list, by_id);
	if (*n > max)
		*n = max;
	*out = list;
	return OK;
}

enum result ram_find_case(struct reader *r, struct slice number, struct arena *a, struct case_row **out,
			  struct case_event **events, size_t *n_events)
{
	struct ram_store *s = locked(r);
	void *kept = ram_at(s, BY_CASE, 0, number);

	*out = NULL;
	*n_events = 0;
	if (kept) {
		*out = ARENA_NEW(a, struct case_row);
		row_copy(&s->cases, a, *out, kept);
	}
	*events = ARENA_ARRAY(a, struct case_event, s->case_events.n + 1);
	for (size_t i = 0; i < s->case_events.n; i++)
		if (slice_equal((*(struct case_event **)s->case_events.rows[i])->number, number))
			row_copy(&s->case_events, a, &(*events)[(*n_events)++], s->case_events.rows[i]);
	pthread_mutex_unlock(&s->lock);
	return OK;
}

static int newest_first(const void *a, const void *b)
{
	int64_t x = ((const struct case_row *)a)->created_at, y = ((const struct case_row *)b)->created_at;

	return (x < y) - (x > y);
}

enum result ram_find_cases(struct reader *r, struct slice status, int64_t before, size_t max, struct arena *a,
			   struct case_row **out, size_t *n)
{
	struct ram_store *s = locked(r);

	*n = 0;
	*out = ARENA_ARRAY(a, struct case_row, s->cases.n + 1);
	for (size_t i = 0; i < s->cases.n; i++) {
		const struct case_row *c = *(struct case_row **)s->cases.rows[i];
		if ((before && c->created_at >= before) ||
		    (status.len && !slice_is(status, case_status_name(c->status))))
			continue;
		row_copy(&s->cases, a, &(*out)[(*n)++], s->cases.rows[i]);
	}
	pthread_mutex_unlock(&s->lock);
	qsort(*out, *n, sizeof **out, newest_first);
	if (*n > max)
		*n = max;
	return OK;
}

enum result ram_find_handovers(struct reader *r, size_t max, struct arena *a, struct handover **out, size_t *n)
{
	struct ram_store *s = locked(r);

	*n = 0;
	*out = ARENA_ARRAY(a, struct handover, s->handovers.n + 1);
	for (size_t i = s->handovers.n; i-- > 0 && *n < max;)
		row_copy(&s->handovers, a, &(*out)[(*n)++], s->handovers.rows[i]);
	pthread_mutex_unlock(&s->lock);
	return OK;
}

enum result ram_find_outbox(struct reader *r, struct slice number, struct arena *a, struct outbox_row **out, size_t *n)
{
	struct ram_store *s = locked(r);

	*n = 0;
	*out = ARENA_ARRAY(a, struct outbox_row, s->outbox.n + 1);
	for (size_t i = 0; i < s->outbox.n; i++)
		if (number.len && slice_equal((*(struct outbox_row **)s->outbox.rows[i])->m.case_number, number))
			row_copy(&s->outbox, a, &(*out)[(*n)++], s->outbox.rows[i]);
	pthread_mutex_unlock(&s->lock);
	return OK;
}

static int by_name(const void *a, const void *b)
{
	const struct count *x = a, *y = b;
	int order = slice_compare(x->channel, y->channel);

	return order ? order : slice_compare(x->fate, y->fate);
}

enum result ram_find_counts(struct reader *r, struct slice day, struct arena *a, struct count **out, size_t *n)
{
	struct ram_store *s = locked(r);

	*n = 0;
	*out = ARENA_ARRAY(a, struct count, s->counts.n + 1);
	for (size_t i = 0; i < s->counts.n; i++) {
		struct ram_count copy;
		row_copy(&s->counts, a, &copy, s->counts.rows[i]);
		if (slice_equal(copy.day, day))
			(*out)[(*n)++] = copy.c;
	}
	pthread_mutex_unlock(&s->lock);
	qsort(*out, *n, sizeof **out, by_name);
	return OK;
}

enum result ram_find_contact(struct reader *r, struct hash16 hash, struct arena *a, struct contact **out)
{
	struct ram_store *s = locked(r);
	void *kept = ram_at(s, BY_HASH, 0, hash_name(&hash));

	*out = NULL;
	if (kept) {
		*out = ARENA_NEW(a, struct contact);
		row_copy(&s->contacts, a, *out, kept);
	}
	pthread_mutex_unlock(&s->lock);
	return OK;
}

enum result ram_gauges(struct reader *r, struct arena *a, struct count **out, size_t *n)
{
	struct ram_store *s = locked(r);
	int64_t states[DELIVERY_FAILED + 1] = {0};
	struct count *list = ARENA_ARRAY(a, struct count, DELIVERY_FAILED + 5);

	for (size_t i = 0; i < s->outbox.n; i++)
		states[(*(struct outbox_row **)s->outbox.rows[i])->state]++;
	*n = 0;
	list[(*n)++] = (struct count){S("cases"), S("all"), (int64_t)s->cases.n};
	list[(*n)++] = (struct count){S("contacts"), S("all"), (int64_t)s->contacts.n};
	for (int i = 0; i <= DELIVERY_FAILED; i++)
		list[(*n)++] =
			(struct count){S("outbox"), slice_of(delivery_state_name((enum delivery_state)i)), states[i]};
	list[(*n)++] = (struct count){S("sessions"), S("open"), (int64_t)s->sessions.n};
	list[(*n)++] = (struct count){S("bytes"), S("disk"), 0};
	pthread_mutex_unlock(&s->lock);
	*out = list;
	return OK;
}

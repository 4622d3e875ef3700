/* The tables of the ram store: rows copied in and out whole, so that nobody holds a pointer into them. Fatal: memory.
 */
#include "store/ram.h"

#include <stdlib.h>
#include <string.h>

#define INDEX_ARENA_BYTES ((size_t)1 << 30)

/* A kept row is one block: the row, then the bytes of its slices. */
static void *block_of(const struct table *t, const void *row)
{
	struct slice *at[ROW_MAX_SLICES];
	size_t n = t->slices((void *)(uintptr_t)row, at), bytes = t->size;
	char *block, *p;

	for (size_t i = 0; i < n; i++)
		bytes += at[i]->len;
	block = malloc(bytes);
	if (!block)
		exhausted("a row of %zu bytes", bytes);
	memcpy(block, row, t->size);
	n = t->slices(block, at);
	p = block + t->size;
	for (size_t i = 0; i < n; i++) {
		if (at[i]->len)
			memcpy(p, at[i]->data, at[i]->len);
		at[i]->data = at[i]->len ? p : NULL;
		p += at[i]->len;
	}
	return block;
}

/* One level of pointers, so that the index may hold on to `kept` while the block behind it changes. */
void *table_add(struct table *t, const void *row)
{
	void **kept = malloc(sizeof *kept);

	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 16;
		t->rows = realloc(t->rows, t->room * sizeof *t->rows);
	}
	if (!kept || !t->rows)
		exhausted("%zu rows", t->room);
	*kept = block_of(t, row);
	t->rows[t->n++] = kept;
	return kept;
}

void table_replace(struct table *t, void *kept, const void *row)
{
	void *block = block_of(t, row);

	free(*(void **)kept);
	*(void **)kept = block;
}

void table_drop(struct table *t, void *kept)
{
	size_t i = 0;

	while (i < t->n && t->rows[i] != kept)
		i++;
	if (i == t->n)
		return;
	free(*(void **)kept);
	free(kept);
	memmove(&t->rows[i], &t->rows[i + 1], (--t->n - i) * sizeof *t->rows);
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(*(void **)t->rows[i]);
		free(t->rows[i]);
	}
	free(t->rows);
}

void row_copy(const struct table *t, struct arena *a, void *out, const void *kept)
{
	struct slice *at[ROW_MAX_SLICES];
	size_t n;

	memcpy(out, *(void *const *)kept, t->size);
	n = t->slices(out, at);
	for (size_t i = 0; i < n; i++)
		if (at[i]->len)
			*at[i] = arena_copy(a, *at[i]);
}

void *ram_at(struct ram_store *s, int sort, int64_t id, struct slice name)
{
	return idmap_peek(&s->index, sort, id, name);
}

void ram_index(struct ram_store *s, int sort, int64_t id, struct slice name, void *row)
{
	*idmap_at(&s->index, sort, id, name) = row;
}

struct slice hash_name(const struct hash16 *h)
{
	return slice_make((const char *)h->bytes, sizeof h->bytes);
}

/* ---- which slices a row has ---- */

#define SLICES(name, type, ...)                                                                                        \
	static size_t name(void *row, struct slice **out)                                                              \
	{                                                                                                              \
		type *r = row;                                                                                         \
		struct slice *all[] = {__VA_ARGS__};                                                                   \
		memcpy(out, all, sizeof all);                                                                          \
		return sizeof all / sizeof *all;                                                                       \
	}

SLICES(of_contact, struct contact, &r->channel, &r->address, &r->lang)
SLICES(of_session, struct session_row, &r->flow, &r->revision, &r->data)
SLICES(of_case, struct case_row, &r->number, &r->channel, &r->lang, &r->purpose, &r->flow, &r->category, &r->place,
       &r->unit, &r->window, &r->text, &r->fields, &r->handler, &r->route, &r->reason, &r->result, &r->clock)
SLICES(of_survey, struct survey, &r->number, &r->comment)
SLICES(of_media, struct ram_media, &r->m.channel, &r->m.url, &r->m.type, &r->m.name, &r->m.case_number, &r->m.path,
       &r->m.sha256, &r->m.why)
SLICES(of_inbox, struct inbox_row, &r->channel, &r->provider_id, &r->text, &r->rid, &r->fate)
SLICES(of_timer, struct timer, &r->ref)
SLICES(of_handover, struct handover, &r->reason, &r->text, &r->case_number)
SLICES(of_attempt, struct attempt, &r->outcome.provider_id, &r->outcome.code, &r->outcome.detail)
SLICES(of_case_event, struct case_event, &r->number, &r->actor, &r->verb, &r->detail)
SLICES(of_parked, struct ram_parked, &r->p.channel, &r->p.provider_id, &r->p.receipt.provider_id, &r->p.receipt.code)
SLICES(of_revision, struct revision, &r->flow, &r->revision, &r->source)
SLICES(of_count, struct ram_count, &r->day, &r->c.channel, &r->c.fate)
SLICES(of_sequence, struct ram_sequence, &r->day)

static size_t of_outbox(void *row, struct slice **out)
{
	struct outbox_row *r = row;
	struct slice *all[] = {&r->m.to,    &r->m.from,      &r->m.text, &r->m.case_number,
			       &r->channel, &r->provider_id, &r->code, &r->rid};
	size_t n = sizeof all / sizeof *all;

	memcpy(out, all, sizeof all);
	for (size_t i = 0; i < r->m.n_buttons; i++) {
		out[n++] = &r->m.buttons[i].value;
		out[n++] = &r->m.buttons[i].label;
	}
	return n;
}

static size_t of_key(void *row, struct slice **out)
{
	(void)row;
	(void)out;
	return 0;
}

void ram_tables(struct ram_store *s)
{
	s->arena = arena_open(INDEX_ARENA_BYTES);
	s->index = idmap_in(s->arena, 64);
	s->contacts = (struct table){.size = sizeof(struct contact), .slices = of_contact};
	s->sessions = (struct table){.size = sizeof(struct session_row), .slices = of_session};
	s->cases = (struct table){.size = sizeof(struct case_row), .slices = of_case};
	s->surveys = (struct table){.size = sizeof(struct survey), .slices = of_survey};
	s->outbox = (struct table){.size = sizeof(struct outbox_row), .slices = of_outbox};
	s->media = (struct table){.size = sizeof(struct ram_media), .slices = of_media};
	s->inbox = (struct table){.size = sizeof(struct inbox_row), .slices = of_inbox};
	s->timers = (struct table){.size = sizeof(struct timer), .slices = of_timer};
	s->handovers = (struct table){.size = sizeof(struct handover), .slices = of_handover};
	s->attempts = (struct table){.size = sizeof(struct attempt), .slices = of_attempt};
	s->case_events = (struct table){.size = sizeof(struct case_event), .slices = of_case_event};
	s->parked = (struct table){.size = sizeof(struct ram_parked), .slices = of_parked};
	s->revisions = (struct table){.size = sizeof(struct revision), .slices = of_revision};
	s->counts = (struct table){.size = sizeof(struct ram_count), .slices = of_count};
	s->sequences = (struct table){.size = sizeof(struct ram_sequence), .slices = of_sequence};
	s->keys = (struct table){.size = sizeof(struct ram_key), .slices = of_key};
}

void ram_tables_free(struct ram_store *s)
{
	struct table *all[] = {&s->contacts,  &s->sessions, &s->cases,     &s->surveys,  &s->outbox,      &s->media,
			       &s->inbox,     &s->timers,   &s->handovers, &s->attempts, &s->case_events, &s->parked,
			       &s->revisions, &s->counts,   &s->sequences, &s->keys};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		table_free(all[i]);
	arena_close(&s->arena);
}

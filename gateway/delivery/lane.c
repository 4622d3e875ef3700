/*
 * An account's four lanes: replies before notices before surveys before campaigns, oldest first, one row of a contact
 * at a time. A rate answer slows the lane, not the message (pains.md 14). Nothing here is fatal.
 */
#include "delivery/lane.h"

#include <stdlib.h>

#define JOB_ARENA_BYTES ((size_t)16 << 20)
#define BOOK_LONGEST_MS (INT64_C(3600) * 1000)
#define RATE_ASSUMED    50.0 /* of a channel without a rate, to spread what comes back */

static void copy_row(struct arena *a, struct outbox_row *r)
{
	struct outgoing *m = &r->m;

	m->to = arena_copy(a, m->to);
	m->from = arena_copy(a, m->from);
	m->text = arena_copy(a, m->text);
	m->case_number = arena_copy(a, m->case_number);
	for (size_t i = 0; i < m->n_buttons; i++)
		m->buttons[i] = (struct button){arena_copy(a, m->buttons[i].value), arena_copy(a, m->buttons[i].label)};
	r->channel = arena_copy(a, r->channel);
	r->provider_id = arena_copy(a, r->provider_id);
	r->code = arena_copy(a, r->code);
	r->rid = r->rid.len ? arena_copy(a, r->rid) : arena_printf(a, "o%lld", (long long)m->id);
}

struct job *job_open(const struct outbox_row *row, int64_t give_up)
{
	struct arena *a = arena_open(JOB_ARENA_BYTES);
	struct job *j = ARENA_NEW(a, struct job);

	j->kind = FLIGHT_SEND;
	j->arena = a;
	j->row = *row;
	j->give_up = give_up;
	copy_row(a, &j->row);
	return j;
}

void job_close(struct job **j)
{
	struct arena *a;

	if (!*j)
		return;
	a = (*j)->arena; /* the job lives in it */
	*j = NULL;
	arena_close(&a);
}

static bool older(const struct job *a, const struct job *b)
{
	if (a->row.m.created_at != b->row.m.created_at)
		return a->row.m.created_at < b->row.m.created_at;
	return a->row.m.id < b->row.m.id;
}

static size_t lane_of(const struct job *j)
{
	return (size_t)j->row.m.lane < LANES ? (size_t)j->row.m.lane : LANES - 1;
}

void line_take(struct line *l, struct job *j)
{
	struct job **at = &l->lanes[lane_of(j)];

	while (*at && !older(j, *at))
		at = &(*at)->next;
	j->next = *at;
	j->line = l;
	*at = j;
	l->n_waiting++;
}

void line_return(struct line *l, struct job *j)
{
	struct job **first = &l->lanes[lane_of(j)];

	j->next = *first;
	j->line = l;
	*first = j;
	l->n_waiting++;
}

static bool contact_flies(const struct line *l, int64_t contact)
{
	for (const struct job *j = l->flying; j; j = j->next)
		if (j->row.m.contact == contact)
			return true;
	return false;
}

struct job *line_first(struct line *l)
{
	for (size_t i = 0; i < LANES; i++)
		for (struct job *j = l->lanes[i]; j; j = j->next)
			if (!contact_flies(l, j->row.m.contact))
				return j;
	return NULL;
}

void line_remove(struct line *l, struct job *j)
{
	struct job **at = &l->lanes[lane_of(j)];

	while (*at && *at != j)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = j->next;
	j->next = NULL;
	l->n_waiting--;
}

struct job *line_pop_expired(struct line *l, int64_t mono)
{
	for (size_t i = 0; i < LANES; i++)
		for (struct job *j = l->lanes[i]; j; j = j->next)
			if (j->give_up - mono < CALL_LEAST_MS) {
				line_remove(l, j);
				return j;
			}
	return NULL;
}

struct job *line_pop_last(struct line *l)
{
	for (size_t i = LANES; i-- > 0;) {
		struct job *j = l->lanes[i];

		while (j && j->next)
			j = j->next;
		if (j) {
			line_remove(l, j);
			return j;
		}
	}
	return NULL;
}

struct job *line_pop_any(struct line *l)
{
	for (size_t i = 0; i < LANES; i++)
		if (l->lanes[i]) {
			struct job *j = l->lanes[i];

			line_remove(l, j);
			return j;
		}
	return NULL;
}

int64_t line_closed_until(const struct line *l)
{
	return l->paused_until > l->stopped_until ? l->paused_until : l->stopped_until;
}

static bool rate_take(struct line *l, int64_t mono, int64_t *wait_ms)
{
	if (l->shared && l->bucket.per_second > 0)
		return moments_take(&l->moments, mono, wait_ms);
	return bucket_take(&l->bucket, mono, wait_ms);
}

static void rate_back(struct line *l)
{
	if (!l->shared)
		l->bucket.tokens += 1;
	else if (l->bucket.per_second > 0)
		moments_back(&l->moments);
}

bool line_allows(struct line *l, int64_t mono, int64_t *wait_ms)
{
	*wait_ms = line_closed_until(l) - mono;
	if (*wait_ms > 0)
		return false;
	if (!rate_take(l, mono, wait_ms))
		return false;
	if (breaker_allows(&l->breaker, mono, wait_ms))
		return true;
	rate_back(l);
	return false;
}

void line_ungrant(struct line *l)
{
	l->breaker.probing = false;
	rate_back(l);
}

double line_full_rate(const struct line *l)
{
	return l->account ? l->account->per_second : 0;
}

int64_t line_book(struct line *l, enum lane lane, int64_t mono)
{
	double rate = l->bucket.per_second > 0 ? l->bucket.per_second : RATE_ASSUMED;
	int64_t from = mono + (int64_t)((double)l->n_waiting * 1000.0 / rate), gap = (int64_t)(1000.0 / rate);
	size_t i = (size_t)lane < LANES ? (size_t)lane : LANES - 1;
	int64_t closed = line_closed_until(l);

	if (closed < l->breaker.open_until_ms)
		closed = l->breaker.open_until_ms;
	if (from < closed)
		from = closed;
	if (l->booked[i] < from)
		l->booked[i] = from;
	else if (l->booked[i] - mono > BOOK_LONGEST_MS)
		l->booked[i] = from; /* begin again from the front */
	l->booked[i] += gap;
	return l->booked[i] > mono ? l->booked[i] - mono : 0;
}

bool line_may_repeat(const struct line *l)
{
	return l->account && (l->account->channel->able.idempotent_send || l->account->unsure == UNSURE_SEND_AGAIN);
}

/*
 * The ram store takes a batch of changes and claims what is to be sent next. What could refuse the batch is looked at
 * first; then nothing fails.
 */
#include "store/ram.h"

#include <string.h>

static bool same_timer(const struct timer *a, const struct timer *b)
{
	return a->contact == b->contact && a->kind == b->kind && slice_equal(a->ref, b->ref);
}

/* Everything that would make a database refuse the batch. */
static bool acceptable(struct ram_store *s, const struct changes *c)
{
	struct slice none = {0};

	for (size_t i = 0; i < c->dedupe.n; i++) {
		if (ram_at(s, BY_KEY, 0, hash_name(&c->dedupe.list[i].key)))
			return false;
		for (size_t k = 0; k < i; k++)
			if (!memcmp(&c->dedupe.list[i].key, &c->dedupe.list[k].key, sizeof(struct hash16)))
				return false;
	}
	for (size_t i = 0; i < c->contacts.n; i++) {
		const struct contact *p = c->contacts.list[i];
		bool there = ram_at(s, BY_CONTACT, p->id, none);
		if (there == p->fresh || (p->fresh && ram_at(s, BY_HASH, 0, hash_name(&p->hash))))
			return false;
	}
	for (size_t i = 0; i < c->cases.n; i++) {
		const struct case_row *row = c->cases.list[i], **kept = ram_at(s, BY_CASE, 0, row->number);
		if (row->fresh ? kept != NULL : !kept || (*kept)->version != row->version - 1)
			return false;
	}
	for (size_t i = 0; i < c->outbox.n; i++) {
		const struct outbox_row *row = c->outbox.list[i];
		if (row->fresh == (ram_at(s, BY_OUTBOX, row->m.id, none) != NULL))
			return false;
	}
	return true;
}

/* Adds or replaces; the index gets a name that lives as long as the store. */
static void put(struct ram_store *s, struct table *t, int sort, int64_t id, struct slice name, const void *row)
{
	void *kept = ram_at(s, sort, id, name);

	if (kept)
		table_replace(t, kept, row);
	else
		ram_index(s, sort, id, arena_copy(s->arena, name), table_add(t, row));
}

void ram_drop(struct ram_store *s, struct table *t, int sort, int64_t id, struct slice name)
{
	void *kept = ram_at(s, sort, id, name);

	if (!kept)
		return;
	table_drop(t, kept);
	ram_index(s, sort, id, name, NULL);
}

static void put_contacts(struct ram_store *s, const struct changes *c)
{
	struct slice none = {0};

	for (size_t i = 0; i < c->contacts.n; i++) {
		struct contact row = *c->contacts.list[i];
		void *kept = ram_at(s, BY_CONTACT, row.id, none);

		if (kept) /* an address, once known, is never changed */
			row.address = (*(struct contact **)kept)->address;
		row.fresh = row.changed = false;
		put(s, &s->contacts, BY_CONTACT, row.id, none, &row);
		if (!kept) {
			kept = ram_at(s, BY_CONTACT, row.id, none);
			ram_index(s, BY_HASH, 0, arena_copy(s->arena, hash_name(&row.hash)), kept);
		}
	}
}

static void put_timers(struct ram_store *s, const struct changes *c)
{
	for (size_t pass = 0; pass < 2; pass++) {
		size_t n = pass ? c->timers_put.n : c->timers_gone.n;
		for (size_t i = 0; i < n; i++) {
			const struct timer *t = pass ? &c->timers_put.list[i] : &c->timers_gone.list[i];
			for (size_t k = 0; k < s->timers.n; k++)
				if (same_timer(t, *(struct timer **)s->timers.rows[k])) {
					table_drop(&s->timers, s->timers.rows[k]);
					break;
				}
			if (pass)
				table_add(&s->timers, t);
		}
	}
}

static void put_cases(struct ram_store *s, const struct changes *c)
{
	for (size_t i = 0; i < c->sessions.n; i++) {
		struct session_row row = *c->sessions.list[i];
		row.fresh = row.changed = false;
		if (row.gone)
			ram_drop(s, &s->sessions, BY_SESSION, row.contact, (struct slice){0});
		else
			put(s, &s->sessions, BY_SESSION, row.contact, (struct slice){0}, &row);
	}
	for (size_t i = 0; i < c->cases.n; i++) {
		struct case_row row = *c->cases.list[i];
		row.fresh = row.changed = false;
		put(s, &s->cases, BY_CASE, 0, row.number, &row);
	}
	for (size_t i = 0; i < c->surveys.n; i++) {
		struct survey row = *c->surveys.list[i];
		row.fresh = row.changed = false;
		put(s, &s->surveys, BY_SURVEY, 0, row.number, &row);
	}
	for (size_t i = 0; i < c->case_events.n; i++)
		table_add(&s->case_events, &c->case_events.list[i]);
	for (size_t i = 0; i < c->handovers.n; i++)
		table_add(&s->handovers, &c->handovers.list[i]);
}

static void put_sends(struct ram_store *s, const struct changes *c)
{
	for (size_t i = 0; i < c->outbox.n; i++) {
		struct outbox_row row = *c->outbox.list[i];
		struct outbox_row **kept = ram_at(s, BY_OUTBOX, row.m.id, (struct slice){0});

		if (kept && !(outbox_from_mask(&row) >> (*kept)->state & 1u))
			continue;
		row.fresh = row.changed = false;
		row.m.to = (struct slice){0};
		put(s, &s->outbox, BY_OUTBOX, row.m.id, (struct slice){0}, &row);
	}
	for (size_t i = 0; i < c->attempts.n; i++)
		table_add(&s->attempts, &c->attempts.list[i]);
	for (size_t i = 0; i < c->media.n; i++) {
		struct ram_media row = {.m = *c->media.list[i]},
				 **kept = ram_at(s, BY_MEDIA, row.m.id, (struct slice){0});
		row.m.fresh = row.m.changed = false;
		row.lease_until = kept ? (*kept)->lease_until : 0;
		put(s, &s->media, BY_MEDIA, row.m.id, (struct slice){0}, &row);
	}
}

static void put_parked(struct ram_store *s, const struct changes *c)
{
	for (size_t i = 0; i < c->parked.n; i++) {
		struct ram_parked row = {c->parked.list[i], c->now},
				  **kept = ram_parked_at(s, row.p.channel, row.p.provider_id);

		row.p.receipt.provider_id = row.p.provider_id;
		if (!kept) {
			table_add(&s->parked, &row);
		} else if (receipt_from_mask(row.p.receipt.state) >> (*kept)->p.receipt.state & 1u) {
			row.p.receipt.opted_out |= (*kept)->p.receipt.opted_out;
			table_replace(&s->parked, kept, &row);
		}
	}
	for (size_t i = 0; i < c->parked_gone.n; i++) {
		void *kept = ram_parked_at(s, c->parked_gone.list[i].channel, c->parked_gone.list[i].provider_id);
		if (kept)
			table_drop(&s->parked, kept);
	}
}

static void put_count(struct ram_store *s, struct slice day, const struct count *one)
{
	struct ram_count row = {day, *one}, *kept;

	EACH(s->counts, struct ram_count, kept)
	if (slice_equal(kept->day, day) && slice_equal(kept->c.channel, one->channel) &&
	    slice_equal(kept->c.fate, one->fate)) {
		kept->c.n += one->n;
		return;
	}
	table_add(&s->counts, &row);
}

static void put_rest(struct ram_store *s, const struct changes *c)
{
	struct ram_sequence *q, next = {c->sequence_day, c->next_sequence};

	for (size_t i = 0; i < c->inbox.n; i++)
		table_add(&s->inbox, &c->inbox.list[i]);
	for (size_t i = 0; i < c->dedupe.n; i++) {
		struct ram_key k = {c->dedupe.list[i].key, c->dedupe.list[i].event, c->dedupe.list[i].at};
		put(s, &s->keys, BY_KEY, 0, hash_name(&k.key), &k);
	}
	for (size_t i = 0; i < c->revisions.n; i++) {
		const struct revision *v = &c->revisions.list[i];
		struct slice name =
			arena_printf(s->arena, SLICE_FMT "\n" SLICE_FMT, SLICE_ARG(v->flow), SLICE_ARG(v->revision));
		if (!ram_at(s, BY_REVISION, 0, name))
			put(s, &s->revisions, BY_REVISION, 0, name, v);
	}
	for (size_t i = 0; i < c->counts.n; i++)
		put_count(s, c->day, &c->counts.list[i]);
	if (!c->next_sequence)
		return;
	q = ram_sequence_of(s, c->sequence_day);
	if (q)
		q->next = c->next_sequence;
	else
		table_add(&s->sequences, &next);
}

/* ---- claim ---- */

bool ram_first_in_line(struct ram_store *s, const struct outbox_row *r)
{
	const struct outbox_row *o;

	EACH(s->outbox, const struct outbox_row, o)
	if (o->m.id < r->m.id && o->m.contact == r->m.contact && outbox_waits(o->state) &&
	    slice_equal(o->channel, r->channel))
		return false;
	return true;
}

static bool lost(const struct outbox_row *r, int64_t now)
{
	return r->state == DELIVERY_SENDING && r->lease_until < now;
}

static bool claimed_already(const struct changes *c, int64_t contact)
{
	for (size_t i = 0; i < c->n_claimed; i++)
		if (c->claimed[i].m.contact == contact)
			return true;
	return false;
}

/* Lost leases first, then by lane and time. */
static bool before(const struct outbox_row *a, const struct outbox_row *b)
{
	if (a->state != b->state)
		return a->state == DELIVERY_SENDING;
	if (a->state == DELIVERY_SENDING)
		return a->lease_until < b->lease_until;
	return a->m.lane != b->m.lane ? a->m.lane < b->m.lane : a->next_at < b->next_at;
}

static void **next_claim(struct ram_store *s, const struct changes *c)
{
	void **best = NULL;

	for (size_t i = 0; i < s->outbox.n; i++) {
		const struct outbox_row *r = *(struct outbox_row **)s->outbox.rows[i];
		if (!lost(r, c->now) && !(r->state == DELIVERY_QUEUED && r->next_at <= c->now && ram_first_in_line(s, r)))
			continue;
		if (!claimed_already(c, r->m.contact) && (!best || before(r, *best)))
			best = s->outbox.rows[i];
	}
	return best;
}

static void claim_outbox(struct ram_store *s, struct changes *c)
{
	void **kept;

	c->claimed = ARENA_ARRAY(c->arena, struct outbox_row, c->claim_room + 1);
	while (c->n_claimed < c->claim_room && (kept = next_claim(s, c))) {
		struct outbox_row *r = *kept, *out = &c->claimed[c->n_claimed++];
		struct contact **who = ram_at(s, BY_CONTACT, r->m.contact, (struct slice){0});
		bool again = lost(r, c->now);

		r->m.attempts += again;
		r->state = DELIVERY_SENDING;
		r->lease_until = c->now + c->lease_ms;
		row_copy(&s->outbox, c->arena, out, kept);
		if (again)
			out->state = DELIVERY_UNSURE;
		if (who)
			out->m.to = arena_copy(c->arena, (*who)->address);
	}
}

static void claim_media(struct ram_store *s, struct changes *c)
{
	c->claimed_media = ARENA_ARRAY(c->arena, struct media_row, c->claim_media_room + 1);
	for (size_t i = 0; i < s->media.n && c->n_claimed_media < c->claim_media_room; i++) {
		struct ram_media *m = *(struct ram_media **)s->media.rows[i], copy;
		bool again = m->m.state == DELIVERY_SENDING && m->lease_until < c->now;

		if (!again && !(m->m.state == DELIVERY_QUEUED && m->m.next_at <= c->now))
			continue;
		m->m.attempts += again;
		m->m.state = DELIVERY_SENDING;
		m->lease_until = c->now + c->lease_ms;
		row_copy(&s->media, c->arena, &copy, s->media.rows[i]);
		c->claimed_media[c->n_claimed_media++] = copy.m;
	}
}

enum result ram_apply(struct store *store, struct changes *c)
{
	struct ram_store *s = (struct ram_store *)store;
	enum result r = LATER;

	c->n_claimed = c->n_claimed_media = 0;
	pthread_mutex_lock(&s->lock);
	if (acceptable(s, c)) {
		put_contacts(s, c);
		put_timers(s, c);
		put_cases(s, c);
		put_sends(s, c);
		put_parked(s, c);
		put_rest(s, c);
		claim_outbox(s, c);
		claim_media(s, c);
		r = OK;
	}
	pthread_mutex_unlock(&s->lock);
	return r;
}

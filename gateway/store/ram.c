/*
 * The ram store: the same contract with nothing on disk, for tests and for trying things. A lock stands in for the
 * transaction: what could refuse a batch is looked at first, then nothing fails. Fatal: running out of memory.
 */
#include "store/ram.h"

#include <stdlib.h>
#include <string.h>

#define REPEAT_MAX 16

/* The kept rows of a table, one after the other. */
#define EACH(table, type, r) for (size_t i_ = 0; i_ < (table).n && ((r) = *(type **)(table).rows[i_], true); i_++)

static bool same_timer(const struct timer *a, const struct timer *b)
{
	return a->contact == b->contact && a->kind == b->kind && slice_equal(a->ref, b->ref);
}

/* ---- load ---- */

struct load {
	struct ram_store *s;
	struct arena *a;
	struct idmap rows;
};
struct person {
	struct contact contact;
	struct session_row session;
	struct case_row **cases;
	struct survey **surveys;
	size_t n_cases, n_surveys;
	bool has_session;
};

/* The snapshot's own copy of a kept row: one a row. */
static void *own(struct load *l, struct table *t, int sort, int64_t id, struct slice name, const void *kept)
{
	void **at;

	if (!kept)
		return NULL;
	at = idmap_at(&l->rows, sort, id, name);
	if (!*at) {
		*at = arena_alloc(l->a, t->size);
		row_copy(t, l->a, *at, kept);
	}
	return *at;
}

static void person_cases(struct load *l, struct person *p)
{
	struct ram_store *s = l->s;

	p->cases = ARENA_ARRAY(l->a, struct case_row *, s->cases.n + 1);
	for (size_t i = s->cases.n; i-- > 0;) {
		const struct case_row *c = *(struct case_row **)s->cases.rows[i];
		if (c->contact == p->contact.id && case_status_open(c->status))
			p->cases[p->n_cases++] = own(l, &s->cases, BY_CASE, 0, c->number, s->cases.rows[i]);
	}
}

static void person_surveys(struct load *l, struct person *p)
{
	struct ram_store *s = l->s;

	p->surveys = ARENA_ARRAY(l->a, struct survey *, s->surveys.n + 1);
	for (size_t i = 0; i < s->surveys.n; i++) {
		const struct survey *v = *(struct survey **)s->surveys.rows[i];
		if (v->contact == p->contact.id && v->state < SURVEY_RATED)
			p->surveys[p->n_surveys++] = own(l, &s->surveys, BY_SURVEY, 0, v->number, s->surveys.rows[i]);
	}
}

static struct person *person_of(struct load *l, const void *kept)
{
	const struct contact *c = *(struct contact *const *)kept;
	void **at = idmap_at(&l->rows, BY_CONTACT, c->id, (struct slice){0}), *session;
	struct person *p = *at;

	if (p)
		return p;
	*at = p = ARENA_NEW(l->a, struct person);
	row_copy(&l->s->contacts, l->a, &p->contact, kept);
	p->contact.address = (struct slice){0};
	session = ram_at(l->s, BY_SESSION, c->id, (struct slice){0});
	p->has_session = session;
	if (session)
		row_copy(&l->s->sessions, l->a, &p->session, session);
	if (c->open_cases > 0)
		person_cases(l, p);
	if (c->open_surveys > 0)
		person_surveys(l, p);
	return p;
}

static void want_person(struct load *l, struct want *w)
{
	void *kept = w->by_hash      ? ram_at(l->s, BY_HASH, 0, hash_name(&w->hash))
		     : w->contact_id ? ram_at(l->s, BY_CONTACT, w->contact_id, (struct slice){0})
				     : NULL;
	struct person *p;

	if (!kept)
		return;
	p = person_of(l, kept);
	if (!w->by_hash) /* as every store: who is found by name has just written the address */
		p->contact.address = arena_copy(l->a, (*(struct contact **)kept)->address);
	w->contact = &p->contact;
	w->session = p->has_session ? &p->session : NULL;
	w->open_cases = p->cases;
	w->n_open_cases = p->n_cases;
	w->surveys = p->surveys;
	w->n_surveys = p->n_surveys;
}

static void *outbox_by_provider(struct ram_store *s, struct slice channel, struct slice provider_id)
{
	for (size_t i = s->outbox.n; i-- > 0 && provider_id.len;) {
		const struct outbox_row *r = *(struct outbox_row **)s->outbox.rows[i];
		if (slice_equal(r->provider_id, provider_id) && slice_equal(r->channel, channel))
			return s->outbox.rows[i];
	}
	return NULL;
}

static struct outbox_row *own_outbox(struct load *l, void *kept)
{
	return kept ? own(l, &l->s->outbox, BY_OUTBOX, (*(struct outbox_row **)kept)->m.id, (struct slice){0}, kept)
		    : NULL;
}

static void *parked_at(struct ram_store *s, struct slice channel, struct slice provider_id)
{
	for (size_t i = 0; i < s->parked.n; i++) {
		const struct parked *p = &(*(struct ram_parked **)s->parked.rows[i])->p;
		if (slice_equal(p->channel, channel) && slice_equal(p->provider_id, provider_id))
			return s->parked.rows[i];
	}
	return NULL;
}

static void want_sends(struct load *l, struct want *w)
{
	struct ram_store *s = l->s;
	void *kept = w->outbox_id ? ram_at(s, BY_OUTBOX, w->outbox_id, (struct slice){0}) : NULL;
	struct ram_parked *copy;

	w->outbox = own_outbox(l, kept ? kept : outbox_by_provider(s, w->channel, w->provider_id));
	kept = w->outbox_id && w->provider_id.len ? parked_at(s, w->channel, w->provider_id) : NULL;
	if (kept) {
		copy = ARENA_NEW(l->a, struct ram_parked);
		row_copy(&s->parked, l->a, copy, kept);
		w->parked = &copy->p;
	}
	kept = w->media_id ? ram_at(s, BY_MEDIA, w->media_id, (struct slice){0}) : NULL;
	if (kept)
		w->media = &((struct ram_media *)own(l, &s->media, BY_MEDIA, w->media_id, (struct slice){0}, kept))->m;
}

static void want_repeat(struct load *l, struct want *w)
{
	struct table *t = &l->s->outbox;
	void *key = w->has_dedupe ? ram_at(l->s, BY_KEY, 0, hash_name(&w->dedupe)) : NULL;

	w->duplicate = key;
	if (key)
		w->first_event = (*(struct ram_key **)key)->event;
	if (!key && (w->has_dedupe || !w->first_event))
		return;
	w->repeat = ARENA_ARRAY(l->a, struct outbox_row *, REPEAT_MAX);
	for (size_t i = 0; i < t->n && w->n_repeat < REPEAT_MAX; i++) {
		const struct outbox_row *r = *(struct outbox_row **)t->rows[i];
		if (r->cause == w->first_event && r->inline_reply)
			w->repeat[w->n_repeat++] = own_outbox(l, t->rows[i]);
	}
}

static struct ram_sequence *sequence_of(struct ram_store *s, struct slice day)
{
	struct ram_sequence *q;

	EACH(s->sequences, struct ram_sequence, q)
	if (slice_equal(q->day, day))
		return q;
	return NULL;
}

static enum result ram_load(struct store *store, struct snapshot *snap)
{
	struct ram_store *s = (struct ram_store *)store;
	struct load l = {s, snap->arena, idmap_in(snap->arena, snap->n * 2)};
	struct ram_sequence *q;

	pthread_mutex_lock(&s->lock);
	q = sequence_of(s, snap->day);
	snap->next_sequence = q ? q->next : 1;
	for (size_t i = 0; i < snap->n; i++) {
		struct want *w = &snap->wants[i];
		want_person(&l, w);
		for (size_t k = 0; k < w->n_numbers; k++)
			w->cases[k] =
				own(&l, &s->cases, BY_CASE, 0, w->numbers[k], ram_at(s, BY_CASE, 0, w->numbers[k]));
		want_sends(&l, w);
		want_repeat(&l, w);
	}
	pthread_mutex_unlock(&s->lock);
	return OK;
}

/* ---- apply ---- */

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

static void drop(struct ram_store *s, struct table *t, int sort, int64_t id, struct slice name)
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
			drop(s, &s->sessions, BY_SESSION, row.contact, (struct slice){0});
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
				  **kept = parked_at(s, row.p.channel, row.p.provider_id);

		row.p.receipt.provider_id = row.p.provider_id;
		if (!kept) {
			table_add(&s->parked, &row);
		} else if (receipt_from_mask(row.p.receipt.state) >> (*kept)->p.receipt.state & 1u) {
			row.p.receipt.opted_out |= (*kept)->p.receipt.opted_out;
			table_replace(&s->parked, kept, &row);
		}
	}
	for (size_t i = 0; i < c->parked_gone.n; i++) {
		void *kept = parked_at(s, c->parked_gone.list[i].channel, c->parked_gone.list[i].provider_id);
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
	q = sequence_of(s, c->sequence_day);
	if (q)
		q->next = c->next_sequence;
	else
		table_add(&s->sequences, &next);
}

/* ---- claim ---- */

static bool first_in_line(struct ram_store *s, const struct outbox_row *r)
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
		if (!lost(r, c->now) && !(r->state == DELIVERY_QUEUED && r->next_at <= c->now && first_in_line(s, r)))
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

static enum result ram_apply(struct store *store, struct changes *c)
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

/* ---- time and housekeeping ---- */

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
	if (outbox_waits(o->state) && first_in_line(s, o))
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
		drop(s, &s->keys, BY_KEY, 0, hash_name(&key));
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

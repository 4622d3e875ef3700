/* The ram store's snapshots: a copy of every row that a batch may want, one copy a row. */
#include "store/ram.h"

#define REPEAT_MAX 16

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

void *ram_parked_at(struct ram_store *s, struct slice channel, struct slice provider_id)
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
	kept = w->outbox_id && w->provider_id.len ? ram_parked_at(s, w->channel, w->provider_id) : NULL;
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

struct ram_sequence *ram_sequence_of(struct ram_store *s, struct slice day)
{
	struct ram_sequence *q;

	EACH(s->sequences, struct ram_sequence, q)
	if (slice_equal(q->day, day))
		return q;
	return NULL;
}

enum result ram_load(struct store *store, struct snapshot *snap)
{
	struct ram_store *s = (struct ram_store *)store;
	struct load l = {s, snap->arena, idmap_in(snap->arena, snap->n * 2)};
	struct ram_sequence *q;

	pthread_mutex_lock(&s->lock);
	q = ram_sequence_of(s, snap->day);
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

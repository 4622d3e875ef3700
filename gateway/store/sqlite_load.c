/*
 * Load: what a batch needs to know, by prepared point look-ups; every row of a snapshot has one pointer. An address is
 * unsealed only where a contact is asked for by id: who is asked for by name has just written it.
 */
#include "store/sqlite.h"

#include <string.h>

#include "store/rows.h"

#define OPEN_CASES_MAX   64
#define OPEN_SURVEYS_MAX 64
#define REPEAT_MAX       16

enum { ROW_CONTACT = 1, ROW_CASE, ROW_OUTBOX, ROW_MEDIA };

struct load {
	struct sqlite_store *s;
	struct sql *q;
	struct arena *a;
	struct idmap rows;
};
/* What belongs to a contact, kept beside it so that a second want of the same contact finds it loaded. */
struct person {
	struct contact contact;
	struct session_row session;
	bool has_session;
	struct case_row **cases;
	struct survey **surveys;
	size_t n_cases, n_surveys;
};

/* ---- rows ---- */

void read_contact(struct sql *q, int st, struct arena *a, struct contact *c)
{
	c->id = sql_int(q, st, 0);
	c->channel = sql_text(q, st, 1, a);
	c->lang = sql_text(q, st, 2, a);
	c->lang_chosen = sql_int(q, st, 3);
	c->optout = (unsigned)sql_int(q, st, 4);
	c->unreachable = sql_int(q, st, 5);
	c->created_at = sql_int(q, st, 6);
	c->greeted_at = sql_int(q, st, 7);
	c->flood_from = sql_int(q, st, 8);
	c->flood_count = (int)sql_int(q, st, 9);
	c->open_cases = (int)sql_int(q, st, 10);
	c->open_surveys = (int)sql_int(q, st, 11);
}

void read_case(struct sql *q, int st, struct arena *a, struct case_row *c)
{
	c->number = sql_text(q, st, 0, a);
	c->contact = sql_int(q, st, 1);
	c->channel = sql_text(q, st, 2, a);
	c->lang = sql_text(q, st, 3, a);
	case_status_find(sql_peek(q, st, 4), &c->status);
	c->purpose = sql_text(q, st, 5, a);
	c->confidential = sql_int(q, st, 6);
	c->flow = sql_text(q, st, 7, a);
	c->category = sql_text(q, st, 8, a);
	c->place = sql_text(q, st, 9, a);
	c->unit = sql_text(q, st, 10, a);
	c->window = sql_text(q, st, 11, a);
	c->text = sql_text(q, st, 12, a);
	c->fields = sql_text(q, st, 13, a);
	c->code = sql_hash(q, st, 14);
	c->handler = sql_text(q, st, 15, a);
	c->route = sql_text(q, st, 16, a);
	c->reason = sql_text(q, st, 17, a);
	c->result = sql_text(q, st, 18, a);
	c->created_at = sql_int(q, st, 19);
	c->updated_at = sql_int(q, st, 20);
	c->due_at = sql_int(q, st, 21);
	c->clock = sql_text(q, st, 22, a);
	c->version = sql_int(q, st, 23);
	c->muted = sql_int(q, st, 24);
	c->rating = (int)sql_int(q, st, 25);
}

void read_outbox(struct sql *q, int st, struct arena *a, struct outbox_row *r)
{
	r->m.id = sql_int(q, st, 0);
	r->m.contact = sql_int(q, st, 1);
	r->channel = sql_text(q, st, 2, a);
	r->state = (enum delivery_state)sql_int(q, st, 3);
	r->inline_reply = sql_int(q, st, 4);
	r->m.lane = (enum lane)sql_int(q, st, 5);
	r->m.part = (int)sql_int(q, st, 6);
	r->m.parts = (int)sql_int(q, st, 7);
	r->m.attempts = (int)sql_int(q, st, 8);
	r->cause = sql_int(q, st, 9);
	r->next_at = sql_int(q, st, 10);
	r->lease_until = sql_int(q, st, 11);
	r->m.created_at = sql_int(q, st, 12);
	r->m.from = sql_text(q, st, 13, a);
	r->m.text = sql_text(q, st, 14, a);
	r->m.n_buttons = buttons_unpack(sql_text(q, st, 15, a), r->m.buttons, MESSAGE_MAX_BUTTONS);
	r->m.case_number = sql_text(q, st, 16, a);
	r->provider_id = sql_text(q, st, 17, a);
	r->code = sql_text(q, st, 18, a);
	r->rid = sql_text(q, st, 19, a);
}

void read_media(struct sql *q, int st, struct arena *a, struct media_row *m)
{
	m->id = sql_int(q, st, 0);
	m->contact = sql_int(q, st, 1);
	m->message = sql_int(q, st, 2);
	m->channel = sql_text(q, st, 3, a);
	m->url = sql_text(q, st, 4, a);
	m->type = sql_text(q, st, 5, a);
	m->name = sql_text(q, st, 6, a);
	m->case_number = sql_text(q, st, 7, a);
	m->path = sql_text(q, st, 8, a);
	m->sha256 = sql_text(q, st, 9, a);
	m->why = sql_text(q, st, 10, a);
	m->size = sql_int(q, st, 11);
	m->attempts = (int)sql_int(q, st, 12);
	m->next_at = sql_int(q, st, 13);
	m->state = (enum delivery_state)sql_int(q, st, 14);
}

/* ---- a contact and what hangs on it ---- */

/* The row a statement stands on, as the one pointer of its number. */
static struct case_row *take_case(struct load *l, int st)
{
	struct slice number = sql_text(l->q, st, 0, l->a);
	void **at = idmap_at(&l->rows, ROW_CASE, 0, number);

	if (!*at) {
		*at = ARENA_NEW(l->a, struct case_row);
		read_case(l->q, st, l->a, *at);
	}
	return *at;
}

static void load_cases(struct load *l, struct person *p)
{
	p->cases = ARENA_ARRAY(l->a, struct case_row *, OPEN_CASES_MAX);
	for (bool row = sql_ask(l->q, SQL_CASES_OPEN, "id", p->contact.id, OPEN_CASES_MAX); row;
	     row = sql_next(l->q, SQL_CASES_OPEN))
		p->cases[p->n_cases++] = take_case(l, SQL_CASES_OPEN);
}

static void load_surveys(struct load *l, struct person *p)
{
	int st = SQL_SURVEYS_OPEN;

	p->surveys = ARENA_ARRAY(l->a, struct survey *, OPEN_SURVEYS_MAX);
	for (bool row = sql_ask(l->q, st, "id", p->contact.id, OPEN_SURVEYS_MAX); row; row = sql_next(l->q, st)) {
		struct survey *v = ARENA_NEW(l->a, struct survey);
		v->number = sql_text(l->q, st, 0, l->a);
		v->contact = sql_int(l->q, st, 1);
		v->state = (enum survey_state)sql_int(l->q, st, 2);
		v->rating = (int)sql_int(l->q, st, 3);
		v->comment = sql_text(l->q, st, 4, l->a);
		v->tries = (int)sql_int(l->q, st, 5);
		v->asked_at = sql_int(l->q, st, 6);
		v->until_at = sql_int(l->q, st, 7);
		v->reminded = sql_int(l->q, st, 8);
		p->surveys[p->n_surveys++] = v;
	}
}

static void read_session(struct load *l, int st, int column, struct person *p)
{
	p->session.flow = sql_text(l->q, st, column, l->a);
	p->has_session = p->session.flow.len;
	if (p->has_session) {
		p->session.contact = p->contact.id;
		p->session.revision = sql_text(l->q, st, column + 1, l->a);
		p->session.data = sql_text(l->q, st, column + 2, l->a);
	}
}

static struct person *take_person(struct load *l, int st)
{
	void **at = idmap_at(&l->rows, ROW_CONTACT, sql_int(l->q, st, 0), (struct slice){0});
	struct person *p = *at;

	if (p)
		return p;
	*at = p = ARENA_NEW(l->a, struct person);
	read_contact(l->q, st, l->a, &p->contact);
	read_session(l, st, 12, p);
	return p;
}

/* Wrote lately: only the session is asked for. */
static struct person *known_person(struct load *l, const struct hash16 *hash)
{
	struct contact c;
	struct person *p;
	void **at;

	if (!contacts_find(&l->s->contacts, hash, l->a, &c))
		return NULL;
	at = idmap_at(&l->rows, ROW_CONTACT, c.id, (struct slice){0});
	if (*at)
		return *at;
	*at = p = ARENA_NEW(l->a, struct person);
	p->contact = c;
	if (sql_ask(l->q, SQL_SESSION_GET, "i", c.id)) {
		read_session(l, SQL_SESSION_GET, 0, p);
		sql_rest(l->q, SQL_SESSION_GET);
	}
	return p;
}

static struct person *find_person(struct load *l, const struct want *w)
{
	struct person *p = w->by_hash ? known_person(l, &w->hash) : NULL;

	if (p)
		return p;
	if (w->by_hash && sql_ask(l->q, SQL_PERSON_BY_HASH, "h", &w->hash)) {
		p = take_person(l, SQL_PERSON_BY_HASH);
		p->contact.hash = w->hash;
		sql_rest(l->q, SQL_PERSON_BY_HASH);
		if (sql_result(l->q) == OK)
			contacts_keep(&l->s->contacts, &p->contact);
	} else if (!w->by_hash && w->contact_id && sql_ask(l->q, SQL_PERSON_BY_ID, "i", w->contact_id)) {
		p = take_person(l, SQL_PERSON_BY_ID);
		p->contact.hash = sql_hash(l->q, SQL_PERSON_BY_ID, 15);
		if (!p->contact.address.len)
			p->contact.address = open_address(&l->s->key, sql_peek(l->q, SQL_PERSON_BY_ID, 16), l->a);
		sql_rest(l->q, SQL_PERSON_BY_ID);
	}
	return p;
}

static void want_person(struct load *l, struct want *w)
{
	struct person *p = find_person(l, w);

	if (!p)
		return;
	if (p->contact.open_cases > 0 && !p->cases)
		load_cases(l, p);
	if (p->contact.open_surveys > 0 && !p->surveys)
		load_surveys(l, p);
	w->contact = &p->contact;
	w->session = p->has_session ? &p->session : NULL;
	w->open_cases = p->cases;
	w->n_open_cases = p->n_cases;
	w->surveys = p->surveys;
	w->n_surveys = p->n_surveys;
}

/* ---- the rest of a want ---- */

static void want_cases(struct load *l, struct want *w)
{
	for (size_t i = 0; i < w->n_numbers; i++)
		if (sql_ask(l->q, SQL_CASE_BY_NUMBER, "s", w->numbers[i])) {
			w->cases[i] = take_case(l, SQL_CASE_BY_NUMBER);
			sql_rest(l->q, SQL_CASE_BY_NUMBER);
		}
}

static struct outbox_row *take_outbox(struct load *l, int st)
{
	void **at = idmap_at(&l->rows, ROW_OUTBOX, sql_int(l->q, st, 0), (struct slice){0});

	if (!*at) {
		*at = ARENA_NEW(l->a, struct outbox_row);
		read_outbox(l->q, st, l->a, *at);
	}
	return *at;
}

static void want_outbox(struct load *l, struct want *w)
{
	if (w->outbox_id && sql_ask(l->q, SQL_OUTBOX_BY_ID, "i", w->outbox_id)) {
		w->outbox = take_outbox(l, SQL_OUTBOX_BY_ID);
		sql_rest(l->q, SQL_OUTBOX_BY_ID);
	} else if (w->provider_id.len && sql_ask(l->q, SQL_OUTBOX_BY_PROVIDER, "ss", w->channel, w->provider_id)) {
		w->outbox = take_outbox(l, SQL_OUTBOX_BY_PROVIDER);
		sql_rest(l->q, SQL_OUTBOX_BY_PROVIDER);
	}
}

static void want_parked(struct load *l, struct want *w)
{
	int st = SQL_PARKED_GET;
	struct parked *p;

	if (!w->outbox_id || !w->provider_id.len || !sql_ask(l->q, st, "ss", w->channel, w->provider_id))
		return;
	w->parked = p = ARENA_NEW(l->a, struct parked);
	p->channel = sql_text(l->q, st, 0, l->a);
	p->provider_id = p->receipt.provider_id = sql_text(l->q, st, 1, l->a);
	p->receipt.outbox = sql_int(l->q, st, 2);
	p->receipt.state = (enum delivery_state)sql_int(l->q, st, 3);
	p->receipt.code = sql_text(l->q, st, 4, l->a);
	p->receipt.opted_out = sql_int(l->q, st, 5);
	p->receipt.at = sql_int(l->q, st, 6);
	sql_rest(l->q, st);
}

static void want_media(struct load *l, struct want *w)
{
	void **at;

	if (!w->media_id || !sql_ask(l->q, SQL_MEDIA_GET, "i", w->media_id))
		return;
	at = idmap_at(&l->rows, ROW_MEDIA, w->media_id, (struct slice){0});
	if (!*at) {
		*at = ARENA_NEW(l->a, struct media_row);
		read_media(l->q, SQL_MEDIA_GET, l->a, *at);
	}
	w->media = *at;
	sql_rest(l->q, SQL_MEDIA_GET);
}

/* A duplicate gets the same inline answer again (design 2.2); so does whoever names the event itself. */
static void want_repeat(struct load *l, struct want *w)
{
	int st = SQL_OUTBOX_BY_CAUSE;

	if (w->has_dedupe)
		w->duplicate = keys_look(l->s, &w->dedupe, &w->first_event);
	if (!w->duplicate && (w->has_dedupe || !w->first_event))
		return;
	w->repeat = ARENA_ARRAY(l->a, struct outbox_row *, REPEAT_MAX);
	for (bool row = sql_ask(l->q, st, "id", w->first_event, REPEAT_MAX); row; row = sql_next(l->q, st))
		w->repeat[w->n_repeat++] = take_outbox(l, st);
}

static void load_sequence(struct load *l, struct snapshot *snap)
{
	struct sqlite_store *s = l->s;

	if (!slice_is(snap->day, s->sequence_day) || !snap->day.len) {
		s->sequence_day[0] = 0;
		s->next_sequence = 1;
		if (sql_ask(l->q, SQL_SEQUENCE_GET, "s", snap->day)) {
			s->next_sequence = sql_int(l->q, SQL_SEQUENCE_GET, 0);
			sql_rest(l->q, SQL_SEQUENCE_GET);
		}
		if (snap->day.len && snap->day.len < sizeof s->sequence_day && sql_result(l->q) == OK) {
			memcpy(s->sequence_day, snap->day.data, snap->day.len);
			s->sequence_day[snap->day.len] = 0;
		}
	}
	snap->next_sequence = s->next_sequence;
}

enum result sqlite_load(struct store *store, struct snapshot *snap)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	struct load l = {s, s->q, snap->arena, idmap_in(snap->arena, snap->n * 2)};

	if (sql_begin_reading(s->q) != OK)
		return sql_result(s->q);
	load_sequence(&l, snap);
	for (size_t i = 0; i < snap->n && sql_result(s->q) == OK; i++) {
		struct want *w = &snap->wants[i];
		want_person(&l, w);
		want_cases(&l, w);
		want_outbox(&l, w);
		want_parked(&l, w);
		want_media(&l, w);
		want_repeat(&l, w);
	}
	return sql_end_reading(s->q);
}

/*
 * Apply: all that a batch decided, in one transaction that is synced before OK is said. Anything that does not fit (a
 * key that is there already, a case that somebody else has changed) keeps the whole batch out: LATER.
 */
#include "store/sqlite.h"

#include <string.h>

#include "store/rows.h"
#include "huiyin/crash.h"

/* ---- people ---- */

static void put_contact(struct sqlite_store *s, struct arena *a, const struct contact *c)
{
	if (c->fresh) {
		sql_do(s->q, SQL_CONTACT_ADD, "issdddiiiddd", c->id, c->channel, c->lang, (int)c->lang_chosen,
		       (int)c->optout, (int)c->unreachable, c->created_at, c->greeted_at, c->flood_from, c->flood_count,
		       c->open_cases, c->open_surveys);
		sql_do(s->q, SQL_IDENTITY_ADD, "ihb", c->id, &c->hash, secret_seal(a, &s->key, c->address));
		return;
	}
	sql_do(s->q, SQL_CONTACT_PUT, "isdddiiddd", c->id, c->lang, (int)c->lang_chosen, (int)c->optout,
	       (int)c->unreachable, c->greeted_at, c->flood_from, c->flood_count, c->open_cases, c->open_surveys);
	if (sql_changed(s->q) == 0)
		sql_refuse(s->q);
}

/* The timer of the same contact in this batch; both lists are mostly in the same order, so the search begins at *hint.
 */
static struct timer *timer_of(struct changes *c, int64_t contact, size_t *hint)
{
	for (size_t i = 0; i < c->timers_put.n; i++) {
		struct timer *t = &c->timers_put.list[(*hint + i) % c->timers_put.n];
		if (t->contact == contact && t->kind == TIMER_SESSION && !t->ref.len) {
			*hint = (*hint + i + 1) % c->timers_put.n;
			return t;
		}
	}
	return NULL;
}

static int64_t end_session(struct sqlite_store *s, const struct session_row *row)
{
	sql_do(s->q, SQL_SESSION_GONE, "i", row->contact);
	if (sql_changed(s->q) == 0)
		sql_do(s->q, SQL_SESSION_EMPTY, "i", row->contact);
	return row->fresh ? 0 : -sql_changed(s->q);
}

/* Timers that go, sessions together with their timers, and then the timers that came alone. Returns sessions more. */
static int64_t put_sessions(struct sqlite_store *s, struct changes *c)
{
	bool *done = ARENA_ARRAY(c->arena, bool, c->timers_put.n + 1);
	int64_t more = 0;
	size_t hint = 0;

	for (size_t i = 0; i < c->timers_gone.n; i++)
		time_gone(s, &c->timers_gone.list[i]);
	for (size_t i = 0; i < c->sessions.n; i++) {
		const struct session_row *row = c->sessions.list[i];
		struct timer *t;

		if (row->gone) {
			more += end_session(s, row);
			continue;
		}
		t = timer_of(c, row->contact, &hint);
		time_put_session(s, row, t);
		if (t)
			done[t - c->timers_put.list] = true;
		more += row->fresh;
	}
	for (size_t i = 0; i < c->timers_put.n; i++)
		if (!done[i])
			time_put(s, &c->timers_put.list[i]);
	return more;
}

/* ---- cases ---- */

static void put_case(struct sqlite_store *s, const struct case_row *c)
{
	sql_do(s->q, c->fresh ? SQL_CASE_ADD : SQL_CASE_PUT,
	       "sisssdsdsssssss"
	       "hssssiiisidd",
	       c->number, c->contact, c->channel, c->lang, slice_of(case_status_name(c->status)),
	       (int)case_status_open(c->status), c->purpose, (int)c->confidential, c->flow, c->category, c->place,
	       c->unit, c->window, c->text, c->fields, &c->code, c->handler, c->route, c->reason, c->result,
	       c->created_at, c->updated_at, c->due_at, c->clock, c->version, (int)c->muted, c->rating);
	if (!c->fresh && sql_changed(s->q) == 0)
		sql_refuse(s->q); /* somebody else changed it since it was loaded */
}

static void put_case_event(struct sqlite_store *s, const struct case_event *e)
{
	sql_do(s->q, SQL_CASE_EVENT_ADD, "siisss", e->number, e->at, e->event, e->actor, e->verb, e->detail);
	if (sql_changed(s->q) == 0)
		sql_refuse(s->q);
}

static void put_survey(struct sqlite_store *s, const struct survey *v)
{
	sql_do(s->q, SQL_SURVEY_PUT, "siddsdiid", v->number, v->contact, (int)v->state, v->rating, v->comment, v->tries,
	       v->asked_at, v->until_at, (int)v->reminded);
}

static void put_media(struct sqlite_store *s, const struct media_row *m)
{
	sql_do(s->q, SQL_MEDIA_PUT, "iiissssssssidid", m->id, m->contact, m->message, m->channel, m->url, m->type,
	       m->name, m->case_number, m->path, m->sha256, m->why, m->size, m->attempts, m->next_at, (int)m->state);
}

/* ---- journal and outbox ---- */

bool sqlite_is_chat(const struct sqlite_store *s, struct slice channel)
{
	for (size_t i = 0; i < s->n_chat_channels; i++)
		if (slice_is(channel, s->chat_channels[i]))
			return true;
	return false;
}

/* A channel whose rows are never due is pushed by our own server; what is said there can be asked for by contact. */
static void note_chat(struct sqlite_store *s, const struct outbox_row *r)
{
	char *to;

	if (r->next_at != INT64_MAX || sqlite_is_chat(s, r->channel) || s->n_chat_channels == CHAT_CHANNELS_MAX ||
	    !r->channel.len || r->channel.len >= sizeof *s->chat_channels)
		return;
	to = s->chat_channels[s->n_chat_channels++];
	memcpy(to, r->channel.data, r->channel.len);
	to[r->channel.len] = 0;
	sql_do(s->q, SQL_CHAT_CHANNEL_ADD, "s", r->channel);
}

static void put_inbox(struct sqlite_store *s, const struct inbox_row *r)
{
	sql_do(s->q, SQL_INBOX_ADD, "iiidsssssid", r->id, r->at, r->contact, (int)r->kind, r->channel, r->provider_id,
	       r->text, r->rid, r->fate, r->sent_at, (int)(r->kind == EVENT_MESSAGE && sqlite_is_chat(s, r->channel)));
}

struct sums {
	struct count *list;
	size_t n, room;
};

static void sum(struct changes *c, struct sums *t, const char *what, const char *which, int64_t n)
{
	if (n)
		tally_add(c->arena, &t->list, &t->n, &t->room, (struct count){slice_of(what), slice_of(which), n});
}

static void add_outbox(struct sqlite_store *s, struct changes *c, const struct outbox_row *r)
{
	struct slice buttons = buttons_pack(c->arena, r->m.buttons, r->m.n_buttons);

	/* A waiting row goes to the end of its line; the rest has none. */
	sql_do(s->q, outbox_waits(r->state) ? SQL_OUTBOX_ADD_WAITING : SQL_OUTBOX_ADD,
	       "iisddddddd"
	       "iiii"
	       "ssbssss",
	       r->m.id, r->m.contact, r->channel, (int)r->state, (int)sqlite_is_chat(s, r->channel),
	       (int)r->inline_reply, (int)r->m.lane, r->m.part, r->m.parts, r->m.attempts, r->cause, r->next_at,
	       r->lease_until, r->m.created_at, r->m.from, r->m.text, buttons, r->m.case_number, r->provider_id,
	       r->code, r->rid);
	if (outbox_waits(r->state))
		claim_line_up(s, r->m.contact, r->channel);
}

static void put_outbox(struct sqlite_store *s, struct changes *c, const struct outbox_row *r, struct sums *t)
{
	enum delivery_state before;

	if (r->fresh) {
		add_outbox(s, c, r);
		sum(c, t, "outbox", delivery_state_name(r->state), 1);
		return;
	}
	if (!sql_ask(s->q, SQL_OUTBOX_STATE, "i", r->m.id)) {
		sql_refuse(s->q);
		return;
	}
	before = (enum delivery_state)sql_int(s->q, SQL_OUTBOX_STATE, 0);
	sql_rest(s->q, SQL_OUTBOX_STATE);
	if (!(outbox_from_mask(r) >> before & 1u))
		return; /* forward only: what is stored is the later truth */
	sql_do(s->q, outbox_waits(r->state) ? SQL_OUTBOX_PUT_WAITING : SQL_OUTBOX_PUT,
	       "iddd"
	       "iiss",
	       r->m.id, (int)r->state, (int)r->inline_reply, r->m.attempts, r->next_at, r->lease_until, r->provider_id,
	       r->code);
	if (outbox_waits(before) || outbox_waits(r->state))
		claim_line_up(s, r->m.contact, r->channel);
	if (before != r->state) {
		sum(c, t, "outbox", delivery_state_name(before), -1);
		sum(c, t, "outbox", delivery_state_name(r->state), 1);
	}
}

static void put_attempt(struct sqlite_store *s, const struct attempt *t)
{
	sql_do(s->q, SQL_ATTEMPT_ADD, "iidsssi", t->outbox, t->at, (int)t->outcome.what, t->outcome.provider_id,
	       t->outcome.code, t->outcome.detail, t->took_ms);
}

static void put_parked(struct sqlite_store *s, const struct parked *p, int64_t now)
{
	sql_do(s->q, SQL_PARKED_PUT, "ssidsdiid", p->channel, p->provider_id, p->receipt.outbox, (int)p->receipt.state,
	       p->receipt.code, (int)p->receipt.opted_out, p->receipt.at, now,
	       (int)receipt_from_mask(p->receipt.state));
}

/* ---- all of it ---- */

static void put_sums(struct sqlite_store *s, struct changes *c, const struct sums *gauges)
{
	struct sums t = {0};

	for (size_t i = 0; i < c->counts.n; i++)
		tally_add(c->arena, &t.list, &t.n, &t.room, c->counts.list[i]);
	for (size_t i = 0; i < t.n; i++)
		sql_do(s->q, SQL_COUNT_ADD, "sssi", c->day.len ? c->day : S("-"),
		       t.list[i].channel.len ? t.list[i].channel : S("-"), t.list[i].fate.len ? t.list[i].fate : S("-"),
		       t.list[i].n);
	for (size_t i = 0; i < gauges->n; i++)
		sql_do(s->q, SQL_COUNT_ADD, "sssi", S("now"), gauges->list[i].channel, gauges->list[i].fate,
		       gauges->list[i].n);
}

static void put_people_and_cases(struct sqlite_store *s, struct changes *c, struct sums *t)
{
	for (size_t i = 0; i < c->contacts.n; i++) {
		put_contact(s, c->arena, c->contacts.list[i]);
		sum(c, t, "contacts", "all", c->contacts.list[i]->fresh);
	}
	for (size_t i = 0; i < c->revisions.n; i++)
		sql_do(s->q, SQL_REVISION_ADD, "sss", c->revisions.list[i].flow, c->revisions.list[i].revision,
		       c->revisions.list[i].source);
	crash_point("revision_kept");
	sum(c, t, "sessions", "open", put_sessions(s, c));
	for (size_t i = 0; i < c->cases.n; i++) {
		put_case(s, c->cases.list[i]);
		sum(c, t, "cases", "all", c->cases.list[i]->fresh);
	}
	for (size_t i = 0; i < c->case_events.n; i++)
		put_case_event(s, &c->case_events.list[i]);
	for (size_t i = 0; i < c->surveys.n; i++)
		put_survey(s, c->surveys.list[i]);
	for (size_t i = 0; i < c->media.n; i++)
		put_media(s, c->media.list[i]);
	for (size_t i = 0; i < c->handovers.n; i++) {
		const struct handover *h = &c->handovers.list[i];
		sql_do(s->q, SQL_HANDOVER_ADD, "iisssdi", h->id, h->contact, h->reason, h->text, h->case_number,
		       (int)h->urgent, h->at);
	}
}

static void put_messages(struct sqlite_store *s, struct changes *c, struct sums *t)
{
	for (size_t i = 0; i < c->outbox.n; i++)
		note_chat(s, c->outbox.list[i]);
	for (size_t i = 0; i < c->inbox.n; i++)
		put_inbox(s, &c->inbox.list[i]);
	for (size_t i = 0; i < c->outbox.n; i++)
		put_outbox(s, c, c->outbox.list[i], t);
	for (size_t i = 0; i < c->attempts.n; i++)
		put_attempt(s, &c->attempts.list[i]);
	for (size_t i = 0; i < c->parked.n; i++)
		put_parked(s, &c->parked.list[i], c->now);
	for (size_t i = 0; i < c->parked_gone.n; i++)
		sql_do(s->q, SQL_PARKED_GONE, "ss", c->parked_gone.list[i].channel, c->parked_gone.list[i].provider_id);
	if (c->next_sequence)
		sql_do(s->q, SQL_SEQUENCE_PUT, "si", c->sequence_day, c->next_sequence);
}

static size_t put_keys(struct sqlite_store *s, const struct changes *c)
{
	size_t i = 0;

	while (i < c->dedupe.n && keys_put(s, &c->dedupe.list[i]))
		i++;
	if (i < c->dedupe.n)
		sql_refuse(s->q);
	return i;
}

/* Nothing of it was kept: memory goes back to what the disk has. */
static void undo(struct sqlite_store *s, struct changes *c, size_t keys, size_t chat_channels)
{
	for (size_t i = 0; i < keys; i++)
		keys_forget(s, &c->dedupe.list[i].key);
	s->n_chat_channels = chat_channels;
	s->sequence_day[0] = 0;
	c->claimed = NULL;
	c->claimed_media = NULL;
	c->n_claimed = c->n_claimed_media = 0;
}

static void remember_sequence(struct sqlite_store *s, const struct changes *c)
{
	if (c->next_sequence && slice_is(c->sequence_day, s->sequence_day))
		s->next_sequence = c->next_sequence;
	else if (c->next_sequence)
		s->sequence_day[0] = 0;
}

enum result sqlite_apply(struct store *store, struct changes *c)
{
	struct sqlite_store *s = (struct sqlite_store *)store;
	size_t keys, chat_channels = s->n_chat_channels;
	struct sums gauges = {0};
	enum result r;

	c->n_claimed = c->n_claimed_media = 0;
	if (s->keys.n >= DEDUPE_SEAL && keys_seal(s) == UNSURE)
		return UNSURE;
	crash_point("before_begin");
	r = sql_begin(s->q);
	if (r != OK)
		return r;
	put_people_and_cases(s, c, &gauges);
	put_messages(s, c, &gauges);
	keys = put_keys(s, c);
	claim_outbox(s, c);
	claim_media(s, c);
	for (size_t i = 0; i < c->n_claimed; i++)
		if (c->claimed[i].state == DELIVERY_SENDING) {
			sum(c, &gauges, "outbox", "queued", -1);
			sum(c, &gauges, "outbox", "sending", 1);
		}
	put_sums(s, c, &gauges);
	crash_point("before_commit");
	r = sql_commit(s->q);
	crash_point("after_commit");
	s->n_absent = s->at_absent = 0;
	if (r != OK) {
		undo(s, c, keys, chat_channels);
		return r;
	}
	remember_sequence(s, c);
	for (size_t i = 0; i < c->contacts.n; i++)
		contacts_keep(&s->contacts, c->contacts.list[i]);
	sql_checkpoint(s->q, SQL_WAL_SOFT_BYTES);
	return OK;
}

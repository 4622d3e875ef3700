/*
 * Who may be sent to now. Of a contact's waiting rows on a channel only the first stands at the head of the line
 * (outbox.line 0); the others become claimable one after the other, so replies leave in order and a claim never has to
 * search past those who must wait. A lease that ran out is claimed again as UNSURE: the call may have been made.
 */
#include "store/sqlite.h"
#include "store/rows.h"

static int64_t first_in(struct sqlite_store *s, int64_t contact, int line, struct slice channel)
{
	int64_t id = 0;

	if (sql_ask(s->q, SQL_LINE_FIRST, "ids", contact, line, channel)) {
		id = sql_int(s->q, SQL_LINE_FIRST, 0);
		sql_rest(s->q, SQL_LINE_FIRST);
	}
	return id;
}

/* Puts the earliest waiting row at the head. One already on its way stays there, whatever came in before it. */
void claim_line_up(struct sqlite_store *s, int64_t contact, struct slice channel)
{
	int64_t head = first_in(s, contact, 0, channel), next = first_in(s, contact, 1, channel);

	if (next && (!head || next < head)) {
		sql_do(s->q, SQL_LINE_SET, "id", next, 0);
		head = next;
	}
	if (head)
		sql_do(s->q, SQL_LINE_BEHIND, "iis", contact, head, channel);
}

struct candidates {
	int64_t *ids, *contacts;
	size_t n, room;
};

/* Two channels of one contact do not leave in one claim either. */
static bool contact_taken(const struct candidates *c, int64_t contact)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->contacts[i] == contact)
			return true;
	return false;
}

static void take(struct sqlite_store *s, int st, struct candidates *c)
{
	for (bool row = true; row && c->n < c->room; row = sql_next(s->q, st)) {
		int64_t contact = sql_int(s->q, st, 1);
		if (contact_taken(c, contact))
			continue;
		c->contacts[c->n] = contact;
		c->ids[c->n++] = sql_int(s->q, st, 0);
	}
	sql_rest(s->q, st);
}

static bool claim_row(struct sqlite_store *s, struct changes *c, int64_t id, struct outbox_row *r)
{
	if (!sql_ask(s->q, SQL_CLAIM_ROW, "i", id))
		return false;
	read_outbox(s->q, SQL_CLAIM_ROW, c->arena, r);
	r->m.to = open_address(&s->key, sql_peek(s->q, SQL_CLAIM_ROW, OUTBOX_COLUMNS_READ), c->arena);
	sql_rest(s->q, SQL_CLAIM_ROW);
	if (r->state == DELIVERY_SENDING) {
		r->state = DELIVERY_UNSURE; /* in hand only: stored it stays "sending" until the courier has judged */
		r->m.attempts++;
	} else {
		r->state = DELIVERY_SENDING;
	}
	r->lease_until = c->now + c->lease_ms;
	sql_do(s->q, SQL_CLAIM_MARK, "idi", id, r->m.attempts, r->lease_until);
	return true;
}

void claim_outbox(struct sqlite_store *s, struct changes *c)
{
	struct candidates got = {.room = c->claim_room};

	if (!c->claim_room)
		return;
	got.ids = ARENA_ARRAY(c->arena, int64_t, got.room);
	got.contacts = ARENA_ARRAY(c->arena, int64_t, got.room);
	if (sql_ask(s->q, SQL_CLAIM_LOST, "id", c->now, (int)got.room))
		take(s, SQL_CLAIM_LOST, &got);
	for (int lane = 0; lane < LANES && got.n < got.room; lane++)
		if (sql_ask(s->q, SQL_CLAIM_DUE, "did", lane, c->now, (int)got.room))
			take(s, SQL_CLAIM_DUE, &got);
	c->claimed = ARENA_ARRAY(c->arena, struct outbox_row, got.n ? got.n : 1);
	for (size_t i = 0; i < got.n; i++)
		c->n_claimed += claim_row(s, c, got.ids[i], &c->claimed[c->n_claimed]);
}

static void take_media(struct sqlite_store *s, struct changes *c, int st)
{
	for (bool row = sql_ask(s->q, st, "id", c->now, (int)(c->claim_media_room - c->n_claimed_media)); row;
	     row = sql_next(s->q, st))
		read_media(s->q, st, c->arena, &c->claimed_media[c->n_claimed_media++]);
}

/* A fetch may be made twice without harm, so a lost lease is simply taken again. */
void claim_media(struct sqlite_store *s, struct changes *c)
{
	if (!c->claim_media_room)
		return;
	c->claimed_media = ARENA_ARRAY(c->arena, struct media_row, c->claim_media_room);
	take_media(s, c, SQL_MEDIA_LOST);
	if (c->n_claimed_media < c->claim_media_room)
		take_media(s, c, SQL_MEDIA_DUE);
	for (size_t i = 0; i < c->n_claimed_media; i++) {
		struct media_row *m = &c->claimed_media[i];
		if (m->state == DELIVERY_SENDING)
			m->attempts++;
		m->state = DELIVERY_SENDING;
		sql_do(s->q, SQL_MEDIA_MARK, "idi", m->id, m->attempts, c->now + c->lease_ms);
	}
}

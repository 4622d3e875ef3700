/* Rows of an answer of PostgreSQL as structs: the columns stand in the order of the lists in pg_statements.def. */
#include "store/pg.h"

#include "store/rows.h"

static int64_t number(struct pg_place p, int column)
{
	return pg_int(p.q, p.place, p.row, p.at + column);
}

static struct slice text(struct pg_place p, int column)
{
	return pg_text(p.q, p.place, p.row, p.at + column, p.arena);
}

void pg_read_contact(struct pg_place p, struct contact *c)
{
	c->id = number(p, 0);
	c->channel = text(p, 1);
	c->lang = text(p, 2);
	c->lang_chosen = number(p, 3);
	c->optout = (unsigned)number(p, 4);
	c->unreachable = number(p, 5);
	c->created_at = number(p, 6);
	c->greeted_at = number(p, 7);
	c->flood_from = number(p, 8);
	c->flood_count = (int)number(p, 9);
	c->open_cases = (int)number(p, 10);
	c->open_surveys = (int)number(p, 11);
}

void pg_read_case(struct pg_place p, struct case_row *c)
{
	c->number = text(p, 0);
	c->contact = number(p, 1);
	c->channel = text(p, 2);
	c->lang = text(p, 3);
	case_status_find(pg_peek(p.q, p.place, p.row, p.at + 4), &c->status);
	c->purpose = text(p, 5);
	c->confidential = number(p, 6);
	c->flow = text(p, 7);
	c->category = text(p, 8);
	c->place = text(p, 9);
	c->unit = text(p, 10);
	c->window = text(p, 11);
	c->text = text(p, 12);
	c->fields = text(p, 13);
	c->code = pg_hash(p.q, p.place, p.row, p.at + 14);
	c->handler = text(p, 15);
	c->route = text(p, 16);
	c->reason = text(p, 17);
	c->result = text(p, 18);
	c->created_at = number(p, 19);
	c->updated_at = number(p, 20);
	c->due_at = number(p, 21);
	c->clock = text(p, 22);
	c->version = number(p, 23);
	c->muted = number(p, 24);
	c->rating = (int)number(p, 25);
}

void pg_read_outbox(struct pg_place p, struct outbox_row *r)
{
	r->m.id = number(p, 0);
	r->m.contact = number(p, 1);
	r->channel = text(p, 2);
	r->state = (enum delivery_state)number(p, 3);
	r->inline_reply = number(p, 4);
	r->m.lane = (enum lane)number(p, 5);
	r->m.part = (int)number(p, 6);
	r->m.parts = (int)number(p, 7);
	r->m.attempts = (int)number(p, 8);
	r->cause = number(p, 9);
	r->next_at = number(p, 10);
	r->lease_until = number(p, 11);
	r->m.created_at = number(p, 12);
	r->m.from = text(p, 13);
	r->m.text = text(p, 14);
	r->m.n_buttons = buttons_unpack(text(p, 15), r->m.buttons, MESSAGE_MAX_BUTTONS);
	r->m.case_number = text(p, 16);
	r->provider_id = text(p, 17);
	r->code = text(p, 18);
	r->rid = text(p, 19);
	r->fence = number(p, 20);
}

void pg_read_media(struct pg_place p, struct media_row *m)
{
	m->id = number(p, 0);
	m->contact = number(p, 1);
	m->message = number(p, 2);
	m->channel = text(p, 3);
	m->url = text(p, 4);
	m->type = text(p, 5);
	m->name = text(p, 6);
	m->case_number = text(p, 7);
	m->path = text(p, 8);
	m->sha256 = text(p, 9);
	m->why = text(p, 10);
	m->size = number(p, 11);
	m->attempts = (int)number(p, 12);
	m->next_at = number(p, 13);
	m->state = (enum delivery_state)number(p, 14);
}

void pg_read_survey(struct pg_place p, struct survey *v)
{
	v->number = text(p, 0);
	v->contact = number(p, 1);
	v->state = (enum survey_state)number(p, 2);
	v->rating = (int)number(p, 3);
	v->comment = text(p, 4);
	v->tries = (int)number(p, 5);
	v->asked_at = number(p, 6);
	v->until_at = number(p, 7);
	v->reminded = number(p, 8);
}

int pg_shard_of_case(struct slice name)
{
	uint8_t sum[DIGEST_MAX_BYTES];

	digest_of(SHA256, &name, 1, sum);
	return sum[0];
}

int pg_shard_of_provider(struct slice channel, struct slice provider_id)
{
	const struct slice parts[3] = {channel, S("\n"), provider_id};
	uint8_t sum[DIGEST_MAX_BYTES];

	digest_of(SHA256, parts, 3, sum);
	return sum[0];
}

/*
 * Who may be sent to now, over all gateways. First what this very batch has queued, by contact: the common case, which
 * touches no shard but its own. Then, a few times a second, what anyone left: due again, or held by a gateway that
 * died or let its lease run out. Rows that another gateway has in its hands are skipped, not waited for.
 *
 * A lease is told from the database's clock, so that a gateway whose own is wrong takes nothing from others. A row that
 * was on its way comes back UNSURE, in hand only: stored it stays "sending" until the courier has judged.
 */
#include "huiyin/clock.h"
#include "store/pg_batch.h"

#define OTHERS_EVERY_MS 250

/* Each batch's lease ends at a moment of its own: what it claimed can be told from all else by it. */
static int64_t lease_end(struct pg_store *s, const struct changes *c)
{
	int64_t end = pg_there(s, c->now) + c->lease_ms;

	s->lease_stamp = end > s->lease_stamp + 1 ? end : s->lease_stamp + 2; /* the odd one is of rows that were on their way */
	return s->lease_stamp;
}

static void ask_own(struct pg_store *s, struct changes *c, struct pg_claim *claim)
{
	int64_t *contacts = ARENA_ARRAY(c->arena, int64_t, c->outbox.n + 1);
	int *shards = ARENA_ARRAY(c->arena, int, c->outbox.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < c->outbox.n; i++) {
		int64_t contact = c->outbox.list[i]->m.contact;
		bool again = false;

		for (size_t k = 0; k < n && !again; k++)
			again = contacts[k] == contact;
		if (again)
			continue;
		shards[n] = store_shard_of_id(contact);
		contacts[n++] = contact;
	}
	if (n)
		claim->own = pg_add(s->q, PG_CLAIM_OWN, "WIiidw", shards, n, contacts, n, pg_there(s, c->now), s->lease_stamp,
				    (int)c->claim_room, s->gateway);
}

void pg_claim_ask(struct pg_store *s, struct changes *c, struct pg_claim *claim)
{
	int64_t now = clock_mono().ms;

	*claim = (struct pg_claim){false, -1, -1, -1};
	if (!c->claim_room && !c->claim_media_room)
		return;
	claim->asked = true;
	lease_end(s, c);
	/* Whoever had this number before is dead, and what it held is in nobody's hands. */
	if (s->joined && !s->inherited) {
		pg_add(s->q, PG_LET_GO, "w", s->gateway);
		pg_add(s->q, PG_LET_GO_MEDIA, "w", s->gateway);
	}
	for (size_t i = 0; i < s->n_lost; i++)
		pg_add(s->q, PG_UNCLAIM, "wi", s->gateway, s->lost[i]);
	if (c->claim_room)
		ask_own(s, c, claim);
	if (c->claim_media_room)
		claim->media = pg_add(s->q, PG_CLAIM_MEDIA, "iidwi", pg_there(s, c->now), s->lease_stamp,
				      (int)c->claim_media_room, s->gateway, (int64_t)PG_DEAD_MS);
	if (!c->claim_room || (s->claimed_at && now - s->claimed_at < OTHERS_EVERY_MS && c->outbox.n))
		return;
	s->claimed_at = now;
	claim->others = pg_add(s->q, PG_CLAIM_OTHERS, "iidwi", pg_there(s, c->now), s->lease_stamp, (int)c->claim_room,
			       s->gateway, (int64_t)PG_DEAD_MS);
}

/* Behind the columns of the row: the sealed address, and whether it was on its way already. */
static void take(struct pg_store *s, struct changes *c, int place)
{
	for (size_t i = 0; i < pg_rows(s->q, place); i++) {
		struct outbox_row *r = &c->claimed[c->n_claimed++];

		pg_read_outbox((struct pg_place){s->q, place, i, 0, c->arena}, r);
		pg_outbox_here(s, r);
		r->m.to = open_address(&s->key, pg_peek(s->q, place, i, PG_OUTBOX_COLUMNS), c->arena);
		r->state = pg_int(s->q, place, i, PG_OUTBOX_COLUMNS + 1) ? DELIVERY_UNSURE : DELIVERY_SENDING;
	}
}

/* It may have been kept, and what it claimed never reached the courier: let go as soon as that can be said. */
void pg_claim_lost(struct pg_store *s)
{
	if (s->n_lost < PG_LOST_MAX)
		s->lost[s->n_lost++] = s->lease_stamp;
}

void pg_claim_take(struct pg_store *s, struct changes *c, const struct pg_claim *claim)
{
	size_t n = pg_rows(s->q, claim->own) + pg_rows(s->q, claim->others);

	if (claim->asked)
		s->n_lost = 0;
	s->inherited = s->inherited || claim->asked;
	if (n >= c->claim_room)
		s->claimed_at = 0; /* there may be more: the next look is not put off */
	if (n) {
		c->claimed = ARENA_ARRAY(c->arena, struct outbox_row, n);
		take(s, c, claim->own);
		take(s, c, claim->others);
	}
	n = pg_rows(s->q, claim->media);
	if (n)
		c->claimed_media = ARENA_ARRAY(c->arena, struct media_row, n);
	for (size_t i = 0; i < n; i++) {
		struct media_row *m = &c->claimed_media[c->n_claimed_media++];

		pg_read_media((struct pg_place){s->q, claim->media, i, 0, c->arena}, m);
		m->next_at = pg_here(s, m->next_at);
		m->state = DELIVERY_SENDING;
	}
}

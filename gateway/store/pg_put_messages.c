/*
 * The journal, the outbox with its attempts and receipts, and the keys of what was seen: what apply writes of them. Nothing
 * here is fatal.
 */
#include <string.h>

#include "store/pg_put.h"

/* ---- journal and outbox ------------------------------------------------------------------------------------------- */

bool pg_is_chat(const struct pg_store *s, struct slice channel)
{
	for (size_t i = 0; i < s->n_chat_channels; i++)
		if (slice_is(channel, s->chat_channels[i]))
			return true;
	return false;
}

/* A channel whose rows are never due is pushed by our own server; what is said there can be asked for by contact. */
static void note_chats(struct pg_store *s, struct changes *c)
{
	for (size_t i = 0; i < c->outbox.n; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		char *to;

		if (r->next_at != INT64_MAX || pg_is_chat(s, r->channel) || s->n_chat_channels == PG_CHAT_CHANNELS_MAX ||
		    !r->channel.len || r->channel.len >= PG_CHANNEL_ROOM)
			continue;
		to = s->chat_channels[s->n_chat_channels++];
		memcpy(to, r->channel.data, r->channel.len);
		to[r->channel.len] = '\0';
		pg_add(s->q, PG_CHAT_CHANNEL_ADD, "t", r->channel);
	}
}

/* The first answer that rode on the webhook of this event; 0 none. Both lists are mostly in the same order. */
static int64_t first_reply(const struct changes *c, int64_t event, size_t *hint)
{
	for (size_t i = 0; i < c->outbox.n; i++) {
		size_t at = (*hint + i) % c->outbox.n;
		const struct outbox_row *r = c->outbox.list[at];

		if (r->fresh && r->inline_reply && r->cause == event) {
			*hint = at + 1;
			return r->m.id;
		}
	}
	return 0;
}

static void add_inbox(struct pg_store *s, struct changes *c)
{
	enum { T_CHANNEL, T_PROVIDER, T_TEXT, T_RID, T_FATE, T_ALL };
	enum { NUMBERS = 6 };
	size_t n = c->inbox.n, hint = 0;
	struct slice *t[T_ALL];
	INTS(numbers, n * NUMBERS);

	for (int i = 0; i < T_ALL; i++)
		t[i] = ARENA_ARRAY(c->arena, struct slice, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct inbox_row *r = &c->inbox.list[i];
		int64_t *to = numbers + i * NUMBERS;

		*to++ = r->contact;
		*to++ = r->id;
		*to++ = r->at;
		*to++ = (int)r->kind | (r->kind == EVENT_MESSAGE && pg_is_chat(s, r->channel)) << 4;
		*to++ = r->sent_at;
		*to = first_reply(c, r->id, &hint);
		t[T_CHANNEL][i] = r->channel;
		t[T_PROVIDER][i] = r->provider_id;
		t[T_TEXT][i] = r->text;
		t[T_RID][i] = r->rid;
		t[T_FATE][i] = r->fate;
	}
	if (n)
		pg_add(s->q, PG_INBOX_ADD, "ISNNNN", numbers, n * NUMBERS, t[T_CHANNEL], n, t[T_PROVIDER], n, t[T_TEXT], n,
		       t[T_RID], n, t[T_FATE], n);
}

/* The small numbers of a row in one: 0-3 state · 4 waits (behind, until its line is put in order) · 5 of a web chat ·
   6 rode on the webhook's answer · 7-9 lane · 10-25 part · 26-41 parts · 42… attempts. */
static int64_t outbox_bits(const struct pg_store *s, const struct outbox_row *r)
{
	return (int64_t)r->state | (int64_t)outbox_waits(r->state) << 4 | (int64_t)pg_is_chat(s, r->channel) << 5 |
	       (int64_t)r->inline_reply << 6 | (int64_t)r->m.lane << 7 | (int64_t)(r->m.part & 0xffff) << 10 |
	       (int64_t)(r->m.parts & 0xffff) << 26 | (int64_t)r->m.attempts << 42;
}

static void add_outbox(struct pg_store *s, struct changes *c)
{
	enum { T_CHANNEL, T_FROM, T_TEXT, T_BUTTONS, T_CASE, T_PROVIDER, T_CODE, T_RID, T_ALL };
	enum { NUMBERS = 7 };
	size_t most = c->outbox.n, n = 0;
	struct slice *t[T_ALL];
	INTS(numbers, most * NUMBERS);

	for (int i = 0; i < T_ALL; i++)
		t[i] = ARENA_ARRAY(c->arena, struct slice, most + 1);
	for (size_t i = 0; i < most; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		int64_t *to = numbers + n * NUMBERS;

		if (!r->fresh)
			continue;
		*to++ = r->m.id;
		*to++ = r->m.contact;
		*to++ = outbox_bits(s, r);
		*to++ = r->cause;
		*to++ = pg_there(s, r->next_at);
		*to++ = pg_there(s, r->lease_until);
		*to = r->m.created_at;
		t[T_CHANNEL][n] = r->channel;
		t[T_FROM][n] = r->m.from;
		t[T_TEXT][n] = r->m.text;
		t[T_BUTTONS][n] = buttons_pack(c->arena, r->m.buttons, r->m.n_buttons);
		t[T_CASE][n] = r->m.case_number;
		t[T_PROVIDER][n] = r->provider_id;
		t[T_CODE][n] = r->code;
		t[T_RID][n++] = r->rid;
	}
	if (n)
		pg_add(s->q, PG_OUTBOX_ADD, "ISSSMNNNS", numbers, n * NUMBERS, t[T_CHANNEL], n, t[T_FROM], n, t[T_TEXT], n,
		       t[T_BUTTONS], n, t[T_CASE], n, t[T_PROVIDER], n, t[T_CODE], n, t[T_RID], n);
}

/* Forward only: what is stored is the later truth. */
static void put_outbox(struct pg_store *s, struct changes *c)
{
	size_t most = c->outbox.n, n = 0;
	INTS(ids, most), *next = ARENA_ARRAY(c->arena, int64_t, most + 1), *lease = ARENA_ARRAY(c->arena, int64_t, most + 1);
	INTS(fences, most);
	WORDS(shards, most), *states, *waits, *inlined, *attempts, *masks;
	TEXTS(providers, most), *codes = ARENA_ARRAY(c->arena, struct slice, most + 1);

	states = ARENA_ARRAY(c->arena, int, most + 1);
	waits = ARENA_ARRAY(c->arena, int, most + 1);
	inlined = ARENA_ARRAY(c->arena, int, most + 1);
	attempts = ARENA_ARRAY(c->arena, int, most + 1);
	masks = ARENA_ARRAY(c->arena, int, most + 1);
	for (size_t i = 0; i < most; i++) {
		const struct outbox_row *r = c->outbox.list[i];

		if (r->fresh)
			continue;
		shards[n] = store_shard_of_id(r->m.contact);
		ids[n] = r->m.id;
		states[n] = (int)r->state;
		waits[n] = outbox_waits(r->state);
		inlined[n] = r->inline_reply;
		attempts[n] = r->m.attempts;
		next[n] = pg_there(s, r->next_at);
		lease[n] = pg_there(s, r->lease_until);
		providers[n] = r->provider_id;
		codes[n] = r->code;
		fences[n] = r->fence;
		masks[n++] = (int)outbox_from_mask(r);
	}
	if (n)
		pg_add(s->q, PG_OUTBOX_PUT, "WIWWWDIISSDIi", shards, n, ids, n, states, n, waits, n, inlined, n, attempts, n,
		       next, n, lease, n, providers, n, codes, n, masks, n, fences, n, (int64_t)n);
}

/* Of each contact and channel that was touched the earliest waiting row is put at the head of its line. */
static void line_up(struct pg_store *s, struct changes *c)
{
	size_t most = c->outbox.n, n = 0;
	INTS(contacts, most);
	WORDS(shards, most);
	TEXTS(channels, most);

	for (size_t i = 0; i < most; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		bool there = r->fresh && !outbox_waits(r->state);

		for (size_t k = 0; k < n && !there; k++)
			there = contacts[k] == r->m.contact && slice_equal(channels[k], r->channel);
		if (there)
			continue;
		shards[n] = store_shard_of_id(r->m.contact);
		contacts[n] = r->m.contact;
		channels[n++] = r->channel;
	}
	if (n)
		pg_add(s->q, PG_LINE_UP, "WIS", shards, n, contacts, n, channels, n);
}

/* The provider's ids that became known, so that its receipts find the row. */
static void add_provider_refs(struct pg_store *s, struct changes *c)
{
	size_t most = c->outbox.n, n = 0;
	INTS(ids, most), *contacts = ARENA_ARRAY(c->arena, int64_t, most + 1);
	WORDS(shards, most), *owners = ARENA_ARRAY(c->arena, int, most + 1);
	TEXTS(channels, most), *providers = ARENA_ARRAY(c->arena, struct slice, most + 1);

	for (size_t i = 0; i < most; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		bool again = !r->provider_id.len;

		for (size_t k = 0; k < n && !again; k++)
			again = slice_equal(providers[k], r->provider_id) && slice_equal(channels[k], r->channel);
		if (again)
			continue;
		shards[n] = pg_shard_of_provider(r->channel, r->provider_id);
		channels[n] = r->channel;
		providers[n] = r->provider_id;
		owners[n] = store_shard_of_id(r->m.contact);
		contacts[n] = r->m.contact;
		ids[n++] = r->m.id;
	}
	if (n)
		pg_add(s->q, PG_PROVIDER_REF_PUT, "WSSWII", shards, n, channels, n, providers, n, owners, n, ids, n, contacts,
		       n);
}

static void add_attempts(struct pg_store *s, struct changes *c)
{
	size_t n = c->attempts.n;
	INTS(ids, n), *at = ARENA_ARRAY(c->arena, int64_t, n + 1), *took = ARENA_ARRAY(c->arena, int64_t, n + 1);
	WORDS(shards, n), *what = ARENA_ARRAY(c->arena, int, n + 1);
	TEXTS(providers, n), *codes = ARENA_ARRAY(c->arena, struct slice, n + 1), *details;

	details = ARENA_ARRAY(c->arena, struct slice, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct attempt *t = &c->attempts.list[i];

		shards[i] = store_shard_of_id(t->outbox);
		ids[i] = t->outbox;
		at[i] = t->at;
		what[i] = (int)t->outcome.what;
		providers[i] = t->outcome.provider_id;
		codes[i] = t->outcome.code;
		details[i] = t->outcome.detail;
		took[i] = t->took_ms;
	}
	if (n)
		pg_add(s->q, PG_ATTEMPT_ADD, "WIIWSSSI", shards, n, ids, n, at, n, what, n, providers, n, codes, n, details, n,
		       took, n);
}

static void put_parked(struct pg_store *s, struct changes *c)
{
	size_t most = c->parked.n, n = 0;
	TEXTS(channels, most), *providers = ARENA_ARRAY(c->arena, struct slice, most + 1), *codes;
	WORDS(shards, most), *states, *opted, *masks;
	INTS(outbox, most), *at = ARENA_ARRAY(c->arena, int64_t, most + 1);

	codes = ARENA_ARRAY(c->arena, struct slice, most + 1);
	states = ARENA_ARRAY(c->arena, int, most + 1);
	opted = ARENA_ARRAY(c->arena, int, most + 1);
	masks = ARENA_ARRAY(c->arena, int, most + 1);
	for (size_t i = 0; i < most; i++) {
		const struct parked *p = &c->parked.list[i];
		size_t k = 0;

		while (k < n && !(slice_equal(providers[k], p->provider_id) && slice_equal(channels[k], p->channel)))
			k++;
		if (k < n && !(receipt_from_mask(p->receipt.state) >> states[k] & 1u))
			continue; /* twice in one batch: the later state stays */
		shards[k] = pg_shard_of_provider(p->channel, p->provider_id);
		channels[k] = p->channel;
		providers[k] = p->provider_id;
		outbox[k] = p->receipt.outbox;
		states[k] = (int)p->receipt.state;
		codes[k] = p->receipt.code;
		opted[k] = p->receipt.opted_out || (k < n && opted[k]);
		at[k] = p->receipt.at;
		masks[k] = (int)receipt_from_mask(p->receipt.state);
		n += k == n;
	}
	if (n) {
		pg_add(s->q, PG_PARKED_ADD, "WSSIWSWIi", shards, n, channels, n, providers, n, outbox, n, states, n, codes, n,
		       opted, n, at, n, c->now);
		pg_add(s->q, PG_PARKED_MOVE, "WSSIWSWIDi", shards, n, channels, n, providers, n, outbox, n, states, n, codes, n,
		       opted, n, at, n, masks, n, c->now);
	}
	if (c->parked_gone.n) {
		size_t m = c->parked_gone.n;
		TEXTS(gone, m), *ids = ARENA_ARRAY(c->arena, struct slice, m + 1);
		WORDS(of, m);

		for (size_t i = 0; i < m; i++) {
			gone[i] = c->parked_gone.list[i].channel;
			ids[i] = c->parked_gone.list[i].provider_id;
			of[i] = pg_shard_of_provider(gone[i], ids[i]);
		}
		pg_add(s->q, PG_PARKED_GONE, "WSS", of, m, gone, m, ids, m);
	}
}

static void add_keys(struct pg_store *s, struct changes *c)
{
	size_t n = c->dedupe.n;
	INTS(numbers, n * 2); /* event and moment of each */
	HASHES(keys, n);

	for (size_t i = 0; i < n; i++) {
		keys[i] = c->dedupe.list[i].key;
		numbers[i * 2] = c->dedupe.list[i].event;
		numbers[i * 2 + 1] = c->dedupe.list[i].at;
	}
	if (n)
		pg_add(s->q, PG_DEDUPE_ADD, "IH", numbers, n * 2, keys, n);
}

void pg_put_messages(struct pg_store *s, struct changes *c)
{
	note_chats(s, c);
	add_inbox(s, c);
	add_outbox(s, c);
	put_outbox(s, c);
	line_up(s, c);
	add_provider_refs(s, c);
	add_attempts(s, c);
	put_parked(s, c);
	add_keys(s, c);
}

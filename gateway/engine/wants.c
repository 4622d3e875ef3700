/*
 * What a batch asks the store for: each event says whose rows it needs, and by which key it would be known if it came
 * twice. Nothing in here can fail.
 */
#include "engine/inside.h"

#include <string.h>

/* The key of contract 2.2; a provider without ids gets one from sender, text, media and the provider's time or minute. */
static struct hash16 dedupe_key(struct batch *b, const struct event *e, const struct account *acc)
{
	const struct message *m = &e->message;
	struct slice parts[6] = {acc->name, m->id};
	size_t n = 2;

	if (!m->id.len) {
		parts[n++] = m->from;
		parts[n++] = m->text;
		parts[n++] = m->n_media ? m->media[0].url : S("");
		parts[n++] = arena_printf(b->arena, "%lld", (long long)(m->sent_at ? m->sent_at : e->at / 60000));
	}
	return secret_hash16(engine_key(b->engine), parts, n);
}

static void want_message(struct batch *b, struct turn *t, struct want *w)
{
	const struct message *m = &t->e->message;
	struct slice who[2] = {t->account->name, m->from};

	w->by_hash = true;
	w->hash = secret_hash16(engine_key(b->engine), who, 2);
	w->has_dedupe = true;
	w->dedupe = dedupe_key(b, t->e, t->account);
	w->dedupe.bytes[0] = w->hash.bytes[0]; /* beside its contact: the same shard */
	w->n_numbers = case_number_find(b->arena, m->text, w->numbers, WANT_MAX_NUMBERS);
	if (m->reply_to.len) {
		w->channel = t->account->name;
		w->provider_id = m->reply_to;
	}
}

void want_fill(struct batch *b, struct turn *t, struct want *w)
{
	struct event *e = t->e;

	switch (e->kind) {
	case EVENT_MESSAGE:
		want_message(b, t, w);
		break;
	case EVENT_RECEIPT:
		w->outbox_id = e->receipt.outbox;
		w->channel = t->account ? t->account->name : S("");
		w->provider_id = e->receipt.outbox ? S("") : e->receipt.provider_id;
		break;
	case EVENT_SENT:
		w->outbox_id = e->sent.outbox;
		w->channel = t->account ? t->account->name : S("");
		w->provider_id = e->sent.outcome.provider_id;
		break;
	case EVENT_STAFF:
		if (e->staff.case_number.len)
			w->numbers[w->n_numbers++] = e->staff.case_number;
		if (e->staff.idempotency_key.len) {
			struct slice parts[3] = {S("staff"), e->staff.case_number, e->staff.idempotency_key};
			w->has_dedupe = true;
			w->dedupe = secret_hash16(engine_key(b->engine), parts, 3);
		}
		break;
	case EVENT_TIMER:
		w->contact_id = e->timer.contact;
		w->timer = true;
		w->due = (struct timer){e->timer.contact, (enum timer_kind)e->timer.kind, e->timer.ref, e->timer.due_at};
		if (e->timer.kind != TIMER_SESSION)
			w->numbers[w->n_numbers++] = e->timer.ref;
		break;
	case EVENT_SEEN:
		w->by_hash = true;
		w->hash = e->seen.contact;
		if (e->seen.inline_lost)
			w->first_event = e->seen.up_to;
		else
			w->outbox_id = e->seen.up_to;
		break;
	case EVENT_MEDIA:
		w->media_id = e->fetched.media;
		break;
	}
}

/* The same dedupe key twice in one batch: the second is a duplicate of the first. Batches are small, keys random. */
void want_firsts(struct batch *b)
{
	enum { SLOTS = BATCH_MAX * 4 };
	uint16_t slots[SLOTS] = {0};

	for (size_t i = 0; i < b->n; i++) {
		struct want *w = &b->snap.wants[i];
		uint32_t h;

		if (!w->has_dedupe)
			continue;
		memcpy(&h, w->dedupe.bytes, sizeof h);
		for (h %= SLOTS; slots[h]; h = (h + 1) % SLOTS) {
			struct turn *other = &b->turns[slots[h] - 1];
			if (memcmp(&other->want->dedupe, &w->dedupe, sizeof w->dedupe) == 0) {
				b->turns[i].first = other;
				break;
			}
		}
		if (!slots[h])
			slots[h] = (uint16_t)(i + 1);
	}
}

/*
 * Apply: all that a batch decided, in the transaction that its load began, as one pipeline that ends with COMMIT. Each
 * table (pg_put_*.c) is one statement over arrays, sent only when there is something for it; so a batch costs the same
 * number of statements however large it is.
 *
 * What must hold is said inside the statements: rows that must be there are counted (a division by zero when one is
 * missing), keys that must be new are unique. Then the COMMIT behind is not run, and the answer is RETRY.
 *
 * When the connection breaks after the COMMIT was sent, nobody knows. That is never guessed: on a new connection the
 * batch's contacts are locked, which waits for the old transaction to end, and then it is looked for (resolve).
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "huiyin/clock.h"
#include "huiyin/crash.h"
#include "huiyin/log.h"
#include "store/pg_put.h"

#define ANSWER_MS  1900 /* so long after its load began a batch has its answer */
#define RESOLVE_MS 200  /* and at least so long a lost answer is looked for */

/* ---- counts and news ---------------------------------------------------------------------------------------------- */

static void add_counts(struct pg_store *s, struct changes *c)
{
	struct count *list = NULL;
	size_t n = 0, room = 0, contacts = 0, cases = 0;
	int64_t sessions = 0;
	TEXTS(days, c->counts.n + 3), *channels, *fates;
	INTS(sums, c->counts.n + 3);

	for (size_t i = 0; i < c->counts.n; i++)
		tally_add(c->arena, &list, &n, &room, c->counts.list[i]);
	for (size_t i = 0; i < c->contacts.n; i++)
		contacts += c->contacts.list[i]->fresh;
	for (size_t i = 0; i < c->cases.n; i++)
		cases += c->cases.list[i]->fresh;
	for (size_t i = 0; i < c->sessions.n; i++)
		sessions += c->sessions.list[i]->gone ? -!c->sessions.list[i]->fresh : c->sessions.list[i]->fresh;
	channels = ARENA_ARRAY(c->arena, struct slice, n + 4);
	fates = ARENA_ARRAY(c->arena, struct slice, n + 4);
	for (size_t i = 0; i < n; i++) {
		days[i] = or_dash(c->day);
		channels[i] = or_dash(list[i].channel);
		fates[i] = or_dash(list[i].fate);
		sums[i] = list[i].n;
	}
#define NOW(what, which, how_many) \
	if (how_many) \
		days[n] = S("now"), channels[n] = S(what), fates[n] = S(which), sums[n++] = (int64_t)(how_many)
	NOW("contacts", "all", contacts);
	NOW("cases", "all", cases);
	NOW("sessions", "open", sessions);
#undef NOW
	if (n)
		pg_add(s->q, PG_COUNT_ADD, "SSSIw", days, n, channels, n, fates, n, sums, n, s->gateway);
}

static const struct hash16 *hash_of(const struct pg_store *s, const struct changes *c, int64_t contact)
{
	for (size_t i = 0; i < c->contacts.n; i++)
		if (c->contacts.list[i]->id == contact)
			return &c->contacts.list[i]->hash;
	for (size_t i = 0; s->batch && i < s->batch->people.n; i++)
		if (s->batch->people.list[i].id == contact)
			return &s->batch->people.list[i].hash;
	return NULL;
}

/* Lines for web chats, which may hang on another gateway; and rows that wait while our courier has no room. */
static void tell_others(struct pg_store *s, struct changes *c)
{
	size_t n = 0;
	bool waiting = false;
	TEXTS(what, c->outbox.n + 1);
	INTS(told, c->outbox.n);

	for (size_t i = 0; i < c->outbox.n; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		const struct hash16 *hash;
		bool again = !r->fresh || !pg_is_chat(s, r->channel);

		waiting = waiting || (r->fresh && r->state == DELIVERY_QUEUED && r->next_at != INT64_MAX);
		for (size_t k = 0; k < n && !again; k++)
			again = told[k] == r->m.contact;
		hash = again ? NULL : hash_of(s, c, r->m.contact);
		if (!hash)
			continue;
		told[n] = r->m.contact;
		what[n++] = arena_printf(c->arena, "c" SLICE_FMT,
					 SLICE_ARG(hex_encode(c->arena, slice_make((const char *)hash->bytes, 16))));
	}
	if (waiting && !c->claim_room)
		what[n++] = S("o");
	if (n)
		pg_add(s->q, PG_NOTIFY, "S", what, n);
}

/* ---- a lost answer ------------------------------------------------------------------------------------------------ */

/* Something of the batch that is there exactly if all of it is. */
static bool ask_mark(struct pg_store *s, const struct changes *c, int *place)
{
	if (c->dedupe.n) {
		const struct dedupe_put *d = &c->dedupe.list[0];
		int shard = store_shard_of_hash(&d->key);

		pg_add(s->q, PG_MARK_KEY, "wh", shard, &d->key);
		*place = pg_add(s->q, PG_MARK_KEY_GET, "whi", shard, &d->key, d->event);
		pg_add(s->q, PG_MARK_KEY_UNDO, "wh", shard, &d->key);
		return true;
	}
	if (c->inbox.n) {
		*place = pg_add(s->q, PG_MARK_INBOX, "wi", store_shard_of_id(c->inbox.list[0].contact), c->inbox.list[0].id);
		return true;
	}
	for (size_t i = 0; i < c->outbox.n; i++)
		if (c->outbox.list[i]->fresh) {
			const struct outbox_row *r = c->outbox.list[i];

			*place = pg_add(s->q, PG_MARK_OUTBOX, "wi", store_shard_of_id(r->m.contact), r->m.id);
			return true;
		}
	if (c->attempts.n) {
		const struct attempt *t = &c->attempts.list[0];

		*place = pg_add(s->q, PG_MARK_ATTEMPT, "wii", store_shard_of_id(t->outbox), t->outbox, t->at);
	}
	return c->attempts.n > 0;
}

static void lock_again(struct pg_store *s, const struct changes *c)
{
	size_t n = s->batch ? s->batch->people.n : 0;
	WORDS(shards, n);
	INTS(ids, n);

	for (size_t i = 0; i < n; i++) {
		ids[i] = s->batch->people.list[i].id;
		shards[i] = store_shard_of_id(ids[i]);
	}
	if (n)
		pg_add(s->q, PG_LOCK_AGAIN, "WI", shards, n, ids, n);
}

static enum result resolve(struct pg_store *s, struct changes *c, const struct pg_claim *claim)
{
	int64_t least = clock_mono().ms + RESOLVE_MS, until = s->answer_by > least ? s->answer_by : least;
	enum result r = LATER;

	pg_until(s->q, until);
	while (clock_mono().ms < until) {
		int place = -1;
		bool marked;

		if (pg_begin(s->q) != OK) {
			nanosleep(&(struct timespec){.tv_nsec = 50 * 1000000L}, NULL);
			continue;
		}
		pg_word(s->q, "BEGIN");
		lock_again(s, c);
		marked = ask_mark(s, c, &place);
		/* What it had claimed never reached the courier: it is free again. */
		if (claim->asked)
			pg_add(s->q, PG_UNCLAIM, "wi", s->gateway, s->lease_stamp);
		pg_word(s->q, "COMMIT");
		r = pg_run(s->q);
		if (r != OK) {
			r = LATER;
			continue;
		}
		r = marked && pg_rows(s->q, place) ? OK : LATER;
		log_line(LOG_WARN_, "store", "the answer to a commit was lost; looked it up", "found", r == OK ? "yes" : "no", NULL);
		return r;
	}
	if (claim->asked)
		pg_claim_lost(s);
	log_line(LOG_WARN_, "store", "the answer to a commit was lost and cannot be looked up now; the providers send again", NULL);
	return LATER;
}

/* ---- all of it ---------------------------------------------------------------------------------------------------- */

bool pg_budget(struct pg_store *s)
{
	int64_t now = clock_mono().ms;
	bool again = s->again;

	s->again = false;
	if (again && now >= s->answer_by)
		return false;
	if (!again)
		s->answer_by = now + ANSWER_MS;
	pg_until(s->q, s->answer_by);
	return true;
}

static void add_all(struct pg_store *s, struct changes *c, struct pg_claim *claim)
{
	pg_put_contacts(s, c);
	pg_put_revisions(s, c);
	crash_point("revision_kept");
	pg_put_sessions(s, c);
	pg_put_cases(s, c);
	pg_put_messages(s, c);
	add_counts(s, c);
	pg_claim_ask(s, c, claim);
	tell_others(s, c);
}

/* A message that was taken for new and leaves no key behind (it is one too many, say) may have been there before. */
static bool keys_come(const struct pg_batch *b, const struct changes *c)
{
	size_t at = 0;

	for (size_t i = 0; i < b->unasked.n; i++) {
		size_t seen = 0;

		while (seen < c->dedupe.n && memcmp(&c->dedupe.list[at].key, &b->unasked.list[i], sizeof(struct hash16)) != 0) {
			at = (at + 1) % c->dedupe.n; /* both are mostly in the same order */
			seen++;
		}
		if (seen == c->dedupe.n)
			return false;
	}
	return true;
}

/* What a batch was decided on must still be locked: the transaction that its load began goes on, or nothing does. */
static enum result begin(struct pg_store *s, const struct changes *c)
{
	const struct pg_batch *b = s->batch && s->batch->arena ? s->batch : NULL;

	if (b && b->failed != OK)
		return b->failed;
	if (b && (!pg_in_transaction(s->q) || !keys_come(b, c)))
		return RETRY;
	if (!b && (c->claim_room || c->claim_media_room) && pg_clock_look(s) != OK)
		return LATER;
	if (pg_begin(s->q) != OK)
		return LATER;
	if (b)
		return b->connection == pg_connections(s->q) ? OK : RETRY;
	if (pg_in_transaction(s->q))
		pg_word(s->q, "ROLLBACK");
	pg_word(s->q, "BEGIN");
	return OK;
}

enum result pg_apply(struct store *store, struct changes *c)
{
	struct pg_store *s = (struct pg_store *)store;
	struct pg_claim claim = {false, -1, -1, -1};
	size_t chat_channels = s->n_chat_channels;
	enum result r;
	bool unsure;

	if (!s->batch || !s->batch->arena)
		pg_budget(s);
	c->n_claimed = c->n_claimed_media = 0;
	crash_point("before_begin");
	r = begin(s, c);
	if (r == OK) {
		add_all(s, c, &claim);
		pg_word(s->q, "COMMIT");
		crash_point("before_commit");
		r = pg_run(s->q);
		crash_point("after_commit");
	}
	unsure = r == UNSURE;
	if (r == OK)
		pg_claim_take(s, c, &claim);
	else if (unsure)
		r = resolve(s, c, &claim);
	pg_until(s->q, 0);
	s->again = r == RETRY;
	if (r != OK)
		s->ask_keys = PG_ASK_KEYS;
	else if (s->ask_keys && c->dedupe.n)
		s->ask_keys--;
	/* A number that may have been given to a case is never given to another: it would be refused for ever. */
	if ((r == OK || r == RETRY || unsure) && c->next_sequence && slice_is(c->sequence_day, s->sequence_day))
		s->next_sequence = c->next_sequence;
	if (r != OK)
		s->n_chat_channels = chat_channels;
	for (size_t i = 0; r == OK && i < c->contacts.n; i++)
		pg_know(s, &c->contacts.list[i]->hash, c->contacts.list[i]->id,
			!c->contacts.list[i]->open_cases && !c->contacts.list[i]->open_surveys);
	if (s->batch)
		s->batch->arena = NULL;
	return r;
}

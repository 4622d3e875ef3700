/*
 * The engine: one thread, one batch at a time. Load what the batch needs, let the rules decide event by event, apply all
 * of it in one synced transaction, and only then let go of the answers (design 1 and 2.1).
 *
 * Fatal here: a sync whose outcome is unknown. The process ends with EX_IOERR and the next start reads what is there.
 * Everything else that fails is answered "later" and leaves nothing behind.
 */
#include "engine/batch.h"
#include "engine/jump.h"
#include "huiyin/crash.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sysexits.h>
#include <unistd.h>

#define IDLE_WAIT_MS 250
#define BLOCKED_WAIT_MS 200
#define REFUSED_WAIT_MS 1000
#define SHARED_LOOK_MS 1000
#define DISK_LOOK_MS 1000
#define TIDY_EVERY_MS CRASH_OR(100, 5000)
#define TIDY_BUSY_MS CRASH_OR(100, 60000)
#define TIMERS_PER_BATCH 128
#define FLOOD_SLOTS 8192
#define RETRIES_MAX 5
#define REVIVED_MAX 32
#define KEPT_MAX 64
#define BATCH_ARENA_BYTES ((size_t)64 << 20)

struct flood_slot { struct hash16 who; int64_t from, told_at; int count; };
struct revived { char flow[64], revision[24]; struct flow *f; uint64_t used; };

struct engine {
	struct engine_options o;
	struct config *config, *next_config; /* next_config: under `lock` */
	pthread_t thread;
	pthread_mutex_t lock;
	bool threaded, stopping;
	struct matcher *matcher;
	struct arena *arena;
	int64_t next_due, disk_looked, tidied;
	struct jumps jumps;
	int64_t shift_owed; /* by so much the store is still to be moved along */
	bool disk_full, store_refuses;
	int64_t refused_at; /* when the store last refused (wall) */
	struct flood_slot flood[FLOOD_SLOTS];
	struct revived revived[REVIVED_MAX];
	uint64_t revived_clock;
	struct { char flow[64], revision[24]; } kept[KEPT_MAX]; /* revisions that are stored for certain; the oldest goes */
	size_t n_kept;
	_Atomic uint64_t batches, events, replies, duplicates, refused, limited, later, batch_ms, largest;
	_Atomic bool unready, look;
};

struct matcher *engine_matcher(struct engine *e)
{
	return e->matcher;
}

const struct key *engine_key(struct engine *e)
{
	return e->o.key;
}

int64_t engine_new_id(struct engine *e)
{
	return queue_id(e->o.queue);
}

int64_t engine_new_id_of(struct engine *e, int64_t contact)
{
	return queue_id_in(e->o.queue, store_shard_of_id(contact));
}

int64_t engine_new_contact_id(struct engine *e, const struct hash16 *hash)
{
	return queue_id_in(e->o.queue, store_shard_of_hash(hash));
}

enum result engine_load(struct engine *e, struct snapshot *snap)
{
	return e->o.store->kind->load(e->o.store, snap);
}

int64_t engine_age(const struct engine *e, int64_t since, int64_t now)
{
	return jumps_age(&e->jumps, since, now);
}

void engine_note_limited(struct engine *e)
{
	e->limited++;
}

/* A source is long; it is sent to the store once and not with every conversation that begins. */
void engine_keep_revision(struct batch *b, const struct flow *f)
{
	const struct engine *e = b->engine;
	struct revision r = {flow_name(f), flow_revision(f), flow_source(f)};

	for (size_t i = 0; i < e->n_kept && i < KEPT_MAX; i++)
		if (slice_is(r.revision, e->kept[i].revision) && slice_is(r.flow, e->kept[i].flow))
			return;
	for (size_t i = 0; i < b->changes.revisions.n; i++)
		if (slice_equal(r.revision, b->changes.revisions.list[i].revision) &&
		    slice_equal(r.flow, b->changes.revisions.list[i].flow))
			return;
	LIST_ADD(&b->changes, revisions, r);
}

static void note_kept(struct engine *e, const struct changes *c)
{
	for (size_t i = 0; i < c->revisions.n; i++) {
		const struct revision *r = &c->revisions.list[i];
		size_t at = e->n_kept % KEPT_MAX;

		if (r->flow.len >= sizeof e->kept[at].flow || r->revision.len >= sizeof e->kept[at].revision)
			continue;
		memset(&e->kept[at], 0, sizeof e->kept[at]);
		memcpy(e->kept[at].flow, r->flow.data, r->flow.len);
		memcpy(e->kept[at].revision, r->revision.data, r->revision.len);
		e->n_kept++;
	}
}

enum result engine_backup(struct engine *e, const char *path, struct slice *why, struct arena *a)
{
	return e->o.store->kind->backup(e->o.store, path, why, a);
}

/* A session goes on with the revision it began with, also after a reload (design 2.8). */
const struct flow *engine_flow(struct engine *e, struct config *c, struct slice name, struct slice revision)
{
	const struct flow *now = flow_find(c->flows, name);
	struct revived *slot = &e->revived[0];
	struct arena *a;
	struct slice source;
	struct diags d;

	if (now && (!revision.len || slice_equal(flow_revision(now), revision)))
		return now;
	for (size_t i = 0; i < REVIVED_MAX; i++) {
		struct revived *r = &e->revived[i];
		if (r->f && slice_is(name, r->flow) && slice_is(revision, r->revision)) {
			r->used = ++e->revived_clock;
			return r->f;
		}
		if (r->used < slot->used)
			slot = r;
	}
	if (name.len >= sizeof slot->flow || revision.len >= sizeof slot->revision)
		return NULL;
	a = arena_open(0);
	d = diags_in(a);
	if (e->o.store->kind->revision(e->o.store, name, revision, a, &source) == OK) {
		flow_free(&slot->f);
		slot->f = flow_revive(c->flows, name, source, &d);
		memcpy(slot->flow, name.data, name.len);
		slot->flow[name.len] = 0;
		memcpy(slot->revision, revision.data, revision.len);
		slot->revision[revision.len] = 0;
		slot->used = ++e->revived_clock;
		arena_close(&a);
		return slot->f;
	}
	arena_close(&a);
	return NULL;
}

/* More than so many messages a minute from one sender: told once, then dropped with a count until it is quiet. */
bool engine_flooded(struct engine *e, const struct contact *c, int64_t now, bool *tell)
{
	uint64_t h;
	struct flood_slot *s;

	memcpy(&h, c->hash.bytes, sizeof h);
	s = &e->flood[h % FLOOD_SLOTS];
	*tell = false;
	if (memcmp(&s->who, &c->hash, sizeof s->who) != 0 || now - s->from > 60000 || now < s->from) {
		bool quiet = memcmp(&s->who, &c->hash, sizeof s->who) != 0 || now - s->told_at > e->config->limits.flood_quiet_ms;
		*s = (struct flood_slot){.who = c->hash, .from = now, .count = 1, .told_at = quiet ? 0 : s->told_at};
		return false;
	}
	if (++s->count <= e->config->limits.flood_per_minute)
		return false;
	if (!s->told_at) {
		s->told_at = now;
		*tell = true;
	}
	return true;
}

/* ---- a batch ------------------------------------------------------------------------------------------------------ */

static struct slice local_day(struct batch *b, bool dashes)
{
	struct civil c = wall_civil(b->now, b->config->zone);

	return dashes ? arena_printf(b->arena, "%04d-%02d-%02d", c.year, c.month, c.day)
		      : arena_printf(b->arena, "%02d%02d%02d", c.year % 100, c.month, c.day);
}

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

static void want_fill(struct batch *b, struct turn *t, struct want *w)
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
static void find_firsts(struct batch *b)
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

static void turn_take(struct batch *b, struct turn *t)
{
	switch (t->e->kind) {
	case EVENT_MESSAGE:
		inbound_take(b, t);
		break;
	case EVENT_RECEIPT:
		receipt_take(b, t);
		break;
	case EVENT_SENT:
		sent_take(b, t);
		break;
	case EVENT_STAFF:
		staff_take(b, t);
		break;
	case EVENT_SEEN:
		seen_take(b, t);
		break;
	case EVENT_MEDIA:
		media_take(b, t);
		break;
	case EVENT_TIMER:
		t->p = t->want->stale ? NULL : person_by_id(b, t->e->timer.contact);
		if (!t->p)
			break;
		if (t->e->timer.kind == TIMER_SESSION) {
			struct step s = {0};
			struct context c;
			int64_t jumped; /* silence is not what the wall clock was set forward by */
			if (!person_session(b, t->p)) {
				timer_set(b, t->p->contact->id, TIMER_SESSION, S(""), 0);
				break;
			}
			context_fill(b, t->p, account_of(b, t->p), &c);
			jumped = b->now - t->p->session->touched_at - engine_age(b->engine, t->p->session->touched_at, b->now);
			c.now -= jumped;
			flow_timer(t->p->flow, engine_matcher(b->engine), b->arena, &c, t->p->session, &s);
			for (size_t i = 0; i < s.n_replies && !(t->p->contact->optout & OPTOUT_CHAT); i++)
				say_reply(b, t, t->p, &s.replies[i], LANE_REPLY, (struct slice){0});
			acts_do(b, t, t->p, &s);
			timer_set(b, t->p->contact->id, TIMER_SESSION, S(""), s.due_at ? s.due_at + jumped : 0);
			session_save(b, t->p, 0);
		} else if (t->e->timer.kind == TIMER_SURVEY) {
			survey_due(b, t, t->p, t->e->timer.ref);
		}
		break;
	}
}

/* Our own news, which nobody would send again: nobody waits for an answer, and it is kept until it is stored. */
static bool must_keep(const struct event *e)
{
	return e->kind == EVENT_SENT || e->kind == EVENT_MEDIA || e->kind == EVENT_SEEN;
}

static void turn_open(struct batch *b, struct turn *t, struct event *e)
{
	t->e = e;
	if (e->channel >= 0 && (size_t)e->channel < b->config->n_accounts)
		t->account = &b->config->accounts[e->channel];
	if (!must_keep(e)) {
		t->release = ARENA_NEW(e->arena, struct release);
		t->release->event = e;
		t->release->ack = ACK_DONE;
	}
}

static struct slice fate_of(const struct turn *t)
{
	if (t->fate.len)
		return t->fate;
	return t->replied ? S("answered") : t->queued ? S("queued") : S("answered");
}

static void count_message(struct batch *b, const struct turn *t)
{
	struct slice fate = fate_of(t);

	if (!t->account)
		return;
	LIST_ADD(&b->changes, counts, ((struct count){t->account->name, S("received"), 1}));
	LIST_ADD(&b->changes, counts, ((struct count){t->account->name, fate, 1}));
}

static enum result batch_apply(struct batch *b, bool claim)
{
	struct engine *e = b->engine;
	struct changes *c = &b->changes;

	c->day = local_day(b, true);
	if (b->sequence_used) {
		c->next_sequence = b->snap.next_sequence;
		c->sequence_day = b->snap.day;
	}
	if (claim && e->o.room) {
		c->claim_room = e->o.room(e->o.with, &c->claim_media_room);
		c->lease_ms = b->config->keep.lease_ms;
	}
	return e->o.store->kind->apply(e->o.store, c);
}

static void batch_refuse(struct batch *b, enum ack ack)
{
	for (size_t i = 0; i < b->n; i++) {
		struct release *r = b->turns[i].release;
		if (!r)
			continue;
		*r = (struct release){.event = r->event, .ack = ack};
		if (r->event->kind == EVENT_STAFF) {
			r->status = 503;
			r->body = S("{\"error\":{\"code\":\"later\",\"what\":\"the store cannot take it now\","
				    "\"mend\":\"try again in a few seconds\"}}");
		}
	}
}

static struct release *batch_releases(struct batch *b)
{
	struct release *head = NULL, **tail = &head;

	for (size_t i = 0; i < b->n; i++)
		if (b->turns[i].release) {
			*tail = b->turns[i].release;
			tail = &(*tail)->next;
		}
	return head;
}

static bool wants_claim(const struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->turns[i].e->kind == EVENT_SENT || b->turns[i].e->kind == EVENT_MEDIA)
			return true;
	for (size_t i = 0; i < b->changes.outbox.n; i++)
		if (b->changes.outbox.list[i]->state == DELIVERY_QUEUED)
			return true;
	return b->changes.media.n > 0;
}

static void note_due(struct engine *e, const struct changes *c)
{
	for (size_t i = 0; i < c->timers_put.n; i++)
		if (!e->next_due || c->timers_put.list[i].due_at < e->next_due)
			e->next_due = c->timers_put.list[i].due_at;
	for (size_t i = 0; i < c->outbox.n; i++) {
		const struct outbox_row *r = c->outbox.list[i];
		if (r->state == DELIVERY_QUEUED && r->next_at != INT64_MAX && (!e->next_due || r->next_at < e->next_due))
			e->next_due = r->next_at;
	}
}

/* A store that cannot be reached may have kept us waiting for long; see waited_in_vain. */
static void note_refusal(struct engine *e, enum result r)
{
	if (r == LATER)
		e->refused_at = clock_wall().ms;
}

static void ask_next_due(struct engine *e, int64_t now)
{
	int64_t at = 0;
	enum result r = e->store_refuses ? LATER : e->o.store->kind->next_due(e->o.store, &at);

	note_refusal(e, r);
	if (r != OK)
		at = now + IDLE_WAIT_MS;
	/* What a gateway that died has left announces itself to nobody. */
	if (e->o.store->kind->listen && (!at || at > now + SHARED_LOOK_MS))
		at = now + SHARED_LOOK_MS;
	/* What is due already but could not be taken (no room, an earlier one of the same person is on its way) waits a little. */
	e->next_due = at && at <= now ? now + BLOCKED_WAIT_MS : at;
}

static void unsure_means_stop(enum result r)
{
	if (r != UNSURE)
		return;
	log_line(LOG_ERROR_, "engine", "the store could not sync; stopping so that the next start reads what is there", "mend",
		 "check the disk (dmesg, smartctl), then start again", NULL);
	_exit(EX_IOERR);
}

static void batch_open(struct batch *b, struct engine *e, struct event **events, size_t n, int64_t now)
{
	memset(b, 0, sizeof *b);
	arena_reset(e->arena);
	b->engine = e;
	b->config = e->config;
	b->arena = e->arena;
	b->now = now;
	b->n = n;
	b->turns = ARENA_ARRAY(b->arena, struct turn, n ? n : 1);
	b->snap = (struct snapshot){.arena = b->arena, .wants = ARENA_ARRAY(b->arena, struct want, n ? n : 1), .n = n};
	b->snap.day = local_day(b, false);
	b->changes.arena = b->arena;
	b->changes.now = now;
	for (size_t i = 0; i < n; i++) {
		turn_open(b, &b->turns[i], events[i]);
		b->turns[i].want = &b->snap.wants[i];
		want_fill(b, &b->turns[i], &b->snap.wants[i]);
	}
}

static enum result batch_try(struct batch *b, struct engine *e, struct event **events, size_t n, int64_t now, bool due)
{
	enum result r;

	batch_open(b, e, events, n, now);
	crash_point("before_load");
	r = n ? engine_load(e, &b->snap) : OK;
	if (r == OK) {
		find_firsts(b);
		for (size_t i = 0; i < n; i++)
			turn_take(b, &b->turns[i]);
		for (size_t i = 0; i < n; i++)
			if (events[i]->kind == EVENT_MESSAGE)
				count_message(b, &b->turns[i]);
		crash_point("after_rules");
		r = batch_apply(b, due || wants_claim(b));
	}
	return r;
}

/* Runs one batch. OK: applied; the releases may go. LATER or NEVER: nothing was kept, the releases say "again". */
static enum result batch_run(struct batch *b, struct engine *e, struct event **events, size_t n, int64_t now, bool due)
{
	enum result r = batch_try(b, e, events, n, now, due);

	for (int again = 0; r == RETRY && again < RETRIES_MAX; again++)
		r = batch_try(b, e, events, n, now, due);
	if (r == RETRY)
		r = LATER;
	unsure_means_stop(r);
	if (r != OK)
		batch_refuse(b, ACK_AGAIN);
	return r;
}

static void batch_done(struct batch *b)
{
	struct engine *e = b->engine;

	note_due(e, &b->changes);
	note_kept(e, &b->changes);
	e->batches++;
	e->events += b->n;
	if (b->n > e->largest)
		e->largest = b->n;
	if ((b->changes.n_claimed || b->changes.n_claimed_media) && e->o.give) {
		crash_point("outbox_claimed");
		e->o.give(e->o.with, b->changes.claimed, b->changes.n_claimed, b->changes.claimed_media,
			  b->changes.n_claimed_media);
		crash_point("outbox_given");
	}
}

/* Events of our own that nobody waits for: done with when stored, back into the queue when not. */
static void settle(struct engine *e, struct event **events, size_t n, enum result r)
{
	for (size_t i = 0; i < n; i++)
		if (events[i] && must_keep(events[i])) {
			if (r == LATER)
				queue_put_always(e->o.queue, events[i]);
			else
				event_close(&events[i]);
			events[i] = NULL;
			crash_point("result_applied");
		}
}

/* A batch that can never be applied is taken apart, so that one bad event does not hold up the others. */
static struct release *run_one_by_one(struct engine *e, struct event **events, size_t n, int64_t now)
{
	struct release *head = NULL, **tail = &head;

	for (size_t i = 0; i < n; i++) {
		struct batch b;
		enum result r = batch_run(&b, e, &events[i], 1, now, false);

		if (r == NEVER) {
			log_line(LOG_ERROR_, "engine", "an event cannot be stored; it is refused for good", "rid",
				 arena_cstr(b.arena, events[i]->rid), NULL);
			batch_refuse(&b, ACK_BAD);
		}
		if (r == OK)
			batch_done(&b);
		for (*tail = batch_releases(&b); *tail; tail = &(*tail)->next)
			;
		settle(e, &events[i], 1, r);
	}
	return head;
}

static struct release *run(struct engine *e, struct event **events, size_t n, int64_t now, bool due)
{
	struct batch b;
	enum result r = batch_run(&b, e, events, n, now, due);
	struct release *list;

	e->store_refuses = r != OK;
	note_refusal(e, r);
	e->unready = e->store_refuses || e->disk_full;
	if (r == NEVER && n > 1) {
		list = run_one_by_one(e, events, n, now);
	} else {
		list = batch_releases(&b);
		if (r == NEVER && n)
			batch_refuse(&b, ACK_BAD);
		if (r == OK)
			batch_done(&b);
		else {
			e->later++;
			log_line(LOG_WARN_, "engine", "batch not stored; providers are asked to send again", "result",
				 result_name(r), NULL);
		}
	}
	settle(e, events, n, r);
	return list;
}

static size_t add_timers(struct engine *e, struct event **events, size_t n, int64_t now)
{
	struct timer *due = NULL;
	size_t found = 0;
	struct arena *a = arena_open(0);
	enum result r;

	r = e->o.store->kind->due(e->o.store, now, TIMERS_PER_BATCH, a, &due, &found);
	note_refusal(e, r);
	if (r != OK)
		found = 0;
	for (size_t i = 0; i < found; i++) {
		struct event *t = event_open(EVENT_TIMER);
		t->at = now;
		t->id = engine_new_id(e);
		t->timer.contact = due[i].contact;
		t->timer.kind = (int)due[i].kind;
		t->timer.ref = arena_copy(t->arena, due[i].ref);
		t->timer.due_at = due[i].due_at;
		events[n++] = t;
		crash_point("timer_fired");
	}
	arena_close(&a);
	return n;
}

struct release *engine_run(struct engine *e, struct event **events, size_t n, int64_t now)
{
	struct event *all[BATCH_MAX + TIMERS_PER_BATCH];
	bool due = e->next_due && now >= e->next_due;
	struct release *list;

	memcpy(all, events, n * sizeof *events);
	if (due)
		n = add_timers(e, all, n, now);
	list = run(e, all, n, now, due);
	if (due)
		ask_next_due(e, now);
	/* Tried again without being asked: as long as /readyz says no, a balancer sends nobody who would ask. */
	if (e->store_refuses && (!e->next_due || e->next_due > now + REFUSED_WAIT_MS))
		e->next_due = now + REFUSED_WAIT_MS;
	return list;
}

/* ---- the thread ----------------------------------------------------------------------------------------------------- */

static void refuse_all(struct engine *e, struct event **events, size_t n)
{
	struct batch b;
	struct release *list;

	batch_open(&b, e, events, n, clock_wall().ms);
	batch_refuse(&b, ACK_AGAIN);
	list = batch_releases(&b);
	settle(e, events, n, LATER);
	if (list && e->o.release)
		e->o.release(e->o.with, list);
}

/* What came while the store was being waited for in vain has waited long enough: one wait each, not two. True: handled. */
static bool waited_in_vain(struct engine *e, struct event **events, size_t *n)
{
	struct event *old[BATCH_MAX];
	size_t n_old = 0, left = 0;

	for (size_t i = 0; i < *n; i++)
		if (events[i]->at <= e->refused_at && !must_keep(events[i]))
			old[n_old++] = events[i];
		else
			events[left++] = events[i];
	if (n_old)
		refuse_all(e, old, n_old);
	*n = left;
	return n_old && !left;
}

/* Refuse while the disk is nearly full, before the database itself fails; the console keeps working (OpenSMTPD's rule). */
static void look_at_disk(struct engine *e, int64_t now)
{
	struct statvfs v;
	struct arena *a;

	if (now - e->disk_looked < DISK_LOOK_MS && now >= e->disk_looked)
		return;
	e->disk_looked = now;
	a = arena_open(0);
	if (statvfs(arena_cstr(a, e->config->state), &v) == 0) {
		uint64_t free_mb = (uint64_t)v.f_bavail * v.f_frsize >> 20;
		e->disk_full = free_mb < (uint64_t)e->config->limits.disk_free_mb;
	}
	e->unready = e->store_refuses || e->disk_full;
	arena_close(&a);
}

/* What waits for an interval waits for as long as it was told, whatever the wall clock is set to meanwhile. */
static void look_at_clock(struct engine *e, int64_t now)
{
	int64_t alarm, by = jumps_look(&e->jumps, now, clock_mono().ms, &alarm);
	enum result r;
	char seconds[24];

	snprintf(seconds, sizeof seconds, "%lld", (long long)((alarm ? alarm : by) / 1000));
	if (alarm)
		log_line(LOG_WARN_, "engine", "the wall clock jumped; sends and timers keep their intervals", "seconds", seconds,
			 "mend", "if nobody set it, check the machine's time (timedatectl)", NULL);
	else if (by)
		log_line(LOG_INFO_, "engine", "the wall clock was set; sends and timers keep their intervals", "seconds", seconds, NULL);
	e->shift_owed += by;
	if (!e->shift_owed)
		return;
	r = e->o.store->kind->shift ? e->o.store->kind->shift(e->o.store, e->shift_owed) : OK;
	unsure_means_stop(r);
	if (r == OK)
		e->shift_owed = 0;
	e->next_due = now; /* to be asked for anew */
}

static void take_reload(struct engine *e)
{
	struct config *c;

	pthread_mutex_lock(&e->lock);
	c = e->next_config;
	e->next_config = NULL;
	pthread_mutex_unlock(&e->lock);
	if (!c)
		return;
	for (size_t i = 0; i < REVIVED_MAX; i++) {
		flow_free(&e->revived[i].f);
		e->revived[i].used = 0;
	}
	config_release(&e->config);
	e->config = c;
}

static int64_t wait_for(const struct engine *e, int64_t now)
{
	if (!e->next_due || e->next_due > now + IDLE_WAIT_MS)
		return IDLE_WAIT_MS;
	return e->next_due > now ? e->next_due - now : 0;
}

/* Mostly when nothing else is to be done; but a gateway that is never idle must not keep old keys for ever. */
static void tidy_now_and_then(struct engine *e, int64_t now, bool idle)
{
	int64_t since = now - e->tidied;

	if (since >= 0 && since <= (idle ? TIDY_EVERY_MS : TIDY_BUSY_MS))
		return;
	e->tidied = now;
	note_refusal(e, e->o.store->kind->tidy(e->o.store, now, e->config->keep.dedupe_ms));
}

static void *engine_main(void *arg)
{
	struct engine *e = arg;
	struct event *events[BATCH_MAX];

	for (;;) {
		int64_t now = clock_wall().ms;
		size_t batch = (size_t)e->config->limits.batch < BATCH_MAX ? (size_t)e->config->limits.batch : BATCH_MAX;
		size_t n = queue_take(e->o.queue, events, batch, wait_for(e, now));
		bool stop;

		take_reload(e);
		now = clock_wall().ms;
		if (atomic_exchange(&e->look, false))
			e->next_due = now;
		look_at_clock(e, now);
		look_at_disk(e, now);
		if (n && e->disk_full) {
			refuse_all(e, events, n);
			usleep(20000);
		} else if (waited_in_vain(e, events, &n)) {
			continue;
		} else if (n || (e->next_due && now >= e->next_due)) {
			struct release *list = engine_run(e, events, n, now);
			crash_point("before_release");
			if (list && e->o.release)
				e->o.release(e->o.with, list);
			crash_point("after_release");
		}
		tidy_now_and_then(e, now, n == 0);
		pthread_mutex_lock(&e->lock);
		stop = e->stopping;
		pthread_mutex_unlock(&e->lock);
		if (stop && !n)
			return NULL;
	}
}

struct engine *engine_open(const struct engine_options *o)
{
	struct engine *e = calloc(1, sizeof *e);

	if (!e)
		exhausted("engine");
	e->o = *o;
	e->config = config_hold(o->config);
	e->matcher = matcher_open();
	e->arena = arena_open(BATCH_ARENA_BYTES);
	e->next_due = 1; /* look at once what fell due while we were away */
	pthread_mutex_init(&e->lock, NULL);
	return e;
}

void engine_go(struct engine *e)
{
	if (pthread_create(&e->thread, NULL, engine_main, e) != 0)
		exhausted("no thread can be started");
	e->threaded = true;
}

struct engine *engine_start(const struct engine_options *o)
{
	struct engine *e = engine_open(o);

	engine_go(e);
	return e;
}

void engine_reload(struct engine *e, struct config *c)
{
	pthread_mutex_lock(&e->lock);
	config_release(&e->next_config);
	e->next_config = config_hold(c);
	pthread_mutex_unlock(&e->lock);
	queue_wake(e->o.queue);
}

void engine_look(struct engine *e)
{
	e->look = true;
	queue_wake(e->o.queue);
}

void engine_close(struct engine **ep)
{
	struct engine *e = *ep;

	if (!e)
		return;
	for (size_t i = 0; i < REVIVED_MAX; i++)
		flow_free(&e->revived[i].f);
	matcher_close(&e->matcher);
	arena_close(&e->arena);
	config_release(&e->config);
	config_release(&e->next_config);
	pthread_mutex_destroy(&e->lock);
	free(e);
	*ep = NULL;
}

void engine_stop(struct engine **ep)
{
	struct engine *e = *ep;

	if (!e)
		return;
	pthread_mutex_lock(&e->lock);
	e->stopping = true;
	pthread_mutex_unlock(&e->lock);
	queue_wake(e->o.queue);
	if (e->threaded)
		pthread_join(e->thread, NULL);
	engine_close(ep);
}

void engine_metrics(struct engine *e, struct buf *out)
{
	buf_printf(out, "huiyin_engine_batches_total %llu\nhuiyin_engine_events_total %llu\nhuiyin_engine_batch_largest %llu\n",
		   (unsigned long long)e->batches, (unsigned long long)e->events, (unsigned long long)e->largest);
	buf_printf(out, "huiyin_engine_batches_refused_total %llu\nhuiyin_match_limited_total %llu\nhuiyin_queue_depth %zu\n",
		   (unsigned long long)e->later, (unsigned long long)e->limited, queue_depth(e->o.queue));
}

bool engine_ready(struct engine *e, struct slice *why)
{
	if (queue_nearly_full(e->o.queue)) {
		*why = S("the event queue is nearly full: messages come in faster than the store takes them");
		return false;
	}
	if (!e->unready)
		return true;
	*why = e->disk_full ? S("the disk is nearly full: free some space or lower limits.disk_free_mb")
			    : S("the store refuses to write: see the log");
	return false;
}

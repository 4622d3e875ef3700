/*
 * A store in a laboratory: small calls that make and find rows, shared by the contract and by what else tests a store.
 * `contract_open` is the program's: a new, empty store.
 */
#ifndef HUIYIN_TESTS_STORE_LAB_H
#define HUIYIN_TESTS_STORE_LAB_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "huiyin/store.h"

#define HOUR ((int64_t)3600000)
#define T0   ((int64_t)1795228800000) /* 2026-11-21 in China */

static struct store *contract_open(void);
static struct key contract_key = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};

/* ---- small helpers ---- */

struct lab {
	struct store *s;
	struct arena *a;
	struct changes c;
};

static inline void lab_begin(struct lab *l, int64_t now)
{
	arena_reset(l->a);
	l->c = (struct changes){.arena = l->a, .now = now, .day = S("2026-11-21"), .lease_ms = 60000};
}

static inline struct lab lab_open(void)
{
	struct lab l = {.s = contract_open(), .a = arena_open(0)};

	assert_non_null(l.s);
	lab_begin(&l, T0);
	return l;
}

static inline void lab_close(struct lab *l)
{
	l->s->kind->close(l->s);
	arena_close(&l->a);
}

static inline enum result lab_try(struct lab *l)
{
	return l->s->kind->apply(l->s, &l->c);
}

static inline void lab_apply(struct lab *l)
{
	assert_int_equal(lab_try(l), OK);
}

static inline struct hash16 name_of(const char *kind, int64_t i)
{
	char text[32];
	struct slice parts[2] = {slice_of(kind), {text, 0}};

	parts[1].len = (size_t)snprintf(text, sizeof text, "%lld", (long long)i);
	return secret_hash16(&contract_key, parts, 2);
}

/* People and their rows are counted 1, 2, …; their ids lie in the shard that the person's name says (store.h). */
static inline struct hash16 person_name(int64_t person)
{
	return name_of("person", person);
}

static inline int64_t row_id(int64_t n, int64_t person)
{
	struct hash16 name = person_name(person);

	return n * STORE_SHARDS + store_shard_of_hash(&name);
}

static inline int64_t person_id(int64_t person)
{
	return row_id(person, person);
}

/* Of the person's nth message. */
static inline struct hash16 message_key(int64_t n, int64_t person)
{
	struct hash16 key = name_of("message", n), name = person_name(person);

	key.bytes[0] = (uint8_t)store_shard_of_hash(&name);
	return key;
}

static inline int64_t row_number(const struct outbox_row *r)
{
	assert_int_equal(store_shard_of_id(r->m.id), store_shard_of_id(r->m.contact));
	return r->m.id / STORE_SHARDS;
}

static inline void assert_slice(struct slice got, const char *want)
{
	if (!slice_is(got, want))
		fail_msg("got \"" SLICE_FMT "\", want \"%s\"", SLICE_ARG(got), want);
}

static inline struct want *load_one(struct lab *l, struct want w)
{
	struct want *p = ARENA_NEW(l->a, struct want);
	struct snapshot snap = {.arena = l->a, .wants = p, .n = 1, .day = S("261121")};

	*p = w;
	assert_int_equal(l->s->kind->load(l->s, &snap), OK);
	return p;
}

static inline struct want *load_contact(struct lab *l, int64_t person)
{
	return load_one(l, (struct want){.contact_id = person_id(person)});
}

static inline struct outbox_row *load_outbox(struct lab *l, int64_t n, int64_t person)
{
	struct outbox_row *r = load_one(l, (struct want){.outbox_id = row_id(n, person)})->outbox;

	assert_non_null(r);
	return r;
}

static inline struct contact *new_contact(struct lab *l, int64_t person)
{
	struct contact *c = ARENA_NEW(l->a, struct contact);

	*c = (struct contact){.id = person_id(person),
			      .hash = person_name(person),
			      .channel = S("sms"),
			      .lang = S("zh"),
			      .created_at = T0,
			      .fresh = true,
			      .changed = true};
	c->address = arena_printf(l->a, "+86138%08lld", (long long)person);
	LIST_ADD(&l->c, contacts, c);
	return c;
}

static inline struct outbox_row *new_row(struct lab *l, int64_t n, int64_t person, enum lane lane, int64_t next_at)
{
	struct outbox_row *r = ARENA_NEW(l->a, struct outbox_row);

	*r = (struct outbox_row){.m = {.id = row_id(n, person),
				       .contact = person_id(person),
				       .lane = lane,
				       .part = 1,
				       .parts = 1,
				       .created_at = T0,
				       .text = arena_printf(l->a, "text %lld", (long long)n),
				       .from = S("10690001")},
				 .channel = S("sms"),
				 .cause = n - 1,
				 .next_at = next_at,
				 .fresh = true,
				 .changed = true};
	LIST_ADD(&l->c, outbox, r);
	return r;
}

static inline void put_timer(struct lab *l, int64_t person, enum timer_kind kind, const char *ref, int64_t due_at)
{
	LIST_ADD(&l->c, timers_put, ((struct timer){person_id(person), kind, slice_of(ref), due_at}));
}

static inline struct session_row *new_session(struct lab *l, int64_t person, const char *data)
{
	struct session_row *r = ARENA_NEW(l->a, struct session_row);

	*r = (struct session_row){
		person_id(person), S("report"), S("0123456789abcdef"), slice_of(data), true, true, false};
	LIST_ADD(&l->c, sessions, r);
	return r;
}

static inline struct case_row *new_case(struct lab *l, const char *number, int64_t person, int64_t at)
{
	struct case_row *c = ARENA_NEW(l->a, struct case_row);

	*c = (struct case_row){.number = slice_of(number),
			       .contact = person_id(person),
			       .channel = S("sms"),
			       .lang = S("zh"),
			       .status = CASE_REGISTERED,
			       .purpose = S("demand"),
			       .flow = S("report"),
			       .category = S("wages"),
			       .place = S("解放路12号"),
			       .unit = S("城关镇"),
			       .window = S("W3"),
			       .text = S("拖欠工资三个月"),
			       .fields = S("{\"kind\":{\"value\":\"wages\"}}"),
			       .code = name_of("code", person),
			       .created_at = at,
			       .updated_at = at,
			       .due_at = at + HOUR,
			       .clock = S("sort"),
			       .version = 1,
			       .fresh = true,
			       .changed = true};
	LIST_ADD(&l->c, cases, c);
	return c;
}

static inline size_t due(struct lab *l, int64_t now, size_t max, struct timer **out)
{
	size_t n = 0;

	assert_int_equal(l->s->kind->due(l->s, now, max, l->a, out, &n), OK);
	return n;
}

static inline int64_t next_due(struct lab *l)
{
	int64_t at = -1;

	assert_int_equal(l->s->kind->next_due(l->s, &at), OK);
	return at;
}

static inline size_t claim(struct lab *l, int64_t now, size_t room)
{
	lab_begin(l, now);
	l->c.claim_room = room;
	lab_apply(l);
	return l->c.n_claimed;
}

static inline void finish(struct lab *l, int64_t n, int64_t person, enum delivery_state state, int64_t next_at)
{
	struct outbox_row *r;

	lab_begin(l, T0);
	r = load_outbox(l, n, person);
	r->state = state;
	r->next_at = next_at ? next_at : r->next_at;
	r->lease_until = 0;
	r->changed = true;
	LIST_ADD(&l->c, outbox, r);
	lab_apply(l);
}

/* ---- turns: what a store lives through, also when it fails ---- */

#define TURN_SENDERS  4
#define TURN_MESSAGES 16

/* Message m of sender m % TURN_SENDERS, as the engine would store it; the session counts the messages it saw. */
static inline enum result turn(struct store *s, int m)
{
	struct arena *a = arena_open(0);
	struct lab l = {.s = s, .a = a};
	int64_t sender = 1 + m % TURN_SENDERS, seen = 0;
	struct want w = {
		.by_hash = true, .hash = person_name(sender), .has_dedupe = true, .dedupe = message_key(m, sender)};
	struct snapshot snap = {.arena = a, .wants = &w, .n = 1, .day = S("261121")};
	struct session_row *row;
	struct outbox_row *reply;
	enum result r;

	lab_begin(&l, T0 + m);
	r = s->kind->load(s, &snap);
	if (r == OK && w.duplicate) {
		r = w.n_repeat == 1 ? DUPLICATE : INVALID;
	} else if (r == OK) {
		if (!w.contact)
			new_contact(&l, sender);
		if (w.session)
			assert_true(slice_to_int(w.session->data, &seen));
		row = new_session(&l, sender, arena_cstr(a, arena_printf(a, "%d", (int)seen + 1)));
		row->fresh = !w.session;
		put_timer(&l, sender, TIMER_SESSION, "", T0 + m + HOUR);
		LIST_ADD(&l.c, inbox,
			 ((struct inbox_row){.id = 1000 + m * 10,
					     .at = T0 + m,
					     .contact = person_id(sender),
					     .kind = EVENT_MESSAGE,
					     .channel = S("sms"),
					     .text = S("你好")}));
		LIST_ADD(&l.c, dedupe, ((struct dedupe_put){w.dedupe, 1000 + m * 10, T0 + m}));
		reply = new_row(&l, 1001 + m * 10, sender, LANE_REPLY, T0);
		reply->cause = 1000 + m * 10;
		reply->inline_reply = true;
		reply->state = DELIVERY_SENT;
		new_row(&l, 1002 + m * 10, sender, LANE_NOTICE, T0);
		if (m % 3 == 0) {
			new_case(&l, arena_cstr(a, arena_printf(a, "261121-%04d-0", (int)snap.next_sequence)), sender,
				 T0 + m);
			l.c.next_sequence = snap.next_sequence + 1;
			l.c.sequence_day = snap.day;
		}
		LIST_ADD(&l.c, counts, ((struct count){S("sms"), S("received"), 1}));
		r = s->kind->apply(s, &l.c);
	}
	arena_close(&a);
	return r;
}

/* Every message is there whole or not at all; those marked in `acked` are there. Returns how many are there. */
static inline int turns_check(struct store *s, const bool *acked, int messages)
{
	struct lab l = {.s = s, .a = arena_open(0)};
	struct reader *reader = s->kind->reader_open(s);
	int there[TURN_SENDERS] = {0}, all = 0, filed = 0;
	struct case_row *cases;
	struct count *counts;
	size_t n;

	assert_non_null(reader);
	for (int m = 0; m < messages; m++) {
		int64_t sender = 1 + m % TURN_SENDERS;
		struct want *w = load_one(&l, (struct want){.has_dedupe = true, .dedupe = message_key(m, sender)});
		struct want *o = load_one(&l, (struct want){.outbox_id = row_id(1002 + m * 10, sender)});
		assert_true(w->duplicate || !acked[m]); /* an acknowledged one was lost */
		assert_int_equal(w->duplicate, o->outbox != NULL);
		assert_int_equal(w->duplicate ? 1 : 0, w->n_repeat);
		there[m % TURN_SENDERS] += w->duplicate;
		all += w->duplicate;
		filed += w->duplicate && m % 3 == 0;
	}
	for (int i = 0; i < TURN_SENDERS; i++) {
		struct want *w = load_contact(&l, 1 + i);
		int64_t seen = 0;
		assert_int_equal(w->contact != NULL, there[i] > 0);
		assert_int_equal(w->session != NULL, there[i] > 0);
		if (w->session)
			assert_true(slice_to_int(w->session->data, &seen));
		assert_int_equal(seen, there[i]); /* each was turned once */
	}
	assert_int_equal(reader->kind->find_cases(reader, S(""), 0, 1000, l.a, &cases, &n), OK);
	assert_int_equal(n, filed);
	assert_int_equal(reader->kind->find_counts(reader, S("2026-11-21"), l.a, &counts, &n), OK);
	assert_int_equal(n ? counts[0].n : 0, all);
	reader->kind->reader_close(reader);
	arena_close(&l.a);
	return all;
}

#endif

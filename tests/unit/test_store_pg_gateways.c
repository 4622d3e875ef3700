/*
 * Several gateways on one PostgreSQL: one contact's events stay in order, nothing is stored, claimed or fired twice,
 * what a dead gateway held is taken over, and a wrong clock takes nothing from others.
 */

#include "pg_gateways.h"
#include "huiyin/clock.h"
#include "huiyin/log.h"
#include "store/pg_batch.h"

static struct pg_store *inside(struct lab *l)
{
	return (struct pg_store *)l->s;
}

static int partitions; /* of the tables */

static void two_gateways(struct lab *east, struct lab *west)
{
	char arguments[80];

	snprintf(arguments, sizeof arguments, "?huiyin_partitions=%d&huiyin_gateway=1&huiyin_name=east", partitions);
	url = house_database("");
	*east = gateway(arguments);
	*west = gateway("?huiyin_gateway=2&huiyin_name=west");
}

static void set_session(struct lab *l, struct want *w, const char *data)
{
	w->session->data = slice_of(data);
	LIST_ADD(&l->c, sessions, w->session);
}

/* ---- one after the other -------------------------------------------------------------------------------------------
 */

struct loader {
	struct lab *l;
	struct want *want;
	int64_t done;
	enum result result;
};

static void *load_now(void *arg)
{
	struct loader *j = arg;
	struct want *w = ARENA_NEW(j->l->a, struct want);
	struct snapshot snap = {.arena = j->l->a, .wants = w, .n = 1, .day = S("261121")};

	*w = message(2, 1);
	j->result = j->l->s->kind->load(j->l->s, &snap);
	j->done = clock_mono().ms;
	j->want = w;
	return NULL;
}

static void one_contact_stays_in_order(void **state)
{
	struct lab east, west;
	struct loader j = {.l = &west};
	int64_t applied;
	pthread_t thread;

	(void)state;
	two_gateways(&east, &west);
	new_contact(&east, 1);
	new_session(&east, 1, "none");
	lab_apply(&east);
	lab_begin(&east, T0);
	set_session(&east, load_one(&east, message(1, 1)), "one");
	assert_int_equal(pthread_create(&thread, NULL, load_now, &j), 0);
	usleep(300000);
	assert_int_equal(j.done, 0); /* the second waits … */
	applied = clock_mono().ms;
	lab_apply(&east);
	pthread_join(thread, NULL);
	assert_int_equal(j.result, OK);
	assert_true(j.done >= applied);
	assert_slice(j.want->session->data, "one"); /* … and sees what the first has made of it */
	set_session(&west, j.want, "two");
	lab_apply(&west);
	lab_begin(&east, T0);
	assert_slice(load_contact(&east, 1)->session->data, "two");
	close_both(&east, &west);
}

static void who_waits_too_long_comes_later(void **state)
{
	struct lab east, west;
	struct want w = message(2, 1);
	struct snapshot snap = {.wants = &w, .n = 1, .day = S("261121")};

	(void)state;
	two_gateways(&east, &west);
	new_contact(&east, 1);
	lab_apply(&east);
	lab_begin(&east, T0);
	load_contact(&east, 1);
	snap.arena = west.a;
	assert_int_equal(west.s->kind->load(west.s, &snap), LATER);
	lab_apply(&west); /* a batch without events is not held up by that */
	lab_apply(&east);
	lab_begin(&west, T0);
	assert_non_null(load_contact(&west, 1)->contact);
	close_both(&east, &west);
}

static void a_new_contact_is_made_once(void **state)
{
	struct lab east, west;
	struct want *w;

	(void)state;
	two_gateways(&east, &west);
	assert_null(load_one(&east, message(1, 1))->contact);
	assert_null(load_one(&west, message(2, 1))->contact);
	new_contact(&east, 1);
	lab_apply(&east);
	new_contact(&west, 1)->id = row_id(77, 1); /* each has ids of its own */
	assert_int_equal(lab_try(&west), RETRY);
	lab_begin(&west, T0);
	w = load_one(&west, message(2, 1));
	assert_non_null(w->contact);
	assert_int_equal(w->contact->id, person_id(1));
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM contact"), 1);
	close_both(&east, &west);
}

static void a_message_is_taken_once(void **state)
{
	struct lab east, west;
	struct want *w;

	(void)state;
	two_gateways(&east, &west);
	assert_false(load_one(&east, message(1, 1))->duplicate);
	assert_false(load_one(&west, message(1, 1))->duplicate);
	LIST_ADD(&east.c, dedupe, ((struct dedupe_put){message_key(1, 1), 900, T0}));
	LIST_ADD(&west.c, dedupe, ((struct dedupe_put){message_key(1, 1), 901, T0}));
	lab_apply(&east);
	assert_int_equal(lab_try(&west), RETRY);
	w = load_one(&west, message(1, 1));
	assert_true(w->duplicate);
	assert_int_equal(w->first_event, 900);
	close_both(&east, &west);
}

/* ---- crossing ------------------------------------------------------------------------------------------------------
 */

#define CROSSINGS 60
#define CROWD     8
struct crosser {
	struct lab l;
	bool backwards;
	int ok, retry, other;
};

static void *cross(void *arg)
{
	struct crosser *j = arg;

	while (j->ok < CROSSINGS && j->retry + j->other < 1000) {
		struct want *w;
		struct snapshot snap;
		enum result r;

		lab_begin(&j->l, T0);
		w = ARENA_ARRAY(j->l.a, struct want, CROWD);
		for (int i = 0; i < CROWD; i++)
			w[i] = (struct want){.contact_id = person_id(j->backwards ? CROWD - i : i + 1)};
		snap = (struct snapshot){.arena = j->l.a, .wants = w, .n = CROWD, .day = S("261121")};
		r = j->l.s->kind->load(j->l.s, &snap);
		for (int i = 0; i < CROWD && r == OK; i++) {
			w[i].contact->flood_count++;
			LIST_ADD(&j->l.c, contacts, w[i].contact);
		}
		if (r == OK)
			r = lab_try(&j->l);
		j->ok += r == OK;
		j->retry += r == RETRY;
		j->other += r != OK && r != RETRY;
	}
	return NULL;
}

static void those_who_cross_never_block_each_other(void **state)
{
	struct crosser east = {.backwards = false}, west = {.backwards = true};
	pthread_t thread;

	(void)state;
	two_gateways(&east.l, &west.l);
	for (int i = 1; i <= CROWD; i++)
		new_contact(&east.l, i);
	lab_apply(&east.l);
	assert_int_equal(pthread_create(&thread, NULL, cross, &east), 0);
	cross(&west);
	pthread_join(thread, NULL);
	assert_int_equal(east.ok + west.ok, 2 * CROSSINGS);
	assert_int_equal(east.retry + west.retry + east.other + west.other, 0); /* a deadlock would be a retry */
	assert_int_equal(ask_sql(url, "SELECT min(flood_count) FROM contact"), 2 * CROSSINGS);
	assert_int_equal(ask_sql(url, "SELECT max(flood_count) FROM contact"), 2 * CROSSINGS);
	close_both(&east.l, &west.l);
}

/* ---- claims --------------------------------------------------------------------------------------------------------
 */

#define ROWS 200
struct claimer {
	struct lab l;
	int times[ROWS + 1], n, media;
	enum result result;
};

static void *claim_all(void *arg)
{
	struct claimer *j = arg;

	for (int idle = 0; idle < 3 && j->result == OK;) {
		lab_begin(&j->l, T0);
		j->l.c.claim_room = 7;
		j->l.c.claim_media_room = 3;
		j->result = lab_try(&j->l);
		for (size_t i = 0; i < j->l.c.n_claimed; i++)
			j->times[j->l.c.claimed[i].m.id / STORE_SHARDS]++;
		j->n += (int)j->l.c.n_claimed;
		j->media += (int)j->l.c.n_claimed_media;
		idle = j->l.c.n_claimed || j->l.c.n_claimed_media ? 0 : idle + 1;
	}
	return NULL;
}

static void a_row_is_claimed_once(void **state)
{
	static struct claimer east, west;
	pthread_t thread;

	(void)state;
	east = west = (struct claimer){.n = 0};
	two_gateways(&east.l, &west.l);
	for (int i = 1; i <= ROWS; i++) {
		struct media_row *m = ARENA_NEW(east.l.a, struct media_row);

		new_contact(&east.l, i);
		new_row(&east.l, i, i, (enum lane)(i % 4), T0 - i);
		*m = (struct media_row){
			.id = row_id(i, i), .contact = person_id(i), .channel = S("sms"), .next_at = T0};
		LIST_ADD(&east.l.c, media, m);
	}
	lab_apply(&east.l);
	assert_int_equal(pthread_create(&thread, NULL, claim_all, &east), 0);
	claim_all(&west);
	pthread_join(thread, NULL);
	assert_true(east.result == OK && west.result == OK);
	for (int i = 1; i <= ROWS; i++)
		assert_int_equal(east.times[i] + west.times[i], 1);
	assert_int_equal(east.media + west.media, ROWS);
	assert_true(east.n > 0 && west.n > 0);
	close_both(&east.l, &west.l);
}

/* What a batch has queued is claimed by it at once, and no more than there is room for. */
static void a_claim_keeps_to_its_room(void **state)
{
	struct lab east, west;

	(void)state;
	two_gateways(&east, &west);
	for (int i = 1; i <= 6; i++) {
		new_contact(&west, i);
		new_row(&west, i, i, LANE_REPLY, T0);
	}
	lab_apply(&west);
	for (int i = 11; i <= 13; i++) {
		new_contact(&east, i);
		new_row(&east, i, i, LANE_REPLY, T0);
	}
	new_row(&east, 14, 13, LANE_REPLY, T0)->channel = S("mail"); /* of one contact one in a claim */
	east.c.claim_room = 5;
	lab_apply(&east);
	assert_int_equal(east.c.n_claimed, 5);
	for (int i = 0; i < 3; i++)
		assert_int_equal(row_number(&east.c.claimed[i]), 11 + i);
	assert_int_equal(claim(&east, T0, 9), 5);
	close_both(&east, &west);
}

static void what_a_dead_gateway_held_is_taken_over(void **state)
{
	struct lab east, west;

	(void)state;
	two_gateways(&east, &west);
	new_contact(&east, 1);
	new_row(&east, 11, 1, LANE_REPLY, T0);
	lab_apply(&east);
	assert_int_equal(claim(&east, T0, 5), 1);
	assert_int_equal(east.c.claimed[0].fence, 1);
	assert_int_equal(claim(&west, T0 + 1, 5), 0);
	run_sql(url, "UPDATE gateway SET seen_at = seen_at - 7000 WHERE id = 1");
	assert_int_equal(claim(&west, T0 + 2, 5), 1);
	assert_int_equal(west.c.claimed[0].state, DELIVERY_UNSURE);
	assert_int_equal(west.c.claimed[0].m.attempts, 1);
	assert_int_equal(west.c.claimed[0].fence, 2);
	assert_int_equal(claim(&east, T0 + 3, 5), 0); /* it was only slow: now it is the other's */
	lab_close(&west);
	west = gateway("?huiyin_gateway=2&huiyin_name=west"); /* killed and started again */
	assert_int_equal(claim(&west, T0 + 4, 5), 1);
	assert_int_equal(west.c.claimed[0].state, DELIVERY_UNSURE);
	assert_int_equal(west.c.claimed[0].fence, 3);
	assert_int_equal(claim(&west, T0 + 5, 5), 0); /* but once only */
	close_both(&east, &west);
}

static enum result put_row(struct lab *l, int n, int person, enum delivery_state to)
{
	struct outbox_row *r;

	lab_begin(l, T0 + 4);
	r = load_outbox(l, n, person);
	r->state = to;
	r->lease_until = 0;
	r->next_at = T0 + 5000;
	LIST_ADD(&l->c, outbox, r);
	return lab_try(l);
}

/* East has decided on its result while west took the row over: nothing of it is kept, and looking again it sees the other
   fence. That the send was made may still be said; what west says behind it finds that. */
static void a_result_after_its_lease(void **state)
{
	struct lab east, west;
	struct outbox_row *r;

	(void)state;
	two_gateways(&east, &west);
	for (int i = 1; i <= 2; i++) {
		new_contact(&east, i);
		new_row(&east, 10 + i, i, LANE_REPLY, T0);
	}
	lab_apply(&east);
	assert_int_equal(claim(&east, T0, 5), 2);
	lab_begin(&east, T0 + 1);
	r = load_outbox(&east, 11, 1);
	assert_int_equal(r->fence, 1);
	r->state = DELIVERY_QUEUED; /* refused: it would be sent again … */
	r->lease_until = 0;
	LIST_ADD(&east.c, outbox, r);
	run_sql(url, "UPDATE gateway SET seen_at = seen_at - 7000 WHERE id = 1");
	assert_int_equal(claim(&west, T0 + 2, 5), 2); /* … but the other has it by now */
	assert_int_equal(lab_try(&east), RETRY);
	lab_begin(&east, T0 + 3);
	r = load_outbox(&east, 11, 1);
	assert_true(r->fence == 2 && r->state == DELIVERY_SENDING && r->m.attempts == 1);
	lab_apply(&east);
	assert_int_equal(put_row(&east, 11, 1, DELIVERY_SENT), OK);
	lab_begin(&west, T0 + 4);
	assert_int_equal(load_outbox(&west, 11, 1)->state, DELIVERY_SENT);
	lab_apply(&west);
	assert_int_equal(put_row(&west, 11, 1, DELIVERY_QUEUED), OK); /* forward only: said, and not kept */
	assert_int_equal(put_row(&west, 12, 2, DELIVERY_QUEUED), OK); /* its own row goes back into the queue */
	assert_int_equal(claim(&west, T0 + 5001, 5), 1);
	assert_int_equal(row_number(&west.c.claimed[0]), 12);
	assert_int_equal(west.c.claimed[0].fence, 3);
	close_both(&east, &west);
}

/* ---- time ----------------------------------------------------------------------------------------------------------
 */

static bool is_stale(struct lab *l, struct timer t)
{
	return load_one(l, (struct want){.contact_id = t.contact, .timer = true, .due = t})->stale;
}

static void a_timer_is_given_to_one(void **state)
{
	struct lab east, west;
	struct timer of_session = {person_id(1), TIMER_SESSION, S(""), T0 + 10};
	struct timer of_case = {person_id(1), TIMER_CASE, S("261121-0001-1"), T0 + 20};
	struct timer *t, *u;

	(void)state;
	two_gateways(&east, &west);
	new_contact(&east, 1);
	new_session(&east, 1, "x");
	put_timer(&east, 1, TIMER_SESSION, "", T0 + 10);
	put_timer(&east, 1, TIMER_CASE, "261121-0001-1", T0 + 20);
	put_timer(&east, 1, TIMER_CASE, "261121-0002-1", T0 + 9000);
	lab_apply(&east);
	assert_int_equal(due(&west, T0 + 20, 10, &t), 2);
	assert_int_equal(due(&east, T0 + 20, 10, &u), 0);
	assert_int_equal(next_due(&east), T0 + 20 + 8000); /* when the lease is over */
	assert_true(t[0].contact == of_session.contact && t[0].due_at == of_session.due_at &&
		    t[0].kind == TIMER_SESSION);
	assert_slice(t[1].ref, "261121-0001-1");
	assert_false(is_stale(&west, of_session));
	assert_false(is_stale(&west, of_case));
	lab_begin(&west, T0);
	put_timer(&west, 1, TIMER_SESSION, "", T0 + 500); /* a message came in between */
	LIST_ADD(&west.c, timers_gone, of_case);
	lab_apply(&west);
	assert_true(is_stale(&west, of_session));
	assert_true(is_stale(&west, of_case));
	lab_apply(&west);
	assert_true(next_due(&east) <= T0 + 500);
	assert_int_equal(due(&east, T0 + 499, 10, &u), 0);
	assert_int_equal(next_due(&east), T0 + 500);
	assert_int_equal(due(&east, T0 + 500, 10, &u), 1); /* what was put off is free again */
	assert_int_equal(u[0].due_at, T0 + 500);
	assert_int_equal(next_due(&west), T0 + 500 + 8000);
	assert_int_equal(due(&west, T0 + 500 + 8000, 10, &t), 1); /* it died over it */
	assert_false(is_stale(&west, t[0]));
	close_both(&east, &west);
}

/* West's clock is an hour ahead of the database's. */
static void set_ahead(struct lab *west)
{
	struct pg_store *s = inside(west);

	pg_clock_take(s, (clock_wall().ms - HOUR) * 1000);
	assert_true(s->skew_ms <= -HOUR && s->skew_ms > -HOUR - 1000);
	s->skew_ms = -HOUR;
	assert_false(pg_clock_old(s));
}

static void a_wrong_clock_takes_nothing(void **state)
{
	struct lab east, west;
	struct timer *t;

	(void)state;
	two_gateways(&east, &west);
	assert_int_equal(claim(&west, T0, 5), 0);
	assert_true(inside(&west)->clock_asked != 0); /* it looks at the clock before it claims anything */
	set_ahead(&west);
	new_contact(&east, 1);
	new_contact(&east, 2);
	new_row(&east, 11, 1, LANE_REPLY, T0);
	put_timer(&east, 1, TIMER_CASE, "261121-0001-1", T0 + 60000);
	lab_apply(&east);
	assert_int_equal(claim(&east, T0, 5), 1);
	assert_int_equal(claim(&west, T0 + HOUR, 5), 0); /* by its own clock the lease is long over */
	assert_int_equal(due(&west, T0 + HOUR, 5, &t), 0);
	assert_int_equal(next_due(&west), T0 + HOUR + 60000);
	assert_int_equal(due(&west, T0 + HOUR + 60000, 5, &t), 1);
	assert_int_equal(t[0].due_at, T0 + HOUR + 60000);
	assert_false(is_stale(&west, t[0]));
	lab_begin(&west, T0 + HOUR);
	new_row(&west, 12, 2, LANE_REPLY, T0 + HOUR + 5000);
	put_timer(&west, 2, TIMER_SURVEY, "261121-0001-1", T0 + HOUR + 6000);
	lab_apply(&west);
	assert_int_equal(claim(&east, T0 + 4999, 5), 0);
	assert_int_equal(claim(&east, T0 + 5000, 5), 1); /* what it queued is due when it should be */
	assert_int_equal(due(&east, T0 + 5999, 5, &t), 0);
	assert_int_equal(due(&east, T0 + 6000, 5, &t), 1);
	lab_begin(&west, T0 + HOUR);
	assert_int_equal(load_outbox(&west, 12, 2)->next_at, T0 + HOUR + 5000);
	close_both(&east, &west);
}

static int64_t ahead_of(struct lab *l)
{
	int64_t ahead = 0;

	assert_true(l->s->kind->clock(l->s, &ahead));
	return ahead / 1000;
}

/* Ids are made by the database's clock: known once the store is open, to half a round trip, and a bad reading does not spoil
   a good one, unless both cannot be true. */
static void ids_have_one_clock(void **state)
{
	struct lab east, west;
	struct pg_store *s;
	int64_t real = clock_wall().ms - clock_mono().ms, ahead, id = 0; /* the database runs here: its clock is ours */

	(void)state;
	two_gateways(&east, &west);
	ahead = ahead_of(&east);
	assert_true(ahead - real <= 50 && real - ahead <= 50 && ahead - ahead_of(&west) <= 50 && ahead_of(&west) - ahead <= 50);
	s = inside(&east);
	s->clock_from = clock_mono().ms - 400; /* an answer that was long on its way says less than one that was not */
	pg_clock_take(s, (clock_wall().ms - 400) * 1000);
	assert_int_equal(ahead_of(&east), ahead);
	assert_int_equal(s->skew_ms, 0);
	s->clock_from = clock_mono().ms - 400; /* so far ahead nobody was before: another server, or it was set */
	pg_clock_take(s, (clock_wall().ms + HOUR) * 1000);
	assert_true(ahead_of(&east) > ahead + HOUR - 50 && ahead_of(&east) < ahead + HOUR + 50);
	assert_true(s->skew_ms > HOUR && s->skew_ms < HOUR + 400);
	assert_false(pg_clock_old(s));
	pg_clock_take(s, clock_wall().ms * 1000); /* so far behind no answer comes: it was set back */
	assert_true(ahead_of(&east) - ahead <= 50 && ahead - ahead_of(&east) <= 50);
	pg_drop(s->q);
	assert_int_equal(pg_connect(s->q), OK);
	assert_true(pg_clock_old(s)); /* who knows where this connection leads */
	assert_int_equal(west.s->kind->newest(west.s, &id), OK);
	assert_int_equal(id, 0);
	new_contact(&east, 1);
	new_row(&east, 11, 1, LANE_REPLY, T0);
	LIST_ADD(&east.c, inbox, ((struct inbox_row){.id = row_id(10, 1), .at = T0, .contact = person_id(1), .kind = EVENT_MESSAGE}));
	lab_apply(&east);
	assert_int_equal(west.s->kind->newest(west.s, &id), OK);
	assert_int_equal(id, row_id(11, 1));
	close_both(&east, &west);
}

static void what_is_no_longer_locked_is_decided_anew(void **state)
{
	struct lab l;
	struct want *w;

	(void)state;
	url = house_database("");
	l = lab_open();
	new_contact(&l, 1);
	new_session(&l, 1, "none");
	lab_apply(&l);
	for (int i = 0; i < 2; i++) {
		lab_begin(&l, T0);
		w = load_contact(&l, 1);
		run_sql(url, "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE application_name LIKE "
			     "'huiyin/%' AND datname = current_database()");
		set_session(&l, w, "never");
		assert_int_equal(lab_try(&l), RETRY);
	}
	lab_begin(&l, T0);
	w = load_contact(&l, 1);
	assert_slice(w->session->data, "none");
	assert_int_equal(due(&l, T0, 1, &(struct timer *){NULL}), 0); /* gives up the lock as well */
	set_session(&l, w, "never");
	assert_int_equal(lab_try(&l), RETRY);
	lab_begin(&l, T0);
	set_session(&l, load_contact(&l, 1), "now");
	lab_apply(&l);
	lab_close(&l);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM session WHERE data = 'now'"), 1);
}

/* One exchange with a person, through all tables whose keys a step turns round. */
static void speak(struct lab *l, int64_t n, const char *before, const char *after)
{
	struct want *w = load_one(l, message(n, 1));
	struct inbox_row *r = ARENA_NEW(l->a, struct inbox_row);

	assert_false(w->duplicate);
	assert_slice(w->session->data, before);
	*r = (struct inbox_row){.id = row_id(n, 1), .at = T0, .contact = person_id(1), .channel = S("sms"), .text = S("hello")};
	LIST_ADD(&l->c, inbox, *r);
	LIST_ADD(&l->c, dedupe, ((struct dedupe_put){message_key(n, 1), row_id(n, 1), T0}));
	new_row(l, n, 1, LANE_REPLY, T0);
	set_session(l, w, after);
	lab_apply(l);
	lab_begin(l, T0);
	w = load_one(l, message(n, 1));
	assert_true(w->duplicate);
	assert_int_equal(w->first_event, row_id(n, 1));
	assert_non_null(load_outbox(l, n, 1));
	lab_apply(l);
	lab_begin(l, T0);
}

/* An older gateway knows nothing of a step that turns keys round beneath it: its statements hold before and behind. */
static void keys_are_turned_round_beneath_a_gateway(void **state)
{
	static const char first_of_keys[] =
		"SELECT count(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE "
		"i.indisprimary AND a.attname = 'shard' AND i.indrelid::regclass::text IN ('inbox', 'outbox', 'dedupe')";
	struct lab east, west;
	struct slice why = {0};
	struct pg_store *s;

	(void)state;
	two_gateways(&east, &west);
	s = inside(&west);
	new_contact(&east, 1);
	new_session(&east, 1, "0");
	lab_apply(&east);
	lab_begin(&east, T0);
	for (int i = 0; i < 8; i += 2) {
		const char *const said[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8"};

		assert_true(pg_schema_down(s, 3, west.a, &why));
		assert_int_equal(ask_sql(url, first_of_keys), 3);
		speak(&east, 10 + i, said[i], said[i + 1]);
		assert_true(pg_schema_ready(s, partitions, west.a, &why));
		assert_int_equal(ask_sql(url, first_of_keys), partitions ? 3 : 0);
		speak(&east, 11 + i, said[i + 1], said[i + 2]);
	}
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM inbox"), 8);
	close_both(&east, &west);
}

int main(void)
{
	int failed;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_contact_stays_in_order),
		cmocka_unit_test(who_waits_too_long_comes_later),
		cmocka_unit_test(a_new_contact_is_made_once),
		cmocka_unit_test(a_message_is_taken_once),
		cmocka_unit_test(those_who_cross_never_block_each_other),
		cmocka_unit_test(a_row_is_claimed_once),
		cmocka_unit_test(a_claim_keeps_to_its_room),
		cmocka_unit_test(what_a_dead_gateway_held_is_taken_over),
		cmocka_unit_test(a_result_after_its_lease),
		cmocka_unit_test(a_timer_is_given_to_one),
		cmocka_unit_test(a_wrong_clock_takes_nothing),
		cmocka_unit_test(ids_have_one_clock),
		cmocka_unit_test(what_is_no_longer_locked_is_decided_anew),
		cmocka_unit_test(keys_are_turned_round_beneath_a_gateway),
	};

	log_setup(getenv("LOUD") ? LOG_DEBUG_ : LOG_ERROR_, LOG_LOGFMT);
	if (!secret_start())
		return 1;
	failed = cmocka_run_group_tests_name("plain tables", tests, house_open, NULL);
	partitions = 4;
	return failed + cmocka_run_group_tests_name("tables split in 4", tests, NULL, house_close);
}

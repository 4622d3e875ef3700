/*
 * The engine on the ram store: one transaction a batch, duplicates, order within a batch, refusals when the store fails at
 * any step, receipts, surveys. Events are made by hand; the prompts are the shipped ones.
 */
#include "engine_world.h"

/* One message, one batch; the inline answer joined by newlines. */
static const char *say_as(struct world *w, struct engine *en, const char *from, const char *id, const char *text)
{
	struct event *e = text_event(w, from, id, text);
	struct release *r = engine_run(en, &e, 1, w->now += 1000);
	struct buf out = buf_in(w->arena, 65536);

	buf_add_c(&out, "");
	for (struct release *one = r; one; one = one->next) {
		if (one->ack != ACK_DONE)
			buf_add_c(&out, "AGAIN");
		for (size_t i = 0; i < one->n_texts; i++) {
			buf_add(&out, one->texts[i]);
			buf_add_char(&out, '\n');
		}
	}
	free_all(r);
	return out.data ? out.data : "";
}

static const char *say(struct world *w, const char *from, const char *text)
{
	return say_as(w, w->engine, from, NULL, text);
}

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static const char *find_number(const char *text, struct world *w)
{
	struct slice found[1];

	return case_number_find(w->arena, slice_of(text), found, 1) ? arena_cstr(w->arena, found[0]) : NULL;
}

static const char *file_case(struct world *w, struct engine *en, const char *from)
{
	static const char *const lines[] = {"投诉", "1", "解放路12号", "昨天", "楼上漏水没人管", "0", "修好水管",
					    "跳过", "1", "跳过", "1", "1"};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		const char *number = find_number(say_as(w, en, from, NULL, lines[i]), w);
		if (number)
			return number;
	}
	return NULL;
}

static void a_case_comes_of_it(void **state)
{
	struct world *w = *state;
	const char *number = file_case(w, w->engine, "+14155550100");

	assert_non_null(number);
	assert_true(has(say(w, "+14155550100", "进度"), number));
}

static void duplicates_change_nothing(void **state)
{
	struct world *w = *state;
	const char *first = say_as(w, w->engine, "+14155550101", "SMsame", "投诉");

	assert_true(strlen(first) > 10);
	for (int i = 0; i < 3; i++)
		assert_string_equal(say_as(w, w->engine, "+14155550101", "SMsame", "投诉"), first);
}

static void a_duplicate_in_one_batch_is_one(void **state)
{
	struct world *w = *state;
	struct event *e[3] = {text_event(w, "+14155550102", "SMx", "投诉"), text_event(w, "+14155550102", "SMx", "投诉"),
			      text_event(w, "+14155550102", "SMy", "1")};
	struct release *r = engine_run(w->engine, e, 3, w->now += 1000), *second = r->next, *third = second->next;

	assert_true(r->n_texts > 0 && r->n_texts == second->n_texts);
	for (size_t i = 0; i < r->n_texts; i++)
		assert_true(slice_equal(r->texts[i], second->texts[i]));
	assert_true(third->n_texts > 0); /* the answer to the question that the first one opened */
	free_all(r);
}

static void the_first_batch_sees_what_it_did(void **state)
{
	struct world *w = *state;
	static const char *const lines[] = {"投诉", "1", "解放路12号"};
	struct event *e[3];
	struct release *r;

	for (int i = 0; i < 3; i++)
		e[i] = text_event(w, "+14155550103", NULL, lines[i]);
	r = engine_run(w->engine, e, 3, w->now += 1000);
	assert_true(r->n_texts && r->next->n_texts && r->next->next->n_texts);
	assert_false(slice_equal(r->next->texts[0], r->next->next->texts[0]));
	free_all(r);
}

/* Whatever step of the store fails: the answer is "again", and the repeat goes through as if nothing had been. */
static void a_store_that_fails_at_any_step(void **state)
{
	struct world *w = *state;

	for (int64_t nth = 1; nth <= 24; nth++) {
		struct slice why = {0};
		struct store *inner = store_open(S("ram:"), &w->key, w->arena, &why);
		struct store *failing = store_fail_at(inner, nth, LATER, false);
		struct engine *en = open_engine(w, failing);
		char from[32], id[32];
		const char *number = NULL;
		static const char *const lines[] = {"投诉", "1", "解放路12号", "昨天", "楼上漏水没人管", "0", "修好水管",
						    "跳过", "1", "跳过", "1", "1"};

		snprintf(from, sizeof from, "+1415556%04d", (int)nth);
		for (size_t i = 0; i < sizeof lines / sizeof *lines && !number; i++) {
			const char *got;
			int tries = 0;

			snprintf(id, sizeof id, "SMf%d-%zu", (int)nth, i);
			do
				got = say_as(w, en, from, id, lines[i]);
			while (has(got, "AGAIN") && ++tries < 4);
			assert_false(has(got, "AGAIN"));
			number = find_number(got, w);
		}
		assert_non_null(number);
		{
			const char *status = say_as(w, en, from, "SMstatus", "进度");
			if (has(status, "AGAIN")) /* this was the Nth call */
				status = say_as(w, en, from, "SMstatus", "进度");
			assert_true(has(status, number));
		}
		engine_close(&en);
		failing->kind->close(failing);
	}
}

static struct release *staff(struct world *w, const char *verb, const char *number, const char *name, const char *value)
{
	struct event *e = event_open(EVENT_STAFF);

	e->id = queue_id(w->queue);
	e->at = w->now;
	e->ticket = (struct ticket){0, 1};
	e->staff.actor = S("cli:test");
	e->staff.verb = arena_copy(e->arena, slice_of(verb));
	e->staff.case_number = arena_copy(e->arena, slice_of(number));
	if (name) {
		e->staff.args[0].name = arena_copy(e->arena, slice_of(name));
		e->staff.args[0].value = arena_copy(e->arena, slice_of(value));
		e->staff.n_args = 1;
	}
	return engine_run(w->engine, &e, 1, w->now += 1000);
}

static int staff_status(struct world *w, const char *verb, const char *number, const char *name, const char *value)
{
	struct release *r = staff(w, verb, number, name, value);
	int status = r->status;

	free_all(r);
	return status;
}

static void closing_asks_for_a_rating_once(void **state)
{
	struct world *w = *state;
	const char *number = file_case(w, w->engine, "+14155550104");

	assert_int_equal(staff_status(w, "accept", number, NULL, NULL), 200);
	assert_int_equal(staff_status(w, "accept", number, NULL, NULL), 409);
	assert_int_equal(staff_status(w, "close", number, NULL, NULL), 200);
	assert_int_equal(staff_status(w, "close", "261121-9999-9", NULL, NULL), 404);
	{
		const char *thanks = say(w, "+14155550104", "凑合");
		assert_true(strlen(thanks) > 3);
		assert_string_not_equal(say(w, "+14155550104", "2"), thanks);
	}
}

static void stop_ends_all_but_notices(void **state)
{
	struct world *w = *state;
	const char *number = file_case(w, w->engine, "+14155550105");
	struct release *r;

	assert_true(strlen(say(w, "+14155550105", "STOP")) > 3);
	assert_string_equal(say(w, "+14155550105", "STOP"), "");
	r = staff(w, "accept", number, NULL, NULL);
	assert_true(slice_find(r->body, S("\"told\":true")) < r->body.len);
	free_all(r);
}

/* What was sent about a case, oldest first. */
static size_t sends_of(struct world *w, const char *number, struct outbox_row **out)
{
	struct reader *r = w->store->kind->reader_open(w->store);
	size_t n;

	assert_int_equal(r->kind->find_outbox(r, slice_of(number), w->arena, out, &n), OK);
	r->kind->reader_close(r);
	return n;
}

static void staff_with_rid(struct world *w, const char *verb, const char *number, const char *rid)
{
	struct event *e = event_open(EVENT_STAFF);

	e->id = queue_id(w->queue);
	e->at = w->now;
	e->rid = slice_of(rid);
	e->ticket = (struct ticket){0, 1};
	e->staff.actor = S("cli:test");
	e->staff.verb = slice_of(verb);
	e->staff.case_number = slice_of(number);
	{
		struct release *r = engine_run(w->engine, &e, 1, w->now += 1000);

		assert_int_equal(r->status, 200);
		assert_true(r->n_queued > 0);
		free_all(r);
	}
}

/* One id from the request to the send; a timer, which no request caused, brings one of its own. */
static void sends_keep_the_id_of_their_cause(void **state)
{
	struct world *w = *state;
	const char *number = file_case(w, w->engine, "+14155550108");
	struct outbox_row *rows;
	size_t before = sends_of(w, number, &rows), n;
	struct event *none[1];

	staff_with_rid(w, "accept", number, "r-accept");
	n = sends_of(w, number, &rows);
	assert_true(n > before);
	for (size_t i = before; i < n; i++)
		assert_true(slice_is(rows[i].rid, "r-accept"));
	staff_with_rid(w, "close", number, "r-close");
	before = n;
	n = sends_of(w, number, &rows);
	assert_true(n > before);
	for (size_t i = before; i < n; i++)
		assert_true(slice_is(rows[i].rid, "r-close"));
	before = n;
	free_all(engine_run(w->engine, none, 0, w->now += INT64_C(49) * 3600000)); /* the survey's reminder */
	n = sends_of(w, number, &rows);
	assert_true(n > before);
	for (size_t i = before; i < n; i++) {
		assert_true(slice_begins(rows[i].rid, S("t")) && rows[i].rid.len > 8);
		assert_true(slice_equal(rows[i].rid, rows[before].rid));
	}
}

/* ---- a result that comes after its lease was taken over ---------------------------------------------------------------- */

/* The ram store, with fences: how often each row was claimed, as stores that gateways share count it. */
#define FENCED_MAX 32
static struct {
	struct { int64_t id, n; } rows[FENCED_MAX];
	size_t n, attempts, handovers;
	struct outbox_row given; /* the last one that the courier got */
	size_t n_given;
	struct store_kind kind;
	const struct store_kind *plain;
} fenced;

static int64_t *fence_of(int64_t id)
{
	for (size_t i = 0; i < fenced.n; i++)
		if (fenced.rows[i].id == id)
			return &fenced.rows[i].n;
	assert_true(fenced.n < FENCED_MAX);
	fenced.rows[fenced.n].id = id;
	return &fenced.rows[fenced.n++].n;
}

static enum result fenced_load(struct store *s, struct snapshot *snap)
{
	enum result r = fenced.plain->load(s, snap);

	for (size_t i = 0; i < snap->n; i++)
		if (snap->wants[i].outbox)
			snap->wants[i].outbox->fence = *fence_of(snap->wants[i].outbox->m.id);
	return r;
}

static enum result fenced_apply(struct store *s, struct changes *c)
{
	enum result r = fenced.plain->apply(s, c);

	fenced.attempts += c->attempts.n;
	fenced.handovers += c->handovers.n;
	for (size_t i = 0; i < c->n_claimed; i++)
		c->claimed[i].fence = ++*fence_of(c->claimed[i].m.id);
	return r;
}

static size_t much_room(void *with, size_t *media)
{
	(void)with;
	*media = 0;
	return 8;
}

static void give_to_nobody(void *with, const struct outbox_row *rows, size_t n, const struct media_row *media, size_t n_media)
{
	(void)with;
	(void)media;
	(void)n_media;
	fenced.n_given += n;
	fenced.given = (struct outbox_row){.m.id = rows[n - 1].m.id, .fence = rows[n - 1].fence, .state = rows[n - 1].state};
}

static void fenced_begin(struct world *w)
{
	struct engine_options o = {.config = w->config, .queue = w->queue, .store = w->store, .key = &w->key,
				   .room = much_room, .give = give_to_nobody};

	memset(&fenced, 0, sizeof fenced);
	fenced.plain = w->store->kind;
	fenced.kind = *w->store->kind;
	fenced.kind.load = fenced_load;
	fenced.kind.apply = fenced_apply;
	w->store->kind = &fenced.kind;
	engine_close(&w->engine);
	w->engine = engine_open(&o);
}

static void pass_time(struct world *w, int64_t ms)
{
	struct event *none[1];

	free_all(engine_run(w->engine, none, 0, w->now += ms));
}

static void word(struct world *w, int64_t outbox, int64_t fence, enum outcome_class what, const char *provider_id)
{
	struct event *e = event_open(EVENT_SENT);

	e->id = queue_id(w->queue);
	e->at = w->now;
	e->channel = config_account(w->config, S("sms"))->index;
	e->sent = (struct sent){.outbox = outbox,
				.fence = fence,
				.outcome = {.what = what, .provider_id = slice_of(provider_id)},
				.started_at = w->now - 10,
				.ended_at = w->now,
				.attempted = true};
	free_all(engine_run(w->engine, &e, 1, w->now += 10));
}

/* A notice that is on its way, and was taken over by another holder: the last of the case's sends. */
static struct outbox_row taken_over(struct world *w, const char *from, const char **number)
{
	struct outbox_row *rows;
	size_t n;

	fenced_begin(w);
	*number = file_case(w, w->engine, from);
	assert_non_null(*number);
	assert_int_equal(staff_status(w, "accept", *number, NULL, NULL), 200);
	pass_time(w, 10);
	assert_true(fenced.n_given == 1 && fenced.given.fence == 1 && fenced.given.state == DELIVERY_SENDING);
	pass_time(w, w->config->keep.lease_ms + 1000);
	assert_true(fenced.n_given == 2 && fenced.given.fence == 2 && fenced.given.state == DELIVERY_UNSURE);
	n = sends_of(w, *number, &rows);
	assert_true(n && rows[n - 1].m.id == fenced.given.m.id && rows[n - 1].state == DELIVERY_SENDING);
	return rows[n - 1];
}

static struct outbox_row last_send(struct world *w, const char *number)
{
	struct outbox_row *rows;
	size_t n = sends_of(w, number, &rows);

	assert_true(n > 0);
	return rows[n - 1];
}

/* Whatever it says but "sent": the row stays in the hands of who has it now. */
static void a_late_word_takes_nothing_from_the_new_holder(void **state)
{
	struct world *w = *state;
	const char *number;
	struct outbox_row before = taken_over(w, "+14155550110", &number), after;
	size_t attempts = fenced.attempts, told = 0;

	assert_int_equal(before.m.attempts, 1); /* counted when it was taken over */
	for (int what = OUTCOME_LATER; what <= OUTCOME_UNSURE; what++) {
		word(w, before.m.id, 1, (enum outcome_class)what, "");
		after = last_send(w, number);
		assert_int_equal(after.state, DELIVERY_SENDING);
		assert_true(after.next_at == before.next_at && after.lease_until == before.lease_until);
		assert_int_equal(after.m.attempts, 1);
		assert_int_equal(fenced.attempts, attempts + ++told);
	}
	assert_int_equal(fenced.n_given, 2);
	assert_int_equal(fenced.handovers, 0);
	word(w, before.m.id, 1, OUTCOME_UNSURE, "SMlate"); /* its id is kept, for a receipt may come */
	after = last_send(w, number);
	assert_true(after.state == DELIVERY_SENDING && slice_is(after.provider_id, "SMlate"));
	assert_true(after.lease_until == before.lease_until && after.m.attempts == 1);
	word(w, before.m.id, 2, OUTCOME_LATER, ""); /* the holder's own word counts */
	after = last_send(w, number);
	assert_true(after.state == DELIVERY_QUEUED && after.m.attempts == 2 && after.next_at > w->now);
}

static void a_late_sent_is_the_truth(void **state)
{
	struct world *w = *state;
	const char *number;
	struct outbox_row before = taken_over(w, "+14155550111", &number), after;
	struct event *e = event_open(EVENT_RECEIPT);

	word(w, before.m.id, 1, OUTCOME_SENT, "SMfirst");
	after = last_send(w, number);
	assert_true(after.state == DELIVERY_SENT && slice_is(after.provider_id, "SMfirst") && after.m.attempts == 1);
	/* What the new holder says now is kept, moves nothing back, and is nothing for a person. */
	word(w, before.m.id, 2, OUTCOME_LATER, "");
	word(w, before.m.id, 2, OUTCOME_UNSURE, "");
	word(w, before.m.id, 2, OUTCOME_NEVER, "");
	after = last_send(w, number);
	assert_int_equal(after.state, DELIVERY_SENT);
	assert_int_equal(after.m.attempts, 4);
	pass_time(w, INT64_C(3600000));
	assert_int_equal(fenced.n_given, 2);
	assert_int_equal(fenced.handovers, 0);
	e->id = queue_id(w->queue);
	e->channel = config_account(w->config, S("sms"))->index;
	e->receipt = (struct receipt){.provider_id = S("SMfirst"), .state = DELIVERY_DELIVERED, .at = w->now};
	free_all(engine_run(w->engine, &e, 1, w->now += 10));
	assert_int_equal(last_send(w, number).state, DELIVERY_DELIVERED);
}

/* The new holder was refused and is to try again: the truth comes in time to spare that. */
static void a_late_sent_spares_the_next_try(void **state)
{
	struct world *w = *state;
	const char *number;
	struct outbox_row before = taken_over(w, "+14155550112", &number);

	word(w, before.m.id, 2, OUTCOME_LATER, "");
	assert_int_equal(last_send(w, number).state, DELIVERY_QUEUED);
	word(w, before.m.id, 1, OUTCOME_SENT, "SMfirst");
	assert_int_equal(last_send(w, number).state, DELIVERY_SENT);
	pass_time(w, INT64_C(3600000));
	assert_int_equal(fenced.n_given, 2);
}

static void a_late_sent_ends_what_a_person_was_asked(void **state)
{
	struct world *w = *state;
	const char *number;
	struct outbox_row before = taken_over(w, "+14155550113", &number);

	word(w, before.m.id, 2, OUTCOME_UNSURE, "");
	assert_int_equal(last_send(w, number).state, DELIVERY_UNSURE);
	assert_int_equal(fenced.handovers, 1);
	word(w, before.m.id, 1, OUTCOME_SENT, "SMfirst");
	assert_int_equal(last_send(w, number).state, DELIVERY_SENT);
}

static void urgent_words_pass_every_form(void **state)
{
	struct world *w = *state;

	say(w, "+14155550106", "投诉");
	assert_true(has(say(w, "+14155550106", "着火了快来人啊"), "119"));
}

static void a_flood_is_told_once(void **state)
{
	struct world *w = *state;
	int answered = 0;

	for (int i = 0; i < 100; i++) {
		w->now -= 999; /* all within a minute */
		answered += say(w, "+14155550107", "你好")[0] != 0;
	}
	assert_true(answered >= 30 && answered <= 32);
}

/* ---- an answer that was lost, and the message comes again ----------------------------------------------------------- */

static void lose_answer(struct world *w, const char *from, int64_t to_event)
{
	struct event *e = event_open(EVENT_SEEN);
	struct slice who[2] = {S("sms"), slice_of(from)};

	e->id = queue_id(w->queue);
	e->at = w->now;
	e->seen.contact = secret_hash16(&w->key, who, 2);
	e->seen.inline_lost = true;
	e->seen.up_to = to_event;
	free_all(engine_run(w->engine, &e, 1, w->now += 10));
}

static const char *say_again(struct world *w, const char *from)
{
	return say_as(w, w->engine, from, "SMtwice", "投诉");
}

static int64_t say_first(struct world *w, const char *from)
{
	struct event *e = text_event(w, from, "SMtwice", "投诉");
	int64_t id = e->id;
	struct release *r = engine_run(w->engine, &e, 1, w->now += 1000);

	assert_true(r->n_texts > 0);
	free_all(r);
	return id;
}

/* Whoever carries it first, the citizen has it once: the webhook that comes again, or the courier. */
static void a_lost_answer_is_carried_once(void **state)
{
	struct world *w = *state;
	int64_t event;
	size_t given;

	fenced_begin(w);
	event = say_first(w, "+14155550120");
	lose_answer(w, "+14155550120", event);
	assert_true(say_again(w, "+14155550120")[0] != 0); /* it comes again in time */
	pass_time(w, 60000);
	assert_int_equal(fenced.n_given, 0);
	lose_answer(w, "+14155550120", event); /* and is lost again */
	pass_time(w, w->config->keep.inline_wait_ms + 10);
	for (size_t n = 1; n <= 2 && fenced.n_given == n; n++) { /* a greeting and a question: one after the other */
		assert_string_equal(say_again(w, "+14155550120"), ""); /* the courier has it in hand */
		word(w, fenced.given.m.id, fenced.given.fence, OUTCOME_SENT, "SMout");
		pass_time(w, 300);
	}
	assert_string_equal(say_again(w, "+14155550120"), ""); /* and has carried it */
	given = fenced.n_given;
	assert_true(given > 0);
	lose_answer(w, "+14155550120", event);
	pass_time(w, INT64_C(120000));
	assert_int_equal(fenced.n_given, given);
}

/* ---- one event that nothing can be done with ----------------------------------------------------------------------- */

static const struct store_kind *sound;
static enum result poison_is;

static enum result poisoned_apply(struct store *s, struct changes *c)
{
	for (size_t i = 0; i < c->inbox.n; i++)
		if (slice_is(c->inbox.list[i].text, "毒"))
			return poison_is;
	return sound->apply(s, c);
}

/* It is refused alone; who came with it is served. */
static void one_bad_event_holds_up_nobody(void **state)
{
	static const enum result all[] = {RETRY, NEVER};
	struct world *w = *state;
	struct store_kind kind = *w->store->kind;

	sound = w->store->kind;
	kind.apply = poisoned_apply;
	w->store->kind = &kind;
	for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
		struct event *e[3] = {text_event(w, "+8613900000001", NULL, "投诉"), text_event(w, "+8613900000002", NULL, "毒"),
				      text_event(w, "+8613900000003", NULL, "投诉")};
		struct release *list, *one;
		struct slice why = {0};

		poison_is = all[k];
		list = one = engine_run(w->engine, e, 3, w->now += 1000);
		for (size_t i = 0; i < 3; i++, one = one->next) {
			assert_non_null(one);
			assert_int_equal(one->ack, i != 1 ? ACK_DONE : poison_is == NEVER ? ACK_BAD : ACK_AGAIN);
			assert_int_equal(one->n_texts > 0, i != 1);
		}
		assert_null(one);
		free_all(list);
		if (poison_is == RETRY)
			assert_true(engine_ready(w->engine, &why));
	}
	w->store->kind = sound;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_case_comes_of_it, up, down),
		cmocka_unit_test_setup_teardown(duplicates_change_nothing, up, down),
		cmocka_unit_test_setup_teardown(a_duplicate_in_one_batch_is_one, up, down),
		cmocka_unit_test_setup_teardown(the_first_batch_sees_what_it_did, up, down),
		cmocka_unit_test_setup_teardown(a_store_that_fails_at_any_step, up, down),
		cmocka_unit_test_setup_teardown(closing_asks_for_a_rating_once, up, down),
		cmocka_unit_test_setup_teardown(stop_ends_all_but_notices, up, down),
		cmocka_unit_test_setup_teardown(sends_keep_the_id_of_their_cause, up, down),
		cmocka_unit_test_setup_teardown(a_late_word_takes_nothing_from_the_new_holder, up, down),
		cmocka_unit_test_setup_teardown(a_late_sent_is_the_truth, up, down),
		cmocka_unit_test_setup_teardown(a_late_sent_spares_the_next_try, up, down),
		cmocka_unit_test_setup_teardown(a_late_sent_ends_what_a_person_was_asked, up, down),
		cmocka_unit_test_setup_teardown(urgent_words_pass_every_form, up, down),
		cmocka_unit_test_setup_teardown(a_flood_is_told_once, up, down),
		cmocka_unit_test_setup_teardown(a_lost_answer_is_carried_once, up, down),
		cmocka_unit_test_setup_teardown(one_bad_event_holds_up_nobody, up, down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

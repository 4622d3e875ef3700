/* The courier against a provider that does everything wrong that providers do (reliability.md 3.2, 4.2). */
#include "delivery_house.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct outbox_row house_row(int64_t id, enum lane lane)
{
	return (struct outbox_row){.m = {.id = id,
					 .contact = id,
					 .to = S("+8613800138000"),
					 .text = S("text"),
					 .lane = lane,
					 .part = 1,
					 .parts = 1,
					 .created_at = 1000 + id},
				   .channel = S("a"),
				   .state = DELIVERY_SENDING};
}

static void house_give(struct house *h, struct outbox_row r)
{
	delivery_give(h->delivery, &r, 1);
}

static const struct sent *house_sent(struct house *h, int64_t id)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->events[i]->kind == EVENT_SENT && h->events[i]->sent.outbox == id)
			return &h->events[i]->sent;
	fail_msg("no result for row %lld", (long long)id);
	return NULL;
}

static const struct sent *house_one(struct house *h, struct outbox_row r)
{
	house_give(h, r);
	assert_true(house_wait(h, h->n + 1, 10000));
	return house_sent(h, r.m.id);
}

static void house_pause(int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

static int64_t now_ms(void)
{
	return clock_mono().ms;
}

/* ---- the plain way ----------------------------------------------------------------------------------------------- */

static void sends_on_one_kept_connection(void **state)
{
	struct house *h = house_new();

	(void)state;
	house_open(h);
	for (int64_t id = 1; id <= 6; id++) {
		const struct sent *s = house_one(h, house_row(id, LANE_REPLY));
		const struct event *e = h->events[h->n - 1];

		assert_int_equal(s->outcome.what, OUTCOME_SENT);
		assert_true(s->attempted);
		assert_int_equal(s->http_status, 200);
		assert_true(s->started_at > 0 && s->ended_at >= s->started_at);
		assert_int_equal(e->channel, 0);
		assert_true(slice_equal(e->rid, arena_printf(h->arena, "o%lld", (long long)id))); /* a row without one */
		assert_true(slice_equal(s->outcome.provider_id, arena_printf(h->arena, "p%lld", (long long)id)));
	}
	assert_int_equal(fake_connections(h->fake), 1);
	assert_int_equal(fake_requests(h->fake), 6);
	assert_string_equal(fake_body(h->fake, 0), "text");
	assert_non_null(strstr(fake_head(h->fake, 0), "POST /send HTTP/1.1\r\n"));
	assert_null(strstr(fake_head(h->fake, 0), "Expect:"));
	house_close(h);
}

/* The request's id goes with the row, also when it comes back untried. */
static void results_carry_the_id_of_the_request(void **state)
{
	struct house *h = house_new();
	struct outbox_row r = house_row(1, LANE_REPLY);

	(void)state;
	house_open(h);
	r.rid = S("0123456789abcdef01");
	assert_int_equal(house_one(h, r)->outcome.what, OUTCOME_SENT);
	assert_true(slice_is(h->events[0]->rid, "0123456789abcdef01"));
	r.m.id = 2;
	r.channel = S("nobody");
	assert_false(house_one(h, r)->attempted);
	assert_true(slice_is(h->events[1]->rid, "0123456789abcdef01"));
	house_close(h);
}

static void accounts_never_share_a_connection(void **state)
{
	struct house *h = house_new();

	(void)state;
	house_account(h, "b", h->values[0][OPTION_API_URL]);
	house_open(h);
	for (int64_t id = 1; id <= 6; id++) {
		struct outbox_row r = house_row(id, LANE_REPLY);

		r.channel = id % 2 ? S("a") : S("b");
		assert_int_equal(house_one(h, r)->outcome.what, OUTCOME_SENT);
		assert_int_equal(h->events[h->n - 1]->channel, id % 2 ? 0 : 1);
	}
	assert_int_equal(fake_connections(h->fake), 2);
	house_close(h);
}

static void basic_credentials_and_nothing_else_of_ours(void **state)
{
	struct house *h = house_new();

	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "http://127.0.0.1:1", 1);
	h->values[0][OPTION_PASSWORD] = S("pa:ss");
	fake_always(h->fake, (struct fake_reply){.body = "id=1", .headers = "Set-Cookie: spy=1\r\n"});
	house_open(h);
	assert_int_equal(house_one(h, house_row(1, LANE_REPLY))->outcome.what, OUTCOME_SENT);
	assert_int_equal(house_one(h, house_row(2, LANE_REPLY))->outcome.what, OUTCOME_SENT);
	assert_non_null(strstr(fake_head(h->fake, 1), "Authorization: Basic bWU6cGE6c3M=\r\n"));
	assert_null(strstr(fake_head(h->fake, 1), "Cookie"));
	unsetenv("http_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("all_proxy");
	house_close(h);
}

/* ---- answers ----------------------------------------------------------------------------------------------------- */

static void a_500_is_for_later_and_then_it_goes(void **state)
{
	struct house *h = house_new();
	const struct sent *s;

	(void)state;
	fake_then(h->fake, (struct fake_reply){.status = 500, .headers = "Retry-After: 7\r\n"});
	house_open(h);
	s = house_one(h, house_row(1, LANE_NOTICE));
	assert_int_equal(s->outcome.what, OUTCOME_LATER);
	assert_int_equal(s->http_status, 500);
	assert_int_equal(s->outcome.wait_ms, 7000);
	assert_true(s->attempted && slice_is(s->outcome.code, "500"));
	assert_int_equal(house_one(h, house_row(2, LANE_NOTICE))->outcome.what, OUTCOME_SENT);
	house_close(h);
}

static void a_rate_answer_slows_the_lane(void **state)
{
	struct house *h = house_new();
	const struct sent *s;
	int64_t from;

	(void)state;
	fake_then(h->fake, (struct fake_reply){.status = 429, .headers = "retry-after:  1 \r\n"});
	house_open(h);
	from = now_ms();
	s = house_one(h, house_row(1, LANE_NOTICE));
	assert_int_equal(s->outcome.what, OUTCOME_RATE);
	assert_int_equal(s->outcome.wait_ms, 1000);
	assert_int_equal(house_one(h, house_row(2, LANE_NOTICE))->outcome.what, OUTCOME_SENT);
	assert_true(now_ms() - from >= 950); /* the other row waited as well */
	assert_int_equal(fake_requests(h->fake), 2);
	house_close(h);
}

static void a_config_answer_stops_the_channel(void **state)
{
	struct house *h = house_new();

	(void)state;
	fake_then(h->fake, (struct fake_reply){.status = 403});
	house_open(h);
	assert_int_equal(house_one(h, house_row(1, LANE_NOTICE))->outcome.what, OUTCOME_CONFIG);
	house_give(h, house_row(2, LANE_NOTICE));
	assert_false(house_wait(h, 2, 600));
	assert_int_equal(fake_requests(h->fake), 1);
	delivery_reload(h->delivery, &h->config); /* the operator mended it */
	assert_true(house_wait(h, 2, 3000));
	assert_int_equal(house_sent(h, 2)->outcome.what, OUTCOME_SENT);
	house_close(h);
}

static void redirects_are_not_followed(void **state)
{
	struct house *h = house_new();

	(void)state;
	h->values[0][OPTION_PASSWORD] = S("secret");
	fake_then(h->fake,
		  (struct fake_reply){.status = 307, .headers = "Location: http://127.0.0.1:{port}/stolen\r\n"});
	house_open(h);
	assert_int_equal(house_one(h, house_row(1, LANE_NOTICE))->outcome.what, OUTCOME_CONFIG);
	assert_int_equal(fake_requests(h->fake), 1);
	house_close(h);
}

static void an_endless_answer_is_cut(void **state)
{
	struct house *h = house_new();

	(void)state;
	house_longest_answer = 0;
	fake_then(h->fake, (struct fake_reply){.big = (size_t)10 << 20});
	house_open(h);
	assert_int_equal(house_one(h, house_row(1, LANE_NOTICE))->outcome.what, OUTCOME_UNSURE);
	assert_int_equal(house_longest_answer, WIRE_ANSWER_BYTES);
	assert_int_equal(house_one(h, house_row(2, LANE_NOTICE))->outcome.what, OUTCOME_SENT);
	house_close(h);
}

static void too_many_headers_and_no_http(void **state)
{
	struct house *h = house_new();
	const struct sent *s;

	(void)state;
	fake_then(h->fake, (struct fake_reply){.act = FAKE_MANY_HEADERS});
	fake_then(h->fake, (struct fake_reply){.act = FAKE_GARBAGE});
	fake_then(h->fake, (struct fake_reply){.act = FAKE_CUT_BODY, .body = "half"});
	house_open(h);
	s = house_one(h, house_row(1, LANE_NOTICE));
	assert_int_equal(s->outcome.what, OUTCOME_UNSURE);
	assert_true(slice_is(s->outcome.detail, "too many headers"));
	assert_int_equal(house_one(h, house_row(2, LANE_NOTICE))->outcome.what, OUTCOME_UNSURE);
	assert_int_equal(house_one(h, house_row(3, LANE_NOTICE))->outcome.what, OUTCOME_UNSURE);
	assert_int_equal(house_one(h, house_row(4, LANE_NOTICE))->outcome.what, OUTCOME_SENT);
	house_close(h);
}

static void a_hostile_id_is_no_id(void **state)
{
	struct house *h = house_new();
	char body[2000];
	const struct sent *s;

	(void)state;
	memset(body, 'z', sizeof body);
	memcpy(body, "id=", 3);
	fake_then(h->fake, (struct fake_reply){.body = body, .body_len = sizeof body});
	fake_then(h->fake, (struct fake_reply){.body = "id=\xFF\xFE"
						       "1"});
	house_open(h);
	s = house_one(h, house_row(1, LANE_NOTICE));
	assert_int_equal(s->outcome.what, OUTCOME_SENT);
	assert_int_equal(s->outcome.provider_id.len, 0);
	assert_true(utf8_valid(house_one(h, house_row(2, LANE_NOTICE))->outcome.provider_id));
	house_close(h);
}

/* ---- not reached, or not answered -----------------------------------------------------------------------------------
 */

static void nobody_there_is_for_later(void **state)
{
	struct house *h = house_new();
	const struct sent *s;

	(void)state;
	h->values[0][OPTION_API_URL] = arena_printf(h->arena, "http://127.0.0.1:%d", fake_closed_port());
	house_account(h, "nowhere", S("https://no-such-host.invalid"));
	house_open(h);
	s = house_one(h, house_row(1, LANE_NOTICE));
	assert_int_equal(s->outcome.what, OUTCOME_LATER);
	assert_int_equal(s->http_status, 0);
	assert_true(s->attempted && s->outcome.detail.len);
	house_close(h);
}

static void what_left_us_and_was_not_answered_is_unsure(void **state)
{
	static const enum fake_act acts[] = {FAKE_RESET_FIRST, FAKE_RESET_AFTER};
	struct house *h = house_new();

	(void)state;
	for (size_t i = 0; i < 2; i++)
		fake_then(h->fake, (struct fake_reply){.act = acts[i]});
	house_open(h);
	for (int64_t id = 1; id <= 2; id++) {
		const struct sent *s = house_one(h, house_row(id, LANE_NOTICE));

		assert_int_equal(s->outcome.what, OUTCOME_UNSURE);
		assert_int_equal(s->http_status, 0);
	}
	assert_int_equal(fake_requests_of(h->fake, "2"), 1);
	house_close(h);
}

/* curl sends again by itself on a kept connection that dies; only where twice is better than never may it. */
static void a_dead_kept_connection_is_not_sent_on_twice(void **state)
{
	(void)state;
	for (int again = 0; again < 2; again++) {
		struct house *h = house_new();

		h->accounts[0].unsure = again ? UNSURE_SEND_AGAIN : UNSURE_ASK_PERSON;
		fake_then(h->fake, (struct fake_reply){.body = "id=1"});
		fake_then(h->fake, (struct fake_reply){.act = FAKE_RESET_AFTER});
		house_open(h);
		assert_int_equal(house_one(h, house_row(1, LANE_NOTICE))->outcome.what, OUTCOME_SENT);
		assert_int_equal(house_one(h, house_row(2, LANE_NOTICE))->outcome.what,
				 again ? OUTCOME_SENT : OUTCOME_UNSURE);
		assert_int_equal(fake_requests_of(h->fake, "2"), again ? 2 : 1);
		house_close(h);
	}
}

static void a_bodiless_call_that_may_go_once_takes_a_fresh_connection(void **state)
{
	struct house *h = house_new();

	(void)state;
	h->values[0][OPTION_METHOD] = S("GET");
	house_open(h);
	for (int64_t id = 1; id <= 3; id++)
		assert_int_equal(house_one(h, house_row(id, LANE_NOTICE))->outcome.what, OUTCOME_SENT);
	assert_int_equal(fake_connections(h->fake), 3);
	assert_non_null(strstr(fake_head(h->fake, 0), "GET /send HTTP/1.1\r\n"));
	house_close(h);
}

static void silence_and_trickle_have_an_end(void **state)
{
	static const enum fake_act acts[] = {FAKE_HANG, FAKE_SLOW_BODY};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct house *h = house_new();
		int64_t from;

		h->config.delivery.call_ms = i == 0 ? 20000 : 1500; /* silence: the low-speed limit; trickle: the whole call's */
		h->config.delivery.slow_ms = 1000;
		fake_then(h->fake, (struct fake_reply){.act = acts[i],
						       .body = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"});
		house_open(h);
		from = now_ms();
		assert_int_equal(house_one(h, house_row(1, LANE_NOTICE))->outcome.what, OUTCOME_UNSURE);
		assert_true(now_ms() - from < (i == 0 ? 9000 : 3000));
		house_close(h);
	}
}

static void http_only_where_the_operator_said_so(void **state)
{
	static const char *const urls[] = {"http://127.0.0.1:1/x",
					   "ftp://127.0.0.1/x",
					   "file:///etc/passwd",
					   "gopher://x/",
					   "https://user@127.0.0.1:1/",
					   "nonsense",
					   "",
					   "http://127.0.0.1",
					   "//x/y"};
	struct house *h = house_new();

	(void)state;
	for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
		const struct sent *s;
		struct house *one = i ? house_new() : h;

		one->values[0][OPTION_CALL_URL] = *urls[i] ? slice_of(urls[i]) : S(" ");
		house_open(one);
		s = house_one(one, house_row(1, LANE_NOTICE));
		assert_int_equal(s->outcome.what, OUTCOME_CONFIG);
		assert_int_equal(s->http_status, 0);
		house_close(one);
	}
}

/* ---- the schedule at work ---------------------------------------------------------------------------------------- */

static void the_breaker_opens_and_probes_once(void **state)
{
	struct house *h = house_new();
	int64_t from;

	(void)state;
	fake_always(h->fake, (struct fake_reply){.status = 503});
	h->config.delivery.per_account = 1;
	house_open(h);
	for (int64_t id = 1; id <= 12; id++)
		house_give(h, house_row(id, LANE_NOTICE));
	assert_true(house_wait(h, 5, 5000));
	from = now_ms();
	assert_false(house_wait(h, 6, 4000));
	assert_int_equal(fake_requests(h->fake), 5);
	assert_true(house_wait(h, 6, 4000));
	assert_true(now_ms() - from >= 4500);
	house_pause(500);
	assert_int_equal(fake_requests(h->fake), 6); /* one probe, and shut again for longer */
	assert_int_equal(delivery_room(h->delivery), h->config.delivery.rows - 6);
	house_close(h);
}

static void the_breaker_closes_when_a_probe_gets_through(void **state)
{
	struct house *h = house_new();

	(void)state;
	for (int i = 0; i < 5; i++)
		fake_then(h->fake, (struct fake_reply){.act = FAKE_RESET_AFTER, .close = true});
	h->config.delivery.per_account = 1;
	house_open(h);
	for (int64_t id = 1; id <= 10; id++)
		house_give(h, house_row(id, LANE_NOTICE));
	assert_true(house_wait(h, 10, 9000));
	for (int64_t id = 6; id <= 10; id++)
		assert_int_equal(house_sent(h, id)->outcome.what, OUTCOME_SENT);
	house_close(h);
}

static void the_rate_holds(void **state)
{
	struct house *h = house_new();
	int64_t from;

	(void)state;
	h->accounts[0].per_second = 10;
	house_open(h);
	from = now_ms();
	for (int64_t id = 1; id <= 20; id++)
		house_give(h, house_row(id, LANE_NOTICE));
	assert_true(house_wait(h, 20, 5000));
	assert_in_range(now_ms() - from, 900, 2500); /* ten at once, ten in the second after */
	house_close(h);
}

static void replies_overtake_campaigns(void **state)
{
	struct house *h = house_new();
	const struct {
		int64_t id;
		enum lane lane;
	} rows[] = {{2, LANE_CAMPAIGN}, {3, LANE_SURVEY}, {4, LANE_NOTICE},
		    {6, LANE_REPLY},    {5, LANE_REPLY},  {7, LANE_CAMPAIGN}};

	(void)state;
	h->config.delivery.per_account = 1;
	fake_then(h->fake, (struct fake_reply){.body = "id=1", .delay_ms = 400});
	house_open(h);
	house_give(h, house_row(1, LANE_CAMPAIGN));
	assert_true(fake_wait_requests(h->fake, 1, 2000));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		house_give(h, house_row(rows[i].id, rows[i].lane));
	assert_true(house_wait(h, 7, 5000));
	assert_string_equal(fake_order(h->fake), "1 5 6 4 3 2 7");
	house_close(h);
}

static void one_contact_one_call(void **state)
{
	struct house *h = house_new();

	(void)state;
	fake_always(h->fake, (struct fake_reply){.body = "id=1", .delay_ms = 60});
	house_open(h);
	for (int64_t id = 1; id <= 5; id++) {
		struct outbox_row r = house_row(id, LANE_REPLY);

		r.m.contact = 99;
		house_give(h, r);
	}
	assert_true(house_wait(h, 5, 5000));
	assert_int_equal(fake_most_at_once(h->fake), 1);
	assert_string_equal(fake_order(h->fake), "1 2 3 4 5");
	house_close(h);
}

static void calls_out_are_bounded(void **state)
{
	struct house *h = house_new();

	(void)state;
	house_account(h, "b", h->values[0][OPTION_API_URL]);
	h->config.delivery.per_account = 3;
	h->config.delivery.in_all = 4;
	fake_always(h->fake, (struct fake_reply){.body = "id=1", .delay_ms = 100});
	house_open(h);
	for (int64_t id = 1; id <= 10; id++)
		house_give(h, house_row(id, LANE_REPLY));
	assert_true(house_wait(h, 10, 5000));
	assert_int_equal(fake_most_at_once(h->fake), 3);
	for (int64_t id = 11; id <= 30; id++) {
		struct outbox_row r = house_row(id, LANE_REPLY);

		r.channel = id % 2 ? S("a") : S("b");
		house_give(h, r);
	}
	assert_true(house_wait(h, 30, 5000));
	assert_int_equal(fake_most_at_once(h->fake), 4);
	house_close(h);
}

/* ---- room, leases, stopping
 * ------------------------------------------------------------------------------------------ */

static void room_is_what_is_not_held(void **state)
{
	struct house *h = house_new();
	struct outbox_row rows[8];

	(void)state;
	h->config.delivery.rows = 8;
	fake_always(h->fake, (struct fake_reply){.body = "id=1", .delay_ms = 150});
	house_open(h);
	assert_int_equal(delivery_room(h->delivery), 8);
	for (int i = 0; i < 8; i++)
		rows[i] = house_row(i + 1, LANE_REPLY);
	delivery_give(h->delivery, rows, 8);
	memset(rows, 0xEE, sizeof rows); /* they were copied */
	assert_int_equal(delivery_room(h->delivery), 0);
	assert_true(house_wait(h, 8, 5000));
	assert_int_equal(delivery_room(h->delivery), 8);
	assert_int_equal(delivery_room(NULL), 0);
	house_close(h);
}

static void a_dead_account_keeps_only_its_share(void **state)
{
	struct house *h = house_new();
	struct outbox_row reply;
	int back = 0;

	(void)state;
	h->config.delivery.rows = 16;
	h->config.delivery.per_account = 2;
	house_account(h, "b", h->values[0][OPTION_API_URL]);
	h->values[0][OPTION_API_URL] = h->values[1][OPTION_API_URL];
	fake_then(h->fake, (struct fake_reply){.act = FAKE_HANG});
	fake_then(h->fake, (struct fake_reply){.act = FAKE_HANG});
	house_open(h);
	for (int64_t id = 1; id <= 2; id++)
		house_give(h, house_row(id, LANE_NOTICE));
	assert_true(fake_wait_requests(h->fake, 2, 2000));
	for (int64_t id = 3; id <= 14; id++)
		house_give(h, house_row(id, LANE_CAMPAIGN));
	assert_true(house_wait(h, 4, 2000)); /* two out, eight wait, four go back */
	for (size_t i = 0; i < h->n; i++) {
		const struct sent *s = &h->events[i]->sent;

		assert_int_equal(s->outcome.what, OUTCOME_LATER);
		assert_true(slice_is(s->outcome.detail, "held") && !s->attempted && s->http_status == 0 &&
			    s->outbox >= 11);
		back += s->outcome.wait_ms > 0;
	}
	assert_int_equal(back, 4);
	reply = house_row(20, LANE_REPLY);
	house_give(h, reply); /* a reply takes the place of a campaign's row */
	assert_true(house_wait(h, 5, 2000));
	assert_int_equal(house_sent(h, 10)->outcome.what, OUTCOME_LATER);
	reply = house_row(21, LANE_REPLY);
	reply.channel = S("b");
	assert_int_equal(house_one(h, reply)->outcome.what, OUTCOME_SENT);
	house_close(h);
}

static void a_lease_that_ends_gives_the_row_back(void **state)
{
	struct house *h = house_new();
	struct outbox_row r = house_row(2, LANE_REPLY), gone = house_row(3, LANE_REPLY);

	(void)state;
	h->config.keep.lease_ms = 6000; /* margin: 1 s */
	h->config.delivery.per_account = 1;
	fake_then(h->fake, (struct fake_reply){.body = "id=1", .delay_ms = 1500});
	house_open(h);
	house_give(h, house_row(1, LANE_REPLY));
	assert_true(fake_wait_requests(h->fake, 1, 2000));
	r.lease_until = clock_wall().ms + 3500;
	gone.lease_until = clock_wall().ms - 10;
	house_give(h, r);
	house_give(h, gone);
	assert_true(house_wait(h, 2, 1400));
	assert_false(house_sent(h, 2)->attempted);
	assert_false(house_sent(h, 3)->attempted);
	assert_true(house_wait(h, 3, 3000));
	assert_int_equal(house_sent(h, 1)->outcome.what, OUTCOME_SENT);
	assert_int_equal(fake_requests(h->fake), 1);
	house_close(h);
}

static void stopping_finishes_what_is_out(void **state)
{
	struct house *h = house_new();

	(void)state;
	h->config.delivery.per_account = 1;
	fake_then(h->fake, (struct fake_reply){.body = "id=1", .delay_ms = 400});
	house_open(h);
	house_give(h, house_row(1, LANE_REPLY));
	assert_true(fake_wait_requests(h->fake, 1, 2000));
	house_give(h, house_row(2, LANE_REPLY));
	delivery_stop(&h->delivery, 5000);
	assert_null(h->delivery);
	assert_true(house_wait(h, 2, 0) || house_wait(h, 2, 100));
	assert_int_equal(house_sent(h, 1)->outcome.what, OUTCOME_SENT);
	assert_int_equal(house_sent(h, 2)->outcome.what, OUTCOME_LATER);
	assert_false(house_sent(h, 2)->attempted);
	assert_int_equal(fake_requests(h->fake), 1);
	house_close(h);
}

static void stopping_does_not_wait_for_ever(void **state)
{
	struct house *h = house_new();
	int64_t from;

	(void)state;
	fake_always(h->fake, (struct fake_reply){.act = FAKE_HANG});
	house_open(h);
	house_give(h, house_row(1, LANE_REPLY));
	assert_true(fake_wait_requests(h->fake, 1, 2000));
	from = now_ms();
	delivery_stop(&h->delivery, 300);
	assert_in_range(now_ms() - from, 250, 2000);
	assert_true(house_wait(h, 1, 100));
	assert_int_equal(house_sent(h, 1)->outcome.what, OUTCOME_UNSURE);
	assert_true(house_sent(h, 1)->attempted);
	house_close(h);
}

/* ---- rows that need thought
 * -------------------------------------------------------------------------------------------- */

static void an_interrupted_send_is_not_made_again_unasked(void **state)
{
	(void)state;
	for (int again = 0; again < 2; again++) {
		struct house *h = house_new();
		struct outbox_row r = house_row(1, LANE_NOTICE);
		const struct sent *s;

		h->accounts[0].unsure = again ? UNSURE_SEND_AGAIN : UNSURE_ASK_PERSON;
		r.state = DELIVERY_UNSURE;
		house_open(h);
		s = house_one(h, r);
		assert_int_equal(s->outcome.what, again ? OUTCOME_SENT : OUTCOME_UNSURE);
		assert_int_equal(s->attempted, again);
		assert_int_equal(fake_requests(h->fake), again);
		house_close(h);
	}
}

static void what_cannot_be_sent_is_said_so(void **state)
{
	struct house *h = house_new();
	struct outbox_row never = house_row(1, LANE_NOTICE), stranger = house_row(2, LANE_NOTICE);

	(void)state;
	never.m.text = S("never");
	stranger.channel = S("no such");
	house_open(h);
	assert_int_equal(house_one(h, never)->outcome.what, OUTCOME_NEVER);
	assert_int_equal(house_one(h, stranger)->outcome.what, OUTCOME_CONFIG);
	assert_int_equal(h->events[1]->channel, -1);
	assert_int_equal(fake_requests(h->fake), 0);
	assert_int_equal(delivery_room(h->delivery), h->config.delivery.rows);
	house_close(h);
}

static void a_reload_moves_the_channel(void **state)
{
	struct house *h = house_new();
	struct fake *other = fake_start();
	struct config next = {.keep.lease_ms = 60000, .delivery = h->config.delivery};
	struct account acc = h->accounts[0];
	struct slice values[N_OPTIONS] = {0};

	(void)state;
	fake_always(other, (struct fake_reply){.body = "id=other"});
	values[OPTION_API_URL] = arena_printf(h->arena, "http://127.0.0.1:%d", fake_port(other));
	acc.values = values;
	next.accounts = &acc;
	next.n_accounts = 1;
	house_open(h);
	assert_int_equal(house_one(h, house_row(1, LANE_REPLY))->outcome.what, OUTCOME_SENT);
	delivery_reload(h->delivery, &next);
	assert_true(slice_is(house_one(h, house_row(2, LANE_REPLY))->outcome.provider_id, "other"));
	assert_int_equal(atomic_load(&h->config.holders), 0);
	next.n_accounts = 0;
	delivery_reload(h->delivery, &next);
	assert_int_equal(house_one(h, house_row(3, LANE_REPLY))->outcome.what, OUTCOME_CONFIG);
	delivery_stop(&h->delivery, 1000);
	assert_int_equal(atomic_load(&next.holders), 0);
	fake_stop(&other);
	house_close(h);
}

static void a_reload_changes_bounds_and_rate(void **state)
{
	struct house *h = house_new();
	struct config next = h->config;
	struct account acc = h->accounts[0];
	int64_t from;

	(void)state;
	h->config.delivery.per_account = 1;
	fake_always(h->fake, (struct fake_reply){.body = "id=1", .delay_ms = 200});
	house_open(h);
	for (int64_t id = 1; id <= 3; id++)
		house_give(h, house_row(id, LANE_REPLY));
	assert_true(house_wait(h, 3, 5000));
	assert_int_equal(fake_most_at_once(h->fake), 1);
	acc.per_second = 10;
	next.accounts = &acc;
	next.delivery.per_account = 4;
	next.delivery.rows = 16; /* not while others count on what was there */
	delivery_reload(h->delivery, &next);
	from = now_ms();
	for (int64_t id = 11; id <= 30; id++)
		house_give(h, house_row(id, LANE_REPLY));
	assert_true(house_wait(h, 23, 6000));
	assert_int_equal(fake_most_at_once(h->fake), 4);
	assert_true(now_ms() - from >= 900); /* at the new rate: ten at once, ten in the second after */
	assert_int_equal(delivery_room(h->delivery), 512);
	delivery_stop(&h->delivery, 1000);
	assert_int_equal(atomic_load(&next.holders), 0);
	house_close(h);
}

/* ---- tokens
 * ------------------------------------------------------------------------------------------------------------ */

static struct house *token_house(void)
{
	struct house *h = house_new();

	h->accounts[0].channel = &token_channel;
	return h;
}

static void one_token_for_all(void **state)
{
	struct house *h = token_house();

	(void)state;
	fake_then(h->fake, (struct fake_reply){.body = "T1", .delay_ms = 150});
	house_open(h);
	for (int64_t id = 1; id <= 8; id++)
		house_give(h, house_row(id, LANE_REPLY));
	assert_true(house_wait(h, 8, 5000));
	for (int64_t id = 1; id <= 8; id++)
		assert_int_equal(house_sent(h, id)->outcome.what, OUTCOME_SENT);
	assert_int_equal(fake_requests_of(h->fake, "token"), 1);
	assert_non_null(strstr(fake_head(h->fake, 3), "X-Token: T1\r\n"));
	house_close(h);
}

static void a_refused_token_is_renewed_once(void **state)
{
	struct house *h = token_house();
	int renewed = 0;

	(void)state;
	fake_then(h->fake, (struct fake_reply){.body = "T1"});
	for (int i = 0; i < 3; i++)
		fake_then(h->fake, (struct fake_reply){.status = 401, .delay_ms = 100});
	fake_then(h->fake, (struct fake_reply){.body = "T2"});
	house_open(h);
	for (int64_t id = 1; id <= 3; id++)
		house_give(h, house_row(id, LANE_REPLY));
	assert_true(house_wait(h, 3, 5000));
	for (int64_t id = 1; id <= 3; id++)
		assert_int_equal(house_sent(h, id)->outcome.what, OUTCOME_SENT);
	assert_int_equal(fake_requests_of(h->fake, "token"), 2);
	for (int i = 0; i < fake_requests(h->fake); i++)
		renewed += strstr(fake_head(h->fake, i), "X-Token: T2\r\n") != NULL;
	assert_int_equal(renewed, 3);
	house_close(h);
}

static void a_token_refused_twice_is_told(void **state)
{
	struct house *h = token_house();

	(void)state;
	fake_then(h->fake, (struct fake_reply){.body = "T1"});
	fake_then(h->fake, (struct fake_reply){.status = 401});
	fake_then(h->fake, (struct fake_reply){.body = "T2"});
	fake_then(h->fake, (struct fake_reply){.status = 401});
	house_open(h);
	assert_int_equal(house_one(h, house_row(1, LANE_REPLY))->outcome.what, OUTCOME_TOKEN);
	assert_int_equal(fake_requests_of(h->fake, "1"), 2);
	house_close(h);
}

static void no_token_no_call(void **state)
{
	struct house *h = token_house();

	(void)state;
	fake_always(h->fake, (struct fake_reply){.status = 403});
	house_open(h);
	house_give(h, house_row(1, LANE_REPLY));
	assert_true(fake_wait_requests(h->fake, 1, 2000));
	assert_false(house_wait(h, 1, 800));
	assert_int_equal(fake_requests(h->fake), 1); /* not hammered */
	delivery_stop(&h->delivery, 1000);
	assert_true(house_wait(h, 1, 100));
	assert_false(house_sent(h, 1)->attempted);
	house_close(h);
}

/* ---- metrics, commands
 * ------------------------------------------------------------------------------------------------- */

static void metrics_tell(void **state)
{
	struct house *h = house_new();
	struct buf b = buf_heap(65536);

	(void)state;
	fake_then(h->fake, (struct fake_reply){.status = 500});
	house_open(h);
	house_one(h, house_row(1, LANE_REPLY));
	house_one(h, house_row(2, LANE_REPLY));
	delivery_metrics(h->delivery, &b);
	assert_non_null(strstr(b.data, "huiyin_sends_total{channel=\"a\",outcome=\"sent\"} 1\n"));
	assert_non_null(strstr(b.data, "huiyin_sends_total{channel=\"a\",outcome=\"later\"} 1\n"));
	assert_non_null(strstr(b.data, "huiyin_send_seconds_count{channel=\"a\"} 2\n"));
	assert_non_null(strstr(b.data, "huiyin_send_breaker{channel=\"a\"} 0\n"));
	assert_non_null(strstr(b.data, "huiyin_send_waiting{channel=\"a\"} 0\n"));
	assert_non_null(strstr(b.data, "# TYPE huiyin_sends_total counter\n"));
	buf_free(&b);
	house_close(h);
}

static void one_call_for_a_command(void **state)
{
	struct house *h = house_new();
	struct call c = {.method = S("GET"),
			 .url = arena_printf(h->arena, "http://127.0.0.1:%d/readyz", fake_port(h->fake))};
	struct answer ans;
	int64_t from;

	(void)state;
	fake_then(h->fake, (struct fake_reply){.body = "fine", .headers = "Retry-After: 3\r\n"});
	fake_then(h->fake, (struct fake_reply){.status = 302, .headers = "Location: http://127.0.0.1:{port}/x\r\n"});
	fake_then(h->fake, (struct fake_reply){.act = FAKE_HANG});
	assert_true(delivery_call(&c, 3000, true, h->arena, &ans));
	assert_true(ans.sent && ans.status == 200 && slice_is(ans.body, "fine") && slice_is(ans.retry_after, "3"));
	assert_true(delivery_call(&c, 3000, true, h->arena, &ans));
	assert_int_equal(ans.status, 302);
	from = now_ms();
	assert_false(delivery_call(&c, 400, true, h->arena, &ans));
	assert_true(ans.sent && !ans.status && ans.error.len && now_ms() - from < 3000);
	c.url = arena_printf(h->arena, "http://127.0.0.1:%d/", fake_closed_port());
	assert_false(delivery_call(&c, 3000, true, h->arena, &ans));
	assert_false(ans.sent);
	c.url = S("file:///etc/passwd");
	assert_false(delivery_call(&c, 3000, true, h->arena, &ans));
	assert_int_equal(ans.body.len, 0);
	assert_int_equal(fake_requests(h->fake), 3);
	house_close(h);
}

/* ---- TLS
 * --------------------------------------------------------------------------------------------------------------- */

static pid_t run(char *const argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		execvp(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static void make_certificate(const char *folder, const char *name, const char *subject_alt)
{
	char key[200], cert[200], alt[200];
	char *const argv[] = {
		"openssl", "req",   "-x509", "-newkey", "ec",       "-pkeyopt", "ec_paramgen_curve:prime256v1",
		"-nodes",  "-days", "2",     "-subj",   "/CN=test", "-addext",  alt,
		"-keyout", key,     "-out",  cert,      NULL};
	int status;

	snprintf(key, sizeof key, "%s/%s.key", folder, name);
	snprintf(cert, sizeof cert, "%s/%s.pem", folder, name);
	snprintf(alt, sizeof alt, "subjectAltName=%s", subject_alt);
	assert_int_equal(waitpid(run(argv), &status, 0) > 0 ? status : -1, 0);
}

static pid_t tls_server(const char *folder, const char *name, int port)
{
	char key[200], cert[200], at[16];
	char *const argv[] = {"openssl", "s_server", "-www", "-accept", at, "-key", key, "-cert", cert, NULL};

	snprintf(key, sizeof key, "%s/%s.key", folder, name);
	snprintf(cert, sizeof cert, "%s/%s.pem", folder, name);
	snprintf(at, sizeof at, "%d", port);
	return run(argv);
}

static bool tls_call(const struct call *c, bool verify, struct arena *a, struct answer *ans)
{
	for (int i = 0; i < 100; i++) { /* until the server listens */
		if (delivery_call(c, 3000, verify, a, ans) || !slice_begins(ans->error, S("Couldn't connect")))
			return ans->status == 200;
		house_pause(50);
	}
	return false;
}

static void end_server(pid_t pid)
{
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
}

/* One that answers. Between looking for a free port and listening on it somebody else may have taken it: then another. */
static pid_t some_tls_server(const char *folder, const char *name, struct call *c, struct arena *a)
{
	for (int i = 0; i < 5; i++) {
		int port = fake_closed_port();
		pid_t pid = tls_server(folder, name, port);
		struct answer ans;

		c->url = arena_printf(a, "https://127.0.0.1:%d", port);
		if (tls_call(c, false, a, &ans))
			return pid;
		print_message("no answer on port %d: " SLICE_FMT "\n", port, SLICE_ARG(ans.error));
		end_server(pid);
	}
	fail_msg("no server with a certificate");
	return 0;
}

static void certificates_are_checked(void **state)
{
	static const char *const names[] = {"right", "wrong"};
	char folder[] = "/tmp/huiyin-tls-XXXXXX", ca[64], command_file[80];

	(void)state;
	assert_non_null(mkdtemp(folder));
	make_certificate(folder, "right", "IP:127.0.0.1");
	make_certificate(folder, "wrong", "DNS:other.example");
	for (size_t i = 0; i < 2; i++) {
		struct house *h = house_new();
		struct call c = {.method = S("GET")};
		pid_t pid = some_tls_server(folder, names[i], &c, h->arena); /* it is there … */
		struct answer ans;
		const struct sent *s;

		assert_false(tls_call(&c, true, h->arena, &ans)); /* … but nobody vouches for it */
		assert_false(ans.sent);
		h->values[0][OPTION_API_URL] = c.url;
		h->values[0][OPTION_METHOD] = S("GET");
		snprintf(ca, sizeof ca, "%s/%s.pem", folder, names[i]);
		h->config.delivery.ca_file = ca; /* now the signer is trusted: only the name is left to be wrong */
		house_open(h);
		s = house_one(h, house_row(1, LANE_NOTICE));
		assert_int_equal(s->outcome.what, i == 0 ? OUTCOME_UNSURE /* 200, a page */ : OUTCOME_LATER);
		assert_int_equal(s->http_status, i == 0 ? 200 : 0);
		house_close(h);
		end_server(pid);
		snprintf(command_file, sizeof command_file, "%s/%s.key", folder, names[i]);
		unlink(command_file);
		unlink(ca);
	}
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_on_one_kept_connection),
		cmocka_unit_test(results_carry_the_id_of_the_request),
		cmocka_unit_test(accounts_never_share_a_connection),
		cmocka_unit_test(basic_credentials_and_nothing_else_of_ours),
		cmocka_unit_test(a_500_is_for_later_and_then_it_goes),
		cmocka_unit_test(a_rate_answer_slows_the_lane),
		cmocka_unit_test(a_config_answer_stops_the_channel),
		cmocka_unit_test(redirects_are_not_followed),
		cmocka_unit_test(an_endless_answer_is_cut),
		cmocka_unit_test(too_many_headers_and_no_http),
		cmocka_unit_test(a_hostile_id_is_no_id),
		cmocka_unit_test(nobody_there_is_for_later),
		cmocka_unit_test(what_left_us_and_was_not_answered_is_unsure),
		cmocka_unit_test(a_dead_kept_connection_is_not_sent_on_twice),
		cmocka_unit_test(a_bodiless_call_that_may_go_once_takes_a_fresh_connection),
		cmocka_unit_test(silence_and_trickle_have_an_end),
		cmocka_unit_test(http_only_where_the_operator_said_so),
		cmocka_unit_test(the_breaker_opens_and_probes_once),
		cmocka_unit_test(the_breaker_closes_when_a_probe_gets_through),
		cmocka_unit_test(the_rate_holds),
		cmocka_unit_test(replies_overtake_campaigns),
		cmocka_unit_test(one_contact_one_call),
		cmocka_unit_test(calls_out_are_bounded),
		cmocka_unit_test(room_is_what_is_not_held),
		cmocka_unit_test(a_dead_account_keeps_only_its_share),
		cmocka_unit_test(a_lease_that_ends_gives_the_row_back),
		cmocka_unit_test(stopping_finishes_what_is_out),
		cmocka_unit_test(stopping_does_not_wait_for_ever),
		cmocka_unit_test(an_interrupted_send_is_not_made_again_unasked),
		cmocka_unit_test(what_cannot_be_sent_is_said_so),
		cmocka_unit_test(a_reload_moves_the_channel),
		cmocka_unit_test(a_reload_changes_bounds_and_rate),
		cmocka_unit_test(one_token_for_all),
		cmocka_unit_test(a_refused_token_is_renewed_once),
		cmocka_unit_test(a_token_refused_twice_is_told),
		cmocka_unit_test(no_token_no_call),
		cmocka_unit_test(metrics_tell),
		cmocka_unit_test(one_call_for_a_command),
		cmocka_unit_test(certificates_are_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

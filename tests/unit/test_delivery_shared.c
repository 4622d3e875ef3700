/*
 * Two couriers of two gateways on one PostgreSQL, towards one provider: together they keep its rate, one's refusals and
 * failures hold the other too, one of them probes, one of them fetches the token; and a database that is away holds up
 * neither the courier nor its stop.
 */
#include "delivery_house.h"
/* both houses have a door */
#define house_open  pg_house_open
#define house_close pg_house_close
#include "pg_house.h"
#undef house_open
#undef house_close

#include <signal.h>
#include <stdio.h>

static const struct key key = {{7}};

struct gateway {
	struct house *h;
	struct store *s;
};
struct pair {
	const char *url;
	struct fake *fake;
	struct gateway g[2];
	struct shared *hand; /* somebody else's */
};

static void hear_nothing(void *with)
{
	(void)with;
}

static void hear_no_chat(void *with, const struct hash16 *contact)
{
	(void)with;
	(void)contact;
}

static void hear_shared(void *with, struct slice name)
{
	(void)name;
	delivery_news(((struct house *)with)->delivery);
}

static struct store *gateway_store(const char *url, int number)
{
	struct slice why = {0};
	struct slice where = arena_printf(house.arena, "%s?huiyin_gateway=%d&huiyin_name=g%d", url, number, number);
	struct store *s = store_open(where, &key, house.arena, &why);

	if (!s)
		fail_msg("cannot open: " SLICE_FMT, SLICE_ARG(why));
	return s;
}

/* Configured, but not yet begun. */
static struct pair pair_new(void)
{
	struct pair p = {.url = house_database("")};

	for (int i = 0; i < 2; i++) {
		struct house *h = house_new();

		p.g[i] = (struct gateway){h, gateway_store(p.url, i + 1)};
		h->config.delivery.call_ms = 2000;
	}
	p.fake = p.g[0].h->fake;
	p.g[1].h->values[0][OPTION_API_URL] = p.g[0].h->values[0][OPTION_API_URL];
	p.hand = store_pg.shared_open(p.g[0].s);
	assert_non_null(p.hand);
	return p;
}

static void gateway_begin(struct gateway *g)
{
	struct store_news news = {.wake = hear_nothing, .chat = hear_no_chat, .shared = hear_shared, .with = g->h};
	struct slice why = {0};

	house_open(g->h);
	delivery_share(g->h->delivery, g->s, &key);
	assert_true(g->s->kind->listen(g->s, &news, house.arena, &why));
}

static struct pair pair_open(void)
{
	struct pair p = pair_new();

	for (int i = 0; i < 2; i++)
		gateway_begin(&p.g[i]);
	return p;
}

static void pair_close(struct pair *p)
{
	store_pg.shared_close(p->hand);
	for (int i = 1; i >= 0; i--) {
		p->g[i].s->kind->hush(p->g[i].s);
		house_close(p->g[i].h); /* the first one's provider is both's */
		p->g[i].s->kind->close(p->g[i].s);
	}
}

static struct outbox_row row_of(int64_t id)
{
	return (struct outbox_row){.m = {.id = id,
					 .contact = id,
					 .to = S("+8613800138000"),
					 .text = S("text"),
					 .lane = LANE_NOTICE,
					 .part = 1,
					 .parts = 1,
					 .created_at = 1000 + id},
				   .channel = S("a"),
				   .state = DELIVERY_SENDING};
}

static void give(struct pair *p, int which, int64_t id)
{
	struct outbox_row r = row_of(id);

	delivery_give(p->g[which].h->delivery, &r, 1);
}

static bool wait_sent(struct pair *p, int which, size_t n, int ms)
{
	struct house *h = p->g[which].h;

	if (!house_wait(h, n, ms))
		return false;
	for (size_t i = 0; i < h->n; i++)
		if (h->events[i]->sent.outcome.what != OUTCOME_SENT)
			fail_msg("row %lld: %s", (long long)h->events[i]->sent.outbox,
				 outcome_class_name(h->events[i]->sent.outcome.what));
	return true;
}

static int64_t now_ms(void)
{
	return clock_mono().ms;
}

static void rest(int ms)
{
	nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static const char *text_of(struct pair *p, const char *sql)
{
	return ask_text(p->url, sql);
}

static void put_there(struct pair *p, const char *name, struct slice value, int64_t lives)
{
	struct shared_value v = {slice_of(name), value, clock_wall().ms + lives, 0}, *rows;
	size_t n;

	assert_int_equal(store_pg.shared_get(p->hand, v.name, house.arena, &rows, &n), OK);
	if (n)
		v.version = rows[0].version;
	assert_int_equal(store_pg.shared_put(p->hand, &v), OK);
}

enum found { PAUSED, STOPPED, OPEN, TOKEN };

/* Until a gateway has heard what the other found. */
static void hears(struct pair *p, int which, enum found what)
{
	struct delivery *d = p->g[which].h->delivery;
	bool known = false;

	for (int i = 0; i < 500 && !known; i++) {
		int64_t now = now_ms();
		const struct line *l;

		pthread_mutex_lock(&d->lock);
		l = d->lines;
		known = what == PAUSED    ? l->paused_until > now
			: what == STOPPED ? l->stopped_until > now
			: what == OPEN    ? breaker_open(&l->breaker)
					  : l->token.text != NULL;
		pthread_mutex_unlock(&d->lock);
		if (!known)
			rest(10);
	}
	assert_true(known);
}

/* ---- the rate ----------------------------------------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static size_t starts_of(const struct house *h, int64_t *at)
{
	for (size_t i = 0; i < h->n; i++)
		at[i] = h->events[i]->sent.started_at;
	return h->n;
}

/* In no second more than the rate, but for what a moment may come late by. */
static void assert_rate(const int64_t *at, size_t n, size_t per_second)
{
	for (size_t i = 0; i + per_second < n; i++)
		if (at[i + per_second] - at[i] < 1000 - MOMENT_LASTS_MS - 20)
			fail_msg("%zu sends in %lld ms", per_second + 1, (long long)(at[i + per_second] - at[i]));
}

static void the_rate_is_kept_together(void **state)
{
	struct pair p = pair_new();
	int64_t at[100];
	size_t n;

	(void)state;
	for (int i = 0; i < 2; i++) {
		p.g[i].h->accounts[0].per_second = 20;
		gateway_begin(&p.g[i]);
	}
	for (int64_t id = 1; id <= 60; id++)
		give(&p, id % 2, id);
	for (int i = 0; i < 2; i++)
		assert_true(wait_sent(&p, i, 30, 15000));
	n = starts_of(p.g[0].h, at);
	n += starts_of(p.g[1].h, at + n);
	qsort(at, n, sizeof *at, by_number);
	assert_rate(at, n, 20);
	assert_in_range(at[n - 1] - at[0], 2700, 9000); /* three seconds, and little is lost */
	pair_close(&p);
}

static void one_that_is_alone_may_use_all_of_it(void **state)
{
	struct pair p = pair_new();
	struct buf b = buf_heap(65536);
	int64_t at[100];
	size_t n;

	(void)state;
	for (int i = 0; i < 2; i++) {
		p.g[i].h->accounts[0].per_second = 50;
		gateway_begin(&p.g[i]);
	}
	for (int64_t id = 1; id <= 60; id++)
		give(&p, 0, id);
	assert_true(wait_sent(&p, 0, 60, 10000));
	n = starts_of(p.g[0].h, at);
	qsort(at, n, sizeof *at, by_number);
	assert_rate(at, n, 50);
	assert_in_range(at[n - 1] - at[0], 1000, 5000);
	delivery_metrics(p.g[0].h->delivery, &b);
	assert_non_null(strstr(b.data, "huiyin_send_moments_booked_total{channel=\"a\"} "));
	buf_free(&b);
	pair_close(&p);
}

static void a_rate_answer_slows_both(void **state)
{
	struct pair p = pair_open();
	int64_t from;

	(void)state;
	fake_then(p.fake, (struct fake_reply){.status = 429, .headers = "Retry-After: 2\r\n"});
	from = now_ms();
	give(&p, 0, 1);
	assert_true(house_wait(p.g[0].h, 1, 3000));
	hears(&p, 1, PAUSED);
	give(&p, 1, 2);
	give(&p, 0, 3);
	assert_true(wait_sent(&p, 1, 1, 6000));
	assert_true(now_ms() - from >= 1950);
	assert_string_equal(text_of(&p, "SELECT encode(value, 'escape') FROM shared WHERE name = 'channel/rate/a'"),
			    "r10000");
	assert_true(house_wait(p.g[0].h, 2, 6000));
	assert_int_equal(fake_requests(p.fake), 3);
	pair_close(&p);
}

/* ---- refused, and down -------------------------------------------------------------------------------------------- */

static void a_refused_account_stops_on_both(void **state)
{
	struct pair p = pair_open();

	(void)state;
	fake_then(p.fake, (struct fake_reply){.status = 403});
	give(&p, 0, 1);
	assert_true(house_wait(p.g[0].h, 1, 3000));
	hears(&p, 1, STOPPED);
	give(&p, 1, 2);
	assert_false(house_wait(p.g[1].h, 1, 1000));
	assert_int_equal(fake_requests(p.fake), 1);
	give(&p, 0, 3);
	delivery_reload(p.g[1].h->delivery, &p.g[1].h->config); /* the operator has mended it: for both */
	assert_true(wait_sent(&p, 1, 1, 3000));
	assert_true(house_wait(p.g[0].h, 2, 3000));
	pair_close(&p);
}

/* Who has other settings already is not held by a refusal of the old ones. */
static void a_refusal_is_of_its_settings_only(void **state)
{
	struct pair p = pair_new();

	(void)state;
	p.g[1].h->values[0][OPTION_PASSWORD] = S("the new one");
	for (int i = 0; i < 2; i++)
		gateway_begin(&p.g[i]);
	fake_then(p.fake, (struct fake_reply){.status = 403});
	give(&p, 0, 1);
	assert_true(house_wait(p.g[0].h, 1, 3000));
	rest(300);
	give(&p, 1, 2);
	assert_true(wait_sent(&p, 1, 1, 3000));
	assert_int_equal(
		ask_sql(p.url,
			"SELECT count(*) FROM shared WHERE position('the new one' in encode(value, 'escape')) > 0 OR"
			" name LIKE '%new one%'"),
		0);
	pair_close(&p);
}

static void break_it(struct pair *p)
{
	for (int i = 0; i < 5; i++)
		fake_then(p->fake, (struct fake_reply){.act = FAKE_RESET_AFTER, .close = true});
	for (int64_t id = 1; id <= 5; id++) {
		give(p, 0, id);
		assert_true(house_wait(p->g[0].h, (size_t)id, 3000));
	}
	house_forget(p->g[0].h);
	assert_int_equal(fake_requests(p->fake), 5);
}

static void what_is_down_for_one_is_down_for_both_and_probed_once(void **state)
{
	struct pair p = pair_open();
	int64_t from;

	(void)state;
	break_it(&p);
	from = now_ms();
	fake_always(p.fake, (struct fake_reply){.act = FAKE_RESET_AFTER});
	hears(&p, 1, OPEN);
	for (int64_t id = 11; id <= 18; id++)
		give(&p, id % 2, id);
	assert_true(fake_wait_requests(p.fake, 6, 9000));
	assert_in_range(now_ms() - from, 4500, 8000);
	rest(1500);
	assert_int_equal(fake_requests(p.fake), 6); /* one probe for both, and shut again for longer */
	assert_string_equal(text_of(&p, "SELECT encode(value, 'escape') FROM shared WHERE name = 'channel/breaker/a'"),
			    "o6");
	pair_close(&p);
}

static void a_probe_that_gets_through_opens_the_way_for_both(void **state)
{
	struct pair p = pair_open();

	(void)state;
	break_it(&p);
	hears(&p, 1, OPEN);
	for (int64_t id = 11; id <= 18; id++)
		give(&p, id % 2, id);
	for (int i = 0; i < 2; i++)
		assert_true(wait_sent(&p, i, 4, 12000));
	assert_int_equal(fake_requests(p.fake), 13);
	assert_string_equal(text_of(&p, "SELECT encode(value, 'escape') FROM shared WHERE name = 'channel/breaker/a'"),
			    "c");
	pair_close(&p);
}

static void a_probe_that_nobody_makes_is_claimed_anew(void **state)
{
	struct pair p = pair_new();
	int64_t from = now_ms();

	(void)state;
	put_there(&p, "channel/breaker/a", S("p0000000000000000 5"), 1500);
	for (int i = 0; i < 2; i++)
		gateway_begin(&p.g[i]);
	give(&p, 0, 1);
	give(&p, 1, 2);
	for (int i = 0; i < 2; i++)
		assert_true(wait_sent(&p, i, 1, 6000));
	assert_true(now_ms() - from >= 1450);
	pair_close(&p);
}

/* ---- tokens ------------------------------------------------------------------------------------------------------- */

static struct pair token_pair(void)
{
	struct pair p = pair_new();

	for (int i = 0; i < 2; i++)
		p.g[i].h->accounts[0].channel = &token_channel;
	return p;
}

static int sent_with(struct pair *p, const char *head)
{
	int n = 0;

	for (int i = 0; i < fake_requests(p->fake); i++)
		n += strstr(fake_head(p->fake, i), head) != NULL;
	return n;
}

static void one_token_serves_both(void **state)
{
	struct pair p = token_pair();

	(void)state;
	fake_then(p.fake, (struct fake_reply){.body = "TheToken1", .delay_ms = 300});
	for (int i = 0; i < 2; i++)
		gateway_begin(&p.g[i]);
	for (int64_t id = 1; id <= 12; id++)
		give(&p, id % 2, id);
	for (int i = 0; i < 2; i++)
		assert_true(wait_sent(&p, i, 6, 5000));
	assert_int_equal(fake_requests_of(p.fake, "token"), 1);
	assert_int_equal(sent_with(&p, "X-Token: TheToken1\r\n"), 12);
	assert_int_equal(
		ask_sql(p.url,
			"SELECT count(*) FROM shared WHERE name LIKE 'channel/token/a/%' AND substr(value, 1, 1) ="
			" 't'"),
		1);
	assert_int_equal(ask_sql(p.url, "SELECT count(*) FROM shared WHERE position('TheToken1'::bytea in value) > 0"),
			 0);
	delivery_reload(p.g[0].h->delivery, &p.g[0].h->config); /* the settings are the same: so is the token */
	give(&p, 0, 21);
	assert_true(wait_sent(&p, 0, 7, 3000));
	assert_int_equal(fake_requests_of(p.fake, "token"), 1);
	pair_close(&p);
}

static void a_refused_token_is_renewed_once_for_both(void **state)
{
	struct pair p = token_pair();

	(void)state;
	fake_then(p.fake, (struct fake_reply){.body = "TheToken1"});
	for (int i = 0; i < 2; i++)
		gateway_begin(&p.g[i]);
	give(&p, 0, 1);
	assert_true(wait_sent(&p, 0, 1, 3000));
	hears(&p, 1, TOKEN);
	for (int i = 0; i < 6; i++)
		fake_then(p.fake, (struct fake_reply){.status = 401, .delay_ms = 500});
	fake_then(p.fake, (struct fake_reply){.body = "TheToken2"});
	for (int64_t id = 11; id <= 16; id++)
		give(&p, id % 2, id);
	assert_true(wait_sent(&p, 0, 4, 5000));
	assert_true(wait_sent(&p, 1, 3, 5000));
	assert_int_equal(fake_requests_of(p.fake, "token"), 2);
	assert_int_equal(sent_with(&p, "X-Token: TheToken1\r\n"), 7);
	assert_int_equal(sent_with(&p, "X-Token: TheToken2\r\n"), 6);
	pair_close(&p);
}

static void a_token_that_is_not_to_be_had_is_asked_for_once(void **state)
{
	struct pair p = token_pair();

	(void)state;
	fake_always(p.fake, (struct fake_reply){.status = 403});
	for (int i = 0; i < 2; i++)
		gateway_begin(&p.g[i]);
	give(&p, 0, 1);
	give(&p, 1, 2);
	assert_true(fake_wait_requests(p.fake, 1, 3000));
	rest(2500);
	assert_int_equal(fake_requests(p.fake), 1);
	fake_always(p.fake, (struct fake_reply){.body = "id=p{id}"}); /* a token as good as any */
	for (int i = 0; i < 2; i++)
		assert_true(wait_sent(&p, i, 1, 12000));
	assert_int_equal(fake_requests_of(p.fake, "token"), 2);
	pair_close(&p);
}

/* Sealed under one name it is no token under another; and nonsense is none at all. */
static void what_is_no_token_is_replaced(void **state)
{
	struct pair p = token_pair();
	struct slice plain = slice_make("channel/token/b\0Stolen", 22), sealed = secret_seal(house.arena, &key, plain),
		     values[5];
	const char *name;

	(void)state;
	gateway_begin(&p.g[0]);
	give(&p, 0, 1);
	assert_true(wait_sent(&p, 0, 1, 3000));
	name = text_of(&p, "SELECT name FROM shared WHERE name LIKE 'channel/token/a/%'");
	values[0] = arena_printf(house.arena, "t" SLICE_FMT, SLICE_ARG(sealed));
	values[1] = S("t");
	values[2] = S("");
	values[3] = S("\xff\xfe token");
	values[4] = S("tnonsense that is long enough to be a sealed text of some kind or other");
	for (int i = 0; i < 5; i++) { /* each time for one that knows nothing yet */
		p.g[0].s->kind->hush(p.g[0].s);
		delivery_stop(&p.g[0].h->delivery, 500);
		put_there(&p, name, values[i], 3600000);
		gateway_begin(&p.g[0]);
		give(&p, 0, 10 + i);
		assert_true(wait_sent(&p, 0, (size_t)i + 2, 4000));
		assert_int_equal(fake_requests_of(p.fake, "token"), i + 2);
	}
	assert_int_equal(sent_with(&p, "Stolen"), 0);
	pair_close(&p);
}

/* ---- nonsense, and nobody there ----------------------------------------------------------------------------------- */

static void nonsense_in_the_table_stops_nobody(void **state)
{
	static const char *const values[] = {
		"", "r", "r-5", "r999999999999999999999", "x", "p", "o-1", "o99999999999", "c1", "s?"};
	struct pair p = pair_new();
	int64_t id = 0;

	(void)state;
	for (int i = 0; i < 2; i++)
		gateway_begin(&p.g[i]);
	for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
		put_there(&p, "channel/rate/a", slice_of(values[v]), v % 2 ? INT64_C(1) << 60 : 70000);
		put_there(&p, "channel/breaker/a", slice_of(values[v]), 300);
		put_there(&p, "channel/stop/a/x", slice_of(values[v]), 300);
		rest(60);
		give(&p, 0, ++id);
		give(&p, 1, ++id);
	}
	run_sql(p.url, "UPDATE shared SET until = 5 WHERE name LIKE 'channel/rate%'");
	for (int i = 0; i < 2; i++)
		assert_true(wait_sent(&p, i, (size_t)id / 2, 9000));
	pair_close(&p);
}

static pid_t postmaster(void)
{
	char path[120], line[32] = "";
	FILE *f;

	snprintf(path, sizeof path, "%s/data/postmaster.pid", house.folder);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_non_null(fgets(line, sizeof line, f));
	fclose(f);
	return (pid_t)strtol(line, NULL, 10);
}

/* All that the two gateways' sharing talks to, and the one who would take a new connection. */
static size_t freeze(struct pair *p, pid_t *pids)
{
	size_t n = 0;

	for (int i = 1; i <= 2; i++) {
		const char *sql =
			arena_cstr(house.arena, arena_printf(house.arena,
							     "SELECT pid FROM pg_stat_activity WHERE"
							     " application_name = 'huiyin/%d shared' AND datname ="
							     " current_database() ORDER BY backend_start DESC LIMIT 1",
							     i));
		pids[n++] = (pid_t)ask_sql(p->url, sql);
	}
	pids[n++] = postmaster();
	for (size_t i = 0; i < n; i++)
		kill(pids[i], SIGSTOP);
	return n;
}

static void without_the_database_nothing_hangs(void **state)
{
	struct pair p = pair_new();
	struct outbox_row free_row = row_of(100);
	pid_t pids[4];
	int64_t from;
	size_t n;
	int before;

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct account *b = house_account(p.g[i].h, "b", p.g[i].h->values[0][OPTION_API_URL]);

		p.g[i].h->accounts[0].per_second = 10;
		b->per_second = 0;
		gateway_begin(&p.g[i]);
		give(&p, i, 1 + i);
		assert_true(wait_sent(&p, i, 1, 4000));
	}
	store_pg.shared_close(p.hand); /* its connection would be taken for a gateway's */
	p.hand = NULL;
	rest(200);
	n = freeze(&p, pids);
	before = fake_requests(p.fake);
	for (int64_t id = 11; id <= 30; id++)
		give(&p, id % 2, id);
	free_row.channel = S("b");
	delivery_give(p.g[0].h->delivery, &free_row, 1); /* an account without a rate needs nobody's leave */
	assert_true(fake_wait_requests(p.fake, before + 1, 1500));
	rest(2500);
	assert_int_equal(fake_requests(p.fake), before + 1); /* nothing was booked: nothing was sent */
	from = now_ms();
	delivery_stop(&p.g[1].h->delivery, 500); /* in the middle of a call to the database */
	assert_in_range(now_ms() - from, 0, 3000);
	for (size_t i = 0; i < n; i++)
		kill(pids[i], SIGCONT);
	assert_true(house_wait(p.g[0].h, 12, 9000)); /* the other goes on when the database does */
	pair_close(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rate_is_kept_together),
		cmocka_unit_test(one_that_is_alone_may_use_all_of_it),
		cmocka_unit_test(a_rate_answer_slows_both),
		cmocka_unit_test(a_refused_account_stops_on_both),
		cmocka_unit_test(a_refusal_is_of_its_settings_only),
		cmocka_unit_test(what_is_down_for_one_is_down_for_both_and_probed_once),
		cmocka_unit_test(a_probe_that_gets_through_opens_the_way_for_both),
		cmocka_unit_test(a_probe_that_nobody_makes_is_claimed_anew),
		cmocka_unit_test(one_token_serves_both),
		cmocka_unit_test(a_refused_token_is_renewed_once_for_both),
		cmocka_unit_test(a_token_that_is_not_to_be_had_is_asked_for_once),
		cmocka_unit_test(what_is_no_token_is_replaced),
		cmocka_unit_test(nonsense_in_the_table_stops_nobody),
		cmocka_unit_test(without_the_database_nothing_hangs),
	};

	return cmocka_run_group_tests(tests, pg_house_open, pg_house_close);
}

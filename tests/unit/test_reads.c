/*
 * Reads of the store, with a store that answers late, never, or with an error: nothing else waits for it, every request
 * has its answer in time, and a web chat's page misses no line, has none twice and none out of order. And the list of
 * refused webhooks, which is read the same way where gateways share a store.
 */
#include "test_webchat.h"

#include "huiyin/form.h"

#define GET_CASES "GET /api/v1/cases HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reader-key\r\n\r\n"
#define GET_REFUSALS "GET /api/v1/refusals HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reader-key\r\n\r\n"
#define HOOK "POST /hooks/told HTTP/1.1\r\nHost: x\r\nX-Told: good\r\nContent-Type: application/x-www-form-urlencoded\r\n" \
	     "Content-Length: 6\r\n\r\ntext=1"
#define FORGED "POST /hooks/told HTTP/1.1\r\nHost: x\r\nX-Told: forged\r\nContent-Length: 6\r\n\r\ntext=1"

/* ---- a store that can be held --------------------------------------------------------------------------------------- */

static _Atomic bool cases_held, history_held, shared_held;
static _Atomic int cases_asked, history_asked, history_fails, cases_fail;

static void while_held(_Atomic bool *held)
{
	while (*held)
		usleep(2000);
}

static enum result slow_find_cases(struct reader *r, struct slice status, int64_t before, size_t max, struct arena *a,
				   struct case_row **out_rows, size_t *n)
{
	cases_asked++;
	while_held(&cases_held);
	if (cases_fail)
		return LATER;
	return told_find_cases(r, status, before, max, a, out_rows, n);
}

static enum result slow_find_case(struct reader *r, struct slice number, struct arena *a, struct case_row **row,
				  struct case_event **events, size_t *n)
{
	while_held(&cases_held);
	return told_find_case(r, number, a, row, events, n);
}

/* What it has seen is what was there before it was held. */
static enum result slow_history(struct reader *r, int64_t contact, int64_t after, size_t max, struct arena *a,
				struct chat_line **lines, size_t *n)
{
	enum result got = told_history(r, contact, after, max, a, lines, n);

	history_asked++;
	while_held(&history_held);
	if (!history_fails)
		return got;
	history_fails--;
	return LATER;
}

static struct store_kind slow_store;

/* ---- set up --------------------------------------------------------------------------------------------------------- */

static int setup(void **state)
{
	(void)state;
	told_chat = &webchat_channel;
	h = house_open(1000);
	h->config.limits.request_ms = 10000;
	h->config.limits.head_ms = 10000;
	h->config.limits.per_address = 2000;
	h->config.limits.connections = 2000;
	h->config.keep.quarantine = 8;
	h->config.gateway = 3;
	slow_store = told_store;
	slow_store.find_cases = slow_find_cases;
	slow_store.find_case = slow_find_case;
	slow_store.history = slow_history;
	h->store.kind = &slow_store;
	told_n_lines = 0;
	told_case = (struct case_row){.number = S("261121-0001-1"), .status = CASE_ACCEPTED};
	cases_held = history_held = shared_held = false;
	cases_asked = history_asked = history_fails = cases_fail = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	cases_held = history_held = shared_held = false;
	house_close(h);
	return 0;
}

static int say(const char *request)
{
	int fd = dial(h, false);

	put_text(fd, request);
	return fd;
}

/* The status, 0 when nothing came. */
static int hear(int fd, int ms)
{
	int status = 0;

	get_bytes(fd, out, sizeof out, NULL, ms);
	close(fd);
	sscanf(out, "HTTP/1.1 %d", &status);
	return status;
}

static void wait_until(_Atomic int *n, int least)
{
	for (int i = 0; i < 1000 && *n < least; i++)
		rest(2000);
	assert_true(*n >= least);
}

static bool has_metric(const char *line)
{
	assert_int_equal(ask(h, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
	return strstr(out, line);
}

static void assert_metric(const char *line)
{
	if (!has_metric(line))
		fail_msg("no %s in %s", line, out);
}

/* ---- requests ------------------------------------------------------------------------------------------------------- */

static void test_nothing_waits_for_a_read(void **state)
{
	struct mono from;
	int api, fd;

	(void)state;
	house_start(h);
	cases_held = true;
	api = say(GET_CASES);
	wait_until(&cases_asked, 1);
	from = clock_mono();
	assert_int_equal(ask(h, HOOK, out, sizeof out), 200);
	assert_int_equal(ask(h, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
	assert_int_equal(ask(h, "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
	assert_metric("huiyin_reads_waiting 1\n");
	fd = ws_open(); /* chats have a thread of their own */
	ws_hello(fd, "{\"hello\":{}}", NULL);
	ws_expect(fd, "ready");
	close(fd);
	assert_true(mono_since(from, clock_mono()) < 500);
	cases_held = false;
	assert_int_equal(hear(api, 2000), 200);
	assert_non_null(strstr(out, "261121-0001-1"));
	assert_metric("huiyin_reads_waiting 0\n");
	assert_metric("huiyin_reads_late_total 0\n");
}

/* 503 after two seconds; what comes later finds nobody. */
static void test_deadline(void **state)
{
	struct mono from;
	int fds[3];

	(void)state;
	house_start(h);
	cases_held = true;
	from = clock_mono();
	for (int i = 0; i < 3; i++) /* one is asked, two wait for their turn */
		fds[i] = say(GET_CASES);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(hear(fds[i], 4000), 503);
		assert_non_null(strstr(out, "retry-after: "));
		assert_non_null(strstr(out, "{\"error\":{\"code\":\"store\""));
	}
	assert_in_range(mono_since(from, clock_mono()), 1800, 2600);
	assert_metric("huiyin_reads_late_total 3\n");
	assert_metric("huiyin_reads_waiting 3\n");
	cases_held = false;
	rest(100000);
	assert_metric("huiyin_reads_waiting 0\n");
	assert_int_equal(cases_asked, 1); /* for whom nobody waits is not asked */
	assert_int_equal(ask(h, GET_CASES, out, sizeof out), 200);
	cases_fail = 1;
	assert_int_equal(ask(h, GET_CASES, out, sizeof out), 503);
	assert_non_null(strstr(out, "retry-after: "));
}

/* The same for pages: a form with a body, and one with a cookie. */
static void test_deadline_of_pages(void **state)
{
	char request[400], number[40];
	struct slice made;
	int status, plain;

	(void)state;
	made = case_number_make(h->arena, 1795000000000, h->config.zone, 42);
	keep(number, sizeof number, made);
	house_start(h);
	cases_held = history_held = true;
	snprintf(request, sizeof request, "POST /status?lang=en HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		 "Content-Length: %zu\r\n\r\nnumber=%s&code=1234567890", strlen(number) + strlen("number=&code=1234567890"), number);
	status = say(request);
	plain = say("GET /chat/plain HTTP/1.1\r\nHost: x\r\nCookie: huiyin_chat=0123456789abcdefghijABCDEFGHIJ0123456789_-x\r\n\r\n");
	assert_int_equal(hear(status, 4000), 503);
	assert_non_null(strstr(out, "retry-after: "));
	assert_non_null(strstr(out, "cannot be looked up now"));
	assert_int_equal(hear(plain, 4000), 503);
	assert_non_null(strstr(out, "retry-after: "));
	cases_held = history_held = false;
	assert_int_equal(ask(h, request, out, sizeof out), 200);
}

/* A connection that closes is not answered, whatever its slot is used for by then. */
static void test_closed_meanwhile(void **state)
{
	(void)state;
	house_start(h);
	for (int round = 0; round < 5; round++) {
		int fds[20];

		cases_held = history_held = true;
		for (int i = 0; i < 20; i++)
			fds[i] = i % 2 ? say(GET_CASES)
				       : say("GET /chat/plain HTTP/1.1\r\nHost: x\r\n"
					     "Cookie: huiyin_chat=0123456789abcdefghijABCDEFGHIJ0123456789_-x\r\n\r\n");
		rest(20000);
		for (int i = 0; i < 20; i++)
			close(fds[i]);
		rest(20000);
		for (int i = 0; i < 20; i++) /* others take the slots */
			fds[i] = say(i % 2 ? HOOK : "GET /api/v1/queue HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reader-key\r\n\r\n");
		cases_held = history_held = false;
		for (int i = 0; i < 20; i++) {
			assert_int_equal(hear(fds[i], 2000), 200);
			assert_non_null(strstr(out, i % 2 ? "re:1" : "{\"queue\":"));
		}
	}
	for (int i = 0; i < 1000 && !has_metric("huiyin_reads_waiting 0\n"); i++) /* reads for who is gone end a moment later */
		rest(2000);
	assert_metric("huiyin_reads_waiting 0\n");
}

static void test_too_many(void **state)
{
	enum { MOST = 64, MORE = 5 };
	struct mono from;
	int fds[MOST];

	(void)state;
	house_start(h);
	cases_held = true;
	for (int i = 0; i < MOST; i++)
		fds[i] = say(GET_CASES);
	wait_until(&cases_asked, 1);
	assert_metric("huiyin_reads_waiting 64\n");
	from = clock_mono();
	for (int i = 0; i < MORE; i++) {
		assert_int_equal(ask(h, GET_CASES, out, sizeof out), 503);
		assert_non_null(strstr(out, "retry-after: "));
		assert_non_null(strstr(out, "{\"error\":{\"code\":\"store\""));
	}
	assert_true(mono_since(from, clock_mono()) < 500);
	cases_held = false;
	for (int i = 0; i < MOST; i++)
		assert_int_equal(hear(fds[i], 2000), 200);
	assert_metric("huiyin_reads_refused_total 5\n");
	assert_int_equal(ask(h, GET_CASES, out, sizeof out), 200);
}

/* A stop answers who waits, and waits for the thread itself. */
static void *let_all_go(void *with)
{
	(void)with;
	usleep(2500000);
	cases_held = history_held = false;
	return NULL;
}

static void test_stop_while_reading(void **state)
{
	pthread_t later;
	struct server *s;
	int api, chat;

	(void)state;
	house_start(h);
	cases_held = history_held = true;
	chat = ws_open();
	ws_hello(chat, "{\"hello\":{}}", NULL);
	api = say(GET_CASES);
	wait_until(&cases_asked, 1);
	pthread_create(&later, NULL, let_all_go, NULL);
	s = h->server;
	server_stop(&s, 5000);
	assert_int_equal(hear(api, 100), 503);
	close(chat);
	pthread_join(later, NULL);
}

/* ---- web chats ------------------------------------------------------------------------------------------------------ */

/* One person with two pages: `one` is ready, `two` hangs in its hello; it has line 5 to come. */
static void two_pages(int *one, int *two)
{
	char token[64], hello[200];

	*one = ws_open();
	ws_hello(*one, "{\"hello\":{}}", token);
	ws_expect(*one, "ready");
	told_lines[0] = (struct chat_line){.id = 5, .at = 1000, .ours = true, .text = S("before")};
	told_n_lines = 1;
	history_held = true;
	history_asked = 0;
	*two = ws_open();
	snprintf(hello, sizeof hello, "{\"hello\":{\"token\":\"%s\",\"after\":\"0\"}}", token);
	ws_hello(*two, hello, NULL);
	wait_until(&history_asked, 1);
}

/* The push that `one` hears, as a line of the store: `out` holds it. */
static void store_what_was_heard(void)
{
	const struct json *line = json_read(h->arena, slice_of(out), NULL);

	assert_non_null(line);
	assert_true(slice_to_int(json_field(line, "id"), &told_lines[1].id));
	told_lines[1].at = 2000;
	told_lines[1].ours = true;
	told_lines[1].text = json_field(line, "text");
	told_n_lines = 2;
}

/* What is pushed during a resume comes after it, once, and nothing is acknowledged before. */
static void test_push_does_not_overtake(void **state)
{
	int one, two;

	(void)state;
	house_start(h);
	two_pages(&one, &two);
	ws_say(two, "{\"text\":\"a\",\"id\":\"c1\"}");
	ws_expect(one, "re:a");
	store_what_was_heard();
	assert_false(ws_hear(two, 200));
	history_held = false;
	assert_true(ws_hear(two, 2000));
	assert_non_null(strstr(out, "\"before\""));
	assert_true(ws_hear(two, 2000));
	assert_non_null(strstr(out, "\"re:a\""));
	assert_true(ws_hear(two, 2000));
	assert_string_equal(out, "{\"ready\":true}");
	assert_true(ws_hear(two, 2000));
	assert_non_null(strstr(out, "{\"ok\":\"c1\""));
	assert_false(ws_hear(two, 200));
	ws_say(one, "{\"text\":\"b\",\"id\":\"c2\"}");
	ws_expect(two, "re:b");
	close(one);
	close(two);
}

/* The same when the resume itself finds the line. */
static void test_found_by_two_ways_is_sent_once(void **state)
{
	int one, two;

	(void)state;
	house_start(h);
	two_pages(&one, &two);
	history_fails = 1; /* what it saw before the push is thrown away: the second look sees both lines */
	ws_say(one, "{\"text\":\"a\",\"id\":\"c1\"}");
	ws_expect(one, "re:a");
	store_what_was_heard();
	history_held = false;
	assert_true(ws_hear(two, 3000));
	assert_non_null(strstr(out, "\"before\""));
	assert_true(ws_hear(two, 2000));
	assert_non_null(strstr(out, "\"re:a\""));
	assert_true(ws_hear(two, 2000));
	assert_string_equal(out, "{\"ready\":true}");
	assert_false(ws_hear(two, 200));
	close(one);
	close(two);
}

static struct hash16 contact_of(const char *token)
{
	struct slice t = slice_of(token), parts[2] = {S("web")};
	uint8_t sum[32];

	digest_of(SHA256, &t, 1, sum);
	parts[1] = hex_encode(h->arena, slice_make((char *)sum, 32));
	return secret_hash16(&h->key, parts, 2);
}

/* An open page; what is read for it from now on waits. */
static int chat_while_history_is_held(struct hash16 *who)
{
	char token[64];
	int fd = ws_open();

	ws_hello(fd, "{\"hello\":{}}", token);
	ws_expect(fd, "ready");
	*who = contact_of(token);
	history_held = true;
	history_asked = 0;
	return fd;
}

/* News of another gateway's line: sent once, also when more news come while it is read, and after the store failed. */
static void test_news(void **state)
{
	struct hash16 who;
	int fd;

	(void)state;
	house_start(h);
	fd = chat_while_history_is_held(&who);
	told_lines[0] = (struct chat_line){.id = 5, .at = 1000, .ours = true, .text = S("first")};
	told_lines[1] = (struct chat_line){.id = 6, .at = 1000, .ours = false, .text = S("mine")};
	told_lines[2] = (struct chat_line){.id = 7, .at = 1000, .ours = true, .text = S("second")};
	told_n_lines = 1;
	server_news(h->server, &who);
	wait_until(&history_asked, 1);
	told_n_lines = 3; /* the read that is out does not see these */
	server_news(h->server, &who);
	server_news(h->server, NULL);
	history_fails = 1;
	rest(50000);
	history_held = false;
	assert_true(ws_hear(fd, 3000));
	assert_non_null(strstr(out, "\"first\""));
	assert_true(ws_hear(fd, 2000));
	assert_non_null(strstr(out, "\"second\""));
	server_news(h->server, NULL);
	assert_false(ws_hear(fd, 300));
	close(fd);
}

/* News that are being read come before what is pushed meanwhile, and before the acknowledgement of what was written. */
static void test_push_does_not_overtake_news(void **state)
{
	struct hash16 who;
	int fd;

	(void)state;
	house_start(h);
	fd = chat_while_history_is_held(&who);
	told_lines[0] = (struct chat_line){.id = 5, .at = 1000, .ours = true, .text = S("elsewhere")};
	told_lines[1] = (struct chat_line){.id = 9, .at = 1000, .ours = true, .text = S("re:a")};
	told_n_lines = 1;
	server_news(h->server, &who);
	wait_until(&history_asked, 1);
	ws_say(fd, "{\"text\":\"a\",\"id\":\"c1\"}");
	wait_until(&h->messages, 1);
	told_n_lines = 2; /* its answer */
	assert_false(ws_hear(fd, 200));
	history_held = false;
	assert_true(ws_hear(fd, 2000));
	assert_non_null(strstr(out, "\"elsewhere\""));
	assert_true(ws_hear(fd, 2000));
	assert_non_null(strstr(out, "\"re:a\""));
	assert_true(ws_hear(fd, 2000));
	assert_non_null(strstr(out, "{\"ok\":\"c1\""));
	ws_say(fd, "{\"text\":\"b\",\"id\":\"c2\"}");
	ws_expect(fd, "re:b");
	ws_expect(fd, "{\"ok\":\"c2\"");
	close(fd);
}

/* More hellos than reads may wait: each has its turn; those that hang up have none. */
static void test_many_hellos(void **state)
{
	enum { MANY = 150 };
	int fds[MANY];

	(void)state;
	house_start(h);
	told_lines[0] = (struct chat_line){.id = 5, .at = 1000, .ours = true, .text = S("before")};
	told_n_lines = 1;
	history_held = true;
	for (int i = 0; i < MANY; i++) {
		fds[i] = ws_open();
		ws_hello(fds[i], "{\"hello\":{}}", NULL);
	}
	assert_metric("huiyin_reads_waiting 64\n");
	for (int i = 0; i < MANY; i += 3)
		close(fds[i]);
	rest(50000);
	assert_int_equal(ask(h, HOOK, out, sizeof out), 200);
	history_held = false;
	for (int i = 0; i < MANY; i++) {
		if (i % 3 == 0)
			continue;
		assert_true(ws_hear(fds[i], 2000));
		assert_non_null(strstr(out, "\"before\""));
		assert_true(ws_hear(fds[i], 2000));
		assert_string_equal(out, "{\"ready\":true}");
		close(fds[i]);
	}
}

/* A store that cannot be read: the page waits, misses nothing, and is ready when it can. */
static void test_hello_while_the_store_fails(void **state)
{
	int fd;

	(void)state;
	house_start(h);
	told_lines[0] = (struct chat_line){.id = 5, .at = 1000, .ours = true, .text = S("before")};
	told_n_lines = 1;
	history_fails = 2;
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{\"window\":\"W3\",\"visit\":\"v1\"}}", NULL);
	assert_false(ws_hear(fd, 500));
	assert_int_equal(h->messages, 0);
	assert_true(ws_hear(fd, 5000));
	assert_non_null(strstr(out, "\"before\""));
	assert_true(ws_hear(fd, 2000));
	assert_string_equal(out, "{\"ready\":true}");
	ws_expect(fd, "{\"ok\":\"v1\"");
	assert_string_equal(h->last_scan, "W3");
	close(fd);
	history_fails = 1;
	fd = ws_open(); /* and one that hangs up before */
	ws_hello(fd, "{\"hello\":{\"window\":\"W3\",\"visit\":\"v1\"}}", NULL);
	rest(100000);
	close(fd);
	rest(1300000);
	assert_int_equal(h->messages, 1);
}

/* ---- refused webhooks ----------------------------------------------------------------------------------------------- */

static size_t count(const char *part)
{
	size_t n = 0;

	for (const char *at = out; (at = strstr(at, part)); at += strlen(part))
		n++;
	return n;
}

/* A forged request from behind the proxy, which names the sender. */
static void forge(int sender)
{
	char request[300];
	int fd = dial(h, true);

	snprintf(request, sizeof request, "POST /hooks/told HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.%d\r\nX-Told: forged-secret\r\n"
		 "Content-Length: 11\r\n\r\ntext=secret", sender);
	put_text(fd, request);
	get_bytes(fd, out, sizeof out, "\r\n\r\n", 1000);
	assert_non_null(strstr(out, "HTTP/1.1 403 "));
	close(fd);
}

static void test_refusals_are_shown(void **state)
{
	const char *why = "";

	(void)state;
	house_start(h);
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_non_null(strstr(out, "{\"refusals\":[],\"all_gateways\":true}"));
	forge(1);
	forge(2);
	forge(1);
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_non_null(json_read(h->arena, slice_of(strstr(out, "\r\n\r\n") + 4), &why));
	assert_non_null(strstr(out, "\"gateway\":3,\"account\":\"told\",\"reason\":\"signature\",\"peer\":\"203.0.113.1\",\"length\":11,\"times\":2}"
			       ",{\"at\":\""));
	assert_non_null(strstr(out, "\"peer\":\"203.0.113.2\",\"length\":11,\"times\":1}]"));
	assert_null(strstr(out, "secret"));
	for (int i = 0; i < 40; i++)
		forge(10 + i % 20);
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_int_equal(count("\"at\":"), 8); /* keep.quarantine */
	assert_null(strstr(out, "\"203.0.113.1\""));
	assert_metric("huiyin_quarantine_total 43\n");
	assert_int_equal(ask(h, "GET /api/v1/refusals?limit=2 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reader-key\r\n\r\n", out, sizeof out),
			 200);
	assert_int_equal(count("\"at\":"), 2);
	assert_int_equal(ask(h, "GET /api/v1/refusals?limit=x HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reader-key\r\n\r\n", out, sizeof out),
			 400);
	assert_int_equal(ask(h, "GET /api/v1/refusals HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 401);
}

static void test_refusals_follow_a_reload(void **state)
{
	static struct config second, third;

	(void)state;
	second = third = h->config;
	second.keep.quarantine = 3;
	third.keep.quarantine = 0;
	house_start(h);
	for (int i = 0; i < 8; i++)
		forge(i);
	server_reload(h->server, &second);
	rest(50000);
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_int_equal(count("\"at\":"), 3);
	assert_non_null(strstr(out, "\"203.0.113.7\""));
	assert_non_null(strstr(out, "\"203.0.113.5\""));
	forge(9);
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_int_equal(count("\"at\":"), 3);
	assert_non_null(strstr(out, "\"203.0.113.9\""));
	server_reload(h->server, &third);
	rest(50000);
	forge(1);
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_int_equal(count("\"at\":"), 0);
}

/* What gateways share, as the store's contract says it (store.h). */
static struct { char name[40], value[20000]; int64_t until, version; size_t len; bool there; } board[3];
static _Atomic int puts_seen, gets_seen, puts_refused;
static pthread_mutex_t board_lock = PTHREAD_MUTEX_INITIALIZER;

static struct shared *board_open(struct store *s)
{
	return (struct shared *)s;
}

static void board_close(struct shared *s)
{
	(void)s;
}

static enum result board_get(struct shared *s, struct slice prefix, struct arena *a, struct shared_value **list, size_t *n)
{
	(void)s;
	gets_seen++;
	while_held(&shared_held);
	*list = ARENA_ARRAY(a, struct shared_value, 3);
	*n = 0;
	pthread_mutex_lock(&board_lock);
	for (int i = 0; i < 3; i++) {
		if (board[i].there && slice_begins(slice_of(board[i].name), prefix))
			(*list)[(*n)++] = (struct shared_value){arena_copy(a, slice_of(board[i].name)),
								arena_copy(a, slice_make(board[i].value, board[i].len)),
								board[i].until, board[i].version};
	}
	pthread_mutex_unlock(&board_lock);
	return OK;
}

static enum result board_put(struct shared *s, struct shared_value *v)
{
	enum result r = NEVER;

	(void)s;
	pthread_mutex_lock(&board_lock);
	for (int i = 0; i < 3; i++) {
		if (!slice_is(v->name, board[i].name) || v->version != board[i].version)
			continue;
		assert_true(v->value.len < sizeof board[i].value);
		memcpy(board[i].value, v->value.data, v->value.len);
		board[i].len = v->value.len;
		board[i].until = v->until;
		board[i].there = true;
		v->version = ++board[i].version;
		r = OK;
	}
	puts_refused += r != OK;
	pthread_mutex_unlock(&board_lock);
	puts_seen++;
	return r;
}

static int64_t version_told(void)
{
	int64_t version;

	pthread_mutex_lock(&board_lock);
	version = board[0].version;
	pthread_mutex_unlock(&board_lock);
	return version;
}

static bool is_told(const char *part)
{
	bool there;

	pthread_mutex_lock(&board_lock);
	there = strstr(board[0].value, part) != NULL;
	pthread_mutex_unlock(&board_lock);
	return there;
}

static void share(void)
{
	static const char others[] = "[{\"at\":4000000000000,\"account\":\"sms\",\"reason\":\"malformed\",\"peer\":\"198.51.100.7\","
				     "\"length\":5,\"times\":2},{\"at\":1000,\"account\":\"sms\",\"reason\":\"signature\","
				     "\"peer\":\"198.51.100.8\",\"length\":6,\"times\":1},{\"nonsense\":true},7]";

	slow_store.shared_open = board_open;
	slow_store.shared_close = board_close;
	slow_store.shared_get = board_get;
	slow_store.shared_put = board_put;
	memset(board, 0, sizeof board);
	snprintf(board[0].name, sizeof board[0].name, "refusals/3");
	snprintf(board[1].name, sizeof board[1].name, "refusals/30");
	snprintf(board[2].name, sizeof board[2].name, "refusals/nobody");
	board[1].there = board[2].there = true;
	board[1].len = board[2].len = sizeof others - 1;
	memcpy(board[1].value, others, sizeof others);
	memcpy(board[2].value, others, sizeof others);
	puts_seen = gets_seen = puts_refused = 0;
}

static void test_refusals_of_all_gateways(void **state)
{
	size_t last;

	(void)state;
	share();
	board[0].there = true; /* of a former life */
	board[0].version = 17;
	board[0].len = (size_t)snprintf(board[0].value, sizeof board[0].value, "[{\"at\":2000,\"account\":\"told\",\"reason\":\"signature\","
					"\"peer\":\"192.0.2.1\",\"length\":1,\"times\":1}]");
	house_start(h);
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_int_equal(count("\"at\":"), 3);
	assert_non_null(strstr(out, "\"gateway\":3,\"account\":\"told\",\"reason\":\"signature\",\"peer\":\"192.0.2.1\""));
	for (int i = 0; i < 30; i++)
		forge(i % 10);
	wait_until(&puts_seen, 1);
	assert_int_equal(version_told(), 18);
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_non_null(strstr(out, "{\"refusals\":[{\"at\":\"2096-10-02T")); /* newest first, whoever has it */
	assert_non_null(strstr(out, "\"gateway\":30,\"account\":\"sms\",\"reason\":\"malformed\",\"peer\":\"198.51.100.7\""));
	assert_int_equal(count("\"gateway\":3,"), 8);
	assert_int_equal(count("\"gateway\":30,"), 2);
	assert_non_null(strstr(out, "],\"all_gateways\":true}"));
	rest(2300000);
	last = (size_t)puts_seen;
	assert_in_range(last, 1, 3); /* once a second, and not when nothing changed */
	rest(1500000);
	assert_int_equal(puts_seen, last);
	pthread_mutex_lock(&board_lock);
	board[0].version = 40; /* somebody else wrote there: told again, once it is known */
	pthread_mutex_unlock(&board_lock);
	forge(1);
	wait_until(&puts_refused, 1);
	for (int i = 0; i < 40 && version_told() != 41; i++)
		rest(100000);
	assert_int_equal(version_told(), 41);
	assert_false(is_told("secret"));
}

/* One value stays small, whatever is forged. */
static void test_refusals_told_are_bounded(void **state)
{
	(void)state;
	share();
	h->config.keep.quarantine = 2000;
	house_start(h);
	for (int i = 0; i < 250; i++)
		forge(i);
	for (int i = 0; i < 200 && !is_told("203.0.113.249\""); i++)
		rest(20000);
	pthread_mutex_lock(&board_lock);
	assert_in_range(board[0].len, 8000, 16384);
	assert_non_null(json_read(h->arena, slice_make(board[0].value, board[0].len), NULL));
	pthread_mutex_unlock(&board_lock);
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_int_equal(count("\"gateway\":3,"), 199); /* 200 in all, one of them the other's */
}

/* While the others cannot be asked, this one shows its own, and says so. */
static void test_refusals_while_sharing_hangs(void **state)
{
	struct mono from;

	(void)state;
	share();
	house_start(h);
	forge(1);
	wait_until(&puts_seen, 1);
	shared_held = true;
	from = clock_mono();
	assert_int_equal(ask(h, GET_REFUSALS, out, sizeof out), 200);
	assert_in_range(mono_since(from, clock_mono()), 1800, 2600);
	assert_int_equal(count("\"gateway\":3,"), 1);
	assert_non_null(strstr(out, "],\"all_gateways\":false}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_waits_for_a_read, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deadline_of_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_closed_meanwhile, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stop_while_reading, setup, teardown),
		cmocka_unit_test_setup_teardown(test_push_does_not_overtake, setup, teardown),
		cmocka_unit_test_setup_teardown(test_found_by_two_ways_is_sent_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_news, setup, teardown),
		cmocka_unit_test_setup_teardown(test_push_does_not_overtake_news, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_hellos, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hello_while_the_store_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals_are_shown, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals_follow_a_reload, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals_of_all_gateways, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals_told_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals_while_sharing_hangs, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

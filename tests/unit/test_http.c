/*
 * The table of reliability.md 4.1, row by row, against a real server on loopback with raw sockets; and the webhook path:
 * no 2xx before the release, what makes a provider try again, what becomes of an answer nobody waits for.
 */
#include "test_http.h"

#include <time.h>

#define GOOD "X-Told: good\r\nContent-Type: application/x-www-form-urlencoded\r\n"

static struct house *h;
static char out[70000];

static int setup(void **state)
{
	(void)state;
	h = house_open(1000);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	house_close(h);
	return 0;
}

/* After whatever was done to it, the server still answers an honest request at once. */
static void assert_alive(void)
{
	struct mono from = clock_mono();
	enum play was = h->play;

	h->play = PLAY_DONE;
	assert_int_equal(ask(h, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 7\r\n\r\ntext=ok", out, sizeof out), 200);
	assert_non_null(strstr(out, "\r\n\r\nre:ok"));
	assert_true(mono_since(from, clock_mono()) < 1000);
	h->play = was;
}

static void test_post_is_answered_after_release(void **state)
{
	int fd;

	(void)state;
	h->play = PLAY_HOLD;
	house_start(h);
	fd = dial(h, false);
	put_text(fd, "POST /hooks/told?a=b%20c HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 10\r\n\r\ntext=hello");
	assert_int_equal(get_bytes(fd, out, sizeof out, "\r\n\r\n", 200), 0);
	assert_int_equal(h->messages, 1);
	assert_string_equal(h->last_text, "hello");
	assert_string_equal(h->last_url, "https://office.example/hooks/told?a=b%20c"); /* never from Host */
	let_go(h);
	get_bytes(fd, out, sizeof out, NULL, 2000);
	assert_non_null(strstr(out, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(out, "connection: close\r\n"));
	assert_non_null(strstr(out, "\r\n\r\nre:hello"));
	assert_int_equal(h->lost, 0);
	close(fd);
}

static void test_get_is_answered_after_release(void **state)
{
	int fd;

	(void)state;
	h->play = PLAY_HOLD;
	house_start(h);
	fd = dial(h, false);
	put_text(fd, "GET /hooks/told?text=a+b%2Bc%26d&x=1 HTTP/1.1\r\nHost: x\r\nX-Told: good\r\n\r\n");
	assert_int_equal(get_bytes(fd, out, sizeof out, "\r\n\r\n", 200), 0);
	assert_string_equal(h->last_text, "a b+c&d");
	let_go(h);
	get_bytes(fd, out, sizeof out, NULL, 2000);
	assert_non_null(strstr(out, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(out, "\r\n\r\nre:a b+c&d"));
	close(fd);
}

/* Bytes behind a waiting GET are neither read as its body nor as a next request, whoever sends them. */
static void test_bytes_behind_a_waiting_get(void **state)
{
	static const char *const more[] = {"x", "\r\n", "GET /hooks/told?text=2 HTTP/1.1\r\nHost: x\r\nX-Told: good\r\n\r\n",
					   "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=2"};

	(void)state;
	h->play = PLAY_HOLD;
	house_start(h);
	for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
		for (int proxy = 0; proxy < 2; proxy++) {
			for (int together = 0; together < 2; together++) {
				static const char first[] = "GET /hooks/told?text=1 HTTP/1.1\r\nHost: x\r\nX-Told: good\r\n\r\n";
				int fd = dial(h, proxy);
				char both[1024];

				snprintf(both, sizeof both, "%s%s", first, together ? more[i] : "");
				put_text(fd, both);
				rest(20000);
				if (!together)
					put_text(fd, more[i]);
				rest(20000);
				let_go(h);
				get_bytes(fd, out, sizeof out, NULL, 1000);
				assert_non_null(strstr(out, "\r\n\r\nre:1"));
				assert_null(strstr(out, "re:2"));
				close(fd);
			}
		}
	}
	assert_alive();
}

/* Row: two POSTs in one segment; the second body would be filled from its own request line, for ever. */
static void test_pipelined_posts(void **state)
{
	static const char two[] = "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1"
				  "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=2";

	(void)state;
	house_start(h);
	for (int proxy = 0; proxy < 2; proxy++) {
		for (int wait = 0; wait < 2; wait++) {
			for (int tail = 0; tail < 3; tail++) {
				int fd = dial(h, proxy);

				h->play = wait ? PLAY_HOLD : PLAY_DONE;
				if (tail == 0) {
					put_text(fd, two);
				} else if (tail == 1) { /* the second behind, while the first waits */
					put_bytes(fd, two, (sizeof two - 1) / 2);
					rest(5000);
					put_text(fd, two + (sizeof two - 1) / 2);
				} else { /* an old client's line break after the body */
					put_bytes(fd, two, (sizeof two - 1) / 2);
					put_text(fd, "\r\n");
				}
				rest(30000);
				let_go(h);
				get_bytes(fd, out, sizeof out, "re:1", 1000);
				assert_non_null(strstr(out, "re:1"));
				close(fd);
				assert_alive();
			}
		}
	}
	h->play = PLAY_DONE;
}

static int64_t cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Row: what is there to read while an answer is owed keeps the library awake: it must not cost a whole processor. */
static void test_waiting_costs_nothing(void **state)
{
	static const char *const rows[] = {
		"GET /hooks/told?text=1 HTTP/1.1\r\nHost: x\r\nX-Told: good\r\n\r\n",
		"POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1",
		"POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1more",
		"GET /hooks/told?text=1 HTTP/1.1\r\nHost: x\r\nX-Told: good\r\n\r\nmore",
	};
	int64_t from;

	(void)state;
	h->play = PLAY_HOLD;
	house_start(h);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int fd = dial(h, false);

		put_text(fd, rows[i]);
		rest(20000);
		put_text(fd, "more");
		from = cpu_ms();
		rest(400000);
		if (cpu_ms() - from > 150)
			fail_msg("row %zu: %lld ms of CPU while waiting 400", i, (long long)(cpu_ms() - from));
		let_go(h);
		get_bytes(fd, out, sizeof out, NULL, 1000);
		assert_non_null(strstr(out, "re:1"));
		close(fd);
	}
}

/* Errors answered at once must not open the same door on a kept connection. */
static void test_pipelined_after_refusal(void **state)
{
	static const char *const firsts[] = {
		"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\ntext=1",
		"POST /hooks/told HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\ntext=1",
		"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "POST /hooks/told HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
		"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n",
	};

	(void)state;
	house_start(h);
	for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
		for (int proxy = 0; proxy < 2; proxy++) {
			int fd = dial(h, proxy);
			char both[2048];

			snprintf(both, sizeof both, "%sPOST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=2",
				 firsts[i]);
			put_text(fd, both);
			assert_true(is_closed(fd, 3500));
			close(fd);
			assert_alive();
		}
	}
}

/* Keep-alive is for a trusted proxy's POSTs, one after the other. */
static void test_keep_alive(void **state)
{
	static const char one[] = "POST /hooks/told HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 6.6.6.6, 203.0.113.9\r\n" GOOD
				  "Content-Length: 6\r\n\r\ntext=1";
	int fd;

	(void)state;
	house_start(h);
	fd = dial(h, true);
	for (int i = 0; i < 20; i++) {
		put_text(fd, one);
		get_bytes(fd, out, sizeof out, "re:1", 1000);
		if (!strstr(out, "HTTP/1.1 200 OK") || strstr(out, "connection: close"))
			fail_msg("request %d gave %.300s", i, out);
	}
	assert_int_equal(h->messages, 20);
	close(fd);
	fd = dial(h, false);
	put_text(fd, one);
	get_bytes(fd, out, sizeof out, NULL, 1000);
	assert_non_null(strstr(out, "connection: close\r\n"));
	close(fd);
}

/* Row: body-completion fires again and again while the answer waits: one request is one event. */
static void test_one_request_one_event(void **state)
{
	int fd;

	(void)state;
	h->play = PLAY_HOLD;
	house_start(h);
	fd = dial(h, false);
	put_text(fd, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1 and more bytes");
	rest(200000);
	assert_int_equal(h->messages, 1);
	let_go(h);
	get_bytes(fd, out, sizeof out, NULL, 1000);
	assert_non_null(strstr(out, "re:1"));
	close(fd);
	assert_int_equal(h->messages, 1);
	assert_alive();
}

/* Rows on lengths and codings. */
static void test_lengths(void **state)
{
	static const struct { const char *head; int status; } rows[] = {
		{"", 411},
		{"Transfer-Encoding: chunked\r\n", 501},
		{"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", 501},
		{"Content-Length: -5\r\n", 400},
		{"Content-Length: 5abc\r\n", 400},
		{"Content-Length: 6\r\nContent-Length: 6\r\n", 400},
		{"Content-Length: 5\r\nContent-Length: 50\r\n", 400},
		{"Content-Length: 0x6\r\n", 400},
		{"Content-Length: +6\r\n", 400},
		{"Content-Length: 12345678\r\n", 400},
		{"Content-Length: 99999999999999999999\r\n", 400},
		{"Content-Length: 262145\r\n", 413},
		{"Content-Length: 9999999\r\n", 413},
		{"Content-Length: 6\r\nContent-Type: text/plain\r\n", 400},
	};

	(void)state;
	house_start(h);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char request[1024];

		snprintf(request, sizeof request, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "%s\r\ntext=1", rows[i].head);
		if (ask(h, request, out, sizeof out) != rows[i].status)
			fail_msg("%s gave %.60s", rows[i].head, out);
	}
	assert_int_equal(h->messages, 0);
	assert_int_equal(ask(h, "GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", out, sizeof out), 400);
	assert_alive();
}

/* ±1 at the edge of the body's limit. */
static void test_body_limit(void **state)
{
	char *body = malloc(262200);
	char head[200];
	int fd;

	(void)state;
	house_start(h);
	memset(body, 'a', 262200);
	memcpy(body, "text=", 5);
	for (int more = -1; more <= 1; more++) {
		int n = 262144 + more;

		fd = dial(h, false);
		snprintf(head, sizeof head, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: %d\r\n\r\n", n);
		put_text(fd, head);
		put_bytes(fd, body, (size_t)n);
		get_bytes(fd, out, sizeof out, "\r\n\r\n", 3000);
		assert_non_null(strstr(out, more > 0 ? "HTTP/1.1 413 " : "HTTP/1.1 200 "));
		close(fd);
	}
	free(body);
	assert_int_equal(h->messages, 2);
}

/* Row: h2c; row: unknown Upgrade (a use after free in the library when `in` is read); row: CONNECT. */
static void test_upgrades_and_connect(void **state)
{
	static const char *const rows[] = {
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: something\r\n\r\n",
		"POST /hooks/told HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: something\r\nContent-Length: 6\r\n\r\ntext=1",
		"GET /chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocketx\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: huiyin-chat\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n",
		"CONNECT / HTTP/1.1\r\nHost: x\r\n\r\nmore bytes",
	};

	(void)state;
	house_start(h);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int fd = dial(h, false);

		put_text(fd, rows[i]);
		get_bytes(fd, out, sizeof out, NULL, 2500);
		if (strstr(out, " 101 ") || strstr(out, " 200 "))
			fail_msg("row %zu gave %.80s", i, out);
		assert_true(is_closed(fd, 2500));
		close(fd);
		assert_alive();
	}
}

static void test_methods_and_paths(void **state)
{
	static const struct { const char *line; int status; } rows[] = {
		{"PUT /hooks/told", 405}, {"DELETE /hooks/told", 405}, {"PATCH /hooks/told", 405}, {"OPTIONS /hooks/told", 405},
		{"GET /nothing", 404}, {"GET /hooks/none", 404}, {"GET /hooks/", 404}, {"GET /healthz", 200}, {"HEAD /healthz", 200},
		{"GET /chat", 404}, {"GET /robots.txt", 200}, {"GET /favicon.ico", 200}, {"GET /", 302}, {"GET /w/none", 404},
		{"GET /status", 200}, {"GET /readyz", 200}, {"GET /hooks/../healthz", 200}, {"POST /healthz", 411},
	};

	(void)state;
	house_start(h);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char request[300];
		int status;

		snprintf(request, sizeof request, "%s HTTP/1.1\r\nHost: x\r\n\r\n", rows[i].line);
		status = ask(h, request, out, sizeof out);
		if (status != rows[i].status)
			fail_msg("%s gave %d: %.100s", rows[i].line, status, out);
	}
}

/* Rows on slow clients: silent, trickled head, stalled body, trickled body (which the library never ends). */
static void test_slow_clients(void **state)
{
	int silent, head, stalled, trickled;

	(void)state;
	house_start(h);
	silent = dial(h, false);
	head = dial(h, false);
	stalled = dial(h, false);
	trickled = dial(h, false);
	put_text(stalled, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 1000\r\n\r\ntext=");
	put_text(trickled, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 1000\r\n\r\ntext=");
	put_text(head, "GET /healthz HTTP/1.1\r\n");
	for (int i = 0; i < 18; i++) {
		put_text(head, "X");
		put_text(trickled, "a");
		rest(100000);
	}
	assert_true(is_closed(silent, 10));
	assert_true(is_closed(head, 10));
	assert_true(is_closed(stalled, 10));
	assert_true(is_closed(trickled, 10));
	assert_int_equal(h->messages, 0);
	close(silent);
	close(head);
	close(stalled);
	close(trickled);
	assert_alive();
}

/* Bytes that come at the very moment when a connection is being ended do not keep it. */
static void test_trickles_at_the_end(void **state)
{
	enum { MANY = 40 };
	int fds[MANY], closed = 0;

	(void)state;
	h->config.limits.per_address = 2 * MANY;
	house_start(h);
	for (int i = 0; i < MANY; i++) {
		fds[i] = dial(h, false);
		put_text(fds[i], "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 60000\r\n\r\ntext=");
	}
	for (int round = 0; round < 15000; round++) {
		for (int i = 0; i < MANY; i++)
			(void)!send(fds[i], "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		usleep(100);
	}
	for (int i = 0; i < MANY; i++) {
		closed += is_closed(fds[i], 10);
		close(fds[i]);
	}
	assert_int_equal(closed, MANY);
	assert_alive();
}

/* Row: a header block over 4,096 bytes is closed without a status; a URL over the limit is told. */
static void test_large_heads(void **state)
{
	char *request = malloc(20000), *pad = malloc(9000);

	(void)state;
	house_start(h);
	memset(pad, 'a', 8999);
	pad[8999] = 0;
	snprintf(request, 20000, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Pad: %s\r\n\r\n", pad);
	assert_int_equal(ask(h, request, out, sizeof out), 0);
	snprintf(request, 20000, "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Pad: %.3000s\r\n\r\n", pad);
	assert_int_equal(ask(h, request, out, sizeof out), 200);
	snprintf(request, 20000, "GET /hooks/told?text=%.2100s HTTP/1.1\r\nHost: x\r\n\r\n", pad);
	assert_int_equal(ask(h, request, out, sizeof out), 414);
	free(request);
	free(pad);
	assert_alive();
}

/* Rows: per-peer limits are not compiled into the library. */
static void test_connections_of_one_address(void **state)
{
	int fds[12], open = 0;

	(void)state;
	h->config.limits.per_address = 8;
	house_start(h);
	for (int i = 0; i < 12; i++)
		fds[i] = dial(h, false);
	rest(100000);
	for (int i = 0; i < 12; i++)
		open += !is_closed(fds[i], 5);
	assert_int_equal(open, 8);
	for (int i = 0; i < 12; i++)
		close(fds[i]);
	rest(100000);
	assert_alive();
}

/* Row: the connection may close while we wait for the commit. The replies that were to ride on the answer are not lost. */
static void test_gone_while_waiting(void **state)
{
	static const char *const rows[] = {
		"POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1",
		"POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 10\r\n\r\ntext=1&n=3",
	};

	(void)state;
	h->play = PLAY_HOLD;
	house_start(h);
	for (size_t i = 0; i < 2; i++) {
		struct linger hard = {1, 0};
		int fd = dial(h, false);

		put_text(fd, rows[i]);
		rest(50000);
		if (i)
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
		close(fd);
		rest(50000);
		let_go(h);
		rest(100000);
	}
	assert_int_equal(h->messages, 4);
	assert_int_equal(h->lost, 4);
	assert_true(h->last_up_to > 0);
	assert_alive();
}

/* The engine takes too long: the provider is told to try again, and the answer that comes later goes nowhere. */
static void test_late(void **state)
{
	(void)state;
	h->play = PLAY_HOLD;
	house_start(h);
	assert_int_equal(ask(h, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1", out, sizeof out), 503);
	assert_non_null(strstr(out, "retry-after: 5"));
	assert_int_equal(ask(h, "GET /hooks/told?text=1 HTTP/1.1\r\nHost: x\r\nX-Told: good\r\n\r\n", out, sizeof out), 503);
	let_go(h);
	rest(100000);
	assert_int_equal(h->lost, 2);
	assert_alive();
}

static void test_again_and_bad(void **state)
{
	(void)state;
	h->play = PLAY_AGAIN;
	house_start(h);
	assert_int_equal(ask(h, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1", out, sizeof out), 503);
	h->play = PLAY_BAD;
	assert_int_equal(ask(h, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1", out, sizeof out), 400);
	assert_int_equal(ask(h, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\nnothin", out, sizeof out), 400);
	assert_int_equal(h->lost, 0);
}

/* One webhook with several events is answered when the last is done; replies in order; one "again" makes all again. */
static void test_several_events(void **state)
{
	(void)state;
	house_start(h);
	assert_int_equal(ask(h, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 10\r\n\r\ntext=1&n=3", out, sizeof out), 200);
	assert_non_null(strstr(out, "\r\n\r\nre:1|re:1|re:1"));
	assert_int_equal(ask(h, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 10\r\n\r\ntext=1&n=0", out, sizeof out), 200);
	assert_int_equal(h->messages, 3);
	h->play = PLAY_AGAIN;
	assert_int_equal(ask(h, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 10\r\n\r\ntext=1&n=3", out, sizeof out), 503);
}

static int setup_tiny_queue(void **state)
{
	(void)state;
	h = house_open(2);
	return 0;
}

static void test_queue_full(void **state)
{
	int fds[6], full = 0;

	(void)state;
	h->delay_ms = 400;
	house_start(h);
	for (int i = 0; i < 6; i++) {
		fds[i] = dial(h, false);
		put_text(fds[i], "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1");
		rest(30000);
	}
	for (int i = 0; i < 6; i++) {
		get_bytes(fds[i], out, sizeof out, NULL, 3000);
		full += strstr(out, "HTTP/1.1 503 ") && strstr(out, "retry-after: 5");
		close(fds[i]);
	}
	assert_in_range(full, 1, 4);
	assert_int_equal(h->messages, 6 - full);
	rest(900000);
	h->delay_ms = 200;
	assert_int_equal(ask(h, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 10\r\n\r\ntext=1&n=9", out, sizeof out), 503);
}

static void test_signature_modes(void **state)
{
	static const char forged[] = "POST /hooks/told HTTP/1.1\r\nHost: x\r\nX-Told: forged\r\nContent-Length: 6\r\n\r\ntext=1";

	(void)state;
	house_start(h);
	assert_int_equal(ask(h, forged, out, sizeof out), 403);
	assert_int_equal(ask(h, "GET /hooks/told?echo=hi%20you HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
	assert_non_null(strstr(out, "\r\n\r\nhi you"));
	assert_int_equal(h->messages, 0);
	h->accounts[0].signature = SIGNATURE_OBSERVE;
	assert_int_equal(ask(h, forged, out, sizeof out), 200);
	h->accounts[0].signature = SIGNATURE_OFF;
	assert_int_equal(ask(h, forged, out, sizeof out), 200);
	assert_int_equal(h->messages, 2);
	assert_int_equal(ask(h, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
	assert_non_null(strstr(out, "huiyin_hooks_total{account=\"told\",fate=\"signature\"} 2\n"));
	assert_non_null(strstr(out, "huiyin_hooks_total{account=\"told\",fate=\"observed\"} 1\n"));
	assert_non_null(strstr(out, "huiyin_quarantine_total 2\n"));
}

static void test_content_types(void **state)
{
	static const struct { const char *type; int status; } rows[] = {
		{"multipart/form-data; boundary=x", 415}, {"image/png", 415}, {"application/x-www-form-urlencoded; charset=utf-8", 200},
		{"APPLICATION/JSON", 200}, {"application/cloudevents+json", 200}, {"text/xml", 200}, {"", 200},
		{"application/x-www-form-urlencoded\r\nContent-Type: text/plain", 400},
	};

	(void)state;
	house_start(h);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char request[300];

		snprintf(request, sizeof request, "POST /hooks/told HTTP/1.1\r\nHost: x\r\nX-Told: good\r\n%s%s%sContent-Length: 6\r\n\r\ntext=1",
			 *rows[i].type ? "Content-Type: " : "", rows[i].type, *rows[i].type ? "\r\n" : "");
		if (ask(h, request, out, sizeof out) != rows[i].status)
			fail_msg("%s gave %.40s", rows[i].type, out);
	}
}

static void test_metrics_access(void **state)
{
	int fd;

	(void)state;
	house_start(h);
	fd = dial(h, true);
	put_text(fd, "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
	get_bytes(fd, out, sizeof out, NULL, 1000);
	assert_non_null(strstr(out, "HTTP/1.1 403 "));
	close(fd);
	fd = dial(h, true);
	put_text(fd, "GET /metrics HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\nAuthorization: Bearer reader-key\r\n\r\n");
	get_bytes(fd, out, sizeof out, NULL, 1000);
	assert_non_null(strstr(out, "HTTP/1.1 200 "));
	assert_non_null(strstr(out, "huiyin_http_requests_total 2\n"));
	close(fd);
}

/* A stop answers what was taken, and takes nothing more. */
static void test_stop(void **state)
{
	struct server *stopped;
	int fd, later;

	(void)state;
	h->delay_ms = 200;
	house_start(h);
	fd = dial(h, false);
	put_text(fd, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1");
	rest(50000);
	stopped = h->server;
	later = dial(h, false); /* connected, but has asked nothing yet */
	server_stop(&stopped, 2000);
	get_bytes(fd, out, sizeof out, NULL, 1000);
	assert_non_null(strstr(out, "HTTP/1.1 200 "));
	close(fd);
	assert_true(is_closed(later, 1000));
	close(later);
	assert_null(stopped);
}

/* A reload changes the accounts; what waits is answered by the old ones. */
static void test_reload(void **state)
{
	static struct config second;
	static struct account renamed[1];
	int fd;

	(void)state;
	h->play = PLAY_HOLD;
	second = h->config;
	house_start(h);
	fd = dial(h, false);
	put_text(fd, "POST /hooks/told HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1");
	rest(50000);
	renamed[0] = h->accounts[0];
	renamed[0].name = S("other");
	second.accounts = renamed;
	second.n_accounts = 1;
	server_reload(h->server, &second);
	rest(50000);
	let_go(h);
	get_bytes(fd, out, sizeof out, NULL, 1000);
	assert_non_null(strstr(out, "re:1"));
	close(fd);
	h->play = PLAY_DONE;
	assert_int_equal(ask(h, "GET /hooks/told?text=1 HTTP/1.1\r\nHost: x\r\nX-Told: good\r\n\r\n", out, sizeof out), 404);
	assert_int_equal(ask(h, "GET /hooks/other?text=1 HTTP/1.1\r\nHost: x\r\nX-Told: good\r\n\r\n", out, sizeof out), 200);
	rest(20000);
	assert_int_equal(h->config.holders, 0);
}

/* The same bytes in every possible pair of pieces. */
static void test_torn_requests(void **state)
{
	static const char one[] = "POST /hooks/told?x=1 HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\n\r\ntext=1";

	(void)state;
	house_start(h);
	for (size_t cut = 1; cut < sizeof one - 1; cut += 3) {
		int fd = dial(h, false);

		put_bytes(fd, one, cut);
		rest(1000);
		put_text(fd, one + cut);
		get_bytes(fd, out, sizeof out, NULL, 1000);
		if (!strstr(out, "re:1"))
			fail_msg("cut at %zu gave %.60s", cut, out);
		close(fd);
	}
}

/* Mutations of honest requests: the server answers or closes, and lives. */
static void test_mutations(void **state)
{
	static const char *const seeds[] = {
		"POST /hooks/told?x=1&y=%41 HTTP/1.1\r\nHost: x\r\n" GOOD "Content-Length: 6\r\nConnection: keep-alive\r\n\r\ntext=1",
		"GET /hooks/told?text=1 HTTP/1.1\r\nHost: x\r\nX-Told: good\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
		"GET /api/v1/cases?limit=3 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer reader-key\r\n\r\n",
	};
	unsigned random = 12345;

	(void)state;
	h->config.limits.head_ms = 150;
	h->config.limits.request_ms = 150;
	h->config.limits.per_address = 400;
	house_start(h);
	for (int i = 0; i < 600; i++) {
		char request[600];
		size_t n = strlen(seeds[i % 3]);
		int fd = dial(h, i & 1);

		memcpy(request, seeds[i % 3], n);
		for (int k = 0; k < 1 + i % 4; k++) {
			random = random * 1103515245 + 12345;
			switch (random >> 28 & 3) {
			case 0:
				request[random >> 8 & 0xff % n] = (char)(random >> 16);
				break;
			case 1:
				request[(random >> 8) % n] = "\r\n :;,%&=?/\0\377"[random >> 20 & 11];
				break;
			case 2:
				n = n > 40 ? n - (random >> 8) % 20 : n;
				break;
			default:
				memmove(request + 30, request + 20, n - 30);
				break;
			}
		}
		put_bytes(fd, request, n);
		if (i % 8 == 0)
			get_bytes(fd, out, sizeof out, "\r\n\r\n", 20);
		close(fd);
	}
	rest(300000);
	assert_alive();
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_post_is_answered_after_release), T(test_get_is_answered_after_release), T(test_bytes_behind_a_waiting_get),
		T(test_pipelined_posts), T(test_waiting_costs_nothing), T(test_pipelined_after_refusal), T(test_keep_alive), T(test_one_request_one_event),
		T(test_lengths), T(test_body_limit), T(test_upgrades_and_connect), T(test_methods_and_paths),
		T(test_slow_clients), T(test_trickles_at_the_end), T(test_large_heads), T(test_connections_of_one_address), T(test_gone_while_waiting),
		T(test_late), T(test_again_and_bad), T(test_several_events),
		cmocka_unit_test_setup_teardown(test_queue_full, setup_tiny_queue, teardown), T(test_signature_modes),
		T(test_content_types), T(test_metrics_access), T(test_stop), T(test_reload), T(test_torn_requests),
		T(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The web chat over a real socket: token, durable acknowledgements, resume, limits, uploads, the plain page without
 * scripts; and the office's API and status page, which share the server.
 */
#include "test_webchat.h"

#include "huiyin/form.h"

#include <dirent.h>
#include <sys/stat.h>
#include <time.h>

static int setup(void **state)
{
	(void)state;
	told_chat = &webchat_channel;
	h = house_open(1000);
	told_n_lines = 0;
	return 0;
}

static void drop_media(void)
{
	char path[400];
	DIR *d;
	struct dirent *e;

	snprintf(path, sizeof path, "%s/media", h->state);
	if (!(d = opendir(path)))
		return;
	while ((e = readdir(d))) {
		snprintf(path, sizeof path, "%s/media/%s", h->state, e->d_name);
		unlink(path);
	}
	closedir(d);
}

static int teardown(void **state)
{
	(void)state;
	drop_media();
	house_close(h);
	return 0;
}

static void assert_address_is_of(const char *token)
{
	struct slice t = slice_of(token), hex;
	uint8_t sum[32];

	digest_of(SHA256, &t, 1, sum);
	hex = hex_encode(h->arena, slice_make((char *)sum, 32));
	assert_true(slice_is(hex, h->last_from));
}

/* ---- tests --------------------------------------------------------------------------------------------------------- */

static void test_hello_and_message(void **state)
{
	char token[64], again[64], hello[200];
	int fd;

	(void)state;
	house_start(h);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{\"token\":null,\"after\":\"0\",\"lang\":\"en\"}}", token);
	assert_true(ws_hear(fd, 2000));
	assert_string_equal(out, "{\"ready\":true}");
	ws_say(fd, "{\"text\":\"路灯坏了 \\\"x\\\"\",\"id\":\"c1\"}");
	ws_expect(fd, "\"re:路灯坏了");
	assert_non_null(strstr(out, "\"ours\":true"));
	assert_non_null(strstr(out, "\"buttons\":[{\"value\":\"1\",\"label\":\"one\"}]"));
	ws_expect(fd, "{\"ok\":\"c1\",\"event\":\"");
	assert_string_equal(h->last_text, "路灯坏了 \"x\"");
	assert_string_equal(h->last_lang, "en");
	assert_address_is_of(token);
	ws_say(fd, "{\"ping\":1}");
	ws_expect(fd, "{\"pong\":1}");
	close(fd);
	fd = ws_open(); /* the same person again */
	snprintf(hello, sizeof hello, "{\"hello\":{\"token\":\"%s\",\"after\":\"0\",\"lang\":\"zh\"}}", token);
	ws_hello(fd, hello, again);
	assert_string_equal(token, again);
	ws_say(fd, "{\"button\":\"1\",\"text\":\"one\",\"id\":\"c2\",\"lang\":\"en\"}");
	ws_expect(fd, "{\"ok\":\"c2\"");
	assert_string_equal(h->last_button, "1");
	assert_string_equal(h->last_lang, "en");
	assert_address_is_of(token);
	close(fd);
}

/* Nothing is acknowledged before the engine has let go of it; "again" comes when it could not. */
static void test_acknowledged_after_release(void **state)
{
	int fd;

	(void)state;
	h->play = PLAY_HOLD;
	house_start(h);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{}}", NULL);
	ws_expect(fd, "ready");
	ws_say(fd, "{\"text\":\"a\",\"id\":\"c1\"}");
	assert_false(ws_hear(fd, 150));
	assert_int_equal(h->messages, 1);
	let_go(h);
	ws_expect(fd, "{\"ok\":\"c1\"");
	h->play = PLAY_AGAIN;
	ws_say(fd, "{\"text\":\"a\",\"id\":\"c2\"}");
	ws_expect(fd, "{\"again\":\"c2\"}");
	h->play = PLAY_BAD;
	ws_say(fd, "{\"text\":\"a\",\"id\":\"c3\"}");
	ws_expect(fd, "{\"bad\":\"c3\"}");
	ws_say(fd, "{\"text\":\"\",\"id\":\"c4\"}");
	ws_expect(fd, "{\"bad\":\"c4\"}");
	h->play = PLAY_HOLD;
	ws_say(fd, "{\"text\":\"gone\",\"id\":\"c5\"}");
	rest(50000);
	close(fd); /* the page is closed: the message stays */
	rest(50000);
	let_go(h);
	rest(50000);
	assert_string_equal(h->last_text, "gone");
	assert_int_equal(ask(h, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
}

/* Lines go to every page of one person, and to no other person's. */
static void test_push_to_all_pages(void **state)
{
	char token[64], hello[200];
	int one, two, other;

	(void)state;
	house_start(h);
	one = ws_open();
	ws_hello(one, "{\"hello\":{}}", token);
	ws_expect(one, "ready");
	two = ws_open();
	snprintf(hello, sizeof hello, "{\"hello\":{\"token\":\"%s\"}}", token);
	ws_hello(two, hello, NULL);
	ws_expect(two, "ready");
	other = ws_open();
	ws_hello(other, "{\"hello\":{}}", NULL);
	ws_expect(other, "ready");
	ws_say(one, "{\"text\":\"a\",\"id\":\"c1\"}");
	ws_expect(one, "re:a");
	ws_expect(two, "re:a");
	assert_false(ws_hear(other, 150));
	close(one);
	close(two);
	close(other);
}

static void test_resume(void **state)
{
	static struct button pick = {{"1", 1}, {"one", 3}};
	int fd;

	(void)state;
	told_lines[0] = (struct chat_line){.id = 5, .at = 1000, .ours = false, .text = S("mine")};
	told_lines[1] = (struct chat_line){.id = 4611686018427387905, .at = 2000, .ours = true, .text = S("<b>yours"), .buttons = &pick,
					   .n_buttons = 1};
	told_n_lines = 2;
	house_start(h);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{\"after\":\"0\"}}", NULL);
	assert_true(ws_hear(fd, 1000));
	assert_non_null(strstr(out, "\"id\":\"5\""));
	assert_non_null(strstr(out, "\"ours\":false"));
	assert_true(ws_hear(fd, 1000));
	assert_non_null(strstr(out, "\"id\":\"4611686018427387905\""));
	assert_null(strchr(out, '<'));
	ws_expect(fd, "ready");
	close(fd);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{\"after\":\"4611686018427387905\"}}", NULL);
	assert_true(ws_hear(fd, 1000));
	assert_string_equal(out, "{\"ready\":true}");
	close(fd);
}

static void test_seen_is_an_event(void **state)
{
	int fd;

	(void)state;
	house_start(h);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{}}", NULL);
	ws_say(fd, "{\"seen\":\"77\"}");
	ws_say(fd, "{\"seen\":\"76\"}");
	ws_say(fd, "{\"seen\":\"77\"}");
	ws_say(fd, "{\"ping\":1}");
	ws_expect(fd, "pong");
	rest(100000);
	assert_int_equal(h->seen, 1);
	assert_int_equal(h->last_up_to, 77);
	assert_int_equal(h->lost, 0);
	close(fd);
}

static void test_window(void **state)
{
	int fd;

	(void)state;
	house_start(h);
	assert_int_equal(ask(h, "GET /w/W3?lang=en HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 302);
	assert_non_null(strstr(out, "location: /chat?w=W3&lang=en\r\n"));
	assert_int_equal(ask(h, "GET /w/W4 HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 404);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{\"window\":\"W3\",\"visit\":\"v1\"}}", NULL);
	ws_expect(fd, "{\"ok\":\"v1\"");
	assert_string_equal(h->last_scan, "W3");
	ws_say(fd, "{\"scan\":\"W3\",\"id\":\"s1\"}");
	ws_expect(fd, "{\"ok\":\"s1\"");
	ws_say(fd, "{\"scan\":\"W4\",\"id\":\"s2\"}");
	ws_expect(fd, "{\"bad\":\"s2\"}");
	close(fd);
}

/* What is no message closes the line; what is too much is put off, cut, or closes it. */
static void test_hostile_frames(void **state)
{
	static const char *const rows[] = {"", "x", "[]", "{\"text\":\"no hello\",\"id\":\"1\"}", "{\"hello\":{}", "{\"seen\":\"5\"}", "null",
					   "{\"hello\":{},\"hello\":{}}"};
	char *big = malloc(400000);
	int fd;

	(void)state;
	house_start(h);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		fd = ws_open();
		ws_say(fd, rows[i]);
		assert_true(is_closed(fd, 2000));
		close(fd);
	}
	assert_int_equal(h->messages, 0);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{}}", NULL);
	memset(big, 'a', 400000);
	memcpy(big, "{\"id\":\"big\",\"text\":\"", 20);
	memcpy(big + 100020, "\"}", 2);
	ws_frame(fd, 1, false, big, 50000); /* 100,000 characters, in two frames */
	ws_frame(fd, 0, true, big + 50000, 50022);
	ws_expect(fd, "{\"ok\":\"big\"");
	assert_int_equal(h->last_text_len, 4096);
	assert_true(h->last_cut);
	ws_frame(fd, 1, true, big, 300000);
	assert_true(is_closed(fd, 2000));
	close(fd);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{}}", NULL);
	ws_expect(fd, "ready");
	ws_frame(fd, 1, true, "{\"text\":\"\xff\xfe\",\"id\":\"u\"}", 22);
	assert_false(ws_hear(fd, 2000)); /* the close frame, or the end */
	close(fd);
	fd = ws_open(); /* silence before hello */
	assert_true(is_closed(fd, 2000));
	close(fd);
	free(big);
	assert_int_equal(ask(h, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
}

static void test_rate(void **state)
{
	int fd, again = 0;

	(void)state;
	house_start(h);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{}}", NULL);
	for (int i = 0; i < 60; i++) {
		char text[64];

		snprintf(text, sizeof text, "{\"text\":\"%d\",\"id\":\"n%d\"}", i, i);
		ws_say(fd, text);
	}
	while (ws_hear(fd, 300))
		again += strstr(out, "\"again\"") != NULL;
	assert_in_range(again, 35, 40);
	assert_in_range(h->messages, 20, 25);
	close(fd);
}

/* Beyond 256 sockets the loop polls in another way (server/poll.c): numbers of closed sockets come again, every line is
   heard, and what is idle costs nothing. */
static void test_many_chats(void **state)
{
	enum { MANY = 400 };
	struct timespec t;
	int fds[MANY];
	int64_t cpu;

	(void)state;
	h->config.limits.per_address = 2000;
	h->config.limits.connections = 2000;
	h->config.limits.head_ms = 20000;
	house_start(h);
	for (int round = 0; round < 3; round++) {
		for (int i = round ? round - 1 : 0; i < MANY; i += round ? 2 : 1) {
			if (round)
				close(fds[i]);
			if (round && i % 3 == 0)
				assert_int_equal(ask(h, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
			fds[i] = ws_open();
			ws_hello(fds[i], "{\"hello\":{}}", NULL);
		}
		for (int i = MANY - 1; i >= 0; i--) {
			char text[64];

			snprintf(text, sizeof text, "{\"text\":\"%d\",\"id\":\"n%d-%d\"}", i, round, i);
			ws_say(fds[i], text);
			snprintf(text, sizeof text, "{\"ok\":\"n%d-%d\"", round, i);
			ws_expect(fds[i], text);
		}
	}
	assert_int_equal(h->messages, 3 * MANY);
	assert_int_equal(ask(h, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
	assert_non_null(strstr(out, "huiyin_chats 400\n"));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	cpu = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
	rest(500000);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	assert_true((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 - cpu < 150);
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
}

static void test_upgrade_needs_the_protocol(void **state)
{
	(void)state;
	house_start(h);
	assert_int_equal(ask(h, "GET /chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
			     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", out, sizeof out), 0);
	assert_int_equal(ask(h, "GET /chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
			     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
			     "Sec-WebSocket-Protocol: other\r\n\r\n", out, sizeof out), 0);
	assert_int_equal(ask(h, "GET /chat/ws HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 404);
}

/* ---- uploads ------------------------------------------------------------------------------------------------------- */

static int upload(const char *token, const char *type, const char *body, size_t len, size_t claimed)
{
	char head[400];
	int fd = dial(h, false), status = 0;

	snprintf(head, sizeof head, "POST /chat/upload?token=%s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n",
		 token, type, claimed);
	put_text(fd, head);
	for (size_t i = 0; i < len; i += 5000)
		put_bytes(fd, body + i, len - i < 5000 ? len - i : 5000);
	get_bytes(fd, out, sizeof out, NULL, 3000);
	close(fd);
	sscanf(out, "HTTP/1.1 %d", &status);
	return status;
}

static int files_in_media(void)
{
	char path[100];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof path, "%s/media", h->state);
	if (!(d = opendir(path)))
		return 0;
	while ((e = readdir(d)))
		n += e->d_type == DT_REG;
	closedir(d);
	return n;
}

static void test_upload(void **state)
{
	static const char token[] = "0123456789abcdefghijABCDEFGHIJ0123456789_-x";
	size_t len = 100000;
	char *photo = calloc(1, 2 << 20), *at, say[400], path[300];
	struct stat st;
	int fd;

	(void)state;
	memcpy(photo, "\xff\xd8\xff\xe0", 4);
	house_start(h);
	assert_int_equal(upload(token, "image/jpeg", photo, len, len), 200);
	at = strstr(out, "{\"media\":\"upload:");
	assert_non_null(at);
	assert_non_null(strstr(at, "\"type\":\"image/jpeg\",\"size\":100000}"));
	at[17 + 64] = 0;
	snprintf(path, sizeof path, "%s/media/%s.jpg", h->state, at + 17);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, len);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(files_in_media(), 1);
	snprintf(say, sizeof say, "{\"media\":[\"upload:%s\",\"upload:../../etc/passwd\",\"http://x/y\"],\"id\":\"m1\"}", at + 17);
	fd = ws_open();
	ws_hello(fd, "{\"hello\":{}}", NULL);
	ws_say(fd, say);
	ws_expect(fd, "{\"ok\":\"m1\"");
	assert_int_equal(h->last_media, 1);
	close(fd);
	assert_int_equal(upload(token, "image/png", photo, len, len), 415);     /* it is no PNG */
	assert_int_equal(upload(token, "text/html", photo, len, len), 415);
	assert_int_equal(upload("short", "image/jpeg", photo, len, len), 403);
	assert_int_equal(upload(token, "image/jpeg", photo, (1 << 20) + 1, (1 << 20) + 1), 413);
	assert_int_equal(upload(token, "image/jpeg", photo, 1 << 20, 1 << 20), 200);
	assert_int_equal(upload(token, "image/jpeg", photo, 0, 0), 400);
	assert_int_equal(files_in_media(), 2);
	fd = dial(h, false); /* hangs up half way: nothing stays */
	snprintf(say, sizeof say, "POST /chat/upload?token=%s HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: 50000\r\n\r\n",
		 token);
	put_text(fd, say);
	put_bytes(fd, photo, 20000);
	rest(50000);
	assert_int_equal(files_in_media(), 3);
	close(fd);
	rest(100000);
	assert_int_equal(files_in_media(), 2);
	free(photo);
}

static void test_magic(void **state)
{
	static const char token[] = "0123456789abcdefghijABCDEFGHIJ0123456789_-x";
	static const struct { const char *type, *bytes; size_t n; int status; } rows[] = {
		{"image/png", "\x89PNG\r\n\x1a\n____", 12, 200}, {"image/gif", "GIF89a______", 12, 200},
		{"image/webp", "RIFF____WEBP", 12, 200}, {"image/webp", "RIFF____WAVE", 12, 415},
		{"image/heic", "____ftypheic", 12, 200}, {"image/heic", "____ftypisom", 12, 415},
		{"video/mp4", "____ftypisom", 12, 200}, {"video/mp4", "____ftypheic", 12, 415},
		{"application/pdf", "%PDF-1.4", 8, 200}, {"application/pdf", "<html>", 6, 415}, {"image/jpeg", "\xff\xd8", 2, 415},
		{"image/svg+xml", "<svg></svg>_", 12, 415},
	};

	(void)state;
	house_start(h);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (upload(token, rows[i].type, rows[i].bytes, rows[i].n, rows[i].n) != rows[i].status)
			fail_msg("row %zu gave %.80s", i, out);
	}
}

/* ---- pages --------------------------------------------------------------------------------------------------------- */

static void test_page(void **state)
{
	char request[200], *etag;

	(void)state;
	house_start(h);
	assert_int_equal(ask(h, "GET /chat?lang=en HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
	assert_non_null(strstr(out, "content-security-policy: default-src 'self'; "));
	assert_null(strstr(out, "unsafe"));
	assert_non_null(strstr(out, "<html lang=\"en\">"));
	assert_non_null(strstr(out, "某县信访局"));
	assert_non_null(strstr(out, "data-office-en=\"Office &lt;of&gt; complaints\""));
	assert_null(strstr(out, "%OFFICE"));
	assert_null(strstr(out, "<script>"));
	assert_null(strstr(out, "style="));
	assert_null(strstr(out, "onclick"));
	assert_int_equal(ask(h, "GET /chat/a/chat.js HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
	assert_non_null(strstr(out, "content-type: text/javascript"));
	assert_null(strstr(out, "=>")); /* ES5 */
	etag = strstr(out, "etag: ");
	assert_non_null(etag);
	snprintf(request, sizeof request, "GET /chat/a/chat.js HTTP/1.1\r\nHost: x\r\nIf-None-Match: %.22s\r\n\r\n", etag + 6);
	assert_int_equal(ask(h, request, out, sizeof out), 304);
	assert_int_equal(ask(h, "GET /chat/a/none.js HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 404);
	assert_int_equal(ask(h, "GET /?lang=zh HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 302);
	assert_non_null(strstr(out, "location: /chat?lang=zh\r\n"));
}

/* Everything without scripts: a cookie, a form, the conversation. */
static void test_plain_page(void **state)
{
	static struct button pick = {{"\"1", 2}, {"<one>", 5}};
	char request[600], cookie[64], *at;

	(void)state;
	told_lines[0] = (struct chat_line){.id = 5, .at = 1000, .ours = true, .text = S("<script>"), .buttons = &pick, .n_buttons = 1};
	told_n_lines = 1;
	house_start(h);
	assert_int_equal(ask(h, "GET /chat/plain HTTP/1.1\r\nHost: x\r\nAccept-Language: en-GB\r\n\r\n", out, sizeof out), 200);
	at = strstr(out, "set-cookie: huiyin_chat=");
	assert_non_null(at);
	assert_non_null(strstr(out, "; HttpOnly; SameSite=Strict; Secure\r\n"));
	memcpy(cookie, at + 24, 43);
	cookie[43] = 0;
	assert_null(strstr(out, "&lt;script&gt;")); /* somebody new */
	assert_non_null(strstr(out, "Your message"));
	snprintf(request, sizeof request, "GET /chat/plain HTTP/1.1\r\nHost: x\r\nAccept-Language: en-GB\r\nCookie: huiyin_chat=%s\r\n\r\n", cookie);
	assert_int_equal(ask(h, request, out, sizeof out), 200);
	assert_null(strstr(out, "set-cookie"));
	assert_non_null(strstr(out, "&lt;script&gt;"));
	assert_non_null(strstr(out, "value=\"&quot;1\">&lt;one&gt;</button>"));
	assert_non_null(strstr(out, "Your message"));
	snprintf(request, sizeof request, "POST /chat/post HTTP/1.1\r\nHost: office\r\nOrigin: http://office\r\nCookie: a=b; huiyin_chat=%s\r\n"
		 "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 35\r\n\r\ntext=a+b%%E5%%B7%%B7&once=x1&lang=en&n=1", cookie);
	assert_int_equal(ask(h, request, out, sizeof out), 303);
	assert_non_null(strstr(out, "location: /chat/plain?lang=en#end"));
	assert_string_equal(h->last_text, "a b巷");
	assert_address_is_of(cookie);
	at = strstr(request, "Origin: http://office");
	memcpy(at, "Origin: http://evil.x", 21);
	assert_int_equal(ask(h, request, out, sizeof out), 403);
	h->play = PLAY_AGAIN;
	memcpy(at, "Origin: http://office", 21);
	assert_int_equal(ask(h, request, out, sizeof out), 503);
	assert_int_equal(h->messages, 2);
}

/* A header that is not there is empty, not what lay on the stack (found by fuzz_chat). */
static void test_no_content_type(void **state)
{
	(void)state;
	house_start(h);
	assert_int_equal(ask(h, "POST /chat/post HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\ntext=1", out, sizeof out), 415);
	assert_int_equal(ask(h, "POST /status HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\ntext=1", out, sizeof out), 415);
	assert_int_equal(ask(h, "POST /chat/upload?token=0123456789abcdefghijABCDEFGHIJ0123456789_-x HTTP/1.1\r\nHost: x\r\n"
			     "Content-Length: 6\r\n\r\ntext=1", out, sizeof out), 415);
}

static void test_no_chat(void **state)
{
	(void)state;
	h->config.n_accounts = 1;
	house_start(h);
	assert_int_equal(ask(h, "GET /chat HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 404);
	assert_int_equal(ask(h, "GET /chat/plain HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 404);
	assert_int_equal(ask(h, "GET /hooks/web HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 404);
}

static void set_case(void)
{
	struct slice parts[3];

	told_case = (struct case_row){.contact = 7, .channel = S("sms"), .status = CASE_ACCEPTED, .purpose = S("demand"),
				      .text = S("the story"), .fields = S("{\"phone\":{\"value\":\"13800138000\"}}"), .created_at = 1000};
	assert_true(case_number_read(h->arena, case_number_make(h->arena, 1795000000000, h->config.zone, 42), &told_case.number));
	parts[0] = S("code");
	parts[1] = told_case.number;
	parts[2] = S("1234567890");
	told_case.code = secret_hash16(&h->key, parts, 3);
}

static int ask_status(const char *number, const char *code)
{
	char request[500], body[200];

	snprintf(body, sizeof body, "number=%s&code=%s", number, code);
	snprintf(request, sizeof request, "POST /status?lang=en HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
		 "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
	return ask(h, request, out, sizeof out);
}

static void test_status_page(void **state)
{
	char number[40];

	(void)state;
	set_case();
	keep(number, sizeof number, told_case.number);
	house_start(h);
	assert_int_equal(ask_status(number, "12345+67890"), 200);
	assert_non_null(strstr(out, "accepted and being handled"));
	assert_null(strstr(out, "the story"));
	assert_int_equal(ask_status(number, "1234567891"), 200);
	assert_non_null(strstr(out, "do not belong together"));
	assert_int_equal(ask_status("261121-0042-9", "1234567890"), 200);
	assert_non_null(strstr(out, "no case number"));
	for (int i = 0; i < 8; i++)
		assert_int_equal(ask_status(number, "1"), 200);
	assert_int_equal(ask_status(number, "1234567890"), 429);
}

/* ---- the API ------------------------------------------------------------------------------------------------------- */

static int api(const char *method, const char *path, const char *key, const char *body)
{
	char request[2000];

	if (*body)
		snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: once-1\r\n"
			 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", method, path, key, strlen(body), body);
	else
		snprintf(request, sizeof request, "%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", method, path, key);
	return ask(h, request, out, sizeof out);
}

static void test_api_reads(void **state)
{
	char path[100], number[40];
	const char *why = "";

	(void)state;
	set_case();
	keep(number, sizeof number, told_case.number);
	house_start(h);
	assert_int_equal(api("GET", "/api/v1/cases", "wrong", ""), 401);
	assert_non_null(strstr(out, "{\"error\":{\"code\":\"key\",\"what\":"));
	assert_int_equal(ask(h, "GET /api/v1/cases HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 401);
	assert_int_equal(api("GET", "/api/v1/cases?status=accepted&limit=1", "reader-key", ""), 200);
	assert_non_null(strstr(out, number));
	assert_non_null(strstr(out, "\"next_before\":1000"));
	assert_int_equal(api("GET", "/api/v1/cases?status=nonsense", "reader-key", ""), 400);
	assert_int_equal(api("GET", "/api/v1/cases?limit=0", "reader-key", ""), 400);
	snprintf(path, sizeof path, "/api/v1/cases/%s", number);
	assert_int_equal(api("GET", path, "reader-key", ""), 200);
	assert_non_null(json_read(h->arena, slice_of(strstr(out, "\r\n\r\n") + 4), &why));
	assert_non_null(strstr(out, "\"verb\":\"accept\""));
	assert_non_null(strstr(out, "\"provider_id\":\"SM1\""));
	assert_non_null(strstr(out, "\"to\":\"***00\""));
	assert_null(strstr(out, "+8613800138000"));
	assert_non_null(strstr(out, "\"contact\":7"));
	told_case.confidential = true;
	assert_int_equal(api("GET", path, "reader-key", ""), 200);
	assert_null(strstr(out, "\"contact\""));
	assert_null(strstr(out, "13800138000"));
	assert_null(strstr(out, "***"));
	assert_int_equal(api("GET", "/api/v1/cases/261121-0042-0", "reader-key", ""), 404);
	assert_int_equal(api("GET", "/api/v1/queue", "reader-key", ""), 200);
	assert_non_null(strstr(out, "\"urgent\":true"));
	assert_int_equal(api("GET", "/api/v1/counts?day=2026-11-21", "reader-key", ""), 200);
	assert_non_null(strstr(out, "{\"channel\":\"sms\",\"fate\":\"received\",\"n\":3}"));
	assert_int_equal(api("GET", "/api/v1/nothing", "reader-key", ""), 404);
	assert_int_equal(api("GET", "/api/v1/", "reader-key", ""), 404);
	assert_int_equal(api("POST", "/api/v1/", "secret-key", "{}"), 404);
	assert_int_equal(ask(h, "GET /api/v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n", out, sizeof out), 200);
	assert_non_null(json_read(h->arena, slice_of(strstr(out, "\r\n\r\n") + 4), &why));
}

static void test_api_writes(void **state)
{
	char path[100], number[40];

	(void)state;
	set_case();
	keep(number, sizeof number, told_case.number);
	house_start(h);
	snprintf(path, sizeof path, "/api/v1/cases/%s/accept", number);
	assert_int_equal(api("POST", path, "reader-key", "{\"route\":\"direct\"}"), 403);
	assert_int_equal(h->staff, 0);
	assert_int_equal(api("POST", path, "secret-key", "{\"route\":\"direct\",\"due\":5}"), 200);
	assert_non_null(strstr(out, "{\"status\":\"accepted\"}"));
	assert_string_equal(h->last_verb, "accept");
	assert_string_equal(h->last_actor, "api:clerk");
	assert_string_equal(h->last_key, "once-1");
	assert_string_equal(h->last_case, number);
	assert_string_equal(h->last_text, "direct");
	assert_int_equal(api("POST", path, "secret-key", "{\"route\":[1]}"), 400);
	assert_int_equal(api("POST", path, "secret-key", "[1]"), 400);
	assert_int_equal(api("POST", path, "secret-key", "{"), 400);
	snprintf(path, sizeof path, "/api/v1/cases/%s/explode", number);
	assert_int_equal(api("POST", path, "secret-key", "{}"), 404);
	snprintf(path, sizeof path, "{\"case\":\"%s\",\"text\":\"hello\"}", number);
	assert_int_equal(api("POST", "/api/v1/messages", "secret-key", path), 200);
	assert_string_equal(h->last_verb, "message");
	assert_string_equal(h->last_text, "hello");
	assert_int_equal(api("POST", "/api/v1/messages", "secret-key", "{\"case\":\"1\",\"text\":\"x\"}"), 404);
	assert_int_equal(api("POST", "/api/v1/messages", "secret-key", "{\"case\":\"1\"}"), 400);
	h->play = PLAY_AGAIN;
	snprintf(path, sizeof path, "/api/v1/cases/%s/note", number);
	assert_int_equal(api("POST", path, "secret-key", "{\"message\":\"x\"}"), 503);
	assert_int_equal(h->staff, 3);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_hello_and_message), T(test_acknowledged_after_release), T(test_push_to_all_pages), T(test_resume),
		T(test_seen_is_an_event), T(test_window), T(test_hostile_frames), T(test_rate), T(test_many_chats), T(test_upgrade_needs_the_protocol),
		T(test_upload), T(test_magic), T(test_page), T(test_plain_page), T(test_no_content_type), T(test_no_chat), T(test_status_page),
		T(test_api_reads), T(test_api_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

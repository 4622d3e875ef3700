/*
 * What a stranger may say to the web chat and to the small readers of the server: no frame, however torn, breaks a
 * session; what it puts on the queue is sound; no cookie, address, token or page mark reads beyond its bytes.
 * The file stands in for http.c: nothing is ever sent.
 */
#include <stdlib.h>
#include <string.h>

#include "server/inside.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void conn_want_write(struct conn *c) { (void)c; }
void conn_hang_up(struct conn *c) { (void)c; }
void conn_deadline(struct conn *c, int64_t ms) { c->deadline = ms; }
void conn_wait(struct conn *c) { (void)c; }
void conn_answer(struct conn *c, const struct response *r) { c->answer = *r; }
bool conn_send_frame(struct conn *c, char *data, size_t len) { return c && data && len; }
bool http_open(struct server *s, struct arena *a, struct slice *why) { return !s || !a || !why; }
void http_run(struct server *s) { s->over = true; }
void http_close(struct server *s) { s->wire = NULL; }
void http_wake(struct server *s) { (void)s; }

static struct config config;
static struct account web;
static struct window window = {.key = {"W3", 2}};

static void make_config(void)
{
	const struct channel *chat = channel_find(S("webchat"));

	if (!chat)
		abort();
	web = (struct account){.channel = chat, .name = S("web")};
	config.state = S("/nonexistent");
	config.accounts = &web;
	config.n_accounts = 1;
	config.windows = &window;
	config.n_windows = 1;
	config.limits.body = 65536;
	config.limits.chat_idle_ms = 1000;
	config.holders = 1000000;
}

static void check_event(struct event *e)
{
	if (e->kind == EVENT_MESSAGE && (!utf8_valid(e->message.text) || e->message.text.len > MESSAGE_MAX_TEXT_BYTES ||
					 e->message.n_media > MESSAGE_MAX_MEDIA || e->message.from.len != 64))
		abort();
	event_close(&e);
}

/* Frames are cut where a byte 0xff stands: said whole; after 0xfe: the first of several pieces. */
static void talk(struct conn *c, struct slice all)
{
	static const char hello[] = "{\"hello\":{\"after\":\"0\"}}";
	struct slice piece;
	bool first = true, open;

	if (all.len && all.data[0] & 1)
		chat_receive(c, S(hello), true, true);
	while (slice_next(&all, '\xff', &piece)) {
		bool more = piece.len && piece.data[0] == '\xfe';

		open = chat_receive(c, slice_from(piece, more), first, !more);
		first = !more;
		if (!open)
			return;
		chat_write(c);
	}
}

static void read_small(struct slice text)
{
	struct arena *a = arena_open(0);
	struct slice lang = S("\"<en>\"");
	struct response r = {.status = 200, .content_type = S("text/plain"), .body = text};
	char *out = malloc(answer_size(&r));
	uint8_t address[16];

	if (address_read(text, address) && !address_text(a, address).len)
		abort();
	cookie_get(text, "huiyin_chat");
	type_is(text, "text/html");
	token_valid(text);
	if (page_fill(a, text, "LANG", &lang, (char *)NULL).len > text.len * 4 + 16)
		abort();
	if (answer_write(&r, true, false, out, answer_size(&r)) > answer_size(&r))
		abort();
	free(out);
	arena_close(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t home[16] = {[15] = 1};
	struct server s = {.number = 1};
	struct event *events[64];
	struct conn *c;
	size_t n;

	if (!web.channel) {
		if (!secret_start())
			abort();
		make_config();
	}
	s.queue = queue_open(64, 1);
	s.conns = conns_open();
	s.chats = chats_open();
	s.view.config = &config;
	s.view.chat = &web;
	c = conn_open(&s, home);
	c->state = CONN_CHAT;
	chat_open(c);
	talk(c, slice_make((const char *)data, size));
	while ((n = queue_take(s.queue, events, 64, 0))) {
		for (size_t i = 0; i < n; i++)
			check_event(events[i]);
	}
	chat_close(c);
	conn_close(c);
	conns_close(&s.conns);
	chats_close(&s.chats);
	queue_close(&s.queue);
	read_small(slice_make((const char *)data, size));
	return 0;
}

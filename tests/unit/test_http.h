/*
 * A server on loopback for tests: a config made by hand, a channel and a store that do as told, and a thread that plays
 * the engine (takes from the queue, releases). Requests are raw bytes on a socket.
 */
#ifndef HUIYIN_TEST_HTTP_H
#define HUIYIN_TEST_HTTP_H

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "huiyin/json.h"
#include "server/server.h"

/* What the engine does with what it takes. */
enum play { PLAY_DONE, PLAY_AGAIN, PLAY_BAD, PLAY_HOLD };

struct house {
	struct arena *arena;
	struct config config;
	struct account accounts[3];
	struct queue *queue;
	struct server *server;
	struct store store;
	struct key key;
	pthread_t engine;
	_Atomic enum play play;
	_Atomic bool ending;
	_Atomic int taken, messages, seen, lost, staff;
	_Atomic int delay_ms;
	struct release *held, **held_end;
	pthread_mutex_t lock;
	char last_text[8192], last_rid[40], last_from[80], last_button[64], last_scan[64], last_verb[32], last_actor[64],
		last_case[32], last_key[64], last_lang[8], last_url[256];
	size_t last_text_len, last_media;
	bool last_cut;
	int64_t last_up_to;
	int port;
	char state[64];
};

static struct house *the_house; /* one a test */

/* The real ones are in config.c; a test that links without it brings these. */
__attribute__((weak)) struct config *config_hold(struct config *c)
{
	atomic_fetch_add(&c->holders, 1);
	return c;
}

__attribute__((weak)) void config_release(struct config **c)
{
	if (*c)
		atomic_fetch_sub(&(*c)->holders, 1);
	*c = NULL;
}

__attribute__((weak)) const struct window *config_window(const struct config *c, struct slice key)
{
	for (size_t i = 0; i < c->n_windows; i++) {
		if (slice_equal(c->windows[i].key, key))
			return &c->windows[i];
	}
	return NULL;
}

__attribute__((weak)) const char *delivery_state_name(enum delivery_state s)
{
	return s == DELIVERY_DELIVERED ? "delivered" : "other";
}

/* ---- a channel that does as told ---------------------------------------------------------------------------------- */

static enum verdict told_verify(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
				struct response *handshake)
{
	struct form f = {0};

	(void)acc;
	(void)now;
	form_read(a, r->query, &f);
	if (form_has(&f, "echo")) {
		handshake->status = 200;
		handshake->content_type = S("text/plain");
		handshake->body = form_get(&f, "echo");
		return VERDICT_HANDSHAKE;
	}
	return slice_is(request_header(r, "x-told"), "good") ? VERDICT_ACCEPT : VERDICT_REJECT;
}

/* Body "text=…&n=3": n events with that text. GET: the same from the query. */
static enum result told_parse(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			      struct parsed *out, const char **why)
{
	struct form f = {0};
	int64_t n = 1;

	(void)acc;
	if (!form_read(a, r->body.len ? r->body : r->query, &f) || !form_has(&f, "text")) {
		*why = "no text";
		return INVALID;
	}
	if (form_has(&f, "n"))
		slice_to_int(form_get(&f, "n"), &n);
	for (int64_t i = 0; i < n; i++) {
		struct event *e = parsed_add(out, a, EVENT_MESSAGE, now);

		e->message.from = S("+15550001");
		e->message.text = form_get(&f, "text");
		e->message.id = arena_printf(a, "m%lld", (long long)i);
		e->message.name = r->url;
		e->message.to = r->peer;
	}
	return OK;
}

static void told_acknowledge(const struct account *acc, enum ack ack, const struct slice *texts, size_t n, struct arena *a,
			     struct response *out)
{
	struct buf b = buf_in(a, 65536);

	(void)acc;
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_add_char(&b, '|');
		buf_add(&b, texts[i]);
	}
	out->status = ack == ACK_DONE ? 200 : ack == ACK_AGAIN ? 503 : 400;
	out->content_type = S("text/plain");
	if (ack == ACK_AGAIN)
		out->extra_headers = S("retry-after: 5\r\n");
	out->body = buf_slice(&b);
}

static const char *const told_private[] = {"x-told", NULL};
static const struct channel told_channel = {
	.name = "told", .about = "a channel for tests", .able = {.inline_reply = true}, .private_headers = told_private,
	.verify = told_verify, .parse = told_parse, .acknowledge = told_acknowledge,
};

/* ---- a store to read from ------------------------------------------------------------------------------------------ */

static struct reader told_reader;
static struct chat_line told_lines[4];
static size_t told_n_lines;
static struct case_row told_case;

static struct reader *told_reader_open(struct store *s)
{
	told_reader.kind = s->kind;
	return &told_reader;
}

static void told_reader_close(struct reader *r)
{
	(void)r;
}

static enum result told_find_contact(struct reader *r, struct hash16 hash, struct arena *a, struct contact **out)
{
	(void)r;
	*out = ARENA_NEW(a, struct contact);
	(*out)->id = 7;
	(*out)->hash = hash;
	return OK;
}

static enum result told_history(struct reader *r, int64_t contact, int64_t after, size_t max, struct arena *a,
				struct chat_line **out, size_t *n)
{
	(void)r;
	assert_int_equal(contact, 7);
	*out = ARENA_ARRAY(a, struct chat_line, max);
	*n = 0;
	for (size_t i = 0; i < told_n_lines && *n < max; i++) {
		if (told_lines[i].id > after)
			(*out)[(*n)++] = told_lines[i];
	}
	return OK;
}

static enum result told_find_case(struct reader *r, struct slice number, struct arena *a, struct case_row **out,
				  struct case_event **events, size_t *n)
{
	(void)r;
	*out = NULL;
	*n = 1;
	*events = ARENA_NEW(a, struct case_event);
	**events = (struct case_event){.number = number, .at = 1000, .actor = S("api:clerk"), .verb = S("accept"),
				       .detail = S("{\"route\":\"direct\"}")};
	if (!slice_equal(number, told_case.number))
		return NEVER;
	*out = ARENA_NEW(a, struct case_row);
	**out = told_case;
	return OK;
}

static enum result told_find_cases(struct reader *r, struct slice status, int64_t before, size_t max, struct arena *a,
				   struct case_row **out, size_t *n)
{
	(void)r;
	(void)status;
	(void)before;
	(void)max;
	*out = ARENA_NEW(a, struct case_row);
	**out = told_case;
	*n = 1;
	return OK;
}

static enum result told_find_handovers(struct reader *r, size_t max, struct arena *a, struct handover **out, size_t *n)
{
	(void)r;
	(void)max;
	*out = ARENA_NEW(a, struct handover);
	**out = (struct handover){.id = 9, .contact = 7, .reason = S("urgent"), .text = S("help"), .urgent = true, .at = 1000};
	*n = 1;
	return OK;
}

static enum result told_find_outbox(struct reader *r, struct slice number, struct arena *a, struct outbox_row **out, size_t *n)
{
	(void)r;
	(void)number;
	*out = ARENA_NEW(a, struct outbox_row);
	**out = (struct outbox_row){.m = {.id = 11, .to = S("+8613800138000"), .text = S("accepted")}, .channel = S("sms"),
				    .state = DELIVERY_DELIVERED, .provider_id = S("SM1"), .code = S("0")};
	*n = 1;
	return OK;
}

static enum result told_find_counts(struct reader *r, struct slice day, struct arena *a, struct count **out, size_t *n)
{
	(void)r;
	(void)day;
	*out = ARENA_NEW(a, struct count);
	**out = (struct count){S("sms"), S("received"), 3};
	*n = 1;
	return OK;
}

static const struct store_kind told_store = {
	.scheme = "told", .reader_open = told_reader_open, .reader_close = told_reader_close,
	.find_contact = told_find_contact, .history = told_history, .find_case = told_find_case,
	.find_cases = told_find_cases, .find_handovers = told_find_handovers, .find_outbox = told_find_outbox,
	.find_counts = told_find_counts,
};

/* ---- the engine ---------------------------------------------------------------------------------------------------- */

static void keep(char *to, size_t room, struct slice s)
{
	size_t n = s.len < room - 1 ? s.len : room - 1;

	memcpy(to, s.data ? s.data : "", n);
	to[n] = 0;
}

static void remember(struct house *h, const struct event *e)
{
	pthread_mutex_lock(&h->lock);
	keep(h->last_rid, sizeof h->last_rid, e->rid);
	if (e->kind == EVENT_MESSAGE) {
		h->messages++;
		h->last_text_len = e->message.text.len;
		h->last_media = e->message.n_media;
		h->last_cut = e->message.cut;
		keep(h->last_text, sizeof h->last_text, e->message.text);
		keep(h->last_from, sizeof h->last_from, e->message.from);
		keep(h->last_button, sizeof h->last_button, e->message.button);
		keep(h->last_scan, sizeof h->last_scan, e->message.scan);
		keep(h->last_lang, sizeof h->last_lang, e->message.lang);
		keep(h->last_url, sizeof h->last_url, e->message.name);
	} else if (e->kind == EVENT_SEEN) {
		h->seen++;
		h->lost += e->seen.inline_lost;
		h->last_up_to = e->seen.up_to;
	} else if (e->kind == EVENT_STAFF) {
		h->staff++;
		keep(h->last_verb, sizeof h->last_verb, e->staff.verb);
		keep(h->last_actor, sizeof h->last_actor, e->staff.actor);
		keep(h->last_case, sizeof h->last_case, e->staff.case_number);
		keep(h->last_key, sizeof h->last_key, e->staff.idempotency_key);
		if (e->staff.n_args)
			keep(h->last_text, sizeof h->last_text, e->staff.args[0].value);
	}
	pthread_mutex_unlock(&h->lock);
}

static struct release *answer_event(struct house *h, struct event *e)
{
	struct release *r = ARENA_NEW(e->arena, struct release);

	r->event = e;
	r->ack = h->play == PLAY_AGAIN ? ACK_AGAIN : h->play == PLAY_BAD ? ACK_BAD : ACK_DONE;
	if (e->kind == EVENT_MESSAGE && r->ack == ACK_DONE)
		r->texts[r->n_texts++] = arena_printf(e->arena, "re:" SLICE_FMT, SLICE_ARG(e->message.text));
	if (e->kind == EVENT_MESSAGE && e->channel == 1 && r->ack == ACK_DONE) { /* the web chat: pushed, not inline */
		struct slice parts[2] = {S("web"), e->message.from};

		r->n_texts = 0;
		r->n_pushes = 1;
		r->pushes = ARENA_NEW(e->arena, struct push);
		r->pushes[0].contact = secret_hash16(&h->key, parts, 2);
		r->pushes[0].id = e->id + 1;
		r->pushes[0].at = e->at;
		r->pushes[0].text = arena_printf(e->arena, "re:" SLICE_FMT, SLICE_ARG(e->message.text));
		r->pushes[0].buttons[0] = (struct button){S("1"), S("one")};
		r->pushes[0].n_buttons = 1;
	}
	if (e->kind == EVENT_STAFF) {
		r->status = 200;
		r->body = S("{\"status\":\"accepted\"}");
	}
	return r;
}

static void *play_engine(void *with)
{
	struct house *h = with;
	struct event *list[64];

	while (!h->ending) {
		size_t n = queue_take(h->queue, list, 64, 50);
		struct release *all = NULL, **end = &all;

		if (n && h->delay_ms)
			usleep((useconds_t)h->delay_ms * 1000);
		for (size_t i = 0; i < n; i++) {
			struct release *r;

			remember(h, list[i]);
			r = answer_event(h, list[i]);
			h->taken++;
			if (h->play == PLAY_HOLD && list[i]->kind != EVENT_SEEN) {
				pthread_mutex_lock(&h->lock);
				*h->held_end = r;
				h->held_end = &r->next;
				pthread_mutex_unlock(&h->lock);
				continue;
			}
			*end = r;
			end = &r->next;
		}
		server_release(h->server, all);
	}
	return NULL;
}

static inline void let_go(struct house *h)
{
	struct release *all;

	pthread_mutex_lock(&h->lock);
	all = h->held;
	h->held = NULL;
	h->held_end = &h->held;
	pthread_mutex_unlock(&h->lock);
	server_release(h->server, all);
}

/* ---- start and stop ------------------------------------------------------------------------------------------------ */

static const struct channel *told_chat; /* the web chat's, or null: none */

static inline void house_config(struct house *h)
{
	struct config *c = &h->config;
	static struct slice proxies[1];
	static struct api_key keys[2];
	static struct window windows[1];
	struct slice secret = S("secret-key"), reader = S("reader-key");

	c->arena = h->arena;
	c->listen = S("127.0.0.1");
	c->public_url = S("https://office.example");
	c->lang = S("zh");
	c->office_zh = S("某县信访局");
	c->office_en = S("Office <of> complaints");
	keep(h->state, sizeof h->state, S("/tmp/huiyin-http-XXXXXX"));
	assert_non_null(mkdtemp(h->state));
	c->state = slice_of(h->state);
	c->zone = zone_open("Asia/Shanghai");
	c->limits.body = 262144;
	c->limits.url = 2048;
	c->limits.headers = 4096;
	c->limits.connections = 500;
	c->limits.per_address = 100;
	c->limits.upload = 1 << 20;
	c->limits.head_ms = 600;
	c->limits.request_ms = 1200;
	c->limits.chat_idle_ms = 3600000;
	h->accounts[0] = (struct account){.channel = &told_channel, .name = S("told"), .signature = SIGNATURE_ENFORCE,
					  .public_url = S("https://office.example")};
	h->accounts[1] = (struct account){.channel = told_chat, .name = S("web"), .index = 1};
	c->accounts = h->accounts;
	c->n_accounts = told_chat ? 2 : 1;
	proxies[0] = S("127.0.0.2");
	c->trusted_proxies = proxies;
	c->n_proxies = 1;
	memset(keys, 0, sizeof keys);
	keys[0] = (struct api_key){.name = S("clerk"), .may_read = true, .may_write = true, .may_send = true};
	digest_of(SHA256, &secret, 1, keys[0].sha256);
	keys[1] = (struct api_key){.name = S("reader"), .may_read = true};
	digest_of(SHA256, &reader, 1, keys[1].sha256);
	c->keys = keys;
	c->n_keys = 2;
	windows[0] = (struct window){.key = S("W3")};
	c->windows = windows;
	c->n_windows = 1;
}

static inline void house_start(struct house *h)
{
	struct server_options o = {.config = &h->config, .queue = h->queue, .store = &h->store, .key = &h->key};
	struct slice why = {0};

	h->server = server_start(&o, h->arena, &why);
	if (!h->server)
		fail_msg(SLICE_FMT, SLICE_ARG(why));
	h->port = server_port(h->server);
	pthread_create(&h->engine, NULL, play_engine, h);
}

static inline struct house *house_open(size_t queue_most)
{
	struct house *h = calloc(1, sizeof *h);

	assert_true(secret_start());
	log_setup(LOG_ERROR_, LOG_LOGFMT);
	h->arena = arena_open(0);
	h->held_end = &h->held;
	pthread_mutex_init(&h->lock, NULL);
	h->queue = queue_open(queue_most, 1);
	h->store.kind = &told_store;
	h->key.bytes[0] = 9;
	house_config(h);
	the_house = h;
	return h;
}

static inline void house_close(struct house *h)
{
	struct server *s = h->server; /* the engine still holds the pointer: that must be harmless */
	char command[128];

	server_stop(&s, 200);
	h->ending = true;
	queue_wake(h->queue);
	pthread_join(h->engine, NULL);
	h->play = PLAY_DONE;
	let_go(h); /* the server is gone: frees them */
	queue_close(&h->queue);
	assert_int_equal(h->config.holders, 0);
	zone_close(&h->config.zone);
	snprintf(command, sizeof command, "%s/media", h->state);
	rmdir(command);
	rmdir(h->state);
	arena_close(&h->arena);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

/* What the engine's thread noted may be read by the test after this. */
static inline void look(void)
{
	pthread_mutex_lock(&the_house->lock);
	pthread_mutex_unlock(&the_house->lock);
}

static inline void rest(int us)
{
	usleep((useconds_t)us);
	look();
}

/* ---- raw sockets ---------------------------------------------------------------------------------------------------- */

/* From 127.0.0.1, or from 127.0.0.2, which the config trusts as a proxy. */
static inline int dial(const struct house *h, bool proxy)
{
	struct sockaddr_in me = {.sin_family = AF_INET}, to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)h->port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	me.sin_addr.s_addr = htonl(proxy ? 0x7f000002 : 0x7f000001);
	to.sin_addr.s_addr = htonl(0x7f000001);
	assert_int_equal(bind(fd, (struct sockaddr *)&me, sizeof me), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static inline void put_bytes(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

static inline void put_text(int fd, const char *text)
{
	put_bytes(fd, text, strlen(text));
}

/* Reads until `until` is seen (null: until the other side closes), at most `ms`. Gives the number of bytes. */
static inline size_t get_bytes(int fd, char *out, size_t room, const char *until, int ms)
{
	struct mono from = clock_mono();
	size_t n = 0;

	out[0] = 0;
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = ms - mono_since(from, clock_mono());
		ssize_t k;

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			break;
		k = recv(fd, out + n, room - 1 - n, 0);
		if (k <= 0)
			break;
		n += (size_t)k;
		out[n] = 0;
		if (until && strstr(out, until))
			break;
	}
	look();
	return n;
}

static inline bool is_closed(int fd, int ms)
{
	char rest[4096];
	struct mono from = clock_mono();

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = ms - mono_since(from, clock_mono());

		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			return false;
		if (recv(fd, rest, sizeof rest, 0) <= 0)
			return true;
	}
}

/* One request on a fresh connection; the whole answer, until it is closed. */
static inline int ask(const struct house *h, const char *request, char *out, size_t room)
{
	int fd = dial(h, false), status = 0;

	put_text(fd, request);
	get_bytes(fd, out, room, NULL, 5000);
	close(fd);
	sscanf(out, "HTTP/1.1 %d", &status);
	return status;
}

#endif

/*
 * HTTP and WebSocket on libwebsockets: the only file that knows it. It moves bytes between sockets and rooms.
 *
 * The rules of libwebsockets 4.1.6 (each has a test in test_http.c; reliability.md 4.1). Fatal is to break the first
 * three: one client would stop the whole gateway.
 *  - A request that follows in the same segment as a body is parsed from libwebsockets' own buffer, and then
 *    lws_service never returns. So only a trusted proxy's connection lives on, only after a POST with a body, and not if
 *    body-completion fired twice (which says that more bytes are there). All else closes.
 *  - Bytes that come while an answer is owed make the loop spin. So the socket is not read meanwhile. The library does
 *    not call back for writing either then: reading is resumed before the answer, and a request without a body is
 *    answered directly and its connection killed.
 *  - The pointer `in` of the upgrade callback may be freed memory: it is never read.
 *  - Body-completion comes again: `state` lets it act once. Length, transfer coding, CONNECT and h2c are refused here.
 *    Trickled bodies are never timed out by the library: deadlines of our own are swept (not lws_set_timer_usecs: to
 *    cancel it fires it in 4.1.6, and it is sorted into one list with the timers of every idle chat).
 */
#define SHA1 openssl_SHA1 /* the library's header brings in OpenSSL's, whose functions have the names of our digests */
#define SHA256 openssl_SHA256
#define SHA512 openssl_SHA512
#include <libwebsockets.h>
#undef SHA1
#undef SHA256
#undef SHA512
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "server/inside.h"
#include "huiyin/crash.h"

#define SCRATCH_BYTES ((size_t)64 << 10)
#define CHAT_RX_BYTES 2048
#define LENGTH_DIGITS_MAX 7
#define SWEEP_MS 100         /* how late a deadline may be seen */
#define KEPT_IDLE_MS 60000 /* a proxy's connection between two requests */

_Static_assert(FRAME_ROOM >= LWS_PRE, "room before a frame");

static struct server *server_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static void count_answer(struct server *s, int status)
{
	if (status < 300)
		s->counters.answered_2xx++;
	else if (status < 400)
		s->counters.answered_3xx++;
	else if (status < 500)
		s->counters.answered_4xx++;
	else
		s->counters.answered_5xx++;
}

static void settle(struct conn *c)
{
	if (!c->owed)
		return;
	c->owed = false;
	if (!--c->server->waiting && c->server->stopping)
		server_quiet(c->server);
}

/* Head and body in one write. What the socket does not take at once the library keeps and sends. */
static bool send_answer(struct conn *c)
{
	struct server *s = c->server;
	size_t need = LWS_PRE + answer_size(&c->answer);
	char *big = need > SCRATCH_BYTES ? malloc(need) : NULL;
	char *out = (need > SCRATCH_BYTES ? big : s->scratch);
	size_t n;
	bool sent;

	if (!out)
		exhausted("%zu bytes for an answer", need);
	crash_point("before_answer");
	n = answer_write(&c->answer, c->keep, c->head_only, out + LWS_PRE, need - LWS_PRE);
	sent = n && lws_write(c->wire, (unsigned char *)out + LWS_PRE, n, LWS_WRITE_HTTP_FINAL) == (int)n;
	crash_point("answer_written");
	count_answer(s, c->answer.status);
	free(big);
	if (!sent && c->room && c->room->gone)
		c->room->gone(c);
	conn_forget_request(c);
	c->state = CONN_DRAINING;
	settle(c);
	return sent;
}

/* Refused before the body was read: the answer goes out, then the body is read and thrown away for a while, because
   closing a socket with unread bytes resets it and the client would not see why. */
static int send_and_drain(struct conn *c)
{
	bool body = c->length > c->got;

	if (!send_answer(c) || !body)
		return -1;
	conn_deadline(c, LINGER_MS);
	return 0;
}

void conn_answer(struct conn *c, const struct response *r)
{
	if (c->state != CONN_WAITING && c->state != CONN_SERVING && c->state != CONN_BODY)
		return;
	c->answer = *r;
	if (c->state != CONN_WAITING) { /* the callback that is running writes it, or asks to */
		c->state = CONN_ANSWERING;
		return;
	}
	c->state = CONN_ANSWERING;
	lws_rx_flow_control(c->wire, 1);
	if (!c->direct) {
		lws_callback_on_writable(c->wire);
		return;
	}
	send_answer(c);
	conn_hang_up(c);
}

void conn_wait(struct conn *c)
{
	if (c->state != CONN_SERVING)
		return;
	c->state = CONN_WAITING;
	c->owed = true;
	c->server->waiting++;
	lws_rx_flow_control(c->wire, 0);
}

void conn_want_write(struct conn *c)
{
	lws_callback_on_writable(c->wire);
}

/* A byte that comes before the library gets to it starts a timeout of its own in place of this one: so, once more. */
void conn_hang_up(struct conn *c)
{
	c->ending = true;
	conn_deadline(c, 0);
	lws_set_timeout(c->wire, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

void conn_deadline(struct conn *c, int64_t ms)
{
	c->deadline = clock_mono().ms + (c->ending ? SWEEP_MS : ms);
}

bool conn_send_frame(struct conn *c, char *data, size_t len)
{
	return lws_write(c->wire, (unsigned char *)data, len, LWS_WRITE_TEXT) >= (int)len;
}

/* ---- reading a request head --------------------------------------------------------------------------------------- */

static const struct { enum lws_token_indexes token; const char *name; } known_headers[] = {
	{WSI_TOKEN_HTTP_CONTENT_TYPE, "content-type"},
	{WSI_TOKEN_HTTP_AUTHORIZATION, "authorization"},
	{WSI_TOKEN_HTTP_USER_AGENT, "user-agent"},
	{WSI_TOKEN_HTTP_COOKIE, "cookie"},
	{WSI_TOKEN_HTTP_ACCEPT_LANGUAGE, "accept-language"},
	{WSI_TOKEN_HTTP_IF_NONE_MATCH, "if-none-match"},
	{WSI_TOKEN_HTTP_DATE, "date"},
	{WSI_TOKEN_X_AUTH_TOKEN, "x-auth-token"},
	{WSI_TOKEN_ORIGIN, "origin"},
	{WSI_TOKEN_HOST, "host"},
};
#define KNOWN_HEADERS (sizeof known_headers / sizeof *known_headers)

static struct slice copy_token(struct lws *wsi, struct arena *a, enum lws_token_indexes token)
{
	int n = lws_hdr_total_length(wsi, token);
	char *to;

	if (n <= 0)
		return (struct slice){0};
	to = arena_alloc(a, (size_t)n + 1);
	n = lws_hdr_copy(wsi, to, n + 1, token);
	return slice_make(to, n > 0 ? (size_t)n : 0);
}

static void add_custom(struct lws *wsi, struct conn *c, const char *name_colon)
{
	int len = (int)strlen(name_colon), n = lws_hdr_custom_length(wsi, name_colon, len);
	struct request *r = c->request;
	char *to;

	if (n < 0)
		return;
	to = arena_alloc(c->arena, (size_t)n + 1);
	n = lws_hdr_custom_copy(wsi, to, n + 1, name_colon, len);
	r->headers[r->n_headers++] = (struct field){slice_make(name_colon, (size_t)len - 1),
						    slice_trim(slice_make(to, n > 0 ? (size_t)n : 0))};
}

/* The library decodes the query before anyone sees it, an argument a fragment; it is encoded again here. What a
   signature covers is this canonical form. */
static struct slice read_query(struct lws *wsi, struct arena *a)
{
	int total = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS);
	struct buf out;
	char *piece;

	if (total <= 0)
		return (struct slice){0};
	piece = arena_alloc(a, (size_t)total + 2);
	out = buf_in(a, (size_t)total * 3 + 64);
	for (int i = 0;; i++) {
		int n = lws_hdr_copy_fragment(wsi, piece, total + 2, WSI_TOKEN_HTTP_URI_ARGS, i);
		struct slice whole = slice_make(piece, n > 0 ? (size_t)n : 0), name;
		bool equals;

		if (n < 0)
			break;
		if (!n)
			continue;
		equals = slice_find(whole, S("=")) < whole.len;
		slice_next(&whole, '=', &name);
		if (out.len)
			buf_add_char(&out, '&');
		url_put(&out, name);
		if (equals)
			buf_add_char(&out, '=');
		url_put(&out, whole);
	}
	return buf_slice(&out);
}

/* The client behind our own proxy: the last address it names. */
static struct slice read_peer(struct lws *wsi, struct conn *c)
{
	struct slice all, last = {0}, piece;
	uint8_t address[16];

	if (c->trusted) {
		all = copy_token(wsi, c->arena, WSI_TOKEN_X_FORWARDED_FOR);
		while (slice_next(&all, ',', &piece))
			last = slice_trim(piece);
		if (last.len && address_read(last, address))
			return address_text(c->arena, address);
	}
	if (!c->peer[0]) {
		struct slice text = address_text(c->arena, c->address);

		memcpy(c->peer, text.data, text.len < sizeof c->peer ? text.len : sizeof c->peer - 1);
	}
	return slice_of(c->peer);
}

static void read_headers(struct lws *wsi, struct conn *c)
{
	const struct header_names *names = c->account ? &c->server->view.names[c->account->index] : NULL;
	size_t most = KNOWN_HEADERS + 1 + (names ? names->n : 0);
	struct request *r = c->request;

	r->headers = ARENA_ARRAY(c->arena, struct field, most);
	for (size_t i = 0; i < KNOWN_HEADERS; i++) {
		struct slice v = copy_token(wsi, c->arena, known_headers[i].token);

		if (v.len)
			r->headers[r->n_headers++] = (struct field){slice_of(known_headers[i].name), slice_trim(v)};
	}
	if (!names)
		add_custom(wsi, c, "idempotency-key:");
	for (size_t i = 0; names && i < names->n; i++)
		add_custom(wsi, c, names->list[i]);
}

/* 0, or the status that refuses: reliability.md 4.1 on lengths and codings. */
static int check_length(struct lws *wsi, struct conn *c)
{
	char digits[LENGTH_DIGITS_MAX + 1];
	int n = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
	int64_t length;

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0)
		return 501;
	if (n <= 0)
		return c->method == METHOD_POST ? 411 : 0;
	if (n > LENGTH_DIGITS_MAX)
		return 400;
	n = lws_hdr_copy(wsi, digits, sizeof digits, WSI_TOKEN_HTTP_CONTENT_LENGTH);
	for (int i = 0; i < n; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return 400;
	}
	if (n <= 0 || !slice_to_int(slice_make(digits, (size_t)n), &length))
		return 400;
	if (c->method != METHOD_POST && length)
		return 400;
	c->length = (size_t)length;
	return 0;
}

static bool twice(struct lws *wsi, enum lws_token_indexes token)
{
	return lws_hdr_fragment_length(wsi, token, 1) > 0;
}

static int check_head(struct lws *wsi, struct conn *c, size_t path_len)
{
	int status;

	if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0)
		c->method = METHOD_GET;
	else if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0)
		c->method = METHOD_GET, c->head_only = true;
	else if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0)
		c->method = METHOD_POST;
	else
		return 405;
	if ((status = check_length(wsi, c)))
		return status;
	if (path_len + (size_t)lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_URI_ARGS) > (size_t)c->config->limits.url)
		return 414;
	if (twice(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE) || twice(wsi, WSI_TOKEN_HTTP_AUTHORIZATION) ||
	    twice(wsi, WSI_TOKEN_HOST))
		return 400;
	return c->server->stopping ? 503 : 0;
}

static void request_begin(struct lws *wsi, struct conn *c, struct slice path)
{
	c->config = config_hold(c->server->view.config);
	c->arena = arena_open(REQUEST_ARENA_BYTES);
	c->request = ARENA_NEW(c->arena, struct request);
	c->request->path = arena_copy(c->arena, path);
	c->state = CONN_SERVING;
	c->length = c->got = 0;
	c->head_only = c->pipelined = c->keep = c->direct = false;
	c->account = NULL;
	c->room = NULL;
	conn_new_id(c);
	conn_deadline(c, c->config->limits.request_ms);
	c->server->counters.requests++;
	(void)wsi;
}

/* After a room ran inside a callback: what goes back to the library. */
static int after_room(struct conn *c)
{
	if (c->state == CONN_ANSWERING && c->direct) {
		send_answer(c);
		return -1;
	}
	if (c->state == CONN_ANSWERING)
		lws_callback_on_writable(c->wire);
	return 0;
}

static int refuse(struct conn *c, int status)
{
	if (status == 404)
		answer_not_found(c);
	else
		answer_plain(c, status, status_words(status));
	return send_and_drain(c);
}

static int on_request(struct lws *wsi, struct conn *c, struct slice path)
{
	int status;

	if (c->state != CONN_IDLE)
		return -1;
	request_begin(wsi, c, path);
	status = check_head(wsi, c, path.len);
	if (!status)
		status = conn_find_room(c);
	if (status) {
		if (status == 411 || status == 501 || status == 400 || status == 405)
			c->length = 0; /* what follows cannot be told from a next request: close at once */
		return refuse(c, status);
	}
	c->request->method = c->method == METHOD_POST ? S("POST") : S("GET");
	c->request->query = read_query(wsi, c->arena);
	c->request->peer = read_peer(wsi, c);
	read_headers(wsi, c);
	c->direct = !c->length;
	c->keep = c->trusted && !c->direct;
	if (c->direct) {
		c->room->serve(c);
		return after_room(c);
	}
	if (c->room->body == BODY_NONE)
		return refuse(c, 400);
	if (c->room->body == BODY_STREAM) {
		if (c->room->begin && !c->room->begin(c))
			return send_and_drain(c);
	} else {
		c->body = arena_alloc(c->arena, c->length);
	}
	c->state = CONN_BODY;
	return 0;
}

static int on_body(struct conn *c, const char *data, size_t len)
{
	if (c->state != CONN_BODY)
		return 0;
	if (len > c->length - c->got)
		return -1;
	c->got += len;
	if (c->room->body == BODY_STREAM)
		return c->room->more(c, slice_make(data, len)) ? 0 : send_and_drain(c);
	memcpy(c->body + c->got - len, data, len);
	return 0;
}

static int on_body_complete(struct conn *c)
{
	if (c->state == CONN_DRAINING)
		return -1;
	if (c->state != CONN_BODY) { /* again: there are bytes behind this request */
		if (!c->pipelined)
			c->server->counters.pipelined++;
		c->pipelined = true;
		c->keep = false;
		return 0;
	}
	c->request->body = slice_make(c->body, c->body ? c->length : 0);
	c->state = CONN_SERVING;
	c->room->serve(c);
	return after_room(c);
}

static int on_writable(struct lws *wsi, struct conn *c)
{
	bool keep;

	if (c->state != CONN_ANSWERING)
		return 0;
	keep = c->keep && !c->pipelined && !c->server->stopping;
	c->keep = keep;
	if (!send_answer(c) || !keep)
		return -1;
	c->state = CONN_IDLE;
	conn_deadline(c, KEPT_IDLE_MS);
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/* ---- connections -------------------------------------------------------------------------------------------------- */

static int on_accept(struct server *s, int fd)
{
	const struct config *c = s->view.config;
	uint8_t address[16];
	bool full;

	if (s->stopping || !address_of_socket(fd, address))
		return -1;
	full = peers_total(s->peers) >= (size_t)c->limits.connections ||
	       (!address_is_proxy(c, address) && peers_add(s->peers, address, 0) >= (size_t)c->limits.per_address);
	s->counters.refused_connections += full;
	return full ? -1 : 0;
}

static int on_connected(struct lws *wsi, struct server *s)
{
	uint8_t address[16];
	struct conn *c;

	big_poll_fresh(lws_get_socket_fd(wsi));
	address_of_socket(lws_get_socket_fd(wsi), address);
	c = conn_open(s, address);
	c->wire = wsi;
	c->trusted = address_is_proxy(s->view.config, address);
	peers_add(s->peers, address, 1);
	lws_set_opaque_user_data(wsi, c);
	conn_deadline(c, s->view.config->limits.head_ms);
	return 0;
}

static void on_gone(struct lws *wsi)
{
	struct conn *c = lws_get_opaque_user_data(wsi);

	if (!c)
		return;
	lws_set_opaque_user_data(wsi, NULL);
	settle(c);
	if (c->state == CONN_WAITING || c->state == CONN_ANSWERING) {
		c->server->counters.gone_before_answer++;
		if (c->room && c->room->gone)
			c->room->gone(c);
	}
	peers_add(c->server->peers, c->address, -1);
	chat_close(c);
	conn_close(c);
}

/* The whole request, or an idle chat, took too long. */
static void on_deadline(struct conn *c)
{
	int64_t left;

	if (c->ending) {
		conn_hang_up(c);
	} else if (c->state == CONN_WAITING && c->reading) {
		conn_deadline(c, LINGER_MS);
		read_late(c);
	} else if (c->state == CONN_WAITING) {
		c->server->counters.late++;
		conn_deadline(c, LINGER_MS);
		if (c->room->late)
			c->room->late(c);
		else
			answer_plain(c, 503, "Try again later.\n");
	} else if (c->state == CONN_CHAT && (left = chat_idle_left(c)) > 0) {
		conn_deadline(c, left);
	} else {
		conn_hang_up(c);
	}
}

static int on_upgrade(struct lws *wsi)
{
	struct server *s = server_of(wsi);
	char word[12], path[16];

	if (lws_hdr_copy(wsi, word, sizeof word, WSI_TOKEN_UPGRADE) > 0 && !strcasecmp(word, "websocket") &&
	    lws_hdr_copy(wsi, path, sizeof path, WSI_TOKEN_GET_URI) > 0 && !strcmp(path, "/chat/ws") &&
	    lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) > 0 && chat_allowed(s) && !s->stopping)
		return 0;
	s->counters.upgrades_refused++;
	return -1;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct conn *c = reason == LWS_CALLBACK_FILTER_NETWORK_CONNECTION || reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED
				 ? NULL : lws_get_opaque_user_data(wsi);

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		return on_accept(server_of(wsi), (int)(intptr_t)in);
	case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
		return on_connected(wsi, server_of(wsi));
	case LWS_CALLBACK_HTTP:
		return c ? on_request(wsi, c, slice_make(in, len)) : -1;
	case LWS_CALLBACK_HTTP_BODY:
		return c ? on_body(c, in, len) : -1;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return c ? on_body_complete(c) : -1;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return c ? on_writable(wsi, c) : -1;
	case LWS_CALLBACK_WSI_DESTROY:
		on_gone(wsi);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return on_upgrade(wsi);
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: /* a WebSocket that names none of our protocols */
	case LWS_CALLBACK_RAW_ADOPT:
	case LWS_CALLBACK_RAW_CONNECTED:
	case LWS_CALLBACK_RAW_RX:
		return -1;
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		server_turn(server_of(wsi));
		return 0;
	default:
		return 0;
	}
}

static int on_chat(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct conn *c;

	(void)user;
	if (reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED || reason == LWS_CALLBACK_PROTOCOL_INIT ||
	    reason == LWS_CALLBACK_PROTOCOL_DESTROY)
		return 0;
	c = lws_get_opaque_user_data(wsi);
	switch (reason) {
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return c && c->state == CONN_IDLE ? 0 : -1;
	case LWS_CALLBACK_ESTABLISHED:
		c->state = CONN_CHAT;
		conn_deadline(c, c->server->view.config->limits.head_ms);
		return chat_open(c) ? 0 : -1;
	case LWS_CALLBACK_RECEIVE:
		return chat_receive(c, slice_make(in, len), lws_is_first_fragment(wsi),
				    lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi)) ? 0 : -1;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return chat_write(c) ? 0 : -1;
	default:
		return 0;
	}
}

/* ---- the loop ----------------------------------------------------------------------------------------------------- */

static const struct lws_protocols protocols[] = {
	{.name = "http", .callback = on_http, .rx_buffer_size = 0, .tx_packet_size = 65536},
	{.name = "huiyin-chat", .callback = on_chat, .rx_buffer_size = CHAT_RX_BYTES, .tx_packet_size = 65536},
	{0},
};

static void on_library_log(int level, const char *line)
{
	(void)level;
	log_line(LOG_WARN_, "server", "libwebsockets", "line", line, NULL);
}

/* Sockets for the configured number of connections, as far as the hard limit goes. */
static void raise_files(int64_t connections)
{
	struct rlimit l;
	rlim_t want = (rlim_t)connections + 256;

	if (getrlimit(RLIMIT_NOFILE, &l) || l.rlim_cur >= want)
		return;
	l.rlim_cur = l.rlim_max < want ? l.rlim_max : want;
	if (setrlimit(RLIMIT_NOFILE, &l))
		log_line(LOG_WARN_, "server", "cannot raise the limit of open files", NULL);
}

bool http_open(struct server *s, struct arena *a, struct slice *why)
{
	const struct config *c = s->view.config;
	/* Far apart: the library's timers of each request are sorted in among these. The page asks every half minute. */
	static const lws_retry_bo_t idle = {.secs_since_valid_ping = 240, .secs_since_valid_hangup = 270};
	struct lws_context_creation_info info = {0};
	bool any = slice_is(c->listen, "0.0.0.0") || slice_is(c->listen, "::") || !c->listen.len;

	lws_set_log_level(LLL_ERR, on_library_log);
	raise_files(c->limits.connections);
	info.port = c->port;
	info.iface = any ? NULL : arena_cstr(a, c->listen);
	info.protocols = protocols;
	info.options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
	if (!slice_is(c->listen, "::") && slice_find(c->listen, S(":")) == c->listen.len)
		info.options |= LWS_SERVER_OPTION_DISABLE_IPV6;
	info.gid = (gid_t)-1;
	info.uid = (uid_t)-1;
	info.alpn = "http/1.1";
	info.server_string = "huiyin";
	info.timeout_secs = (unsigned)(c->limits.request_ms / 1000 + 1);
	info.keepalive_timeout = 60;
	info.pt_serv_buf_size = 16384;
	info.retry_and_idle_policy = &idle;
	info.user = s;
	s->scratch = malloc(SCRATCH_BYTES);
	s->wire = s->scratch ? lws_create_context(&info) : NULL;
	if (!s->wire) {
		*why = arena_printf(a, "cannot listen on " SLICE_FMT ":%d; is another program using the port? "
				    "Set another `port:` in huiyin.yaml or stop that program", SLICE_ARG(c->listen), c->port);
		return false;
	}
	s->port = lws_get_vhost_listen_port(lws_get_vhost_by_name(s->wire, "default"));
	return true;
}

/* One timer for all deadlines: the library sorts each timer into one list, past those of every idle chat. */
struct sweep { lws_sorted_usec_list_t timer; struct server *server; };

static void on_sweep(lws_sorted_usec_list_t *timer)
{
	struct sweep *w = lws_container_of(timer, struct sweep, timer);
	int64_t now = clock_mono().ms;

	conns_overdue(w->server->conns, now, on_deadline);
	server_sweep(w->server, now);
	lws_sul_schedule(w->server->wire, 0, timer, on_sweep, SWEEP_MS * LWS_US_PER_MS);
}

void http_run(struct server *s)
{
	struct sweep sweep = {.server = s};

	big_poll_open();
	on_sweep(&sweep.timer);
	while (!s->over && lws_service(s->wire, 0) >= 0)
		;
	lws_sul_schedule(s->wire, 0, &sweep.timer, NULL, LWS_SET_TIMER_USEC_CANCEL);
	big_poll_close();
}

void http_close(struct server *s)
{
	if (s->wire)
		lws_context_destroy(s->wire);
	s->wire = NULL;
	free(s->scratch);
	s->scratch = NULL;
}

void http_wake(struct server *s)
{
	lws_cancel_service(s->wire);
}

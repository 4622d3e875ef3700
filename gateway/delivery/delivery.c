/*
 * The wire, and the only file that knows libcurl. Every rule of reliability.md 4.2 is set in `rules` below: https
 * unless the operator configured http for this very origin, HTTP/1.1, no redirects, no cookies, no netrc, no proxy from
 * the environment, no credentials that curl would carry anywhere itself, ceilings on headers and body, a limit on
 * connecting, on silence and on the whole call, certificate and host name verified.
 *
 * Fatal: libcurl cannot be started. Every failure of a call is an answer, also that there was no memory to make it.
 */
#include "delivery/delivery.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "delivery/address.h"
#include "delivery/wire.h"

#define KEPT_SECONDS        50L /* below the idle limit that most servers have: a kept connection is then rarely dead */
#define KEPT_CONNECTIONS    64L
#define SLOW_BYTES_A_SECOND 10L /* averaged by curl over five seconds */
#define SETUP_ARENA_BYTES   ((size_t)4 << 20)

struct wire {
	CURLM *multi;
	struct transfer *refused; /* and those that could not be begun */
};
struct pool {
	CURLSH *share;
};

struct transfer_inside {
	struct arena *arena;
	CURL *easy;
	struct curl_slist *headers;
	struct wire *wire; /* null: a blocking call */
	struct order order;
	struct slice body; /* of the request */
	size_t body_at, n_headers, header_bytes;
	struct buf answer;
	char error[CURL_ERROR_SIZE];
	bool guard;    /* judge the address of each socket */
	bool stopped;  /* the address guard said no */
	bool overflow; /* too many headers */
	bool unable;   /* curl had no memory to begin it */
};

static pthread_once_t started = PTHREAD_ONCE_INIT;

static void start_library(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		panic("delivery: libcurl does not start");
}

/* Inside a function that has `in`. */
#define SET(easy, option, value)                                                                                       \
	do {                                                                                                           \
		CURLcode set_ = curl_easy_setopt((easy), (option), (value));                                           \
		if (set_ == CURLE_OUT_OF_MEMORY)                                                                       \
			in->unable = true;                                                                             \
		else if (set_ != CURLE_OK)                                                                             \
			panic("delivery: libcurl refuses %s", #option);                                                \
	} while (0)

/* ---- what may be called ------------------------------------------------------------------------------------------ */

struct origin {
	char *scheme, *host, *port;
	bool user;
};

static void origin_free(struct origin *o)
{
	curl_free(o->scheme);
	curl_free(o->host);
	curl_free(o->port);
}

/* curl's own reading of the URL, so that what is judged is what is called (0x7f.1, %31%32%37… are normalised). */
static bool origin_of(const char *url, struct origin *o)
{
	CURLU *u = curl_url();
	char *user = NULL;
	CURLUcode rc = u ? curl_url_set(u, CURLUPART_URL, url, 0) : CURLUE_OUT_OF_MEMORY;

	*o = (struct origin){0};
	if (rc == CURLUE_OK)
		rc = curl_url_get(u, CURLUPART_SCHEME, &o->scheme, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_get(u, CURLUPART_HOST, &o->host, 0);
	if (rc == CURLUE_OK)
		rc = curl_url_get(u, CURLUPART_PORT, &o->port, CURLU_DEFAULT_PORT);
	if (rc == CURLUE_OUT_OF_MEMORY) /* a refusal is for good, so it must not come of this */
		exhausted("a URL");
	o->user = rc == CURLUE_OK && curl_url_get(u, CURLUPART_USER, &user, 0) != CURLUE_NO_USER;
	curl_free(user);
	curl_url_cleanup(u);
	return rc == CURLUE_OK;
}

static bool origin_same(const struct origin *a, const struct origin *b)
{
	return strcasecmp(a->scheme, b->scheme) == 0 && strcasecmp(a->host, b->host) == 0 &&
	       strcmp(a->port, b->port) == 0;
}

/* The one scheme this call may use, or null. Sets whether the address must be public. */
static const char *scheme_allowed(const struct order *o, const char *url, const char *home, bool *guard)
{
	struct origin to = {0}, own = {0};
	const char *scheme = NULL;

	*guard = o->stranger;
	if (origin_of(url, &to) && !to.user) {
		bool at_home = o->home.len ? origin_of(home, &own) && origin_same(&to, &own) : !o->stranger;

		if (strcasecmp(to.scheme, "https") == 0)
			scheme = "https";
		else if (strcasecmp(to.scheme, "http") == 0 && at_home)
			scheme = "http";
		*guard = o->stranger && !at_home;
	}
	origin_free(&own);
	origin_free(&to);
	return scheme;
}

/* ---- called back by curl ----------------------------------------------------------------------------------------- */

/* The address that is about to be connected to, after all name resolution: DNS that changes its mind gains nothing. */
static curl_socket_t open_socket(void *with, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer_inside *in = with;

	(void)purpose;
	if (in->guard && !address_public(&to->addr)) {
		in->stopped = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t read_body(char *to, size_t size, size_t n, void *with)
{
	struct transfer_inside *in = with;
	size_t room = size * n, left = in->body.len - in->body_at;
	size_t take = left < room ? left : room;

	if (take)
		memcpy(to, in->body.data + in->body_at, take);
	in->body_at += take;
	return take;
}

static bool write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* The size option of curl does not stop chunked answers; this does. */
static size_t write_body(char *data, size_t size, size_t n, void *with)
{
	struct transfer *t = with;
	struct transfer_inside *in = t->inside;
	size_t len = size * n, room = in->order.most - (size_t)t->body_bytes;
	size_t take = len < room ? len : room;

	if (in->order.fd < 0)
		buf_add(&in->answer, slice_make(data, take));
	else if (!write_all(in->order.fd, data, take)) {
		t->broken = true;
		return 0;
	}
	t->body_bytes += (int64_t)take;
	t->cut = take < len;
	return t->cut ? 0 : len;
}

static size_t read_header(char *data, size_t size, size_t n, void *with)
{
	static const char retry[] = "retry-after:";
	struct transfer *t = with;
	struct transfer_inside *in = t->inside;
	size_t len = size * n;

	if (len > 5 && strncasecmp(data, "HTTP/", 5) == 0)
		t->answer.retry_after = (struct slice){0}; /* a new head: the last one was an interim answer */
	in->n_headers++;
	in->header_bytes += len;
	if (in->n_headers > WIRE_HEADERS_MAX || in->header_bytes > WIRE_HEADER_BYTES) {
		in->overflow = true;
		return 0;
	}
	if (len >= sizeof retry && strncasecmp(data, retry, sizeof retry - 1) == 0)
		t->answer.retry_after = slice_trim(
			arena_copy(in->arena, slice_make(data + sizeof retry - 1, len - (sizeof retry - 1))));
	return len;
}

/* ---- setting up a call ------------------------------------------------------------------------------------------- */

static void add_header(struct transfer_inside *in, struct slice line)
{
	struct curl_slist *more = curl_slist_append(in->headers, arena_cstr(in->arena, line));

	if (more)
		in->headers = more;
	else
		in->unable = true;
}

static void set_headers(struct transfer_inside *in)
{
	const struct call *c = in->order.call;

	for (size_t i = 0; i < c->n_headers; i++)
		add_header(in, c->headers[i]);
	add_header(in, S("Expect:")); /* never wait for a 100 */
	if (c->user.len || c->password.len) {
		struct slice pair =
			arena_printf(in->arena, SLICE_FMT ":" SLICE_FMT, SLICE_ARG(c->user), SLICE_ARG(c->password));
		struct slice coded = base64_encode(in->arena, pair);

		add_header(in, arena_printf(in->arena, "Authorization: Basic " SLICE_FMT, SLICE_ARG(coded)));
	}
	SET(in->easy, CURLOPT_HTTPHEADER, in->headers);
}

/* Where the same bytes must not go out twice, the body is given in a way that curl cannot rewind: on a kept connection
   that dies under the request it then fails (unsure) in place of sending again by itself. A request without a body has
   nothing to rewind, so it gets a fresh connection. */
static void set_body(struct transfer_inside *in)
{
	const struct call *c = in->order.call;
	bool get = slice_is(c->method, "GET") || !c->method.len;

	in->body = c->body;
	if (!get || c->body.len) {
		SET(in->easy, CURLOPT_POST, 1L);
		SET(in->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)c->body.len);
		if (in->order.once && c->body.len) {
			SET(in->easy, CURLOPT_READFUNCTION, read_body);
			SET(in->easy, CURLOPT_READDATA, in);
		} else {
			SET(in->easy, CURLOPT_POSTFIELDS, c->body.len ? c->body.data : "");
		}
		if (!slice_is(c->method, "POST"))
			SET(in->easy, CURLOPT_CUSTOMREQUEST, arena_cstr(in->arena, get ? S("GET") : c->method));
	}
	if (!in->order.pool || (in->order.once && !c->body.len)) {
		SET(in->easy, CURLOPT_FRESH_CONNECT, 1L);
		SET(in->easy, CURLOPT_FORBID_REUSE, 1L);
	}
}

static void rules(struct transfer *t, const char *url, const char *scheme)
{
	struct transfer_inside *in = t->inside;
	const struct order *o = &in->order;
	CURL *e = in->easy;

	SET(e, CURLOPT_URL, url);
	SET(e, CURLOPT_PROTOCOLS_STR, scheme);
	SET(e, CURLOPT_FOLLOWLOCATION, 0L);
	SET(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(e, CURLOPT_HTTP09_ALLOWED, 0L);
	SET(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(e, CURLOPT_PROXY, "");
	SET(e, CURLOPT_NOPROXY, "*");
	SET(e, CURLOPT_NOSIGNAL, 1L);
	SET(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(e, CURLOPT_SSL_VERIFYPEER, o->insecure ? 0L : 1L);
	SET(e, CURLOPT_SSL_VERIFYHOST, o->insecure ? 0L : 2L);
	if (o->ca_file)
		SET(e, CURLOPT_CAINFO, o->ca_file);
	SET(e, CURLOPT_CONNECTTIMEOUT_MS, (long)o->connect_ms);
	SET(e, CURLOPT_TIMEOUT_MS, (long)o->total_ms);
	SET(e, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_A_SECOND);
	SET(e, CURLOPT_LOW_SPEED_TIME, (long)((o->slow_ms + 999) / 1000));
	SET(e, CURLOPT_MAXAGE_CONN, KEPT_SECONDS);
	SET(e, CURLOPT_USERAGENT, "huiyin/1");
	SET(e, CURLOPT_ERRORBUFFER, in->error);
	SET(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(e, CURLOPT_OPENSOCKETDATA, in);
	SET(e, CURLOPT_WRITEFUNCTION, write_body);
	SET(e, CURLOPT_WRITEDATA, t);
	SET(e, CURLOPT_HEADERFUNCTION, read_header);
	SET(e, CURLOPT_HEADERDATA, t);
	SET(e, CURLOPT_PRIVATE, t);
	if (o->pool)
		SET(e, CURLOPT_SHARE, o->pool->share);
}

/* Null easy handle inside: the call is not allowed, and `refused` says so. */
static struct transfer *transfer_open(const struct order *o)
{
	struct arena *a = arena_open(SETUP_ARENA_BYTES);
	struct transfer *t = ARENA_NEW(a, struct transfer);
	struct transfer_inside *in = ARENA_NEW(a, struct transfer_inside);
	char *url = arena_cstr(a, o->call->url), *home = arena_cstr(a, o->home);
	const char *scheme;

	t->inside = in;
	t->with = o->with;
	in->arena = a;
	in->order = *o;
	in->answer = buf_heap(o->fd < 0 ? o->most : 1);
	scheme = strlen(url) == o->call->url.len ? scheme_allowed(o, url, home, &in->guard) : NULL;
	if (!scheme) {
		t->refused = true;
		t->answer.error = S("this address is not allowed: https, or what api_url names");
		return t;
	}
	in->easy = curl_easy_init();
	in->unable = !in->easy;
	if (in->easy) {
		rules(t, url, scheme);
		set_headers(in);
		set_body(in);
	}
	if (in->unable)
		t->answer.error = S("no memory to begin the call");
	return t;
}

/* ---- reading the end of a call ----------------------------------------------------------------------------------- */

static struct slice got_text(struct transfer_inside *in, CURLINFO what)
{
	char *text = NULL;

	return curl_easy_getinfo(in->easy, what, &text) == CURLE_OK && text ? arena_copy(in->arena, slice_of(text))
									    : (struct slice){0};
}

/* Did any byte of the request leave? Resolving, connecting and the TLS handshake come before. */
static bool bytes_left(struct transfer_inside *in)
{
	long head = 0;
	curl_off_t body = 0;

	curl_easy_getinfo(in->easy, CURLINFO_REQUEST_SIZE, &head);
	curl_easy_getinfo(in->easy, CURLINFO_SIZE_UPLOAD_T, &body);
	return head > 0 || body > 0;
}

/* curl's text for the code, never its detailed message: that may hold a URL, and a URL may hold a phone number. */
static void land(struct transfer *t, CURLcode code)
{
	struct transfer_inside *in = t->inside;
	long status = 0;

	curl_easy_getinfo(in->easy, CURLINFO_RESPONSE_CODE, &status);
	t->answer.status = status >= 200 && status <= 599 ? (int)status : 0;
	t->answer.sent = bytes_left(in) || t->answer.status;
	t->answer.body = buf_slice(&in->answer);
	t->type = got_text(in, CURLINFO_CONTENT_TYPE);
	t->location = got_text(in, CURLINFO_REDIRECT_URL);
	if (code == CURLE_OK && t->answer.status)
		return;
	t->broken |= !t->cut;
	t->refused =
		!t->answer.sent && (in->stopped || code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL);
	t->answer.error = in->stopped        ? S("the address is not public")
			  : in->overflow     ? S("too many headers")
			  : code == CURLE_OK ? S("no HTTP status")
					     : slice_of(curl_easy_strerror(code));
}

/* ---- the wire ---------------------------------------------------------------------------------------------------- */

struct wire *wire_open(void)
{
	struct wire *w = calloc(1, sizeof *w);

	pthread_once(&started, start_library);
	if (!w || !(w->multi = curl_multi_init()))
		exhausted("delivery");
	curl_multi_setopt(w->multi, CURLMOPT_MAXCONNECTS, KEPT_CONNECTIONS);
	curl_multi_setopt(w->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	return w;
}

void wire_close(struct wire **w)
{
	if (!*w)
		return;
	curl_multi_cleanup((*w)->multi);
	free(*w);
	*w = NULL;
}

void wire_wake(struct wire *w)
{
	curl_multi_wakeup(w->multi);
}

/* A share object owns its kept connections, so that one account's never carry another's calls. One thread uses it: no
   locks. */
struct pool *pool_open(void)
{
	struct pool *p = calloc(1, sizeof *p);

	pthread_once(&started, start_library);
	if (!p || !(p->share = curl_share_init()) ||
	    curl_share_setopt(p->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK)
		exhausted("delivery");
	return p;
}

void pool_close(struct pool **p)
{
	if (!*p)
		return;
	if (curl_share_cleanup((*p)->share) != CURLSHE_OK)
		panic("delivery: a pool is closed under its calls");
	free(*p);
	*p = NULL;
}

struct transfer *wire_start(struct wire *w, const struct order *o)
{
	struct transfer *t = transfer_open(o);

	t->inside->wire = w;
	if (!t->refused && !t->inside->unable && curl_multi_add_handle(w->multi, t->inside->easy) != CURLM_OK) {
		t->inside->unable = true;
		t->answer.error = S("libcurl takes no more calls");
	}
	if (t->refused || t->inside->unable) {
		t->next = w->refused;
		w->refused = t;
	}
	return t;
}

void wire_poll(struct wire *w, int64_t wait_ms)
{
	int running;

	/* A call just begun makes the poll return at once; what a perform finishes is collected before the next poll.
	 */
	curl_multi_poll(w->multi, NULL, 0, w->refused ? 0 : (int)(wait_ms > 60000 ? 60000 : wait_ms), NULL);
	curl_multi_perform(w->multi, &running);
}

struct transfer *wire_landed(struct wire *w)
{
	struct transfer *t = w->refused;
	CURLMsg *m;
	int left;

	if (t) {
		w->refused = t->next;
		t->next = NULL;
		return t;
	}
	while ((m = curl_multi_info_read(w->multi, &left))) {
		CURLcode code = m->data.result;
		char *found = NULL;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &found);
		t = (struct transfer *)(void *)found;
		land(t, code);
		return t;
	}
	return NULL;
}

void transfer_cancel(struct transfer *t)
{
	if (t->inside->easy && !t->inside->unable)
		land(t, CURLE_OPERATION_TIMEDOUT);
}

static void forget_refused(struct wire *w, const struct transfer *t)
{
	for (struct transfer **at = w ? &w->refused : NULL; at && *at; at = &(*at)->next)
		if (*at == t) {
			*at = t->next;
			return;
		}
}

void transfer_close(struct transfer **tp)
{
	struct transfer_inside *in;
	struct arena *a;

	if (!*tp)
		return;
	in = (*tp)->inside;
	forget_refused(in->wire, *tp);
	if (in->easy) {
		if (in->wire)
			curl_multi_remove_handle(in->wire->multi, in->easy);
		curl_easy_cleanup(in->easy);
	}
	curl_slist_free_all(in->headers);
	buf_free(&in->answer);
	a = in->arena; /* the transfer lives in it */
	*tp = NULL;
	arena_close(&a);
}

/* ---- one call, blocking ------------------------------------------------------------------------------------------ */

bool delivery_call(const struct call *c, int64_t timeout_ms, bool verify_tls, struct arena *a, struct answer *out)
{
	struct order o = {.call = c,
			  .once = true,
			  .insecure = !verify_tls,
			  .connect_ms = timeout_ms,
			  .total_ms = timeout_ms,
			  .slow_ms = timeout_ms,
			  .most = WIRE_ANSWER_BYTES,
			  .fd = -1};
	struct transfer *t;

	pthread_once(&started, start_library);
	t = transfer_open(&o);
	if (!t->refused && !t->inside->unable)
		land(t, curl_easy_perform(t->inside->easy));
	*out = t->answer;
	out->body = arena_copy(a, t->answer.body);
	out->retry_after = arena_copy(a, t->answer.retry_after);
	out->error = arena_copy(a, t->answer.error);
	transfer_close(&t);
	return out->status != 0;
}

/* See fake_provider.h. Faults of its own end the test by abort. */
#include "fake_provider.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define REPLIES_MAX     256
#define REQUESTS_MAX    1024
#define CONNECTIONS_MAX 256
#define HEAD_MAX        16384
#define BODY_MAX        65536

struct request_seen {
	char id[40];
	char *head, *body;
};

struct fake {
	pthread_mutex_t lock;
	pthread_t acceptor, threads[CONNECTIONS_MAX];
	int listener, port, n_connections, at_once, most_at_once;
	int sockets[CONNECTIONS_MAX];
	bool stopping;
	struct fake_reply replies[REPLIES_MAX], standing;
	int n_replies, next_reply, n_seen;
	struct request_seen seen[REQUESTS_MAX];
	char *order;
};

struct serving {
	struct fake *f;
	int fd;
};

static void must(bool ok, const char *what)
{
	if (!ok) {
		fprintf(stderr, "fake provider: %s: %s\n", what, strerror(errno));
		abort();
	}
}

static void pause_ms(int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000L};

	nanosleep(&t, NULL);
}

static bool stopping(struct fake *f)
{
	bool is;

	pthread_mutex_lock(&f->lock);
	is = f->stopping;
	pthread_mutex_unlock(&f->lock);
	return is;
}

static bool send_all(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return false;
		data += sent;
		n -= (size_t)sent;
	}
	return true;
}

static void reset(int fd)
{
	struct linger l = {1, 0};

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static const char *header_at(const char *head, const char *name)
{
	for (const char *line = strstr(head, "\r\n"); line; line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, strlen(name)) == 0)
			return line + 2 + strlen(name);
	return NULL;
}

/* One whole request; false when the peer is gone. Pipelining is not known here. */
static bool read_request(int fd, char *head, char *body)
{
	size_t n = 0, have, want;
	char *end = NULL;
	const char *length;

	while (!end && n < HEAD_MAX - 1) {
		ssize_t got = recv(fd, head + n, HEAD_MAX - 1 - n, 0);

		if (got <= 0)
			return false;
		n += (size_t)got;
		head[n] = '\0';
		end = strstr(head, "\r\n\r\n");
	}
	if (!end)
		return false;
	have = n - (size_t)(end + 4 - head);
	memcpy(body, end + 4, have);
	end[2] = '\0';
	length = header_at(head, "content-length:");
	want = length ? (size_t)strtoul(length, NULL, 10) : 0;
	must(want < BODY_MAX, "request too large");
	while (have < want) {
		ssize_t got = recv(fd, body + have, want - have, 0);

		if (got <= 0)
			return false;
		have += (size_t)got;
	}
	body[have] = '\0';
	return true;
}

static const char *note(struct fake *f, const char *head, const char *body)
{
	const char *id = header_at(head, "x-id:");
	struct request_seen *r;
	size_t n;

	pthread_mutex_lock(&f->lock);
	must(f->n_seen < REQUESTS_MAX, "too many requests");
	r = &f->seen[f->n_seen++];
	while (id && *id == ' ')
		id++;
	n = id ? strcspn(id, "\r\n") : 0;
	memcpy(r->id, n ? id : "-", n ? n : 1);
	r->head = strdup(head);
	r->body = strdup(body);
	pthread_mutex_unlock(&f->lock);
	return r->id;
}

static struct fake_reply take_reply(struct fake *f)
{
	struct fake_reply r;

	pthread_mutex_lock(&f->lock);
	r = f->next_reply < f->n_replies ? f->replies[f->next_reply++] : f->standing;
	pthread_mutex_unlock(&f->lock);
	return r;
}

static enum fake_act next_act(struct fake *f)
{
	enum fake_act a;

	pthread_mutex_lock(&f->lock);
	a = f->next_reply < f->n_replies ? f->replies[f->next_reply].act : f->standing.act;
	pthread_mutex_unlock(&f->lock);
	return a;
}

/* ---- answering --------------------------------------------------------------------------------------------------- */

static char *filled(const char *text, const char *name, const char *value)
{
	const char *at = text ? strstr(text, name) : NULL;
	size_t room = text ? strlen(text) + strlen(value) + 1 : 1;
	char *out = calloc(1, room);

	must(out != NULL, "memory");
	if (!at)
		snprintf(out, room, "%s", text ? text : "");
	else
		snprintf(out, room, "%.*s%s%s", (int)(at - text), text, value, at + strlen(name));
	return out;
}

static bool send_big(int fd, const char *head, size_t bytes)
{
	char start[4096 + 64];

	snprintf(start, sizeof start, "%stransfer-encoding: chunked\r\n\r\n", head);
	if (!send_all(fd, start, strlen(start)))
		return false;
	for (size_t sent = 0; sent < bytes; sent += 16384) {
		char local[16384 + 16];

		memset(local, 'x', sizeof local);
		memcpy(local, "4000\r\n", 6);
		memcpy(local + 6 + 16384, "\r\n", 2);
		if (!send_all(fd, local, 6 + 16384 + 2))
			return false;
	}
	return send_all(fd, "0\r\n\r\n", 5);
}

static bool send_slowly(struct fake *f, int fd, const char *body, size_t n)
{
	for (size_t i = 0; i < n && !stopping(f); i++) {
		if (!send_all(fd, body + i, 1))
			return false;
		pause_ms(200);
	}
	return true;
}

static void send_many_headers(int fd)
{
	char line[64];

	send_all(fd, "HTTP/1.1 200 OK\r\n", 17);
	for (int i = 0; i < 2000; i++) {
		snprintf(line, sizeof line, "x-filler-%d: aaaaaaaaaaaaaaaaaaaa\r\n", i);
		if (!send_all(fd, line, strlen(line)))
			return;
	}
	send_all(fd, "content-length: 0\r\n\r\n", 21);
}

/* True: the connection may go on. */
static bool answer(struct fake *f, int fd, const struct fake_reply *r, const char *id)
{
	char port[16], head[4096], *headers, *body = filled(r->body_len ? "" : r->body ? r->body : "ok", "{id}", id);
	size_t n = r->body_len ? r->body_len : strlen(body);
	bool ok;

	snprintf(port, sizeof port, "%d", f->port);
	headers = filled(r->headers, "{port}", port);
	snprintf(head, sizeof head, "HTTP/1.1 %d X\r\n%s%s", r->status ? r->status : 200, headers,
		 r->close ? "connection: close\r\n" : "");
	free(headers);
	if (r->big) {
		free(body);
		return send_big(fd, head, r->big) && !r->close;
	}
	snprintf(head + strlen(head), sizeof head - strlen(head), "content-length: %zu\r\n\r\n",
		 r->act == FAKE_CUT_BODY ? n + 1000 : n);
	ok = send_all(fd, head, strlen(head));
	if (ok && r->act == FAKE_SLOW_BODY)
		ok = send_slowly(f, fd, body, n);
	else if (ok)
		ok = send_all(fd, r->body_len ? r->body : body, n);
	free(body);
	return ok && !r->close && r->act == FAKE_ANSWER;
}

static void hang(struct fake *f, int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (!stopping(f) && poll(&p, 1, 50) == 0)
		;
}

static void wait_or_stop(struct fake *f, int ms)
{
	for (; ms > 0 && !stopping(f); ms -= 20)
		pause_ms(ms < 20 ? ms : 20);
}

static bool serve_one(struct fake *f, int fd, char *head, char *body)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct fake_reply r;
	const char *id;
	bool on;

	while (poll(&p, 1, 50) == 0)
		if (stopping(f))
			return false;
	if (recv(fd, head, 1, MSG_PEEK) <= 0)
		return false;
	if (next_act(f) == FAKE_RESET_FIRST) {
		take_reply(f);
		reset(fd);
		return false;
	}
	if (!read_request(fd, head, body))
		return false;
	id = note(f, head, body);
	r = take_reply(f);
	pthread_mutex_lock(&f->lock);
	if (++f->at_once > f->most_at_once)
		f->most_at_once = f->at_once;
	pthread_mutex_unlock(&f->lock);
	wait_or_stop(f, r.delay_ms);
	if (r.act == FAKE_RESET_AFTER)
		reset(fd);
	if (r.act == FAKE_HANG)
		hang(f, fd);
	if (r.act == FAKE_MANY_HEADERS)
		send_many_headers(fd);
	if (r.act == FAKE_GARBAGE)
		send_all(fd, "\x16\x03\x01 hello, this is no HTTP\r\n\r\n", 28);
	on = (r.act == FAKE_ANSWER || r.act == FAKE_SLOW_BODY || r.act == FAKE_CUT_BODY) && answer(f, fd, &r, id);
	pthread_mutex_lock(&f->lock);
	f->at_once--;
	pthread_mutex_unlock(&f->lock);
	return on;
}

static void *serve(void *with)
{
	struct serving s = *(struct serving *)with;
	char *head = malloc(HEAD_MAX), *body = malloc(BODY_MAX + HEAD_MAX);

	free(with);
	must(head && body, "memory");
	while (serve_one(s.f, s.fd, head, body))
		;
	close(s.fd);
	free(head);
	free(body);
	return NULL;
}

/* ---- the listener ------------------------------------------------------------------------------------------------ */

static void *accept_all(void *with)
{
	struct fake *f = with;
	struct pollfd p = {.fd = f->listener, .events = POLLIN};

	while (!stopping(f)) {
		struct serving *s;
		int fd;

		if (poll(&p, 1, 50) <= 0 || (fd = accept(f->listener, NULL, NULL)) < 0)
			continue;
		s = malloc(sizeof *s);
		must(s && f->n_connections < CONNECTIONS_MAX, "too many connections");
		*s = (struct serving){f, fd};
		must(pthread_create(&f->threads[f->n_connections], NULL, serve, s) == 0, "thread");
		pthread_mutex_lock(&f->lock);
		f->n_connections++;
		pthread_mutex_unlock(&f->lock);
	}
	return NULL;
}

static int bound(int *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
		     getsockname(fd, (struct sockaddr *)&at, &n) == 0,
	     "bind");
	*port = ntohs(at.sin_port);
	return fd;
}

int fake_closed_port(void)
{
	int port, fd = bound(&port);

	close(fd);
	return port;
}

struct fake *fake_start(void)
{
	struct fake *f = calloc(1, sizeof *f);

	must(f != NULL, "memory");
	pthread_mutex_init(&f->lock, NULL);
	f->listener = bound(&f->port);
	must(listen(f->listener, 128) == 0, "listen");
	must(pthread_create(&f->acceptor, NULL, accept_all, f) == 0, "thread");
	return f;
}

int fake_port(const struct fake *f)
{
	return f->port;
}

void fake_stop(struct fake **fp)
{
	struct fake *f = *fp;

	if (!f)
		return;
	pthread_mutex_lock(&f->lock);
	f->stopping = true;
	pthread_mutex_unlock(&f->lock);
	pthread_join(f->acceptor, NULL);
	for (int i = 0; i < f->n_connections; i++)
		pthread_join(f->threads[i], NULL);
	close(f->listener);
	for (int i = 0; i < f->n_seen; i++) {
		free(f->seen[i].head);
		free(f->seen[i].body);
	}
	free(f->order);
	pthread_mutex_destroy(&f->lock);
	free(f);
	*fp = NULL;
}

void fake_then(struct fake *f, struct fake_reply r)
{
	pthread_mutex_lock(&f->lock);
	must(f->n_replies < REPLIES_MAX, "too many replies");
	f->replies[f->n_replies++] = r;
	pthread_mutex_unlock(&f->lock);
}

void fake_always(struct fake *f, struct fake_reply r)
{
	pthread_mutex_lock(&f->lock);
	f->standing = r;
	pthread_mutex_unlock(&f->lock);
}

/* ---- the ledger -------------------------------------------------------------------------------------------------- */

static int count(struct fake *f, const int *what)
{
	int n;

	pthread_mutex_lock(&f->lock);
	n = *what;
	pthread_mutex_unlock(&f->lock);
	return n;
}

int fake_connections(struct fake *f)
{
	return count(f, &f->n_connections);
}

int fake_requests(struct fake *f)
{
	return count(f, &f->n_seen);
}

int fake_most_at_once(struct fake *f)
{
	return count(f, &f->most_at_once);
}

int fake_requests_of(struct fake *f, const char *id)
{
	int n = 0;

	pthread_mutex_lock(&f->lock);
	for (int i = 0; i < f->n_seen; i++)
		n += strcmp(f->seen[i].id, id) == 0;
	pthread_mutex_unlock(&f->lock);
	return n;
}

bool fake_wait_requests(struct fake *f, int n, int wait_ms)
{
	for (; fake_requests(f) < n; wait_ms -= 5) {
		if (wait_ms <= 0)
			return false;
		pause_ms(5);
	}
	return true;
}

const char *fake_order(struct fake *f)
{
	size_t room = REQUESTS_MAX * 40;

	pthread_mutex_lock(&f->lock);
	free(f->order);
	f->order = calloc(1, room);
	must(f->order != NULL, "memory");
	for (int i = 0; i < f->n_seen; i++)
		snprintf(f->order + strlen(f->order), room - strlen(f->order), "%s%s", i ? " " : "", f->seen[i].id);
	pthread_mutex_unlock(&f->lock);
	return f->order;
}

const char *fake_head(struct fake *f, int n)
{
	must(n < fake_requests(f), "no such request");
	return f->seen[n].head;
}

const char *fake_body(struct fake *f, int n)
{
	must(n < fake_requests(f), "no such request");
	return f->seen[n].body;
}

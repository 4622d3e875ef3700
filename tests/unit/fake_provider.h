/*
 * A provider for tests: an HTTP/1.1 server on a loopback port, a thread per connection, plain sockets. It does as it is
 * told, one reply a request in the order they were told; after the last of them the standing reply holds. It keeps a
 * ledger of what it read.
 */
#ifndef HUIYIN_FAKE_PROVIDER_H
#define HUIYIN_FAKE_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>

enum fake_act {
	FAKE_ANSWER,
	FAKE_RESET_FIRST,  /* reset as soon as the request begins to come in: it was not read */
	FAKE_RESET_AFTER,  /* reset when the whole request was read: it may have been done */
	FAKE_HANG,         /* read all, answer nothing, until the client goes or the provider stops */
	FAKE_SLOW_BODY,    /* head at once, then a byte each 200 ms */
	FAKE_CUT_BODY,     /* promises more than it sends, then closes */
	FAKE_MANY_HEADERS, /* two thousand of them */
	FAKE_GARBAGE,      /* no HTTP at all */
};
struct fake_reply {
	enum fake_act act;
	int status;
	const char *headers; /* "Name: value\r\n…", or null; {port} becomes the provider's port */
	const char *body;    /* null: "ok"; {id} becomes the request's id */
	size_t body_len;     /* 0: strlen(body) */
	size_t big;          /* so many bytes, chunked, in place of the body */
	int delay_ms;
	bool close;          /* ends the connection after the answer */
};

struct fake;
struct fake *fake_start(void);
int fake_port(const struct fake *f);
void fake_stop(struct fake **f);
void fake_then(struct fake *f, struct fake_reply r);   /* the next one told, once */
void fake_always(struct fake *f, struct fake_reply r); /* the standing reply */

/* The ledger. A request's id is its header X-Id. */
int fake_connections(struct fake *f);
int fake_requests(struct fake *f);
int fake_requests_of(struct fake *f, const char *id);
int fake_most_at_once(struct fake *f);
bool fake_wait_requests(struct fake *f, int n, int wait_ms);
/* Ids in order of arrival, joined by blanks; head of the nth request. Both valid until fake_stop. */
const char *fake_order(struct fake *f);
const char *fake_head(struct fake *f, int n);
const char *fake_body(struct fake *f, int n);

/* A port on which nobody listens. */
int fake_closed_port(void);

#endif

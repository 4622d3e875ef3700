/*
 * The wire: one HTTP call after another under the rules of reliability.md 4.2, any number at once on one thread. What
 * may be called is decided here: by scheme, by origin, and by the address a socket is really opened to. Inside delivery
 * only; delivery.c alone knows libcurl.
 */
#ifndef HUIYIN_WIRE_H
#define HUIYIN_WIRE_H

#include "huiyin/channel.h"

#define WIRE_ANSWER_BYTES ((size_t)256 << 10)
#define WIRE_HEADERS_MAX  100
#define WIRE_HEADER_BYTES ((size_t)64 << 10)

struct wire;
struct pool; /* the kept connections of one account: never lent to another */

struct order {
	const struct call *call; /* it and all it points to outlive the transfer */
	struct pool *pool;       /* null: a connection of its own, closed afterwards */
	struct slice home;       /* the URL the operator configured; empty: the call's own */
	bool stranger;           /* the URL came in a message: https to public addresses, unless its origin is home's */
	bool once;               /* never send the same bytes twice, not even when a kept connection turns out dead */
	bool insecure;           /* certificates are not checked; for `doctor` only */
	int64_t connect_ms, total_ms;
	int64_t slow_ms;     /* so long below ten bytes a second, and it is over */
	size_t most;         /* bytes of body kept; more is cut off */
	int fd;              /* the body goes there; -1: to memory */
	const char *ca_file; /* null: the system's */
	void *with;          /* the caller's */
};

/* Read it once it has landed. Slices live until transfer_close. */
struct transfer {
	struct answer answer;
	bool refused;          /* not made: scheme or address is not allowed; never will be */
	bool cut;              /* the body was longer than `most` */
	bool broken;           /* the body ended before its end */
	struct slice type;     /* Content-Type */
	struct slice location; /* absolute target of a redirect; never followed by itself */
	int64_t body_bytes;
	void *with;
	struct transfer_inside *inside;
	struct transfer *next;
};

struct wire *wire_open(void);
void wire_close(struct wire **w); /* transfers and pools must be closed before */
void wire_wake(struct wire *w);   /* any thread */
struct pool *pool_open(void);
void pool_close(struct pool **p); /* none of its transfers may be open */

struct transfer *wire_start(struct wire *w, const struct order *o); /* never null */
void wire_poll(struct wire *w, int64_t wait_ms);                    /* moves bytes; returns early when something did */
struct transfer *wire_landed(struct wire *w);                       /* null: none */
/* The answer as it stands now, of one that did not land in time. */
void transfer_cancel(struct transfer *t);
void transfer_close(struct transfer **t);

#endif

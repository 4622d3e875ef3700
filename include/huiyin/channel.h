/*
 * A channel is one file in handlers/ that ends in one `const struct channel`, and one line in handlers/channels.def.
 * Every function here is pure: bytes in, events or a call out; no I/O, no clock, no globals, any thread.
 * All results live in the arena that is handed in.
 */
#ifndef HUIYIN_CHANNEL_H
#define HUIYIN_CHANNEL_H

#include "huiyin/diag.h"
#include "huiyin/event.h"
#include "huiyin/form.h"

struct request {
	struct slice method, path, query, body; /* query without '?', raw; body raw */
	struct slice url;     /* public URL as the provider sees it: built from configuration, never from the Host header */
	struct slice peer;    /* numeric address of the client (behind a trusted proxy: the forwarded one) */
	struct field *headers; /* names in lower case */
	size_t n_headers;
};
struct slice request_header(const struct request *r, const char *lower_name); /* empty when absent */
size_t request_header_count(const struct request *r, const char *lower_name);

struct response {
	int status;
	struct slice content_type, body;
	struct slice extra_headers; /* "name: value\r\n…", or empty */
};

/* An HTTP call for the courier to make. */
struct call {
	struct slice method, url, body;
	struct slice headers[16]; /* "Name: value"; never CR or LF inside (call_header refuses) */
	size_t n_headers;
	struct slice user, password; /* basic auth, or empty */
};
bool call_header(struct call *c, struct arena *a, struct slice name, struct slice value);

struct answer {
	bool sent;      /* false: nothing reached the provider (connect failed) → certainly not processed */
	int status;     /* HTTP status; 0: none came back (timeout or reset after sending → unknown) */
	struct slice body, retry_after; /* header value or empty */
	struct slice error; /* the courier's words when there is no status */
};

enum signature_mode { SIGNATURE_OFF, SIGNATURE_OBSERVE, SIGNATURE_ENFORCE };
enum verdict { VERDICT_ACCEPT, VERDICT_REJECT, VERDICT_HANDSHAKE /* answer with the response given, no events */ };
enum unsure_policy { UNSURE_ASK_PERSON, UNSURE_SEND_AGAIN };

struct option {
	const char *name, *help;
	bool secret, required;
	const char *fallback; /* default as text, or null */
};

/* One configured account of a channel (a section under `channels:` in huiyin.yaml). Immutable while in use. */
struct account {
	const struct channel *channel;
	struct slice name;      /* as configured; part of the hook path /hooks/<name> and of every key */
	int index;
	struct slice *values;   /* by position in channel->options; empty when not set and no fallback */
	enum signature_mode signature;
	enum unsure_policy unsure;
	int per_second;         /* sends to its provider; 0: unlimited. Set, or the channel's default */
	struct slice public_url; /* https://host[:port], no path, no slash at the end */
	const struct yaml *section; /* the whole section, for `prepare` (field maps and the like) */
	const void *prepared;   /* what `prepare` made, or null */
};
struct slice account_option(const struct account *acc, const char *name); /* empty when unset */

struct abilities {
	bool inline_reply;   /* replies may ride on the webhook's answer */
	bool push;           /* replies are pushed by our own server (web chat): the courier never sends them */
	bool buttons, media_in, media_out, locations, sms; /* sms: texts are cut and priced by segments */
	bool idempotent_send; /* the provider honours our id as idempotency key: an unsure send may be repeated */
	size_t max_text;      /* characters (UTF-16 units when sms) one send may carry; longer is cut into parts */
	size_t max_inline;    /* replies per webhook answer */
	int per_second;       /* what an account's per_second is when it is not set; 0: unlimited */
};

#define PARSE_MAX_EVENTS 64
struct parsed { size_t n; struct event *events[PARSE_MAX_EVENTS]; };
/* A zeroed event of `kind` in the list; null when full. Its arena is `a`. */
struct event *parsed_add(struct parsed *p, struct arena *a, enum event_kind kind, int64_t now);

enum ack { ACK_DONE, ACK_AGAIN /* make this provider try again later */, ACK_BAD /* malformed: never again */ };

struct channel {
	const char *name, *about;
	const struct option *options; /* ends with a null name */
	struct abilities able;
	const char *const *private_headers; /* never to be logged; null-terminated; may be null */
	/* At load, once an account: checks the section, compiles what it needs. May be null. False: diags say why. */
	bool (*prepare)(struct account *acc, struct arena *a, struct diags *d);
	/* Before any parsing, on the raw request. `now` in ms. Fills *handshake on VERDICT_HANDSHAKE; on REJECT may set
	   handshake->status (default 403). */
	enum verdict (*verify)(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			       struct response *handshake);
	/* OK with 0..n events, or INVALID with *why. */
	enum result (*parse)(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			     struct parsed *out, const char **why);
	/* What tells this provider done / again / never; `texts` are inline replies (only if able.inline_reply). */
	void (*acknowledge)(const struct account *acc, enum ack ack, const struct slice *texts, size_t n,
			    struct arena *a, struct response *out);
	/* The token call, if the provider needs one; null otherwise. `granted` reads its answer. */
	bool (*authorize)(const struct account *acc, struct arena *a, struct call *out);
	bool (*granted)(const struct answer *ans, struct arena *a, struct slice *token, int64_t *lives_ms);
	/* Message → HTTP call. Null for push channels. NEVER: this message cannot be expressed. */
	enum result (*send)(const struct account *acc, const struct outgoing *m, struct slice token, int64_t now,
			    struct arena *a, struct call *out);
	/* Answer → what it means. */
	void (*outcome)(const struct account *acc, const struct outgoing *m, const struct answer *ans, struct arena *a,
			struct outcome *out);
	/* The GET for an inbound media item (adds credentials only for the provider's own host). May be null. */
	bool (*fetch)(const struct account *acc, struct slice url, struct arena *a, struct call *out);
	/* Vectors: settings named in a vector file → option values; scheme names this channel answers. May be null. */
	const char *const *schemes;
};

extern const struct channel *const channels[]; /* null-terminated, from channels.def */
const struct channel *channel_find(struct slice name);
/* "deep links" for QR codes: sms:+1555?body=…, for a WhatsApp number https://wa.me/1555?text=…; false when the channel has
   none. */
bool channel_deep_link(const struct account *acc, struct slice text, struct arena *a, struct slice *uri);

#endif

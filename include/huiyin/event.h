/*
 * Everything that can happen. All that changes state is an event on the one queue (design 1). An event owns an arena in
 * which all its slices live; it outlives the connection it came by.
 */
#ifndef HUIYIN_EVENT_H
#define HUIYIN_EVENT_H

#include "huiyin/message.h"
#include "huiyin/result.h"
#include "huiyin/secret.h"

enum event_kind {
	EVENT_MESSAGE, /* a citizen wrote */
	EVENT_RECEIPT, /* a provider tells what became of a send */
	EVENT_SENT,    /* our own call to a provider came back */
	EVENT_STAFF,   /* a command of an authenticated person or program */
	EVENT_TIMER,   /* something fell due (made by the engine, never queued) */
	EVENT_SEEN,    /* a web chat shows everything up to an outbox id; or an inline answer could not be written */
	EVENT_MEDIA,   /* a media fetch came back */
};

/* Forward only: a later value never becomes an earlier one; FAILED after SENT is legal, after DELIVERED it is not. */
enum delivery_state {
	DELIVERY_QUEUED, DELIVERY_SENDING, DELIVERY_UNSURE, DELIVERY_SENT, DELIVERY_DELIVERED, DELIVERY_READ,
	DELIVERY_FAILED,
};
bool delivery_may_move(enum delivery_state from, enum delivery_state to);
const char *delivery_state_name(enum delivery_state s);

struct receipt {
	struct slice provider_id; /* the provider's id of the send, or empty */
	int64_t outbox;           /* our id, where the callback carries it; else 0 */
	enum delivery_state state;
	struct slice code;        /* the provider's error code, or empty */
	bool opted_out;           /* the code says the person sent STOP to the carrier */
	int64_t at;
};

/* What a send came to (handlers' `outcome`); classes of channels.md. */
enum outcome_class {
	OUTCOME_SENT, OUTCOME_LATER, OUTCOME_RATE, OUTCOME_TOKEN, OUTCOME_SPLIT, OUTCOME_NEVER, OUTCOME_OPT_OUT,
	OUTCOME_WINDOW, OUTCOME_CONFIG, OUTCOME_UNSURE,
};
const char *outcome_class_name(enum outcome_class c);

struct outcome {
	enum outcome_class what;
	struct slice provider_id; /* on SENT, where one is given */
	struct slice code;        /* the provider's, kept as proof */
	struct slice detail;      /* short, without personal data; for the log and the attempt row */
	int64_t wait_ms;          /* on LATER and RATE: the provider's Retry-After, or 0 */
};

struct sent {
	int64_t outbox, fence; /* fence: the row's when it was claimed; an older one is a late word (engine/sends.c) */
	struct outcome outcome;
	int64_t started_at, ended_at;
	int http_status;
	bool attempted;
};

/* Staff commands: `verb` as in case.h, arguments as named texts. */
#define STAFF_MAX_ARGS 16
struct staff {
	struct slice actor; /* who: "api:<key name>", "cli:<user>" */
	struct slice verb, case_number;
	struct { struct slice name, value; } args[STAFF_MAX_ARGS];
	size_t n_args;
	struct slice idempotency_key; /* may be empty */
};

struct seen { struct hash16 contact; int64_t up_to; bool inline_lost; };

struct fetched { int64_t media; enum result result; struct slice path, type, sha256; int64_t size; struct slice why; };

/* Where an answer goes. The server finds the connection by id; if it is gone, the answer is dropped (never the event). */
struct ticket { uint32_t server; uint64_t connection; };

struct event {
	enum event_kind kind;
	struct arena *arena;
	int64_t id;              /* time-ordered, unique over all gateways; given by the queue */
	int64_t at;              /* wall time of arrival, ms */
	struct slice rid;        /* request id through the whole path */
	int channel;             /* index of the configured channel account; -1 none */
	struct ticket ticket;    /* connection 0: nobody waits */
	union {
		struct message message;
		struct receipt receipt;
		struct sent sent;
		struct staff staff;
		struct seen seen;
		struct fetched fetched;
		struct { int64_t contact; int kind; struct slice ref; int64_t due_at; } timer;
	};
};

#endif

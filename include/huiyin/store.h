/*
 * The store: loads what a batch needs, applies what the rules decided, in one synced transaction. It speaks the nouns
 * below and never a rule; the rules never see a database (design 2.5). One thread owns a store; readers are separate.
 */
#ifndef HUIYIN_STORE_H
#define HUIYIN_STORE_H

#include "huiyin/case.h"
#include "huiyin/event.h"

/* ---- rows ------------------------------------------------------------------------------------------------------- */
enum optout { OPTOUT_CHAT = 1, OPTOUT_SURVEY = 2, OPTOUT_CAMPAIGN = 4 }; /* never notices */

struct contact {
	int64_t id;
	struct hash16 hash;      /* keyed name of (account, address): how it is found */
	struct slice channel, address; /* address: kept sealed, apart from content; empty when loaded by hash */
	struct slice lang;       /* empty: not known yet */
	bool lang_chosen;        /* by a word; the script no longer changes it */
	unsigned optout;
	bool unreachable;        /* the provider says this address opted out there; cleared when it writes again */
	int64_t created_at, greeted_at, flood_from;
	int flood_count;
	int open_cases, open_surveys;
	bool fresh, changed;
};
struct session_row {
	int64_t contact;
	struct slice flow, revision, data; /* data: session_pack */
	bool fresh, changed, gone;
};
struct outbox_row {
	struct outgoing m;       /* buttons included */
	struct slice channel;
	enum delivery_state state;
	int64_t cause;           /* event id it answers */
	bool inline_reply;       /* rode on the webhook's answer */
	int64_t next_at, lease_until;
	struct slice provider_id, code;
	struct slice rid;        /* of the request that caused it; empty: written before schema 2 */
	int64_t fence;           /* how often it was claimed; 0 where one gateway owns the store */
	bool fresh, changed;
};
struct media_row {
	int64_t id, contact, message;
	struct slice channel, url, type, name, case_number;
	struct slice path, sha256, why; /* path under the state folder, once fetched */
	int64_t size; int attempts; int64_t next_at;
	enum delivery_state state; /* queued, sending, delivered (= here), failed */
	bool fresh, changed;
};
enum timer_kind { TIMER_SESSION, TIMER_SURVEY, TIMER_CASE };
struct timer { int64_t contact; enum timer_kind kind; struct slice ref; int64_t due_at; };
struct handover { int64_t id, contact; struct slice reason, text, case_number; bool urgent; int64_t at; };
struct inbox_row { /* the journal: every event as it came, for replay and proof */
	int64_t id, at, contact; enum event_kind kind; struct slice channel, provider_id, text, rid, fate; int64_t sent_at;
};
struct attempt { int64_t outbox, at; struct outcome outcome; int64_t took_ms; };
struct case_event { struct slice number; int64_t at, event; struct slice actor, verb, detail; /* JSON */ };
struct parked { struct slice channel, provider_id; struct receipt receipt; };
struct revision { struct slice flow, revision, source; };

/* ---- load -------------------------------------------------------------------------------------------------------- */
/* What one event needs, and (lower half) what the store found. Rows are shared between wants of the same contact. */
#define WANT_MAX_NUMBERS 3
struct want {
	bool by_hash; struct hash16 hash; /* contact by address … */
	int64_t contact_id;               /* … or by id (0: none) */
	bool has_dedupe; struct hash16 dedupe;
	struct slice numbers[WANT_MAX_NUMBERS]; size_t n_numbers; /* cases by number */
	int64_t outbox_id;                /* outbox row by id, or … */
	struct slice channel, provider_id; /* … by provider id */
	int64_t media_id;
	/* found */
	struct contact *contact;
	struct session_row *session;
	struct case_row *cases[WANT_MAX_NUMBERS]; /* by numbers[] */
	struct outbox_row *outbox;
	struct parked *parked;            /* receipts that came before provider_id was known (EVENT_SENT) */
	struct media_row *media;
	bool timer; struct timer due; /* asked: does this timer still stand as it was found? */
	bool stale;                   /* no: another gateway was first */
	bool duplicate; int64_t first_event; /* the event that took the dedupe key before */
	struct outbox_row **repeat; size_t n_repeat; /* duplicates: the inline replies it got, in order */
	/* of the contact, loaded when it has any */
	struct case_row **open_cases; size_t n_open_cases;
	struct survey **surveys; size_t n_surveys;
};
struct snapshot {
	struct arena *arena;
	struct want *wants; size_t n;
	int64_t next_sequence;   /* of case numbers, for `day` */
	struct slice day;        /* "261121"; set by the caller before load */
	bool more;               /* a further look for the batch that was loaded before */
};

/* ---- apply ------------------------------------------------------------------------------------------------------- */
/* Growing arrays in the batch's arena. Rows are pointers into the snapshot or new ones; each appears once. */
#define LIST_OF(type, name) struct { type *list; size_t n, room; } name
struct dedupe_put { struct hash16 key; int64_t event, at; };
struct count { struct slice channel; struct slice fate; int64_t n; }; /* per day: received, answered, queued, … */
struct changes {
	struct arena *arena;
	int64_t now;
	struct slice day;                 /* local date for counts, "2026-11-21" */
	LIST_OF(struct contact *, contacts);
	LIST_OF(struct session_row *, sessions);
	LIST_OF(struct case_row *, cases);
	LIST_OF(struct survey *, surveys);
	LIST_OF(struct outbox_row *, outbox);
	LIST_OF(struct media_row *, media);
	LIST_OF(struct inbox_row, inbox);
	LIST_OF(struct dedupe_put, dedupe);
	LIST_OF(struct timer, timers_put);    /* replaces (contact, kind, ref) */
	LIST_OF(struct timer, timers_gone);
	LIST_OF(struct handover, handovers);
	LIST_OF(struct attempt, attempts);
	LIST_OF(struct case_event, case_events);
	LIST_OF(struct parked, parked);
	LIST_OF(struct parked, parked_gone);
	LIST_OF(struct revision, revisions);  /* kept if not there yet */
	LIST_OF(struct count, counts);
	int64_t next_sequence; struct slice sequence_day; /* 0: unchanged */
	/* claim: up to so many due outbox rows are marked sending, leased, and returned */
	size_t claim_room; int64_t lease_ms;
	size_t claim_media_room;
	/* returned by apply */
	struct outbox_row *claimed; size_t n_claimed;
	struct media_row *claimed_media; size_t n_claimed_media;
};
#define LIST_ADD(changes, name, value) \
	do { \
		list_room((changes)->arena, (void **)&(changes)->name.list, &(changes)->name.n, &(changes)->name.room, \
			  sizeof *(changes)->name.list); \
		(changes)->name.list[(changes)->name.n++] = (value); \
	} while (0)
void list_room(struct arena *a, void **list, size_t *n, size_t *room, size_t size);

/* ---- the front ----------------------------------------------------------------------------------------------------- */
struct store;  /* what it is, its kind says */
struct chat_line;
struct reader;

/* Contacts, and what belongs to them, lie in one of 256 shards (docs/scale.md): a hash says it in its first byte, the id of
   a contact, an outbox row or a medium in its lowest eight bits. */
#define STORE_SHARDS 256
#define STORE_ID_MS_SHIFT 22 /* above these bits an id says when it was made, in ms */
static inline int store_shard_of_hash(const struct hash16 *h) { return h->bytes[0]; }
static inline int store_shard_of_id(int64_t id) { return (int)(id & (STORE_SHARDS - 1)); }

struct store_options {
	struct slice where; struct key key; const char *why; bool create;
	/* Where many gateways share a store: which one this is, what people call it (null: no gateway, only somebody who
	   looks), its program's version, and into how many partitions the tables are split when they are made (0: none). */
	int gateway; const char *name, *version; int partitions;
	struct hash16 config, prompts; /* of what it runs, so that a difference between gateways is seen; may be zero */
	/* Of this process and of the one before it, which is certainly gone: its number need not be waited for. 0: not known. */
	int64_t instance, before;
	/* A store that cannot be reached for now, or is just starting up: called with the reason before it is tried again.
	   False: give up. Null: it is not waited for. */
	bool (*wait)(void *with, struct slice why);
	void *with;
	bool moving; /* by a move (store/move.h): also a store that is not yet complete, or has moved away */
};

/* What other gateways on the same store have done. Called on a thread of the store's own. */
struct store_news {
	void (*wake)(void *with);                               /* something may be due: let the engine look */
	void (*chat)(void *with, const struct hash16 *contact); /* a web chat has new lines; null: any may have */
	void (*shared)(void *with, struct slice name);          /* what is shared under this name changed; empty: any may have.
								   Null: nobody asks */
	void *with;
};

/* What gateways share about the providers beside the work itself: a token, a breaker, a rate. */
struct shared;
struct shared_value {
	struct slice name, value;
	int64_t until;   /* by our wall clock, ms; it is as if it were not there from then on. INT64_MAX: stays */
	int64_t version; /* of the value read; put replaces this one only. 0: there was none */
};

struct store_kind {
	const char *scheme, *about; /* "sqlite", "ram" */
	/* Null with *why (static or in `a`) when it cannot be opened: what is wrong, how to mend it. */
	struct store *(*open)(const struct store_options *o, struct arena *a, struct slice *why);
	void (*close)(struct store *s);
	/* OK, LATER or RETRY; fills the lower half of each want. Same contact → same pointers. */
	enum result (*load)(struct store *s, struct snapshot *snap);
	/* Due timers, at most `max`, oldest first. */
	enum result (*due)(struct store *s, int64_t now, size_t max, struct arena *a, struct timer **out, size_t *n);
	/* The earliest moment anything (timer, outbox, media) falls due; 0 none. Never late; early when a session's
	   timer was put off, until `due` has looked. */
	enum result (*next_due)(struct store *s, int64_t *at);
	/* All or nothing, synced when it returns OK. LATER: nothing was kept, try again (full, locked). RETRY: nothing was
	   kept because another gateway was first; load and decide once more.
	   UNSURE: the sync failed; the process must end (reliability.md 4.3). */
	enum result (*apply)(struct store *s, struct changes *c);
	/* A source of a stored revision; NEVER when unknown. */
	enum result (*revision)(struct store *s, struct slice flow, struct slice revision, struct arena *a,
				struct slice *source);
	/* Housekeeping between batches: checkpoint, drop expired dedupe keys (older than keep_ms) in small bites. RETRY: there
	   is more, again soon. */
	enum result (*tidy)(struct store *s, int64_t now, int64_t keep_ms);
	/* A hot copy to a file, from the writing connection. NEVER where it has no meaning. */
	enum result (*backup)(struct store *s, const char *path, struct slice *why, struct arena *a);
	/* A read-only view for one other thread. */
	struct reader *(*reader_open)(struct store *s);
	void (*reader_close)(struct reader *r);
	/* Lines of a web chat's contact after an id, both sides, oldest first (channels whose rows have next_at INT64_MAX). */
	enum result (*history)(struct reader *r, int64_t contact, int64_t after, size_t max, struct arena *a,
			       struct chat_line **out, size_t *n);
	enum result (*find_case)(struct reader *r, struct slice number, struct arena *a, struct case_row **out,
				 struct case_event **events, size_t *n_events);
	enum result (*find_cases)(struct reader *r, struct slice status, int64_t before, size_t max, struct arena *a,
				  struct case_row **out, size_t *n);
	enum result (*find_handovers)(struct reader *r, size_t max, struct arena *a, struct handover **out, size_t *n);
	enum result (*find_outbox)(struct reader *r, struct slice number, struct arena *a, struct outbox_row **out,
				   size_t *n); /* of a case, with provider codes: the proof of delivery */
	enum result (*find_counts)(struct reader *r, struct slice day, struct arena *a, struct count **out, size_t *n);
	enum result (*find_contact)(struct reader *r, struct hash16 hash, struct arena *a, struct contact **out);
	/* Gauges: outbox rows by state, open sessions, cases, contacts, bytes on disk. */
	enum result (*gauges)(struct reader *r, struct arena *a, struct count **out, size_t *n);
	/* The greatest id of any message or send, 0 when there is none. Null: the store makes sure of its ids itself. */
	enum result (*newest)(struct store *s, int64_t *id);
	/* Several gateways make ids by one clock, the store's: how far it is ahead of our monotonic one, never too far, and
	   behind by no more than an answer is on its way. Each load brings a reading along. False: not known yet. Null: none. */
	bool (*clock)(struct store *s, int64_t *ahead_us);
	/* The wall clock jumped: next_at of what waits, leases and timers move along. Null: it has a clock of its own. */
	enum result (*shift)(struct store *s, int64_t by_ms);
	/* Stores that several gateways share; null elsewhere. listen: false with *why. hush: no call comes any more once it
	   returns. remarks: what is odd about the other gateways, JSON texts with commas between, for /readyz. */
	bool (*listen)(struct store *s, const struct store_news *news, struct arena *a, struct slice *why);
	void (*hush)(struct store *s);
	void (*remarks)(struct store *s, struct buf *out);
	/* Do other gateways work on it? Seen every few seconds; no round trip. Any thread. Null: never. */
	bool (*others)(struct store *s);
	/* After LATER: what mends it, for people, static. The engine's thread. Null: nothing better than the log is known. */
	const char *(*refuses_for)(struct store *s);
	/* After a reload: what this gateway runs now. */
	void (*runs)(struct store *s, const struct hash16 *config, const struct hash16 *prompts);
	/* What gateways share beside the rows, for one other thread, on a connection of its own; each call waits at most two
	   seconds. All null where one gateway owns the store.
	   get: all whose name begins with `prefix`. put: OK, v->version is the new one and the others are told; NEVER: it is
	   another version by now; LATER: not now, or the answer was lost. book: `n` moments `gap_us` apart, after all that
	   anyone has booked under this name; the first is *wait_us from now (negative: it was long on its way). INVALID: no
	   such name or number can be. */
	struct shared *(*shared_open)(struct store *s);
	void (*shared_close)(struct shared *h);
	enum result (*shared_get)(struct shared *h, struct slice prefix, struct arena *a, struct shared_value **out, size_t *n);
	enum result (*shared_put)(struct shared *h, struct shared_value *v);
	enum result (*shared_book)(struct shared *h, struct slice name, int64_t n, int64_t gap_us, int64_t *wait_us);
};
struct chat_line { int64_t id, at; bool ours; struct slice text; struct button *buttons; size_t n_buttons; };

struct store { const struct store_kind *kind; };
struct reader { const struct store_kind *kind; };
extern const struct store_kind *const store_kinds[]; /* null-terminated, from stores.def */
/* "sqlite:/path/file.db", "ram:". Adds what is wrong to *why. */
struct store *store_open(struct slice url, const struct key *key, struct arena *a, struct slice *why);
/* The same with all options; `where` is taken from the address. */
struct store *store_open_with(struct slice url, const struct store_options *o, struct arena *a, struct slice *why);
/* Wraps a store so that its Nth call of load or apply fails with `how` (once, or from then on). For tests. */
struct store *store_fail_at(struct store *inner, int64_t nth, enum result how, bool lasting);

#endif

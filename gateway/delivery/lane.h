/*
 * An account as the courier sees it: rows that wait in four lanes, and all that says how fast they may go. Knows
 * neither threads nor the wire, and is handed the time. Inside delivery only.
 */
#ifndef HUIYIN_LANE_H
#define HUIYIN_LANE_H

#include "config.h"
#include "delivery/schedule.h"
#include "huiyin/store.h"

#define OUTCOMES      (OUTCOME_UNSURE + 1)
#define CALL_LEAST_MS 2000 /* no call is begun with less of the lease left */

enum flight_kind { FLIGHT_SEND, FLIGHT_TOKEN, FLIGHT_MEDIA };

/* A row in the courier's hands. It, its row and its call live in its own arena. */
struct job {
	enum flight_kind kind; /* first in every flight: what the wire hands back */
	struct job *next;
	struct arena *arena;
	struct outbox_row row;
	struct line *line;
	int64_t give_up;  /* monotonic: the end of the lease, less a margin */
	bool token_tried; /* one fresh token was fetched for it already */
	/* while the call is out */
	struct config *config;
	const struct account *account;
	struct call call;
	struct transfer *transfer;
	unsigned token_number;
	int64_t started_at, started_mono;
};

struct token {
	char *text;
	size_t len;              /* heap; wiped when dropped */
	unsigned number;         /* counts tokens: two jobs that fail on one token refresh it once */
	int64_t until, next_try; /* monotonic */
	int failures;
	struct token_call *call; /* out now */
};

/* What the store says for all gateways that share it, under one name, as it was last seen (sharing.c). */
enum standing_kind { STANDING_RATE, STANDING_STOP, STANDING_BREAKER, STANDING_TOKEN, STANDINGS };
struct standing {
	int64_t version;  /* 0: nothing is there */
	int64_t until;    /* monotonic */
	char state;       /* the first letter of its value */
	bool own;         /* this gateway put it there */
	bool asked;       /* a put is under way: what was read meanwhile is older */
	int64_t said;     /* what of ours the others know, or what was taken over from them */
	int64_t retry_at; /* monotonic: no put before */
};

struct line {
	struct line *next;
	char *name;
	const struct account *account; /* of the config held now; null: no longer configured */
	struct pool *pool;
	struct job *lanes[LANES]; /* oldest first */
	struct job *flying;
	size_t n_waiting, n_flying;
	struct bucket bucket;
	struct breaker breaker;
	int64_t paused_until;  /* monotonic: after a rate answer */
	int64_t stopped_until; /* monotonic: after a config answer */
	int64_t booked[LANES]; /* monotonic: until when the lane's rate is promised to rows sent back */
	struct token token;
	uint64_t outcomes[OUTCOMES], held_back, latency_ms, calls;
	/* where gateways share a store */
	bool shared;            /* its rate is kept by moments, booked for all */
	bool known;             /* how the others found it was read */
	char mark[33];          /* of its settings, keyed: a token, and a refusal of the account, are of these only */
	struct standing standings[STANDINGS];
	struct moments moments;
	bool booking;           /* asked for moments */
	int64_t book_at, block; /* monotonic: not before; at most so many at once */
	uint64_t n_booked;
};

/* Copies the row. A row without a request id (stored by an older release) gets one of its own: "o<id>". */
struct job *job_open(const struct outbox_row *row, int64_t give_up);
void job_close(struct job **j);

void line_take(struct line *l, struct job *j);   /* into its lane, by age */
void line_return(struct line *l, struct job *j); /* to the front of its lane */
struct job *line_first(struct line *l);          /* what goes next and whose contact has nothing out; or null */
void line_remove(struct line *l, struct job *j);
struct job *line_pop_expired(struct line *l, int64_t mono);
struct job *line_pop_last(struct line *l); /* the least urgent: youngest of the lowest lane */
struct job *line_pop_any(struct line *l);
/* May a call begin now? If not, *wait_ms says when to look again. Takes what it grants: rate, and the probe. */
bool line_allows(struct line *l, int64_t mono, int64_t *wait_ms);
void line_ungrant(struct line *l); /* what was granted last is not used after all */
int64_t line_closed_until(const struct line *l); /* monotonic: by a pause or a stop */
/* When a row that cannot be kept should come back: what the rate leaves after all that is waiting and promised. */
int64_t line_book(struct line *l, enum lane lane, int64_t mono);
double line_full_rate(const struct line *l);
bool line_may_repeat(const struct line *l); /* an unsure send may be made again */

#endif

/* The courier's inside, shared by courier.c (thread, room, reload, stop), sending.c (a send), token.c (what it needs
   first), sharing.c and booking.c (what all gateways do as one) and media.c. */
#ifndef HUIYIN_COURIER_H
#define HUIYIN_COURIER_H

#include <pthread.h>
#include <stdatomic.h>

#include "delivery/delivery.h"
#include "delivery/lane.h"
#include "delivery/share.h"
#include "delivery/wire.h"

struct fetch; /* media.c */

struct delivery {
	struct tuning tuning; /* rows and fetches stay as at the start: others read them at any time */
	struct queue *queue;
	pthread_t thread;
	atomic_size_t held, held_media;

	pthread_mutex_t door; /* guards what others hand in */
	struct job *given;    /* newest first */
	struct fetch *given_media;
	struct config *next_config;
	bool stopping;
	int64_t stop_by; /* monotonic */

	pthread_mutex_t lock; /* guards the lines: the courier changes them, metrics read them */
	struct line *lines;
	size_t n_sending;          /* accounts that send */
	uint64_t media_results[3]; /* fetched, later, never */

	/* the courier's thread alone */
	struct config *config;
	struct wire *wire;
	size_t n_out; /* sends and token calls on the wire */
	struct token_call *token_calls;
	struct fetch *fetches, *fetching;
	size_t n_fetching;
	int64_t next_sweep;

	/* where several gateways share the store: null elsewhere. Begun under the lock, then the courier's alone */
	struct share *share;
	struct key key;       /* seals tokens, names settings */
	char owner[17];       /* of what this process claims */
	atomic_bool heard;    /* something that is shared has changed */
	bool looking;
	int64_t look_due;     /* monotonic */
	int64_t bound;        /* how often names were given to the lines */
};

/* sending.c, token.c, sharing.c: all with the lock held */
/* Begins what may begin on this line; *wait_ms falls to when to look again. */
void sending_begin(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms);
void sending_landed(struct delivery *d, struct transfer *t); /* a send or a token call */
void sending_cancel(struct delivery *d);                     /* all that are out: as unsure as they are */
/* The row goes back untried: the outcome says why and when. */
void sending_back(struct delivery *d, struct job *j, enum outcome_class what, struct slice detail, int64_t wait_ms);
struct order sending_order(const struct delivery *d, const struct line *l, const struct account *acc, const struct call *c,
			   void *with);

/* Is there a token to send with, or none needed? If not it is being fetched, or will be after *wait_ms. */
bool token_ready(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms);
void token_landed(struct delivery *d, struct transfer *t);
void token_cancel(struct delivery *d);
void token_drop(struct token *t);
/* What the others have: OK, or INVALID when it cannot be opened, or is not this line's. */
enum result token_adopt(struct delivery *d, struct line *l, struct slice name, struct slice sealed, int64_t until);
/* The token as it may stand in the store: 't' and the sealed bytes. */
struct slice token_seal(const struct delivery *d, const struct line *l, struct slice name, struct arena *a);

/* booking.c: likewise. Books what may soon be sent, if there is need; takes the answer */
void booking_ahead(struct delivery *d, struct line *l, int64_t mono);
void booking_take(const struct ask *a, int64_t mono);

/* Takes answers, asks how things stand, tells what the others do not know; *wait_ms falls to when to look again. */
void sharing_round(struct delivery *d, int64_t mono, int64_t *wait_ms);
void sharing_bind(struct delivery *d, struct line *l); /* after the settings were read; keeps or drops the token */
/* May a row of this line go, as far as the others are concerned? Claims the probe, or books moments, if it must. */
bool sharing_allows(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms);
/* May this gateway fetch a token? Claims it if it must. */
bool sharing_token(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms);

/* media.c; the courier's thread, without the lock */
void media_give(struct delivery *d, const struct media_row *row); /* any thread, door held */
void media_begin(struct delivery *d);
void media_landed(struct delivery *d, struct transfer *t);
void media_stop(struct delivery *d, bool now); /* what waits goes back; `now`: what is out, too */
void media_tidy(const struct config *c);       /* leftovers of a crash */
bool media_idle(const struct delivery *d);

#endif

/* The courier's inside, shared by courier.c (thread, room, reload, stop), sending.c (a send and its token) and media.c.
 */
#ifndef HUIYIN_COURIER_H
#define HUIYIN_COURIER_H

#include <pthread.h>
#include <stdatomic.h>

#include "delivery/delivery.h"
#include "delivery/lane.h"
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
};

/* sending.c; all with the lock held */
/* Begins what may begin on this line; *wait_ms falls to when to look again. */
void sending_begin(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms);
void sending_landed(struct delivery *d, struct transfer *t); /* a send or a token call */
void sending_cancel(struct delivery *d);                     /* all that are out: as unsure as they are */
/* The row goes back untried: the outcome says why and when. */
void sending_back(struct delivery *d, struct job *j, enum outcome_class what, struct slice detail, int64_t wait_ms);
void token_drop(struct token *t);

/* media.c; the courier's thread, without the lock */
void media_give(struct delivery *d, const struct media_row *row); /* any thread, door held */
void media_begin(struct delivery *d);
void media_landed(struct delivery *d, struct transfer *t);
void media_stop(struct delivery *d, bool now); /* what waits goes back; `now`: what is out, too */
void media_tidy(const struct config *c);       /* leftovers of a crash */
bool media_idle(const struct delivery *d);

#endif

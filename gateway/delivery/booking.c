/*
 * The rate of an account whose provider several gateways use: moments to send at are booked in the store, a few at once
 * and shortly ahead, and what is not used in its time is lost. So no more is sent by all of them together than one may
 * send, and one that is alone may send all of it. Without the database nothing is sent beyond what is booked.
 *
 * Nothing here is fatal.
 */
#include "delivery/courier.h"

#define AHEAD_MS 200
#define AGAIN_MS 200
#define MOST     1000 /* at once */

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* More at once as long as all are used; fewer when others could have used them. */
static int64_t next_block(struct line *l)
{
	int64_t most = (int64_t)(l->bucket.per_second * AHEAD_MS / 1000.0);

	most = most < 1 ? 1 : least(most, MOST);
	if (!l->block)
		l->block = most;
	else if (l->moments.lost > l->moments.used)
		l->block = l->block > 1 ? l->block / 2 : 1;
	else if (!l->moments.lost && l->moments.used)
		l->block *= 2;
	l->moments.lost = l->moments.used = 0;
	l->block = least(l->block, most);
	return l->block;
}

void booking_ahead(struct delivery *d, struct line *l, int64_t mono)
{
	int64_t wanted;
	struct ask *a;

	moments_prune(&l->moments, mono);
	wanted = (int64_t)l->n_waiting - moments_left(&l->moments);
	if (l->booking || mono < l->book_at || wanted <= 0 ||
	    moments_last_us(&l->moments) > (mono + AHEAD_MS) * 1000)
		return;
	if (breaker_open(&l->breaker))
		wanted = 1; /* the probe */
	a = ask_open(ASK_BOOK, l);
	a->name = arena_printf(a->arena, "book/%s", l->name);
	a->n = least(wanted, next_block(l));
	a->gap_us = (int64_t)(1e6 / l->bucket.per_second);
	l->booking = share_ask(d->share, a);
	if (!l->booking)
		l->book_at = mono + AGAIN_MS;
}

void booking_take(const struct ask *a, int64_t mono)
{
	struct line *l = a->line;

	l->booking = false;
	if (a->result != OK)
		l->book_at = mono + AGAIN_MS;
	else if (moments_add(&l->moments, a->first_us, a->n, a->gap_us))
		l->n_booked += (uint64_t)a->n;
}

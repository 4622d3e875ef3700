/*
 * What gateways share about providers, asked for without waiting: a thread of the courier's own puts the questions to
 * the store, one after the other, and wakes the courier when there is an answer. Inside delivery only.
 */
#ifndef HUIYIN_SHARE_H
#define HUIYIN_SHARE_H

#include "delivery/lane.h"
#include "delivery/wire.h"
#include "huiyin/store.h"

#define ASKS_MAX 4096 /* questions that wait; the courier has a few for each account under way */

enum ask_kind { ASK_LOOK, ASK_PUT, ASK_BOOK };
/* A question and its answer, in an arena of its own. */
struct ask {
	struct ask *next;
	struct arena *arena;
	enum ask_kind kind;
	struct line *line;       /* the courier's; null for a look */
	enum standing_kind what; /* put */
	int64_t said;            /* the courier's own */
	struct slice name;       /* look: the beginning of names */
	struct slice value;      /* put */
	int64_t until, version;  /* put: until when, monotonic; the version it replaces, and when done the new one */
	int64_t n, gap_us;       /* book */
	enum result result;
	struct shared_value *rows; /* look; `until` is monotonic here */
	size_t n_rows;
	int64_t first_us; /* book: the first moment, monotonic */
};
struct ask *ask_open(enum ask_kind kind, struct line *l);
void ask_close(struct ask **a);

struct share;
/* Null: this store is one gateway's alone. `w` is woken for each answer. */
struct share *share_open(struct store *s, struct wire *w);
/* What waits is still put to a store that answers, for a second at most; waits for a call that is out (two seconds). */
void share_close(struct share **s);
/* Takes it over. False: too many wait, and it is gone. */
bool share_ask(struct share *s, struct ask *a);
struct ask *share_answer(struct share *s); /* in the order they were asked; null: none. The caller closes it */

#endif

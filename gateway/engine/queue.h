/* The one event queue: bounded, many writers, one reader (the engine). */
#ifndef HUIYIN_QUEUE_H
#define HUIYIN_QUEUE_H

#include "huiyin/clock.h"
#include "huiyin/event.h"

struct queue;
struct queue *queue_open(size_t most, int gateway); /* gateway: 0..255, part of every id */
void queue_close(struct queue **q);                 /* frees events still inside */
/* Takes the event over and gives it an id and a time (unless set). FULL: not taken, answer "later". */
enum result queue_put(struct queue *q, struct event *e);
/* Results of our own sends must not be refused: goes in beyond the bound (their number is bounded by the courier). */
void queue_put_always(struct queue *q, struct event *e);
/* Up to max events in order; waits at most wait_ms for the first. 0: nothing came. */
size_t queue_take(struct queue *q, struct event **out, size_t max, int64_t wait_ms);
/* Returns as soon as there are `enough` events, or one looks for attention (queue_wake), or after `us` microseconds. */
void queue_gather(struct queue *q, size_t enough, int64_t us);
void queue_wake(struct queue *q);
size_t queue_depth(const struct queue *q);
bool queue_nearly_full(const struct queue *q); /* over nine tenths: more would soon be refused */
/* Ids are made by a clock so far ahead of the monotonic one, which several gateways share; until then by the wall clock. */
void queue_clock(struct queue *q, int64_t ahead_us);
void queue_after(struct queue *q, int64_t id); /* ids from here on are greater: the clock may have gone back over a stop */
int64_t queue_id_time(int64_t id);             /* when it was made, by the clock of then, in ms */
int64_t queue_id(struct queue *q); /* a fresh time-ordered id: 41 bits ms since 2024, 8 bits gateway, 14 bits count */
int64_t queue_id_in(struct queue *q, int shard); /* likewise, its lowest eight bits say the shard (store.h) */
struct event *event_open(enum event_kind kind); /* with an arena of its own */
void event_close(struct event **e);

#endif

/* Pure: when to try again, which lane goes first, how fast a channel may be used, when a circuit opens. */
#ifndef HUIYIN_SCHEDULE_H
#define HUIYIN_SCHEDULE_H

#include "huiyin/event.h"

/* Wait before attempt n+1 (n = attempts made): 5 s doubling to 30 min, ±20 % by `random`; at least retry_after_ms.
   Negative: no more (older than life_ms). */
int64_t schedule_wait(int attempts, int64_t age_ms, int64_t life_ms, int64_t retry_after_ms, uint32_t random);
/* What an outcome makes of a row: the next state, and when (ms from now; 0 now). */
struct verdict_on_send { enum delivery_state state; int64_t wait_ms; bool opted_out, stop_channel, slow_channel; };
struct verdict_on_send schedule_judge(const struct outcome *o, enum lane lane, int attempts, int64_t age_ms,
				      int64_t life_ms, bool may_repeat_unsure, uint32_t random);

/* A reply is stale after a day, a survey after two, a campaign after one; a notice is owed as long as `life_ms`. */
int64_t schedule_life(enum lane lane, int64_t life_ms);
/* Retry-After as seconds or as an HTTP date (RFC 9110 10.2.3), in ms from now; 0: absent, malformed or past. At most a
   day. */
int64_t schedule_retry_after(struct slice header, int64_t now);

/* Rate per channel; monotonic ms; per_second 0: unlimited. */
struct bucket { double tokens, per_second, burst; int64_t last_ms; };
bool bucket_take(struct bucket *b, int64_t mono_ms, int64_t *wait_ms);
void bucket_slow(struct bucket *b, double factor); /* after a "rate" answer; recovers by successes */
void bucket_success(struct bucket *b, double full_per_second);

struct breaker { int failures; int64_t open_until_ms; bool probing; }; /* monotonic ms */
bool breaker_allows(struct breaker *b, int64_t mono_ms, int64_t *wait_ms); /* one probe while half open */
void breaker_result(struct breaker *b, bool reached, int64_t mono_ms);

#endif

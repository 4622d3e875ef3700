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
void bucket_adopt(struct bucket *b, double per_second); /* what another was slowed to, if it is slower */

struct breaker { int failures; int64_t open_until_ms; bool probing; }; /* monotonic ms */
bool breaker_allows(struct breaker *b, int64_t mono_ms, int64_t *wait_ms); /* one probe while half open */
void breaker_result(struct breaker *b, bool reached, int64_t mono_ms);
bool breaker_open(const struct breaker *b);                      /* not closed: shut, or half open */
bool breaker_half_open(const struct breaker *b, int64_t mono_ms); /* a probe is due, and none is out */
/* As another has found it: open until then, after so many failures. */
void breaker_adopt(struct breaker *b, int failures, int64_t open_until_ms);

/* Moments to send at, booked where several share a rate: in blocks, each moment good for one send. One that is not used
   within MOMENT_LASTS_MS is lost, for the next is another's. */
#define MOMENT_BLOCKS   4
#define MOMENT_LASTS_MS 100
struct moments {
	struct { int64_t first_us, gap_us, n; } blocks[MOMENT_BLOCKS]; /* monotonic; in order */
	int64_t back_us;    /* taken and not used; 0: none */
	int64_t taken_us;   /* the last one taken */
	int64_t used, lost; /* since they were last looked at */
};
bool moments_add(struct moments *m, int64_t first_us, int64_t n, int64_t gap_us); /* false: no room, they are lost */
bool moments_take(struct moments *m, int64_t mono_ms, int64_t *wait_ms);         /* none: *wait_ms is INT64_MAX */
void moments_back(struct moments *m); /* the one just taken is not needed after all */
void moments_prune(struct moments *m, int64_t mono_ms); /* lets go of those that are over */
int64_t moments_left(const struct moments *m);
int64_t moments_last_us(const struct moments *m); /* 0: none is left */

#endif

/*
 * Time. Wall time is for people and the law; monotonic time is for intervals; the compiler keeps them apart.
 * Rules never read a clock: they are handed `now`. In rows and messages a wall time is int64_t milliseconds since
 * 1970 UTC, named *_at; 0 means "none".
 */
#ifndef HUIYIN_CLOCK_H
#define HUIYIN_CLOCK_H

#include "huiyin/text.h"

struct wall { int64_t ms; };
struct mono { int64_t ms; };

struct wall clock_wall(void);
struct mono clock_mono(void);
int64_t clock_mono_us(void); /* the same, in microseconds */
int64_t mono_since(struct mono then, struct mono now); /* ms */

struct civil { int year, month, day, hour, minute, second, weekday; /* weekday: 0 = Sunday */ };
/* Local civil time in an IANA zone; unknown zones are refused by zone_open. */
struct zone;
struct zone *zone_open(const char *name); /* "Asia/Shanghai"; null when unknown. Lives until zone_close. */
void zone_close(struct zone **z);
struct civil wall_civil(int64_t at_ms, const struct zone *z);
int64_t civil_wall(struct civil c, const struct zone *z);       /* ms; out-of-range fields are normalised */
int64_t civil_days(int year, int month, int day);               /* days since 1970-01-01, proleptic Gregorian */
void civil_from_days(int64_t days, int *year, int *month, int *day);
struct slice wall_iso(struct arena *a, int64_t at_ms, const struct zone *z); /* 2026-11-21T10:00:00+08:00 */
bool iso_wall(struct slice text, int64_t *at_ms);               /* the inverse; zone mandatory; Z allowed */
/* "10s" "15m" "24h" "7d" → ms. False on anything else or beyond 10 years. */
bool duration_parse(struct slice s, int64_t *ms);

#endif

/*
 * Pure: when to try again, what an outcome makes of a row, how fast a channel may be used, when a circuit opens.
 * Time and randomness come in as arguments. Nothing here is fatal.
 */
#include "delivery/schedule.h"

#include "huiyin/clock.h"

#define WAIT_FIRST_MS        INT64_C(5000)
#define WAIT_LONGEST_MS      (INT64_C(30) * 60000)
#define DAY_MS               (INT64_C(24) * 3600000)
#define CONFIG_WAIT_MS       (INT64_C(5) * 60000) /* only an operator can mend it: look again now and then */
#define RATE_LEAST           0.1                  /* sends per second that a channel is never slowed below */
#define RATE_UNLIMITED_START 20.0                 /* what an unlimited channel falls to before the first slowing */
#define RATE_UNLIMITED_AGAIN 200.0                /* beyond this, an unlimited channel is unlimited again */
#define BREAKER_FAILURES     5
#define BREAKER_FIRST_MS     INT64_C(5000)
#define BREAKER_LONGEST_MS   (INT64_C(5) * 60000)

/* first, 2·first, 4·first … never beyond `longest`. */
static int64_t doubled(int64_t first, int times, int64_t longest)
{
	int64_t wait = first;

	for (int i = 0; i < times && wait < longest; i++)
		wait *= 2;
	return wait < longest ? wait : longest;
}

int64_t schedule_wait(int attempts, int64_t age_ms, int64_t life_ms, int64_t retry_after_ms, uint32_t random)
{
	int64_t wait = doubled(WAIT_FIRST_MS, attempts - 1, WAIT_LONGEST_MS);
	int64_t jitter = wait / 5 * 2; /* the width: ±20 % */

	if (age_ms >= life_ms)
		return -1;
	wait += (int64_t)((double)random / 4294967296.0 * (double)(jitter + 1)) - jitter / 2;
	if (retry_after_ms > DAY_MS)
		retry_after_ms = DAY_MS;
	return wait > retry_after_ms ? wait : retry_after_ms;
}

int64_t schedule_life(enum lane lane, int64_t life_ms)
{
	int64_t most = lane == LANE_NOTICE ? life_ms : lane == LANE_SURVEY ? 2 * DAY_MS : DAY_MS;

	return life_ms < most ? life_ms : most;
}

static struct verdict_on_send again(struct verdict_on_send v, int64_t least_ms, int attempts, int64_t age_ms,
				    int64_t life_ms, uint32_t random)
{
	int64_t wait = schedule_wait(attempts, age_ms, life_ms, least_ms, random);

	v.state = wait < 0 ? DELIVERY_FAILED : DELIVERY_QUEUED;
	v.wait_ms = wait < 0 ? 0 : wait;
	return v;
}

struct verdict_on_send schedule_judge(const struct outcome *o, enum lane lane, int attempts, int64_t age_ms,
				      int64_t life_ms, bool may_repeat_unsure, uint32_t random)
{
	struct verdict_on_send v = {.state = DELIVERY_FAILED};
	int64_t life = schedule_life(lane, life_ms);

	switch (o->what) {
	case OUTCOME_SENT:
		v.state = DELIVERY_SENT;
		return v;
	case OUTCOME_LATER:
	case OUTCOME_TOKEN:
		return again(v, o->wait_ms, attempts, age_ms, life, random);
	case OUTCOME_RATE:
		v.slow_channel = true;
		return again(v, o->wait_ms, attempts, age_ms, life, random);
	case OUTCOME_CONFIG:
		v.stop_channel = true;
		return again(v, o->wait_ms > CONFIG_WAIT_MS ? o->wait_ms : CONFIG_WAIT_MS, attempts, age_ms, life,
			     random);
	case OUTCOME_UNSURE:
		if (may_repeat_unsure)
			v = again(v, o->wait_ms, attempts, age_ms, life, random);
		if (v.state != DELIVERY_QUEUED)
			v.state = DELIVERY_UNSURE; /* a person decides */
		return v;
	case OUTCOME_OPT_OUT:
		v.opted_out = true;
		return v;
	case OUTCOME_SPLIT: /* texts are cut before they are queued: this one cannot be made shorter */
	case OUTCOME_NEVER:
	case OUTCOME_WINDOW:
		return v;
	}
	return v;
}

/* ---- Retry-After ------------------------------------------------------------------------------------------------- */

static int number_at(struct slice s, size_t at, size_t digits)
{
	int n = 0;

	for (size_t i = at; i < at + digits; i++) {
		if (i >= s.len || s.data[i] < '0' || s.data[i] > '9')
			return -1;
		n = n * 10 + (s.data[i] - '0');
	}
	return n;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT": the one form a sender may still generate (RFC 9110 5.6.7). */
static bool http_date(struct slice s, int64_t *at_ms)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int day, year, hour, minute, second, month = 0;

	if (s.len != 29 || !slice_equal(slice_from(s, 25), S(" GMT")) || s.data[3] != ',' || s.data[19] != ':' ||
	    s.data[22] != ':')
		return false;
	while (month < 12 && !slice_equal(slice_make(months + month * 3, 3), slice_make(s.data + 8, 3)))
		month++;
	day = number_at(s, 5, 2);
	year = number_at(s, 12, 4);
	hour = number_at(s, 17, 2);
	minute = number_at(s, 20, 2);
	second = number_at(s, 23, 2);
	if (month == 12 || day < 1 || day > 31 || year < 1970 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
	    second < 0 || second > 60)
		return false;
	*at_ms = (((civil_days(year, month + 1, day) * 24 + hour) * 60 + minute) * 60 + second) * 1000;
	return true;
}

int64_t schedule_retry_after(struct slice header, int64_t now)
{
	struct slice s = slice_trim(header);
	int64_t at, wait;

	if (slice_to_int(s, &at))
		wait = at > DAY_MS / 1000 ? DAY_MS : at * 1000;
	else if (http_date(s, &at))
		wait = at - now;
	else
		return 0;
	return wait < 0 ? 0 : wait > DAY_MS ? DAY_MS : wait;
}

/* ---- rate -------------------------------------------------------------------------------------------------------- */

bool bucket_take(struct bucket *b, int64_t mono_ms, int64_t *wait_ms)
{
	double burst = b->burst > 1 ? b->burst : b->per_second > 1 ? b->per_second : 1;

	*wait_ms = 0;
	if (b->per_second <= 0)
		return true;
	if (mono_ms > b->last_ms)
		b->tokens += (double)(mono_ms - b->last_ms) * b->per_second / 1000.0;
	b->last_ms = mono_ms;
	if (b->tokens > burst)
		b->tokens = burst;
	if (b->tokens >= 1) {
		b->tokens -= 1;
		return true;
	}
	*wait_ms = (int64_t)((1 - b->tokens) * 1000.0 / b->per_second) + 1;
	return false;
}

void bucket_slow(struct bucket *b, double factor)
{
	if (b->per_second <= 0)
		b->per_second = RATE_UNLIMITED_START;
	b->per_second *= factor;
	if (b->per_second < RATE_LEAST)
		b->per_second = RATE_LEAST;
	if (b->tokens > 0)
		b->tokens = 0;
}

void bucket_adopt(struct bucket *b, double per_second)
{
	if (per_second < RATE_LEAST)
		per_second = RATE_LEAST;
	if (b->per_second <= 0 || b->per_second > per_second)
		b->per_second = per_second;
}

/* Back by a twentieth of the full rate a success: what was refused is not asked for again at once. */
void bucket_success(struct bucket *b, double full_per_second)
{
	if (full_per_second > 0) {
		b->per_second += full_per_second / 20;
		if (b->per_second > full_per_second)
			b->per_second = full_per_second;
	} else if (b->per_second > 0) {
		b->per_second *= 1.05;
		if (b->per_second > RATE_UNLIMITED_AGAIN)
			b->per_second = 0;
	}
}

/* ---- booked moments ----------------------------------------------------------------------------------------------- */

bool moments_add(struct moments *m, int64_t first_us, int64_t n, int64_t gap_us)
{
	for (int i = 0; i < MOMENT_BLOCKS; i++)
		if (!m->blocks[i].n) {
			m->blocks[i].first_us = first_us;
			m->blocks[i].gap_us = gap_us;
			m->blocks[i].n = n;
			return true;
		}
	return false;
}

/* Takes the first one out of the first block. */
static void moments_step(struct moments *m)
{
	m->blocks[0].first_us += m->blocks[0].gap_us;
	if (--m->blocks[0].n)
		return;
	for (int i = 1; i < MOMENT_BLOCKS; i++)
		m->blocks[i - 1] = m->blocks[i];
	m->blocks[MOMENT_BLOCKS - 1].n = 0;
}

void moments_prune(struct moments *m, int64_t mono_ms)
{
	int64_t oldest_us = (mono_ms - MOMENT_LASTS_MS) * 1000;

	if (m->back_us < oldest_us)
		m->back_us = 0;
	for (; m->blocks[0].n && m->blocks[0].first_us < oldest_us; moments_step(m))
		m->lost++;
}

bool moments_take(struct moments *m, int64_t mono_ms, int64_t *wait_ms)
{
	int64_t now_us = mono_ms * 1000;

	*wait_ms = 0;
	moments_prune(m, mono_ms);
	if (m->back_us) {
		m->taken_us = m->back_us;
		m->back_us = 0;
		m->used++;
		return true;
	}
	if (!m->blocks[0].n || m->blocks[0].first_us > now_us) {
		*wait_ms = m->blocks[0].n ? (m->blocks[0].first_us - now_us + 999) / 1000 : INT64_MAX;
		return false;
	}
	m->taken_us = m->blocks[0].first_us;
	m->used++;
	moments_step(m);
	return true;
}

void moments_back(struct moments *m)
{
	m->back_us = m->taken_us;
	m->used--;
}

int64_t moments_left(const struct moments *m)
{
	int64_t n = m->back_us != 0;

	for (int i = 0; i < MOMENT_BLOCKS; i++)
		n += m->blocks[i].n;
	return n;
}

int64_t moments_last_us(const struct moments *m)
{
	int64_t last = 0;

	for (int i = 0; i < MOMENT_BLOCKS && m->blocks[i].n; i++)
		last = m->blocks[i].first_us + (m->blocks[i].n - 1) * m->blocks[i].gap_us;
	return last;
}

/* ---- the circuit breaker ----------------------------------------------------------------------------------------- */

bool breaker_allows(struct breaker *b, int64_t mono_ms, int64_t *wait_ms)
{
	*wait_ms = 0;
	if (b->failures < BREAKER_FAILURES)
		return true;
	if (mono_ms < b->open_until_ms) {
		*wait_ms = b->open_until_ms - mono_ms;
		return false;
	}
	if (b->probing) {
		*wait_ms = 1000; /* its answer comes first */
		return false;
	}
	b->probing = true;
	return true;
}

void breaker_result(struct breaker *b, bool reached, int64_t mono_ms)
{
	if (reached) {
		*b = (struct breaker){0};
		return;
	}
	if (b->failures >= BREAKER_FAILURES && !b->probing)
		return; /* a call that began before the circuit opened says nothing new */
	b->probing = false;
	if (b->failures < BREAKER_FAILURES + 16)
		b->failures++;
	if (b->failures >= BREAKER_FAILURES)
		b->open_until_ms =
			mono_ms + doubled(BREAKER_FIRST_MS, b->failures - BREAKER_FAILURES, BREAKER_LONGEST_MS);
}

bool breaker_open(const struct breaker *b)
{
	return b->failures >= BREAKER_FAILURES;
}

bool breaker_half_open(const struct breaker *b, int64_t mono_ms)
{
	return breaker_open(b) && mono_ms >= b->open_until_ms && !b->probing;
}

void breaker_adopt(struct breaker *b, int failures, int64_t open_until_ms)
{
	int most = BREAKER_FAILURES + 16;

	b->failures = failures < BREAKER_FAILURES ? BREAKER_FAILURES : failures > most ? most : failures;
	b->open_until_ms = open_until_ms < 1 ? 1 : open_until_ms;
	b->probing = false;
}

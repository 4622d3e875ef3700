/*
 * Clocks, the calendar, and the ways a time is written. Zones are in zone.c.
 * The two clock_* functions are the only ones here that are not pure; a system without clocks is fatal.
 */
#include "huiyin/clock.h"

#include <stdlib.h>
#include <time.h>

#define DAY_MS       ((int64_t)86400000)
#define TEN_YEARS_MS (3653 * DAY_MS)

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	if (clock_gettime(id, &t) != 0)
		panic("clock %d cannot be read", (int)id);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct wall clock_wall(void)
{
	return (struct wall){read_clock(CLOCK_REALTIME)};
}

struct mono clock_mono(void)
{
	return (struct mono){read_clock(CLOCK_MONOTONIC)};
}

int64_t clock_mono_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t mono_since(struct mono then, struct mono now)
{
	return now.ms - then.ms;
}

/*
 * Both directions count in eras of 400 years (146,097 days) that begin on 1 March, so that the leap day comes last.
 * The month may be out of range; the day always may.
 */
int64_t civil_days(int year, int month, int day)
{
	int64_t months = (int64_t)year * 12 + (month - 1) - 2; /* since March of year 0 */
	int64_t y = months >= 0 ? months / 12 : -((11 - months) / 12);
	int64_t m = months - y * 12;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * m + 2) / 5;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year + day - 1 - 719468;
}

void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t m = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * m + 2) / 5 + 1);
	*month = (int)(m < 10 ? m + 3 : m - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

bool duration_parse(struct slice s, int64_t *ms)
{
	int64_t unit, n;

	if (s.len < 2 || s.data[0] == '-')
		return false;
	switch (s.data[s.len - 1]) {
	case 's':
		unit = 1000;
		break;
	case 'm':
		unit = 60 * 1000;
		break;
	case 'h':
		unit = 3600 * 1000;
		break;
	case 'd':
		unit = DAY_MS;
		break;
	default:
		return false;
	}
	if (!slice_to_int(slice_make(s.data, s.len - 1), &n) || n > TEN_YEARS_MS / unit)
		return false;
	*ms = n * unit;
	return true;
}

/* Takes `digits` digits off the front; false when they are not there or stand outside low…high. */
static bool take_number(struct slice *s, size_t digits, int low, int high, int *out)
{
	int value = 0;

	if (s->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (s->data[i] < '0' || s->data[i] > '9')
			return false;
		value = value * 10 + (s->data[i] - '0');
	}
	*s = slice_from(*s, digits);
	*out = value;
	return value >= low && value <= high;
}

static bool take_char(struct slice *s, char c)
{
	if (s->len == 0 || s->data[0] != c)
		return false;
	*s = slice_from(*s, 1);
	return true;
}

static bool take_date(struct slice *s, struct civil *c)
{
	int year, month, day;

	if (!take_number(s, 4, 0, 9999, &c->year) || !take_char(s, '-') || !take_number(s, 2, 1, 12, &c->month) ||
	    !take_char(s, '-') || !take_number(s, 2, 1, 31, &c->day))
		return false;
	/* 30 February is a day that civil_days would move into March. */
	civil_from_days(civil_days(c->year, c->month, c->day), &year, &month, &day);
	return month == c->month;
}

/* hh:mm, seconds and their fraction as they come; a leap second counts as the next second's beginning. */
static bool take_time(struct slice *s, struct civil *c, int *ms)
{
	int digit, weight = 100;

	c->second = 0;
	*ms = 0;
	if (!take_number(s, 2, 0, 23, &c->hour) || !take_char(s, ':') || !take_number(s, 2, 0, 59, &c->minute))
		return false;
	if (!take_char(s, ':'))
		return true;
	if (!take_number(s, 2, 0, 60, &c->second))
		return false;
	if (!take_char(s, '.'))
		return true;
	if (!take_number(s, 1, 0, 9, &digit))
		return false;
	do {
		*ms += digit * weight;
		weight /= 10;
	} while (take_number(s, 1, 0, 9, &digit));
	return true;
}

static bool take_offset(struct slice *s, int *seconds)
{
	int sign, hours, minutes;

	*seconds = 0;
	if (take_char(s, 'Z'))
		return true;
	if (take_char(s, '+'))
		sign = 1;
	else if (take_char(s, '-'))
		sign = -1;
	else
		return false;
	if (!take_number(s, 2, 0, 23, &hours))
		return false;
	take_char(s, ':');
	if (!take_number(s, 2, 0, 59, &minutes))
		return false;
	*seconds = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* The W3C subset of ISO 8601: seconds and their fraction may be left out, the zone may not. "+0800" is taken too. */
bool iso_wall(struct slice text, int64_t *at_ms)
{
	struct civil c = {0};
	int ms, offset;

	if (!take_date(&text, &c) || !take_char(&text, 'T') || !take_time(&text, &c, &ms) ||
	    !take_offset(&text, &offset) || text.len)
		return false;
	*at_ms = civil_days(c.year, c.month, c.day) * DAY_MS +
		 ((int64_t)c.hour * 3600 + c.minute * 60 + c.second - offset) * 1000 + ms;
	return true;
}

/* An offset with seconds (before standard time) is shown to the minute; the instant stays right to the second. */
struct slice wall_iso(struct arena *a, int64_t at_ms, const struct zone *z)
{
	struct civil local = wall_civil(at_ms, z);
	int64_t second = (at_ms - (at_ms % 1000 + 1000) % 1000) / 1000;
	int64_t here = civil_days(local.year, local.month, local.day) * 86400 + local.hour * 3600 + local.minute * 60 +
		       local.second;
	int minutes = (int)((here - second) / 60);
	struct civil c = wall_civil((second + minutes * 60) * 1000, NULL);

	return arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d", c.year, c.month, c.day, c.hour, c.minute,
			    c.second, minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
}

/* What a row of the date tables means; see types_date.c. */
#ifndef HUIYIN_FLOW_DATE_RULES_H
#define HUIYIN_FLOW_DATE_RULES_H

#include "flow/kit.h"

/* Below DATE_CALENDAR: so many days back. Groups: y yy yw (year in four digits, two, words), m or mon, d, mw (month in
   words), n and u (a count of units), wd (weekday), mod and aft (words before and behind it), first and last (day of a
   month or year), nth (of a month's weekdays), day (words for "that day, counted back"), p q t (numbers in an order
   that depends on the language). */
enum date_row {
	DATE_TODAY = 0,
	DATE_CALENDAR = 1000,
	DATE_MONTH_BACK,
	DATE_DAY,
	DATE_COUNT,
	DATE_HALF_YEAR,
	DATE_HOURS,
	DATE_TONIGHT,
	DATE_EDGE,
	DATE_YEAR_TODAY,
	DATE_PAIR,
	DATE_TRIPLE,
	DATE_WEEK,
	DATE_LAST_WEEK,
	DATE_WEEK_BEFORE,
	DATE_WEEKDAY,
	DATE_WEEKDAY_EN,
	DATE_NTH_WEEKDAY,
	DATE_MONTH_BACK_TODAY,
	DATE_NONE,
};

/* What a row of the festival table means: month × 100 + day, or this and an enum lunar_feast. */
#define DATE_LUNAR 2000
/* What a row of the vague table means: always, unless a day was found all the same, unless a month was. */
enum date_noise { NOISE, NOISE_CORRECTION }; /* the latter ends where the better answer begins */
enum date_vague { VAGUE_ALWAYS, VAGUE_BUT_DAY, VAGUE_BUT_MONTH };

#endif

/* Dates under construction: types_date.c searches, date_parts.c makes a date of what a row found. */
#ifndef HUIYIN_FLOW_DATE_PARTS_H
#define HUIYIN_FLOW_DATE_PARTS_H

#include "flow/date_rules.h"

#define DATES_MAX 6

enum precision { TO_YEAR = 1, TO_MONTH, TO_DAY };
struct date {
	int year, month, day;
	enum precision to;
};

/* A reading under way: what was found so far, and whether something forbids to understand it. */
struct search {
	const struct reading *r;
	int64_t today; /* in days */
	struct civil now;
	struct date found[DATES_MAX];
	bool open[DATES_MAX]; /* a day of whichever month is told beside it */
	size_t n;
	bool spoiled;
};

bool date_valid(const struct date *d);
bool date_in_future(const struct search *s, const struct date *d);
int date_weekday_named(struct slice name); /* 0 = Sunday, -1 none */
bool date_of(const struct search *s, const struct match *m, enum date_row row, struct date *d);
/* A holiday: `means` is month × 100 + day, or DATE_LUNAR and a feast. */
bool date_of_festival(const struct search *s, const struct match *m, int means, struct date *d);

#endif

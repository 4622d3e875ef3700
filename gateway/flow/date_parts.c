/*
 * The arithmetic of dates: from what a row of the tables found to a day, a month or a year. Pure; nothing here is
 * fatal.
 */
#include "flow/date_parts.h"

#include "flow/lunar.h"
#include "flow/numerals.h"

#define OLDEST_YEAR       1900
#define EVENING_HOUR      17
#define COUNTED_MONTHS_TO TO_MONTH /* 三个月前 names no day */

static int64_t number_of(const struct match *m, const char *group)
{
	struct slice s = match_group(m, group);
	int64_t n;

	return s.len && s.len < 10 && slice_to_int(s, &n) ? n : -1;
}

static int month_days(int year, int month)
{
	return (int)(civil_days(month == 12 ? year + 1 : year, month == 12 ? 1 : month + 1, 1) -
		     civil_days(year, month, 1));
}

bool date_valid(const struct date *d)
{
	return d->year >= OLDEST_YEAR && d->year <= 2200 && (d->to < TO_MONTH || (d->month >= 1 && d->month <= 12)) &&
	       (d->to < TO_DAY || (d->day >= 1 && d->day <= month_days(d->year, d->month)));
}

bool date_in_future(const struct search *s, const struct date *d)
{
	if (d->year != s->now.year || d->to == TO_YEAR)
		return d->year > s->now.year;
	if (d->month != s->now.month || d->to == TO_MONTH)
		return d->month > s->now.month;
	return d->day > s->now.day;
}

static struct date from_days(int64_t days)
{
	struct date d = {.to = TO_DAY};

	civil_from_days(days, &d.year, &d.month, &d.day);
	return d;
}

/* Moves a month back n months; the day is kept, or the last of a shorter month. */
static struct date months_back(const struct search *s, int64_t n, enum precision to)
{
	int64_t months = (int64_t)s->now.year * 12 + s->now.month - 1 - n;
	struct date d = {(int)(months / 12), (int)(months % 12) + 1, s->now.day, to};

	if (d.day > month_days(d.year, d.month))
		d.day = month_days(d.year, d.month);
	return d;
}

static int full_year(const struct search *s, int64_t short_year)
{
	int century = s->now.year / 100 * 100;

	return (int)(short_year <= s->now.year % 100 ? century + short_year : century - 100 + short_year);
}

/* ---- the words ---- */

/* Words for a year, by how many years back. */
static int years_back(struct slice w)
{
	static const struct {
		const char *word;
		int back;
	} words[] = {
		{"今年", 0},
		{"本年", 0},
		{"当年", 0},
		{"去年", 1},
		{"上年", 1},
		{"上一年", 1},
		{"前年", 2},
		{"大前年", 3},
		{"this year", 0},
		{"last year", 1},
		{"year before last", 2},
		{"旧年", 1},
		{"头年", 1},
		{"previous year", 1},
		{"year before", 2},
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (slice_is(w, words[i].word))
			return words[i].back;
	}
	return -1; /* 明年, next year */
}

static int month_of(const struct match *m)
{
	static const char *const names[] = {"jan", "feb", "mar", "apr", "may", "jun",
					    "jul", "aug", "sep", "oct", "nov", "dec"};
	struct slice name = match_group(m, "mon");

	for (int i = 0; i < 12; i++) {
		if (slice_begins(name, slice_of(names[i])))
			return i + 1;
	}
	return slice_is(match_group(m, "m"), "元") ? 1 : (int)number_of(m, "m");
}

int date_weekday_named(struct slice name)
{
	static const char *const names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
	int64_t n;

	if (slice_is(name, "日") || slice_is(name, "天") || slice_is(name, "末"))
		return 0;
	if (slice_to_int(name, &n))
		return n >= 1 && n <= 7 ? (int)n % 7 : -1;
	for (int i = 0; i < 7; i++) {
		if (slice_begins(name, slice_of(names[i])))
			return i;
	}
	return -1;
}

/* The year a row found, in digits or words; 0: none; -1: impossible. */
static int year_of(const struct search *s, const struct match *m)
{
	int64_t year = number_of(m, "y"), two = number_of(m, "yy");
	struct slice word = match_group(m, "yw");
	int back;

	if (year >= 0)
		return (int)year;
	if (two >= 0)
		return full_year(s, two);
	if (word.len == 0)
		return 0;
	back = years_back(word);
	return back < 0 ? -1 : s->now.year - back;
}

/* ---- putting parts together ---- */

/* A day or month without a year: the latest not after today. */
static void settle_year(const struct search *s, struct date *d)
{
	d->year = s->now.year;
	if (date_in_future(s, d))
		d->year--;
	if (d->to == TO_DAY && d->month == 2 && d->day == 29) {
		while (month_days(d->year, 2) == 28 && d->year > s->now.year - 8)
			d->year--;
	}
}

static bool calendar_date(const struct search *s, const struct match *m, struct date *d)
{
	int year = year_of(s, m);

	d->month = month_of(m);
	d->day = (int)number_of(m, "d");
	d->to = d->day >= 0 ? TO_DAY : d->month >= 0 ? TO_MONTH : TO_YEAR;
	if (year < 0 || (year == 0 && d->to == TO_YEAR))
		return false;
	d->year = year;
	if (year == 0)
		settle_year(s, d);
	if (match_group(m, "lm").len && d->year == s->now.year && d->month == s->now.month)
		d->year--; /* "last November", said in November */
	return true;
}

/* A month counted back from this one, with or without a day: 上个月3号, the 3rd of last month. */
static bool month_back_date(const struct search *s, const struct match *m, struct date *d)
{
	struct slice word = match_group(m, "mw");
	int64_t day = number_of(m, "d");
	int back = slice_begins(word, S("上上")) || slice_begins(word, S("month before")) ? 2
		   : slice_begins(word, S("上")) || slice_begins(word, S("last")) || slice_begins(word, S("prev")) ||
				   slice_begins(word, S("past"))
			   ? 1
			   : 0;

	*d = months_back(s, back, day >= 0 ? TO_DAY : TO_MONTH);
	if (day >= 0)
		d->day = (int)day;
	return true;
}

/* The first or last day of a month or year. */
static bool edge_date(const struct search *s, const struct match *m, struct date *d)
{
	bool last = match_group(m, "last").len > 0;

	if (match_group(m, "mw").len)
		month_back_date(s, m, d);
	else if (!calendar_date(s, m, d))
		return false;
	if (!date_valid(d))
		return false;
	if (d->to == TO_YEAR)
		d->month = last ? 12 : 1;
	d->to = TO_DAY;
	d->day = last ? month_days(d->year, d->month) : 1;
	return true;
}

/* "3号", "the 3rd": the latest month in which that day is not after today. */
static bool day_alone(const struct search *s, const struct match *m, struct date *d)
{
	int64_t day = number_of(m, "d");

	if (day < 1 || day > 31)
		return false;
	for (int back = 0; back < 4; back++) {
		*d = months_back(s, back, TO_DAY);
		if (day > month_days(d->year, d->month))
			continue;
		d->day = (int)day;
		if (!date_in_future(s, d))
			return true;
	}
	return false;
}

static bool count_back(const struct search *s, const struct match *m, struct date *d)
{
	struct slice unit = match_group(m, "u");
	int64_t n = slice_equal(match_group(m, "n"), S("a")) || slice_equal(match_group(m, "n"), S("an"))
			    ? 1
			    : number_of(m, "n");
	int64_t days = 1;

	if (n < 0 || n > 1200)
		return false;
	if (match_group(m, "day").len && (slice_ends(unit, S("月")) || slice_begins(unit, S("month")))) {
		*d = months_back(s, n, TO_DAY); /* 上个月的今天 */
		return true;
	}
	if (match_group(m, "day").len && (slice_begins(unit, S("年")) || slice_begins(unit, S("year")))) {
		*d = months_back(s, n * 12, TO_DAY);
		return true;
	}
	if (slice_begins(unit, S("年")) || slice_begins(unit, S("year"))) {
		*d = (struct date){s->now.year - (int)n, 0, 0, TO_YEAR};
		return true;
	}
	if (slice_ends(unit, S("月")) || slice_begins(unit, S("month"))) {
		*d = months_back(s, n, COUNTED_MONTHS_TO);
		return true;
	}
	if (slice_begins(unit, S("fortnight")))
		days = 14;
	else if (slice_begins(unit, S("week")) || slice_ends(unit, S("周")) || slice_ends(unit, S("期")) ||
		 slice_ends(unit, S("拜")))
		days = 7;
	*d = from_days(s->today - n * days - (slice_begins(match_group(m, "day"), S("yest")) ? 1 : 0));
	return true;
}

/* A weekday: `weeks` Monday-start weeks back, or (-1) the latest one not after today, or (-2) before today. */
static bool weekday_date(const struct search *s, int weekday, int weeks, struct date *d)
{
	int64_t monday = s->today - (s->now.weekday + 6) % 7;
	int64_t day = monday + (weekday + 6) % 7;

	if (weekday < 0)
		return false;
	if (weeks >= 0)
		day -= (int64_t)weeks * 7;
	else if (day > s->today || (weeks == -2 && day == s->today))
		day -= 7;
	*d = from_days(day);
	return true;
}

/* 十月的第一个周一, the last Friday of September. */
static bool nth_weekday(const struct search *s, const struct match *m, struct date *d)
{
	struct slice which = match_group(m, "nth");
	int weekday = date_weekday_named(match_group(m, "wd"));
	int64_t nth = which.len ? which.data[0] - '0' : 0, day;

	if (weekday < 0 || nth < 0 || nth > 5)
		return false;
	if (match_group(m, "mw").len)
		month_back_date(s, m, d);
	else if (!calendar_date(s, m, d))
		return false;
	d->to = TO_MONTH;
	if (!date_valid(d))
		return false;
	d->to = TO_DAY;
	d->day = 1;
	day = civil_days(d->year, d->month, 1);
	day += (weekday - (day + 4) % 7 + 7) % 7;
	if (nth == 0) /* the last one */
		for (int last = month_days(d->year, d->month); day + 7 < civil_days(d->year, d->month, 1) + last;)
			day += 7;
	else
		day += (nth - 1) * 7;
	d->day = (int)(day - civil_days(d->year, d->month, 1)) + 1;
	return true;
}

static bool english_weekday(const struct search *s, const struct match *m, struct date *d)
{
	struct slice before = match_group(m, "mod"), behind = match_group(m, "aft");
	int weekday = date_weekday_named(match_group(m, "wd"));
	int64_t n = number_of(m, "n");
	bool last;

	if (n > 0 && n < 53) { /* two Fridays ago */
		weekday_date(s, weekday, -2, d);
		*d = from_days(civil_days(d->year, d->month, d->day) - (n - 1) * 7);
		return true;
	}
	if (slice_ends(behind, S("before last"))) {
		if (slice_find(behind, S("week")) < behind.len)
			return weekday_date(s, weekday, 2, d);
		weekday_date(s, weekday, -2, d);
		*d = from_days(civil_days(d->year, d->month, d->day) - 7);
		return true;
	}
	if (slice_ends(behind, S("last week")) || slice_ends(before, S("last week")) ||
	    slice_ends(behind, S("previous week")))
		return weekday_date(s, weekday, 1, d);
	if (slice_ends(before, S("week before last")))
		return weekday_date(s, weekday, 2, d);
	if (slice_ends(behind, S("this week")) || slice_is(before, "this"))
		return weekday_date(s, weekday, 0, d);
	if (slice_ends(before, S("last"))) /* of last week: on Wednesday nobody calls yesterday "last Tuesday" */
		return weekday_date(s, weekday, 1, d);
	last = slice_ends(before, S("past")) || slice_ends(before, S("previous"));
	return weekday_date(s, weekday, last ? -2 : -1, d);
}

/* 8/11/2026: the month comes first, as it does in China, unless it cannot. 8.11 in English is a day or a price. */
static bool pair_date(const struct search *s, const struct match *m, int year, struct date *d)
{
	int64_t first = number_of(m, "p"), second = number_of(m, "q");
	bool swap = first > 12 && second <= 12;
	bool dotted = slice_find(m->whole, S(".")) < m->whole.len;

	if (dotted && !swap && !reading_zh(s->r) && second <= 12 && first != second)
		return false;
	*d = (struct date){year, (int)(swap ? second : first), (int)(swap ? first : second), TO_DAY};
	if (year < 0)
		settle_year(s, d);
	return true;
}

/* 26.11.3 in Chinese, 13/11/26 in English; whichever the numbers allow. */
static bool triple_date(const struct search *s, const struct match *m, struct date *d)
{
	int64_t p = number_of(m, "p"), q = number_of(m, "q"), t = number_of(m, "t");
	struct date year_first = {full_year(s, p), (int)q, (int)t, TO_DAY};
	bool first = p > 9 && date_valid(&year_first) && !date_in_future(s, &year_first);
	bool last = pair_date(s, m, full_year(s, t), d) && date_valid(d) && !date_in_future(s, d);

	if (first && (reading_zh(s->r) || !last))
		*d = year_first;
	return first || last;
}

/* Hours and minutes back: across midnight it is yesterday. */
static bool hours_back(const struct search *s, const struct match *m, struct date *d)
{
	struct slice unit = match_group(m, "u");
	int64_t n = number_of(m, "n"), ms = 1000;
	struct civil c;

	if (slice_is(unit, "小时") || slice_is(unit, "钟头") || slice_begins(unit, S("h")))
		ms = 3600000;
	else if (slice_is(unit, "分钟") || slice_begins(unit, S("min")))
		ms = 60000;
	else if (slice_is(unit, "刻钟"))
		ms = 900000;
	c = wall_civil(s->r->now - (n < 0 ? ms / 2 : n * ms), s->r->zone);
	*d = (struct date){c.year, c.month, c.day, TO_DAY};
	return true;
}

/* The latest feast not after today, or the one of that year. */
static bool feast_date(const struct search *s, enum lunar_feast feast, int year, struct date *d)
{
	int looked = year ? year : s->now.year;

	*d = (struct date){.to = TO_DAY};
	for (; lunar_date(feast, looked, &d->month, &d->day); looked--) {
		d->year = looked;
		if (year || !date_in_future(s, d))
			return true;
	}
	return false;
}

/* Holidays: `means` is month × 100 + day, or a feast of the Chinese calendar. */
bool date_of_festival(const struct search *s, const struct match *m, int means, struct date *d)
{
	int year = year_of(s, m);

	int64_t shift = 0;

	*d = (struct date){year, means / 100, means % 100, TO_DAY};
	if (year < 0 || (means >= DATE_LUNAR && !feast_date(s, (enum lunar_feast)(means - DATE_LUNAR), year, d)))
		return false;
	if (year == 0 && means < DATE_LUNAR)
		settle_year(s, d);
	for (size_t at = 0; match_group(m, "nth").len > at;) /* 国庆第三天 */
		shift = numeral_digit(utf8_next(match_group(m, "nth"), &at)) - 1;
	shift += match_group(m, "after").len ? 1 : match_group(m, "eve").len ? -1 : 0;
	if (shift)
		*d = from_days(civil_days(d->year, d->month, d->day) + shift);
	return true;
}

bool date_of(const struct search *s, const struct match *m, enum date_row row, struct date *d)
{
	switch (row) {
	case DATE_CALENDAR:
		return calendar_date(s, m, d);
	case DATE_MONTH_BACK:
		return month_back_date(s, m, d);
	case DATE_MONTH_BACK_TODAY:
		month_back_date(s, m, d);
		d->to = TO_DAY;
		return true;
	case DATE_DAY:
		return day_alone(s, m, d);
	case DATE_COUNT:
		return count_back(s, m, d);
	case DATE_EDGE:
		return edge_date(s, m, d);
	case DATE_HOURS:
		return hours_back(s, m, d);
	case DATE_NTH_WEEKDAY:
		return nth_weekday(s, m, d);
	case DATE_TONIGHT: /* in the morning it has yet to come */
		*d = from_days(s->today);
		return s->now.hour >= EVENING_HOUR;
	case DATE_YEAR_TODAY:
		*d = (struct date){year_of(s, m), s->now.month, s->now.day, TO_DAY};
		return true;
	case DATE_PAIR:
		return pair_date(s, m, (int)number_of(m, "y"), d);
	case DATE_TRIPLE:
		return triple_date(s, m, d);
	case DATE_WEEKDAY_EN:
		return english_weekday(s, m, d);
	case DATE_WEEK:
		return weekday_date(s, date_weekday_named(match_group(m, "wd")), 0, d);
	case DATE_LAST_WEEK:
		return weekday_date(s, date_weekday_named(match_group(m, "wd")), 1, d);
	case DATE_WEEK_BEFORE:
		return weekday_date(s, date_weekday_named(match_group(m, "wd")), 2, d);
	case DATE_WEEKDAY:
		return weekday_date(s, date_weekday_named(match_group(m, "wd")), -1, d);
	case DATE_HALF_YEAR:
		*d = months_back(s, 6, COUNTED_MONTHS_TO);
		return true;
	case DATE_NONE:
		return false;
	default: /* days back */
		*d = from_days(s->today - (int)row);
		return true;
	}
}

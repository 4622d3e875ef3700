/*
 * "When did it happen?": a date out of what people write. The day lies in the past: without a year it is the latest one
 * not after today, and what can only be meant for the future is not understood. Chinese weeks begin on Monday, so
 * 上周五 is the Friday of the week before this one. Two different dates, a span, a guess ("几天前") and days of the
 * lunar calendar are not understood either (its feasts are, when the day itself is meant): a wrong date in a file is
 * worse than a second question. Pure; nothing here is fatal.
 *
 * The tables are in date_rules.c. A row finds the parts; date_parts.c puts them together.
 */
#include "flow/date_parts.h"

#include "flow/numerals.h"
#include "flow/spelling.h"

#define NOISE_MAX 16 /* finds taken out */

/* All finds of one table; each is blanked out so that the next row does not see it again. */
static struct slice collect(struct search *s, enum kit_table table, const struct rule *rules, struct slice text)
{
	struct match m;

	for (size_t i = 0; !s->spoiled && kit_first(s->r->m, table, &i, text, &m);) {
		struct date d = {0};
		bool ok = table == KIT_FESTIVAL ? date_of_festival(s, &m, RULE_MEANS(rules[i]), &d)
						: date_of(s, &m, (enum date_row)RULE_MEANS(rules[i]), &d);

		if (m.whole.len == 0)
			break;
		if (!ok || !date_valid(&d) || date_in_future(s, &d) || s->n == DATES_MAX) {
			s->spoiled = true;
		} else {
			s->open[s->n] = table == KIT_DATE && RULE_MEANS(rules[i]) == DATE_DAY;
			s->found[s->n++] = d;
		}
		text = blanked(s->r->a, text, m.whole);
	}
	return text;
}

/* 9月底,30号: the day is of that month. */
static void close_months(struct search *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct date *d = &s->found[i];

		for (size_t k = 0; s->open[i] && k < s->n; k++) {
			if (s->found[k].to != TO_MONTH)
				continue;
			d->year = s->found[k].year;
			d->month = s->found[k].month;
			s->spoiled |= !date_valid(d) || date_in_future(s, d);
		}
	}
}

/* One date, told once or twice: 周五,11月13号. The finer one counts, the coarser must agree. */
static bool agree(const struct search *s, struct date *out)
{
	*out = s->found[0];
	for (size_t i = 0; i < s->n; i++) {
		if (s->found[i].to > out->to)
			*out = s->found[i];
	}
	for (size_t i = 0; i < s->n; i++) {
		const struct date *d = &s->found[i];

		if (d->year != out->year || (d->to > TO_YEAR && d->month != out->month) ||
		    (d->to > TO_MONTH && d->day != out->day))
			return false;
	}
	return s->n > 0;
}

/* A bare weekday beside a full date only has to fit it: "Friday 6 November" may be two Fridays back. */
static void drop_weekday(struct search *s, const struct match *m, struct date *d)
{
	int weekday = date_weekday_named(match_group(m, "wd"));

	if (s->n == 0 || weekday < 0 || d->to != TO_DAY)
		return;
	if ((civil_days(d->year, d->month, d->day) + 4) % 7 != weekday)
		s->spoiled = true;
}

static void label(const struct reading *r, const struct civil *now, const struct date *d, struct typed *out)
{
	static const char *const zh_days[] = {"日", "一", "二", "三", "四", "五", "六"};
	static const char *const en_days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	int weekday = d->to == TO_DAY ? (int)((civil_days(d->year, d->month, d->day) % 7 + 11) % 7) : 0;
	bool zh = reading_zh(r);

	if (d->to == TO_YEAR) {
		out->value = arena_printf(r->a, "%04d", d->year);
		out->label = arena_printf(r->a, zh ? "%d年" : "%d", d->year);
	} else if (d->to == TO_MONTH) {
		out->value = arena_printf(r->a, "%04d-%02d", d->year, d->month);
		out->label = zh ? arena_printf(r->a, "%d年%d月", d->year, d->month)
				: arena_printf(r->a, "%s %d", months[d->month - 1], d->year);
	} else {
		out->value = arena_printf(r->a, "%04d-%02d-%02d", d->year, d->month, d->day);
		if (!zh)
			out->label = arena_printf(r->a, "%s %d %s %d", en_days[weekday], d->day, months[d->month - 1],
						  d->year);
		else if (d->year == now->year)
			out->label = arena_printf(r->a, "%d月%d日 星期%s", d->month, d->day, zh_days[weekday]);
		else
			out->label =
				arena_printf(r->a, "%d年%d月%d日 星期%s", d->year, d->month, d->day, zh_days[weekday]);
	}
	out->json = json_string(r->a, out->value);
}

/* Weekdays come last: the rows before them have already found what can be counted. */
static void collect_weekdays(struct search *s, struct slice text)
{
	struct match m;

	for (size_t i = 0; !s->spoiled && kit_first(s->r->m, KIT_DATE_WEEKDAY, &i, text, &m);) {
		struct date d;

		if (s->n > 0 && agree(s, &d)) {
			drop_weekday(s, &m, &d);
		} else if (date_of(s, &m, (enum date_row)RULE_MEANS(date_weekday_rules[i]), &d) &&
			   !date_in_future(s, &d) && s->n < DATES_MAX) {
			s->found[s->n++] = d;
		} else {
			s->spoiled = true;
		}
		text = blanked(s->r->a, text, m.whole);
	}
}

static struct slice digits(const struct reading *r, struct slice text)
{
	return numerals_english(r->a, numerals_to_digits(r->a, text));
}

/* May a text that is vague in this way still tell its day? 开学那天,9月1号 does. */
static bool forgiven(int vague, const struct search *s, const struct date *d)
{
	return s->n > 0 &&
	       ((vague == VAGUE_BUT_DAY && d->to >= TO_DAY) || (vague == VAGUE_BUT_MONTH && d->to >= TO_MONTH));
}

static bool is_certain(const struct search *s, struct slice text, const struct date *d)
{
	for (size_t i = 0; kit_first(s->r->m, KIT_DATE_VAGUE, &i, text, NULL); i++) {
		if (!forgiven(RULE_MEANS(date_vague_rules[i]), s, d))
			return false;
	}
	return true;
}

static bool read_days(const struct reading *r, struct slice text, struct search *s, struct date *d)
{
	struct slice whole;
	struct match m;
	size_t i = 0;

	*s = (struct search){.r = r, .now = wall_civil(r->now, r->zone)};
	s->today = civil_days(s->now.year, s->now.month, s->now.day);
	s->now.weekday = (int)((s->today + 4) % 7);
	for (int n = 0; n < NOISE_MAX && kit_first(r->m, KIT_DATE_NOISE, &i, text, &m); n++) {
		if (RULE_MEANS(date_noise_rules[i]) == NOISE_CORRECTION || m.whole.len == 0)
			i++;
		else
			text = blanked(r->a, text, m.whole);
	}
	whole = digits(r, text);
	text = digits(r, collect(s, KIT_FESTIVAL, festival_rules, text));
	text = collect(s, KIT_DATE, date_rules, text);
	collect_weekdays(s, text);
	close_months(s);
	return !s->spoiled && agree(s, d) && is_certain(s, whole, d);
}

/* "Monday, no wait, Tuesday": what stands behind the last correction; empty when there is none. */
static struct slice corrected(const struct reading *r, struct slice text)
{
	struct match m;

	for (size_t i = 0; kit_first(r->m, KIT_DATE_NOISE, &i, text, &m); i++) {
		if (RULE_MEANS(date_noise_rules[i]) == NOISE_CORRECTION)
			return slice_from(text, (size_t)(m.whole.data + m.whole.len - text.data));
	}
	return (struct slice){0};
}

bool read_date(const struct reading *r, struct typed *out)
{
	struct slice text = spelling_of_dates(r->a, r->text), after = corrected(r, text);
	struct search s;
	struct date d;

	if (!(after.len && read_days(r, after, &s, &d)) && !read_days(r, text, &s, &d))
		return false;
	label(r, &s.now, &d, out);
	return true;
}

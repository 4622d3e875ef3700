/*
 * Time zones from the system's TZif files (RFC 8536): the listed changes, then the POSIX rule in the footer for all
 * later years. Nothing is read after zone_open, so a zone may be shared between threads and outlive a sandbox.
 *
 * libc's own zones hang on the TZ variable of the whole process, which threads cannot change. A null zone is UTC, and
 * "UTC" works without the files. Nothing here is fatal: a file that is damaged is an unknown zone.
 */
#include "huiyin/clock.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ZONE_FOLDER         "/usr/share/zoneinfo/"
#define ZONE_NAME_MAX       64
#define ZONE_FILE_MAX_BYTES ((size_t)128 << 10)
#define HEADER_BYTES        ((size_t)44)
#define DAY_S               ((int64_t)86400)

/* When in a year a rule changes: Mm.w.d, Jn or n of POSIX TZ, and the second of that day by the clock until then. */
struct change {
	char form; /* 'M', 'J' or '0' */
	int month, week, weekday, day;
	int second;
};

struct zone {
	size_t n_changes;
	int64_t *at;      /* seconds, ascending */
	int *offset;      /* from that moment on, seconds east */
	int first_offset; /* before the first change */
	bool has_rule;    /* else the last offset stays */
	bool summer;      /* the rule has a second offset */
	int standard_offset, summer_offset;
	struct change begins, ends; /* of summer time */
};

/* ---- the footer's rule ---- */

static bool rule_skip_name(const char **p)
{
	const char *from = *p;

	if (**p == '<') {
		while (**p && **p != '>')
			(*p)++;
		return *(*p)++ == '>';
	}
	while ((**p >= 'A' && **p <= 'Z') || (**p >= 'a' && **p <= 'z'))
		(*p)++;
	return *p - from >= 3;
}

static bool rule_number(const char **p, int high, int *out)
{
	int value = 0;

	if (**p < '0' || **p > '9')
		return false;
	for (; **p >= '0' && **p <= '9'; (*p)++) {
		value = value * 10 + (**p - '0');
		if (value > high)
			return false;
	}
	*out = value;
	return true;
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. RFC 8536 lets hours run to 167. */
static bool rule_time(const char **p, int *seconds)
{
	int sign = **p == '-' ? -1 : 1, h, m = 0, s = 0;

	if (**p == '-' || **p == '+')
		(*p)++;
	if (!rule_number(p, 167, &h))
		return false;
	if (**p == ':') {
		(*p)++;
		if (!rule_number(p, 59, &m))
			return false;
		if (**p == ':') {
			(*p)++;
			if (!rule_number(p, 59, &s))
				return false;
		}
	}
	*seconds = sign * (h * 3600 + m * 60 + s);
	return true;
}

static bool rule_step(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

static bool rule_change(const char **p, struct change *c)
{
	c->second = 2 * 3600;
	if (!rule_step(p, ','))
		return false;
	if (rule_step(p, 'M')) {
		c->form = 'M';
		if (!rule_number(p, 12, &c->month) || !rule_step(p, '.') || !rule_number(p, 5, &c->week) ||
		    !rule_step(p, '.') || !rule_number(p, 6, &c->weekday) || c->month < 1 || c->week < 1)
			return false;
	} else {
		c->form = rule_step(p, 'J') ? 'J' : '0';
		if (!rule_number(p, 365, &c->day) || (c->form == 'J' && c->day < 1))
			return false;
	}
	return !rule_step(p, '/') || rule_time(p, &c->second);
}

/* "GMT0BST,M3.5.0/1,M10.5.0": offsets are written as seconds west. */
static bool rule_parse(struct zone *z, const char *p)
{
	int west;

	if (!rule_skip_name(&p) || !rule_time(&p, &west))
		return false;
	z->has_rule = true;
	z->standard_offset = -west;
	if (*p == 0)
		return true;
	z->summer = true;
	z->summer_offset = z->standard_offset + 3600;
	if (!rule_skip_name(&p))
		return false;
	if (*p != ',') {
		if (!rule_time(&p, &west))
			return false;
		z->summer_offset = -west;
	}
	return rule_change(&p, &z->begins) && rule_change(&p, &z->ends) && *p == 0;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The moment of a change in `year`, as the local clock that runs until then shows it. */
static int64_t change_local(const struct change *c, int year)
{
	int64_t first, days;
	int weekday;

	if (c->form == 'J') /* 1…365: 29 February is never counted */
		days = civil_days(year, 1, 1) + c->day - 1 + (is_leap(year) && c->day >= 60);
	else if (c->form == '0')
		days = civil_days(year, 1, 1) + c->day;
	else {
		first = civil_days(year, c->month, 1);
		weekday = (int)(((first + 4) % 7 + 7) % 7);
		days = first + (c->weekday - weekday + 7) % 7 + (c->week - 1) * 7;
		if (days >= civil_days(year, c->month + 1, 1)) /* week 5 is the last one */
			days -= 7;
	}
	return days * DAY_S + c->second;
}

static int rule_offset(const struct zone *z, int64_t at)
{
	int year, month, day;
	int64_t local = at + z->standard_offset, begins, ends;
	bool summer;

	if (!z->summer)
		return z->standard_offset;
	civil_from_days((local - (local % DAY_S + DAY_S) % DAY_S) / DAY_S, &year, &month, &day);
	begins = change_local(&z->begins, year) - z->standard_offset;
	ends = change_local(&z->ends, year) - z->summer_offset;
	summer = begins < ends ? at >= begins && at < ends : at >= begins || at < ends;
	return summer ? z->summer_offset : z->standard_offset;
}

/* ---- the file ---- */

struct counts {
	size_t isut, isstd, leap, time, type, chars;
};

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t be64(const unsigned char *p)
{
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* A header at *at, which is moved behind it. False when there is none or its block cannot fit. */
static bool tzif_header(struct slice file, size_t *at, struct counts *c, size_t time_bytes, size_t *block)
{
	const unsigned char *p = (const unsigned char *)file.data + *at;
	size_t *into[] = {&c->isut, &c->isstd, &c->leap, &c->time, &c->type, &c->chars};

	if (file.len < *at + HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
		return false;
	for (size_t i = 0; i < 6; i++) {
		*into[i] = be32(p + 20 + 4 * i);
		if (*into[i] > ZONE_FILE_MAX_BYTES)
			return false;
	}
	*at += HEADER_BYTES;
	*block = c->time * (time_bytes + 1) + c->type * 6 + c->chars + c->leap * (time_bytes + 4) + c->isstd + c->isut;
	return c->type > 0 && file.len - *at >= *block;
}

static bool tzif_changes(struct zone *z, const unsigned char *p, const struct counts *c)
{
	const unsigned char *kinds = p + c->time * 8, *types = kinds + c->time;

	z->n_changes = c->time;
	z->first_offset = (int)be32(types);
	z->at = calloc(c->time + 1, sizeof(*z->at));
	z->offset = calloc(c->time + 1, sizeof(*z->offset));
	if (!z->at || !z->offset)
		exhausted("a time zone");
	for (size_t i = 0; i < c->time; i++) {
		if (kinds[i] >= c->type)
			return false;
		z->at[i] = be64(p + i * 8);
		z->offset[i] = (int)be32(types + kinds[i] * (size_t)6);
		if (abs(z->offset[i]) > 26 * 3600 || (i && z->at[i] <= z->at[i - 1]))
			return false;
	}
	return abs(z->first_offset) <= 26 * 3600;
}

/* Version 2 and later only: the 32-bit block is skipped (every tzdata since 2005 has the other). */
static bool tzif_parse(struct zone *z, struct slice file)
{
	struct counts c;
	size_t at = 0, block;
	struct slice footer;
	char rule[128];

	if (!tzif_header(file, &at, &c, 4, &block) || file.data[4] < '2')
		return false;
	at += block;
	if (!tzif_header(file, &at, &c, 8, &block))
		return false;
	if (!tzif_changes(z, (const unsigned char *)file.data + at, &c))
		return false;
	footer = slice_from(file, at + block);
	if (footer.len < 2 || footer.data[0] != '\n' || footer.data[footer.len - 1] != '\n')
		return false;
	footer = slice_make(footer.data + 1, footer.len - 2);
	if (footer.len == 0)
		return true;
	if (footer.len >= sizeof(rule))
		return false;
	memcpy(rule, footer.data, footer.len);
	rule[footer.len] = 0;
	return rule_parse(z, rule);
}

static bool name_is_safe(const char *name)
{
	size_t n = 0;

	for (const char *p = name; *p; p++) {
		bool letter = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z');

		if (!letter && !(*p >= '0' && *p <= '9') && (*p == 0 || !strchr("_+-/", *p)))
			return false;
		if (++n > ZONE_NAME_MAX)
			return false;
	}
	return n > 0 && name[0] != '/';
}

static bool zone_load(struct zone *z, const char *name)
{
	char path[sizeof(ZONE_FOLDER) + ZONE_NAME_MAX] = ZONE_FOLDER;
	char *bytes;
	ssize_t n;
	int fd;
	bool ok;

	memcpy(path + sizeof(ZONE_FOLDER) - 1, name, strlen(name) + 1);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return false;
	bytes = malloc(ZONE_FILE_MAX_BYTES);
	if (!bytes)
		exhausted("a time zone");
	n = read(fd, bytes, ZONE_FILE_MAX_BYTES);
	close(fd);
	ok = n > 0 && tzif_parse(z, slice_make(bytes, (size_t)n));
	free(bytes);
	return ok;
}

struct zone *zone_open(const char *name)
{
	struct zone *z;

	if (!name || !name_is_safe(name))
		return NULL;
	z = calloc(1, sizeof(*z));
	if (!z)
		exhausted("a time zone");
	if (strcmp(name, "UTC") != 0 && !zone_load(z, name))
		zone_close(&z);
	return z;
}

void zone_close(struct zone **z)
{
	if (!*z)
		return;
	free((*z)->at);
	free((*z)->offset);
	free(*z);
	*z = NULL;
}

/* ---- use ---- */

/* Seconds east of UTC at a moment given in seconds. */
static int zone_offset(const struct zone *z, int64_t at)
{
	size_t low = 0, high;

	if (!z)
		return 0;
	high = z->n_changes;
	if (z->has_rule && (high == 0 || at >= z->at[high - 1]))
		return rule_offset(z, at);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->at[middle] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? z->offset[low - 1] : z->first_offset;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct civil wall_civil(int64_t at_ms, const struct zone *z)
{
	int64_t second = floor_div(at_ms, 1000);
	int64_t local = second + zone_offset(z, second);
	int64_t days = floor_div(local, DAY_S);
	int rest = (int)(local - days * DAY_S);
	struct civil c = {.hour = rest / 3600, .minute = rest / 60 % 60, .second = rest % 60};

	civil_from_days(days, &c.year, &c.month, &c.day);
	c.weekday = (int)(((days + 4) % 7 + 7) % 7);
	return c;
}

/*
 * A local time that comes twice (summer time ends) is the first of the two; one that is skipped (it begins) is moved
 * on by the gap. Both are found by trying the offsets that hold a day before and a day after.
 */
int64_t civil_wall(struct civil c, const struct zone *z)
{
	int64_t local =
		civil_days(c.year, c.month, c.day) * DAY_S + (int64_t)c.hour * 3600 + (int64_t)c.minute * 60 + c.second;
	int before = zone_offset(z, local - DAY_S), after = zone_offset(z, local + DAY_S);

	if (zone_offset(z, local - before) == before)
		return (local - before) * 1000;
	if (zone_offset(z, local - after) == after)
		return (local - after) * 1000;
	return (local - before) * 1000;
}

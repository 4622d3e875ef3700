/* The calendar, zones around their changes, and how times are written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <cmocka.h>

#include "huiyin/clock.h"

static void calendar_makes_the_round(void **state)
{
	int64_t expected = civil_days(-400, 3, 1);

	(void)state;
	assert_int_equal(civil_days(1970, 1, 1), 0);
	assert_int_equal(civil_days(2000, 2, 29), 11016);
	assert_int_equal(civil_days(2026, 11, 21), 20778);
	assert_int_equal(civil_days(2024, 2, 30), civil_days(2024, 3, 1));
	assert_int_equal(civil_days(2024, 0, 1), civil_days(2023, 12, 1));
	assert_int_equal(civil_days(2024, 13, 1), civil_days(2025, 1, 1));
	assert_int_equal(civil_days(2024, -11, 1), civil_days(2023, 1, 1));
	for (int64_t days = expected; days < civil_days(3000, 1, 1); days++) {
		int year, month, day;

		civil_from_days(days, &year, &month, &day);
		if (civil_days(year, month, day) != days || month < 1 || month > 12 || day < 1 || day > 31)
			fail_msg("day %lld does not come back", (long long)days);
	}
}

/* An instant, and what the clocks on the wall show. */
static const struct {
	const char *zone, *utc, *local;
} moments[] = {
	{"UTC", "2026-11-21T02:00:00Z", "2026-11-21T02:00:00+00:00"},
	{"Asia/Shanghai", "2026-11-21T02:00:00Z", "2026-11-21T10:00:00+08:00"},
	{"Asia/Shanghai", "1988-07-01T00:00:00Z", "1988-07-01T09:00:00+09:00"}, /* summer time 1986 to 1991 */
	{"Asia/Shanghai", "2040-07-01T00:00:00Z", "2040-07-01T08:00:00+08:00"},
	{"Asia/Shanghai", "1969-12-31T16:00:00Z", "1970-01-01T00:00:00+08:00"},
	{"Europe/London", "2026-03-29T00:59:59Z", "2026-03-29T00:59:59+00:00"},
	{"Europe/London", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00+01:00"},
	{"Europe/London", "2026-10-25T00:59:59Z", "2026-10-25T01:59:59+01:00"},
	{"Europe/London", "2026-10-25T01:00:00Z", "2026-10-25T01:00:00+00:00"},
	{"Europe/London", "2060-03-28T00:59:59Z", "2060-03-28T00:59:59+00:00"}, /* only the footer knows */
	{"Europe/London", "2060-03-28T01:00:00Z", "2060-03-28T02:00:00+01:00"},
	{"Europe/London", "2060-10-31T01:00:00Z", "2060-10-31T01:00:00+00:00"},
	{"Europe/London", "1970-06-01T00:00:00Z", "1970-06-01T01:00:00+01:00"}, /* standard time was +1 then */
	{"Europe/Dublin", "2060-01-15T12:00:00Z", "2060-01-15T12:00:00+00:00"}, /* its rule has winter time */
	{"Europe/Dublin", "2060-07-15T12:00:00Z", "2060-07-15T13:00:00+01:00"},
	{"America/New_York", "2050-03-13T06:59:59Z", "2050-03-13T01:59:59-05:00"},
	{"America/New_York", "2050-03-13T07:00:00Z", "2050-03-13T03:00:00-04:00"},
	{"Australia/Sydney", "2050-01-15T00:00:00Z", "2050-01-15T11:00:00+11:00"}, /* summer spans the new year */
	{"Australia/Sydney", "2050-07-15T00:00:00Z", "2050-07-15T10:00:00+10:00"},
	{"Asia/Kathmandu", "2026-01-01T00:00:00Z", "2026-01-01T05:45:00+05:45"},
	{"America/St_Johns", "2026-01-01T00:00:00Z", "2025-12-31T20:30:00-03:30"},
	{"Asia/Urumqi", "2026-01-01T00:00:00Z", "2026-01-01T06:00:00+06:00"},
	{"Asia/Shanghai", "1890-01-01T00:00:00Z", "1890-01-01T08:05:00+08:05"}, /* 08:05:43 in truth */
};

static void zones_change_when_they_should(void **state)
{
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		struct zone *z = zone_open(moments[i].zone);
		int64_t at, back;

		assert_non_null(z);
		assert_true(iso_wall(slice_of(moments[i].utc), &at));
		assert_string_equal(wall_iso(a, at, z).data, moments[i].local);
		assert_true(iso_wall(slice_of(moments[i].local), &back));
		assert_true(at == back);
		zone_close(&z);
		assert_null(z);
	}
	assert_string_equal(wall_iso(a, -1, NULL).data, "1969-12-31T23:59:59+00:00");
	arena_close(&a);
}

/* The C library reads the same files: hourly over 2015–2060 both must agree. */
static void zones_agree_with_libc(void **state)
{
	static const char *const names[] = {"Europe/London",       "Asia/Shanghai",     "America/New_York",
					    "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Gaza",
					    "America/Nuuk",        "Pacific/Chatham"};
	time_t from = 1420070400, to = 2840140800;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct zone *z = zone_open(names[i]);

		assert_non_null(z);
		setenv("TZ", names[i], 1);
		tzset();
		for (time_t t = from; t < to; t += 3 * 3600 + 1799) {
			struct civil c = wall_civil((int64_t)t * 1000, z);
			struct tm tm;

			localtime_r(&t, &tm);
			if (tm.tm_hour != c.hour || tm.tm_min != c.minute || tm.tm_mday != c.day ||
			    tm.tm_wday != c.weekday || tm.tm_mon + 1 != c.month || tm.tm_year + 1900 != c.year ||
			    tm.tm_sec != c.second)
				fail_msg("%s at %lld", names[i], (long long)t);
		}
		zone_close(&z);
	}
	unsetenv("TZ");
}

static void local_times_become_instants(void **state)
{
	static const struct {
		const char *zone;
		struct civil c;
		const char *iso;
	} table[] = {
		{"Asia/Shanghai", {2026, 11, 21, 10, 0, 0, 0}, "2026-11-21T10:00:00+08:00"},
		{"Asia/Shanghai", {2026, 1, 32, 0, 0, 0, 0}, "2026-02-01T00:00:00+08:00"},
		{"Asia/Shanghai", {2026, 12, 31, 24, 0, 0, 0}, "2027-01-01T00:00:00+08:00"},
		{"Asia/Shanghai", {2026, 14, 1, 0, 90, -1, 0}, "2027-02-01T01:29:59+08:00"},
		{"Europe/London", {2026, 7, 1, 12, 0, 0, 0}, "2026-07-01T12:00:00+01:00"},
		{"Europe/London", {2026, 3, 29, 1, 30, 0, 0}, "2026-03-29T02:30:00+01:00"},  /* skipped */
		{"Europe/London", {2026, 10, 25, 1, 30, 0, 0}, "2026-10-25T01:30:00+01:00"}, /* twice: the first */
		{"Europe/London", {2026, 10, 25, 2, 0, 0, 0}, "2026-10-25T02:00:00+00:00"},
		{"Europe/London", {2026, 10, 25, 0, 59, 59, 0}, "2026-10-25T00:59:59+01:00"},
	};
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct zone *z = zone_open(table[i].zone);

		assert_string_equal(wall_iso(a, civil_wall(table[i].c, z), z).data, table[i].iso);
		zone_close(&z);
	}
	arena_close(&a);
}

static void unknown_zones_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"Asia/Nowhere",
		"/etc/passwd",
		"../../../etc/passwd",
		"Asia",
		"tzdata.zi",
		"zone.tab",
		".",
		"A B",
		"Europe/London\n",
		"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_null(zone_open(bad[i]));
	assert_null(zone_open(NULL));
}

static void reads_iso(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"1970-01-01T08:00:00+08:00", 0},
		{"1970-01-01T08:00:00+0800", 0},
		{"1970-01-01T00:00Z", 0},
		{"1970-01-01T00:00:00.123Z", 123},
		{"1970-01-01T00:00:00.1239999Z", 123},
		{"1970-01-01T00:00:00.5Z", 500},
		{"1969-12-31T23:59:59-00:30", 1799000},
		{"2016-12-31T23:59:60Z", 1483228800000},
		{"2024-02-29T00:00:00Z", 1709164800000},
		{"0000-03-01T00:00:00Z", -62162035200000},
	};
	static const char *const bad[] = {
		"",
		"1970-01-01",
		"1970-01-01T00:00:00",
		"1970-01-01 00:00:00Z",
		"1970-13-01T00:00:00Z",
		"1970-00-01T00:00:00Z",
		"1970-02-29T00:00:00Z",
		"2024-04-31T00:00:00Z",
		"1970-01-01T24:00:00Z",
		"1970-01-01T00:60:00Z",
		"1970-01-01T00:00:61Z",
		"1970-01-01T00:00:00.Z",
		"1970-01-01T00:00:00z",
		"1970-01-01T00:00:00+8:00",
		"1970-01-01T00:00:00+08:60",
		"1970-01-01T00:00:00Z ",
		"70-01-01T00:00:00Z",
		"+970-01-01T00:00:00Z",
		"1970-01-01T00:00:00+08:0",
	};
	int64_t at;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(iso_wall(slice_of(good[i].text), &at));
		assert_true(at == good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (iso_wall(slice_of(bad[i]), &at))
			fail_msg("taken: %s", bad[i]);
	}
}

static void reads_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {{"0s", 0},         {"10s", 10000},    {"15m", 900000},
		    {"24h", 86400000}, {"7d", 604800000}, {"3653d", 315619200000}};
	static const char *const bad[] = {"",
					  "s",
					  "10",
					  "10 s",
					  "-1s",
					  "1.5h",
					  "1w",
					  "10S",
					  "3654d",
					  "87673h",
					  "999999999999999999s",
					  "1h30m",
					  "--1s",
					  "1\xC3\xA9"};
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(duration_parse(slice_of(good[i].text), &ms));
		assert_true(ms == good[i].ms);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (duration_parse(slice_of(bad[i]), &ms))
			fail_msg("taken: %s", bad[i]);
	}
}

static void clocks_run(void **state)
{
	struct mono then = clock_mono();
	int64_t drift = clock_wall().ms - (int64_t)time(NULL) * 1000;

	(void)state;
	assert_true(drift > -2000 && drift < 2000);
	assert_true(mono_since(then, clock_mono()) >= 0);
	assert_int_equal(mono_since((struct mono){100}, (struct mono){350}), 250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calendar_makes_the_round),  cmocka_unit_test(zones_change_when_they_should),
		cmocka_unit_test(zones_agree_with_libc),     cmocka_unit_test(local_times_become_instants),
		cmocka_unit_test(unknown_zones_are_refused), cmocka_unit_test(reads_iso),
		cmocka_unit_test(reads_durations),           cmocka_unit_test(clocks_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

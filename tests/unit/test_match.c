/* Regular expressions: what is refused, what is found, and that nothing takes long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flow/debian.h"
#include "flow/match.h"

#define STEPS_OVER 1000 /* the last step may be a long run */

static struct matcher *matcher;

static struct pattern *compiled(const char *source)
{
	const char *why;
	size_t offset;
	struct pattern *p = pattern_compile(slice_of(source), &why, &offset);

	if (!p)
		fail_msg("'%s' at %zu: %s", source, offset, why);
	return p;
}

static void refused(const char *source, const char *word, size_t at)
{
	const char *why = NULL;
	size_t offset = 0;
	struct pattern *p = pattern_compile(slice_of(source), &why, &offset);

	assert_null(p);
	assert_non_null(why);
	if (!strstr(why, word) || offset != at)
		fail_msg("'%s': %s at %zu", source, why, offset);
}

static enum matched run(const char *source, const char *text, struct match *out)
{
	struct pattern *p = compiled(source);
	enum matched m = pattern_match(p, matcher, slice_of(text), out);

	pattern_free(&p);
	assert_null(p);
	return m;
}

static void test_finds(void **state)
{
	struct pattern *p = compiled("^(?<street>\\p{Han}+路)(?<number>\\d+)号(?<room>\\d+室)?$");
	struct match m;

	(void)state;
	assert_int_equal(pattern_groups(p), 3);
	assert_int_equal(pattern_match(p, matcher, S("解放路12号"), &m), MATCHED_YES);
	assert_int_equal(m.n, 3);
	assert_true(slice_is(m.whole, "解放路12号"));
	for (size_t i = 0; i < m.n; i++) {
		assert_true(slice_equal(m.names[i], pattern_group(p, i)));
		if (slice_is(m.names[i], "street"))
			assert_true(slice_is(m.values[i], "解放路"));
		if (slice_is(m.names[i], "number"))
			assert_true(slice_is(m.values[i], "12"));
		if (slice_is(m.names[i], "room"))
			assert_null(m.values[i].data);
	}
	assert_int_equal(pattern_match(p, matcher, S("别处"), &m), MATCHED_NO);
	assert_int_equal(pattern_group(p, 9).len, 0);
	pattern_free(&p);
	pattern_free(&p);
	pattern_free(NULL);
}

static void test_folded_and_caseless(void **state)
{
	(void)state;
	assert_int_equal(run("投訴", "投诉", NULL), MATCHED_YES);
	assert_int_equal(run("^stop$", "STOP", NULL), MATCHED_YES);
	assert_int_equal(run("^stop$", "stopper", NULL), MATCHED_NO);
	assert_int_equal(run("吗？", "好吗?", NULL), MATCHED_YES);
	assert_int_equal(run("吗？", "好吗", NULL), MATCHED_NO);
	assert_int_equal(run("\\bÉTÉ\\b", "un été", NULL), MATCHED_YES);
	assert_int_equal(run("", "anything", NULL), MATCHED_YES);
	assert_int_equal(run("^$", "", NULL), MATCHED_YES);
}

static void test_one_name_twice(void **state)
{
	struct match m;

	(void)state;
	assert_int_equal(run("(?<d>\\d+)号|号(?<d>\\d+)", "号12", &m), MATCHED_YES);
	assert_int_equal(m.n, 1);
	assert_true(slice_is(m.values[0], "12"));
}

static void test_source_is_kept(void **state)
{
	struct pattern *p = compiled("投訴");

	(void)state;
	assert_true(slice_is(pattern_source(p), "投訴"));
	pattern_free(&p);
}

static void test_refuses(void **state)
{
	static char long_one[PATTERN_MAX_BYTES + 2];
	char groups[64 * 16] = "";

	(void)state;
	refused("(*LIMIT_MATCH=9)a", "(*", 0);
	refused("(*UTF)a", "(*", 0);
	refused("(a)\\1", "back-reference", 0);
	refused("(?<x>a)\\k<x>", "back-reference", 0);
	refused("a\\Cb", "\\C", 3);
	refused("a(b", "never closed", 3);
	refused("a)b", "closes nothing", 1);
	refused("投訴[", "never closed", 7);
	refused("？？(", "never closed", 7);
	refused("*a", "nothing to repeat", 0);
	refused("a{9,1}", "greater", 5);
	refused("(?<1x>a)", "name", 3);
	refused("(?<=a+)b", "length", 0);
	refused("[b-a]", "backwards", 3);
	refused("\xFF", "UTF-8", 0);
	memset(long_one, 'a', sizeof long_one - 1);
	refused(long_one, "too long", 0);
	for (int i = 0; i < 33; i++)
		snprintf(groups + strlen(groups), sizeof groups - strlen(groups), "(?<g%d>a)", i);
	refused(groups, "named groups", 0);
}

/* Every one of these would run for seconds or minutes without the limits. */
static void test_limits(void **state)
{
	static const char *const patterns[] = {
		"a*?a*?b!",
		"(a+)+$b",
		"(a|a)*b!",
		"(a|"
		"aa)+$b!",
		"(.*)*x!",
		"(?:a?){60}a{60}!",
		"(\\w+\\s?)+!",
		"^(([a-z])+.)+[A-Z]([a-z])+$!",
		"(.+)+(.+)+(.+)+=!",
		"(?:.*?,){40}!",
		"(?R)?a+b!",
		"((a*)*)*b!",
		"(?=(a+))*b!",
		"(a*?){8}b!",
	};
	char text[4097];
	uint64_t limited = matcher_limited(matcher);

	(void)state;
	memset(text, 'a', sizeof text - 1);
	memcpy(text + MATCH_TEXT_MAX - 3, "b-!", 3); /* the letters it needs are there, else PCRE2 gives up at once */
	text[sizeof text - 1] = '\0';
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		enum matched m = run(patterns[i], text, NULL);

		assert_true(m == MATCHED_LIMIT || m == MATCHED_NO);
	}
	assert_true(matcher_limited(matcher) > limited);
	assert_in_range(matcher_most_steps(matcher), 1, MATCH_STEPS + STEPS_OVER);
}

/* The text is cut off, after so many steps. */
static uint32_t steps_until_cut(const char *pattern, const char *text)
{
	struct matcher *own = matcher_open();
	struct pattern *p = compiled(pattern);
	uint32_t steps;

	assert_int_equal(pattern_match(p, own, slice_of(text), NULL), MATCHED_LIMIT);
	assert_int_equal(matcher_limited(own), 1);
	steps = matcher_most_steps(own);
	pattern_free(&p);
	matcher_close(&own);
	assert_null(own);
	matcher_close(&own);
	return steps;
}

/* The published case that returned plain "no" after seconds, and one of few steps that run over the text each time: the
   count of steps alone stops them, at the same place on every machine. */
static void test_steps(void **state)
{
	static const char *const patterns[] = {"a*?a*?a*?b!", "\\w*(?=\\w*+)q"};
	char text[MATCH_TEXT_MAX + 1];

	(void)state;
	memset(text, 'a', MATCH_TEXT_MAX);
	memcpy(text + MATCH_TEXT_MAX - 3, "-q!", 3);
	text[MATCH_TEXT_MAX] = '\0';
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		uint32_t steps = steps_until_cut(patterns[i], text);

		assert_in_range(steps, MATCH_STEPS, MATCH_STEPS + STEPS_OVER);
		assert_int_equal(steps_until_cut(patterns[i], text), steps);
	}
}

/* Where each character costs a walk through thousands, as many steps would take seconds. */
static void test_deadline(void **state)
{
	static char pattern[PATTERN_MAX_BYTES], text[3 * MATCH_TEXT_MAX + 1];
	size_t at = 0;

	(void)state;
	for (int round = 0; round < 2; round++) {
		at += (size_t)sprintf(pattern + at, "[^");
		for (uint32_t c = 0x4e00; c < 0x4e00 + 2 * 2500; c += 2)
			at += (size_t)sprintf(pattern + at, "%c%c%c", (int)(0xe0 | c >> 12),
					      (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
		at += (size_t)sprintf(pattern + at, "]*?");
	}
	sprintf(pattern + at, "b!");
	for (int i = 0; i < MATCH_TEXT_MAX - 1; i++)
		memcpy(text + 3 * i, "\xe9\xbe\xa5", 3); /* U+9FA5: behind them all */
	memcpy(text + 3 * (MATCH_TEXT_MAX - 1), "!", 2);
	assert_in_range(steps_until_cut(pattern, text), 1, MATCH_STEPS - 1);
}

static void test_honest_pattern_is_not_limited(void **state)
{
	char text[341];

	(void)state;
	memset(text, 'a', 340);
	text[340] = '\0';
	assert_int_equal(run("^(?:(a)|b)+$", text, NULL), MATCHED_YES); /* a depth of 500 was too little for it */
}

static void test_only_the_first_characters(void **state)
{
	char text[MATCH_TEXT_MAX + 3];

	(void)state;
	memset(text, 'a', MATCH_TEXT_MAX + 2);
	text[MATCH_TEXT_MAX + 1] = 'b';
	text[MATCH_TEXT_MAX + 2] = '\0';
	assert_int_equal(run("b", text, NULL), MATCHED_NO);
	assert_int_equal(run("^a{768}$", text, NULL), MATCHED_YES);
}

static void test_versions(void **state)
{
	(void)state;
	assert_true(debian_version_compare("10.42-1+deb12u2", "10.42-1+deb12u2") == 0);
	assert_true(debian_version_compare("10.42-1+deb12u1", "10.42-1+deb12u2") < 0);
	assert_true(debian_version_compare("10.42-1+deb12u10", "10.42-1+deb12u2") > 0);
	assert_true(debian_version_compare("10.42-1", "10.42-1+deb12u2") < 0);
	assert_true(debian_version_compare("10.42-4", "10.42-1+deb12u2") > 0);
	assert_true(debian_version_compare("10.46-1~deb13u1", "10.46-1") < 0);
	assert_true(debian_version_compare("10.5", "10.48") < 0);
	assert_true(debian_version_compare("10.48", "10.48") == 0);
	assert_true(debian_version_compare("10.48.1", "10.48") > 0);
	assert_true(debian_version_compare("1:1.0", "10.48") > 0);
}

static void test_status_file(void **state)
{
	char path[] = "/tmp/huiyin-dpkg-XXXXXX", version[64] = "";
	static const char text[] =
		"Package: libpcre2-16-0\nStatus: install ok installed\nVersion: 1\n\n"
		"Package: libpcre2-8-0\nStatus: deinstall ok config-files\nVersion: 2\n\n"
		"Package: libpcre2-8-0\nStatus: install ok installed\nArchitecture: amd64\nVersion: 10.42-1+deb12u2\n\n"
		"Package: zlib1g\nStatus: install ok installed\nVersion: 4\n";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof text - 1), sizeof text - 1);
	close(fd);
	assert_true(debian_package_version(path, "libpcre2-8-0", version, sizeof version));
	assert_string_equal(version, "10.42-1+deb12u2");
	assert_false(debian_package_version(path, "libpcre2-32-0", version, sizeof version));
	assert_false(debian_package_version(path, "libpcre2-8-0", version, 4));
	unlink(path);
	assert_false(debian_package_version(path, "libpcre2-8-0", version, sizeof version));
}

static void test_library(void **state)
{
	const char *why = "";
	bool safe = match_library_safe(&why);

	(void)state;
	assert_true(safe == (why == NULL));
	if (!safe)
		assert_non_null(strstr(why, "apt-get"));
}

static int open_matcher(void **state)
{
	(void)state;
	matcher = matcher_open();
	return 0;
}

static int close_matcher(void **state)
{
	(void)state;
	matcher_close(&matcher);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finds),
		cmocka_unit_test(test_folded_and_caseless),
		cmocka_unit_test(test_one_name_twice),
		cmocka_unit_test(test_source_is_kept),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_honest_pattern_is_not_limited),
		cmocka_unit_test(test_only_the_first_characters),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_status_file),
		cmocka_unit_test(test_library),
	};

	return cmocka_run_group_tests(tests, open_matcher, close_matcher);
}

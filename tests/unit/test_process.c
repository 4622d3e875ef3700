/* Case numbers, the moves of domain.md 2.12, clocks, the rating survey. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "huiyin/case.h"

#define DAY INT64_C(86400000)
static const int64_t NOW = INT64_C(1795233600000); /* 2026-11-21T08:00:00Z: 16:00 in Shanghai */

static struct arena *arena;
static struct zone *zone;

static int up(void **state)
{
	(void)state;
	arena = arena_open(0);
	zone = zone_open("Asia/Shanghai");
	return zone ? 0 : -1;
}

static int down(void **state)
{
	(void)state;
	zone_close(&zone);
	arena_close(&arena);
	return 0;
}

static void numbers_are_canonical(void **state)
{
	struct slice n = case_number_make(arena, NOW, zone, 42), got;
	char raw[32];

	(void)state;
	assert_int_equal(n.len, 13);
	assert_memory_equal(n.data, "261121-0042-", 12);
	assert_true(case_number_read(arena, n, &got) && slice_equal(n, got));
	snprintf(raw, sizeof raw, " %.6s%.4s%c ", n.data, n.data + 7, n.data[12]);
	assert_true(case_number_read(arena, slice_of(raw), &got) && slice_equal(n, got));
	assert_false(case_number_read(arena, S("13800138000"), &got));
	assert_false(case_number_read(arena, S(""), &got));
	assert_true(case_number_read(arena, case_number_make(arena, NOW, zone, 123456), &got));
}

/* The Damm digit: every single wrong digit and every swap of unequal neighbours is caught. */
static void one_slip_never_passes(void **state)
{
	struct slice got;

	(void)state;
	for (int sequence = 1; sequence < 400; sequence++) {
		struct slice n = case_number_make(arena, NOW, zone, sequence);
		char t[32];

		for (size_t i = 0; i < n.len; i++) {
			if (n.data[i] == '-')
				continue;
			for (char d = '0'; d <= '9'; d++) {
				memcpy(t, n.data, n.len);
				t[i] = d;
				assert_true(d == n.data[i] || !case_number_read(arena, slice_make(t, n.len), &got));
			}
		}
		for (size_t i = 0; i + 1 < n.len; i++) {
			memcpy(t, n.data, n.len);
			if (t[i] == '-' || t[i + 1] == '-' || t[i] == t[i + 1])
				continue;
			t[i] = n.data[i + 1];
			t[i + 1] = n.data[i];
			assert_false(case_number_read(arena, slice_make(t, n.len), &got));
		}
		arena_reset(arena);
	}
}

static void numbers_are_found_in_texts(void **state)
{
	struct slice a = case_number_make(arena, NOW, zone, 7), b = case_number_make(arena, NOW, zone, 8), out[4];
	struct slice text = arena_printf(arena, "关于" SLICE_FMT "和" SLICE_FMT "，电话13800138000，" SLICE_FMT " 2", SLICE_ARG(a),
					 SLICE_ARG(b), SLICE_ARG(a));

	(void)state;
	assert_int_equal(case_number_find(arena, text, out, 4), 3);
	assert_true(slice_equal(out[0], a) && slice_equal(out[1], b) && slice_equal(out[2], a));
	assert_int_equal(case_number_find(arena, S("身份证360102199001011234"), out, 4), 0);
	assert_int_equal(case_number_find(arena, S(""), out, 4), 0);
	assert_int_equal(case_number_find(arena, S("没有编号 12345"), out, 4), 0);
}

static struct case_row fresh(enum case_status s)
{
	return (struct case_row){.number = S("261121-0042-7"), .status = s, .version = 1};
}

static struct case_args args(const char *name, const char *value)
{
	struct case_args a = {0};

	if (name) {
		a.n = 1;
		a.list[0].name = slice_of(name);
		a.list[0].value = slice_of(value);
	}
	return a;
}

static void the_ordinary_way(void **state)
{
	static const struct { const char *verb, *arg, *value, *notice; enum case_status to; int64_t days; bool survey; } steps[] = {
		{"register", NULL, NULL, "registered", CASE_REGISTERED, 15, false},
		{"transfer", "unit", "住建局", "transferred", CASE_TRANSFERRED, 15, false},
		{"accept", NULL, NULL, "accepted", CASE_ACCEPTED, 60, false},
		{"extend", "reason", "复杂", "extended", CASE_EXTENDED, 90, false},
		{"answer", "result", "已修好", "answered", CASE_ANSWERED, 30, false},
		{"close", NULL, NULL, "closed", CASE_CLOSED, 0, true},
	};
	struct case_row c = fresh(CASE_DRAFT);

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct case_args a = args(steps[i].arg, steps[i].value);
		struct case_move m = case_apply(&c, slice_of(steps[i].verb), &a, NOW, zone, arena);

		assert_int_equal(m.result, OK);
		assert_true(slice_is(m.notice, steps[i].notice));
		assert_int_equal(c.status, steps[i].to);
		assert_int_equal(m.survey, steps[i].survey);
		if (steps[i].days) { /* the first day is not counted; the last ends at 24:00 local */
			assert_int_equal(c.due_at, INT64_C(1795190400000) + (steps[i].days + 1) * DAY);
		} else {
			assert_int_equal(c.due_at, 0);
		}
	}
}

static void refusals_say_why(void **state)
{
	struct case_row c = fresh(CASE_REGISTERED);
	struct case_args none = args(NULL, NULL), late = args("due", "2020-01-01"), odd = args("due", "tomorrow");
	struct case_move m;

	(void)state;
	m = case_apply(&c, S("transfer"), &none, NOW, zone, arena);
	assert_int_equal(m.result, INVALID);
	assert_true(slice_find(m.why, S("unit=")) < m.why.len);
	m = case_apply(&c, S("answer"), &none, NOW, zone, arena);
	assert_int_equal(m.result, INVALID);
	assert_true(slice_find(m.why, S("registered")) < m.why.len);
	m = case_apply(&c, S("acept"), &none, NOW, zone, arena);
	assert_int_equal(m.result, INVALID);
	assert_int_equal(case_apply(&c, S("accept"), &late, NOW, zone, arena).result, INVALID);
	assert_int_equal(case_apply(&c, S("accept"), &odd, NOW, zone, arena).result, INVALID);
	assert_int_equal(c.status, CASE_REGISTERED);
	assert_int_equal(c.version, 1);
	c = fresh(CASE_CLOSED);
	assert_int_equal(case_apply(&c, S("withdraw"), &none, NOW, zone, arena).result, INVALID);
	c = fresh(CASE_REGISTERED);
	m = case_apply(&c, S("not-accept"), &none, NOW, zone, arena); /* a "no" needs reason, basis and the right body */
	assert_int_equal(m.result, INVALID);
}

static void an_extension_is_at_most_30_days(void **state)
{
	struct case_row c = fresh(CASE_ACCEPTED);
	struct case_args a = args("reason", "复杂");

	(void)state;
	c.due_at = NOW + 10 * DAY;
	a.list[a.n].name = S("due");
	a.list[a.n++].value = S("2027-06-01");
	assert_int_equal(case_apply(&c, S("extend"), &a, NOW, zone, arena).result, INVALID);
	a.list[1].value = S("2026-12-20");
	assert_int_equal(case_apply(&c, S("extend"), &a, NOW, zone, arena).result, OK);
	assert_int_equal(case_apply(&c, S("extend"), &a, NOW, zone, arena).result, INVALID); /* once */
}

static void messages_change_no_state(void **state)
{
	struct case_row c = fresh(CASE_ACCEPTED);
	struct case_args a = args("message", "请稍候");

	(void)state;
	assert_true(slice_is(case_apply(&c, S("message"), &a, NOW, zone, arena).notice, "message"));
	assert_int_equal(case_apply(&c, S("note"), &a, NOW, zone, arena).notice.len, 0);
	assert_int_equal(c.status, CASE_ACCEPTED);
	assert_int_equal(c.version, 3);
}

static void every_status_has_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < CASE_STATUSES; i++) {
		enum case_status back;
		assert_true(case_status_find(slice_of(case_status_name((enum case_status)i)), &back));
		assert_int_equal(back, i);
	}
}

/* ---- survey ---- */

static const struct survey_rules RULES = {.remind_ms = 2 * DAY, .window_ms = 10 * DAY, .change_limit = 1};

static struct survey asked(void)
{
	struct case_row c = fresh(CASE_CLOSED);
	struct survey s;
	struct survey_step st;

	survey_begin(&s, &c, &RULES, NOW, &st);
	assert_true(slice_is(st.text_key, "survey.ask") && st.buttons);
	assert_int_equal(st.due_at, NOW + 2 * DAY);
	return s;
}

static void a_vote_counts_once(void **state)
{
	struct survey s = asked();
	struct survey_step st;

	(void)state;
	survey_answer(&s, 1, false, S("1"), &RULES, NOW + 1, &st);
	assert_true(st.taken && slice_is(st.text_key, "survey.thanks_1"));
	assert_int_equal(s.state, SURVEY_RATED);
	survey_answer(&s, 3, false, S("3"), &RULES, NOW + 2, &st);
	assert_false(st.taken);
	assert_int_equal(s.rating, 1);
}

static void dissatisfied_gives_a_reason(void **state)
{
	struct survey s = asked();
	struct survey_step st;

	(void)state;
	survey_answer(&s, 3, false, S("3"), &RULES, NOW + 1, &st);
	assert_int_equal(s.state, SURVEY_REASON);
	survey_answer(&s, 0, false, S("没解决"), &RULES, NOW + 2, &st);
	assert_int_equal(s.state, SURVEY_RATED);
	assert_true(slice_is(s.comment, "没解决"));
	assert_int_equal(s.rating, 3);
}

static void silence_is_silence(void **state)
{
	struct survey s = asked();
	struct survey_step st;

	(void)state;
	survey_timer(&s, &RULES, NOW + DAY, &st);
	assert_int_equal(st.text_key.len, 0);
	assert_int_equal(st.due_at, NOW + 2 * DAY);
	survey_timer(&s, &RULES, NOW + 2 * DAY, &st);
	assert_true(slice_is(st.text_key, "survey.remind"));
	survey_timer(&s, &RULES, NOW + 3 * DAY, &st); /* one reminder */
	assert_int_equal(st.text_key.len, 0);
	survey_timer(&s, &RULES, NOW + 10 * DAY, &st);
	assert_int_equal(s.state, SURVEY_SILENT);
	assert_int_equal(s.rating, 0);
	survey_answer(&s, 1, false, S("1"), &RULES, NOW + 11 * DAY, &st);
	assert_false(st.taken);
}

static void what_is_no_rating_is_asked_back_once(void **state)
{
	struct survey s = asked();
	struct survey_step st;

	(void)state;
	survey_answer(&s, 0, false, S("天气真好"), &RULES, NOW + 1, &st);
	assert_true(st.taken && slice_is(st.text_key, "survey.sorry"));
	survey_answer(&s, 0, false, S("天气真好"), &RULES, NOW + 2, &st);
	assert_false(st.taken);
	survey_answer(&s, 2, false, S("2"), &RULES, NOW + 3, &st);
	assert_true(st.taken);
	assert_int_equal(s.rating, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_canonical), cmocka_unit_test(one_slip_never_passes),
		cmocka_unit_test(numbers_are_found_in_texts), cmocka_unit_test(the_ordinary_way),
		cmocka_unit_test(refusals_say_why), cmocka_unit_test(an_extension_is_at_most_30_days),
		cmocka_unit_test(messages_change_no_state), cmocka_unit_test(every_status_has_a_name),
		cmocka_unit_test(a_vote_counts_once), cmocka_unit_test(dissatisfied_gives_a_reason),
		cmocka_unit_test(silence_is_silence), cmocka_unit_test(what_is_no_rating_is_asked_back_once),
	};

	return cmocka_run_group_tests(tests, up, down);
}

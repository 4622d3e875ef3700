/* The courier's arithmetic: waits, verdicts, rate, circuit breaker, lanes, addresses, file kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "delivery/address.h"
#include "delivery/lane.h"
#include "delivery/media.h"
#include "delivery/schedule.h"

#define DAY  (INT64_C(24) * 3600000)
#define LIFE (5 * DAY)

static void waits_double_up_to_half_an_hour(void **state)
{
	static const int64_t base[] = {5000,   5000,   10000,  20000,   40000,   80000,
				       160000, 320000, 640000, 1280000, 1800000, 1800000};

	(void)state;
	for (int n = 0; n < 12; n++)
		for (uint64_t r = 0; r <= UINT32_MAX; r += UINT32_MAX / 64) {
			int64_t wait = schedule_wait(n, 0, LIFE, 0, (uint32_t)r);

			assert_true(wait >= base[n] * 8 / 10 && wait <= base[n] * 12 / 10 + 1);
		}
	assert_true(schedule_wait(1, 0, LIFE, 0, 0) < 4100);
	assert_true(schedule_wait(1, 0, LIFE, 0, UINT32_MAX) > 5900);
	assert_true(schedule_wait(1000000, 0, LIFE, 0, 0) <= 1800000);
	assert_true(schedule_wait(-3, 0, LIFE, 0, 0) >= 4000);
}

static void waits_honour_the_provider_and_the_life(void **state)
{
	(void)state;
	assert_int_equal(schedule_wait(1, 0, LIFE, 600000, 7), 600000);
	assert_int_equal(schedule_wait(1, 0, LIFE, 400 * DAY, 7), DAY);
	assert_true(schedule_wait(4, 0, LIFE, 100, 7) > 10000);
	assert_int_equal(schedule_wait(1, LIFE, LIFE, 0, 7), -1);
	assert_true(schedule_wait(1, LIFE - 1, LIFE, 0, 7) > 0);
}

static void judges_every_class(void **state)
{
	static const struct {
		enum outcome_class what;
		bool repeat;
		enum delivery_state is;
		bool out, stop, slow;
	} table[] = {
		{OUTCOME_SENT, false, DELIVERY_SENT, 0, 0, 0},      {OUTCOME_LATER, false, DELIVERY_QUEUED, 0, 0, 0},
		{OUTCOME_RATE, false, DELIVERY_QUEUED, 0, 0, 1},    {OUTCOME_TOKEN, false, DELIVERY_QUEUED, 0, 0, 0},
		{OUTCOME_SPLIT, false, DELIVERY_FAILED, 0, 0, 0},   {OUTCOME_NEVER, false, DELIVERY_FAILED, 0, 0, 0},
		{OUTCOME_OPT_OUT, false, DELIVERY_FAILED, 1, 0, 0}, {OUTCOME_WINDOW, false, DELIVERY_FAILED, 0, 0, 0},
		{OUTCOME_CONFIG, false, DELIVERY_QUEUED, 0, 1, 0},  {OUTCOME_UNSURE, false, DELIVERY_UNSURE, 0, 0, 0},
		{OUTCOME_UNSURE, true, DELIVERY_QUEUED, 0, 0, 0},   {OUTCOME_SENT, true, DELIVERY_SENT, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct outcome o = {.what = table[i].what};
		struct verdict_on_send v = schedule_judge(&o, LANE_NOTICE, 1, 1000, LIFE, table[i].repeat, 99);

		assert_int_equal(v.state, table[i].is);
		assert_int_equal(v.opted_out, table[i].out);
		assert_int_equal(v.stop_channel, table[i].stop);
		assert_int_equal(v.slow_channel, table[i].slow);
		assert_int_equal(v.wait_ms > 0, v.state == DELIVERY_QUEUED);
	}
}

static void judges_by_age_and_lane(void **state)
{
	struct outcome later = {.what = OUTCOME_LATER}, unsure = {.what = OUTCOME_UNSURE},
		       config = {.what = OUTCOME_CONFIG};

	(void)state;
	assert_int_equal(schedule_judge(&later, LANE_REPLY, 9, DAY, LIFE, false, 1).state, DELIVERY_FAILED);
	assert_int_equal(schedule_judge(&later, LANE_SURVEY, 9, DAY, LIFE, false, 1).state, DELIVERY_QUEUED);
	assert_int_equal(schedule_judge(&later, LANE_SURVEY, 9, 2 * DAY, LIFE, false, 1).state, DELIVERY_FAILED);
	assert_int_equal(schedule_judge(&later, LANE_CAMPAIGN, 9, DAY, LIFE, false, 1).state, DELIVERY_FAILED);
	assert_int_equal(schedule_judge(&later, LANE_NOTICE, 9, 4 * DAY, LIFE, false, 1).state, DELIVERY_QUEUED);
	assert_int_equal(schedule_judge(&later, LANE_NOTICE, 9, 5 * DAY, LIFE, false, 1).state, DELIVERY_FAILED);
	assert_int_equal(schedule_judge(&unsure, LANE_REPLY, 9, 9 * DAY, LIFE, true, 1).state, DELIVERY_UNSURE);
	assert_true(schedule_judge(&config, LANE_NOTICE, 1, 0, LIFE, false, 1).wait_ms >= 300000);
	later.wait_ms = 77000;
	assert_int_equal(schedule_judge(&later, LANE_NOTICE, 1, 0, LIFE, false, 1).wait_ms, 77000);
}

static void reads_retry_after(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} table[] = {
		{"120", 120000},
		{" 3 ", 3000},
		{"0", 0},
		{"-5", 0},
		{"", 0},
		{"soon", 0},
		{"1.5", 0},
		{"99999999", DAY},
		{"99999999999999999999", 0},
		{"Sun, 06 Nov 1994 08:49:37 GMT", 37000},
		{"Sun, 06 Nov 1994 08:48:59 GMT", 0},
		{"Mon, 07 Nov 1994 09:49:00 GMT", DAY},
		{"Sun, 06 Nov 1994 08:49:37 CET", 0},
		{"Sun, 06 Foo 1994 08:49:37 GMT", 0},
		{"Sun, 06 Nov 1994 25:49:37 GMT", 0},
		{"Sun, 06 Nov 1994 08:49:3", 0},
		{"Sunday, 06-Nov-94 08:49:37 GMT", 0},
		{"Sun, 00 Nov 1994 08:49:37 GMT", 0},
		{"Sun, 06 Nov 1994 08:4x:37 GMT", 0},
	};
	const int64_t now = INT64_C(784111740) * 1000; /* 1994-11-06 08:49:00 UTC */

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		assert_int_equal(schedule_retry_after(slice_of(table[i].text), now), table[i].ms);
}

static void bucket_keeps_the_rate(void **state)
{
	struct bucket b = {.per_second = 10}, free_one = {0};
	int64_t wait, taken = 0;

	(void)state;
	for (int64_t now = 1000000; now < 1010000; now += 5)
		taken += bucket_take(&b, now, &wait);
	assert_in_range(taken, 100, 111); /* ten seconds, and the first second's burst */
	for (int i = 0; i < 1000; i++)
		assert_true(bucket_take(&free_one, 5, &wait));
	b = (struct bucket){.per_second = 0.5};
	assert_true(bucket_take(&b, 1000000, &wait));
	assert_false(bucket_take(&b, 1000000, &wait));
	assert_in_range(wait, 1990, 2002);
	assert_true(bucket_take(&b, 1000000 + wait, &wait));
}

static void bucket_slows_and_recovers(void **state)
{
	struct bucket b = {.per_second = 10, .tokens = 8}, unlimited = {0};
	int successes = 0;

	(void)state;
	bucket_slow(&b, 0.5);
	assert_true(b.per_second > 4.9 && b.per_second < 5.1 && b.tokens <= 0);
	for (int i = 0; i < 50; i++)
		bucket_slow(&b, 0.5);
	assert_true(b.per_second >= 0.09);
	for (; b.per_second < 10 && successes < 1000; successes++)
		bucket_success(&b, 10);
	assert_in_range(successes, 15, 25);
	bucket_success(&b, 10);
	assert_true(b.per_second <= 10);
	bucket_slow(&unlimited, 0.5);
	assert_true(unlimited.per_second > 1);
	for (int i = 0; i < 200; i++)
		bucket_success(&unlimited, 0);
	assert_true(unlimited.per_second == 0);
}

static void breaker_opens_probes_and_closes(void **state)
{
	struct breaker b = {0};
	int64_t wait, now = 50000, expected = 5000;

	(void)state;
	for (int i = 0; i < 5; i++) {
		assert_true(breaker_allows(&b, now, &wait));
		breaker_result(&b, false, now);
	}
	for (int round = 0; round < 10; round++) {
		assert_false(breaker_allows(&b, now, &wait));
		assert_int_equal(wait, expected);
		breaker_result(&b, false, now); /* a late answer from before: says nothing new */
		assert_false(breaker_allows(&b, now + expected - 1, &wait));
		now += expected;
		assert_true(breaker_allows(&b, now, &wait));
		assert_false(breaker_allows(&b, now, &wait)); /* one probe */
		assert_true(wait > 0);
		breaker_result(&b, false, now);
		expected = expected * 2 > 300000 ? 300000 : expected * 2;
	}
	now += 300000;
	assert_true(breaker_allows(&b, now, &wait));
	breaker_result(&b, true, now);
	assert_int_equal(b.failures, 0);
	for (int i = 0; i < 100; i++) { /* fewer than five in a row never open it */
		breaker_result(&b, i % 5 == 4, now);
		assert_true(breaker_allows(&b, now, &wait));
	}
}

/* ---- lanes ------------------------------------------------------------------------------------------------------- */

static struct job *row(int64_t id, enum lane lane, int64_t contact, int64_t created)
{
	struct outbox_row r = {
		.m = {.id = id, .lane = lane, .contact = contact, .created_at = created, .text = S("x")}};

	return job_open(&r, 1000000);
}

static int64_t next_id(struct line *l)
{
	struct job *j = line_first(l);
	int64_t id = j ? j->row.m.id : 0;

	if (j) {
		line_remove(l, j);
		job_close(&j);
	}
	return id;
}

static void lanes_go_in_order(void **state)
{
	struct line l = {0};
	struct job *last;

	(void)state;
	line_take(&l, row(1, LANE_CAMPAIGN, 1, 10));
	line_take(&l, row(2, LANE_NOTICE, 2, 30));
	line_take(&l, row(3, LANE_NOTICE, 3, 20));
	line_take(&l, row(4, LANE_REPLY, 4, 90));
	line_take(&l, row(5, LANE_SURVEY, 5, 5));
	line_take(&l, row(7, LANE_REPLY, 6, 90));
	line_take(&l, row(6, LANE_REPLY, 7, 90));
	line_take(&l, row(8, LANE_CAMPAIGN, 8, 9));
	assert_int_equal(l.n_waiting, 8);
	last = line_pop_last(&l);
	assert_int_equal(last->row.m.id, 1);
	job_close(&last);
	assert_int_equal(next_id(&l), 4);
	assert_int_equal(next_id(&l), 6);
	assert_int_equal(next_id(&l), 7);
	assert_int_equal(next_id(&l), 3);
	assert_int_equal(next_id(&l), 2);
	assert_int_equal(next_id(&l), 5);
	assert_int_equal(next_id(&l), 8);
	assert_int_equal(next_id(&l), 0);
	assert_int_equal(l.n_waiting, 0);
}

static void a_contact_has_one_row_out(void **state)
{
	struct line l = {0};
	struct job *out = row(1, LANE_REPLY, 7, 1);

	(void)state;
	l.flying = out;
	line_take(&l, row(2, LANE_REPLY, 7, 2));
	assert_null(line_first(&l));
	line_take(&l, row(3, LANE_CAMPAIGN, 8, 3));
	assert_int_equal(next_id(&l), 3);
	l.flying = NULL;
	assert_int_equal(next_id(&l), 2);
	job_close(&out);
}

static void what_is_sent_back_is_spread(void **state)
{
	struct line l = {.bucket = {.per_second = 10}};
	int64_t before = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t wait = line_book(&l, LANE_CAMPAIGN, 5000);

		assert_true(wait > before);
		before = wait;
	}
	assert_in_range(before, 99000, 101000);                   /* a thousand rows at ten a second */
	assert_in_range(line_book(&l, LANE_REPLY, 5000), 1, 200); /* not behind the campaign */
	l.breaker.open_until_ms = 5000 + 60000;
	assert_true(line_book(&l, LANE_REPLY, 5000) >= 60000);
}

static void expired_rows_are_found(void **state)
{
	struct line l = {0};
	struct job *j;

	(void)state;
	line_take(&l, row(1, LANE_NOTICE, 1, 1));
	assert_null(line_pop_expired(&l, 1000000 - CALL_LEAST_MS));
	j = line_pop_expired(&l, 1000001 - CALL_LEAST_MS);
	assert_non_null(j);
	assert_int_equal(l.n_waiting, 0);
	job_close(&j);
}

/* ---- addresses and kinds ----------------------------------------------------------------------------------------- */

static bool is_public(const char *text)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return address_public((struct sockaddr *)&v4);
	assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
	return address_public((struct sockaddr *)&v6);
}

static void only_public_addresses_pass(void **state)
{
	static const char *const open[] = {
		"1.1.1.1",        "8.8.8.8",          "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
		"100.128.0.0",    "126.255.255.255",  "128.0.0.1",       "169.253.255.255", "169.255.0.0",
		"172.15.255.255", "172.32.0.0",       "192.0.1.0",       "192.167.255.255", "192.169.0.0",
		"198.17.255.255", "198.20.0.0",       "223.255.255.255", "2606:4700::1111", "2400:3200::1",
		"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2001:4860::8888",
	};
	static const char *const closed[] = {
		"0.0.0.0",
		"0.1.2.3",
		"10.0.0.0",
		"10.255.255.255",
		"100.64.0.0",
		"100.127.255.255",
		"127.0.0.1",
		"127.255.255.255",
		"169.254.0.0",
		"169.254.169.254",
		"172.16.0.0",
		"172.31.255.255",
		"192.0.0.1",
		"192.0.2.1",
		"192.88.99.1",
		"192.168.0.0",
		"192.168.255.255",
		"198.18.0.1",
		"198.19.255.255",
		"198.51.100.1",
		"203.0.113.9",
		"224.0.0.1",
		"239.255.255.255",
		"240.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::2",
		"::ffff:127.0.0.1",
		"::ffff:10.1.2.3",
		"::ffff:169.254.169.254",
		"::127.0.0.1",
		"64:ff9b::10.0.0.1",
		"64:ff9b:1::1",
		"100::1",
		"2002:7f00:1::1",
		"2002:a00:1::",
		"2001::1",
		"2001:db8::1",
		"3fff::1",
		"fc00::1",
		"fdff::1",
		"fe80::1",
		"fec0::1",
		"ff02::1",
		"4000::1",
		"8000::1",
	};
	struct sockaddr other = {.sa_family = AF_UNIX};

	(void)state;
	for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
		if (!is_public(open[i]))
			fail_msg("%s should be public", open[i]);
	for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++)
		if (is_public(closed[i]))
			fail_msg("%s should not be public", closed[i]);
	assert_false(address_public(&other));
}

#define BYTES(literal)                                                                                                 \
	{                                                                                                              \
		(literal), sizeof(literal) - 1                                                                         \
	}

static void kinds_by_first_bytes(void **state)
{
	static const struct {
		struct slice head;
		const char *mime;
	} table[] = {
		{BYTES("\xFF\xD8\xFF\xE0\0\x10JFIF"), "image/jpeg"},
		{BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR"), "image/png"},
		{BYTES("GIF89a\1\0\1\0"), "image/gif"},
		{BYTES("RIFF\x24\0\0\0WEBPVP8 "), "image/webp"},
		{BYTES("RIFF\x24\0\0\0WAVEfmt "), NULL},
		{BYTES("\0\0\0\x18"
		       "ftypheic\0\0\0\0"),
		 "image/heic"},
		{BYTES("\0\0\0\x18"
		       "ftypmif1\0\0\0\0"),
		 "image/heic"},
		{BYTES("\0\0\0\x18"
		       "ftypisom\0\0\0\0"),
		 "video/mp4"},
		{BYTES("\0\0\0\x18"
		       "ftypmp42\0\0\0\0"),
		 "video/mp4"},
		{BYTES("\0\0\0\x18"
		       "ftyp3gp5\0\0\0\0"),
		 "video/3gpp"},
		{BYTES("\0\0\0\x18"
		       "ftypM4A \0\0\0\0"),
		 "audio/mp4"},
		{BYTES("\0\0\0\x18"
		       "ftypxxxx\0\0\0\0"),
		 NULL},
		{BYTES("#!AMR\n\x3C"), "audio/amr"},
		{BYTES("OggS\0\2"), "audio/ogg"},
		{BYTES("ID3\4\0"), "audio/mpeg"},
		{BYTES("\xFF\xFB\x90\x64"), "audio/mpeg"},
		{BYTES("\xFF\xFF\xFF\xFF"), NULL},
		{BYTES("%PDF-1.7\n"), "application/pdf"},
		{BYTES("%PDF"), NULL},
		{BYTES("<!DOCTYPE html>"), NULL},
		{BYTES("<svg xmlns="), NULL},
		{BYTES("MZ\x90\0"), NULL},
		{BYTES("PK\3\4"), NULL},
		{BYTES("\x7F"
		       "ELF"),
		 NULL},
		{BYTES("hello"), NULL},
		{BYTES("\xFF\xD8"), NULL},
		{{NULL, 0}, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		const struct media_type *t = media_sniff(table[i].head);

		if (!t != !table[i].mime || (t && strcmp(t->mime, table[i].mime) != 0))
			fail_msg("row %zu: %s", i, t ? t->mime : "none");
	}
}

static void kinds_agree_with_what_was_announced(void **state)
{
	const struct media_type *jpeg = media_sniff(S("\xFF\xD8\xFF\xE0")),
				*ogg = media_sniff((struct slice)BYTES("OggS\0")), *pdf = media_sniff(S("%PDF-1.4"));

	(void)state;
	assert_true(media_fits(jpeg, S("image/jpeg")) && media_fits(jpeg, S("image/png")) && media_fits(jpeg, S("")));
	assert_true(media_fits(jpeg, S("IMAGE/JPEG; charset=binary")) &&
		    media_fits(jpeg, S("application/octet-stream")));
	assert_false(media_fits(jpeg, S("application/pdf")));
	assert_false(media_fits(jpeg, S("video/mp4")));
	assert_false(media_fits(jpeg, S("text/html")));
	assert_true(media_fits(ogg, S("audio/ogg; codecs=opus")) && media_fits(ogg, S("video/ogg")) &&
		    media_fits(ogg, S("application/ogg")));
	assert_false(media_fits(pdf, S("application/ogg")));
	assert_true(media_fits(pdf, S("application/pdf")));
	assert_false(media_fits(pdf, S("image/jpeg")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_half_an_hour),
		cmocka_unit_test(waits_honour_the_provider_and_the_life),
		cmocka_unit_test(judges_every_class),
		cmocka_unit_test(judges_by_age_and_lane),
		cmocka_unit_test(reads_retry_after),
		cmocka_unit_test(bucket_keeps_the_rate),
		cmocka_unit_test(bucket_slows_and_recovers),
		cmocka_unit_test(breaker_opens_probes_and_closes),
		cmocka_unit_test(lanes_go_in_order),
		cmocka_unit_test(a_contact_has_one_row_out),
		cmocka_unit_test(what_is_sent_back_is_spread),
		cmocka_unit_test(expired_rows_are_found),
		cmocka_unit_test(only_public_addresses_pass),
		cmocka_unit_test(kinds_by_first_bytes),
		cmocka_unit_test(kinds_agree_with_what_was_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

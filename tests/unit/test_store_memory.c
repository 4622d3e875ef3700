/* What the SQLite store keeps in memory (dedupe keys, contacts) and the pure helpers of the stores, against plain
 * models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/contacts.h"
#include "store/dedupe.h"
#include "store/rows.h"

static struct key key = {{5}};

static struct hash16 name_of(int64_t i)
{
	struct slice part = {(const char *)&i, sizeof i};

	return secret_hash16(&key, &part, 1);
}

static void keys_come_and_go(void **state)
{
	enum { KEYS = 4000 };
	struct dedupe d = {0};
	bool there[KEYS] = {0};
	int64_t event;
	size_t n = 0;

	(void)state;
	srand(1);
	for (int step = 0; step < 40000; step++) {
		int i = rand() % KEYS;
		struct hash16 h = name_of(i);

		if (rand() % 3) {
			assert_int_equal(dedupe_put(&d, &h, i + 1, step), !there[i]);
			n += !there[i];
			there[i] = true;
		} else {
			dedupe_remove(&d, &h);
			n -= there[i];
			there[i] = false;
		}
		assert_int_equal(d.n, n);
	}
	for (int i = 0; i < KEYS; i++) {
		struct hash16 h = name_of(i);
		event = 0;
		assert_int_equal(dedupe_find(&d, &h, &event), there[i]);
		assert_int_equal(event, there[i] ? i + 1 : 0);
	}
	dedupe_clear_recent(&d);
	assert_int_equal(d.n, 0);
	assert_false(dedupe_find(&d, &(struct hash16[]){name_of(1)}[0], &event));
	dedupe_free(&d);
}

/* A run of keys from..from+n, sealed; its pages are checked on the way. */
static void seal(struct dedupe *d, int64_t run, int64_t from, int64_t n)
{
	struct arena *a = arena_open(0);
	uint32_t pages = dedupe_pages((size_t)n);
	struct slice *entries;
	int64_t event;

	for (int64_t i = from; i < from + n; i++)
		assert_true(dedupe_put(d, &(struct hash16[]){name_of(i)}[0], i, i));
	entries = dedupe_seal(d, pages, a);
	for (int64_t i = from; i < from + n; i++) {
		struct hash16 h = name_of(i), other = name_of(-1 - i);
		assert_true(dedupe_look(entries[dedupe_page_of(pages, &h)], &h, &event));
		assert_int_equal(event, i);
		assert_false(dedupe_look(entries[dedupe_page_of(pages, &other)], &other, &event));
	}
	dedupe_add_run(d, run, d->last_at, pages, dedupe_filter(d, a));
	dedupe_clear_recent(d);
	arena_close(&a);
}

static bool may_hold(const struct dedupe *d, size_t run, int64_t i)
{
	struct hash16 h = name_of(i);
	struct dedupe_hits hits = dedupe_hits(d, &h);

	return hits.any && dedupe_may_hold(&hits, &d->runs[run]);
}

static void filters_never_miss_and_rarely_err(void **state)
{
	enum { RUNS = 40, EACH = 300 };
	struct dedupe d = {0};
	int wrong = 0;

	(void)state;
	for (int r = 0; r < RUNS; r++) /* more than one group */
		seal(&d, r + 1, r * EACH, EACH);
	for (int64_t i = 0; i < RUNS * EACH; i++)
		assert_true(may_hold(&d, (size_t)i / EACH, i));
	for (int64_t i = 0; i < 20000; i++)
		wrong += may_hold(&d, (size_t)i % RUNS, 1000000 + i);
	assert_true(wrong < 20);
	for (int r = 0; r < 5; r++) /* the oldest go, and their columns are used again, clean */
		dedupe_drop_run(&d, 0);
	assert_int_equal(d.runs[0].run, 6);
	seal(&d, 99, 500000, EACH);
	assert_int_equal(d.runs[d.n_runs - 1].column, 0);
	for (int64_t i = 0; i < EACH; i++) {
		assert_true(may_hold(&d, d.n_runs - 1, 500000 + i));
		assert_true(may_hold(&d, 0, 5 * EACH + i));
	}
	for (int64_t i = wrong = 0; i < EACH; i++)
		wrong += may_hold(&d, d.n_runs - 1, i);
	assert_true(wrong < 5);
	dedupe_free(&d);
}

static void a_full_run_is_filtered_well(void **state)
{
	struct dedupe d = {0};
	int wrong = 0;

	(void)state;
	seal(&d, 1, 0, DEDUPE_SEAL);
	for (int64_t i = 0; i < 20000; i++)
		wrong += may_hold(&d, 0, 1000000 + i);
	assert_true(wrong > 0 && wrong < 100); /* under half a percent */
	dedupe_free(&d);
}

static void a_run_without_a_filter_is_always_asked(void **state)
{
	struct dedupe d = {0};

	(void)state;
	dedupe_add_run(&d, 1, 5, 10, S("too short"));
	assert_true(may_hold(&d, 0, 1));
	dedupe_drop_run(&d, 0);
	assert_int_equal(d.unfiltered, 0);
	dedupe_free(&d);
}

static void contacts_are_found_while_they_are_recent(void **state)
{
	static struct contacts k;
	struct arena *a = arena_open(0);
	struct contact c, out;
	int found = 0;

	(void)state;
	assert_false(contacts_find(&k, &(struct hash16[]){name_of(1)}[0], a, &out));
	for (int64_t i = 1; i <= 100000; i++) {
		c = (struct contact){.id = i,
				     .hash = name_of(i),
				     .channel = i % 2 ? S("sms") : S("web"),
				     .lang = S("zh"),
				     .flood_count = (int)i,
				     .optout = OPTOUT_SURVEY};
		contacts_keep(&k, &c);
		assert_true(contacts_find(&k, &c.hash, a, &out));
		assert_int_equal(out.id, i);
	}
	for (int64_t i = 1; i <= 100000; i++) {
		struct hash16 h = name_of(i);
		if (!contacts_find(&k, &h, a, &out))
			continue;
		found++;
		assert_int_equal(out.id, i);
		assert_int_equal(out.flood_count, i);
		assert_int_equal(out.optout, OPTOUT_SURVEY);
		assert_true(slice_is(out.channel, i % 2 ? "sms" : "web") && slice_is(out.lang, "zh"));
	}
	assert_true(found > 20000 && found <= CONTACTS_SETS * CONTACTS_WAYS);
	c.lang = S("a language that does not fit"); /* then it is not kept, and the old one neither */
	contacts_keep(&k, &c);
	assert_false(contacts_find(&k, &c.hash, a, &out));
	for (int i = 0; i < 100; i++) {
		c = (struct contact){
			.id = 200000 + i, .hash = name_of(200000 + i), .channel = arena_printf(a, "account%d", i)};
		contacts_keep(&k, &c);
		if (contacts_find(&k, &c.hash, a, &out))
			assert_true(slice_equal(out.channel, c.channel));
	}
	contacts_free(&k);
	arena_close(&a);
}

static void damaged_buttons_are_cut(void **state)
{
	struct arena *a = arena_open(0);
	struct button two[2] = {{S("1"), S("是")}, {S(""), S("否")}}, out[2];
	struct slice packed = buttons_pack(a, two, 2);

	(void)state;
	assert_int_equal(buttons_unpack(packed, out, 2), 2);
	assert_true(slice_is(out[0].value, "1") && slice_is(out[1].label, "否") && out[1].value.len == 0);
	assert_int_equal(buttons_unpack(packed, out, 1), 1);
	for (size_t n = 0; n < packed.len; n++)
		assert_true(buttons_unpack(slice_make(packed.data, n), out, 2) < 2);
	assert_int_equal(buttons_pack(a, two, 0).len, 0);
	arena_close(&a);
}

static void states_move_forward_only(void **state)
{
	(void)state;
	for (int from = DELIVERY_QUEUED; from <= DELIVERY_FAILED; from++)
		for (int to = DELIVERY_QUEUED; to <= DELIVERY_FAILED; to++) {
			bool may = delivery_may_move((enum delivery_state)from, (enum delivery_state)to);
			if (from >= to)
				assert_false(may);
			if (to == DELIVERY_FAILED)
				assert_int_equal(may, from < DELIVERY_DELIVERED);
			else
				assert_int_equal(may, from < to);
		}
	assert_string_equal(delivery_state_name(DELIVERY_UNSURE), "unsure");
	assert_string_equal(outcome_class_name(OUTCOME_OPT_OUT), "opt_out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_come_and_go),
		cmocka_unit_test(filters_never_miss_and_rarely_err),
		cmocka_unit_test(a_full_run_is_filtered_well),
		cmocka_unit_test(a_run_without_a_filter_is_always_asked),
		cmocka_unit_test(contacts_are_found_while_they_are_recent),
		cmocka_unit_test(damaged_buttons_are_cut),
		cmocka_unit_test(states_move_forward_only),
	};

	return secret_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}

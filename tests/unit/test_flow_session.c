/* The packed session: it comes back as it was, it is compact, and damage is seen or harmless. */
#include "flow_fixture.h"

static struct session full_session(struct arena *a)
{
	struct session s = {.contact = INT64_MAX,
			    .flow = S("report"),
			    .revision = S("0123456789abcdef"),
			    .question = S("story"),
			    .changing = S("story"),
			    .confirming = true,
			    .tries = 2,
			    .collected = S("12:34;=\n住房"),
			    .window = S("W3"),
			    .draft_case = S("261119-0001-8"),
			    .begun_at = NOW,
			    .asked_at = NOW + 5,
			    .touched_at = NOW + 1000,
			    .reminded = true,
			    .ended = false};

	for (size_t i = 0; i < SESSION_MAX_ANSWERS; i++) {
		struct slice name = arena_printf(a, "q%zu", i), value = i % 3 ? S("wages") : S("");

		s.answers[s.n_answers++] = (struct session_answer){name, i % 2 ? name : S("field"), value,
								   i % 5 ? S("工资") : value, S("写的是2")};
	}
	for (size_t i = 0; i < SESSION_MAX_MEDIA; i++)
		s.media[s.n_media++] = S("12345678901234567");
	return s;
}

static void assert_same(const struct session *a, const struct session *b)
{
	assert_int_equal(a->contact, b->contact);
	assert_true(slice_equal(a->flow, b->flow) && slice_equal(a->revision, b->revision));
	assert_true(slice_equal(a->question, b->question) && slice_equal(a->changing, b->changing));
	assert_true(slice_equal(a->collected, b->collected) && slice_equal(a->window, b->window));
	assert_true(slice_equal(a->draft_case, b->draft_case));
	assert_int_equal(a->confirming, b->confirming);
	assert_int_equal(a->reminded, b->reminded);
	assert_int_equal(a->ended, b->ended);
	assert_int_equal(a->tries, b->tries);
	assert_int_equal(a->begun_at, b->begun_at);
	assert_int_equal(a->asked_at, b->asked_at);
	assert_int_equal(a->touched_at, b->touched_at);
	assert_int_equal(a->n_answers, b->n_answers);
	for (size_t i = 0; i < a->n_answers; i++) {
		const struct session_answer *x = &a->answers[i], *y = &b->answers[i];
		assert_true(slice_equal(x->question, y->question) && slice_equal(x->field, y->field));
		assert_true(slice_equal(x->value, y->value) && slice_equal(x->label, y->label));
		assert_true(slice_equal(x->original, y->original));
	}
	assert_int_equal(a->n_media, b->n_media);
	for (size_t i = 0; i < a->n_media; i++)
		assert_true(slice_equal(a->media[i], b->media[i]));
}

static void comes_back_as_it_was(void **state)
{
	struct arena *a = arena_open(0);
	struct session full = full_session(a), empty = {0}, back;

	(void)state;
	assert_true(session_unpack(session_pack(&full, a), a, &back));
	assert_same(&full, &back);
	assert_true(session_unpack(session_pack(&empty, a), a, &back));
	assert_same(&empty, &back);
	arena_close(&a);
}

static void is_compact(void **state)
{
	struct talk t = talk_report();

	(void)state;
	begin(&t, "投诉");
	say(&t, "2");
	say(&t, "解放路12号");
	assert_true(session_pack(&t.s, t.a).len < 200);
	assert_true(utf8_valid(session_pack(&t.s, t.a)));
	talk_end(&t);
}

static void cut_anywhere_is_seen(void **state)
{
	struct arena *a = arena_open(0), *one = arena_open(0);
	struct session full = full_session(a), back;
	struct slice packed = session_pack(&full, a);

	(void)state;
	for (size_t len = 0; len < packed.len; len++) {
		assert_false(session_unpack(slice_make(packed.data, len), one, &back));
		arena_reset(one);
	}
	assert_false(session_unpack(arena_printf(a, SLICE_FMT "x", SLICE_ARG(packed)), a, &back));
	assert_false(session_unpack(S("9"), a, &back));
	assert_false(session_unpack(S("1-;"), a, &back));
	arena_close(&one);
	arena_close(&a);
}

/* A changed byte may stand for another valid session; it must never be read beyond itself. */
static void a_changed_byte_is_harmless(void **state)
{
	static const char bytes[] = {'0', '9', ';', ':', '=', '-', 'x', (char)0xE4, 0};
	struct arena *a = arena_open(0), *one = arena_open(0);
	struct session full = full_session(a), back;
	struct slice packed = session_pack(&full, a);
	char *copy = arena_alloc(a, packed.len);

	(void)state;
	for (size_t at = 0; at < packed.len; at++)
		for (size_t b = 0; b < sizeof bytes; b++) {
			memcpy(copy, packed.data, packed.len);
			copy[at] = bytes[b];
			if (session_unpack(slice_make(copy, packed.len), one, &back)) {
				assert_true(back.n_answers <= SESSION_MAX_ANSWERS && back.n_media <= SESSION_MAX_MEDIA);
				session_pack(&back, one);
			}
			arena_reset(one);
		}
	arena_close(&one);
	arena_close(&a);
}

static void answers_are_bounded(void **state)
{
	struct arena *a = arena_open(0);
	struct session s = {0};

	(void)state;
	for (size_t i = 0; i < SESSION_MAX_ANSWERS; i++)
		assert_true(session_put(
			&s, (struct session_answer){.question = S("q"), .field = arena_printf(a, "f%zu", i)}));
	assert_false(session_put(&s, (struct session_answer){.question = S("q"), .field = S("more")}));
	assert_true(session_put(&s, (struct session_answer){.question = S("r"), .field = S("f3"), .value = S("new")}));
	assert_true(slice_is(session_get(&s, S("f3"))->value, "new"));
	session_drop(&s, S("q"));
	assert_int_equal(s.n_answers, 1);
	assert_true(session_has(&s, S("r")));
	arena_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_as_it_was), cmocka_unit_test(is_compact),
		cmocka_unit_test(cut_anywhere_is_seen), cmocka_unit_test(a_changed_byte_is_harmless),
		cmocka_unit_test(answers_are_bounded),
	};

	secret_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}

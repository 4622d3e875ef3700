/* The ram store keeps the contract. */
#include "../store_contract.c"

static struct store *contract_open(void)
{
	struct arena *a = arena_open(0);
	struct slice why = {0};
	struct store *s = store_open(S("ram:"), &contract_key, a, &why);

	arena_close(&a);
	return s;
}

static void it_has_no_copy(void **state)
{
	struct lab l = lab_open();
	struct slice why = {0};

	(void)state;
	assert_int_equal(l.s->kind->backup(l.s, "/tmp/x", &why, l.a), NEVER);
	assert_true(why.len > 0);
	lab_close(&l);
}

static void an_unknown_kind_is_refused(void **state)
{
	struct arena *a = arena_open(0);
	struct slice why = {0};

	(void)state;
	assert_null(store_open(S("oracle:/x"), &contract_key, a, &why));
	assert_true(slice_find(why, S("sqlite:")) < why.len);
	why = (struct slice){0};
	assert_null(store_open(S("huiyin.db"), &contract_key, a, &why));
	assert_true(why.len > 0);
	arena_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {CONTRACT_TESTS, cmocka_unit_test(it_has_no_copy),
					   cmocka_unit_test(an_unknown_kind_is_refused)};

	return secret_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}

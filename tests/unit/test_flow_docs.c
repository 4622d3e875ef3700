/* Every example of docs/flows.md does what the page says it does. */
int talks_main(int argc, char **argv);
#define main talks_main
#include "talks.c"
#undef main

#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_examples_of_the_page(void **state)
{
	int good = 0, bad = 0;

	(void)state;
	play("docs/flows.md", false, &good, &bad);
	assert_int_equal(bad, 0);
	assert_true(good > 60); /* the page was read, and held examples */
}

/* The player itself: what is wrong is counted, and the next talk is played. */
static void a_wrong_talk_fails(void **state)
{
	int good = 0, bad = 0;
	FILE *f = fopen("build/test_flow_docs.talk", "w");

	(void)state;
	assert_non_null(f);
	fprintf(f, "set prompts\n> 1\n< no such words\n. ended\n! file\n^ help\nnonsense\n. open\n");
	fclose(f);
	play("build/test_flow_docs.talk", false, &good, &bad);
	remove("build/test_flow_docs.talk");
	assert_int_equal(bad, 5); /* and nothing after the line that is no line */
	assert_int_equal(good, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_the_page),
		cmocka_unit_test(a_wrong_talk_fails),
	};

	secret_start();
	(void)talks_main;
	return cmocka_run_group_tests(tests, NULL, NULL);
}

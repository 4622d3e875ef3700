/* Who gets the lock on state/instance learns the name of the process before it, and only if that is certainly gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "huiyin/secret.h"
#include "instance.h"

static char dir[64], file[96], copy[96];

static int up(void **state)
{
	(void)state;
	assert_true(secret_start());
	snprintf(dir, sizeof dir, "/tmp/huiyin-instance-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(file, sizeof file, "%s/instance", dir);
	snprintf(copy, sizeof copy, "%s/copy", dir);
	return 0;
}

static int down(void **state)
{
	(void)state;
	unlink(file);
	unlink(copy);
	rmdir(dir);
	return 0;
}

static void each_learns_of_the_one_before(void **state)
{
	struct instance one, two, three;

	(void)state;
	instance_begin(slice_of(dir), &one);
	assert_true(one.now && !one.before && one.fd >= 0);
	instance_begin(slice_of(dir), &two); /* the first still lives */
	assert_true(two.now && two.now != one.now && !two.before && two.fd < 0);
	instance_end(&two);
	instance_end(&one);
	instance_begin(slice_of(dir), &three);
	assert_true(three.before == one.now && three.now != one.now && three.fd >= 0);
	instance_end(&three);
	instance_end(&three);
}

static void one_that_was_killed_is_gone(void **state)
{
	struct instance next;
	int64_t name = 0;
	int ready[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (!child) {
		struct instance i;

		instance_begin(slice_of(dir), &i);
		if (write(ready[1], &i.now, sizeof i.now) == sizeof i.now)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ready[0], &name, sizeof name), sizeof name);
	instance_begin(slice_of(dir), &next);
	assert_true(!next.before && next.fd < 0);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	instance_begin(slice_of(dir), &next);
	assert_true(next.before == name && next.fd >= 0);
	instance_end(&next);
	close(ready[0]);
	close(ready[1]);
}

/* A folder that was copied with all that is in it, or moved here from another machine, or damaged. */
static void a_file_from_elsewhere_says_nothing(void **state)
{
	static const char *const texts[] = {"", "x", "\n", "00000000000000aa\n", "00000000000000aa 1:2 elsewhere\n",
					    "zz 1:2 elsewhere\n"};
	struct instance one, two;
	char line[256] = "";
	FILE *f;

	(void)state;
	instance_begin(slice_of(dir), &one);
	f = fopen(file, "r");
	assert_non_null(fgets(line, sizeof line, f));
	fclose(f);
	f = fopen(copy, "w");
	fputs(line, f);
	fclose(f);
	instance_end(&one);
	assert_int_equal(rename(copy, file), 0);
	instance_begin(slice_of(dir), &two);
	assert_true(!two.before && two.fd >= 0);
	instance_end(&two);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		f = fopen(file, "w");
		fputs(texts[i], f);
		fclose(f);
		instance_begin(slice_of(dir), &two);
		assert_true(!two.before && two.fd >= 0);
		instance_end(&two);
	}
}

static void without_a_folder_nothing_fails(void **state)
{
	struct instance i;

	(void)state;
	instance_begin(S("/nowhere/at/all"), &i);
	assert_true(i.now && !i.before && i.fd < 0);
	instance_end(&i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_learns_of_the_one_before, up, down),
		cmocka_unit_test_setup_teardown(one_that_was_killed_is_gone, up, down),
		cmocka_unit_test_setup_teardown(a_file_from_elsewhere_says_nothing, up, down),
		cmocka_unit_test(without_a_folder_nothing_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

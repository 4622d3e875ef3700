/* The log: lines as they arrive at the other end of stderr. */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "huiyin/json.h"
#include "huiyin/log.h"

static int stderr_saved, file;

static void catch_begin(void)
{
	char path[] = "/tmp/huiyin-log-XXXXXX";

	stderr_saved = dup(STDERR_FILENO);
	file = mkstemp(path);
	assert_true(file >= 0);
	unlink(path);
	dup2(file, STDERR_FILENO);
}

/* What was written since, in `a`. */
static struct slice catch_end(struct arena *a)
{
	off_t len = lseek(file, 0, SEEK_CUR);
	char *text;

	dup2(stderr_saved, STDERR_FILENO);
	close(stderr_saved);
	len = lseek(file, 0, SEEK_END);
	text = arena_alloc(a, (size_t)len + 1);
	assert_int_equal(pread(file, text, (size_t)len, 0), len);
	close(file);
	return slice_make(text, (size_t)len);
}

#define TIME_LEN (sizeof("ts=2026-11-21T10:00:00.000Z") - 1)

static void writes_logfmt(void **state)
{
	struct arena *a = arena_open(0);
	struct slice line;

	(void)state;
	log_setup(LOG_INFO_, LOG_LOGFMT);
	catch_begin();
	log_line(LOG_DEBUG_, "engine", "unseen", NULL);
	log_line(LOG_WARN_, "engine", "batch done", "rid", "a1", "empty", "", "odd", "x=\"y\"\\\n\x01", "cjk", "中文",
		 "none", (const char *)NULL, NULL);
	line = catch_end(a);
	assert_true(slice_begins(line, S("ts=20")));
	assert_int_equal(line.data[TIME_LEN - 1], 'Z');
	assert_string_equal(line.data + TIME_LEN, " level=warn room=engine what=\"batch done\" rid=a1 empty=\"\""
						  " odd=\"x=\\\"y\\\"\\\\\\n\\u0001\" cjk=中文 none=\"\"\n");
	arena_close(&a);
}

static void writes_json(void **state)
{
	struct arena *a = arena_open(0);
	struct json *j;

	(void)state;
	log_setup(LOG_DEBUG_, LOG_JSON);
	catch_begin();
	log_line(LOG_DEBUG_, "server", "bad \"one\"", "raw", "\xFF\n中", NULL);
	j = json_read(a, catch_end(a), NULL);
	assert_non_null(j);
	assert_int_equal(j->n, 5);
	assert_true(slice_is(json_field(j, "level"), "debug"));
	assert_true(slice_is(json_field(j, "room"), "server"));
	assert_true(slice_is(json_field(j, "what"), "bad \"one\""));
	assert_true(slice_is(json_field(j, "raw"), "\xEF\xBF\xBD\n中"));
	arena_close(&a);
}

/* However much is logged: one line, whole pairs, and a mark that something is missing. */
static void cuts_what_is_too_long(void **state)
{
	static const enum log_format formats[] = {LOG_LOGFMT, LOG_JSON};
	struct arena *a = arena_open(0);
	char big[3001];

	(void)state;
	for (size_t i = 0; i < 3000; i += 3)
		memcpy(big + i, i % 2 ? "中" : "a\"\n", 3);
	big[3000] = 0;
	for (size_t f = 0; f < 2; f++) {
		struct slice line;

		log_setup(LOG_INFO_, formats[f]);
		catch_begin();
		log_line(LOG_INFO_, "r", "w", "a", big, "b", big, "c", big, "d", big, "e", big, "f", big, "g", big, "h",
			 big, "z", "last", NULL);
		line = catch_end(a);
		assert_true(line.len <= 4096);
		assert_int_equal(slice_find(line, S("\n")), line.len - 1);
		assert_true(utf8_valid(line));
		if (formats[f] == LOG_JSON) {
			struct json *j = json_read(a, line, NULL);

			assert_non_null(j);
			assert_true(slice_is(json_field(j, "cut"), "true"));
			assert_true(json_field(j, "a").len <= 512);
		} else {
			assert_true(slice_ends(line, S(" cut=true\n")));
		}
	}
	arena_close(&a);
}

static void *log_much(void *name)
{
	for (int i = 0; i < 500; i++)
		log_line(LOG_INFO_, name, "a line of some length that could be torn", "a", name, "b", name, NULL);
	return NULL;
}

static void never_mixes_lines(void **state)
{
	static char names[4][200];
	struct arena *a = arena_open(0);
	pthread_t threads[4];
	struct slice rest, line;
	size_t n = 0;

	(void)state;
	log_setup(LOG_INFO_, LOG_JSON);
	catch_begin();
	for (int i = 0; i < 4; i++) {
		memset(names[i], 'a' + i, sizeof(names[i]) - 1);
		pthread_create(&threads[i], NULL, log_much, names[i]);
	}
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	rest = catch_end(a);
	for (; slice_next(&rest, '\n', &line); n++) {
		struct json *j = json_read(a, line, NULL);

		assert_non_null(j);
		assert_true(slice_equal(json_field(j, "a"), json_field(j, "room")));
		assert_true(slice_equal(json_field(j, "b"), json_field(j, "room")));
	}
	assert_int_equal(n, 2000);
	arena_close(&a);
}

static void masks(void **state)
{
	static const struct {
		const char *address, *shown;
	} table[] = {
		{"+8613800138000", "***00"},
		{"wang@example.cn", "***cn"},
		{"王小明同学", "***同学"},
		{"10086", "***86"},
		{"1234", "***"},
		{"12", "***"},
		{"", "***"},
	};
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_true(slice_is(log_mask(a, slice_of(table[i].address)), table[i].shown));
	arena_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_logfmt),
		cmocka_unit_test(writes_json),
		cmocka_unit_test(cuts_what_is_too_long),
		cmocka_unit_test(never_mixes_lines),
		cmocka_unit_test(masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

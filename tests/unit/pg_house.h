/* A PostgreSQL of its own for the tests of that store, and databases in it. Included after cmocka. */
#ifndef HUIYIN_TESTS_PG_HOUSE_H
#define HUIYIN_TESTS_PG_HOUSE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/pg.h"

static struct {
	char folder[64], url[160]; /* of the first database; its user may do everything */
	int alive;                 /* open as long as the test lives: who waits at the other end then stops the server */
	pid_t undertaker;
	struct arena *arena;
	int databases;
} house;

/* postgres.py WHAT FOLDER; its first line of output. */
static void house_tool(const char *what, char *line, size_t room)
{
	int ends[2], status;
	ssize_t n, len = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		execl("/usr/bin/python3", "python3", "tests/e2e/postgres.py", what, house.folder, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while ((size_t)len + 1 < room && (n = read(ends[0], line + len, room - 1 - (size_t)len)) > 0)
		len += n;
	close(ends[0]);
	line[len] = 0;
	line[strcspn(line, "\n")] = 0;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void watch(void)
{
	int ends[2];
	char byte;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	house.undertaker = fork();
	assert_true(house.undertaker >= 0);
	if (!house.undertaker) {
		setsid();
		close(ends[1]);
		while (read(ends[0], &byte, 1) > 0)
			;
		execl("/usr/bin/python3", "python3", "tests/e2e/postgres.py", "stop", house.folder, (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	house.alive = ends[1];
}

static int house_open(void **state)
{
	(void)state;
	house.arena = arena_open(0);
	snprintf(house.folder, sizeof house.folder, "/tmp/huiyin-unit-pg-%d", (int)getpid());
	watch();
	house_tool("start", house.url, sizeof house.url);
	assert_memory_equal(house.url, "postgresql://", 13);
	return 0;
}

static int house_close(void **state)
{
	int status = -1;

	(void)state;
	close(house.alive);
	waitpid(house.undertaker, &status, 0);
	arena_close(&house.arena);
	return status;
}

/* The address with another database, user (null: the same) and arguments (null: none). */
static const char *house_url(const char *database, const char *user, const char *arguments)
{
	const char *host = strchr(house.url, '@') + 1;
	int host_len = (int)strcspn(host, "/");

	return arena_cstr(house.arena, arena_printf(house.arena, "postgresql://%s@%.*s/%s%s", user ? user : "huiyin",
						    host_len, host, database, arguments ? arguments : ""));
}

/* An address with what is to stand behind it. */
static inline const char *with(const char *url, const char *arguments)
{
	return arena_cstr(house.arena, arena_printf(house.arena, "%s%s", url, arguments));
}

static struct pg *wire_with(const char *url, const char *const *statements, size_t n, int statement_ms)
{
	struct slice why = {0};
	struct pg_options o = {
		.url = url, .name = "test", .statements = statements, .n = n, .statement_ms = statement_ms};
	struct pg *p = pg_open(&o, house.arena, &why);

	assert_non_null(p);
	return p;
}

static void run_sql(const char *url, const char *sql)
{
	struct pg *p = wire_with(url, NULL, 0, 0);

	if (pg_script(p, sql, 10000) != OK)
		fail_msg("%s: %s", sql, pg_why(p));
	pg_close(&p);
}

static inline int64_t ask_sql(const char *url, const char *sql)
{
	struct pg *p = wire_with(url, &sql, 1, 0);
	int64_t value;
	int at;

	pg_begin(p);
	at = pg_add(p, 0, "");
	if (pg_run(p) != OK || !pg_rows(p, at))
		fail_msg("%s: %s", sql, pg_why(p));
	value = pg_int(p, at, 0, 0);
	pg_close(&p);
	return value;
}

static inline const char *ask_text(const char *url, const char *sql)
{
	struct pg *p = wire_with(url, &sql, 1, 0);
	const char *value;
	int at;

	pg_begin(p);
	at = pg_add(p, 0, "");
	if (pg_run(p) != OK || !pg_rows(p, at))
		fail_msg("%s: %s", sql, pg_why(p));
	value = arena_cstr(house.arena, pg_peek(p, at, 0, 0));
	pg_close(&p);
	return value;
}

/* The store at an address, which must open. */
static inline struct store *house_store(const char *url, const struct key *key)
{
	struct arena *a = arena_open(0);
	struct slice why = {0};
	struct store *s = store_open(slice_of(url), key, a, &why);

	if (!s)
		fail_msg("%s: " SLICE_FMT, url, SLICE_ARG(why));
	arena_close(&a);
	return s;
}

/* A new, empty database; its address. */
static const char *house_database(const char *how)
{
	const char *name = arena_cstr(house.arena, arena_printf(house.arena, "db%d", ++house.databases));

	run_sql(house.url, arena_cstr(house.arena, arena_printf(house.arena, "CREATE DATABASE %s %s", name, how)));
	return house_url(name, NULL, NULL);
}

#endif

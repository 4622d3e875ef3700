/* The line of each request: bounded under load, never missing for what goes to a provider, counted when left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "server/inside.h"

#define REQUESTS 1000

static char text[1 << 20];

/* What `with` requests wrote into the log. */
static size_t logged(struct server *s, const struct release *r, int requests)
{
	FILE *f = tmpfile();
	int old = dup(STDERR_FILENO);
	size_t n;

	assert_non_null(f);
	dup2(fileno(f), STDERR_FILENO);
	for (int i = 0; i < requests; i++)
		trace_released(s, r);
	dup2(old, STDERR_FILENO);
	close(old);
	rewind(f);
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	fclose(f);
	return n;
}

static size_t count(const char *part)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, part)); at++)
		n++;
	return n;
}

static void next_second(void)
{
	int64_t left = 1000 - clock_wall().ms % 1000;
	struct timespec t = {0, (left < 999 ? left + 1 : 999) * 1000000L};

	nanosleep(&t, NULL);
}

static void requests_have_their_line(void **state)
{
	struct account acc = {.name = S("sms")};
	struct config c = {.accounts = &acc, .n_accounts = 1, .log_level = LOG_INFO_};
	struct server *s = calloc(1, sizeof *s);
	struct event e = {.kind = EVENT_MESSAGE, .id = 77, .rid = S("r-1")}, timer = {.kind = EVENT_TIMER, .channel = -1};
	struct release r = {.event = &e, .n_texts = 2};
	long long left_out = 0;

	(void)state;
	s->view.config = &c;
	log_setup(LOG_INFO_, LOG_LOGFMT);
	logged(s, &r, 1);
	assert_non_null(strstr(text, " level=info room=server what=request rid=r-1 kind=message channel=sms event=77 "
				     "answer=done replies=2 queued=0\n"));
	next_second(); /* and the whole of it before us */
	logged(s, &r, REQUESTS);
	assert_int_equal(count("rid=r-1"), 100);
	left_out = REQUESTS - (long long)count("rid=r-1");
	next_second();
	r.n_queued = 1;
	logged(s, &r, REQUESTS); /* what a provider gets is never left out */
	assert_int_equal(count("rid=r-1"), REQUESTS);
	assert_int_equal(count("requests without a line"), 1);
	assert_true(slice_find(slice_of(text), S(" n=")) < strlen(text));
	assert_int_equal(atoll(strstr(text, " n=") + 3), left_out);
	next_second();
	logged(s, &(struct release){.event = &timer}, 10); /* came to nothing, has no id */
	assert_int_equal(strlen(text), 0);
	log_setup(LOG_DEBUG_, LOG_LOGFMT);
	c.log_level = LOG_DEBUG_;
	r.n_queued = 0;
	logged(s, &r, REQUESTS);
	assert_int_equal(count("rid=r-1"), REQUESTS);
	log_setup(LOG_INFO_, LOG_LOGFMT);
	free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(requests_have_their_line)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

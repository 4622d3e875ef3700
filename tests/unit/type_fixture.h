/* What understanding a text needs: for the tests of the ready types. Included after cmocka. */
#ifndef HUIYIN_TESTS_TYPE_FIXTURE_H
#define HUIYIN_TESTS_TYPE_FIXTURE_H

#include "flow/types.h"

static struct matcher *matcher;
static struct arena *arena; /* reset by each reading */
static struct zone *zone;

static int open_all(void **state)
{
	(void)state;
	matcher = matcher_open();
	arena = arena_open(0);
	zone = zone_open("Asia/Shanghai");
	return zone ? 0 : -1;
}

static int close_all(void **state)
{
	(void)state;
	matcher_close(&matcher);
	arena_close(&arena);
	zone_close(&zone);
	return 0;
}

#endif

/* Gateways of one PostgreSQL, for tests of what they do to each other. */
#ifndef HUIYIN_TEST_PG_GATEWAYS_H
#define HUIYIN_TEST_PG_GATEWAYS_H

#include "../store_lab.h"
#include "pg_house.h"

static const char *url; /* of the database of the test that runs */

static struct store *contract_open(void)
{
	return house_store(url, &contract_key);
}

/* A gateway that stands in the register. */
static inline struct lab gateway(const char *arguments)
{
	struct lab l = {.s = house_store(with(url, arguments), &contract_key), .a = arena_open(0)};

	lab_begin(&l, T0);
	return l;
}

static inline void close_both(struct lab *east, struct lab *west)
{
	lab_close(east);
	lab_close(west);
}

static inline struct want message(int64_t n, int64_t person)
{
	return (struct want){
		.by_hash = true, .hash = person_name(person), .has_dedupe = true, .dedupe = message_key(n, person)};
}

#endif

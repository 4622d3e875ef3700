/* The address of a PostgreSQL, and what a connection to it is asked for. Inside the store room only. */
#ifndef HUIYIN_STORE_PG_ADDRESS_H
#define HUIYIN_STORE_PG_ADDRESS_H

#include "store/pg_wire.h"

#define PG_ASKED_MAX 15

enum pg_list { PG_HOST, PG_HOSTADDR, PG_PORT, PG_LISTS };
struct pg_address {
	char *url, *name;
	char *lists[PG_LISTS]; /* of several hosts: what the address says, with commas between; null: nothing */
	int hosts;
	int connect_ms, statement_ms, lock_ms;
	bool reader;
};
void pg_address_open(struct pg_address *x, const struct pg_options *o);
void pg_address_say(struct pg_address *x, const char *keyword, const char *value); /* a part of it, as libpq reads it */
void pg_address_close(struct pg_address *x);

/* For one connection: names and values as libpq takes them, null behind the last. The values borrow from the address.
 */
struct pg_asked {
	const char *names[PG_ASKED_MAX], *values[PG_ASKED_MAX];
	char seconds[12], settings[512], host[256], address[64], port[16];
};
void pg_address_ask(const struct pg_address *x, int host, struct pg_asked *out);

#endif

/*
 * The address of a PostgreSQL, its hosts one by one, and what the server is asked for with each connection: deadlines
 * of its own, plans by index. No outside library here; libpq has read the address before (pg_wire.c).
 *
 * Fatal: running out of memory.
 */
#include "store/pg_address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS   1500
#define STATEMENT_MS 1500
#define LOCK_MS      1000

static char *copy_of(const char *s)
{
	char *c = strdup(s);

	if (!c)
		exhausted("the address of a database");
	return c;
}

void pg_address_open(struct pg_address *x, const struct pg_options *o)
{
	*x = (struct pg_address){.url = copy_of(o->url),
				 .name = copy_of(o->name),
				 .hosts = 1,
				 .connect_ms = o->connect_ms ? o->connect_ms : CONNECT_MS,
				 .statement_ms = o->statement_ms ? o->statement_ms : STATEMENT_MS,
				 .lock_ms = o->lock_ms ? o->lock_ms : LOCK_MS,
				 .reader = o->reader};
}

static int commas_in(const char *s)
{
	int n = 0;

	for (; *s; s++)
		n += *s == ',';
	return n;
}

void pg_address_say(struct pg_address *x, const char *keyword, const char *value)
{
	static const char *const names[PG_LISTS] = {"host", "hostaddr", "port"};

	for (int i = 0; i < PG_LISTS; i++) {
		if (strcmp(keyword, names[i]) != 0 || x->lists[i])
			continue;
		x->lists[i] = copy_of(value);
		if (i != PG_PORT && commas_in(value) + 1 > x->hosts)
			x->hosts = commas_in(value) + 1;
	}
}

void pg_address_close(struct pg_address *x)
{
	if (x->url)
		secret_wipe(x->url, strlen(x->url)); /* it may hold a password */
	for (int i = 0; i < PG_LISTS; i++)
		free(x->lists[i]);
	free(x->url);
	free(x->name);
	*x = (struct pg_address){0};
}

/* The k-th of a list; the last one where it is shorter (one port for all hosts). Null: the list is not there. */
static const char *piece(char *to, size_t room, const char *list, int k)
{
	if (!list)
		return NULL;
	while (k-- > 0 && strchr(list, ','))
		list = strchr(list, ',') + 1;
	snprintf(to, room, "%.*s", (int)strcspn(list, ","), list);
	return to;
}

/* What an engine asks are look-ups by key, planned once: not anew for each batch, nor otherwise when a table is empty,
   has just grown, or was not analyzed yet. */
static const char one_way[] = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off "
			      "-c enable_mergejoin=off -c join_collapse_limit=1 -c from_collapse_limit=1";

void pg_address_ask(const struct pg_address *x, int host, struct pg_asked *out)
{
	/* What the address says itself goes before these: it is the dbname, which libpq reads last. But one host. */
	const struct {
		const char *name, *value;
	} asked[] = {
		{"connect_timeout", out->seconds},
		{"tcp_user_timeout", "3000"},
		{"keepalives_idle", "2"},
		{"keepalives_interval", "1"},
		{"keepalives_count", "3"},
		{"gssencmode", "disable"},
		{"target_session_attrs", x->reader ? "primary" : "read-write"},
		{"application_name", x->name},
		{"client_encoding", "UTF8"},
		{"options", out->settings},
		{"dbname", x->url},
		{"host", piece(out->host, sizeof out->host, x->lists[PG_HOST], host)},
		{"hostaddr", piece(out->address, sizeof out->address, x->lists[PG_HOSTADDR], host)},
		{"port", piece(out->port, sizeof out->port, x->lists[PG_PORT], host)},
		{NULL, NULL},
	};

	_Static_assert(sizeof asked / sizeof *asked == PG_ASKED_MAX, "room for all that is asked for");
	snprintf(out->seconds, sizeof out->seconds, "%d", x->connect_ms / 1000 + 1);
	snprintf(out->settings, sizeof out->settings,
		 "-c statement_timeout=%d -c lock_timeout=%d -c idle_in_transaction_session_timeout=5000 "
		 "-c jit=off -c timezone=UTC -c default_transaction_isolation=read\\ committed %s",
		 x->statement_ms, x->lock_ms, x->reader ? "-c default_transaction_read_only=on" : one_way);
	for (size_t i = 0; i < PG_ASKED_MAX; i++) {
		out->names[i] = asked[i].name;
		out->values[i] = asked[i].value;
	}
}

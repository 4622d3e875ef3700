/*
 * The register of gateways: who works on this store, and that each number is used by one process only, for ids are made
 * from it. Who was not heard of for PG_DEAD_MS, by the database's clock, is taken to be dead. Nothing here is fatal.
 */
#include "store/pg.h"

#include "huiyin/clock.h"
#include "store/schema.h"

static enum result looked(enum result r)
{
	return r == UNSURE || r == RETRY ? LATER : r; /* each of these may be done again */
}

static void say_who(struct pg_store *s, struct pg *q, struct arena *a, struct slice *why)
{
	int at;

	pg_begin(q);
	at = pg_add(q, PG_GATEWAY_GET, "w", s->gateway);
	if (pg_run(q) != OK || !pg_rows(q, at)) {
		*why = S("the register of gateways cannot be read");
		return;
	}
	*why = arena_printf(a,
			    "gateway number %d is at work already (" SLICE_FMT ", heard of %lld ms ago): give each gateway"
			    " a number of its own (gateway: in huiyin.yaml), or stop that one",
			    s->gateway, SLICE_ARG(pg_peek(q, at, 0, 0)), (long long)pg_int(q, at, 0, 1));
}

enum result pg_register(struct pg_store *s, struct pg *q, struct arena *a, struct slice *why)
{
	enum result r;
	int at, schema;

	pg_begin(q);
	at = pg_add(q, PG_GATEWAY_JOIN, "witiithhi", s->gateway, s->instance, slice_of(s->name), s->started_at,
		    clock_wall().ms, slice_of(s->version), &s->config, &s->prompts, (int64_t)PG_DEAD_MS);
	schema = pg_add(q, PG_SCHEMA_GET, ""); /* behind it: a step that nobody else may see locks the register (pg_schema.c) */
	r = looked(pg_run(q));
	if (r != OK) {
		*why = arena_printf(a, "this gateway cannot be put in the register: %s", pg_why(q));
		return r;
	}
	if (pg_int(q, schema, 0, 1) > schema_newest()) {
		*why = S("a newer huiyin has changed the tables so that this one cannot work with them: start the newer program");
		pg_leave(s, q);
		return NEVER;
	}
	if (pg_rows(q, at))
		return OK;
	say_who(s, q, a, why);
	return NEVER;
}

enum result pg_beat(struct pg_store *s, struct pg *q, int64_t wall)
{
	enum result r;
	int at;

	pg_begin(q);
	at = pg_add(q, PG_GATEWAY_BEAT, "wiihh", s->gateway, s->instance, wall, &s->config, &s->prompts);
	r = looked(pg_run(q));
	return r == OK && !pg_changed(q, at) ? NEVER : r;
}

enum result pg_leave(struct pg_store *s, struct pg *q)
{
	pg_begin(q);
	pg_add(q, PG_GATEWAY_LEAVE, "wi", s->gateway, s->instance);
	return looked(pg_run(q));
}

/* Its connections end with it, but what it sent last may still be at work there, and would claim rows behind our back: as
   long as that is so its number is not free. A database that cannot tell is asked in vain, and the number waited for. */
void pg_leave_for(struct pg_store *s, struct pg *q)
{
	if (!s->before)
		return;
	pg_begin(q);
	pg_add(q, PG_GATEWAY_GONE, "wi", s->gateway, s->before);
	pg_run(q);
}

enum result pg_peers(struct pg *q, struct arena *a, struct pg_peer **out, size_t *n)
{
	enum result r;
	int at;

	pg_begin(q);
	at = pg_add(q, PG_GATEWAYS, "");
	r = looked(pg_run(q));
	*n = r == OK ? pg_rows(q, at) : 0;
	*out = ARENA_ARRAY(a, struct pg_peer, *n + 1);
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = (struct pg_peer){.gateway = (int)pg_int(q, at, i, 0),
					     .instance = pg_int(q, at, i, 1),
					     .seen_ms = pg_int(q, at, i, 2),
					     .skew_ms = pg_int(q, at, i, 3),
					     .name = pg_text(q, at, i, 4, a),
					     .version = pg_text(q, at, i, 5, a),
					     .config = pg_hash(q, at, i, 6),
					     .prompts = pg_hash(q, at, i, 7)};
	return r;
}

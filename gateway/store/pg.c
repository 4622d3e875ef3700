/*
 * The store of many gateways: PostgreSQL. This file opens and closes it and keeps house; its parts are pg_schema,
 * pg_register, pg_listen, pg_load, pg_apply (with pg_claim, pg_time) and pg_read; pg_wire.c is what knows libpq.
 * Fatal: running out of memory.
 */
#include "store/pg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "huiyin/clock.h"
#include "huiyin/log.h"
#include "store/move_parts.h"
#include "store/pg_batch.h"
#include "store/pg_errors.h"
#include "store/schema.h"

#define URL_BYTES      4096
#define OLD_PER_BITE   1024
#define PARKED_PER_BITE 256
#define SHARED_PER_BITE 64
#define JOIN_PAUSE_MS  300
#define GATEWAYS_MAX   256

const char *const pg_statements[] = {
#define PG(name, text) [PG_##name] = text,
#include "store/pg_statements.def"
#undef PG
};

/* ---- the address -------------------------------------------------------------------------------------------------- */

struct arguments {
	int partitions, gateway;
	struct slice name;
};

static bool number_in(struct slice s, int most, int *out)
{
	int64_t n;

	if (!slice_to_int(s, &n) || n < 0 || n > most)
		return false;
	*out = (int)n;
	return true;
}

/* One of ours: "huiyin_partitions=16". False: not understood. */
static bool take_argument(struct slice one, struct arguments *out)
{
	struct slice name = {0};

	slice_next(&one, '=', &name);
	if (slice_is(name, "huiyin_partitions"))
		return number_in(one, SCHEMA_PARTITIONS_MAX, &out->partitions);
	if (slice_is(name, "huiyin_gateway"))
		return number_in(one, GATEWAYS_MAX - 1, &out->gateway);
	if (!slice_is(name, "huiyin_name") || !one.len)
		return false;
	out->name = one;
	return true;
}

/* A password with one of these as it is would be taken for something else, and shown in a complaint about that. */
static bool password_is_encoded(struct slice where)
{
	size_t end = where.len;

	while (end && where.data[end - 1] != '@')
		end--;
	for (size_t i = 2; i + 1 < end; i++)
		if (strchr("/?#@", where.data[i]))
			return false;
	return true;
}

/* The address as libpq may see it; what is ours behind the question mark is taken out. */
static bool take_arguments(struct slice where, struct buf *url, struct arguments *out, struct arena *a,
			   struct slice *why)
{
	struct slice base = where, query, one;
	size_t mark = slice_find(where, S("?"));
	char before = '?';

	base.len = mark;
	query = slice_from(where, mark + 1);
	if (!password_is_encoded(where)) {
		*why = S("the address of the store has a '/', '?', '#' or '@' in its user or password: write them as %2F, %3F, "
			 "%23 and %40");
		return false;
	}
	buf_add_c(url, "postgresql:");
	buf_add(url, base);
	while (slice_next(&query, '&', &one)) {
		if (slice_begins(one, S("huiyin_"))) {
			if (take_argument(one, out))
				continue;
			*why = arena_printf(a,
					    "the address of the store has '" SLICE_FMT "'; known are huiyin_partitions=0…%d, "
					    "huiyin_gateway=0…%d and huiyin_name=NAME",
					    SLICE_ARG(one), SCHEMA_PARTITIONS_MAX, GATEWAYS_MAX - 1);
			return false;
		}
		buf_add_char(url, before);
		buf_add(url, one);
		before = '&';
	}
	if (!url->full && slice_begins(base, S("//")))
		return true;
	*why = S("the address of the store cannot be read; write postgresql://USER@HOST:PORT/DATABASE");
	return false;
}

/* ---- open and close ----------------------------------------------------------------------------------------------- */

struct pg *pg_connection(const struct pg_store *s, const char *purpose, bool reader, struct arena *a, struct slice *why)
{
	struct slice name = arena_printf(a, "huiyin/%d %s", s->gateway, purpose);
	struct pg_options o = {.url = s->url,
			       .name = arena_cstr(a, name),
			       .statements = pg_statements,
			       .n = PG_STATEMENTS,
			       .reader = reader};

	return pg_open(&o, a, why);
}

static void pg_store_close(struct store *store)
{
	struct pg_store *s = (struct pg_store *)store;

	if (!s)
		return;
	pg_hush(store);
	if (s->joined && pg_connected(s->q))
		pg_leave(s, s->q);
	pg_batch_close(s);
	pg_close(&s->q);
	secret_wipe(&s->key, sizeof s->key);
	if (s->url)
		secret_wipe(s->url, strlen(s->url));
	free(s->url);
	free(s->name);
	free(s);
}

static bool recall(struct pg_store *s, struct arena *a, struct slice *why)
{
	int at;

	pg_begin(s->q);
	at = pg_add(s->q, PG_CHAT_CHANNELS, "");
	if (pg_run(s->q) != OK) {
		*why = arena_printf(a, "the database cannot be used: %s", pg_why(s->q));
		return false;
	}
	for (size_t i = 0; i < pg_rows(s->q, at) && i < PG_CHAT_CHANNELS_MAX; i++) {
		struct slice name = pg_peek(s->q, at, i, 0);

		if (name.len < PG_CHANNEL_ROOM)
			memcpy(s->chat_channels[s->n_chat_channels++], name.data, name.len);
	}
	return true;
}

/* The first gateway leaves a name of its key; a gateway with another key would give everybody a second name. */
static bool same_key(struct pg_store *s, struct arena *a, struct slice *why)
{
	struct slice what = S("which key is this");
	struct hash16 mark = secret_hash16(&s->key, &what, 1), found;
	int at;

	pg_begin(s->q);
	at = pg_add(s->q, PG_KEY_MARK, "h", &mark);
	if (pg_run(s->q) != OK) {
		*why = arena_printf(a, "the database cannot be used: %s", pg_why(s->q));
		return false;
	}
	found = pg_hash(s->q, at, 0, 0);
	if (memcmp(&found, &mark, sizeof mark) == 0)
		return true;
	*why = S("this store was begun with another key: copy state/store.key from a gateway that works on it (all gateways of "
		 "one store have the same), then start again");
	return false;
}

/* A process that was killed a moment ago still looks alive: so long is waited for its number, and no longer; and not at
   all if it is known to be gone. */
static bool join(struct pg_store *s, struct arena *a, struct slice *why)
{
	int64_t until = clock_mono().ms + PG_DEAD_MS + 2 * JOIN_PAUSE_MS;
	enum result r;

	while (pg_leave_for(s, s->q), (r = pg_register(s, s->q, a, why)) == NEVER && clock_mono().ms < until)
		nanosleep(&(struct timespec){.tv_nsec = JOIN_PAUSE_MS * 1000000L}, NULL);
	s->joined = r == OK;
	if (r == OK)
		*why = (struct slice){0};
	return r == OK;
}

static struct pg_store *new_store(const struct store_options *o, const struct arguments *args, struct slice url)
{
	struct pg_store *s = calloc(1, sizeof *s);
	const char *name = args->name.len ? args->name.data : o->name ? o->name : "";
	size_t name_len = args->name.len ? args->name.len : strlen(name);

	if (!s)
		exhausted("pg");
	s->front.kind = &store_pg;
	s->key = o->key;
	s->url = strndup(url.data, url.len);
	s->name = strndup(name, name_len);
	if (!s->url || !s->name)
		exhausted("pg");
	s->ask_keys = PG_ASK_KEYS; /* what was sent while nobody was there comes now */
	s->gateway = args->gateway >= 0 ? args->gateway : o->gateway;
	s->config = o->config;
	s->prompts = o->prompts;
	s->started_at = clock_wall().ms;
	snprintf(s->version, sizeof s->version, "%s", o->version ? o->version : "");
	s->instance = o->instance;
	s->before = o->before;
	while (!s->instance)
		secret_random(&s->instance, sizeof s->instance);
	return s;
}

/* The first id needs the clock that all make theirs by. */
static bool know_clock(struct pg_store *s, struct arena *a, struct slice *why)
{
	/* the first look prepares its statement, a busy machine takes its time: the best of three counts */
	for (int i = 0; i < 3; i++) {
		s->clock_asked = 0;
		if (pg_clock_look(s) != OK) {
			*why = arena_printf(a, "the database cannot be used: %s", pg_why(s->q));
			return false;
		}
	}
	return true;
}

static bool make_ready(struct pg_store *s, int partitions, bool moving, struct arena *a, struct slice *why)
{
	if (!s->q && !(s->q = pg_connection(s, "engine", false, a, why)))
		return false;
	s->n_chat_channels = 0;
	if (pg_connect(s->q) != OK) {
		*why = arena_printf(a, "the database cannot be used: %s", pg_why(s->q));
		return false;
	}
	return pg_schema_ready(s, partitions, a, why) && (moving || move_lets_in_pg(s->q, a, why)) && same_key(s, a, why) &&
	       recall(s, a, why) && (!*s->name || (know_clock(s, a, why) && join(s, a, why)));
}

/* Not there, starting up, recovering, a standby that is yet to be promoted, out of connections or of room: that passes. A
   wrong password, a missing database or tables that are not ours do not. */
static bool may_pass(const struct pg_store *s)
{
	static const char *const states[] = {"08", "57", "53", "25006"};

	for (size_t i = 0; s->q && i < sizeof states / sizeof *states; i++)
		if (strncmp(pg_state(s->q), states[i], strlen(states[i])) == 0)
			return true;
	return false;
}

static bool get_ready(struct pg_store *s, const struct store_options *o, int partitions, struct arena *a, struct slice *why)
{
	struct arena *try = arena_open(0);
	struct slice reason = {0};
	bool ready;

	while (!(ready = make_ready(s, partitions, o->moving, try, &reason)) && o->wait && may_pass(s) &&
	       o->wait(o->with, reason))
		arena_reset(try);
	if (!ready)
		*why = arena_copy(a, reason);
	arena_close(&try);
	return ready;
}

static struct store *pg_store_open(const struct store_options *o, struct arena *a, struct slice *why)
{
	struct arguments args = {.partitions = -1, .gateway = -1};
	struct buf url = buf_in(a, URL_BYTES);
	struct pg_store *s;

	if (!take_arguments(o->where, &url, &args, a, why))
		return NULL;
	s = new_store(o, &args, buf_slice(&url));
	if (get_ready(s, o, args.partitions >= 0 ? args.partitions : o->partitions, a, why))
		return &s->front;
	pg_store_close(&s->front);
	return NULL;
}

/* ---- housekeeping ------------------------------------------------------------------------------------------------- */

static enum result pg_revision(struct store *store, struct slice flow, struct slice revision, struct arena *a,
			       struct slice *source)
{
	struct pg *q = ((struct pg_store *)store)->q;
	enum result r;
	int at;

	pg_begin(q);
	at = pg_add(q, PG_REVISION_GET, "tt", flow, revision);
	r = pg_run(q);
	if (r != OK)
		return r == UNSURE || r == RETRY ? LATER : r;
	if (!pg_rows(q, at))
		return NEVER;
	*source = pg_text(q, at, 0, 0, a);
	return OK;
}

static enum result pg_newest(struct store *store, int64_t *id)
{
	const struct pg_store *s = (struct pg_store *)store;
	struct pg *q = s->q;
	int at;

	pg_begin(q);
	at = pg_add(q, s->partitions ? PG_NEWEST_OF_SHARDS : PG_NEWEST, "");
	if (pg_run(q) != OK)
		return LATER;
	*id = pg_int(q, at, 0, 0);
	return OK;
}

/* Small statements, each a transaction of its own; several gateways may do it at once. */
static enum result pg_tidy(struct store *store, int64_t now, int64_t keep_ms)
{
	struct pg *q = ((struct pg_store *)store)->q;
	enum result r;
	int keys;

	pg_begin(q);
	if (pg_in_transaction(q))
		pg_word(q, "ROLLBACK"); /* left open by a load that nobody applied */
	keys = pg_add(q, PG_DEDUPE_OLD, "id", now - keep_ms, OLD_PER_BITE);
	pg_add(q, PG_PARKED_OLD, "id", now - keep_ms, PARKED_PER_BITE);
	pg_add(q, PG_SHARED_OLD, "d", SHARED_PER_BITE);
	r = pg_run(q);
	if (r == OK)
		return pg_changed(q, keys) == OLD_PER_BITE ? RETRY : OK;
	return r == UNSURE || r == RETRY ? LATER : r;
}

static const char *pg_refuses_for(struct store *store)
{
	const char *mend;

	pg_meaning(pg_state(((struct pg_store *)store)->q), LATER, &mend);
	return mend;
}

static enum result pg_backup(struct store *store, const char *path, struct slice *why, struct arena *a)
{
	(void)store;
	*why = arena_printf(a,
			    "a PostgreSQL store is copied with PostgreSQL's own tools: pg_dump --format=custom --file=%s "
			    "with the address in store:, or pg_basebackup with archiving for every moment",
			    path);
	return NEVER;
}

const struct store_kind store_pg = {
	.scheme = "postgresql",
	.about = "a PostgreSQL server, or several; many gateways work on it",
	.open = pg_store_open,
	.close = pg_store_close,
	.load = pg_load,
	.due = pg_due,
	.next_due = pg_next_due,
	.apply = pg_apply,
	.revision = pg_revision,
	.tidy = pg_tidy,
	.newest = pg_newest,
	.clock = pg_clock,
	.backup = pg_backup,
	.refuses_for = pg_refuses_for,
	.reader_open = pg_reader_open,
	.reader_close = pg_reader_close,
	.history = pg_history,
	.find_case = pg_find_case,
	.find_cases = pg_find_cases,
	.find_handovers = pg_find_handovers,
	.find_outbox = pg_find_outbox,
	.find_counts = pg_find_counts,
	.find_contact = pg_find_contact,
	.gauges = pg_gauges,
	.listen = pg_listen,
	.hush = pg_hush,
	.remarks = pg_remarks,
	.others = pg_others,
	.runs = pg_runs,
	.shared_open = pg_shared_open,
	.shared_close = pg_shared_close,
	.shared_get = pg_shared_get,
	.shared_put = pg_shared_put,
	.shared_book = pg_shared_book,
};

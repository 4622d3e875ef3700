/*
 * The store of many gateways, but for its batches (the contract has those): the address, what may be wrong when it is
 * opened, the schema both ways, the register of gateways, readers, housekeeping.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "huiyin/clock.h"
#include "pg_house.h"
#include "store/rows.h"
#include "store/schema.h"

static const struct key key = {{1, 2, 3, 4, 5, 6, 7, 8, 9}};

static struct pg_store *try_open(const char *url, const struct store_options *more, struct slice *why)
{
	struct store_options o = more ? *more : (struct store_options){0};

	o.key = key;
	o.create = true;
	*why = (struct slice){0};
	return (struct pg_store *)store_open_with(slice_of(url), &o, house.arena, why);
}

static struct pg_store *must_open(const char *url, const struct store_options *more)
{
	struct slice why;
	struct pg_store *s = try_open(url, more, &why);

	if (!s)
		fail_msg("%s: " SLICE_FMT, url, SLICE_ARG(why));
	return s;
}

static void shut(struct pg_store *s)
{
	s->front.kind->close(&s->front);
}

/* Refused within two seconds, with words that help, and without the password. */
static void refused(const char *url, const char *with)
{
	int64_t begun = clock_mono().ms;
	struct slice why;

	assert_null(try_open(url, NULL, &why));
	if (slice_find(why, slice_of(with)) == why.len)
		fail_msg("%s: '" SLICE_FMT "' does not say '%s'", url, SLICE_ARG(why), with);
	assert_true(slice_find(why, S("geheim")) == why.len);
	assert_true(clock_mono().ms - begun < 2000);
}

/* ---- the address -------------------------------------------------------------------------------------------------- */

static void our_arguments_are_taken_out_of_the_address(void **state)
{
	const char *url = house_database("");
	struct store_options o = {.gateway = 3, .partitions = 0};
	struct pg_store *s = must_open(
		with(url, "?huiyin_gateway=7&application_name=x&huiyin_partitions=2&connect_timeout=3&huiyin_name=east"), &o);

	(void)state;
	assert_string_equal(s->url, with(url, "?application_name=x&connect_timeout=3"));
	assert_int_equal(s->gateway, 7);
	assert_string_equal(s->name, "east");
	assert_int_equal(s->partitions, 2);
	shut(s);
	s = must_open(with("postgres:", url + strlen("postgresql:")), &o); /* the short scheme; asks for nothing, finds two */
	assert_int_equal(s->gateway, 3);
	assert_int_equal(s->partitions, 2);
	assert_string_equal(s->url, url);
	shut(s);
	refused(with(url, "?huiyin_partitions=65"), "huiyin_partitions=0");
	refused(with(url, "?huiyin_gateway=256"), "huiyin_gateway=0");
	refused(with(url, "?huiyin_gatway=1"), "huiyin_gatway");
	refused("postgresql:nonsense", "postgresql://USER@HOST");
	refused(with(url, "?no_such_word=1"), "no_such_word");
	refused("mysql://u:geheim@h/x", "postgresql:");
	refused("postgresql://u:ein/geheim@h/x", "%2F");
	refused("postgresql://u:ein?geheim@h/x", "%3F");
	refused("postgresql://u:p@geheim@h/x", "%40");
}

/* ---- what may be wrong -------------------------------------------------------------------------------------------- */

static void let_in(const char *line)
{
	char path[128], text[16384];
	size_t n;
	FILE *f;

	snprintf(path, sizeof path, "%s/data/pg_hba.conf", house.folder);
	f = fopen(path, "r+");
	assert_non_null(f);
	n = fread(text, 1, sizeof text, f);
	rewind(f);
	fprintf(f, "%s\n", line);
	assert_int_equal(fwrite(text, 1, n, f), n);
	fclose(f);
	run_sql(house.url, "SELECT pg_reload_conf()");
	usleep(200000);
}

static void a_wrong_password_is_said(void **state)
{
	const char *url = house_database("");
	const char *name = strrchr(url, '/') + 1;
	struct pg_store *s;

	(void)state;
	run_sql(house.url, "CREATE ROLE locked LOGIN SUPERUSER PASSWORD 'geheim1'");
	run_sql(house.url, "CREATE ROLE shut LOGIN");
	let_in("host all locked 127.0.0.1/32 scram-sha-256");
	let_in("host all shut 127.0.0.1/32 reject");
	refused(house_url(name, "locked:geheim2", NULL), "password");
	refused(house_url(name, "locked", NULL), "password");
	refused(house_url(name, "shut", NULL), "pg_hba.conf");
	refused(house_url(name, "nobody_of_this_name", NULL), "nobody_of_this_name");
	s = must_open(house_url(name, "locked:geheim1", NULL), NULL);
	run_sql(house.url, "ALTER ROLE locked PASSWORD 'geheim3'"); /* changed meanwhile: what is open goes on … */
	assert_int_equal(s->front.kind->tidy(&s->front, 0, 0), OK);
	pg_drop(s->q);
	assert_int_equal(s->front.kind->tidy(&s->front, 0, 0), LATER); /* … until it has to connect again */
	assert_string_equal(pg_state(s->q), "28P01");
	run_sql(house.url, "ALTER ROLE locked PASSWORD 'geheim1'");
	usleep(250000);
	assert_int_equal(s->front.kind->tidy(&s->front, 0, 0), OK);
	shut(s);
}

static void a_database_that_is_not_ours_is_refused(void **state)
{
	const char *url = house_database("");
	const char *name = strrchr(url, '/') + 1;

	(void)state;
	refused(house_url("no_such_database", NULL, NULL), "createdb");
	run_sql(url, "CREATE TABLE invoices(n integer)");
	refused(url, "another program");
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"), 1);
	refused(house_database("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"), "UTF8");
	url = house_database("");
	name = strrchr(url, '/') + 1;
	run_sql(house.url, "CREATE ROLE guest LOGIN");
	refused(house_url(name, "guest", NULL), "right");
	run_sql(url, "DROP SCHEMA public");
	refused(url, "search_path");
	run_sql(url, "CREATE SCHEMA AUTHORIZATION huiyin"); /* a schema of its own is as good */
	shut(must_open(url, NULL));
	assert_int_equal(ask_sql(url, "SELECT version FROM huiyin.huiyin_schema"), schema_newest());
}

static void a_database_that_takes_nothing_is_said(void **state)
{
	const char *url = house_database("");
	const char *name = strrchr(url, '/') + 1;
	struct pg *p;

	(void)state;
	run_sql(house.url, arena_cstr(house.arena, arena_printf(house.arena, "ALTER DATABASE %s SET "
								"default_transaction_read_only = on", name)));
	refused(url, "read-only");
	url = house_database("");
	run_sql(house.url, "CREATE ROLE few LOGIN SUPERUSER; CREATE ROLE one_at_most LOGIN CONNECTION LIMIT 1");
	url = house_url(strrchr(url, '/') + 1, "one_at_most", NULL);
	p = wire_with(url, NULL, 0, 0);
	assert_int_equal(pg_connect(p), OK);
	refused(url, "max_connections");
	pg_close(&p);
	refused("postgresql://huiyin@127.0.0.1:1/huiyin", "is it up");
	refused("postgresql://huiyin@192.0.2.1:5432/huiyin", "is it up"); /* nobody there */
}

/* ---- the schema --------------------------------------------------------------------------------------------------- */

static const char everything[] =
	"SELECT string_agg(line, E'\\n' ORDER BY line) FROM (SELECT format('%s.%s %s %s %s', table_name, column_name, "
	"data_type, is_nullable, column_default) AS line FROM information_schema.columns WHERE table_schema = 'public' "
	"UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public') all_of_it";

static void each_step_goes_both_ways(void **state)
{
	(void)state;
	for (int partitions = 0; partitions <= 4; partitions += 4) {
		const char *url = house_database(""), *newest;
		struct store_options o = {.partitions = partitions};
		struct pg_store *s = must_open(url, &o);
		struct slice why = {0};

		newest = ask_text(url, everything);
		assert_int_equal(ask_sql(url, "SELECT count(*) FROM pg_class WHERE relispartition AND relkind = 'r'"),
				 partitions * 16);
		for (int v = schema_newest() - 1; v >= 0; v--) {
			assert_true(pg_schema_down(s, v, house.arena, &why));
			if (v)
				assert_int_equal(ask_sql(url, "SELECT version FROM huiyin_schema"), v);
			if (!partitions || v != 3) /* the fourth step leaves split tables as they are */
				assert_string_not_equal(ask_text(url, everything), newest);
			assert_true(pg_schema_ready(s, partitions, house.arena, &why));
			assert_string_equal(ask_text(url, everything), newest);
		}
		assert_true(pg_schema_down(s, 0, house.arena, &why));
		assert_int_equal(ask_sql(url, "SELECT count(*) FROM pg_class WHERE relnamespace = "
					      "'public'::regnamespace"), 0);
		assert_false(pg_schema_down(s, 0, house.arena, &why));
		assert_true(why.len > 0);
		shut(s);
	}
}

/* A gateway of the release before and a newer one work side by side, as long as the newer one allows it. */
static void a_newer_schema_is_refused_when_it_says_so(void **state)
{
	const char *url = house_database("");
	struct pg_store *s;

	(void)state;
	shut(must_open(url, NULL));
	run_sql(url, "UPDATE huiyin_schema SET version = 4711; ALTER TABLE outbox ADD COLUMN of_tomorrow text");
	s = must_open(url, NULL);
	assert_int_equal(ask_sql(url, "SELECT version FROM huiyin_schema"), 4711);
	shut(s);
	run_sql(url, "UPDATE huiyin_schema SET least = 4710");
	refused(url, "newer huiyin");
}

static void *open_at_once(void *arg)
{
	struct arena *a = arena_open(0);
	struct store_options o = {.key = key, .create = true, .partitions = 4};
	struct slice why = {0};
	struct store *s = store_open_with(slice_of(arg), &o, a, &why);

	if (s)
		s->kind->close(s);
	arena_close(&a);
	return s;
}

static void several_gateways_may_start_at_once(void **state)
{
	union { const char *in; void *out; } url = {house_database("")};
	pthread_t threads[5];
	void *got;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_at_once, url.out), 0);
	for (int i = 0; i < 5; i++) {
		pthread_join(threads[i], &got);
		assert_non_null(got);
	}
	assert_int_equal(ask_sql(url.in, "SELECT version FROM huiyin_schema"), schema_newest());
}

/* The process dies in the middle of a step: the step was never there. Another one waits for it, then does it. */
static void a_migration_that_is_cut_off_is_done_again(void **state)
{
	const char *url = house_database("");
	struct pg *p = wire_with(url, NULL, 0, 0);
	pthread_t other;
	char half[160];
	void *got;
	union { const char *in; void *out; } arg = {url};

	(void)state;
	snprintf(half, sizeof half, "BEGIN; SELECT pg_advisory_xact_lock(%lld); CREATE TABLE huiyin_schema(one integer);"
				    " CREATE TABLE contact(id integer)", SCHEMA_LOCK_NUMBER);
	assert_int_equal(pg_script(p, half, 2000), OK);
	assert_int_equal(pthread_create(&other, NULL, open_at_once, arg.out), 0);
	usleep(1700000);
	pg_drop(p);
	pthread_join(other, &got);
	assert_non_null(got);
	assert_int_equal(ask_sql(url, "SELECT version FROM huiyin_schema"), schema_newest());
	pg_close(&p);
}

/* ---- the register ------------------------------------------------------------------------------------------------- */

struct heart { struct pg_store *s; atomic_bool stop; };

static void *beat(void *arg)
{
	struct heart *h = arg;

	while (!h->stop) {
		pg_beat(h->s, h->s->q, clock_wall().ms);
		usleep(300000);
	}
	return NULL;
}

static void a_number_is_used_by_one_process_only(void **state)
{
	const char *url = house_database("");
	struct store_options east = {.gateway = 4, .name = "east", .version = "1"}, west = {.gateway = 4, .name = "west"};
	struct pg_store *s = must_open(url, &east), *t;
	struct heart h = {.s = s};
	pthread_t heart;
	struct slice why;

	(void)state;
	shut(must_open(url, NULL)); /* who only looks needs no number */
	assert_int_equal(pthread_create(&heart, NULL, beat, &h), 0);
	assert_null(try_open(url, &west, &why));
	assert_true(slice_find(why, S("number 4")) < why.len && slice_find(why, S("east")) < why.len);
	h.stop = true;
	pthread_join(heart, NULL);
	t = must_open(url, &west); /* it was not heard of for long: dead */
	assert_int_equal(pg_beat(s, s->q, 1), NEVER);
	assert_int_equal(pg_register(s, s->q, house.arena, &why), NEVER);
	assert_int_equal(pg_leave(s, s->q), OK); /* of its own only */
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM gateway WHERE seen_at > 0 AND name = 'west'"), 1);
	shut(s);
	assert_int_equal(pg_beat(t, t->q, 1), OK);
	shut(t);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM gateway WHERE seen_at > 0"), 0);
	shut(must_open(url, &east)); /* left in good order: at once */
}

static void gateways_know_each_other(void **state)
{
	const char *url = house_database("");
	struct store_options east = {.gateway = 1, .name = "east", .version = "1.0", .config = {{1}}, .prompts = {{2}}};
	struct store_options west = {.gateway = 200, .name = "west", .version = "1.1", .config = {{3}}, .prompts = {{4}}};
	struct pg_store *s = must_open(url, &east), *t = must_open(url, &west);
	struct pg_peer *peers;
	size_t n;

	(void)state;
	assert_int_equal(pg_beat(t, t->q, clock_wall().ms + 3600000), OK);
	assert_int_equal(pg_peers(s->q, house.arena, &peers, &n), OK);
	assert_int_equal(n, 2);
	assert_int_equal(peers[0].gateway, 1);
	assert_true(peers[0].instance == s->instance && peers[1].instance == t->instance);
	assert_true(slice_is(peers[0].name, "east") && slice_is(peers[1].version, "1.1"));
	assert_int_equal(peers[1].gateway, 200);
	assert_int_equal(peers[0].config.bytes[0], 1);
	assert_int_equal(peers[1].prompts.bytes[0], 4);
	assert_true(peers[0].skew_ms > -2000 && peers[0].skew_ms < 2000);
	assert_true(peers[1].skew_ms > 3590000 && peers[1].seen_ms >= 0 && peers[1].seen_ms < 3000);
	shut(s);
	shut(t);
}

/* ---- readers ------------------------------------------------------------------------------------------------------ */

/* Contact 0x507 in shard 7, its case, its lines; the rows as the columns' names say. */
static const char *filled(struct arena *a)
{
	const char *url = house_database("");
	struct slice number = S("261121-0001-1");
	struct button buttons[2] = {{.value = S("1"), .label = S("办")}, {.value = S("2"), .label = S("查")}};
	struct slice packed = hex_encode(a, buttons_pack(a, buttons, 2));
	struct slice sealed = hex_encode(a, secret_seal(a, &key, S("+8613800000007")));
	struct buf b = buf_in(a, 65536);

	shut(must_open(url, NULL));
	buf_printf(&b, "INSERT INTO contact VALUES(7, 1287, 'sms', 'zh', 1, 2, 1, 11, 12, 13, 14, 15, 16);"
		       "INSERT INTO identity VALUES(7, 1287, '\\x07000000000000000000000000000000', '\\x" SLICE_FMT "');",
		   SLICE_ARG(sealed));
	for (int i = 0; i < 3; i++)
		buf_printf(&b,
			   "INSERT INTO cases VALUES(7, '261121-000%d-%d', 1287, 'sms', 'zh', '%s', 1, 'demand', 1, 'f', 'c', "
			   "'p', 'u', 'w', 'story', '{}', '\\x0102', 'h', 'r', 'why', NULL, %d, 2, 3, 'handle', 4, 1, 2);",
			   i + 1, i + 1, i == 1 ? "closed" : "accepted", 100 + i);
	buf_printf(&b, "INSERT INTO case_ref VALUES(%d, '261121-0001-1', 7, 1287);", pg_shard_of_case(number));
	for (int i = 2; i > 0; i--)
		buf_printf(&b, "INSERT INTO case_event VALUES(7, '261121-0001-1', 1287, %d, %d, 9, 'staff', 'verb%d', '{}');", i,
			   50 - i, i);
	for (int i = 1; i <= 4; i++)
		buf_printf(&b,
			   "INSERT INTO outbox VALUES(7, %d, 1287, 'web', 3, NULL, 1, 0, 1, 2, 3, 4, 5, 6, 7, %d, 'from', 'ours %d', "
			   "'\\x" SLICE_FMT "', '261121-0001-1', 'p%d', 'c', 2, 8, 'rid');"
			   "INSERT INTO inbox VALUES(7, %d, %d, 1287, 0, 'web', 'x', 'theirs %d', 'rid', 'fate', 0, 1);"
			   "INSERT INTO handover VALUES(7, %d, 1287, 'asked', 'text %d', NULL, 1, 5);",
			   i * 256 + 7, i * 10, i, SLICE_ARG(packed), i, i * 256 + 8, i * 10 + 1, i, i, i);
	buf_add_c(&b, "INSERT INTO counts VALUES('2026-11-21', 'sms', 'received', 0, 5), ('2026-11-21', 'sms', 'received', 1, 6),"
		      " ('2026-11-21', 'app', 'queued', 1, 1), ('now', 'contacts', 'all', 0, 3), ('now', 'contacts', 'all', 1, -1)");
	run_sql(url, b.data);
	return url;
}

static void readers_find_what_is_there(void **state)
{
	struct arena *a = arena_open(0);
	struct pg_store *s = must_open(filled(a), NULL);
	const struct store_kind *k = s->front.kind;
	struct reader *r = k->reader_open(&s->front);
	struct hash16 hash = {{7}}, nobody = {{8}};
	struct chat_line *lines;
	struct case_event *events;
	struct case_row *rows;
	struct outbox_row *sends;
	struct handover *handovers;
	struct count *counts;
	struct contact *c;
	size_t n;

	(void)state;
	assert_int_equal(k->history(r, 1287, 256 + 7, 4, a, &lines, &n), OK);
	assert_int_equal(n, 4);
	assert_true(!lines[0].ours && slice_is(lines[0].text, "theirs 1") && lines[0].id == 256 + 8 && lines[0].at == 11);
	assert_true(lines[1].ours && slice_is(lines[1].text, "ours 2") && lines[1].n_buttons == 2);
	assert_true(slice_is(lines[1].buttons[1].label, "查"));
	assert_int_equal(k->history(r, 1287 + 256, 0, 4, a, &lines, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(k->find_case(r, S("261121-0001-1"), a, &rows, &events, &n), OK);
	assert_non_null(rows);
	assert_int_equal(rows->status, CASE_ACCEPTED);
	assert_true(rows->confidential && rows->muted && rows->version == 4 && slice_is(rows->window, "w"));
	assert_true(slice_is(rows->reason, "why") && !rows->result.len && rows->code.bytes[1] == 2 && rows->rating == 2);
	assert_int_equal(n, 2);
	assert_true(slice_is(events[0].verb, "verb1") && slice_is(events[1].verb, "verb2"));
	assert_int_equal(k->find_case(r, S("261121-0009-9"), a, &rows, &events, &n), OK);
	assert_true(!rows && !n);
	assert_int_equal(k->find_cases(r, (struct slice){0}, 0, 2, a, &rows, &n), OK);
	assert_true(n == 2 && rows[0].created_at == 102 && rows[1].created_at == 101);
	assert_int_equal(k->find_cases(r, S("accepted"), 102, 9, a, &rows, &n), OK);
	assert_true(n == 1 && rows[0].created_at == 100);
	assert_int_equal(k->find_handovers(r, 3, a, &handovers, &n), OK);
	assert_true(n == 3 && handovers[0].id == 4 && handovers[0].urgent && slice_is(handovers[2].text, "text 2"));
	assert_int_equal(k->find_outbox(r, S("261121-0001-1"), a, &sends, &n), OK);
	assert_true(n == 4 && slice_is(sends[3].provider_id, "p4") && sends[3].fence == 8 && sends[3].m.attempts == 4);
	assert_true((int)sends[0].state == 3);
	assert_int_equal(k->find_counts(r, S("2026-11-21"), a, &counts, &n), OK);
	assert_true(n == 2 && slice_is(counts[0].channel, "app") && counts[1].n == 11);
	assert_int_equal(k->gauges(r, a, &counts, &n), OK);
	assert_true(n == 2 && counts[0].n == 2 && slice_is(counts[1].channel, "bytes") && counts[1].n > 1000000);
	assert_int_equal(k->find_contact(r, hash, a, &c), OK);
	assert_true(c && c->id == 1287 && c->lang_chosen && c->optout == 2 && c->open_surveys == 16);
	assert_int_equal(c->flood_count, 14);
	assert_true(slice_is(c->address, "+8613800000007"));
	assert_int_equal(k->find_contact(r, nobody, a, &c), OK);
	assert_null(c);
	k->reader_close(r);
	shut(s);
	arena_close(&a);
}

static void a_reader_that_cannot_connect_says_later(void **state)
{
	const char *url = house_database(""), *name = strrchr(url, '/') + 1;
	struct arena *a = arena_open(0);
	struct pg_store *s = must_open(url, NULL);
	const struct store_kind *k = s->front.kind;
	struct reader *r = k->reader_open(&s->front);
	struct chat_line *lines;
	struct case_event *events;
	struct case_row *rows;
	struct outbox_row *sends;
	struct handover *handovers;
	struct count *counts;
	struct contact *c;
	size_t n = 7;

	(void)state;
	assert_int_equal(k->find_handovers(r, 3, a, &handovers, &n), OK);
	run_sql(house.url, arena_cstr(a, arena_printf(a, "ALTER DATABASE %s ALLOW_CONNECTIONS false", name)));
	run_sql(house.url, arena_cstr(a, arena_printf(a, "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE "
							 "datname = '%s'", name)));
	assert_int_equal(k->history(r, 1287, 0, 4, a, &lines, &n), LATER);
	assert_int_equal(n, 0);
	assert_int_equal(k->find_case(r, S("261121-0001-1"), a, &rows, &events, &n), LATER);
	assert_null(rows);
	assert_int_equal(k->find_cases(r, (struct slice){0}, 0, 2, a, &rows, &n), LATER);
	assert_int_equal(k->find_handovers(r, 3, a, &handovers, &n), LATER);
	assert_int_equal(k->find_outbox(r, S("1"), a, &sends, &n), LATER);
	assert_int_equal(k->find_counts(r, S("now"), a, &counts, &n), LATER);
	assert_int_equal(k->gauges(r, a, &counts, &n), LATER);
	assert_int_equal(k->find_contact(r, (struct hash16){{1}}, a, &c), LATER);
	assert_null(c);
	run_sql(house.url, arena_cstr(a, arena_printf(a, "ALTER DATABASE %s ALLOW_CONNECTIONS true", name)));
	usleep(250000);
	assert_int_equal(k->find_handovers(r, 3, a, &handovers, &n), OK); /* it helps itself */
	k->reader_close(r);
	k->reader_close(NULL);
	shut(s);
	arena_close(&a);
}

/* ---- housekeeping ------------------------------------------------------------------------------------------------- */

static void what_is_old_goes_in_small_bites(void **state)
{
	const char *url = house_database("");
	struct store_options o = {.partitions = 4};
	struct pg_store *s = must_open(url, &o);
	const struct store_kind *k = s->front.kind;

	(void)state;
	run_sql(url, "INSERT INTO dedupe SELECT i % 256, decode(md5(i::text), 'hex'), i, i FROM generate_series(1, 3000) i;"
		     "INSERT INTO parked SELECT i % 256, 'sms', i::text, 1, 1, NULL, 0, i, i FROM generate_series(1, 600) i");
	assert_int_equal(k->tidy(&s->front, 2500, 1000), RETRY); /* there is more */
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM dedupe"), 3000 - 1024);
	assert_int_equal(ask_sql(url, "SELECT min(at) FROM dedupe"), 1025);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM parked"), 600 - 256);
	for (int i = 0; i < 3; i++)
		assert_int_equal(k->tidy(&s->front, 2500, 1000), OK);
	assert_int_equal(ask_sql(url, "SELECT min(at) FROM dedupe"), 1500);
	assert_int_equal(ask_sql(url, "SELECT count(*) FROM parked"), 0);
	shut(s);
}

static void sources_are_kept_and_copies_are_made_elsewhere(void **state)
{
	const char *url = house_database("");
	struct pg_store *s = must_open(url, NULL);
	const struct store_kind *k = s->front.kind;
	struct slice source = {0}, why = {0};

	(void)state;
	run_sql(url, "INSERT INTO revision VALUES('report', 'r1', 'the source')");
	assert_int_equal(k->revision(&s->front, S("report"), S("r1"), house.arena, &source), OK);
	assert_true(slice_is(source, "the source"));
	assert_int_equal(k->revision(&s->front, S("report"), S("r2"), house.arena, &source), NEVER);
	assert_int_equal(k->backup(&s->front, "/tmp/copy", &why, house.arena), NEVER);
	assert_true(slice_find(why, S("pg_dump")) < why.len);
	run_sql(url, "INSERT INTO chat_channel VALUES('web'), ('page')");
	shut(s);
	s = must_open(url, NULL);
	assert_int_equal(s->n_chat_channels, 2);
	assert_string_equal(s->chat_channels[1], "web");
	shut(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_arguments_are_taken_out_of_the_address),
		cmocka_unit_test(a_wrong_password_is_said),
		cmocka_unit_test(a_database_that_is_not_ours_is_refused),
		cmocka_unit_test(a_database_that_takes_nothing_is_said),
		cmocka_unit_test(each_step_goes_both_ways),
		cmocka_unit_test(a_newer_schema_is_refused_when_it_says_so),
		cmocka_unit_test(several_gateways_may_start_at_once),
		cmocka_unit_test(a_migration_that_is_cut_off_is_done_again),
		cmocka_unit_test(a_number_is_used_by_one_process_only),
		cmocka_unit_test(gateways_know_each_other),
		cmocka_unit_test(readers_find_what_is_there),
		cmocka_unit_test(a_reader_that_cannot_connect_says_later),
		cmocka_unit_test(what_is_old_goes_in_small_bites),
		cmocka_unit_test(sources_are_kept_and_copies_are_made_elsewhere),
	};

	return secret_start() ? cmocka_run_group_tests(tests, house_open, house_close) : 1;
}

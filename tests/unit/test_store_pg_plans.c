/*
 * What a batch costs in PostgreSQL: the same number of statements however large it is, and on tables that are split in
 * sixteen each statement about one contact touches one partition of each table. The server itself tells (auto_explain):
 * these are the plans of the store's own statements, as it sent them.
 */
#include <sys/stat.h>

#include "../store_lab.h"
#include "pg_house.h"
#include "huiyin/log.h"

static const char *url;

static struct store *contract_open(void)
{
	return house_store(url, &contract_key);
}

/* ---- a life of one contact that needs every statement --------------------------------------------------------------
 */

#define NUMBER S("261121-0003-3")

static void put_parked(struct lab *l, const char *id, enum delivery_state state)
{
	LIST_ADD(&l->c, parked,
		 ((struct parked){S("sms"), slice_of(id), {.provider_id = slice_of(id), .state = state}}));
}

static void put_survey(struct lab *l, enum survey_state state)
{
	struct survey *v = ARENA_NEW(l->a, struct survey);

	*v = (struct survey){
		.number = NUMBER, .contact = person_id(3), .state = state, .asked_at = T0, .until_at = T0 + 9};
	LIST_ADD(&l->c, surveys, v);
}

static void it_begins(struct lab *l)
{
	struct media_row *m = ARENA_NEW(l->a, struct media_row);

	new_contact(l, 3)->open_cases = 1;
	new_session(l, 3, "x");
	new_case(l, "261121-0003-3", 3, T0);
	put_survey(l, SURVEY_ASKED);
	new_row(l, 50, 3, LANE_REPLY, T0)->provider_id = S("p50");
	new_row(l, 51, 3, LANE_REPLY, INT64_MAX)->channel = S("web");
	*m = (struct media_row){
		.id = row_id(70, 3), .contact = person_id(3), .channel = S("sms"), .next_at = T0 + HOUR};
	LIST_ADD(&l->c, media, m);
	LIST_ADD(&l->c, inbox, ((struct inbox_row){.id = 900, .at = T0, .contact = person_id(3), .channel = S("sms")}));
	LIST_ADD(&l->c, dedupe, ((struct dedupe_put){message_key(1, 3), 900, T0}));
	LIST_ADD(&l->c, revisions, ((struct revision){S("report"), S("r1"), S("flow: report")}));
	LIST_ADD(&l->c, case_events, ((struct case_event){NUMBER, T0, 900, S("api"), S("register"), S("{}")}));
	LIST_ADD(&l->c, handovers, ((struct handover){31, person_id(3), S("urgent"), S("着火了"), NUMBER, true, T0}));
	LIST_ADD(&l->c, counts, ((struct count){S("sms"), S("received"), 1}));
	put_timer(l, 3, TIMER_SESSION, "", T0 + HOUR);
	put_timer(l, 3, TIMER_CASE, "261121-0003-3", T0 + HOUR);
	put_parked(l, "p99", DELIVERY_SENT);
	l->c.claim_room = 4;
	l->c.lease_ms = 60000;
}

static struct want *it_is_loaded(struct lab *l)
{
	struct want *w = ARENA_ARRAY(l->a, struct want, 6);
	struct snapshot snap = {.arena = l->a, .wants = w, .n = 6, .day = S("261121")};

	w[0] = (struct want){.by_hash = true,
			     .hash = person_name(3),
			     .has_dedupe = true,
			     .dedupe = message_key(1, 3),
			     .n_numbers = 1,
			     .numbers = {NUMBER}};
	w[1] = (struct want){.channel = S("sms"), .provider_id = S("p50")};
	w[2] = (struct want){.outbox_id = row_id(50, 3), .channel = S("sms"), .provider_id = S("p99")};
	w[3] = (struct want){.media_id = row_id(70, 3)};
	w[4] = (struct want){
		.contact_id = person_id(3), .timer = true, .due = {person_id(3), TIMER_CASE, NUMBER, T0 + HOUR}};
	w[5] = (struct want){.outbox_id = row_id(50, 3)};
	assert_int_equal(l->s->kind->load(l->s, &snap), OK);
	assert_true(w[0].contact && w[0].session && w[0].duplicate && w[0].cases[0] && w[0].n_surveys == 1);
	assert_true(w[1].outbox && w[2].outbox == w[1].outbox && w[2].parked && w[3].media && !w[4].stale);
	return w;
}

static void it_goes_on(struct lab *l, struct want *w)
{
	LIST_ADD(&l->c, contacts, w[0].contact);
	LIST_ADD(&l->c, sessions, w[0].session);
	w[0].cases[0]->version++;
	LIST_ADD(&l->c, cases, w[0].cases[0]);
	LIST_ADD(&l->c, media, w[3].media);
	w[1].outbox->state = DELIVERY_SENT;
	LIST_ADD(&l->c, outbox, w[1].outbox);
	LIST_ADD(&l->c, attempts, ((struct attempt){row_id(50, 3), T0, {.what = OUTCOME_SENT}, 12}));
	LIST_ADD(&l->c, parked_gone, *w[2].parked);
	LIST_ADD(&l->c, timers_gone, ((struct timer){person_id(3), TIMER_CASE, NUMBER, 0}));
	put_survey(l, SURVEY_RATED);
	new_row(l, 60, 3, LANE_REPLY, T0);
}

static void it_ends(struct lab *l)
{
	struct session_row *row = load_contact(l, 3)->session;

	row->gone = true;
	LIST_ADD(&l->c, sessions, row);
	LIST_ADD(&l->c, timers_gone, ((struct timer){person_id(3), TIMER_SESSION, S(""), 0}));
}

static void live(struct lab *l)
{
	it_begins(l);
	lab_apply(l);
	l->s->kind->close(l->s); /* who knows it by heart does not ask */
	l->s = contract_open();
	lab_begin(l, T0);
	it_goes_on(l, it_is_loaded(l));
	lab_apply(l);
	lab_begin(l, T0);
	it_ends(l);
	lab_apply(l);
	lab_begin(l, T0);
	put_timer(l, 3, TIMER_SESSION, "", T0 + HOUR); /* a timer alone */
	lab_apply(l);
}

/* ---- plans ---------------------------------------------------------------------------------------------------------
 */

#define TABLES_MAX 16
struct plan {
	int statement; /* -1: none of ours */
	struct {
		char table[32];
		int partition;
	} seen[TABLES_MAX];
	int n, wrong;
};

static int statement_of(const char *text)
{
	for (int i = 0; i < PG_STATEMENTS; i++)
		if (strncmp(text, pg_statements[i], strlen(pg_statements[i])) == 0)
			return i;
	return -1;
}

/* "… Scan using outbox_p3_pkey on outbox_p3 o_4 (cost …) (actual …)": outbox and 3; false: of no partition, not run. */
static bool partition_scanned(const char *line, char table[32], int *partition)
{
	const char *on = strstr(line, " on "), *end, *p;

	if (!strstr(line, "Scan") || strstr(line, "Bitmap Index Scan") || !on || strstr(line, "never executed"))
		return false;
	on += 4;
	end = on + strcspn(on, " \n");
	for (p = end; p > on && p[-1] >= '0' && p[-1] <= '9';)
		p--;
	if (p == end || p < on + 3 || strncmp(p - 2, "_p", 2) != 0)
		return false;
	snprintf(table, 32, "%.*s", (int)(p - 2 - on), on);
	*partition = (int)strtol(p, NULL, 10);
	return true;
}

static void look_at(struct plan *plan, const char *line)
{
	char table[32];
	int partition;

	if (!partition_scanned(line, table, &partition))
		return;
	for (int i = 0; i < plan->n; i++)
		if (strcmp(plan->seen[i].table, table) == 0) {
			plan->wrong += plan->seen[i].partition != partition;
			return;
		}
	assert_true(plan->n < TABLES_MAX);
	snprintf(plan->seen[plan->n].table, sizeof plan->seen[plan->n].table, "%s", table);
	plan->seen[plan->n++].partition = partition;
}

/* Who looks over all shards, a few times a second at most; or looks at a table that is not split. */
static bool may_look_everywhere(int statement)
{
	return statement < 0 || statement == PG_CLAIM_OTHERS || statement > PG_CLAIM_MEDIA;
}

/* Reads the server's log from `from` on: which statements were run, how many of them on how many partitions. */
static int read_plans(long from, int runs[PG_STATEMENTS], bool partitions[PG_STATEMENTS])
{
	char path[128], *line = NULL;
	struct plan plan = {.statement = -1};
	size_t room = 0;
	int wrong = 0;
	FILE *f;

	snprintf(path, sizeof path, "%s/log", house.folder);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fseek(f, from, SEEK_SET), 0);
	while (getline(&line, &room, f) > 0) {
		const char *text = strstr(line, "Query Text: ");

		if (text) {
			plan = (struct plan){.statement = statement_of(text + 12)};
			if (plan.statement >= 0)
				runs[plan.statement]++;
		} else if (line[0] == '\t' && !may_look_everywhere(plan.statement)) {
			int before = plan.wrong;

			look_at(&plan, line);
			partitions[plan.statement] |= plan.n > 0;
			if (plan.wrong > before)
				print_message("more than one partition: %.60s…\n%s", pg_statements[plan.statement],
					      line);
			wrong += plan.wrong > before;
		}
	}
	free(line);
	fclose(f);
	return wrong;
}

static long log_size(void)
{
	char path[128];
	struct stat st;

	snprintf(path, sizeof path, "%s/log", house.folder);
	assert_int_equal(stat(path, &st), 0);
	return (long)st.st_size;
}

static const char *explaining_database(void)
{
	const char *where = house_database(""), *name = strrchr(where, '/') + 1;
	static const char *const settings[] = {"session_preload_libraries = 'auto_explain'",
					       "auto_explain.log_min_duration = 0", "auto_explain.log_analyze = on",
					       "auto_explain.log_timing = off"};

	for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
		run_sql(where, arena_cstr(house.arena,
					  arena_printf(house.arena, "ALTER DATABASE %s SET %s", name, settings[i])));
	return where;
}

static void look_for_one_partition(long from)
{
	/* What is asked by id and holds nothing, or adds only, scans no table of a contact. */
	static const int reads[] = {PG_HASHES,      PG_CASE_REFS,         PG_PROVIDER_REFS, PG_OUTBOX_OWNERS,
				    PG_PEOPLE,      PG_SESSIONS,          PG_CASES_OPEN,    PG_SURVEYS_OPEN,
				    PG_IDENTITIES,  PG_SESSION_PUT,
				    PG_CASES_GET,   PG_OUTBOX_GET,        PG_MEDIA_GET,     PG_PARKED_GET,
				    PG_DEDUPE_GET,  PG_REPEATS,           PG_TIMERS_GET,    PG_CONTACT_PUT,
				    PG_SESSION_END, PG_SESSION_TIME_GONE, PG_SESSION_DROP,  PG_TIMER_GONE,
				    PG_CASE_PUT,    PG_CASE_EVENT_ADD,    PG_OUTBOX_PUT,    PG_LINE_UP,
				    PG_ATTEMPT_ADD, PG_PARKED_MOVE,       PG_PARKED_GONE,   PG_CLAIM_OWN};
	static const int adds[] = {
		PG_CONTACT_ADD,  PG_IDENTITY_ADD,     PG_REVISION_ADD, PG_SESSION_ADD, PG_SESSION_TIME,
		PG_TIMER_PUT,    PG_CASE_ADD,         PG_CASE_REF_ADD, PG_SURVEY_PUT,  PG_MEDIA_PUT,
		PG_HANDOVER_ADD, PG_CHAT_CHANNEL_ADD, PG_INBOX_ADD,    PG_OUTBOX_ADD,  PG_PROVIDER_REF_PUT,
		PG_PARKED_ADD,   PG_DEDUPE_ADD,       PG_COUNT_ADD,    PG_NOTIFY};
	int runs[PG_STATEMENTS] = {0};
	bool partitions[PG_STATEMENTS] = {0};

	assert_int_equal(read_plans(from, runs, partitions), 0);
	for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
		if (!runs[reads[i]] || !partitions[reads[i]])
			fail_msg("was not seen to read a partition: %s", pg_statements[reads[i]]);
	for (size_t i = 0; i < sizeof adds / sizeof *adds; i++)
		if (!runs[adds[i]])
			fail_msg("was not seen: %s", pg_statements[adds[i]]);
}

static void one_contact_is_one_partition(void **state)
{
	struct lab l;
	long from;

	(void)state;
	url = explaining_database();
	url = arena_cstr(house.arena, arena_printf(house.arena, "%s?huiyin_partitions=16", url));
	l = lab_open();
	from = log_size();
	live(&l);
	lab_close(&l);
	look_for_one_partition(from);
}

static void vacuum(const char *where)
{
	struct pg *p = wire_with(where, NULL, 0, 60000);

	assert_int_equal(pg_script(p, "VACUUM ANALYZE", 60000), OK);
	pg_close(&p);
}

/* Also once the planner knows its tables, and finds them small. */
static void nor_does_it_read_small_tables_whole(void **state)
{
	const char *where = explaining_database();
	struct lab l;
	long from;

	(void)state;
	url = arena_cstr(house.arena, arena_printf(house.arena, "%s?huiyin_partitions=16", where));
	l = lab_open();
	for (int i = 4; i < 64; i++) {
		new_contact(&l, i);
		new_session(&l, i, "x");
		new_case(&l, arena_cstr(l.a, arena_printf(l.a, "261121-%04d-0", i)), i, T0);
		new_row(&l, i, i, LANE_REPLY, T0)->provider_id = arena_printf(l.a, "p%d", 1000 + i);
		put_timer(&l, i, TIMER_CASE, "x", T0 + HOUR);
		LIST_ADD(&l.c, dedupe, ((struct dedupe_put){message_key(i, i), i, T0}));
		put_parked(&l, arena_cstr(l.a, arena_printf(l.a, "q%d", i)), DELIVERY_SENT);
	}
	lab_apply(&l);
	lab_close(&l);
	vacuum(where);
	l = lab_open();
	from = log_size();
	live(&l);
	lab_close(&l);
	look_for_one_partition(from);
}

/* ---- numbers -------------------------------------------------------------------------------------------------------
 */

/* Messages of `n` people, one each, in one batch. */
static void batch(struct lab *l, int n, int round)
{
	struct want *w;
	struct snapshot snap;

	lab_begin(l, T0 + round);
	w = ARENA_ARRAY(l->a, struct want, (size_t)n);
	for (int i = 0; i < n; i++)
		w[i] = (struct want){.by_hash = true,
				     .hash = person_name(i + 1),
				     .has_dedupe = true,
				     .dedupe = message_key(round * 1000 + i, i + 1)};
	snap = (struct snapshot){.arena = l->a, .wants = w, .n = (size_t)n, .day = S("261121")};
	assert_int_equal(l->s->kind->load(l->s, &snap), OK);
	for (int64_t i = 0; i < n; i++) {
		int64_t event = round * 100000 + i;

		assert_true(!w[i].contact == (round == 0) && !w[i].duplicate);
		if (!w[i].contact)
			new_contact(l, i + 1);
		else
			LIST_ADD(&l->c, contacts, w[i].contact);
		new_session(l, i + 1, "x")->fresh = !w[i].session;
		put_timer(l, i + 1, TIMER_SESSION, "", T0 + HOUR);
		LIST_ADD(&l->c, inbox,
			 ((struct inbox_row){.id = event, .contact = person_id(i + 1), .channel = S("sms")}));
		LIST_ADD(&l->c, dedupe, ((struct dedupe_put){w[i].dedupe, event, T0}));
		new_row(l, event, i + 1, LANE_REPLY, T0);
		LIST_ADD(&l->c, counts, ((struct count){S("sms"), S("received"), 1}));
	}
	l->c.claim_room = 1024;
	lab_apply(l);
	if (round == 0)
		assert_int_equal(l->c.n_claimed, n);
}

/* How many statements the server ran since `from`; but those that come by the clock, not by the batch. */
static int statements_since(long from)
{
	static const int now_and_then[] = {PG_CLAIM_OTHERS, PG_SEQUENCE_TAKE, PG_CLOCK};
	bool partitions[PG_STATEMENTS] = {0};
	int runs[PG_STATEMENTS] = {0}, all = 0;

	read_plans(from, runs, partitions);
	for (size_t i = 0; i < sizeof now_and_then / sizeof *now_and_then; i++)
		runs[now_and_then[i]] = 0;
	for (int i = 0; i < PG_STATEMENTS; i++)
		all += runs[i];
	return all;
}

static void a_batch_is_as_many_statements_however_large(void **state)
{
	static const int sizes[] = {1, 8, 64, 512};
	int first[2] = {0};

	(void)state;
	for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
		struct lab l;

		url = explaining_database();
		l = lab_open();
		for (int round = 0; round < 2; round++) {
			long from;
			int n;

			l.s->kind->close(l.s); /* who knows people's ids by heart may not have to ask */
			l.s = contract_open();
			from = log_size();
			batch(&l, sizes[k], round);
			n = statements_since(from);
			assert_true(n > 5 && n < 25);
			if (k == 0)
				first[round] = n;
			assert_int_equal(n, first[round]);
		}
		lab_close(&l);
	}
	print_message("statements of a batch: %d for new people, %d for known ones\n", first[0], first[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_contact_is_one_partition),
		cmocka_unit_test(nor_does_it_read_small_tables_whole),
		cmocka_unit_test(a_batch_is_as_many_statements_however_large),
	};

	log_setup(getenv("LOUD") ? LOG_DEBUG_ : LOG_ERROR_, LOG_LOGFMT);
	return secret_start() ? cmocka_run_group_tests(tests, house_open, house_close) : 1;
}

/* The PostgreSQL store keeps the contract: on plain tables, and on tables that are split in sixteen. */
#define CONTRACT_REFUSED     RETRY
#define CONTRACT_TIMER_LEASE 8000
#define CONTRACT_BLOCKS      true
#define CONTRACT_SUMS        false
#include "../store_contract.c"
#include "pg_house.h"
#include "huiyin/log.h"

static const char *url, *all_empty; /* the group's database; what empties its tables */
static struct pg *janitor;          /* kept open: to learn about some hundred tables takes its time */

static struct store *contract_open(void)
{
	assert_int_equal(pg_script(janitor, all_empty, 10000), OK);
	return house_store(url, &contract_key);
}

/* What a test that failed has left behind must not hold up the next one. */
static const char clear_away[] =
	"SELECT 'SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database() AND"
	" pid <> pg_backend_pid();' || string_agg(format('DELETE FROM %I;', relname), '') FROM pg_class WHERE relnamespace = "
	"'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition AND relname <> 'huiyin_schema'";

static int begin(void **state, const char *arguments)
{
	struct store *s;

	if (!house.arena)
		house_open(state);
	run_sql(house.url, "ALTER SYSTEM SET fsync = off");
	run_sql(house.url, "SELECT pg_reload_conf()");
	url = house_database("");
	s = house_store(with(url, arguments), &contract_key);
	s->kind->close(s);
	all_empty = ask_text(url, clear_away);
	janitor = wire_with(url, NULL, 0, 10000);
	return 0;
}

static int end(void **state)
{
	(void)state;
	pg_close(&janitor);
	return 0;
}

static int end_of_all(void **state)
{
	end(state);
	return house_close(state);
}

static int plain(void **state)
{
	return begin(state, "");
}

static int split(void **state)
{
	return begin(state, "?huiyin_partitions=16");
}

int main(void)
{
	const struct CMUnitTest tests[] = {CONTRACT_TESTS};
	int failed;

	if (!secret_start())
		return 1;
	log_setup(getenv("LOUD") ? LOG_DEBUG_ : LOG_ERROR_, LOG_LOGFMT);
	failed = cmocka_run_group_tests_name("plain tables", tests, plain, end);
	return failed + cmocka_run_group_tests_name("tables split in 16", tests, split, end_of_all);
}

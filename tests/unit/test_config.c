/* huiyin.yaml: the bounds of the courier and the rate of an account, with errors that say where and how to mend them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config.h"
#include "huiyin/secret.h"

static char folder[] = "/tmp/huiyin-config-XXXXXX";

/* What is said about `text`; null-terminated, in `a`. *out is the configuration, or null. */
static const char *load(struct arena *a, const char *text, struct config **out)
{
	struct diags d = diags_in(a);
	struct buf said = buf_in(a, 65536);
	char path[64], prompts[4096], cwd[4000];
	FILE *f;

	snprintf(path, sizeof path, "%s/huiyin.yaml", folder);
	assert_non_null(getcwd(cwd, sizeof cwd));
	snprintf(prompts, sizeof prompts, "prompts: %s/prompts\n", cwd);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fputs(prompts, f);
	fclose(f);
	*out = config_load(path, &d);
	diags_print(&d, &said, false);
	buf_add_char(&said, '\0');
	unlink(path);
	return said.data;
}

static struct config *good(struct arena *a, const char *text)
{
	struct config *c;
	const char *said = load(a, text, &c);

	if (!c)
		fail_msg("%s", said);
	return c;
}

static void refused(const char *text, const char *where, const char *what, const char *mend)
{
	struct arena *a = arena_open(0);
	struct config *c;
	const char *said = load(a, text, &c);

	assert_null(c);
	if (!strstr(said, where) || !strstr(said, what) || !strstr(said, mend))
		fail_msg("\"%s\" has not all of \"%s\", \"%s\", \"%s\"", said, where, what, mend);
	arena_close(&a);
}

#define SMS                                                                                                            \
	"channels:\n  sms:\n    channel: twilio\n    account_sid: AC0\n    auth_token: secret\n    number: '+15005550006'\n"
#define KANNEL "channels:\n  k: {channel: kannel, username: u, password: p, allow_ip: 127.0.0.1"
#define GENERIC "channels:\n  g: {channel: generic, send: {url: 'http://127.0.0.1/{to|url}'}"

static int rate_of(const char *text)
{
	struct arena *a = arena_open(0);
	struct config *c = good(a, text);
	int rate = c->accounts[0].per_second;

	config_release(&c);
	arena_close(&a);
	return rate;
}

static void an_account_has_a_rate(void **state)
{
	(void)state;
	assert_int_equal(rate_of(SMS), 10);
	assert_int_equal(rate_of(SMS "    per_second: 3\n"), 3);
	assert_int_equal(rate_of(SMS "    per_second: 0\n"), 0); /* unlimited */
	assert_int_equal(rate_of(KANNEL "}\n"), 10);
	assert_int_equal(rate_of(KANNEL ", per_second: 1}\n"), 1);
	assert_int_equal(rate_of(GENERIC "}\n"), 10);
	assert_int_equal(rate_of(GENERIC ", per_second: 1000}\n"), 1000);
	assert_int_equal(rate_of("channels: {chat: {channel: webchat}}\n"), 0);
}

static void a_wrong_rate_is_explained(void **state)
{
	(void)state;
	refused(SMS "    per_second: 1001\n", "huiyin.yaml:7:17:", "per_second", "write a number from 0 to 1000");
	refused(SMS "    per_second: -1\n", "huiyin.yaml:7:17:", "per_second", "write a number from 0 to 1000");
	refused(SMS "    per_second: fast\n", "huiyin.yaml:7:17:", "per_second", "write a number from 0 to 1000");
	refused(SMS "    per_secnd: 5\n", "huiyin.yaml:7:5:", "has no option 'per_secnd'", "did you mean 'per_second'?");
	refused(KANNEL ", per_second: x}\n", "huiyin.yaml:2:", "per_second", "write a number from 0 to 1000");
	refused(GENERIC ", per_second: [1]}\n", "huiyin.yaml:2:", "per_second", "write a number from 0 to 1000");
	refused("channels:\n  chat:\n    channel: webchat\n    per_second: 5\n", "huiyin.yaml:4:5:",
		"has no option 'per_second'", "see docs/channels.md"); /* nothing is sent to a provider */
}

static void the_courier_has_bounds(void **state)
{
	struct arena *a = arena_open(0);
	struct config *c = good(a, "port: 8080\n");

	(void)state;
	assert_int_equal(c->delivery.rows, 512);
	assert_int_equal(c->delivery.per_account, 8);
	assert_int_equal(c->delivery.in_all, 64);
	assert_int_equal(c->delivery.fetches, 32);
	assert_int_equal(c->delivery.fetches_out, 8);
	assert_int_equal(c->delivery.connect_ms, 5000);
	assert_int_equal(c->delivery.call_ms, 30000);
	assert_int_equal(c->delivery.fetch_ms, 120000);
	assert_null(c->delivery.ca_file);
	config_release(&c);
	c = good(a, "delivery: {rows: 16, calls: 2, calls_in_all: 3, fetches: 4, fetch_calls: 1, connect: 2s, call: 1m,"
		    " fetch: 10m}\n");
	assert_int_equal(c->delivery.rows, 16);
	assert_int_equal(c->delivery.per_account, 2);
	assert_int_equal(c->delivery.in_all, 3);
	assert_int_equal(c->delivery.fetches, 4);
	assert_int_equal(c->delivery.fetches_out, 1);
	assert_int_equal(c->delivery.connect_ms, 2000);
	assert_int_equal(c->delivery.call_ms, 60000);
	assert_int_equal(c->delivery.fetch_ms, 600000);
	config_release(&c);
	c = good(a, "delivery:\nlimits:\n"); /* all commented out */
	assert_int_equal(c->delivery.rows, 512);
	config_release(&c);
	c = good(a, "keep: {lease: 11m}\ndelivery: {call: 10m}\n");
	config_release(&c);
	arena_close(&a);
}

static void wrong_bounds_are_explained(void **state)
{
	(void)state;
	refused("delivery:\n  rows: 15\n", "huiyin.yaml:2:9:", "rows", "write a number from 16 to 2048");
	refused("delivery:\n  calls: 0\n", "huiyin.yaml:2:10:", "calls", "write a number from 1 to 256");
	refused("delivery:\n  calls_in_all: 513\n", "huiyin.yaml:2:17:", "calls_in_all", "write a number from 1 to 512");
	refused("delivery:\n  fetches: many\n", "huiyin.yaml:2:12:", "fetches", "write a number from 1 to 512");
	refused("delivery:\n  fetch_calls: 65\n", "huiyin.yaml:2:16:", "fetch_calls", "write a number from 1 to 64");
	refused("delivery:\n  connect: 0s\n", "huiyin.yaml:2:12:", "'connect'", "from 1s to 60s");
	refused("delivery:\n  call: 1s\n", "huiyin.yaml:2:9:", "'call'", "from 2s to 600s");
	refused("delivery:\n  call: soon\n", "huiyin.yaml:2:9:", "call", "write a number and s, m, h or d");
	refused("delivery:\n  fetch: 2h\n", "huiyin.yaml:2:10:", "'fetch'", "from 5s to 3600s");
	refused("delivery:\n  call: 105s\n", "huiyin.yaml:2:9:", "longer than the lease", "keep.lease longer");
	refused("delivery:\n  row: 64\n", "huiyin.yaml:2:3:", "row", "rows");
	refused("delivery: 64\n", "huiyin.yaml:1:11:", "delivery is a map of settings", "see docs/operate.md");
	refused("survey:\n  remnd: 2d\n", "huiyin.yaml:2:3:", "remnd", "remind");
	refused("alert: {chanel: sms}\n", "huiyin.yaml:1:9:", "chanel", "channel");
	refused("limits: [1]\n", "huiyin.yaml:1:9:", "limits is a map of settings", "see docs/operate.md");
}

static int begin(void **state)
{
	(void)state;
	return secret_start() && mkdtemp(folder) ? 0 : 1;
}

static int end(void **state)
{
	(void)state;
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_has_a_rate),
		cmocka_unit_test(a_wrong_rate_is_explained),
		cmocka_unit_test(the_courier_has_bounds),
		cmocka_unit_test(wrong_bounds_are_explained),
	};

	return cmocka_run_group_tests(tests, begin, end);
}

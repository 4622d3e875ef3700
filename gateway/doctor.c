/* huiyin doctor: looks over what a running gateway needs and says how to mend what is wrong. Changes nothing. */
#include "commands.h"
#include "config.h"
#include "delivery/delivery.h"
#include "flow/match.h"
#include "huiyin/store.h"

#include <errno.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#define REACH_TIMEOUT_MS 5000

struct visit { struct arena *a; int bad, doubtful; };

static void say_line(struct visit *v, int grade, const char *what, struct slice mend)
{
	static const char *const marks[] = {"ok   ", "note ", "BAD  "};

	printf("%s %s\n", marks[grade], what);
	if (grade && mend.len)
		printf("      %.*s\n", (int)mend.len, mend.data);
	v->bad += grade == 2;
	v->doubtful += grade == 1;
}

static void look_libraries(struct visit *v)
{
	const char *why = NULL;

	say_line(v, secret_start() ? 0 : 2, "cryptographic libraries", S("reinstall libssl3 and libsodium23"));
	if (match_library_safe(&why))
		say_line(v, 0, "PCRE2", S(""));
	else
		say_line(v, 2, "PCRE2 has known holes", slice_of(why));
}

static void look_clock(struct visit *v, const struct config *c)
{
	struct timex t = {0};
	struct civil now = wall_civil(clock_wall().ms, c->zone);
	int state = adjtimex(&t);

	if (now.year < 2025)
		say_line(v, 2, "the clock is years behind", S("set it: timedatectl set-ntp true"));
	else if (state == TIME_ERROR || (t.status & STA_UNSYNC))
		say_line(v, 1, "the clock is not synchronised", S("deadlines and signatures need it: timedatectl set-ntp true"));
	else
		say_line(v, 0, "clock is synchronised", S(""));
}

static void look_disk(struct visit *v, const struct config *c)
{
	char *state = arena_cstr(v->a, c->state);
	struct statvfs s;
	struct stat st;

	if (stat(state, &st) != 0) {
		say_line(v, 1, "the state folder does not exist yet", S("`huiyin serve` makes it"));
		return;
	}
	if (access(state, W_OK) != 0)
		say_line(v, 2, "the state folder cannot be written", arena_printf(v->a, "chown it to the user that runs huiyin: %s", state));
	if (st.st_mode & 077)
		say_line(v, 1, "others may look into the state folder", arena_printf(v->a, "chmod 700 %s", state));
	if (statvfs(state, &s) != 0)
		return;
	if (((uint64_t)s.f_bavail * s.f_frsize >> 20) < (uint64_t)c->limits.disk_free_mb)
		say_line(v, 2, "the disk is nearly full: messages are refused",
			 arena_printf(v->a, "free more than %lld MB under %s", (long long)c->limits.disk_free_mb, state));
	else
		say_line(v, 0, "disk has room", S(""));
}

/* Is the gateway itself running? Then the store is its own, and its readiness is the better answer. */
static bool gateway_runs(struct visit *v, const struct config *c)
{
	struct call call = {.method = S("GET"), .url = arena_printf(v->a, "http://127.0.0.1:%d/readyz", c->port)};
	struct answer ans = {0};

	if (!delivery_call(&call, REACH_TIMEOUT_MS, true, v->a, &ans) || !ans.status)
		return false;
	if (ans.status == 200)
		say_line(v, 0, "the gateway runs and is ready (store, queue, disk)", S(""));
	else
		say_line(v, 2, "the gateway runs but is not ready", ans.body);
	return true;
}

static void look_store(struct visit *v, const struct config *c)
{
	struct slice why = {0};
	struct key key;
	struct store *s;
	char *path = slice_begins(c->store, S("sqlite:")) ? arena_cstr(v->a, slice_from(c->store, 7)) : NULL;

	if (path && access(path, F_OK) != 0) {
		say_line(v, 1, "the store does not exist yet", S("`huiyin serve` makes it"));
		return;
	}
	if (!config_store_key(c, &key, &why, v->a)) {
		say_line(v, 2, "the key of the store", why);
		return;
	}
	s = store_open(c->store, &key, v->a, &why);
	if (s) {
		say_line(v, 0, "store opens and is whole", S(""));
		s->kind->close(s);
	} else {
		say_line(v, 2, "the store cannot be opened", why);
	}
}

/* Scheme and host of the account's api_url: a HEAD-like call shows DNS, route, TLS. Any HTTP answer will do. */
static void look_channel(struct visit *v, const struct account *acc)
{
	struct slice api = account_option(acc, "api_url");
	struct call call = {.method = S("GET"), .url = api};
	struct answer ans = {0};
	char *label = arena_cstr(v->a, arena_printf(v->a, "channel " SLICE_FMT " (%s)", SLICE_ARG(acc->name), acc->channel->name));

	if (acc->signature != SIGNATURE_ENFORCE)
		say_line(v, 1, label, S("signatures are not enforced: set signature: enforce once real traffic passes"));
	if (acc->channel->able.push || !api.len) {
		say_line(v, 0, label, S(""));
		return;
	}
	if (delivery_call(&call, REACH_TIMEOUT_MS, true, v->a, &ans) && ans.status)
		say_line(v, 0, label, S(""));
	else
		say_line(v, 2, label, arena_printf(v->a, SLICE_FMT " does not answer (" SLICE_FMT "): check DNS, route, firewall, certificate",
						   SLICE_ARG(api), SLICE_ARG(ans.error)));
}

static void look_public(struct visit *v, const struct config *c)
{
	bool local = slice_find(c->public_url, S("127.0.0.1")) < c->public_url.len || slice_find(c->public_url, S("localhost")) < c->public_url.len;

	if (local)
		say_line(v, 1, "public_url is this machine's own",
			 S("providers and phones cannot reach it: set public_url to https://… of the reverse proxy"));
	else if (!slice_begins(c->public_url, S("https://")))
		say_line(v, 1, "public_url is not https", S("citizens' words would cross the net in the clear"));
	else
		say_line(v, 0, "public address", S(""));
	if (!c->alert_channel.len)
		say_line(v, 1, "nobody is told of urgent messages", S("set alert: {channel: NAME, to: ADDRESS}"));
}

int command_doctor(struct options *o)
{
	struct visit v = {.a = arena_open(0)};
	struct config *c;

	look_libraries(&v);
	c = load_or_explain(o->config);
	if (!c) {
		say_line(&v, 2, "configuration and prompts", S("mend what is said above; a first configuration: huiyin init"));
	} else {
		say_line(&v, 0, "configuration and prompts", S(""));
		look_clock(&v, c);
		look_disk(&v, c);
		if (!gateway_runs(&v, c))
			look_store(&v, c);
		look_public(&v, c);
		for (size_t i = 0; i < c->n_accounts; i++)
			look_channel(&v, &c->accounts[i]);
	}
	printf("\n%d to mend, %d to think about\n", v.bad, v.doubtful);
	config_release(&c);
	arena_close(&v.a);
	return v.bad ? 1 : 0;
}

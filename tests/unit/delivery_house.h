/*
 * What the courier's tests share: a channel that does as its account says, a small configuration, and a queue to read
 * results from. A header, because each test program is one file and its provider.
 */
#ifndef HUIYIN_TESTS_DELIVERY_HOUSE_H
#define HUIYIN_TESTS_DELIVERY_HOUSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "delivery/courier.h"
#include "fake_provider.h"
#include "huiyin/secret.h"

#define ACCOUNTS_MAX 4

static const struct option house_options[] = {
	{"api_url", "", false, false, NULL},
	{"method", "", false, false, "POST"}, {"call_url", "", false, false, NULL},
	{"password", "", true, false, NULL},  {0},
};
enum { OPTION_API_URL, OPTION_METHOD, OPTION_CALL_URL, OPTION_PASSWORD, N_OPTIONS };

static _Atomic size_t house_longest_answer;

static enum result house_send(const struct account *acc, const struct outgoing *m, struct slice token, int64_t now,
			      struct arena *a, struct call *out)
{
	struct slice url = account_option(acc, "call_url"), api = account_option(acc, "api_url");

	(void)now;
	if (slice_is(m->text, "never"))
		return NEVER;
	*out = (struct call){.method = account_option(acc, "method")};
	out->url = url.len ? url : arena_printf(a, SLICE_FMT "/send", SLICE_ARG(api));
	if (!slice_is(out->method, "GET"))
		out->body = m->text;
	call_header(out, a, S("X-Id"), arena_printf(a, "%lld", (long long)m->id));
	if (token.len)
		call_header(out, a, S("X-Token"), token);
	if (account_option(acc, "password").len) {
		out->user = S("me");
		out->password = account_option(acc, "password");
	}
	return OK;
}

/* 2xx with "id=…" is sent; 2xx with anything else is unsure. */
static void house_outcome(const struct account *acc, const struct outgoing *m, const struct answer *ans,
			  struct arena *a, struct outcome *out)
{
	(void)acc;
	(void)m;
	*out = (struct outcome){.what = OUTCOME_NEVER, .code = arena_printf(a, "%d", ans->status)};
	if (ans->body.len > house_longest_answer)
		house_longest_answer = ans->body.len;
	if (!ans->status)
		out->what = OUTCOME_SENT; /* wrong on purpose: the courier's guards must stand above it */
	else if (ans->status < 300 && slice_begins(ans->body, S("id=")))
		*out = (struct outcome){.what = OUTCOME_SENT, .provider_id = slice_from(ans->body, 3)};
	else if (ans->status < 300)
		out->what = OUTCOME_UNSURE;
	else if (ans->status == 429)
		out->what = OUTCOME_RATE;
	else if (ans->status == 401)
		out->what = OUTCOME_TOKEN;
	else if (ans->status == 403 || ans->status < 400)
		out->what = OUTCOME_CONFIG;
	else if (ans->status >= 500)
		out->what = OUTCOME_LATER;
}

static bool house_authorize(const struct account *acc, struct arena *a, struct call *out)
{
	*out = (struct call){.method = S("POST"),
			     .url = arena_printf(a, SLICE_FMT "/token", SLICE_ARG(account_option(acc, "api_url")))};
	return call_header(out, a, S("X-Id"), S("token"));
}

static bool house_granted(const struct answer *ans, struct arena *a, struct slice *token, int64_t *lives_ms)
{
	*token = arena_copy(a, ans->body);
	*lives_ms = 3600000;
	return ans->status == 200;
}

/* Credentials for api_url's own origin. */
static bool house_fetch(const struct account *acc, struct slice url, struct arena *a, struct call *out)
{
	*out = (struct call){.method = S("GET"), .url = arena_copy(a, url)};
	if (slice_begins(url, account_option(acc, "api_url"))) {
		out->user = S("me");
		out->password = S("secret");
	}
	return true;
}

static const struct channel house_channel = {
	.name = "house",
	.options = house_options,
	.send = house_send,
	.outcome = house_outcome,
	.fetch = house_fetch,
};
static const struct channel token_channel = {
	.name = "token",
	.options = house_options,
	.send = house_send,
	.outcome = house_outcome,
	.authorize = house_authorize,
	.granted = house_granted,
};

struct house {
	struct config config;
	struct account accounts[ACCOUNTS_MAX];
	struct slice values[ACCOUNTS_MAX][N_OPTIONS];
	struct arena *arena;
	struct queue *queue;
	struct delivery *delivery;
	struct fake *fake;
	struct event *events[64]; /* what was collected */
	size_t n;
};

struct config *config_hold(struct config *c);
void config_release(struct config **c);

struct config *config_hold(struct config *c)
{
	atomic_fetch_add(&c->holders, 1);
	return c;
}

void config_release(struct config **c)
{
	if (*c)
		atomic_fetch_sub(&(*c)->holders, 1);
	*c = NULL;
}

static struct account *house_account(struct house *h, const char *name, struct slice api_url)
{
	size_t i = h->config.n_accounts++;

	h->values[i][OPTION_API_URL] = api_url;
	h->accounts[i] = (struct account){
		.channel = &house_channel, .name = slice_of(name), .index = (int)i, .values = h->values[i]};
	return &h->accounts[i];
}

/* One account "a" at the provider; tests change what they need before house_open. */
static struct house *house_new(void)
{
	struct house *h = calloc(1, sizeof *h);

	assert_true(secret_start());
	log_setup(LOG_ERROR_ + 1, LOG_LOGFMT);
	h->arena = arena_open(0);
	h->fake = fake_start();
	h->config.delivery = (struct tuning){.rows = 512,
					     .fetches = 32,
					     .per_account = 8,
					     .in_all = 64,
					     .fetches_out = 8,
					     .connect_ms = 5000,
					     .call_ms = 5000,
					     .slow_ms = 15000,
					     .fetch_ms = 120000};
	h->config.accounts = h->accounts;
	h->config.keep.lease_ms = 60000;
	h->queue = queue_open(4096, 1);
	fake_always(h->fake, (struct fake_reply){.body = "id=p{id}"});
	house_account(h, "a", arena_printf(h->arena, "http://127.0.0.1:%d", fake_port(h->fake)));
	return h;
}

static void house_open(struct house *h)
{
	struct slice why = {0};

	h->delivery = delivery_start(&h->config, h->queue, h->arena, &why);
	assert_non_null(h->delivery);
}

static void house_forget(struct house *h)
{
	while (h->n)
		event_close(&h->events[--h->n]);
}

static void house_close(struct house *h)
{
	house_forget(h);
	delivery_stop(&h->delivery, 100);
	assert_int_equal(atomic_load(&h->config.holders), 0);
	queue_close(&h->queue);
	fake_stop(&h->fake);
	arena_close(&h->arena);
	free(h);
}

/* Waits until n events were collected in all. */
static bool house_wait(struct house *h, size_t n, int64_t wait_ms)
{
	struct mono from = clock_mono();

	while (h->n < n && mono_since(from, clock_mono()) < wait_ms)
		h->n += queue_take(h->queue, h->events + h->n, 64 - h->n, 20);
	return h->n >= n;
}

#endif

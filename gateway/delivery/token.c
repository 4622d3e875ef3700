/*
 * The token that some providers want before a send: fetched once for all that wait for it, renewed before it ends,
 * dropped when it is refused. Where gateways share a store one of them fetches it for all (sharing.c says which), and
 * it lies there sealed with the store's key, under a name that is sealed in with it, so that none can be put in
 * another's place.
 *
 * A token stands in no log and nowhere in the clear but in this process's memory, which is wiped. Nothing here is
 * fatal.
 */
#include <stdlib.h>
#include <string.h>

#include "delivery/courier.h"
#include "huiyin/log.h"
#include "huiyin/secret.h"

#define CONFIG_STOP_MS      (INT64_C(5) * 60000)
#define TOKEN_EARLY_MS      60000 /* renewed before it runs out under a call */
#define TOKEN_LIFE_LEAST_MS 1000
#define TOKEN_LIFE_MOST_MS  (INT64_C(30) * 24 * 3600000)
#define TOKEN_BYTES         8192
#define TOKEN_ARENA_BYTES   ((size_t)16 << 20)
#define TOKEN_WAIT_MS       INT64_C(5000)

struct token_call {
	enum flight_kind kind;
	struct token_call *next;
	struct arena *arena;
	struct line *line;
	struct config *config;
	const struct account *account;
	struct call call;
	struct transfer *transfer;
};

void token_drop(struct token *t)
{
	if (t->text)
		secret_wipe(t->text, t->len);
	free(t->text);
	t->text = NULL;
	t->len = 0;
}

static void token_keep(struct token *t, struct slice text, int64_t until)
{
	token_drop(t);
	t->text = malloc(text.len + 1);
	if (!t->text)
		exhausted("token");
	memcpy(t->text, text.data, text.len);
	t->text[text.len] = '\0';
	t->len = text.len;
	t->number++;
	t->failures = 0;
	t->next_try = 0;
	t->until = until;
}

/* When it is renewed: well before it ends. */
static int64_t token_end(int64_t lives_ms, int64_t mono)
{
	int64_t lives = lives_ms < TOKEN_LIFE_MOST_MS ? lives_ms : TOKEN_LIFE_MOST_MS;
	int64_t early = lives > 4 * TOKEN_EARLY_MS ? TOKEN_EARLY_MS : lives / 4;

	return mono + (lives - early > TOKEN_LIFE_LEAST_MS ? lives - early : TOKEN_LIFE_LEAST_MS);
}

static void token_failed(struct line *l, int64_t mono)
{
	struct token *t = &l->token;
	int64_t wait = TOKEN_WAIT_MS;

	for (int i = 0; i < t->failures && wait < CONFIG_STOP_MS; i++)
		wait *= 2;
	t->failures++;
	t->next_try = mono + (wait < CONFIG_STOP_MS ? wait : CONFIG_STOP_MS);
	log_line(LOG_ERROR_, "delivery", "no token from the provider", "channel", l->name, "mend",
		 "check the account's id and secret: huiyin doctor", NULL);
}

static void token_fetch(struct delivery *d, struct line *l, int64_t mono)
{
	struct arena *a = arena_open(TOKEN_ARENA_BYTES);
	struct token_call *c = ARENA_NEW(a, struct token_call);
	struct order o;

	c->kind = FLIGHT_TOKEN;
	c->arena = a;
	c->line = l;
	c->account = l->account;
	if (!l->account->channel->authorize(l->account, a, &c->call)) {
		arena_close(&a);
		token_failed(l, mono);
		return;
	}
	c->config = config_hold(d->config);
	o = sending_order(d, l, l->account, &c->call, c);
	c->next = d->token_calls;
	d->token_calls = c;
	l->token.call = c;
	d->n_out++;
	c->transfer = wire_start(d->wire, &o);
}

void token_landed(struct delivery *d, struct transfer *t)
{
	struct token_call *c = t->with;
	struct line *l = c->line;
	struct token_call **at = &d->token_calls;
	int64_t mono = clock_mono().ms, lives = 0;
	struct slice text = {0};
	struct arena *a = c->arena;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	l->token.call = NULL;
	d->n_out--;
	if (c->config != d->config) /* asked for with settings of before a reload: asked for again */
		;
	else if (t->answer.status && c->account->channel->granted &&
		 c->account->channel->granted(&t->answer, a, &text, &lives) && text.len && text.len <= TOKEN_BYTES)
		token_keep(&l->token, text, token_end(lives, mono));
	else
		token_failed(l, mono);
	if (text.len && text.data) /* the arena's copy of the secret */
		secret_wipe((char *)(uintptr_t)text.data, text.len);
	transfer_close(&t);
	config_release(&c->config);
	arena_close(&a);
}

void token_cancel(struct delivery *d)
{
	while (d->token_calls) {
		struct transfer *t = d->token_calls->transfer;

		transfer_cancel(t);
		token_landed(d, t);
	}
}

bool token_ready(struct delivery *d, struct line *l, int64_t mono, int64_t *wait_ms)
{
	struct token *t = &l->token;

	*wait_ms = INT64_MAX;
	if (!l->account->channel->authorize || (t->text && mono < t->until))
		return true;
	if (t->call)
		return false;
	if (mono < t->next_try) {
		*wait_ms = t->next_try - mono;
		return false;
	}
	if (d->share && !sharing_token(d, l, mono, wait_ms))
		return false;
	token_fetch(d, l, mono);
	if (!t->call)
		*wait_ms = t->next_try - mono;
	return false;
}

/* ---- for the others ----------------------------------------------------------------------------------------------- */

struct slice token_seal(const struct delivery *d, const struct line *l, struct slice name, struct arena *a)
{
	size_t len = name.len + 1 + l->token.len;
	char *plain = arena_alloc(a, len), *value;
	struct slice sealed;

	memcpy(plain, name.data, name.len);
	memcpy(plain + name.len + 1, l->token.text, l->token.len); /* a zero between */
	sealed = secret_seal(a, &d->key, slice_make(plain, len));
	secret_wipe(plain, len);
	value = arena_alloc(a, 1 + sealed.len);
	value[0] = 't';
	memcpy(value + 1, sealed.data, sealed.len);
	return slice_make(value, 1 + sealed.len);
}

enum result token_adopt(struct delivery *d, struct line *l, struct slice name, struct slice sealed, int64_t until)
{
	struct arena *a = arena_open(TOKEN_ARENA_BYTES);
	struct slice plain = {0}, text;
	bool good = secret_open(a, &d->key, sealed, &plain) && plain.len > name.len + 1 && slice_begins(plain, name) &&
		    !plain.data[name.len];

	text = slice_from(plain, name.len + 1);
	good = good && text.len <= TOKEN_BYTES;
	if (good)
		token_keep(&l->token, text, until);
	if (plain.len)
		secret_wipe((char *)(uintptr_t)plain.data, plain.len);
	arena_close(&a);
	return good ? OK : INVALID;
}

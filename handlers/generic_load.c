/*
 * Reads a generic account's section of huiyin.yaml into struct generic, once, with errors that say file, line and how
 * to mend. What is refused here never reaches a citizen.
 */
#include "generic.h"

#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static unsigned bit(const struct source *s)
{
	return 1u << s->kind;
}

/* ---- send ------------------------------------------------------------------------------------------------------ */

static bool type_has(struct slice type, const char *word)
{
	return slice_find(type, slice_of(word)) < type.len;
}

/* What the body is written in: as its type says, else by its first character. */
static enum place body_place(struct slice *type, struct slice body)
{
	struct slice text = slice_trim(body);
	char first = text.len ? text.data[0] : 0;

	if (!type->len && (first == '{' || first == '['))
		*type = S("application/json");
	if (!type->len)
		*type = first == '<' ? S("application/xml; charset=utf-8") : S("application/x-www-form-urlencoded");
	if (type_has(*type, "json"))
		return PLACE_JSON;
	if (type_has(*type, "xml"))
		return PLACE_XML;
	return type_has(*type, "urlencoded") ? PLACE_URL : PLACE_PLAIN;
}

static void read_headers(struct generic *g, const struct yaml *map, struct diags *d, struct arena *a)
{
	if (!map)
		return;
	if (map->kind != YAML_MAP || map->n > 12) {
		yaml_error(d, map, S("`headers` is a map of at most 12 headers"),
			   S("for example: {X-Api-Key: '{key}'}"));
		return;
	}
	for (size_t i = 0; i < map->n; i++) {
		struct call scratch = {0};

		if (map->items[i]->kind != YAML_SCALAR || !call_header(&scratch, a, map->keys[i]->text, S("x"))) {
			yaml_error(d, map->keys[i], S("not a header"), S("a name and a text"));
			continue;
		}
		if (memchr(map->items[i]->text.data, '\n', map->items[i]->text.len) ||
		    memchr(map->items[i]->text.data, '\r', map->items[i]->text.len)) {
			yaml_error(d, map->items[i], S("a header holds no line break"), S("write it on one line"));
			continue;
		}
		g->send.headers[g->send.n_headers].name = map->keys[i]->text;
		g->send.headers[g->send.n_headers++].value = template_read(d, map->items[i], PLACE_PLAIN, a);
	}
}

static void read_send(struct generic *g, struct account *acc, struct diags *d, struct arena *a)
{
	static const char *const keys[] = {"method", "url", "headers", "body", "content_type", "basic"};
	const struct yaml *y = yaml_get(acc->section, "send"), *url = yaml_get(y, "url"), *body = yaml_get(y, "body");

	if (!y)
		return;
	g->sends = true;
	yaml_only(d, y, keys, COUNT(keys));
	g->send.method = yaml_text(d, y, "method", body ? S("POST") : S("GET"));
	g->send.type = yaml_text(d, y, "content_type", (struct slice){0});
	g->send.basic = yaml_bool(d, y, "basic", false);
	if (!slice_is(g->send.method, "GET") && !slice_is(g->send.method, "POST") && !slice_is(g->send.method, "PUT"))
		yaml_error(d, yaml_get(y, "method"), S("unknown method"), S("GET, POST or PUT"));
	if (!url || url->kind != YAML_SCALAR || !url->text.len) {
		yaml_error(d, url ? url : y, S("`send` needs a `url`"), S("for example: https://sms.example.com/send"));
	} else {
		g->send.url = template_read(d, url, PLACE_URL, a);
		if (g->send.url.pieces && !template_host_fixed(&g->send.url))
			yaml_error(d, url, S("the address must be http(s), with a host that depends on no message"),
				   S("begin with https://host/ or with {api_url}/"));
		else if (slice_begins(url->text, S("{api_url")) && !is_web_url(account_option(acc, "api_url")))
			yaml_error(d, url, S("{api_url} is not set, or no http(s) address"), S("set `api_url`"));
	}
	if (body && body->kind == YAML_SCALAR) {
		enum place place = body_place(&g->send.type, body->text);

		g->send.has_body = true;
		g->send.body = template_read(d, body, place, a);
	} else if (body) {
		yaml_error(d, body, S("`body` is one text"), S("quote it: '{\"to\": \"{to|json}\"}'"));
	}
	read_headers(g, yaml_get(y, "headers"), d, a);
}

/* ---- answers --------------------------------------------------------------------------------------------------- */

static bool class_find(struct slice word, enum outcome_class *out)
{
	static const struct {
		const char *word;
		enum outcome_class what;
	} classes[] = {
		{"retry", OUTCOME_LATER},     {"rate", OUTCOME_RATE},       {"token", OUTCOME_TOKEN},
		{"split", OUTCOME_SPLIT},     {"permanent", OUTCOME_NEVER}, {"opt-out", OUTCOME_OPT_OUT},
		{"opt_out", OUTCOME_OPT_OUT}, {"window", OUTCOME_WINDOW},   {"config", OUTCOME_CONFIG},
		{"unsure", OUTCOME_UNSURE},
	};

	for (size_t i = 0; i < COUNT(classes); i++) {
		if (slice_is(word, classes[i].word)) {
			*out = classes[i].what;
			return true;
		}
	}
	return false;
}

static void check_codes(struct diags *d, const struct yaml *map, const struct words *w)
{
	int64_t n;

	for (size_t i = 0; i < w->n; i++) {
		if (!slice_to_int(w->list[i], &n) || n < 100 || n > 599)
			yaml_error(d, yaml_get(map, "codes"), S("not an HTTP status"), S("for example: [200, 202]"));
	}
}

static void read_rule(struct generic *g, const struct yaml *y, struct diags *d)
{
	static const char *const keys[] = {"codes", "value", "is", "matches", "class"};
	struct rule *r = &g->errors[g->n_errors++];

	if (y->kind != YAML_MAP) {
		yaml_error(d, y, S("an error rule is a map"), S("for example: {codes: [400], class: permanent}"));
		return;
	}
	yaml_only(d, y, keys, COUNT(keys));
	r->codes = words_read(d, y, "codes");
	check_codes(d, y, &r->codes);
	r->test = test_read(d, y, false);
	g->answer_kinds |= bit(&r->test.value);
	if (!class_find(yaml_text(d, y, "class", (struct slice){0}), &r->what))
		yaml_error(d, y, S("which class is this error?"),
			   S("class: retry, rate, token, split, permanent, opt-out, window, config or unsure"));
	if (!r->codes.n && !r->test.value.kind)
		yaml_error(d, y, S("this rule fits everything"),
			   S("give it `codes`, or a `value` with `is` or `matches`"));
}

static void read_answers(struct generic *g, const struct account *acc, struct diags *d)
{
	static const char *const keys[] = {"codes", "value", "is", "matches", "id"};
	const struct yaml *good = yaml_get(acc->section, "success"), *bad = yaml_get(acc->section, "errors");

	if (good)
		yaml_only(d, good, keys, COUNT(keys));
	g->success.codes = words_read(d, good, "codes");
	check_codes(d, good, &g->success.codes);
	g->success.test = test_read(d, good, false);
	g->success.id = source_read(d, good, "id", false);
	g->error_code = source_read(d, acc->section, "error_code", false);
	g->answer_kinds |= bit(&g->success.test.value) | bit(&g->success.id) | bit(&g->error_code);
	if (bad && (bad->kind != YAML_LIST || bad->n > GENERIC_MAX_ITEMS)) {
		yaml_error(d, bad, S("`errors` is a list of at most 24 rules"),
			   S("- {codes: [400], class: permanent}"));
		return;
	}
	for (size_t i = 0; bad && i < bad->n; i++)
		read_rule(g, bad->items[i], d);
}

/* ---- inbound --------------------------------------------------------------------------------------------------- */

static struct test read_when(const struct yaml *y, struct diags *d)
{
	static const char *const keys[] = {"value", "is", "matches"};
	const struct yaml *when = yaml_get(y, "when");

	if (when)
		yaml_only(d, when, keys, COUNT(keys));
	return test_read(d, when, true);
}

static void check_each(const struct yaml *y, const struct source *each, struct diags *d)
{
	if (each->kind && each->kind != SOURCE_JSON)
		yaml_error(d, yaml_get(y, "each"), S("`each` is a JSON list"), S("for example: json:/results"));
}

/* One place, or a list of them. */
static void read_media(struct generic *g, const struct yaml *y, struct diags *d)
{
	const struct yaml *at = yaml_get(y, "media");
	size_t n = at ? (at->kind == YAML_LIST ? at->n : 1) : 0;

	if (n > MESSAGE_MAX_MEDIA) {
		yaml_error(d, at, S("at most 10 places for media"), S("what is more could not be kept"));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		g->inbound.media[i] = source_at(d, at->kind == YAML_LIST ? at->items[i] : at, true);
		g->inbound_kinds |= bit(&g->inbound.media[i]);
	}
	g->inbound.n_media = n;
}

static void read_inbound(struct generic *g, const struct account *acc, struct diags *d)
{
	static const char *const keys[] = {"each", "from",   "to",       "text",    "id",    "name", "time",
					   "lang", "button", "reply_to", "opt_out", "media", "when"};
	const struct yaml *y = yaml_get(acc->section, "inbound");
	struct source *sources[] = {&g->inbound.each,   &g->inbound.from,     &g->inbound.to,     &g->inbound.text,
				    &g->inbound.id,     &g->inbound.name,     &g->inbound.time,   &g->inbound.lang,
				    &g->inbound.button, &g->inbound.reply_to, &g->inbound.opt_out};

	if (!y)
		return;
	g->receives = true;
	yaml_only(d, y, keys, COUNT(keys));
	for (size_t i = 0; i < COUNT(sources); i++) {
		*sources[i] = source_read(d, y, keys[i], true);
		g->inbound_kinds |= bit(sources[i]);
	}
	check_each(y, &g->inbound.each, d);
	if (!g->inbound.from.kind || !g->inbound.text.kind)
		yaml_error(d, y, S("`inbound` needs `from` and `text`"), S("for example: from: 'json:/from'"));
	read_media(g, y, d);
	g->inbound.when = read_when(y, d);
	g->inbound_kinds |= bit(&g->inbound.when.value);
}

static void read_receipts(struct generic *g, const struct account *acc, struct diags *d)
{
	static const char *const keys[] = {"each", "id",     "outbox",    "state", "code",
					   "time", "states", "opted_out", "path",  "when"};
	static const char *const states[] = {"sent", "delivered", "read", "failed"};
	const struct yaml *y = yaml_get(acc->section, "receipts"), *map = yaml_get(y, "states");
	struct source *sources[] = {&g->receipts.each,  &g->receipts.id,   &g->receipts.outbox,
				    &g->receipts.state, &g->receipts.code, &g->receipts.time};

	if (!y)
		return;
	g->reports = true;
	yaml_only(d, y, keys, COUNT(keys));
	for (size_t i = 0; i < COUNT(sources); i++) {
		*sources[i] = source_read(d, y, keys[i], true);
		g->receipt_kinds |= bit(sources[i]);
	}
	check_each(y, &g->receipts.each, d);
	g->receipts.path = yaml_text(d, y, "path", S("status"));
	g->receipts.opted_out = words_read(d, y, "opted_out");
	g->receipts.when = read_when(y, d);
	g->receipt_kinds |= bit(&g->receipts.when.value);
	if (map)
		yaml_only(d, map, states, COUNT(states));
	g->receipts.sent = words_read(d, map, "sent");
	g->receipts.delivered = words_read(d, map, "delivered");
	g->receipts.read = words_read(d, map, "read");
	g->receipts.failed = words_read(d, map, "failed");
	if (!g->receipts.state.kind || !map)
		yaml_error(d, y, S("`receipts` needs `state` and `states`"),
			   S("for example: state: 'json:/status', states: {delivered: [DELIVRD], failed: [UNDELIV]}"));
}

static void read_answer(struct generic *g, const struct account *acc, struct diags *d)
{
	static const char *const keys[] = {"status", "type", "body"};
	const struct yaml *y = yaml_get(acc->section, "answer");

	if (y)
		yaml_only(d, y, keys, COUNT(keys));
	g->answer.status = (int)yaml_int(d, y, "status", 200, 299, 200);
	g->answer.type = yaml_text(d, y, "type", S("text/plain"));
	g->answer.body = yaml_text(d, y, "body", (struct slice){0});
	if (memchr(g->answer.type.data, '\n', g->answer.type.len) ||
	    memchr(g->answer.type.data, '\r', g->answer.type.len))
		yaml_error(d, yaml_get(y, "type"), S("a content type holds no line break"),
			   S("for example: application/json"));
}

static void check_sections(const struct account *acc, struct diags *d)
{
	static const char *const maps[] = {"send", "success", "inbound", "receipts", "answer", "proof"};
	const char *known[64];
	const struct option *o = acc->channel->options;
	size_t n = 0;

	for (size_t i = 0; i < COUNT(maps); i++) {
		const struct yaml *y = yaml_get(acc->section, maps[i]);

		known[n++] = maps[i];
		if (y && y->kind != YAML_MAP)
			yaml_error(d, y, arena_printf(d->arena, "`%s` is a map", maps[i]), S("see docs/channels.md"));
	}
	for (; o->name && n < 50; o++)
		known[n++] = o->name;
	known[n++] = "errors";
	known[n++] = "channel";
	known[n++] = "signature";
	known[n++] = "unsure";
	known[n++] = "public_url";
	known[n++] = "per_second";
	if (acc->section)
		yaml_only(d, acc->section, known, n);
}

bool generic_load(struct account *acc, struct arena *a, struct diags *d)
{
	struct generic *g = ARENA_NEW(a, struct generic);
	size_t before = d->errors;

	check_sections(acc, d);
	if (d->errors != before)
		return false;
	read_send(g, acc, d, a);
	read_answers(g, acc, d);
	read_inbound(g, acc, d);
	read_receipts(g, acc, d);
	read_answer(g, acc, d);
	proof_read(acc, &g->proof, d, a);
	if ((g->receives || g->reports) && !g->proof.kind && d->errors == before)
		account_fault(acc, d, S("anyone could post messages here"), S("add a `proof`, or `allow_ip`"));
	if (!g->sends && !g->receives && d->errors == before)
		account_fault(acc, d, S("this gateway neither sends nor receives"),
			      S("add `send`, `inbound`, or both"));
	acc->prepared = g;
	return d->errors == before;
}

/*
 * The generic HTTP gateway: a channel written in huiyin.yaml. This file is the handler; generic_load.c reads the
 * section, generic_source.c finds values, generic_template.c builds calls, generic_proof.c judges who calls. Nothing
 * here is fatal.
 */
#include "generic.h"

#include "huiyin/clock.h"

#define GENERIC_TEXT_MAX 670 /* ten UCS-2 parts */

static const struct option options[] = {
	{"api_url", "address that {api_url} in send.url stands for", false, false, NULL},
	{"number", "our number: {from} of what does not answer a message", false, false, NULL},
	{"country", "country code without +, for the filter `national`", false, false, NULL},
	{"username", "{username}, and the user when send.basic is true", false, false, NULL},
	{"password", "{password}, and the password when send.basic is true", true, false, NULL},
	{"key", "{key}: an API key or token", true, false, NULL},
	{"proof_user", "user that the provider gives (proof: basic)", false, false, NULL},
	{"proof_secret", "secret of the proof: password, token, header value or HMAC key", true, false, NULL},
	{"allow_ip", "addresses that the provider may call from: 192.0.2.7, 10.0.0.0/8", false, false, NULL},
	{"error_code", "where an answer has the provider's error code: json:/code", false, false, NULL},
	{0},
};
static const char *const private_headers[] = {"authorization", NULL};

static bool prepare(struct account *acc, struct arena *a, struct diags *d)
{
	return generic_load(acc, a, d);
}

static enum verdict verify(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			   struct response *handshake)
{
	const struct generic *g = acc->prepared;

	if (g && (g->receives || g->reports) && proof_holds(acc, &g->proof, r, now, a))
		return VERDICT_ACCEPT;
	handshake->status = g && (g->proof.kind == PROOF_BASIC || g->proof.kind == PROOF_BEARER) ? 401 : 403;
	return VERDICT_REJECT;
}

/* ---- inbound --------------------------------------------------------------------------------------------------- */

static int64_t read_time(struct slice s)
{
	int64_t at;

	s = slice_trim(s);
	if (slice_to_int(s, &at)) {
		at = at < INT64_C(100000000000) ? at * 1000 : at;
		return at > 0 && at < INT64_C(4102444800000) ? at : 0;
	}
	return iso_wall(s, &at) ? at : 0;
}

/* Every element of an `each` list, or the whole once. Stops at the first failure. */
static enum result for_each(struct material *m, const struct source *each, const struct account *acc, int64_t now,
			    struct parsed *out, const char **why,
			    enum result (*one)(struct material *, const struct account *, int64_t,
					       struct parsed *, const char **))
{
	const struct json *list = each->kind ? json_at(m->json, each->name) : NULL;
	enum result result = OK;

	if (!each->kind)
		return one(m, acc, now, out, why);
	if (!list || list->kind != JSON_ARRAY) {
		*why = "the list named by `each` is not there";
		return INVALID;
	}
	for (size_t i = 0; i < list->n && result == OK; i++) {
		m->item = list->items[i];
		result = one(m, acc, now, out, why);
	}
	return result;
}

static enum result take_one(struct material *m, const struct account *acc, int64_t now, struct parsed *out,
			    const char **why)
{
	const struct generic *g = acc->prepared;
	struct arena *a = m->arena;
	struct message *msg;
	struct event *e;

	if (!test_holds(m, &g->inbound.when))
		return OK;
	*why = "more than 64 messages in one request";
	e = take_event(out, acc, a, EVENT_MESSAGE, now);
	if (!e)
		return INVALID;
	msg = &e->message;
	*why = "no usable sender where `inbound.from` looks";
	if (!take_addresses(msg, a, source_value(m, &g->inbound.from), source_value(m, &g->inbound.to)))
		return INVALID;
	take_text(msg, a, source_value(m, &g->inbound.text));
	msg->id = take_short(a, source_value(m, &g->inbound.id), ID_MAX_BYTES);
	msg->name = take_short(a, source_value(m, &g->inbound.name), ID_MAX_BYTES);
	msg->lang = take_short(a, source_value(m, &g->inbound.lang), 16);
	msg->button = take_short(a, source_value(m, &g->inbound.button), ID_MAX_BYTES);
	msg->reply_to = take_short(a, source_value(m, &g->inbound.reply_to), ID_MAX_BYTES);
	msg->opt_out = take_short(a, source_value(m, &g->inbound.opt_out), 16);
	msg->sent_at = read_time(source_value(m, &g->inbound.time));
	for (size_t i = 0; i < g->inbound.n_media; i++) {
		struct slice url = source_value(m, &g->inbound.media[i]);

		if (url.len)
			take_media(msg, a, url, (struct slice){0});
	}
	return OK;
}

static bool state_of(const struct generic *g, struct slice word, enum delivery_state *out)
{
	const struct {
		const struct words *words;
		enum delivery_state state;
	} table[] = {
		{&g->receipts.failed, DELIVERY_FAILED},
		{&g->receipts.delivered, DELIVERY_DELIVERED},
		{&g->receipts.read, DELIVERY_READ},
		{&g->receipts.sent, DELIVERY_SENT},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (words_hold(table[i].words, word)) {
			*out = table[i].state;
			return true;
		}
	}
	return false;
}

/* A state that `states` does not list says nothing that matters, and is acknowledged. */
static enum result report_one(struct material *m, const struct account *acc, int64_t now, struct parsed *out,
			      const char **why)
{
	const struct generic *g = acc->prepared;
	struct arena *a = m->arena;
	enum delivery_state state;
	struct receipt *r;
	struct event *e;
	int64_t at;

	if (!test_holds(m, &g->receipts.when) || !state_of(g, slice_trim(source_value(m, &g->receipts.state)), &state))
		return OK;
	*why = "more than 64 reports in one request";
	e = take_event(out, acc, a, EVENT_RECEIPT, now);
	if (!e)
		return INVALID;
	r = &e->receipt;
	r->state = state;
	r->provider_id = take_short(a, source_value(m, &g->receipts.id), ID_MAX_BYTES);
	r->code = take_short(a, source_value(m, &g->receipts.code), 64);
	r->opted_out = state == DELIVERY_FAILED && r->code.len && words_hold(&g->receipts.opted_out, r->code);
	at = read_time(source_value(m, &g->receipts.time));
	r->at = at ? at : now;
	if (!g->receipts.outbox.kind)
		r->outbox = callback_outbox(&m->query);
	else if (!slice_to_int(slice_trim(source_value(m, &g->receipts.outbox)), &r->outbox) || r->outbox < 0)
		r->outbox = 0;
	*why = "a report that names no message of ours";
	return r->outbox || r->provider_id.len ? OK : INVALID;
}

/* Which of the two a request is: by its path, else by receipts.when, else a message. */
static enum result parse_material(struct material *m, const struct account *acc, int64_t now, struct parsed *out,
				  const char **why)
{
	const struct generic *g = acc->prepared;
	bool by_path = g->reports && path_ends(m->request, arena_cstr(m->arena, g->receipts.path));
	bool by_test = g->reports && g->receipts.when.value.kind;
	bool mixed = by_test && g->receipts.each.kind; /* each element of a list is tested by itself */
	enum result result;

	if (!material_read(m, (by_path ? 0 : g->inbound_kinds) | (by_path || by_test ? g->receipt_kinds : 0), why))
		return INVALID;
	if (by_path || !g->receives || (by_test && !mixed && test_holds(m, &g->receipts.when)))
		return for_each(m, &g->receipts.each, acc, now, out, why, report_one);
	result = for_each(m, &g->inbound.each, acc, now, out, why, take_one);
	m->item = NULL;
	return mixed && result == OK ? for_each(m, &g->receipts.each, acc, now, out, why, report_one) : result;
}

static enum result parse(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			 struct parsed *out, const char **why)
{
	struct material m = {.arena = a, .request = r, .body = r->body};
	enum result result = parse_material(&m, acc, now, out, why);

	material_done(&m);
	if (result != OK)
		out->n = 0; /* all of a request or none of it */
	return result;
}

static void acknowledge(const struct account *acc, enum ack ack, const struct slice *texts, size_t n, struct arena *a,
			struct response *out)
{
	const struct generic *g = acc->prepared;

	if (ack == ACK_DONE)
		reply_with(out, g->answer.status, g->answer.type, g->answer.body);
	else
		acknowledge_by_status(acc, ack, texts, n, a, out);
}

/* ---- outbound -------------------------------------------------------------------------------------------------- */

static enum result send(const struct account *acc, const struct outgoing *m, struct slice token, int64_t now,
			struct arena *a, struct call *out)
{
	const struct generic *g = acc->prepared;
	struct slice value;

	(void)token;
	if (!g->sends || !m->to.len || m->to.len > ADDRESS_MAX_BYTES || !slice_trim(m->text).len)
		return NEVER;
	*out = (struct call){.method = g->send.method};
	if (!template_fill(&g->send.url, acc, m, now, a, &out->url) || !is_web_url(out->url) ||
	    !template_fill(&g->send.body, acc, m, now, a, &out->body))
		return NEVER;
	for (size_t i = 0; i < g->send.n_headers; i++) {
		if (!template_fill(&g->send.headers[i].value, acc, m, now, a, &value) ||
		    !call_header(out, a, g->send.headers[i].name, value))
			return NEVER;
	}
	if (g->send.has_body && !call_header(out, a, S("content-type"), g->send.type))
		return NEVER;
	if (g->send.basic) {
		out->user = account_option(acc, "username");
		out->password = account_option(acc, "password");
	}
	return OK;
}

static bool code_fits(const struct words *codes, int status, struct arena *a)
{
	return !codes->n || words_hold(codes, arena_printf(a, "%d", status));
}

/* channels.md 9: 2xx without a match is final; 429 slows; 5xx comes again; other 4xx is final. */
static enum outcome_class default_class(int status)
{
	if (status == 429)
		return OUTCOME_RATE;
	if (status >= 500)
		return OUTCOME_LATER;
	return status >= 300 && status < 400 ? OUTCOME_CONFIG : OUTCOME_NEVER;
}

static enum outcome_class judge(const struct generic *g, struct material *m, int status)
{
	bool good = g->success.codes.n ? code_fits(&g->success.codes, status, m->arena) : status >= 200 && status < 300;

	if (good && test_holds(m, &g->success.test))
		return OUTCOME_SENT;
	for (size_t i = 0; i < g->n_errors; i++) {
		if (code_fits(&g->errors[i].codes, status, m->arena) && test_holds(m, &g->errors[i].test))
			return g->errors[i].what;
	}
	return default_class(status);
}

static void outcome(const struct account *acc, const struct outgoing *m, const struct answer *ans, struct arena *a,
		    struct outcome *out)
{
	const struct generic *g = acc->prepared;
	struct material answer = {.arena = a, .body = ans->body};
	const char *why;

	(void)m;
	if (!outcome_of_transport(ans, a, out))
		return;
	/* An error page that is neither JSON nor XML is no reason to look no further. */
	material_read(&answer, g->answer_kinds & ~(1u << SOURCE_XML), &why);
	if (g->answer_kinds & 1u << SOURCE_XML)
		material_read(&answer, 1u << SOURCE_XML, &why);
	out->what = judge(g, &answer, ans->status);
	if (out->what == OUTCOME_LATER || out->what == OUTCOME_RATE)
		out->wait_ms = retry_after_ms(ans->retry_after);
	if (out->what == OUTCOME_SENT)
		out->provider_id = take_short(a, source_value(&answer, &g->success.id), ID_MAX_BYTES);
	else
		out->code = take_short(a, source_value(&answer, &g->error_code), 64);
	material_done(&answer);
	if (!out->code.len && out->what != OUTCOME_SENT)
		out->code = arena_printf(a, "%d", ans->status);
}

const struct channel generic_channel = {
	.name = "generic",
	.about = "any SMS provider with an HTTP API, described in huiyin.yaml",
	.options = options,
	.able = {.media_in = true, .sms = true, .max_text = GENERIC_TEXT_MAX, .per_second = 10},
	.private_headers = private_headers,
	.prepare = prepare,
	.verify = verify,
	.parse = parse,
	.acknowledge = acknowledge,
	.send = send,
	.outcome = outcome,
};

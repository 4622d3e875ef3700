/*
 * Twilio SMS, MMS and WhatsApp: signed form posts in, TwiML or the Messages API out, status callbacks.
 * twilio.com/docs/messaging; error codes: twilio.com/docs/api/errors. Only translates; nothing here is fatal.
 */
#include "common.h"
#include "twilio.h"

#include "huiyin/json.h"
#include "huiyin/xml.h"

#define TWIML_MAX_BYTES 65536
#define TWILIO_TEXT_MAX 1600 /* error 21617 beyond */

static const struct option options[] = {
	{"account_sid", "account SID (AC…), console.twilio.com", false, true, NULL},
	{"auth_token", "auth token: proves inbound requests, and sends unless an API key is set", true, true, NULL},
	{"api_key", "API key SID (SK…), to send with instead of the auth token", false, false, NULL},
	{"api_secret", "secret of the API key", true, false, NULL},
	{"number", "our number in E.164 form, +15551234567: the sender of what does not answer a message", false, false,
	 NULL},
	{"messaging_service", "messaging service SID (MG…), to send from instead of the number", false, false, NULL},
	{"api_url", "address of the API, for a regional endpoint or a test", false, false, "https://api.twilio.com"},
	{0},
};
static const char *const private_headers[] = {"x-twilio-signature", "authorization", NULL};
static const char *const schemes[] = {"twilio-form", "twilio-json", NULL};

static bool prepare(struct account *acc, struct arena *a, struct diags *d)
{
	size_t before = d->errors;

	(void)a;
	if (!account_option(acc, "number").len && !account_option(acc, "messaging_service").len)
		account_fault(acc, d, S("nothing to send from"), S("set `number` or `messaging_service`"));
	if (account_option(acc, "api_key").len && !account_option(acc, "api_secret").len)
		account_fault(acc, d, S("`api_key` without `api_secret`"), S("set both, or neither"));
	if (!is_web_url(account_option(acc, "api_url")))
		account_fault(acc, d, S("`api_url` is no http(s) address"),
			      S("leave it out for https://api.twilio.com"));
	return d->errors == before;
}

/* The SDK's answers: 400 without the header, 403 with a wrong one. Two headers are nobody's. */
static enum verdict verify(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			   struct response *handshake)
{
	(void)now;
	if (request_header_count(r, "x-twilio-signature") == 1 &&
	    twilio_signed(r, account_option(acc, "auth_token"), a))
		return VERDICT_ACCEPT;
	handshake->status = request_header(r, "x-twilio-signature").len ? 403 : 400;
	return VERDICT_REJECT;
}

/* ---- inbound --------------------------------------------------------------------------------------------------- */

static bool read_fields(const struct request *r, struct arena *a, struct form *out)
{
	struct json *j;

	if (slice_is(r->method, "GET"))
		return form_read(a, r->query, out);
	if (!twilio_is_json(r))
		return form_read(a, r->body, out);
	j = json_read(a, r->body, NULL);
	if (!j || j->kind != JSON_OBJECT || j->n > FORM_MAX_FIELDS)
		return false;
	*out = (struct form){j->n, ARENA_ARRAY(a, struct field, j->n + 1)};
	for (size_t i = 0; i < j->n; i++)
		out->fields[i] = (struct field){j->keys[i], json_text(j->items[i])};
	return true;
}

/* "accepted" and its like are not told: they are what we know already. */
static bool read_state(struct slice word, enum delivery_state *out)
{
	static const struct {
		const char *word;
		enum delivery_state state;
	} words[] = {
		{"sent", DELIVERY_SENT},           {"partially_delivered", DELIVERY_SENT},
		{"delivered", DELIVERY_DELIVERED}, {"read", DELIVERY_READ},
		{"undelivered", DELIVERY_FAILED},  {"failed", DELIVERY_FAILED},
		{"canceled", DELIVERY_FAILED},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_is(word, words[i].word)) {
			*out = words[i].state;
			return true;
		}
	}
	return false;
}

static enum result parse_status(const struct account *acc, const struct request *r, const struct form *f, int64_t now,
				struct arena *a, struct parsed *out, const char **why)
{
	struct slice word = form_get(f, "MessageStatus"), code = take_short(a, form_get(f, "ErrorCode"), 16);
	struct form query = {0};
	enum delivery_state state;
	struct event *e;

	word = word.len ? word : form_get(f, "SmsStatus");
	if (!word.len) {
		*why = "a status callback without MessageStatus";
		return INVALID;
	}
	if (!read_state(word, &state))
		return OK;
	e = take_event(out, acc, a, EVENT_RECEIPT, now);
	e->receipt.provider_id = take_short(a, form_get(f, "MessageSid"), ID_MAX_BYTES);
	if (form_read(a, r->query, &query))
		e->receipt.outbox = callback_outbox(&query);
	e->receipt.state = state;
	e->receipt.code = slice_is(code, "0") ? (struct slice){0} : code;
	e->receipt.opted_out = state == DELIVERY_FAILED && slice_is(code, "21610");
	e->receipt.at = now;
	if (e->receipt.provider_id.len || e->receipt.outbox)
		return OK;
	out->n--;
	*why = "a status callback without MessageSid";
	return INVALID;
}

static void parse_media(struct message *m, const struct form *f, struct arena *a)
{
	int64_t told = 0, n;

	if (!slice_to_int(form_get(f, "NumMedia"), &told) || told <= 0)
		return;
	n = told < FORM_MAX_FIELDS ? told : FORM_MAX_FIELDS;
	for (int64_t i = 0; i < n; i++) {
		struct slice url = arena_printf(a, "MediaUrl%d", (int)i);
		struct slice type = arena_printf(a, "MediaContentType%d", (int)i);

		take_media(m, a, form_get(f, arena_cstr(a, url)), form_get(f, arena_cstr(a, type)));
	}
}

static struct slice opt_out_word(struct slice type)
{
	static const char *const words[] = {"stop", "start", "help"};

	for (size_t i = 0; i < 3; i++) {
		if (slice_equal_ignoring_case(slice_trim(type), slice_of(words[i])))
			return slice_of(words[i]);
	}
	return (struct slice){0};
}

static enum result parse(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			 struct parsed *out, const char **why)
{
	struct message *m;
	struct slice id;
	struct form f;

	*why = "the body is neither a form nor a JSON object";
	if (!read_fields(r, a, &f))
		return INVALID;
	if (path_ends(r, "status") || form_has(&f, "MessageStatus"))
		return parse_status(acc, r, &f, now, a, out, why);
	m = &take_event(out, acc, a, EVENT_MESSAGE, now)->message;
	if (!take_addresses(m, a, form_get(&f, "From"), form_get(&f, "To"))) {
		out->n--;
		*why = "no usable sender (From)";
		return INVALID;
	}
	id = form_get(&f, "MessageSid");
	m->id = take_short(a, id.len ? id : form_get(&f, "SmsMessageSid"), ID_MAX_BYTES);
	take_text(m, a, form_get(&f, "Body"));
	m->button = take_short(a, form_get(&f, "ButtonPayload"), ID_MAX_BYTES);
	m->reply_to = take_short(a, form_get(&f, "OriginalRepliedMessageSid"), ID_MAX_BYTES);
	m->name = take_short(a, form_get(&f, "ProfileName"), ID_MAX_BYTES);
	m->opt_out = opt_out_word(form_get(&f, "OptOutType"));
	take_location(m, form_get(&f, "Latitude"), form_get(&f, "Longitude"));
	parse_media(m, &f, a);
	return OK;
}

/* XML 1.0 has no form for most control characters, and Twilio takes at most 1600 characters a Message. */
static void put_messages(struct buf *b, struct slice text, struct arena *a)
{
	text = utf8_repair(a, text);
	while (text.len) {
		struct slice piece = utf8_cut(text, TWILIO_TEXT_MAX);
		char *clean = arena_cstr(a, piece);

		for (size_t i = 0; i < piece.len; i++) {
			unsigned char c = (unsigned char)clean[i];

			if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
				clean[i] = ' ';
		}
		buf_add_c(b, "<Message>");
		xml_put(b, slice_make(clean, piece.len));
		buf_add_c(b, "</Message>");
		text = slice_from(text, piece.len);
	}
}

static void acknowledge(const struct account *acc, enum ack ack, const struct slice *texts, size_t n, struct arena *a,
			struct response *out)
{
	struct buf b = buf_in(a, TWIML_MAX_BYTES);

	if (ack != ACK_DONE) {
		acknowledge_by_status(acc, ack, texts, n, a, out);
		return;
	}
	buf_add_c(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response");
	buf_add_c(&b, n ? ">" : "/>");
	for (size_t i = 0; i < n; i++)
		put_messages(&b, texts[i], a);
	if (n)
		buf_add_c(&b, "</Response>");
	reply_with(out, 200, S("text/xml; charset=utf-8"), buf_slice(&b));
}

/* ---- outbound -------------------------------------------------------------------------------------------------- */

static void authenticate(const struct account *acc, struct call *out)
{
	bool key = account_option(acc, "api_key").len > 0;

	out->user = account_option(acc, key ? "api_key" : "account_sid");
	out->password = account_option(acc, key ? "api_secret" : "auth_token");
}

/* The number the citizen wrote to, else the messaging service, else our number (in WhatsApp's dress for WhatsApp). */
static void put_sender(struct buf *b, const struct account *acc, const struct outgoing *m, struct arena *a)
{
	struct slice service = account_option(acc, "messaging_service"), number = account_option(acc, "number");
	bool whatsapp = slice_begins(m->to, S("whatsapp:"));

	if (m->from.len)
		form_put(b, S("From"), m->from);
	else if (service.len)
		form_put(b, S("MessagingServiceSid"), service);
	else if (whatsapp && !slice_begins(number, S("whatsapp:")))
		form_put(b, S("From"), arena_printf(a, "whatsapp:" SLICE_FMT, SLICE_ARG(number)));
	else
		form_put(b, S("From"), number);
}

static enum result send(const struct account *acc, const struct outgoing *m, struct slice token, int64_t now,
			struct arena *a, struct call *out)
{
	struct buf body = buf_in(a, 3 * m->text.len + 4096);
	struct buf url = buf_in(a, 2 * MEDIA_URL_MAX_BYTES);

	(void)token;
	(void)now;
	if (!m->to.len || m->to.len > ADDRESS_MAX_BYTES || !slice_trim(m->text).len)
		return NEVER;
	*out = (struct call){.method = S("POST")};
	buf_add(&url, account_option(acc, "api_url"));
	buf_add_c(&url, "/2010-04-01/Accounts/");
	url_put(&url, account_option(acc, "account_sid"));
	buf_add_c(&url, "/Messages.json");
	form_put(&body, S("To"), m->to);
	put_sender(&body, acc, m, a);
	form_put(&body, S("Body"), m->text);
	form_put(&body, S("StatusCallback"), callback_url(acc, m, "status", a));
	if (body.full || url.full)
		return NEVER;
	out->url = buf_slice(&url);
	out->body = buf_slice(&body);
	authenticate(acc, out);
	call_header(out, a, S("content-type"), S("application/x-www-form-urlencoded"));
	return OK;
}

static enum outcome_class class_of_code(int64_t code, enum outcome_class otherwise)
{
	static const struct {
		int code;
		enum outcome_class what;
	} codes[] = {
		{20003, OUTCOME_CONFIG}, {20404, OUTCOME_CONFIG}, {20429, OUTCOME_RATE},    {21211, OUTCOME_NEVER},
		{21212, OUTCOME_CONFIG}, {21408, OUTCOME_CONFIG}, {21602, OUTCOME_NEVER},   {21604, OUTCOME_NEVER},
		{21606, OUTCOME_CONFIG}, {21608, OUTCOME_CONFIG}, {21610, OUTCOME_OPT_OUT}, {21611, OUTCOME_RATE},
		{21612, OUTCOME_NEVER},  {21614, OUTCOME_NEVER},  {21617, OUTCOME_SPLIT},   {21620, OUTCOME_NEVER},
		{21623, OUTCOME_NEVER},  {21656, OUTCOME_NEVER},  {21703, OUTCOME_CONFIG},  {21705, OUTCOME_CONFIG},
		{30001, OUTCOME_LATER},  {30002, OUTCOME_CONFIG}, {30003, OUTCOME_NEVER},   {30004, OUTCOME_NEVER},
		{30005, OUTCOME_NEVER},  {30006, OUTCOME_NEVER},  {30007, OUTCOME_NEVER},   {30008, OUTCOME_LATER},
		{30022, OUTCOME_RATE},   {30023, OUTCOME_RATE},   {30034, OUTCOME_CONFIG},  {30410, OUTCOME_LATER},
		{63003, OUTCOME_NEVER},  {63016, OUTCOME_WINDOW}, {63018, OUTCOME_RATE},    {63024, OUTCOME_NEVER},
		{63032, OUTCOME_NEVER},  {63038, OUTCOME_RATE},
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].code == code)
			return codes[i].what;
	}
	return otherwise;
}

static void outcome(const struct account *acc, const struct outgoing *m, const struct answer *ans, struct arena *a,
		    struct outcome *out)
{
	const struct json *j;
	struct slice code;
	int64_t number;

	(void)acc;
	(void)m;
	if (!outcome_of_transport(ans, a, out))
		return;
	j = json_read(a, ans->body, NULL);
	code = json_field(j, out->what == OUTCOME_SENT ? "error_code" : "code");
	if (slice_to_int(code, &number) && number > 0) {
		out->code = code;
		out->what = class_of_code(number, out->what == OUTCOME_SENT ? OUTCOME_NEVER : out->what);
		out->detail = arena_printf(a, "HTTP %d, Twilio error %lld", ans->status, (long long)number);
		return;
	}
	if (out->what != OUTCOME_SENT)
		return;
	out->provider_id = json_field(j, "sid");
	if (out->provider_id.len && out->provider_id.len <= ID_MAX_BYTES)
		return;
	/* Said yes, but in no words of Twilio's: it may have gone out. */
	out->provider_id = (struct slice){0};
	out->what = OUTCOME_UNSURE;
	out->detail = arena_printf(a, "HTTP %d without a message SID", ans->status);
}

/* Media want the account's credentials, but only Twilio's own hosts may ever see them. */
static bool fetch(const struct account *acc, struct slice url, struct arena *a, struct call *out)
{
	struct slice host = url_host(url), suffix = S(".twilio.com");
	bool ours;

	if (!is_web_url(url))
		return false;
	*out = (struct call){.method = S("GET"), .url = arena_copy(a, url)};
	ours = slice_begins(url, S("https://")) && host.len > suffix.len &&
	       slice_equal_ignoring_case(slice_from(host, host.len - suffix.len), suffix);
	if (ours || slice_equal_ignoring_case(url_origin(url), url_origin(account_option(acc, "api_url"))))
		authenticate(acc, out);
	return true;
}

const struct channel twilio_channel = {
	.name = "twilio",
	.about = "Twilio SMS, MMS and WhatsApp",
	.options = options,
	.able = {.inline_reply = true,
		 .media_in = true,
		 .locations = true,
		 .sms = true,
		 .max_text = TWILIO_TEXT_MAX,
		 .max_inline = 10,
		 .per_second = 10},
	.private_headers = private_headers,
	.prepare = prepare,
	.verify = verify,
	.parse = parse,
	.acknowledge = acknowledge,
	.send = send,
	.outcome = outcome,
	.fetch = fetch,
	.schemes = schemes,
};

/*
 * Kannel: smsbox calls us for each SMS (sms-service get-url or post-url) and each delivery report, we call its sendsms.
 * Kannel user guide, chapters "Setting up an SMS Service" and "Using the HTTP interface to send SMS messages". Nothing
 * is signed, so a secret in the URL or the source address is the proof. Only translates; nothing here is fatal.
 */
#include "common.h"

#include "huiyin/charset.h"
#include "huiyin/clock.h"

#define KANNEL_TEXT_MAX 670 /* ten UCS-2 parts; Kannel cuts within its `max-messages` */

static const struct option options[] = {
	{"api_url", "address of smsbox, or of its sendsms page", false, false, "http://127.0.0.1:13013"},
	{"username", "user of the sendsms-user group", false, true, NULL},
	{"password", "password of the sendsms-user group", true, true, NULL},
	{"number", "our number: the sender of what does not answer a message", false, false, NULL},
	{"smsc", "send by this smsc-id only", false, false, NULL},
	{"token", "secret that smsbox gives as token=… in get-url; letters, digits, - _ . ~", true, false, NULL},
	{"allow_ip", "addresses that smsbox may call from: 127.0.0.1, 10.0.0.0/8", false, false, NULL},
	{"dlr_mask", "which reports to ask for: 27 (delivered, failed, accepted, rejected) or 31 (buffered too)", false,
	 false, "27"},
	{"validity", "minutes after which an undelivered SMS is given up", false, false, NULL},
	{"bare_numbers", "numbers without + or 00: keep, or international (a + belongs in front)", false, false,
	 "keep"},
	{0},
};

/* Whom post-url tells of: for us, never for the log. */
static const char *const private_headers[] = {"x-kannel-from", "x-kannel-to", "x-kannel-time", "x-kannel-coding", NULL};

static bool is_url_safe(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
		      c == '_' || c == '.' || c == '~'))
			return false;
	}
	return true;
}

static bool number_within(struct slice s, int64_t low, int64_t high)
{
	int64_t n;

	return slice_to_int(s, &n) && n >= low && n <= high;
}

static bool prepare(struct account *acc, struct arena *a, struct diags *d)
{
	struct slice token = account_option(acc, "token"), allow = account_option(acc, "allow_ip");
	struct slice bare = account_option(acc, "bare_numbers"), validity = account_option(acc, "validity");
	size_t before = d->errors;

	(void)a;
	if (!token.len && !allow.len)
		account_fault(acc, d, S("anyone could post messages here"), S("set `token`, `allow_ip`, or both"));
	if (!is_url_safe(token)) /* it stands in dlr-url, where Kannel reads % as its own escape */
		account_fault(acc, d, S("`token` may hold only letters, digits and - _ . ~"), S("make a new one"));
	if (allow.len && !address_list_valid(allow))
		account_fault(acc, d, S("`allow_ip` is no list of addresses"), S("for example: 127.0.0.1, 10.0.0.0/8"));
	if (!slice_is(bare, "keep") && !slice_is(bare, "international"))
		account_fault(acc, d, S("`bare_numbers` is keep or international"), S("leave it out for keep"));
	if (!number_within(account_option(acc, "dlr_mask"), 0, 63))
		account_fault(acc, d, S("`dlr_mask` is a number from 0 to 63"), S("leave it out for 27"));
	if (validity.len && !number_within(validity, 1, 10080))
		account_fault(acc, d, S("`validity` is a number of minutes up to 10080"),
			      S("leave it out for the network's own"));
	if (!is_web_url(account_option(acc, "api_url")))
		account_fault(acc, d, S("`api_url` is no http(s) address"), S("for example: http://127.0.0.1:13013"));
	return d->errors == before;
}

static enum verdict verify(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			   struct response *handshake)
{
	struct slice token = account_option(acc, "token"), allow = account_option(acc, "allow_ip");
	struct form query;

	(void)now;
	handshake->status = 403;
	if ((!token.len && !allow.len) || !form_read(a, r->query, &query))
		return VERDICT_REJECT;
	if (token.len && !secret_equal(form_get(&query, "token"), token))
		return VERDICT_REJECT;
	if (allow.len && !address_listed(allow, r->peer))
		return VERDICT_REJECT;
	return VERDICT_ACCEPT;
}

/* ---- inbound --------------------------------------------------------------------------------------------------- */

/* The network's word on a failure. The rest of an SMPP report repeats the text of the message: never kept. */
static struct slice report_code(struct slice reply, struct arena *a)
{
	struct slice at = slice_from(reply, slice_find(reply, S("err:"))), code = {0};

	if (at.len) {
		at = slice_from(at, 4);
		slice_next(&at, ' ', &code);
		return take_short(a, code, 16);
	}
	if (slice_begins(reply, S("NACK/"))) { /* NACK/0x0000000b/Invalid Destination Address */
		at = slice_from(reply, 5);
		slice_next(&at, '/', &code);
		return take_short(a, code, 16);
	}
	return code;
}

/* dlr-mask bits: 1 delivered, 2 not delivered, 4 buffered, 8 accepted by the SMSC, 16 rejected by it, 32 under way. */
static enum result parse_report(const struct account *acc, const struct form *query, int64_t now, struct arena *a,
				struct parsed *out, const char **why)
{
	int64_t status, outbox = callback_outbox(query);
	struct event *e;

	if (!outbox || !slice_to_int(form_get(query, "st"), &status)) {
		*why = "a delivery report without o= or st=";
		return INVALID;
	}
	if (status != 1 && status != 2 && status != 4 && status != 8 && status != 16)
		return OK;
	e = take_event(out, acc, a, EVENT_RECEIPT, now);
	e->receipt.outbox = outbox;
	e->receipt.at = now;
	e->receipt.state = status == 1 ? DELIVERY_DELIVERED : status & (2 | 16) ? DELIVERY_FAILED : DELIVERY_SENT;
	if (e->receipt.state == DELIVERY_FAILED)
		e->receipt.code = report_code(form_get(query, "smsc"), a);
	return OK;
}

/* `charset="UTF-16BE"` out of a Content-Type. */
static struct slice type_charset(struct slice type)
{
	size_t at = slice_find(type, S("charset="));
	struct slice rest = slice_from(type, at == type.len ? at : at + 8), value = {0};

	slice_next(&rest, ';', &value);
	value = slice_trim(value);
	if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
		value = slice_make(value.data + 1, value.len - 2);
	return value;
}

/* `charset` is Kannel's %C, `coding` its %c. Without a usable name: UCS-2 by the coding, UTF-8 if it is, else Western.
 */
static struct slice decode_text(struct slice raw, struct slice charset, struct slice coding, struct arena *a)
{
	enum charset set;

	if (!charset_find(charset, &set)) {
		set = utf8_valid(raw) ? CHARSET_UTF8 : CHARSET_CP1252;
		if (slice_is(coding, "2"))
			set = CHARSET_UTF16BE;
	}
	return charset_decode(a, set, raw);
}

/* "2026-11-21 04:13:25", in UTC, of post-url's X-Kannel-Time; or the seconds of %T. 0: neither. */
static int64_t read_time(struct slice s)
{
	int64_t n[6], days;
	static const struct {
		uint8_t at, len;
	} part[6] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}};

	if (slice_to_int(s, &n[0]))
		return n[0] > 0 && n[0] < INT64_C(4102444800) ? n[0] * 1000 : 0;
	if (s.len < 16)
		return 0;
	for (size_t i = 0; i < 6; i++) {
		n[i] = 0;
		if (s.len >= (size_t)part[i].at + part[i].len &&
		    (!slice_to_int(slice_make(s.data + part[i].at, part[i].len), &n[i]) || n[i] < 0))
			return 0;
	}
	if (n[1] < 1 || n[1] > 12 || n[2] < 1 || n[2] > 31 || n[3] > 23 || n[4] > 59 || n[5] > 60)
		return 0;
	days = civil_days((int)n[0], (int)n[1], (int)n[2]);
	return (((days * 24 + n[3]) * 60 + n[4]) * 60 + n[5]) * 1000;
}

static struct slice international(const struct account *acc, struct slice number, struct arena *a)
{
	if (!slice_is(account_option(acc, "bare_numbers"), "international") || number.len < 8)
		return number;
	for (size_t i = 0; i < number.len; i++) {
		if (number.data[i] < '0' || number.data[i] > '9')
			return number;
	}
	return arena_printf(a, "+" SLICE_FMT, SLICE_ARG(number));
}

static struct slice either(struct slice first, struct slice second)
{
	return first.len ? first : second;
}

/* get-url: all in the query. post-url: the text is the body, the rest in headers (and what its query repeats). */
static enum result parse_sms(const struct account *acc, const struct request *r, const struct form *query, int64_t now,
			     struct arena *a, struct parsed *out, const char **why)
{
	bool in_body = slice_is(r->method, "POST") && !form_has(query, "text");
	struct slice charset = form_get(query, "charset"), coding = form_get(query, "coding");
	struct message *m;

	if (!in_body && !form_has(query, "text")) {
		*why = "no text= in the query: see get-url in docs/channels.md";
		return INVALID;
	}
	m = &take_event(out, acc, a, EVENT_MESSAGE, now)->message;
	if (!take_addresses(m, a, either(form_get(query, "from"), request_header(r, "x-kannel-from")),
			    either(form_get(query, "to"), request_header(r, "x-kannel-to")))) {
		out->n--;
		*why = "no usable sender (from=)";
		return INVALID;
	}
	m->from = international(acc, m->from, a);
	m->to = international(acc, m->to, a);
	if (in_body) {
		charset = either(charset, type_charset(request_header(r, "content-type")));
		coding = either(coding, request_header(r, "x-kannel-coding"));
	}
	m->id = take_short(a, form_get(query, "id"), ID_MAX_BYTES);
	m->sent_at = read_time(either(form_get(query, "ts"), request_header(r, "x-kannel-time")));
	take_text(m, a, decode_text(in_body ? r->body : form_get(query, "text"), charset, coding, a));
	return OK;
}

static enum result parse(const struct account *acc, const struct request *r, int64_t now, struct arena *a,
			 struct parsed *out, const char **why)
{
	struct form query;

	if (!form_read(a, r->query, &query)) {
		*why = "the query has too many fields";
		return INVALID;
	}
	if (path_ends(r, "dlr"))
		return parse_report(acc, &query, now, a, out, why);
	return parse_sms(acc, r, &query, now, a, out, why);
}

/* ---- outbound -------------------------------------------------------------------------------------------------- */

static bool is_number(struct slice s)
{
	size_t from = slice_begins(s, S("+")) ? 1 : 0;

	for (size_t i = from; i < s.len; i++) {
		if (s.data[i] < '0' || s.data[i] > '9')
			return false;
	}
	return s.len > from && s.len <= 24;
}

static void put_url(struct buf *b, const struct account *acc)
{
	struct slice base = account_option(acc, "api_url");

	if (slice_ends(base, S("/")))
		base.len--;
	buf_add(b, base);
	if (url_origin(base).len == base.len)
		buf_add_c(b, "/cgi-bin/sendsms");
	buf_add_char(b, slice_find(base, S("?")) < base.len ? '&' : '?');
}

/* %d and %A are for Kannel to fill in; the whole value is percent-encoded once more by form_put. */
static struct slice report_url(const struct account *acc, const struct outgoing *m, struct arena *a)
{
	struct slice url = callback_url(acc, m, "dlr", a), token = account_option(acc, "token");

	return arena_printf(a, SLICE_FMT "&st=%%d&smsc=%%A%s" SLICE_FMT, SLICE_ARG(url), token.len ? "&token=" : "",
			    SLICE_ARG(token));
}

static void put_if_set(struct buf *b, const char *name, struct slice value)
{
	if (value.len)
		form_put(b, slice_of(name), value);
}

static enum result send(const struct account *acc, const struct outgoing *m, struct slice token, int64_t now,
			struct arena *a, struct call *out)
{
	struct slice text = utf8_repair(a, m->text), mask = account_option(acc, "dlr_mask");
	struct buf url = buf_in(a, 12 * text.len + 8192), q = buf_in(a, 12 * text.len + 4096);
	bool gsm = gsm_fits(text);

	(void)token;
	(void)now;
	if (!is_number(m->to) || !slice_trim(text).len)
		return NEVER;
	form_put(&q, S("username"), account_option(acc, "username"));
	form_put(&q, S("password"), account_option(acc, "password"));
	put_if_set(&q, "from", either(m->from, account_option(acc, "number")));
	form_put(&q, S("to"), m->to);
	/* Without a charset, coding 2 means UTF-16BE; builds without iconv refuse to be told so. */
	form_put(&q, S("coding"), gsm ? S("0") : S("2"));
	put_if_set(&q, "charset", gsm ? S("UTF-8") : (struct slice){0});
	form_put(&q, S("text"), gsm ? text : utf16be_encode(a, text));
	put_if_set(&q, "smsc", account_option(acc, "smsc"));
	put_if_set(&q, "validity", account_option(acc, "validity"));
	if (!slice_is(mask, "0")) {
		form_put(&q, S("dlr-mask"), mask);
		form_put(&q, S("dlr-url"), report_url(acc, m, a));
	}
	put_url(&url, acc);
	buf_add(&url, buf_slice(&q));
	if (q.full || url.full)
		return NEVER;
	*out = (struct call){.method = S("GET"), .url = buf_slice(&url)};
	return OK;
}

/* 202 "0: Accepted for delivery" or "3: Queued for later delivery"; no message id is ever given. */
static void outcome(const struct account *acc, const struct outgoing *m, const struct answer *ans, struct arena *a,
		    struct outcome *out)
{
	struct slice body = slice_trim(ans->body);

	(void)acc;
	(void)m;
	if (!outcome_of_transport(ans, a, out))
		return;
	if (out->what == OUTCOME_SENT && ans->status != 202 && !slice_begins(body, S("0:")) &&
	    !slice_begins(body, S("3:"))) {
		out->what = OUTCOME_UNSURE;
		out->detail = arena_printf(a, "HTTP %d, but not in Kannel's words", ans->status);
	}
	/* 403 is a wrong password, but also a receiver on a black list. */
	if (ans->status == 403 && slice_find(body, S("denied")) < body.len)
		out->what = OUTCOME_NEVER;
	if (out->what != OUTCOME_SENT)
		out->code = arena_printf(a, "%d", ans->status);
}

const struct channel kannel_channel = {
	.name = "kannel",
	.about = "SMS by one's own Kannel",
	.options = options,
	.able = {.sms = true, .max_text = KANNEL_TEXT_MAX, .per_second = 10},
	.private_headers = private_headers,
	.prepare = prepare,
	.verify = verify,
	.parse = parse,
	.acknowledge = acknowledge_by_status, /* whatever stood in the body would be sent back as an SMS */
	.send = send,
	.outcome = outcome,
};

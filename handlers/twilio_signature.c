/*
 * X-Twilio-Signature: base64(HMAC-SHA1(auth token, URL + name + value of each form parameter)), after
 * twilio.com/docs/usage/webhooks/webhooks-security and the Node SDK, which tries the URL in several spellings because
 * Twilio's own servers are not of one mind about ports and percent signs. Every spelling tried here needs the token, so
 * trying more of them weakens nothing. Compared in constant time; nothing here is fatal.
 */
#include "twilio.h"

#include <stdlib.h>
#include <string.h>

#define SIGNATURE_BASE64_BYTES 28 /* of 20 bytes SHA-1 */

bool twilio_is_json(const struct request *r)
{
	struct slice type = request_header(r, "content-type"), kind;
	struct slice rest = type;

	if (!slice_next(&rest, ';', &kind))
		return false;
	return slice_equal_ignoring_case(slice_trim(kind), S("application/json"));
}

/* ---- the parameters -------------------------------------------------------------------------------------------- */

/* UTF-16 code-unit order, as JavaScript sorts: what is beyond U+FFFF (F0… in UTF-8) comes before EE… and EF…. */
static int compare_units(struct slice x, struct slice y)
{
	size_t n = x.len < y.len ? x.len : y.len;

	for (size_t i = 0; i < n; i++) {
		unsigned char p = (unsigned char)x.data[i], q = (unsigned char)y.data[i];

		if (p == q)
			continue;
		if (p >= 0xEE && q >= 0xEE && (p >= 0xF0) != (q >= 0xF0))
			return p >= 0xF0 ? -1 : 1;
		return p < q ? -1 : 1;
	}
	return (x.len > y.len) - (x.len < y.len);
}

static int compare_fields(const void *x, const void *y)
{
	const struct field *p = x, *q = y;
	int order = compare_units(p->name, q->name);

	return order ? order : compare_units(p->value, q->value);
}

/* JavaScript has no broken UTF-8: what cannot be decoded was signed as U+FFFD. A NUL it has, which our texts have not.
 */
static struct slice as_signed(struct slice s, struct arena *a)
{
	struct buf b = {0};
	size_t len;

	if (utf8_valid(s))
		return s;
	b = buf_in(a, 3 * s.len + 1);
	for (; s.len; s = slice_from(s, len + 1)) {
		const char *nul = memchr(s.data, 0, s.len);

		len = nul ? (size_t)(nul - s.data) : s.len;
		buf_add(&b, utf8_repair(a, slice_make(s.data, len)));
		if (nul)
			buf_add_char(&b, 0);
	}
	return buf_slice(&b);
}

/* Names in order; of a repeated name each distinct value once, in order, with the name in front of each. */
static bool signed_parameters(const struct request *r, struct arena *a, struct buf *out)
{
	struct form form;

	if (!form_read(a, r->body, &form))
		return false;
	for (size_t i = 0; i < form.n; i++)
		form.fields[i] = (struct field){as_signed(form.fields[i].name, a), as_signed(form.fields[i].value, a)};
	if (form.n)
		qsort(form.fields, form.n, sizeof(form.fields[0]), compare_fields);
	for (size_t i = 0; i < form.n; i++) {
		if (i && compare_fields(&form.fields[i], &form.fields[i - 1]) == 0)
			continue;
		buf_add(out, form.fields[i].name);
		buf_add(out, form.fields[i].value);
	}
	return !out->full;
}

/* ---- the URL --------------------------------------------------------------------------------------------------- */

/* A URL in its parts; `tail` is path and query. */
struct parts {
	struct slice scheme, host, port, path, query;
	bool has_query;
};

static bool split_url(struct slice url, struct parts *p)
{
	size_t at = slice_find(url, S("://")), colon;
	struct slice rest, host;

	*p = (struct parts){0};
	if (at == url.len)
		return false;
	p->scheme = slice_make(url.data, at);
	rest = slice_from(url, at + 3);
	rest.len = slice_find(rest, S("#")); /* a fragment holds Twilio's own settings and is never signed */
	for (at = 0; at < rest.len && rest.data[at] != '/' && rest.data[at] != '?'; at++)
		;
	host = slice_make(rest.data, at);
	rest = slice_from(rest, at);
	for (colon = host.len; colon && host.data[colon - 1] >= '0' && host.data[colon - 1] <= '9'; colon--)
		;
	p->host = host;
	if (colon && host.data[colon - 1] == ':') {
		p->host.len = colon - 1;
		p->port = slice_from(host, colon);
	}
	at = slice_find(rest, S("?"));
	p->has_query = at < rest.len;
	p->path = at ? slice_make(rest.data, at) : S("/");
	p->query = slice_from(rest, at + 1);
	return p->host.len > 0;
}

static void put_encoded(struct buf *b, unsigned char c)
{
	buf_printf(b, "%%%02X", c);
}

/* The WHATWG URL parser's sets of what a path and a query cannot hold as it is. */
static void put_normal(struct buf *b, struct slice s, const char *also)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if (c <= 0x20 || c >= 0x7F || strchr(also, c))
			put_encoded(b, c);
		else
			buf_add_char(b, (char)c);
	}
}

/* What Node's querystring.stringify leaves alone. */
static void put_component(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.data[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c && strchr("-_.!~*'()", c)))
			buf_add_char(b, (char)c);
		else
			put_encoded(b, c);
	}
}

/* Decoded and encoded again: "+" becomes "%20", needless escapes go, values of one name stand together. */
static bool put_reencoded(struct buf *b, struct slice query, struct arena *a)
{
	struct form form;
	bool first = true;

	if (!form_read(a, query, &form))
		return false;
	for (size_t i = 0; i < form.n; i++) {
		bool seen = false;

		for (size_t j = 0; j < i && !seen; j++)
			seen = slice_equal(form.fields[j].name, form.fields[i].name);
		for (size_t j = i; j < form.n && !seen; j++) {
			if (!slice_equal(form.fields[j].name, form.fields[i].name))
				continue;
			if (!first)
				buf_add_char(b, '&');
			first = false;
			put_component(b, form.fields[j].name);
			buf_add_char(b, '=');
			put_component(b, form.fields[j].value);
		}
	}
	return true;
}

static void put_lower(struct buf *b, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		buf_add_char(b, (char)(s.data[i] >= 'A' && s.data[i] <= 'Z' ? s.data[i] + 32 : s.data[i]));
}

enum spelling { AS_GIVEN, NORMAL, REENCODED, SPELLINGS };

static bool put_url(struct buf *b, const struct parts *p, enum spelling how, bool with_port, struct arena *a)
{
	bool https = slice_equal_ignoring_case(p->scheme, S("https"));

	(how == AS_GIVEN ? buf_add : put_lower)(b, p->scheme);
	buf_add_c(b, "://");
	(how == AS_GIVEN ? buf_add : put_lower)(b, p->host);
	if (with_port) {
		buf_add_char(b, ':');
		buf_add(b, p->port.len ? p->port : https ? S("443") : S("80"));
	}
	if (how == AS_GIVEN)
		buf_add(b, p->path);
	else
		put_normal(b, p->path, "\"#<>?`{}");
	if (p->has_query && (p->query.len || how == AS_GIVEN))
		buf_add_char(b, '?');
	if (how == AS_GIVEN)
		buf_add(b, p->query);
	else if (how == NORMAL)
		put_normal(b, p->query, "\"#<>'");
	else
		return put_reencoded(b, p->query, a);
	return true;
}

/* ---- the verdict ----------------------------------------------------------------------------------------------- */

static bool signature_fits(struct slice given, struct slice token, struct slice url, struct slice parameters,
			   struct arena *a)
{
	const struct slice signed_parts[] = {url, parameters};
	uint8_t mac[DIGEST_MAX_BYTES];

	hmac_of(SHA1, token, signed_parts, 2, mac);
	return secret_equal(base64_encode(a, slice_make((char *)mac, digest_size(SHA1))), given);
}

static bool body_hash_fits(const struct request *r, struct slice query, struct arena *a)
{
	uint8_t hash[DIGEST_MAX_BYTES];
	struct form form;

	if (!form_read(a, query, &form))
		return false;
	digest_of(SHA256, &r->body, 1, hash);
	return secret_equal(hex_encode(a, slice_make((char *)hash, digest_size(SHA256))),
			    form_get(&form, "bodySHA256"));
}

/* The public URL with its query, whether or not the server put the query there already. */
static struct slice whole_url(const struct request *r, struct arena *a)
{
	if (!r->query.len || slice_find(r->url, S("?")) < r->url.len)
		return r->url;
	return arena_printf(a, SLICE_FMT "?" SLICE_FMT, SLICE_ARG(r->url), SLICE_ARG(r->query));
}

/* An honest request fits at the first or second spelling; a forged one costs at most six HMACs of its own size. */
static bool some_url_fits(const struct parts *p, struct slice given, struct slice token, struct slice parameters,
			  struct arena *a)
{
	size_t room = 3 * (p->path.len + p->query.len) + 2 * (p->host.len + p->scheme.len) + FORM_MAX_FIELDS + 32;
	struct slice tried[2 * SPELLINGS];
	size_t n = 0;

	for (int i = 0; i < 2 * SPELLINGS; i++) {
		bool with_port = (i % 2 != 0) != (p->port.len > 0); /* first as the configured URL has it */
		struct buf url = buf_in(a, room);
		size_t same = 0;

		if (!put_url(&url, p, (enum spelling)(i / 2), with_port, a) || url.full)
			continue;
		tried[n] = buf_slice(&url);
		while (!slice_equal(tried[same], tried[n]))
			same++;
		if (same == n && signature_fits(given, token, tried[n++], parameters, a))
			return true;
	}
	return false;
}

bool twilio_signed(const struct request *r, struct slice token, struct arena *a)
{
	struct slice given = request_header(r, "x-twilio-signature"), none = {0};
	struct buf parameters = buf_in(a, 3 * r->body.len + 1);
	struct parts p;

	if (given.len != SIGNATURE_BASE64_BYTES || !token.len || !split_url(whole_url(r, a), &p))
		return false;
	if (slice_is(r->method, "GET"))
		return some_url_fits(&p, given, token, none, a);
	if (!twilio_is_json(r) && signed_parameters(r, a, &parameters) &&
	    some_url_fits(&p, given, token, buf_slice(&parameters), a))
		return true;
	return body_hash_fits(r, p.query, a) && some_url_fits(&p, given, token, none, a);
}

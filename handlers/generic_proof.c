/*
 * How a provider of the generic gateway proves that a request is its own: one of basic auth, bearer, a header that
 * equals a secret, an HMAC, or its source addresses; `allow_ip` may stand beside any. Secrets are compared in constant
 * time.
 */
#include "generic.h"

#include <stdlib.h>

#include "huiyin/clock.h"

#define WINDOW_DEFAULT_MS (300 * INT64_C(1000)) /* channels.md, rule 7 */

static enum proof_kind kind_of(struct slice word)
{
	static const char *const kinds[] = {"", "addresses", "basic", "bearer", "header", "hmac"};

	for (size_t i = 1; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (slice_is(word, kinds[i]))
			return (enum proof_kind)i;
	}
	return PROOF_NONE;
}

static struct slice lower_name(struct slice s, struct arena *a)
{
	char *p = arena_cstr(a, s);

	for (size_t i = 0; i < s.len; i++)
		p[i] = (char)(p[i] >= 'A' && p[i] <= 'Z' ? p[i] + 32 : p[i]);
	return slice_make(p, s.len);
}

static void read_hmac(struct proof *p, const struct yaml *y, struct diags *d, struct arena *a)
{
	struct slice digest = yaml_text(d, y, "digest", S("sha256")), coding = yaml_text(d, y, "encoding", S("hex"));
	struct slice over = yaml_text(d, y, "over", S("body"));

	p->digest = slice_is(digest, "sha1") ? SHA1 : slice_is(digest, "sha512") ? SHA512 : SHA256;
	if (p->digest == SHA256 && !slice_is(digest, "sha256"))
		yaml_error(d, yaml_get(y, "digest"), S("unknown digest"), S("sha1, sha256 or sha512"));
	p->base64 = slice_is(coding, "base64");
	if (!p->base64 && !slice_is(coding, "hex"))
		yaml_error(d, yaml_get(y, "encoding"), S("unknown encoding"), S("hex or base64"));
	p->with_time = slice_is(over, "timestamp.body");
	if (!p->with_time && !slice_is(over, "body"))
		yaml_error(d, yaml_get(y, "over"), S("unknown order of what is signed"), S("body or timestamp.body"));
	p->prefix = yaml_text(d, y, "prefix", (struct slice){0});
	p->timestamp_header = lower_name(yaml_text(d, y, "timestamp_header", (struct slice){0}), a);
	if (p->with_time && !p->timestamp_header.len)
		yaml_error(d, y, S("timestamp.body needs a `timestamp_header`"),
			   S("name the header that carries the time"));
	p->window_ms = p->timestamp_header.len ? yaml_duration(d, y, "window", WINDOW_DEFAULT_MS) : 0;
}

bool proof_read(struct account *acc, struct proof *p, struct diags *d, struct arena *a)
{
	static const char *const keys[] = {"kind", "header", "digest",           "encoding",
					   "over", "prefix", "timestamp_header", "window"};
	const struct yaml *y = yaml_get(acc->section, "proof");
	struct slice secret = account_option(acc, "proof_secret"), allow = account_option(acc, "allow_ip");
	size_t before = d->errors;

	if (allow.len && !address_list_valid(allow))
		account_fault(acc, d, S("`allow_ip` is no list of addresses"), S("for example: 192.0.2.7, 10.0.0.0/8"));
	p->kind = allow.len ? PROOF_ADDRESSES : PROOF_NONE;
	if (!y)
		return d->errors == before;
	yaml_only(d, y, keys, sizeof(keys) / sizeof(keys[0]));
	p->kind = kind_of(yaml_text(d, y, "kind", (struct slice){0}));
	p->header = lower_name(yaml_text(d, y, "header", (struct slice){0}), a);
	if (!p->kind)
		yaml_error(d, y, S("unknown kind of proof"), S("kind: basic, bearer, header, hmac or addresses"));
	if (p->kind == PROOF_ADDRESSES && !allow.len)
		yaml_error(d, y, S("no addresses are given"), S("set `allow_ip`"));
	if (p->kind > PROOF_ADDRESSES && secret.len < 8)
		yaml_error(d, y, S("this proof needs a secret of 8 characters or more"), S("set `proof_secret`"));
	if (p->kind == PROOF_BASIC && !account_option(acc, "proof_user").len)
		yaml_error(d, y, S("basic auth needs a user"), S("set `proof_user`"));
	if ((p->kind == PROOF_HEADER || p->kind == PROOF_HMAC) && !p->header.len)
		yaml_error(d, y, S("which header carries the proof?"), S("header: X-Signature"));
	if (p->kind == PROOF_HMAC)
		read_hmac(p, y, d, a);
	return d->errors == before;
}

/* ---- judging --------------------------------------------------------------------------------------------------- */

/* The one header of that name; several are nobody's. */
static bool single(const struct request *r, struct slice name, struct arena *a, struct slice *value)
{
	const char *c = arena_cstr(a, name);

	*value = request_header(r, c);
	return request_header_count(r, c) == 1 && value->len;
}

/* "Basic …" or "Bearer …": the scheme's name in any case, the rest as it is. */
static bool authorization(const struct request *r, struct slice scheme, struct arena *a, struct slice *rest)
{
	struct slice value;

	if (!single(r, S("authorization"), a, &value) || value.len <= scheme.len || value.data[scheme.len] != ' ' ||
	    !slice_equal_ignoring_case(slice_make(value.data, scheme.len), scheme))
		return false;
	*rest = slice_trim(slice_from(value, scheme.len));
	return true;
}

static bool basic_holds(const struct account *acc, const struct request *r, struct arena *a)
{
	struct slice coded, given, user = account_option(acc, "proof_user"),
				   secret = account_option(acc, "proof_secret");

	return authorization(r, S("Basic"), a, &coded) && base64_decode(a, coded, &given) &&
	       secret_equal(given, arena_printf(a, SLICE_FMT ":" SLICE_FMT, SLICE_ARG(user), SLICE_ARG(secret)));
}

/* Seconds or milliseconds since 1970, or ISO 8601, no further from now than the window, either way. */
static bool is_fresh(struct slice time, int64_t window_ms, int64_t now)
{
	int64_t at;

	if (slice_to_int(time, &at)) {
		if (at < 0 || at > INT64_C(9999999999999))
			return false;
		at = at < INT64_C(100000000000) ? at * 1000 : at;
	} else if (!iso_wall(time, &at)) {
		return false;
	}
	return at - now <= window_ms && now - at <= window_ms;
}

static bool hmac_holds(const struct account *acc, const struct proof *p, const struct request *r, int64_t now,
		       struct arena *a)
{
	struct slice given, time = {0}, raw, text;
	uint8_t mac[DIGEST_MAX_BYTES];
	struct slice parts[3] = {{0}, {0}, r->body};

	if (!single(r, p->header, a, &given) || !slice_begins(given, p->prefix))
		return false;
	given = slice_from(given, p->prefix.len);
	if (p->timestamp_header.len &&
	    (!single(r, p->timestamp_header, a, &time) || !is_fresh(time, p->window_ms, now)))
		return false;
	if (p->with_time) {
		parts[0] = time;
		parts[1] = S(".");
	}
	hmac_of(p->digest, account_option(acc, "proof_secret"), parts, 3, mac);
	raw = slice_make((char *)mac, digest_size(p->digest));
	text = p->base64 ? base64_encode(a, raw) : hex_encode(a, raw);
	return secret_equal(text, p->base64 ? given : lower_name(given, a));
}

bool proof_holds(const struct account *acc, const struct proof *p, const struct request *r, int64_t now,
		 struct arena *a)
{
	struct slice allow = account_option(acc, "allow_ip"), given;

	if (allow.len && !address_listed(allow, r->peer))
		return false;
	switch (p->kind) {
	case PROOF_ADDRESSES:
		return allow.len > 0;
	case PROOF_BASIC:
		return basic_holds(acc, r, a);
	case PROOF_BEARER:
		return authorization(r, S("Bearer"), a, &given) &&
		       secret_equal(given, account_option(acc, "proof_secret"));
	case PROOF_HEADER:
		return single(r, p->header, a, &given) && secret_equal(given, account_option(acc, "proof_secret"));
	case PROOF_HMAC:
		return hmac_holds(acc, p, r, now, a);
	case PROOF_NONE:
		break;
	}
	return false;
}

/*
 * vectors FILE.json…: runs signature and segmentation vectors through the handlers the server uses. A file is
 * {channel, vectors: […]}; each vector is read on its own, so one broken vector fails alone. Prints a line each and
 * ends with "N passed, N failed, N skipped"; exit 1 if any failed. Skipped: schemes that no channel here answers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery/segment.h"
#include "huiyin/channel.h"
#include "huiyin/json.h"
#include "huiyin/secret.h"

#define FILE_MAX_BYTES ((size_t)64 << 20)
#define GSM_SINGLE     160
#define GSM_PART       153
#define UCS2_SINGLE    70
#define UCS2_PART      67

struct tally {
	size_t passed, failed, skipped;
};
enum fate { PASSED, FAILED, SKIPPED };

/* What surrounds a vector: the file's own settings. */
struct file {
	const char *path;
	struct slice channel;
};

static void report(struct tally *t, enum fate fate, struct slice channel, struct slice id, struct slice why)
{
	static const char *const words[] = {"ok", "FAIL", "skip"};

	printf("%s " SLICE_FMT " " SLICE_FMT "%s" SLICE_FMT "\n", words[fate], SLICE_ARG(channel), SLICE_ARG(id),
	       why.len ? ": " : "", SLICE_ARG(why));
	t->passed += fate == PASSED;
	t->failed += fate == FAILED;
	t->skipped += fate == SKIPPED;
}

/* ---- finding the vectors in the text ---------------------------------------------------------------------------- */

static size_t skip_space(struct slice s, size_t at)
{
	while (at < s.len && memchr(" \t\r\n", s.data[at], 4))
		at++;
	return at;
}

/* Behind the JSON value that begins at `at` (which is not judged further than its brackets and quotes); 0: no end. */
static size_t value_end(struct slice s, size_t at)
{
	bool quoted = false;
	size_t depth = 0;

	for (; at < s.len; at++) {
		char c = s.data[at];

		if (quoted) {
			at += c == '\\';
			quoted = c != '"';
			if (!quoted && !depth)
				return at + 1;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '{' || c == '[') {
			depth++;
		} else if (c == '}' || c == ']') {
			if (!depth)
				return at;
			if (!--depth)
				return at + 1;
		} else if (!depth && (c == ',' || memchr(" \t\r\n", c, 4))) {
			return at;
		}
	}
	return 0;
}

/* The next element of a list or member of an object: its key (objects) and its value, *at behind it. False: the end
   ("why" empty) or a fault. */
static bool next_part(struct slice s, size_t *at, bool object, struct slice *key, struct slice *value, const char **why)
{
	size_t end, from = skip_space(s, *at);

	if (from < s.len && s.data[from] == ',')
		from = skip_space(s, from + 1);
	*why = "the JSON text breaks off";
	if (from >= s.len)
		return false;
	if (s.data[from] == (object ? '}' : ']')) {
		*why = NULL;
		*at = from + 1;
		return false;
	}
	if (object) {
		end = value_end(s, from);
		if (s.data[from] != '"' || !end) {
			*why = "a member of the file has no name";
			return false;
		}
		*key = slice_make(s.data + from + 1, end - from - 2);
		from = skip_space(s, end);
		if (from >= s.len || s.data[from] != ':')
			return false;
		from = skip_space(s, from + 1);
	}
	end = from < s.len ? value_end(s, from) : 0;
	if (end <= from)
		return false;
	*value = slice_make(s.data + from, end - from);
	*at = end;
	*why = NULL;
	return true;
}

/* ---- segments --------------------------------------------------------------------------------------------------- */

static bool count_allowed(const struct json *v, int64_t parts)
{
	const struct json *list = json_get(v, "segments_any_of"), *one = json_get(v, "segments");
	int64_t n;

	if (one && slice_to_int(json_text(one), &n))
		return n == parts;
	for (size_t i = 0; list && i < list->n; i++) {
		if (slice_to_int(json_text(list->items[i]), &n) && n == parts)
			return true;
	}
	return false;
}

static bool parts_sound(struct slice text, bool ucs2, struct arena *a)
{
	size_t n, at = 0;
	struct slice *parts = segment_parts(a, text, &n);

	for (size_t i = 0; i < n; i++) {
		struct segments s = segment_count(parts[i]);
		size_t units = s.units,
		       room = n == 1 ? (ucs2 ? UCS2_SINGLE : GSM_SINGLE) : (ucs2 ? UCS2_PART : GSM_PART);

		if (ucs2) { /* a part by itself may be plain GSM: count it as it travels */
			units = 0;
			for (size_t k = 0, p; (p = k) < parts[i].len; units += k - p == 4 ? 2 : 1)
				utf8_next(parts[i], &k);
		}
		if (units > room || !parts[i].len || parts[i].data != text.data + at || !utf8_valid(parts[i]))
			return false;
		at += parts[i].len;
	}
	return at == text.len;
}

static enum fate run_segments(const struct json *v, struct arena *a, struct slice *why)
{
	const struct json *text = json_get(v, "text");
	struct slice encoding = json_field(v, "encoding");
	struct segments s;
	int64_t units;

	if (!text || text->kind != JSON_STRING) {
		*why = S("no text");
		return FAILED;
	}
	if (!json_get(v, "segments") && !json_get(v, "segments_any_of")) {
		*why = S("neither segments nor segments_any_of");
		return FAILED;
	}
	s = segment_count(text->text);
	if (encoding.len && slice_is(encoding, "UCS-2") != s.ucs2)
		*why = arena_printf(a, "encoding %s", s.ucs2 ? "UCS-2" : "GSM-7");
	else if (slice_to_int(json_field(v, "units"), &units) && units != (int64_t)s.units)
		*why = arena_printf(a, "%zu units, not %lld", s.units, (long long)units);
	else if (!count_allowed(v, (int64_t)s.parts))
		*why = arena_printf(a, "%zu parts", s.parts);
	else if (!parts_sound(text->text, s.ucs2, a))
		*why = S("a part is too long, or the parts joined are not the text");
	return why->len ? FAILED : PASSED;
}

/* ---- signatures ------------------------------------------------------------------------------------------------- */

static const struct channel *channel_of(struct slice scheme, struct slice name)
{
	for (size_t i = 0; channels[i]; i++) {
		for (size_t k = 0; channels[i]->schemes && channels[i]->schemes[k]; k++) {
			if (slice_is(scheme, channels[i]->schemes[k]))
				return channels[i];
		}
	}
	return scheme.len ? NULL : channel_find(name);
}

static struct slice text_of(const struct json *j, struct arena *a)
{
	struct buf b;

	if (!j || j->kind == JSON_NULL)
		return (struct slice){0};
	if (j->kind == JSON_STRING || j->kind == JSON_NUMBER)
		return json_text(j);
	b = buf_in(a, FILE_MAX_BYTES);
	json_put(&b, j);
	return buf_slice(&b);
}

/* Options take what secrets, policy or options name; a policy's "max_skew_s" also means the option "max_skew". */
static struct account *account_for(const struct channel *c, const struct json *v, struct slice public_url,
				   bool *policy_known, struct arena *a)
{
	static const char *const sources[] = {"secrets", "options", "policy"};
	struct account *acc = ARENA_NEW(a, struct account);
	size_t n = 0;

	while (c->options && c->options[n].name)
		n++;
	acc->channel = c;
	acc->name = S("vector");
	acc->signature = SIGNATURE_ENFORCE;
	acc->public_url = public_url;
	acc->values = ARENA_ARRAY(a, struct slice, n + 1);
	*policy_known = true;
	for (size_t s = 0; s < 3; s++) {
		const struct json *from = json_get(v, sources[s]);

		for (size_t k = 0; from && from->kind == JSON_OBJECT && k < from->n; k++) {
			struct slice key = from->keys[k];
			bool known = false;

			for (size_t i = 0; i < n; i++) {
				struct slice name = slice_of(c->options[i].name);

				if (!slice_equal(key, name) &&
				    !slice_equal(key, arena_printf(a, SLICE_FMT "_s", SLICE_ARG(name))))
					continue;
				acc->values[i] = text_of(from->items[k], a);
				known = true;
			}
			*policy_known &= known || s != 2;
		}
	}
	for (size_t i = 0; i < n; i++) { /* an account has a number and ids, which no signature depends on */
		if (!acc->values[i].len && !c->options[i].fallback &&
		    (slice_is(slice_of(c->options[i].name), "number") ||
		     (c->options[i].required && !c->options[i].secret)))
			acc->values[i] = S("10000000000");
	}
	return acc;
}

static struct slice recase(struct slice s, char from, char to, int by, struct arena *a)
{
	char *p = arena_cstr(a, s);

	for (size_t i = 0; i < s.len; i++)
		p[i] = (char)(p[i] >= from && p[i] <= to ? p[i] + by : p[i]);
	return slice_make(p, s.len);
}

static struct slice lower(struct slice s, struct arena *a)
{
	return recase(s, 'A', 'Z', 32, a);
}

static struct slice upper(struct slice s, struct arena *a)
{
	return recase(s, 'a', 'z', -32, a);
}

static void read_headers(struct request *r, const struct json *headers, struct arena *a)
{
	size_t room = 0;

	if (!headers || headers->kind != JSON_OBJECT)
		return;
	for (size_t i = 0; i < headers->n; i++)
		room += headers->items[i]->kind == JSON_ARRAY ? headers->items[i]->n : 1;
	r->headers = ARENA_ARRAY(a, struct field, room + 1);
	for (size_t i = 0; i < headers->n; i++) {
		const struct json *value = headers->items[i];
		bool list = value->kind == JSON_ARRAY;

		for (size_t k = 0; value->kind != JSON_NULL && k < (list ? value->n : 1); k++)
			r->headers[r->n_headers++] =
				(struct field){lower(headers->keys[i], a), text_of(list ? value->items[k] : value, a)};
	}
}

/* Cuts the URL as the server would: public URL, path, query; a fragment is never on the wire. */
static bool read_request(const struct json *v, struct request *r, struct slice *public_url, struct arena *a)
{
	struct slice url = text_of(json_get(v, "url"), a), method = json_field(v, "method");
	const struct json *coded = json_get(v, "body_base64");
	size_t host, at;

	*r = (struct request){.peer = json_field(v, "peer")};
	if (!r->peer.len)
		r->peer = S("127.0.0.1");
	url.len = slice_find(url, S("#"));
	host = slice_find(url, S("://"));
	if (host == url.len)
		return false;
	for (at = host + 3; at < url.len && url.data[at] != '/' && url.data[at] != '?'; at++)
		;
	*public_url = slice_make(url.data, at);
	r->url = url;
	r->path = slice_from(url, at);
	at = slice_find(r->path, S("?"));
	r->query = slice_from(r->path, at + 1);
	r->path.len = at;
	if (coded && coded->kind == JSON_STRING) {
		if (!base64_decode(a, json_text(coded), &r->body))
			return false;
	} else {
		r->body = text_of(json_get(v, "body"), a);
	}
	r->method = method.len ? method : r->body.len ? S("POST") : S("GET");
	r->method = upper(r->method, a);
	read_headers(r, json_get(v, "headers"), a);
	return true;
}

static bool same_json(const struct json *x, const struct json *y)
{
	if (x->kind != y->kind || x->n != y->n)
		return false;
	if (x->kind == JSON_NUMBER ? x->number != y->number : !slice_equal(x->text, y->text))
		return false;
	for (size_t i = 0; i < x->n; i++) {
		const struct json *other = y->items[i];

		if (x->kind == JSON_OBJECT) {
			size_t k = 0;

			while (k < y->n && !slice_equal(x->keys[i], y->keys[k]))
				k++;
			if (k == y->n)
				return false;
			other = y->items[k];
		}
		if (!same_json(x->items[i], other))
			return false;
	}
	return true;
}

static bool answer_fits(const struct json *v, const struct response *given, struct arena *a, struct slice *why)
{
	const struct json *body = json_get(v, "expected_response_body"), *want = json_get(v, "expected_response_json");

	if (body && body->kind == JSON_STRING && !slice_equal(body->text, given->body)) {
		*why = arena_printf(a, "answered '" SLICE_FMT "'", SLICE_ARG(given->body));
		return false;
	}
	if (want && want->kind != JSON_NULL) {
		const struct json *got = json_read(a, given->body, NULL);

		if (!got || !same_json(want, got)) {
			*why = arena_printf(a, "answered '" SLICE_FMT "'", SLICE_ARG(given->body));
			return false;
		}
	}
	return true;
}

static enum fate run_signature(const struct channel *c, const struct json *v, struct arena *a, struct slice *why)
{
	struct slice public_url, expect = json_field(v, "expect"), otherwise = json_field(v, "expect_without_policy");
	const struct json *now = json_get(v, "now");
	struct diags d = diags_in(a);
	struct response handshake = {0};
	struct account *acc;
	struct request r;
	enum verdict got;
	bool policy_known;

	if (!read_request(v, &r, &public_url, a)) {
		*why = S("url, method or body is not usable");
		return FAILED;
	}
	acc = account_for(c, v, public_url, &policy_known, a);
	if (!policy_known && otherwise.len)
		expect = otherwise;
	if (!slice_is(expect, "accept") && !slice_is(expect, "reject")) {
		*why = S("expect is neither accept nor reject");
		return FAILED;
	}
	if (c->prepare && !c->prepare(acc, a, &d)) {
		*why = d.n ? d.list[0].what : S("the account cannot be set up");
		return FAILED;
	}
	got = c->verify(acc, &r, now && now->kind == JSON_NUMBER ? (int64_t)(now->number * 1000) : 0, a, &handshake);
	if ((got != VERDICT_REJECT) != slice_is(expect, "accept")) {
		*why = arena_printf(a, "%s, but expected %s (" SLICE_FMT ")",
				    got == VERDICT_REJECT ? "rejected" : "accepted",
				    slice_is(expect, "accept") ? "accept" : "reject", SLICE_ARG(json_field(v, "why")));
		return FAILED;
	}
	return got == VERDICT_REJECT || answer_fits(v, &handshake, a, why) ? PASSED : FAILED;
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

static void run_vector(const struct file *f, struct slice text, size_t number, struct tally *t)
{
	struct arena *a = arena_open(0);
	const char *fault = NULL;
	struct json *v = json_read(a, text, &fault);
	struct slice why = {0}, id = json_field(v, "id"), name = json_field(v, "channel"),
		     scheme = json_field(v, "scheme");
	const struct channel *c;
	enum fate fate;

	if (!id.len)
		id = arena_printf(a, "#%zu", number);
	if (!name.len)
		name = f->channel.len ? f->channel : slice_of(f->path);
	c = channel_of(scheme, name);
	if (!v || v->kind != JSON_OBJECT) {
		why = arena_printf(a, "not a vector: %s", fault ? fault : "no JSON object");
		fate = FAILED;
	} else if (slice_is(name, "sms_segments") || (!scheme.len && !c && json_get(v, "text"))) {
		fate = run_segments(v, a, &why);
	} else if (!c) {
		why = scheme.len ? arena_printf(a, "no channel answers " SLICE_FMT, SLICE_ARG(scheme))
				 : S("no such channel");
		fate = SKIPPED;
	} else if (slice_is(json_field(v, "kind"), "sign")) {
		why = S("this channel signs no requests");
		fate = SKIPPED;
	} else {
		fate = run_signature(c, v, a, &why);
	}
	report(t, fate, name, id, why);
	arena_close(&a);
}

/* The list of vectors, and the channel's name wherever in the file it stands. Null: found; else what is wrong. */
static const char *find_vectors(struct slice text, struct file *f, struct slice *list)
{
	size_t at = skip_space(text, 0);
	struct slice key, value;
	const char *why;

	*list = (struct slice){0};
	if (at >= text.len || (text.data[at] != '{' && text.data[at] != '['))
		return "not a JSON object";
	if (text.data[at] == '[') {
		*list = slice_from(text, at);
		return NULL;
	}
	at++;
	while (next_part(text, &at, true, &key, &value, &why)) {
		if (slice_is(key, "vectors"))
			*list = value;
		else if (slice_is(key, "channel") && value.len >= 2 && value.data[0] == '"')
			f->channel = slice_make(value.data + 1, value.len - 2);
	}
	if (why)
		return why;
	if (skip_space(text, at) != text.len)
		return "text behind the JSON object";
	return list->len && list->data[0] == '[' ? NULL : "no list `vectors`";
}

static void run_text(struct file *f, struct slice text, struct tally *t)
{
	struct slice list, key = {0}, value;
	const char *why = utf8_valid(text) ? find_vectors(text, f, &list) : "not UTF-8, or a NUL in it";
	size_t at = 1, number = 0;

	while (!why && next_part(list, &at, false, &key, &value, &why))
		run_vector(f, value, ++number, t);
	if (why)
		report(t, FAILED, slice_of(f->path), S("file"), slice_of(why));
	else if (!number)
		report(t, FAILED, slice_of(f->path), S("file"), S("no vectors in it"));
}

static void run_file(const char *path, struct tally *t)
{
	struct buf text = buf_heap(FILE_MAX_BYTES);
	struct file f = {.path = path};
	FILE *in = fopen(path, "rb");
	char piece[65536];
	size_t n;

	while (in && (n = fread(piece, 1, sizeof(piece), in)) > 0)
		buf_add(&text, slice_make(piece, n));
	if (!in || ferror(in) || text.full)
		report(t, FAILED, slice_of(path), S("file"), text.full ? S("longer than 64 MiB") : S("cannot be read"));
	else
		run_text(&f, buf_slice(&text), t);
	if (in)
		fclose(in);
	buf_free(&text);
}

int main(int argc, char **argv)
{
	struct tally t = {0};

	if (argc < 2) {
		fprintf(stderr, "usage: vectors FILE.json…\n");
		return 2;
	}
	if (!secret_start())
		panic("the crypto libraries do not work");
	for (int i = 1; i < argc; i++)
		run_file(argv[i], &t);
	printf("%zu passed, %zu failed, %zu skipped\n", t.passed, t.failed, t.skipped);
	return t.failed ? 1 : 0;
}

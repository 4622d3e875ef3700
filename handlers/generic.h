/*
 * The generic HTTP gateway: any provider whose API fits into a template, described in huiyin.yaml and not in C. What
 * `prepare` makes of the account's section, and the parts of the handler: sources (where a value stands), templates
 * (what a call is made of) and the proof. docs/channels.md has every key.
 */
#ifndef HUIYIN_HANDLERS_GENERIC_H
#define HUIYIN_HANDLERS_GENERIC_H

#include "common.h"

#include "huiyin/json.h"
#include "huiyin/xml.h"
#include "huiyin/yaml.h"

#define GENERIC_MAX_ITEMS 24 /* rules, codes, words, headers of one list */

/* ---- sources: "query:x", "form:x", "header:x", "json:/a/b", "xml:a/b/@c", "body", "match:regex" ---- */
enum source_kind {
	SOURCE_NONE,
	SOURCE_QUERY,
	SOURCE_FORM,
	SOURCE_HEADER,
	SOURCE_JSON,
	SOURCE_XML,
	SOURCE_BODY,
	SOURCE_MATCH
};
struct source {
	enum source_kind kind;
	struct slice name;
};

/* A request or an answer, read as far as its sources need. material_done frees what a pattern needed, if one looked. */
struct matcher;
struct material {
	struct arena *arena;
	struct matcher *matcher;       /* opened by the first pattern: most requests meet none */
	const struct request *request; /* null: an answer */
	struct slice body;
	struct form query, form;
	const struct json *json;
	const struct xml *xml;
	const struct json *item; /* the element that json: is relative to; null: the whole */
};

struct words {
	struct slice list[GENERIC_MAX_ITEMS];
	size_t n;
};
/* value is one of `is`, or matches; without either: value is there. No source: true. */
struct test {
	struct source value;
	struct words is;
	struct slice matches;
};

struct source source_at(struct diags *d, const struct yaml *at, bool inbound);
struct source source_read(struct diags *d, const struct yaml *map, const char *key, bool inbound);
struct words words_read(struct diags *d, const struct yaml *map, const char *key);
struct test test_read(struct diags *d, const struct yaml *map, bool inbound);
/* False: the body is not what the sources need; *why names it. `kinds`: a bit for each kind in use. */
bool material_read(struct material *m, unsigned kinds, const char **why);
void material_done(struct material *m);
struct slice source_value(struct material *m, const struct source *s); /* empty when absent */
bool words_hold(const struct words *w, struct slice value);
bool test_holds(struct material *m, const struct test *t);

/* ---- templates: "{to|digits|url}" ---- */
enum place { PLACE_PLAIN, PLACE_URL, PLACE_JSON, PLACE_XML }; /* what a template's text is written in */
struct template
{
	struct piece *pieces;
	size_t n;
};
/* Null pieces on error. Refuses a placeholder that its place needs filtered. */
struct template template_read(struct diags *d, const struct yaml *text, enum place place, struct arena *a);
bool template_host_fixed(
	const struct template *t); /* begins with http(s)://host/ or {api_url}/, no other host possible */
/* False: this message cannot be expressed (a character a filter cannot say, a foreign number for `national`). */
bool template_fill(const struct template *t, const struct account *acc, const struct outgoing *m, int64_t now,
		   struct arena *a, struct slice *out);

/* ---- the proof ---- */
enum proof_kind { PROOF_NONE, PROOF_ADDRESSES, PROOF_BASIC, PROOF_BEARER, PROOF_HEADER, PROOF_HMAC };
struct proof {
	enum proof_kind kind;
	struct slice header, prefix, timestamp_header; /* header names in lower case */
	enum digest digest;
	bool base64, with_time; /* with_time: signs timestamp + "." + body */
	int64_t window_ms;      /* 0: the timestamp is not judged */
};
bool proof_read(struct account *acc, struct proof *p, struct diags *d, struct arena *a);
bool proof_holds(const struct account *acc, const struct proof *p, const struct request *r, int64_t now,
		 struct arena *a);

/* ---- all of it ---- */
struct header_template {
	struct slice name;
	struct template value;
};
struct rule {
	struct words codes;
	struct test test;
	enum outcome_class what;
};
struct generic {
	struct proof proof;
	bool sends, receives, reports;
	struct {
		struct slice method, type;
		struct template url, body;
		struct header_template headers[GENERIC_MAX_ITEMS];
		size_t n_headers;
		bool basic, has_body;
	} send;
	struct {
		struct words codes;
		struct test test;
		struct source id;
	} success;
	struct source error_code;
	struct rule errors[GENERIC_MAX_ITEMS];
	size_t n_errors;
	unsigned answer_kinds, inbound_kinds, receipt_kinds; /* which source kinds must be read */
	struct {
		struct source each, from, to, text, id, name, time, lang, button, reply_to, opt_out;
		struct source media[MESSAGE_MAX_MEDIA];
		size_t n_media;
		struct test when;
	} inbound;
	struct {
		struct source each, id, outbox, state, code, time;
		struct words sent, delivered, read, failed, opted_out;
		struct test when;
		struct slice path;
	} receipts;
	struct {
		int status;
		struct slice type, body;
	} answer;
};
bool generic_load(struct account *acc, struct arena *a, struct diags *d);

#endif

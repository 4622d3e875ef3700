/* Bounded JSON reading into an arena tree (jansson appears in json.c only), and writing into a buffer. */
#ifndef HUIYIN_JSON_H
#define HUIYIN_JSON_H

#include "huiyin/text.h"

#define JSON_MAX_DEPTH 32
#define JSON_MAX_NODES 4096

enum json_kind { JSON_NULL, JSON_TRUE, JSON_FALSE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
	enum json_kind kind;
	struct slice text; /* string (decoded UTF-8), or a number as written */
	double number;
	size_t n;
	struct json **items; /* array items, or object values */
	struct slice *keys;  /* object keys, in order of the text */
};

/* Null on malformed text, duplicate keys, invalid UTF-8, NUL, or a bound; *why then names it. `why` may be null. */
struct json *json_read(struct arena *a, struct slice text, const char **why);
const struct json *json_get(const struct json *object, const char *key); /* null when absent or no object */
/* RFC 6901 pointer ("/a/0/b", "" = whole); null when absent. */
const struct json *json_at(const struct json *j, struct slice pointer);
struct slice json_text(const struct json *j); /* string or number as text, else empty; null j gives empty */
struct slice json_field(const struct json *object, const char *key); /* json_text(json_get()) */

void json_put_string(struct buf *b, struct slice s); /* quoted and escaped; also safe inside <script> */
/* Commas by themselves: `"key":` with a comma before it unless it is the first after { or [. */
void json_put_key(struct buf *b, const char *key);
void json_put_field(struct buf *b, const char *key, struct slice value);
void json_put_int(struct buf *b, const char *key, int64_t value);
void json_put_bool(struct buf *b, const char *key, bool value);
void json_put(struct buf *b, const struct json *j);

#endif

/* Answers: the status line, headers and body as bytes, and the short ways rooms have of answering. Nothing is fatal. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "huiyin/json.h"
#include "server/inside.h"

#define HEAD_ROOM 256 /* all that is not the response's own: status line, length, connection, security */

const char *status_words(int status)
{
	static const struct { int status; const char *words; } list[] = {
		{200, "OK"}, {201, "Created"}, {202, "Accepted"}, {204, "No Content"}, {301, "Moved Permanently"},
		{302, "Found"}, {303, "See Other"}, {304, "Not Modified"}, {400, "Bad Request"}, {401, "Unauthorized"},
		{403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {409, "Conflict"},
		{411, "Length Required"}, {413, "Content Too Large"}, {414, "URI Too Long"},
		{415, "Unsupported Media Type"}, {422, "Unprocessable Content"}, {429, "Too Many Requests"},
		{500, "Internal Server Error"}, {501, "Not Implemented"}, {503, "Service Unavailable"},
	};

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		if (list[i].status == status)
			return list[i].words;
	}
	return status < 300 ? "OK" : "Error";
}

size_t answer_size(const struct response *r)
{
	return HEAD_ROOM + r->content_type.len + r->extra_headers.len + r->body.len;
}

static char *put(char *at, const char *data, size_t len)
{
	if (len)
		memcpy(at, data, len);
	return at + len;
}

#define PUT(at, literal) put(at, literal, sizeof(literal) - 1)

static char *put_number(char *at, size_t n)
{
	char digits[20];
	size_t k = sizeof digits;

	do
		digits[--k] = (char)('0' + n % 10);
	while (n /= 10);
	return put(at, digits + k, sizeof digits - k);
}

size_t answer_write(const struct response *r, bool keep, bool head_only, char *out, size_t room)
{
	const char *words = status_words(r->status);
	char *at = out;

	if (room < answer_size(r) || strlen(words) > 64)
		return 0;
	at = PUT(at, "HTTP/1.1 ");
	at = put_number(at, (size_t)r->status);
	at = PUT(at, " ");
	at = put(at, words, strlen(words));
	if (r->content_type.len) {
		at = PUT(at, "\r\ncontent-type: ");
		at = put(at, r->content_type.data, r->content_type.len);
	}
	at = PUT(at, "\r\nx-content-type-options: nosniff\r\ncontent-length: ");
	at = put_number(at, r->body.len);
	at = PUT(at, "\r\n");
	at = put(at, r->extra_headers.data, r->extra_headers.len);
	if (!keep)
		at = PUT(at, "connection: close\r\n");
	at = PUT(at, "\r\n");
	if (!head_only)
		at = put(at, r->body.data, r->body.len);
	return (size_t)(at - out);
}

void answer_plain(struct conn *c, int status, const char *text)
{
	struct response r = {.status = status, .content_type = S("text/plain; charset=utf-8"), .body = slice_of(text)};

	if (status == 503 || status == 429)
		r.extra_headers = S("retry-after: 10\r\n");
	conn_answer(c, &r);
}

struct response response_json(int status, struct slice body)
{
	struct response r = {.status = status, .content_type = S("application/json"), .body = body,
			     .extra_headers = S("cache-control: no-store\r\n")};

	if (status == 503 || status == 429)
		r.extra_headers = S("cache-control: no-store\r\nretry-after: 10\r\n");
	return r;
}

struct response response_error(struct arena *a, int status, const char *code, const char *what, const char *mend)
{
	struct buf b = buf_in(a, 4096);

	buf_add_c(&b, "{\"error\":{");
	json_put_field(&b, "code", slice_of(code));
	json_put_field(&b, "what", slice_of(what));
	json_put_field(&b, "mend", slice_of(mend));
	buf_add_c(&b, "}}\n");
	return response_json(status, buf_slice(&b));
}

void answer_json(struct conn *c, int status, struct slice body)
{
	struct response r = response_json(status, body);

	conn_answer(c, &r);
}

void answer_error(struct conn *c, int status, const char *code, const char *what, const char *mend)
{
	struct response r = response_error(c->arena, status, code, what, mend);

	conn_answer(c, &r);
}

/* Pages load nothing from elsewhere and no script stands in them. */
#define PAGE_HEADERS                                                                                                   \
	"content-security-policy: default-src 'self'; img-src 'self' blob: data:; connect-src 'self' ws: wss:; "          \
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\nreferrer-policy: same-origin\r\n"

void answer_html(struct conn *c, int status, struct slice body, const char *extra_headers)
{
	struct response r = {.status = status, .content_type = S("text/html; charset=utf-8"), .body = body};

	r.extra_headers = S(PAGE_HEADERS);
	if (extra_headers)
		r.extra_headers = arena_printf(c->arena, PAGE_HEADERS "%s", extra_headers);
	conn_answer(c, &r);
}

void answer_redirect(struct conn *c, int status, struct slice to, const char *extra_headers)
{
	struct response r = {.status = status, .content_type = S("text/plain"), .body = S("See the other page.\n")};

	r.extra_headers = arena_printf(c->arena, "location: " SLICE_FMT "\r\n%s", SLICE_ARG(to),
				       extra_headers ? extra_headers : "");
	conn_answer(c, &r);
}

struct slice type_base(struct slice content_type)
{
	struct slice base = {0};

	slice_next(&content_type, ';', &base);
	return slice_trim(base);
}

bool type_is(struct slice content_type, const char *base)
{
	return slice_equal_ignoring_case(type_base(content_type), slice_of(base));
}

struct slice cookie_get(struct slice header, const char *name)
{
	struct slice piece, key;

	while (slice_next(&header, ';', &piece)) {
		piece = slice_trim(piece);
		if (slice_next(&piece, '=', &key) && slice_is(slice_trim(key), name))
			return slice_trim(piece);
	}
	return (struct slice){0};
}

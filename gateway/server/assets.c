/* The pages, scripts and pictures that make built into the program (gateway/web), and how a page is filled in. */
#include <stdarg.h>
#include <string.h>

#include "huiyin/xml.h"
#include "server/inside.h"
#include "web_assets.h"

#define PAGE_BYTES ((size_t)1 << 20)

const struct asset *web_asset_find(struct slice name)
{
	for (size_t i = 0; i < sizeof web_assets / sizeof *web_assets; i++) {
		if (slice_is(name, web_assets[i].name))
			return &web_assets[i];
	}
	return NULL;
}

const struct asset *web_asset(const char *name)
{
	const struct asset *a = web_asset_find(slice_of(name));

	if (!a)
		panic("the asset %s was not built in", name);
	return a;
}

static void put_mark(struct buf *out, struct slice mark, va_list pairs)
{
	const char *name;

	while ((name = va_arg(pairs, const char *))) {
		const struct slice *value = va_arg(pairs, const struct slice *);

		if (slice_is(mark, name)) {
			xml_put(out, *value);
			return;
		}
	}
}

static bool is_mark(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!((s.data[i] >= 'A' && s.data[i] <= 'Z') || s.data[i] == '_'))
			return false;
	}
	return s.len > 0;
}

struct slice page_fill(struct arena *a, struct slice page, ...)
{
	struct buf out = buf_in(a, PAGE_BYTES);
	struct slice piece, mark;

	while (slice_next(&page, '%', &piece)) {
		size_t end = slice_find(page, S("%"));

		buf_add(&out, piece);
		mark = slice_make(page.data, end < page.len ? end : 0);
		if (is_mark(mark)) {
			va_list pairs;

			va_start(pairs, page);
			put_mark(&out, mark, pairs);
			va_end(pairs);
			page = slice_from(page, end + 1);
		} else if (page.len) {
			buf_add_char(&out, '%');
		}
	}
	return buf_slice(&out);
}

/* Exactly this file at this state: the tag is its hash, so a browser asks once a visit and gets 304. */
static void assets_serve(struct conn *c)
{
	const struct asset *a = web_asset_find(slice_from(c->request->path, sizeof "/chat/a/" - 1));
	struct response r = {.status = 200};

	if (!a) {
		answer_plain(c, 404, "Not Found\n");
		return;
	}
	r.extra_headers = arena_printf(c->arena, "etag: %s\r\ncache-control: no-cache\r\n", a->etag);
	if (slice_is(request_header(c->request, "if-none-match"), a->etag)) {
		r.status = 304;
	} else {
		r.content_type = slice_of(a->type);
		r.body = a->data;
	}
	conn_answer(c, &r);
}

const struct room chat_assets_room = {.path = "/chat/a/", .below = true, .methods = METHOD_GET, .serve = assets_serve};

static void favicon_serve(struct conn *c)
{
	const struct asset *a = web_asset("icon.svg");
	struct response r = {.status = 200, .content_type = slice_of(a->type), .body = a->data,
			     .extra_headers = S("cache-control: max-age=86400\r\n")};

	conn_answer(c, &r);
}

const struct room favicon_room = {.path = "/favicon.ico", .methods = METHOD_GET, .serve = favicon_serve};

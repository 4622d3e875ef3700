/*
 * The small pages: the way in, the QR code's landing, the status query, robots.txt. The status page tells the public word
 * for a case's state to who knows its number and code, ten tries an hour; it never tells whether a number exists.
 */
#include <string.h>

#include "huiyin/form.h"
#include "huiyin/xml.h"
#include "server/inside.h"

#define PAGE_BYTES ((size_t)64 << 10)

static void landing_serve(struct conn *c)
{
	struct slice to = c->request->query.len ? arena_printf(c->arena, "/chat?" SLICE_FMT, SLICE_ARG(c->request->query)) : S("/chat");

	answer_redirect(c, 302, chat_allowed(c->server) ? to : S("/status"), NULL);
}

const struct room landing_room = {.path = "/", .methods = METHOD_GET, .serve = landing_serve};

void answer_not_found(struct conn *c)
{
	if (c->method == METHOD_GET && !slice_begins(c->request->path, S("/hooks/")) &&
	    !slice_begins(c->request->path, S("/api/")))
		answer_html(c, 404, page_around(c, S("zh"), S("404"), S("<p>没有这个页面。 There is no such page.</p>"
			    "<p><a href=\"/\">返回 Back</a></p>")), NULL);
	else
		answer_plain(c, 404, "Not Found\n");
}

/* A service window's QR code leads here (domain.md 2.8): the chat opens knowing the window. */
static void window_serve(struct conn *c)
{
	struct slice key = slice_from(c->request->path, sizeof "/w/" - 1);
	struct buf to = buf_in(c->arena, 1024);

	if (!config_window(c->config, key) || !chat_allowed(c->server)) {
		answer_not_found(c);
		return;
	}
	buf_add_c(&to, "/chat?w=");
	url_put(&to, key);
	if (c->request->query.len)
		buf_printf(&to, "&" SLICE_FMT, SLICE_ARG(c->request->query));
	answer_redirect(c, 302, buf_slice(&to), NULL);
}

const struct room window_room = {.path = "/w/", .below = true, .methods = METHOD_GET, .serve = window_serve};

static void robots_serve(struct conn *c)
{
	struct response r = {.status = 200, .content_type = S("text/plain"),
			     .body = S("User-agent: *\nAllow: /$\nAllow: /chat$\nDisallow: /\n")};

	conn_answer(c, &r);
}

const struct room robots_room = {.path = "/robots.txt", .methods = METHOD_GET, .serve = robots_serve};

struct slice page_around(struct conn *c, struct slice lang, struct slice title, struct slice body)
{
	struct buf b = buf_in(c->arena, body.len + 4096);

	buf_printf(&b, "<!doctype html>\n<html lang=\"%s\">\n<head><meta charset=\"utf-8\">"
		   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
		   slice_is(lang, "en") ? "en" : "zh-CN");
	xml_put(&b, title);
	buf_add_c(&b, " · 回音</title><link rel=\"stylesheet\" href=\"/chat/a/chat.css\"><link rel=\"icon\" href=\"/chat/a/icon.svg\">"
		  "</head>\n<body class=\"plain\">\n<header><h1>");
	xml_put(&b, title);
	buf_add_c(&b, "</h1></header>\n<main>\n");
	buf_add(&b, body);
	buf_add_c(&b, "\n</main>\n</body>\n</html>\n");
	return buf_slice(&b);
}

/* ---- the status query --------------------------------------------------------------------------------------------- */

static const struct { const char *zh, *en; } status_texts[CASE_STATUSES] = {
	[CASE_DRAFT] = {"草稿,尚未登记", "a draft, not registered yet"},
	[CASE_REGISTERED] = {"已登记", "registered"},
	[CASE_TRANSFERRED] = {"已转送", "transferred to the body in charge"},
	[CASE_ASSIGNED] = {"已交办", "assigned"},
	[CASE_ACCEPTED] = {"已受理,正在办理", "accepted and being handled"},
	[CASE_NOT_ACCEPTED] = {"不予受理", "not accepted"},
	[CASE_NO_LONGER_ACCEPTED] = {"不再受理", "no longer accepted"},
	[CASE_REFERRED] = {"已引导至其他法定途径", "referred to another legal route"},
	[CASE_MORE_INFORMATION] = {"待补充材料", "more information is needed from you"},
	[CASE_EXTENDED] = {"已延期办理", "being handled; the time was extended"},
	[CASE_ANSWERED] = {"已答复", "answered"},
	[CASE_CLOSED] = {"已办结", "closed"},
	[CASE_REVIEW] = {"复查中", "under review"},
	[CASE_RE_REVIEW] = {"复核中", "under final review"},
	[CASE_CONCLUDED] = {"已终结", "concluded"},
	[CASE_RECTIFYING] = {"整改中", "being put right"},
	[CASE_WITHDRAWN] = {"已撤回", "withdrawn"},
};

static void put_status_form(struct buf *b, bool en, struct slice number)
{
	buf_printf(b, "<form method=\"post\" action=\"/status?lang=%s\">\n<label for=\"number\">%s</label>\n"
		   "<input id=\"number\" name=\"number\" inputmode=\"numeric\" autocomplete=\"off\" required maxlength=\"40\" value=\"",
		   en ? "en" : "zh", en ? "Case number" : "信访编号");
	xml_put(b, number);
	buf_printf(b, "\">\n<label for=\"code\">%s</label>\n<input id=\"code\" name=\"code\" inputmode=\"numeric\" "
		   "autocomplete=\"off\" required maxlength=\"40\">\n<button class=\"send\">%s</button>\n</form>\n"
		   "<p><a href=\"/status?lang=%s\">%s</a></p>\n",
		   en ? "Query code" : "查询码", en ? "Look up" : "查询", en ? "zh" : "en", en ? "中文" : "English");
}

static void answer_status(struct conn *c, struct slice lang, int status, struct slice said, struct slice number)
{
	bool en = slice_is(lang, "en");
	struct buf b = buf_in(c->arena, PAGE_BYTES);

	if (said.len) {
		buf_add_c(&b, "<p class=\"said\" role=\"status\">");
		xml_put(&b, said);
		buf_add_c(&b, "</p>\n");
	}
	put_status_form(&b, en, number);
	answer_html(c, status, page_around(c, lang, en ? S("Case status") : S("办理进度查询"), buf_slice(&b)),
		    status >= 429 ? "cache-control: no-store\r\nretry-after: 60\r\n" : "cache-control: no-store\r\n");
}

static struct slice digits_of(struct arena *a, struct slice code)
{
	struct buf b = buf_in(a, 64);

	for (size_t i = 0; i < code.len; i++) {
		if (code.data[i] >= '0' && code.data[i] <= '9')
			buf_add_char(&b, code.data[i]);
	}
	return buf_slice(&b);
}

static void say_status(struct conn *c, struct slice lang, const struct case_row *row)
{
	bool en = slice_is(lang, "en");
	struct slice due = row->due_at ? wall_iso(c->arena, row->due_at, c->config->zone) : (struct slice){0};
	struct slice said;

	if (row->status < 0 || row->status >= CASE_STATUSES)
		panic("case " SLICE_FMT " has no status", SLICE_ARG(row->number));
	due.len = due.len > 10 ? 10 : due.len;
	if (en)
		said = arena_printf(c->arena, "Case " SLICE_FMT ": %s.%s" SLICE_FMT, SLICE_ARG(row->number),
				    status_texts[row->status].en, due.len ? " Due by " : "", SLICE_ARG(due));
	else
		said = arena_printf(c->arena, "编号" SLICE_FMT ":%s。%s" SLICE_FMT, SLICE_ARG(row->number),
				    status_texts[row->status].zh, due.len ? "期限:" : "", SLICE_ARG(due));
	answer_status(c, lang, 200, said, row->number);
}

struct looked_for { struct slice number; struct hash16 code; struct case_row *row; };

static void ask_status(struct read *q, const struct readers *from)
{
	struct looked_for *w = q->with;
	struct case_event *events;
	size_t n;

	q->got = from->kind->find_case(from->reader, w->number, q->arena, &w->row, &events, &n);
}

static struct slice lang_of(const struct conn *c)
{
	struct form query = {0};

	form_read(c->arena, c->request->query, &query);
	return page_lang(c, &query);
}

static void missed_status(struct conn *c)
{
	struct slice lang = lang_of(c);

	answer_status(c, lang, 503, slice_is(lang, "en") ? S("It cannot be looked up now. Please try again in a minute.")
							   : S("暂时无法查询,请稍后再试。"), (struct slice){0});
}

/* The same answer when number and code do not belong together, whichever of them is wrong. */
static void found_status(struct conn *c, struct read *q)
{
	const struct looked_for *w = q->with;
	struct slice lang = lang_of(c);
	bool right = q->got == OK && w->row && secret_equal(slice_make((const char *)w->code.bytes, 16),
							    slice_make((const char *)w->row->code.bytes, 16));

	if (right)
		say_status(c, lang, w->row);
	else if (q->got != OK && q->got != NEVER)
		missed_status(c);
	else
		answer_status(c, lang, 200, slice_is(lang, "en") ? S("Number and code do not belong together.")
								   : S("编号与查询码不符。"), w->number);
}

static const struct question status_question = {.desk = DESK_CHATS, .ask = ask_status, .found = found_status,
						.missed = missed_status};

static void look_for(struct conn *c, struct slice number, struct slice code)
{
	struct read *q = read_open(c->server, c, &status_question, sizeof(struct looked_for));
	struct slice parts[3] = {S("code"), number, digits_of(c->arena, code)};
	struct looked_for *w = q->with;

	w->number = arena_copy(q->arena, number);
	w->code = secret_hash16(&c->server->key, parts, 3);
	read_request(c, q);
}

static void query_status(struct conn *c, struct slice lang)
{
	bool en = slice_is(lang, "en");
	int64_t now = clock_mono().ms;
	struct slice number;
	struct form f = {0};

	if (!form_read(c->arena, c->request->body, &f) || !case_number_read(c->arena, form_get(&f, "number"), &number))
		answer_status(c, lang, 200, en ? S("This is no case number. It looks like 261121-0042-7; please check the digits.")
					       : S("编号不正确。编号形如 261121-0042-7,请核对。"), (struct slice){0});
	else if (!limiter_take(c->server->attempts, c->request->peer, now) || !limiter_take(c->server->attempts, number, now))
		answer_status(c, lang, 429, en ? S("Too many tries. Please come back in an hour, or ask in the chat.")
					       : S("尝试次数过多,请一小时后再试,或在对话中询问。"), number);
	else
		look_for(c, number, form_get(&f, "code"));
}

static void status_serve(struct conn *c)
{
	struct slice lang = lang_of(c);

	if (c->method == METHOD_GET)
		answer_status(c, lang, 200, (struct slice){0}, (struct slice){0});
	else if (!type_is(request_header(c->request, "content-type"), "application/x-www-form-urlencoded"))
		answer_plain(c, 415, "Send a form.\n");
	else
		query_status(c, lang);
}

const struct room status_page_room = {
	.path = "/status", .methods = METHOD_GET | METHOD_POST, .body = BODY_WHOLE, .serve = status_serve,
};

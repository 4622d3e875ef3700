/*
 * The pages of the web chat: the one with the script (its lines come over the WebSocket of chat.c), and the plain one,
 * where a form does all of it for a browser without JavaScript or WebSocket. The plain page knows a person by a cookie
 * that holds the token; only pages of this site may post to it.
 */
#include <string.h>

#include "huiyin/form.h"
#include "huiyin/xml.h"
#include "server/inside.h"

#define COOKIE "huiyin_chat"
#define HISTORY_PAGE 100
#define HISTORY_PAGES 20
#define PAGE_BYTES ((size_t)2 << 20)

static bool is_english(struct slice lang)
{
	return slice_is(lang, "en");
}

struct slice page_lang(const struct conn *c, const struct form *query)
{
	struct slice wish = form_get(query, "lang"), accept = request_header(c->request, "accept-language");

	if (slice_is(wish, "zh") || slice_is(wish, "en"))
		return wish;
	if (slice_begins(accept, S("zh")))
		return S("zh");
	if (slice_begins(accept, S("en")))
		return S("en");
	return is_english(c->config->lang) ? S("en") : S("zh");
}

static struct slice office(const struct conn *c, struct slice lang)
{
	struct slice zh = c->config->office_zh.len ? c->config->office_zh : S("信访接待");
	struct slice en = c->config->office_en.len ? c->config->office_en : S("Public complaints office");

	return is_english(lang) ? en : zh;
}

static bool chat_missing(struct conn *c)
{
	if (chat_allowed(c->server))
		return false;
	answer_plain(c, 404, "There is no web chat here.\n");
	return true;
}

static void chat_serve(struct conn *c)
{
	struct form query = {0};
	struct slice lang, zh, en, phone = c->config->phone;

	if (chat_missing(c))
		return;
	form_read(c->arena, c->request->query, &query);
	lang = page_lang(c, &query);
	zh = office(c, S("zh"));
	en = office(c, S("en"));
	answer_html(c, 200, page_fill(c->arena, web_asset("chat.html")->data, "LANG", &lang, "OFFICE_ZH", &zh, "OFFICE_EN", &en,
				      "PHONE", &phone, (char *)NULL),
		    "cache-control: no-cache\r\n");
}

const struct room chat_page_room = {.path = "/chat", .methods = METHOD_GET, .serve = chat_serve};

/* ---- the plain page ----------------------------------------------------------------------------------------------- */

bool same_site(const struct conn *c)
{
	struct slice origin = request_header(c->request, "origin"), host = request_header(c->request, "host");
	size_t at = slice_find(origin, S("://"));

	if (!origin.len || slice_equal(origin, c->config->public_url))
		return true;
	return host.len && at < origin.len && slice_equal_ignoring_case(slice_from(origin, at + 3), host);
}

static void put_line(struct buf *b, const struct chat_line *l)
{
	buf_add_c(b, l->ours ? "<li class=\"ours\"><p>" : "<li class=\"mine\"><p>");
	xml_put(b, l->text);
	buf_add_c(b, "</p></li>\n");
}

static void put_buttons(struct buf *b, const struct chat_line *l)
{
	if (!l || !l->ours || !l->n_buttons)
		return;
	buf_add_c(b, "<div class=\"choices\">");
	for (size_t i = 0; i < l->n_buttons; i++) {
		buf_add_c(b, "<button name=\"button\" value=\"");
		xml_put(b, l->buttons[i].value);
		buf_add_c(b, "\">");
		xml_put(b, l->buttons[i].label);
		buf_add_c(b, "</button> ");
	}
	buf_add_c(b, "</div>\n");
}

static void put_form(struct buf *b, struct conn *c, struct slice lang, const struct chat_line *last)
{
	bool en = is_english(lang);
	uint64_t once;

	secret_random(&once, sizeof once);
	buf_add_c(b, "<form method=\"post\" action=\"/chat/post\" id=\"end\">\n");
	buf_printf(b, "<input type=\"hidden\" name=\"once\" value=\"%016llx\"><input type=\"hidden\" name=\"lang\" value=\"" SLICE_FMT
		   "\">\n", (unsigned long long)once, SLICE_ARG(lang));
	put_buttons(b, last);
	buf_printf(b, "<label for=\"text\">%s</label>\n<textarea id=\"text\" name=\"text\" rows=\"3\" maxlength=\"4000\"></textarea>\n"
		   "<button class=\"send\">%s</button>\n</form>\n<p><a href=\"/chat/plain?lang=" SLICE_FMT "#end\">%s</a> · "
		   "<a href=\"/chat/plain?lang=%s\">%s</a></p>\n",
		   en ? "Your message" : "请输入内容", en ? "Send" : "发送", SLICE_ARG(lang),
		   en ? "Look for new replies" : "查看新回复", en ? "zh" : "en", en ? "中文" : "English");
	(void)c;
}

struct said { struct hash16 hash; struct slice html; const struct chat_line *last; };

/* All that was said, of a long conversation the first so many lines. */
static void ask_said(struct read *q, const struct readers *from)
{
	struct buf b = buf_in(q->arena, PAGE_BYTES);
	struct chat_line *lines = NULL;
	struct contact *who = NULL;
	struct said *w = q->with;
	size_t n = HISTORY_PAGE;
	int64_t after = 0;

	q->got = from->kind->find_contact(from->reader, w->hash, q->arena, &who);
	if (q->got == NEVER)
		q->got = OK;
	for (int page = 0; q->got == OK && who && page < HISTORY_PAGES && n == HISTORY_PAGE; page++) {
		q->got = from->kind->history(from->reader, who->id, after, HISTORY_PAGE, q->arena, &lines, &n);
		for (size_t i = 0; q->got == OK && i < n; i++)
			put_line(&b, &lines[i]);
		if (n) {
			w->last = &lines[n - 1];
			after = w->last->id;
		}
	}
	w->html = buf_slice(&b);
}

static void missed_said(struct conn *c)
{
	answer_plain(c, 503, "忙,请稍后再试。 Busy: please try again in a minute.\n");
}

static void answer_page(struct conn *c, const struct said *w, const char *headers)
{
	struct buf b = buf_in(c->arena, PAGE_BYTES);
	struct form query = {0};
	struct slice lang;

	form_read(c->arena, c->request->query, &query);
	lang = page_lang(c, &query);
	buf_add_c(&b, "<ol class=\"lines\">\n<li class=\"ours\"><p>");
	buf_add_c(&b, is_english(lang) ? "Hello. Tell us in your own words what it is about; you will be answered here."
				       : "您好。请直接说明您要反映的事情,我们会在这里答复您。");
	buf_add_c(&b, "</p></li>\n");
	buf_add(&b, w->html);
	buf_add_c(&b, "</ol>\n");
	put_form(&b, c, lang, w->last);
	answer_html(c, 200, page_around(c, lang, office(c, lang), buf_slice(&b)), headers);
}

static void found_said(struct conn *c, struct read *q)
{
	if (q->got == OK)
		answer_page(c, q->with, "cache-control: no-store\r\n");
	else
		missed_said(c);
}

static const struct question said_question = {.desk = DESK_CHATS, .ask = ask_said, .found = found_said, .missed = missed_said};

/* Somebody new: nothing was said yet. */
static void answer_first_page(struct conn *c)
{
	bool tls = slice_begins(c->config->public_url, S("https:"));
	const struct said nothing = {0};
	struct slice cookie;

	cookie = arena_printf(c->arena, "cache-control: no-store\r\nset-cookie: " COOKIE "=" SLICE_FMT
			      "; Path=/chat; Max-Age=31536000; HttpOnly; SameSite=Strict%s\r\n",
			      SLICE_ARG(token_make(c->arena)), tls ? "; Secure" : "");
	answer_page(c, &nothing, arena_cstr(c->arena, cookie));
}

static void plain_serve(struct conn *c)
{
	struct slice token = cookie_get(request_header(c->request, "cookie"), COOKIE);
	struct read *q;
	struct said *w;

	if (chat_missing(c))
		return;
	if (!token_valid(token)) {
		answer_first_page(c);
		return;
	}
	q = read_open(c->server, c, &said_question, sizeof *w);
	w = q->with;
	w->hash = contact_hash(c->server, c->server->view.chat, token_address(c->arena, token));
	read_request(c, q);
}

const struct room chat_plain_room = {.path = "/chat/plain", .methods = METHOD_GET, .serve = plain_serve};

static void put_post(struct conn *c, struct slice token, const struct form *f)
{
	struct event *e = event_open(EVENT_MESSAGE);
	struct slice text = utf8_repair(e->arena, form_get(f, "text")), button = form_get(f, "button");
	struct message *m = &e->message;

	e->channel = c->server->view.chat->index;
	e->rid = server_rid(c->server, e->arena);
	e->at = clock_wall().ms;
	e->ticket = (struct ticket){c->server->number, c->id};
	m->from = token_address(e->arena, token);
	m->cut = text.len > MESSAGE_MAX_TEXT_BYTES;
	while (text.len > MESSAGE_MAX_TEXT_BYTES)
		text = utf8_cut(text, utf8_count(text) - (text.len - MESSAGE_MAX_TEXT_BYTES + 3) / 4);
	m->text = arena_copy(e->arena, button.len ? (struct slice){0} : text);
	m->button = button.len <= MESSAGE_MAX_TEXT_BYTES && utf8_valid(button) ? arena_copy(e->arena, button) : m->button;
	m->id = arena_copy(e->arena, form_get(f, "once").len <= 32 && utf8_valid(form_get(f, "once")) ? form_get(f, "once")
												      : (struct slice){0});
	m->lang = arena_copy(e->arena, is_english(form_get(f, "lang")) ? S("en") : S("zh"));
	c->server->counters.chat_messages++;
	if (queue_put(c->server->queue, e) == OK) {
		conn_wait(c);
		return;
	}
	event_close(&e);
	c->server->counters.busy++;
	answer_plain(c, 503, "忙,请稍后再试。 Busy: please try again in a minute.\n");
}

static struct slice plain_address(struct conn *c, const struct form *f)
{
	return is_english(form_get(f, "lang")) ? S("/chat/plain?lang=en#end") : S("/chat/plain?lang=zh#end");
	(void)c;
}

static void post_serve(struct conn *c)
{
	struct slice token = cookie_get(request_header(c->request, "cookie"), COOKIE);
	struct form f = {0};

	if (chat_missing(c))
		return;
	if (!type_is(request_header(c->request, "content-type"), "application/x-www-form-urlencoded"))
		answer_plain(c, 415, "Send a form.\n");
	else if (!same_site(c) || !token_valid(token))
		answer_plain(c, 403, "请先打开 /chat/plain 并允许 cookie。 Open /chat/plain first, with cookies allowed.\n");
	else if (!form_read(c->arena, c->request->body, &f))
		answer_plain(c, 400, "The form has too many fields.\n");
	else if (!slice_trim(form_get(&f, "text")).len && !form_get(&f, "button").len)
		answer_redirect(c, 303, plain_address(c, &f), NULL);
	else
		put_post(c, token, &f);
}

static void post_released(struct conn *c, struct release *r)
{
	bool again = r->ack != ACK_DONE, en = slice_is(r->event->message.lang, "en");

	r->next = c->held;
	c->held = r;
	if (again)
		answer_plain(c, 503, "忙,请稍后再试。 Busy: please try again in a minute.\n");
	else
		answer_redirect(c, 303, en ? S("/chat/plain?lang=en#end") : S("/chat/plain?lang=zh#end"), NULL);
}

const struct room chat_post_room = {
	.path = "/chat/post", .methods = METHOD_POST, .body = BODY_WHOLE, .serve = post_serve, .released = post_released,
};

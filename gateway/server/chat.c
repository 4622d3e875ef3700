/*
 * The web chat's WebSocket sessions. A line a person writes becomes an event, and is acknowledged only when the engine
 * has synced it; what the page has not seen acknowledged it sends again, and the id it gave makes that harmless.
 * To acknowledge before the release is fatal. An idle session holds this struct and nothing else of ours.
 *
 *   page → server   {"hello":{"token":…|null,"after":"id","lang":"zh","window":"W3"}}   first, once
 *                   {"text":"…","id":"…","button":"…","media":["upload:…"],"scan":"W3","location":[lat,lon]}
 *                   {"seen":"id"}   {"ping":1}
 *   server → page   {"token":"…"}   {"id":"…","at":ms,"text":"…","buttons":[…],"ours":true}   {"ready":true}
 *                   {"ok":"id","event":"…"}   {"again":"id"}   {"bad":"id"}   {"pong":1}
 */
#include <stdlib.h>
#include <string.h>

#include "huiyin/json.h"
#include "server/inside.h"
#include "huiyin/crash.h"

#define BUCKETS 4096
#define OUT_MAX_BYTES ((size_t)2 << 20)
#define FRAME_OVERHEAD_BYTES 16 /* malloc's own */
#define SCRATCH_ARENA_BYTES ((size_t)32 << 20)
#define LINE_MAX_BYTES ((size_t)64 << 10)
#define HISTORY_PAGE 100
#define HISTORY_PAGES 20
#define BURST 20           /* messages at once, one more a second */
#define ID_MAX_BYTES 64
#define SENT_KEPT 32       /* ids of lines sent, by which one that comes by two ways is sent once */
#define SLOW_CLOCK ((int64_t)10000 << 22) /* ten seconds of ids (engine/queue.h) */

struct frame { struct frame *next; size_t len; char data[]; };

struct chat {
	struct conn *conn;
	struct chat *next, **at; /* same bucket */
	struct hash16 contact;
	char address[64];        /* hex */
	char lang[8];
	bool known;              /* said hello */
	struct frame *out, **out_end;
	size_t out_bytes;
	struct buf in;           /* a message in several pieces; empty otherwise */
	int64_t seen;
	int64_t shown;           /* the last of our lines that was sent here */
	int64_t floor;           /* all up to here is on the page */
	int64_t sent[SENT_KEPT]; /* the last ones sent: news of them may come by two ways */
	unsigned n_sent;
	double tokens;
	int64_t filled_ms, heard_ms;
};

struct chats { struct chat *buckets[BUCKETS]; size_t n; struct arena *scratch; };

struct chats *chats_open(void)
{
	struct chats *t = calloc(1, sizeof *t);

	if (!t)
		exhausted("chat");
	t->scratch = arena_open(SCRATCH_ARENA_BYTES);
	return t;
}

void chats_close(struct chats **t)
{
	if (!*t)
		return;
	arena_close(&(*t)->scratch);
	free(*t);
	*t = NULL;
}

size_t chats_count(const struct chats *t)
{
	return t->n;
}

bool chat_allowed(const struct server *s)
{
	return s->view.chat != NULL;
}

static struct chat **bucket(struct chats *t, const struct hash16 *contact)
{
	uint32_t h;

	memcpy(&h, contact->bytes, sizeof h);
	return &t->buckets[h % BUCKETS];
}

static void link_in(struct chats *t, struct chat *ch)
{
	struct chat **head = bucket(t, &ch->contact);

	ch->next = *head;
	ch->at = head;
	if (ch->next)
		ch->next->at = &ch->next;
	*head = ch;
}

static void link_out(struct chat *ch)
{
	if (!ch->at)
		return;
	*ch->at = ch->next;
	if (ch->next)
		ch->next->at = ch->at;
	ch->at = NULL;
}

bool chat_open(struct conn *c)
{
	struct chat *ch = calloc(1, sizeof *ch);

	if (!ch)
		exhausted("chat");
	ch->conn = c;
	ch->out_end = &ch->out;
	ch->tokens = BURST;
	ch->filled_ms = ch->heard_ms = clock_mono().ms;
	c->chat = ch;
	conn_new_id(c);
	c->server->chats->n++;
	return true;
}

/* The timer is not set anew with each line (the library keeps timers in a sorted list): it looks when it fires. */
int64_t chat_idle_left(const struct conn *c)
{
	const struct config *config = c->server->view.config;

	if (!c->chat || !c->chat->known) /* it had limits.head_ms to say hello */
		return 0;
	return config->limits.chat_idle_ms - (clock_mono().ms - c->chat->heard_ms);
}

void chat_close(struct conn *c)
{
	struct chat *ch = c->chat;

	if (!ch)
		return;
	link_out(ch);
	while (ch->out) {
		struct frame *f = ch->out;

		ch->out = f->next;
		free(f);
	}
	buf_free(&ch->in);
	free(ch);
	c->chat = NULL;
	c->server->chats->n--;
}

/* ---- out ---------------------------------------------------------------------------------------------------------- */

/* What it takes in memory: of many short frames the words are the least. */
static size_t frame_cost(size_t len)
{
	return sizeof(struct frame) + FRAME_ROOM + len + FRAME_OVERHEAD_BYTES;
}

static void send_text(struct chat *ch, struct slice text)
{
	struct frame *f;

	if (ch->out_bytes + frame_cost(text.len) > OUT_MAX_BYTES) { /* the page does not read: it comes again and resumes */
		conn_hang_up(ch->conn);
		return;
	}
	f = malloc(sizeof *f + FRAME_ROOM + text.len);
	if (!f)
		exhausted("chat");
	f->next = NULL;
	f->len = text.len;
	memcpy(f->data + FRAME_ROOM, text.data, text.len);
	*ch->out_end = f;
	ch->out_end = &f->next;
	ch->out_bytes += frame_cost(text.len);
	conn_want_write(ch->conn);
}

bool chat_write(struct conn *c)
{
	struct chat *ch = c->chat;
	struct frame *f = ch ? ch->out : NULL;
	bool sent;

	if (!f)
		return ch != NULL;
	ch->out = f->next;
	if (!ch->out)
		ch->out_end = &ch->out;
	ch->out_bytes -= frame_cost(f->len);
	sent = conn_send_frame(c, f->data + FRAME_ROOM, f->len);
	crash_point("frame_written");
	free(f);
	if (ch->out)
		conn_want_write(c);
	return sent;
}

static void send_word(struct chat *ch, const char *word, struct slice id)
{
	struct buf b = buf_in(ch->conn->server->chats->scratch, LINE_MAX_BYTES);

	buf_add_char(&b, '{');
	json_put_field(&b, word, id);
	buf_add_char(&b, '}');
	send_text(ch, buf_slice(&b));
}

static void put_id(struct buf *b, const char *key, int64_t id)
{
	json_put_key(b, key); /* a string: a page's numbers end at 2^53 */
	buf_printf(b, "\"%lld\"", (long long)id);
}

static struct slice line_json(struct arena *a, int64_t id, int64_t at, bool ours, struct slice text,
			      const struct button *buttons, size_t n)
{
	struct buf b = buf_in(a, LINE_MAX_BYTES);

	buf_add_char(&b, '{');
	put_id(&b, "id", id);
	json_put_int(&b, "at", at);
	json_put_field(&b, "text", text);
	json_put_bool(&b, "ours", ours);
	if (n) {
		json_put_key(&b, "buttons");
		buf_add_char(&b, '[');
		for (size_t i = 0; i < n; i++) {
			buf_add_c(&b, i ? ",{" : "{");
			json_put_field(&b, "value", buttons[i].value);
			json_put_field(&b, "label", buttons[i].label);
			buf_add_char(&b, '}');
		}
		buf_add_char(&b, ']');
	}
	buf_add_char(&b, '}');
	return b.full ? (struct slice){0} : buf_slice(&b);
}

static bool was_sent(const struct chat *ch, int64_t id)
{
	for (unsigned i = 0; i < SENT_KEPT; i++)
		if (ch->sent[i] == id)
			return true;
	return false;
}

static void note_sent(struct chat *ch, int64_t id)
{
	int64_t *slot = &ch->sent[ch->n_sent++ % SENT_KEPT];

	if (*slot > ch->floor)
		ch->floor = *slot;
	*slot = id;
	if (id > ch->shown)
		ch->shown = id;
}

void chat_push(struct server *s, const struct release *r)
{
	for (size_t i = 0; i < r->n_pushes; i++) {
		const struct push *p = &r->pushes[i];
		struct slice line = {0};

		for (struct chat *ch = *bucket(s->chats, &p->contact); ch; ch = ch->next) {
			if (memcmp(&ch->contact, &p->contact, sizeof p->contact) || was_sent(ch, p->id))
				continue;
			if (!line.len)
				line = line_json(s->chats->scratch, p->id, p->at, true, p->text, p->buttons, p->n_buttons);
			if (line.len)
				send_text(ch, line);
			note_sent(ch, p->id);
			s->counters.chat_lines_pushed++;
		}
	}
	arena_reset(s->chats->scratch);
}

void chat_released(struct conn *c, struct release *r)
{
	const struct event *e = r->event;
	struct arena *a = c->server->chats->scratch;
	struct buf b = buf_in(a, LINE_MAX_BYTES);

	if (!c->chat || e->kind != EVENT_MESSAGE)
		return;
	buf_add_char(&b, '{');
	json_put_field(&b, r->ack == ACK_DONE ? "ok" : r->ack == ACK_AGAIN ? "again" : "bad", e->message.id);
	if (r->ack == ACK_DONE)
		put_id(&b, "event", r->first_event ? r->first_event : e->id);
	buf_add_char(&b, '}');
	send_text(c->chat, buf_slice(&b));
	arena_reset(a);
}

/* ---- hello -------------------------------------------------------------------------------------------------------- */

static void send_lines(struct chat *ch, struct arena *a, const struct chat_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct slice line = line_json(a, lines[i].id, lines[i].at, lines[i].ours, lines[i].text, lines[i].buttons,
					      lines[i].n_buttons);

		if (line.len)
			send_text(ch, line);
		note_sent(ch, lines[i].id);
	}
}

/* What was said since: of a long conversation the last pages only. */
static void resume(struct chat *ch, int64_t after, struct arena *a)
{
	struct reader *r = ch->conn->server->reader;
	struct chat_line *page[2] = {NULL, NULL};
	size_t n[2] = {0, 0};
	struct contact *who = NULL;

	if (!r || r->kind->find_contact(r, ch->contact, a, &who) != OK || !who)
		return;
	for (int i = 0; i < HISTORY_PAGES; i++) {
		page[0] = page[1];
		n[0] = n[1];
		if (r->kind->history(r, who->id, after, HISTORY_PAGE, a, &page[1], &n[1]) != OK)
			n[1] = 0;
		if (n[1])
			after = page[1][n[1] - 1].id;
		if (n[1] < HISTORY_PAGE)
			break;
	}
	send_lines(ch, a, page[0], n[0]);
	send_lines(ch, a, page[1], n[1]);
}

/* Lines of ours that another gateway has stored since. Its clock, from which their ids are, may be a little behind. */
static void send_news(struct chat *ch, struct arena *a)
{
	int64_t since = ch->shown - SLOW_CLOCK > ch->floor ? ch->shown - SLOW_CLOCK : ch->floor;
	struct reader *r = ch->conn->server->reader;
	struct chat_line *lines = NULL;
	struct contact *who = NULL;
	size_t n = 0, ours = 0;

	if (!r || r->kind->find_contact(r, ch->contact, a, &who) != OK || !who ||
	    r->kind->history(r, who->id, since, HISTORY_PAGE, a, &lines, &n) != OK)
		return;
	for (size_t i = 0; i < n; i++)
		if (lines[i].ours && !was_sent(ch, lines[i].id))
			lines[ours++] = lines[i];
	send_lines(ch, a, lines, ours);
}

void chat_news(struct server *s, const struct hash16 *contact)
{
	struct arena *a = s->chats->scratch;

	for (size_t i = 0; i < (contact ? 1 : BUCKETS); i++)
		for (struct chat *ch = contact ? *bucket(s->chats, contact) : s->chats->buckets[i]; ch; ch = ch->next) {
			if (contact && memcmp(&ch->contact, contact, sizeof *contact) != 0)
				continue;
			send_news(ch, a);
			arena_reset(a);
		}
}

static struct slice clip(struct slice s, size_t most)
{
	return s.len > most ? (struct slice){0} : s;
}

static void put_message(struct chat *ch, struct event *e);

static void scan_window(struct chat *ch, struct slice window, struct slice id)
{
	struct event *e;

	if (!window.len || !config_window(ch->conn->server->view.config, window))
		return;
	e = event_open(EVENT_MESSAGE);
	e->message.scan = arena_copy(e->arena, window);
	e->message.id = arena_copy(e->arena, clip(id, ID_MAX_BYTES));
	put_message(ch, e);
}

static void hello(struct chat *ch, const struct json *h, struct arena *a)
{
	struct server *s = ch->conn->server;
	struct slice token = json_field(h, "token"), address, lang = json_field(h, "lang");
	int64_t after = 0;

	if (ch->known || !s->view.chat)
		return;
	if (!token_valid(token))
		token = token_make(a);
	address = token_address(a, token);
	memcpy(ch->address, address.data, sizeof ch->address);
	if (lang.len < sizeof ch->lang)
		memcpy(ch->lang, lang.data ? lang.data : "", lang.len);
	ch->contact = contact_hash(s, s->view.chat, address);
	ch->known = true;
	link_in(s->chats, ch);
	send_word(ch, "token", token);
	slice_to_int(json_field(h, "after"), &after);
	ch->floor = after;
	resume(ch, after, a);
	send_text(ch, S("{\"ready\":true}"));
	scan_window(ch, json_field(h, "window"), json_field(h, "visit"));
}

/* ---- messages ----------------------------------------------------------------------------------------------------- */

static bool may_speak(struct chat *ch)
{
	int64_t now = clock_mono().ms;

	ch->tokens += (double)(now - ch->filled_ms) / 1000;
	ch->filled_ms = now;
	if (ch->tokens > BURST)
		ch->tokens = BURST;
	if (ch->tokens < 1)
		return false;
	ch->tokens -= 1;
	return true;
}

/* Takes the event over. */
static void put_message(struct chat *ch, struct event *e)
{
	struct server *s = ch->conn->server;

	e->channel = s->view.chat->index;
	e->rid = server_rid(s, e->arena);
	e->at = clock_wall().ms;
	e->ticket = (struct ticket){s->number, ch->conn->id};
	e->message.from = arena_copy(e->arena, slice_make(ch->address, sizeof ch->address));
	e->message.lang = arena_copy(e->arena, slice_of(ch->lang));
	s->counters.chat_messages++;
	if (may_speak(ch) && !s->stopping && queue_put(s->queue, e) == OK)
		return;
	s->counters.busy++;
	send_word(ch, "again", e->message.id);
	event_close(&e);
}

static void take_words(struct message *m, struct arena *a, struct slice text)
{
	size_t most = MESSAGE_MAX_TEXT_BYTES;

	if (text.len > most) {
		m->cut = true;
		while (most && ((unsigned char)text.data[most] & 0xc0) == 0x80)
			most--;
		text.len = most;
	}
	m->text = arena_copy(a, text);
}

static void take_media(struct chat *ch, struct message *m, struct arena *a, const struct json *list)
{
	for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->n; i++) {
		struct media found = {0};

		if (m->n_media < MESSAGE_MAX_MEDIA &&
		    upload_find(ch->conn->server->view.config, json_text(list->items[i]), a, &found))
			m->media[m->n_media++] = found;
		else
			m->media_dropped++;
	}
}

static void take_place(struct message *m, const struct json *pair)
{
	double lat, lon;

	if (!pair || pair->kind != JSON_ARRAY || pair->n != 2 || pair->items[0]->kind != JSON_NUMBER ||
	    pair->items[1]->kind != JSON_NUMBER)
		return;
	lat = pair->items[0]->number;
	lon = pair->items[1]->number;
	if (lat < -90 || lat > 90 || lon < -180 || lon > 180)
		return;
	m->has_location = true;
	m->latitude = lat;
	m->longitude = lon;
}

static void message(struct chat *ch, const struct json *j)
{
	struct event *e = event_open(EVENT_MESSAGE);
	struct message *m = &e->message;
	struct slice scan = json_field(j, "scan"), lang = json_field(j, "lang");

	if (lang.len && lang.len < sizeof ch->lang) { /* switched on the page */
		memset(ch->lang, 0, sizeof ch->lang);
		memcpy(ch->lang, lang.data, lang.len);
	}
	m->id = arena_copy(e->arena, clip(json_field(j, "id"), ID_MAX_BYTES));
	m->button = arena_copy(e->arena, clip(json_field(j, "button"), MESSAGE_MAX_TEXT_BYTES));
	if (scan.len && config_window(ch->conn->server->view.config, scan))
		m->scan = arena_copy(e->arena, scan);
	take_words(m, e->arena, json_field(j, "text"));
	take_media(ch, m, e->arena, json_get(j, "media"));
	take_place(m, json_get(j, "location"));
	if (m->text.len || m->button.len || m->scan.len || m->n_media || m->has_location) {
		put_message(ch, e);
		return;
	}
	send_word(ch, "bad", m->id); /* nothing in it */
	event_close(&e);
}

static void seen(struct chat *ch, int64_t up_to)
{
	struct server *s = ch->conn->server;
	struct event *e;

	if (up_to <= ch->seen)
		return;
	e = event_open(EVENT_SEEN);
	e->channel = s->view.chat->index;
	e->rid = server_rid(s, e->arena);
	e->seen.contact = ch->contact;
	e->seen.up_to = up_to;
	if (queue_put(s->queue, e) == OK)
		ch->seen = up_to;
	else
		event_close(&e);
}

static bool understand(struct chat *ch, struct slice text, struct arena *a)
{
	struct json *j = json_read(a, text, NULL);
	int64_t up_to;

	if (!j || j->kind != JSON_OBJECT || !ch->conn->server->view.chat)
		return false;
	if (json_get(j, "hello"))
		hello(ch, json_get(j, "hello"), a);
	else if (!ch->known)
		return false;
	else if (json_get(j, "seen") && slice_to_int(json_field(j, "seen"), &up_to))
		seen(ch, up_to);
	else if (json_get(j, "ping"))
		send_text(ch, S("{\"pong\":1}"));
	else
		message(ch, j);
	return true;
}

bool chat_receive(struct conn *c, struct slice piece, bool first, bool last)
{
	struct chat *ch = c->chat;
	struct arena *a = c->server->chats->scratch;
	bool fine;

	if (!ch)
		return false;
	ch->heard_ms = clock_mono().ms;
	if (first && last) {
		fine = understand(ch, piece, a);
		arena_reset(a);
		return fine;
	}
	if (!ch->in.ceiling)
		ch->in = buf_heap((size_t)c->server->view.config->limits.body);
	buf_add(&ch->in, piece);
	if (ch->in.full)
		return false;
	if (!last)
		return true;
	fine = understand(ch, buf_slice(&ch->in), a);
	buf_free(&ch->in);
	memset(&ch->in, 0, sizeof ch->in);
	arena_reset(a);
	return fine;
}

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
#include "server/chat.h"

#define SCRATCH_ARENA_BYTES ((size_t)32 << 20)
#define BURST 20           /* messages at once, one more a second */
#define ID_MAX_BYTES 64

struct chats *chats_open(void)
{
	struct chats *t = calloc(1, sizeof *t);

	if (!t)
		exhausted("chat");
	t->scratch = arena_open(SCRATCH_ARENA_BYTES);
	t->waiting_end = &t->waiting;
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

static void link_in(struct chats *t, struct chat *ch)
{
	struct chat **head = chat_bucket(t, &ch->contact);

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
	chat_forget_lines(ch);
	event_close(&ch->scan);
	buf_free(&ch->in);
	free(ch);
	c->chat = NULL;
	c->server->chats->n--;
}

/* ---- hello -------------------------------------------------------------------------------------------------------- */

static struct slice clip(struct slice s, size_t most)
{
	return s.len > most ? (struct slice){0} : s;
}

static void put_message(struct chat *ch, struct event *e);

static void note_window(struct chat *ch, struct slice window, struct slice id)
{
	if (!window.len || !config_window(ch->conn->server->view.config, window))
		return;
	ch->scan = event_open(EVENT_MESSAGE);
	ch->scan->message.scan = arena_copy(ch->scan->arena, window);
	ch->scan->message.id = arena_copy(ch->scan->arena, clip(id, ID_MAX_BYTES));
}

void chat_scan(struct chat *ch)
{
	struct event *e = ch->scan;

	ch->scan = NULL;
	if (e && ch->conn->server->view.chat)
		put_message(ch, e);
	else
		event_close(&e);
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
	if (lang.len && lang.len < sizeof ch->lang)
		memcpy(ch->lang, lang.data, lang.len);
	ch->contact = contact_hash(s, s->view.chat, address);
	ch->known = true;
	link_in(s->chats, ch);
	chat_send_word(ch, "token", token);
	slice_to_int(json_field(h, "after"), &after);
	note_window(ch, json_field(h, "window"), json_field(h, "visit"));
	chat_resume(ch, after);
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
	chat_send_word(ch, "again", e->message.id);
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
	chat_send_word(ch, "bad", m->id); /* nothing in it */
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
		chat_send(ch, S("{\"pong\":1}"));
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

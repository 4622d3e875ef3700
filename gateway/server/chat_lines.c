/*
 * What a web chat's page is told: the lines of its person, from the store (when it says hello, and when another gateway
 * has news) and from the engine's releases. The store is read on another thread (reads.c), one read a chat at a time.
 *
 * A page asks, when it comes again, for what came after the last id it has. So nothing may reach it before what is older:
 * to push or acknowledge before what is being read is fatal, for a line broken then would lose what was skipped. Until
 * then a push is only noted (it is in the store and is read from there), and an acknowledgement is held.
 */
#include <stdlib.h>
#include <string.h>

#include "huiyin/crash.h"
#include "huiyin/json.h"
#include "server/chat.h"

#define OUT_MAX_BYTES ((size_t)2 << 20)
#define FRAME_OVERHEAD_BYTES 16 /* malloc's own */
#define LINE_MAX_BYTES ((size_t)64 << 10)
#define HISTORY_PAGE 100
#define HISTORY_PAGES 20
#define RETRY_MS 1000      /* the store could not be read; twice as long each time, three times */
#define RETRY_DOUBLINGS 3
#define SLOW_CLOCK ((int64_t)10000 << 22) /* ten seconds of ids (engine/queue.h) */

/* ---- frames ------------------------------------------------------------------------------------------------------- */

/* What it takes in memory: of many short frames the words are the least. */
static size_t frame_cost(size_t len)
{
	return sizeof(struct frame) + FRAME_ROOM + len + FRAME_OVERHEAD_BYTES;
}

static void add_frames(struct frames *to, struct frames *from)
{
	if (!from->first)
		return;
	if (!to->first)
		to->end = &to->first;
	*to->end = from->first;
	to->end = from->end;
	from->first = NULL;
}

static void put_frame(struct chat *ch, struct frames *to, struct slice text)
{
	struct frames one;
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
	one = (struct frames){f, &f->next};
	add_frames(to, &one);
	ch->out_bytes += frame_cost(text.len);
}

static void free_frames(struct frames *list)
{
	while (list->first) {
		struct frame *f = list->first;

		list->first = f->next;
		free(f);
	}
}

void chat_send(struct chat *ch, struct slice text)
{
	put_frame(ch, &ch->out, text);
	conn_want_write(ch->conn);
}

bool chat_write(struct conn *c)
{
	struct chat *ch = c->chat;
	struct frame *f = ch ? ch->out.first : NULL;
	bool sent;

	if (!f)
		return ch != NULL;
	ch->out.first = f->next;
	ch->out_bytes -= frame_cost(f->len);
	sent = conn_send_frame(c, f->data + FRAME_ROOM, f->len);
	crash_point("frame_written");
	free(f);
	if (ch->out.first)
		conn_want_write(c);
	return sent;
}

void chat_send_word(struct chat *ch, const char *word, struct slice id)
{
	struct buf b = buf_in(ch->conn->server->chats->scratch, LINE_MAX_BYTES);

	buf_add_char(&b, '{');
	json_put_field(&b, word, id);
	buf_add_char(&b, '}');
	chat_send(ch, buf_slice(&b));
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

/* ---- what was sent ------------------------------------------------------------------------------------------------ */

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

/* ---- releases ----------------------------------------------------------------------------------------------------- */

struct chat **chat_bucket(struct chats *t, const struct hash16 *contact)
{
	uint32_t h;

	memcpy(&h, contact->bytes, sizeof h);
	return &t->buckets[h % CHAT_BUCKETS];
}

/* Nothing is known to be in the store that the page has not been sent. */
static bool up_to_date(const struct chat *ch)
{
	return ch->ready && !ch->reading && !ch->missed;
}

void chat_push(struct server *s, const struct release *r)
{
	for (size_t i = 0; i < r->n_pushes; i++) {
		const struct push *p = &r->pushes[i];
		struct slice line = {0};

		for (struct chat *ch = *chat_bucket(s->chats, &p->contact); ch; ch = ch->next) {
			if (memcmp(&ch->contact, &p->contact, sizeof p->contact) || was_sent(ch, p->id))
				continue;
			if (!up_to_date(ch)) {
				ch->missed = true;
				continue;
			}
			if (!line.len)
				line = line_json(s->chats->scratch, p->id, p->at, true, p->text, p->buttons, p->n_buttons);
			if (line.len)
				chat_send(ch, line);
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
	if (up_to_date(c->chat))
		chat_send(c->chat, buf_slice(&b));
	else
		put_frame(c->chat, &c->chat->held, buf_slice(&b));
	arena_reset(a);
}

/* ---- from the store ----------------------------------------------------------------------------------------------- */

struct wanted {
	struct hash16 contact;
	int64_t after;
	bool news;                  /* only lines of ours that were not sent; else all, as the page has none of them */
	struct chat_line *page[2];  /* of a long conversation the last pages only */
	size_t n[2];
};

static void ask_lines(struct read *q, const struct readers *from)
{
	struct wanted *w = q->with;
	struct contact *who = NULL;

	q->got = from->kind->find_contact(from->reader, w->contact, q->arena, &who);
	if (q->got == NEVER)
		q->got = OK;
	for (int i = 0; q->got == OK && who && i < HISTORY_PAGES; i++) {
		w->page[0] = w->page[1];
		w->n[0] = w->n[1];
		w->n[1] = 0;
		q->got = from->kind->history(from->reader, who->id, w->after, HISTORY_PAGE, q->arena, &w->page[1], &w->n[1]);
		if (w->n[1])
			w->after = w->page[1][w->n[1] - 1].id;
		if (w->n[1] < HISTORY_PAGE)
			break;
	}
}

static bool is_wanted(const struct chat *ch, const struct wanted *w, const struct chat_line *l)
{
	return !w->news || (l->ours && l->id > ch->floor && !was_sent(ch, l->id));
}

static void send_lines(struct chat *ch, const struct wanted *w, const struct chat_line *lines, size_t n)
{
	struct arena *a = ch->conn->server->chats->scratch;

	for (size_t i = 0; i < n; i++) {
		const struct chat_line *l = &lines[i];
		struct slice line;

		if (!is_wanted(ch, w, l))
			continue;
		line = line_json(a, l->id, l->at, l->ours, l->text, l->buttons, l->n_buttons);
		if (line.len)
			chat_send(ch, line);
		note_sent(ch, l->id);
		arena_reset(a);
	}
}

static void go_on(struct chat *ch);

static void wait_in_line(struct chat *ch, int64_t until)
{
	struct chats *t = ch->conn->server->chats;

	ch->wait_until = until;
	if (ch->wait_at)
		return;
	ch->wait_next = NULL;
	ch->wait_at = t->waiting_end;
	*t->waiting_end = ch;
	t->waiting_end = &ch->wait_next;
}

static void leave_line(struct chat *ch)
{
	struct chats *t = ch->conn->server->chats;

	if (!ch->wait_at)
		return;
	*ch->wait_at = ch->wait_next;
	if (ch->wait_next)
		ch->wait_next->wait_at = ch->wait_at;
	else
		t->waiting_end = ch->wait_at;
	ch->wait_at = NULL;
}

static void found_lines(struct conn *c, struct read *q)
{
	const struct wanted *w = q->with;
	struct chat *ch = c->chat;

	if (!ch)
		return;
	ch->reading = false;
	if (q->got != OK) {
		ch->missed |= w->news;
		wait_in_line(ch, clock_mono().ms + (RETRY_MS << ch->failed));
		ch->failed += ch->failed < RETRY_DOUBLINGS;
		return;
	}
	ch->failed = 0;
	send_lines(ch, w, w->page[0], w->n[0]);
	send_lines(ch, w, w->page[1], w->n[1]);
	ch->resumed = true;
	go_on(ch);
	arena_reset(q->server->chats->scratch);
}

static const struct question chat_question = {.desk = DESK_CHATS, .ask = ask_lines, .found = found_lines};

/* Lines of ours that another gateway has stored since: its clock, from which their ids are, may be a little behind. */
static int64_t since(const struct chat *ch)
{
	return ch->shown - SLOW_CLOCK > ch->floor ? ch->shown - SLOW_CLOCK : ch->floor;
}

static void read_lines(struct chat *ch)
{
	struct server *s = ch->conn->server;
	struct read *q = read_open(s, ch->conn, &chat_question, sizeof(struct wanted));
	struct wanted *w = q->with;

	w->contact = ch->contact;
	w->news = ch->resumed;
	w->after = w->news ? since(ch) : ch->after;
	if (!read_put(q)) {
		wait_in_line(ch, 0);
		return;
	}
	if (w->news)
		ch->missed = false;
	ch->reading = true;
}

static void say_ready(struct chat *ch)
{
	ch->ready = true;
	chat_send(ch, S("{\"ready\":true}"));
	chat_scan(ch);
}

static void let_go(struct chat *ch)
{
	if (!ch->held.first)
		return;
	add_frames(&ch->out, &ch->held);
	conn_want_write(ch->conn);
}

/* The next thing that is due: everything the page lacks, what came meanwhile, and that it is up to date. */
static void go_on(struct chat *ch)
{
	if (ch->reading || ch->wait_at)
		return;
	if (!ch->conn->server->reads)
		ch->resumed = true, ch->missed = false;
	if (!ch->resumed || ch->missed) {
		read_lines(ch);
		return;
	}
	if (!ch->ready)
		say_ready(ch);
	let_go(ch);
}

void chats_go_on(struct server *s, int64_t now)
{
	struct chat *ch, *next;

	for (ch = s->chats->waiting; ch && reads_have_room(s, DESK_CHATS); ch = next) {
		next = ch->wait_next;
		if (ch->wait_until > now)
			continue;
		leave_line(ch);
		go_on(ch);
	}
}

void chat_resume(struct chat *ch, int64_t after)
{
	ch->after = ch->floor = after;
	go_on(ch);
}

void chat_forget_lines(struct chat *ch)
{
	leave_line(ch);
	free_frames(&ch->out);
	free_frames(&ch->held);
}

static void note_news(struct chat *ch)
{
	ch->missed = true;
	go_on(ch);
}

void chat_news(struct server *s, const struct hash16 *contact)
{
	for (size_t i = 0; i < (contact ? 1 : CHAT_BUCKETS); i++)
		for (struct chat *ch = contact ? *chat_bucket(s->chats, contact) : s->chats->buckets[i]; ch; ch = ch->next) {
			if (!contact || memcmp(&ch->contact, contact, sizeof *contact) == 0)
				note_news(ch);
		}
}

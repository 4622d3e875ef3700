/*
 * The server as its callers see it: start, the mailbox through which releases and reloads come in, stop. One thread runs
 * libwebsockets; every other thread only leaves something in the mailbox and wakes it.
 */
#include <stdlib.h>
#include <string.h>

#include "server/inside.h"

#define STATUS_NAMES 4096
#define STATUS_TRIES 10
#define UPLOADS_AN_HOUR 300 /* an office's whole hall may share one address */
#define HOUR_MS 3600000

static const struct room *const rooms[] = {
	&hooks_room, &chat_page_room, &chat_assets_room, &chat_upload_room, &chat_post_room, &chat_plain_room, &api_room,
	&metrics_room, &health_room, &ready_room, &landing_room, &window_room, &status_page_room, &robots_room, &favicon_room,
};

const struct room *room_for(struct slice path)
{
	for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
		if (rooms[i]->below ? slice_begins(path, slice_of(rooms[i]->path)) : slice_is(path, rooms[i]->path))
			return rooms[i];
	}
	return NULL;
}

static const struct account *hook_account(const struct config *c, struct slice path)
{
	struct slice rest = slice_from(path, sizeof "/hooks/" - 1), name = {0};

	slice_next(&rest, '/', &name);
	for (size_t i = 0; i < c->n_accounts; i++) {
		if (slice_equal(c->accounts[i].name, name))
			return &c->accounts[i];
	}
	return NULL;
}

int conn_find_room(struct conn *c)
{
	const struct room *room = room_for(c->request->path);
	int64_t most;

	if (!room)
		return 404;
	if (!(room->methods & c->method))
		return 405;
	if (room == &hooks_room && !(c->account = hook_account(c->config, c->request->path)))
		return 404;
	c->room = room;
	most = room->body == BODY_STREAM ? c->config->limits.upload : c->config->limits.body;
	return c->length > (size_t)most ? 413 : 0;
}

/* ---- what follows from a configuration ---------------------------------------------------------------------------- */

static bool is_header_name(struct slice s)
{
	if (s.len < 2 || s.len > 64)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return true;
}

/* "X-Sig" → "x-sig:", as libwebsockets keeps it; once. */
static void add_header_name(struct header_names *names, struct arena *a, struct slice name)
{
	char *made;

	if (!is_header_name(name) || names->n == HEADER_NAMES_MAX)
		return;
	made = arena_alloc(a, name.len + 2);
	for (size_t i = 0; i < name.len; i++)
		made[i] = (char)(name.data[i] >= 'A' && name.data[i] <= 'Z' ? name.data[i] + 32 : name.data[i]);
	made[name.len] = ':';
	for (size_t i = 0; i < names->n; i++) {
		if (!strcmp(names->list[i], made))
			return;
	}
	names->list[names->n++] = made;
}

static bool speaks_of_header(struct slice key)
{
	return slice_find(key, S("header")) < key.len;
}

/* Header names may stand anywhere in an account's section: under a key that says "header", or by their X-. */
static void add_names_of(struct header_names *names, struct arena *a, const struct yaml *y, bool meant)
{
	if (!y)
		return;
	if (y->kind == YAML_SCALAR) {
		if (meant || (y->text.len > 2 && (y->text.data[0] | 32) == 'x' && y->text.data[1] == '-'))
			add_header_name(names, a, y->text);
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		bool says = meant || (y->kind == YAML_MAP && speaks_of_header(y->keys[i]->text));

		if (says && y->kind == YAML_MAP)
			add_header_name(names, a, y->keys[i]->text);
		add_names_of(names, a, y->items[i], says);
	}
}

static void names_of_account(struct header_names *names, struct arena *a, const struct account *acc)
{
	static const char *const usual[] = {"x-twilio-signature", "x-twilio-email-event-webhook-signature",
					    "x-hub-signature-256", "x-signature", "x-timestamp", "x-request-id"};
	const struct option *o = acc->channel->options;

	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		add_header_name(names, a, slice_of(usual[i]));
	for (size_t i = 0; acc->channel->private_headers && acc->channel->private_headers[i]; i++)
		add_header_name(names, a, slice_of(acc->channel->private_headers[i]));
	for (size_t i = 0; o && o[i].name; i++) {
		if (speaks_of_header(slice_of(o[i].name)))
			add_header_name(names, a, account_option(acc, o[i].name));
	}
	add_names_of(names, a, acc->section, false);
}

static void keep_counts(struct account_counters *to, const struct view *old)
{
	for (size_t i = 0; old && old->config && i < old->config->n_accounts; i++) {
		struct slice name = to->name;

		if (!slice_equal(old->counts[i].name, name))
			continue;
		*to = old->counts[i];
		to->name = name;
	}
}

void view_make(struct view *v, struct config *c, const struct view *old)
{
	struct view made = {.config = config_hold(c), .arena = arena_open(0)};

	made.names = ARENA_ARRAY(made.arena, struct header_names, c->n_accounts + 1);
	made.counts = ARENA_ARRAY(made.arena, struct account_counters, c->n_accounts + 1);
	for (size_t i = 0; i < c->n_accounts; i++) {
		const struct account *acc = &c->accounts[i];

		names_of_account(&made.names[i], made.arena, acc);
		made.counts[i].name = acc->name;
		keep_counts(&made.counts[i], old);
		if (!made.chat && !strcmp(acc->channel->name, "webchat"))
			made.chat = acc;
	}
	*v = made;
}

void view_drop(struct view *v)
{
	if (v->arena)
		arena_close(&v->arena);
	if (v->config)
		config_release(&v->config);
}

struct hash16 contact_hash(const struct server *s, const struct account *acc, struct slice address)
{
	struct slice parts[2] = {acc->name, address};

	return secret_hash16(&s->key, parts, 2);
}

/* Unique over restarts: the random number of this server and a count. */
struct slice server_rid(struct server *s, struct arena *a)
{
	static const char hex[] = "0123456789abcdef";
	uint64_t n = s->rids++;
	char *out = arena_alloc(a, 18);

	for (int i = 0; i < 8; i++)
		out[i] = hex[s->number >> (28 - 4 * i) & 15];
	for (int i = 0; i < 10; i++)
		out[8 + i] = hex[n >> (36 - 4 * i) & 15];
	return slice_make(out, 18);
}

/* ---- the mailbox -------------------------------------------------------------------------------------------------- */

static void deliver(struct server *s, struct release *r)
{
	struct conn *c = r->event->ticket.connection ? conn_find(s, r->event->ticket) : NULL;
	struct event *e = r->event;

	trace_released(s, r);
	if (r->n_pushes)
		chat_push(s, r);
	if (c && c->state == CONN_CHAT) {
		chat_released(c, r);
	} else if (c && c->state == CONN_WAITING && c->room->released) {
		c->room->released(c, r);
		return;
	} else if (r->event->ticket.connection) {
		hooks_orphan(s, r);
	}
	event_close(&e); /* the release lives in it */
}

static void reload(struct server *s, struct config *c)
{
	struct view old = s->view;

	view_make(&s->view, c, &old);
	view_drop(&old);
	refusals_keep(s->refusals, c->keep.quarantine);
	config_release(&c);
}

void server_quiet(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	s->quieted = true;
	pthread_cond_broadcast(&s->quiet);
	pthread_mutex_unlock(&s->lock);
}

static void show_news(struct server *s, const struct hash16 *list, size_t n)
{
	for (size_t i = 0; n <= NEWS_MAX && i < n; i++)
		chat_news(s, &list[i]);
	if (n > NEWS_MAX)
		chat_news(s, NULL);
}

void server_news(struct server *s, const struct hash16 *contact)
{
	pthread_mutex_lock(&s->lock);
	if (!contact)
		s->n_news = NEWS_MAX + 1;
	else if (s->n_news < NEWS_MAX)
		s->news[s->n_news++] = *contact;
	else
		s->n_news = NEWS_MAX + 1;
	if (!s->closed)
		http_wake(s);
	pthread_mutex_unlock(&s->lock);
}

void server_turn(struct server *s)
{
	struct hash16 news[NEWS_MAX];
	size_t n_news;
	struct release *list, *next;
	struct upload *stored;
	struct read *found;
	struct config *c;

	pthread_mutex_lock(&s->lock);
	list = s->inbox;
	s->inbox = NULL;
	s->inbox_end = &s->inbox;
	stored = s->stored;
	s->stored = NULL;
	found = s->found;
	s->found = NULL;
	s->found_end = &s->found;
	n_news = s->n_news;
	memcpy(news, s->news, (n_news < NEWS_MAX ? n_news : NEWS_MAX) * sizeof *news);
	s->n_news = 0;
	c = s->next_config;
	s->next_config = NULL;
	s->stopping = s->stop_asked;
	s->over = s->end_asked;
	pthread_mutex_unlock(&s->lock);
	if (c)
		reload(s, c);
	for (; list; list = next) {
		next = list->next;
		deliver(s, list);
	}
	upload_stored(s, stored);
	reads_found(s, found);
	show_news(s, news, n_news);
	if (found)
		chats_go_on(s, clock_mono().ms); /* there is room for more reads */
	if (s->stopping && !s->waiting)
		server_quiet(s);
}

void server_sweep(struct server *s, int64_t now)
{
	chats_go_on(s, now);
	refusals_tell(s, now);
}

static void free_releases(struct release *list)
{
	while (list) {
		struct event *e = list->event;

		list = list->next;
		event_close(&e); /* the release lives in it */
	}
}

static void free_reads(struct read *list)
{
	while (list) {
		struct read *q = list;

		list = list->next;
		read_free(&q);
	}
}

void server_release(struct server *s, struct release *list)
{
	struct release *last = list;
	bool first;

	if (!list)
		return;
	while (last->next)
		last = last->next;
	if (!s) { /* stopped, and the engine still lets go of something */
		free_releases(list);
		return;
	}
	pthread_mutex_lock(&s->lock);
	first = !s->inbox;
	if (s->closed) {
		free_releases(list);
		first = false;
	} else {
		*s->inbox_end = list;
		s->inbox_end = &last->next;
	}
	if (first)
		http_wake(s);
	pthread_mutex_unlock(&s->lock);
}

void server_reload(struct server *s, struct config *c)
{
	struct config *unused;

	pthread_mutex_lock(&s->lock);
	unused = s->next_config;
	s->next_config = config_hold(c);
	pthread_mutex_unlock(&s->lock);
	if (unused)
		config_release(&unused);
	http_wake(s);
}

/* ---- start and stop ----------------------------------------------------------------------------------------------- */

static void *run(void *with)
{
	http_run(with);
	return NULL;
}

/* The shell of a stopped server stays: the engine stops after the front door, and may still hold it in its hand. */
static struct server *stopped_servers;
static pthread_mutex_t stopped_lock = PTHREAD_MUTEX_INITIALIZER;

static void retire(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	s->closed = true;
	pthread_mutex_unlock(&s->lock);
	pthread_mutex_lock(&stopped_lock);
	s->next_stopped = stopped_servers;
	stopped_servers = s;
	pthread_mutex_unlock(&stopped_lock);
}

static void drop(struct server **sp)
{
	struct server *s = *sp;

	retire(s);
	upload_worker_close(&s->worker);
	reads_close(&s->reads);
	http_close(s);
	upload_stored(s, s->stored);
	free_reads(s->found);
	s->found = NULL;
	free_releases(s->inbox);
	s->inbox = NULL;
	if (s->next_config)
		config_release(&s->next_config);
	refusals_close(&s->refusals);
	chats_close(&s->chats);
	conns_close(&s->conns);
	peers_close(&s->peers);
	limiter_close(&s->attempts);
	limiter_close(&s->files);
	view_drop(&s->view);
	secret_wipe(&s->key, sizeof s->key);
	*sp = NULL;
}

static struct server *prepare(const struct server_options *o)
{
	struct server *s = calloc(1, sizeof *s);
	pthread_condattr_t attr;

	if (!s)
		exhausted("server");
	s->queue = o->queue;
	s->store = o->store;
	s->metrics = o->metrics;
	s->ready = o->ready;
	s->with = o->with;
	if (o->key)
		s->key = *o->key;
	secret_random(&s->number, sizeof s->number);
	s->conns = conns_open();
	s->peers = peers_open();
	s->chats = chats_open();
	s->attempts = limiter_open(STATUS_NAMES, STATUS_TRIES, HOUR_MS);
	s->files = limiter_open(STATUS_NAMES, UPLOADS_AN_HOUR, HOUR_MS);
	s->refusals = refusals_open(o->config->keep.quarantine);
	s->inbox_end = &s->inbox;
	s->found_end = &s->found;
	pthread_mutex_init(&s->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&s->quiet, &attr);
	pthread_condattr_destroy(&attr);
	view_make(&s->view, o->config, NULL);
	s->worker = upload_worker_open(s);
	return s;
}

struct server *server_start(const struct server_options *o, struct arena *a, struct slice *why)
{
	struct server *s = prepare(o);

	if ((o->store && !(s->reads = reads_open(s, why))) || !http_open(s, a, why)) {
		drop(&s);
		return NULL;
	}
	if (pthread_create(&s->thread, NULL, run, s)) {
		*why = S("no thread for the server: the system's limit of threads is reached");
		drop(&s);
		return NULL;
	}
	return s;
}

int server_port(const struct server *s)
{
	return s->port;
}

void server_stop(struct server **sp, int64_t wait_ms)
{
	struct server *s = *sp;
	struct timespec until;

	if (!s)
		return;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += wait_ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&s->lock);
	if (s->closed) { /* already */
		pthread_mutex_unlock(&s->lock);
		*sp = NULL;
		return;
	}
	s->stop_asked = true;
	http_wake(s);
	while (!s->quieted && !pthread_cond_timedwait(&s->quiet, &s->lock, &until))
		;
	s->end_asked = true;
	pthread_mutex_unlock(&s->lock);
	http_wake(s);
	pthread_join(s->thread, NULL);
	drop(sp);
}

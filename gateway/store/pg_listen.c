/*
 * What other gateways have to say, on a connection and a thread of its own: news of rows that wait for a courier and of
 * lines for web chats that hang here; and the sign of life every two seconds, without which others take over what this
 * gateway holds.
 *
 * Fatal: another process has taken this gateway's number meanwhile (this one was stopped for long, then went on). Both
 * would make the same ids, so this one ends at once; what it held is taken over.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "huiyin/clock.h"
#include "huiyin/log.h"
#include "store/pg.h"

#define PEERS_EVERY_MS 4000
#define AGAIN_MS       200
#define SKEW_MS        5000
#define REMARKS_BYTES  ((size_t)16 << 10)

struct pg_listener {
	struct pg_store *store;
	struct store_news news;
	struct pg *q;
	struct arena *arena;
	pthread_t thread;
	int stop[2]; /* a byte ends the thread */
	int64_t next_beat, next_peers;
	int connection; /* the one that listens */
	pthread_mutex_t marks; /* of what the store's config and prompts are; held over a round trip */
	pthread_mutex_t lock;  /* never so: /readyz waits for it */
	struct buf remarks;    /* under lock: JSON texts, with commas between */
};

/* ---- what is heard ------------------------------------------------------------------------------------------------ */

/* "o": rows wait. "c" and a contact's hash in hex: lines for its web chat. "s" and a name: what is shared under it. */
static void hear(struct pg_listener *l, struct slice what)
{
	struct hash16 contact;
	struct slice raw = {0};

	if (slice_is(what, "o")) {
		l->news.wake(l->news.with);
	} else if (slice_begins(what, S("c")) && hex_decode(l->arena, slice_from(what, 1), &raw) &&
		   raw.len == sizeof contact.bytes) {
		memcpy(contact.bytes, raw.data, raw.len);
		l->news.chat(l->news.with, &contact);
	} else if (slice_begins(what, S("s")) && l->news.shared) {
		l->news.shared(l->news.with, slice_from(what, 1));
	}
}

/* Whatever was said while nobody listened is asked for. */
static void catch_up(struct pg_listener *l)
{
	l->news.wake(l->news.with);
	l->news.chat(l->news.with, NULL);
	if (l->news.shared)
		l->news.shared(l->news.with, (struct slice){0});
}

/* ---- who else is there -------------------------------------------------------------------------------------------- */

static void remark(struct buf *out, const struct pg_peer *p, const char *what)
{
	if (out->len)
		buf_add_char(out, ',');
	buf_printf(out, "\"gateway " SLICE_FMT " (%d): %s\"", SLICE_ARG(p->name), p->gateway, what);
}

static void compare(struct pg_listener *l, const struct pg_peer *p, struct buf *out)
{
	const struct pg_store *s = l->store;

	if (memcmp(&p->config, &s->config, sizeof p->config) != 0)
		remark(out, p, "its configuration differs from ours: give all gateways the same huiyin.yaml");
	if (memcmp(&p->prompts, &s->prompts, sizeof p->prompts) != 0)
		remark(out, p, "its prompts differ from ours: give all gateways the same folder and reload them");
	if (!slice_is(p->version, s->version))
		remark(out, p, "it runs another version: finish the upgrade");
	if (p->skew_ms > SKEW_MS || p->skew_ms < -SKEW_MS)
		remark(out, p, "its clock is wrong by more than 5 s: let a time service set it");
}

static bool at_work(const struct pg_listener *l, const struct pg_peer *p)
{
	return p->gateway != l->store->gateway && p->seen_ms <= PG_DEAD_MS;
}

static void look_around(struct pg_listener *l)
{
	struct pg_peer *peers = NULL;
	struct buf out = buf_heap(REMARKS_BYTES);
	bool others = false;
	size_t n = 0;

	if (pg_peers(l->q, l->arena, &peers, &n) == OK) {
		pthread_mutex_lock(&l->marks);
		for (size_t i = 0; i < n; i++)
			if (at_work(l, &peers[i])) {
				compare(l, &peers[i], &out);
				others = true;
			}
		pthread_mutex_unlock(&l->marks);
		l->store->others = others;
		pthread_mutex_lock(&l->lock);
		buf_free(&l->remarks);
		l->remarks = out;
		pthread_mutex_unlock(&l->lock);
		return;
	}
	buf_free(&out);
}

/* ---- the thread --------------------------------------------------------------------------------------------------- */

static void taken(struct arena *a, struct slice why)
{
	log_line(LOG_ERROR_, "store", "another process works under this gateway's number; stopping at once", "mend",
		 why.len ? arena_cstr(a, why) : "give each gateway a number of its own (gateway: in huiyin.yaml); after an upgrade "
						"that changed the tables, start the newer program", NULL);
	_exit(EX_TEMPFAIL);
}

static bool ready(struct pg_listener *l)
{
	struct slice why = {0};
	enum result r;

	if (pg_connected(l->q) && l->connection == pg_connections(l->q))
		return true;
	if (pg_connect(l->q) != OK || pg_script(l->q, "LISTEN huiyin", 1500) != OK)
		return false;
	r = pg_register(l->store, l->q, l->arena, &why);
	if (r == NEVER)
		taken(l->arena, why);
	if (r != OK)
		return false;
	l->connection = pg_connections(l->q);
	l->next_beat = clock_mono().ms + PG_BEAT_MS;
	l->next_peers = 0;
	catch_up(l);
	return true;
}

static void say_alive(struct pg_listener *l)
{
	int64_t now = clock_mono().ms;

	if (now >= l->next_beat) {
		enum result r;

		l->next_beat = now + PG_BEAT_MS;
		pthread_mutex_lock(&l->marks);
		r = pg_beat(l->store, l->q, clock_wall().ms);
		pthread_mutex_unlock(&l->marks);
		if (r == NEVER)
			taken(l->arena, (struct slice){0});
	}
	if (now >= l->next_peers && pg_connected(l->q)) {
		l->next_peers = now + PEERS_EVERY_MS;
		look_around(l);
	}
}

/* False: time to end. */
static bool wait_for_news(struct pg_listener *l, bool listening)
{
	int64_t until = listening ? l->next_beat - clock_mono().ms : AGAIN_MS;
	struct pollfd f[2] = {{.fd = l->stop[0], .events = POLLIN}, {.fd = pg_socket(l->q), .events = POLLIN}};
	int n = poll(f, listening && f[1].fd >= 0 ? 2 : 1, until > 0 ? (int)until : 0);

	return !(n > 0 && f[0].revents);
}

static void *listen_main(void *arg)
{
	struct pg_listener *l = arg;
	bool listening;

	do {
		struct slice what;

		arena_reset(l->arena);
		listening = ready(l);
		if (listening) {
			say_alive(l);
			while (pg_news(l->q, l->arena, &what))
				hear(l, what);
		}
	} while (wait_for_news(l, listening));
	pg_leave(l->store, l->q);
	return NULL;
}

static void free_listener(struct pg_listener *l)
{
	pg_close(&l->q);
	close(l->stop[0]);
	close(l->stop[1]);
	buf_free(&l->remarks);
	arena_close(&l->arena);
	pthread_mutex_destroy(&l->marks);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

bool pg_listen(struct store *store, const struct store_news *news, struct arena *a, struct slice *why)
{
	struct pg_store *s = (struct pg_store *)store;
	struct pg_listener *l = calloc(1, sizeof *l);

	if (!l || pipe(l->stop))
		panic("store: no memory or descriptors for a listener");
	l->store = s;
	l->news = *news;
	l->arena = arena_open(0);
	l->remarks = buf_heap(REMARKS_BYTES);
	pthread_mutex_init(&l->marks, NULL);
	pthread_mutex_init(&l->lock, NULL);
	l->q = pg_connection(s, "listen", false, a, why);
	if (!l->q || pthread_create(&l->thread, NULL, listen_main, l)) {
		if (!why->len)
			*why = S("no thread can be started for what other gateways say");
		free_listener(l);
		return false;
	}
	s->listener = l; /* whoever sees it, and requests are served by now, sees all of it */
	return true;
}

void pg_hush(struct store *store)
{
	struct pg_store *s = (struct pg_store *)store;
	struct pg_listener *l = s->listener;

	if (!l)
		return;
	while (write(l->stop[1], "x", 1) < 0 && errno == EINTR)
		;
	pthread_join(l->thread, NULL);
	s->listener = NULL;
	free_listener(l);
}

void pg_runs(struct store *store, const struct hash16 *config, const struct hash16 *prompts)
{
	struct pg_store *s = (struct pg_store *)store;
	struct pg_listener *l = s->listener;

	if (l)
		pthread_mutex_lock(&l->marks);
	s->config = *config;
	s->prompts = *prompts;
	if (l)
		pthread_mutex_unlock(&l->marks);
}

bool pg_others(struct store *store)
{
	return ((struct pg_store *)store)->others;
}

void pg_remarks(struct store *store, struct buf *out)
{
	struct pg_listener *l = ((struct pg_store *)store)->listener;

	if (!l)
		return;
	pthread_mutex_lock(&l->lock);
	buf_add(out, buf_slice(&l->remarks));
	pthread_mutex_unlock(&l->lock);
}

/*
 * Who is connected: connections by ticket number, how many an address has, and how often a name may try. Nothing here
 * does I/O. A ticket carries a number that is never used again, so that an answer that comes late finds nobody rather
 * than the next request on the same socket (to answer a closed connection is fatal).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "server/inside.h"

#define SLOT_BITS 24
#define PEER_BUCKETS 1024

/* ---- connections by number ---------------------------------------------------------------------------------------- */

struct conns {
	struct conn **list;
	uint32_t n, room;
	uint32_t *free_slots;
	uint32_t n_free;
	uint64_t counter;
};

static void *grown(void *p, size_t bytes)
{
	p = realloc(p, bytes);
	if (!p)
		exhausted("%zu bytes for connections", bytes);
	return p;
}

struct conns *conns_open(void)
{
	struct conns *t = calloc(1, sizeof *t);

	if (!t)
		exhausted("conn");
	return t;
}

void conns_close(struct conns **t)
{
	if (!*t)
		return;
	free((*t)->list);
	free((*t)->free_slots);
	free(*t);
	*t = NULL;
}

static uint32_t take_slot(struct conns *t)
{
	if (t->n_free)
		return t->free_slots[--t->n_free];
	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 64;
		t->list = grown(t->list, t->room * sizeof *t->list);
		t->free_slots = grown(t->free_slots, t->room * sizeof *t->free_slots);
	}
	return t->n++;
}

struct conn *conn_open(struct server *s, const uint8_t address[16])
{
	struct conn *c = calloc(1, sizeof *c);

	if (!c)
		exhausted("conn");
	c->server = s;
	c->slot = take_slot(s->conns);
	s->conns->list[c->slot] = c;
	memcpy(c->address, address, 16);
	return c;
}

void conn_close(struct conn *c)
{
	struct conns *t = c->server->conns;

	conn_forget_request(c);
	t->list[c->slot] = NULL;
	t->free_slots[t->n_free++] = c->slot;
	free(c);
}

void conns_overdue(struct conns *t, int64_t now, void (*overdue)(struct conn *c))
{
	for (uint32_t i = 0; i < t->n; i++) {
		struct conn *c = t->list[i];

		if (!c || !c->deadline || c->deadline > now)
			continue;
		c->deadline = 0;
		overdue(c);
	}
}

void conn_new_id(struct conn *c)
{
	c->id = ++c->server->conns->counter << SLOT_BITS | c->slot;
}

struct conn *conn_find(const struct server *s, struct ticket t)
{
	uint32_t slot = (uint32_t)(t.connection & ((1u << SLOT_BITS) - 1));
	struct conn *c;

	if (!t.connection || t.server != s->number || slot >= s->conns->n)
		return NULL;
	c = s->conns->list[slot];
	return c && c->id == t.connection ? c : NULL;
}

void conn_forget_request(struct conn *c)
{
	upload_conn_gone(c);
	while (c->held) {
		struct release *r = c->held;
		struct event *e = r->event;

		c->held = r->next;
		event_close(&e); /* the release lives in it */
	}
	read_free(&c->read);
	c->reading = NULL;
	c->request = NULL;
	c->body = NULL;
	c->account = NULL;
	c->waits_for = 0;
	c->worst = ACK_DONE;
	memset(&c->answer, 0, sizeof c->answer);
	if (c->state != CONN_CHAT)
		c->id = 0;
	if (c->arena)
		arena_close(&c->arena);
	if (c->config)
		config_release(&c->config);
}

/* ---- addresses ---------------------------------------------------------------------------------------------------- */

struct peer { struct peer *next; uint8_t address[16]; size_t n; };
struct peers { struct peer *buckets[PEER_BUCKETS]; size_t total; };

struct peers *peers_open(void)
{
	struct peers *p = calloc(1, sizeof *p);

	if (!p)
		exhausted("conn");
	return p;
}

void peers_close(struct peers **p)
{
	if (!*p)
		return;
	for (size_t i = 0; i < PEER_BUCKETS; i++) {
		while ((*p)->buckets[i]) {
			struct peer *gone = (*p)->buckets[i];

			(*p)->buckets[i] = gone->next;
			free(gone);
		}
	}
	free(*p);
	*p = NULL;
}

static uint64_t fnv(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = UINT64_C(1469598103934665603);

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(1099511628211);
	return h ^ h >> 29;
}

size_t peers_add(struct peers *p, const uint8_t address[16], int change)
{
	struct peer **at = &p->buckets[fnv(address, 16) % PEER_BUCKETS], *made;
	size_t n;

	while (*at && memcmp((*at)->address, address, 16))
		at = &(*at)->next;
	if (!*at && change <= 0)
		return 0;
	if (!*at) {
		if (!(made = calloc(1, sizeof *made)))
			exhausted("conn");
		memcpy(made->address, address, 16);
		*at = made;
	}
	made = *at;
	made->n += (size_t)change;
	p->total += (size_t)change;
	n = made->n;
	if (!n) {
		*at = made->next;
		free(made);
	}
	return n;
}

size_t peers_total(const struct peers *p)
{
	return p->total;
}

static bool is_mapped(const uint8_t a[16])
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	return !memcmp(a, prefix, 12);
}

struct slice address_text(struct arena *a, const uint8_t address[16])
{
	char *out = arena_alloc(a, INET6_ADDRSTRLEN);
	const char *made = is_mapped(address) ? inet_ntop(AF_INET, address + 12, out, INET6_ADDRSTRLEN)
					      : inet_ntop(AF_INET6, address, out, INET6_ADDRSTRLEN);

	return slice_of(made);
}

bool address_read(struct slice text, uint8_t out[16])
{
	char copy[INET6_ADDRSTRLEN];

	if (!text.len || text.len >= sizeof copy)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = 0;
	memset(out, 0, 16);
	if (inet_pton(AF_INET, copy, out + 12) == 1) {
		out[10] = out[11] = 0xff;
		return true;
	}
	return inet_pton(AF_INET6, copy, out) == 1;
}

bool address_of_socket(int fd, uint8_t out[16])
{
	struct sockaddr_storage a;
	socklen_t len = sizeof a;

	memset(out, 0, 16);
	if (getpeername(fd, (struct sockaddr *)&a, &len))
		return false;
	if (a.ss_family == AF_INET6) {
		memcpy(out, &((struct sockaddr_in6 *)&a)->sin6_addr, 16);
	} else if (a.ss_family == AF_INET) {
		out[10] = out[11] = 0xff;
		memcpy(out + 12, &((struct sockaddr_in *)&a)->sin_addr, 4);
	}
	return true;
}

bool address_is_proxy(const struct config *c, const uint8_t address[16])
{
	uint8_t proxy[16];

	for (size_t i = 0; i < c->n_proxies; i++) {
		if (address_read(c->trusted_proxies[i], proxy) && !memcmp(proxy, address, 16))
			return true;
	}
	return false;
}

/* ---- so many tries a window --------------------------------------------------------------------------------------- */

#define LIMITER_WAYS 8

struct tries { uint64_t name; int64_t from; int n; };
struct limiter { size_t sets; int most; int64_t window_ms; struct tries list[]; };

struct limiter *limiter_open(size_t names, int most, int64_t window_ms)
{
	size_t sets = names / LIMITER_WAYS + 1;
	struct limiter *l = calloc(1, sizeof *l + sets * LIMITER_WAYS * sizeof *l->list);

	if (!l)
		exhausted("conn");
	l->sets = sets;
	l->most = most;
	l->window_ms = window_ms;
	return l;
}

void limiter_close(struct limiter **l)
{
	free(*l);
	*l = NULL;
}

bool limiter_take(struct limiter *l, struct slice name, int64_t mono_ms)
{
	uint64_t h = fnv(name.data, name.len) | 1;
	struct tries *set = &l->list[h % l->sets * LIMITER_WAYS], *t = set;

	for (size_t i = 0; i < LIMITER_WAYS; i++) {
		if (set[i].name == h) {
			t = &set[i];
			break;
		}
		if (!set[i].name || (t->name && set[i].from < t->from))
			t = &set[i];
	}
	if (t->name != h || mono_ms - t->from >= l->window_ms)
		*t = (struct tries){h, mono_ms, 0};
	return t->n++ < l->most;
}

/* The front door: HTTP and WebSocket on one thread. http.c is the only file that knows libwebsockets. */
#ifndef HUIYIN_SERVER_H
#define HUIYIN_SERVER_H

#include "config.h"
#include "engine/queue.h"
#include "engine/release.h"
#include "huiyin/store.h"

struct server;
struct server_options {
	struct config *config;   /* held by the server until server_reload */
	struct queue *queue;
	struct store *store;     /* for readers only; may be null in tests of the wire */
	const struct key *key;   /* names contacts: secret_hash16(key, {account, address}) */
	/* Fills gauges for /metrics and readiness; called on the server thread. May be null. */
	void (*metrics)(void *with, struct buf *prometheus);
	bool (*ready)(void *with, struct buf *json); /* false: 503 */
	void *with;
};
/* Binds and starts the thread. Null with *why. Port 0 in the config picks a free one: server_port tells it. */
struct server *server_start(const struct server_options *o, struct arena *a, struct slice *why);
int server_port(const struct server *s);
void server_release(struct server *s, struct release *list);   /* any thread; takes the events over */
/* Another gateway has stored lines for the web chat of a contact; null: of anyone. Any thread. */
void server_news(struct server *s, const struct hash16 *contact);
void server_reload(struct server *s, struct config *c);        /* any thread */
/* Accepts nothing new, waits up to wait_ms for what was taken to be answered, then ends the thread. */
void server_stop(struct server **s, int64_t wait_ms);
/* Counters of what the server itself refused, per channel: quarantine etc., as Prometheus text. */
void server_metrics(struct server *s, struct buf *out);

#endif

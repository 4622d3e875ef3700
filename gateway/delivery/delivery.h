/* The courier: takes leased outbox rows and media fetches, makes the calls, puts the results on the event queue. */
#ifndef HUIYIN_DELIVERY_H
#define HUIYIN_DELIVERY_H

#include "config.h"
#include "engine/queue.h"
#include "huiyin/store.h"

struct delivery;
struct delivery *delivery_start(struct config *c, struct queue *q, struct arena *a, struct slice *why);
/* Once, before the first row is given. Where several gateways share `s`, they keep each provider's rate together, open and
   probe its breaker as one, and use one token, sealed with `key`; elsewhere nothing happens. `s` outlives the courier. */
void delivery_share(struct delivery *d, struct store *s, const struct key *key);
void delivery_news(struct delivery *d); /* what is shared has changed. Any thread */
/* How many outbox rows it would take now (its bound less what it holds). Any thread. */
size_t delivery_room(const struct delivery *d);
size_t delivery_media_room(const struct delivery *d);
/* Copies the rows; wakes the courier. Never more than it said it had room for. */
void delivery_give(struct delivery *d, const struct outbox_row *rows, size_t n);
void delivery_give_media(struct delivery *d, const struct media_row *rows, size_t n);
void delivery_reload(struct delivery *d, struct config *c);
/* Finishes calls in flight up to wait_ms; results go to the queue; the rest keeps its lease and is taken up again. */
void delivery_stop(struct delivery **d, int64_t wait_ms);
void delivery_metrics(struct delivery *d, struct buf *prometheus);
/* One blocking call, for commands (doctor, case). `timeout_ms` in all. Body into the arena. */
bool delivery_call(const struct call *c, int64_t timeout_ms, bool verify_tls, struct arena *a, struct answer *out);

#endif

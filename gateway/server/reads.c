/*
 * Reads of the store, away from the server thread: a store that is slow or does not answer must not hold up a webhook.
 * Two desks with a thread and a reader each. A room leaves a read at its desk and is called back on the server thread
 * with what was found; who asked is known by a ticket, so that an answer nobody waits for any more is thrown away. A
 * request has its 503 when the desk is full, or after READ_WAIT_MS, whatever the store does.
 *
 * Fatal would be to give a read that is still out to anybody, or to free it: the thread writes into its arena.
 */
#include <stdlib.h>

#include "server/inside.h"

#define READS_MAX 64          /* waiting at one desk */
#define READ_WAIT_MS 2000     /* a request's, until its 503 */
#define READ_ARENA_BYTES ((size_t)32 << 20)

struct desk_room {
	struct reads *all;
	struct readers from;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct read *todo, **todo_end;
	bool ending, runs;
	size_t out;               /* the server thread's: put and not yet found */
};
struct reads { struct server *server; struct desk_room desks[DESKS]; };

/* ---- one read ----------------------------------------------------------------------------------------------------- */

struct read *read_open(struct server *s, struct conn *c, const struct question *kind, size_t bytes)
{
	struct arena *a = arena_open(READ_ARENA_BYTES);
	struct read *q = ARENA_NEW(a, struct read);

	q->question = kind;
	q->server = s;
	q->arena = a;
	q->got = LATER;
	if (c)
		q->ticket = (struct ticket){s->number, c->id};
	if (c && c->config)
		q->config = config_hold(c->config);
	q->with = arena_alloc(a, bytes);
	return q;
}

void read_free(struct read **q)
{
	struct arena *a;

	if (!*q)
		return;
	a = (*q)->arena; /* the read lives in it */
	config_release(&(*q)->config);
	arena_close(&a);
	*q = NULL;
}

bool reads_have_room(const struct server *s, enum desk desk)
{
	return s->reads && s->reads->desks[desk].out < READS_MAX;
}

size_t reads_waiting(const struct server *s)
{
	size_t n = 0;

	for (int i = 0; s->reads && i < DESKS; i++)
		n += s->reads->desks[i].out;
	return n;
}

bool read_put(struct read *q)
{
	struct desk_room *l;

	if (!reads_have_room(q->server, q->question->desk)) {
		read_free(&q);
		return false;
	}
	l = &q->server->reads->desks[q->question->desk];
	l->out++;
	q->server->counters.reads++;
	pthread_mutex_lock(&l->lock);
	*l->todo_end = q;
	l->todo_end = &q->next;
	pthread_cond_signal(&l->more);
	pthread_mutex_unlock(&l->lock);
	return true;
}

void read_request(struct conn *c, struct read *q)
{
	const struct question *kind = q->question;
	int64_t until = clock_mono().ms + READ_WAIT_MS;

	q->until = c->deadline && c->deadline < until ? c->deadline : until;
	until = q->until;
	if (!read_put(q)) {
		c->server->counters.reads_refused++;
		kind->missed(c);
		return;
	}
	conn_wait(c);
	c->reading = kind;
	c->deadline = until;
}

void read_late(struct conn *c)
{
	const struct question *kind = c->reading;

	c->server->counters.reads_late++;
	c->reading = NULL;
	kind->missed(c);
}

static void answer_found(struct conn *c, struct read *q)
{
	const struct question *kind = q->question;

	c->reading = NULL;
	if (!q->asked) { /* its time was over before its turn came */
		c->server->counters.reads_late++;
		read_free(&q);
		kind->missed(c);
		return;
	}
	c->read = q;
	kind->found(c, q);
}

void reads_found(struct server *s, struct read *list)
{
	struct read *next;

	for (; list; list = next) {
		struct conn *c = conn_find(s, list->ticket);

		next = list->next;
		s->reads->desks[list->question->desk].out--;
		if (c && c->state == CONN_WAITING && c->reading == list->question) {
			answer_found(c, list);
			continue;
		}
		if (!list->ticket.connection || (c && c->state == CONN_CHAT))
			list->question->found(c, list);
		read_free(&list);
	}
}

/* ---- the threads -------------------------------------------------------------------------------------------------- */

static void hand_back(struct server *s, struct read *q)
{
	pthread_mutex_lock(&s->lock);
	q->next = NULL;
	*s->found_end = q;
	s->found_end = &q->next;
	pthread_mutex_unlock(&s->lock);
	http_wake(s);
}

static struct read *take_first(struct desk_room *l)
{
	struct read *q = l->todo;

	l->todo = q->next;
	if (!l->todo)
		l->todo_end = &l->todo;
	return q;
}

static void *work(void *with)
{
	struct desk_room *l = with;

	pthread_mutex_lock(&l->lock);
	while (!l->ending) {
		struct read *q;

		if (!l->todo) {
			pthread_cond_wait(&l->more, &l->lock);
			continue;
		}
		q = take_first(l);
		pthread_mutex_unlock(&l->lock);
		q->asked = !q->until || clock_mono().ms < q->until;
		if (q->asked)
			q->question->ask(q, &l->from);
		hand_back(l->all->server, q);
		pthread_mutex_lock(&l->lock);
	}
	pthread_mutex_unlock(&l->lock);
	return NULL;
}

static bool desk_open(struct desk_room *l, struct store *store, bool shares, struct slice *why)
{
	l->todo_end = &l->todo;
	pthread_mutex_init(&l->lock, NULL);
	pthread_cond_init(&l->more, NULL);
	l->from.kind = store->kind;
	l->from.reader = store->kind->reader_open(store);
	if (!l->from.reader) {
		*why = S("the store gave no reader; see the log for what it says");
		return false;
	}
	if (shares && store->kind->shared_open)
		l->from.shared = store->kind->shared_open(store);
	l->runs = !pthread_create(&l->thread, NULL, work, l);
	if (!l->runs)
		*why = S("no thread for reads: the system's limit of threads is reached");
	return l->runs;
}

static void desk_close(struct desk_room *l)
{
	if (!l->all)
		return;
	pthread_mutex_lock(&l->lock);
	l->ending = true;
	pthread_cond_signal(&l->more);
	pthread_mutex_unlock(&l->lock);
	if (l->runs)
		pthread_join(l->thread, NULL);
	while (l->todo) {
		struct read *q = take_first(l);

		read_free(&q);
	}
	if (l->from.shared)
		l->from.kind->shared_close(l->from.shared);
	if (l->from.reader)
		l->from.kind->reader_close(l->from.reader);
	pthread_cond_destroy(&l->more);
	pthread_mutex_destroy(&l->lock);
}

struct reads *reads_open(struct server *s, struct slice *why)
{
	struct reads *r = calloc(1, sizeof *r);

	if (!r)
		exhausted("reads");
	r->server = s;
	for (int i = 0; i < DESKS; i++) {
		r->desks[i].all = r;
		if (!desk_open(&r->desks[i], s->store, i == DESK_OFFICE, why)) {
			reads_close(&r);
			return NULL;
		}
	}
	return r;
}

void reads_close(struct reads **rp)
{
	struct reads *r = *rp;

	if (!r)
		return;
	for (int i = 0; i < DESKS; i++)
		desk_close(&r->desks[i]);
	free(r);
	*rp = NULL;
}

/*
 * Events of random citizens, so many a batch, through the engine into the store; tells how long the store's calls took.
 * The statements themselves are timed by who asks for this (grown.py).
 *
 *   turns CONFIG N FIRST STEP ACTIVE BATCH BATCHES SAY TALK
 *
 * ACTIVE: how many of the N write at all, evenly among them (of those who answer: who is in the middle of a report). SAY, TALK: where an earlier run stopped, so that each citizen
 * is in the state that it left. BATCH: 1 … 256. Events are made a round at a time, so that a small batch brings the same mix.
 */
#include "crowd.h"

#include <time.h>

#define BATCH_EVENTS 256
#define ROUND_EVENTS 64   /* the mix is whole over so many, or over a batch where that is larger */
#define ROUND_STRIDE 39   /* prime to 64, and near its golden section */
#define WARM_EVENTS  4096
#define WARM_BATCHES 110  /* so long PostgreSQL's store asks for each message whether it came before */

/* What the store is asked, and how long it takes. */
enum asked { LOAD, APPLY, DUE, NEXT_DUE, ASKED };
static const char *const asked_names[] = {"load", "apply", "due", "next_due"};
static const struct store_kind *real;
static struct store_kind timed;
static struct spent { int64_t calls; double wall, cpu; } spent[ASKED];

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#define TIMED(what, call)                                                                                              \
	double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_THREAD_CPUTIME_ID);                                \
	enum result r = call;                                                                                          \
	spent[what].calls++;                                                                                           \
	spent[what].wall += seconds(CLOCK_MONOTONIC) - wall;                                                           \
	spent[what].cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - cpu;                                                     \
	if (r != OK)                                                                                                   \
		fail("the store says ", slice_of(result_name(r)));                                                     \
	return r

static enum result timed_load(struct store *s, struct snapshot *snap)
{
	TIMED(LOAD, real->load(s, snap));
}

static enum result timed_apply(struct store *s, struct changes *c)
{
	TIMED(APPLY, real->apply(s, c));
}

static enum result timed_due(struct store *s, int64_t now, size_t max, struct arena *a, struct timer **out, size_t *n)
{
	TIMED(DUE, real->due(s, now, max, a, out, n));
}

static enum result timed_next_due(struct store *s, int64_t *at)
{
	TIMED(NEXT_DUE, real->next_due(s, at));
}

static void watch_store(struct house *h)
{
	real = h->store->kind;
	timed = *real;
	timed.load = timed_load;
	timed.apply = timed_apply;
	timed.due = timed_due;
	timed.next_due = timed_next_due;
	h->store->kind = &timed;
}

/* Who talks where: lanes of reports, each a line further in each round; the rest answer or step back in a report that is
   open since long. */
struct talker { int64_t who; int line; };
struct load {
	struct house *h;
	int64_t batch, say, talk, events;
	struct talker lanes[BATCH_EVENTS];
	size_t n_lanes;
	int64_t sent[CLAIM_ROOM]; /* outbox rows whose receipts are still to come */
	size_t n_sent;
	struct event *round[BATCH_EVENTS];
	size_t round_size, n, played;
};

static void put(struct load *l, struct event *e)
{
	l->round[l->n++] = e;
}

static const struct kind { int64_t first, of_ten; } kinds[] = {{0, 7}, {7, 2}, {9, 1}}; /* A, B, C */

/* From one ten of citizens with active ones of this kind to the next. */
static int64_t tens_apart(const struct house *h, char kind)
{
	const int64_t apart = h->n / h->active;

	return kind == 'B' && apart < tens_with_b(h->n) ? tens_with_b(h->n) : apart;
}

static int64_t how_many(const struct house *h, char kind)
{
	return h->n / 10 / tens_apart(h, kind) * kinds[kind - 'A'].of_ten;
}

/* The i-th of a kind, in an order in which neighbours lie far apart. */
static int64_t someone(const struct house *h, char kind, int64_t i)
{
	const struct kind *k = &kinds[kind - 'A'];
	const int64_t all = how_many(h, kind), at = i % all * INT64_C(2654435761) % all; /* a prime */

	return at / k->of_ten * tens_apart(h, kind) * 10 + k->first + at % k->of_ten;
}

static void receipts(struct load *l)
{
	for (size_t i = 0; i < l->n_sent; i++)
		put(l, receipt_event(l->h, l->sent[i]));
	l->n_sent = 0;
}

static void sends(struct load *l, size_t most)
{
	struct house *h = l->h;

	while (h->n_claimed && most--) {
		const struct outbox_row *row = &h->claimed[--h->n_claimed];

		put(l, sent_event(h, row));
		l->sent[l->n_sent++] = row->m.id;
	}
}

static void staff(struct load *l, size_t each)
{
	for (size_t i = 0; i < each; i++) {
		struct slice one = case_of(l->h, l->h->line, someone(l->h, 'C', l->talk * 2 + (int64_t)i * 2));
		struct slice other = case_of(l->h, l->h->line, someone(l->h, 'C', l->talk * 2 + (int64_t)i * 2 + 1));

		put(l, staff_event(l->h, one, "message", "message", "材料已收到,正在核实。"));
		put(l, staff_event(l->h, other, "note", "message", "电话核实。"));
	}
}

static void talks(struct load *l)
{
	for (size_t i = 0; i < l->n_lanes; i++) {
		struct talker *t = &l->lanes[i];

		if (t->line++ < 0)
			continue;
		if (t->line > SCRIPT_LINES)
			t->line = 1;
		if (t->line == 1)
			t->who = someone(l->h, 'A', l->talk++);
		put(l, text_event(l->h, address_of(l->h->line, t->who), script[t->line - 1]));
	}
}

/* All of a kind once, then all again: whoever was at the place steps back next time, and comes again. */
static void says(struct load *l)
{
	int64_t all = how_many(l->h, 'B');

	for (; l->n < l->round_size; l->say++)
		put(l, text_event(l->h, address_of(l->h->line, someone(l->h, 'B', l->say)),
				  l->say / all % 2 ? "返回" : "解放路12号"));
}

static void make_round(struct load *l)
{
	size_t part = l->round_size / ROUND_EVENTS;

	l->n = l->played = 0;
	receipts(l);
	sends(l, part * 4);
	staff(l, part);
	talks(l);
	says(l);
}

/* Smaller batches are cut across a round, so that each has something of all. No citizen writes twice in a round: what one
   writes stays in order. */
static struct event *next_event(struct load *l)
{
	size_t stride = l->batch < ROUND_EVENTS ? ROUND_STRIDE : 1;

	if (l->played == l->n)
		make_round(l);
	return l->round[l->played++ * stride % l->n];
}

static void look_for_due(struct house *h)
{
	struct timer *due;
	int64_t at;
	size_t n;

	h->store->kind->due(h->store, clock_wall().ms, 64, h->line, &due, &n);
	h->store->kind->next_due(h->store, &at);
	if (n)
		fail("a timer fell due: too long since the store was filled", S(""));
}

/* What is due a gateway asks from time to time, however small its batches are: once a round. */
static void one_batch(struct load *l, size_t n)
{
	struct house *h = l->h;
	struct event *events[BATCH_EVENTS];
	bool look = n > l->n - l->played;

	arena_reset(h->line);
	for (size_t i = 0; i < n; i++)
		events[i] = next_event(l);
	take(h, engine_run(h->engine, events, n, clock_wall().ms), h->line);
	l->events += (int64_t)n;
	if (look)
		look_for_due(h);
}

static void play(struct load *l, size_t batches)
{
	for (size_t i = 0; i < batches; i++)
		one_batch(l, (size_t)l->batch);
}

/* Small batches would take long to meet those whom the engine remembers: all who answer come first, 64 a batch. */
static void warm_up(struct load *l, size_t batches)
{
	int64_t met = l->say + how_many(l->h, 'B');

	while (l->batch < ROUND_EVENTS && l->say < met && l->events < WARM_EVENTS)
		one_batch(l, ROUND_EVENTS);
	play(l, batches / 5 + WARM_BATCHES);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void tell(const struct load *l, double *took, size_t n, double wall)
{
	qsort(took, n, sizeof *took, by_value);
	printf("{\"events\": %lld, \"wall\": %.6f, \"p50\": %.6f, \"p99\": %.6f, \"say\": %lld, \"talk\": %lld",
	       (long long)n * l->batch, wall, took[n / 2], took[n * 99 / 100], (long long)l->say, (long long)l->talk);
	for (int i = 0; i < ASKED; i++)
		printf(", \"%s\": {\"calls\": %lld, \"wall\": %.6f, \"cpu\": %.6f}", asked_names[i], (long long)spent[i].calls,
		       spent[i].wall, spent[i].cpu);
	puts("}");
	fflush(stdout);
}

static void measure(struct load *l, size_t batches)
{
	double *took = ARENA_ARRAY(l->h->arena, double, batches + 1), begun, last;

	memset(spent, 0, sizeof spent);
	begun = last = seconds(CLOCK_MONOTONIC);
	for (size_t i = 0; i < batches; i++) {
		double now;

		play(l, 1);
		now = seconds(CLOCK_MONOTONIC);
		took[i] = now - last;
		last = now;
	}
	if (l->h->silent * 100 > l->events)
		fail("too many messages got no answer", S(""));
	tell(l, took, batches, last - begun);
}

static void open_load(struct load *l)
{
	int64_t round = l->batch > ROUND_EVENTS ? l->batch : ROUND_EVENTS;

	if (l->batch < 1 || l->batch > BATCH_EVENTS || l->h->active < round * 10 || l->h->active > l->h->n)
		fail("BATCH: 1 … 256, and ten times as many who are active, at least 640", S(""));
	l->round_size = (size_t)round;
	l->n_lanes = l->round_size / ROUND_EVENTS * SCRIPT_LINES;
	for (size_t i = 0; i < l->n_lanes; i++) /* they begin one after the other */
		l->lanes[i].line = -(int)(i % SCRIPT_LINES);
}

/* A fifth more, first, to warm up; then it says so and waits for a word. At the end again, with the connection open; then
   the rest of the round is played, since what SAY and TALK count must have been said. */
static void turns(struct load *l, size_t batches)
{
	open_load(l);
	open_store(l->h);
	watch_store(l->h);
	warm_up(l, batches);
	puts("ready");
	fflush(stdout);
	if (getchar() == EOF)
		return;
	measure(l, batches);
	getchar();
	if (l->played < l->n)
		one_batch(l, l->n - l->played);
}

int main(int argc, char **argv)
{
	struct house h = {0};
	struct load l = {.h = &h};

	if (argc != 10 || !secret_start()) {
		fprintf(stderr, "usage: turns CONFIG N FIRST STEP ACTIVE BATCH BATCHES SAY TALK\n");
		return 2;
	}
	open_config(&h, argv[1]);
	h.n = number_arg(argv[2]);
	h.first = number_arg(argv[3]);
	h.step = number_arg(argv[4]);
	h.active = number_arg(argv[5]);
	l.batch = number_arg(argv[6]);
	l.say = number_arg(argv[8]);
	l.talk = number_arg(argv[9]);
	turns(&l, (size_t)number_arg(argv[7]));
	close_house(&h);
	return 0;
}

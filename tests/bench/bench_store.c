/*
 * How fast a store takes turns, and whether it stays so when it is full. A turn is what a message in the middle of a
 * flow costs the store: one load (contact by name, duplicate, session), then one journal row, one dedupe key, one
 * inline reply, one session with its timer, two counts. `bench_store URL [contacts messages]`: fills a new store first,
 * telling how far it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "huiyin/store.h"

#define ACTIVE    20000 /* people in the middle of a flow */
#define BATCH_MAX 512

static struct key key = {{7}};
static struct arena *arena;
static int64_t next_id, next_message, now; /* begun from the clock, so that a filled file can be measured again */
static double load_cpu, apply_cpu;         /* inside the store, this thread */

static struct hash16 name_of(const char *kind, int64_t i)
{
	char text[32];
	struct slice parts[2] = {slice_of(kind), {text, 0}};

	parts[1].len = (size_t)snprintf(text, sizeof text, "%lld", (long long)i);
	return secret_hash16(&key, parts, 2);
}

static double seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(enum result r, const char *what)
{
	if (r == OK)
		return;
	fprintf(stderr, "bench_store: %s: %s\n", what, result_name(r));
	exit(1);
}

static struct slice session_text(int64_t turn)
{
	return arena_printf(
		arena,
		"v1;q=story;t=%lld;a=kind:wages:欠薪:2;a=place:解放路12号:解放路12号:解放路12号;"
		"a=employer:城南建筑公司:城南建筑公司:城南建筑公司;a=since:2026-08-01:2026年8月1日:八月一号;"
		"c=老板欠了我们班组十二个人三个月的工资,一直说没钱,打电话也不接,去工地也找不到人。",
		(long long)turn);
}

/* ---- filling ---- */

static void add_contact(struct changes *c, int64_t id, bool session)
{
	struct contact *p = ARENA_NEW(arena, struct contact);

	*p = (struct contact){.id = id,
			      .hash = name_of("person", id),
			      .channel = S("twilio"),
			      .lang = S("zh"),
			      .address = arena_printf(arena, "+86138%08lld", (long long)id),
			      .created_at = now,
			      .fresh = true};
	LIST_ADD(c, contacts, p);
	if (!session)
		return;
	struct session_row *s = ARENA_NEW(arena, struct session_row);
	*s = (struct session_row){id, S("report"), S("0123456789abcdef"), session_text(0), true, true, false};
	LIST_ADD(c, sessions, s);
	LIST_ADD(c, timers_put, ((struct timer){id, TIMER_SESSION, S(""), now + 600000}));
}

static void add_case(struct changes *c, int64_t i, int64_t contact)
{
	struct case_row *row = ARENA_NEW(arena, struct case_row);

	*row = (struct case_row){
		.number = arena_printf(arena, "%06d-%04d-0", (int)(100000 + i / 10000), (int)(i % 10000)),
		.contact = contact,
		.channel = S("twilio"),
		.lang = S("zh"),
		.status = CASE_CLOSED,
		.purpose = S("demand"),
		.flow = S("report"),
		.category = S("wages"),
		.place = S("解放路12号"),
		.unit = S("人社局"),
		.text = S("老板欠了我们班组十二个人三个月的工资,一直说没钱。"),
		.fields = S("{\"kind\":{\"value\":\"wages\",\"label\":\"欠薪\",\"original\":\"2\"}}"),
		.created_at = now,
		.updated_at = now,
		.version = 1,
		.fresh = true};
	LIST_ADD(c, cases, row);
}

static void add_message(struct changes *c, int64_t contact)
{
	struct outbox_row *r = ARENA_NEW(arena, struct outbox_row);
	int64_t event = next_id++, m = next_message++;

	LIST_ADD(c, inbox,
		 ((struct inbox_row){.id = event,
				     .at = now,
				     .contact = contact,
				     .kind = EVENT_MESSAGE,
				     .channel = S("twilio"),
				     .text = S("老板欠了我们三个月的工资,打电话也不接。"),
				     .provider_id = arena_printf(arena, "SM%032llx", (unsigned long long)m),
				     .rid = arena_printf(arena, "%016llx", (unsigned long long)event),
				     .fate = S("answered"),
				     .sent_at = now}));
	LIST_ADD(c, dedupe, ((struct dedupe_put){name_of("message", m), event, now}));
	*r = (struct outbox_row){.m = {.id = next_id++,
				       .contact = contact,
				       .part = 1,
				       .parts = 1,
				       .created_at = now,
				       .text = S("请说明经过,可分多条发送,说完回复0。\n回复「返回」可改上一题。"),
				       .from = S("+15550001111")},
				 .channel = S("twilio"),
				 .state = DELIVERY_SENT,
				 .inline_reply = true,
				 .cause = event,
				 .next_at = now,
				 .fresh = true};
	LIST_ADD(c, outbox, r);
	LIST_ADD(c, counts, ((struct count){S("twilio"), S("received"), 1}));
	LIST_ADD(c, counts, ((struct count){S("twilio"), S("answered"), 1}));
}

static struct changes begin(void)
{
	arena_reset(arena);
	now += 3;
	return (struct changes){.arena = arena, .now = now, .day = S("2026-11-21")};
}

static void progress(const char *what, int64_t done, int64_t all)
{
	static double last;
	double t = seconds(CLOCK_MONOTONIC);

	if (t - last < 1 && done < all)
		return;
	last = t;
	fprintf(stderr, "\r%s: %lld of %lld   %s", what, (long long)done, (long long)all, done < all ? "" : "\n");
}

static uint64_t draw(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	return x ^= x << 17;
}

/* The active ones are spread evenly over all. */
static bool is_active(int64_t id, int64_t contacts)
{
	return id % (contacts / ACTIVE) == 0;
}

static void fill(struct store *s, int64_t contacts, int64_t messages)
{
	for (int64_t i = 0; i < contacts;) {
		struct changes c = begin();
		for (int64_t end = i + BATCH_MAX; i < end && i < contacts; i++) {
			add_contact(&c, i + 1, is_active(i + 1, contacts));
			if (contacts > ACTIVE)
				add_case(&c, i, i + 1);
		}
		must(s->kind->apply(s, &c), "contacts");
		progress(contacts > ACTIVE ? "contacts and cases" : "contacts", i, contacts);
	}
	for (int64_t done = 0; done < messages;) {
		struct changes c = begin();
		for (int i = 0; i < BATCH_MAX && done < messages; i++, done++)
			add_message(&c, 1 + (int64_t)(draw() % (uint64_t)contacts));
		must(s->kind->apply(s, &c), "messages");
		progress("messages", done, messages);
	}
}

static bool is_filled(struct store *s)
{
	struct want w = {.contact_id = 1};
	struct snapshot snap = {.arena = arena, .wants = &w, .n = 1, .day = S("261121")};

	must(s->kind->load(s, &snap), "load");
	return w.contact;
}

/* ---- turns ---- */

static void turns(struct store *s, int64_t contacts, int batch)
{
	struct changes c = begin();
	struct want *w = ARENA_ARRAY(arena, struct want, batch);
	struct snapshot snap = {.arena = arena, .wants = w, .n = (size_t)batch, .day = S("261121")};
	static int64_t who;
	double t;

	for (int i = 0; i < batch; i++) {
		int64_t id = (1 + (who++ * 7919) % ACTIVE) * (contacts / ACTIVE);
		w[i] = (struct want){.by_hash = true,
				     .hash = name_of("person", id),
				     .has_dedupe = true,
				     .dedupe = name_of("message", next_message + i)};
	}
	t = seconds(CLOCK_THREAD_CPUTIME_ID);
	must(s->kind->load(s, &snap), "load");
	load_cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - t;
	for (int i = 0; i < batch; i++) {
		if (!w[i].contact || !w[i].session || w[i].duplicate) {
			fprintf(stderr, "bench_store: a turn did not find what was stored\n");
			exit(1);
		}
		w[i].session->data = session_text(next_message);
		LIST_ADD(&c, sessions, w[i].session);
		LIST_ADD(&c, timers_put, ((struct timer){w[i].contact->id, TIMER_SESSION, S(""), now + 600000}));
		add_message(&c, w[i].contact->id);
	}
	t = seconds(CLOCK_THREAD_CPUTIME_ID);
	must(s->kind->apply(s, &c), "apply");
	apply_cpu += seconds(CLOCK_THREAD_CPUTIME_ID) - t;
}

static int64_t resident_kib(void)
{
	int64_t pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f && fscanf(f, "%*d %ld", &pages) != 1)
		pages = 0;
	if (f)
		fclose(f);
	return pages * 4;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(struct store *s, int64_t contacts, int batch, double for_seconds)
{
	enum { SAMPLES = 200000 };
	static double took[SAMPLES];
	double wall = seconds(CLOCK_MONOTONIC), last = wall, t = wall;
	int64_t n = 0;
	size_t k = 0;

	load_cpu = apply_cpu = 0;
	for (; t - wall < for_seconds; last = t) {
		turns(s, contacts, batch);
		n += batch;
		t = seconds(CLOCK_MONOTONIC);
		if (k < SAMPLES)
			took[k++] = t - last;
	}
	qsort(took, k, sizeof *took, by_value);
	printf("batch %3d: %7.0f turns/s  %5.2f us CPU a turn (load %4.2f apply %5.2f)  batch p50 %6.2f ms p99 %6.2f "
	       "ms max %6.2f ms  resident %lld KiB\n",
	       batch, (double)n / (t - wall), (load_cpu + apply_cpu) / (double)n * 1e6, load_cpu / (double)n * 1e6,
	       apply_cpu / (double)n * 1e6, took[k / 2] * 1e3, took[k * 99 / 100] * 1e3, took[k - 1] * 1e3,
	       (long long)resident_kib());
	fflush(stdout);
}

static int64_t number(const char *text)
{
	int64_t n = 0;

	return slice_to_int(slice_of(text), &n) ? n : 0;
}

int main(int argc, char **argv)
{
	static const int batches[] = {1, 8, 64, 256};
	int64_t contacts = argc > 2 ? number(argv[2]) : ACTIVE, messages = argc > 3 ? number(argv[3]) : 0;
	struct slice why = {0};
	struct store *s;

	if (argc < 2 || contacts < ACTIVE || !secret_start()) {
		fprintf(stderr, "usage: bench_store sqlite:/new/file.db [contacts (at least %d) [messages]]\n", ACTIVE);
		return 2;
	}
	arena = arena_open(0);
	s = store_open(slice_of(argv[1]), &key, arena, &why);
	if (!s) {
		fprintf(stderr, "bench_store: " SLICE_FMT "\n", SLICE_ARG(why));
		return 1;
	}
	now = (int64_t)time(NULL) * 1000;
	next_message = now << 16;
	next_id = now << 20;
	if (!is_filled(s))
		fill(s, contacts, messages);
	must(s->kind->tidy(s, now, (int64_t)30 * 86400000), "tidy");
	printf("%lld contacts, %lld messages, %s\n", (long long)contacts, (long long)messages, argv[1]);
	for (size_t i = 0; i < sizeof batches / sizeof *batches; i++)
		measure(s, contacts, batches[i], 4);
	s->kind->close(s);
	arena_close(&arena);
	return 0;
}

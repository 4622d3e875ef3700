/*
 * What grown.py needs to fill a store: everything that takes the program's own rules or the store's key.
 *
 *   fill_store pattern CONFIG               plays the three lives through the engine, into a new store; life and id of each
 *   fill_store names CONFIG N FIRST STEP    what only the key tells of each citizen, a line each, for COPY
 *   fill_store keys CONFIG N FIRST STEP OFFSET
 *                                           puts the dedupe keys of their messages (SQLite, which keeps them in runs)
 *   fill_store statements CONFIG            name and text of each statement of the PostgreSQL store
 */
#include "crowd.h"
#include "store/pg.h"

#define EPOCH_2024_MS INT64_C(1704067200000) /* ids begin here (engine/queue.c) */
#define MESSAGES_KEPT 2                      /* of each citizen: their dedupe keys */

static struct hash16 name_of(const struct house *h, struct slice address)
{
	struct slice parts[2] = {S("sms"), address};

	return secret_hash16(&h->key, parts, 2);
}

static struct slice message_id(struct arena *a, int64_t i, int which)
{
	return arena_printf(a, "SM%d%031lld", which, (long long)i);
}

static struct hash16 dedupe_of(const struct house *h, struct slice id, const struct hash16 *name)
{
	struct slice parts[2] = {S("sms"), id};
	struct hash16 key = secret_hash16(&h->key, parts, 2);

	key.bytes[0] = name->bytes[0]; /* beside its contact */
	return key;
}

static int64_t id_of(int64_t at)
{
	return (at - EPOCH_2024_MS) * 4194304 + 16384;
}

/* ---- pattern ---------------------------------------------------------------------------------------------------- */

static struct slice run_one(struct house *h, struct event *e)
{
	return take(h, engine_run(h->engine, &e, 1, clock_wall().ms), h->arena);
}

static void deliver(struct house *h)
{
	while (h->n_claimed) {
		const struct outbox_row row = h->claimed[--h->n_claimed];

		run_one(h, sent_event(h, &row));
		run_one(h, receipt_event(h, row.m.id));
	}
}

static struct slice file_case(struct house *h, struct slice from)
{
	struct slice number = {0};

	for (int i = 0; i < SCRIPT_LINES; i++) {
		if (number.len)
			fail("the report ends early; its script no longer fits the prompts", S(""));
		number = run_one(h, text_event(h, from, script[i]));
	}
	if (!number.len)
		fail("the report does not end in a case; its script no longer fits the prompts", S(""));
	return number;
}

static void staff_does(struct house *h, struct slice number, const char *verb, const char *name, const char *value)
{
	run_one(h, staff_event(h, number, verb, name, value));
	deliver(h);
}

static void play(struct house *h, char kind)
{
	struct slice from = arena_printf(h->arena, "+861990000000%d", kind), number = file_case(h, from);
	struct hash16 name = name_of(h, from);
	struct contact *c = NULL;
	struct reader *r;

	staff_does(h, number, "accept", NULL, NULL);
	if (kind != 'C') {
		staff_does(h, number, "answer", "result", "已派人修好水管。");
		staff_does(h, number, "close", NULL, NULL);
		run_one(h, text_event(h, from, "1")); /* satisfied */
		deliver(h);
	}
	for (int i = 0; kind == 'B' && i < 2; i++)
		run_one(h, text_event(h, from, script[i]));
	r = h->store->kind->reader_open(h->store);
	if (!r || h->store->kind->find_contact(r, name, h->arena, &c) != OK || !c)
		fail("a citizen is not found again", S(""));
	printf("%c\t%lld\n", kind, (long long)c->id);
	h->store->kind->reader_close(r);
}

static void pattern(struct house *h)
{
	open_store(h);
	for (const char *kind = "ABC"; *kind; kind++)
		play(h, *kind);
}

/* ---- names and keys --------------------------------------------------------------------------------------------- */

/* As COPY reads bytes. */
static const char *bytes_text(struct arena *a, struct slice bytes)
{
	return arena_cstr(a, arena_printf(a, "\\\\x" SLICE_FMT, SLICE_ARG(hex_encode(a, bytes))));
}

static const char *hash_text(struct arena *a, const struct hash16 *h)
{
	return bytes_text(a, slice_make((const char *)h->bytes, sizeof h->bytes));
}

/* n, at, kind, shard, contact, name, sealed address, case number, its directory's shard, the provider's id of the last
   send, its directory's shard, dedupe keys. */
static void print_names(struct house *h, int64_t i)
{
	int64_t at = h->first + i * h->step;
	struct slice address = address_of(h->line, i), number = case_of(h, h->line, i);
	struct slice sent = message_id(h->line, i, 9);
	struct hash16 name = name_of(h, address);
	int shard = store_shard_of_hash(&name);

	printf("%lld\t%lld\t%c\t%d\t%lld\t%s\t%s\t" SLICE_FMT "\t%d\t" SLICE_FMT "\t%d", (long long)i, (long long)at, kind_of(i, h->n),
	       shard, (long long)(id_of(at) + shard), hash_text(h->line, &name),
	       bytes_text(h->line, secret_seal(h->line, &h->key, address)), SLICE_ARG(number), pg_shard_of_case(number),
	       SLICE_ARG(sent), pg_shard_of_provider(S("sms"), sent));
	for (int k = 0; k < MESSAGES_KEPT; k++) {
		struct hash16 key = dedupe_of(h, message_id(h->line, i, k), &name);

		printf("\t%s", hash_text(h->line, &key));
	}
	putchar('\n');
}

static void names(struct house *h)
{
	for (int64_t i = 0; i < h->n; i++) {
		arena_reset(h->line);
		print_names(h, i);
	}
}

static void statements(void)
{
	static const char *const of[] = {
#define PG(name, text) #name,
#include "store/pg_statements.def"
#undef PG
	};

	for (int i = 0; i < PG_STATEMENTS; i++)
		printf("%s\t%s\n", of[i], pg_statements[i]);
}

static void keys(struct house *h, int64_t offset)
{
	enum { AT_ONCE = 256 }; /* what one batch may bring: runs are sealed at their size */

	open_store(h);
	for (int64_t from = 0; from < h->n; from += AT_ONCE) {
		struct changes c = {.arena = h->line, .now = clock_wall().ms, .day = S("2026-01-01")};

		arena_reset(h->line);
		for (int64_t i = from; i < from + AT_ONCE && i < h->n; i++) {
			struct hash16 name = name_of(h, address_of(h->line, i));

			for (int k = 0; k < MESSAGES_KEPT; k++) {
				int64_t at = h->first + i * h->step + (k + 1) * offset;

				LIST_ADD(&c, dedupe,
					 ((struct dedupe_put){dedupe_of(h, message_id(h->line, i, k), &name), id_of(at), at}));
			}
		}
		if (h->store->kind->apply(h->store, &c) != OK)
			fail("the keys were not stored", S(""));
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	struct house h = {0};

	if (argc < 3 || !secret_start()) {
		fprintf(stderr, "usage: fill_store pattern|names|keys|statements CONFIG [N FIRST STEP [OFFSET]]\n");
		return 2;
	}
	open_config(&h, argv[2]);
	h.n = argc > 5 ? number_arg(argv[3]) : 0;
	h.first = argc > 5 ? number_arg(argv[4]) : 0;
	h.step = argc > 5 ? number_arg(argv[5]) : 0;
	if (!strcmp(what, "pattern"))
		pattern(&h);
	else if (!strcmp(what, "statements"))
		statements();
	else if (!strcmp(what, "names") && argc == 6)
		names(&h);
	else if (!strcmp(what, "keys") && argc == 7)
		keys(&h, number_arg(argv[6]));
	else
		fail("what is asked for is none of pattern, names, keys, statements", S(""));
	close_house(&h);
	return 0;
}

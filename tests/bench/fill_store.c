/*
 * Fills a store through its own front with contacts, closed cases and old messages, for the growth part of `make bench`:
 *     fill_store huiyin.yaml CONTACTS CASES MESSAGES
 */
#include "config.h"
#include "huiyin/store.h"

#include <stdio.h>
#include <stdlib.h>

#define BATCH 5000
#define EPOCH_ID INT64_C(100000000000000000)

static int64_t number_arg(const char *s)
{
	int64_t n = 0;

	return slice_to_int(slice_of(s), &n) ? n : 0;
}

static struct hash16 hash_of(const struct key *k, const char *what, int64_t i)
{
	char text[48];
	struct slice parts[1];

	snprintf(text, sizeof text, "%s%lld", what, (long long)i);
	parts[0] = slice_of(text);
	return secret_hash16(k, parts, 1);
}

static void add_contact(struct changes *c, const struct key *k, int64_t i)
{
	struct contact *row = ARENA_NEW(c->arena, struct contact);

	*row = (struct contact){.id = EPOCH_ID + i, .hash = hash_of(k, "contact", i), .channel = S("sms"),
				.address = arena_printf(c->arena, "+1888%07lld", (long long)i), .lang = S("zh"),
				.created_at = c->now, .greeted_at = c->now, .fresh = true, .changed = true};
	LIST_ADD(c, contacts, row);
}

static void add_case(struct changes *c, const struct key *k, int64_t i, int64_t contacts)
{
	struct case_row *row = ARENA_NEW(c->arena, struct case_row);

	*row = (struct case_row){.number = arena_printf(c->arena, "25%04lld-%04lld-0", (long long)(i / 10000), (long long)(i % 10000)),
				 .contact = EPOCH_ID + i % contacts, .channel = S("sms"), .lang = S("zh"), .status = CASE_CLOSED,
				 .purpose = S("demand"), .flow = S("report"), .category = S("housing"), .place = S("解放路12号"),
				 .text = S("楼上漏水已经三天了,物业一直没有人来看,天花板都湿了。"), .fields = S("{}"),
				 .code = hash_of(k, "code", i), .created_at = c->now, .updated_at = c->now, .version = 1,
				 .fresh = true, .changed = true};
	LIST_ADD(c, cases, row);
}

static void add_message(struct changes *c, const struct key *k, int64_t i, int64_t contacts)
{
	struct outbox_row *out;
	int64_t id = EPOCH_ID + 2 * i;

	if (i % 2) { /* half came in, half went out */
		LIST_ADD(c, inbox,
			 ((struct inbox_row){.id = id, .at = c->now, .contact = EPOCH_ID + i % contacts, .kind = EVENT_MESSAGE,
					     .channel = S("sms"), .provider_id = arena_printf(c->arena, "SMold%029lld", (long long)i),
					     .text = S("解放路12号"), .rid = S("r0"), .fate = S("answered"), .sent_at = c->now}));
		LIST_ADD(c, dedupe, ((struct dedupe_put){hash_of(k, "dedupe", i), id, c->now}));
		return;
	}
	out = ARENA_NEW(c->arena, struct outbox_row);
	*out = (struct outbox_row){.m = {.id = id, .contact = EPOCH_ID + i % contacts, .text = S("请说明经过,可分多条发送,说完回复0。"),
					 .part = 1, .parts = 1, .created_at = c->now},
				   .channel = S("sms"), .state = DELIVERY_SENT, .cause = id - 1, .inline_reply = true,
				   .fresh = true, .changed = true};
	LIST_ADD(c, outbox, out);
}

static bool fill(struct store *s, const struct key *k, const char *what, int64_t n, int64_t contacts)
{
	for (int64_t from = 0; from < n; from += BATCH) {
		struct arena *a = arena_open(0);
		struct changes c = {.arena = a, .now = clock_wall().ms - INT64_C(3600000), .day = S("2025-01-01")};
		enum result r;

		for (int64_t i = from; i < n && i < from + BATCH; i++) {
			if (what[1] == 'o')
				add_contact(&c, k, i);
			else if (what[1] == 'a')
				add_case(&c, k, i, contacts);
			else
				add_message(&c, k, i, contacts);
		}
		r = s->kind->apply(s, &c);
		arena_close(&a);
		if (r != OK) {
			fprintf(stderr, "fill_store: stopped with %s\n", result_name(r));
			return false;
		}
		if (from / BATCH % 20 == 0) {
			s->kind->tidy(s, clock_wall().ms, INT64_C(30) * 86400000);
			fprintf(stderr, "  %s %lld of %lld\n", what, (long long)from, (long long)n);
		}
	}
	return true;
}

int main(int argc, char **argv)
{
	struct arena *a = arena_open(0);
	struct diags d = diags_in(a);
	struct config *c = argc == 5 && secret_start() ? config_load(argv[1], &d) : NULL;
	struct slice why = {0};
	struct key key;
	struct store *s = c && config_store_key(c, &key, &why, a) ? store_open(c->store, &key, a, &why) : NULL;
	int64_t contacts = argc == 5 ? number_arg(argv[2]) : 0;
	bool ok;

	if (!s || contacts < 1) {
		fprintf(stderr, "usage: fill_store huiyin.yaml CONTACTS CASES MESSAGES  (" SLICE_FMT ")\n", SLICE_ARG(why));
		return 1;
	}
	ok = fill(s, &key, "contacts", contacts, contacts) && fill(s, &key, "cases", number_arg(argv[3]), contacts) &&
	     fill(s, &key, "messages", number_arg(argv[4]), contacts);
	s->kind->close(s);
	config_release(&c);
	arena_close(&a);
	return ok ? 0 : 1;
}

/*
 * The loader: any bytes as a flow file (named fuzz) beside sound words. It loads or says why. What loads has a
 * canonical text that loads to the same revision, can be drawn and can be talked with.
 */
#include <stdlib.h>

#include "huiyin/flow.h"
#include "huiyin/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static const char words[] = "languages: [zh, en]\n"
			    "opt_out: {exact: {zh: [T], en: [STOP]}, match: [退订], say: {zh: 好, en: ok}}\n"
			    "words:\n"
			    "  back: {exact: [back], say: {zh: 首, en: first}}\n"
			    "  skip: {exact: [skip], say: {zh: 不可, en: no}}\n"
			    "texts: {not_understood: {zh: 没懂, en: pardon}, handed_over: {zh: 转, en: passed}}\n";
static const char part[] =
	"part: who\nask:\n  - name:\n      say: {zh: 姓名, en: name}\n      match: '.'\n      optional: true\n";

static void check(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	check(secret_start());
	return 0;
}

static void talk_with(const struct flow *f, struct arena *a)
{
	static const char *const lines[] = {"1", "楼上漏水没人管", "2", "no", "0", "yes", "x", "y", "z", "1"};
	struct context c = {.channel = S("sms"),
			    .lang = S("zh"),
			    .sms = true,
			    .open = true,
			    .now = 1795000000000,
			    .zone = zone_open("Asia/Shanghai"),
			    .next_number = S("261118-0003-4"),
			    .next_code = S("1234567890")};
	struct zone *zone = (struct zone *)(uintptr_t)c.zone;
	struct matcher *m = matcher_open();
	struct session s = {0};
	struct step out = {0};
	struct message msg = {.text = S("你好")};

	flow_begin(f, m, a, &msg, &c, &s, &out);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0] && !s.ended; i++) {
		msg.text = slice_of(lines[i]);
		flow_answer(f, m, a, &msg, &c, &s, &out);
		check(session_unpack(session_pack(&s, a), a, &s));
	}
	matcher_close(&m);
	zone_close(&zone);
}

static void check_flow(const struct flow_set *set, const struct flow *f, struct arena *a)
{
	struct diags d = diags_in(a);
	struct buf out = buf_in(a, 1 << 20);
	struct flow *again = flow_revive(set, flow_name(f), flow_source(f), &d);

	check(again != NULL);
	check(slice_equal(flow_revision(again), flow_revision(f)));
	flow_graph(again, false, S("en"), &out);
	flow_graph(again, true, S("zh"), &out);
	talk_with(again, a);
	flow_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_open(0);
	struct slice names[] = {S("words.yaml"), S("fuzz.yaml"), S("parts/who.yaml")};
	struct slice texts[] = {slice_of(words), {(const char *)data, size}, slice_of(part)};
	struct diags d = diags_in(a);
	struct buf out = buf_in(a, 4 << 20);
	struct flow_set *set = flow_set_parse(names, texts, 3, &d);

	diags_print(&d, &out, true);
	check(utf8_valid(buf_slice(&out)) || !out.len);
	check(set ? d.errors == 0 : d.errors > 0);
	for (size_t i = 0; set && i < flow_count(set); i++)
		check_flow(set, flow_at(set, i), a);
	flow_set_release(&set);
	arena_close(&a);
	return 0;
}

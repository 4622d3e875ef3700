/* A small flow set, and one citizen who talks with it. For the tests of the flow room. */
#ifndef FLOW_FIXTURE_H
#define FLOW_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "flow/flow_internal.h"
#include "huiyin/case.h"

#define NOW  INT64_C(1795053600000) /* 2026-11-19T02:00:00Z */
#define ZONE "Asia/Shanghai"

static const char words_yaml[] =
	"languages: [zh, en]\n"
	"emergency: {zh: '110 / 119 / 120', en: '110 / 119 / 120'}\n"
	"opt_out:\n"
	"  exact: {zh: [退订, T, TD, N], en: [STOP, END]}\n"
	"  match: ['(不要|别)再(给我)?发']\n"
	"  unless: ['视频']\n"
	"  say: {zh: 已退订, en: Stopped}\n"
	"opt_in: {exact: [START], say: {zh: 已恢复, en: Resumed}}\n"
	"urgent:\n"
	"  fire: {match: {zh: [着火], en: ['\\bfire\\b']}, unless: {en: [fired]}, say: {zh: '请打 {emergency}', en: "
	"'Call {emergency}'}}\n"
	"words:\n"
	"  help: {exact: [帮助, help], say: {zh: 怎么用, en: how it works}}\n"
	"  back: {exact: [返回, back], say: {zh: 已经是第一个问题, en: this is the first question}}\n"
	"  skip: {exact: [跳过, skip], say: {zh: 这个问题不能跳过, en: this cannot be skipped}}\n"
	"  restart: {exact: [重来, restart], say: {zh: 重新开始, en: from the start}}\n"
	"  cancel: {exact: [取消, drop it], say: {zh: 已取消, en: dropped}}\n"
	"  language: {exact: [english, 中文, 语言], to: {zh: 中文, en: english}, say: {zh: 好的, en: all right}}\n"
	"texts:\n"
	"  not_understood: {zh: 没看明白, en: not understood}\n"
	"  say_remind: {zh: 还没完成, en: not finished}\n"
	"  handed_over: {zh: 已转人工, en: handed over}\n"
	"  media_later: {zh: 照片收到了, en: photo kept}\n"
	"  collect_more: {zh: 请继续, en: go on}\n"
	"  change_which: {zh: 改第几项, en: which line}\n"
	"  expired: {zh: 已结束, en: ended}\n"
	"  ask_code: {zh: 请回复查询码, en: and the code}\n"
	"  ask_number: {zh: 请回复编号, en: the number please}\n"
	"  code_sorry: {zh: 查询码是十位数字, en: ten digits}\n"
	"  understood: {zh: '您说的是{label}', en: 'It is about {label}'}\n"
	"  done: {zh: 说完了, en: Done}\n"
	"  yes: {zh: 是, en: 'Yes'}\n"
	"  change: {zh: 修改, en: Change}\n";

static const char report_yaml[] = "flow: report\n"
				  "about: {zh: 反映问题, en: Report}\n"
				  "languages: [zh, en]\n"
				  "start:\n"
				  "  - match: '^1$|投诉|\\bcomplain'\n"
				  "  - otherwise: true\n"
				  "ask:\n"
				  "  - kind:\n"
				  "      title: {zh: 类别, en: Kind}\n"
				  "      say: {zh: 哪类问题, en: What kind}\n"
				  "      choices:\n"
				  "        housing: {match: '住房|物业|漏水|\\bhous', zh: 住房, en: Housing}\n"
				  "        wages: {match: '工资|欠薪|\\bwage', zh: 工资, en: Wages}\n"
				  "      tries: 3\n"
				  "      else: person\n"
				  "  - place:\n"
				  "      say: {zh: 在哪里, en: Where}\n"
				  "      match: '^(?<place>.{4,60})$'\n"
				  "      sorry: {zh: 请写具体, en: more exactly}\n"
				  "      location: true\n"
				  "      tries: 2\n"
				  "      else: accept\n"
				  "  - employer:\n"
				  "      when: {kind: '^wages$'}\n"
				  "      say: {zh: 哪个单位, en: Which employer}\n"
				  "      match: '^(?<employer>\\p{L}+)(?: (?<boss>\\p{L}+))?$'\n"
				  "      optional: true\n"
				  "  - story:\n"
				  "      say: {zh: 请说经过, en: What happened}\n"
				  "      collect: {until: '^(0|完|done)$', max: 40, min: 2}\n"
				  "      media: 3\n"
				  "  - check:\n"
				  "      say: {zh: \"请核对:\\n{summary}\", en: \"Please check:\\n{summary}\"}\n"
				  "      confirm: true\n"
				  "idle: {remind: 10m, file_draft: 24h, expire: 7d}\n"
				  "file: {purpose: demand, category: '{kind}', place: '{place}', text: '{story}'}\n"
				  "say: {zh: '编号{case},{kind}', en: 'Number {case}, {kind}'}\n";

struct talk {
	struct arena *a;
	struct matcher *m;
	struct flow_set *set;
	const struct flow *f;
	struct context c;
	struct session s;
	struct step out;
	struct zone *zone;
};

/* Pairs of name and text, a null name ends. Fails the test if it does not load. */
static inline struct flow_set *set_of(struct arena *a, const char *const *files)
{
	struct slice names[16], texts[16];
	struct diags d = diags_in(a);
	struct buf out = buf_in(a, 1 << 20);
	struct flow_set *s;
	size_t n = 0;

	for (; files[2 * n]; n++) {
		names[n] = slice_of(files[2 * n]);
		texts[n] = slice_of(files[2 * n + 1]);
	}
	s = flow_set_parse(names, texts, n, &d);
	if (!s) {
		diags_print(&d, &out, false);
		fail_msg(SLICE_FMT, SLICE_ARG(buf_slice(&out)));
	}
	return s;
}

/* Everything that is said about a set that must not load. */
static inline struct slice complaints(struct arena *a, const char *const *files)
{
	struct slice names[16], texts[16];
	struct diags d = diags_in(a);
	struct buf out = buf_in(a, 1 << 20);
	struct flow_set *s;
	size_t n = 0;

	for (; files[2 * n]; n++) {
		names[n] = slice_of(files[2 * n]);
		texts[n] = slice_of(files[2 * n + 1]);
	}
	s = flow_set_parse(names, texts, n, &d);
	assert_null(s);
	assert_true(d.errors > 0);
	diags_print(&d, &out, false);
	return buf_slice(&out);
}

static inline void assert_says(struct slice whole, const char *part)
{
	if (slice_find(whole, slice_of(part)) == whole.len)
		fail_msg("'%s' is not in: " SLICE_FMT, part, SLICE_ARG(whole));
}

static inline struct talk talk_with(const char *const *files, const char *flow)
{
	struct talk t = {.a = arena_open(0), .m = matcher_open(), .zone = zone_open(ZONE)};

	assert_non_null(t.zone);
	t.set = set_of(t.a, files);
	t.f = flow_find(t.set, slice_of(flow));
	assert_non_null(t.f);
	t.c = (struct context){.channel = S("sms"),
			       .lang = S("zh"),
			       .sms = true,
			       .open = true,
			       .now = NOW,
			       .zone = t.zone,
			       .next_number = S("261119-0001-8"),
			       .next_code = S("1234567890")};
	return t;
}

static inline struct talk talk_report(void)
{
	const char *const files[] = {"words.yaml", words_yaml, "report.yaml", report_yaml, NULL};

	return talk_with(files, "report");
}

static inline void talk_end(struct talk *t)
{
	matcher_close(&t->m);
	flow_set_release(&t->set);
	zone_close(&t->zone);
	arena_close(&t->a);
}

/* Every turn goes through the packed form, as it does in the store. */
static inline void pack_and_unpack(struct talk *t)
{
	struct slice packed = session_pack(&t->s, t->a);

	assert_true(session_unpack(packed, t->a, &t->s));
}

static inline void begin_msg(struct talk *t, struct message m)
{
	memset(&t->s, 0, sizeof t->s);
	t->s.contact = 7;
	flow_begin(t->f, t->m, t->a, &m, &t->c, &t->s, &t->out);
	pack_and_unpack(t);
}

static inline void begin(struct talk *t, const char *text)
{
	begin_msg(t, (struct message){.text = slice_of(text)});
}

static inline void say_msg(struct talk *t, struct message m)
{
	flow_answer(t->f, t->m, t->a, &m, &t->c, &t->s, &t->out);
	pack_and_unpack(t);
}

static inline void say(struct talk *t, const char *text)
{
	say_msg(t, (struct message){.text = slice_of(text)});
}

static inline void control(struct talk *t, enum word_kind word)
{
	flow_control(t->f, t->m, t->a, word, &t->c, &t->s, &t->out);
	pack_and_unpack(t);
}

static inline void wait_ms(struct talk *t, int64_t ms)
{
	t->c.now += ms;
	flow_timer(t->f, t->m, t->a, &t->c, &t->s, &t->out);
	pack_and_unpack(t);
}

/* All replies of the last step, one behind the other. */
static inline struct slice heard(struct talk *t)
{
	struct buf out = buf_in(t->a, 1 << 16);

	for (size_t i = 0; i < t->out.n_replies; i++) {
		buf_add_c(&out, i ? "|" : "");
		buf_add(&out, t->out.replies[i].text);
	}
	return buf_slice(&out);
}

static inline void assert_heard(struct talk *t, const char *part)
{
	assert_says(heard(t), part);
}

static inline void assert_asks(struct talk *t, const char *question)
{
	if (!slice_is(t->s.question, question))
		fail_msg("it asks '" SLICE_FMT "', not '%s'; heard: " SLICE_FMT, SLICE_ARG(t->s.question), question,
			 SLICE_ARG(heard(t)));
}

static inline void assert_value(struct talk *t, const char *field, const char *value)
{
	const struct session_answer *a = session_get(&t->s, slice_of(field));

	if (!a || !slice_is(a->value, value))
		fail_msg("'%s' is '" SLICE_FMT "', not '%s'", field, SLICE_ARG(a ? a->value : S("(nothing)")), value);
}

#endif

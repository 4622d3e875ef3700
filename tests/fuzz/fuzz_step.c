/*
 * Conversations: the first byte picks a flow of the shipped prompts, each line is a message, a control word or time
 * that passes. After every turn the session must pack and come back, something was said, done or kept, and a
 * conversation that is open has a question and a time at which it is looked at again.
 */
#include <stdlib.h>
#include <string.h>

#include "huiyin/flow.h"
#include "huiyin/form.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

static struct flow_set *set;
static struct matcher *matcher;
static struct zone *zone;

static void check(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct arena *a = arena_open(0);
	struct diags d = diags_in(a);

	(void)argc;
	(void)argv;
	secret_start();
	set = flow_set_load("prompts", &d);
	matcher = matcher_open();
	zone = zone_open("Asia/Shanghai");
	check(set && zone);
	arena_close(&a);
	return 0;
}

struct world {
	struct arena *a;
	const struct flow *f;
	struct context c;
	struct session s;
	struct case_brief cases[2];
};

static void check_turn(struct world *w, const struct step *out)
{
	struct session back;

	check(out->n_replies <= STEP_MAX_REPLIES && out->n_acts <= STEP_MAX_ACTS);
	check(w->s.n_answers <= SESSION_MAX_ANSWERS && w->s.n_media <= SESSION_MAX_MEDIA);
	for (size_t i = 0; i < out->n_replies; i++) {
		check(out->replies[i].text.len > 0 && utf8_valid(out->replies[i].text));
		check(out->replies[i].n_buttons <= MESSAGE_MAX_BUTTONS);
	}
	check(session_unpack(session_pack(&w->s, w->a), w->a, &back));
	check(slice_equal(back.question, w->s.question) && back.n_answers == w->s.n_answers);
	check(w->s.ended || (w->s.question.len && out->due_at > 0));
	w->s = back;
}

static void check_answer(struct world *w, const struct step *out)
{
	check_turn(w, out);
	/* silence is for further pieces of a story, and for what another room takes */
	check(out->n_replies || out->n_acts || out->passed || w->s.collected.len || w->s.n_media);
}

static struct message message_of(struct world *w, struct slice line, unsigned flags)
{
	struct message m = {.text = utf8_cut(utf8_repair(w->a, line), 4096)};

	if (flags & 8)
		m.n_media = 1 + (flags & 3);
	for (size_t i = 0; i < m.n_media; i++)
		m.media[i].url = S("123");
	if (flags & 16)
		m.button = m.text;
	m.has_location = flags & 32;
	m.latitude = (double)line.len - 90;
	return m;
}

static void turn(struct world *w, struct slice line)
{
	static const enum word_kind words[] = {WORD_BACK, WORD_SKIP, WORD_RESTART, WORD_CANCEL, WORD_NONE};
	unsigned flags = line.len ? (unsigned char)line.data[0] : 0;
	struct step out = {0};
	struct message m;

	switch (flags) {
	case '<':
	case '>':
	case '*':
	case '#':
	case '=':
		flow_control(w->f, matcher, w->a, words[strchr("<>*#=", (int)flags) - "<>*#="], &w->c, &w->s, &out);
		check_turn(w, &out);
		check(out.n_replies || out.n_acts); /* what is added or asked about is told by the engine */
		return;
	case '~':
		w->c.now += (int64_t)line.len * line.len * 600000;
		flow_timer(w->f, matcher, w->a, &w->c, &w->s, &out);
		check_turn(w, &out);
		check(w->s.ended || out.due_at > w->c.now);
		return;
	case '@':
		w->c.lang = w->c.lang.data[0] == 'z' ? S("en") : S("zh");
		w->c.sms = !w->c.sms;
		w->c.buttons = !w->c.sms;
		return;
	default:
		m = message_of(w, line, flags < ' ' ? flags << 3 : 0);
		flow_answer(w->f, matcher, w->a, &m, &w->c, &w->s, &out);
		check_answer(w, &out);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.a = arena_open(0)};
	struct slice rest = {(const char *)data, size < 4096 ? size : 4096}, line;
	unsigned pick = size ? data[0] : 0;
	struct step out = {0};
	struct message m;

	w.f = flow_at(set, pick % flow_count(set));
	w.cases[0] = (struct case_brief){S("261118-0001-6"), S("wages"), S("accepted")};
	w.cases[1] = (struct case_brief){S("261118-0002-7"), S("housing"), S("draft")};
	w.c = (struct context){.channel = S("sms"),
			       .lang = S("zh"),
			       .sms = true,
			       .open = true,
			       .now = 1795000000000,
			       .zone = zone,
			       .cases = w.cases,
			       .n_cases = pick / 16 % 3,
			       .next_number = S("261118-0003-4"),
			       .next_code = S("1234567890")};
	rest = slice_from(rest, 1);
	if (!slice_next(&rest, '\n', &line))
		line = (struct slice){0};
	m = message_of(&w, line, 0);
	flow_begin(w.f, matcher, w.a, &m, &w.c, &w.s, &out);
	check_answer(&w, &out);
	for (int i = 0; i < 60 && !w.s.ended && slice_next(&rest, '\n', &line); i++)
		turn(&w, line);
	arena_close(&w.a);
	return 0;
}

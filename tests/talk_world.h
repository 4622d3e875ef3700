/*
 * The small world in which a talk plays: one citizen, the flows, and what the engine would say and do, without network,
 * store or clock. For tests/talks.c.
 */
#ifndef TALK_WORLD_H
#define TALK_WORLD_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "huiyin/case.h"
#include "huiyin/flow.h"
#include "huiyin/form.h"

#define TALK_MAX_BYTES ((size_t)1 << 20)
#define REPLIES_MAX    64
#define ACTS_MAX       32
#define CASES_MAX      10
#define FACTS_MAX      16

struct talk {
	const char *path;
	int line;
	struct arena *arena; /* of the whole talk */
	struct matcher *matcher;
	struct flow_set *set;
	const struct flow *flow;
	struct session session;
	bool open;
	struct context c;
	struct zone *zone;
	struct case_brief cases[CASES_MAX];
	struct field facts[FACTS_MAX];
	size_t n_facts;
	struct slice replies[REPLIES_MAX];
	size_t n_replies, used, heard; /* used: the next pattern looks from here on; heard: matched up to here */
	struct act acts[ACTS_MAX];
	struct session act_sessions[ACTS_MAX];
	size_t n_acts, acts_used;
	struct slice word; /* of the last words written */
	int64_t due_at, sequence;
	int passed, failed;
	bool verbose;
	jmp_buf out_of_here;
};

/* ---- verdicts ---- */

static void passed(struct talk *t)
{
	t->passed++;
}

static void failed(struct talk *t, const char *what, struct slice came)
{
	t->failed++;
	printf("%s:%d: %s", t->path, t->line, what);
	if (came.len)
		printf(": " SLICE_FMT, SLICE_ARG(came));
	printf("\n");
}

static void judge(struct talk *t, bool right, const char *what, struct slice came)
{
	if (right)
		passed(t);
	else
		failed(t, what, came);
}

/* The talk itself is wrong: it counts as failed, and the next file is played. */
static _Noreturn void give_up(struct talk *t, const char *what)
{
	failed(t, what, (struct slice){0});
	longjmp(t->out_of_here, 1);
}

/* ---- what the gateway says and does ---- */

static void hear(struct talk *t, struct slice text)
{
	if (text.len && t->verbose)
		printf("    < " SLICE_FMT "\n", SLICE_ARG(text));
	if (text.len && t->n_replies < REPLIES_MAX)
		t->replies[t->n_replies++] = arena_copy(t->arena, text);
}

static void hear_key(struct talk *t, const char *key)
{
	hear(t, flow_text(t->set, t->arena, slice_of(key), &t->c));
}

static void next_case(struct talk *t)
{
	t->c.next_number = case_number_make(t->arena, t->c.now, t->c.zone, ++t->sequence);
	t->c.next_code = case_code_make(t->arena, 0x9E3779B97F4A7C15u * (uint64_t)t->sequence);
}

static void remember_case(struct talk *t, struct slice label, const char *status)
{
	if (t->c.n_cases == CASES_MAX)
		return;
	memmove(t->cases + 1, t->cases, t->c.n_cases * sizeof t->cases[0]);
	t->cases[0] = (struct case_brief){t->c.next_number, arena_copy(t->arena, label), slice_of(status)};
	t->c.n_cases++;
	next_case(t);
}

static void say_of_case(struct talk *t, struct slice number, const char *key)
{
	t->c.case_number = number;
	hear_key(t, key);
	t->c.case_number = (struct slice){0};
}

/* What the engine answers to an act, as far as a talk can see it. */
static void perform(struct talk *t, const struct act *a)
{
	struct slice number = a->case_number;

	if (a->what == ACT_DRAFT) {
		t->session.draft_case = t->c.next_number;
		say_of_case(t, t->c.next_number, "text.draft_filed");
		remember_case(t, a->category, "draft");
	} else if (a->what == ACT_FILE && !a->case_number.len) {
		remember_case(t, a->category, "registered");
	} else if (a->what == ACT_ADD) {
		say_of_case(t, number, "text.added");
	} else if (a->what == ACT_WITHDRAW) {
		say_of_case(t, number, "notice.withdrawn");
	} else if (a->what == ACT_STATUS) {
		say_of_case(t, number, "text.status_line");
	}
}

static void take_step(struct talk *t, const struct step *s)
{
	for (size_t i = 0; i < s->n_replies; i++)
		hear(t, s->replies[i].text);
	for (size_t i = 0; i < s->n_acts; i++) {
		if (t->n_acts < ACTS_MAX) {
			t->act_sessions[t->n_acts] = t->session;
			t->acts[t->n_acts++] = s->acts[i];
		}
		perform(t, &s->acts[i]);
	}
	t->due_at = s->due_at;
	t->open = !t->session.ended;
	if (t->open) { /* through the store and back, as every turn is */
		struct slice packed = session_pack(&t->session, t->arena);
		if (!session_unpack(packed, t->arena, &t->session))
			give_up(t, "the session does not come back from its packed form");
	}
}

static void begin(struct talk *t, const struct flow *f, const struct message *m)
{
	struct step s = {0};

	t->flow = f;
	memset(&t->session, 0, sizeof t->session);
	flow_begin(f, t->matcher, t->arena, m, &t->c, &t->session, &s);
	take_step(t, &s);
}

static void control(struct talk *t, enum word_kind word)
{
	struct step s = {0};

	flow_control(t->flow, t->matcher, t->arena, word, &t->c, &t->session, &s);
	take_step(t, &s);
}

/* ---- the order in which a text is understood (design 4) ---- */

static void say_word(struct talk *t, const struct word *w)
{
	hear(t, flow_word_text(t->set, t->arena, w->name, &t->c));
}

static void tell_statuses(struct talk *t)
{
	const struct flow *f = flow_find(t->set, S("status"));

	for (size_t i = 0; i < t->c.n_cases && i < 3; i++)
		say_of_case(t, t->cases[i].number, "text.status_line");
	if (!t->c.n_cases && f && !t->open)
		begin(t, f, &(struct message){.text = {0}});
	else if (!t->c.n_cases)
		hear_key(t, "text.no_cases");
}

/* True: the word was all there is to it. */
static bool take_word(struct talk *t, const struct word *w, const struct message *m)
{
	switch (w->kind) {
	case WORD_NONE:
		return false;
	case WORD_OPT_OUT:
		if (m->text.len == 1 && !t->c.sms)
			return false;
		say_word(t, w);
		t->open = t->open && w->topic.len;
		return true;
	case WORD_OPT_IN:
	case WORD_URGENT:
		say_word(t, w);
		return true;
	case WORD_BACK:
	case WORD_SKIP:
	case WORD_RESTART:
	case WORD_CANCEL:
		if (!t->open)
			return false;
		control(t, w->kind);
		return true;
	case WORD_STATUS:
		tell_statuses(t);
		break;
	case WORD_GREET:
	case WORD_THANKS:
		if (t->open && t->session.collected.len)
			return false;
		say_word(t, w);
		break;
	case WORD_LANGUAGE:
		if (w->lang.len)
			t->c.lang = arena_copy(t->arena, w->lang);
		say_word(t, w);
		break;
	default:
		say_word(t, w);
		break;
	}
	if (t->open && t->session.question.len && w->kind != WORD_STATUS)
		control(t, WORD_NONE);
	return true;
}

static bool take_question(struct talk *t, const struct message *m)
{
	struct step s = {0};

	if (!t->open)
		return false;
	flow_answer(t->flow, t->matcher, t->arena, m, &t->c, &t->session, &s);
	if (s.passed && !s.n_replies)
		return false;
	take_step(t, &s);
	return true;
}

static bool take_number(struct talk *t, const struct message *m)
{
	const struct flow *f = flow_find(t->set, S("status"));
	struct slice number;

	if (case_number_find(t->arena, m->text, &number, 1) != 1)
		return false;
	for (size_t i = 0; i < t->c.n_cases; i++)
		if (slice_equal(t->cases[i].number, number)) {
			say_of_case(t, number, "text.status_line");
			return true;
		}
	if (!f || t->open)
		return false;
	begin(t, f, m);
	return true;
}

static void citizen(struct talk *t, const struct message *m)
{
	const struct flow *f;
	struct word w = {0};

	t->n_replies = t->used = t->heard = t->n_acts = t->acts_used = 0;
	if (m->text.len && !m->button.len)
		w = flow_word(t->set, t->matcher, t->arena, m->text);
	t->word = w.name;
	if (take_word(t, &w, m))
		return;
	if (m->scan.len)
		t->open = false;
	if (take_question(t, m) || take_number(t, m) || t->open)
		return;
	f = flow_start_match(t->set, t->matcher, t->arena, m, &t->c, true);
	if (f)
		begin(t, f, m);
	else
		hear_key(t, "text.menu");
}

#endif

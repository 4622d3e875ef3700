/*
 * What comes of a conversation: the endings whose conditions hold become acts for the engine, the closing words are
 * said. Also the draft of one that was left, and the hand-over to a person. Pure.
 */
#include "flow/flow_internal.h"

#include <string.h>

static struct act *act_add(struct turn *t, enum action what)
{
	struct step *out = t->out;
	struct act *a = &out->acts[out->n_acts < STEP_MAX_ACTS ? out->n_acts++ : STEP_MAX_ACTS - 1];

	*a = (struct act){.what = what};
	return a;
}

/* Values, not labels: the category is "housing". */
static void fill(const struct voice *v, const struct ending *e, struct act *a)
{
	a->purpose = render(v, &e->purpose);
	a->category = render(v, &e->category);
	a->place = render(v, &e->place);
	a->text = render(v, &e->text);
	a->case_number = render(v, &e->case_number);
	a->code = render(v, &e->code);
	a->value = render(v, &e->value);
	a->window = render(v, &e->window);
	a->reason = render(v, &e->reason);
	a->confidential = e->confidential;
}

/* {code} is a typed one or nothing: never the candidate of a case that is not being filed. */
static struct slice typed_code(const struct turn *t)
{
	const struct session_answer *code = session_get(t->s, S("code"));

	return code ? code->value : (struct slice){0};
}

static void perform(struct turn *t, const struct ending *e)
{
	struct voice v = turn_voice(t);
	struct act *a = act_add(t, e->what);

	v.values = true;
	fill(&v, e, a);
	if (e->what == ACT_FILE)
		a->case_number = t->s->draft_case;
	else
		a->code = typed_code(t);
	if (!a->window.len)
		a->window = t->s->window;
}

/* A flow that ends without a word of its own still gets one (design 2.7). What is added, withdrawn or asked about is
   told by the engine, which knows the case. */
static void last_word(struct turn *t)
{
	enum action what = t->out->n_acts ? t->out->acts[0].what : ACT_NONE;

	if (t->out->n_replies || t->before.len)
		return;
	if (what == ACT_NONE)
		turn_word(t, "ended", "cancel");
	else if (what == ACT_PERSON)
		t->before = turn_text(t, "handed_over");
	else if (what == ACT_RATE)
		t->before = turn_text(t, "rated");
	else if (what == ACT_FILE)
		t->before = flow_text(t->f->set, t->a, S("notice.registered"), t->c);
}

void turn_finish(struct turn *t)
{
	struct voice v = turn_voice(t);
	bool own_words = false;

	t->s->question = (struct slice){0};
	t->s->changing = (struct slice){0};
	t->s->confirming = false;
	for (size_t i = 0; i < t->f->n_endings; i++) {
		const struct ending *e = &t->f->endings[i];

		if (!conditions_hold(&v, t->m, &e->when))
			continue;
		perform(t, e);
		if (e->say.by_lang) {
			turn_say(t, render_text(&v, &t->f->languages, &e->say));
			own_words = true;
		}
	}
	if (!own_words && t->f->say.by_lang && conditions_hold(&v, t->m, &t->f->say_when))
		turn_say(t, render_text(&v, &t->f->languages, &t->f->say));
	last_word(t);
	turn_say(t, (struct slice){0}); /* whatever still waits to be said */
	t->s->ended = true;
}

/* ---- what was left ---- */

static bool anything_said(const struct session *s)
{
	for (size_t i = 0; i < s->n_answers; i++)
		if (s->answers[i].value.len && s->answers[i].original.len)
			return true;
	return s->collected.len || s->n_media;
}

/* What is to be added needs no draft: it goes into the case, and the conversation is over. */
static bool add_what_there_is(struct turn *t, const struct session *told)
{
	const struct ending *e = &t->f->endings[0];
	struct voice v = turn_voice(t);

	v.session = told;
	v.values = true;
	if (!render(&v, &e->case_number).len || (!render(&v, &e->text).len && !told->n_media))
		return false;
	*t->s = *told;
	perform(t, e);
	t->s->question = t->s->collected = (struct slice){0};
	t->s->ended = true;
	return true;
}

bool turn_draft(struct turn *t)
{
	const struct question *q = question_find(t->f, t->s->question);
	struct session copy = *t->s; /* the unfinished story counts as told */
	struct voice v = turn_voice(t);
	struct act *a;

	if (!t->f->n_endings || !anything_said(t->s))
		return false;
	if (q && q->kind == ASK_COLLECT && copy.collected.len)
		session_put(&copy,
			    (struct session_answer){q->name, q->name, copy.collected, copy.collected, copy.collected});
	if (t->f->endings[0].what == ACT_ADD)
		return add_what_there_is(t, &copy);
	if (t->f->endings[0].what != ACT_FILE)
		return false;
	a = act_add(t, ACT_DRAFT);
	v.session = &copy;
	v.values = true;
	fill(&v, &t->f->endings[0], a);
	if (!a->text.len) {
		const struct session_answer *opening = session_get(&copy, S("opening"));
		a->text = copy.collected.len ? copy.collected : opening ? opening->value : (struct slice){0};
	}
	a->window = t->s->window;
	return true;
}

/* Everything said so far goes along, so that nobody has to say it twice. */
void turn_give_up(struct turn *t, const struct question *q)
{
	struct voice v = turn_voice(t);
	struct act *a = act_add(t, ACT_PERSON);
	struct buf words = buf_in(t->a, FLOW_TEXT_MAX_BYTES);

	a->reason = arena_printf(t->a, SLICE_FMT "." SLICE_FMT, SLICE_ARG(t->f->name), SLICE_ARG(q->name));
	buf_add(&words, summary_of(&v));
	if (t->s->collected.len) {
		buf_add_c(&words, words.len ? "\n" : "");
		buf_add(&words, t->s->collected);
	}
	if (t->msg && t->msg->text.len) {
		buf_add_c(&words, words.len ? "\n" : "");
		buf_add(&words, t->msg->text);
	}
	a->text = buf_slice(&words);
	a->window = t->s->window;
	turn_say(t, turn_text(t, "handed_over"));
	t->s->question = (struct slice){0};
	t->s->ended = true;
}

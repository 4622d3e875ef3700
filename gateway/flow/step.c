/*
 * One turn of a conversation: session, answer, facts → next session, replies, acts. Pure and fast: no I/O, no clock, no
 * globals, nothing compiled; memory comes from the batch's arena. Whatever comes in, something is said, done or kept
 * (design 2.7); only further pieces of a story are taken in silence.
 */
#include "flow/flow_internal.h"

#include "huiyin/case.h"

#define NUMBER_MAX_BYTES 48

/* ---- time ---- */

static bool draft_wanted(const struct flow *f, const struct session *s)
{
	return f->draft_ms && !s->draft_case.len;
}

/* When flow_timer has something to do next; 0: never. */
static int64_t next_due(const struct flow *f, const struct session *s, int64_t after)
{
	int64_t due = s->touched_at + f->expire_ms;

	if (s->ended)
		return 0;
	if (draft_wanted(f, s) && s->touched_at + f->draft_ms > after && s->touched_at + f->draft_ms < due)
		due = s->touched_at + f->draft_ms;
	if (f->remind_ms && !s->reminded && s->touched_at + f->remind_ms < due)
		due = s->touched_at + f->remind_ms;
	return due;
}

struct turn turn_of(const struct flow *f, struct matcher *m, struct arena *a, const struct message *msg,
		    const struct context *c, struct session *s, struct step *out)
{
	out->n_replies = out->n_acts = 0;
	out->understood = out->limited = out->passed = false;
	out->due_at = 0;
	return (struct turn){.f = f, .m = m, .a = a, .msg = msg, .c = c, .s = s, .out = out};
}

void turn_end(struct turn *t)
{
	if (t->before.len)
		turn_say(t, (struct slice){0});
	t->out->due_at = next_due(t->f, t->s, t->s->touched_at);
}

/* ---- going on ---- */

static bool collected_before(const struct turn *t)
{
	for (size_t i = 0; i < t->f->n_questions; i++)
		if (t->f->questions[i].kind == ASK_COLLECT && session_has(t->s, t->f->questions[i].name))
			return true;
	return false;
}

void turn_open(struct turn *t, const struct question *q)
{
	const struct session_answer *opening = session_get(t->s, S("opening"));

	if (!slice_equal(t->s->question, q->name))
		t->s->tries = 0;
	t->s->question = q->name;
	t->s->confirming = q->kind == ASK_CONFIRM;
	t->s->asked_at = t->c->now;
	if (q->kind == ASK_COLLECT && opening && !t->s->collected.len && !t->s->changing.len && !collected_before(t))
		t->s->collected = opening->value;
	turn_ask(t, q);
}

static void put_empty(struct turn *t, const struct question *q)
{
	session_drop(t->s, q->name);
	session_put(t->s, (struct session_answer){.question = q->name, .field = q->name});
}

static void tell(struct turn *t, const struct question *q)
{
	struct voice v = turn_voice(t);

	turn_say(t, render_text(&v, &t->f->languages, &q->say));
	put_empty(t, q);
}

/* From the first question on: what does not apply (any more) is dropped, what is answered is passed over. */
void turn_advance(struct turn *t)
{
	struct voice v = turn_voice(t);

	t->s->changing = (struct slice){0};
	for (size_t i = 0; i < t->f->n_questions; i++) {
		const struct question *q = &t->f->questions[i];

		if (q->when.n && !conditions_hold(&v, t->m, &q->when)) {
			session_drop(t->s, q->name);
			continue;
		}
		if (session_has(t->s, q->name))
			continue;
		if (q->kind == ASK_TELL) {
			tell(t, q);
			continue;
		}
		if (q->kind == ASK_CASE && case_answers_itself(t, q))
			continue;
		turn_open(t, q);
		return;
	}
	turn_finish(t);
}

/* ---- taking an answer ---- */

static void keep_reading(struct turn *t, const struct question *q, const struct reading *r)
{
	session_drop(t->s, q->name);
	for (size_t i = 0; i < r->n; i++)
		session_put(t->s, (struct session_answer){q->name, r->list[i].field, r->list[i].value, r->list[i].label,
							  slice_trim(r->list[i].original)});
}

static enum answered answer_simple(struct turn *t, const struct question *q)
{
	struct reading r;

	if (!question_read(q, &t->f->languages, t->m, t->a, t->msg, t->c, &r)) {
		t->out->limited = t->out->limited || r.limited;
		return ANSWERED_NO;
	}
	keep_reading(t, q, &r);
	return ANSWERED_YES;
}

static enum answered skip(struct turn *t, const struct question *q)
{
	if (q->kind == ASK_COLLECT && t->s->collected.len && collect_finish(t, q))
		return ANSWERED_YES;
	if (!q->optional)
		return ANSWERED_NO;
	t->s->collected = (struct slice){0};
	put_empty(t, q);
	return ANSWERED_YES;
}

static enum answered answer(struct turn *t, const struct question *q)
{
	if (q->optional && slice_is(t->msg->button, "skip"))
		return skip(t, q);
	switch (q->kind) {
	case ASK_CONFIRM:
		return answer_confirm(t, q);
	case ASK_CASE:
		return answer_case(t, q);
	case ASK_COLLECT:
		return answer_collect(t, q);
	default:
		return answer_simple(t, q);
	}
}

/* Photos are never lost, wanted or not. True: some came that this question did not ask for, or too many. */
static bool keep_media(struct turn *t, const struct question *q)
{
	size_t most = q->media && q->media < SESSION_MAX_MEDIA ? q->media : SESSION_MAX_MEDIA;
	bool odd = t->msg->n_media && !q->media;

	for (size_t i = 0; i < t->msg->n_media && i < MESSAGE_MAX_MEDIA; i++) {
		if (t->s->n_media < most)
			t->s->media[t->s->n_media++] = t->msg->media[i].url;
		else
			odd = true;
	}
	return odd;
}

void turn_keep_location(struct turn *t)
{
	struct slice pin = arena_printf(t->a, "%.6f,%.6f", t->msg->latitude, t->msg->longitude);

	session_put(t->s, (struct session_answer){(struct slice){0}, S("location"), pin, pin, pin});
}

static void accept_as_it_is(struct turn *t, const struct question *q)
{
	struct slice text = slice_trim(t->msg->text);

	if (q->kind == ASK_COLLECT)
		text = t->s->collected.len ? t->s->collected : text;
	t->s->collected = (struct slice){0};
	session_drop(t->s, q->name);
	session_put(t->s, (struct session_answer){q->name, q->name, text, text, text});
}

static void accept_choice(struct turn *t, const struct question *q)
{
	struct voice v = turn_voice(t);
	struct slice label = render_text(&v, &t->f->languages, &q->else_choice->label), text = slice_trim(t->msg->text);

	session_drop(t->s, q->name);
	session_put(t->s, (struct session_answer){q->name, q->name, q->else_choice->key, label, text});
}

/* After so many refused answers. */
static void give_in(struct turn *t, const struct question *q)
{
	switch (q->otherwise) {
	case ELSE_SKIP:
		t->s->collected = (struct slice){0};
		put_empty(t, q);
		turn_advance(t);
		break;
	case ELSE_ACCEPT:
		accept_as_it_is(t, q);
		turn_advance(t);
		break;
	case ELSE_CHOICE:
		accept_choice(t, q);
		turn_advance(t);
		break;
	case ELSE_END:
		turn_word(t, "ended", "cancel");
		turn_say(t, (struct slice){0});
		t->s->question = (struct slice){0};
		t->s->ended = true;
		break;
	default:
		turn_give_up(t, q);
		break;
	}
}

static void refuse(struct turn *t, const struct question *q)
{
	if (t->msg->button.len) { /* a button of an earlier question: nobody's mistake */
		turn_ask(t, q);
		return;
	}
	t->s->tries++;
	if (q->tries && t->s->tries >= q->tries)
		give_in(t, q);
	else
		turn_sorry(t, q);
}

/* A message that is a case number and nothing else is about that case, unless the question wants one. */
static bool is_case_number(const struct turn *t)
{
	struct slice text = slice_trim(t->msg->text), canonical;

	if (text.len < 9 || text.len > NUMBER_MAX_BYTES || !text_is_digits(text))
		return false;
	return case_number_read(t->a, text, &canonical);
}

static bool wants_numbers(const struct question *q)
{
	return q->kind == ASK_CASE || q->kind == ASK_COLLECT ||
	       (q->kind == ASK_TYPE &&
		(slice_is(q->type, "phone") || slice_is(q->type, "id_card") || slice_is(q->type, "number")));
}

static void take(struct turn *t, const struct question *q)
{
	bool odd = keep_media(t, q), words = t->msg->text.len || t->msg->button.len;
	bool pin = t->msg->has_location && !q->location;
	enum answered how;

	if (pin)
		turn_keep_location(t);
	if (odd)
		t->before = turn_text(t, "media_later");
	if (!words && (pin || t->msg->n_media) && q->kind != ASK_COLLECT && !(q->location && t->msg->has_location)) {
		t->out->understood = true;
		turn_ask(t, q);
		return;
	}
	how = answer(t, q);
	t->out->understood = how != ANSWERED_NO;
	if (how == ANSWERED_YES)
		turn_advance(t);
	else if (how == ANSWERED_NO)
		refuse(t, q);
}

void flow_answer(const struct flow *f, struct matcher *m, struct arena *a, const struct message *msg,
		 const struct context *c, struct session *s, struct step *out)
{
	struct turn t = turn_of(f, m, a, msg, c, s, out);
	const struct question *q = question_find(f, s->question);

	s->touched_at = c->now;
	s->reminded = false;
	if (!q)
		turn_advance(&t);
	else if (!wants_numbers(q) && !msg->button.len && is_case_number(&t))
		out->passed = true;
	else
		take(&t, q);
	turn_end(&t);
}

/* ---- back, skip, restart, cancel ---- */

/* The question whose answer came last from the person; null: there is none. */
static const struct question *last_answered(const struct turn *t)
{
	for (size_t i = t->s->n_answers; i-- > 0;) {
		const struct session_answer *a = &t->s->answers[i];
		const struct question *q = question_find(t->f, a->question);

		if (!q || q->kind == ASK_TELL || (q->kind == ASK_CASE && !a->original.len))
			continue;
		return q;
	}
	return NULL;
}

static void go_back(struct turn *t, const struct question *open)
{
	const struct question *q = last_answered(t);

	if (t->s->changing.len) { /* leaves the old answer as it was */
		turn_advance(t);
		return;
	}
	if (session_has(t->s, S("~"))) {
		session_drop(t->s, S("~"));
		turn_ask(t, open);
		return;
	}
	if (!q) {
		turn_word(t, "no_back", "back");
		turn_ask(t, open);
		return;
	}
	session_drop(t->s, q->name);
	if (q->kind == ASK_COLLECT)
		t->s->collected = (struct slice){0};
	turn_open(t, q);
}

static void restart(struct turn *t)
{
	t->s->n_answers = 0;
	t->s->n_media = 0;
	t->s->tries = 0;
	t->s->collected = t->s->changing = t->s->question = (struct slice){0};
	turn_word(t, "restarted", "restart");
	turn_advance(t);
}

static void cancel(struct turn *t)
{
	turn_word(t, "cancelled", "cancel");
	turn_say(t, (struct slice){0});
	t->s->question = (struct slice){0};
	t->s->ended = true;
}

static void control_skip(struct turn *t, const struct question *q)
{
	if (skip(t, q) == ANSWERED_YES) {
		turn_advance(t);
		return;
	}
	turn_word(t, "cannot_skip", "skip");
	turn_ask(t, q);
}

void flow_control(const struct flow *f, struct matcher *m, struct arena *a, enum word_kind word,
		  const struct context *c, struct session *s, struct step *out)
{
	static const struct message nothing;
	struct turn t = turn_of(f, m, a, &nothing, c, s, out);
	const struct question *q = question_find(f, s->question);

	s->touched_at = c->now;
	s->reminded = false;
	out->understood = true;
	if (word == WORD_RESTART)
		restart(&t);
	else if (word == WORD_CANCEL)
		cancel(&t);
	else if (!q)
		turn_advance(&t);
	else if (word == WORD_BACK)
		go_back(&t, q);
	else if (word == WORD_SKIP)
		control_skip(&t, q);
	else
		turn_ask(&t, q);
	turn_end(&t);
}

/* ---- timers ---- */

static void expire(struct turn *t)
{
	turn_say(t, turn_text(t, "expired"));
	t->s->question = (struct slice){0};
	t->s->ended = true;
}

void flow_timer(const struct flow *f, struct matcher *m, struct arena *a, const struct context *c, struct session *s,
		struct step *out)
{
	static const struct message nothing;
	struct turn t = turn_of(f, m, a, &nothing, c, s, out);
	const struct question *q = question_find(f, s->question);
	int64_t idle = c->now - s->touched_at, after = s->touched_at;

	if (s->ended)
		return;
	if (idle >= f->expire_ms) {
		expire(&t);
	} else if (draft_wanted(f, s) && idle >= f->draft_ms) {
		turn_draft(&t);
		s->reminded = true;
		after = c->now; /* nothing to keep, or done: not again before something is said */
	} else if (f->remind_ms && !s->reminded && idle >= f->remind_ms) {
		s->reminded = true;
		t.before = turn_text(&t, "say_remind");
		if (q)
			turn_ask(&t, q);
	}
	if (s->ended)
		return;
	turn_end(&t);
	out->due_at = next_due(f, s, after);
}

/*
 * The first turn: what the first message already says. A window that was scanned, a case number, photos; the words,
 * which may answer the question that comes first and are the beginning of the story. Pure.
 */
#include "flow/flow_internal.h"

#include "huiyin/case.h"

#define OPENING_MIN 6 /* weight a text must have beyond its start pattern to be the beginning of a story */

/* The question that will be asked first. */
static const struct question *first_question(struct turn *t)
{
	struct voice v = turn_voice(t);

	for (size_t i = 0; i < t->f->n_questions; i++)
		if (t->f->questions[i].kind != ASK_TELL && conditions_hold(&v, t->m, &t->f->questions[i].when))
			return &t->f->questions[i];
	return NULL;
}

/* If it has choices, it may know the first message by its words. (A later one must not: "I want to withdraw" is no yes
   to "Are you sure?".) */
static bool opening_answers(struct turn *t, struct slice folded)
{
	const struct question *q = first_question(t);
	struct voice v = turn_voice(t);
	const struct choice *chosen;
	struct field said = {.name = S("label")};

	if (!q || q->kind != ASK_CHOICES)
		return false;
	chosen = choose(q, t->m, folded, true, &t->out->limited);
	if (!chosen)
		return false;
	said.value = render_text(&v, &t->f->languages, &chosen->label);
	session_put(t->s, (struct session_answer){q->name, q->name, chosen->key, said.value, slice_trim(t->msg->text)});
	v.extra = &said;
	v.n_extra = 1;
	t->before = say_text(&v, "understood");
	return true;
}

/* The words of a first message are kept as `opening`: the beginning of the story, if they say more than "begin". */
static void take_opening(struct turn *t)
{
	struct slice text = slice_trim(t->msg->text), folded = fold_text(t->a, text);
	size_t weight = text_weight(text), begun;
	bool matched, knows;
	int digit;

	if (!text.len || fold_menu_digit(folded, &digit) || text_is_digits(folded))
		return;
	begun = start_weight(t->f, t->m, t->a, text, &matched);
	if (matched && weight <= begun)
		return;
	knows = opening_answers(t, folded);
	if (matched && !knows && weight < begun + OPENING_MIN)
		return;
	session_put(t->s, (struct session_answer){(struct slice){0}, S("opening"), text, text, text});
}

/* A case number in the first message answers the question for it. */
static void take_first_number(struct turn *t)
{
	for (size_t i = 0; i < t->f->n_questions; i++) {
		const struct question *q = &t->f->questions[i];
		struct slice number;
		enum answered how;
		size_t replies = t->out->n_replies;

		if (q->kind != ASK_CASE)
			continue;
		if (case_number_find(t->a, fold_text(t->a, t->msg->text), &number, 1) != 1)
			return;
		how = answer_case(t, q);
		if (how == ANSWERED_WAIT)
			t->out->n_replies = replies; /* it is asked again in its turn */
		return;
	}
}

void flow_begin(const struct flow *f, struct matcher *m, struct arena *a, const struct message *msg,
		const struct context *c, struct session *s, struct step *out)
{
	struct turn t = turn_of(f, m, a, msg, c, s, out);
	int64_t contact = s->contact;

	*s = (struct session){.contact = contact,
			      .flow = f->name,
			      .revision = f->revision,
			      .begun_at = c->now,
			      .asked_at = c->now,
			      .touched_at = c->now};
	s->window = msg->scan.len ? msg->scan : c->window;
	out->understood = true;
	for (size_t i = 0; i < msg->n_media && s->n_media < SESSION_MAX_MEDIA && i < MESSAGE_MAX_MEDIA; i++)
		s->media[s->n_media++] = msg->media[i].url;
	if (msg->has_location)
		turn_keep_location(&t);
	if (msg->text.len && !msg->button.len) {
		take_opening(&t);
		take_first_number(&t);
	}
	turn_advance(&t);
	turn_end(&t);
}

/*
 * Asking: a question's words, its numbered choices, its buttons. Pure; replies beyond STEP_MAX_REPLIES are joined to
 * the last one, so nothing that was to be said is lost.
 */
#include "flow/flow_internal.h"

struct voice turn_voice(const struct turn *t)
{
	return (struct voice){.flow = t->f, .session = t->s, .c = t->c, .arena = t->a};
}

struct slice turn_text(const struct turn *t, const char *key)
{
	struct voice v = turn_voice(t);

	return say_text(&v, key);
}

static struct slice joined(const struct turn *t, struct slice head, struct slice tail)
{
	if (!head.len || !tail.len)
		return head.len ? head : tail;
	return arena_printf(t->a, SLICE_FMT "\n" SLICE_FMT, SLICE_ARG(head), SLICE_ARG(tail));
}

static struct reply *reply_add(struct turn *t, struct slice text)
{
	struct step *out = t->out;
	struct reply *r;

	text = joined(t, t->before, text);
	t->before = (struct slice){0};
	if (!text.len)
		return NULL;
	if (out->n_replies == STEP_MAX_REPLIES) {
		r = &out->replies[STEP_MAX_REPLIES - 1];
		r->text = joined(t, r->text, text);
		r->n_buttons = 0;
		return r;
	}
	r = &out->replies[out->n_replies++];
	*r = (struct reply){.text = text};
	return r;
}

void turn_say(struct turn *t, struct slice text)
{
	reply_add(t, text);
}

/* A text of its own, or what the word itself says ("back", "cancel"), at the head of what comes next. */
void turn_word(struct turn *t, const char *text, const char *word)
{
	struct slice said = turn_text(t, text);

	if (!said.len)
		said = flow_word_text(t->f->set, t->a, slice_of(word), t->c);
	t->before = joined(t, t->before, said);
}

/* ---- buttons ---- */

static void add_button(struct reply *r, struct slice value, struct slice label)
{
	if (label.len && r->n_buttons < MESSAGE_MAX_BUTTONS)
		r->buttons[r->n_buttons++] = (struct button){value, label};
}

static void add_choice_buttons(const struct voice *v, const struct question *q, struct reply *r)
{
	if (q->n_choices > MESSAGE_MAX_BUTTONS)
		return;
	for (size_t i = 0; i < q->n_choices; i++)
		add_button(r, q->choices[i].key, render_text(v, &v->flow->languages, &q->choices[i].label));
}

static void add_rating_buttons(const struct turn *t, struct reply *r)
{
	static const char *const keys[] = {"label_1", "label_2", "label_3"}, *const values[] = {"1", "2", "3"};
	struct voice v = turn_voice(t);

	for (size_t i = 0; i < 3; i++)
		add_button(r, slice_of(values[i]),
			   render_text(&v, &t->f->set->languages, set_text(t->f->set, "survey", slice_of(keys[i]))));
}

static struct slice case_label(const struct turn *t, const struct case_brief *b)
{
	struct slice label = category_label(t->f->set, b->label, t->c, t->a);

	return arena_printf(t->a, SLICE_FMT "%s" SLICE_FMT, SLICE_ARG(b->number), label.len ? " " : "",
			    SLICE_ARG(label));
}

void add_buttons(const struct turn *t, const struct question *q, struct reply *r)
{
	struct voice v = turn_voice(t);

	if (!t->c->buttons)
		return;
	if (q->kind == ASK_CHOICES)
		add_choice_buttons(&v, q, r);
	if (q->kind == ASK_TYPE && slice_is(q->type, "yes_no")) {
		add_button(r, S("yes"), turn_text(t, "yes"));
		add_button(r, S("no"), turn_text(t, "no"));
	}
	if (q->kind == ASK_TYPE && slice_is(q->type, "rating"))
		add_rating_buttons(t, r);
	if (q->kind == ASK_CONFIRM) {
		add_button(r, S("yes"), turn_text(t, "yes"));
		add_button(r, S("change"), turn_text(t, "change"));
	}
	if (q->kind == ASK_COLLECT)
		add_button(r, S("done"), turn_text(t, "done"));
	for (size_t i = 0; q->kind == ASK_CASE && i < t->c->n_cases; i++)
		add_button(r, t->c->cases[i].number, case_label(t, &t->c->cases[i]));
	if (q->optional)
		add_button(r, S("skip"), turn_text(t, "skip"));
}

/* ---- the words of a question ---- */

static struct slice choice_list(const struct turn *t, const struct question *q)
{
	struct voice v = turn_voice(t);
	struct buf out = buf_in(t->a, FLOW_TEXT_MAX_BYTES);

	for (size_t i = 0; i < q->n_choices; i++) {
		buf_printf(&out, "%s%zu ", i ? "\n" : "", i + 1);
		buf_add(&out, render_text(&v, &t->f->languages, &q->choices[i].label));
	}
	return buf_slice(&out);
}

struct slice case_list(const struct turn *t)
{
	struct buf out = buf_in(t->a, FLOW_TEXT_MAX_BYTES);

	for (size_t i = 0; i < t->c->n_cases && i < 20; i++) {
		struct slice label = case_label(t, &t->c->cases[i]);
		buf_printf(&out, "%s%zu " SLICE_FMT, i ? "\n" : "", i + 1, SLICE_ARG(label));
	}
	return buf_slice(&out);
}

static bool mentions(const struct wording *t, const char *field)
{
	for (size_t i = 0; i < t->n; i++)
		if (slice_is(t->pieces[i].field, field))
			return true;
	return false;
}

/* A text that names every choice itself needs no list under it. */
static bool names_all(const struct turn *t, const struct question *q, struct slice text)
{
	struct voice v = turn_voice(t);

	for (size_t i = 0; i < q->n_choices; i++)
		if (slice_find(text, render_text(&v, &t->f->languages, &q->choices[i].label)) == text.len)
			return false;
	return true;
}

struct slice turn_words(const struct turn *t, const struct question *q, const struct text *text, bool list_too)
{
	const struct wording *chosen = text_pick(&t->f->languages, text, t->c);
	struct field list = {.name = S("choices")};
	struct voice v = turn_voice(t);
	struct slice said;

	if (!chosen)
		return (struct slice){0};
	if (q->kind == ASK_CHOICES)
		list.value = choice_list(t, q);
	else if (q->kind == ASK_CASE)
		list.value = case_list(t);
	v.extra = &list;
	v.n_extra = list.value.len > 0;
	said = render(&v, chosen);
	if (!list_too || !list.value.len || mentions(chosen, "choices"))
		return said;
	if (q->kind == ASK_CHOICES && ((t->c->buttons && q->n_choices <= MESSAGE_MAX_BUTTONS) || names_all(t, q, said)))
		return said;
	return joined(t, said, list.value);
}

static void ask_with(struct turn *t, const struct question *q, struct slice words)
{
	struct reply *r = reply_add(t, words);

	if (r)
		add_buttons(t, q, r);
}

/* Which number, and then which code: a case that is not among this person's open ones. */
static struct slice case_words(const struct turn *t, const struct question *q)
{
	struct slice said = {0};

	if (session_has(t->s, S("~")))
		said = turn_text(t, "ask_code");
	else if (!t->c->n_cases)
		said = turn_text(t, "ask_number");
	return said.len ? said : turn_words(t, q, &q->say, true);
}

void turn_ask(struct turn *t, const struct question *q)
{
	struct slice words = {0};

	if (q->kind == ASK_CASE)
		words = case_words(t, q);
	else if (q->kind == ASK_CONFIRM && slice_is(t->s->changing, "?"))
		words = turn_text(t, "change_which");
	ask_with(t, q, words.len ? words : turn_words(t, q, &q->say, true));
}

/* What is said when an answer is not understood: the question's own words for it, or the common ones and the question.
 */
void turn_sorry(struct turn *t, const struct question *q)
{
	struct slice sorry = {0};

	if (q->kind == ASK_CASE && session_has(t->s, S("~")))
		sorry = turn_text(t, "code_sorry");
	if (!sorry.len && q->sorry.by_lang)
		sorry = turn_words(t, q, &q->sorry, false);
	if (sorry.len) {
		ask_with(t, q, sorry);
		return;
	}
	t->before = joined(t, t->before, turn_text(t, "not_understood"));
	turn_ask(t, q);
}

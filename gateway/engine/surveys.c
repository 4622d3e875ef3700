/*
 * Rating surveys in the engine: one is open per citizen at a time (a second waits for the first), so that an answer never
 * has to be guessed to belong to one case or another.
 */
#include "engine/batch.h"

static bool active(const struct survey *s)
{
	return s->asked_at && (s->state == SURVEY_ASKED || s->state == SURVEY_REASON);
}

static struct survey *active_of(const struct person *p)
{
	for (size_t i = 0; i < p->n_surveys; i++)
		if (active(p->surveys[i]))
			return p->surveys[i];
	return NULL;
}

static void speak(struct batch *b, struct turn *t, struct person *p, const struct survey *s, const struct survey_step *st,
		  enum lane lane)
{
	struct case_row *c = case_by_number(b, s->number);
	struct context ctx;
	struct reply r = {0};

	if (!st->text_key.len)
		return;
	context_fill(b, p, account_of(b, p), &ctx);
	if (c) {
		if (!p->contact->lang_chosen && c->lang.len)
			ctx.lang = c->lang;
		context_case(b, &ctx, c);
	}
	context_put(b, &ctx, "until", context_day(b, &ctx, s->until_at));
	r.text = flow_text(b->config->flows, b->arena, st->text_key, &ctx);
	for (int i = 1; st->buttons && i <= 3; i++) {
		struct slice label = flow_text(b->config->flows, b->arena, arena_printf(b->arena, "survey.label_%d", i), &ctx);
		if (label.len)
			r.buttons[r.n_buttons++] = (struct button){arena_printf(b->arena, "%d", i), label};
	}
	say_reply(b, t, p, &r, lane, s->number);
}

static void begin(struct batch *b, struct turn *t, struct person *p, struct survey *s, const struct case_row *c)
{
	struct survey_step st;
	bool fresh = s->fresh || !s->asked_at;

	survey_begin(s, c, &b->config->survey, b->now, &st);
	s->fresh = fresh;
	survey_changed(b, s);
	speak(b, t, p, s, &st, LANE_SURVEY);
	timer_set(b, p->contact->id, TIMER_SURVEY, s->number, st.due_at);
}

void survey_open(struct batch *b, struct turn *t, struct person *p, struct case_row *c)
{
	struct survey *s = NULL;

	if ((p->contact->optout & OPTOUT_SURVEY) || p->contact->unreachable)
		return;
	for (size_t i = 0; i < p->n_surveys; i++)
		if (slice_equal(p->surveys[i]->number, c->number))
			s = p->surveys[i]; /* closed again after rectifying: rated again */
	if (!s) {
		s = ARENA_NEW(b->arena, struct survey);
		s->fresh = true;
		s->number = c->number;
		s->contact = p->contact->id;
		p->surveys[p->n_surveys++] = s;
		p->contact->open_surveys++;
		person_changed(b, p);
	}
	if (active_of(p) && active_of(p) != s) {
		*s = (struct survey){.number = c->number, .contact = p->contact->id, .fresh = s->fresh};
		survey_changed(b, s);
		return;
	}
	begin(b, t, p, s, c);
}

static void over(struct batch *b, struct turn *t, struct person *p, struct survey *done)
{
	if (p->contact->open_surveys > 0)
		p->contact->open_surveys--;
	person_changed(b, p);
	timer_set(b, p->contact->id, TIMER_SURVEY, done->number, 0);
	for (size_t i = 0; i < p->n_surveys; i++) {
		struct survey *s = p->surveys[i];
		struct case_row *c = s->asked_at ? NULL : case_by_number(b, s->number);
		if (c && s != done && !c->muted && !(p->contact->optout & OPTOUT_SURVEY)) {
			begin(b, t, p, s, c);
			return;
		}
	}
}

static void record(struct batch *b, struct turn *t, struct person *p, const struct survey *s)
{
	struct case_row *c = case_by_number(b, s->number);
	struct case_args args = {.n = 2};

	if (!c)
		return;
	c->rating = s->rating;
	c->version += !c->changed;
	case_changed(b, c);
	args.list[0].name = S("rating");
	args.list[0].value = s->rating == 1 ? S("satisfied") : s->rating == 2 ? S("basically_satisfied") : S("dissatisfied");
	args.list[1].name = S("comment");
	args.list[1].value = s->comment;
	case_event_add(b, c, t->e->id, S("citizen"), S("rate"), &args);
	if (s->rating == 3) /* the head of the unit hears of it: a person looks */
		hand_over(b, t, p, S("dissatisfied"), s->comment, c->number, false);
}

static int read_rating(struct batch *b, const struct person *p, const struct message *m)
{
	struct slice value, json, lang = p->contact->lang.len ? p->contact->lang : b->config->lang;
	struct slice text = m->button.len ? m->button : m->text;

	if (!flow_read_type(engine_matcher(b->engine), b->arena, S("rating"), text, lang, b->now, b->config->zone, &value, &json))
		return 0;
	return slice_is(value, "satisfied") ? 1 : slice_is(value, "basically_satisfied") ? 2 : 3;
}

bool survey_take(struct batch *b, struct turn *t, struct person *p, const struct message *m)
{
	struct survey *s = active_of(p);
	struct survey_step st;
	struct context c;
	struct word w;
	int before, rating;

	if (!s)
		return false;
	rating = read_rating(b, p, m);
	context_fill(b, p, t->account, &c);
	/* A new matter is no answer to "are you satisfied". */
	if (!rating && (t->want->n_numbers ||
			flow_start_match(b->config->flows, engine_matcher(b->engine), b->arena, m, &c, false)))
		return false;
	w = flow_word(b->config->flows, engine_matcher(b->engine), b->arena, m->text);
	before = (int)s->state;
	survey_answer(s, rating, w.kind == WORD_SKIP, m->text, &b->config->survey, b->now, &st);
	survey_changed(b, s);
	if (!st.taken)
		return false;
	speak(b, t, p, s, &st, LANE_REPLY);
	if (s->state == SURVEY_RATED || (before == SURVEY_ASKED && s->state == SURVEY_REASON))
		record(b, t, p, s);
	if (s->state == SURVEY_RATED)
		over(b, t, p, s);
	return true;
}

void survey_due(struct batch *b, struct turn *t, struct person *p, struct slice number)
{
	struct survey_step st;

	for (size_t i = 0; i < p->n_surveys; i++) {
		struct survey *s = p->surveys[i];
		struct case_row *c;

		if (!slice_equal(s->number, number))
			continue;
		survey_timer(s, &b->config->survey, b->now, &st);
		if (s->changed)
			survey_changed(b, s);
		c = case_by_number(b, s->number);
		if (c && !c->muted)
			speak(b, t, p, s, &st, LANE_SURVEY);
		if (s->state == SURVEY_RATED || s->state == SURVEY_SILENT)
			over(b, t, p, s);
		else
			timer_set(b, p->contact->id, TIMER_SURVEY, number, st.due_at);
		return;
	}
	timer_set(b, p->contact->id, TIMER_SURVEY, number, 0);
}

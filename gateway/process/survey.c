/*
 * The rating survey (domain.md 2.8): asked when a case is closed, reminded once, one vote, an answer window; silence is
 * kept as silence and never counted as satisfied. Pure.
 */
#include "huiyin/case.h"

#define SURVEY_TRIES 2

void survey_begin(struct survey *s, const struct case_row *c, const struct survey_rules *r, int64_t now,
		  struct survey_step *out)
{
	*s = (struct survey){.number = c->number, .contact = c->contact, .state = SURVEY_ASKED, .asked_at = now,
			     .until_at = now + r->window_ms, .fresh = true};
	*out = (struct survey_step){.text_key = S("survey.ask"), .buttons = true, .taken = true,
				    .due_at = r->remind_ms < r->window_ms ? now + r->remind_ms : s->until_at};
}

static struct slice thanks(int rating)
{
	return rating == 1 ? S("survey.thanks_1") : rating == 2 ? S("survey.thanks_2") : S("survey.thanks_3");
}

static void answer_rating(struct survey *s, int rating, struct survey_step *out)
{
	if (rating) {
		s->rating = rating;
		s->state = rating == 3 ? SURVEY_REASON : SURVEY_RATED;
		s->tries = 0;
		out->text_key = rating == 3 ? S("survey.reason") : thanks(rating);
		return;
	}
	/* A text that is no rating is asked back once; after that it belongs to whatever else it may be. */
	if (++s->tries >= SURVEY_TRIES) {
		out->taken = false;
		return;
	}
	out->text_key = S("survey.sorry");
	out->buttons = true;
}

void survey_answer(struct survey *s, int rating, bool skip, struct slice text, const struct survey_rules *r,
		   int64_t now, struct survey_step *out)
{
	*out = (struct survey_step){.taken = true, .due_at = s->until_at};
	if (s->state == SURVEY_SILENT || s->state == SURVEY_RATED || now >= s->until_at) {
		*out = (struct survey_step){0};
		return;
	}
	s->changed = true;
	if (s->state == SURVEY_ASKED) {
		answer_rating(s, rating, out);
		return;
	}
	/* The reason of a dissatisfied rating; one more rating instead of a reason changes the vote only if that is allowed. */
	if (rating && rating != s->rating && r->change_limit > 0) {
		answer_rating(s, rating, out);
		return;
	}
	s->comment = skip || rating ? (struct slice){0} : text;
	s->state = SURVEY_RATED;
	out->text_key = S("survey.thanks_3");
}

void survey_timer(struct survey *s, const struct survey_rules *r, int64_t now, struct survey_step *out)
{
	int64_t remind_at = s->asked_at + r->remind_ms;

	*out = (struct survey_step){0};
	if (s->state == SURVEY_RATED || s->state == SURVEY_SILENT)
		return;
	if (now >= s->until_at) {
		/* A rating without its reason is still a rating. */
		s->state = s->rating ? SURVEY_RATED : SURVEY_SILENT;
		s->changed = true;
		return;
	}
	out->due_at = s->until_at;
	if (s->reminded || s->state == SURVEY_REASON)
		return;
	if (now < remind_at) {
		out->due_at = remind_at;
		return;
	}
	s->reminded = s->changed = true;
	out->text_key = S("survey.remind");
	out->buttons = true;
}

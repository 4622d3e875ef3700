/*
 * Understanding an answer: a pick from choices, a pattern with named groups, a ready type, a place on the map, the
 * read-back, a case, a story in several messages. Pure. A pattern that hits its limit is "not understood"
 * (reliability.md 4.4) and is counted.
 */
#include "flow/flow_internal.h"
#include "flow/speech.h"

#include "huiyin/case.h"

#define CODE_DIGITS 10 /* case.h: the query code */

/* ---- one answer in one message ---- */

static void give(struct reading *out, struct slice field, struct slice value, struct slice label, struct slice original)
{
	if (out->n < GIVEN_MAX)
		out->list[out->n++] =
			(struct given){.field = field, .value = value, .label = label, .original = original};
}

static bool labelled(const struct choice *c, size_t languages, struct slice form)
{
	for (size_t i = 0; i < languages; i++)
		if (c->folded && slice_equal(c->folded[i], form))
			return true;
	return false;
}

static const struct choice *choice_pick(const struct question *q, struct matcher *m, struct arena *a, size_t languages,
					struct slice text, bool *limited)
{
	struct slice folded = fold_text(a, text), form, plain;
	const struct choice *chosen;
	int digit;

	if (fold_menu_digit(folded, &digit))
		return digit <= (int)q->n_choices ? &q->choices[digit - 1] : NULL;
	if (text_is_digits(folded)) /* digits are picks and nothing else */
		return NULL;
	form = exact_form(a, text);
	for (size_t i = 0; form.len && i < q->n_choices; i++)
		if (labelled(&q->choices[i], languages, form))
			return &q->choices[i];
	chosen = choose(q, m, folded, true, limited);
	plain = chosen ? folded : speech_plain(a, folded);
	return plain.data == folded.data ? chosen : choose(q, m, plain, true, limited);
}

static bool read_choice(const struct question *q, const struct languages *l, struct matcher *m, struct arena *a,
			const struct message *msg, const struct context *c, struct reading *out)
{
	const struct choice *chosen = NULL;
	struct voice v = {.c = c, .arena = a};

	for (size_t i = 0; msg->button.len && i < q->n_choices; i++)
		if (slice_equal(q->choices[i].key, msg->button))
			chosen = &q->choices[i];
	if (!msg->button.len)
		chosen = choice_pick(q, m, a, l->n, msg->text, &out->limited);
	if (!chosen)
		return false;
	give(out, q->name, chosen->key, render_text(&v, l, &chosen->label), msg->text.len ? msg->text : chosen->key);
	return true;
}

static bool read_match(const struct question *q, struct matcher *m, struct arena *a, struct slice text,
		       struct reading *out)
{
	struct slice folded = fold_text(a, text);
	struct match found;
	struct scent scent;
	bool own = false;

	scent_of(folded, &scent);
	if (!regexes_match(&q->match, m, &scent, folded, &found, &out->limited))
		return false;
	for (size_t i = 0; i < found.n; i++) {
		struct slice value = slice_trim(found.values[i]);

		if (!found.values[i].data)
			continue;
		if (slice_equal(found.values[i], folded))
			value = text; /* the words as they were written */
		own = own || slice_equal(found.names[i], q->name);
		give(out, found.names[i], value, value, text);
	}
	if (!own)
		give(out, q->name, text, text, text);
	return true;
}

/* In a question whose texts offer "1 yes, 2 no": SMS answers are digits (domain.md 5.2). */
static bool yes_no_digit(struct slice folded, struct typed *out)
{
	int digit;

	if (!fold_menu_digit(folded, &digit) || digit > 2)
		return false;
	out->value = out->label = digit == 1 ? S("yes") : S("no");
	out->json = digit == 1 ? S("\"yes\"") : S("\"no\"");
	return true;
}

static bool read_type(const struct question *q, struct matcher *m, struct arena *a, struct slice text,
		      const struct context *c, struct reading *out)
{
	struct typed typed = {0};

	if (slice_is(q->type, "text"))
		typed = (struct typed){.value = text, .label = text};
	else if (!(slice_is(q->type, "yes_no") && yes_no_digit(fold_text(a, text), &typed)) &&
		 !type_read(m, a, q->type, text, c->lang, c->now, c->zone, &typed))
		return false;
	if (q->match.n && !regexes_match(&q->match, m, NULL, fold_text(a, text), NULL, &out->limited))
		return false;
	give(out, q->name, typed.value, typed.label.len ? typed.label : typed.value, text);
	out->list[0].json = typed.json;
	return true;
}

static bool read_location(const struct question *q, struct arena *a, const struct message *msg, struct reading *out)
{
	struct slice pin = arena_printf(a, "%.6f,%.6f", msg->latitude, msg->longitude);
	struct slice words = slice_trim(msg->text);

	give(out, q->name, words.len ? words : pin, words.len ? words : pin, words.len ? words : pin);
	give(out, S("location"), pin, pin, pin);
	return true;
}

static bool has_buttons(const struct question *q)
{
	return q->kind == ASK_TYPE && (slice_is(q->type, "yes_no") || slice_is(q->type, "rating"));
}

bool question_read(const struct question *q, const struct languages *l, struct matcher *m, struct arena *a,
		   const struct message *msg, const struct context *c, struct reading *out)
{
	struct slice text = slice_trim(msg->button.len ? msg->button : msg->text);

	out->n = 0;
	out->limited = false;
	if (q->location && msg->has_location)
		return read_location(q, a, msg, out);
	if (q->kind == ASK_CHOICES)
		return read_choice(q, l, m, a, msg, c, out);
	if (!text.len || (msg->button.len && !has_buttons(q))) /* a button of another question */
		return false;
	return q->kind == ASK_MATCH  ? read_match(q, m, a, text, out)
	       : q->kind == ASK_TYPE ? read_type(q, m, a, text, c, out)
				     : false;
}

/* ---- the read-back ---- */

static enum answered change_line(struct turn *t, int line)
{
	const struct question *lines[FLOW_QUESTIONS_MAX];
	size_t n = summary_lines(t->f, t->s, lines, FLOW_QUESTIONS_MAX);

	if (line < 1 || line > (int)n)
		return ANSWERED_NO;
	t->s->collected = (struct slice){0};
	t->s->changing = lines[line - 1]->name;
	turn_open(t, lines[line - 1]);
	return ANSWERED_WAIT;
}

static enum answered ask_which(struct turn *t, const struct question *q)
{
	t->s->changing = S("?");
	turn_ask(t, q);
	return ANSWERED_WAIT;
}

/* "改地址": a line whose title or answer stands in the text. 0: none, or more than one. */
static int line_named(const struct turn *t, struct slice folded)
{
	const struct question *lines[FLOW_QUESTIONS_MAX];
	size_t n = summary_lines(t->f, t->s, lines, FLOW_QUESTIONS_MAX);
	struct voice v = turn_voice(t);
	int found = 0;

	for (size_t i = 0; i < n; i++) {
		struct slice title = fold_text(t->a, render_text(&v, &t->f->languages, &lines[i]->title));

		if (!title.len || slice_find(folded, title) == folded.len)
			continue;
		if (found)
			return 0;
		found = (int)i + 1;
	}
	return found;
}

static bool group_line(const struct match *found, int *line)
{
	for (size_t i = 0; i < found->n; i++)
		if (slice_is(found->names[i], "n") && found->values[i].data && fold_menu_digit(found->values[i], line))
			return true;
	return false;
}

static enum answered confirm_text(struct turn *t, const struct question *q, struct slice text)
{
	struct slice folded = fold_text(t->a, text);
	struct typed typed = {0};
	struct scent scent;
	struct match found;
	int line;

	scent_of(folded, &scent);
	if (fold_menu_digit(folded, &line)) {
		if (slice_is(t->s->changing, "?"))
			return change_line(t, line);
		return line == 1 ? ANSWERED_YES : ANSWERED_NO;
	}
	if (regexes_match(&t->f->set->change, t->m, &scent, folded, &found, &t->out->limited)) {
		if (group_line(&found, &line) || (line = line_named(t, folded)) > 0)
			return change_line(t, line);
		return ask_which(t, q);
	}
	if (!type_read(t->m, t->a, S("yes_no"), text, t->c->lang, t->c->now, t->c->zone, &typed))
		return ANSWERED_NO;
	return slice_is(typed.value, "yes") ? ANSWERED_YES : ask_which(t, q);
}

enum answered answer_confirm(struct turn *t, const struct question *q)
{
	struct slice text = slice_trim(t->msg->text);
	enum answered how;

	if (slice_is(t->msg->button, "yes"))
		how = ANSWERED_YES;
	else if (slice_is(t->msg->button, "change"))
		how = ask_which(t, q);
	else
		how = t->msg->button.len || !text.len ? ANSWERED_NO : confirm_text(t, q, text);
	if (how == ANSWERED_YES)
		session_put(t->s, (struct session_answer){q->name, q->name, S("yes"), S("yes"), text});
	return how;
}

/* ---- a case ---- */

static const struct case_brief *own_case(const struct context *c, struct slice number)
{
	for (size_t i = 0; i < c->n_cases; i++)
		if (slice_equal(c->cases[i].number, number))
			return &c->cases[i];
	return NULL;
}

static void put_case(struct turn *t, const struct question *q, struct slice number, struct slice code,
		     struct slice text)
{
	session_drop(t->s, S("~"));
	session_put(t->s, (struct session_answer){q->name, q->name, number, number, text});
	if (code.len)
		session_put(t->s, (struct session_answer){q->name, S("code"), code, code, code});
}

/* Exactly one open case, or a number that came with the first message. */
bool case_answers_itself(struct turn *t, const struct question *q)
{
	if (t->c->n_cases != 1 || session_has(t->s, S("~")))
		return false;
	put_case(t, q, t->c->cases[0].number, (struct slice){0}, (struct slice){0});
	return true;
}

/* Ten digits in a row, spaces or dashes between them allowed; what is left when the number is taken out. */
static bool code_in(struct turn *t, struct slice text, struct slice *code)
{
	struct slice folded = fold_text(t->a, text);
	char *digits = arena_alloc(t->a, CODE_DIGITS + 1);
	size_t n = 0;

	for (size_t i = 0; i <= folded.len; i++) {
		char c = i < folded.len ? folded.data[i] : '.';

		if (c >= '0' && c <= '9') {
			if (n == CODE_DIGITS)
				return false;
			digits[n++] = c;
		} else if (n && c != ' ' && c != '-') {
			if (n == CODE_DIGITS)
				break;
			n = 0;
		}
	}
	*code = slice_make(digits, n);
	return n == CODE_DIGITS;
}

static struct slice after_number(struct slice folded)
{
	size_t at = 0, digits = 0;

	for (; at < folded.len; at++) {
		char c = folded.data[at];
		if (c >= '0' && c <= '9')
			digits++;
		else if (digits && c != '-')
			break;
	}
	return slice_from(folded, at);
}

static enum answered number_typed(struct turn *t, const struct question *q, struct slice number, struct slice text)
{
	struct slice code = {0};

	if (own_case(t->c, number) || code_in(t, after_number(fold_text(t->a, text)), &code)) {
		put_case(t, q, number, code, text);
		return ANSWERED_YES;
	}
	session_drop(t->s, S("~"));
	session_put(t->s, (struct session_answer){S("~"), S("~"), number, number, text});
	t->s->tries = 0;
	turn_ask(t, q);
	return ANSWERED_WAIT;
}

enum answered answer_case(struct turn *t, const struct question *q)
{
	struct slice text = slice_trim(t->msg->button.len ? t->msg->button : t->msg->text), number, code;
	struct session_answer *pending = session_find(t->s, S("~"));
	int digit;

	if (!text.len)
		return ANSWERED_NO;
	if (case_number_find(t->a, fold_text(t->a, text), &number, 1) == 1)
		return number_typed(t, q, number, text);
	if (pending) {
		if (!code_in(t, text, &code))
			return ANSWERED_NO;
		put_case(t, q, pending->value, code, pending->original);
		return ANSWERED_YES;
	}
	if (!fold_menu_digit(fold_text(t->a, text), &digit) || digit > (int)t->c->n_cases)
		return ANSWERED_NO;
	put_case(t, q, t->c->cases[digit - 1].number, (struct slice){0}, text);
	return ANSWERED_YES;
}

/* ---- a story in several messages ---- */

bool collect_finish(struct turn *t, const struct question *q)
{
	struct slice text = t->s->collected;

	if (utf8_count(text) < q->collect_min && !t->s->n_media)
		return false;
	session_put(t->s, (struct session_answer){q->name, q->name, text, text, text});
	t->s->collected = (struct slice){0};
	return true;
}

static void gather(struct turn *t, struct slice text)
{
	if (!t->s->collected.len)
		t->s->collected = text;
	else if (text.len)
		t->s->collected =
			arena_printf(t->a, SLICE_FMT "\n" SLICE_FMT, SLICE_ARG(t->s->collected), SLICE_ARG(text));
}

/* Only the first piece is acknowledged: every text costs, and the person is still writing. */
enum answered answer_collect(struct turn *t, const struct question *q)
{
	struct slice text = slice_trim(t->msg->text), more;
	bool first = !t->s->collected.len && t->s->n_media <= t->msg->n_media;

	if (slice_is(t->msg->button, "done") ||
	    (text.len && regexes_match(&q->until, t->m, NULL, fold_text(t->a, text), NULL, &t->out->limited)))
		return collect_finish(t, q) ? ANSWERED_YES : ANSWERED_NO;
	if (t->msg->button.len || (!text.len && !t->msg->n_media && !t->msg->has_location))
		return ANSWERED_NO;
	gather(t, text);
	if (utf8_count(t->s->collected) >= q->collect_max) {
		t->s->collected = utf8_cut(t->s->collected, q->collect_max);
		turn_word(t, "collect_full", "");
		return collect_finish(t, q) ? ANSWERED_YES : ANSWERED_NO;
	}
	more = turn_text(t, "collect_more");
	if (first && more.len) {
		turn_say(t, more);
		if (t->out->n_replies)
			add_buttons(t, q, &t->out->replies[t->out->n_replies - 1]);
	}
	return ANSWERED_WAIT;
}

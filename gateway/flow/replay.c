/*
 * For the commands: what one answer is understood as (`huiyin match`), and which recorded answers a changed set of
 * flows understands differently (`huiyin replay`). Pure; values are JSON, "null" is "not understood".
 */
#include "flow/flow_internal.h"

#include "huiyin/json.h"

#define JSON_MAX_BYTES ((size_t)64 << 10)

static struct slice quoted(struct arena *a, struct slice value)
{
	struct buf out = buf_in(a, JSON_MAX_BYTES);

	json_put_string(&out, value);
	return buf_slice(&out);
}

static struct slice word_json(const struct flow_set *s, struct matcher *m, struct arena *a, struct slice text)
{
	struct word w = flow_word(s, m, a, text);

	return w.kind == WORD_NONE ? S("null") : quoted(a, w.name);
}

static struct slice start_json(const struct flow_set *s, struct matcher *m, struct arena *a, struct slice text,
			       const struct context *c)
{
	struct message msg = {.text = text};
	const struct flow *f = start_find(s, m, a, &msg, c, REACH_KNOWN);

	return f ? quoted(a, f->name) : S("null");
}

/* A value as text, or where named groups filled more than the question itself, an object. */
static struct slice reading_json(struct arena *a, const struct reading *r)
{
	struct buf out = buf_in(a, JSON_MAX_BYTES);

	if (r->n == 1)
		return r->list[0].json.len ? r->list[0].json : quoted(a, r->list[0].value);
	buf_add_char(&out, '{');
	for (size_t i = 0; i < r->n; i++)
		json_put_field(&out, arena_cstr(a, r->list[i].field), r->list[i].value);
	buf_add_char(&out, '}');
	return buf_slice(&out);
}

static struct slice confirm_json(const struct flow *f, const struct question *q, struct matcher *m, struct arena *a,
				 const struct message *msg, const struct context *c)
{
	struct session s = {.flow = f->name, .question = q->name, .confirming = true};
	struct step out = {0};
	struct turn t = {.f = f, .m = m, .a = a, .msg = msg, .c = c, .s = &s, .out = &out};
	int digit;

	if (answer_confirm(&t, q) == ANSWERED_YES)
		return S("\"yes\"");
	if (fold_menu_digit(fold_text(a, msg->text), &digit))
		return S("null");
	return slice_is(s.changing, "?") || regexes_match(&f->set->change, m, NULL, fold_text(a, msg->text), NULL, NULL)
		       ? S("\"change\"")
		       : S("null");
}

static struct slice case_json(const struct flow *f, const struct question *q, struct matcher *m, struct arena *a,
			      const struct message *msg, const struct context *c)
{
	struct session s = {.flow = f->name, .question = q->name};
	struct step out = {0};
	struct turn t = {.f = f, .m = m, .a = a, .msg = msg, .c = c, .s = &s, .out = &out};
	const struct session_answer *number;

	if (answer_case(&t, q) == ANSWERED_NO)
		return S("null");
	number = session_find(&s, S("~"));
	number = number ? number : session_get(&s, q->name);
	return number ? quoted(a, number->value) : S("null");
}

static struct slice question_json(const struct flow *f, const struct question *q, struct matcher *m, struct arena *a,
				  struct slice text, const struct context *c)
{
	struct message msg = {.text = text};
	struct reading r;

	if (q->kind == ASK_CONFIRM)
		return confirm_json(f, q, m, a, &msg, c);
	if (q->kind == ASK_CASE)
		return case_json(f, q, m, a, &msg, c);
	if (q->kind == ASK_COLLECT)
		return regexes_match(&q->until, m, NULL, fold_text(a, text), NULL, NULL) ? S("\"done\"")
		       : slice_trim(text).len                                            ? quoted(a, slice_trim(text))
											 : S("null");
	return question_read(q, &f->languages, m, a, &msg, c, &r) && r.n ? reading_json(a, &r) : S("null");
}

static const struct question *named(const struct flow_set *s, struct slice what, const struct flow **f)
{
	struct slice flow, question = what;

	if (!slice_next(&question, '.', &flow) || !question.len)
		return NULL;
	*f = flow_find(s, flow);
	return *f ? question_find(*f, question) : NULL;
}

enum result flow_match(const struct flow_set *s, struct matcher *m, struct arena *a, struct slice what,
		       struct slice text, const struct context *c, struct slice *json)
{
	const struct flow *f = NULL;
	const struct question *q = named(s, what, &f);
	struct slice value;

	if (slice_is(what, "words"))
		*json = word_json(s, m, a, text);
	else if (slice_is(what, "start"))
		*json = start_json(s, m, a, text, c);
	else if (q && q->kind != ASK_TELL)
		*json = question_json(f, q, m, a, text, c);
	else if (!type_known(what))
		return INVALID;
	else if (!flow_read_type(m, a, what, text, c->lang, c->now, c->zone, &value, json))
		*json = S("null");
	return OK;
}

/* ---- replay ---- */

static struct slice understood(const struct flow_set *s, struct matcher *m, struct arena *a,
			       const struct flow_record *r, const struct context *c)
{
	struct context then = *c;
	struct slice json;

	then.lang = r->lang.len ? r->lang : c->lang;
	then.now = r->now ? r->now : c->now;
	return flow_match(s, m, a, r->what, r->text, &then, &json) == OK ? json : S("(no such question)");
}

size_t flow_replay(const struct flow_set *before, const struct flow_set *after, struct matcher *m,
		   const struct flow_record *records, size_t n, const struct context *c, struct buf *report)
{
	struct arena *a = arena_open(0);
	size_t changed = 0;

	for (size_t i = 0; i < n; i++) {
		struct slice was = understood(before, m, a, &records[i], c),
			     is = understood(after, m, a, &records[i], c);

		if (!slice_equal(was, is)) {
			changed++;
			buf_printf(report, SLICE_FMT ": ", SLICE_ARG(records[i].what));
			buf_add(report, quoted(a, records[i].text));
			buf_printf(report, " was " SLICE_FMT " is " SLICE_FMT "\n", SLICE_ARG(was), SLICE_ARG(is));
		}
		arena_reset(a);
	}
	buf_printf(report, "%zu of %zu answers are understood differently\n", changed, n);
	arena_close(&a);
	return changed;
}

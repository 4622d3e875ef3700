/*
 * What is said: the variant for the channel and the language, placeholders filled in, tests ({?name:…}) decided.
 * A field of the conversation is read back by its label; facts of the turn come next, then what the caller adds.
 * Pure; nothing here is fatal. An unknown placeholder (loading refuses them) is the empty text.
 */
#include "flow/flow_internal.h"

/* ---- facts ---- */

static struct slice number_text(const struct voice *v, size_t n)
{
	return arena_printf(v->arena, "%zu", n);
}

static bool has_extra(const struct voice *v, struct slice name, struct slice *out)
{
	for (size_t i = 0; i < v->n_extra; i++)
		if (slice_equal(v->extra[i].name, name)) {
			*out = v->extra[i].value;
			return true;
		}
	for (size_t i = 0; v->c && i < v->c->n_extra; i++)
		if (slice_equal(v->c->extra[i].name, name)) {
			*out = v->c->extra[i].value;
			return true;
		}
	return false;
}

static struct slice case_fact(const struct voice *v)
{
	if (v->session && v->session->draft_case.len)
		return v->session->draft_case;
	return v->c->case_number.len ? v->c->case_number : v->c->next_number;
}

static struct slice emergency(const struct voice *v)
{
	const struct flow_set *s = v->flow ? v->flow->set : NULL;

	return s && s->emergency.by_lang ? render_text(v, &s->languages, &s->emergency) : (struct slice){0};
}

/* The facts that are always there (docs/flows.md). False: no such fact. */
static bool fact(const struct voice *v, struct slice name, struct slice *out)
{
	const struct context *c = v->c;

	*out = (struct slice){0};
	if (!c)
		return false;
	if (slice_is(name, "channel"))
		*out = c->channel;
	else if (slice_is(name, "lang"))
		*out = c->lang;
	else if (slice_is(name, "window"))
		*out = v->session && v->session->window.len ? v->session->window : c->window;
	else if (slice_is(name, "unit"))
		*out = c->unit;
	else if (slice_is(name, "hours"))
		*out = c->open ? S("open") : S("closed");
	else if (slice_is(name, "sms"))
		*out = c->sms ? S("yes") : S("no");
	else if (slice_is(name, "buttons"))
		*out = c->buttons ? S("yes") : S("no");
	else if (slice_is(name, "cases"))
		*out = number_text(v, c->n_cases);
	else if (slice_is(name, "case"))
		*out = case_fact(v);
	else if (slice_is(name, "code"))
		*out = c->next_code;
	else if (slice_is(name, "summary"))
		*out = v->session ? summary_of(v) : (struct slice){0};
	else if (slice_is(name, "emergency"))
		*out = emergency(v);
	else
		return false;
	return true;
}

/* ---- fields of the conversation ---- */

/* A choice is read back in the language spoken now, not the one it was made in. */
static struct slice label_now(const struct voice *v, const struct session_answer *a)
{
	const struct question *q = v->flow ? question_find(v->flow, a->question) : NULL;

	for (size_t i = 0; q && slice_equal(a->field, q->name) && i < q->n_choices; i++)
		if (slice_equal(q->choices[i].key, a->value))
			return render_text(v, &v->flow->languages, &q->choices[i].label);
	return a->label.len ? a->label : a->value;
}

static bool answered(const struct voice *v, struct slice name, struct slice *out)
{
	const struct session_answer *a = v->session ? session_get(v->session, name) : NULL;

	if (!a)
		return false;
	*out = v->values ? a->value : label_now(v, a);
	return true;
}

static struct slice look_up(const struct voice *v, struct slice name)
{
	struct slice out = {0};

	if (answered(v, name, &out) || has_extra(v, name, &out) || fact(v, name, &out))
		return out;
	return (struct slice){0};
}

struct slice field_value(const struct voice *v, struct slice name)
{
	struct voice by_value = *v;

	by_value.values = true;
	return look_up(&by_value, name);
}

bool conditions_hold(const struct voice *v, struct matcher *m, const struct conditions *when)
{
	for (size_t i = 0; i < when->n; i++) {
		const struct condition *c = &when->list[i];
		struct slice value = fold_text(v->arena, field_value(v, c->field));

		if ((pattern_match(c->regex.p, m, value, NULL) == MATCHED_YES) == c->negated)
			return false;
	}
	return true;
}

/* ---- rendering ---- */

struct slice render(const struct voice *v, const struct wording *t)
{
	struct buf out;

	if (t->n == 1 && !t->pieces[0].skip) /* plain words, or just a field: nothing to put together */
		return t->pieces[0].field.len ? look_up(v, t->pieces[0].field) : t->pieces[0].literal;
	out = buf_in(v->arena, FLOW_TEXT_MAX_BYTES);
	for (size_t i = 0; i < t->n; i++) {
		const struct piece *p = &t->pieces[i];

		if (p->skip)
			i += look_up(v, p->field).len ? 0 : p->skip;
		else
			buf_add(&out, p->field.len ? look_up(v, p->field) : p->literal);
	}
	return buf_slice(&out);
}

const struct wording *text_pick(const struct languages *l, const struct text *t, const struct context *c)
{
	int lang = language_index(l, c->lang);
	const struct wording *by_lang = t->by_lang;

	for (size_t i = 0; i < t->n_variants; i++) {
		if (slice_equal(t->variants[i].channel, c->channel)) {
			by_lang = t->variants[i].by_lang;
			break; /* the channel's own name before the ability */
		}
		if (c->sms && slice_is(t->variants[i].channel, "sms"))
			by_lang = t->variants[i].by_lang;
	}
	return by_lang ? &by_lang[lang < 0 ? 0 : lang] : NULL;
}

struct slice render_text(const struct voice *v, const struct languages *l, const struct text *t)
{
	const struct wording *chosen = t ? text_pick(l, t, v->c) : NULL;

	return chosen ? render(v, chosen) : (struct slice){0};
}

/* ---- texts by key ---- */

static const struct text *in_group(const struct text_group *g, struct slice key)
{
	for (size_t i = 0; i < g->n; i++)
		if (slice_equal(g->list[i].key, key))
			return &g->list[i].text;
	return NULL;
}

const struct text *set_text(const struct flow_set *s, const char *group, struct slice key)
{
	for (size_t i = 0; i < s->n_groups; i++)
		if (slice_is(s->groups[i].name, group))
			return in_group(&s->groups[i], key);
	return NULL;
}

struct slice say_text(const struct voice *v, const char *key)
{
	const struct flow_set *s = v->flow->set;

	return render_text(v, &s->languages, set_text(s, "text", slice_of(key)));
}

static bool is_confidential(const struct context *c)
{
	for (size_t i = 0; i < c->n_extra; i++)
		if (slice_is(c->extra[i].name, "confidential"))
			return slice_is(c->extra[i].value, "yes");
	return false;
}

struct slice flow_text(const struct flow_set *s, struct arena *a, struct slice key, const struct context *c)
{
	struct flow words = {.set = s};
	struct voice v = {.flow = &words, .c = c, .arena = a};
	struct slice group, name = key;
	const struct text *t;

	if (!slice_next(&name, '.', &group) || !name.len)
		return (struct slice){0};
	if (slice_is(group, "category"))
		return category_label(s, name, c, a);
	if (slice_is(group, "notice") && is_confidential(c) && (t = in_group(&s->confidential, name)) != NULL)
		return render_text(&v, &s->languages, t);
	return render_text(&v, &s->languages, set_text(s, arena_cstr(a, group), name));
}

struct slice flow_word_text(const struct flow_set *s, struct arena *a, struct slice word, const struct context *c)
{
	struct flow words = {.set = s};
	struct voice v = {.flow = &words, .c = c, .arena = a};

	for (size_t i = 0; i < s->n_words; i++)
		if (slice_equal(s->words[i].name, word))
			return render_text(&v, &s->languages, &s->words[i].say);
	return (struct slice){0};
}

/* "housing" → "住房物业": as the choice of some flow calls it; else the key itself. */
struct slice category_label(const struct flow_set *s, struct slice category, const struct context *c, struct arena *a)
{
	for (size_t i = 0; category.len && i < s->n_flows; i++) {
		const struct flow *f = s->flows[i];
		struct voice v = {.flow = f, .c = c, .arena = a};

		if (!f->n_endings || f->endings[0].what != ACT_FILE)
			continue;
		if (slice_equal(f->endings[0].category.source, category) && f->about.by_lang)
			return render_text(&v, &f->languages, &f->about);
		for (size_t q = 0; q < f->n_questions; q++)
			for (size_t k = 0; k < f->questions[q].n_choices; k++)
				if (slice_equal(f->questions[q].choices[k].key, category))
					return render_text(&v, &f->languages, &f->questions[q].choices[k].label);
	}
	return category;
}

/* ---- the read-back ---- */

/* Questions that have a line in the read-back, in the order asked: what was answered with something. */
size_t summary_lines(const struct flow *f, const struct session *s, const struct question **out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_questions && n < max; i++) {
		const struct question *q = &f->questions[i];

		if (q->kind == ASK_TELL || q->kind == ASK_CONFIRM)
			continue;
		for (size_t k = 0; k < s->n_answers; k++)
			if (slice_equal(s->answers[k].question, q->name) &&
			    (s->answers[k].value.len || s->answers[k].label.len)) {
				out[n++] = q;
				break;
			}
	}
	return n;
}

/* The question's own field, or the first one it filled. */
static const struct session_answer *answer_of(const struct session *s, const struct question *q)
{
	const struct session_answer *first = NULL;

	for (size_t i = 0; i < s->n_answers; i++) {
		if (!slice_equal(s->answers[i].question, q->name))
			continue;
		if (slice_equal(s->answers[i].field, q->name))
			return &s->answers[i];
		first = first ? first : &s->answers[i];
	}
	return first;
}

/* On one line, cut where it gets long. */
static struct slice in_short(struct arena *a, struct slice text)
{
	struct slice cut = utf8_cut(text, SUMMARY_VALUE_POINTS);
	char *line = arena_cstr(a, cut);

	for (size_t i = 0; i < cut.len; i++)
		if (line[i] == '\n' || line[i] == '\r')
			line[i] = ' ';
	return arena_printf(a, "%s%s", line, cut.len < text.len ? "..." : "");
}

struct slice summary_of(const struct voice *v)
{
	const struct question *lines[FLOW_QUESTIONS_MAX];
	size_t n = v->flow ? summary_lines(v->flow, v->session, lines, FLOW_QUESTIONS_MAX) : 0;
	struct buf out = buf_in(v->arena, FLOW_TEXT_MAX_BYTES);

	for (size_t i = 0; i < n; i++) {
		const struct session_answer *a = answer_of(v->session, lines[i]);
		struct slice label = a ? label_now(v, a) : (struct slice){0};
		struct slice title = render_text(v, &v->flow->languages, &lines[i]->title);

		buf_printf(&out, "%s%zu ", i ? "\n" : "", i + 1);
		buf_add(&out, title);
		buf_add_c(&out, title.len ? ": " : "");
		buf_add(&out, in_short(v->arena, label));
	}
	return buf_slice(&out);
}

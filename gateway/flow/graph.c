/*
 * `huiyin graph FLOW`: the flow as a picture, for Mermaid or Graphviz. Questions in order; one that is asked only
 * sometimes has its condition on the arrow and a way past it. Pure.
 */
#include "flow/flow_internal.h"

#define WORDS_MAX_POINTS 60
#define TAILS_MAX        (FLOW_QUESTIONS_MAX + 2)

struct graph {
	const struct flow *f;
	struct slice lang;
	struct arena *a;
	struct buf *out;
	bool dot;
	size_t tails[TAILS_MAX], n_tails; /* nodes whose way on is not drawn yet */
	size_t nodes;
};

/* ---- words on nodes and arrows ---- */

static void put_text(struct graph *g, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (c == '\n')
			buf_add_c(g->out, g->dot ? "\\n" : "<br>");
		else if (g->dot && (c == '"' || c == '\\'))
			buf_printf(g->out, "\\%c", c);
		else if (!g->dot && (c == '"' || c == '<' || c == '>' || c == '#' || c == ';'))
			buf_printf(g->out, "#%d;", c);
		else if (c != '\r')
			buf_add_char(g->out, c);
	}
}

static struct slice shortened(struct graph *g, struct slice s)
{
	struct slice cut = utf8_cut(s, WORDS_MAX_POINTS);

	return cut.len < s.len ? arena_printf(g->a, SLICE_FMT "…", SLICE_ARG(cut)) : s;
}

static struct slice said(struct graph *g, const struct text *t)
{
	int lang = language_index(&g->f->languages, g->lang);

	return t->by_lang ? t->by_lang[lang < 0 ? 0 : lang].source : (struct slice){0};
}

static struct slice condition_words(struct graph *g, const struct conditions *when)
{
	struct buf out = buf_in(g->a, 2048);

	for (size_t i = 0; i < when->n; i++)
		buf_printf(&out, "%s" SLICE_FMT " %s " SLICE_FMT, i ? ", " : "", SLICE_ARG(when->list[i].field),
			   when->list[i].negated ? "not" : "=",
			   SLICE_ARG(shortened(g, pattern_source(when->list[i].regex.p))));
	return buf_slice(&out);
}

static struct slice question_words(struct graph *g, const struct question *q)
{
	struct buf out = buf_in(g->a, 8192);

	buf_add(&out, q->name);
	if (q->optional)
		buf_add_c(&out, " (optional)");
	buf_add_c(&out, "\n");
	buf_add(&out, shortened(g, said(g, &q->say)));
	for (size_t i = 0; i < q->n_choices; i++)
		buf_printf(&out, "\n%zu " SLICE_FMT, i + 1, SLICE_ARG(said(g, &q->choices[i].label)));
	if (q->type.len)
		buf_printf(&out, "\n[" SLICE_FMT "]", SLICE_ARG(q->type));
	return buf_slice(&out);
}

/* ---- nodes and arrows ---- */

enum shape { SHAPE_ROUND, SHAPE_BOX, SHAPE_TELL, SHAPE_END };

static size_t node(struct graph *g, enum shape shape, struct slice words)
{
	static const char *const open[] = {"([\"", "[\"", ">\"", "[[\""}, *const close[] = {"\"])", "\"]", "\"]",
											    "\"]]"};
	static const char *const dots[] = {"ellipse", "box", "note", "box3d"};
	size_t id = g->nodes++;

	if (g->dot)
		buf_printf(g->out, "  n%zu [shape=%s, label=\"", id, dots[shape]);
	else
		buf_printf(g->out, "  n%zu%s", id, open[shape]);
	put_text(g, words);
	buf_add_c(g->out, g->dot ? "\"];\n" : close[shape]);
	buf_add_c(g->out, g->dot ? "" : "\n");
	return id;
}

static void arrow(struct graph *g, size_t from, size_t to, struct slice words, bool dashed)
{
	buf_printf(g->out, "  n%zu %s", from, g->dot ? "->" : dashed ? "-.->" : "-->");
	if (g->dot) {
		buf_printf(g->out, " n%zu [label=\"", to);
		put_text(g, words);
		buf_printf(g->out, "\"%s];\n", dashed ? ", style=dashed" : "");
		return;
	}
	if (words.len) {
		buf_add_c(g->out, "|\"");
		put_text(g, words);
		buf_add_c(g->out, "\"|");
	}
	buf_printf(g->out, " n%zu\n", to);
}

/* All open ends lead to `id`; what has a condition leaves them open too. */
static void lead_to(struct graph *g, size_t id, const struct conditions *when)
{
	struct slice words = condition_words(g, when);

	for (size_t i = 0; i < g->n_tails; i++)
		arrow(g, g->tails[i], id, words, false);
	if (!when->n)
		g->n_tails = 0;
	if (g->n_tails < TAILS_MAX)
		g->tails[g->n_tails++] = id;
}

static void give_up_arrow(struct graph *g, const struct question *q, size_t id, size_t *person, size_t *end)
{
	struct slice tries = arena_printf(g->a, "%d tries", q->tries);

	if (!q->tries || q->kind == ASK_TELL)
		return;
	if (q->otherwise == ELSE_PERSON) {
		if (*person == SIZE_MAX)
			*person = node(g, SHAPE_END, S("person"));
		arrow(g, id, *person, tries, true);
	} else if (q->otherwise == ELSE_END) {
		if (*end == SIZE_MAX)
			*end = node(g, SHAPE_END, S("end"));
		arrow(g, id, *end, tries, true);
	}
}

static const char *ending_name(enum action what)
{
	static const char *const names[] = {
		[ACT_NONE] = "",     [ACT_FILE] = "file",         [ACT_DRAFT] = "draft",
		[ACT_ADD] = "add",   [ACT_WITHDRAW] = "withdraw", [ACT_STATUS] = "status",
		[ACT_RATE] = "rate", [ACT_PERSON] = "person",
	};

	return names[what];
}

static void draw_endings(struct graph *g)
{
	const struct flow *f = g->f;
	static const struct conditions always;

	for (size_t i = 0; i < f->n_endings; i++) {
		const struct ending *e = &f->endings[i];
		struct slice words = arena_printf(g->a, "%s " SLICE_FMT SLICE_FMT, ending_name(e->what),
						  SLICE_ARG(e->purpose.source), SLICE_ARG(e->case_number.source));
		size_t id = node(g, SHAPE_END, slice_trim(words));

		lead_to(g, id, &e->when);
	}
	if (f->say.by_lang)
		lead_to(g, node(g, SHAPE_ROUND, shortened(g, said(g, &f->say))),
			f->say_when.n ? &f->say_when : &always);
}

void flow_graph(const struct flow *f, bool dot, struct slice lang, struct buf *out)
{
	struct graph g = {.f = f, .lang = lang, .a = arena_open(0), .out = out, .dot = dot};
	size_t person = SIZE_MAX, end = SIZE_MAX, id;

	if (dot)
		buf_printf(out, "digraph \"" SLICE_FMT "\" {\n  node [fontname=\"sans-serif\"];\n", SLICE_ARG(f->name));
	else
		buf_add_c(out, "flowchart TD\n");
	g.tails[g.n_tails++] =
		node(&g, SHAPE_ROUND,
		     arena_printf(g.a, SLICE_FMT "\n" SLICE_FMT, SLICE_ARG(f->name), SLICE_ARG(said(&g, &f->about))));
	for (size_t i = 0; i < f->n_questions; i++) {
		const struct question *q = &f->questions[i];

		id = node(&g, q->kind == ASK_TELL ? SHAPE_TELL : SHAPE_BOX, question_words(&g, q));
		lead_to(&g, id, &q->when);
		give_up_arrow(&g, q, id, &person, &end);
	}
	draw_endings(&g);
	if (dot)
		buf_add_c(out, "}\n");
	arena_close(&g.a);
}

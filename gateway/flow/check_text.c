/*
 * How long each prompt is as SMS, in each language, and what it costs (3GPP TS 23.038 by delivery/segment.h). Placeholders
 * are filled with values of ordinary length. More than two parts are a warning, unless the file says why.
 * For `huiyin check`.
 */
#include "delivery/segment.h"
#include "flow/flow_internal.h"

#define PARTS_MAX 2

static const struct field usual[] = {
	{{"office", sizeof "office" - 1}, {"某某县信访局", sizeof "某某县信访局" - 1}}, {{"phone", sizeof "phone" - 1}, {"12345", sizeof "12345" - 1}}, {{"window", sizeof "window" - 1}, {"W12", sizeof "W12" - 1}}, {{"unit", sizeof "unit" - 1}, {"城关镇人民政府", sizeof "城关镇人民政府" - 1}},
	{{"case", sizeof "case" - 1}, {"261121-0042-8", sizeof "261121-0042-8" - 1}}, {{"code", sizeof "code" - 1}, {"12345 67890", sizeof "12345 67890" - 1}}, {{"due", sizeof "due" - 1}, {"2026年12月6日", sizeof "2026年12月6日" - 1}}, {{"cases", sizeof "cases" - 1}, {"2", sizeof "2" - 1}},
	{{"reason", sizeof "reason" - 1}, {"事项不属于本机关职权范围", sizeof "事项不属于本机关职权范围" - 1}}, {{"basis", sizeof "basis" - 1}, {"信访工作条例第二十三条", sizeof "信访工作条例第二十三条" - 1}}, {{"body", sizeof "body" - 1}, {"县人民法院", sizeof "县人民法院" - 1}},
	{{"route", sizeof "route" - 1}, {"行政复议", sizeof "行政复议" - 1}}, {{"procedure", sizeof "procedure" - 1}, {"普通程序", sizeof "普通程序" - 1}}, {{"result", sizeof "result" - 1}, {"已责令改正并退还费用", sizeof "已责令改正并退还费用" - 1}},
	{{"handler", sizeof "handler" - 1}, {"王主任", sizeof "王主任" - 1}}, {{"message", sizeof "message" - 1}, {"请补充合同照片", sizeof "请补充合同照片" - 1}}, {{"what", sizeof "what" - 1}, {"urgent.fire", sizeof "urgent.fire" - 1}}, {{"until", sizeof "until" - 1}, {"12月6日", sizeof "12月6日" - 1}},
	{{"status", sizeof "status" - 1}, {"已受理", sizeof "已受理" - 1}}, {{"label", sizeof "label" - 1}, {"城乡建设", sizeof "城乡建设" - 1}}, {{"window_name", sizeof "window_name" - 1}, {"社保3号窗口", sizeof "社保3号窗口" - 1}},
	{{"emergency", sizeof "emergency" - 1}, {"110 / 119 / 120", sizeof "110 / 119 / 120" - 1}}, {{"location", sizeof "location" - 1}, {"30.123456,120.123456", sizeof "30.123456,120.123456" - 1}}, {{"n", sizeof "n" - 1}, {"2", sizeof "2" - 1}},
};

static struct context context_for(const struct check *c, struct slice lang)
{
	(void)c;
	return (struct context){.channel = S("sms"), .sms = true, .lang = lang, .open = true, .extra = usual,
				.n_extra = sizeof usual / sizeof usual[0], .next_number = S("261121-0042-8"),
				.next_code = S("12345 67890")};
}

static void put_price(struct check *c, size_t parts)
{
	int64_t micro;

	if (!c->price || c->price->per_segment_micro <= 0)
		return;
	micro = c->price->per_segment_micro * (int64_t)parts;
	buf_printf(c->report, "  %lld.%06lld " SLICE_FMT, (long long)(micro / 1000000), (long long)(micro % 1000000),
		   SLICE_ARG(c->price->currency));
}

static void measure(struct check *c, struct slice name, struct slice lang, struct slice said, struct slice long_reason,
		    const struct yaml *at)
{
	struct segments n = segment_count(said);

	if (!said.len)
		return;
	c->n_texts++;
	if (c->report) {
		buf_printf(c->report, "%-36.*s " SLICE_FMT "  %2zu part%s  %4zu %s", (int)name.len, name.data, SLICE_ARG(lang),
			   n.parts, n.parts == 1 ? " " : "s", n.units, n.ucs2 ? "units" : "septets");
		put_price(c, n.parts);
		buf_add_char(c->report, '\n');
	}
	if (n.parts > PARTS_MAX && !long_reason.len)
		check_note(c, WARNING, at, "shorten it, give a shorter text under sms:, or say why with long: REASON",
			   "as SMS in '" SLICE_FMT "' this takes %zu parts", SLICE_ARG(lang), n.parts);
}

static const struct yaml *place_of(const struct languages *l, const struct text *t, const struct context *ctx)
{
	const struct template *chosen = text_pick(l, t, ctx);

	return chosen && chosen->at ? chosen->at : t->at;
}

static void check_question(struct check *c, const struct flow *f, const struct question *q)
{
	for (size_t k = 0; k < f->languages.n; k++) {
		struct context ctx = context_for(c, f->languages.list[k]);
		struct session s = {.flow = f->name};
		struct turn t = {.f = f, .m = c->m, .a = c->a, .c = &ctx, .s = &s};

		measure(c, arena_printf(c->a, SLICE_FMT "." SLICE_FMT, SLICE_ARG(f->name), SLICE_ARG(q->name)), ctx.lang,
			turn_words(&t, q, &q->say, true), q->long_reason, place_of(&f->languages, &q->say, &ctx));
		if (q->sorry.by_lang)
			measure(c, arena_printf(c->a, SLICE_FMT "." SLICE_FMT " sorry", SLICE_ARG(f->name), SLICE_ARG(q->name)),
				ctx.lang, turn_words(&t, q, &q->sorry, false), q->long_reason,
				place_of(&f->languages, &q->sorry, &ctx));
	}
}

static void check_text(struct check *c, struct slice name, const struct languages *l, const struct text *t,
		       const struct flow *f)
{
	struct flow words = {.set = c->s, .languages = *l};

	for (size_t k = 0; t->by_lang && k < l->n; k++) {
		struct context ctx = context_for(c, l->list[k]);
		struct voice v = {.flow = f ? f : &words, .c = &ctx, .arena = c->a};

		measure(c, name, ctx.lang, render_text(&v, l, t), t->long_reason, place_of(l, t, &ctx));
	}
}

static void check_group(struct check *c, const struct text_group *g, const char *prefix)
{
	for (size_t i = 0; i < g->n; i++)
		check_text(c, arena_printf(c->a, "%s" SLICE_FMT "." SLICE_FMT, prefix, SLICE_ARG(g->name),
					   SLICE_ARG(g->list[i].key)), &c->s->languages, &g->list[i].text, NULL);
}

void check_texts(struct check *c)
{
	for (size_t i = 0; i < c->s->n_flows; i++) {
		const struct flow *f = c->s->flows[i];

		for (size_t k = 0; k < f->n_questions; k++)
			check_question(c, f, &f->questions[k]);
		check_text(c, arena_printf(c->a, SLICE_FMT " closing", SLICE_ARG(f->name)), &f->languages, &f->say, f);
		for (size_t k = 0; k < f->n_endings; k++)
			check_text(c, arena_printf(c->a, SLICE_FMT " ending", SLICE_ARG(f->name)), &f->languages,
				   &f->endings[k].say, f);
	}
	for (size_t i = 0; i < c->s->n_words; i++)
		check_text(c, arena_printf(c->a, "word " SLICE_FMT, SLICE_ARG(c->s->words[i].name)), &c->s->languages,
			   &c->s->words[i].say, NULL);
	for (size_t i = 0; i < c->s->n_groups; i++)
		check_group(c, &c->s->groups[i], "");
	check_group(c, &c->s->confidential, "confidential ");
}

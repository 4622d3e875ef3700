/*
 * How long each prompt is as SMS, in each language, and what it costs (3GPP TS 23.038 by delivery/segment.h).
 * Placeholders are filled with values of ordinary length. More than two parts are a warning, unless the file says why.
 * For `huiyin check`.
 */
#include "delivery/segment.h"
#include "flow/flow_internal.h"

#define PARTS_MAX 2

/* Values of ordinary length, in Chinese and in letters (one Chinese character makes a text twice as dear). */
static const struct {
	const char *name, *zh, *other;
} usual[] = {
	{"office", "某某县信访局", "Hedong Petition Office"},
	{"phone", "12345", "12345"},
	{"window", "W12", "W12"},
	{"unit", "城关镇人民政府", "Chengguan Township"},
	{"case", "261121-0042-7", "261121-0042-7"},
	{"code", "12345 67890", "12345 67890"},
	{"due", "2026年12月6日", "2026-12-06"},
	{"cases", "2", "2"},
	{"reason", "事项不属于本机关职权范围", "not within our powers"},
	{"basis", "信访工作条例第二十三条", "Regulation, art. 23"},
	{"body", "县人民法院", "the county court"},
	{"route", "行政复议", "reconsideration"},
	{"procedure", "普通程序", "ordinary"},
	{"result", "已责令改正并退还费用", "ordered to pay it back"},
	{"handler", "王主任", "Mr Wang"},
	{"message", "请补充合同照片", "please send the contract"},
	{"what", "fire", "fire"},
	{"until", "12月6日", "6 December"},
	{"status", "已受理", "accepted"},
	{"label", "城乡建设", "Housing"},
	{"window_name", "社保3号窗口", "window 3"},
	{"emergency", "110 / 119 / 120", "110 / 119 / 120"},
	{"location", "30.123456,120.123456", "30.123456,120.123456"},
	{"n", "2", "2"},
};
#define USUAL (sizeof usual / sizeof usual[0])

static struct context context_for(const struct check *c, struct slice lang)
{
	struct field *facts = ARENA_ARRAY(c->a, struct field, USUAL);

	for (size_t i = 0; i < USUAL; i++)
		facts[i] = (struct field){slice_of(usual[i].name),
					  slice_of(slice_is(lang, "zh") ? usual[i].zh : usual[i].other)};
	return (struct context){.channel = S("sms"),
				.sms = true,
				.lang = lang,
				.open = true,
				.extra = facts,
				.n_extra = USUAL,
				.next_number = S("261121-0042-7"),
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
		buf_printf(c->report, "%-36.*s " SLICE_FMT "  %2zu part%s  %4zu %s", (int)name.len, name.data,
			   SLICE_ARG(lang), n.parts, n.parts == 1 ? " " : "s", n.units, n.ucs2 ? "units" : "septets");
		put_price(c, n.parts);
		buf_add_char(c->report, '\n');
	}
	if (n.parts > PARTS_MAX && !long_reason.len)
		check_note(c, WARNING, at, "shorten it, give a shorter text under sms:, or say why with long: REASON",
			   "as SMS in '" SLICE_FMT "' this takes %zu parts", SLICE_ARG(lang), n.parts);
}

static const struct yaml *place_of(const struct languages *l, const struct text *t, const struct context *ctx)
{
	const struct wording *chosen = text_pick(l, t, ctx);

	return chosen && chosen->at ? chosen->at : t->at;
}

static void check_question(struct check *c, const struct flow *f, const struct question *q)
{
	for (size_t k = 0; k < f->languages.n; k++) {
		struct context ctx = context_for(c, f->languages.list[k]);
		struct session s = {.flow = f->name};
		struct turn t = {.f = f, .m = c->m, .a = c->a, .c = &ctx, .s = &s};

		measure(c, arena_printf(c->a, SLICE_FMT "." SLICE_FMT, SLICE_ARG(f->name), SLICE_ARG(q->name)),
			ctx.lang, turn_words(&t, q, &q->say, true), q->long_reason,
			place_of(&f->languages, &q->say, &ctx));
		if (q->sorry.by_lang)
			measure(c,
				arena_printf(c->a, SLICE_FMT "." SLICE_FMT " sorry", SLICE_ARG(f->name),
					     SLICE_ARG(q->name)),
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
		check_text(c,
			   arena_printf(c->a, "%s" SLICE_FMT "." SLICE_FMT, prefix, SLICE_ARG(g->name),
					SLICE_ARG(g->list[i].key)),
			   &c->s->languages, &g->list[i].text, NULL);
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

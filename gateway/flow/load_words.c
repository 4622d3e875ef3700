/*
 * Reading words.yaml (opt-out, urgent and global words) and the texts and notices. Every fault is reported at its place
 * and the rest is read on. Nothing here is fatal.
 */
#include "flow/flow_internal.h"

#include <string.h>

#define KNOWN(list) (list), sizeof(list) / sizeof((list)[0])
#define URGENT_MAX  60

static const struct {
	const char *name;
	enum word_kind kind;
} word_names[] = {
	{"help", WORD_HELP},     {"greet", WORD_GREET},       {"thanks", WORD_THANKS},   {"status", WORD_STATUS},
	{"person", WORD_PERSON}, {"language", WORD_LANGUAGE}, {"privacy", WORD_PRIVACY}, {"back", WORD_BACK},
	{"skip", WORD_SKIP},     {"restart", WORD_RESTART},   {"cancel", WORD_CANCEL},
};
#define WORD_NAMES (sizeof word_names / sizeof word_names[0])

/* ---- one word ---- */

static void add_exact(struct loader *l, const struct yaml *y, struct word_rule *w)
{
	struct slice *list, form;

	if (!want_list(l, y, "exact"))
		return;
	list = ARENA_ARRAY(l->arena, struct slice, w->n_exact + y->n);
	if (w->n_exact)
		memcpy(list, w->exact, w->n_exact * sizeof *list);
	w->exact = list;
	for (size_t i = 0; i < y->n; i++) {
		if (!want_scalar(l, y->items[i], "exact"))
			continue;
		form = exact_form(l->arena, y->items[i]->text);
		if (form.len) {
			size_t bit = word_bit(form);
			w->exact_bits[bit / 64] |= (uint64_t)1 << (bit % 64);
			list[w->n_exact++] = form;
		} else {
			complain(l, y->items[i], "write a word", "nothing is left of this once signs are dropped");
		}
	}
}

static void load_exact(struct loader *l, const struct yaml *y, struct word_rule *w)
{
	if (y->kind != YAML_MAP) {
		add_exact(l, y, w);
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		if (language_index(&l->languages, y->keys[i]->text) < 0)
			complain(l, y->keys[i], "use the languages of this file",
				 "this is not a language of this file");
		add_exact(l, y->items[i], w);
	}
}

static void load_to(struct loader *l, const struct yaml *y, struct word_rule *w)
{
	if (!want_map(l, y, "to"))
		return;
	for (size_t i = 0; i < y->n && w->n_to < FLOW_LANGUAGES_MAX; i++) {
		if (language_index(&l->languages, y->keys[i]->text) < 0)
			complain(l, y->keys[i], "use the languages of this file",
				 "this is not a language of this file");
		w->to[w->n_to].lang = y->keys[i]->text;
		build_regexes(l, y->items[i], "to", &w->to[w->n_to++].match);
	}
}

static void load_word(struct loader *l, const struct yaml *key, const struct yaml *y, const char *prefix,
		      enum word_kind kind)
{
	static const char *const known[] = {"exact", "match", "unless", "sure", "now", "past",
					    "core",  "alone", "to",     "say"};
	struct word_rule *w = &l->set->words[l->set->n_words++];
	const struct yaml *part;

	*w = (struct word_rule){.kind = kind, .at = key};
	w->name = arena_printf(l->arena, "%s" SLICE_FMT, prefix, SLICE_ARG(key->text));
	if (!want_map(l, y, "word"))
		return;
	yaml_only(l->diags, y, KNOWN(known));
	if ((part = yaml_get(y, "exact")) != NULL)
		load_exact(l, part, w);
	if ((part = yaml_get(y, "match")) != NULL)
		build_regexes(l, part, "match", &w->match);
	if ((part = yaml_get(y, "unless")) != NULL)
		build_regexes(l, part, "unless", &w->unless);
	if ((part = yaml_get(y, "sure")) != NULL)
		build_regexes(l, part, "sure", &w->sure);
	if ((part = yaml_get(y, "now")) != NULL)
		build_regexes(l, part, "now", &w->now);
	if ((part = yaml_get(y, "past")) != NULL)
		build_regexes(l, part, "past", &w->past);
	if ((part = yaml_get(y, "core")) != NULL)
		build_regexes(l, part, "core", &w->core);
	if ((part = yaml_get(y, "alone")) != NULL)
		build_regexes(l, part, "alone", &w->alone);
	if ((part = yaml_get(y, "to")) != NULL) {
		if (kind != WORD_LANGUAGE)
			complain(l, part, "leave it out", "'to' is for the word 'language' only");
		load_to(l, part, w);
	}
	if ((part = yaml_get(y, "say")) != NULL)
		build_text(l, part, "say", NULL, &w->say);
	if (!yaml_get(y, "exact") && !yaml_get(y, "match") && !yaml_get(y, "sure"))
		complain(l, key, "add exact:, match: or sure:", "nothing would ever be this word");
	if (kind == WORD_URGENT && !w->say.by_lang)
		complain(l, key, "add say: with the emergency numbers", "an urgent word must answer at once");
}

/* ---- what may stand around a word ---- */

static void add_phrases(struct loader *l, const struct yaml *y, const char *what, struct phrases *out)
{
	if (y->kind == YAML_MAP) {
		for (size_t i = 0; i < y->n; i++)
			add_phrases(l, y->items[i], what, out);
		return;
	}
	if (!want_list(l, y, what))
		return;
	for (size_t i = 0; i < y->n; i++)
		if (want_scalar(l, y->items[i], what) && y->items[i]->text.len)
			out->list[out->n++] = fold_text(l->arena, y->items[i]->text);
}

static void load_phrases(struct loader *l, const struct yaml *y, const char *what, struct phrases *out)
{
	size_t n = 0;

	if (!y)
		return;
	for (size_t i = 0; i < y->n; i++)
		n += 1 + y->items[i]->n;
	out->list = ARENA_ARRAY(l->arena, struct slice, n + 1);
	add_phrases(l, y, what, out);
	phrases_index(l->arena, out);
}

static void load_core(struct loader *l, const struct yaml *y)
{
	static const char *const known[] = {"before", "after", "beside", "spelling"};
	struct core_rules *core = &l->set->core;

	if (!want_map(l, y, "core"))
		return;
	yaml_only(l->diags, y, KNOWN(known));
	load_phrases(l, yaml_get(y, "before"), "before", &core->before);
	load_phrases(l, yaml_get(y, "after"), "after", &core->after);
	load_phrases(l, yaml_get(y, "spelling"), "spelling", &core->spelling);
	if (yaml_get(y, "beside"))
		build_regexes(l, yaml_get(y, "beside"), "beside", &core->beside);
}

static void load_global(struct loader *l, const struct yaml *y)
{
	const char *names[WORD_NAMES];

	for (size_t k = 0; k < WORD_NAMES; k++)
		names[k] = word_names[k].name;
	yaml_only(l->diags, y, names, WORD_NAMES);
	for (size_t i = 0; i < y->n; i++)
		for (size_t k = 0; k < WORD_NAMES; k++)
			if (slice_is(y->keys[i]->text, word_names[k].name))
				load_word(l, y->keys[i], y->items[i], "", word_names[k].kind);
}

static void load_urgent(struct loader *l, const struct yaml *y)
{
	if (!want_map(l, y, "urgent"))
		return;
	if (y->n > URGENT_MAX) {
		complain(l, y, "join some", "more than %d urgent words", URGENT_MAX);
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		if (!is_name(y->keys[i]->text))
			complain(l, y->keys[i], "use lower case letters, digits and _",
				 "an urgent word needs a plain name");
		load_word(l, y->keys[i], y->items[i], "urgent.", WORD_URGENT);
	}
}

static const struct yaml *key_of(const struct yaml *root, const char *name)
{
	for (size_t i = 0; i < root->n; i++)
		if (slice_is(root->keys[i]->text, name))
			return root->keys[i];
	return root;
}

/* ---- texts ---- */

static void load_group(struct loader *l, const struct yaml *y, const char *name, struct text_group *g)
{
	static const char *const also[] = {"long", NULL};
	struct named_text *list;

	if (!y || !want_map(l, y, name))
		return;
	list = ARENA_ARRAY(l->arena, struct named_text, g->n + y->n);
	if (g->n)
		memcpy(list, g->list, g->n * sizeof *list);
	*g = (struct text_group){slice_of(name), list, g->n};
	for (size_t i = 0; i < y->n; i++) {
		struct slice key = y->keys[i]->text;

		if (!is_name(key))
			complain(l, y->keys[i], "use lower case letters, digits and _", "a text needs a plain name");
		for (size_t k = 0; k < g->n; k++)
			if (slice_equal(list[k].key, key))
				complain(l, y->keys[i], "drop one of them", "this text was given before");
		list[g->n].key = key;
		build_text(l, y->items[i], arena_cstr(l->arena, utf8_cut(key, 40)), also, &list[g->n].text);
		list[g->n++].text.long_reason = yaml_text(l->diags, y->items[i], "long", S(""));
	}
}

static struct text_group *group(struct flow_set *s, const char *name)
{
	for (size_t i = 0; i < s->n_groups; i++)
		if (slice_is(s->groups[i].name, name))
			return &s->groups[i];
	s->groups[s->n_groups] = (struct text_group){.name = slice_of(name)};
	return &s->groups[s->n_groups++];
}

/* Placeholders outside a flow: the facts of a turn, and what the case process adds. */
static bool is_notice_field(struct slice field)
{
	static const char *const names[] = {
		"due",  "reason", "basis", "body", "route", "procedure", "result",       "handler", "message",
		"what", "label",  "n",     "list", "field", "document",  "confidential", "until",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_is(field, names[i]))
			return true;
	return is_universal(field);
}

static void check_fields(struct loader *l, const struct wording *t)
{
	for (size_t i = 0; t && i < t->n; i++)
		if (t->pieces[i].field.len && !is_notice_field(t->pieces[i].field))
			complain(l, t->at, "docs/flows.md lists what may stand here",
				 "undefined placeholder {" SLICE_FMT "}", SLICE_ARG(t->pieces[i].field));
}

static void check_text_fields(struct loader *l, const struct text *t)
{
	for (size_t i = 0; t->by_lang && i < l->languages.n; i++) {
		check_fields(l, &t->by_lang[i]);
		for (size_t v = 0; v < t->n_variants; v++)
			check_fields(l, &t->variants[v].by_lang[i]);
	}
}

static void check_group(struct loader *l, const struct text_group *g)
{
	for (size_t i = 0; i < g->n; i++)
		check_text_fields(l, &g->list[i].text);
}

static bool languages_agree(struct loader *l, const struct yaml *root)
{
	if (l->languages.n == l->set->languages.n) {
		size_t same = 0;
		for (size_t i = 0; i < l->languages.n; i++)
			same += slice_equal(l->languages.list[i], l->set->languages.list[i]);
		if (same == l->languages.n)
			return true;
	}
	complain(l, yaml_get(root, "languages"), "write the same list in both",
		 "words and texts must have the same languages");
	return false;
}

/* ---- the files ---- */

void load_words(struct loader *l, const struct yaml *root)
{
	static const char *const known[] = {"languages", "emergency", "let",   "opt_out", "opt_in",
					    "urgent",    "words",     "texts", "change", "core"};
	const struct yaml *words = yaml_get(root, "words"), *urgent = yaml_get(root, "urgent"), *part;
	struct flow_set *s = l->set;

	yaml_only(l->diags, root, KNOWN(known));
	if (s->words_at) {
		complain(l, words, "keep one words.yaml", "the words were given before");
		return;
	}
	s->words_at = root;
	if (!build_languages(l, root))
		return;
	s->languages = l->languages;
	build_lets(l, root);
	if ((part = yaml_get(root, "core")) != NULL)
		load_core(l, part);
	s->words = ARENA_ARRAY(l->arena, struct word_rule, words->n + (urgent ? urgent->n : 0) + 2);
	if ((part = yaml_get(root, "opt_out")) != NULL)
		load_word(l, key_of(root, "opt_out"), part, "", WORD_OPT_OUT);
	if ((part = yaml_get(root, "opt_in")) != NULL)
		load_word(l, key_of(root, "opt_in"), part, "", WORD_OPT_IN);
	if (urgent)
		load_urgent(l, urgent);
	load_global(l, words);
	if ((part = yaml_get(root, "emergency")) != NULL)
		build_text(l, part, "emergency", NULL, &s->emergency);
	if ((part = yaml_get(root, "change")) != NULL)
		build_regexes(l, part, "change", &s->change);
	load_group(l, yaml_get(root, "texts"), "text", group(s, "text"));
	for (size_t i = 0; i < s->n_words; i++)
		check_text_fields(l, &s->words[i].say);
	check_group(l, group(s, "text"));
}

void load_notices(struct loader *l, const struct yaml *root)
{
	static const char *const known[] = {"languages", "notices", "confidential", "status", "survey", "texts"};
	struct flow_set *s = l->set;

	yaml_only(l->diags, root, KNOWN(known));
	if (!build_languages(l, root))
		return;
	if (!s->languages.n)
		s->languages = l->languages;
	if (yaml_get(root, "languages") && !languages_agree(l, root))
		return;
	load_group(l, yaml_get(root, "texts"), "text", group(s, "text"));
	load_group(l, yaml_get(root, "notices"), "notice", group(s, "notice"));
	load_group(l, yaml_get(root, "status"), "status", group(s, "status"));
	load_group(l, yaml_get(root, "survey"), "survey", group(s, "survey"));
	load_group(l, yaml_get(root, "confidential"), "notice", &s->confidential);
	for (size_t i = 0; i < s->n_groups; i++)
		check_group(l, &s->groups[i]);
	check_group(l, &s->confidential);
}

/* How people say which line of the read-back is wrong. `n`: the line, in any dress; none: which one is asked. */
bool load_change_default(struct loader *l)
{
#define LINE "(?<n>[0-9]{1,2}|[一二三四五六七八九十两]{1,3})"
	static const char *const patterns[] = {
		"^(?:请|麻烦|帮我|我?(?:想|要|得|需要))*(?:把|将)?(?:修改|更改|更正|改正|改变|变更|重填|重写|重新填|"
		"改一?下|改|换)(?:一?下)?"
		"(?: ?(?:第|序号|编号|选项)? ?" LINE
		"(?:个|项|条|点|行|题|号)?(?:吧|一?下|了|的)?)?(?:[ ,，:]?\\p{Han}{0,6})?$",
		"^(?:第|序号)? ?" LINE " ?(?:个|项|条|点|行|题|号)?(?:的)?(?:内容|地址|电话|时间|信息)?(?:都|也|是)?(?:"
		"不对|不是|不正确|错|有误|"
		"有错|有问题|写错|填错|要改|需要改|得改|改|改一?下|修改|重填|重写)(?:了|的|吧|啊)?$",
		"^(?:please |pls |i (?:want|need|would like) to |can i |let me "
		")*(?:change|edit|fix|correct|modify|redo|replace|amend)"
		"(?: (?:the|my|number|no\\.?|item|line|answer|point|question|#))*(?: "
		"?#?(?<n>[0-9]{1,2}|one|two|three|four|five|six|seven|"
		"eight|nine|ten|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)(?:st|nd|rd|th)?(?: "
		"one| item| line| "
		"answer)?)?(?: please| pls)?[.!]?$",
		"^(?:the |number |no\\.? ?|item |line |answer "
		"|#)*(?<n>[0-9]{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|first|"
		"second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)(?:st|nd|rd|th)?(?: one| item| line| "
		"answer)? "
		"(?:(?:is|was) (?:wrong|incorrect|a mistake|mistaken|false|not right|not correct)|(?:isn.?t|is "
		"not|not) (?:right|correct)|"
		"needs? (?:fixing|changing|to be changed|a change|correction)|should be changed|wrong)[.!]?$",
		"^(?:不对|不正确|错了|有错|有误|有问题|写错了|填错了|不是的?)[。.!了吧]*$",
		"^(?:(?:it.?s|that.?s|that is|it is|something is|this is) )?(?:wrong|incorrect|not right|not correct|a "
		"mistake)[.!]?$",
	};
#undef LINE
	struct flow_set *s = l->set;
	size_t n = sizeof patterns / sizeof patterns[0];

	if (s->change.n)
		return true;
	s->change.list = ARENA_ARRAY(l->arena, struct regex, n);
	for (size_t i = 0; i < n; i++) {
		struct yaml y = {.kind = YAML_SCALAR,
				 .file = S("built in"),
				 .line = (int)i + 1,
				 .column = 1,
				 .text = slice_of(patterns[i])};
		struct yaml *at = ARENA_NEW(l->arena, struct yaml);

		*at = y;
		if (build_regex(l, at, (struct slice){0}, &s->change.list[s->change.n]))
			s->change.n++;
	}
	return s->change.n == n;
}

/*
 * Reading one flow: what it asks, how it ends, how long it waits (how it starts: load_start.c); and its canonical text
 * (includes put in, comments and layout gone), which is what its revision is computed from and what the store keeps.
 * Every fault is reported at its place and the rest is read on. Nothing here is fatal.
 */
#include "flow/flow_internal.h"

#include <string.h>

#include "huiyin/json.h"
#include "huiyin/secret.h"

#define KNOWN(list)         (list), sizeof(list) / sizeof((list)[0])
#define CANONICAL_DEPTH_MAX 40

/* ---- endings ---- */

struct ending_key {
	const char *name;
	size_t offset;
};
struct ending_kind {
	const char *name;
	enum action what;
	const char *required;
	struct ending_key keys[6];
};
#define AT(member) offsetof(struct ending, member)
static const struct ending_kind ending_kinds[] = {
	{"file",
	 ACT_FILE,
	 "purpose",
	 {{"purpose", AT(purpose)}, {"category", AT(category)}, {"place", AT(place)}, {"text", AT(text)}, {NULL, 0}}},
	{"add", ACT_ADD, "case", {{"case", AT(case_number)}, {"text", AT(text)}, {"code", AT(code)}, {NULL, 0}}},
	{"withdraw",
	 ACT_WITHDRAW,
	 "case",
	 {{"case", AT(case_number)}, {"text", AT(text)}, {"code", AT(code)}, {NULL, 0}}},
	{"status", ACT_STATUS, "case", {{"case", AT(case_number)}, {"code", AT(code)}, {NULL, 0}}},
	{"rate", ACT_RATE, "value", {{"window", AT(window)}, {"value", AT(value)}, {"text", AT(text)}, {NULL, 0}}},
	{"person", ACT_PERSON, NULL, {{"reason", AT(reason)}, {"text", AT(text)}, {NULL, 0}}},
};
#define ENDING_KINDS (sizeof ending_kinds / sizeof ending_kinds[0])

static void load_purpose(struct loader *l, const struct ending *e)
{
	struct slice p = e->purpose.source;

	if (e->what == ACT_FILE && p.len && !slice_is(p, "demand") && !slice_is(p, "suggestion") &&
	    !slice_is(p, "accusation") && p.data[0] != '{')
		complain(l, e->purpose.at, "write demand, suggestion or accusation (信访工作条例 arts. 29-31)",
			 "unknown purpose '" SLICE_FMT "'", SLICE_ARG(utf8_cut(p, 40)));
}

static void load_ending(struct loader *l, const struct yaml *key, const struct yaml *y, const struct ending_kind *kind,
			struct flow *f)
{
	const char *known[12] = {"when", "not", "say", "confidential"};
	struct ending *e = &f->endings[f->n_endings];
	const struct yaml *say;
	size_t n = kind->what == ACT_FILE ? 4 : 3;

	if (f->n_endings == FLOW_ENDINGS_MAX) {
		complain(l, key, "drop one", "a flow has at most %d endings", FLOW_ENDINGS_MAX);
		return;
	}
	f->n_endings++;
	*e = (struct ending){.what = kind->what, .at = key};
	if (!want_map(l, y, kind->name))
		return;
	for (const struct ending_key *k = kind->keys; k->name; k++) {
		const struct yaml *value = yaml_get(y, k->name);

		known[n++] = k->name;
		if (value)
			build_template(l, value, (struct wording *)((char *)e + k->offset));
	}
	yaml_only(l->diags, y, known, n);
	if (kind->required && !yaml_get(y, kind->required))
		complain(l, key, "add it", "'%s' needs '%s'", kind->name, kind->required);
	if (kind->what == ACT_FILE)
		e->confidential = yaml_bool(l->diags, y, "confidential", false);
	load_purpose(l, e);
	build_conditions(l, yaml_get(y, "when"), false, &e->when);
	build_conditions(l, yaml_get(y, "not"), true, &e->when);
	say = yaml_get(y, "say");
	if (say)
		build_text(l, say, "say", NULL, &e->say);
}

static void load_endings(struct loader *l, const struct yaml *root, struct flow *f)
{
	for (size_t i = 0; i < root->n; i++)
		for (size_t k = 0; k < ENDING_KINDS; k++)
			if (slice_is(root->keys[i]->text, ending_kinds[k].name))
				load_ending(l, root->keys[i], root->items[i], &ending_kinds[k], f);
	if (!f->n_endings)
		complain(l, root, "add file:, add:, withdraw:, status:, rate: or person:",
			 "the flow has no ending: nothing would come of the conversation");
}

static void load_closing(struct loader *l, const struct yaml *root, struct flow *f)
{
	static const char *const also[] = {"when", "not", NULL};
	const struct yaml *about = yaml_get(root, "about"), *say = yaml_get(root, "say");

	if (about)
		build_text(l, about, "about", NULL, &f->about);
	if (!say)
		return;
	build_text(l, say, "say", also, &f->say);
	build_conditions(l, yaml_get(say, "when"), false, &f->say_when);
	build_conditions(l, yaml_get(say, "not"), true, &f->say_when);
}

static void load_idle(struct loader *l, const struct yaml *y, struct flow *f)
{
	static const char *const known[] = {"remind", "file_draft", "expire"};

	f->expire_ms = FLOW_EXPIRE_MS;
	if (!y || !want_map(l, y, "idle"))
		return;
	yaml_only(l->diags, y, KNOWN(known));
	f->remind_ms = yaml_duration(l->diags, y, "remind", 0);
	f->draft_ms = yaml_duration(l->diags, y, "file_draft", 0);
	f->expire_ms = yaml_duration(l->diags, y, "expire", FLOW_EXPIRE_MS);
	if (f->expire_ms < 60000)
		complain(l, y, "at least 1m", "'expire' is too short for a conversation");
	if (f->remind_ms >= f->expire_ms || f->draft_ms >= f->expire_ms)
		complain(l, y, "make expire the longest", "'remind' and 'file_draft' must come before 'expire'");
	if (f->draft_ms && f->endings[0].what != ACT_FILE && f->endings[0].what != ACT_ADD)
		complain(l, y, "leave file_draft out", "only a flow that ends in 'file' or 'add' has anything to file");
}

/* ---- canonical text ---- */

static void put_scalar(struct buf *out, const struct yaml *y)
{
	if (y->plain && (!y->text.len || slice_is(y->text, "true") || slice_is(y->text, "false")))
		buf_add(out, y->text);
	else
		json_put_string(out, y->text);
	buf_add_char(out, '\n');
}

static void indent(struct buf *out, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_add_char(out, ' ');
}

static void put_node(struct buf *out, struct loader *l, const struct yaml *y, int depth);

/* The items of a list; an include gives way to the questions of its part. */
static void put_items(struct buf *out, struct loader *l, const struct yaml *y, int depth)
{
	for (size_t i = 0; i < y->n; i++) {
		const struct yaml *item = y->items[i], *part;
		struct prompt_file *file;

		if (l && item->kind == YAML_MAP && item->n == 1 && slice_is(item->keys[0]->text, "include") &&
		    (part = load_part(l, item, item->items[0]->text, &file)) != NULL) {
			put_items(out, l, part, depth);
			continue;
		}
		indent(out, depth);
		buf_add_char(out, '-');
		put_node(out, NULL, item, depth + 1);
	}
}

/* Behind "key:" or "-". */
static void put_node(struct buf *out, struct loader *l, const struct yaml *y, int depth)
{
	if (y->kind == YAML_SCALAR || depth > CANONICAL_DEPTH_MAX) {
		buf_add_char(out, ' ');
		put_scalar(out, y);
		return;
	}
	if (!y->n) {
		buf_add_c(out, y->kind == YAML_LIST ? " []\n" : " {}\n");
		return;
	}
	buf_add_char(out, '\n');
	if (y->kind == YAML_LIST) {
		put_items(out, l, y, depth);
		return;
	}
	for (size_t i = 0; i < y->n; i++) {
		indent(out, depth);
		json_put_string(out, y->keys[i]->text);
		buf_add_char(out, ':');
		put_node(out, slice_is(y->keys[i]->text, "ask") ? l : NULL, y->items[i], depth + 1);
	}
}

struct slice canonical_flow(struct arena *a, const struct yaml *root, struct loader *l)
{
	struct buf out = buf_in(a, FLOW_SOURCE_MAX_BYTES);

	buf_add_c(&out, "---");
	put_node(&out, l, root, 0);
	return buf_slice(&out);
}

static struct slice revision_of(struct arena *a, struct slice source)
{
	uint8_t out[DIGEST_MAX_BYTES];

	digest_of(SHA256, &source, 1, out);
	return hex_encode(a, slice_make((const char *)out, 8));
}

/* ---- the flow ---- */

void load_flow(struct loader *l, const struct yaml *root, struct flow *f)
{
	static const char *const known[] = {
		"flow", "about", "languages", "let",    "start", "ask",    "idle",
		"say",  "file",  "add",       "withdraw", "status", "rate", "person",
	};
	struct question questions[FLOW_QUESTIONS_MAX];
	const struct yaml *ask = yaml_get(root, "ask");
	size_t errors = l->diags->errors;

	yaml_only(l->diags, root, KNOWN(known));
	f->at = root->n ? root->keys[0] : root;
	f->name = yaml_text(l->diags, root, "flow", S(""));
	if (!is_name(f->name))
		complain(l, f->at, "use lower case letters, digits and _; a letter first", "a flow needs a plain name");
	if (!build_languages(l, root))
		return;
	f->languages = l->languages;
	build_lets(l, root);
	f->questions = questions; /* at their final size only when all are known */
	load_starts(l, yaml_get(root, "start"), f);
	if (ask)
		load_questions(l, ask, f);
	if (!ask || (!f->n_questions && l->diags->errors == errors))
		complain(l, root, "add ask: and a list of questions", "the flow asks nothing");
	f->questions = ARENA_ARRAY(l->arena, struct question, f->n_questions);
	memcpy(f->questions, questions, f->n_questions * sizeof questions[0]);
	load_endings(l, root, f);
	load_closing(l, root, f);
	load_idle(l, yaml_get(root, "idle"), f);
	resolve_starts(l, f);
	flow_fields_check(l, f);
	if (l->diags->errors == errors) {
		f->source = canonical_flow(l->arena, root, l);
		f->revision = revision_of(l->arena, f->source);
	}
}

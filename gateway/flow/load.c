/*
 * A flow set from its files: which file is what, in which order they are read, who owns what comes of it. A set with
 * any error is not made at all (design 6: a reload is all or nothing). Nothing here is fatal but running out of memory.
 */
#include "flow/flow_internal.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 400

/* ---- names of files ---- */

static struct slice base_of(struct slice path)
{
	size_t from = path.len;

	while (from > 0 && path.data[from - 1] != '/')
		from--;
	path = slice_from(path, from);
	if (slice_ends(path, S(".yaml")))
		path.len -= 5;
	return path;
}

static void check_file_name(struct loader *l, const struct prompt_file *file, const struct yaml *name)
{
	struct slice base = base_of(file->name);

	if (name->kind == YAML_SCALAR && !slice_equal(base, name->text))
		complain(l, name, "rename the file or change the name",
			 "the file is called '" SLICE_FMT ".yaml', but its name is '" SLICE_FMT "'",
			 SLICE_ARG(utf8_cut(base, 40)), SLICE_ARG(utf8_cut(name->text, 40)));
}

const struct yaml *load_part(struct loader *l, const struct yaml *at, struct slice name, struct prompt_file **file)
{
	static const char *const known[] = {"part", "ask", "languages"};
	const struct yaml *part, *ask;

	for (size_t i = 0; i < l->n_files; i++) {
		part = l->files[i].root ? yaml_get(l->files[i].root, "part") : NULL;
		if (!part || part->kind != YAML_SCALAR || !slice_equal(part->text, name))
			continue;
		*file = &l->files[i];
		if (!l->files[i].used) {
			l->files[i].used = true;
			yaml_only(l->diags, l->files[i].root, known, 3);
			check_file_name(l, &l->files[i], part);
		}
		ask = yaml_get(l->files[i].root, "ask");
		if (!ask)
			complain(l, part, "add ask: and a list of questions", "the part asks nothing");
		return ask;
	}
	complain(l, at, "shared parts are files prompts/parts/NAME.yaml that begin with part: NAME",
		 "there is no part '" SLICE_FMT "'", SLICE_ARG(utf8_cut(name, 40)));
	return NULL;
}

/* ---- the set ---- */

static _Atomic uint64_t serial; /* so that what is noted of one set is never taken for another's */

static struct flow_set *set_new(void)
{
	struct arena *a = arena_open(0);
	struct flow_set *s = ARENA_NEW(a, struct flow_set);

	s->home.arena = a;
	atomic_init(&s->refs, 1);
	s->serial = atomic_fetch_add(&serial, 1) + 1;
	return s;
}

struct flow_set *flow_set_hold(struct flow_set *s)
{
	if (s)
		atomic_fetch_add(&s->refs, 1);
	return s;
}

void flow_set_release(struct flow_set **s)
{
	struct home home;

	if (*s && atomic_fetch_sub(&(*s)->refs, 1) == 1) {
		home = (*s)->home; /* the set lives in its own arena */
		home_close(&home);
	}
	*s = NULL;
}

static void add_flow(struct loader *l, const struct prompt_file *file)
{
	struct flow *f = ARENA_NEW(l->arena, struct flow);
	struct flow_set *s = l->set;

	check_file_name(l, file, yaml_get(file->root, "flow"));
	f->set = s;
	load_flow(l, file->root, f);
	if (!s->languages.n)
		s->languages = l->languages;
	for (size_t i = 0; i < s->n_flows; i++)
		if (slice_equal(s->flows[i]->name, f->name))
			complain(l, f->at, "drop one of them", "there are two flows of this name");
	s->flows[s->n_flows++] = f;
}

static const struct yaml *map_at(const struct yaml *root, const char *key)
{
	const struct yaml *y = root->kind == YAML_MAP ? yaml_get(root, key) : NULL;

	return y && y->kind == YAML_MAP ? y : NULL;
}

static void unknown_file(struct loader *l, const struct prompt_file *file)
{
	static const char *const known[] = {"flow",    "part",   "words",  "signs",       "texts",
					    "notices", "survey", "status", "confidential"};

	if (file->root->kind == YAML_MAP && file->root->n)
		yaml_only(l->diags, file->root, known, 2);
	complain(l, file->root, "a prompt file has flow: NAME, part: NAME, words:, signs:, texts:, or notices:",
		 "this file is neither a flow, a shared part, nor words, signs, texts or notices");
}

static void read_set(struct loader *l)
{
	for (size_t i = 0; i < l->n_files; i++) /* the words first: they name the languages */
		if (l->files[i].root && map_at(l->files[i].root, "words"))
			load_words(l, l->files[i].root);
	for (size_t i = 0; i < l->n_files; i++) /* then the signs: the starts of the flows name them */
		if (l->files[i].root && map_at(l->files[i].root, "signs"))
			load_signs(l, l->files[i].root);
	for (size_t i = 0; i < l->n_files; i++) {
		const struct yaml *root = l->files[i].root;

		if (!root || map_at(root, "words") || map_at(root, "signs"))
			continue;
		if (root->kind == YAML_MAP && yaml_get(root, "flow"))
			add_flow(l, &l->files[i]);
		else if (map_at(root, "notices") || map_at(root, "texts") || map_at(root, "survey") ||
			 map_at(root, "status"))
			load_notices(l, root);
		else if (root->kind != YAML_MAP || !yaml_get(root, "part"))
			unknown_file(l, &l->files[i]);
	}
	for (size_t i = 0; i < l->n_files; i++)
		if (l->files[i].root && l->files[i].root->kind == YAML_MAP && yaml_get(l->files[i].root, "part") &&
		    !l->files[i].used)
			warn(l, yaml_get(l->files[i].root, "part"), "include it, or remove the file",
			     "no flow includes this part");
	if (!l->set->n_flows && !l->diags->errors)
		diags_add(l->diags, ERROR, l->n_files ? l->files[0].name : S("prompts"), 0, 0, S("there is no flow"),
			  S("add a file that begins with flow: NAME"));
	load_change_default(l);
}

static struct flow_set *finish(struct loader *l, size_t errors)
{
	if (l->diags->errors == errors)
		read_set(l);
	if (l->diags->errors != errors)
		flow_set_release(&l->set);
	return l->set;
}

struct flow_set *flow_set_parse(const struct slice *names, const struct slice *texts, size_t n, struct diags *d)
{
	struct flow_set *s = set_new();
	struct loader l = {.home = &s->home, .arena = s->home.arena, .diags = d, .set = s, .n_files = n};
	size_t errors = d->errors;

	l.files = ARENA_ARRAY(l.arena, struct prompt_file, n + 1);
	s->flows = ARENA_ARRAY(l.arena, struct flow *, n + 1);
	for (size_t i = 0; i < n; i++) {
		l.files[i].name = arena_copy(l.arena, names[i]);
		l.files[i].root = yaml_parse(l.arena, l.files[i].name, arena_copy(l.arena, texts[i]), d);
	}
	return finish(&l, errors);
}

/* ---- a folder ---- */

struct listing {
	struct arena *arena;
	struct slice *names;
	size_t n;
};

static int by_name(const void *a, const void *b)
{
	return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

/* The case process and the units have loaders of their own. */
static bool is_prompt(const char *name)
{
	struct slice s = slice_of(name);

	return slice_ends(s, S(".yaml")) && name[0] != '.' && !slice_is(s, "process.yaml") &&
	       !slice_is(s, "units.yaml");
}

static bool list_folder(struct listing *out, const char *dir)
{
	DIR *handle = opendir(dir);
	struct dirent *entry;
	size_t from = out->n;

	if (!handle)
		return false;
	while ((entry = readdir(handle)) != NULL)
		if (is_prompt(entry->d_name) && out->n < FILES_MAX)
			out->names[out->n++] = arena_printf(out->arena, "%s/%s", dir, entry->d_name);
	closedir(handle);
	qsort(out->names + from, out->n - from, sizeof out->names[0], by_name);
	return true;
}

struct flow_set *flow_set_load(const char *dir, struct diags *d)
{
	struct flow_set *s = set_new();
	struct loader l = {.home = &s->home, .arena = s->home.arena, .diags = d, .set = s};
	struct listing files = {.arena = l.arena, .names = ARENA_ARRAY(l.arena, struct slice, FILES_MAX)};
	size_t errors = d->errors;

	if (!list_folder(&files, dir))
		diags_add(d, ERROR, slice_of(dir), 0, 0, S("the folder of prompts cannot be read"),
			  S("check 'prompts' in the configuration, and who may read the folder"));
	list_folder(&files, arena_cstr(l.arena, arena_printf(l.arena, "%s/parts", dir)));
	if (files.n == FILES_MAX)
		diags_add(d, ERROR, slice_of(dir), 0, 0, S("the folder of prompts holds too many files"),
			  S("at most 400"));
	l.files = ARENA_ARRAY(l.arena, struct prompt_file, files.n + 1);
	s->flows = ARENA_ARRAY(l.arena, struct flow *, files.n + 1);
	for (l.n_files = 0; l.n_files < files.n; l.n_files++) {
		l.files[l.n_files].name = files.names[l.n_files];
		l.files[l.n_files].root = yaml_read_file(l.arena, arena_cstr(l.arena, files.names[l.n_files]), d);
	}
	return finish(&l, errors);
}

/* ---- looking in ---- */

const struct flow *flow_find(const struct flow_set *s, struct slice name)
{
	for (size_t i = 0; i < s->n_flows; i++)
		if (slice_equal(s->flows[i]->name, name))
			return s->flows[i];
	return NULL;
}

size_t flow_count(const struct flow_set *s)
{
	return s->n_flows;
}

const struct flow *flow_at(const struct flow_set *s, size_t i)
{
	return i < s->n_flows ? s->flows[i] : NULL;
}

struct slice flow_name(const struct flow *f)
{
	return f->name;
}

struct slice flow_revision(const struct flow *f)
{
	return f->revision;
}

struct slice flow_source(const struct flow *f)
{
	return f->source;
}

struct slice flow_language_default(const struct flow_set *s)
{
	return s->languages.n ? s->languages.list[0] : S("en");
}

const struct question *question_find(const struct flow *f, struct slice name)
{
	for (size_t i = 0; name.len && i < f->n_questions; i++)
		if (slice_equal(f->questions[i].name, name))
			return &f->questions[i];
	return NULL;
}

/* ---- a revision from the store ---- */

struct flow *flow_revive(const struct flow_set *words, struct slice name, struct slice source, struct diags *d)
{
	struct arena *a = arena_open(0);
	struct home *home = ARENA_NEW(a, struct home);
	struct flow *f = ARENA_NEW(a, struct flow);
	struct loader l = {
		.home = home, .arena = a, .diags = d, .set = flow_set_hold((struct flow_set *)(uintptr_t)words)};
	size_t errors = d->errors;
	struct yaml *root;

	home->arena = a;
	f->home = home;
	f->held = l.set;
	f->set = words;
	root = yaml_parse(a, arena_copy(a, name), arena_copy(a, source), d);
	if (root && want_map(&l, root, "flow"))
		load_flow(&l, root, f);
	if (root && d->errors == errors && !slice_equal(f->name, name))
		complain(&l, root, "the store is damaged", "this is the text of another flow");
	if (!root || d->errors != errors)
		flow_free(&f);
	return f;
}

void flow_free(struct flow **f)
{
	struct home home;
	struct flow_set *held;

	if (*f && (*f)->home) {
		home = *(*f)->home; /* it lives in its own arena */
		held = (*f)->held;
		flow_set_release(&held);
		home_close(&home);
	}
	*f = NULL;
}

/*
 * Reading YAML into an arena tree (the only file that knows libfyaml). libfyaml gives events; the tree, the bounds and
 * what we refuse (anchors, aliases, tags, duplicate keys, a second document) are ours, so that every complaint has a
 * place and a way to mend it. Nothing here is fatal but running out of memory.
 */
#include "huiyin/yaml.h"

#include <libfyaml.h>
#include <stdlib.h>

#include "base/yaml_mend.h"
#include "base/yaml_quoted.h"

#define NODES_MAX 100000

/* A list or map that is still open. */
struct frame {
	struct yaml *node, *key; /* key: waits for its value */
	size_t room;
};

struct reading {
	struct arena *arena;
	struct diags *diags;
	struct slice file, source;
	struct slice parsed; /* what libfyaml is given: as long as source, but for a last line's end */
	struct yaml *root;
	struct frame open[YAML_MAX_DEPTH];
	size_t depth, nodes;
	int line, column; /* of the last thing that had a place */
	bool failed;
};

static void fault(struct reading *r, int line, int column, struct slice what, struct slice mend)
{
	struct diag *d = diags_add(r->diags, ERROR, r->file, line, column, what, mend);

	d->excerpt = arena_copy(r->diags->arena, yaml_line(r->source, line));
	r->failed = true;
}

static void fault_here(struct reading *r, struct slice what, struct slice mend)
{
	fault(r, r->line, r->column, what, mend);
}

/* ---- places ---- */

/* Moves on to where a token stands; one without content has no place and counts as where we are. */
static void go_to(struct reading *r, struct fy_token *t)
{
	const struct fy_mark *mark = t ? fy_token_start_mark(t) : NULL;

	if (!mark)
		return;
	r->line = mark->line + 1;
	r->column = mark->column + 1;
	if (fy_token_get_type(t) != FYTT_SCALAR)
		return;
	switch (fy_token_scalar_style(t)) {
	case FYSS_SINGLE_QUOTED:
	case FYSS_DOUBLE_QUOTED:
		r->column -= r->column > 1; /* libfyaml points behind the quote */
		break;
	default:
		break;
	}
}

static struct yaml *node_new(struct reading *r, enum yaml_kind kind)
{
	struct yaml *node = ARENA_NEW(r->arena, struct yaml);

	node->kind = kind;
	node->file = r->file;
	node->source = r->source;
	node->line = r->line;
	node->column = r->column;
	return node;
}

/* ---- building ---- */

static void append(struct reading *r, struct frame *f, struct yaml *key, struct yaml *value)
{
	struct yaml *node = f->node;

	if (node->n == f->room) {
		size_t room = f->room ? f->room * 2 : 4;
		struct yaml **items = ARENA_ARRAY(r->arena, struct yaml *, room);
		struct yaml **keys = node->kind == YAML_MAP ? ARENA_ARRAY(r->arena, struct yaml *, room) : NULL;

		for (size_t i = 0; i < node->n; i++) {
			items[i] = node->items[i];
			if (keys)
				keys[i] = node->keys[i];
		}
		node->items = items;
		node->keys = keys;
		f->room = room;
	}
	node->items[node->n] = value;
	if (key)
		node->keys[node->n] = key;
	node->n++;
}

/* To YAML a full-width or no-break blank is a letter; no editor shows the difference. */
static void check_key(struct reading *r, const struct yaml *key)
{
	if (key->kind != YAML_SCALAR)
		fault_here(r, S("a key must be a single word or text, not a list or a map"),
			   S("if this is a text with { or [ in it, put it in quotes"));
	else if (key->plain && (slice_begins(key->text, S("\xE3\x80\x80")) || slice_begins(key->text, S("\xC2\xA0"))))
		fault_here(r, S("a key begins with a blank that is not an ordinary one"),
			   S("replace it (a full-width or no-break blank) by ordinary blanks"));
}

/* Puts a new node where it belongs: the root, a list's next item, a map's key or a key's value. */
static void place(struct reading *r, struct yaml *node)
{
	struct frame *f = r->depth ? &r->open[r->depth - 1] : NULL;

	if (++r->nodes > NODES_MAX) {
		fault_here(r, S("the file has too many values"), S("split it into several files"));
	} else if (!f) {
		r->root = node;
	} else if (f->node->kind == YAML_LIST) {
		append(r, f, NULL, node);
	} else if (f->key) {
		append(r, f, f->key, node);
		f->key = NULL;
	} else {
		check_key(r, node);
		f->key = node;
	}
}

static void refuse_properties(struct reading *r, struct fy_token *anchor, struct fy_token *tag)
{
	if (anchor) {
		go_to(r, anchor);
		fault_here(r, S("anchors (&name) are not allowed"),
			   S("write the value out where it is needed; put a text that begins with & in quotes"));
	} else if (tag) {
		go_to(r, tag);
		fault_here(r, S("tags (!name) are not allowed"),
			   S("leave the tag out; put a text that begins with ! in quotes"));
	}
}

/* Piece by piece: libfyaml's own call for the whole text loses memory when there are many (its issue 233). */
static struct slice scalar_text(struct reading *r, struct fy_token *t)
{
	struct buf b = buf_in(r->arena, r->parsed.len * 4);
	const struct fy_iter_chunk *chunk = NULL;
	struct fy_token_iter *i = fy_token_iter_create(t);
	int error = 0;

	if (!i)
		exhausted("YAML");
	while ((chunk = fy_token_iter_chunk_next(i, chunk, &error)))
		buf_add(&b, slice_make(chunk->str, chunk->len));
	fy_token_iter_destroy(i);
	return b.data ? buf_slice(&b) : S("");
}

static struct slice text_of(struct reading *r, struct fy_token *t)
{
	enum fy_scalar_style style = fy_token_scalar_style(t);
	const struct fy_mark *from = fy_token_start_mark(t), *to = fy_token_end_mark(t);

	if ((style != FYSS_SINGLE_QUOTED && style != FYSS_DOUBLE_QUOTED) || !from || !to ||
	    from->input_pos > to->input_pos || to->input_pos > r->parsed.len)
		return scalar_text(r, t);
	return yaml_unquote(r->arena, style == FYSS_SINGLE_QUOTED ? '\'' : '"',
			    slice_make(r->parsed.data + from->input_pos, to->input_pos - from->input_pos));
}

static void on_scalar(struct reading *r, struct fy_token *t)
{
	struct yaml *node;

	go_to(r, t);
	node = node_new(r, YAML_SCALAR);
	node->plain = !t || fy_token_scalar_style(t) == FYSS_PLAIN;
	node->text = t ? text_of(r, t) : S("");
	/* Only an escape such as "\0" or "\ud800" can bring this in: the file itself was checked. */
	if (!utf8_valid(node->text))
		fault_here(r, S("a character that may not stand in a text"), S("leave the \\ escape out"));
	place(r, node);
}

static void on_open(struct reading *r, enum yaml_kind kind, struct fy_token *t)
{
	struct yaml *node;

	go_to(r, t);
	node = node_new(r, kind);
	place(r, node);
	if (r->failed)
		return;
	if (r->depth == YAML_MAX_DEPTH) {
		fault_here(r, S("nested too deep"), S("a file has at most 24 levels; look for a bracket too many"));
		return;
	}
	r->open[r->depth++] = (struct frame){.node = node};
}

static int by_name_then_place(const void *a, const void *b)
{
	const struct yaml *x = *(struct yaml *const *)a, *y = *(struct yaml *const *)b;
	int order = slice_compare(x->text, y->text);

	if (order)
		return order;
	return x->line != y->line ? x->line - y->line : x->column - y->column;
}

static void check_keys_once(struct reading *r, const struct yaml *map)
{
	struct yaml **sorted = ARENA_ARRAY(r->arena, struct yaml *, map->n);

	for (size_t i = 0; i < map->n; i++)
		sorted[i] = map->keys[i];
	if (map->n > 1)
		qsort(sorted, map->n, sizeof(*sorted), by_name_then_place);
	for (size_t i = 1; i < map->n; i++) {
		if (!slice_equal(sorted[i]->text, sorted[i - 1]->text))
			continue;
		fault(r, sorted[i]->line, sorted[i]->column,
		      arena_printf(r->arena, "the key '" SLICE_FMT "' stands twice", SLICE_ARG(sorted[i]->text)),
		      arena_printf(r->arena, "it stands already in line %d: keep one of the two", sorted[i - 1]->line));
	}
}

static void on_close(struct reading *r)
{
	struct yaml *node = r->open[--r->depth].node;

	if (node->kind == YAML_MAP)
		check_keys_once(r, node);
}

static void on_event(struct reading *r, struct fy_event *e)
{
	switch (e->type) {
	case FYET_DOCUMENT_START:
		go_to(r, e->document_start.document_start);
		if (r->root)
			fault_here(r, S("a second document begins here"),
				   S("one file holds one document: remove '---'"));
		break;
	case FYET_SCALAR:
		refuse_properties(r, e->scalar.anchor, e->scalar.tag);
		on_scalar(r, e->scalar.value);
		break;
	case FYET_MAPPING_START:
		refuse_properties(r, e->mapping_start.anchor, e->mapping_start.tag);
		on_open(r, YAML_MAP, e->mapping_start.mapping_start);
		break;
	case FYET_SEQUENCE_START:
		refuse_properties(r, e->sequence_start.anchor, e->sequence_start.tag);
		on_open(r, YAML_LIST, e->sequence_start.sequence_start);
		break;
	case FYET_MAPPING_END:
	case FYET_SEQUENCE_END:
		on_close(r);
		break;
	case FYET_ALIAS:
		go_to(r, e->alias.anchor);
		r->column -= r->column > 1; /* at the star */
		fault_here(r, S("aliases (*name) are not allowed"),
			   S("write the value out; put a text that begins with * in quotes"));
		break;
	default:
		break;
	}
}

/* ---- libfyaml's part ---- */

static void swallow(struct fy_diag *diag, void *user, const char *text, size_t len)
{
	(void)diag;
	(void)user;
	(void)text;
	(void)len;
}

static struct fy_diag *diag_open(void)
{
	struct fy_diag_cfg config;
	struct fy_diag *diag;

	fy_diag_cfg_default(&config);
	config.fp = NULL;
	config.output_fn = swallow;
	config.level = FYET_ERROR;
	diag = fy_diag_create(&config);
	if (!diag)
		exhausted("YAML");
	fy_diag_set_collect_errors(diag, true);
	return diag;
}

/* The first error explains; those behind it are its echoes. */
static void report(struct reading *r, struct fy_diag *diag)
{
	void *at = NULL;
	struct fy_diag_error *e = fy_diag_errors_iterate(diag, &at);
	struct slice what = e && e->msg ? slice_of(e->msg) : S("this cannot be read as YAML");
	int line = e && e->line > 0 ? e->line : r->line, column = e && e->line > 0 ? e->column : r->column;

	if (!utf8_valid(what)) /* a message may quote half a character */
		what = utf8_repair(r->arena, what);
	fault(r, line, column, what, yaml_mend(r->source, line, what));
}

static void read_events(struct reading *r, struct fy_parser *parser, struct fy_diag *diag)
{
	while (!r->failed) {
		struct fy_event *e = fy_parser_parse(parser);
		bool last = !e || e->type == FYET_STREAM_END;

		if (e)
			on_event(r, e);
		else if (!r->failed)
			report(r, diag);
		fy_parser_event_free(parser, e);
		if (last)
			return;
	}
}

/*
 * libfyaml 0.7.12 frees twice on "? a:" with a tab and a "-" behind it, so it never sees a tab: behind the indentation
 * each is read as a blank. A last line without its end is given one, as it would be read differently in a block text.
 */
static struct slice without_tabs(struct reading *r)
{
	char *text = arena_alloc(r->arena, r->source.len + 1);

	for (size_t i = 0; i < r->source.len; i++)
		text[i] = r->source.data[i] == '\t' ? ' ' : r->source.data[i];
	if (slice_ends(r->source, S("\n")))
		return slice_make(text, r->source.len);
	text[r->source.len] = '\n';
	return slice_make(text, r->source.len + 1);
}

static void parse(struct reading *r)
{
	struct fy_diag *diag = diag_open();
	struct fy_parse_cfg config = {.flags = FYPCF_JSON_NONE | FYPCF_DEFAULT_VERSION_1_2, .diag = diag};
	struct fy_parser *parser = fy_parser_create(&config);

	r->parsed = without_tabs(r);
	if (!parser || fy_parser_set_string(parser, r->parsed.data, r->parsed.len) != 0)
		exhausted("YAML");
	read_events(r, parser, diag);
	fy_parser_destroy(parser);
	fy_diag_destroy(diag);
}

static bool check_bytes(struct reading *r)
{
	struct slice rest = r->source, piece;
	int line = 0;

	if (r->source.len > YAML_MAX_BYTES) {
		fault(r, 0, 0, S("the file is larger than 1 MiB"), S("split it into several files"));
		return false;
	}
	if (utf8_valid(r->source))
		return true;
	do {
		line++;
	} while (slice_next(&rest, '\n', &piece) && utf8_valid(piece));
	diags_add(r->diags, ERROR, r->file, line, 0, S("the line is not valid UTF-8"),
		  S("save the file as UTF-8 (in many editors: 'Save with encoding'; GBK is not read)"));
	return false;
}

/* A tab in the indentation of a line that is neither empty nor a comment; every such line is told. */
static bool check_tabs(struct reading *r)
{
	struct slice rest = r->source, piece;

	for (int line = 1; slice_next(&rest, '\n', &piece); line++) {
		struct slice words = slice_trim(piece);
		size_t indent = words.len ? (size_t)(words.data - piece.data) : 0;
		size_t tab = slice_find(slice_make(piece.data, indent), S("\t"));

		if (tab < indent && words.data[0] != '#')
			fault(r, line, (int)tab + 1, S("a tab in the indentation"),
			      S("indent with blanks, two for each level; an editor can do that for you"));
	}
	return !r->failed;
}

struct yaml *yaml_parse(struct arena *a, struct slice file, struct slice text, struct diags *d)
{
	struct reading r = {.arena = a, .diags = d, .line = 1, .column = 1};

	r.file = arena_copy(a, file);
	if (slice_begins(text, S("\xEF\xBB\xBF"))) /* Windows editors begin a file so */
		text = slice_from(text, 3);
	r.source = text;
	if (!check_bytes(&r))
		return NULL;
	r.source = arena_copy(a, text);
	if (check_tabs(&r))
		parse(&r);
	if (!r.failed && !r.root)
		fault(&r, 0, 0, S("the file is empty"), S(""));
	return r.failed ? NULL : r.root;
}

/*
 * Reading XML (the only file that knows expat) and escaping it. Nothing here is fatal but running out of memory.
 *
 * A document type declaration ends the reading at once. Without one there are no entities but the five of XML, nothing
 * external, and nothing that grows: what is read is never longer than what was sent.
 */
#include "huiyin/xml.h"

#include <expat.h>

struct open_element {
	struct xml *node, *last_child;
	struct buf text;
};

struct reading {
	struct arena *arena;
	XML_Parser parser;
	struct xml *root;
	struct open_element open[XML_MAX_DEPTH];
	size_t depth, nodes, attributes;
	size_t text_ceiling;
	const char *why;
};

static void refuse(struct reading *r, const char *why)
{
	if (r->why)
		return;
	r->why = why;
	XML_StopParser(r->parser, XML_FALSE);
}

static void read_attributes(struct reading *r, struct xml *node, const char **pairs)
{
	size_t n = 0;

	while (pairs[2 * n])
		n++;
	r->attributes += n;
	if (r->attributes > XML_MAX_ATTRIBUTES) {
		refuse(r, "too many attributes");
		return;
	}
	node->n_attributes = n;
	node->attribute_names = ARENA_ARRAY(r->arena, struct slice, n);
	node->attribute_values = ARENA_ARRAY(r->arena, struct slice, n);
	for (size_t i = 0; i < n; i++) {
		node->attribute_names[i] = arena_copy(r->arena, slice_of(pairs[2 * i]));
		node->attribute_values[i] = arena_copy(r->arena, slice_of(pairs[2 * i + 1]));
	}
}

static void attach(struct reading *r, struct xml *node)
{
	struct open_element *parent;

	if (r->depth == 0) {
		r->root = node;
		return;
	}
	parent = &r->open[r->depth - 1];
	if (parent->last_child)
		parent->last_child->next = node;
	else
		parent->node->first = node;
	parent->last_child = node;
}

static void XMLCALL on_start(void *user, const char *name, const char **pairs)
{
	struct reading *r = user;
	struct xml *node;

	if (r->why)
		return;
	if (r->depth == XML_MAX_DEPTH) {
		refuse(r, "nested too deep");
		return;
	}
	if (++r->nodes > XML_MAX_NODES) {
		refuse(r, "too many elements");
		return;
	}
	node = ARENA_NEW(r->arena, struct xml);
	node->name = arena_copy(r->arena, slice_of(name));
	read_attributes(r, node, pairs);
	attach(r, node);
	r->open[r->depth++] = (struct open_element){.node = node, .text = buf_in(r->arena, r->text_ceiling)};
}

static void XMLCALL on_end(void *user, const char *name)
{
	struct reading *r = user;
	struct open_element *e;

	(void)name;
	if (r->why || r->depth == 0)
		return;
	e = &r->open[--r->depth];
	e->node->text = buf_slice(&e->text);
}

static void XMLCALL on_text(void *user, const char *text, int len)
{
	struct reading *r = user;

	if (!r->why && r->depth)
		buf_add(&r->open[r->depth - 1].text, slice_make(text, (size_t)len));
}

static void XMLCALL on_doctype(void *user, const char *name, const char *system, const char *public, int subset)
{
	(void)name;
	(void)system;
	(void)public;
	(void)subset;
	refuse(user, "a document type declaration");
}

/* Neither can happen without a document type; they stand here should expat ever think otherwise. */
static void XMLCALL on_entity(void *user, const char *name, int parameter, const char *value, int len, const char *base,
			      const char *system, const char *public, const char *notation)
{
	(void)name;
	(void)parameter;
	(void)value;
	(void)len;
	(void)base;
	(void)system;
	(void)public;
	(void)notation;
	refuse(user, "an entity of its own");
}

static int XMLCALL on_external(XML_Parser parser, const char *context, const char *base, const char *system,
			       const char *public)
{
	(void)parser;
	(void)context;
	(void)base;
	(void)system;
	(void)public;
	return XML_STATUS_ERROR;
}

static const char *reason(enum XML_Error e)
{
	switch (e) {
	case XML_ERROR_NO_MEMORY:
		exhausted("XML");
	case XML_ERROR_NO_ELEMENTS:
		return "no element";
	case XML_ERROR_UNCLOSED_TOKEN:
	case XML_ERROR_UNCLOSED_CDATA_SECTION:
		return "it ends too early";
	case XML_ERROR_DUPLICATE_ATTRIBUTE:
		return "an attribute stands twice";
	case XML_ERROR_UNDEFINED_ENTITY:
		return "an unknown entity";
	case XML_ERROR_JUNK_AFTER_DOC_ELEMENT:
		return "something stands behind the end";
	default:
		return "malformed";
	}
}

static void parse(struct reading *r, struct slice text)
{
	XML_SetUserData(r->parser, r);
	XML_SetElementHandler(r->parser, on_start, on_end);
	XML_SetCharacterDataHandler(r->parser, on_text);
	XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
	XML_SetEntityDeclHandler(r->parser, on_entity);
	XML_SetExternalEntityRefHandler(r->parser, on_external);
	XML_SetParamEntityParsing(r->parser, XML_PARAM_ENTITY_PARSING_NEVER);
	if (XML_Parse(r->parser, text.data ? text.data : "", (int)text.len, XML_TRUE) != XML_STATUS_OK && !r->why)
		r->why = reason(XML_GetErrorCode(r->parser));
}

struct xml *xml_read(struct arena *a, struct slice text, const char **why)
{
	struct reading r = {.arena = a, .text_ceiling = text.len};

	if (text.len > INT32_MAX / 2) {
		r.why = "too long";
	} else if (!utf8_valid(text)) {
		r.why = "invalid UTF-8 or a NUL byte";
	} else {
		r.parser = XML_ParserCreate("UTF-8"); /* whatever the declaration claims */
		if (!r.parser)
			exhausted("XML");
		parse(&r, text);
		XML_ParserFree(r.parser);
	}
	if (why)
		*why = r.why;
	return r.why ? NULL : r.root;
}

/* ---- access ---- */

static bool attribute(const struct xml *node, struct slice name, struct slice *value)
{
	for (size_t i = 0; i < node->n_attributes; i++) {
		if (slice_equal(node->attribute_names[i], name)) {
			*value = node->attribute_values[i];
			return true;
		}
	}
	return false;
}

/* The first match in the order of the text among `node` and its siblings. As deep as the path, so XML_MAX_DEPTH. */
static bool walk(const struct xml *node, struct slice path, struct slice *value)
{
	size_t end = slice_find(path, S("/"));
	struct slice step = slice_make(path.data, end), rest = slice_from(path, end + 1);

	for (; node; node = node->next) {
		if (!slice_equal(node->name, step))
			continue;
		if (end == path.len) {
			*value = node->text;
			return true;
		}
		if (slice_begins(rest, S("@"))) {
			if (attribute(node, slice_from(rest, 1), value))
				return true;
		} else if (walk(node->first, rest, value)) {
			return true;
		}
	}
	return false;
}

struct slice xml_at(const struct xml *root, struct slice path)
{
	struct slice value = S("");

	walk(root, path, &value);
	return value;
}

/* ---- writing ---- */

/*
 * How a character must be written, or null when it may stand as it is. White space other than the blank is written as
 * a number: an attribute's value would else lose it. XML 1.0 has no other control characters, in no form.
 */
static const char *escape(int32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	case '\t':
		return "&#9;";
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
	case 0xFFFE:
	case 0xFFFF:
		return "\xEF\xBF\xBD";
	default:
		return c < 0x20 ? "\xEF\xBF\xBD" : NULL;
	}
}

void xml_put(struct buf *b, struct slice text)
{
	size_t at = 0, plain = 0, from = 0;

	while (at < text.len) {
		unsigned char c = (unsigned char)text.data[at];
		const char *how;

		from = at;
		if ((c >= 0x80 && c != 0xEF) || (c >= '?' && c < 0x7F)) { /* never escaped, nor the beginning of what is */
			at++;
			continue;
		}
		how = escape(utf8_next(text, &at));
		if (!how)
			continue;
		buf_add(b, slice_make(text.data + plain, from - plain));
		buf_add_c(b, how);
		plain = at;
	}
	buf_add(b, slice_from(text, plain));
}

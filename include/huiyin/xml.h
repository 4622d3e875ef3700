/* Bounded XML reading (expat appears in xml.c only; DTDs, entities of one's own and external references are refused). */
#ifndef HUIYIN_XML_H
#define HUIYIN_XML_H

#include "huiyin/text.h"

#define XML_MAX_DEPTH 16
#define XML_MAX_NODES 4096
#define XML_MAX_ATTRIBUTES 512

struct xml {
	struct slice name, text; /* text: all character data directly inside, joined */
	size_t n_attributes;
	struct slice *attribute_names, *attribute_values;
	struct xml *first, *next; /* first child, next sibling */
};

struct xml *xml_read(struct arena *a, struct slice text, const char **why); /* null on any fault or bound */
/* "a/b/@c": path below the root element (the root's own name comes first); empty slice when absent. */
struct slice xml_at(const struct xml *root, struct slice path);
void xml_put(struct buf *b, struct slice text); /* escaped for text and for attribute values; also right for HTML */

#endif

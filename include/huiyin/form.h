/* application/x-www-form-urlencoded and query strings, decoded exactly once. */
#ifndef HUIYIN_FORM_H
#define HUIYIN_FORM_H

#include "huiyin/text.h"

#define FORM_MAX_FIELDS 512

struct field { struct slice name, value; };
struct form { size_t n; struct field *fields; }; /* in order of the text; repeated names stay repeated */

/* Lenient like the providers: '+' is a space, a broken % stands for itself. False beyond FORM_MAX_FIELDS. */
bool form_read(struct arena *a, struct slice text, struct form *out);
struct slice form_get(const struct form *f, const char *name); /* the first one's value, or empty */
bool form_has(const struct form *f, const char *name);
void form_put(struct buf *b, struct slice name, struct slice value); /* name=value, '&' before it unless b is empty */
void url_put(struct buf *b, struct slice s); /* percent-encodes all but unreserved (RFC 3986) */
struct slice url_decode(struct arena *a, struct slice s, bool plus_is_space);

#endif

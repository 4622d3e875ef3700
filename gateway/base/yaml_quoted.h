/* The text that quoted YAML stands for. */
#ifndef BASE_YAML_QUOTED_H
#define BASE_YAML_QUOTED_H

#include "huiyin/text.h"

/*
 * raw: what stands between the quotes, already found well-formed by the parser. quote: ' or ". An escape that names no
 * character (a NUL, a surrogate) becomes a NUL byte, which utf8_valid refuses.
 */
struct slice yaml_unquote(struct arena *a, char quote, struct slice raw);

#endif

/*
 * YAML with positions (libfyaml appears in yaml.c only). A document becomes an arena tree; anchors and aliases are
 * refused, duplicate keys are errors, a file is at most YAML_MAX_BYTES, depth YAML_MAX_DEPTH.
 */
#ifndef HUIYIN_YAML_H
#define HUIYIN_YAML_H

#include "huiyin/diag.h"

#define YAML_MAX_BYTES ((size_t)1 << 20)
#define YAML_MAX_DEPTH 24

enum yaml_kind { YAML_SCALAR, YAML_LIST, YAML_MAP };

struct yaml {
	enum yaml_kind kind;
	struct slice file;   /* as given to the reader */
	int line, column;    /* of the value, from 1 */
	bool plain;          /* an unquoted scalar */
	struct slice text;   /* scalar */
	size_t n;            /* list items or map pairs */
	struct yaml **items; /* list items, or the values of a map */
	struct yaml **keys;  /* map keys (scalars, with their own positions); null for a list */
	struct slice source; /* the whole text it was read from, for excerpts; may be empty */
};

/* Parses `text`; errors go to `d` with the offending line. Null on any error. */
struct yaml *yaml_parse(struct arena *a, struct slice file, struct slice text, struct diags *d);
struct yaml *yaml_read_file(struct arena *a, const char *path, struct diags *d);
struct yaml *yaml_get(const struct yaml *map, const char *key); /* null when absent or not a map */
/* An error at a node, with excerpt. */
void yaml_error(struct diags *d, const struct yaml *at, struct slice what, struct slice mend);
void yaml_warn(struct diags *d, const struct yaml *at, struct slice what, struct slice mend);
/* Reports each key of `map` that is not among `known` (with a "did you mean"). */
void yaml_only(struct diags *d, const struct yaml *map, const char *const *known, size_t n);
/* Typed readers: absent → fallback; wrong type or range → error and fallback. `map` may be null. */
struct slice yaml_text(struct diags *d, const struct yaml *map, const char *key, struct slice fallback);
int64_t yaml_int(struct diags *d, const struct yaml *map, const char *key, int64_t low, int64_t high, int64_t fallback);
bool yaml_bool(struct diags *d, const struct yaml *map, const char *key, bool fallback);
int64_t yaml_duration(struct diags *d, const struct yaml *map, const char *key, int64_t fallback_ms);

#endif

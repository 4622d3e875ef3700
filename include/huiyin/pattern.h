/*
 * Regular expressions under limits, for whoever may not see the flow room: channel handlers test a provider's words
 * with them. match.c is the only file that knows PCRE2; reliability.md 4.4 says why each limit.
 */
#ifndef HUIYIN_PATTERN_H
#define HUIYIN_PATTERN_H

#include "huiyin/text.h"

#define MATCH_TEXT_MAX     768  /* characters; longer text is matched by its first so many */
#define PATTERN_MAX_BYTES  16384
#define PATTERN_MAX_GROUPS 32

struct matcher; /* scratch for matching, one a thread: matcher_open and matcher_close are in flow.h */
struct pattern; /* compiled, immutable, any thread */
/* Compiles folded, caseless, UTF, UCP, no \C, no leading "(*", no back-references. Null: *why says what is wrong in
   words for an office, *offset where in the source (bytes). */
struct pattern *pattern_compile(struct slice source, const char **why, size_t *offset);
void pattern_free(struct pattern **p);

enum matched { MATCHED_NO, MATCHED_YES, MATCHED_LIMIT /* a limit: not understood */ };
struct match {
	size_t n;
	struct slice names[PATTERN_MAX_GROUPS];
	struct slice values[PATTERN_MAX_GROUPS];
	struct slice whole;
};
/* `text` is folded already. Groups that did not take part have a null data pointer. `out` may be null. */
enum matched pattern_match(const struct pattern *p, struct matcher *m, struct slice text, struct match *out);

#endif

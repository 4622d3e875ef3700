/* Regular expressions under limits (match.c is the only file that knows PCRE2; reliability.md 4.4 says why each limit). */
#ifndef HUIYIN_FLOW_MATCH_H
#define HUIYIN_FLOW_MATCH_H

#include "huiyin/flow.h"
#include "huiyin/pattern.h" /* struct pattern, pattern_compile, pattern_free, pattern_match */

#define MATCH_STEPS 700000       /* per call, by auto-callout, about 10 ms: an item of the pattern tried, 8 bytes run over */
#define MATCH_DEADLINE_US 100000 /* of the thread's own time: for what nobody thought of */
#define MATCH_LIMIT 100000
#define MATCH_DEPTH 5000
#define MATCH_HEAP_KIB 1024

/* pattern_match from a byte of the text on (a character's first); what stands before it is still seen by ^ and \b. */
enum matched pattern_match_from(const struct pattern *p, struct matcher *m, struct slice text, size_t from,
				struct match *out);
struct slice pattern_source(const struct pattern *p);
size_t pattern_groups(const struct pattern *p);              /* named ones */
struct slice pattern_group(const struct pattern *p, size_t i);

/* What words.c heard in a short text lately: most of what people write is "1", "2", "好的". */
#define WORD_MEMOS 512
#define WORD_MEMO_BYTES 24
struct word_memo { uint64_t set; size_t len; char text[WORD_MEMO_BYTES]; struct word word; };
struct word_memo *matcher_memo(struct matcher *m); /* WORD_MEMOS of them */

/* The most steps that one call took since the matcher was opened; from MATCH_STEPS on it was cut off (for check, tests). */
uint32_t matcher_most_steps(const struct matcher *m);
/* Refuses to run on a PCRE2 with known holes (below 10.42-1+deb12u2 or 10.48); *why says how to mend. */
bool match_library_safe(const char **why);

#endif

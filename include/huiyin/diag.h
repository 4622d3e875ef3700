/*
 * Diagnostics in the manner of a compiler: file:line:column, what is wrong, how to mend it, the offending line.
 * Config, prompts and units are all read through these, so an office sees one style of error everywhere.
 */
#ifndef HUIYIN_DIAG_H
#define HUIYIN_DIAG_H

#include "huiyin/text.h"

enum severity { NOTE, WARNING, ERROR };

struct diag {
	enum severity severity;
	struct slice file;
	int line, column; /* from 1; 0: the file as a whole */
	struct slice what; /* "unknown key 'sya'" */
	struct slice mend; /* "did you mean 'say'?"; may be empty */
	struct slice excerpt; /* the offending line; may be empty */
};

/* Collects at most DIAGS_MAX; counts the rest. Everything lives in the arena given at opening. */
struct diags { struct arena *arena; struct diag *list; size_t n, errors, warnings, dropped; };
#define DIAGS_MAX 200

struct diags diags_in(struct arena *a);
struct diag *diags_add(struct diags *d, enum severity s, struct slice file, int line, int column, struct slice what,
		       struct slice mend);
/* file:line:column: error: what\n  mend\n  line\n  ^  for each; `colour` for a terminal. */
void diags_print(const struct diags *d, struct buf *out, bool colour);
/* The candidate nearest to `word` (at most 2 edits, or a third of its length), or empty. For "did you mean". */
struct slice diag_nearest(struct slice word, const char *const *candidates, size_t n);

#endif

/*
 * The core of a message: what is left of a short text when greetings, politeness, fillers and reasons are taken off its
 * clauses ("您好,我年纪大了,麻烦给我转人工,谢谢" → "转人工"). Global words are looked for in it when they are not the
 * whole message; a message of which anything else is left over is no word. Pure.
 */
#ifndef HUIYIN_FLOW_CORE_H
#define HUIYIN_FLOW_CORE_H

#include "flow/flow_internal.h"

#define CLAUSES_MAX 8

struct clause {
	struct {
		struct slice text, form; /* as patterns see it; as exact words do */
		size_t bit;
		struct scent *scent; /* two kilobytes each: only for what there is */
	} as[3]; /* as it was, what is left of it, and that with its end still on */
	size_t n;
};
struct core {
	struct clause whole, clauses[CLAUSES_MAX]; /* the text in one, and in pieces */
	size_t n;    /* clauses of which something is left */
	bool polite; /* nothing is left, and all that was taken off was politeness */
};

/* `spell`: after mending misspelt words; false then where there is nothing to mend. */
bool core_of(const struct core_rules *r, struct matcher *m, struct arena *a, struct slice folded, bool spell,
	     struct core *out);
bool core_says(const struct word_rule *w, struct matcher *m, const struct core *core);

#endif

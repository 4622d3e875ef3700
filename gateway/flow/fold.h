/*
 * Folding before matching: NFKC, full width, white space runs to one space and trimmed, lower case left to the caseless
 * matcher, traditional → simplified, zero-width and variation selectors dropped. The original is what is stored.
 */
#ifndef HUIYIN_FLOW_FOLD_H
#define HUIYIN_FLOW_FOLD_H

#include "huiyin/text.h"

struct slice fold_text(struct arena *a, struct slice text);
/* The same for the literal characters of a pattern's source (never changes the syntax). */
struct slice fold_pattern(struct arena *a, struct slice source);
/* Where in the source the byte `folded_offset` of fold_pattern's result came from (for error columns). */
size_t fold_pattern_offset(struct arena *a, struct slice source, size_t folded_offset);
/* A menu digit in any dress: "3", "３", "③", "三", "(3)", "3.", "第三个", "number three", "the third", "3吧" → 3.
   False for anything that is more than the pick of one number, or beyond 1..99. */
bool fold_menu_digit(struct slice folded, int *out);

#endif

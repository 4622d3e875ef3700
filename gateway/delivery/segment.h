/* SMS parts (3GPP TS 23.038; channels.md 0). Pure. */
#ifndef HUIYIN_SEGMENT_H
#define HUIYIN_SEGMENT_H

#include "huiyin/text.h"

struct segments { bool ucs2; size_t units, parts; }; /* units: septets or UTF-16 units */
struct segments segment_count(struct slice text);
/* Cuts a text so that each piece has at most max_units (UTF-16 units), preferring a line break, sentence end or space in
   the last third; never inside a surrogate pair or a combining sequence. Returns pieces in the arena. */
struct slice *segment_cut(struct arena *a, struct slice text, size_t max_units, size_t *n);
/* The exact parts of a concatenated SMS as a phone network would cut it. */
struct slice *segment_parts(struct arena *a, struct slice text, size_t *n);

#endif

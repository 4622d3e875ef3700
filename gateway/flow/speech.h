/*
 * Plain speech: dialect, text-speak and common slips brought to the standard words ("唔好再send俾我" → "不要再发给我",
 * "pls dont txt me" → "please don't text me"), so that one pattern hears all of them. What was written is always tried
 * as well, and is what is stored. Pure.
 */
#ifndef HUIYIN_FLOW_SPEECH_H
#define HUIYIN_FLOW_SPEECH_H

#include "huiyin/text.h"

/* The folded text in plain words; the text itself (same data) when nothing in it is said otherwise. */
struct slice speech_plain(struct arena *a, struct slice folded);
/* The rows that stand out of order in the table; for its test. -1: none. */
int speech_unsorted(void);

#endif

/* Words of dates and numbers as people spell them, before the tables see them. Pure. */
#ifndef HUIYIN_FLOW_SPELLING_H
#define HUIYIN_FLOW_SPELLING_H

#include "huiyin/text.h"

/* The text (in lower case) with months, weekdays and such words spelled right: "octobr 14" → "october 14", "2day" →
   "today", and a space between Latin letters and Chinese. The text itself when nothing changes. */
struct slice spelling_of_dates(struct arena *a, struct slice text);
/* The same for the words of numbers: "fivteen" → "fifteen". */
struct slice spelling_of_numbers(struct arena *a, struct slice text);

#endif

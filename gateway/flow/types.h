/* Ready types: what people write for a date, a number, a yes. Pure. docs/flows.md lists them. */
#ifndef HUIYIN_FLOW_TYPES_H
#define HUIYIN_FLOW_TYPES_H

#include "huiyin/flow.h"

struct typed { struct slice value, label, json; };
extern const char *const type_names[]; /* date phone number yes_no id_card email place rating; null-terminated */
/* `text` as written (folded inside). label: how it is read back in `lang` ("11月13日 星期五" / "Fri 13 Nov 2026"). */
bool type_read(struct matcher *m, struct arena *a, struct slice type, struct slice text, struct slice lang, int64_t now,
	       const struct zone *z, struct typed *out);
bool type_known(struct slice type);

#endif

/* The reply window of chat platforms (WhatsApp 24 h, WeChat 48 h): known before a send is tried (pains.md 13). Pure. */
#ifndef HUIYIN_WINDOW_H
#define HUIYIN_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum window_answer {
	WINDOW_OPEN,     /* free text may go */
	WINDOW_TEMPLATE, /* shut, but an approved template may go */
	WINDOW_SHUT,     /* nothing may go until the citizen writes again: use another channel or a person */
};
#define WINDOW_MARGIN_MS 60000 /* the clock that counts is the provider's, and a send takes its time */

/* last_inbound_at: wall ms, 0 never wrote; window_ms 0: the channel has no window. */
enum window_answer window_ask(int64_t last_inbound_at, int64_t window_ms, bool has_template, int64_t now);
/* When it shuts, wall ms; 0: never opened, INT64_MAX: never shuts. */
int64_t window_shuts_at(int64_t last_inbound_at, int64_t window_ms);

#endif

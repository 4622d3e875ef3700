/*
 * The reply window. A text sent after it shut is taken by some providers with a 200 and never arrives, so it is judged
 * here, a little early rather than late. Pure; nothing is fatal.
 */
#include "delivery/window.h"

int64_t window_shuts_at(int64_t last_inbound_at, int64_t window_ms)
{
	int64_t open_ms = window_ms > WINDOW_MARGIN_MS * 2 ? window_ms - WINDOW_MARGIN_MS : window_ms;

	if (window_ms <= 0)
		return INT64_MAX;
	if (last_inbound_at <= 0)
		return 0;
	return last_inbound_at > INT64_MAX - open_ms ? INT64_MAX : last_inbound_at + open_ms;
}

enum window_answer window_ask(int64_t last_inbound_at, int64_t window_ms, bool has_template, int64_t now)
{
	if (now < window_shuts_at(last_inbound_at, window_ms))
		return WINDOW_OPEN;
	return has_template ? WINDOW_TEMPLATE : WINDOW_SHUT;
}

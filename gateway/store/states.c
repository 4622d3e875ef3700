/* The names of delivery states and of outcomes, and which way a state may move. Nothing here is fatal. */
#include "huiyin/event.h"

#include <stddef.h>

/* What each state may become. A person may yet read what an unsure send brought; a refusal may come after "sent". */
static const unsigned moves[] = {
#define TO(s) (1u << DELIVERY_##s)
	[DELIVERY_QUEUED] = TO(SENDING) | TO(UNSURE) | TO(SENT) | TO(DELIVERED) | TO(READ) | TO(FAILED),
	[DELIVERY_SENDING] = TO(UNSURE) | TO(SENT) | TO(DELIVERED) | TO(READ) | TO(FAILED),
	[DELIVERY_UNSURE] = TO(SENT) | TO(DELIVERED) | TO(READ) | TO(FAILED),
	[DELIVERY_SENT] = TO(DELIVERED) | TO(READ) | TO(FAILED),
	[DELIVERY_DELIVERED] = TO(READ),
	[DELIVERY_READ] = 0,
	[DELIVERY_FAILED] = 0,
#undef TO
};

bool delivery_may_move(enum delivery_state from, enum delivery_state to)
{
	return (size_t)from < sizeof moves / sizeof *moves && (size_t)to < sizeof moves / sizeof *moves &&
	       (moves[from] >> to & 1u);
}

const char *delivery_state_name(enum delivery_state s)
{
	static const char *const names[] = {"queued", "sending", "unsure", "sent", "delivered", "read", "failed"};

	return (size_t)s < sizeof names / sizeof *names ? names[s] : "unknown";
}

const char *outcome_class_name(enum outcome_class c)
{
	static const char *const names[] = {"sent",  "later",   "rate",   "token",  "split",
					    "never", "opt_out", "window", "config", "unsure"};

	return (size_t)c < sizeof names / sizeof *names ? names[c] : "unknown";
}

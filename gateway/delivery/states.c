/*
 * The states of a send and the classes of an outcome: their names, and which way a state may go. Pure; nothing is fatal.
 */
#include "huiyin/event.h"

/* Providers' receipts come late, twice and in any order (pains.md 5): what was told to be delivered stays delivered. */
bool delivery_may_move(enum delivery_state from, enum delivery_state to)
{
	if (to == DELIVERY_FAILED && (from == DELIVERY_DELIVERED || from == DELIVERY_READ))
		return false;
	return to > from;
}

const char *delivery_state_name(enum delivery_state s)
{
	static const char *const names[] = {"queued", "sending", "unsure", "sent", "delivered", "read", "failed"};

	return (size_t)s < sizeof names / sizeof names[0] ? names[s] : "unknown";
}

const char *outcome_class_name(enum outcome_class c)
{
	static const char *const names[] = {"sent",  "later",	"rate",	  "token",  "split",
					    "never", "opt_out", "window", "config", "unsure"};

	return (size_t)c < sizeof names / sizeof names[0] ? names[c] : "unknown";
}

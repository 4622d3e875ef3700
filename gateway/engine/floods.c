/*
 * Floods: who writes more than an office can read. Counted in a fixed table in memory, for counting must not write; two
 * senders who share a slot are at worst counted from the beginning again.
 */
#include "engine/inside.h"

#include <string.h>

/* More than so many messages a minute from one sender: told once, then dropped with a count until it is quiet. */
bool engine_flooded(struct engine *e, const struct contact *c, int64_t now, bool *tell)
{
	uint64_t h;
	struct flood_slot *s;

	memcpy(&h, c->hash.bytes, sizeof h);
	s = &e->flood[h % FLOOD_SLOTS];
	*tell = false;
	if (memcmp(&s->who, &c->hash, sizeof s->who) != 0 || now - s->from > 60000 || now < s->from) {
		bool quiet = memcmp(&s->who, &c->hash, sizeof s->who) != 0 || now - s->told_at > e->config->limits.flood_quiet_ms;
		*s = (struct flood_slot){.who = c->hash, .from = now, .count = 1, .told_at = quiet ? 0 : s->told_at};
		return false;
	}
	if (++s->count <= e->config->limits.flood_per_minute)
		return false;
	if (!s->told_at) {
		s->told_at = now;
		*tell = true;
	}
	return true;
}

/* Jumps of the wall clock; see jump.h. Nothing here is fatal. */
#include "engine/jump.h"

#include <string.h>

static int64_t size_of(int64_t by)
{
	return by < 0 ? -by : by;
}

static void keep(struct jumps *j, int64_t before, int64_t by)
{
	if (j->n == JUMPS_KEPT)
		memmove(j->kept, j->kept + 1, --j->n * sizeof *j->kept);
	j->kept[j->n].before = before;
	j->kept[j->n++].by = by;
}

int64_t jumps_look(struct jumps *j, int64_t wall_ms, int64_t mono_ms, int64_t *alarm)
{
	int64_t should = j->wall + (mono_ms - j->mono), by = j->begun ? wall_ms - should : 0;

	j->begun = true;
	j->wall = wall_ms;
	j->mono = mono_ms;
	j->apart += by;
	*alarm = size_of(j->apart) > JUMP_ALARM_MS ? j->apart : 0;
	if (*alarm)
		j->apart = 0;
	if (size_of(by) < JUMP_MS)
		return 0;
	keep(j, should, by);
	return by;
}

/*
 * Going back from now: a moment that lies before a jump forward was written down before it. After a jump back some wall
 * times come twice; one that is still to come was surely written before, any other counts as written after, which makes
 * it younger than it is and never older.
 */
int64_t jumps_age(const struct jumps *j, int64_t since, int64_t now)
{
	for (size_t i = j->n; i-- > 0;) {
		int64_t before = j->kept[i].before, by = j->kept[i].by;

		if (by > 0 ? since <= before : since > now)
			now -= by;
	}
	return now - since;
}

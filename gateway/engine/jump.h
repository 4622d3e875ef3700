/*
 * Jumps of the wall clock: seen by comparing it with the monotonic one. Intervals that were written down as wall times
 * are moved along, and ages are told without them. Pure.
 */
#ifndef HUIYIN_JUMP_H
#define HUIYIN_JUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JUMPS_KEPT    8
#define JUMP_MS       1000  /* a step from here on is a jump; what is less, and slewing, is left alone */
#define JUMP_ALARM_MS 60000 /* so far apart, in one step or in many, somebody is told */

struct jumps {
	bool begun;
	int64_t wall, mono; /* of the last look */
	int64_t apart;      /* how far they have come apart since the last alarm */
	struct { int64_t before, by; } kept[JUMPS_KEPT]; /* the newest last; before: what the wall clock should have said */
	size_t n;
};

/* Since the last look: by how much the wall clock jumped, 0 for not at all. *alarm: by how much it is off, once for each
   time that it is off too far. */
int64_t jumps_look(struct jumps *j, int64_t wall_ms, int64_t mono_ms, int64_t *alarm);
/* How long ago `since` was, both wall times, less what was jumped over meanwhile. */
int64_t jumps_age(const struct jumps *j, int64_t since, int64_t now);

#endif

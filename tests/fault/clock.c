/*
 * Sets the wall clock of one program. LD_PRELOAD=clock.so HUIYIN_CLOCK=FILE; the file is shared with the test, which
 * writes into it by how many milliseconds CLOCK_REALTIME, gettimeofday and time are off. The monotonic clock goes on.
 */
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "shared.h"

static _Atomic int64_t *off;

__attribute__((constructor)) static void begin(void)
{
	off = shared("HUIYIN_CLOCK", sizeof *off);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);
	int64_t ns;

	if (rc || !off || (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE))
		return rc;
	ns = (int64_t)t->tv_sec * 1000000000 + t->tv_nsec + atomic_load(off) * 1000000;
	t->tv_sec = ns / 1000000000;
	t->tv_nsec = ns % 1000000000;
	return 0;
}

int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	t->tv_sec = now.tv_sec;
	t->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out)
		*out = now.tv_sec;
	return now.tv_sec;
}

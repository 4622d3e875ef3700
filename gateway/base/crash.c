/* The crash points of a test build (huiyin/crash.h); empty in every other. Fatal is the purpose. */
#include "huiyin/crash.h"

#include "huiyin/text.h"

#ifdef HUIYIN_CRASH_POINTS

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char wanted[64];
static atomic_llong left;

static void read_wish(void)
{
	struct slice wish = slice_of(getenv("HUIYIN_CRASH")), name = {0};
	int64_t n = 1;

	slice_next(&wish, ':', &name);
	if (!slice_to_int(wish, &n) || n < 1)
		n = 1;
	if (name.len < sizeof wanted)
		memcpy(wanted, name.len ? name.data : "", name.len);
	atomic_store(&left, n);
}

void crash_point(const char *name)
{
	pthread_once(&once, read_wish);
	if (strcmp(name, wanted) != 0 || atomic_fetch_sub(&left, 1) != 1)
		return;
	kill(getpid(), SIGKILL);
	for (;;) /* no thread takes another step */
		pause();
}

#endif

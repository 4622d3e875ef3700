/* Waiting for a database's socket, never without a deadline. */
#include "store/pg_wait.h"

#include <errno.h>
#include <poll.h>

#include "huiyin/clock.h"

bool pg_wait(int fd, short events, int64_t deadline)
{
	for (;;) {
		struct pollfd f = {.fd = fd, .events = events};
		int64_t left = deadline - clock_mono().ms;
		int n;

		if (fd < 0 || left <= 0)
			return false;
		n = poll(&f, 1, (int)left);
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

bool pg_has_input(int fd)
{
	struct pollfd f = {.fd = fd, .events = POLLIN};

	return poll(&f, 1, 0) > 0;
}

int64_t pg_deadline(int64_t now, int64_t ms, int64_t until)
{
	return until > now && until < now + ms ? until : now + ms;
}

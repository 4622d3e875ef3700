/*
 * poll(2) for thousands of sockets. libwebsockets 4.1.6 hands every socket to poll each time round; the kernel then visits
 * each of them twice, and with 5,000 idle chats a webhook turn cost 5.7 ms of CPU instead of 11 µs. Its epoll loops are
 * plug-ins with other life cycles, for which the rules of reliability.md 4.1 were never proven.
 *
 * So the program brings its own `poll`, which the linker puts before libc's. It is the system's, but for one thread that
 * asked for it (the server's) and many sockets: then what poll is told is mirrored into an epoll set, and only what
 * changed is told to the kernel. Level-triggered epoll and poll say the same with the same bits.
 *
 * Fatal would be to miss that a number now stands for another socket: the kernel forgets a socket when it is closed, and
 * this file learns of the next one by big_poll_fresh. When in doubt, the system's poll is asked.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "server/inside.h"

#define BIG_FROM 256   /* sockets */
#define EVENTS_AT_ONCE 512

_Static_assert(EPOLLIN == POLLIN && EPOLLOUT == POLLOUT && EPOLLERR == POLLERR && EPOLLHUP == POLLHUP, "same bits");

/* What the kernel was told of a descriptor, and where it stands in the array of this round. */
struct told { uint32_t round, index; short events; bool there; };

struct big_poll {
	int epoll;
	uint32_t round;
	struct told *told; /* by descriptor */
	size_t room;
	struct epoll_event events[EVENTS_AT_ONCE];
};

static _Thread_local struct big_poll *mine;

/* For the calling thread, until big_poll_close. Without it (no descriptors left) poll is the system's. */
void big_poll_open(void)
{
	mine = calloc(1, sizeof *mine);
	if (!mine)
		exhausted("poll");
	mine->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (mine->epoll < 0)
		big_poll_close();
}

void big_poll_close(void)
{
	if (!mine)
		return;
	if (mine->epoll >= 0)
		close(mine->epoll);
	free(mine->told);
	free(mine);
	mine = NULL;
}

void big_poll_fresh(int fd)
{
	if (mine && fd >= 0 && (size_t)fd < mine->room)
		mine->told[fd].there = false;
}

static void make_room(struct big_poll *b, size_t fd)
{
	size_t room = b->room ? b->room : 1024;

	while (room <= fd)
		room *= 2;
	b->told = realloc(b->told, room * sizeof *b->told);
	if (!b->told)
		exhausted("poll");
	memset(b->told + b->room, 0, (room - b->room) * sizeof *b->told);
	b->room = room;
}

/* False: the kernel does not take it, ask the system's poll. */
static bool tell(struct big_poll *b, int fd, short events, struct told *t)
{
	struct epoll_event e = {.events = (uint32_t)(unsigned short)events, .data.fd = fd};
	int done = epoll_ctl(b->epoll, t->there ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e);

	if (done && errno == EEXIST)
		done = epoll_ctl(b->epoll, EPOLL_CTL_MOD, fd, &e);
	else if (done && errno == ENOENT)
		done = epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &e);
	t->there = !done;
	t->events = events;
	return !done;
}

static bool mirror(struct big_poll *b, struct pollfd *fds, nfds_t n)
{
	b->round++;
	for (nfds_t i = 0; i < n; i++) {
		int fd = fds[i].fd;
		struct told *t;

		fds[i].revents = 0;
		if (fd < 0)
			continue;
		if ((size_t)fd >= b->room)
			make_room(b, (size_t)fd);
		t = &b->told[fd];
		t->round = b->round;
		t->index = (uint32_t)i;
		if ((!t->there || t->events != fds[i].events) && !tell(b, fd, fds[i].events, t))
			return false;
	}
	return true;
}

static int wait_big(struct big_poll *b, struct pollfd *fds, int timeout)
{
	int n = epoll_wait(b->epoll, b->events, EVENTS_AT_ONCE, timeout), hits = 0;

	for (int i = 0; i < n; i++) {
		int fd = b->events[i].data.fd;
		struct told *t = &b->told[fd];

		if (t->round != b->round) { /* it left the array, yet lives */
			epoll_ctl(b->epoll, EPOLL_CTL_DEL, fd, NULL);
			t->there = false;
			continue;
		}
		fds[t->index].revents = (short)b->events[i].events;
		hits++;
	}
	return n < 0 ? n : hits;
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct timespec t = {timeout / 1000, timeout % 1000 * 1000000L};

	if (mine && n >= BIG_FROM && mirror(mine, fds, n))
		return wait_big(mine, fds, timeout);
	return ppoll(fds, n, timeout < 0 ? NULL : &t, NULL);
}

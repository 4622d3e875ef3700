/*
 * state/instance: which process works with this state folder. It holds a lock on the file for as long as it lives, and the
 * kernel takes the lock away with the process, however that ended. Who gets the lock therefore knows that the process whose
 * name stands in the file is gone, without asking anybody and whatever the network does.
 *
 * The name says nothing when the file was copied (another inode) or the folder came from another machine.
 * Nothing here is fatal: without the file a gateway's number is waited for, as after the loss of a machine.
 */
#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "huiyin/secret.h"

#define LINE_BYTES (HOST_NAME_MAX + 64)

/* What stands behind the name: where it means anything. */
static void place(int fd, char *to, size_t room)
{
	char host[HOST_NAME_MAX + 1] = "";
	struct stat st = {0};

	fstat(fd, &st);
	gethostname(host, sizeof host - 1);
	snprintf(to, room, "%ju:%ju %s", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino, host);
}

static int64_t read_name(int fd)
{
	char line[LINE_BYTES] = "", here[LINE_BYTES], *rest = NULL;
	ssize_t n = pread(fd, line, sizeof line - 1, 0);
	uint64_t name;

	if (n <= 0 || line[n - 1] != '\n')
		return 0;
	line[n - 1] = '\0';
	name = strtoumax(line, &rest, 16);
	place(fd, here, sizeof here);
	return rest && *rest == ' ' && !strcmp(rest + 1, here) ? (int64_t)name : 0;
}

static bool write_name(int fd, int64_t name)
{
	char line[LINE_BYTES], here[LINE_BYTES - 20];
	int n;

	place(fd, here, sizeof here);
	n = snprintf(line, sizeof line, "%016" PRIx64 " %s\n", (uint64_t)name, here);
	return n < (int)sizeof line && ftruncate(fd, 0) == 0 && pwrite(fd, line, (size_t)n, 0) == n;
}

void instance_begin(struct slice state, struct instance *out)
{
	struct arena *a = arena_open(0);

	*out = (struct instance){.fd = -1};
	while (!out->now)
		secret_random(&out->now, sizeof out->now);
	out->fd = open(arena_cstr(a, arena_printf(a, SLICE_FMT "/instance", SLICE_ARG(state))), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	arena_close(&a);
	if (out->fd < 0)
		return;
	if (flock(out->fd, LOCK_EX | LOCK_NB) != 0) { /* it lives */
		close(out->fd);
		out->fd = -1;
		return;
	}
	out->before = read_name(out->fd);
	if (!write_name(out->fd, out->now))
		instance_end(out);
}

void instance_end(struct instance *i)
{
	if (i->fd >= 0)
		close(i->fd);
	i->fd = -1;
}

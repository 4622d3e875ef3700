/* What a test tells a program under it while it runs: a piece of memory that both have mapped, in a file. */
#ifndef HUIYIN_TESTS_FAULT_SHARED_H
#define HUIYIN_TESTS_FAULT_SHARED_H

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* The file that the environment names. Null: none is. */
static void *shared(const char *variable, size_t size)
{
	const char *path = getenv(variable);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = fd >= 0 ? mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;

	if (fd >= 0)
		close(fd);
	return map != MAP_FAILED ? map : NULL;
}

#endif

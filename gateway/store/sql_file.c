/* The files of an embedded store as the system sees them: its folder, its lock, its first moment, a copy's new name. */
#include "store/sql_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int64_t sql_file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
}

/* The store keeps some of its state in memory: two writers, even in turn, would do things twice. */
bool sql_take_lock(const char *path, int *fd, struct arena *a, struct slice *why)
{
	const char *lock = arena_cstr(a, arena_printf(a, "%s.lock", path));

	*fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0) {
		*why = arena_printf(a, "cannot write %s: %s; the folder must belong to the user huiyin runs as", lock,
				    strerror(errno));
		return false;
	}
	if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
		*why = arena_printf(a, "%s is in use by another huiyin; stop that one first", path);
		return false;
	}
	return true;
}

bool sql_folder_there(const char *path, struct arena *a, struct slice *why)
{
	const char *slash = strrchr(path, '/');
	struct slice folder = slash ? slice_make(path, (size_t)(slash - path)) : S(".");
	struct stat st;

	if (slash == path)
		folder = S("/");
	if (stat(arena_cstr(a, folder), &st) == 0 && S_ISDIR(st.st_mode))
		return true;
	*why = arena_printf(
		a, "the folder " SLICE_FMT " for the store does not exist; make it: mkdir -p -m 700 " SLICE_FMT,
		SLICE_ARG(folder), SLICE_ARG(folder));
	return false;
}

/* Made by us and not by SQLite, so that nobody else can read it from its first moment. */
bool sql_make_file(const char *path, bool create, struct arena *a, struct slice *why)
{
	int fd;

	if (sql_file_bytes(path) >= 0)
		return true;
	if (!create) {
		*why = arena_printf(a, "there is no store at %s", path);
		return false;
	}
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		*why = arena_printf(a, "cannot make %s: %s", path, strerror(errno));
		return false;
	}
	close(fd);
	return true;
}

bool sql_same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The new name, too, must outlive a power cut. */
bool sql_sync_folder(const char *path, struct arena *a)
{
	const char *slash = strrchr(path, '/');
	const char *folder = slash ? arena_cstr(a, slice_make(path, (size_t)(slash - path) + 1)) : ".";
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

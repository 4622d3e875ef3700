/*
 * The SQLite store on a failing disk. A shim stands between SQLite and the real file system; it makes the Nth write or
 * sync fail (N = 1, 2, … until none was met), or cuts the power there: then a random part of what was not yet synced is
 * lost or torn, in any order. Whatever happens, nothing acknowledged may be missing and nothing may be there by halves.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../store_contract.c"
#include "huiyin/log.h"

#define SECTOR     512
#define MESSAGES   12
#define DISK_FILES 4

/* ---- the disk ---- */

enum fault { FAULT_NONE, FAULT_EIO_WRITE, FAULT_EIO_SYNC, FAULT_FULL, FAULT_POWER };

struct unsynced {
	struct unsynced *next;
	int64_t at;
	size_t len;
	char data[];
}; /* len SIZE_MAX: cut to `at` */
struct disk_file {
	char path[256];
	char *bytes;
	size_t len, room;
	struct unsynced *first, **last;
};
static struct {
	enum fault fault;
	int64_t nth, calls;
	bool lasting, struck;
	uint64_t random;
	struct disk_file files[DISK_FILES];
} disk;

struct shim {
	sqlite3_file base;
	struct disk_file *kept;
	sqlite3_file *real;
};
static sqlite3_vfs *below;

static uint64_t draw(void)
{
	disk.random ^= disk.random << 13;
	disk.random ^= disk.random >> 7;
	disk.random ^= disk.random << 17;
	return disk.random;
}

static struct disk_file *kept_of(const char *path)
{
	struct disk_file *empty = NULL;

	for (int i = 0; i < DISK_FILES; i++) {
		if (!strcmp(disk.files[i].path, path))
			return &disk.files[i];
		if (!empty && !disk.files[i].path[0])
			empty = &disk.files[i];
	}
	assert_non_null(empty);
	snprintf(empty->path, sizeof empty->path, "%s", path);
	empty->last = &empty->first;
	return empty;
}

static void kept_forget(struct disk_file *f)
{
	while (f->first) {
		struct unsynced *u = f->first;
		f->first = u->next;
		free(u);
	}
	free(f->bytes);
	*f = (struct disk_file){.path = ""};
}

static void note(struct disk_file *f, int64_t at, const void *data, size_t len)
{
	struct unsynced *u = malloc(sizeof *u + (len == SIZE_MAX ? 0 : len));

	assert_non_null(u);
	*u = (struct unsynced){.at = at, .len = len};
	if (len != SIZE_MAX)
		memcpy(u->data, data, len);
	*f->last = u;
	f->last = &u->next;
}

static void stretch(struct disk_file *f, size_t len)
{
	if (len > f->room) {
		f->bytes = realloc(f->bytes, len * 2);
		assert_non_null(f->bytes);
		memset(f->bytes + f->room, 0, len * 2 - f->room);
		f->room = len * 2;
	}
	if (len > f->len)
		f->len = len;
}

/* What reaches the platter: all of it, or by sectors as chance has it. */
static void land(struct disk_file *f, const struct unsynced *u, bool chance)
{
	if (u->len == SIZE_MAX) {
		if (!chance || draw() % 2) {
			stretch(f, (size_t)u->at);
			if (f->len > (size_t)u->at)
				memset(f->bytes + u->at, 0, f->len - (size_t)u->at);
			f->len = (size_t)u->at;
		}
		return;
	}
	if (chance && draw() % 4 == 0)
		return;
	for (size_t i = 0; i < u->len; i += SECTOR) {
		size_t n = u->len - i < SECTOR ? u->len - i : SECTOR;
		if (chance && draw() % 8 == 0)
			continue;
		stretch(f, (size_t)u->at + i + n);
		memcpy(f->bytes + u->at + i, u->data + i, n);
	}
}

static void settle(struct disk_file *f)
{
	for (const struct unsynced *u = f->first; u; u = u->next)
		land(f, u, false);
	while (f->first) {
		struct unsynced *u = f->first;
		f->first = u->next;
		free(u);
	}
	f->last = &f->first;
}

/* After a power cut: the files as they are found in the morning. */
static void morning(void)
{
	for (int i = 0; i < DISK_FILES; i++) {
		struct disk_file *f = &disk.files[i];
		struct unsynced *list[4096];
		size_t n = 0;
		int fd;

		if (!f->path[0])
			continue;
		for (struct unsynced *u = f->first; u && n < 4096; u = u->next)
			list[n++] = u;
		for (size_t k = n; k > 1; k--) { /* in any order */
			size_t j = draw() % k;
			struct unsynced *other = list[j];
			list[j] = list[k - 1];
			list[k - 1] = other;
		}
		for (size_t k = 0; k < n; k++)
			land(f, list[k], true);
		fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, f->bytes ? f->bytes : "", f->len), (ssize_t)f->len);
		close(fd);
		kept_forget(f);
	}
}

/* Does the fault strike at this call? */
static bool strikes(bool write)
{
	if (disk.fault == FAULT_NONE || (disk.fault == FAULT_EIO_SYNC && write) ||
	    ((disk.fault == FAULT_EIO_WRITE || disk.fault == FAULT_FULL) && !write))
		return false;
	disk.calls++;
	if (disk.struck ? !disk.lasting : disk.calls != disk.nth)
		return false;
	disk.struck = true;
	return true;
}

static bool dark(void)
{
	return disk.fault == FAULT_POWER && disk.struck;
}

/* ---- the shim ---- */

static sqlite3_file *real(sqlite3_file *f)
{
	return ((struct shim *)f)->real;
}

static int shim_close(sqlite3_file *f)
{
	int rc = real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;

	sqlite3_free(real(f));
	return rc;
}

static int shim_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
	return dark() ? SQLITE_IOERR_READ : real(f)->pMethods->xRead(real(f), to, n, at);
}

static int shim_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
	struct disk_file *kept = ((struct shim *)f)->kept;

	if (kept && strikes(true)) {
		if (disk.fault == FAULT_POWER)
			note(kept, at, from, (size_t)n); /* it was on its way */
		return disk.fault == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
	}
	if (dark())
		return SQLITE_IOERR_WRITE;
	if (kept)
		note(kept, at, from, (size_t)n);
	return real(f)->pMethods->xWrite(real(f), from, n, at);
}

static int shim_truncate(sqlite3_file *f, sqlite3_int64 size)
{
	struct disk_file *kept = ((struct shim *)f)->kept;

	if (dark())
		return SQLITE_IOERR_TRUNCATE;
	if (kept)
		note(kept, size, NULL, SIZE_MAX);
	return real(f)->pMethods->xTruncate(real(f), size);
}

/* The real sync is left out: here only what the shim remembers decides what survives. */
static int shim_sync(sqlite3_file *f, int flags)
{
	struct disk_file *kept = ((struct shim *)f)->kept;

	(void)flags;
	if (kept && strikes(false))
		return SQLITE_IOERR_FSYNC;
	if (dark())
		return SQLITE_IOERR_FSYNC;
	if (kept)
		settle(kept);
	return SQLITE_OK;
}

static int shim_size(sqlite3_file *f, sqlite3_int64 *size)
{
	return real(f)->pMethods->xFileSize(real(f), size);
}
static int shim_lock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xLock(real(f), how);
}
static int shim_unlock(sqlite3_file *f, int how)
{
	return real(f)->pMethods->xUnlock(real(f), how);
}
static int shim_reserved(sqlite3_file *f, int *out)
{
	return real(f)->pMethods->xCheckReservedLock(real(f), out);
}
static int shim_control(sqlite3_file *f, int what, void *with)
{
	return real(f)->pMethods->xFileControl(real(f), what, with);
}
static int shim_sector(sqlite3_file *f)
{
	(void)f;
	return SECTOR;
}
static int shim_traits(sqlite3_file *f)
{
	return real(f)->pMethods->xDeviceCharacteristics(real(f));
}
static int shim_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
static int shim_shm_lock(sqlite3_file *f, int at, int n, int flags)
{
	return real(f)->pMethods->xShmLock(real(f), at, n, flags);
}
static void shim_barrier(sqlite3_file *f)
{
	real(f)->pMethods->xShmBarrier(real(f));
}
static int shim_unmap(sqlite3_file *f, int gone)
{
	return real(f)->pMethods->xShmUnmap(real(f), gone);
}

static const sqlite3_io_methods shim_methods = {
	2,           shim_close,    shim_read,    shim_write,  shim_truncate, shim_sync, shim_size,     shim_lock,
	shim_unlock, shim_reserved, shim_control, shim_sector, shim_traits,   shim_map,  shim_shm_lock, shim_barrier,
	shim_unmap,  NULL,          NULL,
};

static int shim_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
	struct shim *s = (struct shim *)f;
	int rc;

	(void)v;
	*s = (struct shim){.real = sqlite3_malloc(below->szOsFile)};
	memset(s->real, 0, (size_t)below->szOsFile);
	rc = below->xOpen(below, name, s->real, flags, out);
	if (rc != SQLITE_OK) {
		sqlite3_free(s->real);
		return rc;
	}
	if (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL))
		s->kept = kept_of(name);
	s->base.pMethods = &shim_methods;
	return SQLITE_OK;
}

static int shim_delete(sqlite3_vfs *v, const char *name, int sync)
{
	(void)v;
	(void)sync;
	if (dark())
		return SQLITE_IOERR_DELETE;
	for (int i = 0; i < DISK_FILES; i++)
		if (!strcmp(disk.files[i].path, name))
			kept_forget(&disk.files[i]);
	return below->xDelete(below, name, 0);
}

static void shim_install(void)
{
	static sqlite3_vfs shim;

	below = sqlite3_vfs_find(NULL);
	shim = *below;
	shim.zName = "shim";
	shim.pNext = NULL;
	shim.szOsFile = sizeof(struct shim);
	shim.xOpen = shim_open;
	shim.xDelete = shim_delete;
	assert_int_equal(sqlite3_vfs_register(&shim, 1), SQLITE_OK);
}

/* ---- a store on it ---- */

static char folder[] = "/tmp/huiyin-vfs-XXXXXX";
static char path[64];

static struct store *try_open(void)
{
	struct arena *a = arena_open(0);
	struct slice why = {0};
	struct store *s = store_open(arena_printf(a, "sqlite:%s", path), &contract_key, a, &why);

	if (!s)
		assert_true(why.len > 0);
	arena_close(&a);
	return s;
}

static void wipe(void)
{
	const char *tails[] = {"", "-wal", "-shm", ".lock"};
	char all[96];

	for (size_t i = 0; i < 4; i++) {
		snprintf(all, sizeof all, "%s%s", path, tails[i]);
		unlink(all);
	}
	for (int i = 0; i < DISK_FILES; i++)
		if (disk.files[i].path[0])
			kept_forget(&disk.files[i]);
}

/* The contract on the shim while nothing fails: the shim itself must be true to the disk. */
static struct store *contract_open(void)
{
	disk.fault = FAULT_NONE;
	wipe();
	return try_open();
}

static void set_fault(enum fault fault, int64_t nth, bool lasting)
{
	disk.fault = fault;
	disk.nth = nth;
	disk.calls = 0;
	disk.lasting = lasting;
	disk.struck = false;
	disk.random = 88172645463325252u + (uint64_t)nth * 7919u;
}

/* Much at once, so that the log is written back now and then. */
static enum result bulk(struct store *s, int i)
{
	struct lab l = {.s = s, .a = arena_open(0)};
	enum result r;

	lab_begin(&l, T0);
	for (int64_t k = 0; k < 20; k++) {
		struct slice text = slice_make(memset(arena_alloc(l.a, 30000), 'x', 30000), 30000);
		LIST_ADD(&l.c, handovers, ((struct handover){i * 100 + k + 1, 1, S("x"), text, S(""), false, T0}));
	}
	r = s->kind->apply(s, &l.c);
	arena_close(&l.a);
	return r;
}

/* The process ends and is started again; what it held open is closed without a further word to the disk. */
static struct store *restart(struct store *s, bool power)
{
	char shm[96];

	if (s)
		s->kind->close(s);
	if (power) {
		snprintf(shm, sizeof shm, "%s-shm", path);
		unlink(shm);
		morning();
	}
	disk.fault = FAULT_NONE;
	s = try_open();
	assert_non_null(s);
	return s;
}

static struct store *until_open(bool power)
{
	struct store *s = try_open();

	return s ? s : restart(NULL, power);
}

/* One run of messages with one fault in it. False: the fault was not met. */
static bool run(enum fault fault, int64_t nth, bool lasting)
{
	bool acked[MESSAGES] = {0}, power = fault == FAULT_POWER;
	struct store *s;

	wipe();
	set_fault(fault, nth, lasting);
	s = until_open(power);
	for (int m = 0; m < MESSAGES; m++) {
		enum result r = turn(s, m);

		if (r == OK && m % 3 == 2) {
			acked[m] = true;
			r = bulk(s, m);
			if (r == OK)
				r = s->kind->tidy(s, T0, HOUR);
		}
		if (r == UNSURE || (r != OK && power)) {
			assert_true(disk.struck);
			assert_true(fault != FAULT_FULL); /* a full disk is never a reason to stop */
			s = restart(s, power);
			turns_check(s, acked, MESSAGES);
		} else if (r != OK) {
			assert_int_equal(r, LATER);
			assert_true(fault != FAULT_EIO_SYNC); /* a failed sync is never tried again in place */
			assert_true(disk.struck);
			disk.fault = FAULT_NONE; /* room was made */
		}
		if (!acked[m]) {
			if (r != OK)
				r = turn(s, m); /* the provider asks again */
			assert_true(r == OK || r == DUPLICATE);
			acked[m] = true;
		}
	}
	if (disk.struck) /* perhaps while the log was written back, after the last answer */
		s = restart(s, dark());
	assert_int_equal(turns_check(s, acked, MESSAGES), MESSAGES);
	s = restart(s, false);
	assert_int_equal(turns_check(s, acked, MESSAGES), MESSAGES);
	s->kind->close(s);
	return disk.struck;
}

/* Every `step`th call; each one of them with HUIYIN_DEEP set. */
static void every_call(enum fault fault, bool lasting, int64_t step)
{
	int64_t nth = 1;

	while (run(fault, nth, lasting)) {
		nth += getenv("HUIYIN_DEEP") ? 1 : step;
		assert_true(nth < 100000);
	}
	assert_true(nth > 20); /* the loop saw something */
	if (getenv("HUIYIN_DEEP"))
		print_message("fault %d: %d calls\n", (int)fault, (int)nth);
}

static void a_full_disk_is_later_and_recovers(void **state)
{
	(void)state;
	every_call(FAULT_FULL, false, 61);
	every_call(FAULT_FULL, true, 97);
}

static void a_failed_sync_is_unsure(void **state)
{
	(void)state;
	every_call(FAULT_EIO_SYNC, false, 1);
	every_call(FAULT_EIO_SYNC, true, 1);
}

static void a_failed_write_is_never_acknowledged(void **state)
{
	(void)state;
	every_call(FAULT_EIO_WRITE, false, 67);
	every_call(FAULT_EIO_WRITE, true, 89);
}

static void nothing_acknowledged_is_lost_with_the_power(void **state)
{
	(void)state;
	every_call(FAULT_POWER, true, 37);
}

static int begin(void **state)
{
	(void)state;
	log_setup(LOG_ERROR_ + 1, LOG_LOGFMT);
	shim_install();
	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof path, "%s/huiyin.db", folder);
	return 0;
}

static int end(void **state)
{
	(void)state;
	wipe();
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONTRACT_TESTS,
		cmocka_unit_test(a_full_disk_is_later_and_recovers),
		cmocka_unit_test(a_failed_sync_is_unsure),
		cmocka_unit_test(a_failed_write_is_never_acknowledged),
		cmocka_unit_test(nothing_acknowledged_is_lost_with_the_power),
	};

	return secret_start() ? cmocka_run_group_tests(tests, begin, end) : 1;
}

/*
 * Asking a YAML tree for what one expects to find in it. What is wrong is reported at its place; the caller gets the
 * fallback and goes on, so that a file's errors come all at once. Nothing here is fatal.
 */
#include "huiyin/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/yaml_mend.h"
#include "huiyin/clock.h"

/* ---- files ---- */

static struct yaml *unreadable(struct diags *d, const char *path, int code)
{
	char words[128];

	diags_add(d, ERROR, slice_of(path), 0, 0,
		  arena_printf(d->arena, "cannot be read: %s", strerror_r(code, words, sizeof(words))),
		  S("check the path, and that the service's user may read it"));
	return NULL;
}

/* Reads at most one byte more than is allowed, so that yaml_parse sees when it is too much. */
static ssize_t read_whole(int fd, char *bytes, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = read(fd, bytes + len, room - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

struct yaml *yaml_read_file(struct arena *a, const char *path, struct diags *d)
{
	/* Not blocking: a path that names a pipe must not stop a reload. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), code;
	struct stat about;
	size_t room;
	char *bytes;
	ssize_t n;

	if (fd < 0)
		return unreadable(d, path, errno);
	code = fstat(fd, &about) != 0 ? errno : S_ISDIR(about.st_mode) ? EISDIR : S_ISREG(about.st_mode) ? 0 : EINVAL;
	if (code) {
		close(fd);
		return unreadable(d, path, code);
	}
	room = (uint64_t)about.st_size > YAML_MAX_BYTES ? YAML_MAX_BYTES + 1 : (size_t)about.st_size + 1;
	bytes = arena_alloc(a, room);
	n = read_whole(fd, bytes, room);
	code = errno;
	close(fd);
	if (n < 0)
		return unreadable(d, path, code);
	return yaml_parse(a, slice_of(path), slice_make(bytes, (size_t)n), d);
}

/* ---- complaints ---- */

static void complain(struct diags *d, enum severity s, const struct yaml *at, struct slice what, struct slice mend)
{
	struct diag *entry;

	if (!at) {
		diags_add(d, s, S(""), 0, 0, what, mend);
		return;
	}
	entry = diags_add(d, s, at->file, at->line, at->column, what, mend);
	entry->excerpt = arena_copy(d->arena, yaml_line(at->source, at->line));
}

void yaml_error(struct diags *d, const struct yaml *at, struct slice what, struct slice mend)
{
	complain(d, ERROR, at, what, mend);
}

void yaml_warn(struct diags *d, const struct yaml *at, struct slice what, struct slice mend)
{
	complain(d, WARNING, at, what, mend);
}

static struct slice list_of(struct arena *a, const char *const *names, size_t n)
{
	struct buf b = buf_in(a, 1024);

	buf_add_c(&b, "known here: ");
	for (size_t i = 0; i < n; i++) {
		buf_add_c(&b, i ? ", " : "");
		buf_add_c(&b, names[i]);
	}
	return buf_slice(&b);
}

static bool is_known(struct slice key, const char *const *known, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (slice_is(key, known[i]))
			return true;
	}
	return false;
}

void yaml_only(struct diags *d, const struct yaml *map, const char *const *known, size_t n)
{
	struct slice near, mend;

	if (!map || map->kind != YAML_MAP)
		return;
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml *key = map->keys[i];

		if (is_known(key->text, known, n))
			continue;
		near = diag_nearest(key->text, known, n);
		mend = near.len ? arena_printf(d->arena, "did you mean '" SLICE_FMT "'?", SLICE_ARG(near))
				: list_of(d->arena, known, n);
		yaml_error(d, key, arena_printf(d->arena, "unknown key '" SLICE_FMT "'", SLICE_ARG(key->text)), mend);
	}
}

/* ---- typed readers ---- */

static size_t index_of(const struct yaml *map, const char *key)
{
	struct slice wanted = slice_of(key);

	if (!map || map->kind != YAML_MAP)
		return SIZE_MAX;
	for (size_t i = 0; i < map->n; i++) {
		if (slice_equal(map->keys[i]->text, wanted))
			return i;
	}
	return SIZE_MAX;
}

struct yaml *yaml_get(const struct yaml *map, const char *key)
{
	size_t i = index_of(map, key);

	return i == SIZE_MAX ? NULL : map->items[i];
}

/* "key:" with nothing behind it, or YAML's words for nothing. */
static bool is_nothing(const struct yaml *value)
{
	return value->kind == YAML_SCALAR && value->plain &&
	       (!value->text.len || slice_is(value->text, "~") || slice_is(value->text, "null"));
}

static void wrong(struct diags *d, const struct yaml *at, const char *key, const char *expected, struct slice mend)
{
	static const char *const found[] = {"a text", "a list", "a map"};
	const char *was = is_nothing(at) ? "nothing" : found[at->kind];

	if (at->kind == YAML_SCALAR && at->text.len && !is_nothing(at))
		yaml_error(d, at,
			   arena_printf(d->arena, "'%s' must be %s, not '" SLICE_FMT "'", key, expected,
					SLICE_ARG(utf8_cut(at->text, 40))),
			   mend);
	else
		yaml_error(d, at, arena_printf(d->arena, "'%s' must be %s, not %s", key, expected, was), mend);
}

/* The scalar under `key`, or null: absent, or not a scalar (reported). */
static const struct yaml *scalar(struct diags *d, const struct yaml *map, const char *key, const char *expected,
				 struct slice mend)
{
	const struct yaml *value = yaml_get(map, key);

	if (!value)
		return NULL;
	if (value->kind == YAML_SCALAR && !is_nothing(value))
		return value;
	wrong(d, value, key, expected, mend);
	return NULL;
}

struct slice yaml_text(struct diags *d, const struct yaml *map, const char *key, struct slice fallback)
{
	const struct yaml *value = scalar(d, map, key, "a text",
					  S("put it in quotes if it begins with { or [; write '' for an empty text"));

	return value ? value->text : fallback;
}

int64_t yaml_int(struct diags *d, const struct yaml *map, const char *key, int64_t low, int64_t high, int64_t fallback)
{
	struct slice mend = arena_printf(d->arena, "write a number from %lld to %lld", (long long)low, (long long)high);
	const struct yaml *value = scalar(d, map, key, "a number", mend);
	int64_t n;

	if (!value)
		return fallback;
	if (slice_to_int(value->text, &n) && n >= low && n <= high)
		return n;
	wrong(d, value, key, slice_to_int(value->text, &n) ? "within its bounds" : "a number", mend);
	return fallback;
}

bool yaml_bool(struct diags *d, const struct yaml *map, const char *key, bool fallback)
{
	const struct yaml *value = scalar(d, map, key, "true or false", S("write true or false"));

	if (!value)
		return fallback;
	if (value->plain && slice_is(value->text, "true"))
		return true;
	if (value->plain && slice_is(value->text, "false"))
		return false;
	wrong(d, value, key, "true or false", S("write true or false, without quotes"));
	return fallback;
}

int64_t yaml_duration(struct diags *d, const struct yaml *map, const char *key, int64_t fallback_ms)
{
	struct slice mend = S("write a number and s, m, h or d: 30s, 10m, 24h, 7d");
	const struct yaml *value = scalar(d, map, key, "a length of time", mend);
	int64_t ms;

	if (!value)
		return fallback_ms;
	if (duration_parse(value->text, &ms))
		return ms;
	wrong(d, value, key, "a length of time", mend);
	return fallback_ms;
}

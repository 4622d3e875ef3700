/* Names of settings and prompts, to tell whether two gateways run the same. Nothing here is fatal. */
#include "marks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)2 << 20)
#define FILES_MAX      400

static struct slice whole(struct arena *a, const char *path)
{
	char *data = arena_alloc(a, FILE_MAX_BYTES);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, data, FILE_MAX_BYTES);

	if (fd >= 0)
		close(fd);
	return slice_make(data, n > 0 ? (size_t)n : 0);
}

static struct hash16 name_of(struct slice s)
{
	uint8_t sum[DIGEST_MAX_BYTES];
	struct hash16 h;

	digest_of(SHA256, &s, 1, sum);
	memcpy(h.bytes, sum, sizeof h.bytes);
	return h;
}

static bool is_own(struct slice line)
{
	static const char *const keys[] = {"gateway:", "listen:", "port:", "state:", "log:"};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (slice_begins(line, slice_of(keys[i])))
			return true;
	return false;
}

/* The lines that matter: no comments, nothing of keys that are a gateway's own. */
static struct slice common_part(struct arena *a, struct slice text)
{
	struct buf out = buf_in(a, text.len + 1);
	struct slice line;
	bool own = false;

	while (slice_next(&text, '\n', &line)) {
		if (!slice_trim(line).len || slice_trim(line).data[0] == '#')
			continue;
		if (line.data[0] != ' ' && line.data[0] != '-')
			own = is_own(line);
		if (own)
			continue;
		buf_add(&out, line);
		buf_add_char(&out, '\n');
	}
	return buf_slice(&out);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t files_in(struct arena *a, const char *folder, char **list, size_t n)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	while (d && n < FILES_MAX && (e = readdir(d)) != NULL)
		if (slice_ends(slice_of(e->d_name), S(".yaml")))
			list[n++] = arena_cstr(a, arena_printf(a, "%s/%s", folder, e->d_name));
	if (d)
		closedir(d);
	return n;
}

static struct hash16 prompts_mark(struct arena *a, struct slice folder)
{
	char **list = ARENA_ARRAY(a, char *, FILES_MAX), *top = arena_cstr(a, folder);
	struct buf all = buf_in(a, FILES_MAX * sizeof(struct hash16) + 1);
	size_t n = files_in(a, top, list, 0);

	n = files_in(a, arena_cstr(a, arena_printf(a, "%s/parts", top)), list, n);
	qsort(list, n, sizeof *list, by_name);
	for (size_t i = 0; i < n; i++) {
		struct arena *one = arena_open(0);
		struct hash16 h = name_of(whole(one, list[i]));

		buf_add(&all, slice_make((const char *)h.bytes, sizeof h.bytes));
		arena_close(&one);
	}
	return name_of(buf_slice(&all));
}

void marks_of(const struct config *c, struct hash16 *config, struct hash16 *prompts)
{
	struct arena *a = arena_open(0);

	*config = name_of(common_part(a, whole(a, arena_cstr(a, c->path))));
	*prompts = prompts_mark(a, c->prompts);
	arena_close(&a);
}

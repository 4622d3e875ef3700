/*
 * POST /chat/upload: a photo from the web chat. The raw body is streamed to a temporary file under state/media, its first
 * bytes are held against the type it claims, and a worker thread (a sync may take long, and webhooks must not wait for
 * it) names it by its hash, syncs and renames it. What is named "upload:<sha256>" is whole and on disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "huiyin/form.h"
#include "huiyin/json.h"
#include "server/inside.h"
#include "huiyin/crash.h"

#define PATH_BYTES 512
#define MAGIC_BYTES 12

struct kind { const char *type, *ext; };
static const struct kind kinds[] = {
	{"image/jpeg", "jpg"}, {"image/png", "png"}, {"image/webp", "webp"}, {"image/gif", "gif"}, {"image/heic", "heic"},
	{"video/mp4", "mp4"}, {"application/pdf", "pdf"},
};
#define KINDS (sizeof kinds / sizeof *kinds)

struct upload {
	struct upload *next;
	struct ticket ticket;
	const struct kind *kind;
	int fd, folder;
	char temp[PATH_BYTES], name[96], sha[65];
	char magic[MAGIC_BYTES];
	size_t n_magic, size;
	bool checked, ok;
};

struct upload_worker {
	struct server *server;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct upload *todo, **todo_end;
	bool ending;
};

static bool begins(const struct upload *u, size_t at, const char *bytes, size_t n)
{
	return u->n_magic >= at + n && !memcmp(u->magic + at, bytes, n);
}

/* The first bytes, as the formats' own documents give them; HEIC and MP4 share ISO BMFF and differ in the brand. */
static bool magic_right(const struct upload *u)
{
	static const char *const heic[] = {"heic", "heix", "mif1", "msf1", "hevc", "heim", "heis"};

	if (!strcmp(u->kind->ext, "jpg"))
		return begins(u, 0, "\xff\xd8\xff", 3);
	if (!strcmp(u->kind->ext, "png"))
		return begins(u, 0, "\x89PNG\r\n\x1a\n", 8);
	if (!strcmp(u->kind->ext, "gif"))
		return begins(u, 0, "GIF87a", 6) || begins(u, 0, "GIF89a", 6);
	if (!strcmp(u->kind->ext, "webp"))
		return begins(u, 0, "RIFF", 4) && begins(u, 8, "WEBP", 4);
	if (!strcmp(u->kind->ext, "pdf"))
		return begins(u, 0, "%PDF-", 5);
	if (!begins(u, 4, "ftyp", 4))
		return false;
	for (size_t i = 0; i < sizeof heic / sizeof *heic; i++) {
		if (begins(u, 8, heic[i], 4))
			return !strcmp(u->kind->ext, "heic");
	}
	return !strcmp(u->kind->ext, "mp4");
}

static const struct kind *kind_of(struct slice content_type)
{
	for (size_t i = 0; i < KINDS; i++) {
		if (type_is(content_type, kinds[i].type))
			return &kinds[i];
	}
	return NULL;
}

void upload_free(struct upload *u)
{
	if (!u)
		return;
	if (u->temp[0])
		unlinkat(u->folder, u->temp, 0);
	if (u->fd >= 0)
		close(u->fd);
	if (u->folder >= 0)
		close(u->folder);
	free(u);
}

void upload_conn_gone(struct conn *c)
{
	upload_free(c->upload);
	c->upload = NULL;
}

static int open_folder(const struct config *c)
{
	char path[PATH_BYTES];

	if (snprintf(path, sizeof path, SLICE_FMT "/media", SLICE_ARG(c->state)) >= (int)sizeof path)
		return -1;
	if (mkdir(path, 0700) && errno != EEXIST)
		return -1;
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool disk_has_room(int folder, const struct config *c)
{
	struct statvfs v;

	return !fstatvfs(folder, &v) && (uint64_t)v.f_bavail * v.f_frsize >> 20 >= (uint64_t)c->limits.disk_free_mb;
}

static struct upload *upload_open(struct conn *c, const struct kind *kind)
{
	struct upload *u = calloc(1, sizeof *u);
	uint64_t random;

	if (!u)
		exhausted("upload");
	u->kind = kind;
	u->fd = -1;
	u->ticket = (struct ticket){c->server->number, c->id};
	u->folder = open_folder(c->config);
	secret_random(&random, sizeof random);
	snprintf(u->temp, sizeof u->temp, ".up-%016llx", (unsigned long long)random);
	if (u->folder >= 0 && disk_has_room(u->folder, c->config))
		u->fd = openat(u->folder, u->temp, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (u->fd >= 0)
		return u;
	u->temp[0] = 0;
	upload_free(u);
	return NULL;
}

static bool upload_begin(struct conn *c)
{
	const struct kind *kind = kind_of(request_header(c->request, "content-type"));
	struct form query = {0};

	if (!chat_allowed(c->server)) {
		answer_error(c, 404, "no_chat", "There is no web chat here.", "");
		return false;
	}
	if (!form_read(c->arena, c->request->query, &query) || !token_valid(form_get(&query, "token"))) {
		answer_error(c, 403, "token", "The chat's token is missing.", "Say hello on the chat's WebSocket first.");
		return false;
	}
	if (!kind) {
		answer_error(c, 415, "type", "This kind of file is not taken.",
			     "Send a photo (JPEG, PNG, WebP, GIF, HEIC), a short MP4 video or a PDF.");
		return false;
	}
	if (!limiter_take(c->server->files, c->request->peer, clock_mono().ms)) {
		answer_error(c, 429, "many", "Too many files from here in one hour.", "Try again later.");
		return false;
	}
	if ((c->upload = upload_open(c, kind)))
		return true;
	answer_error(c, 503, "disk", "The file cannot be kept now.", "Try again later.");
	return false;
}

static bool write_all(int fd, struct slice piece)
{
	while (piece.len) {
		ssize_t n = write(fd, piece.data, piece.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		piece = slice_from(piece, (size_t)n);
	}
	return true;
}

static bool upload_more(struct conn *c, struct slice piece)
{
	struct upload *u = c->upload;

	for (size_t i = 0; i < piece.len && u->n_magic < MAGIC_BYTES; i++)
		u->magic[u->n_magic++] = piece.data[i];
	u->size += piece.len;
	if (!u->checked && (u->n_magic == MAGIC_BYTES || u->size == c->length)) {
		u->checked = true;
		if (!magic_right(u)) {
			answer_error(c, 415, "content", "The file is not what its name says.",
				     "Send the photo as the camera made it.");
			return false;
		}
	}
	if (write_all(u->fd, piece))
		return true;
	answer_error(c, 503, "disk", "The file cannot be kept now.", "Try again later.");
	return false;
}

static void worker_give(struct upload_worker *w, struct upload *u)
{
	pthread_mutex_lock(&w->lock);
	u->next = NULL;
	*w->todo_end = u;
	w->todo_end = &u->next;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

static void upload_serve(struct conn *c)
{
	struct upload *u = c->upload;

	if (!u) { /* an empty body never began */
		answer_error(c, 400, "empty", "There is no file in the request.", "Send the file as the body.");
		return;
	}
	c->upload = NULL;
	c->server->counters.uploads++;
	conn_wait(c);
	worker_give(c->server->worker, u);
}

void upload_stored(struct server *s, struct upload *list)
{
	struct upload *next;

	for (; list; list = next) {
		struct conn *c = conn_find(s, list->ticket);

		next = list->next;
		if (c && c->state == CONN_WAITING && list->ok) {
			struct buf b = buf_in(c->arena, 512);

			buf_printf(&b, "{\"media\":\"upload:%s\",\"type\":\"%s\",\"size\":%zu}\n", list->sha,
				   list->kind->type, list->size);
			answer_json(c, 200, buf_slice(&b));
		} else if (c && c->state == CONN_WAITING) {
			answer_error(c, 503, "disk", "The file cannot be kept now.", "Try again later.");
		}
		upload_free(list);
	}
}

const struct room chat_upload_room = {
	.path = "/chat/upload", .methods = METHOD_POST, .body = BODY_STREAM, .begin = upload_begin, .more = upload_more,
	.serve = upload_serve,
};

/* ---- the worker --------------------------------------------------------------------------------------------------- */

static bool name_by_hash(struct upload *u)
{
	static const char hex[] = "0123456789abcdef";
	uint8_t sum[DIGEST_MAX_BYTES];
	struct slice whole;
	void *map = mmap(NULL, u->size, PROT_READ, MAP_PRIVATE, u->fd, 0);

	if (map == MAP_FAILED)
		return false;
	whole = slice_make(map, u->size);
	digest_of(SHA256, &whole, 1, sum);
	munmap(map, u->size);
	for (int i = 0; i < 32; i++) {
		u->sha[2 * i] = hex[sum[i] >> 4];
		u->sha[2 * i + 1] = hex[sum[i] & 15];
	}
	return snprintf(u->name, sizeof u->name, "%s.%s", u->sha, u->kind->ext) < (int)sizeof u->name;
}

static void store(struct upload *u)
{
	if (!u->size || !name_by_hash(u) || fsync(u->fd) || renameat(u->folder, u->temp, u->folder, u->name))
		return;
	u->temp[0] = 0;
	crash_point("upload_named");
	u->ok = !fsync(u->folder);
}

static void *work(void *with)
{
	struct upload_worker *w = with;

	pthread_mutex_lock(&w->lock);
	for (;;) {
		struct upload *u = w->todo;

		if (!u && w->ending)
			break;
		if (!u) {
			pthread_cond_wait(&w->more, &w->lock);
			continue;
		}
		w->todo = u->next;
		if (!w->todo)
			w->todo_end = &w->todo;
		pthread_mutex_unlock(&w->lock);
		store(u);
		pthread_mutex_lock(&w->server->lock);
		u->next = w->server->stored;
		w->server->stored = u;
		pthread_mutex_unlock(&w->server->lock);
		http_wake(w->server);
		pthread_mutex_lock(&w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

struct upload_worker *upload_worker_open(struct server *s)
{
	struct upload_worker *w = calloc(1, sizeof *w);

	if (!w)
		exhausted("upload");
	w->server = s;
	w->todo_end = &w->todo;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	if (pthread_create(&w->thread, NULL, work, w))
		exhausted("no thread for uploads");
	return w;
}

void upload_worker_close(struct upload_worker **wp)
{
	struct upload_worker *w = *wp;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->ending = true;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
	free(w);
	*wp = NULL;
}

/* ---- finding one again -------------------------------------------------------------------------------------------- */

static bool is_sha(struct slice s)
{
	if (s.len != 64)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		if (!((s.data[i] >= '0' && s.data[i] <= '9') || (s.data[i] >= 'a' && s.data[i] <= 'f')))
			return false;
	}
	return true;
}

bool upload_find(const struct config *c, struct slice name, struct arena *a, struct media *out)
{
	struct slice sha = slice_from(name, sizeof "upload:" - 1);
	char path[PATH_BYTES];
	struct stat st;

	if (!slice_begins(name, S("upload:")) || !is_sha(sha))
		return false;
	for (size_t i = 0; i < KINDS; i++) {
		if (snprintf(path, sizeof path, SLICE_FMT "/media/" SLICE_FMT ".%s", SLICE_ARG(c->state), SLICE_ARG(sha),
			     kinds[i].ext) >= (int)sizeof path)
			return false;
		if (stat(path, &st))
			continue;
		*out = (struct media){.url = arena_copy(a, name), .type = slice_of(kinds[i].type), .size = st.st_size};
		return true;
	}
	return false;
}

/*
 * Fetching what a citizen sent: from the provider's store into state/media/<sha256>.<ext>, through a temporary file
 * that is synced before it gets its name, so that a name never stands for half a file. The URL came in a message, so it
 * is a stranger's: https to a public address, unless it lies at the very origin the operator configured. At most two
 * redirects are followed by hand, judged anew each, and the account's credentials go to the first address only.
 *
 * Nothing here is fatal: each fault is the result of one fetch, LATER where a second try may help.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "delivery/courier.h"
#include "delivery/media.h"
#include "huiyin/log.h"
#include "huiyin/secret.h"

#define REDIRECTS_MAX         2
#define MEDIA_FALLBACK_BYTES  ((int64_t)16 << 20)
#define FETCH_ARENA_BYTES     ((size_t)4 << 20)
#define TEMPORARY             ".fetch-"
#define TEMPORARY_OLD_SECONDS 3600 /* younger ones may be another gateway's, at work in the same folder */
#define MISSING_TRIES         4    /* a provider may need a moment to have what it announced */

struct fetch {
	enum flight_kind kind;
	struct fetch *next;
	struct arena *arena;
	struct media_row row;
	struct config *config;
	const struct account *account;
	struct call call;
	struct transfer *transfer;
	int hops, fd;
	char *folder, *temporary; /* empty until it exists */
};

/* ---- the end of a fetch ------------------------------------------------------------------------------------------ */

static void fetch_close(struct fetch **fp)
{
	struct fetch *f = *fp;
	struct arena *a = f->arena;

	transfer_close(&f->transfer);
	if (f->fd >= 0)
		close(f->fd);
	if (f->temporary)
		unlink(f->temporary);
	if (f->config)
		config_release(&f->config);
	*fp = NULL;
	arena_close(&a);
}

static void tell(struct delivery *d, struct fetch *f, const struct fetched *result)
{
	struct event *e = event_open(EVENT_MEDIA);

	e->channel = f->account ? f->account->index : -1;
	e->rid = arena_printf(e->arena, "m%lld", (long long)f->row.id);
	e->fetched = *result;
	e->fetched.media = f->row.id;
	e->fetched.path = arena_copy(e->arena, result->path);
	e->fetched.type = arena_copy(e->arena, result->type);
	e->fetched.sha256 = arena_copy(e->arena, result->sha256);
	e->fetched.why = arena_copy(e->arena, result->why);
	pthread_mutex_lock(&d->lock);
	d->media_results[result->result == OK ? 0 : result->result == LATER ? 1 : 2]++;
	pthread_mutex_unlock(&d->lock);
	if (result->result != OK) {
		char rid[32], why[200];

		snprintf(rid, sizeof rid, "m%lld", (long long)f->row.id);
		snprintf(why, sizeof why, SLICE_FMT, SLICE_ARG(result->why));
		log_line(LOG_WARN_, "delivery", "media not fetched", "rid", rid, "result", result_name(result->result),
			 "why", why, NULL);
	}
	atomic_fetch_sub(&d->held_media, 1);
	queue_put_always(d->queue, e);
}

static void fetch_end(struct delivery *d, struct fetch *f, enum result r, struct slice why)
{
	struct fetched result = {.result = r, .why = why};

	tell(d, f, &result);
	fetch_close(&f);
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static char *folder_of(const struct config *c, struct arena *a)
{
	return arena_cstr(a, arena_printf(a, SLICE_FMT "/media", SLICE_ARG(c->state)));
}

static bool temporary_open(struct fetch *f)
{
	uint64_t random;

	secret_random(&random, sizeof random);
	f->folder = folder_of(f->config, f->arena);
	if (mkdir(f->folder, 0700) != 0 && errno != EEXIST)
		return false;
	f->temporary = arena_cstr(
		f->arena, arena_printf(f->arena, "%s/" TEMPORARY "%016llx", f->folder, (unsigned long long)random));
	f->fd = open(f->temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (f->fd < 0)
		f->temporary = NULL;
	return f->fd >= 0;
}

static bool hash_file(struct fetch *f, int64_t size, uint8_t out[32])
{
	struct slice whole;
	void *map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, f->fd, 0);

	if (map == MAP_FAILED)
		return false;
	whole = slice_make(map, (size_t)size);
	digest_of(SHA256, &whole, 1, out);
	munmap(map, (size_t)size);
	return true;
}

static bool sync_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Under its lasting name, on disk. Equal content has an equal name and is kept once. */
static bool settle(struct fetch *f, const char *name)
{
	char *to = arena_cstr(f->arena, arena_printf(f->arena, "%s/%s", f->folder, name));

	if (fsync(f->fd) != 0 || rename(f->temporary, to) != 0)
		return false;
	f->temporary = NULL;
	return sync_folder(f->folder);
}

static void keep_file(struct delivery *d, struct fetch *f, const struct transfer *t)
{
	char head[MEDIA_SNIFF_BYTES];
	ssize_t n = pread(f->fd, head, sizeof head, 0);
	const struct media_type *type = media_sniff(slice_make(head, n > 0 ? (size_t)n : 0));
	struct slice announced = f->row.type.len ? f->row.type : t->type;
	struct fetched result = {.result = OK, .size = t->body_bytes};
	uint8_t sum[32];
	char *name;

	if (!type || !media_fits(type, announced)) {
		fetch_end(d, f, NEVER,
			  type ? S("the content is not of the announced kind") : S("not a kind of file that is kept"));
		return;
	}
	if (!hash_file(f, t->body_bytes, sum)) {
		fetch_end(d, f, LATER, S("the file could not be read back"));
		return;
	}
	result.sha256 = hex_encode(f->arena, slice_make((const char *)sum, sizeof sum));
	name = arena_cstr(f->arena, arena_printf(f->arena, SLICE_FMT ".%s", SLICE_ARG(result.sha256), type->extension));
	if (!settle(f, name)) {
		fetch_end(d, f, LATER, S("the file could not be kept: disk full or not writable"));
		return;
	}
	result.path = arena_printf(f->arena, "media/%s", name);
	result.type = slice_of(type->mime);
	tell(d, f, &result);
	fetch_close(&f);
}

/* ---- the call ---------------------------------------------------------------------------------------------------- */

static int64_t size_limit(const struct config *c)
{
	return c->limits.media > 0 ? c->limits.media : MEDIA_FALLBACK_BYTES;
}

static void call_out(struct delivery *d, struct fetch *f)
{
	struct order o = {.call = &f->call,
			  .home = account_option(f->account, "api_url"),
			  .stranger = true,
			  .connect_ms = d->tuning.connect_ms,
			  .total_ms = d->tuning.fetch_ms,
			  .slow_ms = d->tuning.slow_ms,
			  .most = (size_t)size_limit(f->config),
			  .fd = f->fd,
			  .ca_file = d->tuning.ca_file,
			  .with = f};

	f->next = d->fetching;
	d->fetching = f;
	d->n_fetching++;
	f->transfer = wire_start(d->wire, &o);
}

static void come_back(struct delivery *d, struct fetch *f)
{
	struct fetch **at = &d->fetching;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	f->next = NULL;
	d->n_fetching--;
}

static const struct account *account_named(const struct config *c, struct slice name)
{
	for (size_t i = 0; i < c->n_accounts; i++)
		if (slice_equal(c->accounts[i].name, name))
			return &c->accounts[i];
	return NULL;
}

static void begin_one(struct delivery *d, struct fetch *f)
{
	f->config = config_hold(d->config);
	f->account = account_named(f->config, f->row.channel);
	if (!f->account) {
		fetch_end(d, f, NEVER, S("no such channel is configured"));
		return;
	}
	f->call = (struct call){.method = S("GET"), .url = f->row.url};
	if (f->account->channel->fetch && !f->account->channel->fetch(f->account, f->row.url, f->arena, &f->call)) {
		fetch_end(d, f, NEVER, S("the channel cannot fetch this address"));
		return;
	}
	if (!temporary_open(f)) {
		fetch_end(d, f, LATER, S("no file could be made in the media folder"));
		return;
	}
	call_out(d, f);
}

/* ---- the answer -------------------------------------------------------------------------------------------------- */

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* The next hop: a bare GET. What the first answer had as a body is thrown away. */
static bool hop(struct delivery *d, struct fetch *f, const struct transfer *t)
{
	if (++f->hops > REDIRECTS_MAX || !t->location.len)
		return false;
	f->call = (struct call){.method = S("GET"), .url = arena_copy(f->arena, t->location)};
	transfer_close(&f->transfer);
	if (ftruncate(f->fd, 0) != 0 || lseek(f->fd, 0, SEEK_SET) != 0)
		return false;
	call_out(d, f);
	return true;
}

static enum result class_of(const struct answer *ans, int attempts)
{
	int s = ans->status;

	if (!s || s >= 500 || s == 408 || s == 425 || s == 429)
		return LATER;
	if (s == 401 || s == 403) /* our credentials: an operator can mend that */
		return LATER;
	if (s == 404 && attempts < MISSING_TRIES)
		return LATER;
	return NEVER;
}

void media_landed(struct delivery *d, struct transfer *t)
{
	struct fetch *f = t->with;
	int status = t->answer.status;

	come_back(d, f);
	if (t->refused)
		fetch_end(d, f, NEVER, t->answer.error);
	else if (is_redirect(status) && hop(d, f, t))
		return;
	else if (is_redirect(status))
		fetch_end(d, f, NEVER, S("too many redirects"));
	else if (status != 200)
		fetch_end(d, f, class_of(&t->answer, f->row.attempts),
			  status ? arena_printf(f->arena, "HTTP %d", status) : t->answer.error);
	else if (t->cut)
		fetch_end(d, f, NEVER, S("larger than limits.media"));
	else if (t->broken)
		fetch_end(d, f, LATER, t->answer.error);
	else if (!t->body_bytes)
		fetch_end(d, f, NEVER, S("empty"));
	else
		keep_file(d, f, t);
}

/* ---- coming and going -------------------------------------------------------------------------------------------- */

void media_give(struct delivery *d, const struct media_row *row)
{
	struct arena *a = arena_open(FETCH_ARENA_BYTES);
	struct fetch *f = ARENA_NEW(a, struct fetch), **end = &d->given_media;

	f->kind = FLIGHT_MEDIA;
	f->arena = a;
	f->fd = -1;
	f->row = *row;
	f->row.channel = arena_copy(a, row->channel);
	f->row.url = arena_copy(a, row->url);
	f->row.type = arena_copy(a, row->type);
	while (*end)
		end = &(*end)->next;
	*end = f;
}

static void take_given(struct delivery *d)
{
	struct fetch **end = &d->fetches;

	while (*end)
		end = &(*end)->next;
	pthread_mutex_lock(&d->door);
	*end = d->given_media;
	d->given_media = NULL;
	pthread_mutex_unlock(&d->door);
}

void media_begin(struct delivery *d)
{
	take_given(d);
	while (d->fetches && d->n_fetching < d->tuning.fetches_out) {
		struct fetch *f = d->fetches;

		d->fetches = f->next;
		f->next = NULL;
		begin_one(d, f);
	}
}

void media_stop(struct delivery *d, bool now)
{
	take_given(d);
	while (d->fetches) {
		struct fetch *f = d->fetches;

		d->fetches = f->next;
		fetch_end(d, f, LATER, S("the gateway stops"));
	}
	while (now && d->fetching) {
		struct fetch *f = d->fetching;

		come_back(d, f);
		fetch_end(d, f, LATER, S("the gateway stops"));
	}
}

bool media_idle(const struct delivery *d)
{
	return !d->fetches && !d->fetching;
}

void media_tidy(const struct config *c)
{
	struct arena *a = arena_open(0);
	DIR *dir = opendir(folder_of(c, a));
	struct dirent *entry;
	struct stat st;
	int64_t old = clock_wall().ms / 1000 - TEMPORARY_OLD_SECONDS;

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, TEMPORARY, sizeof TEMPORARY - 1) == 0 &&
		    fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mtime < old)
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	arena_close(&a);
}

/*
 * migrate: moves the store to another kind of database (store/move.h). It may end at any moment, also by a power cut,
 * and is then simply run again; so nothing here waits for signals.
 */
#include "commands.h"
#include "config.h"
#include "huiyin/clock.h"
#include "store/move.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EVERY_MS 1000

struct show {
	int64_t next;
	bool line_open; /* on a terminal: the last line is written over */
};

static void close_line(struct show *s)
{
	if (s->line_open)
		putchar('\n');
	s->line_open = false;
}

static void say(void *with, const char *line)
{
	close_line(with);
	puts(line);
	fflush(stdout);
}

static bool progress(void *with, const char *table, int64_t done, int64_t of)
{
	struct show *s = with;
	int64_t now = clock_mono().ms;
	bool terminal = isatty(STDOUT_FILENO);

	if (now < s->next || !*table)
		return true;
	s->next = now + EVERY_MS;
	if (of)
		printf("%s%-12s %lld of %lld (%d %%)%s", terminal ? "\r" : "", table, (long long)done, (long long)of,
		       (int)(done >= of ? 100 : done * 100 / of), terminal ? "   " : "\n");
	else
		printf("%s%-12s %lld%s", terminal ? "\r" : "", table, (long long)done, terminal ? "          " : "\n");
	s->line_open = terminal;
	fflush(stdout);
	return true;
}

/* A relative path of SQLite is taken from the folder of the configuration, as in store:. */
static struct slice address(struct config *c, const char *given, struct arena *a)
{
	struct slice path = slice_from(slice_of(given), strlen("sqlite:"));
	const char *slash = strrchr(arena_cstr(a, c->path), '/');
	size_t folder;

	if (!slice_begins(slice_of(given), S("sqlite:")) || !path.len || *path.data == '/' || !slash)
		return slice_of(given);
	folder = strlen(arena_cstr(a, c->path)) - strlen(slash) + 1;
	return arena_printf(a, "sqlite:%.*s" SLICE_FMT, (int)folder, c->path.data, SLICE_ARG(path));
}

/* As it may stand in a file or on a screen: a password comes from the environment. */
static struct slice without_password(struct slice url, struct arena *a)
{
	size_t user = slice_find(url, S("://")) + 3, colon, at = url.len;

	while (at > user && url.data[at - 1] != '@')
		at--;
	colon = user + slice_find(slice_from(url, user), S(":"));
	if (at <= user || colon >= at)
		return url;
	return arena_printf(a, SLICE_FMT ":${DB_PASSWORD}@" SLICE_FMT, SLICE_ARG(slice_make(url.data, colon)),
			    SLICE_ARG(slice_from(url, at)));
}

static void tell(struct config *c, const struct move_options *mo, const struct move_result *r, struct arena *a)
{
	struct slice to = without_password(mo->to, a);

	printf("moved: %lld rows; the source stood still for %.1f s, every row was compared\n\n"
	       "Now write in " SLICE_FMT "\n\n    store: " SLICE_FMT
	       "\n\nand start the gateway (huiyin doctor looks it over). "
	       "The old store is closed and kept.\nEvery gateway on the new one needs the same " SLICE_FMT
	       "/store.key, and " SLICE_FMT "/media if it shall show pictures.\n",
	       (long long)r->rows, (double)r->stood_ms / 1000, SLICE_ARG(c->path), SLICE_ARG(to),
	       SLICE_ARG(c->state), SLICE_ARG(c->state));
}

static bool migrate(struct options *o, struct config *c, struct arena *a, struct slice *why)
{
	struct show show = {0};
	struct move_options mo = {.from = o->from ? address(c, o->from, a) : c->store,
				  .to = address(c, o->to, a),
				  .keep_ms = c->keep.dedupe_ms,
				  .check = o->check,
				  .say = say,
				  .progress = progress,
				  .with = &show};
	struct move_result r;
	bool ok;

	if (!config_store_key(c, &mo.key, why, a))
		return false;
	ok = move_store(&mo, &r, a, why);
	close_line(&show);
	if (ok && o->check)
		printf("equal: %lld rows were compared\n", (long long)r.rows);
	else if (ok)
		tell(c, &mo, &r, a);
	return ok;
}

int command_migrate(struct options *o)
{
	struct arena *a = arena_open(0);
	struct config *c = NULL;
	struct slice why = {0};
	int status = 2;

	secret_start();
	if (!o->to || o->argc)
		fputs("usage: huiyin migrate --to URL [--from URL] [--config FILE] [--check]\n", stderr);
	else if ((c = load_or_explain(o->config)))
		status = migrate(o, c, a, &why) ? 0 : 1;
	else
		status = 1;
	if (why.len)
		fprintf(stderr, "huiyin: " SLICE_FMT "\n", SLICE_ARG(why));
	config_release(&c);
	arena_close(&a);
	return status;
}

/*
 * Wiring: which thread owns what, how signals become reloads and stops, and the order in which a stop happens so that
 * nothing taken is dropped: first the front door, then the engine, then the courier, last the store.
 *
 * Fatal here: a config with errors, a store that cannot be opened, a port that is taken, an unsafe PCRE2.
 */
#include "commands.h"
#include "config.h"
#include "delivery/delivery.h"
#include "engine/engine.h"
#include "flow/match.h"
#include "instance.h"
#include "marks.h"
#include "server/server.h"

#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define STOP_WAIT_MS 10000
#define BEHIND_ALARM_MS 60000

struct house {
	struct instance instance;
	bool waited, called_off; /* for the store, before it was there; and told to stop meanwhile */
	struct arena *arena;
	struct config *config;
	struct key key;
	struct queue *queue;
	struct store *store;
	struct engine *engine;
	struct server *server;
	pthread_mutex_t news_lock; /* what others say is heard until the rooms are closed */
	bool deaf;
	pthread_mutex_t courier_lock; /* the engine asks the courier while a stop takes it away */
	struct delivery *delivery;
};

static void release(void *with, struct release *list)
{
	struct house *h = with;

	server_release(h->server, list);
}

static size_t room(void *with, size_t *media)
{
	struct house *h = with;
	size_t n = 0;

	pthread_mutex_lock(&h->courier_lock);
	*media = h->delivery ? delivery_media_room(h->delivery) : 0;
	n = h->delivery ? delivery_room(h->delivery) : 0;
	pthread_mutex_unlock(&h->courier_lock);
	return n;
}

static void give(void *with, const struct outbox_row *rows, size_t n, const struct media_row *media, size_t n_media)
{
	struct house *h = with;

	/* What was claimed for a courier that is gone keeps its lease and is taken up at the next start. */
	pthread_mutex_lock(&h->courier_lock);
	if (n && h->delivery)
		delivery_give(h->delivery, rows, n);
	if (n_media && h->delivery)
		delivery_give_media(h->delivery, media, n_media);
	pthread_mutex_unlock(&h->courier_lock);
}

static void metrics(void *with, struct buf *out)
{
	struct house *h = with;

	engine_metrics(h->engine, out);
	delivery_metrics(h->delivery, out);
}

static void add_remarks(const struct house *h, struct buf *out)
{
	struct buf others = buf_heap((size_t)16 << 10);

	if (h->store->kind->remarks)
		h->store->kind->remarks(h->store, &others);
	if (others.len) {
		buf_add_c(out, ",\"remarks\":[");
		buf_add(out, buf_slice(&others));
		buf_add_char(out, ']');
	}
	buf_free(&others);
}

static bool ready(void *with, struct buf *out)
{
	struct house *h = with;
	struct slice why = {0};

	if (engine_ready(h->engine, &why)) {
		buf_add_c(out, "{\"ready\":true");
		add_remarks(h, out);
		buf_add_c(out, "}\n");
		return true;
	}
	buf_printf(out, "{\"ready\":false,\"why\":\"" SLICE_FMT "\"}\n", SLICE_ARG(why));
	return false;
}

static void harden(void)
{
	struct rlimit none = {0, 0};

	umask(077);
	setrlimit(RLIMIT_CORE, &none); /* a core file would hold addresses and keys */
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0);
}

static bool fail(struct slice why)
{
	fprintf(stderr, "huiyin: " SLICE_FMT "\n", SLICE_ARG(why));
	return false;
}

/* What people call this gateway, where several share a store. */
static const char *name_of_host(struct house *h)
{
	char name[HOST_NAME_MAX + 1] = "";

	gethostname(name, sizeof name - 1);
	return arena_cstr(h->arena, slice_of(*name ? name : "gateway"));
}

/* The address without user and password. */
static struct slice place_of(struct slice url)
{
	size_t from = slice_find(url, S("//")), to = slice_find(url, S("?"));

	from = from < url.len ? from + 2 : 0;
	for (size_t i = from; i < to; i++)
		if (url.data[i] == '@')
			from = i + 1;
	return slice_make(url.data + from, to - from);
}

/* A second, or until somebody wants us to stop. Nobody is let in meanwhile: a closed door makes balancers look elsewhere
   and providers send again. */
static bool wait_for_store(void *with, struct slice why)
{
	static const struct timespec second = {.tv_sec = 1};
	struct house *h = with;
	struct slice place = place_of(h->config->store);
	sigset_t ends;

	if (!h->waited) {
		fprintf(stderr, "huiyin: waiting for the database at " SLICE_FMT " (asked each second; Ctrl-C ends it): " SLICE_FMT
			"\n", SLICE_ARG(place), SLICE_ARG(why));
		log_line(LOG_WARN_, "serve", "waiting for the database", "at", arena_cstr(h->arena, place), "why",
			 arena_cstr(h->arena, why), NULL);
	}
	h->waited = true;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	h->called_off = sigtimedwait(&ends, NULL, &second) > 0;
	return !h->called_off;
}

static bool open_store(struct house *h)
{
	struct store_options o;
	struct slice why = {0};

	if (!config_store_key(h->config, &h->key, &why, h->arena))
		return fail(why);
	o = (struct store_options){.key = h->key, .create = true, .gateway = h->config->gateway, .name = name_of_host(h),
				   .version = HUIYIN_VERSION, .instance = h->instance.now, .before = h->instance.before,
				   .wait = wait_for_store, .with = h};
	marks_of(h->config, &o.config, &o.prompts);
	h->store = store_open_with(h->config->store, &o, h->arena, &why);
	return h->store || (!h->called_off && fail(why));
}

static void wake(void *with)
{
	struct house *h = with;

	pthread_mutex_lock(&h->news_lock);
	if (!h->deaf)
		engine_look(h->engine);
	pthread_mutex_unlock(&h->news_lock);
}

static void chat(void *with, const struct hash16 *contact)
{
	struct house *h = with;

	pthread_mutex_lock(&h->news_lock);
	if (!h->deaf)
		server_news(h->server, contact);
	pthread_mutex_unlock(&h->news_lock);
}

static void shared(void *with, struct slice name)
{
	struct house *h = with;

	(void)name; /* the courier reads all of it: it is little */
	pthread_mutex_lock(&h->news_lock);
	if (!h->deaf)
		delivery_news(h->delivery);
	pthread_mutex_unlock(&h->news_lock);
}

/* A store that several gateways share tells what the others do. */
static bool listen_to_others(struct house *h)
{
	const struct store_news news = {.wake = wake, .chat = chat, .shared = shared, .with = h};
	struct slice why = {0};

	return !h->store->kind->listen || h->store->kind->listen(h->store, &news, h->arena, &why) || fail(why);
}

/* Ids rise also over a stop in which the clock was set back. */
static void go_on_after(struct house *h)
{
	const struct store_kind *kind = h->store->kind;
	int64_t newest = 0, ahead = 0, now = clock_wall().ms;
	char seconds[24];

	if (kind->clock && kind->clock(h->store, &ahead)) {
		queue_clock(h->queue, ahead);
		now = clock_mono().ms + ahead / 1000;
	}
	if (!kind->newest || kind->newest(h->store, &newest) != OK || !newest)
		return;
	queue_after(h->queue, newest);
	ahead = queue_id_time(newest) - now;
	if (ahead <= BEHIND_ALARM_MS)
		return;
	snprintf(seconds, sizeof seconds, "%lld", (long long)(ahead / 1000));
	log_line(LOG_WARN_, "serve", "the clock is behind what the store has seen", "seconds", seconds, "mend",
		 "check the machine's time (timedatectl); what waits to be sent waits so much longer", NULL);
}

static bool open_rooms(struct house *h)
{
	struct slice why = {0};
	struct server_options so;
	struct engine_options eo;

	h->queue = queue_open((size_t)h->config->limits.queue, h->config->gateway);
	go_on_after(h);
	h->delivery = delivery_start(h->config, h->queue, h->arena, &why);
	if (!h->delivery)
		return fail(why);
	delivery_share(h->delivery, h->store, &h->key);
	so = (struct server_options){.config = h->config, .queue = h->queue, .store = h->store, .key = &h->key,
				     .metrics = metrics, .ready = ready, .with = h};
	eo = (struct engine_options){.config = h->config, .queue = h->queue, .store = h->store, .key = &h->key,
				     .release = release, .room = room, .give = give, .with = h};
	/* The engine exists before the first request can ask it whether it is ready; its thread starts when the server is. */
	h->engine = engine_open(&eo);
	h->server = server_start(&so, h->arena, &why);
	if (!h->server)
		return fail(why);
	engine_go(h->engine);
	return listen_to_others(h);
}

static void close_rooms(struct house *h)
{
	struct delivery *courier;
	struct server *door = h->server; /* h->server stays: what the engine still lets go of finds a closed door */

	pthread_mutex_lock(&h->news_lock);
	h->deaf = true;
	pthread_mutex_unlock(&h->news_lock);
	if (h->engine)
		engine_stop_soon(h->engine);
	if (door)
		server_stop(&door, STOP_WAIT_MS);
	pthread_mutex_lock(&h->courier_lock);
	courier = h->delivery;
	h->delivery = NULL;
	pthread_mutex_unlock(&h->courier_lock);
	if (courier)
		delivery_stop(&courier, STOP_WAIT_MS);
	engine_stop(&h->engine); /* takes the results of the last sends as well */
	/* Until here a sign of life was given: who gives none has the calls it has begun taken over. */
	if (h->store && h->store->kind->hush)
		h->store->kind->hush(h->store);
	queue_close(&h->queue);
	if (h->store)
		h->store->kind->close(h->store);
	config_release(&h->config);
	instance_end(&h->instance);
	arena_close(&h->arena);
}

static void print_diags(const struct diags *d)
{
	struct buf out = buf_heap((size_t)1 << 20);

	diags_print(d, &out, isatty(STDERR_FILENO));
	if (out.len)
		fwrite(out.data, 1, out.len, stderr);
	buf_free(&out);
}

struct config *load_or_explain(const char *path)
{
	struct arena *a = arena_open(0);
	struct diags d = diags_in(a);
	struct config *c = config_load(path, &d);

	print_diags(&d);
	if (!c)
		fprintf(stderr, "huiyin: %s has %zu error%s; nothing was started or changed\n", path, d.errors, d.errors == 1 ? "" : "s");
	arena_close(&a);
	return c;
}

static bool add_cli_key(struct config *c)
{
	struct arena *a = arena_open(0);
	struct slice hex, why = {0};
	bool ok = config_cli_key(c, true, &hex, &why, a);

	if (!ok)
		fail(why);
	arena_close(&a);
	return ok;
}

static void tell_store(struct house *h, const struct config *c)
{
	struct hash16 config, prompts;

	if (!h->store->kind->runs)
		return;
	marks_of(c, &config, &prompts);
	h->store->kind->runs(h->store, &config, &prompts);
}

/* All or nothing: with any error the old configuration goes on. What is bound to the start is named. */
static void reload(struct house *h)
{
	struct arena *a = arena_open(0);
	struct config *c = load_or_explain(arena_cstr(a, h->config->path));

	arena_close(&a);
	if (!c || !add_cli_key(c)) {
		log_line(LOG_ERROR_, "serve", "reload refused; the old configuration goes on", NULL);
		config_release(&c);
		return;
	}
	if (c->port != h->config->port || !slice_equal(c->listen, h->config->listen) || !slice_equal(c->store, h->config->store))
		log_line(LOG_WARN_, "serve", "listen, port and store change only at a restart", NULL);
	log_setup(c->log_level, c->log_format);
	server_reload(h->server, c);
	delivery_reload(h->delivery, c);
	engine_reload(h->engine, c);
	tell_store(h, c);
	config_release(&h->config);
	h->config = c;
	malloc_trim(0);
	log_line(LOG_INFO_, "serve", "configuration and prompts reloaded", NULL);
}

static void announce(const struct house *h)
{
	char port[16];

	snprintf(port, sizeof port, "%d", server_port(h->server));
	log_line(LOG_INFO_, "serve", "ready", "port", port, NULL);
	printf("\n  回音 Huiyin is listening. Talk to it here / 在这里和它说话:\n\n      http://127.0.0.1:%s/\n\n"
	       "  Ctrl-C stops it; nothing that was taken is lost.\n\n",
	       port);
	fflush(stdout);
}

static int wait_for_signals(struct house *h, const sigset_t *set)
{
	int sig;

	for (;;) {
		if (sigwait(set, &sig) != 0)
			continue;
		if (sig != SIGHUP)
			break;
		reload(h);
	}
	log_line(LOG_INFO_, "serve", "stopping; what was taken is finished first", NULL);
	return 0;
}

int command_serve(struct options *o)
{
	struct house h = {.arena = arena_open(0), .courier_lock = PTHREAD_MUTEX_INITIALIZER,
			  .news_lock = PTHREAD_MUTEX_INITIALIZER, .instance = {.fd = -1}};
	const char *why = NULL;
	sigset_t set;
	int status = 1;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL); /* before any thread, so that all inherit it */
	signal(SIGPIPE, SIG_IGN);
	harden();
	if (!secret_start() || !match_library_safe(&why)) {
		fprintf(stderr, "huiyin: %s\n", why ? why : "the cryptographic libraries do not work");
		arena_close(&h.arena);
		return 1;
	}
	h.config = load_or_explain(o->config);
	if (h.config && add_cli_key(h.config)) {
		log_setup(h.config->log_level, h.config->log_format);
		instance_begin(h.config->state, &h.instance);
		if (open_store(&h) && open_rooms(&h)) {
			malloc_trim(0); /* reading the prompts took twice what they keep */
			announce(&h);
			status = wait_for_signals(&h, &set);
		} else if (h.called_off) {
			log_line(LOG_INFO_, "serve", "stopped before the database was there", NULL);
			status = 0;
		}
	}
	close_rooms(&h);
	return status;
}

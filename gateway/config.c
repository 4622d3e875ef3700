/*
 * huiyin.yaml: read, checked, defaults filled in. All errors are collected and shown like a compiler's; a config with any
 * error is not used, so a reload changes everything or nothing. Secrets come by ${ENV} or file:PATH.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_FILE_MAX 8192
#define MINUTES_OF_DAY 1440
#define SLOW_CALL_MS 15000
#define PER_SECOND_MAX 1000
#define LEASE_LEFT_MS 20000 /* for the result to be stored, and a little more */

static const char *const TOP_KEYS[] = {"listen", "port", "public_url", "trusted_proxies", "store", "state", "prompts", "zone",
				       "language", "office", "log", "gateway", "limits", "keep", "delivery", "survey", "windows",
				       "alert", "keys", "channels"};

/* ---- secrets --------------------------------------------------------------------------------------------------------- */

static bool read_small_file(struct arena *a, const char *path, struct slice *out)
{
	char *data = arena_alloc(a, SECRET_FILE_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, data, SECRET_FILE_MAX);
	close(fd);
	if (n < 0)
		return false;
	*out = slice_trim(slice_make(data, (size_t)n));
	return true;
}

static struct slice under(struct config *c, struct slice path)
{
	const char *slash = memrchr(c->path.data, '/', c->path.len);

	if (!path.len || path.data[0] == '/' || !slash)
		return path;
	return arena_printf(c->arena, SLICE_FMT "/" SLICE_FMT, (int)(slash - c->path.data), c->path.data, SLICE_ARG(path));
}

/* "${NAME}" and "file:PATH" are looked up; anything else stands for itself. */
static struct slice resolve(struct config *c, struct diags *d, const struct yaml *at, struct slice v)
{
	struct slice found;

	if (v.len > 3 && slice_begins(v, S("${")) && v.data[v.len - 1] == '}') {
		char *name = arena_cstr(c->arena, slice_make(v.data + 2, v.len - 3));
		const char *value = getenv(name);

		if (value)
			return arena_copy(c->arena, slice_of(value));
		yaml_error(d, at, arena_printf(c->arena, "the environment has no %s", name),
			   arena_printf(c->arena, "set it before the start, for example: %s=… huiyin serve", name));
		return (struct slice){0};
	}
	if (slice_begins(v, S("file:"))) {
		struct slice path = under(c, slice_from(v, 5));

		if (read_small_file(c->arena, arena_cstr(c->arena, path), &found))
			return found;
		yaml_error(d, at, arena_printf(c->arena, "cannot read " SLICE_FMT ": %s", SLICE_ARG(path), strerror(errno)),
			   S("make the file readable for the user that runs huiyin"));
		return (struct slice){0};
	}
	return v;
}

/* ---- sections --------------------------------------------------------------------------------------------------------- */

static void read_limits(struct config *c, const struct yaml *m, struct diags *d)
{
	static const char *const known[] = {"body", "url", "headers", "connections", "per_address", "queue", "batch", "upload",
					    "media", "head", "request", "chat_idle", "flood_per_minute", "flood_quiet",
					    "disk_free_mb"};

	yaml_only(d, m, known, sizeof known / sizeof *known);
	c->limits.body = yaml_int(d, m, "body", 1024, 4 << 20, 256 << 10);
	c->limits.url = yaml_int(d, m, "url", 256, 4000, 2048);
	c->limits.headers = yaml_int(d, m, "headers", 1024, 4096, 4096);
	c->limits.connections = yaml_int(d, m, "connections", 16, 100000, 10000);
	c->limits.per_address = yaml_int(d, m, "per_address", 1, 100000, 256);
	c->limits.queue = yaml_int(d, m, "queue", 16, 1000000, 8192);
	c->limits.batch = yaml_int(d, m, "batch", 1, 512, 256);
	c->limits.upload = yaml_int(d, m, "upload", 1024, INT64_C(100) << 20, 8 << 20);
	c->limits.media = yaml_int(d, m, "media", 1024, INT64_C(200) << 20, 16 << 20);
	c->limits.head_ms = yaml_duration(d, m, "head", 10000);
	c->limits.request_ms = yaml_duration(d, m, "request", 15000);
	c->limits.chat_idle_ms = yaml_duration(d, m, "chat_idle", INT64_C(24) * 3600000);
	c->limits.flood_per_minute = yaml_int(d, m, "flood_per_minute", 5, 100000, 40);
	c->limits.flood_quiet_ms = yaml_duration(d, m, "flood_quiet", 600000);
	c->limits.disk_free_mb = yaml_int(d, m, "disk_free_mb", 0, 1 << 20, 256);
}

static void read_keep(struct config *c, const struct yaml *m, struct diags *d)
{
	static const char *const known[] = {"dedupe", "life", "lease", "inline_wait", "quarantine"};

	yaml_only(d, m, known, sizeof known / sizeof *known);
	c->keep.dedupe_ms = yaml_duration(d, m, "dedupe", INT64_C(30) * 86400000);
	c->keep.life_ms = yaml_duration(d, m, "life", INT64_C(5) * 86400000);
	c->keep.lease_ms = yaml_duration(d, m, "lease", 120000);
	c->keep.inline_wait_ms = yaml_duration(d, m, "inline_wait", 30000);
	c->keep.quarantine = yaml_int(d, m, "quarantine", 0, 10000, 200);
	if (c->keep.dedupe_ms < INT64_C(30) * 86400000)
		yaml_warn(d, yaml_get(m, "dedupe"), S("duplicates can come for days: less than 30d answers some of them twice"),
			  S("leave it at 30d"));
}

static int64_t duration_within(struct diags *d, const struct yaml *m, const char *key, int64_t low_s, int64_t high_s,
			       int64_t fallback_s)
{
	int64_t ms = yaml_duration(d, m, key, fallback_s * 1000);

	if (ms >= low_s * 1000 && ms <= high_s * 1000)
		return ms;
	yaml_error(d, yaml_get(m, key), arena_printf(d->arena, "'%s' is not within its bounds", key),
		   arena_printf(d->arena, "write a length of time from %llds to %llds", (long long)low_s, (long long)high_s));
	return fallback_s * 1000;
}

/* Wants `keep` to be read: a call that outlives its row's lease would be made twice. */
static void read_delivery(struct config *c, const struct yaml *m, struct diags *d)
{
	static const char *const known[] = {"rows", "calls", "calls_in_all", "fetches", "fetch_calls", "connect", "call", "fetch"};
	struct tuning *t = &c->delivery;

	yaml_only(d, m, known, sizeof known / sizeof *known);
	t->rows = (size_t)yaml_int(d, m, "rows", 16, 2048, 512);
	t->per_account = (size_t)yaml_int(d, m, "calls", 1, 256, 8);
	t->in_all = (size_t)yaml_int(d, m, "calls_in_all", 1, 512, 64);
	t->fetches = (size_t)yaml_int(d, m, "fetches", 1, 512, 32);
	t->fetches_out = (size_t)yaml_int(d, m, "fetch_calls", 1, 64, 8);
	t->connect_ms = duration_within(d, m, "connect", 1, 60, 5);
	t->call_ms = duration_within(d, m, "call", 2, 600, 30);
	t->slow_ms = SLOW_CALL_MS;
	t->fetch_ms = duration_within(d, m, "fetch", 5, 3600, 120);
	if (t->call_ms + LEASE_LEFT_MS > c->keep.lease_ms && yaml_get(m, "call"))
		yaml_error(d, yaml_get(m, "call"), S("a call may last longer than the lease of its row"),
			   S("make it shorter, or keep.lease longer: the lease must outlive the call by 20s"));
}

static int read_minute(struct slice s)
{
	int64_t h, m;

	if (s.len != 5 || s.data[2] != ':' || !slice_to_int(slice_make(s.data, 2), &h) ||
	    !slice_to_int(slice_make(s.data + 3, 2), &m) || h < 0 || h > 24 || m < 0 || m > 59)
		return -1;
	return (int)(h * 60 + m) <= MINUTES_OF_DAY ? (int)(h * 60 + m) : -1;
}

static void read_office(struct config *c, const struct yaml *m, struct diags *d)
{
	static const char *const known[] = {"zh", "en", "phone", "hours"};
	struct slice hours = yaml_text(d, m, "hours", S("09:00-17:00"));

	yaml_only(d, m, known, sizeof known / sizeof *known);
	c->office_zh = yaml_text(d, m, "zh", S("信访局"));
	c->office_en = yaml_text(d, m, "en", S("Petition Office"));
	c->phone = yaml_text(d, m, "phone", S("12345"));
	c->open_from = hours.len == 11 ? read_minute(slice_make(hours.data, 5)) : -1;
	c->open_to = hours.len == 11 ? read_minute(slice_from(hours, 6)) : -1;
	if (c->open_from < 0 || c->open_to <= c->open_from)
		yaml_error(d, yaml_get(m, "hours"), S("office hours are not understood"), S("write them as '09:00-17:00'"));
}

static void read_log(struct config *c, const struct yaml *m, struct diags *d)
{
	static const char *const known[] = {"level", "format"};
	static const char *const levels[] = {"debug", "info", "warn", "error"};
	struct slice level = yaml_text(d, m, "level", S("info")), format = yaml_text(d, m, "format", S("logfmt"));
	int found = -1;

	yaml_only(d, m, known, sizeof known / sizeof *known);
	for (int i = 0; i < 4; i++)
		if (slice_is(level, levels[i]))
			found = i;
	if (found < 0)
		yaml_error(d, yaml_get(m, "level"), S("unknown log level"), S("use debug, info, warn or error"));
	c->log_level = found < 0 ? LOG_INFO_ : (enum log_level)found;
	c->log_format = slice_is(format, "json") ? LOG_JSON : LOG_LOGFMT;
	if (!slice_is(format, "json") && !slice_is(format, "logfmt"))
		yaml_error(d, yaml_get(m, "format"), S("unknown log format"), S("use logfmt or json"));
}

static void read_windows(struct config *c, const struct yaml *m, struct diags *d)
{
	static const char *const known[] = {"unit", "zh", "en"};

	if (!m)
		return;
	if (m->kind != YAML_MAP) {
		yaml_error(d, m, S("windows is a map of window key to window"), S("for example: W1: {unit: hall, zh: 一号窗口, en: Window 1}"));
		return;
	}
	c->windows = ARENA_ARRAY(c->arena, struct window, m->n + 1);
	for (size_t i = 0; i < m->n; i++) {
		struct slice key = m->keys[i]->text;

		yaml_only(d, m->items[i], known, 3);
		if (!key.len || key.len > 64 || slice_find(key, S(" ")) < key.len || slice_find(key, S("/")) < key.len)
			yaml_error(d, m->keys[i], S("a window's key is 1 to 64 letters, digits, dashes"), S("for example W1"));
		c->windows[c->n_windows++] = (struct window){
			key, yaml_text(d, m->items[i], "unit", (struct slice){0}), yaml_text(d, m->items[i], "zh", key),
			yaml_text(d, m->items[i], "en", key)};
	}
}

static bool may(const struct yaml *m, const char *what)
{
	const struct yaml *list = yaml_get(m, "may");

	if (!list)
		return true;
	for (size_t i = 0; list->kind == YAML_LIST && i < list->n; i++)
		if (slice_is(list->items[i]->text, what))
			return true;
	return false;
}

static void read_keys(struct config *c, const struct yaml *m, struct diags *d)
{
	static const char *const known[] = {"name", "key", "key_sha256", "may", "unit"};

	c->keys = ARENA_ARRAY(c->arena, struct api_key, (m && m->kind == YAML_LIST ? m->n : 0) + 1);
	if (!m)
		return;
	if (m->kind != YAML_LIST) {
		yaml_error(d, m, S("keys is a list"), S("for example: - {name: portal, key: '${PORTAL_KEY}', may: [read, write]}"));
		return;
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct yaml *y = m->items[i];
		struct api_key *k = &c->keys[c->n_keys];
		struct slice plain = resolve(c, d, yaml_get(y, "key"), yaml_text(d, y, "key", (struct slice){0}));
		struct slice hash = yaml_text(d, y, "key_sha256", (struct slice){0}), raw;

		yaml_only(d, y, known, 5);
		k->name = yaml_text(d, y, "name", (struct slice){0});
		k->unit = yaml_text(d, y, "unit", (struct slice){0});
		k->may_read = may(y, "read");
		k->may_write = may(y, "write");
		k->may_send = may(y, "send");
		if (plain.len >= 16)
			digest_of(SHA256, &plain, 1, k->sha256);
		else if (hash.len == 64 && hex_decode(c->arena, hash, &raw))
			memcpy(k->sha256, raw.data, 32);
		else if (!d->errors)
			yaml_error(d, y, S("a key needs `key` (16 characters or more) or `key_sha256` (64 hex digits)"),
				   S("make one: openssl rand -hex 24"));
		if (!k->name.len)
			yaml_error(d, y, S("a key needs a name"), S("the name is what the case record shows as actor"));
		c->n_keys++;
	}
}

/* ---- channels --------------------------------------------------------------------------------------------------------- */

static bool is_option(const struct channel *ch, struct slice name)
{
	for (const struct option *o = ch->options; o && o->name; o++)
		if (slice_is(name, o->name))
			return true;
	return slice_is(name, "channel") || slice_is(name, "signature") || slice_is(name, "unsure") ||
	       slice_is(name, "public_url") || (ch->send && slice_is(name, "per_second"));
}

static void check_option_names(const struct account *acc, const struct yaml *section, struct diags *d)
{
	const char *names[64];
	size_t n = 0;

	for (const struct option *o = acc->channel->options; o && o->name && n < 60; o++)
		names[n++] = o->name;
	names[n++] = "channel";
	names[n++] = "signature";
	names[n++] = "unsure";
	names[n++] = "public_url";
	if (acc->channel->send)
		names[n++] = "per_second";
	for (size_t i = 0; i < section->n; i++) /* sections of their own are checked by the channel's `prepare` */
		if (!is_option(acc->channel, section->keys[i]->text) &&
		    (section->items[i]->kind == YAML_SCALAR || !acc->channel->prepare)) {
			struct slice near = diag_nearest(section->keys[i]->text, names, n);
			yaml_error(d, section->keys[i],
				   arena_printf(d->arena, "the channel %s has no option '" SLICE_FMT "'", acc->channel->name,
						SLICE_ARG(section->keys[i]->text)),
				   near.len ? arena_printf(d->arena, "did you mean '" SLICE_FMT "'?", SLICE_ARG(near))
					    : S("see docs/channels.md"));
		}
}

static void read_options(struct config *c, struct account *acc, const struct yaml *section, struct diags *d)
{
	size_t n = 0, i = 0;

	for (const struct option *o = acc->channel->options; o && o->name; o++)
		n++;
	acc->values = ARENA_ARRAY(c->arena, struct slice, n + 1);
	for (const struct option *o = acc->channel->options; o && o->name; o++, i++) {
		const struct yaml *y = yaml_get(section, o->name);

		if (y && y->kind == YAML_SCALAR) {
			acc->values[i] = resolve(c, d, y, y->text);
			if (o->secret && y->text.len && slice_equal(acc->values[i], y->text))
				yaml_warn(d, y, arena_printf(d->arena, "the secret '%s' is written in the file itself", o->name),
					  S("put it into the environment (${NAME}) or a file (file:PATH)"));
		} else if (!y && o->fallback) {
			acc->values[i] = slice_of(o->fallback);
		} else if (!y && o->required) {
			yaml_error(d, section, arena_printf(d->arena, "the channel '" SLICE_FMT "' needs '%s'", SLICE_ARG(acc->name), o->name),
				   slice_of(o->help));
		}
	}
}

static void read_modes(struct account *acc, const struct yaml *section, struct diags *d)
{
	struct slice mode = yaml_text(d, section, "signature", S("enforce")), unsure = yaml_text(d, section, "unsure", S("ask"));

	acc->signature = slice_is(mode, "off") ? SIGNATURE_OFF : slice_is(mode, "observe") ? SIGNATURE_OBSERVE : SIGNATURE_ENFORCE;
	if (acc->signature == SIGNATURE_ENFORCE && !slice_is(mode, "enforce"))
		yaml_error(d, yaml_get(section, "signature"), S("unknown signature mode"), S("use enforce, observe or off"));
	acc->per_second = (int)yaml_int(d, section, "per_second", 0, PER_SECOND_MAX, acc->channel->able.per_second);
	acc->unsure = slice_is(unsure, "again") ? UNSURE_SEND_AGAIN : UNSURE_ASK_PERSON;
	if (!slice_is(unsure, "again") && !slice_is(unsure, "ask"))
		yaml_error(d, yaml_get(section, "unsure"), S("unknown policy for sends whose outcome is unknown"),
			   S("use ask (a person decides) or again (better twice than never)"));
}

static void read_account(struct config *c, const struct yaml *key, const struct yaml *section, struct diags *d)
{
	struct account *acc = &c->accounts[c->n_accounts];
	struct slice kind = yaml_text(d, section, "channel", key->text);
	bool ok = true;

	acc->channel = channel_find(kind);
	if (!acc->channel) {
		const char *names[64];
		size_t n = 0;
		struct slice near;

		for (; channels[n] && n < 64; n++)
			names[n] = channels[n]->name;
		near = diag_nearest(kind, names, n);
		yaml_error(d, section, arena_printf(d->arena, "there is no channel '" SLICE_FMT "'", SLICE_ARG(kind)),
			   near.len ? arena_printf(d->arena, "did you mean '" SLICE_FMT "'?", SLICE_ARG(near))
				    : S("see `huiyin doctor` for the list"));
		return;
	}
	acc->name = key->text;
	acc->index = (int)c->n_accounts;
	acc->section = section;
	acc->public_url = yaml_text(d, section, "public_url", c->public_url);
	check_option_names(acc, section, d);
	read_options(c, acc, section, d);
	read_modes(acc, section, d);
	if (acc->channel->prepare && !d->errors)
		ok = acc->channel->prepare(acc, c->arena, d);
	if (!ok && !d->errors)
		yaml_error(d, section, S("this channel cannot be set up"), S("see docs/channels.md"));
	c->n_accounts++;
}

static void read_channels(struct config *c, const struct yaml *m, struct diags *d)
{
	c->accounts = ARENA_ARRAY(c->arena, struct account, (m && m->kind == YAML_MAP ? m->n : 0) + 1);
	if (!m)
		return;
	if (m->kind != YAML_MAP) {
		yaml_error(d, m, S("channels is a map of name to settings"), S("for example: chat: {channel: webchat}"));
		return;
	}
	for (size_t i = 0; i < m->n; i++)
		if (m->items[i]->kind == YAML_MAP)
			read_account(c, m->keys[i], m->items[i], d);
		else
			yaml_error(d, m->items[i], S("a channel is a map of settings"), S("for example: chat: {channel: webchat}"));
}

static void read_proxies(struct config *c, const struct yaml *m, struct diags *d)
{
	static struct slice local[] = {{"127.0.0.1", 9}, {"::1", 3}};

	c->trusted_proxies = local;
	c->n_proxies = 2;
	if (!m)
		return;
	if (m->kind != YAML_LIST) {
		yaml_error(d, m, S("trusted_proxies is a list of addresses"), S("for example: [127.0.0.1]"));
		return;
	}
	c->trusted_proxies = ARENA_ARRAY(c->arena, struct slice, m->n + 1);
	c->n_proxies = 0;
	for (size_t i = 0; i < m->n; i++)
		c->trusted_proxies[c->n_proxies++] = m->items[i]->text;
}

/* ---- the whole ----------------------------------------------------------------------------------------------------------- */

static struct slice no_slash(struct slice url)
{
	while (url.len && url.data[url.len - 1] == '/')
		url.len--;
	return url;
}

static void read_store(struct config *c, const struct yaml *root, struct diags *d)
{
	struct slice store = resolve(c, d, yaml_get(root, "store"), yaml_text(d, root, "store", S("sqlite:state/huiyin.db")));

	if (slice_begins(store, S("sqlite:")))
		store = arena_printf(c->arena, "sqlite:" SLICE_FMT, SLICE_ARG(under(c, slice_from(store, 7))));
	c->store = store;
}

/* A section that is left empty is as good as none. */
static const struct yaml *section(const struct yaml *root, const char *name, struct diags *d)
{
	const struct yaml *y = yaml_get(root, name);

	if (!y || y->kind == YAML_MAP || (y->kind == YAML_SCALAR && !y->text.len))
		return y && y->kind == YAML_MAP ? y : NULL;
	yaml_error(d, y, arena_printf(d->arena, "%s is a map of settings", name), S("see docs/operate.md"));
	return NULL;
}

static void read_top(struct config *c, const struct yaml *root, struct diags *d)
{
	static const char *const survey_keys[] = {"remind", "window", "changes"}, *const alert_keys[] = {"channel", "to"};
	const struct yaml *survey = section(root, "survey", d), *alert = section(root, "alert", d);

	yaml_only(d, root, TOP_KEYS, sizeof TOP_KEYS / sizeof *TOP_KEYS);
	yaml_only(d, survey, survey_keys, sizeof survey_keys / sizeof *survey_keys);
	yaml_only(d, alert, alert_keys, sizeof alert_keys / sizeof *alert_keys);
	c->listen = yaml_text(d, root, "listen", S("127.0.0.1"));
	c->port = (int)yaml_int(d, root, "port", 0, 65535, 8080);
	c->public_url = no_slash(yaml_text(d, root, "public_url", arena_printf(c->arena, "http://127.0.0.1:%d", c->port)));
	c->state = under(c, yaml_text(d, root, "state", S("state")));
	c->prompts = under(c, yaml_text(d, root, "prompts", S("prompts")));
	c->zone_name = yaml_text(d, root, "zone", S("Asia/Shanghai"));
	c->zone = zone_open(arena_cstr(c->arena, c->zone_name));
	if (!c->zone)
		yaml_error(d, yaml_get(root, "zone"), S("unknown time zone"), S("use a name such as Asia/Shanghai; apt install tzdata"));
	c->lang = yaml_text(d, root, "language", S("zh"));
	c->gateway = (int)yaml_int(d, root, "gateway", 0, 255, 0);
	read_store(c, root, d);
	read_office(c, section(root, "office", d), d);
	read_log(c, section(root, "log", d), d);
	read_limits(c, section(root, "limits", d), d);
	read_keep(c, section(root, "keep", d), d);
	read_delivery(c, section(root, "delivery", d), d);
	read_windows(c, yaml_get(root, "windows"), d);
	read_keys(c, yaml_get(root, "keys"), d);
	read_proxies(c, yaml_get(root, "trusted_proxies"), d);
	c->survey = (struct survey_rules){yaml_duration(d, survey, "remind", INT64_C(2) * 86400000),
					  yaml_duration(d, survey, "window", INT64_C(10) * 86400000),
					  (int)yaml_int(d, survey, "changes", 0, 10, 1)};
	c->alert_channel = yaml_text(d, alert, "channel", (struct slice){0});
	c->alert_to = yaml_text(d, alert, "to", (struct slice){0});
	read_channels(c, yaml_get(root, "channels"), d);
	if (c->alert_channel.len && !config_account(c, c->alert_channel))
		yaml_error(d, alert, S("alert.channel names no configured channel"), S("use one of the names under channels:"));
}

struct config *config_load(const char *path, struct diags *d)
{
	struct arena *a = arena_open(0);
	struct config *c = ARENA_NEW(a, struct config);
	struct yaml *root;

	c->arena = a;
	c->path = arena_copy(a, slice_of(path));
	atomic_init(&c->holders, 1);
	root = yaml_read_file(a, path, d);
	if (root && root->kind != YAML_MAP)
		yaml_error(d, root, S("a configuration is a map of settings"), S("make a first one: huiyin init"));
	if (root && !d->errors)
		read_top(c, root, d);
	if (!d->errors)
		c->flows = flow_set_load(arena_cstr(a, c->prompts), d);
	if (!d->errors && c->flows)
		return c;
	config_release(&c);
	return NULL;
}

struct config *config_hold(struct config *c)
{
	atomic_fetch_add(&c->holders, 1);
	return c;
}

void config_release(struct config **cp)
{
	struct config *c = *cp;
	struct arena *a;

	*cp = NULL;
	if (!c || atomic_fetch_sub(&c->holders, 1) > 1)
		return;
	flow_set_release(&c->flows);
	zone_close(&c->zone);
	a = c->arena;
	arena_close(&a);
}

const struct account *config_account(const struct config *c, struct slice name)
{
	for (size_t i = 0; i < c->n_accounts; i++)
		if (slice_equal(c->accounts[i].name, name))
			return &c->accounts[i];
	return NULL;
}

const struct window *config_window(const struct config *c, struct slice key)
{
	for (size_t i = 0; key.len && i < c->n_windows; i++)
		if (slice_equal(c->windows[i].key, key))
			return &c->windows[i];
	return NULL;
}

/* ---- files under state/ -------------------------------------------------------------------------------------------------- */

/* Reads `name` under state/, or makes it with 32 random bytes in hex, 0600, synced before use. */
static bool secret_file(const struct config *c, const char *name, struct arena *a, struct slice *hex, struct slice *why)
{
	char *path = arena_cstr(a, arena_printf(a, SLICE_FMT "/%s", SLICE_ARG(c->state), name));
	uint8_t raw[32];
	int fd;
	bool ok;

	if (mkdir(arena_cstr(a, c->state), 0700) != 0 && errno != EEXIST) {
		*why = arena_printf(a, "cannot make " SLICE_FMT ": %s; create it and give it to the user that runs huiyin",
				    SLICE_ARG(c->state), strerror(errno));
		return false;
	}
	if (read_small_file(a, path, hex) && hex->len == 64)
		return true;
	if (access(path, F_OK) == 0) {
		*why = arena_printf(a, "%s is damaged: restore it from a backup (without it the addresses in the store cannot be read)",
				    path);
		return false;
	}
	secret_random(raw, sizeof raw);
	*hex = hex_encode(a, slice_make((char *)raw, sizeof raw));
	secret_wipe(raw, sizeof raw);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ok = fd >= 0 && write(fd, hex->data, hex->len) == (ssize_t)hex->len && fsync(fd) == 0;
	if (fd >= 0)
		close(fd);
	if (!ok)
		*why = arena_printf(a, "cannot write %s: %s", path, strerror(errno));
	return ok;
}

bool config_store_key(const struct config *c, struct key *out, struct slice *why, struct arena *a)
{
	struct slice hex, raw;

	if (!secret_file(c, "store.key", a, &hex, why))
		return false;
	if (!hex_decode(a, hex, &raw) || raw.len != sizeof out->bytes) {
		*why = S("state/store.key is damaged: restore it from a backup");
		return false;
	}
	memcpy(out->bytes, raw.data, sizeof out->bytes);
	return true;
}

bool config_cli_key(struct config *c, bool add, struct slice *hex, struct slice *why, struct arena *a)
{
	if (!secret_file(c, "cli.key", a, hex, why))
		return false;
	if (add) {
		struct api_key *keys = ARENA_ARRAY(c->arena, struct api_key, c->n_keys + 1);
		memcpy(keys, c->keys, c->n_keys * sizeof *keys);
		keys[c->n_keys] = (struct api_key){.name = S("cli"), .may_read = true, .may_write = true, .may_send = true};
		digest_of(SHA256, hex, 1, keys[c->n_keys++].sha256);
		c->keys = keys;
	}
	return true;
}

static const char FIRST[] =
	"# Huiyin: the settings of this gateway. `huiyin doctor` looks them over; docs/operate.md explains each.\n"
	"# Secrets come from the environment (${NAME}) or a file (file:PATH), never from here.\n"
	"listen: 127.0.0.1\n"
	"port: 8080\n"
	"# The address providers and citizens use; set it to https://… once a reverse proxy stands in front.\n"
	"public_url: http://127.0.0.1:8080\n"
	"store: sqlite:state/huiyin.db\n"
	"state: state\n"
	"prompts: prompts\n"
	"zone: Asia/Shanghai\n"
	"language: zh\n"
	"office: {zh: 县信访局, en: County Petition Office, phone: '12345', hours: '09:00-17:00'}\n"
	"windows:\n"
	"  W1: {unit: hall, zh: 一号窗口, en: Window 1}\n"
	"  W2: {unit: hall, zh: 二号窗口, en: Window 2}\n"
	"channels:\n"
	"  chat: {channel: webchat}\n"
	"#  sms:\n"
	"#    channel: twilio\n"
	"#    account_sid: ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
	"#    auth_token: ${TWILIO_AUTH_TOKEN}\n"
	"#    number: '+15005550006'\n";

bool config_write_first(const char *path, struct slice *why, struct arena *a)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	bool ok = fd >= 0 && write(fd, FIRST, sizeof FIRST - 1) == (ssize_t)(sizeof FIRST - 1);

	if (!ok)
		*why = arena_printf(a, "cannot write %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

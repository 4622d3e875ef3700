/* huiyin.yaml, read and checked. One immutable object; SIGHUP makes a new one or changes nothing. */
#ifndef HUIYIN_CONFIG_H
#define HUIYIN_CONFIG_H

#include <stdatomic.h>
#include "huiyin/case.h"
#include "huiyin/channel.h"
#include "huiyin/flow.h"
#include "huiyin/log.h"
#include "huiyin/yaml.h"

struct api_key { struct slice name; uint8_t sha256[32]; bool may_read, may_write, may_send; struct slice unit; };
struct window { struct slice key, unit; struct slice label_zh, label_en; };

/* What the courier may hold and have out at once, and how long it waits: `delivery:`. */
struct tuning {
	size_t rows, fetches;       /* sends and media in hand */
	size_t per_account, in_all; /* calls out */
	size_t fetches_out;
	int64_t connect_ms, call_ms, slow_ms, fetch_ms; /* slow_ms: so long below ten bytes a second ends a call */
	const char *ca_file;        /* null: the system's certificates */
};

struct config {
	atomic_int holders;
	struct arena *arena;
	struct slice path;          /* of the file */
	struct slice listen;        /* "127.0.0.1" */
	int port;
	struct slice public_url;    /* "http://127.0.0.1:8080"; no slash at the end */
	struct slice *trusted_proxies; size_t n_proxies; /* addresses that may keep connections alive and set X-Forwarded-For */
	struct slice store;         /* "sqlite:state/huiyin.db" */
	struct slice state;         /* folder: media, key, cli key */
	struct slice prompts;       /* folder */
	struct slice zone_name; struct zone *zone;
	struct slice lang;
	struct slice office_zh, office_en, phone; /* for placeholders {office} {phone} */
	int open_from, open_to;     /* office hours, minutes of the day; Monday to Friday */
	enum log_level log_level; enum log_format log_format;
	int gateway;                /* 0..255 */
	struct {
		int64_t body, url, headers, connections, per_address, queue, batch, upload, media;
		int64_t head_ms, request_ms, chat_idle_ms;
		int64_t flood_per_minute, flood_quiet_ms;
		int64_t disk_free_mb;
	} limits;
	struct { int64_t dedupe_ms, life_ms, lease_ms, inline_wait_ms; int64_t quarantine; } keep;
	struct tuning delivery;
	struct survey_rules survey;
	struct account *accounts; size_t n_accounts;
	struct api_key *keys; size_t n_keys;
	struct window *windows; size_t n_windows;
	struct slice alert_channel, alert_to; /* who is told of urgent messages; empty: queue only */
	struct flow_set *flows;     /* loaded from prompts */
};

/* Null if there is any error (diags say). `env` looks up ${NAME}; null uses the process environment. */
struct config *config_load(const char *path, struct diags *d);
struct config *config_hold(struct config *c);
void config_release(struct config **c);
const struct account *config_account(const struct config *c, struct slice name);
const struct window *config_window(const struct config *c, struct slice key);
/* The keys from state/: made on first use, 0600. False with *why. */
bool config_store_key(const struct config *c, struct key *out, struct slice *why, struct arena *a);
/* The key by which commands on this machine speak to the gateway (state/cli.key); `add` makes the gateway accept it. */
bool config_cli_key(struct config *c, bool add, struct slice *hex, struct slice *why, struct arena *a);
/* Writes a first huiyin.yaml with comments, embedded SQLite, web chat on; false if the file exists or cannot be written. */
bool config_write_first(const char *path, struct slice *why, struct arena *a);

#endif

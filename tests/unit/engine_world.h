/* An engine on the ram store, with the shipped prompts and events made by hand. */
#ifndef HUIYIN_TEST_ENGINE_WORLD_H
#define HUIYIN_TEST_ENGINE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "engine/engine.h"

static const int64_t NOW = INT64_C(1795233600000);

struct world {
	char dir[64], path[128];
	struct arena *arena;
	struct config *config;
	struct key key;
	struct store *store;
	struct queue *queue;
	struct engine *engine;
	int64_t now;
	int n;
};

static const char YAML[] =
	"port: 8080\nprompts: prompts\nlimits: {flood_per_minute: 30, disk_free_mb: 0}\n"
	"windows:\n  W1: {unit: hall, zh: 一号窗口, en: Window 1}\n"
	"channels:\n  sms:\n    channel: twilio\n    account_sid: AC0\n    auth_token: secret\n    number: '+15005550006'\n"
	"  chat: {channel: webchat}\n";

static struct engine *open_engine(struct world *w, struct store *store)
{
	struct engine_options o = {.config = w->config, .queue = w->queue, .store = store, .key = &w->key};

	return engine_open(&o);
}

static int up(void **state)
{
	struct world *w = calloc(1, sizeof *w);
	struct diags d;
	struct slice why = {0};
	FILE *f;

	assert_true(secret_start());
	w->arena = arena_open(0);
	w->now = NOW;
	strcpy(w->dir, "/tmp/huiyin-engine-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	snprintf(w->path, sizeof w->path, "%s/huiyin.yaml", w->dir);
	f = fopen(w->path, "w");
	fputs(YAML, f);
	fclose(f);
	{
		char cwd[4096], link[128];
		snprintf(link, sizeof link, "%s/prompts", w->dir);
		assert_non_null(getcwd(cwd, sizeof cwd - 16));
		strcat(cwd, "/prompts");
		assert_int_equal(symlink(cwd, link), 0);
	}
	d = diags_in(w->arena);
	w->config = config_load(w->path, &d);
	if (!w->config) {
		struct buf out = buf_in(w->arena, 100000);
		diags_print(&d, &out, false);
		fprintf(stderr, "%s\n", out.data);
	}
	assert_non_null(w->config);
	w->store = store_open(S("ram:"), &w->key, w->arena, &why);
	assert_non_null(w->store);
	w->queue = queue_open(64, 1);
	w->engine = open_engine(w, w->store);
	*state = w;
	return 0;
}

static int down(void **state)
{
	struct world *w = *state;
	char path[160];

	engine_close(&w->engine);
	queue_close(&w->queue);
	w->store->kind->close(w->store);
	config_release(&w->config);
	snprintf(path, sizeof path, "%s/prompts", w->dir);
	unlink(path);
	unlink(w->path);
	rmdir(w->dir);
	arena_close(&w->arena);
	free(w);
	return 0;
}

static struct event *text_event(struct world *w, const char *from, const char *id, const char *text)
{
	struct event *e = event_open(EVENT_MESSAGE);
	char made[32];

	snprintf(made, sizeof made, "SM%d", ++w->n);
	e->channel = config_account(w->config, S("sms"))->index;
	e->message.from = arena_copy(e->arena, slice_of(from));
	e->message.to = S("+15005550006");
	e->message.id = arena_copy(e->arena, slice_of(id ? id : made));
	e->message.text = arena_copy(e->arena, slice_of(text));
	e->ticket = (struct ticket){0, 1};
	e->at = w->now;
	e->id = queue_id(w->queue);
	return e;
}

static void free_all(struct release *list)
{
	for (struct release *next; list; list = next) {
		struct event *e = list->event;
		next = list->next;
		event_close(&e);
	}
}

#endif

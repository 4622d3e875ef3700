/*
 * case and send: the running gateway is asked over its own API, with the key in state/cli.key, so that only one program
 * ever writes to the store. backup and init: on files.
 */
#include "commands.h"
#include "config.h"
#include "delivery/delivery.h"
#include "huiyin/json.h"
#include "huiyin/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALL_TIMEOUT_MS 15000

int command_init(struct options *o)
{
	struct arena *a = arena_open(0);
	struct slice why = {0};
	bool ok = config_write_first(o->config, &why, a);

	if (ok)
		printf("wrote %s; start with: huiyin serve --config %s\n", o->config, o->config);
	else
		fprintf(stderr, "huiyin: " SLICE_FMT "\n", SLICE_ARG(why));
	arena_close(&a);
	return ok ? 0 : 1;
}

bool call_api(struct options *o, struct config *c, struct arena *a, const char *method, struct slice path,
	      struct slice body, struct answer *ans, struct slice *url)
{
	struct slice key, why = {0};
	struct call call = {.method = slice_of(method), .body = body};

	secret_start();
	if (!config_cli_key(c, false, &key, &why, a)) {
		fprintf(stderr, "huiyin: " SLICE_FMT "\n", SLICE_ARG(why));
		return false;
	}
	call.url = *url = o->url ? arena_printf(a, "%s" SLICE_FMT, o->url, SLICE_ARG(path))
				 : arena_printf(a, "http://127.0.0.1:%d" SLICE_FMT, c->port, SLICE_ARG(path));
	call_header(&call, a, S("Authorization"), arena_printf(a, "Bearer " SLICE_FMT, SLICE_ARG(key)));
	call_header(&call, a, S("Content-Type"), S("application/json"));
	return delivery_call(&call, CALL_TIMEOUT_MS, true, a, ans) && ans->status;
}

/* Prints the answer; 0 when it was 2xx. */
static int ask(struct options *o, const char *method, struct slice path, struct slice body)
{
	struct arena *a = arena_open(0);
	struct config *c = load_or_explain(o->config);
	struct answer ans = {0};
	struct slice url = {0};
	int status = 1;

	if (c && call_api(o, c, a, method, path, body, &ans, &url)) {
		fwrite(ans.body.data, 1, ans.body.len, ans.status < 300 ? stdout : stderr);
		fputc('\n', ans.status < 300 ? stdout : stderr);
		status = ans.status < 300 ? 0 : 1;
	} else if (c) {
		fprintf(stderr, "huiyin: no gateway answers at " SLICE_FMT " (" SLICE_FMT "): is `huiyin serve` running?\n",
			SLICE_ARG(url), SLICE_ARG(ans.error));
	}
	config_release(&c);
	arena_close(&a);
	return status;
}

static struct slice args_json(struct arena *a, char **argv, int n)
{
	struct buf b = buf_in(a, (size_t)64 << 10);

	buf_add_char(&b, '{');
	for (int i = 0; i < n; i++) {
		char *eq = strchr(argv[i], '=');
		if (!eq) {
			fprintf(stderr, "huiyin: '%s' is not NAME=VALUE\n", argv[i]);
			return (struct slice){0};
		}
		*eq = 0;
		json_put_field(&b, argv[i], slice_of(eq + 1));
	}
	buf_add_char(&b, '}');
	return buf_slice(&b);
}

static bool known_verb(const char *verb)
{
	const char *names[64];
	size_t n = 0;
	struct slice near;

	for (const struct case_verb *v = case_verbs; v->verb && n < 64; v++) {
		if (strcmp(verb, v->verb) == 0)
			return true;
		names[n++] = v->verb;
	}
	near = diag_nearest(slice_of(verb), names, n);
	fprintf(stderr, "huiyin: there is no verb '%s'", verb);
	if (near.len)
		fprintf(stderr, "; did you mean '" SLICE_FMT "'?", SLICE_ARG(near));
	fputs(" `huiyin case --help` lists them.\n", stderr);
	return false;
}

int command_case(struct options *o)
{
	struct arena *a = arena_open(0);
	struct slice number = {0}, body;
	int status = 2;

	if (o->argc >= 1 && strcmp(o->argv[0], "list") == 0) {
		status = ask(o, "GET", arena_printf(a, "/api/v1/cases%s%s", o->argc > 1 ? "?status=" : "", o->argc > 1 ? o->argv[1] : ""),
			     (struct slice){0});
	} else if (o->argc < 2) {
		fputs("usage: huiyin case VERB NUMBER [NAME=VALUE…]; `huiyin case --help` lists the verbs\n", stderr);
	} else if (!case_number_read(a, slice_of(o->argv[1]), &number)) {
		fprintf(stderr, "huiyin: '%s' is not a case number (like 261121-0042-7); a digit may be wrong\n", o->argv[1]);
	} else if (strcmp(o->argv[0], "show") == 0) {
		status = ask(o, "GET", arena_printf(a, "/api/v1/cases/" SLICE_FMT, SLICE_ARG(number)), (struct slice){0});
	} else if (known_verb(o->argv[0])) {
		body = args_json(a, o->argv + 2, o->argc - 2);
		if (body.len)
			status = ask(o, "POST", arena_printf(a, "/api/v1/cases/" SLICE_FMT "/%s", SLICE_ARG(number), o->argv[0]), body);
	}
	arena_close(&a);
	return status;
}

int command_send(struct options *o)
{
	struct arena *a = arena_open(0);
	struct buf text = buf_in(a, (size_t)16 << 10), body = buf_in(a, (size_t)64 << 10);
	struct slice number;
	int status = 2;

	if (o->argc < 2 || !case_number_read(a, slice_of(o->argv[0]), &number)) {
		fputs("usage: huiyin send NUMBER TEXT…\n", stderr);
	} else {
		for (int i = 1; i < o->argc; i++) {
			if (i > 1)
				buf_add_char(&text, ' ');
			buf_add_c(&text, o->argv[i]);
		}
		buf_add_char(&body, '{');
		json_put_field(&body, "message", buf_slice(&text));
		buf_add_char(&body, '}');
		status = ask(o, "POST", arena_printf(a, "/api/v1/cases/" SLICE_FMT "/message", SLICE_ARG(number)), buf_slice(&body));
	}
	arena_close(&a);
	return status;
}

/* The file's absolute path, for the gateway's working folder is not ours. */
static struct slice absolute(struct arena *a, const char *file)
{
	char here[4096];

	if (file[0] == '/' || !getcwd(here, sizeof here))
		return slice_of(file);
	return arena_printf(a, "%s/%s", here, file);
}

/* While a gateway runs, its one writing connection makes the copy; otherwise this program opens the store itself. */
static bool backup(struct options *o, struct config *c, struct arena *a, struct slice *why)
{
	struct slice file = absolute(a, o->argv[0]), url;
	struct buf body = buf_in(a, (size_t)16 << 10);
	struct answer ans = {0};
	struct key key;
	struct store *s;
	bool ok;

	buf_add_char(&body, '{');
	json_put_field(&body, "file", file);
	buf_add_char(&body, '}');
	if (call_api(o, c, a, "POST", S("/api/v1/backup"), buf_slice(&body), &ans, &url)) {
		*why = ans.body;
		return ans.status == 200;
	}
	if (!config_store_key(c, &key, why, a))
		return false;
	s = store_open(c->store, &key, a, why);
	ok = s && s->kind->backup(s, arena_cstr(a, file), why, a) == OK;
	if (s)
		s->kind->close(s);
	return ok;
}

int command_backup(struct options *o)
{
	struct arena *a = arena_open(0);
	struct config *c = o->argc == 1 ? load_or_explain(o->config) : NULL;
	struct slice why = {0};
	bool ok = false;

	if (o->argc != 1)
		fputs("usage: huiyin backup FILE\n", stderr);
	else if (c)
		ok = backup(o, c, a, &why);
	if (ok)
		printf("wrote %s; keep " SLICE_FMT "/store.key with it\n", o->argv[0], SLICE_ARG(c->state));
	else if (why.len)
		fprintf(stderr, "huiyin: " SLICE_FMT "\n", SLICE_ARG(why));
	config_release(&c);
	arena_close(&a);
	return ok ? 0 : 1;
}

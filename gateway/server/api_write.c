/*
 * POST /api/v1/cases/{number}/{verb} and /api/v1/messages: a JSON object of texts becomes a staff event, and the engine's
 * answer to it is this one's. A key needs `write` for a verb and `send` for a message. Nothing is answered 2xx before
 * the engine's release.
 */
#include <string.h>

#include "huiyin/json.h"
#include "server/api.h"

#define ARG_MAX_BYTES ((size_t)16 << 10)
#define IDEMPOTENCY_MAX_BYTES 128

static bool known_verb(struct slice verb)
{
	for (size_t i = 0; case_verbs[i].verb; i++) {
		if (slice_is(verb, case_verbs[i].verb))
			return true;
	}
	return false;
}

static bool refuse_args(struct conn *c, const char *what, const char *mend)
{
	answer_error(c, 400, "body", what, mend);
	return false;
}

/* The body: empty, or an object of texts and numbers. */
static bool read_body(struct conn *c, const struct json **out)
{
	const char *why = "";
	const struct json *j;

	*out = NULL;
	if (!c->request->body.len)
		return true;
	if (!type_is(request_header(c->request, "content-type"), "application/json")) {
		answer_error(c, 415, "type", "The body must be JSON.", "Send `Content-Type: application/json`.");
		return false;
	}
	j = json_read(c->arena, c->request->body, &why);
	if (!j || j->kind != JSON_OBJECT)
		return refuse_args(c, "The body is no JSON object.", why);
	*out = j;
	return true;
}

static bool take_args(struct conn *c, struct event *e, const struct json *j, const char *leave_out)
{
	for (size_t i = 0; j && i < j->n; i++) {
		struct slice value = json_text(j->items[i]);

		if (leave_out && slice_is(j->keys[i], leave_out))
			continue;
		if (j->items[i]->kind != JSON_STRING && j->items[i]->kind != JSON_NUMBER)
			return refuse_args(c, "An argument is neither a text nor a number.", "Arguments are texts.");
		if (value.len > ARG_MAX_BYTES)
			return refuse_args(c, "An argument is too long.", "16 KiB at most.");
		if (e->staff.n_args == STAFF_MAX_ARGS)
			return refuse_args(c, "Too many arguments.", "16 at most.");
		e->staff.args[e->staff.n_args].name = arena_copy(e->arena, j->keys[i]);
		e->staff.args[e->staff.n_args++].value = arena_copy(e->arena, value);
	}
	return true;
}

/* The one argument of a message may be called "text". */
static void rename_text(struct event *e)
{
	for (size_t i = 0; i < e->staff.n_args; i++) {
		if (slice_is(e->staff.args[i].name, "text"))
			e->staff.args[i].name = S("message");
	}
}

static void put_staff(struct conn *c, const struct api_key *key, struct slice number, struct slice verb,
		      const struct json *args, const char *leave_out)
{
	struct slice once = request_header(c->request, "idempotency-key");
	struct event *e;

	if (once.len > IDEMPOTENCY_MAX_BYTES || !utf8_valid(once)) {
		answer_error(c, 400, "idempotency", "The Idempotency-Key is not usable.", "128 bytes of plain text at most.");
		return;
	}
	e = event_open(EVENT_STAFF);
	if (!take_args(c, e, args, leave_out)) {
		event_close(&e);
		return;
	}
	if (slice_is(verb, "message"))
		rename_text(e);
	e->staff.actor = arena_printf(e->arena, "api:" SLICE_FMT, SLICE_ARG(key->name));
	e->staff.verb = arena_copy(e->arena, verb);
	e->staff.case_number = arena_copy(e->arena, number);
	e->staff.idempotency_key = arena_copy(e->arena, once);
	e->rid = server_rid(c->server, e->arena);
	e->at = clock_wall().ms;
	e->ticket = (struct ticket){c->server->number, c->id};
	if (queue_put(c->server->queue, e) == OK) {
		conn_wait(c);
		return;
	}
	event_close(&e);
	c->server->counters.busy++;
	answer_error(c, 503, "busy", "The gateway is busy.", "Try again in a few seconds; nothing was done.");
}

static void write_case(struct conn *c, const struct api_key *key, struct slice typed, struct slice verb)
{
	bool message = slice_is(verb, "message");
	const struct json *args;
	struct slice number;

	if (message ? !key->may_send : !key->may_write)
		answer_error(c, 403, "scope", "This key may not do that.",
			     "Verbs need the scope `write`, messages `send`, in huiyin.yaml.");
	else if (!known_verb(verb))
		answer_error(c, 404, "no_such_verb", "There is no such verb.", "Verbs are named in /api/v1/openapi.json.");
	else if (!case_number_read(c->arena, typed, &number))
		answer_error(c, 404, "no_such_case", "This is no case number.", "Check the digits: the last one is a check digit.");
	else if (read_body(c, &args))
		put_staff(c, key, number, verb, args, NULL);
}

static void write_message(struct conn *c, const struct api_key *key)
{
	const struct json *args;
	struct slice number;

	if (!key->may_send)
		answer_error(c, 403, "scope", "This key may not send messages.", "Give it the scope `send` in huiyin.yaml.");
	else if (!read_body(c, &args))
		return;
	else if (!args || !json_field(args, "text").len)
		answer_error(c, 400, "text", "There is no `text`.", "Send {\"case\": …, \"text\": …}.");
	else if (!case_number_read(c->arena, json_field(args, "case"), &number))
		answer_error(c, 404, "no_such_case", "`case` is no case number.", "Check the digits.");
	else
		put_staff(c, key, number, S("message"), args, "case");
}

/* A copy of the store is the administrator's alone: only the key in state/cli.key may ask for it. */
static void write_backup(struct conn *c, const struct api_key *key)
{
	const struct json *args;

	if (!slice_is(key->name, "cli"))
		answer_error(c, 403, "scope", "Only the key in state/cli.key may make a backup.", "Use `huiyin backup FILE`.");
	else if (read_body(c, &args))
		put_staff(c, key, (struct slice){0}, S("backup"), args, NULL);
}

void api_write(struct conn *c, const struct api_key *key, struct slice path)
{
	struct slice first = {0}, number;

	slice_next(&path, '/', &first);
	if (slice_is(first, "messages") && !path.len)
		write_message(c, key);
	else if (slice_is(first, "backup") && !path.len)
		write_backup(c, key);
	else if (slice_is(first, "cases") && slice_next(&path, '/', &number) && path.len)
		write_case(c, key, number, path);
	else
		answer_error(c, 404, "no_such_path", "There is nothing to do here.", "See /api/v1/openapi.json.");
}

void api_released(struct conn *c, struct release *r)
{
	r->next = c->held;
	c->held = r;
	if (r->ack == ACK_AGAIN)
		answer_error(c, 503, "busy", "The gateway is busy.", "Try again in a few seconds; nothing was done.");
	else
		answer_json(c, r->status ? r->status : 200, r->body.len ? r->body : S("{}"));
}

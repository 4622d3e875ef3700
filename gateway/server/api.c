/*
 * /api/v1: what programs of the office ask and do. What is read is read and written out on a reading thread (reads.c), from
 * the read-only view of the store; everything that changes state is an event, answered after its sync. A petitioner is
 * shown by contact number and masked address only, and in a confidential case not at all (design 2.9): to show more is
 * fatal.
 */
#include <string.h>

#include "huiyin/form.h"
#include "huiyin/json.h"
#include "server/api.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 200
#define OUT_BYTES ((size_t)4 << 20)

/* ---- who asks ----------------------------------------------------------------------------------------------------- */

/* Every key is compared, so that the time tells nothing about which one was near. */
const struct api_key *api_key_of(const struct config *c, struct slice authorization)
{
	const struct api_key *found = NULL;
	uint8_t sum[DIGEST_MAX_BYTES];
	struct slice token = authorization, scheme;

	if (!slice_next(&token, ' ', &scheme) || !slice_equal_ignoring_case(scheme, S("bearer")))
		return NULL;
	token = slice_trim(token);
	digest_of(SHA256, &token, 1, sum);
	for (size_t i = 0; i < c->n_keys; i++) {
		if (secret_equal(slice_make((const char *)sum, 32), slice_make((const char *)c->keys[i].sha256, 32)))
			found = &c->keys[i];
	}
	return token.len ? found : NULL;
}

/* ---- answers ------------------------------------------------------------------------------------------------------ */

static void put_time(struct buf *b, struct read *q, const char *key, int64_t at)
{
	if (at)
		json_put_field(b, key, wall_iso(q->arena, at, q->config->zone));
}

static void put_text(struct buf *b, const char *key, struct slice s)
{
	if (s.len)
		json_put_field(b, key, s);
}

static void put_case_line(struct buf *b, struct read *q, const struct case_row *row)
{
	json_put_field(b, "number", row->number);
	json_put_field(b, "status", slice_of(case_status_name(row->status)));
	put_text(b, "purpose", row->purpose);
	put_text(b, "category", row->category);
	put_text(b, "unit", row->unit);
	put_text(b, "window", row->window);
	put_text(b, "handler", row->handler);
	json_put_bool(b, "confidential", row->confidential);
	put_time(b, q, "created_at", row->created_at);
	put_time(b, q, "updated_at", row->updated_at);
	put_time(b, q, "due_at", row->due_at);
	put_text(b, "clock", row->clock);
	if (row->rating)
		json_put_int(b, "rating", row->rating);
}

static void put_fields(struct buf *b, struct read *q, struct slice fields)
{
	const struct json *j = fields.len ? json_read(q->arena, fields, NULL) : NULL;

	if (!j)
		return;
	json_put_key(b, "fields");
	json_put(b, j);
}

static void put_case_whole(struct buf *b, struct read *q, const struct case_row *row)
{
	put_case_line(b, q, row);
	put_text(b, "channel", row->channel);
	put_text(b, "lang", row->lang);
	put_text(b, "flow", row->flow);
	put_text(b, "place", row->place);
	put_text(b, "text", row->text);
	put_text(b, "route", row->route);
	put_text(b, "reason", row->reason);
	put_text(b, "result", row->result);
	if (!row->confidential) {
		json_put_int(b, "contact", row->contact);
		put_fields(b, q, row->fields);
	}
	json_put_bool(b, "muted", row->muted);
}

static void put_events(struct buf *b, struct read *q, const struct case_event *events, size_t n)
{
	json_put_key(b, "events");
	buf_add_char(b, '[');
	for (size_t i = 0; i < n; i++) {
		const struct json *detail = events[i].detail.len ? json_read(q->arena, events[i].detail, NULL) : NULL;

		buf_add_c(b, i ? ",{" : "{");
		put_time(b, q, "at", events[i].at);
		json_put_field(b, "actor", events[i].actor);
		json_put_field(b, "verb", events[i].verb);
		if (detail) {
			json_put_key(b, "detail");
			json_put(b, detail);
		}
		buf_add_char(b, '}');
	}
	buf_add_char(b, ']');
}

/* The proof of delivery: what was sent, when, and the provider's own id and code for it. */
static void put_deliveries(struct buf *b, struct read *q, const struct case_row *row, const struct outbox_row *rows, size_t n)
{
	json_put_key(b, "deliveries");
	buf_add_char(b, '[');
	for (size_t i = 0; i < n; i++) {
		buf_add_c(b, i ? ",{" : "{");
		json_put_field(b, "id", arena_printf(q->arena, "%lld", (long long)rows[i].m.id));
		json_put_field(b, "state", slice_of(delivery_state_name(rows[i].state)));
		put_text(b, "channel", rows[i].channel);
		if (!row->confidential)
			put_text(b, "to", log_mask(q->arena, rows[i].m.to));
		put_text(b, "provider_id", rows[i].provider_id);
		put_text(b, "code", rows[i].code);
		json_put_int(b, "attempts", rows[i].m.attempts);
		put_time(b, q, "created_at", rows[i].m.created_at);
		json_put_field(b, "text", rows[i].m.text);
		buf_add_char(b, '}');
	}
	buf_add_char(b, ']');
}

static void say(struct read *q, int status, struct slice body)
{
	q->answer = response_json(status, body);
}

static void refuse(struct read *q, int status, const char *code, const char *what, const char *mend)
{
	q->answer = response_error(q->arena, status, code, what, mend);
}

static bool read_or_refuse(struct read *q, enum result got)
{
	if (got == OK)
		return true;
	if (got == NEVER)
		refuse(q, 404, "no_such_case", "There is no case with this number.", "Check the digits.");
	else
		refuse(q, 503, "store", "The store cannot be read now.", "Try again in a few seconds.");
	return false;
}

/* ---- reads, on a reading thread ----------------------------------------------------------------------------------- */

struct wanted {
	void (*tell)(struct read *q, const struct readers *from);
	struct slice status, number, day;
	int64_t before, limit;
};

static void list_cases(struct read *q, const struct readers *from)
{
	const struct wanted *w = q->with;
	struct buf b = buf_in(q->arena, OUT_BYTES);
	struct case_row *rows = NULL;
	size_t n = 0, most = (size_t)w->limit;

	if (!read_or_refuse(q, from->kind->find_cases(from->reader, w->status, w->before, most, q->arena, &rows, &n)))
		return;
	buf_add_c(&b, "{\"cases\":[");
	for (size_t i = 0; i < n; i++) {
		buf_add_c(&b, i ? ",{" : "{");
		put_case_line(&b, q, &rows[i]);
		buf_add_char(&b, '}');
	}
	buf_add_char(&b, ']');
	if (n == most)
		json_put_int(&b, "next_before", rows[n - 1].created_at);
	buf_add_c(&b, "}\n");
	say(q, 200, buf_slice(&b));
}

static void show_case(struct read *q, const struct readers *from)
{
	const struct wanted *w = q->with;
	struct buf b = buf_in(q->arena, OUT_BYTES);
	struct case_row *row = NULL;
	struct case_event *events = NULL;
	struct outbox_row *sends = NULL;
	size_t n_events = 0, n_sends = 0;
	enum result got = from->kind->find_case(from->reader, w->number, q->arena, &row, &events, &n_events);

	if (!read_or_refuse(q, got == OK && !row ? NEVER : got))
		return;
	got = from->kind->find_outbox(from->reader, w->number, q->arena, &sends, &n_sends);
	if (got != NEVER && !read_or_refuse(q, got))
		return;
	buf_add_char(&b, '{');
	put_case_whole(&b, q, row);
	put_events(&b, q, events, n_events);
	put_deliveries(&b, q, row, sends, n_sends);
	buf_add_c(&b, "}\n");
	if (b.full)
		refuse(q, 500, "too_long", "The case is too long to show.", "Use `huiyin export`.");
	else
		say(q, 200, buf_slice(&b));
}

static void show_queue(struct read *q, const struct readers *from)
{
	struct buf b = buf_in(q->arena, OUT_BYTES);
	struct handover *list = NULL;
	size_t n = 0;

	if (!read_or_refuse(q, from->kind->find_handovers(from->reader, LIMIT_MAX, q->arena, &list, &n)))
		return;
	buf_add_c(&b, "{\"queue\":[");
	for (size_t i = 0; i < n; i++) {
		buf_add_c(&b, i ? ",{" : "{");
		json_put_field(&b, "id", arena_printf(q->arena, "%lld", (long long)list[i].id));
		json_put_int(&b, "contact", list[i].contact);
		json_put_field(&b, "reason", list[i].reason);
		put_text(&b, "text", list[i].text);
		put_text(&b, "case", list[i].case_number);
		json_put_bool(&b, "urgent", list[i].urgent);
		put_time(&b, q, "at", list[i].at);
		buf_add_char(&b, '}');
	}
	buf_add_c(&b, "]}\n");
	say(q, 200, buf_slice(&b));
}

static void show_counts(struct read *q, const struct readers *from)
{
	const struct wanted *w = q->with;
	struct buf b = buf_in(q->arena, OUT_BYTES);
	struct count *list = NULL;
	size_t n = 0;

	if (!read_or_refuse(q, from->kind->find_counts(from->reader, w->day, q->arena, &list, &n)))
		return;
	buf_add_char(&b, '{');
	json_put_field(&b, "day", w->day);
	json_put_key(&b, "counts");
	buf_add_char(&b, '[');
	for (size_t i = 0; i < n; i++) {
		buf_add_c(&b, i ? ",{" : "{");
		json_put_field(&b, "channel", list[i].channel);
		json_put_field(&b, "fate", list[i].fate);
		json_put_int(&b, "n", list[i].n);
		buf_add_char(&b, '}');
	}
	buf_add_c(&b, "]}\n");
	say(q, 200, buf_slice(&b));
}

static void ask_api(struct read *q, const struct readers *from)
{
	const struct wanted *w = q->with;

	w->tell(q, from);
}

static void found_api(struct conn *c, struct read *q)
{
	conn_answer(c, &q->answer);
}

static void missed_api(struct conn *c)
{
	answer_error(c, 503, "store", "The store cannot be read now.", "Try again in a few seconds.");
}

static const struct question api_question = {.desk = DESK_OFFICE, .ask = ask_api, .found = found_api, .missed = missed_api};

/* ---- what is asked ------------------------------------------------------------------------------------------------ */

/* What was asked lives in the request's arena: the read gets copies. */
static void ask(struct conn *c, const struct wanted *what)
{
	struct read *q = read_open(c->server, c, &api_question, sizeof *what);
	struct wanted *w = q->with;

	*w = *what;
	w->status = arena_copy(q->arena, what->status);
	w->number = arena_copy(q->arena, what->number);
	w->day = arena_copy(q->arena, what->day);
	read_request(c, q);
}

static void want_cases(struct conn *c, const struct form *query)
{
	struct wanted w = {.tell = list_cases, .status = form_get(query, "status"), .limit = LIMIT_DEFAULT};
	enum case_status s;

	if (w.status.len && !case_status_find(w.status, &s)) {
		answer_error(c, 400, "status", "There is no such status.", "Statuses are named in /api/v1/openapi.json.");
		return;
	}
	if ((form_has(query, "before") && !slice_to_int(form_get(query, "before"), &w.before) &&
	     !iso_wall(form_get(query, "before"), &w.before)) ||
	    (form_has(query, "limit") && (!slice_to_int(form_get(query, "limit"), &w.limit) || w.limit < 1 || w.limit > LIMIT_MAX))) {
		answer_error(c, 400, "argument", "`before` or `limit` is not right.",
			     "`before`: milliseconds since 1970 or an ISO time with zone; `limit`: 1 to 200.");
		return;
	}
	ask(c, &w);
}

static void want_counts(struct conn *c, struct slice day)
{
	struct civil today = wall_civil(clock_wall().ms, c->config->zone);
	struct wanted w = {.tell = show_counts, .day = day};

	if (!day.len)
		w.day = arena_printf(c->arena, "%04d-%02d-%02d", today.year, today.month, today.day);
	ask(c, &w);
}

static void get(struct conn *c, struct slice path)
{
	struct wanted one = {.tell = show_case}, queue = {.tell = show_queue};
	struct form query = {0};
	struct slice first = {0};

	form_read(c->arena, c->request->query, &query);
	slice_next(&path, '/', &first);
	if (slice_is(first, "cases") && !path.len)
		want_cases(c, &query);
	else if (slice_is(first, "cases") && case_number_read(c->arena, path, &one.number))
		ask(c, &one);
	else if (slice_is(first, "cases"))
		answer_error(c, 404, "no_such_case", "This is no case number.", "Check the digits: the last one is a check digit.");
	else if (slice_is(first, "queue") && !path.len)
		ask(c, &queue);
	else if (slice_is(first, "counts") && !path.len)
		want_counts(c, form_get(&query, "day"));
	else if (slice_is(first, "refusals") && !path.len)
		refusals_serve(c, form_get(&query, "limit"));
	else
		answer_error(c, 404, "no_such_path", "There is nothing here.", "See /api/v1/openapi.json.");
}

/* ---- the room ----------------------------------------------------------------------------------------------------- */

static void api_serve(struct conn *c)
{
	struct slice path = slice_from(c->request->path, sizeof "/api/v1/" - 1);
	const struct api_key *key;

	if (slice_is(path, "openapi.json") && c->method == METHOD_GET) {
		answer_json(c, 200, web_asset("openapi.json")->data);
		return;
	}
	key = api_key_of(c->config, request_header(c->request, "authorization"));
	if (!key)
		answer_error(c, 401, "key", "The key is missing or not known.", "Send `Authorization: Bearer <key>`.");
	else if (c->method == METHOD_GET && !key->may_read)
		answer_error(c, 403, "scope", "This key may not read.", "Give it the scope `read` in huiyin.yaml.");
	else if (c->method == METHOD_GET)
		get(c, path);
	else
		api_write(c, key, path);
}

const struct room api_room = {
	.path = "/api/v1/", .below = true, .methods = METHOD_GET | METHOD_POST, .body = BODY_WHOLE, .serve = api_serve,
	.released = api_released,
};

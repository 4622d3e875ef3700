/*
 * Webhooks that were refused (a wrong signature, no readable form), for an administrator who looks for a sender that is
 * set up wrongly: when, of which account, why, from which address, how long. Never a body, a header or a name: what
 * could not be proved genuine is kept by nobody, and to keep it here would be fatal to that.
 *
 * Anybody on the net can be refused as often as he likes. So nothing grows with it: a ring of `keep.quarantine`, in which
 * one sender's repetitions are one entry; so many lines of the log a second; and where gateways share a store, one value
 * of bounded size a gateway, written at most once a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "huiyin/json.h"
#include "server/inside.h"

#define LOOK_BACK 16          /* entries among which a repetition is sought */
#define LOG_LINES 20          /* a second */
#define TELL_MS 1000
#define TELL_BYTES ((size_t)16 << 10)
#define ENTRY_BYTES 600       /* the longest as JSON */
#define TOLD_LIVES_MS (INT64_C(7) * 24 * 3600000)
#define LIMIT_DEFAULT 200
#define LIMIT_MAX 1000
#define OUT_BYTES ((size_t)1 << 20)
#define PREFIX "refusals/"

struct refusal { int64_t at, length, times; char account[48], reason[24], peer[46]; };

struct refusals {
	struct refusal *ring;
	size_t room, n, next; /* next: where the next one goes */
	uint64_t count;
	struct { int64_t second; int lines; uint64_t left_out; } log;
	bool changed, telling, told;
	int64_t told_ms, version; /* of our value; told: it is known, and the value is of this life */
};

/* ---- the ring ----------------------------------------------------------------------------------------------------- */

/* The i-th newest. */
static struct refusal *newest(const struct refusals *r, size_t i)
{
	return &r->ring[(r->next + r->room - 1 - i) % r->room];
}

struct refusals *refusals_open(int64_t keep)
{
	struct refusals *r = calloc(1, sizeof *r);

	if (!r)
		exhausted("refusals");
	refusals_keep(r, keep);
	return r;
}

void refusals_close(struct refusals **r)
{
	if (!*r)
		return;
	free((*r)->ring);
	free(*r);
	*r = NULL;
}

void refusals_keep(struct refusals *r, int64_t keep)
{
	size_t room = keep > 0 ? (size_t)keep : 0, n = r->n < room ? r->n : room;
	struct refusal *ring = room ? calloc(room, sizeof *ring) : NULL;

	if (room && !ring)
		exhausted("refusals");
	for (size_t i = 0; i < n; i++)
		ring[n - 1 - i] = *newest(r, i);
	free(r->ring);
	r->ring = ring;
	r->room = room;
	r->n = n;
	r->next = room ? n % room : 0;
}

uint64_t refusals_count(const struct refusals *r)
{
	return r->count;
}

static void keep_text(char *to, size_t room, struct slice s)
{
	size_t n = s.len < room ? s.len : room - 1;

	while (n && n < s.len && ((unsigned char)s.data[n] & 0xc0) == 0x80)
		n--;
	if (n)
		memcpy(to, s.data, n);
	to[n] = 0;
}

static bool same_sender(const struct refusal *a, const struct refusal *b)
{
	return !strcmp(a->account, b->account) && !strcmp(a->reason, b->reason) && !strcmp(a->peer, b->peer);
}

static void put(struct refusals *r, struct refusal fresh)
{
	size_t i = 0, most = r->n < LOOK_BACK ? r->n : LOOK_BACK;

	if (!r->room)
		return;
	while (i < most && !same_sender(newest(r, i), &fresh))
		i++;
	if (i < most) { /* again: the entry moves to the front */
		fresh.times += newest(r, i)->times;
		for (; i; i--)
			*newest(r, i) = *newest(r, i - 1);
		*newest(r, 0) = fresh;
		return;
	}
	r->ring[r->next] = fresh;
	r->next = (r->next + 1) % r->room;
	r->n += r->n < r->room;
}

/* The peer is not in the log: addresses never are. */
static void log_refusal(struct refusals *r, const struct refusal *f)
{
	int64_t second = f->at / 1000;
	char left_out[24];

	if (second != r->log.second) {
		snprintf(left_out, sizeof left_out, "%llu", (unsigned long long)r->log.left_out);
		if (r->log.left_out)
			log_line(LOG_WARN_, "hooks", "refused without a line", "n", left_out, "mend",
				 "`huiyin refusals` shows who it was", NULL);
		r->log.second = second;
		r->log.lines = 0;
		r->log.left_out = 0;
	}
	if (r->log.lines++ < LOG_LINES)
		log_line(LOG_WARN_, "hooks", "refused", "account", f->account, "reason", f->reason, NULL);
	else
		r->log.left_out++;
}

void refuse_note(struct server *s, const struct conn *c, const char *reason)
{
	struct refusal f = {.at = clock_wall().ms, .length = (int64_t)c->length, .times = 1};

	if (c->account)
		keep_text(f.account, sizeof f.account, c->account->name);
	keep_text(f.reason, sizeof f.reason, slice_of(reason));
	if (c->request)
		keep_text(f.peer, sizeof f.peer, c->request->peer);
	s->refusals->count++;
	s->refusals->changed = true;
	put(s->refusals, f);
	log_refusal(s->refusals, &f);
}

/* ---- as JSON ------------------------------------------------------------------------------------------------------ */

static void put_entry(struct buf *b, const struct refusal *f)
{
	json_put_field(b, "account", slice_of(f->account));
	json_put_field(b, "reason", slice_of(f->reason));
	json_put_field(b, "peer", slice_of(f->peer));
	json_put_int(b, "length", f->length);
	json_put_int(b, "times", f->times);
	buf_add_char(b, '}');
}

struct row { struct refusal f; int64_t gateway; };

static int by_time(const void *x, const void *y)
{
	const struct row *a = x, *b = y;

	return (b->f.at > a->f.at) - (b->f.at < a->f.at);
}

/* all: of every gateway on the store. */
static struct slice rows_json(struct arena *a, const struct config *c, struct row *rows, size_t n, size_t limit, bool all)
{
	struct buf b = buf_in(a, OUT_BYTES);

	if (n)
		qsort(rows, n, sizeof *rows, by_time);
	buf_add_c(&b, "{\"refusals\":[");
	for (size_t i = 0; i < n && i < limit; i++) {
		buf_add_c(&b, i ? ",{" : "{");
		json_put_field(&b, "at", wall_iso(a, rows[i].f.at, c->zone));
		json_put_int(&b, "gateway", rows[i].gateway);
		put_entry(&b, &rows[i].f);
	}
	buf_add_c(&b, "]");
	json_put_bool(&b, "all_gateways", all);
	buf_add_c(&b, "}\n");
	return buf_slice(&b);
}

static struct row *own_rows(const struct server *s, struct arena *a, size_t limit, size_t *n)
{
	const struct refusals *r = s->refusals;
	struct row *rows;

	*n = r->n < limit ? r->n : limit;
	rows = ARENA_ARRAY(a, struct row, *n + 1);
	for (size_t i = 0; i < *n; i++)
		rows[i] = (struct row){*newest(r, i), s->view.config->gateway};
	return rows;
}

/* ---- of all gateways ---------------------------------------------------------------------------------------------- */

static struct slice own_name(const struct server *s, struct arena *a)
{
	return arena_printf(a, PREFIX "%d", s->view.config->gateway);
}

struct asked_for { struct row *own; size_t n, limit; struct slice name; bool told; };

static bool read_row(const struct json *j, int64_t gateway, struct row *out)
{
	*out = (struct row){.gateway = gateway};
	if (!slice_to_int(json_field(j, "at"), &out->f.at) || !slice_to_int(json_field(j, "length"), &out->f.length) ||
	    !slice_to_int(json_field(j, "times"), &out->f.times))
		return false;
	keep_text(out->f.account, sizeof out->f.account, json_field(j, "account"));
	keep_text(out->f.reason, sizeof out->f.reason, json_field(j, "reason"));
	keep_text(out->f.peer, sizeof out->f.peer, json_field(j, "peer"));
	return true;
}

/* Values hold at most TELL_BYTES; what is longer or cannot be read is not ours. */
static const struct json *entries_of(const struct shared_value *v, struct arena *a, int64_t *gateway)
{
	const struct json *list;

	if (v->value.len > TELL_BYTES || !slice_to_int(slice_from(v->name, sizeof PREFIX - 1), gateway))
		return NULL;
	list = json_read(a, v->value, NULL);
	return list && list->kind == JSON_ARRAY ? list : NULL;
}

static struct row *all_rows(const struct asked_for *w, const struct shared_value *values, size_t n_values, struct arena *a,
			    size_t *n)
{
	const struct json **lists = ARENA_ARRAY(a, const struct json *, n_values + 1);
	int64_t *gateways = ARENA_ARRAY(a, int64_t, n_values + 1);
	size_t most = w->n;
	struct row *rows;

	for (size_t i = 0; i < n_values && i < 256; i++) {
		if (w->told && slice_equal(values[i].name, w->name))
			continue;
		lists[i] = entries_of(&values[i], a, &gateways[i]);
		most += lists[i] ? lists[i]->n : 0;
	}
	rows = ARENA_ARRAY(a, struct row, most + 1);
	memcpy(rows, w->own, w->n * sizeof *rows);
	*n = w->n;
	for (size_t i = 0; i < n_values; i++) {
		for (size_t k = 0; lists[i] && k < lists[i]->n; k++)
			*n += read_row(lists[i]->items[k], gateways[i], &rows[*n]);
	}
	return rows;
}

static void ask_all(struct read *q, const struct readers *from)
{
	struct asked_for *w = q->with;
	struct shared_value *values = NULL;
	size_t n_values = 0, n = w->n;
	struct row *rows = w->own;

	q->got = from->shared ? from->kind->shared_get(from->shared, S(PREFIX), q->arena, &values, &n_values) : LATER;
	if (q->got == OK)
		rows = all_rows(w, values, n_values, q->arena, &n);
	q->answer = response_json(200, rows_json(q->arena, q->config, rows, n, w->limit, q->got == OK));
}

static void found_all(struct conn *c, struct read *q)
{
	conn_answer(c, &q->answer);
}

/* The others cannot be asked: what this one has is better than nothing. */
static void missed_all(struct conn *c)
{
	size_t n;
	struct row *rows = own_rows(c->server, c->arena, LIMIT_DEFAULT, &n);

	answer_json(c, 200, rows_json(c->arena, c->config, rows, n, LIMIT_DEFAULT, false));
}

static const struct question all_question = {.desk = DESK_OFFICE, .ask = ask_all, .found = found_all, .missed = missed_all};

static bool shares(const struct server *s)
{
	return s->reads && s->store->kind->shared_open;
}

void refusals_serve(struct conn *c, struct slice text)
{
	struct server *s = c->server;
	int64_t limit = LIMIT_DEFAULT;
	struct asked_for *w;
	struct read *q;
	size_t n;

	if (text.len && (!slice_to_int(text, &limit) || limit < 1 || limit > LIMIT_MAX)) {
		answer_error(c, 400, "argument", "`limit` is not right.", "`limit`: 1 to 1000.");
		return;
	}
	if (!shares(s)) {
		struct row *rows = own_rows(s, c->arena, (size_t)limit, &n);

		answer_json(c, 200, rows_json(c->arena, c->config, rows, n, (size_t)limit, true));
		return;
	}
	q = read_open(s, c, &all_question, sizeof *w);
	w = q->with;
	w->limit = (size_t)limit;
	w->own = own_rows(s, q->arena, w->limit, &w->n);
	w->name = own_name(s, q->arena);
	w->told = s->refusals->told;
	read_request(c, q);
}

/* ---- telling the other gateways ----------------------------------------------------------------------------------- */

struct telling { struct shared_value v; };

/* What stands there from a former life of this gateway is replaced. */
static enum result find_version(const struct readers *from, struct shared_value *v, struct arena *a)
{
	struct shared_value *list;
	size_t n;
	enum result got = from->kind->shared_get(from->shared, v->name, a, &list, &n);

	for (size_t i = 0; got == OK && i < n; i++) {
		if (slice_equal(list[i].name, v->name))
			v->version = list[i].version;
	}
	return got;
}

static void ask_telling(struct read *q, const struct readers *from)
{
	struct telling *w = q->with;

	q->got = from->shared ? OK : LATER;
	if (q->got == OK && !w->v.version)
		q->got = find_version(from, &w->v, q->arena);
	if (q->got == OK)
		q->got = from->kind->shared_put(from->shared, &w->v);
}

static void found_telling(struct conn *c, struct read *q)
{
	const struct telling *w = q->with;
	struct refusals *r = q->server->refusals;

	(void)c;
	r->telling = false;
	r->version = q->got == OK ? w->v.version : 0; /* another one, or unknown: looked up the next time */
	r->told |= q->got == OK;
	r->changed |= q->got != OK;
}

static const struct question tell_question = {.desk = DESK_OFFICE, .ask = ask_telling, .found = found_telling};

static struct slice newest_json(const struct refusals *r, struct arena *a)
{
	struct buf b = buf_in(a, TELL_BYTES);

	buf_add_char(&b, '[');
	for (size_t i = 0; i < r->n && b.len + ENTRY_BYTES < TELL_BYTES; i++) {
		buf_add_c(&b, i ? ",{" : "{");
		json_put_int(&b, "at", newest(r, i)->at);
		put_entry(&b, newest(r, i));
	}
	buf_add_char(&b, ']');
	return buf_slice(&b);
}

void refusals_tell(struct server *s, int64_t now)
{
	struct refusals *r = s->refusals;
	struct telling *w;
	struct read *q;

	if (!r->changed || r->telling || !shares(s) || now - r->told_ms < TELL_MS || !reads_have_room(s, DESK_OFFICE))
		return;
	q = read_open(s, NULL, &tell_question, sizeof *w);
	w = q->with;
	w->v = (struct shared_value){.name = own_name(s, q->arena), .value = newest_json(r, q->arena),
				     .until = clock_wall().ms + TOLD_LIVES_MS, .version = r->version};
	r->changed = false;
	r->told_ms = now;
	r->telling = read_put(q);
}

/*
 * Runs every tests/channels/<name>/<case>.case: a recorded request → verdict and events; a message → the call to the
 * provider; a provider's answer → what it means; a section of huiyin.yaml → the error it gives. A new case is a new
 * file; docs/channels.md has the keys. A key that this runner does not know fails the case.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "huiyin/channel.h"
#include "huiyin/clock.h"
#include "huiyin/yaml.h"

#define MAX_CASES   512
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

struct run {
	struct arena *a;
	struct diags d;
	struct account acc;
	int64_t now;
	size_t faults;
	const char *path;
};

static void miss(struct run *r, const struct yaml *at, const char *what, struct slice want, struct slice got)
{
	fprintf(stderr, "%s:%d: %s: expected '" SLICE_FMT "', got '" SLICE_FMT "'\n", r->path, at ? at->line : 0, what,
		SLICE_ARG(want), SLICE_ARG(got));
	r->faults++;
}

/* Compares when the case says anything about `key`; `always`: silence in the case means empty. */
static void expect(struct run *r, const struct yaml *map, const char *key, struct slice got, bool always)
{
	const struct yaml *y = yaml_get(map, key);

	if ((y || always) && !slice_equal(y ? y->text : (struct slice){0}, got))
		miss(r, y ? y : map, key, y ? y->text : (struct slice){0}, got);
}

static void expect_int(struct run *r, const struct yaml *map, const char *key, int64_t got, bool always)
{
	struct slice text = got || yaml_get(map, key) ? arena_printf(r->a, "%lld", (long long)got) : (struct slice){0};

	expect(r, map, key, text, always);
}

static void expect_flag(struct run *r, const struct yaml *map, const char *key, bool got)
{
	expect(r, map, key, got ? S("true") : yaml_get(map, key) ? S("false") : (struct slice){0}, true);
}

static struct slice text_at(const struct yaml *map, const char *key)
{
	const struct yaml *y = yaml_get(map, key);

	return y ? y->text : (struct slice){0};
}

/* `key`, or `key_hex` for what YAML cannot hold, or `key_times: [text, n]` for what nobody wants to read. */
static struct slice bytes_at(struct run *r, const struct yaml *map, const char *key)
{
	struct slice hex = text_at(map, arena_cstr(r->a, arena_printf(r->a, "%s_hex", key))), raw = {0};
	const struct yaml *times = yaml_get(map, arena_cstr(r->a, arena_printf(r->a, "%s_times", key)));
	struct buf b = buf_in(r->a, (size_t)1 << 20);
	int64_t n = 0;

	if (hex.len && !hex_decode(r->a, hex, &raw))
		miss(r, map, key, S("hex digits"), hex);
	if (hex.len)
		return raw;
	if (!times)
		return text_at(map, key);
	buf_add(&b, text_at(map, key));
	if (times->n == 2)
		slice_to_int(times->items[1]->text, &n);
	for (int64_t i = 0; i < n; i++)
		buf_add(&b, times->items[0]->text);
	return buf_slice(&b);
}

/* ---- the account ------------------------------------------------------------------------------------------------ */

static bool set_up(struct run *r, const struct yaml *top)
{
	const struct yaml *section = yaml_get(top, "account");
	size_t n = 0;

	r->acc.channel = channel_find(text_at(section, "channel"));
	if (!r->acc.channel)
		return false;
	while (r->acc.channel->options[n].name)
		n++;
	r->acc.name = S("desk");
	r->acc.index = 3;
	r->acc.section = section;
	r->acc.signature = SIGNATURE_ENFORCE;
	r->acc.public_url = text_at(top, "public_url");
	if (!r->acc.public_url.len)
		r->acc.public_url = S("https://gw.example.com");
	r->acc.values = ARENA_ARRAY(r->a, struct slice, n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct option *o = &r->acc.channel->options[i];

		r->acc.values[i] = yaml_get(section, o->name) ? text_at(section, o->name) : slice_of(o->fallback);
	}
	return true;
}

static void check_load(struct run *r, const struct yaml *load, bool good)
{
	static const char *const keys[] = {"error", "mend", "line"};

	yaml_only(&r->d, load, keys, COUNT(keys));
	if (good || !r->d.n) {
		miss(r, load, "load", text_at(load, "error"), S("no error"));
		return;
	}
	if (slice_find(r->d.list[0].what, text_at(load, "error")) == r->d.list[0].what.len)
		miss(r, load, "error", text_at(load, "error"), r->d.list[0].what);
	if (yaml_get(load, "mend") && slice_find(r->d.list[0].mend, text_at(load, "mend")) == r->d.list[0].mend.len)
		miss(r, load, "mend", text_at(load, "mend"), r->d.list[0].mend);
	if (yaml_get(load, "line"))
		expect_int(r, load, "line", r->d.list[0].line, true);
	r->d = diags_in(r->a);
}

/* ---- a request -------------------------------------------------------------------------------------------------- */

static struct request request_of(struct run *r, const struct yaml *y)
{
	const struct yaml *headers = yaml_get(y, "headers");
	struct request q = {.method = text_at(y, "method"),
			    .path = text_at(y, "path"),
			    .query = text_at(y, "query"),
			    .body = bytes_at(r, y, "body"),
			    .peer = text_at(y, "peer")};

	q.method = q.method.len ? q.method : S("POST");
	q.path = q.path.len ? q.path : S("/hooks/desk");
	q.peer = q.peer.len ? q.peer : S("192.0.2.1");
	q.url = arena_printf(r->a, SLICE_FMT SLICE_FMT "%s" SLICE_FMT, SLICE_ARG(r->acc.public_url), SLICE_ARG(q.path),
			     q.query.len ? "?" : "", SLICE_ARG(q.query));
	q.headers = ARENA_ARRAY(r->a, struct field, (headers ? headers->n : 0) * 2 + 1);
	for (size_t i = 0; headers && i < headers->n; i++) {
		const struct yaml *v = headers->items[i];

		for (size_t k = 0; k < (v->kind == YAML_LIST ? v->n : 1); k++)
			q.headers[q.n_headers++] = (struct field){headers->keys[i]->text,
								  v->kind == YAML_LIST ? v->items[k]->text : v->text};
	}
	return q;
}

static void check_media(struct run *r, const struct yaml *y, const struct message *m)
{
	const struct yaml *media = yaml_get(y, "media");

	if ((media ? media->n : 0) != m->n_media) {
		miss(r, y, "media", arena_printf(r->a, "%zu", media ? media->n : 0),
		     arena_printf(r->a, "%zu", m->n_media));
		return;
	}
	for (size_t i = 0; i < m->n_media; i++) {
		if (!slice_equal(media->items[i]->text, m->media[i].url))
			miss(r, media->items[i], "media", media->items[i]->text, m->media[i].url);
	}
}

static void check_message(struct run *r, const struct yaml *y, const struct message *m)
{
	static const char *const keys[] = {"kind",     "from",       "to",         "id",       "text",
					   "text_hex", "text_times", "text_bytes", "button",   "reply_to",
					   "opt_out",  "name",       "lang",       "media",    "media_dropped",
					   "cut",      "sent_at",    "latitude",   "longitude"};

	yaml_only(&r->d, y, keys, COUNT(keys));
	expect(r, y, "from", m->from, true);
	expect(r, y, "to", m->to, true);
	expect(r, y, "id", m->id, true);
	if (!yaml_get(y, "text_bytes") && !slice_equal(bytes_at(r, y, "text"), m->text))
		miss(r, y, "text", bytes_at(r, y, "text"), m->text);
	if (yaml_get(y, "text_bytes"))
		expect_int(r, y, "text_bytes", (int64_t)m->text.len, true);
	expect(r, y, "button", m->button, true);
	expect(r, y, "reply_to", m->reply_to, true);
	expect(r, y, "opt_out", m->opt_out, true);
	expect(r, y, "name", m->name, true);
	expect(r, y, "lang", m->lang, true);
	check_media(r, y, m);
	expect_int(r, y, "media_dropped", (int64_t)m->media_dropped, true);
	expect_flag(r, y, "cut", m->cut);
	expect_int(r, y, "sent_at", m->sent_at, true);
	if (m->has_location || yaml_get(y, "latitude")) {
		expect(r, y, "latitude", arena_printf(r->a, "%.4f", m->latitude), true);
		expect(r, y, "longitude", arena_printf(r->a, "%.4f", m->longitude), true);
	}
	if (!utf8_valid(m->text) || !utf8_valid(m->from) || !utf8_valid(m->name) || !utf8_valid(m->button))
		miss(r, y, "text", S("valid UTF-8"), m->text);
}

static void check_receipt(struct run *r, const struct yaml *y, const struct receipt *got)
{
	static const char *const keys[] = {"kind", "provider_id", "outbox", "state", "code", "opted_out", "at"};
	static const char *const states[] = {"queued", "sending", "unsure", "sent", "delivered", "read", "failed"};

	yaml_only(&r->d, y, keys, COUNT(keys));
	expect(r, y, "provider_id", got->provider_id, true);
	expect_int(r, y, "outbox", got->outbox, true);
	expect(r, y, "state", slice_of(states[got->state]), true);
	expect(r, y, "code", got->code, true);
	expect_flag(r, y, "opted_out", got->opted_out);
	if (yaml_get(y, "at"))
		expect_int(r, y, "at", got->at, true);
}

static void check_events(struct run *r, const struct yaml *y, const struct parsed *p)
{
	const struct yaml *events = yaml_get(y, "events");
	size_t n = events ? events->n : 0;

	if (n != p->n) {
		miss(r, y, "events", arena_printf(r->a, "%zu", n), arena_printf(r->a, "%zu", p->n));
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct event *e = p->events[i];
		bool receipt = slice_is(text_at(events->items[i], "kind"), "receipt");

		if (e->kind != (receipt ? EVENT_RECEIPT : EVENT_MESSAGE) || e->channel != 3 || e->at != r->now)
			miss(r, events->items[i], "kind", text_at(events->items[i], "kind"),
			     S("another, or a stranger's"));
		else if (receipt)
			check_receipt(r, events->items[i], &e->receipt);
		else
			check_message(r, events->items[i], &e->message);
	}
}

static void check_answer(struct run *r, const struct yaml *y, enum ack ack)
{
	static const char *const keys[] = {"status", "type", "body"};
	static const char *const names[] = {"answer", "again", "bad"};
	const struct yaml *want = yaml_get(y, names[ack]), *replies = yaml_get(y, "replies");
	struct slice texts[8];
	struct response out = {0};
	size_t n = 0;

	for (; replies && n < replies->n && n < 8; n++)
		texts[n] = replies->items[n]->text;
	r->acc.channel->acknowledge(&r->acc, ack, texts, n, r->a, &out);
	if (!want)
		return;
	yaml_only(&r->d, want, keys, COUNT(keys));
	expect_int(r, want, "status", out.status, true);
	expect(r, want, "type", out.content_type, false);
	expect(r, want, "body", out.body, true);
}

static void check_request(struct run *r, const struct yaml *y)
{
	static const char *const keys[] = {"method",   "path",       "query", "headers", "body",
					   "body_hex", "body_times", "peer",  "verdict", "result",
					   "events",   "answer",     "again", "bad",     "replies"};
	struct request q = request_of(r, y);
	struct response handshake = {.status = 403};
	struct parsed p = {0};
	const char *why = "";
	struct slice verdict = text_at(y, "verdict"), result = text_at(y, "result");
	enum verdict v = r->acc.channel->verify(&r->acc, &q, r->now, r->a, &handshake);

	yaml_only(&r->d, y, keys, COUNT(keys));
	verdict = verdict.len ? verdict : S("accept");
	expect(r, y, "verdict", v == VERDICT_REJECT ? arena_printf(r->a, "reject %d", handshake.status) : verdict,
	       false);
	if (v == VERDICT_REJECT && slice_is(verdict, "accept"))
		miss(r, y, "verdict", verdict, arena_printf(r->a, "reject %d", handshake.status));
	if (v != VERDICT_REJECT && !slice_is(verdict, "accept"))
		miss(r, y, "verdict", verdict, S("accept"));
	if (!slice_is(verdict, "accept"))
		return;
	if ((r->acc.channel->parse(&r->acc, &q, r->now, r->a, &p, &why) == OK) != !slice_is(result, "invalid"))
		miss(r, y, "result", result, slice_of(why));
	else if (!slice_is(result, "invalid"))
		check_events(r, y, &p);
	else if (p.n)
		miss(r, y, "events", S("none beside invalid"), S("some"));
	check_answer(r, y, ACK_DONE);
	check_answer(r, y, ACK_AGAIN);
	check_answer(r, y, ACK_BAD);
}

/* ---- a message and its answers ---------------------------------------------------------------------------------- */

static struct outgoing message_of(struct run *r, const struct yaml *y)
{
	static const char *const keys[] = {"id", "to", "from", "text", "text_hex", "text_times"};
	struct outgoing m = {.id = 42,
			     .to = text_at(y, "to"),
			     .from = text_at(y, "from"),
			     .text = bytes_at(r, y, "text"),
			     .part = 1,
			     .parts = 1};

	yaml_only(&r->d, y, keys, COUNT(keys));
	slice_to_int(text_at(y, "id"), &m.id);
	return m;
}

static void check_send(struct run *r, const struct yaml *y)
{
	static const char *const keys[] = {"message", "result", "method", "url", "body", "headers", "user", "password"};
	struct outgoing m = message_of(r, yaml_get(y, "message"));
	const struct yaml *headers = yaml_get(y, "headers");
	struct call c = {0};
	enum result result = r->acc.channel->send(&r->acc, &m, (struct slice){0}, r->now, r->a, &c);

	yaml_only(&r->d, y, keys, COUNT(keys));
	expect(r, y, "result", result == OK ? S("ok") : slice_of(result_name(result)), false);
	if (result != OK) {
		if (!yaml_get(y, "result"))
			miss(r, y, "result", S("ok"), slice_of(result_name(result)));
		return;
	}
	expect(r, y, "method", c.method, false);
	expect(r, y, "url", c.url, true);
	expect(r, y, "body", c.body, true);
	expect(r, y, "user", c.user, true);
	expect(r, y, "password", c.password, true);
	if ((headers ? headers->n : 0) != c.n_headers)
		miss(r, y, "headers", arena_printf(r->a, "%zu", headers ? headers->n : 0),
		     arena_printf(r->a, "%zu", c.n_headers));
	for (size_t i = 0; headers && i < headers->n && i < c.n_headers; i++) {
		if (!slice_equal(headers->items[i]->text, c.headers[i]))
			miss(r, headers->items[i], "headers", headers->items[i]->text, c.headers[i]);
	}
}

static void check_outcome(struct run *r, const struct yaml *y)
{
	static const char *const keys[] = {"status", "body", "retry_after", "sent", "what", "id", "code", "wait"};
	static const char *const names[] = {"sent",  "later",   "rate",   "token",  "split",
					    "never", "opt_out", "window", "config", "unsure"};
	struct outgoing m = {.id = 42, .to = S("+8613800138000"), .text = S("x"), .part = 1, .parts = 1};
	struct answer ans = {.sent = !slice_is(text_at(y, "sent"), "false"),
			     .body = text_at(y, "body"),
			     .retry_after = text_at(y, "retry_after")};
	struct outcome out = {0};
	int64_t status = 0;

	yaml_only(&r->d, y, keys, COUNT(keys));
	slice_to_int(text_at(y, "status"), &status);
	ans.status = (int)status;
	r->acc.channel->outcome(&r->acc, &m, &ans, r->a, &out);
	expect(r, y, "what", slice_of(names[out.what]), true);
	expect(r, y, "id", out.provider_id, true);
	expect(r, y, "code", out.code, false);
	expect_int(r, y, "wait", out.wait_ms, true);
	if (slice_find(out.detail, S("13800138000")) != out.detail.len)
		miss(r, y, "detail", S("no personal data"), out.detail);
}

static void check_fetch(struct run *r, const struct yaml *y)
{
	static const char *const keys[] = {"url", "user", "password", "result"};
	struct call c = {0};
	bool ok = r->acc.channel->fetch(&r->acc, text_at(y, "url"), r->a, &c);

	yaml_only(&r->d, y, keys, COUNT(keys));
	expect(r, y, "result", ok ? S("ok") : S("refused"), false);
	if (!ok && !yaml_get(y, "result"))
		miss(r, y, "result", S("ok"), S("refused"));
	expect(r, y, "user", c.user, true);
	expect(r, y, "password", c.password, true);
}

/* ---- a file ----------------------------------------------------------------------------------------------------- */

static void each(struct run *r, const struct yaml *top, const char *key,
		 void (*check)(struct run *, const struct yaml *))
{
	const struct yaml *y = yaml_get(top, key);

	if (y && y->kind == YAML_MAP)
		check(r, y);
	for (size_t i = 0; y && y->kind == YAML_LIST && i < y->n; i++)
		check(r, y->items[i]);
}

static void check_file(struct run *r, const struct yaml *top)
{
	static const char *const keys[] = {"about",   "account", "public_url", "now",  "load",
					   "request", "send",    "outcome",    "fetch"};
	struct diags load;
	bool good;

	yaml_only(&r->d, top, keys, COUNT(keys));
	r->now = INT64_C(1767225600000);
	if (yaml_get(top, "now") && !iso_wall(text_at(top, "now"), &r->now))
		miss(r, top, "now", S("2026-01-01T00:00:00Z"), text_at(top, "now"));
	if (!set_up(r, top)) {
		miss(r, top, "account", S("a channel"), text_at(yaml_get(top, "account"), "channel"));
		return;
	}
	load = r->d;
	r->d = diags_in(r->a);
	good = !r->acc.channel->prepare || r->acc.channel->prepare(&r->acc, r->a, &r->d);
	if (yaml_get(top, "load")) {
		check_load(r, yaml_get(top, "load"), good);
		return;
	}
	if (!good) {
		miss(r, top, "account", S("no error"), r->d.n ? r->d.list[0].what : S("false without a word"));
		return;
	}
	r->d = load;
	each(r, top, "request", check_request);
	each(r, top, "send", check_send);
	each(r, top, "outcome", check_outcome);
	each(r, top, "fetch", check_fetch);
}

static void run_case(void **state)
{
	struct run r = {.a = arena_open(0), .path = *state};
	struct buf text;
	struct yaml *top;

	r.d = diags_in(r.a);
	top = yaml_read_file(r.a, r.path, &r.d);
	if (top)
		check_file(&r, top);
	text = buf_in(r.a, 65536);
	diags_print(&r.d, &text, false);
	if (text.len)
		fprintf(stderr, SLICE_FMT, SLICE_ARG(buf_slice(&text)));
	r.faults += r.d.errors + !top;
	arena_close(&r.a);
	assert_int_equal(r.faults, 0);
}

/* ---- all of them ------------------------------------------------------------------------------------------------ */

static int by_name(const void *x, const void *y)
{
	return strcmp(((const struct CMUnitTest *)x)->name, ((const struct CMUnitTest *)y)->name);
}

static size_t add_folder(struct arena *a, const char *folder, struct CMUnitTest *tests, size_t n)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)) != NULL && n < MAX_CASES) {
		char *path;

		if (!slice_ends(slice_of(entry->d_name), S(".case")))
			continue;
		path = arena_cstr(a, arena_printf(a, "%s/%s", folder, entry->d_name));
		tests[n++] = (struct CMUnitTest){path, run_case, NULL, NULL, path};
	}
	if (dir)
		closedir(dir);
	return n;
}

int main(void)
{
	static struct CMUnitTest tests[MAX_CASES];
	struct arena *a = arena_open(0);
	size_t n = 0;
	int failed;

	if (!secret_start())
		return 1;
	for (size_t i = 0; channels[i]; i++) {
		size_t before = n;

		n = add_folder(a, arena_cstr(a, arena_printf(a, "tests/channels/%s", channels[i]->name)), tests, n);
		if (n == before) {
			fprintf(stderr, "no cases in tests/channels/%s (run from the top folder)\n", channels[i]->name);
			return 1;
		}
	}
	qsort(tests, n, sizeof(tests[0]), by_name);
	failed = _cmocka_run_group_tests("channels", tests, n, NULL, NULL);
	arena_close(&a);
	return failed;
}

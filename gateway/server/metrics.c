/* /metrics for Prometheus (from this machine, or with a key), /healthz: the thread runs, /readyz: work can be taken. */
#include <string.h>

#include "server/api.h"

#define OUT_BYTES ((size_t)1 << 20)

static void put_count(struct buf *b, const char *name, const char *help, uint64_t n)
{
	buf_printf(b, "# HELP huiyin_%s %s\n# TYPE huiyin_%s counter\nhuiyin_%s %llu\n", name, help, name, name,
		   (unsigned long long)n);
}

static void put_gauge(struct buf *b, const char *name, const char *help, uint64_t n)
{
	buf_printf(b, "# HELP huiyin_%s %s\n# TYPE huiyin_%s gauge\nhuiyin_%s %llu\n", name, help, name, name,
		   (unsigned long long)n);
}

static void put_accounts(struct buf *b, const struct server *s)
{
	buf_add_c(b, "# HELP huiyin_hooks_total Webhooks by account and fate.\n# TYPE huiyin_hooks_total counter\n");
	for (size_t i = 0; i < s->view.config->n_accounts; i++) {
		const struct account_counters *k = &s->view.counts[i];
		const struct { const char *fate; uint64_t n; } all[] = {
			{"accepted", k->accepted}, {"signature", k->signature}, {"malformed", k->malformed}, {"observed", k->observed},
		};

		for (size_t j = 0; j < sizeof all / sizeof *all; j++)
			buf_printf(b, "huiyin_hooks_total{account=\"" SLICE_FMT "\",fate=\"%s\"} %llu\n", SLICE_ARG(k->name),
				   all[j].fate, (unsigned long long)all[j].n);
	}
}

static void put_answers(struct buf *b, const struct counters *k)
{
	buf_printf(b, "# HELP huiyin_http_answers_total Answers by class.\n# TYPE huiyin_http_answers_total counter\n"
		   "huiyin_http_answers_total{class=\"2xx\"} %llu\nhuiyin_http_answers_total{class=\"3xx\"} %llu\n"
		   "huiyin_http_answers_total{class=\"4xx\"} %llu\nhuiyin_http_answers_total{class=\"5xx\"} %llu\n",
		   (unsigned long long)k->answered_2xx, (unsigned long long)k->answered_3xx,
		   (unsigned long long)k->answered_4xx, (unsigned long long)k->answered_5xx);
}

/* The server thread only: the counters are its own. */
static void put_all(struct server *s, struct buf *b)
{
	const struct counters *k = &s->counters;

	put_count(b, "http_requests_total", "Requests begun.", k->requests);
	put_answers(b, k);
	put_count(b, "http_connections_refused_total", "Connections beyond a limit.", k->refused_connections);
	put_count(b, "http_late_total", "Requests answered 503 because the engine took too long.", k->late);
	put_count(b, "http_busy_total", "Requests and messages put off because the queue was full.", k->busy);
	put_count(b, "http_pipelined_total", "Connections closed because bytes followed a body.", k->pipelined);
	put_count(b, "http_upgrades_refused_total", "Upgrades to anything but the chat.", k->upgrades_refused);
	put_count(b, "http_gone_total", "Connections that closed before their answer.", k->gone_before_answer);
	put_count(b, "inline_lost_total", "Inline replies that could not be written and are sent anew.", k->inline_lost);
	put_count(b, "chat_messages_total", "Messages from web chats.", k->chat_messages);
	put_count(b, "chat_lines_total", "Lines pushed to web chats.", k->chat_lines_pushed);
	put_count(b, "uploads_total", "Files from web chats.", k->uploads);
	put_count(b, "quarantine_total", "Webhooks refused for signature or form.", refusals_count(s->refusals));
	put_count(b, "reads_total", "Reads of the store for requests and web chats.", k->reads);
	put_count(b, "reads_late_total", "Requests answered 503 because the store took too long to read.", k->reads_late);
	put_count(b, "reads_refused_total", "Requests answered 503 because too many reads waited.", k->reads_refused);
	put_gauge(b, "reads_waiting", "Reads that are out.", reads_waiting(s));
	put_gauge(b, "http_connections", "Open connections.", peers_total(s->peers));
	put_gauge(b, "chats", "Open web chats.", chats_count(s->chats));
	put_gauge(b, "http_waiting", "Requests that wait for the engine or for a read.", s->waiting);
	put_gauge(b, "queue_depth", "Events on the queue.", queue_depth(s->queue));
	put_accounts(b, s);
}

void server_metrics(struct server *s, struct buf *out)
{
	put_all(s, out);
}

static bool may_look(struct conn *c)
{
	const struct slice peer = c->request->peer;

	return slice_begins(peer, S("127.")) || slice_is(peer, "::1") ||
	       api_key_of(c->config, request_header(c->request, "authorization"));
}

static void metrics_serve(struct conn *c)
{
	struct server *s = c->server;
	struct buf b = buf_in(c->arena, OUT_BYTES);
	struct response r = {.status = 200, .content_type = S("text/plain; version=0.0.4; charset=utf-8")};

	if (!may_look(c)) {
		answer_plain(c, 403, "Metrics are shown on this machine, or with a key.\n");
		return;
	}
	put_all(s, &b);
	if (s->metrics)
		s->metrics(s->with, &b);
	r.body = buf_slice(&b);
	conn_answer(c, &r);
}

const struct room metrics_room = {.path = "/metrics", .methods = METHOD_GET, .serve = metrics_serve};

static void health_serve(struct conn *c)
{
	answer_plain(c, 200, "ok\n");
}

const struct room health_room = {.path = "/healthz", .methods = METHOD_GET, .serve = health_serve};

static void ready_serve(struct conn *c)
{
	struct server *s = c->server;
	struct buf b = buf_in(c->arena, OUT_BYTES);
	bool ready = !s->stopping && (!s->ready || s->ready(s->with, &b));

	if (!b.len)
		buf_add_c(&b, ready ? "{\"ready\":true}\n" : "{\"ready\":false,\"why\":\"stopping\"}\n");
	answer_json(c, ready ? 200 : 503, buf_slice(&b));
}

const struct room ready_room = {.path = "/readyz", .methods = METHOD_GET, .serve = ready_serve};

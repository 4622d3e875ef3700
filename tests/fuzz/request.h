/*
 * Bytes → a request, for the fuzzers of handlers. The form: "METHOD path?query\nname: value\n…\n\nbody"; what is
 * missing stays empty. And what must hold of every event, whoever wrote the request.
 */
#ifndef HUIYIN_FUZZ_REQUEST_H
#define HUIYIN_FUZZ_REQUEST_H

#include <stdlib.h>
#include <string.h>

#include "huiyin/channel.h"

#define FUZZ_NOW INT64_C(1767225600000)

static inline void check(bool ok)
{
	if (!ok)
		abort();
}

static inline struct slice fuzz_line(struct slice *rest)
{
	const char *end = memchr(rest->data, '\n', rest->len);
	struct slice line = {rest->data, end ? (size_t)(end - rest->data) : rest->len};

	*rest = slice_from(*rest, line.len + 1);
	return line;
}

static inline struct request fuzz_request(const uint8_t *data, size_t size, struct arena *a)
{
	struct slice rest = {(const char *)data, size}, line = size ? fuzz_line(&rest) : rest, name;
	struct request r = {.peer = S("127.0.0.1"), .headers = ARENA_ARRAY(a, struct field, 16)};

	slice_next(&line, ' ', &r.method);
	r.path = line;
	r.path.len = slice_find(line, S("?"));
	r.query = slice_from(line, r.path.len + 1);
	r.url = arena_printf(a, "https://gw.example.com" SLICE_FMT, SLICE_ARG(line));
	while (rest.len && r.n_headers < 16) {
		line = fuzz_line(&rest);
		if (!line.len)
			break;
		slice_next(&line, ':', &name);
		r.headers[r.n_headers++] = (struct field){name, slice_trim(line)};
	}
	r.body = rest;
	return r;
}

static inline struct account fuzz_account(const struct channel *c, const char *const (*options)[2], struct arena *a)
{
	struct account acc = {.channel = c, .name = S("desk"), .public_url = S("https://gw.example.com")};
	size_t n = 0;

	while (c->options[n].name)
		n++;
	acc.values = ARENA_ARRAY(a, struct slice, n + 1);
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; options[k][0]; k++) {
			if (strcmp(options[k][0], c->options[i].name) == 0)
				acc.values[i] = slice_of(options[k][1]);
		}
	}
	return acc;
}

static inline void fuzz_sound(struct slice s)
{
	check(utf8_valid(s) && s.len <= MESSAGE_MAX_TEXT_BYTES);
}

static inline void fuzz_events(const struct parsed *p)
{
	check(p->n <= PARSE_MAX_EVENTS);
	for (size_t i = 0; i < p->n; i++) {
		const struct event *e = p->events[i];
		const struct message *m = &e->message;

		if (e->kind == EVENT_RECEIPT) {
			check(e->receipt.outbox > 0 || e->receipt.provider_id.len);
			fuzz_sound(e->receipt.provider_id);
			fuzz_sound(e->receipt.code);
			continue;
		}
		check(e->kind == EVENT_MESSAGE && m->from.len && m->n_media <= MESSAGE_MAX_MEDIA);
		const struct slice all[] = {m->from,     m->to,      m->id,   m->text, m->button,
					    m->reply_to, m->opt_out, m->name, m->lang};
		for (size_t k = 0; k < sizeof(all) / sizeof(all[0]); k++)
			fuzz_sound(all[k]);
		for (size_t k = 0; k < m->n_media; k++)
			check(m->media[k].url.len > 0);
	}
}

/* Verify, parse and every acknowledgement; then the same bytes as a text to send, and as a provider's answer. */
static inline void fuzz_channel(const struct account *acc, const uint8_t *data, size_t size, struct arena *a)
{
	const struct channel *c = acc->channel;
	struct request r = fuzz_request(data, size, a);
	struct parsed p = {0};
	struct response res = {0};
	struct outgoing m = {.id = 42, .to = S("+8613800138000"), .part = 1, .parts = 1};
	struct slice raw = {(const char *)data, size}, texts[1];
	struct call call = {0};
	struct outcome out;
	const char *why = "";

	c->verify(acc, &r, FUZZ_NOW, a, &res);
	if (c->parse(acc, &r, FUZZ_NOW, a, &p, &why) == OK)
		fuzz_events(&p);
	texts[0] = utf8_repair(a, slice_make(raw.data, size < 8192 ? size : 8192));
	for (int ack = ACK_DONE; ack <= ACK_BAD; ack++)
		c->acknowledge(acc, (enum ack)ack, texts, c->able.inline_reply, a, &res);
	m.text = texts[0];
	if (c->send(acc, &m, (struct slice){0}, FUZZ_NOW, a, &call) == OK) {
		for (size_t i = 0; i < call.n_headers; i++)
			check(!memchr(call.headers[i].data, '\n', call.headers[i].len));
		for (size_t i = 0; i < call.url.len; i++)
			check((unsigned char)call.url.data[i] > 0x20);
	}
	m.to = r.path;
	c->send(acc, &m, (struct slice){0}, FUZZ_NOW, a, &call);
	c->outcome(acc, &m, &(struct answer){.sent = true, .status = 200, .body = r.body, .retry_after = r.method}, a,
		   &out);
	c->outcome(acc, &m, &(struct answer){.sent = true, .status = 400, .body = raw, .retry_after = r.query}, a,
		   &out);
	if (c->fetch)
		c->fetch(acc, r.path, a, &call);
}

#endif

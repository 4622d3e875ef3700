/*
 * The list of channels and the few questions every handler asks of a request, a call or its account. Nothing here is
 * fatal: what does not fit is refused by a return value.
 */
#include "huiyin/channel.h"

#include <string.h>

#define CHANNEL(name) extern const struct channel name##_channel;
#include "channels.def"
#undef CHANNEL

const struct channel *const channels[] = {
#define CHANNEL(name) &name##_channel,
#include "channels.def"
#undef CHANNEL
	NULL,
};

const struct channel *channel_find(struct slice name)
{
	for (size_t i = 0; channels[i]; i++) {
		if (slice_is(name, channels[i]->name))
			return channels[i];
	}
	return NULL;
}

struct slice account_option(const struct account *acc, const char *name)
{
	const struct option *o = acc->channel->options;

	for (size_t i = 0; o && o[i].name; i++) {
		if (strcmp(o[i].name, name) == 0)
			return acc->values && acc->values[i].len ? acc->values[i] : slice_of(o[i].fallback);
	}
	return (struct slice){0};
}

struct slice request_header(const struct request *r, const char *lower_name)
{
	for (size_t i = 0; i < r->n_headers; i++) {
		if (slice_is(r->headers[i].name, lower_name))
			return r->headers[i].value;
	}
	return (struct slice){0};
}

size_t request_header_count(const struct request *r, const char *lower_name)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n_headers; i++)
		n += slice_is(r->headers[i].name, lower_name);
	return n;
}

/* RFC 9110 5.6.2: what a header's name may be made of. */
static bool is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.data[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) &&
		    (c == 0 || !strchr("!#$%&'*+-.^_`|~", c)))
			return false;
	}
	return s.len > 0;
}

/* A line break inside a value would let a citizen's text add headers of its own. */
bool call_header(struct call *c, struct arena *a, struct slice name, struct slice value)
{
	if (c->n_headers == sizeof(c->headers) / sizeof(c->headers[0]) || !is_token(name))
		return false;
	for (size_t i = 0; i < value.len; i++) {
		unsigned char b = (unsigned char)value.data[i];

		if ((b < 0x20 && b != '\t') || b == 0x7F)
			return false;
	}
	c->headers[c->n_headers++] = arena_printf(a, SLICE_FMT ": " SLICE_FMT, SLICE_ARG(name), SLICE_ARG(value));
	return true;
}

struct event *parsed_add(struct parsed *p, struct arena *a, enum event_kind kind, int64_t now)
{
	struct event *e;

	if (p->n == PARSE_MAX_EVENTS)
		return NULL;
	e = ARENA_NEW(a, struct event);
	e->kind = kind;
	e->arena = a;
	e->at = now;
	p->events[p->n++] = e;
	return e;
}

/*
 * sms: by RFC 5724, the number in global form; phones open their message app on it. A number in WhatsApp's dress gets its
 * "click to chat" link, which takes bare digits. The text is percent-encoded UTF-8.
 */
bool channel_deep_link(const struct account *acc, struct slice text, struct arena *a, struct slice *uri)
{
	struct slice number = account_option(acc, "number");
	bool whatsapp = slice_begins(number, S("whatsapp:+"));
	struct buf b;

	if (whatsapp)
		number = slice_from(number, sizeof "whatsapp:+" - 1);
	if (!acc->channel->able.sms || !number.len)
		return false;
	for (size_t i = 0; i < number.len; i++) {
		if ((number.data[i] < '0' || number.data[i] > '9') && !(i == 0 && number.data[i] == '+' && !whatsapp))
			return false;
	}
	b = buf_in(a, 3 * text.len + number.len + 32);
	buf_add_c(&b, whatsapp ? "https://wa.me/" : "sms:");
	buf_add(&b, number);
	if (text.len) {
		buf_add_c(&b, whatsapp ? "?text=" : "?body=");
		url_put(&b, text);
	}
	*uri = buf_slice(&b);
	return true;
}

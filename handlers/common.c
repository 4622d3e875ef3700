/*
 * Taking a stranger's words in, and reading a provider's answer: the parts more than one handler needs. Pure; every
 * length is bounded; nothing here is fatal.
 */
#include "common.h"

#include <arpa/inet.h>
#include <string.h>

#include "huiyin/yaml.h"

void account_fault(const struct account *acc, struct diags *d, struct slice what, struct slice mend)
{
	if (acc->section)
		yaml_error(d, acc->section, what, mend);
	else
		diags_add(d, ERROR, acc->name, 0, 0, what, mend);
}

struct event *take_event(struct parsed *p, const struct account *acc, struct arena *a, enum event_kind kind,
			 int64_t now)
{
	struct event *e = parsed_add(p, a, kind, now);

	if (e)
		e->channel = acc->index;
	return e;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static struct slice with_plus(struct arena *a, struct slice digits)
{
	char *to = arena_alloc(a, digits.len + 1);

	to[0] = '+';
	if (digits.len)
		memcpy(to + 1, digits.data, digits.len);
	return slice_make(to, digits.len + 1);
}

/* Digits of `raw` after an optional lead, or false when anything but digits and separators is in it. */
static bool phone_digits(struct slice raw, struct buf *digits)
{
	for (size_t i = 0; i < raw.len; i++) {
		if (is_digit(raw.data[i]))
			buf_add_char(digits, raw.data[i]);
		else if (!strchr(" -.()/", raw.data[i]) || !raw.data[i])
			return false;
	}
	return digits->len >= 2;
}

struct slice take_phone(struct arena *a, struct slice raw)
{
	struct slice body = slice_trim(raw), digits;
	bool plus = slice_begins(body, S("+"));
	struct buf b = buf_in(a, body.len + 1);

	if (!phone_digits(plus ? slice_from(body, 1) : body, &b))
		return arena_copy(a, utf8_repair(a, body));
	digits = buf_slice(&b);
	if (plus)
		return with_plus(a, digits);
	if (slice_begins(digits, S("00")) && digits.len > 8)
		return with_plus(a, slice_from(digits, 2));
	/* "+49…" put into a query without encoding arrives as " 49…". */
	if (raw.len && raw.data[0] == ' ' && digits.len >= 8)
		return with_plus(a, digits);
	return digits;
}

static bool has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] < 0x20 || s.data[i] == 0x7F)
			return true;
	}
	return false;
}

bool take_addresses(struct message *m, struct arena *a, struct slice from, struct slice to)
{
	if (from.len > ADDRESS_MAX_BYTES || to.len > ADDRESS_MAX_BYTES)
		return false;
	/* An address that had to be repaired might stand for two people. */
	if (!utf8_valid(from))
		return false;
	m->from = take_phone(a, from);
	m->to = take_phone(a, to);
	return m->from.len && !has_control(m->from) && !has_control(m->to);
}

struct slice take_short(struct arena *a, struct slice raw, size_t max)
{
	struct slice s = slice_trim(raw);

	if (s.len > max)
		return (struct slice){0};
	return arena_copy(a, utf8_repair(a, s));
}

void take_text(struct message *m, struct arena *a, struct slice raw)
{
	struct slice text = utf8_repair(a, raw);

	if (text.len > MESSAGE_MAX_TEXT_BYTES) {
		size_t end = MESSAGE_MAX_TEXT_BYTES;

		while (end && ((unsigned char)text.data[end] & 0xC0) == 0x80)
			end--;
		text.len = end;
		m->cut = true;
	}
	m->text = arena_copy(a, text);
}

void take_media(struct message *m, struct arena *a, struct slice url, struct slice type)
{
	struct media *item;

	url = slice_trim(url);
	if (m->n_media == MESSAGE_MAX_MEDIA || url.len > MEDIA_URL_MAX_BYTES || !is_web_url(url)) {
		m->media_dropped++;
		return;
	}
	item = &m->media[m->n_media++];
	item->url = arena_copy(a, url);
	item->type = take_short(a, type, ADDRESS_MAX_BYTES);
}

/* Degrees as plain decimals: "-12.5". Not strtod, which follows the locale and takes "nan" and "0x". */
static bool read_degrees(struct slice s, double limit, double *out)
{
	double value = 0, scale = 1;
	bool minus = slice_begins(s, S("-")), dot = false;
	size_t digits = 0;

	s = minus ? slice_from(s, 1) : s;
	for (size_t i = 0; i < s.len && s.len <= 24; i++) {
		if (s.data[i] == '.' && !dot) {
			dot = true;
			continue;
		}
		if (!is_digit(s.data[i]))
			return false;
		value = value * 10 + (s.data[i] - '0');
		scale = dot ? scale * 10 : scale;
		digits++;
	}
	if (!digits || value / scale > limit)
		return false;
	*out = (minus ? -value : value) / scale;
	return true;
}

bool take_location(struct message *m, struct slice latitude, struct slice longitude)
{
	double lat, lon;

	if (!read_degrees(slice_trim(latitude), 90, &lat) || !read_degrees(slice_trim(longitude), 180, &lon))
		return false;
	m->has_location = true;
	m->latitude = lat;
	m->longitude = lon;
	return true;
}

/* ---- URLs ------------------------------------------------------------------------------------------------------ */

/* scheme://authority: where the authority begins and ends. False when `url` is no http(s) URL. */
static bool authority(struct slice url, size_t *from, size_t *to)
{
	static const char *const schemes[] = {"https://", "http://"};

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(schemes[i]);

		if (url.len <= n || !slice_equal_ignoring_case(slice_make(url.data, n), slice_of(schemes[i])))
			continue;
		*from = n;
		for (*to = n; *to < url.len && !strchr("/?#", url.data[*to]); (*to)++)
			;
		return *to > n;
	}
	return false;
}

bool is_web_url(struct slice url)
{
	size_t from, to;

	for (size_t i = 0; i < url.len; i++) {
		unsigned char c = (unsigned char)url.data[i];

		if (c <= 0x20 || c == 0x7F || c == '\\' || c == '"' || c == '<' || c == '>')
			return false;
	}
	if (!authority(url, &from, &to))
		return false;
	return !memchr(url.data + from, '@', to - from) && url_host(url).len > 0;
}

struct slice url_host(struct slice url)
{
	struct slice host = {0};
	const char *end;
	size_t from, to;

	if (!authority(url, &from, &to))
		return host;
	host = slice_make(url.data + from, to - from);
	if (host.data[0] == '[') { /* IPv6: the colons inside are no port */
		end = memchr(host.data, ']', host.len);
		return end ? slice_make(host.data, (size_t)(end - host.data) + 1) : (struct slice){0};
	}
	end = memchr(host.data, ':', host.len);
	return end ? slice_make(host.data, (size_t)(end - host.data)) : host;
}

struct slice url_origin(struct slice url)
{
	size_t from, to;

	return authority(url, &from, &to) ? slice_make(url.data, to) : (struct slice){0};
}

struct slice callback_url(const struct account *acc, const struct outgoing *m, const char *leaf, struct arena *a)
{
	return arena_printf(a, SLICE_FMT "/hooks/" SLICE_FMT "/%s?o=%lld", SLICE_ARG(acc->public_url),
			    SLICE_ARG(acc->name), leaf, (long long)m->id);
}

int64_t callback_outbox(const struct form *query)
{
	int64_t id;

	return slice_to_int(form_get(query, "o"), &id) && id > 0 ? id : 0;
}

bool path_ends(const struct request *r, const char *leaf)
{
	struct slice want = slice_of(leaf);

	return r->path.len > want.len + 1 && slice_ends(r->path, want) &&
	       r->path.data[r->path.len - want.len - 1] == '/';
}

/* ---- source addresses ------------------------------------------------------------------------------------------ */

/* An address as 16 bytes; IPv4 in its mapped form, so that ::ffff:10.0.0.1 is 10.0.0.1. */
static bool read_address(struct slice text, uint8_t out[16], bool *v4)
{
	static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
	char c[INET6_ADDRSTRLEN];

	if (text.len == 0 || text.len >= sizeof(c) || memchr(text.data, 0, text.len))
		return false;
	memcpy(c, text.data, text.len);
	c[text.len] = 0;
	*v4 = inet_pton(AF_INET, c, out + 12) == 1;
	if (*v4)
		memcpy(out, mapped, sizeof(mapped));
	return *v4 || inet_pton(AF_INET6, c, out) == 1;
}

static bool read_network(struct slice item, uint8_t out[16], int64_t *bits)
{
	size_t slash = slice_find(item, S("/"));
	bool v4;

	if (!read_address(slice_make(item.data, slash), out, &v4))
		return false;
	*bits = v4 ? 32 : 128;
	if (slash < item.len) {
		int64_t most = *bits;

		if (!slice_to_int(slice_from(item, slash + 1), bits) || *bits < 0 || *bits > most)
			return false;
	}
	*bits += v4 ? 96 : 0;
	return true;
}

static bool same_bits(const uint8_t *x, const uint8_t *y, int64_t bits)
{
	size_t whole = (size_t)bits / 8;
	int rest = (int)(bits % 8);

	return memcmp(x, y, whole) == 0 && (!rest || (x[whole] ^ y[whole]) >> (8 - rest) == 0);
}

/* Items are parted by commas, blanks or both. */
static bool next_item(struct slice *rest, struct slice *item)
{
	size_t n = 0;

	while (rest->len && strchr(", \t\n", rest->data[0]))
		*rest = slice_from(*rest, 1);
	while (n < rest->len && !strchr(", \t\n", rest->data[n]))
		n++;
	*item = slice_make(rest->data, n);
	*rest = slice_from(*rest, n);
	return n > 0;
}

bool address_listed(struct slice list, struct slice peer)
{
	uint8_t who[16], net[16];
	struct slice item;
	int64_t bits;
	bool v4;

	if (!read_address(peer, who, &v4))
		return false;
	while (next_item(&list, &item)) {
		if (read_network(item, net, &bits) && same_bits(who, net, bits))
			return true;
	}
	return false;
}

bool address_list_valid(struct slice list)
{
	uint8_t net[16];
	struct slice item;
	int64_t bits;
	size_t n = 0;

	for (; next_item(&list, &item); n++) {
		if (!read_network(item, net, &bits))
			return false;
	}
	return n > 0 && list.len == 0;
}

/* ---- answers --------------------------------------------------------------------------------------------------- */

enum outcome_class class_of_status(int status)
{
	if (status >= 200 && status < 300)
		return OUTCOME_SENT;
	if (status == 429)
		return OUTCOME_RATE;
	if (status == 408 || status == 425 || status >= 500)
		return OUTCOME_LATER;
	if (status == 401 || status == 402 || status == 403 || status == 404 || status == 405 || status == 407)
		return OUTCOME_CONFIG;
	/* A redirect is never followed with credentials: the address in the configuration is wrong. */
	if (status >= 300 && status < 400)
		return OUTCOME_CONFIG;
	return OUTCOME_NEVER;
}

/* Only the seconds form of RFC 9110 10.2.3; a date would need a clock we can trust to agree with theirs. */
int64_t retry_after_ms(struct slice header)
{
	int64_t seconds;

	if (!slice_to_int(slice_trim(header), &seconds) || seconds <= 0)
		return 0;
	return seconds > WAIT_MAX_MS / 1000 ? WAIT_MAX_MS : seconds * 1000;
}

bool outcome_of_transport(const struct answer *ans, struct arena *a, struct outcome *out)
{
	*out = (struct outcome){0};
	if (!ans->sent) {
		out->what = OUTCOME_LATER;
		out->detail = ans->error.len ? ans->error : S("could not connect");
		return false;
	}
	if (ans->status == 0) {
		out->what = OUTCOME_UNSURE;
		out->detail = ans->error.len ? ans->error : S("no answer came back");
		return false;
	}
	out->what = class_of_status(ans->status);
	out->detail = arena_printf(a, "HTTP %d", ans->status);
	if (out->what == OUTCOME_LATER || out->what == OUTCOME_RATE)
		out->wait_ms = retry_after_ms(ans->retry_after);
	return true;
}

void reply_with(struct response *out, int status, struct slice type, struct slice body)
{
	out->status = status;
	out->content_type = type;
	out->body = body;
	out->extra_headers = (struct slice){0};
	if (status == 503)
		out->extra_headers = S("retry-after: 5\r\n");
}

void acknowledge_by_status(const struct account *acc, enum ack ack, const struct slice *texts, size_t n,
			   struct arena *a, struct response *out)
{
	(void)acc;
	(void)texts;
	(void)n;
	(void)a;
	reply_with(out, ack == ACK_DONE ? 200 : ack == ACK_AGAIN ? 503 : 400, S("text/plain"), (struct slice){0});
}

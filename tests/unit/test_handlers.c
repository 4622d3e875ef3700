/* What all handlers rest on: the list, options, headers, deep links, addresses; and that docs and list agree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../handlers/common.h"
#include "huiyin/yaml.h"

static struct account account_of(struct arena *a, const char *channel, const char *option, const char *value)
{
	struct account acc = {.channel = channel_find(slice_of(channel)),
			      .name = S("desk"),
			      .index = 1,
			      .public_url = S("https://gw.example.com")};
	size_t n = 0;

	assert_non_null(acc.channel);
	while (acc.channel->options[n].name)
		n++;
	acc.values = ARENA_ARRAY(a, struct slice, n + 1);
	for (size_t i = 0; option && i < n; i++) {
		if (strcmp(acc.channel->options[i].name, option) == 0)
			acc.values[i] = slice_of(value);
	}
	return acc;
}

static void every_channel_is_whole(void **state)
{
	size_t n = 0;

	(void)state;
	for (; channels[n]; n++) {
		const struct channel *c = channels[n];

		assert_ptr_equal(channel_find(slice_of(c->name)), c);
		assert_true(strlen(c->about) > 0 && c->options && c->verify && c->parse && c->acknowledge);
		assert_true(c->able.max_text > 0);
		assert_true(c->able.push ? !c->send : c->send && c->outcome);
		assert_true(!c->able.inline_reply || c->able.max_inline > 0);
		for (const struct option *o = c->options; o->name; o++) {
			assert_true(o->help && strlen(o->help) > 8);
			assert_false(o->required && o->fallback);
		}
	}
	assert_int_equal(n, 4);
	assert_null(channel_find(S("")));
	assert_null(channel_find(S("twili")));
}

static void options_have_defaults(void **state)
{
	struct arena *a = arena_open(0);
	struct account acc = account_of(a, "twilio", "number", "+1555");

	(void)state;
	assert_true(slice_is(account_option(&acc, "number"), "+1555"));
	assert_true(slice_is(account_option(&acc, "api_url"), "https://api.twilio.com"));
	assert_int_equal(account_option(&acc, "auth_token").len, 0);
	assert_int_equal(account_option(&acc, "nonsense").len, 0);
	arena_close(&a);
}

static void headers_are_found_and_refused(void **state)
{
	struct arena *a = arena_open(0);
	struct field list[] = {{S("a"), S("1")}, {S("b"), S("2")}, {S("a"), S("3")}};
	struct request r = {.headers = list, .n_headers = 3};
	struct call c = {0};

	(void)state;
	assert_true(slice_is(request_header(&r, "a"), "1"));
	assert_int_equal(request_header_count(&r, "a"), 2);
	assert_int_equal(request_header(&r, "c").len, 0);
	assert_false(call_header(&c, a, S("X"), S("a\r\nb: c")));
	assert_false(call_header(&c, a, S("X"), S("a\nb")));
	assert_false(call_header(&c, a, S("X"), S("a\0b")));
	assert_false(call_header(&c, a, S("X\nY"), S("a")));
	assert_false(call_header(&c, a, S("X: Y"), S("a")));
	assert_false(call_header(&c, a, S(""), S("a")));
	assert_int_equal(c.n_headers, 0);
	for (int i = 0; i < 16; i++)
		assert_true(call_header(&c, a, S("X-Y"), S("您 \t")));
	assert_false(call_header(&c, a, S("X-Y"), S("one too many")));
	assert_true(slice_is(c.headers[15], "X-Y: 您 \t"));
	arena_close(&a);
}

static void the_list_of_events_ends(void **state)
{
	struct arena *a = arena_open(0);
	struct parsed p = {0};

	(void)state;
	for (int i = 0; i < PARSE_MAX_EVENTS; i++) {
		struct event *e = parsed_add(&p, a, EVENT_RECEIPT, 7);

		assert_non_null(e);
		assert_true(e->kind == EVENT_RECEIPT && e->at == 7 && e->arena == a);
	}
	assert_null(parsed_add(&p, a, EVENT_MESSAGE, 7));
	assert_int_equal(p.n, PARSE_MAX_EVENTS);
	arena_close(&a);
}

static void deep_links(void **state)
{
	struct arena *a = arena_open(0);
	struct account sms = account_of(a, "kannel", "number", "+8610690000"),
		       odd = account_of(a, "kannel", "number", "Bank"), none = account_of(a, "kannel", NULL, NULL),
		       chat = account_of(a, "webchat", NULL, NULL),
		       wa = account_of(a, "twilio", "number", "whatsapp:+14155238886"),
		       plus = account_of(a, "twilio", "number", "whatsapp:++1");
	struct slice uri = {0};

	(void)state;
	assert_true(channel_deep_link(&sms, S("窗口 3&x"), a, &uri));
	assert_true(slice_is(uri, "sms:+8610690000?body=%E7%AA%97%E5%8F%A3%203%26x"));
	assert_true(channel_deep_link(&sms, (struct slice){0}, a, &uri));
	assert_true(slice_is(uri, "sms:+8610690000"));
	assert_true(channel_deep_link(&wa, S("评价 W1"), a, &uri));
	assert_true(slice_is(uri, "https://wa.me/14155238886?text=%E8%AF%84%E4%BB%B7%20W1"));
	uri = (struct slice){0};
	assert_false(channel_deep_link(&plus, S("x"), a, &uri));
	assert_false(channel_deep_link(&odd, S("x"), a, &uri));
	assert_false(channel_deep_link(&none, S("x"), a, &uri));
	assert_false(channel_deep_link(&chat, S("x"), a, &uri));
	assert_int_equal(uri.len, 0);
	arena_close(&a);
}

/* Never may two people become one: only what surely is the same number is written the same. */
static void phone_numbers(void **state)
{
	static const struct {
		const char *raw, *want;
	} rows[] = {
		{"+8613800138000", "+8613800138000"},
		{"+86 138-0013-8000", "+8613800138000"},
		{"+86 (138) 0013.8000", "+8613800138000"},
		{"008613800138000", "+8613800138000"},
		{" 8613800138000", "+8613800138000"},
		{"8613800138000", "8613800138000"},
		{"13800138000", "13800138000"},
		{"10086", "10086"},
		{"00123", "00123"},
		{" 10086", "10086"},
		{"Bank", "Bank"},
		{" Bank ", "Bank"},
		{"1", "1"},
		{"+", "+"},
		{"++86138", "++86138"},
		{"86+138", "86+138"},
		{"a@b.cn", "a@b.cn"},
		{"whatsapp:+1", "whatsapp:+1"},
		{"", ""},
		{"   ", ""},
		{"138,0013", "138,0013"},
	};
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice got = take_phone(a, slice_of(rows[i].raw));

		if (!slice_is(got, rows[i].want))
			fail_msg("'%s' became '" SLICE_FMT "', not '%s'", rows[i].raw, SLICE_ARG(got), rows[i].want);
	}
	arena_close(&a);
}

static void source_addresses(void **state)
{
	(void)state;
	assert_true(address_listed(S("0.0.0.0/0"), S("203.0.113.9")));
	assert_false(address_listed(S("0.0.0.0/0"), S("2001:db8::1")));
	assert_true(address_listed(S("::/0"), S("2001:db8::1")));
	assert_true(address_listed(S("10.0.0.1,10.0.0.2"), S("10.0.0.2")));
	assert_true(address_listed(S("::ffff:10.0.0.0/104"), S("10.9.9.9")));
	assert_true(address_listed(S("10.0.0.128/25"), S("10.0.0.200")));
	assert_false(address_listed(S("10.0.0.128/25"), S("10.0.0.100")));
	assert_false(address_listed(S(""), S("10.0.0.1")));
	assert_false(address_listed(S("10.0.0.1"), S("")));
	assert_false(address_listed(S("10.0.0.1"), S("10.0.0.1 ")));
	assert_false(address_listed(S("10.0.0.1"), S("10.0.0.1\0")));
	assert_true(address_list_valid(S("10.0.0.0/8 , ::1")));
	assert_false(address_list_valid(S("")));
	assert_false(address_list_valid(S(" , ")));
	assert_false(address_list_valid(S("10.0.0.0/8/8")));
	assert_false(address_list_valid(S("10.0.0.0/-1")));
	assert_false(address_list_valid(S("10.0.0.0/")));
	assert_false(address_list_valid(S("10.0.0/8")));
	assert_false(address_list_valid(S("::1/129")));
}

static void web_urls(void **state)
{
	static const struct {
		const char *url, *host, *origin;
	} good[] = {
		{"https://a.example/x", "a.example", "https://a.example"},
		{"HTTP://A:80?x", "A", "HTTP://A:80"},
		{"http://[::1]:8080/", "[::1]", "http://[::1]:8080"},
		{"https://a#b", "a", "https://a"},
	};
	static const char *const bad[] = {"",
					  "a.example",
					  "https://",
					  "https:///x",
					  "ftp://a/",
					  "https://u@a/",
					  "https://a b/",
					  "https://a\n/",
					  "https://a\\b/",
					  "https://[::1/",
					  "https://:80/",
					  "javascript:x",
					  "https://a/\"x"};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(is_web_url(slice_of(good[i].url)));
		assert_true(slice_is(url_host(slice_of(good[i].url)), good[i].host));
		assert_true(slice_is(url_origin(slice_of(good[i].url)), good[i].origin));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(is_web_url(slice_of(bad[i])));
}

/* TwiML: no reply can carry markup or characters that XML lacks, and a long one is told in several messages. */
static void twiml(void **state)
{
	struct arena *a = arena_open(0);
	struct account acc = account_of(a, "twilio", "number", "+1555");
	struct buf b = buf_in(a, 8192);
	struct response out = {0};
	struct slice texts[2] = {S("</Message>\x01\x1F\r\n\xFF"), {0}};
	size_t messages = 0;

	(void)state;
	for (int i = 0; i < 1601; i++)
		buf_add_c(&b, "中");
	texts[1] = buf_slice(&b);
	acc.channel->acknowledge(&acc, ACK_DONE, texts, 2, a, &out);
	assert_true(slice_find(out.body, S("<Message>&lt;/Message&gt;   &#10;\uFFFD</Message>")) < out.body.len);
	for (struct slice rest = out.body; slice_find(rest, S("<Message>")) < rest.len;
	     rest = slice_from(rest, slice_find(rest, S("<Message>")) + 1))
		messages++;
	assert_int_equal(messages, 3);
	assert_true(slice_ends(out.body, S("中</Message></Response>")));
	arena_close(&a);
}

/* The generic gateway that the page describes must load as it stands there. */
static void example_loads(struct slice doc)
{
	struct arena *a = arena_open(0);
	struct diags d = diags_in(a);
	struct slice text = slice_from(doc, slice_find(doc, S("channels:\n  city:")));
	struct account acc = account_of(a, "generic", "proof_secret", "long enough");
	struct buf why = buf_in(a, 8192);
	struct yaml *y;

	assert_true(text.len > 0);
	text.len = slice_find(text, S("```"));
	y = yaml_parse(a, S("docs/channels.md"), text, &d);
	acc.section = yaml_get(yaml_get(y, "channels"), "city");
	if (!acc.section || !acc.channel->prepare(&acc, a, &d)) {
		diags_print(&d, &why, false);
		fail_msg(SLICE_FMT, SLICE_ARG(buf_slice(&why)));
	}
	arena_close(&a);
}

/* docs/channels.md: names every option of every channel, and holds the shortest handler word for word. */
static void docs_agree(void **state)
{
	struct buf doc = buf_heap(1 << 20), source = buf_heap(1 << 20);
	static const char *const paths[2] = {"docs/channels.md", "handlers/webchat.c"};
	struct buf *into[2] = {&doc, &source};
	char piece[4096];

	(void)state;
	for (int i = 0; i < 2; i++) {
		FILE *in = fopen(paths[i], "rb");
		size_t n;

		if (!in)
			fail_msg("cannot read %s: run from the top folder", paths[i]);
		while ((n = fread(piece, 1, sizeof(piece), in)) > 0)
			buf_add(into[i], slice_make(piece, n));
		fclose(in);
	}
	assert_true(source.len > 500);
	if (slice_find(buf_slice(&doc), buf_slice(&source)) == doc.len)
		fail_msg("docs/channels.md no longer holds handlers/webchat.c word for word");
	example_loads(buf_slice(&doc));
	for (size_t i = 0; channels[i]; i++) {
		for (const struct option *o = channels[i]->options; o->name; o++) {
			snprintf(piece, sizeof(piece), "| `%s` |", o->name);
			if (slice_find(buf_slice(&doc), slice_of(piece)) == doc.len)
				fail_msg("docs/channels.md does not explain %s of %s", o->name, channels[i]->name);
		}
	}
	buf_free(&doc);
	buf_free(&source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_channel_is_whole),
		cmocka_unit_test(options_have_defaults),
		cmocka_unit_test(headers_are_found_and_refused),
		cmocka_unit_test(the_list_of_events_ends),
		cmocka_unit_test(deep_links),
		cmocka_unit_test(phone_numbers),
		cmocka_unit_test(source_addresses),
		cmocka_unit_test(web_urls),
		cmocka_unit_test(twiml),
		cmocka_unit_test(docs_agree),
	};

	return secret_start() ? cmocka_run_group_tests_name("handlers", tests, NULL, NULL) : 1;
}

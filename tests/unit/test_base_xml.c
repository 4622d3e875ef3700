/* XML: what providers send, and what an attacker would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "huiyin/xml.h"

static void reads_a_message(void **state)
{
	static const struct {
		const char *path, *value;
	} table[] = {
		{"xml/ToUserName", "toUser"},
		{"xml/Content", "a <b> & 中"},
		{"xml/MsgId", "1234567890123456"},
		{"xml/Item/@kind", "x'y"},
		{"xml/Item/Deep", "second"},
		{"xml/Item/Deep/@n", "2"},
		{"xml/@v", "1"},
		{"xml/Mixed", "onetwo"},
		{"xml/absent", ""},
		{"ToUserName", ""},
		{"", ""},
		{"xml/", ""},
		{"xml/@absent", ""},
		{"xml/Item/@kind/x", ""},
		{"xml/Empty", ""},
		{"/xml", ""},
	};
	struct arena *a = arena_open(0);
	const char *why;
	struct xml *x = xml_read(
		a,
		S("<?xml version=\"1.0\" encoding=\"GBK\"?><!-- c --><xml v='1'>"
		  "<ToUserName><![CDATA[toUser]]></ToUserName>\n<Content>a &lt;b&gt; &amp; &#20013;</Content>"
		  "<MsgId>1234567890123456</MsgId><Item kind=\"x&apos;y\"/><Item><Deep n='2'>second</Deep></Item>"
		  "<Mixed>one<br/><!-- c -->two</Mixed><Empty></Empty><?pi x?></xml>"),
		&why);

	(void)state;
	assert_null(why);
	assert_non_null(x);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!slice_is(xml_at(x, slice_of(table[i].path)), table[i].value))
			fail_msg("%s", table[i].path);
	}
	assert_int_equal(xml_at(NULL, S("a")).len, 0);
	arena_close(&a);
}

static const struct {
	struct slice text;
	const char *why;
} bad[] = {
	{{"", 0}, "no element"},
	{{"<a>", 3}, NULL},
	{{"<a></b>", 7}, "malformed"},
	{{"<a/><b/>", 8}, "something stands behind the end"},
	{{"<a>&nbsp;</a>", 13}, "an unknown entity"},
	{{"<a>&#0;</a>", 11}, NULL},
	{{"<a>&#xD800;</a>", 15}, NULL},
	{{"<a>&#x1;</a>", 12}, NULL},
	{{"<a>\x01</a>", 8}, NULL},
	{{"<a>\0</a>", 8}, "invalid UTF-8 or a NUL byte"},
	{{"<a>\xC0\x80</a>", 9}, "invalid UTF-8 or a NUL byte"},
	{{"<a b='1' b='2'/>", 16}, "an attribute stands twice"},
	{{"<a b=1/>", 8}, NULL},
	{{"<a>]]></a>", 10}, NULL},
	{{"<a><![CDATA[x</a>", 17}, NULL},
	{{"text", 4}, NULL},
	{{"\xFF\xFE<\0a\0/\0>\0", 10}, "invalid UTF-8 or a NUL byte"},
};

static void refuses_what_is_malformed(void **state)
{
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const char *why = NULL;

		if (xml_read(a, bad[i].text, &why))
			fail_msg("taken: %s", bad[i].text.data);
		assert_non_null(why);
		if (bad[i].why)
			assert_string_equal(why, bad[i].why);
		assert_null(xml_read(a, bad[i].text, NULL));
	}
	arena_close(&a);
}

/* Billion laughs, quadratic blow-up, files and hosts, parameter entities: the declaration alone is enough. */
static void refuses_every_doctype(void **state)
{
	static const char *const texts[] = {
		"<!DOCTYPE a><a/>",
		"<!DOCTYPE a SYSTEM 'http://127.0.0.1/x.dtd'><a/>",
		"<!DOCTYPE a PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x.dtd'><a/>",
		"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
		"<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://127.0.0.1/'>%p;]><a/>",
		"<!DOCTYPE a [<!ENTITY a0 'ha'><!ENTITY a1 '&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;&a0;'>"
		"<!ENTITY a2 '&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;&a1;'><!ENTITY a3 "
		"'&a2;&a2;&a2;&a2;&a2;&a2;&a2;&a2;&a2;'>]>"
		"<a>&a3;</a>",
		"<!DOCTYPE a [<!ATTLIST a b CDATA 'default'>]><a/>",
	};
	struct arena *a = arena_open(0);
	const char *why;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_null(xml_read(a, slice_of(texts[i]), &why));
		assert_string_equal(why, "a document type declaration");
	}
	arena_close(&a);
}

static const char *why_of(size_t n, const char *first, const char *each, const char *middle, const char *closing,
			  const char *last)
{
	struct arena *a = arena_open(0);
	struct buf b = buf_in(a, 1000000);
	const char *why;

	buf_add_c(&b, first);
	for (size_t i = 0; i < n; i++) {
		if (each[0] == ' ') /* attributes need names of their own */
			buf_printf(&b, " a%zu='1'", i);
		else
			buf_add_c(&b, each);
	}
	buf_add_c(&b, middle);
	for (size_t i = 0; i < n; i++)
		buf_add_c(&b, closing);
	buf_add_c(&b, last);
	xml_read(a, buf_slice(&b), &why);
	arena_close(&a);
	return why;
}

static void is_bounded(void **state)
{
	(void)state;
	assert_null(why_of(XML_MAX_DEPTH, "", "<a>", "", "</a>", ""));
	assert_string_equal(why_of(XML_MAX_DEPTH + 1, "", "<a>", "", "</a>", ""), "nested too deep");
	assert_string_equal(why_of(50000, "", "<a>", "", "", ""), "nested too deep");
	assert_null(why_of(XML_MAX_NODES - 1, "<r>", "<a/>", "", "", "</r>"));
	assert_string_equal(why_of(XML_MAX_NODES, "<r>", "<a/>", "", "", "</r>"), "too many elements");
	assert_null(why_of(XML_MAX_ATTRIBUTES, "<r", " ", "", "", "/>"));
	assert_string_equal(why_of(XML_MAX_ATTRIBUTES + 1, "<r", " ", "", "", "/>"), "too many attributes");
	assert_null(why_of(XML_MAX_ATTRIBUTES, "<r>", "<a b=''/>", "", "", "</r>"));
	assert_string_equal(why_of(XML_MAX_ATTRIBUTES + 1, "<r>", "<a b=''/>", "", "", "</r>"), "too many attributes");
}

static void escapes(void **state)
{
	static const struct {
		struct slice raw;
		const char *written;
	} table[] = {
		{{"", 0}, ""},
		{{"中 a", 5}, "中 a"},
		{{"<a href=\"x\">'&'</a>", 19}, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"},
		{{"a\nb\r\tc", 6}, "a&#10;b&#13;&#9;c"},
		{{"\x01\x1f", 2}, "\xEF\xBF\xBD\xEF\xBF\xBD"},
		{{"\xEF\xBF\xBE\xEF\xBF\xBD", 6}, "\xEF\xBF\xBD\xEF\xBF\xBD"},
	};
	struct arena *a = arena_open(0);

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct buf b = buf_in(a, 1000);

		xml_put(&b, table[i].raw);
		assert_true(slice_is(buf_slice(&b), table[i].written));
	}
	arena_close(&a);
}

/* What is written is read back the same, as text and as an attribute. */
static void makes_the_round(void **state)
{
	static const char text[] = "\n  <tag> & \"quote\" 'single'\t]]>\r\n中文 𠮷 ";
	struct arena *a = arena_open(0);
	struct buf b = buf_in(a, 1000);
	struct xml *x;

	(void)state;
	buf_add_c(&b, "<r><m v=\"");
	xml_put(&b, slice_of(text));
	buf_add_c(&b, "\">");
	xml_put(&b, slice_of(text));
	buf_add_c(&b, "</m></r>");
	x = xml_read(a, buf_slice(&b), NULL);
	assert_non_null(x);
	assert_true(slice_is(xml_at(x, S("r/m")), text));
	assert_true(slice_is(xml_at(x, S("r/m/@v")), text));
	arena_close(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_message),
		cmocka_unit_test(refuses_what_is_malformed),
		cmocka_unit_test(refuses_every_doctype),
		cmocka_unit_test(is_bounded),
		cmocka_unit_test(escapes),
		cmocka_unit_test(makes_the_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

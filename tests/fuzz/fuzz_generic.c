/*
 * The generic gateway: the first byte picks a configuration (or, with 'c', the bytes are a configuration); no request,
 * text, answer or section of huiyin.yaml breaks it.
 */
#include "request.h"

#include "huiyin/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const sections[] = {
	"send: {url: 'https://a.example/{to|digits}', body: '{\"t\": {text|json}, \"u\": \"{text|json}\", \"x\": "
	"\"{text|base64}\"}'}\n"
	"success: {value: 'json:/ok', is: ['1', 'true'], id: 'json:/id'}\n"
	"errors: [{value: 'json:/code', is: '7', class: split}, {codes: [400], class: config}]\n"
	"inbound: {each: 'json:/m', from: 'json:/f', text: 'json:/t', id: 'json:/i', time: 'json:/ts', media: "
	"['json:/p']}\n"
	"receipts: {each: 'json:/r', id: 'json:/i', state: 'json:/s', time: 'json:/ts', states: {sent: s, failed: "
	"f}}\n",
	"send: {url: 'https://a.example/?t={text|url}&h={text|hex-utf16be}'}\n"
	"success: {value: 'xml:r/s', is: '0', id: 'xml:r/@id'}\n"
	"inbound: {from: 'xml:m/@f', text: 'xml:m/t', id: 'xml:m/i'}\n",
	"send: {url: 'https://a.example/x', content_type: text/xml, body: '<t "
	"a=\"{text|xml}\">{text|xml}{text|gsm7|hex}</t>'}\n"
	"inbound: {from: 'form:f', to: 'query:f', text: 'form:t', name: 'header:n', lang: body}\n"
	"receipts: {when: {value: 'form:k', is: d}, state: 'form:s', outbox: 'form:o', states: {sent: s, failed: f}}\n",
};

static bool load(struct account *acc, struct slice text, struct arena *a)
{
	struct diags d = diags_in(a);
	struct yaml *y = yaml_parse(a, S("fuzz"), text, &d);

	acc->section = y;
	return y && y->kind == YAML_MAP && acc->channel->prepare(acc, a, &d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const options[][2] = {
		{"number", "+1555"}, {"country", "86"}, {"allow_ip", "127.0.0.1"}, {NULL, NULL}};
	struct arena *a = arena_open(0);
	struct account acc = fuzz_account(channel_find(S("generic")), options, a);

	if (size && data[0] == 'c') {
		if (load(&acc, slice_make((const char *)data + 1, size - 1), a))
			fuzz_channel(&acc, data, size, a);
	} else if (size) {
		check(load(&acc, slice_of(sections[data[0] % 3]), a));
		fuzz_channel(&acc, data + 1, size - 1, a);
	}
	arena_close(&a);
	return 0;
}

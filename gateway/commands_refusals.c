/* refusals: who sent webhooks that were refused, asked of the running gateway (over its API, like `case`). */
#include "commands.h"
#include "config.h"
#include "delivery/delivery.h"
#include "huiyin/json.h"

#include <stdio.h>

/* What came from outside is shown without what a terminal would obey. */
static void print_text(struct slice s, int width)
{
	int shown = 0;

	for (size_t at = 0; at < s.len; shown++) {
		size_t from = at;
		int32_t point = utf8_next(s, &at);

		if (point < 0x20 || (point >= 0x7f && point < 0xa0))
			putchar('?');
		else
			fwrite(s.data + from, 1, at - from, stdout);
	}
	printf("%*s", shown < width ? width - shown : 1, "");
}

static void print_rows(const struct json *list)
{
	static const struct { const char *key, *title; int width; } columns[] = {
		{"at", "LAST SEEN", 27}, {"gateway", "GW", 4}, {"account", "ACCOUNT", 14}, {"reason", "REASON", 14},
		{"peer", "FROM", 20}, {"length", "BYTES", 8}, {"times", "TIMES", 1},
	};
	enum { COLUMNS = sizeof columns / sizeof *columns };

	for (int k = 0; k < COLUMNS; k++)
		print_text(slice_of(columns[k].title), columns[k].width);
	putchar('\n');
	for (size_t i = 0; i < list->n; i++) {
		for (int k = 0; k < COLUMNS; k++)
			print_text(json_field(list->items[i], columns[k].key), columns[k].width);
		putchar('\n');
	}
}

static int show(struct options *o, struct slice body, struct arena *a)
{
	const struct json *j = json_read(a, body, NULL), *list = json_get(j, "refusals"), *all = json_get(j, "all_gateways");

	if (!list || list->kind != JSON_ARRAY) {
		fputs("huiyin: what answers is no gateway of this version\n", stderr);
		return 1;
	}
	if (o->json)
		fwrite(body.data, 1, body.len, stdout);
	else if (list->n)
		print_rows(list);
	else
		puts("No webhook was refused since the gateway started.");
	if (all && all->kind == JSON_FALSE)
		fputs("huiyin: the other gateways could not be asked; this is one gateway's list\n", stderr);
	return 0;
}

int command_refusals(struct options *o)
{
	struct arena *a = arena_open(0);
	struct config *c = o->argc ? NULL : load_or_explain(o->config);
	struct answer ans = {0};
	struct slice url = {0};
	int status = o->argc ? 2 : 1;

	if (o->argc)
		fputs("usage: huiyin refusals [--json]\n", stderr);
	else if (c && !call_api(o, c, a, "GET", S("/api/v1/refusals"), (struct slice){0}, &ans, &url))
		fprintf(stderr, "huiyin: no gateway answers at " SLICE_FMT " (" SLICE_FMT "): is `huiyin serve` running?\n",
			SLICE_ARG(url), SLICE_ARG(ans.error));
	else if (c && ans.status != 200)
		fprintf(stderr, SLICE_FMT "\n", SLICE_ARG(ans.body));
	else if (c)
		status = show(o, ans.body, a);
	config_release(&c);
	arena_close(&a);
	return status;
}

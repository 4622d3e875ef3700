/* huiyin replay: recorded answers run over two sets of prompts; what they understand differently is shown. */
#include "commands.h"
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_MAX 200000
#define REPORT_MAX_BYTES ((size_t)8 << 20)

struct records { struct flow_record *list; size_t n, bad; };

/* `question TAB lang TAB text`, a line each; '#' begins a comment. A line of another form is counted and named. */
static void take_line(struct records *r, struct arena *a, struct slice line, size_t number)
{
	struct slice rest = line, what, lang;

	if (!line.len || line.data[0] == '#')
		return;
	if (!slice_next(&rest, '\t', &what) || !slice_next(&rest, '\t', &lang) || !what.len) {
		if (r->bad++ < 5)
			fprintf(stderr, "huiyin: record %zu is not `question TAB language TAB text`\n", number);
		return;
	}
	if (r->n < RECORDS_MAX)
		r->list[r->n++] = (struct flow_record){arena_copy(a, what), utf8_repair(a, arena_copy(a, rest)), arena_copy(a, lang), 0};
}

static struct records read_records(FILE *in, struct arena *a)
{
	struct records r = {.list = ARENA_ARRAY(a, struct flow_record, RECORDS_MAX)};
	char *line = NULL;
	size_t room = 0, number = 0;
	ssize_t len;

	while ((len = getline(&line, &room, in)) >= 0) {
		while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
			len--;
		take_line(&r, a, slice_make(line, (size_t)len), ++number);
	}
	free(line);
	return r;
}

static struct flow_set *load_side(const char *dir, struct arena *a)
{
	struct diags d = diags_in(a);
	struct flow_set *s = flow_set_load(dir, &d);
	struct buf out = buf_heap(REPORT_MAX_BYTES);

	if (!s) {
		diags_print(&d, &out, false);
		fwrite(out.data ? out.data : "", 1, out.len, stderr);
		fprintf(stderr, "huiyin: the prompts in %s cannot be used\n", dir);
	}
	buf_free(&out);
	return s;
}

int command_replay(struct options *o)
{
	struct arena *a = arena_open(0);
	struct flow_set *before = NULL, *after = NULL;
	struct zone *z = zone_open(o->tz ? o->tz : "Asia/Shanghai");
	struct context c = {.open = true, .channel = S("chat"), .now = clock_wall().ms, .zone = z};
	FILE *in = o->argc ? fopen(o->argv[0], "r") : stdin;
	struct buf report = buf_heap(REPORT_MAX_BYTES);
	int status = 2;

	secret_start();
	if (!o->old)
		fputs("usage: huiyin replay --old DIR [--prompts DIR] [FILE]\n", stderr);
	else if (!in)
		fprintf(stderr, "huiyin: cannot read %s\n", o->argv[0]);
	else if (!z || (o->now && !iso_wall(slice_of(o->now), &c.now)))
		fputs("huiyin: --tz or --now is not understood\n", stderr);
	else if ((before = load_side(o->old, a)) && (after = load_side(o->prompts ? o->prompts : "prompts", a))) {
		struct records r = read_records(in, a);
		struct matcher *m = matcher_open();
		size_t differ;

		c.lang = o->lang ? slice_of(o->lang) : flow_language_default(after);
		differ = flow_replay(before, after, m, r.list, r.n, &c, &report);
		if (report.len)
			fwrite(report.data, 1, report.len, stdout);
		printf("%zu answer%s, %zu understood differently, %zu not readable\n", r.n, r.n == 1 ? "" : "s", differ, r.bad);
		status = differ ? 1 : 0;
		matcher_close(&m);
	}
	buf_free(&report);
	if (in && in != stdin)
		fclose(in);
	flow_set_release(&before);
	flow_set_release(&after);
	zone_close(&z);
	arena_close(&a);
	return status;
}

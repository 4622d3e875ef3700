/* The commands for people who write prompts: check, try, match, graph, replay. Nothing here touches the store. */
#include "commands.h"
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_BYTES ((size_t)128 << 10)
#define REPORT_MAX_BYTES ((size_t)4 << 20)

/* Where the prompts are: --prompts, else next to the configuration, else ./prompts, else the installed ones. */
static const char *prompts_dir(const struct options *o)
{
	static const char *const places[] = {"prompts", "/usr/share/huiyin/prompts"};

	if (o->prompts)
		return o->prompts;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (access(places[i], R_OK) == 0)
			return places[i];
	return "prompts";
}

static void print_buf(FILE *to, const struct buf *b)
{
	if (b->len)
		fwrite(b->data, 1, b->len, to);
}

static void print_diags(struct diags *d, const struct options *o)
{
	struct buf out = buf_heap(REPORT_MAX_BYTES);

	if (o->quiet) { /* errors only */
		size_t n = 0;
		for (size_t i = 0; i < d->n; i++)
			if (d->list[i].severity == ERROR)
				d->list[n++] = d->list[i];
		d->n = n;
	}
	diags_print(d, &out, o->colour);
	print_buf(stderr, &out);
	buf_free(&out);
}

static struct flow_set *load(const struct options *o, const char *dir, struct arena *a, struct diags *d)
{
	struct flow_set *s;

	secret_start();
	*d = diags_in(a);
	s = flow_set_load(dir, d);
	if (!s || d->errors) {
		print_diags(d, o);
		fprintf(stderr, "huiyin: the prompts in %s cannot be used: %zu error%s\n", dir, d->errors, d->errors == 1 ? "" : "s");
		flow_set_release(&s);
	}
	return s;
}

/* --now, --tz, --lang into a context. False: said what is wrong. */
static bool context_from(const struct options *o, const struct flow_set *s, struct context *c, struct zone **z)
{
	const char *tz = o->tz ? o->tz : "Asia/Shanghai";

	*c = (struct context){.now = clock_wall().ms, .open = true, .channel = S("chat")};
	*z = zone_open(tz);
	if (!*z) {
		fprintf(stderr, "huiyin: unknown time zone '%s': use a name such as Asia/Shanghai\n", tz);
		return false;
	}
	c->zone = *z;
	if (o->now && !iso_wall(slice_of(o->now), &c->now)) {
		fprintf(stderr, "huiyin: --now '%s' is not understood: write it like 2026-11-18T10:00:00+08:00\n", o->now);
		zone_close(z);
		return false;
	}
	c->lang = o->lang ? slice_of(o->lang) : flow_language_default(s);
	if (o->channel) {
		c->channel = slice_of(o->channel);
		c->sms = strcmp(o->channel, "sms") == 0;
	}
	return true;
}

static bool read_line(char **line, size_t *room, struct slice *out)
{
	ssize_t n = getline(line, room, stdin);

	if (n < 0)
		return false;
	if (n && (*line)[n - 1] == '\n')
		n--;
	if (n && (*line)[n - 1] == '\r')
		n--;
	*out = slice_make(*line, (size_t)n < LINE_MAX_BYTES ? (size_t)n : LINE_MAX_BYTES);
	return true;
}

int command_match(struct options *o)
{
	struct arena *a = arena_open(0), *each = arena_open(0);
	struct diags d;
	struct flow_set *s = load(o, prompts_dir(o), a, &d);
	struct matcher *m = matcher_open();
	struct context c;
	struct zone *z = NULL;
	struct slice text, json;
	char *line = NULL;
	size_t room = 0;
	int status = 2;

	if (o->argc != 1)
		fprintf(stderr, "usage: huiyin match WHAT (a type, a question such as report.kind, start, words)\n");
	else if (s && context_from(o, s, &c, &z)) {
		status = 0;
		if (flow_match(s, m, each, slice_of(o->argv[0]), S("1"), &c, &json) == INVALID) {
			fprintf(stderr, "huiyin: '%s' is no type, no question, not `start` and not `words`\n", o->argv[0]);
			status = 2;
		}
		while (!status && read_line(&line, &room, &text)) {
			arena_reset(each);
			flow_match(s, m, each, slice_of(o->argv[0]), utf8_repair(each, text), &c, &json);
			printf(SLICE_FMT "\n", SLICE_ARG(json));
			fflush(stdout);
		}
	}
	free(line);
	zone_close(&z);
	matcher_close(&m);
	flow_set_release(&s);
	arena_close(&each);
	arena_close(&a);
	return status;
}

int command_check(struct options *o)
{
	struct arena *a = arena_open(0);
	struct diags d;
	struct flow_set *s = load(o, prompts_dir(o), a, &d);
	struct buf report = buf_heap(REPORT_MAX_BYTES);
	int status = 1;

	if (s) {
		flow_check(s, NULL, &d, &report);
		print_diags(&d, o);
		if (!o->quiet)
			print_buf(stdout, &report);
		printf("%s: %zu flow%s, %zu error%s, %zu warning%s\n", prompts_dir(o), flow_count(s), flow_count(s) == 1 ? "" : "s",
		       d.errors, d.errors == 1 ? "" : "s", d.warnings, d.warnings == 1 ? "" : "s");
		status = d.errors ? 1 : 0;
	}
	buf_free(&report);
	flow_set_release(&s);
	arena_close(&a);
	return status;
}

int command_graph(struct options *o)
{
	struct arena *a = arena_open(0);
	struct diags d;
	struct flow_set *s = load(o, prompts_dir(o), a, &d);
	const struct flow *f = s && o->argc == 1 ? flow_find(s, slice_of(o->argv[0])) : NULL;
	struct buf out = buf_heap(REPORT_MAX_BYTES);

	if (f) {
		flow_graph(f, o->format && strcmp(o->format, "dot") == 0, o->lang ? slice_of(o->lang) : flow_language_default(s), &out);
		print_buf(stdout, &out);
	} else if (s) {
		fputs("huiyin: name one of these flows:", stderr);
		for (size_t i = 0; i < flow_count(s); i++)
			fprintf(stderr, " " SLICE_FMT, SLICE_ARG(flow_name(flow_at(s, i))));
		fputc('\n', stderr);
	}
	buf_free(&out);
	flow_set_release(&s);
	arena_close(&a);
	return f ? 0 : 2;
}

/* ---- try ------------------------------------------------------------------------------------------------------------- */

struct trial {
	const struct options *o;
	struct flow_set *set;
	struct matcher *m;
	struct arena *a;
	struct context c;
	struct field extra[2]; /* of the context */
	struct session s;
	const struct flow *flow;
};

/* The office of the configuration that `huiyin init` writes. */
static void trial_speak(struct trial *t, struct slice lang)
{
	t->extra[0] = (struct field){S("office"), slice_is(lang, "zh") ? S("县信访局") : S("County Petition Office")};
	t->extra[1] = (struct field){S("phone"), S("12345")};
	t->c.extra = t->extra;
	t->c.n_extra = 2;
	t->c.lang = lang;
}

static void trial_show(struct trial *t, const struct step *s)
{
	static const char *const acts[] = {"", "file", "draft", "add", "withdraw", "status", "rate", "person"};

	for (size_t i = 0; i < s->n_replies; i++) {
		printf("< " SLICE_FMT "\n", SLICE_ARG(s->replies[i].text));
		for (size_t k = 0; k < s->replies[i].n_buttons; k++)
			printf("    [" SLICE_FMT "]\n", SLICE_ARG(s->replies[i].buttons[k].label));
	}
	for (size_t i = 0; i < s->n_acts; i++) {
		const struct act *x = &s->acts[i];
		printf("! %s purpose=" SLICE_FMT " category=" SLICE_FMT " place=" SLICE_FMT " text=" SLICE_FMT "\n", acts[x->what],
		       SLICE_ARG(x->purpose), SLICE_ARG(x->category), SLICE_ARG(x->place), SLICE_ARG(x->text));
	}
	if (t->flow && t->s.ended) {
		puts("-- the conversation has ended --");
		t->flow = NULL;
	}
	fflush(stdout);
}

/* The answer to a change of language is in the new one. */
static void trial_word(struct trial *t, const struct word *w)
{
	struct slice say;

	if (w->kind == WORD_LANGUAGE && w->lang.len)
		trial_speak(t, arena_copy(t->a, w->lang));
	say = flow_word_text(t->set, t->a, w->name, &t->c);
	if (say.len)
		printf("< " SLICE_FMT "\n", SLICE_ARG(say));
}

static void trial_take(struct trial *t, struct slice text)
{
	struct message msg = {.text = arena_copy(t->a, utf8_repair(t->a, text))};
	struct word w = flow_word(t->set, t->m, t->a, msg.text);
	struct step s = {0};

	if (w.kind >= WORD_BACK && t->flow) {
		flow_control(t->flow, t->m, t->a, w.kind, &t->c, &t->s, &s);
	} else if (w.kind != WORD_NONE && w.kind < WORD_BACK) {
		trial_word(t, &w);
		if (t->flow && w.kind > WORD_URGENT)
			flow_control(t->flow, t->m, t->a, WORD_NONE, &t->c, &t->s, &s);
	} else if (t->flow) {
		flow_answer(t->flow, t->m, t->a, &msg, &t->c, &t->s, &s);
	} else {
		t->flow = flow_start_match(t->set, t->m, t->a, &msg, &t->c, true);
		if (t->flow)
			flow_begin(t->flow, t->m, t->a, &msg, &t->c, &t->s, &s);
		else
			printf("< " SLICE_FMT "\n", SLICE_ARG(flow_text(t->set, t->a, S("text.menu"), &t->c)));
	}
	trial_show(t, &s);
}

int command_try(struct options *o)
{
	struct arena *a = arena_open(0);
	struct diags d;
	struct trial t = {.o = o, .set = load(o, prompts_dir(o), a, &d), .m = matcher_open(), .a = a};
	struct zone *z = NULL;
	struct slice text;
	char *line = NULL;
	size_t room = 0;
	int status = 2;

	if (t.set && context_from(o, t.set, &t.c, &z)) {
		t.c.next_number = case_number_make(a, t.c.now, z, 1);
		t.c.next_code = case_code_make(a, 1234567890);
		trial_speak(&t, t.c.lang);
		status = 0;
		if (o->argc) {
			struct step s = {0};
			t.flow = flow_find(t.set, slice_of(o->argv[0]));
			if (!t.flow)
				fprintf(stderr, "huiyin: there is no flow '%s'; `huiyin graph` lists them\n", o->argv[0]);
			else
				flow_begin(t.flow, t.m, a, &(struct message){.text = {0}}, &t.c, &t.s, &s);
			trial_show(&t, &s);
			status = t.flow ? 0 : 2;
		}
		while (!status && (isatty(STDIN_FILENO) ? printf("> "), fflush(stdout) : 0, read_line(&line, &room, &text)))
			trial_take(&t, text);
	}
	free(line);
	zone_close(&z);
	matcher_close(&t.m);
	flow_set_release(&t.set);
	arena_close(&a);
	return status;
}

/*
 * understand_flow WHAT FILE.tsv [-v]: how well the shipped prompts understand what people write. WHAT is "start", "words"
 * or a question such as "report.kind"; each line of the file is language TAB words TAB expected JSON (null: not to be
 * understood), '#' begins a comment. A wrong value counts as not understood.
 *
 * The status is 1 below 98 % of honest answers understood, from 0.5 % of the others accepted on, and, with "words", if one
 * opt-out or one emergency is missed: those may never be (issue: "no opt-out and no emergency missed"). For lines that the
 * patterns never learnt from, LEAST and MOST (per mille) and MISSED (opt-outs and emergencies) in the environment say where
 * the status becomes 1 instead. -v prints each line that went wrong. The prompts are read from ./prompts, or from the folder named by PROMPTS.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flow/match.h"
#include "huiyin/flow.h"

#define FILE_MAX_BYTES ((size_t)16 << 20)
#define HONEST_PER_MILLE 980
#define ACCEPTED_PER_TEN_THOUSAND 50

struct score { size_t honest, understood, wrong, others, accepted, duties_missed; int64_t ns; };
struct run {
	struct flow_set *set;
	struct matcher *matcher;
	struct arena *arena;
	struct context c;
	struct slice what;
	bool verbose;
	struct score score;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static _Noreturn void give_up(const char *what, const char *which)
{
	fprintf(stderr, "understand_flow: %s%s\n", what, which);
	exit(2);
}

static struct slice read_file(struct arena *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf out = buf_in(a, FILE_MAX_BYTES);
	char piece[65536];
	size_t n;

	if (!f)
		give_up("cannot read ", path);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		buf_add(&out, slice_make(piece, n));
	fclose(f);
	return buf_slice(&out);
}

static struct flow_set *load(struct arena *a)
{
	const char *dir = getenv("PROMPTS");
	struct diags d = diags_in(a);
	struct buf out = buf_in(a, FILE_MAX_BYTES);
	struct flow_set *set = flow_set_load(dir ? dir : "prompts", &d);

	if (set)
		return set;
	diags_print(&d, &out, false);
	fprintf(stderr, SLICE_FMT, SLICE_ARG(buf_slice(&out)));
	give_up("the prompts do not load", "");
}

/* STOP is a right, an emergency a life: neither is a matter of percent. */
static bool is_duty(const struct run *r, struct slice expected)
{
	return slice_is(r->what, "words") && (slice_is(expected, "\"opt_out\"") || slice_begins(expected, S("\"urgent.")));
}

static void count(struct run *r, struct slice lang, struct slice text, struct slice expected, struct slice got)
{
	struct score *s = &r->score;
	bool right = slice_equal(expected, got);

	if (slice_is(expected, "null")) {
		s->others++;
		s->accepted += !right;
	} else {
		s->honest++;
		s->understood += right;
		s->wrong += !right && !slice_is(got, "null");
		s->duties_missed += !right && is_duty(r, expected);
	}
	if (!right && r->verbose)
		printf(SLICE_FMT "\t" SLICE_FMT "\texpected " SLICE_FMT "\tgot " SLICE_FMT "\n", SLICE_ARG(lang), SLICE_ARG(text),
		       SLICE_ARG(expected), SLICE_ARG(got));
}

static void take_line(struct run *r, struct slice line)
{
	struct slice rest = line, lang, text, json = S("null");
	int64_t begun;

	if (!line.len || line.data[0] == '#')
		return;
	if (!slice_next(&rest, '\t', &lang) || !slice_next(&rest, '\t', &text) || !rest.len)
		give_up("a line needs language, words and expected value: ", arena_cstr(r->arena, line));
	r->c.lang = lang;
	begun = now_ns();
	if (flow_match(r->set, r->matcher, r->arena, r->what, text, &r->c, &json) != OK)
		give_up("there is no such thing to understand: ", arena_cstr(r->arena, r->what));
	r->score.ns += now_ns() - begun;
	count(r, lang, text, slice_trim(rest), json);
}

static double percent(size_t part, size_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static size_t from_outside(const char *name, size_t otherwise)
{
	const char *value = getenv(name);

	return value ? (size_t)strtoul(value, NULL, 10) : otherwise;
}

static int verdict(const struct run *r)
{
	const struct score *s = &r->score;
	size_t lines = s->honest + s->others, wrong = s->honest - s->understood + s->accepted;
	size_t least = from_outside("LEAST", HONEST_PER_MILLE);
	size_t most = from_outside("MOST", 0) ? from_outside("MOST", 0) * 10 : ACCEPTED_PER_TEN_THOUSAND;
	bool good = s->understood * 1000 >= s->honest * least &&
		    s->accepted * 10000 < s->others * most + (s->others == 0) &&
		    s->duties_missed <= from_outside("MISSED", 0);

	printf(SLICE_FMT ": %zu of %zu honest answers understood (%.2f %%, %zu taken for something else), %zu of %zu others accepted "
	       "(%.2f %%)",
	       SLICE_ARG(r->what), s->understood, s->honest, percent(s->understood, s->honest), s->wrong, s->accepted, s->others,
	       percent(s->accepted, s->others));
	if (slice_is(r->what, "words"))
		printf(", %zu opt-outs or emergencies missed", s->duties_missed);
	printf("\n%.1f us a line, the longest match %u steps, %llu cut off\n",
	       lines ? (double)s->ns / 1000 / (double)lines : 0, matcher_most_steps(r->matcher),
	       (unsigned long long)matcher_limited(r->matcher));
	printf("%zu passed, %zu failed\n", lines - wrong, good ? (size_t)0 : wrong);
	return good && lines ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct run r = {.arena = arena_open(0)};
	struct zone *zone = zone_open("Asia/Shanghai");
	struct arena *kept = arena_open(0);
	struct slice rest, line;
	int status;

	if (argc < 3)
		give_up("usage: understand_flow start|words|FLOW.QUESTION FILE.tsv [-v]", "");
	r.what = slice_of(argv[1]);
	r.verbose = argc > 3 && strcmp(argv[3], "-v") == 0;
	r.set = load(kept);
	r.matcher = matcher_open();
	if (!zone || !iso_wall(S("2026-11-18T10:00:00+08:00"), &r.c.now))
		give_up("no time zone", "");
	r.c.zone = zone;
	r.c.channel = S("chat");
	r.c.open = true;
	rest = read_file(kept, argv[2]);
	while (slice_next(&rest, '\n', &line)) {
		take_line(&r, line);
		arena_reset(r.arena);
	}
	status = verdict(&r);
	matcher_close(&r.matcher);
	flow_set_release(&r.set);
	zone_close(&zone);
	arena_close(&kept);
	arena_close(&r.arena);
	return status;
}

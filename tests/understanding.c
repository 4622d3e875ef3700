/*
 * understanding [-v] WHAT FILE.tsv…: what share of a test set is understood as it should be. A line is
 * "lang TAB input TAB expected", expected being JSON or null; "# now: 2026-11-18T10:00:00+08:00 tz: Asia/Shanghai" sets
 * the clock for the lines below it. Ends with 1 when less than 98 % of honest lines are understood, or more than 0.5 %
 * of the others are accepted; LEAST and MOST (per mille) in the environment say otherwise, for lines never learnt from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/types.h"
#include "huiyin/json.h"

#define LEAST_HONEST 0.98
#define MOST_WRONG   0.005

struct tally {
	int honest, understood, mistaken; /* mistaken: understood, but as something else */
	int wrong, accepted;
};

struct run {
	struct slice what;
	struct matcher *matcher;
	struct arena *arena;
	struct zone *zone;
	int64_t now;
	bool verbose;
	struct tally tally;
};

static void read_header(struct run *run, const char *line)
{
	const char *now = strstr(line, "now:"), *tz = strstr(line, "tz:");
	char word[64];

	if (now && sscanf(now + 4, " %63s", word) == 1 && !iso_wall(slice_of(word), &run->now))
		fprintf(stderr, "bad time: %s\n", word);
	if (tz && sscanf(tz + 3, " %63s", word) == 1) {
		zone_close(&run->zone);
		run->zone = zone_open(word);
	}
}

static bool same_json(struct run *run, struct slice a, struct slice b)
{
	struct json *x = json_read(run->arena, a, NULL), *y = json_read(run->arena, b, NULL);

	if (!x || !y)
		return slice_equal(a, b);
	if (x->kind == JSON_NUMBER && y->kind == JSON_NUMBER)
		return x->number == y->number;
	return x->kind == y->kind && slice_equal(x->text, y->text);
}

static void run_line(struct run *run, const char *file, int number, struct slice line)
{
	struct slice lang, input, expected, value, json = S("null");
	bool understood, right;

	if (!slice_next(&line, '\t', &lang) || !slice_next(&line, '\t', &input) ||
	    !slice_next(&line, '\t', &expected)) {
		fprintf(stderr, "%s:%d: not three columns\n", file, number);
		exit(2);
	}
	understood =
		flow_read_type(run->matcher, run->arena, run->what, input, lang, run->now, run->zone, &value, &json);
	if (!understood)
		json = S("null");
	right = same_json(run, json, expected);
	if (slice_is(expected, "null")) {
		run->tally.wrong++;
		run->tally.accepted += understood;
	} else {
		run->tally.honest++;
		run->tally.understood += right;
		run->tally.mistaken += understood && !right;
	}
	if (run->verbose && !right)
		printf("%s:%d: %.*s [%.*s] expected %.*s, got %.*s\n", file, number, SLICE_ARG(lang), SLICE_ARG(input),
		       SLICE_ARG(expected), SLICE_ARG(json));
}

static bool run_file(struct run *run, const char *file)
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!f) {
		perror(file);
		return false;
	}
	for (int number = 1; (n = getline(&line, &room, f)) > 0; number++) {
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			line[--n] = '\0';
		if (line[0] == '#')
			read_header(run, line);
		else if (n > 0)
			run_line(run, file, number, slice_make(line, (size_t)n));
		arena_reset(run->arena);
	}
	free(line);
	fclose(f);
	return true;
}

static double share(int part, int whole)
{
	return whole ? (double)part / whole : 0;
}

static double from_outside(const char *name, double otherwise)
{
	const char *per_mille = getenv(name);

	return per_mille ? strtod(per_mille, NULL) / 1000 : otherwise;
}

int main(int argc, char **argv)
{
	struct run run = {.verbose = argc > 1 && strcmp(argv[1], "-v") == 0};
	struct tally *t = &run.tally;
	int first = run.verbose ? 2 : 1;
	bool good;

	if (argc < first + 2 || !type_known(slice_of(argv[first]))) {
		fprintf(stderr, "usage: understanding [-v] WHAT FILE.tsv...\nWHAT:");
		for (size_t i = 0; type_names[i]; i++)
			fprintf(stderr, " %s", type_names[i]);
		fprintf(stderr, "\n");
		return 2;
	}
	run.what = slice_of(argv[first]);
	run.matcher = matcher_open();
	run.arena = arena_open(0);
	run.zone = zone_open("Asia/Shanghai");
	iso_wall(S("2026-11-18T10:00:00+08:00"), &run.now);
	good = true;
	for (int i = first + 1; i < argc; i++)
		good &= run_file(&run, argv[i]);
	printf("%s: honest %d/%d = %.1f%% (%d taken for something else), wrong accepted %d/%d = %.1f%%\n", argv[first],
	       t->understood, t->honest, 100 * share(t->understood, t->honest), t->mistaken, t->accepted, t->wrong,
	       100 * share(t->accepted, t->wrong));
	good &= t->honest > 0 && share(t->understood, t->honest) >= from_outside("LEAST", LEAST_HONEST) &&
		share(t->accepted, t->wrong) <= from_outside("MOST", MOST_WRONG);
	arena_close(&run.arena);
	matcher_close(&run.matcher);
	zone_close(&run.zone);
	return good ? 0 : 1;
}

/* The commands. Each teaches with --help; an unknown word gets the nearest known one. */
#include "commands.h"
#include "huiyin/case.h"
#include "huiyin/diag.h"

#include <getopt.h>
#include <stddef.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


struct command {
	const char *name, *about, *usage, *help;
	int (*run)(struct options *o);
};
static const struct command commands[] = {
	{"serve", "start the gateway", "serve [--config FILE]",
	 "Reads huiyin.yaml, opens the store, listens. SIGHUP reloads configuration and prompts, all or nothing;\n"
	 "SIGTERM or Ctrl-C stops after finishing what was taken.\n", command_serve},
	{"init", "write a first huiyin.yaml", "init [--config FILE]",
	 "Writes a commented configuration with embedded SQLite and the web chat on. Never overwrites one.\n", command_init},
	{"doctor", "look everything over and say how to mend what is wrong", "doctor [--config FILE]",
	 "Configuration, prompts, store, disk, clock, libraries, and whether each provider can be reached.\n", command_doctor},
	{"check", "lint the prompts", "check [--prompts DIR] [--quiet]",
	 "Compiles every pattern, runs the samples, looks for choices that cannot be reached, missing translations,\n"
	 "placeholders without a value, opt-out words that collide with answers, long SMS; attacks each pattern.\n", command_check},
	{"try", "talk to a flow in the terminal, or from a pipe", "try [FLOW] [--lang zh|en] [--channel NAME] [--prompts DIR]",
	 "Without FLOW your first words choose one. Nothing is stored. Ctrl-D ends.\n", command_try},
	{"match", "show what a type, a question, the starts or the words make of answers",
	 "match WHAT [--lang zh|en] [--now TIME] [--tz ZONE] [--prompts DIR]",
	 "Reads answers from standard input, a line each; prints a JSON value for each: what was understood, or null.\n"
	 "WHAT is a type (date phone number yes_no id_card email place rating), a question (report.kind),\n"
	 "`start` (the flow that a first message begins) or `words` (global word, opt-out, urgent pattern).\n"
	 "TIME is like 2026-11-18T10:00:00+08:00.\n"
	 "  echo 上周五 | huiyin match date --now 2026-11-18T10:00:00+08:00   →   \"2026-11-13\"\n", command_match},
	{"graph", "draw a flow", "graph FLOW [--format mermaid|dot] [--lang zh|en] [--prompts DIR]",
	 "Writes Mermaid (or Graphviz DOT) to standard output.\n", command_graph},
	{"replay", "which recorded answers does a changed flow understand differently?",
	 "replay --old DIR [--prompts DIR] [FILE]",
	 "Reads recorded answers (question TAB lang TAB text, a line each) from FILE or standard input and runs them\n"
	 "against the prompts in --old and in --prompts. Exit status 1 if any differ.\n", command_replay},
	{"qr", "QR code of a service window", "qr WINDOW [--channel NAME] [--format terminal|svg|png] [--out FILE]",
	 "For the web chat by default; --channel takes an SMS account (sms: with prefilled text) or another with a deep\n"
	 "link.\n", command_qr},
	{"case", "show or change a case", "case VERB NUMBER [NAME=VALUE…] | case show NUMBER | case list [STATUS]",
	 "Speaks to the running gateway with the key in state/cli.key. The citizen is told of what the law owes.\n"
	 "  huiyin case accept 261121-0042-7 route='房管科' due=2027-01-20\n"
	 "  huiyin case close 261121-0042-7\n", command_case},
	{"send", "write to the citizen of a case", "send NUMBER TEXT…", "The text goes out on the channel the case came by.\n",
	 command_send},
	{"refusals", "who sent webhooks that were refused", "refusals [--json] [--config FILE]",
	 "Speaks to the running gateway with the key in state/cli.key. Newest first: when, on which gateway, for which account,\n"
	 "why (signature, malformed, content type), from which address, how many bytes, how often. No content is kept. Where\n"
	 "gateways share a PostgreSQL, those of all gateways. So many are remembered: keep.quarantine in huiyin.yaml.\n",
	 command_refusals},
	{"backup", "copy the store while it runs or not", "backup FILE [--config FILE]",
	 "A consistent copy of the SQLite store. Keep state/store.key with it: without the key addresses stay sealed.\n",
	 command_backup},
	{"migrate", "move the store to another kind of database", "migrate --to URL [--from URL] [--config FILE] [--check]",
	 "Copies a store that works from SQLite to PostgreSQL, or back: beside the gateway first; then it asks you to stop the\n"
	 "gateway, copies the rest, compares, and says what to write in huiyin.yaml. Cut off, it goes on when run again.\n"
	 "--from is the store of the configuration unless given. --check only compares the two and names what differs.\n"
	 "  huiyin migrate --to postgresql://huiyin@db1/huiyin\n", command_migrate},
};
#define N_COMMANDS (sizeof commands / sizeof *commands)

static void usage(FILE *out)
{
	fputs("Huiyin (回音) " HUIYIN_VERSION ": every matter gets an answer.\n\nusage: huiyin COMMAND [options]\n\n", out);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  %-8s %s\n", commands[i].name, commands[i].about);
	fputs("\n`huiyin COMMAND --help` tells more. Settings are in huiyin.yaml (--config FILE).\n", out);
}

static const struct command *find(const char *name)
{
	const char *names[N_COMMANDS];
	struct slice near;

	for (size_t i = 0; i < N_COMMANDS; i++) {
		names[i] = commands[i].name;
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	}
	near = diag_nearest(slice_of(name), names, N_COMMANDS);
	fprintf(stderr, "huiyin: there is no command '%s'", name);
	if (near.len)
		fprintf(stderr, "; did you mean '" SLICE_FMT "'?", SLICE_ARG(near));
	fputs(" `huiyin --help` lists them.\n", stderr);
	return NULL;
}

static const struct option_name {
	const char *name;
	size_t offset;
} texts[] = {
	{"config", offsetof(struct options, config)}, {"prompts", offsetof(struct options, prompts)},
	{"lang", offsetof(struct options, lang)},     {"now", offsetof(struct options, now)},
	{"tz", offsetof(struct options, tz)},         {"channel", offsetof(struct options, channel)},
	{"out", offsetof(struct options, out)},       {"format", offsetof(struct options, format)},
	{"url", offsetof(struct options, url)},       {"old", offsetof(struct options, old)},
	{"from", offsetof(struct options, from)},     {"to", offsetof(struct options, to)},
};
#define N_TEXTS (sizeof texts / sizeof *texts)

/* False: an option was not understood (getopt has said so). */
static bool read_options(int argc, char **argv, struct options *o)
{
	struct option longs[N_TEXTS + 5] = {0};
	int c, which;

	for (size_t i = 0; i < N_TEXTS; i++)
		longs[i] = (struct option){texts[i].name, required_argument, NULL, 't'};
	longs[N_TEXTS] = (struct option){"json", no_argument, NULL, 'j'};
	longs[N_TEXTS + 1] = (struct option){"quiet", no_argument, NULL, 'q'};
	longs[N_TEXTS + 2] = (struct option){"help", no_argument, NULL, 'h'};
	longs[N_TEXTS + 3] = (struct option){"check", no_argument, NULL, 'k'};
	while ((c = getopt_long(argc, argv, "c:hjq", longs, &which)) != -1) {
		if (c == 't')
			*(const char **)((char *)o + texts[which].offset) = optarg;
		else if (c == 'c')
			o->config = optarg;
		else if (c == 'j')
			o->json = true;
		else if (c == 'q')
			o->quiet = true;
		else if (c == 'k')
			o->check = true;
		else if (c == 'h')
			o->help = true;
		else
			return false;
	}
	o->argc = argc - optind;
	o->argv = argv + optind;
	return true;
}

int main(int argc, char **argv)
{
	struct options o = {.config = "huiyin.yaml", .colour = isatty(STDERR_FILENO)};
	const struct command *c;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
		usage(argc < 2 ? stderr : stdout);
		return argc < 2 ? 2 : 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts("huiyin " HUIYIN_VERSION);
		return 0;
	}
	c = find(argv[1]);
	if (!c)
		return 2;
	if (!read_options(argc - 1, argv + 1, &o))
		return 2;
	if (o.help) {
		printf("usage: huiyin %s\n\n%s", c->usage, c->help);
		if (c->run == command_case) {
			puts("\nverbs:");
			for (const struct case_verb *v = case_verbs; v->verb; v++)
				printf("  %-17s %s%s%s%s\n", v->verb, v->help, v->required[0] ? " [" : "", v->required, v->required[0] ? "]" : "");
		}
		return 0;
	}
	return c->run(&o);
}

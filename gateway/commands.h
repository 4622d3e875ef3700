/* The commands of the program, one function each; main.c has the table. */
#ifndef HUIYIN_COMMANDS_H
#define HUIYIN_COMMANDS_H

#define HUIYIN_VERSION "0.1.0"

#include <stdbool.h>

#include "huiyin/text.h"

struct config;
struct answer;

struct options {
	const char *config;       /* --config, default huiyin.yaml */
	const char *prompts;      /* --prompts DIR: instead of the configuration's */
	const char *lang, *now, *tz;
	const char *channel;      /* --channel: account name */
	const char *out;          /* --out FILE */
	const char *format;       /* --format */
	const char *url;          /* --url: of the gateway, for case and send */
	const char *old;          /* --old DIR, for replay */
	const char *from, *to;    /* --from, --to: addresses of stores, for migrate */
	bool check;               /* --check: of migrate, only compare */
	bool json, quiet, help, colour;
	int argc;                 /* what is left: the arguments proper */
	char **argv;
};
struct config *load_or_explain(const char *path); /* prints what is wrong; null then */
/* commands_case.c: one call to the running gateway's API. False: none answers at *url. */
bool call_api(struct options *o, struct config *c, struct arena *a, const char *method, struct slice path,
	      struct slice body, struct answer *ans, struct slice *url);

int command_serve(struct options *o);
int command_init(struct options *o);
int command_check(struct options *o);
int command_try(struct options *o);
int command_match(struct options *o);
int command_graph(struct options *o);
int command_replay(struct options *o);
int command_qr(struct options *o);
int command_case(struct options *o);
int command_send(struct options *o);
int command_backup(struct options *o);
int command_migrate(struct options *o);
int command_refusals(struct options *o);
int command_doctor(struct options *o);

#endif

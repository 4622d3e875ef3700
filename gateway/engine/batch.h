/* One batch at work: what was loaded, what was decided so far, who waits for an answer. Inside the engine only. */
#ifndef HUIYIN_BATCH_H
#define HUIYIN_BATCH_H

#include "config.h"
#include "engine/engine.h"
#include "engine/queue.h"
#include "engine/release.h"
#include "huiyin/store.h"

#define BATCH_MAX 512
#define CONTEXT_EXTRA_MAX 12

/* A citizen as this batch sees them: rows are changed in place, so that a second event sees what the first one did. */
struct person {
	struct contact *contact;
	struct session_row *row;  /* null: none stored */
	struct session *session;  /* unpacked on first use; null: none open */
	const struct flow *flow;  /* of the session */
	bool session_tried;
	struct case_row **cases;  /* open ones */
	size_t n_cases;
	struct survey **surveys;  /* not yet over */
	size_t n_surveys;
};

struct turn {
	struct event *e;
	struct want *want;
	struct person *p;         /* null until known */
	const struct account *account; /* null for events without a channel */
	struct release *release;  /* null for timers */
	struct turn *first;       /* the same dedupe key came earlier in this batch */
	struct slice fate;        /* what became of a message */
	bool replied, queued;
};

struct engine;
struct batch {
	struct engine *engine;
	struct config *config;
	struct arena *arena;
	int64_t now;
	struct snapshot snap;
	struct changes changes;
	struct turn *turns;
	size_t n;
	struct person *persons[BATCH_MAX * 2];
	size_t n_persons;
	struct case_row *cases[BATCH_MAX * 2];
	size_t n_cases;
	bool sequence_used;
	struct slice next_number, next_code; /* candidates, made on first need */
};

/* engine.c, revisions.c, floods.c */
struct matcher *engine_matcher(struct engine *e);
const struct key *engine_key(struct engine *e);
int64_t engine_new_id(struct engine *e);
int64_t engine_new_id_of(struct engine *e, int64_t contact); /* of a row that belongs to the contact: in its shard */
int64_t engine_new_contact_id(struct engine *e, const struct hash16 *hash);
const struct flow *engine_flow(struct engine *e, struct config *c, struct slice name, struct slice revision);
enum result engine_load(struct engine *e, struct snapshot *snap);
bool engine_flooded(struct engine *e, const struct contact *c, int64_t now, bool *tell);
void engine_note_limited(struct engine *e);
void engine_keep_revision(struct batch *b, const struct flow *f); /* its source is stored with this batch, if it is not yet */
int64_t engine_age(const struct engine *e, int64_t since, int64_t now); /* without the wall clock's jumps */
enum result engine_backup(struct engine *e, const char *path, struct slice *why, struct arena *a);

/* people.c: finding and changing rows of the batch */
struct person *person_of(struct batch *b, struct turn *t);         /* makes a new contact if there is none */
struct person *person_by_id(struct batch *b, int64_t contact);     /* loads late if needed; null: unknown */
struct case_row *case_by_number(struct batch *b, struct slice number);
bool person_session(struct batch *b, struct person *p);            /* unpacks; true if one is open */
void person_changed(struct batch *b, struct person *p);            /* the contact row */
void case_changed(struct batch *b, struct case_row *c);
void survey_changed(struct batch *b, struct survey *s);
void outbox_changed(struct batch *b, struct outbox_row *r);
void session_save(struct batch *b, struct person *p, int64_t due_at); /* packs, or removes when ended */
void timer_set(struct batch *b, int64_t contact, enum timer_kind kind, struct slice ref, int64_t due_at); /* 0: removes */
struct slice keep(struct batch *b, struct slice s);                /* a copy in the batch's arena */
void context_fill(struct batch *b, const struct person *p, const struct account *acc, struct context *c);
void context_case(struct batch *b, struct context *c, const struct case_row *row); /* {case} {status} {due} … */
void context_put(struct batch *b, struct context *c, const char *name, struct slice value); /* {name} in texts */
struct slice context_day(struct batch *b, const struct context *c, int64_t at); /* a date as the citizen's language writes it */
const struct account *account_of(struct batch *b, const struct person *p);
struct media_row *media_by_id(struct batch *b, int64_t id);        /* null: unknown */
void media_changed(struct batch *b, struct media_row *m);
void code_set(struct batch *b, struct case_row *row, struct slice code);

/* outbound.c: words to citizens */
void say(struct batch *b, struct turn *t, struct person *p, struct slice text, enum lane lane, struct slice case_number);
void say_reply(struct batch *b, struct turn *t, struct person *p, const struct reply *r, enum lane lane,
	       struct slice case_number);
void say_key(struct batch *b, struct turn *t, struct person *p, const char *key, const struct context *c, enum lane lane,
	     struct slice case_number);
void hand_over(struct batch *b, struct turn *t, struct person *p, struct slice reason, struct slice text,
	       struct slice case_number, bool urgent);

/* inbound.c: the order in which a text is understood */
void inbound_take(struct batch *b, struct turn *t);
void take_step(struct batch *b, struct turn *t, struct person *p, const struct step *s, int64_t due_at);
void alert_person(struct batch *b, struct turn *t, struct person *p, struct slice what);

/* acts.c: what a finished conversation does; what staff do */
void acts_do(struct batch *b, struct turn *t, struct person *p, const struct step *s);
void case_notice(struct batch *b, struct turn *t, struct person *p, struct case_row *c, struct slice notice,
		 const struct case_args *args, struct slice code);
void case_tell_status(struct batch *b, struct turn *t, struct person *p, struct case_row *c);
void case_event_add(struct batch *b, const struct case_row *c, int64_t event, struct slice actor, struct slice verb,
		    const struct case_args *args);
void staff_take(struct batch *b, struct turn *t);

/* surveys.c */
void survey_open(struct batch *b, struct turn *t, struct person *p, struct case_row *c);
bool survey_take(struct batch *b, struct turn *t, struct person *p, const struct message *m);
void survey_due(struct batch *b, struct turn *t, struct person *p, struct slice number);

/* sends.c: receipts, results of our sends, web chat views, media */
void receipt_take(struct batch *b, struct turn *t);
void sent_take(struct batch *b, struct turn *t);
void seen_take(struct batch *b, struct turn *t);
void media_take(struct batch *b, struct turn *t);

#endif

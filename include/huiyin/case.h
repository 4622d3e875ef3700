/*
 * The case process: numbers, states, the notices they owe, the rating. Pure: case, verb, now → changes and notices.
 * States and messages owed: domain.md 2.12, after 信访工作条例 (2022) arts. 22-23, 31-36. The tables are data in
 * prompts/notices.yaml (texts) and gateway/process/states.def (moves), so that they can grow into process.yaml.
 */
#ifndef HUIYIN_CASE_H
#define HUIYIN_CASE_H

#include "huiyin/clock.h"
#include "huiyin/result.h"
#include "huiyin/secret.h"

/* Public status words, domain.md 2.12. */
enum case_status {
	CASE_DRAFT, CASE_REGISTERED, CASE_TRANSFERRED, CASE_ASSIGNED, CASE_ACCEPTED, CASE_NOT_ACCEPTED,
	CASE_NO_LONGER_ACCEPTED, CASE_REFERRED, CASE_MORE_INFORMATION, CASE_EXTENDED, CASE_ANSWERED, CASE_CLOSED,
	CASE_REVIEW, CASE_RE_REVIEW, CASE_CONCLUDED, CASE_RECTIFYING, CASE_WITHDRAWN,
	CASE_STATUSES,
};
const char *case_status_name(enum case_status s); /* "not_accepted" */
bool case_status_find(struct slice name, enum case_status *out);
bool case_status_open(enum case_status s); /* the citizen still waits for something */

#define CASE_NUMBER_MAX 20
/* "261121-0042-7": date, sequence of the day (4 to 6 digits), check digit (Damm): one wrong or two swapped digits never
   pass. */
struct slice case_number_make(struct arena *a, int64_t now, const struct zone *z, int64_t sequence);
/* Accepts with and without dashes and spaces, full width; gives the canonical form. */
bool case_number_read(struct arena *a, struct slice text, struct slice *canonical);
/* Up to `max` case numbers found anywhere in a text. */
size_t case_number_find(struct arena *a, struct slice text, struct slice *out, size_t max);
/* Ten digits from ten random ones; printed in two groups of five. */
struct slice case_code_make(struct arena *a, uint64_t random);

struct case_row {
	struct slice number;
	int64_t contact;
	struct slice channel;       /* account it came by and is answered on */
	struct slice lang;
	enum case_status status;
	struct slice purpose;       /* suggestion, accusation, demand */
	bool confidential;
	struct slice flow, category, place, unit, window;
	struct slice text;          /* the story */
	struct slice fields;        /* JSON object: every answer, value and original */
	struct hash16 code;       /* keyed hash of the query code */
	struct slice handler, route, reason, result; /* what staff entered last; shown in notices and status */
	int64_t created_at, updated_at, due_at; /* due_at: the running clock's end, 0 none */
	struct slice clock;         /* which clock: sort, receive, handle, review; empty none */
	int64_t version;            /* counts changes; the store refuses to overwrite a newer one */
	bool muted;                 /* "STOP <number>": surveys on this case are off; notices go on */
	int rating;                 /* 0 none, 1 satisfied, 2 basically, 3 dissatisfied */
	bool fresh, changed;        /* working marks of the batch */
};

struct case_move {
	enum result result;      /* OK, or INVALID with why */
	struct slice why;        /* what is wrong and how to mend it */
	struct slice notice;     /* key in notices.yaml: "accepted"; empty: nothing is owed */
	bool survey;             /* start a rating survey */
};
/* One staff or citizen verb on a case. Args: reason, basis, body, route, procedure, unit, handler, due, result,
   document, message. Verbs are those of `case_verbs`; `note` and `message` change no state. */
struct case_args { size_t n; struct { struct slice name, value; } list[16]; };
struct slice case_arg(const struct case_args *args, const char *name);
struct case_move case_apply(struct case_row *row, struct slice verb, const struct case_args *args, int64_t now,
			    const struct zone *z, struct arena *a);
struct case_verb { const char *verb; enum case_status to; const char *help; const char *required; /* comma list */ };
extern const struct case_verb case_verbs[]; /* ends with a null verb */

/* ---- the rating survey (domain.md 2.8) -------------------------------------------------------------------------- */
enum survey_state { SURVEY_ASKED, SURVEY_REASON, SURVEY_RATED, SURVEY_SILENT };
struct survey {
	struct slice number; /* of the case */
	int64_t contact;
	enum survey_state state;
	int rating;          /* 0 until rated */
	struct slice comment;
	int tries;
	int64_t asked_at, until_at;
	bool reminded;
	bool fresh, changed;
};
struct survey_rules { int64_t remind_ms, window_ms; int change_limit; };
struct survey_step { struct slice text_key; bool buttons; int64_t due_at; bool taken; };
void survey_begin(struct survey *s, const struct case_row *c, const struct survey_rules *r, int64_t now,
		  struct survey_step *out);
/* `rating`: 0 when the text is none; `skip`: a no-comment answer. taken=false: the text is not for the survey. */
void survey_answer(struct survey *s, int rating, bool skip, struct slice text, const struct survey_rules *r,
		   int64_t now, struct survey_step *out);
void survey_timer(struct survey *s, const struct survey_rules *r, int64_t now, struct survey_step *out);

#endif

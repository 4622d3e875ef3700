/*
 * The conversation: a set of compiled flows, one person's session in one of them, and the pure step that takes an answer.
 * No I/O but in flow_set_load; no clock; no globals. A flow set is immutable and may be used by many threads, each with
 * its own matcher. The language is described in docs/flows.md.
 */
#ifndef HUIYIN_FLOW_H
#define HUIYIN_FLOW_H

#include "huiyin/clock.h"
#include "huiyin/diag.h"
#include "huiyin/message.h"
#include "huiyin/result.h"
#include "huiyin/secret.h"

struct flow_set; /* every flow, the words, the notices */
struct flow;     /* one flow at one revision */
struct matcher;  /* scratch for matching: one a thread */

struct matcher *matcher_open(void);
void matcher_close(struct matcher **m);
/* Matches cut off by a limit since the matcher was opened (they count as "not understood"). */
uint64_t matcher_limited(const struct matcher *m);

/* Loads every *.yaml in `dir`. Null if there is any error; warnings alone load. The set owns its memory. */
struct flow_set *flow_set_load(const char *dir, struct diags *d);
/* The same from memory (tests, pinned revisions): parallel arrays of file name and text. */
struct flow_set *flow_set_parse(const struct slice *names, const struct slice *texts, size_t n, struct diags *d);
struct flow_set *flow_set_hold(struct flow_set *s);  /* reference counts; thread-safe */
void flow_set_release(struct flow_set **s);

const struct flow *flow_find(const struct flow_set *s, struct slice name);
size_t flow_count(const struct flow_set *s);
const struct flow *flow_at(const struct flow_set *s, size_t i);
struct slice flow_name(const struct flow *f);
struct slice flow_revision(const struct flow *f); /* 16 hex digits of the content hash */
struct slice flow_source(const struct flow *f);   /* canonical text, includes resolved: what the store keeps */
/* Compiles a stored revision on its own (a session that began before a reload). Null if it no longer loads. */
struct flow *flow_revive(const struct flow_set *words, struct slice name, struct slice source, struct diags *d);
void flow_free(struct flow **f); /* only for revived flows */
struct slice flow_language_default(const struct flow_set *s);

/* ---- understanding a text outside any question ------------------------------------------------------------- */

enum word_kind {
	WORD_NONE, WORD_OPT_OUT, WORD_OPT_IN, WORD_URGENT, WORD_HELP, WORD_GREET, WORD_THANKS, WORD_STATUS, WORD_PERSON,
	WORD_LANGUAGE, WORD_PRIVACY, WORD_BACK, WORD_SKIP, WORD_RESTART, WORD_CANCEL,
};
struct word {
	enum word_kind kind;
	struct slice name;  /* "help", "opt_out", "urgent.fire" */
	struct slice lang;  /* WORD_LANGUAGE: the language asked for, or empty (offer the choice) */
	struct slice topic; /* opt_out with a case number in it mutes that case only; else empty */
};
/* Opt-out first, then urgent, then the global words. */
struct word flow_word(const struct flow_set *s, struct matcher *m, struct arena *a, struct slice text);
/* The text a word answers with, rendered; empty when it has none. */
struct context;
struct slice flow_word_text(const struct flow_set *s, struct arena *a, struct slice word, const struct context *c);
/* Any other text: "text.flood" (texts: of words.yaml), "notice.accepted", "survey.ask", "status.accepted" (notices:,
   survey:, status: of notices.yaml); empty when absent. A notice's `confidential` variant is taken when the context has
   an extra field confidential=yes. Placeholders come from the context, its `extra` fields included. */
struct slice flow_text(const struct flow_set *s, struct arena *a, struct slice key, const struct context *c);
/* Which flow a first message begins: an explicit start, or (fallback) the one with `otherwise`. Null: none. */
const struct flow *flow_start_match(const struct flow_set *s, struct matcher *m, struct arena *a,
				    const struct message *msg, const struct context *c, bool allow_otherwise);
/* Language guess of a text by script ("zh", "en"); empty when it says nothing (digits, emoji). */
struct slice flow_guess_language(struct slice text);
/* Reads `text` as a ready type ("date", "rating", …); JSON text of the value in *json; false: not understood. */
bool flow_read_type(struct matcher *m, struct arena *a, struct slice type, struct slice text, struct slice lang,
		    int64_t now, const struct zone *z, struct slice *value, struct slice *json);

/* ---- a session ---------------------------------------------------------------------------------------------- */

/* Facts around a turn: the fields that are always there for `when` and placeholders, and what `file` may consume. */
struct case_brief { struct slice number, label, status; };
struct context {
	struct slice channel, lang, window, unit; /* unit: of the window, or the office */
	bool sms, buttons;        /* abilities of the channel */
	bool open;                /* {hours}: "open" or "closed" */
	int64_t now;
	const struct zone *zone;
	const struct case_brief *cases; /* this contact's open cases, newest first */
	size_t n_cases;
	struct slice next_number, next_code; /* candidates that a filing consumes */
	struct slice case_number; /* {case} when a case is already known */
	const struct field *extra; size_t n_extra; /* further placeholders: name → value (notices, office, phone) */
};

#define SESSION_MAX_ANSWERS 48
#define SESSION_MAX_MEDIA 30
struct session_answer {
	struct slice question, field; /* which question gave it; field name (a named group may fill several) */
	struct slice value;    /* canonical: "wages", "2026-11-13" */
	struct slice label;    /* as read back to the citizen */
	struct slice original; /* what was written */
};
struct session {
	int64_t contact;
	struct slice flow, revision;
	struct slice question;    /* the open one; empty: none */
	struct slice changing;    /* question being asked again from the read-back; empty: none */
	bool confirming;
	int tries;
	struct session_answer answers[SESSION_MAX_ANSWERS];
	size_t n_answers;
	struct slice collected;   /* text gathered so far by an open `collect` */
	struct slice media[SESSION_MAX_MEDIA]; /* media ids as text */
	size_t n_media;
	struct slice window;      /* scene the session began with */
	struct slice draft_case;  /* number, once a draft was filed from it; empty: none */
	int64_t begun_at, asked_at, touched_at;
	bool reminded;
	bool ended;
};
/* Compact text form for the store, and back. session_unpack: false on damage (the caller ends the session). */
struct slice session_pack(const struct session *s, struct arena *a);
bool session_unpack(struct slice packed, struct arena *a, struct session *out);

/* ---- a step ------------------------------------------------------------------------------------------------- */

struct reply { struct slice text; struct button buttons[MESSAGE_MAX_BUTTONS]; size_t n_buttons; };

enum action {
	ACT_NONE,
	ACT_FILE,     /* register a case: purpose, category, place, fields; consumes next_number and next_code */
	ACT_DRAFT,    /* file what there is as a draft; the session stays open */
	ACT_ADD,      /* add text and media to case_number */
	ACT_WITHDRAW, /* the citizen withdraws case_number */
	ACT_STATUS,   /* tell the state of case_number (code in `code` if it is not this contact's) */
	ACT_RATE,     /* a service window was rated: window, value, comment */
	ACT_PERSON,   /* a person must take over: reason */
};
struct act {
	enum action what;
	struct slice purpose, category, place, text; /* text: the story, the addition, the reason or the comment */
	struct slice case_number, code, value, window, reason;
	bool confidential; /* accusation: the unit never sees who, the texts never name the subject */
};
#define STEP_MAX_REPLIES 6
#define STEP_MAX_ACTS 3
struct step {
	struct reply replies[STEP_MAX_REPLIES];
	size_t n_replies;
	struct act acts[STEP_MAX_ACTS];
	size_t n_acts;
	bool understood;     /* false: the answer was refused (tries was counted) */
	bool limited;        /* a pattern hit a limit */
	bool passed;         /* the open question does not want this text: try case numbers, starts, otherwise */
	int64_t due_at;      /* when flow_timer wants to be called next; 0: never */
};
/* Begins a flow: zeroes *out, asks the first question. `msg` may already answer it (a free sentence on start). */
void flow_begin(const struct flow *f, struct matcher *m, struct arena *a, const struct message *msg,
		const struct context *c, struct session *s, struct step *out);
/* The open question takes an answer. */
void flow_answer(const struct flow *f, struct matcher *m, struct arena *a, const struct message *msg,
		 const struct context *c, struct session *s, struct step *out);
/* back, skip, restart, cancel, and "ask again" (WORD_NONE) after another room has answered in between. */
void flow_control(const struct flow *f, struct matcher *m, struct arena *a, enum word_kind word,
		  const struct context *c, struct session *s, struct step *out);
/* A timer fell due: remind once, file a draft, expire. Called early it only sets due_at. */
void flow_timer(const struct flow *f, struct matcher *m, struct arena *a, const struct context *c, struct session *s,
		struct step *out);

/* ---- for the commands ------------------------------------------------------------------------------------------ */
struct flow_price { int64_t per_segment_micro; struct slice currency; };
/* Lints the whole set, attacks every pattern; adds to d. */
void flow_check(const struct flow_set *s, const struct flow_price *price, struct diags *d, struct buf *report);
void flow_graph(const struct flow *f, bool dot, struct slice lang, struct buf *out); /* Mermaid unless dot */
/* `huiyin match WHAT`: one answer → one JSON value ("null" when not understood). INVALID: WHAT is unknown. */
enum result flow_match(const struct flow_set *s, struct matcher *m, struct arena *a, struct slice what,
		       struct slice text, const struct context *c, struct slice *json);
/* `huiyin replay`: recorded answers (`what` as for flow_match) that two sets understand differently, one a line in
   `report`. Returns how many. `c` gives what a record does not: lang, now, zone, cases. */
struct flow_record { struct slice what, text, lang; int64_t now; };
size_t flow_replay(const struct flow_set *before, const struct flow_set *after, struct matcher *m,
		   const struct flow_record *records, size_t n, const struct context *c, struct buf *report);
#endif

/*
 * Compiled flows as the files of this room see them. Everything hangs on one `home` (an arena and the patterns made for
 * it) and is immutable once loaded; the YAML trees are kept, so that a late complaint still has its line.
 */
#ifndef HUIYIN_FLOW_INTERNAL_H
#define HUIYIN_FLOW_INTERNAL_H

#include <stdatomic.h>

#include "flow/fold.h"
#include "flow/match.h"
#include "flow/sieve.h"
#include "flow/types.h"
#include "huiyin/flow.h"
#include "huiyin/form.h"
#include "huiyin/yaml.h"

#define FLOW_LANGUAGES_MAX    6
#define FLOW_QUESTIONS_MAX    40
#define FLOW_CHOICES_MAX      40
#define FLOW_FIELDS_MAX       44 /* answers one session may hold, less opening, location and the like */
#define FLOW_TEXT_MAX_BYTES   ((size_t)16 << 10)
#define FLOW_SOURCE_MAX_BYTES ((size_t)2 << 20)
#define FLOW_EXPIRE_MS        ((int64_t)7 * 24 * 3600 * 1000) /* where `idle` says nothing */
#define SUMMARY_VALUE_POINTS  40                              /* a long answer is cut in the read-back */

/* ---- texts ---- */
/* Words, a field to put in, or (skip > 0) a test: the next `skip` pieces are said only where `field` is not empty. */
struct piece {
	struct slice literal, field;
	size_t skip;
};
struct wording {
	struct slice source;
	struct piece *pieces;
	size_t n;
	const struct yaml *at;
};
struct variant {
	struct slice channel;
	struct wording *by_lang;
};
struct text {
	struct wording *by_lang; /* null: there is no such text */
	struct variant *variants;
	size_t n_variants;
	struct slice long_reason; /* texts and notices: why it may have more than two parts as SMS */
	const struct yaml *at;
};
struct languages {
	struct slice list[FLOW_LANGUAGES_MAX];
	size_t n;
};
struct named_text {
	struct slice key;
	struct text text;
};
struct text_group {
	struct slice name;
	struct named_text *list;
	size_t n;
};

/* ---- patterns ---- */
struct regex {
	struct pattern *p;
	struct sieve sieve;
	const struct yaml *at;
	struct slice lang;
};
struct regexes {
	struct regex *list;
	size_t n;
	struct scent *all; /* what any of them needs; null: one must always be run */
};
struct owned {
	struct pattern *p;
	struct owned *next;
};
struct home {
	struct arena *arena;
	struct owned *patterns;
};

/* ---- questions ---- */
struct condition {
	struct slice field;
	struct regex regex;
	bool negated;
	const struct yaml *at;
};
struct conditions {
	struct condition *list;
	size_t n;
};
/* How surely words speak for a choice: they say who did what to whom, they settle it, they name it, they are only the
 * scene. */
enum level { LEVEL_DECIDES, LEVEL_SURE, LEVEL_MATCH, LEVEL_HINT };
#define LEVELS 4
struct choice {
	struct slice key;
	struct regexes words[LEVELS], unless;
	struct text label;
	struct slice *folded; /* exact_form of the label, by language */
	const struct yaml *at;
};
enum question_kind { ASK_NOTHING, ASK_CHOICES, ASK_MATCH, ASK_TYPE, ASK_CASE, ASK_COLLECT, ASK_CONFIRM, ASK_TELL };
enum otherwise { ELSE_NONE, ELSE_PERSON, ELSE_SKIP, ELSE_END, ELSE_ACCEPT, ELSE_CHOICE };
struct sample {
	struct slice text, lang;
	const struct yaml *at;
};
struct samples {
	struct sample *list;
	size_t n;
};
struct question {
	struct slice name;
	enum question_kind kind;
	struct text say, sorry, title;
	struct choice *choices;
	size_t n_choices;
	struct regexes ignore, unless;    /* ASK_CHOICES: words not to choose by; texts that are no answer */
	const struct choice *else_choice; /* ELSE_CHOICE */
	struct regexes match;
	struct slice type;               /* ASK_TYPE */
	struct regexes until;            /* ASK_COLLECT */
	size_t collect_min, collect_max; /* characters */
	size_t media;                    /* photos welcome, at most */
	bool location, optional;
	struct conditions when;
	int tries; /* 0: as often as one likes */
	enum otherwise otherwise;
	struct samples accept, reject;
	struct slice long_reason;
	const struct yaml *at; /* the question's name in the file */
};

/* ---- flows ---- */
/* A sign: something that a first message gives away ("speaks of a case of his own", "is a question"), under a name. */
struct sign {
	struct slice name;
	struct regexes match, unless;
	const struct yaml *at;
};
#define SIGNS_MAX 120
/* One word of `signs: a|b !c`: one of these signs is there; or, negated, none of them. */
struct sign_term {
	uint8_t *list;
	size_t n;
	bool negated;
};
enum start_kind { START_MATCH, START_SCAN, START_HINT, START_ANSWERS, START_OTHERWISE, START_SIGNS };
#define STRENGTH_MAX      99
#define STRENGTH_EXPLICIT 30 /* from here on a message says so itself; below, it is only what is best made of it */
struct start {
	enum start_kind kind;
	int strength;
	struct sign_term *terms;
	size_t n_terms;
	struct regexes match, unless;
	struct slice answers; /* START_ANSWERS: the question with choices that must know the text */
	const struct question *question;
	struct conditions when;
	const struct yaml *at;
};
#define FLOW_ENDINGS_MAX STEP_MAX_ACTS
struct ending {
	enum action what;
	struct conditions when;
	struct text say;
	struct wording purpose, category, place, text, case_number, code, value, window, reason;
	bool confidential;
	const struct yaml *at;
};
struct flow {
	struct slice name, revision, source;
	struct languages languages;
	struct text about, say;
	struct start *starts;
	size_t n_starts;
	struct question *questions;
	size_t n_questions;
	int64_t remind_ms, draft_ms, expire_ms; /* 0: never */
	struct ending endings[FLOW_ENDINGS_MAX];
	size_t n_endings;
	struct conditions say_when;
	const struct flow_set *set; /* words and texts */
	const struct yaml *at;
	struct home *home;     /* a revived flow's own; null: the set's */
	struct flow_set *held; /* a revived flow keeps its words alive */
};

/* ---- words ---- */
#define EXACT_BITS 1024
size_t word_bit(struct slice form); /* words.c: below EXACT_BITS */
struct word_rule {
	struct slice name; /* "help", "urgent.fire" */
	enum word_kind kind;
	struct slice *exact;
	size_t n_exact;                       /* exact_form of each */
	uint64_t exact_bits[EXACT_BITS / 64]; /* a small sieve before them: word_bit of each */
	struct regexes match, unless, sure;   /* sure: wins over unless */
	struct regexes now, past;             /* now: counts whatever unless says, but not beside past */
	struct regexes core, alone;           /* in what core.h leaves of a text; in one that is nothing but politeness */
	struct {
		struct slice lang;
		struct regexes match;
	} to[FLOW_LANGUAGES_MAX];
	size_t n_to;
	struct text say;
	const struct yaml *at;
};
#define PHRASE_BUCKETS 256
struct phrases {
	struct slice *list;
	size_t n;
	/* places in `list` by phrase_bucket: those of bucket b are from[b] … from[b + 1] - 1 */
	uint16_t *front, *back, front_from[PHRASE_BUCKETS + 1], back_from[PHRASE_BUCKETS + 1];
};
/* By the two bytes at one end: what a phrase begins, or ends, with. Texts of one byte have bucket 0 of that byte. */
size_t phrase_bucket(struct slice s, bool front);
void phrases_index(struct arena *a, struct phrases *p);
/* What may be taken off a text before a global word is looked for in it: see core.h. */
struct core_rules {
	struct phrases before, after, spelling;
	struct regexes beside;
};
struct flow_set {
	atomic_int refs;
	uint64_t serial; /* no two sets of a process have the same */
	struct home home;
	struct core_rules core;
	struct languages languages; /* of words.yaml; the first is the default */
	struct flow **flows;
	size_t n_flows;
	struct sign *signs;
	size_t n_signs;
	struct start *nothing; /* what a message is that begins no flow */
	size_t n_nothing;
	struct word_rule *words;
	size_t n_words; /* in the order in which they are tried */
	struct text emergency;
	struct text_group groups[4];
	size_t n_groups;
	struct text_group confidential; /* notices for accusations: never name the subject */
	struct regexes change;          /* "改2", "change 2", with the group `n` */
	const struct yaml *words_at;
};

/* ---- reading files (load.c, load_flow.c, load_question.c, load_words.c, build.c) ---- */
struct prompt_file {
	struct slice name;
	struct yaml *root;
	bool open, used; /* open: being included; a circle if met again */
};
struct let {
	struct slice name, pattern;
};
struct loader {
	struct home *home;
	struct arena *arena; /* = home->arena */
	struct diags *diags;
	struct prompt_file *files;
	size_t n_files;
	struct languages languages; /* of the file being read */
	struct flow_set *set;
	int parts_open; /* includes within includes */
	struct let *lets; /* named pieces of patterns of the file being read */
	size_t n_lets;
};
void load_flow(struct loader *l, const struct yaml *root, struct flow *f);
void load_questions(struct loader *l, const struct yaml *ask, struct flow *f);
void load_signs(struct loader *l, const struct yaml *root);
void load_starts(struct loader *l, const struct yaml *y, struct flow *f);
void resolve_starts(struct loader *l, struct flow *f);
void load_words(struct loader *l, const struct yaml *root);
void load_notices(struct loader *l, const struct yaml *root);
const struct yaml *load_part(struct loader *l, const struct yaml *at, struct slice name, struct prompt_file **file);
bool load_change_default(struct loader *l);
void flow_fields_check(struct loader *l, const struct flow *f);
/* Whether questions before the one at `end` fill the field. */
bool flow_field_filled(const struct flow *f, struct slice field, size_t end);

/* build.c: the small parts every file is made of. `at` is never null. */
void complain(struct loader *l, const struct yaml *at, const char *mend, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void warn(struct loader *l, const struct yaml *at, const char *mend, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
bool want_map(struct loader *l, const struct yaml *y, const char *what);
bool want_list(struct loader *l, const struct yaml *y, const char *what);
bool want_scalar(struct loader *l, const struct yaml *y, const char *what);
bool build_languages(struct loader *l, const struct yaml *root);
/* `also`: keys besides languages and channels that the caller reads itself (null-terminated; may be null). */
bool build_text(struct loader *l, const struct yaml *y, const char *what, const char *const *also, struct text *out);
bool build_template(struct loader *l, const struct yaml *y, struct wording *out);
void build_regexes(struct loader *l, const struct yaml *y, const char *what, struct regexes *out);
/* `let: {NAME: PATTERN}`: pieces that the patterns of this file may use as {NAME}. Replaces those of the file before. */
void build_lets(struct loader *l, const struct yaml *root);
struct slice with_lets(struct loader *l, const struct yaml *y, struct slice pattern); /* null data: complained */
void regexes_gather(struct loader *l, struct regexes *out); /* the one look for the whole list */
bool build_regex(struct loader *l, const struct yaml *y, struct slice lang, struct regex *out);
void build_conditions(struct loader *l, const struct yaml *when, bool negated, struct conditions *io);
bool is_name(struct slice s); /* lower case letters, digits and _, a letter first, at most 40 */
bool is_universal(struct slice field);
int language_index(const struct languages *l, struct slice lang); /* -1: not among them */
void home_close(struct home *h);
struct slice canonical_flow(struct arena *a, const struct yaml *root, struct loader *l);

/* ---- text.c ---- */
/* Whom and what a text speaks of. */
struct voice {
	const struct flow *flow;
	const struct session *session;
	const struct context *c;
	struct arena *arena;
	const struct field *extra;
	size_t n_extra;
	bool values; /* {field}: the value, not the label */
};
struct slice render(const struct voice *v, const struct wording *t);
struct slice render_text(const struct voice *v, const struct languages *l, const struct text *t); /* empty: absent */
const struct wording *text_pick(const struct languages *l, const struct text *t, const struct context *c);
struct slice say_text(const struct voice *v, const char *key);      /* a text of words.yaml */
struct slice field_value(const struct voice *v, struct slice name); /* for `when` and placeholders */
bool conditions_hold(const struct voice *v, struct matcher *m, const struct conditions *when);
const struct text *set_text(const struct flow_set *s, const char *group, struct slice key);
struct slice category_label(const struct flow_set *s, struct slice category, const struct context *c, struct arena *a);
struct slice summary_of(const struct voice *v);
size_t summary_lines(const struct flow *f, const struct session *s, const struct question **out, size_t max);

/* ---- a turn (step.c, ask.c, answer.c, finish.c) ---- */
struct turn {
	const struct flow *f;
	struct matcher *m;
	struct arena *a;
	const struct message *msg;
	const struct context *c;
	struct session *s;
	struct step *out;
	struct slice before; /* said at the head of the next text */
};
/* What reading an answer came to. */
struct given {
	struct slice field, value, label, original, json;
};
#define GIVEN_MAX PATTERN_MAX_GROUPS
struct reading {
	size_t n;
	struct given list[GIVEN_MAX];
	bool limited;
};
/* step.c */
struct turn turn_of(const struct flow *f, struct matcher *m, struct arena *a, const struct message *msg,
		    const struct context *c, struct session *s, struct step *out);
void turn_advance(struct turn *t); /* asks what is to be asked next, or finishes */
void turn_keep_location(struct turn *t);
void turn_end(struct turn *t); /* says what is left, and when to come back */
/* ask.c */
struct voice turn_voice(const struct turn *t);
void turn_say(struct turn *t, struct slice text);
struct slice turn_text(const struct turn *t, const char *key); /* a text of words.yaml, or empty */
void turn_ask(struct turn *t, const struct question *q);       /* its text, choices and buttons */
void turn_sorry(struct turn *t, const struct question *q);
void add_buttons(const struct turn *t, const struct question *q, struct reply *r);
struct slice case_list(const struct turn *t);
/* Reads one whole answer to a question (not collect, confirm, case, tell). Pure in its arguments. */
bool question_read(const struct question *q, const struct languages *l, struct matcher *m, struct arena *a,
		   const struct message *msg, const struct context *c, struct reading *out);
/* choose.c: the choice that the words of a text speak for; null: none. Without `hints` neither the scene nor the choice of
 * `else` does. */
const struct choice *choose(const struct question *q, struct matcher *m, struct slice folded, bool hints,
			    bool *limited);
enum answered { ANSWERED_NO, ANSWERED_YES, ANSWERED_WAIT /* said what was to be said; stays open */ };
enum answered answer_confirm(struct turn *t, const struct question *q);
enum answered answer_case(struct turn *t, const struct question *q);
enum answered answer_collect(struct turn *t, const struct question *q);
bool collect_finish(struct turn *t, const struct question *q); /* false: too little was said */
bool case_answers_itself(struct turn *t, const struct question *q);
void turn_open(struct turn *t, const struct question *q); /* makes it the open question and asks it */
void turn_finish(struct turn *t);
void turn_give_up(struct turn *t, const struct question *q);        /* a person takes over */
bool turn_draft(struct turn *t);                                    /* false: there is nothing to keep */
void turn_word(struct turn *t, const char *text, const char *word); /* said before the next question */

/* session.c */
struct session_answer *session_find(struct session *s, struct slice field);
const struct session_answer *session_get(const struct session *s, struct slice field);
bool session_has(const struct session *s, struct slice question);
void session_drop(struct session *s, struct slice question);
bool session_put(struct session *s, struct session_answer a); /* false: full */

const struct question *question_find(const struct flow *f, struct slice name);

/* start.c */
/* Only what says so by its own pattern; also what a question's words or an `otherwise` with a pattern know; or
 * anything. */
enum start_reach { REACH_EXPLICIT, REACH_KNOWN, REACH_ALL };
const struct flow *start_find(const struct flow_set *s, struct matcher *m, struct arena *a, const struct message *msg,
			      const struct context *c, enum start_reach reach);
size_t start_weight(const struct flow *f, struct matcher *m, struct arena *a, struct slice text, bool *matched);

/* ask.c: a question as it is said, choices included; for check */
struct slice turn_words(const struct turn *t, const struct question *q, const struct text *text, bool list_too);

/* check.c and its helpers */
struct check {
	const struct flow_set *s;
	struct matcher *m;
	struct arena *a;
	struct diags *d;
	struct buf *report;
	const struct flow_price *price;
	struct zone *zone;
	size_t n_patterns, n_texts;
};
#define CHECK_NOW_MS ((int64_t)1795000000000) /* samples are read on a day in November 2026 */
void check_note(struct check *c, enum severity severity, const struct yaml *at, const char *mend, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
void check_texts(struct check *c);                                                   /* check_text.c: parts and price */
void check_attacks(struct check *c);                                                 /* attack.c */
void check_choices(struct check *c, const struct flow *f, const struct question *q); /* check_choice.c */
/* specimen.c: texts that a pattern matches, one for each of its branches, made from its source. */
size_t specimens_of(const struct regex *r, struct matcher *m, struct arena *a, struct slice *out, size_t max);

/* words.c */
struct slice exact_form(struct arena *a, struct slice text);
bool is_exactly(const struct word_rule *w, struct slice form, size_t bit);
bool regexes_match(const struct regexes *r, struct matcher *m, const struct scent *scent, struct slice folded,
		   struct match *out, bool *limited);
/* How much a text says: a Chinese character or a word of letters counts one. */
size_t text_weight(struct slice s);
bool text_is_digits(struct slice s); /* nothing but digits, in any dress that folding undoes */

#endif

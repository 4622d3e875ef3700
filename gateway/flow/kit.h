/*
 * The ready types from inside: one file a family of types, each with a table of regular expressions that a matcher
 * compiles when it is opened (so that no compiled pattern is a global). Not for other rooms.
 */
#ifndef HUIYIN_FLOW_KIT_H
#define HUIYIN_FLOW_KIT_H

#include "flow/lexicon.h"
#include "flow/match.h"
#include "flow/types.h"

/* One row of a table. What `means` is, its own file knows; a row whose every alternative needs a Chinese character (or
   a Latin letter) may say so with a mark, and is then not tried on texts without one. */
struct rule {
	const char *regex;
	int means;
};
#define ONLY_HAN         0x10000
#define ONLY_LATIN       0x20000
#define RULE_MEANS(rule) ((rule).means & 0xFFFF)

enum kit_table {
	KIT_DATE_NOISE,
	KIT_DATE_VAGUE,
	KIT_FESTIVAL,
	KIT_DATE,
	KIT_DATE_WEEKDAY,
	KIT_NUMBER_VAGUE,
	KIT_NUMBER_NOISE,
	KIT_RATING,
	KIT_PLACE,
	KIT_TABLES
};
extern const struct rule date_noise_rules[], date_vague_rules[], festival_rules[], date_rules[], date_weekday_rules[],
	number_vague_rules[], number_noise_rules[], rating_rules[],
	place_rules[]; /* each ends with a null regex */

enum kit_lexicon { KIT_WORDS_YES_NO, KIT_WORDS_RATING, KIT_LEXICONS };
extern const struct words yes_no_words[], yes_no_words_en[], rating_words[],
	rating_words_en[]; /* each ends with a null list */

struct kit;
struct kit *kit_open(void); /* panics on a pattern that does not compile: a bug of ours */
void kit_close(struct kit **k);
struct kit *matcher_kit(const struct matcher *m);
/* Before the texts of another answer: what was noted of the last ones counts no more. */
void kit_forget(struct matcher *m);
/* Does row i of the table match? `out` may be null. */
bool kit_match(struct matcher *m, enum kit_table table, size_t i, struct slice text, struct match *out);
/* The first row from *i on that matches: true, *i is its index. */
bool kit_first(struct matcher *m, enum kit_table table, size_t *i, struct slice text, struct match *out);
const struct lexicon *kit_lexicon(const struct matcher *m, enum kit_lexicon which);
struct slice match_group(const struct match *m, const char *name); /* empty when it took no part */

/* What a reader of one type works with. */
struct reading {
	struct matcher *m;
	struct arena *a;
	struct slice original; /* its first characters, as many as are read */
	struct slice folded;   /* fold_text */
	struct slice text;     /* that, ASCII in lower case, no spaces beside Chinese characters */
	struct slice lang;
	int64_t now;
	const struct zone *zone;
};
bool reading_zh(const struct reading *r);
bool read_date(const struct reading *r, struct typed *out);
bool read_number(const struct reading *r, struct typed *out);
bool read_phone(const struct reading *r, struct typed *out);
bool read_id_card(const struct reading *r, struct typed *out);
bool read_email(const struct reading *r, struct typed *out);
bool read_yes_no(const struct reading *r, struct typed *out);
bool read_rating(const struct reading *r, struct typed *out);
bool read_place(const struct reading *r, struct typed *out);
struct slice json_string(struct arena *a, struct slice text);
/* A copy of text in which the bytes of `part` (which lies in it) are spaces. */
struct slice blanked(struct arena *a, struct slice text, struct slice part);
bool is_cjk(int32_t point);

#endif

/*
 * A lexicon: words and what each says, one letter a word. A text is cut into its longest known words; rules then look
 * at the letters alone. Built when a matcher is opened; a list that cannot be read is a bug of ours and fatal.
 */
#ifndef HUIYIN_FLOW_LEXICON_H
#define HUIYIN_FLOW_LEXICON_H

#include "huiyin/text.h"

/*
 * Words apart by spaces; "_" is a space inside one; "(a|b|)" stands for each of its alternatives, so that
 * "(没|没有)(问题|毛病)" is four words. A row LEX_NAMES gives a name
 * to alternatives, "no 不|没", and "<no>要" then stands for two. A word of Chinese may stand anywhere, one of letters
 * only whole. In letters an apostrophe is not written ("dont", "its"), but for 'll and 're. The first list that has a
 * word is the one that counts. The words of a list that begins with "~" are also known with a slip of the pen, when no
 * other word fits.
 */
struct words {
	char says;
	const char *list; /* null: the end */
};

#define LEX_NAMES  '='
#define LEX_OTHER  'o' /* an unknown word, or an unknown Chinese character */
#define LEX_NUMBER '#'
#define LEX_COMMA  ',' /* any mark between clauses */
#define LEX_ASKS   '?'

struct token {
	char says;
	struct slice text;
};

struct lexicon;
struct lexicon *lexicon_open(const struct words *const *tables); /* a null table is the last */
void lexicon_close(struct lexicon **l);
/* `text` in lower case, as struct reading has it. How many tokens there are, at most max. */
size_t lexicon_read(const struct lexicon *l, struct slice text, struct token *out, size_t max);
size_t lexicon_size(const struct lexicon *l);

#endif

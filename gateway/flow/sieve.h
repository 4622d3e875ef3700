/*
 * Which patterns can match a text at all. A text is matched against hundreds of patterns (starts, words), nearly all in
 * vain; so each pattern gets, when it is compiled, the characters, or neighbours (two; of ASCII three or four, where the
 * edge of a word counts as one), that each of its branches needs: one of these, and one of those, and … Each text gets a
 * small set of those it holds. If no branch has what it needs, the pattern is not run. Pure.
 */
#ifndef HUIYIN_FLOW_SIEVE_H
#define HUIYIN_FLOW_SIEVE_H

#include "huiyin/text.h"

/* A branch: how many words it takes, then its needs: how many atoms, the atoms. n == 0: the pattern must always be run.
 */
struct sieve {
	uint16_t *words;
	size_t n;
	unsigned scripts; /* that a text must have */
};
enum { SCRIPT_HAN = 1, SCRIPT_LETTERS = 2, SCRIPT_NONE = 4 };
#define SCENT_WORDS 256 /* of 64 bits; a hash has 14 */
struct scent {
	uint64_t bits[SCENT_WORDS];
	unsigned scripts;
}; /* characters, neighbouring pairs and, of ASCII, triples, fours and how words begin and end; hashed */

/* `source`: folded. Errs only towards running the pattern. */
struct sieve sieve_of(struct arena *a, struct slice source);
void scent_of(struct slice folded, struct scent *out);
bool sieve_lets(const struct sieve *s, const struct scent *scent);
/* Of a whole list: adds to *all what the rarest need of each branch of s takes. False: s must always be run. */
bool sieve_gather(const struct sieve *s, struct scent *all);
bool scents_meet(const struct scent *a, const struct scent *b);

#endif

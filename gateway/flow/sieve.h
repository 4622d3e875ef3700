/*
 * Which patterns can match a text at all. A text is matched against hundreds of patterns (starts, words), nearly all in
 * vain; so each pattern gets, when it is compiled, a set of characters or pairs of which every match must hold at least
 * one, and each text a small set of those it holds. No member in common: the pattern is not run. Pure.
 */
#ifndef HUIYIN_FLOW_SIEVE_H
#define HUIYIN_FLOW_SIEVE_H

#include "huiyin/text.h"

#define SIEVE_MAX_ATOMS 400
struct sieve { uint16_t *atoms; size_t n; }; /* n == 0: nothing is known, the pattern must be run */
struct scent { uint64_t bits[64]; };         /* 4096 bits: characters and neighbouring pairs, hashed */

/* `source`: folded. Errs only towards running the pattern. */
struct sieve sieve_of(struct arena *a, struct slice source);
void scent_of(struct slice folded, struct scent *out);
bool sieve_lets(const struct sieve *s, const struct scent *scent);

#endif

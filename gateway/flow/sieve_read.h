/* Reading a pattern's source for the sieve. Inside sieve.c and sieve_read.c only. */
#ifndef HUIYIN_FLOW_SIEVE_READ_H
#define HUIYIN_FLOW_SIEVE_READ_H

#include "huiyin/text.h"

#define SIEVE_ATOMS_MAX 400 /* of one need */
#define SIEVE_NEEDS_MAX 6   /* of one branch */
#define SIEVE_DEPTH_MAX 24
#define NOBODY          (-1) /* no character */
#define NO_WIDTH        (-2)
#define WORD_EDGE       1 /* stands for the place where a word of ASCII letters begins or ends */

/* cost: how often chance alone would let a text through; the smaller the better. */
struct need {
	bool anything;
	size_t n;
	uint32_t cost;
	unsigned scripts; /* of its atoms */
	uint16_t atoms[SIEVE_ATOMS_MAX];
};
/* One of each: what a sequence needs, the rarest first. n == 0: anything. */
struct branch {
	size_t n;
	struct need needs[SIEVE_NEEDS_MAX];
};
/* The last three characters of a run of literals; WORD_EDGE: nothing, but a word begins here. */
struct run {
	int32_t first, earlier, before;
};
struct source {
	struct slice text;
	size_t at;
	int depth;
	struct run run; /* in front of the sequence that is read next; behind it, once it is read */
	bool lost; /* met what we do not read: anything goes */
};
enum times { TIMES_ONE, TIMES_SOME, TIMES_PERHAPS };

unsigned sieve_script(int32_t c);
uint16_t sieve_hash_one(int32_t c);
uint16_t sieve_hash_pair(int32_t a, int32_t b);
/* Of letters only: in those pairs are too common to tell texts apart. */
uint16_t sieve_hash_triple(int32_t a, int32_t b, int32_t c);
/* Four letters; or three and the edge of their word. */
uint16_t sieve_hash_four(int32_t a, int32_t b, int32_t c, int32_t d);
bool sieve_in_word(int32_t c);
int32_t sieve_lower(int32_t c);
int32_t sieve_take(struct source *s);
bool sieve_eat(struct source *s, const char *word);
/* Behind a backslash: a literal; 0: some character that is not pinned down; NO_WIDTH. */
int32_t sieve_escaped(struct source *s);
enum times sieve_quantifier(struct source *s);
/* Behind '('. True: it has width, *out is what it needs. */
bool sieve_group(struct source *s, struct need *out);
/* Up to the end, a | or a ). */
void sieve_sequence(struct source *s, struct branch *out);

#endif

/* The tables for yes_no and rating: the words, what they say, and what rows of regular expressions mean. */
#ifndef HUIYIN_FLOW_OPINION_RULES_H
#define HUIYIN_FLOW_OPINION_RULES_H

#include "flow/kit.h"
#include "flow/lexicon.h"

enum says {
	SAYS_DOUBT = -2, /* a question, a doubt, another word that only looks like one */
	SAYS_NOTHING = 0,
	SAYS_SATISFIED = 1,
	SAYS_BASICALLY = 2,
	SAYS_DISSATISFIED = 3,
	SAYS_YES = 4,
	SAYS_NO = 5,
};

#endif

/* What a row of the tables for yes_no and rating means. */
#ifndef HUIYIN_FLOW_OPINION_RULES_H
#define HUIYIN_FLOW_OPINION_RULES_H

#include "flow/kit.h"

enum says {
	SAYS_DOUBT = -2, /* a question, a doubt, another word that only looks like one */
	SAYS_NOTHING = 0,
	SAYS_SATISFIED = 1,
	SAYS_BASICALLY = 2,
	SAYS_DISSATISFIED = 3,
	SAYS_YES = 4,
	SAYS_NO = 5,
	SAYS_WEAK_YES = 6,
};

#endif

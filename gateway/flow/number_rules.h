/* What a row of the noise table of numbers means; see types_number.c. */
#ifndef HUIYIN_FLOW_NUMBER_RULES_H
#define HUIYIN_FLOW_NUMBER_RULES_H

#include "flow/kit.h"

#define NUMBER_CORRECTION 1 /* ends where the better answer begins; the others (0) count nothing */

#endif

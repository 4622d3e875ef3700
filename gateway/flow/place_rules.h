/* What a row of the place table means; see types_place.c. */
#ifndef HUIYIN_FLOW_PLACE_RULES_H
#define HUIYIN_FLOW_PLACE_RULES_H

#include "flow/kit.h"

enum place_row {
	PLACE_LEAD,     /* taken off the front, again and again */
	PLACE_TRAIL,    /* taken off the end, again and again */
	PLACE_ANNOUNCE, /* ends where the place begins: "the address is", 发生在 */
	PLACE_SUBJECT, /* what is somewhere, and "is": 垃圾堆在. The place begins at its end, if no place stands in it
			*/
	PLACE_VAGUE,   /* nobody could find it */
	PLACE_STRONG,   /* an address, whatever is said around it */
	PLACE_CHATTER,  /* talk */
	PLACE_EVIDENCE, /* a place has such words */
	PLACE_NAME,     /* enough where a place was announced */
	PLACE_PLAIN,    /* all of it is an address and nothing else: no need to look further */
};

#endif

/* Which process this is, and whether the one before it on this state folder is certainly gone. */
#ifndef HUIYIN_INSTANCE_H
#define HUIYIN_INSTANCE_H

#include "huiyin/text.h"

struct instance {
	int64_t now;    /* random, never 0 */
	int64_t before; /* of the process before us; 0: none, or nobody can tell that it is gone */
	int fd;         /* keeps the lock; -1: none */
};
/* Both accept what is not there: without the file nothing is known, and nothing fails. */
void instance_begin(struct slice state, struct instance *out);
void instance_end(struct instance *i);

#endif

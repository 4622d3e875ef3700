/* What a call came to, in the words that say what to do next. */
#ifndef HUIYIN_RESULT_H
#define HUIYIN_RESULT_H

enum result {
	OK = 0,
	LATER,     /* nothing was done; the same call may succeed after a while */
	NEVER,     /* nothing was done and the same call can never succeed */
	DUPLICATE, /* it was done before; nothing was done now */
	UNSURE,    /* it may or may not have been done: look before doing it again */
	INVALID,   /* the input is malformed; a diagnostic says where */
	FULL,      /* a bound was hit: queue, buffer, disk */
	RETRY,     /* nothing was done, since another gateway was first; the same may be tried at once, from its beginning */
};

/* The name as it stands in logs ("ok", "later", …). Never null. */
const char *result_name(enum result r);

#endif

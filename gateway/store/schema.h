/*
 * The tables, once, for both stores: a list of steps from nothing to the newest version, in a neutral SQL from which
 * either dialect is made (schema.c says how). A step that was released is never changed in what it makes.
 */
#ifndef HUIYIN_STORE_SCHEMA_H
#define HUIYIN_STORE_SCHEMA_H

#include "huiyin/text.h"

#define SCHEMA_APPLICATION_ID 0x68757969 /* "huyi": how a file is known to be ours (PRAGMA application_id) */
#define SCHEMA_LOCK_NUMBER    0x68757969796eLL /* of the advisory lock while a step is made in PostgreSQL */
#define SCHEMA_PARTITIONS_MAX 64 /* one transaction makes them all, and holds a lock on each */

/* From version v to v + 1, and back: scripts, one after the other, ending with null. `least`: the oldest program (by the
   newest version that it knows) that can work with what the step leaves, beside newer ones. */
struct schema_step {
	const char *const *up, *const *down;
	int least;
};
extern const struct schema_step schema_steps[]; /* ends with a null `up` */
int schema_newest(void);

enum dialect { DIALECT_SQLITE, DIALECT_POSTGRES };
/* A script of a step as the database reads it. `partitions`: into how many each table that belongs to contacts is split
   (PostgreSQL only; 0 none). */
const char *schema_text(struct arena *a, const char *script, enum dialect d, int partitions);

#endif

/* The tables, as a list of steps from an empty file to the newest version. A step that was released is never changed.
 */
#ifndef HUIYIN_STORE_SCHEMA_H
#define HUIYIN_STORE_SCHEMA_H

#define SCHEMA_APPLICATION_ID 0x68757969 /* "huyi": how a file is known to be ours (PRAGMA application_id) */

/* schema_steps[v] leads from version v to v + 1: scripts, one after the other. Both lists end with null. */
extern const char *const *const schema_steps[];
int schema_newest(void);

#endif

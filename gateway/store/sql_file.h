/* The files of an embedded store as the system sees them. Those that give *why say what mends it. */
#ifndef HUIYIN_STORE_SQL_FILE_H
#define HUIYIN_STORE_SQL_FILE_H

#include "huiyin/text.h"

int64_t sql_file_bytes(const char *path); /* -1: there is none */
bool sql_folder_there(const char *path, struct arena *a, struct slice *why);
/* Held as long as *fd is open, which may be set also on failure: close it. */
bool sql_take_lock(const char *path, int *fd, struct arena *a, struct slice *why);
bool sql_make_file(const char *path, bool create, struct arena *a, struct slice *why); /* unless it is there */
bool sql_same_file(const char *a, const char *b);
bool sql_sync_folder(const char *path, struct arena *a); /* in which the file is */

#endif

/*
 * One line an event on stderr, logfmt or JSON. Personal data never goes in: an address is shown by log_mask, a text by
 * its length. Thread-safe.
 */
#ifndef HUIYIN_LOG_H
#define HUIYIN_LOG_H

#include "huiyin/text.h"

enum log_level { LOG_DEBUG_, LOG_INFO_, LOG_WARN_, LOG_ERROR_ };
enum log_format { LOG_LOGFMT, LOG_JSON };

void log_setup(enum log_level least, enum log_format format);
bool log_shows(enum log_level level); /* whether a line of this level would be written at all */
/* log_line(LOG_INFO_, "engine", "batch done", "rid", rid, "n", "12", NULL): pairs of key and C string, NULL ends. */
void log_line(enum log_level level, const char *room, const char *what, ...) __attribute__((sentinel));
/* "+8613800138000" → "***00"; e-mail and others likewise: at most the last two characters. */
struct slice log_mask(struct arena *a, struct slice address);

#endif

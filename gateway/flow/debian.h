/* Versions of Debian packages: how they compare, and which one is installed. For match_library_safe only. */
#ifndef HUIYIN_FLOW_DEBIAN_H
#define HUIYIN_FLOW_DEBIAN_H

#include "huiyin/text.h"

/* Below, at or above 0, by deb-version(7). */
int debian_version_compare(const char *a, const char *b);
/* The version of an installed package from a dpkg status file. False: no such file, or not installed. */
bool debian_package_version(const char *status_path, const char *package, char *out, size_t room);

#endif

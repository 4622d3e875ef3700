/* The names of results, as logs and metrics show them. Nothing here is fatal: an unknown value has a name too. */
#include "huiyin/result.h"

#include <stddef.h>

const char *result_name(enum result r)
{
	static const char *const names[] = {
		[OK] = "ok",         [LATER] = "later",     [NEVER] = "never", [DUPLICATE] = "duplicate",
		[UNSURE] = "unsure", [INVALID] = "invalid", [FULL] = "full", [RETRY] = "retry",
	};
	size_t i = (size_t)r;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "unknown";
}

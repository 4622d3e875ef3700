/*
 * Debian package versions, for the one question whether PCRE2's fixes are installed. Reads dpkg's status file line by
 * line, at start only. Nothing here is fatal: a file that cannot be read holds no package.
 */
#include "flow/debian.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The order of deb-version(7): ~ before the end, the end before letters, letters before all else. */
static int rank(char c)
{
	if (c == '~')
		return -1;
	if (c == '\0' || (c >= '0' && c <= '9'))
		return 0;
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return c;
	return (unsigned char)c + 256;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One pair of upstream or revision parts; both end at '\0'. */
static int compare_part(const char *a, const char *b)
{
	while (*a || *b) {
		int first = 0;

		while ((*a && !digit(*a)) || (*b && !digit(*b))) {
			if (rank(*a) != rank(*b))
				return rank(*a) - rank(*b);
			a += *a != '\0';
			b += *b != '\0';
		}
		while (*a == '0')
			a++;
		while (*b == '0')
			b++;
		for (; digit(*a) && digit(*b); a++, b++)
			first = first ? first : *a - *b;
		if (digit(*a) || digit(*b))
			return digit(*a) ? 1 : -1;
		if (first)
			return first;
	}
	return 0;
}

struct version {
	long epoch;
	char upstream[64];
	const char *revision;
};

static struct version version_read(const char *text)
{
	struct version v = {0, "", ""};
	const char *colon = strchr(text, ':'), *dash;

	if (colon) {
		v.epoch = strtol(text, NULL, 10);
		text = colon + 1;
	}
	dash = strrchr(text, '-');
	v.revision = dash ? dash + 1 : "";
	snprintf(v.upstream, sizeof v.upstream, "%.*s", dash ? (int)(dash - text) : (int)strlen(text), text);
	return v;
}

int debian_version_compare(const char *a, const char *b)
{
	struct version x = version_read(a), y = version_read(b);
	int order;

	if (x.epoch != y.epoch)
		return x.epoch < y.epoch ? -1 : 1;
	order = compare_part(x.upstream, y.upstream);
	return order ? order : compare_part(x.revision, y.revision);
}

bool debian_package_version(const char *status_path, const char *package, char *out, size_t room)
{
	FILE *f = fopen(status_path, "re");
	bool ours = false, installed = false, found = false;
	char *line = NULL;
	size_t size = 0;

	if (!f)
		return false;
	while (!found && getline(&line, &size, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "Package: ", 9) == 0)
			ours = strcmp(line + 9, package) == 0, installed = false;
		else if (ours && strncmp(line, "Status: ", 8) == 0)
			installed = strstr(line, " installed") != NULL;
		else if (ours && installed && strncmp(line, "Version: ", 9) == 0)
			found = snprintf(out, room, "%s", line + 9) < (int)room;
	}
	free(line);
	fclose(f);
	return found;
}

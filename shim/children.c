/* GILTRACE_CHILDREN=0; see children.h. */
#include "children.h"

#include <stdlib.h>
#include <string.h>

static const char own_name[] = "libgiltrace.so";

bool children_traced(void)
{
	const char *wish = getenv("GILTRACE_CHILDREN");

	return !wish || strcmp(wish, "0") != 0;
}

static bool is_own(const char *entry, size_t length)
{
	size_t own = sizeof(own_name) - 1;

	return length >= own && memcmp(entry + length - own, own_name, own) == 0 &&
	       (length == own || entry[length - own - 1] == '/');
}

void children_release(void)
{
	const char *list = getenv("LD_PRELOAD");
	char *rest = list ? malloc(strlen(list) + 1) : NULL;
	size_t kept = 0;

	if (!rest)
		return;
	/* Entries are separated by spaces or colons (ld.so(8)). */
	while (*list) {
		size_t length = strcspn(list, " :");

		if (length && !is_own(list, length)) {
			if (kept)
				rest[kept++] = ':';
			memcpy(rest + kept, list, length);
			kept += length;
		}
		list += length;
		list += strspn(list, " :");
	}
	rest[kept] = '\0';
	if (kept)
		setenv("LD_PRELOAD", rest, 1);
	else
		unsetenv("LD_PRELOAD");
	free(rest);
}

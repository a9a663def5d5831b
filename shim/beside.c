/* The libraries that stand beside this one; see beside.h. */
#include "beside.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char own_address; /* somewhere in this library */

enum { FOR_GOOD = RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE };

void *beside_open(const char *name)
{
	char path[PATH_MAX];
	void *library = NULL;
	Dl_info own;
	const char *slash;
	int length;

	if (!dladdr(&own_address, &own) || !own.dli_fname)
		return dlopen(name, FOR_GOOD);
	slash = strrchr(own.dli_fname, '/');
	if (slash) {
		length = snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - own.dli_fname),
			own.dli_fname, name);
		if (length > 0 && (size_t)length < sizeof(path))
			library = dlopen(path, FOR_GOOD);
	}
	/* A relative path does not lead there any more when the program has changed its folder. */
	return library ? library : dlopen(name, FOR_GOOD);
}

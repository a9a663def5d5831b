/* What sorts of program are called; see nature.h. */
#include "base/nature.h"

#include <stddef.h>
#include <string.h>

static const char *const kinds[NATURE_KINDS] = {
	[NATURE_UNKNOWN] = "unknown",
	[NATURE_OTHER] = "other",
	[NATURE_SCRIPT] = "script",
	[NATURE_GO] = "go",
	[NATURE_JAVA] = "java",
	[NATURE_JYTHON] = "jython",
	[NATURE_GRAALPY] = "graalpy",
	[NATURE_PYPY] = "pypy",
	[NATURE_PYTHON] = "python",
};

static const char *const barriers[BARRIER_KINDS] = {
	[BARRIER_NONE] = "none",
	[BARRIER_STATIC] = "static",
	[BARRIER_MUSL] = "musl",
	[BARRIER_FOREIGN] = "foreign",
	[BARRIER_PRIVILEGED] = "privileged",
};

const char *nature_kind_key(enum nature_kind kind)
{
	return kinds[kind];
}

const char *nature_barrier_key(enum nature_barrier barrier)
{
	return barriers[barrier];
}

const char *nature_implementation(enum nature_kind kind)
{
	switch (kind) {
	case NATURE_JYTHON:
		return "Jython";
	case NATURE_GRAALPY:
		return "GraalPy";
	case NATURE_PYPY:
		return "PyPy";
	default:
		return "";
	}
}

static int find(const char *const *keys, int count, const char *key)
{
	for (int i = 0; key && i < count; i++)
		if (strcmp(keys[i], key) == 0)
			return i;
	return 0;
}

enum nature_kind nature_kind_of(const char *key)
{
	return (enum nature_kind)find(kinds, NATURE_KINDS, key);
}

enum nature_barrier nature_barrier_of(const char *key)
{
	return (enum nature_barrier)find(barriers, BARRIER_KINDS, key);
}

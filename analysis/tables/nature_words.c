/* Why no GIL was found in a program; see nature_words.h. */
#include "tables/nature_words.h"

#include <glib.h>

/* clang-format off */
static const char *const kinds[NATURE_KINDS] = {
	[NATURE_UNKNOWN] = "nothing is known of the program, and no Python wrote an event",
	[NATURE_OTHER] = "the program is not Python: no Python runtime was loaded",
	[NATURE_SCRIPT] = "the program is a script that is not Python's, and no Python that it started wrote an event",
	[NATURE_GO] = "the program is written in Go: no Python runtime was loaded",
	[NATURE_JAVA] = "the program runs on a Java VM, where Jython has no GIL, and GraalPy's is a lock of the VM that no call tells of",
	[NATURE_JYTHON] = "Jython runs on a Java VM and has no GIL",
	[NATURE_GRAALPY] = "GraalPy's GIL is a lock of its own virtual machine, which no call tells of",
	[NATURE_PYPY] = "PyPy's GIL shows when the program starts a thread, and it was not seen to start any; one thread alone never waits",
	[NATURE_PYTHON] = "the program is Python, but wrote no event",
};

static const char *const barriers[BARRIER_KINDS] = {
	[BARRIER_STATIC] = "it is statically linked, so that LD_PRELOAD is ignored",
	[BARRIER_MUSL] = "it is linked with musl, and giltrace's library with glibc",
	[BARRIER_FOREIGN] = "it is for another architecture than giltrace's library",
	[BARRIER_PRIVILEGED] = "its privileges (set-user-ID or the like) make the loader ignore LD_PRELOAD",
};
/* clang-format on */

char *nature_reason(const struct nature *nature)
{
	if (nature->barrier == BARRIER_NONE)
		return g_strdup(kinds[nature->kind]);
	if (nature->kind == NATURE_PYPY)
		return g_strdup(barriers[nature->barrier]);
	return g_strdup_printf("%s; %s", kinds[nature->kind], barriers[nature->barrier]);
}

const char *nature_next(const struct nature *nature)
{
	switch (nature->kind) {
	case NATURE_UNKNOWN:
	case NATURE_SCRIPT:
	case NATURE_PYTHON:
		return "'giltrace doctor -- COMMAND' looks for the reason.";
	default:
		return "";
	}
}

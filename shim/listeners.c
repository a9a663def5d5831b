/* How many threads are LTTng-UST's; see listeners.h. */
#include "listeners.h"

#include <dlfcn.h>
#include <string.h>

static bool expecting;
static unsigned listeners;

void listeners_expect(bool expected)
{
	expecting = expected;
}

void listeners_see_creation(void *(*start)(void *))
{
	Dl_info info;

	if (expecting && dladdr(*(void **)&start, &info) && strstr(info.dli_fname, "liblttng-ust"))
		listeners++;
}

unsigned listeners_count(void)
{
	return listeners;
}

void listeners_after_fork_child(void)
{
	listeners = 0;
}

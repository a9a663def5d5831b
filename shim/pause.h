/* For who waits in short pauses for what another thread is about to do. */
#ifndef GILTRACE_PAUSE_H
#define GILTRACE_PAUSE_H

#include <time.h>

enum { PAUSE_NS = 100000 };

static inline void pause_shortly(void)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};

	nanosleep(&pause, NULL);
}

#endif /* GILTRACE_PAUSE_H */

/* Other processes at work, to see what a busy machine makes of a program. */
#ifndef GILTRACE_COMMANDS_LOAD_H
#define GILTRACE_COMMANDS_LOAD_H

#include <stddef.h>
#include <sys/types.h>

enum { LOAD_MOST = 256 };

struct load {
	pid_t pids[LOAD_MOST];
	size_t count;
};

/* Starts a process that computes for each of `cpus`. They end with load_end(), or with giltrace. */
void load_begin(struct load *load, unsigned cpus);
void load_end(struct load *load);

#endif /* GILTRACE_COMMANDS_LOAD_H */

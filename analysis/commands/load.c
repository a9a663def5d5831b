/* Other processes at work; see load.h. */
#include "commands/load.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static _Noreturn void compute(pid_t parent)
{
	volatile unsigned number = 1;

	/* Not before: the parent may have ended in between. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (getppid() == parent)
		for (unsigned i = 0; i < 1U << 20; i++)
			number = number * 1103515245 + 12345;
	_exit(0);
}

void load_begin(struct load *load, unsigned cpus)
{
	pid_t parent = getpid();

	load->count = 0;
	while (load->count < cpus && load->count < LOAD_MOST) {
		pid_t pid = fork();

		if (pid == 0)
			compute(parent);
		if (pid < 0)
			break;
		load->pids[load->count++] = pid;
	}
}

void load_end(struct load *load)
{
	for (size_t i = 0; i < load->count; i++)
		kill(load->pids[i], SIGKILL);
	for (size_t i = 0; i < load->count; i++)
		waitpid(load->pids[i], NULL, 0);
	load->count = 0;
}

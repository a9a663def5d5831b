/* Signals that ask to end while a live session is read; see stop.h. */
#include "live/stop.h"

#include <stddef.h>

#include "decode/trace.h"

static const int numbers[STOP_SIGNALS] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

/* What a handler can leave: there is but one reader in a process. */
static volatile sig_atomic_t asked;
static volatile sig_atomic_t by_terminal;

static void handle(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (asked) {
		trace_interrupt();
		return;
	}
	asked = number;
	by_terminal = info->si_code == SI_KERNEL;
}

void stop_take(struct stop *stop)
{
	/* Without SA_RESTART, so that a connection that hangs can be left. */
	struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO};
	sigset_t set;

	asked = 0;
	by_terminal = 0;
	sigemptyset(&set);
	for (int i = 0; i < STOP_SIGNALS; i++) {
		sigaction(numbers[i], NULL, &stop->earlier[i]);
		/* What nohup(1) and a shell's background jobs ignore stays ignored. */
		if (stop->earlier[i].sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
		sigaddset(&set, numbers[i]);
	}
	sigprocmask(SIG_UNBLOCK, &set, &stop->mask);
}

void stop_give_back(const struct stop *stop)
{
	sigprocmask(SIG_SETMASK, &stop->mask, NULL);
	for (int i = 0; i < STOP_SIGNALS; i++)
		sigaction(numbers[i], &stop->earlier[i], NULL);
}

int stop_asked(bool *from_terminal)
{
	if (from_terminal)
		*from_terminal = by_terminal;
	return asked;
}

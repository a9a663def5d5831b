/* Signals while a command is being recorded; see signals.h. */
#include "record/signals.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static const int others[] = {SIGCHLD, SIGUSR1, SIGUSR2};

static void set_of(sigset_t *set, const int *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		sigaddset(set, numbers[i]);
}

void signals_take(struct signals *signals)
{
	struct sigaction action = {.sa_handler = SIG_IGN};

	sigemptyset(&signals->watched);
	set_of(&signals->watched, ending, sizeof(ending) / sizeof(ending[0]));
	set_of(&signals->watched, others, sizeof(others) / sizeof(others[0]));
	sigprocmask(SIG_BLOCK, &signals->watched, &signals->inherited);
	sigaction(SIGPIPE, &action, &signals->pipe);
	/* Where the parent ignores SIGCHLD, the command's exit status would be thrown away. */
	action.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &action, &signals->child);
}

void signals_give_back(const struct signals *signals, bool drop)
{
	siginfo_t info;

	while (drop && signals_wait(signals, 0, &info))
		continue;
	sigaction(SIGPIPE, &signals->pipe, NULL);
	sigaction(SIGCHLD, &signals->child, NULL);
	sigprocmask(SIG_SETMASK, &signals->inherited, NULL);
}

int signals_wait(const struct signals *signals, int timeout_ms, siginfo_t *info)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
	int number = sigtimedwait(&signals->watched, info, &timeout);

	return number > 0 ? number : 0;
}

bool signals_is_wish_to_end(int number)
{
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (ending[i] == number)
			return true;
	return false;
}

int signals_asked_to_end(void)
{
	const struct timespec at_once = {0, 0};
	sigset_t set;
	int number;

	sigemptyset(&set);
	set_of(&set, ending, sizeof(ending) / sizeof(ending[0]));
	number = sigtimedwait(&set, NULL, &at_once);
	return number > 0 ? number : 0;
}

void signals_forward(const siginfo_t *info, pid_t pid)
{
	bool from_terminal = info->si_code == SI_KERNEL;

	if (from_terminal && getpgid(pid) == getpgrp())
		return;
	kill(pid, info->si_signo);
}

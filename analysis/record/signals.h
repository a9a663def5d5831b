/*
 * Signals while a command is being recorded: blocked and taken one at a time,
 * so that whatever arrives, the session is ended and the trace kept.
 */
#ifndef GILTRACE_SIGNALS_H
#define GILTRACE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct signals {
	sigset_t watched;	/* SIGCHLD and all that are passed on to the command */
	sigset_t inherited;	/* signal mask as giltrace found it */
	struct sigaction child; /* dispositions as giltrace found them */
	struct sigaction pipe;
};

/* Blocks what is watched, ignores SIGPIPE (a closed terminal must not stop the clean-up). */
void signals_take(struct signals *signals);

/* Restores everything, in giltrace or between fork and exec. What is still pending is dropped by
 * `drop`. */
void signals_give_back(const struct signals *signals, bool drop);

/* Waits up to `timeout_ms` for a watched signal. Returns its number and fills `info`, or 0. */
int signals_wait(const struct signals *signals, int timeout_ms, siginfo_t *info);

/* Whether a signal is one of those that ask a program to end: SIGINT, SIGTERM, SIGHUP, SIGQUIT. */
bool signals_is_wish_to_end(int number);

/* A pending signal of that kind, taken off the queue; or 0. */
int signals_asked_to_end(void);

/*
 * Passes a signal on to process `pid`, unless it came from the terminal and the
 * kernel has sent it to the whole foreground process group, `pid` included.
 */
void signals_forward(const siginfo_t *info, pid_t pid);

#endif /* GILTRACE_SIGNALS_H */

/*
 * Ctrl-C, and other signals that ask to end, while a live session is read: the
 * first is a wish that the reader looks for; the second one also ends a reading
 * that hangs in a connection.
 */
#ifndef GILTRACE_LIVE_STOP_H
#define GILTRACE_LIVE_STOP_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* SIGINT, SIGTERM, SIGHUP, SIGQUIT. */
enum { STOP_SIGNALS = 4 };

struct stop {
	struct sigaction earlier[STOP_SIGNALS];
	sigset_t mask; /* as it was */
};

/* From here on the signals are taken, blocked or not. One at a time, as a process has them. */
void stop_take(struct stop *stop);

/* Puts everything back as it was. */
void stop_give_back(const struct stop *stop);

/* The signal that asked to end, 0: none did. `from_terminal`, unless NULL: the whole foreground
 * process group has got it. */
int stop_asked(bool *from_terminal);

#endif /* GILTRACE_LIVE_STOP_H */

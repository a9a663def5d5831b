/*
 * The end of a process by the end of its last thread.
 *
 * glibc calls exit(0) when the last thread of a process ends: a child that some
 * other thread than the main one has forked ends so, and a program whose main
 * thread has called pthread_exit. LTTng-UST's listener threads stay, and glibc
 * would wait for them for ever: here it is done in its place.
 */
#ifndef GILTRACE_LAST_H
#define GILTRACE_LAST_H

/* Once, before the first thread enters. */
void last_prepare(void);

/* The calling thread counts from now on until it ends. */
void last_enter(void);

/* In a forked child: only the calling thread is left. */
void last_after_fork_child(void);

#endif /* GILTRACE_LAST_H */

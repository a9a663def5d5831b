/*
 * LTTng-UST's file descriptors, which stand among the program's own. A program
 * that closes what it did not open (a daemon, os.closerange) would close them,
 * too, and LTTng aborts the program for that when it ends. So close() of such a
 * number fails with EBADF, as it does without us: there is nothing of the
 * program's. LTTng's library for this, liblttng-ust-fd, takes a lock and four
 * system calls for each close, and that lock is held while LTTng talks to the
 * session daemon; here it is one look into a bit map.
 *
 * The map comes from LTTng itself: it enters each descriptor into a table of
 * its own (its fd tracker), by calls that lttng/descriptors.c stands before.
 * That holds for an LTTng-UST that the recorder brought; one that the program
 * loads itself stays as it is.
 */
#ifndef GILTRACE_DESCRIPTORS_H
#define GILTRACE_DESCRIPTORS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A higher one of LTTng's is not protected. */
enum { DESCRIPTORS_LIMIT = 1 << 16, DESCRIPTORS_WORD = 64 };

/*
 * LTTng's descriptors are moved behind this number, so that the program gets the
 * same low ones as without us, and may use dup2 on those that it likes.
 */
enum { DESCRIPTORS_FIRST = 512 };

extern uint64_t descriptors_map[DESCRIPTORS_LIMIT / DESCRIPTORS_WORD];

/* Finds LTTng's own functions; before it is loaded. False when they are not there. */
bool descriptors_prepare(void);

/*
 * In which process the map holds: another one that sees it is a child of vfork, or
 * of a fork that leads to an exec. LTTng does not run there, and all is to be closed.
 */
void descriptors_set_pid(pid_t pid);

static inline bool descriptors_listed(int fd)
{
	return (unsigned)fd < DESCRIPTORS_LIMIT &&
	       (__atomic_load_n(&descriptors_map[fd / DESCRIPTORS_WORD], __ATOMIC_RELAXED) >>
		       (fd % DESCRIPTORS_WORD)) &
		       1;
}

/*
 * Called by close() for a number on the list: whether to refuse. Takes the number off
 * the list when it is LTTng that closes. Async-signal-safe, as all that closes must be.
 */
bool descriptors_refuse(int fd);

/* The first number from `first` to `last` that is to be refused, or -1. Async-signal-safe. */
int descriptors_next(unsigned first, unsigned last);

/* What stands before LTTng's functions of almost the same names; for lttng/descriptors.c. */
void giltrace_lock_fd_tracker(void);
void giltrace_unlock_fd_tracker(void);
int giltrace_add_fd_to_tracker(int fd);
void giltrace_delete_fd_from_tracker(int fd);

/* pipe2() fails on the calling thread: hooks_pipe.c. */
void giltrace_without_pipes(bool without);

#endif /* GILTRACE_DESCRIPTORS_H */

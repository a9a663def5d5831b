/* Registers and stack of another thread; see interrupt.h. */
#include "lttng/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/*
 * How long a thread may take until it runs the handler, and then that may take. It
 * answers as soon as it runs at all, and can let go of nothing before: to wait for
 * one that the scheduler keeps waiting, too, keeps nobody from the GIL.
 */
enum { PATIENCE_NS = 50 * 1000 * 1000 };

enum { IDLE, ASKED, COPYING, DONE };

static struct stack_copy copy;
static int state;   /* of `copy`; a futex */
static pid_t asked; /* who may copy */
static bool installed;

static void wake(void)
{
	syscall(SYS_futex, &state, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/* In the thread that was asked; whatever it was doing, no locks are taken here. */
static void answer(int number, siginfo_t *info, void *context)
{
	const ucontext_t *interrupted = context;
	int saved_errno = errno, expected = ASKED;

	(void)number;
	(void)info;
	if (__atomic_load_n(&asked, __ATOMIC_ACQUIRE) == gettid() &&
		__atomic_compare_exchange_n(
			&state, &expected, COPYING, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
		memcpy(&copy.registers, &interrupted->uc_mcontext.gregs, sizeof(copy.registers));
		copy_stack(&copy, sizeof(copy.bytes));
		__atomic_store_n(&state, DONE, __ATOMIC_RELEASE);
		wake();
	}
	errno = saved_errno;
}

static bool is_ours(int number)
{
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && (action.sa_flags & SA_SIGINFO) &&
	       action.sa_sigaction == answer;
}

/* What a handler on such a signal would hide, or the program's life depends on. */
static bool is_usable(int number)
{
	static const int unusable[] = {SIGABRT, SIGBUS, SIGCHLD, SIGCONT, SIGFPE, SIGILL, SIGKILL,
		SIGSEGV, SIGSTOP, SIGSYS, SIGTRAP};

	for (size_t i = 0; i < sizeof(unusable) / sizeof(unusable[0]); i++)
		if (number == unusable[i])
			return false;
	return number > 0 && number <= SIGRTMAX;
}

static const char *install(int number)
{
	struct sigaction action = {
		.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK};
	struct sigaction before;

	if (!is_usable(number))
		return "GILTRACE_STACK_SIGNAL is no signal that can be used for this";
	if (sigaction(number, NULL, &before) != 0 || (before.sa_flags & SA_SIGINFO) ||
		before.sa_handler != SIG_DFL)
		return "the program uses the signal of GILTRACE_STACK_SIGNAL itself";
	sigfillset(&action.sa_mask);
	if (sigaction(number, &action, NULL) != 0)
		return "the signal of GILTRACE_STACK_SIGNAL cannot be handled";
	installed = true;
	return NULL;
}

/* A blocked signal would stay with the thread, even beyond exec, whose program knows nothing of it.
 */
static bool is_blocked(pid_t tid, int number)
{
	char path[64], text[4096];
	const char *line;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/status", (int)tid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return true;
	got = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	line = strstr(text, "\nSigBlk:");
	return !line || (strtoull(line + 8, NULL, 16) >> (number - 1) & 1);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Whether it was copied. A handler that has begun and takes for ever keeps the copy. */
static bool await(void)
{
	uint64_t begin = now_ns(), spent;

	while ((spent = now_ns() - begin) < 2 * (uint64_t)PATIENCE_NS) {
		int seen = __atomic_load_n(&state, __ATOMIC_ACQUIRE);
		const struct timespec rest = {.tv_nsec = PATIENCE_NS};

		if (seen == DONE)
			return true;
		if (seen == ASKED && spent >= PATIENCE_NS &&
			__atomic_compare_exchange_n(
				&state, &seen, IDLE, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return false;
		syscall(SYS_futex, &state, FUTEX_WAIT_PRIVATE, seen, &rest, NULL, 0);
	}
	return __atomic_load_n(&state, __ATOMIC_ACQUIRE) == DONE;
}

const struct stack_copy *interrupt_thread(pid_t tid, int number, const char **reason)
{
	int before = __atomic_load_n(&state, __ATOMIC_ACQUIRE);

	*reason = installed ? NULL : install(number);
	if (!*reason && !is_ours(number))
		*reason = "the program has come to use the signal of GILTRACE_STACK_SIGNAL itself";
	if (*reason || before == COPYING || is_blocked(tid, number))
		return NULL;
	__atomic_store_n(&asked, tid, __ATOMIC_RELEASE);
	__atomic_store_n(&state, ASKED, __ATOMIC_RELEASE);
	if (syscall(SYS_tgkill, getpid(), tid, number) != 0) {
		__atomic_store_n(&state, IDLE, __ATOMIC_RELEASE);
		return NULL;
	}
	return await() && copy.size ? &copy : NULL;
}

void interrupt_after_fork(void)
{
	__atomic_store_n(&state, IDLE, __ATOMIC_RELEASE);
}

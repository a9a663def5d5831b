/* The recorded command as a child process; see child.h. */
#include "record/child.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define REGISTER_TIMEOUT_MS "60000"

static void silence(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
		dup2(fd, standard);
}

static void redirect(const int *streams)
{
	for (int standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
		if (streams[standard] != standard)
			dup2(streams[standard], standard);
}

/* Keeps errno. */
static bool is_elf(const char *path)
{
	int saved_errno = errno;
	char head[SELFMAG] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool found =
		fd >= 0 && read(fd, head, SELFMAG) == SELFMAG && memcmp(head, ELFMAG, SELFMAG) == 0;

	if (fd >= 0)
		close(fd);
	errno = saved_errno;
	return found;
}

static void set_threshold(const char *name, const struct child_threshold *threshold)
{
	char text[32];

	if (!threshold->given)
		return;
	snprintf(text, sizeof(text), "%" PRIu64 "ns", threshold->ns);
	setenv(name, text, 1);
}

static void enter(const char *path, char **argv, const struct child_environment *environment)
{
	setenv("LD_PRELOAD", environment->preload, 1);
	setenv("GILTRACE_RUN", environment->run, 1);
	/*
	 * A process that has not been registered in time begins, and ends, unrecorded:
	 * 48 of 60 that a program starts at once, with the three seconds of LTTng's own.
	 */
	setenv("LTTNG_UST_REGISTER_TIMEOUT", REGISTER_TIMEOUT_MS, 0);
	if (environment->lttng_home)
		setenv("LTTNG_HOME", environment->lttng_home, 1);
	if (environment->only_command)
		setenv("GILTRACE_CHILDREN", "0", 1);
	set_threshold("GILTRACE_STACK_OVER", &environment->detail.stack_over);
	set_threshold("GILTRACE_UNANSWERED_OVER", &environment->detail.unanswered_over);
	if (environment->detail.stack_signal) {
		char text[16];

		snprintf(text, sizeof(text), "%d", environment->detail.stack_signal);
		setenv("GILTRACE_STACK_SIGNAL", text, 1);
	}
	if (environment->detail.no_sites)
		setenv("GILTRACE_SITES", "0", 1);
	if (environment->detail.no_burst)
		setenv("GILTRACE_BURST", "0", 1);
	execv(path, argv);
	/* A script without #! goes to the shell, as in execvp(3), but no program of another
	 * machine: `path` holds a slash, so nothing is searched. */
	if (errno == ENOEXEC && !is_elf(path))
		execvp(path, argv);
}

/* Reads what exec failed with: 0 when the pipe was closed by exec. */
static int read_exec_error(int fd)
{
	int code = 0;
	ssize_t got;

	do
		got = read(fd, &code, sizeof(code));
	while (got < 0 && errno == EINTR);
	return got == sizeof(code) ? code : 0;
}

int child_start(struct child *child, const char *path, char **argv,
	const struct child_environment *environment, const struct signals *signals, bool silent,
	struct error *error)
{
	int report[2];
	int code;

	child->wait_status = 0;
	child->asked_to_end = false;
	if (pipe2(report, O_CLOEXEC) < 0)
		return error_set(error, -errno, "cannot create a pipe: %s", strerror(errno));
	child->pid = fork();
	if (child->pid < 0) {
		code = errno;
		close(report[0]);
		close(report[1]);
		return error_set(error, -code, "cannot start a process: %s", strerror(code));
	}
	if (child->pid == 0) {
		if (silent)
			silence();
		else if (environment->streams)
			redirect(environment->streams);
		signals_give_back(signals, false);
		enter(path, argv, environment);
		code = errno;
		while (write(report[1], &code, sizeof(code)) < 0 && errno == EINTR)
			continue;
		_exit(127);
	}
	close(report[1]);
	code = read_exec_error(report[0]);
	close(report[0]);
	if (code == 0)
		return 0;
	while (waitpid(child->pid, &child->wait_status, 0) < 0 && errno == EINTR)
		continue;
	error_set(error, -code, "cannot execute '%s': %s", path, strerror(code));
	if (code == ENOENT)
		error_next(error, "the interpreter that its first line or its ELF header names "
				  "does not exist");
	if (code == ENOEXEC)
		error_next(error, "it is built for another kind of machine, or damaged");
	return -code;
}

bool child_wait(struct child *child, const struct signals *signals, int timeout_ms)
{
	siginfo_t info;
	int number = signals_wait(signals, timeout_ms, &info);

	if (number && number != SIGCHLD)
		signals_forward(&info, child->pid);
	if (signals_is_wish_to_end(number))
		child->asked_to_end = true;
	/* Asked each time: the SIGCHLD of the command may have melted into that of another child.
	 */
	return waitpid(child->pid, &child->wait_status, WNOHANG) == child->pid;
}

int child_status(const struct child *child)
{
	if (WIFSIGNALED(child->wait_status))
		return 128 + WTERMSIG(child->wait_status);
	return WEXITSTATUS(child->wait_status);
}

int child_signal(const struct child *child)
{
	return WIFSIGNALED(child->wait_status) ? WTERMSIG(child->wait_status) : 0;
}

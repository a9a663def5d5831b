/* The process of a daemon of LTTng's; see daemon_process.h. */
#include "record/daemon_process.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/process.h"

enum { START_LIMIT_S = 15, END_LIMIT_MS = 15000, FORCE_LIMIT_MS = 3000, POLL_MS = 2 };

static void reset_signals(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Becomes the daemon. It may outlive giltrace: nothing of giltrace's caller may stay open or
 * current in it. */
static void become(const struct daemon_program *program, int log, pid_t parent)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	reset_signals();
	unsetenv("LD_PRELOAD");
	dup2(null, STDIN_FILENO);
	dup2(log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	if (program->bound && (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || getppid() != parent))
		_exit(127);
	if (chdir("/") == 0)
		execv(program->arguments[0], (char *const *)(uintptr_t)program->arguments);
	dprintf(STDERR_FILENO, "cannot execute '%s': %s\n", program->arguments[0], strerror(errno));
	_exit(127);
}

/* The last line that the daemon printed; caller frees. */
static char *last_words(int log)
{
	char text[4096];
	off_t size = lseek(log, 0, SEEK_END);
	off_t from = size > (off_t)sizeof(text) ? size - (off_t)sizeof(text) : 0;
	ssize_t got = pread(log, text, sizeof(text), from);
	char *line;

	while (got > 0 && g_ascii_isspace(text[got - 1]))
		got--;
	if (got <= 0)
		return g_strdup("it printed nothing");
	line = memrchr(text, '\n', (size_t)got);
	line = line ? line + 1 : text;
	return g_strndup(line, (size_t)(text + got - line));
}

static void put_down(const char *what, pid_t pid)
{
	struct error ignored;

	/* Politely first, so that it takes its consumer daemons and sockets along. */
	if (daemon_process_end(what, pid, process_start_time(pid), false, &ignored) == 0)
		return;
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

static int wait_for_answer(
	const struct daemon_program *program, pid_t pid, int log, struct error *error)
{
	const struct timespec pause = {0, POLL_MS * 1000000L};
	gint64 limit = g_get_monotonic_time() + (gint64)START_LIMIT_S * G_USEC_PER_SEC;
	g_autofree char *words = NULL;

	while (!program->answers(program->user)) {
		if (waitpid(pid, NULL, WNOHANG) == pid) {
			words = last_words(log);
			error_set(error, -ECHILD, "cannot start a %s: %s ended at once",
				program->what, program->name);
			error_next(error, "its last words: %s", words);
			return -ECHILD;
		}
		if (g_get_monotonic_time() > limit) {
			words = last_words(log);
			put_down(program->what, pid);
			error_set(error, -ETIMEDOUT,
				"cannot start a %s: %s does not answer after %d s", program->what,
				program->name, START_LIMIT_S);
			error_next(error, "its last words: %s", words);
			return -ETIMEDOUT;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}

int daemon_process_start(const struct daemon_program *program, pid_t *pid, struct error *error)
{
	int log = memfd_create(program->name, MFD_CLOEXEC);
	pid_t parent = getpid();
	int code;

	if (log < 0)
		return error_set(error, -errno, "cannot create a log: %s", strerror(errno));
	*pid = fork();
	if (*pid < 0) {
		code = error_set(error, -errno, "cannot start a process: %s", strerror(errno));
	} else {
		if (*pid == 0)
			become(program, log, parent);
		code = wait_for_answer(program, *pid, log, error);
	}
	close(log);
	return code;
}

static bool ends(struct pollfd *end, int signal, int limit_ms)
{
	int ready;

	syscall(SYS_pidfd_send_signal, end->fd, signal, NULL, 0);
	do
		ready = poll(end, 1, limit_ms);
	while (ready < 0 && errno == EINTR);
	return ready > 0;
}

int daemon_process_end(
	const char *what, pid_t pid, uint64_t started, bool by_force, struct error *error)
{
	struct pollfd end = {.events = POLLIN};
	bool ended;

	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (end.fd < 0)
		return errno == ESRCH ? 0
				      : error_set(error, -errno, "cannot watch process %d: %s",
						(int)pid, strerror(errno));
	/* The number is held by now: this is the process to the end, or was another one from the
	 * beginning. */
	if (!process_is(pid, started)) {
		close(end.fd);
		return 0;
	}
	ended = ends(&end, SIGTERM, by_force ? FORCE_LIMIT_MS : END_LIMIT_MS) ||
		(by_force && ends(&end, SIGKILL, END_LIMIT_MS));
	close(end.fd);
	waitpid(pid, NULL, WNOHANG);
	if (ended)
		return 0;
	error_set(error, -ETIMEDOUT, "the %s does not end (process %d)", what, (int)pid);
	error_next(error, "giltrace started it and asked it to; kill %d ends it", (int)pid);
	return -ETIMEDOUT;
}

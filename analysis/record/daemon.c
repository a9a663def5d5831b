/* A session daemon that answers, for as long as a recording needs it; see daemon.h. */
#include "record/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <inttypes.h>
#include <lttng/lttng.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/daemon_process.h"
#include "record/process.h"
#include "record/session.h"

#define LOCK_NAME "giltrace.lock"
#define WHAT "session daemon"

/*
 * Byte 0 of the lock file is held while a daemon is being started or ended,
 * byte 1 (shared) by every recording from its beginning to its end.
 */
enum lock_byte { LOCK_CHANGE = 0, LOCK_USE = 1 };

/* Open file description locks: ours alone, whatever else opens the file in this process. */
static int lock_byte(int fd, enum lock_byte byte, short type, bool wait)
{
	struct flock lock = {
		.l_type = type,
		.l_whence = SEEK_SET,
		.l_start = byte,
		.l_len = 1,
	};
	int result;

	do
		result = fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : 0;
}

static void note_process(int fd, pid_t pid)
{
	char text[64];
	int length =
		snprintf(text, sizeof(text), "%d %" PRIu64 "\n", (int)pid, process_start_time(pid));

	if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)length, 0) != length)
		return; /* then nobody ends the daemon; it serves the next recording */
}

static void forget_process(int fd)
{
	if (ftruncate(fd, 0) < 0)
		return; /* harmless: the start time tells that it is another process */
}

/* The living daemon that the file names, or 0. */
static pid_t noted_process(int fd, uint64_t *started)
{
	char text[64] = "";
	int pid = 0;

	*started = 0;
	if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
		return 0;
	if (sscanf(text, "%d %" SCNu64, &pid, started) != 2 || !process_is(pid, *started))
		return 0;
	return pid;
}

int daemon_find_program(char **path, struct error *error)
{
	const char *named = getenv("LTTNG_SESSIOND_PATH");

	*path = named ? g_strdup(named) : g_find_program_in_path("lttng-sessiond");
	if (!*path)
		*path = g_strdup("/usr/bin/lttng-sessiond");
	if (access(*path, X_OK) == 0)
		return 0;
	error_set(error, -ENOENT,
		"no LTTng session daemon answers, and there is no '%s' to start one", *path);
	error_next(error, "install the package lttng-tools (apt install lttng-tools)");
	g_free(*path);
	*path = NULL;
	return -ENOENT;
}

bool daemon_answers(void)
{
	return lttng_session_daemon_alive() == 1;
}

static bool answers(const void *user)
{
	(void)user;
	return daemon_answers();
}

static int start(int lock, struct error *error)
{
	g_autofree char *path = NULL;
	pid_t pid;
	int code = daemon_find_program(&path, error);
	const char *const arguments[] = {path, "--no-kernel", NULL};
	const struct daemon_program program = {
		.what = WHAT,
		.name = "lttng-sessiond",
		.arguments = arguments,
		.answers = answers,
	};

	if (code == 0)
		code = daemon_process_start(&program, &pid, error);
	if (code == 0)
		note_process(lock, pid);
	return code;
}

static int open_lock(const struct home *home)
{
	g_autofree char *path = g_build_filename(home->run, LOCK_NAME, NULL);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd < 0 ? -errno : fd;
}

/* With the lock held: the daemon is there when this returns 0. */
static int join_locked(struct daemon *daemon, struct error *error)
{
	uint64_t started;
	int code;

	if (daemon_answers()) {
		session_sweep();
	} else {
		code = start(daemon->lock, error);
		if (code < 0)
			return code;
	}
	daemon->started = noted_process(daemon->lock, &started) != 0;
	return 0;
}

int daemon_join(struct daemon *daemon, struct error *error)
{
	int code = home_init(&daemon->home, error);

	daemon->started = false;
	daemon->lock = -1;
	if (code < 0)
		return code;
	daemon->lock = open_lock(&daemon->home);
	if (daemon->lock < 0) {
		code = daemon->lock;
		daemon->lock = -1;
		if (daemon_answers())
			return 0;
		error_set(error, code, "cannot open a lock file in '%s': %s", daemon->home.run,
			strerror(-code));
		home_release(&daemon->home);
		return code;
	}
	code = lock_byte(daemon->lock, LOCK_CHANGE, F_WRLCK, true);
	if (code == 0)
		code = lock_byte(daemon->lock, LOCK_USE, F_RDLCK, true);
	if (code < 0)
		error_set(error, code, "cannot lock '%s/" LOCK_NAME "': %s", daemon->home.run,
			strerror(-code));
	else
		code = join_locked(daemon, error);
	lock_byte(daemon->lock, LOCK_CHANGE, F_UNLCK, true);
	if (code < 0) {
		close(daemon->lock);
		home_release(&daemon->home);
	}
	return code;
}

/* With LOCK_CHANGE held: ends the noted daemon when this was the last recording in it. */
static int end_if_last(int lock, struct error *error)
{
	uint64_t started;
	pid_t pid = noted_process(lock, &started);
	int code;

	if (!pid || lock_byte(lock, LOCK_USE, F_WRLCK, false) < 0)
		return 0;
	if (session_sweep() > 0)
		return 0;
	code = daemon_process_end(WHAT, pid, started, false, error);
	if (code == 0)
		forget_process(lock);
	return code;
}

int daemon_leave(struct daemon *daemon, struct error *error)
{
	int code = 0;

	if (daemon->lock >= 0) {
		if (lock_byte(daemon->lock, LOCK_CHANGE, F_WRLCK, true) == 0)
			code = end_if_last(daemon->lock, error);
		close(daemon->lock);
		daemon->lock = -1;
	}
	home_release(&daemon->home);
	return code;
}

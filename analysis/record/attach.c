/* Recording of processes that run already; see attach.h. */
#include "record/attach.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "record/pids.h"
#include "record/registered.h"
#include "record/target.h"

/*
 * A process registers at once when a daemon comes up, but for one whose last
 * daemon ended a moment ago: LTTng-UST lets that one sleep for 5 s between two
 * attempts. After twice that it never will.
 */
enum { REGISTER_LIMIT_MS = 10000, PATIENCE_MS = 500, POLL_FIRST_MS = 1, POLL_LAST_MS = 50 };

static int watch_end(struct attach *attach, pid_t pid, struct error *error)
{
	struct pollfd end = {.events = POLLIN};

	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (end.fd < 0 && errno == ESRCH)
		return error_set(error, -ESRCH, "there is no process %d", (int)pid);
	if (end.fd < 0)
		return error_set(
			error, -errno, "cannot watch process %d: %s", (int)pid, strerror(errno));
	g_array_append_val(attach->watched, end);
	attach->alive++;
	return 0;
}

/* A named process, its descendants: one of them at least must be recordable. */
static int add_named(struct attach *attach, pid_t pid, struct error *error)
{
	g_autoptr(GArray) family = pids_new();
	struct target named;
	bool any = false;

	target_inspect(&named, pid);
	g_array_append_val(family, pid);
	if (attach->options->descendants)
		target_add_descendants(family);
	for (guint i = 0; i < family->len; i++) {
		pid_t member = g_array_index(family, pid_t, i);
		struct target target;

		target_inspect(&target, member);
		if (target_may_be_recorded(&target)) {
			any = true;
			pids_add(attach->expected, member);
		}
		pids_add(attach->family, member);
	}
	if (!any || named.state == TARGET_THREAD)
		return target_explain(&named, error);
	return watch_end(attach, pid, error);
}

/* The daemon that it looks for is another one. */
static bool looks_elsewhere(pid_t pid, const struct daemon *daemon)
{
	g_autofree char *home = target_home(pid);

	return daemon->home.lttng_home && home && strcmp(home, daemon->home.lttng_home) != 0;
}

/* Without names: all that are there, so that they are not missed when a daemon has to be started.
 * Those of other homes, or with other files, are perhaps another daemon's. */
static void expect_all(struct attach *attach, const struct daemon *daemon)
{
	g_autoptr(GArray) preloaded = target_list_preloaded();

	for (guint i = 0; i < preloaded->len; i++) {
		pid_t pid = g_array_index(preloaded, pid_t, i);
		struct target target;

		target_inspect(&target, pid);
		if (target.state == TARGET_READY && !target_has_own_files(pid) &&
			!looks_elsewhere(pid, daemon))
			pids_add(attach->expected, pid);
	}
}

/* Root's daemon is everybody's; any other is found by the home of who looks for it. */
static void take_home(const struct attach *attach)
{
	g_autofree char *home = NULL;

	if (geteuid() == 0 || attach->expected->len == 0)
		return;
	home = target_home(g_array_index(attach->expected, pid_t, 0));
	if (home_is_usable(home))
		setenv("LTTNG_HOME", home, 1);
}

int attach_open(struct attach *attach, const struct attach_options *options, struct error *error)
{
	const struct pollfd no_signals = {.fd = -1, .events = POLLIN};
	int code = 0;

	memset(attach, 0, sizeof(*attach));
	attach->options = options;
	attach->family = pids_new();
	attach->expected = pids_new();
	attach->registered = pids_new();
	attach->watched = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	g_array_append_val(attach->watched, no_signals);
	for (size_t i = 0; i < options->pid_count && code == 0; i++)
		code = add_named(attach, options->pids[i], error);
	if (code == 0)
		take_home(attach);
	return code;
}

/* The first expected process that is still there and that the daemon does not know; 0 for none. */
static pid_t find_missing(const struct attach *attach)
{
	for (guint i = 0; i < attach->expected->len; i++) {
		pid_t pid = g_array_index(attach->expected, pid_t, i);
		struct target target;

		if (pids_have(attach->registered, pid))
			continue;
		target_inspect(&target, pid);
		if (target_may_be_recorded(&target))
			return pid;
	}
	return 0;
}

/* All that the daemon knows, or those of them that were asked for. */
static int ask_daemon(struct attach *attach, struct error *error)
{
	g_autoptr(GArray) known = NULL;
	int code = registered_list(&known, error);

	if (code < 0)
		return code;
	g_array_set_size(attach->registered, 0);
	for (guint i = 0; i < known->len; i++) {
		pid_t pid = g_array_index(known, pid_t, i);

		if (!attach->options->pid_count || pids_have(attach->family, pid))
			g_array_append_val(attach->registered, pid);
	}
	return 0;
}

/* Why the daemon does not hear of a process, as far as can be seen. */
static int explain_missing(pid_t pid, const struct daemon *daemon, struct error *error)
{
	g_autofree char *home = target_home(pid);
	struct target target;

	target_inspect(&target, pid);
	if (target.state == TARGET_OPAQUE) {
		error_set(error, -ETIMEDOUT,
			"cannot look into process %d, and the session daemon does not know it",
			(int)pid);
		error_next(error, "does it run under libgiltrace.so? as root it can be recorded");
		return -ETIMEDOUT;
	}
	error_set(error, -ETIMEDOUT,
		"process %d runs under libgiltrace.so, but the session daemon in '%s' does not "
		"know it",
		(int)pid, daemon->home.run);
	if (looks_elsewhere(pid, daemon))
		error_next(error,
			"its LTTng looks for a daemon in '%s/.lttng', from its LTTNG_HOME or HOME: "
			"start it with LTTNG_HOME=%s",
			home, daemon->home.lttng_home);
	else
		error_next(error, "is it stopped, or has it closed descriptors that LTTng opened? "
				  "start it again");
	return -ETIMEDOUT;
}

static bool waited_for(int64_t begin_us, int time_ms)
{
	return g_get_monotonic_time() - begin_us > (int64_t)time_ms * 1000;
}

int attach_await(struct attach *attach, const struct daemon *daemon, struct error *error)
{
	int64_t begin = g_get_monotonic_time();
	int pause_ms = POLL_FIRST_MS;
	bool said = false;
	pid_t missing;

	if (!attach->options->pid_count)
		expect_all(attach, daemon);

	for (;;) {
		const struct timespec pause = {0, pause_ms * 1000000L};
		int code = ask_daemon(attach, error);

		if (code < 0)
			return code;
		missing = find_missing(attach);
		if (!missing)
			return 0;
		if (!said && waited_for(begin, PATIENCE_MS) && attach->options->waiting)
			attach->options->waiting(missing);
		said = said || waited_for(begin, PATIENCE_MS);
		if (waited_for(begin, REGISTER_LIMIT_MS) || looks_elsewhere(missing, daemon))
			return explain_missing(missing, daemon, error);
		attach->interrupted = signals_asked_to_end();
		if (attach->interrupted)
			return error_set(error, -EINTR,
				"interrupted while process %d was waited for", (int)missing);
		nanosleep(&pause, NULL);
		pause_ms = MIN(pause_ms * 2, POLL_LAST_MS);
	}
}

int attach_begin(struct attach *attach, const struct signals *signals, struct error *error)
{
	struct pollfd *watched = &g_array_index(attach->watched, struct pollfd, 0);

	watched->fd = signalfd(-1, &signals->watched, SFD_CLOEXEC | SFD_NONBLOCK);
	if (watched->fd < 0)
		return error_set(error, -errno, "cannot watch signals: %s", strerror(errno));
	attach->deadline_us =
		g_get_monotonic_time() + (int64_t)((attach->options->duration_ns + 999) / 1000);
	return 0;
}

static bool ask_to_end(const struct signals *signals)
{
	siginfo_t info;
	int number;

	while ((number = signals_wait(signals, 0, &info)))
		if (signals_is_wish_to_end(number))
			return true;
	return false;
}

/* The descriptor of an ended process is ready for ever, and not asked again. */
static void note_ends(struct attach *attach)
{
	for (guint i = 1; i < attach->watched->len; i++) {
		struct pollfd *end = &g_array_index(attach->watched, struct pollfd, i);

		if (end->fd < 0 || !end->revents)
			continue;
		close(end->fd);
		end->fd = -1;
		attach->alive--;
	}
}

bool attach_over(struct attach *attach, const struct signals *signals, int timeout_ms)
{
	bool limited = attach->options->duration_ns > 0;
	int64_t left_us = limited ? attach->deadline_us - g_get_monotonic_time() : 0;
	int ready;

	if (limited && left_us <= 0)
		return true;
	/* Rounded up: a millisecond too late, not many times too early. */
	if (limited)
		timeout_ms = (int)MIN((int64_t)timeout_ms, (left_us + 999) / 1000);
	ready = poll(
		(struct pollfd *)(void *)attach->watched->data, attach->watched->len, timeout_ms);
	if (ready <= 0)
		return false;
	note_ends(attach);
	return ask_to_end(signals) || (attach->options->pid_count && !attach->alive);
}

int attach_explain_nothing(const struct daemon *daemon, struct error *error)
{
	g_autoptr(GArray) preloaded = target_list_preloaded();
	struct error reason;

	error_set(&reason, 0, "no process of this user runs under libgiltrace.so");
	error_next(&reason, "start one with LD_PRELOAD=libgiltrace.so, or record a command: "
			    "giltrace record -- COMMAND");
	for (guint i = 0; i < preloaded->len; i++) {
		struct target target;

		target_inspect(&target, g_array_index(preloaded, pid_t, i));
		if (target.state == TARGET_READY) {
			explain_missing(target.pid, daemon, &reason);
			break;
		}
		if (target.state == TARGET_NO_GIL)
			target_explain(&target, &reason);
	}
	error_set(error, -ENODATA, "nothing was recorded: %s", reason.what);
	error_next(error, "%s", reason.next);
	return -ENODATA;
}

void attach_close(struct attach *attach)
{
	for (guint i = 0; i < attach->watched->len; i++)
		if (g_array_index(attach->watched, struct pollfd, i).fd >= 0)
			close(g_array_index(attach->watched, struct pollfd, i).fd);
	g_array_free(attach->watched, TRUE);
	g_array_free(attach->family, TRUE);
	g_array_free(attach->expected, TRUE);
	g_array_free(attach->registered, TRUE);
}

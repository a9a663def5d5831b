/* Who this process is; see process.h. */
#include "process.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gils.h"
#include "pypy.h"
#include "python.h"
#include "recording.h"

static struct {
	pid_t ppid;
	char run[64];
	char executable[256];
	char command[256];
} facts;

static void read_command(char *command, size_t size)
{
	int fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = 0;

	if (fd >= 0) {
		length = read(fd, command, size - 1);
		close(fd);
	}
	if (length < 0)
		length = 0;
	/* Arguments end in a NUL each; the last one's becomes the end of the string. */
	for (ssize_t i = 0; i + 1 < length; i++)
		if (!command[i])
			command[i] = ' ';
	command[length] = '\0';
}

void process_gather(pid_t forked_by)
{
	const char *run = getenv("GILTRACE_RUN");
	ssize_t length = readlink("/proc/self/exe", facts.executable, sizeof(facts.executable) - 1);

	facts.executable[length > 0 ? length : 0] = '\0';
	snprintf(facts.run, sizeof(facts.run), "%s", run ? run : "");
	read_command(facts.command, sizeof(facts.command));
	/* Whoever began it, even when that one is long gone: a daemon is forked twice. */
	facts.ppid = forked_by ? forked_by : getppid();
}

static enum gil_mode gil_mode(void)
{
	const struct gil *gil = gils_main();

	if (pypy_is_found())
		return GIL_ENABLED;
	return gil ? traits_mode(gil->cond, gil->traits, python_free_threaded()) : GIL_MODE_UNKNOWN;
}

void process_describe(enum process_state state, struct process_record *record)
{
	*record = (struct process_record){
		.pid = recording_pid(),
		.tid = gettid(),
		.at = recording_now(),
		.state = state,
		.ppid = facts.ppid,
		.gil_mode = gil_mode(),
		.run = facts.run,
		.implementation = python_implementation(),
		.version = python_version(),
		.executable = facts.executable,
		.command = facts.command,
	};
}

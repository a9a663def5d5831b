/* A process that registers giltrace's events; see primer.h. */
#include "record/primer.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the order of CPython's; see shim/discovery.h. */
static struct {
	unsigned long words[5];
	pthread_cond_t cond;
	pthread_mutex_t mutex;
	pthread_cond_t switch_cond;
	pthread_mutex_t switch_mutex;
} gil;

int primer_main(void)
{
	pthread_mutex_init(&gil.mutex, NULL);
	pthread_mutex_init(&gil.switch_mutex, NULL);
	pthread_cond_init(&gil.cond, NULL);
	pthread_cond_init(&gil.switch_cond, NULL);
	return 0;
}

static void become(const char *library, const char *lttng_home)
{
	static const char self[] = "/proc/self/exe";
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setenv("LD_PRELOAD", library, 1);
	setenv("LTTNG_UST_REGISTER_TIMEOUT", "60000", 1); /* it is what the process is for */
	unsetenv("GILTRACE_RUN");
	unsetenv("GILTRACE_LOG");
	if (lttng_home)
		setenv("LTTNG_HOME", lttng_home, 1);
	execl(self, "giltrace", PRIMER_COMMAND, (char *)NULL);
	_exit(127);
}

int primer_run(const char *library, const char *lttng_home, struct error *error)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return error_set(error, -errno, "cannot start a process: %s", strerror(errno));
	if (pid == 0)
		become(library, lttng_home);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return error_set(error, -ECHILD, "cannot register giltrace's events with LTTng: '%s' %s %d",
		library, WIFSIGNALED(status) ? "was ended by signal" : "ended with",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

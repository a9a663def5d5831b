/*
 * A C program with Python in it.
 *
 *     embed SCENARIO [LIBRARY]
 *
 * threads     threads of the program's own enter Python: one that was there before it, one that
 *             names itself, one that is named by another, one without a name
 * again       Python is finalized and initialised again, three times in all
 * elsewhere   not the program's first thread initialises Python
 * reload      after that, its library is unloaded and loaded again
 * fork-exit   another thread is in the middle of fork() when the program ends by _exit
 * early-exit  a thread that has never been in Python ends the program by _exit
 * abort       a handler of SIGABRT leaves abort(), and the program goes on until it is killed
 * join        a handler of exit() that is older than Python waits for the end of a thread that
 *             wants the GIL of a Python that is gone
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "embed.h"

enum { ENTRIES = 20, ROUNDS = 3 };

static struct python python;
static const char *library;
static pthread_barrier_t gate;

static void run(const char *code)
{
	if (python.run(code) != 0)
		exit(1);
}

/* Enters Python and leaves it again, some times. */
static void visit(void)
{
	for (int i = 0; i < ENTRIES; i++) {
		int state = python.ensure();

		run("sum(range(20000))");
		python.release(state);
	}
}

static pthread_t start(void *(*function)(void *), void *argument)
{
	pthread_t id;

	if (pthread_create(&id, NULL, function, argument) != 0)
		abort();
	return id;
}

static void *early(void *unused)
{
	pthread_setname_np(pthread_self(), "early");
	pthread_barrier_wait(&gate); /* until there is a Python */
	visit();
	return unused;
}

/* Without the function that the C library has for it. */
static void *named_by_itself(void *unused)
{
	prctl(PR_SET_NAME, "itself");
	visit();
	return unused;
}

static void *named_by_another(void *unused)
{
	pthread_barrier_wait(&gate); /* until it has its name */
	visit();
	return unused;
}

static void *without_name(void *unused)
{
	visit();
	return unused;
}

static void scenario_threads(void)
{
	pthread_t threads[4];
	void *saved;

	pthread_barrier_init(&gate, NULL, 2);
	threads[0] = start(early, NULL);
	python.initialize(1);
	saved = python.save();
	pthread_barrier_wait(&gate);
	threads[1] = start(named_by_itself, NULL);
	threads[2] = start(named_by_another, NULL);
	pthread_setname_np(threads[2], "another");
	pthread_barrier_wait(&gate);
	threads[3] = start(without_name, NULL);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	python.restore(saved);
	python.finalize();
}

static void live_once(void)
{
	pthread_t visitor;
	void *saved;

	python.initialize(1);
	run("import threading\n"
	    "t = threading.Thread(target=sum, args=(range(200000),), name='worker')\n"
	    "t.start()\n"
	    "t.join()\n");
	saved = python.save();
	visitor = start(without_name, NULL);
	pthread_join(visitor, NULL);
	python.restore(saved);
	python.finalize();
}

static void *nothing(void *unused)
{
	return unused;
}

static void scenario_again(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		live_once();
		/* Between two Pythons, which must not be asked for names then. */
		pthread_join(start(nothing, NULL), NULL);
	}
}

static void *elsewhere(void *unused)
{
	pthread_setname_np(pthread_self(), "elsewhere");
	live_once();
	return unused;
}

static void scenario_reload(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		int unloaded;

		if (i > 0)
			python_open(&python, library);
		live_once();
		unloaded = python_close(&python);
		pthread_join(start(nothing, NULL), NULL);
		printf("unloaded %d\n", unloaded);
	}
}

static __thread bool forks_for_ever;

/* Runs when libraries that came later hold what they keep across a fork. */
static void stop_in_fork(void)
{
	if (!forks_for_ever)
		return;
	pthread_barrier_wait(&gate);
	pause();
}

static void *fork_for_ever(void *unused)
{
	forks_for_ever = true;
	fork();
	return unused;
}

static void scenario_fork_exit(void)
{
	pthread_barrier_init(&gate, NULL, 2);
	/* The last that was installed is called first. */
	pthread_atfork(stop_in_fork, NULL, NULL);
	python.initialize(1);
	run("sum(range(20000))");
	start(fork_for_ever, NULL);
	pthread_barrier_wait(&gate);
	_exit(7);
}

static void *exit_early(void *unused)
{
	pthread_barrier_wait(&gate);
	_exit(7);
	return unused;
}

static void scenario_early_exit(void)
{
	pthread_barrier_init(&gate, NULL, 2);
	start(exit_early, NULL);
	python.initialize(1);
	python.save(); /* a hold that has an end */
	pthread_barrier_wait(&gate);
	pause();
}

static sigjmp_buf before_abort;

static void leave_abort(int number)
{
	siglongjmp(before_abort, number);
}

static void scenario_abort(void)
{
	void *saved;

	python.initialize(1);
	signal(SIGABRT, leave_abort);
	if (sigsetjmp(before_abort, 1) == 0)
		abort();
	saved = python.save();
	visit();
	python.restore(saved);
	python.save();
	raise(SIGKILL);
}

static pthread_t wanting;
static pid_t wanting_tid;

static void join_it(void)
{
	pthread_join(wanting, NULL);
	printf("joined\n");
}

static void *want(void *unused)
{
	__atomic_store_n(&wanting_tid, gettid(), __ATOMIC_RELEASE);
	python.ensure();
	return unused;
}

/* Until it waits for the GIL, which this thread has. */
static void await_sleep(void)
{
	char line[512] = "";

	for (const char *after = ""; strncmp(after, ") S", 3) != 0; after = strrchr(line, ')')) {
		int tid = __atomic_load_n(&wanting_tid, __ATOMIC_ACQUIRE);
		FILE *file;

		snprintf(line, sizeof(line), "/proc/self/task/%d/stat", tid);
		file = fopen(line, "r");
		if (!file || !fgets(line, sizeof(line), file))
			strcpy(line, ")");
		if (file)
			fclose(file);
	}
}

static void scenario_join(void)
{
	atexit(join_it);
	python.initialize(1);
	/* So long that it is over only inside of exit(). */
	run("import sys; sys.setswitchinterval(2)");
	wanting = start(want, NULL);
	await_sleep();
	python.finalize();
}

static void scenario_elsewhere(void)
{
	pthread_join(start(elsewhere, NULL), NULL);
}

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	{"threads", scenario_threads},
	{"again", scenario_again},
	{"elsewhere", scenario_elsewhere},
	{"reload", scenario_reload},
	{"fork-exit", scenario_fork_exit},
	{"early-exit", scenario_early_exit},
	{"abort", scenario_abort},
	{"join", scenario_join},
};

int main(int argc, char **argv)
{
	const char *scenario = argc > 1 ? argv[1] : "";

	library = argc > 2 ? argv[2] : NULL;
	python_open(&python, library);
	for (size_t i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		if (strcmp(scenario, scenarios[i].name) != 0)
			continue;
		scenarios[i].run();
		return 0;
	}
	return 2;
}

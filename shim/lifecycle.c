/* What happens to a process that is recorded; see lifecycle.h. */
#include "lifecycle.h"

#include <dlfcn.h>
#include <errno.h>
#include <unistd.h>

#include "beside.h"
#include "children.h"
#include "counter.h"
#include "descriptors.h"
#include "emit.h"
#include "ending.h"
#include "flush.h"
#include "frames.h"
#include "last.h"
#include "listeners.h"
#include "log.h"
#include "options.h"
#include "process.h"
#include "pypy.h"
#include "python.h"
#include "recording.h"
#include "registration.h"
#include "sites.h"
#include "spawn.h"
#include "stacks.h"
#include "symbols.h"
#include "thread.h"

static bool forked;		/* this process began as a copy of one that was traced */
static pid_t forked_by;		/* that one, 0: not known */
static bool adoptable;		/* it may be recorded from its first thread on */
static struct pypy_parts later; /* the GIL that is recorded then */

/* GILs are created rarely, but a subinterpreter's may be at any time on any thread. */
static pthread_mutex_t creation = PTHREAD_MUTEX_INITIALIZER;

static void emit_present_thread(const struct thread *thread)
{
	emit_thread(thread, THREAD_PRESENT);
}

static bool start(void)
{
	bool on = recording_on(recording_start());

	if (on)
		counter_prepare();
	return on;
}

static void session_started(void)
{
	if (!recording_pid() || !start() || ending_has_begun())
		return;
	sites_forget();
	emit_process(PROCESS_PRESENT);
	for (size_t i = 0; i < GILS_SLOTS; i++) {
		struct gil *gil = gils_in(i);

		if (gil)
			flush_to_session(gil);
	}
	if (pypy_is_found())
		flush_to_session(&pypy.gil);
	thread_for_each(emit_present_thread);
	flush_waits();
}

/* The fork() that this thread is in leads to an exec. */
static __thread bool child_execs __attribute__((tls_model("initial-exec")));

/*
 * PyPy does not tell whether it forks to exec. So its child is left alone until
 * it starts a thread: before that no thread can wait for its GIL.
 */
static enum child_tracing child_tracing(void)
{
	child_execs = python_forks_to_exec();
	if (!children_traced() || child_execs)
		return CHILD_NEVER;
	return pypy_is_found() ? CHILD_LATER : CHILD_AT_ONCE;
}

static void before_fork(void)
{
	symbols.mutex_lock(&creation);
	thread_before_fork();
}

static void after_fork_parent(void)
{
	thread_after_fork_parent();
	symbols.mutex_unlock(&creation);
}

/*
 * The child's Python creates its GILs anew, if it goes on at all: until then it
 * is no process to speak of.
 */
static void after_fork_child(enum child_tracing tracing)
{
	symbols.mutex_unlock(&creation);
	thread_after_fork_child();
	gils_clear();
	/* One that has no Python of its own yet passes on whose copy it is. */
	if (recording_pid())
		forked_by = recording_pid();
	last_after_fork_child();
	listeners_after_fork_child();
	listeners_expect(tracing == CHILD_AT_ONCE);
	pypy_end();
	sites_forget();
	stacks_after_fork_child();
	counter_after_fork_child();
	recording_set_pid(0);
	forked = true;
	ending_after_fork_child();
	if (tracing != CHILD_AT_ONCE)
		recording_stop();
	adoptable = tracing == CHILD_LATER;
	/* LTTng's memory of them goes on, also where it does not record. */
	if (!child_execs)
		descriptors_set_pid(getpid());
	/* LTTng registers the child anew, and says so when a session wants it. */
	recording_current += recording_current & 1;
}

static const struct recorder_host host = {
	.session_started = session_started,
	.child_tracing = child_tracing,
	.before_fork = before_fork,
	.after_fork_parent = after_fork_parent,
	.after_fork_child = after_fork_child,
	.exiting = ending_by_exit,
};

/*
 * Loaded now, not with the program: a process without Python pays nothing. The
 * library is never unloaded, its threads run until the process ends.
 */
static void load_recorder(void)
{
	const struct recorder *recorder = NULL;
	void *library = NULL;
	recorder_open_fn *open_recorder = NULL;

	descriptors_set_pid(getpid());
	registration_defer();
	if (descriptors_prepare())
		library = beside_open(RECORDER_LIBRARY);
	registration_wait();
	if (library)
		*(void **)&open_recorder = dlsym(library, RECORDER_OPEN);
	if (open_recorder)
		recorder = open_recorder(&host);
	if (!recorder) {
		const char *reason = dlerror();

		log_write("nothing is recorded: cannot use %s: %s", RECORDER_LIBRARY,
			reason ? reason : "it installed no handlers");
		return;
	}
	recording_use(recorder);
}

static bool is_off(const struct gil *gil)
{
	return traits_mode(gil->cond, gil->traits, python_free_threaded()) == GIL_DISABLED;
}

/* Describes the process and its first GIL; the recorder must be there before a session can see
 * them. */
static void first_gil(const void *cond)
{
	process_gather(forked_by);
	spawn_prepare();
	/* Python's main thread is the one that initialises it. */
	thread_enlist(THREAD_MAIN, "MainThread");
	if (!children_traced())
		children_release();
	last_prepare();
	last_enter();
	if (!forked) {
		listeners_expect(true);
		load_recorder();
	}
	listeners_expect(false);
	/* Last: until here, threads that are created are LTTng's. */
	recording_set_pid(getpid());
	/* LTTng's registration has ended: what it has enabled by now, it has enabled completely. */
	start();
	log_write("GIL found at %p: %s %s", cond, python_implementation(), python_version());
}

static void introduce_process(void)
{
	emit_process(forked ? PROCESS_FORKED : PROCESS_STARTED);
	emit_thread(&thread_self, THREAD_PRESENT);
}

/* What a new GIL needs to know of the Python that it belongs to. */
static uint8_t learn_traits(const void *cond)
{
	uint8_t traits = traits_of((uintptr_t)cond, python_free_threaded());

	if (traits & TRAIT_OPAQUE)
		log_write("the interpreter is laid out as none that is known: no switch interval "
			  "and no drop requests");
	return traits;
}

/*
 * Enters a GIL into the table; one that makes room for it, if any, is copied to
 * `given_up`. NULL when there is no room.
 */
static struct gil *enter(void *cond, bool first_of_python, struct gil *given_up)
{
	static uint8_t traits;
	struct gil *gil, *idlest;

	symbols.mutex_lock(&creation);
	if (first_of_python)
		traits = learn_traits(cond);
	gil = gils_add(cond, first_of_python, traits);
	if (!gil && (idlest = gils_idlest(cond))) {
		flush_gil(idlest);
		*given_up = *idlest;
		given_up->keeps = false; /* the next one does now */
		gils_forget(idlest);
		gil = gils_add(cond, first_of_python, traits);
	}
	if (gil)
		gil->generation = recording_generation() | (is_off(gil) ? GIL_OFF : 0);
	symbols.mutex_unlock(&creation);
	return gil;
}

void lifecycle_gil_created(void *cond, const void *caller)
{
	int saved_errno = errno;
	bool first = !recording_pid(), first_of_python = python_found(caller);
	struct gil given_up = {.key = 0};
	struct gil *gil;

	if (first)
		options_read();
	if (first_of_python) {
		frames_found();
		sites_forget();
	}
	if (first)
		first_gil(cond);
	gil = enter(cond, first_of_python, &given_up);
	if (!gil)
		log_write("a GIL is not recorded: too many are in use");
	if (recording_on(recording_generation())) {
		if (first)
			introduce_process();
		if (given_up.key)
			ending_of_gil(&given_up, traits_gone(given_up.cond, given_up.traits)
							 ? GIL_DESTROYED
							 : GIL_FORGOTTEN);
		if (gil)
			emit_gil(gil, GIL_CREATED);
	}
	errno = saved_errno;
}

static void begin_pypy(const struct pypy_parts *parts)
{
	first_gil((const void *)(parts->mutex + PYPY_COND));
	pypy_begin(parts, recording_generation());
	if (recording_on(recording_generation())) {
		introduce_process();
		emit_gil(&pypy.gil, GIL_CREATED);
	}
}

void lifecycle_pypy_created(const struct pypy_parts *parts, const void *caller)
{
	int saved_errno = errno;

	if (!recording_pid() && python_found_pypy(caller)) {
		frames_give_up("the frames of PyPy cannot be read");
		if (forked)
			later = *parts;
		else
			begin_pypy(parts);
	}
	errno = saved_errno;
}

void lifecycle_thread_begins(const void *caller)
{
	int saved_errno = errno;

	/* With liblttng-ust-fork.so, LTTng may come before PyPy. */
	if (!adoptable || !later.mutex || !python_found_pypy(caller))
		return;
	adoptable = false;
	listeners_expect(true);
	recording_recorder()->adopt();
	recording_use(recording_recorder());
	begin_pypy(&later);
	errno = saved_errno;
}

void lifecycle_gil_destroyed(struct gil *gil)
{
	int saved_errno = errno;

	if (recording_on(recording_generation()))
		ending_of_gil(gil, GIL_DESTROYED);
	gils_forget(gil);
	errno = saved_errno;
}

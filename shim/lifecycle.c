/* What happens to a process that is recorded; see lifecycle.h. */
#include "lifecycle.h"

#include <dlfcn.h>
#include <errno.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "emit.h"
#include "log.h"
#include "process.h"
#include "python.h"
#include "recording.h"
#include "state.h"
#include "symbols.h"
#include "thread.h"

/* How often an ending process looks whether another thread has finished, EXIT_PAUSE_NS apart. */
enum { EXIT_PATIENCE = 500, SHUTDOWN_PATIENCE = 5000, EXIT_PAUSE_NS = 100000 };

static bool forked; /* this process began as a copy of one that was traced */
static bool exited;

/* GILs are created rarely, but a subinterpreter's may be at any time on any thread. */
static pthread_mutex_t creation = PTHREAD_MUTEX_INITIALIZER;

static void emit_present_thread(const struct thread *thread)
{
	emit_thread(thread, THREAD_PRESENT);
}

static void session_started(void)
{
	if (!recording_on(recording_turn()) || !recording_pid() || exited)
		return;
	emit_process(PROCESS_PRESENT);
	for (size_t i = 0; i < GILS_SLOTS; i++)
		if (__atomic_load_n(&gils[i].key, __ATOMIC_ACQUIRE) > GILS_GIVEN_UP)
			emit_gil(&gils[i], GIL_PRESENT);
	thread_for_each(emit_present_thread);
}

static bool child_is_traced(void)
{
	return children_traced() && !python_forks_to_exec();
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
static void after_fork_child(bool traced)
{
	symbols.mutex_unlock(&creation);
	thread_after_fork_child();
	gils_clear();
	recording_set_pid(0);
	forked = true;
	exited = false;
	if (!traced)
		recording_stop();
	/* LTTng registers the child anew, and says so when a session wants it. */
	recording_current += recording_current & 1;
}

static void exit_pause(void)
{
	const struct timespec pause = {.tv_nsec = EXIT_PAUSE_NS};

	nanosleep(&pause, NULL);
}

/* A GIL that nobody holds may be gone with its subinterpreter, its memory unmapped: nobody tells
 * us. */
static bool is_held(const struct gil *gil, unsigned generation)
{
	return gil->key > GILS_GIVEN_UP && gil->generation == generation &&
	       __atomic_load_n(&gil->holder, __ATOMIC_RELAXED) > HOLDER_NONE;
}

/*
 * Ends the recording of a GIL that is held, so that nothing is numbered behind
 * the events that the process can still write. Its mutex is never held for
 * long; if it is all the same, this GIL goes on to the end. True when `record`
 * tells of a hold that is open.
 */
static bool close_gil(struct gil *gil, unsigned generation, struct acquire_record *record)
{
	pthread_mutex_t *mutex = (pthread_mutex_t *)(gil->cond + LAYOUT_MUTEX);
	bool open;

	for (int tries = 0; symbols.mutex_trylock(mutex) != 0; tries++) {
		if (tries == EXIT_PATIENCE)
			return false;
		exit_pause();
	}
	open = state_open_hold(gil, generation, record);
	gils_forget(gil);
	symbols.mutex_unlock(mutex);
	return open;
}

static bool is_writing(const struct thread *thread)
{
	unsigned pending = __atomic_load_n(&thread->pending, __ATOMIC_ACQUIRE);

	return thread != &thread_self && (pending & ~(unsigned)PENDING_THREAD);
}

void lifecycle_exiting(void)
{
	int saved_errno = errno;
	unsigned generation = recording_generation();

	/* A child of vfork shares our memory, and its _exit is not our end. */
	if (!recording_pid() || exited || !recording_on(generation) || getpid() != recording_pid())
		return;
	exited = true;
	for (size_t i = 0; i < GILS_SLOTS; i++) {
		struct acquire_record record;

		if (is_held(&gils[i], generation) && close_gil(&gils[i], generation, &record))
			emit_acquire(&record);
	}
	/* A thread may have been preempted between its release and the event that tells of it. */
	for (int tries = 0; tries < EXIT_PATIENCE && thread_any(is_writing); tries++)
		exit_pause();
	emit_process(PROCESS_EXITING);
	errno = saved_errno;
}

static bool has_pending(const struct thread *thread)
{
	return thread != &thread_self && __atomic_load_n(&thread->pending, __ATOMIC_ACQUIRE);
}

/* LTTng-UST is about to unmap its buffers: no thread may write any more. */
static void end_recording(void)
{
	lifecycle_exiting();
	if (!recording_on(recording_generation()))
		return;
	recording_stop();
	recording_turn();
	/* The first pause comes before the first look, so that a write which began is seen. */
	for (int tries = 0; tries < SHUTDOWN_PATIENCE; tries++) {
		exit_pause();
		if (!thread_any(has_pending))
			break;
	}
}

static const struct recorder_host host = {
	.session_started = session_started,
	.child_is_traced = child_is_traced,
	.before_fork = before_fork,
	.after_fork_parent = after_fork_parent,
	.after_fork_child = after_fork_child,
	.exiting = end_recording,
};

/*
 * Loaded now, not with the program: a process without Python pays nothing. The
 * library is never unloaded, its threads run until the process ends.
 */
static void load_recorder(void)
{
	const struct recorder *recorder = NULL;
	void *library = dlopen(RECORDER_LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	recorder_open_fn *open_recorder = NULL;

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

/* Describes the process and its first GIL; the recorder must be there before a session can see
 * them. */
static void first_gil(void *cond, const void *caller)
{
	python_found(caller);
	process_gather((uintptr_t)cond);
	thread_enlist(gettid() == getpid() ? THREAD_MAIN : THREAD_NATIVE, "MainThread");
	if (!children_traced())
		children_release();
	if (!forked)
		load_recorder();
	/* Last: until here, threads that are created are LTTng's. */
	recording_set_pid(getpid());
	log_write("GIL found at %p: %s %s", cond, python_implementation(), python_version());
}

void lifecycle_gil_created(void *cond, const void *caller)
{
	int saved_errno = errno;
	bool first = !recording_pid();
	struct gil *gil;

	if (first)
		first_gil(cond, caller);
	symbols.mutex_lock(&creation);
	gil = gils_add(cond);
	if (gil)
		gil->generation = recording_generation();
	symbols.mutex_unlock(&creation);
	if (!gil)
		log_write("a GIL is not recorded: more than %d exist", GILS_SLOTS);
	if (recording_on(recording_generation())) {
		if (first) {
			emit_process(forked ? PROCESS_FORKED : PROCESS_STARTED);
			emit_thread(&thread_self, THREAD_PRESENT);
		}
		if (gil)
			emit_gil(gil, GIL_CREATED);
	}
	errno = saved_errno;
}

void lifecycle_gil_destroyed(struct gil *gil)
{
	int saved_errno = errno;

	if (recording_on(recording_generation()))
		emit_gil(gil, GIL_DESTROYED);
	gils_forget(gil);
	errno = saved_errno;
}

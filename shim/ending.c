/* How the recording of a process ends; see ending.h. */
#include "ending.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "bursts.h"
#include "emit.h"
#include "flush.h"
#include "layout.h"
#include "pause.h"
#include "pypy.h"
#include "python.h"
#include "recording.h"
#include "spawn.h"
#include "state.h"
#include "symbols.h"
#include "thread.h"

/* How often an ending process looks whether another thread has finished, PAUSE_NS apart. */
enum { EXIT_PATIENCE = 500, SHUTDOWN_PATIENCE = 5000, PARKED_S = 3 };

bool ending_exit_runs;
static bool begun;

bool ending_has_begun(void)
{
	return begun;
}

void ending_after_fork_child(void)
{
	begun = false;
	ending_exit_runs = false;
	bursts_switch(true);
}

/* Up to 3.11 an interpreter ends while it holds its GIL. */
void ending_of_gil(struct gil *gil, enum gil_state state)
{
	unsigned generation = recording_generation();
	struct acquire_record record;

	flush_gil(gil);
	if (state_open_hold(gil, generation, &record))
		emit_acquire(&record, generation);
	emit_gil(gil, state);
}

static bool is_held(const struct gil *gil, unsigned generation)
{
	return gil->generation == generation &&
	       __atomic_load_n(&gil->holder, __ATOMIC_RELAXED) > HOLDER_NONE;
}

/*
 * Writes the hold of a GIL that is held. If its mutex is not to be had, this GIL goes
 * on to the end. `last`: with that its recording ends, so that nothing is numbered
 * behind the events that the process can still write.
 *
 * What this thread holds itself nobody else changes. Better so: it may be the GIL of a Python
 * that was unloaded, up to 3.11 with its GIL held, and other things lie in its memory.
 */
static void write_hold(struct gil *gil, unsigned generation, bool last)
{
	pthread_mutex_t *mutex = (pthread_mutex_t *)(gil->cond + LAYOUT_MUTEX);
	bool mine = __atomic_load_n(&gil->holder, __ATOMIC_RELAXED) == thread_self.tid;
	struct acquire_record record;
	bool open;

	if (!mine && !flush_lock(mutex))
		return;
	open = state_open_hold(gil, generation, &record);
	if (last)
		gils_forget(gil);
	/* Before the holder can tell of its release, from which this would be news of the past. */
	else if (open)
		emit_acquire(&record, generation);
	if (!mine)
		symbols.mutex_unlock(mutex);
	if (open && last)
		emit_acquire(&record, generation);
}

static void write_holds(unsigned generation, bool last)
{
	for (size_t i = 0; i < GILS_SLOTS; i++) {
		struct gil *gil = gils_in(i);

		if (!gil)
			continue;
		/* Its interpreter may have ended, the memory be unmapped: nobody tells us. */
		if (traits_gone(gil->cond, gil->traits)) {
			ending_of_gil(gil, GIL_DESTROYED);
			gils_forget(gil);
		} else {
			flush_gil(gil);
			if (is_held(gil, generation))
				write_hold(gil, generation, last);
		}
	}
}

static void close_pypy(void)
{
	pthread_mutex_t *mutex = (pthread_mutex_t *)pypy.mutex;

	if (!mutex || !flush_lock(mutex))
		return;
	pypy_end();
	symbols.mutex_unlock(mutex);
}

static bool is_writing(const struct thread *thread)
{
	unsigned pending = __atomic_load_n(&thread->pending, __ATOMIC_ACQUIRE);

	return thread != &thread_self && (pending & ~(unsigned)PENDING_THREAD);
}

/*
 * Everything that the trace is to have of this process. A thread may have been
 * preempted between its release and the event that tells of it.
 */
static void write_all(unsigned generation, bool last)
{
	bursts_switch(false);
	write_holds(generation, last);
	flush_waits();
	if (last)
		close_pypy();
	for (int tries = 0; tries < EXIT_PATIENCE && thread_perhaps_any(is_writing); tries++)
		pause_shortly();
	for (int tries = 0; tries < EXIT_PATIENCE && !spawn_names_now(); tries++)
		pause_shortly();
	emit_process(PROCESS_EXITING);
}

/* A child of vfork shares our memory, and its end is not ours. */
static bool is_recorded(unsigned generation)
{
	return recording_pid() && !begun && recording_on(generation) && getpid() == recording_pid();
}

/*
 * Whether the calling thread can write, wherever a handler of a signal has interrupted it: not
 * in the middle of the list's code, and not as its first event, for which LTTng-UST and the
 * dynamic linker allocate.
 */
static bool can_write(void)
{
	return !thread_has_list() && thread_self.wrote;
}

static void end(unsigned generation)
{
	begun = true;
	write_all(generation, true);
}

void ending_at_once(void)
{
	int saved_errno = errno;
	unsigned generation = recording_generation();

	if (is_recorded(generation) && can_write())
		end(generation);
	errno = saved_errno;
}

void ending_perhaps(void)
{
	int saved_errno = errno;
	unsigned generation = recording_generation();

	if (is_recorded(generation) && can_write())
		write_all(generation, false);
	errno = saved_errno;
}

void ending_not(void)
{
	int saved_errno = errno;

	bursts_switch(true);
	if (is_recorded(recording_generation()) && can_write())
		emit_process(PROCESS_PRESENT);
	errno = saved_errno;
}

static bool has_pending(const struct thread *thread)
{
	return thread != &thread_self && __atomic_load_n(&thread->pending, __ATOMIC_ACQUIRE);
}

void ending_by_exit(void)
{
	unsigned generation = recording_generation();

	__atomic_store_n(&ending_exit_runs, true, __ATOMIC_RELAXED);
	/* No handler of a signal may call exit(), but one can have interrupted the list's code. */
	if (is_recorded(generation) && !thread_has_list())
		end(generation);
	if (!recording_on(recording_generation()))
		return;
	recording_stop();
	recording_turn();
	/* The first pause comes before the first look, so that a write which began is seen. */
	for (int tries = 0; tries < SHUTDOWN_PATIENCE; tries++) {
		pause_shortly();
		if (!thread_any(has_pending))
			break;
	}
}

int ending_park(pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *timed_out)
{
	const struct timespec until = {timed_out->tv_sec + PARKED_S, timed_out->tv_nsec};

	return symbols.cond_timedwait(cond, mutex, &until);
}

bool ending_parks_gil(const void *cond)
{
	const struct gil *gil = gils_main();
	int saved_errno = errno;
	bool parks = gil && gil->cond == (uintptr_t)cond && python_forgets_threads();

	errno = saved_errno;
	return parks;
}

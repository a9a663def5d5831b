/* Writes what the buffers of short holds have; see flush.h. */
#include "flush.h"

#include "bursts.h"
#include "emit.h"
#include "pause.h"
#include "recording.h"
#include "symbols.h"
#include "thread.h"

/* How often to try a lock, PAUSE_NS apart. */
enum { PATIENCE = 500 };

bool flush_lock(pthread_mutex_t *mutex)
{
	for (int tries = 0; symbols.mutex_trylock(mutex) != 0; tries++) {
		if (tries == PATIENCE)
			return false;
		pause_shortly();
	}
	return true;
}

static bool lock_burst(struct gil *gil)
{
	for (int tries = 0; !bursts_try_lock(gil); tries++) {
		if (tries == PATIENCE)
			return false;
		pause_shortly();
	}
	return true;
}

void flush_gil(struct gil *gil)
{
	unsigned generation = recording_generation();
	struct batch batch;
	bool any;

	if (!gil->keeps || !lock_burst(gil))
		return;
	any = bursts_take(gil, generation, &batch);
	bursts_unlock(gil);
	if (any)
		emit_batch(&batch, generation);
}

/*
 * Where a session comes in while another one records: an open hold is told when it ends.
 * 0: none records, or the GIL has no use in it yet.
 */
static uint64_t joined_at(const struct gil *gil, unsigned generation)
{
	uint64_t seq = __atomic_load_n(&gil->seq, __ATOMIC_RELAXED);

	if (__atomic_load_n(&gil->generation, __ATOMIC_RELAXED) != generation)
		return 0;
	return gil->kind == INTERPRETER_PYPY ? seq : seq & ~UINT64_C(1);
}

void flush_to_session(struct gil *gil)
{
	unsigned generation = recording_generation();
	bool locked = gil->keeps && lock_burst(gil);
	struct batch batch;
	bool any = locked && bursts_take(gil, generation, &batch);
	/* First the number, then the time: holds in between are recorded. */
	uint64_t seq = any ? batch.seq - 2 : joined_at(gil, generation);
	uint64_t at = any ? batch.at : recording_now();

	if (locked)
		bursts_unlock(gil);
	emit_gil_joined(gil, seq, at);
	if (any)
		emit_batch(&batch, generation);
}

void flush_mine(void)
{
	struct gil *gil = thread_self.released;

	if (gil && !bursts_is_empty(gil))
		flush_gil(gil);
}

static bool sleeps_untold(const struct thread *thread, unsigned generation)
{
	return thread->generation == generation &&
	       __atomic_load_n(&thread->slept, __ATOMIC_ACQUIRE) &&
	       !__atomic_load_n(&thread->told, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&thread->blocked_on, __ATOMIC_RELAXED);
}

/* Most often another thread's, which may go on meanwhile and begin the next one. */
static void tell_wait(const struct thread *thread)
{
	unsigned generation = recording_generation();
	struct wait_record record;

	if (!sleeps_untold(thread, generation))
		return;
	record = thread->wait;
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (sleeps_untold(thread, generation) &&
		record.since == __atomic_load_n(&thread->since, __ATOMIC_RELAXED))
		emit_wait(thread->tid, &record, generation);
}

void flush_waits(void)
{
	thread_try_for_each(tell_wait);
}

void flush_all(void)
{
	for (size_t i = 0; i < GILS_SLOTS; i++) {
		struct gil *gil = gils_in(i);

		if (gil && !bursts_is_empty(gil))
			flush_gil(gil);
	}
}

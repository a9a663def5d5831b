/* Writes what a thread has pending; see emit.h. */
#include "emit.h"

#include <errno.h>

#include "process.h"
#include "recording.h"

static const struct recorder *recorder(void)
{
	return recording_recorder();
}

void emit_thread(const struct thread *thread, enum thread_state state)
{
	struct thread_record record;
	char name[sizeof(thread->name)];

	if (!recording_on(recording_generation()))
		return;
	thread_describe(thread, state, &record, name);
	recorder()->thread(&record);
}

static void emit_gil_record(struct gil_record *record)
{
	record->pid = recording_pid();
	record->tid = thread_self.tid;
	record->at = recording_now();
	recorder()->gil(record);
}

void emit_gil(const struct gil *gil, enum gil_state state)
{
	struct gil_record record = {
		.gil = gil->id,
		.state = state,
		.kind = gil->kind,
		.interval_us = gil->interval_us,
	};

	emit_gil_record(&record);
}

void emit_process(enum process_state state)
{
	struct process_record record;

	process_describe(state, &record);
	recorder()->process(&record);
}

void emit_acquire(struct acquire_record *record)
{
	record->pid = recording_pid();
	recorder()->acquire(record);
}

/* Apart from the common case: rare, and they need more than the record. */
static void emit_announcements(struct thread *self, unsigned pending)
{
	if (pending & PENDING_THREAD)
		emit_thread(self, THREAD_PRESENT);
	if (pending & PENDING_GIL)
		emit_gil_record(&self->gil);
	if (pending & PENDING_WAIT) {
		self->wait.pid = recording_pid();
		self->wait.tid = self->tid;
		recorder()->wait(&self->wait);
	}
	if (pending & PENDING_DROP_REQUEST) {
		self->drop_request.pid = recording_pid();
		self->drop_request.tid = self->tid;
		recorder()->drop_request(&self->drop_request);
	}
}

void emit_pending(struct thread *self)
{
	int saved_errno = errno;
	unsigned pending = self->pending;

	if (pending & ~(unsigned)PENDING_RELEASE & ~(unsigned)PENDING_ACQUIRE)
		emit_announcements(self, pending);
	if (pending & PENDING_ACQUIRE) {
		self->acquire.pid = recording_pid();
		self->acquire.tid = self->tid;
		recorder()->acquire(&self->acquire);
	}
	if (pending & PENDING_RELEASE) {
		self->release.pid = recording_pid();
		self->release.tid = self->tid;
		recorder()->release(&self->release);
	}
	/* Only now: recording_exiting waits for it. */
	__atomic_store_n(&self->pending, 0, __ATOMIC_RELEASE);
	errno = saved_errno;
}

/* Writes what a thread has pending; see emit.h. */
#include "emit.h"

#include <errno.h>

#include "process.h"
#include "recording.h"

static const struct recorder *recorder(void)
{
	return recording_recorder();
}

/*
 * LTTng-UST unmaps its buffers when the process ends, while other threads still
 * run. So whoever writes shows that by its pending set, and looks only then
 * whether recording is still on; end_recording (lifecycle.c) turns it off and waits for
 * those that are seen to write.
 */
static bool write_begin(struct thread *self)
{
	__atomic_store_n(&self->pending, self->pending | PENDING_OTHER, __ATOMIC_SEQ_CST);
	return recording_on(recording_generation());
}

static void write_end(struct thread *self)
{
	__atomic_store_n(
		&self->pending, self->pending & ~(unsigned)PENDING_OTHER, __ATOMIC_RELEASE);
}

void emit_thread(const struct thread *thread, enum thread_state state)
{
	struct thread_record record;
	char name[sizeof(thread->name)];

	if (write_begin(&thread_self)) {
		thread_describe(thread, state, &record, name);
		recorder()->thread(&record);
	}
	write_end(&thread_self);
}

static void complete_gil_record(struct gil_record *record)
{
	record->pid = recording_pid();
	record->tid = thread_self.tid;
	record->at = recording_now();
}

void emit_gil(const struct gil *gil, enum gil_state state)
{
	struct gil_record record = {
		.gil = gil->id,
		.state = state,
		.kind = gil->kind,
		.interval_us = gil->interval_us,
	};

	if (write_begin(&thread_self)) {
		complete_gil_record(&record);
		recorder()->gil(&record);
	}
	write_end(&thread_self);
}

void emit_process(enum process_state state)
{
	struct process_record record;

	if (write_begin(&thread_self)) {
		process_describe(state, &record);
		recorder()->process(&record);
	}
	write_end(&thread_self);
}

void emit_acquire(struct acquire_record *record)
{
	if (write_begin(&thread_self)) {
		record->pid = recording_pid();
		recorder()->acquire(record);
	}
	write_end(&thread_self);
}

/* Apart from the common case: rare, and they need more than the record. */
static void emit_announcements(struct thread *self, unsigned pending)
{
	if (pending & PENDING_THREAD)
		emit_thread(self, THREAD_PRESENT);
	if (pending & PENDING_GIL) {
		complete_gil_record(&self->gil);
		recorder()->gil(&self->gil);
	}
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

static void emit_records(struct thread *self, unsigned pending)
{
	if (pending & ~(unsigned)(PENDING_RELEASE | PENDING_ACQUIRE))
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
}

/*
 * See write_begin: the unlock that comes before is what orders the pending set
 * before the look. What the end of a recording overtakes here is dropped.
 */
void emit_pending(struct thread *self)
{
	int saved_errno = errno;

	if (recording_on(recording_generation()))
		emit_records(self, self->pending);
	__atomic_store_n(&self->pending, 0, __ATOMIC_RELEASE);
	errno = saved_errno;
}

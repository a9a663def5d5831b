/* Writes what a thread has pending; see emit.h. */
#include "emit.h"

#include <errno.h>
#include <unistd.h>

#include "emit_code.h"
#include "process.h"
#include "python.h"
#include "recording.h"
#include "spawn.h"

static const struct recorder *recorder(void)
{
	return recording_recorder();
}

/*
 * LTTng-UST unmaps its buffers when the process ends, while other threads still
 * run. So whoever writes shows that by its pending set, and looks only then
 * whether recording is still on; ending_by_exit turns it off and waits for those
 * that are seen to write.
 */
static bool write_begin(struct thread *self)
{
	__atomic_store_n(&self->pending, self->pending | PENDING_OTHER, __ATOMIC_SEQ_CST);
	return recording_on(recording_generation());
}

static bool write_begin_in(struct thread *self, unsigned generation)
{
	return write_begin(self) && recording_last() == generation;
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
		thread_self.wrote = true;
	}
	write_end(&thread_self);
}

static void complete_gil_record(struct gil_record *record)
{
	record->pid = recording_pid();
	record->tid = thread_self.tid;
}

static void write_gil(const struct gil *gil, enum gil_state state, uint64_t seq, uint64_t at)
{
	struct gil_record record = {
		.gil = gil->id,
		.at = at,
		.state = state,
		.kind = gil->kind,
		.mode = traits_mode(gil->cond, gil->traits, python_free_threaded()),
		.detail = gil_detail(gil),
		.seq = seq,
		.interval_us = gil->interval_us,
	};

	if (write_begin(&thread_self)) {
		complete_gil_record(&record);
		recorder()->gil(&record);
	}
	write_end(&thread_self);
}

void emit_gil(const struct gil *gil, enum gil_state state)
{
	write_gil(gil, state, 0, recording_now());
}

void emit_gil_joined(const struct gil *gil, uint64_t seq, uint64_t at)
{
	write_gil(gil, GIL_JOINED, seq, at);
}

void emit_process(enum process_state state)
{
	struct process_record record;

	if (write_begin(&thread_self)) {
		process_describe(state, &record);
		recorder()->process(&record);
		if (state != PROCESS_EXITING)
			emit_unavailable();
	}
	write_end(&thread_self);
}

void emit_acquire(struct acquire_record *record, unsigned generation)
{
	if (write_begin_in(&thread_self, generation)) {
		record->pid = recording_pid();
		recorder()->acquire(record);
	}
	write_end(&thread_self);
}

void emit_wait(pid_t tid, struct wait_record *record, unsigned generation)
{
	if (write_begin_in(&thread_self, generation)) {
		record->pid = recording_pid();
		record->tid = tid;
		recorder()->wait(record);
	}
	write_end(&thread_self);
}

static void write_batch(const struct batch *batch)
{
	const struct cycles_record record = {
		.pid = recording_pid(),
		.tid = thread_self.tid ? thread_self.tid : gettid(),
		.gil = batch->gil,
		.seq = batch->seq,
		.at = batch->at,
		.words = batch->words,
		.count = batch->count,
	};

	recorder()->cycles(&record);
}

void emit_batch(const struct batch *batch, unsigned generation)
{
	if (write_begin_in(&thread_self, generation))
		write_batch(batch);
	write_end(&thread_self);
}

void emit_mark(enum mark_state state, const char *name)
{
	struct mark_record record = {
		.tid = gettid(),
		.at = recording_now(),
		.state = state,
		.name = name,
	};

	if (write_begin(&thread_self)) {
		record.pid = recording_pid();
		recorder()->mark(&record);
	}
	write_end(&thread_self);
}

/* Apart from the common case: rare, and they need more than the record. */
static void emit_announcements(struct thread *self, unsigned pending)
{
	if (pending & PENDING_THREAD) {
		spawn_adopt(self);
		emit_thread(self, THREAD_PRESENT);
	}
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
	if (pending & PENDING_UNANSWERED)
		emit_unanswered(self);
}

static void emit_records(struct thread *self, unsigned pending)
{
	if (pending & PENDING_CYCLES)
		write_batch(&self->batch);
	if (pending &
		~(unsigned)(PENDING_CYCLES | PENDING_RELEASE | PENDING_ACQUIRE | PENDING_STACK))
		emit_announcements(self, pending);
	if (pending & PENDING_ACQUIRE) {
		self->acquire.pid = recording_pid();
		self->acquire.tid = self->tid;
		/* With a release it is that hold's, and knows its line. */
		if (!(pending & PENDING_RELEASE))
			self->acquire.site = emit_site(self, &self->position);
		recorder()->acquire(&self->acquire);
	}
	if (pending & PENDING_RELEASE) {
		self->release.pid = recording_pid();
		self->release.tid = self->tid;
		self->release.site = emit_site(self, &self->position);
		recorder()->release(&self->release);
	}
	if (pending & PENDING_STACK)
		emit_stack(self);
}

/*
 * See write_begin: the unlock that comes before is what orders the pending set
 * before the look. What the end of a recording overtakes here is dropped.
 */
void emit_pending(struct thread *self)
{
	unsigned generation = recording_generation();
	int saved_errno = errno;

	/* Another recording may have begun since. */
	if (recording_on(generation) && generation == self->generation)
		emit_records(self, self->pending);
	__atomic_store_n(&self->pending, 0, __ATOMIC_RELEASE);
	errno = saved_errno;
}

/* Writes what a thread has pending, through the recorder; errno stays as it was. */
#ifndef GILTRACE_EMIT_H
#define GILTRACE_EMIT_H

#include "thread.h"

/*
 * Called without the GIL's mutex. What is told of a recording that has ended is dropped,
 * here and below: in the next one its numbers would mean something else.
 */
void emit_pending(struct thread *self);

void emit_thread(const struct thread *thread, enum thread_state state);
void emit_gil(const struct gil *gil, enum gil_state state);
void emit_gil_joined(const struct gil *gil, uint64_t seq, uint64_t at);
void emit_process(enum process_state state);
void emit_acquire(struct acquire_record *record, unsigned generation);
void emit_wait(pid_t tid, struct wait_record *record, unsigned generation);
void emit_batch(const struct batch *batch, unsigned generation);
void emit_mark(enum mark_state state, const char *name);

#endif /* GILTRACE_EMIT_H */

/* Writes what events say of Python code: sites, stacks, and why there are none. */
#ifndef GILTRACE_EMIT_CODE_H
#define GILTRACE_EMIT_CODE_H

#include "frames.h"
#include "thread.h"

/*
 * The number of `position` in the calling thread's own frames, told to the trace
 * before its first use. SITE_UNKNOWN when it is not known.
 */
uint32_t emit_site(struct thread *self, const struct position *position);

/* The stack that the thread keeps. */
void emit_stack(struct thread *self);

/* A holder's, which does not answer. */
void emit_unanswered(struct thread *self);

/* To a session that listens anew: what this process goes without. */
void emit_unavailable(void);

#endif /* GILTRACE_EMIT_CODE_H */

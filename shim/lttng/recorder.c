/* Writes the shim's records as LTTng-UST events, and follows fork() and session starts for it. */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "lttng/tracepoints.h"

#include <dlfcn.h>
#include <lttng/ust-fork.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>

#include "lttng/native.h"
#include "recorder.h"

static const struct recorder_host *shim;

static void record_process(const struct process_record *record)
{
	lttng_ust_tracepoint(giltrace, process, record);
}

static void record_gil(const struct gil_record *record)
{
	lttng_ust_tracepoint(giltrace, gil, record);
}

static void record_thread(const struct thread_record *record)
{
	lttng_ust_tracepoint(giltrace, thread, record);
}

static void record_wait(const struct wait_record *record)
{
	lttng_ust_tracepoint(giltrace, wait, record);
}

static void record_drop_request(const struct drop_request_record *record)
{
	lttng_ust_tracepoint(giltrace, drop_request, record);
}

static void record_acquire(const struct acquire_record *record)
{
	lttng_ust_tracepoint(giltrace, acquire, record);
}

static void record_release(const struct release_record *record)
{
	lttng_ust_tracepoint(giltrace, release, record);
}

static void record_cycles(const struct cycles_record *record)
{
	lttng_ust_tracepoint(giltrace, cycles, record);
}

static void record_site(const struct site_record *record)
{
	lttng_ust_tracepoint(giltrace, site, record);
}

static void record_stack(const struct stack_record *record)
{
	lttng_ust_tracepoint(giltrace, stack, record);
}

static void record_module(const struct module_record *record)
{
	lttng_ust_tracepoint(giltrace, module, record);
}

static void record_mark(const struct mark_record *record)
{
	lttng_ust_tracepoint(giltrace, mark, record);
}

static void record_unavailable(const struct unavailable_record *record)
{
	lttng_ust_tracepoint(giltrace, unavailable, record);
}

static unsigned record_native_stack(uint64_t *addresses, unsigned limit, uint32_t audience)
{
	return native_stack(addresses, limit, audience, record_module);
}

static unsigned record_native_stack_of(int32_t tid, int number, uint64_t *addresses, unsigned limit,
	uint32_t audience, const char **reason)
{
	return native_stack_of(tid, number, addresses, limit, audience, record_module, reason);
}

/*
 * LTTng must let go of its locks around fork() and register the child anew.
 * liblttng-ust-fork.so, where preloaded, does the same from its own fork(): then
 * only the shim is told, for the two deadlock together. Per thread, because
 * lttng_ust_before_fork saves the caller's signal mask before it locks.
 */
static bool fork_library;
static __thread struct {
	sigset_t signals;
	enum child_tracing tracing;
} forking;

/* Whether LTTng is to be told, by us. */
static bool tells_lttng(void)
{
	return forking.tracing != CHILD_NEVER && !fork_library;
}

static void before_fork(void)
{
	forking.tracing = shim->child_tracing();
	if (tells_lttng())
		lttng_ust_before_fork(&forking.signals);
	shim->before_fork();
	native_before_fork();
}

static void after_fork_parent(void)
{
	native_after_fork(false);
	shim->after_fork_parent();
	if (tells_lttng())
		lttng_ust_after_fork_parent(&forking.signals);
}

static void after_fork_child(void)
{
	native_after_fork(true);
	/* First the shim: LTTng registers anew with threads of its own, which call its hooks. */
	shim->after_fork_child(forking.tracing);
	if (!tells_lttng())
		return;
	if (forking.tracing == CHILD_AT_ONCE)
		lttng_ust_after_fork_child(&forking.signals);
	else
		lttng_ust_after_fork_parent(&forking.signals); /* its locks only */
}

/* As if the fork were now. */
static void adopt(void)
{
	sigset_t signals;

	if (fork_library)
		return;
	lttng_ust_before_fork(&signals);
	lttng_ust_after_fork_child(&signals);
}

static const struct recorder recorder = {
	.enabled = &lttng_ust_tracepoint_giltrace___release.state,
	.adopt = adopt,
	.process = record_process,
	.gil = record_gil,
	.thread = record_thread,
	.wait = record_wait,
	.drop_request = record_drop_request,
	.acquire = record_acquire,
	.release = record_release,
	.cycles = record_cycles,
	.site = record_site,
	.stack = record_stack,
	.mark = record_mark,
	.unavailable = record_unavailable,
	.native_stack = record_native_stack,
	.native_stack_of = record_native_stack_of,
};

static bool is_loaded(const char *library)
{
	void *handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);

	if (handle)
		dlclose(handle);
	return handle != NULL;
}

/*
 * LTTng-UST tells each session about the program's state when it starts: a
 * probe on the first of those events is how we learn of a session that starts
 * on a running process, before that session sees any other event of ours that
 * follows.
 */
static void session_started(void *data, void *session)
{
	(void)data;
	(void)session;
	shim->session_started();
}

/*
 * Not a destructor: LTTng's macros put their own into this file, and nothing says
 * which of them runs first. What atexit registers runs before any.
 */
static void recorder_close(void)
{
	shim->exiting();
}

__attribute__((visibility("default"))) recorder_open_fn giltrace_recorder_open;

const struct recorder *giltrace_recorder_open(const struct recorder_host *host)
{
	shim = host;
	native_init((uintptr_t)host->session_started);
	fork_library = is_loaded("liblttng-ust-fork.so.1") || is_loaded("liblttng-ust-fork.so");
	if (pthread_atfork(before_fork, after_fork_parent, after_fork_child) != 0)
		return NULL;
	if (atexit(recorder_close) != 0)
		return NULL;
	lttng_ust_tracepoint_provider_register("lttng_ust_statedump", "start",
		(void (*)(void))session_started, NULL, "struct lttng_ust_session *, session");
	return &recorder;
}

/* A sink that wants to know nothing; see quiet.h. */
#include "model/quiet.h"

static void ignore_process(void *user, struct model_process *process)
{
	(void)user;
	(void)process;
}

static void ignore_gil(void *user, struct model_gil *gil)
{
	(void)user;
	(void)gil;
}

static void ignore_view(void *user, struct model_view *view)
{
	(void)user;
	(void)view;
}

static void ignore_thread(void *user, struct model_thread *thread)
{
	(void)user;
	(void)thread;
}

static void ignore_place(void *user, struct model_place *place)
{
	(void)user;
	(void)place;
}

static void ignore_hold(
	void *user, struct model_view *view, struct model_place *place, uint64_t ns, bool released)
{
	(void)user;
	(void)view;
	(void)place;
	(void)ns;
	(void)released;
}

static void ignore_presence(void *user, struct model_view *view, struct model_thread *thread)
{
	(void)user;
	(void)view;
	(void)thread;
}

static void ignore_wait(void *user, struct model_view *view, struct model_place *place,
	const struct model_wait *ended)
{
	(void)user;
	(void)view;
	(void)place;
	(void)ended;
}

static void ignore_blame(void *user, struct model_view *view, struct model_place *waiter,
	uint32_t holder, uint64_t ns)
{
	(void)user;
	(void)view;
	(void)waiter;
	(void)holder;
	(void)ns;
}

static void ignore_handoff(void *user, struct model_view *view, uint64_t ns)
{
	(void)user;
	(void)view;
	(void)ns;
}

static void ignore_request(void *user, struct model_view *view, struct model_thread *sender,
	struct model_thread *receiver)
{
	(void)user;
	(void)view;
	(void)sender;
	(void)receiver;
}

static void ignore_latency(
	void *user, struct model_view *view, struct model_thread *thread, uint64_t ns, bool again)
{
	(void)user;
	(void)view;
	(void)thread;
	(void)ns;
	(void)again;
}

static void ignore_module(void *user, struct model_process *process, const struct event *event)
{
	(void)user;
	(void)process;
	(void)event;
}

static void *ignore_stack(void *user, struct model_thread *thread, const struct event *event)
{
	(void)user;
	(void)thread;
	(void)event;
	return NULL;
}

static void ignore_length(
	void *user, struct model_thread *thread, void *stack, uint64_t at, uint64_t ns)
{
	(void)user;
	(void)thread;
	(void)stack;
	(void)at;
	(void)ns;
}

static void ignore_length_inside(void *user, struct model_view *view, struct model_thread *thread,
	void *stack, uint64_t at, uint64_t ns)
{
	(void)view;
	ignore_length(user, thread, stack, at, ns);
}

static void ignore_facility(
	void *user, struct model_process *process, enum facility facility, const char *reason)
{
	(void)user;
	(void)process;
	(void)facility;
	(void)reason;
}

static void ignore_region(
	void *user, struct model_process *process, const struct model_region *region)
{
	(void)user;
	(void)process;
	(void)region;
}

static void ignore_anomaly(
	void *user, struct model_gil *gil, enum model_anomaly kind, uint64_t count)
{
	(void)user;
	(void)gil;
	(void)kind;
	(void)count;
}

const struct model_sink model_quiet_sink = {
	.process_seen = ignore_process,
	.gil_seen = ignore_gil,
	.view_seen = ignore_view,
	.thread_seen = ignore_thread,
	.place_seen = ignore_place,
	.hold = ignore_hold,
	.open_hold = ignore_presence,
	.wait = ignore_wait,
	.blame = ignore_blame,
	.handoff = ignore_handoff,
	.drop_request = ignore_request,
	.drop_latency = ignore_latency,
	.present = ignore_presence,
	.anomaly = ignore_anomaly,
	.module = ignore_module,
	.stack = ignore_stack,
	.stack_length = ignore_length,
	.stack_inside = ignore_length_inside,
	.unavailable = ignore_facility,
	.region = ignore_region,
	.gil_done = ignore_gil,
	.view_done = ignore_view,
	.process_done = ignore_process,
};

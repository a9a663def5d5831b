/* The event contract of shim/lttng/tracepoints.h as a table; see shapes.h. */
#include "decode/shapes.h"

#include <glib.h>
#include <string.h>

#define WHERE(member) offsetof(struct event, member), sizeof(((struct event *)0)->member)
/* clang-format off */
#define UNSIGNED(name, member) { name, FIELD_UNSIGNED, WHERE(member), 0 }
#define SIGNED(name, member) { name, FIELD_SIGNED, WHERE(member), 0 }
#define ENUM(name, member, last) { name, FIELD_ENUM, WHERE(member), last }
#define STRING(name, member) { name, FIELD_STRING, WHERE(member), 0 }
#define NUMBERS(name, member) { name, FIELD_NUMBERS, WHERE(member), 0 }

static const struct shape shapes[] = {
	{ "process", EVENT_PROCESS, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("at", at),
		ENUM("state", process.state, PROCESS_EXITING),
		SIGNED("ppid", process.ppid),
		ENUM("gil_mode", process.gil_mode, GIL_MODE_UNKNOWN),
		STRING("run", process.run),
		STRING("implementation", process.implementation),
		STRING("version", process.version),
		STRING("executable", process.executable),
		STRING("command", process.command),
	} },
	{ "gil", EVENT_GIL, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("gil", gil),
		UNSIGNED("at", at),
		ENUM("state", gil_info.state, GIL_JOINED),
		ENUM("kind", gil_info.kind, INTERPRETER_PYPY),
		ENUM("mode", gil_info.mode, GIL_MODE_UNKNOWN),
		ENUM("detail", gil_info.detail, GIL_DETAIL_TIMES),
		UNSIGNED("seq", gil_info.seq),
		UNSIGNED("interval_us", gil_info.interval_us),
	} },
	{ "thread", EVENT_THREAD, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("at", at),
		ENUM("state", thread.state, THREAD_EXITED),
		ENUM("kind", thread.kind, THREAD_NATIVE),
		STRING("name", thread.name),
	} },
	{ "wait", EVENT_WAIT, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("gil", gil),
		UNSIGNED("since", at),
		SIGNED("holder", wait.holder),
	} },
	{ "drop_request", EVENT_DROP_REQUEST, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("gil", gil),
		UNSIGNED("at", at),
		SIGNED("holder", drop_request.holder),
	} },
	{ "acquire", EVENT_ACQUIRE, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("gil", gil),
		UNSIGNED("seq", acquire.seq),
		UNSIGNED("at", at),
		UNSIGNED("wait_ns", acquire.wait_ns),
		UNSIGNED("yield_ns", acquire.yield_ns),
		UNSIGNED("waiters", acquire.waiters),
		UNSIGNED("site", acquire.site),
	} },
	{ "release", EVENT_RELEASE, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("gil", gil),
		UNSIGNED("seq", release.seq),
		UNSIGNED("at", at),
		UNSIGNED("held_ns", release.held_ns),
		UNSIGNED("requested_ns", release.requested_ns),
		UNSIGNED("waiters", release.waiters),
		UNSIGNED("acquired", release.acquired),
		UNSIGNED("site", release.site),
	} },
	{ "cycles", EVENT_CYCLES, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("gil", gil),
		UNSIGNED("seq", cycles.seq),
		UNSIGNED("at", at),
		NUMBERS("words", cycles.words),
	} },
	{ "site", EVENT_SITE, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("site", site.site),
		SIGNED("line", site.line),
		SIGNED("first_line", site.first_line),
		STRING("function", site.function),
		STRING("file", site.file),
	} },
	{ "stack", EVENT_STACK, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("gil", gil),
		UNSIGNED("at", at),
		ENUM("kind", stack.kind, STACK_UNANSWERED),
		UNSIGNED("seq", stack.seq),
		UNSIGNED("whole", stack.whole),
		NUMBERS("sites", stack.sites),
		NUMBERS("addresses", stack.addresses),
	} },
	{ "module", EVENT_MODULE, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("base", module.base),
		UNSIGNED("size", module.size),
		STRING("build_id", module.build_id),
		STRING("path", module.path),
	} },
	{ "mark", EVENT_MARK, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		UNSIGNED("at", at),
		ENUM("state", mark.state, MARK_END_ALL),
		STRING("name", mark.name),
	} },
	{ "unavailable", EVENT_UNAVAILABLE, {
		SIGNED("pid", pid),
		SIGNED("tid", tid),
		ENUM("facility", unavailable.facility, FACILITY_STACKS),
		STRING("reason", unavailable.reason),
	} },
};
/* clang-format on */

const struct shape *shape_of(const char *name)
{
	for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++)
		if (strcmp(shapes[i].name, name) == 0)
			return &shapes[i];
	return NULL;
}

const struct shape *shape_of_kind(enum event_kind kind)
{
	const struct shape *shape = shapes;

	while (shape->kind != kind)
		shape++;
	return shape;
}

/* Writes what events say of Python code; see emit_code.h. */
#include "emit_code.h"

#include <unistd.h>

#include "log.h"
#include "options.h"
#include "recording.h"
#include "sites.h"
#include "stacks.h"

enum { NATIVE_FRAMES = 64 };

static const char
	*native_missing; /* why holders are not asked for their native stack; NULL: they are */

static void tell_unavailable(enum facility facility, const char *reason)
{
	static const char *const names[] = {
		[FACILITY_SITES] = "lines of Python", [FACILITY_STACKS] = "native stacks"};
	struct unavailable_record record = {
		.pid = recording_pid(),
		.tid = gettid(),
		.facility = facility,
		.reason = reason,
	};

	recording_recorder()->unavailable(&record);
	log_write("%s are not recorded: %s", names[facility], reason);
}

void emit_unavailable(void)
{
	const char *lines = frames_missing();
	const char *native = __atomic_load_n(&native_missing, __ATOMIC_ACQUIRE);

	if (lines) {
		frames_missing_tell();
		tell_unavailable(FACILITY_SITES, lines);
	}
	if (native)
		tell_unavailable(FACILITY_STACKS, native);
}

/* A new number for it. Apart, for the space that the text takes on the stack. */
static __attribute__((noinline)) uint32_t introduce(
	struct thread *self, const struct position *position, memory_read_fn *read)
{
	struct site site;
	struct site_record record;

	if (!sites_describe(position, read, &site)) {
		/* In its own frames a thread finds nothing but code. */
		if (read == memory_read_own)
			frames_give_up("its code objects are not laid out as expected");
		return SITE_UNKNOWN;
	}
	record = (struct site_record){
		.pid = recording_pid(),
		.tid = self->tid,
		.site = sites_number(),
		.line = site.line,
		.first_line = site.first_line,
		.function = site.function,
		.file = site.file,
	};
	recording_recorder()->site(&record);
	return record.site;
}

uint32_t emit_site(struct thread *self, const struct position *position)
{
	uint32_t number;

	if (!position->code) {
		if (frames_missing_untold())
			emit_unavailable();
		return SITE_UNKNOWN;
	}
	number = sites_find(position);
	if (number)
		return number;
	number = introduce(self, position, memory_read_own);
	if (number)
		sites_remember(position, number);
	return number;
}

/*
 * Another thread's code may be freed while we look, so its number is told anew
 * each time and never remembered.
 */
static uint32_t foreign_site(struct thread *self, const struct position *position)
{
	uint32_t number = sites_find(position);

	return number ? number : introduce(self, position, memory_read_foreign);
}

static void write_stack(const struct stack *stack, const uint32_t *sites, const uint64_t *addresses,
	unsigned address_count)
{
	struct stack_record record = {
		.pid = recording_pid(),
		.tid = stack->tid,
		.gil = stack->gil->id,
		.at = stack->at,
		.kind = stack->kind,
		.seq = stack->seq,
		.whole = stack->whole,
		.sites = sites,
		.site_count = stack->count,
		.addresses = addresses,
		.address_count = address_count,
	};

	recording_recorder()->stack(&record);
}

static void drop_stack(struct thread *self)
{
	stacks_give_back(self->stack);
	self->stack = NULL;
}

void emit_stack(struct thread *self)
{
	struct stack *stack = self->stack;
	uint64_t addresses[NATIVE_FRAMES];
	uint32_t sites[STACK_FRAMES];
	unsigned address_count;

	for (unsigned i = 0; i < stack->count; i++)
		sites[i] = emit_site(self, &stack->frames[i]);
	address_count =
		recording_recorder()->native_stack(addresses, NATIVE_FRAMES, sites_audience());
	write_stack(stack, sites, addresses, address_count);
	drop_stack(self);
}

/* The native frames of that thread at the same moment; 0 when they cannot be had. */
static unsigned foreign_native_stack(const struct stack *stack, uint64_t *addresses)
{
	const char *reason = NULL;
	unsigned count;

	if (!options.stack_signal || __atomic_load_n(&native_missing, __ATOMIC_ACQUIRE))
		return 0;
	count = recording_recorder()->native_stack_of(stack->tid, options.stack_signal, addresses,
		NATIVE_FRAMES, sites_audience(), &reason);
	if (reason) {
		__atomic_store_n(&native_missing, reason, __ATOMIC_RELEASE);
		tell_unavailable(FACILITY_STACKS, reason);
	}
	return count && stacks_is_unmoved(stack) ? count : 0;
}

void emit_unanswered(struct thread *self)
{
	struct stack *stack = self->stack;
	uint64_t addresses[NATIVE_FRAMES];
	unsigned address_count;
	uint32_t sites[STACK_FRAMES];

	if (stacks_take_foreign(stack)) {
		address_count = foreign_native_stack(stack, addresses);
		for (unsigned i = 0; i < stack->count; i++)
			sites[i] = foreign_site(self, &stack->frames[i]);
		write_stack(stack, sites, addresses, address_count);
	}
	drop_stack(self);
}

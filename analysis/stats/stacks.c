/* Stacks of long holds and waits, equal ones together, and the modules that they lie in. */
#include <stdlib.h>
#include <string.h>

#include "stats/gather.h"

/* Of a process; a program that loads and unloads for ever is no reason to remember all of it. */
enum { MODULES_KEPT = 16384 };

static bool is_same(const struct module_report *module, const struct event *event)
{
	return module->base == event->module.base && module->size == event->module.size &&
	       strcmp(module->path, event->module.path) == 0 &&
	       strcmp(module->build_id, event->module.build_id) == 0;
}

static bool overlaps(const struct module_report *module, const struct event *event)
{
	if (module->base < event->module.base)
		return event->module.base - module->base < module->size;
	return module->base - event->module.base < event->module.size;
}

void gather_module(struct process_report *process, const struct event *event)
{
	const struct module_report *module;

	for (size_t i = process->module_count; i-- > 0;) {
		module = &process->modules[i];
		if (is_same(module, event))
			return; /* told again when another session starts */
		if (overlaps(module, event))
			break;
	}
	if (process->module_count == MODULES_KEPT)
		return;
	process->modules =
		g_renew(struct module_report, process->modules, process->module_count + 1);
	process->modules[process->module_count++] = (struct module_report){
		.path = g_strdup(event->module.path),
		.build_id = g_strdup(event->module.build_id),
		.base = event->module.base,
		.size = event->module.size,
	};
}

/* The latest module there: it has replaced those before. */
static struct native_frame frame_at(const struct process_report *process, uint64_t address)
{
	for (size_t i = process->module_count; i-- > 0;) {
		const struct module_report *module = &process->modules[i];

		if (address >= module->base && address - module->base < module->size)
			return (struct native_frame){
				.module = (int)i, .offset = address - module->base};
	}
	return (struct native_frame){.module = -1, .offset = address};
}

static guint hash_stack(gconstpointer key)
{
	const struct stack_stats *stack = key;
	uint64_t hash = (uint64_t)stack->thread->index * 3 + (uint64_t)stack->kind;

	for (size_t i = 0; i < stack->site_count; i++)
		hash = (hash ^ stack->sites[i]) * UINT64_C(0x9e3779b97f4a7c15);
	for (size_t i = 0; i < stack->native_count; i++)
		hash = (hash ^ stack->native[i].offset) * UINT64_C(0x9e3779b97f4a7c15);
	return (guint)(hash >> 32);
}

static gboolean same_stack(gconstpointer a, gconstpointer b)
{
	const struct stack_stats *left = a, *right = b;

	if (left->thread != right->thread || left->kind != right->kind ||
		left->whole != right->whole || left->site_count != right->site_count ||
		left->native_count != right->native_count)
		return FALSE;
	for (size_t i = 0; i < left->site_count; i++)
		if (left->sites[i] != right->sites[i])
			return FALSE;
	for (size_t i = 0; i < left->native_count; i++)
		if (left->native[i].module != right->native[i].module ||
			left->native[i].offset != right->native[i].offset)
			return FALSE;
	return TRUE;
}

static void free_stack(gpointer data)
{
	struct stack_stats *stack = data;

	g_free(stack->sites);
	g_free(stack->native);
	g_free(stack);
}

/* What is on the stack only because it is recorded, around threads for one. */
static bool is_own(const struct process_report *process, const struct native_frame *frame)
{
	char *name;
	bool own;

	if (frame->module < 0)
		return false;
	name = g_path_get_basename(process->modules[frame->module].path);
	own = g_str_has_prefix(name, "libgiltrace");
	g_free(name);
	return own;
}

static struct stack_stats *new_stack(const struct thread_stats *thread, const struct event *event,
	const struct process_report *process)
{
	const struct event_numbers *sites = &event->stack.sites;
	const struct event_numbers *addresses = &event->stack.addresses;
	struct stack_stats *stack = g_new0(struct stack_stats, 1);

	stack->thread = thread;
	stack->kind = event->stack.kind;
	stack->whole = event->stack.whole != 0;
	stack->sites = g_new(uint32_t, sites->count);
	stack->native = g_new(struct native_frame, addresses->count);
	stack->site_count = sites->count;
	for (size_t i = 0; i < sites->count; i++)
		stack->sites[i] = (uint32_t)sites->numbers[i];
	for (size_t i = 0; i < addresses->count; i++) {
		struct native_frame frame = frame_at(process, addresses->numbers[i]);

		if (!is_own(process, &frame))
			stack->native[stack->native_count++] = frame;
	}
	return stack;
}

struct stack_stats *gather_stack(struct gil_stats *stats, const struct thread_stats *thread,
	const struct event *event, const struct process_report *process)
{
	struct stack_stats *stack = new_stack(thread, event, process), *known;

	if (!stats->stacks)
		stats->stacks = g_hash_table_new_full(hash_stack, same_stack, free_stack, NULL);
	known = g_hash_table_lookup(stats->stacks, stack);
	if (known) {
		free_stack(stack);
		return known;
	}
	if (g_hash_table_size(stats->stacks) >= STACKS_KEPT) {
		stats->stacks_left_out++;
		free_stack(stack);
		return NULL;
	}
	g_hash_table_add(stats->stacks, stack);
	return stack;
}

struct stack_stats *gather_stack_inside(
	struct gil_stats *stats, const struct thread_stats *thread, struct stack_stats *stack)
{
	struct stack_stats *inside;

	if (!stats->stacks)
		stats->stacks = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	inside = g_hash_table_lookup(stats->stacks, stack);
	if (inside)
		return inside;
	/* The frames stay those of the GIL's. */
	inside = g_memdup2(stack, sizeof(*stack));
	inside->thread = thread;
	inside->count = inside->known = inside->total_ns = inside->max_ns = 0;
	g_hash_table_insert(stats->stacks, stack, inside);
	return inside;
}

void gather_stack_length(struct stack_stats *stack, uint64_t at, uint64_t ns)
{
	if (stack->count++ == 0)
		stack->at_ns = at;
	if (ns == EVENT_UNKNOWN)
		return;
	if (stack->known++ == 0 || ns > stack->max_ns) {
		stack->max_ns = ns;
		stack->at_ns = at;
	}
	stack->total_ns = tally_plus(stack->total_ns, ns);
}

static struct python_frame python_frame(const struct model_process *process, uint32_t number)
{
	const struct model_site *site = model_site(process, number);

	return (struct python_frame){
		.file = g_strdup(site ? site->file : ""),
		.function = g_strdup(site ? site->function : ""),
		.line = site ? site->line : 0,
	};
}

static void fill(struct stack_report *report, const struct stack_stats *stack,
	const struct model_process *process, const int *order)
{
	*report = (struct stack_report){
		.kind = stack->kind,
		.thread = order[stack->thread->index],
		.count = stack->count,
		.known = stack->known,
		.total_ns = stack->total_ns,
		.max_ns = stack->known ? stack->max_ns : FIGURE_UNKNOWN,
		.at_ns = stack->at_ns,
		.whole = stack->whole,
		.python = g_new(struct python_frame, stack->site_count),
		.python_count = stack->site_count,
		.native = g_memdup2(stack->native, stack->native_count * sizeof(*stack->native)),
		.native_count = stack->native_count,
	};
	for (size_t i = 0; i < stack->site_count; i++)
		report->python[i] = python_frame(process, stack->sites[i]);
}

static int by_total(const void *a, const void *b)
{
	const struct stack_report *left = a, *right = b;

	if (left->total_ns != right->total_ns)
		return left->total_ns < right->total_ns ? 1 : -1;
	if (left->at_ns != right->at_ns)
		return left->at_ns < right->at_ns ? -1 : 1;
	return (int)left->kind - (int)right->kind;
}

void gather_stacks(const struct gil_stats *stats, const struct model_gil *gil, const int *order,
	struct gil_report *report)
{
	GHashTableIter iter;
	gpointer value;

	report->stacks_left_out = stats->stacks_left_out;
	if (!stats->stacks)
		return;
	report->stacks = g_new0(struct stack_report, g_hash_table_size(stats->stacks));
	g_hash_table_iter_init(&iter, stats->stacks);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const struct stack_stats *stack = value;

		if (stack->count && order[stack->thread->index] >= 0)
			fill(&report->stacks[report->stack_count++], stack, gil->process, order);
	}
	if (report->stack_count)
		qsort(report->stacks, report->stack_count, sizeof(*report->stacks), by_total);
}

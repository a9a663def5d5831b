/* Names for the native frames of a report; see frames.h. */
#include "symbols/frames.h"

#include <glib.h>

#include "symbols/symbols.h"

static void name_frame(struct symbols *symbols, const struct process_report *process,
	struct native_frame *frame, bool is_call)
{
	const struct module_report *module;
	struct module_identity identity;
	const struct symbol *symbol;

	if (frame->module < 0)
		return;
	module = &process->modules[frame->module];
	identity = (struct module_identity){module->path, module->build_id, module->size};
	/* A call can be the last instruction of its function: what follows is another one. */
	symbol = symbols_find(symbols, &identity, frame->offset - is_call);
	frame->function = g_strdup(symbol->function);
	frame->file = g_strdup(symbol->file);
	frame->line = symbol->line;
}

static void name_stack(struct symbols *symbols, const struct process_report *process,
	const struct stack_report *stack, frames_choice *choice)
{
	int only = choice ? choice(process, stack) : 0;

	for (size_t i = 0; i < stack->native_count; i++)
		if (!choice || (int)i == only)
			name_frame(symbols, process, &stack->native[i],
				i > 0 || stack->kind != STACK_UNANSWERED);
}

static void name_stacks(struct symbols *symbols, const struct process_report *process,
	const struct gil_report *gils, size_t count, frames_choice *choice)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < gils[i].stack_count; k++)
			name_stack(symbols, process, &gils[i].stacks[k], choice);
}

void frames_name(struct report *report, frames_choice *choice)
{
	struct symbols *symbols = symbols_new(NULL);

	for (size_t p = 0; p < report->process_count; p++) {
		const struct process_report *process = &report->processes[p];

		name_stacks(symbols, process, process->gils, process->gil_count, choice);
		for (size_t r = 0; r < process->region_count; r++)
			name_stacks(symbols, process, process->regions[r].gils,
				process->regions[r].gil_count, choice);
	}
	symbols_free(symbols);
}

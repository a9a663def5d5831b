/* The parts of the JSON report that speak of stacks; see json_stacks.h. */
#include "render/json_stacks.h"

static void put_text_or_null(struct builder *b, json_t *object, const char *key, const char *text)
{
	if (text && *text)
		put_string(b, object, key, text);
	else
		put(b, object, key, json_null());
}

static void append_python(struct builder *b, json_t *array, const struct python_frame *frame)
{
	json_t *json = append_object(b, array);

	put_text_or_null(b, json, "file", frame->file);
	put_integer(b, json, "line", frame->line ? (uint64_t)frame->line : FIGURE_UNKNOWN);
	put_text_or_null(b, json, "function", frame->function);
}

static void append_native(struct builder *b, json_t *array, const struct native_frame *frame)
{
	json_t *json = append_object(b, array);

	put(b, json, "module", frame->module < 0 ? json_null() : json_integer(frame->module));
	put_integer(b, json, "offset", frame->offset);
	put_text_or_null(b, json, "function", frame->function);
	put_text_or_null(b, json, "file", frame->file);
	put_integer(b, json, "line", frame->line ? (uint64_t)frame->line : FIGURE_UNKNOWN);
}

static void append_stack(struct builder *b, json_t *array, const struct gil_report *gil,
	const struct stack_report *stack)
{
	static const char *const kinds[] = {
		[STACK_HOLD] = "hold", [STACK_WAIT] = "wait", [STACK_UNANSWERED] = "unanswered"};
	json_t *json = append_object(b, array), *frames;

	put_string(b, json, "kind", kinds[stack->kind]);
	put_tid(b, json, "thread", gil, stack->thread);
	put_integer(b, json, "count", stack->count);
	put_integer(b, json, "total_ns", stack->known ? stack->total_ns : FIGURE_UNKNOWN);
	put_integer(b, json, "max_ns", stack->max_ns);
	put_integer(b, json, "unknown_count", stack->count - stack->known);
	put_integer(b, json, "at_ns", stack->at_ns);
	put(b, json, "whole", json_boolean(stack->whole));
	frames = put_array(b, json, "python");
	for (size_t i = 0; i < stack->python_count; i++)
		append_python(b, frames, &stack->python[i]);
	frames = put_array(b, json, "native");
	for (size_t i = 0; i < stack->native_count; i++)
		append_native(b, frames, &stack->native[i]);
}

void json_stacks_put_gil(struct builder *b, json_t *object, const struct gil_report *gil)
{
	json_t *stacks = put_array(b, object, "stacks");

	for (size_t i = 0; i < gil->stack_count; i++)
		append_stack(b, stacks, gil, &gil->stacks[i]);
	put_integer(b, object, "stacks_left_out", gil->stacks_left_out);
}

void json_stacks_put_modules(
	struct builder *b, json_t *object, const struct process_report *process)
{
	json_t *modules = put_array(b, object, "modules");

	for (size_t i = 0; i < process->module_count; i++) {
		const struct module_report *module = &process->modules[i];
		json_t *json = append_object(b, modules);

		put_string(b, json, "path", module->path);
		put_text_or_null(b, json, "build_id", module->build_id);
		put_integer(b, json, "base", module->base);
		put_integer(b, json, "size", module->size);
	}
}

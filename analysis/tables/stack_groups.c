/* Stacks for people; see stack_groups.h. */
#include "tables/stack_groups.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "base/utf8.h"

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_interpreter(const struct process_report *process, int module)
{
	const char *path, *name;

	if (module < 0)
		return false;
	path = process->modules[module].path;
	name = base_name(path);
	return strcmp(path, process->executable) == 0 || g_str_has_prefix(name, "libpython") ||
	       g_str_has_prefix(name, "python");
}

int stack_foreign_frame(const struct process_report *process, const struct stack_report *stack)
{
	size_t i = 0;

	/* The functions that take and release the GIL are the interpreter's; above them is the
	 * caller. */
	while (i < stack->native_count && is_interpreter(process, stack->native[i].module))
		i++;
	/* What is outside of all of the interpreter has only started it; the outermost frame is its
	 * entry. */
	for (size_t k = i; k + 1 < stack->native_count; k++)
		if (is_interpreter(process, stack->native[k].module))
			return (int)i;
	return -1;
}

static bool same_python(const struct stack_report *a, const struct stack_report *b)
{
	if (a->python_count != b->python_count)
		return false;
	for (size_t i = 0; i < a->python_count; i++)
		if (a->python[i].line != b->python[i].line ||
			strcmp(a->python[i].function, b->python[i].function) != 0 ||
			strcmp(a->python[i].file, b->python[i].file) != 0)
			return false;
	return true;
}

static bool same_native(const struct native_frame *a, const struct native_frame *b)
{
	if (a->module != b->module)
		return false;
	if (a->function && b->function)
		return strcmp(a->function, b->function) == 0;
	return a->offset == b->offset;
}

static bool same_group(const struct process_report *process, const struct stack_report *a,
	const struct stack_report *b)
{
	int left = stack_foreign_frame(process, a), right = stack_foreign_frame(process, b);

	if (a->kind != b->kind || !same_python(a, b) || (left < 0) != (right < 0))
		return false;
	return left < 0 || same_native(&a->native[left], &b->native[right]);
}

/* `seen`: threads of each group so far, as bits. */
static void add(struct stack_group *group, const struct stack_report *stack, bool *seen)
{
	group->threads += !seen[stack->thread];
	seen[stack->thread] = true;
	group->count += stack->count;
	group->known += stack->known;
	group->total_ns += stack->total_ns;
	if (stack->known && (group->max_ns == FIGURE_UNKNOWN || stack->max_ns > group->max_ns))
		group->max_ns = stack->max_ns;
}

static int by_total(const void *a, const void *b)
{
	const struct stack_group *left = a, *right = b;

	if (left->total_ns != right->total_ns)
		return left->total_ns < right->total_ns ? 1 : -1;
	return left->example < right->example ? -1 : left->example > right->example;
}

void stack_groups_init(struct stack_groups *groups, const struct process_report *process,
	const struct gil_report *gil)
{
	bool *taken = g_new0(bool, gil->stack_count), *seen = g_new0(bool, gil->thread_count);

	*groups = (struct stack_groups){.items = g_new0(struct stack_group, gil->stack_count)};
	for (size_t i = 0; i < gil->stack_count; i++) {
		struct stack_group *group = &groups->items[groups->count];

		if (taken[i])
			continue;
		*group = (struct stack_group){.kind = gil->stacks[i].kind,
			.example = &gil->stacks[i],
			.max_ns = FIGURE_UNKNOWN};
		memset(seen, 0, gil->thread_count * sizeof(*seen));
		for (size_t k = i; k < gil->stack_count; k++) {
			if (taken[k] || !same_group(process, &gil->stacks[i], &gil->stacks[k]))
				continue;
			taken[k] = true;
			add(group, &gil->stacks[k], seen);
		}
		groups->count++;
	}
	if (groups->count)
		qsort(groups->items, groups->count, sizeof(*groups->items), by_total);
	g_free(seen);
	g_free(taken);
}

void stack_groups_release(struct stack_groups *groups)
{
	g_free(groups->items);
}

char *label_python_frame(const struct python_frame *frame)
{
	char *text, *clean;

	if (!*frame->file && !*frame->function)
		return g_strdup("(line not known)");
	if (frame->line)
		text = g_strdup_printf(
			"%s:%d %s", base_name(frame->file), frame->line, frame->function);
	else
		text = g_strdup_printf("%s:? %s", base_name(frame->file), frame->function);
	clean = utf8_clean(text);
	g_free(text);
	return clean;
}

char *label_native_frame(const struct process_report *process, const struct native_frame *frame)
{
	const char *name =
		frame->module < 0 ? NULL : base_name(process->modules[frame->module].path);
	char *text, *clean;

	if (!name)
		return g_strdup_printf("0x%" PRIx64, frame->offset);
	if (frame->function && frame->file)
		text = g_strdup_printf("%s:%s (%s:%d)", name, frame->function,
			base_name(frame->file), frame->line);
	else if (frame->function)
		text = g_strdup_printf("%s:%s", name, frame->function);
	else
		text = g_strdup_printf("%s+0x%" PRIx64, name, frame->offset);
	clean = utf8_clean(text);
	g_free(text);
	return clean;
}

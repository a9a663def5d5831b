/*
 * Folded stacks, for flame graphs: "process;thread;function (file:line) ns" a line,
 * which flamegraph.pl and speedscope read. Whole Python stacks where they were
 * recorded, of long holds and waits; of the others the line alone is known.
 */
#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"
#include "export/exporters.h"
#include "tables/labels.h"

struct folded {
	FILE *stream;
	enum export_weight weight;
};

/* Frames are parted by semicolons, and a blank parts the last one from the number. */
static void append_frame(GString *line, const char *name)
{
	char *clean = utf8_clean(name);

	if (line->len)
		g_string_append_c(line, ';');
	for (const char *c = clean; *c; c++)
		g_string_append_c(line, *c == ';' ? ':' : *c);
	g_free(clean);
}

static void append_line(GString *line, const char *function, const char *file, int32_t number)
{
	char *frame = number ? g_strdup_printf("%s (%s:%d)", function, file, number)
			     : g_strdup_printf("%s (%s)", function, file);

	append_frame(line, frame);
	g_free(frame);
}

static void append_site(GString *line, const struct site_report *site)
{
	if (site->kind == SITE_LINE)
		append_line(line, site->function, site->file, site->line);
	else
		append_frame(line, site->kind == SITE_REST ? "(other lines)" : "(line not known)");
}

static void append_stack(GString *line, const struct stack_report *stack)
{
	if (!stack->whole)
		append_frame(line, "(more frames)");
	for (size_t i = stack->python_count; i-- > 0;) {
		const struct python_frame *frame = &stack->python[i];

		if (*frame->function || *frame->file)
			append_line(line, frame->function, frame->file, frame->line);
		else
			append_frame(line, "(line not known)");
	}
}

static uint64_t weight_of(const struct site_figures *figures, enum export_weight weight)
{
	switch (weight) {
	case WEIGHT_HELD:
		return figures->held_ns;
	case WEIGHT_BLOCKED:
		return figures->blocked_ns;
	case WEIGHT_WAITED:
		return figures->wait_ns;
	}
	return 0;
}

/* Does the stack belong to holds, or waits, of the thread at the site? */
static bool is_at(const struct stack_report *stack, enum export_weight weight, int thread,
	const struct site_report *site)
{
	const struct python_frame *inner = stack->python;

	if (stack->thread != thread || stack->python_count == 0 || site->kind != SITE_LINE)
		return false;
	if (stack->kind != (weight == WEIGHT_HELD ? STACK_HOLD : STACK_WAIT))
		return false;
	return inner->line == site->line && strcmp(inner->file, site->file) == 0 &&
	       strcmp(inner->function, site->function) == 0;
}

static void put(const struct folded *folded, const GString *line, uint64_t ns)
{
	if (ns)
		fprintf(folded->stream, "%s %" PRIu64 "\n", line->str, ns);
}

/*
 * Those of its holds or waits whose stacks are known, and the rest as a line. Lengths
 * of stacks are whole ones: in a region there are only lines.
 */
static void put_site(const struct folded *folded, const struct gil_report *gil, int thread,
	const struct thread_site_report *at, GString *line, bool stacks)
{
	const struct site_report *site = &gil->sites[at->site];
	uint64_t left = weight_of(&at->figures, folded->weight);
	gsize length = line->len;

	for (size_t i = 0; stacks && i < gil->stack_count; i++) {
		const struct stack_report *stack = &gil->stacks[i];
		uint64_t ns = MIN(stack->total_ns, left);

		if (!is_at(stack, folded->weight, thread, site))
			continue;
		append_stack(line, stack);
		put(folded, line, ns);
		g_string_truncate(line, length);
		left -= ns;
	}
	append_site(line, site);
	put(folded, line, left);
	g_string_truncate(line, length);
}

static void put_gil(
	const struct folded *folded, const struct gil_report *gil, GString *line, bool stacks)
{
	for (size_t i = 0; i < gil->thread_count; i++) {
		const struct thread_report *thread = &gil->threads[i];
		char *label = label_thread(gil, i);
		gsize length = line->len;

		append_frame(line, label);
		for (size_t k = 0; k < thread->site_count; k++)
			put_site(folded, gil, (int)i, &thread->sites[k], line, stacks);
		g_string_truncate(line, length);
		g_free(label);
	}
}

static void put_process(
	const struct folded *folded, const struct process_report *process, bool stacks)
{
	char *label = label_process(process);
	char *frame = g_strdup_printf("%s [%d]", label, process->pid);
	GString *line = g_string_new(NULL);

	append_frame(line, frame);
	for (size_t i = 0; i < process->gil_count; i++) {
		const gsize length = line->len;
		char *name = g_strdup_printf("GIL %u", process->gils[i].id);

		if (process->gil_count > 1)
			append_frame(line, name);
		put_gil(folded, &process->gils[i], line, stacks);
		g_string_truncate(line, length);
		g_free(name);
	}
	g_string_free(line, TRUE);
	g_free(frame);
	g_free(label);
}

static int begin(void **state, const struct export_options *options,
	struct model_timeline *timeline, struct error *error)
{
	struct folded *folded = g_new0(struct folded, 1);

	(void)timeline;
	(void)error;
	folded->stream = options->stream;
	folded->weight = options->weight;
	*state = folded;
	return 0;
}

static int end(void *state, const struct report *report, struct error *error)
{
	struct folded *folded = state;
	bool stacks = folded->weight != WEIGHT_BLOCKED && report && !report->region;

	(void)error;
	for (size_t i = 0; report && i < report->process_count; i++)
		put_process(folded, &report->processes[i], stacks);
	g_free(folded);
	return 0;
}

const struct exporter export_folded = {
	.name = "folded", .target = EXPORT_STREAM, .regional = true, .begin = begin, .end = end};

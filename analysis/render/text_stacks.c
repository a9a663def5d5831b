/* Stacks as text; see text_stacks.h. */
#include "render/text_stacks.h"

#include "base/humane.h"
#include "base/utf8.h"
#include "render/style.h"
#include "render/wrap.h"
#include "tables/labels.h"
#include "tables/stack_groups.h"

struct drawing {
	GString *out;
	const struct process_report *process;
	const struct gil_report *gil;
	int width;
};

static void append_lengths(GString *text, const struct stack_group *group)
{
	char count[HUMANE_SIZE], total[HUMANE_SIZE], max[HUMANE_SIZE];

	if (group->known == 0 && group->count == 1)
		g_string_append(text, "once, how long is not known");
	else if (group->known == 0)
		g_string_append_printf(
			text, "%s x, how long is not known", humane_count(count, group->count));
	else if (group->count == 1)
		g_string_append_printf(text, "once, %s", humane_duration(max, group->max_ns));
	else
		g_string_append_printf(text, "%s x, %s in all, %s at most",
			humane_count(count, group->count), humane_duration(total, group->total_ns),
			humane_duration(max, group->max_ns));
}

/* "cpu held 12 x, 120 ms in all, 16.0 ms at most, and let go in" */
static void draw_title(const struct drawing *d, const struct stack_group *group)
{
	static const char *const begin[] = {[STACK_HOLD] = " held ",
		[STACK_WAIT] = " waited ",
		[STACK_UNANSWERED] = " did not let go when asked, "};
	static const char *const end[] = {[STACK_HOLD] = ", and let go in",
		[STACK_WAIT] = ", in",
		[STACK_UNANSWERED] = ", in"};
	GString *text = g_string_new(NULL);

	if (group->threads > 1) {
		g_string_append_printf(text, "%zu threads", group->threads);
	} else {
		char *label = label_thread(d->gil, (size_t)group->example->thread);

		g_string_append(text, label);
		g_free(label);
	}
	g_string_append(text, begin[group->kind]);
	append_lengths(text, group);
	g_string_append(text, end[group->kind]);
	wrap_text(d->out, text->str, d->width, "  ", "    ");
	g_string_free(text, TRUE);
}

/* Takes over `label`. */
static void draw_frame(const struct drawing *d, char *label)
{
	char *fitted = utf8_fit_path(label, (size_t)d->width - 6);

	g_string_append_printf(d->out, "      %s\n", fitted);
	g_free(fitted);
	g_free(label);
}

static void draw_group(const struct drawing *d, const struct stack_group *group)
{
	const struct stack_report *stack = group->example;
	int foreign = stack_foreign_frame(d->process, stack);
	size_t shown = MIN(stack->python_count, STACK_FRAMES_SHOWN);

	draw_title(d, group);
	if (foreign >= 0)
		draw_frame(d, label_native_frame(d->process, &stack->native[foreign]));
	/* One more takes no more room than to say so. */
	if (stack->python_count == STACK_FRAMES_SHOWN + 1 && stack->whole)
		shown++;
	for (size_t i = 0; i < shown; i++)
		draw_frame(d, label_python_frame(&stack->python[i]));
	if (shown < stack->python_count)
		draw_frame(d, g_strdup_printf("and %zu more%s", stack->python_count - shown,
				      stack->whole ? "" : " at least"));
	else if (stack->python_count == 0 && foreign < 0)
		draw_frame(d, g_strdup("(not known)"));
}

void text_stacks_draw(GString *out, const struct process_report *process,
	const struct gil_report *gil, int width, bool color)
{
	static const enum stack_kind kinds[] = {STACK_UNANSWERED, STACK_HOLD, STACK_WAIT};
	const struct drawing d = {out, process, gil, width};
	struct stack_groups groups;

	if (gil->stack_count == 0)
		return;
	stack_groups_init(&groups, process, gil);
	g_string_append_printf(out, "\n%sStacks%s\n", STYLE_BOLD(color), STYLE_PLAIN(color));
	for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
		int shown = 0;

		for (size_t i = 0; i < groups.count && shown < STACKS_SHOWN; i++) {
			if (groups.items[i].kind != kinds[k])
				continue;
			draw_group(&d, &groups.items[i]);
			shown++;
		}
	}
	stack_groups_release(&groups);
}

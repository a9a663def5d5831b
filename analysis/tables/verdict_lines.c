/* What a verdict says about lines; see verdict_lines.h. */
#include "tables/verdict_lines.h"

#include <math.h>
#include <string.h>

#include "tables/figures.h"
#include "tables/labels.h"
#include "tables/site_labels.h"
#include "tables/stack_groups.h"

/* Part of the waiting that a smaller switch interval must spare to be worth trying. */
#define WORTH_TRYING 0.1
/* How much longer than the mean the longest hold is, to be told beside it, or instead of it. */
#define SOME_TIMES 1.5
#define MANY_TIMES 20

/* Whether the thread was at this line then. */
static bool is_at(const struct gil_report *gil, const struct stack_report *stack, int site)
{
	const struct python_frame *frame = &stack->python[0];

	return site >= 0 && frame->line == gil->sites[site].line &&
	       strcmp(frame->file, gil->sites[site].file) == 0;
}

/*
 * Rather one at the line that is spoken of, and one that says what of C it was in; of equals the
 * first, which is the one that took most.
 */
static int find_unanswered(const struct gil_report *gil, int site)
{
	int found = -1, best = -1;

	for (size_t i = 0; i < gil->stack_count; i++) {
		const struct stack_report *stack = &gil->stacks[i];
		int worth;

		if (stack->kind != STACK_UNANSWERED || stack->python_count == 0)
			continue;
		worth = 2 * is_at(gil, stack, site) + (stack->native_count > 0);
		if (worth > best) {
			best = worth;
			found = (int)i;
		}
	}
	return found;
}

void verdict_lines_describe(struct verdict_figures *figures, const struct gil_report *gil)
{
	uint64_t most = 0;

	for (size_t i = 0; i < gil->site_count; i++) {
		const struct site_figures *site = &gil->sites[i].figures;

		if (gil->sites[i].kind != SITE_LINE || site->blocked_ns <= most)
			continue;
		most = site->blocked_ns;
		figures->site = (int)i;
		figures->behind_site = figure_ratio(site->blocked_ns, gil->wait_ns);
		figures->site_hold_ns = figure_mean(site->held_ns, site->holds);
	}
	if (figures->site >= 0 && !(figures->behind_site >= VERDICT_LINE_SHARE)) {
		figures->site = -1;
		figures->behind_site = NAN;
		figures->site_hold_ns = FIGURE_UNKNOWN;
	}
	figures->unanswered_stack = find_unanswered(gil, figures->site);
}

/* Takes over `label`, "image.py:88 decode", and appends it as a call. */
static void append_call(GString *text, char *label, const char *function)
{
	g_string_append(text, label);
	/* Not for "<module>" and "<lambda>". */
	if (*function && function[strlen(function) - 1] != '>')
		g_string_append(text, "()");
	g_free(label);
}

/* "keeps the GIL 41.0 ms at a time"; where a mean says little, the longest. */
static void say_keeps(const struct speech *s)
{
	uint64_t mean = s->verdict->figures.site_hold_ns;
	uint64_t longest = s->gil->sites[s->verdict->figures.site].figures.hold_max_ns;
	double factor = longest == FIGURE_UNKNOWN ? 1 : figure_ratio(longest, mean);

	if (factor >= MANY_TIMES)
		g_string_append_printf(
			s->sentence, "keeps the GIL up to %s at a time", DURATION(longest));
	else
		g_string_append_printf(s->sentence, "keeps the GIL %s at a time", DURATION(mean));
	if (factor >= SOME_TIMES && factor < MANY_TIMES)
		g_string_append_printf(s->sentence, " (at most %s)", DURATION(longest));
}

void speech_line(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;

	if (f->site < 0)
		return;
	g_string_append_printf(
		s->sentence, " Of all waiting, %s is behind ", PERCENT(f->behind_site));
	append_call(s->sentence, label_site(s->gil, f->site), s->gil->sites[f->site].function);
	if (f->site_hold_ns != FIGURE_UNKNOWN) {
		g_string_append(s->sentence, ", which ");
		say_keeps(s);
	}
	g_string_append(s->sentence, ".");
}

/* What of C the thread was in, as far as that is known. */
static void say_inside(const struct speech *s, const struct stack_report *stack)
{
	int native = stack_foreign_frame(s->process, stack);
	char *label;

	if (native < 0)
		return;
	label = label_native_frame(s->process, &stack->native[native]);
	g_string_append_printf(
		s->sentence, "; it is inside %s, which does not release the GIL", label);
	g_free(label);
}

void speech_holding_line(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;

	append_call(s->sentence, label_site(s->gil, f->site), s->gil->sites[f->site].function);
	g_string_append_c(s->sentence, ' ');
	if (f->site_hold_ns == FIGURE_UNKNOWN)
		g_string_append_printf(s->sentence, "is what %s of all waiting is behind",
			PERCENT(f->behind_site));
	else {
		say_keeps(s);
		g_string_append_printf(
			s->sentence, ", %s of all waiting is behind it", PERCENT(f->behind_site));
	}
	if (f->unanswered_stack >= 0 &&
		is_at(s->gil, &s->gil->stacks[f->unanswered_stack], f->site))
		say_inside(s, &s->gil->stacks[f->unanswered_stack]);
	g_string_append(s->sentence, ".");
}

/* How often a holder was there, wherever within the interpreter it was then. */
static uint64_t count_alike(const struct speech *s, const struct stack_report *stack)
{
	struct stack_groups groups;
	uint64_t count = stack->count;

	stack_groups_init(&groups, s->process, s->gil);
	for (size_t i = 0; i < groups.count; i++)
		if (groups.items[i].example == stack)
			count = groups.items[i].count;
	stack_groups_release(&groups);
	return count;
}

void speech_unanswered(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;
	const struct stack_report *stack;
	uint64_t count;

	if (f->unanswered_stack < 0)
		return;
	stack = &s->gil->stacks[f->unanswered_stack];
	g_string_append(s->sentence, " Asked for the GIL, ");
	speech_thread(s->sentence, s->gil, stack->thread);
	count = count_alike(s, stack);
	if (is_at(s->gil, stack, f->site)) {
		g_string_append_printf(
			s->sentence, " was there %s", count == 1 ? "once" : COUNT(count));
		g_string_append(s->sentence, count == 1 ? "." : " times.");
		return;
	}
	g_string_append(s->sentence, " was in ");
	append_call(s->sentence, label_python_frame(&stack->python[0]), stack->python[0].function);
	if (count > 1)
		g_string_append_printf(s->sentence, ", %s times", COUNT(count));
	say_inside(s, stack);
	g_string_append(s->sentence, ".");
}

void speech_name_the_function(const struct speech *s)
{
	int stack = s->verdict->figures.unanswered_stack;

	if (stack < 0 || s->gil->stacks[stack].native_count > 0)
		return;
	/* It was tried. */
	for (size_t i = 0; i < s->process->unavailable_count; i++)
		if (s->process->unavailable[i].facility == FACILITY_STACKS)
			return;
	g_string_append(s->next,
		" Recorded with --stack-signal URG (x86_64) the report also names the C "
		"function.");
}

static void append_interval(GString *text, uint32_t interval_us)
{
	char seconds[HUMANE_SIZE];

	g_ascii_formatd(seconds, sizeof(seconds), "%.4g", interval_us / 1e6);
	g_string_append_printf(text, "sys.setswitchinterval(%s)", seconds);
}

static void say_price(const struct speech *s, const struct forecast_report *f)
{
	if (f->added_switches == 0)
		g_string_append(s->next, ", with no more switches for the same work");
	else if (f->added_ns == FIGURE_UNKNOWN)
		g_string_append_printf(
			s->next, ", at the price of %s more switches", COUNT(f->added_switches));
	else
		g_string_append_printf(s->next, ", at the price of %s more switches, about %s",
			COUNT(f->added_switches), DURATION(f->added_ns));
}

void speech_forecast(const struct speech *s, int victim)
{
	const struct thread_report *t = &s->gil->threads[victim];
	const struct forecast_report *first = NULL;

	for (int i = 0; i < FORECAST_INTERVALS; i++) {
		const struct forecast_report *f = &t->forecast[i];

		if (!f->smaller)
			continue;
		if (!first && !(figure_ratio(f->saved_ns, t->wait_ns) >= WORTH_TRYING)) {
			g_string_append(s->next,
				" A smaller sys.setswitchinterval() would hardly change these "
				"waits.");
			return;
		}
		g_string_append(s->next, first ? ", " : " ");
		append_interval(s->next, f->interval_us);
		if (!first)
			g_string_append_printf(s->next, " would have left about %s of these %s",
				DURATION(f->wait_ns), DURATION(t->wait_ns));
		else
			g_string_append_printf(s->next, " %s", DURATION(f->wait_ns));
		first = first ? first : &s->gil->forecast[i];
	}
	if (!first)
		return;
	say_price(s, first);
	g_string_append(s->next, ".");
	if (s->gil->unanswered_waits > 0)
		g_string_append_printf(s->next,
			" It would not have changed the %s of waiting in all behind holders that "
			"were asked and took longer than 1 ms to let go.",
			DURATION(s->gil->unanswered_ns));
}

/*
 * The words of a verdict. They say what the figures show and no more: causes
 * that the figures only suggest are called likely.
 */
#include "tables/verdict_words.h"

#include <math.h>

#include <glib.h>

#include "base/utf8.h"
#include "tables/figures.h"
#include "tables/labels.h"
#include "tables/nature_words.h"
#include "tables/verdict_speech.h"

const char *speech_percent(char *text, double share)
{
	if (isnan(share))
		return "an unknown part";
	if (share > 0 && share < 0.01)
		return "less than 1 %";
	if (share < 1 && share >= 0.99)
		return "more than 99 %";
	g_snprintf(text, HUMANE_SIZE, "%.0f %%", 100 * share);
	return text;
}

void speech_thread(GString *text, const struct gil_report *gil, int thread)
{
	char *label = label_thread(gil, (size_t)thread);

	g_string_append_printf(text, "'%s'", label);
	g_free(label);
}

static void qualify(const struct speech *s)
{
	const struct doubt *doubts = s->report->doubts;

	if (doubts[DOUBT_LOST_EVENTS].present || doubts[DOUBT_SEQUENCE_GAP].present)
		g_string_append(s->sentence, "Events are missing; going by the others: ");
	else if (doubts[DOUBT_TRUNCATED].present)
		g_string_append(s->sentence, "The trace is cut off; going by what there is: ");
	else
		g_string_append(s->sentence,
			"The trace contradicts itself in places; going by the rest of it: ");
}

/* "Inside 'parse': " */
static void say_region(const struct speech *s)
{
	char *name = utf8_clean(s->report->region);

	g_string_append_printf(s->sentence, "Inside '%s': ", name);
	g_free(name);
}

/* A program that wrote no event: what it is explains that. */
static void say_silent(const struct speech *s, const char *begin)
{
	char *reason = nature_reason(&s->process->nature);

	g_string_append_printf(s->sentence, "%s: %s.", begin, reason);
	g_string_append(s->next, nature_next(&s->process->nature));
	g_free(reason);
}

static void say_no_gil(const struct speech *s)
{
	if (s->process->silent)
		say_silent(s, "No GIL found");
	else
		g_string_append(
			s->sentence, "This interpreter has no GIL that giltrace could follow.");
}

static void say_unknown(const struct speech *s)
{
	if (s->process->silent) {
		say_silent(s, "Cannot tell, no GIL found");
	} else if (!s->gil) {
		g_string_append(s->sentence, "Cannot tell: no GIL was found in this process.");
		g_string_append(s->next, "'giltrace doctor -- COMMAND' looks for the reason.");
	} else if (s->gil->acquisitions == 0 || s->gil->acquisitions == FIGURE_UNKNOWN) {
		g_string_append(s->sentence, "Cannot tell: no use of this GIL was recorded.");
	} else if (s->report->doubts[DOUBT_LOST_EVENTS].present) {
		g_string_append(s->sentence, "Cannot tell: too many events were lost.");
		g_string_append(
			s->next, "Record again, for a shorter time or with larger buffers.");
	} else {
		g_string_append(s->sentence, "Cannot tell: how long threads waited is not known.");
	}
}

static void say_free_threaded(const struct speech *s)
{
	g_string_append(s->sentence,
		"Free-threaded interpreter: the GIL is off, so no thread waits "
		"for it.");
	g_string_append(s->next, "PYTHON_GIL=1 or -X gil=1 turns it on, for comparison.");
}

static void say_single_threaded(const struct speech *s)
{
	const char *share = PERCENT(s->gil->utilization);
	/* A hold whose end is not in the trace is not counted. */
	bool open_end = !s->process->exited && !g_str_has_prefix(share, "more");
	const char *at_least = open_end ? "at least " : "";

	g_string_append(s->sentence,
		"One thread does practically all that needs the GIL, and hardly "
		"ever waits for it: the GIL does not slow this program down.");
	if (s->gil->utilization >= VERDICT_BUSY) {
		g_string_append_printf(
			s->sentence, " The GIL is held %s%s of the time.", at_least, share);
		g_string_append(s->next,
			"More threads would not make this work faster; spreading it over several "
			"processes can.");
	} else if (s->gil->utilization < VERDICT_BUSY) {
		g_string_append_printf(s->sentence,
			" The GIL is held %s%s of the time; the rest goes to something else: "
			"waiting for "
			"input, sleeping, or code that runs without the GIL.",
			at_least, share);
	}
}

/* A thread that is seldom held up can still be held up for long. */
static void say_rare_waits(const struct speech *s)
{
	uint64_t interval = figure_interval_ns(s->gil);
	int rare = -1;

	for (size_t i = 0; i < s->gil->thread_count; i++) {
		const struct distribution *wait = &s->gil->threads[i].wait;

		if (wait->count >= VERDICT_CONVOY_WAITS && wait->count != FIGURE_UNKNOWN &&
			figure_ratio(wait->mean_ns, interval) >= VERDICT_CONVOY_WAIT &&
			(rare < 0 || wait->mean_ns > s->gil->threads[rare].wait.mean_ns))
			rare = (int)i;
	}
	if (rare < 0)
		return;
	g_string_append(s->sentence, " Where single answers must be fast, mind that ");
	speech_thread(s->sentence, s->gil, rare);
	g_string_append_printf(s->sentence, " waited %s each time, %s times.",
		DURATION(s->gil->threads[rare].wait.mean_ns),
		COUNT(s->gil->threads[rare].wait.count));
}

static void say_no_contention(const struct speech *s)
{
	if (s->gil->kind == INTERPRETER_PYPY)
		g_string_append(s->sentence, "The threads ");
	else
		g_string_append_printf(
			s->sentence, "%zu threads use the GIL and ", s->gil->thread_count);
	if (s->gil->wait_ns == 0 && s->gil->kind == INTERPRETER_PYPY)
		g_string_append(s->sentence, "never waited for the GIL");
	else if (s->gil->wait_ns == 0)
		g_string_append(s->sentence, "none of them ever waited for it");
	else
		g_string_append_printf(s->sentence, "hardly wait for %s, %s in all during %s",
			s->gil->kind == INTERPRETER_PYPY ? "the GIL" : "it",
			DURATION(s->gil->wait_ns), DURATION(s->gil->span_ns));
	g_string_append(s->sentence, ": the GIL does not slow this program down.");
	say_rare_waits(s);
}

/* Most of the time, perhaps, there was no GIL to wait for. */
static void say_switched(const struct speech *s)
{
	g_string_append_printf(s->sentence,
		"Free-threaded interpreter: the GIL was on for %s of %s, and everything here is "
		"about that time. ",
		DURATION(s->gil->span_ns), DURATION(s->gil->lifetime_ns));
}

static void advise_switched(const struct speech *s)
{
	if (s->next->len > 0)
		g_string_append_c(s->next, ' ');
	g_string_append(s->next,
		"The GIL goes on when a module is imported that does not say it can do without; "
		"-X gil=0 keeps it off.");
}

void verdict_words_fill(struct verdict *verdict, const struct report *report,
	const struct process_report *process, const struct gil_report *gil)
{
	static void (*const say[VERDICT_KINDS])(const struct speech *) = {
		[VERDICT_UNKNOWN] = say_unknown,
		[VERDICT_NO_GIL] = say_no_gil,
		[VERDICT_FREE_THREADED] = say_free_threaded,
		[VERDICT_SINGLE_THREADED] = say_single_threaded,
		[VERDICT_NO_CONTENTION] = say_no_contention,
		[VERDICT_CONTENTION] = speech_contention,
		[VERDICT_LONG_HOLDS] = speech_long_holds,
		[VERDICT_CONVOY] = speech_convoy,
		[VERDICT_CPU_BOUND] = speech_cpu_bound,
	};
	struct speech s = {verdict, report, process, gil, g_string_new(NULL), g_string_new(NULL)};

	if (gil && gil->switched)
		say_switched(&s);
	if (report->region && verdict->severity != VERDICT_SEVERITY_UNKNOWN)
		say_region(&s);
	if (verdict->qualified && verdict->severity != VERDICT_SEVERITY_UNKNOWN)
		qualify(&s);
	say[verdict->kind](&s);
	if (gil && gil->switched && verdict->severity >= VERDICT_SEVERITY_LOW)
		advise_switched(&s);
	verdict->sentence = g_string_free(s.sentence, FALSE);
	verdict->next = g_string_free(s.next, FALSE);
}

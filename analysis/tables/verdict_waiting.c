/* The words of verdicts on GILs that threads wait for; see verdict_speech.h. */
#include "tables/verdict_speech.h"

#include <math.h>

#include "tables/figures.h"
#include "tables/verdict_lines.h"

static const char *plural(size_t count, const char *one, const char *many)
{
	return count == 1 ? one : many;
}

/* "threads wait 74 % of their time, nearly all of it behind each other, 5.05 ms a turn" */
static void say_waiting(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;

	g_string_append_printf(s->sentence, "they wait %s of their time", PERCENT(f->wait_share));
	if (f->mutual_share >= 0.9)
		g_string_append(s->sentence, ", nearly all of it behind each other");
	else if (f->mutual_share >= VERDICT_DOMINANT_SHARE)
		g_string_append(s->sentence, ", most of it behind each other");
	if (f->turn_ns != FIGURE_UNKNOWN)
		g_string_append_printf(s->sentence, ", %s a turn", DURATION(f->turn_ns));
}

/* What the computing threads do to the ones that only need the GIL for a moment. */
static void say_victim_too(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;

	if (f->victim < 0)
		return;
	g_string_append(s->sentence, " Behind them ");
	speech_thread(s->sentence, s->gil, f->victim);
	if (f->victims > 1)
		g_string_append_printf(s->sentence, " (and %zu more like it)", f->victims - 1);
	g_string_append_printf(s->sentence,
		", which needs the GIL for only %s at a time, waits %s each time and loses %s of "
		"its "
		"time.",
		DURATION(f->victim_hold_ns), DURATION(f->victim_wait_ns), PERCENT(f->victim_lost));
}

static void say_slow_answer(const struct speech *s)
{
	uint64_t longest = s->gil->drop_latency.max_ns;

	if (s->gil->drop_latency.count == 0 || longest == FIGURE_UNKNOWN ||
		figure_ratio(longest, figure_interval_ns(s->gil)) < VERDICT_LATENCY_INTERVALS)
		return;
	g_string_append_printf(s->sentence,
		" Once it took %s until a thread that was asked for the GIL gave it up.",
		DURATION(longest));
}

void speech_cpu_bound(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;

	if (f->demand >= VERDICT_OVERCOMMITTED) {
		g_string_append_printf(s->sentence,
			"%zu threads want the GIL %s times as much as it can give; ", f->threads,
			TIMES(f->demand));
		say_waiting(s);
		g_string_append(s->sentence, ": these threads are CPU-bound, and running them side "
					     "by side does not make "
					     "them faster.");
	} else {
		g_string_append_printf(s->sentence,
			"%zu threads compute in Python, part of the time at the same time; ",
			f->threads);
		say_waiting(s);
		g_string_append(s->sentence, ": while they compute side by side they take turns, "
					     "and threads do not help.");
	}
	speech_line(s);
	say_victim_too(s);
	say_slow_answer(s);
	g_string_append(s->next, "Give each its own process (multiprocessing, "
				 "ProcessPoolExecutor), move the heavy part "
				 "into a library that releases the GIL while it computes, or try a "
				 "free-threaded Python "
				 "(3.13 or newer).");
}

void speech_convoy(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;

	speech_thread(s->sentence, s->gil, f->victim);
	g_string_append_printf(s->sentence,
		" needs the GIL for only %s at a time, but waited for it %s times, %s each: it "
		"loses %s "
		"of its time, most of that behind ",
		DURATION(f->victim_hold_ns), COUNT(f->victim_waits), DURATION(f->victim_wait_ns),
		PERCENT(f->victim_lost));
	speech_thread(s->sentence, s->gil, f->holder);
	if (f->behind_holder < VERDICT_DOMINANT_SHARE)
		g_string_append(s->sentence, " and others like it");
	g_string_append_printf(s->sentence,
		", which computes and lets go only when the switch interval (%s) has run out.",
		DURATION(figure_interval_ns(s->gil)));
	if (f->victims > 1)
		g_string_append_printf(s->sentence, " %zu more %s the same way.", f->victims - 1,
			plural(f->victims - 1, "thread is held up", "threads are held up"));
	speech_line(s);
	say_slow_answer(s);
	g_string_append(s->next, "Move the work of ");
	speech_thread(s->next, s->gil, f->holder);
	g_string_append(s->next, " to a process of its own.");
	speech_forecast(s, f->victim);
}

static void say_next_of_long_holds(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;

	if (f->unanswered_stack >= 0) {
		g_string_append(s->next, "Split that call, ");
	} else {
		g_string_append(s->next, "Look at what ");
		if (f->holder < 0)
			g_string_append(s->next, "the threads with the longest holds");
		else
			speech_thread(s->next, s->gil, f->holder);
		g_string_append(s->next, " did then: likely a call into C code that keeps the "
					 "GIL. Split the call, ");
	}
	g_string_append(s->next,
		"use a library that releases the GIL, or move it to another process. (On a "
		"machine with too few free CPUs a holder that is not given one looks the same.)");
}

void speech_long_holds(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;

	if (f->site >= 0)
		speech_holding_line(s);
	else
		g_string_append(s->sentence, "The GIL is held for long at a time.");
	speech_unanswered(s);
	g_string_append_printf(s->sentence,
		" A thread that was asked to give it up took %s on average and up to %s, where "
		"running Python code takes well under 1 ms. %zu %s %s of %s time",
		DURATION(s->gil->drop_latency.mean_ns), DURATION(s->gil->drop_latency.max_ns),
		f->threads, plural(f->threads, "thread waits", "threads wait"),
		PERCENT(f->wait_share), plural(f->threads, "its", "their"));
	if (f->holder < 0) {
		g_string_append(s->sentence, ".");
	} else {
		if (f->site >= 0)
			g_string_append(s->sentence, ", most of it behind ");
		else
			g_string_append_printf(s->sentence, "; %s of all waiting is behind ",
				PERCENT(f->behind_holder));
		speech_thread(s->sentence, s->gil, f->holder);
		g_string_append_printf(s->sentence, ", whose longest hold was %s.",
			DURATION(s->gil->threads[f->holder].hold.max_ns));
	}
	say_next_of_long_holds(s);
	speech_name_the_function(s);
}

static void say_holds_unseen(const struct speech *s)
{
	g_string_append(s->sentence,
		" PyPy takes a free GIL and gives it up without a call that could be seen: who had "
		"it meanwhile, and for how long, is unknown.");
	g_string_append(s->next,
		"If these threads compute, give each a process of its own (multiprocessing). "
		"Recorded with CPython, the same program also shows who holds the GIL while others "
		"wait.");
}

void speech_contention(const struct speech *s)
{
	const struct verdict_figures *f = &s->verdict->figures;
	double handoff = figure_ratio(s->gil->handoff_ns, s->gil->span_ns) / s->gil->contention;

	g_string_append_printf(s->sentence, "%zu %s for the GIL %s of %s time", f->threads,
		plural(f->threads, "thread waits", "threads wait"), PERCENT(f->wait_share),
		plural(f->threads, "its", "their"));
	if (s->gil->held_ns != FIGURE_UNKNOWN)
		g_string_append_printf(s->sentence, ", %s in all to hold it for %s",
			DURATION(s->gil->wait_ns), DURATION(s->gil->held_ns));
	if (s->gil->wait.count == 1)
		g_string_append_printf(
			s->sentence, ": 1 wait of %s", DURATION(s->gil->wait.mean_ns));
	else
		g_string_append_printf(s->sentence, ": %s waits of %s on average",
			COUNT(s->gil->wait.count), DURATION(s->gil->wait.mean_ns));
	if (f->holder >= 0) {
		g_string_append_printf(
			s->sentence, ", %s of it behind ", PERCENT(f->behind_holder));
		speech_thread(s->sentence, s->gil, f->holder);
	}
	g_string_append(s->sentence, ".");
	if (s->gil->kind == INTERPRETER_PYPY) {
		say_holds_unseen(s);
		return;
	}
	speech_line(s);
	if (handoff >= VERDICT_HANDOFF_SHARE)
		g_string_append_printf(s->sentence,
			" For %s of the time in which a thread waits, the GIL is free and just "
			"changing "
			"hands, %s each time.",
			PERCENT(fmin(handoff, 1)), DURATION(s->gil->handoff.mean_ns));
	say_slow_answer(s);
	if (handoff >= VERDICT_HANDOFF_SHARE)
		g_string_append(s->next, "Do more per turn: larger reads and batches instead of "
					 "many small calls that "
					 "release the GIL, or fewer threads.");
	else
		g_string_append(s->next,
			"The blame table shows who holds while others wait. Fewer threads "
			"or several processes shorten the queue.");
}

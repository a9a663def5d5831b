/* What makes the figures of a report doubtful, in words; see doubts.h. */
#include "tables/doubts.h"

#include "../shim/cycles.h"

#include <stdbool.h>

#include <glib.h>

#include "base/humane.h"
#include "base/utf8.h"
#include "tables/figures.h"
#include "tables/labels.h"

/* Processes listed by number in a sentence before it only counts them. */
#define LISTED 5

/* Of a command line in it: about a line of the text. */
#define LABEL_COLUMNS 60

/* Takes over `sentence`. */
static void add(struct doubts *doubts, const char *key, uint64_t count, char *sentence)
{
	doubts->items = g_renew(struct doubt_text, doubts->items, doubts->count + 1);
	doubts->items[doubts->count++] = (struct doubt_text){key, count, sentence};
}

static void add_lost(struct doubts *doubts, const struct report *report)
{
	char lost[HUMANE_SIZE], share[HUMANE_SIZE];

	if (report->lost_events == FIGURE_UNKNOWN) {
		add(doubts, "lost_events", FIGURE_UNKNOWN,
			g_strdup("Events were lost, how many is not known: holds and waits around "
				 "the "
				 "gaps are missing, so sums and counts are too low. Each hold and "
				 "wait that "
				 "is counted was seen. Record again with larger buffers."));
		return;
	}
	add(doubts, "lost_events", report->lost_events,
		g_strdup_printf("%s event%s lost (%s of all), because the buffers were full: "
				"holds and waits "
				"around the gaps are missing, so sums and counts are too low. Each "
				"hold and wait "
				"that is counted was seen. Record again with larger buffers.",
			humane_count(lost, report->lost_events),
			report->lost_events == 1 ? " was" : "s were",
			humane_share(
				share, figure_ratio(report->lost_events,
					       figure_sum(report->events, report->lost_events)))));
}

/* What the model counts: a sentence with one %s for how many (how long, for a time). */
static const struct {
	const char *key;
	const char *format;
} counted[DOUBT_KINDS] = {
	[DOUBT_SEQUENCE_GAP] = {"sequence_gap",
		"Operations on a GIL that are missing from the trace, though no loss was reported: "
		"%s. Sums and counts are too low by them. Everything that is counted was seen."},
	[DOUBT_OVERLAP] = {"overlap", "Holds that overlap another hold of the same GIL, which "
				      "cannot be: %s. The trace is wrong there. "
				      "Do not rely on held times and blame; counts stand."},
	[DOUBT_IMPOSSIBLE] = {"impossible",
		"Events that do not fit what was going on and were left "
		"out: %s. The figures are made of the "
		"others."},
	[DOUBT_UNSEEN_ACQUIRE] = {"unseen_acquire", "Holds that began before recording did: %s. "
						    "How long they took is not known and not "
						    "counted; everything after is exact."},
	[DOUBT_UNKNOWN_WAIT] = {"unknown_wait", "Waits that began before recording did: %s. How "
						"long they took is not known and not "
						"counted; everything after is exact."},
	[DOUBT_UNATTRIBUTED_WAIT] = {"unattributed_wait",
		"For %s of waiting it is not known who held the GIL; the blame table has it as "
		"'unknown'. The waiting itself is exact."},
	[DOUBT_FORGOTTEN] = {"gil_forgotten",
		"GILs of subinterpreters that made room for others, because they had not been used "
		"for longest: %s. Most likely those had ended; if not, what came later is "
		"missing."},
	[DOUBT_FORGOTTEN_STAYS] = {"region_forgotten",
		"Holds and waits in which regions were entered so often that not all of it is "
		"remembered: %s. Figures inside of regions are too low. Those of the whole are "
		"exact."},
	[DOUBT_UNMATCHED_MARK] = {"unmatched_mark",
		"Ends of regions without a begin before them: %s. The program marks them so, or "
		"the begin was before recording; they count for nothing."},
	[DOUBT_TRUNCATED] = {"truncated", "The trace is cut off or damaged: what was behind that "
					  "is missing, sums and counts cover "
					  "only the part that could be read. That part is exact."},
};

/* What is missing by a loss that is told of already: no loss beside it. */
static const char missing_by_that[] = "Operations on a GIL that are missing from the trace by "
				      "that, as far as their numbers tell: %s.";

static const char *format_of(const struct report *report, enum doubt_kind kind)
{
	bool told = report->doubts[DOUBT_LOST_EVENTS].present ||
		    report->doubts[DOUBT_TRUNCATED].present;

	return kind == DOUBT_SEQUENCE_GAP && told ? missing_by_that : counted[kind].format;
}

static void add_counted(struct doubts *doubts, const struct report *report, enum doubt_kind kind)
{
	uint64_t count = report->doubts[kind].count;
	char text[HUMANE_SIZE];
	char **parts;

	if (!report->doubts[kind].present)
		return;
	if (kind == DOUBT_UNATTRIBUTED_WAIT)
		humane_duration(text, count);
	else
		humane_count(text, count);
	parts = g_strsplit(format_of(report, kind), "%s", 2);
	add(doubts, counted[kind].key, count, g_strjoinv(text, parts));
	g_strfreev(parts);
}

/* "'server.py' (pid 12), 'job.py' (pid 13) and 4 more" of the processes that `chosen` picks; NULL
 * for none. */
static char *list_processes(
	const struct report *report, bool (*chosen)(const struct process_report *), size_t *count)
{
	GString *text = g_string_new(NULL);

	*count = 0;
	for (size_t i = 0; i < report->process_count; i++) {
		const struct process_report *process = &report->processes[i];
		g_autofree char *whole = NULL;
		char *label;

		if (!chosen(process) || ++*count > LISTED)
			continue;
		whole = label_process(process);
		label = utf8_fit_path(whole, LABEL_COLUMNS);
		g_string_append_printf(
			text, "%s'%s' (pid %d)", *count > 1 ? ", " : "", label, process->pid);
		g_free(label);
	}
	if (*count > LISTED)
		g_string_append_printf(text, " and %zu more", *count - LISTED);
	return g_string_free(text, *count == 0);
}

static bool is_free_threaded(const struct process_report *process)
{
	return process->gil_mode == GIL_DISABLED && process->gil_count == 0;
}

static bool is_opaque(const struct process_report *process)
{
	for (size_t i = 0; i < process->gil_count; i++)
		if (process->gils[i].detail == GIL_DETAIL_TIMES)
			return true;
	return false;
}

static bool lacks_gil(const struct process_report *process)
{
	return process->gil_mode != GIL_DISABLED && process->gil_count == 0 && !process->silent;
}

static bool is_unfinished(const struct process_report *process)
{
	return !process->exited;
}

static bool is_cut_short(const struct process_report *process)
{
	return process->cut_short;
}

static bool holds_unseen(const struct process_report *process)
{
	for (size_t i = 0; i < process->gil_count; i++)
		if (process->gils[i].kind == INTERPRETER_PYPY)
			return true;
	return false;
}

static void add_processes(struct doubts *doubts, const struct report *report, const char *key,
	bool (*chosen)(const struct process_report *), const char *what)
{
	size_t count;
	char *list = list_processes(report, chosen, &count);

	if (!list)
		return;
	add(doubts, key, count, g_strdup_printf("%s%s.", what, list));
	g_free(list);
}

static bool is_silent(const struct process_report *process)
{
	return process->silent;
}

static void add_kept_back(struct doubts *doubts, const struct report *report)
{
	g_autofree char *what = g_strdup_printf(
		"Short holds and the short waits for them are written many at a time, so some may "
		"be missing at the end of these processes: up to %d of each GIL, its last ones, "
		"and as many of each thread that was about to write them. Counts, held and waited "
		"times are too low by these, and whom the last waits were for may be unknown; what "
		"is counted is exact: ",
		CYCLES_MOST);

	add_processes(doubts, report, "kept_back", is_cut_short, what);
}

void doubts_init(struct doubts *doubts, const struct report *report)
{
	*doubts = (struct doubts){0};
	if (report->process_count == 0)
		add(doubts, "no_process", 0,
			g_strdup("No Python process is in the trace, so there is nothing to "
				 "report. 'giltrace "
				 "doctor -- COMMAND' looks for the reason."));
	if (report->doubts[DOUBT_LOST_EVENTS].present)
		add_lost(doubts, report);
	add_counted(doubts, report, DOUBT_TRUNCATED);
	add_counted(doubts, report, DOUBT_SEQUENCE_GAP);
	add_counted(doubts, report, DOUBT_OVERLAP);
	add_counted(doubts, report, DOUBT_IMPOSSIBLE);
	add_processes(doubts, report, "gil_not_found", is_silent, "No GIL was found in: ");
	add_processes(doubts, report, "gil_not_found", lacks_gil,
		"No GIL was found in these processes, so nothing is known of their waiting "
		"('giltrace "
		"doctor -- COMMAND' looks for the reason): ");
	add_processes(doubts, report, "gil_disabled", is_free_threaded,
		"Free-threaded interpreter with the GIL off, so there is nothing to wait for: ");
	add_processes(doubts, report, "holds_unseen", holds_unseen,
		"PyPy takes a free GIL and gives it up without a call that could be seen. Waits "
		"are exact, but for those of a few microseconds, which PyPy spends polling; holds, "
		"and who held the GIL while others waited, are unknown in: ");
	add_processes(doubts, report, "layout_unknown", is_opaque,
		"These interpreters are laid out as none that giltrace knows, perhaps because they "
		"are newer. Holds and waits were timed by the calls alone and are exact; switch "
		"interval and drop requests are not known: ");
	add_counted(doubts, report, DOUBT_FORGOTTEN);
	add_counted(doubts, report, DOUBT_FORGOTTEN_STAYS);
	if (report->doubts[DOUBT_UNFINISHED].present)
		add_processes(doubts, report, "unfinished", is_unfinished,
			"The end of these processes is not in the trace: they were killed, still "
			"run, or "
			"recording stopped before. Their last hold and wait are missing, and where "
			"one was killed while it wrote an event, all that it wrote into the same "
			"buffer. What is counted is exact: ");
	add_kept_back(doubts, report);
	add_counted(doubts, report, DOUBT_UNSEEN_ACQUIRE);
	add_counted(doubts, report, DOUBT_UNKNOWN_WAIT);
	add_counted(doubts, report, DOUBT_UNATTRIBUTED_WAIT);
	add_counted(doubts, report, DOUBT_UNMATCHED_MARK);
	if (!report->complete && doubts->count == 0)
		add(doubts, "incomplete", 1,
			g_strdup("The trace is not complete. What is shown is exact as far as it "
				 "goes."));
}

void doubts_release(struct doubts *doubts)
{
	for (size_t i = 0; i < doubts->count; i++)
		g_free(doubts->items[i].sentence);
	g_free(doubts->items);
}

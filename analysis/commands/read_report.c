/* Reads a trace and makes the report of it; see read_report.h. */
#include "commands/read_report.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#include "commands/progress.h"
#include "decode/recording.h"
#include "decode/trace.h"
#include "live/stop.h"
#include "record/signals.h"
#include "stats/stats.h"
#include "symbols/frames.h"
#include "tables/stack_groups.h"

/* Damage that is told apart; of the rest only the number is said. */
enum { NOTES_SHOWN = 5 };

/* Events between two looks at whether somebody wants giltrace to end. */
enum { PATIENCE_EVENTS = 65536 };

/* Between two looks at a live session that has nothing new. */
enum { PAUSE_US = 50000 };

struct work {
	struct stats *stats;
	struct progress progress;
	bool interruptible;
	bool interrupted;
	unsigned events;
};

static int feed(const struct event *event, void *user)
{
	struct work *work = user;

	stats_feed(work->stats, event);
	if (!work->interruptible || ++work->events % PATIENCE_EVENTS)
		return 0;
	work->interrupted = signals_asked_to_end() != 0;
	return work->interrupted ? -EINTR : 0;
}

static void show_progress(double share, void *user)
{
	struct work *work = user;

	progress_show(&work->progress, share);
}

/* Of a live session: until it ends, or Ctrl-C. */
static bool go_on(const struct trace_state *state, void *user)
{
	(void)user;
	if (state->idle && !stop_asked(NULL))
		g_usleep(PAUSE_US);
	return !stop_asked(NULL);
}

static int read_trace(
	struct trace *trace, struct work *work, struct trace_info *info, struct error *error)
{
	const struct trace_handler handler = {
		.event = feed, .progress = show_progress, .go_on = go_on, .user = work};
	struct stop stop;
	int code;

	if (trace_is_live(trace)) {
		work->interruptible = false;
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "giltrace: reading until the session ends, or Ctrl-C\n");
		stop_take(&stop);
		code = trace_read(trace, &handler, info, error);
		stop_give_back(&stop);
		return code;
	}
	progress_begin(&work->progress, "reading the trace");
	code = trace_read(trace, &handler, info, error);
	progress_end(&work->progress);
	return code;
}

static void say_notes(const struct trace_info *info)
{
	for (guint i = 0; i < info->notes->len && i < NOTES_SHOWN; i++)
		fprintf(stderr, "giltrace: %s\n", (const char *)g_ptr_array_index(info->notes, i));
	if (info->notes->len > NOTES_SHOWN)
		fprintf(stderr, "giltrace: and %u more of this kind\n",
			info->notes->len - NOTES_SHOWN);
	if (info->unfinished && info->live)
		fprintf(stderr, "giltrace: the session goes on: this is what came of it so far\n");
	else if (info->unfinished)
		fprintf(stderr, "giltrace: the recording has not ended: it goes on, or giltrace "
				"was killed\n");
	if (info->unknown_events > 0)
		fprintf(stderr,
			"giltrace: a newer giltrace recorded this: %" PRIu64
			" events that this one does not know, such as %s, are left out\n",
			info->unknown_events, info->unknown_name);
}

static void set_doubt(struct report *report, enum doubt_kind kind, uint64_t count)
{
	report->doubts[kind].present = true;
	report->doubts[kind].count = count;
}

/* Adds what only the reader of the trace knows. */
static void complete_report(struct report *report, const char *path, const struct trace_info *info)
{
	const enum doubt_kind incomplete[] = {
		DOUBT_LOST_EVENTS,
		DOUBT_SEQUENCE_GAP,
		DOUBT_FORGOTTEN,
		DOUBT_FORGOTTEN_STAYS,
		DOUBT_UNFINISHED,
		DOUBT_TRUNCATED,
	};

	report->path = g_strdup(path);
	report->begin_ns = info->begin_ns;
	report->end_ns = info->end_ns;
	report->duration_ns = info->end_ns > info->begin_ns ? info->end_ns - info->begin_ns : 0;
	report->lost_events = info->lost_unknown ? FIGURE_UNKNOWN : info->lost_events;
	if (report->lost_events > 0)
		set_doubt(report, DOUBT_LOST_EVENTS, report->lost_events);
	if (info->truncated)
		set_doubt(report, DOUBT_TRUNCATED, info->notes->len);
	report->complete = !info->unfinished;
	for (size_t i = 0; i < G_N_ELEMENTS(incomplete); i++)
		report->complete = report->complete && !report->doubts[incomplete[i]].present;
}

/* Of a program without a GIL, so that it cannot be taken for one of whose GIL nothing is known. */
static enum gil_mode mode_of(const struct nature *nature)
{
	switch (nature->kind) {
	case NATURE_OTHER:
	case NATURE_GO:
	case NATURE_JYTHON:
		return GIL_NONE;
	default:
		return GIL_MODE_UNKNOWN;
	}
}

/* The command that was recorded, when no process of it wrote an event and none can be missing. */
static void add_silent(
	struct report *report, const struct recording *recording, const struct trace_info *info)
{
	struct process_report *process;

	if (report->process_count > 0 || !recording->program || info->truncated ||
		info->lost_events > 0 || info->lost_unknown || info->unfinished)
		return;
	process = g_new0(struct process_report, 1);
	process->pid = recording->pid;
	process->ppid = recording->ppid;
	process->command = g_strdup(recording->command);
	process->executable = g_strdup(recording->program);
	process->implementation = g_strdup(nature_implementation(recording->nature.kind));
	process->version = g_strdup("");
	process->gil_mode = mode_of(&recording->nature);
	process->silent = true;
	process->nature = recording->nature;
	process->exited = true;
	report->processes = process;
	report->process_count = 1;
}

int read_report(struct report *report, const char *path, const struct read_options *options,
	struct error *error)
{
	struct work work = {.interruptible = options->interruptible};
	struct trace_info info;
	struct trace *trace;
	int code;

	code = trace_open(&trace, path, error);
	if (code < 0)
		return code;
	work.stats = stats_new(trace_selection(trace), options->regions, options->timeline);
	code = read_trace(trace, &work, &info, error);
	stats_finish(work.stats, code < 0 ? NULL : report);
	/* Names need much memory, too, and not of the sizes that reading has left free. */
	malloc_trim(0);
	if (code == 0) {
		add_silent(report, trace_recording(trace), &info);
		complete_report(report, path, &info);
		report->program_end = trace_recording(trace)->program_end;
		frames_name(report, options->every_frame ? NULL : stack_foreign_frame);
		say_notes(&info);
		trace_info_release(&info);
	}
	if (work.interrupted)
		code = error_set(error, -EINTR, "interrupted while '%s' was read", path);
	trace_close(trace);
	return code;
}

/* giltrace run: records a command, then reports on it. */
#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/capture_options.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/report.h"
#include "record/child.h"

enum { KEY_FORMAT = 0x3000, KEY_REPORT_FILE, PATIENCE_MS = 1000 };

static const char doc[] = "Runs COMMAND, records who holds Python's GIL and who waits for it, in "
			  "COMMAND and in every Python "
			  "it starts, and reports on it when COMMAND has ended."
			  "\v"
			  "The report goes to standard error, so that standard output is COMMAND's "
			  "alone. The recording is "
			  "kept only with -o.\n\n"
			  "Exit status: COMMAND's own, 128 + N when signal N ended it; 125 when "
			  "giltrace failed, 126 when "
			  "COMMAND cannot be executed, 127 when it is not found.";

static const struct argp_option option_list[] = {
	{"format", KEY_FORMAT, "FORMAT", 0,
		"format of the report: text (default), json, or html: a page for a browser, which "
		"needs --report-file",
		0},
	{"report-file", KEY_REPORT_FILE, "FILE", 0,
		"write the report to FILE, - for standard output", 0},
	{0},
};

struct request {
	struct capture_request capture;
	struct report_options report;
	bool to_stdout;
};

/* A report that cannot be written is better known before the command has run for an hour. */
static error_t set_report_file(struct request *request, const char *path, struct argp_state *state)
{
	g_autofree char *folder = g_path_get_dirname(path);

	request->to_stdout = strcmp(path, "-") == 0;
	request->report.output = request->to_stdout ? NULL : path;
	if (request->to_stdout || access(path, W_OK) == 0 ||
		(errno == ENOENT && *path && access(folder, W_OK | X_OK) == 0))
		return 0;
	argp_error(state, "cannot write '%s': %s", path, strerror(errno));
	return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &request->capture;
		return 0;
	case KEY_FORMAT:
		return report_parse_format(state, argument, &request->report.format);
	case KEY_REPORT_FILE:
		return set_report_file(request, argument, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

enum outcome {
	OUTCOME_REPORTED,
	OUTCOME_UNREAD,	 /* whoever read it has read enough */
	OUTCOME_NOTHING, /* the recording is empty, or somebody did not want to wait; said */
	OUTCOME_FAILED,	 /* there may be something in it, but no report; said */
};

/* In the process that reports; what it returns is that one's exit status. */
static enum outcome report(const char *folder, const struct request *request)
{
	struct error error;
	int code;

	if (!request->to_stdout && !request->report.output)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	code = report_trace(folder, &request->report, &error);
	if (code == 0 && (fflush(stdout) != 0 || ferror(stdout)))
		code = error_set(&error, -EIO, "cannot write the report: %s", strerror(errno));
	if (code == 0)
		return OUTCOME_REPORTED;
	error_print(&error);
	return code == -ENODATA ? OUTCOME_NOTHING : OUTCOME_FAILED;
}

/*
 * Reports in a process of its own: Ctrl-C, or a trace that nothing was prepared
 * for, ends that one and leaves this one to remove the recording.
 */
static enum outcome report_apart(const char *folder, const struct request *request)
{
	const struct signals *signals = &request->capture.signals;
	struct child child;
	int number;

	fflush(NULL);
	child.pid = fork();
	if (child.pid < 0) {
		fprintf(stderr, "giltrace: cannot start a process: %s\n", strerror(errno));
		return OUTCOME_FAILED;
	}
	if (child.pid == 0) {
		signals_give_back(signals, false);
		/* Also where that is ignored: a reader that is gone is no trouble. */
		signal(SIGPIPE, SIG_DFL);
		_exit(report(folder, request));
	}
	while (!child_wait(&child, signals, PATIENCE_MS))
		continue;
	number = child_signal(&child);
	if (!number)
		return (enum outcome)child_status(&child);
	if (number == SIGPIPE)
		return OUTCOME_UNREAD;
	fprintf(stderr, "giltrace: the report was ended by signal %d (%s)\n", number,
		strsignal(number));
	return signals_is_wish_to_end(number) ? OUTCOME_NOTHING : OUTCOME_FAILED;
}

/* Removes a recording that nobody asked to keep, unless it still waits for its report. */
static void finish_folder(
	const struct request *request, const struct folder *folder, enum outcome outcome)
{
	bool wanted = request->capture.options.folder;
	int code;

	if (!wanted && outcome != OUTCOME_FAILED) {
		code = folder_discard(folder);
		if (code < 0)
			fprintf(stderr, "giltrace: cannot remove folder '%s': %s\n", folder->path,
				strerror(-code));
	} else if (outcome == OUTCOME_FAILED || !request->capture.quiet) {
		fprintf(stderr, "giltrace: the recording is in %s\n", folder->path);
	}
}

int command_run(int argc, char **argv)
{
	const struct argp_child children[] = {{&capture_argp, 0, NULL, 0}, {0}};
	const struct argp argp = {
		.options = option_list,
		.parser = parse,
		.args_doc = "[--] COMMAND [ARGUMENT...]",
		.doc = doc,
		.children = children,
	};
	struct request request = {0};
	struct capture capture;
	int status;

	if (!options_parse(&argp, argc, argv, &request, STATUS_RECORD_TROUBLE, &status))
		return status;
	if (request.report.format == REPORT_HTML && !request.report.output && !request.to_stdout) {
		fprintf(stderr, "giltrace: a page is for a browser: where is it to be written?\n"
				"  --report-file report.html\n");
		return STATUS_RECORD_TROUBLE;
	}
	request.report.temporary = !request.capture.options.folder;
	if (capture_request_run(&request.capture, &capture, &status)) {
		enum outcome outcome = report_apart(capture.folder.path, &request);

		finish_folder(&request, &capture.folder, outcome);
		/* A command that failed is the more important news. */
		if ((outcome == OUTCOME_NOTHING || outcome == OUTCOME_FAILED) &&
			status == STATUS_OK)
			status = STATUS_RECORD_TROUBLE;
	}
	capture_release(&capture);
	capture_request_release(&request.capture);
	return status;
}

/* giltrace doctor: finds out why nothing is recorded, one precondition after the other. */
#include <errno.h>
#include <glib.h>
#include <stdio.h>

#include "base/terminal.h"
#include "commands/attach_options.h"
#include "commands/commands.h"
#include "commands/doctor_checks.h"
#include "commands/findings.h"
#include "commands/options.h"

enum { WIDTH = 80, KEY_PID = 0x5000, KEY_OPEN };

static const char doc[] =
	"Checks everything that a recording needs, says what is missing and what to do about it. "
	"With "
	"COMMAND it also looks at what COMMAND starts, without running it, and records a Python "
	"that "
	"does nothing. With --pid it says whether `giltrace record --attach' can record a process "
	"that runs already."
	"\v"
	"Exit status: 0 when recording works, 1 when there is a problem, 2 on wrong usage.";

static const struct argp_option option_list[] = {
	{"pid", KEY_PID, "PID", 0,
		"look at this running process instead of a COMMAND; more than once, or "
		"PID,PID,...",
		0},
	{"open", KEY_OPEN, "FILE", OPTION_HIDDEN, NULL, 0},
	{0},
};

struct request {
	char **command; /* NULL when there is none */
	GArray *pids;	/* pid_t */
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case KEY_OPEN:
		doctor_open(argument);
	case KEY_PID:
		if (attach_parse_pids(argument, request->pids))
			return 0;
		argp_error(state, "'%s' is no process number", argument);
		return EINVAL;
	case ARGP_KEY_ARG:
		if (request->pids->len > 0) {
			argp_error(state, "either --pid or a command, not both");
			return EINVAL;
		}
		request->command = state->argv + state->next - 1;
		state->next = state->argc;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The Python to try a recording with; NULL when there is none. Caller frees. */
static char *choose_python(struct findings *findings, char *const *command)
{
	char *const usual[] = {"python3", NULL};
	char *path;

	if (command)
		return doctor_check_command(findings, command);
	path = g_find_program_in_path(usual[0]);
	if (!path) {
		findings_add(findings, FINDING_NOTE, "command",
			"no python3 in PATH to try a recording with");
		findings_next(findings,
			"name the Python to be recorded: giltrace doctor -- /path/to/python");
		return NULL;
	}
	g_free(path);
	return doctor_check_command(findings, usual);
}

static void print(const struct findings *findings, bool tried)
{
	findings_print(findings, stdout, WIDTH, terminal_color(stdout));
	if (findings->problems == 1)
		printf("\nOne problem.\n");
	else if (findings->problems > 1)
		printf("\n%d problems: begin with the first.\n", findings->problems);
	else if (tried)
		printf("\nRecording works.\n");
	else
		printf("\nNothing speaks against recording; it was not tried.\n");
}

/* The checks one after the other. Returns whether a recording was tried. */
static bool examine(struct findings *findings, const struct request *request)
{
	g_autofree char *python = NULL;
	bool broken;

	doctor_check_libraries(findings);
	doctor_check_system(findings);
	broken = findings->problems > 0;
	if (request->pids->len > 0) {
		if (!broken)
			doctor_check_processes(findings, request->pids);
		return false;
	}
	python = choose_python(findings, request->command);
	if (python && !broken)
		doctor_check_recording(findings, python);
	return python && !broken;
}

int command_doctor(int argc, char **argv)
{
	const struct argp argp = {.options = option_list,
		.parser = parse,
		.args_doc = "[[--] COMMAND [ARGUMENT...]]",
		.doc = doc};
	struct request request = {0};
	struct findings findings;
	int status;

	request.pids = g_array_new(FALSE, FALSE, sizeof(pid_t));
	if (options_parse(&argp, argc, argv, &request, STATUS_TROUBLE, &status)) {
		findings_init(&findings);
		print(&findings, examine(&findings, &request));
		status = findings.problems > 0 ? STATUS_NO : STATUS_OK;
		findings_release(&findings);
	}
	g_array_free(request.pids, TRUE);
	return status;
}

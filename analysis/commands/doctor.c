/* giltrace doctor: finds out why nothing is recorded, one precondition after the other. */
#include <glib.h>
#include <stdio.h>

#include "base/terminal.h"
#include "commands/commands.h"
#include "commands/doctor_checks.h"
#include "commands/findings.h"
#include "commands/options.h"

enum { WIDTH = 80 };

static const char doc[] =
	"Checks everything that a recording needs, says what is missing and what to do about it. "
	"With "
	"COMMAND it also looks at what COMMAND starts, without running it, and records a Python "
	"that "
	"does nothing."
	"\v"
	"Exit status: 0 when recording works, 1 when there is a problem, 2 on wrong usage.";

struct request {
	char **command; /* NULL when there is none */
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	(void)argument;
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	request->command = state->argv + state->next - 1;
	state->next = state->argc;
	return 0;
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

int command_doctor(int argc, char **argv)
{
	const struct argp argp = {
		.parser = parse, .args_doc = "[[--] COMMAND [ARGUMENT...]]", .doc = doc};
	struct request request = {0};
	struct findings findings;
	g_autofree char *python = NULL;
	bool broken;
	int status;

	if (!options_parse(&argp, argc, argv, &request, STATUS_TROUBLE, &status))
		return status;
	findings_init(&findings);
	doctor_check_system(&findings);
	broken = findings.problems > 0;
	python = choose_python(&findings, request.command);
	if (python && !broken)
		doctor_check_recording(&findings, python);
	print(&findings, python && !broken);
	status = findings.problems > 0 ? STATUS_NO : STATUS_OK;
	findings_release(&findings);
	return status;
}

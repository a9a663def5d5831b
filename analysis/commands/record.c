/* giltrace record: records a command, or processes that run already, into a folder. */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/attach_options.h"
#include "commands/capture_options.h"
#include "commands/options.h"

static const char doc[] =
	"Runs COMMAND and records who holds Python's GIL and who waits for it, "
	"in COMMAND and in every "
	"Python it starts, until COMMAND ends. With --attach, in "
	"processes that run already under libgiltrace.so, until Ctrl-C."
	"\v"
	"Without -o the folder is giltrace-PROGRAM-DATE-TIME in the current one. "
	"`giltrace report DIR' "
	"shows what was recorded.\n\n"
	"Exit status: COMMAND's own, 128 + N when signal N ended it; 125 when "
	"giltrace failed, 126 when "
	"COMMAND cannot be executed, 127 when it is not found. With --attach: 0, or "
	"125.";

struct request {
	struct attach_request attach;
	struct capture_request capture;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	(void)argument;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	request->attach.capture = &request->capture;
	state->child_inputs[0] = &request->attach;
	state->child_inputs[1] = &request->capture;
	return 0;
}

static char *name_folder(const struct request *request)
{
	g_auto(GStrv) running = NULL;

	if (!request->attach.wanted)
		return folder_name_for(request->capture.options.command);
	running = attach_command(&request->attach);
	return folder_name_for(running);
}

static void say_where(const struct capture *capture, const char *name)
{
	g_autofree char *size =
		g_format_size_full(folder_size(&capture->folder), G_FORMAT_SIZE_IEC_UNITS);
	/* Quotes only where a shell needs them, so that the line can be copied. */
	bool plain = !name[strcspn(name, " \t\n'\"\\$`*?[]{}()<>|&;#~!")];
	g_autofree char *shown = plain ? g_strdup(name) : g_shell_quote(name);

	fprintf(stderr, "giltrace: recorded %s; see it with: giltrace report %s\n", size, shown);
}

int command_record(int argc, char **argv)
{
	const struct argp_child children[] = {
		{&attach_argp, 0, NULL, 0}, {&capture_argp, 0, NULL, 0}, {0}};
	const struct argp argp = {.parser = parse,
		.args_doc = "[--] COMMAND [ARGUMENT...]\n--attach",
		.doc = doc,
		.children = children};
	struct request request = {0};
	struct capture capture;
	g_autofree char *name = NULL;
	int status;

	if (!options_parse(&argp, argc, argv, &request, STATUS_RECORD_TROUBLE, &status)) {
		attach_request_release(&request.attach);
		return status;
	}
	if (!request.capture.options.folder) {
		name = name_folder(&request);
		request.capture.options.folder = name;
	}
	if (capture_request_run(&request.capture, &capture, &status) && !request.capture.quiet)
		say_where(&capture, request.capture.options.folder);
	capture_release(&capture);
	capture_request_release(&request.capture);
	attach_request_release(&request.attach);
	return status;
}

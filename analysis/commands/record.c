/* giltrace record: records a command into a folder. */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/capture_options.h"

static const char doc[] = "Runs COMMAND and records who holds Python's GIL and who waits for it, "
			  "in COMMAND and in every "
			  "Python it starts, until COMMAND ends."
			  "\v"
			  "Without -o the folder is giltrace-PROGRAM-DATE-TIME in the current one. "
			  "`giltrace report DIR' "
			  "shows what was recorded.\n\n"
			  "Exit status: COMMAND's own, 128 + N when signal N ended it; 125 when "
			  "giltrace failed, 126 when "
			  "COMMAND cannot be executed, 127 when it is not found.";

static error_t parse(int key, char *argument, struct argp_state *state)
{
	(void)argument;
	if (key != ARGP_KEY_INIT)
		return ARGP_ERR_UNKNOWN;
	state->child_inputs[0] = state->input;
	return 0;
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
	const struct argp_child children[] = {{&capture_argp, 0, NULL, 0}, {0}};
	const struct argp argp = {.parser = parse,
		.args_doc = "[--] COMMAND [ARGUMENT...]",
		.doc = doc,
		.children = children};
	struct capture_request request = {0};
	struct capture capture;
	g_autofree char *name = NULL;
	int status;

	if (!options_parse(&argp, argc, argv, &request, STATUS_RECORD_TROUBLE, &status))
		return status;
	if (!request.options.folder) {
		name = folder_name_for(request.options.command);
		request.options.folder = name;
	}
	if (capture_request_run(&request, &capture, &status) && !request.quiet)
		say_where(&capture, request.options.folder);
	capture_release(&capture);
	capture_request_release(&request);
	return status;
}

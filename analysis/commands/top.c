/* giltrace top: who holds the GIL and who waits for it, now. */
#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/terminal.h"
#include "commands/captive.h"
#include "commands/commands.h"
#include "commands/live_options.h"
#include "live/screen.h"
#include "live/top_text.h"
#include "render/style.h"

enum { WIDTH_DEFAULT = 80, PATIENCE_MS = 100 };

static const char doc[] =
	"Shows who holds Python's GIL and who waits for it, like top, every second: of COMMAND, of "
	"processes that run already under libgiltrace.so (all of them, or those of --attach), or "
	"of a live session, net://HOST[:PORT]/host/TARGET/SESSION, here or elsewhere."
	"\v"
	"The key q, or Ctrl-C, ends it. Processes that were attached to run on, and so does "
	"COMMAND after q: giltrace waits for it. While the screen is in use COMMAND's output is "
	"kept, and printed afterwards; COMMAND cannot read from the terminal.\n\n"
	"Exit status: COMMAND's own, 128 + N when signal N ended it; 125 when giltrace failed, 126 "
	"when COMMAND cannot be executed, 127 when it is not found. Without COMMAND: 0, or 125.";

static const struct argp_option option_list[] = {
	{"batch", 'b', NULL, 0,
		"print one look after the other, to standard error if there is a COMMAND; for "
		"logs, and where standard output is no terminal",
		0},
	{"output", 'o', "FILE", 0, "COMMAND's output goes to FILE", 0},
	{0},
};

struct request {
	struct live_request live;
	const char *output;
	bool batch;
};

/* What is shown, and where. */
struct top {
	const struct request *request;
	struct screen screen;
	struct captive captive;
	FILE *out; /* in batch mode, and at the end */
	uint64_t looks;
	bool entered;
	const struct live_figures *figures;
	struct viewing_state state;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct request *request = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &request->live;
		return 0;
	case 'b':
		request->batch = true;
		return 0;
	case 'o':
		request->output = argument;
		return 0;
	case ARGP_KEY_SUCCESS:
		if (!request->output || request->live.viewing.source.command)
			return 0;
		argp_error(state, "--output of which command?");
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void add_head(GString *text, const struct top *top, int width, bool color)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *time = g_date_time_format(now, "%H:%M:%S");
	g_autofree char *head = g_strdup_printf(
		"giltrace top  %s%s", time, top->entered && width >= 40 ? "  q: quit" : "");

	g_string_append_printf(
		text, "%s%.*s%s\n", STYLE_DIM(color), width, head, STYLE_PLAIN(color));
}

static GString *write_text(const struct top *top, int width, bool color)
{
	const struct top_text_options options = {.width = width, .color = color};
	GString *text = g_string_new(NULL);

	add_head(text, top, width, color);
	top_text(text, top->figures, &top->state, &options);
	return text;
}

static void draw(const struct top *top)
{
	GString *text = write_text(top, top->screen.columns, terminal_color(stdout));

	screen_draw(&top->screen, text->str);
	g_string_free(text, TRUE);
}

static void print(const struct top *top)
{
	GString *text =
		write_text(top, terminal_width(top->out, WIDTH_DEFAULT), terminal_color(top->out));

	fprintf(top->out, "%s\n", text->str);
	fflush(top->out);
	g_string_free(text, TRUE);
}

static void leave(struct top *top)
{
	if (top->entered)
		screen_leave(&top->screen);
	top->entered = false;
}

/* The last one stays on the terminal, and is not repeated in a log. */
static void show_last(struct top *top)
{
	leave(top);
	captive_show(&top->captive);
	if (top->state.fresh || !top->request->batch)
		print(top);
}

static bool refresh(
	const struct live_figures *figures, const struct viewing_state *state, void *user)
{
	struct top *top = user;

	top->figures = figures;
	top->state = *state;
	if (state->last) {
		show_last(top);
		return false;
	}
	if (!top->request->batch)
		draw(top);
	else
		print(top);
	return ++top->looks != top->request->live.iterations;
}

static bool idle(int timeout_ms, void *user)
{
	struct top *top = user;
	int key;

	if (top->request->batch) {
		g_usleep((gulong)timeout_ms * 1000);
		return !ferror(top->out);
	}
	if (!top->entered) {
		screen_enter(&top->screen);
		screen_draw(&top->screen, "giltrace top: waiting for the first second\n");
		top->entered = true;
	}
	key = screen_key(&top->screen, timeout_ms);
	if (screen_resized(&top->screen) && top->figures)
		draw(top);
	return key != 'q' && key != 'Q';
}

/* Of attached processes: those that were named. */
static void say_end(const struct viewing *viewing, const struct request *request)
{
	const struct live_source *source = &viewing->source;

	if (viewing->end == VIEWING_BROKEN) {
		error_print(&viewing->reason);
	} else if (viewing->end != VIEWING_OVER) {
		return;
	} else if (!source->ended) {
		fprintf(stderr, "giltrace: the session has ended\n");
	} else if (!live_request_has_command(&request->live)) {
		fprintf(stderr, "giltrace: %s ended\n",
			source->options->attach->pid_count > 1 ? "all processes have"
							       : "the process has");
	} else if (source->signal) {
		fprintf(stderr, "giltrace: the command was ended by signal %d (%s)\n",
			source->signal, strsignal(source->signal));
	} else {
		fprintf(stderr, "giltrace: the command has ended with status %d\n", source->status);
	}
}

/* Nobody looks any more, but the command's exit status is still to come. */
static void await_command(struct top *top, struct viewing *viewing)
{
	if (!viewing->source.ran || viewing->source.options->attach)
		return;
	if (!viewing->source.ended)
		fprintf(stderr, "giltrace: the command goes on; Ctrl-C ends it\n");
	while (!live_source_over(&viewing->source, PATIENCE_MS))
		captive_show(&top->captive);
	captive_show(&top->captive);
}

static int view(struct top *top, struct request *request)
{
	struct viewing viewing;
	struct error error;
	int code, status;

	request->live.viewing.refresh = refresh;
	request->live.viewing.idle = idle;
	request->live.viewing.user = top;
	code = viewing_run(&viewing, &request->live.viewing, &request->live.signals, &error);
	leave(top);
	if (code == 0)
		say_end(&viewing, request);
	else
		error_print(&error);
	if (viewing_close(&viewing, &request->live.viewing, &error) < 0)
		error_print(&error);
	await_command(top, &viewing);
	status = live_request_status(code, &viewing);
	return status;
}

int command_top(int argc, char **argv)
{
	const struct argp argp = {.options = option_list, .parser = parse, .doc = doc};
	struct request request = {0};
	struct top top = {.request = &request, .captive = {.null = -1, .file = -1}};
	struct error error;
	int status;

	if (!live_request_parse(&request.live, &argp, argc, argv, &request, &status))
		return status;
	request.batch = request.batch || !isatty(STDOUT_FILENO);
	top.out = request.batch && live_request_has_command(&request.live) ? stderr : stdout;
	if (!live_request_take(&request.live, &status)) {
		live_request_release(&request.live);
		return status;
	}
	status = STATUS_RECORD_TROUBLE;
	if (live_request_has_command(&request.live) && (!request.batch || request.output)) {
		request.live.viewing.source.streams = top.captive.streams;
		if (captive_open(&top.captive, request.output, &error) < 0) {
			error_print(&error);
			live_request_release(&request.live);
			return status;
		}
	}
	status = view(&top, &request);
	captive_close(&top.captive);
	live_request_release(&request.live);
	return status;
}

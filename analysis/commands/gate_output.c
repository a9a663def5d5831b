/* Where the findings of a gate go; see gate_output.h. */
#include "commands/gate_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/terminal.h"
#include "commands/output.h"
#include "render/gate.h"
#include "render/text.h"

/* Where GitLab's documentation has it; the job's `artifacts:reports:codequality` names it. */
#define GITLAB_FILE "gl-code-quality-report.json"

static const struct {
	const char *name;
	gate_renderer *render;
} formats[] = {
	{"text", gate_render_text},
	{"json", gate_render_json},
	{"junit", gate_render_junit},
	{"markdown", gate_render_markdown},
	{"github", gate_render_github},
	{"gitlab", gate_render_gitlab},
};

/* The format before the colon, and `*file` behind it, or NULL. */
static gate_renderer *find_format(const char *argument, const char **file)
{
	size_t length = strcspn(argument, ":");

	*file = argument[length] ? argument + length + 1 : NULL;
	for (size_t i = 0; i < G_N_ELEMENTS(formats); i++)
		if (strlen(formats[i].name) == length &&
			strncmp(formats[i].name, argument, length) == 0)
			return formats[i].render;
	return NULL;
}

error_t gate_output_add(struct gate_output *output, char *argument, struct argp_state *state)
{
	const char *file;

	if (!find_format(argument, &file)) {
		argp_error(state,
			"'%s' is no format; there are text, json, junit, markdown, github and "
			"gitlab",
			argument);
		return EINVAL;
	}
	if (file && !*file) {
		argp_error(state, "the file of '%s' has no name", argument);
		return EINVAL;
	}
	if (!output->wanted)
		output->wanted = g_ptr_array_new();
	g_ptr_array_add(output->wanted, argument);
	return 0;
}

void gate_output_release(struct gate_output *output)
{
	g_clear_pointer(&output->wanted, g_ptr_array_unref);
}

/* What the paths of annotations are relative to. The caller frees it. */
static char *find_root(void)
{
	const char *const names[] = {"GITHUB_WORKSPACE", "CI_PROJECT_DIR"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *value = getenv(names[i]);

		if (value && g_path_is_absolute(value))
			return g_strdup(value);
	}
	return g_get_current_dir();
}

static int render_to(gate_renderer *render, const struct judgement *judgement, FILE *out)
{
	g_autofree char *root = find_root();
	const struct gate_options options = {
		.width = terminal_width(out, TEXT_WIDTH_DEFAULT),
		.color = terminal_color(out),
		.root = root,
	};

	return render(judgement, out, &options);
}

static int write_file(gate_renderer *render, const struct judgement *judgement, const char *path,
	struct error *error)
{
	struct output output;
	int code = output_open(&output, path, error);

	if (code < 0)
		return code;
	code = render_to(render, judgement, output.stream);
	if (code == 0)
		return output_finish(&output, error);
	output_discard(&output);
	return error_set(error, code, "cannot write '%s': %s", path, strerror(-code));
}

/* Other steps may have written to the file. */
static int append_file(gate_renderer *render, const struct judgement *judgement, const char *path,
	struct error *error)
{
	FILE *file = fopen(path, "ae");
	int code;

	if (!file)
		return error_set(error, -errno, "cannot write '%s': %s", path, strerror(errno));
	code = render_to(render, judgement, file);
	if (fclose(file) != 0 && code == 0)
		code = -errno;
	if (code < 0)
		error_set(error, code, "cannot write '%s': %s", path, strerror(-code));
	return code;
}

static void write_text(const struct gate_output *output, const struct judgement *judgement)
{
	/* Whether that succeeded is for main to check. */
	(void)render_to(gate_render_text, judgement, output->to_stderr ? stderr : stdout);
}

static bool is_set(const char *name)
{
	const char *value = getenv(name);

	return value && strcmp(value, "true") == 0;
}

static int write_for_ci(const struct judgement *judgement, struct error *error)
{
	const char *summary = getenv("GITHUB_STEP_SUMMARY");
	int code = 0;

	if (is_set("GITHUB_ACTIONS")) {
		(void)render_to(gate_render_github, judgement, stdout);
		if (summary && *summary)
			code = append_file(gate_render_markdown, judgement, summary, error);
	}
	if (code == 0 && is_set("GITLAB_CI"))
		code = write_file(gate_render_gitlab, judgement, GITLAB_FILE, error);
	return code;
}

int gate_output_write(
	const struct gate_output *output, const struct judgement *judgement, struct error *error)
{
	int code = 0;

	if (!output->wanted) {
		write_text(output, judgement);
		return write_for_ci(judgement, error);
	}
	for (guint i = 0; code == 0 && i < output->wanted->len; i++) {
		const char *file;
		gate_renderer *render = find_format(g_ptr_array_index(output->wanted, i), &file);

		if (file)
			code = write_file(render, judgement, file, error);
		else if (render == gate_render_text)
			write_text(output, judgement);
		else
			(void)render_to(render, judgement, stdout);
	}
	return code;
}

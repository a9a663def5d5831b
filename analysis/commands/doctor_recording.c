/* Doctor's proof: a short recording of a Python, looked through for its events; see
 * doctor_checks.h. */
#include <glib.h>
#include <string.h>

#include "commands/doctor_checks.h"
#include "record/capture.h"

/* Every process event carries the recording's id, as plain text in the trace. */
static bool mentions(const char *folder, const char *run)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	const char *name;
	bool found = false;

	while (dir && !found && (name = g_dir_read_name(dir))) {
		g_autofree char *path = g_build_filename(folder, name, NULL);
		g_autofree char *text = NULL;
		gsize length;

		/* The manifest has the id too. */
		if (strcmp(name, FOLDER_MANIFEST) == 0)
			continue;
		if (g_file_test(path, G_FILE_TEST_IS_DIR))
			found = mentions(path, run);
		else if (g_file_get_contents(path, &text, &length, NULL))
			found = memmem(text, length, run, strlen(run)) != NULL;
	}
	if (dir)
		g_dir_close(dir);
	return found;
}

static void judge(struct findings *findings, const struct capture *capture, const char *python)
{
	for (size_t i = 0; i < capture->warning_count; i++) {
		findings_add(findings, FINDING_NOTE, "recording", "%s", capture->warnings[i].what);
		if (capture->warnings[i].next[0])
			findings_next(findings, "%s", capture->warnings[i].next);
	}
	if (capture->status != 0) {
		findings_add(findings, FINDING_PROBLEM, "recording",
			"%s -c pass ended with status %d", python, capture->status);
		findings_next(findings,
			"try it without giltrace; if it ends well there, please report a bug");
	} else if (mentions(capture->folder.path, capture->run)) {
		findings_add(findings, FINDING_OK, "recording", "the events of %s -c pass arrived",
			python);
	} else {
		findings_add(findings, FINDING_PROBLEM, "recording",
			"%s -c pass ran, but no event of it arrived", python);
		findings_next(findings,
			"see what the library says: GILTRACE_LOG=/dev/stderr giltrace run -- %s -c "
			"pass",
			python);
	}
}

void doctor_check_recording(struct findings *findings, const char *python)
{
	char *command[] = {(char *)python, "-c", "pass", NULL};
	const struct capture_options options = {
		.program = python, .command = command, .silent = true};
	struct capture capture;
	struct signals signals;
	struct error error;
	int code;

	signals_take(&signals);
	code = capture_run(&capture, &options, &signals, &error);
	if (code == 0) {
		judge(findings, &capture, python);
		folder_discard(&capture.folder);
	} else {
		findings_add(findings, FINDING_PROBLEM, "recording", "%s", error.what);
		if (error.next[0])
			findings_next(findings, "%s", error.next);
	}
	capture_release(&capture);
	signals_give_back(&signals, true);
}

/* Whether giltrace's own libraries can be loaded; see doctor_checks.h. */
#include <dlfcn.h>
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/doctor_checks.h"
#include "record/preload.h"

/* Ends at once: the library may have filled the process with threads. */
void doctor_open(const char *path)
{
	if (!*path || dlopen(path, RTLD_NOW | RTLD_LOCAL))
		_exit(0);
	fprintf(stderr, "%s\n", dlerror());
	_exit(1);
}

/* What the dynamic loader says of `words`, without who says it. */
static char *loader_reason(const char *words)
{
	static const char *const beginnings[] = {"error while loading shared libraries: ",
		"symbol lookup error: ", "ERROR: ld.so: "};
	g_auto(GStrv) lines = g_strsplit(words, "\n", 2);

	for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++) {
		const char *found = strstr(lines[0], beginnings[i]);

		if (found)
			return g_strdup(found + strlen(beginnings[i]));
	}
	return g_strdup(lines[0]);
}

/*
 * Has the library preloaded into a program, this one, that then opens `opened`, or nothing
 * if that is NULL: as when it records. What it stands before it finds behind it only so, not
 * when it is opened itself. Returns what is wrong, or NULL. Caller frees.
 */
static char *try_to_load(const char *library, const char *opened)
{
	g_autofree char *open = g_strconcat("--open=", opened ? opened : "", NULL);
	char program[] = "/proc/self/exe", doctor[] = "doctor";
	char *argv[] = {program, doctor, open, NULL};
	g_auto(GStrv) environment = g_get_environ();
	g_autofree char *words = NULL;
	GError *error = NULL;
	char *wrong;
	int status;

	environment = g_environ_setenv(environment, "LD_PRELOAD", library, TRUE);
	environment = g_environ_setenv(environment, "LD_BIND_NOW", "1", TRUE);
	/* LTTng-UST need not wait for the daemon, which is asked by itself. */
	environment = g_environ_setenv(environment, "LTTNG_UST_REGISTER_TIMEOUT", "0", TRUE);
	if (!g_spawn_sync(NULL, argv, environment, G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, NULL,
		    &words, &status, &error)) {
		wrong = g_strdup(error->message);
		g_error_free(error);
		return wrong;
	}
	if (*words)
		return loader_reason(words);
	return status == 0 ? NULL : g_strdup("a program that has it does not work");
}

/* `path`: one of the two. */
static void check_library(
	struct findings *findings, const char *path, const char *library, const char *subject)
{
	g_autofree char *wrong = NULL;

	if (access(path, R_OK) < 0) {
		findings_add(findings, FINDING_PROBLEM, subject, "cannot read '%s': %s", path,
			strerror(errno));
		findings_next(findings, "build or install giltrace again");
		return;
	}
	wrong = try_to_load(library, path == library ? NULL : path);
	if (!wrong) {
		findings_add(findings, FINDING_OK, subject, "%s", path);
		return;
	}
	findings_add(findings, FINDING_PROBLEM, subject, "cannot load it: %s", wrong);
	findings_next(
		findings, strstr(wrong, "lttng-ust")
				  ? "install the package liblttng-ust1 (apt install liblttng-ust1)"
				  : "build or install giltrace again, on this machine");
}

void doctor_check_libraries(struct findings *findings)
{
	g_autofree char *folder = NULL;
	g_autofree char *recorder = NULL;
	struct error error;
	char *library;

	if (preload_find(&library, &error) < 0) {
		findings_add(findings, FINDING_PROBLEM, "library", "%s", error.what);
		if (error.next[0])
			findings_next(findings, "%s", error.next);
		return;
	}
	folder = g_path_get_dirname(library);
	recorder = g_build_filename(folder, PRELOAD_RECORDER, NULL);
	check_library(findings, library, library, "library");
	check_library(findings, recorder, library, "recorder");
	free(library);
}

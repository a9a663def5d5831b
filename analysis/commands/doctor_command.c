/* What doctor asks of a command; see doctor_checks.h. */
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/doctor_checks.h"
#include "record/elf.h"
#include "record/inspect.h"
#include "record/launcher.h"

/* Prints "NAME;MAJOR;MINOR;VERSION;free-threaded;GIL" on every Python since 2.6. */
static const char probe[] = "import sys\n"
			    "i = getattr(getattr(sys, 'implementation', None), 'name', 'cpython')\n"
			    "if hasattr(sys, 'pypy_version_info'): i = 'pypy'\n"
			    "v = sys.version_info\n"
			    "t = 't' in getattr(sys, 'abiflags', '')\n"
			    "g = getattr(sys, '_is_gil_enabled', lambda: True)()\n"
			    "print(';'.join([i, str(v[0]), str(v[1]), '%d.%d.%d' % v[:3], "
			    "str(int(t)), str(int(g))]))\n";

enum {
	PROBE_NAME,
	PROBE_MAJOR,
	PROBE_MINOR,
	PROBE_VERSION,
	PROBE_FREE_THREADED,
	PROBE_GIL,
	PROBE_FIELDS
};

/* The oldest CPython whose GIL giltrace knows. */
enum { OLDEST_MAJOR = 3, OLDEST_MINOR = 7 };

static bool check_privileges(struct findings *findings, const struct launcher *launcher)
{
	for (int i = 0; i < launcher->count; i++) {
		const char *reason = inspect_privileges(launcher->steps[i]);

		if (!reason)
			continue;
		findings_add(findings, FINDING_PROBLEM, "command",
			"%s is %s: the loader ignores LD_PRELOAD there", launcher->steps[i],
			reason);
		findings_next(findings,
			"record a copy of it without that privilege, or record as its owner");
		return false;
	}
	return true;
}

static bool is_interpreter_name(const char *path)
{
	g_autofree char *name = g_path_get_basename(path);

	return g_regex_match_simple("^(python|pypy|graalpy)[0-9.]*[a-z]*$", name, 0, 0);
}

/* What keeps the library out of a program, and its next step; false when nothing does. */
static bool is_closed(const struct elf_facts *facts, const char **reason, const char **step)
{
	if (facts->foreign) {
		*reason = "is for another architecture than giltrace's library";
		*step = "build giltrace for that architecture";
	} else if (!facts->dynamic) {
		*reason = "is statically linked: nothing can be preloaded into it";
		*step = "use a dynamically linked build of it";
	} else if (facts->musl) {
		*reason = "is linked with musl, giltrace's library with glibc";
		*step = "use a program built for glibc, or build giltrace for musl";
	} else {
		return false;
	}
	return true;
}

static bool check_elf(struct findings *findings, const char *path, const struct elf_facts *facts)
{
	const char *reason;
	const char *step;

	if (!is_closed(facts, &reason, &step))
		return true;
	if (is_interpreter_name(path) || facts->musl) {
		findings_add(findings, FINDING_PROBLEM, "interpreter", "%s %s", path, reason);
		findings_next(findings, "%s", step);
	} else {
		findings_add(findings, FINDING_NOTE, "interpreter",
			"%s %s; a Python that it starts is recorded all the same", path, reason);
	}
	return false;
}

static char **ask_interpreter(char *path)
{
	char *argv[] = {path, "-E", "-S", "-c", (char *)probe, NULL};
	g_autofree char *output = NULL;
	char **fields;
	int status;

	if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
		    &status, NULL) ||
		status != 0)
		return NULL;
	fields = g_strsplit(g_strstrip(output), ";", -1);
	if (g_strv_length(fields) == PROBE_FIELDS)
		return fields;
	g_strfreev(fields);
	return NULL;
}

static bool is_too_old(char *const *fields)
{
	int major = atoi(fields[PROBE_MAJOR]);

	return major < OLDEST_MAJOR ||
	       (major == OLDEST_MAJOR && atoi(fields[PROBE_MINOR]) < OLDEST_MINOR);
}

/* Whether what answered the probe has a GIL that can be recorded. */
static bool check_interpreter(struct findings *findings, char *path)
{
	g_auto(GStrv) fields = ask_interpreter(path);
	const char *name;

	if (!fields) {
		findings_add(findings, FINDING_PROBLEM, "interpreter", "'%s -c ...' does not work",
			path);
		findings_next(findings, "run %s yourself and see what it says", path);
		return false;
	}
	name = strcmp(fields[PROBE_NAME], "cpython") == 0 ? "CPython" : fields[PROBE_NAME];
	if (strcmp(fields[PROBE_NAME], "pypy") == 0) {
		findings_add(findings, FINDING_NOTE, "interpreter",
			"PyPy, Python %s: a program that starts threads is recorded, but only how "
			"long they wait for the GIL can be seen, not who holds it",
			fields[PROBE_VERSION]);
		return false;
	}
	if (strcmp(fields[PROBE_NAME], "cpython") != 0) {
		findings_add(findings, FINDING_PROBLEM, "interpreter",
			"%s, Python %s: not CPython, whose GIL is the one that giltrace knows",
			name, fields[PROBE_VERSION]);
		findings_next(findings, "run the program with CPython");
		return false;
	}
	if (is_too_old(fields)) {
		findings_add(findings, FINDING_PROBLEM, "interpreter",
			"%s %s: too old, giltrace knows 3.7 and newer", name,
			fields[PROBE_VERSION]);
		findings_next(findings, "run the program with a newer Python");
		return false;
	}
	if (strcmp(fields[PROBE_GIL], "0") == 0) {
		findings_add(findings, FINDING_PROBLEM, "interpreter",
			"%s %s, free-threaded: there is no GIL to wait for", name,
			fields[PROBE_VERSION]);
		findings_next(
			findings, "nothing is wrong; PYTHON_GIL=1 turns the GIL on, to compare");
		return false;
	}
	findings_add(findings, FINDING_OK, "interpreter", "%s %s%s, GIL enabled", name,
		fields[PROBE_VERSION],
		strcmp(fields[PROBE_FREE_THREADED], "1") == 0 ? " (free-threaded build)" : "");
	return true;
}

static void add_chain(struct findings *findings, const struct launcher *launcher)
{
	g_autoptr(GString) text = g_string_new(launcher->steps[0]);

	for (int i = 1; i < launcher->count; i++)
		g_string_append_printf(text, " -> %s", launcher->steps[i]);
	findings_add(findings, FINDING_OK, "command", "%s", text->str);
}

/* The executable at the end of the chain. Returns it when it is a Python that can be recorded. */
static char *check_executable(struct findings *findings, char *path)
{
	struct elf_facts facts;
	int code = elf_read(path, &facts);

	if (code < 0) {
		findings_add(findings, FINDING_NOTE, "interpreter", "cannot look into %s: %s", path,
			strerror(-code));
		return NULL;
	}
	if (!check_elf(findings, path, &facts))
		return NULL;
	if (is_interpreter_name(path))
		return check_interpreter(findings, path) ? g_strdup(path) : NULL;
	if (facts.has_python)
		findings_add(findings, FINDING_NOTE, "interpreter",
			"none by name, but %s has Python inside, which is recorded", path);
	else
		findings_add(findings, FINDING_NOTE, "interpreter",
			"%s is no Python; only a Python that it starts is recorded", path);
	return NULL;
}

char *doctor_check_command(struct findings *findings, char *const *command)
{
	struct launcher launcher;
	struct error error;
	char *python = NULL;

	if (launcher_follow(&launcher, command, &error) < 0) {
		findings_add(findings, FINDING_PROBLEM, "command", "%s", error.what);
		if (error.next[0])
			findings_next(findings, "%s", error.next);
		launcher_release(&launcher);
		return NULL;
	}
	add_chain(findings, &launcher);
	if (check_privileges(findings, &launcher)) {
		char *last = launcher.steps[launcher.count - 1];

		switch (launcher.end) {
		case LAUNCHER_EXECUTABLE:
			python = check_executable(findings, last);
			break;
		case LAUNCHER_SCRIPT:
			findings_add(findings, FINDING_NOTE, "interpreter",
				"%s is a script for %s; every Python that it starts is recorded",
				last,
				launcher.interpreter ? launcher.interpreter : "another program");
			break;
		case LAUNCHER_UNKNOWN:
			findings_add(findings, FINDING_NOTE, "interpreter",
				"%s is neither an ELF file nor a script with #!, or not readable",
				last);
			break;
		}
	}
	launcher_release(&launcher);
	return python;
}

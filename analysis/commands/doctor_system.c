/* What doctor asks of the machine; see doctor_checks.h. */
#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/doctor_checks.h"
#include "record/buffers.h"
#include "record/daemon.h"

static void add_error(struct findings *findings, const char *subject, const struct error *error)
{
	findings_add(findings, FINDING_PROBLEM, subject, "%s", error->what);
	if (error->next[0])
		findings_next(findings, "%s", error->next);
}

/* "lttng-sessiond 2.13.9"; NULL when it cannot be run. Caller frees. */
static char *version_of(char *program)
{
	char *argv[] = {program, "--version", NULL};
	char *output = NULL;

	if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
		    NULL, NULL))
		return NULL;
	return g_strstrip(output);
}

static void check_daemon_program(struct findings *findings, bool answers)
{
	g_autofree char *program = NULL;
	g_autofree char *version = NULL;
	struct error error;

	if (daemon_find_program(&program, &error) < 0) {
		if (answers)
			findings_add(findings, FINDING_NOTE, "LTTng",
				"no lttng-sessiond to start when the present one ends");
		else
			add_error(findings, "LTTng", &error);
		return;
	}
	version = version_of(program);
	findings_add(findings, version ? FINDING_OK : FINDING_PROBLEM, "LTTng", "%s %s", program,
		version ? version : "cannot be run");
}

/* Joins the daemon for a moment: one is started, and ended again, when none answers. */
static void check_daemon(struct findings *findings)
{
	struct daemon daemon;
	struct error error;
	struct home home;
	bool answers;

	if (home_init(&home, &error) < 0) {
		add_error(findings, "session daemon", &error);
		return;
	}
	answers = daemon_answers();
	check_daemon_program(findings, answers);
	if (daemon_join(&daemon, &error) < 0) {
		add_error(findings, "session daemon", &error);
	} else {
		findings_add(findings, FINDING_OK, "session daemon", "%s (sockets in %s)",
			answers ? "answers" : "none runs; giltrace can start one", daemon.home.run);
		if (daemon_leave(&daemon, &error) < 0)
			add_error(findings, "session daemon", &error);
	}
	home_release(&home);
}

static void check_memory(struct findings *findings)
{
	g_autofree char *room =
		g_format_size_full(buffers_free_bytes("/dev/shm"), G_FORMAT_SIZE_IEC_UNITS);
	g_autofree char *each = NULL;
	struct buffers buffers;
	struct error error;

	if (buffers_choose(&buffers, false, 0, UINT64_MAX, &error) < 0) {
		add_error(findings, "memory", &error);
		return;
	}
	each = g_format_size_full(buffers.piece_bytes * buffers.pieces, G_FORMAT_SIZE_IEC_UNITS);
	findings_add(findings, FINDING_OK, "memory",
		"%s free in /dev/shm; buffers: %s for each of %u CPUs and each process", room, each,
		buffers.cpus);
}

void doctor_check_system(struct findings *findings)
{
	check_daemon(findings);
	check_memory(findings);
}

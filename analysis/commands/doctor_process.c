/* What doctor asks of a process that runs already; see doctor_checks.h. */
#include "commands/doctor_checks.h"
#include "record/attach.h"
#include "record/pids.h"
#include "record/target.h"

enum { SHOWN = 60 }; /* bytes of a command line */

static void add_problem(struct findings *findings, const struct error *error)
{
	findings_add(findings, FINDING_PROBLEM, "process", "%s", error->what);
	if (error->next[0])
		findings_next(findings, "%s", error->next);
}

static void add_ready(struct findings *findings, const struct attach *attach, pid_t pid)
{
	g_auto(GStrv) words = target_command(pid);
	g_autofree char *command = words ? g_strjoinv(" ", words) : g_strdup("");
	bool itself = pids_have(attach->registered, pid);
	guint others = attach->registered->len - itself;
	g_autofree char *descendants =
		others ? g_strdup_printf("%u Python descendant%s", others, others > 1 ? "s" : "")
		       : g_strdup("");

	findings_add(findings, FINDING_OK, "process", "%d (%.*s)%s%s%s", (int)pid, SHOWN, command,
		itself ? " can be recorded" : " has no Python itself; recorded can be its ",
		itself && others ? ", and so can its " : "", descendants);
}

/* The same steps as a recording's, up to its session. */
static void check_process(struct findings *findings, pid_t pid)
{
	const struct attach_options options = {.pids = &pid, .pid_count = 1, .descendants = true};
	struct attach attach;
	struct daemon daemon;
	struct error error;
	int code = attach_open(&attach, &options, &error);

	if (code == 0)
		code = daemon_join(&daemon, &error);
	if (code < 0) {
		add_problem(findings, &error);
		attach_close(&attach);
		return;
	}
	code = attach_await(&attach, &daemon, &error);
	if (code < 0)
		add_problem(findings, &error);
	else
		add_ready(findings, &attach, pid);
	if (daemon_leave(&daemon, &error) < 0)
		add_problem(findings, &error);
	attach_close(&attach);
}

void doctor_check_processes(struct findings *findings, const GArray *pids)
{
	for (guint i = 0; i < pids->len; i++)
		check_process(findings, g_array_index(pids, pid_t, i));
}

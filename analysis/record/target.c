/* A process that runs already and is to be recorded; see target.h. */
#include "record/target.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/pids.h"
#include "record/preload.h"
#include "record/process.h"

static FILE *open_file(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

/* What /proc/PID/status says of the process: its real user and the process it is a thread of. */
static bool read_status(pid_t pid, pid_t *process, uid_t *user)
{
	FILE *file = open_file(pid, "status");
	char line[256];
	unsigned number;
	int found = 0;

	while (file && found < 2 && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Tgid: %u", &number) == 1) {
			*process = (pid_t)number;
			found++;
		} else if (sscanf(line, "Uid: %u", &number) == 1) {
			*user = (uid_t)number;
			found++;
		}
	}
	if (file)
		fclose(file);
	return found == 2;
}

static bool in_another_namespace(pid_t pid, const char *kind)
{
	char path[64], own[64], other[64];
	ssize_t own_length, other_length;

	snprintf(path, sizeof(path), "/proc/self/ns/%s", kind);
	own_length = readlink(path, own, sizeof(own));
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, kind);
	other_length = readlink(path, other, sizeof(other));
	return own_length > 0 && other_length > 0 &&
	       (own_length != other_length || memcmp(own, other, (size_t)own_length) != 0);
}

bool target_has_own_files(pid_t pid)
{
	return in_another_namespace(pid, "mnt");
}

/* Whether a line of /proc/PID/maps is of file `name`, in whatever folder, replaced meanwhile or
 * not.
 */
static bool maps_file(const char *line, const char *name)
{
	const char *path = strchr(line, '/');
	const char *found = path ? strstr(path, name) : NULL;
	const char *end;

	if (!found || found[-1] != '/')
		return false;
	end = found + strlen(name);
	return *end == '\n' || *end == '\0' || strcmp(end, " (deleted)\n") == 0;
}

static enum target_state look_into(pid_t pid)
{
	FILE *file = open_file(pid, "maps");
	enum target_state state = TARGET_BARE;
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return errno == ENOENT || errno == ESRCH ? TARGET_GONE : TARGET_OPAQUE;
	while (state != TARGET_READY && getline(&line, &size, file) > 0) {
		if (maps_file(line, PRELOAD_RECORDER))
			state = TARGET_READY;
		else if (maps_file(line, PRELOAD_LIBRARY))
			state = TARGET_NO_GIL;
	}
	free(line);
	fclose(file);
	return state;
}

void target_inspect(struct target *target, pid_t pid)
{
	*target = (struct target){.pid = pid};
	if (process_start_time(pid) == 0 || !read_status(pid, &target->process, &target->user))
		target->state = TARGET_GONE;
	else if (target->process != pid)
		target->state = TARGET_THREAD;
	else if (in_another_namespace(pid, "pid"))
		target->state = TARGET_ELSEWHERE;
	else if (geteuid() != 0 && target->user != geteuid())
		target->state = TARGET_FOREIGN;
	else
		target->state = look_into(pid);
}

bool target_may_be_recorded(const struct target *target)
{
	return target->state == TARGET_READY || target->state == TARGET_OPAQUE;
}

static int explain_foreign(const struct target *target, struct error *error)
{
	const struct passwd *owner = getpwuid(target->user);
	g_autofree char *name =
		owner ? g_strdup(owner->pw_name) : g_strdup_printf("#%u", (unsigned)target->user);

	error_set(error, -EPERM, "process %d belongs to another user, %s", (int)target->pid, name);
	error_next(error, "record it as that user, or as root: each user has a session daemon of "
			  "his own");
	return -EPERM;
}

static int explain_bare(const struct target *target, struct error *error)
{
	struct error ignored;
	char *library = NULL;

	error_set(
		error, -ENOENT, "process %d does not run under " PRELOAD_LIBRARY, (int)target->pid);
	if (preload_find(&library, &ignored) < 0)
		library = strdup(PRELOAD_LIBRARY);
	error_next(error,
		"it has to be there from the start: start it again with LD_PRELOAD=%s, or by "
		"'giltrace record -- COMMAND'",
		library);
	free(library);
	return -ENOENT;
}

int target_explain(const struct target *target, struct error *error)
{
	int pid = (int)target->pid;

	switch (target->state) {
	case TARGET_GONE:
		return error_set(error, -ESRCH, "there is no process %d", pid);
	case TARGET_THREAD:
		error_set(error, -ESRCH, "%d is no process but a thread of process %d", pid,
			(int)target->process);
		error_next(error, "name the process: --pid %d", (int)target->process);
		return -ESRCH;
	case TARGET_ELSEWHERE:
		error_set(error, -EPERM, "process %d runs in a container (another PID namespace)",
			pid);
		error_next(error, "record it from inside, where its session daemon is");
		return -EPERM;
	case TARGET_FOREIGN:
		return explain_foreign(target, error);
	case TARGET_BARE:
		return explain_bare(target, error);
	case TARGET_NO_GIL:
		error_set(error, -ENOENT,
			"process %d runs under " PRELOAD_LIBRARY
			", but no Python with a GIL has started in it",
			pid);
		error_next(error, "GILTRACE_LOG=FILE in its environment makes the library say what "
				  "it found");
		return -ENOENT;
	case TARGET_OPAQUE:
	case TARGET_READY:
		break;
	}
	return error_set(error, 0, "process %d can be recorded", pid);
}

/* A file of NUL-terminated strings, /proc/PID/environ or cmdline, ending in NULL. */
static char **read_strings(pid_t pid, const char *name)
{
	char path[64];
	g_autofree char *text = NULL;
	GPtrArray *strings;
	gsize length;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	if (!g_file_get_contents(path, &text, &length, NULL) || !length)
		return NULL;
	strings = g_ptr_array_new();
	for (const char *at = text; at < text + length; at += strlen(at) + 1)
		g_ptr_array_add(strings, g_strdup(at));
	g_ptr_array_add(strings, NULL);
	return (char **)g_ptr_array_free(strings, FALSE);
}

char *target_home(pid_t pid)
{
	g_auto(GStrv) environment = read_strings(pid, "environ");
	const char *home = environment ? g_environ_getenv(environment, "LTTNG_HOME") : NULL;

	if (environment && !home)
		home = g_environ_getenv(environment, "HOME");
	return g_strdup(home);
}

char **target_command(pid_t pid)
{
	return read_strings(pid, "cmdline");
}

/* All numbers in /proc, pid_t. */
static GArray *all_processes(void)
{
	GArray *pids = pids_new();
	g_autoptr(GDir) dir = g_dir_open("/proc", 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		pid_t pid = (pid_t)g_ascii_strtoull(name, NULL, 10);

		if (pid > 0)
			g_array_append_val(pids, pid);
	}
	return pids;
}

void target_add_descendants(GArray *family)
{
	g_autoptr(GArray) all = all_processes();
	g_autoptr(GArray) parents = pids_new();
	guint before;

	for (guint i = 0; i < all->len; i++) {
		pid_t parent = process_parent(g_array_index(all, pid_t, i));

		g_array_append_val(parents, parent);
	}
	/* One generation a round. */
	do {
		before = family->len;
		for (guint i = 0; i < all->len; i++) {
			pid_t parent = g_array_index(parents, pid_t, i);

			if (parent && pids_have(family, parent))
				pids_add(family, g_array_index(all, pid_t, i));
		}
	} while (family->len > before);
}

GArray *target_list_preloaded(void)
{
	GArray *pids = all_processes();
	guint kept = 0;

	for (guint i = 0; i < pids->len; i++) {
		pid_t pid = g_array_index(pids, pid_t, i);
		enum target_state state = look_into(pid);

		if (state == TARGET_READY || state == TARGET_NO_GIL)
			g_array_index(pids, pid_t, kept++) = pid;
	}
	g_array_set_size(pids, kept);
	return pids;
}

/* What sort of program a command is; see inspect.h. */
#include "record/inspect.h"

#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "record/elf.h"
#include "record/launcher.h"

const char *inspect_privileges(const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return NULL;
	if ((status.st_mode & S_ISUID) && status.st_uid != getuid())
		return "set-user-ID";
	if ((status.st_mode & S_ISGID) && status.st_gid != getgid())
		return "set-group-ID";
	if (geteuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
		return "has file capabilities";
	return NULL;
}

/* Whether one of the files that the command leads through is named so. */
static bool leads_through(const struct launcher *launcher, const char *prefix)
{
	for (int i = 0; i < launcher->count; i++) {
		g_autofree char *name = g_path_get_basename(launcher->steps[i]);

		if (g_str_has_prefix(name, prefix))
			return true;
	}
	return false;
}

/* java -jar jython.jar, java org.python.util.jython */
static bool mentions(char *const *command, const char *word)
{
	for (; *command; command++)
		if (strstr(*command, word))
			return true;
	return false;
}

static enum nature_kind kind_of_file(const struct elf_facts *facts)
{
	if (!facts->is_elf || facts->foreign)
		return NATURE_UNKNOWN;
	if (facts->has_pypy)
		return NATURE_PYPY;
	if (facts->has_python)
		return NATURE_PYTHON;
	if (facts->is_go)
		return NATURE_GO;
	return facts->has_java ? NATURE_JAVA : NATURE_OTHER;
}

static enum nature_kind kind_of(
	const struct launcher *launcher, const struct elf_facts *facts, char *const *command)
{
	enum nature_kind kind;

	if (leads_through(launcher, "jython"))
		return NATURE_JYTHON;
	if (leads_through(launcher, "graalpy"))
		return NATURE_GRAALPY;
	if (launcher->end == LAUNCHER_SCRIPT)
		return NATURE_SCRIPT;
	kind = kind_of_file(facts);
	return kind == NATURE_JAVA && mentions(command, "jython") ? NATURE_JYTHON : kind;
}

static enum nature_barrier barrier_of(
	const struct launcher *launcher, const struct elf_facts *facts)
{
	for (int i = 0; i < launcher->count; i++)
		if (inspect_privileges(launcher->steps[i]))
			return BARRIER_PRIVILEGED;
	if (!facts->is_elf)
		return BARRIER_NONE;
	if (facts->foreign)
		return BARRIER_FOREIGN;
	if (!facts->dynamic)
		return BARRIER_STATIC;
	return facts->musl ? BARRIER_MUSL : BARRIER_NONE;
}

void inspect_command(char *const *command, struct nature *nature, char **path)
{
	struct launcher launcher;
	struct elf_facts facts = {0};
	struct error error;

	*nature = (struct nature){NATURE_UNKNOWN, BARRIER_NONE};
	*path = NULL;
	if (launcher_follow(&launcher, command, &error) == 0 && launcher.count > 0 &&
		elf_read(launcher.steps[launcher.count - 1], &facts) == 0) {
		nature->kind = kind_of(&launcher, &facts, command);
		nature->barrier = barrier_of(&launcher, &facts);
		*path = g_strdup(launcher.steps[launcher.count - 1]);
	}
	launcher_release(&launcher);
}

/* What a command really starts; see launcher.h. */
#include "record/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/elf.h"
#include "record/program.h"

static bool is_named(const char *path, const char *name)
{
	g_autofree char *base = g_path_get_basename(path);

	return strcmp(base, name) == 0;
}

/* The first line of a script behind its #!, stripped; NULL when it is none. Caller frees. */
static char *shebang(const char *path)
{
	char head[256];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return NULL;
	got = read(fd, head, sizeof(head) - 1);
	close(fd);
	if (got < 3 || head[0] != '#' || head[1] != '!')
		return NULL;
	head[got] = '\0';
	head[strcspn(head, "\n")] = '\0';
	return g_strdup(g_strstrip(head + 2));
}

/* The command that env(1) starts: the first word that is neither an option nor an assignment. */
static const char *word_behind_env(char *const *words)
{
	for (; *words; words++)
		if ((*words)[0] != '-' && !strchr(*words, '='))
			return *words;
	return NULL;
}

/*
 * A file in pyenv's folder `shims` is a bash script for whatever version is
 * chosen here and now; `pyenv which` says which. Caller frees; NULL when it is none.
 */
static char *behind_pyenv_shim(const char *path)
{
	g_autofree char *folder = g_path_get_dirname(path);
	g_autofree char *root = g_path_get_dirname(folder);
	g_autofree char *pyenv = g_build_filename(root, "libexec", "pyenv", NULL);
	g_autofree char *name = g_path_get_basename(path);
	g_autofree char *output = NULL;
	char *argv[] = {pyenv, "which", name, NULL};
	int status;

	if (!is_named(folder, "shims") || access(pyenv, X_OK) < 0)
		return NULL;
	if (!g_spawn_sync(NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL,
		    &status, NULL) ||
		status != 0)
		return NULL;
	return g_strdup(g_strstrip(output));
}

/* Takes a step to `path`, which it owns from here on. False when there have been too many. */
static bool step(struct launcher *launcher, char *path)
{
	if (launcher->count == LAUNCHER_STEPS) {
		g_free(path);
		return false;
	}
	launcher->steps[launcher->count++] = path;
	return true;
}

static int step_by_name(struct launcher *launcher, const char *name, struct error *error)
{
	char *path;
	int code = program_find(name, &path, error);

	if (code < 0)
		return code;
	return step(launcher, path) ? 1 : 0;
}

/* The interpreter that the line behind #! names, looked up through env; NULL when it names none.
 * Caller frees. */
static char *interpreter_of(const char *line)
{
	g_auto(GStrv) words = g_strsplit_set(line, " \t", -1);
	const char *name = words[0];

	if (name && is_named(name, "env"))
		name = word_behind_env(words + 1);
	return name && *name ? g_strdup(name) : NULL;
}

/* Whether the interpreter of a script is a Python: then it is what the command starts. */
static bool is_python_name(const char *path)
{
	g_autofree char *base = g_path_get_basename(path);

	return g_str_has_prefix(base, "python") || g_str_has_prefix(base, "pypy") ||
	       g_str_has_prefix(base, "graalpy");
}

/* One step on from the last one: 1 taken, 0 arrived, or negative. */
static int follow(struct launcher *launcher, char *const **arguments, struct error *error)
{
	const char *path = launcher->steps[launcher->count - 1];
	g_autofree char *line = NULL;
	g_autofree char *interpreter = NULL;
	struct elf_facts facts;
	char *real;
	const char *next;
	int code = elf_read(path, &facts);

	launcher->end = LAUNCHER_UNKNOWN;
	if (code < 0)
		return 0;
	if (facts.is_elf) {
		launcher->end = LAUNCHER_EXECUTABLE;
		next = is_named(path, "env") ? word_behind_env(*arguments) : NULL;
		if (!next)
			return 0;
		while (**arguments != next)
			(*arguments)++;
		(*arguments)++;
		return step_by_name(launcher, next, error);
	}
	line = shebang(path);
	if (!line)
		return 0;
	launcher->end = LAUNCHER_SCRIPT;
	real = behind_pyenv_shim(path);
	if (real)
		return step(launcher, real) ? 1 : 0;
	interpreter = interpreter_of(line);
	if (interpreter && is_python_name(interpreter))
		return step_by_name(launcher, interpreter, error);
	launcher->interpreter = g_steal_pointer(&interpreter);
	return 0;
}

int launcher_follow(struct launcher *launcher, char *const *command, struct error *error)
{
	char *const *arguments = command + 1;
	int code;

	memset(launcher, 0, sizeof(*launcher));
	code = step_by_name(launcher, command[0], error);
	while (code > 0)
		code = follow(launcher, &arguments, error);
	return code;
}

void launcher_release(struct launcher *launcher)
{
	for (int i = 0; i < launcher->count; i++)
		g_free(launcher->steps[i]);
	g_free(launcher->interpreter);
	memset(launcher, 0, sizeof(*launcher));
}

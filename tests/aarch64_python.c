/*
 * Stands in for the arm64 python3 of a folder of arm64 packages (tests/aarch64): a static
 * program for this machine, in that folder's usr/bin, that has qemu run the python3.11
 * beside it. So whatever starts an interpreter by its path, tests and Python itself, needs
 * not know that it is emulated.
 *
 * A libgiltrace.so in LD_PRELOAD becomes the arm64 one (the folder's giltrace/); qemu itself
 * is started without any preloaded library. Being static, this program ignores all of it.
 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTIONS = 8 }; /* words before Python's own arguments */

static const char library[] = "libgiltrace.so";

/* The folder that this program is in, three levels up; ends the program when it cannot be known. */
static void find_root(char *root, size_t size)
{
	ssize_t length = readlink("/proc/self/exe", root, size - 1);

	if (length < 0) {
		perror("python3: /proc/self/exe");
		exit(EXIT_FAILURE);
	}
	root[length] = '\0';
	for (int level = 0; level < 3; level++) {
		char *slash = strrchr(root, '/');

		if (slash)
			*slash = '\0';
	}
}

static bool names_library(const char *path)
{
	size_t length = strlen(path);

	return length >= strlen(library) && strcmp(path + length - strlen(library), library) == 0;
}

/* Appends what the arm64 Python is to preload to `assignment`; false when nothing is. */
static bool translate_preload(char *assignment, size_t size, const char *root)
{
	char *preload = getenv("LD_PRELOAD");
	char *rest = NULL;
	size_t used = strlen(assignment);
	unsigned count = 0;

	for (char *path = preload ? strtok_r(preload, ": ", &rest) : NULL; path && used < size;
		path = strtok_r(NULL, ": ", &rest)) {
		const char *separator = count++ ? ":" : "";

		if (names_library(path))
			used += (size_t)snprintf(assignment + used, size - used, "%s%s/giltrace/%s",
				separator, root, library);
		else
			used += (size_t)snprintf(
				assignment + used, size - used, "%s%s", separator, path);
	}
	return count > 0;
}

int main(int argc, char **argv)
{
	static char root[PATH_MAX];
	static char qemu[PATH_MAX + 32], self[PATH_MAX + 32], python[PATH_MAX + 32];
	static char prefix[] = "-L", name[] = "-0", variable[] = "-E";
	static char preload[4 * PATH_MAX] = "LD_PRELOAD=";
	char **words = calloc((size_t)argc + OPTIONS + 1, sizeof(*words));
	char **word = words;

	if (!words) {
		perror("python3");
		return EXIT_FAILURE;
	}
	find_root(root, sizeof(root));
	snprintf(qemu, sizeof(qemu), "%s/qemu", root);
	snprintf(self, sizeof(self), "%s/usr/bin/python3", root);
	snprintf(python, sizeof(python), "%s/usr/bin/python3.11", root);
	*word++ = qemu;
	*word++ = prefix;
	*word++ = root;
	/* sys.executable, which children are started by. */
	*word++ = name;
	*word++ = self;
	if (translate_preload(preload, sizeof(preload), root)) {
		*word++ = variable;
		*word++ = preload;
	}
	unsetenv("LD_PRELOAD");
	*word++ = python;
	for (int i = 1; i < argc; i++)
		*word++ = argv[i];
	execv(qemu, words);
	perror(qemu);
	free(words);
	return EXIT_FAILURE;
}

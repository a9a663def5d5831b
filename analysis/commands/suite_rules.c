/* Rules that a test suite writes while it is recorded; see suite_rules.h. */
#include "commands/suite_rules.h"

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RULES_VARIABLE "GILTRACE_CHECK_RULES"
/* From the folder of the executable, built or installed. */
#define PLUGIN_FOLDER "../share/giltrace/pytest"

/* Lets a pytest that is run find the plugin, in whichever Python it is. */
static void offer_plugin(void)
{
	const char *old = getenv("PYTHONPATH");
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = self ? g_path_get_dirname(self) : NULL;
	g_autofree char *plugin = folder ? g_build_filename(folder, PLUGIN_FOLDER, NULL) : NULL;
	g_autofree char *real = plugin ? realpath(plugin, NULL) : NULL;
	g_autofree char *joined = NULL;

	if (!real || strchr(real, ':'))
		return;
	joined = g_strjoin(":", real, old && *old ? old : NULL, NULL);
	setenv("PYTHONPATH", joined, 1);
}

int suite_rules_offer(char **path, struct error *error)
{
	GError *problem = NULL;
	int fd = g_file_open_tmp("giltrace-rules-XXXXXX", path, &problem);

	if (fd < 0) {
		error_set(error, -EIO, "cannot create a file for rules: %s", problem->message);
		g_error_free(problem);
		return -EIO;
	}
	close(fd);
	setenv(RULES_VARIABLE, *path, 1);
	offer_plugin();
	return 0;
}

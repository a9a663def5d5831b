/* Where the session daemon of this user has its sockets; see home.h. */
#include "record/home.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT_RUN "/var/run/lttng"
#define USER_RUN ".lttng"

/* It holds the daemon's folder, and that is ours, or has room for one. */
bool home_is_usable(const char *folder)
{
	g_autofree char *run = NULL;

	if (!folder || folder[0] != '/')
		return false;
	run = g_build_filename(folder, USER_RUN, NULL);
	if (access(run, F_OK) == 0)
		return access(run, R_OK | W_OK | X_OK) == 0;
	return access(folder, W_OK | X_OK) == 0;
}

/* In a folder that others can write to, only what is ours and closed to them may be trusted. */
static int make_private(const char *path, struct error *error)
{
	struct stat status;

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return error_set(
			error, -errno, "cannot create folder '%s': %s", path, strerror(errno));
	if (lstat(path, &status) < 0)
		return error_set(
			error, -errno, "cannot open folder '%s': %s", path, strerror(errno));
	if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() && !(status.st_mode & 077))
		return 0;
	error_set(error, -EPERM, "'%s' is not a private folder of this user", path);
	error_next(
		error, "it is needed because $HOME cannot be written; remove it or set LTTNG_HOME");
	return -EPERM;
}

static int choose(struct home *home, struct error *error)
{
	const char *candidates[] = {getenv("LTTNG_HOME"), getenv("HOME")};
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	for (size_t i = 0; i < G_N_ELEMENTS(candidates); i++) {
		if (home_is_usable(candidates[i])) {
			home->lttng_home = g_strdup(candidates[i]);
			return 0;
		}
	}
	if (runtime && runtime[0] == '/' && access(runtime, W_OK | X_OK) == 0)
		home->lttng_home = g_build_filename(runtime, "giltrace", NULL);
	else
		home->lttng_home = g_strdup_printf("/tmp/giltrace-%u", (unsigned)geteuid());
	return make_private(home->lttng_home, error);
}

int home_init(struct home *home, struct error *error)
{
	int code;

	memset(home, 0, sizeof(*home));
	if (geteuid() == 0) {
		home->run = g_strdup(ROOT_RUN);
	} else {
		code = choose(home, error);
		if (code < 0) {
			home_release(home);
			return code;
		}
		setenv("LTTNG_HOME", home->lttng_home, 1);
		home->run = g_build_filename(home->lttng_home, USER_RUN, NULL);
	}
	/* The daemon creates it with the same rights; the lock has to be there before the daemon.
	 */
	if (mkdir(home->run, home->lttng_home ? 0700 : 0755) < 0 && errno != EEXIST) {
		code = error_set(
			error, -errno, "cannot create folder '%s': %s", home->run, strerror(errno));
		home_release(home);
		return code;
	}
	return 0;
}

void home_release(struct home *home)
{
	g_free(home->lttng_home);
	g_free(home->run);
	memset(home, 0, sizeof(*home));
}

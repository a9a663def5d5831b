/* A set of process numbers, a GArray of pid_t: few, so looked through. */
#ifndef GILTRACE_PIDS_H
#define GILTRACE_PIDS_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

static inline GArray *pids_new(void)
{
	return g_array_new(FALSE, FALSE, sizeof(pid_t));
}

static inline bool pids_have(const GArray *pids, pid_t pid)
{
	for (guint i = 0; i < pids->len; i++)
		if (g_array_index(pids, pid_t, i) == pid)
			return true;
	return false;
}

static inline void pids_add(GArray *pids, pid_t pid)
{
	if (!pids_have(pids, pid))
		g_array_append_val(pids, pid);
}

#endif /* GILTRACE_PIDS_H */

/*
 * LTTng-UST calls these for each descriptor that it opens and closes. It finds
 * them here, before its own of the same names, because this library brings it
 * into the program; shim/descriptors.c forwards to those. No public header has
 * them, but they are part of the interface between LTTng's libraries
 * (liblttng-ust-common.so.1).
 */
#include "descriptors.h"

#define HOOK __attribute__((visibility("default")))

HOOK void lttng_ust_lock_fd_tracker(void);
HOOK void lttng_ust_unlock_fd_tracker(void);
HOOK int lttng_ust_add_fd_to_tracker(int fd);
HOOK void lttng_ust_delete_fd_from_tracker(int fd);

void lttng_ust_lock_fd_tracker(void)
{
	giltrace_lock_fd_tracker();
}

void lttng_ust_unlock_fd_tracker(void)
{
	giltrace_unlock_fd_tracker();
}

int lttng_ust_add_fd_to_tracker(int fd)
{
	return giltrace_add_fd_to_tracker(fd);
}

void lttng_ust_delete_fd_from_tracker(int fd)
{
	giltrace_delete_fd_from_tracker(fd);
}

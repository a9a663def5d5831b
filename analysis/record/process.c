/* Telling processes apart across the reuse of their numbers; see process.h. */
#include "record/process.h"

#include <errno.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PARENT_FIELD = 4, START_TIME_FIELD = 22, FIRST_FIELD_BEHIND_NAME = 3 };

/* A number in /proc/PID/stat; 0 when the process is none, or has ended. */
static uint64_t stat_field(pid_t pid, int wanted)
{
	char path[64];
	g_autofree char *text = NULL;
	char *at;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (pid <= 0 || !g_file_get_contents(path, &text, NULL, NULL))
		return 0;
	/* The name stands in parentheses and may hold anything, spaces and parentheses too. */
	at = strrchr(text, ')');
	if (!at || at[1] != ' ')
		return 0;
	at += 2;
	if (*at == 'Z' || *at == 'X')
		return 0;
	for (int field = FIRST_FIELD_BEHIND_NAME; field < wanted; field++) {
		at = strchr(at, ' ');
		if (!at)
			return 0;
		at++;
	}
	return g_ascii_strtoull(at, NULL, 10);
}

uint64_t process_start_time(pid_t pid)
{
	return stat_field(pid, START_TIME_FIELD);
}

pid_t process_parent(pid_t pid)
{
	return (pid_t)stat_field(pid, PARENT_FIELD);
}

bool process_is(pid_t pid, uint64_t started)
{
	return started != 0 && process_start_time(pid) == started;
}

bool process_is_gone(pid_t pid)
{
	if (kill(pid, 0) < 0 && errno == ESRCH)
		return true;
	/* Without /proc nothing has a start time, not even this process. */
	return process_start_time(pid) == 0 && process_start_time(getpid()) != 0;
}

/* How many threads CPython counts at os.fork(); see warning.h. */
#include "warning.h"

#include <stdlib.h>
#include <string.h>

#include "listeners.h"
#include "python.h"
#include "recording.h"

/* Fields of /proc/PID/stat from the one after the command's name to num_threads (proc(5)). */
enum { FIELDS_BEFORE = 17 };

bool warning_counts(const char *path, const void *caller)
{
	return listeners_count() && recording_pid() && strcmp(path, "/proc/self/stat") == 0 &&
	       python_contains(caller);
}

/* Where the number of threads stands, or NULL. The name before may have any character in it. */
static char *find_count(char *text)
{
	char *field = strrchr(text, ')');

	if (!field)
		return NULL;
	for (int i = 0; i <= FIELDS_BEFORE; i++) {
		field = strchr(field, ' ');
		if (!field)
			return NULL;
		field++;
	}
	return field;
}

static FILE *copy_with_count(const char *before, unsigned long count, const char *behind)
{
	FILE *copy = fmemopen(NULL, strlen(before) + strlen(behind) + 32, "w+");

	if (!copy)
		return NULL;
	if (fprintf(copy, "%s%lu%s", before, count, behind) < 0 || fflush(copy) != 0) {
		fclose(copy);
		return NULL;
	}
	rewind(copy);
	return copy;
}

FILE *warning_without_lttng(FILE *stat)
{
	char text[1024];
	size_t length = fread(text, 1, sizeof(text) - 1, stat);
	FILE *copy = NULL;
	char *count, *behind = NULL;
	unsigned long all;

	text[length] = '\0';
	count = find_count(text);
	all = count ? strtoul(count, &behind, 10) : 0;
	if (all > listeners_count()) {
		*count = '\0';
		/* The number is apart from what is before it, and the rest begins with a space. */
		copy = copy_with_count(text, all - listeners_count(), behind);
	}
	if (!copy) {
		rewind(stat);
		return stat;
	}
	fclose(stat);
	return copy;
}

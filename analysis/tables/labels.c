/* What processes and threads are called in a report; see labels.h. */
#include "tables/labels.h"

#include <stdbool.h>
#include <string.h>

#include <glib.h>

#include "base/utf8.h"

static bool given(const char *text)
{
	return text && *text;
}

/* Without the folders of the program, which the width of a page has no room for. */
char *label_process(const struct process_report *process)
{
	const char *command = given(process->command) ? process->command : process->executable;
	const char *slash;

	if (!given(command))
		return g_strdup("?");
	slash = memrchr(command, '/', strcspn(command, " "));
	return utf8_clean(slash ? slash + 1 : command);
}

static bool unique(const struct gil_report *gil, size_t thread)
{
	for (size_t i = 0; i < gil->thread_count; i++)
		if (i != thread && strcmp(gil->threads[i].name, gil->threads[thread].name) == 0)
			return false;
	return true;
}

char *label_thread(const struct gil_report *gil, size_t thread)
{
	const struct thread_report *t = &gil->threads[thread];

	if (given(t->name) && unique(gil, thread))
		return utf8_clean(t->name);
	return g_strdup_printf("tid %d", t->tid);
}

char *label_interpreter(const struct process_report *process)
{
	char *implementation = utf8_clean(process->implementation);
	char *version = utf8_clean(process->version);
	char *label = g_strstrip(g_strdup_printf("%s %s", implementation, version));

	g_free(version);
	g_free(implementation);
	return label;
}

/* Opens a trace: finds its folders, and says what it is when it is not of giltrace. */
#include "decode/open_trace.h"

#include <errno.h>

#include "decode/ctf_folder.h"
#include "decode/fields.h"
#include "decode/find.h"
#include "decode/live_session.h"

/* Names of foreign events in a message. */
enum { NAMES_SHOWN = 4 };

static void free_folder(void *folder)
{
	ctf_folder_free(folder);
}

static int complain_foreign(const char *path, const GPtrArray *names, struct error *error)
{
	GString *list = g_string_new(NULL);

	for (guint i = 0; i < names->len && i < NAMES_SHOWN; i++)
		g_string_append_printf(
			list, "%s%s", i ? ", " : "", (const char *)g_ptr_array_index(names, i));
	if (names->len > NAMES_SHOWN)
		g_string_append_printf(list, " and %u more", names->len - NAMES_SHOWN);
	error_set(error, -ENODATA, "the trace '%s' has no event of giltrace%s%s", path,
		names->len ? ", but " : "", list->str);
	error_next(error, "was the program a Python, and giltrace:* enabled? 'giltrace doctor -- "
			  "COMMAND' finds out");
	g_string_free(list, TRUE);
	return -ENODATA;
}

/* Parts the folders that are of use from those that are not. */
static int keep_giltrace(struct trace *trace, struct error *error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	guint i = 0;

	while (i < trace->folders->len) {
		struct ctf_folder *folder = g_ptr_array_index(trace->folders, i);

		if (metadata_has_provider(&folder->metadata, FIELDS_PROVIDER)) {
			i++;
			continue;
		}
		if (folder->metadata.damaged)
			g_ptr_array_add(
				trace->notes, g_strdup_printf("'%s/metadata' is cut off: the data "
							      "beside it cannot be read",
						      folder->path));
		metadata_event_names(&folder->metadata, names);
		g_ptr_array_remove_index(trace->folders, i);
	}
	if (trace->folders->len > 0)
		return 0;
	if (trace->notes->len > 0) {
		error_set(error, -EBADMSG, "cannot read the trace '%s': %s", trace->path,
			(const char *)g_ptr_array_index(trace->notes, 0));
		error_next(error, FIND_BROKEN_NEXT);
		return -EBADMSG;
	}
	return complain_foreign(trace->path, names, error);
}

/* A recording whose command had no traced process leaves no CTF folder at all. */
static int complain_empty_recording(const char *path, struct error *error)
{
	error_set(error, -ENODATA,
		"the recording '%s' has no event: nothing that the command ran was traced", path);
	error_next(error, "was it a Python? 'giltrace doctor -- COMMAND' finds out");
	return -ENODATA;
}

static int open_trace(struct trace *trace, struct error *error)
{
	int code = recording_read(&trace->recording, trace->path, error);

	if (code < 0)
		return code;
	code = find_folders(trace->path, trace->folders, trace->notes, error);
	if (code == -ENODATA && trace->recording.present && !trace->recording.program)
		return complain_empty_recording(trace->path, error);
	if (code == 0)
		code = keep_giltrace(trace, error);
	/* What the command was explains that there is nothing. */
	return code == -ENODATA && trace->recording.program ? 0 : code;
}

int trace_open(struct trace **result, const char *path, struct error *error)
{
	struct trace *trace;
	int code;

	trace = g_new0(struct trace, 1);
	trace->path = g_strdup(path);
	trace->folders = g_ptr_array_new_with_free_func(free_folder);
	trace->notes = g_ptr_array_new_with_free_func(g_free);
	trace->live = live_session_is_url(path);
	code = trace->live ? live_session_check(path, error) : open_trace(trace, error);
	if (code < 0) {
		trace_close(trace);
		return code;
	}
	*result = trace;
	return 0;
}

void trace_close(struct trace *trace)
{
	if (!trace)
		return;
	recording_release(&trace->recording);
	g_ptr_array_unref(trace->folders);
	g_ptr_array_unref(trace->notes);
	g_free(trace->path);
	g_free(trace);
}

bool trace_is_live(const struct trace *trace)
{
	return trace->live;
}

const struct recording *trace_recording(const struct trace *trace)
{
	return &trace->recording;
}

const struct selection *trace_selection(const struct trace *trace)
{
	return &trace->recording.selection;
}

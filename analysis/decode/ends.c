/* Where the data streams of a trace end; see ends.h. */
#include "decode/ends.h"

#include <string.h>

void stream_end_free(void *data)
{
	struct stream_end *end = data;

	g_free(end->path);
	g_free(end);
}

/* Folder -> the time of its last event. */
static GHashTable *last_events(const GPtrArray *ends)
{
	GHashTable *last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	for (guint i = 0; i < ends->len; i++) {
		const struct stream_end *end = g_ptr_array_index(ends, i);
		char *folder = g_path_get_dirname(end->path);
		uint64_t *known = g_hash_table_lookup(last, folder);

		if (known) {
			*known = MAX(*known, end->last_event);
			g_free(folder);
		} else {
			g_hash_table_insert(
				last, folder, g_memdup2(&end->last_event, sizeof(end->last_event)));
		}
	}
	return last;
}

static int compare_paths(const void *a, const void *b)
{
	const struct stream_end *const *left = a;
	const struct stream_end *const *right = b;

	return strcmp((*left)->path, (*right)->path);
}

void ends_note(GPtrArray *ends, GPtrArray *notes)
{
	g_autoptr(GHashTable) last = last_events(ends);

	/* They come as the streams end; which one is first depends on how many threads read. */
	g_ptr_array_sort(ends, compare_paths);
	for (guint i = 0; i < ends->len; i++) {
		const struct stream_end *end = g_ptr_array_index(ends, i);
		g_autofree char *folder = g_path_get_dirname(end->path);
		const uint64_t *beside = g_hash_table_lookup(last, folder);

		if (!end->packet_end || end->packet_end >= *beside)
			continue;
		g_ptr_array_add(notes,
			g_strdup_printf("'%s' ends %.3g s before the last event beside it: a "
					"process was killed while it wrote there, and what "
					"others recorded on that CPU after it is lost; or the "
					"session was not stopped",
				end->path, (double)(*beside - end->packet_end) / 1e9));
	}
}

/* What `giltrace record` wrote about a recording; see recording.h. */
#include "decode/recording.h"

#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <string.h>

static uint64_t count_of(const json_t *root, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(root, key));

	return value > 0 ? (uint64_t)value : 0;
}

static int read_root(
	struct recording *recording, const json_t *root, const char *path, struct error *error)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));

	if (!schema || !g_str_has_prefix(schema, "giltrace-recording/"))
		return error_set(
			error, -EBADMSG, "'%s' is not what 'giltrace record' writes", path);
	if (strcmp(schema, "giltrace-recording/1") != 0) {
		error_set(
			error, -EBADMSG, "'%s' was written by a newer giltrace (%s)", path, schema);
		error_next(error, "report with the giltrace that recorded it, or update this one");
		return -EBADMSG;
	}
	recording->present = true;
	recording->ended = json_object_get(root, "end") || json_object_get(root, "exit_status") ||
			   json_object_get(root, "signal");
	recording->stopped_early = json_is_true(json_object_get(root, "stopped_early"));
	recording->run = g_strdup(json_string_value(json_object_get(root, "run")));
	recording->lost_events = count_of(root, "lost_events");
	recording->lost_packets = count_of(root, "lost_packets");
	return 0;
}

int recording_read(struct recording *recording, const char *folder, struct error *error)
{
	g_autofree char *path = g_build_filename(folder, "giltrace.json", NULL);
	json_error_t why;
	json_t *root;
	int code;

	memset(recording, 0, sizeof(*recording));
	if (!g_file_test(path, G_FILE_TEST_EXISTS))
		return 0;
	root = json_load_file(path, 0, &why);
	if (!root) {
		error_set(error, -EBADMSG, "cannot read '%s': %s", path, why.text);
		error_next(error, "report on the trace alone: giltrace report '%s/ust'", folder);
		return -EBADMSG;
	}
	code = read_root(recording, root, path, error);
	json_decref(root);
	return code;
}

void recording_release(struct recording *recording)
{
	g_free(recording->run);
	memset(recording, 0, sizeof(*recording));
}

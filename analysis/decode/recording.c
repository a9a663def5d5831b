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

/* Of a command all that carry its run id; of attached processes those that are listed, else all. */
static void read_selection(struct selection *selection, const json_t *root)
{
	const json_t *attached = json_object_get(root, "attached");
	const json_t *pids = json_object_get(attached, "pids");
	size_t count = json_array_size(pids);
	int32_t *numbers;

	selection->run = g_strdup(json_string_value(json_object_get(root, "run")));
	if (selection->run || !json_is_array(pids))
		return;
	numbers = g_new(int32_t, count + 1);
	for (size_t i = 0; i < count; i++)
		numbers[i] = (int32_t)json_integer_value(json_array_get(pids, i));
	selection->pids = numbers;
	selection->pid_count = count;
	selection->descendants = json_is_true(json_object_get(attached, "descendants"));
}

static char *words_of(const json_t *array)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < json_array_size(array); i++) {
		const char *word = json_string_value(json_array_get(array, i));

		g_string_append_printf(text, "%s%s", i ? " " : "", word ? word : "");
	}
	return g_string_free(text, FALSE);
}

/* Of processes that were attached nobody knows. */
static void read_end(struct program_end *end, const json_t *root)
{
	end->signal = (int)MIN(count_of(root, "signal"), 127);
	end->exit_status = (int)MIN(count_of(root, "exit_status"), 255);
	end->known = end->signal || json_is_integer(json_object_get(root, "exit_status"));
}

static void read_program(struct recording *recording, const json_t *root)
{
	const json_t *program = json_object_get(root, "program");

	recording->command = words_of(json_object_get(root, "command"));
	recording->program = g_strdup(json_string_value(json_object_get(program, "path")));
	recording->nature.kind =
		nature_kind_of(json_string_value(json_object_get(program, "kind")));
	recording->nature.barrier =
		nature_barrier_of(json_string_value(json_object_get(program, "barrier")));
	recording->pid = (int32_t)json_integer_value(json_object_get(program, "pid"));
	recording->ppid = (int32_t)json_integer_value(json_object_get(root, "pid"));
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
	recording->crowded = json_is_true(json_object_get(root, "crowded"));
	recording->damaged = json_is_true(json_object_get(root, "damaged"));
	read_end(&recording->program_end, root);
	read_selection(&recording->selection, root);
	recording->lost_events = count_of(root, "lost_events");
	recording->lost_packets = count_of(root, "lost_packets");
	read_program(recording, root);
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
	g_free((char *)recording->selection.run);
	g_free((int32_t *)recording->selection.pids);
	g_free(recording->command);
	g_free(recording->program);
	memset(recording, 0, sizeof(*recording));
}

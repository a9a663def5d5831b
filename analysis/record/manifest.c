/* DIR/giltrace.json; see manifest.h. */
#include "record/manifest.h"

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"
#include "record/folder.h"
#include "record/process.h"

#define SCHEMA "giltrace-recording/1"

static json_t *json_now(void)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autofree char *text = g_date_time_format_iso8601(now);

	return json_string(text);
}

/* A word of a command line may be any bytes; JSON wants UTF-8. */
static json_t *json_words(char *const *words)
{
	json_t *array = json_array();

	for (; *words; words++) {
		g_autofree char *text = utf8_valid(*words);

		json_array_append_new(array, json_string(text));
	}
	return array;
}

static json_t *json_cwd(void)
{
	g_autofree char *cwd = g_get_current_dir();
	g_autofree char *text = utf8_valid(cwd);

	return json_string(text);
}

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t done = write(fd, text, left);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		text += done;
		left -= (size_t)done;
	}
	return 0;
}

/* Writes `root` into `path`, opened with `flags`; cuts off what stood behind. */
static int write_file(const char *path, int flags, const json_t *root)
{
	g_autofree char *text = json_dumps(root, JSON_INDENT(2));
	g_autofree char *line = text ? g_strconcat(text, "\n", NULL) : NULL;
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0666);
	int code = line ? 0 : -ENOMEM;

	if (fd < 0)
		return -errno;
	if (code == 0)
		code = write_all(fd, line);
	if (code == 0 && ftruncate(fd, (off_t)strlen(line)) < 0)
		code = -errno;
	if (close(fd) < 0 && code == 0)
		code = -errno;
	return code;
}

static int cannot_write(struct error *error, int code, const char *path)
{
	return error_set(error, code, "cannot write '%s': %s", path, strerror(-code));
}

static json_t *json_attached(const struct manifest_subject *subject)
{
	json_t *attached = json_object();
	json_t *pids;

	if (!subject->pids)
		return attached;
	pids = json_array();
	for (guint i = 0; i < subject->pids->len; i++)
		json_array_append_new(pids, json_integer(g_array_index(subject->pids, pid_t, i)));
	json_object_set_new(attached, "pids", pids);
	json_object_set_new(attached, "descendants", json_boolean(subject->descendants));
	return attached;
}

int manifest_begin(const char *folder, const struct manifest_subject *subject,
	uint64_t buffer_bytes, struct error *error)
{
	g_autofree char *path = g_build_filename(folder, FOLDER_MANIFEST, NULL);
	json_t *root = json_object();
	int code;

	json_object_set_new(root, "schema", json_string(SCHEMA));
	json_object_set_new(root, "giltrace", json_string(GILTRACE_VERSION));
	if (subject->command) {
		json_object_set_new(root, "run", json_string(subject->run));
		json_object_set_new(root, "command", json_words(subject->command));
	} else {
		json_object_set_new(root, "attached", json_attached(subject));
	}
	json_object_set_new(root, "pid", json_integer(getpid()));
	json_object_set_new(
		root, "started", json_integer((json_int_t)process_start_time(getpid())));
	json_object_set_new(root, "cwd", json_cwd());
	json_object_set_new(root, "begin", json_now());
	json_object_set_new(root, "buffer_bytes", json_integer((json_int_t)buffer_bytes));
	code = write_file(path, O_CREAT | O_EXCL, root);
	json_decref(root);
	return code < 0 ? cannot_write(error, code, path) : 0;
}

static json_t *load(const char *folder)
{
	g_autofree char *path = g_build_filename(folder, FOLDER_MANIFEST, NULL);
	json_t *root = json_load_file(path, 0, NULL);
	const char *schema = json_string_value(json_object_get(root, "schema"));

	if (schema && g_str_has_prefix(schema, "giltrace-recording/"))
		return root;
	json_decref(root);
	return NULL;
}

static json_t *json_program(const struct manifest_end *end)
{
	g_autofree char *path = utf8_valid(end->program);
	json_t *program = json_object();

	json_object_set_new(program, "pid", json_integer(end->pid));
	json_object_set_new(program, "path", json_string(path));
	json_object_set_new(program, "kind", json_string(nature_kind_key(end->nature.kind)));
	json_object_set_new(
		program, "barrier", json_string(nature_barrier_key(end->nature.barrier)));
	return program;
}

int manifest_end(const char *folder, const struct manifest_end *end, struct error *error)
{
	g_autofree char *path = g_build_filename(folder, FOLDER_MANIFEST, NULL);
	g_autofree char *fresh = g_strconcat(path, ".new", NULL);
	json_t *root = load(folder);
	int code;

	if (!root)
		return error_set(error, -EIO, "cannot read '%s', which giltrace wrote", path);
	json_object_set_new(root, "end", json_now());
	if (end->signal)
		json_object_set_new(root, "signal", json_integer(end->signal));
	else if (end->exit_status >= 0)
		json_object_set_new(root, "exit_status", json_integer(end->exit_status));
	json_object_set_new(root, "lost_events", json_integer((json_int_t)end->lost_events));
	json_object_set_new(root, "lost_packets", json_integer((json_int_t)end->lost_packets));
	json_object_set_new(root, "stopped_early", json_boolean(end->stopped_early));
	json_object_set_new(root, "crowded", json_boolean(end->crowded));
	json_object_set_new(root, "damaged", json_boolean(end->damaged));
	if (end->program)
		json_object_set_new(root, "program", json_program(end));
	code = write_file(fresh, O_CREAT | O_TRUNC, root);
	if (code == 0 && rename(fresh, path) < 0)
		code = -errno;
	if (code < 0) {
		/* On a full disk there is still the block that the file has. */
		unlink(fresh);
		code = write_file(path, 0, root);
	}
	json_decref(root);
	return code < 0 ? cannot_write(error, code, path) : 0;
}

enum manifest_state manifest_inspect(const char *folder)
{
	json_t *root = load(folder);
	enum manifest_state state = MANIFEST_OVER;
	pid_t pid;
	uint64_t started;

	if (!root)
		return MANIFEST_NONE;
	pid = (pid_t)json_integer_value(json_object_get(root, "pid"));
	started = (uint64_t)json_integer_value(json_object_get(root, "started"));
	if (!json_object_get(root, "end") && process_is(pid, started))
		state = MANIFEST_RUNNING;
	json_decref(root);
	return state;
}

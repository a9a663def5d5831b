/* What the program's Python says about itself; see python.h. */
#include "python.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>

typedef void object; /* PyObject */

static struct {
	const char *(*get_version)(void);
	void *(*current_thread)(void);
	void *(*this_thread)(void);
	object *(*get_globals)(void);
	object *(*get_locals)(void);
	object *(*get_frame)(void);
	object *(*get_item)(object *, const char *);
	object *(*get_attribute)(object *, const char *);
	const char *(*as_utf8)(object *);
	void (*decref)(object *);
	void (*error_fetch)(object **, object **, object **);
	void (*error_restore)(object *, object *, object *);
	bool complete; /* all of the functions were found */
	char version[32];
} api;

static const struct {
	void *slot;
	const char *name;
	const char *former_name; /* in older versions */
} wanted[] = {
	{&api.get_version, "Py_GetVersion", NULL},
	{&api.current_thread, "PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet"},
	{&api.this_thread, "PyGILState_GetThisThreadState", NULL},
	{&api.get_globals, "PyEval_GetGlobals", NULL},
	{&api.get_locals, "PyEval_GetLocals", NULL},
	{&api.get_frame, "PyEval_GetFrame", NULL},
	{&api.get_item, "PyMapping_GetItemString", NULL},
	{&api.get_attribute, "PyObject_GetAttrString", NULL},
	{&api.as_utf8, "PyUnicode_AsUTF8", NULL},
	{&api.decref, "Py_DecRef", NULL},
	{&api.error_fetch, "PyErr_Fetch", NULL},
	{&api.error_restore, "PyErr_Restore", NULL},
};

void python_found(const void *code)
{
	struct link_map *map = NULL;
	Dl_info info;
	void *handle;

	if (!dladdr1(code, &info, (void **)&map, RTLD_DL_LINKMAP) || !map)
		return;
	/* The executable's own entry has no name. */
	handle = dlopen(map->l_name[0] ? map->l_name : NULL, RTLD_LAZY | RTLD_NOLOAD);
	if (!handle)
		return;
	api.complete = true;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		void *found = dlsym(handle, wanted[i].name);

		if (!found && wanted[i].former_name)
			found = dlsym(handle, wanted[i].former_name);
		*(void **)wanted[i].slot = found;
		if (!found)
			api.complete = false;
	}
	if (api.get_version) {
		const char *version = api.get_version();
		size_t length = strcspn(version, " ");

		if (length >= sizeof(api.version))
			length = sizeof(api.version) - 1;
		memcpy(api.version, version, length);
		api.version[length] = '\0';
	}
	dlclose(handle);
}

const char *python_implementation(void)
{
	return api.get_version ? "CPython" : "";
}

const char *python_version(void)
{
	return api.version;
}

bool python_free_threaded(void)
{
	return api.get_version && strstr(api.get_version(), "free-threading") != NULL;
}

/* Copies as much of `text` as fits without cutting a UTF-8 sequence. */
static void copy_utf8(char *to, size_t size, const char *text)
{
	size_t length = strnlen(text, size);

	if (length == size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
			length--;
	}
	memcpy(to, text, length);
	to[length] = '\0';
}

/* Whether `string` (owned by this function from here on; may be NULL) says `expected`. */
static bool consume_equals(object *string, const char *expected)
{
	const char *text = string ? api.as_utf8(string) : NULL;
	bool equal = text && strcmp(text, expected) == 0;

	if (string)
		api.decref(string);
	return equal;
}

/* Whether the Python code that runs now is this function of this module. */
static bool running(const char *module, const char *function)
{
	object *globals = api.get_globals();	   /* borrowed */
	object *frame = (object *)api.get_frame(); /* borrowed */
	object *code;
	bool is_function;

	if (!globals || !frame || !consume_equals(api.get_item(globals, "__name__"), module))
		return false;
	code = api.get_attribute(frame, "f_code");
	if (!code)
		return false;
	is_function = consume_equals(api.get_attribute(code, "co_name"), function);
	api.decref(code);
	return is_function;
}

/*
 * `_name`, not `name`: the property would run Python code in the middle of
 * pthread_create. Every CPython from 3.7 keeps the name there.
 */
static int name_of_self(char *name, size_t size)
{
	object *locals = api.get_locals(); /* borrowed */
	object *self = locals ? api.get_item(locals, "self") : NULL;
	object *string = self ? api.get_attribute(self, "_name") : NULL;
	const char *text = string ? api.as_utf8(string) : NULL;

	if (text)
		copy_utf8(name, size, text);
	if (string)
		api.decref(string);
	if (self)
		api.decref(self);
	return text ? 0 : -1;
}

/*
 * Whether the calling thread may use the API now. Up to 3.11 the current thread
 * state is that of whoever holds the GIL: it must be this thread's own.
 */
static bool has_gil(void)
{
	void *current = api.complete ? api.current_thread() : NULL;

	return current && current == api.this_thread();
}

int python_starting_thread_name(char *name, size_t size)
{
	object *type, *value, *traceback;
	int result = -1;

	if (!has_gil())
		return -1;
	/* Brings back what was raised before, and drops what we raise. */
	api.error_fetch(&type, &value, &traceback);
	/* Another extension may start threads of its own inside some method: those are not its
	 * `self`. */
	if (running("threading", "start"))
		result = name_of_self(name, size);
	api.error_restore(type, value, traceback);
	return result;
}

bool python_forks_to_exec(void)
{
	object *type, *value, *traceback;
	bool result;

	if (!has_gil())
		return false;
	api.error_fetch(&type, &value, &traceback);
	result = running("subprocess", "_execute_child") ||
		 running("multiprocessing.util", "spawnv_passfds");
	api.error_restore(type, value, traceback);
	return result;
}

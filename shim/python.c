/* What the program's Python says about itself; see python.h. */
#include "python.h"

#include <dlfcn.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "hot.h"
#include "utf8.h"

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
	int (*is_initialized)(void);
	bool complete;		 /* all of the functions were found */
	bool thread_has_current; /* each thread has a current thread state of its own */
	bool free_threaded;
	bool pypy;
	char version[32];
	const struct link_map *object; /* what it was found in, */
	ElfW(Addr) base;	       /* and where that was loaded */
} api;

struct wanted {
	void *slot;
	const char *name;
	const char *former_name; /* in older versions */
};

static const struct wanted functions[] = {
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
	{&api.is_initialized, "Py_IsInitialized", NULL},
};

static struct python_internals internals HOT_DATA;

static const struct wanted exported[] = {
	{&internals.runtime, "_PyRuntime", NULL},
	{&internals.code_type, "PyCode_Type", NULL},
	{&internals.text_type, "PyUnicode_Type", NULL},
	{&internals.is_finalizing, "Py_IsFinalizing", "_Py_IsFinalizing"},
	{&internals.this_thread, "PyGILState_GetThisThreadState", NULL},
};

/* True when all were found. */
static bool look_up(void *handle, const struct wanted *wanted, size_t count)
{
	bool all = true;

	for (size_t i = 0; i < count; i++) {
		void *found = dlsym(handle, wanted[i].name);

		if (!found && wanted[i].former_name)
			found = dlsym(handle, wanted[i].former_name);
		*(void **)wanted[i].slot = found;
		all = all && found;
	}
	return all;
}

/*
 * The loaded object that `code` belongs to, NULL when there is none. Without a
 * lock where glibc can do that: a library that is being loaded may wait for the
 * thread that asks.
 */
static struct link_map *object_of(const void *code)
{
	struct link_map *map = NULL;
#if __GLIBC_PREREQ(2, 35)
	struct dl_find_object found;

	if (_dl_find_object((void *)(uintptr_t)code, &found) == 0)
		map = found.dlfo_link_map;
#else
	Dl_info info;

	if (!dladdr1(code, &info, (void **)&map, RTLD_DL_LINKMAP))
		map = NULL;
#endif
	return map;
}

/* A program that embeds Python can unload it again. */
static bool is_loaded(void)
{
	return api.complete && object_of(*(void **)&api.current_thread) == api.object;
}

static void note_version(void)
{
	const char *version = api.get_version();
	size_t length = strcspn(version, " ");

	if (length >= sizeof(api.version))
		length = sizeof(api.version) - 1;
	memcpy(api.version, version, length);
	api.version[length] = '\0';
	api.free_threaded = strstr(version, "free-threading") != NULL;
}

bool python_found(const void *code)
{
	struct link_map *map = object_of(code);
	bool complete;
	void *handle;

	if (!map || (map == api.object && map->l_addr == api.base))
		return false;
	/* The executable's own entry has no name. */
	handle = dlopen(map->l_name[0] ? map->l_name : NULL, RTLD_LAZY | RTLD_NOLOAD);
	if (!handle)
		return false;
	memset(&api, 0, sizeof(api));
	api.object = map;
	api.base = map->l_addr;
	complete = look_up(handle, functions, sizeof(functions) / sizeof(functions[0]));
	look_up(handle, exported, sizeof(exported) / sizeof(exported[0]));
	/* Came with the interpreters that have a GIL of their own, and so with a current one each.
	 */
	api.thread_has_current = dlsym(handle, "Py_NewInterpreterFromConfig") != NULL;
	if (api.get_version)
		note_version();
	api.complete = complete;
	dlclose(handle);
	return true;
}

bool python_contains(const void *code)
{
	return api.object && object_of(code) == api.object;
}

/* "3.9" of libpypy3.9-c.so; nothing when the name has only the major version. */
static void version_of_name(const char *name)
{
	size_t length = strspn(name, "0123456789.");

	while (length > 0 && name[length - 1] == '.')
		length--;
	if (!memchr(name, '.', length) || length >= sizeof(api.version))
		return;
	memcpy(api.version, name, length);
	api.version[length] = '\0';
}

bool python_found_pypy(const void *code)
{
	/* Programs that create many mutexes and conds do it in few places. */
	static const void *rejected;
	const char *name, *slash;
	Dl_info info;

	if (code == __atomic_load_n(&rejected, __ATOMIC_RELAXED))
		return false;
	if (dladdr(code, &info) && info.dli_fname) {
		slash = strrchr(info.dli_fname, '/');
		name = slash ? slash + 1 : info.dli_fname;
		if (strncmp(name, "lib", strlen("lib")) == 0)
			name += strlen("lib");
		if (strncmp(name, "pypy", strlen("pypy")) == 0) {
			api.pypy = true;
			version_of_name(name + strlen("pypy"));
			return true;
		}
	}
	__atomic_store_n(&rejected, code, __ATOMIC_RELAXED);
	return false;
}

const char *python_implementation(void)
{
	if (api.pypy)
		return "PyPy";
	return api.get_version ? "CPython" : "";
}

const char *python_version(void)
{
	return api.version;
}

bool python_free_threaded(void)
{
	return api.free_threaded;
}

const struct python_internals *python_internals(void)
{
	return &internals;
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
		utf8_copy(name, size, text);
	if (string)
		api.decref(string);
	if (self)
		api.decref(self);
	return text ? 0 : -1;
}

/*
 * Whether the calling thread may use the API now. Up to 3.11 the current thread
 * state is that of whoever holds the GIL: it must be this thread's own. From 3.12
 * on this thread's own may be another, when it is in a subinterpreter.
 */
static bool has_gil(void)
{
	void *current = is_loaded() ? api.current_thread() : NULL;

	return current && (api.thread_has_current || current == api.this_thread());
}

bool python_forgets_threads(void)
{
	return is_loaded() && !api.thread_has_current && !api.is_initialized();
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

/* Python by dlopen, its names kept from the rest of the program; see embed.h. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "embed.h"

static void *handle;
static const char *opened;
static int (*run_flags)(const char *, void *);

static int run(const char *code)
{
	return run_flags(code, NULL);
}

static void *need(const char *name)
{
	void *found = dlsym(handle, name);

	if (!found) {
		fprintf(stderr, "embed: %s\n", dlerror());
		exit(1);
	}
	return found;
}

void python_open(struct python *python, const char *library)
{
	opened = library;
	handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	if (!handle) {
		fprintf(stderr, "embed: %s\n", dlerror());
		exit(1);
	}
	*(void **)&python->initialize = need("Py_InitializeEx");
	*(void **)&python->finalize = need("Py_FinalizeEx");
	*(void **)&run_flags = need("PyRun_SimpleStringFlags");
	*(void **)&python->ensure = need("PyGILState_Ensure");
	*(void **)&python->release = need("PyGILState_Release");
	*(void **)&python->save = need("PyEval_SaveThread");
	*(void **)&python->restore = need("PyEval_RestoreThread");
	python->run = run;
}

int python_close(struct python *python)
{
	*python = (struct python){0};
	dlclose(handle);
	/* Something else may hold it. */
	handle = dlopen(opened, RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD);
	if (handle)
		dlclose(handle);
	return handle == NULL;
}

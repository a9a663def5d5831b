/* Python by linking; see embed.h. */
#include <Python.h>

#include <stdlib.h>

#include "embed.h"

static int run(const char *code)
{
	return PyRun_SimpleStringFlags(code, NULL);
}

static int ensure(void)
{
	return (int)PyGILState_Ensure();
}

static void release(int state)
{
	PyGILState_Release((PyGILState_STATE)state);
}

static void *save(void)
{
	return PyEval_SaveThread();
}

static void restore(void *state)
{
	PyEval_RestoreThread(state);
}

void python_open(struct python *python, const char *library)
{
	(void)library;
	/* That of a python3 on PATH otherwise, which is of another version perhaps. */
	setenv("PYTHONHOME", EMBED_HOME, 1);
	*python = (struct python){
		Py_InitializeEx, Py_FinalizeEx, run, ensure, release, save, restore};
}

int python_close(struct python *python)
{
	(void)python;
	return 0;
}

/* A Python extension that computes for as long as it is told, and keeps the GIL. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <time.h>

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* Apart and exported, so that a native stack can name it. */
__attribute__((noinline, visibility("default"))) long keeper_compute(long milliseconds)
{
	const long long end = now_ns() + milliseconds * 1000000LL;
	volatile long sum = 0;

	while (now_ns() < end)
		sum += milliseconds;
	return sum;
}

static PyObject *compute(PyObject *module, PyObject *milliseconds)
{
	(void)module;
	return PyLong_FromLong(keeper_compute(PyLong_AsLong(milliseconds)));
}

static PyMethodDef methods[] = {
	{"compute", compute, METH_O, "compute(milliseconds)"},
	{NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "keeper", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_keeper(void)
{
	return PyModule_Create(&definition);
}

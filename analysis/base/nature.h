/*
 * What sort of program a recorded command is, as far as its files show: written
 * down with a recording, so that a report can say why no GIL was found. A sort
 * that is not known here cannot be ruled out to have a GIL.
 */
#ifndef GILTRACE_NATURE_H
#define GILTRACE_NATURE_H

enum nature_kind {
	NATURE_UNKNOWN,
	NATURE_OTHER,  /* no Python inside */
	NATURE_SCRIPT, /* of another language; what it starts only running it shows */
	NATURE_GO,
	NATURE_JAVA,
	NATURE_JYTHON,
	NATURE_GRAALPY,
	NATURE_PYPY,
	NATURE_PYTHON, /* CPython, or a program that has it inside */
	NATURE_KINDS,
};

/* What keeps the library out of it. */
enum nature_barrier {
	BARRIER_NONE,
	BARRIER_STATIC,	    /* statically linked */
	BARRIER_MUSL,	    /* linked with another C library */
	BARRIER_FOREIGN,    /* for another architecture */
	BARRIER_PRIVILEGED, /* set-user-ID and the like */
	BARRIER_KINDS,
};

struct nature {
	enum nature_kind kind;
	enum nature_barrier barrier;
};

/* Stable names: "pypy"; "static". */
const char *nature_kind_key(enum nature_kind kind);
const char *nature_barrier_key(enum nature_barrier barrier);

/* "PyPy" and the like, "" for what is no Python or not sure to be one. */
const char *nature_implementation(enum nature_kind kind);

/* The other way; NATURE_UNKNOWN and BARRIER_NONE for any other key, or NULL. */
enum nature_kind nature_kind_of(const char *key);
enum nature_barrier nature_barrier_of(const char *key);

#endif /* GILTRACE_NATURE_H */

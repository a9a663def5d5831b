/* The machine that a program ran on, as far as figures depend on it. */
#ifndef GILTRACE_CHECK_MACHINE_H
#define GILTRACE_CHECK_MACHINE_H

#include <stdbool.h>

#include <jansson.h>

struct machine {
	char *cpu;	    /* "AMD EPYC 7763"; "" when it does not say */
	char *architecture; /* "x86_64" */
	char *kernel;	    /* "6.1.0-21-amd64"; not compared */
	unsigned cpus;	    /* that this process may use; 0: nothing is known of the machine */
};

/* This one. machine_release() is to follow. */
void machine_init(struct machine *machine);
void machine_copy(struct machine *to, const struct machine *from);
void machine_release(struct machine *machine);

/* A new object, or null when nothing is known; and back. */
json_t *machine_to_json(const struct machine *machine);
void machine_from_json(struct machine *machine, const json_t *json);

/* Whether both are known and are not the same. */
bool machine_differs(const struct machine *a, const struct machine *b);

/* "2 CPUs AMD EPYC 7763, x86_64". The caller frees it. */
char *machine_words(const struct machine *machine);

#endif /* GILTRACE_CHECK_MACHINE_H */

/* The questions doctor asks; each adds what it finds. */
#ifndef GILTRACE_DOCTOR_CHECKS_H
#define GILTRACE_DOCTOR_CHECKS_H

#include "commands/findings.h"

/* The machine: giltrace's own libraries, LTTng, its daemon, memory for buffers. */
void doctor_check_system(struct findings *findings);

/*
 * The command: found, executable, what it starts. Returns the Python interpreter
 * at the end of it, when there is one that can be recorded; caller frees. Runs
 * the interpreter (on code of its own, never on the user's program).
 */
char *doctor_check_command(struct findings *findings, char *const *command);

/* Records `python -c pass` and looks for its events. */
void doctor_check_recording(struct findings *findings, const char *python);

#endif /* GILTRACE_DOCTOR_CHECKS_H */

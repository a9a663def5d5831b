/* The questions doctor asks; each adds what it finds. */
#ifndef GILTRACE_DOCTOR_CHECKS_H
#define GILTRACE_DOCTOR_CHECKS_H

#include "commands/findings.h"

/* giltrace's own libraries: there, and everything that they need. */
void doctor_check_libraries(struct findings *findings);

/*
 * What the program does that doctor starts for that, with the library preloaded: it opens
 * `path`, if that is not empty, and ends, saying why it could not.
 */
_Noreturn void doctor_open(const char *path);

/* The machine: LTTng, its daemon, memory for buffers. */
void doctor_check_system(struct findings *findings);

/*
 * The command: found, executable, what it starts. Returns the Python interpreter
 * at the end of it, when there is one that can be recorded; caller frees. Runs
 * the interpreter (on code of its own, never on the user's program).
 */
char *doctor_check_command(struct findings *findings, char *const *command);

/* Processes that run already (pid_t): whether `record --attach` can record each, and if not, why.
 */
void doctor_check_processes(struct findings *findings, const GArray *pids);

/* Records `python -c pass` and looks for its events. */
void doctor_check_recording(struct findings *findings, const char *python);

#endif /* GILTRACE_DOCTOR_CHECKS_H */

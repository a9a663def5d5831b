/* Runs of a program as a gate judges them: recorded now, or read from what was recorded before. */
#ifndef GILTRACE_COMMANDS_RUNS_H
#define GILTRACE_COMMANDS_RUNS_H

#include <stdbool.h>

#include "check/judge.h"
#include "commands/capture_options.h"

/* struct run *, freed with g_ptr_array_unref(). */
GPtrArray *runs_new(void);

/*
 * Adds what is at `path`: a trace, a JSON report that was saved, or a folder of
 * several recordings, in the order of their names. What keeps one from being read
 * becomes the run's problem.
 */
void runs_add(GPtrArray *runs, const char *path);

/*
 * Records the command `repeat` times and adds what came of it; a run that fails is
 * the last one. Recordings are kept where the request has a folder: in it, or of
 * several in folders 1, 2 and so on below it, by the number of the run; what is left there of
 * earlier runs goes first, or nothing is recorded: run_folders_prepare(). False when giltrace
 * was asked to end, or could not record; that was said.
 */
bool runs_record(GPtrArray *runs, struct capture_request *request, unsigned repeat);

/* The figures that reports of this giltrace have. vocabulary_release() is to follow. */
void known_figures(struct vocabulary *vocabulary);

#endif /* GILTRACE_COMMANDS_RUNS_H */

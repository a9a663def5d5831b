/* The text of source lines, where the files that a trace names are at hand. */
#ifndef GILTRACE_SOURCE_H
#define GILTRACE_SOURCE_H

#include <stdint.h>

enum source_status {
	SOURCE_FOUND,
	SOURCE_MISSING, /* no such file here, no such line, or nothing that looks like source */
	SOURCE_CHANGED, /* the file was changed since: its line may be another one */
};

/*
 * Line `line` (from 1) of `file`, without the white space around it, clean and
 * not empty. On SOURCE_FOUND the caller frees `*text`, else it is NULL. A file
 * that was changed after `since_ns` (nanoseconds since the epoch) is not read.
 * Names that are not absolute are not looked for: nobody knows where.
 */
enum source_status source_line(const char *file, int32_t line, uint64_t since_ns, char **text);

#endif /* GILTRACE_SOURCE_H */

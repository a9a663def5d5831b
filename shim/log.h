/* Why something is not recorded, for whoever asks with GILTRACE_LOG=FILE ("-": stderr). Silent
 * otherwise. */
#ifndef GILTRACE_LOG_H
#define GILTRACE_LOG_H

/* Not for the path of a GIL operation: opens and closes the file. Keeps errno. */
void log_write(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* GILTRACE_LOG_H */

/* Room for what an exporter cannot write before the trace has been read. */
#ifndef GILTRACE_EXPORT_TEMPORARY_H
#define GILTRACE_EXPORT_TEMPORARY_H

/* A new file in TMPDIR, gone with its last descriptor. Returns that or -errno. */
int temporary_open(void);

#endif /* GILTRACE_EXPORT_TEMPORARY_H */

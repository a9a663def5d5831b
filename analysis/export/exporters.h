/* The formats; private to analysis/export/. */
#ifndef GILTRACE_EXPORT_EXPORTERS_H
#define GILTRACE_EXPORT_EXPORTERS_H

#include "export/export.h"

extern const struct exporter export_csv;
extern const struct exporter export_csv_table; /* one table, to a stream */
extern const struct exporter export_firefox;
extern const struct exporter export_folded;
extern const struct exporter export_perfetto;
extern const struct exporter export_sqlite;

#endif /* GILTRACE_EXPORT_EXPORTERS_H */

/* Which formats there are; see export.h. */
#include "export/export.h"

#include <string.h>

#include "export/exporters.h"
#include "export/rows.h"

const struct exporter *export_find(const char *name)
{
	static const struct exporter *const exporters[] = {
		&export_perfetto,
		&export_firefox,
		&export_folded,
		&export_csv,
		&export_sqlite,
	};

	for (size_t i = 0; i < sizeof(exporters) / sizeof(exporters[0]); i++)
		if (strcmp(name, exporters[i]->name) == 0)
			return exporters[i];
	return NULL;
}

const struct exporter *export_for(const struct exporter *exporter, const char *table)
{
	return table ? &export_csv_table : exporter;
}

bool export_has_table(const char *name)
{
	for (int i = 0; i < TABLES; i++)
		if (strcmp(name, rows_tables[i].name) == 0)
			return true;
	return false;
}

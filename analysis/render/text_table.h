/* A table in columns of text. */
#ifndef GILTRACE_TEXT_TABLE_H
#define GILTRACE_TEXT_TABLE_H

#include <stdbool.h>

#include <glib.h>

#include "tables/table.h"

/* What the tables of a report can do with, whatever the figures in them. */
#define TEXT_TABLE_WIDTH_LEAST 80

/*
 * Appends title, notes, header and rows. Where `width` columns are too few,
 * optional ones are left out, the others move together, and at last text is cut.
 */
void text_table_draw(GString *out, const struct table *table, int width, bool color);

#endif /* GILTRACE_TEXT_TABLE_H */

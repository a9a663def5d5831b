/* A table as data; see table.h. */
#include "tables/table.h"

#include <math.h>

#include <glib.h>

#include "base/utf8.h"

void table_init(struct table *table, const char *key, const char *title, const char *note)
{
	*table = (struct table){
		.key = g_strdup(key),
		.title = utf8_clean(title),
		.note = g_strdup(note),
	};
}

void table_release(struct table *table)
{
	for (size_t i = 0; i < table->cell_count; i++)
		if (table->cells[i].kind == CELL_TEXT)
			g_free(table->cells[i].text);
	g_free(table->cells);
	for (size_t i = 0; i < table->remark_count; i++)
		g_free(table->remarks[i].text);
	g_free(table->remarks);
	for (size_t i = 0; i < table->column_count; i++) {
		g_free(table->columns[i].key);
		g_free(table->columns[i].title);
	}
	g_free(table->columns);
	g_free(table->note);
	g_free(table->title);
	g_free(table->key);
}

static void add_column(
	struct table *table, const char *key, const char *title, enum unit unit, bool optional)
{
	table->columns = g_renew(struct column, table->columns, table->column_count + 1);
	table->columns[table->column_count++] = (struct column){
		.key = g_strdup(key),
		.title = utf8_clean(title),
		.unit = unit,
		.align = unit == UNIT_NONE ? ALIGN_LEFT : ALIGN_RIGHT,
		.optional = optional,
	};
}

void table_add_column(struct table *table, const char *key, const char *title, enum unit unit)
{
	add_column(table, key, title, unit, false);
}

void table_add_optional_column(
	struct table *table, const char *key, const char *title, enum unit unit)
{
	add_column(table, key, title, unit, true);
}

static void add_cell(struct table *table, struct cell cell)
{
	if (table->cell_count == table->capacity) {
		table->capacity = table->capacity ? 2 * table->capacity : 64;
		table->cells = g_renew(struct cell, table->cells, table->capacity);
	}
	table->cells[table->cell_count++] = cell;
}

void table_add_text(struct table *table, const char *text)
{
	add_cell(table, (struct cell){.kind = CELL_TEXT, .text = utf8_clean(text)});
}

static void add_integer(struct table *table, enum cell_kind kind, uint64_t value)
{
	if (value == UINT64_MAX)
		table_add_unknown(table);
	else
		add_cell(table, (struct cell){.kind = kind, .count = value});
}

static void add_real(struct table *table, enum cell_kind kind, double value)
{
	if (isnan(value))
		table_add_unknown(table);
	else
		add_cell(table, (struct cell){.kind = kind, .number = value});
}

void table_add_count(struct table *table, uint64_t count)
{
	add_integer(table, CELL_COUNT, count);
}

void table_add_duration(struct table *table, uint64_t ns)
{
	add_integer(table, CELL_DURATION, ns);
}

void table_add_share(struct table *table, double share)
{
	add_real(table, CELL_SHARE, share);
}

void table_add_number(struct table *table, double number)
{
	add_real(table, CELL_NUMBER, number);
}

void table_add_empty(struct table *table)
{
	add_cell(table, (struct cell){.kind = CELL_EMPTY});
}

void table_add_unknown(struct table *table)
{
	add_cell(table, (struct cell){.kind = CELL_UNKNOWN});
}

void table_add_remark(struct table *table, const char *text)
{
	table->remarks = g_renew(struct remark, table->remarks, table->remark_count + 1);
	table->remarks[table->remark_count++] =
		(struct remark){table_rows(table) - 1, utf8_clean(text)};
}

size_t table_rows(const struct table *table)
{
	return table->column_count ? table->cell_count / table->column_count : 0;
}

const struct cell *table_cell(const struct table *table, size_t row, size_t column)
{
	return &table->cells[row * table->column_count + column];
}

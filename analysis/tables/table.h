/*
 * A table as data: what a renderer needs to draw it as text or HTML, to write
 * it as CSV, or to sort it. Built column by column, then cell by cell, row
 * after row; memory that runs out ends the program (GLib).
 */
#ifndef GILTRACE_TABLE_H
#define GILTRACE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum unit {
	UNIT_NONE,   /* text */
	UNIT_COUNT,  /* a number of things */
	UNIT_NS,     /* nanoseconds */
	UNIT_SHARE,  /* part of a whole that is 1 */
	UNIT_NUMBER, /* a mean or a multiple */
};

enum align { ALIGN_LEFT, ALIGN_RIGHT };

enum cell_kind {
	CELL_EMPTY,   /* nothing to say here */
	CELL_UNKNOWN, /* there is a figure, but nobody knows it; never shown as 0 */
	CELL_TEXT,
	CELL_COUNT,
	CELL_DURATION, /* ns */
	CELL_SHARE,
	CELL_NUMBER,
};

struct cell {
	enum cell_kind kind;
	union {
		char *text; /* clean UTF-8, see base/utf8.h */
		uint64_t count;
		double number;
	};
};

struct column {
	char *key;   /* stable, for machines: "wait_ns" */
	char *title; /* for people, clean UTF-8 */
	enum unit unit;
	enum align align;
	bool optional; /* may be left out where room is short; the last one first */
};

/* A remark that stands under a row, over all columns. */
struct remark {
	size_t row;
	char *text; /* clean UTF-8 */
};

struct table {
	char *key;   /* stable, for machines: "threads" */
	char *title; /* clean UTF-8 */
	char *note;  /* what the words in the header mean; lines end in \n; may be "" */
	struct column *columns;
	size_t column_count;
	struct cell *cells; /* row after row */
	size_t cell_count;
	size_t capacity;
	struct remark *remarks; /* in the order of rows */
	size_t remark_count;
};

void table_init(struct table *table, const char *key, const char *title, const char *note);

/* Frees what the table owns, not the table itself. */
void table_release(struct table *table);

/* Text columns are aligned left, all others right. Columns are added before the first cell. */
void table_add_column(struct table *table, const char *key, const char *title, enum unit unit);

/* The same, for a column that is left out where room is short. */
void table_add_optional_column(
	struct table *table, const char *key, const char *title, enum unit unit);

/* Each appends one cell. FIGURE_UNKNOWN and NaN become CELL_UNKNOWN. Text is cleaned. */
void table_add_text(struct table *table, const char *text);
void table_add_count(struct table *table, uint64_t count);
void table_add_duration(struct table *table, uint64_t ns);
void table_add_share(struct table *table, double share);
void table_add_number(struct table *table, double number);
void table_add_empty(struct table *table);
void table_add_unknown(struct table *table);

/* A remark under the last complete row. Text is cleaned. */
void table_add_remark(struct table *table, const char *text);

/* Complete rows. */
size_t table_rows(const struct table *table);

/* The cell at `row` and `column`, both within bounds. */
const struct cell *table_cell(const struct table *table, size_t row, size_t column);

#endif /* GILTRACE_TABLE_H */

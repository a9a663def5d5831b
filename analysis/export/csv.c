/* Tables as CSV (RFC 4180): each in a file of a new folder, or one of them to a stream. */
#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "export/exporters.h"
#include "export/rows.h"

struct csv {
	struct rows *rows;
	char *folder; /* NULL: one table */
	FILE *files[TABLES];
};

static void put_text(FILE *file, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, file);
		return;
	}
	putc('"', file);
	for (; *text; text++) {
		if (*text == '"')
			putc('"', file);
		putc(*text, file);
	}
	putc('"', file);
}

static void put_header(FILE *file, const struct table_shape *table)
{
	for (int i = 0; table->columns[i].name; i++)
		fprintf(file, "%s%s", i ? "," : "", table->columns[i].name);
	fputs("\r\n", file);
}

static void on_row(void *user, enum table table, const struct cell *cells)
{
	const struct table_column *columns = rows_tables[table].columns;
	FILE *file = ((struct csv *)user)->files[table];

	if (!file)
		return;
	for (int i = 0; columns[i].name; i++) {
		if (i)
			putc(',', file);
		if (!cells[i].known)
			continue;
		if (columns[i].text)
			put_text(file, cells[i].text);
		else
			fprintf(file, "%" PRId64, cells[i].number);
	}
	fputs("\r\n", file);
}

static char *path_of(const struct csv *csv, int table)
{
	return g_strconcat(csv->folder, "/", rows_tables[table].name, ".csv", NULL);
}

/* Closes what is open in the folder; 0 or the first error. */
static int close_files(struct csv *csv, struct error *error)
{
	int code = 0;

	for (int i = 0; i < TABLES; i++) {
		g_autofree char *path = path_of(csv, i);
		bool failed;

		if (!csv->files[i])
			continue;
		errno = 0;
		failed = ferror(csv->files[i]) != 0;
		if ((fclose(csv->files[i]) != 0 || failed) && code == 0) {
			code = errno ? -errno : -EIO;
			error_set(error, code, "cannot write '%s': %s", path, strerror(-code));
		}
		csv->files[i] = NULL;
	}
	return code;
}

static void remove_files(const struct csv *csv)
{
	for (int i = 0; i < TABLES; i++) {
		g_autofree char *path = path_of(csv, i);

		(void)unlink(path);
	}
}

static int open_files(struct csv *csv, struct error *error)
{
	for (int i = 0; i < TABLES; i++) {
		g_autofree char *path = path_of(csv, i);
		int code;

		csv->files[i] = fopen(path, "wxe");
		if (csv->files[i])
			continue;
		code = error_set(error, -errno, "cannot create '%s': %s", path, strerror(errno));
		(void)close_files(csv, &(struct error){{0}, {0}});
		remove_files(csv);
		return code;
	}
	return 0;
}

static int begin(void **state, const struct export_options *options,
	struct model_timeline *timeline, struct error *error)
{
	struct csv *csv = g_new0(struct csv, 1);
	const struct row_sink sink = {on_row, csv};
	int code = 0;

	if (options->table) {
		for (int i = 0; i < TABLES; i++)
			if (strcmp(rows_tables[i].name, options->table) == 0)
				csv->files[i] = options->stream;
	} else {
		csv->folder = g_strdup(options->path);
		code = open_files(csv, error);
	}
	if (code < 0) {
		g_free(csv->folder);
		g_free(csv);
		return code;
	}
	for (int i = 0; i < TABLES; i++)
		if (csv->files[i])
			put_header(csv->files[i], &rows_tables[i]);
	csv->rows = rows_begin(&sink, timeline);
	*state = csv;
	return 0;
}

static int end(void *state, const struct report *report, struct error *error)
{
	struct csv *csv = state;
	int code = 0;

	rows_end(csv->rows, report);
	if (csv->folder)
		code = close_files(csv, error);
	if (csv->folder && (code < 0 || !report))
		remove_files(csv);
	g_free(csv->folder);
	g_free(csv);
	return code;
}

const struct exporter export_csv = {
	.name = "csv", .target = EXPORT_FOLDER, .begin = begin, .end = end};
const struct exporter export_csv_table = {
	.name = "csv", .target = EXPORT_STREAM, .begin = begin, .end = end};

/* Tables as an SQLite database, with views that add them up to the figures of the report. */
#include <errno.h>
#include <glib.h>
#include <sqlite3.h>
#include <string.h>

#include "export/exporters.h"
#include "export/rows.h"

/*
 * Of a GIL without `holds_known` or `requests_known` (PyPy's, and where the words of the
 * interpreter cannot be read) there are no rows, which does not mean none happened.
 */
static const char views[] =
	"CREATE INDEX holds_by_thread ON holds(thread);"
	"CREATE INDEX waits_by_thread ON waits(thread);"
	"CREATE VIEW thread_figures AS SELECT t.thread, t.gil, p.pid, t.tid, t.name,"
	" CASE WHEN holds_known THEN (SELECT count(*) FROM holds h WHERE h.thread = t.thread"
	"  AND counted) END AS acquisitions,"
	" (SELECT count(*) FROM waits w WHERE w.thread = t.thread"
	"  AND number IS NOT NULL) AS contended_acquisitions,"
	" CASE WHEN holds_known THEN (SELECT coalesce(sum(held_ns), 0) FROM holds h"
	"  WHERE h.thread = t.thread) END AS held_ns,"
	" (SELECT max(held_ns) FROM holds h WHERE h.thread = t.thread AND counted)"
	"  AS longest_hold_ns,"
	" (SELECT coalesce(sum(waited_ns), 0) FROM waits w WHERE w.thread = t.thread) AS wait_ns,"
	" (SELECT max(waited_ns) FROM waits w WHERE w.thread = t.thread) AS longest_wait_ns,"
	" CASE WHEN requests_known THEN (SELECT count(*) FROM drop_requests r"
	"  WHERE r.sender = t.thread) END AS drop_requests_sent"
	" FROM threads t JOIN gils g USING (gil) JOIN processes p USING (process);"
	"CREATE VIEW site_figures AS SELECT gil, file, line, function,"
	" CASE WHEN holds_known THEN sum(held_ns) END AS held_ns,"
	" CASE WHEN holds_known THEN sum(holds) END AS holds,"
	" sum(wait_ns) AS wait_ns, sum(waits) AS waits FROM ("
	"  SELECT gil, site, sum(held_ns) AS held_ns, count(held_ns) AS holds, 0 AS wait_ns,"
	"   0 AS waits FROM holds WHERE counted GROUP BY gil, site"
	"  UNION ALL SELECT gil, site, 0, 0, coalesce(sum(waited_ns), 0), count(waited_ns)"
	"   FROM waits GROUP BY gil, site"
	" ) JOIN gils USING (gil) LEFT JOIN sites USING (site)"
	" GROUP BY gil, file, line, function;"
	"CREATE VIEW blame_names AS SELECT b.gil, w.name AS waiter, w.tid AS waiter_tid,"
	" coalesce(h.name, b.kind) AS holder, h.tid AS holder_tid, wait_ns FROM blame b"
	" JOIN threads w ON w.thread = b.waiter LEFT JOIN threads h ON h.thread = b.holder;";

struct sqlite {
	sqlite3 *database;
	sqlite3_stmt *inserts[TABLES];
	struct rows *rows;
	int failure; /* the first, SQLite's */
	char *message;
};

static void note(struct sqlite *sqlite, int result)
{
	if (sqlite->failure || result == SQLITE_OK || result == SQLITE_DONE)
		return;
	sqlite->failure = result;
	sqlite->message = g_strdup(sqlite3_errmsg(sqlite->database));
}

static void execute(struct sqlite *sqlite, const char *statement)
{
	if (!sqlite->failure)
		note(sqlite, sqlite3_exec(sqlite->database, statement, NULL, NULL, NULL));
}

static void create_table(struct sqlite *sqlite, enum table table)
{
	const struct table_shape *shape = &rows_tables[table];
	GString *create = g_string_new(NULL), *insert = g_string_new(NULL);

	g_string_append_printf(create, "CREATE TABLE %s (", shape->name);
	g_string_append_printf(insert, "INSERT INTO %s VALUES (", shape->name);
	for (int i = 0; shape->columns[i].name; i++) {
		g_string_append_printf(create, "%s%s %s%s", i ? ", " : "", shape->columns[i].name,
			shape->columns[i].text ? "TEXT" : "INTEGER", i ? "" : " PRIMARY KEY");
		g_string_append(insert, i ? ", ?" : "?");
	}
	g_string_append(create, ")");
	g_string_append(insert, ")");
	execute(sqlite, create->str);
	if (!sqlite->failure)
		note(sqlite, sqlite3_prepare_v2(sqlite->database, insert->str, -1,
				     &sqlite->inserts[table], NULL));
	g_string_free(create, TRUE);
	g_string_free(insert, TRUE);
}

static void on_row(void *user, enum table table, const struct cell *cells)
{
	struct sqlite *sqlite = user;
	const struct table_column *columns = rows_tables[table].columns;
	sqlite3_stmt *insert = sqlite->inserts[table];

	if (sqlite->failure)
		return;
	for (int i = 0; columns[i].name; i++) {
		if (!cells[i].known)
			note(sqlite, sqlite3_bind_null(insert, i + 1));
		else if (columns[i].text)
			note(sqlite,
				sqlite3_bind_text(insert, i + 1, cells[i].text, -1, SQLITE_STATIC));
		else
			note(sqlite, sqlite3_bind_int64(insert, i + 1, cells[i].number));
	}
	note(sqlite, sqlite3_step(insert));
	(void)sqlite3_reset(insert);
}

static int finish(struct sqlite *sqlite, struct error *error)
{
	int code = 0;

	for (int i = 0; i < TABLES; i++)
		(void)sqlite3_finalize(sqlite->inserts[i]);
	if (sqlite->failure)
		code = error_set(error, sqlite->failure == SQLITE_FULL ? -ENOSPC : -EIO,
			"cannot write the database: %s", sqlite->message);
	(void)sqlite3_close(sqlite->database);
	g_free(sqlite->message);
	g_free(sqlite);
	return code;
}

static int begin(void **state, const struct export_options *options,
	struct model_timeline *timeline, struct error *error)
{
	struct sqlite *sqlite = g_new0(struct sqlite, 1);
	const struct row_sink sink = {on_row, sqlite};

	note(sqlite, sqlite3_open(options->path, &sqlite->database));
	/* The file becomes what it is called when it is complete: nothing to recover before. */
	execute(sqlite, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
	for (int i = 0; i < TABLES; i++)
		create_table(sqlite, i);
	if (sqlite->failure)
		return finish(sqlite, error);
	sqlite->rows = rows_begin(&sink, timeline);
	*state = sqlite;
	return 0;
}

static int end(void *state, const struct report *report, struct error *error)
{
	struct sqlite *sqlite = state;

	rows_end(sqlite->rows, report);
	execute(sqlite, views);
	execute(sqlite, "COMMIT");
	return finish(sqlite, error);
}

const struct exporter export_sqlite = {
	.name = "sqlite", .target = EXPORT_FILE, .begin = begin, .end = end};

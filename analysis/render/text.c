/* The report as text for a terminal; see text.h. */
#include "render/text.h"

#include <time.h>

#include <glib.h>

#include "base/humane.h"
#include "base/utf8.h"
#include "render/style.h"
#include "render/text_stacks.h"
#include "render/text_table.h"
#include "render/wrap.h"
#include "render/write_text.h"
#include "tables/doubts.h"
#include "tables/gil_tables.h"
#include "tables/labels.h"
#include "tables/overview.h"
#include "tables/regions_table.h"

/* GILs whose verdict, and whose tables, are written out; the others are in the overview only. */
#define VERDICTS_WRITTEN 8
#define QUIET_WRITTEN 3
#define DETAILS_WRITTEN 4

enum importance { CONTENDED, QUIET, UNKNOWN, IMPORTANCES };

struct page {
	GString *out;
	int width;
	bool color;
	const struct report *report;
	const struct overview *overview;
};

static void heading(const struct page *page, const char *style, const char *title)
{
	g_string_append_printf(page->out, "\n%s%s%s\n", style, title, STYLE_PLAIN(page->color));
}

static void append_date(GString *text, uint64_t epoch_ns)
{
	time_t seconds = (time_t)(epoch_ns / 1000000000);
	char date[64];
	struct tm tm;

	if (epoch_ns == 0 || epoch_ns == FIGURE_UNKNOWN || !localtime_r(&seconds, &tm))
		return;
	if (strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%S, ", &tm) > 0)
		g_string_append(text, date);
}

static void write_region(const struct page *page)
{
	char *name, *text;

	if (!page->report->region)
		return;
	name = utf8_clean(page->report->region);
	text = g_strdup_printf("only what happened while threads were inside '%s'", name);
	wrap_text(page->out, text, page->width, "", "  ");
	g_free(text);
	g_free(name);
}

static void write_title(const struct page *page)
{
	char *path = page->report->path ? utf8_clean(page->report->path) : NULL;
	GString *what = g_string_new(page->report->events > 0 ? "recorded " : "");
	char text[HUMANE_SIZE];

	append_date(what, page->report->begin_ns);
	if (page->report->events > 0)
		g_string_append_printf(
			what, "%s, ", humane_duration(text, page->report->duration_ns));
	g_string_append_printf(what, "%s events, ", humane_count(text, page->report->events));
	g_string_append_printf(what, "%zu %s", page->report->process_count,
		page->report->process_count == 1 ? "process" : "processes");

	g_string_append(page->out, STYLE_BOLD(page->color));
	if (path)
		wrap_text(page->out, path, page->width, "GIL report of ", "  ");
	else
		g_string_append(page->out, "GIL report\n");
	g_string_append(page->out, STYLE_PLAIN(page->color));
	wrap_text(page->out, what->str, page->width, "", "  ");
	write_region(page);
	g_string_free(what, TRUE);
	g_free(path);
}

static void write_doubts(const struct page *page)
{
	struct doubts doubts;

	doubts_init(&doubts, page->report);
	if (doubts.count > 0)
		heading(page, STYLE_YELLOW(page->color), "Mind first");
	for (size_t i = 0; i < doubts.count; i++)
		wrap_text(page->out, doubts.items[i].sentence, page->width, "  - ", "    ");
	doubts_release(&doubts);
}

/* "server.py (pid 12), CPython 3.11.2, GIL 1"; the number only where there are several. */
static char *describe_item(const struct overview_item *item)
{
	char *process = label_process(item->process);
	char *interpreter = label_interpreter(item->process);
	GString *text = g_string_new(NULL);

	g_string_append_printf(text, "%s (pid %d)", process, item->process->pid);
	if (*interpreter)
		g_string_append_printf(text, ", %s", interpreter);
	if (item->gil && item->process->gil_count > 1)
		g_string_append_printf(text, ", GIL %u%s", item->gil->id,
			item->gil->kind == INTERPRETER_SUB ? " of a subinterpreter" : "");
	g_free(interpreter);
	g_free(process);
	return g_string_free(text, FALSE);
}

static const char *severity_style(enum verdict_severity severity, bool color)
{
	switch (severity) {
	case VERDICT_SEVERITY_NONE:
		return STYLE_GREEN(color);
	case VERDICT_SEVERITY_HIGH:
		return STYLE_RED(color);
	default:
		return STYLE_YELLOW(color);
	}
}

static void write_verdict(const struct page *page, const struct overview_item *item)
{
	char *label = describe_item(item);

	g_string_append(page->out, severity_style(item->verdict.severity, page->color));
	wrap_text(page->out, label, page->width, "  ", "      ");
	g_string_append(page->out, STYLE_PLAIN(page->color));
	wrap_text(page->out, item->verdict.sentence, page->width, "    ", "    ");
	if (*item->verdict.next)
		wrap_text(page->out, item->verdict.next, page->width, "    Next: ", "    ");
	g_free(label);
}

static enum importance importance(const struct overview_item *item)
{
	if (overview_contended(item))
		return CONTENDED;
	return item->verdict.severity == VERDICT_SEVERITY_NONE ? QUIET : UNKNOWN;
}

/* The verdicts that are not written out, in one sentence: "…: 48 x one thread, 1 x no contention."
 */
static void write_rest(const struct page *page, enum importance which, const size_t *kinds)
{
	static const char *const begin[] = {
		[CONTENDED] = "Threads wait in more, see the table: ",
		[QUIET] = "The GIL does not slow these down: ",
		[UNKNOWN] = "Nothing is known about these: ",
	};
	GString *text = g_string_new(NULL);

	for (int kind = 0; kind < VERDICT_KINDS; kind++)
		if (kinds[kind] > 0)
			g_string_append_printf(text, "%s%zu x %s", text->len ? ", " : begin[which],
				kinds[kind], verdict_kind_name((enum verdict_kind)kind));
	if (text->len > 0) {
		g_string_append_c(text, '.');
		wrap_text(page->out, text->str, page->width, "  ", "    ");
	}
	g_string_free(text, TRUE);
}

/* Contended GILs one by one; the others too when they are few. */
static void write_verdicts(const struct page *page)
{
	size_t rest[IMPORTANCES][VERDICT_KINDS] = {{0}}, count[IMPORTANCES] = {0};
	size_t written = 0;

	if (page->overview->count == 0)
		return;
	heading(page, STYLE_BOLD(page->color), "Verdict");
	for (size_t i = 0; i < page->overview->count; i++)
		count[importance(&page->overview->items[i])]++;
	for (size_t i = 0; i < page->overview->count; i++) {
		const struct overview_item *item = &page->overview->items[i];
		enum importance which = importance(item);
		bool write = which == CONTENDED ? written < VERDICTS_WRITTEN
						: count[which] <= QUIET_WRITTEN;

		if (write)
			write_verdict(page, item);
		else
			rest[which][item->verdict.kind]++;
		written += write && which == CONTENDED;
	}
	for (int which = 0; which < IMPORTANCES; which++)
		write_rest(page, (enum importance)which, rest[which]);
}

static void write_table(const struct page *page, struct table *table)
{
	if (table_rows(table) > 0) {
		g_string_append_c(page->out, '\n');
		text_table_draw(
			page->out, table, MAX(page->width, TEXT_TABLE_WIDTH_LEAST), page->color);
	}
	table_release(table);
}

/* Why no line is known. */
static void write_no_lines(const struct page *page, const struct process_report *process)
{
	for (size_t i = 0; i < process->unavailable_count; i++) {
		char *reason, *text;

		if (process->unavailable[i].facility != FACILITY_SITES)
			continue;
		reason = utf8_clean(process->unavailable[i].reason);
		text = g_strdup_printf("no line is known: %s", reason);
		heading(page, STYLE_BOLD(page->color), "Lines");
		wrap_text(page->out, text, page->width, "  ", "    ");
		g_free(text);
		g_free(reason);
	}
}

static void write_details(const struct page *page, const struct overview_item *item)
{
	struct table table;

	if (page->overview->count > 1) {
		char *label = describe_item(item);

		g_string_append_printf(page->out, "\n%s", STYLE_BOLD(page->color));
		wrap_text(page->out, label, page->width, "== ", "   ");
		g_string_append(page->out, STYLE_PLAIN(page->color));
		g_free(label);
	}
	threads_table(&table, item->gil);
	write_table(page, &table);
	blame_table(&table, item->gil);
	write_table(page, &table);
	lines_table(&table, item->gil, page->report->begin_ns);
	if (table_rows(&table) == 0)
		write_no_lines(page, item->process);
	write_table(page, &table);
	line_blame_table(&table, item->gil);
	write_table(page, &table);
	text_stacks_draw(page->out, item->process, item->gil, page->width, page->color);
	times_table(&table, item->gil);
	write_table(page, &table);
}

/* A GIL deserves its own tables when threads wait for it, or when it is the only one. */
static void write_tables(const struct page *page)
{
	struct table table;
	size_t written = 0, more = 0;

	/* Without events there is nothing to tabulate. */
	if (page->overview->count == 0 || page->report->events == 0)
		return;
	overview_table(&table, page->overview);
	write_table(page, &table);
	regions_table(&table, page->report);
	write_table(page, &table);
	for (size_t i = 0; i < page->overview->count; i++) {
		const struct overview_item *item = &page->overview->items[i];

		if (!item->gil || (!overview_contended(item) && page->overview->count > 1))
			continue;
		if (written < DETAILS_WRITTEN) {
			write_details(page, item);
			written++;
		} else {
			more++;
		}
	}
	if (more > 0) {
		char *text = g_strdup_printf("Threads and blame of %zu more: --format json.", more);

		g_string_append_c(page->out, '\n');
		wrap_text(page->out, text, page->width, "", "");
		g_free(text);
	}
}

int render_text(const struct report *report, FILE *out, const struct text_options *options)
{
	struct overview overview;
	struct page page = {
		.out = g_string_new(NULL),
		.width = options->width == 0 ? TEXT_WIDTH_DEFAULT
					     : MAX(options->width, TEXT_WIDTH_LEAST),
		.color = options->color,
		.report = report,
		.overview = &overview,
	};

	overview_init(&overview, report);
	write_title(&page);
	write_doubts(&page);
	write_verdicts(&page);
	write_tables(&page);
	overview_release(&overview);
	return write_text(page.out, out);
}

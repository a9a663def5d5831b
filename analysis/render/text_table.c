/* A table in columns of text; see text_table.h. */
#include "render/text_table.h"

#include <string.h>

#include "base/humane.h"
#include "base/utf8.h"
#include "render/style.h"
#include "render/wrap.h"

/* Columns that text, and the title of a figure, should get and must get before room is given to
 * others. */
#define TEXT_PREFERRED 24
#define TEXT_LEAST 8
#define TITLE_PREFERRED 12
#define TITLE_LEAST 6
#define REMARK_INDENT "    "

struct layout {
	const struct table *table;
	char **texts; /* of the cells */
	size_t *widths;
	size_t *natural;
	size_t *least;
	bool *shown;
	size_t gap;
};

static char *cell_text(const struct cell *cell)
{
	char text[HUMANE_SIZE];

	switch (cell->kind) {
	case CELL_EMPTY:
		return g_strdup("");
	case CELL_UNKNOWN:
		return g_strdup("?");
	case CELL_TEXT:
		return g_strdup(cell->text);
	case CELL_COUNT:
		return g_strdup(humane_count(text, cell->count));
	case CELL_DURATION:
		return g_strdup(humane_duration(text, cell->count));
	case CELL_SHARE:
		return g_strdup(humane_share(text, cell->number));
	case CELL_NUMBER:
		return g_strdup(humane_number(text, cell->number));
	}
	return g_strdup("");
}

static void measure(struct layout *layout)
{
	const struct table *table = layout->table;
	size_t rows = table_rows(table);

	for (size_t c = 0; c < table->column_count; c++) {
		bool text = table->columns[c].unit == UNIT_NONE;
		size_t title = utf8_width(table->columns[c].title), cells = 0;

		for (size_t r = 0; r < rows; r++)
			cells = MAX(cells, utf8_width(layout->texts[r * table->column_count + c]));
		layout->natural[c] = MAX(cells, title);
		if (text) {
			layout->widths[c] = MIN(layout->natural[c], TEXT_PREFERRED);
			layout->least[c] = MIN(layout->natural[c], TEXT_LEAST);
		} else {
			layout->widths[c] = MAX(cells, MIN(title, TITLE_PREFERRED));
			layout->least[c] = MAX(cells, MIN(title, TITLE_LEAST));
		}
		layout->shown[c] = true;
	}
}

static size_t total(const struct layout *layout)
{
	size_t width = 0;

	for (size_t c = 0; c < layout->table->column_count; c++)
		if (layout->shown[c])
			width += layout->widths[c] + (width ? layout->gap : 0);
	return width;
}

static bool hide_last_optional(struct layout *layout)
{
	for (size_t c = layout->table->column_count; c-- > 0;) {
		if (layout->table->columns[c].optional && layout->shown[c]) {
			layout->shown[c] = false;
			return true;
		}
	}
	return false;
}

/* Takes a column of width from the widest that has one to give. */
static bool shrink(struct layout *layout)
{
	size_t widest = layout->table->column_count;

	for (size_t c = 0; c < layout->table->column_count; c++)
		if (layout->shown[c] && layout->widths[c] > layout->least[c] &&
			(widest == layout->table->column_count ||
				layout->widths[c] > layout->widths[widest]))
			widest = c;
	if (widest == layout->table->column_count)
		return false;
	layout->widths[widest]--;
	return true;
}

static void arrange(struct layout *layout, size_t width)
{
	layout->gap = 2;
	while (total(layout) > width) {
		if (hide_last_optional(layout))
			continue;
		if (layout->gap == 2)
			layout->gap = 1;
		else if (!shrink(layout))
			break;
	}
	for (size_t c = 0; c < layout->table->column_count; c++)
		while (layout->shown[c] && layout->widths[c] < layout->natural[c] &&
			total(layout) < width)
			layout->widths[c]++;
}

static void draw_row(GString *out, const struct layout *layout, char *const *texts)
{
	size_t column = 0, pending = 0; /* spaces are written before text only: none trail */

	for (size_t c = 0; c < layout->table->column_count; c++) {
		bool right = layout->table->columns[c].align == ALIGN_RIGHT;
		char *text;
		size_t blank;

		if (!layout->shown[c])
			continue;
		pending += column++ ? layout->gap : 0;
		text = utf8_fit_path(texts[c], layout->widths[c]);
		blank = layout->widths[c] - utf8_width(text);
		pending += right ? blank : 0;
		if (*text) {
			g_string_append_printf(out, "%*s%s", (int)pending, "", text);
			pending = 0;
		}
		pending += right ? 0 : blank;
		g_free(text);
	}
	g_string_append_c(out, '\n');
}

static void draw_remark(GString *out, const char *text, size_t width, bool color)
{
	char *fitted = utf8_fit(text, width - strlen(REMARK_INDENT));

	g_string_append_printf(
		out, REMARK_INDENT "%s%s%s\n", STYLE_DIM(color), fitted, STYLE_PLAIN(color));
	g_free(fitted);
}

static void draw_head(GString *out, const struct layout *layout, size_t width, bool color)
{
	const struct table *table = layout->table;
	char **titles = g_new0(char *, table->column_count);
	char **notes = g_strsplit(table->note, "\n", -1);

	g_string_append_printf(
		out, "%s%s%s\n", STYLE_BOLD(color), table->title, STYLE_PLAIN(color));
	for (char **note = notes; *note; note++) {
		if (!**note)
			continue;
		g_string_append(out, STYLE_DIM(color));
		wrap_text(out, *note, (int)width, "  ", "    ");
		g_string_truncate(out, out->len - 1);
		g_string_append_printf(out, "%s\n", STYLE_PLAIN(color));
	}
	for (size_t c = 0; c < table->column_count; c++)
		titles[c] = table->columns[c].title;
	draw_row(out, layout, titles);
	g_strfreev(notes);
	g_free(titles);
}

void text_table_draw(GString *out, const struct table *table, int width, bool color)
{
	size_t rows = table_rows(table), remark = 0;
	struct layout layout = {
		.table = table,
		.texts = g_new0(char *, rows * table->column_count),
		.widths = g_new0(size_t, table->column_count),
		.natural = g_new0(size_t, table->column_count),
		.least = g_new0(size_t, table->column_count),
		.shown = g_new0(bool, table->column_count),
	};

	for (size_t i = 0; i < rows * table->column_count; i++)
		layout.texts[i] = cell_text(&table->cells[i]);
	measure(&layout);
	arrange(&layout, (size_t)width);
	draw_head(out, &layout, (size_t)width, color);
	for (size_t r = 0; r < rows; r++) {
		draw_row(out, &layout, &layout.texts[r * table->column_count]);
		for (; remark < table->remark_count && table->remarks[remark].row == r; remark++)
			draw_remark(out, table->remarks[remark].text, (size_t)width, color);
	}
	g_free(layout.shown);
	g_free(layout.least);
	g_free(layout.natural);
	g_free(layout.widths);
	for (size_t i = 0; i < rows * table->column_count; i++)
		g_free(layout.texts[i]);
	g_free(layout.texts);
}

/* What doctor found; see findings.h. */
#include "commands/findings.h"

#include "base/utf8.h"
#include "render/style.h"
#include "render/wrap.h"

struct finding {
	enum finding_kind kind;
	const char *subject;
	char *text;
	char *next; /* NULL when there is none */
};

/* "  problem  session daemon  ": where the text begins. */
enum { KIND_WIDTH = 7, SUBJECT_WIDTH = 14, TEXT_COLUMN = 2 + KIND_WIDTH + 2 + SUBJECT_WIDTH + 2 };

static void finding_free(void *data)
{
	struct finding *finding = data;

	g_free(finding->text);
	g_free(finding->next);
	g_free(finding);
}

void findings_init(struct findings *findings)
{
	findings->list = g_ptr_array_new_with_free_func(finding_free);
	findings->problems = 0;
}

void findings_release(struct findings *findings)
{
	g_ptr_array_free(findings->list, TRUE);
}

static char *clean_format(const char *format, va_list arguments)
{
	g_autofree char *text = g_strdup_vprintf(format, arguments);

	return utf8_clean(text);
}

void findings_add(struct findings *findings, enum finding_kind kind, const char *subject,
	const char *format, ...)
{
	struct finding *finding = g_new0(struct finding, 1);
	va_list arguments;

	finding->kind = kind;
	finding->subject = subject;
	va_start(arguments, format);
	finding->text = clean_format(format, arguments);
	va_end(arguments);
	g_ptr_array_add(findings->list, finding);
	if (kind == FINDING_PROBLEM)
		findings->problems++;
}

void findings_next(struct findings *findings, const char *format, ...)
{
	struct finding *finding = g_ptr_array_index(findings->list, findings->list->len - 1);
	va_list arguments;

	g_free(finding->next);
	va_start(arguments, format);
	finding->next = clean_format(format, arguments);
	va_end(arguments);
}

static const char *kind_name(enum finding_kind kind)
{
	switch (kind) {
	case FINDING_OK:
		return "ok";
	case FINDING_NOTE:
		return "note";
	default:
		return "problem";
	}
}

static const char *kind_style(enum finding_kind kind, bool color)
{
	switch (kind) {
	case FINDING_OK:
		return STYLE_GREEN(color);
	case FINDING_NOTE:
		return STYLE_YELLOW(color);
	default:
		return STYLE_RED(color);
	}
}

static void print_finding(const struct finding *finding, FILE *out, int width, bool color)
{
	GString *text = g_string_new(NULL);
	g_autofree char *indent = g_strnfill(TEXT_COLUMN, ' ');

	wrap_text(text, finding->text, width, indent, indent);
	/* The first line's indent gives way to the first two columns, which colour makes longer. */
	g_string_erase(text, 0, TEXT_COLUMN);
	fprintf(out, "  %s%-*s%s  %-*s  %s", kind_style(finding->kind, color), KIND_WIDTH,
		kind_name(finding->kind), STYLE_PLAIN(color), SUBJECT_WIDTH, finding->subject,
		text->str);
	g_string_truncate(text, 0);
	if (finding->next) {
		g_autofree char *step = g_strconcat("next: ", finding->next, NULL);

		wrap_text(text, step, width, indent, indent);
	}
	fputs(text->str, out);
	g_string_free(text, TRUE);
}

void findings_print(const struct findings *findings, FILE *out, int width, bool color)
{
	for (guint i = 0; i < findings->list->len; i++)
		print_finding(g_ptr_array_index(findings->list, i), out, width, color);
}

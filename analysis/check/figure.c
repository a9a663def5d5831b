/* Figures by name; see figure.h. */
#include "check/figure.h"

#include <string.h>

static const char *const shares[] = {"utilization", "contention", "wait_share", "mutual_share",
	"unanswered", "behind_holder", "behind_site", "victim_lost"};

static const char *const numbers[] = {"load", "demand"};

static bool is_among(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static const char *last_part(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot ? dot + 1 : path;
}

static enum unit unit_of(const char *path)
{
	const char *name = last_part(path);

	if (g_str_has_suffix(name, "_ns"))
		return UNIT_NS;
	if (is_among(name, shares, G_N_ELEMENTS(shares)))
		return UNIT_SHARE;
	if (is_among(name, numbers, G_N_ELEMENTS(numbers)))
		return UNIT_NUMBER;
	return UNIT_COUNT;
}

void figure_init(struct figure *figure, const char *text)
{
	const char *slash = strchr(text, '/');

	memset(figure, 0, sizeof(*figure));
	if (!slash) {
		figure->top = g_strstrip(g_strdup(text));
		figure->text = g_strdup(figure->top);
		figure->unit = unit_of(figure->top);
		return;
	}
	figure->top = g_strstrip(g_strndup(text, (gsize)(slash - text)));
	figure->bottom = g_strstrip(g_strdup(slash + 1));
	figure->text = g_strconcat(figure->top, " / ", figure->bottom, NULL);
	figure->unit = unit_of(figure->top) == unit_of(figure->bottom) ? UNIT_SHARE : UNIT_NUMBER;
}

void figure_release(struct figure *figure)
{
	g_free(figure->text);
	g_free(figure->top);
	g_free(figure->bottom);
	memset(figure, 0, sizeof(*figure));
}

static bool is_zero(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) == 0;
}

/* Whether the report says that there was nothing `name` could be of. */
static bool is_of_nothing(const json_t *object, const char *name)
{
	const char *counter = "count";

	if (json_object_get(object, "wait_count") && g_str_has_prefix(name, "wait_"))
		counter = "wait_count";
	return is_zero(json_object_get(object, counter));
}

static struct reading read_path(const char *path, const json_t *object)
{
	const struct reading unknown = {READING_UNKNOWN, 0};
	g_auto(GStrv) parts = g_strsplit(path, ".", -1);
	const json_t *value = object, *parent = object;
	guint count = g_strv_length(parts);

	for (guint i = 0; i < count; i++) {
		parent = value;
		value = json_object_get(value, parts[i]);
	}
	if (json_is_number(value))
		return (struct reading){READING_KNOWN, json_number_value(value)};
	if (json_is_null(value) && count > 0 && is_of_nothing(parent, parts[count - 1]))
		return (struct reading){READING_NONE, 0};
	return unknown;
}

struct reading figure_read(const struct figure *figure, const json_t *object)
{
	struct reading top = read_path(figure->top, object), bottom;

	if (!figure->bottom || top.state == READING_UNKNOWN)
		return top;
	bottom = read_path(figure->bottom, object);
	if (bottom.state == READING_UNKNOWN)
		return bottom;
	/* Part of nothing: nothing, as long as there is nothing to divide. */
	if (bottom.value == 0)
		return (struct reading){top.value == 0 ? READING_NONE : READING_UNKNOWN, 0};
	return (struct reading){READING_KNOWN, top.value / bottom.value};
}

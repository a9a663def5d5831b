/* Lines and names of the exporter for the Firefox Profiler; see firefox.h. */
#include "base/utf8.h"
#include "export/firefox.h"

void strings_begin(struct strings *strings)
{
	static const char *const fixed[STRINGS_FIXED] = {
		[STRING_NONE] = "",
		[STRING_HOLD] = "hold",
		[STRING_HOLD_UNSEEN] = "end of a hold that began before recording",
		[STRING_HOLD_UNENDED] = "begin of a hold of unknown length",
		[STRING_WAIT] = "wait",
		[STRING_WAIT_UNSEEN] = "end of a wait of unknown length",
		[STRING_SWITCH] = "forced switch",
		[STRING_SWITCH_UNSEEN] = "forced switch of unknown begin",
		[STRING_REQUEST] = "drop request",
		[STRING_HANDOFF] = "handoff",
		[STRING_FREE] = "(free)",
		[STRING_LINE_UNKNOWN] = "(line not known)",
		[STRING_LINE_REST] = "(other lines)",
	};

	strings->texts = g_ptr_array_new_with_free_func(g_free);
	strings->numbers = g_hash_table_new(g_str_hash, g_str_equal);
	for (int i = 0; i < STRINGS_FIXED; i++)
		(void)strings_put(strings, fixed[i]);
}

void strings_end(struct strings *strings)
{
	g_hash_table_destroy(strings->numbers);
	g_ptr_array_free(strings->texts, TRUE);
}

uint32_t strings_reserve(struct strings *strings)
{
	g_ptr_array_add(strings->texts, NULL);
	return strings->texts->len - 1;
}

void strings_fill(struct strings *strings, uint32_t number, const char *text)
{
	g_free(g_ptr_array_index(strings->texts, number));
	g_ptr_array_index(strings->texts, number) = utf8_valid(text);
}

uint32_t strings_put(struct strings *strings, const char *text)
{
	char *valid = utf8_valid(text);
	gpointer number;

	if (g_hash_table_lookup_extended(strings->numbers, valid, NULL, &number)) {
		g_free(valid);
		return GPOINTER_TO_UINT(number);
	}
	g_ptr_array_add(strings->texts, valid);
	g_hash_table_insert(strings->numbers, valid, GUINT_TO_POINTER(strings->texts->len - 1));
	return strings->texts->len - 1;
}

/* Of what is no line. */
static uint32_t stand_in(uint32_t site)
{
	return site == MODEL_SITE_REST ? STRING_LINE_REST : STRING_LINE_UNKNOWN;
}

void strings_fill_site(struct strings *strings, uint32_t number,
	const struct model_process *process, uint32_t site)
{
	const struct model_site *found = model_site(process, site);
	char *text;

	if (!found) {
		strings_fill(strings, number, g_ptr_array_index(strings->texts, stand_in(site)));
		return;
	}
	text = found->line
		       ? g_strdup_printf("%s (%s:%d)", found->function, found->file, found->line)
		       : g_strdup_printf("%s (%s)", found->function, found->file);
	strings_fill(strings, number, text);
	g_free(text);
}

struct lane *lane_new(struct strings *strings, char *tid)
{
	struct lane *lane = g_new0(struct lane, 1);

	lane->name = strings_reserve(strings);
	lane->tid = tid;
	lane->spots = g_array_new(FALSE, FALSE, sizeof(struct spot));
	lane->functions = g_array_new(FALSE, FALSE, sizeof(struct function));
	return lane;
}

void lane_free(void *data)
{
	struct lane *lane = data;

	marks_release(&lane->marks);
	g_array_free(lane->spots, TRUE);
	g_array_free(lane->functions, TRUE);
	g_free(lane->tid);
	g_free(lane);
}

static guint hash_function(gconstpointer key)
{
	const struct function *function = key;

	return (function->name * 31 + function->file) * 31 + (guint)function->line;
}

static gboolean same_function(gconstpointer a, gconstpointer b)
{
	const struct function *one = a, *other = b;

	return one->name == other->name && one->file == other->file && one->line == other->line;
}

static struct function function_at(
	const struct model_site *site, uint32_t number, struct strings *strings)
{
	if (!site)
		return (struct function){.name = stand_in(number)};
	return (struct function){strings_put(strings, site->function),
		strings_put(strings, site->file), site->first_line};
}

void lane_settle(struct lane *lane, const struct model_process *process, struct strings *strings)
{
	GHashTable *numbers = g_hash_table_new_full(hash_function, same_function, g_free, NULL);

	for (guint i = 0; i < lane->spots->len; i++) {
		struct spot *spot = &g_array_index(lane->spots, struct spot, i);
		const struct model_site *site = model_site(process, spot->site);
		struct function function = function_at(site, spot->site, strings);
		gpointer number;

		if (!g_hash_table_lookup_extended(numbers, &function, NULL, &number)) {
			number = GUINT_TO_POINTER(lane->functions->len);
			g_hash_table_insert(
				numbers, g_memdup2(&function, sizeof(function)), number);
			g_array_append_val(lane->functions, function);
		}
		spot->function = GPOINTER_TO_UINT(number);
		spot->line = site ? site->line : 0;
	}
	g_hash_table_destroy(numbers);
}

/* The profile as JSON; see firefox.h. */
#include <inttypes.h>

#include "base/utf8.h"
#include "event.h"
#include "export/firefox.h"
#include "export/firefox_meta.h"

/* One column of a lane on its way out. */
struct column {
	struct firefox *firefox;
	void (*put)(const struct firefox *firefox, const struct mark *mark);
	bool holds; /* a column of samples, of which each hold with both ends gives two */
	bool more;
};

static void put_time(const struct firefox *firefox, uint64_t at)
{
	firefox_put_ms(firefox->out, at - firefox->begin_ns);
}

/* A time of which 0 says that it is not known. */
static void put_time_or(const struct firefox *firefox, uint64_t at, const char *otherwise)
{
	if (at)
		put_time(firefox, at);
	else
		fputs(otherwise, firefox->out);
}

static void put_mark(void *user, const struct mark *mark)
{
	struct column *column = user;

	if (column->holds && mark->name != STRING_HOLD)
		return;
	if (column->holds && mark->end_ns == EVENT_UNKNOWN)
		return;
	if (column->more)
		putc(',', column->firefox->out);
	column->more = true;
	column->put(column->firefox, mark);
}

static void put_column(struct firefox *firefox, const struct lane *lane, const char *name,
	void (*put)(const struct firefox *firefox, const struct mark *mark), bool holds)
{
	struct column column = {.firefox = firefox, .put = put, .holds = holds};

	fprintf(firefox->out, "\"%s\":[", name);
	marks_each(&firefox->file, &lane->marks, put_mark, &column);
	fputs("],", firefox->out);
}

static void put_field(FILE *out, const char *key, uint64_t value)
{
	if (value)
		fprintf(out, ",\"%s\":%" PRIu64, key, value);
}

static void put_data(const struct firefox *firefox, const struct mark *mark)
{
	fprintf(firefox->out, "{\"type\":\"%s\"", firefox_types[mark->kind]);
	put_field(firefox->out, "line", mark->line);
	put_field(firefox->out, "thread", mark->thread);
	put_field(firefox->out, "number", mark->number);
	put_field(firefox->out, "asked", mark->asked_ns);
	put_field(firefox->out, "length", mark->length_ns);
	put_field(firefox->out, "waiters", mark->waiters);
	put_field(firefox->out, "interval", mark->interval_us);
	putc('}', firefox->out);
}

static void put_name(const struct firefox *firefox, const struct mark *mark)
{
	fprintf(firefox->out, "%" PRIu32, mark->name);
}

static void put_begin(const struct firefox *firefox, const struct mark *mark)
{
	put_time(firefox, mark->begin_ns);
}

/* Regions of no length are still regions; of others that have both ends none has none. */
static bool is_instant(const struct mark *mark)
{
	return mark->begin_ns == mark->end_ns && mark->kind != MARK_REGION &&
	       mark->name != STRING_HOLD;
}

static void put_end(const struct firefox *firefox, const struct mark *mark)
{
	if (mark->end_ns == EVENT_UNKNOWN || is_instant(mark))
		fputs("null", firefox->out);
	else
		put_time(firefox, mark->end_ns);
}

static void put_phase(const struct firefox *firefox, const struct mark *mark)
{
	enum { INSTANT, INTERVAL, INTERVAL_BEGIN };

	fprintf(firefox->out, "%d",
		mark->end_ns == EVENT_UNKNOWN ? INTERVAL_BEGIN
		: is_instant(mark)	      ? INSTANT
					      : INTERVAL);
}

static void put_category(const struct firefox *firefox, const struct mark *mark)
{
	fprintf(firefox->out, "%d", (int)mark->kind + CATEGORY_OF_HOLDS);
}

static void put_markers(struct firefox *firefox, const struct lane *lane)
{
	fputs("\"markers\":{", firefox->out);
	put_column(firefox, lane, "data", put_data, false);
	put_column(firefox, lane, "name", put_name, false);
	put_column(firefox, lane, "startTime", put_begin, false);
	put_column(firefox, lane, "endTime", put_end, false);
	put_column(firefox, lane, "phase", put_phase, false);
	put_column(firefox, lane, "category", put_category, false);
	fprintf(firefox->out, "\"length\":%" PRIu64 "},", lane->marks.count);
}

static void put_sample_stacks(const struct firefox *firefox, const struct mark *mark)
{
	fprintf(firefox->out, "%" PRIu32 ",null", mark->place);
}

static void put_sample_times(const struct firefox *firefox, const struct mark *mark)
{
	put_time(firefox, mark->begin_ns);
	putc(',', firefox->out);
	put_time(firefox, mark->end_ns);
}

static void put_sample_weights(const struct firefox *firefox, const struct mark *mark)
{
	firefox_put_ms(firefox->out, mark->end_ns - mark->begin_ns);
	fputs(",0", firefox->out);
}

/* One at the begin of each hold, which weighs what it lasted, and one without a stack at its end.
 */
static void put_samples(struct firefox *firefox, const struct lane *lane)
{
	fputs("\"samples\":{", firefox->out);
	put_column(firefox, lane, "stack", put_sample_stacks, true);
	put_column(firefox, lane, "time", put_sample_times, true);
	put_column(firefox, lane, "weight", put_sample_weights, true);
	fprintf(firefox->out, "\"weightType\":\"tracing-ms\",\"length\":%" PRIu64 "},",
		2 * lane->holds);
}

/* `count` values that are all the same. */
static void put_same(FILE *out, const char *name, const char *value, guint count)
{
	fprintf(out, "\"%s\":[", name);
	for (guint i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? "," : "", value);
	fputs("],", out);
}

static void put_number_or_null(FILE *out, bool first, int64_t number)
{
	if (!first)
		putc(',', out);
	if (number)
		fprintf(out, "%" PRId64, number);
	else
		fputs("null", out);
}

/* A stack is a line: each place has one, and a frame of the same number. */
static void put_stacks(FILE *out, const struct lane *lane)
{
	const guint count = lane->spots->len;

	fputs("\"stackTable\":{\"frame\":[", out);
	for (guint i = 0; i < count; i++)
		fprintf(out, "%s%u", i ? "," : "", i);
	fputs("],", out);
	put_same(out, "prefix", "null", count);
	fprintf(out, "\"length\":%u},\"frameTable\":{\"func\":[", count);
	for (guint i = 0; i < count; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : "",
			g_array_index(lane->spots, struct spot, i).function);
	fputs("],\"line\":[", out);
	for (guint i = 0; i < count; i++)
		put_number_or_null(out, i == 0, g_array_index(lane->spots, struct spot, i).line);
	fputs("],", out);
	put_same(out, "address", "-1", count);
	put_same(out, "inlineDepth", "0", count);
	put_same(out, "category", G_STRINGIFY(CATEGORY_OF_LINES), count);
	put_same(out, "subcategory", "0", count);
	put_same(out, "nativeSymbol", "null", count);
	put_same(out, "innerWindowID", "null", count);
	put_same(out, "column", "null", count);
	fprintf(out, "\"length\":%u},", count);
}

/* As CPython's own exporter does it, Python's functions are of the kind JavaScript's are. */
static void put_functions(FILE *out, const struct lane *lane)
{
	const guint count = lane->functions->len;
	const struct function *functions = (const struct function *)lane->functions->data;

	fputs("\"funcTable\":{\"name\":[", out);
	for (guint i = 0; i < count; i++)
		fprintf(out, "%s%" PRIu32, i ? "," : "", functions[i].name);
	fputs("],\"fileName\":[", out);
	for (guint i = 0; i < count; i++)
		put_number_or_null(out, i == 0, functions[i].file);
	fputs("],\"lineNumber\":[", out);
	for (guint i = 0; i < count; i++)
		put_number_or_null(out, i == 0, functions[i].line);
	fputs("],\"isJS\":[", out);
	for (guint i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? "," : "", functions[i].file ? "true" : "false");
	fputs("],", out);
	put_same(out, "relevantForJS", "false", count);
	put_same(out, "resource", "-1", count);
	put_same(out, "columnNumber", "null", count);
	fprintf(out, "\"length\":%u},", count);
}

static void put_text(struct firefox *firefox, uint32_t number)
{
	const char *text = g_ptr_array_index(firefox->strings.texts, number);

	firefox_put_string(firefox->out, text ? text : "");
}

static void put_process(struct firefox *firefox, const struct image *image)
{
	FILE *out = firefox->out;
	char *name = utf8_valid(image->name);

	fputs("\"processType\":\"default\",\"processName\":", out);
	firefox_put_string(out, name);
	/* A pid that is used again, or that calls exec, is another process. */
	fprintf(out, image->again ? ",\"pid\":\"%d.%u\"" : ",\"pid\":\"%d\"", image->pid,
		image->again);
	fputs(",\"processStartupTime\":", out);
	put_time_or(firefox, image->begin_ns, "0");
	fputs(",\"processShutdownTime\":", out);
	put_time_or(firefox, image->exited ? image->end_ns : 0, "null");
	g_free(name);
}

static void put_lane(struct firefox *firefox, const struct image *image, const struct lane *lane)
{
	FILE *out = firefox->out;

	fputs("\n{\"name\":", out);
	put_text(firefox, lane->name);
	fprintf(out, ",\"isMainThread\":%s,\"tid\":%s,", lane->main ? "true" : "false", lane->tid);
	put_process(firefox, image);
	fputs(",\"registerTime\":", out);
	put_time_or(firefox, lane->begin_ns, "0");
	fputs(",\"unregisterTime\":", out);
	put_time_or(firefox, lane->end_ns, "null");
	fputs(",\"pausedRanges\":[],\"showMarkersInTimeline\":true,", out);
	put_samples(firefox, lane);
	put_markers(firefox, lane);
	put_stacks(out, lane);
	put_functions(out, lane);
	fputs("\"resourceTable\":{\"lib\":[],\"name\":[],\"host\":[],\"type\":[],\"length\":0},"
	      "\"nativeSymbols\":{\"libIndex\":[],\"address\":[],\"name\":[],\"functionSize\":[],"
	      "\"length\":0}}",
		out);
}

void firefox_write(struct firefox *firefox, const struct report *report)
{
	FILE *out = firefox->out;
	bool more = false;

	if (firefox->begin_ns == UINT64_MAX)
		firefox->begin_ns = 0;
	fputs("{\"meta\":", out);
	firefox_put_meta(firefox, report);
	fputs(",\"libs\":[],\"pages\":[],\"threads\":[", out);
	for (guint i = 0; i < firefox->images->len; i++) {
		const struct image *image = g_ptr_array_index(firefox->images, i);

		for (guint k = 0; k < image->lanes->len; k++) {
			if (more)
				putc(',', out);
			more = true;
			put_lane(firefox, image, g_ptr_array_index(image->lanes, k));
		}
	}
	fputs("],\n\"shared\":{\"stringArray\":[", out);
	for (guint i = 0; i < firefox->strings.texts->len; i++) {
		if (i)
			putc(',', out);
		put_text(firefox, i);
	}
	fputs("]}}\n", out);
}

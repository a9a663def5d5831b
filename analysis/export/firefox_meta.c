/* What the profile says of itself; see firefox_meta.h. */
#include "export/firefox_meta.h"

#include <inttypes.h>

#include "tables/doubts.h"

/* Of the format, and of the browser's own from which the profiler would have made it. */
enum { VERSION_PROCESSED = 57, VERSION_GECKO = 32 };

enum { FIELDS_MAX = 4 };

/* Lanes that are shown from the beginning; the others can be switched on. */
enum { LANES_SHOWN = 64 };

struct field {
	const char *key; /* NULL: no more */
	const char *label;
	const char *format;
};

struct schema {
	const char *category, *color;
	const char *tooltip, *label;
	const char *description;
	struct field fields[FIELDS_MAX + 1];
};

const char *const firefox_types[MARK_KINDS] = {
	[MARK_HOLD] = "hold",
	[MARK_WAIT] = "wait",
	[MARK_SWITCH] = "forced switch",
	[MARK_REQUEST] = "drop request",
	[MARK_HANDOFF] = "handoff",
	[MARK_REGION] = "region",
};

static const struct schema schemas[MARK_KINDS] = {
	[MARK_HOLD] = {"GIL held", "green", "GIL held", "{marker.data.line}",
		"From the moment a thread has the GIL until it gives it up.",
		{{"line", "Let go at", "unique-string"}, {"number", "Hold of the GIL", "integer"},
			{"asked", "Asked to let go before the end", "nanoseconds"},
			{"waiters", "Threads waiting at the end", "integer"}}},
	[MARK_WAIT] = {"GIL waited for", "orange", "Waiting for the GIL",
		"{marker.data.line}, behind {marker.data.thread}",
		"From a thread's attempt to take the GIL until it has it.",
		{{"line", "Waited at", "unique-string"}, {"thread", "Behind", "unique-string"},
			{"number", "Led to the hold", "integer"}}},
	[MARK_SWITCH] = {"Forced switch", "yellow", "Kept until another thread has the GIL",
		"{marker.data.line}",
		"The thread has let go on request and is kept until another has taken the GIL.",
		{{"line", "At", "unique-string"}, {"length", "It took", "nanoseconds"}}},
	[MARK_REQUEST] = {"Drop request", "red", "Drop request", "to {marker.data.thread}",
		"A waiter's switch interval ran out and it asks the holder to let go.",
		{{"thread", "Holder", "unique-string"},
			{"interval", "Switch interval", "microseconds"}}},
	[MARK_HANDOFF] = {"Handoff", "lightblue", "Handoff", "handoff",
		"The GIL is free while some thread waits for it.", {{NULL, NULL, NULL}}},
	[MARK_REGION] = {"Region", "purple", "{marker.name}", "{marker.name}",
		"A region that the program marked.", {{NULL, NULL, NULL}}},
};

void firefox_put_string(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			putc('\\', out);
		if (c < 0x20)
			fprintf(out, "\\u%04x", c);
		else
			putc(c, out);
	}
	putc('"', out);
}

void firefox_put_ms(FILE *out, uint64_t ns)
{
	fprintf(out, "%" PRIu64 ".%06" PRIu64, ns / 1000000, ns % 1000000);
}

static void put_fields(FILE *out, const struct field *fields)
{
	fputs(",\"fields\":[", out);
	for (int i = 0; fields[i].key; i++)
		fprintf(out, "%s{\"key\":\"%s\",\"label\":\"%s\",\"format\":\"%s\"}", i ? "," : "",
			fields[i].key, fields[i].label, fields[i].format);
	fputs("]}", out);
}

static void put_schemas(FILE *out)
{
	fputs("\"markerSchema\":[", out);
	for (int i = 0; i < MARK_KINDS; i++) {
		const struct schema *schema = &schemas[i];

		fprintf(out,
			"%s{\"name\":\"%s\",\"tooltipLabel\":\"%s\",\"tableLabel\":\"%s\","
			"\"chartLabel\":\"%s\",\"description\":\"%s\",\"display\":["
			"\"marker-chart\",\"marker-table\",\"timeline-overview\"]",
			i ? "," : "", firefox_types[i], schema->tooltip, schema->label,
			schema->label, schema->description);
		put_fields(out, schema->fields);
	}
	fputs("]", out);
}

static void put_categories(FILE *out)
{
	fputs("\"categories\":["
	      "{\"name\":\"Other\",\"color\":\"grey\",\"subcategories\":[\"Other\"]},"
	      "{\"name\":\"Python\",\"color\":\"green\",\"subcategories\":[\"Other\"]}",
		out);
	for (int i = 0; i < MARK_KINDS; i++)
		fprintf(out, ",{\"name\":\"%s\",\"color\":\"%s\",\"subcategories\":[\"Other\"]}",
			schemas[i].category, schemas[i].color);
	fputs("],", out);
}

/* What makes the figures doubtful stands where the profiler tells of the profile. */
static void put_doubts(FILE *out, const struct report *report)
{
	struct doubts doubts;

	doubts_init(&doubts, report);
	if (doubts.count)
		fputs(",\"extra\":[{\"label\":\"giltrace\",\"entries\":[", out);
	for (size_t i = 0; i < doubts.count; i++) {
		fprintf(out,
			"%s{\"label\":\"Doubt\",\"format\":\"string\",\"value\":", i ? "," : "");
		firefox_put_string(out, doubts.items[i].sentence);
		putc('}', out);
	}
	if (doubts.count)
		fputs("]}]", out);
	doubts_release(&doubts);
}

static void put_shown_lanes(const struct firefox *firefox)
{
	guint count = 0;

	for (guint i = 0; i < firefox->images->len; i++)
		count += ((const struct image *)g_ptr_array_index(firefox->images, i))->lanes->len;
	fputs("\"initialVisibleThreads\":[", firefox->out);
	for (guint i = 0; i < MIN(count, LANES_SHOWN); i++)
		fprintf(firefox->out, "%s%u", i ? "," : "", i);
	fputs("],", firefox->out);
}

void firefox_put_meta(const struct firefox *firefox, const struct report *report)
{
	FILE *out = firefox->out;
	const uint64_t length =
		firefox->end_ns > firefox->begin_ns ? firefox->end_ns - firefox->begin_ns : 0;

	fprintf(out,
		"{\"version\":%d,\"preprocessedProfileVersion\":%d,\"product\":\"giltrace\","
		"\"importedFrom\":\"giltrace\",\"interval\":1,\"processType\":0,\"stackwalk\":0,",
		VERSION_GECKO, VERSION_PROCESSED);
	/* The first event was written when what it tells of had just happened. */
	fputs("\"startTime\":", out);
	firefox_put_ms(out, report->begin_ns);
	fprintf(out, ",\"startTimeAsClockMonotonicNanosecondsSinceBoot\":%" PRIu64,
		firefox->begin_ns);
	fputs(",\"profilingStartTime\":0,\"profilingEndTime\":", out);
	firefox_put_ms(out, length);
	putc(',', out);
	fputs("\"symbolicated\":true,\"symbolicationNotSupported\":true,"
	      "\"usesOnlyOneStackType\":true,\"sourceCodeIsNotOnSearchfox\":true,"
	      "\"keepProfileThreadOrder\":true,",
		out);
	put_shown_lanes(firefox);
	put_categories(out);
	put_schemas(out);
	put_doubts(out, report);
	putc('}', out);
}

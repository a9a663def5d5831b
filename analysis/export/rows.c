/* A trace as tables; see rows.h. */
#include "export/rows.h"

#include <glib.h>

#include "base/utf8.h"

const struct table_shape rows_tables[TABLES] = {
	[TABLE_PROCESSES] = {"processes",
		{{"process", false}, {"pid", false}, {"ppid", false}, {"command", true},
			{"executable", true}, {"implementation", true}, {"version", true},
			{"ended", false}}},
	[TABLE_GILS] = {"gils",
		{{"gil", false}, {"process", false}, {"id", false}, {"interpreter", true},
			{"interval_us", false}, {"begin_ns", false}, {"end_ns", false},
			{"span_ns", false}, {"holds_known", false}, {"requests_known", false}}},
	[TABLE_THREADS] = {"threads",
		{{"thread", false}, {"gil", false}, {"tid", false}, {"name", true}, {"kind", true},
			{"begin_ns", false}, {"end_ns", false}}},
	[TABLE_SITES] = {"sites",
		{{"site", false}, {"process", false}, {"file", true}, {"line", false},
			{"function", true}, {"first_line", false}}},
	[TABLE_HOLDS] = {"holds",
		{{"hold", false}, {"gil", false}, {"thread", false}, {"site", false},
			{"number", false}, {"begin_ns", false}, {"end_ns", false},
			{"held_ns", false}, {"requested_ns", false}, {"waiters", false},
			{"counted", false}}},
	[TABLE_WAITS] = {"waits",
		{{"wait", false}, {"gil", false}, {"thread", false}, {"site", false},
			{"number", false}, {"begin_ns", false}, {"end_ns", false},
			{"yield_begin_ns", false}, {"yield_ns", false}, {"waited_ns", false},
			{"behind_thread", false}, {"behind_site", false}}},
	[TABLE_DROP_REQUESTS] = {"drop_requests",
		{{"drop_request", false}, {"gil", false}, {"sender", false}, {"receiver", false},
			{"at_ns", false}}},
	[TABLE_HANDOFFS] = {"handoffs",
		{{"handoff", false}, {"gil", false}, {"begin_ns", false}, {"end_ns", false}}},
	[TABLE_REGIONS] = {"regions",
		{{"region", false}, {"process", false}, {"tid", false}, {"name", true},
			{"begin_ns", false}, {"end_ns", false}}},
	[TABLE_BLAME] = {"blame", {{"blame", false}, {"gil", false}, {"waiter", false},
					  {"holder", false}, {"kind", true}, {"wait_ns", false}}},
};

/* A place, as `behind` refers to it. */
struct rows_place {
	uint64_t thread;
	struct cell site;
};

struct rows_gil {
	uint64_t id;
	uint32_t process; /* these two are the model's */
	uint32_t index;
	GArray *threads;   /* uint64_t, by index */
	GPtrArray *models; /* struct model_thread; these two NULL when it is done */
	GArray *places;	   /* struct rows_place, by index */
};

struct rows {
	struct row_sink sink;
	uint64_t count[TABLES];
	GPtrArray *gils;
};

static struct cell number(uint64_t value)
{
	return (struct cell){.known = value <= INT64_MAX, .number = (int64_t)value};
}

static struct cell text(const char *value)
{
	return (struct cell){.known = value && *value, .text = value};
}

static struct cell nothing(void)
{
	return (struct cell){0};
}

/* The first cell, which names the row, gets the next number of the table unless it is known. */
static void put(struct rows *rows, enum table table, struct cell *cells)
{
	char *valid[COLUMNS_MAX] = {NULL};

	if (!cells[0].known)
		cells[0] = number(++rows->count[table]);
	for (int i = 0; rows_tables[table].columns[i].name; i++) {
		if (!rows_tables[table].columns[i].text || !cells[i].known)
			continue;
		valid[i] = utf8_valid(cells[i].text);
		cells[i].text = valid[i];
	}
	rows->sink.row(rows->sink.user, table, cells);
	for (int i = 0; i < COLUMNS_MAX; i++)
		g_free(valid[i]);
}

static struct rows_gil *gil_of(const struct model_thread *thread)
{
	return thread->gil->timeline;
}

static struct cell thread_cell(const struct model_thread *thread)
{
	if (!thread)
		return nothing();
	return number(g_array_index(gil_of(thread)->threads, uint64_t, thread->index));
}

static void on_process_seen(void *user, struct model_process *process)
{
	(void)user;
	/* Numbers of lines there -> of their rows. */
	process->timeline = g_hash_table_new(NULL, NULL);
}

static void on_gil_seen(void *user, struct model_gil *model)
{
	struct rows *rows = user;
	struct rows_gil *gil = g_new0(struct rows_gil, 1);

	gil->id = ++rows->count[TABLE_GILS];
	gil->process = model->process->index;
	gil->index = model->index;
	gil->threads = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	gil->models = g_ptr_array_new();
	gil->places = g_array_new(FALSE, FALSE, sizeof(struct rows_place));
	model->timeline = gil;
	g_ptr_array_add(rows->gils, gil);
}

/* Threads get their rows when their names are final, but what refers to them comes before. */
static void on_thread_seen(void *user, struct model_thread *thread)
{
	struct rows *rows = user;
	uint64_t id = ++rows->count[TABLE_THREADS];

	g_array_append_val(gil_of(thread)->threads, id);
	g_ptr_array_add(gil_of(thread)->models, thread);
}

static struct cell site_cell(struct rows *rows, GHashTable *sites, uint32_t site)
{
	uint64_t id;

	if (site == SITE_UNKNOWN || site == MODEL_SITE_REST)
		return nothing();
	id = GPOINTER_TO_SIZE(g_hash_table_lookup(sites, GUINT_TO_POINTER(site)));
	if (!id) {
		id = ++rows->count[TABLE_SITES];
		g_hash_table_insert(sites, GUINT_TO_POINTER(site), GSIZE_TO_POINTER(id));
	}
	return number(id);
}

static void on_place_seen(void *user, struct model_place *place)
{
	struct rows_gil *gil = gil_of(place->thread);
	struct rows_place new = {
		.thread = g_array_index(gil->threads, uint64_t, place->thread->index),
		.site = site_cell(user, place->thread->gil->process->timeline, place->site),
	};

	g_array_append_val(gil->places, new);
}

static const struct rows_place *place_at(const struct rows_gil *gil, uint32_t index)
{
	return &g_array_index(gil->places, struct rows_place, index);
}

static void on_hold(void *user, struct model_place *place, const struct timeline_hold *hold)
{
	struct rows *rows = user;
	const struct rows_gil *gil = gil_of(place->thread);
	const struct rows_place *here = place_at(gil, place->index);
	bool whole = hold->begin_ns != EVENT_UNKNOWN && hold->end_ns != EVENT_UNKNOWN;
	struct cell cells[] = {nothing(), number(gil->id), number(here->thread), here->site,
		number(hold->number), number(hold->begin_ns), number(hold->end_ns),
		whole ? number(hold->held_ns) : nothing(), number(hold->requested_ns),
		number(hold->waiters), number(hold->counted)};

	put(rows, TABLE_HOLDS, cells);
}

static void on_wait(void *user, struct model_place *place, const struct timeline_wait *wait)
{
	struct rows *rows = user;
	const struct rows_gil *gil = gil_of(place->thread);
	const struct rows_place *here = place_at(gil, place->index), *behind = NULL;
	struct cell cells[] = {nothing(), number(gil->id), number(here->thread), here->site,
		wait->number ? number(wait->number) : nothing(), number(wait->begin_ns),
		number(wait->end_ns), wait->yield_ns ? number(wait->yield_begin_ns) : nothing(),
		number(wait->yield_ns),
		wait->begin_ns == EVENT_UNKNOWN && !wait->waited_ns ? nothing()
								    : number(wait->waited_ns),
		nothing(), nothing()};

	if (wait->behind != MODEL_HANDOFF && wait->behind != MODEL_UNKNOWN) {
		behind = place_at(gil, wait->behind);
		cells[10] = number(behind->thread);
		cells[11] = behind->site;
	}
	put(rows, TABLE_WAITS, cells);
}

static void on_drop_request(
	void *user, struct model_thread *sender, struct model_thread *receiver, uint64_t at_ns)
{
	struct rows *rows = user;
	struct cell cells[] = {nothing(), number(gil_of(sender)->id), thread_cell(sender),
		thread_cell(receiver), number(at_ns)};

	put(rows, TABLE_DROP_REQUESTS, cells);
}

static void on_handoff(void *user, struct model_gil *gil, uint64_t begin_ns, uint64_t end_ns)
{
	struct cell cells[] = {nothing(), number(((struct rows_gil *)gil->timeline)->id),
		number(begin_ns), number(end_ns)};

	put(user, TABLE_HANDOFFS, cells);
}

static void on_region(void *user, struct model_process *process, int32_t tid, const char *name,
	uint64_t begin_ns, uint64_t end_ns)
{
	struct cell cells[] = {nothing(), number(process->index + UINT64_C(1)),
		number((uint64_t)tid), text(name), number(begin_ns), number(end_ns)};

	put(user, TABLE_REGIONS, cells);
}

static void put_thread(struct rows *rows, const struct model_thread *thread)
{
	static const char *const kinds[] = {
		[THREAD_MAIN] = "main", [THREAD_PYTHON] = "python", [THREAD_NATIVE] = "native"};
	struct cell cells[] = {thread_cell(thread), number(gil_of(thread)->id),
		number((uint64_t)thread->tid), text(thread->name), text(kinds[thread->kind]),
		number(thread->begin_ns), number(thread->end_ns)};

	put(rows, TABLE_THREADS, cells);
}

static void on_gil_done(void *user, struct model_gil *model)
{
	static const char *const kinds[] = {[INTERPRETER_MAIN] = "main",
		[INTERPRETER_SUB] = "sub",
		[INTERPRETER_PYPY] = "pypy"};
	struct rows *rows = user;
	struct rows_gil *gil = model->timeline;
	struct cell cells[] = {number(gil->id), number(model->process->index + UINT64_C(1)),
		number(model->id), text(kinds[model->kind]),
		model->interval_us ? number(model->interval_us) : nothing(),
		number(model->begin_ns), number(model->end_ns), number(model->on_ns),
		number(model->kind != INTERPRETER_PYPY), number(model->detail != GIL_DETAIL_TIMES)};

	put(rows, TABLE_GILS, cells);
	for (guint i = 0; i < gil->models->len; i++)
		put_thread(rows, g_ptr_array_index(gil->models, i));
	g_ptr_array_free(gil->models, TRUE);
	g_array_free(gil->places, TRUE);
	gil->models = NULL;
	gil->places = NULL;
}

static void put_sites(struct rows *rows, const struct model_process *process)
{
	GHashTableIter iter;
	gpointer key, id;

	g_hash_table_iter_init(&iter, process->timeline);
	while (g_hash_table_iter_next(&iter, &key, &id)) {
		const struct model_site *site = model_site(process, GPOINTER_TO_UINT(key));
		struct cell cells[] = {number(GPOINTER_TO_SIZE(id)),
			number(process->index + UINT64_C(1)), nothing(), nothing(), nothing(),
			nothing()};

		if (site) {
			cells[2] = text(site->file);
			cells[3] = site->line ? number((uint64_t)site->line) : nothing();
			cells[4] = text(site->function);
			cells[5] =
				site->first_line ? number((uint64_t)site->first_line) : nothing();
		}
		put(rows, TABLE_SITES, cells);
	}
}

static void on_process_done(void *user, struct model_process *process)
{
	struct cell cells[] = {number(process->index + UINT64_C(1)), number((uint64_t)process->pid),
		process->ppid ? number((uint64_t)process->ppid) : nothing(), text(process->command),
		text(process->executable), text(process->implementation), text(process->version),
		number(process->exited)};

	put(user, TABLE_PROCESSES, cells);
	put_sites(user, process);
	g_hash_table_destroy(process->timeline);
}

struct rows *rows_begin(const struct row_sink *sink, struct model_timeline *timeline)
{
	struct rows *rows = g_new0(struct rows, 1);

	rows->sink = *sink;
	rows->gils = g_ptr_array_new();
	*timeline = (struct model_timeline){
		.process_seen = on_process_seen,
		.gil_seen = on_gil_seen,
		.thread_seen = on_thread_seen,
		.place_seen = on_place_seen,
		.hold = on_hold,
		.wait = on_wait,
		.handoff = on_handoff,
		.drop_request = on_drop_request,
		.region = on_region,
		.gil_done = on_gil_done,
		.process_done = on_process_done,
		.user = rows,
	};
	return rows;
}

static const struct rows_gil *find_gil(const struct rows *rows, uint32_t process, uint32_t index)
{
	for (guint i = 0; i < rows->gils->len; i++) {
		const struct rows_gil *gil = g_ptr_array_index(rows->gils, i);

		if (gil->process == process && gil->index == index)
			return gil;
	}
	return NULL;
}

static void put_blame(
	struct rows *rows, const struct rows_gil *gil, const struct gil_report *report)
{
	for (size_t i = 0; i < report->blame_count; i++) {
		const struct blame_report *blame = &report->blame[i];
		uint32_t waiter = report->threads[blame->waiter].index;
		struct cell cells[] = {nothing(), number(gil->id),
			number(g_array_index(gil->threads, uint64_t, waiter)), nothing(),
			text(blame->holder == BLAME_HANDOFF	 ? "handoff"
				: blame->holder == BLAME_UNKNOWN ? "unknown"
								 : "thread"),
			number(blame->wait_ns)};

		if (blame->holder >= 0)
			cells[3] = number(g_array_index(
				gil->threads, uint64_t, report->threads[blame->holder].index));
		put(rows, TABLE_BLAME, cells);
	}
}

void rows_end(struct rows *rows, const struct report *report)
{
	for (size_t i = 0; report && i < report->process_count; i++) {
		const struct process_report *process = &report->processes[i];

		for (size_t j = 0; j < process->gil_count; j++) {
			const struct rows_gil *gil =
				find_gil(rows, process->index, process->gils[j].index);

			if (gil)
				put_blame(rows, gil, &process->gils[j]);
		}
	}
	for (guint i = 0; i < rows->gils->len; i++) {
		struct rows_gil *gil = g_ptr_array_index(rows->gils, i);

		g_array_free(gil->threads, TRUE);
		g_free(gil);
	}
	g_ptr_array_free(rows->gils, TRUE);
	g_free(rows);
}

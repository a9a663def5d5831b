/* The story as JSON and packed numbers; see story_pack.h. */
#include "page/story_pack.h"

#include "render/json_build.h"

/* One GIL on its way into the page. */
struct packing {
	const struct story_gil *told;
	const struct gil_report *gil;
	GHashTable *sites; /* of the report, + 1, by site_key() */
	uint64_t base_ns;
	struct builder *builder;
	struct pack *pack;
};

static json_int_t since(uint64_t base_ns, uint64_t ns)
{
	return (json_int_t)(ns - base_ns);
}

static void append(struct builder *b, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value))
		b->failed = true;
}

static void append_pair(struct builder *b, json_t *array, json_int_t one, json_int_t other)
{
	json_t *pair = json_array();

	append(b, pair, json_integer(one));
	append(b, pair, json_integer(other));
	append(b, array, pair);
}

static char *site_key(enum site_kind kind, const char *file, const char *function, int32_t line)
{
	return g_strdup_printf("%d\n%d\n%s\n%s", (int)kind, line, file, function);
}

static void index_sites(struct packing *p)
{
	p->sites = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	for (size_t i = 0; i < p->gil->site_count; i++) {
		const struct site_report *site = &p->gil->sites[i];

		g_hash_table_insert(p->sites,
			site_key(site->kind, site->file, site->function, site->line),
			GSIZE_TO_POINTER(i + 1));
	}
}

static void put_places(const struct packing *p, json_t *object)
{
	json_t *places = put_array(p->builder, object, "places");

	for (guint i = 0; i < p->told->places->len; i++) {
		const struct story_place *place = g_ptr_array_index(p->told->places, i);
		char *key = site_key(place->kind, place->file, place->function, place->line);
		size_t found = GPOINTER_TO_SIZE(g_hash_table_lookup(p->sites, key));

		append_pair(p->builder, places, place->lane, (json_int_t)found - 1);
		g_free(key);
	}
}

static void put_lengths(
	const struct packing *p, json_t *object, const char *key, const uint64_t *buckets)
{
	json_t *array = put_array(p->builder, object, key);

	for (uint32_t i = 0; buckets && i < LENGTH_BUCKETS; i++)
		if (buckets[i])
			append_pair(p->builder, array, (json_int_t)story_length_least(i),
				(json_int_t)buckets[i]);
}

static int report_thread(const struct packing *p, uint32_t index)
{
	for (size_t i = 0; i < p->gil->thread_count; i++)
		if (p->gil->threads[i].index == index)
			return (int)i;
	return -1;
}

static void append_lane(const struct packing *p, json_t *array, const struct story_lane *lane)
{
	struct builder *b = p->builder;
	json_t *json = append_object(b, array);
	uint64_t first_ns = lane->cells->first << p->told->board->shift;

	put(b, json, "tid", json_integer(lane->tid));
	put_string(b, json, "name", lane->name);
	put(b, json, "thread", json_integer(report_thread(p, lane->index)));
	put(b, json, "begin", json_integer(since(p->base_ns, lane->begin_ns)));
	put(b, json, "end", json_integer(since(p->base_ns, lane->end_ns)));
	put(b, json, "first", json_integer(since(p->base_ns, first_ns)));
	put_integer(b, json, "buckets", lane->cells->count);
	put_lengths(p, json, "holds", lane->holds);
	put_lengths(p, json, "waits", lane->waits);
}

static void pack_lane(struct pack *pack, const struct cell_row *row)
{
	for (size_t i = 0; i < row->count; i++)
		pack_number(pack, row->cells[i].held_ns);
	for (size_t i = 0; i < row->count; i++)
		pack_number(pack, row->cells[i].wait_ns);
	for (size_t i = 0; i < row->count; i++)
		pack_number(pack, row->cells[i].holds);
	for (size_t i = 0; i < row->count; i++)
		pack_number(pack, row->cells[i].waits);
	for (size_t i = 0; i < row->count; i++)
		pack_number(pack, row->cells[i].requests);
}

/* The moments of one kind, which stay in the array of all. */
static GPtrArray *of_kind(const GArray *moments, enum moment_kind kind)
{
	GPtrArray *found = g_ptr_array_new();

	for (guint i = 0; i < moments->len; i++) {
		struct moment *moment = &g_array_index(moments, struct moment, i);

		if (moment->kind == kind)
			g_ptr_array_add(found, moment);
	}
	return found;
}

static uint64_t behind(uint32_t other)
{
	return other == MODEL_HANDOFF ? 0 : other == MODEL_UNKNOWN ? 1 : (uint64_t)other + 2;
}

enum field {
	FIELD_WHO,
	FIELD_BEGIN,
	FIELD_LENGTH,
	FIELD_ASKED,
	FIELD_WAITERS,
	FIELD_OTHER,
	FIELD_UNKNOWN
};

static void pack_field(const struct packing *p, const GPtrArray *moments, enum field field)
{
	uint64_t last_ns = p->base_ns;

	for (guint i = 0; i < moments->len; i++) {
		const struct moment *m = g_ptr_array_index(moments, i);

		switch (field) {
		case FIELD_WHO:
			pack_number(p->pack, m->who);
			break;
		case FIELD_BEGIN:
			pack_signed(p->pack, (int64_t)(m->begin_ns - last_ns));
			last_ns = m->kind == MOMENT_HOLD ? m->end_ns : m->begin_ns;
			break;
		case FIELD_LENGTH:
			pack_number(p->pack, m->end_ns - m->begin_ns);
			break;
		case FIELD_ASKED:
			pack_number(p->pack, m->requested_ns);
			break;
		case FIELD_WAITERS:
			pack_number(p->pack, m->waiters);
			break;
		case FIELD_OTHER:
			pack_number(p->pack, m->kind == MOMENT_WAIT	 ? behind(m->other)
					     : m->other == MODEL_UNKNOWN ? 0
									 : (uint64_t)m->other + 1);
			break;
		case FIELD_UNKNOWN:
			pack_number(p->pack, m->unknown);
			break;
		}
	}
}

static const struct {
	size_t count;
	enum field fields[6];
} layouts[MOMENT_KINDS] = {
	[MOMENT_HOLD] = {6,
		{FIELD_WHO, FIELD_BEGIN, FIELD_LENGTH, FIELD_ASKED, FIELD_WAITERS, FIELD_UNKNOWN}},
	[MOMENT_WAIT] = {5, {FIELD_WHO, FIELD_BEGIN, FIELD_LENGTH, FIELD_OTHER, FIELD_UNKNOWN}},
	[MOMENT_YIELD] = {3, {FIELD_WHO, FIELD_BEGIN, FIELD_LENGTH}},
	[MOMENT_REQUEST] = {3, {FIELD_WHO, FIELD_BEGIN, FIELD_OTHER}},
};

static void put_moments(const struct packing *p, json_t *object)
{
	GArray *kept = moments_kept(p->told->line), *windows = moments_windows(p->told->line);
	json_t *array = put_array(p->builder, object, "windows");

	put_integer(p->builder, object, "kept", kept->len);
	put_integer(p->builder, object, "left_out", moments_left_out(p->told->line));
	for (guint i = 0; i < windows->len; i++) {
		const struct moment_window *window =
			&g_array_index(windows, struct moment_window, i);

		append_pair(p->builder, array,
			since(p->base_ns, MAX(window->begin_ns, p->told->begin_ns)),
			since(p->base_ns, window->end_ns));
	}
	array = put_array(p->builder, object, "moments");
	for (int kind = 0; kind < MOMENT_KINDS; kind++) {
		GPtrArray *moments = of_kind(kept, (enum moment_kind)kind);

		append(p->builder, array, json_integer(moments->len));
		for (size_t i = 0; i < layouts[kind].count; i++)
			pack_field(p, moments, layouts[kind].fields[i]);
		g_ptr_array_free(moments, TRUE);
	}
	g_array_free(windows, TRUE);
	g_array_free(kept, TRUE);
}

static void put_gaps(const struct packing *p, json_t *object)
{
	const GArray *list = p->told->gaps.list;
	json_t *array = put_array(p->builder, object, "gaps");

	for (guint i = 0; i < list->len; i++) {
		const struct gap *gap = &g_array_index(list, struct gap, i);

		append_pair(p->builder, array, since(p->base_ns, gap->begin_ns),
			since(p->base_ns, gap->end_ns));
	}
}

static void put_gil(struct packing *p, json_t *json)
{
	json_t *lanes;

	index_sites(p);
	put(p->builder, json, "begin", json_integer(since(p->base_ns, p->told->begin_ns)));
	put(p->builder, json, "end", json_integer(since(p->base_ns, p->told->end_ns)));
	put_integer(p->builder, json, "bucket_ns", UINT64_C(1) << p->told->board->shift);
	put_gaps(p, json);
	put_places(p, json);
	put_moments(p, json);
	lanes = put_array(p->builder, json, "lanes");
	for (guint i = 0; i < p->told->lanes->len; i++) {
		const struct story_lane *lane = g_ptr_array_index(p->told->lanes, i);

		append_lane(p, lanes, lane);
		pack_lane(p->pack, lane->cells);
	}
	g_hash_table_destroy(p->sites);
}

static const struct story_gil *told_of(const struct story *story,
	const struct process_report *process, const struct gil_report *gil)
{
	for (guint i = 0; i < story->gils->len; i++) {
		const struct story_gil *told = g_ptr_array_index(story->gils, i);

		if (told->process == process->index && told->index == gil->index)
			return told;
	}
	return NULL;
}

static uint64_t first_ns(const struct story *story)
{
	uint64_t first = UINT64_MAX;

	for (guint i = 0; i < story->gils->len; i++)
		first = MIN(first,
			((const struct story_gil *)g_ptr_array_index(story->gils, i))->begin_ns);
	return story->gils->len ? first : 0;
}

json_t *story_pack(const struct story *story, const struct report *report, struct pack *pack)
{
	struct builder b = {false};
	json_t *root = json_object(), *gils;
	struct packing p = {.base_ns = first_ns(story), .builder = &b, .pack = pack};

	put_integer(&b, root, "base_ns", p.base_ns);
	gils = put_array(&b, root, "gils");
	for (size_t i = 0; i < report->process_count; i++) {
		const struct process_report *process = &report->processes[i];

		for (size_t k = 0; k < process->gil_count; k++) {
			json_t *json;

			p.gil = &process->gils[k];
			p.told = told_of(story, process, p.gil);
			if (!p.told)
				continue;
			json = append_object(&b, gils);
			put_integer(&b, json, "process", i);
			put_integer(&b, json, "gil", k);
			put_gil(&p, json);
		}
	}
	if (!b.failed)
		return root;
	json_decref(root);
	return NULL;
}

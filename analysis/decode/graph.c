/* The babeltrace2 graph that reads a trace; see graph.h. */
#include "decode/graph.h"

#include <babeltrace2/babeltrace.h>
#include <errno.h>
#include <string.h>

#include "decode/bt_error.h"

/* Of the live session's graph that runs: all that a signal handler can find. */
static bt_interrupter *_Atomic running;

struct graph {
	bt_graph *bt;
	GArray *ports;	  /* const bt_port_output *, borrowed: those that the sink gets */
	GArray *orders;	  /* uint64_t, of each of them: job->orders */
	GString *streams; /* all that there are */
	unsigned stream_count;
	struct graph_share share;
	struct sink_job *job;
};

const bt_component_class_source *graph_find_source(
	const char *name, const bt_plugin **plugin, struct error *error)
{
	const bt_component_class_source *class = NULL;

	if (bt_plugin_find("ctf", BT_TRUE, BT_TRUE, BT_TRUE, BT_TRUE, BT_FALSE, plugin) ==
		BT_PLUGIN_FIND_STATUS_OK)
		class = bt_plugin_borrow_source_component_class_by_name_const(*plugin, name);
	else
		*plugin = NULL;
	if (class)
		return class;
	bt_current_thread_clear_error();
	error_set(
		error, -ENOENT, "babeltrace2's plugin 'ctf', which reads traces, is not installed");
	error_next(error,
		"on Debian it is in the package libbabeltrace2-0; is BABELTRACE_PLUGIN_PATH set?");
	return NULL;
}

static bt_value *source_params(const GPtrArray *folders, bool live)
{
	bt_value *params = bt_value_map_create();
	bt_value *inputs = NULL;
	bool done = params && bt_value_map_insert_empty_array_entry(params, "inputs", &inputs) ==
				      BT_VALUE_MAP_INSERT_ENTRY_STATUS_OK;

	/* Otherwise a session that is destroyed would be waited for to come again. */
	if (done && live)
		done = bt_value_map_insert_string_entry(params, "session-not-found-action",
			       "end") == BT_VALUE_MAP_INSERT_ENTRY_STATUS_OK;
	for (guint i = 0; done && i < folders->len; i++)
		done = bt_value_array_append_string_element(
			       inputs, g_ptr_array_index(folders, i)) ==
		       BT_VALUE_ARRAY_APPEND_ELEMENT_STATUS_OK;
	if (!done)
		BT_VALUE_PUT_REF_AND_RESET(params);
	return params;
}

static int complain(struct error *error, const char *what)
{
	g_autofree char *reason = bt_error_take_reason();

	return error_set(error, -EIO, "%s: %s", what, reason ? reason : "it does not say why");
}

static bool is_own_stream(const struct graph *graph)
{
	return graph->share.whole || graph->stream_count % graph->share.of == graph->share.number;
}

/* Those of its share are kept for connect_ports(). */
static void add_ports(struct graph *graph, const bt_component_source *source, guint number)
{
	uint64_t count = bt_component_source_get_output_port_count(source);

	for (uint64_t i = 0; i < count; i++) {
		const bt_port_output *port =
			bt_component_source_borrow_output_port_by_index_const(source, i);
		uint64_t order = (uint64_t)number << 32 | i;

		g_string_append_printf(graph->streams, "%s\n",
			bt_port_get_name(bt_port_output_as_port_const(port)));
		if (is_own_stream(graph)) {
			g_array_append_val(graph->ports, port);
			g_array_append_val(graph->orders, order);
		}
		graph->stream_count++;
	}
}

/* `number`: of the trace. */
static int add_source(struct graph *graph, const bt_component_class_source *class,
	const GPtrArray *folders, guint number, struct error *error)
{
	g_autofree char *name = g_strdup_printf("source%u", number);
	bt_value *params = source_params(folders, graph->job->live);
	const bt_component_source *source;
	bool added = params &&
		     bt_graph_add_source_component(graph->bt, class, name, params,
			     BT_LOGGING_LEVEL_NONE, &source) == BT_GRAPH_ADD_COMPONENT_STATUS_OK;

	bt_value_put_ref(params);
	if (!added)
		return complain(error, "babeltrace2 cannot read it");
	add_ports(graph, source, number);
	return 0;
}

static int connect_ports(struct graph *graph, const bt_component_sink *sink, struct error *error)
{
	for (guint i = 0; i < graph->ports->len; i++)
		if (bt_graph_connect_ports(graph->bt,
			    g_array_index(graph->ports, const bt_port_output *, i),
			    bt_component_sink_borrow_input_port_by_index_const(sink, i),
			    NULL) != BT_GRAPH_CONNECT_PORTS_STATUS_OK)
			return complain(error, "babeltrace2 cannot connect its parts");
	return 0;
}

static bool is_own_trace(const struct graph *graph, guint i)
{
	return !graph->share.whole || i % graph->share.of == graph->share.number;
}

static int build(struct graph *graph, const bt_component_class_source *class, GPtrArray *traces,
	struct error *error)
{
	const bt_component_sink *sink;
	int code = 0;

	graph->bt = bt_graph_create(0);
	if (!graph->bt)
		return complain(error, "babeltrace2 cannot begin");
	for (guint i = 0; i < traces->len && code == 0; i++)
		if (is_own_trace(graph, i))
			code = add_source(graph, class, g_ptr_array_index(traces, i), i, error);
	if (code < 0)
		return code;
	graph->job->ports = graph->ports->len;
	graph->job->orders = (const uint64_t *)(void *)graph->orders->data;
	if (!sink_add(graph->job, graph->bt, &sink))
		return complain(error, "babeltrace2 cannot begin");
	return connect_ports(graph, sink, error);
}

static int new_graph(struct graph **result, const char *source, GPtrArray *traces,
	const struct graph_share *share, struct sink_job *job, struct error *error)
{
	const bt_component_class_source *class;
	const bt_plugin *plugin;
	struct graph *graph;
	int code;

	/* Its log goes to stderr; what matters comes back as an error. */
	bt_logging_set_global_level(BT_LOGGING_LEVEL_NONE);
	class = graph_find_source(source, &plugin, error);
	if (!class) {
		bt_plugin_put_ref(plugin);
		return -ENOENT;
	}
	graph = g_new0(struct graph, 1);
	graph->ports = g_array_new(FALSE, FALSE, sizeof(const bt_port_output *));
	graph->orders = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	graph->streams = g_string_new(NULL);
	graph->share = share ? *share : (struct graph_share){.of = 1};
	graph->job = job;
	code = build(graph, class, traces, error);
	bt_plugin_put_ref(plugin);
	if (code < 0) {
		graph_free(graph);
		return code;
	}
	*result = graph;
	return 0;
}

int graph_new(struct graph **graph, GPtrArray *traces, const struct graph_share *share,
	struct sink_job *job, struct error *error)
{
	return new_graph(graph, "fs", traces, share, job, error);
}

int graph_new_live(struct graph **graph, const char *url, struct sink_job *job, struct error *error)
{
	g_autoptr(GPtrArray) session = g_ptr_array_new();
	g_autoptr(GPtrArray) sessions = g_ptr_array_new();
	int code;

	g_ptr_array_add(session, (char *)url);
	g_ptr_array_add(sessions, session);
	job->live = true;
	code = new_graph(graph, "lttng-live", sessions, NULL, job, error);
	if (code < 0 && strstr(error->what, "CTF 2"))
		error_next(error, "create the session with --trace-format=ctf-1.8");
	return code;
}

void graph_interrupt(void)
{
	bt_interrupter *interrupter = running;

	if (interrupter)
		bt_interrupter_set(interrupter);
}

void graph_free(struct graph *graph)
{
	if (!graph)
		return;
	bt_graph_put_ref(graph->bt);
	g_array_unref(graph->ports);
	g_array_unref(graph->orders);
	g_string_free(graph->streams, TRUE);
	g_free(graph);
}

const char *graph_streams(const struct graph *graph)
{
	return graph->streams->str;
}

int graph_run(struct graph *graph, struct error *error)
{
	struct sink_job *job = graph->job;
	bt_graph_run_status status;

	/* A source without data streams leaves nothing to run. */
	if (job->ports == 0)
		return 0;
	if (job->live)
		running = bt_graph_borrow_default_interrupter(graph->bt);
	do
		status = bt_graph_run(graph->bt);
	while (status == BT_GRAPH_RUN_STATUS_AGAIN && job->wait && job->wait(job->user));
	if (job->live)
		running = NULL;
	/* Left with AGAIN by a wish to end: what has come is all that is wanted. */
	if (status == BT_GRAPH_RUN_STATUS_OK || status == BT_GRAPH_RUN_STATUS_AGAIN)
		return 0;
	if (job->code < 0) {
		bt_current_thread_clear_error();
		*error = job->error;
		return job->code;
	}
	return complain(error, "babeltrace2 cannot read it");
}

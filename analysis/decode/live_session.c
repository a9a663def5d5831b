/* The live sessions of an LTTng relay daemon; see live_session.h. */
#include "decode/live_session.h"

#include <babeltrace2/babeltrace.h>
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "decode/bt_error.h"
#include "decode/graph.h"

/* Names of sessions in a message. */
enum { NAMES_SHOWN = 4 };

static const char *const schemes[] = {"net://", "net4://", "net6://"};

bool live_session_is_url(const char *path)
{
	return strstr(path, "://") != NULL;
}

/* Where the host begins; NULL when the scheme is none of LTTng's. */
static const char *host_of(const char *url)
{
	for (size_t i = 0; i < G_N_ELEMENTS(schemes); i++)
		if (g_str_has_prefix(url, schemes[i]))
			return url + strlen(schemes[i]);
	return NULL;
}

/* "/host/TARGET/SESSION", NULL when that is not what stands behind the host. */
static const char *name_of(const char *url)
{
	const char *path = strchr(host_of(url), '/');
	const char *session;

	if (!path || !g_str_has_prefix(path, "/host/"))
		return NULL;
	session = strchr(path + strlen("/host/"), '/');
	return session && session[1] && !strchr(session + 1, '/') ? path : NULL;
}

static bt_value *url_params(const char *url)
{
	bt_value *params = bt_value_map_create();

	if (params && bt_value_map_insert_string_entry(params, "url", url) !=
			      BT_VALUE_MAP_INSERT_ENTRY_STATUS_OK)
		BT_VALUE_PUT_REF_AND_RESET(params);
	return params;
}

/* What source.ctf.lttng-live answers; NULL without an answer. */
static const bt_value *query(const bt_component_class_source *class, const char *url)
{
	bt_value *params = url_params(url);
	bt_query_executor *executor =
		params ? bt_query_executor_create(
				 bt_component_class_source_as_component_class_const(class),
				 "sessions", params)
		       : NULL;
	const bt_value *answer = NULL;

	if (executor &&
		bt_query_executor_query(executor, &answer) != BT_QUERY_EXECUTOR_QUERY_STATUS_OK)
		answer = NULL;
	bt_query_executor_put_ref(executor);
	bt_value_put_ref(params);
	return answer;
}

static int complain_silence(const char *url, struct error *error)
{
	g_autofree char *reason = bt_error_take_reason();
	const char *host = host_of(url);

	error_set(error, -ECONNREFUSED, "no LTTng relay daemon answers at '%.*s'%s%s",
		(int)strcspn(host, "/"), host, reason ? ": " : "", reason ? reason : "");
	error_next(error,
		"does lttng-relayd run there? from other hosts it takes viewers only with "
		"--live-port=tcp://0.0.0.0:5344");
	return -ECONNREFUSED;
}

/* The sessions there are as "net://…", joined; caller frees. */
static char *list_sessions(const bt_value *sessions)
{
	GString *list = g_string_new(NULL);
	uint64_t count = bt_value_array_get_length(sessions);

	for (uint64_t i = 0; i < count && i < NAMES_SHOWN; i++) {
		const bt_value *url = bt_value_map_borrow_entry_value_const(
			bt_value_array_borrow_element_by_index_const(sessions, i), "url");

		g_string_append_printf(list, "%s%s", i ? ", " : "", bt_value_string_get(url));
	}
	if (count > NAMES_SHOWN)
		g_string_append_printf(list, " and %u more", (unsigned)count - NAMES_SHOWN);
	return g_string_free(list, FALSE);
}

static bool has_session(const bt_value *sessions, const char *name)
{
	uint64_t count = bt_value_array_get_length(sessions);

	for (uint64_t i = 0; i < count; i++) {
		const bt_value *url = bt_value_map_borrow_entry_value_const(
			bt_value_array_borrow_element_by_index_const(sessions, i), "url");

		if (g_str_has_suffix(bt_value_string_get(url), name))
			return true;
	}
	return false;
}

static int judge(const bt_value *sessions, const char *url, struct error *error)
{
	g_autofree char *list = list_sessions(sessions);
	const char *name = name_of(url);

	if (name && has_session(sessions, name))
		return 0;
	if (name)
		error_set(error, -ENOENT, "there is no live session '%s'", url);
	else
		error_set(error, -EINVAL,
			"which live session? '%s' is no net://HOST[:PORT]/host/TARGET/SESSION",
			url);
	if (*list)
		error_next(error, "there is %.480s", list);
	else
		error_next(error,
			"the relay daemon has none: it is made by 'lttng create NAME --live "
			"--set-url=net://HOST'");
	return name ? -ENOENT : -EINVAL;
}

int live_session_check(const char *url, struct error *error)
{
	const bt_component_class_source *class;
	const bt_plugin *plugin = NULL;
	const bt_value *sessions;
	const char *host = host_of(url);
	int code = -ENOENT;

	if (!host || !*host || *host == '/') {
		error_set(error, -EINVAL, "'%s' is no live session of LTTng", url);
		error_next(error, "that is net://HOST[:PORT]/host/TARGET/SESSION");
		return -EINVAL;
	}
	bt_logging_set_global_level(BT_LOGGING_LEVEL_NONE);
	class = graph_find_source("lttng-live", &plugin, error);
	if (class) {
		g_autofree char *relay = g_strndup(url, (size_t)(host - url) + strcspn(host, "/"));

		sessions = query(class, relay);
		code = sessions ? judge(sessions, url, error) : complain_silence(url, error);
		bt_value_put_ref(sessions);
	}
	bt_plugin_put_ref(plugin);
	return code;
}

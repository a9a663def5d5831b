/* The parts of the JSON report that speak of lines; see json_lines.h. */
#include "render/json_lines.h"

static void put_figures(struct builder *b, json_t *object, const struct site_figures *figures)
{
	put_integer(b, object, "held_ns", figures->held_ns);
	put_integer(b, object, "wait_ns", figures->wait_ns);
	put_integer(b, object, "count", figures->holds);
	put_integer(b, object, "hold_max_ns", figures->hold_max_ns);
	put_integer(b, object, "wait_count", figures->waits);
	put_integer(b, object, "wait_max_ns", figures->wait_max_ns);
	put_integer(b, object, "blocked_ns", figures->blocked_ns);
}

void json_lines_put_thread(struct builder *b, json_t *object, const struct thread_report *thread)
{
	json_t *sites = put_array(b, object, "sites");

	for (size_t i = 0; i < thread->site_count; i++) {
		json_t *json = append_object(b, sites);

		put_index(b, json, "site", thread->sites[i].site);
		put_figures(b, json, &thread->sites[i].figures);
	}
}

static void append_site(struct builder *b, json_t *array, const struct site_report *site)
{
	static const char *const kinds[] = {
		[SITE_LINE] = "line", [SITE_NOT_KNOWN] = "unknown", [SITE_REST] = "rest"};
	json_t *json = append_object(b, array);
	bool known = site->kind == SITE_LINE;

	put_string(b, json, "kind", kinds[site->kind]);
	if (known) {
		put_string(b, json, "file", site->file);
		put_integer(b, json, "line", site->line ? (uint64_t)site->line : FIGURE_UNKNOWN);
		put_string(b, json, "function", site->function);
		put_integer(b, json, "first_line",
			site->first_line ? (uint64_t)site->first_line : FIGURE_UNKNOWN);
	} else {
		put(b, json, "file", json_null());
		put(b, json, "line", json_null());
		put(b, json, "function", json_null());
		put(b, json, "first_line", json_null());
	}
	put_figures(b, json, &site->figures);
}

static void append_blame(struct builder *b, json_t *array, const struct gil_report *gil,
	const struct line_blame_report *blame)
{
	json_t *json = append_object(b, array);

	put_tid(b, json, "waiter", gil, blame->waiter);
	put_index(b, json, "waiter_site", blame->waiter_site);
	put_holder(b, json, gil, blame->holder);
	put_index(b, json, "holder_site", blame->holder_site);
	put_integer(b, json, "wait_ns", blame->wait_ns);
}

void json_lines_put_gil(struct builder *b, json_t *object, const struct gil_report *gil)
{
	json_t *sites = put_array(b, object, "sites"), *blame;

	for (size_t i = 0; i < gil->site_count; i++)
		append_site(b, sites, &gil->sites[i]);
	blame = put_array(b, object, "line_blame");
	for (size_t i = 0; i < gil->line_blame_count; i++)
		append_blame(b, blame, gil, &gil->line_blame[i]);
}

void json_lines_put_unavailable(
	struct builder *b, json_t *object, const struct process_report *process)
{
	static const char *const facilities[] = {
		[FACILITY_SITES] = "sites", [FACILITY_STACKS] = "stacks"};
	json_t *array = put_array(b, object, "unavailable");

	for (size_t i = 0; i < process->unavailable_count; i++) {
		json_t *json = append_object(b, array);

		put_string(b, json, "facility", facilities[process->unavailable[i].facility]);
		put_string(b, json, "reason", process->unavailable[i].reason);
	}
}

/* One LTTng session; see session.h. */
#include "record/session.h"

#include <errno.h>
#include <inttypes.h>
#include <lttng/lttng.h>
#include <lttng/tracker.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "record/process.h"

#define CHANNEL "giltrace"
#define EVENTS "giltrace:*"

enum { POLL_FIRST_MS = 1, POLL_LAST_MS = 50 };

/* What a relay daemon keeps of the data of each CPU: viewers that fall behind by more lose some. */
enum { LIVE_FILES = 4 };
static const uint64_t live_file_bytes = UINT64_C(16) << 20;

/* Every failure of liblttng-ctl is an -EIO with its words; `code` is its negative error. */
static int set_error(struct error *error, int code, const char *what)
{
	return error_set(error, -EIO, "cannot %s: LTTng: %s", what, lttng_strerror(code));
}

/* Takes the descriptor; `output` is what it was made for. */
static int create(
	struct lttng_session_descriptor *descriptor, const char *output, struct error *error)
{
	enum lttng_error_code code;

	if (!descriptor)
		return error_set(
			error, -ENOMEM, "cannot describe an LTTng session for '%s'", output);
	code = lttng_create_session_ext(descriptor);
	lttng_session_descriptor_destroy(descriptor);
	if (code == LTTNG_OK)
		return 0;
	return set_error(error, -(int)code, "create a session");
}

/*
 * Timers stay 0: data moves when a sub-buffer is full and when the session stops, nothing wakes up
 * in between. Of a live session LTTng sets them.
 */
static int add_channel(struct lttng_handle *handle, struct lttng_domain *domain,
	const struct buffers *buffers, bool live, struct error *error)
{
	struct lttng_channel *channel = lttng_channel_create(domain);
	int code;

	if (!channel)
		return error_set(error, -ENOMEM, "cannot describe an LTTng channel");
	snprintf(channel->name, sizeof(channel->name), CHANNEL);
	channel->enabled = 1;
	channel->attr.overwrite = 0;
	channel->attr.subbuf_size = buffers->piece_bytes;
	channel->attr.num_subbuf = buffers->pieces;
	channel->attr.switch_timer_interval = 0;
	channel->attr.read_timer_interval = 0;
	channel->attr.output = LTTNG_EVENT_MMAP;
	if (live) {
		channel->attr.tracefile_size = MAX(live_file_bytes, buffers->piece_bytes);
		channel->attr.tracefile_count = LIVE_FILES;
	}
	code = lttng_enable_channel(handle, channel);
	lttng_channel_destroy(channel);
	return code < 0 ? set_error(error, code, "create a channel") : 0;
}

static int add_events(struct lttng_handle *handle, struct error *error)
{
	struct lttng_event *event = lttng_event_create();
	int code;

	if (!event)
		return error_set(error, -ENOMEM, "cannot describe LTTng events");
	event->type = LTTNG_EVENT_TRACEPOINT;
	event->loglevel_type = LTTNG_EVENT_LOGLEVEL_ALL;
	event->loglevel = -1;
	snprintf(event->name, sizeof(event->name), EVENTS);
	code = lttng_enable_event(handle, event, CHANNEL);
	lttng_event_destroy(event);
	return code < 0 ? set_error(error, code, "enable the events " EVENTS) : 0;
}

static bool include_all(struct lttng_process_attr_tracker_handle *tracker, const GArray *only)
{
	if (lttng_process_attr_tracker_handle_set_tracking_policy(
		    tracker, LTTNG_TRACKING_POLICY_INCLUDE_SET) !=
		LTTNG_PROCESS_ATTR_TRACKER_HANDLE_STATUS_OK)
		return false;
	for (guint i = 0; i < only->len; i++) {
		enum lttng_process_attr_tracker_handle_status status =
			lttng_process_attr_virtual_process_id_tracker_handle_add_pid(
				tracker, g_array_index(only, pid_t, i));

		if (status != LTTNG_PROCESS_ATTR_TRACKER_HANDLE_STATUS_OK)
			return false;
	}
	return true;
}

/* The others are not even told of the session: their flag stays off. */
int session_restrict(struct session *session, const GArray *only, struct error *error)
{
	struct lttng_process_attr_tracker_handle *tracker = NULL;
	enum lttng_error_code code = lttng_session_get_tracker_handle(
		session->name, LTTNG_DOMAIN_UST, LTTNG_PROCESS_ATTR_VIRTUAL_PROCESS_ID, &tracker);
	bool done;

	if (code != LTTNG_OK)
		return set_error(error, -(int)code, "restrict the session to some processes");
	done = include_all(tracker, only);
	lttng_process_attr_tracker_handle_destroy(tracker);
	return done ? 0 : error_set(error, -EIO, "cannot restrict the session to some processes");
}

static int set_up(
	struct session *session, const struct buffers *buffers, bool live, struct error *error)
{
	struct lttng_domain domain = {
		.type = LTTNG_DOMAIN_UST,
		.buf_type = buffers->shared ? LTTNG_BUFFER_PER_UID : LTTNG_BUFFER_PER_PID,
	};
	int code;

	session->handle = lttng_create_handle(session->name, &domain);
	if (!session->handle)
		return error_set(error, -ENOMEM, "cannot reach session '%s'", session->name);
	code = add_channel(session->handle, &domain, buffers, live, error);
	if (code == 0)
		code = add_events(session->handle, error);
	return code;
}

static int make_name(struct session *session, struct error *error)
{
	uint32_t salt = 0;

	memset(session, 0, sizeof(*session));
	if (getrandom(&salt, sizeof(salt), 0) != sizeof(salt))
		return error_set(error, -EIO, "cannot get a random number");
	snprintf(session->name, sizeof(session->name), SESSION_PREFIX "%d-%08" PRIx32,
		(int)getpid(), salt);
	return 0;
}

/* Of one that could not be set up, or started. */
static void withdraw(struct session *session)
{
	lttng_destroy_session_no_wait(session->name);
	if (session->handle)
		lttng_destroy_handle(session->handle);
	session->handle = NULL;
}

int session_start(struct session *session, const char *folder, const struct buffers *buffers,
	const GArray *only, struct error *error)
{
	int code = make_name(session, error);

	if (code == 0)
		code = create(lttng_session_descriptor_local_create(session->name, folder), folder,
			error);
	if (code < 0)
		return code;
	code = set_up(session, buffers, false, error);
	if (code == 0 && only)
		code = session_restrict(session, only, error);
	if (code == 0)
		code = session_resume(session, error);
	if (code < 0)
		withdraw(session);
	return code;
}

/* babeltrace2 up to 2.1 reads nothing else live, and LTTng up to 2.14 writes nothing else. */
static void choose_format(struct lttng_session_descriptor *descriptor)
{
#ifdef GILTRACE_HAVE_TRACE_FORMAT
	if (descriptor)
		lttng_session_descriptor_set_trace_format(descriptor, LTTNG_TRACE_FORMAT_CTF_1_8);
#else
	(void)descriptor;
#endif
}

int session_prepare_live(struct session *session, const char *output, const struct buffers *buffers,
	struct error *error)
{
	struct lttng_session_descriptor *descriptor;
	int code = make_name(session, error);

	if (code < 0)
		return code;
	descriptor = lttng_session_descriptor_live_network_create(
		session->name, output, NULL, SESSION_LIVE_US);
	choose_format(descriptor);
	code = create(descriptor, output, error);
	if (code < 0)
		return code;
	code = set_up(session, buffers, true, error);
	if (code < 0)
		withdraw(session);
	return code;
}

int session_resume(struct session *session, struct error *error)
{
	int code = lttng_start_tracing(session->name);

	if (code < 0)
		return set_error(error, code, "start tracing");
	session->running = true;
	return 0;
}

int session_retell(struct session *session, struct error *error)
{
	int code = lttng_regenerate_statedump(session->name);

	return code < 0 ? set_error(error, code, "ask processes what they are") : 0;
}

int session_stop(struct session *session, struct error *error)
{
	int code;

	/*
	 * As if it started: for that the preloaded library writes what it has kept back
	 * (shim/lifecycle.c). It has done so by the time that LTTng has told it of the
	 * stop, which comes the same way. One that does not answer is not worth failing.
	 */
	lttng_regenerate_statedump(session->name);
	code = lttng_stop_tracing_no_wait(session->name);
	session->running = false;
	if (code < 0 && code != -LTTNG_ERR_TRACE_ALREADY_STOPPED)
		return set_error(error, code, "stop tracing");
	return 0;
}

static int wait_for_data(const char *name, int (*give_up)(void), struct error *error)
{
	int pause_ms = POLL_FIRST_MS;
	int pending;

	while ((pending = lttng_data_pending(name)) > 0) {
		const struct timespec pause = {0, pause_ms * 1000000L};

		if (give_up && give_up())
			return error_set(
				error, -EINTR, "interrupted while LTTng was writing the trace");
		nanosleep(&pause, NULL);
		pause_ms = pause_ms < POLL_LAST_MS ? pause_ms * 2 : POLL_LAST_MS;
	}
	return pending < 0 ? set_error(error, pending, "wait for the trace") : 0;
}

int session_pause(struct session *session, struct error *error)
{
	int code = session_stop(session, error);

	return code < 0 ? code : wait_for_data(session->name, NULL, error);
}

static void ask_loss(struct lttng_handle *handle, struct session_loss *loss)
{
	struct lttng_channel *channels = NULL;
	int count = lttng_list_channels(handle, &channels);

	for (int i = 0; i < count; i++) {
		uint64_t events = 0;
		uint64_t packets = 0;

		lttng_channel_get_discarded_event_count(&channels[i], &events);
		lttng_channel_get_lost_packet_count(&channels[i], &packets);
		loss->events += events;
		loss->packets += packets;
	}
	free(channels);
}

static int release(
	struct session *session, int code, struct session_loss *loss, struct error *error)
{
	int gone;

	memset(loss, 0, sizeof(*loss));
	ask_loss(session->handle, loss);
	/* All data is written: the rest of the destruction, half a second of housekeeping, needs no
	 * waiting for. */
	gone = lttng_destroy_session_no_wait(session->name);
	lttng_destroy_handle(session->handle);
	session->handle = NULL;
	if (code == 0 && gone < 0)
		code = set_error(error, gone, "destroy the session");
	return code;
}

int session_finish(struct session *session, int (*give_up)(void), struct session_loss *loss,
	struct error *error)
{
	int code = session->running ? session_stop(session, error) : 0;

	if (code == 0)
		code = wait_for_data(session->name, give_up, error);
	return release(session, code, loss, error);
}

int session_let_go(struct session *session, struct session_loss *loss, struct error *error)
{
	int code = session->running ? session_stop(session, error) : 0;

	return release(session, code, loss, error);
}

/* Whether a name is that of a recording process that no longer exists. */
static bool is_orphan(const char *name)
{
	int pid;

	return sscanf(name, SESSION_PREFIX "%d-", &pid) == 1 && pid > 0 && process_is_gone(pid);
}

int session_sweep(void)
{
	struct lttng_session *sessions = NULL;
	int count = lttng_list_sessions(&sessions);
	int left = count;

	for (int i = 0; i < count; i++)
		if (is_orphan(sessions[i].name) &&
			lttng_destroy_session_no_wait(sessions[i].name) >= 0)
			left--;
	free(sessions);
	return left < 0 ? -1 : left;
}

/* A live session of our own; see live_source.h. */
#include "record/live_source.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "record/buffers.h"
#include "record/preload.h"
#include "record/primer.h"

/* For a fifth of a second of each CPU (SESSION_LIVE_US), and as much again for a reader that is
 * late. */
static const uint64_t best_buffer = UINT64_C(16) << 20;

static int make_run_id(struct live_source *source, struct error *error)
{
	uint64_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return error_set(error, -EIO, "cannot get a random number");
	snprintf(source->run, sizeof(source->run), "%016" PRIx64, id);
	source->selection.run = source->run;
	return 0;
}

/* Some of several may be missing; what is there is worth a look. */
static int await_processes(struct live_source *source, struct error *error)
{
	int code = attach_await(&source->attach, &source->daemon, error);

	if (code == -EINTR)
		source->asked_to_end = source->attach.interrupted;
	if (code != -ETIMEDOUT)
		return code;
	if (source->options->attach->pid_count && source->attach.registered->len == 0)
		return code;
	source->warning = *error;
	return 0;
}

/* Of processes of a user that share their buffers: what describes the events is one then. */
static int prepare_session(struct live_source *source, struct error *error)
{
	g_autofree char *output = relay_output(&source->relay);
	uint64_t wanted = source->options->buffer_bytes;
	struct buffers buffers;
	int code = buffers_choose(&buffers, true, wanted ? wanted : best_buffer, UINT64_MAX, error);

	if (code == -ENOSPC && !wanted)
		code = buffers_choose(&buffers, true, 0, UINT64_MAX, error);
	if (code == 0)
		code = session_prepare_live(&source->session, output, &buffers, error);
	return code;
}

static int prime(struct live_source *source, struct error *error)
{
	int code = session_resume(&source->session, error);

	if (code == 0)
		code = primer_run(source->library, source->daemon.home.lttng_home, error);
	return code < 0 ? code : session_pause(&source->session, error);
}

static int restrict_session(struct live_source *source, struct error *error)
{
	const struct attach_options *attach = source->options->attach;

	if (!attach || !attach->pid_count)
		return 0;
	source->selection.pids = (const int32_t *)(void *)source->attach.family->data;
	source->selection.pid_count = source->attach.family->len;
	source->selection.descendants = attach->descendants;
	/* LTTng has no word for descendants: where they are wanted, all are traced. */
	return attach->descendants
		       ? 0
		       : session_restrict(&source->session, source->attach.family, error);
}

int live_source_open(struct live_source *source, const struct live_options *options,
	const struct signals *signals, struct error *error)
{
	int code;

	memset(source, 0, sizeof(*source));
	source->options = options;
	source->signals = signals;
	code = options->attach ? attach_open(&source->attach, options->attach, error)
			       : make_run_id(source, error);
	if (code == 0)
		code = preload_find(&source->library, error);
	if (code == 0)
		code = daemon_join(&source->daemon, error);
	source->joined = code == 0;
	if (code == 0 && options->attach)
		code = await_processes(source, error);
	if (code == 0)
		code = relay_start(&source->relay, error);
	if (code == 0)
		code = prepare_session(source, error);
	if (code == 0)
		code = prime(source, error);
	if (code == 0)
		code = restrict_session(source, error);
	if (code == 0)
		source->url = relay_url(&source->relay, source->session.name);
	return code;
}

static int start_command(struct live_source *source, struct error *error)
{
	const struct live_options *options = source->options;
	g_autofree char *preload = preload_join(source->library, getenv("LD_PRELOAD"));
	const struct child_environment environment = {
		.preload = preload,
		.run = source->run,
		.lttng_home = source->daemon.home.lttng_home,
		.only_command = options->only_command,
		.detail = options->detail,
		.streams = options->streams,
	};
	int code = child_start(&source->child, options->program, options->command, &environment,
		source->signals, false, error);

	if (code < 0)
		return code == -EAGAIN || code == -ENOMEM ? code : -ENOEXEC;
	source->ran = true;
	return 0;
}

int live_source_begin(struct live_source *source, struct error *error)
{
	int code = session_resume(&source->session, error);

	if (code < 0)
		return code;
	if (!source->options->attach)
		return start_command(source, error);
	code = attach_begin(&source->attach, source->signals, error);
	source->ran = code == 0;
	return code;
}

bool live_source_over(struct live_source *source, int timeout_ms)
{
	if (source->ended)
		return true;
	if (source->options->attach) {
		bool over = attach_over(&source->attach, source->signals, timeout_ms);

		source->ended = source->options->attach->pid_count && !source->attach.alive;
		return over;
	}
	if (!child_wait(&source->child, source->signals, timeout_ms))
		return false;
	source->ended = true;
	source->status = child_status(&source->child);
	source->signal = child_signal(&source->child);
	return true;
}

int live_source_end(struct live_source *source, struct error *error)
{
	struct session_loss loss;
	int code;

	if (!source->session.handle)
		return 0;
	code = session_let_go(&source->session, &loss, error);
	source->lost_events = loss.events;
	return code;
}

int live_source_close(struct live_source *source, struct error *error)
{
	struct error found;
	int code = live_source_end(source, error);

	if (relay_end(&source->relay, &found) < 0 && code == 0) {
		*error = found;
		code = -EIO;
	}
	if (source->joined && daemon_leave(&source->daemon, &found) < 0 && code == 0) {
		*error = found;
		code = -EIO;
	}
	if (source->options->attach)
		attach_close(&source->attach);
	g_clear_pointer(&source->url, g_free);
	free(source->library);
	source->library = NULL;
	return code;
}

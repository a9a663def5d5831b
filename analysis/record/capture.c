/* One recording from beginning to end; see capture.h. */
#include "record/capture.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "record/buffers.h"
#include "record/child.h"
#include "record/daemon.h"
#include "record/inspect.h"
#include "record/intact.h"
#include "record/manifest.h"
#include "record/preload.h"
#include "record/session.h"
#include "record/signals.h"

#define MIB (UINT64_C(1) << 20)

/* Looking at the disk: often when little is left of it, rarely otherwise. */
enum { WATCH_CLOSELY_MS = 20, WATCH_MS = 500 };
static const uint64_t little_disk = 2048 * MIB;
static const uint64_t least_disk = 4 * MIB;

/* What is under way, from the inside out. */
struct work {
	const struct capture_options *options;
	struct capture *capture;
	const struct signals *signals;
	struct daemon daemon;
	struct session session;
	struct buffers buffers;
	struct child child;
	struct attach attach;
	char *library;
	uint64_t disk_reserve; /* bytes that must stay free for what is in the buffers */
	bool stopped_early;
	bool crowded;  /* there was no room for the buffers of another process */
	bool damaged;  /* LTTng could not write all of the trace */
	bool manifest; /* written: what is in the folder is ours */
};

/* The next free warning; the last one is used again when there are too many. */
static struct error *warning(struct capture *capture)
{
	if (capture->warning_count < CAPTURE_WARNINGS)
		capture->warning_count++;
	return &capture->warnings[capture->warning_count - 1];
}

static int make_run_id(char *run, size_t size, struct error *error)
{
	uint64_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return error_set(error, -EIO, "cannot get a random number");
	snprintf(run, size, "%016" PRIx64, id);
	return 0;
}

static int choose_buffers(struct work *work, struct error *error)
{
	uint64_t free_bytes = buffers_free_bytes(work->capture->folder.path);
	int code = buffers_choose(&work->buffers, work->options->shared_buffers,
		work->options->buffer_bytes, free_bytes, error);

	if (code < 0)
		return code;
	if (free_bytes < least_disk) {
		error_set(error, -ENOSPC, "cannot record to '%s': no space left on its disk",
			work->capture->folder.path);
		error_next(error, "name a folder on another disk with -o");
		return -ENOSPC;
	}
	work->disk_reserve = buffers_at_most(&work->buffers) + MIN(64 * MIB, free_bytes / 4);
	work->disk_reserve = MIN(work->disk_reserve, free_bytes / 2);
	return 0;
}

/*
 * A full disk would cost the end of every stream and the metadata, without
 * which nothing can be read. So recording ends while there is room for what the
 * buffers hold. Takes note, too, when /dev/shm is full. Returns when to look again, in ms.
 */
static int watch_room(struct work *work)
{
	uint64_t free_bytes = buffers_free_bytes(work->capture->folder.path);

	work->crowded = work->crowded || buffers_exhausted(&work->buffers);
	if (work->stopped_early)
		return WATCH_MS;
	if (free_bytes < work->disk_reserve) {
		struct error *found = warning(work->capture);

		work->stopped_early = true;
		if (session_stop(&work->session, found) < 0)
			return WATCH_MS;
		error_set(found, -ENOSPC,
			"the disk of '%s' is nearly full: recording stopped before %s",
			work->capture->folder.path,
			work->options->attach ? "its time" : "the command ended");
		error_next(found, "the trace is readable up to there; free some space or choose "
				  "another disk with -o");
	}
	return free_bytes < little_disk ? WATCH_CLOSELY_MS : WATCH_MS;
}

static int run_command(struct work *work, struct error *error)
{
	const struct capture_options *options = work->options;
	g_autofree char *preload = preload_join(work->library, getenv("LD_PRELOAD"));
	const struct child_environment environment = {
		.preload = preload,
		.run = work->capture->run,
		.lttng_home = work->daemon.home.lttng_home,
		.only_command = options->only_command,
		.detail = options->detail,
	};
	int number = signals_asked_to_end();
	int code;

	if (number) {
		work->capture->status = 128 + number;
		return error_set(error, -EINTR,
			"stopped by signal %d (%s) before the command was started", number,
			strsignal(number));
	}
	code = child_start(&work->child, options->program, options->command, &environment,
		work->signals, options->silent, error);
	if (code < 0)
		return code == -EAGAIN || code == -ENOMEM ? code : -ENOEXEC;
	work->capture->ran = true;
	while (!child_wait(&work->child, work->signals, watch_room(work)))
		continue;
	work->capture->status = child_status(&work->child);
	work->capture->asked_to_end = work->child.asked_to_end;
	return 0;
}

static int stay_attached(struct work *work, struct error *error)
{
	const struct attach_options *options = work->options->attach;
	int code = attach_begin(&work->attach, work->signals, error);

	if (code < 0)
		return code;
	work->capture->ran = true;
	if (options->begun)
		options->begun(options, work->attach.registered->len);
	while (!work->stopped_early && !attach_over(&work->attach, work->signals, watch_room(work)))
		continue;
	return 0;
}

static void judge_loss(struct work *work, struct session_loss *loss)
{
	g_autofree char *twice = buffers_doubled(&work->buffers);
	struct capture *capture = work->capture;
	uint64_t discarded = 0;
	struct error *found;

	work->damaged = !intact_check(capture->folder.path, &discarded);
	loss->events = MAX(loss->events, discarded);
	if (loss->events > 0 || loss->packets > 0) {
		found = warning(capture);
		error_set(found, -ENOBUFS, "lost %" PRIu64 " events: the buffers were full",
			loss->events);
		error_next(found,
			"record again with --buffer-size=%s or more, twice of what it was", twice);
	}
	if (work->crowded) {
		found = warning(capture);
		error_set(found, -ENOSPC,
			"/dev/shm was full: processes that began then may be missing");
		error_next(found, "record again with a smaller --buffer-size, or with "
				  "--shared-buffers");
	}
	if (work->damaged) {
		found = warning(capture);
		error_set(found, -EIO,
			"the trace in '%s' is not whole: LTTng could not write all of it",
			capture->folder.path);
		error_next(found,
			"was the disk full, or a quota or file size limit (ulimit -f) reached?");
	}
}

static void complete(struct work *work)
{
	struct capture *capture = work->capture;
	struct session_loss loss;
	struct manifest_end end = {
		.exit_status = work->options->attach ? -1 : capture->status,
		.signal = work->options->attach ? 0 : child_signal(&work->child),
		.stopped_early = work->stopped_early,
	};
	g_autofree char *program = NULL;
	struct error found;

	if (session_finish(&work->session, signals_asked_to_end, &loss, &found) < 0)
		*warning(capture) = found;
	if (!capture->ran)
		return;
	judge_loss(work, &loss);
	end.lost_events = loss.events;
	end.lost_packets = loss.packets;
	end.crowded = work->crowded;
	end.damaged = work->damaged;
	if (!work->options->attach) {
		end.pid = work->child.pid;
		inspect_command(work->options->command, &end.nature, &program);
		end.program = program;
	}
	if (manifest_end(capture->folder.path, &end, &found) < 0)
		*warning(capture) = found;
}

/* With a folder and a daemon. */
static int record(struct work *work, struct error *error)
{
	struct capture *capture = work->capture;
	const struct attach_options *attach = work->options->attach;
	const GArray *pids = attach && attach->pid_count ? work->attach.family : NULL;
	const struct manifest_subject subject = {
		.run = capture->run,
		.command = attach ? NULL : work->options->command,
		.pids = pids,
		.descendants = attach && attach->descendants,
	};
	int code = choose_buffers(work, error);

	if (code == 0)
		code = manifest_begin(
			capture->folder.path, &subject, buffers_total(&work->buffers), error);
	if (code < 0)
		return code;
	work->manifest = true;
	/* LTTng has no word for descendants: where they are wanted, all are recorded. */
	code = session_start(&work->session, capture->folder.path, &work->buffers,
		pids && !attach->descendants ? pids : NULL, error);
	if (code < 0)
		return code;
	code = attach ? stay_attached(work, error) : run_command(work, error);
	complete(work);
	if (code == 0 && attach && !folder_has_trace(&capture->folder)) {
		capture->ran = false;
		code = attach_explain_nothing(&work->daemon, error);
	}
	return code;
}

static int open_folder(struct work *work, struct error *error)
{
	const struct capture_options *options = work->options;

	if (options->folder)
		return folder_prepare(
			&work->capture->folder, options->folder, options->replace, error);
	return folder_temporary(&work->capture->folder, error);
}

/* When nothing was recorded. Without a manifest of ours, another recording may have been faster. */
static void withdraw_folder(struct work *work)
{
	struct folder *folder = &work->capture->folder;

	if (work->manifest)
		folder_discard(folder);
	else if (folder->created)
		rmdir(folder->path);
	folder_release(folder);
}

/* Some of several may be missing; what is there is worth recording. */
static int await_processes(struct work *work, struct error *error)
{
	int code = attach_await(&work->attach, &work->daemon, error);

	if (code == -EINTR)
		work->capture->status = 128 + work->attach.interrupted;
	if (code != -ETIMEDOUT)
		return code;
	if (work->options->attach->pid_count && work->attach.registered->len == 0)
		return code;
	*warning(work->capture) = *error;
	return 0;
}

static int record_with_daemon(struct work *work, struct error *error)
{
	struct capture *capture = work->capture;
	struct error found;
	int code = daemon_join(&work->daemon, error);

	if (code < 0)
		return code;
	if (work->options->attach)
		code = await_processes(work, error);
	/* Only now, so that an earlier recording is not removed for one that cannot take place. */
	if (code == 0)
		code = open_folder(work, error);
	if (code == 0) {
		code = record(work, error);
		if (!capture->ran)
			withdraw_folder(work);
	}
	if (daemon_leave(&work->daemon, &found) < 0)
		*warning(capture) = found;
	return code;
}

int capture_run(struct capture *capture, const struct capture_options *options,
	const struct signals *signals, struct error *error)
{
	struct work work = {.options = options, .capture = capture, .signals = signals};
	int code;

	memset(capture, 0, sizeof(*capture));
	if (options->attach) {
		code = attach_open(&work.attach, options->attach, error);
		if (code == 0)
			code = record_with_daemon(&work, error);
		attach_close(&work.attach);
		return code;
	}
	code = preload_find(&work.library, error);
	if (code == 0)
		code = make_run_id(capture->run, sizeof(capture->run), error);
	if (code == 0)
		code = record_with_daemon(&work, error);
	free(work.library);
	return code;
}

void capture_release(struct capture *capture)
{
	folder_release(&capture->folder);
}

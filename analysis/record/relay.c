/* A relay daemon of our own; see relay.h. */
#include "record/relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "record/daemon_process.h"
#include "record/process.h"

#define WHAT "relay daemon"
#define NAME "lttng-relayd"

/* Another program may take a port between our look at it and the daemon's. */
enum { ATTEMPTS = 5 };

static int find_program(char **path, struct error *error)
{
	*path = g_find_program_in_path(NAME);
	if (!*path)
		*path = g_strdup("/usr/bin/" NAME);
	if (access(*path, X_OK) == 0)
		return 0;
	g_clear_pointer(path, g_free);
	error_set(error, -ENOENT, "there is no '" NAME "', which live figures come through");
	error_next(error, "install the package lttng-tools (apt install lttng-tools)");
	return -ENOENT;
}

static struct sockaddr_in address_of(uint16_t port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

/* Ports that nobody listens at, held until all are found, so that they differ. */
static bool find_ports(uint16_t *ports)
{
	int sockets[RELAY_PORTS];
	int count = 0;
	bool found = true;

	while (found && count < RELAY_PORTS) {
		struct sockaddr_in address = address_of(0);
		socklen_t length = sizeof(address);
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		found = fd >= 0 && bind(fd, (struct sockaddr *)&address, length) == 0 &&
			getsockname(fd, (struct sockaddr *)&address, &length) == 0;
		ports[count] = ntohs(address.sin_port);
		if (fd >= 0)
			sockets[count++] = fd;
	}
	while (count > 0)
		close(sockets[--count]);
	return found;
}

static bool listens(uint16_t port)
{
	const struct sockaddr_in address = address_of(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool connected =
		fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0;

	if (fd >= 0)
		close(fd);
	return connected;
}

/* Each port has a thread of the daemon's, in no order. */
static bool answers(const void *user)
{
	const struct relay *relay = user;

	for (int i = 0; i < RELAY_PORTS; i++)
		if (!listens(relay->ports[i]))
			return false;
	return true;
}

static int start(struct relay *relay, const char *path, struct error *error)
{
	g_autofree char *output =
		g_strconcat("--output=", relay->folder.path, "/" FOLDER_TRACE, NULL);
	g_autofree char *control =
		g_strdup_printf("--control-port=tcp://127.0.0.1:%u", relay->ports[RELAY_CONTROL]);
	g_autofree char *data =
		g_strdup_printf("--data-port=tcp://127.0.0.1:%u", relay->ports[RELAY_DATA]);
	g_autofree char *live =
		g_strdup_printf("--live-port=tcp://127.0.0.1:%u", relay->ports[RELAY_LIVE]);
	const char *const arguments[] = {path, output, control, data, live, NULL};
	const struct daemon_program program = {
		.what = WHAT,
		.name = NAME,
		.arguments = arguments,
		.bound = true,
		.answers = answers,
		.user = relay,
	};
	int code = daemon_process_start(&program, &relay->pid, error);

	if (code < 0)
		relay->pid = 0;
	else
		relay->started = process_start_time(relay->pid);
	return code;
}

int relay_start(struct relay *relay, struct error *error)
{
	g_autofree char *path = NULL;
	int code;

	memset(relay, 0, sizeof(*relay));
	code = find_program(&path, error);
	if (code == 0)
		code = folder_temporary(&relay->folder, error);
	if (code < 0)
		return code;
	code = -ECHILD;
	for (int i = 0; i < ATTEMPTS && code == -ECHILD; i++) {
		if (find_ports(relay->ports))
			code = start(relay, path, error);
		else
			code = error_set(
				error, -errno, "cannot find a free port: %s", strerror(errno));
	}
	if (code < 0) {
		folder_discard(&relay->folder);
		folder_release(&relay->folder);
	}
	return code;
}

char *relay_output(const struct relay *relay)
{
	return g_strdup_printf(
		"net://127.0.0.1:%u:%u", relay->ports[RELAY_CONTROL], relay->ports[RELAY_DATA]);
}

char *relay_url(const struct relay *relay, const char *session)
{
	return g_strdup_printf("net://127.0.0.1:%u/host/%s/%s", relay->ports[RELAY_LIVE],
		g_get_host_name(), session);
}

int relay_end(struct relay *relay, struct error *error)
{
	int code = 0, removed;

	if (relay->pid)
		code = daemon_process_end(WHAT, relay->pid, relay->started, true, error);
	relay->pid = 0;
	if (!relay->folder.path)
		return code;
	removed = folder_discard(&relay->folder);
	if (code == 0 && removed < 0)
		code = error_set(error, removed, "cannot remove folder '%s': %s",
			relay->folder.path, strerror(-removed));
	folder_release(&relay->folder);
	return code;
}

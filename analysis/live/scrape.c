/* As little of an HTTP server as Prometheus needs; see scrape.h. */
#include "live/scrape.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "live/openmetrics.h"

enum { REQUEST_BYTES = 8192, BACKLOG = 8 };

/* "9100", "host:9100", "[::1]:9100": the parts; `host` NULL: this machine. False: it is none. */
static bool split(const char *text, char **host, const char **port)
{
	const char *colon = strrchr(text, ':');
	const char *name = text;
	size_t length = colon ? (size_t)(colon - text) : 0;

	*host = NULL;
	*port = colon ? colon + 1 : text;
	if (!**port || strspn(*port, "0123456789") != strlen(*port) || strlen(*port) > 5)
		return false;
	if (!colon)
		return true;
	if (length > 2 && name[0] == '[' && name[length - 1] == ']') {
		name++;
		length -= 2;
	} else if (memchr(name, ':', length)) {
		return false;
	}
	if (length == 0)
		return false;
	*host = g_strndup(name, length);
	return true;
}

static int open_listener(const struct addrinfo *address)
{
	const int yes = 1;
	int code, fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	code = -errno;
	close(fd);
	return code;
}

static char *name_of(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&address, &length) < 0 ||
		getnameinfo((struct sockaddr *)&address, length, host, sizeof(host), port,
			sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return g_strdup("?");
	return g_strdup_printf(strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}

int scrape_listen(const char *where_to, char **where, struct error *error)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *addresses = NULL;
	g_autofree char *host = NULL;
	const char *port;
	int found, fd;

	if (!split(where_to, &host, &port))
		return error_set(error, -EINVAL, "'%s' is no [HOST:]PORT to listen at", where_to);
	found = getaddrinfo(host ? host : "127.0.0.1", port, &hints, &addresses);
	if (found != 0)
		return error_set(
			error, -EINVAL, "cannot listen at '%s': %s", where_to, gai_strerror(found));
	fd = open_listener(addresses);
	freeaddrinfo(addresses);
	if (fd < 0)
		return error_set(error, fd, "cannot listen at '%s': %s", where_to, strerror(-fd));
	*where = name_of(fd);
	return fd;
}

static bool wait_until(int fd, short events, gint64 deadline_us)
{
	struct pollfd ready = {.fd = fd, .events = events};
	gint64 left = (deadline_us - g_get_monotonic_time()) / 1000;

	return left > 0 && poll(&ready, 1, (int)left) > 0;
}

/* The head of a request, which is all that is looked at. False: it did not come. */
static bool read_request(int fd, char *request, gint64 deadline_us)
{
	size_t length = 0;

	while (length < REQUEST_BYTES - 1 && wait_until(fd, POLLIN, deadline_us)) {
		ssize_t got = recv(fd, request + length, REQUEST_BYTES - 1 - length, MSG_DONTWAIT);

		if (got <= 0)
			return false;
		length += (size_t)got;
		request[length] = '\0';
		if (strstr(request, "\r\n\r\n") || strstr(request, "\n\n"))
			return true;
	}
	return false;
}

static void send_all(int fd, const char *text, size_t length, gint64 deadline_us)
{
	while (length > 0 && wait_until(fd, POLLOUT, deadline_us)) {
		ssize_t sent = send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN)
			return;
		if (sent > 0) {
			text += sent;
			length -= (size_t)sent;
		}
	}
}

static bool is_path(const char *request, const char *path)
{
	size_t length = strlen(path);

	return strncmp(request, path, length) == 0 && strchr(" ?", request[length]);
}

static const char *judge(const char *request, const GString *text)
{
	const char *path = strchr(request, ' ');

	if (strncmp(request, "GET ", 4) != 0 && strncmp(request, "HEAD ", 5) != 0)
		return "405 Method Not Allowed";
	if (!is_path(path + 1, "/metrics") && !is_path(path + 1, "/"))
		return "404 Not Found";
	return text ? "200 OK" : "503 Service Unavailable";
}

static void answer(int fd, const char *request, const GString *text, gint64 deadline_us)
{
	const char *status = judge(request, text);
	bool found = status[0] == '2';
	g_autofree char *body = found ? NULL : g_strconcat(status, "\n", NULL);
	const char *content = found ? text->str : body;
	g_autofree char *head =
		g_strdup_printf("HTTP/1.1 %s\r\nContent-Type: %s\r\n"
				"Content-Length: %zu\r\n%sConnection: close\r\n\r\n",
			status, found ? OPENMETRICS_TYPE : "text/plain", strlen(content),
			status[0] == '4' && status[2] == '5' ? "Allow: GET, HEAD\r\n" : "");

	send_all(fd, head, strlen(head), deadline_us);
	if (request[0] != 'H')
		send_all(fd, content, strlen(content), deadline_us);
}

void scrape_serve(int listener, int timeout_ms, const GString *text)
{
	gint64 deadline_us = g_get_monotonic_time() + (gint64)SCRAPE_PATIENCE_MS * 1000;
	struct pollfd ready = {.fd = listener, .events = POLLIN};
	char request[REQUEST_BYTES];
	int fd;

	if (poll(&ready, 1, timeout_ms) <= 0)
		return;
	deadline_us += (gint64)timeout_ms * 1000;
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (read_request(fd, request, deadline_us))
		answer(fd, request, text, deadline_us);
	close(fd);
}

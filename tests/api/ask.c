#include "tests/api/ask.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int
ask_unix(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(sa.sun_path, sizeof sa.sun_path, "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

int
ask_tcp(uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sa.sin_port = htons(port);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&sa, sizeof sa) == 0) {
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		return fd;
	}
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

bool
ask_send(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* At most size bytes; 0 at the end, -1 when nothing came by then. */
static ssize_t
receive(int fd, char *buf, size_t size, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left = until - now_ms();

	if (left < 0 || poll(&p, 1, (int)left) <= 0)
		return -1;
	return recv(fd, buf, size, 0);
}

/* A growing text; what comes is added.  False when no more comes. */
struct heap {
	char *data;
	size_t len, size;
};

static bool
more(struct heap *h, int fd, int64_t until)
{
	ssize_t n;

	if (h->size - h->len < 65536) {
		h->size = h->size * 2 + 131072;
		h->data = realloc(h->data, h->size);
		if (h->data == NULL)
			abort();
	}
	n = receive(fd, h->data + h->len, h->size - h->len - 1, until);
	if (n <= 0)
		return false;
	h->len += (size_t)n;
	h->data[h->len] = '\0';
	return true;
}

static char *
head_end(const struct heap *h)
{
	return h->len > 0 ? memmem(h->data, h->len, "\r\n\r\n", 4) : NULL;
}

void
ask_read(struct said *ret, int fd, bool expect_body)
{
	int64_t until = now_ms() + ASK_LIMIT_MS;
	struct heap h = { 0 };
	size_t head, need = SIZE_MAX;

	*ret = (struct said){ 0 };
	while (head_end(&h) == NULL && more(&h, fd, until))
		;
	if (head_end(&h) == NULL) {
		free(h.data);
		return;
	}
	head = (size_t)(head_end(&h) - h.data) + 4;
	ret->head = strndup(h.data, head);
	(void)sscanf(h.data, "HTTP/1.%*d %d", &ret->status);
	if (*said_header(ret, "Content-Length") != '\0')
		need = strtoul(said_header(ret, "Content-Length"), NULL, 10);
	if (!expect_body)
		need = 0;
	while (h.len - head < need && more(&h, fd, until))
		;
	ret->len = h.len - head < need ? h.len - head : need;
	ret->body = strndup(h.data + head, ret->len);
	ret->json = json_loadb(ret->body, ret->len, 0, NULL);
	free(h.data);
}

int
ask_line(int fd, char *buf, size_t size, int limit_ms)
{
	int64_t until = now_ms() + limit_ms;
	size_t n = 0;
	char c;

	for (;;) {
		if (receive(fd, &c, 1, until) <= 0)
			return -1;
		if (c == '\n')
			break;
		if (n + 1 < size)
			buf[n++] = c;
	}
	buf[n] = '\0';
	return (int)n;
}

bool
ask_closed(int fd, int limit_ms)
{
	int64_t until = now_ms() + limit_ms;
	char junk[4096];
	ssize_t n;

	do {
		n = receive(fd, junk, sizeof junk, until);
	} while (n > 0);
	return n == 0 || (n < 0 && now_ms() < until);
}

void
said_done(struct said *a)
{
	free(a->head);
	free(a->body);
	json_decref(a->json);
	*a = (struct said){ 0 };
}

const char *
said_header(const struct said *a, const char *name)
{
	static char value[1024];
	size_t n = strlen(name);
	const char *at = a->head != NULL ? strstr(a->head, "\r\n") : NULL;

	for (; at != NULL; at = strstr(at + 2, "\r\n")) {
		const char *line = at + 2;

		if (strncasecmp(line, name, n) != 0 || line[n] != ':')
			continue;
		line += n + 1;
		line += strspn(line, " ");
		(void)snprintf(value, sizeof value, "%.*s",
		    (int)strcspn(line, "\r"), line);
		return value;
	}
	return "";
}

static const json_t *
find(const struct said *a, const char *path)
{
	const json_t *at = a->json;
	char name[64];

	while (at != NULL && *path != '\0') {
		size_t n = strcspn(path, ".");

		(void)snprintf(name, sizeof name, "%.*s", (int)n, path);
		at = json_is_array(at) ?
		    json_array_get(at, strtoul(name, NULL, 10)) :
		    json_object_get(at, name);
		path += n + (path[n] == '.');
	}
	return at;
}

const char *
said_text(const struct said *a, const char *path)
{
	const char *s = json_string_value(find(a, path));

	return s != NULL ? s : "";
}

int64_t
said_int(const struct said *a, const char *path)
{
	const json_t *v = find(a, path);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

void
ask_close(int fd)
{
	(void)close(fd);
}

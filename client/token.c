#include "client/token.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/buf.h"

#define TOKEN_MAX 256

static int
find_file(char *buf, size_t size, const char *path)
{
	const char *home = getenv("XDG_CONFIG_HOME"), *below = "";

	if (path != NULL) {
		snprintf(buf, size, "%s", path);
		return 0;
	}
	if (home == NULL || *home == '\0') {
		home = getenv("HOME");
		below = "/.config";
	}
	if (home == NULL)
		return -1;
	snprintf(buf, size, "%s%s/ringback/token", home, below);
	return 0;
}

/* The file is checked by its descriptor, so that it cannot be changed for
 * another one in between. */
static int
check_file(int fd, const char *path, char *why, size_t size)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		snprintf(why, size, "the token file %.300s is not a file",
			 path);
		return -1;
	}
	if ((st.st_mode & 077) != 0) {
		snprintf(why, size,
			 "the token file %.300s can be read by others; "
			 "make it yours alone: chmod 600 %.300s",
			 path, path);
		return -1;
	}
	return 0;
}

static int
take_token(char **ret, char *text, ssize_t len)
{
	static const char fit[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=";
	size_t size = (size_t)len + 32;

	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
	if (len == 0 || len > TOKEN_MAX || strspn(text, fit) != (size_t)len)
		return -1;
	*ret = buf_alloc(size);
	snprintf(*ret, size, "Authorization: Bearer %s", text);
	return 0;
}

int
token_read(char **ret, const char *given, char *why, size_t size)
{
	char path[1024], text[TOKEN_MAX + 64];
	ssize_t len;
	int fd, rc = -1;

	if (find_file(path, sizeof path, given) < 0) {
		snprintf(why, size,
			 "no token file: HOME is not set; "
			 "name one by --token-file FILE");
		return -1;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		snprintf(
		    why, size,
		    "no token for another machine: %.300s: %s; "
		    "an administrator makes one: ringback tokens create NAME",
		    path, strerror(errno));
		return -1;
	}
	if (check_file(fd, path, why, size) < 0)
		goto out;
	len = read(fd, text, sizeof text - 1);
	if (len < 0 || take_token(ret, text, len) < 0) {
		snprintf(why, size, "the token file %.300s holds no token",
			 path);
		goto out;
	}
	rc = 0;
out:
	explicit_bzero(text, sizeof text);
	close(fd);
	return rc;
}

void
token_free(char *header)
{
	if (header != NULL)
		explicit_bzero(header, strlen(header));
	free(header);
}

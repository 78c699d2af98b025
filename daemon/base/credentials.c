#include "daemon/base/credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/text.h"

/* Redis takes longer ones; nobody has them. */
#define LONGEST 1024

void
credentials_done(struct credentials *c)
{
	if (c->secret != NULL)
		explicit_bzero(c->secret, strlen(c->secret));
	free(c->user);
	free(c->secret);
	*c = (struct credentials){ 0 };
}

static int
mode_ok(int fd, const char *path, const char *what, struct fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		fault_set(fault, "%s: %s is no file.", what, path);
		return -1;
	}
	if ((st.st_mode & (S_IROTH | S_IWOTH)) != 0) {
		fault_set(
		    fault,
		    "%s: everybody can read or write %s; \"chmod 640\" and the "
		    "group ringback help.",
		    what, path);
		return -1;
	}
	return 0;
}

/* Not blocked by a named pipe. */
static int
open_file(const char *path, const char *what, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		fault_set(fault, "%s: %s: %s.", what, path, strerror(errno));
		return -1;
	}
	if (mode_ok(fd, path, what, fault) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int
credentials_file_ok(const char *path, const char *what, struct fault *fault)
{
	int fd = open_file(path, what, fault);

	if (fd < 0)
		return -1;
	(void)close(fd);
	return 0;
}

int
credentials_read(struct credentials *ret, const char *user, const char *file,
		 const char *what, struct fault *fault)
{
	char line[LONGEST + 2] = "";
	size_t len;
	ssize_t n = 0;
	int fd;

	if (*file != '\0') {
		fd = open_file(file, what, fault);
		if (fd < 0)
			return -1;
		n = read(fd, line, sizeof line - 1);
		(void)close(fd);
		len = strcspn(line, "\r\n");
		if (n <= 0 || len == 0 || len > LONGEST) {
			fault_set(
			    fault,
			    "%s: the first line of %s is %s; it is to be the "
			    "password.",
			    what, file, len > LONGEST ? "too long" : "empty");
			return -1;
		}
		line[len] = '\0';
	}
	credentials_done(ret);
	ret->user = text_dup(user);
	ret->secret = text_dup(line);
	explicit_bzero(line, sizeof line);
	return 0;
}

#include "daemon/api/tokenfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/api/caller.h"
#include "daemon/base/text.h"

#define HEAD "ringback-tokens 1 "
#define LONGEST_LINE 200
#define MOST_BYTES (16 * 1024 * 1024)

/* ---- reading ------------------------------------------------------------ */

/* "<hex> <role> <name>", without its end. */
static int
read_line(struct token_entry *e, char *line)
{
	char *role, *name, *save = NULL;
	char *hex = strtok_r(line, " ", &save);

	role = strtok_r(NULL, " ", &save);
	name = strtok_r(NULL, "", &save);
	if (hex == NULL || role == NULL || name == NULL ||
	    strlen(hex) != SECRET_SHA256_SIZE - 1 ||
	    strspn(hex, "0123456789abcdef") != SECRET_SHA256_SIZE - 1 ||
	    !text_is_name(name) || role_find(role) == ROLE_NONE)
		return -1;
	memcpy(e->sha256, hex, sizeof e->sha256);
	(void)snprintf(e->name, sizeof e->name, "%s", name);
	e->role = role_find(role);
	return 0;
}

/* The lines after the head, up to the end that counts them. */
static int
read_lines(FILE *f, struct token_entry **ret, size_t *ret_count)
{
	struct token_entry *list = NULL;
	char line[LONGEST_LINE];
	size_t n = 0, size = 0;
	int64_t told = -1;

	while (fgets(line, sizeof line, f) != NULL) {
		char *end = strchr(line, '\n');

		if (end == NULL)
			break;
		*end = '\0';
		if (strncmp(line, "end ", 4) == 0) {
			(void)text_int64(&told, line + 4, 0, INT32_MAX);
			break;
		}
		if (n == size) {
			size = size > 0 ? size * 2 : 16;
			list = text_realloc(list, size * sizeof *list);
		}
		if (read_line(&list[n], line) < 0)
			break;
		n++;
	}
	if (told != (int64_t)n || fgetc(f) != EOF) {
		free(list);
		return -1;
	}
	*ret = list;
	*ret_count = n;
	return 0;
}

static int
check_file(int fd, const char *path, struct fault *fault)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (st.st_mode & 077) == 0 && st.st_size <= MOST_BYTES &&
	    (st.st_uid == geteuid() || st.st_uid == 0))
		return 0;
	fault_set(
	    fault,
	    "%s is not used: it must be a file of the daemon's own user with "
	    "mode 0600.",
	    path);
	return -1;
}

static int
read_file(FILE *f, const char *path, const char *site, struct token_entry **ret,
	  size_t *ret_count, struct fault *fault)
{
	char line[LONGEST_LINE], head[LONGEST_LINE];

	(void)snprintf(head, sizeof head, HEAD "%s\n", site);
	if (fgets(line, sizeof line, f) != NULL && strcmp(line, head) == 0 &&
	    read_lines(f, ret, ret_count) == 0)
		return 0;
	fault_set(fault,
		  "%s is not used: it is not whole, or not of the site %s.",
		  path, site);
	return -1;
}

int
tokenfile_read(const char *path, const char *site, struct token_entry **ret,
	       size_t *ret_count, struct fault *fault)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	FILE *f;
	int rc = -1;

	if (fd < 0 && errno == ENOENT) {
		*ret = NULL;
		*ret_count = 0;
		return 0;
	}
	if (fd < 0) {
		fault_set(fault, "%s: %s.", path, strerror(errno));
		return -1;
	}
	if (check_file(fd, path, fault) < 0) {
		(void)close(fd);
		return -1;
	}
	f = fdopen(fd, "r");
	if (f == NULL)
		abort();
	rc = read_file(f, path, site, ret, ret_count, fault);
	(void)fclose(f);
	return rc;
}

/* ---- writing ------------------------------------------------------------ */

static int
write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return fsync(fd);
}

/* The new name is on the disk only once the folder is. */
static int
sync_folder(const char *path)
{
	char *folder = text_dup(path), *slash = strrchr(folder, '/');
	int fd, rc;

	if (slash != NULL)
		slash[slash == folder ? 1 : 0] = '\0';
	fd = open(slash != NULL ? folder : ".",
		  O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	rc = fd < 0 ? -1 : fsync(fd);
	if (fd >= 0)
		(void)close(fd);
	free(folder);
	return rc;
}

static int
write_beside(const char *beside, const struct text *t)
{
	int fd, rc;

	(void)unlink(beside);
	fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0)
		return -1;
	rc = write_all(fd, t->data, t->len);
	if (close(fd) < 0)
		rc = -1;
	return rc;
}

int
tokenfile_write(const char *path, const char *site,
		const struct token_entry *list, size_t count,
		struct fault *fault)
{
	char *beside = text_print("%s.new", path);
	struct text t = { 0 };
	int rc = 0;

	text_addf(&t, HEAD "%s\n", site);
	for (size_t i = 0; i < count; i++)
		text_addf(&t, "%s %s %s\n", list[i].sha256,
			  role_name(list[i].role), list[i].name);
	text_addf(&t, "end %zu\n", count);
	if (write_beside(beside, &t) < 0 || rename(beside, path) < 0 ||
	    sync_folder(path) < 0) {
		fault_set(fault, "%s cannot be written: %s.", path,
			  strerror(errno));
		(void)unlink(beside);
		rc = -1;
	}
	text_done(&t);
	free(beside);
	return rc;
}

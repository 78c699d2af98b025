#include "daemon/sources/queue_log_read.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/child.h"
#include "daemon/base/text.h"
#include "daemon/sources/queue_log.h"

#define LIMIT_MS (INT64_C(60) * 1000) /* to read all of it */
/* So long ago who was there at the beginning may have come in. */
#define BEFORE_MS (INT64_C(2) * 3600 * 1000)
#define FILES_MOST 4 /* the log, and the newest that it was before */

/*
 *	queue_log_read	which files, and a process that gives their ends
 *	was_read	what they say
 */
struct queue_log_read {
	struct child *child; /* owned by itself; NULL: it has ended */
	queue_log_was_read *told;
	void *cookie;
	int64_t since_ms;
	char *path; /* owned */
	char *why;  /* owned: it cannot be read; NULL */
};
static child_ended was_read;

struct file {
	char *path; /* owned */
	int64_t at_ms;
};

static int
by_age(const void *a, const void *b)
{
	const struct file *x = a, *y = b;

	return (x->at_ms > y->at_ms) - (x->at_ms < y->at_ms);
}

/* logrotate and Asterisk's own rotation leave PATH.0, PATH.1: by their times,
 * for whether a greater number is older depends on rotatestrategy. */
static size_t
find_files(struct file *list, const char *path, int64_t from_ms)
{
	size_t count = 0;
	struct stat st;

	for (int i = 0; i < 10; i++) {
		struct file f = { text_print("%s.%d", path, i), 0 };

		if (stat(f.path, &st) < 0 || !S_ISREG(st.st_mode) ||
		    access(f.path, R_OK) < 0 ||
		    st.st_mtim.tv_sec * INT64_C(1000) < from_ms) {
			free(f.path);
			continue;
		}
		f.at_ms = st.st_mtim.tv_sec * INT64_C(1000);
		list[count++] = f;
	}
	qsort(list, count, sizeof *list, by_age);
	while (count > FILES_MOST - 1) {
		free(list[0].path);
		memmove(list, list + 1, --count * sizeof *list);
	}
	return count;
}

static char *
why_not(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 && errno != EACCES)
		return text_print("%s: %s.  queue_log must be the path where "
				  "Asterisk writes it (queue_log in "
				  "logger.conf).",
				  path, strerror(errno));
	if (access(path, R_OK) < 0)
		return text_print("%s: %s.  Let the user of ringbackd into the "
				  "group that may read it (usermod -aG "
				  "asterisk ringback) and start ringbackd "
				  "anew.",
				  path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return text_print("%s is no file.", path);
	return NULL;
}

struct queue_log_read *
queue_log_read(const char *path, int64_t since_ms, queue_log_was_read *told,
	       void *cookie)
{
	struct queue_log_read *r = text_alloc(sizeof *r);
	struct file files[10];
	const char *argv[FILES_MOST + 6] = { "/usr/bin/tail", "-q", "-c", NULL,
					     "--" };
	struct child_spec spec = { .argv = argv, .limit_ms = LIMIT_MS };
	char bytes[24];
	size_t count = 0, args = 5;

	r->told = told;
	r->cookie = cookie;
	r->since_ms = since_ms;
	r->path = text_dup(path);
	r->why = why_not(path);
	(void)snprintf(bytes, sizeof bytes, "%d", QUEUE_LOG_BYTES);
	argv[3] = bytes;
	if (r->why == NULL)
		count = find_files(files, path, since_ms - BEFORE_MS);
	else
		argv[0] = "/bin/true"; /* and told from the loop */
	for (size_t i = 0; i < count; i++)
		argv[args++] = files[i].path;
	argv[args] = path;
	spec.output_max = (count + 1) * QUEUE_LOG_BYTES;
	r->child = child_run(&spec, was_read, r);
	for (size_t i = 0; i < count; i++)
		free(files[i].path);
	return r;
}

static void
done(struct queue_log_read *r)
{
	free(r->path);
	free(r->why);
	free(r);
}

static char *
what_is_missing(const struct queue_log_read *r, const struct queue_log *log,
		const struct child_result *result)
{
	if (result->code != 0 || result->cut)
		return text_print("%s could not be read to its end.", r->path);
	if (queue_log_first_ms(log) > r->since_ms)
		return text_print("%s does not reach back to when Asterisk was "
				  "last heard.",
				  r->path);
	return NULL;
}

static void
was_read(void *cookie, const struct child_result *result)
{
	struct queue_log_read *r = cookie;
	struct queue_log *log = NULL;

	r->child = NULL;
	if (r->why == NULL && (result->error != NULL || result->timed_out))
		r->why = text_print("%s: %s.", r->path,
				    result->error != NULL
					? result->error
					: "reading it took too long");
	if (r->why == NULL) {
		log = queue_log_new();
		queue_log_add(log, result->output, result->output_len);
		queue_log_end(log);
		r->why = what_is_missing(r, log, result);
	}
	r->told(r->cookie, log, r->why);
	queue_log_free(log);
	done(r);
}

void
queue_log_read_forget(struct queue_log_read *r)
{
	if (r == NULL)
		return;
	child_forget(r->child);
	done(r);
}

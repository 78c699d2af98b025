#include "daemon/policy/check_sources.h"

#include <string.h>

struct check {
	const struct policy *p;
	const struct conf_file *file;
	struct fault *fault;
};

/* FAIL(where it stands, sentence): what the checks return. */
#define FAIL(field, ...) conf_fault(c->file, field, c->fault, __VA_ARGS__)

/* "600 = sales" */
struct pair {
	const char *theirs, *ours;
	size_t theirs_len;
};

static struct pair
split(const char *text)
{
	const char *equals = strchr(text, '=');
	struct pair pair = { .theirs = text, .ours = "" };

	if (equals == NULL)
		return pair;
	pair.theirs_len = (size_t)(equals - text);
	while (pair.theirs_len > 0 && text[pair.theirs_len - 1] == ' ')
		pair.theirs_len--;
	pair.ours = equals + 1 + strspn(equals + 1, " ");
	return pair;
}

static int
check_queue_names(const struct check *c, const struct policy_source *s)
{
	for (size_t i = 0; i < s->queue_names.count; i++) {
		struct pair one = split(s->queue_names.list[i]);

		if (one.theirs_len == 0 || *one.ours == '\0')
			return FAIL(
			    &s->queue_names,
			    "queue_names of source \"%s\" has \"%s\"; write "
			    "what the system calls the queue, and which it is "
			    "here: \"600=sales\".",
			    s->name, s->queue_names.list[i]);
		if (policy_queue(c->p, one.ours) == NULL)
			return FAIL(
			    &s->queue_names,
			    "queue_names of source \"%s\" names the queue "
			    "\"%s\", which there is not.",
			    s->name, one.ours);
		for (size_t k = 0; k < i; k++) {
			struct pair other = split(s->queue_names.list[k]);

			if (other.theirs_len == one.theirs_len &&
			    memcmp(other.theirs, one.theirs, one.theirs_len) ==
				0)
				return FAIL(
				    &s->queue_names,
				    "queue_names of source \"%s\" has \"%.*s\" "
				    "twice; leave it in one.",
				    s->name, (int)one.theirs_len, one.theirs);
		}
	}
	return 0;
}

static int
check_paths(const struct check *c, const struct policy_source *s)
{
	const struct {
		const char *name;
		char *const *path;
	} files[] = {
		{ "secret_file", &s->secret_file },
		{ "tls_ca", &s->tls_ca },
		{ "queue_log", &s->queue_log },
	};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (**files[i].path != '\0' && **files[i].path != '/')
			return FAIL(files[i].path,
				    "%s of source \"%s\" must be a whole path.",
				    files[i].name, s->name);
	}
	return 0;
}

int
check_sources(const struct policy *p, const struct conf_file *file,
	      struct fault *fault)
{
	const struct check check = { p, file, fault }, *c = &check;

	for (size_t i = 0; i < p->source_count; i++) {
		const struct policy_source *s = &p->sources[i];

		if (*s->queue != '\0' && policy_queue(p, s->queue) == NULL)
			return FAIL(
			    &s->queue,
			    "source \"%s\" names the queue \"%s\", which there "
			    "is not.",
			    s->name, s->queue);
		if (check_paths(c, s) < 0 || check_queue_names(c, s) < 0)
			return -1;
	}
	return 0;
}

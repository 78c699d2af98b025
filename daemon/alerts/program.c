#include "daemon/alerts/program.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/child.h"
#include "daemon/base/log.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/policy.h"
#include "daemon/policy/shape.h"
#include "daemon/store/store.h"

#define MOST_OUTPUT 512 /* of what it says when it fails */

struct run {
	program_ended *done;
	void *cookie;
	char *name; /* owned: the alert's */
};

/* What a person needs who is woken by it, and no more. */
static json_t *
told_item(const struct record *item)
{
	static const char *const names[] = { "number", "uuid", "kind", "state",
		"queue", "tier", "name", "phone", "since", "due", "used",
		"late_ms", "tries", "agent" };
	json_t *all = shape_object(item), *told = json_object();

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		json_t *v = json_object_get(all, names[i]);

		if (v != NULL)
			(void)json_object_set(told, names[i], v);
	}
	json_decref(all);
	return told;
}

static char *
told(const struct store_answer *a)
{
	const struct record *alert = answer_section(a, "alert");
	json_t *body = shape_object(alert), *items = json_array();
	char *s;

	for (size_t i = 0; i < a->count; i++) {
		if (strcmp(a->sections[i].name, "item") == 0)
			(void)json_array_append_new(
			    items, told_item(a->sections[i].fields));
	}
	(void)json_object_set_new(body, "items", items);
	s = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return s != NULL ? s : text_dup("{}");
}

static void
on_ended(void *cookie, const struct child_result *r)
{
	struct run *run = cookie;
	const char *said = r->error != NULL ? r->error : r->output;
	bool ok = r->error == NULL && r->code == 0;
	char value[2 * MOST_OUTPUT + 8];

	if (!ok)
		log_warn("alerts",
		    "alert=%s code=%d signal=%d timed_out=%d %s=%s", run->name,
		    r->code, r->signal, r->timed_out,
		    r->error != NULL ? "error" : "said",
		    log_value(value, sizeof value, said != NULL ? said : ""));
	run->done(run->cookie, ok);
	free(run->name);
	free(run);
}

void
program_run(const struct policy_alert *alert, const struct store_answer *a,
    program_ended *done, void *cookie)
{
	struct run *run = text_alloc(sizeof *run);
	size_t n = alert->argv.count;
	const char **argv = text_alloc((n + 1) * sizeof *argv);
	char *input = told(a);
	/* A program may print what it was told, of customers; it complains on
	 * standard error, and only that may stand in our log. */
	const struct child_spec spec = { .argv = argv,
		.input = input,
		.input_len = strlen(input),
		.output_max = MOST_OUTPUT,
		.limit_ms = alert->timeout_ms,
		.errors_only = true };

	for (size_t i = 0; i < n; i++)
		argv[i] = alert->argv.list[i];
	run->done = done;
	run->cookie = cookie;
	run->name = text_dup(alert->name);
	(void)child_run(&spec, on_ended, run);
	free(argv);
	free(input);
}

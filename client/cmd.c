#include "client/cmd.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "client/field.h"
#include "client/problem.h"

int
cmd_count(const struct cmd *c)
{
	return c->args->count > 0 ? c->args->count - 1 : 0;
}

const char *
cmd_word(const struct cmd *c, int i)
{
	return i >= 0 && i < cmd_count(c) ? c->args->word[i + 1] : NULL;
}

const char *
cmd_option(const struct cmd *c, enum args_option o)
{
	return c->args->option[o];
}

void
cmd_json(struct cmd *c, const struct answer *a)
{
	page_json(c->page, a->text, a->len);
	if (a->len > 0 && a->text[a->len - 1] != '\n')
		fputc('\n', c->page->to);
}

static int
finish_ok(struct cmd *c, const struct answer *a)
{
	if (c->json)
		cmd_json(c, a);
	return field_false(a->json, "held") ? EXIT_NOTHING : EXIT_DONE;
}

int
cmd_finish(struct cmd *c, struct answer *a)
{
	int code = (int)answer_exit(a);

	if (problem_is_junk(a)) {
		problem_tell(a);
		code = EXIT_AWAY;
	} else if (answer_ok(a)) {
		code = finish_ok(c, a);
	} else if (c->json && a->json != NULL) {
		cmd_json(c, a);
	} else {
		problem_tell(a);
	}
	answer_done(a);
	return code;
}

bool
cmd_call(struct cmd *c, const struct request *r, struct answer *a,
	 int *ret_exit)
{
	ask_do(c->ask, r, a);
	if (answer_ok(a) && !problem_is_junk(a) && !c->json)
		return true;
	*ret_exit = cmd_finish(c, a);
	return false;
}

bool
cmd_send(struct cmd *c, const char *method, const struct path *p, json_t *body,
	 struct answer *ret)
{
	struct request r = { .method = method, .path = p->text, .body = body };

	if (p->too_long) {
		memset(ret, 0, sizeof *ret);
		ret->status = 0;
		snprintf(ret->fault, sizeof ret->fault, "that is too long");
	} else {
		ask_do(c->ask, &r, ret);
	}
	json_decref(body);
	return answer_ok(ret) && !problem_is_junk(ret) && !c->json;
}

int
cmd_usage(const struct cmd *c, const char *fmt, ...)
{
	char why[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	problem_say("%s", why);
	problem_say("usage: ringback %s%s%s",
		    c->args->count > 0 ? c->args->word[0] : "",
		    *c->usage != '\0' ? " " : "", c->usage);
	return EXIT_USAGE;
}

bool
cmd_is_text(const char *what, const char *s)
{
	json_t *j = json_string(s);

	if (j == NULL) {
		problem_say("%s is not UTF-8.", what);
		return false;
	}
	json_decref(j);
	return true;
}

bool
cmd_add_option(const struct cmd *c, json_t *body, const char *name,
	       enum args_option o)
{
	const char *value = cmd_option(c, o);

	if (value == NULL)
		return true;
	if (!cmd_is_text(name, value))
		return false;
	json_object_set_new(body, name, json_string(value));
	return true;
}

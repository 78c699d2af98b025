#include "tests/system/team.h"

#include <criterion/criterion.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"

struct team *
team_start(size_t daemons, const struct daemon_options *options)
{
	struct team *t = text_alloc(sizeof *t);
	struct daemon_options mine = { 0 };

	if (options != NULL)
		mine = *options;
	t->redis = mine.redis != NULL ? mine.redis : redis_start();
	t->daemons = daemons;
	t->crowd = crowd_new();
	mine.redis = t->redis;
	for (size_t i = 0; i < daemons; i++) {
		t->daemon[i] = daemon_start(&mine);
		t->admin[i] = web_unix(daemon_socket(t->daemon[i]));
	}
	return t;
}

void
team_stop(struct team *t)
{
	crowd_free(t->crowd);
	for (size_t i = 0; i < t->daemons; i++) {
		web_free(t->admin[i]);
		daemon_free(t->daemon[i]);
	}
	redis_stop(t->redis);
	free(t);
}

char *
team_token(struct team *t, const char *name, const char *role)
{
	const struct web_answer *a;
	char body[160];

	(void)snprintf(body, sizeof body, "{\"name\":\"%s\",\"role\":\"%s\"}",
		       name, role);
	a = web_ask(t->admin[0], NULL, "/v1/tokens", body);
	cr_assert_eq(a->status, 201, "%s", a->body);
	return text_dup(web_text(a, "token"));
}

void
team_serve(struct team *t, const char *agent, const char *queue)
{
	const struct web_answer *a;
	char path[160];

	(void)snprintf(path, sizeof path, "/v1/agents/%s/queues/%s", agent,
		       queue);
	a = web_ask(t->admin[0], "PUT", path, "{\"factor\":1.0}");
	cr_assert(a->status == 200 || a->status == 201, "%d %s", a->status,
		  a->body);
}

struct web *
team_agent(struct team *t, size_t daemon, const char *name, const char *queue,
	   char **ret_token)
{
	char *token = team_token(t, name, "agent");
	struct web *w = web_tcp(daemon_port(t->daemon[daemon]), token);

	team_serve(t, name, queue);
	if (ret_token != NULL)
		*ret_token = token;
	else
		free(token);
	return w;
}

int64_t
team_miss(struct team *t, size_t daemon, const char *id, const char *phone)
{
	const struct web_answer *a;
	char body[300];

	(void)snprintf(
	    body, sizeof body,
	    "{\"type\":\"call.missed\",\"id\":\"%s\",\"from\":\"%s\","
	    "\"queue\":\"sales\"}",
	    id, phone);
	a = web_ask(t->admin[daemon], NULL, "/v1/events", body);
	cr_assert_eq(a->status, 201, "%d %s", a->status, a->body);
	return web_int(a, "number");
}

const char *
team_state(struct team *t, size_t daemon, int64_t number)
{
	const struct web_answer *a;
	char path[64];

	(void)snprintf(path, sizeof path, "/v1/items/%lld", (long long)number);
	a = web_ask(t->admin[daemon], NULL, path, NULL);
	cr_assert_eq(a->status, 200, "%d %s", a->status, a->body);
	return web_text(a, "item.state");
}

/* ---- the log ------------------------------------------------------------ */

static void
take_field(struct team_entry *e, const char *name, const char *value)
{
	const struct {
		const char *name;
		char *to;
		size_t size;
	} texts[] = {
		{ "type", e->type, sizeof e->type },
		{ "agent", e->agent, sizeof e->agent },
		{ "alert", e->alert, sizeof e->alert },
		{ "state", e->state, sizeof e->state },
		{ "outcome", e->outcome, sizeof e->outcome },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		if (strcmp(texts[i].name, name) == 0)
			(void)snprintf(texts[i].to, texts[i].size, "%s", value);
	}
	if (strcmp(name, "at") == 0)
		(void)text_int64(&e->at_ms, value, 0, INT64_MAX);
	if (strcmp(name, "number") == 0)
		(void)text_int64(&e->number, value, 0, INT64_MAX);
}

struct team_entry *
team_log(struct team *t, size_t *ret_count)
{
	redisReply *r =
	    redis_do(t->redis, "XRANGE", "rb:{t}:log", "-", "+", NULL);
	struct team_entry *list;

	cr_assert_eq(r->type, REDIS_REPLY_ARRAY);
	list = text_alloc((r->elements + 1) * sizeof *list);
	for (size_t i = 0; i < r->elements; i++) {
		const redisReply *fields = r->element[i]->element[1];

		(void)snprintf(list[i].id, sizeof list[i].id, "%s",
			       r->element[i]->element[0]->str);
		for (size_t k = 0; k + 1 < fields->elements; k += 2)
			take_field(&list[i], fields->element[k]->str,
				   fields->element[k + 1]->str);
	}
	*ret_count = r->elements;
	freeReplyObject(r);
	return list;
}

int
team_logged(struct team *t, const char *type, int64_t number)
{
	size_t count;
	struct team_entry *list = team_log(t, &count);
	int n = 0;

	for (size_t i = 0; i < count; i++)
		n += strcmp(list[i].type, type) == 0 &&
		     (number == 0 || list[i].number == number);
	free(list);
	return n;
}

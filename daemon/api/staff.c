#include "daemon/api/staff.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/api/api.h"
#include "daemon/api/refusal.h"
#include "daemon/api/req.h"
#include "daemon/api/wire.h"
#include "daemon/base/record.h"
#include "daemon/base/text.h"
#include "daemon/policy/shape.h"
#include "daemon/store/store.h"

/* "sales=1,billing=0.5" as [{"queue": "sales", "factor": 1}, ...]. */
static json_t *
lines_of(const char *s)
{
	json_t *list = json_array();

	while (*s != '\0') {
		size_t n = strcspn(s, ","), name = strcspn(s, "=,");
		char *queue = text_dup_n(s, name);

		(void)json_array_append_new(list,
		    json_pack("{s:s, s:f}", "queue", queue, "factor",
			name < n ? strtod(s + name + 1, NULL) : 1.0));
		free(queue);
		s += n + (s[n] == ',');
	}
	return list;
}

static void
agents_listed(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;
	json_t *list;

	if (end != STORE_DONE) {
		api_fail_end(req, end, a);
		return;
	}
	list = json_array();
	for (size_t i = 0; i < a->count; i++) {
		const struct record *agent = a->sections[i].fields;
		json_t *object = shape_object(agent);
		const char *queues = record_get(agent, "queues");

		(void)json_object_set_new(
		    object, "queues", lines_of(queues != NULL ? queues : ""));
		(void)json_array_append_new(list, object);
	}
	req_answer(req, 200, json_pack("{s:o}", "agents", list));
}

void
agents_get(struct req *req)
{
	store_agents(api_of(req)->store, agents_listed, req);
}

static void
service_changed(void *cookie, enum store_end end, const struct store_answer *a)
{
	struct req *req = cookie;

	if (end != STORE_DONE)
		api_fail_end(req, end, a);
	else if (strcmp(a->word, "ok") != 0)
		refuse(req, a);
	else
		req_answer(req, 200,
		    json_pack("{s:s, s:s}", "agent", req_part(req, 0), "queue",
			req_part(req, 1)));
}

/* The two names of the path.  0, or -1 when the request has been failed. */
static int
read_service(
    struct req *req, struct store_service *ret, struct actor *ret_who)
{
	*ret_who = api_actor(req);
	*ret = (struct store_service){ .agent = req_part(req, 0),
		.queue = req_part(req, 1),
		.factor = "1",
		.who = ret_who };
	if (text_is_name(ret->agent) && text_is_name(ret->queue))
		return 0;
	req_fail(req, 422, "not a name",
	    "An agent and a queue have names of at most 64 letters, digits "
	    "and any of . _ - @");
	return -1;
}

void
agent_put(struct req *req)
{
	static const struct wire_field fields[] = {
		{ .name = "factor", .kind = WIRE_REAL, .min = 0, .max = 100 },
	};
	struct record *r = api_record(req);
	struct store_service service;
	struct actor who;
	size_t len;

	if (read_service(req, &service, &who) < 0)
		return;
	(void)req_body(req, &len);
	if (len > 0 && api_read(req, r, fields, 1) < 0)
		return;
	if (record_has(r, "factor"))
		service.factor = record_get(r, "factor");
	store_agent_add(api_of(req)->store, &service, service_changed, req);
}

void
agent_delete(struct req *req)
{
	struct store_service service;
	struct actor who;

	if (read_service(req, &service, &who) == 0)
		store_agent_remove(
		    api_of(req)->store, &service, service_changed, req);
}

/* Whoever changes something stands in the site's log, with where he came from:
 * for every address that writes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/api/table.h"
#include "tests/api/pushing.h"

#define ME "unix:%d"
#define FORM "application/x-www-form-urlencoded"

struct act {
	const char *method, *pattern; /* as in the table of the API */
	const char *who, *path, *body, *type;
	int status;
	const char *logged; /* the type of the entry */
};

/* Of the one act whose sender signs it, with 12345. */
static const char signature[] =
    "X-Twilio-Signature: BNeH8LIURyTUTp7SA2lZHDTT+wk=\r\n";

/* In this order, each on what those before it have left. */
static const struct act acts[] = {
	{ "POST", "/v1/events", "push", "/v1/events",
	  "{\"type\":\"call.missed\",\"from\":\"+4930182001\"}", NULL, 201,
	  "made" },
	{ "POST", "/v1/next", "anna", "/v1/next", "{}", NULL, 200, "held" },
	{ "POST", "/v1/items/{id}/extend", "anna", "/v1/items/held/extend",
	  "{}", NULL, 200, "extended" },
	{ "POST", "/v1/items/{id}/note", "anna", "/v1/items/held/note",
	  "{\"note\":\"x\"}", NULL, 200, "note" },
	{ "POST", "/v1/items/{id}/release", "anna", "/v1/items/held/release",
	  "{}", NULL, 200, "released" },
	{ "POST", "/v1/undo", "anna", "/v1/undo", "{}", NULL, 200, "undone" },
	{ "POST", "/v1/items/{id}/release", "anna", "/v1/items/held/release",
	  "{}", NULL, 200, "released" },
	{ "POST", "/v1/items/{id}/hold", "anna", "/v1/items/1001/hold", "{}",
	  NULL, 200, "held" },
	{ "POST", "/v1/items/{id}/outcome", "anna", "/v1/items/held/outcome",
	  "{\"outcome\":\"no-answer\"}", NULL, 200, "tried" },
	{ "POST", "/v1/items/{id}/undo", "anna", "/v1/items/1001/undo", "{}",
	  NULL, 200, "undone" },
	{ "POST", "/v1/items/{id}/move", "anna", "/v1/items/held/move",
	  "{\"queue\":\"quality\"}", NULL, 200, "moved" },
	{ "PUT", "/v1/agents/{name}/phone", "anna", "/v1/agents/anna/phone",
	  "{\"phone\":\"201\"}", NULL, 200, "agent-phone" },
	{ "PUT", "/v1/agents/{name}/phone", "supervisor",
	  "/v1/agents/ben/phone", "{\"phone\":\"202\"}", NULL, 200,
	  "agent-phone" },
	{ "POST", "/v1/me/duty", "anna", "/v1/me/duty", "{\"duty\":\"off\"}",
	  NULL, 200, "off-duty" },
	{ "PUT", "/v1/agents/{name}/queues/{queue}", "root",
	  "/v1/agents/carl/queues/sales", "", NULL, 200, "agent-added" },
	{ "DELETE", "/v1/agents/{name}/queues/{queue}", "supervisor",
	  "/v1/agents/carl/queues/sales", "", NULL, 200, "agent-removed" },
	{ "PUT", "/v1/customers/{id}", "admin", "/v1/customers/K7",
	  "{\"name\":\"A\",\"phones\":[\"+4930182001\"]}", NULL, 201,
	  "customer-saved" },
	{ "POST", "/v1/customers", "root", "/v1/customers",
	  "{\"id\":\"K8\",\"name\":\"B\"}\n", "application/x-ndjson", 200,
	  "customer-saved" },
	{ "DELETE", "/v1/customers/{id}", "admin", "/v1/customers/K8", "", NULL,
	  200, "customer-deleted" },
	{ "POST", "/v1/customers/{id}/forget", "manager",
	  "/v1/customers/K7/forget", "{}", NULL, 200, "forgotten" },
	{ "POST", "/v1/tokens", "root", "/v1/tokens",
	  "{\"name\":\"fax\",\"role\":\"push\"}", NULL, 201, "token-created" },
	{ "DELETE", "/v1/tokens/{name}", "admin", "/v1/tokens/fax", "", NULL,
	  200, "token-revoked" },
	{ "POST", "/v1/cti/{source}", "push", "/v1/cti/cti",
	  "event=hangup&cause=cancel&callId=1&from=%2B4930182002", FORM, 200,
	  "made" },
	{ "POST", "/v1/twilio/{source}", "tw", "/v1/twilio/tw",
	  "CallSid=CA1&CallStatus=busy&Direction=inbound&From=%2B4930182003",
	  FORM, 200, "made" },
};
#define ACTS (sizeof acts / sizeof *acts)

/* They need a telephone system: see calls.c. */
static const char *const elsewhere[] = {
	"/v1/items/{id}/call",
	"/v1/calls/{call}/hangup",
};

/* A field of the newest entry of that type; "" where there is none. */
static char *
newest(struct house *h, const char *type, const char *field)
{
	redisReply *log =
	    redis_do(house_redis(h), "XREVRANGE", "rb:{t}:log", "+", "-", NULL);
	char *value = house_print(h, "%s", "");

	for (size_t i = 0; i < log->elements; i++) {
		const redisReply *flat = log->element[i]->element[1];
		bool fits = false;

		for (size_t k = 0; k + 1 < flat->elements; k += 2) {
			fits = fits ||
			       (strcmp(flat->element[k]->str, "type") == 0 &&
				strcmp(flat->element[k + 1]->str, type) == 0);
			if (strcmp(flat->element[k]->str, field) == 0)
				value = house_print(h, "%s",
						    flat->element[k + 1]->str);
		}
		if (fits)
			break;
		value = house_print(h, "%s", "");
	}
	freeReplyObject(log);
	return value;
}

static void
do_act(struct house *h, const struct act *act)
{
	bool local = strcmp(act->who, "root") == 0;
	bool signs = strcmp(act->who, "tw") == 0;
	const char *origin =
	    local ? house_print(h, ME, (int)getuid()) : "127.0.0.1";
	const struct said *a =
	    house_ask(h, &(struct question){ .who = act->who,
					     .method = act->method,
					     .path = act->path,
					     .body = act->body,
					     .headers = signs ? signature : "",
					     .type = act->type });
	const char *by;

	cr_assert_eq(a->status, act->status, "%s %s: %d %s", act->method,
		     act->path, a->status, a->body);
	by = newest(h, act->logged, "by");
	if (*by == '\0')
		by = newest(h, act->logged, "agent");
	cr_expect_str_eq(by, act->who, "%s by '%s'", act->logged, by);
	cr_expect_str_eq(newest(h, act->logged, "origin"), origin, "%s",
			 act->logged);
}

Test(audit, every_address_that_writes_is_among_them)
{
	for (size_t i = 0; i < api_table_count; i++) {
		const struct route *row = &api_table[i];
		bool found = strcmp(row->method, "GET") == 0 ||
			     strcmp(row->method, "OPTIONS") == 0;

		for (size_t k = 0; k < 2; k++)
			found =
			    found || strcmp(row->pattern, elsewhere[k]) == 0;
		for (size_t k = 0; k < ACTS; k++)
			found = found ||
				(strcmp(acts[k].method, row->method) == 0 &&
				 strcmp(acts[k].pattern, row->pattern) == 0);
		cr_expect(found, "%s %s has no act here", row->method,
			  row->pattern);
	}
}

Test(audit, every_act_tells_who_and_from_where)
{
	struct house *h = pushing_house();

	if (getuid() != 0)
		cr_skip("\"root\" is who runs the tests");
	for (size_t i = 0; i < ACTS; i++)
		do_act(h, &acts[i]);
	pushing_done(h);
}

Test(audit, supervisors_see_it_as_it_happens)
{
	struct house *h = house_new();
	char line[4000];
	char *request = house_print(
	    h,
	    "GET /v1/log HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
	    "%s\r\n\r\n",
	    house_token(h, "supervisor"));
	int fd = ask_tcp(daemon_port(house_daemon(h, 0)));
	bool seen = false;

	(void)ask_send(fd, request, strlen(request));
	while (ask_line(fd, line, sizeof line, 5000) >= 0 &&
	       strncmp(line, "retry:", 6) != 0)
		;
	(void)house_event(h, "+4930182001");
	while (!seen && ask_line(fd, line, sizeof line, 5000) >= 0)
		seen = strncmp(line, "data:", 5) == 0 &&
		       strstr(line, "\"by\":\"push\"") != NULL &&
		       strstr(line, "\"origin\":\"127.0.0.1\"") != NULL;
	cr_expect(seen);
	ask_close(fd);
	house_free(h);
}

Test(audit, a_list_that_says_the_same_again_is_no_news)
{
	struct house *h = house_new();
	int64_t before;

	for (int i = 0; i < 2; i++) {
		before = redis_int(house_redis(h), "XLEN", "rb:{t}:log", NULL);
		(void)house_do(h, "admin", "PUT", "/v1/customers/K7",
			       "{\"name\":\"A\",\"value\":7}");
		cr_expect_eq(
		    redis_int(house_redis(h), "XLEN", "rb:{t}:log", NULL),
		    before + (i == 0));
	}
	/* An id that is a number or an address of mail stays out of the log. */
	(void)house_do(h, "admin", "PUT", "/v1/customers/%2B4930182009",
		       "{\"name\":\"A\"}");
	cr_expect_str_eq(newest(h, "customer-saved", "customer"), "");
	cr_expect_str_eq(newest(h, "customer-saved", "by"), "admin");
	(void)house_do(h, "admin", "PUT", "/v1/customers/K9",
		       "{\"name\":\"A\"}");
	cr_expect_str_eq(newest(h, "customer-saved", "customer"), "K9");
	house_free(h);
}

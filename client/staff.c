#include "client/staff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/problem.h"
#include "client/table.h"

static void
agent_row(struct table *t, const json_t *agent, int64_t now)
{
	const json_t *queues = field_list(agent, "queues");
	int64_t seen = field_time(agent, "seen");
	int64_t holding = field_int(agent, "holding", 0);
	char text[400] = "", at[32], held[24];
	const char *cells[6];
	size_t i, len = 0;

	for (i = 0; i < json_array_size(queues); i++) {
		const json_t *q = json_array_get(queues, i);
		double factor = field_real(q, "factor", 1.0);

		snprintf(text + len, sizeof text - len, "%s%s",
			 i > 0 ? " " : "", field_str(q, "queue"));
		len = strlen(text);
		if (factor < 0.999 || factor > 1.001)
			snprintf(text + len, sizeof text - len, " x%g", factor);
		len = strlen(text);
	}
	if (seen >= 0)
		clock_at(at, sizeof at, seen, now);
	snprintf(held, sizeof held, "%lld", (long long)holding);
	cells[0] = field_str(agent, "agent");
	cells[1] = field_str(agent, "duty");
	cells[2] = seen >= 0 ? at : "never";
	cells[3] = holding > 0 ? held : "";
	cells[4] = field_str(agent, "phone");
	cells[5] = text;
	table_row(t, cells);
}

static int
agents_list(struct cmd *c)
{
	static const struct table_head heads[] = {
		{ "agent", TABLE_CUT, 0 },   { "duty", TABLE_LEFT, 1 },
		{ "seen", TABLE_LEFT, 2 },   { "holds", TABLE_RIGHT, 3 },
		{ "phone", TABLE_RIGHT, 4 }, { "queues", TABLE_CUT, 0 }
	};
	int64_t now = clock_now_ms();
	const json_t *list;
	struct table *t;
	struct answer a;
	struct path p;
	size_t i;

	path_init(&p, "/v1/agents");
	if (!cmd_send(c, "GET", &p, NULL, &a))
		return cmd_finish(c, &a);
	list = field_list(a.json, "agents");
	if (json_array_size(list) == 0) {
		page_say(c->page,
			 "Nobody serves a queue yet: ringback agents add "
			 "QUEUE NAME");
	} else {
		t = table_new(c->page, heads, 6);
		for (i = 0; i < json_array_size(list); i++)
			agent_row(t, json_array_get(list, i), now);
		table_end(t);
	}
	answer_done(&a);
	return EXIT_DONE;
}

static int
agents_change(struct cmd *c, bool add)
{
	const char *queue = cmd_word(c, 1), *text = cmd_option(c, OPT_FACTOR);
	double factor = 1.0;
	struct answer a;
	struct path p;
	char *end;
	int i, code;

	if (cmd_count(c) < 3)
		return cmd_usage(c,
				 "a queue and at least one agent are needed.");
	if (text != NULL) {
		factor = strtod(text, &end);
		if (end == text || *end != '\0' ||
		    !(factor > 0 && factor <= 100))
			return cmd_usage(
			    c, "--factor is a number such as 0.5 or 2.");
	}
	for (i = 2; i < cmd_count(c); i++) {
		path_init(&p, "/v1/agents/");
		path_part(&p, cmd_word(c, i));
		path_raw(&p, "/queues/");
		path_part(&p, queue);
		if (!cmd_send(c, add ? "PUT" : "DELETE", &p,
			      add ? json_pack("{s:f}", "factor", factor) : NULL,
			      &a)) {
			code = cmd_finish(c, &a);
			if (code != EXIT_DONE)
				return code;
			continue;
		}
		page_say(c->page, "%s %s %s.", cmd_word(c, i),
			 add ? "now serves" : "no longer serves", queue);
		answer_done(&a);
	}
	return EXIT_DONE;
}

static bool
is_none(const char *phone)
{
	return strcmp(phone, "-") == 0 || strcmp(phone, "none") == 0;
}

/* Who asks: his name and phone, to be ended with answer_done. */
static bool
ask_me(struct cmd *c, struct answer *a, int *ret_exit)
{
	struct request r = { .method = "GET", .path = "/v1/me" };

	ask_do(c->ask, &r, a);
	if (answer_ok(a) && !problem_is_junk(a))
		return true;
	*ret_exit = cmd_finish(c, a);
	return false;
}

static int
phone_tell(struct cmd *c)
{
	struct answer a;
	int code;

	if (!ask_me(c, &a, &code))
		return code;
	if (c->json)
		return cmd_finish(c, &a);
	if (field_has(a.json, "phone"))
		page_say(c->page,
			 "Your phone: %s. It rings first when you "
			 "call.",
			 field_str(a.json, "phone"));
	else
		page_say(c->page,
			 "No phone of yours is known: ringback agents phone "
			 "NUMBER");
	answer_done(&a);
	return EXIT_DONE;
}

static int
phone_set(struct cmd *c, const char *name, const char *phone)
{
	const char *number = is_none(phone) ? "" : phone;
	char own[200];
	struct answer a;
	struct path p;
	int code;

	if (name == NULL) {
		if (!ask_me(c, &a, &code))
			return code;
		snprintf(own, sizeof own, "%s", field_str(a.json, "name"));
		answer_done(&a);
	}
	path_init(&p, "/v1/agents/");
	path_part(&p, name != NULL ? name : own);
	path_raw(&p, "/phone");
	if (!cmd_send(c, "PUT", &p, json_pack("{s:s}", "phone", number), &a))
		return cmd_finish(c, &a);
	if (*number == '\0')
		page_say(c->page, "No phone of %s is known any more.",
			 name != NULL ? name : "yours");
	else
		page_say(c->page,
			 "The phone of %s is %s: it rings first in a "
			 "call.",
			 name != NULL ? name : own, number);
	answer_done(&a);
	return EXIT_DONE;
}

static int
agents_phone(struct cmd *c)
{
	const char *phone = cmd_word(c, cmd_count(c) - 1);
	int words = cmd_count(c) - 1;

	if (words == 0)
		return phone_tell(c);
	if (words > 2)
		return cmd_usage(c, "phone takes an agent and a number, or "
				    "only the number of your own.");
	if (!is_none(phone) &&
	    (*phone == '\0' || strspn(phone, "0123456789") != strlen(phone)))
		return cmd_usage(c,
				 "'%.60s' is no telephone of your own system: "
				 "digits such as 1001, or none.",
				 phone);
	return phone_set(c, words == 2 ? cmd_word(c, 1) : NULL, phone);
}

int
staff_agents(struct cmd *c)
{
	const char *what = cmd_word(c, 0);

	if (what == NULL || strcmp(what, "list") == 0)
		return agents_list(c);
	if (strcmp(what, "add") == 0)
		return agents_change(c, true);
	if (strcmp(what, "remove") == 0)
		return agents_change(c, false);
	if (strcmp(what, "phone") == 0)
		return agents_phone(c);
	return cmd_usage(c, "agents knows add, remove and phone, not '%s'.",
			 what);
}

static int
tokens_list(struct cmd *c)
{
	static const struct table_head heads[] = { { "token", TABLE_CUT, 0 },
						   { "role", TABLE_LEFT, 0 },
						   { "made", TABLE_LEFT, 1 } };
	int64_t now = clock_now_ms(), made;
	const char *cells[3];
	const json_t *list;
	struct table *t;
	struct answer a;
	struct path p;
	char at[32];
	size_t i;

	path_init(&p, "/v1/tokens");
	if (!cmd_send(c, "GET", &p, NULL, &a))
		return cmd_finish(c, &a);
	list = field_list(a.json, "tokens");
	if (json_array_size(list) == 0) {
		page_say(c->page, "There are no tokens.");
	} else {
		t = table_new(c->page, heads, 3);
		for (i = 0; i < json_array_size(list); i++) {
			const json_t *k = json_array_get(list, i);

			made = field_time(k, "created");
			if (made >= 0)
				clock_at(at, sizeof at, made, now);
			cells[0] = field_str(k, "name");
			cells[1] = field_str(k, "role");
			cells[2] = made >= 0 ? at : "";
			table_row(t, cells);
		}
		table_end(t);
	}
	answer_done(&a);
	return EXIT_DONE;
}

/* The token alone goes to standard output, so that it can go into a file. */
static int
tokens_create(struct cmd *c)
{
	const char *name = cmd_word(c, 1), *role = cmd_option(c, OPT_ROLE);
	struct answer a;
	struct path p;

	if (name == NULL || cmd_count(c) > 2 || role == NULL)
		return cmd_usage(
		    c, "a token needs a name and --role (push, agent, "
		       "supervisor, manager or admin).");
	if (!cmd_is_text("the name", name) || !cmd_is_text("the role", role))
		return EXIT_USAGE;
	path_init(&p, "/v1/tokens");
	if (!cmd_send(c, "POST", &p,
		      json_pack("{s:s,s:s}", "name", name, "role", role), &a))
		return cmd_finish(c, &a);
	if (c->page->tty)
		problem_say(
		    "the token of %s, with the role %s; it is shown only now:",
		    name, role);
	page_say(c->page, "%s", field_str(a.json, "token"));
	answer_done(&a);
	return EXIT_DONE;
}

static int
tokens_revoke(struct cmd *c)
{
	const char *name = cmd_word(c, 1);
	struct answer a;
	struct path p;

	if (name == NULL || cmd_count(c) > 2)
		return cmd_usage(c, "revoke which token?");
	path_init(&p, "/v1/tokens/");
	path_part(&p, name);
	if (!cmd_send(c, "DELETE", &p, NULL, &a))
		return cmd_finish(c, &a);
	page_say(c->page, "The token of %s opens nothing any more.", name);
	answer_done(&a);
	return EXIT_DONE;
}

int
staff_tokens(struct cmd *c)
{
	const char *what = cmd_word(c, 0);

	if (what == NULL || strcmp(what, "list") == 0)
		return tokens_list(c);
	if (strcmp(what, "create") == 0)
		return tokens_create(c);
	if (strcmp(what, "revoke") == 0)
		return tokens_revoke(c);
	return cmd_usage(c, "tokens knows create and revoke, not '%s'.", what);
}

static int
set_duty(struct cmd *c, const char *duty, const char *said)
{
	struct answer a;
	struct path p;

	if (cmd_count(c) > 0)
		return cmd_usage(c, "this takes no words.");
	path_init(&p, "/v1/me/duty");
	if (!cmd_send(c, "POST", &p, json_pack("{s:s}", "duty", duty), &a))
		return cmd_finish(c, &a);
	page_say(c->page, "%s", said);
	answer_done(&a);
	return EXIT_DONE;
}

int
staff_pause(struct cmd *c)
{
	return set_duty(
	    c, "off",
	    "Paused: you are off duty; ringback next (or resume) ends it.");
}

int
staff_resume(struct cmd *c)
{
	return set_duty(c, "on", "On duty. Next: ringback next");
}

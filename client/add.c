#include "client/add.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "client/clock.h"
#include "client/field.h"
#include "client/problem.h"
#include "client/when.h"
#include "client/words.h"

static const struct {
	const char *word;
	const char *type;
} kinds[] = {
	{ "call", "callback.requested" },
	{ "complaint", "complaint" },
	{ "feedback", "feedback" },
};

/* 128 random bits: no two people's additions are ever taken for one. */
static int
random_id(char *buf, size_t size)
{
	unsigned char bytes[16];
	size_t i;

	if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
		return -1;
	for (i = 0; i < sizeof bytes && 2 * i + 2 < size; i++)
		snprintf(buf + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static void
source_name(char *buf, size_t size)
{
	const struct passwd *pw = getpwuid(getuid());

	if (pw != NULL)
		snprintf(buf, size, "cli:%.40s", pw->pw_name);
	else
		snprintf(buf, size, "cli:%u", (unsigned)getuid());
}

static bool
add_options(const struct cmd *c, json_t *body)
{
	const char *severity = cmd_option(c, OPT_SEVERITY);
	const char *at = cmd_option(c, OPT_AT);
	char text[40];
	int64_t ms;

	if (severity != NULL) {
		if (strlen(severity) != 1 || *severity < '1' ||
		    *severity > '3') {
			cmd_usage(c, "--severity is 1, 2 or 3.");
			return false;
		}
		json_object_set_new(body, "severity",
				    json_integer(*severity - '0'));
	}
	if (at != NULL) {
		if (when_ahead(&ms, at, clock_now_ms()) < 0) {
			cmd_usage(c,
				  "--at is a time such as 14:30, \"tomorrow "
				  "10\" or \"2026-11-25 10:00\", not '%.60s'.",
				  at);
			return false;
		}
		clock_write(text, sizeof text, ms);
		json_object_set_new(body, "callback_at", json_string(text));
	}
	return cmd_add_option(c, body, "text", OPT_TEXT) &&
	       cmd_add_option(c, body, "text", OPT_MESSAGE) &&
	       cmd_add_option(c, body, "queue", OPT_QUEUE) &&
	       cmd_add_option(c, body, "name", OPT_NAME) &&
	       cmd_add_option(c, body, "category", OPT_CATEGORY) &&
	       cmd_add_option(c, body, "link", OPT_LINK) &&
	       cmd_add_option(c, body, "language", OPT_LANGUAGE) &&
	       cmd_add_option(c, body, "customer", OPT_CUSTOMER);
}

/* No item came of it: why, and whether that is a fault. */
static int
show_not_added(struct cmd *c, const json_t *answer, const char *from)
{
	const char *state = field_str(answer, "state");
	char reason[64];

	words_code(reason, sizeof reason, field_str(answer, "reason"));
	if (strcmp(reason, "invalid") == 0)
		reason[0] = '\0';
	if (strcmp(state, "recorded") == 0) {
		page_say(c->page, "It is kept with the customer; there is "
				  "nothing to call for.");
		return EXIT_DONE;
	}
	if (strcmp(reason, "never call") == 0)
		problem_say("%s does not want to be called, ever: nothing was "
			    "taken in.",
			    from);
	else if (strcmp(state, "uncallable") == 0)
		problem_say("%s is no telephone number that can be called%s%s%s"
			    ": nothing was taken in.",
			    *from != '\0' ? from : "that",
			    *reason != '\0' ? " (" : "", reason,
			    *reason != '\0' ? ")" : "");
	else
		problem_say("nothing was taken in%s%s.",
			    *reason != '\0' ? ": " : "", reason);
	return EXIT_REFUSED;
}

/* "Agreed for Wed 25 Nov 10:00": how --at was understood. */
static void
show_agreed(struct cmd *c, int64_t now)
{
	const char *text = cmd_option(c, OPT_AT);
	char at[40];
	int64_t ms;

	if (text == NULL || when_ahead(&ms, text, now) < 0)
		return;
	clock_at(at, sizeof at, ms, now);
	page_say(c->page, "To be called %s%s.", strlen(at) == 5 ? "at " : "",
		 at);
}

static int
show_added(struct cmd *c, struct answer *a, const char *from)
{
	int64_t due = field_time(a->json, "due"), now = clock_now_ms();
	bool dated = due >= 0 && cmd_option(c, OPT_AT) == NULL;
	int code = EXIT_DONE;
	char at[40] = "";

	if (strcmp(field_str(a->json, "state"), "kept") == 0) {
		page_say(c->page,
			 "Redis does not take it at present. It is kept "
			 "on the disk of the daemon, and will be in its "
			 "queue when Redis does.");
	} else if (field_int(a->json, "number", 0) == 0) {
		code = show_not_added(c, a->json, from);
	} else {
		if (dated)
			clock_at(at, sizeof at, due, now);
		page_say(c->page, "%lld %s, %s in %s%s%s.",
			 (long long)field_int(a->json, "number", 0),
			 field_bool(a->json, "merged") ? "stands there already"
						       : "is taken in",
			 field_str(a->json, "tier"),
			 field_str(a->json, "queue"),
			 dated ? ", promised by " : "", at);
		show_agreed(c, now);
	}
	answer_done(a);
	return code;
}

/* --json: what made no item is a refusal all the same. */
static int
finish_added(struct cmd *c, struct answer *a)
{
	const char *state = field_str(a->json, "state");
	bool refused = answer_ok(a) && field_int(a->json, "number", 0) == 0 &&
		       strcmp(state, "recorded") != 0 &&
		       strcmp(state, "kept") != 0;
	int code = cmd_finish(c, a);

	return refused && code == EXIT_DONE ? EXIT_REFUSED : code;
}

int
add_event(struct cmd *c)
{
	const char *kind = cmd_word(c, 0), *type = NULL;
	char id[40], source[64], *from, now[40];
	struct answer a;
	struct path p;
	json_t *body;
	size_t i;
	int code;

	for (i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcmp(kind, kinds[i].word) == 0)
			type = kinds[i].type;
	if (type == NULL)
		return cmd_usage(c, "add what? call, complaint or feedback.");
	if (cmd_count(c) < 2 && cmd_option(c, OPT_CUSTOMER) == NULL)
		return cmd_usage(c,
				 "whose? A telephone number or --customer ID.");
	from = args_join(c->args, 2);
	if (!cmd_is_text("the number", from) || random_id(id, sizeof id) < 0) {
		free(from);
		return EXIT_USAGE;
	}
	source_name(source, sizeof source);
	clock_write(now, sizeof now, clock_now_ms());
	body = json_pack("{s:s,s:s,s:s,s:s}", "type", type, "id", id, "source",
			 source, "time", now);
	if (body != NULL && *from != '\0')
		json_object_set_new(body, "from", json_string(from));
	if (body == NULL || !add_options(c, body)) {
		json_decref(body);
		free(from);
		return EXIT_USAGE;
	}
	path_init(&p, "/v1/events");
	code = cmd_send(c, "POST", &p, body, &a) ? show_added(c, &a, from)
						 : finish_added(c, &a);
	free(from);
	return code;
}

#include "client/hold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "client/card.h"
#include "client/clock.h"
#include "client/field.h"
#include "client/nothing.h"
#include "client/problem.h"
#include "client/words.h"

#define WAIT_S 50
#define TRIES 3

static void
show_card(struct cmd *c, const json_t *card)
{
	int64_t now = clock_now_ms();

	card_print(c->page, card, now);
	card_foot(c->page, card, now);
}

static void
path_item(struct path *p, const char *item, const char *verb)
{
	path_init(p, "/v1/items/");
	path_part(p, item != NULL ? args_item(item) : "held");
	path_raw(p, verb);
}

/* While one waits, a daemon that is restarted is no reason to stop. */
static bool
wait_again(struct answer *a, int64_t *ret_gone_ms, bool was_there)
{
	if (answer_exit(a) == EXIT_AWAY && was_there) {
		if (*ret_gone_ms == 0) {
			problem_say("daemon gone, trying again");
			*ret_gone_ms = clock_mono_ms();
		}
		answer_done(a);
		sleep(1);
		return true;
	}
	if (*ret_gone_ms != 0 && answer_ok(a))
		problem_say("back after %lld s",
			    (long long)(clock_mono_ms() - *ret_gone_ms) / 1000);
	*ret_gone_ms = 0;
	if (answer_ok(a) && field_false(a->json, "held")) {
		answer_done(a);
		return true;
	}
	return false;
}

static void
tell_waiting(const json_t *answer)
{
	char queues[256];

	field_join(queues, sizeof queues, field_list(answer, "queues"));
	problem_say("nothing to call now%s%s; waiting, Ctrl-C ends it",
		    *queues != '\0' ? " in " : "", queues);
}

int
hold_next(struct cmd *c)
{
	struct request r = { .method = "POST", .path = "/v1/next" };
	bool wait = cmd_option(c, OPT_WAIT) != NULL;
	bool was_there = false;
	int64_t gone_ms = 0;
	struct answer a;
	int code = 0;

	if (cmd_count(c) > 0)
		return cmd_usage(
		    c, "next takes no words; 'take' takes a given item.");
	for (;;) {
		json_t *body = json_pack(
		    "{s:i}", "wait_s", was_there && gone_ms == 0 ? WAIT_S : 0);

		r.body = body;
		r.timeout_s = WAIT_S + 20;
		ask_do(c->ask, &r, &a);
		json_decref(body);
		if (wait && !was_there && answer_ok(&a) &&
		    field_false(a.json, "held") && isatty(STDERR_FILENO) == 1)
			tell_waiting(a.json);
		if (!wait || !wait_again(&a, &gone_ms, was_there))
			break;
		was_there = true;
	}
	if (!answer_ok(&a) || problem_is_junk(&a) || c->json)
		return cmd_finish(c, &a);
	if (field_false(a.json, "held")) {
		nothing_print(c->page, a.json, clock_now_ms());
		code = EXIT_NOTHING;
	} else {
		if (was_there && c->page->tty)
			fputc('\a', c->page->to);
		show_card(c, a.json);
	}
	answer_done(&a);
	return code;
}

/* The number of the open item of that telephone number. */
static int
find_by_phone(struct cmd *c, const char *phone, char *ret, size_t size)
{
	struct request r = { .method = "GET" };
	struct answer a;
	const json_t *list;
	struct path p;
	int code = EXIT_NOTHING;

	path_init(&p, "/v1/items");
	path_query(&p, "customer", phone);
	path_query(&p, "limit", "10");
	r.path = p.text;
	if (p.too_long)
		return cmd_usage(c, "that is too long for a telephone number.");
	ask_do(c->ask, &r, &a);
	if (!answer_ok(&a) || problem_is_junk(&a))
		return cmd_finish(c, &a);
	list = field_list(a.json, "items");
	if (json_array_size(list) > 0) {
		snprintf(
		    ret, size, "%lld",
		    (long long)field_int(json_array_get(list, 0), "number", 0));
		code = EXIT_DONE;
	} else if (c->json) {
		cmd_json(c, &a);
	} else {
		page_say(c->page, "Nothing is open for %s.", phone);
	}
	answer_done(&a);
	return code;
}

/* With at least a digit, and nothing that never stands in one. */
static bool
is_phone(const char *s)
{
	return strpbrk(s, "0123456789") != NULL &&
	       s[strspn(s, "0123456789 +-()/.")] == '\0';
}

int
hold_take(struct cmd *c)
{
	const char *first = cmd_word(c, 0);
	char found[32], *phone;
	struct answer a;
	struct path p;
	int code;

	if (first == NULL)
		return cmd_usage(
		    c, "take what? The number of an item or a telephone "
		       "number.");
	/* Numbers of items are short and do not begin with 0. */
	if (!args_is_item(first) || *first == '0' ||
	    (*first != '#' && strlen(first) >= 8 &&
	     strchr(first, '-') == NULL) ||
	    cmd_count(c) > 1) {
		phone = args_join(c->args, 1);
		if (!is_phone(phone)) {
			code = cmd_usage(c,
					 "'%.60s' is neither an item nor a "
					 "telephone number.",
					 phone);
			free(phone);
			return code;
		}
		code = find_by_phone(c, phone, found, sizeof found);
		free(phone);
		if (code != EXIT_DONE)
			return code;
		first = found;
	}
	path_item(&p, first, "/hold");
	if (!cmd_send(c, "POST", &p, NULL, &a))
		return cmd_finish(c, &a);
	show_card(c, a.json);
	answer_done(&a);
	return EXIT_DONE;
}

/* After an outcome: what it did, and the next one where that was asked. */
static int
show_outcome(struct cmd *c, struct answer *a)
{
	const json_t *next = field_obj(a->json, "next");
	int64_t now = clock_now_ms(), undo = field_int(a->json, "undo_s", 0);
	int code = EXIT_DONE;
	char text[512];

	words_outcome(text, sizeof text, a->json, now);
	if (undo > 0)
		page_say(c->page, "%s (within %lld s: ringback undo)", text,
			 (long long)undo);
	else
		page_say(c->page, "%s", text);
	if (cmd_option(c, OPT_NEXT) != NULL && next != NULL) {
		page_end(c->page);
		if (field_false(next, "held")) {
			nothing_print(c->page, next, now);
			code = EXIT_NOTHING;
		} else {
			show_card(c, next);
		}
	}
	answer_done(a);
	return code;
}

static bool
add_common(const struct cmd *c, json_t *body)
{
	if (cmd_option(c, OPT_NEXT) != NULL)
		json_object_set_new(body, "next", json_true());
	return cmd_add_option(c, body, "note", OPT_MESSAGE) &&
	       cmd_add_option(c, body, "cause", OPT_CAUSE) &&
	       cmd_add_option(c, body, "correction", OPT_CORRECTION);
}

/* What is held, by its number and its hold: then an answer that was lost can be
 * asked for again, and the repeat never hits the next customer. */
static const char *
name_held(struct cmd *c, char number[24], json_t *body)
{
	const struct request r = { .method = "GET", .path = "/v1/me" };
	const char *name = NULL;
	const json_t *it;
	struct answer a;

	ask_do(c->ask, &r, &a);
	it = field_obj(field_obj(a.json, "held"), "item");
	if (field_int(it, "number", 0) > 0 && field_int(it, "fence", 0) > 0) {
		snprintf(number, 24, "%lld",
			 (long long)field_int(it, "number", 0));
		json_object_set_new(body, "fence",
				    json_integer(field_int(it, "fence", 0)));
		name = number;
	}
	answer_done(&a);
	return name;
}

/* send_outcome: once in effect, however often it has to be sent. */
static bool
send_outcome(struct cmd *c, const char *item, json_t *body, struct answer *a)
{
	char number[24];
	struct path p;
	int tries = 1;
	bool ok;

	if (item == NULL)
		item = name_held(c, number, body);
	path_item(&p, item, "/outcome");
	for (;;) {
		ok = cmd_send(c, "POST", &p, json_incref(body), a);
		if (ok || (a->status != 0 && a->status != 504) ||
		    !json_is_integer(json_object_get(body, "fence")) ||
		    tries++ == TRIES)
			break;
		answer_done(a);
	}
	json_decref(body);
	return ok;
}

int
hold_done(struct cmd *c)
{
	const char *item = cmd_word(c, 0), *code = cmd_word(c, 1);
	const char *accepted = cmd_option(c, OPT_ACCEPTED);
	struct answer a;
	json_t *body;

	if (item != NULL && !args_is_item(item)) {
		code = item;
		item = NULL;
	}
	if (cmd_count(c) > (item != NULL) + (code != NULL))
		return cmd_usage(c, "too many words; a note goes behind -m.");
	if (code != NULL && strchr(code, ' ') != NULL)
		return cmd_usage(
		    c, "'%.60s' is no outcome; a note goes behind -m.", code);
	if (accepted != NULL && strcmp(accepted, "yes") != 0 &&
	    strcmp(accepted, "no") != 0)
		return cmd_usage(c, "--accepted is yes or no.");
	if (code != NULL && !cmd_is_text("the outcome", code))
		return EXIT_USAGE;
	body = json_pack("{s:s}", "outcome", code != NULL ? code : "done");
	if (accepted != NULL)
		json_object_set_new(body, "accepted",
				    json_boolean(strcmp(accepted, "yes") == 0));
	if (!add_common(c, body)) {
		json_decref(body);
		return EXIT_USAGE;
	}
	if (!send_outcome(c, item, body, &a))
		return cmd_finish(c, &a);
	return show_outcome(c, &a);
}

/* "later 4821 10:30" names an item; in "later 25 nov", "later 10" and
 * "later 10 am" the number is a part of the time. */
static bool
begins_with_item(const struct cmd *c)
{
	static const char *const parts[] = { "jan", "feb", "mar", "apr", "may",
					     "jun", "jul", "aug", "sep", "oct",
					     "nov", "dec", "am",  "pm" };
	const char *first = cmd_word(c, 0), *second = cmd_word(c, 1);
	size_t i;

	if (first == NULL || second == NULL || !args_is_item(first))
		return false;
	for (i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (strncasecmp(second, parts[i], strlen(parts[i])) == 0)
			return strlen(first) > 2;
	return true;
}

int
hold_later(struct cmd *c)
{
	bool named = begins_with_item(c);
	char *when = args_join(c->args, named ? 2 : 1);
	struct answer a;
	json_t *body;

	if (*when == '\0' || !cmd_is_text("the time", when)) {
		free(when);
		return cmd_usage(c, "later when? Such as: later tomorrow 10, "
				    "later wed 14:30, later in 20m.");
	}
	body = json_pack("{s:s,s:s,s:b}", "outcome", "later", "at", when,
			 "anyone", cmd_option(c, OPT_ANYONE) != NULL);
	free(when);
	if (!add_common(c, body)) {
		json_decref(body);
		return EXIT_USAGE;
	}
	if (!send_outcome(c, named ? cmd_word(c, 0) : NULL, body, &a))
		return cmd_finish(c, &a);
	return show_outcome(c, &a);
}

static int
send_item(struct cmd *c, const char *item, const char *verb, json_t *body)
{
	struct answer a;
	struct path p;
	const json_t *it;
	char text[600];

	path_item(&p, item, verb);
	if (!cmd_send(c, "POST", &p, body, &a))
		return cmd_finish(c, &a);
	it = field_obj(a.json, "item");
	words_place(text, sizeof text, a.json, clock_now_ms(),
		    strcmp(verb, "/move") == 0);
	if (strcmp(verb, "/note") == 0)
		page_say(c->page, "%lld %s: noted.",
			 (long long)field_int(it, "number", 0), words_who(it));
	else
		page_say(c->page, "%s", text);
	answer_done(&a);
	return EXIT_DONE;
}

int
hold_note(struct cmd *c)
{
	const char *first = cmd_word(c, 0);
	bool named = first != NULL && args_is_item(first) && cmd_count(c) > 1;
	char *text = args_join(c->args, named ? 2 : 1);
	json_t *body;

	if (*text == '\0' || !cmd_is_text("the note", text)) {
		free(text);
		return cmd_usage(c, "note what?");
	}
	if (!named && args_is_item(first)) {
		free(text);
		return cmd_usage(c,
				 "note what? The text for %s is missing (a "
				 "note that is a number: note held %s).",
				 first, first);
	}
	body = json_pack("{s:s}", "note", text);
	free(text);
	return send_item(c, named ? first : NULL, "/note", body);
}

int
hold_move(struct cmd *c)
{
	const char *to = cmd_word(c, cmd_count(c) - 1);
	const char *item = cmd_count(c) == 2 ? cmd_word(c, 0) : NULL;
	json_t *body;

	if (to == NULL || cmd_count(c) > 2)
		return cmd_usage(c,
				 "move where? To a queue, an agent, or 'up'.");
	if (item != NULL && !args_is_item(item))
		return cmd_usage(c, "'%s' is no item.", item);
	if (!cmd_is_text("the goal", to))
		return EXIT_USAGE;
	/* What it is, a queue or an agent, the daemon knows. */
	body = json_pack("{s:s}", "to", to);
	if (!cmd_add_option(c, body, "note", OPT_MESSAGE)) {
		json_decref(body);
		return EXIT_USAGE;
	}
	return send_item(c, item, "/move", body);
}

int
hold_release(struct cmd *c)
{
	const char *item = cmd_word(c, 0);
	json_t *body;

	if (cmd_count(c) > 1 || (item != NULL && !args_is_item(item)))
		return cmd_usage(
		    c, "release takes the number of an item, or nothing.");
	body = json_object();
	if (!cmd_add_option(c, body, "reason", OPT_MESSAGE)) {
		json_decref(body);
		return EXIT_USAGE;
	}
	return send_item(c, item, "/release", body);
}

/* What came back: an item, or only a note that is gone; and who had to go. */
static void
show_undone(struct cmd *c, const json_t *answer)
{
	const json_t *item = field_obj(answer, "item");
	char back[256];

	if (strcmp(field_str(answer, "undone"), "note") == 0) {
		page_say(c->page, "Note on %lld taken back.",
			 (long long)field_int(item, "number", 0));
		return;
	}
	show_card(c, answer);
	words_put_back(back, sizeof back, answer);
	if (*back != '\0')
		page_say(c->page, " %s", back);
}

int
hold_undo(struct cmd *c)
{
	const char *item = cmd_word(c, 0);
	struct answer a;
	struct path p;

	if (cmd_count(c) > 1 || (item != NULL && !args_is_item(item)))
		return cmd_usage(
		    c, "undo takes the number of an item, or nothing.");
	if (item != NULL)
		path_item(&p, item, "/undo");
	else
		path_init(&p, "/v1/undo");
	if (!cmd_send(c, "POST", &p, NULL, &a))
		return cmd_finish(c, &a);
	show_undone(c, a.json);
	answer_done(&a);
	return EXIT_DONE;
}

#include "client/ring.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "client/calling.h"
#include "client/clock.h"
#include "client/field.h"
#include "client/problem.h"

#define PARK_S 25
#define AGAIN_MS 1000
#define GONE_MS 60000 /* longer, and one looks again by oneself */

struct ring {
	struct cmd *c;       /* borrowed */
	json_t *item;        /* owned: who is called */
	struct calling call; /* as far as it is known */
	int64_t gone_ms; /* monotonic; since when the daemon is away, or 0 */
	int stops;       /* that were heeded */
	bool left;       /* the call goes on without us */
};

/*
 * The verb, in the order in which it happens:
 *	ring_run	the command line
 *	find		whom: what is held, or the item that was named
 *	order		POST .../call, where no call of it is under way
 *	follow		GET /v1/calls/ID until it has ended
 *	finish		what may come next, and the exit code
 */
static bool find(struct ring *, const char *item, int *ret_exit);
static bool order(struct ring *, int *ret_exit);
static bool follow(struct ring *, int *ret_exit);
static int finish(struct ring *);

static volatile sig_atomic_t stopped; /* how often Ctrl-C was pressed */

static void
on_stop(int number)
{
	(void)number;
	stopped++;
}

/* Until the answer, or a Ctrl-C that was not heeded yet: false. */
static bool
send_request(struct ring *r, const struct request *what, struct answer *a)
{
	struct call *call = call_start(r->c->ask, what);

	while (!call_is_done(call)) {
		if (stopped > r->stops) {
			call_drop(call);
			return false;
		}
		ask_wait(r->c->ask, -1, 200);
	}
	call_take(call, a);
	return true;
}

/* What an answer tells of the call: false where that is no news. */
static bool
tell(struct ring *r, const json_t *told)
{
	struct answer line = { 0 };
	char text[600];

	if (!calling_read(&r->call, told))
		return false;
	if (r->c->json) {
		line.text = json_dumps(told, JSON_COMPACT);
		line.len = line.text != NULL ? strlen(line.text) : 0;
		cmd_json(r->c, &line);
		answer_done(&line);
	} else {
		calling_says(text, sizeof text, &r->call, r->item,
			     clock_now_ms());
		page_say(r->c->page, "%s", text);
	}
	fflush(r->c->page->to);
	return true;
}

static bool
find(struct ring *r, const char *item, int *ret_exit)
{
	struct answer a;
	struct path p;

	path_init(&p, "/v1/items/");
	path_part(&p, item != NULL ? args_item(item) : "held");
	if (!cmd_send(r->c, "GET", &p, NULL, &a) &&
	    (!answer_ok(&a) || problem_is_junk(&a))) {
		*ret_exit = cmd_finish(r->c, &a);
		return false;
	}
	r->item = json_incref(field_obj(a.json, "item"));
	calling_read(&r->call, field_obj(a.json, "calling"));
	answer_done(&a);
	return true;
}

static bool
order_body(const struct ring *r, json_t *body)
{
	int64_t fence = field_int(r->item, "fence", 0);

	if (fence > 0)
		json_object_set_new(body, "fence", json_integer(fence));
	return cmd_add_option(r->c, body, "phone", OPT_PHONE) &&
	       cmd_add_option(r->c, body, "source", OPT_SOURCE);
}

/* It is ordered once: a second order would ring twice. */
static bool
order(struct ring *r, int *ret_exit)
{
	json_t *body = json_object();
	struct answer a;
	struct path p;
	char number[32];
	bool sent, unknown;

	memset(&r->call, 0,
	       sizeof r->call); /* an earlier one, that has ended */
	if (!order_body(r, body)) {
		json_decref(body);
		*ret_exit = EXIT_USAGE;
		return false;
	}
	snprintf(number, sizeof number, "%lld",
		 (long long)field_int(r->item, "number", 0));
	path_init(&p, "/v1/items/");
	path_part(&p, number);
	path_raw(&p, "/call");
	sent = cmd_send(r->c, "POST", &p, body, &a);
	if (!sent && (!answer_ok(&a) || problem_is_junk(&a))) {
		unknown = a.status == 0 || a.status == 504;
		*ret_exit = cmd_finish(r->c, &a);
		if (unknown && !r->c->json)
			problem_say("whether it calls is not known: if your "
				    "phone rings, ringback call shows it.");
		return false;
	}
	(void)tell(r, a.json);
	answer_done(&a);
	if (*r->call.id == '\0') {
		problem_say("the daemon did not say which call it is.");
		*ret_exit = EXIT_AWAY;
		return false;
	}
	return true;
}

static void
hang_up(struct ring *r)
{
	struct answer a;
	struct path p;

	problem_say("hanging up");
	path_init(&p, "/v1/calls/");
	path_part(&p, r->call.id);
	path_raw(&p, "/hangup");
	(void)cmd_send(r->c, "POST", &p, NULL, &a);
	if (!answer_ok(&a))
		problem_tell(&a);
	answer_done(&a);
}

/* While it rings, Ctrl-C takes it back; who talks is not cut off by a key that
 * ends a command.  The second time it means the command. */
static void
heed_stop(struct ring *r)
{
	bool rings = strcmp(r->call.state, "agent") == 0 ||
		     strcmp(r->call.state, "customer") == 0;
	bool first = r->stops == 0;

	r->stops = stopped;
	if (first && rings)
		hang_up(r);
	else
		r->left = true;
}

/* Is the daemon away, and may it come back? */
static bool
bear(struct ring *r, const struct answer *a)
{
	int64_t now = clock_mono_ms(), until = now + AGAIN_MS;

	if (answer_exit(a) != EXIT_AWAY) {
		if (r->gone_ms != 0)
			problem_say("back after %lld s",
				    (long long)(now - r->gone_ms) / 1000);
		r->gone_ms = 0;
		return false;
	}
	if (r->gone_ms == 0) {
		problem_say("daemon gone, trying again; the call itself goes "
			    "on");
		r->gone_ms = now;
	}
	if (now - r->gone_ms >= GONE_MS)
		return false;
	while (clock_mono_ms() < until && stopped <= r->stops)
		ask_wait(r->c->ask, -1, 100);
	return true;
}

/* A daemon that answers at once with what is known is not asked at once
 * again. */
static void
nap(const struct ring *r, int64_t asked_ms)
{
	while (calling_goes_on(&r->call) && stopped <= r->stops &&
	       clock_mono_ms() < asked_ms + AGAIN_MS)
		ask_wait(r->c->ask, -1, 100);
}

/* The daemon does not know the call, as after its restart: the item says what
 * came of it, or that another daemon still has it. */
static void
ask_item(struct ring *r)
{
	struct request get = { .method = "GET" };
	struct answer a;
	char number[32];
	json_t *told;
	struct path p;

	snprintf(number, sizeof number, "%lld",
		 (long long)field_int(r->item, "number", 0));
	path_init(&p, "/v1/items/");
	path_part(&p, number);
	get.path = p.text;
	if (!send_request(r, &get, &a))
		return;
	if (!bear(r, &a)) {
		told = json_incref(field_obj(a.json, "calling"));
		if (strcmp(field_str(told, "call"), r->call.id) != 0) {
			json_decref(told);
			told = json_pack("{s:s,s:s,s:s}", "call", r->call.id,
					 "state", "ended", "result", "lost");
		}
		(void)tell(r, told);
		json_decref(told);
	}
	answer_done(&a);
}

/* Once round: false where the end of the verb is reached, see *ret_exit. */
static bool
ask_once(struct ring *r, int *ret_exit)
{
	struct request get = { .method = "GET", .timeout_s = PARK_S + 20 };
	int64_t asked = clock_mono_ms();
	bool news = false;
	struct answer a;
	struct path p;

	path_init(&p, "/v1/calls/");
	path_part(&p, r->call.id);
	path_query(&p, "after", *r->call.state != '\0' ? r->call.state : NULL);
	path_query(&p, "wait_s", "25");
	get.path = p.text;
	if (!send_request(r, &get, &a))
		return true;
	if (bear(r, &a)) {
		answer_done(&a);
		return true;
	}
	if (a.status != 404 && (!answer_ok(&a) || problem_is_junk(&a))) {
		*ret_exit = cmd_finish(r->c, &a);
		return false;
	}
	if (a.status == 404)
		ask_item(r);
	else
		news = tell(r, a.json);
	answer_done(&a);
	if (!news)
		nap(r, asked);
	return true;
}

static bool
follow(struct ring *r, int *ret_exit)
{
	while (calling_goes_on(&r->call) && !r->left) {
		if (stopped > r->stops)
			heed_stop(r);
		else if (!ask_once(r, ret_exit))
			return false;
	}
	return true;
}

static int
finish(struct ring *r)
{
	char text[400];

	if (r->left) {
		problem_say("the call goes on; ringback call shows it, and "
			    "what came of it is recorded by: ringback done");
		return strcmp(r->call.state, "talking") == 0 ? EXIT_DONE
							     : EXIT_REFUSED;
	}
	if (!r->c->json) {
		calling_next(text, sizeof text, &r->call);
		page_say(r->c->page, "%s", text);
	}
	if (calling_talked(&r->call))
		return EXIT_DONE;
	return strcmp(r->call.result, "lost") == 0 ? EXIT_AWAY : EXIT_REFUSED;
}

int
ring_run(struct cmd *c)
{
	struct sigaction stop = { .sa_handler = on_stop };
	const char *item = cmd_word(c, 0);
	struct ring r = { .c = c };
	int code = EXIT_DONE;

	if (cmd_count(c) > 1 || (item != NULL && !args_is_item(item)))
		return cmd_usage(c, "call takes the number of an item, or "
				    "nothing: then it rings whom you hold.");
	if (!find(&r, item, &code))
		return code;
	sigaction(SIGINT, &stop, NULL);
	if (!calling_goes_on(&r.call)) {
		if (!order(&r, &code))
			goto out;
	} else {
		if (!c->json)
			page_say(c->page, "A call is under way already.");
		r.call.state[0] = '\0'; /* how it stands comes at once */
	}
	if (follow(&r, &code))
		code = finish(&r);
out:
	json_decref(r.item);
	return code;
}

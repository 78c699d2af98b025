/* The daemon dies by kill -9 between any two requests, and in the middle of
 * them: what it has acknowledged is there, nothing is there twice. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "tests/system/team.h"

TestSuite(system_crash, .timeout = 120);

/* ---- between two requests ----------------------------------------------- */

static struct web *
come_back(struct team *t, struct web *w, const char *token)
{
	web_free(w);
	daemon_restart(t->daemon[0]);
	return web_tcp(daemon_port(t->daemon[0]), token);
}

static int64_t
next(struct web *w)
{
	const struct web_answer *a = web_ask(w, NULL, "/v1/next", "{}");

	cr_assert_eq(a->status, 200, "%d %s", a->status, a->body);
	return web_int(a, "item.number");
}

Test(system_crash, an_agent_finds_his_customer_and_his_outcome_again)
{
	struct team *t = team_start(1, NULL);
	char *token, id[16], phone[24];
	struct web *anna = team_agent(t, 0, "anna", "sales", &token);
	const struct web_answer *a;
	int64_t number;

	for (int round = 0; round < 8; round++) {
		(void)snprintf(id, sizeof id, "r%d", round);
		(void)snprintf(phone, sizeof phone, "+49301820%03d", round);
		number = team_miss(t, 0, id, phone);
		anna = come_back(t, anna, token);
		cr_assert_eq(next(anna), number, "the event was lost");
		anna = come_back(t, anna, token);
		cr_assert_eq(next(anna), number, "the hold was lost");
		a = web_ask(anna, NULL, "/v1/items/held/outcome",
			    "{\"outcome\":\"done\",\"note\":\"offer sent\"}");
		cr_assert_eq(a->status, 200, "%s", a->body);
		anna = come_back(t, anna, token);
		cr_assert_str_eq(team_state(t, 0, number), "closed");
		cr_assert_eq(next(anna), -1, "handed out again");
	}
	web_free(anna);
	free(token);
	team_stop(t);
}

/* ---- in the middle of them ---------------------------------------------- */

#define SENDERS 6
#define LINES 20
#define BATCHES 40
#define KILL_EVERY 12

struct sender;
struct flood {
	int kill_at; /* so many answers: then the daemon is killed */
	struct team *team;
	struct sender *senders;
	int answered, acknowledged, doubled;
};
struct sender {
	struct flood *flood;
	struct web *web;
	size_t number, batch; /* of those that it has sent whole */
	bool open;
};

static void on_batch(void *, struct web *, const struct web_answer *);

static void
send_batch(struct sender *s)
{
	struct text lines = { 0 };
	struct web_request r = { .path = "/v1/events",
				 .type = "application/x-ndjson" };

	for (size_t i = 0; i < LINES; i++) {
		size_t id = (s->number * BATCHES + s->batch) * LINES + i;

		text_addf(&lines,
			  "{\"type\":\"call.missed\",\"id\":\"f%zu\","
			  "\"from\":\"+4930%07zu\",\"queue\":\"sales\"}\n",
			  id, 5000000 + id);
	}
	r.body = lines.data;
	s->open = true;
	crowd_ask(s->flood->team->crowd, s->web, &r, on_batch, s);
	text_done(&lines);
}

static int
count(const char *text, const char *what)
{
	int n = 0;

	for (const char *s = strstr(text, what); s != NULL;
	     s = strstr(s + 1, what))
		n++;
	return n;
}

static void
on_batch(void *cookie, struct web *w, const struct web_answer *a)
{
	struct sender *s = cookie;
	int made = count(a->body, "\"status\":201");
	int again = count(a->body, "\"status\":200");

	(void)w;
	s->open = false;
	if (a->status != 200)
		return; /* it died: the batch will be sent again */
	cr_assert_eq(made + again, LINES, "%s", a->body);
	s->flood->answered++;
	s->flood->acknowledged += made;
	if (++s->batch < BATCHES)
		send_batch(s);
}

static bool
some_answered(void *cookie)
{
	struct flood *f = cookie;
	bool open = crowd_open(f->team->crowd) > 0;

	return !open || f->answered >= f->kill_at;
}

static bool
all_sent(const struct flood *f)
{
	for (size_t i = 0; i < SENDERS; i++) {
		if (f->senders[i].batch < BATCHES)
			return false;
	}
	return true;
}

Test(system_crash,
     what_was_acknowledged_is_there_once_after_kills_in_the_middle)
{
	struct sender senders[SENDERS] = { 0 };
	struct flood f = { .senders = senders, .kill_at = KILL_EVERY };
	int kills = 0;

	f.team = team_start(1, NULL);
	for (size_t i = 0; i < SENDERS; i++)
		senders[i] = (struct sender){ .flood = &f,
					      .web = web_unix(daemon_socket(
						  f.team->daemon[0])),
					      .number = i };
	while (!all_sent(&f)) {
		for (size_t i = 0; i < SENDERS; i++) {
			if (senders[i].batch < BATCHES)
				send_batch(&senders[i]);
		}
		(void)crowd_until(f.team->crowd, some_answered, &f, 30000);
		f.kill_at = f.answered + KILL_EVERY;
		if (crowd_open(f.team->crowd) > 0) {
			daemon_kill9(f.team->daemon[0]);
			kills++;
		}
		cr_assert(crowd_until(f.team->crowd, NULL, NULL, 30000));
		if (daemon_pid(f.team->daemon[0]) < 0)
			daemon_restart(f.team->daemon[0]);
	}
	cr_log_info("%d kills, %d of %d acknowledged as new", kills,
		    f.acknowledged, SENDERS * BATCHES * LINES);
	cr_assert_geq(kills, 3, "hardly ever killed");
	cr_assert_leq(f.acknowledged, SENDERS * BATCHES * LINES);
	cr_assert_eq(team_logged(f.team, "merged", 0), 0,
		     "a repeat was taken for another call");
	cr_assert_eq(team_logged(f.team, "made", 0), SENDERS * BATCHES * LINES);
	cr_assert_eq(
	    web_int(web_ask(f.team->admin[0], NULL, "/v1/items?limit=1", NULL),
		    "total"),
	    SENDERS * BATCHES * LINES);
	for (size_t i = 0; i < SENDERS; i++)
		web_free(senders[i].web);
	team_stop(f.team);
}

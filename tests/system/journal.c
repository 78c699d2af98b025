/* Redis is away, and what comes in is kept: answered 202 at once, in its queue
 * once as soon as Redis is back, whoever is killed meanwhile. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/text.h"
#include "tests/system/kept.h"

#define SOON_MS 2500 /* milliseconds, and what a busy machine adds */
#define BACK_MS 10000

TestSuite(system_journal, .timeout = 120);

static const struct daemon_options quick = { .patience = 100 };

/* The child of the daemon that does the file work; 0: there is none. */
static pid_t
keeper_of(const struct daemon *d)
{
	DIR *proc = opendir("/proc");
	const struct dirent *e;
	pid_t found = 0;

	cr_assert_not_null(proc);
	while (found == 0 && (e = readdir(proc)) != NULL) {
		char *path = text_print("/proc/%s/stat", e->d_name);
		FILE *f = fopen(path, "re");
		char name[32] = "", state = '?';
		int pid, parent = 0;

		if (f != NULL &&
		    fscanf(f, "%d (%31[^)]) %c %d", &pid, name, &state,
			   &parent) == 4 &&
		    parent == daemon_pid(d) && state != 'Z' &&
		    strcmp(name, "ringbackd-disk") == 0)
			found = pid;
		if (f != NULL)
			(void)fclose(f);
		free(path);
	}
	(void)closedir(proc);
	return found;
}

/* ---- under load --------------------------------------------------------- */

#define SENDERS 8
#define EACH 60

struct load {
	struct team *team;
	int answered, kept, odd, slow;
};
struct sender {
	struct load *load;
	struct web *web;
	unsigned next, last;
};

static void on_pushed(void *, struct web *, const struct web_answer *);

static void
push_next(struct sender *s)
{
	char name[16], *body;
	struct web_request r = { .path = "/v1/events" };

	(void)snprintf(name, sizeof name, "%u", s->next);
	r.body = body = kept_event(name);
	crowd_ask(s->load->team->crowd, s->web, &r, on_pushed, s);
	free(body);
}

static void
on_pushed(void *cookie, struct web *w, const struct web_answer *a)
{
	struct sender *s = cookie;

	(void)w;
	s->load->answered++;
	s->load->kept += a->status == 202;
	s->load->odd += a->status < 200 || a->status > 202;
	s->load->slow += a->took_ms > SOON_MS;
	if (++s->next < s->last)
		push_next(s);
}

static bool
third_is_answered(void *cookie)
{
	const struct load *l = cookie;

	return l->answered >= SENDERS * EACH / 3;
}

static bool
some_are_kept(void *cookie)
{
	const struct load *l = cookie;

	return l->kept >= 20;
}

static void
load_while(void (*begin)(struct redis *), void (*end)(struct redis *))
{
	struct load l = { .team = team_start(1, &quick) };
	struct sender senders[SENDERS];

	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){ .load = &l,
					      .web = web_unix(daemon_socket(
						  l.team->daemon[0])),
					      .next = i * EACH,
					      .last = (i + 1) * EACH };
		push_next(&senders[i]);
	}
	(void)crowd_until(l.team->crowd, third_is_answered, &l, 30000);
	begin(l.team->redis);
	(void)crowd_until(l.team->crowd, some_are_kept, &l, 30000);
	end(l.team->redis);
	cr_assert(crowd_until(l.team->crowd, NULL, NULL, 30000));
	cr_assert_eq(l.odd, 0, "%d were not taken", l.odd);
	cr_assert_eq(l.slow, 0, "%d had to wait", l.slow);
	cr_assert_geq(l.kept, 20);
	kept_back(l.team, SENDERS * EACH);
	for (size_t i = 0; i < SENDERS; i++)
		web_free(senders[i].web);
	team_stop(l.team);
}

Test(system_journal, redis_killed_under_load_costs_nothing_and_delays_nobody)
{
	load_while(redis_kill9, redis_restart);
}

Test(system_journal, redis_frozen_under_load_costs_nothing_and_delays_nobody)
{
	load_while(redis_freeze, redis_thaw);
}

static void
on_told(void *cookie, struct web *w, const struct web_answer *a)
{
	(void)w;
	*(int *)cookie = a->status;
}

static bool
is_told(void *cookie)
{
	return *(int *)cookie != 0;
}

Test(system_journal,
     frozen_it_keeps_events_before_work_that_was_asked_first_fails)
{
	const struct web_request work = { .path = "/v1/queues" };
	struct web_request event = { .path = "/v1/events" };
	struct team *t = team_start(1, &quick);
	struct web *one = web_unix(daemon_socket(t->daemon[0]));
	struct web *two = web_unix(daemon_socket(t->daemon[0]));
	char *body = kept_event("1");
	int worked = 0, pushed = 0;

	event.body = body;
	redis_freeze(t->redis);
	crowd_ask(t->crowd, one, &work, on_told, &worked);
	(void)crowd_until(t->crowd, NULL, NULL, 20);
	crowd_ask(t->crowd, two, &event, on_told, &pushed);
	cr_assert(crowd_until(t->crowd, is_told, &pushed, 10000));
	cr_assert_eq(pushed, 202);
	cr_assert_eq(worked, 0, "the event waited as long as work does");
	redis_thaw(t->redis);
	cr_assert(crowd_until(t->crowd, NULL, NULL, 10000));
	cr_assert_eq(worked, 200);
	web_free(one);
	web_free(two);
	free(body);
	kept_back(t, 1);
	team_stop(t);
}

Test(system_journal, lines_are_kept_one_by_one)
{
	struct team *t = team_start(1, &quick);
	const struct web_answer *a;
	char *one = kept_event("1"), *two = kept_event("2");
	char *lines = text_print("%s\n{\"type\":\"tea\"}\n%s\n", one, two);

	kept_away(t);
	a = web_lines(t->admin[0], "/v1/events", lines);
	cr_assert_eq(a->status, 200);
	cr_assert_not_null(strstr(a->body, "\"status\":202}\n{"), "%s",
			   a->body);
	cr_assert_not_null(strstr(a->body, "\"status\":422}\n{"), "%s",
			   a->body);
	redis_restart(t->redis);
	kept_back(t, 2);
	free(one);
	free(two);
	free(lines);
	team_stop(t);
}

/* ---- the daemon and its keeper die -------------------------------------- */

Test(system_journal, a_killed_daemon_loses_and_doubles_nothing_that_it_kept)
{
	struct team *t = team_start(1, &quick);

	kept_away(t);
	for (unsigned i = 0; i < 50; i++)
		kept_is(t->admin[0], i);
	daemon_kill9(t->daemon[0]);
	daemon_again(t->daemon[0]);
	web_free(t->admin[0]);
	t->admin[0] = web_unix(daemon_socket(t->daemon[0]));
	while (daemon_probe(t->daemon[0], "/healthz", 2000) != 200)
		;
	for (unsigned i = 50; i < 60; i++)
		kept_is(t->admin[0], i);
	redis_restart(t->redis);
	kept_back(t, 60);
	daemon_restart(t->daemon[0]);
	kept_back(t, 60);
	team_stop(t);
}

/* What is on its way when Redis dies has not arrived. */
Test(system_journal, killed_with_redis_while_it_sends_them_it_loses_none)
{
	struct team *t = team_start(1, &quick);
	struct text lines = { 0 };

	kept_away(t);
	for (unsigned i = 0; i < 1000; i++)
		text_addf(&lines,
			  "{\"type\":\"call.missed\",\"id\":\"k%u\",\"from\":"
			  "\"+493018%06u\",\"queue\":\"sales\"}\n",
			  i, i);
	cr_assert_eq(web_lines(t->admin[0], "/v1/events", lines.data)->status,
		     200);
	redis_restart(t->redis);
	cr_assert(kept_some(t, 50));
	redis_freeze(t->redis);
	cr_assert(daemon_said(t->daemon[0], "link=away", 2, 10000));
	redis_kill9(t->redis);
	daemon_kill9(t->daemon[0]);
	redis_restart(t->redis);
	daemon_restart(t->daemon[0]);
	kept_back(t, 1000);
	text_done(&lines);
	team_stop(t);
}

Test(system_journal, a_killed_keeper_is_replaced_and_what_it_kept_is_there)
{
	struct team *t = team_start(1, &quick);
	pid_t before = keeper_of(t->daemon[0]);
	unsigned id;
	int tries = 0;

	cr_assert_gt(before, 0);
	kept_away(t);
	for (id = 0; id < 20; id++)
		kept_is(t->admin[0], id);
	(void)kill(before, SIGKILL);
	/* Told at once that it was not kept, or kept by the next one. */
	while (kept_push(t->admin[0], id)->status != 202)
		cr_assert_lt(++tries, 100000);
	id++;
	cr_assert_neq(keeper_of(t->daemon[0]), before);
	cr_assert(daemon_said(t->daemon[0], "has died", 1, 5000));
	redis_restart(t->redis);
	kept_back(t, (int)id);
	team_stop(t);
}

Test(system_journal, what_is_open_when_it_is_told_to_stop_is_kept_and_answered)
{
	const struct daemon_options o = { .head = "drain = \"1s\"\n" };
	struct load l = { .team = team_start(1, &o) };
	struct team *t = l.team;
	struct sender senders[SENDERS];

	redis_freeze(t->redis);
	for (unsigned i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){ .load = &l,
					      .web = web_unix(
						  daemon_socket(t->daemon[0])),
					      .next = i,
					      .last = i + 1 };
		push_next(&senders[i]);
	}
	(void)crowd_until(t->crowd, NULL, NULL, 100);
	(void)kill(daemon_pid(t->daemon[0]), SIGTERM);
	cr_assert(crowd_until(t->crowd, NULL, NULL, 10000));
	cr_assert_eq(l.kept, SENDERS, "%d of %d", l.kept, SENDERS);
	cr_assert_eq(daemon_ended(t->daemon[0], 5000), 0);
	redis_thaw(t->redis);
	daemon_restart(t->daemon[0]);
	kept_back(t, SENDERS);
	for (size_t i = 0; i < SENDERS; i++)
		web_free(senders[i].web);
	team_stop(t);
}

/* ---- it cannot be written ----------------------------------------------- */

static const struct web_answer *
push_much(struct team *t, unsigned id)
{
	char *text = text_alloc(16001), *body;
	const struct web_answer *a;

	memset(text, 'x', 16000);
	body = text_print("{\"type\":\"complaint\",\"id\":\"m%u\",\"from\":"
			  "\"+493018%06u\",\"text\":\"%s\"}",
			  id, id, text);
	a = web_ask(t->admin[0], NULL, "/v1/events", body);
	free(text);
	free(body);
	return a;
}

Test(system_journal, at_its_limit_it_refuses_and_works_again_when_there_is_room)
{
	const struct daemon_options o = { .patience = 100,
					  .head = "journal_max = 1048576\n" };
	struct team *t = team_start(1, &o);
	const struct web_answer *a;
	int kept = 0;

	kept_away(t);
	for (;;) {
		a = push_much(t, (unsigned)kept);
		if (a->status != 202)
			break;
		kept++;
	}
	cr_assert_eq(a->status, 503, "%d %s", a->status, a->body);
	cr_assert_gt(a->retry_after, 0);
	cr_assert_gt(kept, 30);
	cr_assert(daemon_said(t->daemon[0], "journal_max", 1, 5000));
	redis_restart(t->redis);
	kept_back(t, kept);
	redis_kill9(t->redis);
	cr_assert(daemon_said(t->daemon[0], "link=away", 2, 5000));
	kept_is(t->admin[0], 7);
	redis_restart(t->redis);
	kept_back(t, kept + 1);
	team_stop(t);
}

Test(system_journal, without_one_events_are_refused_as_work_is)
{
	const struct daemon_options o = { .journal = "" };
	struct team *t = team_start(1, &o);
	const struct web_answer *a;

	kept_away(t);
	a = kept_push(t->admin[0], 1);
	cr_assert_eq(a->status, 503, "%d %s", a->status, a->body);
	cr_assert_gt(a->retry_after, 0);
	cr_assert(json_is_null(json_object_get(a->json, "kept")));
	redis_restart(t->redis);
	cr_assert(daemon_ready(t->daemon[0], BACK_MS));
	team_stop(t);
}

static bool
is_usable(void *cookie)
{
	struct team *t = cookie;

	return json_is_true(json_object_get(
	    json_object_get(web_ask(t->admin[0], NULL, "/readyz", NULL)->json,
			    "journal"),
	    "usable"));
}

Test(system_journal, a_folder_unfit_for_it_is_told_and_harms_nothing_else)
{
	char *folder = redis_folder_new();
	const struct daemon_options o = { .journal = folder, .patience = 100 };
	const struct web_answer *a;
	struct team *t;

	cr_assert_eq(chmod(folder, 0777), 0);
	t = team_start(1, &o);
	cr_assert(daemon_said(t->daemon[0], "others may write", 1, 5000));
	a = web_ask(t->admin[0], NULL, "/readyz", NULL);
	cr_assert_eq(a->status, 200);
	cr_assert_not_null(strstr(web_text(a, "journal.says"), folder), "%s",
			   a->body);
	cr_assert_eq(kept_push(t->admin[0], 1)->status, 201);
	kept_away(t);
	cr_assert_eq(kept_push(t->admin[0], 2)->status, 503);
	cr_assert_eq(chmod(folder, 0700), 0);
	cr_assert(crowd_until(t->crowd, is_usable, t, BACK_MS));
	kept_is(t->admin[0], 3);
	/* It is unfit again when Redis is back: then it is sent later. */
	cr_assert_eq(chmod(folder, 0777), 0);
	(void)kill(keeper_of(t->daemon[0]), SIGKILL);
	cr_assert(daemon_said(t->daemon[0], "others may write", 2, BACK_MS));
	redis_restart(t->redis);
	cr_assert(daemon_ready(t->daemon[0], BACK_MS));
	cr_assert_eq(chmod(folder, 0700), 0);
	kept_back(t, 2);
	team_stop(t);
	redis_folder_remove(folder);
	free(folder);
}

static bool
second_is_usable(void *cookie)
{
	struct team *t = cookie;

	return json_is_true(json_object_get(
	    json_object_get(web_ask(t->admin[1], NULL, "/readyz", NULL)->json,
			    "journal"),
	    "usable"));
}

Test(system_journal, two_daemons_do_not_write_into_one_folder_at_a_time)
{
	char *folder = redis_folder_new();
	const struct daemon_options o = { .journal = folder, .patience = 100 };
	struct team *t = team_start(2, &o);

	cr_assert(daemon_said(t->daemon[1], "in use by another", 1, 20000));
	kept_away(t);
	kept_is(t->admin[0], 1);
	cr_assert_eq(kept_push(t->admin[1], 2)->status, 503);
	/* What a dead one kept is sent by the other. */
	daemon_kill9(t->daemon[0]);
	cr_assert(crowd_until(t->crowd, second_is_usable, t, 20000));
	kept_is(t->admin[1], 3);
	redis_restart(t->redis);
	kept_back(t, 2);
	team_stop(t);
	redis_folder_remove(folder);
	free(folder);
}

/* ---- who asks meanwhile ------------------------------------------------- */

Test(system_journal, a_token_that_was_good_is_good_while_redis_cannot_be_asked)
{
	struct team *t = team_start(1, &quick);
	char *token = team_token(t, "pbx", "push");
	struct web *pbx = web_tcp(daemon_port(t->daemon[0]), token);
	struct web *stranger = web_tcp(daemon_port(t->daemon[0]),
				       "rbt_00000000000000000000000000000000");

	cr_assert_eq(kept_push(pbx, 1)->status, 201);
	kept_away(t);
	kept_is(pbx, 2);
	cr_assert_eq(kept_push(stranger, 3)->status, 503, "nobody knows it");
	redis_restart(t->redis);
	kept_back(t, 2);
	redis_freeze(t->redis);
	kept_is(pbx, 4);
	redis_thaw(t->redis);
	kept_back(t, 3);
	web_free(pbx);
	web_free(stranger);
	free(token);
	team_stop(t);
}

Test(system_journal, an_agent_is_told_what_works_and_whom_he_holds)
{
	struct team *t = team_start(1, &quick);
	struct web *anna = team_agent(t, 0, "anna", "sales", NULL);
	int64_t number = team_miss(t, 0, "a", "+49301820001");
	const struct web_answer *a;

	cr_assert_eq(web_ask(anna, NULL, "/v1/next", "{}")->status, 200);
	kept_away(t);
	kept_is(t->admin[0], 2);
	a = web_ask(anna, NULL, "/v1/next", "{}");
	cr_assert_eq(a->status, 503);
	cr_assert_eq(strlen(web_text(a, "away_since")), 24);
	cr_assert_eq(web_int(a, "kept"), 1);
	cr_assert_eq(web_int(a, "held.number"), number);
	cr_assert_str_eq(web_text(a, "held.phone"), "+49301820001");
	redis_restart(t->redis);
	cr_assert(daemon_ready(t->daemon[0], BACK_MS));
	do /* the site may be recovering for a moment */
		a = web_ask(anna, NULL, "/v1/items/held/outcome",
			    "{\"outcome\":\"done\"}");
	while (a->status == 503);
	cr_assert_eq(a->status, 200, "%d %s", a->status, a->body);
	redis_kill9(t->redis);
	cr_assert(daemon_said(t->daemon[0], "link=away", 2, 5000));
	a = web_ask(anna, NULL, "/v1/next", "{}");
	cr_assert_null(json_object_get(a->json, "held"), "%s", a->body);
	redis_restart(t->redis);
	web_free(anna);
	team_stop(t);
}

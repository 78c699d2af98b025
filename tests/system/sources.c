/* Sources that go away, of whole daemons: who is told, once, and what is known
 * when they are back. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/base/text.h"
#include "tests/harness/certs.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_ami.h"
#include "tests/harness/recording.h"
#include "tests/system/team.h"

#define SOON 20000

TestSuite(system_sources, .timeout = 60);

/* A telephone system for each daemon, so that each can lose its own: to the
 * site it is one. */
struct rig {
	struct event_base *base;
	struct pbx *pbx[2];
	struct redis *redis;
	struct daemon *daemon[2];
	struct web *web[2];
	size_t count;
	char *folder;
	const char *journal; /* NULL: as usual */
};

/* Writes what it is told to a file, one line each. */
static void
write_program(const struct rig *r)
{
	free(certs_shell("cd %s && umask 077 && printf geheim > secret && "
			 "printf '#!/bin/sh\\n{ cat; echo; } >>%s/told\\n' "
			 ">alert && chmod 755 alert && : >told",
			 r->folder, r->folder));
}

static void
start(struct rig *r, size_t i)
{
	char *tail = text_print(
	    "source \"pbx\" {\n    type = \"asterisk\"\n"
	    "    address = \"%s\"\n    user = \"ringback\"\n"
	    "    secret_file = \"%s/secret\"\n    down_after = \"1s\"\n}\n"
	    "alert \"duty\" {\n"
	    "    on = { \"source-down\", \"source-silent\", \"source-up\" }\n"
	    "    run = \"%s/alert\"\n}\n",
	    pbx_address(r->pbx[i]), r->folder, r->folder);

	r->daemon[i] = daemon_start(&(struct daemon_options){
	    .redis = r->redis, .tail = tail, .journal = r->journal });
	r->web[i] = web_unix(daemon_socket(r->daemon[i]));
	free(tail);
	cr_assert(pbx_came(r->pbx[i], 1, SOON));
	cr_assert(pbx_ami_login(r->pbx[i], SOON));
	cr_assert(daemon_said(r->daemon[i], "up source=pbx", 1, SOON));
}

static void
rig(struct rig *r, size_t count, const char *journal)
{
	r->journal = journal;
	r->base = event_base_new();
	r->folder = redis_folder_new();
	r->redis = redis_start();
	r->count = count;
	write_program(r);
	for (size_t i = 0; i < count; i++) {
		r->pbx[i] = pbx_start(r->base);
		start(r, i);
	}
}

static void
rig_close(struct rig *r)
{
	for (size_t i = 0; i < r->count; i++) {
		web_free(r->web[i]);
		daemon_free(r->daemon[i]);
		pbx_stop(r->pbx[i]);
	}
	redis_stop(r->redis);
	redis_folder_remove(r->folder);
	free(r->folder);
	event_base_free(r->base);
}

/* What the program was told so far; free(). */
static char *
told(const struct rig *r)
{
	return certs_shell("cat %s/told", r->folder);
}

static int
times(const char *text, const char *what)
{
	int n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

struct wish {
	struct rig *r;
	const char *text;
};

static bool
is_told(void *cookie)
{
	const struct wish *w = cookie;
	char *s = told(w->r);
	bool yes = strstr(s, w->text) != NULL;

	free(s);
	return yes;
}

static bool
is_said(void *cookie)
{
	const struct wish *w = cookie;

	return strstr(web_ask(w->r->web[0], "GET", "/v1/sources", NULL)->body,
		      w->text) != NULL;
}

static void
await_told(struct rig *r, const char *text)
{
	struct wish w = { r, text };
	char *s;

	if (loop_until(r->base, is_told, &w, SOON))
		return;
	s = told(r);
	cr_assert(false, "%s was not told:\n%s", text, s);
}

static void
await_said(struct rig *r, const char *text)
{
	struct wish w = { r, text };

	cr_assert(loop_until(r->base, is_said, &w, SOON), "%s is not in %s",
		  text, web_ask(r->web[0], "GET", "/v1/sources", NULL)->body);
}

static void
go_away(struct rig *r, size_t i)
{
	pbx_refuse(r->pbx[i], true);
	pbx_drop(r->pbx[i]);
	cr_assert(daemon_said(r->daemon[i], "down source=pbx", 1, SOON));
}

static int64_t
heard_until(const struct rig *r)
{
	return strtoll(
	    redis_str(r->redis, "HGET", "rb:{t}:feed:pbx", "heard_until", NULL),
	    NULL, 10);
}

static bool
is_streamed(void *cookie)
{
	const char *s = web_so_far(cookie);

	return strstr(s, "\"alert\":\"source-down\"") != NULL &&
	       strstr(s, "event: source-up") != NULL;
}

/* Who watches alerts sees both. */
static void
must_be_in_the_log(const struct rig *r)
{
	struct crowd *crowd = crowd_new();
	struct web *w = web_unix(daemon_socket(r->daemon[0]));

	crowd_ask(crowd, w,
		  &(struct web_request){ .path = "/v1/log?alerts=1",
					 .last_id = "0-0" },
		  NULL, NULL);
	cr_assert(crowd_until(crowd, is_streamed, w, SOON), "%s",
		  web_so_far(w));
	crowd_drop(crowd, w);
	web_free(w);
	crowd_free(crowd);
}

Test(system_sources, one_that_went_away_is_told_and_that_it_is_back)
{
	struct rig r;
	char *s;

	rig(&r, 1, NULL);
	await_said(&r, "\"state\":\"up\"");
	await_said(&r, "\"type\":\"asterisk\"");
	go_away(&r, 0);
	await_told(&r, "\"alert\":\"source-down\"");
	s = told(&r);
	cr_assert_not_null(strstr(s, "\"source\":\"pbx\""), "%s", s);
	cr_assert_not_null(strstr(s, "\"why\":\""), "%s", s);
	cr_assert_not_null(strstr(s, "\"items\":[]"), "%s", s);
	cr_assert_null(strstr(s, "geheim"), "%s", s);
	free(s);
	await_said(&r, "\"state\":\"down\"");
	pbx_refuse(r.pbx[0], false);
	cr_assert(pbx_came(r.pbx[0], 2, SOON));
	cr_assert(pbx_ami_login(r.pbx[0], SOON));
	await_told(&r, "\"alert\":\"source-up\"");
	await_said(&r, "\"state\":\"up\"");
	must_be_in_the_log(&r);
	s = told(&r);
	cr_assert_eq(times(s, "\"alert\":\"source-down\""), 1, "%s", s);
	free(s);
	rig_close(&r);
}

Test(system_sources, it_is_down_when_every_daemon_has_lost_it)
{
	struct rig r;
	char *s;

	rig(&r, 2, NULL);
	go_away(&r, 0);
	loop_for(r.base, 4000); /* nothing happens: another has it */
	s = told(&r);
	cr_assert_str_empty(s);
	free(s);
	await_said(&r, "\"state\":\"up\"");
	go_away(&r, 1);
	await_told(&r, "\"alert\":\"source-down\"");
	await_said(&r, "\"state\":\"down\"");
	pbx_refuse(r.pbx[0], false);
	cr_assert(pbx_came(r.pbx[0], 2, SOON));
	cr_assert(pbx_ami_login(r.pbx[0], SOON));
	await_told(&r, "\"alert\":\"source-up\"");
	s = told(&r);
	cr_assert_eq(times(s, "\"alert\":"), 2, "%s", s);
	free(s);
	rig_close(&r);
}

Test(system_sources, the_daemon_that_had_it_dies)
{
	struct rig r;

	rig(&r, 2, NULL);
	go_away(&r, 0);
	daemon_kill9(r.daemon[1]);
	await_told(&r, "\"alert\":\"source-down\"");
	rig_close(&r);
}

static bool
is_heard_again(void *cookie)
{
	struct rig *r = cookie;

	return heard_until(r) > 0;
}

Test(system_sources, when_it_was_last_heard_is_known_after_all_ended)
{
	struct rig r;
	int64_t before;

	rig(&r, 1, NULL);
	cr_assert(loop_until(r.base, is_heard_again, &r, SOON));
	daemon_kill9(r.daemon[0]);
	before = heard_until(&r);
	redis_restart(r.redis);
	cr_assert_eq(heard_until(&r), before);
	rig_close(&r);
}

/* As after a failover to one that knew nothing. */
Test(system_sources, a_redis_that_forgot_all_is_told_how_they_do)
{
	struct rig r;

	rig(&r, 1, NULL);
	await_said(&r, "\"state\":\"up\"");
	redis_must(r.redis, "FLUSHALL", NULL);
	await_said(&r, "\"state\":\"up\"");
	cr_assert(loop_until(r.base, is_heard_again, &r, SOON));
	rig_close(&r);
}

/* ---- the end ------------------------------------------------------------ */

/* No channels are there, nobody waits. */
static void
lists_nothing(struct rig *r, const char *action)
{
	char name[80];

	(void)snprintf(name, sizeof name, "Action: %s", action);
	cr_assert(pbx_asked(r->pbx[0], name, SOON));
	pbx_ami_answer(r->pbx[0], "Success", "EventList: start\r\n");
	pbx_sayf(r->pbx[0],
		 "Event: %sComplete\r\nActionID: %s\r\n"
		 "EventList: Complete\r\nListItems: 0\r\n\r\n",
		 action, pbx_field(r->pbx[0], "ActionID"));
}

/* A caller who hung up while he waited. */
static void
loses_a_caller(struct rig *r)
{
	struct recording *rec = recording_asterisk();
	size_t len;
	const char *bytes = recording_events(rec, 4, &len);

	pbx_send(r->pbx[0], bytes, len);
	cr_assert(pbx_flush(r->pbx[0], SOON));
	recording_free(rec);
}

/* Nothing is kept on disk: it must be in Redis before the daemon ends. */
Test(system_sources, what_redis_has_not_taken_yet_is_taken_before_the_end)
{
	struct rig r;
	char *log;

	rig(&r, 1, "");
	lists_nothing(&r, "Status");
	lists_nothing(&r, "QueueStatus");
	redis_freeze(r.redis);
	loses_a_caller(&r);
	go_away(&r, 0); /* it has read all */
	cr_assert_eq(kill(daemon_pid(r.daemon[0]), SIGTERM), 0);
	cr_assert(daemon_said(r.daemon[0], "stopping", 1, SOON));
	redis_thaw(r.redis);
	cr_assert_eq(daemon_ended(r.daemon[0], SOON), 0);
	log = daemon_log(r.daemon[0]);
	cr_assert_null(strstr(log, "lost="), "%s", log);
	free(log);
	cr_assert_eq(
	    redis_int(r.redis, "HGET", "rb:{t}:item:1001", "calls", NULL), 1);
	rig_close(&r);
}

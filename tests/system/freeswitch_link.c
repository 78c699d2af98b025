/* A daemon and a FreeSWITCH that is played to it: what happens to callers there
 * becomes items here, once each, through gaps, reloads and floods. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/harness/certs.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_esl.h"
#include "tests/harness/recording.h"
#include "tests/system/team.h"

#define SOON 20000
#define SECRET "das-geheimnis-der-anlage"
#define SESSION "c6f4d051-b3ad-4d23-9780-b820bde1411b"

TestSuite(system_freeswitch_link, .timeout = 60);

struct rig {
	struct event_base *base;
	struct pbx *pbx;
	struct team *team;
	char *folder; /* of the secret */
	char tail[1000];
};

static void
write_tail(struct rig *r, const struct pbx *pbx, const char *more)
{
	(void)snprintf(r->tail, sizeof r->tail,
		       "source \"tel\" {\n"
		       "    type = \"freeswitch\"\n"
		       "    address = \"%s\"\n"
		       "    secret_file = \"%s/secret\"\n"
		       "    queue_names = { \"support = sales\" }\n%s}\n",
		       pbx_address(pbx), r->folder, more);
}

static void
rig_of(struct rig *r, size_t daemons)
{
	const struct daemon_options o = { .tail = r->tail };

	r->base = event_base_new();
	r->folder = redis_folder_new();
	free(certs_shell("cd %s && printf %s > secret && chmod 0600 secret",
			 r->folder, SECRET));
	r->pbx = pbx_start(r->base);
	write_tail(r, r->pbx, "");
	r->team = team_start(daemons, &o);
	cr_assert(pbx_came(r->pbx, (int)daemons, SOON));
}

static void
rig_close(struct rig *r)
{
	team_stop(r->team);
	pbx_stop(r->pbx);
	redis_folder_remove(r->folder);
	free(r->folder);
	event_base_free(r->base);
}

static void
logs_in(struct pbx *pbx)
{
	cr_assert(pbx_esl_login(pbx, SOON));
	cr_assert(pbx_esl_asked(pbx, "callcenter_config queue list\n", SOON));
	pbx_esl_job(pbx, "+OK\n");
	cr_assert(pbx_flush(pbx, SOON));
}

/* Its events, without the goodbye to who said "exit"; free(). */
static char *
scene_events(size_t scene)
{
	struct recording *rec = recording_freeswitch();
	size_t len;
	char *text = strdup(recording_events(rec, scene, &len));
	char *end = strstr(text, "Content-Type: command/reply");

	if (end != NULL)
		*end = '\0';
	recording_free(rec);
	return text;
}

static void
plays(struct pbx *pbx, size_t scene, size_t piece)
{
	char *bytes = scene_events(scene);
	size_t len = strlen(bytes);

	if (piece > 0)
		pbx_pieces(pbx, bytes, len, piece);
	else
		pbx_send(pbx, bytes, len);
	cr_assert(pbx_flush(pbx, SOON));
	free(bytes);
}

struct logged {
	struct team *team;
	const char *type;
	int count;
};

static bool
is_logged(void *cookie)
{
	const struct logged *l = cookie;

	return team_logged(l->team, l->type, 0) >= l->count;
}

static void
must_log(struct rig *r, const char *type, int count)
{
	struct logged l = { r->team, type, count };

	cr_assert(loop_until(r->base, is_logged, &l, SOON), "%s: %d of %d",
		  type, team_logged(r->team, type, 0), count);
	cr_assert_eq(team_logged(r->team, type, 0), count);
}

Test(system_freeswitch_link, who_gives_up_is_handed_out)
{
	struct rig r;
	struct web *anna;
	const struct web_answer *a;

	rig_of(&r, 1);
	logs_in(r.pbx);
	plays(r.pbx, 2, 1000);
	must_log(&r, "made", 1);
	anna = team_agent(r.team, 0, "anna", "sales", NULL);
	a = web_ask(anna, "POST", "/v1/next", "{}");
	cr_assert_eq(a->status, 200, "%d %s", a->status, a->body);
	cr_assert_not_null(strstr(a->body, "Mari Tamm"), "%s", a->body);
	cr_assert_not_null(strstr(a->body, "\"sales\""), "%s", a->body);
	web_free(anna);
	rig_close(&r);
}

Test(system_freeswitch_link, who_is_served_is_no_item)
{
	struct rig r;

	rig_of(&r, 1);
	logs_in(r.pbx);
	plays(r.pbx, 5, 0);
	plays(r.pbx, 4, 0); /* and one who is thrown out, to wait for */
	must_log(&r, "made", 1);
	rig_close(&r);
}

Test(system_freeswitch_link, two_daemons_that_hear_it_make_one_item)
{
	struct rig r;
	struct pbx *other;
	const struct daemon_options o = { .tail = r.tail };

	rig_of(&r, 2);
	other = pbx_start(r.base);
	write_tail(&r, other, "");
	daemon_configure(r.team->daemon[1], &o);
	daemon_hup(r.team->daemon[1]);
	cr_assert(pbx_came(other, 1, SOON));
	logs_in(other);
	/* Whoever is left at the first. */
	pbx_drop(r.pbx);
	cr_assert(pbx_came(r.pbx, 3, SOON));
	logs_in(r.pbx);
	plays(r.pbx, 2, 0);
	plays(other, 2, 0);
	must_log(&r, "made", 1);
	plays(other, 2, 0);
	plays(other, 4, 0);
	must_log(&r, "merged", 1);
	cr_assert_eq(team_logged(r.team, "made", 0), 1);
	pbx_stop(other);
	rig_close(&r);
}

Test(system_freeswitch_link, who_hung_up_while_the_link_was_down_is_missed)
{
	struct rig r;
	char *bytes = scene_events(2);
	const char *end = strstr(bytes, "CC-Action: member-queue-end");

	rig_of(&r, 1);
	logs_in(r.pbx);
	cr_assert_not_null(end);
	/* In the middle of the very event. */
	pbx_send(r.pbx, bytes, (size_t)(end - bytes));
	cr_assert(pbx_flush(r.pbx, SOON));
	pbx_drop(r.pbx);
	cr_assert(daemon_said(r.team->daemon[0], "down source=tel", 1, SOON));
	cr_assert(pbx_came(r.pbx, 2, SOON));
	logs_in(r.pbx);
	cr_assert(pbx_esl_asked(r.pbx, "uuid_exists " SESSION "\n", SOON));
	pbx_esl_job(r.pbx, "false");
	must_log(&r, "made", 1);
	/* Another daemon heard all of it, and says so again. */
	pbx_say(r.pbx, bytes);
	plays(r.pbx, 4, 0);
	must_log(&r, "merged", 1);
	cr_assert_eq(team_logged(r.team, "made", 0), 1);
	free(bytes);
	rig_close(&r);
}

Test(system_freeswitch_link, a_reload_keeps_the_link_and_the_callers)
{
	struct rig r;
	const struct daemon_options o = { .tail = r.tail };
	char *bytes = scene_events(2);
	size_t len = strlen(bytes);

	rig_of(&r, 1);
	logs_in(r.pbx);
	pbx_send(r.pbx, bytes, len / 2);
	cr_assert(pbx_flush(r.pbx, SOON));
	write_tail(&r, r.pbx, "    answered_min = \"7s\"\n");
	daemon_configure(r.team->daemon[0], &o);
	daemon_hup(r.team->daemon[0]);
	cr_assert(
	    daemon_said(r.team->daemon[0], "reloaded, in force", 1, SOON));
	pbx_send(r.pbx, bytes + len / 2, len - len / 2);
	must_log(&r, "made", 1);
	cr_assert_eq(pbx_times(r.pbx), 1);
	free(bytes);
	rig_close(&r);
}

Test(system_freeswitch_link, a_refused_password_is_told_and_never_shown)
{
	struct rig r;
	char *log;

	rig_of(&r, 1);
	pbx_say(r.pbx, PBX_ESL_GREETING);
	cr_assert(pbx_asked(r.pbx, "auth " SECRET, SOON));
	pbx_esl_reply(r.pbx, "-ERR invalid");
	cr_assert(pbx_flush(r.pbx, SOON));
	cr_assert(
	    daemon_said(r.team->daemon[0], "refused the password", 1, SOON));
	log = daemon_log(r.team->daemon[0]);
	cr_assert_null(strstr(log, SECRET));
	free(log);
	rig_close(&r);
}

Test(system_freeswitch_link, ends_at_once_whatever_state_the_link_is_in)
{
	struct rig r;

	rig_of(&r, 1);
	cr_assert(pbx_esl_login(r.pbx, SOON));
	pbx_say(r.pbx, "Content-Length: 100\nContent-Type: text/event-plain\n\n"
		       "Event-Na");
	pbx_stall(r.pbx, true);
	cr_assert(pbx_flush(r.pbx, SOON));
	cr_assert_eq(daemon_stop(r.team->daemon[0], SOON), 0);
	rig_close(&r);
}

/* ---- many ---------------------------------------------------------------- */

static void
rename_all(char *text, const char *from, const char *to)
{
	for (char *at = text; (at = strstr(at, from)) != NULL; at++)
		memcpy(at, to, strlen(from));
}

/* The recorded caller who gives up, as another: with another channel, another
 * visit, another number, each as long. */
static char *
caller(const char *bytes, int i)
{
	char *text = strdup(bytes), word[64];

	(void)snprintf(word, sizeof word, "c6f4d051-b3ad-4d23-9780-b82000%06d",
		       i);
	rename_all(text, SESSION, word);
	(void)snprintf(word, sizeof word, "1eb9feae-2e36-4c19-ab9b-e21d00%06d",
		       i);
	rename_all(text, "1eb9feae-2e36-4c19-ab9b-e21d89551790", word);
	(void)snprintf(word, sizeof word, "+493018%03d", i);
	rename_all(text, "3725550123", word);
	return text;
}

static long
resident_kb(struct daemon *d)
{
	char *text = certs_shell("awk '/^VmRSS/ {print $2}' /proc/%d/status",
				 (int)daemon_pid(d));
	long kb = strtol(text, NULL, 10);

	free(text);
	return kb;
}

/* A sanitizer keeps what was freed for a while. */
#ifdef __SANITIZE_ADDRESS__
#define MORE_KB (512 * 1024)
#else
#define MORE_KB (16 * 1024)
#endif

#define NOISE                                                        \
	"Content-Length: 74\nContent-Type: text/event-plain\n\n"     \
	"Event-Name: CUSTOM\nEvent-Subclass: callcenter%3A%3Ainfo\n" \
	"CC-Action: none\n\n\n"

Test(system_freeswitch_link, a_hundred_who_give_up_at_once_are_a_hundred_items,
     .timeout = 120)
{
	struct rig r;
	char *bytes = scene_events(2);
	long before;

	rig_of(&r, 1);
	logs_in(r.pbx);
	cr_assert(pbx_flood(r.pbx, NOISE, 5000, SOON));
	before = resident_kb(r.team->daemon[0]);
	for (int i = 0; i < 100; i++) {
		char *text = caller(bytes, i);

		pbx_say(r.pbx, text);
		cr_assert(pbx_flood(r.pbx, NOISE, 500, SOON));
		free(text);
	}
	must_log(&r, "made", 100);
	cr_assert_leq(resident_kb(r.team->daemon[0]), before + MORE_KB);
	cr_assert(!daemon_said(r.team->daemon[0], "down source=tel", 1, 0));
	cr_assert(!daemon_said(r.team->daemon[0], "not taken", 1, 0));
	free(bytes);
	rig_close(&r);
}

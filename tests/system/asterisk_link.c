/* A daemon and an Asterisk that is played to it: the link, through reloads,
 * floods, and an end in the middle of all. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/harness/certs.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/harness/pbx_ami.h"
#include "tests/harness/recording.h"
#include "tests/system/team.h"

#define SOON 20000
#define SECRET "das-geheimnis-der-anlage"

TestSuite(system_asterisk_link, .timeout = 60);

struct rig {
	struct event_base *base;
	struct pbx *pbx;
	struct team *team;
	char *folder; /* of the secret, and certificates */
	char tail[1000];
};

static void
write_tail(struct rig *r, const char *address, const char *more)
{
	(void)snprintf(r->tail, sizeof r->tail,
		       "source \"pbx\" {\n"
		       "    type = \"asterisk\"\n"
		       "    address = \"%s\"\n"
		       "    user = \"ringback\"\n"
		       "    queue_names = { \"support = sales\" }\n"
		       "    secret_file = \"%s/secret\"\n%s}\n",
		       address, r->folder, more);
}

static void
rig_open(struct rig *r)
{
	r->base = event_base_new();
	r->folder = redis_folder_new();
	free(certs_shell("cd %s && printf %s > secret && chmod 0600 secret",
			 r->folder, SECRET));
}

static void
rig_start(struct rig *r, const char *more)
{
	const struct daemon_options o = { .tail = r->tail };

	write_tail(r, pbx_address(r->pbx), more);
	r->team = team_start(1, &o);
	cr_assert(pbx_came(r->pbx, 1, SOON));
}

static void
rig(struct rig *r)
{
	rig_open(r);
	r->pbx = pbx_start(r->base);
	rig_start(r, "");
	cr_assert(pbx_ami_login(r->pbx, SOON));
	cr_assert(daemon_said(r->team->daemon[0], "up source=pbx", 1, SOON));
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

/* The times-th reload, which is done when it returns. */
static void
reload(struct rig *r, int times)
{
	const struct daemon_options o = { .tail = r->tail };

	daemon_configure(r->team->daemon[0], &o);
	daemon_hup(r->team->daemon[0]);
	cr_assert(
	    daemon_said(r->team->daemon[0], "reloaded, in force", times, SOON));
}

/* What it has is of the file that gives way. */
Test(system_asterisk_link, outlives_a_reload_that_Redis_refuses)
{
	static const char support[] =
	    "}\nqueue \"support\" {\n"
	    "    hours = \"always\" ladder = \"usual\" retry = \"usual\"\n";
	struct rig r;

	rig_open(&r);
	r.pbx = pbx_start(r.base);
	rig_start(&r, support);
	cr_assert(pbx_ami_login(r.pbx, SOON));
	cr_assert(daemon_said(r.team->daemon[0], "up source=pbx", 1, SOON));
	cr_assert_eq(web_ask(r.team->admin[0], NULL, "/v1/events",
			     "{\"type\":\"call.missed\",\"id\":\"a\","
			     "\"from\":\"+49301820001\","
			     "\"queue\":\"support\"}")
			 ->status,
		     201);
	write_tail(&r, pbx_address(r.pbx), "    pause_agents = false\n");
	daemon_configure(r.team->daemon[0],
			 &(struct daemon_options){ .tail = r.tail });
	daemon_hup(r.team->daemon[0]);
	cr_assert(daemon_said(r.team->daemon[0], "drops the queue \"support\"",
			      1, SOON));
	write_tail(&r, pbx_address(r.pbx), support);
	reload(&r, 1);
	cr_assert(!daemon_said(r.team->daemon[0], "down source=pbx", 1, 0));
	rig_close(&r);
}

/* ---- who it is ----------------------------------------------------------- */

Test(system_asterisk_link, logs_in_and_never_tells_the_password)
{
	struct rig r;
	char *log;

	rig_open(&r);
	r.pbx = pbx_start(r.base);
	rig_start(&r, "");
	pbx_say(r.pbx, PBX_AMI_GREETING);
	cr_assert(pbx_asked(r.pbx, "Action: Challenge", SOON));
	pbx_ami_answer(r.pbx, "Error", "Message: No\r\n");
	cr_assert(pbx_asked(r.pbx, "Action: Login", SOON));
	cr_assert_str_eq(pbx_field(r.pbx, "Username"), "ringback");
	cr_assert_str_eq(pbx_field(r.pbx, "Secret"), SECRET);
	pbx_ami_answer(r.pbx, "Error", "Message: Authentication failed\r\n");
	cr_assert(pbx_flush(r.pbx, SOON));
	cr_assert(daemon_said(r.team->daemon[0],
			      "refused the name or the password", 1, SOON));
	log = daemon_log(r.team->daemon[0]);
	cr_assert_null(strstr(log, SECRET));
	free(log);
	rig_close(&r);
}

static void
rig_tls(struct rig *r, const char *trusted)
{
	char more[500];

	rig_open(r);
	certs_authority(r->folder, "site");
	certs_authority(r->folder, "other");
	certs_make(r->folder, "site", "pbx", "IP:127.0.0.1");
	r->pbx = pbx_start_tls(r->base, r->folder, "pbx");
	(void)snprintf(more, sizeof more,
		       "    tls = true\n    tls_ca = \"%s/%s.pem\"\n",
		       r->folder, trusted);
	write_tail(r, pbx_address(r->pbx), more);
	r->team = team_start(1, &(struct daemon_options){ .tail = r->tail });
}

Test(system_asterisk_link, speaks_tls)
{
	struct rig r;

	rig_tls(&r, "site");
	cr_assert(pbx_came(r.pbx, 1, SOON));
	cr_assert(pbx_ami_login(r.pbx, SOON));
	cr_assert(daemon_said(r.team->daemon[0], "up source=pbx", 1, SOON));
	rig_close(&r);
}

struct said {
	struct daemon *daemon;
	const char *words;
};

static bool
is_said(void *cookie)
{
	const struct said *s = cookie;

	return daemon_said(s->daemon, s->words, 1, 0);
}

Test(system_asterisk_link, tells_nothing_to_whom_it_does_not_know)
{
	struct rig r;
	struct said said;

	rig_tls(&r, "other");
	said = (struct said){ r.team->daemon[0],
			      "certificate comes from nobody whom tls_ca "
			      "knows" };
	cr_assert(loop_until(r.base, is_said, &said, SOON));
	cr_assert_eq(pbx_times(r.pbx), 0);
	/* The file is mended, the section is as it was. */
	free(certs_shell("cd %s && cat site.pem >other.pem", r.folder));
	daemon_hup(r.team->daemon[0]);
	cr_assert(pbx_came(r.pbx, 1, SOON));
	cr_assert(pbx_ami_login(r.pbx, SOON));
	rig_close(&r);
}

/* ---- reloads and ends ---------------------------------------------------- */

Test(system_asterisk_link, a_reload_keeps_the_link_unless_it_leads_elsewhere)
{
	struct rig r;
	struct pbx *other;

	rig(&r);
	write_tail(&r, pbx_address(r.pbx), "    answered_min = \"7s\"\n");
	reload(&r, 1);
	cr_assert(!pbx_gone(r.pbx, 100));
	cr_assert_eq(pbx_times(r.pbx), 1);
	other = pbx_start(r.base);
	write_tail(&r, pbx_address(other), "");
	reload(&r, 2);
	cr_assert(pbx_came(other, 1, SOON));
	cr_assert(pbx_ami_login(other, SOON));
	cr_assert(pbx_gone(r.pbx, SOON));
	r.tail[0] = '\0';
	reload(&r, 3);
	cr_assert(pbx_gone(other, SOON));
	loop_for(r.base, 1500);
	cr_assert_eq(pbx_times(r.pbx), 1);
	cr_assert_eq(pbx_times(other), 1);
	pbx_stop(other);
	rig_close(&r);
}

Test(system_asterisk_link, ends_at_once_whatever_state_the_link_is_in)
{
	struct rig r;

	rig(&r);
	pbx_say(r.pbx, "Event: QueueCallerAbandon\r\nQueue: sup");
	pbx_stall(r.pbx, true);
	cr_assert(pbx_flush(r.pbx, SOON));
	cr_assert_eq(daemon_stop(r.team->daemon[0], SOON), 0);
	pbx_stall(r.pbx, false);
	cr_assert(pbx_gone(r.pbx, SOON));
	pbx_drop(r.pbx);
	/* Before the greeting, and while nobody listens. */
	daemon_again(r.team->daemon[0]);
	cr_assert(pbx_came(r.pbx, 2, SOON));
	cr_assert_eq(daemon_stop(r.team->daemon[0], SOON), 0);
	pbx_drop(r.pbx);
	pbx_refuse(r.pbx, true);
	daemon_again(r.team->daemon[0]);
	cr_assert(
	    daemon_said(r.team->daemon[0], "Connection refused", 1, SOON));
	rig_close(&r);
}

/* ---- a flood ------------------------------------------------------------- */

/* A sanitizer keeps what was freed. */
#ifdef __SANITIZE_ADDRESS__
#define GROWS_KB (1024 * 1024)
#else
#define GROWS_KB (16 * 1024)
#endif

static long
resident_kb(struct daemon *d)
{
	char *text = certs_shell("awk '/^VmRSS/ {print $2}' /proc/%d/status",
				 (int)daemon_pid(d));
	long kb = strtol(text, NULL, 10);

	free(text);
	return kb;
}

/* As big as what an Asterisk tells of a channel. */
#define NOISE                                                           \
	"Event: Newexten\r\nPrivilege: call,all\r\n"                    \
	"Channel: PJSIP/sipp-00000000\r\nChannelState: 6\r\n"           \
	"ChannelStateDesc: Up\r\nCallerIDNum: 3725550123\r\n"           \
	"CallerIDName: Mari Tamm\r\nConnectedLineNum: <unknown>\r\n"    \
	"ConnectedLineName: <unknown>\r\nLanguage: en\r\n"              \
	"AccountCode: \r\nContext: in\r\nExten: 500\r\nPriority: 4\r\n" \
	"Uniqueid: 1795324739.0\r\nLinkedid: 1795324739.0\r\n"          \
	"Extension: 500\r\nApplication: Queue\r\nAppData: support,,,,\r\n\r\n"

/* The recorded caller who gives up, as another caller: his number and the id of
 * his channel are as long as these. */
static char *
caller(const struct recording *rec, int i)
{
	static const char id[] = "1795324739.0", number[] = "3725550123";
	size_t len;
	char *text = strdup(recording_events(rec, 4, &len)), *at;
	char mine[20];

	(void)snprintf(mine, sizeof mine, "17953%05d.0", i);
	for (at = text; (at = strstr(at, id)) != NULL; at++)
		memcpy(at, mine, sizeof id - 1);
	(void)snprintf(mine, sizeof mine, "+493018%03d", i);
	for (at = text; (at = strstr(at, number)) != NULL; at++)
		memcpy(at, mine, sizeof number - 1);
	return text;
}

static size_t
waiting(struct rig *r)
{
	const struct web_answer *a =
	    web_ask(r->team->admin[0], "GET", "/v1/items?limit=200", NULL);

	cr_assert_eq(a->status, 200);
	return json_array_size(json_object_get(a->json, "items"));
}

static bool
all_wait(void *cookie)
{
	return waiting(cookie) >= 50;
}

Test(system_asterisk_link, a_flood_is_read_while_everybody_is_served)
{
	struct recording *rec = recording_asterisk();
	struct rig r;
	long before;
	char *text;

	rig(&r);
	cr_assert(pbx_flood(r.pbx, NOISE, 5000, SOON));
	before = resident_kb(r.team->daemon[0]);
	for (int i = 0; i < 50; i++) {
		text = caller(rec, i);
		cr_assert(pbx_flood(r.pbx, NOISE, 2000, SOON));
		pbx_say(r.pbx, text);
		cr_assert(pbx_flood(r.pbx, NOISE, 10, SOON));
		/* It has not read all of that yet. */
		cr_assert_leq(waiting(&r), 50);
		free(text);
	}
	cr_assert(loop_until(r.base, all_wait, &r, SOON));
	cr_assert_eq(waiting(&r), 50, "none is lost, none is there twice");
	cr_assert_leq(resident_kb(r.team->daemon[0]), before + GROWS_KB);
	cr_assert(!daemon_said(r.team->daemon[0], "down source=pbx", 1, 0));
	cr_assert(!daemon_said(r.team->daemon[0], "not taken", 1, 0));
	cr_assert(!pbx_gone(r.pbx, 0));
	recording_free(rec);
	rig_close(&r);
}

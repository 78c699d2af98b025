/* The ways to Redis that sites have: a user of its ACL, Sentinel, a Cluster. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/harness/redis_set.h"
#include "tests/system/team.h"

#define BACK_MS 5000
#define SWITCH_MS 20000

TestSuite(system_ways, .timeout = 90);

/* ---- a user with no more rights than ringbackd(8) says ------------------ */

static char *
acl_rule(void)
{
	FILE *f = fopen("daemon/ringbackd.8", "re");
	char line[512], *rule = NULL;

	cr_assert_not_null(f);
	while (rule == NULL && fgets(line, sizeof line, f) != NULL) {
		if (strncmp(line, "user ringback on ", 17) == 0)
			rule = strdup(line + 17);
	}
	(void)fclose(f);
	cr_assert_not_null(rule, "ringbackd(8) has no rule");
	rule[strcspn(rule, "\n")] = '\0';
	return rule;
}

/* As the page has it: its site is acme, ours is t. */
static void
let_in(struct redis *r, const char *password)
{
	const char *argv[40] = { "ACL",   "SETUSER", "ringback",
				 "reset", "on",      password };
	char *rule = acl_rule(), *rest = rule, *word;
	int argc = 6;

	while ((word = strsep(&rest, " ")) != NULL && argc < 40) {
		if (*word == '>' || *word == '\0')
			continue;
		argv[argc++] = *word == '~' ? "~rb:{t}*" : word;
	}
	freeReplyObject(redis_call(r, argc, argv));
	free(rule);
}

static void
write_secret(const char *path, const char *password, mode_t mode)
{
	FILE *f = fopen(path, "we");

	cr_assert_not_null(f);
	(void)fprintf(f, "%s\n", password);
	(void)fclose(f);
	cr_assert_eq(chmod(path, mode), 0);
}

static int
pushed(struct web *w, const char *id)
{
	char body[200];

	(void)snprintf(body, sizeof body,
		       "{\"type\":\"call.missed\",\"id\":\"%s\",\"from\":"
		       "\"+493018200%s\",\"queue\":\"sales\"}",
		       id, id);
	return web_ask(w, NULL, "/v1/events", body)->status;
}

Test(system_ways, a_user_with_the_rule_of_the_page_may_do_all_and_no_less_does)
{
	char *folder = redis_folder_new(), secret[128], head[256];
	struct redis *r = redis_start();
	const struct daemon_options o = { .redis = r, .head = head };
	struct daemon *d;
	struct web *w;

	(void)snprintf(secret, sizeof secret, "%s/secret", folder);
	(void)snprintf(
	    head, sizeof head,
	    "redis_user = \"ringback\"\nredis_secret_file = \"%s\"\n", secret);
	write_secret(secret, "one", 0600);
	let_in(r, ">one");
	d = daemon_start(&o);
	w = web_unix(daemon_socket(d));
	cr_assert_eq(pushed(w, "11"), 201);
	/* One command less: said by its name, before anything is half done. */
	redis_must(r, "ACL", "SETUSER", "ringback", "-zadd", NULL);
	redis_must(r, "CLIENT", "KILL", "USER", "ringback", NULL);
	cr_assert(daemon_said(d, "may not do +zadd", 1, BACK_MS));
	redis_must(r, "ACL", "SETUSER", "ringback", "+zadd", "-fcall", NULL);
	redis_must(r, "CLIENT", "KILL", "USER", "ringback", NULL);
	cr_assert(daemon_said(d, "ringback needs, such as fcall", 1, BACK_MS));
	redis_must(r, "ACL", "SETUSER", "ringback", "+fcall", NULL);
	cr_assert(daemon_ready(d, 2 * BACK_MS));
	/* Another password: said, and read again by SIGHUP. */
	redis_must(r, "ACL", "SETUSER", "ringback", "resetpass", ">two", NULL);
	redis_must(r, "CLIENT", "KILL", "USER", "ringback", NULL);
	cr_assert(daemon_said(d, "refuses the user", 1, BACK_MS));
	write_secret(secret, "two", 0600);
	daemon_hup(d);
	cr_assert(daemon_ready(d, BACK_MS));
	cr_assert_eq(pushed(w, "12"), 201);
	/* A file for everybody is refused, and nothing changes. */
	write_secret(secret, "two", 0644);
	daemon_hup(d);
	cr_assert(daemon_said(d, "everybody can read", 1, BACK_MS));
	cr_assert_eq(pushed(w, "13"), 201);
	cr_assert(!daemon_said(d, "two", 1, 0));
	web_free(w);
	daemon_free(d);
	redis_stop(r);
	redis_folder_remove(folder);
	free(folder);
}

/* ---- Sentinel ----------------------------------------------------------- */

static char *
url_of(struct redis_set *s, const char *scheme, bool sentinels)
{
	char url[512];
	size_t n = sentinels ? redis_set_sentinels(s) : redis_set_servers(s);
	int len = snprintf(url, sizeof url, "%s", scheme);

	for (size_t i = 0; i < n; i++)
		len += snprintf(url + len, sizeof url - (size_t)len,
				"%s127.0.0.1:%d", i > 0 ? "," : "",
				redis_port(sentinels ? redis_set_sentinel(s, i)
						     : redis_set_server(s, i)));
	return strdup(url);
}

static bool
is_taken(struct daemon *d, struct web *w, const char *id)
{
	for (int i = 0; i < 40; i++) {
		int status = pushed(w, id);

		if (status == 200 || status == 201)
			return true;
		(void)daemon_ready(d, 250);
	}
	return false;
}

static void
follows_a_switch(bool freeze)
{
	const struct redis_set_options set = { .replicas = 2, .sentinels = 3 };
	struct redis_set *s = redis_set_start(&set);
	struct redis *old = redis_set_server(s, 0), *now;
	char *url = url_of(s, "sentinel://" REDIS_SET_NAME "@", true);
	const struct daemon_options o = { .redis = old, .redis_url = url };
	struct daemon *d = daemon_start(&o);
	struct web *w = web_unix(daemon_socket(d));
	int before;

	cr_assert_eq(pushed(w, "21"), 201);
	if (freeze)
		redis_freeze(old);
	else
		redis_kill9(old);
	cr_assert(redis_set_moved(s, old, SWITCH_MS));
	now = redis_set_master(s);
	cr_assert(is_taken(d, w, "22"));
	cr_assert(is_taken(d, w, "21"), "known, too");
	if (freeze) {
		/* It says that it is a master: nobody believes it. */
		redis_thaw(old);
		before = (int)redis_int(now, "XLEN", "rb:{t}:log", NULL);
		cr_assert(is_taken(d, w, "23"));
		cr_assert_gt(redis_int(now, "XLEN", "rb:{t}:log", NULL),
			     before);
	}
	web_free(w);
	daemon_free(d);
	free(url);
	redis_set_stop(s);
}

Test(system_ways, a_killed_master_is_left_for_the_one_that_sentinels_name)
{
	follows_a_switch(false);
}

Test(system_ways, a_frozen_master_is_left_and_not_believed_when_it_wakes)
{
	follows_a_switch(true);
}

Test(system_ways, sentinels_that_want_a_user_get_theirs)
{
	const struct redis_set_options set = {
		.sentinels = 1,
		.sentinel_lines = "user watcher on >third allcommands "
				  "allchannels allkeys\n"
	};
	struct redis_set *s = redis_set_start(&set);
	char *url = url_of(s, "sentinel://" REDIS_SET_NAME "@", true);
	char *folder = redis_folder_new(), secret[128], head[256];
	const struct daemon_options o = { .redis = redis_set_server(s, 0),
					  .redis_url = url,
					  .head = head };
	struct daemon *d;
	struct web *w;

	(void)snprintf(secret, sizeof secret, "%s/secret", folder);
	(void)snprintf(head, sizeof head,
		       "sentinel_user = \"watcher\"\n"
		       "sentinel_secret_file = \"%s\"\n",
		       secret);
	write_secret(secret, "third", 0600);
	d = daemon_start(&o);
	w = web_unix(daemon_socket(d));
	cr_assert_eq(pushed(w, "24"), 201);
	cr_assert_not_null(
	    strstr(redis_str(redis_set_sentinel(s, 0), "CLIENT", "LIST", NULL),
		   "user=watcher"));
	web_free(w);
	daemon_free(d);
	free(url);
	redis_set_stop(s);
	redis_folder_remove(folder);
	free(folder);
}

/* ---- Cluster ------------------------------------------------------------ */

static const char *
number(int n)
{
	static char text[16];

	(void)snprintf(text, sizeof text, "%d", n);
	return text;
}

static bool
has_begun(void *cookie)
{
	return strstr(web_so_far(cookie), "retry: ") != NULL;
}

static bool
has_seen_three(void *cookie)
{
	const char *s = web_so_far(cookie);
	int n = 0;

	for (; (s = strstr(s, "event: made")) != NULL; s++)
		n++;
	return n >= 3;
}

/* Whose link waits in the log while its slot goes away. */
static struct web *
watch(struct crowd *c, struct daemon *d)
{
	const struct web_request r = { .path = "/v1/log" };
	struct web *w = web_unix(daemon_socket(d));

	web_limit(w, 60000);
	crowd_ask(c, w, &r, NULL, NULL);
	cr_assert(crowd_until(c, has_begun, w, BACK_MS));
	return w;
}

Test(system_ways, a_slot_that_moves_is_followed_and_nothing_is_half_done)
{
	struct redis_set *s = redis_set_cluster(3, NULL);
	char *url = url_of(s, "cluster://", false);
	const struct daemon_options o = { .redis = redis_set_server(s, 0),
					  .redis_url = url };
	struct daemon *d = daemon_start(&o);
	struct web *w = web_unix(daemon_socket(d));
	int slot = redis_set_slot(s, "rb:{t}");
	size_t owner = redis_set_owner(s, slot), to = (owner + 1) % 3;
	struct crowd *c = crowd_new();
	struct web *watcher = watch(c, d);
	const struct web_answer *a;

	cr_assert_eq(pushed(w, "31"), 201);
	redis_set_move_begin(s, slot, to);
	/* Half of it, the log among the first or the last. */
	(void)redis_set_move_step(
	    s, (int)redis_int(redis_set_server(s, owner), "CLUSTER",
			      "COUNTKEYSINSLOT", number(slot), NULL) /
		   2);
	cr_assert_eq(pushed(w, "32"), 202, "to the journal");
	a = web_ask(w, NULL, "/v1/next", "{}");
	cr_assert_eq(a->status, 503, "%d %s", a->status, a->body);
	cr_assert_not_null(strstr(a->body, "moving"), "%s", a->body);
	redis_set_move_finish(s);
	cr_assert(daemon_ready(d, 2 * BACK_MS));
	cr_assert(is_taken(d, w, "33"));
	cr_assert(is_taken(d, w, "32"));
	cr_assert_eq(redis_set_owner(s, slot), to);
	cr_assert_gt(
	    redis_int(redis_set_server(s, to), "XLEN", "rb:{t}:log", NULL), 1);
	cr_assert(crowd_until(c, has_seen_three, watcher, BACK_MS), "%s",
		  web_so_far(watcher));
	crowd_drop(c, watcher);
	web_free(watcher);
	crowd_free(c);
	web_free(w);
	daemon_free(d);
	free(url);
	redis_set_stop(s);
}

static bool
says_that_nodes_are_missing(void *cookie)
{
	const struct web_answer *a = web_ask(cookie, NULL, "/readyz", NULL);

	return a->status == 503 &&
	       strstr(a->body, "the Cluster is not complete") != NULL;
}

Test(system_ways, a_cluster_with_a_node_missing_is_said_and_served_again)
{
	struct redis_set *s = redis_set_cluster(3, NULL);
	char *url = url_of(s, "cluster://", false);
	const struct daemon_options o = { .redis = redis_set_server(s, 0),
					  .redis_url = url };
	struct daemon *d = daemon_start(&o);
	struct web *w = web_unix(daemon_socket(d));
	struct crowd *c = crowd_new();
	size_t owner = redis_set_owner(s, redis_set_slot(s, "rb:{t}"));
	struct redis *other = redis_set_server(s, (owner + 1) % 3);

	redis_kill9(other);
	cr_assert(crowd_until(c, says_that_nodes_are_missing, w, SWITCH_MS));
	cr_assert_eq(pushed(w, "51"), 202);
	cr_assert_eq(web_ask(w, NULL, "/v1/next", "{}")->status, 503);
	redis_restart(other);
	cr_assert(redis_set_well(s, SWITCH_MS));
	cr_assert(daemon_ready(d, BACK_MS));
	cr_assert(is_taken(d, w, "51"));
	crowd_free(c);
	web_free(w);
	daemon_free(d);
	free(url);
	redis_set_stop(s);
}

/* ---- WAIT --------------------------------------------------------------- */

Test(system_ways, what_no_replica_has_yet_goes_to_the_journal_or_is_said)
{
	const struct redis_set_options set = { .replicas = 1 };
	struct redis_set *s = redis_set_start(&set);
	const struct daemon_options o = {
		.redis = redis_set_server(s, 0),
		.head = "wait_replicas = 1\nwait_ms = 200\n"
	};
	struct daemon *d = daemon_start(&o);
	struct web *w = web_unix(daemon_socket(d));
	const struct web_answer *a;

	cr_assert(is_taken(d, w, "41"));
	redis_freeze(redis_set_server(s, 1));
	cr_assert_eq(pushed(w, "42"), 202);
	a = web_ask(w, NULL, "/v1/items/1001/hold", "{}");
	cr_assert_eq(a->status, 504, "%d %s", a->status, a->body);
	cr_assert_not_null(strstr(a->body, "wait_replicas"), "%s", a->body);
	redis_thaw(redis_set_server(s, 1));
	cr_assert(is_taken(d, w, "43"));
	web_free(w);
	daemon_free(d);
	redis_set_stop(s);
}

/* Who may do what: Unix users by their groups, tokens, and the one table. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <grp.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/api/access.h"
#include "daemon/api/http.h"
#include "daemon/api/req.h"
#include "daemon/api/route.h"
#include "daemon/api/tokenbook.h"
#include "daemon/base/child.h"
#include "daemon/base/log.h"
#include "daemon/store/rds.h"
#include "daemon/store/store.h"
#include "tests/harness/loop.h"
#include "tests/harness/peer.h"
#include "tests/harness/redis.h"

#define TOKEN "rbt_0123456789abcdefghij"

static struct event_base *base;
static struct redis *redis;
static struct rds *rds;
static struct store *store;
static struct tokenbook *book;
static struct access *access_of;
static struct http *http;
static struct routes routes;
static char path[100], last[4096];
static int handled;

static void
tell_caller(struct req *r)
{
	const struct caller *c = req_caller(r);

	handled++;
	req_answer(r, 200,
	    json_pack("{s:s,s:s,s:s,s:b,s:s}", "name", c->name, "role",
		role_name(c->role), "groups", c->groups, "token", c->by_token,
		"part", req_part(r, 0)));
}

static void
tell_health(struct req *r)
{
	req_answer_text(r, 200, "text/plain", "ok\n", 3);
}

static const struct route rows[] = {
	{ "GET", "/healthz", ROLE_NONE, tell_health, NULL },
	{ "POST", "/v1/events", ROLE_PUSH, tell_caller, NULL },
	{ "GET", "/v1/items", ROLE_AGENT, tell_caller, NULL },
	{ "GET", "/v1/items/{id}", ROLE_AGENT, tell_caller, NULL },
	{ "PUT", "/v1/items/{id}", ROLE_MANAGER, tell_caller, "Changing items" },
	{ "GET", "/v1/tokens", ROLE_ADMIN, tell_caller, NULL },
};

static void
fail_end(struct req *r, enum store_end end, const struct store_answer *answer)
{
	(void)answer;
	req_fail(r, end == STORE_UNKNOWN ? 504 : 503, "away",
	    "Redis is away.");
}

static bool
is_up(void *cookie)
{
	(void)cookie;
	return rds_is_up(rds);
}

static void
start_server(void)
{
	struct fault fault;

	(void)snprintf(path, sizeof path, "%s/http", redis_folder(redis));
	(void)chmod(redis_folder(redis), 0755);
	book = tokenbook_new(store, "acme", "");
	access_of = access_new(&(struct access_options){
	    .base = base, .store = store, .book = book, .fail_end = fail_end });
	(void)access_add_group(access_of, ROLE_AGENT, "mail", &fault);
	(void)access_add_group(access_of, ROLE_AGENT, "news", &fault);
	(void)access_add_group(access_of, ROLE_MANAGER, "games", &fault);
	cr_assert_eq(access_add_group(
			 access_of, ROLE_ADMIN, "rb-no-such-group", &fault),
	    -1);
	cr_assert_not_null(strstr(fault.text, "addgroup rb-no-such-group"));
	routes = (struct routes){ .rows = rows,
		.count = sizeof rows / sizeof *rows,
		.access = access_of };
	http = http_new(base,
	    &(struct http_options){ .handle = route_request,
		.cookie = &routes });
	cr_assert_eq(http_listen(http, path, &fault), 0, "%s", fault.text);
	cr_assert_eq(http_listen(http, "127.0.0.1:0", &fault), 0);
}

static void
setup(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct fault fault;

	(void)sigaction(SIGPIPE, &ignore, NULL);
	log_open(LOG_LEVEL_ERROR);
	base = event_base_new();
	child_init(base);
	redis = redis_start();
	redis_load_library(redis);
	rds = rds_new(base,
	    &(struct rds_options){ .address = redis_socket(redis) }, &fault);
	cr_assert(loop_until(base, is_up, NULL, 5000));
	store = store_new(rds, "acme", "d1");
	start_server();
}

static bool
none_open(void *cookie)
{
	(void)cookie;
	return http_open_requests(http) == 0;
}

static void
teardown(void)
{
	http_stop_listening(http);
	cr_assert(loop_until(base, none_open, NULL, 5000));
	http_free(http);
	access_free(access_of);
	rds_free(rds);
	tokenbook_free(book);
	store_free(store);
	child_done();
	event_base_free(base);
	redis_stop(redis);
}

TestSuite(access, .init = setup, .fini = teardown, .timeout = 60);

/* ---- asking ------------------------------------------------------------- */

static int
ask_tcp(const char *line, const char *headers)
{
	struct peer *p = peer_tcp(base, http_port(http));
	char raw[1024];
	int status;

	(void)snprintf(raw, sizeof raw,
	    "%s HTTP/1.1\r\nHost: x\r\n%sConnection: close\r\n\r\n", line,
	    headers);
	peer_say(p, raw);
	(void)snprintf(last, sizeof last, "%s", peer_answer(p, 5000));
	status = (int)strtol(strlen(last) > 12 ? last + 9 : "0", NULL, 10);
	peer_free(p);
	return status;
}

static int
ask_with(const char *line, const char *token)
{
	char header[400];

	(void)snprintf(header, sizeof header, "Authorization: Bearer %s\r\n",
	    token);
	return ask_tcp(line, header);
}

/* In a process of its own: becomes that user and asks. */
static void
become_client(uid_t uid, gid_t group, const char *line, int out)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char text[1024];
	ssize_t n;
	int fd;

	if (setgroups(group != 0, &group) < 0 || setgid(65534) < 0 ||
	    setuid(uid) < 0)
		_exit(2);
	(void)snprintf(sun.sun_path, sizeof sun.sun_path, "%s", path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&sun, sizeof sun) < 0)
		_exit(3);
	n = snprintf(text, sizeof text,
	    "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", line);
	if (write(fd, text, (size_t)n) != n)
		_exit(4);
	while ((n = read(fd, text, sizeof text)) > 0) {
		if (write(out, text, (size_t)n) != n)
			_exit(5);
	}
	_exit(0);
}

static bool
has_ended(void *cookie)
{
	const pid_t *pid = cookie;
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)*pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
	    0 && info.si_pid == *pid;
}

static int
ask_as(uid_t uid, gid_t group, const char *line)
{
	int fd[2], status = -1;
	ssize_t n;
	pid_t pid;

	if (geteuid() != 0)
		cr_skip_test("only root can become other users");
	cr_assert_eq(pipe(fd), 0);
	pid = fork();
	if (pid == 0)
		become_client(uid, group, line, fd[1]);
	(void)close(fd[1]);
	cr_assert(loop_until(base, has_ended, &pid, 10000));
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
	n = read(fd[0], last, sizeof last - 1);
	(void)close(fd[0]);
	last[n > 0 ? n : 0] = '\0';
	return (int)strtol(strlen(last) > 12 ? last + 9 : "0", NULL, 10);
}

static bool
says(const char *text)
{
	return strstr(last, text) != NULL;
}

/* ---- the table ---------------------------------------------------------- */

Test(access, health_is_for_everybody)
{
	cr_assert_eq(ask_tcp("GET /healthz", ""), 200);
	cr_assert(says("\r\n\r\nok\n"));
	cr_assert_eq(ask_tcp("HEAD /healthz", ""), 200);
}

Test(access, unknown_addresses_are_404_and_wrong_methods_405)
{
	static const char *const none[] = { "GET /", "GET /healthz/",
		"GET /v1", "GET /v1/items/", "GET /v1/items/1/2",
		"GET /V1/items", "GET /v1//items", "GET /v1%2Fitems" };
	char line[400];

	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		cr_expect_eq(ask_tcp(none[i], ""), 404, "%s", none[i]);
	(void)snprintf(line, sizeof line, "GET /v1/items/%0201d", 1);
	cr_assert_eq(ask_tcp(line, ""), 404);
	cr_assert_eq(ask_tcp("DELETE /v1/items/1", ""), 405);
	cr_assert(says("\r\nAllow: GET, HEAD, PUT\r\n"), "%s", last);
	cr_assert_eq(ask_tcp("PATCH /v1/events", ""), 405);
	cr_assert(says("\r\nAllow: POST\r\n"));
	cr_assert_eq(ask_tcp("OPTIONS /healthz", ""), 405);
	cr_assert(says("\r\nAllow: GET, HEAD\r\n"));
	cr_assert_eq(handled, 0);
}

/* ---- Unix users --------------------------------------------------------- */

Test(access, root_is_an_administrator)
{
	cr_assert_eq(ask_as(0, 0, "GET /v1/tokens"), 200);
	cr_assert(says("\"name\":\"root\",\"role\":\"admin\""));
}

Test(access, the_role_comes_from_the_groups_of_the_socket)
{
	cr_assert_eq(ask_as(1, 8, "GET /v1/items/4821"), 200);
	cr_assert(says("\"name\":\"daemon\",\"role\":\"agent\",\"groups\":"
		       "\"mail\",\"token\":false,\"part\":\"4821\""), "%s",
	    last);
	cr_assert_eq(ask_as(1, 60, "PUT /v1/items/1"), 200);
	cr_assert(says("\"role\":\"manager\",\"groups\":\"games\""));
	cr_assert_eq(ask_as(1, 8, "POST /v1/events"), 200);
}

Test(access, a_role_that_is_too_low_is_told_whom_to_ask)
{
	cr_assert_eq(ask_as(1, 8, "PUT /v1/items/1"), 403);
	cr_assert(says("\"detail\":\"Changing items needs the role manager; "
		       "you are daemon, an agent.\""), "%s", last);
	cr_assert(says("\"role_needed\":\"manager\""));
	cr_assert(says("\"group\":\"games\""));
	cr_assert(says("\"members\":["));
	cr_assert(says("Ask one of the group games"));
	cr_assert_eq(handled, 0);
}

Test(access, who_is_in_no_group_is_told_which)
{
	cr_assert_eq(ask_as(2, 0, "GET /v1/items"), 403);
	cr_assert(says("bin is in none of the groups that may pull items "
		       "(mail)."), "%s", last);
	cr_assert(says("sudo adduser bin mail; log in again"));
}

Test(access, a_user_without_a_name_is_refused)
{
	cr_assert_eq(ask_as(54321, 8, "GET /v1/items"), 403);
	cr_assert(says("54321"));
}

Test(access, a_token_does_not_help_a_unix_user)
{
	cr_assert_eq(ask_as(2, 0, "GET /v1/tokens"), 403);
}

Test(access, many_at_once_share_one_look_up)
{
	struct peer *p[20];

	if (geteuid() != 0)
		cr_skip_test("only root has a role here");
	for (int i = 0; i < 20; i++) {
		p[i] = peer_unix(base, path);
		peer_say(p[i], "GET /v1/items HTTP/1.1\r\nHost: x\r\n\r\n");
	}
	for (int i = 0; i < 20; i++) {
		cr_assert_eq(peer_status(p[i], 5000), 200);
		peer_free(p[i]);
	}
}

/* ---- tokens ------------------------------------------------------------- */

static void
on_put(void *cookie, enum store_end end, const struct store_answer *answer)
{
	int *told = cookie;

	cr_assert_eq(end, STORE_DONE);
	cr_assert_str_eq(answer->word, "ok");
	*told = 1;
}

static void
put_token(const char *name, const char *role, const char *token)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len;
	char hex[65];
	int told = 0;

	cr_assert_eq(EVP_Digest(token, strlen(token), sum, &len, EVP_sha256(),
			 NULL), 1);
	for (unsigned i = 0; i < len; i++)
		(void)snprintf(hex + (size_t)i * 2, 3, "%02x", sum[i]);
	store_token_put(store,
	    &(struct store_token){ .name = name,
		.role = role,
		.sha256 = hex,
		.who = &(struct actor){ "root", "", 3, "unix:0" } },
	    on_put, &told);
	cr_assert(loop_while_zero(base, &told, 5000));
}

Test(access, a_token_has_its_role_and_no_more)
{
	put_token("pbx", "push", TOKEN);
	cr_assert_eq(ask_with("POST /v1/events", TOKEN), 200);
	cr_assert(says("\"name\":\"pbx\",\"role\":\"push\",\"groups\":\"\","
		       "\"token\":true"));
	cr_assert_eq(ask_with("GET /v1/items", TOKEN), 403);
	cr_assert(says("you are pbx, a source of events."), "%s", last);
	cr_assert_eq(ask_with("GET /v1/tokens", TOKEN), 403);
}

Test(access, broken_tokens_all_get_the_same_answer)
{
	static const char *const bad[] = { "", "Authorization:\r\n",
		"Authorization: Bearer\r\n", "Authorization: Bearer \r\n",
		"Authorization: Bearer rbt_\r\n",
		"Authorization: Basic " TOKEN "\r\n",
		"Authorization: " TOKEN "\r\n",
		"Authorization: Bearer " TOKEN "x\r\n",
		"Authorization: Bearer " TOKEN " x\r\n",
		"Authorization: Bearer RBT_0123456789abcdefghij\r\n",
		"Authorization: Bearer rbt_0123456789abcdefghi%00\r\n",
		"Authorization: Bearer rbt_0123456789abcdefgh\xc3\xa4\r\n",
		"X-Role: admin\r\nX-Forwarded-User: root\r\n",
		"Authorization: Bearer " TOKEN "\r\n"
		"Authorization: Bearer " TOKEN "\r\n" };
	char first[4096] = "";

	put_token("pbx", "push", TOKEN);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *body;

		cr_assert_eq(ask_tcp("POST /v1/events", bad[i]), 401, "%s",
		    bad[i]);
		cr_assert(says("\r\nWWW-Authenticate: Bearer\r\n"));
		body = strstr(last, "\r\n\r\n");
		if (i == 0)
			(void)snprintf(first, sizeof first, "%s", body);
		cr_assert_str_eq(body, first, "%s", bad[i]);
	}
	cr_assert_eq(handled, 0);
}

Test(access, without_redis_a_token_is_neither_good_nor_bad)
{
	redis_kill9(redis);
	loop_for(base, 50);
	cr_assert_eq(ask_with("POST /v1/events", TOKEN), 503);
	cr_assert_eq(ask_tcp("POST /v1/events", ""), 401);
}

Test(access, roles_have_names_both_ways)
{
	for (int role = ROLE_PUSH; role <= ROLE_ADMIN; role++)
		cr_assert_eq(
		    role_find(role_name((enum role)role)), (enum role)role);
	cr_assert_eq(role_find("none"), ROLE_NONE);
	cr_assert_eq(role_find("root"), ROLE_NONE);
}

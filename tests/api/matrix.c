/* Every address of the API with everybody who may come: what is expected stands
 * here, written by hand, beside the table that the daemon goes by. */
#include <criterion/criterion.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/api/table.h"
#include "tests/api/house.h"

/* p: push, a: agent, s: supervisor, m: manager, A: admin; "*": anybody, also
 * without a token. */
static const struct {
	const char *method, *pattern, *who;
} expected[] = {
	{ "GET", "/healthz", "*" },
	{ "GET", "/readyz", "*" },
	{ "POST", "/v1/events", "pasmA" },
	{ "POST", "/v1/next", "asmA" },
	{ "GET", "/v1/items", "asmA" },
	{ "GET", "/v1/items/{id}", "asmA" },
	{ "POST", "/v1/items/{id}/hold", "asmA" },
	{ "POST", "/v1/items/{id}/outcome", "asmA" },
	{ "POST", "/v1/items/{id}/extend", "asmA" },
	{ "POST", "/v1/items/{id}/release", "asmA" },
	{ "POST", "/v1/items/{id}/move", "asmA" },
	{ "POST", "/v1/items/{id}/note", "asmA" },
	{ "POST", "/v1/items/{id}/undo", "asmA" },
	{ "POST", "/v1/items/{id}/call", "asmA" },
	{ "GET", "/v1/calls/{call}", "asmA" },
	{ "POST", "/v1/calls/{call}/hangup", "asmA" },
	{ "POST", "/v1/undo", "asmA" },
	{ "GET", "/v1/queues", "asmA" },
	{ "GET", "/v1/sources", "asmA" },
	{ "GET", "/v1/me", "asmA" },
	{ "POST", "/v1/me/duty", "asmA" },
	{ "GET", "/v1/log", "smA" },
	{ "GET", "/v1/agents", "asmA" },
	{ "PUT", "/v1/agents/{name}/queues/{queue}", "smA" },
	{ "DELETE", "/v1/agents/{name}/queues/{queue}", "smA" },
	/* An agent his own, and that of 987 is another's. */
	{ "PUT", "/v1/agents/{name}/phone", "smA" },
	{ "GET", "/v1/customers", "asmA" },
	{ "POST", "/v1/customers", "A" },
	{ "GET", "/v1/customers/{id}", "asmA" },
	{ "PUT", "/v1/customers/{id}", "A" },
	{ "DELETE", "/v1/customers/{id}", "A" },
	{ "GET", "/v1/customers/{id}/export", "mA" },
	{ "POST", "/v1/customers/{id}/forget", "mA" },
	{ "GET", "/v1/tokens", "A" },
	{ "POST", "/v1/tokens", "A" },
	{ "DELETE", "/v1/tokens/{name}", "A" },
	{ "OPTIONS", "/v1/events", "*" },
	{ "POST", "/v1/twilio/{source}", "" }, /* a signature, no token */
	{ "POST", "/v1/cti/{source}", "pasmA" },
};
#define EXPECTED (sizeof expected / sizeof *expected)

/* Who comes: by a token of that name, or as a Unix user of that group (those
 * of every Debian); letter 0: has no role at all. */
static const struct {
	char letter;
	const char *token;
	gid_t group;
} callers[] = {
	{ 'p', "push", 0 },     { 'a', "anna", 8 },   { 's', "supervisor", 9 },
	{ 'm', "manager", 60 }, { 'A', "admin", 20 }, { 0, NULL, 65534 },
};
static const char unix_groups[] =
    "agents = { \"mail\" }\nsupervisors = { \"news\", \"rb-leads\" }\n"
    "managers = { \"games\", \"rb-managers\" }\nadmins = { \"dialout\" }\n";

static bool
may(size_t row, char letter)
{
	return *expected[row].who == '*' ||
	       (letter != 0 && strchr(expected[row].who, letter) != NULL);
}

/* The pattern with something in its wildcards that nobody has. */
static void
fill_path(char path[200], const char *pattern)
{
	size_t n = 0;

	for (const char *s = pattern; *s != '\0'; s++) {
		if (*s == '{') {
			n += (size_t)snprintf(path + n, 200 - n, "987");
			s = strchr(s, '}');
		} else {
			path[n++] = *s;
		}
	}
	path[n] = '\0';
}

/* A stream would not end. */
static const char *
method_of(size_t row)
{
	return strcmp(expected[row].pattern, "/v1/log") == 0
		   ? "HEAD"
		   : expected[row].method;
}

static void
judge(size_t row, char letter, const char *way, int status)
{
	bool let_in = status != 401 && status != 403;

	cr_expect(let_in == may(row, letter) && status >= 200 && status < 500,
		  "%s %s by %s as '%c': %d", expected[row].method,
		  expected[row].pattern, way, letter != 0 ? letter : '-',
		  status);
}

Test(matrix, every_address_is_in_it_and_in_the_same_order)
{
	cr_assert_eq(api_table_count, EXPECTED,
		     "an address without a row here: %s",
		     api_table_count > EXPECTED ? api_table[EXPECTED].pattern
						: "fewer than expected");
	for (size_t i = 0; i < EXPECTED; i++) {
		cr_expect_str_eq(api_table[i].method, expected[i].method);
		cr_expect_str_eq(api_table[i].pattern, expected[i].pattern);
	}
}

Test(matrix, by_token_over_tcp)
{
	/* One that is well-formed and unknown, and none. */
	static const char *const claims =
	    "X-Role: admin\r\nX-Forwarded-User: root\r\nX-Remote-User: root\r\n"
	    "X-Forwarded-For: 127.0.0.1\r\nForwarded: for=unix\r\n"
	    "Role: admin\r\nX-Original-URL: /healthz\r\n"
	    "X-HTTP-Method-Override: GET\r\nCookie: role=admin\r\n";
	static const char *const wrong =
	    "Authorization: Bearer "
	    "rbt_00000000000000000000000000000000000000000000000a\r\n";
	struct house *h = house_new_with(
	    &(struct house_options){ .head = "wrong_tokens = 1000\n" });

	for (size_t row = 0; row < EXPECTED; row++) {
		struct question q = { .method = method_of(row), .body = "{}" };
		char path[200];

		fill_path(path, expected[row].pattern);
		q.path = path;
		for (size_t i = 0; i < 6; i++) {
			q.who = callers[i].token != NULL ? callers[i].token
							 : "nobody";
			q.headers = claims;
			judge(row, callers[i].letter, "token",
			      house_ask(h, &q)->status);
		}
		q.who = "nobody";
		q.headers = wrong;
		judge(row, 0, "wrong token", house_ask(h, &q)->status);
	}
	house_free(h);
}

/* In a process of its own: becomes a user of that group alone and asks all. */
static void
ask_all(const char *socket, gid_t group, int out)
{
	if (setgroups(0, NULL) < 0 || setgid(group) < 0 || setuid(1) < 0)
		_exit(1);
	for (size_t row = 0; row < EXPECTED; row++) {
		struct said a = { 0 };
		char path[200], request[400];
		int fd = ask_unix(socket);

		fill_path(path, expected[row].pattern);
		(void)snprintf(
		    request, sizeof request,
		    "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
		    "X-Role: admin\r\nContent-Length: 2\r\n\r\n{}",
		    method_of(row), path);
		(void)ask_send(fd, request, strlen(request));
		ask_read(&a, fd, strcmp(method_of(row), "HEAD") != 0);
		(void)dprintf(out, "%d\n", a.status);
		ask_close(fd);
		said_done(&a);
	}
	_exit(0);
}

Test(matrix, by_unix_group_over_the_socket)
{
	struct house *h;

	if (getuid() != 0)
		cr_skip("only root can ask as somebody else");
	h = house_new_with(&(struct house_options){ .groups = unix_groups });
	for (size_t i = 1; i < 6; i++) {
		int fd[2], status;
		FILE *f;
		pid_t pid;

		cr_assert(pipe(fd) == 0);
		pid = fork();
		if (pid == 0)
			ask_all(daemon_socket(house_daemon(h, 0)),
				callers[i].group, fd[1]);
		(void)close(fd[1]);
		f = fdopen(fd[0], "r");
		for (size_t row = 0; row < EXPECTED; row++) {
			cr_assert_eq(fscanf(f, "%d", &status), 1);
			judge(row, callers[i].letter, "group", status);
		}
		(void)fclose(f);
		(void)waitpid(pid, NULL, 0);
	}
	house_free(h);
}

/* Who may do what: every row of the table with every role, tokens in every
 * broken form, and the users of this machine. */
#include <criterion/criterion.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/api/caller.h"
#include "daemon/api/table.h"
#include "tests/api/house.h"

static const struct {
	const char *name;
	enum role role;
} callers[] = {
	{ "push", ROLE_PUSH },
	{ "anna", ROLE_AGENT },
	{ "supervisor", ROLE_SUPERVISOR },
	{ "manager", ROLE_MANAGER },
	{ "admin", ROLE_ADMIN },
};
static const char *const role_words[] = { [ROLE_NONE] = "none",
	[ROLE_PUSH] = "push", [ROLE_AGENT] = "agent",
	[ROLE_SUPERVISOR] = "supervisor", [ROLE_MANAGER] = "manager",
	[ROLE_ADMIN] = "admin" };

/* The pattern with something in its wildcards that nobody has. */
static char *
path_of(struct house *h, const char *pattern)
{
	char *path = house_print(h, "%s%40s", pattern, "");
	char *at;

	*strchr(path, ' ') = '\0';
	while ((at = strchr(path, '{')) != NULL) {
		size_t n = strcspn(at, "}") + 1;

		memmove(at + 3, at + n, strlen(at + n) + 1);
		memcpy(at, "987", 3);
	}
	return path;
}

static void
try_row(struct house *h, const struct route *row)
{
	char *path = path_of(h, row->pattern);
	bool is_log = strcmp(path, "/v1/log") == 0;
	/* An agent says of himself only at which telephone he is. */
	bool is_phone = strstr(row->pattern, "/{name}/phone") != NULL;

	for (size_t i = 0; i < sizeof callers / sizeof *callers; i++) {
		enum role least = is_phone && callers[i].role >= row->least ?
		    ROLE_SUPERVISOR : row->least;
		bool allowed = callers[i].role >= least;
		const struct said *a = house_do(h, callers[i].name,
		    is_log ? "HEAD" : row->method, path, "{}");

		cr_expect_neq(a->status, 401);
		cr_expect(allowed == (a->status != 403), "%s %s as %s: %d %s",
		    row->method, path, callers[i].name, a->status, a->body);
		cr_expect(a->status < 500, "%s %s: %d", row->method, path,
		    a->status);
		if (allowed || is_log)
			continue;
		cr_expect_str_eq(
		    said_text(a, "role_needed"), role_words[least]);
		cr_expect_str_eq(
		    said_text(a, "role"), role_words[callers[i].role]);
		cr_expect_str_eq(said_text(a, "name"), callers[i].name);
		cr_expect(*said_text(a, "help") != '\0');
	}
	if (row->least == ROLE_NONE)
		return;
	cr_expect_eq(house_do(h, "nobody", is_log ? "HEAD" : row->method, path,
			 "{}")->status,
	    401, "%s %s", row->method, path);
}

Test(roles, every_route_is_open_to_its_role_and_those_above)
{
	struct house *h = house_new();

	for (size_t i = 0; i < api_table_count; i++) {
		/* Open to whoever signs (see push), whatever his role. */
		if (strstr(api_table[i].pattern, "/twilio/") == NULL)
			try_row(h, &api_table[i]);
	}
	house_free(h);
}

/* ---- tokens -------------------------------------------------------------------- */

/* One request with these lines in its head; the answer is the caller's. */
static struct said
ask_with(struct house *h, const char *lines)
{
	char *request = house_print(h,
	    "GET /v1/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n",
	    lines);
	int fd = ask_tcp(daemon_port(house_daemon(h, 0)));
	struct said a;

	(void)ask_send(fd, request, strlen(request));
	ask_read(&a, fd, true);
	ask_close(fd);
	return a;
}

Test(roles, tokens_that_are_broken_are_answered_alike)
{
	static const char *const forms[] = { "", "Authorization: \r\n",
		"Authorization: Bearer\r\n", "Authorization: Bearer \r\n",
		"Authorization: Basic YW5uYTphbm5h\r\n",
		"Authorization: %s\r\n", "Authorization: Token %s\r\n",
		"Authorization: Bearer  %sx\r\n", "Authorization: Bearer x%s\r\n",
		"Authorization: Bearer %.30s\r\n",
		"Authorization: Bearer \"%s\"\r\n",
		"Authorization: Bearer %s,\r\n",
		"Authorization: Bearer %s %1$s\r\n",
		"Authorization: Bearer '; DROP TABLE tokens\r\n",
		"Authorization: Bearer rbt_\r\n",
		"Authorization: Bearer "
		"rbt_000000000000000000000000000000000000000000000000\r\n",
		"Authorization: Bearer "
		"RBT_000000000000000000000000000000000000000000000000\r\n",
		"X-Authorization: Bearer %s\r\n", "Cookie: token=%s\r\n",
		"Proxy-Authorization: Bearer %s\r\n" };
	struct house *h = house_new();
	const char *token = house_token(h, "anna");
	char *first = NULL, lines[400];

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		const char *at = strstr(forms[i], "%");
		struct said a;

		if (strstr(forms[i], "%.30s") != NULL)
			(void)snprintf(lines, sizeof lines,
			    "Authorization: Bearer %.30s\r\n", token);
		else
			(void)snprintf(lines, sizeof lines, "%.*s%s%s",
			    at != NULL ? (int)(at - forms[i]) :
					 (int)strlen(forms[i]),
			    forms[i], at != NULL ? token : "",
			    at != NULL ? at + 2 : "");
		a = ask_with(h, lines);
		cr_expect_eq(a.status, 401, "%s: %d", forms[i], a.status);
		cr_expect_str_eq(said_header(&a, "WWW-Authenticate"), "Bearer");
		if (first == NULL)
			first = house_print(h, "%s", a.body);
		cr_expect_str_eq(a.body, first, "%s", forms[i]);
		said_done(&a);
	}
	/* Two of them, good each: whose request would it be? */
	(void)snprintf(lines, sizeof lines,
	    "Authorization: Bearer %s\r\nAuthorization: Bearer %s\r\n", token,
	    house_token(h, "admin"));
	{
		struct said a = ask_with(h, lines);

		cr_expect_eq(a.status, 401);
		said_done(&a);
	}
	house_free(h);
}

Test(roles, headers_that_claim_something_change_nothing)
{
	struct house *h = house_new();
	const struct said *a = house_ask(h,
	    &(struct question){ .who = "anna",
		.method = "GET",
		.path = "/v1/tokens?role=admin&name=admin",
		.headers = "X-Role: admin\r\nX-Remote-User: admin\r\n"
			   "X-Forwarded-User: root\r\nRole: admin\r\n"
			   "X-HTTP-Method-Override: POST\r\n"
			   "X-Original-URL: /v1/me\r\n"
			   "Forwarded: for=127.0.0.1\r\n" });

	cr_expect_eq(a->status, 403);
	cr_expect_str_eq(said_text(a, "role"), "agent");
	house_free(h);
}

Test(roles, a_revoked_token_is_dead_at_once_everywhere)
{
	struct house *h =
	    house_new_with(&(struct house_options){ .daemons = 2 });
	struct question q = { .who = "anna",
		.method = "GET",
		.path = "/v1/me" };

	for (q.daemon = 0; q.daemon < 2; q.daemon++)
		cr_expect_eq(house_ask(h, &q)->status, 200);
	cr_expect_eq(
	    house_do(h, "root", "DELETE", "/v1/tokens/anna", "")->status, 200);
	for (q.daemon = 0; q.daemon < 2; q.daemon++)
		cr_expect_eq(house_ask(h, &q)->status, 401);
	cr_expect_eq(
	    house_do(h, "root", "DELETE", "/v1/tokens/anna", "")->status, 404);
	house_free(h);
}

Test(roles, tokens_are_made_once_and_never_shown_again)
{
	static const struct {
		const char *body;
		int status;
	} list[] = {
		{ "", 400 },
		{ "{}", 422 },
		{ "{\"name\":\"x\"}", 422 },
		{ "{\"name\":\"x\",\"role\":\"root\"}", 422 },
		{ "{\"name\":\"x\",\"role\":\"none\"}", 422 },
		{ "{\"name\":\"x\",\"role\":\"\"}", 422 },
		{ "{\"name\":\"x y\",\"role\":\"agent\"}", 422 },
		{ "{\"name\":\"\",\"role\":\"agent\"}", 422 },
		{ "{\"name\":7,\"role\":\"agent\"}", 422 },
		{ "{\"name\":\"anna\",\"role\":\"admin\"}", 409 },
	};
	struct house *h = house_new();
	const struct said *a;
	char *before = house_digest(h);

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		a = house_do(h, "root", "POST", "/v1/tokens", list[i].body);
		cr_expect_eq(
		    a->status, list[i].status, "%s: %s", list[i].body, a->body);
	}
	house_unchanged(h, before, "tokens");
	a = house_get(h, "root", "/v1/tokens");
	cr_expect_eq(a->status, 200);
	for (size_t i = 0; i < sizeof callers / sizeof *callers; i++)
		cr_expect(strstr(a->body, house_token(h, callers[i].name)) ==
		    NULL);
	/* Nor does Redis have it. */
	cr_expect(strstr(redis_str(house_redis(h), "HGET", "rb:{t}:token_names",
			     "anna", NULL),
		      house_token(h, "anna")) == NULL);
	house_free(h);
}

/* ---- the users of this machine -------------------------------------------------- */

/* What a user of this number is answered; the caller's. */
static char *
ask_as(struct house *h, uid_t uid, const char *method, const char *path)
{
	char *request = house_print(h,
	    "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
	    "Content-Length: 0\r\n\r\n",
	    method, path);
	char *text = calloc(1, 65536);
	int fd[2];
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	cr_assert(pipe(fd) == 0);
	pid = fork();
	if (pid == 0) {
		struct said a = { 0 };
		int s;

		if (setgroups(0, NULL) < 0 || setgid((gid_t)uid) < 0 ||
		    setuid(uid) < 0)
			_exit(1);
		s = ask_unix(daemon_socket(house_daemon(h, 0)));
		(void)ask_send(s, request, strlen(request));
		ask_read(&a, s, true);
		(void)dprintf(fd[1], "%d %s", a.status,
		    a.body != NULL ? a.body : "");
		_exit(0);
	}
	(void)close(fd[1]);
	while (len < 65535 && (n = read(fd[0], text + len, 65535 - len)) > 0)
		len += (size_t)n;
	(void)close(fd[0]);
	(void)waitpid(pid, NULL, 0);
	return text;
}

Test(roles, a_user_of_no_group_is_told_which_he_needs)
{
	struct house *h;
	char *said;

	if (getuid() != 0)
		cr_skip("only root can ask as somebody else");
	h = house_new();
	said = ask_as(h, 65534, "POST", "/v1/next");
	cr_expect(strncmp(said, "403 ", 4) == 0, "%s", said);
	cr_expect(strstr(said,
		      "\"detail\":\"nobody is in none of the groups that may "
		      "pull items (rb-agents).\"") != NULL,
	    "%s", said);
	cr_expect(strstr(said,
		      "\"help\":\"An administrator can change that: sudo "
		      "adduser nobody rb-agents; log in again\"") != NULL,
	    "%s", said);
	free(said);
	said = ask_as(h, 65534, "GET", "/v1/tokens");
	cr_expect(strncmp(said, "403 ", 4) == 0, "%s", said);
	free(said);
	said = ask_as(h, 65534, "GET", "/healthz");
	cr_expect(strncmp(said, "200 ", 4) == 0, "%s", said);
	free(said);
	house_free(h);
}

Test(roles, a_user_without_a_name_is_nobody)
{
	struct house *h;
	char *said;

	if (getuid() != 0)
		cr_skip("only root can ask as somebody else");
	h = house_new();
	said = ask_as(h, 54321, "POST", "/v1/next");
	cr_expect(strncmp(said, "403 ", 4) == 0, "%s", said);
	cr_expect(strstr(said, "54321") != NULL, "%s", said);
	free(said);
	house_free(h);
}

/* ---- what no log may tell -------------------------------------------------------- */

Test(roles, no_log_tells_numbers_names_texts_or_tokens)
{
	struct house *h = house_new();
	const struct said *a;

	house_secret(h, "89123451");
	house_secret(h, "Cornelia");
	house_secret(h, "the flat downstairs");
	house_secret(h, "rbt_");
	a = house_do(h, "push", "POST", "/v1/events",
	    "{\"type\":\"complaint\",\"from\":\"+4989123451\","
	    "\"name\":\"Cornelia\",\"text\":\"the flat downstairs\"}");
	cr_expect_eq(a->status, 201);
	(void)house_do(h, "push", "POST", "/v1/events",
	    "{\"type\":\"complaint\",\"from\":\"+4989123451\","
	    "\"name\":[\"Cornelia\"],\"text\":7}");
	(void)house_get(h, "anna", "/v1/items?customer=%2B4989123451");
	(void)house_get(h, "anna", "/v1/customers?phone=%2B4989123451");
	(void)house_get(h, "anna", "/v1/nothing?token=rbt_x");
	(void)house_do(h, "anna", "POST", "/v1/items/1001/note",
	    "{\"note\":\"the flat downstairs\"}");
	(void)house_do(h, "admin", "PUT", "/v1/customers/7",
	    "{\"name\":\"Cornelia\",\"phones\":[\"+4989123451\"]}");
	/* A key of another kind makes Redis itself refuse: it is kept. */
	redis_must(house_redis(h), "SET", "rb:{t}:phones", "x", NULL);
	a = house_do(h, "push", "POST", "/v1/events",
	    "{\"type\":\"call.missed\",\"from\":\"+4989123451\","
	    "\"name\":\"Cornelia\"}");
	cr_expect_eq(a->status, 202, "%s", a->body);
	house_free(h);
}

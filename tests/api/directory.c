/* The directory of customers: what it takes, what it refuses by name, and what
 * a change does to those who wait. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/api/house.h"

static const struct said *
put(struct house *h, const char *id, const char *body)
{
	return house_do(h, "admin", "PUT",
	    house_print(h, "/v1/customers/%s", id), body);
}

Test(directory, numbers_are_kept_in_one_form)
{
	struct house *h = house_new();
	const struct said *a = put(h, "7",
	    "{\"name\":\"Maria\",\"phones\":[\"089 123451\","
	    "\"0049-89-1234512\",\"+49 89 123451\",\"tel:+49-89-12345\"]}");

	cr_assert_eq(a->status, 201, "%s", a->body);
	cr_expect_str_eq(said_text(a, "phones.0"), "+4989123451");
	cr_expect_str_eq(said_text(a, "phones.1"), "+49891234512");
	cr_expect_str_eq(said_text(a, "phones.2"), "+498912345", "%s", a->body);
	cr_expect_str_eq(said_text(a, "phones.3"), "");
	a = house_get(h, "anna", "/v1/customers?phone=089%20123451");
	cr_expect_str_eq(said_text(a, "id"), "7", "%s", a->body);
	a = house_get(h, "anna", "/v1/customers/7");
	cr_expect_str_eq(said_text(a, "name"), "Maria");
	a = put(h, "7", "{\"name\":\"Maria S.\"}");
	cr_expect_eq(a->status, 200);
	cr_expect_eq(
	    house_get(h, "anna", "/v1/customers?phone=%2B4989123451")->status,
	    404);
	a = house_do(h, "admin", "DELETE", "/v1/customers/7", "");
	cr_expect_eq(a->status, 200);
	a = house_do(h, "admin", "DELETE", "/v1/customers/7", "");
	cr_expect_eq(a->status, 404);
	cr_expect_eq(house_get(h, "anna", "/v1/customers/7")->status, 404);
	house_free(h);
}

Test(directory, a_wrong_field_is_named)
{
	static const struct {
		const char *body, *pointer;
		int status;
	} list[] = {
		{ "{\"timezone\":\"Mars/Olympus\"}", "#/timezone", 422 },
		{ "{\"timezone\":\"../../etc/passwd\"}", "#/timezone", 422 },
		{ "{\"timezone\":7}", "#/timezone", 422 },
		{ "{\"tier\":\"copper\"}", "#/tier", 422 },
		{ "{\"tier\":\"go ld\"}", "#/tier", 422 },
		{ "{\"phones\":[\"anonymous\"]}", "#/phones", 422 },
		{ "{\"phones\":[\"+4989123451\",\"12\"]}", "#/phones", 422 },
		{ "{\"phones\":[\"1,2\"]}", "#/phones", 422 },
		{ "{\"phones\":\"+4989123451\"}", "#/phones", 422 },
		{ "{\"phones\":[4989123451]}", "#/phones", 422 },
		{ "{\"phones\":{}}", "#/phones", 422 },
		{ "{\"value\":-1}", "#/value", 422 },
		{ "{\"value\":\"8400\"}", "#/value", 422 },
		{ "{\"value\":9007199254740993}", "#/value", 422 },
		{ "{\"name\":1}", "#/name", 422 },
		{ "{\"agent\":\"a b\"}", "#/agent", 422 },
		{ "{\"never_call\":\"yes\"}", "#/never_call", 422 },
		{ "{\"shared\":1}", "#/shared", 422 },
		{ "{\"prefers\":[]}", "#/prefers", 422 },
		{ "{\"language\":\"a language that is too long\"}",
		    "#/language", 422 },
		{ "[]", NULL, 400 },
		{ "", NULL, 400 },
	};
	struct house *h = house_new();
	char *before = house_digest(h), many[800] = "{\"phones\":[\"1\"";

	for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
		const struct said *a = put(h, "7", list[i].body);

		cr_expect_eq(
		    a->status, list[i].status, "%s: %s", list[i].body, a->body);
		if (list[i].pointer != NULL)
			cr_expect_str_eq(said_text(a, "errors.0.pointer"),
			    list[i].pointer, "%s: %s", list[i].body, a->body);
	}
	for (int i = 0; i < 20; i++)
		(void)snprintf(many + strlen(many), 24, ",\"+49891234%02d\"",
		    i);
	(void)snprintf(many + strlen(many), 8, "]}");
	cr_expect_eq(put(h, "7", many)->status, 422);
	cr_expect_eq(put(h, "a%7Cb", "{\"name\":\"x\"}")->status, 422);
	cr_expect_eq(put(h, "a%0Ab", "{\"name\":\"x\"}")->status, 400);
	house_unchanged(h, before, "customers");
	house_free(h);
}

Test(directory, a_number_has_one_owner)
{
	struct house *h = house_new();
	const struct said *a;

	cr_expect_eq(put(h, "1", "{\"phones\":[\"+4989123451\"]}")->status, 201);
	a = put(h, "2", "{\"phones\":[\"+4989123452\",\"+4989123451\"]}");
	cr_expect_eq(a->status, 409, "%s", a->body);
	cr_expect_eq(house_get(h, "anna", "/v1/customers/2")->status, 404);
	cr_expect_eq(
	    house_get(h, "anna", "/v1/customers?phone=%2B4989123452")->status,
	    404);
	house_free(h);
}

Test(directory, worth_more_moves_those_who_wait)
{
	struct house *h = house_new();
	const struct said *a;

	(void)put(h, "1",
	    "{\"name\":\"A\",\"value\":0,\"phones\":[\"+4989123451\"]}");
	(void)put(h, "2",
	    "{\"name\":\"B\",\"value\":0,\"phones\":[\"+4989123452\"]}");
	cr_expect_eq(house_event(h, "+4989123451"), 1001);
	cr_expect_eq(house_event(h, "+4989123452"), 1002);
	a = house_get(h, "anna", "/v1/items/1002");
	cr_expect_str_eq(said_text(a, "item.tier"), "standard");
	(void)put(h, "2",
	    "{\"name\":\"B\",\"value\":9000,\"phones\":[\"+4989123452\"]}");
	a = house_get(h, "anna", "/v1/items/1002");
	cr_expect_str_eq(said_text(a, "item.tier"), "gold", "%s", a->body);
	a = house_do(h, "anna", "POST", "/v1/next", "{}");
	cr_expect_eq(said_int(a, "item.number"), 1002, "%s", a->body);
	house_free(h);
}

Test(directory, a_line_that_is_wrong_spoils_no_other)
{
	struct house *h = house_new();
	const struct said *a = house_ask(h,
	    &(struct question){ .who = "admin",
		.path = "/v1/customers",
		.type = "application/x-ndjson",
		.body = "{\"id\":\"1\",\"phones\":[\"+4989123451\"]}\n"
			"{\"id\":\"2\",\"timezone\":\"Nowhere\"}\n"
			"{\"name\":\"no id\"}\r\n"
			"junk\n\n"
			"{\"id\":\"3\",\"phones\":[\"+4989123451\"]}\n"
			"{\"id\":\"1\",\"phones\":[\"+4989123451\"]}" });
	static const char *const status[] = { ":201", ":422", ":422", ":400",
		":409", ":200" };
	const char *at = a->body;

	cr_assert_eq(a->status, 200);
	for (size_t i = 0; i < sizeof status / sizeof *status; i++) {
		at = strstr(at, "\"status\"");
		cr_assert(at != NULL, "%s", a->body);
		at += 8;
		cr_expect(strncmp(at, status[i], 4) == 0, "%zu: %s", i, a->body);
	}
	cr_expect(strstr(a->body, "\"pointer\":\"#/timezone\"") != NULL, "%s",
	    a->body);
	house_free(h);
}

/* ---- the real command ---------------------------------------------------------- */

/* Its output and complaints; the caller's. */
static char *
import(struct house *h, const char *csv, int *ret_code)
{
	char *program = daemon_program("ringback"), *text = calloc(1, 65536);
	char *path = house_print(
	    h, "%s/list.csv", daemon_folder(house_daemon(h, 0)));
	FILE *f = fopen(path, "we");
	int fd[2], status = 0;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	cr_assert(f != NULL && pipe(fd) == 0);
	(void)fputs(csv, f);
	(void)fclose(f);
	pid = fork();
	if (pid == 0) {
		(void)setenv("RINGBACK_SOCKET",
		    daemon_socket(house_daemon(h, 0)), 1);
		(void)unsetenv("RINGBACK_URL");
		(void)dup2(fd[1], STDOUT_FILENO);
		(void)dup2(fd[1], STDERR_FILENO);
		(void)execl(program, "ringback", "customers", "import", path,
		    (char *)NULL);
		_exit(127);
	}
	(void)close(fd[1]);
	while (len < 65535 && (n = read(fd[0], text + len, 65535 - len)) > 0)
		len += (size_t)n;
	(void)close(fd[0]);
	(void)waitpid(pid, &status, 0);
	*ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	free(program);
	return text;
}

Test(directory, the_command_imports_what_is_good_and_names_the_rest)
{
	struct house *h = house_new();
	int code;
	char *said = import(h,
	    "id,name,phones,value,timezone\r\n"
	    "1,\"Schröder, Maria\",\"089 123451; 089 123452\",8400,"
	    "Europe/Berlin\r\n"
	    "2,Bad Zone,089 123453,100,Mars/Olympus\r\n"
	    "3,Bad Phone,none,100,\r\n"
	    "4,Taken,+4989123451,100,\r\n"
	    "5,=cmd|'/c calc'!A0,089 123455,100,\r\n"
	    "6,Bad Value,089 123456,much,\r\n"
	    "7,\"unclosed,089 123457,1,\r\n",
	    &code);

	cr_expect_eq(code, 1, "%s", said);
	cr_expect(strstr(said, "2 customers taken in (2 new)") != NULL, "%s",
	    said);
	cr_expect(strstr(said, "timezone") != NULL, "%s", said);
	cr_expect(strstr(said, "none") != NULL, "%s", said);
	cr_expect_str_eq(
	    said_text(house_get(h, "anna", "/v1/customers/1"), "name"),
	    "Schröder, Maria");
	cr_expect_str_eq(
	    said_text(house_get(h, "anna", "/v1/customers/5"), "name"),
	    "=cmd|'/c calc'!A0");
	cr_expect_eq(house_get(h, "anna", "/v1/customers/7")->status, 404);
	free(said);
	house_free(h);
}

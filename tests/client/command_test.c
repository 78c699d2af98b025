/* The command against a daemon that says what the test wants. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/command.h"
#include "tests/client/expect.h"
#include "tests/client/fake.h"
#include "tests/client/sample.h"

static struct fake *fake;

static void
stop(void)
{
	if (fake != NULL)
		fake_stop(fake);
	fake = NULL;
}

TestSuite(command, .init = plain_surroundings, .fini = stop, .timeout = 90);

static struct ran
next_says(int status, const char *body, enum fake_way way)
{
	static struct fake_rule rules[2];

	rules[0] = (struct fake_rule){ "POST /v1/next", status, body, way, 0 };
	fake = fake_start(rules);
	return run(fake, "next", NULL);
}

Test(command, next_shows_number_promise_and_card)
{
	struct ran r = next_says(200, SAMPLE_CARD("4821", ""), FAKE_JSON);

	cr_expect_eq(r.code, 0);
	HAS(r.out, " 4821  Maria Schr\xc3\xb6"
		   "der          gold          "
		   "call-back, sales");
	HAS(r.out, "call      030 901820");
	HAS(r.out, "+4930901820, rang 3 times");
	HAS(r.out, "67 % of 15 minutes used");
	HAS(r.out, "own agent you");
	HAS(r.out, "wants the invoice by mail");
	HAS(r.out, "\"Sorry that we missed you.\"");
	HAS(r.out, "Next: ringback done");
	cr_expect_str_eq(r.err, "");
	HAS(fake_heard(fake), "\"wait_s\":0");
}

Test(command, nothing_to_do_says_why_and_exits_3)
{
	struct ran r = next_says(200, SAMPLE_NOTHING, FAKE_JSON);

	cr_expect_eq(r.code, 3);
	HAS(r.out, "Nothing to call now in sales, billing.");
	HAS(r.out, "  1 waits for its hour: 4801 J. O'Neill");
	HAS(r.out, "(10:00 in New York)");
	HAS(r.out, "  9 wait in support, which opens");
	HAS(r.out, "not one of your queues");
}

Test(command, nothing_to_do_exits_3_in_json_too)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/next", 200, SAMPLE_NOTHING, FAKE_JSON, 0 }, { 0 }
	};
	struct ran r;

	fake = fake_start(rules);
	r = run(fake, "--json", "next", NULL);
	cr_expect_eq(r.code, 3);
	cr_expect_str_eq(r.out, SAMPLE_NOTHING "\n");
}

Test(command, no_daemon_is_said_and_exits_4)
{
	struct ran r = run(NULL, "next", "--socket", "/nowhere/s", NULL);

	cr_expect_eq(r.code, 4);
	HAS(r.err,
	    "ringback: no daemon at /nowhere/s: No such file or directory");
	HAS(r.err, "systemctl status ringbackd");
	HAS(r.err, "RINGBACK_URL=https://");
}

Test(command, a_path_too_long_for_a_socket_is_refused)
{
	char path[300];
	struct ran r;

	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	r = run(NULL, "next", "--socket", path, NULL);
	cr_expect_eq(r.code, 1);
	HAS(r.err, "107 bytes");
}

Test(command, redis_away_exits_4_with_the_daemons_words)
{
	struct ran r =
	    next_says(503,
		      "{\"title\":\"x\",\"status\":503,\"away_since\":"
		      "\"2026-11-22T10:15:40.000Z\",\"kept\":37,\"held\":{"
		      "\"number\":4821,\"name\":\"Maria Schr\\u00f6der\","
		      "\"phone\":\"+4930901820\"}}",
		      FAKE_JSON);

	cr_expect_eq(r.code, 4);
	HAS(r.err, "Redis is away since 10:15:40; nothing can be handed out");
	HAS(r.err, "  Missed calls are still taken in and kept (37 so far).");
	HAS(r.err, "  You hold 4821 Maria Schr");
	HAS(r.err, ", +4930901820: go on, and record it then.");
}

Test(command, redis_away_without_a_journal_promises_nothing)
{
	struct ran r =
	    next_says(503,
		      "{\"title\":\"x\",\"status\":503,\"away_since\":"
		      "\"2026-11-22T10:15:40.000Z\",\"kept\":null}",
		      FAKE_JSON);

	cr_expect_eq(r.code, 4);
	HAS(r.err, "  Missed calls cannot be kept meanwhile");
}

Test(command, a_refusal_names_who_helps)
{
	struct ran r = next_says(
	    403,
	    "{\"title\":\"x\",\"status\":403,\"role_needed\":\"manager\","
	    "\"name\":"
	    "\"anna\",\"role\":\"agent\",\"group\":\"rb-managers\",\"members\":"
	    "[\"greta\",\"hans\"]}",
	    FAKE_JSON);

	cr_expect_eq(r.code, 1);
	HAS(r.err, "needs the role manager; you are anna");
	HAS(r.err, "  Ask one of the group rb-managers: greta, hans.");
}

Test(command, detail_help_and_field_errors_are_told)
{
	struct ran r = next_says(
	    422,
	    "{\"title\":\"x\",\"status\":422,\"detail\":\"That is wrong.\","
	    "\"help\":\"Try this.\",\"errors\":[{\"detail\":\"wait_s is odd.\","
	    "\"pointer\":\"#/wait_s\"},7,null]}",
	    FAKE_JSON);

	cr_expect_eq(r.code, 1);
	cr_expect_str_eq(r.err, "ringback: That is wrong.\n  #/wait_s: wait_s "
				"is odd.\n  Try this.\n");
}

Test(command, what_the_sentence_says_is_not_said_again)
{
	struct ran r = next_says(
	    422,
	    "{\"status\":422,\"detail\":\"value must be a whole number.\","
	    "\"errors\":[{\"detail\":\"value must be a whole number.\","
	    "\"pointer\":\"#/value\"}]}",
	    FAKE_JSON);

	cr_expect_str_eq(r.err, "ringback: value must be a whole number.\n");
}

Test(command, an_unknown_callers_number_stands_there_once)
{
	struct ran r = next_says(
	    200, SAMPLE_CARD("4821", ",\"name\":null,\"unknown\":true"),
	    FAKE_JSON);
	const char *at = strstr(r.out, "901820");

	HAS(r.out, " 4821  unknown caller          gold *");
	HAS(r.out, "call      030 901820");
	cr_assert_not_null(at);
	cr_expect_null(strstr(at + 1, "901820"));
}

Test(command, a_quote_is_cut_and_not_the_queue_behind_it)
{
	struct ran r = next_says(
	    200,
	    "{\"item\":{\"number\":1},\"also\":[{\"number\":2,\"kind\":"
	    "\"complaint\",\"queue\":\"quality\",\"text\":\"The drill "
	    "arrived with a broken chuck, second time this year.\"}]}",
	    FAKE_JSON);

	HAS(r.out, "also open 2 complaint              \"The drill arrived "
		   "with a broken..\", quality\n");
}

Test(command, errors_are_json_where_json_was_asked)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/next", 409,
		  "{\"title\":\"no queue\",\"status\":409}\n", FAKE_JSON, 0 },
		{ 0 }
	};
	struct ran r;

	fake = fake_start(rules);
	r = run(fake, "next", "--json", NULL);
	cr_expect_eq(r.code, 1);
	cr_expect_str_eq(r.out, "{\"title\":\"no queue\",\"status\":409}\n");
	cr_expect_str_eq(r.err, "");
}

Test(command, nothing_that_steers_a_terminal_leaves_it)
{
	struct ran r = next_says(
	    200,
	    SAMPLE_CARD("4821",
			",\"name\":\"A\\u001b]0;x\\u0007\\u009b\\u202eB\","
			"\"text\":\"\\u001b[2Jboo\""),
	    FAKE_JSON);

	cr_expect_eq(r.code, 0);
	HAS(r.out, "A?]0;x???B");
	HAS(r.out, "\"?[2Jboo\"");
	cr_expect_null(strchr(r.out, 033));
	HAS_NOT(r.out, "\xe2\x80\xae");
}

Test(command, json_hides_raw_controls_behind_their_escapes)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/next", 200,
		  "{\"a\":\"\xc2\x9b"
		  "x\xe2\x80\xaey\x7f\xc3\xb6\"}",
		  FAKE_JSON, 0 },
		{ 0 }
	};
	struct ran r;

	fake = fake_start(rules);
	r = run(fake, "next", "--json", NULL);
	cr_expect_str_eq(r.out,
			 "{\"a\":\"\\u009bx\\u202ey\\u007f\xc3\xb6\"}\n");
}

Test(command, in_the_c_locale_all_is_ascii)
{
	struct ran r;
	const char *s;

	setenv("LC_ALL", "C", 1);
	r = next_says(200, SAMPLE_CARD("4821", ""), FAKE_JSON);
	HAS(r.out, "Maria Schr?der");
	HAS(r.out, "--------");
	for (s = r.out; *s != '\0'; s++)
		cr_assert(*s > 0);
}

Test(command, a_narrow_terminal_keeps_the_number_whole)
{
	struct ran r;

	setenv("COLUMNS", "1", 1);
	r = next_says(200, SAMPLE_CARD("4821", ""), FAKE_JSON);
	cr_expect_eq(r.code, 0);
	HAS(r.out, "030 901820");
	HAS(r.out, "+4930901820");
}

Test(command, what_is_not_the_daemon_exits_4)
{
	static const char *const junk[] = {
		"",
		"hello\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\n<html>",
		"HTTP/1.1 200 OK\r\n\r\n[]",
		"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
		"HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\n"
		"Content-Length: 0\r\n\r\n",
		"HTTP/9.9 999 \r\n\r\n",
		"\xff\xfe",
		"HTTP/1.1 200 OK\r\nA: b\r\n\r\n"
		"{\"item\":{\"name\":\"\xff\"}}"
	};
	size_t i;

	for (i = 0; i < sizeof junk / sizeof junk[0]; i++) {
		struct ran r = next_says(0, junk[i], FAKE_RAW);

		cr_expect_eq(r.code, 4, "%zu: %d %s", i, r.code, r.err);
		cr_expect_eq(strncmp(r.err, "ringback: ", 10), 0, "%s", r.err);
		stop();
	}
}

Test(command, an_endless_answer_is_given_up)
{
	size_t size = 18U << 20;
	char *body = malloc(size + 64);
	struct ran r;

	cr_assert_not_null(body);
	memset(body, 'x', size);
	memcpy(body, "HTTP/1.1 200 OK\r\n\r\n", 19);
	body[size] = '\0';
	r = next_says(0, body, FAKE_RAW);
	free(body);
	cr_expect_eq(r.code, 4);
	HAS(r.err, "longer than 16 MiB");
}

/* Whatever members are missing or of the wrong kind, it ends by itself. */
Test(command, no_answer_of_an_odd_shape_harms_it)
{
	static const char *const bodies[] = {
		"{}", "{\"item\":7}",
		"{\"item\":{\"number\":\"x\",\"due\":5,\"tier\":[],\"name\":{}}"
		","
		"\"customer\":[],\"also\":{},\"before\":7,\"told\":[null,1],"
		"\"history\":[[],{}],\"queues\":[{},7],\"items\":[null,7,{},[]]"
		","
		"\"agents\":[{},{\"queues\":[7,{}]}],\"tokens\":[7],"
		"\"sources\":[7],"
		"\"today\":7,\"sum\":[],\"runner_up\":7,\"cursor\":[],\"held\":"
		"7}",
		"{\"items\":[{\"number\":1e308,\"due\":\"9999-12-31T23:59:"
		"59Z\"}],"
		"\"item\":{\"number\":-9223372036854775808,\"used\":1e30,"
		"\"target_ms\":9223372036854775807,\"since\":"
		"\"1970-01-01T00:00:00Z\",\"due\":\"1970-01-01T00:00:00Z\"},"
		"\"queues\":[{\"queue\":\"q\",\"kept\":9223372036854775807,"
		"\"promises\":9223372036854775807,\"open\":true}],"
		"\"cursor\":\"again\"}"
	};
	static const char *const lines[][4] = { { NULL },
						{ "next" },
						{ "take", "1" },
						{ "done" },
						{ "done", "--next" },
						{ "later", "10" },
						{ "note", "x" },
						{ "move", "up" },
						{ "release" },
						{ "undo" },
						{ "show" },
						{ "list" },
						{ "queues" },
						{ "explain" },
						{ "agents" },
						{ "agents", "phone", "1" },
						{ "sources" },
						{ "call" },
						{ "tokens" },
						{ "pause" },
						{ "add", "call", "1" },
						{ "customers", "show", "x" },
						{ "customers", "find", "x" },
						{ "take", "030", "1" } };
	static struct fake_rule rules[3];
	size_t b, i;

	for (b = 0; b < sizeof bodies / sizeof bodies[0]; b++) {
		rules[0] =
		    (struct fake_rule){ "GET", 200, bodies[b], FAKE_JSON, 0 };
		rules[1] =
		    (struct fake_rule){ "POST", 200, bodies[b], FAKE_JSON, 0 };
		fake = fake_start(rules);
		for (i = 0; i < sizeof lines / sizeof lines[0]; i++) {
			struct ran r = run(fake, lines[i][0], lines[i][1],
					   lines[i][2], lines[i][3], NULL);

			cr_expect(r.code >= 0 && r.code <= 4, "%zu %s: %d %s",
				  b, lines[i][0] != NULL ? lines[i][0] : "",
				  r.code, r.err);
		}
		stop();
	}
}

Test(command, an_unknown_verb_lists_the_verbs)
{
	struct ran r = run(NULL, "goodwill", NULL);

	cr_expect_eq(r.code, 2);
	HAS(r.err,
	    "there is no verb 'goodwill'; there are: work next take call done");
}

Test(command, an_option_of_another_verb_is_refused_with_the_list)
{
	struct ran r = run(NULL, "list", "--wait", NULL);

	cr_expect_eq(r.code, 2);
	HAS(r.err,
	    "has no option --wait; it has: --json, --all, --queue QUEUE");
	cr_expect_eq(run(NULL, "list", "--queue", NULL).code, 2);
	cr_expect_eq(run(NULL, "--bogus", NULL).code, 2);
}

Test(command, help_and_version_need_no_daemon)
{
	struct ran r = run(NULL, "help", NULL);

	cr_expect_eq(r.code, 0);
	HAS(r.out, "done [ID] [CODE] [-m NOTE]");
	r = run(NULL, "later", "--help", NULL);
	cr_expect_eq(r.code, 0);
	HAS(r.out, "  --anyone                  whoever is free may ring then");
	HAS(r.out, "  -m, --message TEXT        a note, or why");
	HAS(r.out, "WHEN, on the customer's clock: tomorrow 10, wed 14:30");
	r = run(NULL, "--version", NULL);
	cr_expect_eq(r.code, 0);
	HAS(r.out, "ringback " RINGBACK_VERSION);
}

/* Standard output is what the test made of it. */
static int
run_onto(int fd, struct fake *f, char *verb, char *err, size_t size)
{
	char name[] = "ringback", *argv[] = { name, verb, NULL };
	int p[2], status;
	ssize_t n;
	pid_t pid;

	cr_assert_eq(pipe2(p, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		if (f != NULL)
			setenv("RINGBACK_SOCKET", fake_socket(f), 1);
		dup2(p[1], STDERR_FILENO);
		if (fd < 0)
			close(STDOUT_FILENO);
		else
			dup2(fd, STDOUT_FILENO);
		_exit(command_run(2, argv));
	}
	close(p[1]);
	n = read(p[0], err, size - 1);
	err[n > 0 ? n : 0] = '\0';
	close(p[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

Test(command, a_closed_output_is_refused_before_anything_is_done)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/next", 200, SAMPLE_CARD("4821", ""), FAKE_JSON, 0 },
		{ 0 }
	};
	char err[512], verb[] = "next";

	fake = fake_start(rules);
	cr_expect_eq(run_onto(-1, fake, verb, err, sizeof err), 1);
	HAS(err, "standard output is closed");
	cr_expect_str_eq(fake_heard(fake), "");
}

Test(command, a_full_output_is_told)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	char err[512], verb[] = "help";

	cr_expect_eq(run_onto(full, NULL, verb, err, sizeof err), 1);
	HAS(err, "the output cannot be written: No space left on device");
	close(full);
}

Test(command, a_pipe_that_ends_early_is_no_crash)
{
	char err[512], verb[] = "help";
	int p[2];

	cr_assert_eq(pipe2(p, O_CLOEXEC), 0);
	close(p[0]);
	cr_expect_eq(run_onto(p[1], NULL, verb, err, sizeof err), 1);
	cr_expect_str_eq(err, "");
	close(p[1]);
}

static void
write_file(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	fchmod(fd, mode);
	close(fd);
}

Test(command, a_token_file_is_for_its_owner_alone)
{
	char dir[] = "/tmp/ringback-token.XXXXXX", path[64];
	struct ran r;

	cr_assert_not_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/token", dir);
	setenv("RINGBACK_URL", "http://127.0.0.1:1", 1);
	setenv("RINGBACK_TOKEN_FILE", path, 1);
	cr_expect_eq((r = run(NULL, "next", NULL)).code, 1);
	HAS(r.err, "No such file or directory");
	write_file(path, "rbt_secret\n", 0640);
	cr_expect_eq((r = run(NULL, "next", NULL)).code, 1);
	HAS(r.err, "chmod 600");
	HAS_NOT(r.err, "rbt_secret");
	write_file(path, "rbt secret\r\nX: y", 0600);
	chmod(path, 0600);
	cr_expect_eq((r = run(NULL, "next", NULL)).code, 1);
	HAS(r.err, "holds no token");
	write_file(path, "rbt_secret\n", 0600);
	cr_expect_eq((r = run(NULL, "next", NULL)).code, 4);
	HAS(r.err, "no daemon at http://127.0.0.1:1");
	HAS_NOT(r.err, "rbt_secret");
	unlink(path);
	rmdir(dir);
}

Test(command, a_url_must_be_one)
{
	struct ran r = run(NULL, "next", "--url", "ftp://x", NULL);

	cr_expect_eq(r.code, 1);
	HAS(r.err, "https://");
}

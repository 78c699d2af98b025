/* A daemon that is no friend: whatever it says, nothing of it reaches the
 * terminal but letters, and nothing makes the command hang or grow. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <wchar.h>

#include <jansson.h>

#include "client/page.h"
#include "tests/client/expect.h"
#include "tests/client/fake.h"
#include "tests/harness/nasty.h"

static void
start(void)
{
	plain_surroundings();
	setlocale(LC_ALL, "C.UTF-8");
}

TestSuite(poison, .init = start, .timeout = 120);

/* ---- what is said about everything -------------------------------------- */

/* As a JSON string; what is no UTF-8 stays so. */
static void
quote(char *to, const char *s)
{
	*to++ = '"';
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20 || *s == '"' || *s == '\\')
			to += snprintf(to, 7, "\\u%04x", (unsigned)*s);
		else
			*to++ = *s;
	}
	*to++ = '"';
	*to = '\0';
}

/* One document that each verb finds its own in; '@' is the nasty text. */
static const char document[] =
    "{\"title\":@,\"detail\":@,\"help\":@,\"errors\":[{\"detail\":@,"
    "\"pointer\":@}],\"group\":@,\"members\":[@,@],\"role_needed\":@,"
    "\"id\":@,\"name\":@,\"role\":@,\"site\":@,\"duty\":\"on\",\"queues\":["
    "{\"queue\":@,\"open\":true,\"waiting\":3,\"late\":1}],\"groups\":[@],"
    "\"phones\":[@],\"tier\":@,\"language\":@,\"timezone\":@,\"agent\":@,"
    "\"prefers\":@,\"held\":true,\"say_first\":@,\"caller_id\":@,\"tz\":@,"
    "\"item\":{\"number\":7,\"id\":@,\"kind\":@,\"state\":\"held\",\"queue\":@,"
    "\"tier\":@,\"name\":@,\"phone\":@,\"phone_national\":@,\"phone_raw\":@,"
    "\"text\":@,\"category\":@,\"link\":@,\"language\":@,\"source\":@,"
    "\"agent\":@,\"why\":@,\"local\":@,\"timezone\":@,\"cause\":@,"
    "\"correction\":@,\"reason\":@,\"since\":@,\"used\":50,\"unknown\":false},"
    "\"customer\":{\"id\":@,\"name\":@,\"prefers\":@,\"language\":@,"
    "\"timezone\":@,\"here_time\":@,\"agent\":@},\"also\":[{\"number\":8,"
    "\"kind\":@,\"queue\":@,\"text\":@,\"state\":@}],\"before\":[{\"number\":6,"
    "\"what\":@,\"agent\":@,\"note\":@,\"at\":@}],\"told\":[{\"at\":@,"
    "\"text\":@}],\"history\":[{\"at\":\"2026-11-22T09:09:00.000Z\",\"actor\":@"
    ","
    "\"type\":\"note\",\"text\":@},{\"at\":@,\"actor\":@,\"type\":@,"
    "\"text\":@}],\"items\":[{\"number\":9,\"kind\":\"call-back\","
    "\"state\":\"waiting\",\"queue\":@,\"tier\":@,\"name\":@,\"phone\":@,"
    "\"phone_national\":@,\"agent\":@,\"used\":10}],\"total\":1,"
    "\"agents\":[{\"agent\":@,\"queues\":[@,@],\"duty\":@,\"phone\":@}],"
    "\"tokens\":["
    "{\"name\":@,\"role\":@,\"created\":@}],\"customers\":[{\"id\":@,"
    "\"name\":@,\"phones\":[@],\"tier\":@,\"agent\":@}],\"sources\":["
    "{\"source\":@,\"name\":@,\"type\":@,\"state\":@,\"why\":@,"
    "\"rejects\":2,\"silent\":true,\"reasons\":[{\"reason\":@,"
    "\"count\":2}]},{\"name\":@,\"state\":\"down\",\"why\":@}],\"call\":@,"
    "\"state\":\"ended\",\"result\":@,\"outcome\":@,\"phone\":@,\"to\":@,"
    "\"why\":@,\"calling\":{\"call\":@,\"state\":\"ended\",\"result\":@},"
    "\"aside\":[{\"reason\":@,\"count\":2}],\"sum\":{"
    "\"number\":7,\"tier\":@,\"queue\":@,\"pool\":@,\"position\":1},"
    "\"outcomes\":[{\"name\":@,\"key\":@}],\"forgotten\":{\"items\":1,"
    "\"others\":1,\"other\":@}}";

/* text(k) is the one that stands at the k-th place; free(). */
static char *
document_with(const char *(*text)(size_t, size_t), size_t first)
{
	size_t size = 0, places = 0;
	char *all = NULL, *quoted = malloc(200000);
	FILE *f = open_memstream(&all, &size);
	const char *s;

	for (s = document; *s != '\0'; s++) {
		if (*s != '@') {
			fputc(*s, f);
			continue;
		}
		quote(quoted, text(first, places++));
		fputs(quoted, f);
	}
	fclose(f);
	free(quoted);
	return all;
}

static bool
is_utf8(const char *s)
{
	json_t *j = json_string(s);
	bool ok = j != NULL;

	json_decref(j);
	return ok;
}

static const char *
each_another(size_t first, size_t place)
{
	size_t i = (first + place) % nasty_count;

	while (!is_utf8(nasty[i]))
		i = (i + 1) % nasty_count;
	return nasty[i];
}

static const char *
always_that(size_t which, size_t place)
{
	(void)place;
	return nasty[which];
}

static const char *
a_long_one(size_t first, size_t place)
{
	(void)first;
	(void)place;
	return nasty_long();
}

static const char *
small_letters(size_t first, size_t place)
{
	(void)first;
	(void)place;
	return "mark\xc3\x9b\xe2\x82\x9b";
}

static void
expect_clean(const char *out, const char *verb, const char *of)
{
	size_t at = 0;

	cr_expect(nasty_is_clean(out, strlen(out), &at), "%s: byte %zu of %s",
		  verb, at, of);
}

static const char *const verbs[][3] = {
	{ "next" },
	{ "show", "7" },
	{ "list" },
	{ "queues" },
	{ "explain", "7" },
	{ "take", "7" },
	{ "agents" },
	{ "tokens" },
	{ "customers", "show", "x" },
	{ "customers", "find", "x" },
	{ "undo" },
	{ "note", "7", "x" },
	{ "customers", "export", "x" },
	{ "call" },
	{ "sources" },
	{ "agents", "phone" },
	{ "" },
};

/* The body is freed. */
static void
try_all(char *body, int status)
{
	struct fake_rule rules[2] = { { "", status, body, FAKE_JSON, 0 } };
	struct fake *f = fake_start(rules);
	size_t i;

	for (i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		const char *const *v = verbs[i];
		struct ran r = *v[0] != '\0' ? run(f, v[0], v[1], v[2], NULL)
					     : run(f, NULL);

		expect_clean(r.out, v[0], body);
		expect_clean(r.err, v[0], body);
		cr_expect_leq(r.code, 4, "%s: %d", v[0], r.code);
	}
	for (i = 0; i < 2; i++) {
		struct ran r = run(f, "--json", verbs[i][0], verbs[i][1], NULL);

		expect_clean(r.out, "--json", body);
		expect_clean(r.err, "--json", body);
	}
	fake_stop(f);
	free(body);
}

Test(poison, nothing_of_an_answer_reaches_the_terminal_but_letters)
{
	size_t i;

	for (i = 0; i < nasty_count; i += 5)
		try_all(document_with(each_another, i), 200);
}

Test(poison, nothing_of_a_refusal_does)
{
	size_t i;

	for (i = 0; i < nasty_count; i += 9)
		try_all(document_with(each_another, i), i % 2 == 0 ? 409 : 503);
}

/* jansson refuses it as a whole. */
Test(poison, an_answer_that_is_no_utf8_is_no_answer)
{
	size_t i;

	for (i = 0; i < nasty_count; i++) {
		struct fake_rule rules[2] = { { "", 200, NULL, FAKE_JSON, 0 } };
		char *body;
		struct fake *f;
		struct ran r;

		if (is_utf8(nasty[i]))
			continue;
		rules[0].body = body = document_with(always_that, i);
		f = fake_start(rules);
		r = run(f, "next", NULL);
		cr_expect_eq(r.code, 4);
		expect_clean(r.err, "next", body);
		r = run(f, "next", "--json", NULL);
		expect_clean(r.out, "next", body);
		expect_clean(r.err, "next", body);
		fake_stop(f);
		free(body);
	}
}

/* An 8-bit terminal takes a byte of a letter for a control. */
Test(poison, where_the_locale_is_not_utf8_there_is_only_ascii)
{
	struct fake_rule rules[2] = { { "", 200, NULL, FAKE_JSON, 0 } };
	char *body = document_with(small_letters, 0);
	struct fake *f;
	const char *s;
	struct ran r;

	setenv("LC_ALL", "C", 1);
	rules[0].body = body;
	f = fake_start(rules);
	r = run(f, "next", NULL);
	HAS(r.out, "mark??");
	for (s = r.out; *s != '\0'; s++)
		cr_expect_lt((unsigned char)*s, 0x80);
	r = run(f, "next", "--json", NULL);
	HAS(r.out, "mark\\u00db\\u209b");
	for (s = r.out; *s != '\0'; s++)
		cr_expect_lt((unsigned char)*s, 0x80);
	fake_stop(f);
	free(body);
}

static int
cells(const char *line, size_t len)
{
	wchar_t c;
	int n = 0;

	while (len > 0) {
		size_t k = mbrtowc(&c, line, len, NULL);

		if (k == 0 || k > len)
			return -1;
		n += wcwidth(c) > 0 ? wcwidth(c) : 0;
		line += k;
		len -= k;
	}
	return n;
}

Test(poison, ten_thousand_wide_letters_stay_in_their_column)
{
	static const char *const wide[] = { "list", "agents", "tokens",
					    "next" };
	struct fake_rule rules[2] = { { "", 200, NULL, FAKE_JSON, 0 } };
	char *body = document_with(a_long_one, 0);
	struct fake *f;
	size_t i;

	setenv("COLUMNS", "80", 1);
	rules[0].body = body;
	f = fake_start(rules);
	for (i = 0; i < sizeof wide / sizeof wide[0]; i++) {
		struct ran r = run(f, wide[i], NULL);
		const char *line = r.out;

		HAS(r.out, "mark");
		while (*line != '\0') {
			size_t len = strcspn(line, "\n");

			cr_expect_leq(cells(line, len), 80, "%s: %.*s", wide[i],
				      (int)len, line);
			line += len + (line[len] == '\n');
		}
	}
	fake_stop(f);
	free(body);
}

/* ---- JSON on a terminal ------------------------------------------------- */

static char *
json_out(const char *json, size_t len)
{
	struct page p = { .utf8 = true };
	size_t size = 0;
	char *text = NULL;

	p.to = open_memstream(&text, &size);
	page_json(&p, json, len);
	fclose(p.to);
	return text;
}

Test(poison, json_stays_the_same_json)
{
	size_t i;

	for (i = 0; i < nasty_count; i++) {
		json_t *was = json_pack("[s]", nasty[i]), *is;
		char *plain = was != NULL ? json_dumps(was, 0) : NULL, *out;

		if (plain == NULL)
			continue; /* no UTF-8 */
		out = json_out(plain, strlen(plain));
		expect_clean(out, "json", nasty[i]);
		is = json_loads(out, 0, NULL);
		cr_expect(json_equal(was, is), "%s", out);
		json_decref(was);
		json_decref(is);
		free(plain);
		free(out);
	}
}

Test(poison, what_is_no_json_is_made_harmless_all_the_same)
{
	size_t i;

	for (i = 0; i < nasty_count; i++) {
		char *out = json_out(nasty[i], strlen(nasty[i]));

		expect_clean(out, "raw", nasty[i]);
		free(out);
	}
}

/* Its lines are shown as they came, and need not all be JSON. */
Test(poison, the_answers_of_an_import_are_cleaned_too)
{
	static const struct fake_rule rules[] = {
		{ "POST /v1/customers", 200,
		  "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\n"
		  "Connection: "
		  "close\r\n\r\n{\"status\":200}\n\033[31m\033]0;x\a"
		  "\xc2\x9b\r\n\xff\n",
		  FAKE_RAW, 0 },
		{ 0 }
	};
	struct fake *f = fake_start(rules);
	struct ran r = run_input(f, "id,name\n1,a\n2,b\n", "--json",
				 "customers", "import", "-", NULL);

	expect_clean(r.out, "import", "the answer");
	expect_clean(r.err, "import", "the answer");
	fake_stop(f);
}

/* ---- answers without an end --------------------------------------------- */

static struct ran
ask(const char *body, enum fake_way way, const char *verb)
{
	struct fake_rule rules[2] = { { "", 200, body, way, 0 } };
	struct fake *f = fake_start(rules);
	struct ran r = run(f, verb, NULL);

	fake_stop(f);
	return r;
}

Test(poison, headers_without_end_are_not_waited_for)
{
	struct ran r = ask("HTTP/1.1 200 OK\r\nX-More: 0123456789\r\n",
			   FAKE_ENDLESS, "next");

	cr_expect_eq(r.code, 4);
	HAS(r.err, "its headers have no end");
	/* A stream has no time limit that would end them. */
	r = ask("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n",
		FAKE_ENDLESS, "watch");
	cr_expect_eq(r.code, 4, "%d %s", r.code, r.err);
}

Test(poison, an_answer_without_end_is_cut_off)
{
	struct ran r =
	    ask("HTTP/1.1 200 OK\r\n\r\n[{}],\n", FAKE_ENDLESS, "list");

	cr_expect_eq(r.code, 4);
	HAS(r.err, "longer than 16 MiB");
}

static char *
repeat(const char *before, const char *what, size_t times, const char *after)
{
	size_t n = strlen(what);
	char *all = malloc(strlen(before) + n * times + strlen(after) + 1);
	char *to = stpcpy(all, before);

	for (size_t i = 0; i < times; i++)
		to = stpcpy(to, what);
	stpcpy(to, after);
	return all;
}

Test(poison, a_hundred_thousand_brackets_are_no_answer)
{
	char *body = repeat("{\"items\":", "[", 100000, "");
	struct ran r = ask(body, FAKE_JSON, "list");

	cr_expect_eq(r.code, 4);
	HAS(r.err, "is not ringbackd");
	free(body);
}

/* 15 MB of empty objects would take two gigabytes. */
Test(poison, millions_of_small_things_are_no_answer)
{
	char *body = repeat("{\"items\":[{}", ",{}", 5000000, "]}");
	struct ran r;
	struct rusage used;

	r = ask(body, FAKE_JSON, "list");
	cr_expect_eq(r.code, 4);
	HAS(r.err, "is not ringbackd");
	getrusage(RUSAGE_CHILDREN, &used);
	cr_expect_lt(used.ru_maxrss, 500 * 1024, "%ld KiB", used.ru_maxrss);
	free(body);
}

/* Nothing is decompressed that nobody asked for. */
Test(poison, what_is_compressed_is_no_answer)
{
	struct ran r = ask("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
			   "Content-Length: 4\r\n\r\n\x1f\x8b\x08\x01",
			   FAKE_RAW, "list");

	cr_expect_eq(r.code, 4);
	HAS(r.err, "is not ringbackd");
}

Test(poison, nobody_is_followed_to_another_place)
{
	static const char *const places[] = {
		"file:///etc/passwd", "http://169.254.169.254/",
		"ftp://x/",           "/v1/items?all=1",
		"gopher://x/",        "\\\\x\\y"
	};
	size_t i;

	for (i = 0; i < sizeof places / sizeof places[0]; i++) {
		char body[300];
		struct fake_rule rules[2] = { { "", 200, body, FAKE_RAW, 0 } };
		struct fake *f;
		struct ran r;

		snprintf(body, sizeof body,
			 "HTTP/1.1 302 Found\r\nLocation: %s\r\n"
			 "Content-Length: 0\r\n\r\n",
			 places[i]);
		f = fake_start(rules);
		r = run(f, "list", NULL);
		cr_expect_eq(r.code, 4, "%s: %d", places[i], r.code);
		HAS(r.err, "is not ringbackd");
		cr_expect_null(strstr(r.out, "root:"));
		/* It was asked once, and nobody else was. */
		cr_expect_null(
		    strstr(strstr(fake_heard(f), "GET ") + 1, "GET "));
		fake_stop(f);
	}
}

/* ---- the stream --------------------------------------------------------- */

Test(poison, events_with_controls_are_shown_without)
{
	static char body[8192];
	char text[600];
	size_t n, i;

	n = (size_t)snprintf(body, sizeof body,
			     "HTTP/1.1 200 OK\r\nContent-Type: text/event-"
			     "stream\r\nConnection: close\r\n\r\n");
	for (i = 0; i < 20; i++) {
		quote(text, nasty[i]);
		n += (size_t)snprintf(
		    body + n, sizeof body - n,
		    "id: 1-%zu\revent: alert\r\ndata: {\"type\":\"alert\","
		    "\"alert\":%s,\"queue\":%s,\"to\":%s}\r\r",
		    i + 1, text, text, text);
	}
	{
		struct fake_rule rules[] = { { "GET /v1/log", 200, body,
					       FAKE_RAW, 1 },
					     { "GET /v1/log", 403,
					       "{\"status\":403,\"detail\":"
					       "\"enough\"}",
					       FAKE_JSON, 0 },
					     { 0 } };
		struct fake *f = fake_start(rules);
		struct ran r = run(f, "watch", "--all", NULL);

		expect_clean(r.out, "watch", "the stream");
		expect_clean(r.err, "watch", "the stream");
		HAS(r.out, "mark");
		fake_stop(f);
	}
}

/* ---- the whole screen --------------------------------------------------- */

/* Its title and its card; our own sequences are there, and theirs are not. */
Test(poison, a_screen_takes_no_orders_from_a_name)
{
	static const char *const orders[] = { "mark\033[31mred", "mark\033]0;t",
					      "mark\xc2\x9b"
					      "31mred",
					      "mark\033]8;;file:///x",
					      "mark\xe2\x80\xae"
					      "evil" };
	size_t i;

	for (i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		char name[200], body[1000];
		struct fake_rule rules[] = {
			{ "GET /v1/me", 200,
			  "{\"name\":\"anna\",\"queues\":[\"sales\"],"
			  "\"duty\":\"on\"}",
			  FAKE_JSON, 0 },
			{ "", 200, body, FAKE_JSON, 0 },
			{ 0 }
		};
		struct fake *f;
		struct tty *t;

		quote(name, orders[i]);
		snprintf(body, sizeof body,
			 "{\"held\":true,\"item\":{\"number\":7,\"state\":"
			 "\"held\",\"kind\":\"call-back\",\"queue\":\"sales\","
			 "\"agent\":\"anna\",\"name\":%s,\"text\":%s}}",
			 name, name);
		f = fake_start(rules);
		t = tty_start(f, "work");
		cr_expect(tty_await(t, "\033]0;7 mark?"), "%s", name);
		cr_expect(tty_await(t, "mark?"));
		cr_expect_not(tty_saw(t, orders[i]), "%s", name);
		tty_type(t, "\003");
		(void)tty_end(t);
		fake_stop(f);
	}
}

/* The event socket's bytes as packets: what a real FreeSWITCH said, cut
 * anywhere; and what nobody should say. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/sources/esl_packet.h"
#include "tests/harness/recording.h"

/* All that is read, a line each; ends with "broken: WHY" where it does. */
static void
feed(struct esl_reader *r, const char *bytes, size_t len, struct text *out)
{
	struct esl_packet p;
	enum esl_taken taken;
	const char *why;

	while ((taken = esl_reader_take(r, &bytes, &len, &p, &why)) !=
	       ESL_MORE) {
		if (taken == ESL_BROKEN) {
			text_addf(out, "broken: %s\n", why);
			return;
		}
		if (taken == ESL_REJECT) {
			text_addf(out, "reject: %s\n", why);
			continue;
		}
		text_addf(out, "%d %s %s %s [%s] %zu\n", (int)p.kind, p.what,
			  esl_get(&p, "CC-Action"), esl_get(&p, "Job-UUID"),
			  p.body, p.count);
	}
	cr_assert_eq(len, 0);
}

static char *
read_by(const char *bytes, size_t len, size_t step)
{
	struct esl_reader *r = esl_reader_new();
	struct text out = { 0 };

	for (size_t at = 0; at < len; at += step)
		feed(r, bytes + at, len - at < step ? len - at : step, &out);
	esl_reader_free(r);
	text_add_str(&out, "");
	return text_take(&out);
}

/* Of a text that ends here, in two pieces. */
static char *
read_cut(const char *bytes, size_t len, size_t cut)
{
	struct esl_reader *r = esl_reader_new();
	struct text out = { 0 };

	feed(r, bytes, cut, &out);
	feed(r, bytes + cut, len - cut, &out);
	esl_reader_free(r);
	text_add_str(&out, "");
	return text_take(&out);
}

static const char *
read_all(const char *bytes)
{
	static char words[4096];
	char *said = read_by(bytes, strlen(bytes), strlen(bytes));

	(void)snprintf(words, sizeof words, "%s", said);
	free(said);
	return words;
}

Test(unit_esl_parse, says_the_same_wherever_the_recording_is_cut,
     .timeout = 120)
{
	struct recording *r = recording_freeswitch();

	for (size_t scene = 1; scene <= recording_count(r); scene++) {
		size_t len;
		const char *bytes = recording_bytes(r, scene, &len);
		char *whole = read_by(bytes, len, len);
		char *single = read_by(bytes, len, 1);

		cr_assert_str_eq(single, whole);
		free(single);
		/* Every byte of the short scenes, every eleventh of the long.
		 */
		for (size_t cut = 1; cut < len; cut += len < 20000 ? 1 : 11) {
			char *two = read_cut(bytes, len, cut);

			cr_assert_str_eq(two, whole, "scene %zu cut at %zu",
					 scene, cut);
			free(two);
		}
		free(whole);
	}
	recording_free(r);
}

Test(unit_esl_parse, reads_what_the_recording_holds)
{
	struct recording *r = recording_freeswitch();
	size_t len;
	const char *bytes = recording_bytes(r, 2, &len);
	char *said = read_by(bytes, len, 512);

	cr_assert_not_null(strstr(said, "2 CUSTOM member-queue-start  []"));
	cr_assert_not_null(strstr(said, "2 CUSTOM member-queue-end  []"));
	cr_assert_not_null(strstr(said, "2 CHANNEL_HANGUP_COMPLETE   []"));
	cr_assert_null(strstr(said, "reject"));
	cr_assert_null(strstr(said, "broken"));
	free(said);
	bytes = recording_bytes(r, 3, &len); /* JSON, no line's end after it */
	said = read_by(bytes, len, 100);
	cr_assert_not_null(strstr(said, "2 CUSTOM member-queue-end  []"));
	cr_assert_not_null(strstr(said, "2 CUSTOM members-count  []"));
	cr_assert_null(strstr(said, "reject"));
	free(said);
	bytes = recording_bytes(r, 6, &len); /* a body within the body */
	said = read_by(bytes, len, 7);
	cr_assert_not_null(strstr(
	    said, "2 BACKGROUND_JOB  0764501d-62f6-4582-8149-dc6043ba9e5e "
		  "[-ERR USER_BUSY\n]"));
	cr_assert_not_null(strstr(said, "[-ERR NORMAL_TEMPORARY_FAILURE\n]"));
	cr_assert_not_null(
	    strstr(said, "[+OK 4e5b8491-3270-43ae-8024-4729396ff62c\n]"));
	free(said);
	recording_free(r);
}

/* One event of these lines. */
static const char *
event(const char *lines)
{
	static char wire[4096];

	(void)snprintf(
	    wire, sizeof wire,
	    "Content-Length: %zu\nContent-Type: text/event-plain\n\n%s",
	    strlen(lines), lines);
	return wire;
}

static const char *
value(const char *wire, const char *name)
{
	static char words[300];
	struct esl_reader *r = esl_reader_new();
	struct esl_packet p = { .kind = ESL_OTHER };
	const char *why = "", *at = wire;
	size_t len = strlen(wire);

	cr_assert_eq(esl_reader_take(r, &at, &len, &p, &why), ESL_PACKET, "%s",
		     why);
	(void)snprintf(words, sizeof words, "%s", esl_get(&p, name));
	esl_reader_free(r);
	return words;
}

Test(unit_esl_parse, decodes_values_and_takes_control_characters_out)
{
	const char *e = event("Event-Name: X\nName: M%C3%BCller%20%1b%00%0d%0a"
			      "x\nLatin: M%FCller\nNone: _undef_\nBad: 10%"
			      "2 %zz%\nColon: a: b\nEmpty:\n\n");

	cr_assert_str_eq(value(e, "name"), "M\xc3\xbcller ????x");
	cr_assert_str_eq(value(e, "LATIN"), "M\xfcller");
	cr_assert_str_eq(value(e, "None"), "");
	cr_assert_str_eq(value(e, "Bad"), "10%2 %zz%");
	cr_assert_str_eq(value(e, "Colon"), "a: b");
	cr_assert_str_eq(value(e, "Empty"), "");
	cr_assert_str_eq(value(e, "Nothing"), "");
}

Test(unit_esl_parse, takes_no_length_that_is_none)
{
	static const char *const lengths[] = {
		"4294967296", "-1",      "+5",
		"5x",         " 5 5",    "",
		"0x10",       "1048577", "99999999999999999999",
		"1e3"
	};
	char wire[200];

	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		(void)snprintf(
		    wire, sizeof wire,
		    "Content-Length: %s\nContent-Type: text/event-plain\n\n",
		    lengths[i]);
		cr_assert_str_eq(read_all(wire),
				 "broken: a length that is none\n", "%s",
				 lengths[i]);
	}
	cr_assert_str_eq(read_all("Content-Length: 5\nContent-Length: 5\n"),
			 "broken: two lengths\n");
	cr_assert_str_eq(read_all("Content-Type: text/event-plain\n\n"),
			 "broken: an event without a length\n");
	cr_assert_str_eq(read_all("Content-Length: 5\n\n12345"),
			 "broken: a packet without a type\n");
}

Test(unit_esl_parse, a_length_that_lies_within_costs_only_its_event)
{
	struct text t = { 0 };

	text_add_str(&t, event("Event-Name: A\nContent-Length: 400\n\nshort"));
	text_add_str(&t, event("Event-Name: B\nContent-Length: -4\n\nabc"));
	text_add_str(&t, event("Event-Name: C\nContent-Length: 2\n\nabc"));
	cr_assert_str_eq(read_all(t.data), "reject: a length that lies\n"
					   "reject: a length that lies\n"
					   "2 C   [ab] 2\n");
	text_done(&t);
}

Test(unit_esl_parse, what_is_no_event_socket_is_known_at_its_first_line)
{
	cr_assert_str_eq(read_all("SSH-2.0-OpenSSH_9.2p1\r\n"),
			 "broken: a line without a colon\n");
	cr_assert_str_eq(read_all("Asterisk Call Manager/11.0.0\r\n"),
			 "broken: a line without a colon\n");
	cr_assert_str_eq(read_all(": x\n"), "broken: a line without a colon\n");
}

Test(unit_esl_parse, an_endless_header_is_left)
{
	char *line = text_alloc(ESL_HEAD_MOST + 2), *said;

	memset(line, 'a', ESL_HEAD_MOST + 1);
	said = read_by(line, ESL_HEAD_MOST + 1, 1000);
	cr_assert_str_eq(strstr(said, "broken"), said);
	cr_assert_not_null(strstr(said, "broken: too long a header\n"));
	free(said);
	free(line);
}

Test(unit_esl_parse, too_many_headers_are_a_reject)
{
	struct text t = { 0 }, wire = { 0 };
	char *said;

	text_add_str(&t, "Event-Name: X\n");
	for (int i = 0; i < ESL_HEADERS_MOST; i++)
		text_addf(&t, "H%d: x\n", i);
	text_addf(&wire,
		  "Content-Length: %zu\nContent-Type: "
		  "text/event-plain\n\n%s%s",
		  t.len, t.data, event("Event-Name: After\n\n"));
	said = read_by(wire.data, wire.len, wire.len);
	cr_assert_str_eq(said, "reject: an event with no headers\n"
			       "2 After   [] 1\n");
	free(said);
	text_done(&t);
	text_done(&wire);
}

Test(unit_esl_parse, a_rejection_is_one_with_and_without_its_colon)
{
	cr_assert_str_eq(read_all("Content-Type: text/rude-rejection\n"
				  "Content-Length: 24\n\nAccess Denied, go "
				  "away.\n"),
			 "4    [Access Denied, go away.\n] 2\n");
	cr_assert_str_eq(read_all("Content-Type: rude/rejection\n"
				  "Content-Length 24\n\n"),
			 "4    [] 1\n");
}

Test(unit_esl_parse, broken_json_is_a_reject)
{
	static const char *const bodies[] = { "{", "[]", "{\"a\":1",
					      "{\"Event-Name\":\"\xff\"}",
					      "null" };
	char wire[200];

	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		(void)snprintf(
		    wire, sizeof wire,
		    "Content-Length: %zu\nContent-Type: text/event-json\n\n%s",
		    strlen(bodies[i]), bodies[i]);
		cr_assert_str_eq(read_all(wire),
				 "reject: an event that is no JSON object\n",
				 "%s", bodies[i]);
	}
}

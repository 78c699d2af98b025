/* The Manager Interface as packets: what Asterisk said, cut anywhere, and what
 * nobody should say. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/sources/ami_packet.h"
#include "tests/harness/recording.h"

/* All that was told, as one text: "event Hangup\nEvent=Hangup\n...". */
static void
tell(struct text *out, enum ami_taken taken, const struct ami_packet *p,
     const char *why)
{
	static const char *const kinds[] = { "greeting", "answer", "event" };

	if (taken == AMI_REJECT) {
		text_addf(out, "reject %s\n", why);
		return;
	}
	text_addf(out, "%s %s\n", kinds[p->kind], p->what);
	for (size_t i = 0; i < p->count; i++)
		text_addf(out, "%s=%s\n", p->headers[i].name,
			  p->headers[i].value);
}

static void
feed(struct ami_reader *r, const char *bytes, size_t len, struct text *out)
{
	struct ami_packet p;
	enum ami_taken taken;
	const char *why = "";

	/* Of its own, so that a sanitizer sees who reads on. */
	char *copy = text_dup_n(bytes, len);
	const char *at = copy;

	while ((taken = ami_reader_take(r, &at, &len, &p, &why)) != AMI_MORE)
		tell(out, taken, &p, why);
	cr_assert_eq(len, 0);
	free(copy);
}

/* Read in pieces of one length, the first of another; free(). */
static char *
read_in(const char *bytes, size_t len, size_t first, size_t piece)
{
	struct ami_reader *r = ami_reader_new();
	struct text out = { 0 };
	size_t n;

	text_add_str(&out, "");
	for (size_t at = 0; at < len; at += n) {
		n = at == 0 && first > 0 ? first : piece;
		n = len - at < n ? len - at : n;
		feed(r, bytes + at, n, &out);
	}
	ami_reader_free(r);
	return text_take(&out);
}

static char *
read_all(const char *bytes)
{
	return read_in(bytes, strlen(bytes), 0, strlen(bytes));
}

static void
must_read(const char *bytes, const char *told)
{
	char *whole = read_all(bytes), *crumbs;

	cr_assert_str_eq(whole, told);
	crumbs = read_in(bytes, strlen(bytes), 0, 1);
	cr_assert_str_eq(crumbs, told);
	free(whole);
	free(crumbs);
}

/* ---- what Asterisk said -------------------------------------------------- */

Test(unit_ami_parse, reads_the_recorded_login)
{
	struct recording *rec = recording_asterisk();
	size_t len;

	must_read(recording_bytes(rec, 2, &len),
		  "greeting Asterisk Call Manager/11.0.0\n"
		  "answer Success\nResponse=Success\nActionID=bar-1\n"
		  "Challenge=196563167\n"
		  "answer Success\nResponse=Success\nActionID=bar-2\n"
		  "Message=Authentication accepted\n"
		  "event FullyBooted\nEvent=FullyBooted\n"
		  "Privilege=system,all\nUptime=2\nLastReload=2\n"
		  "Status=Fully Booted\n"
		  "answer Success\nResponse=Success\nActionID=bar-3\n"
		  "Ping=Pong\nTimestamp=1795324735.858121\n"
		  "answer Goodbye\nResponse=Goodbye\nActionID=bar-4\n"
		  "Message=Thanks for all the fish.\n");
	recording_free(rec);
}

Test(unit_ami_parse, no_scene_has_anything_that_cannot_be_read)
{
	struct recording *rec = recording_asterisk();
	size_t len, events = 0;

	for (size_t i = 1; i <= recording_count(rec); i++) {
		const char *bytes = recording_bytes(rec, i, &len);
		char *told = read_in(bytes, len, 0, len);

		cr_assert_null(strstr(told, "reject "), "scene %zu", i);
		for (const char *at = told;
		     (at = strstr(at, "\nevent ")) != NULL; at++)
			events++;
		free(told);
	}
	cr_assert_eq(events, 144);
	recording_free(rec);
}

Test(unit_ami_parse, reads_every_scene_the_same_wherever_it_is_cut,
     .timeout = 120)
{
	struct recording *rec = recording_asterisk();
	size_t len;

	for (size_t i = 1; i <= recording_count(rec); i++) {
		const char *bytes = recording_bytes(rec, i, &len);
		char *whole = read_in(bytes, len, 0, len);

		for (size_t cut = 1; cut < len; cut++) {
			char *told = read_in(bytes, len, cut, len);

			cr_assert_str_eq(told, whole, "scene %zu, byte %zu", i,
					 cut);
			free(told);
		}
		for (size_t piece = 1; piece < 9; piece++) {
			char *told = read_in(bytes, len, 0, piece);

			cr_assert_str_eq(told, whole, "scene %zu by %zu", i,
					 piece);
			free(told);
		}
		free(whole);
	}
	recording_free(rec);
}

/* A generator of our own: the same cuts each time. */
static uint32_t
some(uint32_t *seed, uint32_t below)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 8) % below;
}

static char *
read_at_random(const char *bytes, size_t len, uint32_t *seed)
{
	struct ami_reader *r = ami_reader_new();
	struct text out = { 0 };

	for (size_t at = 0, n; at < len; at += n) {
		n = 1 + some(seed, some(seed, 3) == 0 ? 2000 : 20);
		n = len - at < n ? len - at : n;
		feed(r, bytes + at, n, &out);
	}
	ami_reader_free(r);
	return text_take(&out);
}

Test(unit_ami_parse, reads_the_same_in_pieces_of_any_lengths)
{
	struct recording *rec = recording_asterisk();
	uint32_t seed = 7;
	size_t len;

	for (size_t i = 1; i <= recording_count(rec); i++) {
		const char *bytes = recording_bytes(rec, i, &len);
		char *whole = read_in(bytes, len, 0, len);

		for (int n = 0; n < 50; n++) {
			char *told = read_at_random(bytes, len, &seed);

			cr_assert_str_eq(told, whole, "scene %zu, %d", i, n);
			free(told);
		}
		free(whole);
	}
	recording_free(rec);
}

/* ---- the form ------------------------------------------------------------ */

Test(unit_ami_parse, an_answer_is_what_begins_with_response)
{
	must_read("Hi\r\nEvent: OriginateResponse\r\nResponse: Failure\r\n\r\n"
		  "Response: Success\r\nEvent: x\r\n\r\n",
		  "greeting Hi\nevent OriginateResponse\n"
		  "Event=OriginateResponse\nResponse=Failure\n"
		  "answer Success\nResponse=Success\nEvent=x\n");
}

Test(unit_ami_parse, takes_line_feeds_alone_and_blank_lines_too_many)
{
	must_read("Hi\nEvent: A\nB: c\n\n\n\r\n\nEvent: D\r\n\n",
		  "greeting Hi\nevent A\nEvent=A\nB=c\nevent D\nEvent=D\n");
}

Test(unit_ami_parse, a_first_line_with_a_colon_is_no_greeting)
{
	must_read("Event: A\r\n\r\nGreeting\r\nEvent: B\r\n\r\n",
		  "event A\nEvent=A\nreject a line without a colon\n"
		  "event B\nEvent=B\n");
}

Test(unit_ami_parse, keeps_colons_blanks_repeats_and_nothing_in_values)
{
	must_read(
	    "Hi\r\nEvent: A\r\nT: 12:30: x\r\nNone: \r\nNo:\r\nTwo:  b \r\n"
	    "ChanVariable: a=1\r\nChanVariable: b=2\r\n\r\n",
	    "greeting Hi\nevent A\nEvent=A\nT=12:30: x\nNone=\nNo=\n"
	    "Two= b \nChanVariable=a=1\nChanVariable=b=2\n");
}

Test(unit_ami_parse, a_header_is_found_whatever_its_case_and_the_first_counts)
{
	const struct ami_header headers[] = { { "Event", "A" },
					      { "ChanVariable", "1" },
					      { "ChanVariable", "2" } };
	const struct ami_packet p = { AMI_EVENT, "A", headers, 3 };

	cr_assert_str_eq(ami_get(&p, "chanvariable"), "1");
	cr_assert_str_eq(ami_get(&p, "EVENT"), "A");
	cr_assert_str_eq(ami_get(&p, "Chan"), "");
}

/* ---- what nobody should say ---------------------------------------------- */

Test(unit_ami_parse, a_line_without_a_colon_or_a_name_is_left_out)
{
	must_read("Hi\r\nEvent: A\r\nnothing\r\n: x\r\nB: c\r\n\r\n",
		  "greeting Hi\nreject a line without a colon\n"
		  "reject a line without a colon\nevent A\nEvent=A\nB=c\n");
}

Test(unit_ami_parse, what_is_neither_answer_nor_event_is_passed_over)
{
	must_read("Hi\r\nAction: Login\r\nEvent: A\r\n\r\nEvent: B\r\n\r\n",
		  "greeting Hi\nreject neither an answer nor an event\n"
		  "event B\nEvent=B\n");
}

Test(unit_ami_parse, what_would_steer_a_terminal_is_neutral_other_bytes_stay)
{
	const char bytes[] = "Hi\r\nEvent: A\r\nN: a\0b\033[2J\rc\x7f\td\r\n"
			     "L: M\xfcller\r\nU: M\xc3\xbcller\r\n\r\n";
	char *told = read_in(bytes, sizeof bytes - 1, 0, sizeof bytes);

	cr_assert_str_eq(told, "greeting Hi\nevent A\nEvent=A\n"
			       "N=a?b?[2J?c??d\nL=M\xfcller\n"
			       "U=M\xc3\xbcller\n");
	free(told);
}

/* The recorded packets of a caller, with this in place of his number in the
 * first; what is told of the first, and of the second. */
static char *
read_caller(const char *number)
{
	struct recording *rec = recording_asterisk();
	size_t len;
	const char *bytes = recording_events(rec, 4, &len), *at;
	struct text t = { 0 };
	char *told;

	at = strstr(bytes, "Event: Newchannel");
	bytes = strstr(at, "3725550123");
	text_add_str(&t, "Hi\r\n");
	text_add(&t, at, (size_t)(bytes - at));
	text_add_str(&t, number);
	bytes += strlen("3725550123");
	at = strstr(strstr(bytes, "\r\n\r\n") + 4, "\r\n\r\n") + 4;
	text_add(&t, bytes, (size_t)(at - bytes));
	told = read_all(t.data);
	text_done(&t);
	recording_free(rec);
	return told;
}

Test(unit_ami_parse, a_caller_cannot_speak_in_asterisks_place)
{
	static const char *const numbers[] = {
		"1\r\nUniqueid: 1795324739.7",
		"1\r\nLinkedid: 1795324739.7",
		"1\r\nEvent: Hangup",
		"1\r\n\r\nEvent: Hangup\r\nLinkedid: 1795324739.7",
		"1\r\n\r\nEvent: Hangup\r\nLinkedid: 1795324739.7\r\n\r\n",
		"\n\nx:\n\nEvent: Hangup\nLinkedid: 1795324739.7\n\n",
		"\n\na:\nLinkedid:\n\nResponse: Success\nActionID: list\n\n",
		"\n\n\n\nEvent: A\nChannelState:\n\nEvent: AgentConnect\n\n",
	};
	char *told = read_caller("1"), *rest;

	cr_assert_not_null(strstr(told, "event Newchannel\n"));
	free(told);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		told = read_caller(numbers[i]);
		rest = strstr(told, "event VarSet\n");
		cr_assert_not_null(rest, "the next one is read: %s", told);
		*rest = '\0';
		cr_assert_null(strstr(told, "event "), "%zu: %s", i, told);
		cr_assert_null(strstr(told, "answer "), "%zu: %s", i, told);
		cr_assert_not_null(strstr(told, "reject line ends in a value"));
		free(told);
	}
}

Test(unit_ami_parse, nor_while_he_is_told_as_one_who_waits)
{
	must_read("Hi\r\nEvent: QueueEntry\r\nUniqueid: 1.2\r\n"
		  "CallerIDNum: 1\r\n\r\nEvent: Hangup\r\n\r\n"
		  "\r\nCallerIDName: <unknown>\r\n\r\n",
		  "greeting Hi\nreject line ends in a value\n"
		  "reject line ends in a value\n"
		  "reject line ends in a value\n");
}

/* "Event: X", filler lines, an end, and then one that must be read. */
static char *
long_one(size_t lines, size_t width)
{
	struct text t = { 0 };

	text_add_str(&t, "Hi\r\nEvent: X\r\n");
	for (size_t i = 0; i < lines; i++) {
		text_add_str(&t, "V: ");
		for (size_t n = 0; n < width; n++)
			text_add_str(&t, "x");
		text_add_str(&t, "\r\n");
	}
	text_add_str(&t, "\r\nEvent: After\r\n\r\n");
	return text_take(&t);
}

Test(unit_ami_parse, a_packet_too_long_is_passed_over_whole)
{
	static const size_t sizes[][2] = { { 1, AMI_PACKET_MOST },
					   { 1, (size_t)3 * AMI_PACKET_MOST },
					   { 100, 1000 },
					   { 70000, 1 } };

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		char *bytes = long_one(sizes[i][0], sizes[i][1]);

		must_read(bytes, sizes[i][1] == 1
				     ? "greeting Hi\nreject too many headers\n"
				       "event After\nEvent=After\n"
				     : "greeting Hi\nreject too long a packet\n"
				       "event After\nEvent=After\n");
		free(bytes);
	}
}

Test(unit_ami_parse, as_many_headers_as_there_may_be_are_read)
{
	char *bytes = long_one(AMI_HEADERS_MOST - 1, 3), *told;

	told = read_all(bytes);
	cr_assert_null(strstr(told, "reject"));
	cr_assert_not_null(strstr(told, "V=xxx\nevent After\n"));
	free(told);
	free(bytes);
	bytes = long_one(AMI_HEADERS_MOST, 3);
	must_read(bytes, "greeting Hi\nreject too many headers\n"
			 "event After\nEvent=After\n");
	free(bytes);
}

Test(unit_ami_parse, garbage_between_packets_costs_only_itself)
{
	uint32_t seed = 11;

	for (int n = 0; n < 2000; n++) {
		struct text t = { 0 };
		char *told;

		text_add_str(&t, "Hi\r\nEvent: Before\r\n\r\n");
		for (uint32_t i = some(&seed, 200); i > 0; i--) {
			const char c = (char)some(&seed, 256);

			text_add(&t, &c, 1);
		}
		text_add_str(&t, "\r\n\r\nEvent: After\r\n\r\n");
		told = read_in(t.data, t.len, 0, 1 + some(&seed, 50));
		cr_assert_eq(strncmp(told, "greeting Hi\nevent Before\n", 25),
			     0);
		cr_assert_not_null(strstr(told, "event After\nEvent=After\n"),
				   "%d: %s", n, told);
		free(told);
		text_done(&t);
	}
}

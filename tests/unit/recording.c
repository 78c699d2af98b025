/* The recordings as they were on the wire, and the scripted telephone system.
 */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/pbx.h"
#include "tests/harness/peer.h"
#include "tests/harness/recording.h"

Test(unit_recording, gives_asterisks_lines_with_cr_lf)
{
	struct recording *r = recording_asterisk();
	size_t len;

	cr_assert_eq(recording_count(r), 11);
	cr_assert_str_eq(recording_title(r, 1), "1. login with a wrong secret");
	cr_assert_str_eq(recording_bytes(r, 1, &len),
			 "Asterisk Call Manager/11.0.0\r\n"
			 "Response: Error\r\nActionID: bar-1\r\n"
			 "Message: Authentication failed\r\n\r\n");
	cr_assert_eq(len, strlen(recording_bytes(r, 1, &len)));
	cr_assert(strncmp(recording_events(r, 2, &len),
			  "Event: FullyBooted\r\n", 20) == 0);
	recording_free(r);
}

/* Each block ends where its length says: nothing is left over. */
static int
count_blocks(const char *at)
{
	int n = 0;

	for (; *at != '\0'; n++) {
		const char *blank = strstr(at, "\n\n"), *length;
		unsigned body = 0;

		cr_assert_not_null(blank, "no end of the headers: %s", at);
		length = strstr(at, "Content-Length: ");
		if (length != NULL && length < blank)
			cr_assert_eq(
			    sscanf(length, "Content-Length: %u", &body), 1);
		cr_assert(strncmp(at, "Content-", 8) == 0, "%s", at);
		at = blank + 2 + body;
	}
	return n;
}

Test(unit_recording, gives_freeswitchs_bodies_as_long_as_they_say)
{
	struct recording *r = recording_freeswitch();
	size_t len;

	cr_assert_eq(recording_count(r), 6);
	cr_assert_eq(count_blocks(recording_bytes(r, 2, &len)), 11);
	cr_assert_eq(count_blocks(recording_bytes(r, 3, &len)), 9);
	cr_assert_not_null(
	    strstr(recording_bytes(r, 3, &len), "\"}Content-Length: 597\n"));
	for (size_t i = 1; i <= recording_count(r); i++) {
		(void)count_blocks(recording_bytes(r, i, &len));
		cr_assert_null(strstr(recording_bytes(r, i, &len), "C> "));
	}
	recording_free(r);
}

Test(unit_recording, a_scripted_system_hears_and_answers)
{
	struct event_base *base = event_base_new();
	struct pbx *pbx = pbx_start(base);
	struct peer *client = peer_tcp(base, pbx_port(pbx));

	cr_assert(pbx_came(pbx, 1, 5000));
	pbx_pieces(pbx, "Banner\r\n", 8, 1);
	cr_assert(peer_has(client, "Banner\r\n", 5000));
	peer_say(client, "Action: Ping\r\nActionID: 7\r\n\r\nAction: Log");
	cr_assert_str_eq(pbx_block(pbx, 5000), "Action: Ping\nActionID: 7\n");
	cr_assert_str_eq(pbx_field(pbx, "ActionID"), "7");
	cr_assert_str_eq(pbx_field(pbx, "Action"), "Ping");
	cr_assert_str_eq(pbx_field(pbx, "Act"), "");
	cr_assert_str_eq(pbx_block(pbx, 20), "", "not whole yet");
	cr_assert(pbx_flood(pbx, "Event: X\r\n\r\n", 100000, 5000));
	pbx_refuse(pbx, true);
	pbx_drop(pbx);
	cr_assert(peer_closed(client, 5000));
	peer_free(client);
	client = peer_tcp(base, pbx_port(pbx));
	cr_assert(peer_closed(client, 5000), "nobody listens");
	peer_free(client);
	pbx_refuse(pbx, false);
	client = peer_tcp(base, pbx_port(pbx));
	cr_assert(pbx_came(pbx, 2, 5000));
	peer_free(client);
	cr_assert(pbx_gone(pbx, 5000));
	pbx_stop(pbx);
	event_base_free(base);
}

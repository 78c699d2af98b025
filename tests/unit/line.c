/* A link that is made again for ever: to whom, how long, and why it is lost. */
#include <criterion/criterion.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/address.h"
#include "daemon/base/text.h"
#include "daemon/base/tls_client.h"
#include "daemon/sources/line.h"
#include "tests/harness/certs.h"
#include "tests/harness/loop.h"
#include "tests/harness/pbx.h"
#include "tests/unit/tempfile.h"

#define SOON 10000

TestSuite(unit_line, .init = tempfile_open, .fini = tempfile_close,
	  .timeout = 60);

struct rig {
	struct event_base *base;
	struct pbx *pbx;
	struct line *line;
	struct tls_client *tls;
	int ups, losses;
	struct text got;
	char why[200];
	const char *cut; /* it hangs up when it gets something */
	bool freed;      /* it lets the line go then */
};

static void
on_connected(void *cookie)
{
	((struct rig *)cookie)->ups++;
}

static void
on_got(void *cookie, const char *bytes, size_t len)
{
	struct rig *r = cookie;

	text_add(&r->got, bytes, len);
	if (r->cut != NULL)
		line_cut(r->line, r->cut, 0);
	if (!r->freed)
		return;
	line_free(r->line);
	r->line = NULL;
}

static void
on_lost(void *cookie, const char *why)
{
	struct rig *r = cookie;

	r->losses++;
	(void)snprintf(r->why, sizeof r->why, "%s", why);
}

static void
begin(struct rig *r, int64_t silence_ms)
{
	struct fault fault = { "" };
	struct address to;
	const struct line_options o = { .base = r->base,
					.to = &to,
					.tls = r->tls,
					.peer = "The exchange",
					.silence_ms = silence_ms,
					.connected = on_connected,
					.got = on_got,
					.lost = on_lost,
					.cookie = r };

	cr_assert_eq(address_parse(&to, pbx_address(r->pbx), -1, &fault), 0);
	r->line = line_new(&o);
}

static struct rig *
rig_new(void)
{
	struct rig *r = text_alloc(sizeof *r);

	r->base = event_base_new();
	text_add_str(&r->got, "");
	return r;
}

static struct rig *
rig(void)
{
	struct rig *r = rig_new();

	r->pbx = pbx_start(r->base);
	begin(r, 30000);
	cr_assert(pbx_came(r->pbx, 1, SOON));
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	return r;
}

static void
rig_free(struct rig *r)
{
	line_free(r->line);
	tls_client_free(r->tls);
	pbx_stop(r->pbx);
	event_base_free(r->base);
	text_done(&r->got);
	free(r);
}

static void
is_lost(struct rig *r, const char *why)
{
	cr_assert(loop_while_zero(r->base, &r->losses, SOON));
	cr_assert_str_eq(r->why, why);
}

/* ---- what goes over it --------------------------------------------------- */

static bool
has_got_all(void *cookie)
{
	return ((struct rig *)cookie)->got.len >= 300000;
}

Test(unit_line, hands_over_all_that_comes_also_what_came_before_the_end)
{
	struct rig *r = rig();
	char *much = calloc(1, 300001);

	for (size_t i = 0; i < 300000; i++)
		much[i] = (char)('a' + i % 23);
	pbx_send(r->pbx, much, 300000);
	pbx_drop(r->pbx);
	is_lost(r, "The exchange closed the connection");
	cr_assert(loop_until(r->base, has_got_all, r, SOON));
	cr_assert_str_eq(r->got.data, much);
	free(much);
	rig_free(r);
}

Test(unit_line, sends_and_comes_again_whatever_ended_it)
{
	struct rig *r = rig();

	line_send(r->line, "one\r\n", 5);
	cr_assert_str_eq(pbx_line(r->pbx, SOON), "one");
	line_good(r->line);
	pbx_reset(r->pbx);
	is_lost(r, "Connection reset by peer");
	line_send(r->line, "lost\r\n", 6);
	r->ups = 0;
	cr_assert(pbx_came(r->pbx, 2, SOON));
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	line_send(r->line, "two\r\n", 5);
	cr_assert_str_eq(pbx_line(r->pbx, SOON), "two");
	rig_free(r);
}

/* ---- when it ends -------------------------------------------------------- */

Test(unit_line, who_says_nothing_for_too_long_is_left)
{
	struct rig *r = rig_new();

	r->pbx = pbx_start(r->base);
	begin(r, 1000);
	cr_assert(pbx_came(r->pbx, 1, SOON));
	pbx_say(r->pbx, "x");
	is_lost(r, "The exchange said nothing for 1 second");
	cr_assert_str_eq(r->got.data, "x");
	rig_free(r);
}

Test(unit_line, who_does_not_read_is_left)
{
	struct rig *r = rig();
	char much[LINE_UNSENT_MOST / 8] = "x";

	pbx_stall(r->pbx, true);
	for (int i = 0; i < 10000 && r->losses == 0; i++) {
		line_send(r->line, much, sizeof much);
		loop_for(r->base, 0);
	}
	is_lost(r, "The exchange does not read what it is sent");
	rig_free(r);
}

Test(unit_line, can_be_cut_or_let_go_while_it_hands_over)
{
	struct rig *r = rig();

	r->cut = "because";
	pbx_say(r->pbx, "x");
	is_lost(r, "because");
	cr_assert(pbx_gone(r->pbx, SOON));
	cr_assert(pbx_came(r->pbx, 2, SOON));
	r->cut = NULL;
	r->freed = true;
	pbx_say(r->pbx, "y");
	cr_assert(pbx_gone(r->pbx, SOON));
	cr_assert_null(r->line);
	cr_assert_eq(r->losses, 1, "nothing is told any more");
	cr_assert_str_eq(r->got.data, "xy");
	rig_free(r);
}

/* Between attempts lie 0.4, 0.75, 1.5 s at least: a slow machine makes fewer.
 */
Test(unit_line, does_not_hammer_who_hangs_up_at_once)
{
	struct rig *r = rig();

	for (int i = 0; i < 200; i++) {
		pbx_drop(r->pbx);
		loop_for(r->base, 10);
	}
	cr_assert_leq(pbx_times(r->pbx), 3);
	cr_assert_geq(r->losses, 1);
	rig_free(r);
}

/* ---- TLS ----------------------------------------------------------------- */

/* To a system with that certificate, by one that trusts that authority. */
static struct rig *
rig_tls(const char *alternatives, const char *trusted, bool speaks_tls)
{
	static const struct tls_client_words words = { "the exchange", "tls_",
						       "address" };
	struct rig *r = rig_new();
	struct fault fault = { "" };
	char ca[4096];
	const struct tls_client_files files = { ca, "", "", &words };

	certs_authority(tempfile_folder(), "site");
	certs_authority(tempfile_folder(), "other");
	certs_make(tempfile_folder(), "site", "pbx", alternatives);
	(void)snprintf(ca, sizeof ca, "%s/%s.pem", tempfile_folder(), trusted);
	r->tls = tls_client_new(&files, &fault);
	cr_assert_not_null(r->tls, "%s", fault.text);
	r->pbx = speaks_tls ? pbx_start_tls(r->base, tempfile_folder(), "pbx")
			    : pbx_start(r->base);
	begin(r, 30000);
	return r;
}

Test(unit_line, speaks_tls_with_whom_it_should)
{
	struct rig *r = rig_tls("IP:127.0.0.1", "site", true);
	char *much = calloc(1, 300001);

	cr_assert(pbx_came(r->pbx, 1, SOON));
	cr_assert(loop_while_zero(r->base, &r->ups, SOON));
	line_send(r->line, "secret\r\n", 8);
	cr_assert_str_eq(pbx_line(r->pbx, SOON), "secret");
	memset(much, 'x', 300000);
	pbx_send(r->pbx, much, 300000);
	cr_assert(loop_until(r->base, has_got_all, r, SOON));
	cr_assert_str_eq(r->got.data, much);
	free(much);
	/* Without a farewell, as an Asterisk that is stopped. */
	pbx_drop(r->pbx);
	is_lost(r, "the exchange closed the connection");
	rig_free(r);
}

static void
is_never_connected(struct rig *r, const char *why)
{
	is_lost(r, why);
	cr_assert_eq(r->ups, 0);
	rig_free(r);
}

Test(unit_line, a_certificate_of_another_host_is_not_spoken_with)
{
	is_never_connected(rig_tls("IP:127.0.0.2", "site", true),
			   "the exchange's certificate is for another host "
			   "than that in address");
}

Test(unit_line, a_certificate_of_nobody_known_is_not_spoken_with)
{
	is_never_connected(rig_tls("IP:127.0.0.1", "other", true),
			   "the exchange's certificate comes from nobody whom "
			   "tls_ca knows");
}

static bool
is_talked_to(void *cookie)
{
	struct rig *r = cookie;

	if (pbx_times(r->pbx) > 0)
		pbx_say(r->pbx, "Asterisk Call Manager/11.0.0\r\n");
	return r->losses > 0;
}

Test(unit_line, who_does_not_speak_tls_is_told_apart)
{
	struct rig *r = rig_tls("IP:127.0.0.1", "site", false);

	cr_assert(loop_until(r->base, is_talked_to, r, SOON));
	is_never_connected(r, "the exchange does not speak TLS at that port");
}

Test(unit_line, who_never_answers_is_left_after_ten_seconds)
{
	struct rig *r = rig_tls("IP:127.0.0.1", "site", false);

	cr_assert(loop_while_zero(r->base, &r->losses, 3 * SOON));
	is_never_connected(r, "it did not answer within 10 seconds");
}

Test(unit_line, with_tls_too_a_port_where_nobody_listens_is_told_apart)
{
	struct rig *r = rig_tls("IP:127.0.0.1", "site", true);

	pbx_refuse(r->pbx, true);
	is_never_connected(r, "Connection refused");
}

/* ---- who speaks first ---------------------------------------------------- */

static bool
has_client(void *cookie)
{
	struct pollfd p = { .fd = *(int *)cookie, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

static bool
has_got_some(void *cookie)
{
	return ((struct rig *)cookie)->got.len > 0;
}

/* The greeting is there before the line knows that it is connected: both come
 * to it in one turn of the loop. */
Test(unit_line, hears_who_greets_at_once)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof sin;
	struct rig *r = rig_new();
	struct address to = { .kind = ADDRESS_IP, .host = "127.0.0.1" };
	const struct line_options o = { .base = r->base,
					.to = &to,
					.peer = "The exchange",
					.silence_ms = 30000,
					.connected = on_connected,
					.got = on_got,
					.lost = on_lost,
					.cookie = r };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), client;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	cr_assert_eq(bind(listener, (struct sockaddr *)&sin, len), 0);
	cr_assert_eq(listen(listener, 1), 0);
	cr_assert_eq(getsockname(listener, (struct sockaddr *)&sin, &len), 0);
	memcpy(&to.sa, &sin, len);
	to.sa_len = len;
	r->line = line_new(&o);
	cr_assert(loop_until(r->base, has_client, &listener, SOON));
	client = accept(listener, NULL, NULL);
	cr_assert_eq(send(client, "hello", 5, 0), 5);
	cr_assert(loop_until(r->base, has_got_some, r, SOON));
	cr_assert_str_eq(r->got.data, "hello");
	cr_assert_eq(r->ups, 1);
	(void)close(client);
	(void)close(listener);
	rig_free(r);
}

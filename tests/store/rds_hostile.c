/* What calls itself Redis may be anything: half replies, floods, lies. */
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "daemon/store/rds.h"
#include "tests/harness/loop.h"
#include "tests/harness/redis.h"

static struct event_base *base;
static struct evconnlistener *listener;
static struct bufferevent *peer; /* the last one that connected */
static struct rds *rds;
static char *folder;
static int connected, told, greeted;
static enum store_end end;
static char answer[32];

static void
on_connect(struct evconnlistener *l, evutil_socket_t fd, struct sockaddr *sa,
    int len, void *cookie)
{
	(void)l;
	(void)sa;
	(void)len;
	(void)cookie;
	if (peer != NULL)
		bufferevent_free(peer);
	peer = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	(void)bufferevent_enable(peer, EV_READ | EV_WRITE);
	connected++;
}

static void
on_done(void *cookie, enum store_end how, const struct redisReply *reply)
{
	(void)cookie;
	told++;
	end = how;
	if (reply != NULL && reply->str != NULL)
		(void)snprintf(answer, sizeof answer, "%s", reply->str);
}

static void
on_greet_done(void *cookie, enum store_end how, const struct redisReply *reply)
{
	(void)reply;
	if (how == STORE_DONE)
		rds_ready(cookie);
	else
		rds_drop(cookie, "the greeting was refused");
}

static void
on_greet(struct rds *r, void *cookie)
{
	static const char *const argv[] = { "AUTH", "secret" };

	(void)cookie;
	greeted++;
	rds_call_command(r,
	    &(struct rds_command){ .argc = 2, .argv = argv, .greeting = true },
	    on_greet_done, r);
}

static bool
is_up(void *cookie)
{
	(void)cookie;
	return rds_is_up(rds);
}

static bool
came_again(void *cookie)
{
	const int *times = cookie;

	return connected >= *times;
}

static void
start_link(bool greeting)
{
	struct fault fault;
	char path[128];

	(void)snprintf(path, sizeof path, "unix://%s/s", folder);
	rds = rds_new(base,
	    &(struct rds_options){ .address = path, .call_ms = 150,
		.connect_ms = 150, .greet = greeting ? on_greet : NULL },
	    &fault);
	cr_assert_not_null(rds, "%s", fault.text);
}

static void
setup(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	(void)sigaction(SIGPIPE, &ignore, NULL);
	base = event_base_new();
	folder = redis_folder_new();
	(void)snprintf(sun.sun_path, sizeof sun.sun_path, "%s/s", folder);
	listener = evconnlistener_new_bind(base, on_connect, NULL,
	    LEV_OPT_CLOSE_ON_FREE, 16, (struct sockaddr *)&sun, sizeof sun);
	cr_assert_not_null(listener);
}

static void
teardown(void)
{
	rds_free(rds);
	if (peer != NULL)
		bufferevent_free(peer);
	evconnlistener_free(listener);
	redis_folder_remove(folder);
	free(folder);
	event_base_free(base);
}

TestSuite(rds_hostile, .init = setup, .fini = teardown, .timeout = 30);

static void
call_once(void)
{
	static const char *const argv[] = { "PING" };

	rds_call(rds, 1, argv, NULL, on_done, NULL);
}

static void
link_up(void)
{
	int once = 1;

	start_link(false);
	cr_assert(loop_until(base, is_up, NULL, 5000));
	cr_assert(loop_until(base, came_again, &once, 5000));
}

static void
send_text(const char *text)
{
	(void)bufferevent_write(peer, text, strlen(text));
}

Test(rds_hostile, a_reply_may_come_one_byte_at_a_time)
{
	const char *reply = "*2\r\n$3\r\nfoo\r\n$3\r\nbar\r\n+PONG\r\n";

	link_up();
	call_once();
	call_once();
	for (; *reply != '\0'; reply++) {
		cr_assert_lt(told, 2);
		(void)bufferevent_write(peer, reply, 1);
		loop_for(base, 1);
	}
	cr_assert_eq(told, 2);
	cr_assert_eq(end, STORE_DONE);
	cr_assert_str_eq(answer, "PONG");
}

Test(rds_hostile, cut_within_a_reply_is_unknown)
{
	link_up();
	call_once();
	send_text("$100\r\nhalf");
	loop_for(base, 10);
	bufferevent_free(peer);
	peer = NULL;
	cr_assert(loop_while_zero(base, &told, 5000));
	cr_assert_eq(end, STORE_UNKNOWN);
}

static void
cut_after(const char *bytes)
{
	int twice = 2;

	link_up();
	call_once();
	send_text(bytes);
	cr_assert(loop_while_zero(base, &told, 5000));
	cr_assert_eq(end, STORE_UNKNOWN);
	cr_assert(loop_until(base, came_again, &twice, 5000));
	cr_assert_eq(told, 1);
}

Test(rds_hostile, broken_bytes_cut_the_link)
{
	cut_after("HTTP/1.1 200 OK\r\n\r\n");
}

Test(rds_hostile, an_array_of_two_milliards_is_not_allocated)
{
	cut_after("*2000000000\r\n");
}

Test(rds_hostile, nested_arrays_count_together)
{
	cut_after("*2\r\n*600000\r\n:1\r\n*600000\r\n*600000\r\n");
}

Test(rds_hostile, an_endless_string_is_not_kept)
{
	static char flood[1024 * 1024];
	int twice = 2;

	memset(flood, 'x', sizeof flood - 1);
	link_up();
	call_once();
	send_text("$2000000000\r\n");
	for (int i = 0; i < 80; i++)
		(void)bufferevent_write(peer, flood, sizeof flood - 1);
	cr_assert(loop_until(base, came_again, &twice, 10000));
	cr_assert_eq(told, 1);
	cr_assert_eq(end, STORE_UNKNOWN);
}

Test(rds_hostile, what_nobody_asked_for_cuts_the_link)
{
	int twice = 2;

	link_up();
	send_text("+hello\r\n");
	cr_assert(loop_until(base, came_again, &twice, 5000));
}

Test(rds_hostile, a_silent_greeting_is_tried_again)
{
	int thrice = 3;

	start_link(true);
	cr_assert(loop_until(base, came_again, &thrice, 5000));
	cr_assert_not(rds_is_up(rds));
	call_once();
	cr_assert(loop_while_zero(base, &told, 50));
	cr_assert_eq(end, STORE_NOT_SENT);
}

Test(rds_hostile, calls_pass_only_after_the_greeting)
{
	start_link(true);
	cr_assert(loop_while_zero(base, &greeted, 5000));
	call_once();
	cr_assert(loop_while_zero(base, &told, 100));
	cr_assert_eq(end, STORE_NOT_SENT);
	cr_assert(loop_while_zero(base, &connected, 5000));
	send_text("+OK\r\n");
	cr_assert(loop_until(base, is_up, NULL, 5000));
}

Test(rds_hostile, a_refused_greeting_is_tried_again)
{
	int twice = 2;

	start_link(true);
	cr_assert(loop_while_zero(base, &connected, 5000));
	send_text("-WRONGPASS invalid\r\n");
	cr_assert(loop_until(base, came_again, &twice, 5000));
	cr_assert_str_eq(rds_why(rds), "the greeting was refused");
}

Test(rds_hostile, an_address_that_is_none_is_refused_with_a_sentence)
{
	static const char *const bad[] = { "", "host name:1", "::1:6379",
		"[::1", "127.0.0.1:65536", "unix:relative", 
		"127.0.0.1:+1" };

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct fault fault = { "" };

		cr_assert_null(rds_new(base,
				   &(struct rds_options){ .address = bad[i] },
				   &fault),
		    "%s", bad[i]);
		cr_assert_str_not_empty(fault.text);
	}
}

#include "daemon/sources/ami.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include <event2/event.h>
#include <openssl/evp.h>

#include "daemon/base/address.h"
#include "daemon/base/clock.h"
#include "daemon/base/text.h"
#include "daemon/sources/feed.h"
#include "daemon/sources/line.h"

#define LOGIN_MS 10000
#define REFUSED_REST_MS 5000 /* who asks too often is locked out over there */
#define PING_MS 10000
#define SILENCE_MS 30000
#define ACT_MS 10000
#define MOST_ASKED 1000
/* Asterisk cuts a line at 1024 bytes and an action at 128 headers. */
#define VALUE_MOST 900
#define HEADERS_MOST 120

struct asked { /* an action that has no end yet */
	struct asked *next;
	char *id; /* owned */
	ami_answered *answered;
	void (*listed)(void *, const struct ami_packet *);
	void *cookie;
	int64_t limit_ms, until_ms; /* monotonic */
	bool listing;               /* "Success" came, its events follow */
};

enum state { OFF, GREETING, LOGIN, UP };

struct ami {
	struct ami_options o;
	char *user, *secret, *events; /* owned */
	struct line *line;            /* owned */
	struct ami_reader *reader;    /* owned; NULL while OFF */
	struct event *tick;           /* owned; every second */
	enum state state;
	bool told_up;
	bool pinging; /* one is on its way */
	struct asked *first, **end;
	size_t asked;
	/* Of our ActionIDs, which nobody can guess: a caller's number may have
	 * line ends in it (From: <sip:1%0d%0aX@...>), and with them whole
	 * answers that Asterisk never gave. */
	char secret_id[24];
	unsigned last_id;
	int64_t since_ms, ping_ms; /* monotonic: connected; last ping */
	int64_t ping_wall_ms;
};

/*
 *	on_connected	the greeting is awaited
 *	on_greeting	a challenge is asked for
 *	on_challenge	logs in, by its answer or with the plain secret
 *	on_login	up, or cut
 *	on_tick		pings, and whatever takes too long
 *	on_lost		down, until the line is connected again
 */
static void on_greeting(struct ami *, const char *);
static void on_challenge(void *, enum ami_end, const struct ami_packet *);
static void log_in(struct ami *, const char *challenge);
static void on_login(void *, enum ami_end, const struct ami_packet *);
static void ping(struct ami *);

/* ---- actions ------------------------------------------------------------- */

static bool
is_plain(const char *s)
{
	size_t n = strlen(s);

	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	}
	return n <= VALUE_MOST;
}

static bool
is_name(const char *s)
{
	return *s != '\0' && strlen(s) <= 64 && is_plain(s) &&
	       strchr(s, ':') == NULL;
}

static bool
is_right(const struct ami_act *act)
{
	if (!is_plain(act->action) || act->count > HEADERS_MOST ||
	    (act->id != NULL && !is_plain(act->id)))
		return false;
	for (size_t i = 0; i < act->count; i++) {
		if (!is_name(act->headers[i].name) ||
		    !is_plain(act->headers[i].value))
			return false;
	}
	return true;
}

static void
put(struct ami *a, const struct ami_act *act, const char *id)
{
	struct text t = { 0 };

	text_addf(&t, "Action: %s\r\nActionID: %s\r\n", act->action, id);
	for (size_t i = 0; i < act->count; i++)
		text_addf(&t, "%s: %s\r\n", act->headers[i].name,
			  act->headers[i].value);
	text_add_str(&t, "\r\n");
	line_send(a->line, t.data, t.len);
	text_done(&t);
}

static int
ask(struct ami *a, const struct ami_act *act)
{
	struct asked *q;

	if (!is_right(act) || a->asked >= MOST_ASKED)
		return -1;
	q = text_alloc(sizeof *q);
	q->id = act->id != NULL
		    ? text_dup(act->id)
		    : text_print("%s%u", a->secret_id, ++a->last_id);
	q->answered = act->answered;
	q->listed = act->listed;
	q->cookie = act->cookie;
	q->limit_ms = act->limit_ms > 0 ? act->limit_ms : ACT_MS;
	q->until_ms = clock_mono_ms() + q->limit_ms;
	*a->end = q;
	a->end = &q->next;
	a->asked++;
	put(a, act, q->id);
	return 0;
}

int
ami_act(struct ami *a, const struct ami_act *act)
{
	return a->state == UP ? ask(a, act) : -1;
}

static struct asked *
find(const struct ami *a, const char *id)
{
	struct asked *q = a->first;

	while (q != NULL && strcmp(q->id, id) != 0)
		q = q->next;
	return q;
}

/* It leaves the list first: who is told may ask again. */
static void
finish(struct ami *a, struct asked *q, enum ami_end end,
       const struct ami_packet *p)
{
	struct asked **at = &a->first;

	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	if (q->next == NULL)
		a->end = at;
	a->asked--;
	if (q->answered != NULL)
		q->answered(q->cookie, end, p);
	free(q->id);
	free(q);
}

/* Those that took too long. */
static void
give_up(struct ami *a, int64_t now)
{
	struct asked *q = a->first;

	while (q != NULL) {
		if (q->until_ms > now) {
			q = q->next;
			continue;
		}
		finish(a, q, AMI_LOST, NULL);
		q = a->first;
	}
}

/* ---- what comes ---------------------------------------------------------- */

static void
on_response(struct ami *a, const struct ami_packet *p)
{
	struct asked *q = find(a, ami_get(p, "ActionID"));

	if (q == NULL)
		return; /* it took too long */
	if (strcasecmp(p->what, "Error") == 0)
		finish(a, q, AMI_REFUSED, p);
	else if (q->listed != NULL &&
		 strcasecmp(ami_get(p, "EventList"), "start") == 0)
		q->listing = true;
	else
		finish(a, q, AMI_DONE, p);
}

static void
on_asterisk_event(struct ami *a, const struct ami_packet *p)
{
	const char *id = ami_get(p, "ActionID");
	struct asked *q = *id != '\0' ? find(a, id) : NULL;

	if (q == NULL || !q->listing) {
		a->o.event(a->o.cookie, p);
		return;
	}
	q->until_ms = clock_mono_ms() + q->limit_ms;
	if (strcasecmp(ami_get(p, "EventList"), "Complete") == 0)
		finish(a, q, AMI_DONE, p);
	else
		q->listed(q->cookie, p);
}

static void
on_packet(struct ami *a, const struct ami_packet *p)
{
	if (a->state == GREETING)
		on_greeting(a, p->kind == AMI_GREETING ? p->what : "");
	else if (p->kind == AMI_RESPONSE)
		on_response(a, p);
	else if (p->kind == AMI_EVENT && a->state == UP)
		on_asterisk_event(a, p);
}

static void
on_got(void *cookie, const char *bytes, size_t len)
{
	struct ami *a = cookie;
	struct ami_packet packet;
	enum ami_taken taken;
	const char *why;

	/* Who refuses us has told nothing. */
	if (a->state == UP)
		feed_heard(a->o.feed);
	while (a->state != OFF) {
		taken = ami_reader_take(a->reader, &bytes, &len, &packet, &why);
		if (taken == AMI_MORE)
			return;
		if (taken == AMI_PACKET)
			on_packet(a, &packet);
		else
			feed_reject(a->o.feed, why, NULL);
	}
}

/* ---- logging in ---------------------------------------------------------- */

static void
cut(struct ami *a, const char *why, int64_t rest_ms)
{
	a->state = OFF; /* on_lost will do the rest */
	line_cut(a->line, why, rest_ms);
}

static void
make_secret_id(struct ami *a)
{
	unsigned random[2] = { 0 };

	if (getrandom(random, sizeof random, 0) != sizeof random)
		abort();
	(void)snprintf(a->secret_id, sizeof a->secret_id, "%08x%08x-",
		       random[0], random[1]);
}

static void
on_connected(void *cookie)
{
	struct ami *a = cookie;
	const struct timeval second = { .tv_sec = 1 };

	make_secret_id(a);
	a->reader = ami_reader_new();
	a->state = GREETING;
	a->since_ms = clock_mono_ms();
	(void)event_add(a->tick, &second);
}

static void
on_greeting(struct ami *a, const char *words)
{
	static const struct ami_header type = { "AuthType", "MD5" };
	const struct ami_act challenge = { .action = "Challenge",
					   .headers = &type,
					   .count = 1,
					   .answered = on_challenge,
					   .cookie = a,
					   .limit_ms = LOGIN_MS };

	if (strstr(words, "Call Manager") == NULL) {
		cut(a, "what answers there is no Asterisk Manager Interface",
		    REFUSED_REST_MS);
		return;
	}
	a->state = LOGIN;
	(void)ask(a, &challenge);
}

static void
on_challenge(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct ami *a = cookie;

	if (end != AMI_LOST && a->state == LOGIN)
		log_in(a, end == AMI_DONE ? ami_get(p, "Challenge") : "");
}

/* MD5 of challenge and secret in hexadecimal digits; false: this OpenSSL does
 * not know MD5 any more. */
static bool
make_key(char ret[33], const char *challenge, const char *secret)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	char *both = text_print("%s%s", challenge, secret);
	bool known =
	    EVP_Digest(both, strlen(both), sum, &n, EVP_md5(), NULL) == 1;

	for (unsigned i = 0; known && i < 16; i++)
		(void)snprintf(ret + (size_t)2 * i, 3, "%02x", sum[i]);
	free(both);
	return known && n == 16;
}

static void
log_in(struct ami *a, const char *challenge)
{
	char key[33];
	bool md5 = *challenge != '\0' && make_key(key, challenge, a->secret);
	const struct ami_header headers[] = {
		{ "Username", a->user },
		{ "Events", a->events },
		{ md5 ? "Key" : "Secret", md5 ? key : a->secret },
		{ "AuthType", "MD5" },
	};
	const struct ami_act login = { .action = "Login",
				       .headers = headers,
				       .count = md5 ? 4 : 3,
				       .answered = on_login,
				       .cookie = a,
				       .limit_ms = LOGIN_MS };

	if (ask(a, &login) < 0)
		cut(a,
		    "the name or the password has characters that Asterisk "
		    "does not take",
		    REFUSED_REST_MS);
}

static void
on_login(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct ami *a = cookie;
	char why[160];

	if (end == AMI_LOST || a->state != LOGIN)
		return;
	if (end == AMI_REFUSED) {
		(void)snprintf(why, sizeof why,
			       "Asterisk refused the name or the password (%s)",
			       ami_get(p, "Message"));
		cut(a, why, REFUSED_REST_MS);
		return;
	}
	a->state = UP;
	a->told_up = true;
	line_good(a->line);
	/* Its clock is known before its lists come; and when it was heard
	 * before, can be asked until it is up. */
	ping(a);
	a->o.changed(a->o.cookie, true);
	feed_up(a->o.feed);
}

static void
on_lost(void *cookie, const char *why)
{
	struct ami *a = cookie;
	bool was_up = a->told_up;

	a->state = OFF;
	a->told_up = false;
	(void)event_del(a->tick);
	ami_reader_free(a->reader);
	a->reader = NULL;
	while (a->first != NULL)
		finish(a, a->first, AMI_LOST, NULL);
	feed_down(a->o.feed, why);
	if (was_up)
		a->o.changed(a->o.cookie, false);
}

/* ---- while it is up ------------------------------------------------------ */

/* Its clock, as it was halfway between our question and its answer. */
static void
on_pong(void *cookie, enum ami_end end, const struct ami_packet *p)
{
	struct ami *a = cookie;
	int64_t theirs;

	a->pinging = false;
	if (end == AMI_LOST && a->state == UP)
		cut(a, "Asterisk does not answer any more", 0);
	if (end != AMI_DONE)
		return;
	theirs = ami_stamp_ms(p);
	if (theirs > 0)
		feed_clock(a->o.feed,
			   theirs - (a->ping_wall_ms + clock_wall_ms()) / 2);
}

static void
ping(struct ami *a)
{
	const struct ami_act act = { .action = "Ping",
				     .answered = on_pong,
				     .cookie = a,
				     .limit_ms = SILENCE_MS };

	a->ping_ms = clock_mono_ms();
	a->ping_wall_ms = clock_wall_ms();
	a->pinging = ask(a, &act) == 0;
}

static void
on_tick(evutil_socket_t fd, short what, void *cookie)
{
	static const char late[] =
	    "Asterisk did not let us in within 10 seconds";
	struct ami *a = cookie;
	int64_t now = clock_mono_ms();

	(void)fd;
	(void)what;
	if ((a->state == GREETING || a->state == LOGIN) &&
	    now - a->since_ms > LOGIN_MS)
		cut(a, late, 0);
	give_up(a, now);
	if (a->state == UP && !a->pinging && now - a->ping_ms >= PING_MS)
		ping(a);
}

/* ---- life ---------------------------------------------------------------- */

struct ami *
ami_new(const struct ami_options *o)
{
	struct ami *a = text_alloc(sizeof *a);
	const struct line_options line = { .base = o->base,
					   .to = o->to,
					   .tls = o->tls,
					   .peer = "Asterisk",
					   .silence_ms = SILENCE_MS,
					   .connected = on_connected,
					   .got = on_got,
					   .lost = on_lost,
					   .cookie = a };

	a->o = *o;
	a->user = text_dup(o->user);
	a->secret = text_dup(o->secret);
	a->events = text_dup(o->events);
	a->end = &a->first;
	a->tick = event_new(o->base, -1, EV_PERSIST, on_tick, a);
	if (a->tick == NULL)
		abort();
	a->line = line_new(&line);
	return a;
}

void
ami_free(struct ami *a)
{
	if (a == NULL)
		return;
	a->state = OFF;
	line_free(a->line);
	while (a->first != NULL)
		finish(a, a->first, AMI_LOST, NULL);
	event_free(a->tick);
	ami_reader_free(a->reader);
	free(a->user);
	free(a->secret);
	free(a->events);
	free(a);
}

bool
ami_is_up(const struct ami *a)
{
	return a->state == UP;
}

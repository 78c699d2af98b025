/* esl.h -- a session with a FreeSWITCH over its event socket: connects and logs
 * in for ever, hands on what it tells, asks for commands.
 *
 * Its feed hears from here whether the link is up, why not, and the difference
 * of the clocks. */
#ifndef RB_SOURCES_ESL_H
#define RB_SOURCES_ESL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/sources/esl_packet.h"

struct address;
struct esl;
struct event_base;
struct feed;
struct tls_client;

#define ESL_JOB_SIZE 37 /* a UUID, and its end */

struct esl_options {
	struct event_base *base;  /* borrowed, as feed and tls */
	const struct address *to; /* copied, as the next three */
	const char *user;         /* "": the password of the socket; else that
				   * of a user of the directory, "1000@domain" */
	const char *secret;
	const char *events;     /* "CHANNEL_ANSWER CUSTOM callcenter::info" */
	struct tls_client *tls; /* NULL: none */
	struct feed *feed;
	/* An event; the packet is good until it returns. */
	void (*event)(void *cookie, const struct esl_packet *);
	/* Logged in, or not any more: what happens meanwhile is not told again.
	 */
	void (*changed)(void *cookie, bool up);
	void *cookie;
};
struct esl *esl_new(const struct esl_options *);
/* esl_free: not from inside its callbacks; what was asked ends ESL_LOST before
 * it returns, changed is not told.  NULL is allowed. */
void esl_free(struct esl *);
bool esl_is_up(const struct esl *);

enum esl_end {
	ESL_DONE,    /* what it said; "+OK ..." for most commands */
	ESL_REFUSED, /* it began with "-" */
	ESL_LOST,    /* no answer in time, or the link went: it may be done */
};
/* Told once for each command that was taken, never from inside esl_ask; may ask
 * for the next one.  said: its words without the line's end, "" for ESL_LOST.
 */
typedef void esl_answered(void *cookie, enum esl_end, const char *said);

struct esl_ask {
	const char *command;    /* of its API: "uuid_exists UUID" */
	esl_answered *answered; /* NULL: nobody wants to know */
	void *cookie;
	int64_t limit_ms; /* 0: 10 s */
};
/* esl_ask: as a background job (bgapi), so that nothing waits for it.  -1: it
 * is not taken, nothing is sent: the session is not up, too much waits there,
 * or the command is too long or has a control character in it (a line's end
 * would begin another command). */
int esl_ask(struct esl *, const struct esl_ask *);

#endif

/* ami.h -- a session with an Asterisk over its Manager Interface: connects and
 * logs in for ever, hands on what it tells, asks for actions.
 *
 * Its feed hears from here whether the link is up, why not, and the difference
 * of the clocks. */
#ifndef RB_SOURCES_AMI_H
#define RB_SOURCES_AMI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/sources/ami_packet.h"

struct address;
struct ami;
struct event_base;
struct feed;
struct tls_client;

struct ami_options {
	struct event_base *base;  /* borrowed, as feed and tls */
	const struct address *to; /* copied, as the next three */
	const char *user, *secret;
	const char *events;     /* the mask: "agent,call,dialplan" */
	struct tls_client *tls; /* NULL: none */
	struct feed *feed;
	/* An event; the packet is good until it returns. */
	void (*event)(void *cookie, const struct ami_packet *);
	/* Logged in, or not any more: what happens meanwhile is not told again.
	 */
	void (*changed)(void *cookie, bool up);
	void *cookie;
};
struct ami *ami_new(const struct ami_options *);
/* ami_free: not from inside its callbacks; what was asked ends AMI_LOST before
 * it returns, changed is not told.  NULL is allowed. */
void ami_free(struct ami *);
bool ami_is_up(const struct ami *);

enum ami_end {
	AMI_DONE,    /* "Success", and all of its list came */
	AMI_REFUSED, /* "Error": the packet's Message says why */
	AMI_LOST,    /* no answer in time, or the link went: it may be done */
};
/* Told once for each action that was taken, never from inside ami_act; may ask
 * for the next one.  The packet is NULL for AMI_LOST. */
typedef void ami_answered(void *cookie, enum ami_end,
			  const struct ami_packet *);

struct ami_act {
	const char *action; /* "QueuePause" */
	const struct ami_header
	    *headers; /* borrowed for the call, as the next */
	size_t count;
	const char *id; /* its ActionID, of yours alone; NULL: one is made */
	ami_answered *answered; /* NULL: nobody wants to know */
	/* Events of its list ("QueueStatus" ...), which are not told to
	 * ami_options.event; NULL: no list is expected. */
	void (*listed)(void *cookie, const struct ami_packet *);
	void *cookie;
	int64_t limit_ms; /* 0: 10 s; of a list, for each event */
};
/* ami_act: -1: it is not taken, nothing is sent: the session is not up, too
 * much waits there, or a name or value has a control character or is too long
 * (CR LF in a value would be an action of its own). */
int ami_act(struct ami *, const struct ami_act *);

#endif

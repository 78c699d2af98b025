/* twilio.h -- what Twilio tells of a voice call, and systems that do as it
 * does: the status call-backs of a number and of <Number>, <Sip>, <Client>; the
 * action of <Dial>; the action of <Enqueue>.  Pure.
 *
 * A caller whom TwiML has greeted is "completed" for Twilio, whoever talked
 * with him: that word alone says that the call is over (call.ended).  That
 * somebody talked is known from a leg to an agent, which has a ParentCallSid,
 * and from the results of <Dial> and <Enqueue>. */
#ifndef RB_SOURCES_TWILIO_H
#define RB_SOURCES_TWILIO_H

#include "daemon/base/fault.h"
#include "daemon/sources/push.h"

struct form;
struct policy_source;

#define TWILIO_SIGNATURE_SIZE 29

int twilio_check(const struct policy_source *, struct fault *);
enum push_proof twilio_proof(const struct push *, const char **ret_why);
int twilio_read(const struct push *, struct push_said *ret, struct fault *);

/* twilio_sign: what Twilio signs a form with that goes to this address. */
void twilio_sign(char ret[TWILIO_SIGNATURE_SIZE], const char *token,
		 const char *url, const struct form *);

#endif

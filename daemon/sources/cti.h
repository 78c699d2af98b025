/* cti.h -- the push of German telephone systems: sipgate.io, Placetel, and what
 * Zammad calls generic CTI, as a form or as JSON.  Pure.
 *
 *	newCall   IncomingCall    the answer asks sipgate for the other two
 *	answer    CallAccepted    call.talking; by a voicemail: call.missed
 *	hangup    HungUp          call.missed or call.ended, by its cause
 *
 * Only calls that come in count.  Where a system signs (Placetel), its secret
 * is in secret_file; where it cannot, its address has a token. */
#ifndef RB_SOURCES_CTI_H
#define RB_SOURCES_CTI_H

#include "daemon/base/fault.h"
#include "daemon/sources/push.h"

struct policy_source;

int cti_check(const struct policy_source *, struct fault *);
enum push_proof cti_proof(const struct push *, const char **ret_why);
int cti_read(const struct push *, struct push_said *ret, struct fault *);

#endif

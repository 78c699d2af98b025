/* asterisk_leg.h -- one phone that an Asterisk dials: how that ended, by its
 * DialEnd and by the cause (ITU-T Q.850) of its Hangup, whichever comes first.
 * Pure. */
#ifndef RB_SOURCES_ASTERISK_LEG_H
#define RB_SOURCES_ASTERISK_LEG_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/sources/originate.h"

struct ami_packet;

#define ASTERISK_ID_SIZE 151 /* AST_MAX_UNIQUEID and its end */

struct asterisk_leg {
	char id[ASTERISK_ID_SIZE]; /* its Uniqueid */
	bool answered;
	bool ended;     /* without an answer */
	bool cancelled; /* it was given up by who dialled */
	char status[16];
	int cause; /* 0: not told */
	char why[80];
};

/* asterisk_id_ok: a Uniqueid that may be sent back: "1795324774.13",
 * "rb-...;2". */
bool asterisk_id_ok(const char *);

void asterisk_leg_begin(struct asterisk_leg *, const char *id);
/* asterisk_leg_dialled: its DialEnd has this DialStatus. */
void asterisk_leg_dialled(struct asterisk_leg *, const char *status);
/* asterisk_leg_hung_up: its Hangup or HangupRequest. */
void asterisk_leg_hung_up(struct asterisk_leg *, const struct ami_packet *);

/* asterisk_leg_result: of one that was not answered; as if it were the
 * customer's. */
enum originate_result asterisk_leg_result(const struct asterisk_leg *);

/* asterisk_legs_over: there were some, and none rings or talks any more. */
bool asterisk_legs_over(const struct asterisk_leg *, size_t count);

#endif

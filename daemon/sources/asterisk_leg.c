#include "daemon/sources/asterisk_leg.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "daemon/base/text.h"
#include "daemon/sources/ami_packet.h"

bool
asterisk_id_ok(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789.;_-");

	return n > 0 && n < ASTERISK_ID_SIZE && s[n] == '\0';
}

void
asterisk_leg_begin(struct asterisk_leg *leg, const char *id)
{
	*leg = (struct asterisk_leg){ .cause = 0 };
	(void)snprintf(leg->id, sizeof leg->id, "%s", id);
}

void
asterisk_leg_dialled(struct asterisk_leg *leg, const char *status)
{
	if (leg->answered || leg->ended)
		return;
	leg->answered = strcmp(status, "ANSWER") == 0;
	leg->ended = !leg->answered;
	leg->cancelled = strcmp(status, "CANCEL") == 0;
	(void)snprintf(leg->status, sizeof leg->status, "%s", status);
}

void
asterisk_leg_hung_up(struct asterisk_leg *leg, const struct ami_packet *p)
{
	int64_t cause;

	if (text_int64(&cause, ami_get(p, "Cause"), 1, 127) < 0)
		return;
	leg->cause = (int)cause;
	if (*ami_get(p, "Cause-txt") != '\0')
		(void)snprintf(leg->why, sizeof leg->why, "%s",
			       ami_get(p, "Cause-txt"));
}

/* clang-format off */
static const struct {
	int cause;
	enum originate_result result;
} causes[] = {
	{ 1,  ORIGINATE_BAD_NUMBER }, /* unallocated */
	{ 22, ORIGINATE_BAD_NUMBER }, /* number changed */
	{ 28, ORIGINATE_BAD_NUMBER }, /* invalid format, incomplete */
	{ 17, ORIGINATE_BUSY },
	{ 18, ORIGINATE_NO_ANSWER },  /* no user responding */
	{ 19, ORIGINATE_NO_ANSWER },  /* alerted, no answer */
	{ 20, ORIGINATE_NO_ANSWER },  /* subscriber absent */
	{ 21, ORIGINATE_REFUSED },    /* rejected */
	{ 34, ORIGINATE_REFUSED },    /* congestion */
	{ 38, ORIGINATE_REFUSED },    /* network out of order */
};
/* clang-format on */

/* The status alone takes a number that is none for one that did not answer. */
enum originate_result
asterisk_leg_result(const struct asterisk_leg *leg)
{
	if (strcmp(leg->status, "BUSY") == 0)
		return ORIGINATE_BUSY;
	for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
		if (causes[i].cause == leg->cause)
			return causes[i].result;
	}
	return strcmp(leg->status, "NOANSWER") == 0 ? ORIGINATE_NO_ANSWER
						    : ORIGINATE_REFUSED;
}

bool
asterisk_legs_over(const struct asterisk_leg *legs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!legs[i].ended)
			return false;
	}
	return count > 0;
}

#include "daemon/sources/source.h"

#include <string.h>

#include "daemon/sources/asterisk.h"
#include "daemon/sources/cti.h"
#include "daemon/sources/freeswitch.h"
#include "daemon/sources/twilio.h"

/* One row a telephone system. */
const struct source_type source_types[] = {
	{ .name = "asterisk",
	  .check = asterisk_check,
	  .start = asterisk_start,
	  .stop = asterisk_stop,
	  .use = asterisk_use,
	  .originate = asterisk_originate,
	  .hang_up = asterisk_hang_up,
	  .pause = asterisk_pause },
	{ .name = "freeswitch",
	  .check = freeswitch_check,
	  .start = freeswitch_start,
	  .stop = freeswitch_stop,
	  .use = freeswitch_use,
	  .originate = freeswitch_originate,
	  .hang_up = freeswitch_hang_up,
	  .pause = freeswitch_pause },
	{ .name = "twilio", .check = twilio_check },
	{ .name = "cti", .check = cti_check },
	{ .name = NULL },
};

const struct source_type *
source_type(const char *name)
{
	for (const struct source_type *t = source_types; t->name != NULL; t++) {
		if (strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

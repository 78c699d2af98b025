/* freeswitch.h -- FreeSWITCH, asked over its event socket: the row "freeswitch"
 * of table.c; see source.h. */
#ifndef RB_SOURCES_FREESWITCH_H
#define RB_SOURCES_FREESWITCH_H

#include "daemon/sources/source.h"

int freeswitch_check(const struct policy_source *, struct fault *);
struct source *freeswitch_start(const struct source_options *);
void freeswitch_stop(struct source *);
void freeswitch_use(struct source *, const struct policy_source *);
int freeswitch_originate(struct source *, const struct originate *,
			 originate_told *, void *cookie, struct fault *);
void freeswitch_hang_up(struct source *, const char *id);
void freeswitch_pause(struct source *, const char *phone, bool paused);

#endif

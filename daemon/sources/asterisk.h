/* asterisk.h -- Asterisk, asked over its Manager Interface: the row "asterisk"
 * of table.c; see source.h. */
#ifndef RB_SOURCES_ASTERISK_H
#define RB_SOURCES_ASTERISK_H

#include "daemon/sources/source.h"

int asterisk_check(const struct policy_source *, struct fault *);
struct source *asterisk_start(const struct source_options *);
void asterisk_stop(struct source *);
void asterisk_use(struct source *, const struct policy_source *);
int asterisk_originate(struct source *, const struct originate *,
		       originate_told *, void *cookie, struct fault *);
void asterisk_hang_up(struct source *, const char *id);
void asterisk_pause(struct source *, const char *phone, bool paused);

#endif

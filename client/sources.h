/* sources.h -- the telephone systems and whoever else tells of calls: are they
 * heard? */
#ifndef RB_CLIENT_SOURCES_H
#define RB_CLIENT_SOURCES_H

#include <stdint.h>

#include "client/cmd.h"

/* sources: all that is known of each, and what helps. */
verb_run sources_run;
/* sources_line: "Sources: pbx up (last call 12 s ago), tk-west DOWN since
 * 09:58" of the API's list; nothing where that is empty. */
void sources_line(struct page *, const json_t *list, int64_t now_ms);

#endif

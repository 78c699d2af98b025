/* kept.h -- what waits in the journal, as the API tells it. */
#ifndef RB_API_KEPT_H
#define RB_API_KEPT_H

#include <jansson.h>
#include <stdint.h>

struct req;

/* kept_tell: {"usable", "events", "bytes", "oldest", "since", "says"}, and
 * since the start: how many events were "not_kept", how many "refused" by Redis
 * for good, how many "damaged" pieces were found.  says is a sentence, or null
 * where all is as usual. */
json_t *kept_tell(struct req *);

/* kept_events: how many; -1 where nothing can be kept at present. */
int64_t kept_events(const struct req *);

#endif

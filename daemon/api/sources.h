/* sources.h -- the telephone systems, forms and people that tell events: how
 * each does. */
#ifndef RB_API_SOURCES_H
#define RB_API_SOURCES_H

#include <jansson.h>

struct req;
struct store_answer;

void sources_get(struct req *);

/* sources_tell: the list of an answer that has sections "source" and "reason".
 */
json_t *sources_tell(const struct store_answer *);

#endif

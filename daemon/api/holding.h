/* holding.h -- whom each agent holds, as this daemon heard it last: so that he
 * can go on with a call while Redis is away.  In memory only, of a bounded
 * number of agents; the one heard of longest ago is forgotten first. */
#ifndef RB_API_HOLDING_H
#define RB_API_HOLDING_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

struct holding;
struct record;

struct holding *holding_new(size_t most);
void holding_free(struct holding *); /* NULL is allowed */

/* holding_saw: what an answer to the agent says of an item: held by him, it is
 * remembered; else it is not his any more.  NULL: he holds nothing. */
void holding_saw(struct holding *, const char *agent,
		 const struct record *item);
void holding_forget(struct holding *); /* all of it */

/* holding_tell: {"number", "name", "phone", "until"}, the caller's; NULL where
 * he holds nothing that is known, or his hold has run out. */
json_t *holding_tell(const struct holding *, const char *agent, int64_t now_ms);

#endif

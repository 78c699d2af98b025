/* target.h -- the path and query of a request: decoded strictly.  Pure. */
#ifndef RB_API_TARGET_H
#define RB_API_TARGET_H

#include <stddef.h>

#define TARGET_MOST_SEGMENTS 16
#define TARGET_MOST_PAIRS 32
#define TARGET_LONGEST 8192

struct target {
	char *path; /* owned, decoded */
	char *segments[TARGET_MOST_SEGMENTS]; /* owned, decoded */
	size_t segment_count;
	struct {
		char *name, *value; /* owned, decoded */
	} pairs[TARGET_MOST_PAIRS];
	size_t pair_count;
};

/* target_parse: raw path ("/v1/items/4821") and query ("a=b&c=d", or NULL).
 * NULL when well, else the sentence that refuses it; target_done in any case. */
const char *target_parse(
    struct target *, const char *path, const char *query);
void target_done(struct target *);
const char *target_query(const struct target *, const char *name);

#endif

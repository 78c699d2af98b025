/* path.h -- the path of a request, put together of parts that may hold
 * anything: all but letters, digits and "-._~" is percent-encoded. */
#ifndef RB_CLIENT_PATH_H
#define RB_CLIENT_PATH_H

#include <stdbool.h>

struct path {
	char text[4096];
	bool query;    /* a '?' stands there */
	bool too_long; /* text is not to be sent */
};

/* path_init: the beginning, taken as it is ("/v1/items/"). */
void path_init(struct path *, const char *beginning);
void path_part(struct path *, const char *anything);
void path_raw(struct path *, const char *ours);
/* path_query: "?name=value" or "&name=value"; nothing where value is NULL. */
void path_query(struct path *, const char *name, const char *value);

#endif

/* route.h -- from method and path to the handler: 404, 405 with Allow, 401 and
 * 403 by access, then the handler. */
#ifndef RB_API_ROUTE_H
#define RB_API_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/api/caller.h"

struct access;
struct req;

struct route {
	const char *method;  /* "GET" serves HEAD too */
	const char *pattern; /* "/v1/items/{id}/hold" */
	enum role least;     /* ROLE_NONE: anybody, and nobody is asked */
	void (*handle)(struct req *);
	const char *doing; /* "Moving items", for the refusal; may be NULL */
};

struct routes {
	const struct route *rows; /* the first that fits */
	size_t count;
	struct access *access; /* borrowed */
	/* whether the handler will look for a signature, so that nobody is
	 * asked for a token; may loosen the request; NULL is allowed */
	bool (*signs)(struct req *);
	/* told of every caller who may; NULL is allowed */
	void (*known)(struct req *);
	/* that may be worked on at a time, health aside; NULL: no limit */
	size_t (*most)(const struct req *);
};

/* route_request: http_options.handle with the routes as its cookie. */
void route_request(struct req *, void *routes);

#endif

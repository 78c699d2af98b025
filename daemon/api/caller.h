/* caller.h -- who asks, and what he may do.  A plain value. */
#ifndef RB_API_CALLER_H
#define RB_API_CALLER_H

#include <stdbool.h>

enum role {
	ROLE_NONE, /* nobody, or in none of the groups */
	ROLE_PUSH, /* events only */
	ROLE_AGENT,
	ROLE_SUPERVISOR,
	ROLE_MANAGER,
	ROLE_ADMIN,
};
#define ROLE_COUNT (ROLE_ADMIN + 1)

const char *role_name(enum role);   /* "agent" */
const char *role_phrase(enum role); /* "an agent" */
enum role role_find(const char *);  /* ROLE_NONE where there is none */

struct caller {
	const char *name; /* of the Unix user or the token; never NULL */
	enum role role;
	const char *groups; /* configured ones, "rb-agents,rb-leads"; "" */
	bool by_token;
};

#endif

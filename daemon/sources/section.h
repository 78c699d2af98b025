/* section.h -- what every telephone system that we ask must have in its section
 * of the configuration. */
#ifndef RB_SOURCES_SECTION_H
#define RB_SOURCES_SECTION_H

#include <stddef.h>

#include "daemon/base/fault.h"

struct address;
struct policy_source;

struct section_need {
	const char *option, *value;
	const char *help; /* what it is, for who left it out */
};

/* section_check: nothing that it needs is empty, tls_ca is not without tls.
 * -1 and a sentence. */
int section_check(const struct policy_source *, const struct section_need *,
		  size_t count, struct fault *);

/* section_address: where the system is; at this port where none is named.  -1
 * and a sentence. */
int section_address(struct address *ret, const struct policy_source *, int port,
		    struct fault *);

#endif

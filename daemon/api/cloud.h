/* cloud.h -- what CloudEvents over HTTP has in its headers: an event in binary
 * mode, and the question whether it may be sent here (OPTIONS). */
#ifndef RB_API_CLOUD_H
#define RB_API_CLOUD_H

#include <jansson.h>
#include <stdbool.h>

#include "daemon/base/fault.h"

struct req;

/* cloud_is_binary: it has one of the headers that every event in binary mode
 * has. */
bool cloud_is_binary(const struct req *);

/* cloud_event: that event as the JSON format has it, data being its body; the
 * caller's.  NULL, with the name of the attribute that is wrong and a sentence.
 */
json_t *cloud_event(struct req *, json_t *data /* taken */,
		    const char **ret_attribute, struct fault *);

/* cloud_options: the handshake of the webhook profile. */
void cloud_options(struct req *);

#endif

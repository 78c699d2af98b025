/* cloudevents.h -- events in CloudEvents 1.0 (HTTP binding, JSON format), to
 * events of ours and back to nothing else.  Pure.
 *
 * Its type is one of ours, alone or after a name of somebody's own
 * ("com.example.pbx.call.missed"); its data are the fields of ours.  subject,
 * datacontenttype, dataschema and extensions say nothing to us: a subject is no
 * id of a call, for two calls may have the same. */
#ifndef RB_SOURCES_CLOUDEVENTS_H
#define RB_SOURCES_CLOUDEVENTS_H

#include <jansson.h>
#include <stddef.h>

#include "daemon/base/fault.h"

struct policy;
struct record;

enum cloudevents_mode {
	CLOUDEVENTS_NONE, /* another type: binary, where it has ce- headers */
	CLOUDEVENTS_STRUCTURED, /* one, as a JSON object */
	CLOUDEVENTS_BATCH,      /* many, as a JSON array */
	CLOUDEVENTS_UNREADABLE, /* in a format that is not JSON */
};

/* cloudevents_mode: of a Content-Type; NULL is none. */
enum cloudevents_mode cloudevents_mode(const char *content_type);

/* cloudevents_read: an object of the fields of our events, the caller's; its
 * source is still the CloudEvent's.  NULL, with the name of the attribute that
 * is wrong and a sentence. */
json_t *cloudevents_read(const json_t *event, const char **ret_attribute,
			 struct fault *);

/* cloudevents_header: the value of a ce- header, which is percent-encoded
 * UTF-8, perhaps between quotes; free().  NULL where it is none. */
char *cloudevents_header(const char *value);

/* cloudevents_home: source and id make a CloudEvent what it is.  Where the last
 * part of the source's path names a source of the configuration, that is its
 * source, and what the source was goes before its id and call: those of two
 * systems may be the same. */
void cloudevents_home(struct record *event, const struct policy *);

#endif

/* recording.h -- what real telephone systems said, from tests/recordings/: an
 * Asterisk 22 over AMI, a FreeSWITCH 1.10 over its event socket.  Tests run in
 * the root of the source.  What is not there ends the test at once (abort). */
#ifndef RB_TESTS_HARNESS_RECORDING_H
#define RB_TESTS_HARNESS_RECORDING_H

#include <stddef.h>

struct recording;

struct recording *recording_asterisk(void);
struct recording *recording_freeswitch(void);
void recording_free(struct recording *); /* NULL is allowed */

/* Scenes are counted from 1, as in the file. */
size_t recording_count(const struct recording *);
const char *recording_title(const struct recording *, size_t scene);

/* recording_bytes: all that the server sent in that scene, as it was on the
 * wire (Asterisk's lines end in CR LF), NUL-terminated.  Borrowed. */
const char *recording_bytes(const struct recording *, size_t scene,
			    size_t *ret_len);

/* recording_events: the same from its first event on: without the login and
 * whatever stood before. */
const char *recording_events(const struct recording *, size_t scene,
			     size_t *ret_len);

#endif

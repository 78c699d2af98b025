/* ami_packet.h -- the bytes of Asterisk's Manager Interface as packets: lines
 * "Name: value" that end in CR LF or LF, up to a blank one; before them one
 * line that greets, without a blank one.  Pure.
 *
 * Whatever comes, the stream stays in step: what cannot be read is a reject,
 * and the next packet is read.  Control characters in a value (NUL, ESC, a lone
 * CR) are '?'; bytes that are no UTF-8 stay as they came. */
#ifndef RB_SOURCES_AMI_PACKET_H
#define RB_SOURCES_AMI_PACKET_H

#include <stddef.h>
#include <stdint.h>

#define AMI_PACKET_MOST (64 * 1024) /* bytes, as all lines of it */
#define AMI_HEADERS_MOST 256

enum ami_kind {
	AMI_GREETING, /* "Asterisk Call Manager/11.0.0": no headers */
	AMI_RESPONSE, /* its FIRST header is Response: events may have one too
		       */
	AMI_EVENT,
};

struct ami_header {
	const char *name, *value;
};

struct ami_packet {
	enum ami_kind kind;
	const char *what; /* the greeting; "Success"; "QueueCallerAbandon" */
	const struct ami_header *headers; /* all, in order; some repeat */
	size_t count;
};

/* ami_get: the first of that name, in any case; "" where there is none. */
const char *ami_get(const struct ami_packet *, const char *name);

/* ami_stamp_ms: its Timestamp, "1795324735.858121", by its clock; 0: it has
 * none. */
int64_t ami_stamp_ms(const struct ami_packet *);

struct ami_reader;
struct ami_reader *ami_reader_new(void); /* of one connection, from its begin */
void ami_reader_free(struct ami_reader *); /* NULL is allowed */

enum ami_taken {
	AMI_MORE,   /* all bytes are taken, no more to tell */
	AMI_PACKET, /* one is whole, and good until the next call */
	AMI_REJECT, /* why: "too long a packet"; read on */
};
/* ami_reader_take: takes bytes up to the end of the next packet: *bytes and
 * *len become what is left.  Call it until it says AMI_MORE. */
enum ami_taken ami_reader_take(struct ami_reader *, const char **bytes,
			       size_t *len, struct ami_packet *ret_packet,
			       const char **ret_why);

#endif

/* esl_packet.h -- the bytes of FreeSWITCH's event socket as packets: headers up
 * to a blank line, then a body of Content-Length bytes, and the next packet at
 * once.  The body of an event is headers again (text/event-plain, values
 * percent-encoded) or an object (text/event-json), perhaps with a body of its
 * own.  Pure.
 *
 * Control characters in a value, NUL as well, are '?'; bytes that are no UTF-8
 * stay as they came; "_undef_" is an empty value. */
#ifndef RB_SOURCES_ESL_PACKET_H
#define RB_SOURCES_ESL_PACKET_H

#include <stddef.h>

#define ESL_HEAD_MOST (64 * 1024)   /* bytes of the headers of a packet */
#define ESL_BODY_MOST (1024 * 1024) /* and of its body */
#define ESL_HEADERS_MOST 2000

enum esl_kind {
	ESL_AUTH,       /* auth/request: who are you? */
	ESL_REPLY,      /* command/reply: what is "+OK accepted" */
	ESL_EVENT,      /* what is its Event-Name */
	ESL_DISCONNECT, /* text/disconnect-notice: it will hang up */
	ESL_REJECTION,  /* text/rude-rejection: its ACL does not know us */
	ESL_OTHER,      /* api/response, log/data */
};

struct esl_header {
	const char *name, *value;
};

struct esl_packet {
	enum esl_kind kind;
	const char *what;                 /* never NULL */
	const struct esl_header *headers; /* of an event: the event's */
	size_t count;
	const char
	    *body; /* of an event: its own; NUL-terminated, "" for none */
	size_t body_len;
};

/* esl_get: the first of that name, in any case; "" where there is none. */
const char *esl_get(const struct esl_packet *, const char *name);

struct esl_reader;
struct esl_reader *esl_reader_new(void); /* of one connection, from its begin */
void esl_reader_free(struct esl_reader *); /* NULL is allowed */

enum esl_taken {
	ESL_MORE,   /* all bytes are taken, no more to tell */
	ESL_PACKET, /* one is whole, and good until the next call */
	ESL_REJECT, /* an event that cannot be read: why; read on */
	ESL_BROKEN, /* where the next packet begins is not known any more: why;
		     * the link must be cut, nothing is read after it */
};
/* esl_reader_take: takes bytes up to the end of the next packet: *bytes and
 * *len become what is left.  Call it until it says ESL_MORE or ESL_BROKEN. */
enum esl_taken esl_reader_take(struct esl_reader *, const char **bytes,
			       size_t *len, struct esl_packet *ret_packet,
			       const char **ret_why);

#endif

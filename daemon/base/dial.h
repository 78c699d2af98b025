/* dial.h -- one attempt to connect: the name, the socket, TLS. */
#ifndef RB_BASE_DIAL_H
#define RB_BASE_DIAL_H

struct address;
struct bufferevent;
struct dial;
struct event_base;
struct tls_client;

struct dial_options {
	struct event_base *base;
	const struct address *to; /* copied */
	struct tls_client *tls;   /* NULL: none; never on a Unix socket */
	unsigned attempt;         /* of a name with several addresses, which */
	const char *peer;         /* what sentences call it: "Redis"; copied */
};

/* Told once, never inside dial_new: the link, now the owner's
 * (bufferevent_free), or NULL and why not. */
typedef void dial_done(void *cookie, struct bufferevent *, const char *why);

struct dial *dial_new(const struct dial_options *, dial_done *, void *cookie);
/* dial_free: gives up what is under way; also from inside dial_done, and in any
 * case after it.  NULL is allowed. */
void dial_free(struct dial *);

/* dial_loss: why a link to that peer broke, for its event callback; good until
 * the next call. */
const char *dial_loss(struct bufferevent *, short what, const char *peer);

#endif

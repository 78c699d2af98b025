/* switchlink.h -- a session with a scripted FreeSWITCH that is up, for what
 * stands on one: orders, breaks, gaps. */
#ifndef RB_TESTS_UNIT_SWITCHLINK_H
#define RB_TESTS_UNIT_SWITCHLINK_H

struct esl;
struct esl_packet;
struct event_base;
struct feed;
struct pbx;

#define SOON 10000

struct switchlink {
	struct event_base *base;
	struct pbx *pbx;
	struct feed *feed;
	struct esl *esl;
	int ups;
	/* Set by the test; may be NULL. */
	void (*event)(void *cookie, const struct esl_packet *);
	void (*lost)(void *cookie);
	void *cookie;
};

/* switchlink_open: up when it returns.  switchlink_close: the session first, so
 * that what was asked ends; then what the test made of it; then
 * switchlink_done. */
void switchlink_open(struct switchlink *);
void switchlink_close(struct switchlink *);
void switchlink_done(struct switchlink *);

#endif

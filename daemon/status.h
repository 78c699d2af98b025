/* status.h -- what systemd is told of the daemon: that it is ready, how it
 * does, that it lives (sd_notify(3)). */
#ifndef RB_STATUS_H
#define RB_STATUS_H

struct api;
struct event_base;
struct http;
struct policy;
struct status;
struct store;
struct tick;

struct status_options {
	struct event_base *base; /* borrowed, as all of these */
	struct store *store;
	const struct api *api;
	const struct http *http;
	const struct tick *tick;
	struct policy *const *policy; /* the one in force */
};

/* status_new: begins to tell the watchdog, where there is one, that the loop
 * turns and that Redis answers, or is known not to. */
struct status *status_new(const struct status_options *);
void status_free(struct status *); /* NULL is allowed */

/* status_tell: in a sentence, how it does.  NULL: nothing yet. */
void status_tell(const struct status *);
/* status_ready: once Redis has our configuration, or some seconds after
 * status_new: then the service is up, and says that Redis is not.  Told once.
 */
void status_ready(struct status *);
/* status_refused: a reload, and why. */
void status_refused(const char *why);

#endif

/* calling.h -- a call back through the telephone system, as the daemon tells of
 * it and in words: the same for the verb call and for the screen of work. */
#ifndef RB_CLIENT_CALLING_H
#define RB_CLIENT_CALLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct calling {
	char id[40];      /* of the call; "": there is none */
	char state[24];   /* agent, customer, talking, ended */
	char result[24];  /* when it has ended */
	char outcome[32]; /* that is proposed then, or "" */
	char phone[24];   /* the agent's, or "" */
	char to[48];      /* the customer's, or "" */
	char why[200];    /* in the telephone system's words, or "" */
	int64_t since_ms; /* of the state, or -1 */
	int64_t talked_s; /* or -1 */
};

/* calling_read: what an answer, or "calling" of a card, tells.  What it does
 * not name stays as it was; a state that lies behind does not come back, and of
 * another call everything is new.  True where the state is another one. */
bool calling_read(struct calling *, const json_t *);
bool calling_goes_on(const struct calling *);
bool calling_has_ended(const struct calling *);
bool calling_talked(const struct calling *);

/* calling_says: "Your phone 1001 is ringing.", "Ended after 3:10."; of the item
 * it takes the name. */
void calling_says(char *buf, size_t size, const struct calling *,
		  const json_t *item, int64_t now_ms);
/* calling_next: after the end, the commands that may come next. */
void calling_next(char *buf, size_t size, const struct calling *);
/* calling_short: for a card: "your phone rings", "busy", "talked 3:10". */
void calling_short(char *buf, size_t size, const json_t *calling);

#endif

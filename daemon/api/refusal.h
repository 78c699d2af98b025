/* refusal.h -- the words with which a Redis function says no, each as a status
 * and a sentence that names who or what helps.  One row a word. */
#ifndef RB_API_REFUSAL_H
#define RB_API_REFUSAL_H

struct req;
struct store_answer;

/* refuse: answers the request; a word that is in no row is our own mistake and
 * says so (500). */
void refuse(struct req *, const struct store_answer *);

#endif

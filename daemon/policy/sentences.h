/* sentences.h -- a policy in sentences: what ringbackd --check says that it
 * understood. */
#ifndef RB_POLICY_SENTENCES_H
#define RB_POLICY_SENTENCES_H

struct policy;

/* policy_sentences: a line each, free(). */
char *policy_sentences(const struct policy *);

#endif

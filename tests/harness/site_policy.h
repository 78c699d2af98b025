/* site_policy.h -- the usual policy of a site in tests. */
#ifndef RB_TESTS_HARNESS_SITE_POLICY_H
#define RB_TESTS_HARNESS_SITE_POLICY_H

struct json_t;

/* site_policy_usual: field by field as strings; the caller's (json_decref). */
struct json_t *site_policy_usual(void);

#endif

/* pushing.h -- a house with telephone systems that push: "tw" (Twilio), "cti",
 * and "placetel", which signs.  The secrets of both are "12345". */
#ifndef RB_TESTS_API_PUSHING_H
#define RB_TESTS_API_PUSHING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/api/house.h"

#define PUSHING_URL "https://rb.example"

struct house *pushing_house(void);
void pushing_done(struct house *);

/* pushing_twilio: a form of these pairs (in the order of their names), signed
 * for that address (NULL: the right one). */
const struct said *pushing_twilio(struct house *, const char *url,
				  const char *const *pairs);

/* pushing_cti: a form with the push token in the address. */
const struct said *pushing_cti(struct house *, const char *form);

/* pushing_hmac: in base64 or hexadecimal; the house's. */
char *pushing_hmac(struct house *, const char *hash, const char *text);

/* How many items wait; how many are there at all. */
int64_t pushing_waiting(struct house *);

/* pushing_next_order: the next permutation of n numbers; false after the last.
 */
bool pushing_next_order(int *order, int n);

#endif

/* nothing.h -- the answer that there is nothing to call now, and why. */
#ifndef RB_CLIENT_NOTHING_H
#define RB_CLIENT_NOTHING_H

#include <stdint.h>

#include <jansson.h>

#include "client/page.h"

void nothing_print(struct page *, const json_t *answer, int64_t now_ms);
/* nothing_reasons: only what waits for its hour or for a queue to open. */
void nothing_reasons(struct page *, const json_t *answer, int64_t now_ms);

#endif

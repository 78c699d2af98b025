/* history.h -- what happened to an item so far, oldest first. */
#ifndef RB_CLIENT_HISTORY_H
#define RB_CLIENT_HISTORY_H

#include <stddef.h>

#include <jansson.h>

#include "client/page.h"

/* history_print: a Card's; nothing where it has none. */
void history_print(struct page *, const json_t *card);

/* history_last: the newest entry and who it is from: "given back, by anna";
 * "" where there is none. */
void history_last(char *buf, size_t size, const json_t *card);

#endif

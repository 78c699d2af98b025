/* card.h -- one item with all that its agent needs, on one screen: the number
 * to dial and the promise first. */
#ifndef RB_CLIENT_CARD_H
#define RB_CLIENT_CARD_H

#include <stdint.h>

#include <jansson.h>

#include "client/page.h"

/* card_print: a Card of the API: headline, rule, body. */
void card_print(struct page *, const json_t *card, int64_t now_ms);
/* card_head, card_body: its parts. */
void card_head(struct page *, const json_t *card);
void card_body(struct page *, const json_t *card, int64_t now_ms);
/* card_told: what came in while the item was held, newest last. */
void card_told(struct page *, const json_t *card, int64_t now_ms);
/* card_foot: until when it is yours, and what may come next. */
void card_foot(struct page *, const json_t *card, int64_t now_ms);

#endif

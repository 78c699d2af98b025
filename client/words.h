/* words.h -- codes and items in words, the same on every screen. */
#ifndef RB_CLIENT_WORDS_H
#define RB_CLIENT_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* "no-answer" gives "no answer". */
void words_code(char *buf, size_t size, const char *code);
/* "de" gives "German"; what is not known stays as it is. */
const char *words_language(const char *code);
/* The name, or the number to dial, or "unknown". */
const char *words_who(const json_t *item);
/* The number as one reads it out: national where there is such a form. */
const char *words_phone(const json_t *item);
/* "promised by 10:24 (in 5 minutes)", "late 4:30", "promise kept". */
void words_promise(char *buf, size_t size, const json_t *item, int64_t now_ms);
/* What an outcome did: "4821 no answer, try 1 of 4. Rings again at 10:49." */
void words_outcome(char *buf, size_t size, const json_t *answer,
		   int64_t now_ms);
/* When a scheduled item is rung, in both zones where they differ:
 * "Wed 25 Nov 10:00 in New York, 16:00 here". */
void words_later(char *buf, size_t size, const json_t *item, int64_t now_ms);

#endif

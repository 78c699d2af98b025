/* words.h -- codes and items in words, the same on every screen. */
#ifndef RB_CLIENT_WORDS_H
#define RB_CLIENT_WORDS_H

#include <stdbool.h>
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
/* The name, or "unknown caller": where the number stands beside it. */
const char *words_name(const json_t *item);
/* "promised by 10:24 (in 5 minutes)", "promise kept"; what was tried already
 * has no promise: "promise broken, next try due 13:42 (in 5 minutes)". */
void words_promise(char *buf, size_t size, const json_t *item, int64_t now_ms);
/* Was the promise settled by a first try?  "kept", "broken", or "". */
const char *words_settled(const json_t *item);
/* Where an item is now, of an act's answer: "1047 Maria Lang waits in billing;
 * promised by ...".  moved: it may have gone up to a group. */
void words_place(char *buf, size_t size, const json_t *answer, int64_t now_ms,
		 bool moved);
/* "1027 Peter Lang is back in the queue." of an undo's answer, or "". */
void words_put_back(char *buf, size_t size, const json_t *answer);
/* What an outcome did: "4821 no answer, try 1 of 4. Due again at 10:49." */
void words_outcome(char *buf, size_t size, const json_t *answer,
		   int64_t now_ms);
/* words_agreed: of an appointment "14:44 (08:44 in New York) with ben, until
 * 14:59"; false: it is none. */
bool words_agreed(char *buf, size_t size, const json_t *item, int64_t now_ms);
/* When a scheduled item is rung, in both zones where they differ:
 * "Wed 25 Nov 10:00 in New York, 16:00 here". */
void words_later(char *buf, size_t size, const json_t *item, int64_t now_ms);

#endif

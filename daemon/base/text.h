/* text.h -- bytes and numbers: allocation that cannot fail, a growing buffer,
 * strict parsing.  Everything here is pure. */
#ifndef RB_BASE_TEXT_H
#define RB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory whose size we choose.  Without memory the process ends: hiredis does
 * the same, so a soft path would be a fiction.  Freed with free(). */
void *text_alloc(size_t size); /* zeroed */
void *text_realloc(void *, size_t size);
char *text_dup(const char *); /* NULL gives NULL */
char *text_dup_n(const char *, size_t len);
char *text_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A growing buffer, always NUL-terminated.  {0} is an empty one. */
struct text {
	char *data; /* owned; NULL while empty */
	size_t len;
	size_t size;
};
void text_done(struct text *);
void text_add(struct text *, const char *, size_t len);
void text_add_str(struct text *, const char *);
void text_addf(struct text *, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* text_take: the string, now the caller's (free()); the buffer is empty. */
char *text_take(struct text *);

/* text_int64: the whole string is one decimal integer within [min, max].
 * No blanks, no '+'.  0, or -1 with *ret untouched. */
int text_int64(int64_t *ret, const char *, int64_t min, int64_t max);

/* text_hex: what a hexadecimal digit counts, of either case; -1: it is none. */
int text_hex(char);

/* text_duration_ms: "30s" "15m" "4h" "2d" "1w", a whole number and a unit.
 * 0, or -1 with *ret_ms untouched. */
int text_duration_ms(int64_t *ret_ms, const char *);

/* text_duration_words: 900000 gives "15 minutes", 90000 "90 seconds". */
void text_duration_words(char *buf, size_t size, int64_t ms);

/* text_utf8: well-formed UTF-8 (RFC 3629) without NUL. */
bool text_utf8(const char *, size_t len);

/* text_is_step: "." or "..", which a path is rid of (RFC 3986, 5.2.4): what is
 * called so has no address. */
bool text_is_step(const char *);

/* text_is_name: 1..64 of letters, digits, '.', '_', '-', '@'; no leading '-',
 * no text_is_step.
 * What queues, agents, sources, tiers and tokens are called. */
bool text_is_name(const char *);

/* text_clean: fit for a log, a sentence, a terminal: control characters (C0,
 * DEL, C1), separators of lines and paragraphs, bidirectional controls, what has
 * no width, and what is no UTF-8 become '?' in place.  Line feeds stay where
 * keep_lines. */
void text_clean(char *, bool keep_lines);

#endif
